"""Colours, fonts and small pieces of text that all figures share."""

from __future__ import annotations

from html import escape
from typing import Any

POSITIVE, NEGATIVE, INK, PALE = "#0b5fa5", "#d1670a", "#1d2733", "#8894a0"
PAPER, GRID, MUTED = "#ffffff", "#e3e8ee", "#5a6775"
RIGHT, WRONG, MOMENT = "#00786c", "#b3123e", "#6a3fb5"
WIDE = "MWmw@%&…"  # letters; those of Asia are, too
EMPTY = "#c3cbd3"  # where a weight has been removed
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
DIVERGING = [
    (0.0, "#7a3300"),
    (0.25, "#e08a2e"),
    (0.5, "#f7f6f3"),
    (0.75, "#4a90c9"),
    (1.0, "#053a6b"),
]
ACTIVATION = [(0.0, "#ffffff"), (0.5, "#8b949d"), (1.0, "#11181f")]
DARK_DIVERGING = [
    (0.0, "#ffb15c"),
    (0.25, "#b85c10"),
    (0.5, "#1b222a"),
    (0.75, "#2372b5"),
    (1.0, "#8cc8ff"),
]
DARK_ACTIVATION = [(0.0, "#161c23"), (0.5, "#7d8894"), (1.0, "#f5f8fa")]
CLASS_COLOURS = [
    NEGATIVE,
    POSITIVE,
    "#2b8a5f",
    "#a8448c",
    "#b8a000",
    "#4bacd6",
    "#8c5a2b",
    "#6b6b6b",
    "#d94f70",
    "#5a4fb0",
]
SYMBOLS = [
    "circle",
    "diamond",
    "square",
    "triangle-up",
    "x",
    "star",
    "cross",
    "pentagon",
    "hexagon",
    "triangle-down",
]
Json = dict[str, Any]


def short(text: str, longest: int) -> str:
    """Return a text on one line, shortened if need be: names in it are the user's."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def width_of(words: str, size: int = 12) -> float:
    """Return how many pixels a text in letters of a size takes, or rather more."""
    widths = (12.5 if c in WIDE or c > "\u2e80" else 9.5 if c.isupper() else 7.0 for c in words)
    return sum(widths) * size / 12


def within(name: str, pixels: float, size: int) -> str:
    """Return a user's name ready for a figure, shortened to take at most so many pixels."""
    longest = len(short(name, 60))
    while longest > 1 and width_of(short(name, longest), size) > pixels:
        longest -= 1
    return safe(name, longest)


def number_text(number: float, places: int = 3) -> str:
    """Return a number in a few digits, but whole, without a power of ten, up to ten million."""
    whole = 10**places - 0.5 <= abs(number) < 1e7
    if not whole:
        return f"{number:.{places}g}"
    text = f"{number:.0f}"
    return text if abs(int(text)) < 10_000 else f"{int(text):,}"


def standard_title(sizes: str) -> str:
    """Return the title of how a net such as "784-16-10" learned, for a maker who gives none."""
    return f"How this {sizes} net learned"


def safe(name: object, longest: int = 24) -> str:
    """Return a user's name ready for a figure: on one line, not too long, and never markup."""
    return escape(short(str(name), longest), quote=False)


def for_hover(name: str) -> str:
    """Return a user's name ready for a hovertemplate, in which %{...} stands for a number."""
    return safe(name).replace("%{", "%\u200b{")


def bold(text: str) -> str:
    """Return text in bold type."""
    return f"<b>{text}</b>"


def rgb(colour: str) -> tuple[int, int, int]:
    """Return the red, green and blue of "#rrggbb"."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def base_layout(**more: Any) -> Json:
    """Return what the layouts of all figures have in common, and more."""
    return {
        "template": "none",
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "hoverlabel": {"font": {"family": FONT, "size": 13}},
        "showlegend": False,
        **more,
    }


def axis(**more: Any) -> Json:
    """Return an axis with a light grid."""
    return {
        "gridcolor": GRID,
        "linecolor": PALE,
        "zeroline": False,
        "showline": True,
        "ticks": "",
        "tickfont": {"size": 12, "color": MUTED},
        "automargin": False,
        **more,
    }


def heading(text: str, x: float, y: float, **more: Any) -> Json:
    """Return an annotation that heads a plot, its lower left corner at x and y of the paper."""
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 14},
        **more,
    }


def colour_bar(largest: float, title: str, middle: float = 0.0) -> Json:
    """Return a trace without points that has a colour bar."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [None],
        "y": [None],
        "hoverinfo": "skip",
        "marker": {
            "color": [middle],
            "colorscale": [list(stop) for stop in DIVERGING],
            "cmin": middle - largest,
            "cmax": middle + largest,
            "showscale": True,
            "colorbar": {
                "title": {"text": title, "side": "right"},
                "thickness": 14,
                "outlinewidth": 0,
                "len": 0.9,
            },
        },
    }
