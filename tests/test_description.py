"""Formulas as plain values: what is described can be made again, and none passes for a built-in one."""

from __future__ import annotations

import json
from dataclasses import replace
from math import tanh

import numpy as np
import pytest

from slownet import Activation, InvalidValueError, MissingFormulaError, Optimizer, functions
from slownet.functions.description import KINDS, TABLES, describe, from_description

MADE = (
    functions.elu(0.5),
    functions.leaky_relu(0.2),
    functions.huber(2.5),
    functions.sgd(0.9),
    functions.sgd(0.9, nesterov=True),
    functions.rmsprop(0.8, 1e-6),
    functions.adam(0.8, 0.99, 1e-7),
    functions.adam(epsilon=10**30),  # no float is this integer
    functions.rmsprop(np.float32(0.8), 1),
    functions.step(3, 0.1),
    functions.exponential(0.7),
)
EVERY = [formula for table in TABLES.values() for formula in table.values()] + list(MADE)


@pytest.mark.parametrize("formula", EVERY, ids=lambda formula: str(describe(formula)))
def test_what_is_described_can_be_made_again(formula) -> None:
    description = json.loads(json.dumps(describe(formula)))
    assert "own" not in description
    again = from_description(KINDS[type(formula)], description)
    assert describe(again) == description
    assert getattr(again, "latex", None) == formula.latex
    for point in (-1.5, -0.25, 0.75):
        if isinstance(formula, Activation):
            assert again.function(point) == formula.function(point)
        elif isinstance(formula, Optimizer):
            rates = formula.constants(3)
            assert again.constants(3) == rates
            assert again.function(1.0, point, 0.5, 0.25, 0.1, rates) == formula.function(
                1.0, point, 0.5, 0.25, 0.1, rates
            )


def test_a_name_without_settings_is_enough_for_the_usual_ones() -> None:
    assert from_description("activation", {"name": "elu"}) is functions.get_activation("elu")


def test_an_own_formula_does_not_pass_for_the_built_in_one_of_its_name() -> None:
    for own in (
        Activation("sigmoid", lambda z: z, lambda z, value: 1.0),
        replace(functions.elu(), function=tanh),
        replace(functions.sgd(0.9), constants=lambda step: (0.8,)),
    ):
        description = describe(own)
        assert description == {"name": own.name, "own": True}
        kind = KINDS[type(own)]
        assert from_description(kind, description, [functions.l1, own]) is own
        with pytest.raises(MissingFormulaError, match=rf"formulas=\[{own.name}\]"):
            from_description(kind, description)


@pytest.mark.parametrize(
    "description",
    [
        {},
        {"name": None},
        {"name": ["relu"]},
        {"name": "nonsense"},
        {"name": "relu", "alpha": 1.0},
        {"name": "elu", "alpha": "large"},
        {"name": "elu", "alpha": None},
        {"name": "elu", "beta": 1.0},
    ],
)
def test_nonsense_is_refused(description) -> None:
    with pytest.raises(InvalidValueError):
        from_description("activation", description)
