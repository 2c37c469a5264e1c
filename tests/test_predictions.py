"""Predictions and evaluations in blocks and threads: the same as sample by sample on the objects."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pytest
from bits import bits, state

from slownet import InvalidValueError, NetFactory, engines, functions
from slownet.engines.kernel_records import SENT
from slownet.engines.machine.threads import share
from slownet.engines.output_arrays import OutputArrays
from slownet.engines.packed_inputs import BLOCK
from slownet.samples import Samples

RNG = np.random.default_rng(0)
SIZES = [12, 9, 5, 3]
COUNTS = [1, SENT - 1, SENT, SENT + 1, BLOCK, BLOCK + 1, 2 * BLOCK + SENT + 3]


def samples(count: int, zeros: float) -> np.ndarray:
    return RNG.normal(size=(count, SIZES[0])) * (RNG.random((count, SIZES[0])) >= zeros)


@pytest.mark.parametrize("zeros", [0.0, 0.8])
@pytest.mark.parametrize("count", COUNTS)
def test_blocks_and_threads_give_the_bits_of_the_objects(count: int, zeros: float) -> None:
    X, found = samples(count, zeros), []
    for engine, threads in (("scalar", 1), ("compiled", 1), ("compiled", 2), ("compiled", 5)):
        net = NetFactory(SIZES, "tanh", seed=2).new()
        rows = engines.outputs(engine, net, Samples(X, SIZES[0]), threads)
        outputs = [(bits(zs), bits(values)) for zs, values in rows]
        found.append((outputs, state(net)))  # the neurons are in the state of the last sample
    assert len(found[0][0]) == count
    assert found[0] == found[1] == found[2] == found[3]


@pytest.mark.parametrize("started", [0, 1])
def test_without_threads_one_does_it_all(started: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are none, or too many, or the process is ending, predictions and training go on."""
    X, ends, left = samples(2 * BLOCK + 3, 0.5), [], iter(range(started))
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if next(left, None) is None:
            raise RuntimeError("can't start new thread")
        start(thread)

    for engine in ("scalar", "compiled"):
        if engine == "compiled":
            monkeypatch.setattr(threading.Thread, "start", refuse)
            monkeypatch.setenv("SLOWNET_THREADS", "4")
        net = NetFactory(SIZES, "tanh", seed=2).new()
        options = {"batch_size": 512, "engine": engine, "threads": 4 if engine == "compiled" else "auto"}
        net.fit(X, np.arange(len(X)) % 3, progress=False, **options)
        ends.append((net.predict_proba(X, engine).tobytes(), state(net)))
    assert ends[0] == ends[1]


def test_an_error_in_a_thread_is_raised() -> None:
    def work(me: int, item: int) -> None:
        done.append(item)
        if item == 2:
            raise IndexError("2")

    for count in (1, 3):
        done: list[int] = []
        with pytest.raises(IndexError, match="2"):
            share(work, range(10_000), count)
        assert len(done) < 10_000


def test_no_thread_goes_on_after_ctrl_c_while_it_was_started(monkeypatch: pytest.MonkeyPatch) -> None:
    start, began, done = threading.Thread.start, threading.Event(), []

    def interrupted(thread: threading.Thread) -> None:
        start(thread)
        began.wait()
        raise KeyboardInterrupt

    def work(me: int, item: int) -> None:
        began.set()
        time.sleep(0.2)
        done.append(me)

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        share(work, range(10_000), 3)
    assert done == [1]


@pytest.mark.parametrize("place", [3, BLOCK - 1, BLOCK + 700])
def test_an_input_that_is_not_finite_is_named(place: int) -> None:
    X = samples(2 * BLOCK, 0.5)
    X[place, 7] = np.nan
    net = NetFactory(SIZES, seed=2).new()
    for engine in ("scalar", "compiled"):
        before = state(net)
        for call in (net.predict, net.predict_proba, lambda X, e: net.evaluate(X, [0] * len(X), e)):
            with pytest.raises(InvalidValueError, match=rf"^X\[{place}\]\[7\] is nan: fill in"):
                call(X, engine)
        assert state(net) == before


def test_numbers_beyond_the_kernels_go_through_the_objects() -> None:
    X = samples(BLOCK + 5, 0.5)
    X[BLOCK + 1, 2] = 1e200
    net = NetFactory(SIZES, "tanh", seed=2).new()
    wanted = net.predict_proba(X, engine="scalar")
    assert net.predict_proba(X, engine="compiled").tobytes() == wanted.tobytes()


LABELS: dict[str, list[Any]] = {
    "text": ["a", "bb", "ccc"],
    "numbers": [7, 8, 9],
    "floats": [0.5, 1, 2],
    "mixed": [0, "one", None],
    "texts that NumPy cuts": ["a", "a\0", "b"],
    "numbers that NumPy rounds": [0.5, 2**53, 2**53 + 1],
    "pairs": [(0, 1), (1, 0), (1, 1, 1)],
}


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
@pytest.mark.parametrize("kind", LABELS)
def test_labels_keep_their_type(kind: str, engine: str) -> None:
    labels, X = LABELS[kind], samples(200, 0.5)
    net = NetFactory(SIZES, "tanh", seed=2).new()
    chosen = net.predict_proba(X, engine=engine).argmax(axis=1)
    net.classes = labels
    found = net.predict(X, engine=engine)
    dtype = np.array(labels).dtype if kind in ("text", "numbers", "floats") else object
    assert isinstance(found, np.ndarray)
    assert found.dtype == dtype
    assert found.tolist() == [labels[place] for place in chosen]
    assert net.predict(X[:1], engine=engine).dtype == dtype  # however few of the labels there are


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "linear", "softmax"])
def test_both_engines_predict_and_evaluate_alike(activation: str, outputs: int) -> None:
    if activation == "softmax" and outputs == 1:
        return
    X = samples(150, 0.5)
    net = NetFactory([12, 5, outputs], "tanh", activation, seed=4).new()
    for loss in functions.LOSSES.values():
        try:
            net.loss = loss
            loss.check(net.wiring.output.activation)
        except InvalidValueError:
            continue
        if loss.target_kind == "class" or outputs == 1:
            low = -1 if loss.target_kind == "sign" else 0
            high = outputs - 1 if loss.target_kind == "class" else 1
            y = np.where(RNG.random(150) < 0.5, low, high)
        elif loss.target_kind == "number":
            y = np.maximum(RNG.normal(size=(150, outputs)), loss.target_domain[0])
        else:
            y = np.where(RNG.random((150, outputs)) < 0.5, -1 if loss.target_kind == "sign" else 0, 1)
        one, other = (net.evaluate(X, y, engine) for engine in ("scalar", "compiled"))
        assert one == other
        first, second = (net.predict(X, engine) for engine in ("scalar", "compiled"))
        assert (first.dtype, first.tobytes()) == (second.dtype, second.tobytes())


def test_an_own_loss_is_evaluated() -> None:
    own = functions.Loss("own", lambda a, y: (a - y) ** 2, lambda a, y: 2 * (a - y))
    net = NetFactory([12, 5, 2], "tanh", "linear", seed=4).new()
    net.loss = own
    X, y = samples(30, 0.5), RNG.normal(size=(30, 2))
    assert net.evaluate(X, y, "scalar") == net.evaluate(X, y, "compiled")


def test_compiled_outputs_stay_in_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    def as_lists(self: OutputArrays) -> None:
        raise AssertionError("the outputs were made lists")

    monkeypatch.setattr(OutputArrays, "__iter__", as_lists)
    X, y = samples(100, 0.5), RNG.integers(0, 3, 100)
    net = NetFactory(SIZES, seed=2).new()
    net.classes = ["a", "b", "c"]
    names = np.array(net.classes)[y]
    net.predict(X, engine="compiled")
    net.predict_proba(X, engine="compiled")
    net.evaluate(X, names, engine="compiled")
    held: dict[str, Any] = {"validation_data": (X, names), "test_data": (X, names)}
    net.fit(X, names, engine="compiled", progress=False, **held)
    linear = NetFactory([12, 3, 1], None, "linear", seed=2).new()
    linear.predict(X, engine="compiled")
    linear.evaluate(X, y, engine="compiled")
