"""How a delta comes about: what the page prints is what it was computed from, and gives the result."""

from __future__ import annotations

from functools import reduce
from math import prod
from operator import add

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from opened import Opened, check_number, last_place, number
from page_trainings import CUBE, SOFT
from slow import mostly_long
from strategies import MAY_HARDLY_LEARN, batch_for, nets
from watching import PATIENCE, Watched

from slownet import DivergedError, NetFactory
from slownet.page import Player

DERIVATIONS = """() => {
    const { net, player } = slownet;
    const all = Array.from({ length: net.neurons - net.inputs }, (_, k) => k + net.inputs);
    return all.map(neuron => net.derivation(slownet.painter.pass, neuron));
}"""
CASES = {
    "hidden softmax": ("softmax", "softmax", "cross_entropy"),
    "output softmax without its partner": ("tanh", "softmax", "squared_error"),
    "softmax both times": ("softmax", "softmax", "squared_error"),
    "linear": ("linear", "linear", "mean_squared_error"),
    "relu, whose slope is 0 where it is dead": ("relu", "relu", "squared_error"),
    "sigmoid without its partner": ("elu", "sigmoid", "squared_error"),
    "an activation and a loss of one's own": (SOFT, SOFT, CUBE),
    "hinge, whose slope is 0 for what is right": ("sigmoid", "tanh", "hinge"),
}


@pytest.fixture(scope="module")
def tab(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(PATIENCE)
    made = Watched(page)
    yield made
    page.close()
    assert not made.messages


@pytest.fixture(scope="module")
def derived(tab, tmp_path_factory):
    """Show the page of a training, and return it."""
    path = tmp_path_factory.mktemp("derivations") / "page.html"

    def shown(history):
        path.write_text(Player(history, exact=True, keep="none").text, encoding="utf-8")
        tab.page.goto("about:blank")
        tab.play(path)
        return Opened(tab, history)

    return shown


def trained(hidden, output, loss):
    net = NetFactory([3, 5, 4], hidden, output, seed=4).new()
    X = np.random.default_rng(2).normal(size=(30, 3))
    y = np.eye(4)[np.arange(30) % 4]
    if loss == "cross_entropy":
        y = np.arange(30) % 4
    if loss == "hinge":
        y = 2 * y - 1
    options = {"learning_rate": 0.3, "snapshots": 3, "watch": (X[:6], y[:6]), "engine": "scalar"}
    return net.fit(X, y, loss=loss, epochs=3, batch_size=5, progress=False, **options)


@pytest.mark.long
@pytest.mark.parametrize("name", mostly_long(CASES, 2))
def test_the_printed_factors_give_the_printed_delta(derived, name):
    made = derived(trained(*CASES[name]))
    for sample in (0, 3):
        made.page.evaluate("sample => slownet.player.setSample(sample)", sample)
        net = made.backward(made.frame, sample, CASES[name][2])
        neurons = [neuron for layer in list(net)[1:] for neuron in layer]
        for place, neuron in enumerate(neurons):
            made.page.select_option("#neuron", str(3 + place))
            rows = made.rows("#backward table")
            check_number(rows["= delta"][-1], neuron.delta)
            check_product(rows)
            if neuron.layer is net.outputs and "slope of the loss" in rows:
                where = place - 5
                targets = made.history.watch.targets[sample]
                values = [each.value for each in net.outputs]
                check_number(rows["slope of the loss"][-1], net.loss.slopes(values, targets)[where])


def check_product(rows):
    """What the rows say to multiply gives the delta, within the digits that are printed."""
    factors = [rows[name][-1] for name in ("× f′(z)", "× value") if name in rows]
    if "value − target" in rows:
        value, target = rows["value − target"][-1].split(" − ")
        off = last_place(value) + last_place(rows["= delta"][-1])
        found = number(value) - number(target.strip("()"))
        assert abs(found - number(rows["= delta"][-1])) <= off
        return
    start = rows.get("= slope − sum") or rows.get("= slope") or rows["slope of the loss"]
    texts = [start[-1], *factors]
    assert len(texts) == 2, rows
    low, high = zip(*[ends(text) for text in texts], strict=True)
    products = [a * b for a in (low[0], high[0]) for b in (low[1], high[1])]
    bottom, top = ends(rows["= delta"][-1])
    assert min(products) <= top, rows
    assert max(products) >= bottom, rows
    if "= slope − sum" in rows:
        slope = (rows.get("= slope") or rows["slope of the loss"])[-1]
        mean = rows["− sum of value × slope"][-1]
        difference = rows["= slope − sum"][-1]
        off = sum(map(last_place, (slope, mean, difference)))
        assert abs(number(slope) - number(mean) - number(difference)) <= off, rows
        assert off <= 0.05 * abs(number(difference)) or number(difference) == 0, rows


def ends(text):
    return number(text) - last_place(text), number(text) + last_place(text)


@pytest.mark.long
@MAY_HARDLY_LEARN
@given(nets(), st.integers(0, 2**32))
@settings(max_examples=max(12, settings.default.max_examples // 20))  # each is a page of its own
def test_the_derivation_of_any_net_is_the_engines(derived, net, seed):
    """Factor by factor: neither the page nor `explain` prints another number than was used."""
    X, y, targets = batch_for(net, 4, seed)
    try:
        history = net.fit(
            X, y, loss=net.loss, epochs=2, batch_size=2, snapshots=2, watch=(X, y), progress=False
        )
    except DivergedError:  # as exponential outputs may
        reject()
    made = derived(history)
    found = made.page.evaluate(DERIVATIONS)
    which = made.page.evaluate("() => slownet.net.facts.samples[slownet.state().place].place")
    twin = made.backward(made.frame, which, net.loss)
    neurons = [neuron for layer in list(twin)[1:] for neuron in layer]
    target = targets[which]
    for neuron, from_ in zip(neurons, found, strict=True):
        check_facts(from_, neuron.explain("delta"))
        assert from_["delta"] == near(neuron.delta)
        assert from_["value"] == neuron.value
        if neuron.layer is twin.outputs:
            assert from_["target"] == target[list(twin.outputs).index(neuron)]
        assert (from_["slope"] is None) == (
            neuron.layer is twin.outputs and twin.loss.partner is neuron.layer.activation
        )


def near(wanted):
    """Skip connections are added up in another order, so the last digits may differ."""
    return pytest.approx(wanted, rel=1e-9, abs=1e-13)


def check_facts(from_, derivation):
    """The page's facts are those of Python's derivation, and the printed products are the results."""
    if from_["slope"] is None:
        assert from_["value"] - from_["target"] == from_["delta"]
        assert from_["mean"] is from_["derivative"] is None
        return
    parts = {part.name.rstrip("0123456789_"): part for part in derivation.parts}
    slope = parts.get("slope")  # none where no output has an error
    assert from_["slope"] == near(slope.value if slope else 0.0)
    for each in (*from_["sent"], *from_["mixed"]):
        assert each["product"] == prod(each["factors"])
    if from_["target"] is None:
        sent = sorted(each["product"] for each in from_["sent"])
        terms = [term.value for term in slope.terms if "·" in term.formula] if slope else []
        for product, wanted in zip(sent, sorted(terms), strict=True):
            assert product == near(wanted)
        assert reduce(add, [each["product"] for each in from_["sent"]], 0.0) == from_["slope"]
    if from_["mean"] is None:
        factors = (from_["slope"], from_["derivative"])
        assert not from_["mixed"]
        assert not slope or parts["derivative"].value == near(from_["derivative"])
    else:
        factors = (from_["value"], from_["slope"] - from_["mean"])
        assert from_["derivative"] is None
        mean = parts.get("mean_slope")
        assert from_["mean"] == near(mean.value if mean else 0.0)
        for each, term in zip(from_["mixed"], mean.terms if mean else from_["mixed"], strict=True):
            assert not mean or each["product"] == near(term.value)
    assert prod(factors) == from_["delta"]
