"""Names and numbers of every size: whole, or shortened with a sign; never over one another, or cut."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from slow import mostly_long
from test_page_layout import settle
from watching import Watched

from slownet import NetFactory

SIZES = [(320, 640), (1280, 800), (360, 740), (640, 360)]
SIZES += [(390, 844), (820, 1180), (1920, 1080), (2560, 1440)]
RECORD = """
const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    this.canvas.texts = [];
    clearRect.apply(this, box);
};
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const size = this.measureText(text);
    const corners = [
        [x - size.actualBoundingBoxLeft, y - size.actualBoundingBoxAscent],
        [x + size.actualBoundingBoxRight, y + size.actualBoundingBoxDescent],
    ].map(corner => this.getTransform().transformPoint(new DOMPoint(...corner)));
    const [xs, ys] = ["x", "y"].map(axis => corners.map(corner => corner[axis] / devicePixelRatio));
    this.canvas.texts?.push([text, Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]);
    fillText.call(this, text, x, y);
};"""
TEXTS = """() => [...document.querySelectorAll("canvas")].filter(each => each.offsetParent && each.texts)
    .map(({ id, clientWidth, clientHeight, texts }) => [id, clientWidth, clientHeight, texts])"""
IN_ORDER = """() => {
    const { net, netView: { places } } = slownet.painter;
    const spans = net.layers.map((_, l) => {
        const inside = each => net.layerOf[each.neuron] === l;
        const discs = [...places.discs.values()].filter(inside).map(({ x, r }) => [x - r, x + r]);
        const tiles = [...places.tiles.values()].filter(inside).map(({ x, size }) => [x, x + size]);
        const all = [...discs, ...tiles];
        return [Math.min(...all.map(each => each[0])), Math.max(...all.map(each => each[1]))];
    });
    return spans.every(([left], l) => l === 0 || left > spans[l - 1][1]);
}"""
WIDER = """() => document.documentElement.scrollWidth <= innerWidth ? []
    : [...document.querySelectorAll("body *")].map(each => [each, each.getBoundingClientRect().right])
        .filter(([, right]) => right > innerWidth + 0.5)
        .map(([each, right]) => `${each.tagName} #${each.id} ${each.textContent}: ${right}`)"""
NUMBERS = [1e-12, 3.14159, -391947.0, 391947.25, 1e9, -1.5e15, 0.0, 120.0, -0.000123, 2.5e-300, 7e200]
NAMES = [
    "x",
    "area",
    "sepal length in centimetres",
    "W" * 60,
    "a name that goes on and on, with many words in it, as if nobody had to read it",
    "平方メートルで表した住宅の延床面積",
    "<b>&amp;</b>",
    "-1",
]


def frame(columns, rows, seed):
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            f"{NAMES[(k + seed) % len(NAMES)]} {k}": NUMBERS[(k + seed) % len(NUMBERS)]
            * (1 + 0.3 * draw.normal(size=rows))
            for k in range(columns)
        }
    )


def trained(columns, classes, seed):
    X = frame(columns, 60, seed)
    draw = np.random.default_rng(seed)
    if classes:
        names = [f"{NAMES[(k + seed) % len(NAMES)]} of {k}" for k in range(classes)]
        y = [names[k % classes] for k in range(60)]
        sizes, output = [columns, 5, classes if classes > 2 else 1], None
    else:
        y = pd.Series(
            NUMBERS[(seed + 2) % 6] * (1 + draw.normal(size=60)), name=NAMES[seed % len(NAMES)]
        )
        sizes, output = [columns, 5, 4, 1], "linear"
    net = NetFactory(sizes, output_activation=output, seed=seed).new()
    return net.fit(
        X,
        y,
        prepare="standardise",
        epochs=2,
        learning_rate=0.01,
        snapshots=5,
        watch=(X, y),
        progress=False,
    )


CASES = [
    (9, 4, 0),
    (3, 0, 2),
    (30, 3, 1),
    (1, 2, 3),
    (2, 0, 1),
    (11, 9, 5),
    (2, 12, 4),
    (45, 0, 3),
    (7, 2, 6),
    (2, 5, 7),
]


@pytest.fixture(scope="module", params=mostly_long(CASES, 2), ids=str)
def page(browser, tmp_path_factory, request):
    path = tmp_path_factory.mktemp("texts") / "a.html"
    trained(*request.param).write_html(path)
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    tab.add_init_script(RECORD)
    watched = Watched(tab)
    watched.play(path, "#step=0")
    tab.evaluate("async () => { await slownet.opened; slownet.player.tour.end(); }")
    yield tab
    tab.close()
    watched.check()


@pytest.mark.parametrize("size", mostly_long(SIZES, 2))
def test_no_two_texts_overlap_and_none_is_cut(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    settle(page)
    found = []
    for name, width, height, texts in page.evaluate(TEXTS):
        for text, left, right, top, bottom in texts:
            if left < -0.5 or right > width + 0.5 or top < -0.5 or bottom > height + 0.5:
                found.append((name, text, "cut", round(left), round(right), width))
        for k, (one, left, right, top, bottom) in enumerate(texts):
            found.extend(
                (name, one, other, "overlap")
                for other, begin, end, high, low in texts[:k]
                if min(right, end) - max(left, begin) > 0.5 and min(bottom, low) - max(top, high) > 0.5
            )
    assert found == []
    assert page.evaluate(IN_ORDER)
    assert page.evaluate(WIDER) == []
