"""The training loop: epochs of batches, and everything that watches them."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from math import isfinite
from operator import truediv
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from slownet.checks import check_number
from slownet.engines import training_engine
from slownet.errors import DivergedError, InvalidValueError, RecordingError
from slownet.functions import Loss, plain_sgd
from slownet.functions.description import describe
from slownet.functions.schedules import constant
from slownet.recording import (
    EpochRecord,
    Graph,
    History,
    Snapshot,
    TrainingState,
    Watch,
    snapshot_steps,
)
from slownet.samples import (
    Batches,
    Samples,
    as_list,
    check_recordable,
    column_names,
    fingerprint,
    text_classes,
)
from slownet.training.callbacks import HOOKS, EarlyStopping, ProgressBar, has_hook
from slownet.training.prediction import judge

if TYPE_CHECKING:
    from slownet.engines import Engine
    from slownet.objects import Net, Neuron, Weight
    from slownet.recording.recorder import Recorder
    from slownet.training.options import Options

_START = EpochRecord(0, 0, 0.0, None, None, None, 0.0)


@dataclass(frozen=True)
class Start:
    """Where a training begins that is not new.

    Attributes
    ----------
    snapshot : Snapshot
        The state to go on from; the net must hold its numbers.
    past : History or None
        What was kept until there.
    branches : bool
        Whether this is to be another run than that one.
    """

    snapshot: Snapshot
    past: History | None = None
    branches: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether the history of the past is to be continued."""
        return self.past is not None and not self.branches


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
    engine : Engine
        What the batches run on; its `memory` holds what the optimizer remembers.

    Parameters
    ----------
    net, X, y, options
        As for `fit`.
    start : Start, optional
        Where to begin, if not with new weights.
    """

    def __init__(
        self,
        net: Net,
        X: Any,
        y: Any,
        options: Options,
        start: Start | None = None,
    ) -> None:
        memory: dict[Weight | Neuron, tuple[float, float]] = {}
        if start is not None:
            memory = start.snapshot.memory(net)
        elif options.warm_start and net.optimizer_state is not None:
            memory = dict(net.optimizer_state.memory)
            options = options.after(net.optimizer_state)
        self.net, self.options, self.data, self._start = net, options, (X, y), start
        net.rewire()  # look at every number anew: some may have been set since
        self.samples = Samples(X, len(net.wiring.inputs.neurons), check=False)  # the engines do that
        loss = net.loss if options.loss is None else options.loss
        loss.check(net.wiring.output.activation)
        classes = net.classes or text_classes(y, loss)
        self.encoder = net.encoder(loss, classes)
        self.targets = self.encoder.encode_all(y, len(self.samples))
        given, watch = options.validation_data, options.watch
        self.validation = None if given is None else self.read("validation_data", given)
        watched = None if watch is None else self.read("watch", watch)
        self.watched = watched[0] if watched else None
        self.batches = Batches(
            self.samples, self.targets, self.encoder, options.batch_size, options.shuffle, options.seed
        )
        self.steps_per_epoch = self.batches.per_epoch
        self.epochs = options.epochs
        self.total_steps = self.steps_per_epoch * options.epochs
        self.snapshot_steps = set(snapshot_steps(options.snapshots, self.total_steps))
        self.schedule = options.schedule
        self.bar = ProgressBar(options.progress)
        stopping: Any = options.early_stopping
        self.callbacks = [*([stopping] if stopping else []), *options.callbacks, self.bar]
        past = start.past if start is not None and start.goes_on else None
        self.history = self._new_history(loss, classes, watched) if past is None else self._go_on(past)
        self.history.net = net
        self.epoch = self.step = 0
        self.learning_rate = options.learning_rate
        self._graph: tuple[tuple[object, ...], Graph] | None = None
        self._shape = len(net.wiring.inputs.neurons), self.encoder.outputs
        self._seen, self._lost, self._right, self._started = 0, 0.0, 0, 0.0
        self._ended = 0.0, 0  # what was lost, and how many were right, in the epoch before
        self._looked_at = self._hooks()
        if start is not None:
            self._stand_at(start.snapshot)
        self._ahead: list[float] = []  # rates that the schedule has given for the next steps
        self._fault: Exception | None = None  # and what it raised for the one after them
        before = net.explicit_loss, net.classes
        if options.loss is not None:
            net.loss = loss
        net.classes = classes
        try:
            self.engine = self._new_engine(memory)
        except Exception:
            net.explicit_loss, net.classes = before
            raise

    def _hooks(self) -> set[str]:
        """Return the occasions at which somebody may look at the net's objects."""
        return {
            hook
            for callback in self.callbacks
            for hook in HOOKS
            if callback is not self.bar and hook != "on_progress" and has_hook(callback, hook)
        }

    @property
    def _is_touched(self) -> bool:
        """Whether callbacks may change the net on the way, so that steps cannot be repeated without."""
        return not self._looked_at.isdisjoint(("on_epoch_begin", "on_step_end", "on_epoch_end"))

    @property
    def _looks_at_epochs(self) -> bool:
        return self.validation is not None or not self._looked_at.isdisjoint(
            ("on_epoch_begin", "on_epoch_end")
        )

    def _new_history(
        self, loss: Loss, classes: list[Any] | None, watched: tuple[Samples, list[list[float]]] | None
    ) -> History:
        options = self.options
        labels = as_list(options.watch[1], "watch") if options.watch else []
        activations = [layer.activation for layer in self.net.layers.values() if layer.activation]
        own = [formula for formula in (loss, *activations) if "own" in describe(formula)]
        history = History(
            {**options.config(), "loss": describe(loss)},
            classes,
            loss.target_kind,
            watch=Watch(list(map(list, self.watched or ())), labels, watched[1] if watched else []),
            data={
                "samples": len(self.samples),
                "inputs": self.samples.width,
                "outputs": self.encoder.outputs,
                **column_names(self.data[0]),
            },
            formulas=own + options.own_formulas,
            source=options.source,
        )
        if self._start is not None and self._start.past is not None:
            step, past = self._start.snapshot.step, self._start.past
            history.start, history.parent = step, {"id": past.id, "step": step}
            history.epochs = [record for record in past.epochs if record.step <= step]
            self.snapshot_steps |= {step} if self.snapshot_steps else set()
        return history

    def _go_on(self, past: History) -> History:
        """Leave out what an interruption has added: half a record of an epoch, an unplanned snapshot."""
        last = past.last_step
        past.epochs = [
            each
            for each in past.epochs
            if each.step == each.epoch * self.steps_per_epoch
            and (self.validation is None or each.validation_loss is not None)
        ]
        past.snapshots = [
            each for each in past.snapshots if each.step < last or each.step in self.snapshot_steps
        ]
        return past

    def _stand_at(self, start: Snapshot) -> None:
        """Begin there and not with step 1."""
        self.step = start.step
        epochs, steps = divmod(start.step, self.steps_per_epoch)
        self.epoch = epochs + bool(steps)
        self._seen = min((steps or self.steps_per_epoch) * self.batches.size, len(self.samples))
        if start.state is not None:
            self._lost, self._right = start.state.lost, start.state.right
        self._started = time.perf_counter()

    def _new_engine(self, memory: dict[Weight | Neuron, tuple[float, float]]) -> Engine:
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
            writebacks=settles,
            threads=options.threads,
            batches=self.batches,
            optimizer=options.continued_optimizer,
            penalties=options.penalties,
            dropout=options.dropout,
            dropconnect=options.dropconnect,
            seed=options.seed,
            undisturbed=not options.callbacks,
            memory=memory,
        )

    def run(self) -> History:
        """Train to the end, or until something stops it."""
        ended = "failed"
        aside = self._find_fingerprint()
        try:
            with _interrupts() as interrupt:
                if self.options.record is not None:
                    self._record_into(Path(self.options.record).absolute())
                try:
                    ended = self._run_until(interrupt)
                    with self._finite():
                        self._snapshot(last=True)
                    self._keep(last=True)
                    self._tell("on_fit_end")
                except DivergedError:
                    ended = "diverged"
                    raise
                finally:
                    self.engine.write_back()
        except RecordingError as error:
            if self.history.recorder is not None:  # else nothing was kept
                error.history = error.history or self.history
            raise
        finally:
            self._close(ended)
            if aside is not None:
                aside.join()
        self._leave_memory()
        return self.history

    def _find_fingerprint(self) -> threading.Thread | None:
        """Find out while training goes on what tells these data from others, for pages that show it."""
        if self.options.snapshots is None or self.options.record is not None or "X" in self.history.data:
            return None

        def find() -> None:
            self.history.data |= self._fingerprints()

        thread = threading.Thread(target=find, name="slownet fingerprint", daemon=True)
        thread.start()
        return thread

    def _leave_memory(self) -> None:
        options, rule = self.options, self.options.optimizer
        self.net.optimizer_state = None
        if options.warm_start and rule is not plain_sgd:
            from slownet.recording import OptimizerState

            step = options.steps_before + self.step
            self.net.optimizer_state = OptimizerState(rule, step, dict(self.engine.memory))

    def finish(self) -> History:
        """Leave the net as the training left it that has ended here."""
        self._recall()
        stopping = self.options.early_stopping
        if isinstance(stopping, EarlyStopping):
            stopping.on_fit_end(self)
        return self.history

    def run_to(self, step: int) -> None:
        """Train up to a step, telling nobody and keeping only losses: what was trained before."""
        while self.step < step:
            if self.step == self.epoch * self.steps_per_epoch:
                self._start_epoch(time.perf_counter())
            with self._finite():
                self._advance(step - self.step)
        self.engine.write_back()

    def state(self) -> Snapshot:
        """Return everything that is needed to go on from here."""
        snapshot = self.engine.take(self.step, self._epochs_done, None, self._current_graph())
        return self._with_progress(snapshot)

    def _record_into(self, path: Path) -> None:
        from slownet.recording import runfile
        from slownet.recording.recorder import Recorder

        history = self.history
        check_recordable("classes", history.classes)
        check_recordable("the targets of watch", history.watch.labels)
        recorder: Recorder
        if self._goes_on:
            recorder = history.recorder = Recorder.existing(path, history.last_step)
            recorder.forget_after(self.step, len(history.epochs), self.snapshot_steps)
            recorder.put("config", history.config)
        else:
            recorder = history.recorder = Recorder.new(path, history.start)
            recorder.about(lambda: self._known(runfile.about(history)))
            recorder.watch(history.watch)
            for record in history.epochs:  # those of the parent
                recorder.epoch(record)
        recorder.put("ended", None)
        recorder.state(self.state())
        recorder.commit()
        history.path = path

    def _known(self, about: dict[str, Any]) -> dict[str, Any]:
        self.history.data |= self._fingerprints()
        return {**about, "data": self.history.data}

    def _fingerprints(self) -> dict[str, str]:
        """Return what tells these data from others."""
        found = fingerprint(self.samples, self.targets)
        if self.validation is not None:
            seen = fingerprint(*self.validation)
            found |= {f"validation_{name}": digest for name, digest in seen.items()}
        return found

    def _keep(self, last: bool = False) -> None:
        """Make safe what has happened so far, if it is time for that."""
        recorder = self.history.recorder
        if recorder is not None and (last or recorder.is_due):
            if last or recorder.state_is_due or self._is_touched:
                recorder.state(self.state())
            recorder.commit()

    def _close(self, ended: str) -> None:
        history, recorder = self.history, self.history.recorder
        history.ended = ended
        if recorder is None:
            return
        history.recorder = None
        try:
            recorder.close(ended, complete=ended != "failed" or not self._is_touched)
        except RecordingError as error:
            error.history = history
            raise

    def _run_until(self, interrupt: threading.Event) -> str:
        try:
            return self._run(interrupt)
        except KeyboardInterrupt:  # raised by a callback, or where no handler can be set
            if interrupt.is_set():
                raise
            if self._seen and self.step > (self.history.epochs or [_START])[-1].step:
                self._end_epoch(validate=False)
            return "interrupted"
        finally:
            self.bar.close()

    def _run(self, interrupt: threading.Event) -> str:
        self._tell("on_fit_begin")
        stopped = self._recall() or (self._epoch_is_owed and self._finish_epoch(interrupt))
        while self.step < self.total_steps and not (stopped or interrupt.is_set()):
            if self.step == self.epoch * self.steps_per_epoch:
                self._start_epoch(time.perf_counter())
                if self._tell("on_epoch_begin"):
                    return "stopped"
            with self._finite():
                self._snapshot()  # only now: callbacks may have changed the net after the last step
                self._keep()
                self._advance(self.total_steps - self.step)
            stopped = self._tell("on_step_end")
            stopped = self._tell("on_progress") or stopped
            ends = self.step == self.epoch * self.steps_per_epoch
            if ends or stopped or interrupt.is_set():
                stopped = self._finish_epoch(interrupt) or stopped
        if self.step == self.total_steps:
            return "finished"
        return "stopped" if stopped else "interrupted"

    @property
    def _epoch_is_owed(self) -> bool:
        """Whether the training was stopped after the last step of an epoch, before its record."""
        complete = self.step == self.epoch * self.steps_per_epoch
        return self._goes_on and complete and len(self.history.epochs) < self.epoch

    def _finish_epoch(self, interrupt: threading.Event) -> bool:
        with self._finite():
            self._end_epoch(validate=not interrupt.is_set())
        return self._tell("on_epoch_end")

    @property
    def _goes_on(self) -> bool:
        return self._start is not None and self._start.goes_on

    def _recall(self) -> bool:
        """Let early stopping remember the epochs before; return whether they were enough."""
        stopping, start = self.options.early_stopping, self._start
        if not isinstance(stopping, EarlyStopping) or start is None or start.past is None:
            return False
        past, data = start.past, self.data
        return stopping.recall(self.history.epochs, lambda step: past.rewind(step, data))

    def _start_epoch(self, now: float) -> None:
        self.epoch += 1
        self._started = now
        self._ended = self._lost, self._right
        self._seen, self._lost, self._right = 0, 0.0, 0

    def _advance(self, most: int) -> None:
        """Take as many steps as the engine takes at once and nobody wants to look between."""
        shape = len(self.net.wiring.inputs.neurons), len(self.net.wiring.output.neurons)
        if shape != self._shape:
            raise InvalidValueError(
                f"{self.net} does not fit the samples any more: inputs and outputs were {self._shape}"
            )
        count = min(self.engine.steps_at_once, most)
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
            accuracies: list[float] = []
            for loss in losses:
                self._lost += loss
            if self.encoder.has_classes:
                accuracies = list(map(truediv, rights[first:last], sizes))
                self._right += sum(rights[first:last])
            history.add_steps(list(map(truediv, losses, sizes)), accuracies)
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
        self.history.add_epoch(
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
        watch = self.history.watch
        graph = self._current_graph()
        snapshot = self.engine.take(self.step, self._epochs_done, self.watched, graph)
        if watch.samples:
            output = max(snapshot.graph.layers)
            outputs = [snapshot.layer_values(output, place) for place in range(len(watch.samples))]
            loss, accuracy = judge(outputs, watch.targets, self.encoder)
            snapshot = replace(snapshot, watch_loss=loss, watch_accuracy=accuracy)
        self.history.add_snapshot(self._with_progress(snapshot))

    @property
    def _epochs_done(self) -> float:
        return self.step / self.steps_per_epoch

    def _with_progress(self, snapshot: Snapshot) -> Snapshot:
        begins = self.step == (self.epoch - 1) * self.steps_per_epoch
        lost, right = self._ended if begins else (self._lost, self._right)
        state = replace(snapshot.state or TrainingState(), lost=lost, right=right)
        return replace(snapshot, state=state)

    def _current_graph(self) -> Graph:
        net = self.net
        marks = net.wiring, net.explicit_loss, net.classes
        if self._graph is None or self._graph[0] != marks:
            self._graph = marks, Graph.of(net)
        return self._graph[1]

    def read(self, name: str, pair: tuple[Any, Any]) -> tuple[Samples, list[list[float]]]:
        """Read other samples than those that are learned from, and their targets."""
        samples = Samples(pair[0], len(self.net.wiring.inputs.neurons), f"{name}[0]")
        return samples, self.encoder.encode_all(pair[1], len(samples), f"{name}[1]")

    def _tell(self, hook: str) -> bool:
        looked_at = hook in self._looked_at
        if looked_at:
            self.engine.write_back()
        stop = failed = False
        try:
            for callback in self.callbacks:
                method = getattr(callback, hook, None)
                stop = bool(method is not None and method(self)) or stop
        except Exception:
            failed = True
            raise
        finally:
            if looked_at:
                self.engine.refresh()
                self._looked_at = self._hooks()  # there may be other ones now
            if failed and hook not in ("on_fit_begin", "on_fit_end"):
                with suppress(Exception):  # who mends the callback can go on from here
                    self._keep(last=True)
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
            self._keep(last=True)
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
    for neuron in net.wiring.output.neurons:
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
