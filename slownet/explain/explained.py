"""A step on a tape, of which any number can be derived, with the names it has in its net."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING, Any

from slownet.errors import InvalidValueError
from slownet.explain.derivation import Derivation
from slownet.explain.graph import Graph
from slownet.explain.naming import GIVEN, OF_SAMPLES, name_of, words_of
from slownet.explain.tables import cell_words, in_units, input_names

if TYPE_CHECKING:
    from slownet.explain.naming import Quantity
    from slownet.explain.step import NotedStep
    from slownet.samples import LastStep


class Explained:
    """A step on a tape, of which any number can be explained.

    Parameters
    ----------
    step : NotedStep
        The step.
    about : str
        Of which step and which samples it is.
    """

    def __init__(self, step: NotedStep, about: str) -> None:
        self.step, self.about = step, about
        self.graph = Graph(step.tape, self._name, self._words, self._given)

    def derive(self, quantity: Quantity) -> Derivation | None:
        """Return the derivation of a quantity; None where the step has none.

        Raises
        ------
        ValueError
            If the step does not have its sample.
        """
        what, thing, row = quantity
        step = self.step
        sample = None
        if what in OF_SAMPLES:
            rows = [self.step.last.row(k) for k in range(len(step.last.samples or ()))]
            if row is not None and row not in rows:
                raise InvalidValueError(f"sample {row:,} is not among those of this step ({self.about})")
            sample = rows.index(row) if row is not None else max(len(rows) - 1, 0)
        place = step.place(what, step.mine(thing), sample)
        return None if place is None else Derivation(self.graph, place, self.about)

    def _name(self, place: int) -> str:
        role: Any = self.step.tape.role(place)
        return name_of(role, self._suffix(role.sample))

    def _suffix(self, sample: int | None) -> str:
        if sample is None or not self.step.is_batch:
            return ""
        return f"_s{self.step.last.row(sample)}"

    def _words(self, place: int) -> str:
        role: Any = self.step.tape.role(place)
        of_many = role.sample is not None and self.step.is_batch
        words = words_of(role, f", sample {self.step.last.row(role.sample)}" if of_many else "")
        if role.what in ("loss", "sample_loss"):
            return f"{words} ({self._loss_words})"
        if role.what in ("new_weight", "new_bias") and role.thing in self.step.unchanged:
            return f"{words}, unchanged: {self.step.unchanged[role.thing]}"
        if role.what == "value":
            return words + self._of_table(role.thing, self.step.tape.results[place])
        return words

    def _of_table(self, neuron: Any, value: float) -> str:
        """Return what an input or an output is in the table of the net; "" without one."""
        twin = self.step.twin
        names = input_names(twin)
        if neuron in names:
            return f": {names[neuron]}"
        units = in_units(neuron, twin, value)
        return f"; {units}" if units else ""

    @property
    def _loss_words(self) -> str:
        loss = self.step.loss
        return f"{loss.name}: {loss.text}" if loss.text else loss.name

    def _given(self, place: int) -> str:
        role = self.step.tape.role(place)
        if role is not None and role.what == "value":
            cell = cell_words(role.thing, self.step.twin, self.step.tape.results[place])
            return f"given: {cell}" if cell else GIVEN["value"]
        return "" if role is None else GIVEN.get(role.what, "given")


def samples_words(last: LastStep) -> str:
    """Return which step and samples a derivation speaks of."""
    samples: Any = last.samples
    rows = last.rows
    if last.step is None and rows is None and len(samples) == 1:
        listed = shorten(", ".join(f"{x:.6g}" for x in samples[0]), 50, placeholder=" ...")
        alone = f"the sample {listed}"
        if last.others:
            alone += f" alone: gradients add it to {last.others:,} before, which net.zero_grad() forgets"
        return alone
    count = len(last.targets or samples)
    listed = ", ".join(map(str, list(range(count) if rows is None else rows)[:8]))
    more = ", ..." if count > 8 else ""
    which = f"sample {listed}" if count == 1 else f"the {count} samples {listed}{more}"
    if last.step is None:
        return f"{which} that went forward and backward last"
    return f"step {last.step:,} of the training: {which} of the data"
