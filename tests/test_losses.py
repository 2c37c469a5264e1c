"""Losses where outputs saturate: from the weighted inputs with a partner, from the values otherwise."""

from __future__ import annotations

import hashlib
import json
import math
import random
from dataclasses import replace
from math import inf, log, nan, nextafter
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from javascript import deno

from slownet import (
    Activation,
    DivergedError,
    Loss,
    Net,
    NetFactory,
    functions,
)
from slownet.engines.formula_checks import NotCompiledError
from slownet.engines.formulas import jitted, loss_of
from slownet.page.javascript import Translator

CROSS, BINARY = functions.LOSSES["cross_entropy"], functions.LOSSES["binary_cross_entropy"]
SOFTMAX, SIGMOID = functions.ACTIVATIONS["softmax"], functions.ACTIVATIONS["sigmoid"]
PARTNERS = {"cross": (CROSS, SOFTMAX), "binary": (BINARY, SIGMOID)}
EXTREMES: list[tuple[str, list[float], list[float], float]] = [
    ("binary", [-1000.0], [1.0], 1000.0),
    ("binary", [1000.0], [0.0], 1000.0),
    ("binary", [1000.0], [1.0], 0.0),
    ("binary", [-1000.0], [0.0], 0.0),
    ("binary", [40.0], [1.0], 4.248354255291589e-18),
    ("binary", [-40.0], [0.0], 4.248354255291589e-18),
    ("binary", [40.0], [0.0], 40.0),
    ("binary", [700.0], [1.0], 9.85967654375977e-305),
    ("binary", [0.0], [1.0], 0.6931471805599453),
    ("binary", [1e300], [0.0], 1e300),
    ("binary", [1000.0, -1000.0, 40.0], [0.0, 1.0, 0.0], 2040.0),
    ("cross", [-1000.0, 0.0], [1.0, 0.0], 1000.0),
    ("cross", [1000.0, 0.0], [0.0, 1.0], 1000.0),
    ("cross", [1000.0, 0.0], [1.0, 0.0], 0.0),
    ("cross", [-500.0, 500.0, 499.0], [1.0, 0.0, 0.0], 1000.3132616875182),
    ("cross", [40.0, 0.0], [1.0, 0.0], 4.248354255291589e-18),
    ("cross", [40.0, 0.0, 0.0], [1.0, 0.0, 0.0], 8.496708510583178e-18),
    ("cross", [0.0, 700.0], [0.0, 1.0], 9.85967654375977e-305),
    ("cross", [7.0, 7.0], [0.0, 1.0], 0.6931471805599453),
    ("cross", [-3.0], [1.0], 0.0),
    ("cross", [0.25] * 1000, [1.0] + 999 * [0.0], 6.907755278982137),
]


def of_z(kind: str, zs: list[float], targets: list[float]) -> float:
    loss, activation = PARTNERS[kind]
    return loss.of_sample(activation, zs, activation.values(zs), targets)


def made(kind: str, zs: list[float], *more: list[float]) -> Net:
    """Make a net whose outputs have these z for the sample [1.0], and for further inputs."""
    loss, activation = PARTNERS[kind]
    inputs = [zs, *more]
    net = NetFactory([len(inputs), len(zs)], output_activation=activation, bias=False, seed=0).new()
    net.loss = loss
    for weight in net.weights():
        source, target = weight.id
        weight.value, weight.frozen = inputs[source][target], True
    return net


def given_target(kind: str, targets: list[float]) -> Any:
    return targets.index(1.0) if kind == "cross" else targets if len(targets) > 1 else targets[0]


@pytest.mark.parametrize(("kind", "zs", "targets", "expected"), EXTREMES)
def test_extremes_in_python(kind: str, zs: list[float], targets: list[float], expected: float) -> None:
    assert of_z(kind, zs, targets) == pytest.approx(expected, rel=1e-15, abs=0.0)


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
@pytest.mark.parametrize(("kind", "zs", "targets", "expected"), EXTREMES)
def test_extremes_wherever_a_loss_is_computed(
    kind: str, zs: list[float], targets: list[float], expected: float, engine: str
) -> None:
    net = made(kind, zs)
    X, y = [[1.0]], [given_target(kind, targets)]
    net.forward(X[0])
    exact = of_z(kind, zs, targets)
    assert net.backward(y[0]) == exact
    assert net.evaluate(X, y, engine=engine).loss == exact
    history = net.fit(
        X, y, epochs=1, engine=engine, progress=False,
        validation_data=(X, y), watch=(X, y), snapshots=2,
    )  # fmt: skip
    assert history.loss == [exact]
    assert history.epochs[0].loss == history.epochs[0].validation_loss == exact
    assert history.snapshots[0].watch_loss == exact
    assert exact == pytest.approx(expected, rel=1e-15, abs=0.0)


def ulps(found: float, exact: mpmath.mpf) -> float:
    return float(abs(found - exact) / math.ulp(float(exact)))


z = st.floats(-1000.0, 1000.0) | st.floats(-4.0, 4.0) | st.sampled_from([0.0, 1.0, -2.5, 1000.0])


def exact_cross_entropy(zs: list[float], target: int) -> mpmath.mpf:
    top = zs.index(max(zs))
    others = mpmath.fsum(mpmath.exp(mpmath.mpf(each) - zs[top]) for each in zs[:top] + zs[top + 1 :])
    return (mpmath.mpf(zs[top]) - zs[target]) + mpmath.log1p(others)


@pytest.mark.long
@given(zs=st.lists(z, min_size=1, max_size=12), data=st.data())
def test_cross_entropy_against_mpmath(zs: list[float], data: st.DataObject) -> None:
    target = data.draw(st.integers(0, len(zs) - 1))
    found = of_z("cross", zs, [float(k == target) for k in range(len(zs))])
    with mpmath.workprec(4000):  # 1 + e^-2000
        check_cross_entropy(found, exact_cross_entropy(zs, target), len(zs))


@pytest.mark.parametrize("scale", [0.0, 1.0, 30.0, 1000.0])
def test_cross_entropy_of_a_thousand_outputs(scale: float) -> None:
    draw = random.Random(0)
    for _ in range(5):
        zs = [draw.uniform(-scale, scale) for _ in range(1000)]
        for target in (zs.index(max(zs)), draw.randrange(1000)):
            found = of_z("cross", zs, [float(k == target) for k in range(1000)])
            with mpmath.workprec(200):
                exact = exact_cross_entropy(zs, target)
                check_cross_entropy(found, exact, 1000)
                assert ulps(found, exact) < 30.0


def check_cross_entropy(found: float, exact: mpmath.mpf, outputs: int) -> None:
    if exact < 2.0**-1021:
        assert abs(found - exact) <= outputs * 5e-324 + 1e-13 * float(exact)
    else:
        assert ulps(found, exact) < 3 * outputs + abs(float(mpmath.log(exact))) + 6.0


@pytest.mark.long
@given(z, st.sampled_from([0.0, 1.0]))
def test_binary_cross_entropy_against_mpmath(z: float, target: float) -> None:
    found = of_z("binary", [z], [target])
    with mpmath.workprec(3000):
        exact = mpmath.log1p(mpmath.exp(mpmath.mpf(-z if target else z)))
        if exact < 2.0**-1021:
            assert abs(found - exact) <= 1e-323
        else:
            assert ulps(found, exact) < 4.0


@given(z, z, st.sampled_from([0.0, 1.0]), st.lists(z, min_size=1, max_size=4))
def test_losses_grow_with_z(a: float, b: float, target: float, others: list[float]) -> None:
    """The further z is on the wrong side the larger is the loss, to the last digits."""
    near, far = sorted([a, b], reverse=bool(target))
    slack = 1.0 + 1e-14
    assert of_z("binary", [near], [target]) <= of_z("binary", [far], [target]) * slack
    targets = [target, *(float(k == 0 and not target) for k in range(len(others)))]
    gap = of_z("cross", [far, *others], targets) - of_z("cross", [near, *others], targets)
    assert gap >= -1e-12
    if abs(far - near) > 1.0 and (far - max(others)) * (1.0 if not target else -1.0) > 1.0:
        assert gap > 0.1


@given(st.lists(z, min_size=1, max_size=5), st.data())
def test_binary_cross_entropy_adds_up(zs: list[float], data: st.DataObject) -> None:
    targets = data.draw(st.lists(st.sampled_from([0.0, 1.0, 0.25]), min_size=len(zs), max_size=len(zs)))
    total = 0.0
    for z, target in zip(zs, targets, strict=True):
        total += target * of_z("binary", [z], [1.0]) + (1.0 - target) * of_z("binary", [z], [0.0])
    assert of_z("binary", zs, targets) == pytest.approx(total, rel=1e-14)


def test_a_loss_with_a_partner_is_no_mean() -> None:
    with pytest.raises(ValueError, match="slope of a sum over the outputs, so mean must be False"):
        replace(BINARY, mean=True)


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
@pytest.mark.parametrize("weights", [(1e308, 0.0), (-1e308, 0.0), (1e308, -1e308)])
@pytest.mark.parametrize("kind", ["binary", "cross"])
def test_a_loss_that_is_not_finite_ends_the_training(
    kind: str, weights: tuple[float, float], engine: str
) -> None:
    """z is an infinity on the wrong side, or nan."""
    net = made(kind, *([weight, 0.0] for weight in weights))
    X, y = [[1e10, 1e10]], [given_target(kind, [0.0, 1.0] if weights[0] > 0.0 else [1.0, 0.0])]
    with pytest.raises(DivergedError, match="the loss is not finite"):
        net.fit(X, y, epochs=1, engine=engine, progress=False)


# what has no formula of z


def test_without_a_partner_a_loss_is_of_values() -> None:
    linear = functions.linear
    for zs in ([0.0], [123.0]):  # whatever z is
        assert CROSS.of_sample(SIGMOID, zs, [0.0], [1.0]) == -log(5e-324)
        assert CROSS.of_sample(SIGMOID, zs, [1.0], [1.0]) == 0.0
        assert CROSS.of_sample(SIGMOID, zs, [0.5], [1.0]) == log(2.0)
        assert BINARY.of_sample(SOFTMAX, zs, [0.0], [1.0]) == -log(5e-324)
        assert BINARY.of_sample(linear, zs, [1.0], [1.0]) == 0.0
        assert BINARY.of_sample(linear, zs, [0.0], [0.0]) == 0.0
        worst = BINARY.of_sample(SOFTMAX, zs, [1.0], [0.0])
        assert worst == BINARY.of_sample(SOFTMAX, zs, [nextafter(1.0, 0.0)], [0.0]) == 53 * log(2.0)
    for loss in functions.LOSSES.values():
        for activation in functions.ACTIVATIONS.values():
            of_z = loss.function_of_z(activation)
            assert (of_z is not None) == (activation is loss.partner)


def own(value: float, target: float) -> float:
    return (value - target) * (value - target)


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
@pytest.mark.parametrize("partner", [None, SIGMOID])
def test_own_losses_keep_value_and_target(partner: Any, engine: str) -> None:
    loss = Loss("own", own, lambda value, target: 2.0 * (value - target), partner=partner)
    net = made("binary", [0.75])
    net.loss = loss
    history = net.fit([[1.0]], [0.25], epochs=1, engine=engine, progress=False, loss=loss)
    assert history.loss == [own(SIGMOID.values([0.75])[0], 0.25)]


def test_an_own_formula_of_z_is_left_to_the_object_loops() -> None:
    loss = Loss(
        "own",
        own,
        lambda value, target: 2.0 * (value - target),
        partner=SIGMOID,
        partner_function=lambda zs, values, targets: zs[0] * 2.0,
    )
    with pytest.raises(NotCompiledError, match="partner_function of 'own' is not compiled"):
        loss_of(loss, SIGMOID)
    loss_of(loss, functions.linear)
    net = made("binary", [0.75])
    history = net.fit([[1.0]], [0.25], epochs=1, progress=False, loss=loss)
    assert history.loss == [1.5]


ZERO = Activation("zero", lambda z: 0.0 * z, lambda z, value: 0.0, range=(0.0, 1.0))
ONE = Activation("one", lambda z: 0.0 * z + 1.0, lambda z, value: 0.0, range=(0.0, 1.0))


@pytest.mark.long
@pytest.mark.parametrize("loss", [CROSS, BINARY])
@pytest.mark.parametrize("activation", [SIGMOID, SOFTMAX, ZERO, ONE])
@given(zs=st.lists(z, min_size=2, max_size=4), scale=st.sampled_from([1.0, 1e3, 1e100]), data=st.data())
def test_saturated_outputs_have_finite_deltas(
    loss: Loss, activation: Any, zs: list[float], scale: float, data: st.DataObject
) -> None:
    zs = [scale * z for z in zs]
    targets = [0.0] * len(zs)
    targets[data.draw(st.integers(0, len(zs) - 1))] = 1.0
    values = activation.values(zs)
    assert all(map(math.isfinite, loss.deltas(activation, zs, values, targets)))
    assert math.isfinite(loss.of_sample(activation, zs, values, targets))


@pytest.mark.parametrize("scale", [1.0, 30.0, 800.0, 1e4, 1e200])
@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
def test_saturated_outputs_train_alike_on_both_engines(loss: str, output: str, scale: float) -> None:
    X = np.random.default_rng(0).normal(size=(20, 2))
    classes = (X > 0.0).sum(axis=1)
    y = classes if loss == "cross_entropy" else np.eye(3)[classes]
    found = []
    for engine in ("scalar", "compiled"):
        net = NetFactory([2, 3], output_activation=output, seed=0).new()
        net.loss = loss
        for weight in net.weights():
            weight.value *= scale
        history = net.fit(
            X, y, epochs=2, batch_size=4, engine=engine, progress=False, validation_data=(X, y)
        )
        numbers = [*history.loss, *(epoch.validation_loss for epoch in history.epochs)]
        numbers += [net.evaluate(X, y, engine=engine).loss, *(w.value for w in net.weights())]
        assert all(map(math.isfinite, numbers))
        found.append(numbers)
    assert found[0] == found[1]


@pytest.mark.parametrize("loss", [CROSS, BINARY])
@pytest.mark.parametrize("z", [-700.0, -300.0, -40.0, 0.5, 30.0])
def test_cross_entropy_of_a_sigmoid_has_its_slope_until_it_is_0(loss: Loss, z: float) -> None:
    other = replace(loss, partner=None)
    (delta,) = other.deltas(SIGMOID, [z], SIGMOID.values([z]), [1.0])
    assert delta == pytest.approx(-1.0 / (1.0 + math.exp(z)), rel=1e-13, abs=3e-16)


# the same bits everywhere


def cases() -> list[tuple[str, list[float], list[float]]]:
    draw = random.Random(3)
    found = [(kind, zs, targets) for kind, zs, targets, _ in EXTREMES]
    for kind in PARTNERS:
        for size in (1, 2, 3, 10, 50):
            for k in range(300):
                width = (1.0, 6.0, 60.0, 1000.0, 1e200)[k % 5]
                zs = [draw.choice((draw.uniform(-width, width), width, 0.0)) for _ in range(size)]
                place = draw.randrange(size)
                targets = [float(j == place) for j in range(size)]
                if kind == "binary":
                    targets = [draw.choice((0.0, 1.0, 0.25)) for _ in range(size)]
                found.append((kind, zs, targets))
    return found + [(kind, [bad, 0.0], [1.0, 0.0]) for kind in PARTNERS for bad in (inf, -inf, nan)]


def digest(numbers: list[float]) -> str:
    found = np.array(numbers, "<f8")
    found[np.isnan(found)] = nan  # IEEE 754 leaves the bits of nan open
    return hashlib.sha256(found.tobytes()).hexdigest()


def of_javascript(folder: Path) -> list[float]:
    """Run the page's losses in deno; numbers go there and back as bits."""
    translator = Translator()
    names = {
        kind: (translator.loss(loss, activation), translator.activation(activation))
        for kind, (loss, activation) in PARTNERS.items()
    }
    made = cases()
    flat = [number for _, zs, targets in made for number in (*zs, *targets)]
    (folder / "numbers").write_bytes(np.array(flat, "<f8").tobytes())
    sizes = json.dumps([[kind, len(zs)] for kind, zs, _ in made])
    lines = [
        *translator.lines,
        *(f"const {kind} = [{loss}, {activation}];" for kind, (loss, activation) in names.items()),
        'const all = {cross, binary}, numbers = new Float64Array(Deno.readFileSync("numbers").buffer);',
        "let at = 0;",
        f"const losses = {sizes}.map(([kind, size]) => {{",
        "  const [loss, activation] = all[kind], values = new Float64Array(size);",
        "  const [zs, targets] = [0, size].map((k) => numbers.subarray(at + k, at + k + size));",
        "  if (activation.layerValues) activation.layerValues(zs, values);",
        "  else zs.forEach((z, k) => { values[k] = activation.value(z); });",
        "  at += 2 * size;",
        "  return loss.ofSample(zs, values, targets);",
        "});",
        'Deno.writeFileSync("losses", new Uint8Array(Float64Array.from(losses).buffer));',
    ]
    (folder / "run.js").write_text("\n".join(lines), encoding="utf-8")
    deno(folder / "run.js")
    return np.frombuffer((folder / "losses").read_bytes(), "<f8").tolist()


def of_numba() -> list[float]:
    compiled = {}
    for kind, (loss, activation) in PARTNERS.items():
        compiled[kind] = jitted(loss.function_of_z(activation)), activation
    found = []
    for kind, zs, targets in cases():
        formula, activation = compiled[kind]
        found.append(float(formula(*map(np.array, (zs, activation.values(zs), targets)))))
    return found


def test_the_bits_are_those_of_python_in_numba_and_javascript(tmp_path: Path) -> None:
    python = [of_z(*case) for case in cases()]
    assert digest(of_numba()) == digest(python)
    assert digest(of_javascript(tmp_path)) == digest(python)
