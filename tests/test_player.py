"""The player in Python: its numbers, its formulas, what it says of a training, whether it is true."""

from __future__ import annotations

import base64
import contextlib
import json
import math
import os
import re
import subprocess
import sys
import threading
import time
import warnings
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bits import bits
from hostile import mutated_values, refusals
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from strategies import batch_for, nets

from slownet import (
    Activation,
    Callback,
    DivergedError,
    FormatError,
    History,
    Loss,
    Net,
    NetFactory,
    SlownetError,
    Weight,
    functions,
    verify,
)
from slownet.datasets import load_mnist, moons
from slownet.engines import ScalarEngine
from slownet.engines.compiled import CompiledEngine
from slownet.errors import InvalidTypeError, InvalidValueError, MissingFormulaError
from slownet.functions import ACTIVATIONS, LOSSES
from slownet.page import Page, Player
from slownet.page.content import Content
from slownet.page.encoding import FINEST, MOST_INTERVALS, Grid, Writer, read
from slownet.page.javascript import Translator, UntranslatableError
from slownet.page.precision import BUDGET
from slownet.samples import Samples, fingerprint

FEW = settings(max_examples=max(50, settings.default.max_examples // 4))
ANY = st.floats(width=64)
X, Y = moons(60, 0.1, 0)
XY = (X, Y)


# numbers as bytes

grids = st.builds(Grid, st.integers(0, 9), st.integers(1, 9))


def printed(number: float, digits: int) -> int:
    """What a number is printed as, in units of its last digit, as toFixed does: halves away from 0."""
    return math.floor(abs(Fraction(number)) * 10**digits + Fraction(1, 2)) * (-1 if number < 0 else 1)


@given(grids, st.floats(-1e4, 1e4))
@example(Grid(3), -0.0)
@example(Grid(2, 3), 0.005)
def test_every_number_printed_is_the_true_one_rounded(grid: Grid, number: float) -> None:
    grid = grid.holding(1e4)
    shown = float(grid.middles(grid.intervals(np.array([number])))[0])
    scaled = Fraction(number) * Fraction(grid.scale)
    at_edge = abs(scaled - round(scaled)) <= abs(scaled) * Fraction(2) ** -52
    assert abs(Fraction(shown) - Fraction(number)) <= Fraction(grid.step) * Fraction(5001, 10000)
    for digits in range(grid.digits + 1):
        assert at_edge or printed(shown, digits) == printed(number, digits)


@given(st.integers(6, 24), st.floats(1e-7, 1e6))
def test_bits_are_at_least_so_many_intervals(bits: int, largest: float) -> None:
    grid = Grid.of_bits(bits, largest)
    assert 0 <= grid.digits <= FINEST
    assert 2 * largest * grid.scale >= 2.0**bits
    coarser = grid.coarser()
    assert coarser == grid == Grid(0) or 2 * largest * coarser.scale < 2.0**bits
    assert grid.scale > coarser.scale or grid == Grid(0)


@given(grids, st.floats(0, 1e9))
def test_a_grid_never_has_more_intervals_than_32_bits_hold(grid: Grid, largest: float) -> None:
    held = grid.holding(largest)
    assert held.scale * largest < MOST_INTERVALS or held == Grid(0)
    assert held.scale <= grid.scale


def round_trip(writer: Writer) -> dict[str, Any]:
    return read(json.loads(json.dumps(writer.contents)), writer.text)


SHAPES = st.tuples(st.integers(1, 5), st.integers(0, 7))
FLOATS = SHAPES.flatmap(lambda shape: arrays_of.arrays(np.float64, shape, elements=ANY))
TAME = SHAPES.flatmap(lambda shape: arrays_of.arrays(np.float64, shape, elements=st.floats(-99, 99)))


@given(FLOATS, FLOATS, TAME, grids)
@example(np.array([[np.nan, -0.0], [np.inf, 0.0]]), np.zeros((1, 0)), np.zeros((2, 1)), Grid(6))
def test_what_is_written_is_read(exact: Any, plain: Any, tame: Any, grid: Grid) -> None:
    grid = grid.holding(99.0)
    writer = Writer()
    writer.exact("exact", exact)
    writer.plain("plain", plain, "float64")
    writer.rounded("rounded", tame, grid)
    writer.plain("whole", np.arange(6).reshape(2, 3), "int32")
    writer.plain("bytes", np.arange(3), "uint8")
    found = round_trip(writer)
    assert list(found) == ["exact", "plain", "rounded", "whole", "bytes"]
    assert bits(found["exact"].ravel()) == bits(exact.ravel())
    assert bits(found["plain"].ravel()) == bits(plain.ravel())
    assert found["exact"].shape == exact.shape
    assert found["rounded"].shape == tame.shape
    assert bits(found["rounded"].ravel()) == bits(grid.middles(grid.intervals(tame)).ravel())
    assert found["whole"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["bytes"].tolist() == [0, 1, 2]


def written() -> Writer:
    writer = Writer()
    writer.exact("exact", np.linspace(-1, 1, 12).reshape(3, 4))
    writer.rounded("rounded", np.linspace(-1, 1, 12).reshape(3, 4), Grid(4, 3))
    writer.plain("bytes", np.arange(5), "uint8")
    return writer


@given(st.data())
def test_damaged_contents_are_a_format_error(data: st.DataObject) -> None:
    writer = written()
    contents = mutated_values(data, json.loads(json.dumps(writer.contents)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with contextlib.suppress(FormatError):
            read(contents, writer.text)


@given(st.data())
def test_damaged_payloads_are_a_format_error(data: st.DataObject) -> None:
    writer = written()
    text = writer.text
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(FormatError):
        read(writer.contents, text[:cut])
    other = data.draw(st.characters())
    with contextlib.suppress(FormatError):
        read(writer.contents, text[:cut] + other + text[cut + 1 :])


def one(kind: str, shape: list[int], stored: int, **about: int) -> dict[str, Any]:
    return {"a": {"kind": kind, "shape": shape, "bytes": stored, **about}}


def bomb(count: int) -> str:
    """So many zeros, deflated."""
    packer = zlib.compressobj(9)
    first = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return base64.b64encode(first + again * ((count >> 20) - 1) + packer.flush()).decode()


def test_data_that_would_fill_the_memory_are_refused(tmp_path: Path) -> None:
    huge = bomb(3 << 30)
    precise = {"digits": 3, "parts": 1, "planes": 1}
    files = {
        "unsaid": one("uint8", [5], 5),
        "said": one("uint8", [3, 1 << 30], 3 << 30),
        "lied": one("float64", [1 << 27], 5),
        "wide": one("rounded", [3, 1 << 26], 3 << 26, **precise),
    }
    with refusals(
        "from slownet.page.encoding import read\nload = lambda path: read(*json.load(open(path)))"
    ) as refusal:
        for name, contents in files.items():
            file = tmp_path / name
            file.write_text(json.dumps([contents, huge]), encoding="utf-8")
            assert refusal(file).startswith("FormatError"), (name, refusal(file))


# formulas as JavaScript

RATE = 0.25
SLOPES = [0.1, 0.2]
HUGE = 10**400


def helper(z: float, /, share: float = 0.5) -> float:
    return share * z + math.pi


def power(z: float, times: int) -> float:
    return 1.0 if times <= 0 else z * power(z, times - 1)


def branches(z: float) -> float:
    """Have a docstring, branches, a loop and an argument that changes."""
    if z < -1:
        z = -z
    elif -1 <= z <= 1 and not 0 < z < 0.5:
        return z or RATE
    total = 0.0
    for k in range(4):
        for k in range(1, 3):
            total += k * z
        total -= k
    return total


def names_of_javascript(z: float) -> float:
    var: float = z * 2.0
    let = var + 1.0
    Math = let - 0.5
    Number = math.sin(Math) + (z > 0) + (not z)
    formula0 = abs(Number)
    undefined = formula0 + float(z)
    return math.tanh(undefined) + min(z, 1.0, 2) + max(-z, let)


def größe(ζ: float) -> float:
    δ = ζ * ζ
    return math.sqrt(1.0 + δ) if δ < 1e300 else abs(ζ)


def closure(alpha: float, inner: Any) -> Any:
    beta = -alpha

    def function(z: float) -> float:
        return alpha * inner(z) + beta if z > 0 else beta * z

    return function


FORMULAS: dict[str, tuple[Any, int]] = {
    "helper": (helper, 1),
    "default": (lambda z, k=RATE, n=-0.0: helper(z) * k - n, 1),
    "recursion": (lambda z: power(z, 3), 1),
    "branches": (branches, 1),
    "reserved": (names_of_javascript, 1),
    "unicode": (größe, 1),
    "closure": (closure(0.3, helper), 1),
    "of lambdas": (closure(0.3, lambda z: z - 1.0), 1),
    "first of a line": ((lambda z: z + 1.0, lambda z: z + 2.0)[0], 1),
    "second of a line": ((lambda z: z + 1.0, lambda z: z + 2.0)[1], 1),
    "inner": ((lambda z: lambda z: z * 3.0)(1), 1),
    "powers": (lambda z: 0.5 * z**2 + (-z) ** 3 - (1.0 + z * z) ** 0.5 + 2.0**-1, 1),
    "and or": (lambda z: (z > 0 and z) + (z or 3.0) + (z < 0 or z > 1 or 7.0) - (z and 2.0 and z), 1),
    "not a chain": (lambda z: 1.0 if not -1.0 < z < 1.0 else 0.0, 1),
    "mixed chain": (lambda z: 1.0 if z > 2.0 or (-1.0 < z < 1.0 and z != 0.5) else 0.0, 1),
    "math": (
        lambda z: math.atan(z) + math.log1p(abs(z)) + math.floor(z) * 1e-3 + math.fabs(z) + math.e,
        1,
    ),
    "more math": (lambda z: math.log10(1 + z * z) + math.asinh(z) + math.pow(1 + abs(z), 0.3), 1),
    "signs": (lambda z: -(-z) - -1.0 + +z - -0.0, 1),  # noqa: B002
    "loss": (lambda value, target: (value - target) ** 2 + abs(value - target), 2),
}
INPUTS = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.5, -7.25, 1e-9, -1e-9, 5e-324, 30.0, -30.0, 700.0, -700.0]
INPUTS += [float(number) for number in np.random.default_rng(0).normal(0, 3, 40)]


def calls() -> list[tuple[str, Any, list[float]]]:
    found: list[tuple[str, Any, list[float]]] = []
    for activation in [*ACTIVATIONS.values(), functions.elu(0.3), functions.leaky_relu(-0.2)]:
        if isinstance(activation, Activation):
            for z in [*INPUTS, 1e6, -1e6, math.inf, -math.inf, math.nan]:
                found.append((f"{activation.name} of", activation.function, [z]))
                value = activation.function(z)
                found.append((f"{activation.name}'", activation.derivative, [z, value]))
    own = Activation("own", math.tanh, lambda z: 1.0 - math.tanh(z) ** 2)  # a derivative of z alone
    found += [("own'", own.derivative, [z, 0.0]) for z in INPUTS]
    for loss in [*LOSSES.values(), functions.huber(0.3)]:
        low, high = max(loss.domain[0], -50.0), min(loss.domain[1], 50.0)
        targets = {"class": (0.0, 1.0), "binary": (0.0, 1.0, 0.25), "sign": (-1.0, 1.0)}
        for target in targets.get(loss.target_kind, (0.0, -1.0, 2.5)):
            for value in [low, high, *(z for z in INPUTS if low <= z <= high)]:
                found.append((f"{loss.name} of", loss.function, [value, target]))
                found.append((f"{loss.name}'", loss.derivative, [value, target]))
    for name, (function, count) in FORMULAS.items():
        for z in INPUTS:
            found.append((name, function, [z, 1.5][:count]))
    return found


def deno(script: Path) -> str:
    own = {"DENO_DIR": str(script.parent), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "deno", "run", str(script)],
        env={**os.environ, **own},
        capture_output=True,
        encoding="utf-8",
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def as_script(number: float) -> str:
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(repr(number), repr(number))


def test_formulas_are_the_same_in_a_browser(tmp_path: Path) -> None:
    translator = Translator()
    softmax = translator.activation(ACTIVATIONS["softmax"])
    made = calls()
    lines = [
        f"told({translator.name_of(function)}({', '.join(map(as_script, given))}));"
        for _, function, given in made
    ]
    zs, slopes = [0.5, -1.0, 700.0, 3.0, 699.5], [1.0, -2.0, 0.0, 4.0, 0.25]
    lines += [
        f"const softmax = {softmax}, values = [], deltas = {slopes};",
        f"softmax.layerValues({zs}, values); softmax.layerDeltas(values, deltas);",
        "values.forEach(told); deltas.forEach(told);",
    ]
    script = tmp_path / "formulas.js"
    told = 'function told(x) { console.log(typeof x === "number" ? String(x) : "no number: " + x); }'
    text = "\n".join(['"use strict";', told, *translator.lines, *lines])
    script.write_text(text, encoding="utf-8")
    printed_numbers = deno(script).splitlines()
    values = ACTIVATIONS["softmax"].values(zs)
    expected = [(name, given, function(*given)) for name, function, given in made]
    expected += [("softmax", zs, value) for value in values]
    expected += [("softmax'", zs, d) for d in ACTIVATIONS["softmax"].deltas(zs, values, slopes)]
    assert len(printed_numbers) == len(expected)
    for (name, given_, number), text in zip(expected, printed_numbers, strict=True):
        found = float(text.replace("Infinity", "inf"))
        close = math.isclose(found, number, rel_tol=1e-12, abs_tol=1e-300)
        assert close or (math.isnan(found) and math.isnan(number)), (name, given_, number, text)


def of_numpy(z: float) -> float:
    return np.tanh(z)


def with_while(z: float) -> float:
    while z > 1:
        z = z - 1
    return z


def with_list(z: float) -> float:
    return SLOPES[0] * z


def with_attribute(z: float) -> float:
    return z.real


def with_huge(z: float) -> float:
    return z * HUGE if z > 3 else z


def with_many(*zs: float) -> float:
    return zs[0]


def with_tuple(z: float) -> float:
    a, b = z, z
    return a + b


def without_source() -> Any:
    known: dict[str, Any] = {}
    exec("def gone(z):\n    return 2 * z\n", known)
    return known["gone"]


def of_a_changed_file(folder: Path) -> Any:
    file = folder / "changed.py"
    file.write_text("def own(z):\n    return 2.0 * z\n", encoding="utf-8")
    known: dict[str, Any] = {}
    exec(compile(file.read_text(), str(file), "exec"), known)
    file.write_text("def own(z):\n    return 3.0 * z\n", encoding="utf-8")
    return known["own"]


UNTRANSLATABLE = {
    "builtin": len,
    "of math": math.gamma,
    "numpy": of_numpy,
    "numpy itself": np.tanh,
    "while": with_while,
    "list": with_list,
    "closed list": (lambda table: lambda z: table[0] * z)([1.0]),
    "attribute": with_attribute,
    "huge": with_huge,
    "many": with_many,
    "tuple": with_tuple,
    "remainder": lambda z: z % 2.0,
    "keyword": lambda z: helper(z, share=2.0),
    "text": lambda z: z if z != "a" else 1.0,
    "inner": lambda z: (lambda a: a)(z),
    "class": type("Formula", (), {"__call__": lambda self, z: z})(),
    "no source": without_source(),
}


@pytest.mark.parametrize("name", UNTRANSLATABLE)
def test_what_has_no_translation_is_said(name: str) -> None:
    with pytest.raises(UntranslatableError):
        Translator().name_of(UNTRANSLATABLE[name])


def test_a_source_that_has_changed_since_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(UntranslatableError, match="source of own"):
        Translator().name_of(of_a_changed_file(tmp_path))


# trainings


def trained(
    sizes: tuple[int, ...] = (2, 4, 1),
    data: tuple[Any, Any] = XY,
    watch: bool = True,
    net: Net | None = None,
    factory: dict[str, Any] | None = None,
    **options: Any,
) -> History:
    net = net or NetFactory(list(sizes), seed=3, **(factory or {})).new()
    defaults = {"epochs": 3, "batch_size": 10, "learning_rate": 0.2, "snapshots": 8, "progress": False}
    return net.fit(*data, watch=data if watch else None, **{**defaults, **options})


def test_untranslatable_formulas_write_the_figure_and_warn(tmp_path: Path) -> None:
    own = Activation("own", without_source(), lambda z, value: 2.0)
    history = trained(factory={"hidden_activation": own}, engine="scalar")
    with pytest.warns(UserWarning, match="cannot compute this net.*source of gone") as caught:
        path = history.write_html(tmp_path / "page.html")
    assert caught[0].filename == __file__
    text = path.read_text(encoding="utf-8")
    assert "Plotly.newPlot" in text
    with pytest.raises(FormatError, match="no page"):
        verify(path, XY, XY)
    with pytest.raises(UntranslatableError):
        history.animate()


HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "'\"\\`${alert(1)}",
    "a\u2028b\u2029c\r\nd\x00e",
    "$title $payload ${x} %s %(x)s",
    "\ud800",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_out(name: str, tmp_path: Path) -> None:
    own = Activation(name, lambda z: 0.5 * z, lambda z, value: 0.5)
    wrong = Loss(
        name,
        lambda value, target: (value - target) * (value - target),
        lambda value, target: 2.0 * (value - target),
        target_kind="class",
    )
    labels = [[name, f"{name}2"][k] for k in Y]
    source = {"inputs": [name, f"{name}2"], "more": name}
    history = trained(
        (2, 3, 2), (X, labels), factory={"hidden_activation": own}, loss=wrong, source=source
    )
    path = history.write_html(tmp_path / "page.html", title=name)
    page, plain = Page.open(path), Page.open(trained().write_html(tmp_path / "plain.html"))
    text = path.read_text(encoding="utf-8")
    assert page.facts["title"] == name.encode("utf-8", "replace").decode()
    assert page.facts["layers"][1]["activation"] == name == page.facts["loss"]
    assert page.training["classes"] == [name, f"{name}2"]
    for tag in ("<script", "</script", "<!--", "<title", "<h1"):
        assert text.count(tag) == plain.rest.count(tag) + 3 * ("script" in tag), tag
    formulas = re.search(r"^const ACTIVATIONS = .*;$", text, re.MULTILINE)
    assert formulas
    assert "<" not in formulas[0]
    assert formulas[0].isascii()
    assert verify(path, (X, labels), (X, labels), formulas=[own, wrong])


def test_a_page_says_what_it_cannot_be(tmp_path: Path) -> None:
    history = trained()
    with pytest.raises(InvalidTypeError, match="title must be"):
        history.write_html(tmp_path / "a.html", title=3)  # type: ignore[arg-type]
    for given_ in (5, 25, 12.5, "12", -1):
        with pytest.raises(SlownetError, match="bits must be"):
            history.write_html(tmp_path / "a.html", bits=given_)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="exact must be"):
        history.write_html(tmp_path / "a.html", exact="yes")  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="exact or bits"):
        history.write_html(tmp_path / "a.html", exact=True, bits=12)
    with pytest.raises(InvalidValueError, match="no snapshots to show"):
        trained(snapshots=None, watch=False).write_html(tmp_path / "a.html")
    with pytest.raises(InvalidValueError, match="does not exist"):
        history.write_html(tmp_path / "nowhere" / "a.html")
    with pytest.raises(InvalidTypeError):
        Player(3)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_notebook_gets_a_frame_that_reaches_nothing() -> None:
    shown = trained().animate(height=500, title='a "title"')._repr_html_()
    assert shown.startswith('<iframe srcdoc="&lt;!DOCTYPE')
    assert 'sandbox="allow-scripts"' in shown
    assert "height: 500px" in shown
    assert shown.count("<") == 2
    with pytest.raises(InvalidValueError, match="height"):
        trained().animate(height=1)


# what a page holds of a training


class Changing(Callback):
    """Changes the graph on the way: weights go, come and freeze, a neuron goes, another comes."""

    def on_epoch_end(self, training: Any) -> None:
        net, last = training.net, max(training.net.layers)
        weights = [weight for weight in net.weights() if weight.incoming.layer.id == last]
        if training.epoch == 1 and weights:
            weights[0].frozen = True
            if len(weights[-1].incoming.weights["in"]) > 1:
                weights[-1].remove()
        hidden = net.layers[min(net.layers) + 1]
        if training.epoch == 2 and hidden.id != last and len(hidden.neurons) > 1:
            hidden.neurons[min(hidden.neurons)].remove()
        if training.epoch == 3:
            first = next(iter(net.layers[min(net.layers)].neurons.values()))
            end = next(iter(net.layers[last].neurons.values()))
            name = ((first.layer.id, first.id), (last, end.id))
            if last - first.layer.id > 1 and name not in first.weights["out"]:
                Weight(name, end, first, 0.125)


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
    content = Content.fitting(history, *(wanted.get(name) for name in ("exact", "bits", "title")))
    facts = json.loads(json.dumps(content.facts, allow_nan=False))
    contents = json.loads(json.dumps(content.writer.contents))
    return Page(facts, contents, read(contents, content.writer.text), "", {}, "")


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
        assert page.arrays["targets"].tolist() == targets[: len(page.arrays["targets"])] or (
            net.loss.target_kind == "class"
        )
        check_error(page, history)


def values_of_page(page: Page, samples: Any) -> tuple[Any, Any]:
    """What a page would compute: (frames, samples, neurons) z and values, one neuron after the other."""
    weights, biases, ends, _ = numbers_of(page)
    layers = page.facts["layers"]
    inputs, count = len(layers[0]["neurons"]), sum(len(layer["neurons"]) for layer in layers)
    zs = np.zeros((len(weights), len(samples), count))
    values = np.zeros_like(zs)
    values[:, :, :inputs] = samples
    begin = inputs
    for layer in layers[1:]:
        end = begin + len(layer["neurons"])
        for neuron in range(begin, end):
            into = ends[1] == neuron
            parts = np.moveaxis(values[:, :, ends[0, into]], 1, 0) * weights[:, into]
            zs[:, :, neuron] = biases[:, [neuron - inputs]] + parts.sum(axis=2).T
        rows = zs[:, :, begin:end].reshape(-1, end - begin).tolist()
        activation = ACTIVATIONS[layer["activation"]]
        values[:, :, begin:end] = np.array([activation.values(row) for row in rows]).reshape(
            len(zs), len(samples), -1
        )
        begin = end
    return zs[:, :, inputs:], values[:, :, inputs:]


def check_error(page: Page, history: History) -> None:
    """What a page says it is off is the largest error there is, rounded up."""
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


@pytest.mark.parametrize(
    ("sizes", "snapshots"), [((784, 16, 10), 100), ((784, 30, 10), 100), ((784, 128, 64, 10), 50)]
)
def test_mnist_fits(sizes: tuple[int, ...], snapshots: int, digits: Any, tmp_path: Path) -> None:
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
    page = Page.open(history.write_html(tmp_path / "page.html"))
    size = (tmp_path / "page.html").stat().st_size
    whole = (tmp_path / "page.html").read_text(encoding="utf-8")
    payload = re.findall(r'id="payload">([^<]*)<', whole)[0]
    assert len(page.arrays["biases"]) == snapshots
    assert len(payload) <= BUDGET
    assert size <= 4_000_000
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


# whether a page is true

ZS = np.random.default_rng(1).normal(size=(40, 3))
NUMBERS = (ZS, ZS[:, 0] - ZS[:, 1])
SEVERAL = (ZS, np.stack([ZS[:, 0], ZS[:, 1] * ZS[:, 2]], axis=1))
SIGNS = (X, np.where(Y > 0, 1, -1))
CLASSES = (ZS, ZS.argmax(axis=1))
COLOURS = (ZS, [["red", "green", "blue"][k] for k in ZS.argmax(axis=1)])
SOFT = Activation(
    "soft", lambda z: z / (1.0 + abs(z)), lambda z: 1.0 / ((1.0 + abs(z)) * (1.0 + abs(z)))
)
CUBE = Loss(
    "cube",
    lambda value, target: abs(value - target) * abs(value - target) * abs(value - target),
    lambda value, target: 3.0 * (value - target) * abs(value - target),
)
DECAY = functions.Schedule("own", lambda rate, epoch, epochs: rate / (1.0 + epoch + epochs))
HALF = (X[:20], Y[:20])

TRAININGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "adam": {"optimizer": "adam", "schedule": "cosine", "l2": 0.01, "seed": 5},
    "dropout": {"dropout": 0.3, "dropconnect": 0.2, "l1": 0.001, "optimizer": "rmsprop"},
    "momentum": {"optimizer": functions.sgd(0.9, nesterov=True), "schedule": functions.step(1, 0.3)},
    "early": {"early_stopping": 1, "epochs": 9, "learning_rate": 4.0, "validation_data": HALF},
    "unshuffled": {"shuffle": False, "snapshots": [1, 7], "batch_size": 7},
    "scalar": {"engine": "scalar"},
    "compiled": {"engine": "compiled", "threads": 2},
    "unwatched": {"watch": False},
    "no biases": {"factory": {"bias": False, "initializer": "he_uniform"}},
    "deep": {"sizes": (2, 5, 4, 3, 1), "factory": {"hidden_activation": ["tanh", "elu", "softplus"]}},
    "shallow": {"sizes": (2, 1)},
    "numbers": {"sizes": (3, 4, 1), "data": NUMBERS, "factory": {"output_activation": "linear"}},
    "several": {"sizes": (3, 4, 2), "data": SEVERAL, "factory": {"output_activation": "linear"}},
    "signs": {"loss": "hinge", "data": SIGNS, "factory": {"output_activation": "tanh"}},
    "classes": {"sizes": (3, 4, 3), "data": CLASSES},
    "names": {"sizes": (3, 4, 3), "data": COLOURS},
    "own": {
        "sizes": (3, 4, 1),
        "data": NUMBERS,
        "loss": CUBE,
        "learning_rate": 0.01,
        "schedule": DECAY,
        "factory": {"hidden_activation": SOFT, "output_activation": "linear"},
    },
}
OWN = [SOFT, CUBE, DECAY]


def checked(path: Path, options: dict[str, Any], **more: Any) -> Any:
    data = options.get("data", XY)
    watch = data if options.get("watch", True) else None
    return verify(path, data, watch, options.get("validation_data"), formulas=OWN, **more)


@pytest.mark.parametrize("name", TRAININGS)
@pytest.mark.parametrize("precision", [{}, {"bits": 12}, {"exact": False}])
def test_true_pages_are_true(name: str, precision: dict[str, Any], tmp_path: Path) -> None:
    options = TRAININGS[name]
    history = trained(**options)
    found = checked(history.write_html(tmp_path / "page.html", **precision), options)
    assert found, found
    assert not found.differences
    assert str(found).startswith("True: ")
    assert f"of {len(history.snapshots)} snapshots were compared" in found.notes[0]


def test_sparse_beginnings_need_the_net(tmp_path: Path) -> None:
    net = NetFactory([2, 4, 3, 1], seed=1).new()
    next(net.weights()).remove()
    list(net.weights())[3].frozen = True
    source, target = net.layers[0].neurons[1], net.layers[3].neurons[0]
    Weight(((0, 1), (3, 0)), target, source, 0.25)
    before, state = net.copy(), net.copy()
    path = trained(net=net).write_html(tmp_path / "page.html")
    with pytest.raises(InvalidValueError, match="give it as net="):
        verify(path, XY, XY)
    assert verify(path, XY, XY, net=before)
    assert [w.value for w in before.weights()] == [w.value for w in state.weights()]
    next(before.weights()).value += 1e-9
    found = verify(path, XY, XY, net=before)
    assert "weights 1, snapshot 0" in str(found)


def test_a_training_that_went_on_with_its_optimizer(tmp_path: Path) -> None:
    net = NetFactory([2, 4, 1], seed=1).new()
    options = {"optimizer": "adam", "warm_start": True}
    trained(net=net, **options)
    before = net.copy()
    path = trained(net=net, **options).write_html(tmp_path / "page.html")
    with pytest.raises(InvalidValueError, match="optimizer_state"):
        verify(path, XY, XY)
    found = verify(path, XY, XY, net=before)
    assert found, found


class Stopping(Callback):
    """Stops after a step, in one way or another."""

    def __init__(self, step: int, error: type[BaseException] | None = None) -> None:
        self.step, self.error = step, error

    def on_step_end(self, training: Any) -> bool:
        if training.step == self.step and self.error:
            self.history = training.history
            raise self.error
        return training.step == self.step


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, RuntimeError])
def test_what_was_stopped_midway_is_true(
    error: type[BaseException] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping = Stopping(8, error)
    options = {"epochs": 200, "schedule": "cosine", "callbacks": [stopping]}
    if error is RuntimeError:
        with pytest.raises(RuntimeError):
            trained(**options)
        history = stopping.history
    else:
        history = trained(**options)
        assert history.snapshots[-1].step == 8
    assert history.last_step == 8
    path = history.write_html(tmp_path / "page.html")
    steps = []
    for engine in (ScalarEngine, CompiledEngine):

        def advance_and_count(self: Any, step: int, rates: Any, advance: Any = engine.advance) -> Any:
            result = advance(self, step, rates)
            steps.append(step - 1 + len(result[0]))
            return result

        monkeypatch.setattr(engine, "advance", advance_and_count)
    found = verify(path, XY, XY)
    assert found, found
    assert max(steps) == 8  # it does not go on to the end


def test_a_net_changed_on_the_way_is_not_true(tmp_path: Path) -> None:
    path = trained((2, 4, 1), epochs=4, callbacks=[Changing()]).write_html(tmp_path / "page.html")
    found = verify(path, XY, XY)
    assert not found
    assert "with callbacks, and now without: Changing" in str(found)


def test_diverged_trainings(tmp_path: Path) -> None:
    data = (ZS * 1e3, ZS[:, 0])
    options = {"data": data, "factory": {"output_activation": "linear", "hidden_activation": "relu"}}
    with pytest.raises(DivergedError) as caught:
        trained((3, 4, 1), **options, learning_rate=50.0)
    history = caught.value.history
    assert history is not None
    path = history.write_html(tmp_path / "page.html")
    found = checked(path, options)
    assert found, found
    json.loads(json.dumps(Page.open(path).facts, allow_nan=False))
    text = path.read_text(encoding="utf-8")
    path = trained((3, 4, 1), **options, learning_rate=1e-9).write_html(tmp_path / "page.html")
    text = path.read_text(encoding="utf-8").replace('"learning_rate":1e-09', '"learning_rate":50.0')
    path.write_text(text, encoding="utf-8", newline="")
    found = checked(path, options)
    assert not found
    assert "diverged" in str(found)


@pytest.mark.parametrize("schedule", ["cosine", None])
def test_a_run_that_was_resumed_is_true(schedule: str | None, tmp_path: Path) -> None:
    from slownet import resume

    run = tmp_path / "a.run"
    options = {"schedule": schedule, "optimizer": "adam", "validation_data": HALF, "epochs": 2}
    trained(**options, record=run, callbacks=[Stopping(4, KeyboardInterrupt)])
    for epochs in (None, 3, 5):
        more = {"progress": False, "validation_data": HALF}
        history = resume(run, XY, epochs, **more)
        path = History.open(run).write_html(tmp_path / "page.html")
        found = verify(path, XY, XY, HALF)
        assert found, (epochs, found)
    again = history.write_html(tmp_path / "again.html")
    assert Page.open(again).facts == Page.open(path).facts
    found = verify(path, XY, XY, (X[:20], 1 - Y[:20]))
    assert "validation_y" in str(found)


def test_a_killed_run_is_true(tmp_path: Path) -> None:
    """One whose losses go on beyond its last snapshot."""
    history = trained(record=tmp_path / "a.run")
    history.snapshots = list(history.snapshots)[:5]
    assert history.snapshots[-1].step < history.last_step
    found = verify(history.write_html(tmp_path / "page.html"), XY, XY)
    assert found, found


def test_a_training_as_json_is_true(tmp_path: Path) -> None:
    history = trained(optimizer="adam")
    history.to_json(tmp_path / "t.json.gz")
    path = History.from_json(tmp_path / "t.json.gz").write_html(tmp_path / "page.html")
    found = verify(path, XY, XY)
    assert found, found
    assert Page.open(path).training["data"]["X"] == history.data["X"]


def test_other_data_are_found(tmp_path: Path) -> None:
    path = trained().write_html(tmp_path / "page.html")
    other = X.copy()
    other[7, 1] = np.nextafter(other[7, 1], 9.0)
    found = verify(path, (other, Y), XY)
    assert any(each.startswith("it says training data X is ") for each in found.differences)
    assert "samples" in str(verify(path, XY, (X[1:], Y[1:])))
    with pytest.raises(InvalidValueError):
        verify(path, (X[:, :1], Y), XY)
    with pytest.raises(InvalidTypeError, match="pair"):
        verify(path, X, XY)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="watch"):
        verify(path, XY, X)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"watch=\(X, y\)"):
        verify(path, XY)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    path = trained(validation_data=HALF).write_html(tmp_path / "page.html")
    with pytest.raises(InvalidValueError, match=r"validation_data=\(X, y\)"):
        verify(path, XY, XY)
    options = TRAININGS["own"]
    path = trained(**options).write_html(tmp_path / "page.html")
    with pytest.raises(MissingFormulaError, match="own' is a formula of your own"):
        verify(path, NUMBERS, NUMBERS)
    history = trained()
    branch = history.branch(3, XY, learning_rate=0.1)
    path = branch.write_html(tmp_path / "branch.html")
    with pytest.raises(InvalidValueError, match="branch of another"):
        verify(path, XY, XY)
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "none.html", XY)
    with pytest.raises(SlownetError):
        verify(tmp_path, XY)
    with pytest.raises(InvalidTypeError):
        verify(3, XY)  # type: ignore[arg-type]


SCRIPTS = re.compile(r'(<script type="[a-z/]+" id="(facts|payload)">)([^<]*)(</script>)')


def rewritten(text: str, known: Any, payload: str) -> str:
    """A page with other facts and numbers."""
    plain = json.dumps(known, separators=(",", ":")).replace("<", "\\u003c")
    new = {"facts": plain, "payload": payload}
    return SCRIPTS.sub(lambda found: found[1] + new[found[2]] + found[4], text)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, dict[str, Any]]]:
    """Texts of pages, and what they were trained with."""
    found = {}
    extra = {"epochs": 2, "snapshots": 4, "schedule": "cosine"}
    for name, more, precision in (
        ("exact", {"source": {"from": "here"}, "l2": 0.01}, {}),
        ("names", {}, {"bits": 12, "title": "<What> is & learned"}),
        ("numbers", {}, {"exact": False}),
    ):
        options = {**TRAININGS.get(name, {}), **extra, **more}
        path = tmp_path_factory.mktemp("pages") / "page.html"
        found[name] = trained(**options).write_html(path, **precision).read_text("utf-8"), options
    return found


def parts_of(text: str) -> tuple[Any, str]:
    found = {name: inside for _, name, inside, _ in SCRIPTS.findall(text)}
    return json.loads(found["facts"]), found["payload"]


def judged(text: str, options: dict[str, Any], folder: Path) -> tuple[bool, str]:
    path = folder / "altered.html"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        found = checked(path, options)
    except SlownetError as error:
        return False, str(error)
    return bool(found), str(found)


WIDTHS = {"float64": 8, "int32": 4}


@pytest.fixture
def light_pages(pages: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same without plotly.js, which takes most of the time."""
    monkeypatch.setattr("slownet.page.page._library", str)
    library = re.compile(r'(id="library">)[^<]*')
    return {name: (library.sub(r"\1", text), options) for name, (text, options) in pages.items()}


@pytest.mark.parametrize("name", ["exact", "names", "numbers"])
def test_one_altered_number_is_found(name: str, light_pages: Any, tmp_path: Path) -> None:
    text, options = light_pages[name]
    known, payload = parts_of(text)
    assert judged(rewritten(text, known, payload), options, tmp_path)[0]
    data = zlib.decompress(base64.b64decode(payload))
    draw, start = np.random.default_rng(0), 0
    for array, about in known["contents"].items():
        place = start + WIDTHS.get(about["kind"], 1) * int(draw.integers(math.prod(about["shape"])))
        altered = bytearray(data)
        altered[place] ^= 1  # the last bit of a number, or one interval
        again = base64.b64encode(zlib.compress(bytes(altered))).decode()
        is_true, told = judged(rewritten(text, known, again), options, tmp_path)
        assert not is_true, array
        assert re.search(rf"^- {array}, ", told, re.MULTILINE), (array, told)
        start += about["bytes"]
    assert start == len(data)


def leaves(thing: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all plain values."""
    inside = thing.items() if isinstance(thing, dict) else enumerate(thing)
    found = []
    for key, value in inside:
        is_leaf = not isinstance(value, (dict, list)) or not value
        found += [(*way, key)] if is_leaf else leaves(value, (*way, key))
    return found


def other_than(value: Any) -> Any:
    """The nearest thing to a value that is not it."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return math.nextafter(value, math.inf)
        case str():
            return value + "."
        case None:
            return 1
    return {"other": 1} if isinstance(value, dict) else [1]


UNKNOWABLE = ("run", "versions", "ended", "source")  # of the training
SAME = ("engine", "threads", "callbacks")  # of its options: the numbers are the same


@pytest.mark.parametrize("name", ["exact", "names", "numbers"])
def test_one_altered_fact_is_found(name: str, light_pages: Any, tmp_path: Path) -> None:
    text, options = light_pages[name]
    known, payload = parts_of(text)
    count = 0
    ways = leaves(known)
    drawn = [way for way in ways if way[0] != "facts"]
    said = [way for way in ways if way[0] == "facts"]
    for way in [*said[:: 1 if name == "exact" else 5], *drawn[::9]]:
        inside = way[1:]
        if inside[0] == "training" and (
            inside[1] in UNKNOWABLE or inside[1:3] in [("config", k) for k in SAME]
        ):
            continue
        altered = json.loads(json.dumps(known))
        place = altered
        for key in way[:-1]:
            place = place[key]
        place[way[-1]] = other_than(place[way[-1]])
        if isinstance(place[way[-1]], float) and (way[0] != "facts" or "config" in way):
            place[way[-1]] += 0.01  # more than nothing: 5e-324 of l1 changes no number
        is_true, told = judged(rewritten(text, altered, payload), options, tmp_path)
        assert not is_true, way
        names = [way[0], *(each for each in inside if isinstance(each, str))]
        assert any(each in told for each in [*names, "cannot be", "markup"]), (way, told)
        count += 1
    assert count > 20


def test_one_altered_letter_of_the_page_is_found(pages: Any, tmp_path: Path) -> None:
    text, options = pages["exact"]
    draw = np.random.default_rng(0)
    own = SCRIPTS.sub("", text)
    for part in ("<style>", "<script>\n", 'id="library">', "<title>", "<header"):
        start = text.index(part) + len(part)
        end = text.index("</", start)
        for _ in range(3):
            place = int(draw.integers(start, end))
            letter = "x" if text[place] != "x" else "y"
            is_true, told = judged(text[:place] + letter + text[place + 1 :], options, tmp_path)
            assert not is_true, (part, place)
            assert ("plotly.js" in told) == ("library" in part)
    assert own


@FEW
@given(data=st.data())
def test_damaged_pages_are_a_format_error(data: st.DataObject, pages: Any) -> None:
    known, payload = parts_of(pages["exact"][0])
    small = re.sub(r'(id="library">)[^<]*', r"\1", pages["exact"][0])
    known = mutated_values(data, {**known, "figures": {}, "palette": {}})
    for text in (rewritten(small, known, payload), small[: data.draw(st.integers(0, len(small)))]):
        with contextlib.suppress(FormatError):
            Page.parse(text)


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_whatever_a_page_says_is_verified_or_refused(
    data: st.DataObject, light_pages: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text, options = light_pages["exact"]
    known, payload = parts_of(text)
    facts = known["facts"]
    facts["training"]["data"] = {}
    frozen = {name: facts["training"]["config"][name] for name in ("epochs", "snapshots")}
    known["facts"] = mutated_values(data, facts)
    config = known["facts"].get("training")
    if isinstance(config, dict) and isinstance(config.get("config"), dict):
        config["config"] |= frozen
    assert not judged(rewritten(text, known, payload), options, tmp_path_factory.mktemp("p"))[0]


# the fingerprint


def fingerprint_of(X: Any, y: Any, history: History) -> dict[str, str]:
    samples = Samples(X, 2)
    return fingerprint(samples, [[float(each)] for each in y])


def test_a_history_with_snapshots_knows_its_data(tmp_path: Path) -> None:
    history = trained(validation_data=HALF)
    expected = fingerprint_of(X, Y, history)
    assert {name: history.data[name] for name in ("X", "y")} == expected
    recorded = trained(validation_data=HALF, record=tmp_path / "a.run")
    assert history.data == recorded.data == History.open(tmp_path / "a.run").data
    assert "X" not in trained(snapshots=None, watch=False).data
    assert not [each for each in threading.enumerate() if "slownet" in each.name]


def test_a_history_knows_its_data_however_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = fingerprint_of(X, Y, trained())

    def slow(*given: Any) -> dict[str, str]:
        time.sleep(0.2)  # longer than training takes
        return fingerprint(*given)

    monkeypatch.setattr("slownet.training.data.fingerprint", slow)
    stopped = [trained(callbacks=[Stopping(3, KeyboardInterrupt)])]
    failing = Stopping(3, RuntimeError)
    with pytest.raises(RuntimeError):
        trained(callbacks=[failing])
    stopped.append(failing.history)
    with pytest.raises(DivergedError) as caught:
        trained(data=(X, Y * 1e9), factory={"output_activation": "linear"}, learning_rate=1e9)
    assert caught.value.history is not None
    for history in stopped:
        assert {name: history.data[name] for name in ("X", "y")} == expected
    assert caught.value.history.data["X"] == expected["X"]
    assert not [each for each in threading.enumerate() if "slownet" in each.name]
