"""How many operations a step has, in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slownet.functions import plain_sgd
from slownet.functions.activation import SoftmaxActivation

if TYPE_CHECKING:
    from slownet.explain.step import NotedStep


def closed_form(step: NotedStep, has_update: bool) -> int:
    """Return the number of operations of a step, from its graph and the zeros among its numbers.

    At the start one. For each sample:

    - an operation for each input; 2 for each neuron after them (z = bias, and its value) and 2 for
      each weight that is used, which is one whose source is not 0 and that is not dropped; 2 for
      the loss;
    - for each output its delta, or where the loss is no partner its slope (and its share of a
      mean), f'(z) and its delta (of softmax the delta alone);
    - if there is an error, for each hidden neuron its slope = 0, 2 for each weight to a neuron with
      an error, f'(z) and its delta (of softmax the delta alone);
    - for each neuron with an error the gradient of its bias, and 2 for each weight that is used;
    - with dropout 1 more for each hidden neuron, and 1 for its slope; with dropconnect 3 instead of
      2 for each weight; a sample of weight 0 has no way back, any other than 1 has 1 more for the
      loss and for each output.

    With an alpha 3, 2 for each neuron and 2 for each weight. At the end, for each weight and bias
    that is not frozen: 3 of plain descent; otherwise 2, with clipped values 1 more, for the memory
    of an optimizer 2, and for a weight 3 for each penalty and 2 for alpha. With a clipped norm 3, 2
    for each neuron, and 3 for each weight and bias that is not frozen.
    """
    count = 1 + sum(_of_sample(step, k) for k in range(len(step.last.targets)))
    neurons = [neuron for layer in step.wiring.layers for neuron in layer.neurons]
    weights = [weight for neuron in neurons for weight in neuron.weights["in"].values()]
    engine, has_weight = step.engine, bool(float(step.weight_sum))
    if engine.alpha and has_weight:
        count += 3 + 2 * len(neurons) + 2 * len(weights)
    if has_update and has_weight:
        biases = sum(neuron.learns_bias for neuron in neurons)
        free = sum(not weight.frozen for weight in weights)
        if engine.clip_norm is not None:
            count += 3 + 2 * len(neurons) + 3 * (free + biases)
        count += _of_update(step) * (free + biases)
        if not step.is_plain:
            count += free * (3 * len(engine.penalties) + 2 * bool(engine.alpha))
    return count


def _of_update(step: NotedStep) -> int:
    """Return the operations that update a number, without penalties."""
    if step.is_plain:
        return 3
    has_memory = step.engine.optimizer.function is not plain_sgd.function
    return 2 + (step.engine.clip_value is not None) + 2 * has_memory


def _of_sample(step: NotedStep, k: int) -> int:
    layers, tape, engine = step.wiring.layers, step.tape, step.engine
    dropout, product = bool(engine.dropout), 3 if engine.dropconnect else 2

    def number(what: str, thing: Any) -> float:
        return tape.results[step.place(what, thing, k) or 0]

    def is_kept(weight: Any) -> bool:
        return not engine.dropconnect or number("keep", weight) != 0.0

    def used(neuron: Any) -> int:
        """Count the weights into a neuron that take part."""
        weights = neuron.weights["in"].values()
        return sum(number("value", w.outgoing) != 0.0 and is_kept(w) for w in weights)

    output, hidden = layers[-1], [neuron for layer in layers[:-1] for neuron in layer.neurons]
    neurons = [*hidden, *output.neurons]
    count = len(step.wiring.inputs.neurons) + 2 + dropout * len(hidden)
    count += sum(2 + product * used(neuron) for neuron in neurons)
    weight = 1.0 if step.last.weights is None else step.last.weights[k]
    if weight == 0.0:
        return count
    if weight != 1.0:
        count += 1 + len(output.neurons)
    is_partner = step.loss.partner is output.activation.plain  # type: ignore[union-attr]
    count += len(output.neurons) * (1 if is_partner else 1 + step.loss.mean + _delta(output))
    if any(number("delta", neuron) for neuron in output.neurons):
        for neuron in hidden:
            above = neuron.weights["out"].values()
            sent = sum(number("delta", w.incoming) != 0.0 and is_kept(w) for w in above)
            count += 1 + dropout + product * sent
        count += sum(_delta(layer) * len(layer.neurons) for layer in layers[:-1])
    return count + sum(1 + product * used(neuron) for neuron in neurons if number("delta", neuron))


def _delta(layer: Any) -> int:
    return 1 if isinstance(layer.activation.plain, SoftmaxActivation) else 2
