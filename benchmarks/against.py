"""slownet beside another version of itself: what a change costs, or gains.

Both train the same nets, on the object loops and on the compiled ones, on one thread. They take turns
in processes of their own; the best of all rounds counts, in seconds of the processor, which other work
on the machine lengthens less than those of a clock.

    git worktree add --detach ../before COMMIT
    python benchmarks/against.py ../before               all of it, a few minutes
    python benchmarks/against.py ../before --rounds 2    for a look
    python benchmarks/against.py ../before --only compiled
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TASKS: dict[str, dict[str, Any]] = {  # the arguments of `fit`, and the net
    "objects, 784-30-10 sigmoid, batch 1": {"net": ([784, 30, 10], "sigmoid"), "batch_size": 1},
    "objects, 784-30-10 relu, batch 32": {"net": ([784, 30, 10], "relu"), "batch_size": 32},
    "objects, 784-128-64-10 relu, batch 32": {"net": ([784, 128, 64, 10], "relu"), "batch_size": 32},
    "objects, 2-16-16-1 tanh, batch 100": {"net": ([2, 16, 16, 1], "tanh"), "batch_size": 100},
    "objects, 2-6-1 tanh, batch 1": {"net": ([2, 6, 1], "tanh"), "batch_size": 1},
    "objects, 2-6-1 tanh, Adam": {"net": ([2, 6, 1], "tanh"), "batch_size": 10, "optimizer": "adam"},
    "compiled, 784-30-10 sigmoid, batch 1": {"net": ([784, 30, 10], "sigmoid"), "batch_size": 1},
    "compiled, 784-30-10 sigmoid, batch 32": {"net": ([784, 30, 10], "sigmoid"), "batch_size": 32},
    "compiled, 784-128-64-10 relu, batch 32": {"net": ([784, 128, 64, 10], "relu"), "batch_size": 32},
    "compiled, 784-30-10 sigmoid, Adam": {
        "net": ([784, 30, 10], "sigmoid"), "batch_size": 32, "optimizer": "adam", "learning_rate": 0.001
    },
    "compiled, 2-16-16-1 tanh, batch 100": {"net": ([2, 16, 16, 1], "tanh"), "batch_size": 100},
    "compiled, 2-16-16-1 softplus, batch 10": {"net": ([2, 16, 16, 1], "softplus"), "batch_size": 10},
}  # fmt: skip
SECONDS = 0.4  # how long each task is trained in a round, about
TRIES = 3


def measure(only: str) -> dict[str, float]:
    """Train every net with the slownet that can be imported; return seconds an epoch."""
    from slownet import NetFactory
    from slownet.datasets import load_mnist, moons

    images, points = load_mnist("train", limit=200), moons(200, noise=0.1, seed=1)
    found = {}
    for name, task in TASKS.items():
        if only not in name:
            continue
        sizes, hidden = task["net"]
        options = {key: value for key, value in task.items() if key != "net"}
        options |= {"engine": "compiled" if name.startswith("compiled") else "scalar", "threads": 1}
        data = images if sizes[0] == 784 else points

        def seconds(epochs: int) -> float:
            net = NetFactory(sizes, hidden, seed=1).new()  # noqa: B023
            started = time.process_time()
            net.fit(*data, epochs=epochs, progress=False, **options)  # noqa: B023
            return (time.process_time() - started) / epochs

        seconds(1)  # loads or compiles
        epochs = max(1, round(SECONDS / TRIES / seconds(2)))
        found[name] = min(seconds(epochs) for _ in range(TRIES))
    return found


def measured(tree: Path, only: str) -> dict[str, float]:
    """Measure the slownet of a tree, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, str(tree), "--only", only, "--measure"],
        env={**os.environ, "PYTHONPATH": str(tree)},
        cwd=tree,
        stdout=subprocess.PIPE,
        check=True,
    )
    return dict(json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("other", type=Path, help="the folder of another version: a clone or a worktree")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="", help="tasks whose names contain this")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.only)))
        return
    trees = [given.other.resolve(), Path(__file__).resolve().parents[1]]
    best: list[dict[str, float]] = [{}, {}]
    for _ in range(given.rounds):
        for tree, times in zip(trees, best):
            for name, seconds in measured(tree, given.only).items():
                times[name] = min(seconds, times.get(name, seconds))
    print(f"{'milliseconds an epoch':42}{'other':>10}{'this':>10}{'this / other':>14}")
    for name, other in best[0].items():
        this = best[1][name]
        print(f"{name:42}{1e3 * other:10.3f}{1e3 * this:10.3f}{this / other:14.3f}")


if __name__ == "__main__":
    main()
