"""fit: what it does to the net, what it keeps, what stops it; predictions; what it refuses."""

from __future__ import annotations

import inspect
import json
import os
import re
import signal
import threading
from dataclasses import dataclass, field, fields
from math import exp, inf, isfinite, log, nan

import numpy as np
import pandas as pd
import pytest

import slownet
from slownet import (
    Activation,
    Callback,
    DivergedError,
    EarlyStopping,
    InvalidTypeError,
    Loss,
    Net,
    NetFactory,
    Neuron,
    SlownetError,
    bars,
    functions,
)
from slownet.checks import check_number
from slownet.datasets import moons
from slownet.functions.randomness import Use, key, permutation
from slownet.recording import EpochRecord, Snapshot
from slownet.training import Options, Training, hooks
from slownet.training.options import written

X, Y = moons(60, noise=0.1, seed=1)


def new(*sizes: int, **options) -> Net:
    return NetFactory(list(sizes), seed=1, **options).new()


def numbers(net: Net) -> list[float]:
    return [w.value for w in net.weights()] + [n.bias for n in net.neurons()]


# what fit does


def test_fit_is_the_loop_a_reader_would_write() -> None:
    """The same bits as forward, backward and update by hand, in the documented order."""
    ours, by_hand = new(2, 5, 1), new(2, 5, 1)
    history = ours.fit(X, Y, epochs=3, batch_size=7, learning_rate=0.3, seed=5)
    losses = []
    for epoch in (1, 2, 3):
        order = permutation(key(5, Use.SHUFFLE, epoch), len(X)).tolist()
        for start in range(0, len(X), 7):
            by_hand.zero_grad()
            batch = order[start : start + 7]
            total = 0.0
            for index in batch:
                by_hand.forward(X[index])
                total += by_hand.backward(Y[index])
            by_hand.update(0.3)
            losses.append(total / len(batch))
    assert numbers(ours) == numbers(by_hand)
    assert history.loss == losses
    assert history.steps == list(range(1, 28))
    last = [w.grad for w in ours.weights()], [n.bias_grad for n in ours.neurons()]
    assert last == ([w.grad for w in by_hand.weights()], [n.bias_grad for n in by_hand.neurons()])


def test_fit_learns_classes_and_numbers() -> None:
    net = new(2, 8, 1, hidden_activation="tanh")
    history = net.fit(X, Y, epochs=200, batch_size=10, learning_rate=0.5)
    found = net.evaluate(X, Y)
    assert found.accuracy == 1.0 == (net.predict(X) == Y).mean()
    said = f"loss={found.loss!r} ({found.loss_text})"
    assert repr(found) == f"Evaluation({said}, accuracy=1.0, samples={len(X)})"
    assert history.epochs[-1].accuracy == 1.0
    line = new(1, 1, output_activation="linear")
    line.fit(
        [[k / 10] for k in range(10)], [2 * k / 10 - 1 for k in range(10)], epochs=500, learning_rate=0.5
    )
    assert line.weight(1, (0, 0)).value == pytest.approx(2.0, abs=1e-3)
    assert line.layers[1].neurons[0].bias == pytest.approx(-1.0, abs=1e-3)
    found = line.evaluate([[0.5]], [0.0])
    assert found.accuracy is None
    said = f"loss={found.loss!r} (half the squared error, the sum over the outputs)"
    assert repr(found) == f"Evaluation({said}, samples=1, error={found.error!r})"


@pytest.mark.parametrize("optimizer", [*functions.OPTIMIZERS, functions.sgd(0.9, nesterov=True)])
@pytest.mark.parametrize("schedule", [None, "step", "exponential", "cosine"])
def test_optimizers_and_schedules_learn(optimizer, schedule) -> None:
    net = new(2, 6, 2)
    history = net.fit(
        X, Y, epochs=25, batch_size=6, learning_rate=0.02, optimizer=optimizer, schedule=schedule
    )
    assert history.epochs[-1].loss < 0.8 * history.epochs[0].loss


def test_the_schedule_sets_the_rate_of_every_step() -> None:
    class Rates(Callback):
        def __init__(self) -> None:
            self.seen: list[float] = []

        def on_step_end(self, training):
            self.seen.append(training.learning_rate)

    rates = Rates()
    new(2, 1).fit(X, Y, epochs=2, batch_size=30, learning_rate=0.4, schedule="cosine", callbacks=[rates])
    expected = [functions.cosine.function(0.4, epoch, 2) for epoch in (0, 0.5, 1, 1.5)]
    assert rates.seen == expected


def test_adam_moves_as_its_formula_says_with_l2() -> None:
    net = new(1, 1, output_activation="linear")
    weight = net.weight(1, (0, 0))
    w, b = weight.value, 0.0
    net.fit([[2.0]], [3.0], epochs=3, learning_rate=0.1, optimizer="adam", l2=0.5, l1=0.25)
    memory = {"w": (0.0, 0.0), "b": (0.0, 0.0)}
    for step in (1, 2, 3):
        error = b + 2.0 * w - 3.0
        grads = {"w": 2.0 * error + 0.25 * (1 if w > 0 else -1) + 0.5 * w, "b": error}
        moved = {}
        for name, value in (("w", w), ("b", b)):
            m, s = memory[name]
            m, s = 0.9 * m + 0.1 * grads[name], 0.999 * s + 0.001 * grads[name] ** 2
            memory[name] = (m, s)
            moved[name] = value - 0.1 * (m / (1 - 0.9**step)) / ((s / (1 - 0.999**step)) ** 0.5 + 1e-8)
        w, b = moved["w"], moved["b"]
    assert weight.value == pytest.approx(w, rel=1e-12)
    assert net.layers[1].neurons[0].bias == pytest.approx(b, rel=1e-12)


def test_seeds_decide_everything() -> None:
    def run(seed: int) -> tuple[list[float], list[float]]:
        net = new(2, 6, 1)
        history = net.fit(X, Y, epochs=2, batch_size=8, dropout=0.3, dropconnect=0.2, seed=seed)
        return numbers(net), history.loss

    assert run(3) == run(3)
    assert run(3) != run(4)


def test_dropout_and_dropconnect_leave_prediction_alone() -> None:
    net = new(2, 30, 1)
    net.fit(X, Y, epochs=1, dropout=0.5, dropconnect=0.5)
    twin = net.copy()
    assert net.predict_proba(X).tolist() == twin.predict_proba(X).tolist()
    assert net.forward(X[0]) == twin.forward(X[0])
    assert all(n.keep == 1.0 for n in net.neurons())


def test_dropout_drops_its_share_and_scales_the_rest() -> None:
    class Masks(Callback):
        def __init__(self) -> None:
            self.kept: list[float] = []

        def on_step_end(self, training):
            hidden = training.net.layers[1].neurons.values()
            self.kept += [float(n.value != 0.0) for n in hidden]
            for neuron in hidden:
                # sigmoid: a kept neuron passes on twice its activation, a dropped one nothing
                full = 1 / (1 + exp(-neuron.z))
                assert neuron.value in (0.0, pytest.approx(2 * full))

    masks = Masks()
    new(2, 40, 1, hidden_activation="sigmoid").fit(
        X, Y, batch_size=1, epochs=2, dropout=0.5, callbacks=[masks]
    )
    assert sum(masks.kept) / len(masks.kept) == pytest.approx(0.5, abs=0.03)


def test_frozen_and_removed_weights_stay_as_they_are() -> None:
    net = new(2, 4, 1)
    net.weight(1, (0, 1)).remove()
    for weight in net.layers[2].neurons[0].weights["in"].values():
        weight.frozen = True
    before = [w.value for w in net.layers[2].neurons[0].weights["in"].values()]
    for optimizer in ("sgd", "adam"):
        net.fit(X, Y, optimizer=optimizer, l2=0.1)
    assert [w.value for w in net.layers[2].neurons[0].weights["in"].values()] == before
    assert (0, 1) not in net.layers[1].neurons[1].weights["in"]


def test_neurons_without_bias_get_none() -> None:
    net = new(2, 4, 1, bias=False)
    for optimizer in ("sgd", "adam"):
        net.fit(X, Y, optimizer=optimizer)
    assert all(n.bias == 0.0 for n in net.neurons())


def test_l1_and_l2_pull_weights_in_and_leave_biases() -> None:
    for penalty in ({"l1": 0.01}, {"l2": 0.05}):
        plain, pulled = new(2, 6, 1), new(2, 6, 1)
        plain.fit(X, Y, epochs=30)
        pulled.fit(X, Y, epochs=30, **penalty)
        size = sum(abs(w.value) for w in plain.weights())
        assert sum(abs(w.value) for w in pulled.weights()) < 0.95 * size
    still = new(1, 1, output_activation="linear")
    still.layers[1].neurons[0].bias = 1.0
    still.weight(1, (0, 0)).value = 0.0
    still.fit([[0.0]], [1.0], epochs=5, l1=0.5, l2=0.5)
    assert still.layers[1].neurons[0].bias == 1.0


def test_what_a_callback_prunes_stays_pruned() -> None:
    class Prune(Callback):
        def on_epoch_end(self, training):
            weakest = min(training.net.weights(), key=lambda w: abs(w.value))
            weakest.remove()

    for optimizer in ("sgd", "adam"):
        net = new(2, 6, 1)
        count = net.parameter_count
        history = net.fit(
            X,
            Y,
            epochs=3,
            optimizer=optimizer,
            callbacks=[Prune()],
            snapshots=[1, 4],
            watch=(X[:2], Y[:2]),
        )
        assert net.parameter_count == count - 3
        assert [len(snapshot.weights) for snapshot in history.snapshots] == [18, 18, 16, 15]


def test_a_callback_that_runs_its_own_passes_does_not_disturb() -> None:
    class Nosy(Callback):
        def on_step_end(self, training):
            training.net.forward([1.0, 2.0])
            training.net.backward(1)
            training.net.evaluate(X[:3], Y[:3])

    alone, watched = new(2, 5, 1), new(2, 5, 1)
    alone.fit(X, Y, batch_size=4)
    watched.fit(X, Y, batch_size=4, callbacks=[Nosy()])
    assert numbers(alone) == numbers(watched)


def test_gradients_left_from_before_do_not_count() -> None:
    clean, used = new(2, 5, 1), new(2, 5, 1)
    used.forward([3.0, 4.0])
    used.backward(1)
    for weight in used.weights():
        weight.grad += 7.0
    for net in (clean, used):
        net.fit(X, Y)
    assert numbers(clean) == numbers(used)


# what fit keeps


def test_epoch_records() -> None:
    net = new(2, 4, 1)
    history = net.fit(X[:50], Y[:50], epochs=2, batch_size=20, validation_data=(X[50:], Y[50:]))
    assert [record.epoch for record in history.epochs] == [1, 2]
    assert [record.step for record in history.epochs] == [3, 6]
    assert net.evaluate(X[50:], Y[50:])[:2] == (
        history.epochs[-1].validation_loss,
        history.epochs[-1].validation_accuracy,
    )
    weighted = (20 * history.loss[3] + 20 * history.loss[4] + 10 * history.loss[5]) / 50
    assert history.epochs[1].loss == pytest.approx(weighted)
    assert all(record.seconds > 0 for record in history.epochs)
    assert list(pd.DataFrame(history.epochs).columns)[:3] == ["epoch", "step", "loss"]


def test_the_loss_of_a_step_is_from_before_its_update() -> None:
    net = new(2, 4, 1)
    before = net.evaluate(X, Y)
    history = net.fit(X, Y, batch_size=60, shuffle=False)
    assert history.loss == [pytest.approx(before.loss)]
    assert history.accuracy == [before.accuracy]


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
@pytest.mark.parametrize("validates", [True, False])
def test_sinks_get_everything_once_in_order(engine: str, validates: bool) -> None:
    class Everything:
        def __init__(self) -> None:
            self.steps: list[tuple[int, float, float]] = []
            self.epochs: list[EpochRecord] = []
            self.snapshots: list[Snapshot] = []

        def add_steps(self, first, losses, accuracies):
            assert (first - 1) // 9 == (first + len(losses) - 2) // 9  # of one epoch
            self.steps += zip(range(first, first + len(losses)), losses, accuracies, strict=True)

        def add_epoch(self, record):
            assert record.step == len(self.steps)
            self.epochs.append(record)

        def add_snapshot(self, snapshot):
            assert snapshot.step == len(self.steps)
            self.snapshots.append(snapshot)

        def add_test(self, test):
            assert test["step"] == len(self.steps)
            self.test = test

    class Add(Callback):
        def on_fit_begin(self, training):
            training.emitter.sinks.append(sink)

    sink, options = Everything(), {"validation_data": (X, Y)} if validates else {}
    options["test_data"] = (X[:9], Y[:9])
    history = new(2, 4, 1).fit(
        X, Y, epochs=4, batch_size=7, engine=engine, snapshots=[5, 20], callbacks=Add(), **options
    )
    assert sink.steps == list(zip(history.steps, history.loss, history.accuracy, strict=True))
    assert sink.epochs == history.epochs
    assert sink.test == history.test
    assert [record.step for record in sink.epochs] == [9, 18, 27, 36]
    assert sink.snapshots == history.snapshots
    assert [snapshot.step for snapshot in sink.snapshots] == [0, 5, 20, 36]


# callbacks and what stops training


class Log(Callback):
    def __init__(self, stop: str = "", at: int = 1) -> None:
        self.calls: list[str] = []
        self.stop, self.at = stop, at

    def _note(self, name: str):
        self.calls.append(name)
        return name == self.stop and self.calls.count(name) == self.at

    def on_fit_begin(self, training):
        self._note("fit begin")

    def on_epoch_begin(self, training):
        return self._note("epoch begin")

    def on_step_end(self, training):
        return self._note("step end")

    def on_epoch_end(self, training):
        return self._note("epoch end")

    def on_fit_end(self, training):
        self._note("fit end")


def test_callbacks_are_called_in_order() -> None:
    log = Log()
    new(2, 1).fit(X, Y, epochs=2, batch_size=30, callbacks=[log])
    epoch = ["epoch begin", "step end", "step end", "epoch end"]
    assert log.calls == ["fit begin", *epoch, *epoch, "fit end"]


@pytest.mark.parametrize(
    ("stop", "at", "steps", "epochs"),
    [("step end", 1, 1, 1), ("step end", 3, 3, 2), ("epoch end", 1, 2, 1), ("epoch begin", 2, 2, 1)],
)
def test_returning_true_stops_cleanly(stop: str, at: int, steps: int, epochs: int) -> None:
    log = Log(stop, at)
    history = new(2, 1).fit(X, Y, epochs=5, batch_size=30, callbacks=[log], snapshots=3)
    assert (len(history.loss), len(history.epochs)) == (steps, epochs)
    assert log.calls[-1] == "fit end"
    assert history.snapshots[-1].step == steps


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
def test_progress_is_called_after_steps_and_may_stop_training(engine: str) -> None:
    class Looking(Callback):
        def on_progress(self, training):
            steps.append(training.step)
            assert len(training.history.loss) == training.state().step == training.step
            return training.step >= enough

    steps: list[int] = []
    enough = 10**9
    history = new(2, 1).fit(X, Y, epochs=3, batch_size=5, engine=engine, callbacks=Looking())
    assert steps == sorted(set(steps))
    assert steps[-1] == len(history.loss) == 3 * 12
    steps, enough = [], 1
    history = new(2, 1).fit(X, Y, epochs=3, batch_size=5, engine=engine, callbacks=Looking())
    assert steps == [len(history.loss)]
    assert history.ended == ("finished" if len(history.loss) == 3 * 12 else "stopped")


def test_any_object_with_a_hook_will_do() -> None:
    class Stopper:
        def on_step_end(self, training):
            return training.step == 2

    assert len(new(2, 1).fit(X, Y, batch_size=5, callbacks=[Stopper()]).loss) == 2


def test_early_stopping_goes_back_to_the_best_epoch() -> None:
    far = (X, 1 - Y)  # a validation set on which every epoch is worse
    stopping = EarlyStopping(patience=3)
    net = new(2, 8, 1)
    history = net.fit(X, Y, epochs=50, validation_data=far, early_stopping=stopping)
    assert len(history.epochs) == 4
    assert stopping.best_epoch == 1
    assert net.evaluate(*far).loss == history.epochs[0].validation_loss
    kept = new(2, 8, 1)
    kept.fit(X, Y, epochs=50, validation_data=far, early_stopping=EarlyStopping(3, restore_best=False))
    assert kept.evaluate(*far).loss > history.epochs[0].validation_loss
    assert len(new(2, 1).fit(X, Y, epochs=3, early_stopping=1).epochs) == 3


def test_ctrl_c_ends_fit_at_a_step_boundary() -> None:
    """A real SIGINT in the middle of a step: the step is finished, the history so far comes back."""

    class Interrupt(Callback):
        def on_step_end(self, training):
            if training.step == 3:
                threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT)).start()

    net, log = new(2, 30, 30, 1), Log()
    history = net.fit(
        X,
        Y,
        epochs=10**4,
        batch_size=60,
        callbacks=[Interrupt(), log],
        snapshots=2,
        validation_data=(X, Y),
    )
    assert log.calls.count("step end") == len(history.loss)
    assert 3 <= len(history.loss) < 10**4
    assert log.calls[-1] == "fit end"
    assert history.snapshots[-1].step == len(history.loss)
    assert list(history.snapshots[-1].weights) == [w.value for w in net.weights()]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_raised_by_a_callback_ends_fit_too() -> None:
    class Raise(Callback):
        def on_step_end(self, training):
            if training.step == 3:
                raise KeyboardInterrupt

    history = new(2, 1).fit(X, Y, epochs=2, batch_size=5, callbacks=[Raise()])
    assert len(history.loss) == 3


def test_fit_works_outside_the_main_thread() -> None:
    result = []
    thread = threading.Thread(target=lambda: result.append(new(2, 1).fit(X, Y)))
    thread.start()
    thread.join()
    assert len(result[0].loss) == 2


def test_a_diverging_loss_is_named_and_the_last_finite_state_stays() -> None:
    net = new(1, 3, 1, output_activation="linear")
    with pytest.raises(DivergedError) as caught:
        net.fit([[1e3], [-2e3]], [5.0, 1.0], epochs=500, learning_rate=10.0, snapshots=10)
    error = caught.value
    assert isinstance(error, SlownetError)
    assert error.epoch == error.step == len(error.history.loss) + 1
    assert error.weight in list(net.weights())
    assert f"epoch {error.epoch}, step {error.step}" in str(error)
    assert repr(error.weight) in str(error)
    assert all(map(isfinite, numbers(net)))
    assert all(map(isfinite, error.history.loss))
    assert error.history.snapshots[-1].step == error.step - 1
    assert list(error.history.snapshots[-1].weights) == [w.value for w in net.weights()]


@pytest.mark.parametrize("optimizer", ["sgd", functions.sgd(0.9), "adam"])
@pytest.mark.filterwarnings("ignore:the inputs have very different sizes:slownet.TrainingWarning")
def test_an_update_that_would_overflow_changes_nothing(optimizer) -> None:
    """Loss and state are finite, but a gradient is not: delta 1e200 times an input of 1e150."""
    net = new(2, 1, 1, hidden_activation="linear", output_activation="linear")
    net.weight(1, (0, 0)).value = net.weight(1, (1, 0)).value = 0.0
    net.weight(2, (0, 0)).value = 1e200
    before = numbers(net)
    with pytest.raises(DivergedError, match="step 1") as caught:
        net.fit([[1e150, 1.0]], [1.0], optimizer=optimizer)
    assert numbers(net) == before
    assert caught.value.weight.id == (0, 0)


def test_public_update_keeps_the_last_finite_state() -> None:
    net = new(2, 1, output_activation="linear")
    net.forward([1.0, 1.0])
    net.backward(0.0)
    net.weight(1, (1, 0)).grad = nan
    before = numbers(net)
    with pytest.raises(DivergedError) as caught:
        net.update(0.1)
    assert numbers(net) == before
    assert caught.value.weight.id == (1, 0)


# predictions


def test_predictions_of_every_kind_of_net() -> None:
    many = new(2, 3)
    assert many.predict_proba(X).shape == (60, 3)
    assert many.predict_proba(X).sum(axis=1) == pytest.approx(np.ones(60))
    assert (many.predict(X) == many.predict_proba(X).argmax(axis=1)).all()
    one = new(2, 1)
    assert one.predict_proba(X)[:, 1].tolist() == [one.forward(x)[0] for x in X]
    assert (one.predict(X) == (one.predict_proba(X)[:, 1] > 0.5)).all()
    several = new(2, 3, output_activation="sigmoid")
    assert several.predict(X).tolist() == (several.predict_proba(X) > 0.5).astype(int).tolist()
    hinge = new(2, 1, output_activation="tanh")
    hinge.loss = "hinge"
    assert set(hinge.predict(X).tolist()) <= {-1, 1}
    with pytest.raises(ValueError, match="'hinge' the outputs are no probabilities"):
        hinge.predict_proba(X)
    numbers_out = new(2, 2, output_activation="linear")
    assert numbers_out.predict(X).tolist() == [numbers_out.forward(x) for x in X]
    assert new(2, 1, output_activation="linear").predict(X).shape == (60,)


def test_text_classes_are_kept() -> None:
    names = np.array(["moon", "other"])[Y]
    net = new(2, 8, 2)
    history = net.fit(X, names.tolist(), epochs=60, learning_rate=0.5, batch_size=5)
    assert net.classes == history.classes == ["moon", "other"]
    assert (net.predict(X) == names).mean() == net.evaluate(X, names).accuracy > 0.95
    assert net.forward(X[0]) is not None
    assert net.backward("moon") == pytest.approx(-log(net.forward(X[0])[0]))
    binary, hinge = new(2, 1), new(2, 1, output_activation="tanh")
    binary.fit(X, names)
    hinge.fit(X, names, loss="hinge")
    assert set(binary.predict(X)) | set(hinge.predict(X)) <= {"moon", "other"}
    with pytest.raises(ValueError, match="target must be one of 'moon', 'other'"):
        net.backward("sun")


@pytest.mark.parametrize("kind", ["list", "tuple", "float32", "ints", "frame", "list of arrays"])
def test_every_kind_of_data_gives_the_same_bits(kind: str) -> None:
    whole = np.round(X * 4)
    data = {
        "list": whole.tolist(),
        "tuple": tuple(map(tuple, whole.tolist())),
        "float32": whole.astype(np.float32),
        "ints": whole.astype(int),
        "frame": pd.DataFrame(whole, columns=["a", "b"]),
        "list of arrays": list(whole),
    }[kind]
    targets = {"frame": pd.Series(Y), "list": Y.tolist(), "tuple": tuple(Y)}.get(kind, Y)
    reference, net = new(2, 4, 1), new(2, 4, 1)
    reference.fit(whole, Y, epochs=2)
    net.fit(data, targets, epochs=2)
    assert numbers(net) == numbers(reference)
    assert all(type(number) is float for number in numbers(net))
    assert all(type(n.value) is float for n in net.neurons())


def test_data_is_not_changed_or_copied() -> None:
    data, targets = X.copy(), Y.copy()
    data.flags.writeable = targets.flags.writeable = False
    net = new(2, 4, 1)
    net.fit(data, targets, epochs=2, watch=(data[:2], targets[:2]), snapshots=3)
    net.predict(data)
    rows = [[1.0, 2.0], [3.0, 4.0]]
    net.fit(rows, [0, 1])
    assert rows == [[1.0, 2.0], [3.0, 4.0]]


# what is refused, before anything is trained

GOOD = {"X": [[0.0, 1.0], [1.0, 0.0]], "y": [0, 1]}


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"X": [[1.0], [2.0]]}, ValueError, r"X\[0\] has 1 numbers, but this net takes samples of 2"),
        ({"X": np.ones((2, 3))}, ValueError, r"shape \(2, 3\).*expected \(n, 2\)"),
        ({"X": np.ones(2)}, ValueError, r"a single sample goes in a list"),
        ({"X": [1.0, 2.0]}, ValueError, r"X\[0\] must be a sample of 2 numbers"),
        ({"X": []}, ValueError, "X has no samples"),
        ({"X": "ab"}, TypeError, "X must be a list, tuple, NumPy array or pandas DataFrame"),
        ({"X": iter([])}, TypeError, "X must be a list"),
        ({"X": [[0.0, "a"], [1.0, 2.0]]}, TypeError, r"X\[0\]\[1\] must be a number"),
        ({"X": [[0.0, 1.0], [nan, 2.0]]}, ValueError, r"X\[1\]\[0\] is nan: fill in or leave out"),
        ({"X": np.array([[0.0, 1.0], [2.0, inf]])}, ValueError, r"X\[1\]\[1\] is inf"),
        (
            {"X": pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})},
            ValueError,
            r"3 inputs \(a, b=x, b=y; .*\[3, ",
        ),
        ({"X": np.array([[1, "x"], [2, "y"]], object)}, TypeError, "make every column numeric"),
        ({"y": [0]}, ValueError, "got 2 samples but 1 targets in y"),
        ({"y": [0, 2]}, ValueError, r"y\[1\] must be one of 0, 1 for cross_entropy, not 2"),
        ({"y": [0, 0.5]}, ValueError, r"y\[1\] must be one of 0, 1"),
        ({"y": [[1, 0], [0, 1]]}, ValueError, r"class indices with y.argmax\(axis=1\)"),
        ({"y": 3}, TypeError, "y must be a list, tuple"),
        ({"y": ["a", 1]}, TypeError, r"y\[1\] is 1 where other labels are text"),
        ({"X": [[0.0, 1.0]] * 3, "y": ["a", "b", "c"]}, ValueError, "3 classes .* tells 2 apart"),
        ({"epochs": 0}, ValueError, "epochs must be at least 1, not 0"),
        ({"epochs": 1.5}, TypeError, "epochs must be an integer, not float"),
        ({"batch_size": -3}, ValueError, "batch_size must be at least 1"),
        ({"learning_rate": 0}, ValueError, "learning_rate must be above 0, not 0"),
        ({"learning_rate": -1}, ValueError, "learning_rate must be above 0, not -1"),
        ({"learning_rate": nan}, ValueError, "learning_rate must be finite"),
        ({"learning_rate": "fast"}, TypeError, "learning_rate must be a number, not str"),
        (
            {"optimizer": "adm"},
            ValueError,
            "known are sgd, rmsprop, adagrad, adam, adamw, nadam; did you mean 'adam'",
        ),
        ({"loss": "mse"}, ValueError, "unknown loss 'mse': known are cross_entropy"),
        ({"l2": -1}, ValueError, "l2 must be at least 0, not -1"),
        ({"dropout": 1.0}, ValueError, "dropout must be less than 1"),
        ({"dropconnect": True}, TypeError, "dropconnect must be a number"),
        ({"schedule": "linear"}, ValueError, "unknown schedule 'linear'"),
        ({"validation_data": [1]}, TypeError, r"must be a pair \(X, y\).*not a list of 1"),
        ({"validation_data": [1, 2, 3, 4]}, TypeError, r"or \(X, y, sample_weight\), not a list of 4"),
        ({"validation_data": ([[1.0]], [0])}, ValueError, r"validation_data\[0\]\[0\] has 1 numbers"),
        (
            {"validation_data": ([[1.0, 1.0]], [5])},
            ValueError,
            r"validation_data\[1\]\[0\] must be one of",
        ),
        ({"seed": "x"}, TypeError, "seed must be an integer"),
        ({"shuffle": "xx"}, TypeError, "shuffle must be True or False, not 'xx'"),
        ({"shuffle": None}, TypeError, "shuffle must be True or False, not None"),
        ({"warm_start": "no"}, TypeError, "warm_start must be True or False, not 'no'"),
        ({"record": 3}, TypeError, "record must be a path, not int"),
        (
            {"source": {"a": {1}}},
            TypeError,
            r"source must .* values that JSON can hold: \{1\} is not one",
        ),
        ({"callbacks": [print]}, TypeError, "a callback is an object with some of the methods"),
        ({"callbacks": [Callback]}, TypeError, r"Callback is its class: give Callback\(...\)"),
        ({"callbacks": [int]}, TypeError, "a callback is an object with some of the methods"),
        ({"progress": "sometimes"}, ValueError, "progress must be True, False or 'always'"),
        ({"snapshots": 1}, ValueError, "snapshots must be at least 2"),
        ({"snapshots": "all"}, TypeError, "snapshots must be a number or a list of steps"),
        ({"snapshots": [0, 5]}, ValueError, "a step in snapshots must be at most 1, not 5"),
        ({"watch": (GOOD["X"], GOOD["y"])}, ValueError, "watch needs snapshots"),
        ({"watch": 3, "snapshots": 2}, TypeError, r"watch must be a pair \(X, y\)"),
        ({"early_stopping": 0}, ValueError, "early_stopping must be at least 1"),
        ({"early_stopping": "soon"}, TypeError, "early_stopping must be of type EarlyStopping"),
        ({"engine": "warp"}, ValueError, "unknown engine 'warp': known are auto, compiled, scalar"),
        ({"regularizers": [("l2", 1.0)]}, TypeError, "must be of type Regularizer"),
        ({"regularizers": [functions.l1]}, TypeError, r"must be \(Regularizer, strength\) pairs"),
        ({"X": [{0: 1.0, 1: 2.0}, {0: 1.0, 1: 2.0}]}, ValueError, "must be a sample of 2 numbers"),
        ({"schedule": functions.Schedule("bad", lambda *_: -1.0)}, ValueError, "rate that schedule"),
    ],
)
def test_fit_refuses_what_it_cannot_use(change, kind: type, message: str) -> None:
    net = new(2, 2)
    before = numbers(net)
    with pytest.raises(kind, match=message) as caught:
        net.fit(**{**GOOD, "progress": False, **change})
    assert isinstance(caught.value, SlownetError)
    assert numbers(net) == before
    assert net.classes is None


def test_fit_shows_every_option_with_its_default() -> None:
    parameters = dict(list(inspect.signature(Net.fit).parameters.items())[3:])
    options = {each.name: each.default for each in fields(Options)}
    for name in ("steps_before", "epoch_rates", "split_seed"):  # known to who goes on with a training
        del options[name]
    assert {name: parameter.default for name, parameter in parameters.items()} == options
    documented = re.findall(r"^ {8}(\w[\w, ]*) : ", Net.fit.__doc__ or "", re.M)
    assert ", ".join(documented).split(", ") == ["X", "y", *parameters]


@dataclass(frozen=True, kw_only=True)
class MoreOptions(Options):
    volume: float = field(default=1.0, metadata=written(check_number))


def test_an_option_is_added_as_one_field(tmp_path) -> None:
    """Checked before training, written into the run file, and read from there."""
    with pytest.raises(ValueError, match="volume must be at least 0, not -1"):
        MoreOptions(volume=-1)
    options = MoreOptions(volume=np.float32(0.5), progress=False, record=tmp_path / "a.run")
    Training(new(2, 2), [[0.0, 1.0]], [1], options).run()
    config = slownet.History.open(tmp_path / "a.run").config
    assert MoreOptions.of(config).volume == config["volume"] == 0.5


def test_options_come_back_from_plain_values() -> None:
    given = {"epochs": np.uint8(3), "shuffle": np.False_, "l2": np.float32(0.5), "optimizer": "adam"}
    given |= {"early_stopping": EarlyStopping(2, 0.5, False), "regularizers": [(functions.l1, 2)]}
    config = json.loads(json.dumps(Options(**given, schedule="cosine", snapshots=(1, 2)).config()))
    assert Options.of(config).config() == config
    assert config["early_stopping"] == {"patience": 2, "min_delta": 0.5, "restore_best": False}
    assert (config["shuffle"], config["l2"], config["snapshots"]) == (False, 0.5, [1, 2])
    assert "early_stopping" not in Options().config()
    assert Options.of(Options().config()).early_stopping is None


@pytest.mark.parametrize("method", ["predict", "predict_proba", "evaluate"])
def test_predictions_refuse_what_they_cannot_use(method: str) -> None:
    rest = ([0],) if method == "evaluate" else ()
    with pytest.raises(ValueError, match="a single sample goes in a list"):
        getattr(new(2, 2), method)(np.ones(2), *rest)
    with pytest.raises(InvalidTypeError, match="not NoneType"):
        getattr(new(2, 2), method)(None, *rest)


@pytest.mark.parametrize(
    ("output", "loss", "target", "message"),
    [
        ("softmax", "cross_entropy", 7, "must be one of 0, 1 for cross_entropy, not 7"),
        ("sigmoid", "binary_cross_entropy", [0, 2], "must be one of 0.0, 1.0"),
        ("sigmoid", "binary_cross_entropy", 1, r"must have 2 number\(s\)"),
        ("tanh", "hinge", [0, 1], r"-1 and \+1 with 2 \* y - 1"),
        ("linear", "squared_error", [1.0], r"must have 2 number\(s\)"),
        ("linear", "squared_error", [1.0, "b"], "must be a number"),
        ("linear", "squared_error", [1.0, nan], "must be a finite number"),
    ],
)
def test_backward_refuses_targets_that_do_not_fit(output, loss, target, message: str) -> None:
    net = new(2, 2, output_activation=output)
    net.loss = loss
    net.forward([1.0, 2.0])
    with pytest.raises(SlownetError, match=message):
        net.backward(target)


def test_large_class_counts_are_not_listed_one_by_one() -> None:
    net = new(2, 30)
    net.forward([1.0, 2.0])
    with pytest.raises(ValueError, match="must be a class from 0 to 29"):
        net.backward(30)


# progress


def test_progress_is_quiet_where_there_is_no_terminal(capfd) -> None:
    new(2, 1).fit(X, Y)
    assert capfd.readouterr() == ("", "")


def test_progress_shows_loss_and_accuracy_when_asked_for(capfd) -> None:
    new(2, 1).fit(X, Y, epochs=2, progress="always")
    bar = capfd.readouterr().err
    assert "epoch 2/2" in bar
    assert re.search(r"training accuracy [0-9.]+% of 60, loss [0-9.]+\]", bar)
    assert "4/4" in bar
    new(2, 1, output_activation="linear").fit(X, Y, progress="always")
    bar = capfd.readouterr().err
    assert re.search(r"training loss [0-9.]+ of 60\]", bar)
    assert "accuracy" not in bar


@pytest.mark.parametrize("notebook", [False, True])
def test_a_bar_measures_the_steps_that_are_made_now(notebook: bool, tmp_path, monkeypatch) -> None:
    made = []

    def kept(*arguments, **options):
        made.append(bars.new_bar(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(bars, "in_notebook", lambda: notebook)
    monkeypatch.setattr(hooks, "new_bar", kept)
    new(2, 1).fit(X, Y, epochs=2, record=tmp_path / "a.run", progress=False)
    slownet.resume(tmp_path / "a.run", (X, Y), epochs=5, progress="always")
    (bar,) = made
    assert (bar.initial, bar.n, bar.total) == (4, 10, 10)


# what once went wrong


def test_gradients_that_callbacks_leave_behind_do_not_count() -> None:
    class Probe(Callback):
        def on_step_end(self, training):
            training.net.zero_grad()
            training.net.forward(X[0])
            training.net.backward(Y[0])
            next(training.net.weights()).grad += 5.0

    for optimizer in ("sgd", "adam"):
        alone, probed = new(2, 5, 1), new(2, 5, 1)
        alone.fit(X, Y, batch_size=1, optimizer=optimizer)
        probed.fit(X, Y, batch_size=1, optimizer=optimizer, callbacks=Probe())
        assert numbers(alone) == numbers(probed)


def test_an_own_activation_with_a_known_name_keeps_its_own_derivative() -> None:
    steep = Activation(
        "sigmoid", lambda z: 1 / (1 + exp(-4 * z)), lambda z, v: 4 * v * (1 - v), range=(0.0, 1.0)
    )
    net = new(2, 1, output_activation=steep)
    net.loss = "binary_cross_entropy"
    weight = net.weight(1, (0, 0))
    net.forward([1.0, 0.5])
    net.backward(1)
    before, losses = weight.value, []
    for step in (1e-6, -1e-6):
        weight.value = before + step
        losses.append(net.evaluate([[1.0, 0.5]], [1]).loss)
    assert weight.grad == pytest.approx((losses[0] - losses[1]) / 2e-6, rel=1e-6)


def test_the_default_loss_follows_the_output_activation() -> None:
    net = new(2, 1)
    net.fit(X, Y)
    net.layers[1].activation = "linear"
    assert net.loss.name == "squared_error"
    chosen = new(2, 1)
    chosen.fit(X, Y, loss="binary_cross_entropy")
    chosen.layers[1].activation = "linear"
    with pytest.raises(ValueError, match="needs output values from 0 to 1"):
        chosen.evaluate(X, Y)


def test_a_weight_that_a_callback_spoils_ends_training() -> None:
    class Spoil(Callback):
        def on_step_end(self, training):
            if training.step == 2:
                training.net.weight(1, (0, 0)).value = nan

    net = new(2, 3, 1)
    with pytest.raises(DivergedError) as caught:
        net.fit(X, Y, batch_size=5, callbacks=Spoil())
    assert caught.value.weight is net.weight(1, (0, 0))
    assert len(caught.value.history.loss) == 2


def test_numbers_of_other_types_become_floats() -> None:
    net = new(2, 3, 1)
    net.weight(1, (0, 0)).value = np.float32(0.1)
    net.layers[2].neurons[0].bias = 1
    net.fit(X, Y)
    assert all(type(number) is float for number in numbers(net))
    net.weight(1, (0, 0)).value = "0.3"
    with pytest.raises(
        InvalidTypeError, match=r"the value of weight \(0, 0\) into layer 1 must be a number, not str"
    ):
        net.fit(X, Y)


def test_numpy_integers_count_as_far_as_others() -> None:
    net = new(2, 1)
    history = net.fit(X, Y, epochs=np.uint8(200), batch_size=np.uint8(50), early_stopping=np.int64(100))
    assert len(history.loss) == 400


def test_a_watched_sample_that_overflows_does_not_hide_the_divergence() -> None:
    power = Activation("exp", exp, lambda z, value: value)
    net = new(1, 1, output_activation=power)
    with pytest.raises(DivergedError) as caught:
        net.fit([[1.0]], [5e3], epochs=20, snapshots=10, watch=([[1.0]], [2.0]))
    assert caught.value.history.loss


def test_early_stopping_with_a_pruned_net_keeps_the_history() -> None:
    class Prune(Callback):
        def on_epoch_end(self, training):
            if training.epoch == 2:
                training.net.weight(1, (0, 0)).remove()

    net = new(2, 3, 1)
    with pytest.warns(UserWarning, match="graph has changed since its best epoch, 1") as caught:
        history = net.fit(
            X, Y, epochs=9, validation_data=(X, 1 - Y), early_stopping=3, callbacks=[Prune()]
        )
    assert [each.filename for each in caught] == [__file__]
    assert len(history.epochs) == 4


def test_early_stopping_ends_where_no_loss_is_finite() -> None:
    worst = Loss("worst", lambda a, y: inf if y == 7.0 else (a - y) ** 2, lambda a, y: 2 * (a - y))
    net = new(1, 1, output_activation="linear")
    history = net.fit(
        [[0.1]], [1.0], epochs=50, loss=worst, validation_data=([[0.1]], [7.0]), early_stopping=4
    )
    assert len(history.epochs) == 4


def test_callbacks_see_the_restored_net_at_the_end() -> None:
    class Last(Callback):
        def on_fit_end(self, training):
            self.numbers = numbers(training.net)

    last, net = Last(), new(2, 8, 1)
    net.fit(X, Y, epochs=20, validation_data=(X, 1 - Y), early_stopping=2, callbacks=[last])
    assert last.numbers == numbers(net)


def test_watched_lists_are_copies_too() -> None:
    rows = [[1.0, 2.0], [3.0, 4.0]]
    history = new(2, 1).fit(rows, [0, 1], snapshots=2, watch=(rows, [0, 1]))
    rows[0][0] = 99.0
    assert history.watch.samples == [[1.0, 2.0], [3.0, 4.0]]


def test_frames_of_mixed_numeric_columns() -> None:
    frame = pd.DataFrame({"a": [1.5, 2.5], "b": [True, False]})
    nullable = frame.astype({"a": "Float64"})
    for data in (frame, nullable):
        assert new(2, 1).fit(data, [0, 1]).loss == new(2, 1).fit([[1.5, 1.0], [2.5, 0.0]], [0, 1]).loss


def test_inputs_and_outputs_cannot_change_while_training() -> None:
    class Grow(Callback):
        def on_step_end(self, training):
            Neuron(1, training.net.layers[1])

    with pytest.raises(ValueError, match="does not fit the samples any more"):
        new(2, 1).fit(X, Y, batch_size=5, callbacks=[Grow()])


def test_an_error_in_a_callback_is_not_taken_for_divergence() -> None:
    class Broken(Callback):
        def on_step_end(self, training):
            return 1 / 0

    net = new(2, 3, 1)
    with pytest.raises(ZeroDivisionError):
        net.fit(X, Y, callbacks=[Broken()])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert len(net.fit(X, Y).loss) == 2


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
@pytest.mark.parametrize("optimizer", ["adam", functions.sgd(0.9)])
def test_warm_start_takes_two_calls_for_one_training(engine, optimizer, tmp_path) -> None:
    X, y = moons(40, noise=0.2, seed=1)
    options = {"optimizer": optimizer, "batch_size": 8, "shuffle": False, "engine": engine}
    whole = NetFactory([2, 4, 1], seed=1).new()
    whole.fit(X, y, epochs=5, **options)
    assert whole.optimizer_state is None
    net = NetFactory([2, 4, 1], seed=1).new()
    net.fit(X, y, epochs=2, warm_start=True, **options)
    assert net.optimizer_state.step == 10
    net.save(tmp_path / "net.json")
    loaded = slownet.load(tmp_path / "net.json")
    for half in (net, loaded):
        history = half.fit(X, y, epochs=3, warm_start=True, snapshots=2, **options)
        assert [w.value for w in half.weights()] == [w.value for w in whole.weights()]
        assert half.optimizer_state.step == 25
        rewound = history.rewind(15, (X, y))
        assert [w.value for w in rewound.weights()] == [w.value for w in whole.weights()]
    with pytest.raises(ValueError, match="net.optimizer_state is of .*: give that optimizer"):
        net.fit(X, y, optimizer="rmsprop", warm_start=True)
    net.fit(X, y, **options)
    assert net.optimizer_state is None
