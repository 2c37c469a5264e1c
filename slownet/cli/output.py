"""Output of the command line: texts and files."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.checks import check_path, printable
from slownet.errors import InvalidValueError, SlownetError
from slownet.terminal import is_terminal, print_to_stderr

if TYPE_CHECKING:
    from slownet.page import Verification
    from slownet.page.wording import OwnWords
    from slownet.recording import Comparison, History


class NotWrittenError(SlownetError):
    """A result could not be printed or not be written into a file."""


class NotTrueError(SlownetError):
    """A page holds other numbers than its training gives."""


class NumbersOnlyError(SlownetError):
    """The numbers of a page are true, and the page around them is not as this slownet writes it."""


@contextmanager
def new_page(path: Path | None, name: str) -> Iterator[Path]:
    """Make the file before the training, so that the error for one that cannot be written comes first.

    It is removed if nothing has been written into it. Without a `path` it is named after `name`.
    """
    page = _new_page(path, name)
    try:
        yield page
    finally:
        with suppress(FileNotFoundError):
            if not page.stat().st_size:
                page.unlink()


@contextmanager
def new_file(path: Path, option: str, kind: str) -> Iterator[Path]:
    """Make a file before the work for it, so that the error for one that cannot be written comes first.

    It is removed if an error comes out of the block. `option` names it, and `kind` is what it holds.
    """
    try:
        check_path(path, kind)
    except InvalidValueError as error:
        raise InvalidValueError(f"{option}: {error}") from None
    if not _make(path, option):
        raise _exists(path, option)
    try:
        yield path
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def _new_page(wanted: Path | None, name: str) -> Path:
    if wanted and not wanted.exists():
        try:
            check_path(wanted, "an HTML page", only=True)
        except InvalidValueError as error:
            raise InvalidValueError(f"--html: {error}") from None
    others = (Path(f"{name}-{number}.html") for number in count(2))
    for path in [wanted] if wanted else chain([Path(f"{name}.html")], others):
        if _make(path, "--html"):
            return path
    raise _exists(wanted, "--html")


def _make(path: Path, option: str) -> bool:
    """Make an empty file; return False if it exists."""
    try:
        path.open("x").close()
    except FileExistsError:
        return False
    except OSError as error:
        raise InvalidValueError(
            f"cannot write {path}: {error.strerror}. {option} FILE chooses another place."
        ) from error
    return True


def _exists(path: Path | None, option: str) -> InvalidValueError:
    return InvalidValueError(f"{path} exists, and nothing is overwritten: choose another {option} FILE")


def write_animation(
    history: History,
    page: Path | None,
    exact: bool | None = None,
    bits: int | None = None,
    words: OwnWords | None = None,
    keep: str | int = "auto",
    name: str = "Animation",
) -> None:
    """Write how a net learned, unless there is no page for it."""
    if page is not None:
        with errors_as_not_written(f"the {name.lower()}"):
            given = {} if words is None else words.given
            history.write_html(page, exact, bits, keep=keep, **given)
        print_line(f"{name}: {shown(page)}")


def write_figure(compared: Comparison, page: Path) -> None:
    """Write two runs side by side."""
    write_plot("Figure", compared.figure(), page)


def write_frames(history: History, page: Path, title: str | None = None) -> None:
    """Write how a net learned as a figure of plotly with a frame for every snapshot."""
    from slownet import plotting

    figure = plotting.animation(history)
    if title is not None:
        figure.layout.meta = {**figure.layout.meta, "title": title}
    write_plot("Animation", figure, page)


def write_plot(name: str, figure: Any, page: Path) -> None:
    """Write a figure of plotly, and print its name and its file."""
    from slownet import plotting

    with errors_as_not_written("the figure"):
        plotting.save(figure, page)
    print_line(f"{name}: {shown(page)}")


@contextmanager
def errors_as_not_written(what: str) -> Iterator[None]:
    """Let errors say what could not be written."""
    try:
        yield
    except (OSError, SlownetError, ArithmeticError) as error:
        raise NotWrittenError(f"{what} could not be written: {error}") from error


def print_verdict(path: Path, found: Verification) -> None:
    """Print the verdict on a page; raise an error unless the page is true."""
    print_line(str(found))
    if found.numbers_only:
        raise NumbersOnlyError(f"{path} has true numbers in a page that this slownet does not write")
    if not found:
        raise NotTrueError(f"{path} is not what its training gives")


def write_what_was_kept(history: History, page: Path | None, words: OwnWords, keep: str | int) -> None:
    """Write what was kept before training failed; its numbers may overflow."""
    import numpy as np

    with suppress(NotWrittenError), np.errstate(all="ignore"):
        write_animation(history, page, words=words, keep=keep)


def print_error(error: Exception, code: int) -> int:
    """Print in one line what went wrong; return the exit code.

    Files in the current folder have no path: people send such lines on.
    """
    message = str(error)
    if isinstance(error, OSError) and error.filename:
        message = f"{error.filename}: {error.strerror}"
    with suppress(OSError):  # the folder is gone
        folder = Path.cwd()
        if folder.name:  # not the root, with which every path begins
            message = re.sub(rf"(?<![\w/\\.~-]){re.escape(f'{folder}{os.sep}')}", "", message)
    print_to_stderr(f"slownet: {printable(' '.join(message.split()))}")
    return code


def print_line(text: str, end: str = "\n") -> None:
    """Print and flush; a closed output, as in `slownet train xor | head -1`, is no error.

    Control characters are escaped, with which the name of a file could change what a terminal shows.
    """
    _print("\n".join(map(printable, text.split("\n"))) + end)


def print_raw(text: str) -> None:
    """Print lines for another program as they are; on a terminal, as `print_line` does."""
    if is_terminal(sys.stdout):
        print_line(text, "")
    else:
        _print(text)


def _print(text: str) -> None:
    try:
        print(text, end="", flush=True)
    except UnicodeEncodeError:  # the output was replaced by one that takes fewer letters
        print(text.encode("ascii", "backslashreplace").decode(), end="", flush=True)
    except (OSError, ValueError) as error:  # ValueError: it is closed
        with suppress(AttributeError, OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, (BrokenPipeError, ValueError)):
            raise NotWrittenError(f"cannot print: {error.strerror}") from error


def shown(name: object) -> str:
    """Return the name of a file as one line that changes nothing in a terminal."""
    return printable(str(name))


@contextmanager
def warnings_in_one_line() -> Iterator[None]:
    """Print warnings as errors are, without the place in slownet that they come from."""
    usual = warnings.formatwarning

    def in_one_line(message: object, *_: object, **__: object) -> str:
        return f"slownet: {printable(' '.join(str(message).split()))}\n"

    warnings.formatwarning = in_one_line
    try:
        yield
    finally:
        warnings.formatwarning = usual
