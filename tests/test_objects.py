"""The graph: construction, guards, ids, removal, looking things up, and the factory."""

from __future__ import annotations

import copy
import gc
import inspect
import operator
import pickle
from decimal import Decimal

import numpy as np
import pytest
from bits import bits
from hypothesis import given
from hypothesis import strategies as st
from strategies import nets

from slownet import (
    Activation,
    Dense,
    History,
    Initializer,
    Input,
    Layer,
    Net,
    NetFactory,
    Neuron,
    ReLU,
    Sigmoid,
    SlownetError,
    Weight,
    functions,
)
from slownet.graph_checks import where


def test_constructors_attach() -> None:
    net = Net()
    layer = Layer(0, attach_to=net)
    neuron = Neuron(3, attach_to=layer, value=0.5, bias=0.25)
    assert net.layers == {0: layer}
    assert layer.net is net
    assert layer.neurons == {3: neuron}
    assert neuron.layer is layer
    assert (neuron.value, neuron.bias) == (0.5, 0.25)


def test_attaching_later() -> None:
    net, layer, a, b = Net(), Layer(0), Neuron(neuron_id=0), Neuron(1)
    assert (layer.net, a.layer, a.weights) == (None, None, {"in": {}, "out": {}})
    layer.attach_to_net(net)
    a.attach_to_layer(layer)
    assert net.layers[0].neurons[0] is a
    weight = Weight((0, 1))
    assert (weight.has_incoming, weight.has_outgoing) == (False, False)
    weight.attach_to_outgoing(a)
    assert (weight.has_incoming, weight.has_outgoing) == (False, True)
    weight.attach_to_incoming(b)
    assert weight.outgoing is weight.source is a
    assert weight.incoming is weight.target is b
    assert a.weights == {"in": {}, "out": {(0, 1): weight}}
    assert b.weights == {"in": {(0, 1): weight}, "out": {}}


def test_the_uses_of_the_contract() -> None:
    net = NetFactory(layer_dims=[3, 4, 6]).new()
    assert isinstance(net.layers[0].neurons[0].weights["out"][(0, 1)].value, float)
    factory = NetFactory([3, 4, 6])
    assert (factory.layer_dims, factory.num_layers) == ([3, 4, 6], 3)


@pytest.mark.parametrize(
    ("attach", "message"),
    [
        (lambda: Layer(0).attach_to_net("net"), "net must be of type Net, not str"),
        (lambda: Layer(0, attach_to=3), "net must be of type Net"),
        (lambda: Net().attach_layer(Neuron(0)), "layer must be of type Layer, not Neuron"),
        (lambda: Neuron(0).attach_to_layer(Net()), "layer must be of type Layer, not Net"),
        (lambda: Layer(0).attach_neuron(None), "neuron must be of type Neuron"),
        (lambda: Neuron(0).attach_weight(1.5, "in"), "weight must be of type Weight"),
        (lambda: Weight((0, 0)).attach_to_incoming(Layer(0)), "neuron must be of type Neuron"),
        (lambda: Weight((0, 0)).attach_to_outgoing(0), "neuron must be of type Neuron"),
        (lambda: Weight("a"), "a weight id must be"),
        (lambda: Weight((0, 1, 2)), "a weight id must be"),
        (lambda: Weight(((0, 1), 2)), "a weight id must be"),
        (lambda: Layer("first"), "layer_id must be an integer, not str"),
        (lambda: Neuron(True), "neuron_id must be an integer"),
        (lambda: NetFactory([2, 1]).connect_layers(Layer(0), 1), "layer2 must be of type Layer"),
    ],
)
def test_wrong_types_are_refused(attach, message: str) -> None:
    with pytest.raises(TypeError, match=message) as caught:
        attach()
    assert isinstance(caught.value, SlownetError)


def test_taken_ids_are_refused_and_nothing_is_overwritten() -> None:
    net = Net()
    layer = Layer(0, net)
    neuron = Neuron(0, layer)
    with pytest.raises(ValueError, match="layer id 0 is taken"):
        Layer(0, net)
    with pytest.raises(ValueError, match="neuron id in layer 0: 0 is taken"):
        Neuron(0, layer)
    weight = Weight((0, 0), outgoing_neuron=neuron)
    with pytest.raises(ValueError, match="is taken"):
        Weight((0, 0), outgoing_neuron=neuron)
    assert net.layers == {0: layer}
    assert layer.neurons == {0: neuron}
    assert neuron.weights["out"] == {(0, 0): weight}
    with pytest.raises(ValueError, match="attached to a net already"):
        Net().attach_layer(layer)
    with pytest.raises(ValueError, match="attached to a layer already"):
        neuron.attach_to_layer(Layer(1))
    with pytest.raises(ValueError, match="this end attached already"):
        weight.attach_to_outgoing(Neuron(0))
    with pytest.raises(ValueError, match="direction must be 'in' or 'out', not 'sideways'"):
        neuron.attach_weight(Weight((0, 1)), "sideways")


def test_a_constructor_that_fails_leaves_nothing_behind() -> None:
    a, b = Neuron(0), Neuron(0)
    Weight((0, 0), incoming_neuron=b)
    with pytest.raises(ValueError, match="is taken"):
        Weight((0, 0), incoming_neuron=b, outgoing_neuron=a)
    assert a.weights["out"] == {}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda members, first: operator.setitem(members, first, None),
        lambda members, first: operator.delitem(members, first),
        lambda members, first: operator.ior(members, {first: None}),
        lambda members, first: members.pop(first),
        lambda members, first: members.popitem(),
        lambda members, first: members.clear(),
        lambda members, first: members.update({first: None}),
        lambda members, first: members.setdefault(99, None),
    ],
)
def test_dicts_of_the_graph_cannot_be_changed_behind_its_back(spoil) -> None:
    net = NetFactory([2, 2], seed=0).new()
    for members in (net.layers, net.layers[0].neurons, net.layers[1].neurons[0].weights["in"]):
        before = dict(members)
        with pytest.raises(TypeError, match="attach"):
            spoil(members, next(iter(members)))
        assert members == before


def test_remove_takes_a_weight_off_both_neurons() -> None:
    net = NetFactory([3, 2, 1], seed=0).new()
    weight = net.weight(1, (2, 1))
    source, target = weight.source, weight.target
    count = net.parameter_count
    weight.remove()
    assert (2, 1) not in source.weights["out"]
    assert (2, 1) not in target.weights["in"]
    assert (weight.incoming, weight.outgoing) == (None, None)
    assert weight not in list(net.weights())
    assert net.parameter_count == count - 1
    weight.remove()
    weight.attach_to_outgoing(source)
    weight.attach_to_incoming(target)
    assert net.weight(1, (2, 1)) is weight
    assert list(target.weights["in"])[-1] == (2, 1)


def test_weights_must_run_forwards_within_one_net() -> None:
    net = NetFactory([2, 2, 2], seed=0).new()
    early, late = net.layers[0].neurons[0], net.layers[2].neurons[1]
    with pytest.raises(ValueError, match="from an earlier to a later layer"):
        Weight(((2, 1), (0, 0)), incoming_neuron=early, outgoing_neuron=late)
    other = NetFactory([2, 2, 2], seed=0).new()
    with pytest.raises(ValueError, match="join two nets"):
        Weight(((0, 0), (2, 1)), incoming_neuron=other.layers[2].neurons[1], outgoing_neuron=early)
    with pytest.raises(ValueError, match=r"must have the id .*\(\(0, 0\), \(2, 1\)\)"):
        Weight((5, 1), incoming_neuron=late, outgoing_neuron=early)
    assert not early.weights["in"]
    assert len(late.weights["in"]) == 2
    skip = Weight(((0, 0), (2, 1)), incoming_neuron=late, outgoing_neuron=early, value=2.0)
    assert net.weight(2, ((0, 0), (2, 1))) is skip


def test_ids_that_do_not_fit_their_layers_are_found_before_the_first_pass() -> None:
    net = NetFactory([1, 1, 1], seed=0).new()
    Weight((0, 0), outgoing_neuron=net.layers[2].neurons[0])
    with pytest.raises(ValueError, match="not attached to the net at both ends"):
        net.forward([1.0])
    net = Net()
    a, b = Neuron(0, Layer(0, net)), Neuron(0, Layer(2, net))
    Weight((0, 0), b, a)
    assert net.forward([1.0]) == [0.0]
    middle = Layer(1, net)
    Neuron(0, middle)
    with pytest.raises(ValueError, match=r"must have the id \(\(0, 0\), \(2, 0\)\)"):
        net.forward([1.0])


def test_a_net_without_layers_or_neurons_says_so() -> None:
    for net in (Net(), NetFactory([1, 1]).new()):
        if net.layers:
            Layer(7, net)
        with pytest.raises(ValueError, match="needs an input and an output layer"):
            net.forward([1.0])


def test_hand_built_nets_work_without_activations() -> None:
    net = Net()
    first, second = Layer(0, net), Layer(1, net)
    for k in range(2):
        Neuron(k, first)
    out = Neuron(0, second, bias=0.5)
    for k in range(2):
        Weight((k, 0), out, first.neurons[k], value=k + 1.0)
    assert net.forward([10.0, 100.0]) == [210.5]
    assert net.backward(210.0) == 0.125
    assert out.delta == 0.5
    assert net.parameter_count == 3


def test_iteration_is_in_a_stable_order() -> None:
    net = NetFactory([3, 2, 2], seed=0).new()
    assert [(n.layer.id, n.id) for n in net.neurons()] == [
        (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0), (2, 1),
    ]  # fmt: skip
    assert [(w.incoming.layer.id, w.id) for w in net.weights()][:7] == [
        (1, (0, 0)), (1, (1, 0)), (1, (2, 0)), (1, (0, 1)), (1, (1, 1)), (1, (2, 1)), (2, (0, 0)),
    ]  # fmt: skip
    assert net.parameter_count == 3 * 2 + 2 + 2 * 2 + 2


def test_layers_and_nets_are_walked_and_indexed_by_id() -> None:
    net = Net()
    last, first, middle = Layer(9, net, "tanh"), Layer(0, net), Layer(4, net)
    for number in (5, 0, 3):
        Neuron(number, first)
    assert list(net) == [first, middle, last]
    assert [neuron.id for neuron in first] == [0, 3, 5]
    assert (net[4], first[3], len(net)) == (middle, first.neurons[3], 3)
    assert (net.inputs, net.outputs) == (first, last)
    assert [layer.function.name for layer in net] == ["linear", "linear", "tanh"]
    assert bool(Net())
    with pytest.raises(KeyError, match="no 1 here: there is 9, 0, 4"):
        net[1]
    with pytest.raises(KeyError, match="no 4 here"):
        first[4]
    for missing in ("inputs", "outputs"):
        with pytest.raises(ValueError, match="this net has no layers"):
            getattr(Net(), missing)


def test_every_part_of_a_net_has_one_name() -> None:
    net = NetFactory([2, 2]).new()
    weight = net.weight(1, (0, 1))
    names = [where(thing) for thing in (net[1], net[1][0], weight, None)]
    assert names == ["layer 1", "neuron 0 of layer 1", "weight (0, 1) into layer 1", "nowhere"]
    assert where(Neuron(7)) == "neuron 7"
    assert where(Weight((0, 1))) == "weight (0, 1)"


def test_long_dicts_are_printed_cut() -> None:
    net = NetFactory([784, 2, 1], seed=0).new()
    text = repr(net[1][0].weights)
    assert len(text) < 1000
    assert text.count("Weight(") == 7  # three at either end of those that come in, and one that goes out
    assert "... (784 in all)" in text
    assert "neuron 783 of layer 0" in text
    assert repr(net.layers) == repr(dict(net.layers))


def test_finding_a_weight_that_is_not_there() -> None:
    net = NetFactory([2, 2], seed=0).new()
    with pytest.raises(ValueError, match=r"no layer 5: this net has \[0, 1\]"):
        net.weight(5, (0, 0))
    for missing in ((0, 9), (9, 0), ((0, 0), (1, 0))):
        with pytest.raises(ValueError, match="goes to layer 1"):
            net.weight(1, missing)


def test_forward_checks_the_number_of_inputs() -> None:
    with pytest.raises(ValueError, match="got 3 inputs for 2 input neurons"):
        NetFactory([2, 1]).new().forward([1.0, 2.0, 3.0])


def test_frozen_weights_get_gradients_and_do_not_move() -> None:
    net = NetFactory([2, 1], output_activation="linear", seed=0).new()
    frozen = net.weight(1, (0, 0))
    frozen.frozen = True
    before = frozen.value
    net.forward([1.0, 1.0])
    net.backward(5.0)
    net.update(0.1)
    assert frozen.grad == net.weight(1, (1, 0)).grad != 0.0
    assert frozen.value == before


def test_freezing_a_neuron_a_layer_and_a_net() -> None:
    net = NetFactory([2, 3, 2], seed=0).new()
    layer, neuron = net.layers[1], net.layers[2].neurons[1]

    def frozen() -> tuple[set[int], set[int]]:
        biases = {(n.layer.id, n.id) for n in net.neurons() if n.bias_frozen and n.layer.id}
        return {(w.incoming.layer.id, w.incoming.id) for w in net.weights() if w.frozen}, biases

    neuron.freeze()
    assert frozen() == ({(2, 1)}, {(2, 1)})
    layer.freeze()
    assert frozen() == ({(1, 0), (1, 1), (1, 2), (2, 1)},) * 2
    neuron.unfreeze()
    assert frozen() == ({(1, 0), (1, 1), (1, 2)},) * 2
    layer.unfreeze()
    assert frozen() == (set(), set())
    net.freeze()
    assert all(w.frozen for w in net.weights())
    assert not any(n.learns_bias for n in net.neurons())
    net.unfreeze()
    assert frozen() == (set(), set())
    assert net.layers[2].neurons[0].learns_bias
    assert not net.layers[0].neurons[0].learns_bias
    for part, name in (net, "Net"), (layer, "Layer"), (neuron, "Neuron"):
        with pytest.raises(AttributeError, match=rf"a {name} has no `frozen`: its freeze\(\)"):
            part.frozen = True
        assert not hasattr(part, "frozen")


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
@pytest.mark.parametrize("optimizer", [*functions.OPTIMIZERS, functions.sgd(0.9)])
@pytest.mark.parametrize("batch_size", [1, 4])
def test_training_changes_nothing_that_is_frozen(engine, optimizer, batch_size) -> None:
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(12, 3)).tolist(), rng.integers(0, 2, 12).tolist()
    net = NetFactory([3, 4, 4, 2], "tanh", seed=0).new()
    for neuron in net.neurons():
        neuron.bias = 0.125 * neuron.id if neuron.has_bias else 0.0
    net.layers[1].freeze()
    net.layers[2].neurons[3].bias_frozen = True

    def numbers() -> tuple[list[float], list[float]]:
        first = net.layers[1]
        weights = [w.value for n in first for w in n.weights["in"].values()]
        return weights, [*(n.bias for n in first), net.layers[2].neurons[3].bias]

    before, free = numbers(), [n.bias for n in net.layers[3]]
    options = {"optimizer": optimizer, "l1": 0.01, "l2": 0.1, "dropout": 0.2}
    net.fit(X, y, epochs=3, batch_size=batch_size, engine=engine, progress=False, **options)
    net.fit(X, y, epochs=2, batch_size=batch_size, engine=engine, progress=False)
    assert numbers() == before
    assert all(a != n.bias for a, n in zip(free, net.layers[3], strict=True))
    assert net.layers[1].neurons[0].bias_grad != 0.0


def test_factory_defaults() -> None:
    net = NetFactory([4, 3, 2]).new()
    assert net.layers[0].activation is None
    assert net.layers[1].activation.name == "relu"
    assert net.layers[2].activation.name == "softmax"
    assert net.loss.name == "cross_entropy"
    single = NetFactory([4, 3, 1]).new()
    assert single.layers[2].activation.name == "sigmoid"
    assert single.loss.name == "binary_cross_entropy"
    assert all(n.bias == 0.0 for n in net.neurons())
    assert [n.has_bias for n in net.neurons()] == [False] * 4 + [True] * 5
    assert not any(n.has_bias for n in NetFactory([4, 3, 2], bias=False).new().neurons())


def test_factory_initial_weights() -> None:
    def values(net: Net, layer: int) -> list[float]:
        return [w.value for w in net.weights() if w.incoming.layer.id == layer]

    net = NetFactory([200, 100, 50], seed=1).new()
    he = values(net, 1)
    std = (sum(v * v for v in he) / len(he)) ** 0.5
    assert std == pytest.approx((2 / 200) ** 0.5, rel=0.02)
    limit = (6 / 150) ** 0.5
    glorot = values(net, 2)
    assert max(map(abs, glorot)) <= limit
    assert max(map(abs, glorot)) > 0.99 * limit
    assert values(NetFactory([200, 100, 50], seed=1).new(), 1) == he
    assert values(NetFactory([200, 100, 50], seed=2).new(), 1) != he
    assert set(values(NetFactory([2, 2], initializer="zeros").new(), 1)) == {0.0}
    tens = Initializer("tens", lambda fan_in, fan_out: 10.0 * fan_in, "constant")
    assert set(values(NetFactory([2, 2], initializer=tens).new(), 1)) == {20.0}


def test_factory_without_a_seed_draws_one_and_keeps_it() -> None:
    factory = NetFactory([3, 2])
    first, second = factory.new(), factory.new()
    assert first.seed is not None
    assert first.seed != second.seed
    again = NetFactory([3, 2], seed=first.seed).new()
    assert [w.value for w in again.weights()] == [w.value for w in first.weights()]


def test_factory_layer_by_layer() -> None:
    net = NetFactory(layers=[Input(784), ReLU(20), Dense(7, "tanh"), Sigmoid(1)]).new()
    assert [len(layer) for layer in net.layers.values()] == [784, 20, 7, 1]
    assert [net.layers[k].activation.name for k in (1, 2, 3)] == ["relu", "tanh", "sigmoid"]
    plain = NetFactory(layers=[Input(2), Dense(2, initializer="zeros", bias=False)]).new()
    assert not any(w.value for w in plain.weights())
    assert not any(n.has_bias for n in plain.neurons())


def test_factory_takes_one_activation_for_all_or_one_a_layer() -> None:
    cube = Activation("cube", lambda z: z**3, lambda z: 3 * z * z, "z^3")
    net = NetFactory([2, 3, 3, 1], hidden_activation=["tanh", cube], output_activation="linear").new()
    assert [net.layers[k].activation.name for k in (1, 2, 3)] == ["tanh", "cube", "linear"]
    both = NetFactory([2, 3, 3, 1], hidden_activation="elu").new()
    assert [both.layers[k].activation.name for k in (1, 2)] == ["elu", "elu"]


@pytest.mark.parametrize(
    ("build", "kind", "message"),
    [
        (lambda: NetFactory([5]), ValueError, "needs an input and an output size"),
        (lambda: NetFactory(5), TypeError, "layer_dims must be a list of sizes"),
        (lambda: NetFactory("784"), TypeError, "layer_dims must be a list of sizes"),
        (lambda: NetFactory([2, 0]), ValueError, "the size of a layer must be at least 1, not 0"),
        (lambda: NetFactory([2, 1.5]), TypeError, "the size of a layer must be an integer"),
        (lambda: NetFactory([2, 2, 1], "rellu"), ValueError, "known are linear, .*did you mean 'relu'"),
        (
            lambda: NetFactory([2, 2, 1], ["relu", "tanh"]),
            ValueError,
            "2 hidden activations for 1 hidden",
        ),
        (lambda: NetFactory([2, 1], output_activation=3), TypeError, "activation must be a name or"),
        (
            lambda: NetFactory([2, 1], initializer="xavier"),
            ValueError,
            "known are zeros, .*glorot_normal",
        ),
        (lambda: NetFactory([2, 1], seed=-1), ValueError, "seed must be at least 0, not -1"),
        (lambda: NetFactory([2, 1], seed="a"), TypeError, "seed must be an integer, not str"),
        (lambda: NetFactory(), TypeError, "either layer_dims or layers"),
        (lambda: NetFactory([2, 1], layers=[Input(2), ReLU(1)]), TypeError, "either layer_dims or"),
        (lambda: NetFactory(layers=[ReLU(1)]), ValueError, "layers must be Input"),
        (lambda: NetFactory(layers=[Input(2), Input(3)]), TypeError, "every layer must be a Dense"),
    ],
)
def test_factory_refuses_what_it_cannot_build(build, kind: type, message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        build()
    assert isinstance(caught.value, SlownetError)


def test_connect_layers_joins_any_two_layers_once() -> None:
    factory = NetFactory([2, 3, 2], seed=4)
    net = factory.new()
    factory.connect_layers(net.layers[0], net.layers[2])
    assert net.weight(2, ((0, 1), (2, 0))).source is net.layers[0].neurons[1]
    assert len(net.layers[2].neurons[0].weights["in"]) == 5
    for first, last in ((0, 1), (0, 2)):
        with pytest.raises(ValueError, match="joined already"):
            factory.connect_layers(net.layers[first], net.layers[last])
    with pytest.raises(ValueError, match="in this order"):
        factory.connect_layers(net.layers[2], net.layers[0])
    assert gc.isenabled()


@given(net=nets(), seed=st.integers(0, 1000))
def test_copies_share_nothing(net: Net, seed: int) -> None:
    inputs = [0.1 * (seed + k) for k in range(len(net.inputs))]
    values = net.forward(inputs)
    twin = copy.deepcopy(net)
    assert bits(twin.forward(inputs)) == bits(values)  # they may be nan
    assert [(w.id, w.value, w.frozen) for w in twin.weights()] == [
        (w.id, w.value, w.frozen) for w in net.weights()
    ]
    assert [n.bias_frozen for n in twin.neurons()] == [n.bias_frozen for n in net.neurons()]
    assert not set(twin.weights()) & set(net.weights())
    assert not set(twin.neurons()) & set(net.neurons())
    for weight in twin.weights():
        weight.value += 1.0
    assert net.forward(inputs) == values


def test_objects_print_themselves() -> None:
    net = NetFactory([784, 16, 10], seed=0).new()
    assert repr(net) == "Net(784-16-10, relu, softmax, 12704 weights)"
    assert repr(net.layers[1]) == "Layer(1, 16 neurons, relu, 12544 incoming weights)"
    neuron = net.layers[1].neurons[3]
    neuron.bias = 0.25
    assert repr(neuron).startswith("Neuron(3, layer 1, bias=0.25, z=0, ")
    neuron.freeze()
    assert repr(neuron).startswith("Neuron(3, layer 1, bias=0.25 (frozen), z=0, ")
    weight = net.weight(2, (3, 7))
    weight.value, weight.frozen = 0.5, True
    assert repr(weight) == (
        "Weight((3, 7), value=0.5, grad=0, neuron 3 of layer 1 -> neuron 7 of layer 2, frozen)"
    )
    assert repr(Weight((0, 1))) == "Weight((0, 1), value=0, grad=0, nowhere -> nowhere)"
    assert repr(Net()) == "Net(no layers)"
    assert "no bias" in repr(net.layers[0].neurons[0])


def test_attributes_cannot_be_misspelt() -> None:
    for thing in (Weight((0, 1)), Neuron(0), Layer(0)):
        with pytest.raises(AttributeError):
            thing.vlaue = 1.0


def test_neurons_and_layers_can_be_removed() -> None:
    net = NetFactory([3, 4, 2], seed=0).new()
    neuron = net.layers[1].neurons[2]
    neuron.remove()
    assert (neuron.layer, neuron.weights) == (None, {"in": {}, "out": {}})
    assert sorted(net.layers[1].neurons) == [0, 1, 3]
    assert len(net.layers[2].neurons[0].weights["in"]) == 3
    assert len(net.forward([1.0, 2.0, 3.0])) == 2
    hidden = net.layers[1]
    hidden.remove()
    assert hidden.net is None
    assert sorted(net.layers) == [0, 2]
    assert not list(net.weights())
    assert net.forward([1.0, 2.0, 3.0]) == [0.5, 0.5]


def test_parts_of_a_net_are_not_copied_alone() -> None:
    net = NetFactory([2, 2], seed=0).new()
    for part in (net.layers[0], net.layers[1].neurons[0], net.weight(1, (0, 0))):
        with pytest.raises(TypeError, match=r"copy the whole net with net.copy\(\)"):
            copy.copy(part)
    assert copy.copy(net).layers[0] is not net.layers[0]


def test_classes_are_a_list_of_different_labels() -> None:
    net = NetFactory([2, 2], seed=0).new()
    net.classes = np.array(["b", "a"])
    net.fit([[0.0, 1.0], [1.0, 0.0]], ["a", "b"])
    assert net.classes == ["b", "a"]
    for wrong, kind in (
        ({"a", "b"}, TypeError),
        ("ab", TypeError),
        (["a", "a"], ValueError),
        (3, TypeError),
    ):
        with pytest.raises(kind, match="classes must be"):
            net.classes = wrong
    assert net.classes == ["b", "a"]


@pytest.mark.parametrize("inputs", [None, 3, "12", [1.0, None], [1.0, "a"], (k for k in "ab")])
def test_forward_refuses_what_are_no_numbers(inputs) -> None:
    with pytest.raises(TypeError, match="inputs must be one number an input neuron"):
        NetFactory([2, 1]).new().forward(inputs)


@pytest.mark.parametrize("inputs", [[1.0, 10**400], (-(10**400), 1.0), [Decimal("1e400"), 1.0]])
def test_forward_says_of_a_number_that_it_is_too_large(inputs) -> None:
    with pytest.raises(ValueError, match="one of the inputs must be a number whose size"):
        NetFactory([2, 1]).new().forward(inputs)


def test_ids_may_be_numpy_integers() -> None:
    net = NetFactory([2, 2], seed=0).new()
    assert net.weight(1, (np.int64(0), np.int64(1))) is net.weight(1, (0, 1))
    assert Weight((np.int64(0), np.int64(1))).id == (0, 1)


def test_weights_may_be_removed_while_they_are_gone_through() -> None:
    net = NetFactory([4, 5, 3], seed=0).new()
    for weight in net.weights():
        if abs(weight.value) < 0.5:
            weight.remove()
    assert all(abs(weight.value) >= 0.5 for weight in net.weights())
    assert len(net.forward([1.0, 2.0, 3.0, 4.0])) == 3


def test_ids_that_are_not_there_say_what_is() -> None:
    net = NetFactory([2, 20], seed=0).new()
    with pytest.raises(KeyError, match=r"no -1 here: there is 0, 1") as caught:
        net.layers[-1]
    assert isinstance(caught.value, SlownetError)
    with pytest.raises(KeyError, match=r"no 99 here: there is 0, 1, 2, 3, 4, 5, \.\.\. \(20\)"):
        net.layers[1].neurons[99]


def test_a_net_takes_no_attributes_that_mean_nothing() -> None:
    with pytest.raises(AttributeError):
        NetFactory([2, 1]).new().frozen = True


def test_methods_are_named_after_the_class_that_has_them() -> None:
    for method, name in (
        (Net.fit, "slownet.objects.Net.fit"),
        (Neuron.explain, "slownet.objects.Neuron.explain"),
        (Weight.explain, "slownet.objects.Weight.explain"),
        (History.rewind, "slownet.recording.history.History.rewind"),
    ):
        assert f"{method.__module__}.{method.__qualname__}" == name
        assert pickle.loads(pickle.dumps(method)) is method
        assert inspect.signature(method).parameters["self"].annotation is inspect.Parameter.empty
    with pytest.raises(TypeError, match=r"^fit has no argument 'epoch'"):
        NetFactory([1, 1], seed=0).new().fit([[1.0]], [1], epoch=2)
