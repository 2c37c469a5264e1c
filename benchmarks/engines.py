"""The compiled engine beside PyTorch, JAX, scikit-learn, NumPy and the object engine.

Every contender trains the same net from the same weights with the same rule, plain gradient descent, on
the same 12,800 images of MNIST, in turn within one run; the best of some rounds counts. slownet's time
is that of one call of the public `net.fit` for ten epochs on a net of objects, with conversion of the
data, packing, shuffling, writing back and history included; the others are given data in their own form.
Test accuracy after one epoch shows that all of them learn.

    python benchmarks/engines.py            all of it, about twenty minutes
    python benchmarks/engines.py --quick    one round without the slowest
    python benchmarks/engines.py --only mnist|dense|moons|large|predict|options|memory

It needs packages that slownet does not: pip install torch jax scikit-learn; Debian's libfann2, if there.
"""

from __future__ import annotations

import argparse
import ctypes
import multiprocessing
import os
import platform
import time
import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import suppress
from ctypes.util import find_library
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from itertools import accumulate, pairwise
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from slownet import Net, NetFactory, engines, functions
from slownet.datasets import load_mnist, moons
from slownet.samples import Samples

SAMPLES, EPOCHS = 12_800, 10
TRIES = 2  # trainings of each fast contender in every round
MOONS, MOON_EPOCHS = 100, 1000
BATCHES = (1, 10, 32, 64, 128, 256)
RATES = {1: 0.02, 10: 0.1, 32: 0.2, 64: 0.3, 128: 0.5, 256: 0.5}
WANTED = {  # how many times as fast as PyTorch in float32 slownet should be
    "784-30-10": (40.0, 6.0, 3.5, 2.5, 1.8, 1.0),
    "784-128-64-10": (20.0, 4.0, 2.2, 1.5, 1.2, 1.0),
}
Arrays = list[tuple[np.ndarray, np.ndarray]]  # weights [source, target] and biases of each layer


@dataclass(frozen=True)
class Task:
    """What the contenders do."""

    dims: tuple[int, ...]
    hidden: str
    batch: int
    rate: float
    loss: str = "cross_entropy"

    @property
    def name(self) -> str:
        return "-".join(map(str, self.dims))


@dataclass(frozen=True)
class Data:
    """Training and test samples."""

    X: np.ndarray
    y: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


def new_net(task: Task) -> Net:
    output = "linear" if task.loss == "hinge" else "softmax"
    net = NetFactory(list(task.dims), task.hidden, output, seed=1).new()
    net.loss = task.loss
    return net


def arrays_of(net: Net) -> Arrays:
    layers = list(net)
    return [
        (
            np.array(
                [[w.value for w in n.weights["in"].values()] for n in layer.neurons.values()]
            ).T.copy(),
            np.array([n.bias for n in layer.neurons.values()]),
        )
        for layer in layers[1:]
    ]


def forward(arrays: Arrays, hidden: str, X: np.ndarray) -> np.ndarray:
    for place, (W, b) in enumerate(arrays):
        X = X @ W + b
        if place < len(arrays) - 1:
            X = 1.0 / (1.0 + np.exp(-X)) if hidden == "sigmoid" else np.maximum(X, 0.0)
    return X


def accuracy(arrays: Arrays, task: Task, data: Data) -> float:
    """Return the test accuracy of any contender's weights."""
    outputs = forward(arrays, task.hidden, data.X_test)
    if task.loss == "hinge":
        return float(((outputs[:, 0] > 0.0) == (data.y_test > 0)).mean())
    return float((outputs.argmax(axis=1) == data.y_test).mean())


# The contenders: seconds a sample, and their weights after one epoch (with moons, after all).


def slownet(task: Task, data: Data, threads: Any = 1, engine: str = "compiled", **options: Any) -> Any:
    epochs = MOON_EPOCHS if task.loss == "hinge" else options.pop("epochs", EPOCHS)
    if engine == "scalar":
        epochs = 50 if task.loss == "hinge" else 1
    settings = {"batch_size": task.batch, "learning_rate": task.rate, "progress": False, **options}
    seconds = np.inf
    for _ in range(1 if engine == "scalar" else TRIES):
        learned = net = new_net(task)
        started = time.perf_counter()
        net.fit(data.X, data.y, epochs=epochs, engine=engine, threads=threads, **settings)
        seconds = min(seconds, time.perf_counter() - started)
    if engine != "scalar" and task.loss != "hinge":
        learned = new_net(task)
        learned.fit(data.X, data.y, engine=engine, **settings)
    return seconds / epochs / len(data.X), arrays_of(learned)


def torch_model(task: Task, dtype: str) -> Any:
    """Return the net as a model of PyTorch, and the type of its numbers."""
    import torch
    from torch import nn

    kind = getattr(torch, dtype)
    modules: list[Any] = []
    for W, b in arrays_of(new_net(task)):
        linear = nn.Linear(*W.shape, dtype=kind)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(W.T))
            linear.bias.copy_(torch.from_numpy(b))
        modules += [linear, nn.Sigmoid() if task.hidden == "sigmoid" else nn.ReLU()]
    return nn.Sequential(*modules[:-1]), kind


def torch_net(task: Task, data: Data, threads: int, dtype: str) -> Any:
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    model, kind = torch_model(task, dtype)
    X = torch.from_numpy(data.X).to(kind)
    y = torch.from_numpy(data.y)
    epochs = MOON_EPOCHS // 5 if task.loss == "hinge" else 1
    if task.loss == "hinge":
        target = y.to(kind)

        def loss_of(outputs: Any, rows: Any) -> Any:
            return torch.clamp(1.0 - target[rows] * outputs[:, 0], min=0.0).mean()
    else:
        entropy = nn.CrossEntropyLoss()

        def loss_of(outputs: Any, rows: Any) -> Any:
            return entropy(outputs, y[rows])

    optimizer = torch.optim.SGD(model.parameters(), lr=task.rate)
    train_torch = model.train()  # the first passes choose algorithms
    for _ in range(3):
        loss_of(train_torch(X[: task.batch]), torch.arange(min(task.batch, len(X)))).backward()
    started = time.perf_counter()
    for _ in range(epochs):
        order = torch.randperm(len(X))
        for begin in range(0, len(X), task.batch):
            rows = order[begin : begin + task.batch]
            optimizer.zero_grad()
            loss_of(model(X[rows]), rows).backward()
            optimizer.step()
    seconds = time.perf_counter() - started
    linears = [module for module in model if isinstance(module, nn.Linear)]
    arrays = [
        (m.weight.detach().numpy().T.astype(float), m.bias.detach().numpy().astype(float))
        for m in linears
    ]
    return seconds / epochs / len(X), arrays


def jax_net(task: Task, data: Data, dtype: str, rounds: int = 1) -> Any:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    X, y = jnp.asarray(data.X, dtype), jnp.asarray(data.y)
    whole = len(X) // task.batch * task.batch

    def outputs(parameters: Any, x: Any) -> Any:
        for place, (W, b) in enumerate(parameters):
            x = x @ W + b
            if place < len(parameters) - 1:
                x = jax.nn.sigmoid(x) if task.hidden == "sigmoid" else jax.nn.relu(x)
        return x

    def loss_of(parameters: Any, x: Any, target: Any) -> Any:
        z = outputs(parameters, x)
        if task.loss == "hinge":
            return jnp.maximum(0.0, 1.0 - target * z[:, 0]).mean()
        return -jnp.take_along_axis(jax.nn.log_softmax(z), target[:, None], 1).mean()

    def step(parameters: Any, rows: Any) -> Any:
        slopes = jax.grad(loss_of)(parameters, X[rows], y[rows])
        return jax.tree.map(lambda p, g: p - jnp.asarray(task.rate, dtype) * g, parameters, slopes), None

    @jax.jit
    def epoch(parameters: Any, key: Any) -> Any:
        order = jax.random.permutation(key, len(X))[:whole].reshape(-1, task.batch)
        return jax.lax.scan(step, parameters, order)[0]

    @jax.jit
    def epochs_of_moons(parameters: Any, key: Any) -> Any:
        def one(parameters: Any, key: Any) -> Any:
            return step(parameters, jax.random.permutation(key, len(X)))

        return jax.lax.scan(one, parameters, jax.random.split(key, MOON_EPOCHS))[0]

    run, times, calls = (epochs_of_moons, MOON_EPOCHS, 1) if task.loss == "hinge" else (epoch, 1, EPOCHS)
    start = [(jnp.asarray(W, dtype), jnp.asarray(b, dtype)) for W, b in arrays_of(new_net(task))]
    key = jax.random.PRNGKey(0)
    learned = jax.block_until_ready(run(start, key))  # compiles
    best = np.inf
    for _ in range(rounds):
        parameters = start
        started = time.perf_counter()
        for _ in range(calls):
            parameters = run(parameters, key)
        jax.block_until_ready(parameters)
        best = min(best, (time.perf_counter() - started) / calls)
    arrays = [(np.asarray(W, float), np.asarray(b, float)) for W, b in learned]
    return best / times / len(X), arrays


def sklearn_net(task: Task, data: Data) -> Any:
    from sklearn.neural_network import MLPClassifier

    arrays = arrays_of(new_net(task))
    epochs = 100 if task.loss == "hinge" else 1
    model = MLPClassifier(
        task.dims[1:-1],
        activation="logistic" if task.hidden == "sigmoid" else "relu",
        solver="sgd",
        alpha=0.0,
        batch_size=min(task.batch, len(data.X)),
        learning_rate_init=task.rate,
        momentum=0.0,
    )
    model.partial_fit(data.X[: task.batch], data.y[: task.batch], classes=np.unique(data.y))
    model.coefs_ = [W.copy() for W, _ in arrays]
    model.intercepts_ = [b.copy() for _, b in arrays]
    started = time.perf_counter()
    for _ in range(epochs):
        model.partial_fit(data.X, data.y)
    seconds = time.perf_counter() - started
    return seconds / epochs / len(data.X), list(zip(model.coefs_, model.intercepts_, strict=True))


def nielsen(task: Task, data: Data) -> Any:
    """Sample by sample with matrices of NumPy, after M. Nielsen, "Neural Networks and Deep Learning"."""
    arrays = [(W.T.copy(), b[:, None].copy()) for W, b in arrays_of(new_net(task))]
    rng = np.random.default_rng(0)
    epochs = 20 if task.loss == "hinge" else 1
    columns = [x[:, None] for x in data.X]
    one_hot = np.eye(task.dims[-1])[:, :, None]
    started = time.perf_counter()
    for _ in range(epochs):
        order = rng.permutation(len(columns))
        for begin in range(0, len(order), task.batch):
            rows = order[begin : begin + task.batch]
            sums = [(np.zeros_like(W), np.zeros_like(b)) for W, b in arrays]
            for row in rows:
                values = [columns[row]]
                for place, (W, b) in enumerate(arrays):
                    z = W @ values[-1] + b
                    if place < len(arrays) - 1:
                        z = 1.0 / (1.0 + np.exp(-z)) if task.hidden == "sigmoid" else np.maximum(z, 0.0)
                    values.append(z)
                if task.loss == "hinge":
                    delta = -data.y[row] * (data.y[row] * z < 1.0)
                else:
                    powers = np.exp(z - z.max())
                    delta = powers / powers.sum() - one_hot[data.y[row]]
                for place in range(len(arrays) - 1, -1, -1):
                    sums[place][0][...] += delta @ values[place].T
                    sums[place][1][...] += delta
                    if place:
                        a = values[place]
                        slope = a * (1.0 - a) if task.hidden == "sigmoid" else (a > 0.0)
                        delta = (arrays[place][0].T @ delta) * slope
            arrays = [
                (W - task.rate / len(rows) * gW, b - task.rate / len(rows) * gb)
                for (W, b), (gW, gb) in zip(arrays, sums, strict=True)
            ]
    seconds = time.perf_counter() - started
    return seconds / epochs / len(columns), [(W.T, b[:, 0]) for W, b in arrays]


class FannConnection(ctypes.Structure):
    """A weight of FANN: the numbers of two neurons, biases being neurons of their own."""

    _fields_ = [
        ("source", ctypes.c_uint), ("target", ctypes.c_uint), ("weight", ctypes.c_double)
    ]  # fmt: skip


def fann(task: Task, data: Data) -> Any:
    """FANN 2.2 of Debian (libfann2) in float64: sigmoids, squared errors, an update after every sample.

    It numbers the neurons layer by layer, each layer with its bias at the end.
    """
    library = ctypes.CDLL(find_library("doublefann"))
    numbers, pointer = ctypes.POINTER(ctypes.c_double), ctypes.c_void_p
    library.fann_create_standard_array.restype = pointer
    library.fann_create_train_from_callback.restype = pointer
    library.fann_train_epoch.restype = ctypes.c_float
    net = pointer(
        library.fann_create_standard_array(len(task.dims), (ctypes.c_uint * len(task.dims))(*task.dims))
    )
    firsts = [0, *accumulate(size + 1 for size in task.dims)]
    places = [
        (layer, firsts[layer - 1] + i, firsts[layer] + j, i, j)
        for layer in range(1, len(task.dims))
        for j in range(task.dims[layer])
        for i in range(task.dims[layer - 1] + 1)
    ]
    arrays = [np.vstack([W, b]) for W, b in arrays_of(new_net(task))]
    given = [FannConnection(a, b, arrays[layer - 1][i, j]) for layer, a, b, i, j in places]
    connections = (FannConnection * len(given))(*given)
    library.fann_set_weight_array(net, connections, len(given))
    library.fann_set_training_algorithm(net, 0)  # incremental
    library.fann_set_learning_rate(net, ctypes.c_float(task.rate))
    one_hot = np.eye(task.dims[-1])

    @ctypes.CFUNCTYPE(None, *[ctypes.c_uint] * 3, numbers, numbers)
    def fill(place: int, inputs: int, outputs: int, x: Any, target: Any) -> None:
        np.ctypeslib.as_array(x, shape=(inputs,))[:] = data.X[place]
        np.ctypeslib.as_array(target, shape=(outputs,))[:] = one_hot[data.y[place]]

    samples = pointer(
        library.fann_create_train_from_callback(len(data.X), task.dims[0], task.dims[-1], fill)
    )
    started = time.perf_counter()
    library.fann_train_epoch(net, samples)
    seconds = time.perf_counter() - started
    library.fann_get_connection_array(net, connections)
    learned = {(each.source, each.target): each.weight for each in connections}
    for layer, a, b, i, j in places:
        arrays[layer - 1][i, j] = learned[a, b]
    library.fann_destroy_train(samples)
    library.fann_destroy(net)
    return seconds / len(data.X), [(array[:-1], array[-1]) for array in arrays]


# JAX chooses at its start how many cores it uses, so it runs in processes of its own.


def jax_worker(pipe: Connection, cores: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    with suppress(EOFError):  # the parent has ended
        while True:
            pipe.send(jax_net(*pipe.recv()))


class JaxProcess:
    def __init__(self, cores: int) -> None:
        self._pipe, worker_end = multiprocessing.get_context("spawn").Pipe()
        self._process = multiprocessing.get_context("spawn").Process(
            target=jax_worker, args=(worker_end, cores), daemon=True
        )
        self._process.start()

    def __call__(self, task: Task, data: Data, dtype: str) -> Any:
        self._pipe.send((task, data, dtype, TRIES))
        return self._pipe.recv()


def contenders(quick: bool) -> dict[str, Callable[[Task, Data], Any]]:
    found: dict[str, Callable[[Task, Data], Any]] = {}
    found["slownet, plain fit"] = lambda task, data: slownet(task, data, "auto", "auto")
    for threads in (1, 2):
        found[f"slownet, {threads}"] = lambda task, data, threads=threads: slownet(task, data, threads)
    for dtype in ("float32", "float64"):
        for threads in (1, 2):
            found[f"PyTorch {dtype}, {threads}"] = lambda task, data, t=threads, d=dtype: torch_net(
                task, data, t, d
            )
    processes = {cores: JaxProcess(cores) for cores in (1, 2)}
    for dtype in ("float32", "float64"):
        for cores, process in processes.items():
            found[f"JAX {dtype}, {cores}"] = lambda task, data, p=process, d=dtype: p(task, data, d)
    if not quick:
        found["scikit-learn"] = sklearn_net
        found["Nielsen in NumPy"] = nielsen
        if find_library("doublefann"):
            found["FANN, one by one"] = fann
        found["slownet, objects"] = lambda task, data: slownet(task, data, engine="scalar")
    return found


# one round is enough for them
SLOW = ("scikit-learn", "Nielsen in NumPy", "FANN, one by one", "slownet, objects")


def race(task: Task, data: Data, rounds: int, who: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Let all contenders train in turn; return microseconds a sample and test accuracy."""
    best: dict[str, tuple[float, float]] = {}
    warm_up(task, data)
    for place in range(rounds):
        for name, contender in who.items():
            if place and name in SLOW:
                continue
            time.sleep(0.2)  # until waiting threads of the others go to sleep
            seconds, arrays = contender(task, data)
            if name not in best or seconds * 1e6 < best[name][0]:
                best[name] = seconds * 1e6, accuracy(arrays, task, data)
    return best


def warm_up(task: Task, data: Data, **options: Any) -> None:
    """Compile or load what this task needs, as JAX and PyTorch do before they are timed."""
    new_net(task).fit(data.X[:50], data.y[:50], engine="compiled", progress=False, **options)


def fastest(found: dict[str, tuple[float, float]], start: str) -> float:
    return min(
        time for name, (time, _) in found.items() if name.startswith(start) and "objects" not in name
    )


def table(
    title: str, columns: Sequence[object], results: Sequence[dict[str, tuple[float, float]]]
) -> None:
    print(f"\n{title}: microseconds a sample (test accuracy in %)")
    print(f"{'':24}" + "".join(f"{column!s:>16}" for column in columns))
    for name in results[0]:
        cells = [f"{found[name][0]:.2f} ({100 * found[name][1]:.1f})" for found in results]
        print(f"{name:24}" + "".join(f"{cell:>16}" for cell in cells))
    for other in ("PyTorch float32", "PyTorch float64", "JAX float32", "JAX float64"):
        if any(name.startswith(other) for name in results[0]):
            ratios = [fastest(found, other) / fastest(found, "slownet") for found in results]
            print(f"{other + ' / slownet':24}" + "".join(f"{ratio:16.2f}" for ratio in ratios))


def mnist(sizes: int = SAMPLES) -> Data:
    X, y = load_mnist("train", limit=sizes)
    return Data(X, y, *load_mnist("test"))


def race_mnist(rounds: int, who: dict[str, Any]) -> None:
    data = mnist()
    for dims, hidden in (((784, 30, 10), "sigmoid"), ((784, 128, 64, 10), "relu")):
        tasks = [Task(dims, hidden, batch, RATES[batch]) for batch in BATCHES]
        results = [race(task, data, rounds, who) for task in tasks]
        table(f"{tasks[0].name} {hidden}, batches of", BATCHES, results)
        wanted = WANTED[tasks[0].name]
        reached = [fastest(found, "PyTorch float32") / fastest(found, "slownet") for found in results]
        missed = [b for b, w, r in zip(BATCHES, wanted, reached, strict=True) if r < w]
        print(
            f"{'asked':24}" + "".join(f"{ratio:16.1f}" for ratio in wanted),
            "  missed at",
            missed or "none",
        )


def race_moons(rounds: int, who: dict[str, Any]) -> None:
    X, y = moons(MOONS, noise=0.1, seed=1)
    X_test, y_test = moons(1000, noise=0.1, seed=2)
    task = Task((2, 16, 16, 1), "relu", MOONS, 0.3, "hinge")
    found = race(task, Data(X, 2 * y - 1, X_test, 2 * y_test - 1), rounds, who)
    table(f"{task.name} relu, {MOONS} moons in one batch", ["moons"], [found])


def dense(rounds: int, who: dict[str, Any]) -> None:
    """Inputs without zeros, where nothing can be skipped."""
    data = mnist()
    rng = np.random.default_rng(0)
    noisy = Data(
        0.5 * data.X + 0.1 + 0.1 * rng.random(data.X.shape),
        data.y,
        0.5 * data.X_test + 0.15,
        data.y_test,
    )
    chosen = {name: each for name, each in who.items() if name not in SLOW and "JAX" not in name}
    limit = peak()
    print(f"\nthe machine's limit without fused multiply-adds: {limit:.1f} GFLOP/s a core")
    for dims, hidden in (((784, 30, 10), "sigmoid"), ((784, 128, 64, 10), "relu")):
        tasks = [Task(dims, hidden, batch, RATES[batch]) for batch in BATCHES]
        results = [race(task, noisy, rounds, chosen) for task in tasks]
        table(f"dense inputs, {tasks[0].name} {hidden}, batches of", BATCHES, results)
        weights = [a * b for a, b in pairwise(dims)]
        flops = 2 * (2 * sum(weights) + sum(weights[1:]))  # the first layer has no backward pass
        for threads in (1, 2):
            shares = [
                flops / found[f"slownet, {threads}"][0] / 1e3 / limit / threads for found in results
            ]
            print(f"{f'share of limit, {threads}':24}" + "".join(f"{share:16.0%}" for share in shares))


def large(rounds: int, who: dict[str, Any]) -> None:
    """Nets whose weights do not fit the caches: three epochs of slownet's, one of PyTorch's."""
    data = mnist()
    chosen = {name: each for name, each in who.items() if name.startswith("PyTorch")}
    for threads in (1, 2):
        chosen[f"slownet, {threads}"] = lambda task, data, t=threads: slownet(task, data, t, epochs=3)
    for dims in ((784, 2048, 1024, 10), (784, 1024, 1024, 10)):
        task = Task(dims, "relu", 64, 0.05)
        table(f"large, {task.name} relu, batches of", [64], [race(task, data, rounds, chosen)])


def race_predictions(rounds: int) -> None:
    """The classes of 10,000 images, from one NumPy array to another."""
    X, y = load_mnist("test")
    for dims, hidden in (((784, 30, 10), "sigmoid"), ((784, 128, 64, 10), "relu")):
        task = Task(dims, hidden, 32, 0.1)
        calls, best = prediction_calls(task, X, y), {}
        for _ in range(10 * rounds):
            for name, call in calls.items():
                started = time.perf_counter()
                call()
                seconds = time.perf_counter() - started
                best[name] = min(best.get(name, np.inf), seconds)
        print(f"\npredictions of {len(X):,} images, {task.name}: milliseconds")
        for name, seconds in best.items():
            print(f"{name:24}{1e3 * seconds:16.1f}")
        predicted = [call() for name, call in calls.items() if "evaluate" not in name]
        share = min((predicted[0] == each).mean() for each in predicted)
        print(f"at least {share:.2%} of the classes are the same")


def prediction_calls(task: Task, X: np.ndarray, y: np.ndarray) -> dict[str, Callable[[], Any]]:
    net = new_net(task)
    calls: dict[str, Callable[[], Any]] = {
        "slownet, predict": lambda: net.predict(X),
        "slownet, evaluate": lambda: net.evaluate(X, y),
    }
    samples = Samples(X, X.shape[1], check=False)
    models = {dtype: torch_model(task, dtype)[0].eval() for dtype in ("float32", "float64")}
    for threads in (1, 2):
        calls[f"slownet, {threads}"] = lambda threads=threads: engines.outputs(
            "compiled", net, samples, threads
        ).values.argmax(axis=1)
        for dtype, model in models.items():
            calls[f"PyTorch {dtype}, {threads}"] = lambda m=model, d=dtype, t=threads: torch_classes(
                m, X, d, t
            )
    return calls


def torch_classes(model: Any, X: np.ndarray, dtype: str, threads: int) -> np.ndarray:
    import torch

    torch.set_num_threads(threads)
    with torch.no_grad():
        return model(torch.from_numpy(X).to(getattr(torch, dtype))).argmax(1).numpy()


def peak() -> float:
    """Return how many multiplications and additions a core does at best, in GFLOP/s."""
    from slownet.engines.machine import lanes
    from slownet.engines.machine.jit import kernel

    chains = 12

    @lanes._emitted("ann")
    def spin(e: Any, out: Any, first: Any, last: Any) -> None:
        one = e.load(out, first)
        totals = e.registers([one] * chains)
        with e.loop(first, last):
            for total in totals:
                value = e.builder.load(total)
                e.builder.store(e.builder.fadd(e.builder.fmul(value, one), one), total)
        for place, total in enumerate(totals):
            e.store(e.builder.load(total), out, first, place)

    spinning = kernel(lambda out, first, last: spin(out, first, last))
    out, count = np.zeros(chains * lanes.LANES), 2_000_000
    best = np.inf
    for _ in range(6):
        started = time.perf_counter()
        spinning(out, np.uint64(0), np.uint64(count))
        best = min(best, time.perf_counter() - started)
    return count * chains * lanes.LANES * 2 / best / 1e9


def options(rounds: int) -> None:
    """What momentum, Adam, l2 and dropout cost beside plain gradient descent."""
    data = mnist()
    variants: dict[str, dict[str, Any]] = {
        "plain": {},
        "momentum": {"optimizer": functions.sgd(0.9)},
        "Adam": {"optimizer": "adam", "learning_rate": 0.001},
        "l2": {"l2": 1e-4},
        "dropout": {"dropout": 0.2},
    }
    for dims, hidden in (((784, 30, 10), "sigmoid"), ((784, 128, 64, 10), "relu")):
        results = []
        for batch in BATCHES:
            task = Task(dims, hidden, batch, RATES[batch] / 10)
            found: dict[str, tuple[float, float]] = {}
            for place in range(rounds):
                for name, settings in variants.items():
                    if not place:
                        warm_up(task, data, **settings)
                    seconds, arrays = slownet(task, data, epochs=3, **settings)
                    if name not in found or seconds * 1e6 < found[name][0]:
                        found[name] = seconds * 1e6, accuracy(arrays, task, data)
            results.append(found)
        table(f"options, {'-'.join(map(str, dims))} {hidden}, 1 thread, batches of", BATCHES, results)
        for name in list(variants)[1:]:
            ratios = [found[name][0] / found["plain"][0] for found in results]
            print(f"{name + ' / plain':24}" + "".join(f"{ratio:16.2f}" for ratio in ratios))


def memory() -> None:
    """How much one training of all 60,000 images needs beside them."""
    X, y = load_mnist("train")
    task = Task((784, 30, 10), "sigmoid", 32, 0.2)
    for name, samples in (("MNIST", X), ("dense inputs", X + 0.1)):
        net = new_net(task)
        tracemalloc.start()
        net.fit(samples, y, batch_size=32, progress=False, engine="compiled")
        left, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        print(
            f"\nmemory, {name}: data {samples.nbytes / 1e6:.0f} MB; "
            f"during fit at most {most / 1e6:.0f} MB more, after it {left / 1e6:.1f} MB"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--only", choices=["mnist", "moons", "dense", "large", "predict", "options", "memory"]
    )
    given = parser.parse_args()
    rounds = 1 if given.quick else 3
    packages = ", ".join(
        f"{name} {version(name)}"
        for name in ("numpy", "numba", "torch", "jax", "scikit-learn")
        if find_spec(name.replace("scikit-learn", "sklearn"))
    )
    print(
        f"Python {platform.python_version()}, {packages}; {os.cpu_count()} cores, {platform.machine()}"
    )
    slownet(Task((784, 30, 10), "sigmoid", 32, 0.2), mnist(1000))  # compiles, or loads
    who = {} if given.only in ("predict", "options", "memory") else contenders(given.quick)
    if given.only in (None, "mnist"):
        race_mnist(rounds, who)
    if given.only in (None, "moons"):
        race_moons(rounds, who)
    if given.only in (None, "dense"):
        dense(rounds, who)
    if given.only in (None, "large"):
        large(rounds, who)
    if given.only in (None, "predict"):
        race_predictions(rounds)
    if given.only in (None, "options"):
        options(rounds)
    if given.only in (None, "memory"):
        memory()


if __name__ == "__main__":
    main()
