"""A step as single operations, in the order and with the names of the page.

`page/assets/engine/operations.js` and `updating.js` say which order that is. Here the numbers are read
from the tape of a step; only the sums of squares are added up again.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from slownet.explain.order_update import UpdateOrder, Written
from slownet.explain.tape import SAME
from slownet.functions.activation import SoftmaxActivation
from slownet.graph_checks import where

if TYPE_CHECKING:
    from collections.abc import Callable


class Part(NamedTuple):
    """Operations that belong together: those of a neuron in a phase."""

    phase: str
    owner: str
    write: Callable[[], Iterator[Written]]


class Order(UpdateOrder):
    """Writes a step on a tape as operations.

    Parameters
    ----------
    step : NotedStep
        With all gradients, and all updates if it is to have them.
    """

    def parts(self) -> Iterator[Part]:
        """Yield the parts of the step, in order."""
        yield Part("begin", "the step", self._begin)
        for sample in range(len(self.step.last.targets)):
            yield from self._sample(sample)
        engine = self.step.engine
        if engine.alpha and float(self.step.weight_sum):
            yield Part("penalty", "the step", self._penalty)
        if self.has_update and float(self.step.weight_sum):
            if engine.clip_norm is not None:
                yield Part("clip", "the step", self._norm)
            for layer in self.layers:
                for neuron in layer.neurons:
                    for weight in neuron.weights["in"].values():
                        if not weight.frozen:
                            yield Part("update", _owner(weight), partial(self._move, weight))
                    if neuron.learns_bias:
                        yield Part("update", _owner(neuron), partial(self._move, neuron))

    def _sample(self, k: int) -> Iterator[Part]:
        tape, step = self.tape, self.step
        yield Part("input", f"sample {k}", partial(self._inputs, k))
        for layer in self.layers:
            for neuron in layer.neurons:
                yield Part("forward", where(neuron), partial(self._z, neuron, k))
            for neuron in layer.neurons:
                yield Part("forward", where(neuron), partial(self._value, layer, neuron, k))
        yield Part("loss", f"sample {k}", partial(self._loss, k))
        weights = step.last.weights
        output = self.layers[-1]
        if weights is None or weights[k] != 0.0:
            yield Part("backward", where(output.neurons[0].layer), partial(self._output_deltas, k))
            if any(self._number("delta", neuron, k) for neuron in output.neurons):
                for layer in reversed(self.layers[:-1]):
                    for neuron in layer.neurons:
                        yield Part("backward", where(neuron), partial(self._slope, neuron, k))
                    owner = where(layer.neurons[0].layer)
                    yield Part("backward", owner, partial(self._deltas, layer, k))
        for layer in self.layers:
            for neuron in layer.neurons:
                if tape.results[self._at("delta", neuron, k)]:
                    yield Part("gradients", where(neuron), partial(self._gradients, neuron, k))
        yield Part("loss", f"sample {k}", partial(self._total, k))

    # forward

    def _begin(self) -> Iterator[Written]:
        yield "total", "=", (0.0,), (0.0,), 0.0

    def _inputs(self, k: int) -> Iterator[Written]:
        for neuron in self.step.wiring.inputs.neurons:
            value = self._number("value", neuron, k)
            yield self._name("value", neuron), "=", (value,), (value,), value

    def _z(self, neuron: Any, k: int) -> Iterator[Written]:
        name = self._name("z", neuron)
        bias = float(neuron.bias)
        yield name, "=", (self._name("bias", neuron),), (bias,), bias
        for before, term, after in self._chain(self._at("z", neuron, k)):
            yield from self._product(term)
            yield self._pair(name, "+", (name, "product"), before, term, after)

    def _value(self, layer: Any, neuron: Any, k: int) -> Iterator[Written]:
        name, activation = self._name("value", neuron), layer.activation.plain
        is_dropping = self.is_dropping and layer is not self.layers[-1]
        raw = self._number("raw" if is_dropping else "value", neuron, k)
        neurons = layer.neurons if isinstance(activation, SoftmaxActivation) else [neuron]
        terms = tuple(self._name("z", each) for each in neurons)
        numbers = tuple(self._number("z", each, k) for each in neurons)
        yield name, activation.name, terms, numbers, raw
        if is_dropping:
            keep = self._number("keep", neuron, k)
            kept = self._number("value", neuron, k)
            yield name, "*", (name, self._name("keep", neuron)), (raw, keep), kept

    # backward

    def _loss(self, k: int) -> Iterator[Written]:
        step, loss = self.step, self.step.loss
        outputs, weights = self.layers[-1].neurons, step.last.weights
        weight = 1.0 if weights is None else weights[k]
        what = step.engine.of_one
        is_weighted = weight not in (0.0, 1.0)
        own = self._number("own_loss" if is_weighted else what, None, k)
        terms = tuple(self._name("value", each) for each in outputs)
        numbers = tuple(self._number("value", each, k) for each in outputs)
        yield "loss", loss.name, terms, numbers, own
        if is_weighted:
            yield "loss", "*", (weight, "loss"), (weight, own), self._number(what, None, k)

    def _output_deltas(self, k: int) -> Iterator[Written]:
        tape, step = self.tape, self.step
        output: Any = self.layers[-1]
        loss, weights = step.loss, step.last.weights
        weight = 1.0 if weights is None else weights[k]
        is_partner = loss.partner is output.activation.plain
        for neuron in output.neurons:
            value, target = (self._number(what, neuron, k) for what in ("value", "target"))
            terms = (self._name("value", neuron), target)
            if is_partner:
                found = tape.results[self._unweighted(self._at("delta", neuron, k), weight)]
                yield self._name("delta", neuron), "-", terms, (value, target), found
                continue
            name = self._name("slope", neuron)
            found = self._number("loss_slope", neuron, k)
            yield name, f"{loss.name}'", terms, (value, target), found
            if loss.mean:
                share = 1.0 / len(output.neurons)
                yield name, "*", (share, name), (share, found), self._number("slope", neuron, k)
        if not is_partner:
            yield from self._deltas(output, k, weight)
        if weight != 1.0:
            for neuron in output.neurons:
                name, place = self._name("delta", neuron), self._at("delta", neuron, k)
                own = tape.results[self._unweighted(place, weight)]
                yield name, "*", (weight, name), (weight, own), tape.results[place]

    def _unweighted(self, delta: int, weight: float) -> int:
        return delta if weight == 1.0 else self.tape.b[delta]

    def _slope(self, neuron: Any, k: int) -> Iterator[Written]:
        name, place = self._name("slope", neuron), self._at("slope", neuron, k)
        yield name, "=", (0.0,), (0.0,), 0.0
        tape = self.tape
        summed = place
        if self.is_dropping:
            summed = tape.a[place]
            if tape.codes[place] == SAME:  # 0.0 * keep
                summed = -1
        for before, term, after in self._chain(summed) if summed >= 0 else ():
            yield from self._product(term)
            yield self._pair(name, "+", (name, "product"), before, term, after)
        if self.is_dropping:
            kept = self._number("keep", neuron, k)
            so_far = tape.results[summed] if summed >= 0 else 0.0
            terms = (name, self._name("keep", neuron))
            yield name, "*", terms, (so_far, kept), tape.results[place]

    def _deltas(self, layer: Any, k: int, weight: float = 1.0) -> Iterator[Written]:
        activation, neurons = layer.activation.plain, layer.neurons
        what = "raw" if self.is_dropping and layer is not self.layers[-1] else "value"
        for neuron in neurons:
            name, slope = self._name("delta", neuron), self._number("slope", neuron, k)
            delta = self.tape.results[self._unweighted(self._at("delta", neuron, k), weight)]
            if isinstance(activation, SoftmaxActivation):
                names = [self._name(each, n) for each in ("value", "slope") for n in neurons]
                numbers = [self._number(each, n, k) for each in (what, "slope") for n in neurons]
                yield name, f"{activation.name}'", tuple(names), tuple(numbers), delta
                continue
            found = self._number("derivative", neuron, k)
            z = self._number("z", neuron, k)
            yield "derivative", f"{activation.name}'", (self._name("z", neuron),), (z,), found
            yield name, "*", (self._name("slope", neuron), "derivative"), (slope, found), delta

    # gradients

    def _gradients(self, neuron: Any, k: int) -> Iterator[Written]:
        delta = self._at("delta", neuron, k)
        name = self._name("bias_grad", neuron)
        before, term, after = self._link(neuron, delta)
        yield self._pair(name, "+", (name, self._name("delta", neuron)), before, term, after)
        for weight in neuron.weights["in"].values():
            link = self._link(weight, delta)
            if link is not None:
                before, product, after = link
                yield from self._product(product)
                name = self._name("grad", weight)
                yield self._pair(name, "+", (name, "product"), before, product, after)

    def _link(self, thing: Any, delta: int) -> Any:
        """Return the addition by which a sample's delta has entered a gradient."""
        if thing not in self._links:
            tape, is_bias = self.tape, hasattr(thing, "bias")
            chain = self._chain(self._at("bias_grad" if is_bias else "grad", thing))
            self._links[thing] = {(link[1] if is_bias else tape.a[link[1]]): link for link in chain}
        return self._links[thing].get(delta)

    def _total(self, k: int) -> Iterator[Written]:
        if not self._totals:
            self._totals = self._chain(self.step.total)
        before, loss, after = self._totals[k]
        yield self._pair("total", "+", ("total", "loss"), before, loss, after)


def _owner(thing: Any) -> str:
    if hasattr(thing, "bias"):
        return f"the bias of {where(thing)}"
    return f"the weight from {where(thing.outgoing)} to {where(thing.incoming)}"
