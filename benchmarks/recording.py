"""What recording costs, and how long standing at a step again takes.

The same training of MNIST with and without a run file, in turn; the best of some rounds of each counts.
slownet's engine is the compiled one, with 100 snapshots that watch ten images. Then every part of the
recorded run is read back, and the net is put at random steps.

    python benchmarks/recording.py            all of it, some minutes
    python benchmarks/recording.py --quick    a look
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sqlite3
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from slownet import History, Net, NetFactory, functions
from slownet.datasets import load_mnist

NETS = {"784-30-10": ((784, 30, 10), "sigmoid"), "784-128-64-10": ((784, 128, 64, 10), "relu")}
OPTIMIZERS = {"sgd": (functions.plain_sgd, 0.1), "Adam": (functions.adam(), 0.001)}


def new_net(name: str) -> Net:
    dims, hidden = NETS[name]
    return NetFactory(list(dims), hidden, seed=1).new()


def seconds(name: str, data: Any, options: dict[str, Any], record: Path | None) -> float:
    net = new_net(name)
    started = time.perf_counter()
    net.fit(*data, record=record, **options)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    rounds, epochs = (1, 3) if quick else (5, 30)
    data, test = load_mnist("train"), load_mnist("test")
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, SQLite {sqlite3.sqlite_version}, "
        f"{os.cpu_count()} cores; 60,000 images x {epochs} epochs, batches of 32, 100 snapshots"
    )
    new_net("784-30-10").fit(data[0][:64], data[1][:64], engine="compiled", progress=False)
    with tempfile.TemporaryDirectory() as folder:
        for name in NETS:
            for optimizer, (rule, rate) in OPTIMIZERS.items():
                options = {
                    "epochs": epochs,
                    "batch_size": 32,
                    "learning_rate": rate,
                    "optimizer": rule,
                    "engine": "compiled",
                    "progress": False,
                    "snapshots": 100,
                    "watch": (test[0][:10], test[1][:10]),
                }
                path = Path(folder, f"{name}-{optimizer}.run")
                plain, recorded = [], []
                for _ in range(rounds):
                    plain.append(seconds(name, data, options, None))
                    path.unlink(missing_ok=True)
                    recorded.append(seconds(name, data, options, path))
                cost = min(recorded) / min(plain) - 1.0
                print(
                    f"\n{name}, {optimizer}: {min(plain):.2f} s, recorded {min(recorded):.2f} s: "
                    f"{cost:+.1%} (medians {median(recorded) / median(plain) - 1.0:+.1%}); "
                    f"{path.stat().st_size / 1e6:.1f} MB"
                )
                standing(path, data)


def standing(path: Path, data: Any) -> None:
    """Open a run, read its snapshots, and stand at some of its steps."""
    started = time.perf_counter()
    history = History.open(path)
    opened = time.perf_counter() - started
    started = time.perf_counter()
    for _ in history.snapshots:
        pass
    read = time.perf_counter() - started
    steps = random.Random(0).sample(history.steps, 5)  # the same ones every time
    times = []
    for step in steps:
        started = time.perf_counter()
        history.rewind(step, data)
        times.append(time.perf_counter() - started)
    print(
        f"  opened in {opened * 1e3:.0f} ms, {len(history.snapshots)} snapshots read in {read:.2f} s, "
        f"rewound to 5 steps of {history.last_step:,} in {min(times):.2f} to {max(times):.2f} s "
        f"(median {median(times):.2f} s)"
    )


if __name__ == "__main__":
    main()
