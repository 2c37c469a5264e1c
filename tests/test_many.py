"""Many trainings: grids, the same bits wherever they are trained, sweep files, tables and ensembles."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import ENVIRONMENT, python
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import slownet
from slownet import Activation, Dense, Ensemble, Input, NetFactory, SharedData, Sweep, Task, load
from slownet.datasets import moons, read_csv
from slownet.errors import (
    FormatError,
    InvalidTypeError,
    InvalidValueError,
    MissingFileError,
    MissingPackageError,
    RecordingError,
    WorkerError,
)
from slownet.functions import sgd
from slownet.functions.randomness import Use, key
from slownet.many import running
from slownet.many.groups import Groups
from slownet.many.running import Result, run_group

joblib = pytest.importorskip("joblib")

X, y = moons(60, noise=0.2, seed=1)
V = moons(40, noise=0.2, seed=2)


def small(**more):
    """Return a grid of 2 x 2 settings with 2 seeds."""
    options = {"hidden": [3, (3, 2)], "learning_rate": [0.1, 0.5], "epochs": 3, "seeds": 2}
    return slownet.grid(X, y, **{**options, "validation_data": V, "test_data": V, **more})


def bits(run):
    """Return all numbers of a run but its times."""
    if run.history is None:
        return run.error
    history, net = run.history, run.history.snapshots[-1]
    epochs = [vars(record) | {"seconds": 0} for record in history.epochs]
    numbers = bytes(net.weights), bytes(net.biases), history.loss, history.accuracy, epochs
    return *numbers, history.test, history.config, history.data, run.error, run.ended


def all_bits(sweep):
    return {run.task.key: bits(run) for run in sweep}


@pytest.fixture(scope="module")
def tasks():
    return small()


@pytest.fixture(scope="module")
def serial(tasks):
    return slownet.train_many(tasks, 1)


# tasks


def test_a_grid_has_every_combination_with_every_seed(tasks):
    found = [
        tuple(task.settings[name] for name in ("hidden", "learning_rate", "seed")) for task in tasks
    ]
    assert found == [(h, r, s) for h in (3, "3-2") for r in (0.1, 0.5) for s in (0, 1)]
    assert [[layer.size for layer in task.layers] for task in tasks[::4]] == [[2, 3, 1], [2, 3, 2, 1]]
    assert len({task.key for task in tasks}) == 8


def test_a_seed_is_a_key_of_its_own(tasks):
    """Whatever else is in the grid, number k is the same seed."""
    assert [task.seed for task in tasks] == [key(0, Use.TASK, 0), key(0, Use.TASK, 1)] * 4
    (alone,) = small(hidden=(3, 2), learning_rate=0.5, seeds=[1])
    assert alone.key == tasks[-1].key
    assert small(seed=1)[0].seed == key(1, Use.TASK, 0)


def test_a_key_knows_all_that_the_result_depends_on(tasks):
    first = tasks[0]
    for more in (
        {"epochs": 4},
        {"hidden_activation": "tanh"},
        {"initializer": "he_uniform"},
        {"bias": False},
        {"test_data": moons(40, noise=0.2, seed=3)},
        {"validation_data": None},
        {"optimizer": sgd(momentum=0.5)},
        {"seed": 1},
    ):
        assert small(**more)[0].key != first.key, more
    other = X.copy()
    other[0, 0] += 1e-9
    changed = slownet.grid(
        other, y, hidden=3, learning_rate=0.1, epochs=3, validation_data=V, test_data=V
    )
    assert changed[0].key != first.key
    assert small(engine="scalar")[0].key == first.key


def test_a_task_is_plain_values(tasks):
    for task in [
        *tasks,
        *small(early_stopping=2, regularizers=(), initializer="he_uniform", loss="mean_squared_error"),
    ]:
        plain = json.loads(json.dumps(task.plain))
        again = Task.from_plain(plain, task.settings)
        assert (again.plain, again.key, again.data) == (plain, task.key, None)


@pytest.mark.parametrize(
    ("targets", "outputs", "activation"),
    [
        (y, 1, "sigmoid"),
        ([0, 1, 2] * 20, 3, "softmax"),
        (y, 2, "softmax"),
        (["a", "b"] * 30, 2, "softmax"),
        (["a", "b", "c"] * 20, 3, "softmax"),
        ([3, 7] * 30, 1, "sigmoid"),
        ([True, False] * 30, 1, "sigmoid"),
        (np.linspace(0, 1, 60), 1, "linear"),
        (np.linspace(0, 1, 60), 1, "exponential"),
        (list(range(60)), 1, "softplus"),
        (np.linspace(0, 1, 120).reshape(60, 2), 2, "linear"),
    ],
)
def test_outputs_follow_from_the_targets(targets, outputs, activation):
    given = {} if activation in ("sigmoid", "linear") else {"output_activation": activation}
    (task,) = slownet.grid(X, targets, epochs=1, **given)
    assert (task.layers[-1].size, task.layers[-1].activation) == (outputs, activation)
    (run,) = slownet.train_many([task], 1)
    assert run.ended == "finished", run.error


def test_whole_numbers_that_are_no_classes():
    with pytest.raises(InvalidValueError, match="150 different whole numbers: output_activation="):
        slownet.grid(np.zeros((150, 2)), list(range(150)))
    (task,) = slownet.grid(np.zeros((150, 2)), list(range(150)), output_activation="linear")
    assert task.layers[-1].size == 1


def test_numbers_are_no_classes_and_are_in_no_file(tmp_path):
    prices = [1000 + 7 * k for k in range(60)]
    tasks = slownet.grid(X, prices, output_activation=["linear", "exponential"], epochs=1)
    tasks += slownet.grid(X, prices, loss="mean_squared_error", output_activation="linear", epochs=1)
    for run in slownet.train_many(tasks, 1, into=tmp_path / "a.db"):
        assert run.net.classes is None
    assert b"1014" not in (tmp_path / "a.db").read_bytes()
    (run,) = slownet.train_many(slownet.grid(X, [3, 7] * 30, epochs=1), 1)
    assert run.net.classes == [3, 7]


def test_alternatives_are_lists_ranges_and_arrays():
    for sizes in ([4, 6], range(4, 8, 2), np.array([4, 6])):
        tasks = slownet.grid(X, y, hidden=sizes, learning_rate=np.array([0.5, 0.25]))
        assert [task.settings["hidden"] for task in tasks] == [4, 4, 6, 6]
        assert [task.settings["learning_rate"] for task in tasks] == [0.5, 0.25] * 2
        assert {type(value) for value in tasks[0].settings.values()} == {int, float}
    assert slownet.grid(X, y, hidden=())[0].settings["hidden"] == "none"


@pytest.mark.long
def test_tables_and_frames(tmp_path):
    frame = pd.DataFrame({"a": range(40), "b": ["x", "y"] * 20, "c": [float(k) for k in range(40)]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    table = read_csv(tmp_path / "t.csv", target="c")
    for given_, targets in ((table, None), (frame[["a", "b"]], frame["c"])):
        tasks = slownet.grid(given_, targets, prepare="standardise", hidden=4, epochs=5, seeds=2)
        assert [layer.size for layer in tasks[0].layers] == [3, 4, 1]
        sweep = slownet.train_many(tasks, 2, into=tmp_path / f"{type(given_).__name__}.db")
        assert all_bits(sweep) == all_bits(slownet.train_many(tasks, 1))
        means = np.mean([run.net.predict(frame[["a", "b"]]) for run in sweep], axis=0)
        assert sweep.ensemble().predict(frame[["a", "b"]]) == pytest.approx(means)
        assert means.std() > 5, "in the units of the table"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"callbacks": None}, "a grid has no callbacks: they are objects"),
        ({"threads": 2}, "a grid has no threads: each training has one thread"),
        ({"snapshots": 5}, r"task.train\(snapshots=100\)"),
        ({"learning_rat": 0.1}, "did you mean 'learning_rate'"),
        ({"hidden": []}, "hidden has no alternatives"),
        ({"hidden": "a"}, "hidden must be"),
        ({"hidden": [(4, 0.5)]}, "a size in hidden must be"),
        ({"learning_rate": [0.1, -1]}, "learning_rate must be"),
        ({"optimizer": "adamm"}, "did you mean 'adam'"),
        ({"seeds": 0}, "seeds must be"),
        ({"seeds": [1, 1]}, "seeds must be different numbers"),
        ({"seeds": [1.5]}, "a number in seeds must be"),
        ({"seed": -1}, "seed must be"),
        ({"seeds": 1_000_000, "l2": [0.0, 0.1]}, "the number of tasks with l2 must be"),
        ({"validation_data": (X, y[:-1])}, "got 60 samples but 59 targets"),
    ],
)
def test_grids_that_cannot_be(arguments, message):
    with pytest.raises((InvalidTypeError, InvalidValueError), match=message):
        slownet.grid(X, y, **arguments)


def test_data_that_cannot_be():
    with pytest.raises(InvalidValueError, match="nan|finite"):
        slownet.grid([[0.0, float("nan")]] * 3, [0, 1, 0])
    with pytest.raises(InvalidTypeError, match="grid needs y"):
        slownet.grid(X)
    with pytest.raises(InvalidTypeError, match="a task must be of type Task"):
        slownet.train_many([NetFactory([2, 1])])


def test_a_task_trains_again_with_snapshots(tasks, serial):
    history = tasks[0].train(snapshots=5, watch=V)
    assert len(history.snapshots) == 5 or len(history.snapshots) == history.last_step + 1
    assert bytes(history.snapshots[-1].weights) == bytes(serial[0].history.snapshots[-1].weights)
    assert history.loss == serial[0].history.loss


# the same bits


def test_it_is_what_a_loop_would_do(tasks, serial):
    for task, run in zip(tasks, serial, strict=True):
        net = NetFactory(layers=list(task.layers), seed=task.seed).new()
        options = {"epochs": 3, "learning_rate": task.options.learning_rate, "seed": task.seed}
        history = net.fit(X, y, validation_data=V, test_data=V, engine="scalar", **options)
        assert run.history.loss == history.loss
        assert [w.value for w in run.net.weights()] == [w.value for w in net.weights()]
        assert [n.bias for n in run.net.neurons()] == [n.bias for n in net.neurons()]
        assert run.history.test == history.test


def test_a_result_is_a_run(serial, tmp_path):
    run = serial[0]
    assert run.history.ended == "finished"
    assert run.history.data["X"] == run.task.fingerprint["X"]
    assert run.history.options["epochs"] == 3
    assert run.history.path is None
    assert [w.value for w in run.history.restore().weights()] == [w.value for w in run.net.weights()]
    assert run.history.to_json(tmp_path / "a.json").stat().st_size > 1000
    assert len(slownet.plotting.curves(run.history).data) > 2


@pytest.mark.long
@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_every_backend_gives_the_same_bits(tasks, serial, backend):
    with joblib.parallel_config(backend, n_jobs=2):
        assert all_bits(slownet.train_many(tasks)) == all_bits(serial)


def test_a_backend_that_cannot_return_results_one_by_one(tasks):
    refused = pytest.raises(InvalidValueError, match="joblib: .*Multiprocessing.* does not support")
    with joblib.parallel_config("multiprocessing", n_jobs=2), refused:
        slownet.train_many(tasks)


@pytest.mark.long
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.permutations(range(8)), st.lists(st.integers(1, 8), max_size=8))
def test_any_order_and_any_groups_give_the_same_bits(tasks, serial, order, sizes):
    left = [tasks[k] for k in order]
    found = {}
    for size in [*sizes, 8]:
        group, left = left[:size], left[size:]
        done = run_group([task.without_data() for task in group], tasks[0].data, 0.0)
        found |= {result.key: result for result in done.results}
    runs = [slownet.many.sweep.new_run(task, found[task.key]) for task in tasks]
    assert all_bits(runs) == all_bits(serial)


def test_tiny_trainings_are_sent_together():
    tasks = slownet.grid(X, y, seeds=300, epochs=1)
    groups = Groups(tasks, 2)
    cut = iter(groups)
    first = next(cut)
    groups.note([Result(task.key, None, None, 0.01) for task in first])
    rest = list(cut)
    assert [task.key for group in [first, *rest] for task in group] == [task.key for task in tasks]
    assert len(rest[0]) > 50, "a share of what is left"
    assert all(len(group) >= 20 for group in rest[:-1]), "0.2 seconds or more"
    long = Groups(tasks, 1)
    long.note([Result(task.key, None, None, 2.0) for task in tasks[:5]])
    assert {len(group) for group in long} == {1}


def test_equal_tasks_are_trained_once(tasks):
    assert len(slownet.train_many([*tasks[:2], *small(hidden=3, learning_rate=0.1)], 1)) == 2


def test_early_stopping_is_not_shared():
    tasks = small(early_stopping=slownet.EarlyStopping(1), epochs=30)
    with joblib.parallel_config("threading", n_jobs=2):
        assert all_bits(slownet.train_many(tasks)) == all_bits(slownet.train_many(tasks[::-1], 1))


# errors


@pytest.mark.parametrize("restore_best", [True, False])
def test_measures_are_of_the_net_that_is_kept(tmp_path, restore_best):
    stopping = slownet.EarlyStopping(patience=4, restore_best=restore_best)
    tasks = small(hidden=20, learning_rate=2.0, batch_size=4, epochs=60, early_stopping=stopping)
    trained = slownet.train_many(tasks, 1, into=tmp_path / "a.db")
    for run in [*trained, *Sweep.open(tmp_path / "a.db")]:
        losses = [record.validation_loss for record in run.history.epochs]
        assert run.ended == "stopped"
        assert min(losses) < losses[-1]
        assert run.measure("validation_loss") == (min(losses) if restore_best else losses[-1])
        evaluated = run.net.evaluate(*V)
        assert run.measure("validation_loss") == pytest.approx(evaluated.loss)
        assert run.measure("validation_accuracy") == evaluated.accuracy == run.measure("test_accuracy")


def test_weights_and_samples_that_are_held_out(tmp_path):
    X, y = moons(90, noise=0.2, seed=1)
    weights = np.linspace(0.5, 2.0, 90)
    ways = {"class_weight": ["balanced", {0: 2.0}], "validation_split": 0.25, "clip_norm": 1.0}
    tasks = slownet.grid(X, y, hidden=4, sample_weight=weights, epochs=2, seeds=2, **ways)
    assert len({task.key for task in tasks}) == 4
    assert len({task.fingerprint["X"] for task in tasks}) == 1
    sweep = slownet.train_many(tasks, 1, into=tmp_path / "sweep.db")
    for run, task in zip(sweep, tasks, strict=True):
        net = NetFactory(layers=list(task.layers), seed=task.seed).new()
        options = {name: getattr(task.options, name) for name in ways}
        given = {"sample_weight": weights, "epochs": 2, "seed": task.seed, "progress": False}
        history = net.fit(X, y, **options, **given)
        assert run.history.loss == history.loss
        assert run.history.epochs[-1].validation_loss == history.epochs[-1].validation_loss
        again = task.train(snapshots=2)
        assert again.loss == history.loss
        assert again.rewind(3, (X, y, weights)).parameter_count == net.parameter_count
    other = slownet.grid(X, y, hidden=4, sample_weight=weights[::-1], epochs=2, **ways)
    assert {task.key for task in other}.isdisjoint(task.key for task in tasks)
    with pytest.raises(ValueError, match="sample_weight"):
        slownet.grid(X, y, sample_weight=weights[:-1])


def test_a_task_that_diverges_is_a_result(tmp_path):
    tasks = slownet.grid(X, X[:, 0], learning_rate=[1e200, 0.1], epochs=2)
    sweep = slownet.train_many(tasks, 1, into=tmp_path / "a.db")
    assert [run.ended for run in sweep] == ["diverged", "finished"]
    assert repr(sweep) == "Sweep(1 diverged, 1 finished)"
    assert sweep[0].error.startswith("DivergedError: ")
    assert all(np.isfinite([w.value for w in sweep[0].net.weights()]))
    assert sweep.best(5) == [sweep[1]]
    assert list(sweep.table()["ended"]) == ["diverged", "finished"]
    assert all_bits(Sweep.open(tmp_path / "a.db")) == all_bits(sweep)


def breaks(z):
    if z > 1.0:
        raise ZeroDivisionError("of my own")
    return z


def one(z, value):
    return 1.0


@pytest.mark.long
def test_a_task_that_fails_is_a_result():
    odd = Activation("odd", breaks, one)
    tasks = slownet.grid(5 * X, y, hidden_activation=[odd, "relu"], engine="scalar")
    sweep = slownet.train_many(tasks, 2)
    assert [run.ended for run in sweep] == ["diverged", "finished"] or sweep[0].ended == "failed"
    assert "of my own" in sweep[0].error
    if sweep[0].history is None:
        with pytest.raises(InvalidValueError, match="has no net, because it failed: .*of my own"):
            _ = sweep[0].net


def test_lambdas_are_sent_to_processes():
    mine = Activation("mine", lambda z: 0.5 * z, lambda z, value: 0.5)
    tasks = slownet.grid(X, y, hidden_activation=mine, seeds=3)
    assert all_bits(slownet.train_many(tasks, 2)) == all_bits(slownet.train_many(tasks, 1))
    with pytest.raises(RecordingError, match="'mine' is your own"):
        slownet.train_many(tasks, 1, into="never.db")
    assert not Path("never.db").exists()


def test_what_cannot_be_sent():
    lock = threading.Lock()
    mine = Activation("mine", lambda z: z + (lock is None), lambda z, value: 1.0)
    tasks = slownet.grid(X, y, hidden_activation=mine, seeds=3, engine="scalar")
    with pytest.raises(InvalidTypeError, match="cannot be sent to another process"):
        slownet.train_many(tasks, 2)
    assert len(slownet.train_many(tasks, 1)) == 3


@pytest.mark.parametrize("n_jobs", [0, 1.5, "2", True])
def test_numbers_of_jobs(tasks, n_jobs):
    with pytest.raises((InvalidTypeError, InvalidValueError), match="n_jobs must be"):
        slownet.train_many(tasks, n_jobs)


def test_without_joblib():
    """One at a time needs none; for more the error has the pip command."""
    code = (
        "import sys; sys.modules['joblib'] = None\n"
        "import slownet; from slownet.datasets import xor\n"
        "tasks = slownet.grid(*xor(), seeds=2)\n"
        "print(slownet.train_many(tasks))\n"
        "try: slownet.train_many(tasks, 2)\n"
        "except slownet.MissingPackageError as error: print(error)"
    )
    found = python(code)
    assert "Sweep(2 finished)" in found
    assert 'pip install "slownet[many]"' in found


class Killer:
    """An activation that kills its process, once."""

    def __init__(self, flag, times=1):
        self.flag, self.times, self.main = flag, times, os.getpid()

    def __call__(self, z):
        done = len(list(self.flag.parent.glob(f"{self.flag.name}*")))
        if done < self.times and os.getpid() != self.main:
            Path(f"{self.flag}{done}-{os.getpid()}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return z


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_process_that_is_killed_loses_nothing(tmp_path):
    deadly = Activation("deadly", Killer(tmp_path / "flag"), one)
    tasks = slownet.grid(X, y, hidden_activation=["relu", deadly, "tanh"], seeds=3, engine="scalar")
    with joblib.parallel_config("loky", n_jobs=2):
        found = slownet.train_many(tasks)
    assert len(list(tmp_path.iterdir())) >= 1
    assert all_bits(found) == all_bits(slownet.train_many(tasks, 1))


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_task_that_always_kills_is_told(tmp_path):
    deadly = Activation("deadly", Killer(tmp_path / "flag", 99), one)
    tasks = slownet.grid(X, y, hidden_activation=deadly, seeds=2, engine="scalar")
    with pytest.raises(WorkerError, match="workers were lost 3 times"):
        slownet.train_many(tasks, 2)


# Ctrl-C and sweep files


class Stop:
    """An activation that presses Ctrl-C in a task."""

    def __init__(self, calls):
        self.calls = calls

    def __call__(self, z):
        self.calls -= 1
        if self.calls == 0:
            raise KeyboardInterrupt
        return z


def test_after_ctrl_c_what_is_done_is_kept(tasks, serial, capsys, tmp_path):
    stopping = Activation("stop", Stop(800), one)
    more = small(hidden=3, learning_rate=0.1, hidden_activation=stopping, engine="scalar")
    sweep = slownet.train_many([*tasks[:3], *more, *tasks[3:]], 1)
    assert 3 <= len(sweep) < 10
    assert "not trained" in repr(sweep)
    assert "trainings are done; into='sweep.db'" in capsys.readouterr().err
    assert all_bits(sweep[:3]) == all_bits(serial[:3])


SCRIPT = """
import slownet
from slownet.datasets import moons
tasks = slownet.grid(*moons(300, noise=.2, seed=1), hidden=[2, 4], epochs=15, seeds=10, engine="scalar")
print(slownet.train_many(tasks, {jobs}, into="a.db"))
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a process")
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_and_going_on(tmp_path, jobs):
    (tmp_path / "a.py").write_text(SCRIPT.format(jobs=jobs))
    process = subprocess.Popen(
        [sys.executable, "a.py"], cwd=tmp_path, stdout=-1, stderr=-1, text=True, process_group=0
    )
    while process.poll() is None and not rows(tmp_path / "a.db"):
        threading.Event().wait(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "not trained" in out
    assert "kept in a.db: the same again goes on" in err
    done = rows(tmp_path / "a.db")
    assert 0 < len(done) < 20
    before = sorted(Sweep.open(tmp_path / "a.db").table()["seconds"])
    again = subprocess.run([sys.executable, "a.py"], cwd=tmp_path, capture_output=True, text=True)
    assert again.stdout == "Sweep(20 finished)\n", again.stderr
    after = Sweep.open(tmp_path / "a.db")
    assert set(before) < set(after.table()["seconds"]), "what was done was not trained again"
    tasks = slownet.grid(
        *moons(300, noise=0.2, seed=1), hidden=[2, 4], epochs=15, seeds=10, engine="scalar"
    )
    assert all_bits(after) == all_bits(slownet.train_many(tasks, 1))


def rows(path):
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            found = connection.execute("SELECT task FROM trainings").fetchall()
    except sqlite3.Error:
        return []
    connection.close()
    return found


ORPHANS = """
import os, sys, time
import slownet
from slownet.datasets import moons

class Told:
    def __init__(self, folder):
        self.folder = folder
    def __call__(self, z):
        with open(os.path.join(self.folder, str(os.getpid())), "w"):
            return z

act = slownet.Activation("told", Told(sys.argv[1]), lambda z, a: 1.0)
tasks = slownet.grid(*moons(60, seed=1), hidden_activation=act, epochs=10**5, seeds=4)
slownet.train_many(tasks, 2)
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="no signals to a process, or no /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM] if os.name == "posix" else [])
def test_workers_end_with_their_parent(tmp_path, number):
    """joblib's own would wait for ever."""
    parent = subprocess.Popen([sys.executable, "-c", ORPHANS, tmp_path], env=ENVIRONMENT)
    deadline = time.monotonic() + 120
    while len(workers := list(tmp_path.iterdir())) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    parent.send_signal(number)
    parent.wait()
    while any(_is_running(each.name) for each in workers):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_worker_that_can_start_no_thread_trains(monkeypatch):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(multiprocessing.current_process(), "name", "LokyProcess-1")
    monkeypatch.setattr(threading.Thread, "start", refuse)
    running._end_with_parent.__wrapped__()


def _is_running(process):
    try:
        return Path("/proc", process, "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.long
def test_a_sweep_file_grows(tasks, serial, tmp_path):
    path = tmp_path / "a.db"
    first = slownet.train_many(tasks[::3], 1, into=path)
    assert [run.task for run in first] == tasks[::3]
    whole = slownet.train_many(tasks, 2, into=path)
    assert all_bits(whole) == all_bits(serial)
    assert [run.task for run in whole] == tasks
    kept = {run.task.key: run.seconds for run in first}
    assert kept == {run.task.key: run.seconds for run in whole[::3]}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.db"]
    opened = Sweep.open(path)
    assert all_bits(opened) == all_bits(serial)
    assert [run.task.settings for run in opened] == [task.settings for task in tasks]
    with pytest.raises(InvalidValueError, match="read from a file has no data"):
        slownet.train_many([run.task for run in opened])
    again = opened[0].task.train(SharedData(X, y, V, V))
    assert again.loss == serial[0].history.loss
    with pytest.raises(InvalidValueError, match="other data"):
        opened[0].task.train(SharedData(X + 1, y, V, V))


def test_a_sweep_file_is_of_one_set_of_data(tasks, tmp_path):
    slownet.train_many(tasks[:1], 1, into=tmp_path / "a.db")
    others = slownet.grid(X + 1, y)
    with pytest.raises(RecordingError, match="holds trainings on other data .60 samples"):
        slownet.train_many(others, 1, into=tmp_path / "a.db")
    for more, name in (
        ({"y": 1 - y}, "y"),
        ({"validation_data": None}, "validation_X, validation_samples, validation_y"),
        ({"test_data": (V[0] + 1, V[1])}, "test_X"),
        ({"sample_weight": [1.0] * 59 + [2.0]}, "sample_weight"),
    ):
        given = {"y": y, "validation_data": V, "test_data": V, **more}
        with pytest.raises(RecordingError, match=f"another fingerprint of {name}\\)"):
            slownet.train_many(slownet.grid(X, **given), 1, into=tmp_path / "a.db")
    split = small(validation_split=0.25, validation_data=None)
    assert slownet.train_many(split[:1], 1, into=tmp_path / "b.db").wanted == 1
    both = small(hidden=4, output_activation=["sigmoid", "softmax"])
    assert len(slownet.train_many(both, 1, into=tmp_path / "a.db")) == 8
    assert len(Sweep.open(tmp_path / "a.db")) == 9


def test_data_that_have_changed_are_refused(tmp_path):
    """Otherwise results on the new data would stand under the fingerprint of the old ones."""
    for name in ("X", "y", "validation"):
        data = {"X": X.copy(), "y": y.copy(), "validation": V[0].copy()}
        given = {"validation_data": (data["validation"], V[1]), "epochs": 1, "hidden": [2, 3]}
        tasks = slownet.grid(data["X"], data["y"], **given)
        data[name][0] = 1 - data[name][0]
        with pytest.raises(InvalidValueError, match="data have changed since these tasks were made"):
            slownet.train_many(tasks, 1, into=tmp_path / "a.db")
        with pytest.raises(InvalidValueError, match="other data"):
            tasks[0].train()
    assert not list(tmp_path.iterdir())


def test_what_failed_is_trained_again_and_what_diverged_is_not(tmp_path):
    tasks = slownet.grid(X, X[:, 0], learning_rate=[1e200, 0.1], epochs=2)
    found = slownet.train_many(tasks, 1, into=tmp_path / "a.db")
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("DELETE FROM trainings WHERE error IS NULL")
    connection.close()
    from slownet.many.sweep_file import SweepFile

    file = SweepFile(tmp_path / "a.db")
    file.add([(tasks[1], Result(tasks[1].key, None, "MemoryError: ", 0.0))])
    file.close()
    again = slownet.train_many(tasks, 1, into=tmp_path / "a.db")
    assert again[0].seconds == found[0].seconds
    assert again[1].ended == "finished"


@pytest.mark.long
def test_one_process_writes_a_sweep_file(tasks, tmp_path):
    from slownet.many.sweep_file import SweepFile

    file = SweepFile(tmp_path / "a.db")
    try:
        with pytest.raises(RecordingError, match="another process is writing"):
            slownet.train_many(tasks[:1], 1, into=tmp_path / "a.db")
        file.add([])
        assert len(Sweep.open(tmp_path / "a.db")) == 0
    finally:
        file.close()


def test_a_file_that_cannot_be_begun_is_not_left(tasks, tmp_path, monkeypatch):
    from slownet.many import sweep_file

    (tmp_path / "a.db-wal").write_bytes(b"of a sweep that was moved")
    with monkeypatch.context() as patch:
        patch.setattr(sweep_file, "CREATE", "CREATE nonsense")
        with pytest.raises(FormatError, match=r"a.db: cannot be made"):
            slownet.train_many(tasks[:1], 1, into=tmp_path / "a.db")
    assert list(tmp_path.iterdir()) == []
    assert len(slownet.train_many(tasks[:1], 1, into=tmp_path / "a.db")) == 1
    with pytest.raises(MissingFileError, match="there is no folder"):
        slownet.train_many(tasks[:1], 1, into=tmp_path / "none" / "a.db")


def test_files_that_are_no_sweeps(tasks, tmp_path):
    with pytest.raises(MissingFileError):
        Sweep.open(tmp_path / "none.db")
    (tmp_path / "text.db").write_text("no database, but long enough to be looked at" * 30)
    slownet.NetFactory([2, 1]).new().fit(X, y, record=tmp_path / "a.run")
    (tmp_path / "empty.db").touch()
    for name in ("text.db", "a.run", "empty.db"):
        for use in (Sweep.open, lambda path: slownet.train_many(tasks, 1, into=path)):
            before = (tmp_path / name).read_bytes()
            with pytest.raises(FormatError, match=name):
                use(tmp_path / name)
            assert (tmp_path / name).read_bytes() == before


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("loss", b"12345678", "its checksum"),
        ("description", "{}", "its checksum"),
        ("seconds", None, "NOT NULL"),
    ],
)
def test_damage_is_noticed(tasks, tmp_path, column, value, message):
    slownet.train_many(tasks[:2], 1, into=tmp_path / "a.db")
    with sqlite3.connect(tmp_path / "a.db") as connection:
        if value is None:
            return
        connection.execute(f"UPDATE trainings SET {column} = ?", (value,))
    connection.close()
    with pytest.raises(FormatError, match=message):
        Sweep.open(tmp_path / "a.db")


HOSTILE = [
    ("description", {}),
    ("description", []),
    ("description", {"layers": [{"size": 10**12}], "options": {}, "seed": 0}),
    ("settings", []),
    ("facts", {}),
    ("graph", {"layers": []}),
    ("graph", 3),
    ("epochs", b"12345678"),
    ("biases", b""),
    ("weights", b""),
    ("frozen", [99]),
    ("loss", b"123"),
]


@pytest.mark.parametrize(("column", "value"), HOSTILE)
def test_rows_that_nobody_wrote_are_refused(tasks, tmp_path, column, value):
    """Their checksums are right: somebody has made them on purpose."""
    from slownet.many.sweep_file import COLUMNS
    from slownet.recording import tables

    slownet.train_many(tasks[:1], 1, into=tmp_path / "a.db")
    connection = sqlite3.connect(tmp_path / "a.db")
    names = ", ".join(COLUMNS)
    row = dict(
        zip(COLUMNS, connection.execute(f"SELECT {names} FROM trainings").fetchone(), strict=True)
    )
    row[column] = value if isinstance(value, bytes) else json.dumps(value)
    marks = ", ".join("?" * (len(COLUMNS) + 1))
    values = (*row.values(), tables.crc32(row))
    connection.execute(f"INSERT OR REPLACE INTO trainings ({names}, crc32) VALUES ({marks})", values)
    connection.commit()
    connection.close()
    with pytest.raises(FormatError, match="a.db"):
        Sweep.open(tmp_path / "a.db")


# tables, pictures, ensembles


def test_the_table_has_a_row_for_each_run(serial):
    table = serial.table()
    assert list(table["hidden"]) == [3] * 4 + ["3-2"] * 4
    assert list(table["epochs trained"]) == [3] * 8
    assert list(table["test_accuracy"]) == [run.history.test["accuracy"] for run in serial]
    assert list(table["validation_loss"]) == [run.history.epochs[-1].validation_loss for run in serial]
    assert "test_error" not in table


def test_the_summary_is_over_the_seeds(serial):
    summary, table = serial.summary(), serial.table()
    assert list(zip(summary["hidden"], summary["learning_rate"], summary["runs"], strict=True)) == [
        (h, r, 2) for h in (3, "3-2") for r in (0.1, 0.5)
    ]
    grouped = table.groupby(["hidden", "learning_rate"], sort=False)["loss"]
    assert list(summary["loss"]) == pytest.approx(list(grouped.mean()))
    assert list(summary["loss ±"]) == pytest.approx(list(grouped.std()))
    assert "<table" in serial._repr_html_()


def test_the_best(serial):
    accuracies = [run.history.epochs[-1].validation_accuracy for run in serial]
    assert serial.best()[0].measure("validation_accuracy") == max(accuracies)
    losses = [run.history.test["loss"] for run in serial]
    assert [run.measure("test_loss") for run in serial.best(3, "test_loss")] == sorted(losses)[:3]
    with pytest.raises(InvalidValueError, match="did you mean 'test_loss'"):
        serial.best(1, "tst_loss")
    with pytest.raises(InvalidValueError, match="no run has a test_error"):
        serial.best(1, "test_error")
    assert repr(serial[2:4]) == "Sweep(2 finished)"


def test_runs_are_compared_by_what_those_have_that_ended():
    """Only a run that diverged was validated."""
    tasks = slownet.grid(X, X[:, 0], hidden=2, epochs=3)
    diverges = {"learning_rate": 10.0, "validation_data": (X, X[:, 0])}
    tasks += slownet.grid(X, X[:, 0], hidden=2, epochs=9, **diverges)
    sweep = slownet.train_many(tasks, 1)
    assert [run.ended for run in sweep] == ["finished", "diverged"]
    assert sweep[1].measure("validation_loss") is not None
    assert sweep.measure == "loss"
    assert sweep.best() == [sweep[0]]
    assert sweep[1:].measure == "validation_loss"


def test_an_ensemble_is_the_mean(serial):
    nets = [run.net for run in serial]
    ensemble = serial.ensemble()
    mean = sum(net.predict_proba(X) for net in nets) / 8
    assert len(ensemble) == 8
    assert ensemble.predict_proba(X) == pytest.approx(mean)
    assert (ensemble.predict(X) == (mean[:, 1] > 0.5)).all()
    assert ensemble.accuracy(X, y) == (ensemble.predict(X) == y).mean()


@pytest.mark.parametrize("names", [["no", "yes"], [3, 7], ["a", "b", "c"]])
def test_an_ensemble_keeps_the_classes(names):
    targets = [names[k % len(names)] for k in range(60)]
    sweep = slownet.train_many(slownet.grid(X, targets, seeds=3, epochs=2), 1)
    ensemble = sweep.ensemble(2)
    assert ensemble.classes == names
    assert set(ensemble.predict(X)) <= set(names)
    mean = sum(net.predict_proba(X) for net in ensemble.nets) / 2
    assert [names[k] for k in mean.argmax(axis=1)] == list(ensemble.predict(X))


def test_an_ensemble_of_several_answers():
    both = np.stack([y, 1 - y], axis=1)
    sweep = slownet.train_many(slownet.grid(X, both, seeds=3, epochs=2), 1)
    ensemble = sweep.ensemble()
    assert ensemble.predict(X).shape == (60, 2)
    assert set(ensemble.predict(X).ravel()) <= {0, 1}
    assert 0.0 <= ensemble.accuracy(X, both) <= 1.0
    with pytest.raises(InvalidValueError, match=r"y must have shape \(60, 2\).*not \(60,\)"):
        ensemble.accuracy(X, y)


def test_the_accuracy_of_an_ensemble(tmp_path):
    pd.DataFrame({"a": range(40), "b": ["x", "y"] * 20, "c": range(40)}).to_csv(tmp_path / "t.csv")
    table = read_csv(tmp_path / "t.csv", target="b", columns=["a", "c"])
    ensemble = slownet.train_many(slownet.grid(table, prepare="standardise", seeds=2), 1).ensemble()
    assert ensemble.accuracy(table) == ensemble.accuracy(table.X, table.y)
    assert ensemble.accuracy(table.X, table.y.reshape(-1, 1)) == ensemble.accuracy(table)
    with pytest.raises(InvalidTypeError, match="needs y"):
        ensemble.accuracy(table.X)
    with pytest.raises(InvalidValueError, match="y must have shape"):
        ensemble.accuracy(table.X, table.y[:1])
    with pytest.raises(InvalidValueError, match=r"y must have shape \(1,\).*not \(\)"):
        ensemble.accuracy(table.X[:1], table.y[0])
    numbers = slownet.train_many(slownet.grid(X, X[:, 0], epochs=1), 1).ensemble()
    with pytest.raises(InvalidValueError, match="predict numbers"):
        numbers.accuracy(X, X[:, 0])


def test_ensembles_that_cannot_be():
    one_net, other = NetFactory([2, 1]).new(), NetFactory([2, 3]).new()
    for nets, message in (([], "at least one"), ([one_net, other], "must predict the same")):
        with pytest.raises(InvalidValueError, match=message):
            Ensemble(nets)
    with pytest.raises(InvalidTypeError, match="a net must be of type Net"):
        Ensemble([3])


def test_curves_of_all_runs(serial):
    figure = serial.curves()
    assert len(figure.data) == 8 + 4
    faint, strong = figure.data[:8], figure.data[8:]
    for line, run in zip(faint, serial, strict=True):
        assert list(line.y) == [record.validation_accuracy for record in run.history.epochs]
        assert line.opacity < 0.7
    assert [line.name for line in strong] == [f"{h}, {r} (2)" for h in (3, "3-2") for r in (0.1, 0.5)]
    assert figure.layout.legend.title.text == "hidden, learning rate"
    assert list(strong[0].y) == pytest.approx(np.median([faint[0].y, faint[1].y], axis=0))
    assert serial[:2].curves("loss").data[-1].name == "all runs (2)"


def test_curves_of_many_combinations():
    tasks = slownet.grid(X, y, hidden=[1, 2, 3, 4], l2=[0.0, 0.1, 0.2, 0.3], epochs=2)
    figure = slownet.train_many(tasks, 1).curves()
    assert [line.name for line in figure.data[16:]] == [f"{size} (4)" for size in (1, 2, 3, 4)]
    rates = slownet.grid(X, y, learning_rate=[0.01 * k for k in range(1, 26)], epochs=2)
    drawn = slownet.train_many(rates, 1).curves().data[25:]
    assert len({(line.line.color, line.line.dash) for line in drawn}) == 25


@pytest.mark.parametrize("targets", [y, X[:, 0]])
def test_what_diverged_is_told_in_pictures(targets):
    tasks = slownet.grid(X, targets, hidden=[2, 3], learning_rate=[0.1, 1e200], epochs=4, seeds=2)
    sweep = slownet.train_many(tasks, 1)
    figure = sweep.curves()
    assert [line.name for line in figure.data[4:]] == [
        f"{h}, {text}" for h in (2, 3) for text in ("0.1 (2)", "1e+200 (0 of 2)")
    ]
    assert np.isfinite(figure.layout.yaxis.range).all()
    assert figure.layout.xaxis.dtick == 1
    cells = sweep.heat_map().data[0]
    assert cells.text[1][0] == "2 failed"
    assert cells.customdata[1][0] == "2 diverged or failed"
    assert cells.customdata[0][0].endswith("2 runs")
    (cells,) = sweep.heat_map("hidden", "seed").data
    assert cells.text[0][0].endswith("<br>1 failed")


def test_the_ticks_of_a_map_differ():
    from slownet.plotting.many import heat_map

    for low, form in ((0.5, ".0%"), (0.89, ".1%"), (0.899, ".2%")):
        cells = {(1, 1): [low], (2, 1): [0.9], (3, 1): [None]}
        assert heat_map(cells, ("a", "b"), "accuracy").data[0].colorbar.tickformat == form


def test_a_map_of_two_settings(serial):
    figure = serial.heat_map(measure="loss")
    (cells,) = figure.data
    table = serial.table()
    means = table.pivot_table(values="loss", index="learning_rate", columns="hidden", sort=False)
    assert np.array(cells.z) == pytest.approx(means.to_numpy())
    assert (list(cells.x), list(cells.y)) == (["3", "3-2"], ["0.1", "0.5"])
    assert cells.customdata[0][0].endswith("2 runs")
    assert serial.heat_map(x="learning_rate", y="hidden").data[0].x[0] == "0.1"
    assert np.array(serial[:4].heat_map().data[0].z).shape == (1, 2)
    with pytest.raises(InvalidValueError, match="unknown measure 'test_loss': known are loss, acc"):
        serial.curves("test_loss")
    with pytest.raises(InvalidValueError, match="there is no grid to draw"):
        serial[:2].heat_map()
    with pytest.raises(InvalidValueError, match="did you mean 'hidden'"):
        serial.heat_map("hiden")


def test_a_sweep_of_nothing():
    with pytest.raises(InvalidTypeError, match="tasks must be a list of tasks, not Task"):
        slownet.train_many(small()[0])
    sweep = slownet.train_many([])
    assert repr(sweep) == "Sweep(no runs)"
    assert len(sweep.table()) == 0
    for use in (sweep.curves, sweep.heat_map, sweep.best, sweep.ensemble):
        with pytest.raises(InvalidValueError):
            use()


def test_layers_of_any_kind(tmp_path):
    layers = [Input(2), Dense(3, "tanh", "he_uniform", bias=False), Dense(1, "sigmoid")]
    task = Task.of(layers, SharedData(X, y), 5, epochs=2)
    sweep = slownet.train_many([task], 1, into=tmp_path / "a.db")
    opened = Sweep.open(tmp_path / "a.db")
    assert opened[0].task.key == task.key
    assert [neuron.has_bias for neuron in opened[0].net[1]] == [False] * 3
    path = sweep[0].net.save(tmp_path / "net.json")
    assert [w.value for w in load(path).weights()] == [w.value for w in opened[0].net.weights()]


def test_progress(tasks, capsys):
    slownet.train_many(tasks, 1, progress="always")
    assert "8/8" in capsys.readouterr().err
    slownet.train_many(tasks, 1)
    assert capsys.readouterr().err == ""
    with pytest.raises(InvalidValueError, match="progress"):
        slownet.train_many(tasks, 1, progress=1)


def test_missing_package_is_an_import_error():
    assert issubclass(MissingPackageError, ImportError)
