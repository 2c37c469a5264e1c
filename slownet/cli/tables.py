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
from slownet.preprocessing import preparation_of

if TYPE_CHECKING:
    from slownet.cli.data_sets import Source

TABLE = Recipe(20_000, 100, (16,))
TABLE_VISITS = 30_000  # a larger table gets fewer epochs: about this many visits to its rows


def load_table(source: Source) -> Data:
    """Read the table of a source."""
    options = TableOptions.checked(target=source.target, **source.reading, is_command=True)
    table = read_table(source.data, options, progress=not source.quiet)
    source = replace(source, samples=source.samples or TABLE.samples)
    try:
        train, test = table.split(seed=source.seed, classify=source.classify)
    except InvalidValueError as error:
        raise InvalidValueError(f"{source.data}: {error}") from None
    train = train.rows(slice(source.samples))
    recipe = replace(TABLE, epochs=max(1, min(TABLE.epochs, TABLE_VISITS // len(train))))
    is_number = table.classes is None and not source.classify
    needs: dict[str, Any]
    if is_number:
        kind, scaled = "numbers: regression (--classify takes them for classes)", "Inputs and target are"
        needs = {"outputs": 1, "because": "the number", "number": table.target}
    else:
        classes = table.classes or sorted(set(table.y.tolist()))
        kind, scaled = f"{len(classes)} classes: {_listed(classes)}", "Inputs are"
        needs = {"outputs": len(classes), "because": "one a class", "classes": classes}
        if len(classes) == 1:
            raise InvalidValueError(
                f"{source.data}: {source.target} is {classes[0]!r} in every row, so that there is "
                "nothing to learn: choose another --target"
            )
        if len(classes) == 2:
            needs |= {"outputs": 1, "because": "one for two classes"}
    try:
        preparation = preparation_of(train, train.y, "standardise", is_number)
    except InvalidValueError as error:
        raise InvalidValueError(f"{source.data}: {error}") from None
    about = (
        f"{printable(source.data)}: training on {len(train):,} of {len(table):,} rows, testing on "
        f"{len(test):,}\n"
        f"{printable(table.target)} holds {kind}\n"
        f"{scaled} standardised for the net: mean 0, standard deviation 1 over the training rows"
        f"{_about_reading(table)}"
    )
    parts = (train.X, train.y), (test.X, test.y)
    name = Path(source.data.removesuffix(".gz")).stem
    needs |= {"preparation": preparation, "has_commas": table.decimal == ","}
    return Data(name, about, *parts, recipe, "rows", **needs)


def _about_reading(table: Table) -> str:
    """Return what a reader should know of how a table was read, in lines of their own."""
    lines = []
    if texts := [column for column in table.columns if column.kind == CATEGORY]:
        count = sum(len(column.categories) for column in texts)
        lines.append(
            f"{_listed([column.name for column in texts])}: texts, {count} inputs, one for each of them"
        )
    if table.left_out:
        many = f"{table.left_out:,} rows are" if table.left_out > 1 else "1 row is"
        lines.append(f"{many} left out: a cell is missing{' in each' * (table.left_out > 1)}")
    return "".join(f"\n{printable(line)}" for line in [*lines, *table.notes])


def _listed(things: Sequence[object], most: int = 6) -> str:
    names = list(map(repr, things[:most]))
    return ", ".join(names if len(things) <= most else [*names, "..."])
