"""A browser that cannot show the page says so, and what it lacks."""

from __future__ import annotations

import base64
import re
import zlib

import pytest
from test_page_layout import CUT
from watching import PATIENCE

TOLD = "() => !document.getElementById('too-old').hidden"
NO_COLOURS = (
    "const { supports } = CSS; CSS.supports = (...all) => !/light-dark/.test(all) && supports(...all);"
)
STARTED = "() => window.slownet"


@pytest.fixture
def visited(browser):
    """Open a page in a browser in which a script has run first; return the page, and its errors."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def visit(path, script="", until=TOLD):
        page.add_init_script(script)
        page.goto(path.as_uri())
        page.wait_for_function(until)
        return page, errors

    yield visit
    context.close()


def told(page) -> str:
    assert page.evaluate(CUT) == []
    assert page.locator("#too-old").get_attribute("role") == "alert"
    box = page.locator("#too-old").bounding_box()
    assert box["y"] + box["height"] < 400  # at the top of the page
    return page.inner_text("#too-old")


def test_a_browser_that_cannot_unpack_the_page_is_told_so(visited, pages, moons_run):
    page, errors = visited(pages(moons_run), "delete globalThis.DecompressionStream;")
    text = told(page)
    assert "too old" in text
    assert "DecompressionStream" in text
    assert "2024" in text
    assert page.locator("#play").is_hidden()  # it would do nothing
    assert page.locator("#take-tour").is_hidden()
    assert page.locator("h1").is_visible()
    assert not errors
    assert not page.evaluate("() => Boolean(window.slownet)")


@pytest.mark.long
def test_a_browser_that_does_not_know_its_styles_shows_it_all_the_same(visited, pages, moons_run):
    page, errors = visited(pages(moons_run), NO_COLOURS)
    assert "colours" in told(page)
    assert page.locator("#play").is_visible()
    page.wait_for_function(STARTED)
    page.click("#next")
    assert not errors
    assert "too-old" in page.evaluate("() => slownet.player.own.outerHTML")
    assert "older than" not in page.evaluate("() => slownet.player.own.outerHTML.split('<script')[0]")


def with_script(path, packed):
    """The page with another script."""
    text = path.read_text(encoding="utf-8")
    found = re.search(r'id="script">([^<]*)<', text)
    (other := path.with_stem(f"{path.stem}-other")).write_text(
        text[: found.start(1)] + packed + text[found.end(1) :], encoding="utf-8"
    )
    return other


@pytest.mark.long
def test_a_browser_that_does_not_understand_the_script_is_told_so(visited, pages, moons_run):
    packed = base64.b64encode(zlib.compress(b"const a = 1 @@ 2;")).decode()
    page, errors = visited(with_script(pages(moons_run), packed))
    assert "does not understand" in told(page)
    assert [each for each in errors if "Invalid or unexpected token" in each] == errors


@pytest.mark.long
@pytest.mark.parametrize("packed", ["", "@@@@", "eJwrSS0uAQAE"], ids=["empty", "no base64", "cut"])
def test_a_damaged_page_says_so(visited, pages, moons_run, packed):
    page, _ = visited(with_script(pages(moons_run), packed))
    assert "damaged" in told(page)


@pytest.mark.long
def test_a_browser_of_today_is_told_nothing(visited, pages, moons_run):
    page, errors = visited(pages(moons_run), until=STARTED)
    assert page.locator("#too-old").is_hidden()
    assert not errors


def test_without_scripts_it_says_so(browser, pages, moons_run):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(pages(moons_run).as_uri())
    place = page.locator("noscript p")
    assert "JavaScript" in place.inner_text()
    assert place.bounding_box()["y"] < 100
    assert page.locator("#play").is_hidden()  # it would do nothing
    assert page.locator("#take-tour").is_hidden()
    assert page.locator("h1").is_visible()
    context.close()
