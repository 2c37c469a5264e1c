"""Which functions are slownet's own, and call none of a user's."""

from __future__ import annotations

import math
import sys
from types import FunctionType
from typing import Any

BUILTIN = "slownet.functions."
PLAIN = (float, int, bool, str, type(None))
MISSING = object()


def is_builtin(function: Any) -> bool:
    """Whether a function is one of slownet's, and calls no function of the user.

    Its globals tell: `functools.wraps` gives any function the `__module__` of another.
    """
    if not isinstance(function, FunctionType):
        return function is abs
    name = str(function.__globals__.get("__name__"))
    if not name.startswith(BUILTIN) or function.__globals__ is not vars(sys.modules.get(name, math)):
        return False
    return all(type(content) in PLAIN or is_builtin(content) for content in closure_of(function))


def closure_of(function: FunctionType) -> list[Any]:
    """Return what a function reads from the functions around it."""
    contents = []
    for cell in function.__closure__ or ():
        try:
            contents.append(cell.cell_contents)
        except ValueError:  # not assigned yet
            contents.append(MISSING)
    return contents
