"""The history of a training: the loss of every step, a record of every epoch, and snapshots."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.checks import check_integer, check_path
from slownet.errors import InvalidValueError
from slownet.recording.graph import Graph
from slownet.recording.measures import test_text
from slownet.recording.opened_once import opened_once
from slownet.recording.shortcuts import HistoryShortcuts
from slownet.recording.snapshot import Snapshot
from slownet.version import ARITHMETIC

if TYPE_CHECKING:
    from slownet.graph_checks import WeightId
    from slownet.objects import Net

SNAPSHOTS_HINT = "train with net.fit(X, y, snapshots=100, watch=(X[:10], y[:10]))"
FACT = {"fact": True}  # marks the fields that every file of a training holds; see `facts`


@dataclass(frozen=True)
class EpochRecord:
    """The losses, accuracies and duration of one epoch.

    Attributes
    ----------
    epoch : int
        Counted from 1.
    step : int
        The last step of the epoch.
    loss, accuracy : float, float or None
        The training loss and training accuracy: means over the epoch's batches, each as it was before
        its own update; no accuracy for regression.
    validation_loss, validation_accuracy : float or None
        After the epoch, over all of `validation_data`.
    seconds : float
        Wall time, validation included.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> history = NetFactory([1, 2, 1], seed=0).new().fit([[0.0], [1.0]], [0, 1], epochs=3)
    >>> last = history.epochs[-1]
    >>> last.epoch, last.step, last.loss < history.epochs[0].loss, last.validation_loss
    (3, 3, True, None)
    """

    epoch: int
    step: int
    loss: float
    accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float


@dataclass(frozen=True)
class Watch:
    """The samples that every snapshot watches.

    Attributes
    ----------
    samples : list of list of float
        Copies of the inputs; with `net.preparation`, in the units of its table.
    labels : list
        Their targets as the user gave them.
    targets : list of list of float
        The same targets as one number for each output neuron, as the outputs are compared with them.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> X, y = [[0.0], [1.0]], ["no", "yes"]
    >>> history = NetFactory([1, 2, 1], seed=0).new().fit(X, y, snapshots=2, watch=(X, y))
    >>> history.watch.labels, history.watch.targets
    (['no', 'yes'], [[0.0], [1.0]])
    """

    samples: list[list[float]] = field(default_factory=list)
    labels: list[Any] = field(default_factory=list)
    targets: list[list[float]] = field(default_factory=list)

    def copy(self) -> Watch:
        """Return a copy, which can be changed without changing this one."""
        labels = [list(label) if isinstance(label, list) else label for label in self.labels]
        return Watch(list(map(list, self.samples)), labels, list(map(list, self.targets)))


@dataclass(eq=False)
class History(HistoryShortcuts):
    """The record of a training, in memory or in a run file.

    Attributes
    ----------
    loss : list of float
        The mean loss of each step's batch, before its update: sum(w * loss) / sum(w) where samples have
        weights.
    accuracy : list of float
        The share of each step's batch that was predicted correctly, before its update; empty for
        regression.
    epochs : list of EpochRecord
        One record for each epoch.
    snapshots : sequence of Snapshot
        In the order of their steps; those of a run file are read when they are used.
    watch : Watch
        The watched samples.
    test : dict or None
        What the trained net made of `test_data`: `samples`, how many they are; `loss`, their mean loss;
        `accuracy`, the share of correct predictions, None for regression; `error`, how far a prediction
        is off on average, for regression; `step`, the step of the net, which is not the last one where
        early stopping restored an earlier epoch.
    config : dict
        The arguments of `fit` as plain values; see `options`.
    data : dict
        How many samples, inputs and outputs there were, and `validation_samples`; and for a training
        with snapshots or a run file a fingerprint of X and y, and of weights of samples or classes.
    classes : list or None
        The class labels, where they are not simply 0, 1, 2, ...
    target_kind : str
        The kind of target the loss takes: "class", "binary", "sign" or "number".
    start : int
        The step of its first state: 0, or for a branch the step from which it branches.
    id : str
        The unique name of this run.
    parent : dict or None
        The `id` of the run that this one is a branch of, and the `step` from which it branches.
    source : dict or None
        The argument `source` of `fit`.
    versions : dict
        The versions of Python, packages and platform, for a history with a file.
    arithmetic : int
        The mark of the arithmetic that trained it, see `slownet.version.ARITHMETIC`; 0 for a file that
        is older than the mark.
    ended : str or None
        "finished", "stopped" (by a callback), "interrupted", "diverged" or "failed"; None while it
        runs, or if it was killed.
    created : str
        The time at which the run file was made.
    path : Path or None
        The run file, if there is one.
    net : Net or None
        The net that was trained; None for a history that was read from a file.
    formulas : list
        The formulas of the training that are not built in; no file can hold them.
    given : dict
        The data that were given to `fit`, by its arguments; no file, copy or pickle has them.

    Examples
    --------
    >>> from slownet import History, NetFactory
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> history = net.fit(X, y, epochs=3, snapshots=5, watch=(X[:5], y[:5]))
    >>> history.last_step, len(history.epochs), history.snapshot_steps
    (6, 3, [0, 2, 3, 4, 6])
    >>> len(history.weight(2, (0, 0)))  # in each snapshot
    5
    >>> history.at(2).weight(2, (0, 0)) == history.weight(2, (0, 0))[1]
    True
    >>> path = history.to_json("moons.json")
    >>> History.from_json(path).loss == history.loss
    True
    """

    id: str = field(default_factory=lambda: os.urandom(16).hex(), metadata=FACT)
    parent: dict[str, Any] | None = field(default=None, metadata=FACT)
    created: str = field(default="", metadata=FACT)
    versions: dict[str, str] = field(default_factory=dict, metadata=FACT)
    arithmetic: int = field(default=ARITHMETIC, metadata=FACT)
    ended: str | None = field(default=None, metadata=FACT)
    source: dict[str, Any] | None = field(default=None, metadata=FACT)
    config: dict[str, Any] = field(default_factory=dict, metadata=FACT)
    data: dict[str, Any] = field(default_factory=dict, metadata=FACT)
    target_kind: str = field(default="number", metadata=FACT)
    start: int = field(default=0, metadata=FACT)
    classes: list[Any] | None = field(default=None, metadata=FACT)
    test: dict[str, Any] | None = field(default=None, metadata=FACT)
    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    epochs: list[EpochRecord] = field(default_factory=list)
    snapshots: Sequence[Snapshot] = field(default_factory=list)
    watch: Watch = field(default_factory=Watch)
    path: Path | None = None
    net: Net | None = None
    formulas: list[Any] = field(default_factory=list)
    given: dict[str, tuple[Any, Any] | None] = field(default_factory=dict, init=False, repr=False)
    _last_step: int | None = field(default=None, init=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "given": {}}

    @classmethod
    def open(cls, path: str | os.PathLike[str], formulas: Iterable[Any] = ()) -> History:
        """Read the history in a run file, also while a training is writing it.

        Parameters
        ----------
        path : str or path
            The file that `fit(record=...)` or `slownet train --run` wrote.
        formulas : iterable of formulas
            The run's activations, losses and so on that are not built in: no file can hold them.

        Raises
        ------
        FormatError
            If it is no run file, is damaged, or was written by a newer slownet.
        FileError
            If it cannot be read; a MissingFileError where there is none.
        RecordingError
            If another process has locked it against readers.
        """
        from slownet.recording import runfile

        return runfile.read(check_path(path).absolute(), list(formulas))

    @classmethod
    def from_json(cls, path: str | os.PathLike[str], formulas: Iterable[Any] = ()) -> History:
        """Read the history that `to_json` wrote; see `slownet.recording.trainingfile.from_json`."""
        from slownet.recording import trainingfile

        return trainingfile.from_json(path, formulas)

    def to_json(self, path: str | os.PathLike[str]) -> Path:
        """Write the whole training as JSON; see `slownet.recording.trainingfile.to_json`."""
        from slownet.recording import trainingfile

        return trainingfile.to_json(self, path)

    @property
    def options(self) -> dict[str, Any]:
        """The arguments of `fit`: numbers as they are, formulas by their names."""
        return {
            key: value["name"] if isinstance(value, dict) and "name" in value else value
            for key, value in self.config.items()
        }

    @property
    def steps(self) -> list[int]:
        """The number of each step: step k leads to the state after k updates, and 0 is the start."""
        return list(range(self.start + 1, self.last_step + 1))

    @property
    def last_step(self) -> int:
        """The number of the last step, whatever has been done to the list of losses since."""
        return self.start + len(self.loss) if self._last_step is None else self._last_step

    def at(self, step: int) -> Snapshot:
        """Return the snapshot of a step; `rewind` gives the net of any other.

        Raises
        ------
        ValueError
            If there is none; the message names the nearest.
        """
        step = check_integer("step", step)
        self._kept()
        steps = self.snapshot_steps
        if step not in steps:
            near = min(steps, key=lambda each: abs(each - step))
            raise InvalidValueError(f"no snapshot of step {step}: the nearest is of step {near}")
        return self.snapshots[steps.index(step)]

    @property
    def snapshot_steps(self) -> list[int]:
        """The steps of the snapshots."""
        known = getattr(self.snapshots, "steps", None)
        return [snapshot.step for snapshot in self.snapshots] if known is None else list(known)

    @property
    def graph(self) -> Graph | None:
        """The graph of the last state that was kept; None if there is none."""
        if self.snapshots:
            return self.snapshots[-1].graph
        if self.net is not None:
            return Graph.of(self.net)
        state = self.last_state()
        return state.graph if state else None

    @opened_once()
    def last_state(self, before: int | None = None) -> Snapshot | None:
        """Return the last state that was kept, or the last one up to a step."""
        steps = [step for step in self.snapshot_steps if before is None or step <= before]
        found = self.at(steps[-1]) if steps else None
        if self.path is not None:
            from slownet.recording import runfile

            for state in runfile.states(self.path, self.formulas):
                if (before is None or state.step <= before) and (
                    found is None or state.step > found.step
                ):
                    found = state
        return found

    def restore(self) -> Net:
        """Build the net of the last state that was kept; if training has ended, that of the last step.

        Where early stopping restored an earlier epoch, `rewind` returns the net of that.

        Raises
        ------
        ValueError
            If no state was kept.
        """
        state = self.last_state()
        if state is None:
            raise InvalidValueError("no state was kept: fit with snapshots=2 or more, or record=")
        return state.restore()

    def weight(self, layer: int, weight_id: WeightId) -> list[float]:
        """Return one weight over training, in every snapshot, by the layer it goes to and its id.

        Raises
        ------
        ValueError
            If there are no snapshots, or one has no such weight.
        """
        return [snapshot.weight(layer, weight_id) for snapshot in self._kept()]

    def bias(self, layer: int, neuron: int) -> list[float]:
        """Return the bias of a neuron over training, in every snapshot; errors as for `weight`."""
        return [snapshot.bias(layer, neuron) for snapshot in self._kept()]

    def neuron(self, layer: int, neuron: int) -> list[list[tuple[float, float]]]:
        """Return the (z, value) of a neuron over training: [snapshot][watched sample].

        Raises
        ------
        ValueError
            If there are no snapshots or no watched samples, or one has no such neuron.
        """
        if not self.watch.samples:
            raise InvalidValueError("this history has no watched samples: " + SNAPSHOTS_HINT)
        return [
            [snapshot.neuron(layer, neuron, sample) for sample in range(len(snapshot.zs))]
            for snapshot in self._kept()
        ]

    def _kept(self) -> Sequence[Snapshot]:
        """Return the snapshots; ValueError if there are none."""
        if not self.snapshots:
            raise InvalidValueError("this history has no snapshots: " + SNAPSHOTS_HINT)
        return self.snapshots

    def add_steps(self, first: int, losses: Sequence[float], accuracies: Sequence[float]) -> None:
        """Add the loss, and for classes the accuracy, of the next steps; see `Sink`."""
        self._last_step = first + len(losses) - 1
        self.loss += losses
        self.accuracy += accuracies

    def add_epoch(self, record: EpochRecord) -> None:
        """Add the record of an epoch; see `Sink`."""
        self.epochs.append(record)

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Add a snapshot; see `Sink`."""
        if not isinstance(self.snapshots, list):
            self.snapshots = list(self.snapshots)
        self.snapshots.append(snapshot)

    def add_test(self, test: dict[str, Any]) -> None:
        """Set how right the trained net is about the test samples; see `Sink`."""
        self.test = test

    def __repr__(self) -> str:
        last = f", loss {self.loss[0]:.4g} -> {self.loss[-1]:.4g}" if self.loss else ""
        tested = f", {test_text(self)}" if self.test else ""
        return (
            f"History({self.last_step - self.start} steps, {len(self.epochs)} epochs, "
            f"{len(self.snapshots)} snapshots{last}{tested})"
        )
