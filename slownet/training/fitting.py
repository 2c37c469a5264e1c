"""The training loop: epochs of batches, and everything that watches them."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from functools import partial
from math import isfinite
from operator import truediv
from types import FrameType
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex

from slownet.checks import check_integer, check_number, check_type
from slownet.engines import Batches, check_engine, training_engine
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
from slownet.functions.randomness import check_seed
from slownet.functions.schedules import constant
from slownet.recording import EpochRecord, Graph, History, Watch, snapshot_steps
from slownet.training.callbacks import HOOKS, EarlyStopping, ProgressBar, check_callback, has_hook
from slownet.training.prediction import judge
from slownet.training.samples import Samples, as_list, encoder_for, text_classes

if TYPE_CHECKING:
    from slownet.engines.choice import Engine
    from slownet.objects import Net, Weight

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
    threads: int
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
        check_engine(self.engine)
        set_("threads", check_integer("threads", self.threads, minimum=1))
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
    engine : ScalarEngine or CompiledEngine
        What the batches run on; its `memory` holds what the optimizer remembers.
    """

    def __init__(self, net: Net, X: Any, y: Any, options: Options) -> None:
        self.net, self.options = net, options
        net._wiring = None  # look at every number anew: some may have been set since
        self.samples = Samples(X, len(net._wired.inputs.neurons), check=False)  # the engines do that
        loss = net.loss if options.loss is None else get_loss(options.loss)
        loss.check(net._wired.output.activation)
        classes = net.classes or text_classes(y, loss)
        self.encoder = encoder_for(net, loss, classes)
        self.targets = self.encoder.encode_all(y, len(self.samples))
        self.validation = self._read("validation_data", options.validation_data)
        watched = self._read("watch", options.watch)
        self.watched = watched[0] if watched else None
        self.batches = Batches(
            self.samples, self.targets, self.encoder, options.batch_size, options.shuffle, options.seed
        )
        self.steps_per_epoch = self.batches.per_epoch
        self.epochs = options.epochs
        self.total_steps = self.steps_per_epoch * options.epochs
        self.snapshot_steps = set(snapshot_steps(options.snapshots, self.total_steps))
        self.schedule = get_schedule(options.schedule or "constant")
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
        self.history.watch = Watch(
            list(map(list, self.watched or ())), labels, watched[1] if watched else []
        )
        self.epoch = self.step = 0
        self.learning_rate = options.learning_rate
        self._graph: tuple[object, Graph] | None = None
        self._shape = len(net._wired.inputs.neurons), self.encoder.outputs
        self._seen, self._lost, self._right, self._started = 0, 0.0, 0, 0.0
        self._looked_at = self._hooks()
        self._ahead: list[float] = []  # rates that the schedule has given for the next steps
        self._fault: Exception | None = None  # and what it raised for the one after them
        before = net._loss, net.classes
        if options.loss is not None:
            net.loss = loss
        net.classes = classes
        try:
            self.engine = self._new_engine()
        except Exception:
            net._loss, net.classes = before
            raise

    def _hooks(self) -> set[str]:
        """Return the occasions at which somebody may look at the net."""
        return {
            hook
            for callback in self.callbacks
            for hook in HOOKS
            if callback is not self.bar and has_hook(callback, hook)
        }

    @property
    def _looks_at_epochs(self) -> bool:
        return self.validation is not None or not self._looked_at.isdisjoint(
            ("on_epoch_begin", "on_epoch_end")
        )

    def _new_engine(self) -> Engine:
        options = self.options
        settles = 1
        if "on_step_end" in self._looked_at:
            settles = self.total_steps
        elif self._looks_at_epochs:
            settles = self.epochs
        return training_engine(
            options.engine,
            self.net,
            visits=len(self.samples) * self.epochs,
            settles=settles,
            threads=options.threads,
            batches=self.batches,
            optimizer=get_optimizer(options.optimizer),
            penalties=options.penalties,
            dropout=options.dropout,
            dropconnect=options.dropconnect,
            seed=options.seed,
            alone=not options.callbacks,
        )

    def run(self) -> History:
        """Train to the end, or until something stops it."""
        with _interrupts() as interrupt:
            try:
                self._run_until(interrupt)
                with self._finite():
                    self._snapshot(last=True)
                self._tell("on_fit_end")
            finally:
                self.engine.settle()
        return self.history

    def _run_until(self, interrupt: threading.Event) -> None:
        try:
            self._run(interrupt)
        except KeyboardInterrupt:  # raised by a callback, or where no handler can be set
            if interrupt.is_set():
                raise
            if self._seen and self.step > (self.history.epochs or [_START])[-1].step:
                self._end_epoch(validate=False)
        finally:
            self.bar.close()

    def _run(self, interrupt: threading.Event) -> None:
        self._tell("on_fit_begin")
        stopped = False
        while self.step < self.total_steps and not (stopped or interrupt.is_set()):
            if self.step == self.epoch * self.steps_per_epoch:
                self._start_epoch(time.perf_counter())
                if self._tell("on_epoch_begin"):
                    return
            with self._finite():
                self._snapshot()  # only now: callbacks may have changed the net after the last step
                self._advance()
            stopped = self._tell("on_step_end")
            ends = self.step == self.epoch * self.steps_per_epoch
            if ends or stopped or interrupt.is_set():
                with self._finite():
                    self._end_epoch(validate=not interrupt.is_set())
                stopped = self._tell("on_epoch_end") or stopped

    def _start_epoch(self, now: float) -> None:
        self.epoch += 1
        self._started = now
        self._seen, self._lost, self._right = 0, 0.0, 0

    def _advance(self) -> None:
        """Take as many steps as the engine takes at once and nobody wants to look between."""
        shape = len(self.net._wired.inputs.neurons), len(self.net._wired.output.neurons)
        if shape != self._shape:
            raise InvalidValueError(
                f"{self.net} does not fit the samples any more: inputs and outputs were {self._shape}"
            )
        count = min(self.engine.steps_at_once, self.total_steps - self.step)
        if self._looks_at_epochs:
            count = min(count, self.epoch * self.steps_per_epoch - self.step)
        if "on_step_end" in self._looked_at:
            count = 1
        for step in range(self.step + 1, self.step + count):
            if step in self.snapshot_steps:
                count = step - self.step
                break
        rates = self._rates(count)
        self.learning_rate = rates[0]
        started = time.perf_counter()
        totals, rights = self.engine.advance(self.step + 1, rates)
        self.learning_rate = rates[len(totals) - 1]
        del self._ahead[: len(totals)]
        self._record(totals, rights, started)

    def _rates(self, count: int) -> list[float]:
        """Return the rates of the next steps; of fewer if the schedule fails, which is said later."""
        base, function = self.options.learning_rate, self.schedule.function
        if self.schedule is constant:
            return [base] * count
        rates, name = self._ahead, f"the rate that schedule {self.schedule.name!r} gives"
        while len(rates) < count and self._fault is None:
            epoch = (self.step + len(rates)) / self.steps_per_epoch
            try:
                rates.append(check_number(name, function(base, epoch, self.epochs)))
            except Exception as error:
                self._fault = error
        if self._fault is not None and not rates:
            raise self._fault
        return rates[:count]

    def _record(self, totals: Sequence[float], rights: Sequence[int], started: float) -> None:
        """Write down steps, and the epochs that end among them (but not with them)."""
        history, size = self.history, self.batches.size
        each = (time.perf_counter() - started) / len(totals)
        first = 0
        while first < len(totals):
            left = self.epoch * self.steps_per_epoch - self.step
            if not left:
                now = started + first * each
                self._end_epoch(validate=False, now=now)
                self._start_epoch(now)
                left = self.steps_per_epoch
            last = min(first + left, len(totals))
            sizes = [size] * (last - first)
            if last - first == left:
                sizes[-1] = len(self.samples) - (self.steps_per_epoch - 1) * size
            losses = totals[first:last]
            history.loss += map(truediv, losses, sizes)
            for loss in losses:
                self._lost += loss
            if self.encoder.has_classes:
                history.accuracy += map(truediv, rights[first:last], sizes)
                self._right += sum(rights[first:last])
            self._seen += sum(sizes)
            self.step += last - first
            first = last

    @property
    def epoch_loss(self) -> float:
        """The mean loss over the samples of this epoch so far."""
        return self._lost / self._seen if self._seen else 0.0

    @property
    def epoch_accuracy(self) -> float | None:
        """The share of the samples of this epoch so far that was predicted right."""
        return self._right / max(self._seen, 1) if self.encoder.has_classes else None

    def _end_epoch(self, validate: bool, now: float | None = None) -> None:
        loss = accuracy = None
        if self.validation is not None and validate:
            samples, targets = self.validation
            loss, accuracy = judge(self.engine.outputs(samples), targets, self.encoder)
        self.history.epochs.append(
            EpochRecord(
                self.epoch,
                self.step,
                self.epoch_loss,
                self.epoch_accuracy,
                loss,
                accuracy,
                (now or time.perf_counter()) - self._started,
            )
        )

    def _snapshot(self, last: bool = False) -> None:
        kept = self.history.snapshots
        wanted = bool(self.snapshot_steps) if last else self.step in self.snapshot_steps
        if not wanted or (kept and kept[-1].step == self.step):
            return
        if self._graph is None or self._graph[0] is not self.net._wired:
            self._graph = (self.net._wired, Graph.of(self.net))
        watch = self.history.watch
        epoch = self.step / self.steps_per_epoch
        snapshot = self.engine.take(self.step, epoch, self.watched, self._graph[1])
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
        looked_at = hook in self._looked_at
        if looked_at:
            self.engine.settle()
        stop = False
        try:
            for callback in self.callbacks:
                method = getattr(callback, hook, None)
                stop = bool(method is not None and method(self)) or stop
        finally:
            if looked_at:
                self.engine.refresh()
                self._looked_at = self._hooks()  # there may be other ones now
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
        weight = getattr(error, "weight", None) or _first_concerned(self.net)
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
