"""Pickles and copies: nets, their parts, histories and results leave their process with every bit."""

from __future__ import annotations

import ast
import copy
import multiprocessing
import pickle
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from bits import bits, record
from graphs import random_data, random_net
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import MAY_HARDLY_LEARN, nets

import slownet
from slownet import (
    Activation,
    Callback,
    DivergedError,
    EarlyStopping,
    History,
    InvalidKeyError,
    Layer,
    Loss,
    MissingFileError,
    Net,
    NetFactory,
    Neuron,
    Optimizer,
    OptimizerState,
    RecordingError,
    Weight,
    functions,
    load,
)
from slownet.copying import OF_NEURON, OF_WEIGHT
from slownet.functions.description import MADE
from slownet.recording import Graph

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
WAYS: dict[str, Callable[[Any], Any]] = {
    **{f"pickle {n}": lambda thing, n=n: pickle.loads(pickle.dumps(thing, n)) for n in PROTOCOLS},
    "pickle in Python": lambda thing: pickle.loads(pickle._dumps(thing)),  # type: ignore[attr-defined]
    "deepcopy": copy.deepcopy,
}
NET_WAYS = WAYS | {"copy": copy.copy, "net.copy": Net.copy}
through = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def numbers(things: list[Any], names: tuple[str, ...]) -> list[Any]:
    values = [getattr(thing, name) for thing in things for name in names]
    return [value if isinstance(value, bool) else bits([value]) for value in values]


def place(thing: Weight | Neuron | None) -> tuple[Any, ...]:
    if thing is None:
        return ()
    if isinstance(thing, Weight):
        return thing.id, place(thing.outgoing), place(thing.incoming)
    return thing.id, thing.layer and thing.layer.id


def contents(net: Net) -> dict[str, Any]:
    """All that a net holds, in the order in which it holds it."""
    layers = list(net.layers.values())
    neurons = [neuron for layer in layers for neuron in layer.neurons.values()]
    rows = [neuron.weights[which] for neuron in neurons for which in ("in", "out")]
    weights = [weight for row in rows for weight in row.values()]
    state = net.optimizer_state
    return {
        "layers": [(layer.id, layer.activation, list(layer.neurons)) for layer in layers],
        "owners": all(layer.net is net for layer in layers) and all(n.layer in layers for n in neurons),
        "rows": [[(key, place(weight)) for key, weight in row.items()] for row in rows],
        "neurons": numbers(neurons, OF_NEURON),
        "weights": numbers(weights, OF_WEIGHT),
        "one object an edge": len(set(weights)),
        "loss": net.explicit_loss,
        "others": [net.classes, net.seed, net.initializers, net.samples],
        "optimizer": state and (state.optimizer, state.step),
        "memory": state and [(place(thing), bits(pair)) for thing, pair in state.memory.items()],
    }


@pytest.mark.long
@MAY_HARDLY_LEARN
@given(seed=st.integers(0, 2**32), way=st.sampled_from(sorted(NET_WAYS)))
def test_nets_keep_every_bit(seed: int, way: str) -> None:
    draw = Random(seed)
    net = random_net(draw, draw.choice(("ordinary", "small")))
    X, y = random_data(draw, net, 5)
    if draw.random() < 0.5:
        net.fit(X, y, learning_rate=0.01, optimizer="adam", warm_start=True, engine="scalar")
    if draw.random() < 0.5:
        net.forward(X[0])
        net.backward(y[0])
    twin = NET_WAYS[way](net)
    assert contents(twin) == contents(net)
    assert not set(twin.neurons()) & set(net.neurons())
    for each in (net, twin):
        each.fit(X, y, learning_rate=0.01, optimizer="adam", warm_start=True, engine="scalar")
    assert contents(twin) == contents(net)


@pytest.mark.parametrize("way", NET_WAYS.values(), ids=NET_WAYS)
def test_nets_that_are_not_complete(way: Callable[[Net], Net]) -> None:
    assert contents(way(Net())) == contents(Net())
    net = NetFactory([2, 3, 2], seed=0).new()
    net.layers[1].neurons[1].remove()
    Layer(9, net)
    Neuron(7, net.layers[0])
    Neuron(3, net.layers[0])  # after neuron 7
    Weight((5, 0), net.layers[2].neurons[0], None, -0.0)  # comes from nowhere
    Weight((0, 4), None, net.layers[1].neurons[0], 0.25)
    assert contents(way(net)) == contents(net)
    outside = Neuron(4)
    outside.attach_weight(net.layers[1].neurons[0].weights["out"][0, 4], "in")  # leads out of the net
    twin = way(net)
    assert twin.layers[1].neurons[0].weights["out"][0, 4].incoming is None
    outside.weights["in"][0, 4].remove()
    twin.layers[1].neurons[0].weights["out"][0, 4].remove()
    assert contents(twin) == contents(net)


@pytest.mark.parametrize("way", NET_WAYS.values(), ids=NET_WAYS)
def test_numbers_that_are_no_floats_become_floats(way: Callable[[Net], Net]) -> None:
    net = NetFactory([1, 1], seed=0).new()
    weight, neuron = net.weight(1, (0, 0)), net.outputs[0]
    weight.value, neuron.bias, neuron.z = Fraction(1, 3), np.float32(0.1), Fraction(1, 7)
    twin = way(net)
    assert bits([twin.weight(1, (0, 0)).value]) == bits([1 / 3])
    assert (type(twin.outputs[0].bias), twin.outputs[0].z) == (float, Fraction(1, 7))
    assert type(weight.value) is Fraction
    weight.value = "0.5"
    with pytest.raises(TypeError, match=r"the value of weight \(0, 0\) into layer 1 must be a number"):
        way(net)


class Named(Net):
    """A net of a user's."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.itself = name, [self]
        self.favourite: Layer | None = None


@pytest.mark.parametrize("way", NET_WAYS.values(), ids=NET_WAYS)
def test_a_subclass_keeps_what_it_holds(way: Callable[[Named], Named]) -> None:
    net = Named("mine")
    Neuron(0, Layer(0, net))
    net.favourite = net.layers[0]
    twin = way(net)
    assert (type(twin), twin.name, contents(twin)) == (Named, "mine", contents(net))
    is_shallow = way in (copy.copy, Net.copy)
    assert (twin.itself is net.itself) == is_shallow
    assert twin.favourite is (net if is_shallow else twin).layers[0]
    assert twin.itself == [net if is_shallow else twin]


@through
def test_a_part_that_its_net_holds_comes_once(way: Callable[[Any], Any]) -> None:
    net = Named("mine")
    net.favourite = Layer(0, net)
    twin = way(net.favourite)
    assert twin is twin.net.favourite is twin.net.layers[0]


class Holder(Net):
    """A net of a user's that holds parts of itself, a slot, and what cannot be pickled."""

    __slots__ = ("extra",)


class Locked(Holder):
    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.lock = threading.Lock()


class Plain(Locked):
    """Gives its attributes as most classes do."""

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        del state["lock"]
        return state


@through
def test_a_subclass_may_hold_parts_of_itself(way: Callable[[Any], Any]) -> None:
    net = Locked()
    neuron = Neuron(0, Layer(0, net))
    net.extra, net.parts = 5, [neuron, net, net[0]]
    twin = way(net)
    assert (twin.extra, twin.parts) == (5, [twin[0][0], twin, twin[0]])
    assert twin.lock is not net.lock
    assert way(neuron).layer.net.extra == 5
    plain = Plain()
    Neuron(0, Layer(0, plain))
    plain.name = "plain"
    assert (way(plain).name, contents(way(plain))) == ("plain", contents(plain))


@through
def test_parts_come_with_their_net(way: Callable[[Any], Any]) -> None:
    net = NetFactory([2, 3, 2], seed=1).new()
    parts = [net, net.layers, net[1], net[1][2], net[1].neurons, net.weight(2, (0, 1))]
    twin, layers, layer, neuron, neurons, weight = way(parts)
    assert twin is not net
    assert layers == twin.layers
    assert neurons == twin[1].neurons
    assert (layer, neuron, weight) == (twin[1], twin[1][2], twin.weight(2, (0, 1)))
    alone = way(net.weight(2, (0, 1)))
    assert contents(alone.incoming.layer.net) == contents(net)
    half = way(Weight((1, 9), None, net[1][1]))
    assert half is half.outgoing.layer.net[1][1].weights["out"][1, 9]
    for part in (Weight((0, 1)), Neuron(3), Layer(2)):
        with pytest.raises(TypeError, match="belongs to no net"):
            way(part)


@pytest.mark.long
@through
def test_no_depth_is_a_recursion(way: Callable[[Net], Net]) -> None:
    net = NetFactory([2] * 500, "tanh", seed=3).new()
    assert contents(way(net)) == contents(net)


def test_a_pickle_is_no_larger_than_the_file(tmp_path: Path) -> None:
    net = NetFactory([784, 64, 10], seed=0).new()
    net.fit(np.ones((1, 784)), [1], optimizer="adam", warm_start=True, progress=False)
    net.save(tmp_path / "net.json")
    assert len(pickle.dumps(net)) < (tmp_path / "net.json").stat().st_size


# formulas


def bent(z: float) -> float:
    return z + 0.1 * z * z


def bent_slope(z: float) -> float:
    return 1.0 + 0.2 * z


def quartic(value: float, target: float) -> float:
    return (value - target) * (value - target) * (value - target) * (value - target)


def quartic_slope(value: float, target: float) -> float:
    return 4.0 * (value - target) * (value - target) * (value - target)


OWN = Activation("bent", bent, bent_slope)
QUARTIC = Loss("quartic", quartic, quartic_slope, partner_function=None)
LAMBDA = Activation("double", lambda z: 2.0 * z, lambda z, value: 2.0)


@through
def test_built_in_formulas_are_themselves(way: Callable[[Any], Any]) -> None:
    made = [functions.elu(0.3), functions.sgd(0.5), functions.huber(0.2), functions.constant(0.5)]
    made += [functions.normal(0.3, 1.0), functions.uniform(-0.2, 0.1), functions.step(2, 0.3)]
    for formula in (*made, *(each for table in MADE.values() for each in table.values())):
        assert way(formula) is formula
    factory = way(NetFactory([2, 3, 1], functions.elu(0.3), initializer=functions.constant(0.5), seed=0))
    assert contents(factory.new()) == contents(
        NetFactory([2, 3, 1], functions.elu(0.3), initializer=functions.constant(0.5), seed=0).new()
    )


@through
def test_own_formulas_are_found_by_their_names(way: Callable[[Any], Any]) -> None:
    net = NetFactory([2, 3, 1], OWN, "linear", seed=0).new()
    net.loss = QUARTIC
    twin = way(net)
    assert twin.loss == QUARTIC
    X, y = [[0.5, -1.0], [2.0, 1.0]], [0.3, 0.1]
    ends = [each.fit(X, y, epochs=3, engine="scalar").net for each in (net, twin)]
    assert numbers([*ends[0].weights()], OF_WEIGHT) == numbers([*ends[1].weights()], OF_WEIGHT)
    assert way(twin).layers[1].activation.derivative(2.0, 0.0) == bent_slope(2.0)


@pytest.mark.parametrize(
    "formula",
    [
        LAMBDA,
        Activation("one", bent, lambda z: 1.0),
        Loss("gap", lambda a, y: abs(a - y), quartic_slope),
        Optimizer("still", lambda w, g, a, b, rate, c: (w, a, b)),
        functions.Schedule("half", lambda rate, epoch, epochs: rate / 2),
        functions.Regularizer("none", lambda w: 0.0, lambda w: 0.0),
        functions.Initializer("two", lambda fan_in, fan_out: 2.0),
    ],
    ids=lambda formula: formula.name,
)
def test_a_function_that_pickle_cannot_find(formula: Any) -> None:
    with pytest.raises(TypeError, match=r"define it with def at the top of a module, or .*net\.save"):
        pickle.dumps(formula)
    assert copy.deepcopy([formula])[0] is formula


def test_a_net_with_a_lambda_is_saved_or_copied() -> None:
    net = NetFactory([2, 3, 1], LAMBDA, seed=0).new()
    with pytest.raises(TypeError, match="the function of Activation 'double' cannot be pickled"):
        pickle.dumps(net)
    assert contents(copy.deepcopy(net)) == contents(net)


# results


def trained(**options: Any) -> History:
    net = NetFactory([2, 4, 3], seed=0).new()
    net.classes = ["a", "b", "c"]
    draw = np.random.default_rng(0)
    X, y = draw.normal(size=(30, 2)), ["a", "b", "c"] * 10
    known = {"epochs": 2, "optimizer": "adam", "snapshots": 5, "watch": (X[:3], y[:3])}
    data = {"validation_data": (X, y), "test_data": (X, y)}
    return net.fit(X, y, progress=False, **known | data | options)


def everything(history: History) -> dict[str, Any]:
    facts = {
        name: getattr(history, name) for name in ("id", "config", "data", "classes", "test", "path")
    }
    return record(history) | facts | {"watch": vars(history.watch), "steps": history.snapshot_steps}


@through
def test_histories(way: Callable[[Any], Any], tmp_path: Path) -> None:
    history = trained(record=tmp_path / "a.run")
    for each in (history, History.open(tmp_path / "a.run")):
        twin = way(each)
        assert everything(twin) == everything(each)
        assert len({id(snapshot.graph) for snapshot in twin.snapshots}) == 1
        assert contents(twin.restore()) == contents(each.restore())
    assert contents(way(history).net) == contents(history.net)
    net, again = way([history.net, history])
    assert again.net is net


class Pickling(Callback):
    """Pickles the history after an epoch, while it is recorded."""

    def __init__(self, way: Callable[[Any], Any]) -> None:
        self.way = way

    def on_epoch_end(self, training: Any) -> None:
        self.twin, self.steps = self.way(training.history), training.step
        self.contents = contents(training.net)


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
@through
def test_a_history_under_way(way: Callable[[Any], Any], engine: str, tmp_path: Path) -> None:
    looking = Pickling(way)
    history = trained(record=tmp_path / "a.run", callbacks=looking, engine=engine)
    assert looking.twin.last_step == looking.steps == history.last_step
    assert contents(looking.twin.net) == looking.contents
    looking.twin.net.fit([[1.0, 2.0]], ["a"], progress=False)  # it is in no training
    assert everything(History.open(tmp_path / "a.run")) == everything(history)


@given(net=nets(), way=st.sampled_from(sorted(WAYS)))
@settings(max_examples=50)
def test_graphs_and_states(net: Net, way: str) -> None:
    graph = WAYS[way](Graph.of(net))
    assert {**vars(graph), "layers": None} == {**vars(Graph.of(net)), "layers": None}
    assert list(graph.layers.items()) == list(Graph.of(net).layers.items())
    memory = dict.fromkeys((*net.weights(), *net.outputs), (0.5, -0.0))
    twin = WAYS[way](OptimizerState(functions.adam(0.8), 3, memory))
    assert (twin.optimizer, twin.step) == (functions.adam(0.8), 3)
    assert [place(thing) for thing in twin.memory] == [place(thing) for thing in memory]


@through
def test_results(way: Callable[[Any], Any], tmp_path: Path) -> None:
    history = trained(record=tmp_path / "a.run")
    net = history.net
    assert net is not None
    X, y = np.ones((4, 2)), ["a", "a", "b", "c"]
    net.forward([0.5, 0.25])
    net.backward("b")
    compared = slownet.compare(tmp_path / "a.run", tmp_path / "a.run")
    explained = net.layers[1].neurons[0].explain(), net.weight(2, (0, 0)).explain()
    for result in (net.evaluate(X, y), *explained, compared, slownet.page.Verification(["a"])):
        assert repr(way(result)) == repr(result)
        assert str(way(result)) == str(result)
    assert way(explained[0]) == explained[0]
    stopping = EarlyStopping(1)
    trained(callbacks=stopping, epochs=5)
    assert vars(way(stopping)).keys() == vars(stopping).keys()


# other processes


def predicted(net: Net) -> tuple[bytes, dict[str, Any]]:
    return net.predict_proba(np.linspace(-1.0, 1.0, 784).reshape(1, 784)).tobytes(), contents(net)


def failed(which: str) -> None:
    net = NetFactory([2, 2], None, "linear", seed=0).new()
    if which == "diverged":
        net.fit([[1e9, 1e9]], [[0.0, 1.0]], epochs=99, engine="scalar", progress=False)
    elif which == "key":
        net.layers[7].activation = "relu"
    elif which == "file":
        load("/no/such/net.json")
    else:
        History.open(Path(__file__))


def context(name: str) -> Any:
    if name not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {name}")
    return multiprocessing.get_context(name)


@pytest.mark.long
@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_pools_of_processes(method: str) -> None:
    X = np.random.default_rng(0).normal(size=(40, 784))
    net = NetFactory([784, 12, 10], seed=0).new()
    net.fit(X, [k % 10 for k in range(40)], optimizer="adam", engine="scalar", warm_start=True)
    with context(method).Pool(1) as pool:
        for values, held in pool.map(predicted, [net, net]):
            assert values == predicted(net)[0]
            assert held == contents(net)
        for which, kind in (("diverged", DivergedError), ("key", InvalidKeyError)):
            with pytest.raises(kind) as raised:
                pool.apply(failed, (which,))
            if which == "diverged":
                assert raised.value.weight in list(raised.value.history.net.weights())
        for which, message in (
            ("file", "No such file"),
            ("run", "no SQLite database"),
        ):
            with pytest.raises((MissingFileError, ValueError), match=message):
                pool.apply(failed, (which,))


def test_errors_keep_what_they_carry() -> None:
    error = RecordingError("the file is gone")
    error.history = trained()
    assert everything(pickle.loads(pickle.dumps(error)).history) == everything(error.history)


def test_joblib(tmp_path: Path) -> None:
    joblib = pytest.importorskip("joblib")
    history = trained()
    for compress in (0, 3):
        joblib.dump(history, tmp_path / "a.joblib", compress=compress)
        twin = joblib.load(tmp_path / "a.joblib")
        assert everything(twin) == everything(history)
        assert contents(twin.net) == contents(history.net)
    double = NetFactory([2, 3, 1], LAMBDA, seed=0).new()  # cloudpickle pickles lambdas, too
    for net in (history.net, double):
        (held,) = joblib.Parallel(n_jobs=2)([joblib.delayed(weights_of)(net)])
        assert held == weights_of(net)


def weights_of(net: Net) -> list[bytes]:
    return bits(weight.value for weight in net.weights())


# files


@pytest.mark.long
def test_no_file_of_slownet_is_a_pickle() -> None:
    """The one module that knows pickle tries whether a function can be found."""
    for file in Path(slownet.__file__).parent.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        names = {node.attr for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}
        names |= {
            alias.name
            for node in ast.walk(ast.parse(text))
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }
        if file.name == "workers.py":  # it sends tasks, and writes no file
            assert not names & {"dump", "load"}, file
            names -= {"joblib"}
        if file.name != "pickling.py":
            assert not names & {"pickle", "marshal", "shelve", "joblib", "copyreg"}, file
        assert not names & {"loads", "Unpickler"} or "json" in text, file
        assert "allow_pickle=True" not in text, file
