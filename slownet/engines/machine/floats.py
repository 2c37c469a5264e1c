"""`frexp` for compiled formulas, from the bits of a float.

A call of the maths library keeps LLVM from computing several numbers of a loop at once: without it,
compiled `log` is six times as fast.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from slownet.engines.machine import jit

types = jit.numba().types

SMALLEST_NORMAL = 2.0**-1022
TO_NORMAL, SHIFT = 2.0**54, 54  # makes subnormal numbers normal, exactly
FRACTION = (1 << 52) - 1
HALF = 1022 << 52  # the bits of 0.5: mantissas lie from 0.5 to 1


def _bits_of(typingctx: Any, number: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), code


def _float_of(typingctx: Any, bits: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), code


bits_of = jit.intrinsic(1, _bits_of)
float_of = jit.intrinsic(1, _float_of)


@jit.formula
def frexp(number: Any) -> Any:
    """Return (m, e) with number = m 2^e and 0.5 <= m < 1, for a positive finite number."""
    is_small = number < SMALLEST_NORMAL
    bits = bits_of(number * TO_NORMAL if is_small else number)
    exponent = (bits >> 52) - 1022 - (SHIFT if is_small else 0)
    return float_of((bits & FRACTION) | HALF), exponent
