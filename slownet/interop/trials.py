"""Inputs with which an exported net is tried, and what the net makes of them."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, isfinite
from random import Random
from typing import Any

from slownet.datasets.tables.columns import CATEGORY, NUMBER
from slownet.functions import Loss
from slownet.interop.arrays import Array, matrices_of, vectors_of
from slownet.objects import Net
from slownet.recording import Graph
from slownet.samples import Preparation
from slownet.samples.plain import plain_list

RANDOM, WIDE = 60, 12  # how many rows are drawn, near to 0 and far from it
EDGES = {  # the numbers of a row, of which some are negated
    "zeros": 0.0,
    "ones": 1.0,
    "tiny": 1e-12,
    "denormal": 5e-324,
    "large": 1e6,
    "huge": 1e100,
}
GRADIENTS = 12  # rows with which gradients are compared
MOST = 1e290  # beyond, a sum in another order may overflow


@dataclass
class Trials:
    """Rows, and what the net makes of them.

    Attributes
    ----------
    cells : list of rows
        In the units of the table: a cell for each column; None is a gap.
    prepared : list of rows
        The same as the net gets them.
    kinds : dict
        {what the rows are: how many}.
    outputs : list of rows
        The values of the output neurons.
    own_outputs : list of rows
        The same in the units of the targets.
    sizes : list of float
        For each row the largest number that occurs in the net, at least 1.
    gradient_rows : list of rows
        Those of `prepared` with which gradients are compared.
    coefficients : list of rows
        For each of them what the gradients are of: the sum of coefficient times output.
    left_out : int
        How many rows overflow in the net, and are not tried.
    """

    cells: list[list[Any]] = field(default_factory=list)
    prepared: list[list[float]] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    outputs: list[list[float]] = field(default_factory=list)
    own_outputs: list[list[float]] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)
    gradient_rows: list[list[float]] = field(default_factory=list)
    coefficients: list[list[float]] = field(default_factory=list)
    left_out: int = 0

    @classmethod
    def of(cls, net: Net, seed: int, samples: list[Any], largest: float = MOST) -> Trials:
        """Draw rows, and send them through a copy of the net.

        Parameters
        ----------
        net : Net
        seed : int
        samples : list of rows
            More rows, in the units of the table.
        largest : float
            Rows with which a larger number occurs in the net are left out.
        """
        made, draw = cls(), Random(seed)  # noqa: S311  # no secret
        copy = net.copy()
        scales = net.encoder(preparation=net.preparation).scales or [(0.0, 1.0)] * len(net.outputs)
        given = [("given", _given(net.preparation, row)) for row in samples]
        drawn = [*_rows(net, draw), *given]
        everything = _prepared(net.preparation, [row for _, row in drawn])
        for (kind, row), prepared in zip(drawn, everything, strict=True):
            outputs = _outputs(copy, prepared)
            numbers = [number for each in copy.neurons() for number in (each.z, each.value)]
            size = max(map(abs, numbers), default=inf) if outputs else inf
            if not (size <= largest and all(map(isfinite, numbers))):
                made.left_out += 1
                continue
            made.kinds[kind] = made.kinds.get(kind, 0) + 1
            made.cells.append(row)
            made.prepared.append(prepared)
            made.outputs.append(outputs)
            own = [v * s + c for v, (c, s) in zip(outputs, scales, strict=True)]
            is_scaled = any(each != (0.0, 1.0) for each in scales)
            made.own_outputs.append(own if is_scaled else outputs)
            made.sizes.append(max(1.0, size))
        step = max(1, len(made.prepared) // GRADIENTS)
        made.gradient_rows = made.prepared[::step][:GRADIENTS]
        made.coefficients = [[draw.gauss(0.0, 1.0) for _ in net.outputs] for _ in made.gradient_rows]
        return made


def _rows(net: Net, draw: Random) -> list[tuple[str, list[Any]]]:
    """Draw rows in the units of the table, with what they are."""
    preparation = net.preparation
    width = len(preparation.columns) if preparation else len(net.inputs)
    found = []
    for kind, count, spread in ("random", RANDOM, 1.0), ("wide", WIDE, 100.0):
        found += [
            (kind, _cells(preparation, [draw.gauss(0.0, spread) for _ in range(width)], draw))
            for _ in range(count)
        ]
    for kind, number in EDGES.items():
        for signs in ([1] * width, [-1] * width, [draw.choice((1, -1)) for _ in range(width)]):
            found.append((kind, _cells(preparation, [sign * number for sign in signs], draw)))
    if preparation and any(column.fill is not None for column in preparation.columns):
        for _ in range(WIDE):
            row = _cells(preparation, [draw.gauss(0.0, 1.0) for _ in range(width)], draw)
            gaps = [column.fill is not None and draw.random() < 0.5 for column in preparation.columns]
            found.append(("gaps", [None if gap else cell for gap, cell in zip(gaps, row, strict=True)]))
    return found


def _cells(preparation: Preparation | None, numbers: list[float], draw: Random) -> list[Any]:
    """Return a row of a table whose numbers become these, as nearly as floats can."""
    if preparation is None:
        return numbers
    row: list[Any] = []
    for column, number in zip(preparation.columns, numbers, strict=True):
        if column.kind == CATEGORY:
            row.append(draw.choice(column.categories))
        elif column.kind == NUMBER:
            row.append(number * column.scale + column.centre)
        else:
            row.append(float(number > 0.0))
    return row


def _given(preparation: Preparation | None, row: Any) -> list[Any]:
    """Return a row of the user's as Python's own cells, in which None is a gap."""
    cells = plain_list(row)
    return cells if preparation is None else [None if c != c or c == "" else c for c in cells]


def _prepared(preparation: Preparation | None, rows: list[list[Any]]) -> list[list[float]]:
    if preparation is None or not rows:
        return [[*map(float, row)] for row in rows]
    found: list[list[float]] = preparation.prepared(rows).tolist()
    return found


def _outputs(net: Net, row: list[float]) -> list[float]:
    """Return the outputs; none where a formula of the user's fails, as its numbers overflow."""
    try:
        return net.forward(row)
    except (ArithmeticError, ValueError):
        return []


def gradients_of(
    net: Net, rows: Sequence[list[float]], coefficients: Sequence[list[float]]
) -> list[tuple[dict[Any, Array], dict[int, Array]]]:
    """Return, for each row, the gradients of sum(coefficient * output) as matrices and vectors."""
    copy = net.copy()
    copy.classes = None
    copy.loss = Loss("weighted outputs", lambda value, target: value * target, lambda _, target: target)
    graph, found = Graph.of(copy), []
    inputs = copy.inputs
    for row, wanted in zip(rows, coefficients, strict=True):
        copy.zero_grad()
        copy.forward(row)
        copy.backward(wanted)
        weights = array("d", [weight.grad for weight in copy.weights()])
        biases = [each.bias_grad for each in copy.neurons() if each.layer is not inputs]
        found.append((matrices_of(graph, weights), vectors_of(graph, biases)))
    return found
