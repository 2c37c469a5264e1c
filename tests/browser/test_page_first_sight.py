"""What a newcomer sees: a title and a sentence, something that moves, and a tour."""

from __future__ import annotations

import numpy as np
import pytest
from slow import crossed, mostly_long
from test_page_layout import CUT, check_apart, settle
from training import training
from watching import PATIENCE, Watched, let_paint

from slownet import NetFactory

SIZES = [(1280, 800), (360, 740), (390, 844), (844, 390), (820, 1180), (1920, 1080), (2560, 1440)]
BOXES = """() => [...document.querySelectorAll(
    "#head > *, #playing, #standing > *, #experiment, main > section, #side > div, footer"
)].filter(each => each.offsetParent).map(each => {
    const { left, right, top, bottom } = each.getBoundingClientRect();
    return [each.id || each.tagName, left, right, top + scrollY, bottom + scrollY];
}).filter(([, left, right, top, bottom]) => right > left && bottom > top)"""
TEXTS = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        if (!node.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue;
        if (element.closest("select, script, style, #tip, .unseen")) continue;
        const around = element.closest("#spelled, #side, #edits, body").getBoundingClientRect();
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const { left, right, top, bottom } of range.getClientRects()) {
            const text = node.data.trim().slice(0, 30);
            const [high, low] = [Math.max(top + 2, around.top), Math.min(bottom - 2, around.bottom)];
            if (right > left && low > high) found.push([text, left, right, high, low]);
        }
    }
    return found;
}"""  # the lines of letters reach a little into one another
STOP = """() => {
    const box = (each) => {
        const { left, right, top, bottom } = each.getBoundingClientRect();
        return [left, right, top, bottom];
    };
    const { colours, place, step, focus } = slownet.state();
    const [card, at] = ["#tour", ".toured"].map(name => document.querySelector(name));
    return {
        card: box(card), at: box(at), name: at.id, text: card.innerText,
        shown: [colours, place, step, focus].join(),
    };
}"""
SMALL = """() => [...document.querySelectorAll(
    "button, select, summary, input:not([type=radio]), label:has([type=radio])"
)].filter(each => each.checkVisibility({ visibilityProperty: true }) && each.offsetParent).map(each => {
    const { width, height } = each.getBoundingClientRect();
    return [each.id || each.textContent || each.ariaLabel, width, height];
}).filter(([, width, height]) => Math.min(width, height) < 44)"""
COVERED = """() => [...document.querySelectorAll("button, select, summary, input:not([type=radio])")]
.filter(each => each.checkVisibility({ visibilityProperty: true }) && each.offsetParent).filter(each => {
    each.scrollIntoView({ block: "center", behavior: "instant" });
    const { left, right, top, bottom } = each.getBoundingClientRect();
    const hits = by => document.elementFromPoint((left + right) / 2, (top + bottom) / 2 + by);
    return [-14, 0, 14].some(by => !each.contains(hits(by)));
}).map(each => each.id || each.ariaLabel || each.textContent)"""  # by another, where a finger presses
SEEN = """id => {
    const { top, bottom } = document.getElementById(id).getBoundingClientRect();
    return top >= -1 && bottom <= innerHeight + 1;
}"""
MOVES = """() => {
    const shown = {
        picture: () => document.getElementById("canvas").toDataURL(),
        loss: () => document.getElementById("loss").textContent,
    };
    const before = Object.fromEntries(Object.entries(shown).map(([name, of]) => [name, of()]));
    window.moved = new Set();
    const look = () => {
        for (const [name, of] of Object.entries(shown)) if (of() !== before[name]) moved.add(name);
        if (moved.size < 2) requestAnimationFrame(look);
    };
    look();
}"""  # what has moved since, though it may end as it began
PHONE = {"has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def dead_run():
    """Images, and a net whose first neuron is 0 for all of them."""
    rng = np.random.default_rng(0)
    X = rng.random((60, 784))
    y = np.arange(60) % 3
    X[np.arange(60), y] = 9.0
    net = NetFactory([784, 6, 3], hidden_activation="relu", seed=0).new()
    first = net.layers[1].neurons[0]
    first.bias = -1e3
    return net.fit(X, y, epochs=4, snapshots=8, watch=(X[:20], y[:20]), progress=False)


KINDS = {
    "digits": "784 pixels and says which digit it is",
    "moons": "where a point lies and says whether it is “0” or “1”",
    "flowers": "4 columns of a table and says whether it is “a species with an unusually long name”, "
    "“setosa” or “virginica”",
    "bikes": "temperature (°C), holiday, weather and year and predicts rentals (thousand)",
    "prices": "5 numbers and predicts a number",
    "homes": "area (m²) and household income (EUR) and says whether it is “buys” or “rents”",
    "wide": "26 columns of a table and says whether it is “setosa”, “versicolor, the blue and rather "
    "long flag” or “virginica”",
}


@pytest.mark.parametrize("kind", mostly_long(list(KINDS)))
def test_a_sentence_says_what_it_is_and_what_to_press(browser, pages, request, kind):
    history = request.getfixturevalue(f"{kind}_run")
    with training(browser, pages(history, keep="auto", title=f"Class 10b: {kind}")) as made:
        assert made.text("h1") == f"Class 10b: {kind}"
        assert made.text("#intro") == f"This net looks at {KINDS[kind]}. Press Play to watch it learn."
        assert made.page.locator("#tour").is_hidden()
        made.page.evaluate(MOVES)
        made.page.click("#play")
        made.until("() => window.moved.size === 2")


def test_several_answers_are_no_class(browser, pages):
    X = np.random.default_rng(0).normal(size=(90, 4))
    y = (X[:, :3] > 0).astype(int)
    net = NetFactory([4, 6, 3], "tanh", "sigmoid", seed=0).new()
    history = net.fit(X, y.tolist(), epochs=3, batch_size=8, snapshots=2, progress=False)
    with training(browser, pages(history, keep="all")) as made:
        said = "This net looks at 4 numbers and answers 3 questions, each with “0” or “1”."
        assert made.text("#intro").startswith(said)
        right = round(net.evaluate(X, y.tolist()).accuracy * 90)
        assert f"{right} of 90" in made.text("#numbers")
        assert made.page.locator("#judged").is_hidden()  # its table would be of one question
        assert made.page.evaluate("() => slownet.net.outputNames") == []
        assert ": loss" in made.text("#one-step")
        made.page.click("#for-class > summary")
        made.page.click("#open-quiz")
        made.until("() => slownet.player.quiz.questions !== null")
        assert made.page.evaluate("() => slownet.player.quiz.questions.kinds") == ["faster"]
        made.page.keyboard.press("Escape")
        made.page.keyboard.press("Home")
        made.page.click("#take-apart")
        made.until(
            "() => / 1 of 8: [01], [01], [01]$/.test(document.getElementById('apart-where').innerText)"
        )


@pytest.mark.long
@pytest.mark.parametrize("keep", ["auto", "none"])
def test_it_opens_with_a_right_sample_and_a_live_neuron(browser, pages, dead_run, keep):
    with training(browser, pages(dead_run, keep=keep)) as made:
        made.page.evaluate("() => slownet.opened")
        assert "✓ right" in made.text("#verdict")
        focus, value = made.page.evaluate(
            "() => [slownet.state().focus, slownet.painter.pass.value[slownet.state().focus]]"
        )
        assert focus != 784  # which is 0
        assert value > 0
        assert made.page.locator(".sample[aria-pressed=true]").count() == 1


@pytest.mark.long
def test_what_an_address_names_is_not_changed(browser, pages, dead_run):
    with training(browser, pages(dead_run, keep="none"), "#step=0&digit=2&neuron=784") as made:
        assert made.state["place"] == 2
        assert made.page.evaluate("() => slownet.state().focus") == 784


def test_backward_opens_when_it_is_asked_for(digits):
    page, backward = digits.page, digits.page.locator("#backward table")
    digits.show(15)
    assert backward.is_hidden()
    page.click("#backward summary")
    assert backward.is_visible()
    digits.show(16)
    assert backward.is_visible()
    page.click("#backward summary")
    page.select_option("#colours", "gradient")
    assert backward.is_visible()
    page.select_option("#colours", "contribution")
    assert backward.is_hidden()


def overlap(one, other):
    across = min(one[1], other[1]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[2], other[2])
    return across > 0 and down > 0


@pytest.mark.parametrize(("kind", "size"), crossed(["digits", "bikes", "moons", "flowers"], SIZES))
def test_the_tour_covers_nothing_that_it_speaks_of(browser, pages, request, kind, size):
    history = request.getfixturevalue(f"{kind}_run")
    options = PHONE if size[0] < 1000 else {}
    with training(
        browser, pages(history, keep="auto"), width=size[0], height=size[1], **options
    ) as made:
        page = made.page
        before = page.evaluate("() => JSON.stringify(slownet.state(), ['colours', 'step'])")
        press = page.tap if options else page.click
        press("#take-tour")
        shown = [
            page.evaluate("() => { const { colours, step } = slownet.state(); return colours + step; }")
        ]
        for number in range(1, 6):
            made.settle()
            let_paint(page, 3)
            stop = page.evaluate(STOP)
            assert f"{number} of 5" in stop["text"]
            assert not any(word in stop["text"] for word in ("f(z)", "delta", "gradient"))
            assert not overlap(stop["card"], stop["at"]), stop
            left, right, top, bottom = stop["card"]
            assert left >= 0
            assert right <= size[0]
            assert top >= 0
            assert bottom <= size[1]
            assert stop["at"][2] >= -1, stop
            assert stop["at"][3] <= size[1] + 1, stop
            assert stop["shown"] not in shown
            shown.append(stop["shown"])
            if number < 5:
                press("#tour [data-go=next]")
        press("#tour [data-go=end]")
        made.settle()
        assert page.evaluate("() => JSON.stringify(slownet.state(), ['colours', 'step'])") == before
        assert page.locator(".toured").count() == 0


@pytest.mark.long
@pytest.mark.parametrize("size", [(390, 844), (844, 390), (720, 480)])
def test_the_tour_scrolls_from_wherever_the_reader_is(browser, pages, digits_run, size):
    with training(browser, pages(digits_run), width=size[0], height=size[1], **PHONE) as made:
        page = made.page
        page.keyboard.press("t")
        for stop in range(5):
            for part in range(6):
                page.evaluate("part => scrollTo(0, part / 5 * document.body.scrollHeight)", part)
                page.evaluate("stop => slownet.player.tour.show(stop)", stop)
                let_paint(page, 2)
                found = page.evaluate(STOP)
                assert not overlap(found["card"], found["at"]), (stop, part)
                for box in (found["card"], found["at"]):
                    assert -1 <= box[2] <= box[3] <= size[1] + 1, (stop, part)


@pytest.mark.long
def test_the_tour_tells_what_is_there(browser, pages, colours_run, digits_run):
    """Without samples it has none to speak of; a drawing stays until the right answer is needed."""
    with training(browser, pages(colours_run, keep="auto")) as made:
        made.page.click("#take-tour")
        assert "1 of 2" in made.text("#tour")
        assert "guesses" in made.text("#tour p")
        made.page.click("#tour [data-go=next]")
        assert "2 of 2" in made.text("#tour")
        made.page.click("#tour [data-go=next]")
        made.until("() => slownet.state().step > 12")
    with training(browser, pages(digits_run)) as made:
        box = made.page.locator("#pad").bounding_box()
        made.page.mouse.move(box["x"] + 30, box["y"] + 20)
        made.page.mouse.down()
        made.page.mouse.move(box["x"] + 40, box["y"] + 70, steps=5)
        made.page.mouse.up()
        made.page.click("#take-tour")
        assert made.state["isDrawn"]
        assert "another" not in made.text("#tour p")
        for isDrawn in (True, True, False):
            made.page.click("#tour [data-go=next]")
            assert made.state["isDrawn"] == isDrawn
        assert made.page.locator("#backward table").is_visible()


@pytest.mark.long
def test_the_tour_ends_with_the_training(browser, pages, moons_run):
    with training(browser, pages(moons_run, keep="auto")) as made:
        made.page.keyboard.press("t")
        for _ in range(5):
            made.page.keyboard.press("Enter")  # the button for the next stop has the focus
        assert made.page.locator("#tour").is_hidden()
        made.until("() => slownet.state().playing")
        made.until("() => slownet.state().step > 12")


@pytest.mark.long
@pytest.mark.parametrize("kind", ["digits", "moons", "bikes", "wide"])
def test_a_finger_finds_every_control(browser, pages, request, kind):
    history = request.getfixturevalue(f"{kind}_run")
    with training(browser, pages(history, keep="auto"), width=390, height=844, **PHONE) as made:
        if made.page.evaluate("() => slownet.player.course.canTrain"):
            made.page.tap("#experiment > summary")
        made.page.tap("footer summary")
        made.page.evaluate("() => slownet.player.choose({ weight: 3 })")
        made.settle()
        settle(made.page)
        assert made.page.evaluate(SMALL) == []
        assert made.page.evaluate(COVERED) == []
        assert made.page.evaluate("() => document.documentElement.scrollWidth") <= 390
        assert made.page.evaluate(CUT) == []
        made.page.evaluate("() => scrollTo(0, 0)")  # where no bar stands over what scrolls
        made.until("() => !document.body.classList.contains('is-below')")
        check_apart(made.page.evaluate(TEXTS))


def test_what_a_finger_changes_comes_into_view(browser, pages, digits_run):
    with training(browser, pages(digits_run, keep="none"), width=390, height=844, **PHONE) as made:
        page = made.page
        page.tap("#draw")
        made.until(SEEN, "seen")
        assert page.evaluate(
            "() => document.getElementById('verdict').getBoundingClientRect().bottom < 844"
        )
        disc = page.evaluate("() => [...slownet.painter.netView.places.discs.values()][0]")
        page.evaluate("() => document.getElementById('canvas').scrollIntoView({ block: 'end' })")
        assert not page.evaluate(SEEN, "terms")
        box = page.locator("#canvas").bounding_box()
        page.touchscreen.tap(box["x"] + disc["x"] + disc["r"] + 4, box["y"] + disc["y"])
        made.until("() => slownet.state().chosen !== null")
        assert page.evaluate("() => slownet.state().chosen") == {"neuron": disc["neuron"]}
        made.until(SEEN, "terms")
        disc = page.evaluate("() => [...slownet.painter.netView.places.discs.values()].at(-2)")
        page.evaluate("() => document.getElementById('canvas').scrollIntoView({ block: 'end' })")
        box = page.locator("#canvas").bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] - 20, box["y"] + disc["y"])  # on its number
        made.until("neuron => slownet.state().chosen.neuron === neuron", disc["neuron"])
        made.until(SEEN, "terms")


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["digits", "moons", "flowers", "bikes", "wide", "homes"])
def test_no_text_lies_on_another(browser, pages, request, kind, scheme):
    history = request.getfixturevalue(f"{kind}_run")
    word = "Donaudampfschifffahrtsgesellschaftskapitän"
    title = f"A title that is rather long, with a {word}: how pupils of class 10b teach a net"
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    watched = Watched(page)
    watched.play(pages(history, keep="auto", title=title))
    page.evaluate("() => slownet.opened")
    page.set_default_timeout(PATIENCE)
    for width, height in [(320, 640), *SIZES]:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("() => scrollTo(0, 0)")
        settle(page)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        check_apart(page.evaluate(TEXTS))
        check_apart(page.evaluate(BOXES))
        assert page.evaluate(CUT) == []
    context.close()
    watched.check()


@pytest.mark.long
@pytest.mark.parametrize("size", [(1920, 1080), (2560, 1440)])
@pytest.mark.parametrize("kind", ["digits", "prices", "moons"])
def test_a_wide_screen_is_used(browser, pages, request, kind, size):
    """Discs, images and charts are larger there, and panels reach down."""
    history = request.getfixturevalue(f"{kind}_run")
    with training(browser, pages(history, keep="none"), width=1280, height=800) as made:
        sizes = """() => {
            const { discs, tiles } = slownet.painter.netView.places;
            const most = (all) => Math.max(0, ...all);
            const { bottom } = document.querySelector("#judged").getBoundingClientRect();
            const disc = most([...discs.values()].map(({ r }) => r));
            const tile = most([...tiles.values()].map(({ size }) => size));
            const chart = document.querySelector("#chart-loss").clientHeight;
            return [disc, tile, chart, bottom / innerHeight];
        }"""
        disc, tile, chart, _ = made.page.evaluate(sizes)
        made.page.set_viewport_size({"width": size[0], "height": size[1]})
        settle(made.page)
        larger = made.page.evaluate(sizes)
        assert larger[0] > 1.2 * disc
        assert larger[1] >= 1.2 * tile
        assert larger[2] > 1.25 * chart
        assert larger[3] > 0.75
