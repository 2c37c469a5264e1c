"""Formulas for the kernels: each is compiled into a loop, which the kernels call by its address.

So one compilation of the kernels serves every formula. A user's own formula is checked against Python on
many numbers first, and refused if one bit differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from slownet.engines import formula_checks as checks
from slownet.engines import formula_loops as loops
from slownet.engines.bounds import LARGEST, TESTED
from slownet.engines.formula_checks import NotCompiledError
from slownet.engines.formula_keys import (
    closure_of,
    is_builtin,
    key_in_process,
    key_on_disk,
    names_in,
)
from slownet.engines.machine import jit
from slownet.functions.activations import SoftmaxActivation, softmax_deltas, softmax_values

if TYPE_CHECKING:
    from slownet.functions import AnyActivation, Loss, Optimizer, Regularizer

_compiled: dict[tuple[Any, ...], tuple[Any, Any]] = {}  # {key: (compiled, the formula, kept alive)}
_checked: dict[Any, Any] = {}  # {key: the formula}


def values_of(activation: AnyActivation) -> int:
    """values(z, value, rows, size, z_row, value_row, tested): f(z)."""
    if isinstance(activation, SoftmaxActivation):
        return _address(softmax_values, loops.softmax_values_loop, loops.VALUES)
    function = activation.function
    if not is_builtin(function):
        cases = ((z,) for z in checks.numbers())
        _check(activation.name, lambda z: float(function(z)), function, cases)
    return _address(function, loops.values_loop, loops.VALUES)


def deltas_of(activation: AnyActivation) -> int:
    """deltas(z, value, delta, rows, size, z_row, value_row): slopes become deltas, in place."""
    if isinstance(activation, SoftmaxActivation):
        return _address(softmax_deltas, loops.softmax_deltas_loop, loops.DELTAS)
    function, derivative = activation.function, activation.derivative
    if not is_builtin(derivative):
        pairs = ((z, checks.result_or_none(function, z)) for z in checks.numbers())
        cases = ((z, value) for z, value in pairs if value is not None)
        _check(activation.name, lambda z, value: float(derivative(z, value)), derivative, cases)
    return _address(derivative, loops.deltas_loop, loops.DELTAS)


def slopes_of(loss: Loss, partner: bool) -> int:
    """slopes(value, target, slope, size, factor, tested) of a sample; with its partner the deltas."""
    if partner:
        return _address(loops.differences, lambda _: loops.differences, loops.SLOPES)
    if not is_builtin(loss.derivative):
        _check(loss.name, loss.derivative, loss.derivative, checks.outputs_and_targets(loss))
    return _address(loss.derivative, loops.slopes_loop, loops.SLOPES)


def loss_of(loss: Loss, activation: AnyActivation) -> int:
    """loss(z, value, target, size, mean) of a sample, with this output activation."""
    of_z = loss.function_of_z(activation)
    if of_z is not None:
        if not is_builtin(of_z):
            raise NotCompiledError(f"the partner_function of {loss.name!r} is not compiled")
        return _address(of_z, loops.loss_of_z_loop, loops.LOSS)
    if not is_builtin(loss.function):
        _check(loss.name, loss.function, loss.function, checks.outputs_and_targets(loss))
    return _address(loss.function, loops.loss_loop, loops.LOSS)


def update_of(optimizer: Optimizer) -> int:
    """update(value, gradient, first, second, size, rate, constants)."""
    rule, constants = optimizer.function, optimizer.constants(1)
    if any(type(number) is not float for number in constants):
        raise NotCompiledError(f"the constants of {optimizer.name!r} are not all floats: {constants!r}")
    count = len(constants)
    if not is_builtin(rule):
        _check(optimizer.name, rule, rule, checks.updates(optimizer))
    return _address(rule, lambda rule: loops.update_loop(rule, count), loops.UPDATE, count)


def penalty_of(regularizer: Regularizer) -> int:
    """penalty(value, gradient, size, strength): added to the gradients, in place."""
    derivative = regularizer.derivative
    if not is_builtin(derivative):
        _check(regularizer.name, derivative, derivative, ((w,) for w in checks.numbers()))
    return _address(derivative, loops.penalty_loop, loops.PENALTY)


def tested_up_to(formula: AnyActivation | Loss) -> float:
    """Return the distance from 0 up to which a compiled formula is known to give the bits of Python."""
    parts = () if isinstance(formula, SoftmaxActivation) else (formula.function, formula.derivative)
    return LARGEST if all(map(is_builtin, parts)) else TESTED


def _address(formula: Any, loop: Callable[[Any], Any], signature: Any, *more: object) -> int:
    key = key_in_process(formula), signature, *more
    if key not in _compiled:
        name = repr((key_on_disk(formula), signature, *more)) if is_builtin(formula) else None
        try:
            compiled = jit.compiled(loop(jitted(formula)), signature, name)
        except Exception as error:  # Numba raises many types
            raise NotCompiledError(_reason(error)) from error
        _compiled[key] = compiled, formula
    return int(_compiled[key][0].address)


def _check(
    name: str, python: Callable[..., Any], formula: Any, cases: Iterable[tuple[Any, ...]]
) -> None:
    """Check a user's formula once."""
    key = key_in_process(formula)
    if key in _checked:
        return
    try:
        ready = jitted(formula)
        checks.check_bits(python, jit.formula(lambda *arguments: ready(*arguments)), cases)
    except NotCompiledError as error:
        raise NotCompiledError(f"{name!r} cannot be compiled to the same bits: {error}") from None
    except Exception as error:
        raise NotCompiledError(f"{name!r} cannot be compiled: {_reason(error)}") from error
    _checked[key] = formula


def jitted(function: Any) -> Any:
    """Prepare a function of floats for compiling, together with the functions that it calls."""
    if not isinstance(function, FunctionType):
        return function  # Numba knows those of `math`, and raises an error for others
    if not is_builtin(function):
        checks.check_functions(function)
    names = names_in(function.__code__)
    outside = {
        name: _prepared(thing)
        for name, thing in function.__globals__.items()
        if name in names or name == "__builtins__"
    }
    outside["__name__"] = function.__module__
    closure = tuple(CellType(_prepared(content)) for content in closure_of(function))
    copy = FunctionType(function.__code__, outside, function.__name__, function.__defaults__, closure)
    copy.__kwdefaults__ = function.__kwdefaults__
    return jit.formula(copy)


def _prepared(thing: Any) -> Any:
    """Prepare what a function reads from outside; a table becomes an array, a constant for Numba."""
    if isinstance(thing, FunctionType):
        return jitted(thing)
    return np.array(thing) if isinstance(thing, list) else thing


def _reason(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines()]
    return next((line for line in lines if line and not line.startswith("Failed in")), repr(error))
