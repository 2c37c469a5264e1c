"""The samples that are shown of a training: those that it watches, or else some that it learns from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from slownet.plotting.plane_drawing import MOST_POINTS
from slownet.plotting.units import unscaled
from slownet.recording.history import Watch

if TYPE_CHECKING:
    from slownet.training import Training

MOST_SAMPLES = 100  # among which those of each class are looked for


def shown_samples(training: Training) -> Watch:
    """Return samples, in the table's own units, and their targets."""
    watch = training.history.watch
    if watch.samples:
        return watch
    most = MOST_POINTS if training.samples.width == 2 else MOST_SAMPLES
    count = len(training.samples)
    places = [k * count // min(count, most) for k in range(min(count, most))]
    samples = [list(training.samples[k]) for k in places]
    if training.data.preparation is not None:
        samples = unscaled(training.data.preparation, samples).tolist()
    targets = [list(training.targets[k]) for k in places]
    return Watch(samples, [_label(training, each) for each in targets], targets)


def _label(training: Training, target: list[float]) -> Any:
    """Return what a sample is, as its target says it."""
    kind, classes = training.history.target_kind, training.history.classes
    if kind == "number":
        scales = training.encoder.scales or [(0.0, 1.0)] * len(target)
        own = [each * scale + centre for each, (centre, scale) in zip(target, scales, strict=True)]
        return own[0] if len(own) == 1 else own
    place = int(np.argmax(target)) if kind == "class" else int(target[0] > (kind != "sign") / 2)
    return place if classes is None else classes[place]
