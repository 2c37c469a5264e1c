"""Checks of compiled code against Python, bit for bit: formulas of the user, and those of `math`."""

from __future__ import annotations

import ctypes
import math
import struct
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain, product
from random import Random
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from slownet.engines import formula_guards as guards
from slownet.engines import formula_loops as loops
from slownet.engines.bounds import LARGEST, TESTED
from slownet.engines.formula_keys import ELEMENTARY, MATH, NotCompiledError
from slownet.engines.machine import jit
from slownet.functions.loss import TARGETS
from slownet.functions.randomness import Use, key, uniforms

if TYPE_CHECKING:
    from slownet.functions import Loss, Optimizer

COUNT = 500
MATH_COUNT = 2000
UPDATE_BOUNDS = (1e12, TESTED)  # gradients may be large, and a rule may count steps in its memory
STEPS = (*range(1, 60), *(10**k for k in range(2, 10)))  # whose constants are tried


def check_bits(
    python: Callable[..., Any], compiled: Callable[..., Any], cases: Iterable[tuple[Any, ...]]
) -> None:
    """Raise NotCompiledError unless a compiled formula gives the bits of Python in all cases.

    Where Python raises an error, the compiled one must give a number that is out of bounds. It may give
    one elsewhere, too: there the object loops are used.
    """
    for arguments in cases:
        expected, found = result_or_none(python, *arguments), compiled(*arguments)
        if not abs(_tuple(found)[0]) <= LARGEST:
            continue
        if expected is None or _bits(found) != _bits(expected):
            gives = "raises an error" if expected is None else f"gives {expected!r}"
            raise NotCompiledError(f"at {arguments} Python {gives}, compiled it gives {found!r}")


def numbers() -> Iterator[float]:
    """Yield numbers to test a formula on: 0, whole ones, the ends, and others of all sizes."""
    random = Random(0)  # noqa: S311  not for secrets
    for number in (0.0, 0.5, 1.0, 2.0, 3.0, 10.0, TESTED):
        yield from (number, -number)
    for _ in range(COUNT):
        yield random.uniform(-TESTED, TESTED)
        yield random.gauss(0.0, 2.0)
        yield random.choice((-1, 1)) * 10.0 ** random.uniform(-12.0, 0.0)
    for exponent in range(-323, -12, 10):
        yield from (10.0**exponent, -(10.0**exponent))


def outputs_and_targets(loss: Loss) -> Iterable[tuple[float, float]]:
    """Return pairs of numbers to test a loss on."""
    low, high = loss.domain
    targets = TARGETS.get(loss.target_kind)
    values = [value for value in numbers() if low <= value <= high]
    if targets is not None:
        return product(values, targets)
    others = Random(0).sample(list(numbers()), len(values))  # noqa: S311
    few = product(values, (0.0, 1.0, -2.5, 100.0 / 3.0, -TESTED))
    pairs = chain(few, zip(values, values, strict=True), zip(values, others, strict=True))
    least, most = loss.target_domain
    return ((value, target) for value, target in pairs if least <= target <= most)


def updates(optimizer: Optimizer, bound: float) -> Iterator[tuple[Any, ...]]:
    """Yield arguments to test an optimizer's rule on, up to a distance from 0."""
    random = Random(0)  # noqa: S311
    sizes = [*numbers(), *(random.choice((-1, 1)) * bound ** random.random() for _ in range(COUNT))]
    sizes = [size for size in sizes if abs(size) <= bound]
    rows = [row for row in (constants_of(optimizer, step) for step in STEPS) if row]
    rows = rows or [()]
    for number in range(3 * COUNT):
        value, gradient, first, second = (random.gauss(0, 1) for _ in range(4))
        if number % 3 == 0:
            value, gradient, first, second = random.choices(sizes, k=4)
        elif number % 3 == 1:
            first, second = random.random(), random.random()
        rate = random.choice((random.random(), 10.0 ** random.uniform(-9.0, 2.0)))
        yield value, gradient, first, second, rate, rows[number % len(rows)]
    for four in product((0.0, -0.0, 1.0, -1.0, bound, -bound), repeat=4):
        yield *four, 0.1, rows[0]


def constants_of(optimizer: Optimizer, step: int) -> tuple[float, ...] | None:
    """Return the constants of a step; None if they are not floats, or where Python raises an error."""
    row = result_or_none(optimizer.constants, step)
    is_row = isinstance(row, (tuple, list)) and all(type(constant) is float for constant in row)
    return tuple(row) if is_row else None


def of_floats(rule: Callable[..., tuple[float, ...]]) -> Callable[..., tuple[float, ...]]:
    """Let a rule of an optimizer be refused where it gives whole numbers, which Python would keep."""

    def checked(*arguments: Any) -> tuple[float, ...]:
        results = rule(*arguments)
        for each in results:
            if not isinstance(each, float):
                raise NotCompiledError(f"it gives {each!r}, which is no float: write {float(each)!r}")
        return results

    return checked


def result_or_none(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the result of a function, or None where it raises an error."""
    try:
        return function(*arguments)
    except NotCompiledError:
        raise
    except Exception:
        return None


def check_math(name: str) -> None:
    """Raise NotCompiledError if a function of `math` has other bits compiled on this machine."""
    difference = math_difference(name)
    if difference is not None:
        raise NotCompiledError(difference)


@cache
def math_difference(name: str) -> str | None:
    """Return where a function of `math` has other bits compiled, in a loop as in the kernels."""
    arguments = 60.0 * uniforms(key(0, Use.DATASET), MATH_COUNT) - 30.0
    if name.startswith(("log", "acosh")):
        arguments = abs(arguments)
    elif name in ("acos", "asin", "atanh"):
        arguments /= 30.0
    found = arguments.copy()
    loop = guards.or_nan(guards.stand_in(MATH[name]), 1, 1)
    compiled = jit.compiled(loops.values_loop(loop, LARGEST), loops.VALUES, f"math.{name}")
    compiled.ctypes(_pointer(arguments), _pointer(found), 1, len(found), 0, 0)
    for argument, result in zip(arguments.tolist(), found.tolist(), strict=True):
        expected = result_or_none(getattr(math, name), argument)
        if expected is not None and _bits(expected) != _bits(result):
            better = (
                f"slownet.functions.{name} is"
                if name in ELEMENTARY
                else "those of slownet.functions are"
            )
            return (
                f"compiled, math.{name}({argument!r}) is {result!r} on this machine, but Python "
                f"gives {expected!r}: {better} the same everywhere"
            )
    return None


def _pointer(numbers: npt.NDArray[Any]) -> Any:
    return numbers.ctypes.data_as(ctypes.POINTER(ctypes.c_double))


def _tuple(result: Any) -> tuple[float, ...]:
    return result if isinstance(result, tuple) else (result,)


def _bits(result: Any) -> list[bytes]:
    return [struct.pack("d", float(number)) for number in _tuple(result)]
