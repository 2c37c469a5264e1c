"""Grids: one task for every combination of alternatives, and for every seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import product
from typing import Any

from slownet.checks import check_integer, check_keywords, short
from slownet.datasets.tables import Table, is_frame
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.functions import get_activation, get_loss, loss_for
from slownet.functions.randomness import MASK, Use, check_seed, key
from slownet.layers import Dense, Input, dense_layers
from slownet.many.task import SharedData, Task
from slownet.samples import as_list
from slownet.samples.plain import shape_of
from slownet.training import Options

NET = ("hidden", "hidden_activation", "output_activation", "initializer", "bias")
NOT_OF_TASKS = {  # options of fit, and where they are given instead
    "callbacks": "they are objects, which no task can describe",
    "progress": "it is an argument of train_many",
    "record": "train_many(into=) keeps the runs",
    "snapshots": "task.train(snapshots=100) trains once more, to the same bits, and keeps them",
    "watch": "task.train(snapshots=100, watch=...) trains once more, to the same bits, and watches",
    "source": "a task has the fingerprint of its data",
    "steps_before": "every task begins anew",
    "threads": "each training has one thread, and n_jobs of them run at a time",
    "warm_start": "every task begins anew",
}
MOST_CLASSES = 100  # different whole numbers that are taken for classes
MOST_TASKS = 1_000_000


def grid(
    X: Any,
    y: Any = None,
    *,
    seeds: int | list[int] = 1,
    seed: int = 0,
    validation_data: Any = None,
    test_data: Any = None,
    prepare: Any = None,
    classes: list[Any] | None = None,
    sample_weight: Any = None,
    **alternatives: Any,
) -> list[Task]:
    """Make a task for every combination of alternatives, and for every seed.

    A list, a range or an array has alternatives; any other value is that of all tasks. The input and
    output layer follow from the data: an output for each number to predict or for each class, one for
    two classes.

    Parameters
    ----------
    X, y, validation_data, test_data, prepare, sample_weight
        As for `Net.fit`.
    seeds : int or list of int
        How many seeds, or their numbers. All combinations get the same ones, so that they differ in
        nothing else. Number k is a key of its own, `task.seed`, whatever other seeds there are.
    seed : int
        Other ones give other seeds under the same numbers.
    classes : list, optional
        The class labels, where y does not have all of them.
    **alternatives
        Of the net: `hidden`, the sizes of the hidden layers, 16 for one and (32, 16) for two;
        `hidden_activation`, `output_activation`, `initializer` and `bias` as for `NetFactory`. Without
        `output_activation`, texts and whole numbers are classes, and floats are numbers to predict; a
        Table says it itself. All others are arguments of `Net.fit`.

    Returns
    -------
    list of Task
        For `slownet.train_many`. Take a part of it, or add others.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used, or the data do not fit.

    Examples
    --------
    >>> import slownet
    >>> from slownet.datasets import moons
    >>> tasks = slownet.grid(*moons(100, seed=1), hidden=[4, (4, 4)], learning_rate=[0.1, 0.5], seeds=3)
    >>> len(tasks)
    12
    >>> dict(tasks[5].settings)
    {'hidden': 4, 'learning_rate': 0.5, 'seed': 2}
    """
    options = [each.name for each in fields(Options) if each.name not in NOT_OF_TASKS]
    for name in alternatives:
        if name in NOT_OF_TASKS:
            raise InvalidTypeError(f"a grid has no {name}: {NOT_OF_TASKS[name]}")
    check_keywords("grid", alternatives, [*NET, *options])
    if y is None and not isinstance(X, Table):
        raise InvalidTypeError("grid needs y, the targets, as well; a Table has its own")
    numbers, seed = _seed_numbers(seeds), check_seed(seed)
    data = _shared(X, y, validation_data, test_data, prepare, classes, sample_weight)
    choices = {name: _alternatives(name, given) for name, given in alternatives.items()}
    total = len(numbers)
    for name, values in choices.items():
        total = check_integer(f"the number of tasks with {name}", total * len(values), 1, MOST_TASKS)
    return [
        Task.of(
            layers,
            data,
            key(seed, Use.TASK, number),
            {**{name: _shown(chosen[name]) for name in chosen}, "seed": number},
            **{name: value for name, value in chosen.items() if name not in NET},
        )
        for chosen in _combinations(choices)
        for layers in [_layers(data, chosen)]
        for number in numbers
    ]


def _combinations(choices: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(choices, values, strict=True)) for values in product(*choices.values()))


def _alternatives(name: str, given: Any) -> list[Any]:
    found = _plain_list(given)
    if found is None:
        return [given]
    if not found:
        raise InvalidValueError(f"{name} has no alternatives: the list is empty")
    return found


def _plain_list(given: Any) -> list[Any] | None:
    """Return alternatives, arrays as Python's own numbers; None for a single value."""
    if isinstance(given, (list, range)):
        return list(given)
    if hasattr(given, "tolist") and getattr(given, "ndim", 0) == 1:
        return list(given.tolist())
    return None


def _seed_numbers(seeds: Any) -> list[int]:
    if isinstance(seeds, (list, tuple, range)):
        numbers = [check_integer("a number in seeds", each, maximum=MASK) for each in seeds]
        if not numbers or len(set(numbers)) < len(numbers):
            raise InvalidValueError(f"seeds must be different numbers, not {short(seeds)}")
        return numbers
    return list(range(check_integer("seeds", seeds, 1, MOST_TASKS)))


def _shared(X: Any, y: Any, *parts: Any) -> SharedData:
    """Return the data as workers get them: lists as arrays."""
    validation, test, prepare, classes, weights = parts
    if classes is None and not isinstance(X, Table):
        classes = _classes(y)
    return SharedData(_array(X), y, validation, test, prepare, classes, weights)


def _array(X: Any) -> Any:
    import numpy as np

    if isinstance(X, Table) or is_frame(X) or hasattr(X, "__array__"):
        return X
    try:
        return np.array(X, dtype=np.float64)
    except (TypeError, ValueError):
        return X  # what is wrong with it is found where it is read


def _classes(y: Any) -> list[Any] | None:
    """Return the labels of whole numbers that are classes, unless they are 0, 1, 2, ..."""
    if len(shape_of(y)) > 1 or _are_floats(y):
        return None
    labels = sorted(set(as_list(y, "y")), key=lambda label: (type(label).__name__, label))
    if not all(type(label) is int for label in labels):
        return None
    return None if labels == list(range(len(labels))) else labels


def _are_floats(y: Any) -> bool:
    import numpy as np

    return np.asarray(y).dtype.kind == "f"


def _layers(data: SharedData, chosen: dict[str, Any]) -> list[Input | Dense]:
    """Return the layers of a combination."""
    output = chosen.get("output_activation")
    outputs, usual = _outputs(data, output, chosen.get("loss"))
    hidden = chosen.get("hidden", 16)
    if isinstance(hidden, list):
        raise InvalidTypeError(
            f"hidden {short(hidden)}: the sizes of several layers are a tuple, {short(tuple(hidden))}"
        )
    if isinstance(hidden, tuple):
        sizes = [check_integer("a size in hidden", size, minimum=1) for size in hidden]
    else:
        sizes = [check_integer("hidden", hidden, minimum=1)]
    dims = [_width(data), *sizes, outputs]
    layers = dense_layers(
        dims, chosen.get("hidden_activation"), output or usual, chosen.get("bias", True)
    )
    drawn = chosen.get("initializer")
    if drawn is None:
        return layers
    return [
        Dense(layer.size, layer.activation, drawn, layer.bias) if isinstance(layer, Dense) else layer
        for layer in layers
    ]


def _width(data: SharedData) -> int:
    """Return how many inputs a net for these data has."""
    from slownet.preprocessing import preparation_of

    X, y, prepare = data.X, data.y, data.parts["prepare"]
    if prepare is not None and not isinstance(prepare, str):
        return len(prepare.inputs)
    found = preparation_of(X, y, prepare, False)
    if found is not None:
        return len(found.inputs)
    shape = shape_of(X)
    if len(shape) != 2:
        raise InvalidValueError(
            f"X must have a row of numbers for each sample, not shape {short(shape)}"
        )
    return shape[1]


def _target_kind(activation: Any, loss: Any) -> str:
    """Return what a net with this output activation, and this loss if any, predicts."""
    output = get_activation(activation)
    found = loss_for(output) if loss is None else get_loss(loss)
    return "number" if output.name == "linear" else found.target_kind


def _outputs(data: SharedData, activation: Any, loss: Any) -> tuple[int, str | None]:
    """Return the number of output neurons, and the usual activation where none is given."""
    table = data.X if data.y is None and isinstance(data.X, Table) else None
    y = table.y if table is not None else data.y
    shape = shape_of(y)
    if len(shape) > 1 and shape[1] > 1:
        return shape[1], "linear" if _are_floats(y) else "sigmoid"
    known = data.classes or (table.classes if table is not None else None)
    is_number = known is None and (table is not None or _are_floats(y))
    kind = None if activation is None else _target_kind(activation, loss)
    if kind == "number" or (kind is None and is_number):
        return 1, "linear"
    labels = known or sorted(set(as_list(y, "y")))
    if activation is None and not isinstance(labels[0], str) and len(labels) > MOST_CLASSES:
        raise InvalidValueError(
            f"y has {len(labels):,} different whole numbers: output_activation='linear' predicts them "
            "as numbers, 'softmax' takes them for classes"
        )
    if kind == "class":
        return max(len(labels), 2), None
    return (1 if len(labels) <= 2 else len(labels)), None


def _shown(value: Any) -> Any:
    """Return a value of a setting as tables and figures show it."""
    if isinstance(value, tuple):
        return "-".join(map(str, map(_shown, value))) or "none"
    if value is None or isinstance(value, (bool, str)):
        return "none" if value is None else value
    if isinstance(value, (int, float)):
        return value
    return getattr(value, "name", None) or str(value)
