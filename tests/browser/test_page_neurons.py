"""Neurons spelled out, and what a click on a neuron, weight or pixel shows."""

from __future__ import annotations

import re

import numpy as np
import pytest
from opened import check_number, check_spelled, last_place, number


@pytest.mark.long
def test_a_neuron_is_spelled_out(digits):
    """Hidden neurons are images of weights and contributions; outputs have terms."""
    for frame in (0, 7, 19):
        digits.show(frame)
        for place in (3, 9):
            digits.page.keyboard.press(str(place))
            for flat, layer, neuron in ((786, 1, 2), (784 + 8 + 4, 2, 4)):
                digits.page.select_option("#neuron", str(flat))
                assert digits.page.locator("#images").is_visible() == (layer == 1)
                rows, terms, _ = check_spelled(digits, frame, layer, neuron, place)
                if layer == 1:
                    continue
                listed = {name: cells for name, cells in rows.items() if name.startswith("neuron")}
                assert len(listed) == min(6, sum(value != 0 for value, _ in terms.values()))
                for name, (product, contribution) in listed.items():
                    value, weight = terms[int(name.split()[-1])]
                    a, b = product.split(" × ")
                    check_number(b, weight)
                    # values and contributions are computed here from rounded weights
                    assert number(a) == pytest.approx(value, abs=last_place(a) + 1e-3)
                    assert number(contribution) == pytest.approx(
                        value * weight, abs=last_place(contribution) + 2e-3
                    )


def test_every_number_is_right_where_numbers_are_exact(prices, flowers):
    for made, layer, neuron, flat in ((prices, 2, 0, 11), (flowers, 2, 3, 14), (flowers, 3, 1, 18)):
        shown_first = made.page.evaluate("() => slownet.net.facts.samples[0].place")
        for frame in (0, 5, 11):
            made.show(frame)
            made.page.select_option("#neuron", str(flat))
            rows, terms, net = check_spelled(made, frame, layer, neuron, shown_first)
            products = sorted((value * weight for value, weight in terms.values()), key=abs)[::-1]
            listed = [cells for cells in rows.values() if " × " in cells[0]][:6]
            shown = [term for term in products if term != 0][:6]
            assert len(listed) == len(shown)
            for (product, contribution), term in zip(listed, shown, strict=True):
                check_number(contribution, term)
                a, b = product.split(" × ")
                assert any(
                    abs(number(a) - value) <= last_place(a) and abs(number(b) - weight) <= last_place(b)
                    for value, weight in terms.values()
                )
            rest = [term for term in products if term != 0][6:]
            if rest:
                check_number(rows[f"{len(rest)} more"][-1], sum(rest))
            check_delta(made, net.layers[layer].neurons[neuron])


def check_delta(made, neuron):
    rows = made.rows("#backward table")
    check_number(rows["= delta"][-1], neuron.delta)
    if "× f′(z)" in rows and neuron.weights["out"]:
        slope = neuron.layer.activation.derivative(neuron.z, neuron.value)
        check_number(rows["× f′(z)"][-1], slope)
        sent = [weight.value * weight.target.delta for weight in neuron.weights["out"].values()]
        check_number(rows["= slope"][-1], sum(sent))
        assert (f"{len(sent) - 3} more" in rows) == (len(sent) > 3)
        listed = [cells for cells in rows.values() if " × " in cells[0]]
        for (_, term), wanted in zip(listed, sorted(sent, key=abs)[::-1], strict=False):
            check_number(term, wanted)


def test_a_clicked_pixel_tells_its_weight_and_its_history(digits):
    digits.show(12)
    digits.page.keyboard.press("3")
    pixel = 14 * 28 + 13
    tile = digits.place("tiles", 784 + 5)
    size = tile["size"] / 28
    digits.click("#canvas", tile["x"] + 13.5 * size, tile["y"] + 14.5 * size)
    weight = digits.state["chosen"]["weight"]
    ends = digits.page.evaluate("w => [slownet.net.source[w], slownet.net.target[w]]", weight)
    assert ends == [pixel, 789]
    assert digits.text("#chosen-name") == "pixel (14, 13) → neuron 5"
    over = digits.history.weight(1, (pixel, 5))
    rows = digits.rows("#details")
    check_number(rows["weight"][-1], over[12])
    step = digits.page.evaluate("() => slownet.net.facts.precision.layers[1].step")
    for row, before in (("last change", 11), ("learned so far", 0)):
        text = rows[row][-1]
        assert abs(number(text) - (over[12] - over[before])) <= last_place(text) + step
    x, y = digits.curve()
    assert x[1:] == [each.step for each in digits.history.snapshots][1:]
    assert y == pytest.approx(over, abs=step)
    net = digits.backward(12, 3)
    found = net.layers[1].neurons[5].weights["in"][pixel, 5]
    assert number(rows["gradient"][-1]) == pytest.approx(found.grad, rel=0.02, abs=2e-4)
    factors = re.fullmatch(r"(\S+) × (\S+)", rows["gradient"][0])
    assert number(factors[1]) == pytest.approx(found.target.delta, rel=0.02, abs=2e-4)
    assert number(factors[2]) == pytest.approx(found.source.value, abs=0.005)


def test_a_clicked_neuron_tells_its_values_and_its_history(digits):
    digits.page.keyboard.press("6")
    digits.show(19)
    disc = digits.place("discs", 784 + 8 + 6)
    digits.click("#canvas", disc["x"] + 2, disc["y"] - 2)
    assert digits.state["chosen"] == {"neuron": 798}
    assert digits.state["focus"] == 798
    assert digits.text("#chosen-name") == "output “6”"
    rows = digits.rows("#details")
    z, value = digits.history.snapshots[19].neuron(2, 6, 6)
    check_number(rows["z"][-1], z)
    check_number(rows["value"][-1], value)
    _, y = digits.curve()
    wanted = [snapshot.neuron(2, 6, 6)[1] for snapshot in digits.history.snapshots]
    assert y == pytest.approx(wanted, abs=1e-3)
    digits.page.keyboard.press("Escape")
    assert digits.page.locator("#chart-chosen").is_hidden()
    assert "output" not in digits.text("#chosen-name")
    assert "Click" in digits.text("#details")


def test_a_clicked_edge_tells_its_weight_and_gradient(prices):
    prices.show(6)
    edge = prices.page.evaluate(
        """() => {
            const { netView } = slownet.painter;
            for (const edge of [...netView.edges].reverse()) {
                for (const share of [0.5, 0.35, 0.65, 0.25, 0.75]) {
                    const x = edge.x0 + share * (edge.x1 - edge.x0);
                    const y = edge.y0 + share * (edge.y1 - edge.y0);
                    if (netView.at(x, y)?.weight === edge.weight) return { ...edge, x, y };
                }
            }
        }"""
    )
    box = prices.page.locator("#canvas").bounding_box()
    prices.page.mouse.move(box["x"] + edge["x"], box["y"] + edge["y"])
    tip = prices.text("#tip")
    prices.page.mouse.click(box["x"] + edge["x"], box["y"] + edge["y"])
    assert prices.state["chosen"] == {"weight": edge["weight"]}
    source, target = prices.page.evaluate(
        "w => [slownet.net.source[w], slownet.net.target[w]]", edge["weight"]
    )
    net = prices.backward(6, 0)
    layer, i, j = (1, source, target - 5) if target < 11 else (2, source - 5, target - 11)
    weight = net.weight(layer, (i, j))
    over = prices.history.weight(layer, (i, j))
    rows = prices.rows("#details")
    assert float(rows["weight"][-1].replace("−", "-")) == weight.value  # to the last bit
    check_number(rows["last change"][-1], over[6] - over[5])
    check_number(rows["learned so far"][-1], over[6] - over[0])
    check_number(rows["contribution"][-1], weight.value * weight.source.value)
    check_number(rows["gradient"][-1], weight.grad)
    factors = re.fullmatch(r"(\S+) × (\S+)", rows["gradient"][0])
    check_number(factors[1], weight.target.delta)
    check_number(factors[2], weight.source.value)
    rate = prices.history.config["learning_rate"]
    check_number(rows["step adds"][-1], -rate * weight.grad)
    assert prices.curve()[1] == over
    assert str(weight.value).replace("-", "−") in tip
    if layer == 1:
        assert tip.startswith(f"x{i + 1} → neuron {j}")


def test_one_step_of_descent_is_what_python_makes_of_it(digits, prices):
    rate = digits.history.config["learning_rate"]
    for frame, place in ((0, 4), (8, 2), (19, 9)):
        digits.show(frame)
        digits.page.keyboard.press(str(place))
        net = digits.backward(frame, place)
        sample = list(map(float, digits.history.watch.samples[place]))
        before = net.forward(sample)[place]
        loss = -np.log(before)
        net.update(rate)
        after = net.forward(sample)[place]
        listed = digits.text("#one-step")
        pattern = r"alone \(rate ([0-9.]+).*\): “(\d)” (\S+) % → (\S+) %, loss ≈ (\S+) → (\S+)$"
        found = re.search(pattern, listed)
        assert found, listed
        assert float(found[1]) == rate
        assert int(found[2]) == place
        assert float(found[3]) == pytest.approx(100 * before, abs=0.6)
        assert float(found[4]) == pytest.approx(100 * after, abs=0.6)
        assert number(found[5]) == pytest.approx(loss, rel=0.01, abs=1e-3)
        assert number(found[6]) == pytest.approx(-np.log(after), rel=0.01, abs=1e-3)
    prices.show(4)
    net = prices.backward(4, 0)
    sample = list(map(float, prices.history.watch.samples[0]))
    (before,) = net.forward(sample)
    net.update(prices.history.config["learning_rate"])
    (after,) = net.forward(sample)
    found = re.search(r"\): (\S+) → (\S+), loss (\S+) → (\S+)$", prices.text("#one-step"))
    check_number(found[1], before)
    check_number(found[2], after)
