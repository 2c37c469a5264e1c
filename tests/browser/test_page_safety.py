"""A page reaches nothing and nobody, whatever names are in it, wherever it is shown."""

from __future__ import annotations

import threading
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pandas as pd
import pytest
from opened import LINE_PIXELS
from watching import PATIENCE, Watched

from slownet import NetFactory

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    '<a href="https://example.org/">click</a>',
    '<span style="background:url(https://example.org/a.png)">b</span>',
    "</script><script>alert(2)</script>",
    "<!-- <script>",
    "</title></style><svg onload=alert(3)>",
    "${alert(4)} $facts `${alert(5)}`",
    "javascript:alert(6)//\\\u003cimg src=x onerror=alert(7)>",
    "\u2028\u2029'\\\"]});alert(8);//",
    "<b>b</b><br>%{x} <extra></extra> &lt;i&gt; \\ud83d\\ude00",
]
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
ALL = """async () => {
    const { player, net } = slownet;
    for (let frame = 0; frame < net.frames; frame += 3) slownet.show(frame);
    for (const option of document.querySelectorAll("#colours option")) player.setColours(option.value);
    for (let neuron = 0; neuron < net.neurons; neuron += 1) player.choose({ neuron });
    for (let weight = 0; weight < net.source.length; weight += 7) player.choose({ weight });
    for (let stop = 0; stop < 5; stop += 1) player.tour.show(stop);
    player.tour.end();
}"""


@pytest.fixture(scope="module")
def hostile_run():
    X = np.random.default_rng(0).normal(size=(100, 10))
    y = pd.Series([HOSTILE[k] for k in X.argmax(axis=1)], name=HOSTILE[0])
    X = pd.DataFrame(X, columns=HOSTILE)
    net = NetFactory([10, 6, 10], seed=0).new()
    return net.fit(
        X,
        y,
        prepare="standardise",
        epochs=3,
        batch_size=10,
        snapshots=8,
        watch=(X, y),
        progress=False,
        seed=0,
        source={"file": HOSTILE[3]},
    )


@pytest.fixture(scope="module")
def hostile_plane():
    X = np.random.default_rng(0).normal(size=(60, 2))
    y = [HOSTILE[k] for k in (X[:, 0] > 0) * 3]
    X = pd.DataFrame(X, columns=HOSTILE[:2])
    net = NetFactory([2, 4, 1], seed=0).new()
    return net.fit(X, y, epochs=3, batch_size=10, snapshots=6, watch=(X, y), progress=False)


def hover_everywhere(page):
    """Move over the whole window, charts and canvases, and click here and there."""
    for x in range(10, 1280, 130):
        for y in range(60, 800, 110):
            page.mouse.move(x, y)
    for selector in ("#canvas", "#judged-canvas", "#chart-loss", "#details"):
        if page.locator(selector).is_visible():
            page.locator(selector).click(position={"x": 20, "y": 20}, force=True)


def check_nothing_grew(page):
    """No element of the page was made by a name."""
    made = "body a[href]:not(#whole-link), body img, foreignObject, main b"
    assert page.locator(f"{made}:not(#legend b, small b, span b)").count() == 0
    assert page.locator("script").count() <= 5
    assert page.evaluate("() => typeof window.slownet") == "object"


@pytest.mark.long
@pytest.mark.parametrize("which", ["hostile_run", "hostile_plane"])
def test_hostile_names_do_nothing(watched, pages, request, which):
    history = request.getfixturevalue(which)
    title = HOSTILE[5] + HOSTILE[3] + HOSTILE[0]
    page = watched.play(pages(history, title=title), "#step=0")
    page.evaluate(ALL)
    hover_everywhere(page)
    page.keyboard.press("Space")
    page.wait_for_function("() => !slownet.state().playing")
    check_nothing_grew(page)
    assert page.title() == title
    assert page.locator("h1").text_content() == title
    known = page.evaluate("() => slownet.net.preparation.inputs.map(each => each.name)")
    assert known[0].startswith("<img src=x")
    if which == "hostile_run":
        options = page.eval_on_selector_all("#neuron option", "all => all.map(each => each.textContent)")
        assert any("<img src=x" in each for each in options)


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))


def test_the_text_of_a_page_names_no_other_place(pages, hostile_run):
    """Read as HTML, it has no element that fetches anything, and names end no element."""
    tags = Tags()
    tags.feed(pages(hostile_run, title=HOSTILE[3]).read_text(encoding="utf-8"))
    names = [tag for tag, _ in tags.seen]
    assert not {"img", "a", "svg", "iframe", "object", "embed", "base", "form", "video"} & set(names)
    assert names.count("script") == 5
    assert names.count("title") == names.count("style") == 1
    for tag, attributes in tags.seen:
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
        for name in ("src", "href", "action", "srcset", "background"):
            assert attributes.get(name, "data:").startswith("data:")


class Served(BaseHTTPRequestHandler):
    def do_GET(self):
        page, headers = self.server.pages.get(self.path.partition("?")[0], (None, {}))
        self.send_response(200 if page else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page or b"")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Served)
    serving.pages = {}
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield serving
    serving.shutdown()
    serving.server_close()


@pytest.fixture
def visited(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    watched = Watched(page)
    yield watched
    page.close()
    assert not watched.messages
    assert not watched.dialogs


@pytest.mark.long
def test_a_strict_policy_of_a_server_holds(visited, server, pages, hostile_run):
    server.pages["/strict"] = pages(hostile_run).read_bytes(), {"Content-Security-Policy": POLICY}
    address = f"http://127.0.0.1:{server.server_port}/strict"
    page = visited.page
    page.goto(address)
    page.wait_for_function("() => window.slownet")
    page.evaluate(ALL)
    for name in ("loss", "chosen"):
        assert any(colour[3] for line in page.evaluate(LINE_PIXELS, name) for colour in line["points"])
    hover_everywhere(page)
    check_nothing_grew(page)
    outside = [url for url in visited.requests if not url.startswith(("data:", "blob:"))]
    assert [url.partition("#")[0] for url in outside] == [address]


def test_the_page_keeps_to_its_own_policy(browser, server, pages, digits_run):
    """Even a script in the page cannot reach anybody."""
    server.pages["/own"] = pages(digits_run).read_bytes(), {}
    server.pages["/secret"] = b"secret", {}
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    reached = []
    page.on("request", lambda request: reached.append(request.url))
    page.on("response", lambda response: reached.append(("answer", response.url)))
    place = f"http://127.0.0.1:{server.server_port}"
    page.goto(f"{place}/own")
    page.wait_for_function("() => window.slownet")
    answered = page.evaluate(
        """async () => {
            const tried = {};
            tried.fetch = await fetch("/secret").then(() => "reached", () => "refused");
            tried.image = await new Promise(done => {
                const image = new Image();
                image.onload = image.onerror = event => done(event.type);
                image.src = "/secret";
            });
            const script = document.createElement("script");
            tried.script = await new Promise(done => {
                script.onload = script.onerror = event => done(event.type);
                script.src = "/secret";
                document.head.append(script);
            });
            try { tried.eval = eval("1 + 1"); } catch { tried.eval = "refused"; }
            return tried;
        }"""
    )
    page.close()
    wanted = {"fetch": "refused", "image": "error", "script": "error", "eval": "refused"}
    assert answered == wanted
    assert ("answer", f"{place}/secret") not in reached


@pytest.mark.long
def test_in_a_notebook_it_runs_and_reaches_nothing(visited, server, digits_run):
    """In the sandboxed frame of a notebook it has no address, no storage, and no way out."""
    shown = digits_run.animate(height=700)._repr_html_()
    host = f"<!DOCTYPE html><meta charset=utf-8><title>n</title><link rel=icon href='data:,'>{shown}"
    server.pages["/notebook"] = host.encode(), {}
    page = visited.page
    page.goto(f"http://127.0.0.1:{server.server_port}/notebook")
    frame = page.frame_locator("iframe")
    frame.locator("#play").wait_for()
    assert page.locator("iframe").get_attribute("sandbox") == "allow-scripts allow-downloads"
    inside = page.frames[1]
    inside.wait_for_function("() => window.slownet")
    assert frame.locator("#tour").is_hidden()
    frame.locator(".sample").nth(4).click()
    page.keyboard.press("End")
    inside.wait_for_function("() => slownet.state().frame === slownet.player.course.last")
    assert inside.evaluate("() => slownet.state().place") == 4
    frame.locator("#take-tour").click()
    assert frame.locator("#tour").is_visible()
    frame.locator("[data-go=end]").click()
    frame.locator("#theme").click()
    frame.locator("#play").click()
    inside.wait_for_function("() => !slownet.state().playing")
    assert any(colour[3] for line in inside.evaluate(LINE_PIXELS, "loss") for colour in line["points"])
    tile = inside.evaluate("() => slownet.painter.netView.places.tiles.get(786)")
    frame.locator("#canvas").click(position={"x": tile["x"] + 9, "y": tile["y"] + 9})
    assert "weight" in inside.evaluate("() => slownet.state().chosen")
    assert page.locator("iframe").bounding_box()["height"] == 700
    outside = inside.evaluate(
        "() => { try { return parent.document.title; } catch (e) { return e.name; } }"
    )
    assert outside == "SecurityError"
    urls = [url for url in visited.requests if not url.startswith(("data:", "blob:", "about:"))]
    assert len(urls) == 1


def test_a_page_opens_from_a_folder_with_an_odd_name(watched, digits_run, tmp_path, pages):
    folder = tmp_path / "a b#c?d%20 é <i>"
    folder.mkdir()
    path = folder / "run & more.html"
    path.write_bytes(pages(digits_run).read_bytes())
    page = watched.play(path)
    assert page.locator("#play").is_visible()
