"""The steps below the slider stand where the slider is at them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from slow import mostly_long
from training import training
from watching import follow

from slownet import NetFactory, datasets

SCALE = """() => {
    const box = document.getElementById("slider").getBoundingClientRect();
    const { course } = slownet.player;
    const placeOf = (step) => course.placeOf(course.canTrain ? step : course.nearest(step));
    const texts = [...document.querySelectorAll("#slider-scale span")];
    return texts.filter(each => !each.hidden).map(each => {
        const { left, right, top, bottom } = each.getBoundingClientRect();
        const step = Number(each.textContent.replace("k", "000"));
        const thumb = box.left + 8 + (box.width - 16) * placeOf(step) / course.lastPlace;
        return { step, left, right, top, bottom, off: Math.abs((left + right) / 2 - thumb) };
    });
}"""
SIZES = [(1280, 800), (390, 844), (320, 640), (2560, 1440)]


@pytest.fixture(scope="module", params=["trains", "snapshots"])
def page(browser, pages, moons_run, request):
    with training(
        browser, pages(moons_run, keep="auto" if request.param == "trains" else "none")
    ) as page:
        yield page.page


@pytest.mark.parametrize("size", mostly_long(SIZES))
def test_the_scale_is_the_sliders(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_function(f"() => ({SCALE})().every(each => each.off < 2)")
    scale = page.evaluate(SCALE)
    steps = [each["step"] for each in scale]
    assert steps == [step for step in (0, 1, 10, 100) if step in steps]
    assert steps[0] == 0
    assert len(steps) >= 3
    for one, next_one in pairwise(scale):
        assert one["right"] < next_one["left"]
    below = page.evaluate("() => document.getElementById('numbers').getBoundingClientRect().top")
    assert max(each["bottom"] for each in scale) <= below


@pytest.mark.long
def test_a_longer_training_has_more_of_a_scale(browser, pages, moons_run):
    with training(browser, pages(moons_run, keep="auto")) as page:
        follow(page.page, "#step=3000")
        page.until(f"() => ({SCALE})().some(each => each.step === 1000)")
        assert max(each["off"] for each in page.page.evaluate(SCALE)) < 2


@pytest.mark.long
def test_few_snapshots_have_no_scale(browser, pages):
    X, y = datasets.moons(60, 0.1, 0)
    history = NetFactory([2, 3, 1], seed=0).new().fit(X, y, snapshots=2, watch=(X, y), progress=False)
    with training(browser, pages(history, keep="none")) as page:
        assert page.page.evaluate(SCALE) == []
