"""A program of Python that does the operations of a number again, in their order."""

from __future__ import annotations

import math
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from slownet.checks import printable
from slownet.explain.tape import (
    ABS,
    ADD,
    CALL,
    COMPARISONS,
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
    Role,
)
from slownet.functions.builtin import is_builtin
from slownet.translation import Translator
from slownet.translation.python import Python

if TYPE_CHECKING:
    from slownet.explain.graph import Graph

WIDTH = 100
DEEPEST = 12  # operations in one expression, one within the other
RANKS = {ADD: 1, SUB: 1, MUL: 2, DIV: 2, NEG: 3, POW: 4}


def program(graph: Graph, place: int, about: str) -> str:
    """Return a program whose variable `graph.name(place)` gets the bits of a number."""
    return _Program(graph, place).text(about)


class _Program:
    def __init__(self, graph: Graph, place: int) -> None:
        self.graph, self.tape, self.place = graph, graph.tape, place
        self.translator = Translator(Python())
        self.needed = graph.needed(place)
        self.tables: dict[str, dict[int, float]] = {}  # given numbers, by the neuron they are of
        self.names: dict[int, str] = {}
        self.depths: dict[int, int] = {}
        self.taken: set[str] = {graph.name(place)}
        self._name_all()

    def text(self, about: str) -> str:
        body: list[str] = []
        for each in self.needed:
            body += self._statement(each)
        about = printable(f"{self.graph.words(self.place)}: {about}")
        heads = [f"# {line}" for line in wrap(about, WIDTH - 2)]
        heads += ["import math", *self.translator.heads, *self.translator.lines, ""]
        tables = [line for name, numbers in self.tables.items() for line in _table(name, numbers)]
        return "\n".join([*heads, *tables, *body]) + "\n"

    def _name_all(self) -> None:
        tape, uses = self.tape, dict[int, int]()
        for each in self.needed:
            for operand in tape.operands(each):
                uses[operand] = uses.get(operand, 0) + 1
        for each in self.needed:
            code = tape.codes[each]
            if code in COMPARISONS or code == WHOLE:
                continue
            depth = 1 + max((self.depths.get(x, 0) for x in tape.operands(each)), default=0)
            if each == self.place:
                self.names[each] = self.graph.name(each)
            elif code == GIVEN:
                self._name_given(each)
            elif self.graph.is_named(each):
                self.names[each] = self._unique(self.graph.name(each))
            elif uses[each] > 1 or (depth > DEEPEST and code not in (ADD, SUB)):
                self.names[each] = self._unique(f"number_{each}")
            self.depths[each] = 0 if each in self.names or code == GIVEN else depth

    def _name_given(self, place: int) -> None:
        role = self.tape.role(place)
        if role is None:
            return
        base, key = _table_of(role, self.graph.name(place))
        if key is None:
            self.names[place] = self._unique(base)
        else:
            self.tables.setdefault(base, {})[key] = self.tape.results[place]
            self.names[place] = f"{base}[{key}]"

    def _unique(self, name: str) -> str:
        found, count = name, 1
        while found in self.taken:
            count += 1
            found = f"{name}_{count}"
        self.taken.add(found)
        return found

    def _statement(self, place: int) -> list[str]:
        """Return the lines of an operation; none where it is written within another."""
        tape = self.tape
        code = tape.codes[place]
        if code in COMPARISONS:
            sides = [self._operand(each, 1) for each in (tape.a[place], tape.b[place])]
            test = f" {SIGNS[code]} ".join(sides)
            return [f"assert {test}" if tape.results[place] else f"assert not {test}"]
        if code == WHOLE:
            left = self._operand(tape.a[place], 0)
            return [f"assert math.floor({left}) == {int(tape.results[place])}"]
        name = self.names.get(place, "")
        if not name.isidentifier():  # within another, or in a table
            return []
        if code == GIVEN:
            return [f"{name} = {_literal(tape.results[place])}"]
        if code == FORMULA:
            said = f"{tape.applied[place].formula}: a formula whose inside was not seen"
            return [f"{name} = {_literal(tape.results[place])}  # {said}"]
        if code in (ADD, SUB):
            return self._sum(name, place)
        return [f"{name} = {self._expression(place)}"]

    def _sum(self, name: str, place: int) -> list[str]:
        """Return a sum as statements that are no longer than a line, where its terms allow it."""
        tape, here = self.tape, place
        terms: list[tuple[int, int]] = []
        while tape.codes[here] in (ADD, SUB) and (here == place or here not in self.names):
            terms.append((tape.codes[here], tape.b[here]))
            here = tape.a[here]
        lines, line = [], f"{name} = {self._operand(here, 1)}"
        for code, term in reversed(terms):
            more = f" {SIGNS[code]} {self._operand(term, 2)}"
            if len(line) + len(more) > WIDTH and line != f"{name} = {name}":
                lines.append(line)
                line = f"{name} = {name}"
            line += more
        return [*lines, line]

    def _operand(self, place: int, rank: int) -> str:
        if place in self.names:
            return self.names[place]
        if self.tape.codes[place] == GIVEN:
            text = _literal(self.tape.results[place])
            return f"({text})" if text.startswith("-") and rank > 1 else text
        text = self._expression(place)
        own = RANKS.get(self._code(place), 9)
        return f"({text})" if own < rank else text

    def _code(self, place: int) -> int:
        return self.tape.codes[place]

    def _expression(self, place: int) -> str:
        tape = self.tape
        code, a, b = tape.codes[place], tape.a[place], tape.b[place]
        if code == SAME:
            return f"({self._operand(a, 0)})" if a not in self.names else self.names[a]
        if code == FORMULA:
            return _literal(tape.results[place])
        if code == ABS:
            return f"abs({self._operand(a, 0)})"
        if code == NEG:
            return f"-{self._operand(a, 4)}"
        if code == CALL:
            arguments = ", ".join(self._operand(each, 0) for each in (a, b) if each != NONE)
            return self._call(*tape.called[place], arguments)
        own = RANKS[code]
        left = self._operand(a, own + (code == POW))
        return f"{left} {SIGNS[code]} {self._operand(b, own + 1)}"

    def _call(self, name: str, function: Any, arguments: str) -> str:
        if name == "frexp":
            return f"math.frexp({arguments})[0]"
        if is_builtin(function):
            return f"{self.translator.name_of(function)}({arguments})"
        return f"math.{name.removeprefix('math.')}({arguments})"


def _table_of(role: Role, name: str) -> tuple[str, int | None]:
    """Return the table of a given number and its place there, or its own name and None."""
    thing = role.thing
    if role.what == "weight" and name.count("_") == 3:
        return f"weight_{thing.incoming.layer.id}_to_{thing.incoming.id}", thing.outgoing.id
    if role.what == "value":
        _, layer, _, *suffix = name.split("_")
        return "_".join(["value", layer, *suffix]), thing.id
    return name, None


def _table(name: str, numbers: dict[int, float]) -> list[str]:
    cells = [f"{key}: {_literal(number)}," for key, number in numbers.items()]
    if len(cells) == 1:
        return [f"{name} = {{{cells[0][:-1]}}}"]
    lines, line = [f"{name} = {{"], "   "
    for cell in cells:
        if len(line) + 1 + len(cell) > WIDTH:
            lines.append(line)
            line = "   "
        line += f" {cell}"
    return [*lines, line, "}"]


def _literal(number: float) -> str:
    return repr(number) if math.isfinite(number) else f'float("{number!r}")'
