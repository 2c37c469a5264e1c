"""Ready-made callbacks: checkpoints, learning rates, functions instead of classes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_trainings import OPTIONS, X, Y, new_net

import slownet
from slownet import (
    Callback,
    Checkpoint,
    FileError,
    History,
    LambdaCallback,
    LearningRate,
    SlownetError,
    load,
    resume,
)
from slownet.recording.measures import learning_rate_of

VALIDATION = X[:20], Y[:20]


def weights(net: slownet.Net) -> list[float]:
    return [weight.value for weight in net.weights()] + [neuron.bias for neuron in net.neurons()]


class States(Callback):
    """Keeps the weights after every epoch."""

    def on_fit_begin(self, training: Any) -> None:
        self.found: list[list[float]] = []

    def on_epoch_end(self, training: Any) -> None:
        self.found.append(weights(training.net))


# checkpoints


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
def test_a_checkpoint_has_the_net_after_each_epoch(engine: str, tmp_path: Path) -> None:
    states, saved = States(), Checkpoint(tmp_path / "net-{epoch:03}.json", every=2)
    options = {**OPTIONS, "epochs": 5, "engine": engine}
    new_net().fit(X, Y, **options, callbacks=[states, saved])
    assert [path.name for path in saved.saved] == ["net-002.json", "net-004.json"]
    assert sorted(tmp_path.iterdir()) == saved.saved
    assert [weights(load(path)) for path in saved.saved] == [states.found[1], states.found[3]]


@pytest.mark.parametrize("validates", [True, False])
def test_the_best_checkpoint_is_that_of_the_smallest_loss(validates: bool, tmp_path: Path) -> None:
    states, best = States(), Checkpoint(tmp_path / "best.json", best=True)
    given = {"validation_data": VALIDATION} if validates else {}
    options = {**OPTIONS, "epochs": 12, "learning_rate": 0.3}
    history = new_net().fit(X, Y, **options, callbacks=[states, best], **given)
    losses = [record.validation_loss if validates else record.loss for record in history.epochs]
    smallest = losses.index(min(losses))
    assert smallest < 11, "the last epoch is not the best one"
    assert weights(load(tmp_path / "best.json")) == states.found[smallest]
    assert best.saved == [tmp_path / "best.json"]


def test_the_best_of_a_resumed_training_counts_its_first_part(tmp_path: Path) -> None:
    run, best = tmp_path / "a.run", tmp_path / "best.json"
    options = {**OPTIONS, "epochs": 6, "learning_rate": 0.3}
    history = new_net().fit(X, Y, **options, record=run, callbacks=Checkpoint(best, best=True))
    kept = best.read_bytes()
    smallest = min(record.loss for record in history.epochs)

    class Worse(Callback):
        def on_epoch_begin(self, training: Any) -> None:
            for weight in training.net.weights():
                weight.value = 5.0

    further = resume(
        run, (X, Y), epochs=8, progress=False, callbacks=[Worse(), Checkpoint(best, best=True)]
    )
    assert min(record.loss for record in further.epochs[6:]) > smallest
    assert best.read_bytes() == kept


@pytest.mark.parametrize("stop", [1, 2, 3, 5, 6, 7])
def test_the_best_of_every_second_epoch_is_the_same_after_a_break(stop: int, tmp_path: Path) -> None:
    """The loss of an epoch in between may be smaller: it was not saved, and does not count."""
    losses = [9.0, 8.0, 5.0, 7.0, 5.0, 6.0, 5.0, 6.5]
    options = {**OPTIONS, "epochs": 8, "validation_data": VALIDATION, "snapshots": 2}

    def callbacks(folder: str, stop: int = 0) -> list[Any]:
        def judge(training: Any) -> bool:
            record = training.history.epochs[-1]
            record = replace(record, validation_loss=losses[record.epoch - 1])
            training.history.epochs[-1] = training.emitter.recorded = record
            return record.epoch == stop

        path = tmp_path / folder / "net-{epoch}.json"
        path.parent.mkdir(exist_ok=True)
        return [LambdaCallback(on_epoch_end=judge), Checkpoint(path, every=2, best=True)]

    def names(folder: str) -> list[str]:
        return sorted(path.name for path in (tmp_path / folder).iterdir())

    new_net().fit(X, Y, **options, callbacks=callbacks("whole"))
    assert names("whole") == ["net-2.json", "net-4.json", "net-6.json"]
    first = new_net().fit(X, Y, **options, callbacks=callbacks("parts", stop))
    first.branch(first.last_step, (X, Y), validation_data=VALIDATION, callbacks=callbacks("parts"))
    assert names("parts") == names("whole")


@pytest.mark.parametrize("stopping", [None, 2])
def test_training_losses_are_not_compared_with_those_of_a_validation(
    stopping: int | None, tmp_path: Path
) -> None:
    """A branch leaves out the validation of its parent, whose losses were small."""
    options = {**OPTIONS, "epochs": 8, "validation_data": VALIDATION, "snapshots": 2}
    parent = new_net().fit(X, Y, **options)
    parent.epochs = [replace(record, validation_loss=0.0) for record in parent.epochs]
    best = Checkpoint(tmp_path / "{epoch}.json", best=True)
    half = parent.last_step // 2
    changes = {"validation_data": None, "early_stopping": stopping}
    history = parent.branch(half, (X, Y), callbacks=best, **changes)
    assert [record.epoch for record in history.epochs] == list(range(1, 9))
    assert best.saved[0].name == "5.json"


def test_a_checkpoint_in_no_folder_ends_the_training_with_its_error(tmp_path: Path) -> None:
    callback = Checkpoint(tmp_path / "nowhere" / "net.json")
    with pytest.raises(FileError, match="nowhere"):
        new_net().fit(X, Y, **OPTIONS, callbacks=callback)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": 3}, "path"),
        ({"path": "a.html"}, "a.html"),
        ({"path": "{step}.json"}, "number of the epoch as"),
        ({"path": "{epoch:q}.json"}, "number of the epoch as"),
        ({"path": "{}.json"}, "number of the epoch as"),
        ({"path": "{epoch.real}{0}.json"}, "number of the epoch as"),
        ({"path": "{.json"}, "number of the epoch as"),
        ({"path": "a.json", "every": 0}, "every must be at least 1"),
        ({"path": "a.json", "best": "yes"}, "best"),
    ],
)
def test_checkpoints_say_what_they_take(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message) as error:
        Checkpoint(**arguments)
    assert isinstance(error.value, SlownetError)


# learning rates


def halved(epoch: int, rate: float) -> float:
    return rate / 2 if epoch > 1 else rate


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_rates_that_are_set_are_those_that_train(engine: str, schedule: str) -> None:
    options = {**OPTIONS, "engine": engine, "learning_rate": 0.08, "schedule": schedule, "epochs": 4}
    seen: list[float] = []
    watch = LambdaCallback(on_step_end=lambda training: seen.append(training.learning_rate))
    net = new_net()
    history = net.fit(X, Y, **options, callbacks=[LearningRate(halved), watch])
    per_epoch = len(seen) // 4
    bases = [0.08, 0.04, 0.02, 0.01]
    assert [learning_rate_of(history, step) for step in history.steps] == seen
    if schedule == "constant":
        assert seen == [base for base in bases for _ in range(per_epoch)]
    assert history.config["epoch_rates"] == [[epoch + 1, rate] for epoch, rate in enumerate(bases)]

    def rate(base: float, epoch: float, epochs: int) -> float:
        usual = slownet.functions.get_schedule(schedule).function
        return usual(bases[min(int(epoch), 3)], epoch, epochs)

    twin = new_net()
    same = slownet.functions.Schedule("same", rate)
    twin.fit(X, Y, **{**options, "schedule": same})
    assert weights(twin) == weights(net)


@pytest.mark.parametrize("stop", [1, 9, 13, 18, 22])
def test_a_resumed_training_has_the_rates_of_one_that_never_stopped(stop: int, tmp_path: Path) -> None:
    options = {**OPTIONS, "epochs": 4, "learning_rate": 0.05}
    whole = new_net()
    expected = whole.fit(X, Y, **options, callbacks=LearningRate(halved))

    def interrupt(training: Any) -> None:
        if training.step == stop:
            raise KeyboardInterrupt

    run = tmp_path / "a.run"
    first = [LearningRate(halved), LambdaCallback(on_step_end=interrupt)]
    new_net().fit(X, Y, **options, callbacks=first, record=run)
    history = resume(run, (X, Y), progress=False, callbacks=LearningRate(halved))
    assert history.net is not None
    assert weights(history.net) == weights(whole)
    assert (history.loss, history.config["epoch_rates"]) == (
        expected.loss,
        expected.config["epoch_rates"],
    )
    assert History.open(run).config == history.config


def test_any_step_of_a_training_with_rates_that_were_set_is_rewound_without_the_callback() -> None:
    states: list[list[float]] = []
    keep = LambdaCallback(on_step_end=lambda training: states.append(weights(training.net)))
    options = {**OPTIONS, "epochs": 3, "snapshots": [0]}
    history = new_net().fit(X, Y, **options, callbacks=[LearningRate(halved), keep])
    for step in (1, 8, 9, 10, 18, 20, 27):
        assert weights(history.rewind(step, (X, Y))) == states[step - 1]
    branch = history.branch(10, (X, Y), learning_rate=0.001, progress=False)
    assert {learning_rate_of(branch, step) for step in (11, 12)} < {
        slownet.functions.get_schedule("cosine").rate_of(step, 0.001, 9, 3) for step in (11, 12)
    } | {0.001}


@pytest.mark.parametrize("callbacks", [(), (LearningRate(lambda epoch, rate: 0.3 / epoch),)])
def test_a_page_with_rates_that_were_set_is_verified(callbacks: Any, tmp_path: Path) -> None:
    """With the callback that set them, or without: the page has the rates."""
    page, callback = tmp_path / "page.html", LearningRate(lambda epoch, rate: 0.3 / epoch)
    new_net().fit(X, Y, **OPTIONS, callbacks=callback, snapshots=5).write_html(page)
    assert slownet.verify(page, (X, Y), callbacks=callbacks)


def test_rates_are_set_where_an_epoch_begins_only() -> None:
    def too_late(training: Any) -> None:
        training.set_learning_rate(0.1)

    for hook in ("on_fit_begin", "on_step_end", "on_epoch_end"):
        with pytest.raises(ValueError, match="where an epoch begins"):
            new_net().fit(X, Y, **OPTIONS, callbacks=LambdaCallback(**{hook: too_late}))


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf"), "0.1", None])
def test_a_rate_that_is_none_ends_the_training(rate: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="the learning rate must be") as error:
        new_net().fit(X, Y, **OPTIONS, callbacks=LearningRate(lambda epoch, before: rate))
    assert isinstance(error.value, SlownetError)


# functions


def test_functions_are_called_as_the_methods_of_a_class_are() -> None:
    calls: list[str] = []
    hooks = {
        name: (lambda training, name=name: calls.append(name))
        for name in ("on_fit_begin", "on_epoch_begin", "on_step_end", "on_epoch_end", "on_fit_end")
    }
    callback = LambdaCallback(**hooks)
    new_net().fit(X[:14], Y[:14], **{**OPTIONS, "epochs": 1}, callbacks=callback)
    assert calls == [
        "on_fit_begin",
        "on_epoch_begin",
        *["on_step_end"] * 2,
        "on_epoch_end",
        "on_fit_end",
    ]
    assert repr(callback).startswith("LambdaCallback(on_fit_begin, ")


def test_a_function_that_returns_true_stops_the_training() -> None:
    stop = LambdaCallback(on_epoch_end=lambda training: training.epoch == 2)
    assert new_net().fit(X, Y, **{**OPTIONS, "epochs": 9}, callbacks=stop).ended == "stopped"


@pytest.mark.parametrize(
    ("hooks", "message"),
    [
        (
            {"on_epoch_end": lambda epoch, logs: 0},
            r"on_epoch_end must be a function\(training\); .* 1 arg",
        ),
        ({}, "LambdaCallback takes a function for at least one of on_fit_begin"),
        ({"on_epoch_ends": print}, "did you mean 'on_epoch_end'"),
        ({"on_train_batch_end": print}, "did you mean 'on_step_end'"),
        ({"on_epoch_end": 3}, "on_epoch_end must be a function, not 3"),
    ],
)
def test_lambda_callbacks_say_what_they_take(hooks: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        LambdaCallback(**hooks)


def test_a_method_with_a_name_of_keras_is_not_passed_over_in_silence() -> None:
    class Report(Callback):
        def on_train_end(self, training: Any) -> None:
            raise AssertionError

    with pytest.raises(SlownetError, match="unknown hook 'on_train_end'.*did you mean 'on_fit_end'"):
        new_net().fit(X, Y, callbacks=Report())


@pytest.mark.parametrize("engine", ["scalar", "compiled", "auto"])
def test_a_callback_that_does_not_read_the_net_spares_writing_to_it(engine: str, monkeypatch) -> None:
    """It sees the same history, can stop the training, and the net is up to date at the end."""
    from slownet.engines.compiled import CompiledEngine

    written = []
    write_back = CompiledEngine.write_back
    monkeypatch.setattr(CompiledEngine, "write_back", lambda self: (written.append(1), write_back(self)))

    class Watching(slownet.Callback):
        reads_net = False

        def on_epoch_begin(self, training) -> None:
            training.set_learning_rate(0.1 / training.epoch)

        def on_epoch_end(self, training) -> bool:
            self.losses = [record.loss for record in training.history.epochs]
            return training.epoch == 7

    class Reading(Watching):
        reads_net = True

    X, y = [[0.0, 1.0], [1.0, 0.5], [0.3, 0.2], [0.9, 0.1]], [0, 1, 0, 1]
    nets, found = [], []
    for callback in (Watching(), Reading()):
        written.clear()
        net = slownet.NetFactory([2, 3, 1], seed=0).new()
        history = net.fit(X, y, epochs=20, batch_size=2, callbacks=callback, engine=engine)
        assert history.ended == "stopped"
        assert callback.losses == [record.loss for record in history.epochs]
        assert len(callback.losses) == 7
        nets.append([weight.value for weight in net.weights()])
        found.append((callback.losses, history.config["epoch_rates"]))
        if engine == "compiled":
            assert len(written) < 4 if callback.reads_net is False else len(written) >= 14
    assert nets[0] == nets[1]
    assert found[0] == found[1]


@pytest.mark.parametrize("function", [lambda epoch: 0.1, lambda: 0.1, 0.1])
def test_rates_are_a_function_of_epoch_and_rate(function: Any) -> None:
    """A function that takes something else is refused before the training begins."""
    with pytest.raises(TypeError, match="function must be a function"):
        LearningRate(function)
    assert LearningRate(max).function is max


def test_a_text_is_no_callback() -> None:
    with pytest.raises(TypeError, match="a callback is an object .*, not 'early'"):
        new_net().fit(X, Y, callbacks="early")
