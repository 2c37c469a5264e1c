"""A derivation: how a number came about, as a graph that can be walked, printed and checked."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slownet.checks import check_integer, short
from slownet.errors import InvalidKeyError

if TYPE_CHECKING:
    from slownet.explain.graph import Graph

DEPTH = 2  # how many levels of a derivation are printed


@dataclass(frozen=True)
class Term:
    """A summand of a number.

    Attributes
    ----------
    sign : "+" or "-"
        Whether it is added or subtracted.
    formula : str
        By the names of its factors: "weight_1_0_0 · value_0_0".
    numbers : str
        The same with numbers.
    value : float
        What it is.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> _ = net.forward([0.5, -1.0])
    >>> net[1][0].explain("z").terms[1]
    Term(sign='+', formula='weight_1_0_0 · value_0_0', numbers='0.231275 · 0.5', value=0.11563...)
    """

    sign: str
    formula: str
    numbers: str
    value: float


class Derivation:
    """How a number came about: the arithmetic that was done, from what was given.

    Printed it is text; a notebook shows it as HTML, in which every number unfolds. It is a node of a
    graph: `parts` are the derivations of the numbers that it is made of, and `derivation["z_1_3"]` is
    one of them, or of theirs.

    Attributes
    ----------
    name : str
        The number's name: "z_1_3" is z of neuron 3 of layer 1, "weight_1_0_3" goes to it from neuron 0
        of the layer before. In a batch, what is of one sample has its number behind it: "z_1_3_s7".
    value : float
        The number, to the last bit.
    about : str
        Of which step and which samples it is.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> derivation = net.explain("grad_2_0_0", [0.5, -1.0], 1)
    >>> derivation.check()
    True
    >>> [part.name for part in derivation.parts]
    ['delta_2_0', 'value_1_0']
    >>> print(derivation["value_1_0"])
    value of neuron 0 of layer 1
    the sample 0.5, -1
    value_1_0 = relu(z_1_0) = z_1_0 = 1.58802, as z_1_0 > 0
      z_1_0, a sum:
          bias_1_0                                     0
        + weight_1_0_0 · value_0_0  0.231275 · 0.5     0.115638
        + weight_1_1_0 · value_0_1  (-1.47238) · (-1)  1.47238
        = 1.58802
    """

    def __init__(self, graph: Graph, place: int, about: str) -> None:
        self._graph, self._place, self.about = graph, place, about
        self.name = graph.name(place)
        self.value: float = graph.tape.results[place]

    @property
    def of(self) -> str:
        """What it is: "weighted input of neuron 3 of layer 1"."""
        return self._graph.words(self._place)

    @property
    def given(self) -> str:
        """Where it comes from, if it is not computed from other numbers; otherwise ""."""
        return self._graph.given(self._place)

    @property
    def is_given(self) -> bool:
        """Whether it was given: a weight before the step, an input, a target, an option."""
        return self._graph.is_given(self._place)

    @property
    def parts(self) -> list[Derivation]:
        """The named numbers that it is made of, in the order of their first use."""
        return [self._at(place) for place in self._graph.parts(self._place)]

    @property
    def terms(self) -> list[Term]:
        """The outermost sum, in the order of the additions; one term where it is none."""
        graph = self._graph
        graph.prepare(self._place)
        return [
            Term(
                sign,
                graph.formula(place, graph.name, rank=2 * (sign == "-"), top=place == self._place),
                graph.formula(place, self._number, rank=2 * (sign == "-"), top=place == self._place),
                graph.tape.results[place],
            )
            for sign, place in graph.terms(self._place)
        ]

    @property
    def functions(self) -> list[Derivation]:
        """The elementary functions (exp, log, tanh, ...) that it calls, each opened: step by step."""
        from slownet.explain.opening import opened

        calls = self._graph.calls(self._place)
        found = [opened(self._graph.tape, place) for place in calls]
        return [each for each in found if each is not None]

    def __getitem__(self, name: str) -> Derivation:
        """Return a number that it is made of, directly or further down.

        Raises
        ------
        KeyError
            If there is none of that name.
        """
        graph, todo, seen = self._graph, deque([self._place]), {self._place}
        while todo:
            for place in graph.parts(todo.popleft()):
                if place not in seen:
                    if graph.name(place) == name:
                        return self._at(place)
                    seen.add(place)
                    todo.append(place)
        for function in self.functions:
            if function.name == name:
                return function
        made_of = ", ".join([part.name for part in self.parts[:8]])
        raise InvalidKeyError(
            f"no {short(name)} here: {self.name} is " + (f"made of {made_of}" if made_of else "given")
        )

    def walk(self) -> Iterator[Derivation]:
        """Yield it and every number that it is made of, each once, from what is given on."""
        graph, done = self._graph, set[int]()
        todo = [(self._place, False)]
        while todo:
            place, is_ready = todo.pop()
            if is_ready:
                yield self._at(place)
            elif place not in done:
                done.add(place)
                todo.append((place, True))
                todo += [(part, False) for part in reversed(graph.parts(place)) if part not in done]

    def _at(self, place: int) -> Derivation:
        return Derivation(self._graph, place, self.about)

    def _number(self, place: int) -> str:
        return number_text(self._graph.tape.results[place])

    # programs

    def python(self) -> str:
        """Return a program of Python that computes it: slownet's formulas are written out in it.

        Its variables have the names of the numbers, and its operations the order in which they were
        done, so that it gives the same bits. It asserts the comparisons that decided a branch.
        """
        from slownet.explain.program import program

        return program(self._graph, self._place, self.about)

    def check(self) -> bool:
        """Run that program, and return whether it gives the very bits of the number."""
        space: dict[str, float] = {}
        exec(compile(self.python(), f"<{self.name}>", "exec"), space)  # noqa: S102
        return struct.pack("d", space[self.name]) == struct.pack("d", self.value)

    # texts

    def text(self, depth: int = DEPTH) -> str:
        """Return it as text of at most 80 columns, with `depth` levels of what it is made of."""
        from slownet.explain.text import text

        return text(self, check_integer("depth", depth, minimum=1))

    def markdown(self, depth: int = DEPTH) -> str:
        """Return it as Markdown, with `depth` levels of what it is made of."""
        from slownet.explain.markup import markdown

        return markdown(self, check_integer("depth", depth, minimum=1))

    def latex(self, depth: int = DEPTH) -> str:
        """Return it as LaTeX, with `depth` levels of what it is made of."""
        from slownet.explain.markup import latex

        return latex(self, check_integer("depth", depth, minimum=1))

    def html(self, depth: int | None = None) -> str:
        """Return it as HTML, in which every number unfolds down to what was given, without a script.

        Each number is derived once; wherever else it occurs, a link leads there. `depth` limits the
        levels.
        """
        from slownet.explain.markup import html

        return html(self, None if depth is None else check_integer("depth", depth, minimum=1))

    def __eq__(self, other: object) -> bool:
        """Whether both derive the same number in the same way."""
        if not isinstance(other, Derivation):
            return NotImplemented
        return (self.name, self.about, self.text()) == (other.name, other.about, other.text()) and (
            struct.pack("d", self.value) == struct.pack("d", other.value)
        )

    def __hash__(self) -> int:
        return hash((self.name, self.value))

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self._graph.state(self._place), self._place, self.about)

    def _repr_html_(self) -> str:
        from slownet.explain.markup import displayed

        return displayed(self)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Derivation({self.name} = {number_text(self.value)}, made of {len(self.parts)} numbers)"


def _again(state: tuple[Any, ...], place: int, about: str) -> Derivation:
    """Return a derivation that was pickled."""
    from slownet.explain.graph import restored

    return Derivation(restored(state), place, about)


def number_text(number: float) -> str:
    """Return six digits of a number, without the sign of -0."""
    return f"{number + 0.0:.6g}"


def latex_text(number: float) -> str:
    """Return a number in LaTeX: 1.5e-7 becomes 1.5 times a power of ten."""
    digits, e, power = f"{number + 0.0:.4g}".partition("e")
    if e:
        return rf"{digits} \cdot 10^{{{int(power)}}}"
    return digits.replace("inf", r"\infty").replace("nan", r"\text{nan}")
