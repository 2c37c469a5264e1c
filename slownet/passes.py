"""The passes: forward, backward, gradients and gradient descent, over Weight objects.

These are the loops of the textbook. `slownet.wiring` gives them the neurons of each layer in groups, and
for each neuron those of its weights for which the product is not 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slownet.functions import Loss
    from slownet.wiring import Parameters, Wiring


def forward(
    wiring: Wiring, inputs: list[float], dropout: bool = False, dropconnect: bool = False
) -> list[float]:
    """Send a sample from the input layer to the output layer; return the output values.

    Weighted input: z = bias + sum of weight * source value. Activation: value = f(z).
    """
    wiring.inputs.set_values(inputs)
    for layer in wiring.layers:
        for group in layer.incoming:
            for (neuron, weights), source_values in group.nonzero(group.values(), dropconnect):
                z = neuron.bias
                for weight, value in zip(weights, source_values):
                    z = z + weight.value * value  # += would change a bias that is an array
                neuron.z = z
        layer.zs = [neuron.z for neuron in layer.neurons]
        values = layer.activation.values(layer.zs)
        if dropout and layer is not wiring.output:
            values = [value * neuron.keep for neuron, value in zip(layer.neurons, values)]
        layer.set_values(values)
    return wiring.output.values


def backward(
    wiring: Wiring,
    targets: list[float],
    loss: Loss,
    dropout: bool = False,
    dropconnect: bool = False,
    sample_weight: float = 1.0,
) -> float:
    """Compute the deltas of the last sample, from the output layer back; return its loss.

    Slope: dL/dvalue = sum of weight * target delta. Delta: dL/dz = slope * f'(z). A hidden neuron's
    `delta` holds its slope until the whole layer has one. L is the sample's loss times its weight.
    """
    output = wiring.output
    if sample_weight == 0.0:  # not 0 times a loss that may be infinite
        for layer in wiring.layers:
            layer.set_deltas([0.0] * len(layer.neurons))
        return 0.0
    deltas = loss.deltas(output.activation, output.zs, output.values, targets)
    output.set_deltas(deltas if sample_weight == 1.0 else [sample_weight * each for each in deltas])
    for layer in reversed(wiring.layers[:-1]):
        if not any(output.deltas):  # zero error, frequent with hinge: every delta is 0
            layer.set_deltas([0.0] * len(layer.neurons))
            continue
        for group in layer.outgoing:
            for (neuron, weights), target_deltas in group.nonzero(group.deltas(), dropconnect):
                slope = 0.0
                for weight, delta in zip(weights, target_deltas):
                    slope += weight.value * delta
                neuron.delta = slope
        slopes, values = [neuron.delta for neuron in layer.neurons], layer.values
        if dropout:  # f' needs f(z) as it was before dropout
            slopes = [slope * neuron.keep for neuron, slope in zip(layer.neurons, slopes)]
            values = layer.activation.values(layer.zs)
        layer.set_deltas(layer.activation.deltas(layer.zs, values, slopes))
    found = loss.of_sample(output.activation, output.zs, output.values, targets)
    return found if sample_weight == 1.0 else sample_weight * found


def add_gradients(wiring: Wiring) -> None:
    """Add the gradients of the last sample: dL/dweight = delta * source value, dL/dbias = delta."""
    for layer in wiring.layers:
        if not any(layer.deltas):  # then every gradient is 0
            continue
        for group in layer.incoming:
            for (neuron, weights), source_values in group.nonzero_again():
                delta = neuron.delta
                if delta:
                    neuron.bias_grad += delta
                    for weight, value in zip(weights, source_values):
                        weight.grad += delta * value


def descend(parameters: Iterable[Parameters], learning_rate: float, samples: float) -> None:
    """Take one step of gradient descent: value = value - learning_rate * mean gradient.

    `samples` is their number or, where they have weights, the sum of these.
    """
    factor = 1.0 / samples
    for neuron, weights in parameters:
        for weight in weights:
            if not weight.frozen:
                weight.value -= learning_rate * (factor * weight.grad)
        if neuron.learns_bias:
            neuron.bias -= learning_rate * (factor * neuron.bias_grad)
