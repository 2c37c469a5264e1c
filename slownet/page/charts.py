"""The charts of a page as plotly figures, without the numbers that the page holds anyway."""

from __future__ import annotations

from collections.abc import Sequence

from slownet.page.facts import Curve
from slownet.plotting.lines import START, accuracy_axis, loss_axis, step_axis
from slownet.plotting.style import FONT, Json, axis

MARGIN = {"l": 44, "r": 10, "t": 6, "b": 22}


def figures(curves: Sequence[Curve], lines: dict[str, Json], last: int) -> Json:
    """Return the layouts and traces of the charts of loss, accuracy, and the selected neuron or weight.

    Parameters
    ----------
    curves : sequence of dict
        `which` chart each belongs to, its `role`, its `name`, and the `array` of its numbers.
    lines : dict
        The numbers of each array, {"x": ..., "y": ...}, to which the axes are fitted.
    last : int
        The last step.
    """
    found: Json = {"start": START, "chosen": _figure([_trace("chosen", "", "")], axis(nticks=4), last)}
    for which, y_axis in (("loss", loss_axis), ("accuracy", accuracy_axis)):
        drawn = [each for each in curves if each["which"] == which and each["role"] != "now"]
        if drawn:
            traces = [_trace(each["role"], each["array"], each["name"]) for each in drawn]
            fitted = y_axis([lines[each["array"]] for each in drawn])
            found[which] = _figure(traces, fitted, last)
    return found


def _trace(role: str, array: str, name: str) -> Json:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "meta": array,
        "legendgroup": role,
        "line": {"width": 2},
        "hovertemplate": "step %{x:,.0f}: %{y:.4g}"
        + (f"<extra>{name}</extra>" if name else "<extra></extra>"),
    }


def _figure(traces: list[Json], y_axis: Json, last: int) -> Json:
    x_axis = step_axis(last)
    x_axis.pop("title")
    layout = {
        "template": "none",
        "margin": MARGIN,
        "showlegend": False,
        "dragmode": False,
        "hovermode": "x",
        "font": {"family": FONT, "size": 12},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {**x_axis, "tickfont": {"size": 11}},
        "yaxis": {**y_axis, "tickfont": {"size": 11}, "fixedrange": True},
    }
    return {"data": traces, "layout": layout}
