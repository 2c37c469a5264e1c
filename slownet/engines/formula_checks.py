"""Checks of compiled code against Python, bit for bit: formulas of the user, and those of `math`."""

from __future__ import annotations

import builtins
import dis
import math
import struct
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import product
from random import Random
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from slownet.engines.bounds import LIMIT, TESTED
from slownet.engines.formula_keys import names_in
from slownet.engines.machine import jit
from slownet.errors import EngineError
from slownet.functions.randomness import Use, key, uniforms

if TYPE_CHECKING:
    from slownet.functions import Loss, Optimizer

COUNT = 500
MATH_COUNT = 2000


class NotCompiledError(EngineError):
    """A net or a formula of the user cannot be compiled to the same bits; the message has the reason."""


def check_bits(python: Callable[..., Any], compiled: Any, cases: Iterable[tuple[Any, ...]]) -> None:
    """Raise NotCompiledError unless a compiled formula gives the bits of Python in all cases.

    Where Python raises an error, the compiled one must give a number that is out of bounds.
    """
    for arguments in cases:
        expected, found = result_or_none(python, *arguments), compiled(*arguments)
        if expected is None and not all(abs(x) <= LIMIT for x in _tuple(found)):
            continue
        if expected is None or _bits(found) != _bits(expected):
            gives = "raises an error" if expected is None else f"gives {expected!r}"
            raise NotCompiledError(f"at {arguments} Python {gives}, compiled it gives {found!r}")


def check_functions(function: FunctionType) -> None:
    """Refuse what compiled has other last digits, too rarely for `check_bits` to find it."""
    if any(
        each.opname == "BINARY_OP" and each.argrepr in ("**", "**=") for each in _instructions(function)
    ):
        raise NotCompiledError(
            "** has other last digits when compiled: write products, or slownet.functions.power"
        )
    for name in names_in(function.__code__):
        thing = function.__globals__.get(name, getattr(builtins, name, None))
        if thing is math or getattr(thing, "__module__", None) == "math":
            _check_math()
        if thing in (pow, math.pow):
            raise NotCompiledError(
                "pow has other last digits when compiled: write products, or slownet.functions.power"
            )
        if str(getattr(thing, "__name__", "")).partition(".")[0] == "numpy" or isinstance(
            thing, np.ufunc
        ):
            raise NotCompiledError(
                "NumPy's functions have other last digits: use those of slownet.functions"
            )


def numbers() -> Iterator[float]:
    """Yield numbers to test a formula on: 0, the ends, and others of all sizes between them."""
    random = Random(0)  # noqa: S311  not for secrets
    yield from (0.0, -0.0, 1.0, -1.0, TESTED, -TESTED)
    for _ in range(COUNT):
        yield random.uniform(-TESTED, TESTED)
        yield random.gauss(0.0, 2.0)
        yield random.choice((-1, 1)) * 10.0 ** random.uniform(-12.0, 0.0)


def outputs_and_targets(loss: Loss) -> Iterable[tuple[float, float]]:
    """Return pairs of numbers to test a loss on."""
    low, high = loss.domain
    targets = {"class": (0.0, 1.0), "binary": (0.0, 1.0), "sign": (-1.0, 1.0)}.get(loss.target_kind)
    values = [value for value in numbers() if low <= value <= high]
    return product(values, targets or (0.0, 1.0, -2.5, 100.0 / 3.0, -TESTED))


def updates(optimizer: Optimizer) -> Iterator[tuple[Any, ...]]:
    """Yield arguments to test an optimizer's rule on."""
    random = Random(0)  # noqa: S311
    for constants in map(optimizer.constants, range(1, COUNT)):
        value, gradient, first = (random.gauss(0, 1) for _ in range(3))
        second, rate = random.random(), random.random()
        yield value, gradient, first, second, rate, constants


def result_or_none(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the result of a function, or None where it raises an error."""
    try:
        return function(*arguments)
    except Exception:
        return None


@cache
def math_difference() -> str | None:
    """Return where functions of `math` have other bits compiled, over an array as in the kernels."""
    numbers = 60.0 * uniforms(key(0, Use.DATASET), MATH_COUNT) - 30.0
    results = {name: numbers.copy() for name in ("exp", "expm1", "log", "log1p", "sqrt", "tanh")}
    _apply(*results.values())
    for name, found in results.items():
        arguments = numbers.tolist()
        if name in ("log", "log1p", "sqrt"):
            arguments = [abs(number) for number in arguments]
        for argument, result in zip(arguments, found.tolist(), strict=True):
            expected = getattr(math, name)(argument)
            if _bits(expected) != _bits(result):
                return (
                    f"compiled, math.{name}({argument!r}) is {result!r} on this machine, but Python "
                    f"gives {expected!r}: slownet.functions.{name} is the same everywhere"
                )
    return None


@jit.entry
def _apply(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> None:
    for i in range(len(a)):
        a[i], b[i], f[i] = math.exp(a[i]), math.expm1(b[i]), math.tanh(f[i])
        c[i], d[i], e[i] = math.log(abs(c[i])), math.log1p(abs(d[i])), math.sqrt(abs(e[i]))


def _check_math() -> None:
    difference = math_difference()
    if difference is not None:
        raise NotCompiledError(difference)


def _instructions(function: FunctionType) -> Iterator[dis.Instruction]:
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        yield from dis.get_instructions(code)


def _tuple(result: Any) -> tuple[float, ...]:
    return result if isinstance(result, tuple) else (result,)


def _bits(result: Any) -> list[bytes]:
    return [struct.pack("d", float(number)) for number in _tuple(result)]
