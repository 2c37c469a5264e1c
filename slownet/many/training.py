"""Training of many tasks: here, in threads or processes, or on a cluster."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from slownet.bars import is_watched, new_bar
from slownet.checks import check_integer, check_path
from slownet.errors import InvalidValueError, RecordingError
from slownet.many import sweep_file, workers
from slownet.many.running import Result
from slownet.many.sweep import Sweep, new_run
from slownet.many.sweep_file import SweepFile
from slownet.many.task import Task, check_tasks, check_unchanged
from slownet.terminal import print_to_stderr
from slownet.training.callbacks import check_progress
from slownet.training.interrupts import deferred_interrupts


def train_many(
    tasks: Iterable[Task],
    n_jobs: int | None = None,
    *,
    into: str | os.PathLike[str] | None = None,
    progress: bool | Literal["always"] = True,
) -> Sweep:
    """Train many tasks, each with one thread, several at a time.

    A task gives the same bits wherever, in whichever order and how often it is trained. A training that
    diverges or fails is a result as any other. After Ctrl-C the sweep has what is done so far.

    Parameters
    ----------
    tasks : iterable of Task
        What `slownet.grid` returns; equal ones are trained once.
    n_jobs : int, optional
        How many train at a time, as for joblib: -1 takes all cores. By default one, in this process, or
        what `joblib.parallel_config` says. With its backend "threading" they are threads, with "dask"
        the workers of a cluster of Dask; otherwise processes. Without threads (Pyodide) it is one.
    into : str or path, optional
        A sweep file: results are written to it as they come, and tasks whose results it has are not
        trained again. Those that failed, unless they diverged, are.
    progress : bool or "always"
        A progress bar: True shows it in a terminal or notebook, "always" elsewhere too.

    Returns
    -------
    Sweep
        The runs, in the order of the tasks.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used, the data have changed since the tasks were made, or a formula of
        your own cannot be sent to another process.
    RecordingError
        If another process writes the sweep file, if it is of other data, or for formulas of your own,
        which it cannot hold.
    FileError, FormatError
        If the sweep file cannot be used.
    WorkerError
        If workers are lost again and again. What is done is in the sweep file.
    MissingPackageError
        If more than one is to train at a time, and joblib is not installed.

    Examples
    --------
    >>> import slownet
    >>> from slownet.datasets import moons
    >>> tasks = slownet.grid(*moons(100, seed=1), hidden=[4, 8], epochs=5, seeds=3)
    >>> slownet.train_many(tasks)
    Sweep(6 finished)
    """
    if n_jobs is not None and check_integer("n_jobs", n_jobs, minimum=-4096) == 0:
        raise InvalidValueError("n_jobs must be 1 or more, or -1 for all cores, not 0")
    wanted = check_tasks(tasks)
    check_progress("progress", progress)
    check_unchanged(wanted)
    path = None if into is None else check_path(into).absolute()
    with sweep_file.writing(path, wanted) as file:
        done = {} if file is None else _known(file, wanted)
        _train(wanted, done, n_jobs, file, progress)
    sweep = Sweep(
        [new_run(task, done[task.key]) for task in wanted if task.key in done], len(wanted), path
    )
    if len(sweep) < len(wanted):
        _tell_how_to_go_on(sweep)
    return sweep


def _known(file: SweepFile, tasks: Sequence[Task]) -> dict[str, Result]:
    """Return the results that a sweep file has of these tasks."""
    found = file.results()
    wanted = {task.key for task in tasks}
    _check_data([task for task, _ in found], tasks, file.path)
    return {
        task.key: result
        for task, result in found
        if task.key in wanted and (result.error is None or result.history is not None)
    }


def _check_data(found: Sequence[Task], wanted: Sequence[Task], path: Path) -> None:
    """Refuse a file of other data: results on them cannot be compared.

    Of tasks that read their data in another way, the samples are compared and not the targets.
    """
    samples = [task.fingerprint.get("X") for task in wanted]
    read: dict[str, list[Mapping[str, Any]]] = {}
    for task in wanted:
        read.setdefault(task.reading, []).append(task.fingerprint)
    for task in found:
        known = read.get(task.reading, [task.fingerprint])
        if task.fingerprint.get("X") in samples and task.fingerprint in known:
            continue
        names = {name for each in known for name in _differing(task.fingerprint, each)} or {"X"}
        raise RecordingError(
            f"{path} holds trainings on other data ({task.fingerprint.get('samples')} samples with "
            f"another fingerprint of {', '.join(sorted(names))}): choose another file"
        )


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return [name for name in {**one, **other} if one.get(name) != other.get(name)]


def _train(
    wanted: Sequence[Task],
    done: dict[str, Result],
    n_jobs: int | None,
    file: SweepFile | None,
    progress: bool | Literal["always"],
) -> None:
    """Train what is not done, and add it to what is."""
    by_key = {task.key: task for task in wanted}
    left = [task for task in wanted if task.key not in done]
    bar = _bar(len(wanted), len(done), progress)
    try:
        with closing(workers.results(left, n_jobs)) as groups:
            for group in groups:
                with deferred_interrupts() as pressed:
                    if file is not None:
                        file.add((by_key[result.key], result) for result in group.results)
                    done |= {result.key: result for result in group.results}
                    if bar is not None:
                        bar.update(len(group.results))
                if pressed.is_set():
                    raise workers.Interrupted
    except (workers.Interrupted, KeyboardInterrupt):
        pass
    finally:
        if bar is not None:
            bar.close()


def _bar(total: int, done: int, progress: bool | Literal["always"]) -> Any:
    if progress == "always" or (progress and is_watched()):
        return new_bar(total, "training", initial=done)
    return None


def _tell_how_to_go_on(sweep: Sweep) -> None:
    done = f"Stopped: {len(sweep):,} of {sweep.wanted:,} trainings are done"
    if sweep.path is None:
        print_to_stderr(f"{done}; into='sweep.db' (--into sweep.db) would keep them, to go on later")
    else:
        print_to_stderr(f"{done}, and kept in {sweep.path.name}: the same again goes on")
