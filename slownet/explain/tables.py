"""What the inputs and outputs of a net with a preparation are in its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slownet.checks import short
from slownet.datasets.tables.columns import BOOLEAN, CATEGORY
from slownet.explain.derivation import number_text

if TYPE_CHECKING:
    from slownet.datasets.tables.columns import Column
    from slownet.objects import Net, Neuron


def input_names(net: Net) -> dict[Neuron, str]:
    """Return the names of inputs in the table; none without a preparation."""
    return {neuron: _name(name) for neuron, (name, _) in _columns(net).items()}


def cell_words(neuron: Neuron, net: Net, value: float) -> str:
    """Return how the value of an input neuron was made of what stands in the table; "" without one."""
    columns = _columns(net)
    if neuron not in columns:
        return ""
    name, column = columns[neuron]
    name = _name(name)
    if column.kind == CATEGORY:
        return f"1 where a row has {name}, otherwise 0"
    if column.kind == BOOLEAN:
        return f"{name}: 1 for true, 0 for false"
    centre, scale = column.centre, column.scale
    if (centre, scale) == (0.0, 1.0):
        return name
    words, numbers = (
        f"({number}{_minus(centre)}) / {number_text(scale)}"
        for number in (name, number_text(value * scale + centre))
    )
    return f"{words} = {numbers}"


def in_units(neuron: Neuron, net: Net, value: float) -> str:
    """Return the value of an output neuron in the unit of the target; "" where it is not scaled."""
    outputs, preparation = list(net.outputs), net.preparation
    targets = preparation.targets if preparation and net.loss.target_kind == "number" else ()
    if neuron not in outputs or len(targets) != len(outputs):
        return ""
    target = targets[outputs.index(neuron)]
    if (target.centre, target.scale) == (0.0, 1.0):
        return ""
    own = value * target.scale + target.centre
    product = f"{number_text(value)} * {number_text(target.scale)}{_minus(-target.centre)}"
    return f"{_name(target.name) or 'in the unit of the target'} = {product} = {number_text(own)}"


def _columns(net: Net) -> dict[Neuron, tuple[str, Column]]:
    """Return the name of each input neuron, and the column of the table that it comes from."""
    preparation = net.preparation
    if preparation is None or len(preparation.inputs) != len(net.inputs):
        return {}
    named = [(name, column) for column in preparation.columns for name in column.inputs]
    return dict(zip(net.inputs, named, strict=True))


def _minus(number: float) -> str:
    """Return " - 3" for 3, and " + 3" for -3."""
    return f" {'-' if number >= 0.0 else '+'} {number_text(abs(number))}"


def _name(name: str) -> str:
    return short(name)[1:-1]
