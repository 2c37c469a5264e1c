"""What is made to be given to others holds no folder of the machine that it was made on."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_trainings import XY, trained
from run_files import got, put
from slow import mostly_long

from slownet import History, NetFactory, cli, compare, load, plotting, verify
from slownet.cli.output import print_error
from slownet.errors import RecordingError, SlownetError
from slownet.page import Page, Player
from slownet.recording.sharing import file_name, shareable

SECRET = "very-secret-home"
ROWS = "area,rooms,price\n" + "".join(f"{40 + k},{k % 5},{k * k % 97}\n" for k in range(40))
TRAIN = ("--target", "price", "--epochs", "2", "--snapshots", "4", "--quiet")


def contents(data: bytes) -> Iterator[str]:
    """The texts in a file: as they are, unpacked, unescaped, and of every base64 in them."""
    with suppress(OSError, EOFError, zlib.error):
        data = gzip.decompress(data)
    text = data.decode("latin-1")
    yield text
    yield html.unescape(text)
    yield re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
    for packed in re.findall(r"[A-Za-z0-9+/]{100,}={0,2}", text):
        with suppress(ValueError):
            plain = base64.b64decode(packed)
            yield plain.decode("latin-1")
            with suppress(zlib.error):
                yield zlib.decompress(plain, wbits=47).decode("latin-1")


def leaks(path: Path) -> list[str]:
    """The texts in a file that hold the name of the folder."""
    return [text for text in contents(path.read_bytes()) if SECRET in text]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Path:
    """A folder with a run of a table, recorded by the command line from its full path."""
    folder = tmp_path / SECRET
    folder.mkdir()
    (folder / "homes.csv").write_text(ROWS, encoding="utf-8")
    monkeypatch.chdir(folder)
    run = str(folder / "homes.run")
    assert cli.main(["train", str(folder / "homes.csv"), *TRAIN, "--run", run, "--no-html"]) == 0
    capsys.readouterr()
    return folder


def test_the_search_finds_what_is_packed(home: Path) -> None:
    secret = f"{SECRET} " * 30
    for data in (
        secret.encode(),
        gzip.compress(secret.encode()),
        base64.b64encode(secret.encode()),
        base64.b64encode(zlib.compress("".join(f"{k} {SECRET}" for k in range(200)).encode())),
        SECRET.replace("-", "&#45;").encode(),
        SECRET.replace("-", "\\u002d").encode(),
    ):
        (home / "x").write_bytes(data)
        assert leaks(home / "x"), data
    assert leaks(home / "homes.run")  # it may keep the path, and does


@pytest.mark.long
def test_no_export_holds_the_folder(home: Path, capsys: Any) -> None:
    def run(*arguments: str) -> str:
        assert cli.main(list(arguments)) == 0
        return str(capsys.readouterr().out)

    (home / "out").mkdir()
    run("train", str(home / "homes.csv"), *TRAIN, "--html", "out/trained.html")
    run("animate", str(home / "homes.run"), "-o", "out/animated.html", "--exact")
    run("resume", str(home / "homes.run"), "--epochs", "3", "--quiet", "--html", "out/resumed.html")
    (home / "other").mkdir()
    (home / "other" / "homes.run").write_bytes((home / "homes.run").read_bytes())
    same_name = str(home / "homes.run"), str(home / "other" / "homes.run")
    report = run("compare", *same_name, "--html", "out/compared.html")
    history = History.open(home / "homes.run")
    history.to_json("out/run.json")
    history.to_json("out/run.json.gz")
    History.from_json("out/run.json").write_html("out/again.html")
    history.restore().save("out/net.json")
    figure = plotting.animation(history)
    plotting.save(figure, "out/figure.html")
    compared = compare(*same_name)
    texts = {
        "frame.html": Player(history)._repr_html_(),
        "history.html": history._repr_html_(),
        "net.html": history.restore()._repr_html_(),
        "comparison.html": compared._repr_html_(),
        "comparison.txt": f"{compared} {compared!r} {history!r}",
        "figure.json": str(figure.to_json()),
        "report.txt": report,
        "verdict.txt": run("verify", "out/trained.html", "--data", "homes.csv"),
        "info.txt": run("info", "out/run.json") + run("info", "homes.run"),
    }
    for name, text in texts.items():
        Path("out", name).write_text(text, encoding="utf-8")
    files = sorted(Path("out").iterdir())
    assert len(files) == 18
    for path in files:
        assert not leaks(path), path
    for name in ("out/trained.html", "out/animated.html", "out/resumed.html", "out/again.html"):
        source = Page.open(name).training["source"]
        assert source["data"] == "homes.csv"


def test_what_a_program_says_of_its_data(tmp_path: Path) -> None:
    source = {
        "file": f"/home/{SECRET}/My Documents/a.csv",
        "there": f"C:\\Users\\{SECRET}\\b.csv",
        "server": f"\\\\nas\\{SECRET}\\c.csv",
        "more": [{f"/{SECRET}/d": f"file:///home/{SECRET}/e.csv"}],
        "text": f"from /home/{SECRET}/f.csv and https://example.org/all/g.csv",
        "rows": 3,
        "inputs": [f"/{SECRET}/x", "y"],
    }
    history = trained(source=source, record=tmp_path / "a.run")
    assert History.open(tmp_path / "a.run").source == source
    path = history.write_html(tmp_path / "page.html")
    page = Page.open(path)
    assert page.training["source"] == {
        "file": "a.csv",
        "there": "b.csv",
        "server": "c.csv",
        "more": [{"d": "e.csv"}],
        "text": "from f.csv and https://example.org/all/g.csv",
        "rows": 3,
        "inputs": ["x", "y"],
    }
    assert page.facts["inputs"] == ["x1", "x2"]  # only a table names them
    again = History.from_json(history.to_json(tmp_path / "a.json"))
    assert again.source == page.training["source"]
    assert not leaks(path)
    assert verify(path, XY, XY)
    assert verify(path, XY, XY, source=source)  # as it was given to `fit`


@given(st.text(max_size=20) | st.text(alphabet="/\\ab:. ", max_size=12))
def test_no_absolute_path_stays_absolute(text: str) -> None:
    shared = shareable(text)
    assert shareable({"a": [text]}) == {"a": [shared]}
    name = file_name(text)
    assert "/" not in name
    if name.strip() not in ("", "."):
        for path in (f"/{SECRET}/{name}", f"C:\\{SECRET}\\x", f"\\\\nas\\{SECRET}\\x", f"d:/{SECRET}/x"):
            assert SECRET not in shareable(path)
            assert SECRET not in shareable(f"see {path}")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("C:\\Users\\x\\a.csv", "a.csv"),
        ("C:/Users/x/a.csv", "a.csv"),
        ("\\\\server\\share\\x\\a.csv", "a.csv"),
        ("/home/x/a.csv", "a.csv"),
        ("a.csv", "a.csv"),
        ("/home/x/a\\b.csv", "a\\b.csv"),
        ("x:y", "x:y"),
        ("a\\b.csv", "a\\b.csv"),  # a name, where it was made
    ],
)
def test_names_of_files_of_any_system(path: str, name: str) -> None:
    assert file_name(path) == name


def test_names_of_columns_are_no_paths(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    folder = tmp_path / SECRET
    folder.mkdir()
    monkeypatch.chdir(folder)
    target, note = "T (K)/max/mean", "note /a/b"
    frame = pd.DataFrame({"a": range(40), target: np.arange(40) * 2.0, note: ["u", "v"] * 20})
    frame.to_csv("t.csv", index=False)
    train = ["train", str(folder / "t.csv"), "--target", target, "--drop", note, "--epochs", "1"]
    assert cli.main([*train, "--quiet", "--html", "t.html"]) == 0
    assert Page.open(Path("t.html")).training["source"]["target"] == target
    assert not leaks(Path("t.html"))
    assert cli.main(["verify", "t.html"]) == 0
    capsys.readouterr()


def test_a_run_goes_on_from_its_full_path(home: Path, monkeypatch: Any, capsys: Any) -> None:
    away = home.parent / "away"
    away.mkdir()
    monkeypatch.chdir(away)
    run = str(home / "homes.run")
    assert cli.main(["resume", run, "--epochs", "3", "--quiet", "--html", "page.html"]) == 0
    assert cli.main(["animate", run, "-o", "again.html"]) == 0
    assert not leaks(away / "page.html")
    # the page is verified with the file beside it, or with the one that is named
    capsys.readouterr()
    assert cli.main(["verify", "page.html"]) == 2
    assert "homes.csv, which is not there: give it by --data FILE" in capsys.readouterr().err
    assert cli.main(["verify", "page.html", "--data", str(home / "homes.csv")]) == 0
    (away / "homes.csv").write_text(ROWS, encoding="utf-8")
    assert cli.main(["verify", "page.html"]) == 0


def test_a_run_of_windows_finds_its_table_beside_it(home: Path) -> None:
    run = home / "homes.run"
    put(run, "source", {**got(run, "source"), "data": "C:\\Users\\x\\homes.csv"})
    assert cli.main(["resume", "homes.run", "--epochs", "3", "--quiet", "--html", "page.html"]) == 0
    source = Page.open("page.html").training["source"]
    assert source["data"] == "homes.csv"
    assert "Users" not in json.dumps(Page.open("page.html").facts)


def test_messages_about_a_run_have_its_name_only(home: Path) -> None:
    history = History.open(home / "homes.run")
    with pytest.raises(RecordingError, match="than in homes.run") as caught:
        history.rewind(2, ([[0.0, 0.0]] * 32, [0.0] * 32))
    assert SECRET not in str(caught.value)


def test_a_net_file_names_no_file(tmp_path: Path) -> None:
    folder = tmp_path / SECRET
    folder.mkdir()
    net = NetFactory([2, 3, 1], seed=0).new()
    path = load(net.save(folder / "net.json")).save(folder / "again.json")
    assert not leaks(path)


@pytest.mark.parametrize(
    "command",
    [
        "resume none.run",
        "info none.run",
        "animate none.run",
        "compare none.run a.run",
        "verify none.html",
    ],
)
def test_messages_of_the_command_line_name_files_without_their_folder(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    folder = tmp_path / SECRET
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert cli.main(command.split()) == 2
    error = capsys.readouterr().err
    assert "none." in error
    assert SECRET not in error


def test_only_whole_leading_folders_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def printed_of(text: str) -> str:
        assert print_error(SlownetError(text), 2) == 2
        return str(capsys.readouterr().err).removeprefix("slownet: ").rstrip()

    monkeypatch.chdir(tmp_path)
    own = str(tmp_path / "a.csv")
    assert printed_of(f"'{own}' and {own}: no") == "'a.csv' and a.csv: no"
    for kept in (
        f"/var{own}",
        f"..{own}",
        f"~{own}",
        f"a-{own}",
        f"{tmp_path}2/a.csv",
        "http://a.org/b",
    ):
        assert printed_of(kept) == kept
    monkeypatch.chdir(tmp_path.anchor)
    for kept in (own, "see https://example.org/b"):
        assert printed_of(kept) == kept


# the rows of somebody's table


class Held:
    """All that a page holds.

    Attributes
    ----------
    arrays : bytes
        Its numbers.
    bytes : bytes
        Its text, and its numbers.
    """

    def __init__(self, path: Path) -> None:
        self.arrays = b"".join(array.tobytes() for array in Page.open(path).arrays.values())
        texts = (text.encode("utf-8", "replace") for text in contents(path.read_bytes()))
        self.bytes = b"".join(texts) + self.arrays

    def traces(self, number: float, *others: float) -> list[bytes]:
        """How a number stands in it: as text, or packed.

        Four bytes are looked for among the numbers only: in megabytes of text they are found by chance.
        """
        texts = [repr(number), f"{number:.6f}", f"{number:.8g}"]
        each = (number, *others)
        wide = [struct.pack(kind, one) for kind in ("<d", ">d") for one in each]
        narrow = [struct.pack(kind, one) for kind in ("<f", ">f") for one in each]
        found = [mark for mark in (*(text.encode() for text in texts), *wide) if mark in self.bytes]
        return [*found, *(mark for mark in narrow if mark in self.arrays)]


def table_of_markers() -> tuple[pd.DataFrame, pd.Series]:
    """Every number of it is one that stands nowhere else."""
    numbers = np.random.default_rng(8).uniform(1000.0, 9000.0, (60, 3))
    frame = pd.DataFrame(numbers[:, :2], columns=["income", "size"])
    frame["town"] = ["Ulm", "Bonn", "Kiel"] * 20
    return frame, pd.Series(numbers[:, 2], name="price (EUR)")


@pytest.mark.long
@pytest.mark.parametrize("prepare", ["standardise", None])
@pytest.mark.parametrize("precision", mostly_long([{"exact": True}, {"bits": 12}]))
@pytest.mark.filterwarnings("ignore:the inputs have very different sizes")
def test_a_page_holds_the_watched_rows_only(
    prepare: str | None, precision: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = table_of_markers()
    net = NetFactory([5, 4, 1], output_activation="linear", seed=3).new()
    history = net.fit(
        *(X, y),
        prepare=prepare,
        epochs=2,
        learning_rate=1e-9,
        snapshots=4,
        watch=(X[:20], y[:20]),
        validation_data=(X[20:30], y[20:30]),
        test_data=(X[30:40], y[30:40]),
        progress=False,
    )
    assert net.preparation is not None
    inputs = net.preparation.prepared(X)
    (target,) = net.preparation.targets
    few = history.write_html(tmp_path / "few.html", **precision)
    everything = history.write_html(tmp_path / "all.html", **precision, keep="all")
    here, there = Held(few), Held(everything)
    for row in range(60):
        for column, name in enumerate(("income", "size")):
            own = float(X[name][row])
            in_page = here.traces(own, inputs[row, column])
            assert bool(in_page) == (row < 10), (row, name, in_page)
            assert struct.pack("<d", own) in there.bytes
        wanted = float(y[row])
        in_page = here.traces(wanted, (wanted - target.centre) / target.scale)
        assert bool(in_page) == (row < 20), (row, in_page)
        assert struct.pack("<d", wanted) in there.bytes


def test_a_page_of_the_command_line_holds_no_path_and_no_column_that_was_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    X, y = table_of_markers()
    X["patient"] = [f"patient-marker-{k}" for k in range(60)]
    X["insurance"] = np.random.default_rng(9).uniform(1e5, 9e5, 60)
    folder = tmp_path / SECRET
    folder.mkdir()
    pd.concat([X, y], axis=1).to_csv(folder / "homes.csv", index=False)
    monkeypatch.chdir(folder)
    table = [str(folder / "homes.csv"), "--target", "price (EUR)", "--drop", "patient", "insurance"]
    train = ["train", *table, "--epochs", "2", "--quiet"]
    assert cli.main([*train, "--html", "few.html"]) == 0
    assert cli.main([*train, "--html", "all.html", "--include-data"]) == 0
    for name in ("few.html", "all.html"):
        held = Held(folder / name)
        assert b"patient-marker" not in held.bytes
        assert SECRET.encode() not in held.bytes
        assert not [trace for each in X["insurance"] for trace in held.traces(each)]
        assert cli.main(["verify", name]) == 0
    (folder / "homes.csv").unlink()
    assert cli.main(["verify", "few.html"]) == 2
    assert cli.main(["verify", "all.html"]) == 0
    capsys.readouterr()


def test_the_page_of_a_training_that_diverged_holds_all_rows_if_asked_to(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    diverging = [*TRAIN, "--optimizer", "sgd", "--learning-rate", "1e300"]
    assert cli.main(["train", "homes.csv", *diverging, "--html", "all.html", "--include-data"]) == 1
    (home / "homes.csv").unlink()
    assert cli.main(["verify", "all.html"]) == 0
    capsys.readouterr()


def test_info_says_what_of_the_data_a_run_holds(home: Path, capsys: Any) -> None:
    def held(*arguments: str) -> str:
        assert cli.main(list(arguments)) == 0
        return re.sub(r"\s+", " ", capsys.readouterr().out)

    assert "holds 8 watched rows, the path of homes.csv" in held("info", "homes.run")
    assert "; no other rows run " in held("info", "homes.run")
    History.open("homes.run").to_json("homes.json")
    assert "holds 8 watched rows, the name of homes.csv" in held("info", "homes.json")
    held("train", "xor", "--epochs", "1", "--run", "xor.run", "--quiet", "--no-html")
    assert "holds 200 watched samples run " in held("info", "xor.run")
    frame, prices = table_of_markers()
    net = NetFactory([5, 4, 1], output_activation="linear", seed=3).new()
    net.fit(frame, prices, prepare="min-max", record="a.run", progress=False, epochs=1)
    known = "none of the rows, the names of 3 columns and of their categories, and what scales them"
    assert f"holds {known}; no other rows" in held("info", "a.run")
