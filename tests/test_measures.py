"""How right a net is, in numbers: each by its name, of so many samples; and the rate of every step."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_trainings import Stopping

from slownet import Callback, History, NetFactory, compare, functions, resume, verify
from slownet.datasets import moons
from slownet.errors import DivergedError, InvalidTypeError, MissingFormulaError, TrainingWarning
from slownet.page import Page
from slownet.plotting.lines import batch_text, mean_at
from slownet.recording.measures import batch_size_text, learning_rate_of, samples_of_epoch
from slownet.training import EarlyStopping

X, Y = moons(60, 0.2, 0)
TRAIN, HELD = (X[:40], Y[:40]), (X[40:57], Y[40:57])
LINE = (X, X[:, 0] - X[:, 1])
SETTINGS: dict[str, Any] = {"epochs": 3, "batch_size": 8, "progress": False}


def fitted(data: Any = TRAIN, output: str | None = None, **options: Any) -> History:
    net = NetFactory([2, 4, 1], None, output, seed=1).new()
    return net.fit(*data, **{**SETTINGS, "test_data": HELD, **options})


class Failing(Callback):
    def on_epoch_end(self, training: Any) -> None:
        self.history = training.history
        raise RuntimeError


# the test


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
def test_the_trained_net_is_tested_once_at_the_end(engine: str) -> None:
    history = fitted(engine=engine)
    assert history.net is not None
    found = history.net.evaluate(*HELD)
    assert history.test == {"step": 15, **found.figures}
    assert (found.samples, found.error) == (17, None)
    assert found.accuracy == (history.net.predict(HELD[0]) == HELD[1]).sum() / 17
    assert fitted(test_data=None).test is None


def test_a_test_changes_no_bit_of_the_training() -> None:
    one, other = fitted(), fitted(test_data=None)
    assert one.net is not None
    assert other.net is not None
    assert one.loss == other.loss
    assert [w.value for w in one.net.weights()] == [w.value for w in other.net.weights()]


def test_numbers_have_a_mean_error() -> None:
    history = fitted(LINE, "linear", test_data=(X[:9], LINE[1][:9]))
    assert history.net is not None
    assert history.test is not None
    off = np.abs(history.net.predict(X[:9]) - LINE[1][:9])
    assert history.test["error"] == pytest.approx(off.mean(), rel=1e-14)
    assert (history.test["accuracy"], history.test["samples"]) == (None, 9)
    net = NetFactory([2, 3, 2], None, "linear", seed=0).new()
    wanted = np.stack([X[:, 1], X[:, 0]], axis=1)
    off = np.abs(net.predict(X) - wanted)
    assert net.evaluate(X, wanted).error == pytest.approx(off.mean(), rel=1e-14)


@pytest.mark.parametrize("how", ["early_stopping", "callbacks"])
def test_the_net_that_early_stopping_restored_is_tested(how: str) -> None:
    worse = (X[:40], 1 - Y[:40])  # every epoch is worse than the first
    history = fitted(epochs=20, learning_rate=0.5, validation_data=worse, **{how: EarlyStopping(2)})
    assert history.net is not None
    assert history.test is not None
    assert history.test["step"] == 5 < history.last_step
    assert history.test["loss"] == history.net.evaluate(*HELD).loss
    kept = EarlyStopping(2, restore_best=False)
    history = fitted(epochs=20, learning_rate=0.5, validation_data=worse, early_stopping=kept)
    assert history.test is not None
    assert history.test["step"] == history.last_step == 15


def test_what_was_interrupted_is_tested_and_what_failed_is_not() -> None:
    for error in (KeyboardInterrupt, None):
        history = fitted(callbacks=Stopping(7, error))
        assert history.test is not None
        assert history.test["step"] == 7
    failing = Failing()
    with pytest.raises(RuntimeError):
        fitted(callbacks=failing)
    assert failing.history.test is None
    with pytest.raises(DivergedError) as caught:
        fitted((X * 1e3, LINE[1]), "linear", learning_rate=1e9, test_data=(X, LINE[1]))
    assert caught.value.history is not None
    assert caught.value.history.test is None


def test_a_test_that_overflows_is_none_and_says_so() -> None:
    wrong = "test_data: there is no test, because a number overflows"
    with pytest.warns(TrainingWarning, match=wrong) as caught:
        history = fitted(LINE, "linear", test_data=(X[:3] * 1e300, LINE[1][:3]))
    assert (history.test, history.ended) == (None, "finished")
    assert [each.filename for each in caught] == [__file__]


def test_test_data_are_checked_before_training() -> None:
    with pytest.raises(ValueError, match=r"test_data\[1\]"):
        fitted(test_data=(X[:2], [0, 7]))
    with pytest.raises(InvalidTypeError, match=r"test_data must be a pair \(X, y\), not ndarray"):
        fitted(test_data=X)
    with pytest.raises(InvalidTypeError, match=r"test_data must be a pair \(X, y\), not a tuple of 3"):
        fitted(test_data=(X, X[:, 0], X))


def test_files_keep_the_test(tmp_path: Path) -> None:
    history = fitted(record=tmp_path / "a.run", snapshots=3)
    assert history.test is not None
    assert History.open(tmp_path / "a.run").test == history.test
    assert History.from_json(history.to_json(tmp_path / "a.json")).test == history.test


def test_a_resumed_training_has_the_test_of_its_own_end(tmp_path: Path) -> None:
    run = tmp_path / "a.run"
    fitted(record=run, epochs=3, callbacks=Stopping(4, KeyboardInterrupt))
    again = resume(run, TRAIN, progress=False, test_data=HELD)
    assert again.test == History.open(run).test == fitted(epochs=3).test
    assert resume(run, TRAIN, progress=False).test == again.test  # nothing was left to train
    more = resume(run, TRAIN, 5, progress=False)
    assert (more.test, History.open(run).test) == (None, None)  # another net, and not tested
    failing = Failing()
    resume(run, TRAIN, 6, progress=False, test_data=HELD)
    assert History.open(run).test is not None
    with pytest.raises(RuntimeError):
        resume(run, TRAIN, 8, progress=False, test_data=HELD, callbacks=failing)
    assert History.open(run).test is None


def test_a_branch_has_a_test_of_its_own_or_none() -> None:
    history = fitted(snapshots=3)
    assert history.branch(4, TRAIN, learning_rate=0.3, progress=False).test is None
    branch = history.branch(4, TRAIN, learning_rate=0.3, progress=False, test_data=HELD)
    assert branch.net is not None
    assert branch.test == {"step": 15, **branch.net.evaluate(*HELD).figures}


# texts


def test_every_figure_has_its_name_and_its_samples(tmp_path: Path) -> None:
    history = fitted(record=tmp_path / "a.run", validation_data=(X[40:51], Y[40:51]))
    last = history.epochs[-1]
    figures = (
        f"training accuracy {last.accuracy:.2%} of 40, loss {last.loss:.4g}",
        f"validation accuracy {last.validation_accuracy:.2%} of 11, loss {last.validation_loss:.4g}",
        f"test accuracy {history.test['accuracy']:.2%} of 17, loss {history.test['loss']:.4g}",
    )
    text = str(compare(history, history))
    assert all(figure in text for figure in figures)
    assert repr(history).endswith(f", {figures[2]})")
    html = history._repr_html_()
    assert "training accuracy</th><th>validation loss</th><th>validation accuracy" in html
    for share, samples in ((last.accuracy, 40), (last.validation_accuracy, 11)):
        assert f"<td>{share:.2%} of {samples}</td>" in html


def test_an_epoch_that_was_cut_short_is_of_fewer_samples() -> None:
    history = fitted(callbacks=Stopping(8, KeyboardInterrupt))
    assert [samples_of_epoch(history, each) for each in history.epochs] == [40, 24]
    whole = fitted()
    assert [samples_of_epoch(whole, each) for each in whole.epochs] == [40] * 3
    branch = fitted(snapshots=3).branch(7, TRAIN, batch_size=3, progress=False)
    assert samples_of_epoch(branch, branch.epochs[0]) == 40


def test_an_epoch_of_a_branch_is_counted_in_its_own_batches() -> None:
    def cut(step: int, batch_size: int) -> History:
        options = {"epochs": 9, "callbacks": Stopping(13, KeyboardInterrupt), "progress": False}
        return fitted(snapshots=3).branch(step, TRAIN, batch_size=batch_size, **options)

    branch = cut(11, 10)
    assert [(each.epoch, each.step) for each in branch.epochs] == [(3, 12), (4, 13)]
    assert [samples_of_epoch(branch, each) for each in branch.epochs] == [40, 10]
    branch = cut(12, 20)
    assert branch.epochs[-1].epoch == 7
    assert samples_of_epoch(branch, branch.epochs[-1]) == 20


@pytest.mark.parametrize("size", [0, -3, None, "8"])
def test_a_file_whose_batches_have_no_size_is_shown(size: object) -> None:
    history = fitted()
    history.config["batch_size"] = size
    assert samples_of_epoch(history, history.epochs[-1]) == 40
    assert "of 40, loss" in str(compare(history, history))
    assert "of 40</td>" in history._repr_html_()


def test_the_running_mean_of_a_branch_is_of_its_own_steps() -> None:
    branch = fitted(snapshots=3).branch(10, TRAIN, progress=False)
    assert mean_at(branch, "loss", 12) == branch.loss[1]
    assert mean_at(branch, "loss", 10) == branch.loss[0]


# the learning rate


class Rates(Callback):
    def __init__(self) -> None:
        self.rates: list[float] = []

    def on_step_end(self, training: Any) -> None:
        self.rates.append(training.learning_rate)


OWN = functions.Schedule("own", lambda rate, epoch, epochs: rate / (1.0 + epoch + epochs))
SCHEDULES = st.one_of(
    st.sampled_from([None, "constant", "cosine", "step", OWN]),
    st.builds(functions.step, st.integers(1, 3), st.floats(0.1, 0.9)),
    st.builds(functions.exponential, st.floats(0.1, 0.99)),
)


@settings(
    max_examples=max(25, settings.default.max_examples // 10), suppress_health_check=list(HealthCheck)
)
@given(
    schedule=SCHEDULES,
    batch_size=st.integers(1, 50),
    optimizer=st.sampled_from(["sgd", "adam"]),
    at=st.integers(0, 30),
)
def test_the_rate_of_a_step_is_the_one_that_training_used(
    schedule: Any, batch_size: int, optimizer: str, at: int
) -> None:
    options = {"schedule": schedule, "batch_size": batch_size, "optimizer": optimizer, "snapshots": 3}
    seen = Rates()
    history = fitted(**options, callbacks=seen, engine="scalar")
    assert [learning_rate_of(history, step) for step in history.steps] == seen.rates
    again, at = Rates(), min(at, history.last_step - 1)
    branch = history.branch(at, TRAIN, epochs=4, learning_rate=0.03, progress=False, callbacks=again)
    assert [learning_rate_of(branch, step) for step in branch.steps] == again.rates


def test_the_rate_where_a_training_was_resumed_for_more_epochs(tmp_path: Path) -> None:
    run, seen = tmp_path / "a.run", Rates()
    fitted(record=run, schedule="cosine", callbacks=seen, epochs=2)
    for epochs in (3, 5):
        history = resume(run, TRAIN, epochs, progress=False, callbacks=seen)
    assert len(seen.rates) == history.last_step == 25
    assert [learning_rate_of(History.open(run), step) for step in history.steps] == seen.rates


def test_a_warm_start_begins_the_schedule_anew() -> None:
    net = NetFactory([2, 4, 1], seed=1).new()
    for _ in range(2):
        seen = Rates()
        options = {"optimizer": "adam", "warm_start": True, "schedule": "cosine", "callbacks": seen}
        history = net.fit(*TRAIN, **SETTINGS, **options)
        assert [learning_rate_of(history, step) for step in history.steps] == seen.rates
        assert seen.rates[0] == 0.1


def test_a_page_has_the_rate_of_the_step_after_each_snapshot(tmp_path: Path) -> None:
    seen = Rates()
    history = fitted(schedule="cosine", snapshots=5, callbacks=seen)
    training = Page.open(history.write_html(tmp_path / "a.html")).training
    assert history.snapshot_steps[-1] == 15
    wanted = [seen.rates[min(step, 14)] for step in history.snapshot_steps]
    assert training["rates"] == wanted
    assert wanted[0] == 0.1
    assert 0.0 < wanted[-1] < 0.01
    assert training["test"] == history.test
    per_epoch = ceil(40 / 8)
    angle = np.pi * 14 / per_epoch / 3
    assert wanted[-1] == pytest.approx(0.05 * (1 + np.cos(angle)), rel=1e-12)


def test_the_rates_of_an_own_schedule_that_is_not_there_are_unknown(tmp_path: Path) -> None:
    history = fitted(schedule=OWN, snapshots=3, record=tmp_path / "a.run", test_data=None)
    unknown = History.open(tmp_path / "a.run")
    with pytest.raises(MissingFormulaError):
        learning_rate_of(unknown, 1)
    for read, rates in ((unknown, None), (history, [learning_rate_of(history, k) for k in (1, 5, 15)])):
        path = read.write_html(tmp_path / "a.html", keep="none")
        found = Page.open(path).training["rates"]
        assert found is None if rates is None else found[0] == rates[0] and found[-1] == rates[-1]
        assert verify(path, TRAIN, formulas=[OWN])


@pytest.mark.parametrize(
    ("samples", "page", "plot"), [(2000, "1\u202f000", "1,000"), (2500, "≤ 1\u202f000", "≤ 1,000")]
)
def test_a_batch_of_which_the_last_one_is_smaller(samples: int, page: str, plot: str) -> None:
    history = NetFactory([2, 2, 1], seed=0).new().fit(*moons(samples, seed=1), epochs=1, batch_size=1000)
    assert batch_size_text(history) == page
    assert batch_text(history) == f" of {plot}"
