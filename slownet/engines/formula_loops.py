"""Loops around formulas: what the kernels call, once for a layer, a sample or a row of weights.

Each function here returns a loop around one formula, which `formulas.py` compiles; a user's own one has
been tried up to the distance `tested` from 0. All loops but the loss return whether every number is
within bounds.
"""

from __future__ import annotations

from math import nan
from typing import Any

from numba import carray, types
from numba.np.unsafe.ndarray import to_fixed_tuple

from slownet.engines.bounds import LARGEST, LIMIT

_p, _n, _x = types.CPointer(types.float64), types.int64, types.float64
VALUES = _n(_p, _p, _n, _n, _n, _n)
DELTAS = _n(_p, _p, _p, _n, _n, _n, _n)
SLOPES = _n(_p, _p, _p, _n, _x)
LOSS = _x(_p, _p, _p, _n, _n)
UPDATE = _n(_p, _p, _p, _p, _n, _x, _p)
PENALTY = _n(_p, _p, _n, _x)


def values_loop(function: Any, tested: float) -> Any:
    """Value of every neuron of a layer: f(z)."""

    def values(z: Any, value: Any, rows: int, size: int, z_row: int, value_row: int) -> int:
        in_bounds = True
        for r in range(rows):
            for j in range(size):
                number = z[r * z_row + j]
                result = float(function(number))
                value[r * value_row + j] = result
                in_bounds &= (abs(number) <= tested) & (abs(result) <= LIMIT)
        return int(in_bounds)

    return values


def deltas_loop(derivative: Any, tested: float) -> Any:
    """Delta of every neuron of a layer: slope * f'(z), in place of the slopes."""

    def deltas(z: Any, value: Any, delta: Any, rows: int, size: int, z_row: int, value_row: int) -> int:
        in_bounds = True
        for r in range(rows):
            for j in range(size):
                at = r * z_row + j
                result = delta[at] * float(derivative(z[at], value[r * value_row + j]))
                delta[at] = result
                in_bounds &= (abs(z[at]) <= tested) & (abs(result) <= LIMIT)
        return int(in_bounds)

    return deltas


def softmax_values_loop(formula: Any, tested: float) -> Any:
    """Value of every neuron of a softmax layer."""

    def values(z: Any, value: Any, rows: int, size: int, z_row: int, value_row: int) -> int:
        zs, results = carray(z, (rows, z_row)), carray(value, (rows, value_row))
        in_bounds = True
        for r in range(rows):
            formula(zs[r, :size], results[r, :size])
            for j in range(size):
                in_bounds &= (abs(zs[r, j]) <= LARGEST) & (abs(results[r, j]) <= LIMIT)
        return int(in_bounds)

    return values


def softmax_deltas_loop(formula: Any, tested: float) -> Any:
    """Delta of every neuron of a softmax layer, in place of the slopes."""

    def deltas(z: Any, value: Any, delta: Any, rows: int, size: int, z_row: int, value_row: int) -> int:
        results, slopes = carray(value, (rows, value_row)), carray(delta, (rows, z_row))
        in_bounds = True
        for r in range(rows):
            formula(results[r, :size], slopes[r, :size])
            for j in range(size):
                in_bounds &= abs(slopes[r, j]) <= LIMIT
        return int(in_bounds)

    return deltas


def differences(value: Any, target: Any, slope: Any, size: int, factor: float) -> int:
    """Delta of every output where the activation is the partner of the loss: value - target."""
    for j in range(size):
        slope[j] = value[j] - target[j]
    return 1


def differences_loop(formula: Any, tested: float) -> Any:
    """Return `differences`, in which there is no formula."""
    return differences


def slopes_loop(derivative: Any, tested: float) -> Any:
    """Slope of every output: dL/dvalue; `factor` is that of the mean over outputs."""

    def slopes(value: Any, target: Any, slope: Any, size: int, factor: float) -> int:
        in_bounds = True
        for j in range(size):
            slope[j] = factor * derivative(value[j], target[j])
            in_bounds &= (abs(value[j]) <= tested) & (abs(target[j]) <= tested)
        return int(in_bounds)

    return slopes


def loss_loop(function: Any, tested: float) -> Any:
    """Loss of a sample, from the values of the outputs; nan, out of bounds, where it is not tried."""

    def loss(z: Any, value: Any, target: Any, size: int, mean: int) -> float:
        total = 0.0
        for j in range(size):
            total += function(value[j], target[j])
            if not ((abs(value[j]) <= tested) & (abs(target[j]) <= tested)):
                total = nan
        return total / size if mean else total

    return loss


def loss_of_z_loop(formula: Any, tested: float) -> Any:
    """Loss of a sample, from the weighted inputs of the outputs."""

    def loss(z: Any, value: Any, target: Any, size: int, mean: int) -> float:
        return float(formula(carray(z, (size,)), carray(value, (size,)), carray(target, (size,))))

    return loss


def update_loop(count: int) -> Any:
    """Update of some weights or biases by an optimizer with `count` constants."""

    def loop(rule: Any, tested: float) -> Any:
        is_own = tested < LARGEST

        def update(
            value: Any, gradient: Any, first: Any, second: Any, size: int, rate: float, constants: Any
        ) -> int:
            settings = to_fixed_tuple(carray(constants, (count,)), count)
            in_bounds = not is_own or abs(rate) <= tested
            for j in range(size):
                if is_own:
                    in_bounds &= (abs(value[j]) <= tested) & (abs(gradient[j]) <= tested)
                    in_bounds &= (abs(first[j]) <= tested) & (abs(second[j]) <= tested)
                result, a, b = rule(value[j], gradient[j], first[j], second[j], rate, settings)
                value[j], first[j], second[j] = result, a, b
                in_bounds &= abs(result) <= LARGEST
            return int(in_bounds)

        return update

    return loop


def penalty_loop(derivative: Any, tested: float) -> Any:
    """Penalty of some weights, added to their gradients."""
    is_own = tested < LARGEST

    def penalty(value: Any, gradient: Any, size: int, strength: float) -> int:
        in_bounds = True
        for j in range(size):
            slope = strength * derivative(value[j])
            gradient[j] += slope
            if is_own:
                in_bounds &= (abs(value[j]) <= tested) & (abs(slope) <= LARGEST)
        return int(in_bounds)

    return penalty
