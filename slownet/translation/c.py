"""C: all numbers are double, as Python's floats are."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence

from slownet.translation.javascript import OPERATORS
from slownet.translation.syntax import EXACT, Signature, Syntax, bare, doubling, rows_of

RESERVED = """
alignas alignof auto bool case char const constexpr default do double else enum extern false float for
goto if inline int long nullptr register restrict return short signed sizeof static struct switch
thread_local true typedef typeof union unsigned void volatile asm INFINITY NAN NULL count
abs fabs floor ceil sqrt frexp ldexp maximum minimum outputs predict main
"""

CALLED = [
    *((getattr(math, name), name) for name in EXACT),
    (math.frexp, "frexp"),
    (abs, "fabs"),
    (max, "maximum"),
    (min, "minimum"),
    (float, "(double)"),
]
HELPERS = {
    "maximum": ["static double maximum(double a, double b) { return b > a ? b : a; }"],
    "minimum": ["static double minimum(double a, double b) { return b < a ? b : a; }"],
}
SIGNS = {**OPERATORS, ast.Eq: "==", ast.NotEq: "!="}


class C(Syntax):
    """C from C99 on, without contraction of products and sums (`-ffp-contract=off`)."""

    called = CALLED
    helpers = HELPERS
    reserved = frozenset(RESERVED.split())
    operators = SIGNS
    imprecise = "maths libraries round it differently"
    has_tuples = False
    fills_defaults = True
    indent = "    "

    def __init__(self) -> None:
        self._doubling: dict[str, float] = {}

    def not_finite(self, value: str) -> str:
        return {"nan": "NAN", "inf": "INFINITY", "-inf": "(-INFINITY)"}[value]

    def local(self, name: str) -> str:
        """Return a name of ASCII letters; only names that are changed end with a single underscore."""
        plain = _ascii(name)
        clashes = name in self.reserved or name.startswith(("formula", "table")) or name[0] == "_"
        return f"{plain}_" if clashes or plain != name or name.endswith("_") else name

    def as_number(self, truth: str) -> str:
        return f"(double){truth}"

    def bits(self, left: str, sign: str, right: str) -> str:
        return f"(double)({_whole(left)} {sign} {_whole(right)})"

    def power(self, base: str, exponent: str) -> str | None:
        return None

    def item(self, name: str, index: str) -> str:
        return f"{name}[{_whole(index)}]"

    def length(self, name: str) -> str:
        return "count"

    def table(self, name: str, numbers: Sequence[float]) -> list[str]:
        if doubling(numbers):
            self._doubling[name] = numbers[0]
            return []
        return [f"static const double {name}[] = {{", *self.inside(rows_of(self, numbers)), "};"]

    def entry(self, table: str, index: str) -> str:
        if table in self._doubling:
            return f"ldexp({self.number(self._doubling[table])}, {_whole(index)})"
        return self.item(table, index)

    def function(self, signature: Signature, names: Sequence[str], body: list[str]) -> list[str]:
        declared = [f"double {', '.join(names)};"] if names else []
        head = self.head(signature)[0].removesuffix(";")
        return [f"{head} {{", *self.inside([*declared, *body]), "}"]

    def head(self, signature: Signature) -> list[str]:
        given = [
            f"double {'*' if each in signature.arrays else ''}{self.local(each)}"
            for each in signature.parameters
        ]
        given += ["int count"] if signature.arrays else []
        kind = "double" if signature.returns else "void"
        return [f"static {kind} {signature.name}({', '.join(given)});"]

    def unpacked(self, names: Sequence[str], value: str) -> list[str]:
        first, second = names  # of frexp, the only one
        call = f"{first} = {value.removesuffix(')')}, &exponent_);"
        return ["{", *self.inside(["int exponent_;", call, f"{second} = exponent_;"]), "}"]

    def loop(self, name: str, first: str, end: str, body: list[str]) -> list[str]:
        counter, last = f"{_ascii(name)}_at_", f"{_ascii(name)}_end_"
        head = f"for (double {counter} = {first}, {last} = {end}; {counter} < {last}; {counter} += 1) {{"
        return [head, *self.inside([f"{self.local(name)} = {counter};", *body]), "}"]


def _ascii(name: str) -> str:
    return name.encode("ascii", "backslashreplace").decode().replace("\\", "_")


def _whole(text: str) -> str:
    """Return an expression as a whole number."""
    if text.removesuffix(".0").isdigit():
        return text.removesuffix(".0")
    return f"(int){text}" if text.isidentifier() or bare(text) != text else f"(int)({text})"
