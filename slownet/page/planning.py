"""Which data a page is to hold, by their size, and whether it trains itself, by the time it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from slownet.checks import short, unknown_name
from slownet.datasets.known import are_known
from slownet.errors import FormatError, InvalidTypeError, InvalidValueError
from slownet.functions import plain_sgd
from slownet.page.encoding import Writer
from slownet.page.facts import Kind, Role
from slownet.page.rows import Rows, write_inputs
from slownet.page.structure import Structure
from slownet.plotting.style import Json
from slownet.recording import History
from slownet.recording.json_values import integer
from slownet.recording.sharing import KEEP
from slownet.training.replaying import options_of
from slownet.training.splitting import training_rows

MOST_CHARACTERS = 1_250_000  # of data: with the scripts, at most 1.6 MB
MOST_OF_PART = 1_050_000  # of data that are not all: with the scripts and 100 snapshots, at most 3 MB
MOST_SECONDS = 2.0  # of training again in a browser
MOST_TRAINED = 2_000_000  # steps of a page that trains itself
MOST_WEIGHTS = 200_000  # of its net
MOST_NUMBERS = 30_000_000  # of its snapshots, which are made again to verify it
MOST_HELD_OUT = 500  # samples that accuracy is of
SAMPLED = 300  # rows from which the size of all is estimated
RATES = {  # seconds, measured in Chromium with nets of 784-30-10, 784-128-64-10, 2-16-16-1 and 2-8-1
    "sample": 2.5e-7,
    "neuron of a sample": 3e-8,
    "weight of a sample": 8e-10,
    "step": 1e-6,
    "weight of a plain step": 4e-10,
    "weight of another step": 8e-9,
}
SLOWER = 10.0  # so many times for nets that are not dense


OTHERS: tuple[Role, ...] = ("validation_data", "watch", "test_data")
KINDS: dict[Kind, Role] = {  # the first that is there
    "test": "test_data",
    "validation": "validation_data",
    "watched": "watch",
    "training": "data",
}
Places = npt.NDArray[np.int64]


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
    learns : bool
        Whether it has a recipe, unless there can be none.
    """

    trains: bool = False
    rows: int = 0
    pairs: tuple[Role, ...] = ()
    tests: Kind | None = None
    learns: bool = True

    @classmethod
    def of_page(cls, known: Json) -> Plan:
        """Return what a page holds; an error of some kind if its facts do not say it."""
        holds, held_out = known["holds"], known["held_out"]
        pairs = tuple(name for name in OTHERS if name in holds)
        rows = integer(holds["data"][0], "holds data", 1) if "data" in holds else 0
        kind = None if held_out is None else held_out["kind"]
        if kind is not None and kind not in KINDS:
            raise FormatError(f"it holds {short(kind)} samples")
        learns = known["recipe"] is not None or not known["training"]["config"].get("callbacks")
        return cls(known["frames"] == 0, rows, pairs, kind, learns)


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


def spread(count: int, most: int) -> Places:
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


class Data:
    """The data that were given to `fit`, each pair read when it is needed.

    Parameters
    ----------
    history : History
        Of the training.
    structure : Structure
        Of its scene.
    given : mapping
        The pairs, by the arguments of `fit`; None for what was not given.
    """

    def __init__(self, history: History, structure: Structure, given: Mapping[str, Any]) -> None:
        self.history, self.structure, self.given = history, structure, given
        self._read: dict[str, Rows | None] = {}

    def rows(self, name: Role) -> Rows | None:
        """Return the rows of a pair; None if it is not there."""
        if name not in self._read:
            pair, preparation = self.given.get(name), self.structure.scene.units.preparation
            known = self.history, self.structure, preparation, name
            self._read[name] = None if pair is None else Rows.read(*known, pair)
        return self._read[name]

    @cached_property
    def chosen(self) -> Places | None:
        """The rows of the training data that are learned from; None for all."""
        data = self.rows("data")
        if data is None:
            return None
        return training_rows(self.history.config, data.inputs, data.y, data.encoder)

    @cached_property
    def count(self) -> int:
        """How many rows are learned from."""
        data = self.rows("data")
        known = () if data is None else data.inputs
        return len(known) if self.chosen is None else len(self.chosen)


class Planner:
    """Decides what the page of a training is to hold.

    Parameters
    ----------
    data : Data
        What was given to `fit`.
    keep : str or int
        As for `History.write_html`.
    may_train : bool
        Whether a page without snapshots is wanted.
    """

    def __init__(self, data: Data, keep: str | int, may_train: bool) -> None:
        self.data, self.keep, self.may_train = data, keep, may_train
        self.left = float("inf") if keep == "all" else float(MOST_CHARACTERS)  # characters

    def plan(self) -> Plan:
        """Return what the page is to hold."""
        data = None if self.keep == "none" else self.data.rows("data")
        if data is None:
            if self.keep in ("auto", "fits", "none"):
                return Plan()
            raise InvalidValueError(
                f"keep={self.keep!r} needs the training data, which a history does not have that was "
                "opened from a file, pickled or copied: give data=(X, y)"
            )
        count, size = self.data.count, characters(data)
        most = (
            count if size <= self.left else int(min(self.left, MOST_OF_PART) * len(data.inputs) / size)
        )
        if isinstance(self.keep, int):
            most = min(most, self.keep)
        is_split = self.data.chosen is not None  # then the others may be held, too, to validate with
        if not self._may_hold(data, spread(len(data.inputs), len(data.inputs) if is_split else most)):
            return Plan()
        if most < count:
            return Plan(False, most, (), self._tests())
        self.left -= size
        pairs = tuple(name for name in OTHERS if self._fits(name))
        return Plan(self._trains(data, count, pairs), count, pairs, self._tests())

    def _may_hold(self, rows: Rows, places: Places) -> bool:
        """Whether some rows may be in the page; somebody's own may if they are asked for."""
        return self.keep != "auto" or are_known(rows.inputs[places])

    def _fits(self, name: Role) -> bool:
        """Whether all of some data are to be in the page, which then has less room for others."""
        rows = self.data.rows(name)
        if rows is None or (size := characters(rows)) > self.left:
            return False
        if name == "test_data" and len(rows.inputs) > MOST_HELD_OUT and self.keep != "all":
            return False
        if not self._may_hold(rows, np.arange(len(rows.inputs))):
            return False
        self.left -= size
        return True

    def _tests(self) -> Kind | None:
        for kind, name in KINDS.items():
            if name == "validation_data" and self.data.chosen is not None:
                return kind
            rows = self.data.rows(name)
            if rows is not None and self._may_hold(rows, spread(len(rows.inputs), MOST_HELD_OUT)):
                return kind
        return None

    def _trains(self, data: Rows, count: int, pairs: Sequence[Role]) -> bool:
        """Whether the page can train again, quickly."""
        history, structure = self.data.history, self.data.structure
        first = history.snapshots[0]
        try:
            options = options_of(history)
        except FormatError:  # of a file: they cannot be used, or need the user's formulas
            return False
        decides = options.early_stopping is not None and history.config.get("validates")
        if not self.may_train or not structure.is_constant or history.last_step == first.step:
            return False
        if decides and "validation_data" not in pairs:
            return False
        steps = history.last_step - first.step
        weights = len(structure.source)
        numbers = len(history.snapshots) * weights
        if history.last_step > MOST_TRAINED or weights > MOST_WEIGHTS or numbers > MOST_NUMBERS:
            return False
        samples = min(steps * options.batch_size, count * options.epochs)
        if (validation := self.data.rows("validation_data")) and "validation_data" in pairs:
            samples += len(validation.inputs) * options.epochs // 3  # forward only
        sizes = [len(structure.scene.neurons[layer]) for layer in structure.scene.layers]
        plain = options.optimizer is plain_sgd and not (options.penalties or options.alpha)
        share = np.count_nonzero(data.inputs) / max(1, data.inputs.size)
        dense = structure.is_dense
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
    a_sample = (
        RATES["sample"]
        + RATES["neuron of a sample"] * sum(sizes[1:])
        + RATES["weight of a sample"] * active
    )
    a_weight = RATES["weight of a plain step" if is_plain else "weight of another step"]
    a_step = RATES["step"] + a_weight * weights
    return (a_sample * samples + a_step * steps) * (1.0 if is_dense else SLOWER)
