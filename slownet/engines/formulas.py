"""Formulas for the kernels: each is compiled into a loop, which the kernels call by its address.

So one compilation of the kernels serves every formula. A user's own formula is checked against Python on
many numbers first, and refused if one bit differs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache
from types import CellType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from slownet.engines import formula_checks as checks
from slownet.engines import formula_guards as guards
from slownet.engines import formula_loops as loops
from slownet.engines.bounds import LARGEST, TESTED
from slownet.engines.formula_keys import (
    MATH_TRIED,
    MODULES,
    NotCompiledError,
    attributes_in,
    changeable_in,
    globals_of,
    key_in_process,
    key_on_disk,
)
from slownet.engines.machine import jit
from slownet.engines.machine.floats import frexp
from slownet.functions import Activation, Loss
from slownet.functions.activation import SoftmaxActivation, softmax_deltas, softmax_values
from slownet.functions.builtin import closure_of, is_builtin

if TYPE_CHECKING:
    from slownet.functions import AnyActivation, Optimizer, Regularizer

Cases = Iterable[tuple[Any, ...]]


class Tried(NamedTuple):
    """How an own formula is tried: by Python, and on which arguments up to a distance from 0."""

    python: Callable[..., Any]
    cases: Callable[[float], Cases]
    given: object = None  # what the cases depend on
    arguments: int = 1
    results: int = 1
    bounds: tuple[float, ...] = (TESTED,)  # the first one up to which it gives the bits of Python counts


_compiled: dict[Any, Any] = {}  # the loops, by the keys of their formulas
_ready: dict[Any, tuple[Any, float, Tried]] = {}  # own formulas, compiled, and how far they are right
METHODS: dict[type, tuple[str, ...]] = {
    Activation: ("values", "deltas"),
    SoftmaxActivation: ("values", "deltas"),
    Loss: ("of_sample", "function_of_z", "slopes", "deltas"),
}


def values_of(activation: AnyActivation) -> int:
    """values(z, value, rows, size, z_row, value_row): f(z)."""
    _check_class(activation)
    if isinstance(activation, SoftmaxActivation):
        return _address(activation, softmax_values, loops.softmax_values_loop, loops.VALUES)
    function = activation.function
    tried = Tried(lambda z: float(function(z)), lambda _: ((z,) for z in checks.numbers()))
    return _address(activation, function, loops.values_loop, loops.VALUES, tried)


def deltas_of(activation: AnyActivation) -> int:
    """deltas(z, value, delta, rows, size, z_row, value_row): slopes become deltas, in place."""
    if isinstance(activation, SoftmaxActivation):
        return _address(activation, softmax_deltas, loops.softmax_deltas_loop, loops.DELTAS)
    function, derivative = activation.function, activation.derivative

    def cases(_: float) -> Cases:
        pairs = ((z, checks.result_or_none(function, z)) for z in checks.numbers())
        return ((z, float(value)) for z, value in pairs if value is not None)

    given = None if is_builtin(derivative) else _key(activation, function)
    tried = Tried(lambda z, value: float(derivative(z, value)), cases, given, arguments=2)
    return _address(activation, derivative, loops.deltas_loop, loops.DELTAS, tried)


def slopes_of(loss: Loss, partner: bool) -> int:
    """slopes(value, target, slope, size, factor) of a sample; with its partner the deltas."""
    _check_class(loss)
    if partner:
        return _address(loss, loops.differences, loops.differences_loop, loops.SLOPES)
    return _address(
        loss, loss.derivative, loops.slopes_loop, loops.SLOPES, _tried(loss, loss.derivative)
    )


def loss_of(loss: Loss, activation: AnyActivation) -> int:
    """loss(z, value, target, size, mean) of a sample, with this output activation."""
    _check_class(loss)
    of_z = loss.function_of_z(activation)
    if of_z is None:
        return _address(loss, loss.function, loops.loss_loop, loops.LOSS, _tried(loss, loss.function))
    if not is_builtin(of_z):
        raise NotCompiledError(f"the partner_function of {loss.name!r} is not compiled")
    return _address(loss, of_z, loops.loss_of_z_loop, loops.LOSS)


def update_of(optimizer: Optimizer) -> int:
    """update(value, gradient, first, second, size, rate, constants)."""
    rule, count = optimizer.function, len(_first_constants(optimizer))
    tried = Tried(
        checks.of_floats(rule),
        lambda bound: checks.updates(optimizer, bound),
        given=id(optimizer.constants),  # which `cases` keeps alive
        arguments=6,
        results=3,
        bounds=checks.UPDATE_BOUNDS,
    )
    return _address(optimizer, rule, loops.update_loop(count), loops.UPDATE, tried, count)


def _first_constants(optimizer: Optimizer) -> tuple[float, ...]:
    """Return the constants of step 1, if they can be worked out for other steps and any number of times.

    Nothing is called before that is known: a call could change what the object loops would read.
    """
    reason = changeable_in(optimizer.constants)
    if reason is not None:
        raise NotCompiledError(f"the constants of {optimizer.name!r} may change between calls: {reason}")
    constants = checks.constants_of(optimizer, 1)
    if constants is None:
        raise NotCompiledError(
            f"the constants of {optimizer.name!r} in step 1 are not a tuple of floats, or raise an error"
        )
    return constants


def penalty_of(regularizer: Regularizer) -> int:
    """penalty(value, gradient, size, strength): added to the gradients, in place."""
    tried = Tried(regularizer.derivative, lambda _: ((w,) for w in checks.numbers()))
    return _address(regularizer, regularizer.derivative, loops.penalty_loop, loops.PENALTY, tried)


def _tried(loss: Loss, part: Callable[..., float]) -> Tried:
    given = loss.domain, loss.target_kind, loss.target_domain
    return Tried(part, lambda _: checks.outputs_and_targets(loss), given, arguments=2)


def _address(
    owner: Any,
    formula: Any,
    loop: Callable[[Any, float], Any],
    signature: Any,
    tried: Tried | None = None,
    count: int = 0,
) -> int:
    """Return the address of a loop around a formula, which is tried first unless it is built in."""
    ready, tested, name = None, LARGEST, None
    key: Any = _key(owner, formula)
    if tried is not None and not is_builtin(formula):
        if (key, tried.given) not in _ready:
            _ready[key, tried.given] = _checked(owner, formula, tried)
        ready, tested, _ = _ready[key, tried.given]
    key = key, signature, tested, count
    if key not in _compiled:
        if ready is None:
            ready, name = jitted(formula), repr((key_on_disk(formula), signature, count))
        _compiled[key] = jit.compiled(loop(ready, tested), signature, name)
    return int(_compiled[key].address)


def _key(owner: Any, formula: Any) -> Any:
    try:
        return key_in_process(formula)
    except NotCompiledError as error:
        raise NotCompiledError(f"{owner.name!r} cannot be compiled to the same bits: {error}") from None


def _checked(owner: Any, formula: Any, tried: Tried) -> tuple[Any, float, Tried]:
    """Compile a user's formula, and compare it with Python."""
    try:
        ready = guards.or_nan(jitted(formula), tried.arguments, tried.results)
        call = jit.formula(lambda *arguments: ready(*arguments))
        for bound in tried.bounds:
            try:
                checks.check_bits(tried.python, call, tried.cases(bound))
            except NotCompiledError:
                if bound == tried.bounds[-1]:
                    raise
            else:
                break
    except NotCompiledError as error:
        raise NotCompiledError(f"{owner.name!r} cannot be compiled to the same bits: {error}") from None
    except Exception as error:  # Numba raises many types
        raise NotCompiledError(f"{owner.name!r} cannot be compiled: {_reason(error)}") from error
    return ready, bound, tried


def _check_class(formula: Any) -> None:
    """Refuse a subclass with passes of its own: the kernels would not call them."""
    kind = next(each for each in METHODS if isinstance(formula, each))
    for method in METHODS[kind]:
        if getattr(type(formula), method) is not getattr(kind, method):
            raise NotCompiledError(f"{formula.name!r} has its own {method}(), which is not compiled")


def jitted(function: Any) -> Any:
    """Prepare a function of floats for compiling, together with the functions that it calls."""
    if not isinstance(function, FunctionType):
        if function in MATH_TRIED:
            checks.check_math(function.__name__)
        return guards.stand_in(function)
    return _jitted_builtin(function) if is_builtin(function) else _jitted_own(function)


@cache
def _jitted_builtin(function: FunctionType) -> Any:
    """Prepare a formula of slownet, which needs no stand-ins: it raises no errors."""

    def prepared(thing: Any) -> Any:
        if isinstance(thing, FunctionType):
            return _jitted_builtin(thing)
        if thing is math.frexp:
            return frexp
        return np.array(thing) if isinstance(thing, list) else thing  # a constant for Numba

    return jit.formula(_copy(function, prepared))


def _jitted_own(function: FunctionType) -> Any:
    attributes = attributes_in(function.__code__)

    def prepared(thing: Any) -> Any:
        if isinstance(thing, ModuleType):
            names = attributes.intersection(MODULES[thing])
            return guards.module(thing, {name: prepared(getattr(thing, name)) for name in names})
        if isinstance(thing, tuple):
            return tuple(map(prepared, thing))
        return jitted(thing) if callable(thing) else thing

    return jit.own_formula(_copy(function, prepared))


def _copy(function: FunctionType, prepared: Callable[[Any], Any]) -> FunctionType:
    """Copy a function and prepare all that it reads from outside."""
    outside = {name: prepared(thing) for name, thing in globals_of(function).items()}
    outside["__name__"] = function.__module__
    closure = tuple(CellType(prepared(content)) for content in closure_of(function))
    defaults = tuple(map(prepared, function.__defaults__ or ()))
    copy = FunctionType(function.__code__, outside, function.__name__, defaults, closure)
    copy.__kwdefaults__ = {
        name: prepared(each) for name, each in (function.__kwdefaults__ or {}).items()
    }
    return copy


def _reason(error: Exception) -> str:
    """Return what Numba says of the innermost function that it cannot compile."""
    lines = [line.strip() for line in str(error).rpartition("Failed in ")[2].splitlines()]
    reason = next((line for line in lines if line and not line.startswith("nopython")), repr(error))
    if reason.startswith("Cannot bind") and "<locals>.guarded" in str(error):
        return "round with digits, log with a base and the like have other last digits when compiled"
    words = reason.partition(": %")[0].removesuffix(" found for signature:")  # without LLVM's code
    return f"Numba says: {words}"
