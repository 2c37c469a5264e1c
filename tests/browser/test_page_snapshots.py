"""A page of snapshots that holds some of its data trains on from any of them."""

import numpy as np
import pytest
from trained_pages import bits
from watching import PATIENCE

from slownet import NetFactory, datasets, replay
from slownet.page import Page


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    X, y = datasets.moons(120, 0.1, 0)
    net = NetFactory([2, 6, 1], hidden_activation="tanh", seed=1).new()
    history = net.fit(X, y, epochs=20, batch_size=8, snapshots=9, watch=(X[:20], y[:20]), progress=False)
    path = history.write_html(tmp_path_factory.mktemp("snapshots") / "page.html", keep=50)
    page = Page.open(path)
    assert page.facts["frames"] > 8
    assert page.facts["holds"]["data"] == [50, 120]
    return path


def test_training_goes_on_from_a_snapshot_to_the_bits_of_python(watched, path):
    page = watched.play(path, "#step=60")
    page.evaluate("() => slownet.player.tour.end()")
    page.locator("#experiment summary").first.click()
    assert "50 of the 120 samples" in page.locator("#settings").inner_text()
    page.locator("#train-from").click()
    page.wait_for_function("() => slownet.player.course.canTrain && slownet.player.course.told.isThere")
    first = page.evaluate("() => slownet.state().step")
    assert page.locator("#compared").inner_text() == ""
    page.evaluate("() => slownet.player.change('rate', 0.5)")
    page.evaluate("() => slownet.player.change('add', 1)")
    page.evaluate("step => slownet.show(step)", first + 50)
    page.wait_for_function("step => slownet.state().step === step", arg=first + 50)
    address = page.evaluate("() => location.hash")
    assert address.startswith(f"#from={first}&e=")
    weights = page.evaluate("() => [...slownet.player.course.told.weights]")
    net = replay(path, f"page.html{address}")
    assert bits(weights) == bits(np.array([weight.value for weight in net.weights()]))
    page.locator("#show-python").click()
    lines = page.locator("#python-lines").inner_text()
    assert f"from={first}&e=" in lines


LINES = """() => slownet.player.course.lines().loss.map(
    ({ role, label = role, x }) => [label, x.length ? [x[0], x[x.length - 1]] : []])"""


@pytest.mark.long
def test_the_recorded_curve_stays_beside_the_new_one(watched, path):
    page = watched.play(path, "#step=60")
    page.evaluate("() => slownet.player.tour.end()")
    page.locator("#experiment summary").first.click()
    page.locator("#train-from").click()
    page.wait_for_function("() => slownet.player.course.canTrain && slownet.player.course.told.isThere")
    first = page.evaluate("() => slownet.state().step")
    page.evaluate("() => slownet.player.change('rate', 0.5)")
    page.evaluate("step => slownet.show(step)", first + 9)
    page.wait_for_function("step => slownet.state().step === step", arg=first + 9)
    lines = dict(page.evaluate(LINES))
    first_recorded, last_recorded = lines["recorded"]
    assert first_recorded == 1
    assert first + 9 < last_recorded <= page.evaluate("() => slownet.player.course.last")
    assert lines["training"] == [first + 1, first + 9]
    assert "before" not in lines  # no step was taken without the change
    assert "recorded" in page.locator("#legend-loss").inner_text()


@pytest.mark.long
def test_it_says_so_where_no_worker_can_begin(browser, path, tmp_path):
    """As where the policy of a notebook allows none; its snapshots are shown."""
    text = path.read_text("utf-8").replace("worker-src blob:", "worker-src 'none'")
    other = tmp_path / "page.html"
    other.write_text(text, encoding="utf-8")
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{other.as_uri()}#step=60")
    page.wait_for_function("() => window.slownet")
    page.evaluate("() => slownet.player.tour.end()")
    page.locator("#experiment summary").first.click()
    page.locator("#train-from").click()
    page.locator("#problem").wait_for()
    assert "cannot train on: the browser" in page.inner_text("#problem")
    assert page.evaluate("() => slownet.player.course.canTrain") is False
    page.click("#next")
    assert page.locator("#problem").is_hidden()
    page.close()


@pytest.mark.long
def test_two_clicks_begin_one_training(watched, path):
    page = watched.play(path, "#step=60")
    page.evaluate(
        """() => {
            window.begun = 0;
            const { Worker } = window;
            window.Worker = class extends Worker {
                constructor(address) {
                    super(address);
                    window.begun += 1;
                }
            };
            const button = document.getElementById("train-from");
            for (let k = 0; k < 2; k += 1) button.click();
        }"""
    )
    page.wait_for_function("() => slownet.player.course.canTrain && slownet.player.course.told.isThere")
    assert page.evaluate("() => window.begun") == 1
