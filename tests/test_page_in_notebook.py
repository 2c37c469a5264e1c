"""A page in a notebook: what it hands back to Python."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

import slownet
from slownet import NetFactory
from slownet.datasets import moons
from slownet.page import Player, page

pytest.importorskip("anywidget", reason='pip install "slownet[notebook]"')

FRAME = re.compile(r'^<iframe srcdoc="[^"]*" (name="slownet-[0-9a-f]{24}" )?sandbox="allow-scripts ')


@pytest.fixture(scope="module")
def history() -> Any:
    X, y = moons(40, noise=0.1, seed=1)
    return (
        NetFactory([2, 4, 1], seed=0)
        .new()
        .fit(X, y, epochs=5, snapshots=5, watch=(X, y), progress=False)
    )


@pytest.fixture
def player(history: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(page, "in_notebook", lambda: True)
    return history.animate()


def numbers(net: Any) -> Any:
    return [weight.value for weight in net.weights()], [neuron.bias for neuron in net.neurons()]


def test_the_net_is_that_of_the_page_to_the_last_bit(player: Any, history: Any) -> None:
    html = player._repr_html_()
    assert (found := FRAME.match(html))
    assert found[1]
    assert player._repr_html_() == html  # the same frame, however often it is shown
    assert unescape(html.split('srcdoc="')[1].split('"')[0]) == player.text
    player._widget.stands = "step=10&digit=0"
    assert (player.experiment, player.step) == ("", 10)
    assert numbers(player.net) == numbers(slownet.replay(history, step=10))
    player._widget.stands = "e=4_rate_0.5~6_add_1&step=12&digit=3&colours=change&neuron=4"
    assert (player.experiment, player.step) == ("4_rate_0.5~6_add_1", 12)
    assert numbers(player.net) == numbers(slownet.replay(history, "4_rate_0.5~6_add_1", step=12))
    assert [len(layer.neurons) for layer in player.net.layers.values()] == [2, 5, 1]


@pytest.mark.parametrize(
    "stands", ["e=4_frobnicate&step=2", "e=4_rate_nan&step=2", "e=" + "1" * 9 + "&step=1"]
)
def test_what_is_no_experiment_is_an_error(player: Any, stands: str) -> None:
    """The front end is the reader's own, and may say anything."""
    player._repr_html_()
    player._widget.stands = stands
    with pytest.raises(slownet.SlownetError):
        _ = player.net


@pytest.mark.parametrize(
    "stands", ["", "e=4_rate_0.5", "step=", "step=x", "step=-1", "&&", "step=1" + "0" * 30]
)
@pytest.mark.parametrize("what", ["experiment", "step", "net"])
def test_nothing_was_said(player: Any, stands: str, what: str) -> None:
    player._repr_html_()
    player._widget.stands = stands
    with pytest.raises(slownet.SlownetError, match="widgets of anywidget.*slownet.replay"):
        getattr(player, what)


@pytest.mark.parametrize("what", ["experiment", "step", "net"])
def test_without_widgets_the_error_says_what_to_do(
    history: Any, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(page, "is_installed", lambda _: False)
    monkeypatch.setattr(page, "in_notebook", lambda: True)
    found = Player(history)
    assert (match := FRAME.match(found._repr_html_()))
    assert match[1] is None
    with pytest.raises(slownet.SlownetError, match=r"pip install.*slownet.replay\(page, TEXT\)"):
        getattr(found, what)
