"""The object engine beside micrograd and beside the same arithmetic over flat Python lists.

Every contender trains the same net (ReLU hidden layers, linear outputs, plain SGD) on the same samples
in the same order, in turn within one run, so that a change of the machine's speed hits all of them. The
MNIST nets learn with half the sum of squares; [2, 16, 16, 1] does what micrograd's own demo does: 100
moons in one batch, the hinge loss, a learning rate of 1, from its first step on. slownet's time is that
of the public `net.fit` on the object loops. At the end the weights are compared: slownet's and the flat
lists' must agree in every bit, micrograd's to 1e-9.

    python benchmarks/objects.py            all of it, about three minutes
    python benchmarks/objects.py --quick    one round, for a look
"""

from __future__ import annotations

import argparse
import gc
import platform
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from itertools import compress
from operator import itemgetter
from pathlib import Path
from typing import Any

from slownet import Net, NetFactory, load
from slownet.datasets import load_mnist, moons

Rows = list[list[float]]


@dataclass(frozen=True)
class Task:
    """What the contenders do."""

    dims: list[int]
    batch_size: int
    rate: float = 0.001
    loss: str = "squared_error"
    epochs: int = 1


class FlatNet:
    """The same sums in the same order over lists of floats: row j holds the weights into neuron j."""

    def __init__(self, net: Net, task: Task) -> None:
        self.task = task
        layers = list(net)[1:]
        self.weights = [
            [
                [weight.value for weight in neuron.weights["in"].values()]
                for neuron in layer.neurons.values()
            ]
            for layer in layers
        ]
        self.biases = [[neuron.bias for neuron in layer.neurons.values()] for layer in layers]
        self.grads = [[[0.0] * len(row) for row in rows] for rows in self.weights]
        self.bias_grads = [[0.0] * len(biases) for biases in self.biases]

    def train(self, X: Rows, Y: Rows) -> None:
        """All epochs in the order of the samples."""
        size = self.task.batch_size
        for start in list(range(0, len(X), size)) * self.task.epochs:
            batch = list(zip(X[start : start + size], Y[start : start + size], strict=True))
            touched: list[set[int]] = [set() for _ in self.weights]
            for x, y in batch:
                self.add_gradients(x, y, touched)
            self.update(len(batch), touched)

    def add_gradients(self, x: list[float], y: list[float], touched: list[set[int]]) -> None:
        """Forward, then backward."""
        nonzero = []
        values, zs = x, x
        last = len(self.weights) - 1
        for depth, (rows, biases) in enumerate(zip(self.weights, self.biases, strict=True)):
            where = list(compress(range(len(values)), values))
            active = list(compress(values, values))
            nonzero.append((where, active, zs))
            touched[depth].update(where)
            pick = picker(where, len(values))
            zs = []
            for row, z in zip(rows, biases, strict=True):
                for weight, value in zip(pick(row), active):
                    z += weight * value
                zs.append(z)
            values = zs if depth == last else [z if z > 0.0 else 0.0 for z in zs]
        if self.task.loss == "hinge":
            deltas = [-t if t * value < 1.0 else 0.0 for value, t in zip(values, y, strict=True)]
        else:
            deltas = [value - target for value, target in zip(values, y, strict=True)]
        for depth in range(last, -1, -1):
            where, active, zs = nonzero[depth]
            dense = len(where) == len(zs)
            bias_grads = self.bias_grads[depth]
            for j, (row, delta) in enumerate(zip(self.grads[depth], deltas, strict=True)):
                bias_grads[j] += delta
                if delta:
                    if dense:
                        self.grads[depth][j] = [g + delta * value for g, value in zip(row, active)]
                    else:
                        for k, value in zip(where, active):
                            row[k] += delta * value
            if depth:
                slopes = [0.0] * len(zs)
                for row, delta in zip(self.weights[depth], deltas, strict=True):
                    if delta:
                        slopes = [slope + weight * delta for slope, weight in zip(slopes, row)]
                deltas = [slope * (1.0 if z > 0.0 else 0.0) for slope, z in zip(slopes, zs, strict=True)]

    def update(self, count: int, touched: list[set[int]]) -> None:
        """One step of gradient descent, and gradients back to 0."""
        factor = 1.0 / count
        for depth, seen in enumerate(touched):
            where = sorted(seen)
            for row, grads in zip(self.weights[depth], self.grads[depth], strict=True):
                for k in where:
                    row[k] -= self.task.rate * (factor * grads[k])
                    grads[k] = 0.0
            biases, grads = self.biases[depth], self.bias_grads[depth]
            for j, grad in enumerate(grads):
                biases[j] -= self.task.rate * (factor * grad)
                grads[j] = 0.0


def picker(where: Sequence[int], count: int) -> Callable[[list[float]], Sequence[float]]:
    """Return what takes the active weights out of a row."""
    if len(where) == count:
        return lambda row: row
    if len(where) > 1:
        return itemgetter(*where)
    return lambda row: [row[k] for k in where]


class Micrograd:
    """micrograd's own MLP, with the same initial weights."""

    def __init__(self, net: Net, task: Task) -> None:
        from micrograd.nn import MLP

        self.task = task
        sizes = [len(layer) for layer in net]
        self.net = MLP(sizes[0], sizes[1:])
        for layer, theirs in zip(list(net.layers.values())[1:], self.net.layers, strict=True):
            for neuron, other in zip(layer.neurons.values(), theirs.neurons, strict=True):
                other.b.data = neuron.bias
                for weight, value in zip(neuron.weights["in"].values(), other.w, strict=True):
                    value.data = weight.value

    def train(self, X: Rows, Y: Rows) -> None:
        """All epochs in the order of the samples."""
        size = self.task.batch_size
        for start in list(range(0, len(X), size)) * self.task.epochs:
            self.net.zero_grad()
            batch = X[start : start + size], Y[start : start + size]
            total: Any = 0.0
            for x, y in zip(*batch, strict=True):
                out = self.net(x)
                for o, t in zip(out if isinstance(out, list) else [out], y, strict=True):
                    total += (1.0 - t * o).relu() if self.task.loss == "hinge" else 0.5 * (o - t) ** 2
            (total * (1.0 / len(batch[0]))).backward()
            for parameter in self.net.parameters():
                parameter.data -= self.task.rate * parameter.grad

    @property
    def weights(self) -> list[list[list[float]]]:
        """As in FlatNet."""
        return [[[w.data for w in neuron.w] for neuron in layer.neurons] for layer in self.net.layers]


class Objects:
    """slownet, as its users call it."""

    def __init__(self, net: Net, task: Task) -> None:
        self.net, self.task = net, task

    def train(self, X: Rows, Y: Rows) -> None:
        """All epochs in the order of the samples."""
        self.net.fit(
            X,
            Y,
            epochs=self.task.epochs,
            batch_size=self.task.batch_size,
            learning_rate=self.task.rate,
            loss=self.task.loss,
            shuffle=False,
            progress=False,
            engine="scalar",  # "auto" would take the compiled loops for all but the smallest task
        )

    @property
    def weights(self) -> list[Rows]:
        """As in FlatNet."""
        return FlatNet(self.net, self.task).weights


def measure(kind: Any, task: Task, X: Rows, Y: Rows) -> tuple[float, list[float]]:
    """Train a new net; return microseconds per sample and the weights learned."""
    contender = kind(NetFactory(task.dims, "relu", "linear", seed=1).new(), task)
    gc.collect()
    started = time.perf_counter()
    contender.train(X, Y)
    seconds = time.perf_counter() - started
    learned = [weight for rows in contender.weights for row in rows for weight in row]
    return seconds / (len(X) * task.epochs) * 1e6, learned


def compare(task: Task, X: Rows, Y: Rows, micro_samples: int, rounds: int) -> None:
    """Run the contenders in turn and print a row."""
    times: dict[str, list[float]] = {"objects": [], "flat": [], "micrograd": []}
    for turn in range(rounds):
        ours, learned = measure(Objects, task, X, Y)
        flat, same = measure(FlatNet, task, X, Y)
        if learned != same:
            sys.exit("the flat lists learned something else: they do not do the same arithmetic")
        times["objects"].append(ours)
        times["flat"].append(flat)
        if micro_samples and turn < 3:
            data = X[:micro_samples], Y[:micro_samples]
            micro, theirs = measure(Micrograd, task, *data)
            _, learned = measure(Objects, task, *data)
            for a, b in zip(learned, theirs, strict=True):
                if abs(a - b) > 1e-9 * max(1.0, abs(a)):
                    sys.exit(f"micrograd learned something else: {a!r} and {b!r}")
            times["micrograd"].append(micro)
    pairs = zip(times["objects"], times["flat"], strict=True)
    ratio = statistics.median(a / b for a, b in pairs)
    middle = {name: statistics.median(figures) for name, figures in times.items() if figures}
    cells = f"{middle['objects']:10.1f} {middle['flat']:10.1f} {ratio:8.2f}"
    if "micrograd" in middle:
        cells += f" {middle['micrograd']:12.0f} {middle['micrograd'] / middle['objects']:9.0f}"
    print(f"{'-'.join(map(str, task.dims)):>16} {task.batch_size:6} {cells}", flush=True)


def building(dims: list[int]) -> None:
    """Time and weigh the building of a net; time the loading of the same from a file, in turn."""
    factory = NetFactory(dims, seed=1)
    times, loading = [], []
    with tempfile.TemporaryDirectory() as folder:
        file = factory.new().save(Path(folder) / "net.json")
        for _ in range(7):
            for seconds, make in ((times, factory.new), (loading, partial(load, file))):
                gc.collect()
                started = time.process_time()
                net = make()
                seconds.append(time.process_time() - started)
                count = sum(1 for _ in net.weights())
                del net
    gc.collect()
    tracemalloc.start()
    kept = factory.new()
    allocated = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    each = f"{min(times) / count * 1e6:6.2f} us {allocated / count:6.0f} bytes a weight"
    ratio = f"loading / building {min(loading) / min(times):.2f}"
    print(f"{'-'.join(map(str, dims)):>16} {count:9,} weights {each}; {ratio}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one round")
    rounds = 1 if parser.parse_args().quick else 7
    print(
        f"Python {platform.python_version()}, slownet {version('slownet')}, "
        f"micrograd {version('micrograd')}, {platform.machine()}"
    )
    X, y = load_mnist("train", limit=320)
    images: Rows = X.tolist()
    digits = [[float(k == label) for k in range(10)] for label in y.tolist()]
    P, labels = moons(100, seed=1)
    points, signs = P.tolist(), [[2.0 * label - 1.0] for label in labels.tolist()]
    print(f"{'':16} {'':6} {'microseconds per training sample':^30} {'':12} {'times as':>9}")
    headings = ("net", "batch", "objects", "flat", "ratio", "micrograd", "fast")
    print("{:>16} {:>6} {:>10} {:>10} {:>8} {:>12} {:>9}".format(*headings))
    for size in (1, 32):
        compare(Task([784, 30, 10], size), images, digits, 3 if size == 1 else 0, rounds)
        large = Task([784, 128, 64, 10], size)
        compare(large, images, digits, 1 if size == 1 else 0, rounds)
    compare(Task([2, 16, 16, 1], 100, 1.0, "hinge", epochs=10), points, signs, 100, rounds)
    print("\nbuilding, ids, links and dictionaries included:")
    building([784, 30, 10])
    building([784, 128, 64, 10])
    building([784, 512, 256, 10])


if __name__ == "__main__":
    main()
