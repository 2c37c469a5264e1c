"""Digits chosen and drawn."""

from __future__ import annotations

import re

import numpy as np
import pytest
from opened import number
from training import training
from watching import unfold

from slownet import NetFactory, replay


@pytest.mark.long
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


CROSS = [[(0.2, 0.2), (0.8, 0.8)], [(0.8, 0.2), (0.2, 0.8)]]


def test_an_empty_sheet_is_not_judged(digits):
    page = digits.page
    page.click("#draw")
    assert digits.state["isEmpty"]
    assert "sure" not in digits.text("#verdict")
    assert "Draw on the square" in digits.text("#verdict")
    assert "Nothing is drawn yet" in digits.text("#terms")
    assert page.get_attribute("#pad", "aria-label") == "the input: an empty sheet; draw on it"
    assert "the net says" not in page.get_attribute("#canvas", "aria-label")
    assert page.locator("#why").is_hidden()
    stroke(page, "#pad", CROSS[0])
    assert "sure" in digits.text("#verdict")
    page.click("#clear-pad")
    assert "sure" not in digits.text("#verdict")
    page.keyboard.press("4")
    assert "true: 4" in digits.text("#verdict") or "right" in digits.text("#verdict")
    assert page.locator("#strokes").is_hidden()


@pytest.mark.long
def test_strokes_are_taken_back(digits):
    """With the mouse on a button, and with the keyboard: on the button, or with a letter."""
    page = digits.page
    drawings = [[0.0] * 784]
    page.click("#draw")
    for points in (*CROSS, [(0.5, 0.1), (0.5, 0.9)]):
        stroke(page, "#pad", points)
        drawings.append(digits.sample)
    assert len({tuple(each) for each in drawings}) == 4
    page.click("#undo-stroke")
    assert digits.sample == drawings[2]
    page.keyboard.press("Enter")  # the button has the focus
    assert digits.sample == drawings[1]
    assert not digits.state["isEmpty"]
    stroke(page, "#pad", CROSS[1])
    assert digits.sample == drawings[2]
    page.keyboard.press("z")
    page.keyboard.press("Control+z")
    assert digits.sample == drawings[0]
    assert digits.state["isEmpty"]
    assert page.get_attribute("#undo-stroke", "aria-disabled") == "true"
    page.focus("#undo-stroke")
    page.keyboard.press("Enter")  # nothing is left, and the focus stays
    assert page.evaluate("() => document.activeElement.id") == "undo-stroke"
    stroke(page, "#pad", CROSS[0])
    page.focus("#clear-pad")
    page.keyboard.press("Space")
    assert digits.state["isEmpty"]
    assert not digits.state["playing"]
    page.keyboard.press("3")
    shown = digits.sample
    page.keyboard.press("z")  # a sample has no strokes
    assert digits.sample == shown
    assert not digits.state["isDrawn"]


@pytest.mark.long
def test_strokes_are_drawn_and_taken_back_with_fingers(browser, pages, digits_run):
    phone = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
    with training(browser, pages(digits_run, keep="all"), "#step=80", **phone) as digits:
        page = digits.page
        page.locator("#pad").scroll_into_view_if_needed()
        touch = page.context.new_cdp_session(page)
        box = page.locator("#pad").bounding_box()

        def fingers(kind, *points):
            places = [
                {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": k}
                for k, (x, y) in enumerate(points)
            ]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

        fingers("touchStart", (0.3, 0.2))
        for k in range(8):
            fingers("touchMove", (0.3, 0.2 + 0.08 * k))
        fingers("touchEnd")
        first = page.evaluate("() => [...slownet.state().sample]")
        assert digits.state["isDrawn"]
        assert sum(first) > 5
        assert page.locator("#pad").bounding_box() == box  # it has not gone away under the finger
        fingers("touchStart", (0.6, 0.2))
        fingers("touchStart", (0.6, 0.2), (0.1, 0.9))  # the palm of the hand
        for k in range(8):
            fingers("touchMove", (0.6, 0.2 + 0.08 * k), (0.1, 0.9))
        fingers("touchEnd")
        strokes = page.evaluate("() => slownet.painter.pad.strokes.map(each => each.at(-1)[0])")
        assert [place / 336 for place in strokes] == pytest.approx([0.3, 0.6], abs=0.02)
        page.locator("#undo-stroke").tap()
        assert page.evaluate("() => [...slownet.state().sample]") == first
        page.locator("#clear-pad").tap()
        assert not any(page.evaluate("() => [...slownet.state().sample]"))
        assert "Draw on the square" in digits.text("#verdict")


EVIDENCE = """() => {
    const canvas = document.getElementById("evidence");
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const paper = copy.getContext("2d", { willReadFrequently: true });
    paper.drawImage(canvas, 0, 0);
    const { data } = paper.getImageData(0, 0, canvas.width, canvas.height);
    return Array.from({ length: data.length / 4 }, (_, k) => data[4 * k + 2] - data[4 * k]);
}"""  # how much bluer than red each pixel is


def leads(net, sample, lead, pixels):
    """How the lead of one class grows with the ink of some pixels, one after the other."""
    for pixel in pixels:
        found = []
        for change in (1e-4, -1e-4):
            net.forward([*sample[:pixel], sample[pixel] + change, *sample[pixel + 1 :]])
            found.append(lead(net))
        yield (found[0] - found[1]) / 2e-4


def check_totals(page, parts):
    """What all pixels say for one class, and for the other."""
    words = page.locator("#why-words").inner_text()
    found = [number(each) for each in re.findall(r": ([\d.·⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+) in all", words)]
    assert found == pytest.approx([parts[parts > 0].sum(), -parts[parts < 0].sum()], rel=5e-3)


@pytest.mark.long
def test_it_is_shown_which_pixels_spoke_for_what(browser, pages, digits_run):
    """Ink times the slope of the lead, which Python measures by changing one pixel after the other."""
    path = pages(digits_run, keep="all")
    with training(browser, path, "#step=80") as digits:
        page = digits.page
        assert page.locator("#why").is_hidden()  # of a sample
        page.click("#draw")
        for points in CROSS:
            stroke(page, "#pad", points)
        unfold(page, "#why")
        sample = page.evaluate("() => [...slownet.state().sample]")
        net = replay(path, "", step=80, engine="scalar")
        outputs = net.forward(sample)
        second, first = np.argsort(outputs)[-2:]
        assert digits.text("#why-not") == f"Why “{first}” and not “{second}”?"

        def lead(net):
            return net.layers[2].neurons[first].z - net.layers[2].neurons[second].z

        wanted_lead = lead(net)
        inked = [pixel for pixel in range(784) if sample[pixel] > 0]
        slopes = np.array([*leads(net, sample, lead, inked)])
        wanted = np.zeros(784)
        wanted[inked] = slopes * np.array(sample)[inked]
        assert len(inked) > 40
        assert min(wanted) < -0.01 < 0.01 < max(wanted)
        words = digits.text("#why-words")
        check_totals(page, wanted)
        assert number(re.search(r"= ([−\d.]+)\.", words)[1]) == pytest.approx(wanted_lead, rel=5e-3)
        assert f"for “{first}”" in page.get_attribute("#evidence", "aria-label")
        bluer = np.array(page.evaluate(EVIDENCE))
        clear = np.abs(wanted) > 0.05 * np.abs(wanted).max()
        middle = np.median(bluer[[k for k in range(784) if not sample[k]]])
        assert clear.sum() > 20
        assert (np.sign(bluer[clear] - middle) == np.sign(wanted[clear])).all()
        # it follows the drawing and the training
        before = page.evaluate(EVIDENCE)
        page.click("#undo-stroke")
        assert page.evaluate(EVIDENCE) != before
        before = page.evaluate(EVIDENCE)
        digits.go(5)
        assert page.evaluate(EVIDENCE) != before
        page.click("#clear-pad")
        assert page.locator("#why").is_hidden()


@pytest.mark.long
def test_of_two_classes_one_output_speaks_for_both(browser, tmp_path):
    rng = np.random.default_rng(5)
    X = (rng.random((200, 8, 8)) < 0.3).astype(float)
    y = np.where(X[:, 3:5].sum(axis=(1, 2)) > X[:, :, 3:5].sum(axis=(1, 2)), "across", "upright")
    X = X.reshape(200, 64)
    net = NetFactory([64, 5, 1], "tanh", seed=2).new()
    history = net.fit(
        X, y, epochs=40, batch_size=10, snapshots=5, watch=(X[:20], y[:20]), progress=False
    )
    path = history.write_html(tmp_path / "lines.html", keep="all")
    with training(browser, path) as lines:
        page = lines.page
        assert page.evaluate("() => slownet.net.facts.side") == 8
        drawings = {"across": [(0.1, 0.5), (0.9, 0.5)], "upright": [(0.5, 0.1), (0.5, 0.9)]}
        for first, other in (("across", "upright"), ("upright", "across")):
            page.click("#draw")
            stroke(page, "#pad", drawings[first])
            if not page.evaluate("() => document.getElementById('why').open"):
                unfold(page, "#why")
            assert lines.text("#verdict strong") == first
            assert lines.text("#why-not") == f"Why “{first}” and not “{other}”?"
            sample = page.evaluate("() => [...slownet.state().sample]")
            net = replay(path, "", step=lines.step, engine="scalar")
            slopes = np.array([*leads(net, sample, lambda net: net.layers[2].neurons[0].z, range(64))])
            check_totals(page, np.array(sample) * slopes * (1 if first == "upright" else -1))
