"""Random nets and data for the property tests."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from slownet import Net, NetFactory, Weight, functions

HIDDEN = ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "softmax"]
TASKS = {  # loss: output activations that go with it
    "cross_entropy": ["softmax", "sigmoid"],
    "binary_cross_entropy": ["sigmoid", "softmax"],
    "squared_error": ["linear", "tanh", "softmax", "relu", "sigmoid"],
    "mean_squared_error": ["linear", "softplus", "elu"],
    "mean_absolute_error": ["linear", "leaky_relu"],
    "huber": ["linear", "tanh"],
    "hinge": ["linear", "tanh"],
}

OPTIMIZERS = [
    "sgd",
    "rmsprop",
    "adam",
    functions.sgd(0.9),
    functions.sgd(0.5, nesterov=True),
    functions.rmsprop(0.5, 1e-3),
    functions.adam(0.5, 0.9, 1e-4),
]
SCHEDULES = [None, "step", "exponential", "cosine", functions.step(1, 0.3)]


@st.composite
def nets(draw: st.DrawFn) -> Net:
    """A random net: depth, sizes, activations, skip connections, removed and frozen weights, biases."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=5))
    loss = draw(st.sampled_from(sorted(TASKS)))
    output = draw(st.sampled_from(TASKS[loss]))
    if output == "softmax" or loss == "cross_entropy":
        sizes[-1] = max(sizes[-1], 2)
    hidden = [draw(st.sampled_from(HIDDEN)) for _ in sizes[1:-1]]
    seed = draw(st.integers(0, 2**32))
    net = NetFactory(sizes, hidden, output, "glorot_normal", draw(st.booleans()), seed).new()
    net.loss = loss
    rng = np.random.default_rng(seed)
    for neuron in net.neurons():
        if neuron.has_bias:
            neuron.bias = float(rng.normal())
    for _ in range(draw(st.integers(0, 4))):  # skip connections
        first, last = sorted(draw(st.sets(st.sampled_from(sorted(net.layers)), min_size=2, max_size=2)))
        if last - first > 1:
            source = net.layers[first].neurons[draw(st.integers(0, sizes[first] - 1))]
            target = net.layers[last].neurons[draw(st.integers(0, sizes[last] - 1))]
            weight_id = ((first, source.id), (last, target.id))
            if weight_id not in source.weights["out"]:
                Weight(weight_id, target, source, float(rng.normal()))
    weights = list(net.weights())
    for place in draw(st.sets(st.integers(0, len(weights) - 1), max_size=len(weights) // 2)):
        weights[place].remove()
    for weight in net.weights():
        weight.frozen = bool(rng.random() < 0.2)
    return net


def batch_for(
    net: Net, count: int, seed: int
) -> tuple[list[list[float]], list[object], list[list[float]]]:
    """Random samples, their targets as a user gives them, and as one number an output neuron."""
    rng = np.random.default_rng(seed)
    inputs = len(net.inputs)
    outputs = len(net.outputs)
    X = rng.normal(size=(count, inputs))
    X[rng.random(X.shape) < 0.2] = 0.0
    kind = net.loss.target_kind
    if kind == "class":
        labels = rng.integers(0, outputs, count)
        return X.tolist(), labels.tolist(), np.eye(outputs)[labels].tolist()
    if kind == "number":
        targets = rng.normal(size=(count, outputs))
    else:
        targets = rng.integers(0, 2, (count, outputs)).astype(float)
        if kind == "sign":
            targets = 2.0 * targets - 1.0
    return X.tolist(), targets.tolist(), targets.tolist()
