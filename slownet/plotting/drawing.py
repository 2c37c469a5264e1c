"""Drawing a net: as images and circles, or as circles only."""

from __future__ import annotations

from html import unescape
from textwrap import wrap

import numpy as np

from slownet.plotting.canvas import Canvas, Picture, words
from slownet.plotting.edges import Bundle, Ends, add_edges, add_hovered_weights
from slownet.plotting.geometry import (
    HEADING,
    INPUT_BOX,
    KEY,
    SMALLEST_PIXEL,
    SUBHEADING,
    NetLayout,
    circle_layout,
    image_layout,
)
from slownet.plotting.images import (
    Bytes,
    Floats,
    diverging_levels,
    diverging_palette,
    ink,
    mosaic,
    png,
    strongest,
)
from slownet.plotting.readout import Readout, add_circles, add_outputs
from slownet.plotting.scene import MOST_TILES, Group, Scene
from slownet.plotting.style import (
    EMPTY,
    MUTED,
    NEGATIVE,
    PALE,
    POSITIVE,
    Json,
    bold,
    number_text,
    safe,
    width_of,
    within,
)

SIGNS = (
    f'Lines: <span style="color:{POSITIVE}"><b>blue</b></span> weights are positive, '
    f'<span style="color:{NEGATIVE}"><b>orange</b></span> negative; wider is larger.'
)
SMALL = (12, MUTED)
WIDEST_NAME, WIDEST_INPUT = 150.0, 195.0  # pixels of the name of an input, alone and with its number
LETTERS, LINE = 14, 23.0  # the size of their letters, and how high a line of the key is
FILL = "Circles: the darker, the higher the value."


def draw_net(canvas: Canvas, scene: Scene, samples: range) -> NetLayout:
    """Draw a net with one of the samples, or with none, and return where everything stands."""
    if scene.side:
        groups = scene.groups(most_first=MOST_TILES)
        net_layout = image_layout(groups, scene.side, bool(samples))
        add_input_image(canvas, scene, samples)
        add_tiles(canvas, scene, groups[1], net_layout)
        drawn = groups[1:]
    else:
        groups = drawn = scene.groups()
        net_layout = circle_layout(groups, bool(samples), names_width(scene, groups[0], samples))
        add_input_names(canvas, scene, groups[0], net_layout, samples)
    bundles = bundles_of(scene, drawn, net_layout)
    add_edges(canvas, bundles)
    add_circles(canvas, scene, net_layout, drawn, samples)
    add_hovered_weights(canvas, bundles, scene)
    if samples:
        add_outputs(canvas, Readout(scene, groups[-1], net_layout.circles[scene.output]), samples)
    add_headings(canvas, scene, groups, net_layout, "" if samples else groups[-1].activation)
    add_key(canvas, notes(scene, groups, bundles), fill=bool(samples))
    canvas.finish()
    return net_layout


def bundles_of(scene: Scene, groups: list[Group], net_layout: NetLayout) -> list[Bundle]:
    """Return the weights between the layers that are drawn, as lines."""
    drawn = {group.id: group for group in groups}
    bundles = []
    for source, target in scene.joined:
        if source in drawn and target in drawn:
            x0, ys0 = _right_side(net_layout, source)
            x1, ys1 = _left_side(net_layout, target)
            bundles.append(Bundle(scene, Ends(drawn[source], drawn[target], (x0, x1), ys0, ys1)))
    return bundles


def _right_side(net_layout: NetLayout, layer: int) -> tuple[float, Floats]:
    if layer in net_layout.circles:
        return net_layout.circles[layer].x, net_layout.circles[layer].ys
    return float(net_layout.tiles[layer].boxes[:, 2].max()), net_layout.tiles[layer].middles


def _left_side(net_layout: NetLayout, layer: int) -> tuple[float, Floats]:
    if layer in net_layout.circles:
        circles = net_layout.entrance(layer)
        return circles.x, circles.ys
    return float(net_layout.tiles[layer].boxes[:, 0].min()), net_layout.tiles[layer].middles


def add_input_image(canvas: Canvas, scene: Scene, samples: range) -> None:
    """Add the image of each of the samples, with its label."""
    left, top, size = INPUT_BOX
    canvas.add(frames(np.array([[left, top, left + size, top + size]])))
    for sample in samples:
        low, high = float(scene.samples.min()), float(scene.samples.max())
        pixels = ink(scene.samples[sample].reshape(scene.side, scene.side), low, high)
        canvas.pictures.append(Picture(picture(png(pixels), left, top, size, size), sample=sample))
        if scene.labels:
            text = f"label: {bold(true_name(scene, sample))}"
            trace = words(np.array([left + size / 2.0]), np.array([top + size + 20.0]), [text], 14)
            canvas.add({**trace, "textposition": "middle center"}, sample=sample)
    if not samples:
        text = "no sample<br>was watched" if len(scene.snapshots) > 1 else "no sample"
        middle = left + size / 2.0
        canvas.write(text, middle, top + size / 2.0, colour=MUTED, position="middle center")


def true_name(scene: Scene, sample: int, longest: int = 12) -> str:
    """Return the label of a watched sample, ready for a figure."""
    if scene.target_kind == "class":
        return scene.class_name(scene.decided(scene.targets[sample])[0], longest)
    return safe(scene.label_text(sample, number_text), longest)


def add_tiles(canvas: Canvas, scene: Scene, group: Group, net_layout: NetLayout) -> None:
    """Add the incoming weights of every neuron as an image, and lines that lead there and on."""
    tiles = net_layout.tiles[group.id]
    rows = [scene.neurons[group.id].index(i) for i in group.shown]
    shape = (len(rows), scene.side, scene.side)
    last = scene.weights(scene.inputs, group.id, -1)[rows]
    largest = strongest(last)
    palette = diverging_palette()

    def source(moment: int) -> str:
        weights = scene.weights(scene.inputs, group.id, moment)[rows].reshape(shape)
        return png(mosaic(diverging_levels(weights, largest or 1.0), tiles.corners), palette)

    canvas.pictures.append(Picture(picture("", tiles.x, tiles.y, tiles.width, tiles.height), source))
    canvas.add(frames(tiles.boxes))
    _add_leaders(canvas, net_layout, group)
    _add_tile_scale(canvas, largest, palette)


def _add_leaders(canvas: Canvas, net_layout: NetLayout, group: Group) -> None:
    left, top, size = INPUT_BOX
    boxes, ys = net_layout.tiles[group.id].boxes, net_layout.tiles[group.id].middles
    lines = []
    for box, height in zip(boxes, ys, strict=True):
        if box[0] == boxes[:, 0].min():
            lines.append([left + size, box[0], np.nan, top + size / 2.0, height, np.nan])
        lines.append([box[2], net_layout.entrance(group.id).x, np.nan, height, height, np.nan])
    ends = np.array(lines)
    canvas.add(thin_lines(ends[:, :3], ends[:, 3:], EMPTY))


def _add_tile_scale(canvas: Canvas, largest: float, palette: Bytes) -> None:
    left, _, size = INPUT_BOX
    top = 620.0
    levels = diverging_levels(np.linspace(-largest, largest, 101)[None, :], largest or 1.0)
    canvas.pictures.append(Picture(picture(png(levels, palette), left, top, size, 18.0)))
    canvas.write("Weight", left - 5.0, top - 18.0, *SMALL)
    canvas.write(f"−{largest:.2g}", left - 5.0, top + 34.0, *SMALL)
    canvas.write(f"+{largest:.2g}", left + size + 5.0, top + 34.0, *SMALL, position="middle left")


def add_input_names(
    canvas: Canvas, scene: Scene, group: Group, net_layout: NetLayout, samples: range
) -> None:
    """Add the names of inputs drawn as circles, and for each of the samples their numbers."""
    circles = net_layout.circles[group.id]
    size = LETTERS if circles.disc > 14 else 11
    trace = words(
        np.full(len(circles.ys), circles.x - circles.disc / 2.0 / SMALLEST_PIXEL - 3.0),
        circles.ys,
        input_texts(scene, group),
        size,
    )
    trace["textposition"] = "middle left"
    if not samples:
        canvas.add(trace)
    for sample in samples:
        canvas.add({**trace, "text": input_texts(scene, group, sample)}, sample=sample)


def input_texts(scene: Scene, group: Group, sample: int | None = None) -> list[str]:
    """Return the names of the inputs that are drawn, with the table's own numbers of a sample."""
    places = [scene.neurons[group.id].index(i) for i in group.shown]
    names = scene.units.names
    sign = " = " if names is None else ": "
    texts = [""] * len(places)
    if sample is not None:
        texts = [sign + number_text(number) for number in scene.samples[sample][places].tolist()]
    if names is None:
        return [f"x<sub>{i + 1}</sub>{text}" for i, text in zip(group.shown, texts, strict=True)]
    return [
        within(names[place], min(WIDEST_NAME, WIDEST_INPUT - width_of(text, LETTERS)), LETTERS) + text
        for place, text in zip(places, texts, strict=True)
    ]


def names_width(scene: Scene, group: Group, samples: range) -> float:
    """Return how many pixels the names of inputs take, with their numbers; 0 where they have none."""
    if scene.units.names is None:
        return 0.0
    texts = [text for sample in samples or [None] for text in input_texts(scene, group, sample)]
    return max(width_of(unescape(text), LETTERS) for text in texts)


def picture(source: str, x: float, y: float, width: float, height: float) -> Json:
    """Return an image of the layout, its upper left corner at x and y."""
    return {
        "source": source,
        "xref": "x",
        "yref": "y",
        "x": x,
        "y": y,
        "sizex": width,
        "sizey": height,
    }


def frames(boxes: Floats, colour: str = PALE) -> Json:
    """Return a line around each box: left, top, right, bottom."""
    left, top, right, bottom = boxes.T
    gap = np.full(len(boxes), np.nan)
    return thin_lines(
        np.stack([left, right, right, left, left, gap], axis=1),
        np.stack([top, top, bottom, bottom, top, gap], axis=1),
        colour,
    )


def thin_lines(x: Floats, y: Floats, colour: str) -> Json:
    """Return a trace of lines: a start, an end and a gap (nan) for each."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x.ravel().astype(np.float32),
        "y": y.ravel().astype(np.float32),
        "line": {"color": colour, "width": 1},
        "hoverinfo": "skip",
    }


def add_headings(
    canvas: Canvas, scene: Scene, groups: list[Group], net_layout: NetLayout, output: str = ""
) -> None:
    """Head every column; `output` stands below the heading of the last one."""
    for group in groups:
        x, first, last = _column(net_layout, group), group.id == scene.inputs, group.id == scene.output
        count = f"{len(group.shown)} of {group.size}" if len(group.shown) < group.size else group.size
        text, below = f"{count} neurons", group.activation
        if first:
            text, below = "Input", f"{group.size:,} numbers"
            below = f"{scene.side} × {scene.side}" if scene.side else below
        elif last:
            is_plane = group.id in net_layout.tiles
            text, below = "Output" if is_plane else _output_heading(scene), output
        elif scene.side and group.id in net_layout.tiles:
            text, below = f"{count} hidden neurons", f"{groups[0].size:,} weights each, as an image"
        left = (scene.side and (first or group.id in net_layout.tiles)) or (
            last and group.id in net_layout.circles
        )
        position = "middle right" if left else "middle center"
        canvas.write(bold(text), x, HEADING, 15, position=position)
        if below:
            canvas.write(below, x, SUBHEADING, *SMALL, position=position)


def _output_heading(scene: Scene) -> str:
    """Return the heading of the outputs, with what all of them are of."""
    targets = scene.units.targets
    name = safe(targets[0].name) if len(targets) == 1 else ""
    return f"Output: {name}" if name else "Output"


def _column(net_layout: NetLayout, group: Group) -> float:
    """Return where the heading of a layer stands."""
    if group.id in net_layout.circles and group.id not in net_layout.tiles:
        circles = net_layout.circles[group.id]
        return circles.x - (
            22.0 if circles.x == max(each.x for each in net_layout.circles.values()) else 0.0
        )
    if group.id in net_layout.tiles:
        tiles = net_layout.tiles[group.id]
        return tiles.x + (
            0.0 if net_layout.circles.keys() & net_layout.tiles.keys() else tiles.width / 2.0
        )
    return INPUT_BOX[0]


def notes(scene: Scene, groups: list[Group], bundles: list[Bundle]) -> list[str]:
    """Return sentences on what the picture leaves out."""
    left_out = []
    circles = groups[1:] if scene.side else groups
    if any(len(group.shown) < group.size for group in circles):
        left_out.append("Of large layers the neurons with the strongest weights are drawn.")
    if any(bundle.some_left_out for bundle in bundles):
        left_out.append("Between two layers the strongest weights are drawn.")
    drawn = {(bundle.ends.source.id, bundle.ends.target.id) for bundle in bundles}
    if scene.side:
        drawn.add((scene.inputs, scene.layers[1]))
    missing = [pair for pair in scene.joined if pair not in drawn]
    if missing:
        pairs = ", ".join(f"{source} to {target}" for source, target in missing)
        left_out.append(f"Not drawn: the weights from layer {pairs}.")
    return left_out


def add_key(canvas: Canvas, left_out: list[str], fill: bool, widest: int = 1000) -> None:
    """Write below the net what the marks mean, and what is left out, in lines of so many letters."""
    lines = [" ".join([SIGNS, *([FILL] if fill else [])]), *wrap(" ".join(left_out), widest)]
    lines = [line for line in lines if line]
    y = KEY - max(0.0, LINE * (len(lines) - 2.5))
    canvas.write("<br>".join(lines), INPUT_BOX[0] - 5.0, y, *SMALL, position="bottom right")
