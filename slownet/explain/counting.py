"""How many operations a step has, in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slownet.functions.activation import SoftmaxActivation

if TYPE_CHECKING:
    from slownet.explain.step import NotedStep


def closed_form(step: NotedStep, has_update: bool) -> int | None:
    """Return the number of operations of plain gradient descent; None for steps that do more.

    For each sample, with d = 1 where an output or neuron has an error and 0 where it has none:

    - an operation for each input, 2 for each neuron after them (z = bias, and its value) and 2 for each
      weight whose source is not 0;
    - 2 for the loss, and for each output its delta, or where the loss is no partner its slope (and its
      share of a mean), f'(z) and its delta (of softmax the delta alone);
    - if there is an error, for each hidden neuron its slope = 0, 2 for each weight to a neuron with an
      error, f'(z) and its delta (of softmax the delta alone);
    - for each neuron with an error the gradient of its bias, and 2 for each weight whose source is
      not 0.

    At the start one; at the end 3 for each weight and bias that is not frozen.
    """
    engine, last = step.engine, step.last
    if not step.is_plain or engine.dropout or engine.dropconnect or last.weights is not None:
        return None
    count = 1 + sum(_of_sample(step, k) for k in range(len(last.targets)))
    if has_update:
        for layer in step.wiring.layers:
            for neuron in layer.neurons:
                free = sum(not weight.frozen for weight in neuron.weights["in"].values())
                count += 3 * (free + neuron.learns_bias)
    return count


def _of_sample(step: NotedStep, k: int) -> int:
    layers, tape, net = step.wiring.layers, step.tape, step.net

    def number(what: str, neuron: Any) -> float:
        return tape.results[step.place(what, neuron, k) or 0]

    def sources(neuron: Any) -> int:
        return sum(number("value", w.outgoing) != 0.0 for w in neuron.weights["in"].values())

    count = len(step.wiring.inputs.neurons) + 2
    output = layers[-1]
    is_partner = net.loss.partner is output.activation.plain  # type: ignore[union-attr]
    count += len(output.neurons) * (1 if is_partner else 1 + net.loss.mean + _delta(output))
    has_error = any(number("delta", neuron) for neuron in output.neurons)
    for layer in layers:
        for neuron in layer.neurons:
            count += 2 + 2 * sources(neuron)
            if layer is not output and has_error:
                targets = (weight.incoming for weight in neuron.weights["out"].values())
                count += 1 + 2 * sum(number("delta", target) != 0.0 for target in targets)
                count += _delta(layer)
            if number("delta", neuron):
                count += 1 + 2 * sources(neuron)
    return count


def _delta(layer: Any) -> int:
    return 1 if isinstance(layer.activation.plain, SoftmaxActivation) else 2
