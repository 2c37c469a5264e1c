"""The history of a training: the loss of every step, a record of every epoch, and snapshots."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from slownet.checks import check_integer
from slownet.errors import InvalidValueError
from slownet.recording.snapshot import Snapshot

if TYPE_CHECKING:
    import os
    from pathlib import Path


@dataclass(frozen=True)
class EpochRecord:
    """One epoch: how right the net was while it trained and after it, and how long it took.

    Attributes
    ----------
    epoch : int
        Counted from 1.
    step : int
        The last step of the epoch.
    loss, accuracy : float, float or None
        The mean over the training samples, each as it was before its own update; no accuracy for
        regression.
    validation_loss, validation_accuracy : float or None
        After the epoch, over `validation_data`.
    seconds : float
        Wall time, validation included.
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
        Copies of the inputs.
    labels : list
        Their targets as the user gave them.
    targets : list of list of float
        The same as one number an output neuron.
    """

    samples: list[list[float]] = field(default_factory=list)
    labels: list[Any] = field(default_factory=list)
    targets: list[list[float]] = field(default_factory=list)


@dataclass(eq=False)
class History:
    """Everything that `fit` kept.

    Attributes
    ----------
    steps : list of int
        1, 2, ...: step k leads to the state after k updates; 0 is the start.
    loss : list of float
        The mean loss of each step's batch, before its update.
    accuracy : list of float
        The share of each step's batch that was predicted right, before its update; empty for
        regression.
    epochs : list of EpochRecord
        One an epoch.
    snapshots : list of Snapshot
        In the order of their steps.
    watch : Watch
        The samples they watch.
    options : dict
        What `fit` was asked to do: numbers as they are, formulas by their names.
    classes : list or None
        The class labels, where they are not simply 0, 1, 2, ...
    target : str
        The kind of target the loss takes: "class", "binary", "sign" or "number".
    """

    options: dict[str, Any] = field(default_factory=dict)
    classes: list[Any] | None = None
    target: str = "number"
    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    epochs: list[EpochRecord] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    watch: Watch = field(default_factory=Watch)

    @property
    def steps(self) -> list[int]:
        """The number of each step, from 1."""
        return list(range(1, len(self.loss) + 1))

    def at(self, step: int) -> Snapshot:
        """Return the snapshot of a step.

        Raises
        ------
        ValueError
            If there is none; the message names the nearest.
        """
        step = check_integer("step", step)
        for snapshot in self.snapshots:
            if snapshot.step == step:
                return snapshot
        if not self.snapshots:
            raise InvalidValueError("this history has no snapshots: fit with snapshots=100")
        near = min(self.snapshots, key=lambda snapshot: abs(snapshot.step - step))
        raise InvalidValueError(f"no snapshot of step {step}: the nearest is of step {near.step}")

    def write_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the learning animation as one file that works offline.

        Returns
        -------
        pathlib.Path
            Where it is.
        """
        from slownet import plotting

        return plotting.write_html(plotting.animation(self), path)

    def __repr__(self) -> str:
        last = f", loss {self.loss[0]:.4g} -> {self.loss[-1]:.4g}" if self.loss else ""
        return (
            f"History({len(self.loss)} steps, {len(self.epochs)} epochs, "
            f"{len(self.snapshots)} snapshots{last})"
        )

    def _repr_html_(self) -> str:
        from slownet import display

        return display.history_html(self)
