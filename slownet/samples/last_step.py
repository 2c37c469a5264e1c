"""What the numbers of a net come from: the samples of its last step, and what the step was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

MOST_KEPT = 1_000_000  # numbers of a batch, or of a net, that are kept of a last step
AGAIN = (  # what helps where a step is not known any more
    "history.explain(step, quantity, (X, y)) repeats a step of a training with snapshots or a run file, "
    "and net.explain(quantity, X, y) explains a step from here on"
)


@dataclass(eq=False)
class LastStep:
    """A step of a training, or samples that were sent forward and backward by hand.

    Attributes
    ----------
    samples : list of list of float, or None
        The inputs of the batch, as the net gets them; None if they are too many to be kept.
    targets : list of list of float
        One number for each output, for every sample.
    weights : list of float or None
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
    loss : float or None
        What the training has recorded as its loss; None if nothing has.
    lost : str
        Why what the step began with is not known; "" if it is.
    others : int
        How many samples the gradients of the net add up beside these, which are not known any more.
    explained : optional
        What `slownet.explain` has made of it.
    """

    samples: list[list[float]] | None
    targets: list[list[float]]
    weights: list[float] | None = None
    rows: Sequence[int] | None = None
    step: int | None = None
    steps_per_epoch: int = 1
    options: Any = None
    rate: float | None = None
    before: Callable[[], tuple[Any, dict[Any, tuple[float, float]]]] | None = None
    loss: float | None = None
    lost: str = ""
    others: int = 0
    explained: Any = field(default=None, repr=False)

    def row(self, sample: int) -> int:
        """Return the row in the data of a sample, by its place in the batch."""
        return sample if self.rows is None else self.rows[sample]


def with_sample(net: Any, targets: Sequence[float]) -> LastStep:
    """Return what is known of the samples that were sent by hand, with the last one, which goes back."""
    last, inputs, weight = net._last, list(net.wiring.inputs.values), net.sample_weight
    if not net.samples:
        return LastStep([inputs], [list(targets)], [weight])
    is_by_hand = last is not None and last.step is None and last.rate is None and not last.others
    if last is None or not is_by_hand or last.samples is None:
        return LastStep([inputs], [list(targets)], [weight], others=net.samples)
    if (len(last.samples) + 1) * len(inputs) > MOST_KEPT:
        return LastStep([inputs], [list(targets)], [weight], others=net.samples)
    last.samples.append(inputs)
    last.targets.append(list(targets))
    last.weights.append(weight)
    last.explained = None
    return last  # type: ignore[no-any-return]


def with_update(net: Any, rate: float, numbers: Sequence[Any]) -> LastStep | None:
    """Return a step by hand that was followed by an update.

    `numbers` are those before it: (neuron, bias, weights, their values) of each neuron.
    """
    last: LastStep | None = net._last
    if last is not None and last.lost:
        return last
    if last is None or last.step is not None or last.rate is not None or last.others:
        return None

    def before() -> tuple[Any, dict[Any, tuple[float, float]]]:
        twin = net.copy()
        old = {
            weight: x
            for *_, weights, values in numbers
            for weight, x in zip(weights, values, strict=True)
        }
        biases = {neuron: bias for neuron, bias, *_ in numbers}
        for weight, its in zip(net.weights(), twin.weights(), strict=True):
            its.value = old.get(weight, weight.value)
        for neuron, its in zip(net.neurons(), twin.neurons(), strict=True):
            its.bias = biases.get(neuron, neuron.bias)
        return twin, {}

    return replace(last, rate=rate, before=before, explained=None)
