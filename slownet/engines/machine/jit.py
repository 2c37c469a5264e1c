"""Compiling with Numba: the options that keep the bits, and compiled code that is kept on disk."""

from __future__ import annotations

import hashlib
import inspect
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache, wraps
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from slownet.engines.machine.cache import directory, stamp
from slownet.engines.machine.interrupts import held_interrupts
from slownet.errors import EngineError

Function = TypeVar("Function", bound=Callable[..., Any])
Array = npt.NDArray[Any]

# Computed indices must be unsigned: with signed ones LLVM emits scattered loads, 3 to 5 times slower.
ZERO: Any = np.uint64(0)
ONE: Any = np.uint64(1)
FOUR: Any = np.uint64(4)
EIGHT: Any = np.uint64(8)

# No fast-math and no bounds checks; x / 0 is inf as in IEEE 754; the GIL is released. Kernels get all
# arrays by address and allocate none, so that references need not be counted (_nrt).
FORMULA: dict[str, Any] = {"error_model": "numpy", "boundscheck": False, "nogil": True}
OPTIONS = {**FORMULA, "_nrt": False}


@cache
def numba() -> Any:
    """Import Numba with the maths library of the system, not Intel's, whose last bits differ.

    Raises
    ------
    EngineError
        If it is not installed, or cannot be imported.
    """
    before = os.environ.get("NUMBA_DISABLE_INTEL_SVML")
    os.environ["NUMBA_DISABLE_INTEL_SVML"] = "1"
    try:
        with held_interrupts():
            import numba
    except Exception as error:  # an incompatible package may raise anything
        raise EngineError(_without_numba(error)) from error
    finally:
        if before is None:
            del os.environ["NUMBA_DISABLE_INTEL_SVML"]
        else:
            os.environ["NUMBA_DISABLE_INTEL_SVML"] = before
    return numba


def _without_numba(error: Exception) -> str:
    if sys.platform == "emscripten":
        return (
            "the compiled engine needs Numba, which cannot run in a browser: take engine='auto' or "
            "'scalar', which give the same bits, or a Python on your computer"
        )
    return f"the compiled engine needs Numba, which cannot be imported ({error}): pip install numba"


def kernel(function: Function) -> Function:
    """Compile a function that compiled functions call."""
    compiled: Function = numba().njit(**OPTIONS)(function)
    return compiled


def inlined(function: Function) -> Function:
    """Compile a function that is inlined where it is called."""
    compiled: Function = numba().njit(**OPTIONS, forceinline=True)(function)
    return compiled


def formula(function: Function) -> Function:
    """Compile a function of floats, inlined where it is called: a loop of calls is not vectorised."""
    compiled: Function = numba().njit(**FORMULA, forceinline=True)(function)
    return compiled


def own_formula(function: Function) -> Function:
    """Compile a user's function of floats: it raises errors where Python does."""
    compiled: Function = numba().njit(**{**FORMULA, "error_model": "python"})(function)
    return compiled


def entry(function: Function) -> Function:
    """Compile a function that Python calls, and keep it on disk."""
    compiled: Any = numba().njit(**OPTIONS)(function)
    with suppress(Exception):  # without a cache everything still works
        compiled._cache = _kept_cache(function, full_name(function))

    @wraps(function)
    def called(*args: Any) -> Any:
        with held_interrupts():  # it is compiled at its first call
            return compiled(*args)

    return called  # type: ignore[return-value]


def compiled(
    function: Callable[..., Any], signature: Any, name: str | None, options: dict[str, Any] = FORMULA
) -> Any:
    """Compile a function to be called by its `address`, which is valid while the result exists.

    Parameters
    ----------
    function : callable
        What to compile.
    signature : Numba signature
        The types of its arguments and its result.
    name : str or None
        Its key on disk, which no other function has; None does not keep it there.
    """
    numba()
    from numba.core.ccallback import CFunc

    code: Any = CFunc(function, (signature.args, signature.return_type), {}, dict(options))
    if name is not None:
        with suppress(Exception):  # without a cache everything still works
            code._cache = _kept_cache(function, name)
    with held_interrupts():
        code.compile()
    return code


def intrinsic(count: int, typed: Callable[..., Any]) -> Any:
    """Make a function for kernels from one that returns its types and a writer of its code."""
    numba()
    from numba.extending import intrinsic

    names = ["typingctx", *(f"argument{place}" for place in range(count))]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    typed.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])  # type: ignore[attr-defined]
    return intrinsic(typed)


def aligned(count: int, dtype: npt.DTypeLike = float) -> Array:
    """Return an array of zeros that begins at a cache line."""
    size = np.dtype(dtype).itemsize * count
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].view(dtype)


def full_name(function: Callable[..., Any]) -> str:
    """Return a name that tells a function of slownet's from all others."""
    return f"{function.__module__}.{function.__qualname__}"


def _kept_cache(function: Callable[..., Any], name: str) -> Any:
    from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator

    key = hashlib.sha256(f"{stamp()} {name}".encode()).hexdigest()[:16]

    class Place(_CacheLocator):  # type: ignore[misc]
        @classmethod
        def from_function(cls, py_func: object, py_file: object) -> Place:
            return cls()

        def get_cache_path(self) -> str:
            return str(directory())

        def get_source_stamp(self) -> str:
            return key

        def get_disambiguator(self) -> str:
            return key

    class Implementation(CompileResultCacheImpl):  # type: ignore[misc]
        _locator_classes = (Place,)

    class KeptCache(FunctionCache):  # type: ignore[misc]
        _impl_class = Implementation

        def load_overload(self, *args: Any) -> Any:
            try:
                return super().load_overload(*args)
            except Exception:  # a damaged file: compile anew
                return None

        def save_overload(self, *args: Any) -> None:
            with suppress(Exception):  # a full disk, or nowhere to write: compile again next time
                super().save_overload(*args)

        def _index_key(self, sig: Any, codegen: Any) -> Any:
            return sig, codegen.magic_tuple(), key

    return KeptCache(function)
