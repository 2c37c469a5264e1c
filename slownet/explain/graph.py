"""What stands on a tape, cut into named numbers: the graph of which derivations are the nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from slownet.explain.notation import TEXT, Notation
from slownet.explain.tape import (
    ABS,
    ADD,
    CALL,
    DIV,
    FORMULA,
    GIVEN,
    MUL,
    NEG,
    NONE,
    POW,
    SAME,
    SIGNS,
    SUB,
    WHOLE,
    Tape,
)

RANKS = {ADD: 1, SUB: 1, MUL: 2, DIV: 2, NEG: 3, POW: 4}
MANY = 4  # terms from which on a sum within a formula is a number of its own
LARGE = 4  # operations from which on one that occurs twice is
LONGEST = 56  # letters of a call with all its arguments
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}

Show = Callable[[int], str]


class Graph:
    """The numbers of a tape that have names, and the formulas between them.

    Parameters
    ----------
    tape : Tape
    name, words, given : callable
        Of an operation that is something to the net: its name, what it is in words, and where it comes
        from if nothing computed it.
    large : int
        The operations from which on something that occurs twice is a number of its own.
    """

    def __init__(
        self,
        tape: Tape,
        name: Callable[[int], str],
        words: Callable[[int], str],
        given: Callable[[int], str],
        large: int = LARGE,
    ) -> None:
        self.tape, self._name, self._words, self._given = tape, name, words, given
        self.large = large
        self._parts: dict[int, str] = {}  # numbers that only have a name so that formulas stay short
        self._parts_of: dict[int, list[int]] = {}
        self._seen: set[int] = set()

    def is_named(self, place: int) -> bool:
        """Whether a number has a name."""
        return place in self._parts or self.tape.has_role(place)

    def name(self, place: int) -> str:
        """Return the name of a number, or what it is if it has none."""
        if place in self._parts:
            return self._parts[place]
        if self.tape.has_role(place):
            return self._name(place)
        return f"{self.tape.results[place] + 0.0:.6g}"

    def words(self, place: int) -> str:
        """Return what a number is."""
        return self._words(place) if self.tape.role(place) is not None else "a part of the formula"

    def given(self, place: int) -> str:
        """Return where a number comes from that nothing computed; "" for any other."""
        return self._given(place) if self.tape.codes[place] == GIVEN else ""

    def is_given(self, place: int) -> bool:
        """Whether nothing has computed a number."""
        return self.tape.codes[place] == GIVEN

    def is_single(self, place: int) -> bool:
        """Whether a term is one number, and no formula."""
        return self.is_named(place) or self.tape.codes[place] == GIVEN

    def computed_parts(self, place: int) -> list[int]:
        """Return the named numbers that one is made of and that are not given."""
        codes = self.tape.codes
        return [part for part in self.parts(place) if codes[part] != GIVEN]

    def size(self, place: int) -> int:
        """Return how many numbers are computed on the way to one, itself among them."""
        return len(self.walk(place))

    # formulas

    def prepare(self, place: int) -> None:
        """Give names to long sums in a formula, and to what occurs in it twice."""
        if place in self._seen:
            return
        self._seen.add(place)
        tape, uses, order = self.tape, dict[int, int](), list[int]()
        todo = [place]
        while todo:
            here = todo.pop()
            for operand in tape.operands(here):
                if not self.is_named(operand) and tape.codes[operand] != GIVEN:
                    uses[operand] = uses.get(operand, 0) + 1
                    if uses[operand] == 1:
                        order.append(operand)
                        todo.append(operand)
        links = self._links(place)
        for each in sorted(set(order)):
            is_long = each not in links and len(self.terms(each)) >= MANY
            is_repeated = uses[each] > 1 and self._size(each) >= self.large
            if is_long or is_repeated:
                self._parts[each] = f"part_{each}"

    def _links(self, place: int) -> set[int]:
        """Return the sums within a formula that are only longer by a term further on."""
        tape, links = self.tape, set()
        seen, todo = set(), [place]
        while todo:
            here = todo.pop()
            if here in seen:
                continue
            seen.add(here)
            if tape.codes[here] in (ADD, SUB) and tape.codes[tape.a[here]] in (ADD, SUB):
                links.add(tape.a[here])
            todo += [
                each
                for each in tape.operands(here)
                if not self.is_named(each) and tape.codes[each] != GIVEN
            ]
        return links

    def _size(self, place: int) -> int:
        count, todo = 0, [place]
        while todo and count < self.large:
            here = todo.pop()
            if not self.is_named(here) and self.tape.codes[here] != GIVEN:
                count += 1
                todo += self.tape.operands(here)
        return count

    def terms(self, place: int) -> list[tuple[str, int]]:
        """Return the outermost sum of a number as (sign, operation), in the order of the additions."""
        tape, here = self.tape, place
        terms: list[tuple[str, int]] = []
        while tape.codes[here] in (ADD, SUB) and (here == place or not self.is_named(here)):
            terms.append(("-" if tape.codes[here] == SUB else "+", tape.b[here]))
            here = tape.a[here]
        first = tape.results[here]
        if terms and tape.is_constant(here) and first == 0.0 and terms[-1][0] == "+":
            return [("+", terms[-1][1]), *reversed(terms[:-1])]
        return [("+", here), *reversed(terms)]

    def parts(self, place: int) -> list[int]:
        """Return the named numbers that one is made of, in the order of their first use."""
        if place in self._parts_of:
            return self._parts_of[place]
        self.prepare(place)
        found: list[int] = []
        self._parts_of[place] = found
        seen, todo = {place}, [*reversed(self.tape.operands(place))]
        while todo:
            here = todo.pop()
            if here in seen:
                continue
            seen.add(here)
            if self.is_named(here):
                found.append(here)
            else:
                todo += reversed(self.tape.operands(here))
        return found

    def calls(self, place: int) -> list[int]:
        """Return the calls of elementary functions in the formula of a number."""
        tape, seen, todo, found = self.tape, set(), [place], list[int]()
        while todo:
            here = todo.pop()
            if here in seen:
                continue
            seen.add(here)
            if tape.codes[here] == CALL:
                found.append(here)
            todo += [
                each
                for each in reversed(tape.operands(here))
                if not self.is_named(each) and tape.codes[each] != GIVEN
            ]
        return found

    # texts

    def formula(
        self, place: int, show: Show, notation: Notation = TEXT, rank: int = 0, top: bool = True
    ) -> str:
        """Write a number's formula, with its operands as `show` writes them."""
        tape = self.tape
        code = tape.codes[place]
        if code == GIVEN or (not top and self.is_named(place)):
            text = show(place)
            return f"({text})" if text.startswith("-") and rank else text
        a, b = tape.a[place], tape.b[place]
        if code == SAME:
            return self.formula(a, show, notation, rank, False)
        if code == FORMULA:
            applied = tape.applied[place]
            return f"{notation.function(applied.formula)}({', '.join(map(show, applied.arguments))})"
        if code == CALL:
            arguments = [self.formula(each, show, notation, 0, False) for each in (a, b) if each != NONE]
            return f"{notation.function(tape.called[place][0])}({', '.join(arguments)})"
        if code == ABS:
            return f"{notation.bar}{self.formula(a, show, notation, 0, False)}{notation.end_bar}"
        if code == NEG:
            text, own = f"-{self.formula(a, show, notation, 3, False)}", 3
        elif code == MUL and self._is_one(a):
            return self.formula(b, show, notation, rank, False)
        elif code in (ADD, SUB):
            terms = self.terms(place)
            if len(terms) == 1:  # 0 + it
                return self.formula(terms[0][1], show, notation, rank, False)
            text, own = self._sum(terms, show, notation), 1
        elif code == POW:
            own = RANKS[code]
            base = self.formula(a, show, notation, own + 1, False)
            exponent = self.formula(b, show, notation, own, False)
            text = notation.power.format(base=base, exponent=exponent)
        else:
            own = RANKS[code]
            sign = notation.times if code == MUL else f" {SIGNS[code]} "
            right = self.formula(b, show, notation, own + 1, False)
            text = f"{self.formula(a, show, notation, own, False)}{sign}{right}"
        return f"({text})" if own < rank else text

    def _sum(self, terms: Sequence[tuple[str, int]], show: Show, notation: Notation) -> str:
        first = terms[0][1]
        text = self.formula(first, show, notation, 0 if self.is_single(first) else 1, False)
        for sign, term in terms[1:]:
            text += f" {sign} {self.formula(term, show, notation, 2, False)}"
        return text

    def _is_one(self, place: int) -> bool:
        return self.tape.is_constant(place) and self.tape.results[place] == 1.0

    def called(self, place: int, show: Show, notation: Notation = TEXT) -> str:
        """Return the formula that a number is the result of: "relu(z_1_0)"; "" if there is none."""
        applied = self.tape.applied.get(place)
        if applied is None or applied.is_opaque or not applied.formula:
            return ""
        name, given = notation.function(applied.formula), list(map(show, applied.arguments))
        text = f"{name}({', '.join(given)})"
        return text if len(text) <= LONGEST else f"{name}({given[0]}, {notation.dots}, {given[-1]})"

    def because(self, place: int, show: Show) -> list[str]:
        """Return the comparisons by which a formula has chosen its branch, as they came out."""
        tape, found = self.tape, list[str]()
        for each in tape.guards(place):
            if tape.a[each] == tape.b[each]:  # itself: as the first of several is the largest so far
                continue
            left = self.formula(tape.a[each], show, top=False)
            if tape.codes[each] == WHOLE:
                text = f"floor({left}) = {int(tape.results[each])}"
            else:
                sign = SIGNS[tape.codes[each]]
                is_number = not any(tape.results[x] != tape.results[x] for x in tape.operands(each))
                if not tape.results[each] and is_number:
                    sign = OPPOSITE[sign]
                text = f"{left} {sign} {self.formula(tape.b[each], show, top=False)}"
                text = text if is_number else f"{text} is false"
            if text not in found:
                found.append(text)
        return found

    def needed(self, place: int) -> list[int]:
        """Return all operations that a number depends on, with those that chose a branch, in order."""
        need: set[int] = set()
        todo = [place]
        while todo:
            here = todo.pop()
            if here not in need:
                need.add(here)
                todo += self.tape.operands(here)
                todo += self.tape.guards(here)
        return sorted(need)

    def state(self, place: int) -> tuple[Any, ...]:
        """Return what a number depends on as plain data, for pickle."""
        for each in self.walk(place):
            self.prepare(each)
        needed, applied = self.needed(place), self.tape.applied
        written = {arg for each in needed if each in applied for arg in applied[each].arguments}
        named = {
            each: (self.name(each), self.words(each), self.given(each))
            for each in sorted({*needed, *written})  # a formula need not use all that it is given
            if self.tape.has_role(each)
        }
        return self.tape.state(), named, self.large

    def walk(self, place: int) -> list[int]:
        """Return all named numbers that are computed on the way to one, and it."""
        seen, todo = {place: None}, [place]
        while todo:
            for part in self.computed_parts(todo.pop()):
                if part not in seen:
                    seen[part] = None
                    todo.append(part)
        return list(seen)


def restored(state: tuple[Any, ...]) -> Graph:
    """Return a graph from what `Graph.state` has returned."""
    kept, named, large = state
    tape = Tape()
    tape.set_state(kept, named)
    name, words, given = (lambda place, k=k: named[place][k] for k in range(3))
    return Graph(tape, name, words, given, large)
