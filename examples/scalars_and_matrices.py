"""The same pass as scalars and as matrices, and what every neuron and weight was during training.

    python examples/scalars_and_matrices.py

takes a few seconds and writes scalars_and_matrices.json, the whole training as text.
"""

import json

import numpy as np

from slownet import NetFactory
from slownet.datasets import load_mnist

PARTS = "input_neurons", "training_states", "output_neurons"
X = [[0, 0], [0, 1], [1, 0], [1, 1]]
y = [0, 1, 1, 0]
net = NetFactory([2, 3, 1], "sigmoid", "sigmoid", seed=1).new()

# As scalars: each neuron adds up its own weights.
net.forward([1, 0])
for neuron in net[1]:
    terms = [f"{w.value:.3f} * {w.source.value:g}" for w in neuron.weights["in"].values()]
    print(f"z = {' + '.join(terms)} + {neuron.bias:g} = {neuron.z:.3f}, sigmoid(z) = {neuron.value:.3f}")

# As matrices: the same numbers, one row of W for each neuron.
for layer in (net[1], net[2]):
    print(layer.matrix_form())

# A history of every neuron and every weight: 500 epochs, kept after each.
history = net.fit(X, y, epochs=500, batch_size=4, learning_rate=5.0, snapshots=range(501), watch=(X, y))
sums = history.neuron(1, 0)  # [epoch][sample] = (sum, activated sum) of neuron 0 of layer 1
weight = history.weight(1, (0, 2))  # one number for each epoch
print(f"{len(sums)} states of 4 samples: from {sums[0][1]} to {sums[-1][1]}")
print(f"weight (0, 2) went from {weight[0]:.3f} to {weight[-1]:.3f}")
print("xor:", [round(net.forward(x)[0], 2) for x in X])

path = history.to_json("scalars_and_matrices.json")
training = json.loads(path.read_text(encoding="utf-8"))
state = training["training_states"][-1]  # synapses are matrices, neurons have a z and a value a sample
print("JSON:", ", ".join(f"{name}: {len(training[name])}" for name in PARTS))
print("the last state:", state["synapses"][0]["weights"][0])

# 70,000 digits, shuffled and split into 56,000 to learn from and 14,000 to validate with.
parts = zip(load_mnist("train"), load_mnist("test"), strict=True)
X, y = (np.concatenate(part) for part in parts)
net = NetFactory([784, 16, 10], "sigmoid", seed=0).new()
history = net.fit(X, y, validation_split=0.2, epochs=2, learning_rate=0.5)
samples = history.data["samples"], history.data["validation_samples"]
print(f"{samples[0]:,} / {samples[1]:,} images: {history.epochs[-1].validation_accuracy:.1%} right")
