"""Formulas translated into JavaScript."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from javascript import deno
from page_trainings import (
    without_source,
)

from slownet import (
    Activation,
    functions,
)
from slownet.functions import ACTIVATIONS, LOSSES
from slownet.functions.builtin import is_builtin
from slownet.page.javascript import Translator
from slownet.translation import UntranslatableError

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


def parts(z: float) -> float:
    m, e = math.frexp(z)
    return m + 4.0 * e


def pairs(z: float) -> float:
    a, b = 2.0 * z, z
    b, a = a, b
    first, _, last = triple(a, b)
    start = triple(z, a)
    (last, first) = start[:2]
    return a + 4.0 * b + 16.0 * first + 64.0 * last + start[2]


def triple(x: float, y: float) -> tuple[float, ...]:
    return (*swapped(x, y), 3.0)


def swapped(x: float, y: float) -> tuple[float, float]:
    return y, x


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
    "parts": (parts, 1),
    "pairs": (pairs, 1),
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
    "largest": (lambda z: max(z, z * 0.5, -1.0) + min(0.0, z, -z * z) + max(-0.0, 0.0), 1),
    "beside nan": (lambda z: max(0.0, z - z + math.nan) + min(z * 0.0 + math.nan, z), 1),
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
        for target in targets.get(loss.target_kind, (0.0, -1.0, 2.5, 1e6)):
            for value in [low, high, *(z for z in INPUTS if low <= z <= high)]:
                found.append((f"{loss.name} of", loss.function, [value, target]))
                found.append((f"{loss.name}'", loss.derivative, [value, target]))
    for name, (function, count) in FORMULAS.items():
        for z in INPUTS:
            found.append((name, function, [z, 1.5][:count]))
    found += [("parts", parts, [z]) for z in (math.inf, -math.inf, math.nan, -5e-324, -1e-310)]
    return found


def as_script(number: float) -> str:
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(repr(number), repr(number))


def test_formulas_are_the_same_in_a_browser(tmp_path: Path) -> None:
    translator = Translator()
    softmax = translator.activation(ACTIVATIONS["softmax"])
    made = calls()
    lines = [
        f"show({translator.name_of(function)}({', '.join(map(as_script, given))}));"
        for _, function, given in made
    ]
    zs, slopes = [0.5, -1.0, 700.0, 3.0, 699.5], [1.0, -2.0, 0.0, 4.0, 0.25]
    lines += [
        f"const softmax = {softmax}, values = [], deltas = {slopes};",
        f"softmax.layerValues({zs}, values); softmax.layerDeltas(values, deltas);",
        "values.forEach(show); deltas.forEach(show);",
    ]
    script = tmp_path / "formulas.js"
    show = 'function show(x) { console.log(typeof x === "number" ? String(x) : "no number: " + x); }'
    text = "\n".join(['"use strict";', show, *translator.lines, *lines])
    script.write_text(text, encoding="utf-8")
    printed_numbers = deno(script).splitlines()
    values = ACTIVATIONS["softmax"].values(zs)
    expected = [(name, given, function(*given)) for name, function, given in made]
    built_in = {name for name, function, _ in made if is_builtin(function)}
    assert len(built_in) == 2 * (len(ACTIVATIONS) - 1 + len(LOSSES))
    expected += [("softmax", zs, value) for value in values]
    expected += [("softmax'", zs, d) for d in ACTIVATIONS["softmax"].deltas(zs, values, slopes)]
    assert len(printed_numbers) == len(expected)
    for (name, given_, number), text in zip(expected, printed_numbers, strict=True):
        found = float(text.replace("Infinity", "inf"))
        close = math.isclose(found, number, rel_tol=1e-12, abs_tol=1e-300)
        is_same = found == number if name in built_in else close
        assert is_same or (math.isnan(found) and math.isnan(number)), (name, given_, number, text)


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


def with_added_tuples(z: float) -> float:
    both = (*swapped(z, 1.0),) + (z,)  # noqa: RUF005
    return both[2]


def with_compared_tuples(z: float) -> float:
    return 1.0 if swapped(z, 1.0) < (z, 2.0) else z


def with_the_last(z: float) -> float:
    both = swapped(z, 1.0)
    return both[-1]


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
    "one of": lambda z: 1.0 if z in (1.0, 2.0) else z,
    "identity": lambda z: 1.0 if z is z else z,
    "added tuples": with_added_tuples,
    "compared tuples": with_compared_tuples,
    "the last": with_the_last,
    "bits of integers": lambda z: math.floor(z) & 3,
    "shifted integers": lambda z: math.floor(z) >> 1,
    "remainder": lambda z: z % 2.0,
    "keyword": lambda z: helper(z, share=2.0),
    "text": lambda z: z if z != "a" else 1.0,
    "inner": lambda z: (lambda a: a)(z),
    "largest of one": lambda z: max(z),
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
