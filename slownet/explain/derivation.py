"""A derivation: terms, their sum, and a function of the sum; as text and as LaTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import reduce
from math import fsum
from operator import add, mul

SHOWN = 8  # terms of a long sum that are written out: the largest
IN_LATEX = 4


@dataclass(frozen=True)
class Term:
    """One summand: a number, or a product of two.

    Attributes
    ----------
    name : str
        What it is: "bias", or "weight (0, 1) from neuron 0 of layer 0".
    factors : tuple of float
        One number, or the two that are multiplied.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> _ = net.forward([0.5, -1.0])
    >>> net[1][0].explain().terms[1]
    Term(name='weight (0, 0) from neuron 0 of layer 0', factors=(0.23127521078565103, 0.5))
    """

    name: str
    factors: tuple[float, ...]

    @property
    def value(self) -> float:
        """The product."""
        return reduce(mul, self.factors)


@dataclass(frozen=True)
class Applied:
    """A function of a sum: the value f(z) of a neuron, or its delta from the slope.

    Attributes
    ----------
    name : str
        In words: "relu".
    latex : str
        The formula, "" if it is not known.
    numbers : dict
        {symbol in the formula: the number it stands for}.
    result : float
        What comes out.
    factors : tuple of float
        Two numbers whose product is the result, where the function ends in one: slope and f'(z).
    mean : Derivation or None
        That of the mean slope of the layer, where the function mixes the neurons of a layer.
    """

    name: str
    latex: str
    numbers: dict[str, float]
    result: float
    factors: tuple[float, ...] = ()
    mean: Derivation | None = None

    @property
    def latex_with_numbers(self) -> str:
        """The formula with the numbers put in; "" if there is nothing to put in."""
        letters = "|".join(map(re.escape, self.numbers))
        alone = rf"(?<![A-Za-z\\])({letters})(?![A-Za-z_])"  # no part of a word, and without an index
        written, end = "", 0
        for found in re.finditer(alone, self.latex):
            between, number = self.latex[end : found.start()], _inner(self.numbers[found[0]])
            before = (self.latex[: found.start()].rstrip() or " ")[-1]
            after = self.latex[found.end() :].lstrip()[:1]
            if (before, after) == ("(", ")"):
                number = number.removeprefix("(").removesuffix(")")
            elif before == "^":
                number = f"{{{number}}}"
            elif before.isdigit() or (written and not between.strip()):
                number = rf"\cdot {number}"
            if after.isdigit():
                number += r" \cdot"
            written, end = f"{written}{between}{number}", found.end()
        return written + self.latex[end:] if written else ""

    def _text_lines(self, symbol: str) -> list[str]:
        product = [" * ".join(map(number_text, self.factors))] if self.factors else []
        lines = str(self.mean).splitlines()[1:] if self.mean else []
        return [*lines, " = ".join([symbol, self.name, *product, number_text(self.result)])]

    def _latex_lines(self, symbol: str) -> list[str]:
        product = r" \cdot ".join(map(_inner, self.factors))
        steps = [self.latex, self.latex_with_numbers, product, latex_text(self.result)]
        lines = self.mean._latex_lines() if self.mean else []
        return [*lines, f"{symbol} &= " + " = ".join(filter(None, steps))]


@dataclass(frozen=True)
class Derivation:
    """How a number of a net comes about: a sum of terms, in order, and a function of the sum.

    Printed it is text, in a notebook a formula with the numbers put in. Long sums are shortened there;
    `terms` has all.

    Attributes
    ----------
    of : str
        Whose number it is: "neuron 2 of layer 1".
    sum_symbols, symbols : (str, str)
        The names of the sum and of the result, as text and in LaTeX: ("z", "z"), ("value", "a").
    formulas : (str, str)
        The sum in general.
    terms : tuple of Term
        In the order in which they are added. A source whose value is exactly 0 adds no term.
    applied : Applied or None
        The function of the sum; None if the sum is the result.
    delta : Derivation or None
        That of the neuron's delta, where it has one of this sample.
    note : str
        A remark that is printed below.
    from_zero : bool
        Whether the terms are added to 0, or to the first of them.

    Notes
    -----
    Each product is rounded, then added to the sum so far, from the first term on: the arithmetic of
    `Net.forward` and `Net.backward`, so that `result` is the object's number to the last bit.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> _ = net.forward([0.5, -1.0])
    >>> derivation = net[1][0].explain()
    >>> derivation.total == net[1][0].z, derivation.result == net[1][0].value
    (True, True)
    """

    of: str
    sum_symbols: tuple[str, str]
    symbols: tuple[str, str]
    formulas: tuple[str, str]
    terms: tuple[Term, ...]
    applied: Applied | None = None
    delta: Derivation | None = field(default=None, repr=False)
    note: str = ""
    from_zero: bool = True

    @property
    def total(self) -> float:
        """The sum of the terms."""
        values = [term.value for term in self.terms]
        return reduce(add, values, 0.0) if self.from_zero else reduce(add, values)

    @property
    def result(self) -> float:
        """The number that is derived."""
        return self.total if self.applied is None else self.applied.result

    def _largest(self, most: int) -> tuple[list[Term], list[Term]]:
        """Return the first term if it is a bias and the largest others; and the rest."""
        first = [term for term in self.terms[:1] if term.name == "bias"]
        others = list(self.terms[len(first) :])
        if len(others) <= most + 1:  # the line for one left-out term would be as long as the term
            return first + others, []
        others.sort(key=lambda term: -abs(term.value))
        return first + others[:most], others[most:]

    def __str__(self) -> str:
        shown, rest = self._largest(SHOWN)
        rows = [
            (
                f"  {term.name}",
                " * ".join(map(number_text, term.factors)) if term.factors[1:] else "",
                term,
            )
            for term in shown
        ]
        total, result = self.sum_symbols[0], self.symbols[0]
        more = f"  ... {len(rest)} more terms adding up to"
        width = max([len(name) for name, *_ in rows] + [len(more) * bool(rest), len(total) + 2])
        middle = max([len(product) for _, product, _ in rows], default=0)
        lines = [self.of, f"{total} = {self.formulas[0]}"]
        lines += [
            f"{name:<{width}}  {product:>{middle}}  {number_text(term.value):>12}"
            for name, product, term in rows
        ]
        if rest:
            lines.append(f"{more:<{width}}  {'':>{middle}}  {number_text(_sum(rest)):>12}")
        lines.append(f"{'  ' + total:<{width}}  {'':>{middle}}  {number_text(self.total):>12}")
        if self.applied is not None:
            lines += self.applied._text_lines(result)
        if self.note:
            lines.append(self.note)
        if self.delta is not None:
            lines += str(self.delta).splitlines()[1:]
        return "\n".join(lines)

    def _repr_latex_(self) -> str:
        return "$$\\begin{aligned}" + r"\\".join(self._latex_lines()) + "\\end{aligned}$$"

    def _latex_lines(self) -> list[str]:
        total, result = self.sum_symbols[1], self.symbols[1]
        shown, rest = self._largest(IN_LATEX)
        parts = [r" \cdot ".join(_inner(factor) for factor in term.factors) for term in shown]
        if rest:
            parts.append(rf"\underbrace{{{_inner(_sum(rest))}}}_{{\text{{{len(rest)} more terms}}}}")
        lines = [f"{total} &= {self.formulas[1]}"]
        if parts:
            lines.append(f"&= {' + '.join(parts)}")
        lines.append(f"&= {latex_text(self.total)}")
        if self.applied is not None:
            lines += self.applied._latex_lines(result)
        if self.delta is not None:
            lines += self.delta._latex_lines()
        return lines


def _sum(terms: list[Term]) -> float:
    return fsum(term.value for term in terms)


def number_text(number: float) -> str:
    """Return six digits of a number, without the sign of -0."""
    return f"{number + 0.0:.6g}"  # 0 for -0


def latex_text(number: float) -> str:
    """Return a number in LaTeX: 1.5e-7 becomes 1.5 times a power of ten."""
    digits, e, power = f"{number + 0.0:.4g}".partition("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}" if e else digits.replace("inf", r"\infty")


def _inner(number: float) -> str:
    """Return a number as a part of a formula, in brackets if it is negative or a product."""
    text = latex_text(number)
    return f"({text})" if number < 0.0 or "cdot" in text else text
