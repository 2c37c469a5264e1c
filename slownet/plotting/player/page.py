"""The page: facts, numbers, scripts and style put together as one file that needs nothing else."""

from __future__ import annotations

import base64
import gzip
import os
import re
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path
from string import Template

from slownet.plotting.html import embedded
from slownet.plotting.player.charts import figures
from slownet.plotting.player.content import Content
from slownet.plotting.style import ACTIVATION, CLASS_COLOURS, DARK_ACTIVATION, DARK_DIVERGING, DIVERGING
from slownet.recording import History
from slownet.recording.atomic import replacing
from slownet.version import __version__

MODULES = (  # each after those that it imports
    *("numbers.js", "payload.js", "colours.js", "net.js", "geometry.js", "stage.js", "plane.js"),
    *("judged.js", "pad.js", "words.js", "charts.js", "tour.js", "controls.js", "player.js"),
)
PALETTE = {
    "light": {"diverging": DIVERGING, "activation": ACTIVATION},
    "dark": {"diverging": DARK_DIVERGING, "activation": DARK_ACTIVATION},
    "classes": CLASS_COLOURS,
}
START = """(() => {
"use strict";
%s
%s
const page = JSON.parse(document.getElementById("facts").textContent);
const payload = document.getElementById("payload").textContent;
start({...page, payload, activations: ACTIVATIONS, loss: LOSS});
})();"""
IMPORT = re.compile(r"^import \{[^}]*\} from \"\./[a-z]+\.js\";\n", re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) )", re.MULTILINE)


def page_of(
    history: History, exact: bool | None = None, bits: int | None = None, title: str | None = None
) -> str:
    """Return the player of a training as the text of an HTML file; see `History.write_html`."""
    return assembled(Content(history, exact, bits, title))


def assembled(content: Content) -> str:
    """Return the text of the page that shows a content."""
    facts = content.facts
    last = max(content.history.last_step, facts["training"]["steps"][-1])
    known = {
        "facts": facts,
        "contents": content.writer.contents,
        "palette": PALETTE,
        "figures": figures(facts["curves"], content.lines, last),
    }
    return Template(_asset("page.html")).substitute(
        version=__version__,
        title=escape(facts["title"]),
        style=_asset("player.css"),
        facts=embedded(known),
        payload=content.writer.text(),
        script=START
        % (
            content.formulas.replace("<", "\\u003c") if "</" in content.formulas else content.formulas,
            scripts(),
        ),
        library=_library(),
    )


def write(text: str, path: str | os.PathLike[str]) -> Path:
    """Write a page; a file that is there is replaced, at once and only when all has been written."""
    target = Path(path)
    with replacing(target) as stream:
        stream.write(text.encode("utf-8"))
    return target


@cache
def scripts() -> str:
    """Return all modules as one script: without their imports and exports they share one scope."""
    return "\n".join(EXPORT.sub("", IMPORT.sub("", _asset(name))) for name in MODULES)


@cache
def _asset(name: str) -> str:
    return (resources.files(__package__) / "assets" / name).read_text(encoding="utf-8")


@cache
def _library() -> str:
    """Return plotly.js, gzipped, as base64; packed once for every plotly, and then read from a cache."""
    source = resources.files("plotly") / "package_data" / "plotly.min.js"
    return base64.b64encode(gzip.compress(source.read_bytes(), 6, mtime=0)).decode("ascii")
