"""What objects show in a notebook: well-formed, short, without scripts, safe with any names."""

from __future__ import annotations

from pathlib import Path
from xml.dom import minidom

import numpy as np
import pytest

from slownet import Activation, Net, NetFactory, Preparation, preprocessing
from slownet.datasets import moons, read_csv
from slownet.datasets.tables.columns import Column, Target


def parsed(html: str) -> minidom.Document:
    return minidom.parseString(f"<div>{html}</div>")


@pytest.mark.parametrize("sizes", [[2, 3, 1], [784, 16, 10], [784, 128, 64, 10], [1, 1], [9, 8, 8, 9]])
def test_nets_are_drawn_short(sizes: list[int]) -> None:
    html = NetFactory(sizes, seed=0).new()._repr_html_()
    page = parsed(html)
    assert len(html) < 40_000
    assert len(page.getElementsByTagName("circle")) == sum(min(size, 8) for size in sizes)
    texts = [node.firstChild.data for node in page.getElementsByTagName("text")]
    assert [text for text in texts if text.isdigit()] == list(map(str, sizes))
    assert texts.count("⋮") == sum(size > 8 for size in sizes)
    assert "input" in texts
    size = page.getElementsByTagName("svg")[0]
    for circle in page.getElementsByTagName("circle"):
        assert 0 < float(circle.getAttribute("cx")) < float(size.getAttribute("width"))
        assert 9 <= float(circle.getAttribute("cy")) < float(size.getAttribute("height")) - 30
    assert "<script" not in html


def test_lines_show_sign_and_size() -> None:
    net = NetFactory([2, 1], output_activation="linear", seed=0).new()
    net.weight(1, (0, 0)).value, net.weight(1, (1, 0)).value = 2.0, -1.0
    lines = parsed(net._repr_html_()).getElementsByTagName("line")
    assert [line.getAttribute("stroke") for line in lines] == ["#0b5fa5", "#d1670a"]
    assert float(lines[0].getAttribute("stroke-width")) > float(lines[1].getAttribute("stroke-width"))


def test_layers_neurons_weights_and_histories() -> None:
    net = NetFactory([784, 16, 10], seed=0).new()
    net.forward([0.5] * 784)
    layer, neuron, weight = net.layers[1], net.layers[1].neurons[2], net.weight(1, (5, 2))
    rows = parsed(layer._repr_html_()).getElementsByTagName("tr")
    assert len(rows) == 9
    assert "8 of 16" in layer._repr_html_()
    html = neuron._repr_html_()
    assert f"{neuron.z:.6g}" in html
    strongest = max(neuron.weights["in"].values(), key=lambda w: abs(w.value * w.source.value))
    assert f"{strongest.value * 0.5:.6g}" in html
    assert f"{weight.value:.6g}" in weight._repr_html_()
    X, y = moons(20, seed=0)
    history = NetFactory([2, 1], seed=0).new().fit(X, y, epochs=12)
    html = history._repr_html_()
    assert f"{history.epochs[-1].loss:.4f}" in html
    assert "8 of 12" in html
    for thing in (layer, neuron, weight, history):
        assert len(thing._repr_html_()) < 4000
        parsed(thing._repr_html_())


def test_empty_objects_have_a_picture_too() -> None:
    parsed(Net()._repr_html_())
    parsed(NetFactory([2, 2]).new().layers[0].neurons[0]._repr_html_())


def test_a_table_names_how_many_rows_it_leaves_out() -> None:
    net = NetFactory([9, 9, 1], seed=0).new()
    assert "the first 8 of 9" in net.layers[1]._repr_html_()
    assert "the largest 8 of 9" in net.layers[1].neurons[0]._repr_html_()
    assert " of " not in NetFactory([8, 8]).new().layers[1]._repr_html_()
    X, y = moons(20, seed=0)
    history = NetFactory([2, 1], seed=0).new().fit(X, y, epochs=9)
    assert "the last 8 of 9" in history._repr_html_()


@pytest.mark.parametrize("name", ["long " * 3000, "two\nlines"])
def test_names_are_short_and_on_one_line(name: str) -> None:
    own = Activation(name, lambda z: z, lambda z: 1.0)
    net = NetFactory([2, 2, 1], hidden_activation=own, seed=0).new()
    for html in (net._repr_html_(), net.layers[1]._repr_html_()):
        assert len(html) < 4000
        assert "\n" not in html
        assert ("…" in html) == (len(name) > 100)
    texts = [node.firstChild.data for node in parsed(net._repr_html_()).getElementsByTagName("text")]
    assert all(len(text) <= 18 for text in texts)


def test_tables_take_their_colours_from_the_page() -> None:
    """In a dark notebook as well as in a light one: only the drawing brings its own background."""
    net = NetFactory([9, 9, 1], seed=0).new()
    for thing in (net.layers[1], net.layers[1].neurons[0], net.weight(1, (0, 0))):
        assert "color" not in thing._repr_html_()
    assert "background:#fff" in net._repr_html_()


def test_names_are_escaped() -> None:
    hostile = Activation("<img src=x onerror=alert(1)>", lambda z: z, lambda z: 1.0)
    net = NetFactory([2, 2, 1], hidden_activation=hostile, seed=0).new()
    for html in (net._repr_html_(), net.layers[1]._repr_html_()):
        assert "<img" not in html
        parsed(html)


def test_a_frozen_bias_is_marked() -> None:
    net = NetFactory([2, 3, 1], seed=0).new()
    net.layers[1].neurons[2].freeze()
    net.layers[0].freeze()  # the input layer has no biases
    assert net.layers[1]._repr_html_().count("(frozen)") == 1
    assert "(frozen)" not in net.layers[0]._repr_html_()


def cells(html: str) -> list[list[str]]:
    rows = parsed(html).getElementsByTagName("tr")
    return [
        ["".join(text.data for text in cell.childNodes) for cell in row.getElementsByTagName("td")]
        for row in rows
    ][1:]


def test_a_preparation_says_what_it_makes_of_each_column() -> None:
    streets = tuple(f"street {k}" for k in range(7))
    columns = [
        Column("age", "number", fill=30.0, centre=29.7, scale=14.5),
        Column("height", "number", centre=-3.0, scale=0.5),
        Column("<b>street</b>", "category", streets, fill="street 3"),
        Column("garden", "boolean"),
        Column("rooms", "number"),
    ]
    targets = [Target("price (EUR)", 40_000.0, 12_000.0)]
    assert cells(Preparation(columns, targets)._repr_html_()) == [
        ["age", "number", "(number - 29.7) / 14.5", "30"],
        ["height", "number", "(number + 3) / 0.5", "refused"],
        [
            *("<b>street</b>", "category"),
            "1 for its own and 0 for the others of 7: " + ", ".join([*streets[:5], "..."]),
            "street 3",
        ],
        ["garden", "boolean", "1 for true, 0 for false", "refused"],
        ["rooms", "number", "the number", "refused"],
        ["price (EUR)", "target", "output * 12000 + 40000", ""],
    ]


def test_names_cannot_change_what_is_shown() -> None:
    name = "a\x1b[2J\u202eb\n<b>"
    columns = [Column(name, "number"), Column("c", "category", (name, "d"))]
    preparation = Preparation(columns, [Target(name)])
    net = NetFactory([3, 1], output_activation="linear", seed=0).new()
    net.preparation = preparation
    for text in repr(preparation), preparation._repr_html_(), net._repr_html_():
        assert not {"\x1b", "\u202e", "\n"} & {*text}
    assert "<b>" not in preparation._repr_html_() + net._repr_html_()
    assert len(repr(Preparation(columns, [Target("t" * 10**6)]))) < 400


def test_a_preparation_of_many_columns_is_short() -> None:
    html = preprocessing.min_max(np.random.default_rng(0).normal(size=(9, 784)))._repr_html_()
    assert "the first 8 of 784" in html
    assert len(html) < 2000


def test_a_table_says_what_stands_in_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "homes.csv"
    path.write_text("age,street,price\n20,loud,1000\n,quiet,3000.5\n40,loud,2000\n60,quiet,9\n")
    table = read_csv(path, target="price", missing="mean")
    assert cells(table._repr_html_()) == [
        ["age", "number", "20 to 60", "40"],
        ["street", "category", "2: loud, quiet", "loud"],
        ["price", "target", "9 to 3000.5", ""],
    ]
    streets = read_csv(path, target="street", drop="age")
    assert cells(streets._repr_html_())[-1] == ["street", "target", "2: loud, quiet", ""]


def test_a_net_of_a_table_names_its_inputs() -> None:
    net = NetFactory([3, 2, 1], output_activation="linear", seed=0).new()
    columns = [Column("age", "number"), Column("street", "category", ("loud", "quiet & far off"))]
    net.preparation = Preparation(columns, [Target("price")])
    assert "2 columns (age, street), 3 inputs, predicts price" in net._repr_html_()
    assert [row[0] for row in cells(net.layers[0]._repr_html_())] == [
        "0 age",
        "1 street=loud",
        "2 street=quiet & fa…",
    ]
    assert [row[0] for row in cells(net.layers[1]._repr_html_())] == ["0", "1"]
    net.forward([1.0, 0.0, 1.0])
    incoming = [row[0] for row in cells(net.layers[1].neurons[0]._repr_html_())]
    assert sorted(incoming) == ["(0, 0) age", "(1, 0) street=loud", "(2, 0) street=quiet & fa…"]
    net.preparation = Preparation(columns[:1])  # which does not fit
    assert [row[0] for row in cells(net.layers[0]._repr_html_())] == ["0", "1", "2"]
    parsed(net._repr_html_())
