"""JavaScript: all numbers are float64, as Python's floats are."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

from slownet.translation.syntax import EXACT, OF_A_LIBRARY, Signature, Syntax, doubling, rows_of

RESERVED = """
arguments case catch const debugger default delete do enum eval export extends function implements
instanceof interface let new null package private protected public static super switch this throw true
false typeof undefined var void NaN Infinity Math Number Float64Array frexp maximum minimum divided
"""  # names of JavaScript that are free in Python

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "===",
    ast.NotEq: "!==",
    ast.And: "&&",
    ast.Or: "||",
}
PARTS = "$parts"  # of a tuple that is assigned to several names


class JavaScript(Syntax):
    """JavaScript, for the page and for other programs.

    Parameters
    ----------
    exact : bool
        Whether a translation must do what Python does to the last bit: functions that browsers round in
        their own ways are refused, and a formula of a user raises an error for a division by 0.
    """

    operators = OPERATORS
    reserved = frozenset(RESERVED.split())

    def __init__(self, exact: bool = False) -> None:
        self.exact = exact
        names = EXACT if exact else (*EXACT, *OF_A_LIBRARY)
        own = {"fabs": "abs"}
        self.called = [
            *((getattr(math, name), f"Math.{own.get(name, name)}") for name in names),
            (math.frexp, "frexp"),
            (abs, "Math.abs"),
            (max, "maximum"),
            (min, "minimum"),
            (float, "Number"),
        ]
        self.helpers = _helpers()
        self.imprecise = "browsers round it differently" if exact else ""
        self.divided = "divided" if exact else ""

    def not_finite(self, value: str) -> str:
        return {"nan": "NaN", "inf": "Infinity", "-inf": "(-Infinity)"}[value]

    def local(self, name: str) -> str:
        return f"{name}$" if name in self.reserved or name.startswith(("formula", "table")) else name

    def as_number(self, truth: str) -> str:
        return f"Number({truth})"

    def power(self, base: str, exponent: str) -> str | None:
        return None if self.exact else super().power(base, exponent)

    def length(self, name: str) -> str:
        return f"{name}.length"

    def table(self, name: str, numbers: Sequence[float]) -> list[str]:
        if not doubling(numbers):
            return [f"const {name} = Float64Array.of(", *self.inside(rows_of(self, numbers)), ");"]
        first = self.number(numbers[0])
        return [
            f"const {name} = (() => {{",
            f"  const table = new Float64Array({len(numbers)});",
            f"  for (let k = 0, x = {first}; k < table.length; k += 1, x *= 2) table[k] = x;",
            "  return table;",
            "})();",
        ]

    def function(self, signature: Signature, names: Sequence[str], body: list[str]) -> list[str]:
        given = [self.local(each) for each in signature.parameters]
        for place, value in enumerate(signature.defaults, len(given) - len(signature.defaults)):
            given[place] += f" = {self.number(value)}"
        start = f"const {signature.name} = ({', '.join(given)}) =>"
        if not names and len(body) == 1 and body[0].startswith("return "):
            return [f"{start} {body[0].removeprefix('return ')}"]
        declared = [f"let {', '.join(names)};"] if names else []
        return [f"{start} {{", *self.inside([*declared, *body]), "};"]

    def unpacked(self, names: Sequence[str], value: str) -> list[str]:
        # by their places: JavaScript's own way takes three times as long
        parts = [f"{name} = {PARTS}[{place}];" for place, name in enumerate(names)]
        return ["{", *self.inside([f"const {PARTS} = {value};", *parts]), "}"]

    def loop(self, name: str, first: str, end: str, body: list[str]) -> list[str]:
        counter, last = f"{name}$$", f"{name}$$$"
        head = f"for (let {counter} = {first}, {last} = {end}; {counter} < {last}; {counter} += 1) {{"
        return [head, *self.inside([f"{self.local(name)} = {counter};", *body]), "}"]


def functions_of(module: str) -> dict[str, str]:
    """Return the functions that a module exports, each on its own, by their names."""
    _, *parts = re.split(r"^export (?=function )", module, flags=re.MULTILINE)
    texts = [part[: part.index("\n}\n") + 2] for part in parts]
    return {re.split(r"[ (]", text)[1]: text for text in texts}


@cache
def _helpers() -> dict[str, list[str]]:
    text = (resources.files(__package__) / "python.js").read_text(encoding="utf-8")
    return {name: each.split("\n") for name, each in functions_of(text).items()}
