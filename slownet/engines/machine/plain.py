"""The innermost loops in Python: what they compute, and what runs where `lanes.py` does not.

All arrays are flat, and `at` is an index in one. A row of a matrix is `width` long, a multiple of 8; the
next row begins `stride` further on.
"""

from __future__ import annotations

from typing import Any

from slownet.engines.machine.jit import EIGHT, FOUR, inlined


@inlined
def list_sums(
    out: Any,
    out_at: int,
    start: Any,
    start_at: int,
    rows: Any,
    rows_at: int,
    stride: int,
    width: int,
    index: Any,
    number: Any,
    first: int,
    last: int,
) -> None:
    """Add up listed rows: out[j] = start[j] + number[k] * rows[index[k], j] + ..., k = first, ...."""
    for j in range(width):
        out[out_at + j] = start[start_at + j]
    for k in range(first, last):
        x, at = number[k], rows_at + index[k] * stride
        for j in range(width):
            out[out_at + j] += x * rows[at + j]


@inlined
def list_sums_descend(
    out: Any,
    out_at: int,
    start: Any,
    start_at: int,
    rows: Any,
    rows_at: int,
    stride: int,
    width: int,
    index: Any,
    number: Any,
    first: int,
    last: int,
    rate: float,
    factor: float,
) -> None:
    """Compute the same sums, and take a step of descent: out[j] -= rate * (factor * total)."""
    for j in range(width):
        total = start[start_at + j]
        for k in range(first, last):
            total += number[k] * rows[rows_at + index[k] * stride + j]
        out[out_at + j] -= rate * (factor * total)


@inlined
def four_sums(
    out: Any,
    out_at: int,
    out_row: int,
    start: Any,
    start_at: int,
    start_row: int,
    left: Any,
    left_at: int,
    left_row: int,
    left_step: int,
    rows: Any,
    rows_at: int,
    stride: int,
    width: int,
    count: int,
) -> None:
    """Four rows of a product of matrices.

    out[r, j] = start[r, j] + left[r * left_row + k * left_step] * rows[k, j] + ..., k = 0 ... count - 1.
    """
    for r in range(FOUR):
        at = out_at + r * out_row
        for j in range(width):
            out[at + j] = start[start_at + r * start_row + j]
        for k in range(count):
            x = left[left_at + r * left_row + k * left_step]
            for j in range(width):
                out[at + j] += x * rows[rows_at + k * stride + j]


@inlined
def four_sums_descend(
    out: Any,
    out_at: int,
    out_row: int,
    start: Any,
    start_at: int,
    start_row: int,
    left: Any,
    left_at: int,
    left_row: int,
    left_step: int,
    rows: Any,
    rows_at: int,
    stride: int,
    width: int,
    count: int,
    rate: float,
    factor: float,
) -> None:
    """Compute the same sums, and take a step of descent."""
    for r in range(FOUR):
        for j in range(width):
            total = start[start_at + r * start_row + j]
            for k in range(count):
                total += left[left_at + r * left_row + k * left_step] * rows[rows_at + k * stride + j]
            out[out_at + r * out_row + j] -= rate * (factor * total)


@inlined
def outer_descend(
    out: Any,
    out_at: int,
    stride: int,
    width: int,
    delta: Any,
    delta_at: int,
    index: Any,
    number: Any,
    first: int,
    last: int,
    rate: float,
    factor: float,
) -> None:
    """Take a step of descent by the gradients of one sample, number[k] * delta[j]."""
    for k in range(first, last):
        x, at = number[k], out_at + index[k] * stride
        for j in range(width):
            out[at + j] -= rate * (factor * (0.0 + x * delta[delta_at + j]))


@inlined
def transpose_block(out: Any, out_at: int, out_row: int, rows: Any, rows_at: int, stride: int) -> None:
    """Copy 8 x 8 numbers with rows and columns exchanged."""
    for r in range(EIGHT):
        for c in range(EIGHT):
            out[out_at + c * out_row + r] = rows[rows_at + r * stride + c]
