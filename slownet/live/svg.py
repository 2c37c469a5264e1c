"""Drawings that stay in a saved notebook: SVG within an image, which no front end takes out."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from html import escape, unescape
from math import isfinite, pi

import numpy as np
import numpy.typing as npt

from slownet.plotting.style import FONT, INK, MUTED, PALE, PAPER, number_text

NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
HALO = f' paint-order="stroke" stroke="{PAPER}" stroke-width="3"'  # of text on an image
GAP = 4  # pixels around a drawing
MARKERS = {  # corners, turn in degrees, and the radius between two corners; 0 where there is none
    "diamond": (4, 0, 0.0),
    "square": (4, 45, 0.0),
    "triangle-up": (3, 0, 0.0),
    "x": (4, 45, 0.4),
    "star": (5, 0, 0.45),
    "cross": (4, 0, 0.4),
    "pentagon": (5, 0, 0.0),
    "hexagon": (6, 0, 0.0),
    "triangle-down": (3, 180, 0.0),
}


def drawing(name: str, width: int, height: int, parts: Iterable[str], as_image: bool) -> str:
    """Return a drawing as HTML, at most as wide as its cell.

    Parameters
    ----------
    name : str
        What it shows.
    width, height : int
        In pixels, where there is room.
    parts : iterable of str
        Elements of SVG.
    as_image : bool
        An image is shown by every front end, also in a notebook that somebody else has made, where
        JupyterLab takes SVG out; but a new one is blank for a moment, which flickers if it is renewed.
    """
    style = (
        f"max-width:100%;height:auto;margin:{GAP}px;background:{PAPER};border-radius:6px;"
        "vertical-align:top;box-sizing:border-box"
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="{FONT}" font-size="12" fill="{INK}"'
    )
    body = "".join(parts)
    if not as_image:
        return f'{head} role="img" aria-label="{escape(name)}" style="{style}">{body}</svg>'
    source = b64encode(f"{head}>{body}</svg>".encode()).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{source}" alt="{escape(name)}" width="{width}" '
        f'height="{height}" style="{style}">'
    )


def text(
    x: float, y: float, words: str, anchor: str = "middle", colour: str = INK, more: str = ""
) -> str:
    """Return a line of text; letters that XML does not know are left out."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{more}>'
        f"{escape(NO_XML.sub('', words), quote=False)}</text>"
    )


def title(x: float, y: float, words: str) -> str:
    """Return the heading of a drawing."""
    return text(x, y, words, "start", more=' font-size="14" font-weight="bold"')


def image(source: str, x: float, y: float, width: float, height: float, is_smooth: bool = False) -> str:
    """Return an image, stretched to its place; its pixels are seen unless it is smooth."""
    rendering = "" if is_smooth else ' style="image-rendering:pixelated"'
    return (
        f'<image href="{source}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'preserveAspectRatio="none"{rendering}/>'
    )


def frame(x: float, y: float, width: float, height: float, colour: str = PALE) -> str:
    """Return a thin rectangle."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="none" '
        f'stroke="{colour}"/>'
    )


def path(points: str, colour: str, width: float = 1.0, opacity: float = 1.0) -> str:
    """Return lines."""
    return (
        f'<path d="{points}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
        f'opacity="{opacity:g}" stroke-linejoin="round"/>'
    )


def polyline(xs: npt.NDArray[np.float64], ys: npt.NDArray[np.float64]) -> str:
    """Return the points of a line for `path`; it has a gap where a number is not finite."""
    points, is_drawn = [], False
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        is_there = isfinite(y)
        if is_there:
            points.append(f"{'L' if is_drawn else 'M'}{x:.1f} {y:.1f}")
        is_drawn = is_there
    return "".join(points)


def circle(x: float, y: float, radius: float, colour: str, line: str = "none") -> str:
    """Return a disc."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}" stroke="{line}"/>'


def markers(places: Iterable[tuple[float, float]], symbol: str, radius: float, colour: str) -> str:
    """Return a marker of plotly's name at each place."""
    shape = _outline(symbol, radius)
    points = "".join(f"M{x:.1f} {y:.1f}{shape}" for x, y in places)
    return f'<path d="{points}" fill="{colour}" stroke="{PAPER}"/>'


@cache
def _outline(symbol: str, radius: float) -> str:
    """Return the outline of a marker as a path from its middle."""
    if symbol not in MARKERS:
        half = f"a{radius} {radius} 0 1 0"
        return f"m{-radius} 0{half} {2 * radius} 0{half} {-2 * radius} 0z"
    corners, turn, between = MARKERS[symbol]
    radii = [1.2 * radius, 1.2 * radius * between] if between else [1.2 * radius]
    angles = np.arange(corners * len(radii)) * 2 * pi / (corners * len(radii)) + turn * pi / 180
    sizes = np.resize(radii, len(angles))
    points = np.stack([sizes * np.sin(angles), -sizes * np.cos(angles)], axis=1)
    moves = np.diff(points, axis=0, prepend=0.0).tolist()
    (x, y), *rest = moves
    return f"m{x:.1f} {y:.1f}" + "".join(f"l{x:.1f} {y:.1f}" for x, y in rest) + "z"


def tick(x: float, y: float, words: str, anchor: str = "middle") -> str:
    """Return a number at an axis."""
    return text(x, y, words, anchor, MUTED)


def number(value: float) -> str:
    """Return a number in a few digits, with the sign of minus."""
    return number_text(value).replace("-", "−")


def plain(markup: str) -> str:
    """Return the text of HTML."""
    return unescape(re.sub("<[^>]*>", "", markup))
