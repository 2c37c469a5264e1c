"""Rewind, resume and branch: any step again, to the last bit, from memory and from a run file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bits import bits, record, state
from hypothesis import given, settings
from hypothesis import strategies as st
from small_trainings import OPTIONS, StopAt, X, Y, new_net
from strategies import MAY_HARDLY_LEARN, given_data, trainings

from slownet import (
    Activation,
    Callback,
    DivergedError,
    EarlyStopping,
    History,
    MissingFileError,
    MissingFormulaError,
    Net,
    NetFactory,
    Optimizer,
    RecordingError,
    functions,
)
from slownet.training import resume

ENGINES = ("scalar", "compiled")


class Keep(Callback):
    """Copies what the net holds after every step."""

    def __init__(self) -> None:
        self.states: dict[int, Any] = {}

    def on_step_end(self, training):
        self.states[training.step] = state(training.net)


@pytest.mark.long
@MAY_HARDLY_LEARN
@given(training=trainings(), data=st.data())
def test_rewind_gives_any_step_of_any_training(training: Any, data: st.DataObject) -> None:
    net, X, y, options = training
    keep, options = Keep(), {**options, "snapshots": data.draw(st.sampled_from([2, 6]))}
    try:
        history = net.copy().fit(X, y, callbacks=keep, **options)
    except DivergedError as error:
        history = error.history
    for step in data.draw(st.sets(st.sampled_from(history.steps or [0]), max_size=3)) - {0}:
        engine = data.draw(st.sampled_from(ENGINES))
        found = history.rewind(step, given_data(X, y, options), engine=engine)
        assert state(found) == keep.states[step], step
    start = history.rewind(0, given_data(X, y, options))
    assert bits(w.value for w in start.weights()) == bits(w.value for w in net.weights())


@pytest.mark.long
@MAY_HARDLY_LEARN
@settings(max_examples=settings.default.max_examples // 5)
@given(training=trainings(), data=st.data())
def test_a_stopped_training_goes_on_as_if_nothing_had_happened(
    training: Any, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    net, X, y, options = training
    path = tmp_path_factory.mktemp("runs") / "a.run"
    whole = net.copy()
    try:
        wanted = whole.fit(X, y, **options)
    except DivergedError:
        return
    stop = data.draw(st.integers(1, wanted.last_step))
    cut = net.copy().fit(X, y, record=path, callbacks=StopAt(stop), **options)
    assert cut.last_step == stop
    assert record(History.open(path)) == record(cut)
    given = {name: options[name] for name in ("validation_data",) if name in options}
    given["engine"] = data.draw(st.sampled_from(ENGINES))
    found = resume(path, given_data(X, y, options), progress=False, **given)
    assert record(found) == record(wanted) == record(History.open(path))
    assert bits(w.value for w in found.net.weights()) == bits(w.value for w in whole.weights())
    assert bits(n.bias for n in found.net.neurons()) == bits(n.bias for n in whole.neurons())
    assert found.ended == History.open(path).ended == "finished"
    assert sorted(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_file_holds_what_the_history_holds(engine: str, tmp_path: Path) -> None:
    path = tmp_path / "odd name #1 ?.run"
    net = new_net()
    options = {**OPTIONS, "snapshots": 9, "watch": (X[:4], Y[:4]), "validation_data": (X[:9], Y[:9])}
    plain = new_net().fit(X, Y, engine=engine, **options)
    history = net.fit(X, Y, engine=engine, record=path, **options)
    found = History.open(path)
    assert record(plain) == record(history) == record(found)
    assert found.watch == history.watch
    assert found.options == history.options
    assert (found.id, found.parent, found.start, found.ended) == (history.id, None, 0, "finished")
    assert found.data == history.data
    assert found.data["samples"] == 60
    assert set(found.versions) >= {"slownet", "python", "numpy"}
    for step in (1, 13, 27):
        assert state(found.rewind(step, (X, Y))) == state(history.rewind(step, (X, Y)))
    assert found.at(27).step == 27
    assert found.weight(1, (0, 3)) == [s.weight(1, (0, 3)) for s in history.snapshots]
    assert found.neuron(2, 1) == [
        [s.neuron(2, 1, sample) for sample in range(4)] for s in history.snapshots
    ]
    assert found.bias(1, 2)[-1] == net.layers[1].neurons[2].bias
    rebuilt = found.at(27).restore()
    assert bits(w.value for w in rebuilt.weights()) == bits(w.value for w in net.weights())
    assert rebuilt.predict(X).tolist() == net.predict(X).tolist()


def test_the_net_of_a_run_can_be_had_without_data(tmp_path: Path) -> None:
    net, path = new_net(), tmp_path / "a.run"
    history = net.fit(X, Y, record=path, **OPTIONS)  # without a snapshot
    found = History.open(path).restore()
    assert bits(w.value for w in found.weights()) == bits(w.value for w in net.weights())
    assert bits(n.bias for n in found.neurons()) == bits(n.bias for n in net.neurons())
    assert bits(w.value for w in history.restore().weights()) == bits(w.value for w in net.weights())
    with pytest.raises(ValueError, match="no state was kept"):
        new_net().fit(X, Y, **OPTIONS).restore()


def test_columns_are_ready_for_pandas(tmp_path: Path) -> None:
    import pandas as pd

    new_net().fit(X, Y, record=tmp_path / "a.run", snapshots=2, **OPTIONS)
    history = History.open(tmp_path / "a.run")
    table = pd.DataFrame({"step": history.steps, "loss": history.loss})
    assert table.shape == (27, 2)
    assert list(pd.DataFrame(history.epochs)["step"]) == [9, 18, 27]


def test_a_finished_run_can_be_trained_on(tmp_path: Path) -> None:
    path, options = tmp_path / "a.run", {**OPTIONS, "schedule": None, "snapshots": [5]}
    new_net().fit(X, Y, record=path, **options)
    done = path.read_bytes()
    again = resume(path, (X, Y))
    assert (again.last_step, again.ended) == (27, "finished")
    assert path.read_bytes() == done  # nothing was to be done
    more = resume(path, (X, Y), epochs=5, progress=False)
    net = new_net()
    wanted = net.fit(X, Y, **{**options, "epochs": 5})
    assert bits(more.loss) == bits(wanted.loss)
    assert bits(w.value for w in more.net.weights()) == bits(w.value for w in net.weights())
    with pytest.raises(ValueError, match="2 epochs end at step 18, but .* to step 45: give more"):
        resume(path, (X, Y), epochs=2)


def test_steps_before_and_after_a_change_of_epochs_can_be_rewound_to(tmp_path: Path) -> None:
    path, keep = tmp_path / "a.run", Keep()
    new_net().fit(X, Y, record=path, **OPTIONS)  # its schedule looks at the number of epochs
    resume(path, (X, Y), epochs=5, progress=False, callbacks=keep)
    history = History.open(path)
    for step in (3, 27, 28, 45):
        net = history.rewind(step, (X, Y))
        if step in keep.states:
            assert state(net) == keep.states[step]
        weight = net.weight(1, (0, 0))
        assert bits([history.explain(step, (weight, "update"), (X, Y)).value]) == bits([weight.value])


def test_early_stopping_goes_on_too(tmp_path: Path) -> None:
    path, noise = tmp_path / "a.run", np.random.default_rng(0).integers(0, 2, len(Y))
    options = {**OPTIONS, "epochs": 60, "learning_rate": 0.003, "validation_data": (X[:20], noise[:20])}
    options["early_stopping"] = EarlyStopping(3)
    whole = new_net()
    wanted = whole.fit(X, noise, **options)
    assert wanted.ended == "stopped"
    assert len(wanted.epochs) > 5
    stop = wanted.epochs[-2].step + 1  # between the best epoch and the end
    new_net().fit(X, noise, record=path, callbacks=StopAt(stop), **options)
    validation = {"validation_data": options["validation_data"]}
    for _ in range(2):  # the second time there is nothing more to do
        found = resume(path, (X, noise), progress=False, **validation)
        assert record(found) == record(wanted)
        assert bits(w.value for w in found.net.weights()) == bits(w.value for w in whole.weights())


def test_a_callback_that_changes_the_net_does_so_again_after_resuming(tmp_path: Path) -> None:
    class Prune(Callback):
        def on_step_end(self, training):
            if training.step in (4, 20):
                next(iter(training.net.weights())).remove()
                next(iter(training.net.weights())).frozen = True

    options, path = {**OPTIONS, "snapshots": 6}, tmp_path / "a.run"
    whole = new_net()
    wanted = whole.fit(X, Y, callbacks=Prune(), **options)
    new_net().fit(X, Y, record=path, callbacks=[Prune(), StopAt(11)], **options)
    found = resume(path, (X, Y), callbacks=Prune(), progress=False)
    assert record(found) == record(wanted)
    assert bits(w.value for w in found.net.weights()) == bits(w.value for w in whole.weights())
    with pytest.raises(RecordingError, match="did a callback change the net"):
        found.rewind(26, (X, Y))


def test_a_callback_that_raises_leaves_everything_in_the_file(tmp_path: Path) -> None:
    class Wrong(Callback):
        def on_step_end(self, training):
            if training.step == 10:
                raise RuntimeError("mine")

    path = tmp_path / "a.run"
    with pytest.raises(RuntimeError, match="mine"):
        new_net().fit(X, Y, record=path, callbacks=Wrong(), **OPTIONS)
    history = History.open(path)
    assert history.ended == "failed"
    found = resume(path, (X, Y), progress=False)
    assert record(found)["loss"] == record(new_net().fit(X, Y, **OPTIONS))["loss"]


def test_own_formulas_must_be_given_again(tmp_path: Path) -> None:
    squash = Activation(
        "squash", lambda z: z / (1.0 + abs(z)), lambda z, a: (1.0 - abs(a)) * (1.0 - abs(a))
    )
    halving = Optimizer("halving", lambda v, g, first, second, rate, c: (v - 0.5 * rate * g, g, second))
    options = {**OPTIONS, "optimizer": halving, "engine": "scalar", "snapshots": 3}
    path, net = tmp_path / "a.run", NetFactory([2, 3, 1], squash, seed=1).new()
    history = net.fit(X, Y, record=path, **options)
    assert state(history.rewind(5, (X, Y)))  # in memory they are known
    with pytest.raises(MissingFormulaError, match=r"a.run: graphs, .*give it as formulas=\[squash\]"):
        History.open(path).at(0)
    found = History.open(path, formulas=[squash, halving])
    assert state(found.rewind(5, (X, Y))) == state(history.rewind(5, (X, Y)))


@pytest.mark.parametrize("recorded", [True, False])
def test_a_branch_without_a_change_is_what_happened(recorded: bool, tmp_path: Path) -> None:
    paths = (tmp_path / "a.run", tmp_path / "b.run") if recorded else (None, None)
    net = new_net()
    history = net.fit(X, Y, record=paths[0], snapshots=5, **OPTIONS)
    twin = history.branch(10, (X, Y), record=paths[1])
    assert (twin.start, twin.last_step) == (10, 27)
    assert twin.parent == {"id": history.id, "step": 10}
    assert twin.steps[0] == 11
    assert bits(twin.loss) == bits(history.loss[10:])
    assert record(twin)["epochs"] == record(history)["epochs"]
    assert bits(w.value for w in twin.net.weights()) == bits(w.value for w in net.weights())
    assert twin.snapshots[0].step == 10
    if recorded:
        found = History.open(paths[1])
        assert record(found) == record(twin)
        assert found.parent == twin.parent
        twin = found
    assert state(twin.rewind(20, (X, Y))) == state(history.rewind(20, (X, Y)))
    with pytest.raises(ValueError, match=f"earlier ones are in run {history.id}"):
        twin.rewind(9, (X, Y))


def test_a_branch_with_a_change_goes_its_own_way(tmp_path: Path) -> None:
    history = new_net().fit(X, Y, snapshots=5, **OPTIONS)

    def remove_neuron(net: Net) -> None:
        net.layers[1].neurons[2].remove()

    edited = history.branch(10, (X, Y), edit=remove_neuron, record=tmp_path / "b.run")
    assert len(edited.net.layers[1].neurons) == 4
    assert edited.loss[0] != history.loss[10]
    cut = tmp_path / "c.run"
    history.branch(10, (X, Y), remove_neuron, cut, callbacks=StopAt(15))
    assert record(resume(cut, (X, Y), progress=False)) == record(edited)
    slower = history.branch(10, (X, Y), learning_rate=history.options["learning_rate"] / 2)
    assert slower.loss[0] == history.loss[10]
    assert slower.loss[1] != history.loss[11]
    assert slower.options["learning_rate"] == 0.05
    longer = history.branch(27, (X, Y), epochs=5)
    assert longer.last_step == 45
    stopping = EarlyStopping(1, min_delta=9.0)
    stopped = new_net().fit(X, Y, **{**OPTIONS, "snapshots": 5, "early_stopping": stopping})
    before = stopped.branch(15, (X, Y), epochs=5)  # whose best epoch was before it
    assert before.ended == "stopped"
    with pytest.raises(ValueError, match="gone back to step 9, before this training went on: the"):
        before.net.explain("loss")
    ended = history.branch(27, (X, Y))  # which has nothing to do
    assert (ended.start, ended.last_step, ended.loss) == (27, 27, [])
    with pytest.raises(ValueError, match="no sample was sent through this net since it was made"):
        ended.net.explain("loss")
    with pytest.raises(ValueError, match="no step to explain: the training begins and ends at step 27"):
        ended.explain(27, "loss", (X, Y))


def test_other_data_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    new_net().fit(X, Y, record=path, **OPTIONS)
    other = X.copy()
    other[3, 1] += 1e-9
    found = History.open(path)
    with pytest.raises(RecordingError, match="other data: X has another fingerprint"):
        found.rewind(5, (other, Y))
    with pytest.raises(RecordingError, match="other data: y has another fingerprint"):
        resume(path, (X, 1 - Y), epochs=9)
    with pytest.raises(RecordingError, match="60 samples, not 50"):
        found.rewind(5, (X[:50], Y[:50]))
    assert state(found.rewind(5, (X.tolist(), list(Y)))) == state(found.rewind(5, (X, Y)))
    kept = new_net().fit(X, Y, snapshots=2, **OPTIONS)
    with pytest.raises(RecordingError, match="X has another fingerprint .* than in its history"):
        kept.rewind(5, (other + 0.1, Y))
    del kept.data["X"], kept.data["y"]  # as an older version has left it
    with pytest.raises(RecordingError, match="step 1 does not come out as it was"):
        kept.rewind(5, (other + 0.1, Y))


def test_validation_data_must_come_again_and_be_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    new_net().fit(X, Y, record=path, callbacks=StopAt(9), validation_data=(X[:9], Y[:9]), **OPTIONS)
    with pytest.raises(ValueError, match=r"give validation_data=\(X, y\) as before"):
        resume(path, (X, Y))
    with pytest.raises(RecordingError, match="validated with other data: X has .* than in a.run"):
        resume(path, (X, Y), validation_data=(X[1:10], Y[:9]))


def test_errors_say_what_to_do(tmp_path: Path) -> None:
    history = new_net().fit(X, Y, **OPTIONS)
    with pytest.raises(ValueError, match=r"fit with snapshots=2 or more, or record="):
        history.rewind(3, (X, Y))
    history = new_net().fit(X, Y, snapshots=2, **OPTIONS)
    with pytest.raises(ValueError, match="step must be from 0 to 27, the last one, not 28"):
        history.rewind(28, (X, Y))
    wanted = r"data must be a pair \(X, y\), or \(X, y, sample_weight\), not ndarray"
    with pytest.raises(TypeError, match=wanted):
        history.rewind(3, X)
    new_net().fit(X, Y, record=tmp_path / "a.run", **OPTIONS)
    with pytest.raises(TypeError, match=r"takes no learning_rate; history.branch\(\) trains"):
        resume(tmp_path / "a.run", (X, Y), learning_rate=0.5)
    with pytest.raises(RecordingError, match="exists, and nothing is overwritten"):
        new_net().fit(X, Y, record=tmp_path / "a.run", **OPTIONS)
    with pytest.raises(MissingFileError, match="there is no folder"):
        new_net().fit(X, Y, record=tmp_path / "nowhere" / "a.run", **OPTIONS)
    with pytest.raises(MissingFileError, match="No such file"):
        History.open(tmp_path / "none.run")
    net = NetFactory([2, 3, 2], seed=1).new()
    net.classes = [(0, 1), (1, 0)]
    with pytest.raises(TypeError, match="classes can be recorded as text and numbers only"):
        net.fit(X, [net.classes[int(y)] for y in Y], record=tmp_path / "c.run", **OPTIONS)
    assert not (tmp_path / "c.run").exists()
    assert functions.adam().name == History.open(tmp_path / "a.run").options["optimizer"]
