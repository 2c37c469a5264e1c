"""Net and training files for tests: small ones as plain values, and what can be wrong with them."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from contextlib import suppress
from importlib import resources
from itertools import pairwise
from math import inf, nan
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import numpy as np
import referencing
from bits import bits, record

import slownet
from slownet import History, Layer, Net, Neuron, OptimizerState, Preparation, Weight, functions
from slownet.datasets import Column, Target
from slownet.functions.description import describe
from slownet.recording.graph_writing import graph_to_plain

SCHEMAS = resources.files("slownet.recording") / "schemas"
NET_SCHEMA, TRAINING_SCHEMA = (
    json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    for name in ("net", "training")
)
REGISTRY = referencing.Registry().with_resource(
    NET_SCHEMA["$id"], referencing.Resource.from_contents(NET_SCHEMA)
)
NAMES = (
    "config",
    "classes",
    "target_kind",
    "data",
    "start",
    "id",
    "parent",
    "source",
    "versions",
    "arithmetic",
    "ended",
)


def everything(net: Net) -> list[object]:
    """All that a net is, with floats as their exact digits."""
    return [
        (
            net.seed,
            net.classes,
            [*map(type, net.classes or [])],
            net.explicit_loss and net.explicit_loss.name,
            net.preparation and net.preparation.plain(),
        ),
        [(layer.id, layer.activation and describe(layer.activation)) for layer in net],
        [
            (
                neuron.layer.id,
                neuron.id,
                neuron.has_bias and neuron.layer is not net.inputs,
                neuron.bias.hex(),
                neuron.bias_frozen and neuron.layer is not net.inputs,
                [(w.id, w.value.hex(), bool(w.frozen)) for w in neuron.weights["in"].values()],
                [(w.id, w.incoming.layer.id) for w in neuron.weights["out"].values()],
            )
            for neuron in net.neurons()
        ],
    ]


def rich_net() -> Net:
    """Gaps between ids, a skip, a frozen and a removed weight, odd orders, texts, settings, no bias."""
    net = Net()
    net.seed = 2**64 - 1
    layers = [Layer(0, net), Layer(3, net, functions.elu(0.1)), Layer(7, net), Layer(8, net, "softmax")]
    for layer, ids in zip(layers, ([0, 2, 5], [1, 4], [0, 9], [0, 1]), strict=True):
        for neuron_id in ids:
            Neuron(neuron_id, layer, bias=-0.0 if layer.id and neuron_id != 4 else None)
    for before, layer in pairwise(layers):
        for target in layer.neurons.values():
            for source in before.neurons.values():
                Weight((source.id, target.id), target, source, 0.1 * source.id - 1 / (3 + target.id))
    Weight(((0, 5), (8, 1)), layers[3].neurons[1], layers[0].neurons[5], 5e-324)
    late = Weight((9, 0), value=-1.7976931348623157e308)
    net.weight(8, (9, 0)).remove()
    late.attach_to_outgoing(layers[2].neurons[9])
    late.attach_to_incoming(layers[3].neurons[0])
    net.weight(3, (2, 4)).remove()
    net.weight(7, (1, 0)).frozen = net.weight(7, (4, 9)).frozen = True
    net.layers[7].neurons[9].bias_frozen = net.layers[3].neurons[1].bias_frozen = True
    net.loss = functions.huber(0.5)
    net.classes = ["größe", "\ud800 [\u2028"]
    net.preparation = Preparation(
        [
            Column("a\u2028", "number", fill=-0.0, centre=0.1, scale=5e-324),
            Column("\ud800", "category", ("", "z", "[")),
        ],
        [Target("größe (m)")],
    )
    return net


def remembered(net: Net) -> OptimizerState:
    rng = random.Random(1)
    things = [*net.weights(), *(n for n in net.neurons() if n.layer is not net.inputs)]
    memory = {thing: (rng.gauss(0, 1), rng.random()) for thing in things if rng.random() < 0.7}
    return OptimizerState(functions.adam(0.8), 17, memory)


def everything_of_history(history: History) -> dict[str, Any]:
    """Everything that a file keeps of a history."""
    graphs: list[Any] = []
    for snapshot in history.snapshots:
        if not graphs or snapshot.graph is not graphs[-1][1]:
            graphs.append((graph_to_plain(snapshot.graph), snapshot.graph, snapshot.step))
    names = {name: getattr(history, name) for name in (*NAMES, "created")}
    return {
        **record(history),
        **json.loads(json.dumps(names)),
        "seconds": bits(epoch.seconds for epoch in history.epochs),
        "graphs": [(graph, step) for graph, _, step in graphs],
        "samples": [bits(sample) for sample in history.watch.samples],
        "targets": [bits(target) for target in history.watch.targets],
        "labels": [(type(label), label) for label in history.watch.labels],
    }


def small_graph() -> dict[str, Any]:
    """A small graph as plain values: a gap between ids, a skip, an odd order, settings, no bias."""
    return {
        "seed": 3,
        "initializers": ["zeros", "he_normal"],
        "loss": {"name": "huber", "delta": 2.0},
        "classes": ["a", 1, 2.5, False],
        "preparation": {
            "columns": [
                {"name": "a", "kind": "number", "fill": 1.5, "centre": 2.0, "scale": 0.5},
                {"name": "b", "kind": "category", "categories": ["x"], "fill": "x"},
            ],
            "targets": [{"name": "c (m)", "centre": 3.0}],
            "is_named": True,
        },
        "layers": [
            {
                "id": 0,
                "activation": None,
                "neurons": [{"id": 0}, {"id": 2, "targets": [[2, 0], [1, 0], [1, 1]]}],
            },
            {
                "id": 1,
                "activation": {"name": "relu"},
                "neurons": [
                    {"id": 0, "sources": {"layer": 0}},
                    {"id": 1, "sources": [[0, 2]], "has_bias": False},
                ],
            },
            {
                "id": 2,
                "activation": {"name": "elu", "alpha": 0.5},
                "neurons": [{"id": 0, "sources": [[1, 0], [0, 2], [1, 1]]}],
            },
        ],
    }


def small_net() -> dict[str, Any]:
    """A small net file as plain values."""
    graph = small_graph()
    first, second, third = (neuron for layer in graph["layers"][1:] for neuron in layer["neurons"])
    first |= {"bias": 0.5, "weights": [1.0, 2.0], "frozen": [1], "bias_frozen": True}
    second |= {"bias": 0.5, "weights": [1.0]}
    third |= {"bias": 0.5, "weights": [1.0, 2.0, 3.0]}
    third["memory"] = {"weights": [[0.5, 0.25], None, None], "bias": [0.5, 0.25]}
    layers = graph.pop("layers")
    return {
        "format": "slownet net",
        "version": 1,
        "slownet": "0.1.0",
        "arithmetic": 1,
        **graph,
        "optimizer": {"name": "adam", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "step": 4},
        "layers": layers,
    }


def small_training() -> dict[str, Any]:
    """A small training file as plain values: two graphs, a gap, memory, a frozen weight, a branch."""
    graph = small_graph()
    other = copy.deepcopy(graph)
    other["layers"][1]["neurons"][1]["sources"] = {"layer": 0}
    first = {
        "step": 4, "epoch": 2.0, "watch_loss": 0.5, "watch_accuracy": None,
        "epoch_loss_sum": 0.25, "epoch_correct": 0,
        "graph": graph,
        "layers": [
            {"id": 1, "biases": [0.5, 0.0], "first": [0.5, None], "second": [0.25, None]},
            {"id": 2, "biases": [-1.5], "first": [None], "second": [None], "frozen": [0]},
        ],
        "synapses": [
            {
                "between": [0, 1],
                "weights": [[1.0, 2.0], [None, 3.0]],
                "first": [[0.5, None], [None, 1.5]],
                "second": [[0.5, None], [None, 1.5]],
                "frozen": [[], [1]],
            },
            {"between": [1, 2], "weights": [[1.0, 2.0]], "first": [[0.0, None]],
             "second": [[0.0, None]]},
            {"between": [0, 2], "weights": [[None, 5.0]], "first": [[None, None]],
             "second": [[None, None]]},
        ],
        "neurons": [
            [{"layer": 1, "pairs": [[1.0, 1.0], [-2.0, 0.0]]}, {"layer": 2, "pairs": [[0.5, 0.5]]}]
        ],
    }  # fmt: skip
    second = copy.deepcopy(first)
    second |= {"step": 6, "graph": other}
    for matrix in second["synapses"]:
        for name in ("first", "second", "frozen"):
            matrix.pop(name, None)
    for layer in second["layers"]:
        del layer["first"], layer["second"]
    second["synapses"][0]["weights"][1][0] = 0.125
    third = {**copy.deepcopy(second), "step": 7}
    del third["graph"]
    epoch = {"epoch": 2, "step": 4, "loss": 0.5, "accuracy": None, "seconds": 0.5}
    return {
        "format": "slownet training",
        "version": 1,
        "slownet": "0.1.0",
        "id": "abc",
        "parent": {"id": "abd", "step": 4},
        "created": "",
        "versions": {"python": "3.11"},
        "arithmetic": 1,
        "ended": "finished",
        "source": None,
        "config": {"epochs": 3, "optimizer": {"name": "adam", "beta1": 0.9}, "regularizers": []},
        "data": {"samples": 4},
        "target_kind": "number",
        "start": 4,
        "classes": None,
        "test": {"step": 6, "samples": 3, "loss": 0.5, "accuracy": None, "error": 0.25},
        "labels": [[0.5]],
        "steps": [{"first": 5, "loss": [0.5, 0.25]}, {"first": 7, "loss": [0.125]}],
        "epochs": [{**epoch, "validation_loss": 0.5, "validation_accuracy": None}],
        "input_neurons": [
            {"layer": 0, "id": 0, "values": [0.5]},
            {"layer": 0, "id": 2, "values": [-1.5]},
        ],
        "training_states": [first, second, third],
        "output_neurons": [{"layer": 2, "id": 0, "targets": [0.5]}],
    }


# where, what to put there, where the message says it is ("" for the file), what it says
Wrong = list[tuple[str, Any, str, str]]
WRONG_HEAD: Wrong = [
    ("format", "png", "", "found 'png'"),
    ("format", ..., "", "'format'"),
    ("version", 2, "version: ", "a newer slownet reads it"),
    ("version", 0, "version: ", "an integer of at least 1, found 0"),
    ("version", True, "version: ", "an integer of at least 1, found true"),
    ("version", ..., "", "the key 'version'"),
    ("slownet", 1, "slownet: ", "a text, found 1"),
    ("arithmetic", -1, "arithmetic: ", "an integer of at least 0, found -1"),
    ("arithmetic", True, "arithmetic: ", "an integer of at least 0, found true"),
    ("arithmetic", None, "arithmetic: ", "an integer of at least 0, found null"),
    ("extra", 1, "", "found 'extra'"),
]
WRONG_GRAPH: Wrong = [
    ("seed", -1, "seed: ", "an integer from 0 to 18446744073709551615, found -1"),
    ("seed", inf, "seed: ", "found inf"),
    ("seed", 1.5, "seed: ", "found 1.5"),
    ("seed", "x" * 5000, "seed: ", "found 'xxx"),
    ("initializers", "zeros", "initializers: ", "a list"),
    ("initializers", ["zeros", 1], "initializers[1]: ", "a text, found 1"),
    ("loss", "huber", "loss: ", "the name of the loss"),
    ("loss", {"name": "hubris"}, "loss: ", "unknown loss 'hubris'"),
    ("loss", {"name": "huber", "delta": -1}, "loss: ", "delta"),
    ("loss", {"name": "huber", "delta": [1]}, "loss.delta: ", "a finite number, found a list of 1"),
    ("loss", {"name": "cross_entropy"}, "loss: ", "cross_entropy"),
    ("classes", "ab", "classes: ", "a list"),
    ("classes", ["a", "a"], "classes: ", "different class labels"),
    ("classes", [1, None], "classes[1]: ", "found null"),
    ("classes", [nan], "classes[0]: ", "found nan"),
    ("preparation", 3, "preparation: ", "an object, found 3"),
    ("preparation.columns", {}, "preparation.columns (line 1): ", "expected '['"),
    ("preparation.columns", ..., "preparation: ", "the key 'columns'"),
    ("preparation.columns", [], "preparation: ", "at least one column"),
    ("preparation.columns.1.name", "a", "preparation: ", "two columns 'a'"),
    ("preparation.columns.0.scale", 0, "preparation.columns[0]: ", "a column of a table"),
    ("preparation.columns.0.scale", -1, "preparation.columns[0]: ", "a column of a table"),
    ("preparation.columns.0.centre", True, "preparation.columns[0]: ", "a column of a table"),
    ("preparation.columns.0.centre", nan, "preparation.columns[0]: ", "a column of a table"),
    ("preparation.columns.0.size", 1, "preparation.columns[0]: ", "a column of a table"),
    ("preparation.columns.0", "a", "preparation.columns[0]: ", "a column of a table"),
    ("preparation.columns.1.categories", ["y"], "preparation.columns[1]: ", "a column of a table"),
    ("preparation.columns.1.categories", "x", "preparation.columns[1]: ", "a column of a table"),
    ("preparation.targets", {}, "preparation.targets: ", "a list"),
    ("preparation.targets.0.name", 1, "preparation: ", "a target"),
    ("preparation.targets.0.centre", inf, "preparation: ", "a target"),
    ("preparation.targets.0", 1, "preparation: ", "a target"),
    ("preparation.is_named", 1, "preparation.is_named: ", "true or false, found 1"),
    ("preparation.rows", 1, "preparation: ", "found 'rows'"),
    ("layers", 3, "layers (line 1): ", "expected '[', found '3'"),
    ("layers", [], "layers: ", "at least two layers, found 0"),
    ("layers.0", [], "layers[0] (line 1): ", "expected '{'"),
    ("layers.1.id", 0, "layers[1].id: ", "at least 1, found 0"),
    ("layers.1.id", ..., "layers[1]: ", "the key 'id'"),
    ("layers.1.neurons", [], "layers[1].neurons: ", "at least one neuron"),
    ("layers.1.neurons", ..., "layers[1]: ", "the key 'neurons'"),
    ("layers.1.size", 3, "layers[1]: ", "found 'size'"),
    ("layers.1.activation", 3, "layers[1].activation: ", "the name of the activation"),
    ("layers.1.activation.name", "rleu", "layers[1].activation: ", "unknown activation 'rleu'"),
    ("layers.1.activation.name", 1, "layers[1].activation.name: ", "a text, found 1"),
    ("layers.2.activation.alpha", nan, "layers[2].activation.alpha: ", "found nan"),
    ("layers.0.neurons.1", 3, "layers[0].neurons[1]: ", "an object, found 3"),
    ("layers.0.neurons.1.id", 0, "layers[0].neurons[1].id: ", "at least 1, found 0"),
    ("layers.0.neurons.1.targets", [[1, 0]], "layers[0].neurons[1].targets: ", "found ((1, 0),)"),
    ("layers.1.neurons.0.id", True, "layers[1].neurons[0].id: ", "found true"),
    ("layers.1.neurons.0.id", ..., "layers[1].neurons[0]: ", "the key 'id'"),
    ("layers.1.neurons.0.has_bias", 1, "layers[1].neurons[0].has_bias: ", "true or false, found 1"),
    ("layers.1.neurons.0.biass", 1, "layers[1].neurons[0]: ", "found 'biass'"),
    ("layers.1.neurons.0.sources", 0, "layers[1].neurons[0].sources: ", "a list, found 0"),
    ("layers.1.neurons.0.sources.layer", 1, "layers[1].neurons[0].sources.layer: ", "earlier layer"),
    ("layers.1.neurons.0.sources.layer", [], "layers[1].neurons[0].sources.layer: ", "earlier layer"),
    ("layers.1.neurons.1.sources.0", [0], "layers[1].neurons[1].sources[0]: ", "[layer, neuron]"),
    ("layers.1.neurons.1.sources.0", [1, 0], "layers[1].neurons[1].sources[0]: ", "found (1, 0)"),
    ("layers.2.neurons.0.sources.1", [1, 0], "layers[2].neurons[0].sources[1]: ", "not in the list yet"),
]
WRONG_NET: Wrong = [
    ("format", "png", "", '"format": "slownet net", found \'png\''),
    ("optimizer", None, "optimizer: ", "expected the optimizer"),
    ("optimizer.step", ..., "optimizer: ", "an optimizer with its step"),
    ("optimizer.step", -4, "optimizer.step: ", "found -4"),
    ("optimizer.beta1", 2, "optimizer: ", "beta1 must be less than 1"),
    ("optimizer.gamma", 2, "optimizer: ", "cannot be made with"),
    ("layers", ..., "", "the key 'layers'"),
    ("layers.0.neurons.1.bias", 0, "layers[0].neurons[1]: ", "found 'bias'"),
    ("layers.1.neurons.0.bias", ..., "layers[1].neurons[0]: ", "the key 'bias'"),
    ("layers.1.neurons.0.bias", "0.5", "layers[1].neurons[0].bias: ", "found '0.5'"),
    ("layers.1.neurons.0.bias", inf, "layers[1].neurons[0].bias: ", "found inf"),
    ("layers.1.neurons.0.weights", [1.0], "layers[1].neurons[0].weights: ", "2 numbers, found 1"),
    ("layers.1.neurons.0.weights", ..., "layers[1].neurons[0].weights: ", "2 numbers, found 0"),
    ("layers.1.neurons.0.weights.1", nan, "layers[1].neurons[0].weights[1]: ", "found nan"),
    ("layers.1.neurons.0.weights.1", None, "layers[1].neurons[0].weights[1]: ", "found null"),
    ("layers.1.neurons.0.weights.1", 10**400, "layers[1].neurons[0] (line 1): ", "401 digits"),
    ("layers.1.neurons.0.frozen", [2], "layers[1].neurons[0].frozen[0]: ", "from 0 to 1, found 2"),
    ("layers.1.neurons.0.frozen", [1, 1], "layers[1].neurons[0].frozen[1]: ", "above 1, found 1"),
    ("layers.1.neurons.0.bias_frozen", 1, "layers[1].neurons[0].bias_frozen: ", "true or false"),
    ("layers.2.neurons.0.memory", [], "layers[2].neurons[0].memory: ", "an object"),
    (
        "layers.2.neurons.0.memory.weights",
        [],
        "layers[2].neurons[0].memory.weights: ",
        "3 pairs, found 0",
    ),
    (
        "layers.2.neurons.0.memory.weights.2",
        [1.0, nan],
        "layers[2].neurons[0].memory.weights[2][1]: ",
        "found nan",
    ),
    ("layers.2.neurons.0.memory.bias", [1], "layers[2].neurons[0].memory.bias: ", "2 numbers, found 1"),
]
STATE = "training_states[0]"
WRONG_TRAINING: Wrong = [
    ("format", "png", "", '"format": "slownet training", found \'png\''),
    ("id", 3, "id: ", "a text, found 3"),
    ("id", ..., "", "the key 'id'"),
    ("parent", {"id": "a"}, "parent: ", "the key 'step'"),
    ("parent.step", 1.5, "parent.step: ", "found 1.5"),
    ("versions.python", 3, "versions.python: ", "a text, found 3"),
    ("config", [], "config: ", "an object, found a list"),
    ("config.optimizer.beta1", nan, "config.optimizer.beta1: ", "found nan"),
    ("config.regularizers", [[{}, -inf]], "config.regularizers[0][1]: ", "found -inf"),
    ("target_kind", "aim", "target_kind: ", "one of class"),
    ("start", True, "start: ", "an integer of at least 0, found true"),
    ("start", -1, "start: ", "at least 0, found -1"),
    ("start", 5, "steps[0].first: ", "from 6 to 6, found 5"),
    ("classes", ["a", "a"], "classes: ", "different class labels"),
    ("test", 3, "test: ", "an object, found 3"),
    ("test.samples", 0, "test.samples: ", "at least 1, found 0"),
    ("test.step", ..., "test: ", "the key 'step'"),
    ("test.accuracy", "all", "test.accuracy: ", "a finite number, found 'all'"),
    ("test.loss", None, "test.loss: ", "a finite number, found null"),
    ("labels", [{}], "labels[0]: ", "found an object"),
    ("labels", [inf], "labels[0]: ", "found inf"),
    ("labels", [], f"{STATE}.neurons: ", "0 watched samples, found more"),
    ("labels", [1, 2], f"{STATE}.neurons: ", "2 watched samples, found 1"),
    ("steps.1.first", 8, "steps[1].first: ", "from 7 to 7, found 8"),
    ("steps.0.loss.1", None, "steps[0].loss[1]: ", "found null"),
    ("steps.1.accuracy", [1.0], "steps[1]: ", "for all steps or for none"),
    ("epochs.0.step", "4", "epochs[0].step: ", "found '4'"),
    ("epochs.0.seconds", None, "epochs[0].seconds: ", "found null"),
    ("epochs.0.more", 1, "epochs[0]: ", "found 'more'"),
    ("input_neurons.1.id", 0, "input_neurons[1].id: ", "at least 1, found 0"),
    ("input_neurons.1.id", 3, "input_neurons: ", "the 2 neurons of layer 0"),
    ("input_neurons.1.values", [], "input_neurons[1].values: ", "1 numbers, found 0"),
    ("input_neurons", ..., "", "the key 'input_neurons'"),
    ("input_neurons", [], "input_neurons: ", "the 2 neurons of layer 0"),
    ("output_neurons.0.layer", 1, "output_neurons: ", "neurons of layer 2"),
    ("output_neurons.0.targets.0", nan, "output_neurons[0].targets[0]: ", "found nan"),
    ("training_states.0.step", 3, f"{STATE}.step: ", "at least 4, found 3"),
    ("training_states.1.step", 4, "training_states[1].step: ", "at least 5, found 4"),
    ("training_states.0.epoch_loss_sum", inf, f"{STATE}.epoch_loss_sum: ", "found inf"),
    ("training_states.0.epoch_correct", 1.0, f"{STATE}.epoch_correct: ", "found 1.0"),
    ("training_states.0.watch_loss", "a", f"{STATE}.watch_loss: ", "found 'a'"),
    ("training_states.0.extra", 1, f"{STATE}: ", "found 'extra'"),
    ("training_states.0.graph", ..., f"{STATE}: ", "expected 'graph' before 'layers'"),
    ("training_states.0.graph.layers.1.neurons.0.bias", 0,
     f"{STATE}.graph.layers[1].neurons[0]: ", "found 'bias'"),
    ("training_states.1.graph", ..., "training_states[1].synapses[0].weights[1]: ", "expected null"),
    ("training_states.0.layers.0.id", 2, f"{STATE}.layers[0].id: ", "from 1 to 1, found 2"),
    ("training_states.0.layers.0.frozen", [2], f"{STATE}.layers[0].frozen[0]: ", "from 0 to 1"),
    ("training_states.0.layers.1", ..., f"{STATE}.layers: ", "expected 2 layers, found 1"),
    ("training_states.0.layers.0.biases.1", None, f"{STATE}.layers[0].biases[1]: ", "found null"),
    ("training_states.0.layers.1.first", ..., f"{STATE}.layers[1]: ", "the same keys as before"),
    ("training_states.0.synapses.0.between", [0, 5], f"{STATE}.synapses[0].between: ", "two layers"),
    ("training_states.0.synapses.1.between", [0, 1], f"{STATE}.synapses[1].between: ", "two layers"),
    ("training_states.0.synapses.0.between", ..., f"{STATE}.synapses[0]: ", "'between' before"),
    ("training_states.0.synapses.1", {}, f"{STATE}.synapses[1]: ", "the key 'between'"),
    ("training_states.0.synapses.2", ..., f"{STATE}.synapses: ", "the layers (0, 2) too"),
    ("training_states.0.synapses.0.weights.1", ..., f"{STATE}.synapses[0].weights: ", "2 rows, found 1"),
    ("training_states.0.synapses.0.weights.0", [1], f"{STATE}.synapses[0].weights[0]: ", "2 numbers"),
    ("training_states.0.synapses.0.weights.0.1", None, f"{STATE}.synapses[0].weights[0]: ", "a number"),
    ("training_states.0.synapses.0.weights.1.0", 1, f"{STATE}.synapses[0].weights[1]: ", "null"),
    ("training_states.0.synapses.0.weights.1.1", nan,
     f"{STATE}.synapses[0].weights[1][1]: ", "found nan"),
    ("training_states.0.synapses.0.weights", ..., f"{STATE}: ", "expected 'weights' in all"),
    ("training_states.0.synapses.0.first", ..., f"{STATE}: ", "expected 'first' in all"),
    ("training_states.0.synapses.0.first.0.0", None, f"{STATE}: ", "null at the same places"),
    ("training_states.1.synapses.0.first", [[1, 1], [1, 1]], "training_states[1]: ", "'first' in none"),
    ("training_states.0.synapses.0.frozen.1", [0], f"{STATE}.synapses[0].frozen[1][0]: ", "the column"),
    ("training_states.0.synapses.0.frozen", [], f"{STATE}.synapses[0].frozen: ", "2 rows, found 0"),
    ("training_states.0.neurons.0", [], f"{STATE}.neurons[0]: ", "2 layers, found 0"),
    ("training_states.0.neurons.0.0.pairs.1", [1.0], f"{STATE}.neurons[0][0].pairs[1]: ", "2 numbers"),
    ("training_states.0.neurons.0.0.pairs", [], f"{STATE}.neurons[0][0].pairs: ", "2 neurons, found 0"),
    ("training_states.0.neurons.0.0.pairs.1.0", inf,
     f"{STATE}.neurons[0][0].pairs[1][0]: ", "found inf"),
]  # fmt: skip


class JsonFile(NamedTuple):
    """A kind of file: how it is read and written, a small one, and what can be wrong with it."""

    name: str
    load: Callable[[Path], Any]
    save: Callable[[Any, Path], Any]
    everything: Callable[[Any], Any]
    use: Callable[[Any], Any]
    small: Callable[[], dict[str, Any]]
    schema: dict[str, Any]
    graph: str  # where its graph stands
    wrong: Wrong
    code: str  # a program's import of the function that reads it, as `load`

    @property
    def validator(self) -> jsonschema.Draft202012Validator:
        return jsonschema.Draft202012Validator(self.schema, registry=REGISTRY)


def use_net(net: Net) -> None:
    net.copy()
    with np.errstate(all="ignore"), suppress(OverflowError):
        net.forward([0.5] * len(net.inputs))


def use_history(history: History) -> None:
    for snapshot in history.snapshots:
        snapshot.restore().copy()


NET = JsonFile(
    "net",
    slownet.load,
    Net.save,
    everything,
    use_net,
    small_net,
    NET_SCHEMA,
    "",
    WRONG_NET,
    "from slownet import load",
)
TRAINING = JsonFile(
    "training",
    History.from_json,
    History.to_json,
    everything_of_history,
    use_history,
    small_training,
    TRAINING_SCHEMA,
    "training_states.0.graph",
    WRONG_TRAINING,
    "from slownet.recording.trainingfile import from_json as load",
)
