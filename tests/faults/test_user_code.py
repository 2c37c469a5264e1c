"""Callbacks that edit the history, trainings in trainings, data that fail, and branches of any step."""

from __future__ import annotations

import copy
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trainings
from bits import numbers, record
from commands import python
from hypothesis import given, settings
from hypothesis import strategies as some
from slow import crossed
from trainings import ENGINES, At, X, Y, wait_for_commit

from slownet import Callback, DivergedError, EarlyStopping, History, NetFactory, SlownetError
from slownet.recording import recorder as recorders
from slownet.samples import Samples
from slownet.training import Training, in_training


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorders, "DUE", -1.0)


# callbacks that edit the history


def edit_numbers(history: History) -> None:
    for snapshot in history.snapshots:
        for place in range(len(snapshot.weights)):
            snapshot.weights[place] = 7.0
        for values in (snapshot.biases, *snapshot.zs, *snapshot.values):
            values[0] = 7.0


def edit_lists(history: History) -> None:
    for facts in (history.config, history.data):
        facts.clear()
    for rows in (history.watch.samples, history.watch.targets):
        for row in rows:
            row[0] = 7.0
    history.watch.labels.append(7)


def clear(history: History) -> None:
    for each in (history.loss, history.accuracy, history.epochs, history.snapshots):
        each.clear()  # type: ignore[attr-defined]
    for rows in (history.watch.samples, history.watch.targets, history.watch.labels):
        rows.clear()


def replace_lists(history: History) -> None:
    history.loss, history.accuracy, history.epochs, history.snapshots = [1.0], [2.0], [], ()


def append(history: History) -> None:
    history.loss.append(1.0)
    history.accuracy.insert(0, 1.0)
    history.epochs.extend(history.epochs)
    history.snapshots = [*history.snapshots, *history.snapshots]


def change(history: History) -> None:
    history.loss[0], history.accuracy[-1] = 7.0, 7.0


EDITS = (edit_numbers, edit_lists, clear, replace_lists, append, change)


class Edit(Callback):
    """Edits the history after a step, and in the hooks around epochs, too."""

    def __init__(self, step: int, edit: Callable[[History], None]) -> None:
        self.step, self.edit = step, edit

    def on_epoch_begin(self, training: Training) -> None:
        if training.step == self.step:
            self.edit(training.history)

    on_step_end = on_epoch_end = on_epoch_begin


@pytest.mark.parametrize(
    ("edit", "step", "engine"), crossed(EDITS, [60, 70], ENGINES, always=(len(EDITS), 1, len(ENGINES)))
)
def test_what_a_callback_does_to_the_history_is_not_in_the_file(
    edit: Callable[[History], None], step: int, engine: str, hurried: None, tmp_path: Path
) -> None:
    path = tmp_path / "a.run"
    options: dict[str, Any] = {"epochs": 3, "early_stopping": EarlyStopping(50)}
    wanted = trainings.train("full", engine, **options)
    history = trainings.train("full", engine, path, callbacks=Edit(step, edit), **options)
    assert numbers(history.net) == numbers(wanted.net)
    assert history.last_step == 180
    assert history.steps == list(range(1, 181))
    found = History.open(path)
    assert record(found) == record(wanted)
    assert vars(found.watch) == vars(wanted.watch)
    assert found.config == {**wanted.config, "callbacks": ["Edit"]}
    for own in (history, found):
        copied = copy.deepcopy(own)
        assert copied.last_step == 180
        assert repr(copied) == repr(own)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_an_interrupt_after_an_edit_records_each_epoch_once(
    edit: Callable[[History], None], hurried: None, tmp_path: Path
) -> None:
    def interrupt(training: Training) -> None:
        edit(training.history)
        raise KeyboardInterrupt

    path = tmp_path / "a.run"
    for step in (60, 75):
        ended = trainings.train("full", "scalar", path, callbacks=At(step, interrupt), epochs=3).ended
        assert ended == "interrupted"
        assert record(trainings.go_on("full", path)) == record(
            trainings.train("full", "scalar", epochs=3)
        )
        path.unlink()


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_a_branch_of_an_edited_history_is_recorded_or_refused(
    edit: Callable[[History], None], tmp_path: Path
) -> None:
    path = tmp_path / "b.run"
    history = trainings.train("plain", "scalar", epochs=3, snapshots=4)
    kept = copy.deepcopy(history)
    edit(history)
    try:
        branch = history.branch(130, (X, Y), record=path, epochs=3)
    except SlownetError:
        assert not path.exists()
    else:
        assert record(History.open(path)) == record(branch)
        assert branch.loss == kept.loss[130:]


@pytest.mark.parametrize("edit", [clear, replace_lists, append], ids=lambda edit: edit.__name__)
def test_a_training_file_of_an_edited_history_is_refused(
    edit: Callable[[History], None], tmp_path: Path
) -> None:
    history = trainings.train("full", "scalar", epochs=2)
    edit(history)
    with pytest.raises(ValueError, match="numbers for 120 steps: it has been changed"):
        history.to_json(tmp_path / "a.json")
    assert not list(tmp_path.iterdir())


def test_a_history_is_copied_while_it_is_recorded(hurried: None, tmp_path: Path) -> None:
    copies = []

    def look(training: Training) -> None:
        wait_for_commit(training, 50)
        copies.extend([copy.deepcopy(training.history), copy.copy(training.history)])
        copies[0].loss.append(0.0)
        copies[0].add_steps(61, [0.5], [])
        copies[0].net.fit(X, Y, epochs=1, progress=False)

    path = tmp_path / "a.run"
    history = trainings.train("full", "scalar", path, callbacks=At(60, look))
    assert copies[0].last_step == 61
    assert copies[0].ended is None
    wanted = record(trainings.whole("full"))
    assert record(history) == record(History.open(path)) == wanted


# a net in two trainings at once


class Inside(Callback):
    """Does something with the net in a hook, and keeps the error."""

    def __init__(self, hook: str, what: Callable[[Any], Any]) -> None:
        self.errors: list[str] = []
        self.what = what
        setattr(self, hook, self.call)

    def call(self, training: Training) -> None:
        try:
            self.what(training)
        except ValueError as error:
            self.errors.append(str(error))


HOOKS = ("on_fit_begin", "on_epoch_begin", "on_step_end", "on_progress", "on_epoch_end", "on_fit_end")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("hook", HOOKS)
def test_a_callback_cannot_train_the_same_net(hook: str, engine: str) -> None:
    def train(training: Training) -> None:
        training.net.copy().fit(X, Y, epochs=1, progress=False, engine=engine)  # another net is free
        training.net.fit(X, Y, epochs=1, progress=False, engine=engine, loss="hinge")

    callback = Inside(hook, train)
    history = trainings.train("momentum", engine, epochs=2, callbacks=callback)
    assert callback.errors
    for message in callback.errors:
        assert "is being trained, and one training at a time" in message
        assert "net.copy()" in message
    wanted = trainings.train("momentum", engine, epochs=2)
    assert record(history) == record(wanted)
    assert numbers(history.net) == numbers(wanted.net)
    assert not in_training._marked


@pytest.mark.parametrize("engine", ENGINES)
def test_another_thread_cannot_train_or_disturb_the_net(engine: str) -> None:
    net = trainings.new_net()
    errors, copies = [], []

    def disturb() -> None:
        for use in (
            lambda: net.fit(X, Y, epochs=1, progress=False),
            lambda: net.predict(X),
            lambda: net.predict_proba(X),
            lambda: net.evaluate(X, Y),
        ):
            try:
                use()
            except ValueError as error:
                errors.append(str(error))
        copies.append(net.copy().predict(X))

    def begin(training: Training) -> None:
        training.net.predict(X)  # in its own thread
        thread = threading.Thread(target=disturb)
        thread.start()
        thread.join()

    history = net.fit(X, Y, epochs=3, progress=False, engine=engine, callbacks=At(3, begin))
    assert len(errors) == 4
    assert all("is being trained in another thread" in each for each in errors)
    assert len(copies) == 1
    assert history.loss == trainings.new_net().fit(X, Y, epochs=3, progress=False, engine=engine).loss


@pytest.mark.long
def test_of_many_that_train_a_net_at_once_one_does() -> None:
    for _ in range(5):
        net, everybody = trainings.new_net(), threading.Barrier(4)
        ended: list[Any] = []

        def train(net: Any = net, everybody: Any = everybody, ended: Any = ended) -> None:
            everybody.wait()
            try:
                ended.append(
                    net.fit(X, Y, epochs=30, batch_size=1, progress=False, engine="scalar").loss
                )
            except ValueError as error:
                ended.append(str(error))

        threads = [threading.Thread(target=train) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        losses = [each for each in ended if isinstance(each, list)]
        wanted = (
            trainings.new_net().fit(X, Y, epochs=30, batch_size=1, progress=False, engine="scalar").loss
        )
        assert wanted in losses
        assert any("in another thread" in each for each in ended if isinstance(each, str))


def fail(_training: Any) -> None:
    raise ZeroDivisionError("mine")


def interrupt(_training: Any) -> None:
    raise KeyboardInterrupt


class Fails(Callback):
    def __init__(self, hook: str, how: Callable[[Any], None]) -> None:
        setattr(self, hook, how)
        self.name = f"{hook} {how.__name__}s"

    def __repr__(self) -> str:
        return self.name


@pytest.mark.parametrize(
    "options",
    [
        *({"callbacks": Fails(hook, how)} for hook in HOOKS for how in (fail, interrupt)),
        {"record": "nowhere/a.run"},
        {"learning_rate": 1e300, "batch_size": 1},
        {"schedule": "nonsense"},
        {"watch": (X, Y)},
        {"engine": "nonsense"},
        {"batch_size": 0},
        {},
    ],
    ids=repr,
)
def test_however_a_training_ends_the_net_can_be_trained_again(options: dict[str, Any]) -> None:
    net = NetFactory([2, 3, 1], "relu", "linear", seed=0).new()
    with suppress(KeyboardInterrupt, Exception):
        net.fit(X, Y, **{"epochs": 2, "progress": False, "engine": "scalar", **options})
    assert not in_training._marked
    with pytest.raises(ValueError, match="samples of 2"):
        net.fit([[1.0]], [1], progress=False)
    assert not in_training._marked
    with suppress(DivergedError):
        net.fit(X, Y, epochs=1, progress=False)


@pytest.mark.parametrize("how", ["resume", "branch"])
def test_a_net_that_is_resumed_or_branched_is_in_training_too(how: str, tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    history = trainings.train("momentum", "scalar", path, epochs=1)
    inside = Inside("on_step_end", lambda t: t.net.fit(X, Y, epochs=1, progress=False))
    if how == "resume":
        trainings.go_on("momentum", path, epochs=2, callbacks=inside)
    else:
        history.branch(5, (X, Y), epochs=2, callbacks=inside)
    assert inside.errors
    assert not in_training._marked


def test_a_run_under_way_can_be_rewound_and_branched_while_its_net_is_trained(
    hurried: None, tmp_path: Path
) -> None:
    """Those build nets of their own."""
    seen = []

    def look(training: Training) -> None:
        wait_for_commit(training, 50)
        history = History.open(tmp_path / "a.run")
        seen.append(history.rewind(40, (X, Y)))
        seen.append(history.branch(40, (X, Y), epochs=2, validation_data=None).net)

    trainings.train("full", "scalar", tmp_path / "a.run", callbacks=At(60, look))
    assert len(seen) == 2


FORKS = """
import os, sys, threading, warnings
import trainings
from trainings import X, Y
warnings.simplefilter("ignore", DeprecationWarning)
net, forked = trainings.new_net(), threading.Event()

class Wait:
    def on_step_end(self, training):
        begun.set()
        forked.wait(60)

begun = threading.Event()
thread = threading.Thread(
    target=net.fit, args=(X, Y), kwargs=dict(epochs=1, progress=False, engine="scalar", callbacks=Wait())
)
thread.start()
begun.wait(60)
child = os.fork()
if not child:
    net.fit(X, Y, epochs=1, progress=False, engine="scalar")
    os._exit(7)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
forked.set()
thread.join()
print(code)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_process_made_by_fork_may_train_what_a_thread_trained(tmp_path: Path) -> None:
    assert python(FORKS) == "7\n"


# data that fail while their fingerprint is found


class DataError(Exception):
    pass


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Reading blocks of samples fails in the thread of the fingerprint, once the event is set."""
    may_fail, block = threading.Event(), Samples.block

    def failing_block(self: Samples, first: int, last: int) -> Any:
        if threading.current_thread().name == "slownet fingerprint":
            may_fail.wait(60)
            raise DataError("the file of the data is gone")
        return block(self, first, last)

    monkeypatch.setattr(Samples, "block", failing_block)
    return may_fail


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("step", [0, 5, 18], ids=["at the start", "midway", "at the end"])
def test_an_error_of_the_data_ends_the_training_and_its_file(
    step: int, engine: str, failing: threading.Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, options = tmp_path / "a.run", {"epochs": 2, "snapshots": 3}
    if not step:
        failing.set()
    with pytest.raises(DataError, match="data is gone") as caught:
        trainings.train("momentum", engine, path, callbacks=At(step, lambda _: failing.set()), **options)
    assert "while the fingerprint of the data was found" in caught.value.__notes__[0]
    found = History.open(path)
    assert found.ended == "failed"
    assert found.last_step >= step
    assert "X" not in found.data
    assert found.data["samples"] == 60
    assert [each.name for each in tmp_path.iterdir()] == ["a.run"]
    monkeypatch.undo()
    history = trainings.go_on("momentum", path)
    wanted = trainings.train("momentum", engine, **options)
    assert record(history) == record(wanted)
    assert History.open(path).data == wanted.data  # with the fingerprint


def test_an_error_of_the_data_ends_a_training_without_a_file(failing: threading.Event) -> None:
    failing.set()
    history = None
    with pytest.raises(DataError, match="data is gone"):
        history = trainings.train("momentum", "scalar", epochs=2, snapshots=3)
    assert history is None
    assert not in_training._marked


# branches


@pytest.mark.long
@settings(max_examples=max(20, settings.default.max_examples // 10))
@given(data=some.data())
def test_a_branch_of_any_step_is_recorded_and_read_again(
    data: some.DataObject, tmp_path_factory: Any
) -> None:
    """Of an interrupted training, too, and with batches of another size."""
    folder = tmp_path_factory.mktemp("branch")
    ends_at = data.draw(some.integers(1, 30))
    history = trainings.train(
        "momentum",
        "scalar",
        epochs=3,
        batch_size=6,
        snapshots=[0, ends_at],
        callbacks=At(ends_at, interrupt),
    )
    for number in range(data.draw(some.integers(1, 3))):
        step = data.draw(some.integers(history.start, history.last_step))
        size = data.draw(some.sampled_from([6, 6, 4, 7, 12, 60]))
        epochs = data.draw(some.integers(1, 4))
        changes: dict[str, Any] = {"batch_size": size, "epochs": epochs, "snapshots": 3}
        if data.draw(some.booleans()):
            changes["validation_data"] = trainings.VALIDATION
        else:
            changes["validation_data"] = None
        path = folder / f"{number}.run"
        branch = history.branch(step, (X, Y), record=path, **changes)
        opened = History.open(path)
        assert record(opened) == record(branch)
        assert [each.epoch for each in branch.epochs] == sorted({each.epoch for each in branch.epochs})
        whole = -(-60 // size)
        assert all(each.step == each.epoch * whole for each in branch.epochs)
        if size == history.config["batch_size"] and history.start == 0:
            assert len(branch.epochs) == max(branch.last_step, 0) // whole
        resumed = trainings.go_on(
            "momentum",
            path,
            epochs=epochs + 1 + step // whole,
            validation_data=changes["validation_data"],
        )
        assert record(History.open(path)) == record(resumed)
        assert resumed.last_step == (epochs + 1 + step // whole) * whole
        history = branch


def test_the_branch_of_an_interrupted_epoch_has_each_epoch_once(tmp_path: Path) -> None:
    history = trainings.train("momentum", "scalar", epochs=3, callbacks=At(13, interrupt), snapshots=8)
    assert [each.step for each in history.epochs] == [9, 13]
    branch = history.branch(13, (X, Y), record=tmp_path / "b.run", epochs=3)
    wanted = trainings.train("momentum", "scalar", epochs=3)
    assert [each.step for each in branch.epochs] == [9, 18, 27]
    assert [each.loss for each in branch.epochs] == [each.loss for each in wanted.epochs]
    assert record(History.open(tmp_path / "b.run")) == record(branch)
