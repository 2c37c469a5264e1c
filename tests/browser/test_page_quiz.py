"""The quiz: its answers are computed, and what the page shows stays as it was."""

from __future__ import annotations

import pytest
from training import training

from slownet import datasets, replay

ASK = """(name) => {
    const { questions } = slownet.player.quiz;
    questions.kinds = [name === "says" ? "says" : "faster"];
    if (name !== "says") questions.left.faster = [name];
    document.getElementById("quiz-next").click();
    return slownet.player.quiz.question;
}"""
ANSWERED = "() => !document.getElementById('quiz-next').hidden"
STANDS = """() => {
    const { state, course } = slownet.player;
    const { experiment, frame, place, problem } = state;
    return JSON.stringify([location.hash, experiment, frame, place, problem, [...course.told.weights]]);
}"""


@pytest.fixture(scope="module")
def moons(browser, pages, moons_run):
    with training(browser, pages(moons_run, keep="all"), "#e=20_rate_0.2&step=40&digit=2") as page:
        page.frame.click("#for-class summary")
        before = page.frame.evaluate(STANDS)
        page.frame.click("#open-quiz")
        page.until("() => slownet.player.quiz.question !== null")
        yield page
        page.page.keyboard.press("Escape")
        page.until("() => !document.getElementById('quiz').open")
        assert page.frame.evaluate(STANDS) == before


def _answer(page) -> tuple[str, int]:
    page.until(ANSWERED)
    right = page.frame.evaluate(
        "() => [...document.getElementById('quiz-choices').children].findIndex((each) => "
        "each.classList.contains('is-right'))"
    )
    return page.text("#quiz-answer"), right


@pytest.mark.long
def test_what_the_net_says_is_what_python_says(moons, pages, moons_run):
    question = moons.frame.evaluate(ASK, "says")
    assert not moons.frame.is_visible("#quiz-answer *")
    moons.page.keyboard.press("1")
    said, right = _answer(moons)
    net = replay(pages(moons_run, keep="all"), "20_rate_0.2", step=40)
    x = moons.frame.evaluate("k => [...slownet.net.samples.slice(2 * k, 2 * k + 2)]", question["place"])
    assert right == net.predict([x])[0]
    assert ("✓ You guessed it." in said) == (right == 1)  # the key is the name of the class
    assert moons.text("#quiz-score") == f"{int(right == 1)} of 1"


@pytest.mark.long
@pytest.mark.parametrize("name", ["slower", "neurons"])
def test_the_faster_setting_is_trained_as_in_python(moons, pages, moons_run, name):
    question = moons.frame.evaluate(ASK, name)
    moons.frame.click("#quiz-choices button >> nth=2")
    said, right = _answer(moons)
    path = pages(moons_run, keep="all")
    X, y = datasets.moons(60, 0.1, 0)  # those that the page is judged by
    losses = []
    for side in question["sides"]:
        edits = "~".join("_".join(map(str, (e["step"], e["kind"], *e["args"]))) for e in side["edits"])
        losses.append(replay(path, edits, step=120).evaluate(X, y).loss)
    one, other = losses
    close = abs(one - other) < 0.05 * max(losses)
    assert right == (2 if close else int(other < one))
    for side, loss in zip("AB", losses, strict=True):
        digits = said.split(f"{side} has a loss of ")[1].split(" ")[0].rstrip(".")
        assert float(digits) == pytest.approx(loss, abs=0.6 * 10 ** -len(digits.split(".")[1]))
    assert moons.frame.is_visible("#chart-quiz")


def test_escape_leaves_it_where_nothing_in_it_has_the_focus(moons):
    """As while both are trained: the choice that was pressed cannot be pressed any more."""
    moons.frame.evaluate(ASK, "says")
    moons.frame.evaluate("() => document.activeElement.blur()")
    moons.page.keyboard.press("Escape")
    moons.until("() => !document.getElementById('quiz').open")
    moons.frame.click("#open-quiz")
    moons.until("() => slownet.player.quiz.question !== null")


def test_it_opens_again_before_the_browser_tells_that_it_was_closed(moons):
    moons.frame.evaluate(ASK, "says")
    moons.frame.evaluate(
        """() => new Promise(done => {
            const { place } = slownet.player.quiz;
            place.addEventListener("close", () => done(), { once: true });
            place.close();
            slownet.player.quiz.open();
        })"""
    )
    moons.until("() => slownet.player.quiz.question !== null")


@pytest.mark.long
def test_a_page_of_snapshots_asks_what_its_net_says(browser, pages, digits_run):
    page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(pages(digits_run).as_uri())
    page.wait_for_function("() => window.slownet?.painted")
    page.tap("#for-class summary")
    page.tap("#open-quiz")
    page.wait_for_selector("#quiz-choices button")
    boxes = [each.bounding_box() for each in page.locator("#quiz-choices button").all()]
    assert len(boxes) == 10
    assert all(box["width"] >= 44 and box["height"] >= 44 for box in boxes)
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)
    page.tap("#quiz-choices button >> nth=4")
    page.wait_for_function(ANSWERED)
    assert "The net says" in page.inner_text("#quiz-answer")
    page.close()
