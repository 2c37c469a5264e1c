"""Nobody is left out: axe has no finding, and all text can be read, in both themes."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from slow import mostly_long
from test_page_drawing import stroke
from test_page_paper import SHEET
from texts import CONTRASTS, RECORDER
from training import training
from watching import let_paint, unfold

KINDS = ("digits", "moons", "flowers", "bikes", "wide", "colours")
AA = 4.5  # WCAG 2.2, 1.4.3
READ = """() => {
    globalThis.readsGround = getComputedStyle(document.body).backgroundColor;
    slownet.player.resize();
}"""


@pytest.fixture(scope="module", params=KINDS)
def reached(request, browser, pages):
    """A page with all of its data; that of the wide table shows snapshots."""
    history = request.getfixturevalue(f"{request.param}_run")
    path = pages(history, keep="none" if request.param == "wide" else "all")
    with training(browser, path, scripts=(RECORDER,)) as page:
        yield page


def plain(made):
    yield "as it opens"
    made.frame.evaluate("() => slownet.player.choose({ neuron: slownet.net.neurons - 1 })")
    yield "a neuron is chosen"


def changed(made):
    page = made.page
    made.frame.evaluate("() => slownet.player.choose({ weight: slownet.net.source.length - 1 })")
    yield "a weight is chosen"
    made.frame.select_option("#stop", "loss")
    yield "something to stop at"
    made.frame.select_option("#stop", "")
    if not made.frame.evaluate("() => slownet.player.course.canTrain"):
        return
    made.open_panel()
    page.select_option("select[aria-label='learning rate']", "0.1")
    page.click("[aria-label^='add a neuron']")
    made.settle()
    page.click("#copy-link")
    yield "something is changed"
    page.click("#show-python")
    yield "lines of Python"
    page.click("#close-python")
    made.frame.evaluate("() => slownet.player.change('rate', 'no number')")
    assert page.locator("#problem").is_visible()
    yield "something cannot be changed"
    made.frame.evaluate("() => slownet.player.apart.open()")
    made.frame.evaluate("() => slownet.player.apart.goTo(40)")
    assert page.locator("#apart").is_visible()
    yield "a step is taken apart"
    page.click("#apart-derive")
    page.wait_for_selector("#derivation[open]")
    yield "a number is derived"
    page.click("#derivation-close")
    made.frame.evaluate("() => slownet.player.apart.close()")


def toured(made):
    for stop in range(3):
        made.frame.evaluate("stop => slownet.player.tour.show(stop)", stop)
        yield f"stop {stop + 1} of the tour"
    made.frame.evaluate("() => slownet.player.tour.end()")


def pointed(made):
    place = made.page.locator("#canvas").bounding_box()
    where = made.frame.evaluate(
        "() => [...slownet.painter.netView.places.discs.values()].find(({ r }) => r > 4)"
    )
    made.page.mouse.move(place["x"] + where["x"], place["y"] + where["y"])
    assert made.page.locator("#tip").is_visible()
    yield "the mouse points at a neuron"
    made.page.mouse.move(2, 2)


def drawn(made):
    if not made.page.locator("#draw").count():
        return
    made.page.click("#draw")
    yield "an empty sheet"
    for points in ([(0.2, 0.2), (0.8, 0.8)], [(0.8, 0.2), (0.2, 0.8)]):
        stroke(made.page, "#pad", points)
    unfold(made.page, "#why")
    yield "a drawing"
    unfold(made.page, "#why")
    made.page.keyboard.press("0")


def taught(made):
    page = made.page
    page.click("#for-class > summary")
    page.evaluate("() => (globalThis.print = () => {})")
    yield "what a class gets"
    page.click("#open-qr")
    yield "a file asks where it is published"
    page.fill("#qr-published", "https://example.org/page.html")
    yield "the link as a code"
    page.click("#close-qr")
    page.click("#open-task")
    yield "a task"
    page.click("#print-task")
    page.click("#open-quiz")
    page.wait_for_selector("#quiz-choices button, #quiz-text:has-text('nothing')")
    yield "a question"
    if page.locator("#quiz-choices button").count():
        page.click("#quiz-choices button >> nth=0")
        page.wait_for_selector("#quiz-next:not([hidden])")
        yield "an answer"
    page.click("#quiz-close")
    page.click("#for-class > summary")


def printed(made):
    made.page.emulate_media(media="print")
    made.page.set_viewport_size(SHEET)
    let_paint(made.page, 3)
    yield "on paper"
    made.page.emulate_media(media="screen")
    made.page.set_viewport_size({"width": 1280, "height": 800})
    let_paint(made.page, 3)


def small(made):
    made.page.set_viewport_size({"width": 390, "height": 844})
    let_paint(made.page, 3)
    yield "on a phone"
    made.page.set_viewport_size({"width": 1280, "height": 800})


def warned(made):
    made.frame.evaluate("() => { document.getElementById('too-old').hidden = false; }")
    made.frame.evaluate("() => { document.getElementById('too-old').textContent = 'too old'; }")
    yield "in an old browser"
    made.frame.evaluate("() => { document.getElementById('too-old').hidden = true; }")


STATES = (plain, pointed, toured, drawn, small, taught, printed, warned, changed)


def states(made, scheme="light"):
    made.page.emulate_media(media="screen", color_scheme=scheme)
    let_paint(made.page, 3)
    for each in STATES:
        yield from each(made)


@pytest.mark.long
def test_axe_has_no_finding(reached):
    for state in states(reached):
        found = Axe().run(reached.page).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == [], state


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_all_text_can_be_read(reached, scheme):
    for state in states(reached, scheme):
        reached.frame.evaluate(READ)
        contrasts = reached.frame.evaluate(CONTRASTS)
        assert len(contrasts) > 60, state
        assert any(text.startswith("canvas: ") for text, _ in contrasts), state
        assert [each for each in contrasts if each[1] < AA] == [], state


@pytest.mark.parametrize("scheme", mostly_long(["dark", "light"]))
def test_a_page_can_be_read_by_everybody(browser, pages, digits_run, scheme):
    """The shortest of these tests: one page as it opens."""
    with training(browser, pages(digits_run), scripts=(RECORDER,), color_scheme=scheme) as page:
        assert Axe().run(page.page).response["violations"] == []
        page.frame.evaluate(READ)
        assert [each for each in page.frame.evaluate(CONTRASTS) if each[1] < AA] == []
