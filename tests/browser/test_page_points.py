"""Points to learn from, drawn, moved and erased with the mouse and a finger; and drawn digits."""

from __future__ import annotations

import pytest
from slow import mostly_long
from training import training

from slownet import NetFactory, datasets

POINT = """k => {
    const { plane } = slownet.painter, { inputs, targets, count } = slownet.net.frames.points;
    return [inputs[2 * k], inputs[2 * k + 1], targets[k], count];
}"""


@pytest.fixture
def moons(browser, pages, moons_run):
    with training(browser, pages(moons_run, keep="auto")) as page:
        yield page.go(40)


def brush(page, name):
    page.frame.check(f"#brushes input[value='{name}']")
    assert page.state["brush"] == name


def at(page, x, y):
    """A place in the window, by shares of the plane."""
    box = page.page.locator("#plane-canvas").bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def click(page, x, y):
    page.page.mouse.click(*at(page, x, y))
    page.settle()


def drag(page, start, end, steps=10):
    mouse = page.page.mouse
    mouse.move(*at(page, *start))
    mouse.down()
    mouse.move(*at(page, *end), steps=steps)
    mouse.up()
    page.settle()


@pytest.mark.long
@pytest.mark.parametrize("wanted", mostly_long([0, 1]))
def test_a_press_draws_a_point_of_a_class(moons, wanted):
    brush(moons, f"class {wanted}")
    click(moons, 0.4, 0.3)
    [edit] = moons.edits
    assert edit.startswith("40_point_")
    x, y, target, count = moons.frame.evaluate(POINT, 60)
    assert edit == f"40_point_{x:.4g}_{y:.4g}_{wanted}"
    assert (target, count) == (wanted, 61)
    moons.check()
    moons.go(90).check()
    brush(moons, "look")
    click(moons, 0.6, 0.3)
    assert len(moons.edits) == 1  # now it only looks
    assert moons.state["isDrawn"]


@pytest.mark.long
@pytest.mark.parametrize("is_open", [False, True])
def test_a_stroke_draws_points_along_it(moons, is_open):
    """On one line, though the list of changes grows meanwhile."""
    if is_open:
        moons.open_panel()
    brush(moons, "class 1")
    box = moons.page.locator("#plane-canvas").bounding_box()
    drag(moons, (0.2, 0.3), (0.7, 0.3), 25)
    assert moons.page.locator("#plane-canvas").bounding_box() == box
    points = [edit.split("_") for edit in moons.edits]
    assert len(points) >= 8
    assert {kind for _, kind, *_ in points} == {"point"}
    assert len({y for *_, y, _ in points}) == 1
    places = [float(x) for _, _, x, _, _ in points]
    assert places == sorted(places)
    moons.go(100).check()


@pytest.mark.long
def test_points_are_moved_and_erased(moons):
    brush(moons, "class 0")
    click(moons, 0.3, 0.25)
    brush(moons, "move")
    drag(moons, (0.3, 0.25), (0.75, 0.6))
    move = moons.edits[-1].split("_")
    assert move[:3] == ["40", "move", "60"]
    x, y, *_ = moons.frame.evaluate(POINT, 60)
    assert move[3:] == [f"{x:.4g}", f"{y:.4g}"]
    moons.check()
    count = len(moons.edits)
    drag(moons, (0.02 + 0.15, 0.98 - 0.15), (0.5, 0.5))  # where no point is
    assert len(moons.edits) == count
    brush(moons, "erase")
    click(moons, 0.75, 0.6)
    assert moons.edits[-1].split("_")[:2] == ["40", "erase"]
    assert moons.frame.evaluate(POINT, 0)[3] == 60
    moons.go(90).check()


@pytest.mark.long
def test_two_presses_at_once_erase_one_point(moons):
    """The second comes before the first is painted: it means the same point, not the same number."""
    brush(moons, "class 0")
    click(moons, 0.3, 0.25)
    click(moons, 0.7, 0.75)
    brush(moons, "erase")
    x, y = at(moons, 0.3, 0.25)
    moons.frame.evaluate(
        """([clientX, clientY]) => {
            const canvas = document.getElementById("plane-canvas");
            canvas.setPointerCapture = () => {}; // there is no such pointer
            for (const kind of ["pointerdown", "pointerup", "pointerdown", "pointerup"]) {
                canvas.dispatchEvent(new PointerEvent(kind, { clientX, clientY, button: 0 }));
            }
        }""",
        [x, y],
    )
    assert [edit.split("_")[1:] for edit in moons.settle().edits[2:]] == [["erase", "60"]]
    moons.check()
    click(moons, 0.7, 0.75)
    assert moons.edits[3:] == ["40_erase_60"]
    moons.check()


@pytest.mark.long
def test_points_are_drawn_while_it_plays(moons):
    moons.go(0)
    moons.page.select_option("#speed", "0.25")
    brush(moons, "class 1")
    moons.page.click("#play")
    moons.until("() => slownet.state().step > 1")
    _stroke(moons)
    moons.page.select_option("#speed", "4")
    moons.until("() => !slownet.state().playing")
    assert len(moons.edits) >= 5
    moons.check()


def _stroke(page):
    mouse = page.page.mouse
    mouse.move(*at(page, 0.2, 0.3))
    mouse.down()
    mouse.move(*at(page, 0.7, 0.7), steps=20)
    mouse.up()


@pytest.mark.long
def test_noise_and_other_points(moons):
    page = moons.open_panel().page
    page.select_option("select[aria-label=noise]", "0.1")
    moons.settle().check()
    moons.go(60)
    page.select_option("select[aria-label='other points']", "spirals")
    assert moons.settle().edits == ["40_noise_0.1", "60_data_spirals"]
    assert moons.frame.evaluate(POINT, 0)[3] == 200
    (left, right), _ = moons.frame.evaluate("() => Object.values(slownet.net.facts.plane)")
    assert left < -5 < 5 < right  # the plane shows them all
    moons.go(100).check()
    page.click("#undo")
    moons.settle()
    assert page.input_value("select[aria-label='other points']") == ""
    assert page.input_value("select[aria-label=noise]") == "0.1"
    page.click("#undo")
    moons.settle().check()
    assert page.input_value("select[aria-label=noise]") == "0"
    moons.frame.evaluate("() => slownet.player.change('noise', 0.07)")
    moons.settle()
    assert page.input_value("select[aria-label=noise]") == "0.07"  # which the list did not offer


@pytest.mark.long
def test_a_finger_draws_points_and_the_page_stays_where_it_is(browser, pages, moons_run):
    phone = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
    with training(browser, pages(moons_run, keep="auto"), **phone) as moons:
        page = moons.go(40).page
        page.locator("#plane-canvas").scroll_into_view_if_needed()
        page.tap("#brushes input[value='class 0']")
        scrolled = page.evaluate("() => scrollY")
        touch = page.context.new_cdp_session(page)

        def finger(kind, *places):
            points = [{"x": x, "y": y} for x, y in places]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        finger("touchStart", at(moons, 0.3, 0.3))
        for k in range(1, 11):
            finger("touchMove", at(moons, 0.3, 0.3 + 0.04 * k))
        finger("touchEnd")
        points = [edit.split("_") for edit in moons.settle().edits]
        assert len(points) >= 5
        assert len({x for _, _, x, _, _ in points}) == 1
        assert page.evaluate("() => scrollY") == scrolled
        moons.open_panel()
        page.click("#undo")  # a tap that a busy machine makes long presses nothing
        assert len(moons.settle().edits) == len(points) - 1
        moons.check()


@pytest.mark.long
def test_a_net_of_three_classes(browser, pages, colours_run):
    """Softmax with three classes in the plane, dropout and Adam; its page was written without watch."""
    with training(browser, pages(colours_run, keep="all")) as page:
        assert "every bit as in Python" in page.text("#compared")
        page.check()
        page.go(30)
        click(page, 0.5, 0.5)
        assert page.state["isDrawn"]
        assert page.page.locator("#teach").is_hidden()  # a point is no digit
        for k in range(3):
            brush(page, f"class {k}")
            click(page, 0.3 + 0.1 * k, 0.3)
        assert [edit[-1] for edit in page.edits] == ["0", "1", "2"]
        page.go(60).check()


# digits


@pytest.fixture
def digits(browser, pages, digits_run):
    with training(browser, pages(digits_run, keep="auto")) as page:
        yield page.go(40)


def draw_one(page):
    page.page.click("#draw")
    box = page.page.locator("#pad").bounding_box()
    mouse = page.page.mouse
    mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    mouse.down()
    mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.8 * box["height"], steps=10)
    mouse.up()


@pytest.mark.long
def test_a_drawn_digit_is_taught(digits):
    page = digits.page
    assert page.locator("#teach").is_hidden()
    draw_one(digits)
    assert digits.state["isDrawn"]
    assert page.locator("#teach button").count() == 10
    page.click("#teach button >> nth=7")
    digits.until("() => !slownet.state().playing && slownet.state().step > 40")
    [edit] = digits.edits
    assert edit.startswith("40_digit_7_")
    digits.check()
    digits.open_panel()
    page.click("#undo")
    assert digits.settle().edits == []
    digits.check()


@pytest.mark.long
def test_a_net_with_one_output_is_taught_digits(browser, pages):
    """Zeros and ones: a digit is one or the other."""
    X, y = datasets.load_mnist("train", 400)
    X, y = X[y < 2], y[y < 2]
    net = NetFactory([784, 5, 1], seed=1).new()
    history = net.fit(X, y, epochs=4, batch_size=10, snapshots=5, watch=(X[:10], y[:10]), progress=False)
    with training(browser, pages(history, keep="auto")) as digits:
        draw_one(digits.go(10))
        assert digits.page.locator("#teach button").all_inner_texts() == ["0", "1"]
        digits.page.click("#teach button >> nth=1")
        digits.until("() => !slownet.state().playing && slownet.state().step > 10")
        [edit] = digits.edits
        assert edit.startswith("10_digit_1_")
        digits.check()


@pytest.mark.long
def test_several_drawn_digits(digits):
    for k, wanted in enumerate((1, 4)):
        digits.go(40 + 10 * k)
        draw_one(digits)
        digits.page.click(f"#teach button >> nth={wanted}")
        digits.page.evaluate("() => slownet.pause()")
        digits.settle()
    assert [edit.split("_")[2] for edit in digits.edits] == ["1", "4"]
    digits.go(80).check()


@pytest.mark.long
def test_the_net_of_images_is_changed(digits):
    digits.open_panel()
    digits.page.click("[aria-label='add a neuron to layer 1']")
    digits.settle()
    digits.page.select_option("select[aria-label=optimizer]", "adam")
    digits.settle()
    digits.page.select_option("select[aria-label='activation of layer 1']", "tanh")
    digits.go(60).check()
