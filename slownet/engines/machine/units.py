"""Units: compiled functions that call each other by address.

Numba compiles a function again in each function that calls it. So the large ones are units: compiled
once, kept on disk, and called by address. All have the same five whole numbers as arguments: the
addresses of the two records, the number of a layer, and a range of rows, from the first to before the
last.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from llvmlite import ir
from numba import types

from slownet.engines.machine import jit

UNIT = types.int64(*[types.uint64] * 5)


class Unit:
    """A function that is compiled when its address is first used."""

    def __init__(self, function: Callable[..., int]) -> None:
        self.function = function

    @cached_property
    def compiled(self) -> Any:
        """The machine code."""
        return jit.compiled(self.function, UNIT, jit.full_name(self.function), jit.OPTIONS)

    @property
    def address(self) -> int:
        """Its address."""
        return int(self.compiled.address)

    def __call__(self, *numbers: int) -> int:
        """Call it from Python, with the GIL released."""
        return int(self._call(*numbers))

    @cached_property
    def _call(self) -> Callable[..., int]:
        call: Callable[..., int] = self.compiled.ctypes
        return call


def unit(function: Callable[..., int]) -> Unit:
    """Make a unit of a function of five whole numbers."""
    return Unit(function)


def caller(signature: Any) -> Any:
    """Make a function that calls the function at an address: call(address, *arguments).

    Where the signature has a pointer, the argument is an `address_of`.
    """
    pointers = [isinstance(kind, types.CPointer) for kind in signature.args]
    kinds = [
        types.uint64 if is_one else kind for is_one, kind in zip(pointers, signature.args, strict=True)
    ]

    def code(context: Any, builder: Any, _: Any, args: Any) -> Any:
        result, *wanted = map(context.get_value_type, (signature.return_type, *signature.args))
        given = [
            builder.inttoptr(argument, kind) if is_one else argument
            for argument, kind, is_one in zip(args[1:], wanted, pointers, strict=True)
        ]
        kind = ir.FunctionType(result, wanted).as_pointer()
        return builder.call(builder.inttoptr(args[0], kind), given)

    def typed(typingctx: Any, address: Any, *arguments: Any) -> Any:
        return signature.return_type(types.uint64, *kinds), code

    return jit.intrinsic(1 + len(kinds), typed)


call_unit = caller(UNIT)
