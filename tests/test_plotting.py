import json
import math
import os
import re
import struct
import zlib
from base64 import b64decode
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from commands import python
from hypothesis import example, given
from hypothesis import strategies as st
from slow import mostly_long

from slownet import Activation, DivergedError, Net, NetFactory, Weight, packages, plotting
from slownet.datasets import load_mnist, moons
from slownet.errors import FileError, InvalidTypeError, InvalidValueError, MissingPackageError
from slownet.functions import elu, leaky_relu
from slownet.plotting import lines
from slownet.plotting.images import (
    FIRST,
    LEVELS,
    REMOVED,
    blend,
    diverging_levels,
    diverging_palette,
)
from slownet.plotting.plane import values_over
from slownet.plotting.plane_drawing import Surfaces
from slownet.plotting.scene import Scene
from slownet.recording import History

HOSTILE = "<img src=x onerror=alert(1)>"
LONG = "a class name that is much too long to fit anywhere at all"


def digits(count=60, seed=0):
    """Draw noisy 8 x 8 images of ten classes: a bright row or column each."""
    noise = np.random.default_rng(seed)
    labels = np.arange(count) % 10
    images = noise.uniform(0.0, 0.2, (count, 8, 8))
    for image, label in zip(images, labels, strict=True):
        line = image[label % 5 + 1] if label < 5 else image[:, label % 5 + 1]
        line[:] = 1.0
    return images.reshape(count, 64), labels


def fitted(dims, X, y, watch=True, snapshots=8, epochs=3, **options):
    net = NetFactory(dims, seed=3, **options).new()
    history = net.fit(
        X,
        y,
        epochs=epochs,
        batch_size=10,
        learning_rate=0.2,
        snapshots=snapshots,
        watch=(X, y) if watch else None,
        progress=False,
    )
    return net, history


@pytest.fixture(scope="module")
def image_run():
    return fitted([64, 6, 10], *digits(), epochs=20)


@pytest.fixture(scope="module")
def named_run():
    X = np.random.default_rng(0).normal(size=(60, 4))
    y = [[HOSTILE, "setosa", LONG][k] for k in X[:, :3].argmax(axis=1)]
    return fitted([4, 6, 3], X, y)


@pytest.fixture(scope="module")
def moons_run():
    X, y = moons(60, 0.1, 0)
    return fitted([2, 4, 1], X, y, hidden_activation="tanh")


@pytest.fixture(scope="module")
def number_run():
    X = np.random.default_rng(0).normal(size=(60, 3))
    return fitted([3, 4, 1], X, X[:, 0] - X[:, 1], output_activation="linear")


def numbers_of(net):
    neurons = [(n.z, n.value, n.delta, n.bias, n.bias_grad) for n in net.neurons()]
    return neurons, [(w.value, w.grad) for w in net.weights()], net.samples


def texts_in(thing):
    """Yield every text in a figure."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from texts_in(value)
    elif isinstance(thing, (list, tuple)):
        for value in thing:
            yield from texts_in(value)


def pixels(uri):
    """Decode a PNG with a palette or of grey as `images.png` writes it."""
    data = b64decode(uri.removeprefix("data:image/png;base64,"), validate=True)
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert depth == 8
    channels = 3 if kind == 2 else 1
    packed = b"".join(re.findall(rb"IDAT(.*?)....IEND", data[8:], re.DOTALL)).rsplit(b"\0\0\0\0", 1)[0]
    rows = np.frombuffer(zlib.decompressobj().decompress(packed), np.uint8)
    return rows.reshape(height, 1 + width * channels)[:, 1:]


def value_traces(figure, layer_size):
    """Return the indices of the traces whose circles are filled by the values of a layer."""
    return [
        k
        for k, trace in enumerate(figure.data)
        if "value %{marker.color" in (trace.hovertemplate or "") and len(trace.x) == layer_size
    ]


def frame_data(frame, index):
    return frame.data[list(frame.traces).index(index)]


# the animation


def test_animation_has_a_frame_and_a_slider_step_for_every_snapshot(image_run):
    _, history = image_run
    figure = plotting.animation(history)
    assert isinstance(figure, go.Figure)
    names = [f"{snapshot.step:,}" for snapshot in history.snapshots]
    assert [frame.name for frame in figure.frames] == names
    slider = figure.layout.sliders[0]
    assert [step.label for step in slider.steps] == names
    assert [step.args[0] for step in slider.steps] == [(name,) for name in names]
    timings = [step.args[1] for step in slider.steps]
    buttons = figure.layout.updatemenus[0].buttons
    timings += [button.args[1] for button in buttons]
    assert not any(timing["frame"]["redraw"] for timing in timings)
    assert [button.label for button in buttons] == ["▶ Play", "Slowly", "❚❚ Pause"]


def test_every_frame_touches_every_subplot(image_run, moons_run, named_run, number_run):
    for _, history in (image_run, moons_run, named_run, number_run):
        figure = plotting.animation(history)
        axes = {trace.xaxis or "x" for trace in figure.data}
        for frame in figure.frames:
            assert {figure.data[k].xaxis or "x" for k in frame.traces} == axes
            kinds = {figure.data[k].type for k in frame.traces}
            assert kinds == {"scatter"}  # others are not updated without a redraw


def test_neurons_show_the_values_of_the_snapshots(image_run):
    _, history = image_run
    figure = plotting.animation(history)
    for layer, size in ((1, 6), (2, 10)):
        traces = value_traces(figure, size)
        assert len(traces) == 10  # one for each of the samples to choose from
        for sample, index in enumerate(traces):
            assert figure.data[index].visible == (sample == 0)
            for frame, snapshot in zip(figure.frames, history.snapshots, strict=True):
                shown = frame_data(frame, index).marker.color
                assert shown == pytest.approx(snapshot.layer_values(layer, sample), rel=1e-6)


def test_the_first_moment_is_drawn_before_any_frame(image_run):
    _, history = image_run
    figure = plotting.animation(history)
    for index, change in zip(figure.frames[0].traces, figure.frames[0].data, strict=True):
        before, first = figure.data[index].to_plotly_json(), change.to_plotly_json()
        for key in ("x", "y", "text"):
            if key in first:
                np.testing.assert_array_equal(np.asarray(before[key]), np.asarray(first[key]))
    assert figure.layout.images[0].source == figure.frames[0].layout.images[0].source


def test_status_tells_step_epoch_loss_and_accuracy_of_the_moment(image_run):
    _, history = image_run
    figure = plotting.animation(history)
    for frame, snapshot in zip(figure.frames, history.snapshots, strict=True):
        texts = [text for trace in frame.data for text in trace.text or () if text.startswith("step ")]
        plain = re.sub("<.*?>", "", texts[0])
        assert plain == (
            f"step {snapshot.step:,} · epoch {snapshot.epoch:.2f} · "
            f"watched loss {snapshot.watch_loss:.3f} · "
            f"watched accuracy {snapshot.watch_accuracy:.1%} of {len(history.watch.samples)}"
        )


def test_texts_tell_probabilities_and_whether_the_net_is_right(image_run):
    _, history = image_run
    figure = plotting.animation(history)
    verdicts = set()
    for frame, snapshot in zip(figure.frames, history.snapshots, strict=True):
        texts = [t.text for t in frame.data if t.text is not None and len(t.text) == 11]
        assert len(texts) == 10
        for sample, (verdict, *shares) in enumerate(texts):
            values = snapshot.layer_values(2, sample)
            says = int(np.argmax(values))
            right = says == history.watch.labels[sample]
            assert verdict == f"says <b>{says}</b> {'✓ right' if right else '✗ wrong'}"
            assert [re.sub("<.*?>", "", s).split()[0] for s in shares] == [f"{v:.0%}" for v in values]
            assert ("✓" in shares[says]) == right
            assert right or "true" in shares[history.watch.labels[sample]]
            verdicts.add(right)
    assert verdicts == {True, False}


def test_bars_are_as_long_as_the_probabilities(image_run):
    _, history = image_run
    figure = plotting.animation(history)
    trough = next(t for t in figure.data if t.line.color == "#ebeef1")
    start, end = trough.x[0], trough.x[1]
    bars = [k for k, t in enumerate(figure.data) if t.visible and t.line.width == trough.line.width]
    assert len(bars) == 2
    for frame, snapshot in zip(figure.frames, history.snapshots, strict=True):
        values = snapshot.layer_values(2, 0)
        ends = np.nanmax([np.asarray(frame_data(frame, k).x)[1::3] for k in bars], axis=0)
        assert (ends - start) / (end - start) == pytest.approx(values, abs=1e-5)
        chosen = int(np.argmax(values))
        colours = [
            frame_data(frame, k).line.color
            for k in bars
            if np.isfinite(frame_data(frame, k).x[3 * chosen + 1])
        ]
        assert set(colours) == {"#00786c" if chosen == 0 else "#b3123e"}


def test_tiles_follow_the_weights(image_run):
    _, history = image_run
    figure = plotting.animation(history)
    sources = [frame.layout.images[0].source for frame in figure.frames]
    assert len(set(sources)) == len(sources)
    last = history.snapshots[-1].matrix(0, 1)[0].reshape(8, 8)
    tile = pixels(sources[-1])[:8, :8]  # the first neuron's tile is in the upper left corner
    order = np.argsort(last.ravel())
    assert (np.diff(tile.ravel()[order].astype(int)) >= 0).all()
    middle = tile[np.unravel_index(np.abs(last).argmin(), (8, 8))]
    assert abs(int(middle) - 14) <= 1


def test_edges_are_the_weights_by_sign(named_run):
    _, history = named_run
    figure = plotting.animation(history)
    counts = {"#0b5fa5": 0, "#d1670a": 0}
    last = figure.frames[-1]
    for index, change in zip(last.traces, last.data, strict=True):
        colour = figure.data[index].line.color
        if figure.data[index].opacity is not None and colour in counts:
            counts[colour] += int((np.asarray(change.y)[0::3] < 1000).sum())
    weights = np.array(history.snapshots[-1].weights)
    assert counts == {"#0b5fa5": (weights > 0).sum(), "#d1670a": (weights < 0).sum()}


def test_buttons_show_one_sample_and_its_image(image_run):
    _, history = image_run
    figure = plotting.animation(history)
    menu = figure.layout.updatemenus[1]
    assert [button.label for button in menu.buttons] == [str(k) for k in range(10)]
    own = [k for k, trace in enumerate(figure.data) if trace.visible is not None]
    for sample, button in enumerate(menu.buttons):
        data, layout, traces = button.args
        assert list(traces) == own
        shown = [k for k, visible in zip(traces, data["visible"], strict=True) if visible]
        assert value_traces(figure, 10)[sample] in shown
        assert len(shown) == len(own) / 10
        (image,) = (int(re.findall(r"\d+", key)[0]) for key, on in layout.items() if on)
        ink = pixels(figure.layout.images[image].source).astype(float).ravel()
        sample_values = np.array(history.watch.samples[sample])
        assert np.corrcoef(ink, sample_values)[0, 1] < -0.999  # dark where the number is high


def test_cursor_is_at_the_step_and_on_the_curve(image_run):
    _, history = image_run
    figure = plotting.animation(history)
    for axis, which in (("x2", "watch_loss"), ("x3", "watch_accuracy")):
        index = next(
            k for k, t in enumerate(figure.data) if t.xaxis == axis and t.mode == "lines+markers"
        )
        for frame, snapshot in zip(figure.frames, history.snapshots, strict=True):
            change = frame_data(frame, index)
            assert set(change.x) == {max(snapshot.step, 0.5)}
            assert change.y[1] == getattr(snapshot, which)


def test_without_snapshots_or_history_the_error_says_what_to_do():
    with pytest.raises(InvalidValueError, match=r"fit\(snapshots=100, watch=\(X, y\)\)"):
        plotting.animation(History())
    with pytest.raises(InvalidTypeError, match="not Net"):
        plotting.animation(NetFactory([2, 1]).new())


def test_without_watched_samples_the_neurons_are_empty():
    for dims, (X, y) in (([64, 6, 10], digits()), ([2, 4, 1], moons(40, 0.1, 0))):
        _, history = fitted(dims, X, y, watch=False)
        figure = plotting.animation(history)
        assert len(figure.frames) == len(history.snapshots)
        assert not value_traces(figure, dims[1])
        texts = " ".join(texts_in(figure.frames[-1].to_plotly_json()))
        cursor = next(trace for trace in figure.frames[-1].data if len(trace.x or ()) == 3)
        assert f"training loss <b>{cursor.y[1]:.3f}</b>" in texts
        assert re.search(r"training accuracy <b>[0-9.]+%</b> over a batch of \d+", texts)


def test_the_status_counts_the_batches_that_there_were():
    X, y = moons(40, 0.1, 0)
    net = NetFactory([2, 3, 1], seed=0).new()
    history = net.fit(X, y, epochs=30, batch_size=5, snapshots=9, progress=False)
    figure = plotting.animation(history)
    found = []
    for frame in figure.frames:
        texts = " ".join(texts_in(frame.to_plotly_json()))
        found += re.findall(r"</b> over (\S+) batch(?:es)? of 5", texts)
    wanted = [min(5, max(1, snapshot.step)) for snapshot in history.snapshots]
    assert found == ["a" if count == 1 else str(count) for count in wanted]
    assert 1 < wanted[2] < 5


def test_number_targets_have_no_accuracy(number_run):
    _, history = number_run
    figure = plotting.animation(history)
    texts = " ".join(texts_in(figure.to_plotly_json()))
    assert "Accuracy" not in texts
    assert "✓" not in texts
    value = history.snapshots[-1].layer_values(2, 0)[0]
    target = history.watch.labels[0]
    assert f"says <b>{value:.3g}</b> · target {target:.3g}" in " ".join(
        texts_in(figure.frames[-1].to_plotly_json())
    )


BUMP = Activation("bump", lambda z: z / (1 + abs(z)), lambda z: 1 / ((1 + abs(z)) * (1 + abs(z))))


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", leaky_relu(0.5), elu(3.0), BUMP])
def test_plane_shows_what_the_net_says(activation):
    X, y = moons(40, 0.1, 0)
    net, history = fitted([2, 4, 1], X, y, hidden_activation=activation)
    scene = Scene.of_history(history)
    points = np.asarray(X, dtype=float)
    found = values_over(scene, points, len(history.snapshots) - 1)
    for point, value, hidden in zip(points, found[2][:, 0], found[1], strict=True):
        assert net.forward(point.tolist())[0] == pytest.approx(value, abs=2e-3)
        assert [n.value for n in net.layers[1].neurons.values()] == pytest.approx(hidden, abs=2e-3)
    figure = plotting.animation(history)
    assert len(figure.frames[0].layout.images) == 3  # hidden tiles, output tile, large surface
    (index,) = (k for k, trace in enumerate(figure.data) if trace.xaxis == "x5")
    for frame, snapshot in zip(figure.frames, history.snapshots, strict=True):
        rings = np.asarray(frame_data(frame, index).marker.line.width) == 3
        assert 1.0 - rings.mean() == pytest.approx(snapshot.watch_accuracy)


@pytest.mark.long
def test_plane_of_classes_and_of_numbers():
    X = np.random.default_rng(0).uniform(-1, 1, (60, 2))
    _, classes = fitted([2, 5, 3], X, ["left" if a < 0 else "top" if b > 0 else HOSTILE for a, b in X])
    _, number = fitted([2, 4, 1], X, X[:, 0], output_activation="linear")
    for history in (classes, number):
        figure = plotting.animation(history)
        assert any(trace.xaxis == "x5" for trace in figure.data)
    texts = " ".join(texts_in(plotting.animation(classes).to_plotly_json()))
    assert "<img" not in texts


@pytest.mark.parametrize(
    "activation", mostly_long(["relu", BUMP, "tanh", "linear", "softplus", "softmax"], 2)
)
def test_tiles_have_one_scale_at_all_moments(activation):
    """The colour of a value is the same at any moment, and full at the largest of all moments."""
    X, y = moons(40, 0.1, 0)
    _, history = fitted([2, 5, 4, 1], X, y, hidden_activation=activation, epochs=20)
    scene = Scene.of_history(history)
    surfaces = Surfaces(scene)
    moments = range(len(history.snapshots))
    low, high = scene.activation(1).range
    for layer in (1, 2):
        shares = np.array([surfaces.tiles(layer, moment) for moment in moments])
        middle, reach = surfaces.scales[layer]
        values = np.array(
            [values_over(scene, surfaces.tile.points, moment)[layer].T for moment in moments]
        )
        found = shares.reshape(values.shape) * reach + middle
        np.testing.assert_allclose(found, values, atol=1e-12)
        if math.isfinite(low) and math.isfinite(high):
            assert (middle - reach, middle + reach) == (low, high)
        else:
            assert middle == 0.0
            assert np.abs(shares).max() == 1.0
    texts = " ".join(texts_in(plotting.animation(history).to_plotly_json()))
    assert surfaces.key in texts.replace("<br>", " ")
    assert surfaces.key.endswith("0 to 1, layer by layer." if activation != "softmax" else ": 0 to 1.")


@pytest.mark.parametrize(
    ("low", "high"), mostly_long([(0, 6), (-2.0, 2.0), (0.25, 0.75), (-1.0, math.inf)], 2, several=True)
)
def test_the_range_of_an_own_activation_is_what_colours_span(low, high):
    def clipped(z):
        return max(float(low), min(float(min(high, 50.0)), z))

    own = Activation(
        "own <i>one</i>", clipped, lambda z, value: 1.0 if value == z else 0.0, range=(low, high)
    )
    X, y = moons(40, 0.1, 0)
    _, history = fitted([2, 4, 1], X, y, hidden_activation=own)
    middle, reach = Surfaces(Scene.of_history(history)).scales[1]
    if high < math.inf:
        assert (middle - reach, middle + reach) == (low, high)
    wide = np.hstack([X, X])
    _, history = fitted([4, 4, 1], wide, y, hidden_activation=own)
    figure = plotting.animation(history)
    markers = [trace.marker for trace in figure.data if trace.mode == "markers"]
    ends = {(marker.cmin, marker.cmax) for marker in markers}
    assert ((low, high) in ends) == (high < math.inf)
    texts = " ".join(texts_in(figure.to_plotly_json()))
    assert "own &lt;i&gt;one&lt;/i&gt;" in texts
    assert "<i>" not in texts


def test_points_and_surface_of_numbers_have_one_scale():
    X, _ = moons(40, 0.1, 0)
    y = 3.0 * X[:, 0]
    _, history = fitted([2, 4, 1], X, y, output_activation="linear")
    figure = plotting.animation(history)
    (points,) = (trace for trace in figure.data if trace.xaxis == "x5")
    middle, reach = Surfaces(Scene.of_history(history)).scales[2]
    assert (points.marker.cmin, points.marker.cmax) == (middle - reach, middle + reach)
    assert (middle - reach, middle + reach) == pytest.approx((y.min(), y.max()))


def test_planes_follow_an_activation_that_changes():
    class Change:
        def on_epoch_begin(self, training):
            if training.epoch == 2:
                training.net.layers[1].activation = "relu"

    X, y = moons(40, 0.1, 0)
    net = NetFactory([2, 4, 1], "tanh", seed=1).new()
    before = net.copy()
    history = net.fit(X, y, epochs=2, snapshots=3, watch=(X[:5], y[:5]), callbacks=[Change()])
    scene = Scene.of_history(history)
    first = values_over(scene, X, 0)[2][:, 0]
    last = values_over(scene, X, len(history.snapshots) - 1)[2][:, 0]
    assert first.tolist() == pytest.approx([before.forward(x)[0] for x in X], abs=2e-3)
    assert last.tolist() == pytest.approx([net.forward(x)[0] for x in X], abs=2e-3)


def test_a_diverged_history_can_be_shown(tmp_path):
    net = NetFactory([2, 1], output_activation="linear", seed=0).new()
    with pytest.raises(DivergedError) as caught:
        net.fit([[1e3, 2e3]] * 4, [1.0, 2.0, 3.0, 4.0], epochs=500, learning_rate=10.0, snapshots=10)
    with np.errstate(all="ignore"):
        caught.value.history.write_html(tmp_path / "diverged.html")


def test_snapshots_of_different_graphs():
    X, y = digits()
    net = NetFactory([64, 6, 5, 10], seed=3).new()

    class Prune:
        def on_step_end(self, training):
            weights = list(training.net.layers[2].neurons[0].weights["in"].values())
            if training.step == 4:
                weights[0].remove()
                next(iter(net.layers[1].neurons[0].weights["in"].values())).remove()

    history = net.fit(
        X, y, epochs=2, batch_size=10, snapshots=[0, 3, 5, 8], watch=(X, y), callbacks=[Prune()],
        progress=False,
    )  # fmt: skip
    assert len({id(snapshot.graph) for snapshot in history.snapshots}) == 2
    figure = plotting.animation(history)
    removed = [(pixels(frame.layout.images[0].source) == 1).sum() for frame in figure.frames]
    assert removed[:2] == [0, 0]
    assert set(removed[2:]) == {1}


def test_skip_connections_are_drawn():
    factory = NetFactory([3, 4, 2], seed=0)
    net = factory.new()
    factory.connect_layers(net.layers[0], net.layers[2])
    drawn = []
    for trace in plotting.network(net, [0.1, 0.2, 0.3]).data:
        if trace.line.color in ("#0b5fa5", "#d1670a"):
            xs, ys = np.asarray(trace.x), np.asarray(trace.y)
            drawn += [(xs[k], xs[k + 1]) for k in range(0, len(xs), 3) if ys[k] < 1000]
    columns = sorted({x for pair in drawn for x in pair})
    assert len(columns) == 3
    assert drawn.count((columns[0], columns[2])) == 6
    assert len(drawn) == 12 + 8 + 6


def test_layers_of_many_neurons_are_cut_and_the_figure_says_so():
    net = NetFactory([64, 80, 50, 10], seed=0).new()
    texts = " ".join(texts_in(plotting.network(net).to_plotly_json()))
    assert "60 of 80 hidden neurons" in texts
    assert "32 of 50 neurons" in texts
    assert "strongest weights are drawn" in texts
    assert "strongest weights" not in " ".join(
        texts_in(plotting.network(NetFactory([4, 5, 3], seed=0).new()).to_plotly_json())
    )


def test_the_strongest_neurons_are_kept():
    net = NetFactory([3, 40, 2], seed=0).new()
    for weight in net.layers[1].neurons[7].weights["in"].values():
        weight.value = 0.0
    for weight in net.layers[1].neurons[7].weights["out"].values():
        weight.value = 0.0
    figure = plotting.network(net)
    drawn = {text for trace in figure.data if trace.mode == "markers" for text in trace.text or ()}
    assert "layer 1 neuron 7" not in drawn
    assert sum(text.startswith("layer 1 neuron") and "→" not in text for text in drawn) == 32


# names and escaping


def test_names_are_escaped_and_shortened_everywhere(named_run):
    net, history = named_run
    X, y = history.watch.samples, history.watch.labels
    figures = [
        plotting.animation(history),
        plotting.network(net, X[0]),
        plotting.confusion(net, X, y),
    ]
    for figure in figures:
        texts = list(texts_in(json.loads(json.dumps(figure.to_plotly_json(), default=str))))
        assert any("&lt;img" in text for text in texts)
        assert not any("<img" in text or LONG in text for text in texts)


# figures that stand still


def test_network_shows_the_sample_and_leaves_the_net_alone(image_run):
    net, _ = image_run
    X, _ = digits()
    before = numbers_of(net)
    figure = plotting.network(net, X[3])
    assert numbers_of(net) == before
    twin = net.copy()
    twin.forward(X[3])
    (hidden,) = value_traces(figure, 6)
    expected = [neuron.value for neuron in twin.layers[1].neurons.values()]
    assert figure.data[hidden].marker.color == pytest.approx(expected, rel=1e-6)
    assert not figure.frames


def test_network_refuses_what_it_cannot_draw():
    net = NetFactory([3, 2], seed=0).new()
    with pytest.raises(InvalidTypeError, match="net must be a Net"):
        plotting.network("net")
    with pytest.raises(InvalidValueError):
        plotting.network(Net())
    with pytest.raises(InvalidValueError, match="3"):
        plotting.network(net, [1.0, 2.0])
    with pytest.raises(InvalidValueError, match="nan"):
        plotting.network(net, [1.0, 2.0, float("nan")])


def test_network_of_images_without_hidden_layer():
    X, _ = digits()
    figure = plotting.network(NetFactory([64, 10], seed=0).new(), X[0])
    assert len(figure.layout.images) == 3  # tiles, input, colour scale
    assert value_traces(figure, 10)


def test_curves_show_steps_epochs_and_validation():
    X, y = digits()
    net = NetFactory([64, 6, 10], seed=0).new()
    history = net.fit(X, y, epochs=4, batch_size=1, validation_data=(X, y), progress=False)
    figure = plotting.curves(history)
    assert figure.layout.yaxis.type == "log"
    by_name = {(trace.name, trace.yaxis or "y"): trace for trace in figure.data}
    batches = by_name["training batches of 1", "y"]
    assert list(batches.x) == history.steps
    assert list(batches.y) == history.loss
    mean = by_name["training, mean of 5 batches of 1", "y"]
    assert mean.y[0] == history.loss[0]
    assert mean.y[9] == pytest.approx(np.mean(history.loss[5:10]))
    names = ("training, whole epoch (60 samples)", ""), ("validation (60 samples)", "validation_")
    for name, field in names:
        for axis, which in (("y", "loss"), ("y2", "accuracy")):
            trace = by_name[name, axis]
            assert list(trace.x) == [record.step for record in history.epochs]
            assert list(trace.y) == [getattr(record, field + which) for record in history.epochs]


def test_curves_of_several_trainings_have_a_colour_each(number_run):
    def trained(rate, **options):
        net = NetFactory([2, 3, 1], seed=0).new()
        X, y = [[0.0, 1.0], [1.0, 0.0]] * 40, [0, 1] * 40
        return net.fit(X, y, epochs=3, batch_size=8, learning_rate=rate, progress=False, **options)

    validated = trained(0.5, validation_data=([[0.0, 1.0]], [0]))
    runs = {"<b>slow</b>": trained(0.01), "%{x} fast": validated}
    figure = plotting.curves(runs)
    names = ["&lt;b&gt;slow&lt;/b&gt;", "%{x} fast", "%{x} fast, validation"]
    assert [trace.name for trace in figure.data] == names * 2
    slow, fast, dotted = figure.data[:3]
    assert slow.line.color != fast.line.color == dotted.line.color
    assert "%{x} fast" not in fast.hovertemplate
    assert list(slow.y) == pytest.approx(list(runs["<b>slow</b>"].loss))  # a window of one batch
    assert list(dotted.y) == [record.validation_loss for record in validated.epochs]
    listed = plotting.curves([validated, number_run[1]])
    assert {trace.name for trace in listed.data} == {"1", "1, validation", "2"}
    assert len(plotting.curves([number_run[1]]).data) == 1
    many = plotting.curves([validated] * 23)
    styles = {(trace.line.color, trace.line.dash) for trace in many.data if trace.line.dash != "dot"}
    assert len(styles) == 23
    for wrong, error in ({}, ValueError), ([], ValueError), ({"a": 3}, TypeError), ("ab", TypeError):
        with pytest.raises(error):
            plotting.curves(wrong)


def test_curves_of_numbers_have_one_panel(number_run):
    figure = plotting.curves(number_run[1])
    assert {trace.yaxis for trace in figure.data} == {"y"}
    with pytest.raises(InvalidValueError, match="fit"):
        plotting.curves(History())
    with pytest.raises(InvalidTypeError):
        plotting.curves([0.3, 0.2])


def test_weight_images_show_the_weights(image_run):
    net, _ = image_run
    figure = plotting.weight_images(net)
    drawn = next(trace for trace in figure.data if "weight %{" in (trace.hovertemplate or ""))
    expected = [w.value for n in net.layers[1].neurons.values() for w in n.weights["in"].values()]
    assert list(drawn.marker.color) == expected
    bar = next(trace for trace in figure.data if trace.marker.showscale).marker
    assert bar.cmax == -bar.cmin == max(map(abs, expected))
    wide = plotting.weight_images(NetFactory([4, 120, 2], seed=0).new())
    assert "first 100 of 120 neurons" in wide.layout.title.text


def coloured(bar, numbers):
    """The colours that a colour bar gives numbers."""
    places = (np.asarray(numbers) - bar.cmin) / (bar.cmax - bar.cmin)
    return blend([tuple(stop) for stop in bar.colorscale], np.clip(places, 0.0, 1.0)).astype(int)


def test_colour_bars_have_the_colours_of_their_pictures(image_run, moons_run):
    net, _ = image_run
    figure = plotting.weight_images(net)
    bar = next(trace for trace in figure.data if trace.marker.showscale).marker
    drawn = next(trace for trace in figure.data if "weight %{" in (trace.hovertemplate or ""))
    columns, rows = np.array(drawn.x, int), np.array(drawn.y, int)
    found = diverging_palette()[pixels(figure.layout.images[0].source)][rows, columns].astype(int)
    for colour, weight in zip(found, drawn.marker.color, strict=True):
        step = (bar.cmax - bar.cmin) / (LEVELS - 1) / 2.0 * 1.001
        ends = coloured(bar, np.linspace(weight - step, weight + step, 21))
        assert (ends.min(axis=0) - 1 <= colour).all()
        assert (colour <= ends.max(axis=0) + 1).all()
    net, history = moons_run
    figure = plotting.decision_boundary(net, history.watch.samples, history.watch.labels)
    bar = next(t for t in figure.data if t.type == "scatter" and t.marker.showscale).marker
    surface = next(trace for trace in figure.data if trace.type == "heatmap")
    found = pixels(figure.layout.images[0].source).astype(int).reshape(*np.shape(surface.z), 3)
    assert np.abs(found - coloured(bar, np.array(surface.z))).max() <= 1
    points = next(trace for trace in figure.data if trace.type == "scatter" and len(trace.x) == 60)
    named = re.findall(r'color:(#\w+)">.</span> (\S+)', figure.layout.title.text)
    assert {(name, colour) for colour, name in named} == {
        (str(label), colour)
        for label, colour in zip(history.watch.labels, points.marker.color, strict=True)
    }


def test_weight_images_say_why_not():
    net = NetFactory([5, 4, 3], seed=0).new()
    with pytest.raises(InvalidValueError, match=r"5 weights .* 4 or 9"):
        plotting.weight_images(net)
    with pytest.raises(InvalidValueError, match="no layer 7"):
        plotting.weight_images(net, 7)
    with pytest.raises(InvalidValueError, match="input layer"):
        plotting.weight_images(net, 0)
    Weight(((0, 0), (2, 0)), net.layers[2].neurons[0], net.layers[0].neurons[0])
    with pytest.raises(InvalidValueError, match=r"layers \[0, 1\]"):
        plotting.weight_images(net, 2)
    assert plotting.weight_images(NetFactory([5, 4, 3], seed=0).new(), 2)


def test_decision_boundary_of_one_output_and_of_classes(moons_run):
    net, history = moons_run
    X, y = history.watch.samples, history.watch.labels
    before = numbers_of(net)
    figure = plotting.decision_boundary(net, X, y)
    assert numbers_of(net) == before
    surface = next(trace for trace in figure.data if trace.type == "heatmap")
    twin = net.copy()
    for row, column in ((0, 0), (50, 20), (99, 99)):
        point = [surface.x[column], surface.y[row]]
        assert surface.z[row][column] == twin.forward(point)[0]
    points = next(trace for trace in figure.data if trace.type == "scatter" and len(trace.x) == 60)
    assert {symbol for symbol, k in zip(points.marker.symbol, y, strict=True) if k} == {"diamond"}
    assert set(points.marker.symbol) == {"circle", "diamond"}
    three = NetFactory([2, 3, 3], seed=0).new()
    many = plotting.decision_boundary(three, X, [k % 3 for k in range(60)])
    points = next(trace for trace in many.data if trace.type == "scatter")
    assert len(set(points.marker.symbol)) == len(set(points.marker.color)) == 3


def test_decision_boundary_says_why_not(image_run):
    with pytest.raises(InvalidValueError, match="2 inputs, but this one has 64"):
        plotting.decision_boundary(image_run[0], *digits())
    yes_no = NetFactory([2, 3, 2], output_activation="sigmoid", seed=0).new()
    with pytest.raises(InvalidValueError, match="2 outputs"):
        plotting.decision_boundary(yes_no, [[0, 1]], [[0, 1]])


def test_confusion_counts(moons_run, named_run, number_run):
    for net, history in (moons_run, named_run):
        X, y = history.watch.samples, history.watch.labels
        cells = plotting.confusion(net, X, y).data[0]
        labels = net.classes or [0, 1]
        predicted = net.predict(X)
        for i, true in enumerate(labels):
            for j, value in enumerate(labels):
                pairs = zip(y, predicted, strict=True)
                assert cells.text[i][j] == sum(a == true and b == value for a, b in pairs)
    net, history = number_run
    with pytest.raises(InvalidValueError, match="numbers"):
        plotting.confusion(net, history.watch.samples, history.watch.labels)


# files


def test_a_page_is_one_offline_file(tmp_path, named_run):
    figure = plotting.animation(named_run[1])
    path = plotting.save(figure, str(tmp_path / "run.html"))
    assert path == tmp_path / "run.html"
    text = path.read_text(encoding="utf-8")
    assert "<title>How this 4-6-3 net learned</title>" in text
    own = text.replace(_plotly_js(), "")
    assert len(own) < 1_500_000
    assert "\\u002f" not in own
    assert not re.search(r"(src|href)=.https?:", own)
    assert "cdn" not in own
    assert own.count("<script") == 3
    data = own[own.index("const figure = ") :]
    assert "<" not in data[: data.index(";\nPlotly.newPlot")]
    assert [path.name for path in tmp_path.iterdir()] == ["run.html"]


def _plotly_js():
    from plotly.offline import get_plotlyjs

    return get_plotlyjs()


def test_saving_replaces_a_file_only_when_all_is_written(tmp_path, monkeypatch):
    path = tmp_path / "old.html"
    path.write_text("old")

    def fail(*_):
        raise OSError("disk full")

    figure = go.Figure()
    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        plotting.save(figure, path)
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["old.html"]
    monkeypatch.undo()
    plotting.save(figure, path)
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    if os.name == "posix":
        other = tmp_path / "other"
        other.touch()
        assert path.stat().st_mode == other.stat().st_mode


def test_saving_refuses(tmp_path):
    with pytest.raises(InvalidValueError, match="does not exist"):
        plotting.save(go.Figure(), tmp_path / "nowhere" / "a.html")
    with pytest.raises(InvalidValueError, match="folder"):
        plotting.save(go.Figure(), tmp_path)
    with pytest.raises(InvalidTypeError):
        plotting.save({}, tmp_path / "a.html")
    with pytest.raises(InvalidTypeError):
        plotting.save(go.Figure(), 3)
    for name in ("a.gif", "a.jpeg", "a.json", "a", "a.html.png.txt"):
        with pytest.raises(InvalidValueError, match=r"in \.html, \.htm, \.png, \.svg or \.pdf") as found:
            plotting.save(go.Figure(), tmp_path / name)
        assert "picture" not in str(found.value)  # of which PNG is one
    assert not list(tmp_path.iterdir())


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "begins"), [("a.PNG", b"\x89PNG"), ("a.svg", b"<svg"), ("a.pdf", b"%PDF")]
)
def test_figures_are_saved_as_pictures(tmp_path, named_run, name, begins):
    pytest.importorskip("kaleido")
    figure = plotting.network(named_run[0])
    content = plotting.save(figure, tmp_path / name).read_bytes()
    assert content.startswith(begins)
    if name == "a.PNG":
        size = struct.unpack(">2I", content[16:24])
        assert size == (2 * figure.layout.width, 2 * figure.layout.height)
    if name == "a.svg":
        assert b"Input" in content


@pytest.mark.long
@pytest.mark.parametrize(
    ("browser", "kind", "words"),
    [("/nowhere", MissingPackageError, "BROWSER_PATH"), ("/bin/false", FileError, "browser failed")],
)
def test_pictures_need_a_browser(tmp_path, monkeypatch, browser, kind, words):
    pytest.importorskip("kaleido")
    monkeypatch.setenv("BROWSER_PATH", browser)
    with pytest.raises(kind, match=words):
        plotting.save(go.Figure(), tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


def test_pictures_need_kaleido(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "find_spec", lambda package: None)
    packages.require.cache_clear()
    with pytest.raises(MissingPackageError, match=r'pip install "slownet\[images\]"'):
        plotting.save(go.Figure(), tmp_path / "a.svg")
    packages.require.cache_clear()


def test_backslashes_in_texts_survive(tmp_path):
    odd = "C:\\u002fnew </script><script>alert(1)</script>"
    path = plotting.save(go.Figure(layout={"title": {"text": odd}}), tmp_path / "a.html")
    text = path.read_text(encoding="utf-8")
    start = text.rindex("const figure = ") + len("const figure = ")
    assert json.JSONDecoder().raw_decode(text, start)[0]["layout"]["title"]["text"] == odd
    assert "</script><script>alert" not in text


def test_digits_of_mnist_fit_in_eight_megabytes(tmp_path):
    X, y = load_mnist("train", 300)
    net = NetFactory([784, 16, 10], seed=1).new()
    history = net.fit(
        X, y, batch_size=3, snapshots=100, watch=(X[:10], y[:10]), progress=False
    )  # fmt: skip
    assert len(history.snapshots) == 100
    path = history.write_html(tmp_path / "mnist.html")
    assert path.stat().st_size < 8_000_000


def test_plotting_is_loaded_only_when_asked_for():
    loaded = "print('plotly' in sys.modules)"
    code = f"import sys, slownet; slownet.verify; {loaded}; slownet.plotting.curves; {loaded}"
    assert python(code).split() == ["False", "True"]


@given(st.floats(-5.0, 5.0), st.floats(0.0, 3.0))
@example(0.02, 0.0)
def test_losses_have_two_to_ten_numbers_beside_them(low: float, decades: float) -> None:
    axis = lines.loss_axis([lines.line([1, 2], [10**low, 10 ** (low + decades)], "loss", "#000000")])
    bottom, top = axis["range"]
    assert 2 <= len(axis["tickvals"]) <= 10
    assert all(bottom <= np.log10(tick) <= top for tick in axis["tickvals"])
    gaps = np.diff(np.log10(axis["tickvals"])) / (top - bottom)
    assert (gaps > 0.07).all()


@pytest.mark.parametrize("value", [np.inf, -1e308])
def test_a_weight_beyond_all_others_is_drawn_as_the_strongest(value: float) -> None:
    net = NetFactory([64, 3, 2], seed=0).new()
    net.weight(1, (3, 2)).value = value
    for figure in plotting.network(net), plotting.weight_images(net):
        assert figure.layout.images
    levels = diverging_levels(np.array([value, 1e-3, np.nan]), 1e-3)
    assert levels.tolist() == [FIRST + (LEVELS - 1) * (value > 0), FIRST + LEVELS - 1, REMOVED]


@pytest.mark.parametrize("labels", [[], ["one"], ["a", "b", "c"]])
def test_labels_that_are_not_those_of_the_outputs_are_refused(labels: list[str], tmp_path: Path) -> None:
    """As in a run file that somebody has edited."""
    net = NetFactory([2, 3, 1], seed=0).new()
    X = [[0.0, 1.0], [1.0, 0.0]]
    history = net.fit(X, [0, 1], snapshots=2, watch=(X, [0, 1]), progress=False)
    history.classes = labels
    with pytest.raises(ValueError, match=f"{len(labels)} class labels, and its net 1 outputs"):
        history.write_html(tmp_path / "a.html")
