"""Digits chosen and drawn."""

from __future__ import annotations

import numpy as np
import pytest


def test_any_of_ten_digits_at_any_step(digits):
    buttons = digits.page.locator(".sample")
    assert buttons.count() == 10
    for frame in (0, 9, 19):
        digits.show(frame)
        for place in (0, 4, 8):
            buttons.nth(place).click()
            assert digits.state["place"] == place
            pressed = [buttons.nth(k).get_attribute("aria-pressed") for k in range(10)]
            assert pressed == ["true" if k == place else "false" for k in range(10)]
            outputs = digits.page.evaluate("() => [...slownet.net.outputs(slownet.painter.pass)]")
            wanted = digits.history.snapshots[frame].layer_values(2, place)
            assert outputs == pytest.approx(wanted, abs=1e-3)


def stroke(page, selector, points):
    """Draw with the mouse; places are shares of the element."""
    box = page.locator(selector).bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def test_drawing_sends_a_digit_through_the_net(digits):
    assert digits.page.get_attribute("#draw", "aria-pressed") == "false"
    before = digits.sample
    stroke(digits.page, "#pad", [(0.15, 0.2), (0.5, 0.2), (0.25, 0.6)])
    drawn = np.array(digits.sample).reshape(28, 28)
    assert digits.state["isDrawn"]
    assert digits.page.get_attribute("#draw", "aria-pressed") == "true"
    assert digits.page.locator(".sample[aria-pressed=true]").count() == 0
    assert drawn.ravel().tolist() != before
    places = np.arange(28)
    assert (drawn.sum(axis=1) @ places) / drawn.sum() == pytest.approx(14, abs=0.05)
    assert (drawn.sum(axis=0) @ places) / drawn.sum() == pytest.approx(14, abs=0.05)
    high = max(np.ptp(np.flatnonzero((drawn > 0.1).any(axis=axis))) + 1 for axis in (0, 1))
    assert 19 <= high <= 21
    assert drawn.max() == 1.0
    for frame in (0, 10, 19):
        digits.show(frame)
        assert digits.sample == drawn.ravel().tolist()
        wanted = digits.history.snapshots[frame].restore().forward(digits.sample)
        found = digits.page.evaluate("() => [...slownet.net.outputs(slownet.painter.pass)]")
        assert found == pytest.approx(wanted, abs=1e-3)
    assert digits.text("#one-step") == ""  # there is no truth to learn from
    assert digits.page.locator("#backward").is_hidden()
    # a second stroke adds to the first, "Draw" begins anew, and so does drawing on a sample
    stroke(digits.page, "#pad", [(0.3, 0.75), (0.8, 0.75)])
    more = np.array(digits.sample)
    assert more.tolist() != drawn.ravel().tolist()
    digits.page.click("#draw")
    assert not any(digits.sample)
    stroke(digits.page, "#pad", [(0.5, 0.2), (0.5, 0.8)])
    line = digits.sample
    digits.page.keyboard.press("2")
    assert not digits.state["isDrawn"]
    stroke(digits.page, "#pad", [(0.5, 0.2), (0.5, 0.8)])
    assert digits.sample == pytest.approx(line, abs=0.03)


def test_the_right_button_does_not_draw(digits):
    box = digits.page.locator("#pad").bounding_box()
    digits.page.mouse.click(box["x"] + 50, box["y"] + 50, button="right")
    assert not digits.state["isDrawn"]
