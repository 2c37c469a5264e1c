"""The rows of data that a page holds: the selectable ones, and with `keep="all"` all that were given.

Inputs and targets are in the units of the table that they are from, to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from slownet.checks import short as short_text
from slownet.checks import unknown_name
from slownet.errors import FormatError, InvalidTypeError, InvalidValueError, RecordingError
from slownet.page.encoding import Array, Floats, Writer
from slownet.page.structure import Structure
from slownet.plotting.scene import Scene
from slownet.plotting.style import Json, short
from slownet.recording import History
from slownet.samples import Encoder, Preparation, Samples, as_list, fingerprint, read_weights
from slownet.training.data import Encoded, check_weighted, data_parts
from slownet.training.splitting import training_rows

MOST_SAMPLES = 10  # that the reader can select
MOST_POINTS = 600  # samples drawn on the plane of two inputs, and predictions drawn beside targets
KEEP = ("watched", "all")
PAIRS = ("data", "watch", "validation_data", "test_data")  # arguments of `fit`, and of `verify`


def check_keep(keep: object) -> str:
    """Return the argument `keep`; TypeError or ValueError for another one."""
    if not isinstance(keep, str):
        raise InvalidTypeError(f"keep must be one of {', '.join(KEEP)}, not {short_text(keep)}")
    if keep not in KEEP:
        raise unknown_name("keep", keep, KEEP)
    return keep


# the watched rows


def write_selectable(writer: Writer, scene: Scene) -> list[Json]:
    """Write the selectable samples; return their places and names."""
    chosen = _chosen(scene, MOST_POINTS if scene.is_plane else MOST_SAMPLES)
    inputs = len(scene.neurons[scene.inputs])
    samples = scene.samples[chosen] if len(chosen) else np.zeros((0, inputs))
    _write_inputs(writer, "", samples)
    writer.plain("targets", scene.own_targets[chosen], "float64")
    return [{"place": k, "name": _true_name(scene, k)} for k in chosen]


def _write_inputs(writer: Writer, prefix: str, samples: Floats) -> None:
    """Write rows: as bytes where they are pixels of an image, as float64 otherwise."""
    pixels = pixels_of(samples)
    if pixels is None:
        writer.plain(f"{prefix}samples", samples, "float64")
    else:
        writer.plain(f"{prefix}pixels", pixels, "uint8")


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


def _true_name(scene: Scene, sample: int) -> str:
    if scene.target_kind == "class":
        return scene.plain_class_name(scene.decided(scene.targets[sample])[0])
    label = scene.labels[sample]
    digits = 4 if scene.units.preparation is None else 7
    return f"{label:.{digits}g}" if isinstance(label, float) else short(str(label), 24)


# all rows


def write_all(
    writer: Writer,
    history: History,
    structure: Structure,
    preparation: Preparation | None,
    data: tuple[Any, ...] | None,
) -> None:
    """Write the samples and targets that were given to `fit`, each pair under its name there.

    Raises
    ------
    TypeError, ValueError
        If they are not known, or no data of this net.
    RecordingError
        If the training data are not those of the history.
    """
    given = {**(history.given or {}), **({} if data is None else {"data": data})}
    if given.get("data") is None:
        raise InvalidValueError(
            'keep="all" needs the training data, which a history does not have that was opened from a '
            "file, pickled or copied: give data=(X, y)"
        )
    for name in PAIRS:
        if given.get(name) is not None:
            _write_given(writer, history, structure, preparation, name, given[name])


def _write_given(
    writer: Writer,
    history: History,
    structure: Structure,
    preparation: Preparation | None,
    name: str,
    pair: Any,
) -> None:
    X, y, weights = data_parts(pair, name)
    rows = X if preparation is None else preparation.own(X, name)
    own = Samples(rows, structure.inputs, name)
    outputs = len(structure.scene.neurons[structure.scene.output])
    scales = () if preparation is None else preparation.target_scales
    encoder = Encoder(outputs, structure.loss, history.classes, scales)
    targets = encoder.encode_all(y, len(own), name)
    known = None if weights is None else read_weights(weights, len(own), name)
    if name == "data":
        check_weighted(history.config, weights)
        samples = Samples(rows, structure.inputs, name, preparation=preparation)
        _check_same(
            history, Encoded(samples, targets, known), training_rows(history.config, own, y, encoder)
        )
    write_pair(writer, name, own.block(0, len(own)), targets, known, encoder, y)


def write_pair(
    writer: Writer,
    name: str,
    inputs: Floats,
    targets: Sequence[Sequence[float]],
    weights: list[float] | None,
    encoder: Encoder,
    y: Any,
    rows: Any = slice(None),
) -> None:
    """Write samples, targets, which `encoder` has made of some rows of y, and weights."""
    if weights is not None:
        writer.plain(f"{name} weights", np.array(weights), "float64")
    _write_inputs(writer, f"{name} ", inputs)
    wanted = np.array(targets, np.float64)
    if encoder.loss.target_kind == "class":
        writer.plain(f"{name} classes", wanted.argmax(axis=1), "int32")
        return
    if encoder.scales:
        wanted = np.array(as_list(y, name), np.float64).reshape(-1, encoder.outputs)[rows]
    writer.plain(f"{name} targets", wanted, "float64")


def _check_same(history: History, data: Encoded, chosen: Any) -> None:
    data = data if chosen is None else data.at(chosen)
    for name, digest in fingerprint(data.samples, data.targets).items():
        if history.data.get(name, digest) != digest:
            raise RecordingError(
                f"these are not the data of this training: {name} has another fingerprint (SHA-256)"
            )


def read_all(arrays: dict[str, Array], facts: Json) -> dict[str, tuple[Any, ...]]:
    """Return what `write_all` wrote, (X, y) or (X, y, sample_weight), by their names."""
    found: dict[str, tuple[Any, ...]] = {}
    for name in PAIRS:
        X = arrays.get(f"{name} samples")
        if X is None and f"{name} pixels" in arrays:
            X = arrays[f"{name} pixels"] / 255.0
        if X is not None:
            found[name] = X, _labels(arrays, facts, name, len(X))
            if f"{name} weights" in arrays:
                found[name] += (arrays[f"{name} weights"],)
    if "data" not in found:
        raise FormatError("it says that it holds all rows of its data, and does not hold them")
    return found


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
