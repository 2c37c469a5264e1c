"""The charts of loss, accuracy and the chosen weight or neuron: drawn, read, described, and growing."""

from __future__ import annotations

import pytest
from opened import LINE_PIXELS, PIXELS, number, opened, ready
from watching import Watched

from slownet.plotting.lines import mean_at, running_mean, window_of


@pytest.fixture(scope="module")
def with_snapshots(browser, pages, digits_run):
    made = opened(browser, pages, digits_run)
    yield made
    made.page.close()


@pytest.fixture
def digits(with_snapshots):
    """A page that plays snapshots."""
    yield ready(with_snapshots)
    with_snapshots.watched.check()


LINES = """name => Object.fromEntries(slownet.painter.charts[name].lines.map(({ role, x, y }) =>
    [role, [[...x], [...y]]]))"""
COLUMN = (
    f"([name, step]) => {{ {PIXELS}"
    """
    const { canvas, box } = slownet.painter.charts[name];
    const sharp = canvas.width / canvas.getBoundingClientRect().width;
    const column = Math.round(Math.round(slownet.painter.charts[name].x(step)) * sharp) - 1;
    const all = pixels(canvas);
    return Array.from({ length: Math.floor((box.bottom - box.top) * sharp) }, (_, k) => {
        const from = 4 * ((Math.ceil(box.top * sharp) + k) * canvas.width + column);
        return [...all.subarray(from, from + 4)];
    });
}"""
)


def test_charts_are_those_of_the_history(digits):
    history, lines = digits.history, digits.page.evaluate(LINES, "loss")
    x, y = lines["watched"]
    assert y == pytest.approx([each.watch_loss for each in history.snapshots])
    assert x[1:] == [each.step for each in history.snapshots][1:]
    x, y = lines["training"]
    means = running_mean(history.loss, window_of(history))
    assert y == [means[int(step) - 1] for step in x]
    lines = digits.page.evaluate(LINES, "accuracy")
    assert lines["watched"][1] == [each.watch_accuracy for each in history.snapshots]


def test_lines_and_cursor_of_a_chart_stand_where_its_axes_say(digits):
    muted, right, accent = (
        tuple(map(int, colour[4:-1].split(",")))
        for colour in digits.page.evaluate(
            "() => (({ muted, right, accent }) => [muted, right, accent])(slownet.painter.theme)"
        )
    )
    for name in ("loss", "accuracy"):
        drawn = {line["role"]: line["points"] for line in digits.page.evaluate(LINE_PIXELS, name)}
        assert sum(near(colour, right) for colour in drawn["watched"]) > 0.8 * len(drawn["watched"])
        covered = [near(colour, right) or near(colour, muted) for colour in drawn["training"]]
        assert sum(covered) > 0.5 * len(covered)  # a thin line
    for frame in (0, 10, 19):
        digits.show(frame)
        step = digits.history.snapshots[frame].step
        colours = digits.page.evaluate(COLUMN, ["loss", step])
        assert sum(near(colour, accent) for colour in colours) > 0.8 * len(colours)


def near(colour, wanted):
    return colour[3] > 200 and all(abs(c - w) < 40 for c, w in zip(colour, wanted, strict=False))


READ = """([name, step]) => {
    const chart = slownet.painter.charts[name];
    const box = chart.canvas.getBoundingClientRect();
    return [box.left + chart.x(step), box.top + 20];
}"""


def test_a_chart_is_read_with_the_mouse(digits):
    page, snapshot = digits.page, digits.history.snapshots[12]
    page.mouse.move(*page.evaluate(READ, ["loss", snapshot.step]))
    step, training, watched = digits.text("#tip").split("\n")
    assert step == f"step {snapshot.step}"
    assert number(training.removeprefix("training mean ")) == pytest.approx(
        mean_at(digits.history, "loss", snapshot.step), rel=1e-3
    )
    assert number(watched.removeprefix("watched ")) == pytest.approx(snapshot.watch_loss, rel=1e-3)
    page.mouse.move(*page.evaluate(READ, ["accuracy", 1]))
    assert "%" in digits.text("#tip")
    page.mouse.move(2, 2)
    assert page.locator("#tip").is_hidden()


def test_a_chart_is_read_with_a_finger(browser, pages, digits_run):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    watched = Watched(page)
    watched.play(pages(digits_run), "#step=0")
    page.locator("#chart-loss").scroll_into_view_if_needed()
    page.touchscreen.tap(*page.evaluate(READ, ["loss", digits_run.snapshots[5].step]))
    assert page.locator("#tip").inner_text().startswith(f"step {digits_run.snapshots[5].step}\n")
    box = page.locator("#tip").bounding_box()
    assert 0 <= box["x"] < box["x"] + box["width"] <= 390
    page.locator("#judged-heading").tap()
    assert page.locator("#tip").is_hidden()
    context.close()
    watched.check()


GROWN = """([lines, marks, cursor, last]) => {
    const { charts } = slownet.painter;
    charts.show({ loss: lines, marks, cursor, last });
    return { ticks: charts.loss.ticks, legend: document.querySelector("#legend-loss").textContent };
}"""


def test_a_chart_of_a_training_that_was_changed(browser, pages, digits_run):
    """Lines, marks and axes are what they are told, as often as they are told."""
    page = browser.new_page(viewport={"width": 900, "height": 800})
    watched = Watched(page)
    watched.play(pages(digits_run), "#step=0")
    marks = [{"step": 0, "name": "seed 3"}, {"step": 100, "name": "rate <b>0.05</b>"}]
    for last in (1, 5, 90, 2_000, 1_000_000):
        x = sorted({int(last ** (k / 300)) for k in range(301)})
        lines = [
            {"role": "training", "name": "training", "x": x, "y": [2 / (1 + step) for step in x]},
            {"role": "original", "label": "before", "name": "before", "x": x, "y": [1.0] * len(x)},
            {"role": "watched", "label": "test", "name": "test", "x": x[:1], "y": [0.0]},
        ]
        found = page.evaluate(GROWN, [lines, marks, x[-1], last])
        assert found["legend"] == "─ training mean ┅ before ━ test "
        assert found["ticks"]["columns"][0] == 0
        assert len(found["ticks"]["columns"]) > 1
        assert 1 <= len(found["ticks"]["rows"]) <= 4
    page.mouse.move(*page.evaluate(READ, ["loss", 100]))
    text = page.locator("#tip").inner_text().split("\n")
    assert text[-1] == "changed at 100: rate <b>0.05</b>"
    assert text[2] == "before 1.000"
    nothing = [{"role": "training", "name": "training", "x": [], "y": []}]
    assert page.evaluate(GROWN, [nothing, [], 0, 1])["ticks"]["columns"] == [0, 1]
    odd = [1e-300, float("1e300"), 0.0, -1.0]
    lines = [{"role": "training", "name": "training", "x": [1, 2, 3, 4], "y": odd}]
    page.evaluate(GROWN, [lines, [], 4, 4])
    far = "() => [0, -1, 1e300].map(loss => slownet.painter.charts.loss.y(loss))"
    foot, below, above = page.evaluate(far)  # 0 has no logarithm: it stands below the axis
    assert 0 < above < 40 < foot == below < 88
    unknown = [float("nan"), float("nan"), 0.5, 0.25]  # where there was no such neuron
    lines = [{"role": "training", "name": "value", "x": [1, 2, 3, 4], "y": unknown}]
    page.evaluate(GROWN, [lines, [], 4, 4])
    described = "() => document.querySelector('#chart-loss').ariaLabel.endsWith('from 0.5000 to 0.2500')"
    page.wait_for_function(described)
    page.mouse.move(*page.evaluate(READ, ["loss", 1]))
    assert page.locator("#tip").is_hidden()
    page.evaluate("() => slownet.painter.charts.show({ loss: [] })")
    assert page.locator("#chart-loss").is_hidden()
    page.close()
    watched.check()


def test_the_description_of_a_chart_sums_its_lines_up(digits):
    digits.page.evaluate("() => slownet.player.choose({ weight: 400 })")
    label = "id => document.getElementById(id).getAttribute('aria-label')"
    digits.until(f"() => ({label})('chart-chosen').includes('weight of pixel')")
    first, last = digits.history.snapshots[0], digits.history.snapshots[-1]
    text = digits.page.evaluate(label, "chart-loss")
    assert text.startswith(f"loss over {last.step} steps: training, mean of ")
    assert f"; watched ({len(digits.history.watch.samples)} samples), from " in text
    assert number(text.rpartition(" to ")[2]) == pytest.approx(last.watch_loss, rel=1e-3)
    assert number(text.rpartition(" from ")[2].partition(" to ")[0]) == pytest.approx(
        first.watch_loss, rel=1e-3
    )


@pytest.mark.long
def test_a_training_in_the_page_has_the_curves_of_python(browser, pages, moons_run):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    watched = Watched(page)
    last = moons_run.last_step
    watched.play(pages(moons_run, keep="auto"), f"#step={last}")
    page.wait_for_function("last => slownet.state().step === last", arg=last)
    means = running_mean(moons_run.loss, window_of(moons_run))
    x, y = page.evaluate(LINES, "loss")["training"]
    assert x[-1] == last
    assert y == [means[int(step) - 1] for step in x]
    means = running_mean(moons_run.accuracy, window_of(moons_run))
    x, y = page.evaluate(LINES, "accuracy")["training"]
    assert y == [means[int(step) - 1] for step in x]
    page.evaluate("step => slownet.show(slownet.player.course.nearest(step))", last + 100)
    page.wait_for_function("last => slownet.state().step === last", arg=last + 100)
    assert page.evaluate(LINES, "loss")["training"][0][-1] == last + 100
    assert page.evaluate("() => slownet.painter.charts.loss.last") >= last + 100
    page.close()
    watched.check()
