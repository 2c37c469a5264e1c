"""The page that trains, measured: nothing overlaps or is cut, and its panel needs no mouse."""

from __future__ import annotations

import pytest
from slow import mostly_long
from test_page_layout import CUT, check_apart, settle
from training import training
from watching import unfold

SIZES = [(1280, 800), (390, 844), (320, 640), (820, 1180), (1920, 1080)]
SECTIONS = """() => [...document.querySelectorAll(
    "header > :not(details), #experiment > *, #spelled, #net-view, #plane, #side > div, footer"
)].filter(each => each.offsetParent && getComputedStyle(each).clipPath === "none").map(each => {
    const { left, right, top, bottom } = each.getBoundingClientRect();
    const name = each.id || each.className || each.tagName;
    return [name, left, right, top + scrollY, bottom + scrollY];
}).filter(([, left, right, top, bottom]) => right > left && bottom > top)"""
CONTROLS = """() => [...document.querySelectorAll(
    "header :is(button, select, input, summary), #brushes label, #chosen-actions :is(button, input)"
)].filter(each => each.offsetParent).map(each => {
    const { left, right, top, bottom } = each.getBoundingClientRect();
    return [each.id || each.textContent || each.ariaLabel, left, right, top + scrollY, bottom + scrollY];
})"""
INSIDE = """() => [["#plane", "#plane > *"], ["#experiment", "#experiment .row > *"],
    ["#teach", "#teach > *"], ["#strokes", "#strokes > *"], ["#why", "#why > *"]].flatMap(
    ([outer, inner]) => {
        const around = document.querySelector(outer).getBoundingClientRect();
        return [...document.querySelectorAll(inner)].filter(each => each.offsetParent).filter(each => {
            const { left, right, bottom } = each.getBoundingClientRect();
            return left < around.left - 1 || right > around.right + 1 || bottom > around.bottom + 1;
        }).map(each => `${outer}: ${each.id || each.textContent}`);
    })"""
NAMED = """() => [...document.querySelectorAll("button, select, input, summary")]
    .filter(each => each.offsetParent)
    .filter(each => !(each.ariaLabel || each.labels?.[0]?.textContent.trim() || each.textContent.trim()))
    .map(each => each.outerHTML.slice(0, 80))"""
UNLIKE = """() => [...document.querySelectorAll("label")].flatMap(label => {
    const { control } = label;
    const words = [...label.childNodes].filter(each => !each.contains(control))
        .map(each => each.textContent).join("").trim();
    const called = control.ariaLabel;
    return !called || called.includes(words) ? [] : [`${words}: ${called}`];
})"""
FOCUSED = """() => {
    const at = document.activeElement;
    return at === document.body ? null
        : at.id || at.ariaLabel || at.value || at.textContent.trim();
}"""


@pytest.fixture(scope="module", params=mostly_long(["digits", "moons", "colours"]))
def changed(browser, pages, request):
    """A page with a few changes, its panel open, and something chosen in it."""
    history = request.getfixturevalue(f"{request.param}_run")
    with training(browser, pages(history, keep="all")) as page:
        page.open_panel().go(40)
        page.page.select_option("select[aria-label='learning rate']", "0.1")
        page.settle()
        page.page.click("[aria-label^='add a neuron']")
        page.settle()
        page.frame.evaluate("() => slownet.player.choose({ weight: slownet.net.source.length - 1 })")
        if request.param == "digits":
            page.page.click("#draw")
            box = page.page.locator("#pad").bounding_box()
            page.page.mouse.move(box["x"] + 30, box["y"] + 20)
            page.page.mouse.down()
            page.page.mouse.move(box["x"] + 40, box["y"] + 70, steps=5)
            page.page.mouse.up()
            unfold(page.page, "#why")
        yield page


@pytest.mark.parametrize("scheme", mostly_long(["light", "dark"]))
@pytest.mark.parametrize("size", mostly_long(SIZES))
def test_nothing_overlaps_or_is_cut(changed, size, scheme):
    page = changed.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    settle(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= size[0]
    sections, controls = page.evaluate(SECTIONS), page.evaluate(CONTROLS)
    for name, left, right, top, _ in [*sections, *controls]:
        assert left >= 0, name
        assert right <= size[0], name
        assert top >= 0, name
    check_apart(sections)
    check_apart(controls)
    assert page.evaluate(CUT) == []
    assert page.evaluate(INSIDE) == []


@pytest.mark.long
def test_every_control_has_a_name(changed):
    assert changed.frame.evaluate(NAMED) == []
    assert changed.frame.evaluate(UNLIKE) == []  # who speaks to the page says the words that stand there


@pytest.mark.long
def test_the_panel_is_reached_with_the_keyboard(browser, pages, moons_run):
    """Tab goes through it, arrows choose, the space bar presses, and the net is changed."""
    with training(browser, pages(moons_run, keep="auto")) as moons:
        page = moons.go(40).page
        page.focus("#experiment > summary")
        page.keyboard.press("Space")
        assert page.locator("#settings").is_visible()
        seen = []
        while (name := page.evaluate(FOCUSED)) and name not in seen:
            seen.append(name)
            page.keyboard.press("Tab")
        for name in (
            "learning rate",
            "optimizer",
            "batches of",
            "l1",
            "l2",
            "dropout",
            "add a neuron to layer 1",
        ):
            assert name in seen, name
        for name in ("remove layer 2", "noise", "other points", "again", "reseed", "train-on", "look"):
            assert name in seen, name
        page.focus("select[aria-label='batches of']")
        page.keyboard.press("ArrowDown")
        assert moons.settle().edits == ["40_batch_20"]
        assert moons.step == 40  # arrows are those of the list
        page.focus("[aria-label='add a neuron to layer 1']")
        page.keyboard.press("Space")
        assert moons.settle().edits[-1] == "40_add_1"
        assert not moons.state["playing"]
        page.focus("#brushes input[value=look]")
        page.keyboard.press("ArrowRight")
        assert moons.state["brush"] == "class 0"
        assert moons.step == 40
        page.focus("#undo")
        page.keyboard.press("Enter")
        assert moons.settle().edits == ["40_batch_20"]
        moons.check()


@pytest.mark.long
def test_the_focus_stays_where_it_was_pressed(browser, pages, moons_run):
    """Though the rows of layers are made anew after each change."""
    with training(browser, pages(moons_run, keep="auto")) as moons:
        page = moons.open_panel().go(40).page
        page.focus("[aria-label='add a neuron to layer 1']")
        for _ in range(3):
            page.keyboard.press("Enter")
            moons.settle()
        assert moons.edits == ["40_add_1"] * 3
        assert page.evaluate(FOCUSED) == "add a neuron to layer 1"
        page.focus("select[aria-label='activation of layer 1']")
        page.keyboard.press("ArrowDown")
        moons.settle()
        assert page.evaluate(FOCUSED) == "activation of layer 1"
        moons.check()


@pytest.mark.long
def test_the_window_is_resized_while_it_trains(browser, pages, moons_run):
    with training(browser, pages(moons_run, keep="auto")) as moons:
        page = moons.go(0).page
        page.select_option("#speed", "0.5")
        page.click("#play")
        for width, height in (*SIZES, *reversed(SIZES)):
            page.set_viewport_size({"width": width, "height": height})
            settle(page)
        page.set_viewport_size({"width": 1280, "height": 800})
        moons.until("() => !slownet.state().playing")
        settle(page)
        moons.check()
        assert page.evaluate(CUT) == []
