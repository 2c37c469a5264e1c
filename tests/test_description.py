"""Formulas as plain values: what is described can be made again, and none passes for a built-in one."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace
from math import tanh

import numpy as np
import pytest

from slownet import (
    Activation,
    Initializer,
    InvalidValueError,
    Loss,
    MissingFormulaError,
    NetFactory,
    Optimizer,
    Schedule,
    functions,
    load,
)
from slownet.functions.description import KINDS, TABLES, describe, from_description

MADE = (
    functions.elu(0.5),
    functions.leaky_relu(0.2),
    functions.huber(2.5),
    functions.sgd(0.9),
    functions.sgd(0.9, nesterov=True),
    functions.sgd(0.9, rate_in_velocity=True),
    functions.sgd(0.9, nesterov=True, rate_in_velocity=True),
    functions.rmsprop(0.8, 1e-6),
    functions.adam(0.8, 0.99, 1e-7),
    functions.adam(epsilon=10**30),  # no float is this integer
    functions.rmsprop(np.float32(0.8), 1),
    functions.adamw(0.8, 0.99, 1e-7, 0.1),
    functions.adagrad(1e-5),
    functions.nadam(0.8, 0.99, 1e-7, 0.01),
    functions.warm_up(3),
    functions.warm_up(2, "cosine", 0.1),
    functions.warm_up(0.5, functions.step(3, 0.1)),
    functions.warm_up(2, functions.exponential(0.7)),
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


def test_the_same_settings_give_the_same_formula() -> None:
    assert functions.elu(0.5) is functions.elu(alpha=np.float32(0.5))
    assert functions.elu(0.5) is not functions.elu(0.25)
    assert functions.sgd() is functions.sgd(0.0) is functions.plain_sgd
    assert functions.sgd(0.9) is not functions.sgd(0.9, nesterov=True)
    zeros = functions.leaky_relu(0.0), functions.leaky_relu(-0.0)
    assert [math.copysign(1.0, zero.function(-1.0)) for zero in zeros] == [-1.0, 1.0]
    copied = copy.deepcopy(functions.adam(0.8))
    assert describe(copied) == describe(functions.adam(0.8))


def test_a_formula_is_added_in_its_table_alone(monkeypatch, tmp_path) -> None:
    def bent(bend: float = 0.5) -> Activation:
        return Activation(
            "bent",
            lambda z: z + bend * z * z,
            lambda z: 1.0 + 2.0 * bend * z,
            initializer="tiny",
            settings={"bend": bend},
        )

    new: list = [
        functions.table.made_once(bent),
        Loss("quartic", lambda a, y: (a - y) ** 4, lambda a, y: 4.0 * (a - y) ** 3),
        Optimizer("half", lambda w, g, first, second, rate, _: (w - 0.5 * rate * g, first, second)),
        Schedule("late", lambda rate, epoch, epochs: rate * epoch),
        Initializer("tiny", lambda fan_in, fan_out: 0.01),
    ]
    kinds = ["activation", "loss", "optimizer", "schedule", "initializer"]
    tables = [*(TABLES[kind] for kind in kinds[:-1]), functions.INITIALIZERS]
    for table, entry in zip(tables, new, strict=True):
        added = type(table)(table.kind, table.types, entry)
        for name, formula in added.items():
            monkeypatch.setitem(table, name, formula)
        for name, maker in added.makers.items():
            monkeypatch.setitem(table.makers, name, maker)
    net = NetFactory([1, 2, 1], "bent", "linear", seed=0).new()
    assert all(
        abs(neuron.weights["in"][0, neuron.id].value) < 0.1 for neuron in net.layers[1].neurons.values()
    )
    history = net.fit(
        *([[0.5], [1.0]], [1.0, 0.0]),
        epochs=2, optimizer="half", loss="quartic", schedule="late", learning_rate=0.01,
    )  # fmt: skip
    assert history.formulas == []
    net.layers[1].activation = new[0](0.25)
    net.save(tmp_path / "net.json")
    loaded = load(tmp_path / "net.json")
    assert loaded.layers[1].activation is net.layers[1].activation
    assert loaded.loss is net.loss


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
