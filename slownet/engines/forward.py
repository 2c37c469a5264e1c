"""Sending samples forward through a packed net, without training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from slownet.engines import kernels
from slownet.engines.bounds import OutOfBoundsError
from slownet.engines.kernel_records import CHUNK, SENT, WORK
from slownet.engines.layout import Layout
from slownet.engines.machine.memory import Record
from slownet.engines.machine.threads import share
from slownet.engines.output_arrays import OutputArrays
from slownet.engines.packed_inputs import BLOCK, Inputs, are_sparse
from slownet.engines.packing import PackedNet
from slownet.engines.scalar import object_outputs
from slownet.engines.workspace import Workspace, scratch

if TYPE_CHECKING:
    from slownet.engines.protocol import Outputs
    from slownet.objects import Net
    from slownet.samples import Samples

Array = npt.NDArray[Any]


class NeuronState(NamedTuple):
    """The state of all neurons after a sample; deltas is None after a forward pass alone."""

    sample: list[float]
    zs: list[float]
    values: list[float]
    deltas: list[float] | None


class Forward:
    """Sends samples forward through a packed net, without dropping anything.

    Attributes
    ----------
    last : NeuronState or None
        The state of the neurons after the last sample.

    Parameters
    ----------
    packed : PackedNet
        The net.
    threads : int
        How many threads share the samples; the bits are the same for any number.
    """

    def __init__(self, packed: PackedNet, threads: int) -> None:
        self.packed = packed
        self.last: NeuronState | None = None
        self._threads = threads
        self._senders: list[_Sender] = []

    def rows(self, samples: Samples, inputs: Inputs) -> Iterator[tuple[Array, Array]]:
        """Yield z and value of every neuron after the inputs, for up to CHUNK samples at a time.

        Raises
        ------
        OutOfBoundsError
            If a number is too large for kernels.
        """
        if not self.packed.in_bounds or not inputs.in_bounds:
            raise OutOfBoundsError
        sender = self._sender(0)
        sender.prepare(inputs)
        for begin in range(0, len(samples), CHUNK):
            count = min(CHUNK, len(samples) - begin)
            sender.pass_forward(begin, count)
            self.last = sender.state(samples[begin + count - 1], count - 1)
            yield sender.rows("z")[:count], sender.rows("value")[:count]

    def outputs(self, samples: Samples, inputs: Inputs | None = None) -> OutputArrays:
        """Return the outputs of every sample.

        Parameters
        ----------
        samples : Samples
            The samples.
        inputs : Inputs, optional
            The same as arrays. Otherwise they are read as they are sent, and listed as the layout says.

        Raises
        ------
        OutOfBoundsError
            If a number is too large for kernels, or not finite.
        """
        if not self.packed.in_bounds or not (inputs is None or inputs.in_bounds):
            raise OutOfBoundsError
        count, outputs = len(samples), self.packed.layout.incoming[-1].size
        found = OutputArrays(np.empty((count, outputs)), np.empty((count, outputs)))
        blocks = range(0, count, BLOCK)
        senders = [self._sender(me) for me in range(min(self._threads, len(blocks)))]
        for sender in senders:
            sender.prepare(inputs)
        share(lambda me, begin: senders[me].send(begin, samples, found), blocks, len(senders))
        if any(sender.has_overflowed for sender in senders):
            raise OutOfBoundsError
        last = max(senders, key=lambda sender: sender.ended)
        self.last = last.state(samples[count - 1], (count - 1) % SENT)
        return found

    def _sender(self, me: int) -> _Sender:
        while me >= len(self._senders):
            self._senders.append(_Sender(self.packed))
        return self._senders[me]


class _Sender:
    """A thread's record and workspace.

    Attributes
    ----------
    ended : int
        Where the last block ended that it has sent.
    """

    def __init__(self, packed: PackedNet) -> None:
        layout = packed.layout
        self._layers, self._workspace = packed.layers, Workspace(layout, CHUNK)
        self._record = Record(WORK)
        self._record.set(**packed.forward_fields(), **self._workspace.fields, **scratch(layout))
        self._record.set(
            forward=kernels.forward.address, forward_in_tiles=kernels.forward_in_tiles.address
        )
        self._reading: dict[str, Any] = {
            "samples": 0,  # the next sample is not prefetched
            "inputs": layout.inputs,
            "is_dense": not layout.sparse,
            "order": np.arange(BLOCK, dtype=np.uint32),
            "start": np.zeros(SENT + 1, np.uint64),
        }
        if layout.sparse:
            self._reading["input_index"] = np.empty(SENT * layout.inputs, np.uint32)
            self._reading["input"] = np.empty(SENT * layout.inputs)
        self.ended = 0

    @property
    def has_overflowed(self) -> bool:
        """Whether a number was out of bounds."""
        return bool(self._workspace.overflowed[0])

    def prepare(self, inputs: Inputs | None) -> None:
        """Have the kernels read the arrays of all samples or, without them, block by block."""
        fields = self._reading if inputs is None else inputs.fields
        self._record.set(is_unread=inputs is None, **fields)
        self._workspace.overflowed[:] = self.ended = 0
        self._is_unread = inputs is None

    def pass_forward(self, begin: int, count: int) -> None:
        """Send up to CHUNK samples forward, which stay in the workspace."""
        self._record.set(at=begin)
        kernels.forward(self._record.address, self._layers.ctypes.data, 0, 0, count)
        if self.has_overflowed:
            raise OutOfBoundsError

    def send(self, begin: int, samples: Samples, found: OutputArrays) -> None:
        """Send the block of samples that begins there forward, and keep the outputs of each."""
        end = min(begin + BLOCK, len(samples))
        first = begin
        if self._is_unread:
            first = 0
            self._record.set(dense=samples.block(begin, end))
        at = begin - first
        self._record.set(kept_z=found.zs[at:], kept_value=found.values[at:])
        kernels.send(self._record.address, self._layers.ctypes.data, 0, first, end - at)
        self.ended = end

    def rows(self, name: str) -> Array:
        """Return the workspace's z or value of every neuron after the inputs."""
        return self._workspace.rows(name)

    def state(self, sample: list[float], row: int) -> NeuronState:
        """Return the state of the neurons after the sample in a row of the workspace."""
        zs, values = (self.rows(name)[row].tolist() for name in ("z", "value"))
        return NeuronState(sample, zs, values, None)


def outputs(
    net: Net, samples: Samples, allow_padding: bool, threads: int
) -> OutputArrays | Iterable[Outputs]:
    """Return the outputs of samples, without a training; errors and padding as for `Layout`.

    ValueError, too, if an input is not finite.
    """
    packed = PackedNet(Layout(net.wiring, are_sparse(samples), allow_padding))
    try:
        packed.load_numbers()
        forward = Forward(packed, threads)
        result = forward.outputs(samples)
    except OutOfBoundsError:
        samples.check()
        return object_outputs(net, samples)
    if forward.last is not None:
        net.wiring.restore_state(*forward.last)
    return result
