"""A trace: a step as a sequence of single operations, which can be read, sliced and done again."""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import index
from typing import TYPE_CHECKING, Any, overload

from slownet.bars import in_notebook
from slownet.checks import short
from slownet.errors import InvalidTypeError
from slownet.explain.order import Order, Part
from slownet.explain.order_update import Written
from slownet.explain.redoing import Redoing
from slownet.explain.step import Memory, NotedStep
from slownet.packages import is_installed

if TYPE_CHECKING:
    from slownet.objects import Net
    from slownet.samples import LastStep

PRINTED = 12  # operations of a trace that are printed


@dataclass(frozen=True, slots=True)
class Operation:
    """A scalar operation of a step.

    Attributes
    ----------
    number : int
        Its place in the step, from 1.
    phase : str
        "input", "forward", "loss", "backward", "gradients", "update", ...
    owner : str
        Whose number is computed: "neuron 3 of layer 1".
    name : str
        The number: "z_1_3". Numbers that the step does not keep are called "product", "derivative",
        "mean", ...
    sign : str
        "+", "-", "*", "=", or the name of a formula.
    terms : tuple of str and float
        What it is computed from, by name.
    numbers : tuple of float
        The same as numbers.
    result : float
        What comes out.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> trace = NetFactory([2, 3, 1], seed=0).new().trace([0.5, -1.0], 1)
    >>> print(trace[4].formula)
    weight_1_0_0 * value_0_0
    """

    number: int
    phase: str
    owner: str
    name: str
    sign: str
    terms: tuple[str | float, ...]
    numbers: tuple[float, ...]
    result: float

    @property
    def a(self) -> float:
        """The first number."""
        return self.numbers[0]

    @property
    def b(self) -> float | None:
        """The second number, if there is one."""
        return self.numbers[1] if len(self.numbers) > 1 else None

    def _written(self, terms: Sequence[Any]) -> str:
        texts = [each if isinstance(each, str) else f"{each + 0.0:.6g}" for each in terms]
        if self.sign == "=":
            return texts[0]
        if self.sign in ("+", "-", "*"):
            return f" {self.sign} ".join(texts)
        if len(texts) > 3:
            texts = [texts[0], "...", texts[-1]]
        return f"{self.sign}({', '.join(texts)})"

    @property
    def formula(self) -> str:
        """What is computed, with names."""
        return self._written(self.terms)

    @property
    def cells(self) -> list[str]:
        """It as cells of a table: number, phase, owner, formula, numbers."""
        numbers = f"{self._written(self.numbers)} = {self.result + 0.0:.6g}"
        return [str(self.number), self.phase, self.owner, f"{self.name} = {self.formula}", numbers]

    def __str__(self) -> str:
        left = f"{self.number:>4} {self.phase:10} {self.owner:25} {self.name} = {self.formula}"
        return f"{left}   {self._written(self.numbers)} = {self.result + 0.0:.6g}"


class Trace(Sequence[Operation]):
    """A step as a sequence of scalar operations, in the order in which the page takes them.

    `len`, indices and slices work as of a list; an operation is made when it is asked for. It can be
    copied and pickled, as its net can.

    Attributes
    ----------
    about : str
        Of which samples it is.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> trace = NetFactory([2, 3, 1], seed=0).new().trace([0.5, -1.0], 1)
    >>> len(trace), trace.closed_form, trace.replay()
    (99, 99, True)
    """

    def __init__(self, net: Net, last: LastStep, memory: Memory, about: str, has_update: bool) -> None:
        kept = {k: memory[part] for k, part in enumerate(_parts_of(net)) if part in memory}
        self.about, self._begun = about, (net.copy(), last, kept)
        self._step = step = NotedStep(net, last, memory)
        if has_update:
            step.all_updates()
        step.all_gradients()
        self._order = Order(step, has_update)
        self._parts: list[Part] = list(self._order.parts())
        counts = [sum(1 for _ in part.write()) for part in self._parts]
        self._starts = array("q", accumulate(counts, initial=0))
        self._cached: tuple[int, list[Written]] = (-1, [])

    def __len__(self) -> int:
        return self._starts[-1]

    @overload
    def __getitem__(self, place: int) -> Operation: ...
    @overload
    def __getitem__(self, place: slice) -> list[Operation]: ...
    def __getitem__(self, place: int | slice) -> Operation | list[Operation]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        try:
            at = index(place)
        except TypeError:
            raise InvalidTypeError(f"an operation has a whole number, not {short(place)}") from None
        at += len(self) if at < 0 else 0
        if not 0 <= at < len(self):
            raise IndexError(f"this trace has the operations 0 to {len(self) - 1:,}, no {place:,}")
        part = bisect_right(self._starts, at) - 1
        return self._operation(part, at - self._starts[part])

    def _operation(self, part: int, place: int) -> Operation:
        if self._cached[0] != part:
            self._cached = part, list(self._parts[part].write())
        phase, owner, _ = self._parts[part]
        return Operation(self._starts[part] + place + 1, phase, owner, *self._cached[1][place])

    def __iter__(self) -> Iterator[Operation]:
        number = 0
        for phase, owner, write in self._parts:
            for written in write():
                number += 1
                yield Operation(number, phase, owner, *written)

    @property
    def closed_form(self) -> int:
        """How many operations its graph, its options and the zeros among its numbers make."""
        from slownet.explain.counting import closed_form

        return closed_form(self._step, self._order.has_update)

    def replay(self) -> bool:
        """Do every operation again, on numbers alone; return whether all give the same bits."""
        redoing = Redoing(self._step)
        return all(
            struct.pack("d", redoing.result(each)) == struct.pack("d", each.result) for each in self
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how to make it again: from the net before the step, whose operations are the same."""
        return _again, (*self._begun, self.about, self._order.has_update)

    def find(self, name: str) -> list[Operation]:
        """Return the operations that compute a number of this name."""
        return [each for each in self if each.name == name]

    def __str__(self) -> str:
        lines = [self.about, *map(str, self[:PRINTED])]
        if len(self) > PRINTED:
            lines.append(f"... {len(self) - PRINTED:,} more operations: trace[{PRINTED}:] has them")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Trace({len(self):,} operations, {self.about})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the widget with a slider, where a notebook can show one, beside HTML."""
        if not (in_notebook() and is_installed("anywidget")):
            return {}
        from slownet.explain.trace_widget import TraceWindow

        self._window = TraceWindow(self)
        return {**self._window.bundle, "text/html": self._repr_html_(), "text/plain": repr(self)}

    def _repr_html_(self) -> str:
        from slownet.explain.trace_html import trace_html

        return trace_html(self)


def _parts_of(net: Net) -> list[Any]:
    return [*net.weights(), *net.neurons()]


def _again(
    net: Net, last: LastStep, kept: Mapping[int, tuple[float, float]], about: str, has_update: bool
) -> Trace:
    """Return a trace that was pickled."""
    parts = _parts_of(net)
    return Trace(net, last, {parts[k]: pair for k, pair in kept.items()}, about, has_update)
