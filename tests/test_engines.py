"""The compiled engine: the same bits as the object loops, wherever code can look."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import threading
import tracemalloc
from array import array
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bits import Witness, record, state, train
from commands import python, run
from hypothesis import example, given, settings
from hypothesis import strategies as st
from slow import THOROUGH, crossed, mostly_long

import slownet
from slownet import (
    Callback,
    EngineError,
    Layer,
    Net,
    NetFactory,
    Neuron,
    SlownetError,
    Weight,
    functions,
)
from slownet.datasets import load_mnist, moons
from slownet.engines.formula_keys import key_on_disk
from slownet.engines.kernels.tiles import LARGE
from slownet.engines.machine import cache
from slownet.functions.randomness import Use, key, permutation

# large batches, wide layers, real data


def both(net: Net, X: Any, y: Any, threads: int = 1, **options: Any) -> None:
    """Train on both engines and compare everything."""
    wanted = train(net.copy(), "scalar", set(), X, y, **options)
    assert train(net.copy(), "compiled", set(), X, y, threads=threads, **options) == wanted


@pytest.mark.parametrize(
    ("batch", "optimizer", "threads"),
    crossed([257, 255, 256, 700], ["sgd", "adam"], [1, 2], always=(1, 2, 2)),
)
def test_batches_larger_than_a_chunk(batch: int, optimizer: str, threads: int) -> None:
    X, y = moons(600, noise=0.1, seed=3)
    for dropped in ({}, {"dropout": 0.3, "l2": 0.01}, {"dropconnect": 0.3}):
        net = NetFactory([2, 9, 5, 1], "tanh", seed=4).new()
        both(net, X, y, threads, epochs=2, batch_size=batch, optimizer=optimizer, **dropped)


@pytest.mark.long
@pytest.mark.parametrize(
    ("sizes", "options"),
    [
        ([257, 513, 2], {"batch_size": 4}),  # inputs that are listed
        ([9, 257, 512, 2], {"batch_size": 7}),
        ([9, 257, 512, 2], {"batch_size": 7, "optimizer": "adam", "dropout": 0.3}),
    ],
)
def test_matrices_that_are_larger_than_the_cache(sizes: list[int], options: dict[str, Any]) -> None:
    """In tiles of broken sizes, with rows that are kept apart."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(7, sizes[0])) * (rng.random((7, sizes[0])) < 0.3)
    assert LARGE <= 257 * 512
    found = []
    for engine, threads in (("scalar", 1), ("compiled", 1), ("compiled", 2)):
        net = NetFactory(sizes, "relu", seed=1).new()
        net.fit(X, [0, 1] * 3 + [0], engine=engine, threads=threads, progress=False, **options)
        numbers = array("d", [weight.value for weight in net.weights()])
        numbers.extend(neuron.bias for neuron in net.neurons())
        found.append((numbers.tobytes(), net.predict_proba(X[:5], engine=engine).tobytes()))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("sizes", [[70, 65, 3], [20, 130, 40, 2], [8, 64, 8], [5, 201, 1]])
@pytest.mark.parametrize("density", mostly_long([0.1, 1.0]))
def test_wide_layers(sizes: list[int], density: float) -> None:
    """Layers of one, several and broken numbers of vectors, on inputs with and without zeros."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(37, sizes[0])) * (rng.random((37, sizes[0])) < density)
    y = rng.integers(0, max(2, sizes[-1]), 37)
    for batch, threads in ((1, 1), (7, 1), (16, 2), (37, 3)):
        net = NetFactory(sizes, "relu", seed=2).new()
        both(net, X, y, threads, epochs=2, batch_size=batch, learning_rate=0.05)


@pytest.mark.parametrize(
    ("limit", "accuracy"),
    [(5000, 0.6), pytest.param(None if THOROUGH else 20_000, 0.85, marks=pytest.mark.long)],
)
def test_an_epoch_of_mnist_gives_the_same_bits(limit: int | None, accuracy: float) -> None:
    X, y = load_mnist("train", limit)
    nets = [NetFactory([784, 30, 10], "sigmoid", seed=5).new() for _ in range(3)]
    runs = [
        net.fit(X, y, batch_size=32, learning_rate=0.2, engine=engine, threads=threads, progress=False)
        for net, engine, threads in zip(nets, ("scalar", "compiled", "compiled"), (1, 1, 2), strict=True)
    ]
    for net, history in zip(nets[1:], runs[1:], strict=True):
        assert state(net) == state(nets[0])
        assert record(history) == record(runs[0])
    test = load_mnist("test", limit=2000)
    assert nets[1].evaluate(*test, engine="compiled") == nets[0].evaluate(*test, engine="scalar")
    assert nets[1].evaluate(*test).accuracy > accuracy


# graphs that the factory does not build


def test_graphs_in_any_order() -> None:
    """Layers that skip, weights attached anew and out of order, neurons without any."""
    factory = NetFactory([4, 6, 5, 3], "tanh", seed=1)
    net = factory.new()
    factory.connect_layers(net.layers[0], net.layers[2])
    factory.connect_layers(net.layers[1], net.layers[3])
    first = net.weight(1, (2, 3))
    first.remove()
    again = Weight((2, 3), net.layers[1].neurons[3], net.layers[0].neurons[2], 0.7)
    assert list(net.layers[1].neurons[3].weights["in"])[-1] == again.id
    net.layers[1].neurons[0].remove_weights()
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    for options in ({}, {"dropconnect": 0.2}, {"optimizer": "adam", "l1": 0.01}):
        for threads in (1, 2):
            both(net, X, y, threads, epochs=3, batch_size=8, **options)


def test_inputs_to_every_layer_stay_sparse() -> None:
    """Two layers whose sources are the inputs only: both read the list of nonzero inputs."""
    net = Net()
    layers = [Layer(0, net), Layer(1, net, "tanh"), Layer(2, net, "sigmoid")]
    for layer, size in zip(layers, (6, 3, 1), strict=True):
        for number in range(size):
            Neuron(number, layer)
    factory = NetFactory([6, 3, 1], seed=1)
    factory.connect_layers(layers[0], layers[1])
    factory.connect_layers(layers[0], layers[2])
    X = np.eye(6)[np.arange(24) % 6]
    both(net, X, np.arange(24) % 2, epochs=3, batch_size=5)


# changes by callbacks


class Meddler(Callback):
    """Changes the net in every way that the object loops allow."""

    def __init__(self) -> None:
        self.steps = 0

    def on_step_end(self, training: Any) -> None:
        net, self.steps = training.net, self.steps + 1
        weights = list(net.weights())
        match self.steps % 6:
            case 0:
                weights[0].value += 0.25
                net.layers[1].neurons[0].bias = -0.0
            case 1:
                weights[self.steps % len(weights)].frozen ^= True
                net.layers[self.steps % 3].neurons[0].bias_frozen ^= True
            case 2:
                weights[-1].remove()
            case 3:
                net.layers[1].activation = "sigmoid" if self.steps % 4 else "relu"
            case 4:
                net.forward([0.5, -0.5])
                net.backward(1)
            case 5:
                net.evaluate(X, y, engine="compiled")


X, y = moons(40, noise=0.1, seed=1)


def test_callbacks_may_change_everything() -> None:
    for optimizer in ("sgd", "adam"):
        ended = []
        for engine in ("scalar", "compiled"):
            net = NetFactory([2, 6, 4, 1], "tanh", seed=3).new()
            history = net.fit(
                X,
                y,
                epochs=4,
                batch_size=7,
                optimizer=optimizer,
                engine=engine,
                callbacks=[Meddler()],
                snapshots=6,
                watch=(X[:2], y[:2]),
            )
            ended.append((state(net), record(history)))
        assert ended[0] == ended[1]


def test_numbers_out_of_bounds_are_left_to_the_objects() -> None:
    """Huge rates, inputs and weights, a bias of -0: the same steps, and the same errors."""
    for change, options in (
        (lambda net: None, {"learning_rate": 1e200}),
        (lambda net: None, {"learning_rate": 1e90, "optimizer": "adam"}),
        (lambda net: setattr(net.weight(1, (0, 0)), "value", 1e300), {}),
        (lambda net: setattr(net.layers[1].neurons[0], "bias", -0.0), {}),
        (lambda net: setattr(net.weight(1, (0, 0)), "value", -0.0), {"batch_size": 1}),
    ):
        net = NetFactory([2, 4, 1], "relu", "linear", seed=1).new()
        change(net)
        both(net, X, y.astype(float), epochs=2, **options)
    big = X.copy()
    big[3] = 1e150
    both(NetFactory([2, 4, 1], seed=1).new(), big, y, epochs=2, batch_size=4)


def test_an_error_of_a_schedule_is_raised_at_its_step() -> None:
    """One that fails in the middle fails there, with everything before it done and kept."""

    def rate(base: float, epoch: float, epochs: int) -> float:
        return base if epoch < 1.5 else -1.0

    failing = functions.Schedule("failing", rate)
    for engine in ("scalar", "compiled"):
        net, seen = NetFactory([2, 4, 1], seed=1).new(), Witness(set())
        with pytest.raises(SlownetError, match="schedule 'failing'"):
            net.fit(X, y, epochs=3, batch_size=4, schedule=failing, engine=engine)
        seen.seen.append(state(net))
        if engine == "scalar":
            wanted = seen.seen
    assert seen.seen == wanted


def test_changed_data_is_seen() -> None:
    data, net = X.copy(), NetFactory([2, 4, 1], seed=1).new()
    net.fit(data, y, engine="compiled")
    data *= 2.0
    twin = net.copy()
    net.fit(data, y, engine="compiled")
    twin.fit(data.tolist(), y.tolist(), engine="scalar")
    assert state(net) == state(twin)


@pytest.mark.parametrize("kind", ["float32", "int64", "uint8", "bool", "fortran", "read-only", "list"])
def test_every_kind_of_data(kind: str) -> None:
    rng = np.random.default_rng(0)
    data: Any = rng.integers(0, 2, (30, 5)) * (1.0 if kind in ("uint8", "bool") else 0.1)
    if kind == "fortran":
        data = np.asfortranarray(data + 0.3)
    elif kind == "read-only":
        data = data + 0.3
        data.flags.writeable = False
    elif kind == "list":
        data = data.tolist()
    else:
        data = data.astype(kind)
    both(NetFactory([5, 3, 2], seed=1).new(), data, rng.integers(0, 2, 30), epochs=2, batch_size=4)


def test_predictions_leave_the_neurons_alike() -> None:
    nets = [NetFactory([2, 5, 3], "sigmoid", seed=1).new() for _ in range(2)]
    for net, engine in zip(nets, ("scalar", "compiled"), strict=True):
        outputs = net.predict_proba(X, engine=engine)
        assert net.predict(X, engine=engine).tolist() == outputs.argmax(axis=1).tolist()
        assert net.evaluate(X, y, engine=engine).accuracy is not None
        assert net.backward(1) > 0.0  # from where the last sample left off
    assert state(nets[0]) == state(nets[1])


# a user's own formulas

CUBE = functions.Activation("cube", lambda z: z * z * z, lambda z: 3.0 * z * z)
NAIVE = functions.Activation(
    "naive", lambda z: 1.0 / (1.0 + math.exp(-z)), lambda z, a: a * (1.0 - a), range=(0.0, 1.0)
)
STEEP = 0.7
LEAKY = functions.Activation("own", lambda z: max(z, STEEP * z), lambda z: 1.0 if z > 0 else STEEP)
QUARTIC = functions.Loss(
    "quartic",
    lambda a, y: (a - y) * (a - y) * (a - y) * (a - y),
    lambda a, y: 4.0 * (a - y) * (a - y) * (a - y),
)
SIGNS = functions.Optimizer(
    "signs",
    lambda w, g, a, b, rate, c: (w - rate * (1.0 if g > 0 else -1.0 if g < 0 else 0.0), a + 1.0, b),
)
FOURTH = functions.Regularizer("fourth", lambda w: w**4, lambda w: 4.0 * w * w * w)


@pytest.mark.long
@pytest.mark.parametrize("hidden", [CUBE, NAIVE, LEAKY], ids=lambda each: each.name)
def test_own_formulas_are_compiled(hidden: functions.Activation) -> None:
    net = NetFactory([2, 5, 1], hidden, "linear", seed=1).new()
    for options in ({}, {"optimizer": SIGNS, "regularizers": [(FOURTH, 0.01)]}):
        both(
            net, X, y.astype(float), epochs=3, batch_size=8, learning_rate=0.01, loss=QUARTIC, **options
        )


def test_where_an_own_formula_fails_python_decides() -> None:
    """exp(-z) overflows in Python and is infinite when compiled: such a step is taken by the objects."""
    net = NetFactory([2, 3, 1], NAIVE, "sigmoid", seed=1).new()
    net.weight(1, (0, 0)).value = 4000.0
    both(net, X, y, epochs=2, batch_size=4)
    assert "error" in train(net, "compiled", set(), X, y)


REFUSED = {
    "numpy": (lambda z: np.exp(-z * z), "NumPy's functions have other last digits"),
    "power": (lambda z: z**2, "has other last digits"),  # once in a thousand
    "other": (lambda z: math.hypot(z, 1.0), "math.hypot has other last digits"),
    "object": (lambda z: float(str(z)), "cannot be compiled"),
    "inside": (lambda z: [0.1, 1.0][z > 0], "Numba says: .*getitem>.$"),
}


@pytest.mark.filterwarnings("ignore::slownet.DerivativeWarning")
@pytest.mark.parametrize("kind", mostly_long(REFUSED, 2))
def test_what_cannot_be_compiled_stays_with_the_objects(kind: str) -> None:
    function, reason = REFUSED[kind]
    own = functions.Activation(f"own {kind}", function, lambda z, a: -2.0 * z * a)
    net = NetFactory([2, 3, 1], own, seed=1).new()
    with pytest.raises(EngineError, match=f"own {kind}.*({reason})"):
        net.copy().fit(X, y, engine="compiled")
    many = np.tile(X, (400, 1)), np.tile(y, 400)
    with pytest.warns(UserWarning, match=f"object loops.*own {kind}") as caught:
        net.fit(*many, batch_size=400, learning_rate=1e-6, epochs=2, engine="auto")
    assert caught[0].filename == __file__
    net.fit(*many, batch_size=400, learning_rate=1e-6)  # warned once: a warning is an error here


FACTOR = 2.0


def test_a_formula_follows_the_numbers_around_it() -> None:
    """Globals and closures are part of a formula: with another number it is another one."""
    global FACTOR
    own = functions.Activation("scaled", lambda z: FACTOR * z, lambda z: FACTOR)

    class Change(Callback):
        def on_epoch_end(self, training: Any) -> None:
            global FACTOR
            FACTOR = float(training.epoch)

    ended = []
    for engine in ("scalar", "compiled"):
        FACTOR = 2.0
        net = NetFactory([2, 3, 1], own, seed=1).new()
        net.fit(X, y, epochs=3, learning_rate=0.01, engine=engine, callbacks=[Change()])
        ended.append(state(net))
    assert ended[0] == ended[1]


class Script(Callback):
    """Runs functions of the net at some steps."""

    def __init__(self, **steps: Any) -> None:
        self.steps, self.calls = steps, 0

    def on_step_end(self, training: Any) -> None:
        self.calls += 1
        if (do := self.steps.get(f"at{training.step}")) is not None:
            do(training.net)


def alike(script: Any, sizes: tuple[int, ...] = (2, 5, 3, 1), **options: Any) -> None:
    """Train on both engines with a script, and then send an error back once more."""
    ended = []
    for engine in ("scalar", "compiled"):
        net, callback = NetFactory(list(sizes), "tanh", seed=1).new(), script()
        history = net.fit(X, y, batch_size=8, epochs=3, engine=engine, callbacks=[callback], **options)
        net.backward(1)
        ended.append((state(net), record(history), getattr(callback, "calls", 0)))
    assert ended[0] == ended[1]


def test_what_left_the_net_is_remembered() -> None:
    def script() -> Script:
        taken: list[Any] = []

        def away(net: Net) -> None:
            weight = net.weight(1, (0, 2))
            taken.extend([weight, weight.outgoing, weight.incoming])
            weight.remove()

        def back(net: Net) -> None:
            taken[0].attach_to_outgoing(taken[1])
            taken[0].attach_to_incoming(taken[2])

        return Script(at5=away, at6=back)

    for optimizer in ("adam", functions.sgd(0.9)):
        alike(script, optimizer=optimizer)


def test_another_loss_and_dropped_weights() -> None:
    alike(lambda: Script(at4=lambda net: setattr(net, "loss", "squared_error")))
    alike(lambda: Script(), dropconnect=0.4)
    alike(lambda: Script(), dropout=0.4, dropconnect=0.2)


def test_a_net_may_be_incomplete_for_a_moment() -> None:
    class Repair(Callback):
        def on_step_end(self, training: Any) -> None:
            if training.step == 5:
                self.loose = Weight((0, 9), outgoing_neuron=training.net.layers[1].neurons[0])

        def on_epoch_end(self, training: Any) -> None:
            if training.step == 5:
                self.loose.remove()

    alike(Repair)


def test_hooks_may_come_later() -> None:
    class Late(Script):
        def on_epoch_begin(self, training: Any) -> None:
            if training.epoch == 2:
                self.on_epoch_end = lambda training: setattr(self, "calls", self.calls + 100)

    alike(Late)


def test_nets_without_weights() -> None:
    net = NetFactory([2, 3, 1], seed=1).new()
    for weight in net.weights():
        weight.remove()
    both(net, X, y, epochs=2, batch_size=8)


def test_a_schedule_is_asked_once_a_step() -> None:
    for engine in ("scalar", "compiled"):
        asked: list[float] = []

        def rate(base: float, epoch: float, epochs: int) -> float:
            asked.append(epoch)  # noqa: B023
            if len(asked) == 8:  # noqa: B023
                raise RuntimeError("only once")
            return base

        net = NetFactory([2, 3, 1], seed=1).new()
        with pytest.raises(RuntimeError, match="only once"):
            net.fit(X, y, epochs=9, batch_size=8, engine=engine, schedule=functions.Schedule("x", rate))
        assert len(asked) == 8


def test_auto_goes_on_with_the_objects() -> None:
    """Where a net becomes what cannot be compiled, or would be slower so."""
    many, labels = np.tile(X, (50, 1)), np.tile(y, 50)
    NetFactory([2, 3, 1], seed=1).new().fit(X, y, engine="compiled")  # loaded: now auto takes it
    own = functions.Activation("late", lambda z: z / (1.0 + z**2), lambda z: 1e-3)
    net = NetFactory([2, 16, 1], seed=1).new()
    with pytest.warns(UserWarning, match="object loops.*late"):
        net.fit(
            many,
            labels,
            batch_size=100,
            callbacks=[Script(at3=lambda net: setattr(net.layers[1], "activation", own))],
        )
    with pytest.raises(EngineError, match="late"):
        NetFactory([2, 16, 1], seed=1).new().fit(
            many,
            labels,
            batch_size=100,
            engine="compiled",
            callbacks=[Script(at3=lambda net: setattr(net.layers[1], "activation", own))],
        )
    shuffled = NetFactory([200, 60, 1], seed=1).new()
    rng = np.random.default_rng(1)
    for neuron in shuffled.layers[1].neurons.values():
        weights = list(neuron.weights["in"].values())
        sources = [weight.outgoing for weight in weights]
        for place in rng.permutation(200):
            weights[place].remove()
            weights[place].attach_to_outgoing(sources[place])
            weights[place].attach_to_incoming(neuron)
    wide = rng.normal(size=(200, 200))
    with pytest.warns(UserWarning, match="too many different orders"):
        shuffled.fit(wide, wide[:, 0] > 0.0, engine="auto", epochs=2)


# interrupts, threads, machines without


INTERRUPTED = """
import os, random, signal, sys, threading, time
import slownet
from slownet.datasets import load_mnist
from slownet.engines.compiled import CompiledEngine
X, y = load_mnist("train", limit=6000)

def fit(**options):
    net = slownet.NetFactory([784, 30, 10], seed=1).new()
    return net, net.fit(X, y, batch_size=32, engine="compiled", threads=int(sys.argv[1]), **options)

def advance_and_report(*given):
    result = advance(*given)
    has_advanced.set()
    return result

def interrupt():
    has_advanced.wait()
    time.sleep(random.uniform(0.0, 0.1))
    os.kill(os.getpid(), signal.SIGINT)

fit(epochs=1)  # what is trained to check the engine has come before
advance, has_advanced = CompiledEngine.advance, threading.Event()
CompiledEngine.advance = advance_and_report
thread = threading.Thread(target=interrupt)
thread.start()
net, history = fit(epochs=5000)
thread.join()
steps = len(history.loss)
assert history.epochs[-1].step == steps
whole, longer = fit(epochs=-(-steps // 188), snapshots=[steps])
assert longer.loss[:steps] == history.loss
assert list(longer.at(steps).weights) == [weight.value for weight in net.weights()]
print(steps, 5000 * 188)
"""


@pytest.mark.parametrize("threads", mostly_long(["2", "1"]))
def test_ctrl_c_ends_between_two_steps(threads: str) -> None:
    """With the state that an undisturbed training has after that step."""
    steps, planned = map(int, python(INTERRUPTED, threads).split())
    assert 0 < steps < planned


def test_two_fits_at_once() -> None:
    nets = [NetFactory([2, 16, 1], "tanh", seed=seed).new() for seed in (1, 2)]
    twins = [net.copy() for net in nets]
    options = {"epochs": 200, "batch_size": 8, "engine": "compiled", "progress": False}
    threads = [threading.Thread(target=net.fit, args=(X, y), kwargs=options) for net in nets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for net, twin in zip(nets, twins, strict=True):
        twin.fit(X, y, **options)
        assert state(net) == state(twin)


def with_warnings(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import warnings, numpy as np, slownet\nfrom slownet.datasets import moons\n"
        "X, y = moons(4000, seed=1)\nnet = slownet.NetFactory([2, 30, 30, 1], seed=1).new()\n" + code
    )
    return run(sys.executable, "-W", "always", "-c", code, env={**os.environ, **environment})


FALL_BACK = """
try:
    net.copy().fit(X, y, engine="compiled")
except slownet.EngineError as error:
    print("refused:", error)
class Stop:
    def on_step_end(self, training):
        return training.step == 3

with warnings.catch_warnings(record=True) as caught:
    for _ in range(2):
        net.fit(X, y, epochs=200, batch_size=400, engine="auto", callbacks=[Stop()])
print("warned", len(caught), caught[0].message)
"""


def test_without_numba() -> None:
    done = with_warnings("import sys; sys.modules['numba'] = None\n" + FALL_BACK)
    assert "refused: the compiled engine needs Numba" in done.stdout, done.stderr
    assert "pip install numba" in done.stdout
    assert "warned 1 using the object loops" in done.stdout


def test_where_the_maths_library_differs() -> None:
    """A machine whose Python has another tanh than its compiled code: only own formulas see it."""
    change = (
        "import math\nfrom slownet.engines import formula_checks, selfcheck\nselfcheck.check()\n"
        "assert formula_checks.math_difference('tanh') is None\n"
        "formula_checks.math_difference.cache_clear()\n"
        "tanh = math.tanh; math.tanh = lambda x: tanh(x) * (1.0 + 2.0**-52)\n"
        "slownet.NetFactory([2, 4, 1], 'tanh', seed=0).new().fit(X, y, engine='compiled')\n"
        "own = slownet.Activation('own', lambda z: math.tanh(z), lambda z, value: 1.0 - value * value)\n"
        "net = slownet.NetFactory([2, 4, 1], own, seed=0).new()\n"
    )
    done = with_warnings(change + FALL_BACK)
    assert "math.tanh(" in done.stdout, done.stderr
    assert "slownet.functions.tanh is the same everywhere" in done.stdout
    assert "warned 1 using the object loops" in done.stdout


def test_a_maths_library_would_give_other_weights() -> None:
    """The negative control: with its exp in the sigmoid, training ends elsewhere."""

    def library(z: float) -> float:
        e = math.exp(-abs(z))
        return (1.0 if z >= 0.0 else e) / (1.0 + e)

    inputs, ended = np.random.default_rng(1).normal(size=(500, 4)), []
    for sigmoid in (
        "sigmoid",
        functions.Activation("library", library, lambda z, value: value * (1.0 - value)),
    ):
        net = NetFactory([4, 8, 3], sigmoid, seed=1).new()
        net.fit(inputs, [k % 3 for k in range(500)], epochs=50)
        ended.append([weight.value for weight in net.weights()])
    assert ended[0] != ended[1]
    np.testing.assert_allclose(*ended, rtol=1e-6)


@pytest.mark.long
def test_compiled_code_is_kept_where_it_can_be(tmp_path: Path) -> None:
    """The package may be read-only; with nowhere to write, it is compiled every time."""
    train_it = "net.fit(X, y, engine='compiled'); print('trained')"
    first = with_warnings(train_it, SLOWNET_CACHE_DIR=str(tmp_path))
    again = with_warnings(train_it, SLOWNET_CACHE_DIR=str(tmp_path))
    assert first.stdout == again.stdout == "trained\n", first.stderr
    assert "compiling" in first.stderr
    assert first.stderr.count("\n") == 1
    assert again.stderr == ""
    for file in tmp_path.rglob("*.nbc"):
        file.write_bytes(file.read_bytes()[:1000])  # damaged
    assert with_warnings(train_it, SLOWNET_CACHE_DIR=str(tmp_path)).stdout == "trained\n"
    (tmp_path / "file").touch()
    nowhere = with_warnings(train_it, SLOWNET_CACHE_DIR=str(tmp_path / "file"))
    assert nowhere.stdout == "trained\n", nowhere.stderr


@pytest.mark.long
def test_the_plain_loops_give_the_same_bits() -> None:
    """Where vectors are not supported; in a process of its own, as the choice is made at its start."""
    here = Path(__file__)
    done = run(
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        *(here, here.with_name("test_graphs.py")),
        *("-k", "both_engines or wide_layers or any_order or chunk"),
        timeout=600,
        env={**os.environ, "SLOWNET_LANES": "0", "HYPOTHESIS_PROFILE": "default"},
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "passed" in done.stdout


def test_auto_does_not_load_numba_for_little_work() -> None:
    code = "import sys; net.fit(X[:100], y[:100]); print('numba' in sys.modules)"
    assert with_warnings(code).stdout == "False\n"
    code = "import sys; net.fit(X, y, epochs=30, batch_size=100); print('numba' in sys.modules)"
    assert with_warnings(code).stdout == "True\n"


# the pieces


def test_formulas_have_keys_of_their_own() -> None:
    """By what they compute: two in one line differ, the same one with the same numbers does not."""
    first, second = (lambda z: z), (lambda z: -z)
    leaky = [functions.leaky_relu(slope).function for slope in (0.1, 0.2)]
    assert len({key_on_disk(each) for each in (first, second, *leaky)}) == 4
    assert key_on_disk(functions.leaky_relu(0.1).function) == key_on_disk(leaky[0])


@pytest.mark.parametrize("file", ["engines/kernels/updates.py", "functions/losses.py"])
def test_a_changed_source_is_compiled_anew(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key of compiled code is a hash of all files in engines/ and functions/, wherever they are."""
    before = cache.stamp()
    for package in ("engines", "functions"):
        shutil.copytree(Path(slownet.__file__).parent / package, tmp_path / package)
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "engines" / "machine" / "cache.py"))
    assert cache.stamp.__wrapped__() == before
    (tmp_path / file).write_text((tmp_path / file).read_text() + "\n")
    assert cache.stamp.__wrapped__() != before


@given(st.integers(0, 2**64 - 1), st.integers(1, 5000))
@example(0, 1)
@example(0, 2)
@settings(max_examples=settings.default.max_examples // 2)
def test_orders_are_those_of_python(seed: int, count: int) -> None:
    from slownet.engines import kernels
    from slownet.engines.kernel_records import WORK
    from slownet.engines.machine.memory import Record

    order, record_ = np.zeros(count, np.uint32), Record(WORK)
    record_.set(
        samples=count,
        seed=seed,
        order=order,
        draws=np.zeros(count, np.uint64),
        draw_buckets=np.zeros(2 * count + 2, np.uint64),
        epoch=np.array([7], np.uint64),
    )
    kernels.permute(record_.address, 0, 0, 0, 0)
    assert order.tolist() == permutation(key(seed, Use.SHUFFLE, 7), count).tolist()


def test_memory_holds_one_form_of_the_data() -> None:
    """Sparse data: the numbers that are not 0; dense data in float64: not even a copy."""
    images, digits = load_mnist("train", limit=4000)
    listed = int((images != 0.0).sum()) * 12
    for data, allowed in ((images, listed), (images + 0.5, 0)):
        net = NetFactory([784, 10], seed=1).new()
        net.fit(data[:50], digits[:50], engine="compiled")
        tracemalloc.start()
        net.fit(data, digits, engine="compiled", batch_size=32)
        _, most = tracemalloc.get_traced_memory()
        left = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert most < 1.1 * allowed + 6e6
        assert left < 2e6
