"""The page computes the numbers of training: in every snapshot, for every neuron, both ways.

With the weights to the last bit the numbers are those of Python to the last bit.
"""

from __future__ import annotations

import numpy as np
import pytest
from slow import mostly_long, some
from watching import PATIENCE

from slownet import Net, NetFactory, Weight
from slownet.functions import ACTIVATIONS, Activation, get_loss
from slownet.training import Callback

FACTS = """() => {
    const { net } = slownet;
    return {
        layers: net.layers, begins: net.begins, source: [...net.source], target: [...net.target],
        facts: net.facts,
    };
}"""
FORWARD = """([samples, frames]) => frames.map(frame => samples.map(sample => {
    const pass = slownet.net.forward(frame, Float64Array.from(sample));
    const from = slownet.net.inputs;
    return [[...pass.z.subarray(from)], [...pass.value.subarray(from)]];
}))"""
BACKWARD = """([frame, sample, target, rate]) => {
    const { net } = slownet;
    const pass = net.backward(net.forward(frame, Float64Array.from(sample)), target);
    const after = net.stepped(pass, rate);
    return {
        loss: pass.loss, delta: [...pass.delta.subarray(net.inputs)],
        gradients: Array.from(net.source, (_, w) => net.gradient(pass, w)),
        gone: Array.from(net.source, (_, w) => net.isGone(frame, w)),
        lossAfter: after.loss, outputsAfter: [...net.outputs(after)],
    };
}"""
OPTIONS = {"batch_size": 8, "learning_rate": 0.1, "snapshots": 10, "progress": False}


def numbers(rows=40, columns=4, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, columns))


def fitted(net, X, y, **options):
    return net.fit(X, y, watch=(X[:12], y[:12]), **{**OPTIONS, "epochs": 4, **options})


def of_activation(name):
    def run():
        X = numbers()
        net = NetFactory([4, 5, 4, 2], hidden_activation=name, output_activation="linear", seed=2).new()
        return fitted(net, X, X[:, :2] * 0.5 + 0.1, loss="mean_squared_error", learning_rate=0.02)

    return run


def of_loss(name, output, targets):
    def run():
        X = numbers(seed=4)
        y = targets(X)
        net = NetFactory([4, 6, y.shape[1] if y.ndim > 1 else 1], output_activation=output, seed=5).new()
        return fitted(net, X, y, loss=name, learning_rate=0.05)

    return run


def classes():
    X = numbers()
    return fitted(NetFactory([4, 6, 5, 4, 3], seed=1).new(), X, X[:, :3].argmax(axis=1))


def own_activation():
    softsign = Activation(
        "softsign",
        lambda z: z / (1.0 + abs(z)),
        lambda z, value: 1.0 / ((1.0 + abs(z)) * (1.0 + abs(z))),
    )
    X = numbers()
    net = NetFactory([4, 5, 2], hidden_activation=softsign, seed=1).new()
    return fitted(net, X, (X[:, 0] > 0) * 1, engine="scalar")


def skips():
    """A sparse net in which inputs reach the outputs directly."""
    net = NetFactory([4, 6, 5, 3], hidden_activation="tanh", seed=7).new()
    for i in range(4):
        for k in range(3):
            if (i + k) % 2:
                connect(net, (0, i), (3, k), 0.1 * (i - k) + 0.05)
    for i in range(6):
        connect(net, (1, i), (3, i % 3), -0.2 + 0.1 * i)
    for weight in list(net.weights())[::3]:
        weight.remove()
    X = numbers()
    return fitted(net, X, X[:, :3].argmax(axis=1))


def connect(net, source, target, value):
    weight = Weight((source, target), value=value)
    weight.attach_to_outgoing(net.layers[source[0]].neurons[source[1]])
    weight.attach_to_incoming(net.layers[target[0]].neurons[target[1]])


class Pruning(Callback):
    def on_epoch_end(self, training):
        weights = list(training.net.weights())
        weights[len(weights) // 3].remove()
        weights[-1].remove()


def pruned():
    X = numbers()
    net = NetFactory([4, 6, 3], seed=9).new()
    history = fitted(net, X, X[:, :3].argmax(axis=1), callbacks=Pruning(), engine="scalar")
    assert len({len(each.weights) for each in history.snapshots}) > 2
    return history


def plane():
    X = numbers(40, 2)
    return fitted(NetFactory([2, 6, 5, 1], seed=3).new(), X, (X[:, 0] * X[:, 1] > 0).astype(int))


def one_hot(X):
    return np.eye(3)[X[:, :3].argmax(axis=1)]


def several_numbers(count):
    ends = np.linspace(-1.0, 1.0, count)
    return lambda X: np.tanh(np.outer(X[:, 0] - X[:, 1], ends) + 0.1 * X[:, 2:3])


def saturated(name, output, outputs, targets):
    """Outputs that are 0 and 1, right and wrong."""

    def run():
        X = numbers(seed=4)
        net = NetFactory([4, 6, outputs], output_activation=output, seed=5).new()
        for weight in net.weights():
            weight.value *= 40.0
        return fitted(net, X, targets(X), loss=name, learning_rate=1e-3)

    return run


def two_numbers(X):
    return np.stack([X[:, 0] - X[:, 1], 0.5 * X[:, 2]], axis=1)


class Thawing(Callback):
    """Freezes some weights and biases at the beginning, and others later."""

    def on_fit_begin(self, training):
        net = training.net
        net.layers[1].freeze()
        next(iter(net.layers[2])).bias_frozen = True
        next(iter(net.layers[3])).freeze()

    def on_epoch_end(self, training):
        if training.epoch == 2:
            training.net.layers[1].neurons[0].unfreeze()
            training.net.layers[2].freeze()


def frozen():
    X = numbers()
    net = NetFactory([4, 5, 4, 2], output_activation="linear", seed=2).new()
    return fitted(net, X, two_numbers(X), callbacks=Thawing())


def without_biases():
    X = numbers()
    net = NetFactory([4, 5, 3], bias=False, seed=2).new()
    net.layers[1].freeze()
    return fitted(net, X, X[:, :3].argmax(axis=1))


RUNS = {
    "frozen": frozen,
    "without biases": without_biases,
    "classes, deep": classes,
    "skips, sparse": skips,
    "pruned": pruned,
    "plane": plane,
    "activation of one's own": own_activation,
    **{f"activation {name}": of_activation(name) for name in ACTIVATIONS},
    "softmax, squared error": of_loss("squared_error", "softmax", one_hot),
    "sigmoid, squared error": of_loss("squared_error", "sigmoid", lambda X: (X[:, :1] > 0) * 1.0),
    "binary": of_loss("binary_cross_entropy", "sigmoid", lambda X: (X[:, 0] > 0) * 1),
    "several binary": of_loss("binary_cross_entropy", "sigmoid", lambda X: (X[:, :3] > 0) * 1),
    "tanh, binary": of_loss("binary_cross_entropy", "sigmoid", lambda X: (X[:, 1] > 0) * 1),
    "hinge": of_loss("hinge", "linear", lambda X: np.sign(X[:, 0])),
    "regression": of_loss("mean_squared_error", "linear", two_numbers),
    "absolute error": of_loss("mean_absolute_error", "linear", two_numbers),
    "huber": of_loss("huber", "linear", two_numbers),
    **{
        f"{name} of {count}": of_loss(name, "tanh", several_numbers(count))
        for name in ("mean_squared_error", "mean_absolute_error", "huber")
        for count in (3, 7, 10)
    },
    "hinge of 3": of_loss("hinge", "linear", lambda X: np.sign(X[:, :3])),
    "sigmoid, cross-entropy": saturated(
        "cross_entropy", "sigmoid", 3, lambda X: X[:, :3].argmax(axis=1)
    ),
    "saturated classes": saturated("cross_entropy", "softmax", 3, lambda X: X[:, :3].argmax(axis=1)),
    "saturated binary": saturated("binary_cross_entropy", "sigmoid", 3, lambda X: (X[:, :3] > 0) * 1),
}


@pytest.fixture(scope="module")
def histories(digits_run):
    made = {"digits": digits_run}

    def history(name):
        if name not in made:
            made[name] = RUNS[name]()
        return made[name]

    return history


@pytest.fixture(scope="module")
def computed(browser, pages):
    """Open one page after the other in the same tab."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))

    def opened(history, **options):
        page.goto(pages(history, **options).as_uri())
        page.wait_for_function("() => window.slownet")
        return page

    yield opened
    page.close()
    assert not problems


def flat(net: Net):
    """The page's numbers of the neurons of a net, by layer and id."""
    return {
        (layer, neuron): k
        for k, (layer, neuron) in enumerate((layer.id, neuron.id) for layer in net for neuron in layer)
    }


NAMES = ["digits", *RUNS]
ROUNDED = some(NAMES, 12)


@pytest.mark.parametrize("name", mostly_long(NAMES, 2))
def test_forward_agrees_in_every_snapshot(histories, computed, name):
    history = histories(name)
    snapshots, samples = history.snapshots, history.watch.samples
    zs = np.array([snapshot.zs for snapshot in snapshots])
    values = np.array([snapshot.values for snapshot in snapshots])
    asked = [[list(map(float, each)) for each in samples], list(range(len(snapshots)))]
    page = computed(history, exact=True)
    found = np.array(page.evaluate(FORWARD, asked))
    np.testing.assert_array_equal(found[:, :, 0], zs)
    np.testing.assert_array_equal(found[:, :, 1], values)
    facts = page.evaluate(FACTS)
    for frame in (0, len(snapshots) // 2, len(snapshots) - 1):
        check_backward(page, facts, history, frame, which=frame % 3)
    if name not in ROUNDED:
        return
    rounded = computed(history, bits=12)
    found = np.array(rounded.evaluate(FORWARD, asked))
    check_rounded(found, zs, values, history, rounded.evaluate("() => slownet.net.facts.precision"))


def check_rounded(found, zs, values, history, precision):
    """Rounded to 12 bits, the page is near, and as near as it claims for its selectable samples."""
    outputs = len(history.graph.outputs.neurons)
    off = np.abs(found[:, :, 1] - values)
    assert not precision["exact"]
    assert off.max() > 1e-12
    if history.target_kind in ("class", "binary"):
        assert off[:, :, -outputs:].max() <= 1e-3
    claimed, shown = precision["off"], slice(10)
    assert off[:, shown, -outputs:].max() <= claimed["output"] * 1.001 + 1e-12
    assert off[:, shown].max() <= claimed["value"] * 1.001 + 1e-12
    assert np.abs(found[:, :, 0] - zs)[:, shown].max() <= claimed["z"] * 1.001 + 1e-12


def check_backward(page, facts, history, frame, which, rate=0.05):
    """Deltas, gradients and one step of descent are those of the objects."""
    sample = list(map(float, history.watch.samples[which]))
    targets = list(map(float, history.watch.targets[which]))
    label = history.watch.labels[which]
    found = page.evaluate(BACKWARD, [frame, sample, targets, rate])
    net = history.snapshots[frame].restore()
    net.loss = get_loss(facts["facts"]["loss"])
    net.forward(sample)
    net.zero_grad()
    assert found["loss"] == net.backward(label)
    place = flat(net)
    deltas = {place[n.layer.id, n.id]: n.delta for n in net.neurons() if n.layer.id}
    wanted = [deltas[k] for k in sorted(deltas)]
    np.testing.assert_array_equal(found["delta"], wanted)
    ends = zip(facts["source"], facts["target"], strict=True)
    gradients = dict(zip(ends, zip(found["gradients"], found["gone"], strict=True), strict=True))
    there = {each: gradient for each, (gradient, gone) in gradients.items() if not gone}
    wanted = {
        (place[w.source.layer.id, w.source.id], place[w.target.layer.id, w.target.id]): w.grad
        for w in net.weights()
    }
    assert sorted(there) == sorted(wanted)
    in_order = sorted(wanted)
    assert [there[each] for each in in_order] == [wanted[each] for each in in_order]
    net.update(rate)
    assert found["outputsAfter"] == net.forward(sample)
    net.zero_grad()
    assert found["lossAfter"] == net.backward(label)
