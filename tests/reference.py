"""An independent forward pass and loss over matrices, for autograd to differentiate."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np

from slownet import Net


def sigmoid(z: Any) -> Any:
    return 1.0 / (1.0 + anp.exp(-z))


def softmax(z: Any) -> Any:
    powers = anp.exp(z - anp.max(z))
    return powers / anp.sum(powers)


ACTIVATIONS = {
    "linear": lambda z: z,
    "sigmoid": sigmoid,
    "tanh": anp.tanh,
    "relu": lambda z: anp.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "elu": lambda z: anp.where(z > 0, z, anp.exp(anp.where(z > 0, 0.0, z)) - 1.0),
    "softplus": lambda z: anp.log1p(anp.exp(z)),  # log(1 + e^z) loses digits where e^z is small
    "exponential": anp.exp,
    "silu": lambda z: z * sigmoid(z),
    "gelu": lambda z: (
        z * anp.exp(-anp.logaddexp(0.0, -2.0 * anp.sqrt(2.0 / anp.pi) * (z + 0.044715 * z**3)))
    ),
    "selu": lambda z: (
        1.0507009873554804934
        * anp.where(z > 0, z, 1.6732632423543772848 * (anp.exp(anp.where(z > 0, 0.0, z)) - 1.0))
    ),
    "mish": lambda z: z * anp.tanh(anp.logaddexp(0.0, z)),
    "softmax": softmax,
}


def huber(a: Any, y: Any) -> Any:
    error = anp.abs(a - y)
    return anp.mean(anp.where(error <= 1.0, 0.5 * error**2, error - 0.5))


LOSSES = {
    "cross_entropy": lambda a, y: -anp.sum(y * anp.log(a)),
    "binary_cross_entropy": lambda a, y: -anp.sum(y * anp.log(a) + (1.0 - y) * anp.log(1.0 - a)),
    "squared_error": lambda a, y: 0.5 * anp.sum((a - y) ** 2),
    "mean_squared_error": lambda a, y: anp.mean((a - y) ** 2),
    "mean_absolute_error": lambda a, y: anp.mean(anp.abs(a - y)),
    "huber": huber,
    "log_cosh": lambda a, y: anp.mean(anp.log1p(2.0 * anp.sinh(0.5 * (a - y)) ** 2)),
    "poisson": lambda a, y: anp.sum(a - y - y * anp.log(a)) + np.sum(y * np.log(np.maximum(y, 1e-300))),
    "hinge": lambda a, y: anp.mean(anp.maximum(0.0, 1.0 - y * a)),
}


class MatrixNet:
    """The same net as matrices: the structure is read off once, the numbers come as one vector.

    The vector holds the weights in the order of `net.weights()`, then the biases of all neurons after
    the input layer.
    """

    def __init__(self, net: Net) -> None:
        self.ids = sorted(net.layers)
        self.loss = net.loss.name
        self.activations = {
            i: layer.activation.name if layer.activation else "linear" for i, layer in net.layers.items()
        }
        self.weights = list(net.weights())
        self.after = [n for n in net.neurons() if n.layer is not net.layers[self.ids[0]]]
        sizes = {i: len(net.layers[i]) for i in self.ids}
        order = {neuron: k for layer in net for k, neuron in enumerate(layer)}
        self.places: dict[tuple[int, int], Any] = {}
        for place, weight in enumerate(self.weights):
            pair = (weight.outgoing.layer.id, weight.incoming.layer.id)
            shape = (len(self.weights), sizes[pair[1]], sizes[pair[0]])
            spread = self.places.setdefault(pair, np.zeros(shape))
            spread[place, order[weight.incoming], order[weight.outgoing]] = 1.0
        self.bias_places: dict[int, Any] = {}
        for place, neuron in enumerate(self.after):
            spread = self.bias_places.setdefault(
                neuron.layer.id, np.zeros((len(self.after), sizes[neuron.layer.id]))
            )
            spread[place, order[neuron]] = float(neuron.has_bias)

    def vector(self) -> Any:
        return np.array([w.value for w in self.weights] + [n.bias for n in self.after])

    def gradient(self) -> Any:
        """What the objects hold, in the same order."""
        biases = [n.bias_grad * n.has_bias for n in self.after]
        return np.array([w.grad for w in self.weights] + biases)

    def forward(self, vector: Any, x: Any, keep_neurons: Any = None, keep_weights: Any = None) -> Any:
        weights = vector[: len(self.weights)]
        biases = vector[len(self.weights) :]
        if keep_weights is not None:
            weights = weights * keep_weights
        values = {self.ids[0]: anp.array(x)}
        for m in self.ids[1:]:
            z = anp.dot(biases, self.bias_places[m])
            for (source, target), spread in self.places.items():
                if target == m:
                    z = z + anp.dot(anp.tensordot(weights, spread, axes=1), values[source])
            values[m] = ACTIVATIONS[self.activations[m]](z)
            if keep_neurons is not None and m in keep_neurons:
                values[m] = values[m] * keep_neurons[m]
        return values[self.ids[-1]]

    def sample_loss(self, vector: Any, x: Any, y: Any, **keep: Any) -> Any:
        return LOSSES[self.loss](self.forward(vector, x, **keep), anp.array(y))
