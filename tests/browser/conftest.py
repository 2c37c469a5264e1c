"""A headless browser for the tests of what is written as HTML."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pandas as pd
import pytest
from opened import opened, ready
from watching import Watched

from slownet import NetFactory, datasets

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")


def _executable() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser():
    executable = _executable()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _do_without("playwright is not installed: pip install slownet[test]")
    if executable is None:
        _do_without(f"found none of {', '.join(NAMES)}: install one, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()


def _do_without(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture
def watched(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    pages = Watched(page)
    yield pages
    page.close()
    pages.check()


@pytest.fixture(scope="session")
def digits_run():
    X, y = datasets.load_mnist("train", 400)
    first = [int(np.flatnonzero(y == digit)[0]) for digit in range(10)]
    net = NetFactory([784, 8, 10], seed=1).new()
    return net.fit(
        X, y, epochs=2, batch_size=10, snapshots=20, watch=(X[first], y[first]), progress=False
    )


@pytest.fixture(scope="session")
def moons_run():
    X, y = datasets.moons(60, 0.1, 0)
    net = NetFactory([2, 6, 5, 1], hidden_activation="tanh", seed=0).new()
    return net.fit(
        X, y, epochs=20, batch_size=10, learning_rate=0.5, snapshots=15, watch=(X, y), progress=False
    )


@pytest.fixture(scope="session")
def flowers_run():
    """A deep net of named inputs and classes, with names that are long."""
    X = np.random.default_rng(0).normal(size=(90, 4))
    names = ["setosa", "a species with an unusually long name", "virginica"]
    y = [names[k] for k in X[:, :3].argmax(axis=1)]
    net = NetFactory([4, 7, 6, 3], hidden_activation="tanh", seed=0).new()
    columns = ["sepal length in centimetres", "sepal width", "petal length", "petal width"]
    X = pd.DataFrame(X, columns=columns)
    return net.fit(
        X, y, epochs=12, batch_size=10, learning_rate=0.3, snapshots=15, watch=(X, y), progress=False
    )


@pytest.fixture(scope="session")
def prices_run():
    """A regression whose inputs differ in size."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(60, 5))
    y = X @ [1.0, -2.0, 0.5, 0.0, 3.0] + 4.0
    net = NetFactory([5, 6, 1], hidden_activation="relu", output_activation="linear", seed=3).new()
    return net.fit(
        X, y, epochs=10, batch_size=10, learning_rate=0.02, snapshots=12, watch=(X, y), progress=False
    )


@pytest.fixture(scope="session")
def bikes_run():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "temperature (°C)": rng.normal(12, 8, 90).round(1),
            "holiday": rng.random(90) < 0.2,
            "weather": rng.choice(["clear", "mist and low clouds", "rain"], 90),
            "year": rng.integers(2009, 2013, 90),
        }
    )
    rentals = frame["temperature (°C)"] * 9 + 50 * frame["holiday"] + 0.04 * (frame["year"] - 1000)
    rentals = pd.Series(rentals, name="rentals (thousand)")
    net = NetFactory([6, 5, 1], hidden_activation="relu", output_activation="linear", seed=3).new()
    return net.fit(
        *(frame, rentals),
        prepare="standardise",
        epochs=6,
        learning_rate=0.02,
        snapshots=12,
        watch=(frame, rentals),
        test_data=(frame[:40], rentals[:40]),
        progress=False,
    )


@pytest.fixture(scope="session")
def homes_run():
    """Two columns of very different sizes."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {"area (m²)": rng.normal(90, 30, 80), "household income (EUR)": rng.normal(4.5e5, 1e5, 80)}
    )
    y = np.where(frame["area (m²)"] * 5000 > frame["household income (EUR)"], "buys", "rents")
    net = NetFactory([2, 5, 1], hidden_activation="tanh", seed=1).new()
    return net.fit(
        frame,
        y,
        prepare="standardise",
        watch=(frame, y),
        learning_rate=0.3,
        epochs=6,
        snapshots=12,
        progress=False,
    )


@pytest.fixture(scope="session")
def wide_run():
    """Many columns with long names, and numbers of all sizes."""
    rng = np.random.default_rng(7)
    columns = {
        f"column {k} with a name that is rather long": rng.normal(10.0 ** (k % 9), 1 + k, 60)
        for k in range(25)
    }
    texts = [f"quite a long category number {k}" for k in range(20)]
    frame = pd.DataFrame({**columns, "a category whose name is long": texts * 3})
    classes = ["setosa", "versicolor, the blue and rather long flag", "virginica"]
    net = NetFactory([45, 12, 3], seed=1).new()
    return net.fit(
        *(frame, classes * 20),
        prepare="standardise",
        epochs=3,
        snapshots=10,
        watch=(frame[:50], (classes * 20)[:50]),
        progress=False,
    )


@pytest.fixture(scope="session")
def colours_run():
    """Three classes in the plane, with names that are no good HTML, and nothing watched."""
    rng = np.random.default_rng(0)
    y = np.arange(90) % 3
    X = rng.normal(size=(90, 2)) + 2.5 * np.stack([y == 1, y == 2], axis=1)
    names = np.array(["<b>red", "green & 'co'", "</script><script>alert(1)</script>"])
    net = NetFactory([2, 6, 3], hidden_activation="tanh", seed=0).new()
    return net.fit(
        X,
        names[y],
        epochs=10,
        batch_size=10,
        learning_rate=0.03,
        optimizer="adam",
        dropout=0.1,
        snapshots=10,
        progress=False,
    )


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """Write a training as a page once, and return its file: of snapshots, unless it is to hold data."""
    folder, written = tmp_path_factory.mktemp("pages"), {}

    def page(history, keep="none", **options):
        key = (id(history), keep, *options.items())
        if key not in written:
            path = folder / f"{len(written)}.html"
            written[key] = history, history.write_html(path, keep=keep, **options)
        return written[key][1]

    return page


@pytest.fixture(scope="session")
def opened_pages(browser, pages, request):
    """Open the page of a training once, and return it."""
    made = {}

    def page(kind):
        if kind not in made:
            made[kind] = opened(browser, pages, request.getfixturevalue(f"{kind}_run"))
        return made[kind]

    yield page
    for each in made.values():
        each.page.close()


def shared(kind):
    """Return a fixture: the page of a training, as it is when nothing is selected yet."""

    @pytest.fixture
    def page(opened_pages):
        made = ready(opened_pages(kind))
        yield made
        made.watched.check()

    return page


digits, moons, prices, flowers = map(shared, ("digits", "moons", "prices", "flowers"))
