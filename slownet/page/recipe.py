"""The recipe of a training: what the engine of the page needs to take its steps, to the last bit.

`assets/engine/recipe.js` reads it. Rows are in the units of their table, as everywhere in a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import isfinite
from typing import Any, NoReturn, cast

import numpy as np
import numpy.typing as npt

from slownet.errors import InvalidValueError
from slownet.functions import INITIALIZERS
from slownet.functions.description import describe
from slownet.functions.randomness import MASK
from slownet.graph_checks import make_float
from slownet.objects import Net
from slownet.page import facts
from slownet.page.connections import Connections
from slownet.page.encoding import Writer
from slownet.page.formulas import training_formulas
from slownet.page.initial import initial_layers
from slownet.page.javascript import Translator
from slownet.page.modules import script_of
from slownet.page.preparation import plain_preparation
from slownet.page.rows import write_pair, write_targets
from slownet.page.sets import point_sets, target_range
from slownet.plotting.style import Json
from slownet.recording import Graph, Snapshot, take
from slownet.recording.graph import GraphLayer
from slownet.samples import Samples
from slownet.training.data import TrainingData, data_parts, held_out_rows
from slownet.training.options import Options
from slownet.training.splitting import Split
from slownet.training.start import starting_memory

Rows = npt.NDArray[np.int64]
HALF = 0xFFFFFFFF
SCRIPT = """(() => {
"use strict";
%s
const FORMULAS = (() => {
%s
return [
%s
];
})();
if (typeof document === "undefined") {
modules["engine/worker.js"].serve(globalThis, FORMULAS);
} else {
%s
}
})();
//# sourceURL=slownet.js"""


class UntrainableError(InvalidValueError):
    """A training that the page cannot repeat, because it has no Python or lacks what came before."""


class Recipe:
    """A training as plain values, numbers and formulas.

    Parameters
    ----------
    net : Net
        As it is before the training, or at `start`.
    X, y, options
        As for `fit`.
    start : Snapshot, optional
        The state of this net, from which the training is to continue.
    translator : Translator, optional
        Has the formulas of other recipes, which stand in the same script.
    writer : Writer, optional
        Takes the numbers; it already has the connections of this graph.
    rows : array of int, optional
        Which of the rows to learn from are written; by default all are.
    begins : bool
        Whether the numbers to begin with are written. Without them the training goes on from a
        snapshot of the page.
    check : callable, optional
        `check(data)` raises an error for wrong data, before anything is written.

    Attributes
    ----------
    facts : dict
        Plain values, ready for JSON.
    writer : Writer
        The numbers.
    formulas : str
        A JavaScript object, with names that the lines of `translator` define.
    translator : Translator
        As above.
    data : TrainingData
        X and y as the training reads them.

    Raises
    ------
    ValueError
        If the training needs the user's own Python: callbacks, a type of number, a formula that has no
        translation; the message names it. Other errors are those of `fit`.
    """

    def __init__(
        self,
        net: Net,
        X: Any,
        y: Any,
        options: Options,
        start: Snapshot | None = None,
        translator: Translator | None = None,
        writer: Writer | None = None,
        rows: Rows | None = None,
        begins: bool = True,
        check: Callable[[TrainingData], None] | None = None,
    ) -> None:
        _refuse_own_python(net, options)
        self.writer, self.translator = writer or Writer(), translator or Translator(exact=True)
        data = self.data = TrainingData.read(net, X, y, options)
        if check is not None:
            check(data)
        snapshot = start
        if snapshot is None:
            options, memory = starting_memory(net, options, None)
            snapshot = take(net, memory=memory or None)
        self.formulas = training_formulas(self.translator, net, data.loss, options)
        graph = snapshot.graph
        _check_finite(snapshot)
        initial = initial_layers(snapshot) if begins else None
        if writer is None:  # otherwise its owner has written them
            Connections([graph]).write(self.writer)
        if begins:
            self._write_numbers(snapshot, initial is not None)
        bounds = target_range(data.loss, graph.outputs.activation)
        self._write_data(data, X, y, options, rows, bounds)
        state = snapshot.state
        progress: facts.Start = {
            "step": snapshot.step,
            "loss_sum": 0.0 if state is None else state.epoch_loss_sum,
            "correct": 0 if state is None else state.epoch_correct,
        }
        self.facts: facts.Recipe = {
            "layers": [
                {"id": each.id, "neurons": [*each.neurons], "activation": _described(each)}
                for each in graph.layers.values()
            ],
            "initial": None if initial is None else _drawn(initial, graph.seed or 0),
            "seed": halves(graph.seed or 0),
            "initializers": _initializers(graph),
            "target_kind": data.loss.target_kind,
            "target_range": [each if isfinite(each) else None for each in bounds],
            "preparation": plain_preparation(data.preparation),
            "options": _plain_options(options),
            "start": progress if begins else None,
        }

    def plain(self) -> Json:
        """Return all but the formulas, for JSON."""
        return {
            "facts": self.facts,
            "contents": self.writer.contents,
            "payload": self.writer.text,
        }

    def _write_numbers(self, snapshot: Snapshot, is_drawn: bool) -> None:
        graph, state = snapshot.graph, snapshot.state
        weights, biases = np.array(snapshot.weights), np.array(snapshot.biases)
        if not is_drawn:
            self.writer.plain("weights", weights, "float64")
            self.writer.plain("biases", biases, "float64")
        fixed = np.zeros(len(weights) + len(biases), np.uint8)
        has_bias = [
            neuron.has_bias
            for layer in [*graph.layers.values()][1:]
            for neuron in layer.neurons.values()
        ]
        fixed[len(weights) :] = ~np.array(has_bias, bool)
        if not all(has_bias):
            self.writer.plain("has bias", np.array(has_bias, np.uint8), "uint8")
        if state is not None:
            fixed[[*state.frozen]] = 1
        self.writer.plain("fixed weights", fixed[: len(weights)], "uint8")
        self.writer.plain("fixed biases", fixed[len(weights) :], "uint8")
        if state is None or state.first is None or state.second is None:
            return
        is_new = np.isnan(np.array(state.first))  # nothing is remembered of it
        for name, numbers in (("first", state.first), ("second", state.second)):
            self.writer.plain(name, np.where(is_new, 0.0, np.array(numbers)), "float64")

    def _write_data(
        self,
        data: TrainingData,
        X: Any,
        y: Any,
        options: Options,
        rows: Rows | None,
        bounds: tuple[float, float],
    ) -> None:
        held_out = held_out_rows(data.batches.encoder, X, y, options)
        parts = held_out or Split(np.arange(len(data.batches.samples)), np.arange(0))
        targets, weights = data.batches.targets, data.batches.weights
        if rows is None:
            self._write_rows("data", X, y, parts.training, targets, data, weights)
        else:
            some = [targets[place] for place in rows.tolist()]
            counts = None if weights is None else [weights[place] for place in rows.tolist()]
            self._write_rows("data", X, y, parts.training[rows], some, data, counts)
        kind = data.loss.target_kind
        for name, points, wanted in point_sets(*data.shape, kind, bounds, data.preparation):
            self.writer.plain(f"set {name} samples", points, "float64")
            write_targets(self.writer, f"set {name}", wanted, kind)
        if data.validation is None or rows is not None:
            return
        if held_out is not None:
            self.writer.plain("data places", held_out.training, "int32")
        places, (_, targets, weights) = parts.validation, data.validation
        if options.validation_data is not None:
            X, y, _ = data_parts(options.validation_data)
            places = np.arange(len(targets))
        self._write_rows("validation_data", X, y, places, targets, data, weights)

    def _write_rows(
        self,
        name: str,
        X: Any,
        y: Any,
        rows: Rows,
        targets: Sequence[Sequence[float]],
        data: TrainingData,
        weights: list[float] | None,
    ) -> None:
        """Write some rows of X and y, whose targets are known as numbers of the net."""
        preparation, encoder = data.preparation, data.batches.encoder
        own = X if preparation is None else preparation.own(X, name)
        samples = Samples(own, data.batches.samples.width, name)
        inputs = samples.block(0, len(samples))[rows]
        y = X.y if y is None else y
        write_pair(self.writer, name, inputs, targets, weights, encoder, y, rows)


def engine_script(translator: Translator, formulas: Iterable[str], page: str, *modules: str) -> str:
    """Return the script of a page that trains; in a worker it answers messages, as `worker.js` says.

    Parameters
    ----------
    translator, formulas
        Those of recipes.
    page : str
        What the script does in the page; `modules` and `FORMULAS` are there.
    *modules : str
        Others that it needs there.
    """
    scripts = script_of("engine/worker.js", *modules)
    return SCRIPT % (scripts, "\n".join(translator.lines), ",\n".join(formulas), page)


def halves(seed: int) -> tuple[int, int]:
    """Return the high and the low 32 bits of a seed."""
    return (seed & MASK) >> 32, seed & HALF


def _drawn(layers: Sequence[facts.InitialLayer], seed: int) -> facts.Initial:
    """Return how the initial weights of a factory's net are drawn."""
    found: list[facts.Drawn] = []
    for before, each in pairwise(layers):
        initializer = INITIALIZERS[each["initializer"]]
        spread = float(initializer.spread(before["size"], each["size"]))
        found.append(
            {
                "distribution": initializer.distribution,
                "centre": initializer.centre,
                "spread": spread,
            }
        )
    return {"seed": halves(seed), "layers": found}


def _described(layer: GraphLayer) -> facts.Formula:
    return cast(facts.Formula, describe(layer.activation))


def _initializers(graph: Graph) -> list[str] | None:
    """Return what the weights into each layer are drawn with, where the net says so."""
    names = graph.initializers or []
    is_known = len(names) == len(graph.layers) - 1 and INITIALIZERS.keys() >= set(names)
    return [*names] if is_known else None


def _plain_options(options: Options) -> facts.Options:
    early = options.early_stopping
    return {
        "epochs": options.epochs,
        "batch_size": options.batch_size,
        "learning_rate": options.learning_rate,
        "shuffle": options.shuffle,
        "l1": options.l1,
        "l2": options.l2,
        "dropout": options.dropout,
        "dropconnect": options.dropconnect,
        "alpha": options.alpha,
        "clip_norm": options.clip_norm,
        "clip_value": options.clip_value,
        "epoch_rates": [*(options.epoch_rates or ())],
        "steps_before": options.steps_before,
        "strengths": [strength for _, strength in options.regularizers if strength],
        "early_stopping": None if early is None else cast(facts.EarlyStopping, early.settings),
        "seed": halves(options.seed),
    }


def _check_finite(snapshot: Snapshot) -> None:
    for numbers in (snapshot.weights, snapshot.biases):
        if not np.isfinite(np.array(numbers)).all():
            raise UntrainableError("a weight or bias of the net is not finite: nothing can be trained")


def _refuse_own_python(net: Net, options: Options) -> None:
    """Raise ValueError if a training needs Python that the page does not have."""
    if options.callbacks:
        refuse_callbacks([type(each).__name__ for each in options.callbacks])
    refuse_other_numbers(net)


def refuse_other_numbers(net: Net) -> None:
    """Raise ValueError for a net with numbers that are not float64."""
    if net.wiring.make_float is not make_float:
        raise UntrainableError(
            "the page calculates with float64 alone, not with the numbers of net.wiring.make_float"
        )


def refuse_callbacks(names: Sequence[str]) -> NoReturn:
    """Raise ValueError for a training with callbacks."""
    raise UntrainableError(
        f"the page has no Python, so it cannot train with callbacks, here {', '.join(names)}: train "
        "without them"
    )
