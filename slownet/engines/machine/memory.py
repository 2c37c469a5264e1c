"""Arrays by address, which kernels read from a record.

A function with many arrays as arguments is slow to compile and to call. So one record holds the
addresses of all arrays, and each function makes array values of those that it needs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.np.arrayobj import populate_array
from numba.np.numpy_support import from_dtype

from slownet.engines.machine import jit

_long = ir.IntType(64)


def _array_of(kind: Any) -> Any:
    """Make a function for kernels: the array of this kind of number at an address."""
    array = types.Array(kind, 1, "C")

    def code(context: Any, builder: Any, _: Any, args: Any) -> Any:
        made = context.make_array(array)(context, builder)
        item = context.get_data_type(kind)
        size = _long(context.get_abi_sizeof(item))
        unbounded = _long(2**62)  # the record does not hold the length
        data = builder.inttoptr(args[0], item.as_pointer())
        populate_array(made, data, shape=[unbounded], strides=[size], itemsize=size, meminfo=None)
        return made._getvalue()

    return jit.intrinsic(1, lambda typingctx, address: (array(types.uint64), code))


def _address_of(typingctx: Any, array: Any, at: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, args[0])
        return builder.ptrtoint(builder.gep(made.data, [args[1]]), _long)

    return types.uint64(array, types.uint64), code


def _prefetch(typingctx: Any, array: Any, at: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, args[0])
        where = builder.bitcast(builder.gep(made.data, [args[1]]), ir.IntType(8).as_pointer())
        short = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [where.type, short, short, short])
        fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(fetch, [where, short(0), short(3), short(1)])  # to read, into every cache, data
        return context.get_dummy_value()

    return types.void(array, types.uint64), code


floats = _array_of(types.float64)
naturals = _array_of(types.uint64)
indices = _array_of(types.uint32)
integers = _array_of(types.int64)
flags = _array_of(types.uint8)
address_of = jit.intrinsic(2, _address_of)  # the address of an element of an array
prefetch = jit.intrinsic(2, _prefetch)  # load the cache line that it is in


def records(fields: np.dtype[Any]) -> Any:
    """Make a function for kernels: the array of records at an address."""
    return _array_of(from_dtype(fields))


class Record:
    """A record for kernels: numbers, and the addresses of arrays, which it keeps alive.

    Parameters
    ----------
    fields : numpy.dtype
        Its fields: uint64 for addresses.
    """

    def __init__(self, fields: np.dtype[Any]) -> None:
        self.numbers = np.zeros(1, fields)
        self._arrays: dict[str, Any] = {}

    @property
    def address(self) -> int:
        """Its address."""
        return self.numbers.ctypes.data

    def set(self, **things: Any) -> None:
        """Set fields to numbers, or to the addresses of arrays."""
        for name, thing in things.items():
            if isinstance(thing, np.ndarray):
                self._arrays[name] = thing
                thing = thing.ctypes.data
            self.numbers[name] = thing
