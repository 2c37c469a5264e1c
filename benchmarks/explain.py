"""What it costs to explain a number: seconds of one core, and bytes.

    python benchmarks/explain.py            the figures of docs/guide/explain.md, a minute

The net is 784-30-10 (sigmoid, softmax), the data are MNIST. Times are of this process alone, so that
other processes do not count.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from slownet import NetFactory
from slownet.datasets import load_mnist
from slownet.explain import Derivation

WEIGHT = (406, 3)  # from a pixel in the middle


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return how many seconds some work takes, and its result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def report(what: str, seconds: float, more: str = "") -> None:
    """Print a line."""
    print(f"{what:58}{seconds * 1000:8.0f} ms  {more}")


def graph_size(derivation: Derivation) -> int:
    """Return how many numbers are computed on the way to one."""
    return sum(not each.is_given for each in derivation.walk())


def main() -> None:
    """Measure, and print what was measured."""
    X, y = load_mnist("train", 32)
    net = NetFactory([784, 30, 10], "sigmoid", seed=0).new()
    digit = next(k for k in range(32) if X[k][WEIGHT[0]])
    net.forward(X[digit])
    net.backward(y[digit])
    weight = net.weight(1, WEIGHT)
    seconds, derivation = timed(weight.explain)
    report("a weight's gradient, one digit, first time", seconds)
    seconds, other = timed(lambda: net.weight(1, (407, 7)).explain())
    report("another one, from the same tape", seconds)
    assert derivation.check()
    assert other.check()
    seconds, text = timed(lambda: str(derivation))
    report("its text", seconds, f"{len(text):,} letters")
    seconds, program = timed(derivation.python)
    report("its program", seconds, f"{len(program) / 1e6:.2f} MB, {program.count(chr(10)):,} lines")
    seconds, page = timed(derivation.html)
    report("its HTML", seconds, f"{len(page) / 1e6:.2f} MB, {graph_size(derivation)} derivations")

    net = NetFactory([784, 30, 10], "sigmoid", seed=0).new()
    net.fit(X, y, batch_size=32, optimizer="adam", learning_rate=0.01, progress=False)
    weight = net.weight(1, WEIGHT)
    seconds, derivation = timed(lambda: weight.explain("update"))
    report("a weight's update by Adam, batch of 32, first time", seconds)
    assert derivation.value == weight.value
    seconds, _ = timed(lambda: net.weight(1, (407, 7)).explain("update"))
    report("another one, from the same tape", seconds)
    operations = len(derivation._graph.tape)
    seconds, page = timed(derivation.html)
    size = f"{len(page) / 1e6:.2f} MB, {graph_size(derivation)} derivations, tape of {operations:,}"
    report("its HTML", seconds, size)
    seconds, is_right = timed(derivation.check)
    report("its program, made and run", seconds, f"the same bits: {is_right}")


if __name__ == "__main__":
    main()
