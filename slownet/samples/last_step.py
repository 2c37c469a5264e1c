"""What the numbers of a net come from: the samples of its last step, and what the step was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

MOST_KEPT = 1_000_000  # numbers of a batch, or of a net, that are kept of a last step


@dataclass(frozen=True, eq=False)
class LastStep:
    """A step of a training, or samples that were sent forward and backward by hand.

    Attributes
    ----------
    samples : sequence of list of float, or None
        The inputs of the batch, as the net gets them; None if they are too many to be kept.
    targets : sequence of list of float
        One number for each output, for every sample.
    weights : sequence of float or None
        What the loss of each sample counts; None if all count the same.
    rows : sequence of int or None
        Which samples of the data these are, in the order of the batch.
    step : int or None
        The number of the step in its training; None for samples that were sent by hand.
    steps_per_epoch : int
        Of the training.
    options : Options or None
        Of the training; None for gradient descent by hand.
    rate : float or None
        The learning rate of the step; None if nothing was updated.
    before : callable or None
        Returns the net before the step, and what the optimizer remembered then:
        (net, {weight or neuron: (first, second)}). None if the net itself still has its numbers.
    is_kept : bool
        Whether the numbers before the step are known.
    """

    samples: Sequence[list[float]] | None
    targets: Sequence[list[float]]
    weights: Sequence[float] | None = None
    rows: Sequence[int] | None = None
    step: int | None = None
    steps_per_epoch: int = 1
    options: Any = None
    rate: float | None = None
    before: Callable[[], tuple[Any, dict[Any, tuple[float, float]]]] | None = None
    is_kept: bool = True
