"""Figures as files: a page for any browser, or a picture."""

from __future__ import annotations

import os
from pathlib import Path

import plotly.graph_objects as go

from slownet import packages
from slownet.errors import FileError, InvalidTypeError, MissingPackageError
from slownet.plotting.files import check_page_path, write_bytes
from slownet.plotting.html import page

SHARPNESS = 2  # pixels of a PNG to a pixel of the figure, for screens and print


def save(figure: go.Figure, path: str | os.PathLike[str]) -> Path:
    """Write a figure to a file: `.html`, `.png`, `.svg` or `.pdf`.

    A page (`.html`) needs no network and fills the window; a window smaller than the figure's own width
    and height scrolls. The others are pictures of the figure as it is first seen, an animation at its
    beginning. They are drawn by Chrome or Chromium through kaleido (`pip install "slownet[images]"`),
    which takes seconds and no network; a PNG has two pixels for each of the figure.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        What one of the functions here returned, or any other.
    path : str or path-like
        The file; an existing one is replaced atomically, when all has been written.

    Returns
    -------
    pathlib.Path
        Where it is.

    Raises
    ------
    TypeError
        If it is no figure.
    ValueError
        If the name has another ending, the folder does not exist, or `path` is a folder.
    MissingPackageError
        If a picture is to be drawn, and kaleido or the browser is not installed.
    FileError
        If it cannot be written, or the browser fails.

    Examples
    --------
    >>> from slownet import NetFactory, plotting
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> plotting.save(plotting.network(net), "net.html").name
    'net.html'
    """
    if not isinstance(figure, go.Figure):
        raise InvalidTypeError(f"figure must be a plotly Figure, not {type(figure).__name__}")
    file = check_page_path(path, "HTML, PNG, SVG or PDF")
    ending = file.suffix[1:].lower()
    text = page(figure).encode("utf-8") if ending in ("html", "htm") else _drawn(figure, ending, file)
    return write_bytes(file, text)


def _drawn(figure: go.Figure, ending: str, file: Path) -> bytes:
    """Return a picture; MathJax is left out, because kaleido would load it from the network."""
    packages.require("kaleido", "slownet[images]")
    import kaleido
    from choreographer.errors import ChromeNotFoundError

    options = {"format": ending, "scale": SHARPNESS if ending == "png" else 1}
    try:
        drawn: bytes = kaleido.calc_fig_sync(figure, opts=options, kopts={"mathjax": False})
    except ChromeNotFoundError as error:
        raise MissingPackageError(
            f"{file.name} is drawn by Chrome or Chromium, and neither was found: install one, name it "
            "in the variable BROWSER_PATH, or give the file a name that ends in .html",
            name="chromium",
        ) from error
    except Exception as error:  # whatever a browser may fail of
        reason = error.args[0] if error.args else type(error).__name__
        raise FileError(f"{file} could not be drawn: the browser failed ({reason})") from error
    return drawn
