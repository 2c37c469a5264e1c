"""What is to be drawn: snapshots of one net, whatever graphs they have, as arrays of numbers."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import isqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.functions import AnyActivation
from slownet.objects import Net
from slownet.plotting.style import safe, short
from slownet.plotting.units import Units, own_and_prepared
from slownet.recording import Graph, History, Snapshot, take
from slownet.samples import decided

Floats = npt.NDArray[np.float64]
SMALLEST_IMAGE = 64  # as many inputs, and a square number, are taken for an image
MOST_TILES, MOST_NEURONS, MOST_PLANES = 60, 32, 20  # of a layer that are drawn


@dataclass(frozen=True)
class Group:
    """A layer as it is drawn.

    Attributes
    ----------
    id : int
        The layer's id.
    size : int
        How many neurons it has.
    shown : list of int
        The ids of the neurons that are drawn: all, or the ones with the strongest weights.
    activation : str
        Its name, ready for a figure.
    """

    id: int
    size: int
    shown: list[int]
    activation: str


class Scene:
    """Snapshots, what they watch, and which layers and neurons of them are drawn.

    Parameters
    ----------
    snapshots : sequence of Snapshot
        At least one. Their graphs may differ: neurons of all of them are drawn.
    samples, labels, targets : sequence
        What is watched, as in `Watch`: samples are in the table's own units, targets numbers of the net.
    target_kind : str
        The kind of target: "class", "binary", "sign" or "number".
    classes : list, optional
        The class labels.

    Attributes
    ----------
    units : Units
        The table's own numbers and names beside those of the net.
    """

    def __init__(
        self,
        snapshots: Sequence[Snapshot],
        samples: Sequence[list[float]],
        labels: Sequence[Any],
        targets: Sequence[list[float]],
        target_kind: str,
        classes: Sequence[Any] | None,
    ) -> None:
        self.snapshots = list(snapshots)
        self.samples = np.array(samples, dtype=np.float64)
        self.labels, self.targets = list(labels), list(targets)
        self.target_kind, self.classes = target_kind, classes
        self.neurons: dict[int, list[int]] = {}
        for graph in self._graphs:
            for layer in graph.layers.values():
                known = self.neurons.setdefault(layer.id, [])
                known += [neuron for neuron in layer.neurons if neuron not in known]
        self.layers = sorted(self.neurons)
        self.units = Units(
            self._graphs[-1].preparation,
            len(self.neurons[self.inputs]),
            len(self.neurons[self.output]),
            target_kind,
        )
        self._places = cache(self._find_places)
        self._strongest = cache(self._find_strongest)

    @classmethod
    def of_history(cls, history: History) -> Scene:
        """Return the scene of a training; ValueError if its labels are not those of its outputs."""
        watch, snapshots, labels = history.watch, history.snapshots, history.classes
        outputs = len(snapshots[0].graph.outputs.neurons)
        if labels is not None and len(labels) != max(outputs, 2):
            raise InvalidValueError(
                f"the history has {len(labels)} class labels, and its net {outputs} outputs"
            )
        return cls(
            snapshots,
            watch.samples,
            watch.labels,
            watch.targets,
            history.target_kind,
            labels,
        )

    @classmethod
    def of_net(cls, net: Net, sample: Any = None) -> Scene:
        """Return the scene of a net as it is now; the sample goes through a copy of it.

        The sample is one row, as `own_and_prepared` takes several.
        """
        samples: list[list[float]] = []
        prepared: Iterable[list[float]] = ()
        if sample is not None:
            own, prepared = own_and_prepared(net, sample, "sample")
            samples = own.tolist()
        snapshot = take(net.copy(), samples=prepared)
        return cls([snapshot], samples, [], [], net.encoder().loss.target_kind, net.classes)

    def show(self, snapshot: Snapshot, choose: bool = False) -> None:
        """Let the last moment be another one of the same graph.

        Of large layers the same neurons are drawn, or with `choose` those that are strongest now.
        """
        self.snapshots[-1] = snapshot
        if choose:
            self._strongest.cache_clear()

    def label_text(self, sample: int, write: Callable[[float], str]) -> str:
        """Return the label of a sample as it was given; `write` gives numbers fewer digits."""
        label = self.labels[sample]
        numbers = label if isinstance(label, list) else [label]
        return ", ".join(write(each) if isinstance(each, float) else str(each) for each in numbers)

    @property
    def inputs(self) -> int:
        """The id of the input layer."""
        return self.layers[0]

    @property
    def output(self) -> int:
        """The id of the output layer."""
        return self.layers[-1]

    @property
    def side(self) -> int:
        """How many pixels wide and high the inputs are as an image; 0 if they are none."""
        count = 0 if self.units.has_texts else len(self.neurons[self.inputs])
        return isqrt(count) if count >= SMALLEST_IMAGE and isqrt(count) ** 2 == count else 0

    @property
    def is_plane(self) -> bool:
        """Whether there are two inputs, samples among them, and outputs that a surface can show."""
        outputs = len(self.neurons[self.output])
        return (
            len(self.neurons[self.inputs]) == 2
            and len(self.samples) > 0
            and (outputs == 1 or (self.target_kind == "class" and outputs <= 10))
        )

    @property
    def name(self) -> str:
        """The sizes of the layers, as in 784-16-10."""
        return "-".join(str(len(self.neurons[layer])) for layer in self.layers)

    @cached_property
    def prepared(self) -> Floats:
        """The samples as the net gets them, where `samples` are in the table's own units."""
        return self.units.scaled(self.samples)

    @cached_property
    def own_targets(self) -> Floats:
        """The targets in the table's own units, where `targets` are numbers of the net.

        To the last bit where there are labels, otherwise to a rounding.
        """
        shape = len(self.targets), len(self.neurons[self.output])
        if self.units.scales_outputs and self.labels:
            return np.array(self.labels, dtype=np.float64).reshape(shape)
        return self.units.of_outputs(np.reshape(self.targets, shape))

    def activation(self, layer: int, moment: int | None = None) -> AnyActivation:
        """Return a layer's activation at a moment, or else the last it had."""
        graphs = [*reversed(self._graphs)]
        if moment is not None:
            graphs.insert(0, self.snapshots[moment].graph)
        return next(graph.layers[layer].activation for graph in graphs if layer in graph.layers)

    @cached_property
    def _graphs(self) -> list[Graph]:
        return list({id(snapshot.graph): snapshot.graph for snapshot in self.snapshots}.values())

    def groups(self, most_first: int = MOST_NEURONS, most: int = MOST_NEURONS) -> list[Group]:
        """Return the layers as they are drawn; `most_first` is for the one after the inputs."""
        return [
            Group(
                layer,
                len(self.neurons[layer]),
                self._strongest(layer, most_first if place == 1 else most),
                safe(self.activation(layer).name),
            )
            for place, layer in enumerate(self.layers)
        ]

    def weights(self, source: int, target: int, moment: int) -> Floats:
        """Return the weights between two layers at a moment: (targets, sources), nan where none is."""
        snapshot = self.snapshots[moment]
        places = self._places(id(snapshot.graph), source, target)
        weights: Floats = np.append(np.asarray(snapshot.weights), np.nan)
        found: Floats = weights[places]
        return found

    @cached_property
    def joined(self) -> list[tuple[int, int]]:
        """The pairs of layers between which there is a weight in any snapshot."""
        pairs = {
            (source, layer.id)
            for graph in self._graphs
            for layer in graph.layers.values()
            for neuron in layer.neurons.values()
            for source in {source for source, _ in neuron.sources}
        }
        return sorted(pairs)

    def biases(self, layer: int, moment: int) -> Floats:
        """Return the biases of a layer at a moment; 0 for a neuron that is not there."""
        snapshot = self.snapshots[moment]
        return np.nan_to_num(self._pick(snapshot, layer, snapshot.biases))

    def values(self, layer: int, sample: int, moment: int) -> Floats:
        """Return the values of a layer for a watched sample; nan for a neuron that is not there.

        Those of the inputs are the numbers that the net gets, as all values are numbers of the net.
        """
        if layer == self.inputs:
            numbers: Floats = self.prepared[sample]
            return numbers
        snapshot = self.snapshots[moment]
        return self._pick(snapshot, layer, snapshot.values[sample])

    def zs(self, layer: int, sample: int, moment: int) -> Floats:
        """Return the z of a layer after the inputs, as `values` does."""
        snapshot = self.snapshots[moment]
        return self._pick(snapshot, layer, snapshot.zs[sample])

    def _pick(self, snapshot: Snapshot, layer: int, numbers: array[float]) -> Floats:
        neurons = snapshot.graph.layers[layer].neurons if layer in snapshot.graph.layers else {}
        return np.array(
            [numbers[neurons[i].place] if i in neurons else np.nan for i in self.neurons[layer]]
        )

    def _find_places(self, graph_id: int, source: int, target: int) -> npt.NDArray[np.intp]:
        """Return where each weight stands in `Snapshot.weights`, -1 where there is none."""
        snapshot = next(each for each in self.snapshots if id(each.graph) == graph_id)
        layers = snapshot.graph.layers
        places = np.full((len(self.neurons[target]), len(self.neurons[source])), -1, np.intp)
        if source in layers and target in layers:
            numbered = replace(snapshot, weights=array("d", range(len(snapshot.weights))))
            found = np.nan_to_num(numbered.matrix(source, target), nan=-1.0).astype(np.intp)
            rows = [self.neurons[target].index(i) for i in layers[target].neurons]
            columns = [self.neurons[source].index(i) for i in layers[source].neurons]
            places[np.ix_(rows, columns)] = found
        return places

    def _find_strongest(self, layer: int, most: int) -> list[int]:
        """Return the ids of at most so many neurons, those with the largest weights at the end."""
        ids = self.neurons[layer]
        if len(ids) <= most:
            return sorted(ids)
        strength = np.zeros(len(ids))
        for source, target in self.joined:
            if layer in (source, target):
                sizes = np.abs(np.nan_to_num(self.weights(source, target, -1)))
                strength += sizes.mean(axis=1 if layer == target else 0)
        if layer == self.output and self.target_kind == "class":
            for target_values in self.targets[:10]:
                strength[int(np.argmax(target_values))] += strength.sum()
        return sorted(ids[k] for k in np.argsort(-strength, kind="stable")[:most])

    def class_name(self, index: int, longest: int = 24) -> str:
        """Return the name of a class, ready for a figure."""
        return safe(self.plain_class_name(index, longest), longest)

    def plain_class_name(self, index: int, longest: int = 24) -> str:
        """Return the name of a class as text, which a figure would take for markup."""
        if self.classes is not None:
            return short(str(self.classes[index]), longest)
        if self.target_kind == "sign" and len(self.neurons[self.output]) == 1:
            return "+1" if index else "-1"
        return str(index)

    @property
    def number_name(self) -> str:
        """The name of a single number that is predicted; "" for anything else."""
        is_single = self.target_kind == "number" and len(self.units.targets) == 1
        return self.units.targets[0].name if is_single else ""

    def neuron_name(self, layer: int, neuron: int, longest: int = 24) -> str:
        """Return the name of a neuron, ready for a figure: that of the table for an input or output."""
        place, name = self.neurons[layer].index(neuron), ""
        if layer == self.inputs:
            name = self.units.names[place] if self.units.names else ""
            kind = "input"
        elif layer == self.output:
            targets = self.units.targets
            name = targets[place].name if self.target_kind == "number" else ""
            kind = "output"
        else:
            kind = f"layer {layer} neuron"
        return safe(name, longest) or f"{kind} {neuron}"

    def decided(self, values: Sequence[float] | Floats) -> tuple[int, ...]:
        """Return the classes that output values mean: one, or for yes/no outputs one for each."""
        return tuple(decided(self.target_kind, list(values)))


def check_net(net: object) -> None:
    """Raise an error for anything but a net with an input and an output layer."""
    if not isinstance(net, Net):
        raise InvalidTypeError(f"net must be a Net, not {type(net).__name__}")
    net.encoder()
