"""Tables on the command line: their samples, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.checks import printable
from slownet.cli.data import Data, Recipe
from slownet.datasets.tables import Table, TableOptions, read_table
from slownet.datasets.tables.columns import CATEGORY
from slownet.errors import InvalidValueError

if TYPE_CHECKING:
    from slownet.cli.data_sets import Source

TABLE = Recipe(20_000, 100, (16,))
TABLE_VISITS = 30_000  # a larger table gets fewer epochs: about this many visits to its rows


def load_table(source: Source) -> Data:
    """Read the table of a source, and standardise it."""
    options = TableOptions.checked(target=source.target, **source.reading, is_command=True)
    table = read_table(source.data, options, progress=not source.quiet)
    try:
        train, test = table.split(seed=source.seed, classify=source.classify)
    except InvalidValueError as error:
        raise InvalidValueError(f"{source.data}: {error}") from None
    X, y = (values[: source.samples or TABLE.samples] for values in train)
    test_X, test_y = test
    recipe = replace(TABLE, epochs=max(1, min(TABLE.epochs, TABLE_VISITS // len(y))))
    centre, spreads = _standard(X)
    X, test_X = (X - centre) / spreads, (test_X - centre) / spreads
    needs: dict[str, Any]
    if table.classes is None and not source.classify:
        mean, spread = map(float, _standard(y))
        y, test_y = (y - mean) / spread, (test_y - mean) / spread
        kind = "numbers: regression (--classify takes them for classes)"
        scaled = "Inputs and target are"
        needs = {"outputs": 1, "because": "the number", "number": source.target}
        needs |= {"mean": mean, "spread": spread}
    else:
        classes = table.classes or sorted(set(table.y.tolist()))
        kind, scaled = f"{len(classes)} classes: {_listed(classes)}", "Inputs are"
        needs = {"outputs": len(classes), "because": "one a class", "classes": classes}
        if len(classes) == 1:
            raise InvalidValueError(f"{source.data}: {source.target} is {classes[0]!r} in every row")
        if len(classes) == 2:
            needs |= {"outputs": 1, "because": "one for two classes"}
    about = (
        f"{printable(source.data)}: training on {len(y):,} of {len(table):,} rows, testing on "
        f"{len(test):,}\n"
        f"{printable(str(source.target))} holds {kind}\n"
        f"{scaled} standardised: mean 0, standard deviation 1 over the training rows"
        f"{_about_reading(table)}"
    )
    parts = (X, y), (test_X, test_y)
    name = Path(source.data.removesuffix(".gz")).stem
    return Data(name, about, *parts, recipe, "rows", inputs=table.names, **needs)


def _about_reading(table: Table) -> str:
    """Return what a reader should know of how a table was read, in lines of their own."""
    lines = []
    if texts := [column for column in table.columns if column.kind == CATEGORY]:
        count = sum(len(column.categories) for column in texts)
        lines.append(
            f"{_listed([column.name for column in texts])}: texts, {count} inputs, one for each of them"
        )
    if table.left_out:
        lines.append(f"{table.left_out:,} rows are left out: a cell is missing in each")
    return "".join(f"\n{printable(line)}" for line in [*lines, *table.notes])


def _standard(numbers: Any) -> tuple[Any, Any]:
    """Return the mean and the standard deviation of each column.

    A column whose smallest and largest numbers are equal is constant: its mean and deviation, which are
    rounded, are that number and 1.
    """
    import numpy as np

    low, high = numbers.min(axis=0), numbers.max(axis=0)
    with np.errstate(all="ignore"):
        mean, spread = numbers.mean(axis=0), numbers.std(axis=0)
    if not np.isfinite(spread).all():
        raise InvalidValueError("the numbers are too large to standardise: their squares overflow")
    return np.where(low == high, low, mean), np.where((low == high) | (spread == 0.0), 1.0, spread)


def _listed(things: Sequence[object], most: int = 6) -> str:
    names = list(map(repr, things[:most]))
    return ", ".join(names if len(things) <= most else [*names, "..."])
