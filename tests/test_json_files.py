"""Net and training files: read as they were written, or refused with what is wrong and where."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hostile import MANY, mutated_bytes, mutated_values, put, refusals, written
from hypothesis import given
from hypothesis import strategies as st
from json_files import NET, TRAINING, WRONG_GRAPH, WRONG_HEAD, JsonFile, remembered, rich_net
from small_trainings import OPTIONS, X, Y, new_net

from slownet import FileError, FormatError, History, InvalidTypeError, MissingFileError, NetFactory
from slownet.recording import json_stream

KINDS = pytest.mark.parametrize("kind", [NET, TRAINING], ids=["net", "training"])


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files") / "file.json"


def rich(kind: JsonFile) -> Any:
    """Something with all that a file can hold."""
    if kind is TRAINING:
        return new_net().fit(X, Y, snapshots=3, watch=(X[:2], Y[:2]), **OPTIONS)
    net = rich_net()
    net.optimizer_state = remembered(net)
    return net


# What other programs may do to a file


@KINDS
def test_files_that_other_programs_wrote_again_are_read(kind: JsonFile, file: Path) -> None:
    thing = rich(kind)
    kind.save(thing, file)
    values = json.loads(file.read_text(encoding="utf-8"))
    for text in (
        json.dumps(values, sort_keys=True),
        "\ufeff" + json.dumps(values, indent=1).replace("\n", "\r\n"),
        json.dumps(values, separators=(",", ":")).replace("-0.0,", "-0,"),
        json.dumps(values) + " " * 70_000,
    ):
        file.write_bytes(text.encode())
        assert kind.everything(kind.load(file)) == kind.everything(thing)


@KINDS
def test_values_larger_than_what_is_read_at_a_time(kind: JsonFile, file: Path, monkeypatch) -> None:
    thing = rich(kind)
    kind.save(thing, file)
    for size in (1, 2, 3, 7, 50, 1000):
        monkeypatch.setattr(json_stream, "PIECE", size)
        assert kind.everything(kind.load(file)) == kind.everything(thing)


# What is wrong with a file, and where


@KINDS
def test_small_files_are_good(kind: JsonFile, file: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(kind.schema)
    kind.validator.validate(kind.small())
    kind.load(written(file, kind.small()))


def wrong() -> list[Any]:
    cases = []
    for kind in (NET, TRAINING):
        prefix = f"{kind.graph}." if kind.graph else ""
        in_graph = [(f"{prefix}{path}", *rest) for path, *rest in WRONG_GRAPH]
        cases += [(kind, *case) for case in (*WRONG_HEAD, *in_graph, *kind.wrong)]
    return [pytest.param(*case, id=f"{case[0].name} {case[1]} {case[2]!r:.40}") for case in cases]


@pytest.mark.parametrize(("kind", "path", "new", "where", "what"), wrong())
def test_errors_say_what_is_wrong_and_where(kind, path, new, where, what, file: Path) -> None:
    with pytest.raises(FormatError) as caught:
        kind.load(written(file, put(kind.small(), path, new)))
    message = str(caught.value)
    assert message.startswith(str(file) if where else f"{file}: ")
    assert where in message
    assert what in message
    assert len(message) < len(str(file)) + 700
    if kind.graph and path.startswith(f"{kind.graph}."):
        assert message.startswith(f"{file}, training_states[0].graph")


@pytest.mark.parametrize("kind", [NET, TRAINING])
def test_a_run_is_no_json_and_the_error_says_what_reads_it(kind, tmp_path: Path) -> None:
    history = NetFactory([2, 2, 1], seed=0).new().fit([[0, 1]], [1], record=tmp_path / "a.run")
    with pytest.raises(FormatError, match=r"a\.run: expected JSON, .* slownet\.History\.open\(path\)"):
        kind.load(tmp_path / "a.run")
    assert History.open(tmp_path / "a.run").last_step == history.last_step


def test_an_empty_object_more_is_refused_wherever_objects_stand(file: Path) -> None:
    """Lists are read item by item: one that has nothing of what it should must not be overlooked."""
    for kind in (NET, TRAINING):
        places = [name for name, _ in lists_of_objects(kind.small())]
        assert len(places) > 5
        for place, name in enumerate(places):
            if name.endswith("preparation.targets"):
                continue  # all that a target has may be left out
            values = kind.small()
            lists_of_objects(values)[place][1].append({})
            assert not kind.validator.is_valid(values), name
            with pytest.raises(FormatError, match=r"file\.json"):
                pytest.fail(f"{name}: {kind.load(written(file, values))}")


def lists_of_objects(values: Any, name: str = "") -> list[tuple[str, list[Any]]]:
    """Every list of objects in plain values, but the free ones of options."""
    found = [(name, values)] if isinstance(values, list) and values and type(values[0]) is dict else []
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        if isinstance(value, (dict, list)) and key != "config":
            found += lists_of_objects(value, f"{name}.{key}")
    return found


WRONG_TEXTS = [
    (b"", "expected '{', found the end of the file"),
    (b"[]", "expected '{', found '['"),
    (b'{"a": 1}', "found the key 'a'"),
    (b"\x89PNG", "found the byte 89"),
    (b'{"format": "FORMAT", "format": "FORMAT"}', "the key 'format' stands there twice"),
    (b'{"format": "FORMAT",}', "expected JSON, found '}'"),
    (b'{"format": "FORMAT"} {}', "expected the end of the file"),
]


@KINDS
@pytest.mark.parametrize(("text", "what"), WRONG_TEXTS)
def test_texts_that_are_no_such_files(kind: JsonFile, text: bytes, what: str, file: Path) -> None:
    file.write_bytes(text.replace(b"FORMAT", kind.small()["format"].encode()))
    with pytest.raises(FormatError) as caught:
        kind.load(file)
    assert what in str(caught.value)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b'{"format": "slownet net", "version": 1,\n"layers": [{"neurons": [{"id": 0, "id": 0}]}]}',
         "layers[0].neurons[0] (line 2): the key 'id' stands there twice"),
        (b'{"format": "slownet net",\n\n"seed": "abc', "seed (line 3): expected more"),
    ],
)  # fmt: skip
def test_texts_that_are_no_net_files(text: bytes, what: str, file: Path) -> None:
    file.write_bytes(text)
    with pytest.raises(FormatError) as caught:
        NET.load(file)
    assert what in str(caught.value)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda text: text + b" {}", "(line 1): expected the end of the file"),
        (lambda text: text.replace(b'"format"', b'"id"', 1), "the key 'id' stands there twice"),
        (lambda text: text.replace(b'"step": 6', b'"step": 6, "step": 6'), "'step' stands there twice"),
        (lambda text: text.replace(b"0.125", b"1e999"), "found inf"),
        (lambda text: text.replace(b"0.125", b"9" * 400), "found one of 400 digits"),
        (lambda text: gzip.compress(text) + b"more", "the compressed file is damaged"),
        (lambda text: gzip.compress(text)[:-8] + bytes(8), "the compressed file is damaged"),
    ],
)
def test_texts_that_are_no_training_files(change, what, file: Path) -> None:
    file.write_bytes(change(json.dumps(TRAINING.small()).encode()))
    with pytest.raises(FormatError) as caught:
        TRAINING.load(file)
    assert what in str(caught.value)


@KINDS
def test_what_is_no_file_is_said(kind: JsonFile, tmp_path: Path) -> None:
    thing = rich(kind)
    with pytest.raises(MissingFileError, match=r"No such file.*none\.json") as caught:
        kind.load(tmp_path / "none.json")
    assert isinstance(caught.value, FileNotFoundError)
    with pytest.raises(MissingFileError):
        kind.save(thing, tmp_path / "folder" / "a.json")
    for call in (kind.load, lambda path: kind.save(thing, path)):
        with pytest.raises(FileError, match="directory"):
            call(tmp_path)
        with pytest.raises(InvalidTypeError, match="path must be a path"):
            call(3)


# Files that are damaged in every way


def load_or_refuse(kind: JsonFile, file: Path, schema: bool = False) -> None:
    """A file is either read as a whole, and written alike again, or a FormatError.

    With `schema`, the schema must not refuse what is read: both state the same rules.
    """
    try:
        thing = kind.load(file)
    except FormatError as error:
        assert str(error).startswith(str(file))  # noqa: PT017
        return
    if schema:
        kind.validator.validate(json.loads(file.read_text(encoding="utf-8")))
    kind.use(thing)
    again = file.with_name("again.json")
    kind.save(thing, again)
    kind.validator.validate(json.loads(again.read_text(encoding="utf-8")))
    assert kind.everything(kind.load(again)) == kind.everything(thing)


@pytest.mark.long
@pytest.mark.parametrize("packed", [False, True])
@KINDS
def test_a_file_cut_off_at_any_byte_is_refused(kind: JsonFile, packed: bool, tmp_path: Path) -> None:
    path = tmp_path / "small.json"
    kind.save(kind.load(written(path, kind.small())), path)
    text = gzip.compress(path.read_bytes(), mtime=0) if packed else path.read_bytes()
    for size in range(len(text) - (0 if packed else 2)):  # without the last line break it is whole
        path.write_bytes(text[:size])
        with pytest.raises(FormatError) as caught:
            kind.load(path)
        assert str(caught.value).startswith(str(path))


@pytest.mark.long
@KINDS
@MANY
@given(data=st.data())
def test_mutated_values_are_read_or_refused(kind: JsonFile, data: st.DataObject, file: Path) -> None:
    load_or_refuse(kind, written(file, mutated_values(data, kind.small())), schema=True)


@pytest.mark.long
@given(data=st.data())
def test_mutated_states_are_read_or_refused(data: st.DataObject, file: Path) -> None:
    values = TRAINING.small()
    mutated_values(data, values["training_states"])
    load_or_refuse(TRAINING, written(file, values), schema=True)


@pytest.mark.long
@KINDS
@MANY
@given(data=st.data())
def test_mutated_bytes_are_read_or_refused(kind: JsonFile, data: st.DataObject, file: Path) -> None:
    text = json.dumps(kind.small(), indent=data.draw(st.sampled_from([None, 1]))).encode()
    file.write_bytes(mutated_bytes(data, text))
    load_or_refuse(kind, file)


@pytest.mark.long
@KINDS
@given(data=st.data())
def test_mutated_packed_bytes_are_read_or_refused(
    kind: JsonFile, data: st.DataObject, file: Path
) -> None:
    text = gzip.compress(json.dumps(kind.small()).encode(), mtime=0)
    file.write_bytes(mutated_bytes(data, text))
    load_or_refuse(kind, file)


@pytest.mark.long
@KINDS
@given(data=st.data())
def test_mutated_lines_are_read_or_refused(kind: JsonFile, data: st.DataObject, file: Path) -> None:
    kind.save(kind.load(written(file, kind.small())), file)
    lines = file.read_bytes().splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 2))):
        place, other = data.draw(st.tuples(*[st.integers(0, len(lines) - 1)] * 2))
        match data.draw(st.sampled_from(["delete", "double", "swap"])):
            case "delete" if len(lines) > 1:
                del lines[place]
            case "double":
                lines.insert(other, lines[place])
            case _:
                lines[place], lines[other] = lines[other], lines[place]
    file.write_bytes(b"".join(lines))
    load_or_refuse(kind, file)


@KINDS
@given(text=st.binary(max_size=300))
def test_random_bytes_are_refused(kind: JsonFile, file: Path, text: bytes) -> None:
    for start in (b"", b"\x1f\x8b\x08\0"):
        file.write_bytes(start + text)
        with pytest.raises(FormatError):
            kind.load(file)


# Files that ask for much more than they are worth

SIZE = 100_000_000


def absurd_texts() -> dict[str, bytes]:
    """Texts that are no file of any kind."""

    def of(text: bytes) -> bytes:
        return text * (SIZE // len(text))

    return {
        "[[[[": of(b"["),
        '{"a":{"a":': of(b'{"a":'),
        "digits": of(b"7"),
        "white space": of(b" "),
        "zeros": of(b"\0"),
    }


def absurd_nets() -> dict[str, bytes]:
    """Net files that ask for much more than they are worth."""
    size = SIZE
    head = b'{"format": "slownet net", "version": 1, "layers": ['
    first = head + b'{"id": 0, "neurons": [{"id": 0}]}, '
    neuron = first + b'{"id": 1, "neurons": [{"id": 0, "sources": {"layer": 0}, "bias": 0, "weights": '
    whole = b"".join(b'{"id":%d},' % place for place in range(100_000))
    connected = b"".join(
        b'{"id":%d,"bias":0,"sources":{"layer":0}},' % place for place in range(100_000)
    )

    def of(text: bytes) -> bytes:
        return text * (size // len(text))

    return {
        "deep layers": head + of(b"["),
        "deep weights": neuron + of(b"["),
        "many ones": neuron + b"[" + of(b"1,"),
        "many floats": neuron + b"[" + of(b"0.1234567890123456, "),
        "many lists": neuron + b"[" + of(b"[],"),
        "many objects": neuron + b"[" + of(b"{},"),
        "many texts": neuron + b"[" + of(b'"ab",'),
        "a long integer": neuron + b"[" + of(b"1"),
        "a long fraction": neuron + b"[0." + of(b"1"),
        "a large exponent": neuron + b"[1e" + of(b"9"),
        "a long text": neuron + b'["' + of(b"a"),
        "wide characters": head[:-11] + b'"classes": ["' + of("\U0001f600".encode()),
        "layers without end": first
        + b"".join(b'{"id":%d,"neurons":[{"id":0,"bias":0}]},' % place for place in range(1, 50_000)),
        "equal neurons": head + b'{"id": 0, "neurons": [' + of(b'{"id":0},'),
        "all to all": head
        + b'{"id":0,"neurons":['
        + whole[:-1]
        + b']},{"id":1,"neurons":['
        + connected[:-1]
        + b"]}]}",
        "a key after the other": head
        + b'{"id":0,"neurons":[{'
        + b"".join(b'"%d":1,' % place for place in range(5_000_000)),
    }


def absurd_trainings() -> dict[str, bytes]:
    """Training files that ask for much more than they are worth."""
    size = 50_000_000
    values = TRAINING.small()
    states = values.pop("training_states")
    del values["output_neurons"]
    head = json.dumps(values)[:-1].encode() + b', "training_states": ['
    top = json.dumps({key: values[key] for key in ("format", "version", "start", "labels")})[
        :-1
    ].encode()
    begin = (
        head
        + json.dumps(states[0])[: json.dumps(states[0]).index('"layers": [{"id": 1, "biases"')].encode()
    )
    row = begin + b'"synapses": [{"between": [0, 1], "weights": ['
    graph = head + b'{"step": 4, "graph": {"layers": ['

    def all_to_all(size: int) -> bytes:
        ids = b"".join(b'{"id":%d},' % place for place in range(size))[:-1]
        connected = b"".join(b'{"id":%d,"sources":{"layer":0}},' % place for place in range(size))[:-1]
        layers = b'{"id":0,"neurons":[' + ids + b']},{"id":1,"neurons":[' + connected + b"]}]}, "
        biases = b"0," * (size - 1) + b"0"
        return graph + layers + b'"layers": [{"id": 1, "biases": [' + biases + b']}], "synapses": ['

    def of(text: bytes) -> bytes:
        return text * (size // len(text))

    return {
        "deep config": b'{"format": "slownet training", "config": ' + of(b'{"a":['),
        "a long id": b'{"format": "slownet training", "id": "' + of(b"a"),
        "many classes": b'{"format": "slownet training", "classes": [' + of(b"1,"),
        "many labels": b'{"format": "slownet training", "labels": [' + of(b"[],"),
        "one line of losses": top + b', "steps": [{"first": 5, "loss": [' + of(b"1,"),
        "steps of nothing": top + b', "steps": [' + of(b"{},"),
        "epochs of nothing": top + b', "epochs": [' + of(b"{},"),
        "equal neurons": top + b', "input_neurons": [' + of(b'{"layer":0,"id":0,"values":[]},'),
        "states of nothing": head + of(b"{},"),
        "a billion layers": graph + of(b'{"id":0,"neurons":[{"id":0}]},'),
        "layers without end": graph
        + b'{"id":0,"neurons":[{"id":0}]},'
        + b"".join(b'{"id":%d,"neurons":[{"id":0}]},' % place for place in range(1, 50_000)),
        "deep weights": row + of(b"["),
        "many rows": row + of(b"[1.0,2.0],"),
        "a long row": row + b"[" + of(b"1,"),
        "a row of nulls": row + b"[" + of(b"null,"),
        "a long fraction": row + b"[0." + of(b"1"),
        "many pairs": begin + b'"neurons": [[{"layer": 1, "pairs": [' + of(b"[0.5,0.5],"),
        "many samples": begin + b'"neurons": [' + of(b"[],"),
        "many keys": begin + b"".join(b'"%d":1,' % place for place in range(5_000_000)),
        "more weights than there can be": all_to_all(100_000),
        "weights that are not there": all_to_all(9_999) + b'], "neurons": []',
        "one short row": all_to_all(9_999) + b'{"between": [0, 1], "weights": [[1], ' + of(b"1,"),
    }


PACKED = ("white space", "a long id", "many labels", "a row of nulls", "many rows")  # too


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits memory as Linux does")
@pytest.mark.parametrize(
    ("kind", "texts"),
    [(NET, absurd_texts), (NET, absurd_nets), (TRAINING, absurd_texts), (TRAINING, absurd_trainings)],
    ids=["net", "net more", "training", "training more"],
)
def test_absurd_files_are_refused_within_200_megabytes(kind, texts, tmp_path: Path) -> None:
    path = tmp_path / "absurd.json"
    with refusals(kind.code) as refusal:
        for name, text in texts().items():
            path.write_bytes(text)
            assert refusal(path).startswith("FormatError"), (name, refusal(path))
            if name in PACKED:
                path.write_bytes(gzip.compress(text, 1))
                assert path.stat().st_size < len(text) / 50
                assert refusal(path).startswith("FormatError"), (name, refusal(path))
