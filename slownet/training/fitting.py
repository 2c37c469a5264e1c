"""The training loop: epochs of batches, and everything that watches them."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from functools import partial
from math import ceil, isfinite
from types import FrameType
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex

from slownet.checks import check_integer, check_number, check_type
from slownet.engines import ScalarEngine
from slownet.errors import DivergedError, InvalidTypeError, InvalidValueError
from slownet.functions import (
    Loss,
    Optimizer,
    Regularizer,
    Schedule,
    get_loss,
    get_optimizer,
    get_schedule,
    l1,
    l2,
)
from slownet.functions.randomness import Use, check_seed, key, permutation
from slownet.recording import EpochRecord, Graph, History, Watch, snapshot_steps, take
from slownet.training.callbacks import EarlyStopping, ProgressBar, check_callback
from slownet.training.prediction import judge
from slownet.training.samples import Samples, as_list, encoder_for, text_classes

if TYPE_CHECKING:
    from slownet.objects import Net, Weight

ENGINES = ("scalar",)
_START = EpochRecord(0, 0, 0.0, None, None, None, 0.0)


@dataclass(frozen=True)
class Options:
    """How to train: the arguments of `Net.fit`, which has their defaults and what they mean."""

    epochs: int
    batch_size: int
    learning_rate: float
    optimizer: str | Optimizer
    loss: str | Loss | None
    l1: float
    l2: float
    dropout: float
    dropconnect: float
    schedule: str | Schedule | None
    validation_data: tuple[Any, Any] | None
    shuffle: bool
    seed: int
    callbacks: Any
    progress: bool | Literal["always"]
    snapshots: Any
    watch: tuple[Any, Any] | None
    early_stopping: int | EarlyStopping | None
    engine: str
    regularizers: Iterable[tuple[Regularizer, float]]

    def __post_init__(self) -> None:
        set_ = partial(object.__setattr__, self)  # a user's NumPy numbers become Python's
        set_("epochs", check_integer("epochs", self.epochs, minimum=1))
        set_("batch_size", check_integer("batch_size", self.batch_size, minimum=1))
        set_("learning_rate", check_number("learning_rate", self.learning_rate))
        if self.learning_rate == 0.0:
            raise InvalidValueError("learning_rate must be above 0")
        for name in ("l1", "l2"):
            set_(name, check_number(name, getattr(self, name)))
        for name in ("dropout", "dropconnect"):
            set_(name, check_number(name, getattr(self, name), below=1.0))
        set_("seed", check_seed(self.seed))
        for name in ("validation_data", "watch"):
            _check_pair(name, getattr(self, name))
        callbacks = self.callbacks if isinstance(self.callbacks, Iterable) else [self.callbacks]
        set_("callbacks", tuple(callbacks))
        for callback in self.callbacks:
            check_callback(callback)
        if self.watch is not None and self.snapshots is None:
            raise InvalidValueError("watch needs snapshots to be kept in: give snapshots=100 as well")
        if self.engine not in ENGINES:
            raise InvalidValueError(f"unknown engine {self.engine!r}: known are {', '.join(ENGINES)}")
        set_("regularizers", tuple(self.regularizers))
        for pair in self.regularizers:
            if not (isinstance(pair, (tuple, list)) and len(pair) == 2):
                raise InvalidTypeError(
                    f"regularizers must be (Regularizer, strength) pairs, not {pair!r}"
                )
            check_type("a regularizer", pair[0], Regularizer)
            check_number(f"the strength of {pair[0].name}", pair[1])

    def described(self) -> dict[str, Any]:
        """Return the options as plain values, formulas by their names; without data and callbacks."""
        plain: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name not in ("callbacks", "validation_data", "watch", "progress", "regularizers"):
                plain[each.name] = getattr(value, "name", value)
        return plain

    @property
    def penalties(self) -> list[tuple[Regularizer, float]]:
        """Every penalty on the weights with its strength."""
        return [
            (regularizer, float(strength))
            for regularizer, strength in ((l1, self.l1), (l2, self.l2), *self.regularizers)
            if strength
        ]


class Training:
    """A training under way: what callbacks see.

    Attributes
    ----------
    net : Net
        The live net.
    history : History
        What was kept so far.
    options : Options
        What `fit` was asked to do.
    epochs, epoch : int
        How many epochs there will be, and the one under way, from 1.
    total_steps, step : int
        How many updates there will be, and how many have been made.
    learning_rate : float
        The rate of the last step, after the schedule.
    epoch_loss, epoch_accuracy : float, float or None
        The means over the samples of this epoch so far.
    engine : ScalarEngine
        What the batches run on.
    """

    def __init__(self, net: Net, X: Any, y: Any, options: Options) -> None:
        self.net, self.options = net, options
        net._wiring = None  # look at every number anew: some may have been set since
        self.samples = Samples(X, len(net._wired.inputs.neurons))
        loss = net.loss if options.loss is None else get_loss(options.loss)
        loss.check(net._wired.output.activation)
        classes = net.classes or text_classes(y, loss)
        self.encoder = encoder_for(net, loss, classes)
        self.targets = self.encoder.encode_all(y, len(self.samples))
        self.validation = self._read("validation_data", options.validation_data)
        watched, watched_targets = self._read("watch", options.watch) or ([], [])
        self.steps_per_epoch = ceil(len(self.samples) / options.batch_size)
        self.epochs = options.epochs
        self.total_steps = self.steps_per_epoch * options.epochs
        self.snapshot_steps = set(snapshot_steps(options.snapshots, self.total_steps))
        self.schedule = get_schedule(options.schedule or "constant")
        self.engine = ScalarEngine(
            net,
            get_optimizer(options.optimizer),
            options.penalties,
            options.dropout,
            options.dropconnect,
            options.seed,
            alone=not options.callbacks,
        )
        stopping = options.early_stopping
        if isinstance(stopping, SupportsIndex):
            stopping = EarlyStopping(check_integer("early_stopping", stopping, minimum=1))
        elif stopping is not None:
            check_type("early_stopping", stopping, EarlyStopping)
        self.bar = ProgressBar(options.progress)
        self.callbacks = [*([stopping] if stopping else []), *options.callbacks, self.bar]
        self.history = History(options.described(), classes, loss.target)
        self.history.options["loss"] = loss.name
        labels = as_list(options.watch[1], "watch") if options.watch else []
        self.history.watch = Watch(list(map(list, watched)), labels, watched_targets)
        self.epoch = self.step = 0
        self.learning_rate = options.learning_rate
        self._graph: tuple[object, Graph] | None = None
        self._shape = len(net._wired.inputs.neurons), self.encoder.outputs
        self._start_epoch(0)
        if options.loss is not None:
            net.loss = loss
        net.classes = classes

    def run(self) -> History:
        """Train to the end, or until something stops it."""
        with _interrupts() as interrupt:
            try:
                self._run(interrupt)
            except KeyboardInterrupt:  # raised by a callback, or where no handler can be set
                if interrupt.is_set():
                    raise
                if self._seen and self.step > (self.history.epochs or [_START])[-1].step:
                    self._end_epoch(validate=False)
            finally:
                self.bar.close()
            with self._finite():
                self._snapshot(last=True)
            self._tell("on_fit_end")
        return self.history

    def _run(self, interrupt: threading.Event) -> None:
        self._tell("on_fit_begin")
        for epoch in range(1, self.epochs + 1):
            self._start_epoch(epoch)
            stopped = self._tell("on_epoch_begin")
            for batch in self._batches():
                if stopped or interrupt.is_set():
                    break
                with self._finite():
                    self._snapshot()  # only now: callbacks may have changed the net after the last step
                    self._step(batch)
                stopped = self._tell("on_step_end")
            if self._seen:
                with self._finite():
                    self._end_epoch(validate=not interrupt.is_set())
                stopped = self._tell("on_epoch_end") or stopped
            if stopped or interrupt.is_set():
                return

    def _start_epoch(self, epoch: int) -> None:
        self.epoch = epoch
        self._started = time.perf_counter()
        self._seen, self._lost, self._right = 0, 0.0, 0

    def _batches(self) -> Iterator[list[int]]:
        count, size = len(self.samples), self.options.batch_size
        order: Sequence[int] = range(count)
        if self.options.shuffle:
            order = permutation(key(self.options.seed, Use.SHUFFLE, self.epoch), count).tolist()
        for start in range(0, count, size):
            yield list(order[start : start + size])

    def _step(self, batch: list[int]) -> None:
        done = self.step / self.steps_per_epoch
        rate = self.schedule.function(self.options.learning_rate, done, self.epochs)
        self.learning_rate = check_number(f"the rate that schedule {self.schedule.name!r} gives", rate)
        shape = len(self.net._wired.inputs.neurons), len(self.net._wired.output.neurons)
        if shape != self._shape:
            raise InvalidValueError(
                f"{self.net} does not fit the samples any more: inputs and outputs were {self._shape}"
            )
        targets = [self.targets[index] for index in batch]
        losses, outputs = self.engine.gradients(
            [self.samples[index] for index in batch], targets, self.step + 1
        )
        total = 0.0
        for loss in losses:
            total += loss
        if not isfinite(total):
            raise DivergedError("the loss is not finite", weight=_first_concerned(self.net))
        self.engine.update(self.learning_rate, self.step + 1)
        self.step += 1
        self.history.loss.append(total / len(batch))
        self._seen += len(batch)
        self._lost += total
        if self.encoder.has_classes:
            right = sum(map(self.encoder.is_right, outputs, targets))
            self._right += right
            self.history.accuracy.append(right / len(batch))

    @property
    def epoch_loss(self) -> float:
        """The mean loss over the samples of this epoch so far."""
        return self._lost / self._seen if self._seen else 0.0

    @property
    def epoch_accuracy(self) -> float | None:
        """The share of the samples of this epoch so far that was predicted right."""
        return self._right / max(self._seen, 1) if self.encoder.has_classes else None

    def _end_epoch(self, validate: bool) -> None:
        loss = accuracy = None
        if self.validation is not None and validate:
            samples, targets = self.validation
            loss, accuracy = judge(map(self.net._forward, samples), targets, self.encoder)
        self.history.epochs.append(
            EpochRecord(
                self.epoch,
                self.step,
                self.epoch_loss,
                self.epoch_accuracy,
                loss,
                accuracy,
                time.perf_counter() - self._started,
            )
        )

    def _snapshot(self, last: bool = False) -> None:
        kept = self.history.snapshots
        wanted = bool(self.snapshot_steps) if last else self.step in self.snapshot_steps
        if not wanted or (kept and kept[-1].step == self.step):
            return
        if self._graph is None or self._graph[0] is not self.net._wired:
            self._graph = (self.net._wired, Graph(self.net))
        watch = self.history.watch
        epoch = self.step / self.steps_per_epoch
        snapshot = take(self.net, self.step, epoch, watch.samples, self._graph[1])
        if watch.samples:
            output = max(snapshot.graph.layers)
            outputs = [snapshot.layer_values(output, place) for place in range(len(watch.samples))]
            loss, accuracy = judge(outputs, watch.targets, self.encoder)
            snapshot = replace(snapshot, watch_loss=loss, watch_accuracy=accuracy)
        kept.append(snapshot)

    def _read(self, name: str, pair: tuple[Any, Any] | None) -> tuple[Samples, list[list[float]]] | None:
        if pair is None:
            return None
        samples = Samples(pair[0], len(self.net._wired.inputs.neurons), f"{name}[0]")
        return samples, self.encoder.encode_all(pair[1], len(samples), f"{name}[1]")

    def _tell(self, hook: str) -> bool:
        stop = False
        for callback in self.callbacks:
            method = getattr(callback, hook, None)
            stop = bool(method is not None and method(self)) or stop
        return stop

    @contextmanager
    def _finite(self) -> Iterator[None]:
        """Say where numbers went out of bounds; what a callback raises is none of this."""
        try:
            yield
        except ArithmeticError as error:  # DivergedError is one, and so is an overflow
            self.bar.close()
            raise self._diverged(error) from error

    def _diverged(self, error: Exception) -> DivergedError:
        weight = error.weight if isinstance(error, DivergedError) else _first_concerned(self.net)
        with suppress(ArithmeticError):  # a watched sample may overflow as well
            self._snapshot(last=True)
        return DivergedError(
            f"training diverged in epoch {self.epoch}, step {self.step + 1}: {error}; the first weight "
            f"concerned is {weight}. The net holds the state after step {self.step}. A smaller "
            "learning_rate or inputs scaled to about 1 usually help.",
            weight=weight,
            epoch=self.epoch,
            step=self.step + 1,
            history=self.history,
        )


def fit(net: Net, X: Any, y: Any, options: Options) -> History:
    """Do the work of `Net.fit`."""
    return Training(net, X, y, options).run()


def _first_concerned(net: Net) -> Weight | None:
    """Find the first weight that carries something that is not finite, or else the most."""
    largest: Weight | None = None
    for weight in net.weights():
        if not (isfinite(weight.value) and isfinite(weight.grad)):
            return weight
    for neuron in net.neurons():
        if not isfinite(neuron.z) or not isfinite(neuron.value):
            carried = {
                weight: abs(weight.value * weight.outgoing.value)
                for weight in neuron.weights["in"].values()
                if weight.outgoing is not None
            }
            return max(carried, key=lambda w: carried[w], default=None)
    for neuron in net._wired.output.neurons:
        weights = neuron.weights["in"].values()
        largest = max(weights, key=lambda weight: abs(weight.value), default=largest)
    return largest


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """Turn Ctrl-C into a flag that is looked at between steps; a second one is not held back."""
    flag = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        if flag.is_set():
            raise KeyboardInterrupt
        flag.set()

    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if ours:
        signal.signal(signal.SIGINT, handle)
    try:
        yield flag
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _check_pair(name: str, pair: object) -> None:
    if pair is not None and not (isinstance(pair, (tuple, list)) and len(pair) == 2):
        raise InvalidTypeError(f"{name} must be a pair (X, y), not {type(pair).__name__}")
