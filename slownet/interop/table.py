"""The numbers of a net as a table: a line for each bias and each weight."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from slownet.checks import check_path
from slownet.interop.arrays import check_exportable
from slownet.recording.atomic import replacing

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from slownet.objects import Net

HEAD = ("layer", "neuron", "source_layer", "source_neuron", "value", "frozen")


def to_csv(net: Net, path: str | os.PathLike[str]) -> Path:
    """Write the biases and weights of a net as CSV; an existing file is replaced atomically.

    Each line has a number and the layer and the neuron that it leads to; that of a weight has where it
    comes from, too. All digits are there, in the order in which a neuron adds the products.

    Parameters
    ----------
    net : Net
        The net.
    path : str or path-like
        The file, `net.csv`.

    Returns
    -------
    pathlib.Path
        Where it is.

    Raises
    ------
    TypeError, ValueError
        If a number is none or not finite.
    FileError
        If it cannot be written.
    """
    file = check_path(path, "CSV")
    check_exportable(net)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEAD, *_lines(net)])
    with replacing(file) as stream:
        stream.write(text.getvalue().encode())
    return file


def _lines(net: Net) -> Iterator[tuple[Any, ...]]:
    for layer in [*net][1:]:
        for neuron in layer:
            if neuron.has_bias or neuron.bias:
                frozen = neuron.bias_frozen or not neuron.has_bias
                yield layer.id, neuron.id, "", "", repr(neuron.bias), int(frozen)
            for weight in neuron.weights["in"].values():
                source: Any = weight.source
                ends = layer.id, neuron.id, source.layer.id, source.id
                yield *ends, repr(weight.value), int(weight.frozen)
