"""Repeating steps of a training: `rewind` to a step, `resume` after the last one, `branch` from one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slownet.checks import check_integer, check_path, check_type
from slownet.errors import FormatError, InvalidTypeError, InvalidValueError, RecordingError
from slownet.functions.description import describe
from slownet.recording import History, Snapshot
from slownet.recording.arithmetic import check_repeatable
from slownet.recording.json_values import integer, listed
from slownet.recording.opened_once import opened_once
from slownet.samples import fingerprint
from slownet.training.data import TrainingData, check_weighted, data_parts
from slownet.training.loop import Training, fit
from slownet.training.options import MOST, Options
from slownet.training.splitting import split_seed_of
from slownet.training.start import Start

if TYPE_CHECKING:
    from slownet.engines.protocol import Memory
    from slownet.objects import Net

KEPT_NOWHERE = ("validation_data", "test_data", "callbacks", "progress")  # options of fit
MOST_AHEAD = 10**7  # steps that are made because a file plans them
MOST_TIMES = 1000  # of the steps that were made: as many may be planned in any case


def rewind(
    history: History, step: int, data: tuple[Any, ...], engine: str = "auto", threads: int | str = "auto"
) -> Net:
    """Return the net exactly as it was right after a step.

    The nearest state before the step is taken from the history, and the steps between are trained again;
    their losses must be the recorded ones. Weights, biases and gradients, and the state in which the
    last sample of the step's batch left every neuron, are those of the first time, to the last bit, on
    any engine.

    Parameters
    ----------
    history : History
        Of the training.
    step : int
        From `history.start` to `history.last_step`.
    data : (X, y) or (X, y, sample_weight)
        The training data.
    engine, threads
        As for `Net.fit`.

    Returns
    -------
    Net
        A new net.

    Raises
    ------
    ValueError
        If there is no such step.
    RecordingError
        If the arithmetic or the data differ from those of the training, or a loss from the recorded one.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> history = net.fit(X, y, epochs=3, snapshots=5)
    >>> history.rewind(6, (X, y)).weight(2, (0, 0)).value == net.weight(2, (0, 0)).value
    True
    """
    check_type("history", history, History)
    check_repeatable(history)
    return training_at(history, step, data, engine=engine, threads=threads).net


def resume(
    path: str | os.PathLike[str],
    data: tuple[Any, ...],
    epochs: int | None = None,
    *,
    formulas: Iterable[Any] = (),
    **options: Any,
) -> History:
    """Continue a recorded training as if it had never stopped.

    The options are those of the first `fit`, and the file is the same. Weights, losses and snapshots
    will be those of a training that was never stopped, to the last bit; only the seconds differ.

    Parameters
    ----------
    path : str or path
        The run file.
    data : (X, y) or (X, y, sample_weight)
        The training data: the same as before.
    epochs : int, optional
        How many epochs to train in all; by default as many as were planned. A schedule that depends on
        this number continues as if it had always been this one.
    formulas : iterable of formulas
        The training's formulas that are not built in: no file can hold them.
    **options
        Options that no file can hold or that do not change the result, as for `fit`: `validation_data`,
        `test_data`, `callbacks`, `progress`, `engine`, `threads`. The history's `test` is of the net at
        the end: where steps are trained without `test_data`, it is None.

    Returns
    -------
    History
        From the first step on; its `net` is the trained net.

    Raises
    ------
    FileError, FormatError
        If the file cannot be read or written, or is damaged or no run file.
    RecordingError
        If another process is writing it, the arithmetic or the data differ, or it can no longer be
        written while the training is under way.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> import slownet
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> history = net.fit(X, y, epochs=3, record="moons.run")
    >>> len(slownet.resume("moons.run", (X, y), epochs=5).epochs)
    5
    """
    from slownet.recording import database

    path = check_path(path).absolute()
    with opened_once():
        history = History.open(path, formulas)
        check_repeatable(history)
        unknown = set(options) - {*KEPT_NOWHERE, "engine", "threads"}
        if unknown:
            raise InvalidTypeError(
                f"resume goes on as it was begun and takes no {', '.join(sorted(unknown))}; "
                "history.branch() trains with something changed"
            )
        if history.config.get("validates") and options.get("validation_data") is None:
            raise InvalidValueError(
                "this training was validated after every epoch: give validation_data=(X, y) as before"
            )
        X, y, weights = data_parts(data)
        kept = {"progress": True, "watch": _watched(history), "sample_weight": weights}
        given = options_of(history, **{**kept, **options})
        if epochs is not None or history.ended not in ("finished", "stopped"):
            database.check_writable(path)  # before steps are repeated
            history.snapshots = list(history.snapshots)  # training reads them all
        here = training_at(
            history,
            history.last_step,
            data,
            goes_on=True,
            engine=given.engine,
            threads=given.threads,
        )
    _check_validation(history, given, here)
    if history.ended in ("finished", "stopped") and epochs is None:
        return Training(here.net, X, y, given, Start(here.state(), history)).finish()
    if epochs is None:
        _check_plan(history, here)
    else:
        if check_integer("epochs", epochs, minimum=1) * here.steps_per_epoch < history.last_step:
            raise InvalidValueError(
                f"{epochs:,} epochs end at step {epochs * here.steps_per_epoch:,}, but this training "
                f"has gone to step {history.last_step:,}: give more"
            )
        given = replace(given, epochs=epochs)
        until = [history.last_step, history.config["epochs"]]
        earlier = [*history.config.get("earlier", ()), until]
        history.config = {**history.config, "epochs": epochs, "earlier": earlier}
    given = replace(given, record=path)
    return fit(here.net, X, y, given, Start(here.state(), history))


def branch(
    history: History,
    step: int,
    data: tuple[Any, ...],
    edit: Callable[[Net], object] | None = None,
    record: str | os.PathLike[str] | None = None,
    **changes: Any,
) -> History:
    """Train from a step of an earlier training on, with something changed.

    Parameters
    ----------
    history : History
        Of the training.
    step : int
        From `history.start` to `history.last_step`.
    data : (X, y) or (X, y, sample_weight)
        The training data.
    edit : callable, optional
        `edit(net)` changes the net as it was right after the step: sets a weight, removes a neuron, ...
    record : str or path, optional
        A new run file for the branch.
    **changes
        Arguments of `fit` to change: `learning_rate=0.05`, `epochs=20`, ... Another `optimizer` begins
        anew: it does not take over what the one before remembers. With another `seed` the
        samples that `validation_split` holds out stay the same, because the net has been trained on the
        others; they are chosen anew only if `validation_split` is given, too.

    Returns
    -------
    History
        The history of the branch: its `start` is the step, its `parent` names the earlier run, and its
        `net` is the trained net. Without any change it repeats the earlier history from the step on.

    Raises
    ------
    TypeError, ValueError
        If there is no such step, or an argument cannot be used.
    FileError
        If the new file cannot be made.
    RecordingError
        If the new file exists, the arithmetic or the data differ, or it can no longer be written while
        the training is under way.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> history = net.fit(X, y, epochs=3, snapshots=5)
    >>> branch = history.branch(4, (X, y), learning_rate=0.01)
    >>> import slownet
    >>> slownet.compare(history, branch).first_step
    6
    """
    check_type("history", history, History)
    check_repeatable(history)
    here = training_at(history, step, data, goes_on=True)
    state = here.state()
    if history.config.get("validates") and "validation_data" not in changes:
        raise InvalidValueError(
            "this training was validated after every epoch: give validation_data=(X, y), or None"
        )
    X, y, weights = data_parts(data)
    kept = {"watch": _watched(history), "source": history.source, "sample_weight": weights}
    if "learning_rate" in changes:
        kept["epoch_rates"] = None
    if "seed" in changes and history.config.get("validation_split"):
        kept["split_seed"] = None if "validation_split" in changes else split_seed_of(history.config)
    options = options_of(history, **{**kept, **changes, "record": record})
    if edit is not None:
        memory = here.engine.memory
        edit(here.net)
        state = _edited(here, memory, state)
    if describe(options.optimizer) != history.config["optimizer"]:
        options, state = _begun_anew(options, state)
    if "epochs" not in changes:
        _check_plan(history, here)
    return fit(here.net, X, y, options, Start(state, history, is_branch=True, data=data))


def options_of(history: History, **changes: Any) -> Options:
    """Return the options of a training with changes; FormatError if they cannot be used."""
    config = history.config
    try:
        described = [*config.values(), *(each for each, _ in config["regularizers"])]
        if not any(isinstance(each, dict) and each.get("own") for each in described):
            Options.of(config)
        for place, stretch in enumerate(listed(config.get("earlier", []), "earlier")):
            last, epochs = listed(stretch, f"earlier[{place}]")
            integer(last, f"earlier[{place}][0]")
            integer(epochs, f"earlier[{place}][1]", 1, MOST)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        where = "this history" if history.path is None else f"{history.path.name}, run, config"
        raise FormatError(f"{where}: nothing can be trained like this: {error}") from error
    return Options.of(config, history.formulas, **changes)


def _check_plan(history: History, here: Training) -> None:
    """Refuse to make as many steps as a file plans, if they are out of proportion to those it has."""
    planned, made = here.steps_per_epoch * history.config["epochs"], len(history.loss)
    if planned - history.last_step > max(MOST_AHEAD, MOST_TIMES * made):
        raise InvalidValueError(
            f"{planned:,} steps were planned and {made:,} were made: give the number of epochs that you "
            f"want (epochs={history.config['epochs']} is the plan; --epochs on the command line)"
        )


def _edited(here: Training, memory: Memory, state: Snapshot) -> Snapshot:
    """Return the state after the user has edited the net."""
    from slownet.functions import plain_sgd
    from slownet.recording import take

    known = None if here.engine.optimizer is plain_sgd else memory
    changed = take(here.net, state.step, state.epoch, memory=known)
    if changed.state is None or state.state is None:
        return changed
    so_far = state.state.epoch_loss_sum, state.state.epoch_correct
    progress = replace(changed.state, epoch_loss_sum=so_far[0], epoch_correct=so_far[1])
    return replace(changed, state=progress)


def _begun_anew(options: Options, state: Snapshot) -> tuple[Options, Snapshot]:
    """Return what another optimizer begins with: it remembers nothing, and counts steps from here on."""
    kept = None if state.state is None else replace(state.state, first=None, second=None)
    return replace(options, steps_before=-state.step), replace(state, state=kept)


def _watched(history: History) -> tuple[Any, Any] | None:
    watch = history.watch
    return (watch.samples, watch.labels) if watch.samples else None


def training_at(
    history: History, step: int, data: tuple[Any, ...], goes_on: bool = False, **options: Any
) -> Training:
    """Return a training that has been repeated up to a step, from the nearest state before it.

    Its losses are compared with the recorded ones. With `goes_on` a state of the step itself will do,
    which has no gradients, and the options are those of the next step, which `resume` may have changed.
    """
    step = check_integer("step", step)
    if not history.start <= step <= history.last_step:
        raise InvalidValueError(
            f"step must be from {history.start} to {history.last_step}, the last one, not {step}"
            + (f"; earlier ones are in run {history.parent['id']}" if history.parent else "")
        )
    X, y, weights = data_parts(data)
    check_weighted(history.config, weights)
    snapshot = _nearest_state(history, step if goes_on else max(step - 1, history.start))
    given = options_of(history, **options, snapshots=None, early_stopping=None, sample_weight=weights)
    # schedules depend on the number of epochs, which `resume` may have changed between two steps
    stretches = [*history.config.get("earlier", ()), [history.last_step, given.epochs]]
    for last, epochs in stretches:
        if snapshot.step <= last:
            training = Training(snapshot.restore(), X, y, replace(given, epochs=epochs), Start(snapshot))
            check_data(history, training.data)
            training.run_to(min(step, last))
            check_losses(history, training.history.loss, snapshot.step)
            if step + goes_on <= last:
                break
            snapshot = training.state()
    return training


def check_losses(history: History, losses: Sequence[float], step: int) -> None:
    """Raise RecordingError if a loss after the step differs from the recorded one."""
    known = history.loss[step - history.start :]
    for number, (loss, first) in enumerate(zip(losses, known, strict=False), step + 1):
        if loss != first:
            raise RecordingError(
                f"step {number} does not come out as it was: its loss is {loss!r} and was {first!r}. "
                "Are these other data, or did a callback change the net?"
            )


def _nearest_state(history: History, before: int) -> Snapshot:
    """Return the last state up to a step."""
    found = history.last_state(before)
    if found is None:
        raise InvalidValueError(
            "there is no state before this step to begin with: fit with snapshots=2 or more, or record="
        )
    return found


def check_data(history: History, data: TrainingData) -> None:
    """Raise RecordingError if the data differ from those of the first training."""
    known = history.data
    for name, value in data.described().items():
        if known.get(name) != value:
            raise RecordingError(
                f"this training learned from other data: {known.get(name)} {name}, not {value}"
            )
    if "X" in known:
        for name, digest in data.fingerprints().items():
            if digest != known.get(name):
                raise RecordingError(
                    f"this training learned from other data: {name} {_differs_from(history)}"
                )


def _differs_from(history: History) -> str:
    kept = history.path.name if history.path else "its history"
    return f"has another fingerprint (SHA-256) than in {kept}"


def _check_validation(history: History, given: Options, here: Training) -> None:
    if given.validation_data is None or "validation_X" not in history.data:
        return
    found = fingerprint(*here.data.encoded("validation_data", given.validation_data, here.net))
    for name in ("X", "y", "sample_weight"):
        if found.get(name) != history.data.get(f"validation_{name}"):
            raise RecordingError(
                f"this training was validated with other data: {name} {_differs_from(history)}"
            )
