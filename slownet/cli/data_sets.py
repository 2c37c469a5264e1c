"""The data sets of the command line, and where the samples of a training come from."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slownet.checks import check_integer, check_path, unknown_name
from slownet.cli.data import Data, Recipe
from slownet.cli.tables import TABLE, load_table
from slownet.datasets import CLASSIFICATION, load_mnist
from slownet.errors import FormatError, InvalidTypeError, InvalidValueError, MissingFileError
from slownet.functions.randomness import check_seed
from slownet.recording.sharing import COMMAND, file_name

TEST_POINTS = 200
MOST_POINTS = 1_000_000  # that are made for a training
# options of `read_csv`
READING = ("columns", "drop", "decimal", "thousands", "missing", "header", "encoding")


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
    columns, drop, decimal, thousands, missing, header, encoding
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
    encoding: str | None = None
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
        commas = {"has_commas": True} if data.has_commas else {}
        return {**known, **named, **self.reading, **commas, "classify": data.number is None}

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
                f"{file}: the file is damaged: what its data were made from cannot be read: "
                f"{dict(plain)!r:.200}"
            ) from None
        path = given or (there if there.is_absolute() and there.exists() else beside)
        if given is None and not path.exists():
            raise InvalidValueError(f"{file} learns from {path.name}, which is not there: {advice}")
        is_name = str(path) in DATA_SETS  # of a data set that comes with slownet
        return replace(known, data=str(path.absolute() if is_name else path))


def load(source: Source) -> Data:
    """Make the samples."""
    name = source.data
    check_seed(source.seed)
    if source.samples is not None:
        most = MOST_POINTS if name in CLASSIFICATION else None
        source = replace(source, samples=check_integer("--samples", source.samples, 1, most))
    if name not in DATA_SETS:
        if Path(name).suffix or Path(name).exists() or Path(name).name != name:
            return load_table(source)
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
            f"{source.data} is not the table of {source.target!a:.60} that {file} learns from: "
            "give the one that it was trained with"
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
            words = [("no", "yes")[word] if isinstance(word, bool) else str(word) for word in words]
            text += " ".join([f" --{name}", *map(shlex.quote, words)])
    return text


def recipe_values(field: str) -> str:
    """Return what the recipes have: "5 for mnist; 30 for xor, moons; 100 for a table"."""
    names: dict[object, list[str]] = {}
    for name, (_, recipe) in DATA_SETS.items():
        names.setdefault(getattr(recipe, field), []).append(name)
    names.setdefault(getattr(TABLE, field), []).append("a table")
    return "; ".join(f"{value} for {', '.join(each)}" for value, each in names.items())
