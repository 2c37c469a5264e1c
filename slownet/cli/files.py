"""The commands for existing files: info, compare, animate, verify."""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet import packages, recording
from slownet.checks import check_integer, check_path
from slownet.cli.data_sets import Source, load_named
from slownet.cli.describing import description
from slownet.cli.opening import open_history
from slownet.cli.output import (
    new_page,
    print_line,
    print_verdict,
    shown,
    write_animation,
    write_figure,
    write_frames,
)
from slownet.cli.parsing import add_keep, add_words, integer, new_command, words_of
from slownet.cli.training import Introduction
from slownet.errors import InvalidValueError, RecordingError, SlownetError
from slownet.recording.opened_once import opened_once
from slownet.recording.sharing import COMMAND, file_name, shareable

if TYPE_CHECKING:
    from slownet.page import Page, Verification


def add_info(commands: Any) -> None:
    """Add `slownet info`."""
    command = new_command(
        commands,
        info,
        "FILE",
        "print what a file of slownet holds",
        "Print what a run file, a training as JSON or a net as JSON holds: the net, its data, how far\n"
        "training got and how it ended; of a sweep file what was tried, what failed and what was best.",
        "example:\n  slownet info mnist.run\n",
    )
    command.add_argument(
        "file", metavar="FILE", type=check_path, help="a run file, JSON, or a sweep file"
    )


def info(options: argparse.Namespace) -> None:
    """Print what a file holds."""
    print_line(description(options.file))


def add_compare(commands: Any) -> None:
    """Add `slownet compare`."""
    command = new_command(
        commands,
        compare,
        "FILE FILE [--html FILE]",
        "print where two runs first differ",
        "Print where two runs first differ, and by how much: their losses, every weight and bias in\n"
        "the snapshots of the same steps, and their options.",
        "example:\n  slownet compare one.run other.run --html difference.html\n",
    )
    command.add_argument("a", metavar="A", type=check_path, help="a run file")
    command.add_argument("b", metavar="B", type=check_path, help="the other one")
    command.add_argument("--html", metavar="FILE", type=check_path, help="draw them, into a new file")


@opened_once()
def compare(options: argparse.Namespace) -> None:
    """Print where two runs first differ."""
    compared = recording.compare(options.a, options.b)
    print_line(str(compared))
    if options.html is not None:
        packages.require("plotly")
        with new_page(options.html, "") as page:
            write_figure(compared, page)


def add_animate(commands: Any) -> None:
    """Add `slownet animate`."""
    command = new_command(
        commands,
        animate,
        "FILE [options]",
        "write the page that plays a recorded training",
        "Write one HTML file in which a recorded training is watched and taken apart, offline, in any\n"
        "browser. Snapshots are rounded so that their data stay below 1.5 MB, and the page says how.",
        "examples:\n  slownet animate mnist.run -o learning.html\n  slownet animate mnist.run --exact\n"
        "  slownet animate mnist.run --plotly -o frames.html\n",
    )
    command.add_argument(
        "run", metavar="FILE", type=check_path, help="a run file, or a training as JSON"
    )
    command.add_argument(
        "-o",
        "--html",
        metavar="FILE",
        type=check_path,
        help="where it goes, a new file (default: the name of the run file with .html)",
    )
    add_words(command)
    add_keep(command)
    fineness = command.add_mutually_exclusive_group()
    fineness.add_argument(
        "--exact", action="store_true", default=None, help="keep every weight to the last bit"
    )
    fineness.add_argument(
        "--bits", metavar="N", type=integer, help="keep weights as one of 2^N steps, N from 6 to 24"
    )
    fineness.add_argument(
        "--plotly",
        action="store_true",
        help="write a figure of plotly with a frame for every snapshot, which computes nothing",
    )


@opened_once()
def animate(options: argparse.Namespace) -> None:
    """Write the page that plays a recorded training."""
    from slownet.page.precision import BITS

    run = options.run
    if options.bits is not None:
        check_integer("--bits", options.bits, BITS[0], BITS[-1])
    if options.plotly:
        packages.require("plotly")
        if options.keep not in ("auto", "none"):
            raise InvalidValueError(
                "--plotly writes a figure, which holds no data: leave --keep and --include-data out"
            )
        if options.about or options.classes or options.author or options.language:
            raise InvalidValueError(
                "--plotly writes a figure: leave --about, --classes, --author and --language out; it "
                "has a title"
            )
        options.keep = "none"
    history = open_history(run)
    words = words_of(options, _class_count(history))
    known = history.source or {}
    if options.keep == "auto" and known.get("command") == COMMAND and "target" not in known:
        with suppress(SlownetError):  # then the page has none
            history.given = _data_of(history, run)
    elif options.keep not in ("auto", "none"):
        history.given = _data_of(history, run)
    with new_page(options.html, run.name.partition(".")[0]) as page:
        if options.plotly:
            write_frames(history, page, options.title)
            return
        write_animation(history, page, options.exact, options.bits, words, options.keep)


def _class_count(history: recording.History) -> int:
    from slownet.page.wording import class_count

    outputs = len(history.snapshots[0].graph.outputs.neurons) if history.snapshots else 2
    return class_count(history.target_kind, outputs)


def _data_of(history: recording.History, run: Path) -> dict[str, Any]:
    """Return the data that a training of the command line was given."""
    if (history.source or {}).get("command") != COMMAND:
        raise InvalidValueError(
            f"{run} was recorded by a program, and only the program knows its data: write the page in "
            f'Python by history.write_html(path, keep="all", data=(X, y))'
        )
    data = load_named(Source.from_plain(history.source or {}, run, "put it beside the run file"), run)
    found = {"data": data.train, "watch": data.watched()}
    if history.config.get("validates"):
        found["validation_data"] = data.validated
    return {**found, "test_data": data.test} if history.test else found


VERDICTS = """\
exit codes:
  0  the page is as its training and this slownet make it
  1  a number or a fact in it differs
  2  it cannot be verified: no page of slownet, other data or none, another arithmetic
  3  its numbers are true, but the page around them (its script, its heading,
     its version) is not as this slownet writes it: it may show anything

examples:
  slownet verify mnist.html
  slownet verify houses.html --data houses.csv
"""


def add_verify(commands: Any) -> None:
    """Add `slownet verify`."""
    command = new_command(
        commands,
        verify,
        "PAGE [--data FILE]",
        "train again, and print whether a page is true",
        "Train again as a page says it was trained, and compare every number that it holds, and all\n"
        "else in it with what this slownet writes. Only pages that slownet train, resume or animate\n"
        "wrote say what their data are.",
        VERDICTS,
    )
    command.add_argument("page", metavar="PAGE", type=check_path, help="the page")
    command.add_argument(
        "--data",
        metavar="FILE",
        type=check_path,
        help="the table that it was trained with (default: the one beside the page that has the "
        "name it says, unless the page holds all rows); its SHA-256 must be that in the page",
    )


def verify(options: argparse.Namespace) -> None:
    """Print whether a page is true."""
    from slownet import page

    path = options.page
    opened = page.Page.open(path)
    opened.check_repeatable(path)
    known = opened.training.get("source") or {}
    if known.get("command") != COMMAND and not opened.is_complete:
        raise InvalidValueError(
            f"{path} was made by a program, and only the program knows its data: verify it in Python by "
            f"slownet.verify({str(path)!r}, (X, y), watch=...)"
        )
    print_verdict(path, _verified(path, opened, options.data))


def _verified(path: Path, opened: Page, given: Path | None) -> Verification:
    """Verify a page of the command line."""
    from slownet import page

    known = opened.training.get("source") or {}
    is_table = known.get("command") != COMMAND or "target" in known
    if is_table and given is None and opened.is_complete:
        callbacks = [Introduction(None, quiet=True)] if known.get("command") == COMMAND else []
        return page.verify(path, callbacks=callbacks)
    known = shareable(opened.training["source"])  # a page from a stranger does not choose what is read
    source = Source.from_plain(known, path, "give it by --data FILE, or put it beside the page", given)
    if given is not None and source.is_built_in:
        raise InvalidValueError(
            f"{path} was trained with {source.data}, which comes with slownet: leave --data out"
        )
    data = load_named(source, path)
    expected = shareable(source.plain(data)) | {"seed": opened.training["seed"]}
    if given is not None:
        expected["data"] = file_name(known["data"])
    try:
        found = page.verify(
            path,
            data.train,
            data.watched(),
            data.validated,
            data.test,
            callbacks=Introduction(data, quiet=True),
            source=expected,
            prepare=data.preparation,
        )
    except RecordingError as error:
        if source.is_built_in:
            return page.Verification([str(error)])
        raise RecordingError(f"{given or Path(source.data).name}: {error}") from error
    if given is not None and given.name != expected["data"]:
        found.notes.append(f"Its maker calls the data '{shown(expected['data'])}'.")
    return found
