"""The start of a training: from a net as it is, or from a state of an earlier training."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from slownet.engines import training_engine
from slownet.functions import plain_sgd
from slownet.functions.derivatives import check_derivatives
from slownet.functions.description import describe
from slownet.recording import History, Snapshot, snapshot_steps
from slownet.training.hooks import disturbs

if TYPE_CHECKING:
    from slownet.engines import Engine
    from slownet.engines.protocol import Memory
    from slownet.objects import Net
    from slownet.training.data import TrainingData
    from slownet.training.options import Options
    from slownet.training.progress import Progress


@dataclass(frozen=True)
class Start:
    """The state from which a training continues another one.

    Attributes
    ----------
    snapshot : Snapshot
        The state; the net must hold its numbers.
    history : History or None
        The history of the other training; None for steps that are only repeated.
    is_branch : bool
        Whether the training begins a new history instead of continuing that one.
    data : (X, y) or (X, y, sample_weight) or None
        The data of the other training, where they may be others than those of this one.
    last_step : int or None
        The step up to which steps are repeated, which may be behind the last epoch.
    """

    snapshot: Snapshot
    history: History | None = None
    is_branch: bool = False
    data: tuple[Any, ...] | None = None
    last_step: int | None = None

    @property
    def continued(self) -> History | None:
        """The history that the training continues, or None."""
        return None if self.is_branch else self.history


def starting_memory(net: Net, options: Options, start: Start | None) -> tuple[Options, Memory]:
    """Return the options, and the optimizer's memory at the start."""
    if start is not None:
        return options, start.snapshot.memory(net)
    if options.warm_start and net.optimizer_state is not None:
        return options.after(net.optimizer_state), net.optimizer_state.checked_memory()
    return options, {}


def leave_memory(net: Net, options: Options, step: int, engine: Engine) -> None:
    """Leave the optimizer's memory after a step in the net, for a next warm start.

    It is read from the engine only then: the compiled one makes a dict of it.
    """
    net.optimizer_state = None
    if options.warm_start and options.optimizer is not plain_sgd:
        from slownet.recording import OptimizerState

        step += options.steps_before
        net.optimizer_state = OptimizerState(options.optimizer, step, dict(engine.memory))


def planned_snapshots(options: Options, total_steps: int, start: Start | None) -> set[int]:
    """Return the steps at which to take snapshots; a branch with snapshots has one of its start, too."""
    planned = set(snapshot_steps(options.snapshots, total_steps))
    if planned and start is not None and start.is_branch:
        planned.add(start.snapshot.step)
    return planned


def starting_history(
    net: Net, data: TrainingData, options: Options, planned: set[int], start: Start | None
) -> History:
    """Return the history that the training will add to."""
    history = start.continued if start is not None else None
    if history is None:
        history = _new_history(net, data, options)
        if start is not None and start.history is not None:
            _make_branch(history, start.history, start.snapshot.step, data.batches.per_epoch)
    else:
        _drop_partial_records(history, data, planned)
    history.net = net
    pairs = {name: getattr(options, name) for name in ("watch", "validation_data", "test_data")}
    history.given = {"data": data.given, **pairs}
    return history


def _new_history(net: Net, data: TrainingData, options: Options) -> History:
    activations = [layer.activation for layer in net if layer.activation]
    own = [formula for formula in (data.loss, *activations) if "own" in describe(formula)]
    return History(
        config={**options.config(), "loss": describe(data.loss)},
        classes=None if data.classes is None else list(data.classes),
        target_kind=data.loss.target_kind,
        watch=data.watch.copy(),
        data=data.described(),
        formulas=own + options.own_formulas,
        source=options.source,
    )


def _make_branch(history: History, parent: History, step: int, per_epoch: int) -> None:
    """Make a history that of a branch, with the records of the whole epochs before it.

    Where the branch has other epochs, because its batches are of another size, it has none of them.
    """
    history.start, history.parent = step, {"id": parent.id, "step": step}
    known = {record.epoch: record for record in parent.epochs if record.step == record.epoch * per_epoch}
    epochs = range(step // per_epoch, 0, -1)
    history.epochs = [known[epoch] for epoch in takewhile(known.__contains__, epochs)][::-1]


def _drop_partial_records(history: History, data: TrainingData, planned: set[int]) -> None:
    """Drop what an interruption added: the record of an unfinished epoch, an unplanned snapshot."""
    last, steps_per_epoch = history.last_step, data.batches.per_epoch
    if history.epochs:
        record = history.epochs[-1]
        is_whole = record.step == record.epoch * steps_per_epoch
        is_validated = data.validation is None or record.validation_loss is not None
        if record.step > history.start and not (is_whole and is_validated):
            del history.epochs[-1]
    history.snapshots = [
        snapshot for snapshot in history.snapshots if snapshot.step < last or snapshot.step in planned
    ]


def new_engine(
    net: Net, data: TrainingData, options: Options, memory: Memory, progress: Progress, writebacks: float
) -> Engine:
    """Set loss, classes and preparation of the net and return an engine; after an error, reset them.

    `writebacks` is how often in a step the engine will write to the objects. Derivatives are checked
    first.
    """
    activations = [layer.activation for layer in net if layer.activation]
    check_derivatives([*activations, data.loss, *(each for each, _ in options.penalties)])
    before = net.explicit_loss, net.classes, net.preparation
    if options.loss is not None:
        net.loss = options.loss
    net.classes, net.preparation = data.classes, data.preparation
    try:
        return training_engine(
            options.engine,
            net,
            first_step=progress.step + 1,
            last_step=progress.last_step,
            writebacks=writebacks,
            threads=options.threads,
            batches=data.batches,
            optimizer=options.continued_optimizer,
            penalties=options.penalties,
            dropout=options.dropout,
            dropconnect=options.dropconnect,
            clip_norm=options.clip_norm,
            clip_value=options.clip_value,
            alpha=options.alpha,
            seed=options.seed,
            undisturbed=not any(map(disturbs, options.callbacks)),
            memory=memory,
        )
    except Exception:
        net.explicit_loss, net.classes, net.preparation = before
        raise
