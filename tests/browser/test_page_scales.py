"""What colours span: one scale in all snapshots, and the range of an activation, whoever made it."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from opened import PIXELS, opened
from slow import mostly_long

from slownet import Activation, Loss, NetFactory
from slownet.functions import ACTIVATIONS
from slownet.plotting.plane_drawing import Surfaces
from slownet.plotting.scene import Scene

NAME = 'a "name"\n</script><b>&amp;\\n\u2028ß'
TILES = """() => {
    const { plane } = slownet.painter;
    const some = Array.from({ length: 36 }, (_, k) => [2 + 4 * Math.floor(k / 6), 1 + 4 * (k % 6)]);
    const apart = plane.resolution / 24;
    return [...plane.tiles()].map(([neuron, pixels]) => [neuron, some.map(([row, column]) => [
        plane.values[neuron][Math.floor((row + 0.5) * apart) * plane.resolution
            + Math.floor((column + 0.5) * apart)],
        pixels[24 * row + column],
    ])]);
}"""  # at some places of every tile, the value and its colour
TABLE = "() => [...slownet.painter.theme.signs]"
TILE_POINT = (
    f"""([neuron, across, down]) => {{ {PIXELS}"""
    """
    const { canvas, places } = slownet.painter.netView;
    const sharp = canvas.width / canvas.getBoundingClientRect().width;
    const { x, y, size } = places.tiles.get(neuron);
    const [column, row] = [(x + across * size) * sharp, (y + down * size) * sharp].map(Math.round);
    return [...pixels(canvas).subarray(4 * (row * canvas.width + column)).slice(0, 3)];
}"""
)


def trained(hidden, output="sigmoid", **options):
    X = np.random.default_rng(0).normal(size=(60, 2))
    y = X[:, 0] * 3.0 if output == "linear" else (X[:, 0] * X[:, 1] > 0) * 1
    net = NetFactory([2, 5, 4, 1], hidden, output, seed=1).new()
    more = {"epochs": 12, "batch_size": 6, "snapshots": 9, "watch": (X, y), "progress": False}
    more["engine"] = "scalar"  # where nothing is compiled for a formula of one's own
    return net.fit(X, y, **{"learning_rate": 0.2, **more, **options})


def own(low, high, name="own"):
    """A function that stays between two numbers, of which one or both may be infinite."""
    bottom, top = max(low, -40.0), min(high, 40.0)

    def function(z):
        return max(bottom, min(top, z))

    def derivative(z, value):
        return 1.0 if bottom < z < top else 0.0

    return Activation(name, function, derivative, range=(low, high))


@pytest.fixture
def shown(browser, pages):
    made = []

    def page(history):
        made.append(opened(browser, pages, history, exact=True))
        return made[-1]

    yield page
    for each in made:
        each.page.close()
        each.watched.check()


def levels(shares):
    """The places of shares in the 256 colours, as `level` of the page finds them."""
    steps = np.clip(np.rint(shares * 2048), -2048, 2048) / 2048
    return np.rint(127.5 + 127.5 * np.sign(steps) * np.abs(steps) ** 0.7).astype(int)


@pytest.mark.parametrize("hidden", mostly_long(["relu", "softmax", "softplus", "linear", "elu", "tanh"]))
def test_tiles_have_one_scale_in_all_snapshots(shown, hidden):
    """A value has the same colour whenever it comes, so that growing values are seen to grow."""
    history = trained(hidden)
    made = shown(history)
    surfaces = Surfaces(Scene.of_history(history))
    table = made.page.evaluate(TABLE)
    scales = made.page.evaluate("() => slownet.painter.scales")
    assert scales[1:] == [pytest.approx(scale, rel=1e-2) for scale in surfaces.scales.values()]
    largest = np.zeros(3)
    for frame in range(len(history.snapshots)):
        made.show(frame)
        for neuron, places in made.page.evaluate(TILES):
            layer = 1 + (neuron > 6) + (neuron > 10)
            middle, reach = scales[layer]
            values, pixels = zip(*places, strict=True)
            shares = (np.array(values) - middle) / reach
            largest[layer - 1] = max(largest[layer - 1], np.abs(shares).max())
            drawn = np.array([table.index(pixel) for pixel in pixels])
            assert np.abs(drawn - levels(shares)).max() <= 1
    if ACTIVATIONS[hidden].range[1] == inf:
        assert largest[:2] == pytest.approx([1, 1], rel=0.25)


@pytest.mark.long
def test_the_canvas_shows_a_growing_value_grow(shown):
    """Where the value of a ReLU neuron becomes larger, its tile becomes darker."""
    history = trained("relu", epochs=40, learning_rate=0.5)
    made = shown(history)
    compared = 0
    for neuron in range(2, 11):
        over = []
        for frame in (0, len(history.snapshots) - 1):
            made.show(frame)
            value = made.page.evaluate("n => slownet.painter.plane.values[n][60 * 120 + 60]", neuron)
            over.append((value, made.page.evaluate(TILE_POINT, [neuron, 0.52, 0.52])))
        (before, colour), (after, colour_after) = over
        if abs(after - before) > 0.1:
            compared += 1
            assert (after > before) == (colour_after[0] < colour[0]), over
    assert compared >= 2


def test_numbers_have_the_colours_of_their_targets(shown):
    """A point vanishes in the surface where the net is right, so both need one scale."""
    history = trained("relu", "linear", loss="squared_error", learning_rate=0.02)
    made = shown(history)
    targets = np.array(history.watch.targets)
    low, high = targets.min(), targets.max()
    for frame in (0, 8):
        made.show(frame)
        middle, reach = made.page.evaluate("() => slownet.painter.plane.scales[3]")
        assert [middle - reach, middle + reach] == pytest.approx([low, high])
    ends = made.text("#plane-legend").replace("−", "-").split()[:2]
    assert list(map(float, ends)) == [float(f"{each:.2g}") for each in (low, high)]


@pytest.mark.long
@pytest.mark.parametrize(
    ("low", "high", "scale"),
    mostly_long(
        [
            (0.0, 6.0, [3, 3]),
            (-2.0, 2.0, [0, 2]),
            (0.25, 0.75, [0.5, 0.25]),
            (-1.0, inf, None),
            (-inf, 2.0, None),
        ],
        2,
        several=True,
    ),
)
def test_the_range_of_an_own_activation_reaches_the_page(shown, low, high, scale):
    made = shown(trained(own(low, high)))
    found = made.page.evaluate("() => slownet.net.layers[1].range")
    assert found == [None if abs(end) == inf else end for end in (low, high)]
    if scale:
        assert made.page.evaluate("() => slownet.painter.plane.scales[1]") == scale
        assert made.page.evaluate("() => slownet.net.bounds(1)") == [low, high]
    else:
        middle, reach = made.page.evaluate("() => slownet.painter.plane.scales[1]")
        assert middle == 0
        assert 0 < reach < 40


@pytest.mark.filterwarnings("ignore:no path of weights:slownet.TrainingWarning")
def test_a_plane_without_weights_is_drawn(shown):
    X = np.random.default_rng(0).normal(size=(20, 2))
    net = NetFactory([2, 3, 1], "relu", seed=1).new()
    for weight in list(net.weights()):
        weight.remove()
    history = net.fit(
        X, (X[:, 0] > 0) * 1, epochs=2, snapshots=3, watch=(X, (X[:, 0] > 0) * 1), progress=False
    )
    made = shown(history)
    assert made.page.evaluate("() => slownet.net.source.length") == 0
    assert made.page.evaluate("() => slownet.painter.plane.scales[1]") == [0, 1]


def test_names_of_ones_own_are_text(shown, tmp_path):
    loss = Loss(NAME, lambda a, y: 0.5 * (a - y) * (a - y), lambda a, y: a - y, target_kind="binary")
    history = trained(own(-1.0, 1.0, NAME), loss=loss)
    made = shown(history)
    assert made.page.evaluate("() => slownet.net.activations[0].name") == NAME
    assert made.page.evaluate("() => slownet.net.facts.loss") == NAME
    made.page.select_option("#neuron", "3")
    assert f"{NAME}(z)" in made.rows("#terms table:first-of-type")
    about = made.page.locator("#about").text_content()
    assert f"loss {NAME}, seed" in about
    assert made.page.locator("#terms b, #about b").count() == 0
