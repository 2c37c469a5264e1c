"""What the inputs and outputs of a net with a preparation are in its table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from slownet.checks import short
from slownet.datasets.tables.columns import BOOLEAN, CATEGORY
from slownet.explain.derivation import Derivation, Term, latex_text, number_text
from slownet.graph_checks import where

if TYPE_CHECKING:
    from slownet.datasets.tables.columns import Column
    from slownet.objects import Net, Neuron

OWN = "the sample's own number"


def input_names(net: Net) -> dict[Neuron, str]:
    """Return the names of inputs in the table; none without a preparation."""
    return {neuron: _name(name) for neuron, (name, _) in _columns(net).items()}


def explain_input(neuron: Neuron, net: Net) -> Derivation:
    """Derive the value of an input neuron from what stands in the table."""
    columns = _columns(net)
    if not columns:
        return _derivation(neuron, where(neuron), (OWN, "x"), OWN)
    name, column = columns[neuron]
    name = _name(name)
    of = f"{where(neuron)}: {name}"
    if column.kind == CATEGORY:
        return _derivation(neuron, of, (f"1 where a row has {name}, otherwise 0", "x"), name)
    if column.kind == BOOLEAN:
        return _derivation(neuron, of, ("1 for true, 0 for false", "x"), name)
    centre, scale = column.centre, column.scale
    if (centre, scale) == (0.0, 1.0):
        return _derivation(neuron, of, (name, "x"), name)
    own = neuron.value * scale + centre
    words, term = (
        f"({number}{_minus(centre)}) / {number_text(scale)}" for number in (name, number_text(own))
    )
    latex = " = ".join(
        rf"\frac{{{number}{_minus(centre, latex_text)}}}{{{latex_text(scale)}}}"
        for number in ("x", latex_text(own))
    )
    return _derivation(neuron, of, (words, latex), term)


def in_units(neuron: Neuron, net: Net) -> str:
    """Return the value of an output neuron in the unit of the target; "" where it is not scaled."""
    outputs, preparation = list(net.outputs), net.preparation
    targets = preparation.targets if preparation and net.loss.target_kind == "number" else ()
    if neuron not in outputs or len(targets) != len(outputs):
        return ""
    target = targets[outputs.index(neuron)]
    if (target.centre, target.scale) == (0.0, 1.0):
        return ""
    own = neuron.value * target.scale + target.centre
    product = f"{number_text(neuron.value)} * {number_text(target.scale)}{_minus(-target.centre)}"
    return f"{_name(target.name) or 'in the unit of the target'} = {product} = {number_text(own)}"


def _columns(net: Net) -> dict[Neuron, tuple[str, Column]]:
    """Return the name of each input neuron, and the column of the table that it comes from."""
    preparation = net.preparation
    if preparation is None or len(preparation.inputs) != len(net.inputs):
        return {}
    named = [(name, column) for column in preparation.columns for name in column.inputs]
    return dict(zip(net.inputs, named, strict=True))


def _derivation(neuron: Neuron, of: str, formulas: tuple[str, str], name: str) -> Derivation:
    term = Term(name, (neuron.value,))
    return Derivation(of, ("value", "a"), ("value", "a"), formulas, (term,), from_zero=False)


def _minus(number: float, text: Callable[[float], str] = number_text) -> str:
    """Return " - 3" for 3, and " + 3" for -3."""
    return f" {'-' if number >= 0.0 else '+'} {text(abs(number))}"


def _name(name: str) -> str:
    return short(name)[1:-1]
