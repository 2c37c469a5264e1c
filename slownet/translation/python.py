"""Plain Python, which needs nothing but `math`."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence

from slownet.translation.javascript import OPERATORS
from slownet.translation.syntax import EXACT, OF_A_LIBRARY, Signature, Syntax, doubling, rows_of

RESERVED = "math abs max min float range len"

CALLED = [
    *((getattr(math, name), f"math.{name}") for name in (*EXACT, *OF_A_LIBRARY, "frexp")),
    (abs, "abs"),
    (max, "max"),
    (min, "min"),
    (float, "float"),
]
SIGNS = {**OPERATORS, ast.Eq: "==", ast.NotEq: "!=", ast.And: "and", ast.Or: "or"}


class Python(Syntax):
    """Python, with the formulas as they stand in slownet; names outside of them are their values."""

    called = CALLED
    reserved = frozenset(RESERVED.split())
    operators = SIGNS
    indent = "    "

    def number(self, given: float) -> str:
        return super().number(given) if isinstance(given, float) else f"({given})"

    def not_finite(self, value: str) -> str:
        return f"(-math.{value[1:]})" if value[0] == "-" else f"math.{value}"

    def local(self, name: str) -> str:
        return (
            f"{name}_"
            if name in self.reserved or name.startswith(("formula", "table")) or (name.endswith("_"))
            else name
        )

    def as_number(self, truth: str) -> str:
        return f"float({truth})"

    def choice(self, test: str, yes: str, no: str) -> str:
        return f"({yes} if {test} else {no})"

    def negated(self, test: str) -> str:
        return f"(not {test})"

    def length(self, name: str) -> str:
        return f"len({name})"

    def table(self, name: str, numbers: Sequence[float]) -> list[str]:
        if doubling(numbers):
            return [f"{name} = [math.ldexp({numbers[0]!r}, k) for k in range({len(numbers)})]"]
        return [f"{name} = [", *self.inside(rows_of(self, numbers)), "]"]

    def function(self, signature: Signature, names: Sequence[str], body: list[str]) -> list[str]:
        given = [self.local(each) for each in signature.parameters]
        for place, value in enumerate(signature.defaults, len(given) - len(signature.defaults)):
            given[place] += f"={self.number(value)}"
        lines = [f"def {signature.name}({', '.join(given)}):", *self.inside(body or ["pass"])]
        plain = ast.unparse(ast.parse("\n".join(lines)))  # without the parentheses that it does not need
        return ["", "", *plain.split("\n")]

    def statement(self, text: str) -> str:
        return text

    def tuple_of(self, parts: Sequence[str]) -> str:
        return f"({''.join(f'{each}, ' for each in parts)})"

    def spread(self, value: str) -> str:
        return f"*{value}"

    def start(self, name: str, end: str) -> str:
        return f"{name}[:{end}]"

    def unpacked(self, names: Sequence[str], value: str) -> list[str]:
        return [f"({', '.join(names)},) = {value}"]

    def branch(self, test: str, body: list[str], other: list[str]) -> list[str]:
        found = [f"if {test}:", *self.inside(body or ["pass"])]
        return [*found, "else:", *self.inside(other)] if other else found

    def loop(self, name: str, first: str, end: str, body: list[str]) -> list[str]:
        return [f"for {self.local(name)} in range({first}, {end}):", *self.inside(body or ["pass"])]
