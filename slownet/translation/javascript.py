"""JavaScript: all numbers are float64, as Python's floats are."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence

from slownet.translation.syntax import EXACT, OF_A_LIBRARY, Signature, Syntax, doubling, rows_of

RESERVED = """
arguments case catch const debugger default delete do enum eval export extends function implements
instanceof interface let new null package private protected public static super switch this throw true
false typeof undefined var void NaN Infinity Math Number Float64Array frexp maximum minimum
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
HELPERS = {  # Python's max and min return their first number beside a nan
    "maximum": ["const maximum = (a, b) => (b > a ? b : a);"],
    "minimum": ["const minimum = (a, b) => (b < a ? b : a);"],
    "frexp": [
        "const frexp = (x) => {",
        "  if (x === 0 || !Number.isFinite(x)) return [x, 0];",
        (
            "  const view = new DataView(new ArrayBuffer(8)), "
            "isSmall = Math.abs(x) < 2.2250738585072014e-308;"
        ),
        "  view.setFloat64(0, isSmall ? x * 18014398509481984 : x);",
        (
            "  const high = view.getUint32(0), "
            "exponent = ((high >>> 20) & 0x7ff) - (isSmall ? 1076 : 1022);"
        ),
        "  view.setUint32(0, (high & 0x800fffff) | 0x3fe00000);",
        "  return [view.getFloat64(0), exponent];",
        "};",
    ],
}


class JavaScript(Syntax):
    """JavaScript, for the page and for other programs.

    Parameters
    ----------
    exact : bool
        Whether functions that browsers round in their own ways are refused.
    """

    helpers = HELPERS
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
        self.imprecise = "browsers round it differently" if exact else ""

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

    def loop(self, name: str, first: str, end: str, body: list[str]) -> list[str]:
        counter, last = f"{name}$$", f"{name}$$$"
        head = f"for (let {counter} = {first}, {last} = {end}; {counter} < {last}; {counter} += 1) {{"
        return [head, *self.inside([f"{self.local(name)} = {counter};", *body]), "}"]
