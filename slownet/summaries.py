"""What a net consists of, layer by layer, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slownet.objects import Layer, Net

COLUMNS = ("layer", "neurons", "activation", "weights in", "biases", "learned", "frozen")


@dataclass(frozen=True)
class Row:
    """A layer in a summary.

    Attributes
    ----------
    layer : str
        Its id, and for the first and the last what they are.
    neurons, weights, biases : int
        How many neurons it has, how many weights lead to them, and how many of them have a bias.
    activation : str
        Its name, "" for the input layer.
    learned, frozen : int
        How many of these weights and biases training changes, and how many it leaves as they are.
    """

    layer: str
    neurons: int
    activation: str
    weights: int
    biases: int
    learned: int
    frozen: int


@dataclass(frozen=True)
class Summary:
    """A table of the layers of a net; it prints itself, and a notebook shows it as HTML.

    Attributes
    ----------
    rows : tuple of Row
        One for each layer, the input layer first.
    loss : str
        The name of the loss.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> found = NetFactory([2, 3, 1], seed=0).new().summary()
    >>> found.parameters, found.frozen, found.rows[1].weights
    (13, 0, 6)
    """

    rows: tuple[Row, ...]
    loss: str

    @property
    def parameters(self) -> int:
        """How many weights and biases there are."""
        return sum(row.weights + row.biases for row in self.rows)

    @property
    def frozen(self) -> int:
        """How many of them training leaves as they are."""
        return sum(row.frozen for row in self.rows)

    def __str__(self) -> str:
        lines = [COLUMNS, *self._cells()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        texts = [
            "  ".join(
                cell.ljust(width) if place in (0, 2) else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([texts[0], "-" * max(map(len, texts)), *texts[1:], self._total()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = [
            "".join(
                f'<td style="text-align:{"left" if k in (0, 2) else "right"}">{escape(cell)}</td>'
                for k, cell in enumerate(line)
            )
            for line in self._cells()
        ]
        heads = "".join(f"<th>{name}</th>" for name in COLUMNS)
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return (
            f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table><p>{self._total()}</p>"
        )

    def _cells(self) -> Iterator[tuple[str, ...]]:
        for row in self.rows:
            numbers = row.weights, row.biases, row.learned, row.frozen
            yield (row.layer, f"{row.neurons:,}", row.activation, *(f"{each:,}" for each in numbers))

    def _total(self) -> str:
        frozen = f", {self.frozen:,} of them frozen" if self.frozen else ""
        return f"{self.parameters:,} weights and biases{frozen}; loss {self.loss}"


def summary(net: Net) -> Summary:
    """Return a table of the layers of a net and of what training changes in them.

    Parameters
    ----------
    net : Net
        The net.

    Returns
    -------
    Summary
        To be printed; its `rows` have the numbers.

    Raises
    ------
    ValueError
        If it is no complete net.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> NetFactory([784, 16, 10], seed=0).new().summary()
    layer       neurons  activation  weights in  biases  learned  frozen
    --------------------------------------------------------------------
    0, inputs       784                       0       0        0       0
    1                16  relu            12,544      16   12,560       0
    2, outputs       10  softmax            160      10      170       0
    12,730 weights and biases; loss cross_entropy
    """
    loss, layers = net.loss.name, list(net)
    return Summary(tuple(_row(net, layer) for layer in layers), loss)


def _row(net: Net, layer: Layer) -> Row:
    is_input = layer is net.inputs
    end = ", inputs" if is_input else ", outputs" if layer is net.outputs else ""
    weights = [weight for neuron in layer for weight in neuron.weights["in"].values()]
    biases = [] if is_input else [neuron for neuron in layer if neuron.has_bias]
    frozen = sum(weight.frozen for weight in weights) + sum(neuron.bias_frozen for neuron in biases)
    counts = len(weights), len(biases)
    name = "" if is_input else layer.function.name
    return Row(f"{layer.id}{end}", len(layer), name, *counts, sum(counts) - frozen, frozen)
