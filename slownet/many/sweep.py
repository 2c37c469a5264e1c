"""What became of many tasks: runs, a table of them, pictures, and ensembles."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.checks import check_integer, check_path, short, unknown_name
from slownet.errors import InvalidValueError
from slownet.many import measures, sweep_file
from slownet.many.ensemble import Ensemble
from slownet.many.measures import MEASURES, OF_EPOCHS
from slownet.many.running import Result
from slownet.many.task import Task

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from slownet.objects import Net
    from slownet.recording import History


MOST_GROUPS = 12  # that have a colour each, where a setting can be left out
NO_GRID = "all runs have the same settings: there is no grid to draw"


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """What became of one task.

    Attributes
    ----------
    task : Task
        The task.
    history : History or None
        The history of its training; its only snapshot is the net at the end. None if it failed before it
        began.
    error : str or None
        The error that ended it: it diverged, or failed.
    seconds : float
        How long it took.

    Examples
    --------
    >>> import slownet
    >>> tasks = slownet.grid([[0.0], [1.0]], [0, 1], hidden=2, epochs=3, seeds=2)
    >>> run = slownet.train_many(tasks).best()[0]
    >>> run.net, run.error
    (Net(1-2-1, relu, sigmoid, 4 weights), None)
    """

    task: Task
    history: History | None
    error: str | None
    seconds: float

    @property
    def ended(self) -> str:
        """Return "finished", "stopped" (early), "diverged" or "failed"."""
        if self.history is None:
            return "failed"
        diverged = self.error is not None
        return "diverged" if diverged else str(self.history.ended or _ended(self.history))

    def __repr__(self) -> str:
        names = ("loss", "accuracy", "validation_accuracy", "test_accuracy", "test_error")
        found = {name: number for name in names if (number := self.measure(name)) is not None}
        shown = "".join(f", {name} {number:.4g}" for name, number in found.items())
        return f"Run({self.task}, {self.ended}{shown})"

    @cached_property
    def net(self) -> Net:
        """The net that was trained; the last finite one if it diverged.

        Raises
        ------
        ValueError
            If there is none, because the task failed.
        """
        if self.history is None:
            raise InvalidValueError(f"this task has no net, because it failed: {self.error}")
        return self.history.restore()

    def measure(self, name: str) -> float | None:
        """Return a measure of the net, one of `slownet.many.measures.MEASURES`; None without one.

        Loss and accuracy are those of the last epoch, or of the one that early stopping has restored.
        """
        return measures.final(self.history, name, self.task.options.early_stopping)


def _ended(history: History) -> str:
    return "finished" if len(history.epochs) >= history.config["epochs"] else "stopped"


class Sweep(Sequence[Run]):
    """The runs of many tasks, in the order of the tasks.

    Parameters
    ----------
    runs : sequence of Run
        The runs.
    wanted : int
        How many tasks there were: more than runs if Ctrl-C has ended the sweep.
    path : Path or None
        The sweep file.

    Attributes
    ----------
    wanted, path
        As above.

    Examples
    --------
    >>> import slownet
    >>> from slownet.datasets import moons
    >>> tasks = slownet.grid(*moons(60, seed=1), hidden=[2, 4], seeds=2)
    >>> sweep = slownet.train_many(tasks)
    >>> sweep
    Sweep(4 finished)
    >>> sweep[0].net
    Net(2-2-1, relu, sigmoid, 6 weights)
    >>> sweep.table().shape[0], sweep.summary().shape[0]
    (4, 2)
    """

    def __init__(self, runs: Sequence[Run], wanted: int, path: Path | None = None) -> None:
        self._runs, self.wanted, self.path = list(runs), wanted, path

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Sweep:
        """Read a sweep file, also while another process writes it.

        Raises
        ------
        FormatError
            If it is none, or is damaged.
        FileError
            If it cannot be read; a MissingFileError where there is none.
        """
        file = check_path(path).absolute()
        runs = [new_run(task, result) for task, result in sweep_file.read(file)]
        return cls(sorted(runs, key=_by_settings), len(runs), file)

    def __len__(self) -> int:
        return len(self._runs)

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, slice):
            return self._runs[index]
        runs = self._runs[index]
        return Sweep(runs, len(runs), self.path)

    def __iter__(self) -> Iterator[Run]:
        return iter(self._runs)

    def __repr__(self) -> str:
        counts: dict[str, int] = {}
        for run in self._runs:
            counts[run.ended] = counts.get(run.ended, 0) + 1
        ended = ", ".join(f"{count:,} {name}" for name, count in counts.items())
        missing = self.wanted - len(self)
        return f"Sweep({ended or 'no runs'}{f', {missing:,} not trained' if missing else ''})"

    def _repr_html_(self) -> str:
        return str(self.summary()._repr_html_())

    @property
    def settings(self) -> list[str]:
        """The names of the settings, the seed apart, that are not the same in all runs."""
        return varied(run.task for run in self)

    def table(self) -> pd.DataFrame:
        """Return a table with a row for each run: its settings, how it ended, and its measures."""
        import pandas as pd

        rows = [
            {
                **run.task.settings,
                "ended": run.ended,
                "epochs trained": len(run.history.epochs) if run.history else 0,
                "seconds": run.seconds,
                **{name: run.measure(name) for name in MEASURES},
            }
            for run in self
        ]
        table = pd.DataFrame(rows)
        return table.drop(
            columns=[name for name in MEASURES if name in table and table[name].isna().all()]
        )

    def summary(self) -> pd.DataFrame:
        """Return a table with a row for each combination of settings: mean and deviation over its seeds.

        A run that diverged or failed is not in the mean; `runs` says how many are.
        """
        import pandas as pd

        rows = []
        for settings, runs in self._combinations(self.settings).items():
            whole = [run for run in runs if run.error is None]
            row: dict[str, Any] = dict(zip(self.settings, settings, strict=True)) | {"runs": len(whole)}
            for name in MEASURES:
                numbers = [number for run in whole if (number := run.measure(name)) is not None]
                row |= {name: measures.mean(numbers), f"{name} ±": measures.deviation(numbers)}
            rows.append(row)
        return pd.DataFrame(rows).dropna(axis="columns", how="all")

    def _combinations(self, names: Sequence[str]) -> dict[tuple[Any, ...], list[Run]]:
        """Return the runs of each combination of these settings, in the order of the tasks."""
        found: dict[tuple[Any, ...], list[Run]] = {}
        for run in self:
            found.setdefault(tuple(run.task.settings.get(name) for name in names), []).append(run)
        return found

    def best(self, count: int = 1, by: str | None = None) -> list[Run]:
        """Return the best runs.

        Parameters
        ----------
        count : int
            How many.
        by : str, optional
            The measure to choose by; by default of the validation where there is one, otherwise of the
            training: the accuracy, or without classes the loss.

        Raises
        ------
        ValueError
            If no run has that measure.
        """
        count = check_integer("count", count, minimum=1)
        by = self.measure if by is None else _known(by)
        known = [run for run in self if run.error is None and run.measure(by) is not None]
        if not known:
            raise InvalidValueError(
                f"no run has a {by}: validation data give measures of them, and run.error says what has "
                "failed"
            )
        sign = -1.0 if by.endswith("accuracy") else 1.0
        return sorted(known, key=lambda run: sign * float(run.measure(by) or 0.0))[:count]

    @property
    def measure(self) -> str:
        """The measure by which runs are compared unless another one is named.

        One of runs that came to their end, if any did.
        """
        runs = [run for run in self if run.error is None] or self
        for name in ("validation_accuracy", "validation_loss", "accuracy", "loss"):
            if any(run.measure(name) is not None for run in runs):
                return name
        raise InvalidValueError("no run has been trained for an epoch: run.error says why")

    def ensemble(self, count: int | None = None, by: str | None = None) -> Ensemble:
        """Return the best nets as one that predicts: the mean of their probabilities or numbers.

        Parameters
        ----------
        count : int, optional
            How many; by default all that neither diverged nor failed.
        by : str, optional
            As for `best`.
        """
        runs = self.best(len(self) or 1, by) if count is None else self.best(count, by)
        return Ensemble([run.net for run in runs])

    def curves(self, measure: str | None = None) -> go.Figure:
        """Draw the curve of every run, epoch by epoch, coloured by its settings.

        Of many combinations the last settings are left out, so that colours can be told apart.

        Parameters
        ----------
        measure : str, optional
            "loss", "accuracy", "validation_loss" or "validation_accuracy"; by default as for `best`.
        """
        from slownet.plotting import many

        measure = self.measure if measure is None else _known(measure, OF_EPOCHS)
        names = self.settings
        while len(names) > 1 and len(self._combinations(names)) > MOST_GROUPS:
            names = names[:-1]
        groups = {
            ", ".join(map(str, settings)): [
                (
                    f"seed {run.task.settings.get('seed', run.task.seed)}",
                    measures.curve(run.history, measure),
                )
                for run in runs
            ]
            for settings, runs in self._combinations(names).items()
        }
        return many.curves(groups, measure, ", ".join(names))

    def heat_map(
        self, x: str | None = None, y: str | None = None, measure: str | None = None
    ) -> go.Figure:
        """Draw the mean of a measure for each pair of values of two settings.

        Parameters
        ----------
        x, y : str, optional
            The settings; by default the first two that are not the same in all runs. The mean is over
            the others and over the seeds.
        measure : str, optional
            As for `best`.
        """
        from slownet.plotting import many

        names = [name for name in self.settings if name not in (x, y)]
        x = names.pop(0) if x is None and names else x
        y = names.pop(0) if y is None and names else y
        known = {name for run in self for name in run.task.settings}
        for name in (x, y):
            if name is not None and name not in known:
                raise unknown_name("setting", name, sorted(known))
        if x is None:
            raise InvalidValueError(NO_GRID)
        measure = self.measure if measure is None else _known(measure)
        cells: dict[tuple[Any, Any], list[float | None]] = {}
        for run in self:
            place = run.task.settings.get(x), run.task.settings.get(y) if y else ""
            cells.setdefault(place, []).append(run.measure(measure) if run.error is None else None)
        return many.heat_map(cells, (x, y or ""), measure)


def varied(tasks: Iterable[Task]) -> list[str]:
    """Return the names of the settings, the seed apart, that are not the same in all tasks."""
    settings = [task.settings for task in tasks]
    names = dict.fromkeys(name for each in settings for name in each if name != "seed")
    return [name for name in names if len({each.get(name) for each in settings}) > 1]


def new_run(task: Task, result: Result) -> Run:
    """Return what became of a task."""
    return Run(task, result.history, result.error, result.seconds)


def _by_settings(run: Run) -> list[tuple[str, float, str]]:
    """Return by what runs of a file are sorted: their settings, numbers before texts."""
    return [
        (name, float(value), "") if isinstance(value, (int, float)) else (name, inf, short(value))
        for name, value in run.task.settings.items()
    ]


def _known(measure: str, names: Sequence[str] = MEASURES) -> str:
    if measure not in names:
        raise unknown_name("measure", measure, names)
    return measure
