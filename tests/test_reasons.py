"""Why a gradient is 0 or small, by which routes it came, and whether it is the slope of the loss."""

from __future__ import annotations

import math
import re
import warnings
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from graphs import HIDDEN, ORDINARY_TASKS, random_data, random_net

from slownet import Activation, Net, NetFactory, datasets

X, Y = datasets.moons(40, 0.1, 0)


def went(net: Net, sample: list[float] = [0.5, -1.0], target: Any = 1) -> Net:  # noqa: B006
    net.forward(sample)
    net.backward(target)
    return net


def test_zero_gradients_have_a_reason() -> None:
    net = went(NetFactory([2, 3, 1], seed=0).new(), [0.0, -1.0])
    assert net.weight(1, (0, 0)).why_zero().kind == "input"
    dead = next(neuron for neuron in net[1] if neuron.z <= 0)
    assert net.weight(1, (1, dead.id)).why_zero().kind == "dead"
    found = net.weight(2, (dead.id, 0)).why_zero()
    assert found.kind == "dead"
    assert "leaky_relu" in found.cure
    alive = net.weight(1, (1, next(neuron.id for neuron in net[1] if neuron.z > 0)))
    assert alive.why_zero().kind == "not small"
    alive.frozen = True
    assert alive.why_zero().kind == "frozen"
    assert f"its gradient, {alive.grad:.6g}, is not used" in str(alive.why_zero())
    hinge = NetFactory([2, 2, 1], "tanh", "linear", seed=0).new()
    hinge.loss = "hinge"
    hinge.outputs[0].bias = 9.0
    assert next(went(hinge).weights()).why_zero().kind == "no error"
    alone = NetFactory([2, 2, 1], "tanh", seed=0).new()
    alone.weight(2, (0, 0)).remove()
    assert went(alone).weight(1, (0, 0)).why_zero().kind == "disconnected"
    unweighted = NetFactory([2, 2, 1], "tanh", seed=0).new()
    unweighted.forward([1.0, 2.0])
    unweighted.backward(1, weight=0.0)
    assert next(unweighted.weights()).why_zero().kind == "sample weight"
    assert unweighted[1][0].why_small().kind == "sample weight"
    flat = NetFactory([2, 2, 1], "tanh", "tanh", seed=0).new()
    flat[1][0].bias = -400.0  # f'(z) is 0, but not as that of a ReLU
    assert went(flat).weight(1, (0, 0)).why_zero().kind == "saturated"
    flat.outputs[0].bias = 400.0
    flat.zero_grad()
    wrong = went(flat, target=-1).weight(1, (0, 1)).why_zero()
    assert wrong.kind == "saturated"
    assert "f'(z) of neuron 0 of layer 2 is 0" in wrong.words


def test_dropout_is_a_reason() -> None:
    net = NetFactory([2, 6, 1], "tanh", seed=0).new()
    net.fit(X, Y, dropout=0.6, batch_size=1, progress=False)
    kinds = {weight.why_zero().kind for weight in net.weights() if not weight.grad}
    assert "dropped" in kinds


def test_small_deltas_have_a_reason() -> None:
    net = NetFactory([2, 2, 1], "sigmoid", seed=0).new()
    net[1][0].bias = 30.0
    went(net)
    assert net[1][0].why_small().kind == "saturated"
    assert "f'(z) of neuron 0 of layer 1" in str(net[1][0].why_small())
    assert net[1][1].why_small().kind == "not small"
    small = NetFactory([2, 2, 1], "tanh", seed=0).new()
    small.weight(2, (1, 0)).value = 1e-6
    assert went(small)[1][1].why_small().kind == "weights"
    cancelling = NetFactory([2, 1, 2], "tanh", "linear", seed=0).new()
    cancelling.weight(2, (0, 0)).value, cancelling.weight(2, (0, 1)).value = 1.0, -1.0
    value = went(cancelling, target=[0.0, 0.0])[1][0].value
    went(cancelling, target=[value - 1.0, -value - 1.001])
    cancelling.zero_grad()
    assert went(cancelling, target=[value - 1.0, -value - 1.001])[1][0].why_small().kind == "cancels"
    soft = NetFactory([2, 3, 1], "softmax", seed=0).new()
    soft[1][0].weights["out"][0, 0].remove()
    assert "but from others of its softmax" in str(went(soft)[1][0].why_small())


@pytest.mark.parametrize("seed", range(3, 15))
def test_routes_add_up_to_the_gradient(seed: int) -> None:
    draw = Random(seed)
    hidden = [each for each in HIDDEN if each != "softmax"]
    net = random_net(draw, layers=4, neurons=4, hidden=hidden, tasks=ORDINARY_TASKS)
    data, targets = random_data(draw, net, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net.fit(data, targets, dropout=0.3, dropconnect=0.2, learning_rate=0.01, progress=False)
    for weight in net.weights():
        found = weight.paths()
        total = sum((route.exact for route in found.routes), Fraction(0))
        assert total + found.rounding == Fraction(weight.grad)
        assert abs(found.rounding) <= Fraction(1, 10**12) * (1 + max(map(abs, [0, total])))
        for term in weight.explain().terms:  # of each sample, by its row in the data
            row = re.search(r"_s(\d+)", term.formula)
            of_it = [route.exact for route in found.routes if row and route.sample == int(row[1])]
            assert float(sum(of_it)) == pytest.approx(term.value, 1e-9, 1e-300)
        for route in found.routes[:1]:
            assert f"sample {route.sample}: {route.neurons[0]}" in str(found)
        for line in str(found).splitlines():  # none is broken within the name of a neuron
            assert len(re.findall("neuron", line)) == len(re.findall(r"neuron \d+ of layer \d+", line))
    assert "by rounding" in str(found)


@pytest.mark.parametrize("seed", range(12))
def test_gradients_are_the_slopes_of_the_loss(seed: int) -> None:
    draw = Random(seed)
    smooth = ["sigmoid", "tanh", "softplus", "softmax", "silu", "gelu", "mish"]
    tasks = [("cross_entropy", "softmax"), ("squared_error", "tanh"), ("log_cosh", "linear")]
    net = random_net(draw, layers=4, neurons=4, hidden=smooth, tasks=tasks)
    data, targets = random_data(draw, net, 2)
    check = net.check_gradients(data, targets)
    assert check, str(check)
    assert all(len(line) <= 80 for line in str(check).splitlines())
    count = sum(1 for _ in net.weights()) + sum(neuron.has_bias for neuron in net.neurons())
    assert len(check.gradients) == count


def test_a_wrong_derivative_is_found() -> None:
    wrong = Activation("wrong", lambda z: z * z, lambda z: 1.9 * z)
    net = NetFactory([2, 3, 1], wrong, "linear", seed=0).new()
    check = net.check_gradients([[0.5, -1.0]], [1.0])
    assert not check
    assert check.worst is not None
    assert check.worst.of.endswith("into layer 1") or "layer 1" in check.worst.of
    assert "DIFFER" in str(check)
    large = NetFactory([1, 1], "linear", "linear", seed=0).new().check_gradients([[1.0]], [1e17])
    assert large
    assert large.worst is None  # for what h changes in such a loss is rounded away
    assert str(large).startswith("none of 2 gradients can be told from the loss:")
    assert "  gradient   difference   error\n" in str(large)
    assert str(large).count(" (rounded)\n  ") == 1
    few = net.check_gradients([[0.5, -1.0]], [1.0], limit=2)
    assert (len(few.gradients), few.left_out) == (2, 11)
    none = Activation("none", lambda z: z, lambda z: math.nan if z < 0.0 else 1.0)
    check = NetFactory([2, 6, 1], none, "linear", seed=1).new().check_gradients([[0.5, -1.0]], [1.0])
    assert [math.isnan(each.gradient) for each in check.gradients] == sorted(
        (math.isnan(each.gradient) for each in check.gradients), reverse=True
    )
    assert not check


def test_bad_questions() -> None:
    net = NetFactory([2, 2, 1], seed=0).new()
    for ask in (net.weight(1, (0, 0)).why_zero, net[1][0].why_small, net.weight(1, (0, 0)).paths):
        with pytest.raises(ValueError, match="nothing is known"):
            ask()
    with pytest.raises(ValueError, match="limit must be"):
        net.check_gradients([[1.0, 2.0]], [1], limit=0)
    mixed = went(NetFactory([2, 2, 2, 1], ["softmax", "tanh"], seed=0).new())
    with pytest.raises(ValueError, match="softmax layer"):
        mixed.weight(1, (0, 0)).paths()


def test_masks_and_weights_of_0_are_named() -> None:
    net = NetFactory([2, 5, 5, 1], "tanh", seed=0).new()
    net.fit(X, Y, batch_size=1, dropconnect=0.6, progress=False)
    assert {weight.why_zero().kind for weight in net.weights() if not weight.grad} == {"dropped"}
    net = NetFactory([2, 3, 1], "tanh", seed=0).new()
    net.weight(2, (0, 0)).value = 0.0
    assert went(net).weight(1, (0, 0)).why_zero().kind == net[1][0].why_small().kind == "no weight"
    net.zero_grad()
    assert went(net, [0.0, 0.0]).weight(2, (1, 0)).why_zero().kind == "input"  # tanh(0): not dead
    with pytest.raises(ValueError, match="is an input"):
        net[0][0].why_small()


def test_what_is_not_finite_is_refused() -> None:
    net = NetFactory([2, 3, 1], "relu", "linear", seed=0).new()
    for weight in net.weights():
        weight.value = 1e300
    went(net, [1e200, 1e200])
    with pytest.raises(ValueError, match="has no exact sum"):
        net.weight(1, (0, 0)).paths()
    with pytest.raises(ValueError, match="give y as well"):
        net.check_gradients([1.0, 2.0])
