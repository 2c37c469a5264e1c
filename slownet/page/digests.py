"""Digests of all bits of a training, by which the page knows whether it has trained the same.

`assets/engine/digest.js` computes them, too, while it trains.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from slownet.errors import InvalidValueError
from slownet.functions.randomness import GAMMA, mix
from slownet.functions.schedules import constant
from slownet.page.encoding import Writer
from slownet.page.facts import Digests
from slownet.page.javascript import Translator
from slownet.page.recipe import (
    HALF,
    Recipe,
    Rows,
    UntrainableError,
    refuse_callbacks,
    refuse_other_numbers,
)
from slownet.recording import History, Snapshot
from slownet.recording.arithmetic import check_repeatable
from slownet.training.data import check_weighted, data_parts
from slownet.training.options import Options
from slownet.training.replaying import check_data, options_of

# callbacks that change nothing, or whose rates the history has
HARMLESS = ("Checkpoint", "Introduction", "LearningRate", "LiveView")
MOST_LOSSES = 20_000  # digests of losses: with more steps, one stands for several
MOST_STATES = 48  # digests of states; they are as close together as snapshots
Words = npt.NDArray[np.uint64]


def digest(*parts: Iterable[float]) -> int:
    """Return 64 bits that depend on every bit of some numbers, and on their order.

    It is the sum modulo 2^64 of random number i of the key that the bits of number i are. It finds what
    differs by accident; a page that somebody has forged is found by `slownet verify`.
    """
    numbers = np.concatenate([np.asarray(part, np.float64) for part in parts])
    return int(_drawn(numbers, np.arange(1, len(numbers) + 1, dtype=np.uint64)).sum(dtype=np.uint64))


def digest_of_state(snapshot: Snapshot) -> int:
    """Return the digest of weights, biases, and what the optimizer remembers: 0 where that is nan."""
    state = snapshot.state
    parts: list[Iterable[float]] = [snapshot.weights, snapshot.biases]
    if state is not None and state.first is not None and state.second is not None:
        known = map(np.array, (state.first, state.second))
        parts += [np.where(np.isnan(each), 0.0, each) for each in known]
    return digest(*parts)


def write_digests(writer: Writer, history: History, start: int) -> Digests:
    """Write the digests of a history after a step; return what is to be known of them."""
    losses = np.array(history.loss[start - history.start :])
    every = max(1, ceil(len(losses) / MOST_LOSSES))
    steps = np.arange(start + 1, start + 1 + len(losses), dtype=np.uint64)
    low = _drawn(losses, steps + np.uint64(1)) & np.uint64(HALF)
    sums = [int(low[k : k + every].sum(dtype=np.uint64)) & HALF for k in range(0, len(low), every)]
    writer.plain("digests of losses", np.array(sums, np.uint32).view(np.int32), "int32")
    states = [each for each in history.snapshots if each.step > start]
    kept = np.unique(np.linspace(0, len(states) - 1, min(len(states), MOST_STATES)).astype(int))
    found = {states[k].step: digest_of_state(states[k]) for k in kept}
    return {
        "start": start,
        "steps": start + len(losses),
        "every": every,
        "states": [(step, each >> 32, each & HALF) for step, each in found.items()],
    }


def recipe_of(
    history: History,
    data: Any,
    validation_data: Any = None,
    translator: Translator | None = None,
    writer: Writer | None = None,
    rows: Rows | None = None,
    begins: bool = True,
) -> Recipe:
    """Return the recipe of a training that was recorded, from its first state on, with its digests.

    Parameters
    ----------
    history : History
        With a state of its start.
    data : (X, y) or (X, y, sample_weight)
        The training data.
    validation_data : optional
        As for `fit`, if the training had some.
    translator, writer, rows, begins
        As for `Recipe`. Without a beginning there are no digests.

    Raises
    ------
    TypeError, ValueError
        As for `Recipe`; or if the history has no state, a callback may have changed the net, or steps
        depend on what the page does not have: the epochs before a branch, another number of epochs.
    RecordingError
        If the arithmetic or the data differ from those of the training.
    """
    X, y, weights = data_parts(data)
    config = history.config
    check_known_steps(history)
    check_weighted(config, weights)
    if history.net is not None:
        refuse_other_numbers(history.net)
    first = history.snapshots[0]
    options = options_of(history, sample_weight=weights, validation_data=validation_data)
    if begins:
        _check_beginning(history, options)
    check = partial(check_data, history)
    recipe = Recipe(first.restore(), X, y, options, first, translator, writer, rows, begins, check)
    if begins:
        recipe.facts["digests"] = write_digests(recipe.writer, history, first.step)
    return recipe


def _check_beginning(history: History, options: Options) -> None:
    """Raise ValueError if steps depend on what came before them, or on what is not given."""
    config, first = history.config, history.snapshots[0]
    if config.get("validates") and options.early_stopping and options.validation_data is None:
        raise UntrainableError(
            "the validation decided when this training stopped: give validation_data=(X, y) as before"
        )
    if options.early_stopping is not None and first.step > 0:
        raise UntrainableError(
            f"early stopping compares with epochs before step {first.step}, which a page of this branch "
            "does not have: branch with early_stopping=None"
        )
    check_schedule(history, options)


def check_known_steps(history: History) -> None:
    """Raise an error if a training cannot be repeated from its first state, with its config alone.

    Raises
    ------
    ValueError
        If it has no state, or a callback may have changed the net.
    RecordingError
        If it is of another arithmetic.
    """
    check_repeatable(history)
    if not history.snapshots:
        raise InvalidValueError("this history has no state to begin with: fit(snapshots=...) keeps some")
    if others := [name for name in history.config.get("callbacks", ()) if name not in HARMLESS]:
        refuse_callbacks(others)


def check_schedule(history: History, options: Options) -> None:
    """Raise ValueError if the rates of a training depend on an earlier number of epochs."""
    if history.config.get("earlier") and options.schedule is not constant:
        raise UntrainableError(
            "this training was resumed with another number of epochs, on which the rates of the "
            f"schedule {options.schedule.name!r} may depend: train from the beginning with "
            f"epochs={options.epochs}"
        )


def _drawn(numbers: npt.NDArray[np.float64], places: Words) -> Words:
    return mix(numbers.view(np.uint64) + places * np.uint64(GAMMA))
