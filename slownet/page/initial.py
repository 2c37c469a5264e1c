"""The net that a training began with, told by what a factory makes it of, and made again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from slownet.functions.description import describe, from_description
from slownet.functions.initializers import INITIALIZERS
from slownet.functions.randomness import Use, key
from slownet.layers import Dense, Input
from slownet.objects import Net, NetFactory
from slownet.plotting.style import Json
from slownet.recording import Snapshot


def beginning_of(first: Snapshot) -> list[Json] | None:
    """Return the layers that a factory makes of its seed the net of a snapshot; None if it cannot."""
    graph, weights = first.graph, np.frombuffer(first.weights)
    layers = list(graph.layers.values())
    if first.step or graph.seed is None or any(first.biases) or [*graph.layers] != [*range(len(layers))]:
        return None
    begins: list[Json] = [{"size": len(layers[0].neurons)}]
    place = 0
    for before, layer in pairwise(layers):
        counts = len(before.neurons), len(layer.neurons)
        ends = tuple((before.id, i) for i in range(counts[0]))
        biased = {plan.has_bias for plan in layer.neurons.values()}
        if len(biased) > 1 or any(plan.sources != ends for plan in layer.neurons.values()):
            return None
        row, place = weights[place : place + counts[0] * counts[1]], place + counts[0] * counts[1]
        suited = layer.activation.initializer
        for name in (suited, *(each for each in INITIALIZERS if each != suited)):
            drawn = INITIALIZERS[name].draw(
                key(graph.seed, Use.INITIAL_WEIGHT, before.id, layer.id), *counts
            )
            if (np.array(drawn).ravel() == row).all():
                break
        else:
            return None
        begins.append(
            {
                "size": counts[1],
                "activation": describe(layer.activation),
                "initializer": name,
                "bias": biased == {True},
                "ids": sorted(layer.neurons) == list(range(counts[1])),
            }
        )
    return begins if all(each.pop("ids", True) for each in begins) else None


def net_of(begins: Sequence[Json], seed: int, formulas: Iterable[Any] = ()) -> Net:
    """Build the net of a beginning; `formulas` are those that are not built in."""
    own = list(formulas)
    layers = [
        Dense(
            each["size"],
            from_description("activation", each["activation"], own),
            each["initializer"],
            each["bias"],
        )
        for each in begins[1:]
    ]
    return NetFactory(layers=[Input(begins[0]["size"]), *layers], seed=seed).new()
