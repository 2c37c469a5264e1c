"""The parser of the command line, and the arguments that several commands have."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from slownet.checks import check_path, short, unknown_name
from slownet.engines import ENGINES
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.functions.table import Table
from slownet.objects import Net
from slownet.recording.sharing import KEEP
from slownet.version import __version__

if TYPE_CHECKING:
    from slownet.page.wording import OwnWords

FORMAT = ("decimal", "thousands", "header", "encoding")  # what options say of how a table is written
FIT = inspect.signature(Net.fit).parameters


class _Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are one line with the accepted values."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        options, unknown = super().parse_known_args(args, namespace)
        for argument in unknown:
            known = [name for action in self._actions for name in action.option_strings]
            if argument.startswith("-"):
                raise unknown_name("option", argument.partition("=")[0], known)
            self.error(f"unexpected argument {argument!r}")
        return options, unknown

    def error(self, message: str) -> NoReturn:
        example = re.search(r"^  (slownet .*)$", self.epilog or "", re.MULTILINE)
        such_as = f"for example: {example[1]}; " if example else ""
        raise InvalidValueError(f"{message} ({such_as}see {self.prog} --help)")


def new_parser(commands: Iterable[Callable[[Any], None]]) -> argparse.ArgumentParser:
    """Return a parser of these commands: functions that add them with `new_command`.

    The options that it returns have the function of the command as `execute`.
    """
    parser = _Parser(
        prog="slownet",
        description="A neural net you can take apart: real neurons that learn in plain loops.",
        epilog="start with:\n  slownet train mnist\n  slownet train --help",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"slownet {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in commands:
        add(subparsers)
    return parser


def new_command(
    commands: Any,
    execute: Callable[[argparse.Namespace], None],
    arguments: str,
    summary: str,
    description: str,
    examples: str,
) -> Any:
    """Add a command that has the name of its function, and return its parser."""
    name = execute.__name__
    command = commands.add_parser(
        name,
        usage=f"slownet {name} {arguments}",
        help=summary,
        description=description,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.set_defaults(execute=execute, parser=command)
    return command


@contextmanager
def errors_of_options(options: argparse.Namespace) -> Iterator[None]:
    """Let errors of the library name options of the command line instead of its own arguments."""
    try:
        yield
    except (InvalidTypeError, InvalidValueError) as error:
        message = str(error)
        for action in options.parser._actions:
            for option in action.option_strings[-1:]:
                message = re.sub(rf"(^|: ){action.dest}(?= must | ')", rf"\1{option}", message)
        raise type(error)(message) from error


def name_in(table: Table[Any]) -> Callable[[str], str]:
    """Return a type of arguments: the names of the formulas in a table."""

    def name(text: str) -> str:
        try:
            table.find(text)
        except InvalidValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        return text

    return name


def fit_arguments(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options that are arguments of `Net.fit`: those that have its names and were given."""
    return {name: value for name, value in vars(options).items() if name in FIT and value is not None}


def add_engine(group: Any, default: str = "") -> None:
    """Add the options of the engine; by default they are those of `Net.fit`."""
    group.add_argument(
        "--engine",
        metavar="NAME",
        choices=ENGINES,
        help="scalar (the object loops), compiled (the same bits, faster) or auto "
        f"(default: {default or FIT['engine'].default})",
    )
    group.add_argument(
        "--threads",
        metavar="N",
        type=_threads,
        help="threads of the compiled engine, a number or auto: as many as pay "
        f"(default: {default or FIT['threads'].default})",
    )


def add_reading(group: Any) -> None:
    """Add the options of how a table is read: those of `read_csv`, and what its target is."""
    group.add_argument("--target", metavar="COLUMN", help="the column to predict; the others are inputs")
    group.add_argument(
        "--classify", action="store_true", help="take the numbers in the target column for classes"
    )
    group.add_argument(
        "--columns",
        metavar="COLUMN",
        nargs="+",
        action="extend",
        help="the inputs (default: all others)",
    )
    group.add_argument(
        "--drop", metavar="COLUMN", nargs="+", action="extend", help="columns to leave out"
    )
    group.add_argument(
        "--missing",
        metavar="HOW",
        help="what happens where a cell is empty: error (default), drop (its row is left out) or mean "
        "(it is filled in; of texts, with the most frequent)",
    )
    add_format(group)


def add_format(group: Any) -> None:
    """Add the options of how a table is written: `FORMAT`."""
    group.add_argument("--decimal", metavar="MARK", help="the mark before decimals, . or ,")
    group.add_argument("--thousands", metavar="MARK", help="the mark between thousands: . or , or ' '")
    group.add_argument(
        "--header",
        metavar="YES|NO",
        type=_yes_or_no,
        help="whether the first line has names (default: as it looks; without, columns are x1, x2, ...)",
    )
    group.add_argument(
        "--encoding",
        metavar="NAME",
        help="the encoding of a text file, such as cp1252 (default: UTF-8, or what its first bytes say)",
    )


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise argparse.ArgumentTypeError(f"expected yes or no, not {short(text)}")
    return text == "yes"


def add_page(group: Any, default: str) -> None:
    """Add the options of the page that shows a training."""
    page = group.add_mutually_exclusive_group()
    page.add_argument(
        "--html",
        metavar="FILE",
        type=check_path,
        help=f"where the animation goes, a new file (default: {default})",
    )
    page.add_argument("--no-html", action="store_true", help="no animation")
    add_keep(group)
    add_words(group)
    group.add_argument("--quiet", action="store_true", help="only print the result")


def add_words(group: Any) -> None:
    """Add the options that say what a page is called, and what its maker says in it."""
    group.add_argument("--title", metavar="TEXT", help="what the page is called")
    group.add_argument("--about", metavar="TEXT", help="a paragraph below its title")
    group.add_argument(
        "--classes",
        metavar="NAMES",
        type=_listed,
        help="what its classes are called, such as cat,dog (default: their labels)",
    )
    group.add_argument("--author", metavar="NAME", help="who is named at its foot (default: nobody)")
    group.add_argument(
        "--language",
        metavar="CODE|FILE",
        help="what it speaks: en, de, or a JSON file of texts such as nl.json, which slownet words "
        "writes (default: en)",
    )


def words_of(options: argparse.Namespace, count: int) -> OwnWords:
    """Return the words of the options, checked, for the page of a net of so many classes."""
    from slownet.page.wording import OwnWords

    words = OwnWords.of(options.title, options.about, options.classes, options.author, options.language)
    words.check_classes(count)
    return words


def _listed(text: str) -> list[str]:
    return text.split(",")


def add_keep(group: Any, usual: str = "auto") -> None:
    """Add the options that say which rows a page holds."""
    kept = group.add_mutually_exclusive_group()
    kept.add_argument(
        "--keep",
        metavar="ROWS",
        type=_keep,
        default=usual,
        help="rows that the page holds, and trains with: auto, those that come with slownet; fits, "
        f"as many as fit, also of your table; all; at most a number; or none (default: {usual})",
    )
    kept.add_argument(
        "--include-data",
        dest="keep",
        action="store_const",
        const="all",
        help="the same as --keep all: slownet verify then needs nothing else",
    )


def _keep(text: str) -> str | int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    if text not in KEEP:
        raise argparse.ArgumentTypeError(
            f"expected a number of rows, or one of {', '.join(KEEP)}, not {short(text)}"
        )
    return text


def _threads(text: str) -> int | str:
    if text == "auto":
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a whole number or auto, not {short(text)}") from None


def integer(text: str) -> int:
    """Return an argument as an int."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected a whole number such as 10, not {short(text)}"
        ) from None


HIDDEN = "neurons of the hidden layers: 16, or 16-8 for two (mnist: 16)"


def hidden_sizes(text: str) -> tuple[int, ...]:
    """Return the sizes of hidden layers: "16" or "16-8"."""
    try:
        return tuple(int(part) for part in text.split("-"))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected a size such as 16, or 16-8 for two hidden layers, not {short(text)}"
        ) from None


def number(text: str) -> float:
    """Return an argument as a float."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number such as 0.1, not {short(text)}") from None
