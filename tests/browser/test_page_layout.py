"""Nothing overlaps, is cut off or blurred, at any size and in both themes; and no mouse is needed."""

from __future__ import annotations

import itertools

import pytest
from slow import crossed, mostly_long
from watching import Watched, let_paint

from slownet import NetFactory
from slownet.datasets import moons

SIZES = [(360, 740), (1280, 800), (1920, 1080)]
KINDS = ("digits", "flowers", "moons", "prices", "bikes", "homes", "wide")
SECTIONS = """() => {
    const parts = ["#bar > .row:nth-of-type(1)", "#bar > .row:nth-of-type(2)", "#spelled", "#net-view",
        "#plane", "#side > div", "footer"];
    return parts.flatMap(part => [...document.querySelectorAll(part)]).filter(each => each.offsetParent)
        .map(each => {
            const { left, right, top, bottom } = each.getBoundingClientRect();
            const name = each.id || each.className || each.firstElementChild.textContent;
            return [name, left, right, top, bottom];
        }).filter(([, left, right, top, bottom]) => right > left && bottom > top);
}"""
CUT = """() => {
    const texts = "th, td, h1, h2, h3, button, dd, dt, p, figcaption, summary, label, #details, #terms";
    return [...document.querySelectorAll(`${texts}, #side > div`)].filter(each =>
        each.offsetParent && each.clientWidth && getComputedStyle(each).clipPath === "none"
        && each.scrollWidth > each.clientWidth + 1
    ).map(each => `${each.tagName} “${each.textContent.slice(0, 40)}”`);
}"""
GAPS = """() => {
    const end = (cell, side) => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        return range.getBoundingClientRect()[side];
    };
    return [...document.querySelectorAll("#terms td.how, #details td.how")]
        .filter(each => each.offsetParent)
        .map(each => end(each.nextElementSibling, "left") - end(each, "right"));
}"""
INK_AT_THE_EDGE = """() => {
    const canvas = document.querySelector("#plane-canvas");
    const edge = new OffscreenCanvas(1, canvas.height).getContext("2d", { willReadFrequently: true });
    edge.drawImage(canvas, 0, 0);
    const { data } = edge.getImageData(0, 0, 1, canvas.height);
    return data.filter((_, k) => k % 4 === 3).some(Boolean);
}"""
PLANE = """() => ["#plane h2", "#plane-canvas", "#plane-legend"].map(name => {
    const { top, bottom } = document.querySelector(name).getBoundingClientRect();
    return [top, bottom];
})"""
BLURRED = """() => [...document.querySelectorAll("#canvas, #plane-canvas, #judged-canvas, .chart")]
    .filter(each => each.offsetParent).map(each => {
        const box = each.getBoundingClientRect();
        const wanted = [box.width, box.height].map(size => size * devicePixelRatio);
        return [each.id, each.width, each.height, ...wanted];
    })"""
IN_ORDER = """() => {
    const { net, netView } = slownet.painter;
    const discs = [...netView.places.discs.values()];
    const of = layer => discs.filter(each => net.layerOf[each.neuron] === layer);
    return net.layers.every((_, l) => !l || of(l).every(each => of(l - 1).every(other =>
        each.x - each.r > other.x + other.r)));
}"""
IN_VIEW = """() => {
    const { places } = slownet.painter.netView;
    return {
        width: places.width, height: places.height,
        discs: [...places.discs.values()].map(({ x, y, r }) => [x - r, x + r, y - r, y + r]),
        tiles: [...places.tiles.values()].map(({ x, y, size }) => [x, x + size, y, y + size]),
    };
}"""
OPEN_FOOT = """isOpen => {
    for (const each of document.querySelectorAll("footer details")) each.open = isOpen;
}"""
BELOW_FOOT = """() => {
    const { top } = document.querySelector("footer").getBoundingClientRect();
    const parts = "#seen, #spelled, #net-view > *, #plane > *, [data-layout=plane] #side > div";
    return [...document.querySelectorAll(parts)].filter(each => each.checkVisibility())
        .filter(each => each.getBoundingClientRect().bottom > top + 1).map(each => each.id);
}"""
FITTED = """() => {
    const near = (one, other) => Math.abs(one - other) <= 1;
    const canvases = [...document.querySelectorAll("#canvas, #plane-canvas, #judged-canvas, .chart")];
    return canvases.filter(each => each.offsetParent).every(each => {
        const { width, height } = each.getBoundingClientRect();
        const [wide, high] = [width * devicePixelRatio, height * devicePixelRatio];
        return near(each.width, wide) && near(each.height, high);
    });
}"""


def settle(page):
    """Wait until everything is drawn as large as its box, after the size of the window has changed."""
    let_paint(page, 3)
    page.wait_for_function(FITTED)
    let_paint(page, 2)


@pytest.fixture(scope="module")
def shown(browser, pages, request):
    """Open a page of each kind once, with something chosen in it."""
    made = {}

    def page(kind):
        if kind not in made:
            tab = browser.new_page(viewport={"width": 1280, "height": 800})
            watched = Watched(tab)
            history = request.getfixturevalue(f"{kind}_run")
            watched.play(pages(history), "#step=40&digit=2")
            tab.evaluate("() => slownet.player.choose({ weight: slownet.net.source.length - 1 })")
            made[kind] = watched
        return made[kind]

    yield page
    for watched in made.values():
        watched.page.close()
        watched.check()


@pytest.mark.parametrize(
    ("kind", "size", "scheme"), crossed(KINDS, SIZES, ["light", "dark"], always=(3, 2, 1))
)
def test_nothing_overlaps_or_is_cut_off(shown, kind, size, scheme):
    page = shown(kind).page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    settle(page)
    whole = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    assert whole[0] <= size[0]
    if size[0] > 1000:
        assert whole[1] <= size[1]
    sections = page.evaluate(SECTIONS)
    assert len(sections) >= 6
    for name, left, right, _, _ in sections:
        assert left >= 0, name
        assert right <= size[0], name
    check_apart(sections)
    assert page.evaluate(CUT) == []
    check_sharp(page)
    if page.evaluate("() => slownet.painter.plane !== null"):
        check_plane(page)
    in_view = page.evaluate(IN_VIEW)
    everything = in_view["discs"] + in_view["tiles"]
    for left, right, top, bottom in everything:
        assert left >= 0
        assert right <= in_view["width"]
        assert top >= 0
        assert bottom <= in_view["height"]
    check_apart([(str(k), *box) for k, box in enumerate(in_view["tiles"])])
    check_apart([(str(k), *box) for k, box in enumerate(in_view["discs"])])
    assert page.evaluate(IN_ORDER)
    assert all(gap >= 6 for gap in page.evaluate(GAPS))
    page.evaluate(OPEN_FOOT, True)
    settle(page)
    assert page.evaluate(BELOW_FOOT) == []
    page.evaluate(OPEN_FOOT, False)


def check_apart(boxes):
    for one, other in itertools.combinations(boxes, 2):
        across = min(one[2], other[2]) - max(one[1], other[1])
        down = min(one[4], other[4]) - max(one[3], other[3])
        assert across <= 1 or down <= 1, (one, other)


def check_plane(page):
    """The plane stands right below its name, and right above its legend."""
    (_, name), (top, bottom), (legend, _) = page.evaluate(PLANE)
    assert 0 <= top - name < 20
    assert 0 <= legend - bottom < 20


def check_sharp(page):
    canvases = page.evaluate(BLURRED)
    assert canvases
    for name, width, height, wanted_width, wanted_height in canvases:
        assert width == pytest.approx(wanted_width, abs=1), name
        assert height == pytest.approx(wanted_height, abs=1), name


@pytest.mark.long
def test_canvases_are_sharp_on_a_fine_screen(browser, pages, moons_run):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, device_scale_factor=2)
    page = context.new_page()
    watched = Watched(page)
    watched.play(pages(moons_run), "#step=0")
    for size in ((1280, 800), (700, 900), (1600, 900)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        settle(page)
        check_sharp(page)
    context.close()
    watched.check()


LONG = ["the breadth " * 9, "the height " * 9]


@pytest.mark.parametrize("names", mostly_long([LONG, ["x", "y"], ["area", "rooms"]]))
def test_the_names_of_both_axes_are_within_the_plane(watched, pages, names):
    X, y = moons(60, seed=0)
    net = NetFactory([2, 3, 1], "tanh", seed=0).new()
    history = net.fit(X, y, snapshots=3, watch=(X, y), source={"inputs": names}, progress=False)
    watched.play(pages(history), "#step=0")
    for size in ((1280, 800), (360, 740)):
        watched.page.set_viewport_size({"width": size[0], "height": size[1]})
        settle(watched.page)
        assert not watched.page.evaluate(INK_AT_THE_EDGE)
    watched.check()


def test_a_click_hits_what_is_there_after_a_resize(shown):
    page = shown("digits").page
    for size in ((1500, 900), (800, 900)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        settle(page)
        disc = page.evaluate("() => slownet.painter.netView.places.discs.get(795)")
        page.locator("#canvas").click(position={"x": disc["x"], "y": disc["y"]})
        assert page.evaluate("() => slownet.state().chosen") == {"neuron": 795}
        page.keyboard.press("Escape")


NAMES = """() => [...document.querySelectorAll("button, select, input, canvas, [role=img]")]
    .filter(each => each.offsetParent)
    .map(each => {
        const labels = [...each.labels ?? []].map(label => label.textContent).join(" ");
        const name = each.getAttribute("aria-label") ?? (labels || each.textContent || each.title);
        return [each.id || each.className || each.tagName, name.trim()];
    })"""


@pytest.mark.parametrize("kind", mostly_long(KINDS, 2))
def test_every_control_and_image_has_a_name(shown, kind):
    page = shown(kind).page
    page.set_viewport_size({"width": 1280, "height": 800})
    named = page.evaluate(NAMES)
    assert len(named) > 10
    for control, name in named:
        # thumbnails stand inside a button that has the name
        assert len(name) > 2 or any(letter.isalnum() for letter in name) or control == "CANVAS", control
    heads = page.eval_on_selector_all("h1", "all => all.map(each => each.textContent)")
    assert len(heads) == 1
    assert page.evaluate("() => document.documentElement.lang") == "en"


def test_the_labels_of_images_follow(shown):
    page = shown("digits").page
    label = "id => document.getElementById(id).getAttribute('aria-label')"
    page.evaluate("() => { slownet.player.choose(null); slownet.player.setSample(2); slownet.show(0); }")
    first = {each: page.evaluate(label, each) for each in ("canvas", "pad", "judged-canvas")}
    page.evaluate("() => { slownet.player.setSample(7); slownet.show(19); }")
    then = {each: page.evaluate(label, each) for each in first}
    for each in first:
        assert first[each] != then[each], each
    assert "7" in then["pad"]
    page.evaluate("() => slownet.player.choose({ weight: 400 })")
    page.wait_for_function(f"() => ({label})('chart-chosen').includes('weight of pixel')")


def test_the_focus_can_be_seen_and_goes_everywhere(shown):
    page = shown("digits").page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0); }")
    seen = []
    for _ in range(50):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
                const at = document.activeElement;
                const { outlineStyle, outlineWidth } = getComputedStyle(at);
                if (at === document.body) return ["BODY"];
                return [at.id || at.className || at.tagName, outlineStyle, outlineWidth];
            }"""
        )
        if found[0] == "BODY":
            continue
        seen.append(found[0])
        assert found[1:] == ["solid", "3px"], found
    for control in ("play", "previous", "next", "slider", "speed", "colours", "take-tour", "neuron"):
        assert control in seen
    assert seen.count("sample") >= 10


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(shown, scheme):
    page = shown("digits").page
    page.emulate_media(color_scheme=scheme)
    let_paint(page, 3)
    colours = page.evaluate(
        "() => { const { theme } = slownet.painter; return [theme.paper, theme.ink, theme.muted, "
        "theme.accent, theme.right, theme.wrong, theme.positive]; }"
    )
    paper, *inks = [[int(part) for part in colour[4:-1].split(",")] for colour in colours]
    assert (sum(paper) < 200) == (scheme == "dark")
    for ink, name in zip(inks, ("ink", "muted", "accent", "right", "wrong", "positive"), strict=True):
        dark, light = sorted([luminance(ink), luminance(paper)])
        assert (light + 0.05) / (dark + 0.05) >= 4.5, name
    page.emulate_media(color_scheme=None)


def luminance(colour):
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.long
def test_the_theme_can_be_switched_and_stays(browser, pages, digits_run):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    page = context.new_page()
    watched = Watched(page)
    path = pages(digits_run)
    watched.play(path, "#step=0")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    picture = "() => slownet.painter.netView.canvas.toDataURL()"
    light = page.evaluate(ground), page.evaluate(picture)
    page.click("#theme")
    dark = page.evaluate(ground), page.evaluate(picture)
    assert light[0] == "rgb(255, 255, 255)"
    assert dark[0] != light[0]
    assert dark[1] != light[1]
    page.reload()
    page.wait_for_function("() => window.slownet")
    assert page.evaluate(ground) == dark[0]
    page.click("#theme")
    assert page.evaluate(ground) == light[0]
    context.close()
    assert not watched.messages


@pytest.mark.long
def test_nothing_moves_by_itself(browser, pages, digits_run):
    """Who wants little motion gets none but what they ask for."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    watched = Watched(page)
    watched.play(pages(digits_run))
    let_paint(page)  # the last of opening: a frame after the page has its place
    painted = page.evaluate("() => slownet.painted")
    let_paint(page)
    assert page.evaluate("() => slownet.painted") == painted
    assert page.evaluate("() => document.getAnimations().length") == 0
    assert not page.evaluate("() => slownet.state().playing")
    page.keyboard.press("Space")
    page.wait_for_function("() => slownet.state().frame > 2")
    context.close()
    watched.check()
