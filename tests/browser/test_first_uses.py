"""What five people do who open a page for the first time, step by step, and what they must see."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager

import pytest
from commands import run
from watching import PATIENCE, Watched, let_paint

SEEN = """selector => {
    const box = document.querySelector(selector).getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return box.width >= 44 && box.height >= 44 && Boolean(top?.closest(selector));
}"""  # large enough for a finger, on the screen, and under nothing else
BELOW = "() => document.body.classList.contains('is-below')"
LOWEST = """() => {
    const lines = [...document.querySelectorAll("footer p")].filter(each => each.checkVisibility());
    return Math.max(...lines.map(each => each.getBoundingClientRect().bottom));
}"""
ENDED = "() => window.slownet && !slownet.player.course.goal && slownet.state().step > 0"
HTML = '<!DOCTYPE html><meta charset="utf-8"><title>An article</title><link rel="icon" href="data:,">'


@contextmanager
def opened(browser, path, width, height, **options):
    """Open a page as somebody does who knows nothing of it."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    watched = Watched(context.new_page())
    watched.page.goto(path.as_uri())
    watched.page.wait_for_function(ENDED)
    yield watched.page
    context.close()
    watched.check()


@pytest.mark.long
def test_a_pupil_on_a_phone_plays_from_anywhere_on_the_page(browser, pages, moons_run):
    path = pages(moons_run, keep="all")
    with opened(browser, path, 390, 844, has_touch=True, is_mobile=True) as page:
        assert "Press Play to watch it learn." in page.inner_text("#intro")
        assert page.evaluate(SEEN, "#play")
        page.tap("#play")
        page.wait_for_function("() => slownet.state().step > 3")
        page.evaluate("() => scrollTo(0, 900)")
        page.wait_for_function(BELOW)
        for button in ("#play", "#previous", "#next"):
            assert page.evaluate(SEEN, button)
        page.tap("#play")
        assert page.inner_text("#play") == "▶ Play"
        step = page.evaluate("() => slownet.state().step")
        page.tap("#previous")
        page.wait_for_function("step => slownet.state().step < step", arg=step)
        page.evaluate("() => scrollTo(0, document.body.scrollHeight)")
        let_paint(page)
        assert page.evaluate(LOWEST) <= page.locator("#transport").bounding_box()["y"]
        page.emulate_media(media="print")
        assert page.evaluate(
            "() => getComputedStyle(document.getElementById('transport')).position"
        ) == ("static")
        page.emulate_media(media="screen")
        page.evaluate("() => scrollTo(0, 0)")
        page.wait_for_function(f"() => !({BELOW})()")
        page.tap("#take-tour")
        page.wait_for_selector("#tour >> visible=true")


@pytest.mark.long
def test_a_teacher_prints_the_page_and_shows_it_in_a_text(browser, pages, digits_run, tmp_path):
    path = pages(digits_run, keep="all")
    with opened(browser, path, 1280, 800) as page:
        page.click("#samples > :nth-child(4)")
        assert page.inner_text("#verdict strong")
        assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
        page.click("#experiment > summary")
        page.click("#share button:has-text('Embed')")
        lines = page.inner_text("#snippet-lines")
    text = re.sub(r'src="[^"]*#', f'src="{path.as_uri()}#', lines)
    (tmp_path / "text.html").write_text(f"{HTML}<p>Read this.</p>{text}", encoding="utf-8")
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.goto((tmp_path / "text.html").as_uri())
    frame = page.frame_locator("iframe.slownet")
    frame.locator("#verdict strong").wait_for()
    assert frame.locator("#play").is_visible()
    assert frame.locator("#tour").is_hidden()
    page.close()


@pytest.mark.long
@pytest.mark.parametrize("kind", ["moons", "digits"])
def test_a_blogger_with_a_narrow_column_sees_all_of_it_and_play(browser, pages, request, kind):
    path = pages(request.getfixturevalue(f"{kind}_run"), keep="all")
    page = browser.new_page(viewport={"width": 480, "height": 480})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{path.as_uri()}#embed")
    page.wait_for_function(ENDED)
    for part in ("#play", "#next", "#slider", "#numbers", "#verdict"):
        box = page.locator(part).bounding_box()
        assert box["x"] >= 0, part
        assert box["x"] + box["width"] <= 480, part
    assert page.evaluate("() => document.documentElement.scrollWidth") == 480
    page.click("#play")
    page.wait_for_function("() => slownet.state().playing && slownet.state().step > 0")
    page.close()


@pytest.mark.long
def test_without_colours_and_with_keys_alone_all_is_there(browser, pages, moons_run):
    with opened(browser, pages(moons_run, keep="all"), 1280, 800) as page:
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setEmulatedVisionDeficiency", {"type": "achromatopsia"})
        page.keyboard.press("Home")
        page.wait_for_function("() => slownet.state().step === 0")
        page.keyboard.press(" ")
        page.wait_for_function("() => slownet.state().step > 3")
        page.keyboard.press(" ")
        assert re.search("[✓✗]", page.inner_text("#verdict"))
        signs = page.locator("#legend-loss b").all_inner_texts()
        assert len({*signs}) == len(signs) > 1  # no two lines differ by their colours alone
        while page.evaluate("() => document.activeElement.id") != "neuron":
            page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        name = page.evaluate("() => slownet.painter.words.name(slownet.state().focus)")
        assert page.inner_text("#spelled-name") == name


@pytest.mark.long
def test_somebody_with_a_table_plays_it(browser, tmp_path):
    rows = [f"{20 + k % 50},{900 + 37 * k % 4000},{'Köln' if k % 3 else 'Ulm'}" for k in range(120)]
    lines = [f"{row},{'stays' if k * 7 % 120 > 50 else 'leaves'}" for k, row in enumerate(rows)]
    table = "\n".join(["age,income (EUR),city,churned", *lines])
    (tmp_path / "their.csv").write_text(table, encoding="utf-8")
    play = (sys.executable, "-m", "slownet", "play", "their.csv", "--no-open")
    asked = run(*play, cwd=tmp_path)
    assert "--target must name the column" in asked.stderr
    assert "'churned'" in asked.stderr
    made = run(*play, "--target", "churned", "--epochs", "20", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "It holds rows of their.csv" in made.stdout
    with opened(browser, tmp_path / "their.html", 1280, 800) as page:
        assert "age, income (EUR) and city and predicts churned" in page.inner_text("#intro")
        assert re.search(r"of \d+ test samples", page.inner_text("#accuracy-of"))
        page.select_option("#samples select", index=1)
        assert re.search("leaves|stays", page.inner_text("#verdict strong"))
        assert "rows of their.csv to learn from" in page.inner_text("#holds")
