"""The picture of a learning-rate finder: losses over rates."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.plotting.canvas import Canvas
from slownet.plotting.lines import line, loss_axis, thinned
from slownet.plotting.style import INK, MOMENT, PALE, Json, axis, base_layout, bold, heading
from slownet.training import RateSearch


def learning_rates(search: RateSearch) -> go.Figure:
    """Draw what `net.find_learning_rate` found: the loss of every step over its rate.

    Parameters
    ----------
    search : RateSearch
        What `find_learning_rate` returned.

    Returns
    -------
    plotly.graph_objects.Figure
        Both axes are logarithmic. A line marks the suggested rate.

    Raises
    ------
    TypeError
        If it is no RateSearch.
    ValueError
        If not even the first step had a loss that is finite.

    Examples
    --------
    >>> from slownet import NetFactory, plotting
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> figure = plotting.learning_rates(net.find_learning_rate(X, y, steps=30))
    """
    if not isinstance(search, RateSearch):
        raise InvalidTypeError(
            f"learning_rates takes what find_learning_rate returned, not {type(search).__name__}"
        )
    if not search.losses:
        raise InvalidValueError("this search has no steps: the first one was not finite")
    drawn = _lines(search)
    canvas = Canvas()
    for each in drawn:
        canvas.add(each)
    canvas.annotations.append(
        heading("<br>".join(_title(search)), 0.0, 1.0, xshift=-58, yshift=34, align="left")
    )
    ends = np.log10([search.rates[0], search.rates[-1]])
    apart = max(1, int(np.ceil((ends[1] - ends[0]) / 4.0)))  # few enough for a telephone
    powers = [10.0**k for k in range(int(np.floor(ends[1])), int(np.floor(ends[0])) - 1, -apart)]
    margin = 0.02 * float(ends[1] - ends[0]) or 0.1
    layout = base_layout(
        height=460,
        margin={"l": 70, "r": 16, "t": 118, "b": 50},
        showlegend=True,
        legend={"orientation": "h", "x": 0.0, "y": 1.01, "yanchor": "bottom"},
        hovermode="closest",
        meta={"title": "Loss over learning rate"},
        xaxis=axis(
            type="log",
            range=[float(ends[0]) - margin, float(ends[1]) + margin],
            tickvals=powers,
            ticktext=[f"{power:g}" for power in powers],
            title={"text": "learning rate (log scale)"},
        ),
        yaxis=loss_axis(drawn)
        | {"title": {"text": "loss of a batch (log scale)", "standoff": 8}, "fixedrange": False},
    )
    if search.suggestion is not None:
        layout["shapes"] = [_mark(search.suggestion)]
    return canvas.figure(layout)


def _lines(search: RateSearch) -> list[Json]:
    places = thinned(len(search.losses))
    rates = np.asarray(search.rates)[places]
    hover = "rate %{x:.3g}<br>loss %{y:.4g}<extra></extra>"
    faint = line(rates, np.asarray(search.losses)[places], "each batch", PALE, hovertemplate=hover)
    faint["line"] = {"color": "#c9d1d9", "width": 1}
    mean = line(rates, np.asarray(search.smoothed)[places], "smoothed", INK, hovertemplate=hover)
    return [faint, mean]


def _title(search: RateSearch) -> list[str]:
    """Return the suggestion and how it was made, in short lines that fit a telephone."""
    if search.suggestion is None:
        return [bold("No rate is suggested:"), "the loss hardly fell"]
    return [
        bold(f"Suggested learning rate: {search.suggestion:.2g}"),
        "where the smoothed loss has fallen half",
        "of the way: a rule of thumb",
    ]


def _mark(rate: float) -> Json:
    return {
        "type": "line",
        "x0": rate,
        "x1": rate,
        "y0": 0.0,
        "y1": 1.0,
        "yref": "paper",
        "line": {"color": MOMENT, "width": 2, "dash": "dot"},
    }
