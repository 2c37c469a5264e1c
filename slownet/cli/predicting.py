"""The commands that use a net on tables: predict, evaluate."""

from __future__ import annotations

import argparse
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from numbers import Real
from typing import TYPE_CHECKING, Any

from slownet.checks import check_path, short
from slownet.cli.figures import figures_text
from slownet.cli.opening import open_net
from slownet.cli.output import errors_as_not_written, new_file, print_line, print_raw, shown
from slownet.cli.parsing import FORMAT, add_format, new_command
from slownet.datasets.tables import NewRows, TableOptions, made_up
from slownet.datasets.tables.columns import NUMBER, Column
from slownet.datasets.tables.opening import encoding_of
from slownet.datasets.tables.options import names_text
from slownet.errors import FormatError, InvalidValueError
from slownet.terminal import print_to_stderr

if TYPE_CHECKING:
    import numpy.typing as npt

    from slownet.objects import Net

ROWS_AT_ONCE = 4096
FORMULA = re.compile(r"\s*[=@]|\s*[+-](?![0-9.,]+$)")  # what a spreadsheet takes for one
NET = "a run file, a training as JSON, or a net as JSON"
TABLE = "the table: CSV, TSV, .xlsx or Parquet"
ORDER = """\
The columns are found by their names, in any order, and others are ignored. A net that was not
trained on a table knows no names: the table has one column of numbers for each of its inputs,
in their order{more}.
"""


def add_predict(commands: Any) -> None:
    """Add `slownet predict`."""
    command = new_command(
        commands,
        predict,
        "NET TABLE [-o FILE] [options]",
        "predict new rows of a table with a trained net",
        "Predict the rows of a table with a net, and print them as CSV: a line of names, then one line\n"
        "for each row, in the same order.\n\n" + ORDER.format(more=""),
        "examples:\n"
        "  slownet predict houses.run new.csv -o prices.csv\n"
        "  slownet predict titanic.run new.csv --probabilities --keep name\n"
        "  slownet predict net.json new.csv | head\n",
    )
    _add_net_and_table(command)
    output = command.add_argument_group("output")
    output.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=check_path,
        help="where the predictions go, a new CSV file (default: they are printed)",
    )
    output.add_argument(
        "--probabilities", action="store_true", help="add a column for the probability of each class"
    )
    output.add_argument(
        "--keep",
        metavar="COLUMN",
        nargs="+",
        action="extend",
        help="columns of the table to put before the predictions, as they stand in it",
    )
    _add_reading(command, "no bar, and no note of ignored columns")


def predict(options: argparse.Namespace) -> None:
    """Predict the rows of a table."""
    net, source = open_net(options.net)
    if options.probabilities and net.encoder().loss.target_kind not in ("class", "binary"):
        raise InvalidValueError(
            f"--probabilities: {options.net} predicts no classes with probabilities; "
            "numbers as classes are trained by slownet train --classify"
        )
    if options.output is None:
        _write_csv(_predictions(options, net, source), print_raw)
        return
    with new_file(options.output, "-o", "CSV") as path:
        lines = _predictions(options, net, source)
        with (
            errors_as_not_written("the predictions"),
            path.open("w", encoding="utf-8", newline="") as file,
        ):
            _write_csv(lines, file.write)
    if not options.quiet:
        print_line(f"Predictions: {shown(path)}")


def _predictions(
    options: argparse.Namespace, net: Net, source: dict[str, Any]
) -> Iterator[Sequence[object]]:
    """Return the lines of the predictions: names, then cells; all errors come before the first."""
    rows = _open_table(options, source)
    kept = options.keep or []
    columns = _columns(net, options, rows)
    targets = [target.name for target in net.preparation.targets] if net.preparation else []
    kept_cells = list(rows.cells(kept)) if kept else None
    X = rows.inputs(columns, not options.quiet)
    cells = [[]] * len(X) if kept_cells is None else kept_cells
    if len(cells) != len(X):
        raise FormatError(
            f"{options.table}: it has changed while it was read: read it again when no program writes it"
        )
    _note_others(options, rows, [*(column.name for column in columns), *targets, *kept])
    found = net.predict(X)
    parts = [found.reshape(len(X), -1)]
    names = _names(targets, parts[0].shape[1], kept)
    head = [*kept, *names]
    if options.probabilities:
        parts.append(net.predict_proba(X))
        labels = net.encoder().labels
        head += [f"{names[0]}={label}" for label in labels] or [f"{name}=1" for name in names]
    _note_formulas(options, [*names, *(net.classes or ())])
    lines = (
        [*own, *(cell for part in each for cell in part)]
        for own, *each in zip(cells, *map(_plain_rows, parts), strict=True)
    )
    return chain([head], lines)


def add_evaluate(commands: Any) -> None:
    """Add `slownet evaluate`."""
    command = new_command(
        commands,
        evaluate,
        "NET TABLE [options]",
        "print how right a trained net is about a table",
        "Print how right a net is about the rows of a table that has the target, too: the figures that\n"
        "slownet train prints. Rows whose target is missing are left out.\n\n"
        + ORDER.format(more=" beside the target"),
        "examples:\n"
        "  slownet evaluate houses.run test.csv\n"
        "  slownet evaluate net.json test.csv --target price\n",
    )
    _add_net_and_table(command)
    command.add_argument(
        "--target", metavar="COLUMN", help="the column of the targets (default: as in training)"
    )
    _add_reading(command, "only print the result")


def evaluate(options: argparse.Namespace) -> None:
    """Print how right a net is about the rows of a table."""
    net, source = open_net(options.net)
    labels = _labels(net, options)
    rows = _open_table(options, source)
    preparation = net.preparation
    target = options.target
    if target is None and preparation is not None and preparation.targets:
        target = preparation.targets[0].name or None
    if target is None:
        raise InvalidValueError(
            f"--target must name the column to compare predictions with; {options.table} has "
            f"{names_text(rows.names)}"
        )
    columns = _columns(net, options, rows, target)
    X, y, left_out = rows.tested(columns, target, labels, not options.quiet)
    _note_others(options, rows, [*(column.name for column in columns), target])
    if left_out and not options.quiet:
        print_line(f"Left out, as the target is missing: {left_out:,} of {len(y) + left_out:,} rows")
    print_line(figures_text(net, X, y, "rows", is_test=False, brief=options.quiet))


# nets and tables


def _add_net_and_table(command: Any) -> None:
    command.add_argument("net", metavar="NET", type=check_path, help=NET)
    command.add_argument("table", metavar="TABLE", type=check_path, help=TABLE)


def _add_reading(command: Any, quiet: str) -> None:
    command.add_argument("--quiet", action="store_true", help=quiet)
    add_format(command.add_argument_group("how the table is written (default: as in training)"))


def _open_table(options: argparse.Namespace, source: dict[str, Any]) -> NewRows:
    """Open the table; where the options do not say how it is written, it is as in training."""
    known = {name: source.get(name) for name in FORMAT}
    given = {name: getattr(options, name) for name in FORMAT if getattr(options, name) is not None}
    if "encoding" not in given:
        known["encoding"] = encoding_of(options.table, known["encoding"])
    if {"decimal", "thousands"} & given.keys():  # one without the other may contradict it
        known |= {"decimal": None, "thousands": None}
    said = TableOptions.checked(**{**known, **given}, is_command=True)
    return NewRows(options.table, replace(said, had_commas=source.get("has_commas") is True))


def _columns(
    net: Net, options: argparse.Namespace, rows: NewRows, target: str | None = None
) -> Sequence[Column]:
    """Return the columns of a table that become inputs of the net."""
    preparation = net.preparation
    if preparation is not None and preparation.is_named:
        return preparation.columns
    columns = preparation.columns if preparation else _plain_columns(len(net.inputs))
    names = [name for name in rows.names if name != target]
    if len(names) != len(columns):
        beside = "" if target is None else f" beside {short(target)}"
        raise FormatError(
            f"{options.table}: expected {len(columns):,} columns{beside}, one for each input, as this "
            f"net knows no names, found {len(names):,}: {names_text(names)}"
        )
    return [replace(column, name=name) for column, name in zip(columns, names, strict=True)]


def _plain_columns(count: int) -> Sequence[Column]:
    return [Column(name, NUMBER) for name in made_up(count)]


def _note_others(options: argparse.Namespace, rows: NewRows, used: Iterable[str]) -> None:
    others = sorted(set(rows.names) - set(used), key=rows.names.index)
    if others and not options.quiet:
        unused = f"has columns that the net does not use: {names_text(others)}"
        print_to_stderr(f"slownet: {shown(options.table)} {unused}")


def _note_formulas(options: argparse.Namespace, written: Iterable[object]) -> None:
    """Say which names of the net a spreadsheet would compute: the net may be a stranger's."""
    found = [name for name in written if isinstance(name, str) and FORMULA.match(name)]
    if found and not options.quiet:
        print_to_stderr(
            f"slownet: a spreadsheet takes names of this net for formulas: {names_text(found)}; open "
            "the predictions there as text only"
        )


# classes and predictions


def _labels(net: Net, options: argparse.Namespace) -> list[Any]:
    """Return the classes of a net, which must have one target; none where it predicts a number."""
    encoder = net.encoder()
    labels = encoder.labels
    if not labels and (encoder.has_classes or encoder.outputs > 1):
        raise InvalidValueError(
            f"{options.net} answers several questions at once, and evaluate compares one column: use "
            "net.evaluate(X, y) in Python"
        )
    if labels and not any(all(isinstance(label, kind) for label in labels) for kind in (str, Real)):
        raise InvalidValueError(
            f"{options.net}: its classes are neither all texts nor all numbers, and no column of a "
            "table holds them: use net.evaluate(X, y) in Python"
        )
    return labels


def _names(targets: list[str], count: int, kept: Sequence[str]) -> list[str]:
    """Return names for the columns of the predictions: those of the targets, unless these are kept."""
    if len(targets) != count or not all(targets):
        targets = ["predicted"] if count == 1 else [f"predicted {place + 1}" for place in range(count)]
    return [f"predicted {name}" if name in kept else name for name in targets]


def _plain_rows(values: npt.NDArray[Any]) -> Iterator[list[Any]]:
    for first in range(0, len(values), ROWS_AT_ONCE):
        yield from values[first : first + ROWS_AT_ONCE].tolist()


def _write_csv(lines: Iterator[Sequence[object]], write: Callable[[str], object]) -> None:
    while piece := list(islice(lines, ROWS_AT_ONCE)):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(piece)
        write(text.getvalue())
