"""The animation as a figure of plotly alone, played in a browser."""

import numpy as np
import pandas as pd
import pytest
from slow import mostly_long

from slownet import NetFactory, plotting
from slownet.datasets import moons

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    '<a href="https://example.org/">click</a>',
    '<span style="background:url(https://example.org/a.png)">b</span>',
    "</script><script>alert(2)</script>",
]
TEXTS = "[...document.querySelectorAll('.textpoint text')].map(each => each.textContent)"


@pytest.fixture(scope="module")
def digits_file(digits_run, tmp_path_factory):
    return written(digits_run, tmp_path_factory.mktemp("animation") / "digits.html")


def written(history, path):
    return plotting.save(plotting.animation(history), path)


def texts(page):
    return page.evaluate(TEXTS)


def status(page):
    (line,) = [text for text in texts(page) if text.startswith("step ")]
    return line


def verdict(page):
    (line,) = [text for text in texts(page) if text.startswith("says ")]
    return line


def expected(history, moment):
    snapshot = history.snapshots[moment]
    return (
        f"step {snapshot.step:,} · epoch {snapshot.epoch:.2f} · "
        f"watched loss {snapshot.watch_loss:.3f} · "
        f"watched accuracy {snapshot.watch_accuracy:.1%} of {len(history.watch.samples)}"
    )


def wait_for_status(page, line):
    page.wait_for_function(f"line => {TEXTS}.includes(line)", arg=line)


def wait_for_rest(page):
    """Wait until plotly plays no frames any more."""
    page.wait_for_function("() => !document.querySelector('#figure')._transitionData._animationRaf")


def press(page, label):
    """Click the middle of a button with the mouse."""
    box = page.locator(".updatemenu-button", has_text=label).first.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def grip(page):
    box = page.locator(".slider-grip-rect").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def tiles(page):
    return page.evaluate("document.querySelector('.imagelayer image').getAttribute('href')")


def shown_images(page):
    return page.evaluate(
        "[...document.querySelectorAll('.imagelayer image')].map(each => each.getAttribute('href'))"
    )


@pytest.mark.long
def test_first_paint_fits_the_window(watched, digits_run, digits_file):
    page = watched.open(digits_file)
    wait_for_status(page, expected(digits_run, 0))
    assert page.title() == "How this 784-8-10 net learned"
    size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size == [1280, 800]
    for element in page.locator(".textpoint text, .infolayer text, .imagelayer image").all():
        box = element.bounding_box()
        if box is not None and box["width"]:
            assert box["x"] >= 0
            assert box["y"] >= 0
            assert box["x"] + box["width"] <= 1280
            assert box["y"] + box["height"] <= 800
    assert len(shown_images(page)) == 3  # tiles, digit, colour scale
    assert page.locator(".updatemenu-button").count() == 3 + 10


@pytest.mark.long
def test_play_runs_to_the_end_and_starts_again(watched, digits_run, digits_file):
    page = watched.open(digits_file)
    wait_for_status(page, expected(digits_run, 0))
    before, (start, _) = tiles(page), grip(page)
    assert sum(text.endswith("%") for text in texts(page)) >= 8
    press(page, "Play")
    wait_for_status(page, expected(digits_run, -1))
    wait_for_rest(page)
    assert status(page) == expected(digits_run, -1)
    assert tiles(page) != before
    track = page.locator(".slider-rail-rect").bounding_box()
    assert grip(page)[0] - start > 0.9 * track["width"]
    values = digits_run.snapshots[-1].layer_values(2, 0)
    digit, right = int(np.argmax(values)), int(np.argmax(values)) == 0
    assert verdict(page) == f"says {digit} {'✓ right' if right else '✗ wrong'}"
    press(page, "Play")
    page.wait_for_function(f"line => !{TEXTS}.includes(line)", arg=expected(digits_run, -1))
    wait_for_status(page, expected(digits_run, -1))


@pytest.mark.long
def test_pause_stops(watched, digits_run, digits_file):
    clock = watched.page.clock
    clock.install()
    page = watched.open(digits_file)
    wait_for_status(page, expected(digits_run, 0))
    clock.pause_at(page.evaluate("() => Date.now() / 1000") + 1)
    press(page, "Slowly")
    clock.run_for(2000)
    shown = status(page)
    assert shown not in (expected(digits_run, 0), expected(digits_run, -1))
    press(page, "Pause")
    clock.run_for(3000)
    assert status(page) == shown
    # plotly complains to the console whenever it is stopped between frames
    interrupted = {"WARN: API call to Plotly.animate rejected. undefined", "undefined"}
    watched.messages = [each for each in watched.messages if each not in interrupted]


@pytest.mark.long
def test_slider_scrubs(watched, digits_run, digits_file):
    page = watched.open(digits_file)
    x, y = grip(page)
    track = page.locator(".slider-rail-rect").bounding_box()
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] / 2, y, steps=4)
    page.mouse.move(track["x"] + track["width"] + 30, y, steps=4)
    page.mouse.up()
    wait_for_status(page, expected(digits_run, -1))
    x, y = grip(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(track["x"] - 30, y, steps=4)
    page.mouse.up()
    wait_for_status(page, expected(digits_run, 0))


@pytest.mark.long
def test_another_digit_can_be_chosen_at_any_moment(watched, digits_run, digits_file):
    page = watched.open(digits_file)
    press(page, "Play")
    wait_for_status(page, expected(digits_run, -1))
    before = shown_images(page)
    assert "label: 0" in texts(page)
    press(page, "7")
    page.wait_for_function(f"{TEXTS}.includes('label: 7')")
    assert "label: 0" not in texts(page)
    after = shown_images(page)
    assert after[0] == before[0]  # the tiles stay at their step
    assert len(set(after) - set(before)) == 1  # the digit is another
    assert status(page) == expected(digits_run, -1)
    values = digits_run.snapshots[-1].layer_values(2, 7)
    digit = int(np.argmax(values))
    assert verdict(page) == f"says {digit} {'✓ right' if digit == 7 else '✗ wrong'}"
    press(page, "Play")
    page.wait_for_function(f"line => !{TEXTS}.includes(line)", arg=expected(digits_run, -1))
    wait_for_status(page, expected(digits_run, -1))
    assert "label: 7" in texts(page)
    assert verdict(page) == f"says {digit} {'✓ right' if digit == 7 else '✗ wrong'}"


@pytest.mark.long
def test_a_phone_can_scroll(watched, digits_run, digits_file):
    watched.page.set_viewport_size({"width": 390, "height": 844})
    page = watched.open(digits_file)
    wait_for_status(page, expected(digits_run, 0))
    assert page.evaluate("document.documentElement.scrollWidth") == 950
    press(page, "Play")
    wait_for_status(page, expected(digits_run, -1))


@pytest.mark.long
def test_hostile_names_do_nothing(watched, tmp_path):
    X = np.random.default_rng(0).normal(size=(40, 5))
    y = [HOSTILE[k] for k in X[:, :4].argmax(axis=1)]
    net = NetFactory([5, 6, 4], seed=0).new()
    history = net.fit(X, y, epochs=3, snapshots=10, watch=(X, y), progress=False)
    page = watched.open(written(history, tmp_path / "names.html"))
    wait_for_status(page, expected(history, 0))
    assert any("<img src=x" in text for text in texts(page))
    press(page, "Play")
    wait_for_status(page, expected(history, -1))
    page.locator(".updatemenu-header").click()
    page.locator(".updatemenu-dropdown-button").nth(2).click()
    for circle in page.locator(".points path.point").all()[:40]:
        box = circle.bounding_box()
        if box is not None:
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.goto((plotting.save(plotting.confusion(net, X, y), tmp_path / "c.html")).as_uri())
    page.wait_for_selector(".heatmaplayer image")
    assert page.locator("a[href], img, foreignObject").count() == 0
    page.mouse.move(640, 400)
    page.wait_for_selector(".hoverlayer .hovertext")
    watched.requests.remove((tmp_path / "c.html").as_uri())


@pytest.mark.long
def test_the_plane_of_two_inputs_plays(watched, tmp_path):
    X, y = moons(60, 0.1, 0)
    net = NetFactory([2, 6, 1], hidden_activation="tanh", seed=0).new()
    history = net.fit(
        X, y, epochs=20, batch_size=10, learning_rate=0.5, snapshots=15, watch=(X, y), progress=False
    )
    page = watched.open(written(history, tmp_path / "moons.html"))
    wait_for_status(page, expected(history, 0))
    before = shown_images(page)
    press(page, "Play")
    wait_for_status(page, expected(history, -1))
    page.wait_for_function(
        "before => before !== document.querySelector('.imagelayer image').getAttribute('href')",
        arg=before[0],
    )
    wait_for_rest(page)
    after = shown_images(page)
    assert len(before) == len(after) == 3
    assert not set(before) & set(after)
    widths = page.evaluate(
        "[...document.querySelectorAll('.x5y5 .point')].map(each => each.style.strokeWidth)"
    )
    assert len(widths) == 60
    wrong = sum(width == "3px" for width in widths)
    assert wrong == round(60 * (1 - history.snapshots[-1].watch_accuracy))


OUTSIDE = """() => [...document.querySelectorAll(".textpoint text")].map(text => ({
        words: text.textContent, box: text.getBoundingClientRect(),
    })).filter(({ box }) => box.width > 0).flatMap((one, k, all) => [
        ...(one.box.left < 0 || one.box.right > innerWidth || one.box.bottom > innerHeight
            ? [`${one.words} is cut off`] : []),
        ...all.slice(k + 1).filter(({ box }) =>
            Math.min(box.right, one.box.right) - Math.max(box.left, one.box.left) > 1
            && Math.min(box.bottom, one.box.bottom) - Math.max(box.top, one.box.top) > 4
        ).map(({ words }) => `${one.words} meets ${words}`),
    ])"""


MEETING = """(names) => [...document.querySelectorAll(".textpoint text")]
    .filter((text) => names.includes(text.textContent))
    .filter((text) => [...document.querySelectorAll(".points path.point")].some((point) => {
        const [one, other] = [text.getBoundingClientRect(), point.getBoundingClientRect()];
        return other.width > 12 && one.left < other.right + 1 && one.right > other.left - 1
            && one.top < other.bottom && one.bottom > other.top;
    })).map((text) => text.textContent)"""


@pytest.mark.parametrize("sizes", mostly_long([[7, 5, 1], [7, 6, 5, 1], [2, 5, 1], [7, 5, 3]]))
@pytest.mark.parametrize("kind", mostly_long(["animation", "network", "network with z"]))
def test_names_and_numbers_of_a_table_have_room(watched, tmp_path, sizes, kind):
    """Long names, and numbers from thousandths to millions, below zero and above."""
    names = ["the living area in square metres", "WWWWWWWWWWWWWWWWWWWWWWWW", *"abcde"]
    sample = np.random.default_rng(0).normal(size=(60, 7)) * 10.0 ** np.arange(7, 0, -1)
    X = pd.DataFrame(sample, columns=names).iloc[:, : sizes[0]]
    y = pd.Series(sample[:, 0], name="price of everything (EUR)")
    if sizes[-1] > 1:
        y = pd.Series(np.array(["loud", "quiet", "unusually quiet"])[np.arange(60) % 3], name="street")
    net = NetFactory(sizes, output_activation="linear" if sizes[-1] == 1 else None, seed=0).new()
    history = net.fit(
        X, y, epochs=2, snapshots=3, watch=(X[:5], y[:5]), prepare="standardise", progress=False
    )
    if kind == "animation":
        figure = plotting.animation(history)
    else:
        figure = plotting.network(net, X[:1], show_z=kind == "network with z")
    page = watched.page
    page.set_viewport_size({"width": figure.layout.width, "height": figure.layout.height})
    page.goto(plotting.save(figure, tmp_path / "table.html").as_uri())
    page.wait_for_selector(".textpoint text")
    assert page.evaluate(OUTSIDE) == []


@pytest.mark.long
@pytest.mark.parametrize("sizes", mostly_long([[3, 4, 2], [50, 40, 33, 1], [784, 60, 40, 10]]))
@pytest.mark.parametrize("has_sample", mostly_long([True, False]))
def test_columns_of_z_have_room(watched, tmp_path, sizes, has_sample):
    """In the smallest figure: digits beside circles, headings, and the lines below the net."""
    net = NetFactory(sizes, "tanh", seed=0).new()
    sample = np.random.default_rng(0).normal(0, 60, sizes[0]) if has_sample else None
    figure = plotting.network(net, sample, show_z=True)
    page = watched.page
    page.set_viewport_size({"width": figure.layout.width, "height": figure.layout.height})
    page.goto(plotting.save(figure, tmp_path / "net.html").as_uri())
    page.wait_for_selector(".textpoint text")
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(MEETING, [str(k) for k in range(10)]) == []
