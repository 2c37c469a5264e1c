"""Pruned nets, nets that grow, and their summaries."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_trainings import OPTIONS, X, Y, new_net

from slownet import Net, NetFactory, SlownetError, Weight
from slownet.plotting import network

LAYERS = st.lists(st.integers(1, 5), min_size=2, max_size=5)


@given(LAYERS, st.floats(0.0, 1.0), st.integers(0, 100))
def test_pruning_removes_the_smallest_weights(sizes: list[int], share: float, seed: int) -> None:
    net = NetFactory(sizes, seed=seed).new()
    values = sorted(abs(weight.value) for weight in net.weights())
    removed = net.prune(share)
    assert len(removed) == int(Fraction(share).limit_denominator(1_000_000) * len(values))
    assert [abs(weight.value) for weight in removed] == values[: len(removed)]
    assert sorted(abs(weight.value) for weight in net.weights()) == values[len(removed) :]
    assert not any(weight.has_incoming or weight.has_outgoing for weight in removed)


def test_a_share_is_the_number_as_it_is_written() -> None:
    net = NetFactory([10, 10], seed=0).new()
    for percent in range(101):
        assert len(net.copy().prune(share=percent / 100)) == percent


@given(LAYERS, st.floats(0.0, 2.0), st.integers(0, 100))
def test_pruning_below_a_size_removes_what_is_below(sizes: list[int], below: float, seed: int) -> None:
    net = NetFactory(sizes, seed=seed).new()
    values = [weight.value for weight in net.weights()]
    net.prune(below=below)
    assert [weight.value for weight in net.weights()] == [v for v in values if abs(v) >= below]


def test_pruning_leaves_frozen_weights_and_biases() -> None:
    net = new_net()
    net.layers[1].freeze()
    frozen = [weight for weight in net.weights() if weight.frozen]
    net.prune(share=1.0)
    assert list(net.weights()) == frozen
    assert net.parameter_count == len(frozen) + 10


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
def test_a_pruned_net_trains_on_and_is_drawn(engine: str) -> None:
    net = new_net()
    net.prune(0.5)
    count = sum(1 for _ in net.weights())
    net.fit(X, Y, **OPTIONS, engine=engine)
    assert sum(1 for _ in net.weights()) == count == 17
    assert network(net).data


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "either share=0.5 or below=0.01"),
        ({"share": 0.1, "below": 0.1}, "either share=0.5 or below=0.01"),
        ({"share": 1.5}, "share must be from 0 to 1, not 1.5"),
        ({"share": -0.1}, "share must be at least 0"),
        ({"share": "half"}, "share"),
        ({"below": float("nan")}, "below must be finite"),
    ],
)
def test_pruning_says_what_it_takes(arguments: dict[str, Any], message: str) -> None:
    net = new_net()
    with pytest.raises((TypeError, ValueError), match=message) as error:
        net.prune(**arguments)
    assert isinstance(error.value, SlownetError)
    assert net.parameter_count == 44


@given(st.lists(st.integers(1, 4), min_size=3, max_size=5), st.integers(1, 4), st.data())
def test_a_net_that_grows_computes_what_it_computed(
    sizes: list[int], count: int, data: st.DataObject
) -> None:
    net = NetFactory(sizes, "tanh", seed=data.draw(st.integers(0, 9))).new()
    layer = data.draw(st.integers(1, len(sizes) - 2))
    inputs = data.draw(st.lists(st.floats(-3.0, 3.0), min_size=sizes[0], max_size=sizes[0]))
    before = net.forward(inputs)
    new = net.grow(layer, count)
    assert net.forward(inputs) == before
    assert [neuron.id for neuron in new] == list(range(sizes[layer], sizes[layer] + count))
    assert len(net.layers[layer]) == sizes[layer] + count
    for neuron in new:
        assert [weight.outgoing for weight in neuron.weights["in"].values()] == list(net[layer - 1])
        assert [weight.incoming for weight in neuron.weights["out"].values()] == list(net[layer + 1])
        assert any(weight.value for weight in neuron.weights["in"].values())
        assert not any(weight.value for weight in neuron.weights["out"].values())


def test_what_grows_is_drawn_from_the_seed_and_learns() -> None:
    def grown(engine: str) -> Net:
        net = new_net()
        net.grow(net.layers[1], 2)
        net.fit(X, Y, **OPTIONS, engine=engine)
        return net

    nets = [grown("scalar"), grown("compiled")]
    first, second = ([weight.value for weight in net.weights()] for net in nets)
    assert first == second
    new = [nets[0].layers[1].neurons[number] for number in (5, 6)]
    assert any(weight.value for neuron in new for weight in neuron.weights["out"].values())


def test_new_neurons_are_numbered_after_the_last_and_have_biases_as_the_others() -> None:
    net = NetFactory([2, 3, 1], bias=False, seed=1).new()
    net.layers[1].neurons[1].remove()
    (new,) = net.grow(1)
    assert (new.id, new.has_bias) == (3, False)
    assert list(net.layers[1].neurons) == [0, 2, 3]


@pytest.mark.parametrize("layer", [0, 3, 7, -1, "1", None, 1.5])
def test_only_hidden_layers_grow(layer: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="must be a hidden layer of this net") as error:
        new_net().grow(layer)
    assert isinstance(error.value, SlownetError)


def test_a_layer_of_another_net_does_not_grow() -> None:
    with pytest.raises(ValueError, match="must be a hidden layer of this net"):
        new_net().grow(new_net().layers[1])


def test_a_summary_counts_what_is_there() -> None:
    net = new_net()
    net.weight(2, (0, 0)).remove()
    net.layers[1].freeze()
    net.layers[3].neurons[0].bias_frozen = True
    Weight(((0, 0), (2, 1)), incoming_neuron=net[2][1], outgoing_neuron=net[0][0], value=0.5)
    found = net.summary()
    assert [(r.neurons, r.weights, r.biases, r.learned, r.frozen) for r in found.rows] == [
        (2, 0, 0, 0, 0),
        (5, 10, 5, 0, 15),
        (4, 20, 4, 24, 0),
        (1, 4, 1, 4, 1),
    ]
    assert found.parameters == net.parameter_count == 44
    assert found.frozen == 16
    lines = str(found).splitlines()
    assert len(lines) == 7
    assert lines[-1] == "44 weights and biases, 16 of them frozen; loss binary_cross_entropy"
    assert max(map(len, lines)) <= 80


def test_a_summary_shows_itself_in_a_notebook() -> None:
    html = new_net().summary()._repr_html_()
    assert html.count("<tr>") == 5
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", html)
    assert cells[7:14] == ["1", "5", "relu", "10", "5", "15", "0"]
