"""What a page holds: every number of the training, as precise as it claims."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bits import bits
from hypothesis import given, settings
from hypothesis import strategies as st
from page_trainings import (
    Changing,
    Y,
    trained,
)
from slow import mostly_long
from strategies import MAY_HARDLY_LEARN, batch_for, nets

from slownet import (
    DivergedError,
    History,
    Net,
    NetFactory,
)
from slownet.datasets import load_mnist
from slownet.functions import ACTIVATIONS, Activation
from slownet.page import Page
from slownet.page.content import Content
from slownet.page.encoding import read
from slownet.page.precision import BUDGET

FEW = settings(max_examples=max(50, settings.default.max_examples // 4))


def numbers_of(page: Page) -> tuple[Any, Any, Any, Any]:
    """The weights and biases of all frames in a page, where the weights go, and which are gone."""
    arrays, layers = page.arrays, page.facts["layers"]
    counts = [len(layer["neurons"]) for layer in layers]
    weights = np.concatenate([arrays[f"weights {layer['id']}"] for layer in layers[1:]], axis=1)
    targets = np.repeat(np.arange(sum(counts[1:])) + counts[0], arrays["start"])
    gone = np.zeros(weights.shape, bool)
    if "gone" in arrays:
        gone = np.unpackbits(arrays["gone"], axis=1, bitorder="little")[:, : weights.shape[1]] == 1
        weights = np.where(gone, 0.0, weights)
    return weights, arrays["biases"], np.stack([np.cumsum(arrays["source"]), targets]), gone


def check_numbers(page: Page, history: History) -> None:
    """Every weight and bias of every snapshot stands in the page, at the right place, and no other."""
    names = [(layer["id"], neuron) for layer in page.facts["layers"] for neuron in layer["neurons"]]
    weights, biases, ends, gone = numbers_of(page)
    inputs = len(page.facts["layers"][0]["neurons"])
    digits = {layer: about["digits"] for layer, about in page.facts["precision"]["layers"].items()}
    for frame, snapshot in enumerate(history.snapshots):
        net = snapshot.restore()
        places = {(names[s], names[t]): k for k, (s, t) in enumerate(ends.T) if not gone[frame, k]}
        assert len(places) == sum(1 for _ in net.weights())
        for weight in net.weights():
            source, target = weight.outgoing, weight.incoming
            place = places[(source.layer.id, source.id), (target.layer.id, target.id)]
            off = abs(weights[frame, place] - weight.value)
            most = 0.5 * 10.0 ** -digits[str(target.layer.id)] if digits else 0.0
            assert off <= most * 1.000001 or bits([off]) == bits([math.nan])
        for layer, number in names[inputs:]:
            neurons = net.layers[layer].neurons
            bias = neurons[number].bias if number in neurons else 0.0
            assert abs(biases[frame, names.index((layer, number)) - inputs] - bias) <= 5e-7


def page_of(history: History, **wanted: Any) -> Page:
    """What a page holds, without its scripts."""
    content = Content(history, *(wanted.get(name) for name in ("exact", "bits", "title")))
    facts = json.loads(json.dumps(content.facts, allow_nan=False))
    contents = json.loads(json.dumps(content.writer.contents))
    return Page(facts, contents, read(contents, content.writer.text), {}, 0, "", "")


@pytest.mark.long
@MAY_HARDLY_LEARN
@FEW
@given(nets(), st.data())
def test_all_weights_and_biases_stand_in_the_page(net: Net, data: st.DataObject) -> None:
    X, y, targets = batch_for(net, 6, data.draw(st.integers(0, 99)))
    exact = data.draw(st.booleans())
    callbacks = [Changing()] if data.draw(st.booleans()) else []
    try:
        history = net.fit(
            *(X, y),
            epochs=4,
            batch_size=3,
            learning_rate=0.01,
            snapshots=99,
            watch=(X, y),
            progress=False,
            callbacks=callbacks,
            engine="scalar",
        )
    except DivergedError:
        return
    for wanted in {"exact": True}, {"bits": 14}, {"exact": exact}:
        page = page_of(history, **wanted)
        assert page.facts["precision"]["exact"] == wanted.get("exact", False)
        check_numbers(page, history)
        check_marks(page, history)
        assert page.arrays["targets"].tolist() == targets[: len(page.arrays["targets"])] or (
            net.loss.target_kind == "class"
        )
        check_error(page, history)


def check_marks(page: Page, history: History) -> None:
    """What is frozen, and which neurons have no bias, in every snapshot."""
    (count,) = page.arrays["source"].shape
    neurons = len(page.arrays["start"])
    marks = {name: np.zeros((page.facts["frames"], count), bool) for name in ("gone", "frozen")}
    marks |= dict.fromkeys(
        ("frozen biases", "without bias"), np.zeros((page.facts["frames"], neurons), bool)
    )
    for name, none in marks.items():
        if name in page.arrays:
            assert page.arrays[name].any()
            marks[name] = (
                np.unpackbits(page.arrays[name], axis=1, bitorder="little")[:, : none.shape[1]] == 1
            )
    names = [(layer["id"], neuron) for layer in page.facts["layers"] for neuron in layer["neurons"]]
    source, inputs = np.cumsum(page.arrays["source"]), len(names) - neurons
    target = np.repeat(np.arange(inputs, len(names)), page.arrays["start"])
    for frame, snapshot in enumerate(history.snapshots):
        net = snapshot.restore()
        weights = {
            ((w.source.layer.id, w.source.id), (w.target.layer.id, w.target.id)): w.frozen
            for w in net.weights()
        }
        for k, ends in enumerate(zip(source, target, strict=True)):
            found = weights.get((names[ends[0]], names[ends[1]]))
            assert bool(marks["gone"][frame, k]) == (found is None)
            assert bool(marks["frozen"][frame, k]) == bool(found)
        for k, (layer, neuron) in enumerate(names[inputs:]):
            there = net.layers[layer].neurons.get(neuron) if layer in net.layers else None
            wanted = (
                (there.has_bias and there.bias_frozen, not there.has_bias) if there else (False, False)
            )
            assert (marks["frozen biases"][frame, k], marks["without bias"][frame, k]) == wanted


def values_of_page(page: Page, samples: Any) -> tuple[Any, Any]:
    """What a page would compute: (frames, samples, neurons) z and values, one neuron after the other."""
    weights, biases, ends, _ = numbers_of(page)
    layers = page.facts["layers"]
    inputs, count = len(layers[0]["neurons"]), sum(len(layer["neurons"]) for layer in layers)
    zs = np.zeros((len(weights), len(samples), count))
    removed = np.zeros((len(weights), count - inputs), bool)
    if "removed" in page.arrays:
        bits_of = np.unpackbits(page.arrays["removed"], axis=1, bitorder="little")
        removed = bits_of[:, : count - inputs] == 1
    values = np.zeros_like(zs)
    values[:, :, :inputs] = samples
    begin = inputs
    for layer in layers[1:]:
        end = begin + len(layer["neurons"])
        for neuron in range(begin, end):
            into = ends[1] == neuron
            parts = np.moveaxis(values[:, :, ends[0, into]], 1, 0) * weights[:, into]
            zs[:, :, neuron] = biases[:, [neuron - inputs]] + parts.sum(axis=2).T
        activation = ACTIVATIONS[layer["activation"]]
        for frame in range(len(zs)):
            there = [k for k in range(begin, end) if not removed[frame, k - inputs]]
            rows = zs[frame][:, there].tolist()
            values[frame][:, there] = [activation.values(row) for row in rows]
        begin = end
    return zs[:, :, inputs:], values[:, :, inputs:]


def check_error(page: Page, history: History) -> None:
    """The errors that a page claims are the largest there are, rounded up."""
    precision, layers = page.facts["precision"], page.facts["layers"]
    if precision["exact"]:
        assert "off" not in precision
        return
    names = [(layer["id"], neuron) for layer in layers[1:] for neuron in layer["neurons"]]
    count = min(10, len(history.watch.samples))
    zs, values = values_of_page(page, history.watch.samples[:count])
    off = {"z": 0.0, "value": 0.0, "output": 0.0}
    for frame, snapshot in enumerate(history.snapshots):
        for place, (layer, neuron) in enumerate(names):
            if layer in snapshot.graph.layers and neuron in snapshot.graph.layers[layer].neurons:
                for k in range(count):
                    z, value = snapshot.neuron(layer, neuron, k)
                    off["z"] = max(off["z"], abs(zs[frame, k, place] - z))
                    apart = abs(values[frame, k, place] - value)
                    off["value"] = max(off["value"], apart)
                    if layer == layers[-1]["id"]:
                        off["output"] = max(off["output"], apart)
    for name, number in off.items():
        assert number - 1e-13 <= precision["off"][name] <= 1.1 * number + 1e-13, name


@pytest.fixture(scope="module")
def digits() -> tuple[Any, Any]:
    return load_mnist("train", 4000)


BITS_OF_12 = {(784, 16, 10), (784, 30, 10)}


@pytest.mark.parametrize("sizes", mostly_long([(784, 16, 10), (784, 30, 10), (784, 128, 64, 10)]))
def test_mnist_fits(sizes: tuple[int, ...], digits: Any, tmp_path: Path) -> None:
    snapshots = 50 if len(sizes) > 3 else 100
    X, y = digits
    net = NetFactory(list(sizes), seed=0).new()
    history = net.fit(
        X,
        y,
        epochs=3,
        batch_size=10,
        learning_rate=0.1,
        snapshots=snapshots,
        watch=(X[:10], y[:10]),
        progress=False,
    )
    page = Page.open(history.write_html(tmp_path / "page.html", keep="none"))
    size = (tmp_path / "page.html").stat().st_size
    whole = (tmp_path / "page.html").read_text(encoding="utf-8")
    payload = re.findall(r'id="payload">([^<]*)<', whole)[0]
    assert len(page.arrays["biases"]) == snapshots
    assert len(payload) <= BUDGET
    assert size <= 1_800_000
    weights = np.array([snapshot.weights for snapshot in history.snapshots])
    layers = page.facts["precision"]["layers"]
    names = [f"weights {layer}" for layer in layers]
    shown = np.concatenate([page.arrays[name] for name in names], axis=1)
    apart = np.abs(shown - weights)
    start = 0
    for layer, name in zip(layers.values(), names, strict=True):
        end = start + page.arrays[name].shape[1]
        assert apart[:, start:end].max() <= 0.5 * layer["step"] * 1.000001
        text = np.round(weights[:: snapshots - 1, start:end], layer["digits"])
        there = np.round(shown[:: snapshots - 1, start:end], layer["digits"])
        assert (text == there).all()
        start = end
    if sizes in BITS_OF_12:
        twelve = page_of(history, bits=12)
        assert twelve.facts["precision"]["off"]["output"] < 1e-3


def test_large_and_small_numbers_side_by_side(tmp_path: Path) -> None:
    net = NetFactory([30, 20, 1], hidden_activation="tanh", seed=1).new()
    for weight in net.weights():
        weight.value *= 1e-6
    net.layers[2].neurons[0].weights["in"][0, 0].value = 5000.0
    net.layers[1].neurons[0].bias = 90_000.0
    Xs = np.random.default_rng(0).normal(size=(8, 30))
    history = trained(net=net, data=(Xs, Y[:8]), learning_rate=1e-9, loss="squared_error")
    for wanted in 24, 12, 6:
        page = page_of(history, bits=wanted)
        check_weights = page.arrays["weights 2"][0]
        assert abs(check_weights - 5000.0).min() < 0.01
        assert abs(page.arrays["biases"][0, 0] - 90_000.0) < 0.01
        check_error(page, history)
    for number in (1e7, 1e300):
        net.layers[1].neurons[0].bias = number
        history = trained(net=net, data=(Xs, Y[:8]), learning_rate=1e-9, loss="squared_error")
        page = page_of(history, exact=False)
        assert page.facts["precision"]["exact"]
        assert page.arrays["biases"][0, 0] == number


def test_layers_are_sent_with_the_range_of_their_values() -> None:
    own = Activation(
        "own", lambda z: 2.0 * math.tanh(z), lambda z, a: 2.0 - 0.5 * a * a, range=(-2.0, 2.0)
    )
    factory = {"hidden_activation": [own, "relu"]}
    page = page_of(trained((2, 4, 3, 1), factory=factory, engine="scalar", epochs=1))
    ranges = [layer["range"] for layer in page.facts["layers"]]
    assert ranges == [[None, None], [-2.0, 2.0], [0.0, None], [0.0, 1.0]]
