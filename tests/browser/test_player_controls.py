"""The player, driven with mouse and keyboard as a reader would, against what Python says."""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from watching import PATIENCE, Watched

from slownet.functions import get_loss

RESET = """() => {
    const { player, net } = slownet;
    document.activeElement?.blur();
    player.pause();
    player.tour.end();
    player.setSpeed(1);
    player.setColours("weights");
    if (net.facts.samples.length) player.setSample(0);
    player.choose(null);
    const last = net.layers.length - 1;
    player.state.focus = net.begins[net.facts.side > 0 ? 1 : last];
    player.show(0, true);
}"""


PIXELS = """const pixels = canvas => {
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const paper = copy.getContext("2d", { willReadFrequently: true });
    paper.drawImage(canvas, 0, 0);
    return paper.getImageData(0, 0, copy.width, copy.height).data;
};"""  # of a copy: Chromium complains when the canvas itself is read more than once


class Opened:
    """A page of the player that many tests share, and the training it shows."""

    def __init__(self, watched, history) -> None:
        self.watched, self.page, self.history = watched, watched.page, history

    @property
    def state(self):
        return self.page.evaluate(
            """() => {
                const { sample, hovered, surfaces, digits, ...state } = slownet.state();
                return state;
            }"""
        )

    @property
    def frame(self) -> int:
        return self.state["frame"]

    @property
    def sample(self):
        return self.page.evaluate("() => [...slownet.state().sample]")

    def show(self, frame: int) -> None:
        self.page.evaluate("frame => slownet.show(frame)", frame)

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()

    def rows(self, selector: str) -> dict[str, list[str]]:
        """The rows of a table: what is in the cells beside each heading."""
        rows = self.page.eval_on_selector_all(
            f"{selector} tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        )
        return {name: cells for name, *cells in rows}

    def value(self, frame: int, layer: int, neuron: int, sample=None):
        """The z and value of a neuron in the net as it was."""
        net = self.history.snapshots[frame].restore()
        net.forward(self.sample if sample is None else sample)
        found = net.layers[layer].neurons[neuron]
        return found.z, found.value

    def backward(self, frame: int, which: int):
        """The net as it was, after the gradient of one watched sample."""
        net = self.history.snapshots[frame].restore()
        net.loss = get_loss(self.page.evaluate("() => slownet.net.facts.loss"))
        net.forward(list(map(float, self.history.watch.samples[which])))
        net.zero_grad()
        net.backward(self.history.watch.labels[which])
        return net

    def click(self, selector: str, x: float, y: float) -> None:
        """Click at a place of an element with the mouse."""
        box = self.page.locator(selector).bounding_box()
        self.page.mouse.click(box["x"] + x, box["y"] + y)

    def place(self, kind: str, neuron: int):
        return self.page.evaluate(
            "([kind, neuron]) => slownet.player.stage.places[kind].get(neuron)", [kind, neuron]
        )

    def curve(self):
        """What the chart of the chosen thing shows."""
        self.page.wait_for_function("() => document.querySelector('#chart-chosen .scatterlayer path')")
        return self.page.evaluate(
            "() => document.querySelector('#chart-chosen').data.map(({x, y}) => [[...x], [...y]])[0]"
        )

    def until(self, told: str, argument=None) -> None:
        self.page.wait_for_function(told, arg=argument)


def number(text: str) -> float:
    """The number in a cell, as the page writes numbers."""
    text = text.replace("≈ ", "").replace("\u202f", "").replace("−", "-")
    head, _, power = text.partition("·10")
    return float(f"{head}e{power.translate(str.maketrans('⁰¹²³⁴⁵⁶⁷⁸⁹⁻', '0123456789-')) or 0}")


def last_place(text: str) -> float:
    """Half of the last digit's worth of a number as it is printed, a little more for rounding."""
    head, _, power = text.replace("≈ ", "").partition("·10")
    digits = len(head.partition(".")[2])
    power = int(power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")) or 0)
    return 0.501 * 10.0 ** (power - digits)


def check_number(text: str, wanted: float, ulps: float = 1.0) -> None:
    assert abs(number(text) - wanted) <= ulps * last_place(text) + 1e-12, (text, wanted)


def opened(browser, pages, history, **options):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    watched = Watched(page)
    watched.play(pages(history, **options), "#step=0")
    watched.wait_for_charts()
    return Opened(watched, history)


@pytest.fixture(scope="module")
def digits_page(browser, pages, digits_run):
    made = opened(browser, pages, digits_run)
    yield made
    made.page.close()


@pytest.fixture(scope="module")
def moons_page(browser, pages, moons_run):
    made = opened(browser, pages, moons_run)
    yield made
    made.page.close()


@pytest.fixture(scope="module")
def prices_page(browser, pages, prices_run):
    made = opened(browser, pages, prices_run)
    yield made
    made.page.close()


@pytest.fixture(scope="module")
def flowers_page(browser, pages, flowers_run):
    made = opened(browser, pages, flowers_run)
    yield made
    made.page.close()


def ready(made):
    made.page.mouse.move(2, 2)
    made.page.evaluate(RESET)
    return made


@pytest.fixture
def digits(digits_page):
    yield ready(digits_page)
    digits_page.watched.check()


@pytest.fixture
def moons(moons_page):
    yield ready(moons_page)
    moons_page.watched.check()


@pytest.fixture
def prices(prices_page):
    yield ready(prices_page)
    prices_page.watched.check()


@pytest.fixture
def flowers(flowers_page):
    yield ready(flowers_page)
    flowers_page.watched.check()


# play, step, scrub, speed


def check_bar(made, frame):
    snapshot = made.history.snapshots[frame]
    assert made.frame == frame
    assert made.text("#step").replace("\u202f", "") == str(snapshot.step)
    assert made.text("#epoch") == f"{snapshot.epoch:.2f}"
    assert number(made.text("#loss")) == pytest.approx(snapshot.watch_loss, abs=0.000501)
    if snapshot.watch_accuracy is not None:
        assert made.text("#accuracy") == f"{100 * snapshot.watch_accuracy:.1f} %"
    assert made.page.input_value("#slider") == str(frame)
    assert made.page.get_attribute("#slider", "aria-valuetext") == f"step {snapshot.step}"


@pytest.fixture
def clocked(browser, pages, digits_run):
    """A page whose clock stands still: time passes by `run_for` alone."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    watched = Watched(page)
    page.clock.install()
    watched.play(pages(digits_run, plotly=False), "#step=0")
    page.clock.pause_at(page.evaluate("() => Date.now() / 1000") + 1)
    yield Opened(watched, digits_run)
    page.close()
    watched.check()


def test_play_runs_to_the_end_and_starts_again(clocked):
    last = len(clocked.history.snapshots) - 1
    check_bar(clocked, 0)
    before = clocked.page.evaluate("() => slownet.painted")
    clocked.page.click("#play")
    assert clocked.page.get_attribute("#play", "aria-pressed") == "true"
    assert "Pause" in clocked.text("#play")
    clocked.page.clock.run_for(3000)
    assert not clocked.state["playing"]
    assert clocked.page.evaluate("() => slownet.painted") - before >= last
    check_bar(clocked, last)
    assert "Play" in clocked.text("#play")
    clocked.page.click("#play")
    clocked.page.clock.run_for(500)
    assert clocked.state["playing"]
    clocked.page.click("#play")
    assert not clocked.state["playing"]
    frame = clocked.frame
    clocked.page.clock.run_for(250)
    check_bar(clocked, frame)
    assert 0 < frame < last


def test_keys(clocked):
    last = len(clocked.history.snapshots) - 1
    press = clocked.page.keyboard.press
    press("End")
    check_bar(clocked, last)
    press("ArrowRight")
    check_bar(clocked, last)
    press("ArrowLeft")
    press("ArrowLeft")
    check_bar(clocked, last - 2)
    press("Home")
    check_bar(clocked, 0)
    press("ArrowLeft")
    check_bar(clocked, 0)
    press("Space")
    assert clocked.state["playing"]
    clocked.page.clock.run_for(200)
    assert clocked.frame > 1
    press("ArrowRight")  # a step stops it
    assert not clocked.state["playing"]
    press("Space")
    press("Space")
    assert not clocked.state["playing"]
    press("7")
    assert clocked.state["place"] == 7
    press("Control+3")
    assert clocked.state["place"] == 7
    press("Escape")
    assert clocked.state["chosen"] is None


def test_keys_work_wherever_the_focus_is(clocked):
    page = clocked.page
    page.locator(".sample").nth(3).click()
    page.keyboard.press("ArrowRight")
    check_bar(clocked, 1)
    page.focus("#next")
    page.keyboard.press("Space")  # presses the button, and does not play
    check_bar(clocked, 2)
    assert not clocked.state["playing"]
    page.focus("#slider")
    page.keyboard.press("ArrowRight")
    check_bar(clocked, 3)
    page.keyboard.press("End")
    check_bar(clocked, len(clocked.history.snapshots) - 1)
    page.keyboard.press("Home")
    check_bar(clocked, 0)
    page.keyboard.press("5")
    assert clocked.state["place"] == 5
    page.keyboard.press("Space")
    assert clocked.state["playing"]
    page.focus("#colours")
    page.keyboard.press("ArrowDown")
    assert clocked.state["colours"] == "change"


def test_buttons_step(digits):
    digits.page.click("#next")
    digits.page.click("#next")
    check_bar(digits, 2)
    digits.page.click("#previous")
    check_bar(digits, 1)


def test_slider_scrubs(clocked):
    last = len(clocked.history.snapshots) - 1
    box = clocked.page.locator("#slider").bounding_box()
    y, seen = box["y"] + box["height"] / 2, []
    clocked.page.click("#play")
    clocked.page.clock.run_for(300)
    assert clocked.frame > 1
    clocked.page.mouse.move(box["x"] + 8, y)
    clocked.page.mouse.down()
    assert not clocked.state["playing"]
    for share in (0.1, 0.3, 0.5, 0.8, 1.1):
        clocked.page.mouse.move(box["x"] + share * box["width"], y, steps=3)
        seen.append(clocked.frame)
        check_bar(clocked, seen[-1])
    clocked.page.mouse.move(box["x"] - 40, y, steps=3)
    check_bar(clocked, 0)
    clocked.page.mouse.up()
    assert seen == sorted(set(seen))
    assert seen[-1] == last
    assert abs(seen[2] - last / 2) <= 1


def test_speed(clocked):
    def frames(speed, milliseconds):
        clocked.show(0)
        clocked.page.select_option("#speed", speed)
        assert clocked.state["speed"] == float(speed)
        clocked.page.click("#play")
        clocked.page.clock.run_for(milliseconds)
        shown = clocked.frame
        clocked.page.evaluate("() => slownet.pause()")
        return shown

    assert 4 <= frames("0.25", 900) <= 5  # five in a second
    assert 9 <= frames("1", 500) <= 11
    assert frames("4", 500) == 19  # to the end, with no frame left out


# the address


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
    watched = Watched(other)
    watched.play(pages(digits.history, plotly=False), address[address.index("#") :])
    found = Opened(watched, digits.history)
    assert found.state == wanted
    assert found.page.locator("#tour").is_hidden()
    assert found.page.input_value("#colours") == "learned"
    check_bar(found, wanted["frame"])
    # another address on the same page leads elsewhere, and so does going back
    other.evaluate("() => { location.hash = '#step=0&digit=3&colours=weights&neuron=787'; }")
    found.until("() => slownet.state().frame === 0")
    assert found.state["chosen"] == {"neuron": 787}
    assert found.state["place"] == 3
    other.evaluate("() => { location.hash = '#step=11'; }")
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


def test_hostile_addresses_do_nothing(browser, digits_run, pages):
    page = browser.new_page()
    watched = Watched(page)
    made = Opened(watched, digits_run)
    last = len(digits_run.snapshots) - 1
    watched.play(pages(digits_run, plotly=False), HASHES[3])
    for hostile in HASHES:
        page.evaluate("hash => { location.hash = hash; }", hostile)
        page.wait_for_timeout(30)
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


def test_the_bar_can_be_used_before_plotly_is_there(browser, pages, digits_run):
    text = pages(digits_run).read_bytes()
    place = text.index(b'<script type="text/plain" id="library">') + 1000
    go_on = threading.Event()

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(text[:place])
            self.wfile.flush()
            go_on.wait(PATIENCE / 1000)
            self.wfile.write(text[place:])

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    try:
        watched = Watched(page)
        address = f"http://127.0.0.1:{server.server_port}/#step=0"
        page.goto(address, wait_until="commit")
        page.wait_for_function("() => window.slownet")
        assert page.evaluate("() => document.readyState") == "loading"
        made = Opened(watched, digits_run)
        page.keyboard.press("End")
        check_bar(made, len(digits_run.snapshots) - 1)
        page.click("#previous")
        page.locator(".sample").nth(6).click()
        assert made.state["place"] == 6
        tile = made.place("tiles", 785)
        made.click("#canvas", tile["x"] + 9, tile["y"] + 9)
        assert made.state["chosen"]
        assert page.locator("svg.main-svg").count() == 0
        go_on.set()
        watched.wait_for_charts()
        assert page.locator("#chart-loss svg.main-svg").count() > 0
        assert made.curve()[1] == pytest.approx(
            page.evaluate(
                "() => Array.from({length: slownet.frames}, "
                "(_, k) => slownet.net.weight(k, slownet.state().chosen.weight))"
            )
        )
        assert not watched.messages
        assert {url.partition("#")[0] for url in watched.requests if not url.startswith("data:")} == {
            address.partition("#")[0]
        }
    finally:
        go_on.set()
        page.close()
        server.shutdown()
        server.server_close()


# inputs


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
            outputs = digits.page.evaluate("() => [...slownet.net.outputs(slownet.player.pass)]")
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
        found = digits.page.evaluate("() => [...slownet.net.outputs(slownet.player.pass)]")
        assert found == pytest.approx(wanted, abs=1e-3)
    assert digits.text("#one-step") == ""  # there is no truth to learn from
    assert "delta" not in digits.text("#terms").lower()
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


# one neuron, spelled out


def check_spelled(made, frame, layer, neuron, which):
    """Every printed number is that of Python, in its last digit."""
    net = made.backward(frame, which)
    found = net.layers[layer].neurons[neuron]
    rows = made.rows("#terms table:first-of-type")
    assert f"{found.layer.activation.name}(z)" in rows
    check_number(rows["= z"][-1], found.z)
    check_number(rows["+ bias"][-1], found.bias)
    check_number(rows["sum"][-1], found.z - found.bias)
    check_number(rows[f"{found.layer.activation.name}(z)"][-1], found.value)
    terms = {
        weight.source.id: (weight.source.value, weight.value) for weight in found.weights["in"].values()
    }
    return rows, terms, net


def test_a_neuron_is_spelled_out(digits):
    """Hidden neurons are images of weights and contributions; outputs have terms."""
    for frame in (0, 7, 19):
        digits.show(frame)
        for place in (3, 9):
            digits.page.keyboard.press(str(place))
            for flat, layer, neuron in ((786, 1, 2), (784 + 8 + 4, 2, 4)):
                digits.page.select_option("#neuron", str(flat))
                assert digits.page.locator("#images").is_visible() == (layer == 1)
                rows, terms, _ = check_spelled(digits, frame, layer, neuron, place)
                if layer == 1:
                    continue
                told = {name: cells for name, cells in rows.items() if name.startswith("neuron")}
                assert len(told) == min(6, sum(value != 0 for value, _ in terms.values()))
                for name, (product, contribution) in told.items():
                    value, weight = terms[int(name.split()[-1])]
                    a, b = product.split(" × ")
                    check_number(b, weight)
                    # values and contributions are computed here from rounded weights
                    assert number(a) == pytest.approx(value, abs=last_place(a) + 1e-3)
                    assert number(contribution) == pytest.approx(
                        value * weight, abs=last_place(contribution) + 2e-3
                    )


def test_every_number_is_right_where_numbers_are_exact(prices, flowers):
    for made, layer, neuron, flat in ((prices, 2, 0, 11), (flowers, 2, 3, 14), (flowers, 3, 1, 18)):
        shown_first = made.page.evaluate("() => slownet.net.facts.samples[0].place")
        for frame in (0, 5, 11):
            made.show(frame)
            made.page.select_option("#neuron", str(flat))
            rows, terms, net = check_spelled(made, frame, layer, neuron, shown_first)
            products = sorted((value * weight for value, weight in terms.values()), key=abs)[::-1]
            told = [cells for cells in rows.values() if " × " in cells[0]][:6]
            shown = [term for term in products if term != 0][:6]
            assert len(told) == len(shown)
            for (product, contribution), term in zip(told, shown, strict=True):
                check_number(contribution, term)
                a, b = product.split(" × ")
                assert any(
                    abs(number(a) - value) <= last_place(a) and abs(number(b) - weight) <= last_place(b)
                    for value, weight in terms.values()
                )
            rest = [term for term in products if term != 0][6:]
            if rest:
                check_number(rows[f"{len(rest)} more"][-1], sum(rest))
            check_delta(made, net.layers[layer].neurons[neuron])


def check_delta(made, neuron):
    rows = made.rows("#terms h3 + table")
    check_number(rows["= delta"][-1], neuron.delta)
    if "× f′(z)" in rows and neuron.weights["out"]:
        slope = neuron.layer.activation.derivative(neuron.z, neuron.value)
        check_number(rows["× f′(z)"][-1], slope)
        sent = [weight.value * weight.target.delta for weight in neuron.weights["out"].values()]
        if len(sent) > 3:
            check_number(rows[f"all {len(sent)} added"][-1], sum(sent))
        told = [cells for cells in rows.values() if " × " in cells[0]]
        for (_, term), wanted in zip(told, sorted(sent, key=abs)[::-1], strict=False):
            check_number(term, wanted)


# whatever is clicked


def test_a_clicked_pixel_tells_its_weight_and_its_history(digits):
    digits.show(12)
    digits.page.keyboard.press("3")
    pixel = 14 * 28 + 13
    tile = digits.place("tiles", 784 + 5)
    size = tile["size"] / 28
    digits.click("#canvas", tile["x"] + 13.5 * size, tile["y"] + 14.5 * size)
    weight = digits.state["chosen"]["weight"]
    ends = digits.page.evaluate("w => [slownet.net.source[w], slownet.net.target[w]]", weight)
    assert ends == [pixel, 789]
    assert digits.text("#chosen-name") == "pixel (14, 13) → neuron 5"
    over = digits.history.weight(1, (pixel, 5))
    rows = digits.rows("#told")
    check_number(rows["weight"][-1], over[12])
    step = digits.page.evaluate("() => slownet.net.facts.precision.layers[1].step")
    for row, before in (("last change", 11), ("learned so far", 0)):
        text = rows[row][-1]
        assert abs(number(text) - (over[12] - over[before])) <= last_place(text) + step
    x, y = digits.curve()
    assert x[1:] == [each.step for each in digits.history.snapshots][1:]
    assert y == pytest.approx(over, abs=step)
    net = digits.backward(12, 3)
    found = net.layers[1].neurons[5].weights["in"][pixel, 5]
    assert number(rows["gradient"][-1]) == pytest.approx(found.grad, rel=0.02, abs=2e-4)
    factors = re.fullmatch(r"(\S+) × (\S+)", rows["gradient"][0])
    assert number(factors[1]) == pytest.approx(found.target.delta, rel=0.02, abs=2e-4)
    assert number(factors[2]) == pytest.approx(found.source.value, abs=0.005)


def test_a_clicked_neuron_tells_its_values_and_its_history(digits):
    digits.page.keyboard.press("6")
    digits.show(19)
    disc = digits.place("discs", 784 + 8 + 6)
    digits.click("#canvas", disc["x"] + 2, disc["y"] - 2)
    assert digits.state["chosen"] == {"neuron": 798}
    assert digits.state["focus"] == 798
    assert digits.text("#chosen-name") == "output “6”"
    rows = digits.rows("#told")
    z, value = digits.history.snapshots[19].neuron(2, 6, 6)
    check_number(rows["z"][-1], z)
    check_number(rows["value"][-1], value)
    _, y = digits.curve()
    wanted = [snapshot.neuron(2, 6, 6)[1] for snapshot in digits.history.snapshots]
    assert y == pytest.approx(wanted, abs=1e-3)
    digits.page.keyboard.press("Escape")
    assert digits.page.locator("#chart-chosen").is_hidden()
    assert "output" not in digits.text("#chosen-name")
    assert "Click" in digits.text("#told")


def test_a_clicked_edge_tells_its_weight_and_gradient(prices):
    prices.show(6)
    edge = prices.page.evaluate(
        """() => {
            const { stage } = slownet.player;
            for (const edge of [...stage.edges].reverse()) {
                for (const share of [0.5, 0.35, 0.65, 0.25, 0.75]) {
                    const x = edge.x0 + share * (edge.x1 - edge.x0);
                    const y = edge.y0 + share * (edge.y1 - edge.y0);
                    if (stage.at(x, y)?.weight === edge.weight) return { ...edge, x, y };
                }
            }
        }"""
    )
    box = prices.page.locator("#canvas").bounding_box()
    prices.page.mouse.move(box["x"] + edge["x"], box["y"] + edge["y"])
    tip = prices.text("#tip")
    prices.page.mouse.click(box["x"] + edge["x"], box["y"] + edge["y"])
    assert prices.state["chosen"] == {"weight": edge["weight"]}
    source, target = prices.page.evaluate(
        "w => [slownet.net.source[w], slownet.net.target[w]]", edge["weight"]
    )
    net = prices.backward(6, 0)
    layer, i, j = (1, source, target - 5) if target < 11 else (2, source - 5, target - 11)
    weight = net.weight(layer, (i, j))
    over = prices.history.weight(layer, (i, j))
    rows = prices.rows("#told")
    assert float(rows["weight"][-1].replace("−", "-")) == weight.value  # to the last bit
    check_number(rows["last change"][-1], over[6] - over[5])
    check_number(rows["learned so far"][-1], over[6] - over[0])
    check_number(rows["contribution"][-1], weight.value * weight.source.value)
    check_number(rows["gradient"][-1], weight.grad)
    factors = re.fullmatch(r"(\S+) × (\S+)", rows["gradient"][0])
    check_number(factors[1], weight.target.delta)
    check_number(factors[2], weight.source.value)
    rate = prices.history.config["learning_rate"]
    check_number(rows["step adds"][-1], -rate * weight.grad)
    assert prices.curve()[1] == over
    assert str(weight.value).replace("-", "−") in tip
    if layer == 1:
        assert tip.startswith(f"x{i + 1} → neuron {j}")


def test_one_step_of_descent_is_what_python_makes_of_it(digits, prices):
    rate = digits.history.config["learning_rate"]
    for frame, place in ((0, 4), (8, 2), (19, 9)):
        digits.show(frame)
        digits.page.keyboard.press(str(place))
        net = digits.backward(frame, place)
        sample = list(map(float, digits.history.watch.samples[place]))
        before = net.forward(sample)[place]
        loss = -np.log(before)
        net.update(rate)
        after = net.forward(sample)[place]
        told = digits.text("#one-step")
        found = re.search(r"rate (\S+)\): “(\d)” (\S+) % → (\S+) %, loss ≈ (\S+) → (\S+)$", told)
        assert found, told
        assert float(found[1]) == rate
        assert int(found[2]) == place
        assert float(found[3]) == pytest.approx(100 * before, abs=0.6)
        assert float(found[4]) == pytest.approx(100 * after, abs=0.6)
        assert number(found[5]) == pytest.approx(loss, rel=0.01, abs=1e-3)
        assert number(found[6]) == pytest.approx(-np.log(after), rel=0.01, abs=1e-3)
    prices.show(4)
    net = prices.backward(4, 0)
    sample = list(map(float, prices.history.watch.samples[0]))
    (before,) = net.forward(sample)
    net.update(prices.history.config["learning_rate"])
    (after,) = net.forward(sample)
    found = re.search(r"\): (\S+) → (\S+), loss (\S+) → (\S+)$", prices.text("#one-step"))
    check_number(found[1], before)
    check_number(found[2], after)


# colours


MODES = ("weights", "change", "learned", "contribution", "gradient")


def test_colours_show_what_they_say(digits):
    frame, place, neuron = 13, 5, 3
    pixel = int(np.argmax(digits.history.watch.samples[place]))
    digits.show(frame)
    digits.page.keyboard.press(str(place))
    net = digits.backward(frame, place)
    weight = net.layers[1].neurons[neuron].weights["in"][pixel, neuron]
    over = digits.history.weight(1, (pixel, neuron))
    wanted = {
        "weights": over[frame],
        "change": over[frame] - over[frame - 1],
        "learned": over[frame] - over[0],
        "contribution": over[frame] * weight.source.value,
        "gradient": weight.grad,
    }
    assert weight.source.value > 0.5
    assert digits.page.eval_on_selector("#colours", "e => [...e.options].map(o => o.value)") == [*MODES]
    pictures = set()
    for mode in MODES:
        digits.page.select_option("#colours", mode)
        shown, scale, colour, picture = digits.page.evaluate(SHOWN, [mode, 784 + neuron, pixel])
        assert shown == pytest.approx(wanted[mode], rel=0.03, abs=3e-4), mode
        share = np.sign(shown) * min(1.0, abs(shown) / scale) ** 0.7
        red, _, blue = colour
        if abs(share) > 0.2:
            assert (blue > red) == (share > 0), mode
        pictures.add(picture)
    assert len(pictures) == len(MODES)


SHOWN = (
    f"""([mode, neuron, pixel]) => {{ {PIXELS}"""
    """
    const { player, net } = slownet;
    const { stage, pass } = player;
    const shown = stage.shownOf(mode, pass);
    let weight = net.first(neuron);
    while (net.source[weight] !== pixel) weight += 1;
    const tile = stage.places.tiles.get(neuron);
    const sharp = stage.canvas.width / stage.places.width;
    const [x, y] = [[pixel % 28, tile.x], [Math.floor(pixel / 28), tile.y]].map(
        ([place, from]) => Math.floor((from + (place + 0.5) * tile.size / 28) * sharp));
    const at = 4 * (y * stage.canvas.width + x);
    const colour = pixels(stage.canvas).slice(at, at + 3);
    return [
        shown[weight], stage.scale(mode, 1, shown, pass.frame), [...colour],
        stage.canvas.toDataURL(),
    ];
}"""
)


# the tour


def test_a_tour_of_five_captions_that_stays_off(browser, pages, digits_run):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    watched = Watched(page)
    path = pages(digits_run, plotly=False)
    made = Opened(watched, digits_run)
    page.clock.install()
    watched.play(path)
    page.clock.pause_at(page.evaluate("() => Date.now() / 1000") + 1)
    card = page.locator("#tour")
    assert card.is_visible()
    titles, marked = [], []
    for _ in range(5):
        titles.append(card.locator("h2").inner_text())
        marked.append(page.evaluate("() => document.querySelector('.toured')?.id"))
        assert len(card.locator("p").inner_text()) > 40
        card.locator("[data-go=next]").click()
    assert [title[0] for title in titles] == list("12345")
    assert all(marked)
    assert card.is_hidden()
    assert page.locator(".toured").count() == 0
    assert made.state["playing"]  # the clock stands still
    page.clock.resume()
    assert made.state["colours"] == "weights"
    page.evaluate("() => slownet.pause()")
    page.goto("about:blank")
    watched.play(path)
    assert card.is_hidden()
    page.keyboard.press("t")
    assert card.is_visible()
    card.locator("[data-go=next]").click()
    assert card.locator("h2").inner_text() == titles[1]
    card.locator("[data-go=back]").click()
    assert card.locator("h2").inner_text() == titles[0]
    card.locator("[data-go=end]").click()
    assert card.is_hidden()
    page.click("#take-tour")
    assert card.is_visible()
    context.close()
    assert not watched.messages


# two inputs


def test_a_click_on_the_plane_sends_that_point_through(moons):
    box = moons.page.evaluate("() => slownet.player.plane.box")
    around = moons.page.evaluate("() => slownet.net.facts.plane")
    for frame, across, down in ((0, 0.25, 0.3), (7, 0.8, 0.5), (14, 0.5, 0.9)):
        moons.show(frame)
        x = round(box["x"] + across * box["size"])
        y = round(box["y"] + down * box["size"])
        moons.click("#plane-canvas", x, y)
        point = moons.sample
        wide, high = np.ptp(around["x"]), np.ptp(around["y"])
        assert point[0] == pytest.approx(around["x"][0] + across * wide, abs=wide / box["size"] * 2)
        assert point[1] == pytest.approx(around["y"][1] - down * high, abs=high / box["size"] * 2)
        net = moons.history.snapshots[frame].restore()
        (wanted,) = net.forward(point)
        rows = moons.rows("#terms table:first-of-type")
        check_number(rows["sigmoid(z)"][-1], wanted)
        check_number(rows["= z"][-1], net.layers[3].neurons[0].z)
    before = moons.sample
    moons.click("#plane-canvas", box["x"] + box["size"] + 4, box["y"] + 5)
    assert moons.sample == before


def test_the_plane_has_the_colours_of_what_the_net_says(moons):
    """Blue where the output is above a half, orange below, in the large panel and on the tiles."""
    for frame in (0, 14):
        moons.show(frame)
        net = moons.history.snapshots[frame].restore()
        found = moons.page.evaluate(PLANE_COLOURS)
        agreed = 0
        for point, (red, _, blue) in found:
            (value,) = net.forward(point)
            agreed += (value > 0.5) == (blue > red)
        assert agreed >= 180  # samples are drawn over some, and some lie on the border
        tiles = moons.page.evaluate(TILE_COLOURS)
        around = moons.page.evaluate("() => slownet.net.facts.plane")
        layers = [(1, k) for k in range(6)] + [(2, k) for k in range(5)] + [(3, 0)]
        assert [neuron for neuron, _ in tiles] == list(range(2, 14))
        right = 0
        for neuron, colours in tiles:
            layer, which = layers[neuron - 2]
            for (across, down), (red, _, blue) in zip(
                [(0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)], colours, strict=True
            ):
                net.forward(
                    [
                        around["x"][0] + across * np.ptp(around["x"]),
                        around["y"][1] - down * np.ptp(around["y"]),
                    ]
                )
                value = net.layers[layer].neurons[which].value
                right += (value > (0.5 if layer == 3 else 0.0)) == (blue > red)
        assert right >= 44  # of 48: the others are on a border


PLANE_COLOURS = (
    f"""() => {{ {PIXELS}"""
    """
    const { plane } = slownet.player;
    const sharp = plane.canvas.width / plane.canvas.getBoundingClientRect().width;
    const all = pixels(plane.canvas);
    return Array.from({ length: 200 }, (_, k) => {
        const x = plane.box.x + plane.box.size * ((k * 0.6180339) % 1);
        const y = plane.box.y + plane.box.size * ((k + 0.5) / 200);
        const at = 4 * (Math.round(y * sharp) * plane.canvas.width + Math.round(x * sharp));
        return [[...plane.pointAt(x, y)], [...all.subarray(at, at + 3)]];
    });
}"""
)
TILE_COLOURS = (
    f"""() => {{ {PIXELS}"""
    """
    const { canvas, places } = slownet.player.stage;
    const sharp = canvas.width / canvas.getBoundingClientRect().width;
    const all = pixels(canvas);
    const corners = [[0.2, 0.2], [0.8, 0.2], [0.2, 0.8], [0.8, 0.8]];
    return [...places.tiles].map(([neuron, { x, y, size }]) => [neuron, corners.map(([across, down]) => {
        const [column, row] = [(x + across * size) * sharp, (y + down * size) * sharp].map(Math.round);
        const at = 4 * (row * canvas.width + column);
        return [...all.subarray(at, at + 3)];
    })]);
}"""
)


def test_a_tile_shows_its_neuron_in_the_large_panel(moons):
    moons.show(14)
    picture = "() => slownet.player.plane.canvas.toDataURL()"
    output = moons.page.evaluate(picture)
    tile = moons.place("tiles", 4)
    box = moons.page.locator("#canvas").bounding_box()
    moons.page.mouse.move(box["x"] + tile["x"] + 9, box["y"] + tile["y"] + 9)
    assert moons.page.evaluate(picture) != output
    assert "bias" in moons.text("#tip")
    moons.page.mouse.click(box["x"] + tile["x"] + 9, box["y"] + tile["y"] + 9)
    assert moons.state["chosen"] == {"neuron": 4}
    wanted = [snapshot.neuron(1, 2, 0)[1] for snapshot in moons.history.snapshots]
    assert moons.curve()[1] == pytest.approx(wanted, rel=1e-9)


# other data


def test_inputs_have_names_and_samples_can_be_chosen(flowers):
    flowers.show(14)
    flowers.page.select_option("#neuron", "4")
    names = set(flowers.rows("#terms table:first-of-type"))
    known = flowers.page.evaluate("() => slownet.net.facts.inputs")
    assert known[1:] == ["sepal width", "petal length", "petal width"]
    assert set(known) <= names
    assert flowers.page.locator("#sample option").count() == 10
    flowers.page.select_option("#sample", "4")
    assert flowers.state["place"] == 4
    place = flowers.page.evaluate("() => slownet.net.facts.samples[4].place")
    assert flowers.sample == list(map(float, flowers.history.watch.samples[place]))
    check_spelled(flowers, 14, 1, 0, place)


def test_how_right_the_net_is_about_all_samples(flowers, prices, digits):
    label = "() => document.querySelector('#judged-canvas').getAttribute('aria-label')"
    for frame in (0, 11):
        prices.show(frame)
        said = np.array([values[-1] for values in prices.history.snapshots[frame].values])
        off = np.abs(said - np.array(prices.history.watch.targets)[:, 0]).mean()
        assert f"off by {off:.2g}"[:10] in prices.page.evaluate(label).replace("−", "-")
        for made in (flowers, digits):
            made.show(frame)
            snapshot = made.history.snapshots[frame]
            classes = made.page.evaluate("() => slownet.net.facts.classes")
            truth = np.array(made.history.watch.targets).argmax(axis=1)
            last = len(classes)
            said = np.array([values[-last:] for values in snapshot.values]).argmax(axis=1)
            told = made.page.evaluate(label)
            for k, name in enumerate(classes):
                right = f"{name}: {((said == k) & (truth == k)).sum()} of {(truth == k).sum()}"
                assert right in told
            table = made.page.evaluate("frame => slownet.player.judged.table(frame)", frame)
            for k in range(last):
                for j in range(last):
                    assert table[k][j] == ((truth == k) & (said == j)).sum()


def test_charts_are_those_of_the_history(digits):
    data = digits.page.evaluate(
        "() => document.querySelector('#chart-loss').data.map(({meta, x, y}) => [meta, [...x], [...y]])"
    )
    curves = {name: (x, y) for name, x, y in data}
    x, y = curves["loss watched"]
    assert y == pytest.approx([each.watch_loss for each in digits.history.snapshots])
    assert x[1:] == [each.step for each in digits.history.snapshots][1:]
    assert "loss training" in curves
    places = []
    for frame in (0, 10, 19):
        digits.show(frame)
        box = digits.page.locator("#chart-loss .now").bounding_box()
        places.append(box["x"])
    wanted = digits.page.evaluate(
        """steps => {
            const place = document.querySelector("#chart-loss");
            const { xaxis } = place._fullLayout;
            const left = place.getBoundingClientRect().left;
            return steps.map(step => left + xaxis._offset + xaxis.d2p(step));
        }""",
        [x[0], x[10], x[19]],
    )
    assert places == pytest.approx(wanted, abs=2)


def test_what_the_page_says_of_its_precision(digits, prices):
    assert "float64" in prices.page.locator("#about").text_content()
    digits.page.click("summary")
    told = digits.text("#about")
    assert "rounded" in told
    assert "400" in told.replace("\u202f", "")
    assert digits.history.data["X"][:16] in told
    digits.page.click("summary")
