"""What a user's formula is compiled with: stand-ins for functions of Python, and calls that cannot fail.

Where Python raises an error, or where whole numbers would not fit into 64 bits, the compiled formula
raises one too and gives nan to the kernels. That is out of bounds, so the object loops take the step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

from llvmlite import ir
from numba import types

from slownet.engines.bounds import LARGEST
from slownet.engines.formula_keys import MATH_TRIED
from slownet.engines.machine import jit

LARGEST_WHOLE = 2.0**53  # every whole number up to here is a float, and their sums fit into 64 bits
TO_WHOLE = (int, round, math.floor, math.ceil, math.trunc)


@cache
def stand_in(function: Any) -> Any:
    """Return what a formula calls instead of a function of Python or of `math` when it is compiled."""
    if function in TO_WHOLE:
        return jit.own_formula(_whole(function))
    if function is math.sqrt or function in MATH_TRIED:
        return jit.own_formula(_finite(function))
    return function


def module(original: ModuleType, contents: dict[str, Any]) -> ModuleType:
    """Return a module with these contents, which Numba takes for a module of functions and numbers."""
    copy = ModuleType(original.__name__)
    vars(copy).update(contents)
    return copy


def _finite(function: Callable[[float], float]) -> Callable[[float], float]:
    """Guard a function of `math`: it raises errors instead of returning inf and nan."""

    def guarded(x: float) -> float:
        result = function(x)
        if not abs(result) <= LARGEST:
            raise ValueError
        return result

    return guarded


def _whole(function: Callable[[float], int]) -> Callable[[float], int]:
    """Guard a function that makes whole numbers; it takes one argument, as `round` with two differs."""

    def guarded(x: float) -> int:
        if not -LARGEST_WHOLE <= float(x) <= LARGEST_WHOLE:
            raise OverflowError
        return function(x)

    return guarded


def or_nan(function: Any, count: int, results: int) -> Any:
    """Make a compiled function that returns nan where another one raises an error.

    Parameters
    ----------
    function : Numba function
        The other function.
    count : int
        How many arguments it is called with.
    results : int
        How many floats it returns; those of a tuple, if more than one.
    """
    result = types.float64 if results == 1 else types.UniTuple(types.float64, results)
    dispatcher = function
    if not hasattr(function, "get_call_template"):  # one of Python's
        calls: dict[int, Callable[..., Any]] = {1: lambda x: function(x), 2: lambda x, y: function(x, y)}
        dispatcher = jit.own_formula(calls[count])

    def typed(_: Any, *arguments: Any) -> Any:
        _, _, given, _ = dispatcher.get_call_template(arguments, {})  # compiles it
        compiled = dispatcher.overloads[tuple(given)]
        found = compiled.signature

        def code(context: Any, builder: Any, _: Any, args: Any) -> Any:
            omitted = [context.get_dummy_value()] * (len(found.args) - len(args))
            context.active_code_library.add_linking_library(compiled.library)
            status, value = context.call_internal_no_propagate(
                builder, compiled.fndesc, found, [*args, *omitted]
            )
            kind = context.get_value_type(result)
            nan = ir.Constant(ir.DoubleType(), math.nan)
            nans = nan if results == 1 else ir.Constant(kind, [nan] * results)
            value = context.cast(builder, value, found.return_type, result)
            return builder.select(status.is_ok, value, nans)

        return result(*arguments), code

    return jit.intrinsic(count, typed)
