"""What a language has for each construct of a formula; a `Translator` asks for the pieces."""

from __future__ import annotations

import ast
import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# of math, whose results IEEE 754 or their definition fix to the last bit, so that all languages agree
EXACT = ("floor", "ceil", "sqrt", "fabs")
# of math, that every maths library rounds in its own way
OF_A_LIBRARY = [
    "exp",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "pow",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
]


@dataclass(frozen=True)
class Signature:
    """A function of a language: its name, and its parameters by their names in Python.

    Attributes
    ----------
    name : str
        The name in the language.
    parameters : list of str
    defaults : list of float
        Those of the last parameters.
    arrays : set of str
        The parameters that are lists of numbers, which all have the same length.
    returns : bool
        Whether it returns a number.
    """

    name: str
    parameters: list[str]
    defaults: list[float]
    arrays: set[str]
    returns: bool


class Syntax(ABC):
    """A language; expressions are texts, statements lists of lines.

    Attributes
    ----------
    called : list of (function, str)
        What a formula may call, by its name in the language; "" is a conversion to a number.
    helpers : dict
        {such a name: the lines that define it}, of what the language has not.
    imprecise : str
        The end of the message for a function that rounds in its own way; "" if these are in `called`.
    divided : str
        The helper that divides, and raises an error for a division by 0 as Python does; "" if `/` does
        it, or if there are no such errors.
    has_tuples : bool
        Whether there are tuples; without them, only what frexp returns is assigned to several names.
    fills_defaults : bool
        Whether calls must give all arguments.
    """

    called: Sequence[tuple[Any, str]] = ()
    helpers: Mapping[str, list[str]] = {}
    reserved: frozenset[str] = frozenset()
    operators: Mapping[type[ast.AST], str] = {}
    imprecise = ""
    divided = ""
    has_tuples = True
    fills_defaults = False
    indent = "  "

    def number(self, given: float) -> str:
        """Return a constant."""
        value = float(given)
        if math.isfinite(value):
            return repr(value) if math.copysign(1.0, value) > 0.0 else f"({value!r})"
        return self.not_finite("nan" if math.isnan(value) else "inf" if value > 0 else "-inf")

    @abstractmethod
    def not_finite(self, value: str) -> str:
        """Return the constant "nan", "inf" or "-inf"."""

    @abstractmethod
    def local(self, name: str) -> str:
        """Return the name of a local variable of a formula."""

    @abstractmethod
    def as_number(self, truth: str) -> str:
        """Return 1 or 0 for what is true or not."""

    def as_truth(self, number: str) -> str:
        """Return whether a number is not 0."""
        return f"({number} {self.operators[ast.NotEq]} 0)"

    def choice(self, test: str, yes: str, no: str) -> str:
        """Return one of two expressions."""
        return f"({test} ? {yes} : {no})"

    def negated(self, test: str) -> str:
        """Return whether something is not true."""
        return f"(!{test})"

    def bits(self, left: str, sign: str, right: str) -> str:
        """Return `&` or `>>` of whole numbers below 2^31."""
        return f"({left} {sign} {right})"

    def power(self, base: str, exponent: str) -> str | None:
        """Return base ** exponent; None if the language rounds it in its own way."""
        return f"(({base}) ** ({exponent}))"

    def item(self, name: str, index: str) -> str:
        """Return an entry of a list that is an argument."""
        return f"{name}[{index}]"

    @abstractmethod
    def table(self, name: str, numbers: Sequence[float]) -> list[str]:
        """Return the lines that define a table of numbers."""

    def entry(self, table: str, index: str) -> str:
        """Return an entry of such a table."""
        return f"{table}[{index}]"

    @abstractmethod
    def length(self, name: str) -> str:
        """Return the length of a list that is an argument."""

    @abstractmethod
    def function(self, signature: Signature, names: Sequence[str], body: list[str]) -> list[str]:
        """Return the lines that define a function; `names` are its local variables."""

    def head(self, signature: Signature) -> list[str]:
        """Return the lines that declare a function before it is defined."""
        return []

    def statement(self, text: str) -> str:
        """Return a statement."""
        return f"{text};"

    def tuple_of(self, parts: Sequence[str]) -> str:
        """Return a tuple."""
        return f"[{', '.join(parts)}]"

    def spread(self, value: str) -> str:
        """Return the parts of a tuple as parts of another."""
        return f"...{value}"

    def start(self, name: str, end: str) -> str:
        """Return the first parts of a tuple."""
        return f"{name}.slice(0, {end})"

    @abstractmethod
    def unpacked(self, names: Sequence[str], value: str) -> list[str]:
        """Return the lines that set several variables to the parts of a tuple."""

    def branch(self, test: str, body: list[str], other: list[str]) -> list[str]:
        """Return the lines of an if."""
        found = [f"if ({bare(test)}) {{", *self.inside(body), "}"]
        return [*found[:-1], "} else {", *self.inside(other), "}"] if other else found

    @abstractmethod
    def loop(self, name: str, first: str, end: str, body: list[str]) -> list[str]:
        """Return the lines of a loop over whole numbers, which may change its variable."""

    def inside(self, lines: Sequence[str]) -> list[str]:
        """Return lines further in."""
        return [f"{self.indent}{line}" for line in lines]


def doubling(numbers: Sequence[float]) -> bool:
    """Whether each number is twice the one before, so that a rule is shorter than their digits."""
    return all(number == 2.0 * before for before, number in itertools.pairwise(numbers))


def bare(text: str) -> str:
    """Return an expression without the parentheses around all of it."""
    depth, last = 0, len(text) - 1
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return bare(text[1:-1]) if place == last and text[0] == "(" else text
    return text


def rows_of(syntax: Syntax, numbers: Sequence[float]) -> list[str]:
    """Return the entries of a table, four a line."""
    texts = [bare(syntax.number(each)) for each in numbers]
    return [f"{', '.join(texts[start : start + 4])}," for start in range(0, len(texts), 4)]
