"""The directive `formulas`: all formulas of a kind, each with its LaTeX, its source and a curve.

For every kind a function returns what is drawn: a caption, the places on the x axis, and the lines over
them.
"""

from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
from docutils import nodes
from docutils.parsers.rst import Directive

from slownet import functions
from slownet.functions.description import MADE

Drawing = tuple[str, npt.NDArray[np.float64], list[Any]]
WIDTH, HEIGHT, LEFT, EDGE = 280, 150, 34, 18  # of a curve
HIGHEST = 4.0  # of an activation or a loss: what is beyond is cut off
EPOCHS = 20
RATES = {"sgd": 0.2, "rmsprop": 0.3, "adagrad": 1.0, "adam": 0.4, "adamw": 0.4, "nadam": 0.4}


def of_activation(activation: Any) -> Drawing:
    """Return its values and derivatives; of softmax, the values for two neurons."""
    xs = np.linspace(-4.0, 4.0, 161)
    zs = xs.tolist()
    if not isinstance(activation, functions.Activation):
        return (
            "z of one of two neurons; the other’s is\xa00",
            xs,
            [[activation.values([z, 0.0])[0] for z in zs]],
        )
    values = [activation.function(z) for z in zs]
    slopes = [activation.derivative(z, value) for z, value in zip(zs, values, strict=True)]
    return "z; dashed: the derivative", xs, [values, slopes]


def of_loss(loss: Any) -> Drawing:
    """Return the loss of one output, and its derivative."""
    target = 2.0 if loss.name == "poisson" else 0.0 if loss.target_kind == "number" else 1.0
    low, high = max(loss.domain[0], -3.0), min(loss.domain[1], 5.0 if loss.name == "poisson" else 3.0)
    xs = np.linspace(low, high, 202)[1:-1]  # the ends may be infinite
    lines = [[each(x, target) for x in xs.tolist()] for each in (loss.function, loss.derivative)]
    return f"a, where y = {target:g}; dashed: the derivative", xs, lines


def of_optimizer(optimizer: Any) -> Drawing:
    """Return a weight on its way down the loss w^2 / 2."""
    state, path, rate = (3.0, 0.0, 0.0), [3.0], RATES[optimizer.name]
    for step in range(1, 21):
        state = optimizer.function(state[0], *state, rate, optimizer.constants(step))
        path.append(state[0])
    return f"step; w from 3 on, where g = w and η = {rate:g}", np.arange(21.0), [path]


def of_initializer(initializer: Any) -> Drawing:
    """Return the density of the weights between two layers of 100 neurons."""
    spread, centre = initializer.spread(100, 100), initializer.centre
    if initializer.distribution == "constant":
        xs = np.array([-0.2, centre + spread, centre + spread, centre + spread, 0.2])
        return "w; all weights are the same", xs, [[0.0, 0.0, 1.0, 0.0, 0.0]]
    xs = centre + spread * np.linspace(-3.5, 3.5, 701)
    far = (xs - centre) / spread
    if initializer.distribution == "normal":
        density = np.exp(-0.5 * far**2) / (spread * np.sqrt(2.0 * np.pi))
    else:
        density = np.where(abs(far) <= 1.0, 0.5 / spread, 0.0)
    return "w; the density, where 100 neurons lead to 100", xs, [density]


def of_schedule(schedule: Any) -> Drawing:
    """Return the rate over the epochs."""
    xs = np.linspace(0.0, EPOCHS, 400, endpoint=False)
    rates = [schedule.function(1.0, x, EPOCHS) for x in xs.tolist()]
    return f"epoch t of T = {EPOCHS}; the rate, where η = 1", xs, [rates]


def of_regularizer(regularizer: Any) -> Drawing:
    """Return the penalty, and its derivative."""
    xs = np.linspace(-2.0, 2.0, 201)
    lines = [[each(x) for x in xs.tolist()] for each in (regularizer.function, regularizer.derivative)]
    return "w; dashed: the derivative", xs, lines


DRAWN = {
    "activation": of_activation,
    "loss": of_loss,
    "optimizer": of_optimizer,
    "initializer": of_initializer,
    "schedule": of_schedule,
    "regularizer": of_regularizer,
}


def curve(name: str, caption: str, xs: npt.NDArray[np.float64], lines: list[Any], is_cut: bool) -> str:
    """Return lines over axes as SVG, which takes its colours from the page."""
    ys = np.array(lines)
    low, high = min(ys.min(), 0.0), max(ys.max(), 0.0)
    if is_cut:
        low, high = max(low, -HIGHEST), min(high, HIGHEST)
    width, height = WIDTH - LEFT - EDGE, HEIGHT - 2 * EDGE
    together = escape(caption).replace(" = ", "\xa0=\xa0")  # not broken at the sign
    across = (xs - xs[0]) / (xs[-1] - xs[0]) * width
    down = (high - ys) / (high - low) * height
    zero = -xs[0] / (xs[-1] - xs[0]) * width
    axes = [f"M0 {high / (high - low) * height:.1f}h{width}", f"M{zero:.1f} 0v{height}"]
    paths = []
    for place, line in enumerate(down):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, line, strict=True))
        paths.append(f'<polyline class="line{place}" points="{points}"/>')
    ticks = [
        *((LEFT, HEIGHT - 4, "start", xs[0]), (WIDTH - EDGE, HEIGHT - 4, "end", round(xs[-1], 1))),
        *((LEFT - 4, HEIGHT - EDGE, "end", low), (LEFT - 4, EDGE + 8, "end", high)),
    ]
    numbers = [
        f'<text x="{x}" y="{y}" text-anchor="{anchor}">{f"{value:.2g}".replace("-", "−")}</text>'
        for x, y, anchor, value in ticks
    ]
    return (
        f'<figure class="curve"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(name)}">{"".join(numbers)}<svg x="{LEFT}" y="{EDGE}" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}"><path class="axis" d="{"".join(axes)}"/>'
        f"{''.join(paths)}</svg></svg><figcaption>{together}</figcaption></figure>"
    )


def described(kind: str, formula: Any) -> list[nodes.Node]:
    """Return the formulas, the settings, the curve and the source of one formula."""
    found: list[nodes.Node] = [raw('<div class="formula-card"><div>')]
    for attribute, words in (
        *(("latex", ""), ("derivative_latex", "Derivative:")),
        ("partner_latex", "Computed from z, where the output activation is its partner:"),
    ):
        latex = getattr(formula, attribute, "")
        if latex:
            found += [nodes.paragraph(text=words)] if words else []
            lines = latex.split(r",\quad ")  # one below the other: side by side they are too wide
            found += [nodes.math_block(line, line, nowrap=True, number=None) for line in lines]
    settings = getattr(formula, "settings", {})
    if settings:
        code = ", ".join(f"{name}={value:g}" for name, value in settings.items())
        found.append(nodes.paragraph("", "Settings: ", nodes.literal(text=code)))
    found.append(nodes.paragraph(text=f"Source: {formula.source}."))
    picture = curve(formula.name, *DRAWN[kind](formula), is_cut=kind in ("activation", "loss"))
    return [*found, raw(f"</div>{picture}</div>")]


def raw(html: str) -> nodes.raw:
    """Return HTML as it stands."""
    return nodes.raw("", html, format="html")


class Formulas(Directive):
    """All formulas of a kind: `{formulas} activation`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return a section for each formula."""
        kind = self.arguments[0]
        sections: list[nodes.Node] = []
        for name, formula in MADE[kind].items():
            section = nodes.section(ids=[f"{kind}-{name}".replace("_", "-")], names=[f"{kind} {name}"])
            section += nodes.title(text=name)
            section += described(kind, formula)
            sections.append(section)
        return sections


def setup(app: Any) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("formulas", Formulas)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
