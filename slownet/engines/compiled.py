"""The compiled engine: the arithmetic of the object loops over flat arrays, in kernels.

The objects stay the truth wherever anybody can look at them: `write_back` writes everything that the
object loops would have left there, `refresh` reads what may have been changed. A step in which a number
gets out of bounds is taken by the object loops themselves, so that errors are theirs too.
"""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from slownet.engines import formulas, kernels
from slownet.engines.bounds import LARGEST_RATE, OutOfBoundsError
from slownet.engines.choice import say_once
from slownet.engines.formula_checks import NotCompiledError
from slownet.engines.inputs import Inputs
from slownet.engines.machine.jit import aligned
from slownet.engines.machine.memory import Record
from slownet.engines.packing import Layout, Packed, padded
from slownet.engines.records import CLASS, FINISHED, NUMBER, SIGN, SLAB, UNITS, WORK, YES_NO
from slownet.engines.scalar import ScalarEngine, by_objects
from slownet.functions import plain_sgd
from slownet.recording import Graph, Snapshot

if TYPE_CHECKING:
    from slownet.engines.protocol import Memory
    from slownet.functions import Loss, Optimizer, Regularizer
    from slownet.objects import Net
    from slownet.samples import Batches, Samples

Array = npt.NDArray[Any]
AT_ONCE = 0.05  # seconds that a kernel runs, so that Ctrl-C and the progress bar are not kept waiting
FIRST_VISITS = 1e6  # visits to weights in the first call, when nobody knows yet how long they take
UNDER_WAY = -1
TARGETS = {"class": CLASS, "binary": YES_NO, "sign": SIGN, "number": NUMBER}


class Seen(NamedTuple):
    """What the last sample that went forward left in the neurons."""

    sample: list[float]
    zs: list[float]
    values: list[float]
    deltas: list[float] | None


class Forward:
    """Sends samples forward through a net that is packed, without dropping anything.

    Attributes
    ----------
    seen : Seen or None
        What the last sample left in the neurons.
    """

    def __init__(self, packed: Packed) -> None:
        self.packed = packed
        self.seen: Seen | None = None
        self._desk = _desk(packed.layout, SLAB)
        self._record = Record(WORK)
        self._record.set(**packed.fields(), **self._desk, **_scratch(packed.layout))

    def rows(self, samples: Samples, inputs: Inputs) -> Iterator[tuple[Array, Array]]:
        """Yield z and value of every neuron after the inputs, for up to SLAB samples at a time.

        Raises
        ------
        OutOfBoundsError
            If a number is too large for kernels.
        """
        desk, layout, layers = self._desk, self.packed.layout, self.packed.layers
        if not self.packed.fine or not inputs.fine:
            raise OutOfBoundsError
        self._record.set(**inputs.fields)
        desk["odd"][:] = 0
        for begin in range(0, len(samples), SLAB):
            under_way = min(SLAB, len(samples) - begin)
            self._record.set(at=begin, count=under_way)
            kernels.forward(self._record.address, layers.ctypes.data, 0, 0, under_way)
            if desk["odd"][0]:
                raise OutOfBoundsError
            zs, values = _rows(desk, "z", layout), _rows(desk, "value", layout)
            last = under_way - 1
            self.seen = Seen(samples[begin + last], zs[last].tolist(), values[last].tolist(), None)
            yield zs[:under_way], values[:under_way]

    def outputs(self, samples: Samples, inputs: Inputs) -> list[list[float]]:
        """Return the output values of every sample."""
        count = self.packed.layout.forth[-1].size
        return [row for _, values in self.rows(samples, inputs) for row in values[:, -count:].tolist()]


class CompiledEngine:
    """The `Engine` that runs batches in kernels, over arrays.

    Parameters
    ----------
    net, batches, optimizer, penalties, dropout, dropconnect, seed, memory
        As for `ScalarEngine`.
    threads : int
        How many share the work of a batch; the bits are the same for any number.
    raise_ : bool
        Whether to raise an error rather than go on with the objects where a net that has been changed
        meanwhile cannot be compiled, or would need much more memory than it has weights.

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
        seed: int = 0,
        threads: int = 1,
        raise_: bool = True,
        memory: Memory | None = None,
    ) -> None:
        self.net, self.batches, self.optimizer, self.penalties = net, batches, optimizer, penalties
        self.dropout, self.dropconnect, self.seed = dropout, dropconnect, seed
        self.threads = threads if batches.size > threads else 1
        self._plain = optimizer is plain_sgd and not penalties
        self._inputs = Inputs(batches.samples, batches.targets, threads=self.threads)
        self._others: dict[int, tuple[Samples, Inputs]] = {}
        self._calls = {"outcome": np.zeros(2, np.int64), "meeting": aligned(16, np.int64)}
        if batches.shuffle:
            count = len(batches.samples)
            self._calls |= {
                "epoch": np.zeros(1, np.uint64),
                "draws": np.zeros(count, np.uint64),
                "heaps": np.zeros(2 * count + 2, np.uint64),
            }
        self._memory: Memory | None = dict(memory or {})
        self._batch: tuple[int, int, int] | None = None  # its step, begin and size, if it is news
        self._seen: Seen | None = None  # what was sent forward after it
        self._pace = 0.0  # seconds a step
        self._late: BaseException | None = None
        self._looking: Forward | None = None
        self._wiring: object = None
        self._gone: Memory = {}  # what is remembered of weights and neurons that left the net
        self._raise, self._stale = raise_, False
        self._renew()

    @property
    def memory(self) -> Memory:
        """As in `Engine`; read from the arrays when it is asked for."""
        if self._memory is None:
            self._memory = {} if self._plain else self._gone | self._packed.memory()
        return self._memory

    @property
    def steps_at_once(self) -> int:
        """As in `Engine`, by the time that the last steps took."""
        if not self._pace:
            visits = len(self._packed.layout.weights) * min(self.batches.size, len(self.batches.samples))
            return max(1, int(FIRST_VISITS / max(visits, 1)))
        return max(1, int(AT_ONCE / self._pace))

    @property
    def can_start(self) -> bool:
        """Whether the first step can run compiled."""
        return not self._stale and self._packed.fine and self._inputs.fine

    def refresh(self) -> None:
        """As in `Engine`."""
        self._stale = True

    def advance(self, step: int, rates: Sequence[float]) -> tuple[list[float], list[int]]:
        """As in `Engine`."""
        if self._late is not None:
            late, self._late = self._late, None
            raise late
        constants = self._constants(step, len(rates))
        if not self._is_ready() or not self._fits(rates) or not len(constants):
            return self._by_objects(step, rates[0])
        started = time.perf_counter()
        before, backup = self._last_of_batch(), self._packed.backup()
        totals, rights = self._train(step, np.array(rates[: len(constants)], np.float64), constants)
        done, ended = self._calls["outcome"].tolist()
        if ended != FINISHED:  # take the good steps again, to stand where they end
            self._packed.go_back(backup)
            if done:
                self._train(step, np.array(rates[:done], np.float64), constants[:done])
        if not done:
            return self._by_objects(step, rates[0], before)
        self._packed.has_learned()
        self._memory = None
        last = step + done - 2
        begin = last % self.batches.per_epoch * self.batches.size
        self._batch = last + 1, begin, min(self.batches.size, len(self.batches.samples) - begin)
        self._seen = None
        self._pace = (time.perf_counter() - started) / done
        return totals[:done].tolist(), rights[:done].tolist()

    def _is_ready(self) -> bool:
        """Read the objects if they may have changed; return whether the kernels can do what they say."""
        if self._stale:
            try:
                self._renew()
            except NotCompiledError as error:
                if self._raise:
                    raise
                say_once(error)
                return False
            self._stale = False
        return True

    def _renew(self) -> None:
        net = self.net
        if self._wiring is not net.wiring:
            layout = Layout(net.wiring, self._inputs.sparse, lavish=self._raise)
            packed = Packed(layout, not self._plain, bool(self.dropconnect))
            rows = min(SLAB, self.batches.size, len(self.batches.samples))
            self._memory = self.memory
            self._gone = {thing: pair for thing, pair in self._memory.items() if thing not in layout}
            self._wiring, self._packed = net.wiring, packed
            self._desk = _desk(layout, rows, bool(self.dropout))
            self._records = [Record(WORK) for _ in range(self.threads)]
            units = {name: getattr(kernels, name).address for name in UNITS}
            shared = {**self._desk, **self._inputs.fields, **self._calls, **units}
            for record in self._records:
                scratch = _scratch(layout, rows if self._inputs.sparse else 0)
                record.set(threads=self.threads, **shared, **scratch)
        self._packed.load(self._memory)
        self._memory, self._looking = None, None
        self._set(**self._plan(net.loss))
        self._set(**self._packed.fields())

    def _constants(self, step: int, count: int) -> Array:
        """Ask the optimizer for its constants; of fewer steps if it fails, which is seen at its turn."""
        if self.optimizer is plain_sgd:
            return np.zeros((count, 0))
        rows: list[tuple[float, ...]] = []
        for number in range(step, step + count):
            try:
                row = self.optimizer.constants(number)
            except Exception:
                break
            if any(type(number) is not float for number in row) or len(row) != len(
                rows[0] if rows else row
            ):
                break
            rows.append(row)
        return np.array(rows, np.float64).reshape(len(rows), -1)

    def write_back(self) -> None:
        """As in `Engine`."""
        if self._batch is not None:
            step, begin, count = self._batch
            self._packed.store()
            if self._plain and not self.dropconnect and count <= SLAB:  # otherwise they were kept
                self._records[0].set(step=step, at=begin, offset=0, count=count)
                layers = self._packed.layers
                for number, rows in enumerate(layers["rows"].tolist()):
                    kernels.add_gradients(self._records[0].address, layers.ctypes.data, number, 0, rows)
            self._packed.store_gradients()
            self.net.samples = count
            self._recall(self._last_of_batch())
            self._batch = None
        if self._seen is not None:
            self._recall(self._seen)
            self._seen = None

    def take(self, step: int, epoch: float, samples: Samples | None, graph: Graph) -> Snapshot:
        """As in `Engine`."""
        zs: list[array[float]] = []
        values: list[array[float]] = []
        if not self._is_ready():
            return self._object_engine().take(step, epoch, samples, graph)
        layout = self._packed.layout
        try:
            if samples is not None:
                for rows in self._forward.rows(samples, self._other(samples)):
                    for kept, arrays in zip((zs, values), rows, strict=True):
                        kept.extend(map(_numbers, arrays))
                self._seen = self._forward.seen
        except OutOfBoundsError:
            self.write_back()
            return self._object_engine().take(step, epoch, samples, graph)
        weights, biases = self._packed.weights[layout.places], self._packed.bias[layout.columns]
        state = self._packed.state(remembers=self.optimizer is not plain_sgd)
        return Snapshot(step, epoch, graph, _numbers(weights), _numbers(biases), zs, values, state=state)

    def outputs(self, samples: Samples) -> Iterable[list[float]]:
        """As in `Engine`."""
        if not self._is_ready():
            return by_objects(self.net, samples)
        try:
            outputs = self._forward.outputs(samples, self._other(samples))
        except OutOfBoundsError:
            self.write_back()
            return by_objects(self.net, samples)
        self._seen = self._forward.seen
        return outputs

    @property
    def _forward(self) -> Forward:
        if self._looking is None:
            self._looking = Forward(self._packed)
        return self._looking

    def _other(self, samples: Samples) -> Inputs:
        """Convert other samples than those that are learned from, once."""
        if id(samples) not in self._others:
            self._others[id(samples)] = samples, Inputs(samples, sparse=self._inputs.sparse)
        return self._others[id(samples)][1]

    def _recall(self, seen: Seen | None) -> None:
        if seen is None:
            return
        if not self.dropconnect or seen.deltas is None or self._batch is None:
            self.net.wiring.restore_state(*seen)
            return
        step, _, count = self._batch
        engine = self._object_engine()
        engine.drop(step, count - 1)  # the weights that this sample went without
        self.net.wiring.restore_state(*seen, dropconnect=True)
        engine.keep_all()

    def _last_of_batch(self) -> Seen | None:
        """Return what the last batch's last sample left, if that is news to the objects."""
        if self._batch is None:
            return None
        _, begin, count = self._batch
        sample = self.batches.samples[int(self._inputs.fields["order"][begin + count - 1])]
        names, row = ("z", "value", "delta"), (count - 1) % SLAB
        rows = (_rows(self._desk, name, self._packed.layout)[row] for name in names)
        return Seen(sample, *(numbers.tolist() for numbers in rows))

    def _fits(self, rates: Sequence[float]) -> bool:
        """Whether kernels can be sure to notice when numbers get out of bounds."""
        fine = self._packed.fine and self._inputs.fine
        return fine and max(rates) <= LARGEST_RATE

    def _by_objects(
        self, step: int, rate: float, before: Seen | None = None
    ) -> tuple[list[float], list[int]]:
        """Take a step on the objects.

        After kernels have tried it, the desk no longer holds the batch before, only `before` its last
        sample; its gradients are not needed, for the step begins by setting them to 0.
        """
        if before is not None:
            self._packed.store()
            self._recall(before)
            self._batch = None
        self.write_back()
        engine = self._object_engine()
        try:
            return engine.advance(step, [rate])
        finally:
            self._memory = engine.memory
            self._stale = True

    def _object_engine(self) -> ScalarEngine:
        return ScalarEngine(
            self.net,
            self.batches,
            self.optimizer,
            self.penalties,
            self.dropout,
            self.dropconnect,
            self.seed,
            memory=self.memory,
        )

    def _set(self, **fields: Any) -> None:
        for record in self._records:
            record.set(**fields)

    def _train(self, step: int, rates: Array, constants: Array) -> tuple[Array, Array]:
        totals, rights = np.zeros(len(rates)), np.zeros(len(rates), np.int64)
        self._set(
            first_step=step - 1, steps=len(rates), rates=rates, totals=totals, rights=rights,
            constants=constants, constants_each=constants.shape[1],
        )  # fmt: skip
        self._desk["odd"][:] = self._calls["meeting"][:] = 0
        outcome = self._calls["outcome"]
        outcome[:] = UNDER_WAY

        def run(me: int) -> None:
            kernels.train(self._records[me].address, self._packed.layers.ctypes.data, me, 0, 0)

        try:
            _side_by_side(run, self.threads)
        except (
            BaseException
        ) as error:  # of a signal's handler: Python calls it when the kernel has ended
            if outcome[1] == UNDER_WAY:
                raise
            self._late = error
        return totals, rights

    def _plan(self, loss: Loss) -> dict[str, Any]:
        activation, outputs = self.net.wiring.output.activation, self._packed.layout.forth[-1].size
        partner = activation is loss.partner
        return {
            "batch_size": min(self.batches.size, len(self.batches.samples)),
            "shuffle": self.batches.shuffle,
            "seed": self.batches.seed,
            "dropout": self.dropout,
            "dropconnect": self.dropconnect,
            "plain": self._plain,
            "target_kind": TARGETS[self.batches.encoder.loss.target_kind],
            "partner": partner,
            "share": 1.0 / outputs if loss.mean else 1.0,
            "mean": loss.mean,
            "tested": formulas.tested_up_to(loss),
            "loss_loop": formulas.loss_of(loss),
            "slopes_loop": formulas.slopes_of(loss, partner),
            "update_loop": formulas.update_of(self.optimizer),
            "penalties": len(self.penalties),
            "penalty_loops": np.array(
                [formulas.penalty_of(each) for each, _ in self.penalties], np.uint64
            ),
            "strengths": np.array([strength for _, strength in self.penalties], np.float64),
        }


def outputs(net: Net, samples: Samples, raise_: bool = True) -> Iterable[list[float]]:
    """Send samples through a net; return the output values of each.

    The net's neurons are left as the last sample leaves them.
    """
    inputs = Inputs(samples)
    packed = Packed(Layout(net.wiring, inputs.sparse, lavish=raise_))
    packed.load()
    forward = Forward(packed)
    try:
        result = forward.outputs(samples, inputs)
    except OutOfBoundsError:
        return by_objects(net, samples)
    if forward.seen is not None:
        net.wiring.restore_state(*forward.seen)
    return result


def _side_by_side(run: Callable[[int], None], threads: int) -> None:
    """Run in threads that wait for each other; in none if one of them cannot be started."""
    ready, all_here = threading.Event(), True

    def wait_and_run(me: int) -> None:
        ready.wait()
        if all_here:
            run(me)

    workers = [threading.Thread(target=wait_and_run, args=(me,)) for me in range(1, threads)]
    try:
        for worker in workers:
            worker.start()
    except BaseException:
        all_here = False
        raise
    finally:
        ready.set()
    try:
        run(0)
    finally:
        for worker in workers:
            worker.join()


def _desk(layout: Layout, rows: int, dropout: bool = False) -> dict[str, Any]:
    """Make room for samples under way."""
    value_stride = layout.stride
    if layout.needs_inputs:
        value_stride += padded(layout.inputs)
        value_stride += 8 if value_stride % 64 == 0 else 0
    value = aligned(rows * value_stride)
    return {
        "value_stride": value_stride,
        "z": aligned(rows * layout.stride),
        "value": value,
        "raw": aligned(rows * value_stride) if dropout else value,
        "delta": aligned(rows * layout.stride),
        "keep": aligned(rows * layout.stride if dropout else 8),
        "loss": np.zeros(rows),
        "right": np.zeros(rows, np.int64),
        "silent": np.zeros(rows, np.uint8),
        "odd": np.zeros(2, np.int64),
        "zeros": aligned(max(layout.widths)),
    }


def _scratch(layout: Layout, filed: int = 0) -> dict[str, Any]:
    """Make room for what a thread notes down; `filed` is how many samples it files by their inputs."""
    most = max(SLAB, *(len(matrix.columns) for matrix in (*layout.forth, *layout.back))) + 8
    drawer = (
        filed + 3 if filed else 0
    )  # drawers a power of two long get in each other's way in the cache
    return {
        "index": np.zeros(most, np.uint32),
        "listed": np.zeros(most),
        "ends": np.zeros(layout.inputs, np.uint64),
        "drawer": drawer,
        "filed": np.zeros(layout.inputs * drawer, np.uint32),
        "amount": np.zeros(layout.inputs * drawer),
        "slope": aligned(layout.stride),
    }


def _rows(desk: dict[str, Any], name: str, layout: Layout) -> Array:
    """Return [row of sample, neuron after the inputs]."""
    stride = desk["value_stride"] if name == "value" else layout.stride
    rows: Array = desk[name].reshape(-1, stride)[:, layout.columns]
    return rows


def _numbers(numbers: Array) -> array[float]:
    kept = array("d")
    kept.frombytes(np.ascontiguousarray(numbers, np.float64).tobytes())
    return kept
