"""Many trainings on a cluster of Dask with real worker processes, which are killed in the middle."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_many import all_bits

import slownet
from slownet import Activation, Callback
from slownet.datasets import moons

joblib = pytest.importorskip("joblib")
distributed = pytest.importorskip("distributed")

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL"),
    pytest.mark.filterwarnings("default"),  # of Dask's own
]
WAIT = 120


@pytest.fixture
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


class Waiting:
    """An activation that waits in other processes, so that a test decides what happens meanwhile.

    Each process that comes here leaves a file with its number, and goes on once `go` is there.
    """

    def __init__(self, folder):
        self.folder, self.main = folder, os.getpid()

    def __call__(self, z):
        here = self.folder / f"pid-{os.getpid()}"
        if os.getpid() != self.main and not here.exists():
            here.touch()
            pause = threading.Event()
            for _ in range(WAIT * 20):
                if (self.folder / "go").exists():
                    break
                pause.wait(0.05)
        return z


def one(z, value):
    return 1.0


def waiting_processes(folder, count):
    """Wait until so many processes train; return their numbers."""
    pause = threading.Event()
    for _ in range(WAIT * 20):
        found = [int(path.name.removeprefix("pid-")) for path in folder.glob("pid-*")]
        if len(found) >= count:
            return found
        pause.wait(0.05)
    raise TimeoutError("no worker has begun")


def tasks_that_wait(folder: Path):
    X, y = moons(200, noise=0.2, seed=1)
    activation = Activation("waiting", Waiting(folder), one)
    return slownet.grid(X, y, hidden_activation=[activation, "tanh"], seeds=6, engine="scalar")


@pytest.mark.long
@pytest.mark.parametrize("killed", [1, 2])
def test_workers_that_are_killed_lose_nothing(client, tmp_path, killed):
    """With both, Dask loses the data, too, which it can only get here."""
    tasks = tasks_that_wait(tmp_path)
    workers = set(client.run(os.getpid).values())
    found = []

    def train():
        with joblib.parallel_config("dask"):
            found.append(slownet.train_many(tasks))

    thread = threading.Thread(target=train)
    thread.start()
    training = waiting_processes(tmp_path, 2)
    assert set(training) <= workers
    for process in training[:killed]:
        os.kill(process, signal.SIGKILL)
    (tmp_path / "go").touch()
    thread.join(WAIT)
    assert not thread.is_alive()
    assert repr(found[0]) == "Sweep(12 finished)"
    assert all_bits(found[0]) == all_bits(slownet.train_many(tasks, 1))
    assert set(client.run(os.getpid).values()) != workers


class Counted(slownet.SharedData):
    """Data that leave a file wherever they arrive."""

    def __setstate__(self, state):
        vars(self).update(state)
        Path(self.folder, f"{os.getpid()}-{os.urandom(8).hex()}").touch()


@pytest.mark.long
def test_data_go_to_a_worker_once(client, tmp_path):
    data = Counted(np.zeros((20_000, 10)), np.arange(20_000) % 2)
    data.folder = str(tmp_path)
    first = slownet.grid(data.X, data.y, hidden=2, batch_size=1000, epochs=20, seeds=20)
    tasks = [replace(task, data=data) for task in first]
    with joblib.parallel_config("dask"):
        found = slownet.train_many(tasks)
    assert repr(found) == "Sweep(20 finished)"
    arrived = [path.name.partition("-")[0] for path in tmp_path.iterdir()]
    assert 1 <= len(arrived) <= 4, "a few times: Dask may drop a copy, and fetch it again"


def test_a_sweep_file_is_written_here(client, tmp_path):
    tasks = slownet.grid(*moons(100, noise=0.2, seed=1), seeds=6, learning_rate=[0.1, 1e300])
    with joblib.parallel_config("dask"):
        slownet.train_many(tasks[:4], into=tmp_path / "a.db")
        found = slownet.train_many(tasks, into=tmp_path / "a.db")
    assert all_bits(found) == all_bits(slownet.train_many(tasks, 1))
    assert all_bits(slownet.Sweep.open(tmp_path / "a.db")) == all_bits(found)


class WaitsForGo(Callback):
    """Waits in other processes, so that a test decides what happens meanwhile."""

    def __init__(self, folder):
        self.waiting = Waiting(folder)

    def on_fit_begin(self, training):
        self.waiting(0.0)


@pytest.mark.long
def test_a_grid_search_survives_a_worker_that_is_killed(client, tmp_path):
    sklearn_search = pytest.importorskip("sklearn.model_selection")
    from slownet.interop.sklearn import SlowNetClassifier

    X, y = moons(120, noise=0.2, seed=1)
    grid = {"learning_rate_init": [0.01, 0.1], "hidden_layer_sizes": [(4,), (8,)]}

    def search(**options):
        net = SlowNetClassifier(max_iter=5, random_state=0, **options)
        return sklearn_search.GridSearchCV(net, grid, cv=3, refit=False)

    found = []

    def train():
        with joblib.parallel_config("dask"):
            waits = {"options": {"callbacks": [WaitsForGo(tmp_path)]}}
            found.append(search(**waits).fit(X, y).cv_results_["mean_test_score"].tolist())

    thread = threading.Thread(target=train)
    thread.start()
    training = waiting_processes(tmp_path, 2)
    os.kill(training[0], signal.SIGKILL)
    (tmp_path / "go").touch()
    thread.join(WAIT)
    assert not thread.is_alive()
    assert found == [search().fit(X, y).cv_results_["mean_test_score"].tolist()]


def test_the_lines_of_the_documentation_train_on_a_cluster(client, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (Path(__file__).parent.parent / "docs" / "howto" / "many.md").read_text("utf-8")
    (lines,) = re.findall(
        r"```python\n(import joblib\nfrom distributed import Client\n.*?)```", page, flags=re.DOTALL
    )
    names = {"slownet": slownet}
    names["tasks"] = slownet.grid(*moons(100, seed=1), hidden=4, seeds=4)
    exec(lines.replace("tcp://scheduler:8786", client.scheduler.address), names)
    names["client"].close()
    assert len(names["sweep"]) == 4
