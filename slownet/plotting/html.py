"""One file that shows a figure in any browser, offline."""

from __future__ import annotations

import json
from html import escape
from importlib import resources
from typing import Any

import plotly.graph_objects as go
from plotly.utils import PlotlyJSONEncoder

from slownet.plotting.files import for_script

CONFIG = {"responsive": True, "displaylogo": False, "displayModeBar": False}
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
html, body {{ margin: 0; height: 100%; background: #fff; }}
#figure {{ width: 100%; height: 100vh; min-width: {width}px; min-height: {height}px; }}
#figure .imagelayer image {{ image-rendering: {rendering}; }}
</style>
</head>
<body>
<div id="figure"></div>
<script>window.PlotlyConfig = {{MathJaxConfig: "local"}};</script>
<script>{library}</script>
<script>
const figure = {figure};
Plotly.newPlot("figure", figure.data, figure.layout, {config})
  .then((div) => Plotly.addFrames(div, figure.frames));
</script>
</body>
</html>
"""


def page(figure: go.Figure) -> str:
    """Return a figure as the text of one HTML file that needs no network."""
    parts = figure.to_plotly_json()
    layout = dict(parts["layout"])
    width, height = layout.pop("width", 320), layout.pop("height", 480)
    layout["autosize"] = True
    meta = layout.get("meta")
    if not isinstance(meta, dict):
        meta = {}
    return PAGE.format(
        title=escape(str(meta.get("title", "slownet"))),
        rendering="pixelated" if meta.get("pixels") else "auto",
        width=int(width),
        height=int(height),
        library=_library(),
        figure=embedded({**parts, "layout": layout, "frames": parts.get("frames", [])}),
        config=embedded(CONFIG),
    )


def embedded(thing: Any) -> str:
    """Return what JSON or plotly can hold as JSON for a script."""
    return for_script(json.dumps(thing, cls=PlotlyJSONEncoder, separators=(",", ":")))


def _library() -> str:
    """Return plotly.js, which comes with plotly."""
    return (resources.files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
