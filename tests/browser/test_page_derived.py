"""Every number that the page shows of the net has a derivation, which gives that number and goes on."""

from __future__ import annotations

import re

import pytest
from opened import number
from page_trainings import XY
from test_pages_of_tables import trained
from training import training

from slownet import Callback, NetFactory
from slownet.page import Player

ALL = """async () => {
    const found = [];
    const dialog = document.getElementById("derivation");
    const seen = () => [...document.querySelectorAll(".derive")].filter(each => each.checkVisibility());
    for (let k = 0; k < seen().length; k += 1) {
        const opener = seen()[k];
        opener.click();
        while (!dialog.open || dialog.ariaBusy) await new Promise(requestAnimationFrame);
        const summary = dialog.querySelector("#derivation-parts > details > summary");
        found.push({
            shown: opener.closest(".derived").textContent,
            about: dialog.querySelector("#derivation > p").textContent,
            label: summary?.textContent.split(" = ")[0],
            result: summary && Number(summary.querySelector("data").value),
        });
        dialog.close();
        dialog.querySelector("#derivation-parts").replaceChildren();
    }
    return found;
}"""
NUMBERS = """() => {
    const { net, player } = slownet;
    const pass = player.run(player.state.frame);
    const measures = net.frames.measures(player.state.frame).map(({ which, value }) => [which, value]);
    const { loss: mean_loss, accuracy } = Object.fromEntries(measures);
    const numbers = { mean_loss, accuracy, sure: 1 - pass.value.at(-1) };
    const output = player.state.focus - net.begins.at(-2);
    if (output >= 0) numbers.prediction = net.preparation.own(output, pass.value[player.state.focus]);
    for (let n = net.inputs; n < net.neurons; n += 1) {
        const [layer, neuron] = net.idsOf(n);
        const add = (what, number) => numbers[`${what}_${layer}_${neuron}`] = number;
        for (const what of ["z", "value", "delta"]) add(what, pass[what]?.[n]);
        add("new_bias", net.bias(player.state.frame, n));
    }
    const { weight } = player.state.chosen ?? {};
    if (weight !== undefined) {
        numbers.gradient = net.gradient(pass, weight);
        numbers.weight = net.weight(player.state.frame, weight);
    }
    return numbers;
}"""


class Removing(Callback):
    """Takes a neuron away after the third step."""

    def on_step_end(self, training):
        if training.step == 3:
            training.net[1][3].remove()


SHOWN = {"new_weight": "weight", "loss_step": "mean_loss"}  # where the page shows them as these
IN_STEP = """() => {
    const { net, player, player: { state: { frame } } } = slownet;
    const pass = player.run(frame);
    const weights = net.weights(frame);
    const last = net.begins[net.layers.length - 1];
    const same = (first, second) => first === second;
    return Array.from({ length: net.neurons - net.inputs }, (_, k) => k + net.inputs).map((neuron) => {
        let z = net.bias(frame, neuron);
        for (let w = net.first(neuron); w < net.end(neuron); w += 1) {
            const from = net.entering(pass, w);
            if (from !== 0) z += weights[w] * from;
        }
        const { sent, keep, slope, derivative, value, delta } = net.derivation(pass, neuron);
        const isOutput = neuron >= last;
        return [
            same(z, pass.z[neuron]),
            isOutput || same(value * pass.keep[neuron], pass.value[neuron]),
            isOutput || same(sent.reduce((sum, { product }) => sum + product, 0) * keep, slope),
            derivative === null || same(slope * derivative, delta),
            pass.keep[neuron] * (isOutput ? 0 : 1),
        ];
    });
}"""


@pytest.fixture(scope="module")
def moons(browser, pages, moons_run):
    with training(browser, pages(moons_run, keep="auto")) as page:
        page.frame.evaluate("() => document.getElementById('backward').open = true")
        page.go(5)
        page.frame.evaluate("() => slownet.player.choose({ weight: slownet.net.source.length - 1 })")
        page.settle()
        yield page


def check(found, numbers):
    """Each derivation has the number of the net, and what is shown beside it are its first digits."""
    for each in found:
        label = each["label"]
        if label is None:
            continue
        wanted = numbers[re.sub("^(new_weight|loss_step).*", lambda found: SHOWN[found[1]], label)]
        assert each["result"] == wanted, each
        if "% sure" in each["shown"]:
            assert float(each["shown"].split()[0]) / 100 == pytest.approx(wanted, abs=6e-4)
        else:
            shown = each["shown"].replace("≈", "").strip()
            scale = 100 if "%" in shown else 1
            found = number(shown.rpartition("= ")[2].partition(" ")[0]) / scale
            assert found == pytest.approx(wanted, rel=0.02, abs=1e-3), each


@pytest.mark.long
def test_every_number_has_a_derivation(moons):
    for change in (
        "() => slownet.player.setSample(3)",
        "() => slownet.player.spell(slownet.net.inputs + 1)",
        "() => slownet.player.choose({ neuron: slownet.net.inputs + 2 })",
        "() => slownet.player.choose({ weight: 2 })",
    ):
        moons.frame.evaluate(change)
        moons.settle()
        found = moons.frame.evaluate(ALL)
        labels = {re.sub(r"[0-9_]+$", "", each["label"]) for each in found}
        assert labels >= {"mean_loss", "accuracy", "value", "z", "delta", "new_bias"}
        check(found, moons.frame.evaluate(NUMBERS))
    assert {"gradient", "new_weight"} <= labels


@pytest.mark.long
def test_a_weight_is_derived_from_step_to_step_down_to_its_seed(moons):
    moons.go(3).page.click("#details .result .derive")
    for step in (3, 2, 1):
        moons.page.wait_for_selector(f"#derivation > p:has-text('numbers of step {step}.')")
        (weight,) = (
            moons.page.locator("#derivation-parts > details > p")
            .filter(has_text=re.compile("^weight_"))
            .all()
        )
        weight.locator("button").click()
    moons.page.wait_for_selector("#derivation > p:has-text('was drawn from the seed')")
    for step in (1, 2, 3):
        moons.page.click("#derivation-back")
        moons.page.wait_for_selector(f"#derivation > p:has-text('numbers of step {step}.')")
    assert moons.page.locator("#derivation-back").is_hidden()
    moons.page.keyboard.press("Escape")


@pytest.mark.long
def test_where_the_net_got_another_shape_no_other_number_is_derived(browser, pages, moons_run):
    """A layer that is put in gives those after it other names."""
    with training(browser, pages(moons_run, keep="auto")) as made:
        made.go(3)
        made.frame.evaluate("() => slownet.player.change('layer', 1, 4, 'tanh')")
        made.settle()
        for weight in ("0", "slownet.net.graph.start[8]", "slownet.net.source.length - 1"):
            made.go(4)
            made.frame.evaluate(f"() => slownet.player.choose({{ weight: {weight} }})")
            made.settle()
            made.page.click("#details .result .derive")
            made.page.wait_for_selector("#derivation > p:has-text('numbers of step 4.')")
            summary = made.page.locator("#derivation-parts > details > summary data")
            shown = made.frame.evaluate(f"() => slownet.net.weight(4, {weight})")
            assert float(summary.get_attribute("value")) == shown
            made.page.locator("#derivation-parts > details > p button").first.click()
            origin = "numbers of step 3." if weight == "0" else "another shape"
            made.page.wait_for_selector(f"#derivation > p:has-text('{origin}')")
            made.page.keyboard.press("Escape")
        made.frame.evaluate("() => slownet.player.change('freeze', [0, 0], [1, 0])")
        made.settle().go(7)
        made.frame.evaluate("() => slownet.player.choose({ weight: 0 })")
        made.page.click("#details .result .derive")
        made.page.wait_for_selector("#derivation > p:has-text('was not changed in step 7')")
        made.page.click("#derivation-parts .seen")
        made.page.wait_for_selector("#derivation > p:has-text('numbers of step 4.')")


@pytest.mark.long
def test_in_a_step_that_is_taken_apart_numbers_are_those_of_the_step(moons):
    """With dropout and dropconnect, by which a value of the step is another than the net's."""
    moons.go(4).frame.evaluate("() => slownet.player.change('dropout', 0.4)")
    moons.frame.evaluate("() => slownet.player.change('dropconnect', 0.3)")
    moons.settle()
    moons.page.click("#take-apart")
    stands = "() => !slownet.player.apart.isBusy && slownet.player.state.apart?.told"
    moons.until(stands)
    for _ in range(3):
        moons.page.click("#apart-on-sample")
        moons.until(stands)
        rows = moons.frame.evaluate(IN_STEP)
        assert all(all(each[:4]) for each in rows), rows
        assert {0, 1} != {each[4] for each in rows}
        words = moons.text("#one-step")
        before, after = (
            number(each) for each in re.findall(r"loss ≈? ?([0-9.]+) → ([0-9.]+)", words)[0]
        )
        assert after < before, words  # both without dropout
        for neuron in ("slownet.net.inputs", "slownet.net.neurons - 1"):
            moons.frame.evaluate(f"() => slownet.player.spell({neuron})")
            found = [each for each in moons.frame.evaluate(ALL) if "_s" in (each["label"] or "")]
            assert len(found) >= 3
            for each in found:
                each["label"] = re.sub(r"_s\d+$", "", each["label"])
            check(found, moons.frame.evaluate(NUMBERS))
    moons.page.click("#apart-on-step")
    moons.until("() => slownet.player.state.apart?.told?.isSame && slownet.state().step === 5")
    moons.frame.evaluate("() => slownet.player.choose({ weight: 2 })")
    check(moons.frame.evaluate(ALL), moons.frame.evaluate(NUMBERS))  # of the net after the step
    moons.page.click("#apart-close")


@pytest.mark.long
def test_a_page_of_snapshots_derives_what_it_shows_and_names_the_call_for_a_weight(watched, tmp_path):
    """Rounded, of a net from which a neuron of a softmax layer was taken away."""
    net = NetFactory([2, 4, 1], "softmax", seed=5).new()
    options = {"watch": XY, "snapshots": 6, "callbacks": [Removing()], "progress": False}
    history = net.fit(*XY, epochs=2, batch_size=4, **options)
    path = tmp_path / "page.html"
    path.write_text(Player(history, keep="none", bits=12).text, encoding="utf-8")
    page = watched.play(path)
    page.evaluate("() => slownet.opened")
    page.evaluate("() => document.getElementById('backward').open = true")
    page.evaluate("() => slownet.player.choose({ weight: 0 })")
    page.evaluate("() => slownet.player.spell(slownet.net.inputs)")
    found = page.evaluate(ALL)
    check(found, page.evaluate(NUMBERS))
    assert {"gradient", "z_1_0", "value_1_0", "delta_1_0"} <= {each["label"] for each in found}
    assert any("rounded" in each["about"] for each in found)
    (call,) = {
        match[1]
        for each in found
        for match in [
            re.search(r'history\.explain\((\d+, "new_weight_[0-9_]+"), \(X, y\)\)', each["about"])
        ]
        if match
    }
    step, name = call.split(", ")
    derived = history.explain(int(step), name.strip('"'), XY)
    shown = next(each["shown"] for each in found if call in each["about"])
    assert number(shown.replace("≈", "").strip()) == pytest.approx(derived.value, abs=2e-3)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 4])
def test_a_prediction_is_derived_in_the_unit_of_its_table(watched, pages, seed):
    """Beside its neuron, in what is chosen, and in the verdict, if there is but one."""
    page = watched.play(pages(trained(seed), keep="all"))
    page.evaluate("() => slownet.opened")
    outputs = page.evaluate("() => slownet.net.neurons - slownet.net.begins.at(-2)")
    assert outputs == (2 if seed == 4 else 1)
    for output in range(outputs):
        page.evaluate(
            "output => slownet.player.choose({ neuron: slownet.net.begins.at(-2) + output })", output
        )
        found = page.evaluate(ALL)
        predictions = [each for each in found if each["label"] == "prediction"]
        assert len(predictions) == (2 if outputs > 1 else 3)
        check(found, page.evaluate(NUMBERS))
    page.click("#terms .derive >> nth=-1")
    parts = page.locator("#derivation-parts")
    (scaled,) = parts.locator("p:has-text(' · ')").all_inner_texts()[:1]
    assert re.fullmatch(r"= value_\d_\d · scale \+ centre", scaled)
    assert "given: what the training took from its targets" in parts.inner_text()
    parts.locator("summary:has-text('value of')").click()
    parts.locator("summary:has-text('sum z of')").wait_for()


@pytest.mark.long
def test_a_reader_gets_in_and_out(moons):
    """Pressed while it plays; all terms and digits; the focus comes back; another moment closes it."""
    page = moons.go(5).page
    moons.frame.evaluate("() => slownet.player.spell(slownet.net.neurons - 1)")
    box = page.locator("#terms .derive").first.bounding_box()
    page.click("#play")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    step = moons.step
    moons.until("step => slownet.state().step > step + 3", step)  # it was painted since
    page.mouse.up()
    page.wait_for_selector("#derivation[open]:not([aria-busy])")
    page.keyboard.press("Escape")
    moons.settle().go(12)
    page.click("#terms .derive >> nth=0")
    page.wait_for_selector("#derivation[open]:not([aria-busy])")
    parts = page.locator("#derivation-parts")
    for name in ("mean_bias_", "bias_grad_", "2 smaller terms"):
        parts.locator(f"summary:has-text('{name}')").click()
    parts.locator("li").nth(9).wait_for()
    terms = [float(each.get_attribute("value")) for each in parts.locator("li data").all()]
    gradient = parts.locator("summary:has-text('bias_grad_') data").get_attribute("value")
    assert len(terms) == 10
    assert sum(terms) == pytest.approx(float(gradient), rel=1e-12)
    figure = parts.locator("li data").first
    assert len(figure.inner_text()) < len(figure.get_attribute("value"))
    page.click("#derivation-digits")
    assert figure.inner_text() == figure.get_attribute("value").replace("-", "−")
    page.click("#derivation-digits")
    derive = page.locator("#terms .derive").first.get_attribute("aria-label")
    page.evaluate("() => slownet.player.paint()")
    page.keyboard.press("Escape")
    moons.until("derive => document.activeElement.ariaLabel === derive", derive)
    page.click("#terms .derive >> nth=1")
    page.wait_for_selector("#derivation[open]:not([aria-busy])")
    formula = parts.locator("p, summary").filter(has_text=re.compile("[+·] −"))
    assert formula.count() == 0  # it stands in parentheses
    page.evaluate("() => { location.hash = 'step=7'; }")
    page.wait_for_selector("#derivation", state="hidden")
    moons.until("() => slownet.state().step === 7")
    moons.settle()
