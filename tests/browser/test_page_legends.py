"""Legends have the colours of the pictures: in every colour mode, in both themes, and after a change."""

from __future__ import annotations

import re

import numpy as np
import pytest
from opened import LINE_PIXELS, PIXELS, ready
from slow import mostly_long

MODES = ("weights", "change", "learned", "contribution", "gradient")
SWATCHES = """selector => [...document.querySelectorAll(selector)].map(each => {
    const { backgroundImage } = getComputedStyle(each);
    return [each.className, backgroundImage];
})"""
THEME = """() => {
    const { theme } = slownet.painter;
    const shares = Array.from({ length: 33 }, (_, k) => k / 32);
    return {
        signs: shares.map(share => theme.signed(2 * share - 1)),
        ramp: shares.map(share => theme.filled(share)),
        edges: ["positive", "negative"].map(sign => theme[sign]),
    };
}"""
DRAWN = (
    f"""() => {{ {PIXELS}"""
    """
    const { player, net } = slownet;
    const { netView, theme, pass } = slownet.painter;
    const { state } = player;
    const { canvas, places } = netView;
    const sharp = canvas.width / canvas.getBoundingClientRect().width;
    const all = pixels(canvas);
    const at = (x, y) => {
        const place = 4 * (Math.round(y * sharp) * canvas.width + Math.round(x * sharp));
        return [...all.subarray(place, place + 3)];
    };
    const discs = [...places.discs.values()].filter(({ r }) => r > 7).map(({ neuron, x, y, r }) => {
        const l = net.layerOf[neuron];
        const isBackward = state.colours === "gradient";
        const value = isBackward ? pass.delta[neuron] : pass.value[neuron];
        const layer = (isBackward ? pass.delta : pass.value).slice(net.begins[l], net.begins[l + 1]);
        const bounds = isBackward ? null : net.bounds(l);
        const most = Math.max(...(bounds ?? [...layer]).map(Math.abs));
        const low = net.layers[l].range[0];
        const isSigned = isBackward || low === null || low < 0;
        return { isSigned, share: l || !isBackward ? value / most : 0, colour: at(x, y - 0.8 * r) };
    });
    const edges = netView.edges.filter(({ size }) => size === 5).map(edge => {
        const near = [];
        for (const share of [0.3, 0.4, 0.5, 0.6, 0.7]) {
            for (const off of [-2, -1, 0, 1, 2]) {
                near.push(at(edge.x0 + share * (edge.x1 - edge.x0) + off,
                    edge.y0 + share * (edge.y1 - edge.y0)));
                near.push(at(edge.x0 + share * (edge.x1 - edge.x0),
                    edge.y0 + share * (edge.y1 - edge.y0) + off));
            }
        }
        return [edge.sign, near];
    });
    return { discs, edges };
}"""
)
POINTS = (
    f"""() => {{ {PIXELS}"""
    """
    const { plane } = slownet.painter;
    const { net } = slownet;
    const all = pixels(plane.canvas);
    const sharp = plane.canvas.width / plane.canvas.getBoundingClientRect().width;
    const marks = [...document.querySelectorAll("#plane-legend .mark canvas")].map(canvas =>
        [...pixels(canvas).subarray(4 * (14 * 28 + 14)).slice(0, 3)]);
    const { x, y } = net.facts.plane;
    return { marks, points: net.facts.samples.map((_, k) => {
        const [a, b] = net.arrays.samples.subarray(2 * k, 2 * k + 2);
        const column = Math.round((plane.box.x + plane.box.size * (a - x[0]) / (x[1] - x[0])) * sharp);
        const row = Math.round((plane.box.y + plane.box.size * (y[1] - b) / (y[1] - y[0])) * sharp);
        const from = 4 * (row * plane.canvas.width + column);
        return [net.arrays.targets[k], [...all.subarray(from, from + 3)]];
    }) };
}"""
)
WORDS = """name => [...document.querySelectorAll(`#legend-${name} b`)].map(each =>
    [each.className, getComputedStyle(each).color])"""


def colours(text):
    """The colours of a gradient, in order."""
    return [tuple(map(int, each)) for each in re.findall(r"rgb\((\d+), (\d+), (\d+)\)", text)]


@pytest.fixture(params=["light", "dark", "toggled"])
def themed(request):
    """Show a page in a theme: as the system has it, or toggled while it is shown."""
    restored = []

    def themed(made):
        if request.param != "light":
            restored.append(made)
        if request.param == "dark":
            made.page.emulate_media(color_scheme="dark")
        if request.param == "toggled":
            made.page.click("#theme")
        made.until("isDark => slownet.painter.theme.isDark === isDark", request.param != "light")
        return made

    yield themed
    for made in restored:
        made.page.emulate_media(color_scheme="light")
        ready(made).until("() => !slownet.painter.theme.isDark")


def near(one, other, off=2):
    return np.abs(np.array(one, int) - np.array(other, int)).max() <= off


@pytest.mark.parametrize("kind", mostly_long(["digits", "prices", "flowers", "moons"]))
def test_a_legend_has_the_colours_that_are_drawn(kind, themed, request):
    made = themed(request.getfixturevalue(kind))
    made.show(9)
    for mode in MODES:
        made.page.select_option("#colours", mode)
        theme = made.page.evaluate(THEME)
        shown = made.page.evaluate(SWATCHES, "#legend i, #plane-legend i")
        assert {name for name, _ in shown} >= {"edges"}
        for name, image in shown:
            if name == "edges":
                wanted = [colours(each)[0] for each in theme["edges"]]
                assert set(colours(image)) == set(wanted)
            else:
                assert colours(image) == [tuple(each) for each in theme[name]]
        drawn = made.page.evaluate(DRAWN)
        names = {name for name, _ in shown}
        for disc in drawn["discs"]:
            share = min(1.0, max(-1.0, disc["share"]))
            name = "signs" if disc["isSigned"] else "ramp"
            assert name in names, (mode, names)
            place = (share + 1) * 16 if disc["isSigned"] else share * 32
            below, above = (theme[name][k] for k in (int(place), min(32, int(place) + 1)))
            low, high = np.minimum(below, above) - 3, np.maximum(below, above) + 3
            assert (low <= disc["colour"]).all(), (mode, disc)
            assert (disc["colour"] <= high).all(), (mode, disc)
        for sign, pixels in drawn["edges"]:
            wanted = colours(theme["edges"][0 if sign > 0 else 1])[0]
            assert any(near(pixel, wanted) for pixel in pixels), (mode, sign, wanted)


def test_the_marks_of_classes_have_the_colours_of_the_points(moons, themed):
    made = themed(moons)
    found = made.page.evaluate(POINTS)
    assert len(found["marks"]) == 2
    right = sum(near(colour, found["marks"][int(target)]) for target, colour in found["points"])
    assert right >= 0.8 * len(found["points"])  # some are covered by others
    assert {tuple(mark) for mark in found["marks"]} == {
        colours(each)[0] for each in made.page.evaluate(THEME)["edges"]
    }


def test_the_key_of_a_chart_has_the_colours_of_its_lines(flowers, themed):
    made = themed(flowers)
    for name in ("loss", "accuracy"):
        words = dict(made.page.evaluate(WORDS, name))
        drawn = {line["role"]: line["points"] for line in made.page.evaluate(LINE_PIXELS, name)}
        assert list(words) == list(drawn) == ["training", "watched"]
        for role, points in drawn.items():
            (wanted,) = colours(words[role])
            assert any(near(colour[:3], wanted) for colour in points), role


def test_both_themes_have_legends_of_their_own(flowers):
    assert flowers.page.evaluate("() => slownet.painter.theme.isDark") is False
    light = flowers.page.evaluate(SWATCHES, "#legend i")
    flowers.page.click("#theme")
    dark = flowers.page.evaluate(SWATCHES, "#legend i")
    flowers.page.click("#theme")
    assert flowers.page.evaluate(SWATCHES, "#legend i") == light
    assert all(one[0] == other[0] and one[1] != other[1] for one, other in zip(light, dark, strict=True))
