"""Tasks: each describes one training by plain values, a seed, and the fingerprint of its data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from slownet.checks import check_integer, check_keywords, check_type, short
from slownet.engines.costs import Costs
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.functions import Initializer, get_activation, get_initializer
from slownet.functions.description import describe, from_description, make
from slownet.functions.randomness import check_seed
from slownet.layers import Dense, Input, weight_count
from slownet.objects import NetFactory
from slownet.recording import History, take
from slownet.samples import fingerprint
from slownet.training import EarlyStopping, Options, fit
from slownet.training.data import TrainingData
from slownet.version import ARITHMETIC

if TYPE_CHECKING:
    from slownet.objects import Net

SAME_BITS = ("engine", "threads")  # options on which no bit of a result depends


class SharedData:
    """The data of many trainings; a worker gets them once.

    They must not change while tasks use them.

    Parameters
    ----------
    X, y
        As for `Net.fit`.
    validation_data, test_data, prepare, sample_weight
        As for `Net.fit`.
    classes : list, optional
        The class labels, where they are not simply 0, 1, 2, ... and no texts.

    Examples
    --------
    >>> import slownet
    >>> from slownet.datasets import moons
    >>> data = slownet.SharedData(*moons(60, seed=1))
    >>> layers = [slownet.Input(2), slownet.Tanh(4), slownet.Sigmoid(1)]
    >>> tasks = [slownet.Task.of(layers, data, seed, epochs=3) for seed in range(4)]
    >>> slownet.train_many(tasks)
    Sweep(4 finished)
    """

    def __init__(
        self,
        X: Any,
        y: Any = None,
        validation_data: Any = None,
        test_data: Any = None,
        prepare: Any = None,
        classes: list[Any] | None = None,
        sample_weight: Any = None,
    ) -> None:
        self.X, self.y, self.classes = X, y, classes
        self.parts = {
            "validation_data": validation_data,
            "test_data": test_data,
            "prepare": prepare,
            "sample_weight": sample_weight,
        }
        self._fingerprints: dict[str, dict[str, Any]] = {}

    def __sizeof__(self) -> int:
        """Return about how many bytes there are, by which Dask decides to send them only once."""
        pairs = [self.X, self.y, self.parts["sample_weight"]]
        for pair in (self.parts["validation_data"], self.parts["test_data"]):
            pairs += list(pair) if isinstance(pair, (tuple, list)) else [pair]
        return sum(_bytes_of(part) for part in pairs)

    def fingerprint(self, layers: Sequence[Input | Dense], options: Options) -> dict[str, Any]:
        """Return how many samples there are, and the SHA-256 of all data as such a net has them.

        All of X is in it, whatever the options hold out or how they weigh classes.

        Raises
        ------
        TypeError, ValueError
            If the data do not fit such a net.
        """
        known = _reading(layers, options)
        if known not in self._fingerprints:
            self._fingerprints[known] = self.read(layers, options)
        return self._fingerprints[known]

    def read(self, layers: Sequence[Input | Dense], options: Options) -> dict[str, Any]:
        """Return the fingerprint of the data as they are now; errors as for `fingerprint`."""
        net = self.new_net([layers[0], layers[-1]], options, 0)
        whole: dict[str, Any] = {"validation_split": None, "class_weight": None}
        data = TrainingData.read(net, self.X, self.y, replace(options, **self.parts, **whole))
        data.batches.samples.check()
        found = data.described() | data.fingerprints()
        if data.test is not None:
            found |= {f"test_{name}": value for name, value in fingerprint(*data.test).items()}
        return found

    def new_net(self, layers: Sequence[Input | Dense], options: Options, seed: int) -> Net:
        """Return a net for these data; one that predicts numbers has no classes."""
        net = NetFactory(layers=list(layers), seed=seed).new()
        if (options.loss or net.loss).target_kind != "number":
            net.classes = self.classes
        return net


def _reading(layers: Sequence[Input | Dense], options: Options) -> str:
    """Return everything of a task on which depends how the data are read."""
    loss = options.loss and options.loss.target_kind
    return json.dumps([layers[0].size, _layer_to_plain(layers[-1]), loss])


def _bytes_of(part: Any) -> int:
    if hasattr(part, "memory_usage"):  # a DataFrame
        return int(part.memory_usage().sum())
    size = getattr(part, "nbytes", None)
    return size if isinstance(size, int) else 8 * len(part) if hasattr(part, "__len__") else 0


@dataclass(frozen=True, eq=False)
class Task:
    """One training: everything that its result depends on.

    Attributes
    ----------
    layers : tuple of Input and Dense
        The layers, as `NetFactory(layers=[...])` takes them.
    options : Options
        The options of `fit`, without data.
    seed : int
        Decides the initial weights, and the random order of the samples.
    data : SharedData or None
        The data; None for a task that was read from a file.
    fingerprint : dict
        What `SharedData.fingerprint` returns for these data.
    settings : dict
        By which values this task is told from others, for tables and figures.

    Examples
    --------
    >>> import slownet
    >>> from slownet.datasets import moons
    >>> task, other = slownet.grid(*moons(60, seed=1), hidden=4, learning_rate=[0.1, 0.5])
    >>> task.settings, task.seed
    ({'hidden': 4, 'learning_rate': 0.1, 'seed': 0}, 7679224513536973917)
    >>> history = task.train()
    """

    layers: tuple[Input | Dense, ...]
    options: Options
    seed: int
    data: SharedData | None = field(default=None, repr=False)
    fingerprint: Mapping[str, Any] = field(default_factory=dict, repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        layers: Sequence[Input | Dense],
        data: SharedData,
        seed: int,
        settings: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Task:
        """Return a task whose arguments have been checked.

        Parameters
        ----------
        layers : sequence of Input and Dense
            The layers.
        data : SharedData
            The data.
        seed : int
            The seed.
        settings : mapping, optional
            For tables and figures.
        **options
            Arguments of `fit`.

        Raises
        ------
        TypeError, ValueError
            If an argument cannot be used, or the data do not fit.
        """
        check_type("data", data, SharedData)
        layers = tuple(NetFactory(layers=list(layers)).layers)
        seed = check_seed(seed)
        checked = Options(**{**options, "seed": seed, "threads": 1, "progress": False})
        found = data.fingerprint(layers, checked)
        return cls(layers, checked, seed, data, found, dict(settings or {}))

    @cached_property
    def plain(self) -> dict[str, Any]:
        """All of it as plain values, ready for JSON, without the data."""
        return {
            "layers": [_layer_to_plain(layer) for layer in self.layers],
            "options": self.options.config(),
            "seed": self.seed,
            "data": dict(self.fingerprint),
            "arithmetic": ARITHMETIC,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], settings: Mapping[str, Any]) -> Task:
        """Return the task that `plain` describes; it has no data."""
        layers = tuple(
            Input(check_integer("the size of a layer", layer["size"], minimum=1))
            if "activation" not in layer
            else _dense(layer)
            for layer in plain["layers"]
        )
        loss = plain["options"]["loss"]
        loss = loss and from_description("loss", loss)
        options = Options.of(plain["options"], loss=loss)
        return cls(layers, options, check_seed(plain["seed"]), None, plain["data"], dict(settings))

    @cached_property
    def key(self) -> str:
        """The SHA-256 of everything that the result depends on."""
        import hashlib

        options = {name: value for name, value in self.plain["options"].items() if name not in SAME_BITS}
        text = json.dumps(self.plain | {"options": options}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def reading(self) -> str:
        """Everything on which depends how the data are read: with equal ones, equal data look alike."""
        return _reading(self.layers, self.options)

    @property
    def own_formulas(self) -> list[Any]:
        """The user's own formulas, which no file can hold."""
        dense = [layer for layer in self.layers if isinstance(layer, Dense)]
        used = [get_activation(layer.activation) for layer in dense]
        drawn = [get_initializer(layer.initializer) for layer in dense if layer.initializer is not None]
        own = [each for each in [*used, *drawn] if "own" in describe(each)]  # type: ignore[arg-type]
        return own + self.options.own_formulas

    @cached_property
    def cost(self) -> float:
        """About how many seconds the object loops take; only ratios matter."""
        sizes = [layer.size for layer in self.layers]
        sample = Costs.of_sizes(sum(sizes), weight_count(sizes) + sum(sizes[1:])).sample
        samples = int(self.fingerprint.get("samples", 1))
        return self.options.epochs * samples * sample

    def __repr__(self) -> str:
        sizes = "-".join(str(layer.size) for layer in self.layers)
        settings = "".join(f", {name}={value!r}" for name, value in self.settings.items())
        return f"Task({sizes}{settings})"

    def without_data(self) -> Task:
        """Return the same task as it is sent to a worker, which has the data."""
        return replace(self, data=None)

    def train(self, data: SharedData | None = None, **more: Any) -> History:
        """Train once more, here, to the same bits.

        Parameters
        ----------
        data : SharedData, optional
            The data, if the task has none.
        **more
            Arguments of `fit` that leave the numbers as they are, such as `snapshots`, `watch`,
            `record` and `callbacks`.

        Returns
        -------
        History
            Its `net` is the trained one.

        Raises
        ------
        ValueError
            If there are no data, or other ones than those that the task was made for.
        """
        data = self.data if data is None else data
        if data is None:
            raise InvalidValueError("this task was read from a file: give its data, SharedData(X, y)")
        if data.read(self.layers, self.options) != self.fingerprint:
            raise InvalidValueError(
                "these are other data than those that this task was made for: give those, or make a "
                "task of these by slownet.grid(X, y, ...)"
            )
        return self.fit(self.new_net(data), data, **more)

    def new_net(self, data: SharedData) -> Net:
        """Return the net as it is before training."""
        return data.new_net(self.layers, self.options, self.seed)

    def fit(self, net: Net, data: SharedData, **more: Any) -> History:
        """Train a net of this task on its data, which are not compared with the fingerprint."""
        stopping = self.options.early_stopping
        if stopping is not None:  # it remembers a training: each has its own
            more = {"early_stopping": EarlyStopping(**stopping.settings), **more}
        check_keywords("fit", more, [each.name for each in fields(Options)])
        return fit(net, data.X, data.y, replace(self.options, **{**data.parts, **more}))


def kept(history: History, net: Net, task: Task) -> History:
    """Return the history as a result keeps it: with the fingerprint, and the net as a snapshot.

    Where samples are held out or classes are weighed, the fingerprint of the task is not that of what
    was trained on.
    """
    if task.options.validation_split is None and task.options.class_weight is None:
        history.data |= {k: value for k, value in task.fingerprint.items() if "test_" not in k}
    history.snapshots = [take(net, history.last_step, float(len(history.epochs)))]
    history.net = None
    return history


def _layer_to_plain(layer: Input | Dense) -> dict[str, Any]:
    if isinstance(layer, Input):
        return {"size": layer.size}
    initializer = layer.initializer
    return {
        "size": layer.size,
        "activation": describe(get_activation(layer.activation)),
        "initializer": None if initializer is None else describe(get_initializer(initializer)),  # type: ignore[arg-type]
        "bias": layer.bias,
    }


def _dense(plain: Mapping[str, Any]) -> Dense:
    drawn: Initializer | None = None
    if plain["initializer"] is not None:
        drawn = make("initializer", plain["initializer"]["name"], _settings(plain["initializer"]))
    size = check_integer("the size of a layer", plain["size"], minimum=1)
    return Dense(size, from_description("activation", plain["activation"]), drawn, plain["bias"] is True)


def _settings(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in plain.items() if name != "name"}


def check_tasks(tasks: Iterable[Task]) -> list[Task]:
    """Return tasks in a list, each once; TypeError or ValueError for what cannot be trained."""
    if not isinstance(tasks, Iterable):
        raise InvalidTypeError(f"tasks must be a list of tasks, not {short(tasks)}")
    found: dict[str, Task] = {}
    for task in tasks:
        check_type("a task", task, Task)
        if task.data is None:
            raise InvalidValueError(
                "a task that was read from a file has no data: make it again by slownet.grid(X, y, ...)"
            )
        found.setdefault(task.key, task)
    return list(found.values())


def check_unchanged(tasks: Iterable[Task]) -> None:
    """Raise ValueError if data are no longer those that the tasks were made for."""
    checked: set[tuple[int, str]] = set()
    for task in tasks:
        place = id(task.data), task.reading
        if task.data is None or place in checked:
            continue
        checked.add(place)
        if task.data.read(task.layers, task.options) != task.fingerprint:
            raise InvalidValueError(
                "the data have changed since these tasks were made: make them again by slownet.grid"
            )
