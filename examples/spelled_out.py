"""A net for digits with every choice spelled out: initial weights, rate, batches, softmax, loss.

    python examples/spelled_out.py

takes a few seconds and writes spelled_out-net.html, a small net with columns of their own for its
pre-activations (z) and its activations.
"""

from math import sqrt

from slownet import Initializer, NetFactory, plotting
from slownet.datasets import load_mnist
from slownet.functions import ACTIVATIONS

print("softmax of 1, 3, 2:", [round(a, 8) for a in ACTIVATIONS["softmax"].values([1, 3, 2])])

# Normal weights with a standard deviation of gain / sqrt(fan_in); the biases are 0. With these two gains
# the weights are those of "he_normal" and of "lecun_normal".
GAINS = {"relu": sqrt(2), "sigmoid": 1}
X, y = load_mnist("train", limit=20_000)
X_test, y_test = load_mnist("test")


def scaled_by_fan_in(gain):
    return Initializer("gain / sqrt(fan_in)", lambda fan_in, _fan_out: gain / sqrt(fan_in))


def train(activation, sizes=(784, 64, 10)):
    initializer = scaled_by_fan_in(GAINS.get(activation, 1))
    net = NetFactory(sizes, activation, "softmax", initializer, seed=0).new()
    net.fit(X, y, epochs=5, learning_rate=0.01, batch_size=64, loss="cross_entropy")
    return net


for activation in GAINS:
    net = train(activation)
    print(f"{activation}: {net.evaluate(X_test, y_test).accuracy:.1%} of 10,000 test images")

try:
    train("swoosh")
except ValueError as error:
    print("refused:", error)

small = NetFactory([3, 4, 2], "relu", "softmax", scaled_by_fan_in(sqrt(2)), seed=0).new()
figure = plotting.network(small, [0.5, -1.0, 2.0], show_z=True)
print("net:", plotting.save(figure, "spelled_out-net.html"))
