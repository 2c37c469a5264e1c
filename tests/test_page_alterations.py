"""Whatever is altered in a page, verification finds it."""

from __future__ import annotations

import base64
import contextlib
import json
import math
import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostile import mutated_values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_texts import MAKERS, SCRIPTS, leaves, other_than, parts_of, rewritten
from page_trainings import TRAININGS, X, Y, checked, trained
from slow import THOROUGH, mostly_long

from slownet import FormatError, SlownetError
from slownet.page import Page

EVERY = 1 if THOROUGH else 2  # of how many facts one is altered
FEW = settings(max_examples=max(50, settings.default.max_examples // 4))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, dict[str, Any]]]:
    """Texts of pages, and what they were trained with."""
    found = {}
    extra = {"epochs": 2, "snapshots": 4, "schedule": "cosine"}
    for name, more, precision in (
        ("trains", {"test_data": (X, Y), "l2": 0.01, "optimizer": "adam"}, {"keep": "all"}),
        ("exact", {"source": {"from": "here"}, "l2": 0.01, "test_data": (X, Y)}, {}),
        (
            "names",
            {},
            {"bits": 12, "title": "<What> is & learned", "about": "It says.", "author": "Ada"},
        ),
        ("numbers", {}, {"exact": False}),
    ):
        options = {**TRAININGS.get(name, {}), **extra, **more}
        path = tmp_path_factory.mktemp("pages") / "page.html"
        found[name] = trained(**options).write_html(path, **precision).read_text("utf-8"), options
    return found


def verdict_on(text: str, options: dict[str, Any], folder: Path) -> tuple[bool, str]:
    path = folder / "altered.html"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        found = checked(path, options)
    except SlownetError as error:
        return False, str(error)
    return bool(found), str(found)


WIDTHS = {"float64": 8, "int32": 4}


@pytest.mark.long
@pytest.mark.parametrize("name", mostly_long(["exact", "names", "numbers", "trains"], 3))
def test_one_altered_number_is_found(name: str, pages: Any, tmp_path: Path) -> None:
    text, options = pages[name]
    known, payload = parts_of(text)
    assert verdict_on(rewritten(text, known, payload), options, tmp_path)[0]
    data = zlib.decompress(base64.b64decode(payload))
    draw, start = np.random.default_rng(0), 0
    for array, about in known["contents"].items():
        place = start + WIDTHS.get(about["kind"], 1) * int(draw.integers(math.prod(about["shape"])))
        altered = bytearray(data)
        altered[place] ^= 1  # the last bit of a number, or one interval
        again = base64.b64encode(zlib.compress(bytes(altered))).decode()
        is_true, verdict = verdict_on(rewritten(text, known, again), options, tmp_path)
        assert not is_true, array
        is_named = re.search(rf"^- {array}, ", verdict, re.MULTILINE) or f"{array}, source: " in verdict
        assert is_named, (array, verdict)
        start += about["bytes"]
    assert start == len(data)


@pytest.mark.parametrize(
    ("name", "every"),
    [
        ("exact", 11),
        *(pytest.param(name, 5, marks=pytest.mark.long) for name in ("names", "numbers")),
        pytest.param("exact", EVERY, marks=pytest.mark.long),
        pytest.param("trains", EVERY, marks=pytest.mark.long),
    ],
)
def test_one_altered_fact_is_found(name: str, every: int, pages: Any, tmp_path: Path) -> None:
    text, options = pages[name]
    known, payload = parts_of(text)
    count = 0
    ways = leaves(known)
    drawn = [way for way in ways if way[0] != "facts"]
    facts = [way for way in ways if way[0] == "facts"]
    for way in [*facts[::every], *drawn[::9]]:
        inside = way[1:]
        altered = json.loads(json.dumps(known))
        place = altered
        for key in way[:-1]:
            place = place[key]
        place[way[-1]] = 2 if place[way[-1]] == "auto" else other_than(place[way[-1]])
        if isinstance(place[way[-1]], float) and (way[0] != "facts" or "config" in way):
            place[way[-1]] += 0.01  # more than nothing: 5e-324 of l1 changes no number
        is_true, verdict = verdict_on(rewritten(text, altered, payload), options, tmp_path)
        if inside[1:3] in MAKERS:
            assert is_true, way
            assert str(place[way[-1]]) in verdict.splitlines()[-1]
            continue
        assert not is_true, way
        names = [way[0], *(each for each in inside if isinstance(each, str))]
        assert any(
            each in verdict
            for each in [*names, "cannot be", "impossible", "claims", "markup", "not the data"]
        ), (way, verdict)
        count += 1
    assert count > 20


@pytest.mark.long
@pytest.mark.parametrize("name", mostly_long(["exact", "trains"]))
def test_one_missing_fact_is_found(name: str, pages: Any, tmp_path: Path) -> None:
    text, options = pages[name]
    known, payload = parts_of(text)
    facts = known["facts"]
    inside = [facts["training"], facts["training"]["config"], facts["training"]["data"]]
    if name == "trains":
        recipe = facts["recipe"]
        inside = [recipe, recipe["options"], recipe["start"], recipe["digests"], facts["holds"]]
        inside += [facts["held_out"]]
    for place in (facts, *inside):
        for key in [*place]:
            kept = dict(place)
            del place[key]
            found = verdict_on(rewritten(text, known, payload), options, tmp_path)
            assert not found[0], key
            told = (key, "no facts of its training", "how its net was trained", "give it as net=")
            assert any(each in found[1] for each in told), (key, found[1])
            place.clear()
            place |= kept
            if key != "rates":
                continue
            place[key] = None
            assert "rates is null" in verdict_on(rewritten(text, known, payload), options, tmp_path)[1]
            place[key] = kept[key]


def test_one_altered_letter_of_the_page_is_found(pages: Any, tmp_path: Path) -> None:
    text, options = pages["exact"]
    draw = np.random.default_rng(0)
    own = SCRIPTS.sub("", text)
    for part in ("<style>", 'id="script">', "<title>", "<header"):
        start = text.index(part) + len(part)
        end = text.index("</", start)
        for _ in range(3):
            place = int(draw.integers(start, end))
            letter = "x" if text[place] != "x" else "y"
            is_true, _ = verdict_on(text[:place] + letter + text[place + 1 :], options, tmp_path)
            assert not is_true, (part, place)
    assert own


@FEW
@given(data=st.data())
def test_damaged_pages_are_a_format_error(data: st.DataObject, pages: Any) -> None:
    whole = pages["exact"][0]
    known, payload = parts_of(whole)
    known = mutated_values(data, {**known, "palette": {}})
    for text in (rewritten(whole, known, payload), whole[: data.draw(st.integers(0, len(whole)))]):
        with contextlib.suppress(FormatError):
            Page.parse(text)


@pytest.mark.long
@pytest.mark.parametrize("name", mostly_long(["exact", "trains"]))
@given(data=st.data())
@settings(
    max_examples=max(60, settings.default.max_examples // 10), suppress_health_check=list(HealthCheck)
)
def test_whatever_a_page_says_is_verified_or_refused(
    name: str, data: st.DataObject, pages: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text, options = pages[name]
    known, payload = parts_of(text)
    facts = known["facts"]
    facts["training"]["data"] = {}
    frozen = {name: facts["training"]["config"][name] for name in ("epochs", "snapshots")}
    known["facts"] = mutated_values(data, facts)
    config = known["facts"].get("training")
    if isinstance(config, dict) and isinstance(config.get("config"), dict):
        config["config"] |= frozen
    assert not verdict_on(rewritten(text, known, payload), options, tmp_path_factory.mktemp("p"))[0]
