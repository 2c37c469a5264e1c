"""A graph as plain values (dicts, lists, texts, numbers) and back: what every file shares.

No numbers of weights and biases stand in it; a net file adds them to the neurons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isfinite
from typing import Any, NamedTuple, Protocol

from slownet.checks import check_integer
from slownet.errors import (
    FormatError,
    InvalidTypeError,
    InvalidValueError,
    MissingFormulaError,
    SlownetError,
)
from slownet.functions import AnyActivation, Loss, linear
from slownet.functions.description import describe, from_description
from slownet.functions.randomness import MASK, check_seed
from slownet.recording.graph import Graph, GraphLayer, GraphNeuron, Place
from slownet.recording.reading import (
    MOST_DIGITS,
    JsonStream,
    boolean,
    fail,
    integer,
    listed,
    mapping,
    number,
    shown,
    text,
)

MOST_LAYERS = 10_000
MOST_NEURONS = 200_000
MOST_WEIGHTS = 100_000_000
HEAD = ("seed", "loss", "classes")  # what a graph has beside its layers


def graph_to_plain(graph: Graph) -> dict[str, Any]:
    """Return a graph as plain values, ready for JSON.

    Returns
    -------
    dict
        `seed`, `loss`, `classes` and `layers`; each layer has `id`, `activation` and `neurons`, each
        neuron what `NeuronWriter.plain` returns.

    Raises
    ------
    TypeError, ValueError
        If the class labels or the seed are nothing that a file can hold, or there are too many
        layers or neurons.
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
    """Return what a graph has beside its layers."""
    check_integer("the number of layers in a file", len(graph.layers), maximum=MOST_LAYERS)
    check_integer("the number of neurons in a file", sum(graph.sizes), maximum=MOST_NEURONS)
    check_integer("the number of weights in a file", graph.weight_count, maximum=MOST_WEIGHTS)
    return {
        "seed": None if graph.seed is None else check_seed(graph.seed),
        "loss": None if graph.loss is None else describe(graph.loss),
        "classes": labels_to_plain(graph.classes),
    }


def layer_to_plain(layer: GraphLayer) -> dict[str, Any]:
    """Return a layer without its neurons."""
    return {"id": layer.id, "activation": describe(layer.activation) if layer.has_activation else None}


class NeuronWriter:
    """Returns the neurons of a graph as plain values."""

    def __init__(self, graph: Graph) -> None:
        self._first = min(graph.layers)
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


def graph_from_plain(
    plain: object, where: str, formulas: Iterable[Any] = (), weight_count: int | None = None
) -> Graph:
    """Return the graph that `graph_to_plain` made plain values of.

    Parameters
    ----------
    plain : dict
        The plain values, from whatever source: all of them are checked.
    where : str
        Where they stand, for messages: the name of a file.
    formulas : iterable of formulas
        Own activations and losses, looked up by their names.
    weight_count : int, optional
        How many weights there must be, checked before any is made: a short text can ask for billions.

    Raises
    ------
    FormatError
        What is wrong, and where.
    """
    known = mapping(plain, where, ("layers",), HEAD)
    reader = GraphReader(where, formulas)
    for place, layer in enumerate(listed(known["layers"], f"{where}, layers")):
        here = f"{where}, layers[{place}]"
        head = mapping(layer, here, ("id", "neurons"), ("activation",))
        for index, neuron in enumerate(listed(head["neurons"], f"{here}.neurons")):
            reader.add_neuron(neuron, f"{here}.neurons[{index}]")
        reader.end_layer(head, here)
    if weight_count is not None and reader.weight_count != weight_count:
        raise FormatError(f"{where}: expected {weight_count} weights, found {reader.weight_count}")
    return reader.graph(known)


class Linked(Protocol):
    """What is known of a neuron before a graph is made."""

    @property
    def id(self) -> int:
        """Its id in the layer."""

    @property
    def sources(self) -> tuple[Place, ...]:
        """The (layer, neuron) that each weight comes from."""


class _Row(NamedTuple):
    """What a neuron's plain values say."""

    id: int
    has_bias: bool
    sources: tuple[Place, ...]  # shared by all that come from the same whole layer
    targets: tuple[Place, ...] | None


class _Layer(NamedTuple):
    id: int
    activation: AnyActivation | None
    rows: list[_Row]


class GraphReader:
    """Builds a graph from plain values, neuron by neuron, the input layer first.

    Attributes
    ----------
    weight_count : int
        How many weights go to the neurons so far. They are only counted until `graph` makes them.
    """

    def __init__(self, where: str, formulas: Iterable[Any] = ()) -> None:
        self.weight_count = 0
        self._where = where
        self._formulas = list(formulas)
        self._layers: list[_Layer] = []
        self._rows: list[_Row] = []  # of the layer that is being read
        self._neuron_count = 0
        self._whole: dict[int, tuple[Place, ...]] = {}
        self._places: set[Place] = set()

    @property
    def neurons(self) -> Iterator[tuple[int, Sequence[Linked]]]:
        """Each layer so far: its id and its neurons."""
        return ((layer.id, layer.rows) for layer in self._layers)

    @property
    def in_input_layer(self) -> bool:
        """Whether the next neuron is an input neuron."""
        return not self._layers

    def add_neuron(self, plain: object, where: str, also: Iterable[str] = ()) -> int:
        """Take the next neuron; return how many weights go to it.

        Parameters
        ----------
        plain : dict
            Its plain values.
        where : str
            Where they stand.
        also : iterable of str
            Keys that it may have too if it is no input neuron; they are the caller's to check.
        """
        inner = ("has_bias", "sources", *also) if self._layers else ()
        neuron = mapping(plain, where, ("id",), (*inner, "targets"))
        least = self._rows[-1].id + 1 if self._rows else 0
        row = _Row(
            integer(neuron["id"], f"{where}.id", least),
            boolean(neuron["has_bias"], f"{where}.has_bias")
            if "has_bias" in neuron
            else bool(self._layers),
            self._sources(neuron["sources"], f"{where}.sources") if "sources" in neuron else (),
            _ends(neuron["targets"], f"{where}.targets") if "targets" in neuron else None,
        )
        self._rows.append(row)
        self._neuron_count += 1
        self.weight_count += len(row.sources)
        if self._neuron_count > MOST_NEURONS:
            raise FormatError(f"{where}: expected at most {MOST_NEURONS} neurons, found more")
        if self.weight_count > MOST_WEIGHTS:
            raise FormatError(f"{where}: expected at most {MOST_WEIGHTS} weights, found more")
        return len(row.sources)

    def end_layer(self, plain: dict[str, Any], where: str) -> None:
        """Make a layer of the neurons since the last one; `plain` has its `id` and `activation`."""
        least = self._layers[-1].id + 1 if self._layers else 0
        layer_id = integer(plain["id"], f"{where}.id", least)
        if not self._rows:
            raise FormatError(f"{where}.neurons: expected at least one neuron, found none")
        activation = self._formula("activation", plain.get("activation"), f"{where}.activation")
        self._layers.append(_Layer(layer_id, activation, self._rows))
        if len(self._layers) > MOST_LAYERS:
            raise FormatError(f"{where}: expected at most {MOST_LAYERS} layers, found more")
        self._whole[layer_id] = tuple((layer_id, row.id) for row in self._rows)
        self._places.update(self._whole[layer_id])
        self._rows = []

    def graph(self, head: dict[str, Any]) -> Graph:
        """Return the graph; `head` has its `seed`, `loss` and `classes`."""
        if len(self._layers) < 2:
            found = len(self._layers)
            raise FormatError(f"{self._where}, layers: expected at least two layers, found {found}")
        self._check_targets()
        seed, where = head.get("seed"), f"{self._where}, seed"
        return Graph(
            self._graph_layers(),
            self._loss(head.get("loss"), f"{self._where}, loss"),
            labels_from_plain(head.get("classes"), f"{self._where}, classes"),
            None if seed is None else integer(seed, where, maximum=MASK),
        )

    def _graph_layers(self) -> list[GraphLayer]:
        layers: list[GraphLayer] = []
        weights = neurons = 0
        for index, (layer_id, activation, rows) in enumerate(self._layers):
            made = {}
            before = self._layers[index - 1].id if index else None
            for neuron_id, has_bias, sources, targets in rows:
                ids = [
                    (end[1], neuron_id) if end[0] == before else (end, (layer_id, neuron_id))
                    for end in sources
                ]
                places = dict(zip(ids, range(weights, weights + len(ids)), strict=True))
                made[neuron_id] = GraphNeuron(neuron_id, has_bias, places, sources, neurons, targets)
                weights += len(ids)
                neurons += index > 0
            layers.append(GraphLayer(layer_id, activation or linear, made, activation is not None))
        return layers

    def _sources(self, value: object, where: str) -> tuple[Place, ...]:
        if isinstance(value, dict):
            layer = mapping(value, where, ("layer",))["layer"]
            if type(layer) is not int or layer not in self._whole:
                fail(f"{where}.layer", "the id of an earlier layer", layer)
            return self._whole[layer]
        ends = _ends(value, where)
        for place, end in enumerate(() if self._places.issuperset(ends) else ends):
            if end not in self._places:
                fail(f"{where}[{place}]", "a neuron of an earlier layer", end)
        return ends

    def _check_targets(self) -> None:
        """Refuse targets that are not exactly the neurons a neuron's weights go to."""
        leaving: dict[Place, set[Place]] = {
            (layer.id, row.id): set()
            for layer in self._layers
            for row in layer.rows
            if row.targets is not None
        }
        for layer in self._layers if leaving else ():
            for row in layer.rows:
                for end in row.sources:
                    if end in leaving:
                        leaving[end].add((layer.id, row.id))
        for index, layer in enumerate(self._layers):
            for place, row in enumerate(layer.rows):
                if row.targets is not None and set(row.targets) != leaving[layer.id, row.id]:
                    where = f"{self._where}, layers[{index}].neurons[{place}].targets"
                    ends = sorted(leaving[layer.id, row.id])
                    fail(where, f"the neurons that have it as a source, {shown(ends)}", row.targets)

    def _loss(self, value: object, where: str) -> Loss | None:
        loss: Loss | None = self._formula("loss", value, where)
        if loss is not None:
            try:
                loss.check(self._layers[-1].activation or linear)
            except InvalidValueError as error:
                raise FormatError(f"{where}: {error}") from None
        return loss

    def _formula(self, kind: str, value: object, where: str) -> Any:
        return None if value is None else formula_from_plain(kind, value, where, self._formulas)


def read_layer(
    stream: JsonStream, reader: GraphReader, where: str, take: Callable[[object, str], object]
) -> None:
    """Read a layer from a file, neuron by neuron.

    Parameters
    ----------
    stream : JsonStream
        At the layer.
    reader : GraphReader
        What the layer is added to.
    where : str
        Where it stands.
    take : callable
        `take(plain, where)` has the reader add a neuron, and looks after what else is said of it.
    """
    plain: dict[str, Any] = {}
    for key in stream.members(where):
        if key == "neurons":
            plain[key] = None
            for here in stream.items(f"{where}.neurons"):
                take(stream.value(here), here)
        elif key in ("id", "activation"):
            plain[key] = stream.value(f"{where}.{key}")
        else:
            fail(where, "only the keys id, activation, neurons", key)
    reader.end_layer(mapping(plain, where, ("id", "neurons"), ("activation",)), where)


def read_graph(stream: JsonStream, reader: GraphReader, where: str) -> dict[str, Any]:
    """Read the layers of a graph; return what it has beside them, for `reader.graph`."""
    head: dict[str, Any] = {}
    for key in stream.members(where):
        if key == "layers":
            head[key] = None
            for here in stream.items(f"{where}.layers"):
                read_layer(stream, reader, here, reader.add_neuron)
        elif key in HEAD:
            head[key] = stream.value(f"{where}.{key}")
        else:
            fail(where, f"only the keys {', '.join((*HEAD, 'layers'))}", key)
    return mapping(head, where, ("layers",), HEAD)


def formula_from_plain(kind: str, value: object, where: str, formulas: Iterable[Any] = ()) -> Any:
    """Return the formula that was described; FormatError if there is none such."""
    if not isinstance(value, dict):
        fail(where, f"the name of the {kind} and its settings", value)
    for key, setting in value.items():
        here = f"{where}.{shown(key)[1:-1]}"
        if key == "name":
            text(setting, here)
        elif not isinstance(setting, bool):
            number(setting, here)
    try:
        return from_description(kind, value, formulas)
    except MissingFormulaError as error:
        raise MissingFormulaError(f"{where}: {error}") from None
    except SlownetError as error:
        message = str(error)
        raise FormatError(f"{where}: {message[:500]}{'...' * (len(message) > 500)}") from None


def _ends(value: object, where: str) -> tuple[Place, ...]:
    """Return a list of different [layer, neuron]."""
    for place, end in enumerate(ends := listed(value, where)):
        if not isinstance(end, list) or list(map(type, end)) != [int, int]:
            fail(f"{where}[{place}]", "[layer, neuron]", end)
    places: list[Place] = list(map(tuple, ends))
    if len(seen := set(places)) < len(places):
        for place, end in enumerate(places):
            if end not in seen:
                fail(f"{where}[{place}]", "a neuron that is not in the list yet", end)
            seen.discard(end)
    return tuple(places)


def labels_from_plain(value: object, where: str) -> list[Any] | None:
    """Return class labels: different texts, numbers and bool, or None."""
    if value is None:
        return None
    for place, label in enumerate(labels := listed(value, where)):
        if not isinstance(label, (str, bool)):
            number(label, f"{where}[{place}]")
    if len(set(labels)) < len(labels):
        fail(where, "different class labels", labels)
    return labels


def labels_to_plain(labels: Iterable[Any] | None) -> list[Any] | None:
    """Return class labels as a file can hold them; TypeError or ValueError if it cannot."""
    if labels is None:
        return None
    return [_plain_label(label, place) for place, label in enumerate(labels)]


def _plain_label(label: object, place: int) -> Any:
    plain = label.item() if hasattr(label, "item") else label  # NumPy's numbers and texts
    if type(plain) not in (str, bool, int, float):
        raise InvalidTypeError(
            f"classes[{place}] is {label!r}: class labels in a file are texts, numbers or bool"
        )
    if isinstance(plain, float) and not isfinite(plain):
        raise InvalidValueError(f"classes[{place}] is {label!r}: a file can hold finite numbers only")
    if type(plain) is int and abs(plain) >= 10 ** (MOST_DIGITS - 1):
        raise InvalidValueError(f"classes[{place}] is an integer of {MOST_DIGITS} digits or more")
    return plain
