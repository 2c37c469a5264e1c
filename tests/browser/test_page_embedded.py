"""A page in a frame of another one: its layout, its theme, its height, and what its address keeps."""

from __future__ import annotations

import functools
import http.server
import re
import threading
from pathlib import Path

import pytest
from slow import crossed
from training import training
from watching import PATIENCE, Watched, follow, let_paint

import slownet

ROOT = Path(__file__).parents[2]
PARTS = """() => ["#play", "#previous", "#next", "#slider", "#numbers", "#samples", "#pad", "#verdict",
    "#canvas", "#plane > h2", "#plane-canvas", "#plane-legend", "#author", "#whole"]
    .flatMap(name => [...document.querySelectorAll(name)])
    .filter(each => each.checkVisibility() && each.getBoundingClientRect().height > 0)
    .map(each => {
        const { left, right, top, bottom } = each.getBoundingClientRect();
        return [each.id || each.parentElement.id, left, right, top, bottom];
    })"""
CUT = """() => [...document.querySelectorAll("p, h2, dt, dd, a, button:not(.sample), strong, span")]
    .filter(each => each.checkVisibility() && each.clientWidth)
    .filter(each => each.scrollWidth > each.clientWidth + 1)
    .map(each => each.textContent)"""
SIZE = "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
KINDS = ("digits", "flowers", "moons", "prices", "bikes", "homes", "colours", "wide")


NAMED = """() => {
    const { net, netView: { places } } = slownet.painter;
    const last = net.layers.length - 1;
    const outputs = [...places.discs.values()].filter(each => net.layerOf[each.neuron] === last);
    return outputs.length > 0 && (places.names > 0 || outputs.every(each => each.r > 9));
}"""  # beside the discs of the outputs, or in them


def check_boxes(page, width, height):
    """Everything is on the screen, and nothing lies over anything else."""
    let_paint(page)
    boxes = page.evaluate(PARTS)
    names = [name for name, *_ in boxes]
    has_samples = page.evaluate("() => slownet.net.facts.samples.length > 0")
    assert {"play", "slider", "numbers", "whole", *["verdict"] * has_samples} <= {*names}
    assert {"canvas", "plane-canvas"} & {*names}
    for name, left, right, top, bottom in boxes:
        assert -0.5 <= left < right <= width + 0.5, (name, left, right)
        assert -0.5 <= top < bottom <= height + 0.5, (name, top, bottom)
    for k, (name, left, right, top, bottom) in enumerate(boxes):
        for other, left_2, right_2, top_2, bottom_2 in boxes[:k]:
            is_apart = right <= left_2 + 0.5 or right_2 <= left + 0.5
            assert is_apart or bottom <= top_2 + 0.5 or bottom_2 <= top + 0.5, (name, other)
    assert page.evaluate(SIZE) == [width, height]
    assert page.evaluate(CUT) == []
    return {name: (right - left, bottom - top) for name, left, right, top, bottom in boxes}


def test_an_embedded_page_fits_its_frame_and_its_address_says_so(browser, pages, moons_run):
    path = pages(moons_run, keep="all", author="Ada")
    with training(browser, path, "#embed&theme=dark&e=40_rate_0.1", 720, 480) as page:
        sizes = check_boxes(page.page, 720, 480)
        assert min(sizes["plane-canvas"]) > 250
        assert min(sizes["canvas"]) > 300
        assert page.frame.evaluate("() => slownet.painter.theme.isDark")
        page.page.click("#previous")
        page.settle()
        step = page.step
        address = f"e=40_rate_0.1&step={step}&digit=0"
        assert page.page.url.endswith(f".html#embed&theme=dark&{address}")
        assert page.page.get_attribute("#whole-link", "href") == f"#{address}"
        page.check()
        assert slownet.replay(path, page.page.url).layers.keys() == {0, 1, 2, 3}


@pytest.mark.parametrize(("kind", "theme"), crossed(KINDS, ["light", "dark"]))
def test_nothing_of_an_embedded_page_is_cut(kind, theme, browser, pages, request):
    run = request.getfixturevalue(f"{kind}_run")
    for path in (pages(run), pages(run, keep="all")):
        with training(browser, path, f"#embed&theme={theme}", 720, 480) as page:
            sizes = check_boxes(page.page, 720, 480)
            assert min(sizes["canvas"]) > 300
            page.page.set_viewport_size({"width": 360, "height": 480})
            sizes = check_boxes(page.page, 360, 480)
            assert max(*sizes.get("canvas", (0, 0)), *sizes.get("plane-canvas", (0, 0))) > 300
            if kind == "digits":
                assert page.frame.evaluate(NAMED)
            assert page.frame.evaluate("() => slownet.painter.theme.isDark") == (theme == "dark")
            for size in ((1200, 700), (620, 900)):
                page.page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
                check_boxes(page.page, *size)
            page.page.click("#play")
            page.until("() => slownet.state().step > slownet.player.course.first")
            page.page.evaluate("() => slownet.pause()")
            check_boxes(page.page, *size)


# in an article

HEAD = '<!DOCTYPE html><meta charset="utf-8"><title>An article</title><link rel="icon" href="data:,">'
OTHER = "<script>parent.postMessage({ kind: 'height', height: 9 }, '*')</script>"
ARTICLE = f"""{HEAD}<body style="margin: 0"><p style="height: %dpx">Read this first.</p>
%s
<iframe class="other" srcdoc="{OTHER}"></iframe>"""
HEIGHT = "() => document.querySelector('iframe.slownet').getBoundingClientRect().height"
EMBEDDED = "() => document.body.classList.contains('is-embedded')"


@pytest.fixture
def article(browser, tmp_path):
    """Open an article with some lines in it; nothing may go wrong there but what a test expects."""
    context = browser.new_context(viewport={"width": 720, "height": 600})
    watched = []

    def open_article(lines, above=20, server=None, expected=()):
        path = tmp_path / "article.html"
        path.write_text(ARTICLE % (above, lines), encoding="utf-8")
        page = context.new_page()
        watched.append((Watched(page), server, expected))
        page.goto(f"{server}/{path.name}" if server else path.as_uri())
        return page

    yield open_article
    context.close()
    for each, server, expected in watched:
        known = ("data:", "blob:", "about:", server or "file:")
        assert all(url.startswith(known) for url in each.requests), each.requests
        messages = [text for text in each.messages if not any(some in text for some in expected)]
        assert not messages
        assert not each.dialogs


@pytest.fixture
def server(tmp_path):
    """The folder of the test, on the web of this machine."""
    handler = functools.partial(Quiet, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        pass


def inner(page):
    """The page in the frame of an article."""
    frame = page.wait_for_selector("iframe.slownet").content_frame()
    frame.wait_for_function("() => window.slownet", polling=50)  # what is not seen has no frames
    frame.evaluate("() => slownet.opened")
    return frame


def snippet(browser, address, *choices, moment=""):
    """The lines that the page gives for an article."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address + moment)
    page.wait_for_function("() => window.slownet")
    page.evaluate("() => slownet.opened")
    page.click("#experiment > summary")
    page.click("#show-snippet")
    for choose in choices:
        choose(page)
    lines = page.text_content("#snippet-lines")
    page.click("#copy-snippet")
    page.get_by_text("Copied.", exact=True).wait_for()
    assert page.evaluate("() => navigator.clipboard.readText()") == lines
    page.click("#close-snippet")
    context.close()
    return lines


def dark(page):
    page.select_option("#snippet-theme", "dark")


def plays(page):
    page.check("#snippet-plays")


def check_height(page, frame, width, given):
    """The frame becomes as high as the page has to be at its width, whatever it was before."""
    page.evaluate(
        """([width, height]) => {
            Object.assign(document.querySelector("iframe").style, { width, height });
        }""",
        [f"{width}px", f"{given}px"],
    )
    page.wait_for_function(f"given => ({HEIGHT})() !== given", arg=given)
    let_paint(page)
    high = page.evaluate(HEIGHT)
    check_boxes(frame, width, high)
    return high


@pytest.mark.long
def test_the_lines_for_an_article_show_the_page_there(article, browser, pages, moons_run, tmp_path):
    title = "Two \"moons\" & <b>'it'</b>"
    path = tmp_path / "two moons & a net.html"
    author = "A. Name-That-Is-Rather-Long, of the School of a Town, and more of them"
    path.write_bytes(pages(moons_run, keep="all", title=title, author=author).read_bytes())
    lines = snippet(browser, path.as_uri(), dark, moment="#e=40_rate_0.1&step=60")
    address = "#embed&amp;theme=dark&amp;e=40_rate_0.1&amp;step=60&amp;digit=0"
    assert f'src="two%20moons%20%26%20a%20net.html{address}"' in lines
    page = article(lines, expected=["Not allowed to load local resource"])
    frame = inner(page)
    assert page.get_attribute("iframe.slownet", "title") == title
    assert frame.evaluate("() => slownet.state().step") == 60
    assert frame.evaluate("() => slownet.painter.theme.isDark")
    reached = "() => { try { return parent.document; } catch (error) { return error.name; } }"
    assert frame.evaluate(reached) == "SecurityError"
    check_boxes(frame, 720, 480)
    assert check_height(page, frame, 720, 150) == 480
    assert check_height(page, frame, 360, 150) == 480
    assert check_height(page, frame, 360, 900) == 480
    assert check_height(page, frame, 230, 150) > 480
    # a file opens no other file from there: the frame shows the whole page
    frame.click("#next")
    frame.wait_for_function("() => slownet.state().step === 61")
    frame.click("#whole-link")
    frame.wait_for_function(f"() => !({EMBEDDED})()")
    assert frame.evaluate("() => slownet.state().step") == 61
    assert frame.locator("#experiment").is_visible()
    assert frame.locator("#whole").is_hidden()


@pytest.mark.long
def test_the_lines_of_the_documentation_are_those_of_the_page(browser, pages, moons_run, tmp_path):
    text = (ROOT / "docs/guide/page.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"^```html\n(.*?)\n^```$", text, flags=re.DOTALL | re.MULTILINE)
    path = tmp_path / "learning.html"
    path.write_bytes(pages(moons_run, keep="all", title="How 16 neurons learn to read").read_bytes())

    def light(page):
        page.select_option("#snippet-theme", "light")

    assert snippet(browser, path.as_uri(), light, moment="#step=40&digit=4") == lines


@pytest.mark.long
def test_an_article_on_the_web(article, server, browser, pages, moons_run, tmp_path):
    (tmp_path / "moons.html").write_bytes(pages(moons_run, keep="all").read_bytes())
    lines = snippet(browser, f"{server}/moons.html", moment="#e=40_rate_0.1&step=60")
    assert f'src="{server}/moons.html#embed&amp;e=40_rate_0.1&amp;step=60&amp;digit=0"' in lines
    page = article(lines, server=server)
    frame = inner(page)
    check_boxes(frame, 720, 480)
    assert check_height(page, frame, 360, 150) == 480
    frame.click("#next")
    frame.wait_for_function("() => slownet.state().step === 61")
    with page.context.expect_page() as opening:
        frame.click("#whole-link")
    whole = opening.value
    whole.set_default_timeout(PATIENCE)
    whole.wait_for_function("() => window.slownet")
    whole.evaluate("() => slownet.opened")
    assert whole.url == f"{server}/moons.html#e=40_rate_0.1&step=61&digit=0"
    assert whole.evaluate("() => opener === null && location.origin !== 'null'")
    assert not whole.evaluate(EMBEDDED)
    assert frame.evaluate(EMBEDDED)
    # where it may open no tab
    page = article(
        lines.replace("allow-popups allow-popups-to-escape-sandbox", ""),
        server=server,
        expected=["allow-popups"],
    )
    frame = inner(page)
    frame.click("#whole-link")
    frame.wait_for_function(f"() => !({EMBEDDED})()")
    assert frame.evaluate("() => slownet.state().step") == 60


@pytest.mark.long
def test_a_page_plays_by_itself_as_soon_as_it_is_seen(article, browser, pages, moons_run):
    path = pages(moons_run, keep="all")
    lines = snippet(browser, path.as_uri(), plays).replace(path.name, path.as_uri())
    assert "#embed&amp;autoplay&amp;digit=0" in lines
    page = article(lines.replace(' loading="lazy"', ""), above=3000)
    frame = inner(page)
    let_paint(page)
    assert frame.evaluate("() => [slownet.state().step, slownet.state().playing]") == [0, False]
    page.locator("iframe.slownet").scroll_into_view_if_needed()
    frame.wait_for_function("() => slownet.state().step > 20")
    frame.wait_for_function("() => slownet.state().step === slownet.player.course.last")
    frame.wait_for_function("() => !slownet.state().playing")
    # not for those who want little motion: they see the end
    with training(browser, path, "#embed&autoplay", 720, 480, reduced_motion="reduce") as still:
        let_paint(still.page)
        assert still.step == still.last
        assert not still.state["playing"]


@pytest.mark.long
def test_a_page_of_snapshots_gives_its_lines_too(browser, pages, digits_run):
    path = pages(digits_run, keep=50)
    lines = snippet(browser, path.as_uri(), dark, moment="#step=64&digit=7")
    assert f'src="{path.name}#embed&amp;theme=dark&amp;step=64&amp;digit=7"' in lines
    with training(browser, path, "#embed&autoplay&digit=7", 720, 480) as page:
        page.until("() => slownet.state().step === slownet.net.facts.training.last")
        page.settle()
        check_boxes(page.page, 720, 480)
        assert page.frame.locator("#save-net").count() == 0


@pytest.mark.long
def test_a_reader_changes_the_theme_that_an_address_names(browser, pages, moons_run):
    with training(browser, pages(moons_run, keep="all"), "#theme=dark&step=20") as page:
        is_dark = "() => slownet.painter.theme.isDark"
        assert page.frame.evaluate(is_dark)
        page.page.click("#theme")
        page.until("() => location.hash === '#theme=light&step=20&digit=0'")
        assert not page.frame.evaluate(is_dark)
        follow(page.page, "#step=30")
        page.settle()
        assert not page.frame.evaluate(is_dark)  # what the reader has chosen is remembered
        follow(page.page, "#theme=dark")
        page.settle()
        assert page.frame.evaluate(is_dark)
        assert page.step == 30
        follow(page.page, "#theme=<b>&embed=1&autoplay")
        page.until("() => slownet.state().playing")
        page.page.keyboard.press("t")
        assert page.page.locator("#tour").is_hidden()
        assert page.frame.evaluate("() => slownet.player.tour.stop") == -1
        page.page.click("#play")
        page.settle()
        assert page.page.url.split("#")[1].startswith("embed&autoplay&")
        assert not page.frame.evaluate(is_dark)
