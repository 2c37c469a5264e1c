"""How objects show themselves in a notebook: short HTML and inline SVG, without scripts."""

from __future__ import annotations

from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any

from slownet.checks import as_float, digits, printable
from slownet.datasets.tables import Table
from slownet.datasets.tables.columns import BOOLEAN, CATEGORY, Column
from slownet.errors import InvalidTypeError, SlownetError
from slownet.explain.tables import input_names
from slownet.objects import Layer, Net, Neuron, Weight
from slownet.plotting.style import INK, NEGATIVE, POSITIVE, short
from slownet.recording.measures import count_of, samples_of_epoch, share_text
from slownet.samples import Preparation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slownet.recording import History

SHOWN = 8  # neurons of a layer that are drawn, rows of a table that are listed
STEP, COLUMN, RADIUS = 26, 130, 9  # pixels
LONGEST_NAME, LONGEST_TITLE = 18, 200  # letters
NAMED = 5  # categories of a column that are listed


def net_html(net: Net) -> str:
    """Draw a net: each layer as a column of circles, the weights between them as lines."""
    layers = list(net)
    drawn = {
        neuron: (60 + COLUMN * column, y)
        for column, layer in enumerate(layers)
        for neuron, y in _places(list(layer))
    }
    largest = max((abs(_size(weight.value)) for weight in net.weights()), default=0.0) or 1.0
    parts = []
    for neuron, (x, y) in drawn.items():
        for weight in neuron.weights["in"].values():
            if weight.outgoing in drawn:
                x0, y0 = drawn[weight.outgoing]
                size = _size(weight.value)
                strength = min(1.0, abs(size) / largest)
                colour = POSITIVE if size >= 0 else NEGATIVE
                parts.append(
                    f'<line x1="{x0}" y1="{y0:g}" x2="{x}" y2="{y:g}" stroke="{colour}" '
                    f'stroke-width="{0.4 + 2 * strength:.1f}" opacity="{0.25 + 0.7 * strength:.2f}"/>'
                )
    parts += [
        f'<circle cx="{x}" cy="{y:g}" r="{RADIUS}" fill="#fff" stroke="{INK}"/>'
        for x, y in drawn.values()
    ]
    height = STEP * (SHOWN + 1)
    for column, layer in enumerate(layers):
        x = 60 + COLUMN * column
        if len(layer) > SHOWN:
            parts.append(_text(x, height / 2 + 4, "⋮"))
        name = layer.function.name
        parts.append(_text(x, height + 14, str(len(layer))))
        parts.append(_text(x, height + 30, _cut(name) if column else "input"))
    width = 120 + COLUMN * max(len(layers) - 1, 0)
    title = escape(short(repr(net), LONGEST_TITLE))
    return (
        '<div style="max-width:100%;overflow-x:auto"><svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'width="{width}" height="{height + 44}" viewBox="0 -4 {width} {height + 44}" '
        f'style="background:#fff;border-radius:6px;font:13px sans-serif"><title>{title}</title>'
        f"{''.join(parts)}</svg></div>{_prepared(net)}"
    )


def _prepared(net: Net) -> str:
    """Return what a net makes of the rows of a table, if it was trained on one."""
    if net.preparation is None:
        return ""
    return f"<p><code>{escape(short(repr(net.preparation), LONGEST_TITLE))}</code></p>"


def layer_html(layer: Layer) -> str:
    """List the first neurons of a layer."""
    names = _names_in(layer)
    rows = [
        (
            _with_name(neuron.id, names.get(neuron)),
            digits(neuron.bias) + (" (frozen)" if neuron.has_bias and neuron.bias_frozen else ""),
            digits(neuron.z),
            digits(neuron.value),
            digits(neuron.delta),
        )
        for neuron in islice(layer, SHOWN)
    ]
    return _table(repr(layer), ("neuron", "bias", "z", "value", "delta"), rows, len(layer), "first")


def neuron_html(neuron: Neuron) -> str:
    """List the strongest contributions to a neuron's weighted input."""
    layers = {weight.outgoing.layer for weight in neuron.weights["in"].values() if weight.outgoing}
    names = {each: name for layer in layers for each, name in _names_in(layer).items()}
    incoming = [
        (
            _with_name(weight.id, names.get(weight.outgoing)),
            *(weight.value, weight.outgoing.value),
            _size(weight.value) * _size(weight.outgoing.value),
        )
        for weight in neuron.weights["in"].values()
        if weight.outgoing is not None
    ]
    strongest = sorted(incoming, key=lambda row: -abs(row[-1]))[:SHOWN]
    rows = [(identity, *map(digits, numbers)) for identity, *numbers in strongest]
    headings = ("incoming weight", "value", "source value", "contribution")
    return _table(repr(neuron), headings, rows, len(incoming), "largest")


def _names_in(layer: Layer | None) -> dict[Neuron, str]:
    """Return the names that neurons of a layer have in the net's table; none if it is no input layer."""
    net = layer.net if layer is not None else None
    return input_names(net) if net is not None and layer is net.inputs else {}


def _with_name(identity: object, name: str | None) -> str:
    return str(identity) if name is None else f"{identity} {_cut(name)}"


def weight_html(weight: Weight) -> str:
    """Show a weight as a row of a table."""
    row = (
        str(weight.id),
        digits(weight.value),
        digits(weight.grad),
        "yes" if weight.frozen else "no",
    )
    return _table(repr(weight), ("id", "value", "grad", "frozen"), [row], 1)


def preparation_html(preparation: Preparation) -> str:
    """List the first columns of a preparation, and what it makes of them."""
    columns = preparation.columns
    rows = [
        (_cut(column.name), column.kind, _entering(column), _filled(column))
        for column in columns[:SHOWN]
    ]
    targets = [
        (_cut(target.name), "target", f"output{_times(target.scale)}{_plus(target.centre)}", "")
        for target in preparation.targets[:SHOWN]
    ]
    headings = ("column", "kind", "what enters the net", "if missing")
    return _table(repr(preparation), headings, rows, len(columns), "first", targets)


def table_html(table: Table) -> str:
    """List the first columns of a table, and what stands in them."""
    rows, place = [], 0
    for column in table.columns[:SHOWN]:
        holds = _listed(column.categories) or _ends(table.X[:, place])
        rows.append((_cut(column.name), column.kind, holds, _filled(column)))
        place += len(column.inputs)
    holds = _listed(table.classes or ()) or _ends(table.y)
    target = _cut(table.target), "target", holds, ""
    headings = ("column", "kind", "values", "if missing")
    return _table(repr(table), headings, rows, len(table.columns), "first", [target])


def _entering(column: Column) -> str:
    """Return what enters a net for the cells of a column."""
    if column.kind == CATEGORY:
        return f"1 for its own and 0 for the others of {_listed(column.categories)}"
    if column.kind == BOOLEAN:
        return "1 for true, 0 for false"
    if (column.centre, column.scale) == (0.0, 1.0):
        return "the number"
    return f"(number{_plus(-column.centre)}) / {digits(column.scale)}"


def _filled(column: Column) -> str:
    """Return what stands in for a missing cell."""
    if column.fill is None:
        return "refused"
    return _cut(column.fill) if isinstance(column.fill, str) else digits(column.fill)


def _times(scale: float) -> str:
    return "" if scale == 1.0 else f" * {digits(scale)}"


def _plus(number: float) -> str:
    return "" if number == 0.0 else f" {'+' if number > 0.0 else '-'} {digits(abs(number))}"


def _listed(texts: Sequence[str]) -> str:
    """Return the number of texts, and the first of them."""
    more = ", ..." if len(texts) > NAMED else ""
    return f"{len(texts)}: {', '.join(map(_cut, texts[:NAMED]))}{more}" if texts else ""


def _ends(numbers: Any) -> str:
    """Return the smallest and the largest number of a column."""
    return f"{digits(numbers.min())} to {digits(numbers.max())}"


def _cut(name: str) -> str:
    return short(printable(name), LONGEST_NAME)


def history_html(history: History) -> str:
    """List the last epochs of a training."""
    rows = [
        (
            record.epoch,
            f"{record.loss:.4f}",
            _share(record.accuracy, samples_of_epoch(history, record)),
            "" if record.validation_loss is None else f"{record.validation_loss:.4f}",
            _share(record.validation_accuracy, count_of(history, "validation_samples")),
            f"{record.seconds:.1f}",
        )
        for record in history.epochs[-SHOWN:]
    ]
    judged = ("training loss", "training accuracy", "validation loss", "validation accuracy")
    headings = ("epoch", *judged, "seconds")
    return _table(repr(history), headings, rows, len(history.epochs), "last")


def _places(neurons: Sequence[Neuron]) -> Iterable[tuple[Neuron, float]]:
    """Return the neurons that are drawn and their heights; the first and last ones of a large layer."""
    half = SHOWN // 2
    shown = list(neurons) if len(neurons) <= SHOWN else [*neurons[:half], *neurons[-half:]]
    gap = 0 if len(neurons) <= SHOWN else 1
    top = STEP * (SHOWN + 1 - len(shown) - gap + 1) / 2
    for place, neuron in enumerate(shown):
        yield neuron, top + STEP * (place + (gap if place >= half else 0))


def _text(x: float, y: float, text: str) -> str:
    return f'<text x="{x}" y="{y:g}" text-anchor="middle" fill="{INK}">{escape(text)}</text>'


def _size(number: object) -> float:
    """Return a number as a float for a picture: 0 for what is not a number."""
    try:
        return as_float("", number)
    except SlownetError:
        return 0.0


def _share(share: float | None, samples: int | None) -> str:
    return "" if share is None else share_text(share, samples)


def _table(
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[object]],
    count: int,
    which: str = "",
    others: Sequence[Sequence[object]] = (),
) -> str:
    """Return a table of some of `count` things, and others; its colours are those of the page."""
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in [*rows, *others]
    )
    left_out = count > len(rows)
    more = f'<p style="opacity:0.75">the {which} {len(rows)} of {count}</p>' if left_out else ""
    caption = escape(short(title, LONGEST_TITLE))
    return f"<p><code>{caption}</code></p><table><tr>{head}</tr>{body}</table>{more}"


def html(thing: object) -> str:
    """Show an object of a net, a table or a preparation."""
    match thing:
        case Net():
            return net_html(thing)
        case Layer():
            return layer_html(thing)
        case Neuron():
            return neuron_html(thing)
        case Weight():
            return weight_html(thing)
        case Preparation():
            return preparation_html(thing)
        case Table():
            return table_html(thing)
    raise InvalidTypeError(
        f"only objects of a net, tables and preparations can be shown, not {type(thing).__name__}"
    )
