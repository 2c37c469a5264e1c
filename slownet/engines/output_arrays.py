"""The outputs of many samples in arrays, and their losses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from slownet.engines.formula_keys import NotCompiledError, is_own

if TYPE_CHECKING:
    import numpy.typing as npt

    from slownet.engines.protocol import Outputs
    from slownet.functions import AnyActivation, Loss

    Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class OutputArrays:
    """The outputs of samples in arrays; as an iterable, the two lists of each sample.

    Attributes
    ----------
    zs, values : array
        z and value of every output neuron, [sample, output].
    """

    zs: Array
    values: Array

    def __iter__(self) -> Iterator[Outputs]:
        return zip(self.zs.tolist(), self.values.tolist(), strict=True)

    def judged(
        self,
        loss: Loss,
        activation: AnyActivation,
        targets: Sequence[list[float]],
        scales: Sequence[float],
    ) -> tuple[list[float], list[float]] | None:
        """Return each sample's loss, and whether it is right; for regression how far it is off.

        Each output's distance is multiplied by its scale.

        None for a loss of the user's, which is not compiled for this alone.
        """
        import numpy as np

        from slownet.engines import formulas, kernels
        from slownet.engines.kernel_records import TARGET_KINDS, WORK
        from slownet.engines.machine.memory import Record

        if is_own(loss):
            return None
        try:
            loss_loop = formulas.loss_of(loss, activation)
        except NotCompiledError:
            return None
        count, outputs = self.values.shape
        losses, correct = np.empty(count), np.empty(count, np.int64)
        wanted = target_array(targets)
        record = Record(WORK)
        record.set(
            z=self.zs, value=self.values, stride=outputs, value_stride=outputs, outputs=outputs,
            target=wanted, order=np.arange(count, dtype=np.uint32), loss=losses,
            is_correct=correct, loss_loop=loss_loop, mean=loss.mean,
            target_kind=TARGET_KINDS[loss.target_kind],
        )  # fmt: skip
        kernels.judge(record.address, 0, 0, 0, count)
        marks: Array = correct
        if loss.target_kind == "number":
            marks = np.add.accumulate(abs(self.values - wanted) * scales, axis=1)[:, -1]  # in order
        return losses.tolist(), marks.tolist()


def target_array(targets: Sequence[list[float]]) -> Array:
    """Return targets as [sample, output]; those of classes are a few lists, again and again."""
    import numpy as np

    different = {id(target): target for target in targets}
    rows = np.fromiter(chain.from_iterable(different.values()), np.float64)
    rows = rows.reshape(len(different), -1 if different else 0)
    if len(rows) == len(targets):
        return rows
    places = {key: place for place, key in enumerate(different)}
    chosen = np.fromiter(map(places.__getitem__, map(id, targets)), np.intp, len(targets))
    return rows[chosen]
