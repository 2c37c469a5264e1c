"""The rows of data that a page holds.

Inputs and targets are in the units of the table that they are from, to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from slownet.errors import FormatError, RecordingError
from slownet.page.encoding import Array, Floats, Writer
from slownet.page.facts import Selectable
from slownet.page.structure import Structure
from slownet.plotting.scene import Scene
from slownet.plotting.style import Json, short
from slownet.recording import History
from slownet.samples import Encoder, Preparation, Samples, as_list, fingerprint, read_weights
from slownet.training.data import Encoded, data_parts

MOST_SAMPLES = 10  # that the reader can select
MOST_POINTS = 600  # samples drawn on the plane of two inputs, and predictions drawn beside targets
PAIRS = ("data", "watch", "validation_data", "test_data")  # arguments of `fit`, and of `verify`


# the watched rows


def write_selectable(writer: Writer, scene: Scene, own: Sequence[str] = ()) -> list[Selectable]:
    """Write the selectable samples; return their places and names, with `own` names of classes."""
    chosen = _chosen(scene, MOST_POINTS if scene.is_plane else MOST_SAMPLES)
    inputs = len(scene.neurons[scene.inputs])
    samples = scene.samples[chosen] if len(chosen) else np.zeros((0, inputs))
    write_inputs(writer, "", samples)
    writer.plain("targets", scene.own_targets[chosen], "float64")
    return [{"place": k, "name": _true_name(scene, k, own)} for k in chosen]


def write_inputs(writer: Writer, prefix: str, samples: Floats) -> None:
    """Write rows: as bytes where they are pixels of an image, as float64 otherwise."""
    pixels = pixels_of(samples)
    if pixels is None:
        writer.plain(f"{prefix}samples", samples, "float64")
    else:
        writer.pixels(f"{prefix}pixels", pixels)


def pixels_of(samples: Floats) -> npt.NDArray[np.uint8] | None:
    """Return samples as bytes, where they are bytes divided by 255, as the pixels of images are."""
    if samples.size and samples.min() >= 0.0 and samples.max() <= 1.0:
        pixels = np.rint(samples * 255.0).astype(np.uint8)
        if (pixels / 255.0 == samples).all():
            return pixels
    return None


def _chosen(scene: Scene, most: int) -> list[int]:
    """Return the selectable samples: the first of each class, in order, then others."""
    if scene.target_kind != "class" or scene.is_plane:
        return list(range(min(most, len(scene.samples))))
    firsts: dict[int, int] = {}
    for k, targets in enumerate(scene.targets):
        firsts.setdefault(scene.decided(targets)[0], k)
    chosen = [firsts[each] for each in sorted(firsts)][:most]
    rest = [k for k in range(len(scene.samples)) if k not in chosen]
    return chosen + rest[: max(0, most - len(chosen))]


def _true_name(scene: Scene, sample: int, own: Sequence[str]) -> str:
    decided = scene.decided(scene.targets[sample]) if own or scene.target_kind == "class" else ()
    if own and len(decided) == 1:
        return own[decided[0]]
    if scene.target_kind == "class":
        return scene.plain_class_name(decided[0])
    digits = 4 if scene.units.preparation is None else 7
    return short(scene.label_text(sample, lambda number: f"{number:.{digits}g}"), 24)


# rows of what was given


class Rows(NamedTuple):
    """Rows of data that were given to `fit`, and their targets as numbers of the net.

    Attributes
    ----------
    inputs : (rows, inputs) array
        In the units of their table.
    targets : sequence
        One number per output neuron for each row.
    weights : list of float or None
        What the loss of each row counts.
    encoder : Encoder
        It made the targets.
    y
        Of it.
    """

    inputs: Floats
    targets: Sequence[Sequence[float]]
    weights: list[float] | None
    encoder: Encoder
    y: Any

    @property
    def is_class(self) -> bool:
        """Whether the targets are classes."""
        return self.encoder.loss.target_kind == "class"

    @classmethod
    def read(
        cls,
        history: History,
        structure: Structure,
        preparation: Preparation | None,
        name: str,
        pair: Any,
    ) -> Rows:
        """Read a pair; TypeError or ValueError if they are no data of this net."""
        X, y, weights = data_parts(pair, name)
        rows = X if preparation is None else preparation.own(X, name)
        own = Samples(rows, structure.inputs, name)
        outputs = len(structure.scene.neurons[structure.scene.output])
        scales = () if preparation is None else preparation.target_scales
        encoder = Encoder(outputs, structure.loss, history.classes, scales)
        targets = encoder.encode_all(y, len(own), name)
        known = None if weights is None else read_weights(weights, len(own), name)
        return cls(own.block(0, len(own)), targets, known, encoder, y)

    def labels(self, places: npt.NDArray[np.int64]) -> list[Any]:
        """Return the labels of some rows as they were given."""
        known = as_list(self.y, "y")
        return [known[place] for place in places.tolist()]

    def write(self, writer: Writer, name: str, places: Any = None) -> None:
        """Write all rows, or those of some places."""
        chosen = slice(None) if places is None else places
        targets = np.array(self.targets, np.float64)[chosen]
        weights = None if self.weights is None else np.array(self.weights)[chosen].tolist()
        write_pair(writer, name, self.inputs[chosen], targets, weights, self.encoder, self.y, chosen)


def write_pair(
    writer: Writer,
    name: str,
    inputs: Floats,
    targets: Any,
    weights: list[float] | None,
    encoder: Encoder,
    y: Any,
    rows: Any = slice(None),
) -> None:
    """Write samples, targets, which `encoder` has made of some rows of y, and weights."""
    if weights is not None:
        writer.plain(f"{name} weights", np.array(weights), "float64")
    write_inputs(writer, f"{name} ", inputs)
    wanted = np.array(targets, np.float64)
    if encoder.scales:
        wanted = np.array(as_list(y, name), np.float64).reshape(-1, encoder.outputs)[rows]
    write_targets(writer, name, wanted, encoder.loss.target_kind)


def write_targets(writer: Writer, name: str, targets: Floats, kind: str) -> None:
    """Write targets in the units of their table, classes as whole numbers."""
    if kind == "class":
        writer.plain(f"{name} classes", targets.argmax(axis=1), "int32")
    else:
        writer.plain(f"{name} targets", targets, "float64")


def check_same(
    history: History, rows: Rows, preparation: Preparation | None, X: Any, chosen: Any
) -> None:
    """Raise RecordingError if data are not those that a training learned from, all or chosen rows."""
    samples = Samples(X, rows.inputs.shape[1], "data", preparation=preparation)
    data = Encoded(samples, [*map(list, rows.targets)], rows.weights)
    data = data if chosen is None else data.at(chosen)
    for name, digest in fingerprint(data.samples, data.targets).items():
        if history.data.get(name, digest) != digest:
            raise RecordingError(
                f"these are not the data of this training: {name} has another fingerprint (SHA-256)"
            )


def read_pairs(arrays: dict[str, Array], facts: Json) -> dict[str, tuple[Any, ...]]:
    """Return the data that a page holds all of: (X, y) or (X, y, sample_weight), by their names."""
    found: dict[str, tuple[Any, ...]] = {}
    for name, (count, of) in facts["holds"].items():
        if count == of:
            found[name] = _read_pair(arrays, facts, name)
    if "data" in found and "data places" in arrays:
        found["data"] = _joined(arrays["data places"], found["data"], found.pop("validation_data"))
    config = facts["training"]["config"]
    is_combined = facts["recipe"] is not None and config.get("class_weight") is not None
    if "data" in found and is_combined:  # with the weights of classes, which fit will find again
        weights = arrays.get("data sample_weight")
        found["data"] = found["data"][:2] if weights is None else (*found["data"][:2], weights)
    return found


def _read_pair(arrays: dict[str, Array], facts: Json, name: str) -> tuple[Any, ...]:
    is_own = f"{name} samples" in arrays or f"{name} pixels" in arrays
    array = name if is_own else "held_out"
    X = arrays.get(f"{array} samples")
    if X is None:
        X = arrays[f"{array} pixels"] / 255.0
    pair = X, _labels(arrays, facts, array, len(X))
    weights = arrays.get(f"{array} weights")
    return pair if weights is None else (*pair, weights)


def _joined(places: Array, data: tuple[Any, ...], rest: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the data of which some were held out, in the order in which they were given to `fit`."""
    count = len(data[0]) + len(rest[0])
    others = np.setdiff1d(np.arange(count), places)
    if len(places) != len(data[0]) or len(others) != len(rest[0]):
        raise FormatError("its samples to validate with are not those that it does not learn from")
    order = np.argsort(np.concatenate([places, others]))
    X = np.concatenate([data[0], rest[0]])[order]
    labels = [*data[1], *rest[1]]
    y = [labels[place] for place in order.tolist()]
    weights = [np.concatenate([data[2], rest[2]])[order]] if len(data) == len(rest) > 2 else []
    return (X, y, *weights)


def _labels(arrays: dict[str, Array], facts: Json, name: str, count: int) -> list[Any]:
    """Return targets as they may be given to `fit`."""
    kind, classes = facts["target_kind"], facts["training"]["classes"]
    wanted = arrays[f"{name} classes" if kind == "class" else f"{name} targets"]
    if len(wanted) != count:
        raise FormatError(f"it has {count:,} samples of {name}, and {len(wanted):,} targets")
    if kind == "class":
        return [k if classes is None else classes[k] for k in wanted.tolist()]
    if wanted.shape[1] > 1:
        rows: list[Any] = wanted.tolist()
        return rows
    numbers: list[float] = wanted[:, 0].tolist()
    if kind == "number" or classes is None:
        return numbers
    return [classes[number > 0.0] for number in numbers]
