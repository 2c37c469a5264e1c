"""What colours show: weights in every mode, and the plane of two inputs."""

from __future__ import annotations

import numpy as np
import pytest
from opened import PIXELS, check_number

from slownet.page import encoding

MODES = ("weights", "change", "learned", "contribution", "gradient")


def test_colours_show_what_they_say(digits):
    frame, place, neuron = 13, 5, 3
    pixel = int(np.argmax(digits.history.watch.samples[place]))
    digits.show(frame)
    digits.page.keyboard.press(str(place))
    net = digits.backward(frame, place)
    weight = net.layers[1].neurons[neuron].weights["in"][pixel, neuron]
    over = digits.history.weight(1, (pixel, neuron))
    wanted = {
        "weights": over[frame],
        "change": over[frame] - over[frame - 1],
        "learned": over[frame] - over[0],
        "contribution": over[frame] * weight.source.value,
        "gradient": weight.grad,
    }
    assert weight.source.value > 0.5
    assert digits.page.eval_on_selector("#colours", "e => [...e.options].map(o => o.value)") == [*MODES]
    pictures = set()
    for mode in MODES:
        digits.page.select_option("#colours", mode)
        shown, scale, colour, picture = digits.page.evaluate(SHOWN, [mode, 784 + neuron, pixel])
        assert shown == pytest.approx(wanted[mode], rel=0.03, abs=3e-4), mode
        share = np.sign(shown) * min(1.0, abs(shown) / scale) ** 0.7
        red, _, blue = colour
        if abs(share) > 0.2:
            assert (blue > red) == (share > 0), mode
        pictures.add(picture)
    assert len(pictures) == len(MODES)


SHOWN = (
    f"""([mode, neuron, pixel]) => {{ {PIXELS}"""
    """
    const { player, net } = slownet;
    const { netView, pass } = slownet.painter;
    const shown = netView.shownOf(mode, pass);
    let weight = net.first(neuron);
    while (net.source[weight] !== pixel) weight += 1;
    const tile = netView.places.tiles.get(neuron);
    const sharp = netView.canvas.width / netView.places.width;
    const [x, y] = [[pixel % 28, tile.x], [Math.floor(pixel / 28), tile.y]].map(
        ([place, from]) => Math.floor((from + (place + 0.5) * tile.size / 28) * sharp));
    const at = 4 * (y * netView.canvas.width + x);
    const colour = pixels(netView.canvas).slice(at, at + 3);
    return [
        shown[weight], netView.scale(mode, 1, shown, pass.frame), [...colour],
        netView.canvas.toDataURL(),
    ];
}"""
)


@pytest.mark.long
def test_a_click_on_the_plane_sends_that_point_through(moons):
    box = moons.page.evaluate("() => slownet.painter.plane.box")
    around = moons.page.evaluate("() => slownet.net.facts.plane")
    for frame, across, down in ((0, 0.25, 0.3), (7, 0.8, 0.5), (14, 0.5, 0.9)):
        moons.show(frame)
        x = round(box["x"] + across * box["size"])
        y = round(box["y"] + down * box["size"])
        moons.click("#plane-canvas", x, y)
        point = moons.sample
        wide, high = np.ptp(around["x"]), np.ptp(around["y"])
        assert point[0] == pytest.approx(around["x"][0] + across * wide, abs=wide / box["size"] * 2)
        assert point[1] == pytest.approx(around["y"][1] - down * high, abs=high / box["size"] * 2)
        net = moons.history.snapshots[frame].restore()
        (wanted,) = net.forward(point)
        rows = moons.rows("#terms table:first-of-type")
        check_number(rows["sigmoid(z)"][-1], wanted)
        check_number(rows["= z"][-1], net.layers[3].neurons[0].z)
    before = moons.sample
    moons.click("#plane-canvas", box["x"] + box["size"] + 4, box["y"] + 5)
    assert moons.sample == before


def test_the_plane_has_the_colours_of_what_the_net_says(moons):
    """Blue where the output is above a half, orange below, in the large panel and on the tiles."""
    for frame in (0, 14):
        moons.show(frame)
        net = moons.history.snapshots[frame].restore()
        found = moons.page.evaluate(PLANE_COLOURS)
        agreed = 0
        for point, (red, _, blue) in found:
            (value,) = net.forward(point)
            agreed += (value > 0.5) == (blue > red)
        assert agreed >= 180  # samples are drawn over some, and some lie on the border
        tiles = moons.page.evaluate(TILE_COLOURS)
        around = moons.page.evaluate("() => slownet.net.facts.plane")
        layers = [(1, k) for k in range(6)] + [(2, k) for k in range(5)] + [(3, 0)]
        assert [neuron for neuron, _ in tiles] == list(range(2, 14))
        right = 0
        for neuron, colours in tiles:
            layer, which = layers[neuron - 2]
            for (across, down), (red, _, blue) in zip(
                [(0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)], colours, strict=True
            ):
                net.forward(
                    [
                        around["x"][0] + across * np.ptp(around["x"]),
                        around["y"][1] - down * np.ptp(around["y"]),
                    ]
                )
                value = net.layers[layer].neurons[which].value
                right += (value > (0.5 if layer == 3 else 0.0)) == (blue > red)
        assert right >= 44  # of 48: the others are on a border


PLANE_COLOURS = (
    f"""() => {{ {PIXELS}"""
    """
    const { plane } = slownet.painter;
    const sharp = plane.canvas.width / plane.canvas.getBoundingClientRect().width;
    const all = pixels(plane.canvas);
    return Array.from({ length: 200 }, (_, k) => {
        const x = plane.box.x + plane.box.size * ((k * 0.6180339) % 1);
        const y = plane.box.y + plane.box.size * ((k + 0.5) / 200);
        const at = 4 * (Math.round(y * sharp) * plane.canvas.width + Math.round(x * sharp));
        return [[...plane.pointAt(x, y)], [...all.subarray(at, at + 3)]];
    });
}"""
)
TILE_COLOURS = (
    f"""() => {{ {PIXELS}"""
    """
    const { canvas, places } = slownet.painter.netView;
    const sharp = canvas.width / canvas.getBoundingClientRect().width;
    const all = pixels(canvas);
    const corners = [[0.2, 0.2], [0.8, 0.2], [0.2, 0.8], [0.8, 0.8]];
    return [...places.tiles].map(([neuron, { x, y, size }]) => [neuron, corners.map(([across, down]) => {
        const [column, row] = [(x + across * size) * sharp, (y + down * size) * sharp].map(Math.round);
        const at = 4 * (row * canvas.width + column);
        return [...all.subarray(at, at + 3)];
    })]);
}"""
)


def test_a_tile_shows_its_neuron_in_the_large_panel(moons):
    moons.show(14)
    picture = "() => slownet.painter.plane.canvas.toDataURL()"
    output = moons.page.evaluate(picture)
    tile = moons.place("tiles", 4)
    box = moons.page.locator("#canvas").bounding_box()
    moons.page.mouse.move(box["x"] + tile["x"] + 9, box["y"] + tile["y"] + 9)
    assert moons.page.evaluate(picture) != output
    assert "bias" in moons.text("#tip")
    moons.page.mouse.click(box["x"] + tile["x"] + 9, box["y"] + tile["y"] + 9)
    assert moons.state["chosen"] == {"neuron": 4}
    wanted = [snapshot.neuron(1, 2, 0)[1] for snapshot in moons.history.snapshots]
    assert moons.curve()[1] == pytest.approx(wanted, rel=1e-9)


NEW_MODE = """const COLOUR_MODES = {
  squared: {
    option: "mode.squared.option", quantity: "mode.squared.quantity", caption: "mode.squared.caption",
    isLasting: true,
    needsSample: false, isBackward: false,
    of: (net, pass) => net.weights(pass.frame).map((weight) => weight * weight),
  },"""
ITS_WORDS = """const en = {
  "mode.squared.option": "squares",
  "mode.squared.quantity": "square of a weight",
  "mode.squared.caption": "squared","""


def test_a_colour_mode_is_added_in_one_place(watched, digits_run, tmp_path, monkeypatch):
    def packed(script):
        for begin, more in (("const COLOUR_MODES = {", NEW_MODE), ("const en = {", ITS_WORDS)):
            assert script.count(begin) == 1
            script = script.replace(begin, more)
        return encoding.packed(script)

    monkeypatch.setattr("slownet.page.page.packed", packed)
    path = digits_run.write_html(tmp_path / "page.html", keep="none")
    page = watched.play(path, "#step=0&colours=squared")
    assert page.locator("#colours option:checked").inner_text() == "squares"
    assert "square of a weight in an image" in page.locator("#legend").inner_text()
    assert page.locator("#weights-label").inner_text() == "squared"
    shown = page.evaluate("() => [...slownet.painter.netView.shownOf('squared', slownet.painter.pass)]")
    weights = page.evaluate("() => [...slownet.net.weights(0)]")
    assert shown == [weight * weight for weight in weights]
