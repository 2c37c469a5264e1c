"""The drawings of the live view: no text is cut off, and none lies over another."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from slow import mostly_long

from slownet import LiveView, NetFactory
from slownet.live import view

FAULTS = """() => [...document.querySelectorAll("svg")].flatMap(svg => {
    const room = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")]
        .map(text => ({ text: text.textContent, box: text.getBoundingClientRect() }));
    const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;  // letters fill no box
    return [
        ...texts.filter(({ box }) => box.left < room.left || box.right > room.right
            || box.top < room.top || box.bottom > room.bottom).map(({ text }) => `${text} is cut off`),
        ...texts.flatMap((one, k) => texts.slice(k + 1).filter(other => meet(one.box, other.box))
            .map(other => `${one.text} meets ${other.text}`)),
    ];
})"""
NAMES = ["setosa", "a species with an unusually long name", "WWWWWWWWWWWW", "手書き数字の認識の例"]
NETS = {
    "images": ([784, 30, 10], range(10)),
    "large": ([784, 128, 64, 10], range(10)),
    "one layer": ([784, 10], range(10)),
    "plane": ([2, 8, 8, 4], NAMES),
    "plane of names": ([2, 8, 8], [f"species {k}" for k in range(8)]),
    "plane of many": ([2, 20, 20, 10], range(10)),
    "names": ([4, 8, 4], NAMES),
    "deep": ([4, *[6] * 12, 4], NAMES),
    "wide": ([60, 60, 20], range(20)),
    "table": ([8, 8, 4], NAMES),
    "plane of a table": ([2, 8, 4], NAMES),
    "numbers of a table": ([2, 8, 1], None),
}
COLUMNS = ["living area in square metres (m²)", "WWWWWWWWWWWWW", *NAMES, "age", "x"]


@pytest.mark.parametrize("width", mostly_long([400, 840]))
@pytest.mark.parametrize("name", mostly_long(NETS))
def test_texts_are_whole_and_apart(browser, monkeypatch, name, width):
    shown = []
    monkeypatch.setattr(view, "in_notebook", lambda: True)
    monkeypatch.setattr(
        "IPython.display.display",
        lambda bundle, **_: SimpleNamespace(update=lambda last, raw: shown.append(last)),
    )
    sizes, labels = NETS[name]
    X = np.random.default_rng(0).normal(size=(1000, sizes[0]))
    y = X[:, 0] * 1e6 if labels is None else [labels[k % len(labels)] for k in range(1000)]
    output = "linear" if labels is None else None
    if "table" in name:
        X = pd.DataFrame(X * 10.0 ** np.arange(sizes[0]) * 1e5, columns=COLUMNS[: sizes[0]])
        y = pd.Series(y, name="price in a currency of one's own (EUR)")
    live = LiveView(widget=False)
    monkeypatch.setattr(
        live, "on_fit_end", lambda training: live._renew(training)
    )  # as SVG, not an image
    NetFactory(sizes, output_activation=output, seed=0).new().fit(
        X,
        y,
        epochs=5,
        batch_size=2,
        learning_rate=0.001,
        validation_data=(X[:50], y[:50]),
        callbacks=live,
        prepare="standardise" if "table" in name else None,
    )
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_content(f'<body style="margin:0">{shown[-1]["text/html"]}')
    faults = page.evaluate(FAULTS)
    page.close()
    assert faults == []
