"""What a program that predicts consists of, whatever its language is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slownet.datasets.tables.columns import CATEGORY
from slownet.functions import Activation, AnyActivation
from slownet.functions.activation import softmax_values
from slownet.objects import Net
from slownet.recording.graph_writing import labels_to_plain
from slownet.samples import Encoder
from slownet.translation import Syntax, Translator, UntranslatableError
from slownet.version import __version__

# the middle of */, /*, ??, </ and <!, which end a comment, a line or a script somewhere, or begin one
ENDS = re.compile(r"(?<=\*)(?=/)|(?<=/)(?=\*)|(?<=\?)(?=\?)|(?<=<)(?=[/!])")


@dataclass(frozen=True)
class Cell:
    """A column of the rows that a program takes.

    Attributes
    ----------
    name : str
    categories : tuple of str
        Of a column of texts; empty for numbers.
    fill : float, str or None
        What stands in for a missing cell.
    centre, scale : float
        What enters the net is (number - centre) / scale.
    """

    name: str
    categories: tuple[str, ...] = ()
    fill: float | str | None = None
    centre: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class NeuronNumbers:
    """A neuron: its bias, and the places of the neurons that its weights come from."""

    bias: float
    sources: Sequence[int]
    weights: Sequence[float]


@dataclass(frozen=True)
class LayerNumbers:
    """A layer after the inputs.

    Attributes
    ----------
    name : str
        For comments: "layer 1: tanh".
    formula : str
        The function of the program that activates it, or of a neuron the call for `z`.
    is_whole : bool
        Whether that takes the whole layer (softmax) instead of a neuron.
    neurons : list of NeuronNumbers
    """

    name: str
    formula: str
    is_whole: bool
    neurons: list[NeuronNumbers]


class Program:
    """The parts of a program that predicts as a net does.

    Attributes
    ----------
    about : list of str
        What a comment says at the top.
    formulas : list of str
        The lines that define the formulas.
    cells : list of Cell
        The columns of a row.
    layers : list of LayerNumbers
    scales : list of (float, float)
        The (centre, scale) of each output; empty if these are not changed.
    kind : str
        The kind of the target, as of a Loss.
    labels : list
        The classes, where a prediction is one of them.
    outputs : int
    """

    def __init__(self, net: Net, syntax: Syntax) -> None:
        encoder: Encoder = net.encoder(preparation=net.preparation)
        translator = Translator(syntax)
        self.layers = _layers(net, translator)
        self.formulas = [*translator.heads, *translator.lines]
        self.cells = _cells(net)
        self.scales = list(encoder.scales)
        self.kind = encoder.loss.target_kind
        self.labels: list[Any] = labels_to_plain(encoder.labels) or []
        self.outputs = encoder.outputs
        self.inputs = len(net.inputs)
        self.neurons = sum(len(layer.neurons) for layer in self.layers)
        prepared = ", in the units of its table" if net.preparation else ""
        self.about = [
            f"{printable(repr(net))}, written by slownet {__version__}.",
            f"predict(row) gives what net.predict gives of a row{prepared}, to the last bit.",
        ]

    @property
    def columns(self) -> list[str]:
        """The columns as a comment lists them."""
        lines = []
        for place, cell in enumerate(self.cells):
            if cell.name:
                among = f": one of {', '.join(map(repr, cell.categories))}" if cell.categories else ""
                gap = f"; a gap is {cell.fill!r}" if cell.fill is not None else ""
                lines.append(f"{place}: {printable(cell.name)}{printable(among)}{printable(gap)}")
        return lines

    @property
    def returns(self) -> str:
        """What `predict` returns: "class", "number" or "numbers"."""
        if self.labels:
            return "class"
        return "number" if self.kind == "number" and self.outputs == 1 else "numbers"

    @property
    def middle(self) -> float:
        """Above which an output is a yes."""
        return 0.0 if self.kind == "sign" else 0.5


def printable(text: str) -> str:
    """Return a text that can stand in a comment of any language: one line, which ends no comment."""
    plain = "".join(each if each.isprintable() else " " for each in text).replace("\\", "/")
    return ENDS.sub(" ", plain).replace('"""', "'''")


def _cells(net: Net) -> list[Cell]:
    if net.preparation is None:
        return [Cell("")] * len(net.inputs)
    return [
        Cell(
            column.name,
            column.categories if column.kind == CATEGORY else (),
            column.fill,
            column.centre,
            column.scale,
        )
        for column in net.preparation.columns
    ]


def _layers(net: Net, translator: Translator) -> list[LayerNumbers]:
    places = {neuron: place for place, neuron in enumerate(net.neurons())}
    found = []
    for layer in [*net][1:]:
        neurons = []
        for neuron in layer:
            weights = [*neuron.weights["in"].values()]
            sources: list[Any] = [weight.source for weight in weights]
            numbers = [float(weight.value) for weight in weights]
            neurons.append(
                NeuronNumbers(float(neuron.bias), [places[each] for each in sources], numbers)
            )
        name = f"layer {layer.id}: {printable(layer.function.name)}"
        formula, is_whole = _formula(layer.function, translator)
        found.append(LayerNumbers(name, formula, is_whole, neurons))
    return found


def _formula(activation: AnyActivation, translator: Translator) -> tuple[str, bool]:
    if not isinstance(activation, Activation):
        return translator.name_of(softmax_values), True
    try:
        return translator.call(activation.function, ["z"], activation.name), False
    except UntranslatableError as error:
        raise UntranslatableError(f"activation {activation.name!r}: {error}") from error
