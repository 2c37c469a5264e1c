"""The pages of the documentation, as a browser shows them on a screen and on a phone."""

import sys

import pytest
from commands import run
from test_docs import DOCS

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
    made = run(sys.executable, "-m", "sphinx", "-q", "-b", "html", DOCS, folder)
    assert made.returncode == 0, made.stderr
    return folder


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
