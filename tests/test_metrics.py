"""Figures beside the loss: `evaluate(metrics=[...])`."""

from __future__ import annotations

from decimal import Decimal
from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slownet import NetFactory, SlownetError, functions
from slownet.training import metrics

NUMBERS = st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 2), min_size=2, max_size=30)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))


def trained(outputs: int, output: str | None, y: Any, **options: Any) -> Any:
    net = NetFactory([4, 6, outputs], "tanh", output, seed=0).new()
    net.fit(X, y, epochs=5, progress=False, **options)
    return net


@given(NUMBERS)
def test_metrics_of_numbers_are_their_formulas(pairs: list[tuple[float, float]]) -> None:
    y, predicted = (np.array(each) for each in zip(*pairs, strict=True))
    off = predicted - y
    found = metrics.root_mean_squared_error(y.tolist(), predicted.tolist())
    assert found == pytest.approx(float(np.sqrt((off * off).mean())), rel=1e-12, abs=1e-150)
    assert metrics.mean_absolute_error(y.tolist(), predicted.tolist()) == pytest.approx(
        float(np.abs(off).mean()), rel=1e-12, abs=1e-150
    )
    r2 = metrics.r2(y.tolist(), predicted.tolist())
    if np.ptp(y) > 1e-3:
        assert r2 == pytest.approx(1 - (off**2).sum() / ((y - y.mean()) ** 2).sum(), rel=1e-6)


def test_no_square_overflows() -> None:
    assert metrics.root_mean_squared_error([1e300, -1e300], [-1e300, 1e300]) == 2e300
    assert metrics.root_mean_squared_error([0.0], [5e-324]) == 5e-324
    assert metrics.root_mean_squared_error([0.0], [inf]) == inf
    assert metrics.root_mean_squared_error([1.0, 2.0], [1.0, 2.0]) == 0.0


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
@pytest.mark.parametrize("prepare", [None, "standardise"])
def test_evaluate_gives_metrics_in_the_units_of_the_targets(engine: str, prepare: str | None) -> None:
    y = 500.0 + 100.0 * X[:, 0]
    net = trained(1, "linear", y, prepare=prepare, learning_rate=1e-4)
    found = net.evaluate(X, y, engine=engine, metrics=["r2", "mae", "rmse"])
    off = net.predict(X) - y
    assert found.metrics == {
        "r2": pytest.approx(1 - (off**2).sum() / ((y - y.mean()) ** 2).sum()),
        "mae": pytest.approx(float(np.abs(off).mean())),
        "rmse": pytest.approx(float(np.sqrt((off**2).mean()))),
    }
    assert found.metrics["mae"] == pytest.approx(found.error)
    assert found.figures == net.evaluate(X, y, engine=engine).figures


def test_several_outputs_have_a_metric_each() -> None:
    y = np.stack([X[:, 0], 100.0 * X[:, 1]], axis=1)
    net = trained(2, "linear", y, prepare="standardise")
    found = net.evaluate(X, y, metrics=["rmse"]).metrics["rmse"]
    assert found == pytest.approx(np.sqrt(((net.predict(X) - y) ** 2).mean(axis=0)))


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
def test_metrics_of_classes(engine: str) -> None:
    y = [("a", "b", "c")[int(k)] for k in np.digitize(X[:, 0], [-0.5, 0.5])]
    net = trained(3, None, y)
    found = net.evaluate(X, y, engine=engine, metrics=["accuracy_per_class", "top_1", "top_2", "top_9"])
    predicted = net.predict(X)
    assert found.metrics["accuracy_per_class"] == {
        label: np.mean([p == label for p, true in zip(predicted, y, strict=True) if true == label])
        for label in "abc"
    }
    order = np.argsort(-net.predict_proba(X), axis=1)[:, :2]
    hits = [true in [net.classes[k] for k in row] for true, row in zip(y, order, strict=True)]
    assert found.metrics["top_1"] == found.accuracy
    assert found.metrics["top_2"] == np.mean(hits)
    assert found.metrics["top_9"] == 1.0
    assert net.evaluate(X[:1], y[:1], metrics=["accuracy_per_class"]).metrics["accuracy_per_class"] == {
        label: None if label != y[0] else float(predicted[0] == y[0]) for label in "abc"
    }


def test_two_classes_of_one_output_have_metrics_too() -> None:
    y = (X[:, 0] > 0).astype(int)
    found = trained(1, None, y).evaluate(X, y, metrics=["accuracy_per_class", "top_1"])
    assert set(found.metrics["accuracy_per_class"]) == {0, 1}
    assert found.metrics["top_1"] == found.accuracy


def test_a_function_is_a_metric() -> None:
    def worst(y: Any, predicted: Any) -> float:
        return max(abs(true - each) for true, each in zip(y, predicted, strict=True))

    y = X[:, 0]
    net = trained(1, "linear", y)
    found = net.evaluate(X, y, metrics=[worst, "r2"])
    assert list(found.metrics) == ["worst", "r2"]
    assert found.metrics["worst"] == np.abs(net.predict(X) - y).max()


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
def test_no_metrics_are_no_error(engine: str) -> None:
    found = trained(3, None, [0, 1, 2] * 20).evaluate(X, [0, 1, 2] * 20, engine, metrics=[])
    assert found.metrics == {}


def test_metrics_take_all_targets_that_fit_takes() -> None:
    y = X[:, :2].round(3)
    one, two = trained(1, "linear", y[:, 0]), trained(2, "linear", y)
    wanted = one.evaluate(X, y[:, 0], metrics=metrics.NUMBERS)
    assert one.evaluate(X, [Decimal(str(each)) for each in y[:, 0]], metrics=metrics.NUMBERS) == wanted
    wanted = two.evaluate(X, y, metrics=metrics.NUMBERS)
    assert two.evaluate(X, list(map(tuple, y)), metrics=metrics.NUMBERS) == wanted


def test_what_every_evaluation_has_may_be_asked_for() -> None:
    net = trained(3, None, [0, 1, 2] * 20)
    usual = net.evaluate(X, [0, 1, 2] * 20)
    asked = net.evaluate(X, [0, 1, 2] * 20, metrics=["accuracy", "loss", "top_2"])
    assert list(asked.metrics) == ["top_2"]
    assert asked._replace(metrics=usual.metrics) == usual


def test_an_evaluation_says_what_its_loss_is() -> None:
    y = X[:, 0]
    said = repr(trained(1, "linear", y).evaluate(X, y, metrics=["r2"]))
    assert "(half the squared error, the sum over the outputs), samples=60, error=" in said
    assert said.endswith(")")
    assert ", r2=" in said
    for loss in functions.LOSSES.values():
        assert functions.get_loss(loss.name).words, loss.name


@pytest.mark.parametrize(
    ("outputs", "output", "wanted", "message"),
    [
        (
            1,
            "linear",
            ["accuracy_per_class"],
            "not for a net that predicts numbers: there is r2, mae, rmse",
        ),
        (1, "linear", ["top_3"], "not for a net that predicts numbers"),
        (3, None, ["r2"], "not for a net that predicts classes: there is accuracy_per_class, top_3"),
        (3, None, ["top_0"], "unknown metric 'top_0'"),
        (2, "sigmoid", ["top_1"], r"predicts answers: give a function of \(y, predicted\)"),
        (1, "linear", ["R2"], "did you mean 'r2'"),
        (1, "linear", ["mean_absolute_error"], "did you mean 'mae'"),
        (1, "linear", ["accuracy"], "'accuracy' is not for a net that predicts numbers"),
        (3, None, [lambda y, p: 1, lambda y, p: 2], "two metrics are called '<lambda>'"),
        (1, "linear", "r2", r"metrics must be a list such as \[\"r2\", \"mae\"\], not 'r2'"),
        (1, "linear", 3, "metrics must be a list"),
        (1, "linear", [np.zeros(2)], "a metric is a name or a function of .*, not ndarray of shape"),
        (1, "linear", [3], "a metric is a name or a function"),
    ],
)
def test_metrics_say_what_there_is(outputs: int, output: str | None, wanted: Any, message: str) -> None:
    net = NetFactory([4, outputs], output_activation=output, seed=0).new()
    y = {"linear": X[:, 0], "sigmoid": (X[:, :2] > 0).astype(int)}.get(output, [0, 1, 2] * 20)
    with pytest.raises((TypeError, ValueError), match=message) as error:
        net.evaluate(X, y, metrics=wanted)
    assert isinstance(error.value, SlownetError)
