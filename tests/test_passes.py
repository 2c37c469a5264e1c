"""Every gradient against autograd and against finite differences, and the passes' own promises."""

from __future__ import annotations

from math import fsum
from typing import Any

import numpy as np
import pytest
from autograd import grad
from graphs import ORDINARY_TASKS
from hypothesis import assume, given
from hypothesis import strategies as st
from reference import MatrixNet
from strategies import batch_for, nets

from slownet import Net, NetFactory
from slownet.engines import ScalarEngine
from slownet.functions import l1, l2
from slownet.functions.randomness import Use, key, uniforms


def assert_close(ours: np.ndarray, theirs: np.ndarray, tolerance: float = 1e-12) -> None:
    """Within 1e-12 of the largest; 4e-15 is the rounding of 1 - a * a where a unit is saturated."""
    scale = max(np.abs(theirs).max(initial=0.0), np.abs(ours).max(initial=0.0), 1e-30)
    worst = np.abs(ours - theirs).max(initial=0.0)
    assert worst <= tolerance * scale + 4e-15, (worst / scale, ours, theirs)


@given(net=nets(), count=st.integers(1, 4), seed=st.integers(0, 2**32))
def test_gradients_match_autograd(net: Net, count: int, seed: int) -> None:
    X, labels, targets = batch_for(net, count, seed)
    matrix = MatrixNet(net)
    vector = matrix.vector()
    theirs = np.zeros_like(vector)
    for x, label, target in zip(X, labels, targets, strict=True):
        values = net.forward(x)
        assert_close(np.array(values), np.array(matrix.forward(vector, x)))
        loss = net.backward(label)
        expected = matrix.sample_loss(vector, x, target)
        assert loss == pytest.approx(expected, rel=1e-9, abs=1e-12)
        theirs += grad(matrix.sample_loss)(vector, x, target)
    no_bias = [n.has_bias for n in matrix.after]
    theirs[len(matrix.weights) :] *= no_bias
    assert_close(matrix.gradient(), theirs)


@pytest.mark.long
@given(
    net=nets(),
    count=st.integers(1, 4),
    seed=st.integers(0, 2**32),
    dropout=st.sampled_from([0.0, 0.3, 0.6]),
    dropconnect=st.sampled_from([0.0, 0.25, 0.5]),
    strengths=st.tuples(st.sampled_from([0.0, 0.1]), st.sampled_from([0.0, 0.3])),
)
def test_a_step_with_masks_and_penalties_matches_autograd(
    net: Net, count: int, seed: int, dropout: float, dropconnect: float, strengths: tuple[float, float]
) -> None:
    """One update must be the gradient of the masked, penalised mean loss; frozen weights must stay."""
    X, _, targets = batch_for(net, count, seed)
    matrix = MatrixNet(net)
    vector = matrix.vector()
    masks = [
        expected_masks(net, matrix, seed, position, dropout, dropconnect) for position in range(count)
    ]

    def objective(vector):
        total = 0.0
        for x, target, mask in zip(X, targets, masks, strict=True):
            total = total + matrix.sample_loss(vector, x, target, **mask)
        weights = vector[: len(matrix.weights)]
        penalty = strengths[0] * sum(abs(w) for w in weights)
        penalty = penalty + 0.5 * strengths[1] * sum(w * w for w in weights)
        return total / count + penalty

    movable = [not w.frozen for w in matrix.weights] + [n.learns_bias for n in matrix.after]
    expected = vector - 0.05 * grad(objective)(vector) * movable
    penalties = [(r, s) for r, s in zip((l1, l2), strengths, strict=True) if s]
    none: Any = None  # the samples are given to `gradients`
    engine = ScalarEngine(
        net, none, penalties=penalties, dropout=dropout, dropconnect=dropconnect, seed=seed
    )
    engine.gradients(X, targets, 1, [1.0] * count)
    engine.update(0.05, 1)
    assert_close(matrix.vector(), expected)
    assert all(n.keep == 1.0 for n in net.neurons())
    assert all(w.keep == 1.0 for w in net.weights())


def expected_masks(net, matrix, seed, position, dropout, dropconnect):
    """Draw the masks as documented: by seed, step, sample and place."""
    mask = {}
    if dropout:
        hidden = [n for n in matrix.after if n.layer is not net.outputs]
        draws = uniforms(key(seed, Use.DROPOUT, 1, position), len(hidden))
        keep = {}
        for neuron, draw in zip(hidden, draws, strict=True):
            keep.setdefault(neuron.layer.id, []).append((draw >= dropout) / (1.0 - dropout))
        mask["keep_neurons"] = {layer: np.array(values) for layer, values in keep.items()}
    if dropconnect:
        draws = uniforms(key(seed, Use.DROPCONNECT, 1, position), len(matrix.weights))
        mask["keep_weights"] = (draws >= dropconnect) / (1.0 - dropconnect)
    return mask


@given(net=nets(), seed=st.integers(0, 2**32))
def test_gradients_match_finite_differences(net: Net, seed: int) -> None:
    X, labels, _ = batch_for(net, 1, seed)
    net.forward(X[0])
    kinks = ("relu", "leaky_relu", "elu")
    for neuron in net.neurons():
        if neuron.layer.activation and neuron.layer.activation.name in kinks:
            assume(abs(neuron.z) > 1e-3)
    assume(net.loss.name not in ("hinge", "mean_absolute_error", "huber"))
    net.backward(labels[0])
    for weight in list(net.weights())[:12]:
        slope = nudged(net, weight, "value", X, labels)
        assert weight.grad == pytest.approx(slope, rel=1e-4, abs=1e-8)
    for neuron in list(net.neurons())[len(X[0]) :][:5]:
        if neuron.has_bias:
            slope = nudged(net, neuron, "bias", X, labels)
            assert neuron.bias_grad == pytest.approx(slope, rel=1e-4, abs=1e-8)


def nudged(net: Net, thing: object, attribute: str, X, labels) -> float:
    """The slope of the loss when one number is moved a little both ways."""
    value, losses = getattr(thing, attribute), []
    for step in (1e-6, -1e-6):
        setattr(thing, attribute, value + step)
        losses.append(net.evaluate(X, labels).loss)
    setattr(thing, attribute, value)
    return (losses[0] - losses[1]) / 2e-6


@pytest.mark.parametrize(("loss", "output"), [*ORDINARY_TASKS, ("poisson", "exponential")])
def test_every_loss_and_output_activation_learns(loss: str, output: str) -> None:
    net = NetFactory([2, 4, 2], "tanh", output, seed=3).new()
    net.loss = loss
    X, labels, _ = batch_for(net, 4, 5)
    before = net.evaluate(X, labels).loss
    for _ in range(50):
        net.zero_grad()
        for x, label in zip(X, labels, strict=True):
            net.forward(x)
            net.backward(label)
        net.update(0.1)
    assert net.evaluate(X, labels).loss < 0.9 * before


def test_sources_of_zero_are_skipped_and_nothing_else_changes() -> None:
    """A source that is exactly 0 adds nothing: infinite weights out of it must not make a nan."""
    net = NetFactory([3, 2], output_activation="linear", seed=1).new()
    before = net.forward([1.0, 0.0, 2.0])
    net.weight(1, (1, 0)).value = float("inf")
    assert net.forward([1.0, 0.0, 2.0]) == before
    assert net.forward([1.0, 0.5, 2.0])[0] == float("inf")


def test_z_is_the_sum_in_attachment_order() -> None:
    net = NetFactory([50, 3], output_activation="linear", seed=2).new()
    x = [((7 * k) % 11 - 5) * 0.37 for k in range(50)]
    values = net.forward(x)
    for neuron, value in zip(net.layers[1].neurons.values(), values, strict=True):
        z = neuron.bias
        for weight in neuron.weights["in"].values():
            z = z + weight.value * weight.source.value
        assert z == neuron.z == value
        assert z == pytest.approx(fsum(w.value * w.source.value for w in neuron.weights["in"].values()))


def test_the_passes_follow_the_graph_as_it_changes() -> None:
    net = NetFactory([2, 2, 1], "linear", "linear", initializer="constant", seed=0).new()
    for weight in net.weights():
        weight.value = 1.0
    assert net.forward([1.0, 2.0]) == [6.0]
    net.weight(1, (1, 0)).remove()
    assert net.forward([1.0, 2.0]) == [4.0]
    net.layers[2].neurons[0].bias = 0.5
    assert net.forward([1.0, 2.0]) == [4.5]


def test_backward_needs_a_forward_pass_on_this_graph() -> None:
    net = NetFactory([2, 2], seed=0).new()
    with pytest.raises(ValueError, match="call forward first"):
        net.backward(0)
    net.forward([1.0, 2.0])
    net.backward(0)
    net.weight(1, (0, 0)).remove()
    with pytest.raises(ValueError, match="call forward first"):
        net.backward(0)


def test_update_is_the_mean_gradient() -> None:
    net = NetFactory([2, 1], output_activation="linear", seed=0).new()
    weight = net.weight(1, (0, 0))
    for x in ([1.0, 0.0], [3.0, 0.0]):
        net.forward(x)
        net.backward(10.0)
    before, grad_sum = weight.value, weight.grad
    net.update(0.1)
    assert weight.value == before - 0.1 * (0.5 * grad_sum)
    assert weight.grad == grad_sum
    net.zero_grad()
    assert weight.grad == 0.0
    with pytest.raises(ValueError, match="call forward and backward first"):
        net.update(0.1)


def test_update_honours_gradients_set_by_hand() -> None:
    net = NetFactory([2, 1], output_activation="linear", seed=0).new()
    net.forward([0.0, 0.0])
    net.backward(1.0)
    weight = net.weight(1, (1, 0))
    before = weight.value
    weight.grad = 2.0
    net.update(0.5)
    assert weight.value == before - 0.5 * 2.0
