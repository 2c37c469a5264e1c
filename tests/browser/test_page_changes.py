"""Changes in the middle of a training, made as a reader makes them: the bits are always Python's."""

from __future__ import annotations

import random

import pytest
from slow import mostly_long, some
from training import training
from watching import let_paint


@pytest.fixture
def moons(browser, pages, moons_run):
    with training(browser, pages(moons_run, keep="auto")) as page:
        yield page.open_panel()


def choose(page, name, value):
    page.frame.select_option(f"#experiment select[aria-label='{label(name)}']", value)
    page.settle()


def label(name):
    """What the panel calls what an edit sets."""
    return LABELS.get(name, name)


def press(page, name):
    page.frame.click(f"#experiment button[aria-label^='{name}']")
    page.settle()


LABELS = {"rate": "learning rate", "batch": "batches of"}
SETTINGS = [
    *(("rate", "0.1"), ("batch", "20"), ("l1", "0.001"), ("l2", "0.01"), ("dropout", "0.2")),
    *(("optimizer", name) for name in ("adam", "rmsprop", "adagrad", "adamw", "nadam")),
]


@pytest.mark.long
def test_every_setting_of_the_panel(moons):
    """One after the other, each from a step of its own."""
    for k, (kind, value) in enumerate(SETTINGS):
        step = moons.go(20 + 10 * k).step
        choose(moons, kind, value)
        assert moons.edits[-1] == f"{step}_{kind}_{value}"
        assert moons.step == step
        assert moons.frame.input_value(f"select[aria-label='{label(kind)}']") == value
    assert len(moons.edits) == len(SETTINGS)
    moons.go(115).check()
    assert len(moons.frame.locator("#edits li").all()) == len(SETTINGS)
    assert "step 20: learning rate 0.1" in moons.text("#edits")
    moons.go(15)  # before all of them: the settings are those of the training
    assert moons.frame.input_value("select[aria-label='learning rate']") == "0.5"
    assert moons.frame.input_value("select[aria-label='optimizer']") == "sgd"


@pytest.mark.long
def test_another_choice_at_the_same_step_replaces_the_last(moons):
    moons.go(30)
    for rate in ("0.1", "0.3", "1"):
        choose(moons, "rate", rate)
    assert moons.edits == ["30_rate_1"]
    moons.go(60).check()


@pytest.mark.long
def test_layers_and_neurons(moons):
    moons.go(30)
    press(moons, "add a neuron to layer 1")
    assert moons.text("#layers .layer:nth-child(1)").split()[3] == "7"
    moons.check()
    moons.go(40)
    press(moons, "remove neuron 2.4")
    moons.go(50).check()
    press(moons, "add a layer of 4")
    choose(moons, "activation of layer 3", "relu")
    moons.go(70).check()
    press(moons, "remove layer 1")
    moons.go(90).check()
    kinds = [edit.split("_")[1] for edit in moons.edits]
    assert kinds == ["add", "remove", "layer", "activation", "unlayer"]
    moons.go(20)
    assert moons.frame.evaluate("() => slownet.net.layers.map(each => each.neurons.length)") == [
        2,
        6,
        5,
        1,
    ]


@pytest.mark.long
def test_undo_redo_start_again_and_other_weights(moons):
    page = moons.page
    assert page.is_disabled("#undo")
    assert page.is_disabled("#redo")
    moons.go(30)
    choose(moons, "rate", "0.1")
    moons.go(60)
    press(moons, "add a neuron to layer 1")
    edits = moons.edits
    page.click("#undo")
    assert moons.settle().edits == edits[:1]
    moons.check()
    page.click("#undo")
    assert moons.settle().edits == []
    moons.check()
    page.click("#redo")
    page.click("#redo")
    assert moons.settle().edits == edits
    assert page.is_disabled("#redo")
    moons.check()
    page.click("#again")
    assert moons.settle().edits == ["0_rate_0.1", "0_add_1"]
    assert moons.step == 0
    moons.go(50).check()
    page.click("#reseed")
    assert moons.settle().edits == ["0_seed_1", "0_rate_0.1", "0_add_1"]
    assert moons.step == 0
    moons.check()
    page.click("#reseed")
    assert moons.settle().edits[0] == "0_seed_2"
    moons.go(120).check()
    for _ in range(5):
        page.click("#undo")
        moons.settle()
    assert moons.edits == []
    moons.go(120).check()
    assert "every bit as in Python" in moons.text("#compared")


@pytest.mark.long
def test_a_change_drops_those_behind_it(moons):
    moons.go(60)
    choose(moons, "rate", "0.1")
    moons.go(40)
    choose(moons, "batch", "5")
    assert moons.edits == ["40_batch_5"]
    moons.page.click("#undo")
    assert moons.settle().edits == ["60_rate_0.1"]
    moons.go(80).check()


def click_tile(page, neuron):
    place = page.place("tiles", neuron)
    box = page.page.locator("#canvas").bounding_box()
    page.page.mouse.click(box["x"] + place["x"] + 5, box["y"] + place["y"] + 5)


@pytest.mark.long
def test_the_chosen_neuron_is_changed(moons):
    page = moons.go(40).page
    click_tile(moons, 4)
    assert moons.state["chosen"] == {"neuron": 4}
    page.locator("#chosen-actions input").fill("")
    page.keyboard.type("-0.75")  # in a field that is written in, keys are not those of the page
    assert moons.step == 40
    page.get_by_label("Set the bias").click()
    assert moons.settle().edits == ["40_bias_1.2_-0.75"]
    assert moons.state["chosen"] == {"neuron": 4}
    moons.check()
    page.click("#chosen-actions >> text=Remove")
    assert moons.settle().edits[-1] == "40_remove_1_2"
    assert moons.state["chosen"] is None
    moons.go(70).check()


@pytest.mark.long
def test_the_chosen_weight_is_changed(moons):
    moons.go(40)
    moons.frame.evaluate("() => slownet.player.choose({ weight: 3 })")
    actions = moons.page.locator("#chosen-actions")
    for name, edit in (("Freeze", "freeze"), ("Let it learn", "thaw"), ("Freeze", "freeze")):
        actions.get_by_text(name, exact=True).click()
        assert moons.settle().edits[-1] == f"40_{edit}_0.1_1.1"
        assert moons.state["chosen"] == {"weight": 3}  # it is still that one
    moons.go(60).check()
    before = actions.locator("input").input_value()
    actions.locator("input").fill("0.125")
    actions.get_by_label("Set the weight").click()
    assert moons.settle().edits[-1] == "60_set_0.1_1.1_0.125"
    for button, value in (("#undo", before), ("#redo", "0.125")):
        moons.page.click(button)
        moons.settle()
        assert actions.locator("input").input_value() == value
    moons.go(80).check()
    actions.get_by_text("Remove", exact=True).click()
    assert moons.settle().edits[-1] == "80_cut_0.1_1.1"
    moons.go(100).check()


@pytest.mark.long
def test_what_cannot_be_done_is_said_and_leaves_the_experiment(moons):
    page = moons.go(40).page
    for _ in range(5):
        press(moons, "remove neuron 1.")
    edits = moons.edits
    page.click("#undo")
    moons.settle()
    page.click("#redo")
    moons.settle().check()
    press(moons, "remove neuron 1.")
    assert moons.edits == edits
    problem = page.locator("#problem")
    assert "a layer keeps its last neuron" in problem.inner_text()
    page.click("#next")
    moons.settle().check()
    assert problem.is_hidden()
    press(moons, "remove neuron 1.")
    assert "a layer keeps its last neuron" in problem.inner_text()
    page.click("#play")
    moons.until("() => slownet.state().playing")
    assert problem.is_hidden()
    moons.go(60)
    press(moons, "remove neuron 1.")
    choose(moons, "rate", "0.1")
    assert problem.is_hidden()
    assert len(moons.edits) == 6


@pytest.mark.long
def test_what_cannot_be_done_while_it_plays(moons):
    """Also when the worker is on its way to another step, and many changes wait."""
    page = moons.go(0).page
    page.click("#play")
    moons.until("() => slownet.state().step > 3")
    page.evaluate(
        """() => {
            for (let k = 0; k < 8; k += 1) {
                document.querySelector("#experiment button[aria-label^='remove neuron 2.']").click();
            }
        }"""
    )
    moons.until("() => slownet.player.state.problem")
    moons.until("() => !slownet.state().playing")
    assert "there is no neuron 2.4" in moons.text("#problem")
    assert [edit.partition("_")[2] for edit in moons.settle().edits] == ["remove_2_4"]
    moons.check()


@pytest.mark.long
@pytest.mark.parametrize("step", [0, 60])
def test_a_training_that_diverges_stops_and_says_so(browser, pages, prices_run, step):
    with training(browser, pages(prices_run, keep="all")) as page:
        page.open_panel().go(step if step else 0)
        page.frame.evaluate("() => slownet.player.change('rate', 1e6)")
        page.settle()
        page.page.click("#train-on")
        page.until("() => !slownet.state().playing")
        assert "diverges" in page.settle().text("#problem")
        page.check()
        page.page.click("#undo")
        page.go(60).check()
        assert page.edits == []
        assert page.page.locator("#problem").is_hidden()


@pytest.mark.long
def test_changes_while_it_plays(moons):
    page = moons.go(0).page
    page.select_option("#speed", "0.25")
    page.click("#play")
    for k, (kind, value) in enumerate(SETTINGS[:4]):
        moons.until("step => slownet.state().step > step", 2 * k)
        page.select_option(f"select[aria-label='{label(kind)}']", value)
    page.select_option("#speed", "4")
    moons.until("() => !slownet.state().playing")
    moons.check()
    assert [edit.split("_")[1] for edit in moons.edits] == [kind for kind, _ in SETTINGS[:4]]


@pytest.mark.long
def test_fifty_changes(moons):
    choices = ["0.1", "0.3"]
    for k in range(50):
        moons.go(k + 1)
        choose(moons, "rate", choices[k % 2])
    assert len(moons.edits) == 50
    moons.go(120).check()
    box = moons.page.locator("#edits").bounding_box()
    assert box["height"] < 60
    assert moons.page.locator("#edits li").last.is_visible()


@pytest.mark.long
def test_more_changes_than_an_experiment_can_have(moons):
    moons.frame.evaluate(
        "() => { for (let k = 0; k < 1001; k += 1) slownet.player.change('point', 0.5, k / 1001, 1); }"
    )
    assert len(moons.edits) == 1000
    assert "at most 1\u202f000 edits" in moons.text("#problem")
    moons.until("() => slownet.player.state.frame === 120")


ACTIONS = {
    **{f"{kind} {value}": (choose, kind, value) for kind, value in SETTINGS},
    **{
        name: (press, name)
        for name in ("add a neuron to layer 1", "remove neuron 1.", "remove neuron 2.")
    },
    "layer": (press, "add a layer"),
    "unlayer": (press, "remove layer"),
    "relu": (choose, "activation of layer 1", "relu"),
    "points": (choose, "other points", "circles"),
    "noise": (choose, "noise", "0.1"),
}
SIZES = [(390, 844), (1280, 800), (800, 600)]


@pytest.mark.parametrize("seed", mostly_long(some(range(20), 10)))
def test_random_changes_have_the_bits_of_python(moons, seed):
    """Any clicks in any order, steps back and forth between them, while the window changes its size."""
    draw = random.Random(seed)
    for _ in range(12):
        what = draw.choice(
            [*ACTIONS, "go", "go", "go", "undo", "redo", "again", "reseed", "size", "play"]
        )
        if what == "go":
            moons.go(draw.randrange(moons.last + 1))
        elif what == "size":
            width, height = draw.choice(SIZES)
            moons.page.set_viewport_size({"width": width, "height": height})
        elif what == "play":
            moons.page.click("#play")
            let_paint(moons.page, 5)
            moons.page.evaluate("() => slownet.pause()")
        elif what in ACTIONS:
            action, *given = ACTIONS[what]
            control = f"#experiment [aria-label^='{label(given[0])}']"
            if moons.frame.locator(control).count():  # that layer may be gone
                action(moons, *given)
        elif moons.frame.is_enabled(f"#{what}"):
            moons.frame.click(f"#{what}")
        moons.settle()
    moons.check()
    moons.go(draw.randrange(150) if moons.last > 150 else moons.last).check()
