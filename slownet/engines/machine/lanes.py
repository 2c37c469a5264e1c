"""The innermost loops on vectors of eight float64: LLVM's type <8 x double>.

README.md beside this file explains them; `plain.py` has the same functions as loops of Python. Both give
the same bits: every lane is a sum of its own in the order of the loop, and each product is rounded
before it is added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import binding, ir
from numba.core import cgutils, types

from slownet.engines.machine import jit

LANES = 8
FOUR = 4
_features = binding.get_host_cpu_features()
WIDE = bool(_features.get("avx512f"))  # 32 registers of 8 lanes; elsewhere 16 of 4, or 32 of 2
SINGLE = (8, 4, 2, 1) if WIDE else (4, 2, 1)  # vectors that one row of sums keeps in registers
QUADRUPLE = (4, 2, 1) if WIDE else (2, 1)  # vectors that each of four rows keeps

_double, _integer, _short = ir.DoubleType(), ir.IntType(64), ir.IntType(32)
_vector = ir.VectorType(_double, LANES)
_order = ir.VectorType(_short, LANES)


class _Emitter:
    """Writes the LLVM code of one function."""

    def __init__(self, context: Any, builder: ir.IRBuilder, kinds: Any, args: Any) -> None:
        self.builder = builder
        self.args = [
            context.make_array(kind)(context, builder, value).data
            if isinstance(kind, types.Array)
            else value
            for kind, value in zip(kinds, args, strict=True)
        ]

    def plus(self, a: Any, b: Any) -> Any:
        return self.builder.add(a, b if isinstance(b, ir.Value) else _integer(b))

    def times(self, a: Any, b: Any) -> Any:
        return self.builder.mul(a, b if isinstance(b, ir.Value) else _integer(b))

    def number(self, array: Any, at: Any) -> Any:
        return self.builder.load(self.builder.gep(array, [at]))

    def row(self, array: Any, at: Any) -> Any:
        return self.builder.zext(self.number(array, at), _integer)

    def load(self, array: Any, at: Any, vector: int = 0) -> Any:
        return self.builder.load(self._pointer(array, self.plus(at, LANES * vector)), align=8)

    def store(self, value: Any, array: Any, at: Any, vector: int = 0) -> None:
        self.builder.store(value, self._pointer(array, self.plus(at, LANES * vector)), align=8)

    def spread(self, number: Any) -> Any:
        """Fill all lanes with one number."""
        undefined = ir.Constant(_vector, ir.Undefined)
        one = self.builder.insert_element(undefined, number, _short(0))
        return self.builder.shuffle_vector(one, undefined, ir.Constant(_order, [0] * LANES))

    def add_product(self, total: Any, a: Any, b: Any) -> Any:
        return self.builder.fadd(total, self.builder.fmul(a, b))

    def descend(self, value: Any, gradient: Any, rate: Any, factor: Any) -> Any:
        """Return value - rate * (factor * gradient)."""
        step = self.builder.fmul(rate, self.builder.fmul(factor, gradient))
        return self.builder.fsub(value, step)

    def registers(self, values: list[Any]) -> list[Any]:
        """Allocate variables for vectors that change in a loop; LLVM keeps them in registers."""
        allocated = [cgutils.alloca_once(self.builder, _vector) for _ in values]
        for register, value in zip(allocated, values, strict=True):
            self.builder.store(value, register)
        return allocated

    @contextmanager
    def loop(self, first: Any, last: Any) -> Iterator[Any]:
        with cgutils.for_range(self.builder, last, first, _integer) as counter:
            yield counter.index

    def sweep(self, width: Any, sizes: tuple[int, ...], write: Callable[[Any, int], None]) -> None:
        """Divide `width` numbers into blocks of vectors, the largest blocks first."""
        done = cgutils.alloca_once_value(self.builder, _integer(0))
        for vectors in sizes:
            with self._while_fits(done, width, LANES * vectors) as j:
                write(j, vectors)

    @contextmanager
    def _while_fits(self, done: Any, width: Any, step: int) -> Iterator[Any]:
        builder = self.builder
        test, body, end = (
            builder.append_basic_block(f"sweep.{name}") for name in ("test", "body", "end")
        )
        builder.branch(test)
        builder.position_at_end(test)
        fits = builder.icmp_unsigned("<=", self.plus(builder.load(done), step), width)
        builder.cbranch(fits, body, end)
        builder.position_at_end(body)
        j = builder.load(done)
        yield j
        builder.store(self.plus(j, step), done)
        builder.branch(test)
        builder.position_at_end(end)

    def _pointer(self, array: Any, at: Any) -> Any:
        return self.builder.bitcast(self.builder.gep(array, [at]), _vector.as_pointer())


def _emitted(kinds: str) -> Callable[[Callable[..., None]], Any]:
    """Make a function for kernels; kinds are those of its arguments: a(rray), n(atural), x (float)."""
    numbers = {"n": types.uint64, "x": types.float64}

    def make(write: Callable[..., None]) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            emitter = _Emitter(context, builder, signature.args, args)
            write(emitter, *emitter.args)
            return context.get_dummy_value()

        def typed(typingctx: Any, *given: Any) -> Any:
            wanted = [numbers.get(kind, each) for kind, each in zip(kinds, given, strict=True)]
            return types.void(*wanted), code

        return jit.intrinsic(len(kinds), typed)

    return make


def _finish(e: _Emitter, totals: list[Any], out: Any, at: Any, rate: Any, factor: Any) -> None:
    """Store the totals or, given a rate, subtract a step of descent from what is stored."""
    for v, register in enumerate(totals):
        total = e.builder.load(register)
        if rate is not None:
            total = e.descend(e.load(out, at, v), total, e.spread(rate), e.spread(factor))
        e.store(total, out, at, v)


def _list_sums(
    e: _Emitter,
    out: Any,
    out_at: Any,
    start: Any,
    start_at: Any,
    rows: Any,
    rows_at: Any,
    stride: Any,
    width: Any,
    index: Any,
    number: Any,
    first: Any,
    last: Any,
    rate: Any = None,
    factor: Any = None,
) -> None:
    def block(j: Any, vectors: int) -> None:
        at = e.plus(start_at, j)
        totals = e.registers([e.load(start, at, v) for v in range(vectors)])
        with e.loop(first, last) as k:
            x = e.spread(e.number(number, k))
            at = e.plus(e.plus(rows_at, j), e.times(e.row(index, k), stride))
            for v, total in enumerate(totals):
                e.builder.store(e.add_product(e.builder.load(total), x, e.load(rows, at, v)), total)
        _finish(e, totals, out, e.plus(out_at, j), rate, factor)

    e.sweep(width, SINGLE, block)


def _four_sums(
    e: _Emitter,
    out: Any,
    out_at: Any,
    out_row: Any,
    start: Any,
    start_at: Any,
    start_row: Any,
    left: Any,
    left_at: Any,
    left_row: Any,
    left_step: Any,
    rows: Any,
    rows_at: Any,
    stride: Any,
    width: Any,
    count: Any,
    rate: Any = None,
    factor: Any = None,
) -> None:
    def block(j: Any, vectors: int) -> None:
        each = [_integer(r) for r in range(FOUR)]
        starts = [e.plus(e.plus(start_at, j), e.times(r, start_row)) for r in each]
        lefts = [e.plus(left_at, e.times(r, left_row)) for r in each]
        totals = [e.registers([e.load(start, at, v) for v in range(vectors)]) for at in starts]
        with e.loop(_integer(0), count) as k:
            at = e.plus(e.plus(rows_at, j), e.times(k, stride))
            weights = [e.load(rows, at, v) for v in range(vectors)]
            along = e.times(k, left_step)
            for own, line in zip(lefts, totals, strict=True):
                x = e.spread(e.number(left, e.plus(own, along)))
                for weight, total in zip(weights, line, strict=True):
                    e.builder.store(e.add_product(e.builder.load(total), x, weight), total)
        for r, line in zip(each, totals, strict=True):
            _finish(e, line, out, e.plus(e.plus(out_at, j), e.times(r, out_row)), rate, factor)

    e.sweep(width, QUADRUPLE, block)


def _outer_descend(
    e: _Emitter,
    out: Any,
    out_at: Any,
    stride: Any,
    width: Any,
    delta: Any,
    delta_at: Any,
    index: Any,
    number: Any,
    first: Any,
    last: Any,
    rate: Any,
    factor: Any,
) -> None:
    zero, rates, factors = e.spread(_double(0.0)), e.spread(rate), e.spread(factor)

    def block(j: Any, vectors: int) -> None:
        deltas = [e.load(delta, e.plus(delta_at, j), v) for v in range(vectors)]
        with e.loop(first, last) as k:
            x = e.spread(e.number(number, k))
            at = e.plus(e.plus(out_at, j), e.times(e.row(index, k), stride))
            for v, own in enumerate(deltas):
                gradient = e.add_product(zero, x, own)
                e.store(e.descend(e.load(out, at, v), gradient, rates, factors), out, at, v)

    e.sweep(width, SINGLE, block)


def _transpose_block(
    e: _Emitter, out: Any, out_at: Any, out_row: Any, rows: Any, rows_at: Any, stride: Any
) -> None:
    """Copy 8 x 8 numbers with rows and columns exchanged: three rounds of swapping halves."""
    block = [e.load(rows, e.plus(rows_at, e.times(_integer(r), stride))) for r in range(LANES)]
    for bit in (1, 2, 4):
        low = [c if not c & bit else LANES + (c ^ bit) for c in range(LANES)]
        high = [c | bit if not c & bit else LANES + c for c in range(LANES)]
        for r in range(LANES):
            if not r & bit:
                pair = block[r], block[r | bit]
                block[r] = e.builder.shuffle_vector(*pair, ir.Constant(_order, low))
                block[r | bit] = e.builder.shuffle_vector(*pair, ir.Constant(_order, high))
    for r, row in enumerate(block):
        e.store(row, out, e.plus(out_at, e.times(_integer(r), out_row)))


list_sums = _emitted("ananannnaann")(_list_sums)
list_sums_descend = _emitted("ananannnaannxx")(_list_sums)
four_sums = _emitted("annannannnannnn")(_four_sums)
four_sums_descend = _emitted("annannannnannnnxx")(_four_sums)
outer_descend = _emitted("annnanaannxx")(_outer_descend)
transpose_block = _emitted("annann")(_transpose_block)
