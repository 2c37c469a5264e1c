"""The speed of slownet's estimators of scikit-learn beside its MLPClassifier: the same net and batches.

    python benchmarks/estimators.py
    python benchmarks/estimators.py --only digits --rounds 5

Both `fit` the same samples, in turn in one run: conversion of the data, the building of the net, history
and loss curve are included. slownet chooses engine and threads itself. The first line of each table is
MLPClassifier's defaults (Adam, batches of 200, 100 hidden ReLUs), the others are plain stochastic
gradient descent with momentum in batches of 1 to 128.
"""

from __future__ import annotations

import argparse
import time
import warnings
from statistics import median

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from slownet.datasets import load_mnist
from slownet.interop.sklearn import SlowNetClassifier

SGD = {"solver": "sgd", "learning_rate_init": 0.01}
BATCHES = {1: 1, 10: 3, 32: 10, 64: 10, 128: 10}  # batch size: epochs on MNIST


def digits() -> tuple[np.ndarray, np.ndarray]:
    X, y = load_digits(return_X_y=True)
    return X / 16.0, y


def mnist() -> tuple[np.ndarray, np.ndarray]:
    X, y = load_mnist("train")
    return np.asarray(X, dtype=np.float64), np.asarray(y)


def seconds(estimator: object, X: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Return how long a fit takes, and the accuracy on the training samples."""
    started = time.perf_counter()
    estimator.fit(X, y)
    return time.perf_counter() - started, estimator.score(X, y)


def compare(name: str, X: np.ndarray, y: np.ndarray, settings: dict, rounds: int) -> None:
    common = {**settings, "random_state": 0, "tol": 0.0, "n_iter_no_change": np.inf}
    both = [SlowNetClassifier(**common), MLPClassifier(**common)]
    times: list[list[float]] = [[], []]
    scores = [0.0, 0.0]
    for _ in range(rounds):
        for place, estimator in enumerate(both):
            taken, scores[place] = seconds(estimator, X, y)
            times[place].append(taken)
    visited = len(X) * settings["max_iter"]
    ours, theirs = (1e6 * median(each) / visited for each in times)
    ratio = median(b / a for a, b in zip(*times))
    print(
        f"{name:>22}{settings['max_iter']:8}{ours:12.2f}{theirs:12.2f}{ratio:8.1f}"
        f"{scores[0]:12.1%}{scores[1]:9.1%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=("digits", "mnist"))
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    warm = SlowNetClassifier((4,), max_iter=1, options={"engine": "compiled"})
    warm.fit(np.zeros((2, 2)), [0, 1])  # compiled code is loaded
    for name, load in (("digits", digits), ("mnist", mnist)):
        if arguments.only in (None, name):
            X, y = load()
            print(f"{name}, {X.shape[1]}-100-10, {len(X):,} samples: microseconds a sample and epoch")
            print(f"{'':>22}{'epochs':>8}{'slownet':>12}{'sklearn':>12}{'ratio':>8}{'accuracy':>21}")
            compare("defaults", X, y, {"max_iter": 200 if name == "digits" else 10}, arguments.rounds)
            for batch, epochs in BATCHES.items():
                epochs = 10 * max(epochs, 2) if name == "digits" else epochs
                settings = {**SGD, "batch_size": batch, "max_iter": epochs}
                compare(f"sgd, batches of {batch}", X, y, settings, arguments.rounds)
            print()


if __name__ == "__main__":
    main()
