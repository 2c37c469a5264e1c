"""The compiled engine: the arithmetic of the object loops over flat arrays, in kernels.

A step in which a number is out of bounds is taken by the object loops, which raise the errors, too.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from slownet.engines import formulas
from slownet.engines.bounds import LARGEST_RATE, OutOfBoundsError
from slownet.engines.formula_checks import constants_of
from slownet.engines.formula_keys import NotCompiledError, is_own
from slownet.engines.forward import Forward, NeuronState
from slownet.engines.kernel_loop import Batch, KernelLoop
from slownet.engines.kernel_records import CHUNK, TARGET_KINDS
from slownet.engines.layout import Layout
from slownet.engines.packed_inputs import Inputs
from slownet.engines.packing import PackedNet
from slownet.engines.protocol import SECONDS_AT_ONCE
from slownet.engines.scalar import ScalarEngine, object_outputs, warn_of_object_loops
from slownet.engines.thread_choice import most_threads
from slownet.functions import plain_sgd
from slownet.recording import Graph, Snapshot

if TYPE_CHECKING:
    from slownet.engines.protocol import Memory, Outputs
    from slownet.functions import Loss, Optimizer, Regularizer
    from slownet.objects import Net
    from slownet.samples import Batches, Samples

Array = npt.NDArray[Any]
FIRST_VISITS = 1e6  # visits to weights in the first call, before it is known how long they take


class CompiledEngine:
    """The `Engine` that runs batches in kernels, over arrays.

    Parameters
    ----------
    net, batches, optimizer, penalties, dropout, dropconnect, clip_norm, clip_value, alpha, seed,
    memory
        As for `ScalarEngine`.
    threads : int or "auto"
        How many threads work on a batch; the bits are the same for any number.
    raise_ : bool
        Whether to raise an error if callbacks change the net into one that cannot be compiled. Otherwise
        the object loops continue, with a warning. They also do if matrices would be mostly padding.

    Raises
    ------
    NotCompiledError
        If a formula of the user's cannot be compiled to the same bits.
    """

    def __init__(
        self,
        net: Net,
        batches: Batches,
        optimizer: Optimizer = plain_sgd,
        penalties: Sequence[tuple[Regularizer, float]] = (),
        dropout: float = 0.0,
        dropconnect: float = 0.0,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        alpha: float = 0.0,
        seed: int = 0,
        threads: int | str = 1,
        raise_: bool = True,
        memory: Memory | None = None,
    ) -> None:
        self.net, self.batches, self.optimizer, self.penalties = net, batches, optimizer, penalties
        self.dropout, self.dropconnect, self.seed = dropout, dropconnect, seed
        self.clip_norm, self.clip_value, self.alpha = clip_norm, clip_value, alpha
        self._raise = raise_
        clips = clip_norm is not None or clip_value is not None
        self._plain = optimizer is plain_sgd and not (penalties or clips or alpha)
        self._loop, self._threads = KernelLoop(batches, threads), most_threads(threads)
        self._other_inputs: dict[int, tuple[Samples, Inputs]] = {}
        self._memory: Memory | None = dict(memory or {})
        self._removed_memory: Memory = {}  # of weights and neurons that were removed from the net
        self._unwritten_batch: Batch | None = None  # the last one, if not yet written to the objects
        self._unwritten_state: NeuronState | None = None  # of a sample that went forward after it
        self._seconds_per_step = 0.0
        self._forward_pass: Forward | None = None
        self._wiring: object = None
        self._is_stale = False
        self._read_objects()

    @property
    def memory(self) -> Memory:
        """As in `Engine`; it is read from the arrays when it is used."""
        if self._memory is None:
            self._memory = {} if self._plain else self._removed_memory | self._packed.memory()
        return self._memory

    @property
    def steps_at_once(self) -> int:
        """As in `Engine`; found from the time that the last steps took."""
        if not self._seconds_per_step:
            visits = len(self._packed.layout.weights) * min(self.batches.size, len(self.batches.samples))
            return max(1, int(FIRST_VISITS / max(visits, 1)))
        steps = max(1, int(SECONDS_AT_ONCE / self._seconds_per_step))
        return min(steps, self._loop.threads.most_steps or steps)

    @property
    def can_start(self) -> bool:
        """Whether the first step can run compiled."""
        return not self._is_stale and self._is_in_bounds

    @property
    def _is_in_bounds(self) -> bool:
        return self._packed.in_bounds and self._loop.inputs.in_bounds

    def refresh(self) -> None:
        """As in `Engine`."""
        self._is_stale = True

    def advance(self, step: int, rates: Sequence[float]) -> tuple[list[float], list[int]]:
        """As in `Engine`."""
        loop = self._loop
        if loop.delayed_error is not None:
            error, loop.delayed_error = loop.delayed_error, None
            raise error
        factors = loop.mean_factors(step, len(rates))
        largest = max(rates) * factors.max(initial=1.0)
        ready = self._is_ready() and self._is_in_bounds and largest <= LARGEST_RATE
        constants = self._constants(step, len(rates)) if ready else np.zeros((0, 0))
        if not len(constants):
            return self._advance_objects(step, rates[0])
        started = time.perf_counter()
        before = self._last_state()
        losses, correct = loop.run(step, rates[: len(constants)], constants, factors)
        done = len(losses)
        if not done:
            return self._advance_objects(step, rates[0], before)
        if not len(factors) or factors[:done].any():
            self._packed.note_update()
        self._memory = None
        self._unwritten_batch, self._unwritten_state = loop.batch(step + done - 1), None
        self._seconds_per_step = (time.perf_counter() - started) / done
        return losses.tolist(), correct.tolist()

    def write_back(self) -> None:
        """As in `Engine`."""
        batch = self._unwritten_batch
        if batch is not None:
            self._packed.store()
            if self._plain and not self.dropconnect and batch.size <= CHUNK:
                self._loop.add_gradients(batch)  # in other cases the kernels have stored them
            self._packed.store_gradients()
            self._set_weights(batch)
            self._restore_neurons(self._loop.last_state(batch))
            self._unwritten_batch = None
        if self._unwritten_state is not None:
            self._restore_neurons(self._unwritten_state)
            self._unwritten_state = None

    def take(self, step: int, epoch: float, samples: Samples | None, graph: Graph) -> Snapshot:
        """As in `Engine`."""
        zs: list[array[float]] = []
        values: list[array[float]] = []
        if not self._is_ready():
            return self._object_engine().take(step, epoch, samples, graph)
        layout = self._packed.layout
        try:
            if samples is not None:
                for rows in self._forward.rows(samples, self._inputs_of(samples)):
                    for kept, arrays in zip((zs, values), rows, strict=True):
                        kept.extend(map(_as_array, arrays))
                self._unwritten_state = self._forward.last
        except OutOfBoundsError:
            self.write_back()
            return self._object_engine().take(step, epoch, samples, graph)
        weights = _as_array(self._packed.weights[layout.places])
        biases = _as_array(self._packed.bias[layout.columns])
        state = self._packed.state(has_memory=self.optimizer is not plain_sgd)
        return Snapshot(step, epoch, graph, weights, biases, zs, values, state=state)

    def outputs(self, samples: Samples) -> Iterable[Outputs]:
        """As in `Engine`."""
        if not self._is_ready():
            return object_outputs(self.net, samples)
        try:
            outputs = self._forward.outputs(samples, self._inputs_of(samples))
        except OutOfBoundsError:
            self.write_back()
            return object_outputs(self.net, samples)
        self._unwritten_state = self._forward.last
        return outputs

    @property
    def _forward(self) -> Forward:
        if self._forward_pass is None:
            self._forward_pass = Forward(self._packed, self._threads)
        return self._forward_pass

    def _inputs_of(self, samples: Samples) -> Inputs:
        """Return validated or watched samples as arrays; each are converted once."""
        if id(samples) not in self._other_inputs:
            self._other_inputs[id(samples)] = samples, Inputs(samples, sparse=self._loop.inputs.sparse)
        return self._other_inputs[id(samples)][1]

    def _is_ready(self) -> bool:
        """Read what may have changed; return whether it can run compiled."""
        try:
            if self._is_stale:
                self._read_objects()
                self._is_stale = False
            elif self._has_own_formulas:  # a schedule may have changed what they read
                self._packed.layout.compile(self._packed.layers)
                self._loop.set(**self._option_fields(self.net.loss))
        except OutOfBoundsError:  # something is no number: the objects raise the error where it counts
            return False
        except NotCompiledError as error:
            if self._raise:
                raise
            warn_of_object_loops(error)
            self.write_back()
            self._is_stale = True
            return False
        return True

    def _read_objects(self) -> None:
        net, loop = self.net, self._loop
        if self._wiring is not net.wiring:
            layout = Layout(net.wiring, loop.inputs.sparse, allow_padding=self._raise)
            packed = PackedNet(layout, not self._plain, bool(self.dropconnect))
            self._memory = self.memory
            self._removed_memory = {
                thing: numbers for thing, numbers in self._memory.items() if thing not in layout
            }
            self._wiring, self._packed = net.wiring, packed
            loop.pack(packed, bool(self.dropout))
        self._packed.load(self._memory)
        self._memory, self._forward_pass = None, None
        own = [self.optimizer, net.loss, *(each for each, _ in self.penalties)]
        own += [layer.activation for layer in net.wiring.layers]
        self._has_own_formulas = any(map(is_own, own))
        loop.set(**self._option_fields(net.loss), **self._packed.fields())

    def _option_fields(self, loss: Loss) -> dict[str, Any]:
        batches, outputs = self.batches, self._packed.layout.incoming[-1].size
        activation = self.net.wiring.output.activation
        partner = activation is loss.partner
        return {
            "batch_size": min(batches.size, len(batches.samples)),
            "shuffle": batches.shuffle,
            "seed": batches.seed,
            "dropout": self.dropout,
            "dropconnect": self.dropconnect,
            "clip_norm": self.clip_norm or 0.0,
            "clip_value": self.clip_value or 0.0,
            "alpha": self.alpha,
            "plain": self._plain,
            "target_kind": TARGET_KINDS[batches.encoder.loss.target_kind],
            "partner": partner,
            "slope_factor": 1.0 / outputs if loss.mean else 1.0,
            "mean": loss.mean,
            "loss_loop": formulas.loss_of(loss, activation),
            "slopes_loop": formulas.slopes_of(loss, partner),
            "update_loop": formulas.update_of(self.optimizer),
            "penalties": len(self.penalties),
            "penalty_loops": np.array(
                [formulas.penalty_of(each) for each, _ in self.penalties], np.uint64
            ),
            "strengths": np.array([strength for _, strength in self.penalties], np.float64),
        }

    def _constants(self, step: int, count: int) -> Array:
        """Return the optimizer's constants of some steps, up to one that the kernels cannot take."""
        if self.optimizer is plain_sgd:
            return np.zeros((count, 0))
        rows: list[tuple[float, ...]] = []
        size = len(self.optimizer.constants(1))  # for which the loop is compiled
        for number in range(step, step + count):
            row = constants_of(self.optimizer, number)
            if row is None or len(row) != size:
                break  # the object loops take that step, and raise the error if there is one
            rows.append(row)
        return np.array(rows, np.float64).reshape(len(rows), size)

    def _last_state(self) -> NeuronState | None:
        """Return the state of the neurons after the last batch, if not yet written to the objects."""
        batch = self._unwritten_batch
        return None if batch is None else self._loop.last_state(batch)

    def _set_weights(self, batch: Batch) -> None:
        """Set the number of samples, and their weights, as the object loops do."""
        net, weights = self.net, self.batches.weights
        net.samples, net.weight_sum = batch.size, self.batches.weight_of(batch.step)
        last = self._loop.last_sample(batch)
        net.sample_weight = 1.0 if weights is None else weights[last]

    def _restore_neurons(self, state: NeuronState) -> None:
        batch, wiring = self._unwritten_batch, self.net.wiring
        if not self.dropconnect or state.deltas is None or batch is None:
            wiring.restore_state(*state)
            return
        engine = self._object_engine()
        engine.drop(batch.step, batch.size - 1)  # the weights that this sample skipped
        wiring.restore_state(*state, dropconnect=True)
        engine.keep_all()

    def _advance_objects(
        self, step: int, rate: float, before: NeuronState | None = None
    ) -> tuple[list[float], list[int]]:
        """Take a step on the objects.

        If the kernels have tried the step, the workspace no longer holds the batch before; `before` is
        the state of the neurons after that batch. Its gradients are not needed: the step resets them.
        """
        if before is not None:
            self._packed.store()
            self._restore_neurons(before)
            self._unwritten_batch = None
        self.write_back()
        engine = self._object_engine()
        try:
            return engine.advance(step, [rate])
        finally:
            self._memory = engine.memory
            self._is_stale = True

    def _object_engine(self) -> ScalarEngine:
        options = (self.penalties, self.dropout, self.dropconnect, self.clip_norm, self.clip_value)
        return ScalarEngine(
            self.net, self.batches, self.optimizer, *options, self.alpha, self.seed, memory=self.memory
        )


def _as_array(numbers: Array) -> array[float]:
    kept = array("d")
    kept.frombytes(np.ascontiguousarray(numbers, np.float64).tobytes())
    return kept
