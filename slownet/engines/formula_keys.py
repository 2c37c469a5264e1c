"""Keys of formulas, under which compiled code is reused, in this process and on disk."""

from __future__ import annotations

from types import CodeType, FunctionType
from typing import Any

BUILTIN = "slownet.functions."
DEEPEST = 9  # levels of calls that a key includes


def is_builtin(function: Any) -> bool:
    """Whether a function is one of slownet's, and calls no function of the user."""
    if not isinstance(function, FunctionType):
        return function is abs
    return str(function.__module__).startswith(BUILTIN) and all(
        isinstance(content, (int, float)) or is_builtin(content) for content in closure_of(function)
    )


def key_in_process(formula: Any, depth: int = 0) -> Any:
    """Return a key that changes with the formula and with every number that it reads from outside."""
    if not isinstance(formula, FunctionType) or depth > DEEPEST:
        return repr(formula) if isinstance(formula, (int, float, str, type(None))) else id(formula)
    outside = (*globals_of(formula).values(), *closure_of(formula))
    return (id(formula), *(key_in_process(each, depth + 1) for each in outside if each is not formula))


def key_on_disk(function: Any) -> str:
    """Return a key of a built-in formula that is the same in every process.

    The files of `functions/` are part of every key on disk (`machine.jit.stamp`), so that the functions
    it calls need not be.
    """
    if not isinstance(function, FunctionType):
        return repr(function)
    code = function.__code__
    closure = [key_on_disk(each) if callable(each) else repr(each) for each in closure_of(function)]
    return repr((function.__module__, code.co_code, code.co_consts, code.co_names, closure))


def closure_of(function: FunctionType) -> list[Any]:
    """Return what a function reads from the functions around it."""
    return [cell.cell_contents for cell in function.__closure__ or ()]


def globals_of(function: FunctionType) -> dict[str, Any]:
    """Return what a function reads from its module."""
    outside, names = function.__globals__, names_in(function.__code__)
    return {name: outside[name] for name in names if name in outside}


def names_in(code: CodeType) -> set[str]:
    """Return the names of globals and attributes in a function, those inside it included."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*map(names_in, inner))
