"""Traces: the operations of a step, in the order and with the names and numbers of the page."""

from __future__ import annotations

import json
import pickle
import struct
import warnings
from copy import copy, deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest
from graphs import (
    ALL_OPTIMIZERS,
    FOURTH,
    HIDDEN,
    ORDINARY_TASKS,
    random_data,
    random_limits,
    random_net,
    random_weights,
)
from slow import mostly_long
from trained_pages import printed

from slownet import Net, NetFactory
from slownet.datasets import load_mnist
from slownet.errors import DivergedError, InvalidTypeError, InvalidValueError
from slownet.explain import Trace
from slownet.page.javascript import Translator
from slownet.page.recipe import Recipe
from slownet.training.options import Options

RUN = """
  const step = new (modules["engine/stepping.js"].StepByStep)(await begin());
  const bits = (x) => new BigUint64Array(new Float64Array([x]).buffer)[0].toString(16);
  for (let each = step.next(); each !== null; each = step.next()) {
    const terms = each.terms.map((term) => typeof term === "string" ? term : bits(term));
    const numbers = each.numbers.map(bits);
    console.log(JSON.stringify([each.name, each.sign, terms, numbers, bits(each.result)]));
  }"""


def bits(number: float) -> str:
    return f"{struct.unpack('Q', struct.pack('d', number))[0]:x}"


def written(trace: Trace) -> list[list[Any]]:
    """The operations of a trace as the page prints them."""
    return [
        [
            each.name,
            each.sign,
            [term if isinstance(term, str) else bits(term) for term in each.terms],
            [*map(bits, each.numbers)],
            bits(each.result),
        ]
        for each in trace
    ]


def case(seed: int) -> tuple[Net, Any, Any, dict[str, Any]]:
    draw = Random(seed)
    net = random_net(draw, layers=4, neurons=4, hidden=HIDDEN, tasks=ORDINARY_TASKS)
    X, y = random_data(draw, net, draw.randint(1, 3))
    options: dict[str, Any] = {
        "learning_rate": 0.1,
        "optimizer": draw.choice(["sgd", *ALL_OPTIMIZERS[:-1]]),
        "dropout": draw.choice((0.0, 0.0, 0.4)),
        "dropconnect": draw.choice((0.0, 0.0, 0.3)),
        "l1": draw.choice((0.0, 0.0, 0.01)),
        "regularizers": draw.choice(((), (), [(FOURTH, 0.01)])),
        "seed": seed,
        **random_weights(draw, net, len(X)),
        **random_limits(draw),
    }
    return net, X, y, options


@pytest.mark.parametrize("seed", mostly_long(range(40), 4))
def test_operations_are_those_of_the_page(seed: int, tmp_path: Path) -> None:
    net, X, y, options = case(seed)
    given = Options(**options, shuffle=False, batch_size=len(X), progress=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            trace = net.trace(X, y, **options)
        except DivergedError:
            pytest.skip("it diverges")
        recipe = Recipe(net.copy(), X, y, given, translator=Translator(exact=True))
    found = [json.loads(line) for line in printed(recipe, RUN, tmp_path).splitlines()]
    mine = written(trace)
    for place, (here, there) in enumerate(zip(mine, found, strict=False)):
        assert here == there, place
    assert len(mine) == len(found)
    assert trace.replay()
    assert trace.closed_form == len(trace)


def test_a_trace_is_a_sequence() -> None:
    net = NetFactory([2, 3, 1], "tanh", seed=0).new()
    before = [weight.value for weight in net.weights()]
    trace = net.trace([0.5, -1.0], 1, learning_rate=0.5)
    assert [weight.value for weight in net.weights()] == before
    assert len(trace) == trace.closed_form == len(list(trace))
    assert list(trace) == trace[:] == [trace[k] for k in range(len(trace))]
    assert trace[-1].number == len(trace)
    product = trace[4]
    assert (product.phase, product.owner, product.name) == ("forward", "neuron 0 of layer 1", "product")
    assert product.formula == "weight_1_0_0 * value_0_0"
    assert product.a * product.b == product.result
    assert [op.name for op in trace.find("loss")] == ["loss"]
    net.fit([[0.5, -1.0]], [1], learning_rate=0.5, progress=False)
    assert trace[-1].result == net.outputs[0].bias
    assert len(net.trace([0.5, -1.0], 1, update=False)) < len(trace)
    assert "loss = binary_cross_entropy(value_2_0)" in "\n".join(map(str, trace))
    assert "more operations: trace[12:] has them" in str(trace)
    html = trace._repr_html_()
    assert html.count("<details") == html.count("</details>")
    assert "<script" not in html


@pytest.mark.long
def test_the_count_of_a_digit_has_a_closed_form() -> None:
    X, y = load_mnist("train", 1)
    net = NetFactory([784, 30, 10], "sigmoid", seed=0).new()
    trace = net.trace(X[0], y[0])
    m, h, o = int((X[0] != 0).sum()), 30, 10
    assert len(trace) == 787 + 4 * m * h + 6 * h * o + 6 * h + 4 * o + 3 * (784 * h + h * o + h + o)
    assert trace.closed_form == len(trace)


def test_a_trace_that_was_changed_is_noticed() -> None:
    trace = NetFactory([2, 2, 1], "tanh", seed=0).new().trace([0.5, -1.0], 1)
    place = trace._step.place("derivative", trace._step.twin[1][0], 0)
    trace._step.tape.results[place] *= 1.0 + 2**-52
    assert not trace.replay()


@pytest.mark.parametrize("again", [lambda each: pickle.loads(pickle.dumps(each)), deepcopy, copy])
def test_a_trace_can_be_copied_and_pickled(again: Any) -> None:
    net = NetFactory([2, 3, 1], "tanh", seed=0).new()
    net.fit([[0.5, -1.0], [1.0, 2.0]], [1, 0], optimizer="adam", progress=False)
    options = {"optimizer": "adam", "warm_start": True, "dropout": 0.5, "l2": 0.1}
    trace = net.trace([[0.5, -1.0], [0.0, 2.0]], [0, 1], step=3, **options)
    operations = list(trace)
    net.loss = "squared_error"  # what is done to the net later is not done to its traces
    net[1][2].remove()
    twin = again(trace)
    assert list(twin) == list(trace) == operations
    assert str(twin) == str(trace)
    assert twin.replay()
    assert trace.replay()
    assert twin.closed_form == trace.closed_form == len(operations)


def test_where_nothing_learns_the_norm_of_the_gradient_is_0() -> None:
    net = NetFactory([2, 3, 1], "tanh", seed=0).new()
    net.freeze()
    trace = net.trace([0.5, -1.0], 1, clip_norm=0.1)
    assert [each.result for each in trace if each.name in ("norm", "clip")] == [0.0, 1.0]
    assert trace.replay()
    assert len(trace) == trace.closed_form


def test_what_a_trace_does_not_take() -> None:
    net = NetFactory([2, 2, 1], seed=0).new()
    trace = net.trace([0.5, -1.0], 1)
    with pytest.raises(IndexError, match="operations 0 to"):
        trace[len(trace)]
    with pytest.raises(InvalidTypeError, match="a whole number, not 'a'"):
        trace["a"]
    with pytest.raises(InvalidValueError, match="give y as well"):
        net.trace([0.5, -1.0])
    with pytest.raises(InvalidTypeError, match="update must be"):
        net.trace([0.5, -1.0], 1, update="yes")


def test_a_notebook_gets_a_slider() -> None:
    pytest.importorskip("anywidget")
    from slownet.explain.trace_widget import SHOWN, TraceWindow

    trace = NetFactory([2, 3, 1], "tanh", seed=0).new().trace([0.5, -1.0], 1)
    window = TraceWindow(trace)
    assert window.count == len(trace)
    assert [row[0] for row in window.rows] == [str(k) for k in range(1, SHOWN + 1)]
    window.first = len(trace) - 3
    assert [row[0] for row in window.rows] == [str(len(trace) - k) for k in (2, 1, 0)]
    assert window.rows[-1] == trace[-1].cells
    assert trace._repr_mimebundle_() == {}  # not in a notebook


def test_softmax_in_the_middle_is_replayed_with_dropout() -> None:
    net = NetFactory([2, 3, 1], "softmax", seed=0).new()
    assert net.trace([[0.5, -1.0], [0.0, 2.0]], [0, 1], dropout=0.5).replay()
