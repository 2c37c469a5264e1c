"""A net with one sample: neurons filled by their values, output bars, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from slownet.plotting.canvas import Canvas, words
from slownet.plotting.geometry import (
    BAR,
    BAR_LENGTH,
    LARGEST_PITCH,
    SMALLEST_PIXEL,
    SUBHEADING,
    Circles,
    NetLayout,
)
from slownet.plotting.scene import Group, Scene
from slownet.plotting.style import (
    ACTIVATION,
    INK,
    MUTED,
    PALE,
    RIGHT,
    WRONG,
    Json,
    bold,
    number_text,
    safe,
)

Floats = npt.NDArray[np.float64]
LONGEST_ENDS, LETTER = 10, 7.0  # letters of the numbers at a bar's ends, and pixels of one
LONG_NAME = 3  # letters, from which on a class name stands above its bar
TROUGH = "#ebeef1"  # where a bar could be
SPACE_FOR_NAMES = 40.0  # between outputs, from which on names stand above bars


@dataclass(frozen=True)
class Scale:
    """How output values become lengths: `low` and `high` end the bar, which starts at `zero`."""

    low: float
    high: float
    zero: float

    def place(self, value: float | Floats) -> Floats:
        """Return where on the bar a value stands, from 0 to 1."""
        return np.clip((np.asarray(value) - self.low) / (self.high - self.low), 0.0, 1.0)


class Readout:
    """The outputs of a net, as bars and in words.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    group : Group
        The output layer.
    circles : Circles
        Where its circles stand.
    """

    def __init__(self, scene: Scene, group: Group, circles: Circles) -> None:
        self.scene, self.group, self.circles = scene, group, circles
        self.columns = [scene.neurons[group.id].index(i) for i in group.shown]
        self.scale = self._scale()

    def _scale(self) -> Scale:
        if self.scene.target_kind in ("class", "binary"):
            return Scale(0.0, 1.0, 0.0)
        if self.scene.target_kind == "sign":
            return Scale(-1.0, 1.0, 0.0)
        numbers = self.scene.own_targets.ravel().tolist()
        if len(self.scene.samples):
            numbers += [float(v) for v in np.nan_to_num(self.values(0, -1))]
        low, high = min([0.0, *numbers]), max([0.0, *numbers])
        return Scale(low, high if high > low else low + 1.0, 0.0)

    def values(self, sample: int, moment: int) -> Floats:
        """Return the values of the output layer, all of it, in the table's own units."""
        return self.scene.units.of_outputs(self.scene.values(self.group.id, sample, moment))

    def targets(self, sample: int) -> list[float] | None:
        """Return the targets of a sample in the table's own units; None without targets."""
        return self.scene.own_targets[sample].tolist() if self.scene.targets else None

    @property
    def names(self) -> list[str]:
        """What each drawn output stands for."""
        if self.scene.target_kind == "class":
            return [self.scene.class_name(k, 18) for k in self.columns]
        if self.group.size == 1:
            return [""]
        return [self.scene.neuron_name(self.group.id, i, 18) for i in self.group.shown]

    def verdict(self, sample: int, moment: int) -> tuple[str, str]:
        """Return the prediction in a few words, and the colour of the text."""
        values = self.values(sample, moment)
        targets = self.targets(sample)
        if self.scene.target_kind == "number":
            return self._numbers_in_words(values, targets), INK
        decided = self.scene.decided(values)
        prediction = self._in_words(decided)
        if targets is None:
            return f"says {bold(prediction)}", INK
        if decided == self.scene.decided(targets):
            return f"says {bold(prediction)} ✓ right", RIGHT
        return f"says {bold(prediction)} ✗ wrong", WRONG

    def _numbers_in_words(self, values: Floats, targets: list[float] | None) -> str:
        says, unit = f"says {bold(_listed(values))}", self.scene.units.targets[0].unit
        if targets is not None:
            says += f" · target {_listed(targets)}"
        return f"{says} {safe(unit, 10)}" if unit and self.group.size == 1 else says

    def _in_words(self, decided: tuple[int, ...]) -> str:
        if len(decided) == 1:
            return self.scene.class_name(decided[0], 16)
        return "".join(map(str, decided[:12]))

    def rows(self, sample: int, moment: int) -> tuple[list[str], list[str]]:
        """Return a text for each drawn output, and the colours of bars and texts."""
        values = self.values(sample, moment)
        targets = self.targets(sample)
        shares = self.scene.target_kind == "class"
        texts = [f"{v:.0%}" if shares else number_text(v) for v in values]
        colours = [PALE] * len(values)
        if self.scene.target_kind != "number":
            choice = self.scene.decided(values)
            truth = None if targets is None else self.scene.decided(targets)
            for k in range(len(values)):
                texts[k], colours[k] = self._judged(k, texts[k], choice, truth)
        return [texts[k] for k in self.columns], [colours[k] for k in self.columns]

    def _judged(
        self, k: int, text: str, choice: tuple[int, ...], truth: tuple[int, ...] | None
    ) -> tuple[str, str]:
        """Mark the predicted output, right or wrong, and the true one."""
        one_of = self.scene.target_kind == "class"
        chosen = choice[0] == k if one_of else True
        if truth is None:
            return (bold(text), INK) if chosen else (text, PALE)
        if chosen:
            right = choice == truth if one_of else choice[k] == truth[k]
            return bold(f"{text} {'✓' if right else '✗'}"), RIGHT if right else WRONG
        return (f"{text} ◂ true", PALE) if truth[0] == k else (text, PALE)


def _listed(numbers: Sequence[float] | Floats) -> str:
    return ", ".join(number_text(number) for number in numbers[:3])


def add_outputs(canvas: Canvas, readout: Readout, samples: range) -> None:
    """Add names, bars, numbers and the verdict, for each of the samples."""
    _add_names(canvas, readout)
    for sample in samples:
        _add_bars(canvas, readout, sample)
        _add_texts(canvas, readout, sample)
        if readout.scene.target_kind == "number" and readout.scene.targets:
            _add_targets(canvas, readout, sample)


def _gap(circles: Circles) -> float:
    """Return how far outputs are apart."""
    return float(np.diff(circles.ys).min()) if len(circles.ys) > 1 else LARGEST_PITCH


def _thickness(circles: Circles) -> float:
    """Return how thick bars are, in px."""
    return min(18.0, _gap(circles) * SMALLEST_PIXEL * 0.6)


def _lines(circles: Circles, start: float, ends: Floats) -> npt.NDArray[np.float32]:
    """Return the x of a bar for each output, and of a gap after it."""
    x = np.full((len(circles.ys), 3), np.nan, np.float32)
    x[:, 0], x[:, 1] = start, ends
    return x.ravel()


def _bar_trace(circles: Circles, colour: str) -> Json:
    return {
        "type": "scatter",
        "mode": "lines",
        "y": np.repeat(circles.ys, 3).astype(np.float32),
        "line": {"width": _thickness(circles), "color": colour},
        "hoverinfo": "skip",
    }


def _names_above(readout: Readout) -> bool:
    """Whether names are long, and fit above the bars."""
    return _are_long(readout) and _gap(readout.circles) >= SPACE_FOR_NAMES


def _are_long(readout: Readout) -> bool:
    return max(map(len, readout.names)) >= LONG_NAME


def _add_names(canvas: Canvas, readout: Readout) -> None:
    circles, names = readout.circles, readout.names
    start = circles.x + BAR
    full = _lines(circles, start, np.full(len(circles.ys), start + BAR_LENGTH))
    canvas.add({**_bar_trace(circles, TROUGH), "x": full})
    if readout.scene.target_kind in ("binary", "sign") and readout.group.size == 1:
        below = circles.ys[0] + 34.0
        low, high = (readout.scene.class_name(k, 12) for k in (0, 1))
        canvas.write(low, start - 5.0, below)
        canvas.write(high, start + BAR_LENGTH + 5.0, below, position="middle left")
    elif readout.scene.target_kind == "number":
        below = circles.ys[-1] + 34.0
        ends = number_text(readout.scale.low), number_text(readout.scale.high)
        apart = max(0.0, len("".join(ends)) - LONGEST_ENDS) * LETTER / SMALLEST_PIXEL
        canvas.write(ends[0], start - 5.0, below, 12, MUTED)
        end = start + BAR_LENGTH + 5.0 + apart
        canvas.write(ends[1], end, below, 12, MUTED, position="middle left")
    if _names_above(readout):
        for name, y in zip(names, circles.ys, strict=True):
            canvas.write(name, start - 3.0, y - 28.0)
    elif not _are_long(readout):
        for name, y in zip(names, circles.ys, strict=True):
            canvas.write(bold(name), start - 16.0, y, 15, position="middle center")


def _add_bars(canvas: Canvas, readout: Readout, sample: int) -> None:
    """Add the bars: at any moment they have two colours at most, and a trace has one."""
    circles, scale = readout.circles, readout.scale
    start = circles.x + BAR + BAR_LENGTH * float(scale.place(scale.zero))

    def update(moment: int, which: int) -> Json:
        values = readout.values(sample, moment)[readout.columns]
        ends = circles.x + BAR + BAR_LENGTH * scale.place(np.nan_to_num(values))
        colours = readout.rows(sample, moment)[1]
        colour = sorted(set(colours))[-which]  # the same one twice where there is only one
        ends[[each != colour for each in colours]] = np.nan
        return {"x": _lines(circles, start, ends), "line": {"color": colour}}

    for which in (0, 1):
        canvas.add(_bar_trace(circles, PALE), partial(update, which=which), sample=sample)


def _add_texts(canvas: Canvas, readout: Readout, sample: int) -> None:
    circles = readout.circles
    left = circles.x + BAR + BAR_LENGTH + 6.0
    trace = words(np.full(len(circles.ys) + 1, left), np.array([SUBHEADING, *circles.ys]), [])
    trace["x"][0] = circles.x - 22.0
    trace["textfont"] = {"size": [15, *[13] * len(circles.ys)]}
    names = _names_in_texts(readout)

    def update(moment: int) -> Json:
        verdict, colour = readout.verdict(sample, moment)
        texts, colours = readout.rows(sample, moment)
        texts = [name + text for name, text in zip(names, texts, strict=True)]
        dark = [MUTED if each == PALE else each for each in colours]
        return {"text": [verdict, *texts], "textfont": {"color": [colour, *dark]}}

    canvas.add(trace, update, sample=sample)


def _names_in_texts(readout: Readout) -> list[str]:
    """Return the names where they do not fit above the bars."""
    if _are_long(readout) and not _names_above(readout):
        return [f"{name} " for name in readout.names]
    return [""] * len(readout.names)


def _add_targets(canvas: Canvas, readout: Readout, sample: int) -> None:
    circles = readout.circles
    targets = readout.scene.own_targets[sample][readout.columns]
    canvas.add(
        {
            "type": "scatter",
            "mode": "markers",
            "x": circles.x + BAR + BAR_LENGTH * readout.scale.place(targets),
            "y": circles.ys,
            "marker": {"symbol": "line-ns-open", "size": 26, "color": INK, "line": {"width": 2}},
            "text": [number_text(target, 4) for target in targets],
            "hovertemplate": "target %{text}<extra></extra>",
        },
        sample=sample,
    )


def add_circles(
    canvas: Canvas, scene: Scene, net_layout: NetLayout, groups: list[Group], samples: range
) -> None:
    """Add the neurons, filled by their values for each of the samples, empty if there are none."""
    for group in groups:
        if group.id not in net_layout.circles:
            continue
        if not samples:
            trace = circles_of(scene, group, net_layout.circles[group.id])
            canvas.add(trace, partial(_unchanged, trace["y"]))
            continue
        low, high = value_range(scene, group, samples)
        for sample in samples:
            trace = circles_of(scene, group, net_layout.circles[group.id])
            trace["marker"].update(
                colorscale=[list(stop) for stop in ACTIVATION], cmin=low, cmax=high, showscale=False
            )
            word = "in the net" if has_own_numbers(scene, group) else "value"
            trace["hovertemplate"] = f"%{{text}}<br>{word} %{{marker.color:.4f}}<extra></extra>"
            canvas.add(trace, fill_of(scene, group, sample), sample=sample)


def _unchanged(y: Floats, _moment: int) -> Json:
    """Return no change; a trace that no frame mentions would be drawn under the lines."""
    return {"y": y.astype(np.float32)}


def has_own_numbers(scene: Scene, group: Group) -> bool:
    """Whether the table has other numbers than the net for the neurons of a layer."""
    if group.id == scene.inputs:
        return scene.units.scales_inputs
    return group.id == scene.output and scene.units.scales_outputs


def circles_of(scene: Scene, group: Group, circles: Circles) -> Json:
    """Return a trace of empty circles, a neuron each."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.full(len(circles.ys), circles.x),
        "y": circles.ys,
        "marker": {
            "size": circles.disc,
            "color": "#ffffff",
            "line": {"color": INK, "width": 1.3 if circles.disc > 9 else 0.8},
        },
        "text": [scene.neuron_name(group.id, i) for i in group.shown],
        "hovertemplate": "%{text}<extra></extra>",
    }


def fill_of(scene: Scene, group: Group, sample: int) -> Callable[[int], Json]:
    """Return what a sample changes in the circles of a layer at a moment: its values as colours."""
    columns = [scene.neurons[group.id].index(i) for i in group.shown]
    names = [scene.neuron_name(group.id, i) for i in group.shown]

    def update(moment: int) -> Json:
        values = scene.values(group.id, sample, moment)
        change: Json = {"marker": {"color": values[columns].astype(np.float32)}}
        if has_own_numbers(scene, group):
            is_input = group.id == scene.inputs
            own = scene.samples[sample] if is_input else scene.units.of_outputs(values)
            numbers = zip(names, own[columns].tolist(), strict=True)
            change["text"] = [f"{name}: {number_text(number, 4)}" for name, number in numbers]
        return change

    return update


def value_range(scene: Scene, group: Group, samples: range) -> tuple[float, float]:
    """Return the values that are drawn as the lightest and the darkest."""
    if group.id == scene.inputs:
        return float(scene.prepared.min()), float(scene.prepared.max()) + 1e-9
    low, high = scene.activation(group.id).range
    if np.isfinite(low) and np.isfinite(high):
        return low, high if high > low else low + 1.0
    values = np.nan_to_num([scene.values(group.id, sample, -1) for sample in samples])
    low, high = min(0.0, float(values.min())), float(values.max())
    return low, high if high > low else low + 1.0
