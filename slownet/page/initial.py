"""The initial net, described as NetFactory arguments and rebuilt from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from slownet.functions.description import describe, from_description
from slownet.layers import Dense, Input
from slownet.objects import Net, NetFactory
from slownet.plotting.style import Json
from slownet.recording import Snapshot, take


def initial_layers(first: Snapshot, initializers: object) -> list[Json] | None:
    """Return the layers from which a factory makes the net of the first snapshot; None if none does.

    Parameters
    ----------
    first : Snapshot
        Of step 0.
    initializers : list of str, optional
        The names that the training kept, one a layer after the inputs; otherwise those that suit the
        activations are tried.
    """
    graph = first.graph
    inputs, *others = graph.layers.values()
    if first.step or graph.seed is None or (first.state is not None and first.state.frozen):
        return None
    if not isinstance(initializers, list) or len(initializers) != len(others):
        initializers = [layer.activation.initializer for layer in others]
    layers: list[Json] = [{"size": len(inputs.neurons)}]
    layers += [
        {
            "size": len(layer.neurons),
            "activation": describe(layer.activation),
            "initializer": name,
            "bias": all(neuron.has_bias for neuron in layer.neurons.values()),
        }
        for layer, name in zip(others, initializers, strict=True)
    ]
    try:
        net = net_of(layers, graph.seed, [layer.activation for layer in others])
    except (TypeError, ValueError):
        return None
    made = take(net)
    is_same = made.weights == first.weights and made.biases == first.biases
    return layers if is_same and graph.is_of(net) else None


def net_of(layers: Sequence[Json], seed: int, formulas: Iterable[Any] = ()) -> Net:
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
