"""A page that trains, wherever it is opened: in a sandbox, with hostile names, of any net."""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd
import pytest
from slow import mostly_long
from training import Trained, training
from watching import PATIENCE, Watched

from slownet import NetFactory

TITLE = "</title></h1><img src=x onerror=alert(1)><script>alert(2)</script>"
HOST = '<!DOCTYPE html><meta charset="utf-8"><title>n</title><link rel="icon" href="data:,">'


@pytest.mark.long
def test_names_and_titles_are_text(browser, pages, colours_run):
    """Also in what the panel and the brushes say of them."""
    with training(browser, pages(colours_run, keep="all", title=TITLE)) as page:
        assert "every bit as in Python" in page.text("#compared")
        assert page.page.title() == TITLE
        page.open_panel().go(30)
        for k in range(3):
            page.frame.check(f"#brushes input[value='class {k}']")
        page.frame.evaluate("() => slownet.player.change('point', 0.5, 0.5, 2)")
        page.frame.evaluate("() => slownet.player.choose({ neuron: 8 })")
        page.settle().check()
        assert page.frame.locator("h1 *, #brushes b, #brushes script, main img, header img").count() == 0
        assert "</script><script>" in page.frame.locator("#brushes").text_content()


HOSTILE = [
    "#e=1_rate_<img src=x onerror=alert(1)>&step=5",
    "#e=" + "5_rate_0.1~" * 2000 + "6_rate_1",
    "#e=5_rate_1e999&step=10",
    "#e=5_remove_1_99&step=10",
    "#e=10_rate_0.1~5_rate_0.2&step=20",
    "#e=5_constructor_1&step=__proto__",
    "#e=%E0%A4%A&step=1",
    "#e=5_point_0.1_0.2_99&step=30",
    "#e=0_layer_1_1001_relu&step=0",
    "#stop=accuracy_1.009&step=3",
    "#stop=loss_-1",
    "#stop=__proto__",
]


@pytest.mark.parametrize("address", mostly_long(HOSTILE))
def test_hostile_addresses_are_refused_in_words(browser, pages, moons_run, address):
    with training(browser, pages(moons_run, keep="auto"), address) as page:
        assert page.text("#problem")
        page.open_panel()
        page.page.select_option("select[aria-label='learning rate']", "0.3")
        page.settle()
        assert page.edits[-1].endswith("_rate_0.3")
        page.check()
        page.page.click("#undo")
        page.settle()
        assert page.page.locator("main img, header img, main script, header script").count() == 0


@pytest.mark.long
def test_it_trains_in_a_sandboxed_frame(browser, pages, moons_run, tmp_path):
    """Without an address, without storage, and without a way out."""
    path = pages(moons_run, keep="auto")
    inside = escape(path.read_text("utf-8"), quote=True)
    host = tmp_path / "host.html"
    style = "width: 1200px; height: 900px; border: 0"
    host.write_text(f'{HOST}<iframe sandbox="allow-scripts" style="{style}" srcdoc="{inside}"></iframe>')
    page = browser.new_page(viewport={"width": 1280, "height": 950})
    page.set_default_timeout(PATIENCE)
    watched = Watched(page)
    page.goto(host.as_uri())
    made = Trained(page, path, page.frames[1])
    made.settle()
    assert "every bit as in Python" in made.text("#compared")
    made.open_panel()
    made.go(40)
    made.frame.select_option("select[aria-label='learning rate']", "0.1")
    made.settle()
    made.frame.check("#brushes input[value='class 1']")
    made.frame.locator("#plane-canvas").click(position={"x": 120, "y": 90})
    made.settle()
    assert [edit.split("_")[1] for edit in made.edits] == ["rate", "point"]
    made.go(100).check()
    outside = made.frame.evaluate(
        "() => { try { return parent.document.title; } catch (error) { return error.name; } }"
    )
    assert outside == "SecurityError"
    page.close()
    watched.check()


@pytest.mark.long
def test_it_says_so_where_no_worker_can_begin(browser, pages, moons_run, tmp_path):
    """As where the policy of a notebook allows none."""
    text = pages(moons_run, keep="auto").read_text("utf-8")
    path = tmp_path / "page.html"
    path.write_text(text.replace("worker-src blob:", "worker-src 'none'"), encoding="utf-8")
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(path.as_uri())
    problem = page.locator("#problem")
    problem.wait_for()
    assert problem.inner_text().startswith("This page cannot be shown: the browser")
    assert "lets no worker begin" in problem.inner_text()
    page.close()


def fitted(output=None, n=60, **options):
    """A training on a table with texts, dates of years, and missing nothing."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "size (m²)": rng.normal(90, 30, n).round(1),
            "town": rng.choice(["Aachen", "Bonn <b>", "Köln"], n),
            "new": rng.random(n) < 0.3,
        }
    )
    price = frame["size (m²)"] * 3.1 + 40 * frame["new"]
    classes = np.where(price > price.median(), "dear", "cheap")
    given = {"epochs": 6, "learning_rate": 0.02, "snapshots": 5, "progress": False, **options}
    if output == "linear":
        net = NetFactory([5, 6, 1], "relu", "linear", seed=3).new()
        return net.fit(frame, price, prepare="standardise", **given)
    net = NetFactory([5, 6, 1], "tanh", seed=3).new()
    return net.fit(frame, classes, prepare="standardise", **given)


KINDS = {
    "a table of numbers": ("linear", {}),
    "a table of classes": (None, {}),
    "early stopping": (None, {"early_stopping": 2, "validation_split": 0.2, "epochs": 30}),
    "class weights": (None, {"class_weight": "balanced"}),
    "a schedule": (None, {"schedule": "cosine", "optimizer": "nadam", "dropconnect": 0.1}),
    "shuffled batches of one": (None, {"batch_size": 1, "l2": 0.01, "dropout": 0.2}),
}


@pytest.mark.long
@pytest.mark.parametrize("kind", mostly_long(KINDS))
def test_any_training(browser, tmp_path, kind):
    output, options = KINDS[kind]
    path = fitted(output, **options).write_html(tmp_path / "page.html", keep="all")
    with training(browser, path) as page:
        assert "every bit as in Python" in page.text("#compared")
        page.check()
        page.open_panel().go(page.last // 2)
        page.page.select_option("select[aria-label='learning rate']", "0.03")
        page.settle()
        page.page.click("[aria-label='add a neuron to layer 1']")
        page.settle()
        page.go(page.last).check()
        page.page.click("#again")
        page.settle().check()
        page.frame.evaluate(
            "step => slownet.player.show(slownet.player.course.nearest(step))", 3 * page.last
        )
        page.settle().check()
