"""Many trainings: grids of options, many seeds, ensembles; here, in processes, or on a cluster.

`grid` makes tasks, `train_many` trains them through joblib, and returns a `Sweep` of the runs.
"""

from typing import TYPE_CHECKING

from slownet import lazy

if TYPE_CHECKING:
    from slownet.many.ensemble import Ensemble
    from slownet.many.grids import grid
    from slownet.many.sweep import Run, Sweep
    from slownet.many.task import SharedData, Task
    from slownet.many.training import train_many

__all__ = ["Ensemble", "Run", "SharedData", "Sweep", "Task", "grid", "train_many"]

__getattr__, __dir__ = lazy.names(
    __name__,
    {
        "ensemble": ("Ensemble",),
        "grids": ("grid",),
        "sweep": ("Run", "Sweep"),
        "task": ("SharedData", "Task"),
        "training": ("train_many",),
    },
)
