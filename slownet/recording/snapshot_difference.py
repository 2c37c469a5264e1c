"""The differences between the snapshots of two runs: in which weights and biases, and by how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slownet.recording.graph import Graph, NeuronKey
from slownet.recording.history import History
from slownet.recording.snapshot import Snapshot

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from slownet.graph_checks import WeightId

    Floats = npt.NDArray[np.float64]

Connection = tuple[NeuronKey, NeuronKey]  # (source, target)


@dataclass(frozen=True)
class SnapshotDifference:
    """The difference of two nets at a step of which both runs have a snapshot.

    Attributes
    ----------
    step : int
        The step.
    difference : float
        The largest absolute difference of a weight or bias that both have.
    where : str
        Which it is: "weight (3, 5) into layer 1" or "bias of neuron 2 in layer 1"; "" if none differs.
    a, b : float or None
        The two numbers there.
    count, of : int
        How many of the weights and biases that both have differ.
    only_a, only_b : int
        How many neurons and weights only one of them has.
    """

    step: int
    difference: float
    where: str
    a: float | None
    b: float | None
    count: int
    of: int
    only_a: int
    only_b: int

    @property
    def differs(self) -> bool:
        """Whether anything differs."""
        return bool(self.count or self.only_a or self.only_b)


class GraphPairing:
    """The weights, biases and neurons that two graphs have in common."""

    def __init__(self, a: Graph, b: Graph) -> None:
        import numpy as np

        self.graphs = a, b
        weights = _weights(a), _weights(b)
        neurons = _neurons(a), _neurons(b)
        biased = [{k: n for k, n in each.items() if n is not None} for each in neurons]
        self.connection = [connection for connection in weights[0] if connection in weights[1]]
        self.biased = [key for key in biased[0] if key in biased[1]]
        self.weights = [np.array([w[c][1] for c in self.connection], np.intp) for w in weights]
        self.biases = [np.array([n[p] for p in self.biased], np.intp) for n in biased]
        self.names = [weights[0][connection][0] for connection in self.connection]
        self.only = _only(weights[0], neurons[0], neurons[1], weights[1])
        self.only_other = _only(weights[1], neurons[1], neurons[0], weights[0])

    def numbers(self, snapshot: Snapshot, which: int) -> Floats:
        """Return the numbers of one graph that both have: first weights, then biases."""
        import numpy as np

        parts = (
            np.frombuffer(numbers)[places] if len(places) else np.zeros(0)
            for numbers, places in (
                (snapshot.weights, self.weights[which]),
                (snapshot.biases, self.biases[which]),
            )
        )
        return np.concatenate(list(parts))

    def name(self, place: int) -> str:
        """Return the name of the weight or bias at a place in `numbers`."""
        if place < len(self.connection):
            return _weight_name(self.names[place], self.connection[place])
        layer, neuron = self.biased[place - len(self.connection)]
        return f"bias of neuron {neuron} in layer {layer}"


def _weights(graph: Graph) -> dict[Connection, tuple[WeightId, int]]:
    """Return the id of each weight and its place in a snapshot, by the neurons it joins."""
    return {
        (source, (layer.id, neuron.id)): (weight_id, place)
        for layer in graph.layers.values()
        for neuron in layer.neurons.values()
        for source, (weight_id, place) in zip(neuron.sources, neuron.weights.items(), strict=True)
    }


def _neurons(graph: Graph) -> dict[NeuronKey, int | None]:
    """Return the place of each bias in a snapshot, None for an input neuron, by (layer, neuron)."""
    first = graph.inputs.id
    return {
        (layer.id, neuron.id): None if layer.id == first else neuron.place
        for layer in graph.layers.values()
        for neuron in layer.neurons.values()
    }


def _only(
    weights: Mapping[Connection, tuple[WeightId, int]],
    neurons: Iterable[NeuronKey],
    others: Mapping[NeuronKey, object],
    other_weights: Mapping[Connection, object],
) -> list[str]:
    """Name the neurons, and the weights between neurons of both, that the others do not have."""
    names = [
        f"neuron {neuron} in layer {layer}" for layer, neuron in neurons if (layer, neuron) not in others
    ]
    return names + [
        _weight_name(weight_id, connection)
        for connection, (weight_id, _) in weights.items()
        if connection not in other_weights and connection[0] in others and connection[1] in others
    ]


def _weight_name(weight_id: WeightId, connection: Connection) -> str:
    return f"weight {weight_id} into layer {connection[1][0]}"


def compare_snapshots(a: History, b: History) -> tuple[list[SnapshotDifference], list[str], list[str]]:
    """Compare the snapshots of the same steps; name what only one of the runs has in them."""
    others = set(b.snapshot_steps)
    pairing: GraphPairing | None = None
    differences = []
    only: tuple[dict[str, None], dict[str, None]] = {}, {}
    for step in a.snapshot_steps:
        if step not in others:
            continue
        one, other = a.at(step), b.at(step)
        if pairing is None or pairing.graphs != (one.graph, other.graph):
            pairing = GraphPairing(one.graph, other.graph)
            only[0].update(dict.fromkeys(pairing.only))
            only[1].update(dict.fromkeys(pairing.only_other))
        differences.append(_difference(one, other, pairing))
    return differences, list(only[0]), list(only[1])


def _difference(a: Snapshot, b: Snapshot, pairing: GraphPairing) -> SnapshotDifference:
    import numpy as np

    x, y = pairing.numbers(a, 0), pairing.numbers(b, 1)
    differ = (x != y) & ~(np.isnan(x) & np.isnan(y))
    largest, where = 0.0, ""
    numbers: tuple[float | None, float | None] = None, None
    if differ.any():
        with np.errstate(all="ignore"):
            apart = np.nan_to_num(np.abs(x - y), nan=np.inf, posinf=np.inf)
        apart[~differ] = -1.0
        place = int(apart.argmax())
        largest, where = float(apart[place]), pairing.name(place)
        numbers = float(x[place]), float(y[place])
    return SnapshotDifference(
        step=a.step,
        difference=largest,
        where=where,
        a=numbers[0],
        b=numbers[1],
        count=int(differ.sum()),
        of=len(x),
        only_a=len(pairing.only),
        only_b=len(pairing.only_other),
    )
