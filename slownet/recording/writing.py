"""JSON as files hold it: a neuron, a row of numbers, a record on a line of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from slownet.recording.graph import Graph, GraphLayer, GraphNeuron
from slownet.recording.plain import NeuronWriter, layer_to_plain

to_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def encoded(text: str) -> bytes:
    """Return a text in UTF-8, whatever stands in it."""
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a surrogate pair in a text: JSON can hold it, UTF-8 cannot
        return "".join(
            f"\\u{ord(mark):04x}" if 0xD800 <= ord(mark) <= 0xDFFF else mark for mark in text
        ).encode()


def layer_lines(
    graph: Graph, indent: str, more: Callable[[GraphLayer, GraphNeuron], dict[str, Any]] | None = None
) -> Iterator[str]:
    """Yield the items of a list of layers, line by line.

    Parameters
    ----------
    graph : Graph
        Whose layers they are.
    indent : str
        The white space before each layer.
    more : callable, optional
        `more(layer, neuron)` returns what else to say of a neuron, as plain values.
    """
    writer, last = NeuronWriter(graph), max(graph.layers)
    for layer in graph.layers.values():
        yield f'{indent}{to_text(layer_to_plain(layer))[:-1]}, "neurons": [\n'
        rest = len(layer.neurons)
        for neuron in layer.neurons.values():
            plain = writer.plain(layer.id, neuron)
            if more is not None:
                plain |= more(layer, neuron)
            rest -= 1
            yield f"{indent}  {to_text(plain)}{',' if rest else ''}\n"
        yield f"{indent}]}}{',' if layer.id != last else ''}\n"
