"""Keys of formulas, under which compiled code is reused, in this process and on disk.

Compiled code keeps what a formula reads from outside as it was. So the key in a process holds the
content of all of it; what can change its content, or is another thing when compiled, is refused.
"""

from __future__ import annotations

import dis
import math
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any, cast

from slownet import functions
from slownet.errors import EngineError
from slownet.functions import elementary
from slownet.functions.builtin import MISSING, PLAIN, closure_of, is_builtin

MATH_VALUES = ("e", "inf", "nan", "pi", "tau")
MATH_EXACT = ("ceil", "copysign", "fabs", "floor", "isfinite", "isinf", "isnan", "sqrt", "trunc")
MATH_ROUNDED = (  # of one argument; each is compared with Python's when it is first used
    *("acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "degrees", "erf", "erfc"),
    *("exp", "expm1", "gamma", "lgamma", "log", "log10", "log1p", "log2", "radians", "sin", "sinh"),
    *("tan", "tanh"),
)
MATH = {name: getattr(math, name) for name in (*MATH_EXACT, *MATH_ROUNDED)}
MATH_TRIED = {MATH[name] for name in MATH_ROUNDED}
ELEMENTARY = ("cos", "exp", "expm1", "log", "log1p", "power", "sin", "tanh")
MODULES: dict[ModuleType, tuple[str, ...]] = {  # that a formula may read, and what of them
    math: (*MATH_VALUES, *MATH),
    functions: ELEMENTARY,
    elementary: ELEMENTARY,
}
ATTRIBUTES = frozenset(name for names in MODULES.values() for name in names)
CALLABLE = {  # what else a formula may call, by its id
    id(each)
    for each in (
        *(abs, bool, divmod, enumerate, float, int, len, max, min, range, round, zip),
        *MATH.values(),
    )
}
REPEATABLE = CALLABLE | {  # what else constants may call: a pure function of its arguments, in Python
    id(each)
    for each in (
        *(each for each in vars(math).values() if callable(each)),
        *(all, any, filter, list, map, pow, reversed, sorted, sum, tuple),
    )
}
PRODUCTS = "has other last digits when compiled: write products, or slownet.functions.power"


class NotCompiledError(EngineError):
    """A net or a formula of the user cannot be compiled to the same bits; the message has the reason."""


def is_own(formula: Any) -> bool:
    """Whether a formula is not built in."""
    parts = (getattr(formula, name, None) for name in ("function", "derivative"))
    return not all(part is None or is_builtin(part) for part in parts)


def key_in_process(formula: Any) -> Any:
    """Return a key that changes with the code of a formula and with everything that it reads.

    It holds the code itself and not its address, which could be that of another formula later.

    Raises
    ------
    NotCompiledError
        If the formula reads what can change its content, or what is another thing when compiled.
    """
    return _key(formula, "the formula", ())


def key_on_disk(function: Any) -> str:
    """Return a key of a built-in formula that is the same in every process.

    The files of `functions/` are part of every key on disk (`machine.cache.stamp`), so that the
    functions it calls need not be.
    """
    if not isinstance(function, FunctionType):
        return repr(function)
    code = function.__code__
    closure = [key_on_disk(each) if callable(each) else repr(each) for each in closure_of(function)]
    return repr((function.__module__, code.co_code, code.co_consts, code.co_names, closure))


def globals_of(function: FunctionType) -> dict[str, Any]:
    """Return what a function reads from its module and from Python, by name."""
    outside, builtin = function.__globals__, cast(Any, function).__builtins__
    names = _globals_in(function.__code__)
    return {name: outside[name] if name in outside else builtin.get(name, MISSING) for name in names}


def written_by(function: Any) -> str | None:
    """Return a name outside of a function that it changes, or that a function that it calls changes."""
    return _written(function, ())


def changeable_in(function: Any) -> str | None:
    """Return what makes two calls of a function of Python differ: what it reads or changes outside."""
    return _changeable(function, "its formula", ())


def _changeable(thing: Any, what: str, callers: tuple[CodeType, ...]) -> str | None:
    if type(thing) in PLAIN or id(thing) in REPEATABLE or _is_exception(thing) or is_builtin(thing):
        return None
    if isinstance(thing, ModuleType) and thing in MODULES:
        return None
    if type(thing) is tuple:
        return next(filter(None, (_changeable(each, what, callers) for each in thing)), None)
    if type(thing) is not FunctionType:
        return _refusal(thing, what)
    code = thing.__code__
    if code in callers:
        return None
    reads = _reads(thing)
    found = (_changeable(each, name, (*callers, code)) for name, each in reads)
    return _outside(code, frozenset(vars(math)) | ATTRIBUTES) or next(filter(None, found), None)


def _written(function: Any, callers: tuple[CodeType, ...]) -> str | None:
    function = getattr(function, "func", function)  # of a functools.partial
    function = getattr(function, "__func__", function)
    if not isinstance(function, FunctionType):
        function = getattr(type(function), "__call__", None)  # noqa: B004
    if not isinstance(function, FunctionType) or is_builtin(function) or function.__code__ in callers:
        return None
    name = _stored(function.__code__)
    reads = (*globals_of(function).values(), *closure_of(function)) if name is None else ()
    names = (_written(each, (*callers, function.__code__)) for each in reads if callable(each))
    return name or next(filter(None, names), None)


def _key(thing: Any, what: str, callers: tuple[CodeType, ...]) -> Any:
    kind = type(thing)
    if kind in PLAIN:
        return kind, repr(thing)  # 0.0 and -0.0 are equal, and nan is not
    if kind is tuple:
        return kind, *(_key(each, what, callers) for each in thing)
    if kind is FunctionType:
        return thing if is_builtin(thing) else _key_of_function(thing, callers)
    if kind is ModuleType and thing in MODULES:
        used = attributes_in(callers[-1]).intersection(MODULES[thing]) if callers else ()
        return thing, *((name, _key(getattr(thing, name), name, callers)) for name in sorted(used))
    if id(thing) in CALLABLE or _is_exception(thing):
        return thing
    if kind.__module__ == "numpy" and isinstance(thing, float):  # NumPy's float64
        return kind, repr(float(thing))
    raise NotCompiledError(_refusal(thing, what))


def _key_of_function(function: FunctionType, callers: tuple[CodeType, ...]) -> Any:
    code = function.__code__
    objection = "it calls itself" if code in callers else _difference(code) or _outside(code, ATTRIBUTES)
    if objection is not None:
        raise NotCompiledError(objection)
    return code, *((name, _key(thing, name, (*callers, code))) for name, thing in _reads(function))


def _reads(function: FunctionType) -> list[tuple[str, Any]]:
    """Return all that a function reads from outside, by name."""
    return [
        *globals_of(function).items(),
        *zip(function.__code__.co_freevars, closure_of(function), strict=True),
        *(("a default", each) for each in function.__defaults__ or ()),
        *(function.__kwdefaults__ or {}).items(),
    ]


def _refusal(thing: Any, what: str) -> str:
    kind = f"{type(thing).__module__}.{type(thing).__qualname__}".removeprefix("builtins.")
    name = str(getattr(thing, "__name__", ""))
    if thing is MISSING:
        return f"it reads {what}, which is not there yet"
    if thing is pow:
        return f"pow {PRODUCTS}"
    if thing is sum:
        return "sum adds floats in another way than compiled code: write the additions"
    if name.partition(".")[0] == "numpy" or kind == "numpy.ufunc":
        return "NumPy's functions have other last digits: use those of slownet.functions"
    if kind.startswith("numpy.") and getattr(thing, "ndim", None) == 0:
        return f"it reads {what} ({kind}), and NumPy calculates in another way: use float or int"
    if isinstance(thing, ModuleType):
        return (
            f"it reads the module {what}, whose content can change: copy what it needs into a "
            f"global of its own, such as K = {what}.K"
        )
    if getattr(thing, "__module__", "") == "math":
        return _refused_attribute(name)
    if callable(thing):
        return f"it calls {what} ({kind}), which is no plain function: write it with def or lambda"
    return f"it reads {what} ({kind}), whose content can change: use a number or a tuple of numbers"


def _refused_attribute(name: str) -> str:
    if name == "pow":
        return f"pow {PRODUCTS}"
    if hasattr(math, name):
        return f"math.{name} has other last digits when compiled: use functions of slownet.functions"
    return f"it reads the attribute {name!r}, which can change: copy what it needs into a global first"


@cache
def _globals_in(code: CodeType) -> tuple[str, ...]:
    """Return the globals that a function reads, those inside it included."""
    return tuple(sorted({each.argval for each, _ in _instructions(code) if "GLOBAL" in each.opname}))


@cache
def attributes_in(code: CodeType) -> frozenset[str]:
    """Return the attributes that a function reads, those inside it included."""
    return frozenset(each.argval for each, _ in _instructions(code) if _is_attribute(each))


@cache
def _stored(code: CodeType) -> str | None:
    """Return a variable of a module or of an outer function that a function sets."""
    instructions = list(_instructions(code))
    for (before, _), (each, inner) in zip([instructions[0], *instructions], instructions, strict=False):
        is_own = before.opname == "LOAD_FAST" and before.argval in inner.co_varnames[:1]  # of self
        if _is_store(each) and (
            "GLOBAL" in each.opname
            or (each.opname.endswith("_DEREF") and each.argval in inner.co_freevars)
            or (each.opname.endswith("_ATTR") and not is_own)
        ):
            return str(each.argval)
        if "GLOBAL" in each.opname and each.argval in ("globals", "vars", "setattr", "exec", "eval"):
            return str(each.argval)
        if _is_attribute(each) and each.argval in ("__globals__", "__dict__", "__setattr__"):
            return str(each.argval)
    return None


@cache
def _difference(code: CodeType) -> str | None:
    """Return what of a function's code would differ when compiled, too rarely to be found by trying."""
    before = None
    for each, _ in _instructions(code):
        if each.opname == "IS_OP" and before is not None and before.argrepr != "None":
            return "'is' compares places in memory, which compiled numbers do not have: write =="
        before = each
        if each.opname == "BINARY_OP" and each.argrepr.rstrip("=") == "**":
            return f"** {PRODUCTS}"
        if each.opname == "BINARY_OP" and each.argrepr.rstrip("=") in ("<<", ">>"):
            return f"{each.argrepr} loses digits when compiled: multiply or divide by a number"
    return None


@cache
def _outside(code: CodeType, attributes: frozenset[str]) -> str | None:
    """Return what a function's code changes outside of it, or an attribute but these that it reads."""
    for each, inner in _instructions(code):
        if _is_attribute(each) and each.argval not in attributes:
            return _refused_attribute(each.argval)
        changes = each.opcode in dis.hasname and not each.opname.startswith("LOAD_")
        if changes or (
            each.opname.endswith("_DEREF") and _is_store(each) and each.argval in inner.co_freevars
        ):
            return f"it changes or imports {each.argval!r}, which is outside of it"
    return None


def _is_attribute(each: dis.Instruction) -> bool:
    return each.opcode in dis.hasname and each.opname.startswith(("LOAD_ATTR", "LOAD_METHOD"))


def _is_store(each: dis.Instruction) -> bool:
    return each.opname.startswith(("STORE_", "DELETE_"))


def _is_exception(thing: Any) -> bool:
    return isinstance(thing, type) and issubclass(thing, Exception) and thing.__module__ == "builtins"


def _instructions(code: CodeType) -> Iterator[tuple[dis.Instruction, CodeType]]:
    """Yield the instructions of a function and of those inside it, each with its code."""
    for each in dis.get_instructions(code):
        yield each, code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _instructions(constant)
