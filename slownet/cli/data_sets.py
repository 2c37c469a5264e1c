"""The data sets of the command line and tables: their samples, and recipes for their nets."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any

from slownet.checks import check_integer, check_path, printable, unknown_name
from slownet.datasets import CLASSIFICATION, load_mnist
from slownet.datasets.tables import Table, TableOptions, read_table
from slownet.datasets.tables.columns import CATEGORY
from slownet.errors import FormatError, InvalidTypeError, InvalidValueError, MissingFileError
from slownet.functions.randomness import Use, check_seed, key, permutation
from slownet.recording.sharing import file_name

TEST_POINTS = 200
WATCHED = 200  # test samples whose accuracy is a curve of the animation
VALIDATED = 1000  # test samples that are evaluated after every epoch; the result is over all of them
MOST_POINTS = 1_000_000  # that are made for a training
COMMAND = "slownet train"
YES_OR_NO = {"True": "yes", "False": "no"}
READING = ("columns", "drop", "decimal", "thousands", "missing", "header")  # options of `read_csv`


@dataclass(frozen=True)
class Recipe:
    """The options of a training with a data set, where the user gives none."""

    samples: int
    epochs: int
    hidden: tuple[int, ...]
    optimizer: str = "adam"


TABLE = Recipe(20_000, 100, (16,))
TABLE_VISITS = 30_000  # a larger table gets fewer epochs: about this many visits to its rows


@dataclass(frozen=True)
class Source:
    """The origin of samples; a run file keeps it, so that they can be made again.

    Attributes
    ----------
    data : str
        A name, or the path of a table.
    samples : int or None
        How many to train on; None for the number in the recipe.
    seed : int
        The seed of generated samples and of the choice of test samples.
    target : str or None
        The column to predict.
    classify : bool
        Whether numbers in it are classes.
    columns, drop, decimal, thousands, missing, header
        How the table is read, as by `read_csv`; None for its defaults.
    quiet : bool
        Whether a large table is read without a progress bar.
    """

    data: str
    samples: int | None = None
    seed: int = 0
    target: str | None = None
    classify: bool = False
    columns: Sequence[str] | None = None
    drop: Sequence[str] | None = None
    decimal: str | None = None
    thousands: str | None = None
    missing: str | None = None
    header: bool | None = None
    quiet: bool = True

    @property
    def is_built_in(self) -> bool:
        """Whether the samples come with slownet."""
        return self.data in DATA_SETS

    @classmethod
    def of(cls, options: argparse.Namespace) -> Source:
        """Return what the options of `slownet train` ask for."""
        reading = {name: getattr(options, name) for name in READING}
        chosen = options.samples, options.seed, options.target, options.classify
        return cls(options.data, *chosen, **reading, quiet=options.quiet)

    @property
    def reading(self) -> dict[str, Any]:
        """How the table is read, as far as the user has said it."""
        return {name: getattr(self, name) for name in READING if getattr(self, name) is not None}

    def plain(self, data: Data) -> dict[str, Any]:
        """Return the plain values that a run file keeps, with the number of samples in the data."""
        known = {"command": COMMAND, "data": self.data, "samples": len(data.train[0]), "seed": self.seed}
        if self.is_built_in:
            return known
        named = {"data": str(check_path(self.data).absolute()), "target": self.target}
        return {
            **known,
            **named,
            **self.reading,
            "classify": data.number is None,
            "inputs": data.inputs,
        }

    @classmethod
    def from_plain(
        cls, plain: Mapping[str, Any], file: Path, advice: str, given: Path | None = None
    ) -> Source:
        """Return the source that a run file or a page has kept.

        Parameters
        ----------
        plain : mapping
            What `plain` returned.
        file : Path
            The run file or the page. A table is looked for where it was, if that is known, and
            beside this file.
        advice : str
            What to do if there is none.
        given : Path, optional
            The table, if the user says where it is.

        Raises
        ------
        ValueError
            If the file is gone, or another version of slownet has kept something else.
        """
        try:
            known = cls(*(plain[name] for name in ("data", "samples", "seed")))
            if "target" not in plain:
                _ = DATA_SETS[known.data]  # KeyError for another name
                return known
            there, beside = Path(known.data), file.parent / file_name(known.data)
            reading = {name: plain[name] for name in READING if name in plain}
            known = replace(known, target=plain["target"], classify=plain["classify"], **reading)
        except (KeyError, TypeError):
            raise InvalidValueError(
                f"{file}: what its data were made from cannot be read: {dict(plain)!r:.200}"
            ) from None
        path = given or (there if there.is_absolute() and there.exists() else beside)
        if given is None and not path.exists():
            raise InvalidValueError(f"{file} learns from {path.name}, which is not there: {advice}")
        is_name = str(path) in DATA_SETS  # of a data set that comes with slownet
        return replace(known, data=str(path.absolute() if is_name else path))


@dataclass(frozen=True)
class Data:
    """Samples to train on and to test with, and what a net for them looks like.

    Attributes
    ----------
    name : str
        Its name, which the animation gets.
    about : str
        The text that is printed before training.
    train, test : (X, y)
        Arrays; a number to predict is given as (number - mean) / spread.
    recipe : Recipe
        What to train with.
    samples : str
        What the samples are called.
    outputs : int
        The number of output neurons.
    because : str
        The reason for this number, for messages.
    classes : list or None
        The labels of the classes, where they are not 0, 1, 2, ...
    number : str or None
        What the number to predict is called; None where there are classes.
    mean, spread : float
        Of this number over the training samples.
    inputs : list of str or None
        What the inputs are called.
    """

    name: str
    about: str
    train: tuple[Any, Any]
    test: tuple[Any, Any]
    recipe: Recipe
    samples: str
    outputs: int
    because: str
    classes: list[Any] | None = None
    number: str | None = None
    mean: float = 0.0
    spread: float = 1.0
    inputs: list[str] | None = None

    @property
    def validated(self) -> tuple[Any, Any]:
        """The test samples that are looked at after every epoch."""
        X, y = self.test
        return X[:VALIDATED], y[:VALIDATED]

    def watched(self) -> tuple[Any, Any]:
        """Return test samples to watch: the first of each class, then the others in their order."""
        import numpy as np

        X, y = self.test
        first = np.unique(y, return_index=True)[1] if self.number is None else np.arange(0)
        others = np.setdiff1d(np.arange(len(y)), first)
        chosen = np.concatenate([first, others])[:WATCHED]
        return X[chosen], y[chosen]


def load(source: Source) -> Data:
    """Make the samples."""
    name = source.data
    check_seed(source.seed)
    if source.samples is not None:
        most = MOST_POINTS if name in CLASSIFICATION else None
        source = replace(source, samples=check_integer("--samples", source.samples, 1, most))
    if name not in DATA_SETS:
        if Path(name).suffix or Path(name).exists() or Path(name).name != name:
            return _table(source)
        raise unknown_name("data", name, [*DATA_SETS, "or a table such as houses.csv"])
    for_tables = ["target"] * (source.target is not None) + ["classify"] * source.classify
    if given := [*for_tables, *source.reading]:
        raise InvalidValueError(f"--{given[0]} is for tables, not for {name}")
    make, recipe = DATA_SETS[name]
    return make(source, recipe)


def load_named(source: Source, file: Path) -> Data:
    """Make the samples that a run file or a page names.

    Raises
    ------
    FormatError
        If they are in a file that is not the table it was. The file may be anybody's: the message holds
        nothing of it.
    """
    try:
        return load(source)
    except MissingFileError:
        raise
    except (FormatError, InvalidTypeError, InvalidValueError) as error:
        if source.is_built_in:
            raise InvalidValueError(f"{file}: {error}") from None
        raise FormatError(
            f"{source.data} is not the table of {source.target!a:.60} that {file} learns from"
        ) from None


def _mnist(source: Source, recipe: Recipe) -> Data:
    train, test = load_mnist("train", limit=source.samples or recipe.samples), load_mnist("test")
    count = len(train[0])
    which = "all 60,000" if count == recipe.samples else f"{count:,} of the 60,000"
    about = f"MNIST: training on {which} training images"
    return Data("mnist", about, train, test, recipe, "images", 10, "one a digit")


def _points(source: Source, recipe: Recipe) -> Data:
    name = source.data
    size = source.samples or recipe.samples
    X, y = CLASSIFICATION[name](size + TEST_POINTS, seed=source.seed)
    about = f"{name}: training on {size:,} points of two classes"
    train, test = (X[:size], y[:size]), (X[size:], y[size:])
    return Data(name, about, train, test, recipe, "points", 1, "one for two classes")


DATA_SETS: dict[str, tuple[Callable[[Source, Recipe], Data], Recipe]] = {
    "mnist": (_mnist, Recipe(60_000, 5, (16,), "sgd")),
    **{name: (_points, Recipe(800, 30, (8, 8))) for name in CLASSIFICATION},
    "spirals": (_points, Recipe(800, 50, (16, 16))),
}


def options_text(plain: Mapping[str, Any]) -> str:
    """Return the options with which a source was read: " --target price --drop date"."""
    text = ""
    for name in ("target", *READING):
        value = plain.get(name)
        words = value if isinstance(value, (list, tuple)) else [value]
        if value is not None:
            text += " ".join([f" --{name}", *(YES_OR_NO.get(word, word) for word in map(str, words))])
    return text


def recipe_values(field: str) -> str:
    """Return what the recipes have: "5 for mnist; 30 for xor, moons; 100 for a table"."""
    names: dict[object, list[str]] = {}
    for name, (_, recipe) in DATA_SETS.items():
        names.setdefault(getattr(recipe, field), []).append(name)
    names.setdefault(getattr(TABLE, field), []).append("a table")
    return "; ".join(f"{value} for {', '.join(each)}" for value, each in names.items())


def _table(source: Source) -> Data:
    options = TableOptions.checked(target=source.target, **source.reading, is_command=True)
    table = read_table(source.data, options, progress=not source.quiet)
    X, y = table.X, table.y
    if len(y) < 2:
        raise InvalidValueError(f"{source.data}: one row is too few, one to train and one to test with")
    is_number = table.classes is None and not source.classify
    train, test = _split(source, None if is_number else y, len(y))
    train = train[: source.samples or TABLE.samples]
    recipe = replace(TABLE, epochs=max(1, min(TABLE.epochs, TABLE_VISITS // len(train))))
    centre, spreads = _standard(X[train])
    X = (X - centre) / spreads
    needs: dict[str, Any]
    if is_number:
        mean, spread = map(float, _standard(y[train]))
        y = (y - mean) / spread
        kind = "numbers: regression (--classify takes them for classes)"
        scaled = "Inputs and target are"
        needs = {"outputs": 1, "because": "the number", "number": source.target}
        needs |= {"mean": mean, "spread": spread}
    else:
        classes = table.classes or sorted(set(y.tolist()))
        kind, scaled = f"{len(classes)} classes: {_listed(classes)}", "Inputs are"
        needs = {"outputs": len(classes), "because": "one a class", "classes": classes}
        if len(classes) == 1:
            raise InvalidValueError(f"{source.data}: {source.target} is {classes[0]!r} in every row")
        if len(classes) == 2:
            needs |= {"outputs": 1, "because": "one for two classes"}
    about = (
        f"{printable(source.data)}: training on {len(train):,} of {len(y):,} rows, testing on "
        f"{len(test):,}\n"
        f"{printable(str(source.target))} holds {kind}\n"
        f"{scaled} standardised: mean 0, standard deviation 1 over the training rows"
        f"{_about_reading(table)}"
    )
    parts = (X[train], y[train]), (X[test], y[test])
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


def _split(source: Source, classes: Any, count: int) -> tuple[Any, Any]:
    """Return which rows are trained on, and which, a fifth of each class, are tested with."""
    import numpy as np

    order = permutation(key(source.seed, Use.DATASET), count)
    is_test = np.arange(count) < ceil(count / 5)
    if classes is not None:
        ranks = np.unique(classes, return_inverse=True)[1][order]
        by_class = np.argsort(ranks, kind="stable")
        sizes = np.bincount(ranks)
        first = np.cumsum(sizes) - sizes
        tested = -(-np.cumsum(sizes) // 5) - -(-first // 5)  # of each class, rounded so that all add up
        place = np.arange(count) - first[ranks[by_class]]
        stratified = np.zeros(count, bool)
        stratified[by_class] = place < np.minimum(tested, sizes - 1)[ranks[by_class]]
        is_test = stratified if stratified.any() else is_test
    return order[~is_test], order[is_test]


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
