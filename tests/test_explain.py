"""Derivations: their results are the objects' numbers to the last bit, and their texts are readable."""

from __future__ import annotations

import re

import pytest
from bits import bits
from hypothesis import given
from hypothesis import strategies as st
from slow import mostly_long
from strategies import batch_for, nets

from slownet import Activation, Net, NetFactory, Neuron, Preparation, Weight
from slownet.datasets import moons
from slownet.datasets.tables.columns import Column, Target
from slownet.explain.derivation import Applied
from slownet.functions import ACTIVATIONS


@given(nets(), st.integers(0, 2**32))
def test_every_number_is_derived_to_the_last_bit(net: Net, seed: int) -> None:
    X, _, targets = batch_for(net, 2, seed)
    wanted = targets[0] if len(targets[0]) > 1 else targets[0][0]
    if net.loss.target_kind == "class":
        wanted = targets[0].index(1.0)
    net.zero_grad()
    net.forward(X[0])
    net.backward(wanted)
    for neuron in net.neurons():
        found = neuron.explain(wanted)
        assert bits([found.result]) == bits([neuron.value])
        if neuron.layer is net.inputs:
            continue
        assert bits([found.total]) == bits([neuron.z])
        assert bits([found.delta.result]) == bits([neuron.delta])
        assert (neuron.explain().delta is None) == (neuron.layer is net.outputs)
        zeros = sum(weight.source.value == 0.0 for weight in neuron.weights["in"].values())
        assert len(found.terms) == 1 + len(neuron.weights["in"]) - zeros
    for weight in net.weights():
        assert bits([weight.explain().result]) == bits([weight.grad])
    for thing in (*net.neurons(), *net.weights()):
        assert str(thing.explain())
        latex = thing.explain()._repr_latex_()
        assert latex.count("{") == latex.count("}")
    first = {weight: weight.grad for weight in net.weights()}
    net.forward(X[1])
    net.backward(wanted)
    for weight, grad in first.items():
        assert bits([grad + weight.explain().result]) == bits([weight.grad])
        assert "The last of 2 samples" in weight.explain().note


def worked() -> Net:
    net = NetFactory([3, 2, 1], "sigmoid", "sigmoid", seed=0).new()
    for weight, value in zip(net.weights(), (0.5, -1.0, 2.0, 0.25, 4.0, 1.0, 2.0, -3.0), strict=True):
        weight.value = value
    net.layers[1].neurons[0].bias = 0.125
    net.forward([1.0, 0.0, -0.5])
    net.backward(1)
    return net


def test_text_of_a_neuron() -> None:
    neuron = worked().layers[1].neurons[0]
    text = str(neuron.explain())
    assert text.startswith("neuron 0 of layer 1\nz = bias + sum of weight * source value\n")
    rows = [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()[2:6]]
    assert rows == [
        ["bias", "0.125"],
        ["weight (0, 0) from neuron 0 of layer 0", "0.5 * 1", "0.5"],
        ["weight (2, 0) from neuron 2 of layer 0", "2 * -0.5", "-1"],
        ["z", "-0.375"],
    ]
    assert f"value = sigmoid(z) = {neuron.value:.6g}" in text
    slope = 1.0 * neuron.weights["out"][0, 0].value * neuron.weights["out"][0, 0].target.delta
    derivative = neuron.value * (1.0 - neuron.value)
    product = f"{slope:.6g} * {derivative:.6g} = {neuron.delta:.6g}"
    assert text.endswith(f"delta = slope * sigmoid'(z) = {product}")


@pytest.mark.parametrize("place", [1, 2])
def test_softmax_mixes_the_slopes_of_its_neurons(place: int) -> None:
    net = NetFactory([3, 3, 2], "softmax", "softmax", seed=0).new()
    net.loss = "squared_error"
    net.forward([1.0, 0.5, -0.2])
    net.zero_grad()
    net.backward([0.0, 1.0])
    layer = net.layers[place]
    slopes = [neuron.explain([0.0, 1.0]).delta.total for neuron in layer]
    mean = 0.0
    for neuron, slope in zip(layer, slopes, strict=True):
        mean += neuron.value * slope
    for neuron, slope in zip(layer, slopes, strict=True):
        delta = neuron.explain([0.0, 1.0]).delta
        assert delta.applied.factors == (neuron.value, slope - mean)
        assert neuron.delta == neuron.value * (slope - mean)
        assert [term.factors for term in delta.applied.mean.terms] == [
            (each.value, its) for each, its in zip(layer, slopes, strict=True)
        ]
        lines = str(delta).splitlines()
        assert lines[-1] == (
            "delta = value * (slope - mean slope) = "
            f"{neuron.value:.6g} * {slope - mean:.6g} = {neuron.delta:.6g}"
        )
        assert lines[-2].split() == ["mean", "slope", f"{mean:.6g}"]
        latex = delta._repr_latex_()
        assert r"\bar{s} &= \sum_k a_k s_k\\" in latex
        assert rf"\delta &= a (s - \bar{{s}}) = {neuron.value:.4g} (" in latex


FORMULAS = [each.latex for each in ACTIVATIONS.values()]
DERIVATIVES = [each.derivative_latex for each in ACTIVATIONS.values()]


@pytest.mark.parametrize(
    "latex", mostly_long(["2z^2 + z z", r"\tfrac12 z 3 z^z", *FORMULAS, *DERIVATIVES], 8)
)
@given(st.floats(-100, 100), st.floats(-100, 100))
def test_numbers_in_a_formula_stay_apart(latex: str, z: float, a: float) -> None:
    """Neither 0.01 3 nor e^0.5, which would be read as 0.013 and as e^0 .5."""
    written = Applied("", latex, {"z": z, "a": a}, 0.0).latex_with_numbers
    assert not re.search(r"\d\s+\d", written)
    assert not re.search(r"\^[\d(][^ )]", written)


def test_a_product_that_is_written_without_a_sign_gets_one() -> None:
    written = Applied("", "2z^2 + z z", {"z": 3.0}, 24.0).latex_with_numbers
    assert written == r"2\cdot 3^2 + 3 \cdot 3"


def test_latex_of_a_neuron() -> None:
    neuron = worked().layers[1].neurons[0]
    latex = neuron.explain()._repr_latex_()
    assert latex.startswith("$$")
    assert latex.endswith("$$")
    assert r"z &= b + \sum_i w_i a_i\\&= 0.125 + 0.5 \cdot 1 + 2 \cdot (-0.5)\\&= -0.375\\" in latex
    assert r"a &= \frac{1}{1 + e^{-z}} = \frac{1}{1 + e^{-(-0.375)}} = 0.4073\\" in latex
    assert r"s \cdot \left(a (1 - a)\right) = " in latex
    assert r"\left(0.4073 (1 - 0.4073)\right)" in latex


def test_long_sums_are_shortened() -> None:
    net = NetFactory([784, 4, 10], seed=0).new()
    net.forward([0.5 + place / 784 for place in range(784)])
    neuron = net.layers[1].neurons[2]
    found = neuron.explain()
    assert len(found.terms) == 785
    lines = str(found).splitlines()
    (more,) = [line for line in lines if "more terms adding up to" in line]
    assert more.split()[1] == "776"
    shown = [float(line.split()[-1]) for line in lines[2:11]]
    assert sum(shown) + float(more.split()[-1]) == pytest.approx(neuron.z, abs=1e-5)
    largest = max(neuron.weights["in"].values(), key=lambda w: abs(w.value * w.source.value))
    assert f"weight {largest.id} from" in lines[3]
    assert len(found._repr_latex_()) < 1000


def test_text_of_a_weight() -> None:
    net = worked()
    weight = net.weight(2, (1, 0))
    text = str(weight.explain())
    assert text.startswith("weight (1, 0) from neuron 1 of layer 1 to neuron 0 of layer 2\n")
    assert f"{weight.target.delta:.6g} * {weight.source.value:.6g}" in text
    assert text.splitlines()[-1].split() == ["grad", f"{weight.grad:.6g}"]
    assert "exactly 0" in str(net.weight(1, (1, 0)).explain())


def test_an_output_asks_for_its_target() -> None:
    neuron = worked().layers[2].neurons[0]
    assert "explain(target)" in str(neuron.explain())
    assert "delta = value - target" in str(neuron.explain(1))
    with pytest.raises(ValueError, match="not of the target 0"):
        neuron.explain(0)


def test_functions_of_ones_own_have_a_formula_too() -> None:
    own = Activation("cube", lambda z: z**3, lambda z: 3 * z * z)
    net = NetFactory([1, 1, 1], own, "linear", seed=0).new()
    net.weight(1, (0, 0)).value = 2.0
    net.forward([1.5])
    net.backward(0.0)
    latex = net.layers[1].neurons[0].explain()._repr_latex_()
    assert "a &= f(z) = f(3) = 27" in latex
    assert "s f'(z)" in latex


def test_numbers_that_do_not_follow_any_more_are_not_derived() -> None:
    X, y = moons(20, seed=0)
    net = NetFactory([2, 3, 1], seed=0).new()
    with pytest.raises(ValueError, match=r"no gradient yet: call net.zero_grad\(\)"):
        net.weight(1, (0, 0)).explain()
    net.fit(X, y, epochs=1)
    neuron = net.layers[1].neurons[0]
    with pytest.raises(ValueError, match=r"net.forward\(sample\) first"):
        neuron.explain()
    net.forward(X[0])
    assert bits([neuron.explain().result]) == bits([neuron.value])
    net.zero_grad()
    net.backward(1)
    net.forward(X[1])
    assert neuron.explain().delta is None or bits([neuron.explain().delta.result]) == bits(
        [neuron.delta]
    )
    with pytest.raises(ValueError, match="not of the last sample alone"):
        net.weight(1, (0, 0)).explain()


def test_what_is_in_no_net_is_not_derived() -> None:
    with pytest.raises(ValueError, match="in no net"):
        Neuron(0).explain()
    with pytest.raises(ValueError, match="both ends"):
        Weight((0, 0)).explain()


def test_minus_zero_is_printed_as_zero() -> None:
    net = NetFactory([2, 1], seed=1).new()
    net.forward([-1.0, 1.0])
    net.backward(0)
    found = next(iter(net.outputs)).explain(0).delta
    assert found is not None
    assert str(found.terms[-1].value) == "-0.0"
    for text in (str(found), found._repr_latex_()):
        assert not re.search(r"-0(?![.0-9])", text), text


def homes() -> Net:
    columns = [
        Column("age", "number", centre=29.7, scale=14.5),
        Column("height", "number", centre=-3.0, scale=0.5),
        Column("street", "category", ("loud", "quiet")),
        Column("garden", "boolean"),
        Column("rooms", "number"),
    ]
    net = NetFactory([6, 2, 1], "tanh", "linear", seed=0).new()
    net.preparation = Preparation(columns, [Target("price (EUR)", 40_000.0, 12_000.0)])
    net.forward(net.preparation.prepared([[29.0, 1.5, "quiet", True, 4.0]])[0])
    return net


def test_an_input_is_derived_from_the_cell_of_its_table() -> None:
    neurons = homes().layers[0].neurons
    value = (29.0 - 29.7) / 14.5
    assert neurons[0].value == value
    assert str(neurons[0].explain()).splitlines()[:2] == [
        "neuron 0 of layer 0: age",
        "value = (age - 29.7) / 14.5",
    ]
    assert re.split(r"\s{2,}", str(neurons[0].explain()).splitlines()[2].strip()) == [
        "(29 - 29.7) / 14.5",
        f"{value:.6g}",
    ]
    assert r"\frac{x - 29.7}{14.5} = \frac{29 - 29.7}{14.5}\\" in neurons[0].explain()._repr_latex_()
    assert "(1.5 + 3) / 0.5  " in str(neurons[1].explain())
    assert "value = 1 where a row has street=quiet, otherwise 0" in str(neurons[3].explain())
    assert "neuron 4 of layer 0: garden\nvalue = 1 for true, 0 for false" in str(neurons[4].explain())
    assert "neuron 5 of layer 0: rooms\nvalue = rooms\n" in str(neurons[5].explain())
    for neuron in neurons.values():
        assert bits([neuron.explain().result]) == bits([neuron.value])


def test_an_output_is_brought_to_the_unit_of_its_target() -> None:
    net = homes()
    output = net.layers[2].neurons[0]
    own = output.value * 12_000.0 + 40_000.0
    line = f"price (EUR) = {output.value:.6g} * 12000 + 40000 = {own:.6g}"
    assert line in str(output.explain()).splitlines()
    net.backward(0.5)
    found = output.explain(0.5)
    assert line in str(found).splitlines()
    assert bits([found.result, found.delta.result]) == bits([output.value, output.delta])
    net.preparation = Preparation(net.preparation.columns, [Target("price")])
    assert "price" not in str(output.explain(0.5))


def test_sums_name_the_inputs() -> None:
    net = homes()
    text = str(net.layers[1].neurons[0].explain())
    assert "weight (0, 0) from neuron 0 of layer 0 (age)  " in text
    assert "weight (3, 0) from neuron 3 of layer 0 (street=quiet)  " in text
    net.preparation = None
    assert "age" not in str(net.layers[1].neurons[0].explain())
    assert "the sample's own number" in str(net.layers[0].neurons[0].explain())
