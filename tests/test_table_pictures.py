"""Pictures of nets that learned from a table: its own numbers and names, beside those of the net.

The numbers are computed here from the columns, not with the preparation.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slownet import History, LiveView, Net, NetFactory, compare, plotting, preprocessing
from slownet.datasets import read_csv
from slownet.live import view
from slownet.live.picture import Picture
from slownet.page import Page
from slownet.plotting.images import blend
from slownet.plotting.plane import plane_around, values_over
from slownet.plotting.plane_drawing import Surfaces
from slownet.plotting.scene import Scene
from slownet.plotting.style import DIVERGING, number_text
from slownet.plotting.units import Units, unscaled

COUNT = 60
NOISE = np.random.default_rng(0)
HOMES = pd.DataFrame(
    {
        "age": NOISE.integers(1, 90, COUNT).astype(float),
        "living area (m²)": NOISE.uniform(25, 240, COUNT).round(1),
        "street": NOISE.choice(["quiet", "loud", "<b>none</b>"], COUNT),
        "garden": NOISE.random(COUNT) > 0.5,
    }
)
PRICES = pd.Series(
    (40_000 + 1500 * HOMES["living area (m²)"] - 300 * HOMES["age"]).round(0), name="price (EUR)"
)
PEOPLE = pd.DataFrame(
    {
        "age": NOISE.integers(20, 71, COUNT).astype(float),
        "income": NOISE.uniform(10_000, 90_000, COUNT).round(0),
    }
)
SPENT = pd.Series((PEOPLE["income"] * 0.3 + PEOPLE["age"] * 100).round(2), name="spent (EUR)")
BUYS = pd.Series(np.where(PEOPLE["income"] > 800 * PEOPLE["age"], "buys", "leaves"), name="decision")
CENTRES = {  # what each preparation makes of a column
    "standardise": lambda column: (column.mean(), column.std(ddof=0)),
    "min-max": lambda column: (column.min(), column.max() - column.min()),
    "encode": lambda _: (0.0, 1.0),
}


def fitted(
    X: Any, y: Any, sizes: list[int], prepare: str | None = "standardise", **options: Any
) -> tuple[Net, History]:
    net = NetFactory(sizes, "tanh", options.pop("output", "linear"), seed=1).new()
    wanted = {"epochs": 8, "batch_size": 10, "learning_rate": 0.05, "snapshots": 4, "watch": (X, y)}
    history = net.fit(X, y, prepare=prepare, progress=False, **{**wanted, **options})
    return net, history


@pytest.fixture(scope="module")
def homes() -> tuple[Net, History]:
    return fitted(HOMES, PRICES, [6, 4, 1])


@pytest.fixture(scope="module")
def people() -> tuple[Net, History]:
    return fitted(PEOPLE, SPENT, [2, 5, 1])


@pytest.fixture(scope="module")
def buyers() -> tuple[Net, History]:
    return fitted(PEOPLE, BUYS, [2, 5, 1], output="sigmoid", learning_rate=0.3, epochs=30)


def texts_of(figure: go.Figure) -> list[str]:
    return [text for trace in figure.data if trace.mode == "text" for text in trace.text]


def trace_with(figure: go.Figure, text: str) -> Any:
    """Return the only trace that says something under the mouse, for the first sample."""
    found = [
        trace
        for trace in figure.data
        if trace.visible is not False
        and trace.hovertemplate
        and text in f"{trace.hovertemplate} {trace.text}"
    ]
    assert len(found) == 1, text
    return found[0]


# a net with one sample


def test_inputs_have_their_names_and_the_numbers_of_the_table(homes: tuple[Net, History]) -> None:
    figure = plotting.network(homes[0], HOMES.iloc[0])
    first, texts = HOMES.iloc[0], texts_of(figure)
    street = first["street"].replace("<", "&lt;").replace(">", "&gt;")
    assert f"age: {first['age']:.0f}" in texts
    assert f"living area (m²): {first['living area (m²)']:.0f}" in texts
    assert f"garden: {int(first['garden'])}" in texts
    assert [text for text in texts if text.startswith("street=") and text.endswith(": 1")] == [
        f"street={street}: 1"
    ]
    assert not any("<b>none" in text for text in texts)


def test_an_input_shows_both_of_its_numbers_under_the_mouse(homes: tuple[Net, History]) -> None:
    inputs = trace_with(plotting.network(homes[0], HOMES[:1]), "'age: ")
    age, area = HOMES["age"], HOMES["living area (m²)"]
    assert inputs.text[:2] == (f"age: {age[0]:.0f}", f"living area (m²): {area[0]:.4g}")
    prepared = [(column[0] - column.mean()) / column.std(ddof=0) for column in (age, area)]
    assert inputs.marker.color[:2] == pytest.approx(prepared, rel=1e-6)
    assert "in the net %{marker.color:.4f}" in inputs.hovertemplate


def test_predictions_and_targets_are_in_the_unit_of_the_target(homes: tuple[Net, History]) -> None:
    net, history = homes
    figure = plotting.animation(history)
    texts, last = texts_of(figure), history.snapshots[0].restore()
    wanted, predicted = PRICES[0], last.predict(HOMES[:1])[0]
    assert "<b>Output: price (EUR)</b>" in texts
    assert f"says <b>{predicted:,.0f}</b> · target {wanted:,.0f} EUR" in texts
    assert f"{PRICES.max():,.0f}" in texts
    mark = trace_with(figure, "target %{text}")
    assert mark.text == (f"{wanted:,.0f}",)
    output = trace_with(figure, "price (EUR): ")
    assert output.text == (f"price (EUR): {predicted:,.0f}",)
    value = (predicted - PRICES.mean()) / PRICES.std(ddof=0)
    assert output.marker.color[0] == pytest.approx(value, rel=1e-5)
    assert [button.label for button in figure.layout.updatemenus[1].buttons][:1] == [
        f"sample 1: {wanted:,.0f}"
    ]
    for text in texts_of(plotting.network(net, HOMES[:1])):
        assert not text.startswith("says") or text == f"says <b>{net.predict(HOMES[:1])[0]:,.0f}</b> EUR"


@pytest.mark.parametrize("prepare", ["standardise", None])
def test_several_numbers_are_named_by_few_digits(prepare: str | None, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(12, 3)), rng.normal(1e4, 300.0, (12, 2))
    net = NetFactory([3, 4, 2], output_activation="linear", seed=0).new()
    history = net.fit(
        X, y, prepare=prepare, watch=(X[:3], y[:3]), learning_rate=1e-9, snapshots=2, progress=False
    )
    buttons = plotting.animation(history).layout.updatemenus[1].buttons
    first, second = y[0]
    assert buttons[0].label == f"sample 1: {first:.0f}, {second:.0f}"
    digits = 7 if prepare else 4
    page = Page.open(history.write_html(tmp_path / "page.html"))
    assert page.facts["samples"][0]["name"] == f"{first:.{digits}g}, {second:.{digits}g}"


def test_a_row_may_come_in_any_way_that_predict_takes(homes: tuple[Net, History]) -> None:
    net = homes[0]
    shuffled = HOMES.iloc[:1][["garden", "street", "age", "living area (m²)"]]
    assert net.preparation is not None
    numbers = net.preparation.own(HOMES[:1])[0]
    rows = [HOMES.iloc[0], HOMES[:1], shuffled, shuffled.iloc[0], HOMES.iloc[0].tolist(), numbers]
    figures = [plotting.network(net, row).to_json() for row in rows]
    assert len(set(figures)) == 1


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (HOMES[:2], "one row, not 2"),
        ([1.0, 2.0], "sample"),
        (HOMES.iloc[0].drop("age"), "age"),
        ([30.0, 50.0, "windy", True], "windy"),
        ([float("nan"), 50.0, "quiet", True], "sample"),
    ],
)
def test_what_is_no_row_is_refused(homes: tuple[Net, History], row: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        plotting.network(homes[0], row)


def test_numbers_that_are_not_scaled_are_shown_once() -> None:
    X = PEOPLE / 100_000
    net, _ = fitted(X, BUYS, [2, 3, 1], None, output="sigmoid")
    figure = plotting.network(net, X[:1])
    assert f"income: {X['income'][0]:.3g}" in texts_of(figure)
    assert "in the net" not in figure.to_json()
    assert trace_with(figure, "'age'").marker.color[1] == pytest.approx(X["income"][0])


def test_an_array_has_its_own_numbers_and_no_names() -> None:
    rows = PEOPLE.to_numpy()
    net, _ = fitted(rows, SPENT.to_numpy(), [2, 3, 1])
    figure = plotting.network(net, rows[0])
    texts = texts_of(figure)
    assert f"x<sub>2</sub> = {rows[0, 1]:,.0f}" in texts
    assert "<b>Output</b>" in texts
    assert f"says <b>{net.predict(rows[:1])[0]:,.0f}</b>" in texts
    assert trace_with(figure, "input 1: ").text[1] == f"input 1: {rows[0, 1]:,.0f}"


def test_several_targets_have_their_names() -> None:
    both = pd.DataFrame({"spent (EUR)": SPENT, "visits": PEOPLE["age"] / 10})
    net, _ = fitted(PEOPLE, both, [2, 4, 2])
    figure = plotting.network(net, PEOPLE[:1])
    first, second = net.predict(PEOPLE[:1])[0]
    assert {"spent (EUR)", "visits", "<b>Output</b>"} <= set(texts_of(figure))
    assert f"says <b>{number_text(first)}, {number_text(second)}</b>" in texts_of(figure)


def test_weights_are_named_by_the_input_they_come_from(homes: tuple[Net, History]) -> None:
    hovered = [
        text
        for trace in plotting.network(homes[0]).data
        if "weight of" in (trace.hovertemplate or "")
        for text in trace.text
    ]
    assert "garden → layer 1 neuron 3" in hovered
    assert "layer 1 neuron 3 → price (EUR)" in hovered
    four = HOMES[["age", "living area (m²)"]].assign(rooms=PEOPLE["age"], income=PEOPLE["income"])
    net, _ = fitted(four, PRICES, [4, 3, 1])
    pixels = trace_with(plotting.weight_images(net), "customdata")
    assert list(pixels.customdata[:4]) == ["age", "living area (m²)", "rooms", "income"]


# planes


@pytest.mark.parametrize("prepare", CENTRES)
def test_a_plane_is_in_the_units_of_the_table(prepare: str) -> None:
    X = PEOPLE if prepare != "encode" else PEOPLE / [100, 100_000]
    net, _ = fitted(X, SPENT, [2, 4, 1], prepare, learning_rate=1e-9 if prepare == "encode" else 0.05)
    figure = plotting.decision_boundary(net, X, SPENT)
    for axis, name in (("xaxis", "age"), ("yaxis", "income")):
        column = X[name]
        margin = 0.12 * (column.max() - column.min())
        ends = [column.min() - margin, column.max() + margin]
        assert list(figure.layout[axis].range) == pytest.approx(ends)
        assert figure.layout[axis].title.text == name
    points = trace_with(figure, "target %{marker.color")
    assert points.x.tolist() == X["age"].tolist()
    assert points.y.tolist() == X["income"].tolist()
    assert points.marker.color == pytest.approx(SPENT.to_numpy())
    surface = trace_with(figure, "spent (EUR): %{z")
    for row, column in ((0, 0), (0, 99), (50, 20), (99, 99)):
        place = pd.DataFrame({"age": [surface.x[column]], "income": [surface.y[row]]})
        assert surface.z[row, column] == pytest.approx(net.predict(place)[0], rel=1e-6)
    bar = next(trace.marker for trace in figure.select_traces("scatter") if trace.marker.showscale)
    assert (bar.cmin, bar.cmax) == pytest.approx((SPENT.min(), SPENT.max()))
    assert bar.colorbar.title.text == "spent (EUR)"


def test_a_plane_of_classes(buyers: tuple[Net, History]) -> None:
    net, history = buyers
    figure = plotting.decision_boundary(net, PEOPLE, BUYS)
    surface = trace_with(figure, "output %{z")
    (left, right), (_, top) = figure.layout.xaxis.range, figure.layout.yaxis.range
    assert surface.x[0] == pytest.approx(left + (right - left) / 200)
    assert surface.y[0] < top
    place = pd.DataFrame({"age": [surface.x[70]], "income": [surface.y[40]]})
    assert surface.z[40, 70] == pytest.approx(net.predict_proba(place)[0, 1], rel=1e-6)
    points = trace_with(figure, "class buys")
    assert points.hovertemplate.startswith("age: %{x:.6~g}<br>income: %{y:.6~g}<br>")
    rings = trace_with(plotting.animation(history), "class buys").marker.line.width
    wrong = history.snapshots[0].restore().predict(PEOPLE) != BUYS
    assert (np.asarray(rings) == 3).tolist() == wrong.tolist()


def test_the_animation_of_a_plane(people: tuple[Net, History]) -> None:
    net, history = people
    scene = Scene.of_history(history)
    last = len(history.snapshots) - 1
    found = values_over(scene, PEOPLE.to_numpy(), last)
    wanted = (net.predict(PEOPLE) - SPENT.mean()) / SPENT.std(ddof=0)
    assert found[2][:, 0] == pytest.approx(wanted, abs=2e-3)
    figure = plotting.animation(history)
    points = trace_with(figure, "target %{marker.color")
    assert points.x.tolist() == PEOPLE["age"].tolist()
    assert points.marker.color == pytest.approx(SPENT.to_numpy())
    assert (points.marker.cmin, points.marker.cmax) == pytest.approx((SPENT.min(), SPENT.max()))
    assert figure.layout.xaxis5.title.text == "age"
    assert figure.layout.yaxis5.title.text == "income"
    assert {"age", "income"} <= set(texts_of(figure))
    (key,) = [text for text in texts_of(figure) if "Tiles" in text]
    spans = f"±1, {number_text(SPENT.min(), 2)} to {number_text(SPENT.max(), 2)}, layer by layer."
    assert key.replace("<br>", " ").endswith(spans)


@pytest.mark.parametrize("size", [1e-9, 1e-4, 1.0, 1e6, 1e50])
@pytest.mark.parametrize("shift", [0.0, 1.0, -1000.0])
def test_a_plane_has_its_margin_whatever_the_unit(size: float, shift: float) -> None:
    rows = np.array([[0.0, 1.0], [2.0, 3.0], [1.0, 1.0]])
    plane = plane_around((rows + shift) * size, 4)
    assert plane.x == pytest.approx(((shift - 0.24) * size, (shift + 2.24) * size))
    assert plane.y == pytest.approx(((shift + 0.76) * size, (shift + 3.24) * size))


def test_a_constant_column_has_a_plane() -> None:
    plane = plane_around(np.array([[5.0, 1.0], [5.0, 2.0]]), 4)
    assert plane.x == pytest.approx((4.999, 5.001))


# classes and images


def test_confusion_counts_the_rows_of_a_table(tmp_path: Any) -> None:
    path = tmp_path / "people.csv"
    PEOPLE.assign(decision=BUYS).to_csv(path, index=False)
    table = read_csv(path, target="decision")
    net, _ = fitted(table, None, [2, 5, 1], output="sigmoid", watch=None, snapshots=None)
    predicted = net.predict(table)
    figure = plotting.confusion(net, table)
    counts = [
        [int(((true == BUYS) & (predicted == said)).sum()) for said in ("buys", "leaves")]
        for true in ("buys", "leaves")
    ]
    assert figure.data[0].text.tolist() == counts
    assert "Confusion of decision" in figure.layout.title.text
    assert plotting.confusion(net, PEOPLE, BUYS).to_json() == figure.to_json()
    boundary = plotting.decision_boundary(net, table)
    assert boundary.to_json() == plotting.decision_boundary(net, PEOPLE, BUYS).to_json()


def test_inputs_of_texts_are_no_image() -> None:
    codes = [f"a{k:02}" for k in range(32)] * 2
    X = pd.DataFrame({"from": codes, "to": codes[::-1]})
    net, history = fitted(X, [0.0, 1.0] * 32, [64, 3, 1], None)
    assert Scene.of_history(history).side == 0
    assert any(text.startswith("from=a") for text in texts_of(plotting.network(net)))
    pixels = pd.DataFrame(NOISE.random((20, 64)), columns=[f"pixel {k}" for k in range(64)])
    _, history = fitted(pixels, [0.0, 1.0] * 10, [64, 3, 1])
    scene = Scene.of_history(history)
    assert scene.side == 8
    assert scene.samples.tolist() == pixels.to_numpy().tolist()
    assert scene.prepared == pytest.approx(
        ((pixels - pixels.mean()) / pixels.std(ddof=0)).to_numpy(), rel=1e-9
    )


# names


def test_names_are_text_and_cut() -> None:
    names = ["<img src=x onerror=alert(1)>", "%{x} and %{marker.color}" + "y" * 5000]
    X = PEOPLE.set_axis(names, axis=1)
    y = SPENT.rename("<script>alert(2)</script>")
    net, history = fitted(X, y, [2, 3, 1])
    for figure in (
        plotting.animation(history),
        plotting.network(net, X[:1]),
        plotting.decision_boundary(net, X, y),
        plotting.weight_images(fitted(X.join(PEOPLE), y, [4, 3, 1])[0]),
    ):
        text = json.dumps(figure.to_plotly_json(), default=str)
        assert "<img" not in text
        assert "<script" not in text
        assert "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy" not in text
        for trace in figure.data:
            assert "%{x} and" not in (trace.hovertemplate or "")


@given(st.floats(-1e9, 1e9), st.integers(2, 4))
def test_a_number_is_whole_up_to_ten_million(number: float, places: int) -> None:
    text = number_text(number, places)
    found = float(text.replace(",", ""))
    if 10**places <= abs(number) < 1e7 - 1:
        assert "e" not in text
        assert abs(found - number) <= 0.5
    else:
        assert found == pytest.approx(number, rel=0.5 * 10 ** (1 - places) + 1e-12)
    assert ("," in text) == (abs(found) >= 10_000 and "e" not in text)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=8, unique=True),
    st.sampled_from(["standardise", "min-max", "encode"]),
)
def test_targets_come_back_to_their_unit(numbers: list[float], prepare: str) -> None:
    y = np.array(numbers)
    X = np.arange(len(y), dtype=float)[:, None]
    make = {"standardise": preprocessing.standardise, "min-max": preprocessing.min_max}
    preparation = make.get(prepare, preprocessing.encode)(X, y)
    centre, scale = CENTRES[prepare](pd.Series(y))
    units = Units(preparation, 1, 1, "number")
    values = (y - centre) / (scale or 1.0)
    assert units.of_outputs(values[:, None])[:, 0] == pytest.approx(y, abs=1e-6)
    assert units.scaled(X) == pytest.approx(preparation.prepared(X))
    assert unscaled(preparation, preparation.prepared(X)) == pytest.approx(X)


# what snapshots hold


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
def test_snapshots_are_of_prepared_numbers(engine: str, tmp_path: Any) -> None:
    _, history = fitted(HOMES, PRICES, [6, 4, 1], engine=engine, record=tmp_path / "a.run")
    area = HOMES["living area (m²)"]
    assert history.watch.samples[3][1] == area[3]
    assert history.watch.targets[3][0] == pytest.approx((PRICES[3] - PRICES.mean()) / PRICES.std(ddof=0))
    prepared = [
        [
            *((column - column.mean()) / column.std(ddof=0) for column in (HOMES["age"], area)),
            *(HOMES["street"] == text for text in ("<b>none</b>", "loud", "quiet")),
            HOMES["garden"],
        ]
    ]
    rows = np.array(prepared[0], dtype=float).T
    for snapshot in (*history.snapshots, *History.open(tmp_path / "a.run").snapshots):
        net = snapshot.restore()
        for k in (0, 7):
            assert net.forward(rows[k].tolist()) == pytest.approx([snapshot.values[k][-1]], rel=1e-9)
    scene = Scene.of_history(History.open(tmp_path / "a.run"))
    assert scene.prepared == pytest.approx(rows, rel=1e-9)
    assert scene.own_targets[:, 0] == pytest.approx(PRICES.to_numpy(), rel=1e-12)


def test_watched_targets_are_those_of_the_table_to_the_last_bit(people: tuple[Net, History]) -> None:
    scene = Scene.of_history(people[1])
    assert scene.units.of_outputs(scene.targets)[:, 0].tolist() != SPENT.tolist()  # they are rounded
    assert scene.own_targets[:, 0].tolist() == SPENT.tolist()


def test_a_comparison_says_which_column_was_prepared_otherwise(homes: tuple[Net, History]) -> None:
    _, other = fitted(HOMES, PRICES, [6, 4, 1], "min-max")
    compared = compare(homes[1], other)
    low, size = CENTRES["min-max"](HOMES["age"])
    assert compared.net["column 'age'"][1] == ["number", f"centre {low}", f"scale {size}"]
    assert list(compared.net) == ["column 'age'", "column 'living area (m²)'", "target 'price (EUR)'"]
    assert f"scale {PRICES.max() - PRICES.min()}" in str(compared)


# the picture of a training


class Kept(LiveView):
    """Keeps the picture of the last moment, and its parts."""

    picture: Picture | None = None

    def on_fit_end(self, training: Any) -> None:
        self.picture = self._picture
        self._renew(training)


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Any:
    shown: list[str] = []
    monkeypatch.setattr(view, "in_notebook", lambda: True)
    monkeypatch.setattr(
        "IPython.display.display",
        lambda bundle, **_: SimpleNamespace(update=lambda last, raw: shown.append(last["text/html"])),
    )

    def run(X: Any, y: Any, sizes: list[int], **options: Any) -> tuple[Scene, str]:
        kept = Kept(widget=False)
        fitted(X, y, sizes, callbacks=kept, **options)
        assert kept.picture is not None
        return kept.picture.scene, shown[-1]

    return run


@pytest.mark.parametrize("watch", [None, (PEOPLE[:20], SPENT[:20])])
def test_a_live_plane_is_in_the_units_of_the_table(live: Any, watch: Any) -> None:
    scene, html = live(PEOPLE, SPENT, [2, 4, 1], watch=watch, snapshots=4 if watch else None)
    rows = PEOPLE if watch is None else PEOPLE[:20]
    assert scene.samples == pytest.approx(rows.to_numpy(), rel=1e-12)
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", html)
    for name in ("age", "income"):
        margin = 0.12 * (rows[name].max() - rows[name].min())
        ends = rows[name].min() - margin, rows[name].max() + margin
        assert {number_text(end) for end in ends} <= set(texts)
        assert texts.count(name) == 2
    assert "points: samples, coloured by spent (EUR)" in texts
    circles = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="3.6" fill="rgb\((.*?)\)"', html)
    assert len(circles) == len(rows)
    plane = Surfaces(scene).plane
    (x0, x1), (y0, y1) = plane.x, plane.y
    share = (SPENT[0] - SPENT[: len(rows)].min()) / np.ptp(SPENT[: len(rows)])
    x, y, colour = circles[0]
    frame = re.search(
        r'<rect x="([\d.]+)" y="50.0" width="([\d.]+)" height="([\d.]+)" fill="none" stroke="#5a', html
    )
    assert frame is not None
    left, width, height = map(float, frame.groups())
    assert float(x) == pytest.approx(left + width * (PEOPLE["age"][0] - x0) / (x1 - x0), abs=0.06)
    assert float(y) == pytest.approx(50 + height * (y1 - PEOPLE["income"][0]) / (y1 - y0), abs=0.06)
    wanted = blend(DIVERGING, np.array([share]))[0].tolist()
    assert list(map(int, colour.split(","))) == pytest.approx(wanted, abs=1)


def test_a_live_net_has_the_names_of_its_inputs(live: Any) -> None:
    _, html = live(HOMES, PRICES, [6, 4, 1])
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", html)
    assert {"age", "living area…", "street=loud", "garden"} <= set(texts)
    assert "<b>none" not in html.partition("<svg")[2]
