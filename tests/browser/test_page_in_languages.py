"""A page in other languages: every text of it is one of its tables, and has room."""

from __future__ import annotations

import json
import re

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
# names of formulas and settings, columns, and the title
NAMES = {
    "total",  # the first number of a step
    *("tanh", "relu", "sigmoid", "softmax", "linear", "elu", "gelu", "selu", "silu", "softplus"),
    *("leaky", "swish", "mish", "sin", "cos", "identity", "softsign", "hard", "exponential"),
    *("sgd", "adam", "adamw", "adagrad", "adadelta", "rmsprop", "nadam", "momentum", "nesterov", "lion"),
    *("Digits", "https"),
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


@pytest.mark.long
def test_the_address_chooses_the_language(browser, tmp_path):
    """One of the page's own is that without; the snippet offers another one."""
    path = slownet.play("moons", epochs=1, language="de").write(tmp_path / "a.html")
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    Watched(page).play(path)
    said = "() => [document.documentElement.lang, document.querySelector('#play').textContent.slice(2)]"
    page.evaluate("slownet.opened")  # the page notes in its address where it then stands
    assert page.evaluate(said) == ["de", "Start"]
    titles = {"de": "Wie ein 2-8-8-1-Netz lernte", "en": "How this 2-8-8-1 net learned"}
    assert page.title() == titles["de"]
    assert page.locator("#snippet-language").count() == 0
    for language, wanted in (("en", ["en", "Play"]), ("xx", ["de", "Start"])):
        page.evaluate(f"location.hash = 'step=3&lang={language}'")
        page.wait_for_function("wanted => document.documentElement.lang === wanted", arg=wanted[0])
        page.wait_for_function("() => window.slownet && slownet.painted")
        page.evaluate("slownet.opened")
        let_paint(page)
        assert page.evaluate(said) == wanted
        assert page.locator("#step").inner_text() == "3"
        assert [page.title(), page.inner_text("h1")] == [titles[wanted[0]]] * 2
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


# what a page refuses: the names of texts, and the address that has them said
REFUSED = {
    "moons": {
        "address.problem refused.letters": "1" * 100_001,
        "address.problem refused.edits": "~".join(["1_rate_0.1"] * 1001),
        "address.problem refused.order": "9_rate_0.1~5_rate_0.2",
        "address.problem refused.seed": "5_seed_1",
        "refused.where refused.step": "x",
        "refused.where refused.kind": "5_bla",
        "refused.arguments": "5_cut_0.1",
        "refused.argument refused.expected.positive": "5_rate_0",
        "refused.argument refused.expected.amount": "5_l2_-1",
        "refused.argument refused.expected.share": "5_dropout_1",
        "refused.argument refused.expected.number": "5_bias_1.1_x",
        "refused.argument refused.expected.whole": "5_batch_0",
        "refused.argument refused.expected.end": "5_cut_1_2",
        "refused.argument refused.expected.name": "5_activation_1_Relu",
        "refused.argument refused.expected.image": "0_digit_3_a.b",
        "address.stop refused.stop": "&stop=<b>",
        "address.stop refused.stop.bare": "&stop=epoch_0",
        "address.stop refused.stop.bound refused.expected.part": "&stop=accuracy_1.009",
        # from here on the worker says it
        "refused.edit refused.activation": "5_activation_1_magic",
        "refused.edit refused.optimizer": "5_optimizer_magic",
        "refused.edit refused.hidden": "5_add_0",
        "refused.edit refused.hidden.none": "5_unlayer_1~5_unlayer_2~5_add_1",
        "refused.edit refused.behind": "5_layer_9_2_relu",
        "refused.edit refused.neuron": "5_remove_1_99",
        "refused.edit refused.weight": "5_cut_0.0_0.1",
        "refused.edit refused.inputs": "5_bias_0.0_1",
        "refused.edit refused.lastNeuron": "0_layer_0_1_relu~5_remove_1_0",
        "refused.edit refused.neurons": "0_layer_0_256_relu~0_add_1",
        "refused.edit refused.layers": "~".join(["0_layer_0_1_relu"] * 21),
        "refused.edit refused.sample": "5_erase_9999",
        "refused.edit refused.lastSample": "~".join(["0_erase_0"] * 200),
        "refused.edit refused.class": "5_point_0_0_7",
        "refused.edit refused.noise": "5_noise_1e308",
        "refused.edit refused.set": "5_data_mine",
        "refused.edit refused.images": "5_digit_1_AgIH",
        "refused.edit refused.digit": "5_undigit_0",
        "diverged.step diverged.loss": "5_rate_1e308",
        "diverged.step diverged.update": "5_rate_1e300~5_l2_1e300",
    },
    "mnist": {
        "refused.edit refused.plane": "5_move_0_1_1",
        "refused.edit refused.base64": "5_digit_1_A",
        "refused.edit refused.pixels": "5_digit_1____",
    },
}
# of nets of other kinds and sizes, which take the same ways
ELSEWHERE = {
    *("refused.begin", "refused.file", "refused.given", "refused.initializer", "refused.outputs"),
    *("refused.target", "refused.weights", "diverged.division", "diverged.norm", "diverged.rate"),
}


def saying(key):
    """What matches a German text of the page."""
    text = words_in("de")[key]
    return re.sub(r"\\{\w+\\}", ".+", re.escape(text["other"] if isinstance(text, dict) else text))


@pytest.mark.long
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_said_in_german(browser, german, name):
    """By the page and by its worker: of the experiment, of a step, and of one that is taken apart."""
    with training(browser, german[name]) as page:
        for keys, text in REFUSED[name].items():
            follow(page.page, f"#e={text}&step=9")
            found = page.settle().text("#problem")
            for key in keys.split():
                assert re.search(saying(key), found), (key, found)
        if name == "moons":
            page.page.click("#take-apart")
            page.page.click("#apart-on-step:enabled")
            page.page.wait_for_function("() => document.querySelector('#apart-problem').textContent")
            found = page.text("#apart-problem")
            assert re.search(saying("diverged.step"), found)
            assert re.search(saying("diverged.update.of"), found)


def test_every_refusal_is_tried():
    known = {key for key in words_in("en") if key.startswith(("refused.", "diverged."))}
    tried = {key for each in REFUSED.values() for keys in each for key in keys.split()}
    assert known - tried == ELSEWHERE | {"diverged.update.of"}


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
