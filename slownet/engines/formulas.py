"""Formulas for the kernels: each compiled into a loop over a layer that is called by its address.

So one compilation of the kernels serves every formula. A user's own formula is compiled as well, tried
on many numbers, and refused if one bit differs from what Python makes of it.
"""

from __future__ import annotations

import builtins
import dis
import math
import struct
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from random import Random
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import carray, types
from numba.np.unsafe.ndarray import to_fixed_tuple

from slownet.engines.machine import jit
from slownet.errors import EngineError
from slownet.functions.activations import SoftmaxActivation, softmax_deltas, softmax_values

if TYPE_CHECKING:
    from slownet.functions import AnyActivation, Loss, Optimizer, Regularizer

OURS = "slownet.functions."
LIMIT = 1e100  # beyond it a step is left to the object loops, which know what to do when floats overflow
LARGEST = 1.7976931348623157e308
REACH = 500.0  # how far from 0 a user's formula is tried, and trusted
TRIES = 500

_p, _n, _x = types.CPointer(types.float64), types.int64, types.float64
VALUES = _n(_p, _p, _n, _n, _n, _n, _x)
DELTAS = _n(_p, _p, _p, _n, _n, _n, _n)
SLOPES = _n(_p, _p, _p, _n, _x, _x)
LOSS = _x(_p, _p, _n, _n)
UPDATE = _n(_p, _p, _p, _p, _n, _x, _p)
PENALTY = _n(_p, _p, _n, _x)


class NotCompiledError(EngineError):
    """A formula of the user's that cannot be compiled to the same bits; the message says why."""


_kept: dict[tuple[Any, ...], tuple[int, Any, Any]] = {}  # {what: (address, its owner, the formula)}


def values_of(activation: AnyActivation) -> int:
    """values(z, value, rows, size, z_row, value_row, reach): f(z); 0 where one is out of bounds."""
    if isinstance(activation, SoftmaxActivation):
        return _address(softmax_values, _softmax_values, VALUES)
    function = activation.function
    if not is_ours(function):
        _try(activation.name, lambda z: float(function(z)), function, ((z,) for z in _numbers(REACH)))
    return _address(function, _values, VALUES)


def deltas_of(activation: AnyActivation) -> int:
    """deltas(z, value, delta, rows, size, z_row, value_row): slopes become deltas, in place."""
    if isinstance(activation, SoftmaxActivation):
        return _address(softmax_deltas, _softmax_deltas, DELTAS)
    function, derivative = activation.function, activation.derivative
    if not is_ours(derivative):
        pairs = ((z, value) for z in _numbers(REACH) if (value := _safe(function, z)) is not None)
        _try(activation.name, lambda z, value: float(derivative(z, value)), derivative, pairs)
    return _address(derivative, _deltas, DELTAS)


def slopes_of(loss: Loss, partner: bool) -> int:
    """slopes(value, target, slope, size, share, reach) of a sample; with its partner the deltas."""
    if partner:
        return _address(_differences, lambda _: _differences, SLOPES)
    if not is_ours(loss.derivative):
        _try(loss.name, loss.derivative, loss.derivative, _outputs(loss))
    return _address(loss.derivative, _slopes, SLOPES)


def loss_of(loss: Loss) -> int:
    """loss(value, target, size, mean) of a sample."""
    if not is_ours(loss.function):
        _try(loss.name, loss.function, loss.function, _outputs(loss))
    return _address(loss.function, _loss, LOSS)


def update_of(optimizer: Optimizer) -> int:
    """update(value, gradient, first, second, count, rate, constants): 0 where one is not finite."""
    rule, constants = optimizer.function, optimizer.constants(1)
    if any(type(number) is not float for number in constants):
        raise NotCompiledError(f"the constants of {optimizer.name!r} are not all floats: {constants!r}")
    count = len(constants)
    if not is_ours(rule):
        numbers = Random(0)  # noqa: S311  not for secrets
        tries = (
            (*(numbers.gauss(0, 1) for _ in range(3)), numbers.random(), numbers.random(), constants)
            for constants in map(optimizer.constants, range(1, TRIES))
        )
        _try(optimizer.name, rule, rule, tries)
    return _address(rule, lambda rule: _update(rule, count), UPDATE, count)


def penalty_of(regularizer: Regularizer) -> int:
    """penalty(value, gradient, count, strength): added to the gradients, in place."""
    derivative = regularizer.derivative
    if not is_ours(derivative):
        _try(regularizer.name, derivative, derivative, ((w,) for w in _numbers(REACH)))
    return _address(derivative, _penalty, PENALTY)


def is_ours(function: Any) -> bool:
    """Whether a function is one of slownet's, with nothing of the user's inside."""
    if not isinstance(function, FunctionType):
        return function is abs
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    return str(function.__module__).startswith(OURS) and all(
        isinstance(cell, (int, float)) or is_ours(cell) for cell in cells
    )


def reach_of(formula: AnyActivation | Loss) -> float:
    """How far from 0 a compiled formula is known to do what Python does."""
    parts = () if isinstance(formula, SoftmaxActivation) else (formula.function, formula.derivative)
    return LARGEST if all(map(is_ours, parts)) else REACH


def _address(function: Any, make: Callable[[Any], Any], signature: Any, *more: object) -> int:
    what = (_state(function), signature, *more)
    if what not in _kept:
        name = _name(function, signature, *more) if is_ours(function) else None
        try:
            code = jit.compiled(make(_translated(function)), signature, name)
        except Exception as error:  # Numba has many
            raise NotCompiledError(_reason(error)) from error
        _kept[what] = (int(code.address), code, function)
    return _kept[what][0]


def _name(function: Any, *more: object) -> str:
    """Tell a formula from all others: where its code stands and the numbers that it holds."""
    if not isinstance(function, FunctionType):
        return repr((function, *more))
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    inside = [_name(cell) if callable(cell) else repr(cell) for cell in cells]
    code = function.__code__
    return repr(
        (function.__module__, function.__qualname__, list(code.co_positions())[:1], inside, *more)
    )


def _translated(function: Any) -> Any:
    """Compile a function of floats, together with the functions that it calls."""
    if not isinstance(function, FunctionType):
        return function  # Numba knows those of `math`; of others it says that it does not
    if not is_ours(function):
        _check_functions(function)
    names = _names(function.__code__)
    outside = {
        name: _translated(thing) if isinstance(thing, FunctionType) else thing
        for name, thing in function.__globals__.items()
        if name in names or name == "__builtins__"
    }
    outside["__name__"] = function.__module__
    cells = tuple(_cell(_translated(cell.cell_contents)) for cell in function.__closure__ or ())
    twin = FunctionType(function.__code__, outside, function.__name__, function.__defaults__, cells)
    twin.__kwdefaults__ = function.__kwdefaults__
    return jit.formula(twin)


def _check_functions(function: FunctionType) -> None:
    """Refuse what gives other last digits when it is compiled, but too rarely to be found by trying."""
    if any(
        each.opname == "BINARY_OP" and each.argrepr in ("**", "**=") for each in _instructions(function)
    ):
        raise NotCompiledError(
            "** has other last digits when compiled: write products, or exp(y * log(x))"
        )
    for name in _names(function.__code__):
        thing = function.__globals__.get(name, getattr(builtins, name, None))
        if thing in (pow, math.pow):
            raise NotCompiledError("pow has other last digits when compiled: write products")
        if str(getattr(thing, "__name__", "")).partition(".")[0] == "numpy" or isinstance(
            thing, np.ufunc
        ):
            raise NotCompiledError("NumPy's functions have other last digits: use those of math")


def _instructions(function: FunctionType) -> Iterator[dis.Instruction]:
    waiting = [function.__code__]
    while waiting:
        code = waiting.pop()
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        yield from dis.get_instructions(code)


def _state(thing: Any, depth: int = 0) -> Any:
    """Return what tells a formula from others, and from itself with other numbers around it."""
    if not isinstance(thing, FunctionType) or depth > 9:
        return repr(thing) if isinstance(thing, (int, float, str, type(None))) else id(thing)
    around = {
        name: thing.__globals__[name] for name in _names(thing.__code__) if name in thing.__globals__
    }
    cells = [cell.cell_contents for cell in thing.__closure__ or ()]
    inside = (*around.values(), *cells)
    return (id(thing), *(_state(each, depth + 1) for each in inside if each is not thing))


def _names(code: CodeType) -> set[str]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*map(_names, inner))


def _cell(content: Any) -> Any:
    return (lambda: content).__closure__[0]  # type: ignore[index]


def _try(name: str, python: Callable[..., Any], function: Any, tries: Iterable[tuple[Any, ...]]) -> None:
    """Compare a user's formula with what is compiled of it, bit for bit.

    Where Python raises an error, the compiled one must give what is noticed: a number that is not
    finite.
    """
    what = ("tried", _state(function))
    if what in _kept:
        return
    try:
        compiled = jit.formula(_wrapped(_translated(function)))
        for arguments in tries:
            wanted, found = _safe(python, *arguments), compiled(*arguments)
            if wanted is None and not all(abs(x) <= LIMIT for x in _tuple(found)):
                continue
            if wanted is None or _bits(found) != _bits(wanted):
                says = "raises an error" if wanted is None else f"gives {wanted!r}"
                raise NotCompiledError(f"at {arguments} Python {says}, compiled it gives {found!r}")
    except NotCompiledError as error:
        raise NotCompiledError(f"{name!r} cannot be compiled to the same bits: {error}") from None
    except Exception as error:
        raise NotCompiledError(f"{name!r} cannot be compiled: {_reason(error)}") from error
    _kept[what] = (0, compiled, function)


def _wrapped(function: Any) -> Any:
    return lambda *arguments: function(*arguments)


def _safe(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Exception:
        return None


def _tuple(result: Any) -> tuple[float, ...]:
    return result if isinstance(result, tuple) else (result,)


def _bits(result: Any) -> list[bytes]:
    return [struct.pack("d", float(number)) for number in _tuple(result)]


def _reason(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines()]
    return next((line for line in lines if line and not line.startswith("Failed in")), repr(error))


def _numbers(reach: float) -> Iterable[float]:
    """Numbers to try a formula on: 0, the ends, and others of all sizes between them."""
    numbers = Random(0)  # noqa: S311
    yield from (0.0, -0.0, 1.0, -1.0, reach, -reach)
    for _ in range(TRIES):
        yield numbers.uniform(-reach, reach)
        yield numbers.gauss(0.0, 2.0)
        yield numbers.choice((-1, 1)) * 10.0 ** numbers.uniform(-12.0, 0.0)


def _outputs(loss: Loss) -> Iterable[tuple[float, float]]:
    low, high = loss.domain
    targets = {"class": (0.0, 1.0), "binary": (0.0, 1.0), "sign": (-1.0, 1.0)}.get(loss.target_kind)
    values = [value for value in _numbers(REACH) if low <= value <= high]
    return product(values, targets or (0.0, 1.0, -2.5, 100.0 / 3.0, -REACH))


def elementary(numbers: Any) -> dict[str, Any]:
    """Apply the functions that formulas are made of, by name; of their sizes where they need that."""
    results = {name: numbers.copy() for name in ("exp", "expm1", "log", "log1p", "sqrt", "tanh")}
    _apply(*results.values())
    return results


@jit.entry
def _apply(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> None:
    for i in range(len(a)):
        a[i], b[i], f[i] = math.exp(a[i]), math.expm1(b[i]), math.tanh(f[i])
        c[i], d[i], e[i] = math.log(abs(c[i])), math.log1p(abs(d[i])), math.sqrt(abs(e[i]))


# The loops. `fine` is whether every number stayed within bounds.


def _values(function: Any) -> Any:
    def values(
        z: Any, value: Any, rows: int, size: int, z_row: int, value_row: int, reach: float
    ) -> int:
        fine = True
        for r in range(rows):
            for j in range(size):
                number = z[r * z_row + j]
                result = float(function(number))
                value[r * value_row + j] = result
                fine &= (abs(number) <= reach) & (abs(result) <= LIMIT)
        return int(fine)

    return values


def _deltas(derivative: Any) -> Any:
    def deltas(z: Any, value: Any, delta: Any, rows: int, size: int, z_row: int, value_row: int) -> int:
        fine = True
        for r in range(rows):
            for j in range(size):
                at = r * z_row + j
                result = delta[at] * float(derivative(z[at], value[r * value_row + j]))
                delta[at] = result
                fine &= abs(result) <= LIMIT
        return int(fine)

    return deltas


def _softmax_values(formula: Any) -> Any:
    def values(
        z: Any, value: Any, rows: int, size: int, z_row: int, value_row: int, reach: float
    ) -> int:
        zs, results = carray(z, (rows, z_row)), carray(value, (rows, value_row))
        fine = True
        for r in range(rows):
            formula(zs[r, :size], results[r, :size])
            for j in range(size):
                fine &= (abs(zs[r, j]) <= reach) & (abs(results[r, j]) <= LIMIT)
        return int(fine)

    return values


def _softmax_deltas(formula: Any) -> Any:
    def deltas(z: Any, value: Any, delta: Any, rows: int, size: int, z_row: int, value_row: int) -> int:
        results, slopes = carray(value, (rows, value_row)), carray(delta, (rows, z_row))
        fine = True
        for r in range(rows):
            formula(results[r, :size], slopes[r, :size])
            for j in range(size):
                fine &= abs(slopes[r, j]) <= LIMIT
        return int(fine)

    return deltas


def _differences(value: Any, target: Any, slope: Any, size: int, share: float, reach: float) -> int:
    for j in range(size):
        slope[j] = value[j] - target[j]
    return 1


def _slopes(derivative: Any) -> Any:
    def slopes(value: Any, target: Any, slope: Any, size: int, share: float, reach: float) -> int:
        fine = True
        for j in range(size):
            slope[j] = share * derivative(value[j], target[j])
            fine &= (abs(value[j]) <= reach) & (abs(target[j]) <= reach)
        return int(fine)

    return slopes


def _loss(function: Any) -> Any:
    def loss(value: Any, target: Any, size: int, mean: int) -> float:
        total = 0.0
        for j in range(size):
            total += function(value[j], target[j])
        return total / size if mean else total

    return loss


def _update(rule: Any, count: int) -> Any:
    def update(
        value: Any, gradient: Any, first: Any, second: Any, size: int, rate: float, constants: Any
    ) -> int:
        settings = to_fixed_tuple(carray(constants, (count,)), count)
        fine = True
        for j in range(size):
            result, a, b = rule(value[j], gradient[j], first[j], second[j], rate, settings)
            value[j], first[j], second[j] = result, a, b
            fine &= abs(result) <= LARGEST
        return int(fine)

    return update


def _penalty(derivative: Any) -> Any:
    def penalty(value: Any, gradient: Any, size: int, strength: float) -> int:
        for j in range(size):
            gradient[j] += strength * derivative(value[j])
        return 1

    return penalty
