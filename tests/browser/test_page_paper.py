"""The page on paper: one sheet of A4 across, on which nothing lies over anything else."""

from __future__ import annotations

import contextlib
import itertools

import pytest
from codes import read_codes
from slow import mostly_long
from test_page_drawing import stroke
from test_page_layout import CUT, check_apart
from texts import PICTURES, RECORDER, TEXTS
from training import training
from watching import let_paint, unfold

ADDRESS = "https://example.org/class/page.html"
KINDS = ("flowers", "moons", "digits", "bikes", "homes", "prices", "wide", "colours")
SHEET = {"width": 1062, "height": 733}  # A4 across in CSS pixels, without margins of 8 mm
STANDS = """() => {
    const { isDark } = slownet.painter.theme;
    return [isDark, document.documentElement.className, document.querySelector("#foot").open];
}"""
OTHER = """() => {
    const { net: { facts: { samples, target_kind: kind } }, player: { state } } = slownet;
    const found = samples.findIndex(({ name }) => name !== samples[state.place].name);
    return [found, kind === "number" ? "" : samples[found].name];
}"""  # a sample of another class
HIDDEN = (
    "#play",
    "#slider",
    "#speed",
    "#theme",
    "#tour",
    ".keys",
    "#experiment",
    "#neuron",
    "#samples",
    "#strokes",
    "#backward:not([open])",
)
SHOWN = ("h1", "#numbers", "#canvas", "#terms", "#chart-loss", "#legend-loss", "#about", "#spelled-name")


@pytest.fixture(scope="module")
def printed(browser, pages, request):
    """Open the page of each kind once, with something chosen in it, for a reader in the dark."""
    made, leave = {}, []

    def page(kind):
        if kind not in made:
            history = request.getfixturevalue(f"{kind}_run")
            path = pages(history, keep="all" if kind != "wide" else "none")
            opening = training(browser, path, scripts=(RECORDER,), color_scheme="dark")
            made[kind] = opening.__enter__()
            leave.append(opening)
            made[kind].frame.evaluate(
                "() => slownet.player.choose({ weight: slownet.net.source.length - 1 })"
            )
        return made[kind].page

    yield page
    for each in leave:
        each.__exit__(None, None, None)


def pages_of(pdf):
    return pdf.count(b"/Type /Page\n")


@pytest.mark.parametrize("kind", mostly_long(KINDS))
def test_it_is_one_sheet(printed, kind):
    page = printed(kind)
    for options in ({"prefer_css_page_size": True}, {"format": "A4", "landscape": True}):
        assert pages_of(page.pdf(**options)) == 1, options
    assert page.evaluate(STANDS) == [True, "", False]  # as it was
    check_sheet(page)
    assert page.evaluate(STANDS) == [True, "", False]


@pytest.mark.long
def test_a_drawing_is_printed_with_what_its_pixels_say(printed):
    page = printed("digits")
    page.click("#draw")
    for points in ([(0.2, 0.2), (0.8, 0.8)], [(0.8, 0.2), (0.2, 0.8)]):
        stroke(page, "#pad", points)
    unfold(page, "#why")
    try:
        assert pages_of(page.pdf(prefer_css_page_size=True)) == 1
        check_sheet(page, "#evidence", "#why-words")
    finally:
        unfold(page, "#why")
        page.keyboard.press("0")


@pytest.mark.long
@pytest.mark.parametrize("kind", mostly_long(("digits", "moons", "flowers", "prices")))
def test_a_task_is_printed_on_one_sheet_with_its_code(printed, kind):
    page = printed(kind)
    page.evaluate("() => (globalThis.print = () => {})")
    page.click("#for-class > summary")
    other, name = page.evaluate(OTHER)
    page.click("#open-task")
    for task in (
        None,
        "How far is it?",
    ):  # what is proposed goes by what is shown, what was written stays
        if task is not None:
            page.fill("#task-text", task)
        page.click("#close-task")
        page.evaluate("(k) => slownet.player.setSample(k)", other)
        page.click("#open-task")
        text = page.input_value("#task-text")
        assert text == task if task else len(text) > 80 and name in text
    page.fill("#task-published", ADDRESS)
    page.click("#print-task")
    page.click("#for-class > summary")
    assert page.locator("#task").is_hidden()  # it is for paper
    try:
        assert pages_of(page.pdf(prefer_css_page_size=True)) == 1
        page.evaluate("() => (document.getElementById('task').hidden = false)")
        with sheet(page, *SHOWN[:-2], "#spelled-name", "#task hr", "#task .qr-code", "#task figcaption"):
            link = page.inner_text("#task figcaption")
            assert link.startswith(f"{ADDRESS}#step=")
            assert read_codes(page) == [link]
            box = page.locator("#task .qr-code").bounding_box()
            check_beside(page.evaluate(TEXTS), [["code", *edges(box)]])
    finally:
        page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert pages_of(page.pdf(prefer_css_page_size=True)) == 1
    check_sheet(page)  # the next one has none


def edges(box):
    return [box["x"], box["x"] + box["width"], box["y"], box["y"] + box["height"]]


def check_sheet(page, *selectors):
    """Everything stands on one sheet, apart."""
    with sheet(page, *SHOWN, *selectors):
        pass


@contextlib.contextmanager
def sheet(page, *selectors):
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size(SHEET)
    let_paint(page, 3)
    try:
        assert page.evaluate(STANDS) == [False, "on-paper", True]
        for selector in HIDDEN:
            assert page.locator(selector).is_hidden(), selector
        for selector in selectors:
            assert page.locator(selector).first.is_visible(), selector
        numbers = page.locator("#numbers .asked-for, #terms .asked-for, #verdict .asked-for")
        assert all(number.is_visible() for number in numbers.all())
        texts, pictures = page.evaluate(TEXTS), page.evaluate(PICTURES)
        assert len(texts) > 50
        for name, left, right, top, bottom in [*texts, *pictures]:
            assert left >= -1, name
            assert right <= SHEET["width"] + 1, name
            assert top >= -1, name
            assert bottom <= SHEET["height"], name
        check_apart(texts)
        check_apart(pictures)
        check_beside(page.evaluate(TEXTS.replace("[...lines, ...painted]", "lines")), pictures)
        assert page.evaluate(CUT) == []
        ground = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(255, 255, 255)"
        yield
    finally:
        page.emulate_media(media="screen", color_scheme="dark")
        page.set_viewport_size({"width": 1280, "height": 800})
        let_paint(page, 3)


def check_beside(texts, pictures):
    for text, picture in itertools.product(texts, pictures):
        check_apart([text, picture])


@pytest.mark.long
@pytest.mark.parametrize("kind", ["digits", "moons", "flowers"])
def test_pictures_are_drawn_as_large_as_they_are_on_paper(printed, kind):
    """Wherever the reader sits when the browser says that it prints: on a phone, at a wide screen."""
    page = printed(kind)
    try:
        page.emulate_media(media="print", color_scheme="dark")
        page.set_viewport_size(SHEET)
        let_paint(page, 3)
        wanted = page.evaluate(PICTURES), page.evaluate(TEXTS)
        page.emulate_media(media="screen", color_scheme="dark")
        for width, height in ((390, 844), (820, 1180), (1920, 1080)):
            page.set_viewport_size({"width": width, "height": height})
            let_paint(page, 3)
            assert pages_of(page.pdf(prefer_css_page_size=True)) == 1
            page.evaluate("() => { scrollTo(0, 0); dispatchEvent(new Event('beforeprint')); }")
            pictures, texts = page.evaluate(PICTURES), page.evaluate(TEXTS)
            for found, each in zip([*pictures, *texts], [*wanted[0], *wanted[1]], strict=True):
                assert found[0] == each[0]
                assert found[1:] == pytest.approx(each[1:], abs=1), found[0]
            dots = page.evaluate("() => canvas.width / canvas.getBoundingClientRect().width")
            assert dots == pytest.approx(3, abs=0.01)
            page.evaluate("() => dispatchEvent(new Event('afterprint'))")
            let_paint(page, 3)
            assert page.evaluate(STANDS) == [True, "", False]
            assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    finally:
        page.evaluate("() => dispatchEvent(new Event('afterprint'))")
        page.emulate_media(media="screen", color_scheme="dark")
        page.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.long
def test_a_training_that_plays_stands_still_for_paper(browser, pages, moons_run):
    with training(browser, pages(moons_run, keep="auto"), "#step=0") as moons:
        page = moons.page
        page.select_option("#speed", "0.25")
        page.click("#play")
        moons.until("() => slownet.state().step > 1")
        page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
        assert not moons.state["playing"]
        assert moons.text("#step") == str(moons.step)
        page.evaluate("() => dispatchEvent(new Event('afterprint'))")


@pytest.mark.long
def test_in_a_frame_it_is_printed_as_it_stands(browser, moons_run):
    """A notebook or an article decides what its paper looks like; light suits any."""
    page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="dark")
    page.set_content(moons_run.animate(height=700)._repr_html_())
    page.frame_locator("iframe").locator("#play").wait_for()
    frame = page.frames[1]
    frame.wait_for_function("() => window.slownet")
    box = "() => canvas.getBoundingClientRect().height"
    high = frame.evaluate(box)
    page.emulate_media(media="print", color_scheme="dark")
    frame.wait_for_function("() => !slownet.painter.theme.isDark")
    assert frame.evaluate(STANDS) == [False, "", False]
    assert frame.evaluate(box) == pytest.approx(high, abs=1)
    page.emulate_media(media="screen", color_scheme="dark")
    frame.wait_for_function("() => slownet.painter.theme.isDark")
    page.close()
