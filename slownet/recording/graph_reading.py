"""Reading of graphs from plain values, with checks whose errors name the place and the fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from slownet.errors import FormatError, InvalidValueError, MissingFormulaError, SlownetError
from slownet.functions import Loss, linear
from slownet.functions.description import from_description
from slownet.functions.randomness import MASK
from slownet.layers import MOST
from slownet.recording.graph import Graph, LayerEntry, NeuronEntry, NeuronKey, layers_of
from slownet.recording.graph_writing import HEAD
from slownet.recording.json_stream import JsonStream
from slownet.recording.json_values import (
    boolean,
    fail,
    integer,
    listed,
    mapping,
    number,
    short_text,
    text,
)
from slownet.recording.preparation_reading import preparation_from_plain, read_preparation


def graph_from_plain(
    plain: object, where: str, formulas: Iterable[Any] = (), weight_count: int | None = None
) -> Graph:
    """Return the graph that `graph_to_plain` made plain values of.

    Parameters
    ----------
    plain : dict
        The plain values; all of them are checked.
    where : str
        Their place for messages: the name of a file.
    formulas : iterable of formulas
        Own activations and losses, looked up by their names.
    weight_count : int, optional
        The number of weights, which is checked before any are made: a short text can name billions.

    Raises
    ------
    FormatError
        If a value is invalid; the message names the place.
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
    preparation = preparation_from_plain(known.get("preparation"), f"{where}, preparation")
    return reader.graph({**known, "preparation": preparation})


class GraphReader:
    """Builds a graph from plain values, neuron by neuron, the input layer first.

    Attributes
    ----------
    weight_count : int
        The number of weights into the neurons so far; `graph` makes them.
    """

    def __init__(self, where: str, formulas: Iterable[Any] = ()) -> None:
        self.weight_count = 0
        self._where = where
        self._formulas = list(formulas)
        self._layers: list[LayerEntry] = []
        self._neurons: list[NeuronEntry] = []  # of the layer that is being read
        self._neuron_count = 0
        self._whole: dict[int, tuple[NeuronKey, ...]] = {}
        self._known: set[NeuronKey] = set()

    @property
    def neurons(self) -> Iterator[tuple[int, Sequence[NeuronEntry]]]:
        """Each layer so far: its id and its neurons."""
        return ((layer.id, layer.neurons) for layer in self._layers)

    @property
    def in_input_layer(self) -> bool:
        """Whether the next neuron is an input neuron."""
        return not self._layers

    def add_neuron(self, plain: object, where: str, also: Iterable[str] = ()) -> int:
        """Read the next neuron; return the number of weights into it.

        Parameters
        ----------
        plain : dict
            Its plain values.
        where : str
            Where they stand.
        also : iterable of str
            Keys that it may have, too, if it is no input neuron; the caller checks their values.
        """
        inner = ("has_bias", "sources", *also) if self._layers else ()
        neuron = mapping(plain, where, ("id",), (*inner, "targets"))
        least = self._neurons[-1].id + 1 if self._neurons else 0
        entry = NeuronEntry(
            integer(neuron["id"], f"{where}.id", least),
            boolean(neuron["has_bias"], f"{where}.has_bias")
            if "has_bias" in neuron
            else bool(self._layers),
            self._sources(neuron["sources"], f"{where}.sources") if "sources" in neuron else (),
            _neuron_keys(neuron["targets"], f"{where}.targets") if "targets" in neuron else None,
        )
        self._neurons.append(entry)
        self._neuron_count += 1
        self.weight_count += len(entry.sources)
        check_most("neurons", self._neuron_count, where)
        check_most("weights", self.weight_count, where)
        return len(entry.sources)

    def end_layer(self, plain: dict[str, Any], where: str) -> None:
        """Make a layer of the neurons since the last one; `plain` has its `id` and `activation`."""
        least = self._layers[-1].id + 1 if self._layers else 0
        layer_id = integer(plain["id"], f"{where}.id", least)
        if not self._neurons:
            raise FormatError(f"{where}.neurons: expected at least one neuron, found none")
        activation = self._formula("activation", plain.get("activation"), f"{where}.activation")
        self._layers.append(LayerEntry(layer_id, activation, self._neurons))
        check_most("layers", len(self._layers), where)
        self._whole[layer_id] = tuple((layer_id, entry.id) for entry in self._neurons)
        self._known.update(self._whole[layer_id])
        self._neurons = []

    def graph(self, head: dict[str, Any]) -> Graph:
        """Return the graph; `head` has what `HEAD` names, as plain values but for the preparation."""
        if len(self._layers) < 2:
            found = len(self._layers)
            raise FormatError(f"{self._where}, layers: expected at least two layers, found {found}")
        self._check_targets()
        seed, where = head.get("seed"), f"{self._where}, seed"
        return Graph(
            layers_of(self._layers),
            self._loss(head.get("loss"), f"{self._where}, loss"),
            labels_from_plain(head.get("classes"), f"{self._where}, classes"),
            None if seed is None else integer(seed, where, maximum=MASK),
            _initializers(head.get("initializers"), f"{self._where}, initializers"),
            head.get("preparation"),
        )

    def _sources(self, value: object, where: str) -> tuple[NeuronKey, ...]:
        if isinstance(value, dict):
            layer = mapping(value, where, ("layer",))["layer"]
            if type(layer) is not int or layer not in self._whole:
                fail(f"{where}.layer", "the id of an earlier layer", layer)
            return self._whole[layer]
        sources = _neuron_keys(value, where)
        for place, source in enumerate(() if self._known.issuperset(sources) else sources):
            if source not in self._known:
                fail(f"{where}[{place}]", "a neuron of an earlier layer", source)
        return sources

    def _check_targets(self) -> None:
        """Refuse targets that are not exactly the neurons a neuron's weights go to."""
        leaving: dict[NeuronKey, set[NeuronKey]] = {
            (layer.id, entry.id): set()
            for layer in self._layers
            for entry in layer.neurons
            if entry.targets is not None
        }
        for layer in self._layers if leaving else ():
            for entry in layer.neurons:
                for source in entry.sources:
                    if source in leaving:
                        leaving[source].add((layer.id, entry.id))
        for index, layer in enumerate(self._layers):
            for place, entry in enumerate(layer.neurons):
                if entry.targets is not None and set(entry.targets) != leaving[layer.id, entry.id]:
                    where = f"{self._where}, layers[{index}].neurons[{place}].targets"
                    targets = short_text(sorted(leaving[layer.id, entry.id]))
                    fail(where, f"the neurons that have it as a source, {targets}", entry.targets)

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
        `take(plain, where)` has the reader add a neuron, and reads its other values.
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
        elif key == "preparation":
            head[key] = read_preparation(stream, f"{where}.{key}")
        elif key in HEAD:
            head[key] = stream.value(f"{where}.{key}")
        else:
            fail(where, f"only the keys {', '.join((*HEAD, 'layers'))}", key)
    return mapping(head, where, ("layers",), HEAD)


def _initializers(names: object, where: str) -> list[str] | None:
    if names is None:
        return None
    return [text(name, f"{where}[{place}]") for place, name in enumerate(listed(names, where))]


def formula_from_plain(kind: str, value: object, where: str, formulas: Iterable[Any] = ()) -> Any:
    """Return the formula of a description; FormatError if there is none."""
    if not isinstance(value, dict):
        fail(where, f"the name of the {kind} and its settings", value)
    for key, setting in value.items():
        here = f"{where}.{short_text(key)[1:-1]}"
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


def _neuron_keys(value: object, where: str) -> tuple[NeuronKey, ...]:
    """Return a list of different [layer, neuron]."""
    for place, pair in enumerate(pairs := listed(value, where)):
        if not isinstance(pair, list) or list(map(type, pair)) != [int, int]:
            fail(f"{where}[{place}]", "[layer, neuron]", pair)
    keys: list[NeuronKey] = list(map(tuple, pairs))
    if len(rest := set(keys)) < len(keys):
        for place, key in enumerate(keys):
            if key not in rest:
                fail(f"{where}[{place}]", "a neuron that is not in the list yet", key)
            rest.discard(key)
    return tuple(keys)


def check_most(name: str, count: int, where: str) -> None:
    """Refuse more layers, neurons or weights than a file may have."""
    if count > MOST[name]:
        raise FormatError(f"{where}: expected at most {MOST[name]} {name}, found more")


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
