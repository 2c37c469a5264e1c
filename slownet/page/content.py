"""The contents of a page: facts of the training, and numbers rounded to a size budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, cast

import numpy as np

from slownet.checks import check_integer, check_type
from slownet.errors import InvalidValueError, SlownetError
from slownet.page import precision
from slownet.page.encoding import Grid, Writer
from slownet.page.facts import (
    Config,
    Curve,
    Facts,
    Judged,
    Parent,
    Plane,
    Precision,
    TargetKind,
    Test,
    Training,
)
from slownet.page.formulas import net_formulas
from slownet.page.holding import Holding
from slownet.page.initial import initial_layers
from slownet.page.javascript import Translator
from slownet.page.languages import title_of
from slownet.page.planning import Data, Plan, Planner, check_keep
from slownet.page.preparation import plain_preparation
from slownet.page.recorded import Recorded
from slownet.page.rows import write_selectable
from slownet.page.structure import Structure
from slownet.page.wording import OwnWords, class_count, encodable
from slownet.plotting.plane import plane_around
from slownet.plotting.scene import Scene
from slownet.recording import History, Snapshot
from slownet.recording.sharing import shareable
from slownet.recording.versions import versions

LONGEST_CLASS = 60  # letters of its name
FORMAT = 1  # to be raised by changes that make older readers misread a page


class Content:
    """The facts and numbers of a training that a page shows.

    Parameters
    ----------
    history : History
        With at least one snapshot.
    exact : bool
        Whether all numbers are kept as float64.
    bits : int, optional
        Weights are rounded to at least 2^bits intervals from the smallest to the largest; by default to
        as many as fit the size budget.
    words : OwnWords, optional
        Its title, and what else its maker says.
    grids : mapping, optional
        {layer id: Grid} of another page, to round the weights into each layer as it did.
    keep : str or int
        As for `History.write_html`.
    data : (X, y), optional
        The training data, where the history does not have them.
    plan : Plan, optional
        What the page is to hold, where that is known.

    Attributes
    ----------
    facts : dict
        Plain values, ready for JSON.
    preparation : Preparation or None
        What turns rows of a table into the inputs.
    connections : Connections
        The numbers of neurons and weights.
    writer : Writer
        The numbers.
    translator : Translator
        Has the lines that `formulas` needs.
    formulas : str
        A JavaScript object: the activations and the loss, and with a recipe all that it trains with.
    """

    def __init__(
        self,
        history: History,
        exact: bool | None = None,
        bits: int | None = None,
        words: OwnWords | None = None,
        grids: Mapping[int, Grid] | None = None,
        keep: str | int = "auto",
        data: tuple[Any, Any] | None = None,
        plan: Plan | None = None,
    ) -> None:
        if exact is not None:
            check_type("exact", exact, bool)
        if bits is not None:
            bits = check_integer("bits", bits, precision.BITS[0], precision.BITS[-1])
        if exact and bits is not None:
            raise InvalidValueError("give exact or bits, not both: exact numbers are not rounded")
        keep = check_keep(keep)
        if keep == "none" and data is not None:
            raise InvalidValueError('data are for a page that holds some: with keep="none" it has none')
        self.history, self.scene, self.writer = history, Scene.of_history(history), Writer()
        self._source = shareable(history.source)
        scene, structure = self.scene, Structure(self.scene)
        words = words or OwnWords()
        words.check_classes(class_count(scene.target_kind, len(scene.neurons[scene.output])))
        self._structure = structure
        self.preparation = scene.units.preparation
        self.connections = structure.connections
        self.connections.write(self.writer)
        given = {**(history.given or {}), **({} if data is None else {"data": data})}
        known = Data(history, structure, given)
        may_train = bits is None and exact is not False
        try:
            plan = Planner(known, keep, may_train).plan() if plan is None else plan
            holding = Holding(self.writer, known, plan)
        except SlownetError:
            if data is not None or keep not in ("auto", "fits"):
                raise
            holding = Holding(self.writer, known, Plan())  # somebody changed them after `fit`
        if holding.recipe is None:
            self.translator = Translator()
            self.formulas = net_formulas(self.translator, structure.activations, structure.loss)
        else:
            self.translator = holding.recipe.translator
            self.formulas = holding.recipe.formulas
        recorded = Recorded(self.writer, history, structure)
        if holding.trains and holding.judged is not None and not len(scene.samples):
            known_classes = scene.target_kind, scene.classes  # nothing was watched
            scene = self.scene = Scene(scene.snapshots, *holding.judged, *known_classes)
        kept: Precision = {"exact": True, "layers": {}}
        curves: list[Curve] = []
        judged: Judged = {}
        if holding.trains:
            self._write_without_bias()
        else:
            kept = recorded.write_numbers(exact, bits, grids)
            curves, judged = recorded.write_curves(), recorded.write_judged()
        self.facts: Facts = {
            "format": FORMAT,
            "title": words.title or encodable(title_of(words.facts, scene.name)),
            "words": words.facts,
            "frames": 0 if holding.trains else len(scene.snapshots),
            "layers": [
                {
                    "id": layer,
                    "neurons": scene.neurons[layer],
                    "activation": self._name(layer),
                    "range": [_finite(float(bound)) for bound in scene.activation(layer).range],
                }
                for layer in scene.layers
            ],
            "loss": structure.loss.name,
            "target_kind": cast(TargetKind, scene.target_kind),
            "side": scene.side,
            "preparation": plain_preparation(self.preparation),
            "inputs": self._input_names(),
            "classes": self._class_names(),
            "samples": write_selectable(self.writer, scene, words.classes),
            "watched": len(history.watch.samples),
            "holds": holding.holds,
            "held_out": holding.held_out,
            "recipe": None if holding.recipe is None else holding.recipe.facts,
            "precision": kept,
            "curves": curves,
            "judged": judged,
            "plane": self._plane(),
            "training": self._training([] if holding.trains else scene.snapshots, recorded),
        }

    def _write_without_bias(self) -> None:
        lacking = self._structure.without_bias()[:1]
        if lacking.any():
            self.writer.plain("without bias", np.packbits(lacking, axis=1, bitorder="little"), "uint8")

    def _name(self, layer: int) -> str:
        return "" if layer == self.scene.inputs else self.scene.activation(layer).name

    def _input_names(self) -> list[str]:
        if self.preparation is not None or self.scene.side:
            return []
        return [f"x{k + 1}" for k in range(self._structure.inputs)]

    def _class_names(self) -> list[str]:
        scene = self.scene
        count = class_count(scene.target_kind, len(scene.neurons[scene.output]))
        return [scene.plain_class_name(k, LONGEST_CLASS) for k in range(count)]

    def _plane(self) -> Plane | None:
        """Return the part of the plane of two inputs that is drawn; None for other nets."""
        if not self.scene.is_plane:
            return None
        around = plane_around(self.scene.samples, 2)
        return {"x": list(around.x), "y": list(around.y)}

    def _training(self, snapshots: Sequence[Snapshot], recorded: Recorded) -> Training:
        """Return the facts from which the training can be repeated."""
        history = self.history
        return {
            "config": cast(Config, history.config),
            "data": history.data,
            "source": self._source,
            "classes": history.classes and [*map(_plain, history.classes)],
            "last": history.last_step,
            "steps": [snapshot.step for snapshot in snapshots],
            "epochs": [snapshot.epoch for snapshot in snapshots],
            "seed": self._structure.graphs[0].seed,
            "initial": initial_layers(self.scene.snapshots[0]),
            "rates": recorded.rates() if snapshots else [],
            "test": cast(Test | None, history.test and _all_finite(history.test)),
            "ended": history.ended,
            "run": history.id,
            "parent": cast(Parent | None, history.parent),
            "versions": versions(),
            "arithmetic": history.arithmetic,
        }


def _finite(number: float | None) -> float | None:
    return number if number is None or isfinite(number) else None


def _all_finite(numbers: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: _finite(each) for name, each in numbers.items()}


def _plain(label: object) -> str | float:
    """Return a class label, as text if JSON has no such value."""
    if isinstance(label, float):
        return label if isfinite(label) else str(label)
    return label if isinstance(label, int) and type(label) in (int, bool) else str(label)
