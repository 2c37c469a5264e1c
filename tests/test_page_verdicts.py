"""The three verdicts on a page: true, not true, and numbers only."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_texts import MAKERS, parts_of, rewritten
from page_trainings import TRAININGS, XY, Stopping, checked, trained
from slow import crossed, mostly_long

from slownet import DivergedError, FormatError, NetFactory, SlownetError, __version__, verify
from slownet.page import Page, Verification
from slownet.page.encoding import packed, unpacked
from slownet.page.reading import MOST_SCRIPT

TITLE = "What <is> learned & “how”"
OPTIONS = {"epochs": 2, "snapshots": 4, "schedule": "cosine"}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of a page."""
    path = tmp_path_factory.mktemp("pages") / "page.html"
    return trained(**OPTIONS).write_html(path, title=TITLE).read_text("utf-8")


def verdict(text: str, folder: Path, **options: Any) -> Verification:
    path = folder / "altered.html"
    path.write_text(text, encoding="utf-8", newline="")
    return checked(path, options)


def swapped(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert text.count(old) >= 1
        return text.replace(old, new, 1)

    return change


def scripted(old: str, new: str) -> Callable[[str], str]:
    """Change the script, which stands packed in the page."""

    def change(text: str) -> str:
        found = re.search('id="script">([^<]*)<', text)
        assert found
        script = unpacked(found[1], MOST_SCRIPT)
        assert script.count(old) >= 1
        return text.replace(found[1], packed(script.replace(old, new, 1)))

    return change


AROUND: dict[str, Callable[[str], str]] = {
    "heading": swapped('<header id="bar">', '<h1>This net is 100 % accurate</h1><header id="bar">'),
    "title": swapped("<title>What", "<title>That"),
    "title in the heading": swapped("<h1>What", "<h1>That"),
    "title as markup": swapped("<h1>What &lt;is&gt; learned", "<h1>What <is> learned"),
    "doctype": swapped("<!DOCTYPE html>", "<!doctype html>"),
    "language": swapped('lang="en"', 'lang="de"'),
    "policy": swapped("default-src 'none'", "default-src *"),
    "no policy": lambda text: re.sub(r"<meta http-equiv.*>\n", "", text),
    "generator": swapped(f"slownet {__version__}", "slownet 9.9"),
    "style": swapped("</style>", "#accuracy { display: none }</style>"),
    "script": scripted('"use strict";', '"use strict"; alert(1);'),
    "script that nothing unpacks": swapped('id="script">', 'id="script">A'),
    "another script": swapped("</head>", "<script>alert(1)</script></head>"),
    "source of a script": swapped("<script>\n", '<script src="//x.org/a.js">\n'),
    "attribute": swapped("<body ", '<body onload="alert(1)" '),
    "comment": swapped("</body>", "<!-- certified --></body>"),
    "trailing text": lambda text: text + "100 %",
    "trailing line": lambda text: text + "\n",
    "mark of byte order": lambda text: "\ufeff" + text,
    "ends of lines": lambda text: text.replace("\n", "\r\n"),
    "a body text": swapped("About these numbers", "About these true numbers"),
    "facts of another kind": swapped(
        '<script type="application/json" id="facts">',
        '<script id="facts" type="application/json">{}</script>'
        '<script type="application/json" id="facts">',
    ),
    "facts in a comment": lambda text: re.sub(
        r'(<script type="application/json" id="facts">[^<]*</script>)',
        r'<script id="facts">{}</script><!--\1-->',
        text,
    ),
    "facts in another place": lambda text: re.sub(
        r'(<script type="application/json" id="facts">[^<]*</script>)(.*)</body>',
        r"\2\1</body>",
        text,
        flags=re.DOTALL,
    ),
    "order of the parts": lambda text: re.sub(
        r'(<script [^>]*id="facts">[^<]*</script>)\n(<script [^>]*id="payload">[^<]*</script>)',
        r"\2\n\1",
        text,
    ),
    "version": swapped(f'"slownet":"{__version__}"', '"slownet":"0.0.9"'),
    "version and heading": lambda text: AROUND["version"](AROUND["heading"](text)),
    "colours": swapped('"palette":{"light"', '"palette":{"bright":1,"light"'),
    "another key beside the facts": swapped('"palette":{', '"loss":null,"palette":{'),
}


@pytest.mark.parametrize("name", mostly_long(AROUND, 10))
def test_whoever_changes_the_page_changes_the_verdict(name: str, page: str, tmp_path: Path) -> None:
    text = AROUND[name](page)
    assert text != page
    found = verdict(text, tmp_path)
    assert not found.differences
    assert found.others
    assert found.numbers_only
    assert not found
    assert str(found).startswith("Numbers only: ")
    assert "True" not in str(found)


def test_a_true_page_says_what_only_its_maker_knows(page: str, tmp_path: Path) -> None:
    found = verdict(page, tmp_path)
    assert found
    assert not found.numbers_only
    assert str(found).startswith("True: training again gives every number of this page.\n")
    assert f'title "{TITLE}"' in str(found)
    plain = verify(trained(**OPTIONS).write_html(tmp_path / "plain.html"), XY, XY)
    assert "title" not in str(plain)  # slownet's own
    history = trained(**OPTIONS, source={"from": "a\x1b[31m\u202e"})
    for more in ({"title": "red \x1b[31m \u202e"}, {}):
        text = str(verify(history.write_html(tmp_path / "odd.html", **more), XY, XY))
        assert text.isprintable() is False  # for its ends of lines
        assert all(line.isprintable() for line in text.splitlines())
        assert r"\x1b" in text or r"\u001b" in text


def test_another_version_is_said_in_one_sentence(page: str, tmp_path: Path) -> None:
    found = verdict(AROUND["version"](page), tmp_path)
    reason = f"it was written by slownet 0.0.9, and this is {__version__}: its markup, style and script"
    assert found.others == [f"{reason} were not compared"]
    # a fact that one of the versions does not have is no other number
    known, payload = parts_of(page)
    known["facts"]["training"]["versions"]["slownet"] = "0.0.9"
    known["facts"]["more"] = 3
    del known["facts"]["plane"]
    found = verdict(rewritten(page, known, payload), tmp_path)
    assert found.numbers_only
    assert len(found.others) == 3
    known["facts"]["frames"] += 1
    assert not verdict(rewritten(page, known, payload), tmp_path).numbers_only


@pytest.mark.long
def test_any_letter_around_the_numbers(page: str, tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    inside = [
        found.span() for found in re.finditer(r'<script [^>]*id="(facts|payload|script)">[^<]*', page)
    ]
    places = [
        place
        for place in draw.integers(0, len(page), 1000).tolist()
        if not any(start <= place <= end for start, end in inside)
    ][:30]
    assert len(places) == 30
    for place in places:
        for text in (page[:place] + page[place + 1 :], page[:place] + "\u200b" + page[place:]):
            assert verdict(text, tmp_path).numbers_only, place


# facts


@pytest.mark.long
def test_values_of_another_type_are_other_values(page: str, tmp_path: Path) -> None:
    """1, 1.0 and true are equal in Python, and a page shows them differently."""
    known, payload = parts_of(page)

    def ways(thing: Any, way: tuple[Any, ...] = ()) -> Any:
        for key, value in thing.items() if isinstance(thing, dict) else enumerate(thing):
            if isinstance(value, (dict, list)):
                yield from ways(value, (*way, key))
            elif type(value) in (int, float, bool):
                yield (*way, key), value

    count = 0
    for way, value in ways(known["facts"]):
        others = [kind(value) for kind in (int, float, bool) if kind is not type(value)]
        for other in others:
            if other == value:
                place = altered = json.loads(json.dumps(known))
                for key in ("facts", *way[:-1]):
                    place = place[key]
                place[way[-1]] = other
                with suppress(SlownetError):
                    assert not verdict(rewritten(page, altered, payload), tmp_path), (way, other)
                count += 1
    assert count > 30


@pytest.mark.parametrize(
    ("value", "before"),
    crossed(
        ["null", "0", '"x"', "{}", "[]"],
        ['"frames":', '"last":', '"learning_rate":', '"samples":60', '"X":', '"exact":', '"kind":'],
        always=(1, 7),
    ),
)
def test_no_key_is_added(before: str, value: str, page: str, tmp_path: Path) -> None:
    text = swapped(before, f'"more":{value},{before}')(page)
    try:
        found = verdict(text, tmp_path)
    except SlownetError:
        return
    assert found.differences
    assert "more" in str(found) or "stored in another way" in str(found)


@pytest.mark.parametrize(
    "change",
    {
        "a key twice": swapped('"frames":4', '"frames":4,"frames":4'),
        "a key twice, another value first": swapped('"frames":4', '"frames":9,"frames":4'),
        "the facts twice": lambda text: re.sub(
            r'(<script [^>]*id="facts">[^<]*</script>)', r"\1\1", text
        ),
        "the facts in a comment, too": lambda text: re.sub(
            r'(<script [^>]*id="facts">[^<]*</script>)', r"<!--\1-->\1", text
        ),
        "an escape": swapped('"frames"', '"\\u0066rames"'),
        "a space": swapped('"frames":4', '"frames": 4'),
        "another form of a number": swapped('"learning_rate":0.2', '"learning_rate":2e-1'),
        "nan": swapped('"learning_rate":0.2', '"learning_rate":NaN'),
        "infinity": swapped('"learning_rate":0.2', '"learning_rate":Infinity'),
        "a huge number": swapped('"learning_rate":0.2', '"learning_rate":1e999'),
        "a huge integer": swapped('"frames":4', f'"frames":{"9" * 5000}'),
        "minus zero": swapped('"seed":0', '"seed":-0'),
        "too deep": swapped('"frames":4', f'"frames":{"[" * 100_000}{"]" * 100_000}'),
        "bytes after the numbers": lambda text: re.sub(
            r'(id="payload">)([^<]*)',
            lambda found: found[1] + base64.b64encode(base64.b64decode(found[2]) + b"more").decode(),
            text,
        ),
        "letters that are no base64": swapped('id="payload">', 'id="payload">\n'),
    }.items(),
    ids=lambda pair: pair[0],
)
def test_what_slownet_does_not_write_is_refused(change: Any, page: str, tmp_path: Path) -> None:
    text = change[1](page)
    assert text != page
    with suppress(FormatError):
        assert verdict(text, tmp_path).differences


def test_the_same_bytes_packed_in_another_way_are_the_same(page: str, tmp_path: Path) -> None:
    """As another version of zlib packs them."""

    def repacked(found: re.Match[str]) -> str:
        data = zlib.decompress(base64.b64decode(found[2]), wbits=47)
        return found[1] + base64.b64encode(zlib.compress(data, 1)).decode()

    text = re.sub(r'(id="payload">)([^<]*)', repacked, page)
    assert len(text) != len(page)
    assert verdict(text, tmp_path)


@pytest.mark.long
@given(data=st.data())
@settings(
    max_examples=max(40, settings.default.max_examples // 10),
    suppress_health_check=list(HealthCheck),
)
def test_only_what_the_maker_knows_can_change(
    data: st.DataObject, page: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A change of any key to any value: the verdict is never true, but for the listed facts."""
    known, payload = parts_of(page)
    place, way = known["facts"], []
    while isinstance(place, dict) and place:
        key = data.draw(st.sampled_from(sorted(place)))
        way.append(key)
        place, parent = place[key], place
    small = st.none() | st.booleans() | st.integers(0, 9) | st.floats(0, 1) | st.text(max_size=3)
    value = data.draw(small | st.lists(small, max_size=2))
    before, parent[way[-1]] = parent[way[-1]], value
    harmless = ["snapshots", "epochs", "l1", "l2", "restore_best", "early_stopping"]
    if json.dumps(before) == json.dumps(value) or tuple(way[1:3]) in MAKERS:
        return
    if way == ["training", "ended"] and value is None:
        return
    if way[-1] in harmless:  # that many snapshots or epochs may come to the same
        return
    try:
        found = verdict(rewritten(page, known, payload), tmp_path_factory.mktemp("p"))
    except SlownetError:
        return
    assert not found, (way, value, str(found))


# how training ended

ENDED = ["finished", "stopped", "interrupted", "failed", "diverged", None, "finished by NASA", 1, True]


def said_of_ends(path: Path, **options: Any) -> list[object]:
    """The ends that a page may name and be true."""
    text = path.read_text("utf-8")
    possible = []
    for ended in ENDED:
        changed = re.sub(r'"ended":[^,]*', f'"ended":{json.dumps(ended)}', text)
        found = verdict(changed, path.parent, **options)
        if found:
            possible.append(ended)
            line = f"ended {json.dumps(ended)}"
            is_known = ended in ("finished", "diverged") or "early_stopping" in options
            assert (line in found.notes[-1]) == (ended is None or not is_known)
        else:
            assert any(each.startswith("it says training ended is ") for each in found.differences)
    return possible


@pytest.mark.long
@pytest.mark.usefixtures("page")
def test_how_training_ended_is_compared(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    trained().write_html(path)
    assert said_of_ends(path) == ["finished", None]
    trained(**TRAININGS["early"]).write_html(path)
    assert '"ended":"stopped"' in path.read_text("utf-8")
    assert said_of_ends(path, **TRAININGS["early"]) == ["stopped", None]
    trained(callbacks=Stopping(8, KeyboardInterrupt)).write_html(path)  # nobody knows what it was
    assert said_of_ends(path) == ["stopped", "interrupted", "failed", None]


@pytest.mark.usefixtures("page")
def test_callbacks_can_be_given(tmp_path: Path) -> None:
    path = trained(callbacks=Stopping(8)).write_html(tmp_path / "page.html")
    assert verify(path, XY, XY, callbacks=Stopping(8))
    assert not verify(path, XY, XY, callbacks=Stopping(7))
    text = path.read_text("utf-8")
    for ended in ("finished", "interrupted", "failed"):
        path.write_text(text.replace('"ended":"stopped"', f'"ended":"{ended}"'), "utf-8", newline="")
        assert not verify(path, XY, XY, callbacks=[Stopping(8)])
    path.write_text(text.replace('["Stopping"]', '["Prize"]'), "utf-8", newline="")
    assert 'callbacks 0 is "Prize"' in str(verify(path, XY, XY, callbacks=[Stopping(8)]))
    assert 'callbacks ["Prize"]' in verify(path, XY, XY).notes[-1]


@pytest.mark.long
@pytest.mark.usefixtures("page")
def test_a_training_that_diverged_diverges_again(tmp_path: Path) -> None:
    data = (XY[0] * 1e3, XY[0][:, 0])
    options = {
        "data": data,
        "factory": {"output_activation": "linear", "hidden_activation": "relu"},
    }
    with pytest.raises(DivergedError) as caught:
        trained((2, 4, 1), **options, learning_rate=50.0)
    assert caught.value.history
    path = caught.value.history.write_html(tmp_path / "page.html")
    assert said_of_ends(path, data=data) == ["interrupted", "failed", "diverged", None]
    path = trained((2, 4, 1), **options, learning_rate=1e-9).write_html(tmp_path / "page.html")
    assert said_of_ends(path, data=data) == ["finished", None]


# sources and classes


def test_the_source_is_compared_if_it_is_given(tmp_path: Path) -> None:
    source = {"from": "here", "inputs": ["a", "b"]}
    path = trained(source=source).write_html(tmp_path / "page.html")
    assert 'source {"from": "here", "inputs": ["a", "b"]}' in verify(path, XY, XY).notes[-1]
    found = verify(path, XY, XY, source=source)
    assert found
    assert "source" not in str(found)
    found = verify(path, XY, XY, source={**source, "inputs": ["a", "c"]})
    assert 'it says training source inputs 1 is "b", and training gives "c"' in found.differences


@pytest.mark.usefixtures("page")
def test_names_of_classes_that_no_sample_has(tmp_path: Path) -> None:
    net = NetFactory([2, 4, 3], seed=3).new()
    net.classes = [0, 1, 7]
    path = trained(net=net).write_html(tmp_path / "page.html")
    assert "the name of class 7" in verify(path, XY, XY).notes[-1]
    text = path.read_text("utf-8")
    assert "[0,1,7]" in text
    changed = text.replace("[0,1,7]", '[0,1,"best"]').replace('"7"', '"best"')
    path.write_text(changed, "utf-8", newline="")
    assert 'the name of class "best"' in verify(path, XY, XY).notes[-1]
    path.write_text(text.replace("[0,1,7]", "[0,true,7]"), "utf-8", newline="")
    assert 'it says classes 1 is "1", and training gives "True"' in verify(path, XY, XY).differences


def test_parsing_keeps_the_places_of_the_parts(page: str) -> None:
    found = Page.parse(page)
    for name in ("facts", "payload"):
        assert found.rest.count(f'id="{name}"></script>') == 1
