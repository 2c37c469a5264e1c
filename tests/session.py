"""A session of slownet as anybody may have it, wherever Python runs: `result(folder)` is what it gives.

The same numbers come out of it with and without Numba and threads, and in Pyodide: they are compared as
text. Files are left in the folder.
"""

from __future__ import annotations

import io
import json
import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from hashlib import sha256
from pathlib import Path
from typing import Any

import slownet
from slownet import EarlyStopping, LiveView, NetFactory
from slownet.datasets import circles, gaussians, moons, read_csv, xor

X, Y = moons(60, seed=0)
WATCH = X[:3], Y[:3]


def text_of(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def weights(net: slownet.Net) -> list[str]:
    values = [*(weight.value for weight in net.weights()), *(neuron.bias for neuron in net.neurons())]
    return [float(value).hex() for value in values]


def new_net() -> slownet.Net:
    return NetFactory([2, 4, 3, 1], seed=3).new()


def trained(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for optimizer in ("sgd", "adam", "rmsprop"):
        for more in ({}, {"dropout": 0.3}, {"l2": 0.01, "validation_split": 0.2, "schedule": "cosine"}):
            net = new_net()
            history = net.fit(X, Y, epochs=3, batch_size=7, optimizer=optimizer, progress=False, **more)
            numbers = [loss.hex() for loss in history.loss]
            found[f"{optimizer} {sorted(more)}"] = [weights(net), numbers, history.data]
    return found


def filed(folder: Path) -> dict[str, Any]:
    net = new_net()
    history = net.fit(X, Y, epochs=4, snapshots=5, watch=WATCH, callbacks=EarlyStopping(patience=9))
    net.save(folder / "a.json")
    history.write_html(folder / "a.html")
    verified = slownet.verify(folder / "a.html", (X, Y), watch=WATCH)
    again = slownet.load(folder / "a.json")
    net.forward(X[0])
    net.backward(1)
    return {
        "net": (folder / "a.json").read_text(encoding="utf-8"),
        "again": weights(again),
        "verified": bool(verified),
        "rewound": weights(history.rewind(5, (X, Y))),
        "predicted": again.predict(X).tolist(),
        "probabilities": [float(each).hex() for each in again.predict_proba(X[:9]).ravel()],
        "explained": [str(neuron.explain()) for neuron in net.neurons()],
        "drawn": sha256(net._repr_html_().encode()).hexdigest(),
    }


def recorded(folder: Path) -> dict[str, Any]:
    net = new_net()
    net.fit(X, Y, epochs=3, record=folder / "a.run", snapshots=4, watch=WATCH)
    resumed = slownet.resume(folder / "a.run", (X, Y), epochs=5)
    read = slownet.History.open(folder / "a.run")
    kept = [float(weight).hex() for weight in read.snapshots[-1].weights]
    return {"losses": [loss.hex() for loss in resumed.loss], "ended": read.ended, "kept": kept}


def swept(folder: Path) -> dict[str, Any]:
    tasks = slownet.grid(X, Y, hidden=[3, 4], epochs=2, seeds=2)
    found = {}
    for name, options in {"here": {}, "into": {"into": folder / "a.sweep"}}.items():
        found[name] = [run.history.loss[-1].hex() for run in slownet.train_many(tasks, **options)]
    huge = [[1e308, 1.0], [-1e308, 2.0], [1.0, 3.0]]
    for how in (slownet.preprocessing.standardise, slownet.preprocessing.min_max):
        try:
            how(huge)
        except ValueError as error:
            found[how.__name__] = str(error)
    return found


def watched(folder: Path) -> dict[str, Any]:
    """A bar and a picture are shown in other threads, if at all."""
    seen = io.StringIO()
    with redirect_stderr(seen), redirect_stdout(seen):
        new_net().fit(X, Y, epochs=2, progress="always", callbacks=LiveView())
    return {"bar": "4/4" in seen.getvalue()}


def tables(folder: Path) -> dict[str, Any]:
    rows = "".join(f"{k % 7},{'abc'[k % 3]},{k % 5 + k % 3}\n" for k in range(60))
    (folder / "a.csv").write_text(f"size,kind,price\n{rows}", encoding="utf-8")
    table = read_csv(folder / "a.csv", "price")
    train, test = table.split(seed=1)
    net = NetFactory([len(table.names), 3, 1], output_activation="linear", seed=1).new()
    net.fit(train, epochs=3, prepare="standardise")
    return {"weights": weights(net), "test": [float(each).hex() for each in net.predict(test.X).ravel()]}


def command_line(folder: Path) -> dict[str, Any]:
    from slownet.cli import main

    printed = io.StringIO()
    page, run = str(folder / "xor.html"), str(folder / "xor.run")
    with redirect_stdout(printed):
        codes = [
            main(["train", "xor", "--epochs", "2", "--samples", "60", "--html", page, "--run", run]),
            main(["info", run]),
            main(["verify", page]),
        ]
    return {"codes": codes, "true": "\nTrue: training again gives" in printed.getvalue()}


def figures(folder: Path) -> dict[str, Any]:
    net = new_net()
    history = net.fit(X, Y, epochs=2)
    made = slownet.plotting.network(net), slownet.plotting.curves(history)
    return {"traces": [len(figure.data) for figure in made]}


def data_sets(folder: Path) -> dict[str, Any]:
    found = {}
    for make in (circles, gaussians, moons, xor):
        inputs, labels = make(50, seed=4)
        digest = sha256(inputs.tobytes() + labels.tobytes()).hexdigest()
        found[make.__name__] = [digest, str(inputs.dtype), str(labels.dtype)]
    return found


PARTS: tuple[Callable[[Path], dict[str, Any]], ...] = (
    *(trained, filed, recorded, swept, watched, tables, command_line, figures, data_sets),
)


def result(folder: Path) -> dict[str, Any]:
    """Run every part; what fails is a text."""
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", "using the object loops")  # `without_numba` looks at it
    found: dict[str, Any] = {}
    for part in PARTS:
        (folder / part.__name__).mkdir()
        try:
            found[part.__name__] = part(folder / part.__name__)
        except Exception as error:
            found[part.__name__] = text_of(error)
    return found


def without_numba() -> dict[str, Any]:
    """What is said where there is no Numba: an error, and one warning when there is much to train."""
    net = new_net()
    try:
        net.fit(X, Y, engine="compiled")
    except slownet.EngineError as error:
        compiled = str(error)
    large = NetFactory([2, 60, 60, 1], seed=0).new()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for _ in range(2):
            stop = slownet.LambdaCallback(on_step_end=lambda training: True)
            large.fit(X, Y, epochs=1000, callbacks=stop)
    return {"compiled": compiled, "warned": [str(each.message) for each in warned]}


if __name__ == "__main__":
    said = without_numba() if sys.argv[2:] else None
    sys.stdout.write(json.dumps([result(Path(sys.argv[1])), said]))
