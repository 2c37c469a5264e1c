"""Verification: pages of all kinds of trainings, and what it needs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from page_trainings import (
    HALF,
    NUMBERS,
    TRAININGS,
    XY,
    ZS,
    Changing,
    Stopping,
    X,
    Y,
    checked,
    trained,
)
from slow import crossed, mostly_long

from slownet import (
    DivergedError,
    History,
    Net,
    NetFactory,
    RecordingError,
    SlownetError,
    Weight,
    functions,
    load,
    resume,
    verify,
)
from slownet.errors import FormatError, InvalidTypeError, InvalidValueError, MissingFormulaError
from slownet.page import Page


@pytest.mark.parametrize(
    ("name", "precision"),
    [
        *mostly_long([(name, {}) for name in TRAININGS], 6, several=True),
        *crossed(TRAININGS, [{"bits": 12}, {"exact": False}]),
    ],
)
def test_true_pages_are_true(name: str, precision: dict[str, Any], tmp_path: Path) -> None:
    options = TRAININGS[name]
    history = trained(**options)
    found = checked(history.write_html(tmp_path / "page.html", **precision), options)
    assert found, found
    assert not found.differences
    assert str(found).startswith("True: ")
    assert f"of {len(history.snapshots)} snapshots were compared" in found.notes[0]


def test_sparse_beginnings_need_the_net(tmp_path: Path) -> None:
    net = NetFactory([2, 4, 3, 1], seed=1).new()
    next(net.weights()).remove()
    list(net.weights())[3].frozen = True
    source, target = net.layers[0].neurons[1], net.layers[3].neurons[0]
    Weight(((0, 1), (3, 0)), target, source, 0.25)
    before, state = net.copy(), net.copy()
    path = trained(net=net).write_html(tmp_path / "page.html")
    with pytest.raises(InvalidValueError, match="give it as net="):
        verify(path, XY, XY)
    assert verify(path, XY, XY, net=before)
    assert [w.value for w in before.weights()] == [w.value for w in state.weights()]
    next(before.weights()).value += 1e-9
    found = verify(path, XY, XY, net=before)
    assert "weights 1, snapshot 0" in str(found)


def test_what_is_frozen_is_compared(tmp_path: Path) -> None:
    net = NetFactory([2, 4, 3, 1], seed=1).new()
    net.layers[1].freeze()
    net.layers[2].neurons[0].bias_frozen = True
    before, other = net.copy(), net.copy()
    other.unfreeze()
    path = trained(net=net).write_html(tmp_path / "page.html")
    assert verify(path, XY, XY, net=before)
    found = verify(path, XY, XY, net=other).differences
    assert {f"{name}: there are other numbers of it" for name in ("frozen", "frozen biases")} <= {*found}
    other.layers[1].freeze()
    other.layers[2].neurons[1].bias_frozen = True
    found = verify(path, XY, XY, net=other).differences
    assert any(each.startswith("frozen biases, snapshot 0, number 0: ") for each in found)
    assert not any(each.startswith("frozen:") for each in found)


def test_initializers_are_kept_in_files(tmp_path: Path) -> None:
    run = tmp_path / "a.run"
    factory = {"initializer": "he_uniform"}
    trained(factory=factory, record=run, callbacks=[Stopping(4, KeyboardInterrupt)])
    resume(run, XY, progress=False)
    for history in (
        History.open(run),
        History.from_json(History.open(run).to_json(tmp_path / "a.json")),
    ):
        path = history.write_html(tmp_path / "page.html")
        layers = Page.open(path).training["initial"]
        assert [each["initializer"] for each in layers[1:]] == ["he_uniform"] * 2
        assert verify(path, XY, XY)


def test_a_net_from_a_file_knows_what_it_was_drawn_with(tmp_path: Path) -> None:
    net = NetFactory([2, 4, 1], initializer="he_uniform", seed=3).new()
    assert load(net.save(tmp_path / "net.json")).initializers == ["he_uniform"] * 2
    first = trained(net=net).at(0)
    for same in (load(tmp_path / "net.json"), first.restore()):
        path = trained(net=same).write_html(tmp_path / "page.html")
        assert Page.open(path).training["initial"]
        assert verify(path, XY, XY)


def test_only_what_a_factory_makes_is_claimed_to_be_made_by_one(tmp_path: Path) -> None:
    def initial(change: Callable[[Net], object], **options: Any) -> Any:
        net = NetFactory([2, 4, 1], seed=3, **options).new()
        change(net)
        path = trained(net=net).write_html(tmp_path / "page.html")
        return Page.open(path).training["initial"]

    own = functions.constant(0.3)
    assert initial(lambda net: None)
    assert initial(lambda net: None, initializer="normal")
    assert initial(lambda net: None, initializer=own) is None
    assert initial(lambda net: setattr(next(net.weights()), "frozen", True)) is None
    assert initial(lambda net: setattr(net[1][0], "bias_frozen", True)) is None
    assert initial(lambda net: setattr(net[1][0], "bias", 0.1)) is None
    assert initial(lambda net: setattr(net[2], "activation", "tanh"))
    assert initial(lambda net: setattr(net, "seed", 4)) is None
    assert initial(lambda net: setattr(net, "seed", None)) is None
    assert initial(lambda net: net[1][2].remove()) is None
    assert initial(lambda net: setattr(net[1][0], "has_bias", False)) is None
    assert initial(lambda net: setattr(net, "initializers", ["zeros", "zeros"])) is None
    assert initial(lambda net: setattr(net, "initializers", ["zeros", "nonsense"]))


def test_a_training_that_went_on_with_its_optimizer(tmp_path: Path) -> None:
    net = NetFactory([2, 4, 1], seed=1).new()
    options = {"optimizer": "adam", "warm_start": True}
    trained(net=net, **options)
    before = net.copy()
    path = trained(net=net, **options).write_html(tmp_path / "page.html")
    with pytest.raises(InvalidValueError, match="optimizer_state"):
        verify(path, XY, XY)
    found = verify(path, XY, XY, net=before)
    assert found, found


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, RuntimeError])
def test_what_was_stopped_midway_is_true(error: type[BaseException] | None, tmp_path: Path) -> None:
    stopping = Stopping(8, error)
    options = {"epochs": 200, "schedule": "cosine", "callbacks": [stopping]}
    if error is RuntimeError:
        with pytest.raises(RuntimeError):
            trained(**options)
        history = stopping.history
    else:
        history = trained(**options)
        assert history.snapshots[-1].step == 8
    assert history.last_step == 8
    path = history.write_html(tmp_path / "page.html")
    found = verify(path, XY, XY)  # which does not go on to the end: "last" is a fact
    assert found, found


def test_a_net_changed_on_the_way_is_not_true(tmp_path: Path) -> None:
    path = trained((2, 4, 1), epochs=4, callbacks=[Changing()]).write_html(tmp_path / "page.html")
    found = verify(path, XY, XY)
    assert not found
    assert 'with callbacks, and now without: ["Changing"]' in str(found)


def test_diverged_trainings(tmp_path: Path) -> None:
    data = (ZS * 1e3, ZS[:, 0])
    options = {"data": data, "factory": {"output_activation": "linear", "hidden_activation": "relu"}}
    with pytest.raises(DivergedError) as caught:
        trained((3, 4, 1), **options, learning_rate=50.0)
    history = caught.value.history
    assert history is not None
    path = history.write_html(tmp_path / "page.html")
    found = checked(path, options)
    assert found, found
    json.loads(json.dumps(Page.open(path).facts, allow_nan=False))
    text = path.read_text(encoding="utf-8")
    path = trained((3, 4, 1), **options, learning_rate=1e-9).write_html(tmp_path / "page.html")
    text = path.read_text(encoding="utf-8").replace('"learning_rate":1e-09', '"learning_rate":50.0')
    path.write_text(text, encoding="utf-8", newline="")
    found = checked(path, options)
    assert not found
    assert "diverged" in str(found)


@pytest.mark.parametrize("schedule", ["cosine", None])
def test_a_run_that_was_resumed_is_true(schedule: str | None, tmp_path: Path) -> None:
    run = tmp_path / "a.run"
    options = {"schedule": schedule, "optimizer": "adam", "validation_data": HALF, "epochs": 2}
    trained(**options, record=run, callbacks=[Stopping(4, KeyboardInterrupt)])
    for epochs in (None, 3, 5):
        more = {"progress": False, "validation_data": HALF}
        history = resume(run, XY, epochs, **more)
        path = History.open(run).write_html(tmp_path / "page.html")
        found = verify(path, XY, XY, HALF)
        assert found, (epochs, found)
    again = history.write_html(tmp_path / "again.html")
    assert Page.open(again).facts == Page.open(path).facts
    with pytest.raises(RecordingError, match="validation_y has the fingerprint"):
        verify(path, XY, XY, (X[:20], 1 - Y[:20]))


def test_a_killed_run_is_true(tmp_path: Path) -> None:
    """One whose losses go on beyond its last snapshot."""
    history = trained(record=tmp_path / "a.run")
    history.snapshots = list(history.snapshots)[:5]
    assert history.snapshots[-1].step < history.last_step
    found = verify(history.write_html(tmp_path / "page.html"), XY, XY)
    assert found, found


def test_a_training_as_json_is_true(tmp_path: Path) -> None:
    history = trained(optimizer="adam")
    history.to_json(tmp_path / "t.json.gz")
    path = History.from_json(tmp_path / "t.json.gz").write_html(tmp_path / "page.html")
    found = verify(path, XY, XY)
    assert found, found
    assert Page.open(path).training["data"]["X"] == history.data["X"]


def test_other_data_are_found(tmp_path: Path) -> None:
    path = trained().write_html(tmp_path / "page.html")
    other = X.copy()
    other[7, 1] = np.nextafter(other[7, 1], 9.0)
    with pytest.raises(RecordingError, match="not the data of the page: X has the fingerprint"):
        verify(path, (other, Y), XY)
    with pytest.raises(RecordingError, match="not the data of the page: y has the fingerprint"):
        verify(path, (X, 1 - Y), XY)
    assert "samples" in str(verify(path, XY, (X[1:], Y[1:])))
    with pytest.raises(InvalidValueError):
        verify(path, (X[:, :1], Y), XY)
    with pytest.raises(InvalidTypeError, match="pair"):
        verify(path, X, XY)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="watch"):
        verify(path, XY, X)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"watch=\(X, y\)"):
        verify(path, XY)


def test_other_samples_that_change_no_weight_are_named(tmp_path: Path) -> None:
    path = trained(test_data=(X[20:], Y[20:])).write_html(tmp_path / "page.html")
    others = (X[1:], Y[1:])
    for given, name in (
        ((XY, (X[20:], Y[20:])), ""),
        ((others, (X[20:], Y[20:])), "watch"),
        ((XY, XY), "test_data"),
    ):
        found = verify(path, XY, given[0], test_data=given[1])
        assert bool(found) == (not name)
        told = [each for each in found.notes if each.startswith("The net is the same")]
        assert len(told) == bool(name)
        assert all(f"give {name}=(X, y)" in each for each in told)
    changed = trained(learning_rate=0.1, test_data=(X[20:], Y[20:])).write_html(tmp_path / "other.html")
    text = changed.read_text("utf-8").replace('"learning_rate":0.1', '"learning_rate":0.2')
    changed.write_text(text, "utf-8", newline="")
    found = verify(changed, XY, others, test_data=XY)
    assert not found
    assert "The net is the same" not in str(found)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    path = trained(validation_data=HALF).write_html(tmp_path / "page.html")
    with pytest.raises(InvalidValueError, match=r"validation_data=\(X, y\)"):
        verify(path, XY, XY)
    options = TRAININGS["own"]
    path = trained(**options).write_html(tmp_path / "page.html")
    with pytest.raises(MissingFormulaError, match="own' is a formula of your own"):
        verify(path, NUMBERS, NUMBERS)
    history = trained()
    branch = history.branch(3, XY, learning_rate=0.1)
    path = branch.write_html(tmp_path / "branch.html")
    with pytest.raises(InvalidValueError, match="branch of another"):
        verify(path, XY, XY)
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "none.html", XY)
    with pytest.raises(SlownetError):
        verify(tmp_path, XY)
    with pytest.raises(InvalidTypeError):
        verify(3, XY)  # type: ignore[arg-type]


def test_errors_in_what_is_given_are_not_errors_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = trained().write_html(tmp_path / "page.html")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"source": {"a": {1}}}, "source must hold plain values"),
        ({"source": 5}, "source must be of type dict, not int"),
        ({"net": 5}, "net must be of type Net, not int"),
    ]
    for given, message in wrong:
        with pytest.raises(InvalidTypeError, match=f"^{message}"):
            verify(path, XY, XY, **given)
    assert verify(path, XY, XY, validation_data=XY)  # which it does not need
    monkeypatch.setenv("SLOWNET_THREADS", "many")
    with pytest.raises(InvalidValueError, match="^SLOWNET_THREADS must be") as error:
        verify(path, XY, XY)
    assert not isinstance(error.value, FormatError)
