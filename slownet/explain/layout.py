"""What is shown of a derivation: its formula step by step, or its sum term by term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slownet.explain.notation import TEXT, Notation
from slownet.explain.tape import FORMULA, SAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from slownet.explain.derivation import Derivation

MOST_REASONS = 3
LONGEST = 120  # letters of a formula that stands in one line of HTML


@dataclass(frozen=True)
class Row:
    """A term of a sum that is shown: its sign, its formula with names and with numbers, its value."""

    sign: str
    formula: str
    numbers: str
    value: float
    place: int


@dataclass(frozen=True)
class Layout:
    """How a number is shown.

    Attributes
    ----------
    steps : list of str
        The formula as it is called, written out, with numbers: each equals the number.
    rows : list of Row
        The terms that are shown, where it is a long sum; otherwise none.
    left_out : int
        How many terms are not shown: the smallest.
    reasons : list of str
        Why the formula took this branch.
    note : str
        What else is to be said.
    """

    steps: list[str]
    rows: list[Row]
    left_out: int
    reasons: list[str]
    note: str

    @property
    def left_out_words(self) -> str:
        """What the terms say that are not shown."""
        return f"and {self.left_out:,} smaller terms, each added in its place"


def lay_out(
    derivation: Derivation, most: int, number: Callable[[float], str], notation: Notation = TEXT,
    name: Callable[[int], str] | None = None,
) -> Layout:  # fmt: skip
    """Return the layout of a number that is not given; `most` terms of a sum are shown."""
    graph, place = derivation._graph, derivation._place
    tape, name = graph.tape, name or graph.name
    graph.prepare(place)

    def value(at: int) -> str:
        return number(tape.results[at])

    note = ""
    if tape.codes[place] == FORMULA:
        note = (
            "The inside of this formula was not seen: it does not calculate with Python's floats alone."
        )
    if tape.codes[place] == SAME and tape.is_constant(tape.a[place]) and not graph.called(place, name):
        note = "Nothing was added to it: a factor of every product is 0, or none led here."
    reasons = [] if graph.called(place, name).startswith("softmax(") else graph.because(place, name)
    if len(reasons) > MOST_REASONS:
        more = len(reasons) - MOST_REASONS
        reasons = [*reasons[:MOST_REASONS], f"{more} more comparisons"]
    called = graph.called(place, name, notation)
    terms = graph.terms(place)
    if len(terms) > MANY_TERMS:
        chosen, left_out = _largest(derivation, terms, most)
        rows = [
            Row(
                "" if not k and sign == "+" else sign,
                graph.formula(at, name, notation, 2 if sign == "-" else 1, top=False),
                "" if graph.is_single(at) else graph.formula(at, value, notation, 2, top=False),
                tape.results[at],
                at,
            )
            for k, (sign, at) in enumerate(chosen)
        ]
        return Layout([called] if called else [], rows, left_out, reasons, note)
    steps = [called] if called else []
    steps += [graph.formula(place, name, notation), graph.formula(place, value, notation)]
    if steps[0] == steps[1]:
        del steps[0]
    return Layout(steps, [], 0, reasons, note)


MANY_TERMS = 2  # from here on a sum stands in lines


def _largest(
    derivation: Derivation, terms: list[tuple[str, int]], most: int
) -> tuple[list[tuple[str, int]], int]:
    """Return the first term and the largest others, in their order, and how many are left out."""
    if len(terms) <= most + 2:
        return terms, 0
    results = derivation._graph.tape.results
    others = sorted(range(1, len(terms)), key=lambda k: -abs(results[terms[k][1]]))[:most]
    return [terms[k] for k in sorted([0, *others])], len(terms) - 1 - most
