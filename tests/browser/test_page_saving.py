"""What the page hands to the browser: pictures of what it shows, and its numbers, all of them."""

from __future__ import annotations

import base64
import csv
import struct
import xml.etree.ElementTree as ET

import pytest
from slow import mostly_long
from training import training
from watching import let_paint

from slownet import replay

PLAYED = """async (address) => {
    const film = document.createElement("video");
    Object.assign(film, { muted: true, src: address });
    const sheet = document.createElement("canvas");
    const taken = [];
    const take = () => {
        [sheet.width, sheet.height] = [film.videoWidth, film.videoHeight];
        const paper = sheet.getContext("2d", { willReadFrequently: true });
        paper.drawImage(film, 0, 0);
        taken.push(new Uint32Array(paper.getImageData(0, 0, sheet.width, sheet.height).data.buffer));
    };
    await new Promise(done => film.addEventListener("loadeddata", done, { once: true }));
    take();
    film.play();
    await new Promise(done => film.addEventListener("ended", done, { once: true }));
    take();
    const [first, last] = taken;
    return {
        width: sheet.width, height: sheet.height, colours: new Set(last).size,
        differs: first.some((pixel, k) => pixel !== last[k]),
    };
}"""
DRAWN = """() => {
    const { loss, accuracy } = slownet.player.course.lines();
    return [...loss, ...accuracy].reduce((all, { x }) => all + x.length, 0);
}"""
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module", params=mostly_long(["moons", "digits", "prices"]))
def page(browser, pages, request):
    history = request.getfixturevalue(f"{request.param}_run")
    with training(browser, pages(history, keep="all")) as page:
        page.go(40)
        page.page.click("#save summary")
        let_paint(page.page)
        page.kind = request.param
        yield page


def saved(page, what, tmp_path):
    with page.page.expect_download() as handed:
        page.page.click(f"#save-{what}")
    path = tmp_path / handed.value.suggested_filename
    handed.value.save_as(path)
    assert page.page.inner_text("#saved") == f"{path.name} was handed to the browser."
    return path


def test_a_drawing_has_what_is_shown(page, tmp_path):
    before = page.frame.evaluate("() => canvas.toDataURL()")
    path = saved(page, "drawing", tmp_path)
    assert path.name == "step-40.svg"
    assert page.frame.evaluate("before => canvas.toDataURL() === before", before)
    root = ET.parse(path).getroot()
    texts = {each.text for each in root.iter(f"{SVG}text")}
    assert {"Loss", "training mean", f"{page.frame.title()}, step 40"} <= texts
    edges = page.frame.evaluate("() => slownet.painter.netView.edges.length")
    lines = "".join(each.get("d") for each in root.iter(f"{SVG}path") if each.get("d"))
    assert lines.count("L") >= edges
    for each in root.iter(f"{SVG}image"):
        assert each.get("href").startswith("data:image/png;base64,")
    width, height = float(root.get("width")), float(root.get("height"))
    for each in root.findall(f"{SVG}text"):
        assert 0 <= float(each.get("x")) < width
        assert 0 < float(each.get("y")) < height


def test_a_picture_is_the_drawing(page, tmp_path):
    root = ET.parse(saved(page, "drawing", tmp_path)).getroot()
    path = saved(page, "picture", tmp_path)
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG")
    size = struct.unpack(">II", data[16:24])
    assert size == tuple(2 * int(root.get(side)) for side in ("width", "height"))
    assert len(data) > 40_000


def test_weights_are_saved_with_every_digit(page, tmp_path):
    path = saved(page, "weights", tmp_path)
    assert path.name == "weights-step-40.csv"
    with path.open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["from layer", "from neuron", "to layer", "to neuron", "value"]
    net = replay(page.path, step=40)
    biases = {(row[2], row[3]): float(row[4]) for row in rows if row[0] == "bias"}
    weights = [float(row[4]) for row in rows if row[0] != "bias"]
    assert sorted(weights) == sorted(weight.value for weight in net.weights())
    assert sorted(biases.values()) == sorted(n.bias for n in [*net.neurons()][len(net.inputs) :])


def test_curves_are_saved(page, tmp_path):
    with saved(page, "curves", tmp_path).open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["measure", "of", "step", "value"]
    drawn = page.frame.evaluate(DRAWN)
    assert len(rows) == drawn > 80
    assert len({(*row[:3],) for row in rows}) == len(rows)
    assert {row[0] for row in rows} == {"loss", *(["accuracy"] if page.kind != "prices" else [])}
    kinds = {"original", "recorded", "test", "validation", "watched", "training", "points"}
    assert {"batches"} <= {row[1] for row in rows} <= {"batches", *kinds}


@pytest.mark.long
def test_a_film_is_what_was_played(browser, pages, moons_run, tmp_path):
    with training(browser, pages(moons_run, keep="all")) as page:
        page.go(0)
        page.page.click("#save summary")
        path = saved(page, "film", tmp_path)
        last = page.step
        assert path.name == f"training-to-step-{last}.webm"
        assert last == page.last
        film = base64.b64encode(path.read_bytes()).decode()
        shown = browser.new_page()
        size = shown.evaluate(PLAYED, f"data:video/webm;base64,{film}")
        assert size["height"] > 400
        assert size["width"] > 1000
        assert size["colours"] > 100
        assert size["differs"]
        shown.close()
