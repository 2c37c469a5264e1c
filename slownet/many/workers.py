"""Workers: this process, or those of joblib, which may be threads, processes, or a cluster of Dask."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any

from slownet import packages, threads
from slownet.errors import InvalidTypeError, InvalidValueError, SlownetError, WorkerError
from slownet.many.groups import Groups
from slownet.many.running import Group, run_group
from slownet.many.task import Task

TRIES = 3  # without any result in between, where workers are lost
Attempt = Callable[[Sequence[Task]], Iterator[Group]]


class Interrupted(Exception):  # noqa: N818  it is no error
    """Ctrl-C was pressed."""


def results(tasks: Sequence[Task], n_jobs: int | None) -> Generator[Group, None, None]:
    """Train tasks; yield groups of results as they come, in any order.

    Where workers are lost, what they had not sent back is trained once more.

    Raises
    ------
    Interrupted
        After Ctrl-C.
    MissingPackageError
        If joblib is needed and not installed.
    WorkerError
        If workers are lost again and again.
    """
    left = {task.key: task for task in tasks}
    attempt = _attempt_here if _is_here(n_jobs) else _attempt_of_joblib(n_jobs)
    failures = 0
    while left:
        try:
            for group in attempt(list(left.values())):
                new = [result for result in group.results if left.pop(result.key, None)]
                failures = 0
                yield Group(new, group.interrupted)
                if group.interrupted:
                    raise Interrupted
        except KeyboardInterrupt:
            raise Interrupted from None
        except (Interrupted, SlownetError):
            raise
        except Exception as error:  # of the workers: those of a task are its result
            _refuse_unpicklable(error)
            failures += 1
            if failures == TRIES:
                raise WorkerError(
                    f"workers were lost {failures} times without a result in between: "
                    f"{type(error).__name__}: {error}"
                ) from error


def _attempt_here(tasks: Sequence[Task]) -> Iterator[Group]:
    groups = Groups(tasks, 1)
    for group in groups:
        found = run_group(*_arguments(group, groups.planned))
        groups.note(found.results)
        yield found


def _attempt_of_joblib(n_jobs: int | None) -> Attempt:
    """Return what trains tasks by the backend that joblib has been given."""
    packages.require("joblib", "slownet[many]")
    import joblib

    try:
        workers = max(1, joblib.effective_n_jobs(n_jobs))
        parallel = joblib.Parallel(n_jobs=n_jobs, batch_size=1, return_as="generator_unordered")
    except ValueError as error:
        raise InvalidValueError(f"joblib: {error}") from error

    def attempt(tasks: Sequence[Task]) -> Iterator[Group]:
        groups = Groups(tasks, workers)
        call = joblib.delayed(run_group)
        calls = (call(*_arguments(group, groups.planned)) for group in groups)
        with closing(parallel(calls)) as all_found:
            for found in all_found:
                groups.note(found.results)
                yield found

    return attempt


def _arguments(group: Sequence[Task], planned: float) -> tuple[Any, ...]:
    """Return the arguments of `run_group`: the data are the same object for all groups."""
    return [task.without_data() for task in group], group[0].data, planned


def _is_here(n_jobs: int | None) -> bool:
    """Whether this process does all of the work: nobody has asked for other workers."""
    joblib = sys.modules.get("joblib")
    if not threads.can_start():  # joblib has some for workers of any kind
        return True
    if n_jobs is not None or joblib is None:
        return n_jobs in (None, 1)
    return bool(joblib.parallel.get_active_backend()[1] == 1)


def _refuse_unpicklable(error: Exception) -> None:
    if any("Pickl" in kind.__name__ for kind in type(error).__mro__):
        raise InvalidTypeError(
            f"a task cannot be sent to another process: {error}. Define your own formulas with def at "
            "the top of a module, or train with n_jobs=1"
        ) from error
