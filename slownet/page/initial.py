"""The initial net, described as NetFactory arguments and rebuilt from them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise
from typing import Any, cast

from slownet.functions import INITIALIZERS
from slownet.functions.description import describe, from_description
from slownet.functions.randomness import Use, key
from slownet.layers import Dense, Input
from slownet.objects import Net, NetFactory
from slownet.page.facts import Formula, InitialLayer
from slownet.recording import Graph, Snapshot


def initial_layers(first: Snapshot) -> list[InitialLayer] | None:
    """Return the layers of the factory that makes the net of the first snapshot; None if none does.

    A net that does not say what its weights were drawn with is tried with what suits its activations.
    """
    graph = first.graph
    inputs, *others = graph.layers.values()
    if first.step or graph.seed is None or (first.state is not None and first.state.frozen):
        return None
    initializers = graph.initializers or []
    if len(initializers) != len(others) or not INITIALIZERS.keys() >= set(initializers):
        initializers = [layer.activation.initializer for layer in others]
    described: list[InitialLayer] = [{"size": len(inputs.neurons)}]
    for layer, name in zip(others, initializers, strict=True):
        bias = all(neuron.has_bias for neuron in layer.neurons.values())
        size, activation = len(layer.neurons), cast(Formula, describe(layer.activation))
        described.append({"size": size, "activation": activation, "initializer": name, "bias": bias})
    is_made = _is_dense(graph, described) and not any(first.biases)
    return described if is_made and first.weights == _drawn(described, graph.seed) else None


def _is_dense(graph: Graph, described: list[InitialLayer]) -> bool:
    """Whether a graph is that of a factory, weight by weight and bias by bias."""
    ends: tuple[tuple[int, int], ...] = ()
    for place, (layer, each) in enumerate(zip(graph.layers.values(), described, strict=True)):
        bias = each.get("bias", False)
        same = all(n.sources == ends and n.has_bias == bias for n in layer.neurons.values())
        if layer.id != place or list(layer.neurons) != list(range(each["size"])) or not same:
            return False
        ends = tuple((place, neuron) for neuron in layer.neurons)
    return True


def _drawn(described: list[InitialLayer], seed: int) -> array[float]:
    """Return the initial weights that a factory draws."""
    weights = array("d")
    for place, (before, each) in enumerate(pairwise(described)):
        drawing = key(seed, Use.INITIAL_WEIGHT, place, place + 1)
        rows = INITIALIZERS[each["initializer"]].draw(drawing, before["size"], each["size"])
        weights.extend(chain.from_iterable(rows))
    return weights


def net_of(layers: Sequence[Mapping[str, Any]], seed: int, formulas: Iterable[Any] = ()) -> Net:
    """Build the net of described layers; `formulas` are those that are not built in."""
    own = list(formulas)
    dense = [
        Dense(
            each["size"],
            from_description("activation", each["activation"], own),
            each["initializer"],
            each["bias"],
        )
        for each in layers[1:]
    ]
    return NetFactory(layers=[Input(layers[0]["size"]), *dense], seed=seed).new()
