"""Calls of the kernel that loops over steps: a record for every thread, and the results."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from slownet.engines import kernels
from slownet.engines.forward import NeuronState
from slownet.engines.kernel_records import CHUNK, FINISHED, UNITS, WORK
from slownet.engines.machine.jit import aligned
from slownet.engines.machine.memory import Record
from slownet.engines.machine.threads import NoThreadError, run_in_threads
from slownet.engines.packed_inputs import Inputs
from slownet.engines.packing import PackedNet
from slownet.engines.thread_choice import ThreadChoice
from slownet.engines.workspace import Workspace, scratch

if TYPE_CHECKING:
    from slownet.samples import Batches

Array = npt.NDArray[Any]
RUNNING = -1  # the outcome while steps are taken


class Batch(NamedTuple):
    """A batch: the number of its step, its first index in the order of samples, its size."""

    step: int
    begin: int
    size: int


class KernelLoop:
    """Takes steps in the kernels, on one record for each thread.

    Attributes
    ----------
    inputs : Inputs
        The training samples.
    threads : ThreadChoice
        How many threads work on a batch.
    delayed_error : BaseException or None
        The error that a signal handler raised after the kernels had finished their steps.

    Parameters
    ----------
    batches : Batches
        The batch of each step.
    threads : int or "auto"
        How many threads work on a batch.
    """

    def __init__(self, batches: Batches, threads: int | str) -> None:
        self.batches = batches
        self.threads = ThreadChoice(threads, min(batches.size, len(batches.samples)))
        self.inputs = Inputs(batches.samples, batches.targets, threads=self.threads.most)
        self.delayed_error: BaseException | None = None
        self._outcome, self._barrier = np.zeros(2, np.int64), aligned(16, np.int64)
        self._fields = {**self.inputs.fields, "outcome": self._outcome, "barrier": self._barrier}
        if batches.weights is not None:
            self._fields |= {"is_weighted": True, "sample_weight": np.array(batches.weights)}
        if batches.shuffle:
            count = len(batches.samples)
            self._fields["epoch"] = np.zeros(1, np.uint64)
            self._fields["draws"] = np.zeros(count, np.uint64)
            self._fields["draw_buckets"] = np.zeros(2 * count + 2, np.uint64)

    def pack(self, packed: PackedNet, dropout: bool) -> None:
        """Make the workspace and the records for a net; `set` must complete the records."""
        rows = min(CHUNK, self.batches.size, len(self.batches.samples))
        self._packed, self._workspace = packed, Workspace(packed.layout, rows, dropout)
        self._records = [Record(WORK) for _ in range(self.threads.most)]
        units = {name: getattr(kernels, name).address for name in UNITS}  # reading it compiles the unit
        for record in self._records:
            own = scratch(packed.layout, rows if self.inputs.sparse else 0)
            record.set(**self._workspace.fields, **self._fields, **units, **own)

    def set(self, **fields: Any) -> None:
        """Set fields of every record."""
        for record in self._records:
            record.set(**fields)

    def mean_factors(self, step: int, count: int) -> Array:
        """Return 1 / (sum of weights) of each of some steps, 0 where that is 0; () without weights."""
        if self.batches.weights is None:
            return np.zeros(0)
        sums = map(self.batches.weight_of, range(step, step + count))
        return np.array([1.0 / weight if weight else 0.0 for weight in sums])

    def run(
        self, step: int, rates: Sequence[float], constants: Array, factors: Array
    ) -> tuple[Array, Array]:
        """Take steps as `Engine.advance` does; fewer, or none, where a number is out of bounds.

        `factors` is what `mean_factors` has returned.
        """
        self.set(factors=factors)
        backup = self._packed.backup()
        started = time.perf_counter()
        losses, correct = self._run(step, np.array(rates, np.float64), constants)
        done, ended = self._outcome.tolist()
        if ended == FINISHED:
            self.threads.note((time.perf_counter() - started) / done)
        else:  # repeat the steps before the one that failed
            self._packed.restore(backup)
            if done:
                self._run(step, np.array(rates[:done], np.float64), constants[:done])
        return losses[:done], correct[:done]

    def batch(self, step: int) -> Batch:
        """Return the batch of a step."""
        begin = (step - 1) % self.batches.per_epoch * self.batches.size
        return Batch(step, begin, min(self.batches.size, len(self.batches.samples) - begin))

    def last_sample(self, batch: Batch) -> int:
        """Return the index of the last sample of the batch of the last step."""
        return int(self.inputs.fields["order"][batch.begin + batch.size - 1])

    def last_state(self, batch: Batch) -> NeuronState:
        """Return the state of the neurons after the last sample of the batch of the last step."""
        sample = self.batches.samples[self.last_sample(batch)]
        row = (batch.size - 1) % CHUNK
        zs, values, deltas = (
            self._workspace.rows(name)[row].tolist() for name in ("z", "value", "delta")
        )
        return NeuronState(sample, zs, values, deltas)

    def add_gradients(self, batch: Batch) -> None:
        """Compute the gradients of the batch of the last step, at most CHUNK samples."""
        record, layers = self._records[0], self._packed.layers
        record.set(step=batch.step, at=batch.begin, offset=0, count=batch.size)
        for number, rows in enumerate(layers["rows"].tolist()):
            kernels.add_gradients(record.address, layers.ctypes.data, number, 0, rows)

    def _run(self, step: int, rates: Array, constants: Array) -> tuple[Array, Array]:
        losses, correct = np.zeros(len(rates)), np.zeros(len(rates), np.int64)
        self.set(
            threads=self.threads.now, first_step=step - 1, steps=len(rates), rates=rates,
            losses=losses, correct=correct,
            constants=constants, constants_per_step=constants.shape[1],
        )  # fmt: skip
        self._workspace.overflowed[:] = self._barrier[:] = 0
        self._outcome[:] = RUNNING

        def run(me: int) -> None:
            kernels.train(self._records[me].address, self._packed.layers.ctypes.data, me, 0, 0)

        try:
            run_in_threads(run, self.threads.now)
        except NoThreadError:
            self.threads.use_one()
            return self._run(step, rates, constants)
        except BaseException as error:  # a signal's handler runs after the kernel has returned
            if self._outcome[1] == RUNNING:
                raise
            self.delayed_error = error
        return losses, correct
