"""What the maker of a page says in it stands there as text, wherever it belongs."""

from __future__ import annotations

import pytest
from training import training
from watching import let_paint

from slownet.page.wording import MOST

ABOUT = "</script><img src=x onerror=alert(1)> “Two” & <b>moons</b> ${alert(2)} {{3}} " * 7
AUTHOR = "\"><svg onload=alert(4)> & Ada <O'Neill>"
CLASSES = ["<b>red</b>", "</script><svg onload=1>", "javascript:alert(5)&amp;"]
BOXES = """() => ["#said-of-page", "#play", "#numbers", "#net-view", "#plane", "#author"]
    .map(name => document.querySelector(name).getBoundingClientRect())
    .map(({ left, right, top, bottom }) => [left, right, top, bottom])"""
WIDER = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


def check_apart(page):
    let_paint(page)
    boxes = page.evaluate(BOXES)
    for k, (left, right, top, bottom) in enumerate(boxes):
        assert right > left
        assert bottom > top
        for left_2, right_2, top_2, bottom_2 in boxes[:k]:
            is_beside = right <= left_2 + 0.5 or right_2 <= left + 0.5
            assert is_beside or bottom <= top_2 + 0.5 or bottom_2 <= top + 0.5
    assert not page.evaluate(WIDER)
    assert page.locator("#said-of-page").evaluate("each => each.scrollWidth <= each.clientWidth")


@pytest.mark.long
def test_hostile_words_are_text(browser, pages, colours_run):
    words = {"about": ABOUT, "author": AUTHOR, "classes": tuple(CLASSES)}
    path = pages(colours_run, keep="all", **words)
    with training(browser, path, "#step=40") as page:
        assert page.text("#said-of-page") == " ".join(ABOUT.split())
        assert page.text("#author") == f"By {AUTHOR}"
        assert page.frame.evaluate("() => slownet.net.facts.classes") == CLASSES
        marks = page.frame.locator("#plane-legend .mark").all_inner_texts()
        assert [text.strip() for text in marks] == CLASSES
        assert page.frame.locator("#brushes label").all_inner_texts()[1:4] == CLASSES
        outputs = page.frame.locator("#neuron optgroup:last-child option").all_inner_texts()
        assert outputs == [f"output “{name}”" for name in CLASSES]
        label = page.frame.get_attribute("#judged-canvas", "aria-label")
        assert all(f"{name}: " in label for name in CLASSES)
        page.frame.evaluate("() => slownet.player.draw(Float64Array.of(3, 0))")
        assert page.text("#verdict strong") in CLASSES
        made = "img, svg:not(main svg), [onload], [onerror], script:not([id], :last-of-type)"
        assert page.frame.locator(made).count() == 0
        check_apart(page.page)
        page.page.set_viewport_size({"width": 390, "height": 844})
        check_apart(page.page)


@pytest.mark.long
def test_the_longest_words_have_their_place(browser, pages, digits_run, moons_run, flowers_run):
    names = ["W" * MOST["class"], *(f"{k} {'i' * (MOST['class'] - 2)}" for k in range(1, 10))]
    words = {"about": "Wort " * (MOST["about"] // 5), "author": "Ö" * MOST["author"]}
    for run, count in ((digits_run, 10), (moons_run, 2), (flowers_run, 3)):
        path = pages(run, keep="all", classes=tuple(names[:count]), **words)
        for width, height, scheme in ((1280, 800, "dark"), (820, 1180, "light"), (360, 740, "light")):
            with training(browser, path, "", width, height, color_scheme=scheme) as page:
                let_paint(page.page)
                assert page.text("#verdict strong") in names
                assert not page.page.evaluate(WIDER)
                boxes = page.page.evaluate(
                    """() => ["#said-of-page", "#net-view", "#author"]
                        .map(name => document.querySelector(name).getBoundingClientRect())
                        .map(({ top, bottom }) => [top, bottom])"""
                )
                (_, end), (top, bottom), (foot, _) = boxes
                assert end <= top
                assert top + 400 < bottom <= foot
                page.page.emulate_media(media="print")
                assert page.page.locator("#said-of-page").is_visible()


@pytest.mark.long
def test_digits_are_called_and_taught_by_their_names(browser, pages, digits_run):
    names = ["nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    with training(browser, pages(digits_run, keep="all", classes=tuple(names)), "#step=40") as page:
        titles = page.frame.locator(".sample").evaluate_all("all => all.map(each => each.title)")
        assert titles == names
        page.page.keyboard.press("3")  # the fourth
        page.until("() => slownet.state().place === 3")
        page.frame.evaluate("() => slownet.player.draw(slownet.state().sample.slice())")
        teach = page.frame.locator("#teach button")
        assert teach.all_inner_texts()[: len(names)] == names
        teach.nth(7).click()
        page.until("() => slownet.player.course.told.edits === 1")
        page.frame.evaluate("() => slownet.pause()")
        page.check()
        assert page.frame.locator("#said-of-page").is_hidden()
        assert page.frame.locator("#author").is_hidden()
