"""Pages of nets with a preparation: rows in the units of their table give the bits of Python.

What the reader sees is in those units, and what is multiplied is the net's.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from opened import check_number, number, opened, ready
from slow import mostly_long, some
from test_page_numbers import FORWARD
from watching import PATIENCE, Watched, let_paint

from slownet import NetFactory, preprocessing
from slownet.datasets import moons

WAYS = ("standardise", "min-max", "encode", None)
OPTIONS = {"batch_size": 8, "snapshots": 6, "progress": False, "epochs": 3, "seed": 0}
SHOWN = """() => {
    const { net, player } = slownet;
    const { preparation } = net;
    return {
        names: preparation.inputs.map(each => each.name), targets: [...net.targets],
        own: Array.from(net.outputs(slownet.painter.pass), (value, k) => preparation.own(k, value)),
        made: [...slownet.painter.pass.value.subarray(0, net.inputs)], sample: [...player.state.sample],
    };
}"""


def random_table(rng, rows=50):
    """Columns of all kinds, of very different sizes."""
    found = {}
    for k in range(rng.integers(2, 6)):
        kind = rng.choice(["number", "number", "whole", "yes or no", "text", "constant"])
        size = 10.0 ** rng.integers(-4, 6)
        found[f"{kind} {k}"] = {
            "number": lambda size=size: rng.normal(rng.normal() * size, size, rows),
            "whole": lambda: rng.integers(-5, 2020, rows),
            "yes or no": lambda: rng.random(rows) < 0.5,
            "text": lambda: rng.choice(["rain", "<b>sun</b>", "“fog” & mist"], rows),
            "constant": lambda: np.full(rows, 14.62),
        }[kind]()
    return pd.DataFrame(found)


def trained(seed):
    rng = np.random.default_rng(seed)
    X, way = random_table(rng), WAYS[seed % 4]
    kind = ("numbers", "several", "classes", "two classes")[seed // 4 % 4]
    truth = rng.normal(1e4, 300.0, (len(X), 2))
    y, outputs, last = {
        "numbers": (pd.Series(truth[:, 0], name="price (EUR)"), 1, "linear"),
        "several": (pd.DataFrame(truth, columns=["a [kg]", "b"]), 2, "linear"),
        "classes": (
            pd.Series(np.array(["x", "y", "z"])[rng.integers(0, 3, len(X))], name="kind"),
            3,
            None,
        ),
        "two classes": (rng.integers(0, 2, len(X)), 1, None),
    }[kind]
    rows = X.to_numpy() if seed % 3 == 0 and all(each.kind in "biuf" for each in X.dtypes) else X
    inputs = len(preprocessing.encode(rows).inputs)
    net = NetFactory([inputs, 5, outputs], output_activation=last, seed=seed).new()
    rate = 0.01 if way in ("standardise", "min-max") else 1e-18
    return net.fit(rows, y, prepare=way, watch=(rows[:12], y[:12]), learning_rate=rate, **OPTIONS)


@pytest.fixture(scope="module")
def tab(browser, pages):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(PATIENCE)
    watched = Watched(page)

    def played(history, **options):
        page.goto("about:blank")
        return watched.play(pages(history, **options), "#step=0")

    yield played
    page.close()
    assert not watched.messages


@pytest.mark.long
@pytest.mark.parametrize("seed", mostly_long(some(range(16), 8), 4))
@pytest.mark.filterwarnings("ignore:the inputs have very different sizes")
@pytest.mark.filterwarnings("ignore:.*learning rate")
def test_rows_in_own_units_go_through_the_net_to_the_same_bits(tab, seed):
    history = trained(seed)
    page = tab(history, exact=True)
    own = [list(map(float, each)) for each in history.watch.samples]
    found = np.array(page.evaluate(FORWARD, [own, list(range(len(history.snapshots)))]))
    zs = np.array([snapshot.zs for snapshot in history.snapshots])
    np.testing.assert_array_equal(found[:, :, 0], zs)
    np.testing.assert_array_equal(
        found[:, :, 1], np.array([snapshot.values for snapshot in history.snapshots])
    )
    shown, net = page.evaluate(SHOWN), history.snapshots[0].restore()
    preparation = net.preparation
    if preparation is None:
        return
    place = page.evaluate("() => slownet.net.facts.samples[0].place")
    assert shown["names"] == preparation.inputs
    assert shown["sample"] == own[place]
    assert shown["made"] == preparation.prepared([own[place]])[0].tolist()
    places = page.evaluate("() => slownet.net.facts.samples.map(each => each.place)")
    assert shown["targets"] == [each for k in places for each in history.watch.targets[k]]
    if history.target_kind == "number":
        assert shown["own"] == np.ravel(net.predict([own[place]])).tolist()


@pytest.fixture(scope="module")
def bikes_page(browser, pages, bikes_run):
    made = opened(browser, pages, bikes_run)
    yield made
    made.page.close()
    made.watched.check()


@pytest.fixture
def bikes(bikes_page):
    return ready(bikes_page)


def test_a_prediction_is_shown_in_the_unit_of_its_target(bikes):
    bikes.show(11)
    net = bikes.history.snapshots[11].restore()
    own = bikes.history.watch.samples[0]
    (said,) = net.predict([own]).tolist()
    true = float(bikes.history.watch.labels[0])
    (value,) = net.forward(net.preparation.prepared([own])[0].tolist())
    verdict = bikes.text("#verdict").split("\n")
    words = " ".join(verdict).split()
    assert "rentals (thousand): the net says" in " ".join(words)
    check_number(bikes.page.locator("#verdict strong").inner_text(), said)
    assert f"true: {true:.6g}".replace("-", "−") in bikes.text("#verdict")
    rows = bikes.rows("#terms table:first-of-type")
    check_number(rows["linear(z)"][-1], value)
    check_number(rows["= rentals (thousand)"][-1], said)
    (target,) = net.preparation.targets
    how = next(name for name in rows if name.startswith("× "))
    scale, sign, centre = how.removeprefix("× ").split()
    assert sign == "+"
    check_number(scale, target.scale)
    check_number(centre, target.centre)
    assert number(scale) == pytest.approx(target.scale, rel=1e-6)  # a reader multiplies with it
    assert number(centre) == pytest.approx(target.centre, rel=1e-6)
    backward = bikes.rows("#backward table")
    first, _, second, _, divisor = next(name for name in backward if " / " in name).split()
    wanted = (number(first.strip("(")) - number(second.strip(")"))) / number(divisor)
    assert number(backward["= target"][-1]) == pytest.approx(wanted, rel=1e-5)
    bikes.page.evaluate("() => slownet.player.choose({ neuron: slownet.net.neurons - 1 })")
    which = bikes.rows("#details")["which is"][0]
    assert which.endswith(" thousand")
    check_number(which.removesuffix(" thousand"), said)
    assert "→" in bikes.text("#one-step")
    check_number(bikes.text("#one-step").split("): ")[1].split(" → ")[0], said)
    assert bikes.text("#loss-of") == "of prepared numbers, 90 watched"
    error = bikes.history.test["error"]
    assert bikes.text("#test").split()[1] == "thousand"
    check_number(bikes.text("#test").split()[0], error)
    predicted = np.ravel(net.predict(bikes.history.watch.samples))
    off = np.abs(predicted - np.array(bikes.history.watch.labels)).mean()
    heading = bikes.text("#judged-heading")
    assert heading.endswith(" thousand on 90 watched")
    assert number(heading.split()[1]) == pytest.approx(off, rel=0.02)


def test_the_panel_of_an_input_shows_how_its_number_was_made(bikes):
    preparation = bikes.history.net.preparation
    own = bikes.history.watch.samples[0]
    for place, name in enumerate(preparation.inputs):
        bikes.page.evaluate("neuron => slownet.player.choose({ neuron })", place)
        assert bikes.text("#chosen-name") == name
        rows = bikes.rows("#details")
        assert number(rows["value"][0]) == pytest.approx(own[place], rel=1e-5)
        centre, scale = preparation.scales[place]
        if (centre, scale) == (0.0, 1.0):
            assert set(rows) == {"value"}
            continue
        check_number(rows["= prepared"][0], (own[place] - centre) / scale)
        how = next(each for each in rows if each.startswith("("))
        head, foot = how.replace("−", "-").removeprefix("(").split(") / ")
        first, sign, second = head.split()
        made = (float(first) - float(second) * (1 if sign == "-" else -1)) / float(foot)
        assert made == pytest.approx((own[place] - centre) / scale, abs=0.02)


def test_what_is_multiplied_is_prepared(bikes):
    bikes.show(5)
    bikes.page.evaluate("() => slownet.player.choose({ neuron: slownet.net.begins[1] })")
    net = bikes.history.snapshots[5].restore()
    net.forward(net.preparation.prepared([bikes.history.watch.samples[0]])[0].tolist())
    weights = list(net.layers[1].neurons[0].weights["in"].values())
    names = net.preparation.inputs
    terms = {names[w.source.id]: (w.source.value, w.value * w.source.value) for w in weights}
    rows = bikes.rows("#terms table:first-of-type")
    found = [name for name in terms if name in rows]
    assert len(found) >= 3
    for name in found:
        how, product = rows[name]
        check_number(how.split(" × ")[0], terms[name][0])
        check_number(product, terms[name][1])


def test_the_foot_says_what_of_the_data_is_there(bikes, tab, bikes_run):
    scales = "the numbers that scale them (means and deviations, or smallest and largest)"
    names = "the names of its columns and categories"
    assert bikes.text("#holds") == (
        f"This page holds 10 watched rows of the table, the targets of 80 more, {names} and {scales}; "
        "no other row."
    )
    held = tab(bikes_run, keep="all").text_content("#holds")
    rows = "90 rows of the table to learn from, the same to watch, 40 rows to test with"
    assert held == (
        f"This page holds all that its training was given ({rows}), {names} and {scales}; no other row."
    )


@pytest.mark.long
def test_the_feet_of_other_pages(tab, moons_run, digits_run, prices_run):
    """Points and digits of slownet's own are kept, so that the page can train; other data are not."""
    runs = (moons_run, digits_run, prices_run)
    feet = [tab(run, keep="auto").text_content("#holds") for run in runs]
    given = "This page holds all that its training was given"
    assert feet == [
        f"{given} (60 samples to learn from, the same to watch); no other sample.",
        f"{given} (400 samples to learn from, 10 samples to watch); no other sample.",
        "This page holds 10 watched samples and the targets of 50 more; no other sample.",
    ]
    X, y = moons(30, 0.1, 0)
    source = {"command": "slownet train", "data": "moons", "samples": 30, "seed": 0}
    history = NetFactory([2, 3, 1], seed=0).new().fit(X, y, source=source, watch=(X, y), **OPTIONS)
    rows = "30 points of moons to learn from, the same to watch"
    assert tab(history, keep="auto").text_content("#holds") == f"{given} ({rows})."
    assert tab(history, keep="none").text_content("#holds") == (
        "This page holds 30 watched points of moons."
    )
    history = NetFactory([2, 3, 1], seed=0).new().fit(X, y, **OPTIONS)
    bare = tab(history, keep="none")
    assert bare.text_content("#holds") == "This page holds no samples."
    bare.evaluate("() => document.getElementById('open-task').click()")
    assert "neuron" not in bare.input_value("#task-text")  # nothing comes in


def test_a_point_of_the_plane_is_in_own_units(tab, homes_run):
    page = tab(homes_run, exact=True)
    net = homes_run.snapshots[0].restore()
    page.locator("#plane-canvas").scroll_into_view_if_needed()
    box = page.locator("#plane-canvas").bounding_box()
    for x, y in ((0.4, 0.4), (0.6, 0.5), (0.5, 0.3)):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        let_paint(page, 3)
        shown = page.evaluate(SHOWN)
        assert page.evaluate("() => slownet.state().isDrawn")
        area, income = shown["sample"]
        assert 0 < area < 200
        assert 1e5 < income < 8e5
        wanted = net.forward(net.preparation.prepared([shown["sample"]])[0].tolist())
        assert page.evaluate("() => [...slownet.net.outputs(slownet.painter.pass)]") == wanted
    [plane, size, values] = page.evaluate(
        """() => {
            const { plane } = slownet.painter;
            return [slownet.net.facts.plane, plane.resolution, [...plane.values.at(-1)]];
        }"""
    )
    (left, right), (low, high) = plane["x"], plane["y"]
    assert left < min(area for area, _ in homes_run.watch.samples)
    assert high > max(income for _, income in homes_run.watch.samples)
    for k in (0, size - 1, size * size // 2, size * size - 1):
        x = left + (k % size + 0.5) * (right - left) / size
        y = high - (k // size + 0.5) * (high - low) / size
        wanted = net.forward(net.preparation.prepared([[x, y]])[0].tolist())
        assert [values[k]] == pytest.approx(wanted, rel=1e-12)


def test_images_of_other_ink_are_drawn_in_their_units(tab):
    rng = np.random.default_rng(6)
    X = rng.integers(0, 17, (40, 64)).astype(float)
    X[:, :8] = 0.0  # a constant column is only moved
    y = rng.integers(0, 3, 40)
    net = NetFactory([64, 6, 3], seed=0).new()
    history = net.fit(X, y, prepare="min-max", watch=(X[:9], y[:9]), learning_rate=0.05, **OPTIONS)
    page = tab(history, exact=True)
    assert page.evaluate("() => slownet.net.ink") == [0, 16]
    found = np.array(page.evaluate(FORWARD, [X[:9].tolist(), [0, 5]]))
    np.testing.assert_array_equal(found[1, :, 0], np.array(history.snapshots[-1].zs))
    box = page.locator("#pad").bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.8 * box["height"], steps=8)
    page.mouse.up()
    shown = page.evaluate(SHOWN)
    assert max(shown["sample"]) == 16
    assert min(shown["sample"]) == 0
    assert shown["made"] == net.preparation.prepared([shown["sample"]])[0].tolist()
    first = history.snapshots[0].restore()
    assert page.evaluate("() => [...slownet.net.outputs(slownet.painter.pass)]") == first.forward(
        shown["made"]
    )
