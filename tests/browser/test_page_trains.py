"""A page that trains itself: it opens, compares itself with Python, plays, goes back and trains on."""

from __future__ import annotations

import re

import pytest
from page_texts import parts_of, rewritten
from slow import mostly_long
from training import training
from watching import let_paint

from slownet.experiments.replaying import replayed

KEPT = "() => [slownet.player.course.told.step, [...slownet.player.course.told.weights]]"


@pytest.fixture
def moons(browser, pages, moons_run):
    """A page of a net in the plane, opened at the end of its training."""
    with training(browser, pages(moons_run, keep="auto")) as page:
        yield page


@pytest.fixture
def digits(browser, pages, digits_run):
    with training(browser, pages(digits_run, keep="auto")) as page:
        yield page


@pytest.mark.parametrize("kind", mostly_long(["digits", "moons"]))
def test_it_opens_trained_with_every_bit_of_python(request, kind):
    history, page = request.getfixturevalue(f"{kind}_run"), request.getfixturevalue(kind)
    last = history.last_step
    assert (page.step, page.last) == (last, last)
    assert page.edits == []
    said = f"Trained again in this browser: {last} of {last} steps, every bit as in Python."
    assert page.text("#compared") == said
    page.check()
    assert page.text("#step") == str(last)
    assert page.frame.locator("#problem").is_hidden()


@pytest.mark.long
def test_it_says_at_which_step_it_parted_from_python(browser, pages, moons_run, tmp_path):
    text = pages(moons_run, keep="auto").read_text("utf-8")
    known, payload = parts_of(text)
    states = known["facts"]["recipe"]["digests"]["states"]
    step = states[-3][0]
    states[-3][1] ^= 1
    path = tmp_path / "altered.html"
    path.write_text(rewritten(text, known, payload), encoding="utf-8")
    with training(browser, path) as page:
        said = page.text("#compared")
        assert said.startswith("Trained again in this browser: ")
        assert "every bit" not in said
        assert re.search(rf"\b{step}\b", said)


@pytest.mark.long
def test_play_pause_and_single_steps(moons):
    page = moons.page
    page.click("#play")
    moons.until("() => slownet.state().playing && slownet.state().step > 2")
    page.click("#play")
    moons.settle()
    step = moons.step
    let_paint(page)
    assert moons.step == step < 120
    moons.check()
    page.click("#next")
    moons.until("step => slownet.state().step === step", step + 1)
    moons.settle().check()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    moons.until("step => slownet.state().step < step", step)
    page.keyboard.press("Home")
    moons.until("() => slownet.state().step === 0")
    moons.settle().check()
    page.evaluate("() => document.activeElement.blur()")  # a button has the space bar for itself
    page.keyboard.press("Space")
    moons.until("() => !slownet.state().playing && slownet.state().step === 120")
    moons.settle().check()


@pytest.mark.long
def test_the_slider_goes_to_any_step_and_back(moons):
    page = moons.page
    box = page.locator("#slider").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for share in (0.3, 0.7, 0.9, 0.5):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2, steps=3)
        moons.settle().check()
    middle = moons.step
    page.mouse.up()
    assert 0 < middle < 120
    page.focus("#slider")
    page.keyboard.press("End")
    moons.until("() => slownet.state().step === 120")
    page.keyboard.press("Home")
    moons.until("() => slownet.state().step === 0")
    moons.settle().check()


@pytest.mark.long
def test_going_back_and_forth_gives_the_same_bits(moons):
    known = dict(tuple(moons.go(step).frame.evaluate(KEPT)) for step in (120, 7, 64))
    for step in (7, 120, 64, 7):
        assert moons.go(step).frame.evaluate(KEPT) == [step, known[step]]


@pytest.mark.long
def test_it_trains_on_beyond_the_end(moons, moons_run):
    page = moons.open_panel().page
    page.click("#train-on")
    moons.until("() => slownet.state().step > 130")
    page.click("#play")
    moons.settle().check()
    assert moons.last > moons.step > 130
    losses = replayed(moons.path, step=moons.step).loss
    drawn = moons.frame.evaluate("() => [...slownet.player.course.progress.curves.loss.line().x]")
    assert drawn[-1] == moons.step == len(losses)


@pytest.mark.long
def test_play_and_pause_end_a_way_that_would_take_hours(browser, pages, moons_run):
    path = pages(moons_run, keep="auto")
    with training(browser, path) as page:
        page.frame.evaluate("() => { location.hash = '#e=&step=1000000000'; }")
        page.until("() => slownet.state().step > 5000")
        assert page.frame.evaluate("() => slownet.painter.plane.resolution") == 48  # until it is there
        assert page.frame.evaluate("() => slownet.player.course.slice") == 100
        page.page.click("#play")
        page.until("() => slownet.state().playing && !slownet.player.isOnTheWay")
        page.page.click("#play")
        page.settle()
        step = page.step
        let_paint(page.page)
        assert page.step == step < 10_000_000
        assert page.frame.evaluate("() => slownet.painter.plane.resolution") == 120
        kept = page.frame.evaluate(KEPT)
        page.page.keyboard.press("ArrowLeft")
        page.settle()
        page.page.keyboard.press("ArrowRight")
        assert page.settle().frame.evaluate(KEPT) == kept
        # the same where it goes to an end that is far
        page.go(0).open_panel()
        page.frame.select_option("select[aria-label='learning rate']", "0.01")
        page.settle()
        far = 3_000_000
        page.frame.evaluate("far => slownet.show(slownet.player.course.nearest(far))", far)
        page.page.click("#play")
        page.until("() => slownet.state().step > 0")
        page.page.click("#play")
        page.settle()
        assert 0 < page.step < far


@pytest.mark.long
def test_the_plane_of_a_wide_net_is_coarser(browser, pages, moons_run):
    """Otherwise the page would stand still for seconds."""
    wide = "#e=5_layer_0_256_relu~5_layer_1_256_relu~5_layer_2_256_relu&step=6"
    with training(browser, pages(moons_run, keep="auto"), wide) as page:
        products = "() => slownet.net.source.length * slownet.painter.plane.resolution ** 2"
        assert 1e7 < page.frame.evaluate(products) < 2e8
        assert page.frame.evaluate("() => slownet.painter.plane.tiles().size") == 3 * 256 + 12
        page.check()


@pytest.mark.long
def test_an_address_brings_somebody_else_to_the_same_experiment(browser, moons):
    page = moons.open_panel().page
    moons.go(40)
    page.select_option("select[aria-label='learning rate']", "0.1")
    moons.go(77)
    page.click("[aria-label='add a neuron to layer 1']")
    moons.go(90).check()
    moons.until("() => location.hash.includes('step=90')")
    address = page.evaluate("() => location.hash")
    with training(browser, moons.path, address) as other:
        assert other.edits == moons.edits
        assert other.step == 90
        assert other.frame.evaluate(KEPT) == moons.frame.evaluate(KEPT)


@pytest.mark.long
def test_two_pages_in_one_browser_do_not_meet(browser, pages, moons, digits_run):
    with training(browser, pages(digits_run, keep="auto")) as other:
        moons.go(10)
        other.go(20)
        moons.page.click("#play")
        other.page.click("#play")
        for each in (moons, other):
            each.until("() => !slownet.state().playing")
            each.check()


@pytest.mark.long
@pytest.mark.parametrize("steps", mostly_long([2000, 100_000], 1))
def test_a_long_training_is_gone_through_to_and_fro(moons, steps):
    moons.open_panel().go(50)
    moons.page.select_option("select[aria-label='learning rate']", "0.03")
    moons.settle()
    moons.frame.evaluate("step => slownet.player.show(slownet.player.course.nearest(step))", steps)
    moons.until("step => slownet.state().step === step", steps)
    moons.settle()
    if steps < 10_000:
        moons.check()
    kept = moons.frame.evaluate("() => slownet.player.course.told.weights.join()")
    moons.go(steps // 2)
    moons.go(steps)
    assert moons.frame.evaluate("() => slownet.player.course.told.weights.join()") == kept
