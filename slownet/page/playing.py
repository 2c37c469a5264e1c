"""Pages without a training first: a net for some data, a short training, and its page."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from slownet import datasets
from slownet.checks import check_type, short, unknown_name
from slownet.datasets.tables import Table
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.objects import Net, NetFactory
from slownet.page.page import Player
from slownet.page.wording import OwnWords
from slownet.preprocessing import preparation_of
from slownet.samples import as_list

DIGITS = 5000  # of MNIST: a page trains with them in a moment
LEARNED = 60_000  # rows in all epochs together, unless they are given
MOST_EPOCHS = 2000
MOST_LABELS = 20  # whole numbers that are taken for classes; of more, such as prices, one is predicted
SETS = (*datasets.CLASSIFICATION, *datasets.REGRESSION, "mnist")
SNAPSHOTS = 40  # from which the page has its digests


def play(
    data: Any,
    y: Any = None,
    *,
    hidden: Sequence[int] = (8, 8),
    activation: str = "tanh",
    seed: int = 0,
    **options: Any,
) -> Player:
    """Make a net for some data, train it, and return its page: in it the reader trains on.

    Parameters
    ----------
    data : str, array, DataFrame or Table
        A data set of slownet by its name ("moons", "spirals", "mnist", ...), or X.
    y : array, optional
        What to predict: with numbers that are not whole, or more than 20 different ones, a number,
        otherwise classes; a row for each sample is several numbers, or of 0 and 1 several answers. A
        `Table` has it.
    hidden : sequence of int
        The sizes of the hidden layers.
    activation : str
        Of the hidden layers.
    seed : int
        Of the initial weights and of the training.
    **options
        As for `play_net`.

    Returns
    -------
    Player
        For display in a notebook; its `write(path)` makes it a file.

    Raises
    ------
    TypeError, ValueError
        If there is no such data set, or nothing can be learned from the data; otherwise as for `fit`.

    Examples
    --------
    >>> import slownet
    >>> page = slownet.play("moons", epochs=5)
    >>> page.can_be_verified
    True
    """
    if isinstance(data, str):
        if y is not None:
            raise InvalidTypeError("a data set of slownet has its own y: leave it out")
        data, y = _named(data)
    if isinstance(data, Table) and y is None:
        y = data.y
    if y is None:
        raise InvalidTypeError("give y, what the net is to predict, or the name of a data set")
    targets = np.asarray(as_list(y, "y"))
    sizes: Any = hidden
    if isinstance(sizes, str) or not hasattr(sizes, "__iter__"):
        raise InvalidTypeError(f"hidden must be a sequence of sizes such as (8, 8), not {short(sizes)}")
    has_several = targets.ndim > 1
    is_number = _are_numbers(targets)
    labels = [] if is_number or has_several else sorted(set(targets.tolist()))
    if not is_number and not has_several and len(labels) < 2:
        raise InvalidValueError(
            f"y has one class only, {labels}: a net learns to tell at least two apart"
        )
    outputs = targets.shape[1] if has_several else 1 if len(labels) <= 2 else len(labels)
    if isinstance(data, Table) or hasattr(data, "columns"):
        options = {"prepare": "standardise", **options}
    sizes = [_inputs(data, y, options.get("prepare"), is_number), *sizes, outputs]
    output = "linear" if is_number else "sigmoid" if has_several else None
    net = NetFactory(sizes, activation, output, seed=seed).new()
    if labels != [*range(len(labels))]:
        net.classes = labels
    return play_net(net, data, y, **{"seed": seed, **options})


def play_net(
    net: Net,
    X: Any,
    y: Any = None,
    *,
    title: str | None = None,
    height: int = 860,
    keep: str | int = "fits",
    about: str | None = None,
    classes: Sequence[str] | None = None,
    author: str | None = None,
    language: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Player:
    """Train a copy of a net, and return the page of it: in it the reader trains on.

    Parameters
    ----------
    net : Net
        It stays as it is.
    X, y
        As for `fit`.
    title : str, optional
        The title of the page.
    height : int
        Its height in a notebook, in pixels.
    keep : str or int
        As for `History.write_html`; a page in a notebook holds what fits.
    about, classes, author, language
        As for `History.write_html`.
    **options
        As for `fit`. By default, epochs are as many as a browser trains in a moment.

    Returns
    -------
    Player
        For display in a notebook; its `write(path)` makes it a file.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.datasets import spirals
    >>> net = NetFactory([2, 16, 16, 1], "tanh", seed=1).new()
    >>> page = net.play(*spirals(200), epochs=5)
    """
    check_type("net", net, Net)
    if isinstance(X, str):
        raise InvalidTypeError(
            f"net.play takes X and y; slownet.play({short(X)}) makes a net for a data set of slownet"
        )
    words = OwnWords.of(title, about, classes, author, language)
    usual = {"epochs": usual_epochs(_count(X)), "snapshots": SNAPSHOTS, "progress": False}
    history = net.copy().fit(X, y, **{**usual, **options})
    return Player(history, height=height, keep=keep, **words.given)


def usual_epochs(count: int) -> int:
    """Return how many times a browser goes through so many rows in a moment."""
    return min(MOST_EPOCHS, max(1, LEARNED // max(1, count)))


def _count(X: Any) -> int:
    """Return how many rows there are; 1 for what has none, which `fit` refuses."""
    rows = X.X if isinstance(X, Table) else X
    if shape := getattr(rows, "shape", ()):
        return int(shape[0])
    return len(rows) if isinstance(rows, (list, tuple)) else 1


def _are_numbers(targets: Any) -> bool:
    """Whether targets are numbers to predict: not classes, and not several answers of 0 or 1."""
    if targets.dtype.kind not in "iuf":
        return False
    different = set(targets.ravel().tolist())
    if targets.ndim > 1:
        return not different <= {0, 1}
    return len(different) > MOST_LABELS or any(each != round(each) for each in different)


def _named(name: str) -> tuple[Any, Any]:
    if name not in SETS:
        error = unknown_name("data set", name, SETS)
        if "." not in name:
            raise error
        raise InvalidValueError(
            f"{error}; a table is read with slownet.datasets.read_csv(FILE, target=COLUMN)"
        )
    if name == "mnist":
        return datasets.load_mnist(limit=DIGITS)
    X, y = getattr(datasets, name)()
    return X, y


def _inputs(X: Any, y: Any, prepare: Any, is_number: bool) -> int:
    """Return how many inputs a net for the rows of X has."""
    preparation = preparation_of(X, y, prepare, is_number)
    if preparation is not None:
        return len(preparation.inputs)
    shape = np.shape(X if hasattr(X, "shape") else as_list(X, "X", "samples")[:1])
    if len(shape) != 2:
        raise InvalidValueError("X must have a row of numbers for each sample")
    return int(shape[1])
