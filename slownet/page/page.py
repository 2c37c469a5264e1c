"""The page as a file: facts, numbers, scripts and style, without references to other files."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from slownet.bars import in_notebook
from slownet.checks import check_integer, check_type, short
from slownet.errors import InvalidValueError, warn
from slownet.packages import is_installed
from slownet.page.content import Content
from slownet.page.encoding import LARGEST, packed
from slownet.page.languages import ENGLISH, filled, table_of
from slownet.page.modules import asset
from slownet.page.recipe import engine_script
from slownet.page.wording import OwnWords
from slownet.plotting.files import check_page_path, for_script, write_page
from slownet.plotting.style import (
    ACTIVATION,
    CLASS_COLOURS,
    DARK_ACTIVATION,
    DARK_DIVERGING,
    DIVERGING,
)
from slownet.recording import History
from slownet.recording.opened_once import opened_once
from slownet.translation import UntranslatableError
from slownet.version import __version__

if TYPE_CHECKING:
    from slownet.objects import Net
    from slownet.page.widget import Widget

PALETTE = {
    "light": {"diverging": DIVERGING, "activation": ACTIVATION},
    "dark": {"diverging": DARK_DIVERGING, "activation": DARK_ACTIVATION},
    "classes": CLASS_COLOURS,
}
# style sheets in the order of the page: later ones say what earlier ones leave open
STYLES = (
    *("base", "bar", "experiment", "spelled", "pictures"),
    *("layout", "layout_columns", "layout_plane", "layout_fed", "layout_embedded", "apart"),
    *("derivation", "forclass", "floating", "touch", "layout_paper"),
)
START = """\
const page = JSON.parse(document.getElementById("facts").textContent);
const payload = document.getElementById("payload").textContent;
const running = document.currentScript;
const script = running.textContent;
running.remove();
const experiment = document.getElementById("experiment-text").textContent;
const own = document.documentElement.cloneNode(true);
modules["page.js"].start({...page, payload, script, experiment, own, formulas: FORMULAS[0]});"""


class Player:
    """The page of a training, for display in a notebook or for a file.

    In a notebook it hands back what the reader has made of the training: `experiment`, `step` and `net`.
    The front end must show widgets, and Python have anywidget (``pip install "slownet[notebook]"``).

    Parameters
    ----------
    history : History
        With snapshots.
    exact, bits, title, keep, data, about, classes, author, language
        As for `History.write_html`; by default `keep` is "fits".
    height : int
        Its height in a notebook, in pixels.

    Attributes
    ----------
    history : History
        As it was given; of `slownet.play` and `net.play` that of their training.
    data : (X, y) or None
        As they were given.
    text : str
        The page.
    can_be_verified : bool
        Whether `verify` reads the page: not one of very many numbers in few characters.

    Raises
    ------
    TypeError, ValueError
        If the history has no snapshots, or a formula cannot be translated.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.datasets import moons
    >>> from slownet.page import Player
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> page = Player(net.fit(X, y, epochs=3, snapshots=5), title="Two moons")
    >>> page.can_be_verified
    True
    """

    @opened_once()
    def __init__(
        self,
        history: History,
        exact: bool | None = None,
        bits: int | None = None,
        title: str | None = None,
        height: int = 860,
        keep: str | int = "fits",
        data: tuple[Any, Any] | None = None,
        *,
        about: str | None = None,
        classes: Sequence[str] | None = None,
        author: str | None = None,
        language: str | os.PathLike[str] | None = None,
    ) -> None:
        check_type("history", history, History)
        if not history.snapshots:
            raise InvalidValueError(
                "this history has no snapshots to show: fit(snapshots=100, watch=(X, y)) keeps some"
            )
        self.height = check_integer("height", height, minimum=200)
        words = OwnWords.of(title, about, classes, author, language)
        content = Content(history, exact, bits, words, keep=keep, data=data)
        self.text = assembled(content)
        self.can_be_verified = content.writer.can_be_read and len(self.text) <= LARGEST
        self.history, self.data = history, data
        self._title = str(content.facts["title"])
        self._widget: Widget | None = None  # hears what the reader does

    def __repr__(self) -> str:
        size = f"{len(self.text.encode()) / 1e6:.2f} MB"
        return f"Player({short(self._title)}, {size}; notebooks display it, write(PATH) makes it a file)"

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the page as it is, with the rows that it holds; see `History.write_html`."""
        return write_page(path, self.text)

    @property
    def experiment(self) -> str:
        """What the reader has changed, as `replay` takes it; "" for nothing.

        It is a text such as "120_rate_0.05~300_add_2", or with the snapshot that the page trains on
        from "from=100&e=120_rate_0.05".

        Raises
        ------
        ValueError
            If the page has not said it, as where the front end shows no widgets.
        """
        known = self._address()
        edits = known.get("e", "")
        return f"from={known['from']}&e={edits}" if "from" in known else edits

    @property
    def step(self) -> int:
        """The step that the page shows; ValueError as for `experiment`."""
        return int(self._address()["step"])

    @property
    def net(self) -> Net:
        """The net that the page shows, trained again in Python to the same bits by `slownet.replay`.

        Raises
        ------
        ValueError
            As for `experiment`; other errors are those of `replay`.
        """
        from slownet.experiments import replay

        return replay(self, self.experiment, step=self.step)

    def _address(self) -> dict[str, str]:
        """Return the parts of the address that the page has sent."""
        address = "" if self._widget is None else self._widget.stands
        known = dict(parse_qsl(address, keep_blank_values=True))
        if not re.fullmatch(r"\d{1,15}", known.get("step", "")):
            raise InvalidValueError(
                "the page has not said what it shows: it must be displayed, by a front end that shows "
                'widgets of anywidget (pip install "slownet[notebook]"); elsewhere copy the link in the '
                "page, and give its text to slownet.replay(page, TEXT)"
            )
        return known

    def _repr_html_(self) -> str:
        """Return the page in a sandboxed frame: its scripts run, without access to the notebook."""
        if self._widget is None and in_notebook() and is_installed("anywidget"):
            from slownet.page.widget import Widget

            self._widget = Widget()
        name = "" if self._widget is None else f'name="{self._widget.name}" '
        return (
            f'<iframe srcdoc="{escape(self.text)}" {name}sandbox="allow-scripts allow-downloads" '
            f'title="a net that learns" style="width: 100%; height: {self.height}px; border: 0">'
            "</iframe>"
        )


def assembled(content: Content, start: str = START, entry: str = "page.js") -> str:
    """Return the text of a page that begins with `start`, for which it has the module `entry`."""
    facts = content.facts
    embedded = {"facts": facts, "contents": content.writer.contents, "palette": PALETTE}
    script = engine_script(content.translator, [content.formulas], start, entry)
    words = facts["words"]
    html = filled(asset("page.html"), table_of(words))
    return Template(html).substitute(
        version=__version__,
        language=escape(words.get("language", ENGLISH)),
        title=escape(facts["title"]),
        style=style(),
        facts=as_json(embedded),
        payload=content.writer.text,
        experiment="",
        script=packed(script),
        loader=asset("loader.js"),
    )


def as_json(facts: Mapping[str, Any]) -> str:
    """Return the facts of a page as they stand in it."""
    return for_script(json.dumps(facts, separators=(",", ":")))


@cache
def style() -> str:
    """Return all style sheets as one."""
    return "\n".join(asset(f"style/{name}.css") for name in STYLES)


def write(
    history: History,
    path: str | os.PathLike[str],
    exact: bool | None = None,
    bits: int | None = None,
    title: str | None = None,
    keep: str | int = "auto",
    data: tuple[Any, Any] | None = None,
    **words: Any,
) -> Path:
    """Write the page of a training, or a figure if a formula cannot be translated."""
    check_page_path(path)
    try:
        player = Player(history, exact, bits, title, keep=keep, data=data, **words)
    except UntranslatableError as error:
        none = "" if keep == "none" else ", without the data"
        warn(f"the page cannot compute this net, so it shows what was recorded{none}: {error}")
        from slownet.plotting import animation, save

        return save(animation(history), path)
    if not player.can_be_verified:
        raise InvalidValueError(
            f"the numbers of {len(history.snapshots):,} snapshots are more than `slownet verify` reads "
            "from a page of this size: keep fewer snapshots or no data, or give no bits= or finer ones"
        )
    return player.write(path)
