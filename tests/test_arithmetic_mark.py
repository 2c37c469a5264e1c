"""The mark of the arithmetic: files of another one open, play and predict, and are not replayed."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from bits import bits, record
from json_files import NET, TRAINING
from page_trainings import Stopping

import slownet
from slownet import (
    FormatError,
    History,
    NetFactory,
    RecordingError,
    cli,
    compare,
    functions,
    plotting,
    resume,
    verify,
)
from slownet.cli.data_sets import Source, load
from slownet.datasets import moons
from slownet.page import Page
from slownet.recording import tables
from slownet.version import ARITHMETIC

X, Y = moons(60, noise=0.2, seed=1)
OPTIONS: dict[str, Any] = {"epochs": 2, "batch_size": 10, "snapshots": 4, "progress": False}
MARKS = [None, 0, ARITHMETIC + 1]  # None: older than the mark
ANY_MARK = pytest.mark.parametrize("mark", MARKS)
NOTHING: Any = None  # as data: what refuses before any work does not look at them


def sentence(where: str, mark: int | None, still: str) -> str:
    return "^" + re.escape(
        f"{where}this net was trained with arithmetic {mark or 0}, and this slownet has arithmetic "
        f"{ARITHMETIC}: {still}, but no step can be repeated bit for bit"
    )


STILL = "it opens, plays and predicts, and history.restore() returns its net, to be trained anew"
STILL_OF_PAGE = "it plays and predicts in any browser"


def trained(**options: Any) -> History:
    net = NetFactory([2, 3, 1], "tanh", seed=1).new()
    return net.fit(X, Y, watch=(X[:5], Y[:5]), **{**OPTIONS, **options})


def mark_run(path: Path, mark: int | None) -> Path:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        if mark is None:
            connection.execute("DELETE FROM run WHERE name = 'arithmetic'")
        else:
            tables.put("arithmetic", mark, connection)
    return path


def mark_text(path: Path, mark: int | None) -> Path:
    """Give another mark to a JSON file or a page, as text."""
    text = path.read_text(encoding="utf-8")
    put = "" if mark is None else rf"\g<1>{mark},"
    changed, count = re.subn(rf'("arithmetic": ?){ARITHMETIC}\b,?', put, text)
    assert count == 1
    changed = changed.replace(",}", "}") if mark is None else re.sub(r",\s*([,}])", r"\1", changed)
    path.write_text(changed, encoding="utf-8", newline="")
    return path


def old_run(folder: Path, mark: int | None) -> History:
    path = folder / "old.run"
    trained(record=path)
    return History.open(mark_run(path, mark))


def old_training(folder: Path, mark: int | None) -> History:
    path = mark_text(trained().to_json(folder / "old.json"), mark)
    TRAINING.validator.validate(json.loads(path.read_text(encoding="utf-8")))
    return History.from_json(path)


OLD = pytest.mark.parametrize("old", [old_run, old_training])
Old = Callable[[Path, int | None], History]


def test_everything_new_carries_the_mark(tmp_path: Path) -> None:
    history = trained(record=tmp_path / "a.run")
    resumed = resume(tmp_path / "a.run", (X, Y), 3, progress=False)
    branch = History.open(tmp_path / "a.run").branch(7, (X, Y))
    for each in (history, resumed, branch, History.open(tmp_path / "a.run")):
        again = History.from_json(each.to_json(tmp_path / "a.json"))
        assert each.arithmetic == again.arithmetic == ARITHMETIC >= 1
        assert Page.open(each.write_html(tmp_path / "a.html")).training["arithmetic"] == ARITHMETIC
    saved = json.loads(history.restore().save(tmp_path / "net.json").read_text(encoding="utf-8"))
    assert saved["arithmetic"] == ARITHMETIC


@OLD
@ANY_MARK
def test_an_older_training_opens_plays_and_predicts(old: Old, mark: int | None, tmp_path: Path) -> None:
    new, history = trained(), old(tmp_path, mark)
    assert history.arithmetic == (mark or 0)
    assert record(history) == record(new)
    assert history.restore().predict(X).tolist() == new.restore().predict(X).tolist()
    assert history.at(12).restore().evaluate(X, Y) == new.at(12).restore().evaluate(X, Y)
    assert Page.open(history.write_html(tmp_path / "p.html")).training["arithmetic"] == (mark or 0)
    assert History.from_json(history.to_json(tmp_path / "b.json")).arithmetic == (mark or 0)
    plotting.curves(history)
    plotting.animation(history)
    found = compare(history, new)
    assert found.first_step is None
    assert found.versions["arithmetic"] == (mark or 0, ARITHMETIC)
    assert f"arithmetic: {mark or 0} and {ARITHMETIC}" in str(found)
    anew = history.restore().fit(X, Y, **OPTIONS)
    assert anew.arithmetic == ARITHMETIC
    anew.rewind(5, (X, Y))


@OLD
@ANY_MARK
def test_an_older_training_is_not_replayed(old: Old, mark: int | None, tmp_path: Path) -> None:
    history = old(tmp_path, mark)
    said = sentence("old.run: " if history.path else "", mark, STILL)
    for step in (0, 5, 12, 99):
        with pytest.raises(RecordingError, match=said):
            history.rewind(step, NOTHING)
        with pytest.raises(RecordingError, match=said):
            history.branch(step, NOTHING, record=tmp_path / "branch.run")
    assert not (tmp_path / "branch.run").exists()


@ANY_MARK
@pytest.mark.parametrize("epochs", [None, 5])
def test_an_older_run_is_not_resumed(mark: int | None, epochs: int | None, tmp_path: Path) -> None:
    path = tmp_path / "old.run"
    old_run(tmp_path, mark)
    before = path.read_bytes()
    with pytest.raises(RecordingError, match=sentence("old.run: ", mark, STILL)):
        resume(path, NOTHING, epochs)
    assert path.read_bytes() == before
    mark_run(path, ARITHMETIC)  # nothing else was in the way
    assert resume(path, (X, Y), epochs, progress=False).ended == "finished"


@ANY_MARK
def test_an_older_page_is_neither_true_nor_false(mark: int | None, tmp_path: Path) -> None:
    path = trained().write_html(tmp_path / "old.html")
    assert verify(path, (X, Y), (X[:5], Y[:5]))
    mark_text(path, mark)
    assert Page.open(path).training.get("arithmetic") == mark
    with pytest.raises(RecordingError, match=sentence("old.html: ", mark, STILL_OF_PAGE)):
        verify(path, NOTHING)


@pytest.mark.parametrize("mark", ["null", '"1"', "true", "-1", "[1]"])
def test_a_mark_of_a_page_that_is_none(mark: str, tmp_path: Path) -> None:
    path = trained().write_html(tmp_path / "odd.html")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f'"arithmetic":{ARITHMETIC}', f'"arithmetic":{mark}'), encoding="utf-8")
    with pytest.raises(FormatError, match=r"odd\.html, arithmetic: expected an integer of at least 0"):
        verify(path, (X, Y))


@ANY_MARK
def test_an_older_net_is_its_numbers(mark: int | None, tmp_path: Path) -> None:
    net = trained().restore()
    path = mark_text(net.save(tmp_path / "net.json"), mark)
    values = json.loads(path.read_text(encoding="utf-8"))
    assert values.get("arithmetic") == mark
    NET.validator.validate(values)
    again = slownet.load(path)  # a warning would be an error
    assert bits(w.value for w in again.weights()) == bits(w.value for w in net.weights())
    assert again.predict(X).tolist() == net.predict(X).tolist()
    again.save(path)
    assert json.loads(path.read_text(encoding="utf-8"))["arithmetic"] == ARITHMETIC


def test_the_schemas_know_what_a_mark_is() -> None:
    for kind in (NET, TRAINING):
        for mark in (-1, "1", None):
            with pytest.raises(jsonschema.ValidationError):
                kind.validator.validate({**kind.small(), "arithmetic": mark})


# the bits that the mark stands for

SMALL = np.arange(1, 37).reshape(12, 3) * 0.37 % 1.0 - 0.4
CLASSES = [0, 1, 2] * 4
KINDS: dict[str, tuple[str, Any]] = {
    "class": ("softmax", CLASSES),
    "binary": ("sigmoid", [k % 2 for k in CLASSES]),
    "sign": ("tanh", [1 - 2 * (k % 2) for k in CLASSES]),
    "number": ("linear", SMALL[:, 0] - SMALL[:, 1]),
}
# by name, so that what is added to a table changes no training here
HIDDEN = ("linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus")
LOSSES = (
    *("cross_entropy", "binary_cross_entropy", "squared_error", "mean_squared_error"),
    *("mean_absolute_error", "huber", "hinge"),
)
INITIALIZERS = (
    *("zeros", "constant", "uniform", "normal", "he_normal", "he_uniform"),
    *("glorot_normal", "glorot_uniform", "lecun_normal"),
)
OPTIMIZERS = ("sgd", "rmsprop", "adam", functions.sgd(0.9), functions.sgd(0.9, nesterov=True))
SCHEDULES = ("constant", "step", "exponential", "cosine")


def digest(engine: str) -> str:
    """The SHA-256 of what the built-in formulas make of small trainings."""
    found = sha256()
    for k in range(36):

        def kth(names: Any, k: int = k) -> Any:
            return names[k % len(names)]

        loss = functions.get_loss(kth(LOSSES))
        activation, targets = KINDS[loss.target_kind]
        sizes = [3, 4, 3 if loss.target_kind == "class" else 1]
        net = NetFactory(sizes, kth(HIDDEN), activation, kth(INITIALIZERS), seed=k).new()
        history = net.fit(
            SMALL, targets, epochs=3, batch_size=5, learning_rate=0.05, optimizer=kth(OPTIMIZERS),
            loss=loss, schedule=kth(SCHEDULES), seed=k, dropout=0.2 * (k % 2),
            dropconnect=0.1 * (k % 3), l1=0.01 * (k % 2), l2=0.01 * (k % 3), engine=engine,
            progress=False,
        )  # fmt: skip
        numbers = [*history.loss, *(w.value for w in net.weights()), *(n.bias for n in net.neurons())]
        found.update(np.array(numbers, "<f8").tobytes())
    return found.hexdigest()


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
def test_the_bits_of_this_mark_are_these(engine: str) -> None:
    """Where they change on purpose, ARITHMETIC is raised with them, and CHANGELOG.md says why."""
    known = "29146e29f735e054b0347484c484e0173ba7608d1c70af9e04bc5ee20f499a38"
    assert (ARITHMETIC, digest(engine)) == (1, known)


# on the command line


def printed(capsys: Any, code: int, *arguments: str) -> str:
    """What a command prints: its output, or the only line of its error."""
    assert cli.main(list(arguments)) == code
    output, errors = capsys.readouterr()
    if not code:
        assert not errors
        return str(output)
    assert not output
    assert errors.startswith("slownet: ")
    assert errors.count("\n") == 1
    return str(errors).removeprefix("slownet: ")


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Path:
    monkeypatch.chdir(tmp_path)
    options = ("--epochs", "2", "--snapshots", "4", "--run", "x.run", "--html", "x.html", "--quiet")
    printed(capsys, 0, "train", "xor", *options)
    return tmp_path


@ANY_MARK
def test_commands(mark: int | None, recorded: Path, capsys: Any) -> None:
    mark_run(Path("x.run"), mark)
    mark_text(Path("x.html"), mark)
    before = sorted(recorded.iterdir())
    for more in ([], ["--epochs", "3"]):
        error = printed(capsys, 2, "resume", "x.run", *more)
        assert re.match(sentence("x.run: ", mark, STILL), error)
    error = printed(capsys, 2, "verify", "x.html")
    assert re.match(sentence("x.html: ", mark, STILL_OF_PAGE), error)
    assert sorted(recorded.iterdir()) == before  # no page of a training that did not go on
    assert printed(capsys, 0, "animate", "x.run", "-o", "again.html") == "Animation: again.html\n"
    error = printed(capsys, 2, "verify", "again.html")
    assert re.match(sentence("again.html: ", mark, STILL_OF_PAGE), error)
    assert "both are the same run" in printed(capsys, 0, "compare", "x.run", "x.run")
    line = (
        f"arithmetic {mark or 0}, and this slownet has {ARITHMETIC}: no step can be repeated bit for bit"
    )
    assert line in printed(capsys, 0, "info", "x.run").splitlines()


@ANY_MARK
def test_commands_look_at_the_mark_before_the_data(
    mark: int | None, recorded: Path, capsys: Any
) -> None:
    """What a program trained needs the program's data; of another arithmetic, nobody needs any."""
    trained(record="p.run").write_html("p.html", keep="none")
    assert "slownet.resume('p.run', (X, y))" in printed(capsys, 2, "resume", "p.run")
    assert "slownet.verify('p.html', (X, y)" in printed(capsys, 2, "verify", "p.html")
    mark_run(Path("p.run"), mark)
    mark_text(Path("p.html"), mark)
    assert re.match(sentence("p.run: ", mark, STILL), printed(capsys, 2, "resume", "p.run"))
    assert re.match(sentence("p.html: ", mark, STILL_OF_PAGE), printed(capsys, 2, "verify", "p.html"))


@ANY_MARK
def test_info_does_not_promise_that_an_older_run_goes_on(
    mark: int | None, recorded: Path, capsys: Any
) -> None:
    path, xor = Path("b.run"), load(Source("xor", 800))
    changes = {"validation_data": xor.validated, "callbacks": Stopping(70)}
    History.open("x.run").branch(60, xor.train, record=path, **changes)
    promise = "; slownet resume b.run goes on"
    assert promise in printed(capsys, 0, "info", "b.run")
    mark_run(path, mark)
    assert promise not in printed(capsys, 0, "info", "b.run")


def test_info_of_what_is_new_and_of_nets(recorded: Path, capsys: Any) -> None:
    new = f"arithmetic {ARITHMETIC}, that of this slownet"
    assert new in printed(capsys, 0, "info", "x.run").splitlines()
    path = History.open("x.run").restore().save("net.json")
    assert new in printed(capsys, 0, "info", "net.json").splitlines()
    for mark in MARKS:
        mark_text(path, mark)
        line = f"arithmetic {mark or 0}, and this slownet has {ARITHMETIC}"
        assert line in printed(capsys, 0, "info", "net.json").splitlines()
        History.open("x.run").restore().save("net.json")
