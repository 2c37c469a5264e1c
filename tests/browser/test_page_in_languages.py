"""A page in other languages: every text of it is one of its tables, and has room."""

from __future__ import annotations

import json

import pytest
from slow import mostly_long
from test_page_layout import settle
from texts import RECORDER, TEXTS
from training import training
from watching import Watched, follow, let_paint

import slownet
from slownet.page.languages import words_in

SIZES = [(390, 844), (1280, 800), (320, 640)]
# what is neither a number nor in brackets, of all texts, titles and labels, also where they are hidden
OUTSIDE = r"""() => {
    const outside = text => {
        let [depth, found] = [0, ""];
        for (const letter of text) {
            if (letter === "⟦") depth += 1;
            else if (letter === "⟧") depth -= 1;
            else if (depth === 0) found += letter;
        }
        return found.match(/\p{L}{2,}/gu) ?? [];
    };
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        if (!walker.currentNode.parentElement.closest("script, noscript, pre, #too-old")) {
            texts.push(walker.currentNode.textContent);
        }
    }
    for (const each of document.querySelectorAll("*")) {
        for (const name of ["title", "aria-label", "aria-valuetext", "placeholder", "label"]) {
            if (each.hasAttribute(name)) texts.push(each.getAttribute(name));
        }
        for (const side of ["::before", "::after"]) {
            const { content } = getComputedStyle(each, side);
            if (content.startsWith('"')) texts.push(content);
        }
    }
    for (const all of drawn.values()) texts.push(...all.map(({ text }) => text));
    return [...new Set(texts.flatMap(outside))].sort();
}"""
# names of formulas and settings, columns and sets of points, and the title
NAMES = {
    "total",  # the first number of a step
    *("tanh", "relu", "sigmoid", "softmax", "linear", "elu", "gelu", "selu", "silu", "softplus"),
    *("leaky", "swish", "mish", "sin", "cos", "identity", "softsign", "hard", "exponential"),
    *("sgd", "adam", "adamw", "adagrad", "adadelta", "rmsprop", "nadam", "momentum", "nesterov", "lion"),
    *("circles", "moons", "spirals", "xor", "gaussians", "Digits", "https"),
}
FRAMES = """async () => {
    for (const each of document.querySelectorAll("details")) each.open = true;
    await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}"""


def pseudo(folder):
    """Write a language in which every text stands in brackets, and is longer."""

    def other(text):
        return f"⟦{text}{' ~' * (len(text) // 6)}⟧"

    texts = {
        key: {kind: other(each) for kind, each in text.items()}
        if isinstance(text, dict)
        else other(text)
        for key, text in words_in("en").items()
    }
    path = folder / "en-XA.json"
    path.write_text(json.dumps(texts), encoding="utf-8")
    return path


def outside(page):
    page.page.evaluate(FRAMES)
    let_paint(page.page)
    return {word for word in page.page.evaluate(OUTSIDE) if word not in NAMES}


@pytest.mark.long
@pytest.mark.parametrize("name", mostly_long(["moons", "mnist"]))
def test_every_text_is_one_of_the_tables(browser, tmp_path, name):
    path = slownet.play(name, epochs=1, language=pseudo(tmp_path), title="Digits").write(
        tmp_path / "a.html"
    )
    with training(browser, path, scripts=(RECORDER,)) as page:
        assert page.page.evaluate("document.documentElement.lang") == "en-XA"
        assert outside(page) == set()
        page.go(3)
        assert outside(page) == set()
        for colours in ("change", "learned", "contribution", "gradient"):
            page.page.select_option("#colours", colours)
            assert outside(page) == set(), colours
        follow(page.page, f"{page.page.url.split('#')[0]}#step=5&weight=3")
        page.settle()
        assert outside(page) == set()
        page.page.click("#chosen-actions button")
        page.settle()
        for opener in ("#show-snippet", "#show-python"):
            page.page.click(opener)
            assert outside(page) == set(), opener
            page.page.keyboard.press("Escape")
        for opener, way_back in (("#open-quiz", "#quiz-close"), ("#take-apart", "#apart-close")):
            if page.page.locator(opener).count():
                page.page.click(opener)
                assert outside(page) == set(), opener
                if opener == "#take-apart":
                    page.page.click("#apart-on-neuron")
                    page.page.click("#apart-derive:enabled")
                    page.page.wait_for_selector("#derivation[open]")
                    assert outside(page) == set(), "derivation"
                    page.page.keyboard.press("Escape")
                page.page.click(way_back)
        if page.page.locator("#pad").is_visible():
            page.page.locator("#pad").scroll_into_view_if_needed()
            box = page.page.locator("#pad").bounding_box()
            page.page.mouse.move(box["x"] + 40, box["y"] + 30)
            page.page.mouse.down()
            page.page.mouse.move(box["x"] + 60, box["y"] + 110, steps=4)
            page.page.mouse.up()
            assert outside(page) == set()
        page.page.click("#take-tour")
        while page.page.locator("#tour").is_visible():
            assert outside(page) == set()
            page.page.click("#tour [data-go=next]")
        page.page.click("#play")


def test_the_address_chooses_the_language(browser, tmp_path):
    """One of the page's own is that without; the snippet offers another one."""
    path = slownet.play("moons", epochs=1, language="de").write(tmp_path / "a.html")
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    Watched(page).play(path)
    said = "() => [document.documentElement.lang, document.querySelector('#play').textContent.slice(2)]"
    assert page.evaluate(said) == ["de", "Start"]
    assert page.locator("#snippet-language").count() == 0
    for language, wanted in (("en", ["en", "Play"]), ("xx", ["de", "Start"])):
        page.evaluate(f"location.hash = 'step=3&lang={language}'")
        page.wait_for_function("wanted => document.documentElement.lang === wanted", arg=wanted[0])
        page.wait_for_function("() => window.slownet && slownet.painted")
        page.evaluate("slownet.opened")
        let_paint(page)
        assert page.evaluate(said) == wanted
        assert page.locator("#step").inner_text() == "3"
        if language == "en":
            assert page.locator("#number-loss dt").inner_text() == "loss"
            page.click("#experiment > summary")
            page.click("#show-snippet")
            assert "&amp;lang=en" in page.locator("#snippet-lines").inner_text()
            page.uncheck("#snippet-language")
            assert "lang=" not in page.locator("#snippet-lines").inner_text()
            page.click("#close-snippet")
    page.close()


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    folder = tmp_path_factory.mktemp("german")
    return {
        name: slownet.play(name, epochs=1, language="de").write(folder / f"{name}.html")
        for name in ("moons", "mnist")
    }


@pytest.mark.parametrize(
    ("name", "size"),
    mostly_long([(name, size) for name in ("moons", "mnist") for size in SIZES], several=True),
)
def test_german_has_room(browser, german, name, size):
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, device_scale_factor=1)
    page.add_init_script(RECORDER)
    Watched(page).play(german[name])
    settle(page)
    texts = page.evaluate(TEXTS)
    assert len(texts) > 40
    for k, (text, left, right, top, bottom) in enumerate(texts):
        assert left >= -1, text
        assert right <= size[0] + 1, text
        for other, left_2, right_2, top_2, bottom_2 in texts[:k]:
            across = min(right, right_2) - max(left, left_2)
            down = min(bottom, bottom_2) - max(top, top_2)
            assert across < 2 or down < 3, (text, other)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.close()
