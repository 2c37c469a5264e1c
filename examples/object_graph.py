"""A net as a graph of objects: made by hand, made by a factory, and watched while it learns digits.

    python examples/object_graph.py

takes a few seconds and writes object_graph-learning.html, a plotly figure for any browser that plays the
learning.
"""

from slownet import Layer, Net, NetFactory, Neuron, Weight, plotting
from slownet.datasets import load_mnist

# By hand: every constructor attaches what it makes, or leaves that for later.
net = Net()
first, second = Layer(0, attach_to=net), Layer(1)
second.attach_to_net(net)
source = Neuron(0, attach_to=first, value=0.5)
target = Neuron(neuron_id=0)
target.attach_to_layer(second)
weight = Weight((0, 0), value=2.0)
weight.attach_to_outgoing(source)  # where it comes from
weight.attach_to_incoming(target)  # where it goes to
print(net.layers)
print(source.weights)
print("0.5 times 2 is", net.forward([0.5])[0])

# What does not fit is refused, and nothing is overwritten.
for mistake in (
    lambda: net.attach_layer("a layer"),
    lambda: Layer(1, attach_to=net),
    lambda: source.attach_weight(Weight((0, 1)), "sideways"),
):
    try:
        mistake()
    except (TypeError, ValueError) as error:
        print(f"{type(error).__name__}: {error}")

# By a factory: two layers after the inputs, each fully connected to the one before.
net = NetFactory(layer_dims=[3, 4, 6], seed=0).new()
print(net, "with", sum(1 for _ in net.weights()), "weights")
print(net.layers[0].neurons[0].weights["out"][(0, 1)])

# Learning by gradient descent, weight by weight, and its animation.
X, y = load_mnist("train", limit=5000)
X_test, y_test = load_mnist("test", limit=1000)
net = NetFactory([784, 16, 10], seed=0).new()
history = net.fit(X, y, epochs=3, snapshots=40, watch=(X_test[:10], y_test[:10]))
print(f"{net.evaluate(X_test, y_test).accuracy:.1%} of 1,000 test images")
print("animation:", plotting.save(plotting.animation(history), "object_graph-learning.html"))
