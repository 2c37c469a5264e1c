"""Handwritten digits: 784 pixels in, 16 hidden neurons, 10 digits out.

    python examples/mnist.py

takes a few seconds and writes three files for any browser: mnist-learning.html, an animation,
mnist-weights.html, the weights of each hidden neuron as an image, and mnist-confusion.html, which digits
are mistaken for which.
"""

from slownet import NetFactory, plotting
from slownet.datasets import load_mnist

X, y = load_mnist("train", limit=8000)  # of 60,000: the more, the better and the slower
X_test, y_test = load_mnist("test", limit=2000)  # of 10,000

net = NetFactory([784, 16, 10], seed=0).new()
print(f"{net}, {net.parameter_count:,} weights and biases")

history = net.fit(
    X,
    y,
    epochs=3,
    batch_size=16,
    learning_rate=0.1,
    schedule="cosine",
    snapshots=60,
    watch=(X_test[:100], y_test[:100]),
    test_data=(X_test, y_test),
)
for record in history.epochs:
    print(f"epoch {record.epoch}: training accuracy {record.accuracy:.1%}, {record.seconds:.1f} s")
print(f"test accuracy: {history.test['accuracy']:.1%} of {len(X_test):,} images")

# A digit it gets wrong, and how sure it is of that.
predicted = net.predict(X_test)
wrong = int((predicted != y_test).argmax())
sureness = net.forward(X_test[wrong])[predicted[wrong]]
print(f"test image {wrong} is a {y_test[wrong]}; the net says {predicted[wrong]}, {sureness:.0%} sure")

print("animation:", history.write_html("mnist-learning.html"))
print("weights:", plotting.save(plotting.weight_images(net), "mnist-weights.html"))
confusion = plotting.confusion(net, X_test, y_test)
print("confusion:", plotting.save(confusion, "mnist-confusion.html"))
