"""The learning-rate finder: its rates, where it stops, what it suggests, and its picture."""

from __future__ import annotations

import doctest
import math
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bits import bits

from slownet import InvalidTypeError, InvalidValueError, NetFactory, Schedule, functions, plotting
from slownet.datasets import moons
from slownet.training import RateSearch, find_learning_rate

X, Y = moons(200, seed=0)
RNG = np.random.default_rng(0)
WIDE = RNG.normal(size=(120, 3))
NUMBERS = WIDE @ [1.0, -2.0, 0.5]


def net(*sizes: int, output: str | None = None) -> Any:
    return NetFactory(list(sizes) or [2, 8, 1], "tanh", output, seed=0).new()


def test_the_rate_grows_by_the_same_factor_in_every_step() -> None:
    search = net().find_learning_rate(X, Y, 1e-5, 0.1, steps=101)
    assert search.ended == "finished"
    assert search.rates == pytest.approx(np.geomspace(1e-5, 0.1, 101).tolist(), rel=1e-12)
    assert len(search.rates) == len(search.losses) == len(search.smoothed) == 101
    weights, mean = 0.0, 0.0
    for k in range(5):
        weights, mean = 0.9 * weights + 0.1, 0.9 * mean + 0.1 * search.losses[k]
        assert search.smoothed[k] == pytest.approx(mean / weights)


def test_the_steps_are_those_of_a_training_with_these_rates() -> None:
    search = net().find_learning_rate(
        X, Y, 0.01, 1.0, steps=21, batch_size=200, optimizer="nadam", seed=3
    )
    rates = dict(enumerate(search.rates))
    same = Schedule("same", lambda rate, epoch, epochs: rates[round(epoch)])
    history = net().fit(X, Y, 21, 200, optimizer="nadam", seed=3, schedule=same, progress=False)
    assert bits(history.loss) == bits(search.losses)


def test_a_search_leaves_the_net_alone() -> None:
    given = net()
    given.fit(X, Y, optimizer="adam", warm_start=True, progress=False)
    before = bits(w.value for w in given.weights()), given.optimizer_state, given.preparation
    frame = pd.DataFrame(X, columns=["a", "b"])
    given.find_learning_rate(frame, Y, optimizer="adam", prepare="standardise")
    given.find_learning_rate(X, Y, loss="mean_squared_error")
    after = bits(w.value for w in given.weights()), given.optimizer_state, given.preparation
    assert before == after
    assert given.loss.name == "binary_cross_entropy"


@pytest.mark.parametrize(
    "options", [{}, {"optimizer": "adam", "dropout": 0.2}, {"loss": "squared_error"}]
)
@pytest.mark.parametrize("highest", [1.0, 1e4])
def test_both_engines_find_the_same(options: dict[str, Any], highest: float) -> None:
    found = [
        net().find_learning_rate(X, Y, highest=highest, engine=engine, **options)
        for engine in ("scalar", "compiled")
    ]
    assert found[0] == found[1]
    assert bits(found[0].losses) == bits(found[1].losses)


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
def test_it_stops_when_the_loss_explodes(engine: str) -> None:
    line = net(3, 1, output="linear")
    search = line.find_learning_rate(WIDE, NUMBERS, highest=100.0, engine=engine, steps=400)
    assert search.ended == "exploded"
    assert search.rates[-1] < 20.0
    *before, last = [
        loss > max(search.smoothed[0], 4.0 * min(search.smoothed[: k + 1]))
        for k, loss in enumerate(search.smoothed)
    ]
    assert last
    assert not any(before)


def test_it_ends_when_a_number_is_not_finite() -> None:
    line = net(3, 1, output="linear")
    search = line.find_learning_rate(WIDE, NUMBERS, lowest=1e-3, highest=1e300, steps=3)
    assert search.ended == "diverged"
    assert len(search.rates) == len(search.losses) < 3
    lost = line.find_learning_rate([[1e308] * 3] * 4, [1.0] * 4)
    assert (lost.rates, lost.suggestion, lost.ended) == ([], None, "diverged")
    assert repr(lost) == "RateSearch(0 steps, diverged; no suggestion: the loss hardly fell)"
    with pytest.raises(InvalidValueError, match="this search has no steps"):
        lost.figure()


def test_nothing_is_suggested_where_the_loss_does_not_fall() -> None:
    search = net().find_learning_rate(np.zeros((40, 2)), [0, 1] * 20, highest=0.1)
    assert search.suggestion is None
    assert "no suggestion: the loss hardly fell" in repr(search)
    assert "No rate is suggested" in search.figure().layout.annotations[0].text


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adagrad", "nadam", "adamw", "rmsprop"])
def test_with_the_suggested_rate_the_net_learns(optimizer: str) -> None:
    given = net()
    search = given.find_learning_rate(X, Y, optimizer=optimizer)
    assert search.suggestion is not None
    assert f"suggestion {search.suggestion:.2g}, where the loss has fallen half" in repr(search)
    before = given.evaluate(X, Y).loss
    rate = search.suggestion
    given.fit(X, Y, epochs=40, learning_rate=rate, optimizer=optimizer, progress=False)
    assert given.evaluate(X, Y).loss < 0.5 * before


def test_the_suggestion_is_where_half_of_the_fall_is_done() -> None:
    smoothed = [2.0, 2.0, 2.0, 2.0, 1.9, 1.4, 1.1, 1.0, 1.5, 9.0]
    search = RateSearch([10.0 ** (k - 9) for k in range(10)], smoothed, smoothed, "exploded")
    assert (search.halfway, search.suggestion) == (5, 1e-4)
    flat = RateSearch([0.1, 0.2], [1.0, 0.95], [1.0, 0.95], "finished")
    assert flat.suggestion is None
    assert pickle.loads(pickle.dumps(search)) == search


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"epochs": 3}, InvalidTypeError, "find_learning_rate has no argument 'epochs'"),
        ({"schedule": "cosine"}, InvalidTypeError, "has no argument 'schedule'"),
        ({"bach_size": 3}, InvalidTypeError, "did you mean 'batch_size'"),
        ({"batch_size": 0}, InvalidValueError, "batch_size must be at least 1"),
        ({"lowest": 0.0}, InvalidValueError, "lowest must be above 0"),
        ({"lowest": 1.0, "highest": 1.0}, InvalidValueError, "highest must be above lowest, 1, not 1"),
        ({"highest": math.inf}, InvalidValueError, "highest must be finite"),
        ({"steps": 1}, InvalidValueError, "steps must be at least 2"),
        ({"steps": 10**9}, InvalidValueError, "steps must be at most 1,?000,?000"),
    ],
)
def test_what_cannot_be_used_is_refused(options: dict[str, Any], kind: Any, text: str) -> None:
    with pytest.raises(kind, match=text):
        net().find_learning_rate(X, Y, **options)


@pytest.mark.parametrize("documented", [find_learning_rate, functions.warm_up])
def test_the_examples_of_docstrings(documented: Any) -> None:
    (examples,) = doctest.DocTestFinder(recurse=False).find(documented, documented.__name__, globs={})
    assert examples.examples
    assert doctest.DocTestRunner().run(examples).failed == 0


def test_the_rates_may_be_very_far_apart() -> None:
    search = find_learning_rate(net(), X, Y, 1e-300, 1e-5, steps=5)
    assert search.rates == pytest.approx(np.geomspace(1e-300, 1e-5, 5).tolist(), rel=1e-9)
    assert search.figure().layout.xaxis.range[0] < -299.0


def test_the_picture() -> None:
    search = net().find_learning_rate(X, Y, optimizer="adam")
    figure = plotting.learning_rates(search)
    assert [trace.name for trace in figure.data] == ["each batch", "smoothed"]
    assert figure.data[1].y.tolist() == search.smoothed
    assert figure.layout.shapes[0].x0 == search.suggestion
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
    assert f"Suggested learning rate: {search.suggestion:.2g}" in figure.layout.annotations[0].text
    assert "rule of thumb" in figure.layout.annotations[0].text
    with pytest.raises(InvalidTypeError, match="learning_rates takes what find_learning_rate returned"):
        plotting.learning_rates([0.1])  # type: ignore[arg-type]
