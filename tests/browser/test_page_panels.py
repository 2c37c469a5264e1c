"""The other panels: the tour, samples, predictions, charts and precision."""

from __future__ import annotations

import numpy as np
from opened import check_spelled


def test_a_tour_of_five_stops(digits):
    page, card = digits.page, digits.page.locator("#tour")
    assert card.is_hidden()
    page.keyboard.press("t")
    titles, marked = [], []
    for _ in range(5):
        titles.append(card.locator("h2").inner_text())
        marked.append(page.evaluate("() => document.querySelector('.toured')?.id"))
        assert len(card.locator("p").inner_text()) > 40
        card.locator("[data-go=next]").click()
    assert len(set(titles)) == 5
    assert all(marked)
    assert card.is_hidden()
    assert page.locator(".toured").count() == 0
    assert digits.state["playing"]
    assert digits.state["colours"] == "weights"
    page.evaluate("() => slownet.pause()")
    page.keyboard.press("t")
    card.locator("[data-go=next]").click()
    assert card.locator("h2").inner_text() == titles[1]
    card.locator("[data-go=back]").click()
    assert card.locator("h2").inner_text() == titles[0]
    card.locator("[data-go=end]").click()
    assert card.is_hidden()
    page.click("#take-tour")
    assert card.is_visible()
    page.keyboard.press("Escape")
    assert card.is_hidden()


def test_inputs_have_names_and_samples_can_be_chosen(flowers):
    flowers.show(14)
    flowers.page.select_option("#neuron", "4")
    names = set(flowers.rows("#terms table:first-of-type"))
    known = flowers.page.evaluate("() => slownet.net.preparation.inputs.map(each => each.name)")
    assert known[1:] == ["sepal width", "petal length", "petal width"]
    assert set(known) <= names
    assert flowers.page.locator("#sample option").count() == 10
    flowers.page.select_option("#sample", "4")
    assert flowers.state["place"] == 4
    place = flowers.page.evaluate("() => slownet.net.facts.samples[4].place")
    assert flowers.sample == list(map(float, flowers.history.watch.samples[place]))
    check_spelled(flowers, 14, 1, 0, place)


def test_how_right_the_net_is_about_all_samples(flowers, prices, digits):
    label = "() => document.querySelector('#judged-canvas').getAttribute('aria-label')"
    for frame in (0, 11):
        prices.show(frame)
        predicted = np.array([values[-1] for values in prices.history.snapshots[frame].values])
        off = np.abs(predicted - np.array(prices.history.watch.targets)[:, 0]).mean()
        assert f"off by {off:.2g}"[:10] in prices.page.evaluate(label).replace("−", "-")
        for made in (flowers, digits):
            made.show(frame)
            snapshot = made.history.snapshots[frame]
            classes = made.page.evaluate("() => slownet.net.facts.classes")
            truth = np.array(made.history.watch.targets).argmax(axis=1)
            last = len(classes)
            predicted = np.array([values[-last:] for values in snapshot.values]).argmax(axis=1)
            text = made.page.evaluate(label)
            for k, name in enumerate(classes):
                right = f"{name}: {((predicted == k) & (truth == k)).sum()} of {(truth == k).sum()}"
                assert right in text
            table = made.page.evaluate("frame => slownet.painter.views.judged.table(frame)", frame)
            for k in range(last):
                for j in range(last):
                    assert table[k][j] == ((truth == k) & (predicted == j)).sum()


def test_what_the_page_says_of_its_precision(digits, prices):
    assert "float64" in prices.page.locator("#about").text_content()
    digits.page.click("footer summary")
    text = digits.text("#about")
    assert "rounded" in text
    assert "400" in text.replace("\u202f", "")
    assert digits.history.data["X"][:16] in text
    assert f"trained with arithmetic {digits.history.arithmetic}: " in text
    digits.page.click("footer summary")
