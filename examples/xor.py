"""Four points that no straight line can separate, and the smallest net that learns them.

    python examples/xor.py

takes a second or two and writes xor-learning.html, an animation for any browser.
"""

from slownet import NetFactory

X = [[0, 0], [0, 1], [1, 0], [1, 1]]
y = [0, 1, 1, 0]  # exclusive or: one of the two, but not both

net = NetFactory([2, 4, 1], hidden_activation="tanh", seed=0).new()
print(net)

history = net.fit(X, y, epochs=500, batch_size=4, learning_rate=0.5, snapshots=60, watch=(X, y))
print(f"loss: {history.loss[0]:.4f} at first, {history.loss[-1]:.4f} at last")

for inputs, target in zip(X, y, strict=True):
    print(f"{inputs[0]} xor {inputs[1]} is {target}; the net says {net.forward(inputs)[0]:.3f}")
print(f"accuracy: {net.evaluate(X, y).accuracy:.1%}")

# The output neuron still holds the last sample, [1, 1]: the sum behind its answer, term by term.
output = net.layers[2].neurons[0]
for weight in output.weights["in"].values():
    term = weight.value * weight.source.value
    print(f"  {weight.value:7.3f} x {weight.source.value:6.3f} = {term:7.3f}")
print(f"  bias             = {output.bias:7.3f}")
print(f"  sum              = {output.z:7.3f}, and sigmoid of that is {output.value:.3f}")

print("animation:", history.write_html("xor-learning.html"))
