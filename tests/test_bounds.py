"""What a file, a page or a command names is bounded before it is made: memory is limited here."""

from __future__ import annotations

import base64
import copy
import gzip
import json
import os
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostile import places, refusals
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from run_files import got, put
from slow import mostly_long

from slownet import History, NetFactory, cli
from slownet.datasets import moons
from slownet.errors import FormatError, InvalidValueError, NotEnoughMemoryError
from slownet.plotting.files import for_script

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="limits memory as Linux does"
)

MOST = 300_000_000  # bytes above the process that has imported slownet
READERS = """
import contextlib, io
import pandas, slownet, slownet.page, slownet.plotting.animate
from slownet import History, cli, compare, load as load_net, resume
from slownet.datasets import moons, read_csv, read_idx
X, y = moons(40, 0.1, 0)
net = slownet.NetFactory([2, 3, 1], seed=0).new()
# everything is imported, compiled code as well: a busy machine makes "auto" load it sooner
net.fit(X, y, snapshots=3, watch=(X, y), engine="compiled", progress=False).animate()

class Refused(Exception): pass

def command(*arguments):
    output, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(error):
        code = cli.main([*arguments])
    if code == 2 and error.getvalue().startswith("slownet: ") and error.getvalue().count("\\n") == 1:
        raise Refused(error.getvalue())
    if code not in (0, 1, 3):
        raise RuntimeError(f"{code}: {error.getvalue()}")
    return output.getvalue()

def animate(path):
    import os
    out = f"{path}.{os.getpid()}.html"
    command("animate", path, "-o", out)

READERS = {
    "History.open": History.open,
    "from_json": History.from_json,
    "load": load_net,
    "compare": lambda path: compare(path, path),
    "resume": lambda path: resume(path, (X, y), progress=False),
    "verify": lambda path: slownet.verify(path, (X, y), (X, y)),
    "page": slownet.page.Page.open,
    "read_csv": lambda path: read_csv(path, "y"),
    "read_idx": read_idx,
    "slownet info": lambda path: command("info", path),
    "slownet resume": lambda path: command("resume", path, "--no-html", "--quiet"),
    "slownet animate": animate,
    "slownet compare": lambda path: command("compare", path, path),
    "slownet verify": lambda path: command("verify", path),
    "slownet train": lambda path: command("train", path, "--target", "y", "--no-html", "--quiet"),
    "arguments": lambda text: command("train", *text.split(), "--no-html", "--quiet"),
}

def load(text):
    name, _, path = text.partition("\\t")
    READERS[name](path)
"""
RUN_READERS = ("History.open", "compare", "resume", "slownet info", "slownet animate", "slownet compare")
FAMILY = (
    "FormatError",
    "FileError",
    "InvalidValueError",
    "InvalidTypeError",
    "RecordingError",
    "Refused",
)
ALL = re.findall(r'^    "([^"]+)": ', READERS, re.MULTILINE)[:-1]

Refusal = Callable[[str, object], str]


@pytest.fixture(scope="module")
def refusal() -> Iterator[Refusal]:
    with refusals(READERS, MOST) as found:
        yield lambda reader, path: found(f"{reader}\t{path}")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of the command line, its page, and a run and a page of a program."""
    folder = tmp_path_factory.mktemp("files")
    X, y = moons(40, 0.1, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        options = ("--epochs", "1", "--snapshots", "4", "--samples", "300", "--quiet")
        command = ["train", "moons", *options, "--run", "c.run", "--html", "c.html", "--keep", "none"]
        assert cli.main(command) == 0
        history = (
            NetFactory([2, 3, 1], seed=0)
            .new()
            .fit(
                X, y, epochs=5, batch_size=10, snapshots=5, watch=(X, y), progress=False, record="a.run"
            )
        )
        history.write_html("a.html", keep="none")
        history.write_html("t.html", keep="all")  # it trains itself
    return folder


def is_refusal(text: str) -> bool:
    """Whether an error is one of slownet's, and memory was no matter."""
    return text.startswith(FAMILY) and "memory" not in text


# files that are no files, and what is packed


@pytest.mark.parametrize("reader", mostly_long(ALL, 4))
def test_pipes_and_devices_are_refused(reader: str, refusal: Refusal, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path, reason in (
        (tmp_path / "pipe.csv", "regular file"),
        ("/dev/zero", "regular file"),
        (tmp_path, "directory|folder"),
    ):
        found = refusal(reader, path)
        assert is_refusal(found), found
        assert re.search(reason, found), found


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A packed training file of 300 MB, and 150 million losses."""
    losses = b'{"first": %d, "loss": [' + b"0," * 4999 + b"0]},\n"
    begin = b'{"format": "slownet training", "version": 1, "slownet": "1", "start": 0, "steps": ['
    path = tmp_path_factory.mktemp("large") / "a.json.gz"
    with gzip.open(path, "wb", 6) as stream:
        stream.write(begin)
        for number in range(30_000):
            stream.write(losses % (1 + 5000 * number))
    return path


@pytest.mark.long
@pytest.mark.parametrize("reader", ["load", "from_json", "slownet info"])
def test_what_unpacks_to_gigabytes_is_refused(reader: str, refusal: Refusal, large: Path) -> None:
    found = refusal(reader, large)
    assert is_refusal(found), found
    assert reader == "load" or "packed file" in found


@pytest.mark.long
def test_images_that_unpack_to_gigabytes_are_refused(refusal: Refusal, tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    with gzip.open(path, "wb", 6) as stream:
        stream.write(struct.pack(">BBBB2I", 0, 0, 8, 2, 1 << 19, 1 << 10))
        for _ in range(512):
            stream.write(bytes(1 << 20))
    assert "expected at most" in refusal("read_idx", path), refusal("read_idx", path)


def test_no_line_of_a_refused_file_is_printed(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    for content in ("root:hash:19000:0\n", "root,hash\nsecret,hash\n", "y,hash\n7,1\n1,hash\n"):
        secret = tmp_path / "shadow"
        secret.write_text(content)
        assert cli.main(["train", str(secret), "--target", "y"]) == 2
        error = capsys.readouterr().err
        assert not re.search("secret|19000|root:", error), error
        monkeypatch.chdir(tmp_path)
        run = tmp_path / "b.run"
        run.write_bytes((files / "c.run").read_bytes())
        put(run, "source", named_table(str(secret)))
        assert cli.main(["resume", str(run), "--no-html"]) == 2
        error = capsys.readouterr().err
        assert "is not the table of 'y' that" in error
        assert not re.search("root|hash|secret", error.replace(str(tmp_path), "")), error


# tables


def test_many_columns_and_rows_take_the_memory_of_their_numbers(
    refusal: Refusal, tmp_path: Path
) -> None:
    wide = tmp_path / "wide.csv"
    columns = [f"c{k}" for k in range(100_000)]
    wide.write_text(",".join([*columns, "y"]) + "\n" + "1," * 100_000 + "2\n")
    assert refusal("read_csv", wide) == "nothing was raised"
    wide.write_text(",".join([*columns, "c7"]) + "\n")
    assert "'c7' in columns 8 and 100001" in refusal("read_csv", wide)
    wide.write_text(",".join(columns) + "\n")
    assert len(refusal("read_csv", wide)) < 600
    tall = tmp_path / "tall.csv"
    tall.write_text("a,b,y\n" + "0.25,1.75,1\n" * 1_000_000)
    assert refusal("read_csv", tall) == "nothing was raised"


def test_a_line_without_end_is_refused(refusal: Refusal, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # a terabyte of zeros, which take no disk
    for content in (b"", b"a" * (1 << 24) + b"a,y\n1,2\n", b"a,y\n1," + b"1" * (1 << 25)):
        if content:
            path.write_bytes(content)
        found = refusal("read_csv", path)
        assert re.search(
            "line [12]: expected (at most|text, found a byte of zeros|cells of a CSV)", found
        ), found
        assert is_refusal(refusal("slownet train", path))


@pytest.mark.long
def test_rows_and_cells_without_end_are_refused(refusal: Refusal, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'a,y\n1,2\n3,"' + b"1\n" * 50_000_000)  # a quote that does not end, over 100 MB
    found = refusal("read_csv", path)
    assert is_refusal(found), found
    assert "line 3: expected cells of a CSV file" in found
    path.write_bytes(b"a,y\n" + b"1,2\n" * 100_000 + b"1," + b"x" * (1 << 23) + b"\n")
    assert is_refusal(refusal("read_csv", path))
    with path.open("wb") as file:  # every row another text of a kilobyte
        file.write(b"a,y\n")
        for number in range(150_000):
            file.write(f"{number:01000},x{number}\n".encode())
    assert "different texts" in refusal("read_csv", path), refusal("read_csv", path)


@pytest.mark.long
def test_tables_that_unpack_to_gigabytes_are_refused(refusal: Refusal, tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wb", 6) as stream:
        for _ in range(40):
            stream.write(b"a,y\n" + b"1,2\n" * 2_000_000)
    assert "packed file" in refusal("read_csv", path)
    pytest.importorskip("openpyxl")
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(1 << 28))
    assert "expected at most" in refusal("read_csv", path)


# pages


def facts_of(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(re.findall(r'id="facts">([^<]*)<', text)[0])
    return found


def page_with(text: str, known: object) -> str:
    facts = for_script(json.dumps(known, separators=(",", ":")))
    return re.sub(r'(id="facts">)[^<]*', lambda found: found[1] + facts, text)


def large_layers(facts: dict[str, Any]) -> None:
    for layer in (0, 1):
        facts["layers"][layer]["neurons"] = [0] * 30_000
        facts["training"]["initial"][layer]["size"] = 30_000


def without_end(facts: dict[str, Any]) -> None:
    facts["training"]["config"]["epochs"] = 10**12
    facts["training"]["last"] = 10**13


def billions(facts: dict[str, Any]) -> None:
    facts["training"]["config"] |= {"epochs": 10**8, "batch_size": 1}
    facts["training"]["last"] = 10**8


def many_snapshots(facts: dict[str, Any]) -> None:
    facts["training"]["config"] |= {"epochs": 10**9, "snapshots": 10**8}
    facts["training"]["last"] = 10**10


def earlier(facts: dict[str, Any]) -> None:
    facts["training"]["config"]["earlier"] = [[10**12, 10**12]]


def many_epochs(facts: dict[str, Any]) -> None:
    facts["training"]["config"]["epochs"] = 10**15


ALTERATIONS = (large_layers, without_end, billions, many_snapshots, earlier, many_epochs)


@pytest.mark.parametrize(
    ("reader", "name"), [("verify", "a.html"), ("verify", "t.html"), ("slownet verify", "c.html")]
)
def test_pages_that_name_more_than_they_hold_are_refused(
    reader: str, name: str, refusal: Refusal, files: Path, tmp_path: Path
) -> None:
    text = (files / name).read_text("utf-8")
    path = tmp_path / "a.html"
    path.write_text(text, "utf-8")
    assert refusal(reader, path) == "nothing was raised"
    for alter in ALTERATIONS:
        known = facts_of(text)
        alter(known["facts"])
        path.write_text(page_with(text, known), "utf-8")
        found = refusal(reader, path)
        assert is_refusal(found), (alter.__name__, found)
        assert str(path) in found, found
        assert alter is not large_layers or "and it has numbers of" in found


@pytest.mark.parametrize("samples", [10**12, 3 * 10**8, 10**30, -1, 0.5, "all", [1]])
def test_samples_that_a_page_or_a_run_names_are_bounded(
    samples: object, refusal: Refusal, files: Path, tmp_path: Path
) -> None:
    text = (files / "c.html").read_text("utf-8")
    known = facts_of(text)
    known["facts"]["training"]["source"]["samples"] = samples
    (tmp_path / "c.html").write_text(page_with(text, known), "utf-8")
    found = refusal("slownet verify", tmp_path / "c.html")
    assert is_refusal(found), found
    run = tmp_path / "c.run"
    run.write_bytes((files / "c.run").read_bytes())
    put(
        run, "source", {"command": cli.data_sets.COMMAND, "data": "moons", "samples": samples, "seed": 0}
    )
    found = refusal("slownet resume", run)
    assert is_refusal(found), found


@pytest.mark.parametrize("inside", mostly_long(["[]", '{"a":[]}', "1", '"a"', "{}", "[[[[[[]]]]]]"], 2))
def test_facts_without_end_are_refused(
    inside: str, refusal: Refusal, files: Path, tmp_path: Path
) -> None:
    text = (files / "a.html").read_text("utf-8")
    before, after = re.split(r'(?<=id="facts">)[^<]*', text)
    for count in (25_000_000 // len(inside), 8_000_000 // len(inside)):
        facts = '{"facts":[' + ",".join([inside] * count) + "]}"
        path = tmp_path / "a.html"
        path.write_text(before + facts + after, "utf-8")
        assert is_refusal(refusal("page", path)), refusal("page", path)


@pytest.mark.parametrize(
    "about",
    mostly_long(
        [
            {"kind": "exact", "shape": [1, 1 << 25], "bytes": 1 << 28},
            {"kind": "float64", "shape": [1, 1 << 25], "bytes": 1 << 28},
            {"kind": "uint8", "shape": [1, 1 << 28], "bytes": 1 << 28},
            {"kind": "rounded", "shape": [1, 1 << 24], "bytes": 1 << 24, "byte_planes": 1},
            {"kind": "rounded", "shape": [1 << 23, 1], "bytes": 1 << 23, "byte_planes": 1},
            {"kind": "rounded", "shape": [1, 1 << 23], "bytes": 1 << 23, "byte_planes": 1},
        ],
        2,
    ),
)
def test_numbers_that_unpack_to_gigabytes_are_refused(
    about: dict[str, Any], refusal: Refusal, files: Path, tmp_path: Path
) -> None:
    text = (files / "a.html").read_text("utf-8")
    known = facts_of(text)
    known["contents"]["weights 1"] = {"digits": 3, "parts": 1, **about}
    stored = sum(each["bytes"] for each in known["contents"].values())
    payload = base64.b64encode(zlib.compress(bytes(stored), 9)).decode()
    packed = re.sub(r'(id="payload">)[^<]*', lambda found: found[1] + payload, text)
    path = tmp_path / "a.html"
    path.write_text(page_with(packed, known), "utf-8")
    found = refusal("verify", path)
    assert is_refusal(found) or (about["bytes"] <= 1 << 23 and found == "nothing was raised"), found


@pytest.mark.parametrize(
    ("frames", "reason"), [(5, "all its numbers take"), (1, "it plans 5 snapshots, and has 1")]
)
def test_a_net_of_numbers_that_take_no_room_is_refused(
    frames: int, reason: str, refusal: Refusal, files: Path, tmp_path: Path
) -> None:
    text = (files / "a.html").read_text("utf-8")
    known = facts_of(text)
    facts, contents, size = known["facts"], known["contents"], 1500
    for layer in (0, 1):
        facts["layers"][layer]["neurons"] = [*range(size)]
        facts["training"]["initial"][layer]["size"] = size
    about = {"kind": "rounded", "digits": 3, "parts": 1, "byte_planes": 1}
    for name, count in (("weights 1", size * size), ("weights 2", size)):
        contents[name] = {**about, "shape": [frames, count], "bytes": frames * count}
    payload = base64.b64encode(zlib.compress(bytes(sum(each["bytes"] for each in contents.values()))))
    before, after = re.split(r'(?<=id="payload">)[^<]*', page_with(text, known))
    path = tmp_path / "a.html"
    path.write_text(before + payload.decode() + after, "utf-8")
    found = refusal("verify", path)
    assert is_refusal(found), found
    assert reason in found


def test_a_page_that_trains_a_large_net_is_refused(
    refusal: Refusal, files: Path, tmp_path: Path
) -> None:
    """Zeros that say where its weights come from take no room."""
    text = (files / "t.html").read_text("utf-8")
    known = facts_of(text)
    facts, contents, size = known["facts"], known["contents"], 1500
    for layer in (0, 1):
        facts["layers"][layer]["neurons"] = [*range(size)]
        facts["training"]["initial"][layer]["size"] = size
    start = np.array([size] * (size + 1), "<i4").tobytes()
    contents["start"] = {"kind": "int32", "shape": [size + 1], "bytes": len(start)}
    count = size * size + size
    contents["source"] = {"kind": "int32", "shape": [count], "bytes": 4 * count}
    rest = bytes(sum(each["bytes"] for each in contents.values()) - len(start))
    payload = base64.b64encode(zlib.compress(start + rest))
    before, after = re.split(r'(?<=id="payload">)[^<]*', page_with(text, known))
    path = tmp_path / "t.html"
    path.write_text(before + payload.decode() + after, "utf-8")
    found = refusal("verify", path)
    assert is_refusal(found), found
    assert "more than trains in a page" in found


# runs


def named_table(path: str) -> dict[str, Any]:
    named = {"command": cli.data_sets.COMMAND, "data": path, "samples": 10, "seed": 0}
    return {**named, "target": "y", "classify": False, "inputs": ["a"]}


@pytest.mark.parametrize(
    "changes",
    mostly_long(
        [
            {"epochs": 10**15},
            {"epochs": 10**8},
            {"snapshots": 10**12, "epochs": 10**9},
            {"snapshots": 10**6, "epochs": 10**7},
            {"threads": 10**12},
            {"batch_size": 10**30},
            {"earlier": [[5, 10**15]]},
            {"steps_before": 10**400},
        ],
        2,
    ),
)
def test_runs_that_plan_without_end_are_refused(
    changes: dict[str, Any], refusal: Refusal, files: Path, tmp_path: Path
) -> None:
    for name, reader in (("a.run", "resume"), ("c.run", "slownet resume")):
        run = tmp_path / name
        run.write_bytes((files / name).read_bytes())
        put(run, "config", {**got(run, "config"), **changes})
        put(run, "ended", "interrupted")
        found = refusal(reader, run)
        assert is_refusal(found), found
        for other in ("History.open", "slownet info", "slownet animate", "slownet compare"):
            assert refusal(other, run).startswith(("nothing was raised", *FAMILY)), other
    if changes == {"epochs": 10**8}:
        assert "give the number of epochs" in found


@pytest.mark.parametrize("data", ["/dev/zero", "pipe.csv"])
def test_devices_that_a_run_or_a_page_names_are_refused(
    data: str, refusal: Refusal, files: Path, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    run = tmp_path / "c.run"
    run.write_bytes((files / "c.run").read_bytes())
    put(run, "source", named_table(data))
    assert "regular file" in refusal("slownet resume", run), refusal("slownet resume", run)
    text = (files / "c.html").read_text("utf-8")
    known = facts_of(text)
    known["facts"]["training"]["source"] = named_table(data)
    (tmp_path / "c.html").write_text(page_with(text, known), "utf-8")
    found = refusal("slownet verify", tmp_path / "c.html")
    assert is_refusal(found), found
    assert re.search("regular file|is not there", found), found


# arguments


@pytest.mark.parametrize(
    "arguments",
    [
        "moons --samples 1000000000000",
        "moons --samples 1" + "0" * 30,
        "moons --samples 1" + "0" * 5000,
        "moons --epochs 1" + "0" * 30,
        "moons --epochs 1" + "0" * 4000,
        "moons --batch-size 1" + "0" * 30,
        "moons --run nowhere/a.run --snapshots 1000000000000",
        "moons --threads 1000000000000",
        "moons --seed 1" + "0" * 30,
        "moons --layers 2 30000 30000 1",
        "moons --layers 2 1" + "0" * 30 + " 1",
        "mnist --samples 10 --layers 784 1000000000 10",
        "moons --learning-rate 1e999",
    ],
)
def test_arguments_are_bounded(arguments: str, refusal: Refusal) -> None:
    found = refusal("arguments", arguments)
    assert is_refusal(found), found
    assert len(found) < 400


def test_a_net_has_no_more_weights_than_a_file_can_hold() -> None:
    for sizes in ([30_000, 30_000], [1, 10**9], [10**30, 1]):
        with pytest.raises(InvalidValueError, match="weights of a net must be at most 100000000"):
            NetFactory(sizes)


def test_a_lack_of_memory_is_named_as_one(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("slownet.cli.data_sets.CLASSIFICATION", {"moons": fail})
    assert cli.main(["train", "moons"]) == 2
    assert capsys.readouterr().err == f"slownet: {cli.NO_MEMORY}\n"
    monkeypatch.setattr("slownet.recording.runfile.rows", fail)
    with pytest.raises(NotEnoughMemoryError, match=r"a\.run: there is not enough memory"):
        History.open(files / "a.run")
    assert issubclass(NotEnoughMemoryError, MemoryError)
    assert not issubclass(NotEnoughMemoryError, FormatError)


# whatever a file says


HUGE = st.one_of(
    st.sampled_from([10**6, 2**31, 10**9, 10**12, 10**15, 2**63, 10**30, 10**300, -1, -(10**15)]),
    st.sampled_from([1e308, 0.5, "10", None, True, [], {}, [10**12] * 3, [[10**12, 10**12]]]),
    st.just([[[[[[[[10**9]]]]]]]]),
)
FEW = settings(
    max_examples=max(60, settings.default.max_examples // 10), suppress_health_check=list(HealthCheck)
)


def enlarged(data: st.DataObject, values: Any) -> Any:
    """Replace a few values by huge ones: numbers, and what numbers may stand in."""
    for _ in range(data.draw(st.integers(1, 3))):
        found = [(inside, key) for inside, key in places(values) if not isinstance(inside[key], str)]
        if found:
            inside, key = found[data.draw(st.integers(0, len(found) - 1))]
            inside[key] = copy.deepcopy(data.draw(HUGE))
    return values


def is_fine(found: str) -> bool:
    return found == "nothing was raised" or is_refusal(found)


@pytest.mark.long
@FEW
@given(data=st.data())
def test_pages_with_huge_numbers_are_verified_or_refused(
    data: st.DataObject, refusal: Refusal, files: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    reader, name = data.draw(st.sampled_from([("verify", "a.html"), ("slownet verify", "c.html")]))
    text = (files / name).read_text("utf-8")
    known = facts_of(text)
    training = known["facts"]["training"]
    part = data.draw(st.sampled_from([known["facts"], training, training["config"], known["contents"]]))
    enlarged(data, part)
    path = tmp_path_factory.mktemp("p") / name
    path.write_text(page_with(text, known), "utf-8")
    found = refusal(reader, path)
    assert is_fine(found), found


@pytest.mark.long
@FEW
@given(data=st.data())
def test_runs_with_huge_numbers_are_read_or_refused(
    data: st.DataObject, refusal: Refusal, files: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name = data.draw(st.sampled_from(["a.run", "c.run"]))
    run = tmp_path_factory.mktemp("r") / name
    run.write_bytes((files / name).read_bytes())
    facts = ["config", "data", "start", "classes", "test", "parent", "source", "rows", "arithmetic"]
    for fact in data.draw(st.lists(st.sampled_from(facts), min_size=1, max_size=2)):
        put(run, fact, enlarged(data, {"value": got(run, fact)})["value"])
    if data.draw(st.booleans()):
        put(run, "ended", "interrupted")
    reader = data.draw(st.sampled_from([*RUN_READERS, "slownet resume"]))
    found = refusal(reader, run)
    assert is_fine(found), (reader, found)
