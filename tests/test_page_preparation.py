"""Pages of nets with a preparation: they hold it, verify it, and refuse what can be none."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from page_texts import leaves, other_than, parts_of, rewritten
from page_trainings import OWN, TRAININGS, XY, trained
from slow import mostly_long

from slownet import History, NetFactory, preprocessing, verify
from slownet.datasets import read_csv
from slownet.errors import (
    FormatError,
    InvalidTypeError,
    InvalidValueError,
    RecordingError,
    SlownetError,
)
from slownet.page import Page, Player
from slownet.page.preparation import MOST_LETTERS

RNG = np.random.default_rng(5)
ROWS = 60
FRAME = pd.DataFrame(
    {
        "temp (°C)": RNG.normal(12.0, 8.0, ROWS).round(1),
        "holiday": RNG.random(ROWS) < 0.3,
        "weather": RNG.choice(["rain", "snow", "sun"], ROWS),
        "year": RNG.integers(2009, 2013, ROWS),
    }
)
RENTALS = (FRAME["temp (°C)"] * 9 + 80 * (FRAME.weather == "sun") + 200).round(2).rename("rentals (1)")
SEASON = pd.Series(np.where(FRAME["temp (°C)"] > 12, "summer", "winter"), name="season")
ARRAY = RNG.normal([5.0, -300.0], [1e-3, 50.0], (ROWS, 2))
SUMS = ARRAY @ [1000.0, 0.01]
LINEAR = {"output_activation": "linear"}
KINDS: dict[str, dict[str, Any]] = {
    "numbers": {"data": (FRAME, RENTALS), "sizes": (6, 4, 1), "factory": LINEAR},
    "texts": {"data": (FRAME, SEASON), "sizes": (6, 4, 1), "prepare": "min-max"},
    "names only": {"data": (FRAME.drop(columns="year"), SEASON), "sizes": (5, 4, 1), "prepare": None},
    "unnamed": {"data": (ARRAY, SUMS), "sizes": (2, 4, 1), "factory": LINEAR},
    "classes": {"data": (ARRAY, SUMS.mean() < SUMS), "sizes": (2, 4, 2)},
    "several": {
        "data": (FRAME, pd.DataFrame({"a": RENTALS, "b [EUR]": 1e6 * FRAME.holiday})),
        "sizes": (6, 4, 2),
        "factory": LINEAR,
    },
}


def prepared(kind: str = "numbers", **changes: Any) -> History:
    options = {"prepare": "standardise", "learning_rate": 0.02, "seed": 1, **KINDS[kind], **changes}
    if kind == "classes":
        options["data"] = options["data"][0], options["data"][1].astype(int)
    return trained(**options)


def given(kind: str) -> tuple[Any, Any]:
    X, y = KINDS[kind]["data"]
    return X, y.astype(int) if kind == "classes" else y


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("precision", [{"exact": True}, {"bits": 10}])
def test_pages_hold_the_preparation_and_own_units(
    kind: str, precision: dict[str, Any], tmp_path: Path
) -> None:
    history = prepared(kind)
    net = history.net
    assert net is not None
    preparation = net.preparation
    assert preparation is not None
    path = history.write_html(tmp_path / "page.html", **precision)
    page, data = Page.open(path), given(kind)
    assert page.facts["preparation"] == preparation.plain()
    assert page.facts["inputs"] == []
    places = [each["place"] for each in page.facts["samples"]]
    own = np.array(history.watch.samples)[places]
    np.testing.assert_array_equal(page.arrays["samples"], own)
    if history.target_kind == "number":
        wanted = np.array(data[1], float).reshape(ROWS, -1)
        np.testing.assert_array_equal(page.arrays["targets"], wanted[places])
        np.testing.assert_array_equal(page.arrays["true_values"], wanted)
    for prepare in {None, KINDS[kind].get("prepare", "standardise")}:
        found = verify(path, data, data, prepare=prepare)
        assert found, found
        assert "columns are called" not in str(found)


def test_tables_and_arrays_of_the_same_rows_verify_a_page(tmp_path: Path) -> None:
    csv = tmp_path / "a.csv"
    pd.concat([FRAME, RENTALS], axis=1).to_csv(csv, index=False)
    table = read_csv(csv, target="rentals (1)")
    net = NetFactory([6, 4, 1], output_activation="linear", seed=3).new()
    history = net.fit(table, prepare="standardise", epochs=2, snapshots=4, watch=table, progress=False)
    path = history.write_html(tmp_path / "page.html")
    for data in ((table, None), table, (FRAME, RENTALS), (FRAME[FRAME.columns[::-1]], RENTALS)):
        assert verify(path, data, (FRAME, RENTALS)), data  # type: ignore[arg-type]
    found = verify(path, (table.X, table.y), (table.X, table.y))
    assert found
    assert "how its 4 columns are called and prepared" in str(found)  # arrays have no names


def test_what_was_prepared_elsewhere_only_its_maker_knows(tmp_path: Path) -> None:
    rows = preprocessing.standardise(FRAME[:20], RENTALS[:20])
    net = NetFactory([6, 4, 1], output_activation="linear", seed=3).new()
    net.preparation = rows
    for options in ({"prepare": rows}, {"net": net, "prepare": None}):
        path = prepared(**options).write_html(tmp_path / "page.html")
        found = verify(path, (FRAME, RENTALS), (FRAME, RENTALS))
        assert found
        assert "how its 4 columns are called and prepared" in str(found)
        found = verify(path, (FRAME, RENTALS), (FRAME, RENTALS), prepare=rows)
        assert found
        assert "columns are called" not in str(found)
        other = preprocessing.standardise(FRAME[:21], RENTALS[:21])
        with pytest.raises(RecordingError):
            verify(path, (FRAME, RENTALS), (FRAME, RENTALS), prepare=other)


def altered(path: Path, change: Callable[[Any], Any]) -> Path:
    text = path.read_text("utf-8")
    known, payload = parts_of(text)
    known["facts"]["preparation"] = change(known["facts"]["preparation"])
    path.write_text(rewritten(text, known, payload), "utf-8", newline="")
    return path


@pytest.mark.long
@pytest.mark.parametrize("kind", mostly_long(KINDS, 2))
def test_a_page_whose_preparation_was_changed_is_not_true(kind: str, tmp_path: Path) -> None:
    history = prepared(kind)
    path = history.write_html(tmp_path / "page.html")
    text, data = path.read_text("utf-8"), given(kind)
    known, payload = parts_of(text)
    plain = known["facts"]["preparation"]
    for way in leaves(plain):
        facts = copy.deepcopy(known)
        inside = facts["facts"]["preparation"]
        for key in way[:-1]:
            inside = inside[key]
        inside[way[-1]] = other_than(inside[way[-1]])
        if isinstance(inside[way[-1]], float):
            inside[way[-1]] *= 1.5  # the next float may leave every bit of the inputs
        path.write_text(rewritten(text, facts, payload), "utf-8", newline="")
        for prepare in [KINDS[kind].get("prepare", "standardise")] + [None] * (way[-1] == "scale"):
            try:
                found = verify(path, data, data, prepare=prepare)
            except SlownetError:
                continue
            if prepare is None and way[-1] != "scale":
                assert "columns are called and prepared" in str(found), (way, found)
                continue
            assert not found, (way, found)
            assert found.differences


MANY = [{"name": f"x{k}", "kind": "number"} for k in range(10**6)]
LONG = "x" * 2_000_000


@pytest.mark.parametrize(
    "change",
    mostly_long(
        [
            lambda known: {**known, "columns": MANY},
            lambda known: {**known, "columns": []},
            lambda known: {**known, "columns": known["columns"][:-1]},
            lambda known: {**known, "columns": {"x": 1}},
            lambda known: {**known, "columns": [1, 2, 3, 4, 5, 6]},
            lambda known: {**known, "columns": [*known["columns"][:-1], {"kind": "number"}]},
            lambda known: {
                **known,
                "columns": [*known["columns"][:-1], {"name": LONG, "kind": "number"}],
            },
            lambda known: {**known, "columns": [*known["columns"][:-1], {"name": 3, "kind": "number"}]},
            lambda known: {**known, "targets": [{"name": "a"}] * 100_000},
            lambda known: {**known, "targets": [{"name": LONG}]},
            lambda known: {**known, "targets": 3},
            lambda known: {**known, "is_named": 1},
            lambda known: {},
            lambda known: [],
            lambda known: 7,
            lambda known: "standardise",
            *(
                lambda known, scale=scale: {
                    **known,
                    "columns": [{**known["columns"][0], "scale": scale}, *known["columns"][1:]],
                }
                for scale in (0, 0.0, -1.0, "1", None, [1.0], 10**400)
            ),
            lambda known: {**known, "targets": [{**known["targets"][0], "scale": 0.0}]},
            lambda known: {**known, "targets": [{**known["targets"][0], "centre": 10**400}]},
        ],
        5,
    ),
)
def test_impossible_preparations_are_refused(change: Callable[[Any], Any], tmp_path: Path) -> None:
    path = altered(prepared().write_html(tmp_path / "page.html"), change)
    with pytest.raises(FormatError):
        verify(path, (FRAME, RENTALS), (FRAME, RENTALS))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_scales_that_json_does_not_know_are_refused(number: str, tmp_path: Path) -> None:
    path = prepared().write_html(tmp_path / "page.html")
    text = path.read_text("utf-8")
    scale = parts_of(text)[0]["facts"]["preparation"]["columns"][0]["scale"]
    path.write_text(text.replace(f'"scale":{scale!r}', f'"scale":{number}', 1), "utf-8", newline="")
    with pytest.raises(FormatError):
        verify(path, (FRAME, RENTALS), (FRAME, RENTALS))


def test_names_that_no_page_can_have_are_refused_when_it_is_written(tmp_path: Path) -> None:
    frame = FRAME.rename(columns={"year": "y" * (MOST_LETTERS + 1)})
    history = prepared(data=(frame, RENTALS))
    with pytest.raises(InvalidValueError, match="characters"):
        history.write_html(tmp_path / "page.html")
    frame = FRAME.rename(columns={"year": "y" * MOST_LETTERS})
    path = prepared(data=(frame, RENTALS)).write_html(tmp_path / "page.html")
    assert verify(path, (frame, RENTALS), (frame, RENTALS))


# all rows


@pytest.mark.parametrize("name", mostly_long(TRAININGS, 4))
def test_a_page_that_holds_all_needs_no_data(name: str, tmp_path: Path) -> None:
    path = trained(**TRAININGS[name]).write_html(tmp_path / "page.html", keep="all")
    found = verify(path, formulas=OWN)
    assert found, found
    assert "where its data are from" in str(found)
    again = verify(path, TRAININGS[name].get("data", XY), formulas=OWN)
    assert again, again
    assert "where its data are from" not in str(again)


@pytest.mark.parametrize("kind", KINDS)
def test_all_rows_are_there_in_their_own_units(kind: str, tmp_path: Path) -> None:
    X, y = given(kind)
    history = prepared(kind, test_data=(X[:7], y[:7]), validation_data=(X[5:9], y[5:9]))
    path = history.write_html(tmp_path / "page.html", keep="all")
    assert verify(path)
    assert verify(path, (X, y), (X, y), (X[5:9], y[5:9]), (X[:7], y[:7]))
    arrays = Page.open(path).arrays
    net = history.net
    assert net is not None
    own = net.preparation.own(X) if isinstance(X, pd.DataFrame) else X
    np.testing.assert_array_equal(arrays["data samples"], own)
    np.testing.assert_array_equal(arrays["held_out samples"], own[:7])
    np.testing.assert_array_equal(arrays["validation_data samples"], own[5:9])
    if history.target_kind == "number":
        np.testing.assert_array_equal(arrays["data targets"], np.array(y, float).reshape(ROWS, -1))
    other = np.array(own)
    other[3, 0] = math.nextafter(other[3, 0], math.inf)
    with pytest.raises(RecordingError):
        verify(path, (other, y), (X, y), (X[5:9], y[5:9]), (X[:7], y[:7]))


@pytest.mark.long
def test_a_history_keeps_the_data_for_this_process_only(tmp_path: Path) -> None:
    history = prepared(record=tmp_path / "a.run")
    assert history.given["data"][0] is FRAME  # not copied
    others = [
        pickle.loads(pickle.dumps(history)),
        copy.copy(history),
        copy.deepcopy(history),
        History.open(tmp_path / "a.run"),
        History.from_json(history.to_json(tmp_path / "a.json")),
    ]
    for other in others:
        assert other.given == {}
        with pytest.raises(InvalidValueError, match=r"give data=\(X, y\)"):
            other.write_html(tmp_path / "page.html", keep="all")
        path = other.write_html(tmp_path / "page.html", keep="all", data=(FRAME, RENTALS))
        assert verify(path, watch=(FRAME, RENTALS))
        with pytest.raises(InvalidValueError, match="watch="):
            verify(path)
        with pytest.raises(RecordingError, match="learned from other data"):
            other.write_html(tmp_path / "page.html", keep="all", data=(FRAME, RENTALS + 1))
        with pytest.raises(InvalidTypeError, match="pair"):
            other.write_html(tmp_path / "page.html", keep="all", data=FRAME)
        with pytest.raises(InvalidValueError, match='keep="none"'):
            other.write_html(tmp_path / "page.html", keep="none", data=(FRAME, RENTALS))
        path = other.write_html(tmp_path / "page.html", data=(FRAME, RENTALS))  # somebody's own
        assert Page.open(path).facts["holds"] == {}
    assert verify(history.write_html(tmp_path / "page.html", keep="all"))
    assert "data samples" in Page.parse(Player(history, keep="all").text).arrays
    assert "data samples" in Page.parse(Player(history).text).arrays  # it stays in the notebook
    for keep in ("auto", "none"):
        assert "data samples" not in Page.parse(Player(history, keep=keep).text).arrays


def test_data_that_were_changed_since_are_not_written(tmp_path: Path) -> None:
    X = ARRAY.copy()
    history = prepared("unnamed", data=(X, SUMS))
    X[3, 1] += 1.0
    with pytest.raises(RecordingError, match="learned from other data"):
        history.write_html(tmp_path / "page.html", keep="all")
    for keep in ("auto", "fits"):
        assert Page.open(history.write_html(tmp_path / "page.html", keep=keep)).facts["holds"] == {}


ODD: list[tuple[Any, type[Exception]]] = [
    *(("some", InvalidValueError), ("watched", InvalidValueError), (0, InvalidValueError)),
    *((True, InvalidTypeError), (None, InvalidTypeError), (2.5, InvalidTypeError)),
]


@pytest.mark.parametrize(("keep", "error"), ODD)
def test_what_is_kept_has_names(keep: Any, error: type[Exception], tmp_path: Path) -> None:
    with pytest.raises(error, match="keep"):
        prepared().write_html(tmp_path / "page.html", keep=keep)


def test_a_page_without_its_data_says_so(tmp_path: Path) -> None:
    path = prepared().write_html(tmp_path / "page.html")
    with pytest.raises(InvalidValueError, match=r"give data=\(X, y\)"):
        verify(path, watch=(FRAME, RENTALS))
    text = path.read_text("utf-8")
    known, payload = parts_of(text)
    for holds in ({"data": [ROWS, ROWS]}, {"data": 3}, ["data"], "all"):
        known["facts"]["holds"] = holds
        path.write_text(rewritten(text, known, payload), "utf-8", newline="")
        with pytest.raises(FormatError):
            verify(path, (FRAME, RENTALS), (FRAME, RENTALS))
