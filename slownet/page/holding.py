"""What a page holds of the data of a training, and the recipe from which it trains."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from slownet.errors import FormatError, RecordingError
from slownet.page.digests import recipe_of
from slownet.page.encoding import Writer
from slownet.page.facts import HeldOut, Kind, Role
from slownet.page.javascript import Translator
from slownet.page.planning import KINDS, MOST_HELD_OUT, Data, Plan, spread
from slownet.page.recipe import Recipe, UntrainableError
from slownet.page.rows import Rows, check_same
from slownet.recording.arithmetic import check_repeatable
from slownet.translation import UntranslatableError


class Holding:
    """Writes the data of a page, and its recipe.

    Parameters
    ----------
    writer : Writer
        Takes the numbers.
    data : Data
        What was given to `fit`.
    plan : Plan
        What is to be held.

    Attributes
    ----------
    trains : bool
        Whether the page trains itself.
    holds : dict
        How many rows of each of the data are in the page, of how many.
    held_out : HeldOut or None
        The samples that accuracy is of.
    judged : (samples, labels, targets) or None
        The same samples.
    recipe : Recipe or None
        From which the page trains.

    Raises
    ------
    TypeError, ValueError
        If the data are none of this net.
    RecordingError
        If they are not those of the training. Nothing has been written then.
    """

    def __init__(self, writer: Writer, data: Data, plan: Plan) -> None:
        self.writer, self.data = writer, data
        self.holds: dict[Role, tuple[int, int]] = {}
        self.held_out: HeldOut | None = None
        self.recipe: Recipe | None = None
        self.judged: tuple[list[list[float]], list[Any], list[list[float]]] | None = None
        self.trains = False
        if plan.rows:
            self._write_data(plan)
            self.held_out = self._write_held_out(plan.tests)
            self._write_others(plan)

    def _rows(self, name: Role) -> Rows:
        rows = self.data.rows(name)
        if rows is None:
            raise LookupError(name)
        return rows

    def _write_data(self, plan: Plan) -> None:
        """Write what is learned from, with the recipe if there is one."""
        history, given, count = self.data.history, self.data.given, self.data.count
        rows = None if plan.rows >= count else spread(count, plan.rows)
        self.holds["data"] = min(plan.rows, count), count
        validation = given.get("validation_data") if "validation_data" in plan.pairs else None
        ways = (True, False) if plan.trains else (False,)
        for begins in ways if plan.learns and self._is_known() else ():
            with suppress(UntranslatableError, UntrainableError, FormatError):
                known = history, given["data"], validation
                self.recipe = recipe_of(*known, Translator(exact=True), self.writer, rows, begins)
                self.trains = begins
                break
        data, chosen = self._rows("data"), self.data.chosen
        if self.recipe is None:
            preparation = self.data.structure.scene.units.preparation
            check_same(history, data, preparation, given["data"][0], chosen)
            data.write(self.writer, "data", rows if chosen is None or rows is None else chosen[rows])
            if rows is None:
                self.holds["data"] = len(data.inputs), len(data.inputs)
            return
        if data.weights is not None and history.config.get("class_weight") is not None:
            self.writer.plain("data sample_weight", np.array(data.weights), "float64")
        if "data places" in self.writer.contents:
            rest = len(data.inputs) - count
            self.holds["validation_data"] = rest, rest

    def _is_known(self) -> bool:
        """Whether the steps of the training can be taken again by this slownet."""
        try:
            check_repeatable(self.data.history)
        except RecordingError:
            return False
        return True

    def _write_others(self, plan: Plan) -> None:
        """Write the other data that were given to `fit`, all of their rows."""
        for name in plan.pairs:
            if name in self.holds:
                continue  # a part of the training data
            rows = self._rows(name)
            if not self._is_written(name):
                rows.write(self.writer, name)
            self.holds[name] = len(rows.inputs), len(rows.inputs)

    def _is_written(self, name: Role) -> bool:
        """Whether all rows of a pair are there: in the recipe, or held out."""
        out = self.held_out
        is_whole = out is not None and KINDS[out["kind"]] == name and out["count"] == out["all"]
        return is_whole or any(
            f"{name} {kind}" in self.writer.contents for kind in ("samples", "pixels")
        )

    def _write_held_out(self, kind: Kind | None) -> HeldOut | None:
        """Write the samples that accuracy is of."""
        if kind is None:
            return None
        name, chosen = KINDS[kind], self.data.chosen
        if name == "validation_data" and chosen is not None:
            rows = self._rows("data")
            places = np.setdiff1d(np.arange(len(rows.inputs)), chosen)
        else:
            rows = self._rows(name)
            places = np.arange(len(rows.inputs))
        if kind == "training" and chosen is not None:
            places = chosen
        kept = places[spread(len(places), MOST_HELD_OUT)]
        rows.write(self.writer, "held_out", kept)
        if kind != "training" and len(kept) == len(places):
            self.holds[name] = len(kept), len(kept)
        self.judged = (
            rows.inputs[kept].tolist(),
            rows.labels(kept),
            [list(rows.targets[k]) for k in kept],
        )
        return {"kind": kind, "count": len(kept), "all": len(places)}
