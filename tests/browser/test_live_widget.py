"""What the live view sends to a browser makes of the first picture the last."""

import json

import plotly.graph_objects as go
import pytest
from plotly.basedatatypes import Undefined
from plotly.utils import PlotlyJSONEncoder
from watching import PATIENCE

from slownet import LiveView, NetFactory, live, plotting
from slownet.datasets import load_mnist, moons

DRAWN = """() => ({
    lines: [...document.querySelectorAll('.scatterlayer path')].map(each => each.getAttribute('d')),
    texts: [...document.querySelectorAll('text')].map(each => each.textContent),
    images: [...document.querySelectorAll('.imagelayer image')].map(each => each.getAttribute('href')),
})"""
UPDATE = """async message => {
    const known = (key, value) => value === '_undefined_' ? undefined : value;
    const {restyle, relayout, traces} = JSON.parse(message, known);
    await Plotly.update('figure', restyle, relayout, traces);
}"""


class Listening(LiveView):
    def __init__(self):
        super().__init__()
        self.first, self.messages = None, []

    def _show(self):
        self.first = go.Figure(self.figure)
        self.figure = go.FigureWidget(self.figure)
        self.figure._send_update_msg = lambda restyle_data, relayout_data, trace_indexes: (
            self.messages.append(_encoded(restyle_data, relayout_data, trace_indexes))
        )

    def on_progress(self, training):
        self._next = 0.0
        super().on_progress(training)


def _encoded(restyle, relayout, traces):
    """Return a message as plotly encodes it for the browser."""
    restyle = {
        key: ["_undefined_" if value is Undefined else value for value in values]
        for key, values in restyle.items()
    }
    message = {"restyle": restyle, "relayout": relayout, "traces": traces}
    return json.dumps(message, cls=PlotlyJSONEncoder)


def digits():
    return [784, 6, 10], *load_mnist("train", 200), {"epochs": 3, "batch_size": 10}


def points():
    return [2, 5, 1], *moons(60, seed=0), {"epochs": 30}


@pytest.mark.parametrize("data", [digits, points])
def test_messages_lead_to_the_last_picture(browser, watched, tmp_path, monkeypatch, data):
    monkeypatch.setattr(live, "in_notebook", lambda: True)
    sizes, X, y, options = data()
    view = Listening()
    net = NetFactory(sizes, seed=0).new()
    net.fit(X, y, validation_data=(X[:40], y[:40]), callbacks=view, **options)
    assert len(view.messages) > 2
    page = watched.open(plotting.write_html(view.first, tmp_path / "first.html"))
    before = page.evaluate(DRAWN)
    for message in view.messages:
        page.evaluate(UPDATE, message)
    found = page.evaluate(DRAWN)
    other = browser.new_page(viewport={"width": 1280, "height": 800})
    other.set_default_timeout(PATIENCE)
    other.goto(plotting.write_html(go.Figure(view._sent), tmp_path / "last.html").as_uri())
    other.wait_for_selector(".main-svg")
    wanted = other.evaluate(DRAWN)
    other.close()
    assert found != before
    assert found["texts"] == wanted["texts"]
    assert found["images"] == wanted["images"]
    assert found["lines"] == wanted["lines"]
