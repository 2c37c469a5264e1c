"""Two half moons that reach into each other, and the border that a net draws between them.

    python examples/moons.py

takes a few seconds and writes moons-learning.html, an animation, and moons-border.html, the border.
"""

from slownet import NetFactory, plotting
from slownet.datasets import moons

X, y = moons(500, noise=0.1, seed=1)
train, test = slice(0, 400), slice(400, 500)

net = NetFactory([2, 8, 8, 1], hidden_activation="tanh", seed=1).new()
print(f"{net}, {net.parameter_count} weights and biases")
print(f"accuracy before training: {net.evaluate(X[test], y[test]).accuracy:.1%}")

history = net.fit(
    X[train],
    y[train],
    epochs=40,
    batch_size=10,
    learning_rate=0.01,
    optimizer="adam",
    validation_data=(X[test], y[test]),
    snapshots=100,
    watch=(X[test], y[test]),
)
for record in history.epochs[9::10]:
    right = record.validation_accuracy
    print(f"epoch {record.epoch}: loss {record.loss:.4f}, validation accuracy {right:.1%}")
print(f"accuracy after training: {net.evaluate(X[test], y[test]).accuracy:.1%}")

print("animation:", history.write_html("moons-learning.html"))
print("border:", plotting.save(plotting.decision_boundary(net, X, y), "moons-border.html"))
