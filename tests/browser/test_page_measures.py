"""What the page says of accuracies, of how many samples each is, and of the learning rate."""

from __future__ import annotations

import re

import numpy as np
import pytest
from opened import check_number, number
from slow import mostly_long
from watching import PATIENCE

from slownet import Dense, Input, LambdaCallback, NetFactory, functions
from slownet.datasets import load_mnist, moons
from slownet.page import Page
from slownet.recording.measures import learning_rate_of

RATE = r"\(rate (\S+?)(?:, as in the last step)?\)"
BOX = "id => { const { x, y, right, bottom } = document.getElementById(id).getBoundingClientRect();"
BOX += " return [x, y, right, bottom]; }"
SHOW_STEP = "step => slownet.player.show(slownet.player.course.nearest(step), true)"
LINES = """() => slownet.player.course.lines().accuracy.map(({ role, name, x, y }) =>
    [role === "training" ? role : name, Array.from(x, (step, k) => [step, y[k]])])"""
X, Y = moons(90, 0.2, 0)


def fitted(data, sizes=(2, 5, 1), output=None, **options):
    settings = {"epochs": 4, "batch_size": 10, "snapshots": 9, "progress": False}
    net = NetFactory(list(sizes), "tanh", output, seed=2).new()
    return net.fit(*data, **{**settings, **options})


@pytest.fixture
def shown(watched, pages):
    """Open the page of a training at its last snapshot."""

    def show(history, frame=-1, width=1280):
        page = watched.page
        page.set_viewport_size({"width": width, "height": 800})
        page.set_default_timeout(PATIENCE)
        watched.requests.clear()
        watched.play(pages(history), "#step=0")
        page.evaluate("() => slownet.player.tour.end()")
        page.evaluate("frame => slownet.show(frame)", frame % len(history.snapshots))
        return page

    return show


def text(page, selector):
    return page.locator(selector).inner_text().replace("\u202f", "")


def test_the_test_accuracy_stands_in_the_bar_at_every_snapshot(shown):
    history = fitted((X[:60], Y[:60]), watch=(X[:60], Y[:60]), test_data=(X[60:], Y[60:]))
    page = shown(history)
    for frame in (0, len(history.snapshots) - 1):
        page.evaluate("frame => slownet.show(frame)", frame)
        assert text(page, "#test-name") == "test accuracy"
        assert text(page, "#test") == f"{100 * history.test['accuracy']:.2f} %"
        assert text(page, "#test-of") == "of 30"
        right = round(60 * history.snapshots[frame].watch_accuracy)
        assert text(page, "#accuracy-of") == f"{right} of 60 watched"
        assert text(page, "#judged-heading") == f"{right} of 60 watched right"
    assert page.locator("#loss-of").inner_text() == ""
    title = page.locator("#number-test").get_attribute("title")
    assert title.startswith("The share of the test samples that the trained net is right about")


def held_out(count=30):
    """Samples that the net has not seen, of which some have other classes: it is wrong about them."""
    other, classes = moons(count, 0.2, 5)
    return other, np.where(np.arange(count) % 5, classes, 1 - classes)


@pytest.mark.parametrize("keep", ["all", 40])
def test_accuracy_is_of_samples_that_were_held_out_where_the_page_holds_some(watched, pages, keep):
    """In pages that train and in those of snapshots; not of the watched samples."""
    history = fitted((X[:60], Y[:60]), watch=(X[:20], Y[:20]), test_data=held_out())
    path = pages(history, keep=keep, exact=None if keep == "all" else True)
    assert (Page.open(path).facts["frames"] == 0) == (keep == "all")
    page = watched.play(path, "#step=0")
    for snapshot in (history.snapshots[0], history.snapshots[-1]):
        page.evaluate(SHOW_STEP, snapshot.step)
        page.wait_for_function("step => slownet.state().step === step", arg=snapshot.step)
        right = round(30 * snapshot.restore().evaluate(*held_out()).accuracy)
        assert text(page, "#accuracy-of") == f"{right} of 30 test samples"
        check_number(text(page, "#accuracy")[:-2], 100 * right / 30)
        assert text(page, "#judged-heading") == f"{right} of 30 test samples right"
        assert page.get_attribute("#number-accuracy", "title").startswith("accuracy on the 30 test")
    wanted = {each.step: each.restore().evaluate(*held_out()).accuracy for each in history.snapshots}
    page.wait_for_function(
        "least => slownet.player.course.lines().accuracy.at(-1).x.length >= least",
        arg=2 if keep == "all" else len(wanted),
    )
    (training, _), (held, points) = page.evaluate(LINES)
    assert (training, held) == ("training", "accuracy of the test samples")
    assert all(share == wanted.get(step, share) for step, share in points)
    assert {0, history.last_step} <= {step for step, _ in points}


@pytest.mark.long
def test_an_error_is_of_samples_that_were_held_out_where_the_page_holds_some(watched, pages):
    y = X[:, 0] - X[:, 1]
    test = (X[60:], y[60:] + 1.0)
    history = fitted((X[:60], y[:60]), output="linear", watch=(X[:20], y[:20]), test_data=test)
    page = watched.play(pages(history, keep=40, exact=True))
    assert (text(page, "#loss-of"), page.locator("#number-accuracy").is_hidden()) == (
        "30 test samples",
        True,
    )
    net = history.snapshots[-1].restore()
    check_number(text(page, "#loss"), net.evaluate(*test).loss)
    off = np.abs(np.ravel(net.predict(test[0])) - test[1]).mean()
    found = re.fullmatch(r"Error (\S+) on 30 test samples", text(page, "#judged-heading"))
    check_number(found[1], off)


def test_a_restored_net_is_named_by_its_step(shown):
    worse = (X[:60], 1 - Y[:60])
    options = {"epochs": 9, "learning_rate": 0.5, "early_stopping": 1, "validation_data": worse}
    history = fitted((X[:60], Y[:60]), **options, watch=(X[:9], Y[:9]), test_data=(X[60:], Y[60:]))
    page = shown(history)
    assert history.test["step"] == 6 < history.last_step
    assert text(page, "#test-of") == "of 30 at step 6"


@pytest.mark.long
def test_an_error_says_of_how_many_samples_it_is(shown):
    y = X[:, 0] - X[:, 1]
    data, held = (X[:60], y[:60]), (X[60:], y[60:])
    history = fitted(data, output="linear", watch=data, test_data=held, schedule="cosine")
    page = shown(history)
    assert (text(page, "#test-name"), text(page, "#test-of")) == ("test error", "on 30")
    check_number(text(page, "#test"), history.test["error"])
    assert text(page, "#loss-of") == "60 watched"
    predicted = np.array([values[-1] for values in history.snapshots[-1].values])
    off = np.abs(predicted - y[:60]).mean()
    found = re.fullmatch(r"Error (\S+) on 60 watched", text(page, "#judged-heading"))
    check_number(found[1], off)
    assert page.locator("#number-accuracy").is_hidden()


def test_the_foot_says_how_the_page_is_verified(shown):
    made = {"watch": (X[:9], Y[:9]), "epochs": 1}
    about = shown(fitted((X, Y), **made)).locator("#about").text_content()
    assert "slownet.verify in Python, given the same data, trains again and compares" in about
    history = fitted((X, Y), **made, source={"command": "slownet train", "data": "moons"})
    about = shown(history).locator("#about").text_content()
    assert "“slownet verify” trains again and compares" in about


@pytest.mark.long
def test_unwatched_numbers_are_means_of_batches(shown):
    history = fitted((X, Y), epochs=20, batch_size=7)
    page = shown(history)
    assert len(history.loss) == 260
    for frame, step in enumerate(history.snapshot_steps):
        page.evaluate("frame => slownet.show(frame)", frame)
        count = min(5, max(1, step))
        batches = "a batch" if count == 1 else f"{count} batches"
        assert text(page, "#accuracy-of") == f"in training, {batches} of ≤ 7"
        mean = np.mean(history.accuracy[max(0, step - 5) : max(1, step)])
        assert number(text(page, "#accuracy")[:-2]) == pytest.approx(100 * mean, abs=0.0501)
    assert page.locator("#number-test").is_hidden()


@pytest.mark.long
def test_more_samples_than_are_judged_are_counted_as_such(shown):
    many = moons(700, 0.2, 1)
    page = shown(fitted(many, epochs=1, batch_size=50, watch=many))
    assert re.fullmatch(r"\d+ of the first 600 watched right", text(page, "#judged-heading"))
    assert text(page, "#accuracy-of").endswith(" of 700 watched")


@pytest.mark.long
@pytest.mark.parametrize("width", [1280, 360])
def test_the_numbers_of_digits_stand_whole_beside_the_samples(shown, width):
    X, y = load_mnist("test", limit=300)
    options = {"watch": (X[:200], y[:200]), "test_data": (X, y), "epochs": 1, "snapshots": 3}
    history = fitted((X, y), (784, 6, 10), **options)
    history.test["samples"], history.data["samples"] = 10_000, 60_000
    page = shown(history, width=width)
    page.evaluate("() => { document.getElementById('step').textContent = '18\u202f750'; }")
    boxes = {name: page.evaluate(BOX, name) for name in ("step", "accuracy-of", "test-of", "samples")}
    assert all(0 <= box[0] < box[2] <= width for box in boxes.values())
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    if width == 1280:  # in one row
        assert boxes["test-of"][2] < boxes["samples"][0]
        assert boxes["step"][1] < boxes["samples"][3]


@pytest.mark.parametrize(
    ("options", "kind"),
    mostly_long(
        [
            ({"schedule": "cosine", "learning_rate": 0.7}, "one step"),
            ({"schedule": functions.step(1, 0.3)}, "one step"),
            ({}, "one step"),
            ({"optimizer": "adam", "schedule": "exponential"}, "one step of plain descent"),
            ({"optimizer": functions.sgd(0.9)}, "one step of plain descent"),
            ({"l2": 0.01}, "one step of plain descent"),
            ({"dropout": 0.3}, "one step of plain descent"),
            ({"dropconnect": 0.2}, "one step of plain descent"),
        ],
        2,
        several=True,
    ),
)
def test_one_step_has_the_rate_that_the_next_step_had(shown, options, kind):
    history = fitted((X, Y), watch=(X[:5], Y[:5]), **options)
    page = shown(history)
    page.evaluate("() => slownet.player.choose({ weight: 3 })")
    sample = list(map(float, X[0]))
    for frame, snapshot in enumerate(history.snapshots):
        page.evaluate("frame => slownet.show(frame)", frame)
        line = text(page, "#one-step")
        is_last = snapshot.step == history.last_step
        rate = learning_rate_of(history, min(snapshot.step + 1, history.last_step))
        found = re.search(
            f"If it took {kind} on this sample alone {RATE}: .*loss (\\S+) → (\\S+)$", line
        )
        assert found, line
        assert number(found[1]) == pytest.approx(rate, rel=6e-4 if rate >= 1e-4 else 6e-3)
        assert ("as in the last step" in line) == is_last
        net = snapshot.restore()
        net.forward(sample)
        net.zero_grad()
        before = net.backward(int(Y[0]))
        gradient = net.weight(1, (1, 1)).grad
        net.update(rate)
        check_number(found[2], before)
        check_number(found[3], net.evaluate(X[:1], Y[:1]).loss)
        rows = page.eval_on_selector_all(
            "#details tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        )
        name = "step adds" if kind == "one step" else "plain step adds"
        (adds,) = [cells for cells in rows if cells[0] == name]
        check_number(adds[-1], -rate * gradient)


@pytest.mark.long
@pytest.mark.parametrize(
    ("keep", "callbacks", "why"),
    [
        ("none", (), "the data that it learned from are not here"),
        (7, (), "only a part of the data that it learned from is here"),
        ("all", LambdaCallback(on_epoch_end=bool), "its training cannot be repeated without Python"),
        ("all", (), ""),
    ],
)
def test_the_foot_says_why_a_page_does_not_train_itself(watched, pages, keep, callbacks, why):
    history = fitted((X, Y), callbacks=callbacks)
    page = watched.play(pages(history, keep=keep), "#step=0")
    foot = page.locator("#about").text_content()
    assert f"The net does not train again in this page, which shows snapshots: {why}." in foot or not why
    assert ("does not train again" in foot) == bool(why)


@pytest.mark.long
def test_the_foot_names_the_schedule_with_its_settings(shown):
    for options, wanted in (
        ({}, "sgd with rate 0.1, loss"),
        (
            {"schedule": "cosine"},
            "sgd with rate 0.1 and schedule cosine: 0.0001903 at the last step, loss",
        ),
        (
            {"schedule": functions.step(3, 0.5), "optimizer": functions.sgd(0.5)},
            "sgd(momentum 0.5) with rate 0.1 and schedule step(every 3, gamma 0.5): 0.05 at the last",
        ),
        (
            {"schedule": functions.Schedule("mine", lambda rate, epoch, epochs: rate / (1.0 + epoch))},
            "sgd with rate 0.1 and schedule mine (not built in): 0.02045 at the last step",
        ),
    ):
        history = fitted((X, Y), batch_size=10, **options)
        assert wanted in shown(history).locator("#about").text_content()


def test_the_rate_after_the_last_snapshot_is_named_by_its_step(shown):
    history = fitted((X, Y), schedule="cosine")
    history.snapshots = history.snapshots[:-2]
    step = history.snapshots[-1].step + 1
    rate = learning_rate_of(history, step)
    foot = shown(history).locator("#about").text_content()
    told = re.search(r"schedule cosine: (\S+) at step (\d+), loss", foot)
    assert told, foot
    assert int(told[2]) == step
    check_number(told[1], rate)


def test_a_page_of_an_unknown_training_plays(shown):
    """As of a file that holds no options."""
    history = fitted((X, Y), watch=(X[:5], Y[:5]))
    history.config, history.data = {}, {}
    page = shown(history)
    page.evaluate("() => slownet.player.choose({ weight: 3 })")
    assert "gradient" in text(page, "#details")
    foot = page.locator("#about").text_content()
    assert "undefined" not in foot
    assert "loss binary_cross_entropy" in foot


@pytest.mark.long
def test_what_is_frozen_is_said_and_takes_no_step(shown):
    layers = [Input(2), Dense(3, "tanh"), Dense(2, "tanh", bias=False), Dense(1)]
    net = NetFactory(layers=layers, seed=2).new()
    net.layers[1].freeze()
    history = net.fit(X, Y, epochs=2, snapshots=4, watch=(X[:5], Y[:5]), progress=False)
    page = shown(history)
    for weight, is_frozen in ((3, True), (7, False)):
        page.evaluate("weight => slownet.player.choose({ weight })", weight)
        rows = rows_of(page, "#details")
        assert ("frozen" in rows) == is_frozen
        assert (rows["step adds"] == ["frozen", "0"]) == is_frozen
        tip = page.evaluate(
            "weight => slownet.painter.words.brief({ weight }, slownet.painter.pass)", weight
        )
        assert tip[1].endswith(" (frozen)") == is_frozen
    for neuron, bias in ((2, "frozen"), (5, "none"), (7, "")):
        page.evaluate("neuron => slownet.player.choose({ neuron })", neuron)
        spelled = rows_of(page, "#terms")["+ bias"]
        assert (spelled[0] == "frozen") == (bias == "frozen")
        assert (spelled[-1] == "none") == (bias == "none")
        assert rows_of(page, "#details")["bias"][-1].endswith("(frozen)") == (bias == "frozen")
    foot = page.locator("#about").text_content()
    assert "does not change them: 6 of 14 weights, 3 of 6 biases." in foot
    assert "Frozen" not in shown(fitted((X, Y))).locator("#about").text_content()


def rows_of(page, selector):
    rows = page.eval_on_selector_all(
        f"{selector} tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return {name: cells for name, *cells in rows}


def test_without_samples_no_sums_are_shown(shown):
    history = fitted((X, Y))
    page = shown(history)
    page.evaluate("() => slownet.player.choose({ neuron: 3 })")
    assert list(rows_of(page, "#terms")) == list(rows_of(page, "#details")) == ["bias"]
    assert "watched no samples" in text(page, "#terms")
    assert page.locator("#chart-chosen").is_hidden()
    page.evaluate("() => slownet.player.choose({ weight: 3 })")
    assert list(rows_of(page, "#details")) == ["weight", "last change", "learned so far"]
    page.evaluate("() => slownet.player.choose({ neuron: 0 })")
    tip = page.evaluate("() => slownet.painter.words.brief({ neuron: 0 }, slownet.painter.pass)")
    assert tip == ["x1"]


def test_without_the_formula_of_a_schedule_no_rate_is_claimed(shown):
    mine = functions.Schedule("mine", lambda rate, epoch, epochs: rate / (1.0 + epoch))
    history = fitted((X, Y), watch=(X[:5], Y[:5]), schedule=mine)
    history.formulas.clear()
    page = shown(history)
    assert text(page, "#one-step") == ""
    page.evaluate("() => slownet.player.choose({ weight: 3 })")
    assert "gradient" in text(page, "#details")
    assert "step adds" not in text(page, "#details")
    assert "schedule mine (not built in), loss" in page.locator("#about").text_content()
