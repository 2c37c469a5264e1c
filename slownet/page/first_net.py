"""The net that the training of a page begins with, where the page has its numbers."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from slownet.errors import FormatError
from slownet.functions.description import from_description
from slownet.page.planning import MOST_WEIGHTS
from slownet.page.reading import Page
from slownet.recording import Graph
from slownet.recording.graph import LayerEntry, NeuronEntry, layers_of
from slownet.recording.json_values import integer
from slownet.recording.snapshot import freeze_places

if TYPE_CHECKING:
    from slownet.objects import Net
    from slownet.page.facts import Recipe


def has_first_net(page: Page) -> bool:
    """Whether a page has the numbers of the net with which its training begins."""
    start = (page.facts["recipe"] or {}).get("start")
    return isinstance(start, dict) and start.get("step") == 0 and "weights" in page.arrays


def net_of_arrays(page: Page, recipe: Recipe, formulas: list[Any]) -> Net:
    """Return the first net of a page that has its numbers.

    Raises
    ------
    FormatError
        If its weights are not those of its neurons, or more than train in a page.
    """
    arrays, layers = page.arrays, recipe["layers"]
    keys = [(layer["id"], neuron) for layer in layers for neuron in layer["neurons"]]
    inputs = len(layers[0]["neurons"])
    counts, sources = arrays["start"].tolist(), np.cumsum(arrays["source"]).tolist()
    if len(counts) != len(keys) - inputs or sum(counts) != len(sources) or min(counts, default=0) < 0:
        raise FormatError("its weights are not those of its neurons")
    if sources and not 0 <= min(sources) <= max(sources) < len(keys):
        raise FormatError("a weight comes from a neuron that is not there")
    if max(len(sources), len(counts)) > MOST_WEIGHTS:
        raise FormatError(f"its net has {len(sources):,} weights, more than trains in a page")
    ends = [*accumulate(counts, initial=0)]
    into = [[]] * inputs + [[keys[k] for k in sources[one:two]] for one, two in pairwise(ends)]
    targets = _targets(arrays.get("leaving"), keys, sources, counts, inputs)
    fixed = arrays["fixed biases"].tolist()
    has_bias = arrays["has bias"].tolist() if "has bias" in arrays else [1] * len(counts)
    entries, place = [], 0
    for layer in layers:
        neurons = []
        for neuron in layer["neurons"]:
            is_input = place < inputs
            biased = not is_input and bool(has_bias[place - inputs])
            neurons.append(NeuronEntry(neuron, biased, tuple(into[place]), targets[place]))
            place += 1
        activation = from_description("activation", layer["activation"], formulas)
        entries.append(LayerEntry(layer["id"], activation if layer is not layers[0] else None, neurons))
    graph = Graph(layers_of(entries))
    high, low = recipe["seed"]
    graph.seed = integer(high, "seed") << 32 | integer(low, "seed")
    net = graph.new_net(arrays["weights"].tolist(), arrays["biases"].tolist())
    net.initializers = recipe["initializers"]
    frozen = [
        *arrays["fixed weights"].tolist(),
        *(f and b for f, b in zip(fixed, has_bias, strict=True)),
    ]
    freeze_places(net, {place for place, each in enumerate(frozen) if each})
    return net


def _targets(
    leaving: Any,
    keys: list[tuple[int, int]],
    sources: list[int],
    counts: list[int],
    inputs: int,
) -> list[tuple[tuple[int, int], ...] | None]:
    """Return for each neuron where its weights go to, in the order of attachment."""
    if leaving is None:
        return [None] * len(keys)
    target = np.repeat(np.arange(len(counts)) + inputs, counts).tolist()
    found: list[list[tuple[int, int]]] = [[] for _ in keys]
    if sorted(leaving.tolist()) != list(range(len(sources))):
        raise FormatError("the weights out of its neurons are not those into them")
    for weight in leaving.tolist():
        found[sources[weight]].append(keys[target[weight]])
    return [tuple(each) for each in found]
