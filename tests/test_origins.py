"""The write-ups that slownet grew out of: their sessions, and examples with the numbers they give."""

from __future__ import annotations

import doctest
import json
import re
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from slow import THOROUGH
from test_examples import numbers, pages, printed_by

from slownet import Initializer, Input, Net, NetFactory, ReLU, Sigmoid, functions
from slownet.datasets import load_housing, read_hdf5

SESSION = """
>>> from slownet.objects import Layer, Net, NetFactory, Neuron, Weight
>>> net = Net()
>>> layer = Layer(0, attach_to=net)
>>> net.layers
{0: Layer(0, 0 neurons, no activation, 0 incoming weights)}
>>> another = Layer(layer_id=1)
>>> another.attach_to_net(net)
>>> list(net.layers)
[0, 1]
>>> net.attach_layer("layer")
Traceback (most recent call last):
slownet.errors.InvalidTypeError: layer must be of type Layer, not str
>>> Layer(1).attach_to_net(net)
Traceback (most recent call last):
slownet.errors.InvalidValueError: layer id 1 is taken: remove the other one or use another id

>>> a, b = Neuron(0, attach_to=layer, value=0.5), Neuron(neuron_id=0)
>>> b.attach_to_layer(another)
>>> a.weights
{'in': {}, 'out': {}}
>>> weight = Weight((0, 0), value=3)
>>> weight.has_incoming, weight.has_outgoing
(False, False)
>>> weight.attach_to_outgoing(a)
>>> weight.attach_to_incoming(b)
>>> weight.has_incoming, weight.has_outgoing
(True, True)
>>> weight.outgoing is a, weight.incoming is b
(True, True)
>>> a.weights["out"] == b.weights["in"] == {(0, 0): weight}
True
>>> a.attach_weight(Weight((0, 1)), "up")
Traceback (most recent call last):
slownet.errors.InvalidValueError: direction must be 'in' or 'out', not 'up'
>>> Weight((0, 0), incoming_neuron=b, outgoing_neuron=a)
Traceback (most recent call last):
slownet.errors.InvalidValueError: weight id at neuron 0 of layer 0: (0, 0) is taken: remove the other ...

>>> factory = NetFactory(layer_dims=[3, 4, 6])
>>> factory.layer_dims, factory.num_layers
([3, 4, 6], 3)
>>> net = factory.new()
>>> {layer_id: len(layer.neurons) for layer_id, layer in net.layers.items()}
{0: 3, 1: 4, 2: 6}
>>> sorted(net.layers[0].neurons[0].weights["out"])
[(0, 0), (0, 1), (0, 2), (0, 3)]
>>> weight = net.layers[0].neurons[0].weights["out"][(0, 1)]
>>> weight is net.layers[1].neurons[1].weights["in"][(0, 1)]
True
>>> isinstance(weight.value, float)
True
>>> net.weight(1, (0, 1)) is net.weight(2, (0, 1))          # the id comes again between other layers
False
>>> by_hand = Net()
>>> first, second = Layer(0, by_hand), Layer(1, by_hand)
>>> neurons = [Neuron(0, first), Neuron(1, first), Neuron(0, second)]
>>> factory.connect_layers(first, second)
>>> sorted(second.neurons[0].weights["in"])
[(0, 0), (1, 0)]
"""


def test_the_sessions_of_the_object_graph() -> None:
    session = doctest.DocTestParser().get_doctest(SESSION, {}, "session", None, 0)
    printed: list[str] = []
    assert (
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(session, out=printed.append).failed == 0
    ), printed


@pytest.mark.long
def test_object_graph(tmp_path: Path) -> None:
    printed = printed_by("object_graph.py", tmp_path)
    assert "0.5 times 2 is 1.0" in printed
    assert "InvalidTypeError: layer must be of type Layer, not str" in printed
    assert "InvalidValueError: layer id 1 is taken" in printed
    assert "direction must be 'in' or 'out', not 'sideways'" in printed
    assert "Net(3-4-6, relu, softmax, 36 weights) with 36 weights" in printed
    assert numbers(r"([0-9.]+)% of 1,000 test images", printed) == [85.3]
    assert pages(tmp_path) == ["object_graph-learning.html"]
    text = (tmp_path / "object_graph-learning.html").read_text(encoding="utf-8")
    assert text.count('"name":"') >= 40, "a frame for each snapshot"
    assert "Play" in text


@pytest.mark.long
def test_spelled_out(tmp_path: Path) -> None:
    printed = printed_by("spelled_out.py", tmp_path)
    assert "softmax of 1, 3, 2: [0.09003057, 0.66524096, 0.24472847]" in printed
    assert numbers(r"relu: ([0-9.]+)% of 10,000 test images", printed) == [89.3]
    assert numbers(r"sigmoid: ([0-9.]+)% of 10,000 test images", printed) == [77.5]
    assert "refused: unknown activation 'swoosh': known are linear, sigmoid" in printed
    assert pages(tmp_path) == ["spelled_out-net.html"]
    text = (tmp_path / "spelled_out-net.html").read_text(encoding="utf-8")
    for heading in ("Inputs", "Pre-activations", "Activations", "Pre-outputs", "Softmax"):
        assert f"\\u003cb>{heading}\\u003c/b>" in text


@pytest.mark.parametrize(("name", "gain"), [("he_normal", sqrt(2)), ("lecun_normal", 1)])
def test_gains_are_those_of_known_initializers(name: str, gain: float) -> None:
    own = Initializer("own", lambda fan_in, fan_out: gain / sqrt(fan_in)).draw(3, 784, 64)
    known = functions.get_initializer(name).draw(3, 784, 64)
    assert np.allclose(own, known, rtol=1e-15, atol=0)
    assert np.std(own) == pytest.approx(gain / 28, rel=0.01)


@pytest.mark.long  # it needs 1.6 GB
def test_scalars_and_matrices(tmp_path: Path) -> None:
    printed = printed_by("scalars_and_matrices.py", tmp_path)
    assert "z = 0.732 * 1 + -0.900 * 0 + 0 = 0.732, sigmoid(z) = 0.675" in printed
    assert "[ 0.732405  -0.900195]         [0]   [ 0.732405]" in printed
    differences = re.findall(r"NumPy differ by (\S+) at most; rounding allows (\S+)\.$", printed, re.M)
    assert len(differences) == 2
    assert all(float(gap) <= float(most) < 1e-15 for gap, most in differences)
    assert "xor: [0.0, 1.0, 0.99, 0.01]" in printed
    assert "JSON: input_neurons: 2, training_states: 501, output_neurons: 1" in printed
    assert numbers(r"56,000 / 14,000 images: ([0-9.]+)% right", printed) == [93.8]
    training = json.loads((tmp_path / "scalars_and_matrices.json").read_text(encoding="utf-8"))
    before, after = numbers(r"weight \(0, 2\) went from (\S+) to (\S+)", printed)
    matrices = [state["synapses"][0]["weights"] for state in training["training_states"]]
    assert (round(matrices[0][2][0], 3), round(matrices[-1][2][0], 3)) == (before, after)
    pairs = [
        [tuple(pair) for sample in state["neurons"] for pair in sample[0]["pairs"]]
        for state in training["training_states"]
    ]
    assert str(pairs[-1][3]) in printed, "neuron 0 of layer 1, sample 1"
    for state in pairs:
        assert len(set(state[3:6])) == 3, "the neurons have histories of their own"
        assert all(value == functions.ACTIVATIONS["sigmoid"].function(z) for z, value in state)


def half_sums_of_squares(net: Net, iterations: int, rate: float) -> list[float]:
    """Descend on half the sum of squares with NumPy, from the weights of a net; return the errors."""
    X, y = load_housing()
    X = X / X.max(axis=0)
    W = np.array([[weight.value for weight in neuron.weights["in"].values()] for neuron in net[1]])
    v = np.array([weight.value for weight in net[2][0].weights["in"].values()])
    errors = []
    for _ in range(iterations):
        z = X @ W.T
        a = np.maximum(z, 0.0)
        off = a @ v - y
        errors.append(0.5 * float(off @ off))
        slopes = np.outer(off, v) * (z > 0.0)
        W, v = W - rate * slopes.T @ X, v - rate * a.T @ off
    return errors


@pytest.mark.long
def test_boston(tmp_path: Path) -> None:
    printed = printed_by("boston.py", tmp_path)
    errors = [float(error) for error in re.findall(r"^iteration \d+0: error ([0-9.]+)$", printed, re.M)]
    assert len(errors) == 100
    assert (errors[0], errors[-1]) == (149768.5, 63566.9)
    pattern = r"{}: error (\d+) at first, (\d+) at last; it rose (\d+) times"
    assert numbers(pattern.format("dropconnect 0.2"), printed) == [149773, 63567, 419]
    first, last, rises = numbers(pattern.format("without"), printed)
    uniform = functions.uniform(-1, 1)
    net = NetFactory([3, 4, 1], "relu", "linear", uniform, bias=False, seed=0).new()
    expected = half_sums_of_squares(net, 1000, 1e-6)
    assert (first, last) == (round(expected[0]), round(expected[-1])) == (149811, 33140)
    assert rises == 0 == sum(np.diff(expected) > 0)
    assert pages(tmp_path) == ["boston-error.html"]
    text = (tmp_path / "boston-error.html").read_text(encoding="utf-8")
    for label in ("iteration", "error: half the sum of squares"):
        assert f'"title":{{"text":"{label}"}}' in text


@pytest.mark.long
def test_boston_of_a_table_of_ones_own(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).uniform(1, 9, (40, 2))
    lines = [f"{a:.3f},{b:.3f},{3 * a + b:.3f}" for a, b in rows]
    (tmp_path / "my.csv").write_text("\n".join(["a,b,price", *lines]), encoding="utf-8")
    printed = printed_by("boston.py", tmp_path, "my.csv", "price")
    assert "iteration 1000: error" in printed


@pytest.mark.long
def test_nielsen_begins(tmp_path: Path) -> None:
    printed = printed_by("nielsen.py", tmp_path, "1")
    (right,) = re.findall(r"^epoch 1: ([0-9,]+) of 10,000$", printed, re.M)
    assert 8900 < int(right.replace(",", "")) < 9300


@pytest.mark.long
def test_nielsen(tmp_path: Path) -> None:
    """He writes of 95.42 %, and that other starting weights give other figures."""
    best = {
        seed: numbers(r"best: ([0-9.]+) %", printed_by("nielsen.py", tmp_path, "30", seed))[0]
        for seed in ("0127" if THOROUGH else "01")
    }
    assert best.pop("0") == pytest.approx(86.0, abs=0.5), "the output for 9 never gets away from 0"
    assert all(94.8 < right < 95.5 for right in best.values()), best


def costs_by_numpy(net: Net, X: Any, y: Any, epochs: int) -> list[float]:
    """Descend on the mean binary cross-entropy of all samples, from the weights of a net of ReLUs."""
    Ws = [
        np.array([[weight.value for weight in neuron.weights["in"].values()] for neuron in layer])
        for layer in list(net)[1:]
    ]
    bs = [np.zeros(len(W)) for W in Ws]
    costs = []
    for _ in range(epochs):
        activations, zs = [X], []
        for W, b in zip(Ws, bs, strict=True):
            zs.append(activations[-1] @ W.T + b)
            activations.append(np.maximum(zs[-1], 0.0))
        costs.append(float(np.mean(np.logaddexp(0.0, zs[-1][:, 0]) - y * zs[-1][:, 0])))
        delta = 1.0 / (1.0 + np.exp(-zs[-1])) - y[:, None]
        for k in reversed(range(len(Ws))):
            W_gradient, b_gradient = delta.T @ activations[k] / len(y), delta.mean(axis=0)
            if k:
                delta = (delta @ Ws[k]) * (zs[k - 1] > 0.0)
            Ws[k] = Ws[k] - 0.0075 * W_gradient
            bs[k] = bs[k] - 0.0075 * b_gradient
    return costs


@pytest.mark.long
def test_cats(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    printed = printed_by("cats.py", tmp_path)
    assert "120 images to train on, 40 to test, of 12288 numbers each" in printed
    costs = [float(cost) for cost in re.findall(r"^cost after \d+00 epochs: (.*)$", printed, re.M)]
    assert len(costs) == 6
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < 0.35
    assert numbers(r"right: (\d+)% of 120 in the training", printed) == [100]
    assert numbers(r"right: (\d+)% of 40 in the test", printed) == [82]
    with h5py.File(tmp_path / "made_train.h5") as file:
        assert sorted(file) == ["list_classes", "train_set_x", "train_set_y"]
        assert (file["train_set_x"].shape, file["train_set_x"].dtype) == ((120, 64, 64, 3), np.uint8)
    sizes = [Input(12288), ReLU(20), ReLU(7), ReLU(5), Sigmoid(1)]
    net = NetFactory(layers=sizes, initializer="lecun_normal", seed=0).new()
    X, y = read_hdf5(tmp_path / "made_train.h5", "train_set_x", "train_set_y")
    assert [f"{cost:.4f}" for cost in costs_by_numpy(net, X, y, 401)[100::100]] == [
        f"{cost:.4f}" for cost in costs[:4]
    ]
    again = printed_by("cats.py", tmp_path, "made_train.h5", "made_test.h5", "101")
    assert f"cost after 100 epochs: {costs[0]:.4f}" in again
