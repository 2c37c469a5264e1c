"""Playing, stepping and scrubbing, and addresses of moments."""

from __future__ import annotations

import pytest
from opened import Opened, check_bar
from slow import mostly_long
from watching import PATIENCE, Watched, follow, let_paint


def test_play_runs_to_the_end_and_starts_again(digits):
    last = len(digits.history.snapshots) - 1
    check_bar(digits, 0)
    before = digits.page.evaluate("() => slownet.painted")
    digits.page.click("#play")
    assert digits.page.get_attribute("#play", "aria-pressed") == "true"
    assert "Pause" in digits.text("#play")
    digits.until("last => slownet.state().frame === last && !slownet.state().playing", last)
    assert digits.page.evaluate("() => slownet.painted") - before >= last
    check_bar(digits, last)
    assert "Play" in digits.text("#play")
    digits.page.click("#play")
    digits.until("last => slownet.state().frame < last && slownet.state().playing", last)
    digits.page.click("#play")
    assert not digits.state["playing"]
    frame = digits.frame
    let_paint(digits.page)
    check_bar(digits, frame)
    assert 0 <= frame < last


def test_keys(digits):
    last = len(digits.history.snapshots) - 1
    press = digits.page.keyboard.press
    press("End")
    check_bar(digits, last)
    press("ArrowRight")
    check_bar(digits, last)
    press("ArrowLeft")
    press("ArrowLeft")
    check_bar(digits, last - 2)
    press("Home")
    check_bar(digits, 0)
    press("ArrowLeft")
    check_bar(digits, 0)
    press("Space")
    assert digits.state["playing"]
    digits.until("() => slownet.state().frame > 1")
    press("ArrowRight")  # a step stops it
    assert not digits.state["playing"]
    press("Space")
    press("Space")
    assert not digits.state["playing"]
    press("7")
    assert digits.state["place"] == 7
    press("Control+3")
    assert digits.state["place"] == 7
    press("Escape")
    assert digits.state["chosen"] is None


def test_keys_work_wherever_the_focus_is(digits):
    page = digits.page
    page.locator(".sample").nth(3).click()
    page.keyboard.press("ArrowRight")
    check_bar(digits, 1)
    page.focus("#next")
    page.keyboard.press("Space")  # presses the button, and does not play
    check_bar(digits, 2)
    assert not digits.state["playing"]
    page.focus("#slider")
    page.keyboard.press("ArrowRight")
    check_bar(digits, 3)
    page.keyboard.press("End")
    check_bar(digits, len(digits.history.snapshots) - 1)
    page.keyboard.press("Home")
    check_bar(digits, 0)
    page.keyboard.press("5")
    assert digits.state["place"] == 5
    page.keyboard.press("Space")
    assert digits.state["playing"]
    page.focus("#colours")
    page.keyboard.press("ArrowDown")
    assert digits.state["colours"] == "change"


def test_buttons_step(digits):
    digits.page.click("#next")
    digits.page.click("#next")
    check_bar(digits, 2)
    digits.page.click("#previous")
    check_bar(digits, 1)


def test_slider_scrubs(digits):
    last = len(digits.history.snapshots) - 1
    box = digits.page.locator("#slider").bounding_box()
    y, seen = box["y"] + box["height"] / 2, []
    digits.page.click("#play")
    digits.page.mouse.move(box["x"] + 8, y)
    digits.page.mouse.down()
    assert not digits.state["playing"]
    for share in (0.1, 0.3, 0.5, 0.8, 1.1):
        digits.page.mouse.move(box["x"] + share * box["width"], y, steps=3)
        seen.append(digits.frame)
        check_bar(digits, seen[-1])
    digits.page.mouse.move(box["x"] - 40, y, steps=3)
    check_bar(digits, 0)
    digits.page.mouse.up()
    assert seen == sorted(set(seen))
    assert seen[-1] == last
    assert abs(seen[2] - last / 2) <= 1


@pytest.mark.parametrize(
    ("speed", "milliseconds", "frames"),
    mostly_long([("4", 200, 12), ("1", 500, 10), ("0.25", 2000, 10)], several=True),
)
def test_speed(browser, pages, digits_run, speed, milliseconds, frames):
    """By the clock of the page, which only the test moves: 20 frames a second times the speed."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.clock.install()
    watched = Watched(page)
    watched.play(pages(digits_run), "#step=0")
    page.select_option("#speed", speed)
    made = Opened(watched, digits_run)
    assert made.state["speed"] == float(speed)
    page.clock.pause_at(page.evaluate("() => Date.now() + 1000"))
    page.click("#play")
    page.clock.run_for(milliseconds)
    assert abs(made.frame - frames) <= 1
    page.close()
    watched.check()


def test_the_address_brings_somebody_else_to_the_same_moment(browser, digits, pages):
    digits.page.keyboard.press("End")
    for _ in range(3):
        digits.page.keyboard.press("ArrowLeft")
    digits.page.keyboard.press("7")
    digits.page.select_option("#colours", "learned")
    tile = digits.place("tiles", 784 + 2)
    digits.click("#canvas", tile["x"] + tile["size"] * 0.51, tile["y"] + tile["size"] * 0.51)
    wanted, address = digits.state, digits.page.url
    step = digits.history.snapshots[wanted["frame"]].step
    assert f"step={step}" in address
    assert "digit=7" in address
    assert "weight" in wanted["chosen"]
    other = browser.new_page(viewport={"width": 1280, "height": 800})
    other.set_default_timeout(PATIENCE)
    watched = Watched(other)
    watched.play(pages(digits.history), address[address.index("#") :])
    found = Opened(watched, digits.history)
    assert found.state == wanted
    assert found.page.locator("#tour").is_hidden()
    assert found.page.input_value("#colours") == "learned"
    check_bar(found, wanted["frame"])
    # another address on the same page leads elsewhere, and so does going back
    follow(other, "#step=0&digit=3&colours=weights&neuron=787")
    found.until("() => slownet.state().frame === 0")
    assert found.state["chosen"] == {"neuron": 787}
    assert found.state["place"] == 3
    follow(other, "#step=11")
    found.until("() => slownet.state().frame > 0")
    steps = [each.step for each in digits.history.snapshots]
    assert abs(steps[found.frame] - 11) == min(abs(step - 11) for step in steps)
    other.close()
    watched.check()


HASHES = [
    "#step=-1&digit=-1",
    "#step=1e3&digit=1e1&weight=1e1",
    "#step=99999999999999999999999999&digit=10&neuron=99999",
    "#digit=<img src=x onerror=alert(1)>&colours=<script>alert(1)</script>",
    "#colours=constructor&weight=__proto__&neuron=toString",
    "#step=NaN&digit=Infinity&weight=1.5&neuron=0x10",
    "#%E0%A4%A&%00%00=%00&step=%25",
    "#step=&digit=&colours=&weight=&neuron=",
    "#javascript:alert(1)",
    "#" + "a=1&" * 20000,
]


@pytest.mark.long
def test_hostile_addresses_do_nothing(browser, digits_run, pages):
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    watched = Watched(page)
    made = Opened(watched, digits_run)
    last = len(digits_run.snapshots) - 1
    watched.play(pages(digits_run), HASHES[3])
    for hostile in HASHES:
        follow(page, hostile)
        state = made.state
        assert state["frame"] in range(last + 1)
        assert state["place"] in range(10)
        assert state["colours"] == "weights"
        assert state["chosen"] in (None, {"neuron": 787})
        assert page.locator("#bar img, #bar script, main img, main script").count() == 0
        page.evaluate("() => document.activeElement?.blur()")
        page.keyboard.press("End")
        page.keyboard.press("4")
        assert made.state["place"] == 4
        assert made.frame == last
    page.close()
    watched.check()
