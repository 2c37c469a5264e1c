"""The elementary functions: near the true values, and the same bits in Python, Numba and JavaScript."""

from __future__ import annotations

import cmath
import hashlib
import math
import random
import sys
from array import array
from collections.abc import Callable, Iterator
from math import inf, nan
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import settings
from javascript import deno

from slownet.engines.formulas import jitted
from slownet.engines.machine import jit
from slownet.functions import elementary
from slownet.page.javascript import Translator

NAMES = ("exp", "expm1", "log", "log1p", "tanh", "sin", "cos")
THOROUGH = settings.default.max_examples > 1000
TURN = math.pi / 2


def signed(draw: random.Random, low: float, high: float) -> float:
    """Draw a number of any size between two powers of ten, of either sign."""
    return draw.choice((-1, 1)) * 10.0 ** draw.uniform(low, high)


# where errors are largest: seams of tables and series, cancellations, and all sizes
ARGUMENTS: dict[str, Callable[[random.Random], list[float]]] = {
    "exp": lambda draw: [
        draw.uniform(-708.0, 709.0),
        draw.uniform(-30.0, 30.0),
        (draw.randint(-90000, 90000) + 0.5) * math.log(2.0) / 128.0 * (1.0 + draw.gauss(0.0, 1e-15)),
        signed(draw, -20.0, 1.0),
    ],
    "expm1": lambda draw: [
        draw.uniform(-40.0, 5.0),
        draw.uniform(-0.01, 0.01),
        signed(draw, -20.0, 2.0),
    ],
    "log": lambda draw: [
        draw.uniform(0.0, 3.0),
        draw.uniform(0.9, 1.1),
        math.ldexp(draw.uniform(0.5, 1.0), draw.randint(-1073, 1024)),
    ],
    "log1p": lambda draw: [draw.uniform(0.0, 1.0), draw.uniform(-0.99, 9.0), signed(draw, -20.0, -0.01)],
    "tanh": lambda draw: [draw.uniform(-3.0, 3.0), draw.uniform(-25.0, 25.0), signed(draw, -20.0, 0.0)],
    "sin": lambda draw: [
        draw.uniform(-4.0, 4.0),
        draw.uniform(-823548.0, 823548.0),
        draw.randint(-524000, 524000) * TURN,
        signed(draw, -20.0, 0.0),
    ],
    "cos": lambda draw: [
        draw.uniform(-4.0, 4.0),
        draw.uniform(-823548.0, 823548.0),
        draw.randint(-524000, 524000) * TURN,
    ],
}
BOUNDS = {"exp": 0.52, "expm1": 2.0, "log": 1.0, "log1p": 2.0, "tanh": 1.5, "sin": 1.0, "cos": 1.0}


def ulps(found: float, true: Any) -> float:
    """Return the error of a number in units in the last place of the true one."""
    return float(abs(mpmath.mpf(found) - true) / math.ulp(float(true)))


def worst(name: str, count: int) -> tuple[float, float]:
    """Return the largest error of a function over so many arguments, and where it is."""
    draw, arguments = random.Random(name), list[float]()
    while len(arguments) < count:
        arguments += ARGUMENTS[name](draw)
    function, exact = getattr(elementary, name), getattr(mpmath, name)
    with mpmath.workprec(160):
        return max((ulps(function(x), exact(mpmath.mpf(x))), x) for x in arguments)


@pytest.mark.parametrize("name", NAMES)
def test_errors_are_below_their_bounds(name: str) -> None:
    assert worst(name, 4000)[0] < BOUNDS[name]


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_errors_are_below_their_bounds_for_many_arguments(name: str) -> None:
    assert worst(name, 1_000_000 if THOROUGH else 40_000)[0] < BOUNDS[name]


def test_exp_beyond_its_best_range() -> None:
    draw = random.Random(0)
    arguments = [draw.uniform(-745.0, -708.0) for _ in range(500)]
    arguments += [draw.uniform(709.0, 709.78) for _ in range(500)]
    with mpmath.workprec(160):
        assert max(ulps(elementary.exp(x), mpmath.exp(x)) for x in arguments) < 2.0


def test_powers() -> None:
    draw = random.Random(0)
    for y in (2.0, 3.0, 10.0, 97.0, -3.0, 0.5, 1.5, -2.7):
        for _ in range(300):
            x = draw.uniform(0.1, 3.0)
            bound = abs(y) + 0.5 if y == int(y) else 2.6 * abs(y * math.log(x)) + 0.6
            with mpmath.workprec(160):
                assert ulps(elementary.power(x, y), mpmath.mpf(x) ** mpmath.mpf(y)) < bound, (x, y)
    assert [elementary.power(-1e-200, y) for y in (-3, -2)] == [-math.inf, math.inf]
    assert elementary.power(0.9, 5) == 0.9 * (0.9 * 0.9 * (0.9 * 0.9))


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("exp", (nan,), nan),
        ("exp", (inf,), inf),
        ("exp", (-inf,), 0.0),
        ("exp", (710.0,), inf),
        ("exp", (-746.0,), 0.0),
        ("exp", (5e-324,), 1.0),
        ("expm1", (-0.0,), 0.0),
        ("expm1", (nan,), nan),
        ("expm1", (-inf,), -1.0),
        ("expm1", (inf,), inf),
        ("log", (0.0,), -inf),
        ("log", (-1.0,), nan),
        ("log", (inf,), inf),
        ("log", (nan,), nan),
        ("log", (1.0,), 0.0),
        ("log", (5e-324,), -744.4400719213812),
        ("log1p", (-1.0,), -inf),
        ("log1p", (-2.0,), nan),
        ("log1p", (inf,), inf),
        ("log1p", (nan,), nan),
        ("tanh", (nan,), nan),
        ("tanh", (inf,), 1.0),
        ("tanh", (-inf,), -1.0),
        ("sin", (1e6,), nan),
        ("cos", (inf,), nan),
        ("cos", (0.0,), 1.0),
        ("power", (0.0, 0.0), 1.0),
        ("power", (0.0, -1.0), inf),
        ("power", (0.0, 2.5), 0.0),
        ("power", (-2.0, 3.0), -8.0),
        ("power", (-2.0, 0.5), nan),
        ("power", (2, 1023), 2.0**1023),
        ("power", (2.0, -1074.0), 0.0),
        ("power", (3.0, 5000.0), inf),
        ("power", (nan, 2.0), nan),
    ],
)
def test_values_at_the_ends(name: str, arguments: tuple[float, ...], expected: float) -> None:
    assert getattr(elementary, name)(*arguments) == pytest.approx(expected, nan_ok=True, rel=0, abs=0)


def taken_from_math(module: Any) -> set[str]:
    """The functions of math that a module has, by whatever name; it may not have all of a library."""
    known = {id(each): name for name, each in vars(math).items() if callable(each)}
    things = {id(each) for each in vars(module).values()}
    assert not things & {id(math), id(cmath), id(np)}, module
    return {known[each] for each in things & known.keys()}


def test_nothing_of_a_maths_library_is_used() -> None:
    assert taken_from_math(elementary) == {"floor", "frexp", "isqrt"}
    for module in ("activations", "losses", "optimizers", "regularizers", "schedules", "initializers"):
        taken = taken_from_math(sys.modules[f"slownet.functions.{module}"])
        assert taken <= {"floor", "isfinite", "sqrt"}, module


def test_a_maths_library_is_found_by_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elementary, "root", math.sqrt, raising=False)
    assert "sqrt" in taken_from_math(elementary)
    for library in (math, np):
        monkeypatch.setattr(elementary, "m", library, raising=False)
        with pytest.raises(AssertionError):
            taken_from_math(elementary)


def everywhere() -> array[float]:
    """Return arguments from all ranges: of use, of any bits, subnormal, and at the ends."""
    draw = random.Random(1)
    numbers = [0.0, -0.0, 1.0, -1.0, inf, -inf, nan, 5e-324, -5e-324, 2.2250738585072014e-308, 1e308]
    numbers += [each for seam in (708.0, 709.0, 709.782712893384, 745.133219101941, 0.55, 20.0, 38.0)
                for near in (math.nextafter(seam, -inf), seam, math.nextafter(seam, inf))
                for each in (near, -near)]  # fmt: skip
    numbers += [draw.uniform(-30.0, 30.0) for _ in range(4000)]
    numbers += [signed(draw, -320.0, 308.0) for _ in range(4000)]
    numbers += np.frombuffer(draw.randbytes(8 * 4000)).tolist()
    return array("d", numbers)


def digests(results: Iterator[tuple[str, bytes]]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in results}


def of_python(numbers: array[float]) -> Iterator[tuple[str, bytes]]:
    for name in NAMES:
        yield name, array("d", map(getattr(elementary, name), numbers)).tobytes()
    yield "power", array("d", [elementary.power(x, y) for x, y in pairs(numbers)]).tobytes()


def of_numba(numbers: array[float]) -> Iterator[tuple[str, bytes]]:
    for name in NAMES:
        function = jitted(getattr(elementary, name))
        yield name, _map(function, np.array(numbers)).tobytes()
    power = jitted(elementary.power)
    xs, ys = map(np.array, zip(*pairs(numbers), strict=True))
    yield "power", _map_pairs(power, xs, ys).tobytes()


@jit.formula
def _map(function: Any, numbers: Any) -> Any:
    results = np.empty(len(numbers))
    for k in range(len(numbers)):
        results[k] = function(numbers[k])
    return results


@jit.formula
def _map_pairs(function: Any, xs: Any, ys: Any) -> Any:
    results = np.empty(len(xs))
    for k in range(len(xs)):
        results[k] = function(xs[k], ys[k])
    return results


def pairs(numbers: array[float]) -> list[tuple[float, float]]:
    exponents = (0.0, 1.0, 2.0, 3.0, 17.0, 1000.0, -1.0, -5.0, 0.5, 1.5, -0.3, 2.0**31, 1e300)
    return [(x, exponents[k % len(exponents)]) for k, x in enumerate(numbers)]


def of_javascript(numbers: array[float], folder: Path) -> Iterator[tuple[str, bytes]]:
    translator = Translator()
    names = {name: translator.name_of(getattr(elementary, name)) for name in (*NAMES, "power")}
    (folder / "numbers").write_bytes(numbers.tobytes())
    exponents = array("d", [y for _, y in pairs(numbers)])
    (folder / "exponents").write_bytes(exponents.tobytes())
    lines = [
        *translator.lines,
        "const read = (name) => new Float64Array(Deno.readFileSync(name).buffer);",
        'const numbers = read("numbers"), exponents = read("exponents");',
        "const write = (name, f) =>",
        "  Deno.writeFileSync(name, new Uint8Array(numbers.map((x, k) => f(x, exponents[k])).buffer));",
        *(f'write("{name}", {ours});' for name, ours in names.items()),
    ]
    (folder / "run.js").write_text("\n".join(lines), encoding="utf-8")
    deno(folder / "run.js")
    for name in names:
        yield name, (folder / name).read_bytes()


def canonical(results: Iterator[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Give every nan the same bits: IEEE 754 leaves them open."""
    for name, content in results:
        numbers = np.frombuffer(content).copy()
        numbers[np.isnan(numbers)] = nan
        yield name, numbers.tobytes()


def test_the_bits_are_those_of_python_in_numba_and_javascript(tmp_path: Path) -> None:
    numbers = everywhere()
    python = digests(canonical(of_python(numbers)))
    assert digests(canonical(of_numba(numbers))) == python
    assert digests(canonical(of_javascript(numbers, tmp_path))) == python
    assert len(set(python.values())) == len(python)
