"""Groups of tasks: tiny trainings are sent together, so that sending them costs next to nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slownet.many.running import Result
from slownet.many.task import Task

SECONDS = 1.5  # of a group
SHORT = 0.2  # of one of the last groups, which are smaller so that all workers end together
GUESS = 0.1  # of what the object loops take, until a group has come back
MOST = 10_000  # tasks a group


class Groups:
    """Cuts tasks into groups of a second or more, by what those before have taken.

    Parameters
    ----------
    tasks : sequence of Task
        The tasks.
    workers : int
        How many there are.

    Attributes
    ----------
    planned : float
        About how many seconds the object loops of each worker would take for all of them.
    """

    def __init__(self, tasks: Sequence[Task], workers: int) -> None:
        self._tasks, self._workers = tasks, workers
        self._costs = {task.key: task.cost for task in tasks}
        self.planned = sum(self._costs.values()) / workers
        self._cost = self._seconds = 0.0

    def note(self, results: Sequence[Result]) -> None:
        """Note how long tasks have taken."""
        self._cost += sum(self._costs[result.key] for result in results)
        self._seconds += sum(result.seconds for result in results)

    def _is_full(self, group: Sequence[Task], cost: float, left: int) -> bool:
        """Whether a group is large enough; `left` tasks were left before it."""
        has_share = 2 * self._workers * len(group) >= left
        if not self._cost:
            return has_share or GUESS * cost >= SECONDS
        seconds = cost * self._seconds / self._cost
        return seconds >= (SHORT if has_share else SECONDS) or len(group) == MOST

    def __iter__(self) -> Iterator[list[Task]]:
        group: list[Task] = []
        cost, left = 0.0, len(self._tasks)
        for task in self._tasks:
            if group and (task.data is not group[0].data or self._is_full(group, cost, left)):
                yield group
                left -= len(group)
                group, cost = [], 0.0
            group.append(task)
            cost += task.cost
        if group:
            yield group
