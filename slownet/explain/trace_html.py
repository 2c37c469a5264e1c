"""A trace in a notebook: its phases and neurons unfold to their operations, without a script."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slownet.explain.trace import Operation, Trace

MOST = 2000  # operations that are listed


def trace_html(trace: Trace) -> str:
    """Return a trace as nested <details>: each phase, in it whose numbers, in these the operations."""
    shown = trace[:MOST]
    body = "".join(
        _phase(phase, list(group)) for phase, group in groupby(shown, key=lambda op: op.phase)
    )
    more = ""
    if len(trace) > MOST:
        more = f"<p>the first {MOST:,} of {len(trace):,}: trace[{MOST}:] has the others</p>"
    return (
        '<div style="font-family:monospace;max-width:100%;overflow-x:auto">'
        f"<p>{len(trace):,} operations: {escape(trace.about)}</p>{body}{more}</div>"
    )


def _phase(phase: str, operations: list[Operation]) -> str:
    inside = "".join(
        _details(f"{owner}", "".join(map(_row, group)))
        for owner, group in groupby(operations, key=lambda op: op.owner)
    )
    first, last = operations[0].number, operations[-1].number
    return _details(f"{phase}: {first:,} to {last:,}", inside)


def _row(operation: Operation) -> str:
    numbers = operation._written(operation.numbers)
    return (
        f"<div>{operation.number} {escape(operation.name)} = {escape(operation.formula)} = "
        f"{escape(numbers)} = {operation.result!r}</div>"
    )


def _details(summary: str, inside: str) -> str:
    return (
        f'<details style="margin-left:1em"><summary>{escape(summary)}</summary>'
        f'<div style="margin-left:1em">{inside}</div></details>'
    )
