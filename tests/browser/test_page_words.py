"""What a page that trains says of the training as it is: after changes and back in time."""

from __future__ import annotations

import pytest
from training import training
from watching import follow

from slownet import NetFactory, datasets


@pytest.fixture
def moons(browser, pages, moons_run):
    with training(browser, pages(moons_run, keep="auto")) as page:
        yield page.open_panel()


def change(page, kind, *args):
    page.frame.evaluate("edit => slownet.player.change(...edit)", [kind, *args])
    page.settle()


def details(page) -> dict[str, str]:
    rows = page.frame.locator("#details tr").all()
    return {row.locator("th").inner_text(): row.locator("td").last.inner_text() for row in rows}


def weight(page) -> float:
    return page.frame.evaluate("() => slownet.player.course.told.weights[slownet.state().chosen.weight]")


def choose_first(page, layer: int) -> None:
    """Choose the first weight into a layer."""
    page.frame.evaluate(
        """layer => {
            const { net, player } = slownet;
            player.choose({ weight: net.first(net.begins[layer]) });
        }""",
        layer,
    )


def about(page) -> str:
    return page.frame.evaluate("() => document.getElementById('about').textContent")


@pytest.mark.long
def test_options_that_were_changed_are_those_that_it_speaks_of(moons):
    moons.go(40)
    assert "If it took one step on this sample alone (rate 0.5)" in moons.text("#one-step")
    assert "batches of 10, 20 epochs, sgd with rate 0.5," in about(moons)
    change(moons, "optimizer", "adam")
    change(moons, "rate", 0.01)
    change(moons, "l2", 0.001)
    moons.frame.evaluate("() => slownet.player.choose({ weight: 3 })")
    assert "If it took one step of plain descent on this sample alone (rate 0.01)" in moons.text(
        "#one-step"
    )
    assert "plain step adds" in details(moons)
    assert "batches of 10, adam with rate 0.01, loss" in about(moons)
    assert "0.001 × w² / 2 (l2)" in about(moons)
    assert "sgd" not in about(moons)
    assert "every number of this page" not in about(moons)
    moons.go(39)  # before the changes, what is trained with is as it was
    assert "batches of 10, 20 epochs, sgd with rate 0.5," in about(moons)
    assert "one step on this sample" in moons.text("#one-step")


@pytest.mark.long
def test_points_that_were_added_are_counted(moons):
    moons.go(10)
    assert "60 samples" in about(moons)
    assert "SHA-256 of the data:" in about(moons)
    change(moons, "point", 0.5, 0.5, 1)
    assert "61 samples" in about(moons)
    assert "SHA-256 of the data, before the reader’s changes:" in about(moons)


@pytest.mark.long
def test_epochs_and_batches_after_batches_of_another_size(moons):
    moons.go(30)
    assert moons.text("#epoch") == "5.00"
    change(moons, "batch", 20)
    assert moons.text("#epoch") == "5.00"  # no more was learned from
    assert moons.text("#loss-of") == "in training, a batch of 10"
    moons.go(33)
    assert moons.text("#epoch") == "6.00"
    assert moons.text("#loss-of") == "in training, a batch of 20"
    moons.go(29)
    assert moons.text("#epoch") == "4.83"
    change(moons, "batch", 1000)
    moons.go(31)
    assert moons.text("#epoch") == "6.83"
    assert moons.text("#loss-of") == "in training, a batch of 60"  # all there are


@pytest.mark.long
def test_batches_of_two_sizes_have_none_in_common(moons):
    moons.go(118)
    change(moons, "batch", 20)
    moons.go(119)
    assert moons.text("#loss-of") == "in training, 2 batches"


@pytest.mark.long
def test_a_weight_is_compared_with_the_step_before_or_with_none(moons):
    moons.go(50)
    moons.frame.evaluate("() => slownet.player.choose({ weight: 3 })")
    before = weight(moons)
    moons.go(51)
    assert float(details(moons)["since step 50"].replace("−", "-")) == pytest.approx(
        weight(moons) - before, rel=1e-4
    )
    moons.go(50)  # back: a later step is none that it has changed since
    assert not any("since" in name for name in details(moons))


@pytest.mark.long
def test_what_was_learned_begins_when_a_weight_is_new(moons):
    moons.go(50)
    change(moons, "add", 1)
    new = moons.frame.evaluate(
        """() => {
            const { source, target, begins } = slownet.net;
            return source.findIndex((_, w) => target[w] === begins[2] - 1);
        }"""
    )
    moons.frame.evaluate("weight => slownet.player.choose({ weight })", new)
    assert details(moons)["learned so far"] == "0"
    first = weight(moons)
    assert first != 0
    moons.go(70)
    learned = float(details(moons)["learned so far"].replace("−", "-"))
    assert learned == pytest.approx(weight(moons) - first, rel=1e-4)


@pytest.mark.long
def test_what_was_learned_behind_a_new_layer(moons):
    """Layers behind it have other ids than before."""
    moons.go(50)
    moons.frame.evaluate(
        "() => slownet.player.choose({ weight: slownet.net.first(slownet.net.begins[3]) })"
    )
    before = details(moons)["learned so far"]
    change(moons, "layer", 0, 4, "tanh")
    moons.frame.evaluate(
        "() => slownet.player.choose({ weight: slownet.net.first(slownet.net.begins[4]) })"
    )
    assert details(moons)["learned so far"] == before


@pytest.mark.long
def test_what_was_learned_from_other_first_weights(moons):
    moons.go(20)
    moons.frame.click("#reseed")
    moons.settle()
    moons.frame.evaluate("() => slownet.player.choose({ weight: 3 })")
    first = weight(moons)
    assert details(moons)["learned so far"] == "0"
    moons.go(30)
    learned = float(details(moons)["learned so far"].replace("−", "-"))
    assert learned == pytest.approx(weight(moons) - first, rel=1e-4)
    assert "seed 1." in about(moons)


@pytest.mark.long
def test_a_test_is_of_the_training_without_changes(browser, pages, bikes_run):
    with training(browser, pages(bikes_run, keep="all")) as page:
        assert page.frame.is_visible("#number-test")
        change(page, "rate", 0.01)
        assert page.frame.is_hidden("#number-test")
        page.open_panel().frame.click("#undo")
        page.settle()
        assert page.frame.is_visible("#number-test")


@pytest.mark.long
def test_the_end_is_where_early_stopping_ended_it(browser, tmp_path):
    X, y = datasets.moons(60, 0.2, 0)
    net = NetFactory([2, 6, 1], hidden_activation="tanh", seed=0).new()
    history = net.fit(
        *(X, y),
        epochs=300,
        batch_size=10,
        learning_rate=0.5,
        validation_data=datasets.moons(40, 0.2, 5),
        early_stopping=2,
        snapshots=10,
        progress=False,
    )
    assert history.steps[-1] < 1800
    with training(browser, history.write_html(tmp_path / "early.html")) as page:
        assert page.step == page.last == history.steps[-1]
        assert f"{page.step} of {page.step} steps, every bit as in Python" in page.text("#compared")
        assert "300 epochs (early stopping ended it at step" in about(page)


@pytest.mark.long
def test_steps_are_called_steps(moons):
    for name in ("previous", "next", "slider"):
        element = moons.frame.locator(f"#{name}")
        assert "snapshot" not in element.get_attribute("aria-label")
        assert "snapshot" not in (element.get_attribute("title") or "")
    assert moons.frame.locator("#next").get_attribute("aria-label") == "One step on"


@pytest.mark.long
def test_a_step_that_is_too_far_leaves_the_slider_as_it_was(moons):
    last = moons.last
    place = moons.frame.evaluate("() => slownet.player.course.lastPlace")
    follow(moons.frame, "#step=1000000000")
    moons.until("() => slownet.player.isOnTheWay && slownet.player.course.last > 4_000_000")
    moons.frame.press("body", "Home")
    moons.settle()
    assert moons.frame.evaluate("() => slownet.player.course.lastPlace") < 100 * place
    follow(moons.frame, "#step=1000000000")
    moons.until("() => slownet.player.isOnTheWay")
    follow(moons.frame, "#step=40")
    moons.until("() => slownet.state().step === 40")
    assert moons.settle().last < 1_000_000
    assert moons.last >= last


@pytest.mark.long
def test_the_last_step_that_a_page_has_room_for_says_so(moons):
    moons.frame.evaluate("() => { slownet.player.course.timeline.most = 300; }")
    follow(moons.frame, "#step=1000000000")
    moons.until("() => slownet.state().step === 300")
    assert moons.settle().last == 300
    problem = moons.frame.locator("#problem")
    assert "no further" in problem.inner_text()
    moons.frame.click("#train-on")
    assert moons.settle().step == 300
    moons.check()
    moons.go(299)
    assert problem.is_hidden()
    moons.frame.click("#train-on")
    moons.until("() => slownet.state().step === 300 && !slownet.state().playing")
    assert problem.is_visible()


@pytest.mark.long
def test_steps_and_undo_count_from_where_it_is_going(moons):
    """On the way back it passes frames of earlier steps, and none of them is what the reader saw."""
    moons.go(110)
    change(moons, "rate", 0.3)
    change(moons, "l2", 0.001)
    moons.go(115)
    moons.frame.evaluate(
        """() => {
            const { player } = slownet;
            player.step(-1);
            player.state.frame = 111; // as on the way from a state that was kept
            player.step(-1);
            player.state.frame = 111;
            player.changes.undo();
        }"""
    )
    assert moons.settle().step == 113
    assert moons.edits == ["110_rate_0.3"]


@pytest.mark.long
def test_the_history_of_a_weight_goes_on_and_changes(moons):
    label = "() => document.getElementById('chart-chosen').getAttribute('aria-label')"
    moons.go(50)
    moons.frame.evaluate("() => slownet.player.choose({ weight: 3 })")
    change(moons, "set", [0, 1], [1, 1], 7)
    moons.until(f"() => ({label})().endsWith('to 7.000')")
    assert "changed so far" in details(moons)
    moons.go(100)
    moons.until(f"() => !({label})().endsWith('to 7.000')")
    moons.frame.click("#undo")
    moons.settle()
    moons.until(f"() => !/to [67][.]/.test(({label})())")
