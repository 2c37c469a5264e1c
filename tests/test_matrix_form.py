"""A layer as matrices: its own numbers, and W a + b against what the neurons added up."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import batch_for, nets

from slownet import InvalidTypeError, InvalidValueError, Layer, Net, NetFactory, Weight
from slownet.explain import MatrixForm


@given(nets(), st.integers(0, 2**32))
def test_scalars_and_matrices_agree(net: Net, seed: int) -> None:
    """Of random graphs, with holes and skips; the bound is that of sums of exact numbers."""
    net.forward(batch_for(net, 1, seed)[0][0])
    for layer in list(net)[1:]:
        form = layer.matrix_form()
        assert form.z.tolist() == [neuron.z for neuron in layer]
        assert form.b.tolist() == [neuron.bias for neuron in layer]
        assert form.joined.sum() == sum(len(neuron.weights["in"]) for neuron in layer)
        assert not form.W[~form.joined].any()
        assert str(form).count("\n") == max(1, min(len(layer), 7), min(len(form.a), 7)) + 1
        latex = form._repr_latex_()
        assert latex.count("{") == latex.count("}")
        if not (np.isfinite(form.z).all() and np.isfinite(form.a).all()):
            continue
        assert form.product.tolist() == (form.W @ form.a + form.b).tolist()
        assert form.agrees
        for row, b, z, bound in zip(form.W, form.b, form.z, form.bound, strict=True):
            products = [Fraction(w) * Fraction(a) for w, a in zip(row, form.a, strict=True)]
            assert abs(sum(products) + Fraction(b) - Fraction(z)) <= Fraction(bound)


def worked() -> Net:
    """Return a net of 2-3-1 with round numbers, one weight removed, after [1, 2]."""
    net = NetFactory([2, 3, 1], "relu", "linear", seed=0).new()
    for weight, value in zip(net.weights(), (0.5, -1, 2, 0.25, 4, 1, 2, -3, 1), strict=True):
        weight.value = value
    net.weight(1, (1, 2)).remove()
    net[1][0].bias = 0.125
    net.forward([1, 2])
    return net


def test_text_leaves_a_removed_weight_blank() -> None:
    assert str(worked()[1].matrix_form()).splitlines() == [
        "layer 1: z = W a + b",
        "[0.5    -1] · [1] + [0.125] = [-1.375]",
        "[  2  0.25]   [2]   [    0]   [   2.5]",
        "[  4      ]         [    0]   [     4]",
        "The sums of the neurons and of NumPy differ by 0 at most; rounding allows 2.7e-15.",
    ]
    last = str(worked()[2].matrix_form()).splitlines()
    assert last[1:4] == [
        "[2  -3  1] · [  0] + [0] = [-3.5]",
        "             [2.5]",
        "             [  4]",
    ]


def test_latex_has_the_same_numbers() -> None:
    latex = worked()[1].matrix_form()._repr_latex_()
    assert latex.startswith(r"$$\begin{aligned}z &= W a + b\\&= \begin{bmatrix}0.5 & -1\\2 & 0.25\\4 & ")
    assert r"\end{bmatrix} \begin{bmatrix}1\\2\end{bmatrix} + \begin{bmatrix}0.125\\0\\0" in latex
    assert r"&= \begin{bmatrix}-1.375\\2.5\\4\end{bmatrix}" in latex


def test_of_large_layers_the_edges_are_printed() -> None:
    net = NetFactory([784, 16, 10], seed=0).new()
    net.forward([k % 7 / 7 for k in range(784)])
    lines = str(net[1].matrix_form()).splitlines()
    assert len(lines) == 9
    assert lines[4].count("...") == 7 + 3  # of W, and of a, b and z
    assert max(map(len, lines)) < 120
    assert len(net[1].matrix_form()._repr_latex_()) < 2000


def test_sources_of_a_skip_are_named_in_the_order_of_the_layers() -> None:
    net = worked()
    Weight(((0, 1), (2, 0)), incoming_neuron=net[2][0], outgoing_neuron=net[0][1], value=10)
    net.forward([1, 2])
    form = net[2].matrix_form()
    assert form.W.tolist() == [[0, 10, 2, -3, 1]]
    assert form.joined.tolist() == [[False, True, True, True, True]]
    assert form.a.tolist() == [1, 2, 0, 2.5, 4]
    assert form.sources[:3] == ["neuron 0 of layer 0", "neuron 1 of layer 0", "neuron 0 of layer 1"]
    assert form.z.tolist() == form.product.tolist() == [16.5]


def test_a_difference_beyond_rounding_is_said() -> None:
    form = worked()[2].matrix_form()
    off = MatrixForm(form.of, form.W, form.joined, form.a, form.b, form.z, form.z + 1e-9, form.sources)
    assert not off.agrees
    assert off.difference == pytest.approx(1e-9)
    assert "differ by 1e-09 at most; rounding allows only" in str(off)


def test_sums_that_overflow_are_not_compared() -> None:
    net = NetFactory([1, 2, 1], "exponential", "linear", seed=0).new()
    for weight in net.weights():
        weight.value = 100.0 if weight.id != (1, 0) else -100.0
    net.forward([50.0])
    form = net[2].matrix_form()
    assert not form.agrees
    assert str(form).endswith("A sum is not finite, so that there is nothing to compare.")


def test_a_weight_that_is_nan_is_there() -> None:
    net = worked()
    net.weight(1, (0, 0)).value = float("nan")
    net.forward([1, 2])
    form = net[1].matrix_form()
    assert form.joined.sum() == 5
    assert np.isnan(form.W).tolist() == [[True, False], [False, False], [False, False]]
    assert str(form).splitlines()[1].startswith("[nan    -1]")
    assert not form.agrees


def test_numbers_of_no_pass_are_refused() -> None:
    net = worked()
    with pytest.raises(InvalidValueError, match="the input layer has no weights"):
        net[0].matrix_form()
    with pytest.raises(InvalidValueError, match="is in no net"):
        Layer(0).matrix_form()
    net.weight(1, (0, 1)).value = 3.0
    with pytest.raises(InvalidValueError, match="neuron 1 of layer 1 do not follow from the weights"):
        net[1].matrix_form()
    with pytest.raises(InvalidValueError, match=r"Call net.forward\(sample\) first"):
        NetFactory([2, 1], seed=0).new()[1].matrix_form()
    net.weight(1, (0, 1)).value = "much"  # type: ignore[assignment]
    with pytest.raises(InvalidTypeError):
        net[1].matrix_form()


def test_numbers_of_numpy_become_floats() -> None:
    net = worked()
    net.weight(1, (0, 0)).value = np.float32(0.5)  # type: ignore[assignment]
    assert net[1].matrix_form().W.dtype == np.float64
