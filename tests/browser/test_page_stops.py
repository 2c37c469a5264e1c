"""Stopping a training where something becomes true: in the page that trains, and in one of snapshots."""

from __future__ import annotations

import pytest
from training import training
from watching import Watched

from slownet import replay

STOP = """(name) => {
    const list = document.getElementById("stop");
    list.value = name;
    list.dispatchEvent(new Event("change"));
}"""
FOUND = "() => slownet.player.state.stopped?.kind === 'found'"
SAID = "#stopped"
RIGHT = """() => {
    const { net, player: { state } } = slownet;
    const [value] = net.outputs(net.forward(state.frame, state.sample));
    return value > 0.5 === net.targets[state.place] > 0.5;
}"""


@pytest.fixture(scope="module")
def moons(browser, pages, moons_run):
    with training(browser, pages(moons_run, keep="all"), "#step=0") as page:
        yield page


def test_it_stops_at_the_first_step_whether_it_plays_or_seeks(moons):
    moons.frame.evaluate(STOP, "accuracy")
    for text in ("80", "100.9"):  # the second cannot be reached, and the first comes back
        moons.frame.fill("#bound", text)
        moons.frame.press("#bound", "Tab")
    assert moons.frame.input_value("#bound") == "80"
    assert moons.state["step"] == 0
    moons.frame.click("#find")
    moons.until(FOUND)
    sought = moons.settle().step
    held = moons.frame.evaluate("() => slownet.player.course.told.heldOut.accuracy")
    assert 0 < sought < moons.last
    assert held >= 0.8
    assert moons.text(SAID) == (
        f"Stopped at step {sought}: the accuracy is {100 * held:.1f} %, and 80.0 % was to be reached."
    )
    assert "stop=accuracy_0.8" in moons.page.url
    before = moons.go(sought - 1).frame.evaluate("() => slownet.player.course.told.heldOut.accuracy")
    assert before < 0.8
    moons.go(0)
    moons.frame.select_option("#speed", "4")
    moons.frame.click("#play")
    moons.until(FOUND)
    assert moons.settle().step == sought


def test_right_about_the_shown_sample_is_as_python_says(moons, pages, moons_run):
    moons.go(0)
    moons.frame.evaluate(STOP, "right")
    moons.frame.click("#find")
    moons.until("() => slownet.player.state.stopped")
    stopped = moons.settle().frame.evaluate("() => slownet.player.state.stopped")
    kind, step = stopped["kind"], stopped["step"]
    path = pages(moons_run, keep="all")
    X = [[float(x) for x in moons.frame.evaluate("() => Array.from(slownet.player.state.sample)")]]
    truth = moons.frame.evaluate("() => slownet.net.targets[slownet.player.state.place]")
    rights = [replay(path, step=at).predict(X)[0] == truth for at in range(step + 1)]
    became = [at for at in range(1, step + 1) if rights[at] and not rights[at - 1]]
    assert became == ([step] if kind == "found" else [])


@pytest.mark.long
def test_it_looks_at_the_sample_that_is_shown(moons):
    """Also if another one is chosen while it looks, or a step taken apart shows the batch's own."""
    find = """sample => {
        slownet.player.setSample(sample);
        slownet.player.stops.find();
    }"""
    moons.frame.evaluate(STOP, "right")
    found = []
    for sample in range(10):
        moons.go(0).frame.evaluate(find, sample)
        moons.until("() => !slownet.player.state.seeking")
        found.append(moons.settle().text(SAID))
    one = next(k for k in range(1, 10) if found[k] != found[0])
    moons.go(0).frame.evaluate(f"() => {{ ({find})(0); slownet.player.setSample({one}); }}")
    moons.until("() => !slownet.player.state.seeking")
    step = moons.settle().step
    if moons.frame.evaluate(FOUND):
        assert [moons.go(at).frame.evaluate(RIGHT) for at in (step - 1, step)] == [False, True]
    else:
        assert step == moons.last
    moons.go(0).frame.evaluate("() => slownet.player.setSample(0)")
    moons.page.keyboard.press("o")
    moons.until("() => slownet.player.state.apart?.told")
    moons.frame.click("#find")
    moons.until("() => !slownet.player.state.seeking")
    assert moons.settle().text(SAID) == found[0]
    assert moons.page.locator("#apart").is_hidden()


def test_what_is_so_already_and_what_never_happens_is_said(moons):
    moons.go(moons.last - 1)
    moons.frame.evaluate(STOP, "loss")
    moons.frame.fill("#bound", "1000")
    moons.frame.press("#bound", "Tab")
    said = []
    moons.frame.evaluate("() => { slownet.player.stops.find(); }")
    moons.until("() => slownet.player.state.stopped")
    said.append(moons.settle().text(SAID))
    assert said[-1].startswith("It did not happen up to step ")
    moons.go(3)
    moons.frame.select_option("#speed", "0.25")
    moons.frame.click("#play")
    moons.until("() => slownet.player.state.stopped?.kind === 'already'")
    assert "already: it goes on until it becomes so anew." in moons.text(SAID)
    moons.frame.click("#play")
    moons.frame.evaluate(STOP, "")
    assert not moons.frame.is_visible("#stopping")
    assert "stop=" not in moons.page.url


def test_what_a_page_cannot_know_is_not_offered(browser, pages, prices_run):
    with training(browser, pages(prices_run, keep="all"), "#stop=right") as page:
        assert page.frame.evaluate("() => slownet.player.state.stop") is None
        assert "cannot stop at “right”" in page.text("#problem")
        texts = page.frame.locator("#stop option").all_inner_texts()
        assert "when the loss is below" in texts
        assert "when this sample becomes right" not in texts


def test_snapshots_are_looked_at_one_by_one(browser, pages, digits_run):
    page = browser.new_page()
    watched = Watched(page)
    watched.play(pages(digits_run), "#step=0&stop=right&digit=3")
    rights = page.evaluate(
        """() => {
            const { net, player: { state } } = slownet;
            const largest = (each) => each.indexOf(Math.max(...each));
            return net.facts.training.steps.map((_, frame) =>
                largest(Array.from(net.outputs(net.forward(frame, state.sample)))) === state.truth);
        }"""
    )
    wanted = next(k for k in range(1, len(rights)) if rights[k] and not rights[k - 1])
    page.click("#find")
    page.wait_for_function(FOUND)
    assert page.evaluate("() => slownet.player.state.frame") == wanted
    assert "Stopped at the snapshot of step" in page.inner_text(SAID)
    page.close()
    watched.check()
