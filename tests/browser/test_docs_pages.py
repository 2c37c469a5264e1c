"""The pages of the documentation, as a browser shows them on a screen and on a phone."""

import re
import sys

import pytest
from commands import run
from opened import number
from test_docs import DOCS

from slownet import functions

PAGES = sorted(DOCS.rglob("*.md"))
WIDER = """(selector) => [...document.querySelectorAll(selector)]
    .filter(each => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest(
        "pre, .formula, .pst-scrollable-table-container"))
    .map(each => each.textContent.slice(0, 60))"""
SCROLLED = """() => [...document.querySelectorAll(".formula")]
    .filter(each => each.scrollWidth > each.clientWidth + 1)
    .map(each => each.textContent)"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    pytest.importorskip("myst_parser")
    folder = tmp_path_factory.mktemp("docs")
    made = run(sys.executable, "-m", "sphinx", "-W", "-n", "-E", "-q", "-b", "html", DOCS, folder)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.mark.long
def test_the_pages_are_built_without_a_warning_and_need_no_network(built):
    pages = list(built.rglob("*.html"))
    assert len(pages) > len(PAGES)
    for page in pages:
        text = page.read_text("utf-8")
        loaded = re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(\w+:)", text)
        assert set(loaded) <= {"data:"}, page
    formulas = (built / "reference" / "formulas.html").read_text("utf-8")
    count = sum(
        len(getattr(functions, f"{kind}S")) for kind in ("ACTIVATION", "OPTIMIZER", "INITIALIZER")
    )
    count += len(functions.LOSSES) + len(functions.SCHEDULES) + len(functions.REGULARIZERS)
    assert formulas.count('<figure class="curve">') == count


@pytest.mark.long
def test_no_text_is_cut_off(built, browser):
    page = browser.new_page(viewport={"width": 360, "height": 740})
    for source in PAGES:
        page.goto((built / source.relative_to(DOCS).with_suffix(".html")).as_uri())
        assert page.evaluate(WIDER, ".bd-article *") == [], source.name
    page.close()


@pytest.mark.long
def test_formulas_are_shown_whole(built, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    for name in ("reference/formulas.html", "arithmetic.html"):
        page.goto((built / name).as_uri())
        assert page.evaluate(SCROLLED) == [], name
    page.close()


LAST = "() => window.slownet && slownet.net.facts.training.last === slownet.state().step"
CLAIMS = """() => [...document.querySelectorAll("figure.gallery")].map(each => [
    each.querySelector("iframe").src,
    each.dataset.found,
    each.previousElementSibling.textContent,
])"""
FRAMES = """() => [...document.querySelectorAll("iframe.slownet")].map(({ src, style }) =>
    [new URL(src).hash.split("&")[1], parseInt(style.height)])"""


@pytest.mark.long
def test_the_pages_of_the_gallery_play_and_reach_what_the_text_says(built, browser):
    page = browser.new_page(viewport={"width": 784, "height": 900})
    page.goto((built / "gallery.html").as_uri())
    claims = page.evaluate(CLAIMS)
    assert len(claims) == 5
    for source, found, text in claims:
        assert re.search(rf"(about|it reads|off by)\s{found}\b", text)
        page.goto("about:blank")  # or only the part behind the # would be another one
        page.goto(source)
        page.wait_for_function(LAST)
        if " of " in found:
            assert page.text_content("#accuracy-of") == f"{found} test samples"
        else:
            page.evaluate("() => { location.hash = '#step=' + slownet.state().step; }")
            page.wait_for_selector("#judged-heading >> visible=true")
            told = re.fullmatch(r"Error (\S+) on 102 test samples", page.inner_text("#judged-heading"))
            assert round(number(told[1])) == int(found)
        page.click("#play")
        page.wait_for_function("() => slownet.state().playing && slownet.state().step < 100")
        page.wait_for_function("() => slownet.state().step > 100")
    page.close()


@pytest.mark.long
def test_the_frames_of_the_gallery_have_its_theme_and_the_height_that_they_need(built, browser):
    page = browser.new_page(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page.goto((built / "gallery.html").as_uri())
    low = "() => document.querySelectorAll('iframe').forEach(each => { each.style.height = '200px'; })"
    page.evaluate(low)
    page.locator("iframe").first.scroll_into_view_if_needed()
    page.wait_for_function(f"() => ({FRAMES})()[0][1] >= 480")
    assert {theme for theme, _ in page.evaluate(FRAMES)} == {"theme=dark"}
    page.evaluate("() => { document.documentElement.dataset.theme = 'light'; }")
    page.wait_for_function(f"() => ({FRAMES})().every(([theme]) => theme === 'theme=light')")
    page.close()
