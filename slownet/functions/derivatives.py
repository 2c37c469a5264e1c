"""A user's derivative against a difference of its function, when a training first uses it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from itertools import pairwise
from math import inf
from typing import Any
from weakref import WeakValueDictionary

from slownet.errors import DerivativeWarning, warn_once
from slownet.functions.activation import Activation
from slownet.functions.description import describe, kind_of
from slownet.functions.loss import TARGETS, Loss
from slownet.functions.regularizers import Regularizer

POINTS = (0.41, -0.37, 0.87, -0.83, 1.7, -1.6, 0.13, -0.11, 2.9, -2.7, 5.6, -5.3, 9.7, -8.9)
NUMBERS = (0.0, 1.3, -2.2)  # targets that may be any number
STEP = 2.0**-13
SHARE = 0.01  # by which slopes may differ
Function = Callable[[float], float]
Slope = Callable[[float, float], float]  # from the point and the value there
Part = tuple[str, Function, Slope, tuple[float, float]]

_checked: WeakValueDictionary[int, Any] = WeakValueDictionary()


def check_derivatives(formulas: Iterable[Any]) -> None:
    """Warn of derivatives that do not belong to their functions; once for each formula.

    Built-in formulas are not looked at. Where a function has a kink or a jump, raises an error or is not
    finite, nothing is compared.
    """
    for formula in formulas:
        if _checked.get(id(formula)) is not formula:
            _checked[id(formula)] = formula
            if "own" in describe(formula):
                _check(formula)


def _check(formula: Any) -> None:
    with _without_numpy_warnings():
        found = next(filter(None, (_disagreement(*part) for part in _parts(formula))), None)
    if found is None:
        return
    place, given, slope = found
    warn_once(
        f"the derivative of {kind_of(formula)} {formula.name!r} is {given:.6g} at {place}, where its "
        f"function has the slope {slope:.6g}. Training uses the derivative as it is. If that is meant, "
        "as in a straight-through estimator, warnings.simplefilter('ignore', slownet.DerivativeWarning) "
        "silences this; otherwise, correct the derivative",
        DerivativeWarning,
    )


def _parts(formula: Any) -> Iterator[Part]:
    """Yield functions of one number: how the number is called, the derivative, and where to look."""
    everywhere = (-inf, inf)
    if isinstance(formula, Activation):
        yield "z = {:g}", formula.function, formula.derivative, everywhere
    elif isinstance(formula, Regularizer):
        slope = formula.derivative
        yield "weight = {:g}", formula.function, lambda weight, _: slope(weight), everywhere
    elif isinstance(formula, Loss):
        low, high = formula.target_domain
        for target in TARGETS.get(formula.target_kind, NUMBERS):
            if not low <= target <= high:
                continue
            place = f"value = {{:g}}, target = {target:g}"
            yield place, *_with_target(formula, target), formula.domain


def _with_target(loss: Loss, target: float) -> tuple[Function, Slope]:
    return lambda value: loss.function(value, target), lambda value, _: loss.derivative(value, target)


def _disagreement(
    place: str,
    function: Function,
    derivative: Slope,
    domain: tuple[float, float],
) -> tuple[str, float, float] | None:
    """Return where the derivative is not the slope of the function, and both numbers."""
    for point in _points(*domain):
        if domain[0] <= point - 2.0 * STEP < point + 2.0 * STEP <= domain[1]:
            with suppress(Exception):  # training will meet it, or not
                values = [float(function(point + k * STEP)) for k in (-2, -1, 0, 1, 2)]
                given = float(derivative(point, values[2]))
                slope, margin = _slope(values)
                if abs(given - slope) > margin + SHARE * abs(given):
                    return place.format(point), given, slope
    return None


def _points(low: float, high: float) -> list[float]:
    """Return where to look: at the points within the domain, or else at as many from its ends."""
    within = [point for point in POINTS if low < point < high]
    if within or low == -inf:
        return within or [high - abs(point) for point in POINTS]
    width = high - low
    return [low + (abs(point) if width == inf else width * abs(point)) for point in POINTS]


def _slope(values: list[float]) -> tuple[float, float]:
    """Return a slope from values STEP apart, and how far off it may be: any distance at a kink."""
    slopes = [(after - before) / STEP for before, after in pairwise(values)]
    margin = 1e-6 + 1e-15 * max(map(abs, values)) / STEP + SHARE * max(map(abs, slopes))
    is_smooth = max(slopes) - min(slopes) <= margin
    return (values[3] - values[1]) / (2.0 * STEP), margin if is_smooth else inf


def _without_numpy_warnings() -> AbstractContextManager[Any]:
    """Keep what NumPy says of points that training may never see."""
    numpy = sys.modules.get("numpy")
    return nullcontext() if numpy is None else numpy.errstate(all="ignore")
