"""The scalar engine: the object loops, weight by weight."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial, reduce
from math import inf, isfinite, sqrt
from operator import add
from typing import TYPE_CHECKING, Any

from slownet import checked_passes, passes
from slownet.checks import as_float
from slownet.engines.protocol import SECONDS_AT_ONCE
from slownet.errors import DivergedError, EngineError, warn_once
from slownet.functions import plain_sgd
from slownet.functions.builtin import is_builtin
from slownet.functions.clipping import clipped, norm_factor
from slownet.functions.randomness import Use, key, uniforms
from slownet.functions.table import not_a_number
from slownet.recording import take

if TYPE_CHECKING:
    from slownet.engines.protocol import Memory, Outputs
    from slownet.functions import Optimizer, Regularizer
    from slownet.functions.optimizer import Rule
    from slownet.objects import Net, Neuron, Weight
    from slownet.recording import Graph, Snapshot
    from slownet.samples import Batches, Samples
    from slownet.wiring import Parameters, Wiring

# Adding a step smaller than this to a finite float64 cannot overflow: it is far below half the
# distance between the largest float64 and its neighbour.
SAFE_STEP = 2.0**960
WORTH_A_WARNING = 0.1  # seconds that the compiled engine would have saved


@dataclass
class ScalarEngine:
    """The `Engine` that runs batches on the objects themselves.

    Attributes
    ----------
    net : Net
        The net that learns.
    batches : Batches
        The batch of each step.
    optimizer : Optimizer
        The rule that updates every weight and bias.
    penalties : sequence of (Regularizer, strength)
        Their derivatives are added to the gradient of every weight.
    dropout, dropconnect : float
        The share of hidden neurons, and of weights, that is dropped for each sample.
    clip_norm, clip_value : float or None
        The largest norm of the mean gradients, and the largest mean gradient.
    alpha : float
        The penalty alpha / 2 * w^2 on every weight, a term of the batch's sum of losses.
    seed : int
        The seed of the random numbers that choose them.
    undisturbed : bool
        Whether nothing else changes the net's numbers or graph between two batches.
    memory : dict
        The optimizer's state, as in `Engine`.
    """

    net: Net
    batches: Batches
    optimizer: Optimizer = plain_sgd
    penalties: Sequence[tuple[Regularizer, float]] = ()
    dropout: float = 0.0
    dropconnect: float = 0.0
    clip_norm: float | None = None
    clip_value: float | None = None
    alpha: float = 0.0
    seed: int = 0
    undisturbed: bool = False
    memory: Memory = field(default_factory=dict)
    _is_stale: bool = True
    _touched: list[Parameters] | None = None
    _gradient_bound: float = 0.0
    _seconds_per_step: float = 0.0
    _delayed_error: Exception | None = None

    @property
    def steps_at_once(self) -> int:
        """As in `Engine`; 1 where something else sees the net between two batches."""
        if not self.undisturbed or not self._seconds_per_step:
            return 1
        return max(1, int(SECONDS_AT_ONCE / self._seconds_per_step))

    def advance(self, step: int, rates: Sequence[float]) -> tuple[list[float], list[int]]:
        """As in `Engine`."""
        if self._delayed_error is not None:
            error, self._delayed_error = self._delayed_error, None
            raise error
        started = time.perf_counter()
        losses: list[float] = []
        correct: list[int] = []
        for number, rate in enumerate(rates, step):
            try:
                loss, right = self._take_step(number, rate)
            except Exception as error:
                if not losses:
                    raise
                self._delayed_error = error  # raised once the steps before are recorded
                break
            losses.append(loss)
            correct.append(right)
        self._seconds_per_step = (time.perf_counter() - started) / len(losses)
        return losses, correct

    def _take_step(self, step: int, rate: float) -> tuple[float, int]:
        """Take a step; return the sum of its samples' losses, and how many it predicted right."""
        batches, batch = self.batches, self.batches[step]
        targets = [batches.targets[index] for index in batch]
        samples = [batches.samples[index] for index in batch]
        weights = [1.0] * len(batch)
        if batches.weights is not None:
            weights = [batches.weights[index] for index in batch]
        losses, outputs = self.gradients(samples, targets, step, weights)
        total = 0.0
        for loss in losses:
            total += loss
        if self.alpha and self.net.weight_sum:
            if self._is_stale:
                self.net.wiring.make_floats()
                self._is_stale = False
            total += 0.5 * self.alpha * square_sum(self.net.wiring)
        if not isfinite(total):
            raise DivergedError("the loss is not finite")
        if self.net.weight_sum:
            self.update(rate, step)
        return total, sum(map(batches.encoder.is_right, outputs, targets))

    def write_back(self) -> None:
        """As in `Engine`: nothing to do, the objects always hold everything."""

    def refresh(self) -> None:
        """As in `Engine`: numbers may have been put into the objects that are no floats."""
        self._is_stale = True

    def take(self, step: int, epoch: float, samples: Samples | None, graph: Graph) -> Snapshot:
        """As in `Engine`."""
        memory = None if self.optimizer is plain_sgd else self.memory
        return take(self.net, step, epoch, samples or (), graph, memory)

    def outputs(self, samples: Samples) -> Iterable[Outputs]:
        """As in `Engine`; a sample is sent when its outputs are read."""
        return object_outputs(self.net, samples)

    def gradients(
        self,
        samples: Sequence[list[float]],
        targets: Sequence[list[float]],
        step: int,
        weights: Sequence[float],
    ) -> tuple[list[float], list[list[float]]]:
        """Add up the gradients of a batch.

        Parameters
        ----------
        samples, targets : sequences of list of float
            The batch: inputs, and one number an output neuron.
        step : int
            The number of the step, from 1: dropout depends on it.
        weights : sequence of float
            What the loss of each sample counts.

        Returns
        -------
        losses, outputs
            The loss of each sample, times its weight, and its output values.
        """
        net = self.net
        self._start_batch()
        wiring, loss = net.wiring, net.loss
        masks = bool(self.dropout), bool(self.dropconnect)
        dropping, run = any(masks), passes if self.undisturbed else checked_passes
        losses, outputs = [], []
        try:
            each = zip(samples, targets, weights, strict=True)
            for position, (sample, target, weight) in enumerate(each):
                if dropping:
                    self.drop(step, position)
                outputs.append(run.forward(wiring, sample, *masks))
                losses.append(run.backward(wiring, target, loss, *masks, weight))
                passes.add_gradients(wiring)
                self._gradient_bound += wiring.gradient_bound()
        finally:
            if dropping:
                self.keep_all()
        self._touched = list(wiring.touched())
        net.samples, net.sample_weight, net.weight_sum = len(losses), weights[-1], reduce(add, weights)
        if net.weight_sum:  # small weights make the mean larger than the sum
            self._gradient_bound *= max(1.0, 1.0 / net.weight_sum)
        return losses, outputs

    def update(self, learning_rate: float, step: int) -> None:
        """Update every weight and bias by the optimizer, from its mean gradient.

        Raises
        ------
        DivergedError
            If one would not stay finite; then the net and the optimizer's state are unchanged.
        """
        plain = self.optimizer is plain_sgd and not (self.penalties or self.clips or self.alpha)
        updates_unvisited = self.dropconnect or not plain  # weights that no pass has converted
        if self._is_stale and updates_unvisited:
            self.net.wiring.make_floats()
            self._is_stale = False
        if plain:
            if learning_rate * self._gradient_bound < SAFE_STEP * (1.0 - self.dropconnect):
                passes.descend(self._touched or (), learning_rate, self.net.weight_sum)
            else:
                self.net.update(learning_rate)
        else:
            self._optimize(learning_rate, step)

    def _optimize(self, learning_rate: float, step: int) -> None:
        rule, constants = _rule_of(self.optimizer), self.optimizer.constants(step)
        penalties = [(_derivative_of(each), strength) for each, strength in self.penalties]
        factor, clip_value = self._mean_factor(), self.clip_value
        share = self.alpha * (1.0 / self.net.weight_sum)
        memory, nothing = self.memory, (0.0, 0.0)
        updated: list[tuple[Weight | Neuron, float, tuple[float, float]]] = []
        for neuron, weights in self.net.wiring.parameters():
            for weight in weights:
                if weight.frozen:
                    continue
                gradient = factor * weight.grad
                if clip_value is not None:
                    gradient = clipped(gradient, clip_value)
                for derivative, strength in penalties:
                    gradient += strength * derivative(weight.value)
                if share:
                    gradient += share * weight.value
                first, second = memory.get(weight, nothing)
                value, first, second = rule(
                    weight.value, gradient, first, second, learning_rate, constants
                )
                if not isfinite(value):
                    raise DivergedError(f"the update of {weight} is not finite", weight=weight)
                updated.append((weight, value, (first, second)))
            if neuron.learns_bias:
                first, second = memory.get(neuron, nothing)
                gradient = factor * neuron.bias_grad
                if clip_value is not None:
                    gradient = clipped(gradient, clip_value)
                bias, first, second = rule(
                    neuron.bias, gradient, first, second, learning_rate, constants
                )
                if not isfinite(bias):
                    nearest = weights[0] if weights else None
                    raise DivergedError(
                        f"the update of the bias of {neuron} is not finite", weight=nearest
                    )
                updated.append((neuron, bias, (first, second)))
        for thing, number, numbers in updated:
            memory[thing] = numbers
            if hasattr(thing, "bias"):
                thing.bias = number
            else:
                thing.value = number

    @property
    def clips(self) -> bool:
        """Whether gradients are clipped."""
        return self.clip_norm is not None or self.clip_value is not None

    def _mean_factor(self) -> float:
        """Return the factor of all gradients: 1 / (sum of weights), made smaller to clip the norm."""
        factor = 1.0 / self.net.weight_sum
        if self.clip_norm is None:
            return factor
        norm = gradient_norm(self.net.wiring, factor)
        if not isfinite(norm):
            raise DivergedError("the norm of the gradient is not finite")
        return factor * norm_factor(norm, self.clip_norm)

    def _start_batch(self) -> None:
        """Set the gradients to 0; if nothing else changes them, only those of the last batch."""
        net = self.net
        if self._touched is None or not self.undisturbed:
            net.zero_grad()
        else:
            for neuron, weights in self._touched:
                neuron.bias_grad = 0.0
                for weight in weights:
                    weight.grad = 0.0
            net.wiring.forget_touched()
        net.samples, net.weight_sum = 0, 0.0
        self._gradient_bound = 0.0

    def drop(self, step: int, position: int) -> None:
        """Draw which hidden neurons and which weights are dropped for a sample."""
        net = self.net
        if self.dropout:
            hidden = [neuron for layer in net.wiring.layers[:-1] for neuron in layer.neurons]
            self._draw(hidden, self.dropout, key(self.seed, Use.DROPOUT, step, position))
        if self.dropconnect:
            place = key(self.seed, Use.DROPCONNECT, step, position)
            self._draw(list(net.weights()), self.dropconnect, place)

    def _draw(self, things: Sequence[Neuron | Weight], share: float, place: int) -> None:
        kept = 1.0 / (1.0 - share)
        for thing, draw in zip(things, uniforms(place, len(things)).tolist(), strict=True):
            thing.keep = kept if draw >= share else 0.0

    def keep_all(self) -> None:
        """Undo `drop`: keep every neuron and weight."""
        for neuron in self.net.neurons():
            neuron.keep = 1.0
        for weight in self.net.weights():
            weight.keep = 1.0


def gradient_norm(wiring: Wiring, factor: float) -> float:
    """Return the root of the sum of the squares of all mean gradients, factor * grad.

    For each neuron they are added up in the order of its sum z, the bias first; then those of all
    neurons. What is frozen is left out.
    """
    total = 0.0
    for layer in wiring.layers:
        for neuron in layer.neurons:
            square = 0.0
            if neuron.learns_bias:
                square += (factor * neuron.bias_grad) * (factor * neuron.bias_grad)
            for weight in neuron.weights["in"].values():
                if not weight.frozen:
                    square += (factor * weight.grad) * (factor * weight.grad)
            total += square
    return sqrt(total)


def square_sum(wiring: Wiring) -> float:
    """Return the sum of the squares of all weights.

    For each neuron they are added up in the order of its sum z; then those of all neurons.
    """
    total = 0.0
    for layer in wiring.layers:
        for neuron in layer.neurons:
            square = 0.0
            for weight in neuron.weights["in"].values():
                square += weight.value * weight.value
            total += square
    return total


def _rule_of(optimizer: Optimizer) -> Rule:
    """Return the function of an optimizer; that of an own one may return numbers of another type."""
    function, name = optimizer.function, f"a number that optimizer {optimizer.name!r} returns"
    if is_builtin(function):
        return function

    def rule(*arguments: Any) -> tuple[float, float, float]:
        try:
            value, first, second = function(*arguments)
        except (TypeError, ValueError) as error:
            what = "three numbers, the new value and its two numbers of memory,"
            raise not_a_number(f"the rule of optimizer {optimizer.name!r}", error, what) from error
        return as_float(name, value), as_float(name, first), as_float(name, second)

    return rule


def _derivative_of(regularizer: Regularizer) -> Callable[[float], float]:
    """Return the derivative of a regularizer; that of an own one may return another type of number."""
    function, name = regularizer.derivative, f"what regularizer {regularizer.name!r} returns"
    if is_builtin(function):
        return function

    def derivative(weight: float) -> float:
        try:
            return as_float(name, function(weight))
        except (TypeError, ValueError) as error:
            raise not_a_number(f"the derivative of regularizer {regularizer.name!r}", error) from error

    return derivative


def object_outputs(net: Net, samples: Samples) -> Iterable[Outputs]:
    """Send samples through a net's objects, one by one as the results are read; return the outputs."""
    return map(partial(_outputs, net.wiring), samples)


def _outputs(wiring: Wiring, sample: list[float]) -> Outputs:
    values = checked_passes.forward(wiring, sample)
    return wiring.output.zs, values


def warn_of_object_loops(error: EngineError, lost: float = inf) -> None:
    """Warn, once for each reason, that the object loops are used, if that costs enough seconds."""
    if lost > WORTH_A_WARNING:
        warn_once(f"using the object loops, which are slower: {error}")
