"""Pages that train themselves: what they hold, and how they are verified."""

from __future__ import annotations

from pathlib import Path
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import numpy as np
import pytest
from graphs import attach
from page_texts import parts_of, rewritten
from page_trainings import OWN, TRAININGS, XY, Changing, trained
from slow import mostly_long

from slownet import Callback, History, NetFactory, replay, resume, verify
from slownet.datasets import load_housing, load_mnist, moons, plane
from slownet.datasets.known import are_known
from slownet.errors import FormatError, InvalidValueError
from slownet.page import Page, Player
from slownet.page.facts import Facts
from slownet.page.planning import seconds, spread


def page_of(history: Any, **options: Any) -> Page:
    return Page.parse(Player(history, **options).text)


def misfits(value: Any, hint: Any, way: str = "") -> list[str]:
    """Where a value is not of a type."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is NotRequired:
        return misfits(value, inside[0], way)
    if is_typeddict(hint):
        hints = get_type_hints(hint, include_extras=True)
        required = {
            name
            for name, each in hints.items()
            if hint.__total__ and get_origin(each) is not NotRequired
        }
        if not isinstance(value, dict) or not required <= value.keys() <= hints.keys():
            found = sorted(value) if isinstance(value, dict) else value
            return [f"{way}: {found}, not {sorted(hints)}"]
        return [text for name in value for text in misfits(value[name], hints[name], f"{way} {name}")]
    if origin is Literal:
        return [] if value in inside else [f"{way}: {value!r}"]
    if origin in (Union, UnionType):
        tried = [misfits(value, each, way) for each in inside]
        return min(tried, key=len)
    if origin in (list, tuple):
        if not isinstance(value, list) or (origin is tuple and len(value) != len(inside)):
            return [f"{way}: {value!r}"]
        kinds = inside if origin is tuple else inside * len(value)
        return [
            text for each, kind in zip(value, kinds, strict=True) for text in misfits(each, kind, way)
        ]
    if origin is dict:
        if not isinstance(value, dict):
            return [f"{way}: {value!r}"]
        return [
            text
            for name, each in value.items()
            for text in [*misfits(name, inside[0], way), *misfits(each, inside[1], f"{way} {name}")]
        ]
    if hint is Any:
        return []
    kinds = (int, float) if hint is float else (hint or NoneType,)
    fits = isinstance(value, kinds) and (hint is bool or not isinstance(value, bool))
    return [] if fits else [f"{way}: {value!r} is no {hint}"]


@pytest.mark.parametrize("name", mostly_long(TRAININGS, 5))
def test_a_page_that_holds_its_data_trains_itself_and_is_true(name: str, tmp_path: Path) -> None:
    history = trained(**TRAININGS[name])
    path = history.write_html(tmp_path / "page.html", keep="all")
    page = Page.open(path)
    assert page.facts["frames"] == 0
    assert not [name for name in page.arrays if name.endswith((" now", " training", " watched"))]
    assert page.facts["recipe"]["digests"]["steps"] == history.last_step
    found = verify(path, formulas=OWN)
    assert found, found
    assert "It trains itself: the losses of" in str(found)
    assert not misfits(page.facts, Facts)
    recorded = page_of(history, keep="none")
    assert recorded.facts["frames"] == len(history.snapshots)
    assert recorded.facts["recipe"] is None
    assert not misfits(recorded.facts, Facts)


MORE: dict[str, dict[str, Any]] = {
    "split": {"validation_split": 0.25, "early_stopping": 2, "epochs": 6},
    "split, of names": {"validation_split": 0.3, "seed": 8, **TRAININGS["names"]},
    "classes count": {"class_weight": "balanced"},
    "classes count, split": {"class_weight": "balanced", "validation_split": 0.2},
    "weights": {"sample_weight": np.linspace(0.5, 2.0, 60)},
    "both": {"sample_weight": np.linspace(0.5, 2.0, 60), "class_weight": "balanced"},
    "all three": {
        "sample_weight": np.linspace(0.5, 2.0, 60),
        "class_weight": "balanced",
        "validation_split": 0.2,
    },
}


@pytest.mark.parametrize("name", MORE)
@pytest.mark.parametrize("precision", mostly_long([{}, {"bits": 12}]))
def test_data_are_given_back_as_they_were(name: str, precision: Any, tmp_path: Path) -> None:
    history = trained(**MORE[name])
    path = history.write_html(tmp_path / "page.html", keep="all", **precision)
    page = Page.open(path)
    assert (page.facts["frames"] == 0) == (not precision)
    assert page.facts["recipe"] is not None
    found = verify(path)
    assert found, found
    assert page.is_complete
    assert not misfits(page.facts, Facts)


def test_own_data_are_kept_only_when_asked_for() -> None:
    history = trained()
    for keep in ("auto", "none"):
        assert page_of(history, keep=keep).facts["holds"] == {}
    held = page_of(history, keep="fits").facts
    assert held["holds"] == {"data": [60, 60], "watch": [60, 60]}
    assert held["frames"] == 0
    assert held["held_out"] == {"kind": "watched", "count": 60, "all": 60}


def test_rows_that_were_held_out_are_kept_only_when_asked_for() -> None:
    X, y = moons(60, 0.1, 0)
    options: dict[str, Any] = {"data": (X, y), "validation_split": 0.25}
    page = page_of(trained(**options), keep="auto")
    assert page.facts["holds"]["validation_data"] == [15, 15]
    held_out = np.setdiff1d(np.arange(60), page.arrays["data places"])
    X[held_out[0]] += 0.5  # somebody's own now
    assert page_of(trained(**options), keep="auto").facts["holds"] == {}
    own = page_of(trained(**options), keep="fits").facts
    assert own["holds"]["validation_data"] == [15, 15]


def test_data_of_slownet_are_kept() -> None:
    X, y = moons(60, 0.1, 0)
    history = trained(data=(X[::-1], y[::-1]), test_data=moons(700, 0.1, 1))
    facts = page_of(history, keep="auto").facts
    assert facts["frames"] == 0
    assert facts["holds"] == {"data": [60, 60], "watch": [60, 60]}
    assert facts["held_out"] == {"kind": "test", "count": 500, "all": 700}
    own = trained(data=(X, y), test_data=(X + 0.5, y))
    assert page_of(own, keep="auto").facts["held_out"]["kind"] == "watched"


@pytest.mark.parametrize("name", ["unwatched", "names", "numbers", "several"])
def test_samples_are_shown_where_none_were_watched(name: str, tmp_path: Path) -> None:
    options = {**TRAININGS[name], "watch": False}
    tested = "test_data" in options
    path = trained(**options).write_html(tmp_path / "page.html", keep="all")
    page = Page.open(path)
    facts, arrays = page.facts, page.arrays
    assert facts["watched"] == 0
    assert facts["held_out"]["kind"] == ("test" if tested else "training")
    assert len(facts["samples"]) >= 10
    judged = arrays["held_out samples"].tolist()
    assert all(sample in judged for sample in arrays["samples"].tolist())
    assert (facts["plane"] is not None) == (arrays["samples"].shape[1] == 2)
    found = verify(path)
    assert found, found
    assert page_of(trained(**options), keep="none").facts["samples"] == []


def test_which_rows_are_known() -> None:
    X, _ = moons(50, 0.2, 3)
    Z, _ = plane(20, 0.0, 1)
    digits, _ = load_mnist("test", 30)
    table = load_housing()
    for known in (X, Z[::-1], np.concatenate([Z, X]), digits[7:], table.X, X[:0]):
        assert are_known(known)
    for own in (X + 1e-9, -X, X[:, ::-1], digits[:, :100], 1.0 - digits, np.concatenate([X, X + 1.0])):
        assert not are_known(own)


def test_some_rows_let_the_reader_train_on_from_a_snapshot(tmp_path: Path) -> None:
    history = trained(test_data=TRAININGS["tested"]["test_data"])
    path = history.write_html(tmp_path / "page.html", keep=7)
    page = Page.open(path)
    facts = page.facts
    assert facts["frames"] == len(history.snapshots)
    assert facts["holds"] == {"data": [7, 60], "test_data": [40, 40]}
    assert facts["recipe"]["start"] is None
    assert facts["recipe"]["initial"] is None
    assert "digests" not in facts["recipe"]
    assert not page.is_complete
    np.testing.assert_array_equal(page.arrays["data samples"], history.given["data"][0][spread(60, 7)])
    assert not misfits(facts, Facts)
    with pytest.raises(InvalidValueError, match="give data="):
        verify(path)
    found = verify(
        path, *[history.given[name] for name in ("data", "watch", "validation_data", "test_data")]
    )
    assert found, found
    assert page_of(history, keep=60).facts["frames"] == 0
    assert page_of(history, keep=1000).facts["holds"]["data"] == [60, 60]


def test_what_takes_too_long_has_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    history = trained()
    monkeypatch.setattr("slownet.page.planning.MOST_SECONDS", 0.0)
    facts = page_of(history).facts
    assert facts["frames"] == len(history.snapshots)
    assert facts["holds"]["data"] == [60, 60]
    assert facts["recipe"]["start"] is None


def test_what_is_too_large_is_held_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    history = trained()
    monkeypatch.setattr("slownet.page.planning.MOST_CHARACTERS", 700)
    facts = page_of(history).facts
    assert facts["frames"] == len(history.snapshots)
    count, of = facts["holds"]["data"]
    assert 10 < count < of == 60


def test_the_page_cannot_train_what_needs_python(tmp_path: Path) -> None:
    class Mine(Callback):
        def on_step_end(self, training: Any) -> None:
            self.step = training.step

    for history in (
        trained(callbacks=[Mine()]),
        trained((2, 4, 1), epochs=4, callbacks=[Changing()]),
    ):
        path = history.write_html(tmp_path / "page.html", keep="all")
        facts = Page.open(path).facts
        assert facts["frames"] == len(history.snapshots)
        assert facts["recipe"] is None
        assert facts["holds"]["data"] == [60, 60]
    assert verify(trained(callbacks=[Mine()]).write_html(path, keep="all"))


def test_times_are_about_those_that_were_measured() -> None:
    plain = {"is_dense": True, "is_plain": True, "share": 0.19}
    digits = seconds([784, 30, 10], 23_820, 10_000, 314, **plain)
    assert digits == pytest.approx(0.052, rel=0.2)
    adam = seconds([784, 30, 10], 23_820, 10_000, 314, **{**plain, "is_plain": False})
    assert adam == pytest.approx(0.116, rel=0.2)
    deep = seconds([784, 128, 64, 10], 109_184, 10_000, 314, **plain)
    assert deep == pytest.approx(0.28, rel=0.2)
    points = seconds([2, 16, 16, 1], 304, 200_000, 20_000, True, True, 1.0)
    assert points == pytest.approx(0.31, rel=0.2)
    assert seconds([2, 16, 16, 1], 304, 200_000, 20_000, False, True, 1.0) > 5 * points


@pytest.mark.long
def test_sizes_of_pages(tmp_path: Path) -> None:
    X, y = load_mnist(limit=5000)
    net = NetFactory([784, 30, 10], seed=0).new()
    options = {"epochs": 2, "snapshots": 100, "watch": (X[:10], y[:10]), "progress": False}
    history = net.fit(X, y, **{**options, "test_data": load_mnist("test", 1000)})
    path = history.write_html(tmp_path / "digits.html")
    assert Page.open(path).facts["frames"] == 0
    assert path.stat().st_size < 1_600_000
    X, y = load_mnist()
    for sizes in ([784, 30, 10], [784, 128, 64, 10]):
        net = NetFactory(sizes, "sigmoid", seed=0).new()
        options |= {"learning_rate": 0.2, "watch": (X[:10], y[:10]), "test_data": load_mnist("test")}
        path = net.fit(X, y, **options).write_html(tmp_path / "all.html")
        assert Page.open(path).facts["frames"] == 100
        assert Page.open(path).facts["holds"]["data"][0] > 5000
        assert path.stat().st_size < 3_000_000
    points = moons(300, 0.1, 0)
    net = NetFactory([2, 16, 16, 1], "tanh", seed=0).new()
    history = net.fit(*points, epochs=100, snapshots=100, watch=points, progress=False)
    path = history.write_html(tmp_path / "moons.html")
    assert Page.open(path).facts["frames"] == 0
    assert path.stat().st_size < 400_000


def test_a_branch_goes_on_from_its_state(tmp_path: Path) -> None:
    history = trained(optimizer="adam", learning_rate=0.01)
    branch = history.branch(7, history.given["data"], learning_rate=0.1, snapshots=4, progress=False)
    page = page_of(branch)
    assert page.facts["frames"] == 0
    assert page.facts["recipe"]["start"]["step"] == 7
    assert {"weights", "biases", "first", "second"} <= page.arrays.keys()


def test_a_training_that_was_resumed(tmp_path: Path) -> None:
    """Its snapshots are of two graphs that are the same; the rates of a schedule would be others."""
    for schedule, frames in (("constant", 0), ("cosine", 9)):
        run = tmp_path / f"{schedule}.run"
        trained(record=run, schedule=schedule)
        history = resume(run, XY, epochs=6, progress=False)
        path = history.write_html(tmp_path / "page.html", keep="all")
        facts = Page.open(path).facts
        assert facts["frames"] == frames
        assert (facts["recipe"]["start"] is None) == bool(frames)
        found = verify(path)
        assert found, found


@pytest.mark.long
def test_pages_of_files_hold_the_data_that_are_given(tmp_path: Path) -> None:
    """Without the user's formulas, or of another arithmetic, the page cannot train."""
    options = TRAININGS["own"]
    trained(**options, record=tmp_path / "own.run")
    own = History.open(tmp_path / "own.run", OWN[:2])
    facts = page_of(own, keep="all", data=options["data"]).facts
    assert facts["recipe"] is None
    assert facts["holds"]["data"] == [40, 40]
    trained(record=tmp_path / "a.run")
    history = History.open(tmp_path / "a.run")
    assert page_of(history, keep="all", data=XY).facts["frames"] == 0
    whole, history.config = history.config, {}
    facts = page_of(history, keep="all", data=XY).facts
    assert facts["recipe"] is None
    assert facts["holds"]["data"] == [60, 60]
    history.config = whole
    history.arithmetic += 1
    facts = page_of(history, keep="all", data=XY).facts
    assert facts["frames"] == len(history.snapshots)
    assert facts["recipe"] is None
    assert page_of(history, keep="fits", data=XY).facts["holds"]["data"] == [60, 60]


def test_a_page_of_a_net_that_was_changed_has_its_first_weights(tmp_path: Path) -> None:
    net = NetFactory([2, 4, 3, 1], seed=1).new()
    next(net.weights()).frozen = True
    list(net.weights())[2].remove()
    attach(net.layers[0].neurons[1], net.layers[3].neurons[0], 0.25)
    net.layers[1].neurons[2].bias = 0.5
    path = trained(net=net.copy()).write_html(tmp_path / "page.html", keep="all")
    found = verify(path)
    assert found, found
    assert "where its first weights are from: those that it holds were used" in str(found)
    assert "first weights" not in str(verify(path, net=net))
    net.layers[1].neurons[2].bias = 0.75
    other = str(verify(path, net=net))
    assert "biases, number 2: 0.5 in the page, and training gives 0.75" in other
    with pytest.raises(InvalidValueError, match="give it as net="):
        verify(trained(net=net).write_html(path, keep="none"), XY, XY)


@pytest.mark.parametrize("recipe", [None, {}])
def test_a_page_with_neither_snapshots_nor_digests_is_refused(recipe: Any, tmp_path: Path) -> None:
    path = trained().write_html(tmp_path / "page.html", keep="all")
    text = path.read_text("utf-8")
    known, payload = parts_of(text)
    assert known["facts"]["frames"] == 0
    known["facts"]["recipe"] = recipe
    path.write_text(rewritten(text, known, payload), "utf-8", newline="")
    for read in (verify, replay):
        with pytest.raises(FormatError, match="neither snapshots nor the digests of a training"):
            read(path)
