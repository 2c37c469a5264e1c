"""The LaTeX of activations, losses and penalties, computed as it stands."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slownet import functions
from slownet.functions.activations import leaky_relu

TOKEN = re.compile(r"\\operatorname\{\w+\}|\\text\{ \w+ \}|\\[a-z]+|\d+(?:\.\d+)?(?:e-?\d+)?|\S")
FUNCTIONS: dict[str, Callable[..., float]] = {
    r"\ln": math.log,
    r"\tanh": math.tanh,
    r"\cosh": math.cosh,
    r"\max": max,
    r"\min": min,
    r"\operatorname{sign}": lambda x: (x > 0.0) - (x < 0.0),
}


class Reader:
    """A reader of the LaTeX that formulas have: sums, products, fractions, powers, and two cases."""

    def __init__(self, latex: str, numbers: dict[str, float]) -> None:
        spaced = re.sub(r"\\(left|right)(?![a-z])", "", latex).replace(r"\tfrac12", "0.5")
        self.tokens = TOKEN.findall(spaced)
        self.numbers = {"e": math.e, r"\pi": math.pi, **numbers}
        self.bars = 0

    def next(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def take(self, *expected: str) -> str:
        assert not expected or self.next() in expected, (self.tokens, expected)
        return self.tokens.pop(0)

    def value(self) -> float:
        first = self.sum()
        if self.next() != r"\text{ if }":
            return first
        self.take()
        left, sign, right = self.sum(), self.take("<", ">", r"\le"), self.sum()
        self.take(r"\text{ else }")
        other = self.value()
        holds = {"<": left < right, ">": left > right, r"\le": left <= right}[sign]
        return first if holds else other

    def sum(self) -> float:
        total = -self.product() if self.next() == "-" and self.take() else self.product()
        while self.next() in ("+", "-"):
            total += self.product() if self.take() == "+" else -self.product()
        return total

    def product(self) -> float:
        total = self.power()
        while not self.ends_product():
            sign = self.take() if self.next() in ("/", r"\cdot") else ""
            factor = self.power()
            total = total / factor if sign == "/" else total * factor
        return total

    def ends_product(self) -> bool:
        if self.next() == "|":
            return self.bars > 0
        return self.next() in {"", "+", "-", "<", ">", r"\le", ")", "}", ","} or r"\text" in self.next()

    def power(self) -> float:
        base = self.primary()
        return base ** self.argument() if self.next() == "^" and self.take() else base

    def argument(self) -> float:
        if self.next() != "{":
            return self.primary()
        self.take()
        value = self.value()
        self.take("}")
        return value

    def primary(self) -> float:
        token = self.take()
        if token == "(":
            return self.arguments()[0]
        if token == "|":
            self.bars += 1
            size = abs(self.sum())
            self.bars -= 1
            self.take("|")
            return size
        if token == r"\frac":
            return self.argument() / self.argument()
        if token == r"\sqrt":
            return math.sqrt(self.argument())
        if token in FUNCTIONS:
            exponent = self.argument() if self.next() == "^" and self.take() else 1.0
            given = self.arguments() if self.next() == "(" and self.take() else [self.power()]
            return FUNCTIONS[token](*given) ** exponent
        return self.numbers[token] if token in self.numbers else float(token)

    def arguments(self) -> list[float]:
        bars, self.bars = self.bars, 0
        given = [self.value()]
        while self.take(",", ")") == ",":
            given.append(self.value())
        self.bars = bars
        return given


def read(latex: str, **numbers: float) -> float:
    reader = Reader(latex, numbers)
    value = reader.value()
    assert not reader.tokens, reader.tokens
    return value


def near(value: float) -> Any:
    return pytest.approx(value, rel=1e-6, abs=1e-9)  # settings are written with six digits


SETTINGS = st.floats(-3.0, 3.0).map(lambda x: round(x, 2))
ACTIVATIONS = st.one_of(
    st.sampled_from([each for each in functions.ACTIVATIONS.values() if each.name != "softmax"]),
    SETTINGS.map(leaky_relu),
    SETTINGS.map(lambda alpha: functions.elu(alpha=alpha)),
)
LOSSES = st.one_of(
    st.sampled_from(list(functions.LOSSES.values())),
    st.floats(0.01, 3.0).map(lambda delta: functions.huber(delta=round(delta, 2))),
)


@given(ACTIVATIONS, st.floats(-5.0, 5.0).filter(lambda z: abs(z) > 1e-3))
def test_activations_are_what_their_formulas_say(activation: Any, z: float) -> None:
    value = activation.function(z)
    assert read(activation.latex, z=z) == near(value)
    assert read(activation.derivative_latex, z=z, a=value) == near(activation.derivative(z, value))


@given(LOSSES, st.floats(0.01, 0.99), st.floats(-3.0, 3.0), st.sampled_from([0.0, 1.0]))
def test_losses_are_what_their_formulas_say(loss: Any, share: float, number: float, bit: float) -> None:
    a = share if loss.domain[1] == 1.0 else abs(number) + 0.1 if loss.domain[0] == 0.0 else number
    y = {"class": bit, "binary": bit, "sign": 2.0 * bit - 1.0}.get(loss.target_kind, share)
    assert read(loss.latex, a=a, y=y) == near(loss.function(a, y))
    assert read(loss.derivative_latex, a=a, y=y) == near(loss.derivative(a, y))


@given(st.sampled_from(list(functions.REGULARIZERS.values())), st.floats(-3.0, 3.0))
def test_penalties_are_what_their_formulas_say(penalty: Any, w: float) -> None:
    assert read(penalty.latex, w=w) == near(penalty.function(w))
    assert read(penalty.derivative_latex, w=w) == near(penalty.derivative(w))
