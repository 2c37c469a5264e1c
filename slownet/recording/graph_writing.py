"""Writing of graphs as plain values (dicts, lists, texts, numbers), the same in all kinds of files.

Weights and biases are not among them; a net file adds these to the neurons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import isfinite
from typing import Any

from slownet.checks import check_integer, short
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.functions.description import describe
from slownet.functions.randomness import check_seed
from slownet.layers import MOST
from slownet.recording.graph import Graph, GraphLayer, GraphNeuron
from slownet.recording.json_stream import MOST_DIGITS
from slownet.recording.json_text import to_text

# what a graph has beside its layers
HEAD = ("seed", "initializers", "loss", "classes", "preparation")


def graph_to_plain(graph: Graph) -> dict[str, Any]:
    """Return a graph as plain values, ready for JSON.

    Returns
    -------
    dict
        What `HEAD` names and `layers`; each layer has `id`, `activation` and `neurons`, each neuron what
        `NeuronWriter.plain` returns.

    Raises
    ------
    TypeError, ValueError
        If a file cannot hold the class labels or the seed, or there are too many layers or
        neurons.
    """
    writer = NeuronWriter(graph)
    layers = [
        {
            **layer_to_plain(layer),
            "neurons": [writer.plain(layer.id, neuron) for neuron in layer.neurons.values()],
        }
        for layer in graph.layers.values()
    ]
    return {**head_to_plain(graph), "layers": layers}


def head_to_plain(graph: Graph) -> dict[str, Any]:
    """Return a graph without its layers."""
    counts = {"layers": len(graph.layers), "neurons": sum(graph.sizes), "weights": graph.weight_count}
    for name, count in counts.items():
        check_integer(f"the number of {name} in a file", count, maximum=MOST[name])
    return {
        "seed": None if graph.seed is None else check_seed(graph.seed),
        "initializers": None if graph.initializers is None else [*map(str, graph.initializers)],
        "loss": None if graph.loss is None else describe(graph.loss),
        "classes": labels_to_plain(graph.classes),
        "preparation": None if graph.preparation is None else graph.preparation.plain(),
    }


def layer_to_plain(layer: GraphLayer) -> dict[str, Any]:
    """Return a layer without its neurons."""
    return {"id": layer.id, "activation": describe(layer.activation) if layer.has_activation else None}


class NeuronWriter:
    """Returns the neurons of a graph as plain values."""

    def __init__(self, graph: Graph) -> None:
        self._first = graph.inputs.id
        self._whole = {
            layer.id: tuple((layer.id, neuron) for neuron in layer.neurons)
            for layer in graph.layers.values()
        }

    def plain(self, layer: int, neuron: GraphNeuron) -> dict[str, Any]:
        """Return one neuron.

        Returns
        -------
        dict
            `id`; `has_bias` where it should have a bias and has none; `sources` where it has any, in the
            order of attachment: `{"layer": l}` for all neurons of a layer, by id, or a list of
            [layer, neuron]; `targets`, a list of the same kind, where their order is not the usual one.
        """
        plain: dict[str, Any] = {"id": neuron.id}
        if layer != self._first and not neuron.has_bias:
            plain["has_bias"] = False
        if neuron.sources:
            start = neuron.sources[0][0]
            whole = neuron.sources == self._whole[start]
            plain["sources"] = {"layer": start} if whole else list(map(list, neuron.sources))
        if neuron.targets is not None:
            plain["targets"] = list(map(list, neuron.targets))
        return plain


def layer_lines(
    graph: Graph,
    indent: str,
    numbers_of: Callable[[GraphLayer, GraphNeuron], dict[str, Any]] | None = None,
) -> Iterator[str]:
    """Yield the items of a list of layers, line by line.

    Parameters
    ----------
    graph : Graph
        Whose layers they are.
    indent : str
        The white space before each layer.
    numbers_of : callable, optional
        `numbers_of(layer, neuron)` returns what else a neuron has in the file, as plain values.
    """
    writer, last = NeuronWriter(graph), graph.outputs.id
    for layer in graph.layers.values():
        yield f'{indent}{to_text(layer_to_plain(layer))[:-1]}, "neurons": [\n'
        rest = len(layer.neurons)
        for neuron in layer.neurons.values():
            plain = writer.plain(layer.id, neuron)
            if numbers_of is not None:
                plain |= numbers_of(layer, neuron)
            rest -= 1
            yield f"{indent}  {to_text(plain)}{',' if rest else ''}\n"
        yield f"{indent}]}}{',' if layer.id != last else ''}\n"


def labels_to_plain(labels: Iterable[Any] | None) -> list[Any] | None:
    """Return class labels as a file can hold them; TypeError or ValueError if it cannot."""
    if labels is None:
        return None
    return [_plain_label(label, place) for place, label in enumerate(labels)]


def _plain_label(label: object, place: int) -> Any:
    plain = label.item() if hasattr(label, "item") else label  # NumPy's numbers and texts
    if type(plain) not in (str, bool, int, float):
        raise InvalidTypeError(
            f"classes[{place}] is {short(label)}: class labels in a file are texts, numbers or bool"
        )
    if isinstance(plain, float) and not isfinite(plain):
        raise InvalidValueError(
            f"classes[{place}] is {short(label)}: a file can hold finite numbers only"
        )
    if type(plain) is int and abs(plain) >= 10 ** (MOST_DIGITS - 1):
        raise InvalidValueError(f"classes[{place}] is an integer of {MOST_DIGITS} digits or more")
    return plain
