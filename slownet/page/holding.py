"""What a page holds of the data, and whether it trains itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from slownet.checks import short, unknown_name
from slownet.datasets.known import are_known
from slownet.errors import FormatError, InvalidTypeError, InvalidValueError
from slownet.page.digests import recipe_of
from slownet.page.encoding import Writer
from slownet.page.facts import HeldOut, Kind, Role
from slownet.page.javascript import Translator
from slownet.page.recipe import Recipe, UntrainableError
from slownet.page.rows import Rows, check_same, write_inputs
from slownet.page.structure import Structure
from slownet.plotting.style import Json
from slownet.recording import History
from slownet.recording.json_values import integer
from slownet.training.splitting import training_rows
from slownet.translation import UntranslatableError

KEEP = ("auto", "fits", "all", "none")
MOST_CHARACTERS = 1_250_000  # of data: with the scripts, at most 1.6 MB
MOST_SECONDS = 2.0  # of training again in a browser
MOST_TRAINED = 2_000_000  # steps of a page that trains itself
MOST_NUMBERS = 30_000_000  # of its snapshots, which are made again to verify it
MOST_HELD_OUT = 500  # samples that accuracy is of
SAMPLED = 300  # rows from which the size of all is estimated


OTHERS: tuple[Role, ...] = ("validation_data", "watch", "test_data")
KINDS: dict[Kind, Role] = {"test": "test_data", "validation": "validation_data", "watched": "watch"}
Given = Mapping[str, Any]  # what was given to `fit`, by its arguments; None for what was not


@dataclass(frozen=True)
class Plan:
    """What a page is to hold of the data.

    Attributes
    ----------
    trains : bool
        Whether it trains itself, and has no snapshots.
    rows : int
        How many rows it can learn from.
    pairs : tuple of str
        Which other data that were given to `fit` it holds to the last row.
    tests : str
        The kind of the samples that accuracy is of.
    """

    trains: bool = False
    rows: int = 0
    pairs: tuple[Role, ...] = ()
    tests: Kind | None = None

    @classmethod
    def of_page(cls, known: Json) -> Plan:
        """Return what a page holds; an error of some kind if its facts do not say it."""
        holds, held_out = known["holds"], known["held_out"]
        pairs = tuple(name for name in OTHERS if name in holds)
        rows = integer(holds["data"][0], "holds data", 1) if "data" in holds else 0
        kind = None if held_out is None else held_out["kind"]
        if kind is not None and kind not in KINDS:
            raise FormatError(f"it holds {short(kind)} samples")
        return cls(known["frames"] == 0, rows, pairs, kind)


def check_keep(keep: object) -> str | int:
    """Return the argument `keep`; TypeError or ValueError for another one."""
    if isinstance(keep, bool) or not isinstance(keep, (str, int, np.integer)):
        raise InvalidTypeError(
            f"keep must be a number of rows, or one of {', '.join(KEEP)}, not {short(keep)}"
        )
    if not isinstance(keep, str):
        if keep < 1:
            raise InvalidValueError(f'keep must be a number of rows from 1 on, or "none", not {keep}')
        return int(keep)
    if keep not in KEEP:
        raise unknown_name("keep", keep, KEEP)
    return keep


def spread(count: int, most: int) -> npt.NDArray[np.int64]:
    """Return at most so many of `count` places, evenly apart: data may be sorted."""
    kept = min(count, most)
    return np.arange(kept) * count // max(1, kept)


def characters(rows: Rows) -> float:
    """Return about how many characters rows take in a page."""
    count = len(rows.inputs)
    some = rows.inputs[spread(count, SAMPLED)]
    if not len(some):
        return 0.0
    writer = Writer()
    write_inputs(writer, "", some)
    return len(writer.text) * count / len(some) + 2.0 * count * (1 if rows.is_class else 8)


class Planner:
    """Decides what the page of a training is to hold.

    Parameters
    ----------
    history : History
        Of the training.
    structure : Structure
        Of its scene.
    keep : str or int
        As for `History.write_html`.
    given : mapping
        The data.
    may_train : bool
        Whether a page without snapshots is wanted.
    """

    def __init__(
        self, history: History, structure: Structure, keep: str | int, given: Given, may_train: bool
    ) -> None:
        self.history, self.structure, self.keep, self.given = history, structure, keep, given
        self.may_train = may_train
        self.left = float("inf") if keep == "all" else float(MOST_CHARACTERS)  # characters

    def plan(self) -> Plan:
        """Return what the page is to hold."""
        if self.keep == "none":
            return Plan()
        data = self._rows("data")
        if data is None:
            if self.keep in ("auto", "fits"):
                return Plan()
            raise InvalidValueError(
                f"keep={self.keep!r} needs the training data, which a history does not have that was "
                "opened from a file, pickled or copied: give data=(X, y)"
            )
        chosen = training_rows(self.history.config, data.inputs, data.y, data.encoder)
        count = len(data.inputs) if chosen is None else len(chosen)
        size = characters(data)
        whole = size <= self.left
        most = count if whole else int(self.left * len(data.inputs) / size)
        if isinstance(self.keep, int):
            most = min(most, self.keep)
        if most < count:
            return Plan(False, most, (), self._tests())
        self.left -= size
        pairs = tuple(name for name in OTHERS if self._fits(name))
        return Plan(self._trains(data, count, pairs), count, pairs, self._tests())

    def _rows(self, name: str) -> Rows | None:
        """Return data that may be in the page; None for others, or if they are not there."""
        pair = self.given.get(name)
        if pair is None:
            return None
        rows = Rows.read(
            self.history, self.structure, self.structure.scene.units.preparation, name, pair
        )
        return None if self.keep == "auto" and not are_known(rows.inputs) else rows

    def _fits(self, name: str) -> bool:
        """Whether all of some data are to be in the page, which then has less room for others."""
        rows = self._rows(name)
        if rows is None or (size := characters(rows)) > self.left:
            return False
        if name == "test_data" and len(rows.inputs) > MOST_HELD_OUT and self.keep != "all":
            return False
        self.left -= size
        return True

    def _tests(self) -> Kind | None:
        for kind, name in KINDS.items():
            if name == "validation_data" and self.history.config.get("validation_split") is not None:
                return kind
            if self._rows(name) is not None:
                return kind
        return None

    def _trains(self, data: Rows, count: int, pairs: Sequence[Role]) -> bool:
        """Whether the page can train again, quickly."""
        history, structure = self.history, self.structure
        config, first = history.config, history.snapshots[0]
        decides = config.get("early_stopping") and config.get("validates")
        if not self.may_train or len(structure.graphs) > 1 or history.last_step == first.step:
            return False
        if decides and "validation_data" not in pairs:
            return False
        steps = history.last_step - first.step
        numbers = len(history.snapshots) * len(structure.source)
        if history.last_step > MOST_TRAINED or numbers > MOST_NUMBERS:
            return False
        samples = min(steps * config["batch_size"], count * config["epochs"])
        sizes = [len(structure.scene.neurons[layer]) for layer in structure.scene.layers]
        plain = config["optimizer"]["name"] == "sgd" and not (config["l1"] or config["l2"])
        share = np.count_nonzero(data.inputs) / max(1, data.inputs.size)
        weights, dense = len(structure.source), structure.is_dense
        return seconds(sizes, weights, samples, steps, dense, plain, share) <= MOST_SECONDS


def seconds(
    sizes: list[int],
    weights: int,
    samples: int,
    steps: int,
    is_dense: bool,
    is_plain: bool,
    share: float,
) -> float:
    """Return about how long a browser takes to train.

    The rates were measured in Chromium with nets of 784-30-10, 784-128-64-10 and 2-16-16-1.

    Parameters
    ----------
    sizes : list of int
        Of the layers, inputs first.
    weights : int
        How many there are.
    samples, steps : int
        How many are learned from, in all epochs together, and how many steps that takes.
    is_dense : bool
        Whether each layer is fully connected to the one before, and to no other.
    is_plain : bool
        Whether steps are plain gradient descent, which leaves out inputs that are 0.
    share : float
        The share of inputs that are not 0.
    """
    first = sizes[0] * sizes[1] if is_dense else 0
    active = weights - first + share * first
    a_sample = 5e-7 + 6e-8 * sum(sizes[1:]) + 1.6e-9 * active
    a_step = 1e-6 + (4e-10 if is_plain else 1.2e-8) * weights
    return (a_sample * samples + a_step * steps) * (1.0 if is_dense else 10.0)


class Holding:
    """What a page holds of the data of a training, and of its recipe.

    Parameters
    ----------
    writer : Writer
        Takes the numbers.
    history, structure, given
        As for `Planner`.
    plan : Plan
        What is to be held.

    Attributes
    ----------
    trains : bool
        Whether the page trains itself.
    holds : dict
        How many rows of each of the data are in the page, of how many.
    held_out : HeldOut or None
        The samples that accuracy is of.
    recipe : Recipe or None
        From which the page trains.
    """

    def __init__(
        self, writer: Writer, history: History, structure: Structure, given: Given, plan: Plan
    ) -> None:
        self.writer, self.history, self.structure, self.given = writer, history, structure, given
        self.holds: dict[Role, tuple[int, int]] = {}
        self.held_out: HeldOut | None = None
        self.recipe: Recipe | None = None
        self.trains = False
        if plan.rows:
            self._write_data(plan)
            self._write_others(plan)
            self.held_out = self._write_held_out(plan.tests)

    def _rows(self, name: str) -> Rows:
        preparation = self.structure.scene.units.preparation
        return Rows.read(self.history, self.structure, preparation, name, self.given[name])

    def _write_data(self, plan: Plan) -> None:
        """Write what is learned from, with the recipe if there is one."""
        data = self._rows("data")
        chosen = training_rows(self.history.config, data.inputs, data.y, data.encoder)
        count = len(data.inputs) if chosen is None else len(chosen)
        rows = None if plan.rows >= count else spread(count, plan.rows)
        self.holds["data"] = min(plan.rows, count), count
        validation = self.given.get("validation_data") if "validation_data" in plan.pairs else None
        ways = (True, False) if plan.trains else (False,)
        for begins in ways:
            with suppress(UntranslatableError, UntrainableError):
                known = self.history, self.given["data"], validation
                self.recipe = recipe_of(*known, Translator(exact=True), self.writer, rows, begins)
                self.trains = begins
                break
        X = self.given["data"][0]
        if self.recipe is None:
            check_same(self.history, data, self.structure.scene.units.preparation, X, chosen)
            data.write(self.writer, "data", rows if chosen is None or rows is None else chosen[rows])
            return
        if data.weights is not None and self.history.config.get("class_weight") is not None:
            self.writer.plain("data sample_weight", np.array(data.weights), "float64")
        if "data places" in self.writer.contents:
            rest = len(data.inputs) - count
            self.holds["validation_data"] = rest, rest

    def _write_others(self, plan: Plan) -> None:
        """Write the other data that were given to `fit`, all of their rows."""
        for name in plan.pairs:
            count = 0
            if (
                f"{name} samples" not in self.writer.contents
                and f"{name} pixels" not in self.writer.contents
            ):
                rows = self._rows(name)
                rows.write(self.writer, name)
                count = len(rows.inputs)
            self.holds[name] = count, count

    def _write_held_out(self, kind: Kind | None) -> HeldOut | None:
        """Write the samples that accuracy is of."""
        if kind is None:
            return None
        if kind == "validation" and self.given.get("validation_data") is None:
            data = self._rows("data")
            chosen = training_rows(self.history.config, data.inputs, data.y, data.encoder)
            places = np.setdiff1d(np.arange(len(data.inputs)), [] if chosen is None else chosen)
        else:
            data = self._rows(KINDS[kind])
            places = np.arange(len(data.inputs))
        kept = places[spread(len(places), MOST_HELD_OUT)]
        data.write(self.writer, "held_out", kept)
        return {"kind": kind, "count": len(kept), "all": len(places)}
