"""A step that is taken apart: its operations, what they light in the net, and the bits in the end."""

from __future__ import annotations

import re

import pytest
from slow import mostly_long
from test_page_layout import check_apart
from training import training

STANDS = """() => {
    const { isBusy, state } = slownet.player.apart;
    return !isBusy && state?.told && !state.counted;
}"""
TOLD = """() => {
    const { told, lit } = slownet.player.state.apart;
    const { place, count, step, isSame, lines, position, isAtEnd } = told;
    return { place, count, step, isSame, position, isAtEnd, lit, line: lines.at(-1) };
}"""
LIT = """() => {
    const { painter: { netView }, state: { apart: { lit: { neuron } } } } = slownet.player;
    const { canvas, places, theme } = netView;
    const sharp = canvas.width / canvas.getBoundingClientRect().width;
    const { x, y, r = 0, size } = places.tiles.get(neuron) ?? places.discs.get(neuron);
    const at = size ? [x - 3, y + size / 2] : [x - r - 3, y];
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const paper = copy.getContext("2d", { willReadFrequently: true });
    paper.drawImage(canvas, 0, 0);
    const read = [...paper.getImageData(at[0] * sharp, at[1] * sharp, 1, 1).data.slice(0, 3)];
    paper.fillStyle = theme.accent;
    paper.fillRect(0, 0, 1, 1);
    return [read, [...paper.getImageData(0, 0, 1, 1).data.slice(0, 3)]];
}"""

SIZES = [(390, 844), (320, 640), (820, 1180), (1280, 800), (1920, 1080), (2560, 1440)]
BOXES = """() => [...document.querySelectorAll("#apart button, #apart input, #apart li, #apart p")]
    .filter(each => each.offsetParent && each.textContent + each.id && !each.closest("li li"))
    .filter(each => !each.parentElement.closest("li, p")).map(each => {
        const { left, right, top, bottom } = each.getBoundingClientRect();
        return [each.id || each.textContent, left, right, top, bottom];
    }).filter(([, left, right, top, bottom]) => right > left && bottom > top)"""
SEEN = """() => {
    const { painter: { netView: { canvas, places } }, state: { apart: { lit } } } = slownet.player;
    const { y, r = 0, size } = places.tiles.get(lit.neuron) ?? places.discs.get(lit.neuron);
    const { top } = canvas.getBoundingClientRect();
    const panel = document.getElementById("apart").getBoundingClientRect();
    const [first, last] = [top + y - r, top + y + (size ?? r)];
    return [first >= 0, last <= panel.top, panel.bottom <= innerHeight + 1, document.body.scrollWidth];
}"""


@pytest.fixture(scope="module")
def moons(browser, pages, moons_run):
    with training(browser, pages(moons_run, keep="auto")) as page:
        yield page


def told(made):
    made.until(STANDS)
    return made.frame.evaluate(TOLD)


def press(made, *keys):
    for key in keys:
        made.page.keyboard.press(key)
        made.until(STANDS)
    return told(made)


@pytest.mark.long
def test_a_step_by_operations_has_every_bit_of_python(moons):
    """With Adam and dropout, from the keyboard."""
    moons.go(7).frame.evaluate(
        """() => {
            slownet.player.change("optimizer", "adam");
            slownet.player.change("dropout", 0.2);
        }"""
    )
    moons.settle()
    moons.page.keyboard.press("o")
    assert told(moons)["place"] == 0
    assert press(moons, "ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft")["place"] == 2
    sums = press(moons, "Shift+ArrowRight", "Shift+ArrowRight")
    assert sums["line"]["phase"] == "sum"
    assert sums["lit"] == {"neuron": 2, "weight": 1}
    assert moons.frame.evaluate(LIT)[0] == moons.frame.evaluate(LIT)[1]
    before = moons.text("#apart-lines [aria-current]")
    assert press(moons, "ArrowRight", "ArrowLeft")["line"] == sums["line"]
    assert moons.text("#apart-lines [aria-current]") == before
    end = press(moons, "End")
    assert (end["place"], end["isSame"], end["step"]) == (end["count"], True, 7)
    assert "every bit as in the fast step" in moons.text("#apart-where")
    assert moons.step == 8
    moons.check()
    assert press(moons, "ArrowLeft")["place"] == end["count"] - 1
    assert moons.step == 7
    assert press(moons, "ArrowRight", "ArrowRight")["step"] == 8
    assert moons.state["place"] == -1
    moons.page.keyboard.press("Escape")
    assert moons.state["place"] >= 0
    assert moons.page.locator("#apart").is_hidden()
    assert moons.page.evaluate("() => document.activeElement.id") == "take-apart"
    press(moons, "o")
    moons.page.keyboard.press("1")  # another sample closes it, too
    assert moons.page.locator("#apart").is_hidden()
    assert moons.page.evaluate("() => document.activeElement.id") == "take-apart"
    moons.check()


@pytest.mark.long
def test_what_is_taken_apart_may_lose_its_neurons(moons):
    """Where it stands is told of no other net, and the way back does not lead to another weight."""
    moons.go(9).frame.evaluate("() => slownet.player.choose({ weight: slownet.net.source.length - 1 })")
    chosen = moons.text("#chosen-name")
    moons.page.click("#details .result .asked-for")
    assert told(moons)["step"] == 8
    moons.page.keyboard.press("End")
    moons.until("() => slownet.player.state.apart.told.isSame")
    press(moons, "ArrowLeft")
    moons.frame.evaluate("() => slownet.player.change('unlayer', 1)")
    moons.until("() => slownet.net.layers.length === 3")
    assert told(moons.settle())["place"] == 0
    moons.frame.evaluate("() => slownet.player.changes.undo()")
    moons.until("() => slownet.net.layers.length === 4")
    assert told(moons.settle())["place"] == 0
    moons.frame.evaluate("() => slownet.player.change('remove', 1, 0)")
    moons.until("() => slownet.net.layers[1].neurons.length === 5")
    told(moons.settle())
    moons.page.click("#apart-trail")
    moons.until("() => slownet.player.state.frame === 9")
    assert moons.settle().text("#chosen-name") == chosen
    moons.frame.evaluate("() => slownet.player.changes.undo()")
    moons.settle()


@pytest.mark.parametrize("kind", mostly_long(["digits"], always=0))
def test_any_place_of_a_step_of_images(browser, pages, request, kind):
    with training(browser, pages(request.getfixturevalue(f"{kind}_run"), keep="auto")) as page:
        page.go(2).page.click("#take-apart")
        count = told(page)["count"]
        page.frame.evaluate("place => slownet.player.apart.goTo(place)", count // 2)
        middle = told(page)
        assert (middle["place"], middle["isAtEnd"]) == (count // 2, False)
        shown = page.frame.evaluate("() => [...slownet.player.state.sample]")
        page.page.click("#apart-on-sample")
        assert told(page)["line"]["phase"] == "total"
        page.page.click("#apart-on-neuron")
        assert told(page)["position"] == middle["position"] + 1
        assert page.frame.evaluate("() => [...slownet.player.state.sample]") != shown
        page.page.click("#apart-on-step")
        assert told(page)["isSame"]
        page.check()


@pytest.mark.long
def test_each_number_leads_to_what_it_was_made_of_and_back(moons):
    """A weight to its update, its gradient and a delta; a first weight to the seed."""
    moons.go(5).frame.evaluate("() => slownet.player.choose({ weight: slownet.net.source.length - 1 })")
    weight = moons.frame.evaluate("() => slownet.player.course.told.weights.at(-1)")
    moons.page.click("#details .result .asked-for")
    assert [told(moons)[key] for key in ("step", "isAtEnd")] == [4, True]
    update = told(moons)["line"]
    assert update["name"].startswith("weight_3_")
    assert update["result"] == weight
    moons.check()
    for wanted in ("change", "mean", "grad_3_", "product", "delta_3_"):
        moons.page.click(f"#apart-lines [aria-current] button:has-text('{wanted}')")
        assert told(moons)["line"]["name"].startswith(wanted)
    delta = told(moons)
    assert (delta["line"]["phase"], delta["isAtEnd"]) == ("delta", False)
    for _ in range(5):
        moons.page.click("#apart-trail")
    assert told(moons)["line"] == update
    moons.page.click("#apart-on-step")
    told(moons)
    assert moons.step == 5
    assert moons.frame.evaluate("() => slownet.player.course.told.weights.at(-1)") == weight
    moons.page.click("#apart-trail")
    assert moons.page.locator("#apart").is_hidden()
    assert moons.page.locator("#apart-trail, #origin-trail").filter(visible=True).count() == 0
    moons.go(0).page.click("#details .result .asked-for")
    told(moons)
    drawn = r"was drawn from the seed 0 \(glorot_uniform\): [0-9.]+ × a number between −1 and 1"
    assert re.search(drawn, moons.text("#apart-problem"))
    moons.page.keyboard.press("Escape")
    moons.go(0).frame.evaluate("() => slownet.player.change('seed', 2 ** 40 + 7)")
    for chosen, wanted in (
        ("weight: slownet.net.source.length - 1", drawn.replace("seed 0", "seed 1099511627783")),
        ("neuron: slownet.net.neurons - 1", "bias_[0-9_]+ is as it began: biases begin at 0"),
    ):
        moons.settle().frame.evaluate(f"() => slownet.player.choose({{ {chosen} }})")
        moons.page.click("#details .derive >> nth=0")
        moons.page.locator("#derivation > p").filter(has_text=re.compile(wanted)).wait_for()
        moons.page.keyboard.press("Escape")
    moons.frame.evaluate("() => slownet.player.changes.undo()")
    moons.settle()
    moons.go(3).page.click("#loss .asked-for")
    assert told(moons)["line"]["name"] == "total"
    assert "The loss of the step" in moons.text("#apart-problem")
    moons.page.click("#apart-trail")
    moons.until("() => !slownet.player.state.apart")


def test_a_number_is_derived_down_to_what_was_given(moons):
    """A new weight; its mean gradient and its gradient unfold, with the numbers of the net."""
    moons.go(5).frame.evaluate("() => slownet.player.choose({ weight: slownet.net.source.length - 1 })")
    weights = "() => slownet.player.course.told.weights.at(-1)"
    weight = moons.frame.evaluate(weights)
    moons.page.click("#details .result .asked-for")
    assert told(moons)["line"]["result"] == weight
    before = moons.frame.evaluate(weights)
    moons.page.focus("#apart-derive")
    moons.page.keyboard.press("Enter")
    parts = moons.page.locator("#derivation-parts")
    root = parts.locator("> details")
    root.wait_for()
    assert root.locator("> summary").inner_text().startswith("new_weight_3_")
    figures = "each => [...each.querySelectorAll('data')].map(each => each.value)"
    numbers = [float(each) for each in root.evaluate(figures)]
    assert weight == numbers[0]
    assert before in numbers
    for name in ("mean_3_", "grad_3_", "delta_3_[0-9_s]+ · ", "delta_3_[0-9_s]+ = "):
        inner = parts.locator("details", has=moons.page.locator(f"> summary:text-matches('^{name}')"))
        inner.last.locator("> summary").click()
        inner.last.locator("> p, > ul, > details").first.wait_for()
    assert "target_3_0_s" in parts.inner_text()
    names = parts.locator("summary").all_inner_texts()
    assert len(set(names)) == len(names)
    moons.page.keyboard.press("Escape")
    moons.until("() => document.activeElement.id === 'apart-derive'")
    assert told(moons)["line"]["result"] == weight
    moons.page.click("#apart-trail")
    moons.until("() => !slownet.player.state.apart")


@pytest.mark.parametrize("size", mostly_long(SIZES))
def test_what_is_lit_is_seen_above_the_panel(moons, size):
    page = moons.go(3).page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.click("#take-apart")
    count = told(moons)["count"]
    for place in (9, count // 3, count - 2):
        page.evaluate("place => slownet.player.apart.goTo(place)", place)
        assert told(moons)["place"] == place
        assert page.evaluate(SEEN) == [True, True, True, size[0]], place
        boxes = page.evaluate(BOXES)
        assert len(boxes) > 15
        assert all(left >= 0 and right <= size[0] for _, left, right, *_ in boxes)
        check_apart(boxes)
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1280, "height": 800})
