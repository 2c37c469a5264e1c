"""A layer as matrices: z = W a + b, with the numbers of its objects, and how far both are apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from math import isfinite
from typing import TYPE_CHECKING

from slownet.errors import InvalidValueError
from slownet.explain.asking import same
from slownet.explain.derivation import latex_text, number_text
from slownet.explain.steps import make_floats
from slownet.graph_checks import where

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from slownet.objects import Layer, Net, Neuron

    Floats = npt.NDArray[np.float64]

MOST = 6  # rows and columns that are printed; of more the first and the last
UNIT = 2.0**-53  # half of the distance from 1 to the next float64
Places = list[int | None]  # of what is printed; None stands for what is left out


@dataclass(frozen=True, eq=False)
class MatrixForm:
    """A layer as z = W a + b, with the numbers of the last sample.

    Printed it is text, in a notebook a formula with the numbers put in; a weight that is not there is
    left blank.

    Attributes
    ----------
    of : str
        Which layer: "layer 1".
    W : numpy.ndarray, shape (neurons, sources)
        The incoming weights, a row for each neuron of the layer; 0 where there is none.
    joined : numpy.ndarray of bool, shape (neurons, sources)
        Where there is a weight.
    a : numpy.ndarray, shape (sources,)
        The values of the neurons in the layers that the weights come from.
    b : numpy.ndarray, shape (neurons,)
        The biases; 0 for a neuron without one.
    z : numpy.ndarray, shape (neurons,)
        What the neurons added up, weight by weight.
    product : numpy.ndarray, shape (neurons,)
        What NumPy makes of W @ a + b.
    sources : list of str
        Whose values `a` has: "neuron 0 of layer 0".

    Notes
    -----
    NumPy adds in another order, with other roundings. Two sums of the same n products and a bias differ
    by at most 2 g (|W| |a| + |b|), where g = m u / (1 - m u), m = n + 1 and u = 2^-53 (N. Higham,
    "Accuracy and Stability of Numerical Algorithms", 2nd edition, section 3.1): that is `bound`.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> outputs = net.forward([0.5, -1.0])
    >>> form = net[1].matrix_form()
    >>> form.W.shape, bool(form.z[0] == net[1][0].z), form.agrees
    ((3, 2), True, True)
    """

    of: str
    W: Floats = field(repr=False)
    joined: npt.NDArray[np.bool_] = field(repr=False)
    a: Floats = field(repr=False)
    b: Floats = field(repr=False)
    z: Floats = field(repr=False)
    product: Floats = field(repr=False)
    sources: list[str] = field(repr=False)

    @property
    def bound(self) -> Floats:
        """How far the z of each neuron and the product may be apart by rounding."""
        steps = (len(self.a) + 1) * UNIT
        return 2.0 * steps / (1.0 - steps) * _product(abs(self.W), abs(self.a), abs(self.b))

    @property
    def difference(self) -> float:
        """The largest difference between the z of a neuron and the product; nan for infinite ones."""
        return float(self._gaps.max())

    @property
    def agrees(self) -> bool:
        """Whether no difference is larger than rounding can make it."""
        return bool((self._gaps <= self.bound).all())

    @property
    def _gaps(self) -> Floats:
        import numpy as np

        with np.errstate(invalid="ignore", over="ignore"):
            gaps: Floats = abs(self.product - self.z)
        return gaps

    def __str__(self) -> str:
        W, a, b, z = (_text_block(cells) for cells in self._cells(number_text))
        signs = [["·", "+", "="], *[[" "] * 3] * (max(len(W), len(a)) - 1)]
        columns = [W, [s[0] for s in signs], a, [s[1] for s in signs], b, [s[2] for s in signs], z]
        widths = [max(map(len, column), default=0) for column in columns]
        lines = [
            " ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in zip_longest(*columns, fillvalue="")
        ]
        return "\n".join([f"{self.of}: z = W a + b", *lines, self._verdict])

    def _repr_latex_(self) -> str:
        W, a, b, z = (_latex_block(cells) for cells in self._cells(latex_text))
        lines = ["z &= W a + b", f"&= {W} {a} + {b}", f"&= {z}", rf"&\text{{{self._verdict}}}"]
        return "$$\\begin{aligned}" + r"\\".join(lines) + "\\end{aligned}$$"

    def _cells(self, text: Callable[[float], str]) -> list[list[list[str]]]:
        """Return what is printed of W, a, b and z, each as rows of cells."""
        rows, columns = _places(len(self.b)), _places(len(self.a))
        weights = [
            [
                "..." if i is None or j is None else text(self.W[i, j]) if self.joined[i, j] else ""
                for j in columns
            ]
            for i in rows
        ]
        vectors = ((self.a, columns), (self.b, rows), (self.z, rows))
        return [
            weights,
            *(
                [["..." if i is None else text(numbers[i])] for i in places]
                for numbers, places in vectors
            ),
        ]

    @property
    def _verdict(self) -> str:
        if not isfinite(self.difference):
            return "A sum is not finite, so that there is nothing to compare."
        gap, most = (f"{number:.2g}" for number in (self.difference, float(self.bound.max())))
        allows = "allows" if self.agrees else "allows only"
        return f"The sums of the neurons and of NumPy differ by {gap} at most; rounding {allows} {most}."


def matrix_form(layer: Layer) -> MatrixForm:
    """Write a layer as matrices, z = W a + b, with the numbers of the last sample.

    Parameters
    ----------
    layer : Layer
        A layer after the inputs, of a net through which a sample was sent.

    Returns
    -------
    MatrixForm
        Its `product`, which NumPy computes, and the z of the neurons, which were added up weight by
        weight, differ by `difference`.

    Raises
    ------
    TypeError, ValueError
        If a number of the net has been set to what is not a real number.
    ValueError
        If it is an input layer or in no net, or the z of a neuron does not follow from the weights.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([1, 2, 1], seed=0).new()
    >>> outputs = net.forward([2.0])
    >>> print(net[1].matrix_form())
    layer 1: z = W a + b
    [0.327073] · [2] + [0] = [0.654145]
    [ -0.7722]         [0]   [ -1.5444]
    The sums of the neurons and of NumPy differ by 0 at most; rounding allows 6.9e-16.
    """
    import numpy as np

    net = layer.net
    if net is None:
        raise InvalidValueError(f"{layer} is in no net: nothing was sent through it")
    make_floats(net)
    if layer is net.inputs:
        raise InvalidValueError(
            "the input layer has no weights: its values are the sample's own numbers"
        )
    neurons, sources = list(layer), _sources(layer, net)
    _check_sums(layer, neurons)
    W = np.zeros((len(neurons), len(sources)))
    joined = np.zeros(W.shape, bool)
    column = {source: k for k, source in enumerate(sources)}
    for row, neuron in enumerate(neurons):
        for number, source in _terms(neuron):
            W[row, column[source]], joined[row, column[source]] = number, True
    a, b, z = (
        np.array([getattr(neuron, name) for neuron in several], np.float64)
        for several, name in ((sources, "value"), (neurons, "bias"), (neurons, "z"))
    )
    return MatrixForm(where(layer), W, joined, a, b, z, _product(W, a, b), list(map(where, sources)))


def _product(W: Floats, a: Floats, b: Floats) -> Floats:
    """Return W a + b, infinite or nan where it overflows."""
    import numpy as np

    with np.errstate(invalid="ignore", over="ignore"):
        product: Floats = W @ a + b
    return product


def _sources(layer: Layer, net: Net) -> list[Neuron]:
    """Return the neurons of all layers that weights into this one come from."""
    layers = {source.layer for neuron in layer for _, source in _terms(neuron)}
    return [neuron for each in net if each in layers for neuron in each]


def _terms(neuron: Neuron) -> list[tuple[float, Neuron]]:
    """Return the weights into a neuron, each with the neuron that it comes from."""
    weights = neuron.weights["in"].values()
    return [(weight.value, source) for weight in weights if (source := weight.outgoing) is not None]


def _check_sums(layer: Layer, neurons: Sequence[Neuron]) -> None:
    """Raise ValueError if the z and values of neurons are not those that a forward pass gives."""
    values = layer.function.values([neuron.z for neuron in neurons])
    for neuron, value in zip(neurons, values, strict=True):
        z = neuron.bias
        for number, source in _terms(neuron):
            if source.value:
                z = z + number * source.value
        if not (same(z, neuron.z) and same(value, neuron.value)):
            raise InvalidValueError(
                f"the numbers of {where(neuron)} do not follow from the weights any more: they have "
                "changed since the last sample went forward, or dropout came between. Call "
                "net.forward(sample) first"
            )


def _places(count: int) -> Places:
    """Return the places to print: all of a few, else the first and the last."""
    if count <= MOST:
        return list(range(count))
    return [*range(MOST // 2), None, *range(count - MOST // 2, count)]


def _text_block(rows: list[list[str]]) -> list[str]:
    """Return a matrix as lines of text, its columns aligned to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        f"[{'  '.join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))}]"
        for row in rows
    ]


def _latex_block(rows: list[list[str]]) -> str:
    body = r"\\".join(" & ".join(row) for row in rows).replace("...", r"\cdots")
    return rf"\begin{{bmatrix}}{body}\end{{bmatrix}}"
