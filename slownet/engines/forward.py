"""Sending samples forward through a packed net, without training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy.typing as npt

from slownet.engines import kernels
from slownet.engines.bounds import OutOfBoundsError
from slownet.engines.kernel_records import CHUNK, WORK
from slownet.engines.layout import Layout
from slownet.engines.machine.memory import Record
from slownet.engines.packed_inputs import Inputs
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
    """

    def __init__(self, packed: PackedNet) -> None:
        self.packed = packed
        self.last: NeuronState | None = None
        self._workspace = Workspace(packed.layout, CHUNK)
        self._record = Record(WORK)
        self._record.set(**packed.fields(), **self._workspace.fields, **scratch(packed.layout))

    def rows(self, samples: Samples, inputs: Inputs) -> Iterator[tuple[Array, Array]]:
        """Yield z and value of every neuron after the inputs, for up to CHUNK samples at a time.

        Raises
        ------
        OutOfBoundsError
            If a number is too large for kernels.
        """
        workspace, layers = self._workspace, self.packed.layers
        if not self.packed.in_bounds or not inputs.in_bounds:
            raise OutOfBoundsError
        self._record.set(**inputs.fields)
        workspace.overflowed[:] = 0
        for begin in range(0, len(samples), CHUNK):
            count = min(CHUNK, len(samples) - begin)
            self._record.set(at=begin, count=count)
            kernels.forward(self._record.address, layers.ctypes.data, 0, 0, count)
            if workspace.overflowed[0]:
                raise OutOfBoundsError
            zs, values = workspace.rows("z"), workspace.rows("value")
            last = count - 1
            self.last = NeuronState(
                samples[begin + last], zs[last].tolist(), values[last].tolist(), None
            )
            yield zs[:count], values[:count]

    def outputs(self, samples: Samples, inputs: Inputs) -> Iterator[Outputs]:
        """Return the outputs of every sample; all are computed first, and made lists when read."""
        first = -self.packed.layout.incoming[-1].size
        computed = [
            (zs[:, first:].copy(), values[:, first:].copy()) for zs, values in self.rows(samples, inputs)
        ]
        return (
            outputs
            for zs, values in computed
            for outputs in zip(zs.tolist(), values.tolist(), strict=True)
        )


def outputs(net: Net, samples: Samples, allow_padding: bool = True) -> Iterable[Outputs]:
    """Return the outputs of samples, without a training; errors and padding as for `Layout`."""
    inputs = Inputs(samples)
    packed = PackedNet(Layout(net.wiring, inputs.sparse, allow_padding))
    try:
        packed.load()
        forward = Forward(packed)
        result = forward.outputs(samples, inputs)
    except OutOfBoundsError:
        return object_outputs(net, samples)
    if forward.last is not None:
        net.wiring.restore_state(*forward.last)
    return result
