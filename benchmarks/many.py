"""Many small trainings: a plain loop, `train_many` in this process, and in one and two others.

python benchmarks/many.py [--trainings 1000] [--epochs 40] [--rounds 3] [--only WAY ...]

Every way trains the same nets, in turn, round by round, and ends with the same bits, which is checked;
scikit-learn's MLPClassifier trains nets of the same sizes, with as many updates.
Processes are started anew in every round, as a script does: their start is part of their time.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import joblib
from joblib.externals.loky import get_reusable_executor

import slownet
from slownet import NetFactory
from slownet.datasets import moons
from slownet.engines import background
from slownet.many import Task

Losses = list[list[float]]


def plain_loop(tasks: list[Task]) -> Losses:
    """Train as a user would without `train_many`."""
    found = []
    for task in tasks:
        net = NetFactory(layers=list(task.layers), seed=task.seed).new()
        data = task.data
        history = net.fit(
            data.X,
            data.y,
            epochs=task.options.epochs,
            batch_size=task.options.batch_size,
            learning_rate=task.options.learning_rate,
            seed=task.seed,
            threads=1,
            progress=False,
        )
        found.append((net, history))
    return [history.loss for _, history in found]


def here(tasks: list[Task]) -> Losses:
    return losses_of(slownet.train_many(tasks, 1))


def into_file(tasks: list[Task]) -> Losses:
    with tempfile.TemporaryDirectory() as folder:
        return losses_of(slownet.train_many(tasks, 1, into=Path(folder, "sweep.db")))


def processes(count: int, backend: str = "loky") -> Callable[[list[Task]], Losses]:
    """Return a way to train with so many workers."""

    def train(tasks: list[Task]) -> Losses:
        if backend == "loky":
            get_reusable_executor().shutdown(wait=True)
        with joblib.parallel_config(backend, n_jobs=count):
            if count == 1:  # joblib would train one at a time in this process
                with joblib.parallel_config(backend, n_jobs=2):
                    return losses_of(one_worker(tasks))
            return losses_of(slownet.train_many(tasks))

    return train


def one_worker(tasks: list[Task]) -> slownet.Sweep:
    """Train with one other process: `train_many`, of which nothing runs here."""
    call = joblib.delayed(slownet.train_many)(tasks, 1)
    return joblib.Parallel(n_jobs=2)([call])[0]


def mlp_classifier(tasks: list[Task]) -> Losses:
    """Train the same nets by scikit-learn: other bits, the same number of updates."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for task in tasks:
            options = task.options
            net = MLPClassifier(
                [layer.size for layer in task.layers[1:-1]],
                solver="sgd",
                alpha=0.0,
                momentum=0.0,
                batch_size=options.batch_size,
                learning_rate_init=options.learning_rate,
                max_iter=options.epochs,
                n_iter_no_change=options.epochs + 1,
                random_state=task.seed % 2**32,
            )
            found.append(net.fit(task.data.X, task.data.y).loss_curve_)
    return found


def losses_of(sweep: slownet.Sweep) -> Losses:
    return [run.history.loss for run in sweep]


WAYS: dict[str, Callable[[list[Task]], Losses]] = {
    "a plain loop": plain_loop,
    "train_many here": here,
    "the same, into a file": into_file,
    "1 process": processes(1),
    "2 processes": processes(2),
    "2 threads": processes(2, "threading"),
    "MLPClassifier in a loop": mlp_classifier,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--trainings", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=list(WAYS))
    options = parser.parse_args()
    background.fill()
    tasks = slownet.grid(
        *moons(200, noise=0.2, seed=1),
        hidden=[8, (16, 16)],
        learning_rate=[0.05, 0.1],
        batch_size=16,
        epochs=options.epochs,
        seeds=-(-options.trainings // 4),
    )[: options.trainings]
    ways = {name: WAYS[name] for name in options.only or WAYS}
    plain_loop(tasks[:20])  # loads the compiled code
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    processor: dict[str, list[float]] = {name: [] for name in ways}
    first: Losses | None = None
    for _ in range(options.rounds):
        for name, train in ways.items():
            began, used = time.perf_counter(), time.process_time()
            found = train(tasks)
            seconds[name].append(time.perf_counter() - began)
            processor[name].append(time.process_time() - used)
            if train is mlp_classifier:
                continue
            first = found if first is None else first
            assert found == first, f"{name}: other bits"
    base = statistics.median(next(iter(seconds.values())))
    print(f"{len(tasks):,} trainings of 200 samples, {options.epochs} epochs, 2-8-1 and 2-16-16-1")
    print(f"{'':24}{'seconds':>10}{'times':>8}{'of the processor, here':>26}")
    for name, taken in seconds.items():
        median = statistics.median(taken)
        here_alone = statistics.median(processor[name])
        print(f"{name:24}{median:10.2f}{median / base:8.2f}{here_alone:26.2f}")


if __name__ == "__main__":
    main()
