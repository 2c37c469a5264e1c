"""The operations of a trace, done again with numbers alone."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

from slownet.functions import clipping
from slownet.functions.activation import SoftmaxActivation

if TYPE_CHECKING:
    from slownet.explain.step import NotedStep
    from slownet.explain.trace import Operation


class Redoing:
    """Does operations again: their names stand for the numbers that earlier ones have given.

    Parameters
    ----------
    step : NotedStep
        Has the formulas, and the weights and biases with which it begins.
    """

    def __init__(self, step: NotedStep) -> None:
        self.step = step
        self.known: dict[str, float] = {}
        self.activations = {
            layer.neurons[0].layer.id: layer.activation.plain  # type: ignore[union-attr]
            for layer in step.wiring.layers
        }
        self.loss = step.loss
        self.constants = step.engine.optimizer.constants(step.last.step or 1)
        self._penalty = 0
        self._sample = -1

    def result(self, operation: Operation) -> float:
        """Return what an operation gives; the numbers it names must be those that it is said to have."""
        numbers = [
            float(self.known.get(term, number)) if isinstance(term, str) else number
            for term, number in zip(operation.terms, operation.numbers, strict=True)
        ]
        found = float(self._result(operation, numbers))
        self.known[operation.name] = found
        return found

    def _result(self, operation: Operation, numbers: list[float]) -> Any:
        sign, a, b = operation.sign, numbers[0], numbers[-1]
        if operation.phase == "input":
            self._sample += operation.name == self.first_input
        if sign == "=":
            return a
        if sign == "+":
            return a + b
        if sign == "-":
            return a - b
        if sign == "*":
            return a * b
        if sign == "sqrt":
            return sqrt(a)
        if sign == "clip":
            function = clipping.norm_factor if operation.name == "clip" else clipping.clipped
            return function(a, b)
        return self._formula(operation, numbers)

    @property
    def first_input(self) -> str:
        """The name of the first number of a sample."""
        neuron: Any = self.step.wiring.inputs.neurons[0]
        return f"value_{neuron.layer.id}_{neuron.id}"

    def _formula(self, operation: Operation, numbers: list[float]) -> Any:
        name, phase = operation.name, operation.phase
        if phase == "loss":
            return self._loss(numbers)
        if phase == "update":
            return self._update(operation, numbers)
        what, layer, neuron = (*name.split("_"), "", "")[:3]
        if what == "value":
            return self._value(int(layer), int(neuron), numbers)
        if what == "slope":
            return self.loss.derivative(*numbers)
        if what == "delta":  # of softmax
            return self._softmax_delta(int(layer), int(neuron), numbers)
        layer = operation.terms[0].split("_")[1]  # type: ignore[union-attr]
        return self._derivative(int(layer), str(operation.terms[0]), numbers[0])

    def _value(self, layer: int, neuron: int, zs: list[float]) -> float:
        activation = self.activations[layer]
        if isinstance(activation, SoftmaxActivation):
            value = float(activation.values(zs)[self._place(layer, neuron)])
        else:
            value = float(activation.function(zs[0]))
        self.known[f"raw_{layer}_{neuron}"] = value
        return value

    def _derivative(self, layer: int, name: str, z: float) -> float:
        raw = self.known[name.replace("z", "raw", 1)]
        return float(self.activations[layer].derivative(z, raw))

    def _softmax_delta(self, layer: int, neuron: int, numbers: list[float]) -> float:
        slopes = numbers[len(numbers) // 2 :]
        neurons: Any = self.step.twin.layers[layer]
        values = [self.known[f"raw_{layer}_{each.id}"] for each in neurons]  # before dropout
        return self.activations[layer].deltas([], values, slopes)[self._place(layer, neuron)]  # type: ignore[no-any-return]

    def _place(self, layer: int, neuron: int) -> int:
        return [each.id for each in self.step.twin.layers[layer]].index(neuron)

    def _loss(self, values: list[float]) -> float:
        step = self.step
        if step.last.weights is not None and step.last.weights[self._sample] == 0.0:
            return 0.0
        outputs: Any = step.wiring.output
        layer = outputs.neurons[0].layer.id
        zs = [self.known[f"z_{layer}_{neuron.id}"] for neuron in outputs.neurons]
        targets = step.last.targets[self._sample]
        return self.loss.of_sample(self.activations[layer], zs, values, targets)

    def _update(self, operation: Operation, numbers: list[float]) -> float:
        if operation.sign == "penalty'":
            penalties = self.step.engine.penalties
            penalty, _ = penalties[self._penalty % len(penalties)]
            self._penalty += 1
            return float(penalty.derivative(numbers[0]))
        rule = self.step.engine.optimizer.function
        value, mean, first, second, rate = operation.numbers
        results = rule(value, mean, first, second, rate, self.constants)
        kind = operation.name.split("_")[0]
        return float(results[{"first": 1, "second": 2}.get(kind, 0)])
