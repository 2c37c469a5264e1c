"""The charts of a page: curves that grow, and axes, beside those of Python's figures."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from javascript import deno

from slownet.page.modules import script_of
from slownet.plotting.lines import (
    START,
    accuracy_axis,
    loss_axis,
    mean_at,
    running_mean,
    step_axis,
    window_of,
)

SCRIPT = """
%s
const { Curve, Points, places } = modules["curves.js"];
const { lossAxis, plainAxis, shareAxis, stepAxis } = modules["axes.js"];
const given = JSON.parse(Deno.readTextFileSync("given.json"));
const plainly = ({ x, y }) => ({ x: [...x], y: [...y] });
const range = ({ low, high, ticks, text }) => {
  return { low, high, ticks, texts: ticks.map((all) => all.map(text)) };
};
const taken = (start, parts) => {
  const curve = new Curve(start);
  for (const [since, numbers] of parts) curve.take(since, numbers);
  return curve;
};
const told = (action) => {
  try {
    action();
  } catch (error) {
    return error.message;
  }
};
const found = {
  curves: given.curves.map(({ start, parts, steps, part }) => {
    const curve = taken(start, parts);
    const [whole, window] = [plainly(curve.line()), curve.window];
    const means = steps.map((step) => curve.meanAt(step));
    const other = curve.upTo(part);
    other.take(other.last, [1, 2]);
    return { whole, window, means, part: plainly(other.line()), after: plainly(curve.line()) };
  }),
  places: given.counts.map((count) => places(count)),
  gap: told(() => taken(5, [[5, [1, 2]], [8, [1]]])),
  before: told(() => taken(5, [[4, [1]]])),
  points: given.points.map((all) => {
    const points = new Points();
    for (const [step, number] of all) points.add(step, number);
    const [line, half] = [plainly(points.line()), points.upTo(all.length / 2)];
    return { line, half: plainly(half.line()), after: plainly(points.line()) };
  }),
  losses: given.losses.map((lines) => range(lossAxis(lines))),
  below: range(lossAxis([[-3, 1], [2]])),
  shares: given.shares.map((lines) => range(shareAxis(lines))),
  numbers: given.numbers.map((lines) => range(plainAxis(lines))),
  steps: given.steps.map((last) => range(stepAxis(last))),
};
Deno.writeTextFileSync("found.json", JSON.stringify(found));
"""
COUNTS = [1, 2, 3, 24, 25, 26, 74, 75, 76, 124, 125, 126, 175, 400, 401, 999, 1000, 4321, 70_000]


def pieces(start: int, numbers: list[float], draw: np.random.Generator) -> list[Any]:
    """The numbers as they may come: in pieces, now and then others first, which are taken back."""
    parts: list[Any] = []
    done = 0
    while done < len(numbers):
        size = int(draw.integers(1, max(2, len(numbers) // 3)))
        if draw.random() < 0.5:
            parts.append((start + done, draw.normal(size=size + 3).tolist()))
        parts.append((start + done, numbers[done : done + size]))
        done += size
    return parts


def drawn_losses(draw: np.random.Generator) -> list[list[list[float]]]:
    """Lines of losses of all sizes and spans, with some that stand on no logarithmic axis."""
    found = []
    for _ in range(60):
        spread = 10 ** draw.uniform(-6, 1.5)
        exponents = draw.normal(draw.uniform(-9, 6), spread, size=(2, 30)).clip(-307, 307)
        lines = (10.0**exponents).tolist()
        lines[0][3] = 0.0
        found.append(lines)
    return [*found, [], [[]], [[1.0]], [[0.7, 0.7]], [[1e-300, 1e300]], [[0.0]], [[0.5], [0.5000001]]]


@pytest.fixture(scope="module")
def given() -> dict[str, Any]:
    draw = np.random.default_rng(0)
    curves = []
    for count in COUNTS:
        start = int(draw.integers(0, 3)) * 7
        numbers = (draw.normal(size=count) ** 2).tolist()
        steps = [start, *map(int, draw.integers(start + 1, start + count + 1, 5)), start + count]
        part = int(draw.integers(start, start + count + 1))
        parts = pieces(start, numbers, draw)
        curves.append({"start": start, "numbers": numbers, "parts": parts, "steps": steps, "part": part})
    many = [(int(step), float(step) / 2) for step in draw.permutation(5000)]
    return {
        "curves": curves,
        "counts": [0, 1, 2, 90, 400, 5_000, 5_001, 999_999, 1_000_000, 3_000_000],
        "points": [[(3, 1.0), (1, 2.0), (3, 5.0), (0, 0.0)], [(k, k / 2) for k in range(9000)], many],
        "losses": drawn_losses(draw),
        "shares": [[[0.1, 0.9]], [[0.7], [0.99]], [[0.6]], []],
        "numbers": [
            *([(draw.normal(size=20) * 10.0**k).tolist()] for k in range(-300, 308, 19)),
            *[[[0.25] * 3], [[1.0, float(np.nextafter(1.0, 2.0))]], [[-1.7e308, 1.7e308]], [[0.0]], []],
            [[3.0, 1e16, 1e16 + 2]],
        ],
        "steps": [0, 1, 3, 9, 10, 99, 100, 2000, 1_000_000, 10**8],
    }


@pytest.fixture(scope="module")
def found(given: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("charts")
    (folder / "given.json").write_text(json.dumps(given), encoding="utf-8")
    script = Path(folder, "run.js")
    script.write_text(SCRIPT % script_of("curves.js", "axes.js"), encoding="utf-8")
    deno(script)
    return json.loads((folder / "found.json").read_text(encoding="utf-8"))


def test_the_line_of_a_curve_is_the_running_mean_of_python(given: Any, found: Any) -> None:
    for curve, drawn in zip(given["curves"], found["curves"], strict=True):
        start, numbers = curve["start"], curve["numbers"]
        history: Any = SimpleNamespace(start=start, loss=numbers)
        assert drawn["window"] == window_of(history)
        means = running_mean(numbers, drawn["window"])
        steps = [int(step) - start for step in drawn["whole"]["x"]]
        assert drawn["whole"]["y"] == [means[step - 1] for step in steps]
        assert steps[-1] == len(numbers)
        assert drawn["means"] == [mean_at(history, "loss", step) for step in curve["steps"]]


def test_a_part_of_a_curve_goes_on_by_itself(given: Any, found: Any) -> None:
    for curve, drawn in zip(given["curves"], found["curves"], strict=True):
        start = curve["start"]
        numbers = [*curve["numbers"][: curve["part"] - start], 1.0, 2.0]
        means = running_mean(numbers, window_of(SimpleNamespace(loss=numbers)))  # type: ignore[arg-type]
        assert drawn["part"]["x"][-1] == curve["part"] + 2
        assert drawn["part"]["y"] == [means[int(step) - start - 1] for step in drawn["part"]["x"]]
        assert drawn["after"] == drawn["whole"]


def test_what_does_not_follow_is_refused(found: Any) -> None:
    wanted = "this curve is of the steps 5 to 7: none can follow 8"
    assert found["gap"] == wanted
    assert found["before"] == "this curve is of the steps 5 to 5: none can follow 4"


def test_a_line_has_few_points_at_even_distances(given: Any, found: Any) -> None:
    for count, places in zip(given["counts"], found["places"], strict=True):
        assert len(places) <= 400
        assert places == sorted(set(places))
        assert (places[:1], places[-1:]) == (([1], [count]) if count else ([], []))
        assert all(after <= max(before + 2, 1.06 * before) for before, after in pairwise(places))
    five, six = (found["places"][given["counts"].index(count)] for count in (5_000, 5_001))
    assert set(five[:-1]) <= set(six)


def test_points_are_in_order_and_few(found: Any) -> None:
    few, all_in_order, others = found["points"]
    assert few["line"] == {"x": [0, 1, 3], "y": [0.0, 2.0, 5.0]}
    assert few["half"] == {"x": [0, 1], "y": [0.0, 2.0]}
    for drawn in found["points"]:
        assert drawn["after"] == drawn["line"]
    for drawn, last in ((all_in_order, 8999), (others, 4999)):
        x, y = drawn["line"].values()
        assert 200 <= len(x) <= 800
        assert x == sorted(set(x))
        assert (x[0], x[-1]) == (0, last)
        assert y == [step / 2 for step in x]
        assert all(after <= max(before + 2, 1.1 * before) for before, after in pairwise(x))


def test_the_axis_of_losses_is_that_of_the_figures(given: Any, found: Any) -> None:
    for lines, axis in zip(given["losses"], found["losses"], strict=True):
        wanted = loss_axis([{"y": line} for line in lines])
        assert [axis["low"], axis["high"]] == pytest.approx(wanted["range"], rel=1e-6, abs=1e-6)
        check_ticks(axis)
        if 1 < axis["high"] - axis["low"] < 300:
            assert any(ticks == pytest.approx(wanted["tickvals"]) for ticks in axis["ticks"])
        assert len(axis["ticks"][0]) > 1


def test_losses_below_0_stand_on_a_plain_axis(found: Any) -> None:
    assert [found["below"]["low"], found["below"]["high"]] == [-3.5, 2.5]
    assert found["below"]["texts"][-1] == ["0"]


def test_the_axis_of_shares_is_that_of_the_figures(given: Any, found: Any) -> None:
    for lines, axis in zip(given["shares"], found["shares"], strict=True):
        wanted = accuracy_axis([{"y": line} for line in lines])
        assert [axis["low"], axis["high"]] == wanted["range"]
        check_ticks(axis)
    assert found["shares"][0]["texts"][0] == ["0 %", "25 %", "50 %", "75 %", "100 %"]
    assert found["shares"][1]["texts"][0] == ["50 %", "75 %", "100 %"]


def test_the_axis_of_steps_is_that_of_the_figures(given: Any, found: Any) -> None:
    for last, axis in zip(given["steps"], found["steps"], strict=True):
        wanted = step_axis(last)
        assert [axis["low"], axis["high"]] == pytest.approx(wanted["range"])
        assert wanted["tickvals"][0] == START  # which stands for step 0
        assert [0, *wanted["tickvals"][1:]] in axis["ticks"]
        check_ticks(axis)
    assert found["steps"][given["steps"].index(1_000_000)]["texts"][0][-4:] == [
        "1k",
        "10k",
        "100k",
        "1M",
    ]


def test_the_axis_of_any_numbers_has_round_ticks(given: Any, found: Any) -> None:
    for lines, axis in zip(given["numbers"], found["numbers"], strict=True):
        assert axis["low"] < axis["high"]
        for y in (number for line in lines for number in line):
            assert axis["low"] <= max(-1e307, y)
            assert min(1e307, y) <= axis["high"]
        check_ticks(axis)


def check_ticks(axis: Any) -> None:
    """Ticks are in order; their texts are different ones, and short."""
    for ticks, texts in zip(axis["ticks"], axis["texts"], strict=True):
        assert 1 <= len(ticks) <= 17
        assert ticks == sorted(set(ticks))
        assert len(set(texts)) == len(texts), texts
