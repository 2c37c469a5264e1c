"""Repeating an experiment in Python: `replay`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slownet.checks import check_integer, check_path
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.experiments.addresses import Address, experiment_of
from slownet.experiments.edits import MOST_STEPS, Edit
from slownet.experiments.of_page import state_of_page
from slownet.experiments.starting import state_of_history
from slownet.experiments.state import State
from slownet.functions import plain_sgd
from slownet.page import Page, Player
from slownet.recording import History, OptimizerState

if TYPE_CHECKING:
    from slownet.objects import Net


def replay(
    source: str | os.PathLike[str] | Player | History,
    experiment: str | Iterable[Edit] | None = None,
    data: tuple[Any, ...] | None = None,
    step: int | None = None,
    engine: str = "auto",
    threads: int | str = "auto",
    formulas: Iterable[Any] = (),
) -> Net:
    """Repeat an experiment of a page: train as it trained, with the same changes at the same steps.

    The net is that of the page, to the last bit, on any engine.

    Parameters
    ----------
    source : path, Player or History
        The page, as a file or as it is displayed in a notebook; or the training that it shows, as a run
        file or a History.
    experiment : str or iterable of Edit, optional
        What was changed: the text that the page copies, as "120_rate_0.05~300_add_2", or its whole
        address; by default the experiment that the page was saved with.
    data : (X, y) or (X, y, sample_weight), optional
        The training data of a run file. A page has its own, and a History knows them right after `fit`.
    step : int, optional
        The step to train to, which may be behind the last epoch; by default that of the address, or else
        the last step of the training. Early stopping ends nothing here, and restores nothing.
    engine, threads
        As for `Net.fit`.
    formulas : iterable of formulas
        Those of the training that are not built in: no file can hold them.

    Returns
    -------
    Net
        The net after that step. Its `optimizer_state` is what the optimizer remembers, with which
        `net.fit(..., warm_start=True)` trains on.

    Raises
    ------
    TypeError, ValueError
        If it is no experiment, or one of its edits cannot be made.
    FileError, FormatError, RecordingError
        If the file cannot be read, or the data are not those of the training.
    DivergedError
        If a step diverges.

    Examples
    --------
    >>> import slownet
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> net = slownet.NetFactory([2, 3, 1], seed=0).new()
    >>> history = net.fit(X, y, epochs=3, snapshots=5)
    >>> slownet.replay(history, "2_rate_0.05~4_add_1", step=10)
    Net(2-4-1, relu, sigmoid, 12 weights)
    """
    return replayed(source, experiment, data, step, engine, threads, formulas).net


def replayed(
    source: str | os.PathLike[str] | Player | History,
    experiment: str | Iterable[Edit] | None = None,
    data: tuple[Any, ...] | None = None,
    step: int | None = None,
    engine: str = "auto",
    threads: int | str = "auto",
    formulas: Iterable[Any] = (),
) -> State:
    """Repeat an experiment as `replay` does; return the net with the loss of every step.

    Arguments and errors are those of `replay`.

    Examples
    --------
    >>> import slownet
    >>> from slownet.datasets import moons
    >>> from slownet.experiments import replayed
    >>> net = slownet.NetFactory([2, 3, 1], seed=0).new()
    >>> history = net.fit(*moons(60, noise=0.1, seed=1), epochs=3, snapshots=5)
    >>> state = replayed(history, "2_rate_0.05", step=4)
    >>> state.step, state.loss[:3] == history.loss[:3], state.loss[3] == history.loss[3]
    (4, True, False)
    """
    if isinstance(experiment, Iterable) and not isinstance(experiment, str):
        experiment = list(experiment)  # what is read twice
    experiment_of(experiment)  # its errors come before those of the source
    state, last, address = _start(source, experiment, data, list(formulas))
    edits = address.edits
    wanted = address.step if step is None else step
    if wanted is None:
        wanted = max([last, *(edit.step for edit in edits)])
    wanted = check_integer("step", wanted, maximum=MOST_STEPS)
    state.options = replace(state.options, engine=engine, threads=threads)
    state.run(edits, wanted)
    optimizer, before = state.options.optimizer, state.options.steps_before
    known = optimizer is not plain_sgd
    state.net.optimizer_state = (
        OptimizerState(optimizer, state.step + before, state.memory) if known else None
    )
    return state


def _start(
    source: Any, experiment: str | list[Edit] | None, data: Any, formulas: list[Any]
) -> tuple[State, int, Address]:
    """Return the start of a training, its last step, and the experiment."""
    if isinstance(source, Player):
        if experiment_of(experiment).start is not None:  # the page learns from the rows that it has
            page = Page.parse(source.text)
            return state_of_page(page, "this page", experiment, [*source.history.formulas, *formulas])
        source, data = source.history, source.data if data is None else data
    if not isinstance(source, History):
        if not isinstance(source, (str, os.PathLike)):
            raise InvalidTypeError(
                f"replay takes a page, a run file or a History, not {type(source).__name__}"
            )
        path = check_path(source)
        if path.suffix.lower() in (".html", ".htm"):
            if data is not None:
                raise InvalidValueError(f"{path} has the data of its training: leave data=... out")
            return state_of_page(Page.open(path), path, experiment, formulas)
        is_json = path.suffix.lower() in (".json", ".gz")
        source = (History.from_json if is_json else History.open)(path, formulas)
    address = experiment_of(experiment)
    if address.start is not None:
        raise InvalidValueError(
            "this experiment goes on from a snapshot, whose numbers its page may have rounded: give "
            "the page"
        )
    return state_of_history(source, data), source.last_step, address
