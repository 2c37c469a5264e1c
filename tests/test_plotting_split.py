"""`plotting.network(show_z=True)`: two circles for each neuron, one for z and one for its value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from slownet import InvalidTypeError, NetFactory, Weight, plotting
from slownet.plotting.split import COLOURS
from slownet.plotting.style import EMPTY, INK, NEGATIVE, POSITIVE, rgb


def columns(figure: go.Figure) -> list[Any]:
    """Return the traces of circles from left to right."""
    circles = [each for each in figure.data if each.mode == "markers" and each.marker.opacity is None]
    return sorted((each for each in circles if each.marker.line.width), key=lambda each: each.x[0])


def lines(figure: go.Figure, *colours: str) -> Iterator[tuple[float, float]]:
    """Yield the x of both ends of the lines that are drawn in some colours."""
    for trace in figure.data:
        if trace.mode == "lines" and trace.line.color in colours:
            for k in range(0, len(trace.x), 3):
                if trace.y[k] < 1000:
                    yield trace.x[k], trace.x[k + 1]


def texts(figure: go.Figure) -> list[str]:
    return [text for trace in figure.data if trace.mode == "text" for text in trace.text]


def test_five_columns_in_five_colours() -> None:
    net = NetFactory([3, 4, 2], seed=0).new()
    figure = plotting.network(net, show_z=True)
    drawn = columns(figure)
    assert [len(each.x) for each in drawn] == [3, 4, 4, 2, 2]
    assert [each.marker.color for each in drawn] == list(COLOURS)
    assert len(set(COLOURS)) == 5
    for heading in ("Inputs", "Pre-activations", "Activations", "Pre-outputs", "Softmax"):
        assert f"<b>{heading}</b>" in texts(figure)
    assert drawn[1].text[3] == "z of layer 1 neuron 3"
    assert drawn[3].text[1] == "z of output 1"


def test_weights_lead_to_z_and_the_activation_from_z_to_the_value() -> None:
    net = NetFactory([3, 4, 2], seed=0).new()
    Weight(((0, 1), (2, 0)), incoming_neuron=net[2][0], outgoing_neuron=net[0][1], value=1.0)
    figure = plotting.network(net, show_z=True)
    x = [each.x[0] for each in columns(figure)]
    weights = list(lines(figure, POSITIVE, NEGATIVE))
    assert {pair: weights.count(pair) for pair in weights} == {
        (x[0], x[1]): 12,
        (x[2], x[3]): 8,
        (x[0], x[3]): 1,
    }
    functions = list(lines(figure, EMPTY))
    assert functions == [(x[1], x[2])] * 4 + [(x[3], x[4])] * 4  # softmax: each value of all z


def test_a_sample_fills_the_circles_with_its_own_numbers() -> None:
    net = NetFactory([3, 4, 2], seed=0).new()
    sample = [0.5, -1.25, 2.0]
    figure = plotting.network(net, sample, show_z=True)
    net.forward(sample)
    numbers = [sample]
    for layer in list(net)[1:]:
        numbers += [[neuron.z for neuron in layer], [neuron.value for neuron in layer]]
    for trace, wanted in zip(columns(figure), numbers, strict=True):
        assert trace.marker.color == pytest.approx(wanted, rel=1e-6)
        assert trace.marker.cmin <= min(wanted)
        assert trace.marker.cmax >= max(wanted)
    for row in numbers[1:]:
        assert [f"{number:.2f}" for number in row] in [list(each.text or ()) for each in figure.data]
    assert "x<sub>2</sub> = -1.25" in texts(figure)


def test_images_have_their_tiles() -> None:
    X = np.random.default_rng(0).uniform(0, 1, (1, 64))
    for sizes, counts in (([64, 6, 10], [6, 6, 10, 10]), ([64, 10], [10, 10])):
        figure = plotting.network(NetFactory(sizes, seed=0).new(), X[0], show_z=True)
        assert [len(each.x) for each in columns(figure)] == counts
        assert len(figure.layout.images) == 3  # tiles, input, colour scale


def test_many_layers_make_the_figure_wider_and_many_neurons_are_cut() -> None:
    deep = plotting.network(NetFactory([3, *[4] * 5, 1], seed=0).new(), show_z=True)
    assert deep.layout.width > plotting.network(NetFactory([3, 4, 1], seed=0).new()).layout.width == 900
    assert [len(each.x) for each in columns(deep)] == [3, *[4] * 10, 1, 1]
    wide = plotting.network(NetFactory([3, 50, 2], seed=0).new(), show_z=True)
    assert "32 of 50 neurons" in texts(wide)
    assert [len(each.x) for each in columns(wide)] == [3, 32, 32, 2, 2]


def luminance(colour: str) -> float:
    parts = [part / 255 for part in rgb(colour)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(a * b for a, b in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


@pytest.mark.parametrize("colour", COLOURS)
def test_numbers_can_be_read_on_every_colour(colour: str) -> None:
    """WCAG 2.2, success criterion 1.4.3: a contrast of 4.5 : 1."""
    assert (luminance(colour) + 0.05) / (luminance(INK) + 0.05) >= 4.5


def test_show_z_must_be_true_or_false() -> None:
    with pytest.raises(InvalidTypeError, match="show_z must be True or False"):
        plotting.network(NetFactory([3, 2], seed=0).new(), show_z=1)  # type: ignore[arg-type]
