"""What a notebook session costs that sets no engine: 20 small calls, beside the engines chosen by hand.

Each session is a new Python process that trains 2-6-1 on 200 moons 20 times, a few epochs a call, and
evaluates each net. Its time begins once slownet is imported. With the cache of compiled code filled,
"auto" is compared with the better of the two engines; with an empty one, with the object loops.

    python benchmarks/sessions.py              both, some minutes; on an otherwise idle machine
    python benchmarks/sessions.py --quick      one round
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile

EPOCHS = (1, 2, 5, 10, 20, 50, 100, 300)
SESSION = """
import sys, time
from slownet import NetFactory
from slownet.datasets import moons
engine, epochs = sys.argv[1], int(sys.argv[2])
X, y = moons(200, noise=0.2, seed=1)
started = time.perf_counter()
for call in range(20):
    net = NetFactory([2, 6, 1], "tanh", seed=call).new()
    net.fit(X, y, epochs=epochs, batch_size=10, engine=engine, progress=False)
    net.evaluate(X, y, engine=engine)
    if not call:
        first = time.perf_counter() - started
print(time.perf_counter() - started, first)
"""


def seconds(engine: str, epochs: int, cache: str | None = None) -> tuple[float, float]:
    """Run a session; return its seconds, and those of its first call."""
    done = subprocess.run(
        [sys.executable, "-c", SESSION, engine, str(epochs)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **({"SLOWNET_CACHE_DIR": cache} if cache else {})},
    )
    whole, first = map(float, done.stdout.split())
    return whole, first


def filled(rounds: int) -> None:
    """Print the sessions with compiled code on disk."""
    seconds("compiled", 1)
    print("compiled code on disk: seconds of a session of 20 calls, the first call among them")
    print(f"{'epochs a call':>14}{'objects':>10}{'compiled':>10}{'auto':>10}{'first':>10}{'ratio':>8}")
    for epochs in EPOCHS:
        taken: dict[str, list[tuple[float, float]]] = {"scalar": [], "compiled": [], "auto": []}
        for _ in range(rounds):
            for engine, times in taken.items():
                times.append(seconds(engine, epochs))
        objects, compiled, auto = (min(times)[0] for times in taken.values())
        first = min(first for _, first in taken["auto"])
        ratio = auto / min(objects, compiled)
        print(f"{epochs:>14}{objects:>10.3f}{compiled:>10.3f}{auto:>10.3f}{first:>10.3f}{ratio:>8.2f}")


def empty(rounds: int) -> None:
    """Print the sessions with nothing on disk: another process compiles meanwhile."""
    print("\nnothing on disk: seconds of a session of 20 calls, the first call among them")
    print(f"{'epochs a call':>14}{'objects':>10}{'auto':>10}{'first':>10}{'ratio':>8}")
    for epochs in EPOCHS[2:]:
        objects, auto = [], []
        for _ in range(rounds):
            objects.append(seconds("scalar", epochs))
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as cache:
                auto.append(seconds("auto", epochs, cache))
        whole, first = min(auto)
        ratio = whole / min(objects)[0]
        print(f"{epochs:>14}{min(objects)[0]:>10.3f}{whole:>10.3f}{first:>10.3f}{ratio:>8.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round")
    given = parser.parse_args()
    filled(1 if given.quick else 5)
    empty(1 if given.quick else 2)
