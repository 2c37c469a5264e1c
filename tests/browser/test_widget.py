"""The widget of a notebook in a page of our own: its module, with a model of plain values behind it."""

from __future__ import annotations

import json
from base64 import b64encode

import numpy as np
import pytest
from opened import DRAWN
from test_page_layout import check_plane
from watching import Watched, let_paint

from slownet import NetFactory
from slownet.datasets import load_mnist, moons
from slownet.page.modules import asset

pytest.importorskip("anywidget", reason='pip install "slownet[notebook]"')

from slownet.live.feed import Feed

# a front end: its own style has the names of the page's, and it counts what the widgets listen to
HOST = """<!DOCTYPE html>
<meta charset="utf-8">
<style>
body { margin: 0; font: 17px serif; background: rgb(250, 240, 230); }
#bar, main, canvas, button, select { border: 9px solid red; font-size: 40px; }
</style>
<p id="canvas" class="row">before</p>
<div class="place"></div><div class="place"></div>
<p id="legend">after</p>
<script type="module">
%s
const states = %s;
const read = value => {
    if (Array.isArray(value)) return value.map(read);
    if (value === null || typeof value !== "object") return value;
    if (value.bytes === undefined) {
        return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, read(each)]));
    }
    // within others, as buffers come
    const known = Uint8Array.from(atob(value.bytes), letter => letter.charCodeAt(0));
    const room = new Uint8Array(known.length + 16);
    room.set(known, 8);
    return new DataView(room.buffer, 8, known.length);
};
window.models = states.map(state => {
    const acts = new Map();
    state.moment = read(state.moment);
    return {
        saved: 0,
        get: name => state[name],
        set: (name, value) => {
            state[name] = name === "moment" ? read(value) : value;
            for (const act of acts.get(`change:${name}`) ?? []) act();
        },
        save_changes() { this.saved += 1; },
        on: (event, act) => acts.set(event, [...acts.get(event) ?? [], act]),
        off: (event, act) => acts.set(event, acts.get(event).filter(each => each !== act)),
        get acts() { return [...acts.values()].flat().length; },
    };
});
const places = document.querySelectorAll(".place");
window.ends = models.map((model, k) => widget.render({ model, el: places[k] }));
</script>
"""
LOOKS = """() => [...document.querySelectorAll("body, p")].map(each => {
    const { font, color, backgroundColor, border, display } = getComputedStyle(each);
    return [font, color, backgroundColor, border, display, each.textContent];
})"""
CUT = """() => [
    document.documentElement.scrollHeight - innerHeight,
    document.documentElement.scrollWidth - innerWidth,
    ...[...document.querySelectorAll("main *, #bar *")]
        .filter(each => each.checkVisibility() && !each.closest("#tip"))
        .map(each => each.getBoundingClientRect().right - innerWidth)
        .filter(over => over > 0.5),
]"""
HEIGHTS = "() => [...document.querySelectorAll('iframe')].map(frame => frame.clientHeight)"
SHOWN = "step => window.slownet?.state().step === step && slownet.painter.painted > 1"


def plain(value):
    """What is sent, as JSON."""
    if isinstance(value, bytes):
        return {"bytes": b64encode(value).decode()}
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return [*map(plain, value)] if isinstance(value, list) else value


class Sending:
    """Keeps what a training sends after some of its epochs, and the weights of the net."""

    def __init__(self, epochs):
        self.epochs, self.moments, self.graphs = epochs, [], []

    def on_fit_begin(self, training):
        self.feed = Feed(training, training.state())
        self.first = plain(self.feed.widget.moment)
        self.page = self.feed.widget.page

    def on_epoch_end(self, training):
        if training.epoch in self.epochs:
            self.feed.send(training, training.state())
            self.moments.append(plain(self.feed.widget.moment))


def sent(sizes, data, **options):
    X, y = data
    sending = Sending((1, 2, 5))
    net = NetFactory(sizes, seed=0).new()
    net.fit(X, y, batch_size=10, epochs=5, callbacks=sending, progress=False, **options)
    sending.net = net
    return sending


@pytest.fixture(scope="module")
def trainings():
    labels = ["<b>no</b>", "</script><script>alert(1)</script>"]
    X, y = moons(60, noise=0.1, seed=0)
    plane = sent([2, 6, 5, 1], (X, [labels[int(each)] for each in y]), learning_rate=0.5)
    images = sent([784, 12, 10], load_mnist("train", 200), validation_split=0.2)
    return [plane, images]


@pytest.fixture
def host(browser, trainings, tmp_path):
    """A page with two widgets, both on the screen: frames outside of it are not painted."""
    watched = Watched(browser.new_page(viewport={"width": 848, "height": 3000}))
    states = [
        {"name": f"slownet-{k}", "page": each.page, "height": 300, "moment": each.first}
        for k, each in enumerate(trainings)
    ]
    module = asset("notebook/widget.js").replace("export default", "const widget =")
    text = HOST % (module, json.dumps(states).replace("<", "\\u003c"))
    (tmp_path / "host.html").write_text(text, encoding="utf-8")
    watched.page.goto((tmp_path / "host.html").as_uri())
    yield watched
    watched.page.close()
    watched.check()


def frames(page):
    found = [each.content_frame() for each in page.query_selector_all("iframe")]
    for frame in found:
        frame.wait_for_function(SHOWN, arg=0)
    return found


def send(page, which, moment):
    page.evaluate("([which, moment]) => models[which].set('moment', moment)", [which, moment])


def test_two_pages_paint_what_they_are_sent(host, trainings):
    page = host.page
    looks = page.evaluate(LOOKS)
    plane, images = frames(page)
    send(page, 0, trainings[0].moments[-1])
    plane.wait_for_function(SHOWN, arg=30)
    assert images.evaluate("() => slownet.state().step") == 0
    send(page, 1, trainings[1].moments[-1])
    images.wait_for_function(SHOWN, arg=80)
    for frame, training in zip((plane, images), trainings, strict=True):
        values = frame.evaluate("() => [...slownet.net.weights(slownet.state().step)]")
        wanted = [
            weight.value
            for layer in training.net.layers.values()
            for neuron in layer.neurons.values()
            for weight in neuron.weights["in"].values()
        ]
        assert values == wanted
        assert min(frame.evaluate(DRAWN)) > 20
        assert frame.inner_text("#accuracy-of").startswith("in training, ")
        assert frame.evaluate("() => slownet.painter.charts.loss.lines.length") == (
            2 if training is trainings[1] else 1
        )
    assert page.evaluate(LOOKS) == looks
    heights = page.evaluate(HEIGHTS)
    page.evaluate("() => postMessage({ kind: 'height', height: 9, slownet: 'slownet-0' }, '*')")
    let_paint(page)
    assert page.evaluate(HEIGHTS) == heights  # what others say is not heard
    assert "<b>no</b>" in plane.inner_text("#plane-legend")
    check_plane(plane)


@pytest.mark.long
@pytest.mark.parametrize("width", [360, 400, 560, 700, 848, 1100, 1600])
def test_nothing_is_cut_off(host, trainings, width):
    page = host.page
    page.set_viewport_size({"width": width, "height": 3000})
    for which, frame in enumerate(frames(page)):
        send(page, which, trainings[which].moments[-1])
        frame.wait_for_function("() => slownet.state().step > 0")
        frame.wait_for_function(f"() => ({CUT})()[0] === 0", timeout=20_000)
        assert not [over for over in frame.evaluate(CUT) if over > 0], frame.evaluate(CUT)


@pytest.mark.long
def test_the_reader_may_look_closer_while_it_learns(host, trainings):
    page = host.page
    plane, images = frames(page)
    images.click(".sample >> nth=3")
    images.select_option("#colours", "contribution")
    plane.evaluate("() => slownet.player.choose({ weight: 4 })")
    for k in range(3):
        send(page, 0, trainings[0].moments[k])
        send(page, 1, trainings[1].moments[k])
        plane.wait_for_function(SHOWN, arg=(6, 12, 30)[k])
        images.wait_for_function(SHOWN, arg=(16, 32, 80)[k])
    assert images.evaluate("() => [slownet.state().place, slownet.state().colours]") == [
        3,
        "contribution",
    ]
    chosen = plane.evaluate(
        "() => slownet.painter.charts.chosen.lines.map(({x, y}) => [[...x], [...y]])"
    )
    assert chosen[0][0] == [0, 6, 12, 30]
    assert len(set(chosen[0][1])) == 4


@pytest.mark.long
def test_many_moments_at_once_are_painted_as_the_last_one(host, trainings):
    page = host.page
    plane, _ = frames(page)
    before = plane.evaluate("() => slownet.painter.painted")
    moments = trainings[0].moments
    page.evaluate(
        "moments => { for (const each of moments) models[0].set('moment', each); }", moments * 20
    )
    plane.wait_for_function(SHOWN, arg=30)
    assert plane.evaluate("() => slownet.painter.painted") - before < 20


@pytest.mark.long
def test_a_view_that_is_made_later_shows_the_last_moment(host, trainings):
    page = host.page
    frames(page)
    send(page, 0, trainings[0].moments[1])
    page.evaluate("() => { ends[0](); document.querySelector('.place').replaceChildren(); }")
    assert page.evaluate("() => models[0].acts") == 0
    page.evaluate(
        f"""() => {{
            const module = {json.dumps(asset("notebook/widget.js"))};
            return import(URL.createObjectURL(new Blob([module], {{ type: "text/javascript" }})))
                .then(found => found.default.render(
                    {{ model: models[0], el: document.querySelector(".place") }}));
        }}"""
    )
    frame = page.wait_for_selector(".place iframe").content_frame()
    frame.wait_for_function(SHOWN, arg=12)


@pytest.mark.long
def test_another_page_takes_the_place_of_one(host, trainings):
    page = host.page
    frames(page)
    page.evaluate(
        "([text, moment]) => { models[0].set('page', text); models[0].set('moment', moment); }",
        [trainings[1].page, trainings[1].moments[0]],
    )
    frame = page.query_selector("iframe").content_frame()
    frame.wait_for_function("() => window.slownet?.net.inputs === 784")
    frame.wait_for_function(SHOWN, arg=16)


@pytest.mark.long
def test_an_experiment_is_heard_from_the_frame_of_its_name_alone(host):
    page = host.page
    heard = page.evaluate(
        f"""async () => {{
            const module = {json.dumps(asset("notebook/widget.js"))};
            const address = URL.createObjectURL(new Blob([module], {{ type: "text/javascript" }}));
            const {{ default: widget }} = await import(address);
            const end = widget.initialize({{ model: models[0] }});
            const say = data => new Promise(done => {{
                addEventListener("message", () => setTimeout(done), {{ once: true }});
                postMessage(data, "*");
            }});
            const at = "e=4_rate_0.5&step=9";
            for (const data of [null, 7, "stands", {{ kind: "stands", at }},
                {{ slownet: "slownet-1", kind: "stands", at }},
                {{ slownet: "slownet-0", kind: "other", at }}]) await say(data);
            const before = models[0].get("stands");
            await say({{ slownet: "slownet-0", kind: "stands", at }});
            const after = models[0].get("stands");
            end();
            await say({{ slownet: "slownet-0", kind: "stands", at: "step=1" }});
            return [before ?? null, after, models[0].get("stands"), models[0].saved];
        }}"""
    )
    assert heard == [None, "e=4_rate_0.5&step=9", "e=4_rate_0.5&step=9", 1]


@pytest.mark.long
def test_numbers_that_are_none(host, trainings):
    """A net that diverges: the page goes on with what it gets."""
    page = host.page
    plane, _ = frames(page)
    moment = json.loads(json.dumps(trainings[0].moments[0]))
    count = 6 * 2 + 5 * 6 + 5
    moment["weights"] = plain(np.full(count, np.nan).tobytes())
    for measure in moment["measures"]:
        measure["value"] = None
    send(page, 0, moment)
    plane.wait_for_function(SHOWN, arg=6)
    send(page, 0, trainings[0].moments[2])
    plane.wait_for_function(SHOWN, arg=30)
