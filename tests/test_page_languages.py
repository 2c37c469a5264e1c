"""The languages of a page: the tables of its texts, and those that somebody else gives."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from page_texts import parts_of, rewritten
from page_trainings import XY, X, Y, checked, trained

from slownet import NetFactory, SlownetError, cli, play, verify
from slownet.page import Page
from slownet.page.languages import Language, languages, words_in
from slownet.page.sets import CLASSES, NUMBERS
from slownet.plotting.style import standard_title

ASSETS = Path(__file__).parents[1] / "slownet/page/assets"
SIGN = re.compile(r"^[\W\d_¼½]*$")  # no letter
DUTCH = {
    "play.play": "▶ Spelen & leren",
    "net.inputs": {"one": "{count} invoer", "other": "{count} invoeren"},
}


def written(folder: Path, texts: Any, name: str = "nl.json") -> Path:
    path = folder / name
    path.write_text(texts if isinstance(texts, str) else json.dumps(texts), encoding="utf-8")
    return path


@pytest.mark.parametrize("code", languages())
def test_a_language_has_all_texts(code: str) -> None:
    """With the same places, and the plural categories of English where there are any."""
    english, texts = words_in("en"), words_in(code)
    assert list(texts) == sorted(english)
    assert Language.of_page(code, dict(texts)).texts is not None
    for key, text in english.items():
        assert isinstance(texts[key], dict) == isinstance(text, dict), key
        if isinstance(text, dict):
            assert set(texts[key]) == {"one", "other"} == set(text), key
    assert not [key for key in english if not re.fullmatch(r"[a-z]\w*(\.[\w-]+)+", key)]


def test_every_set_of_points_has_a_name() -> None:
    assert [f"points.{name}" for name in sorted({*CLASSES, *NUMBERS})] == [
        key for key in words_in("en") if key.startswith("points.")
    ]


def test_the_title_is_that_of_figures() -> None:
    assert str(words_in("en")["page.title"]).format(sizes="2-3-1") == standard_title("2-3-1")


def test_no_text_stands_in_the_html() -> None:
    html = re.sub(
        r"<(style|script)\b.*?</\1>|<title>.*?</title>",
        "",
        (ASSETS / "page.html").read_text("utf-8"),
        flags=re.DOTALL,
    )
    texts = re.findall(r">([^<]+)<", html) + re.findall(
        r'\s(?:title|aria-label|placeholder)="([^"]*)"', html
    )
    assert not [text for text in texts if not SIGN.match(text) and "$" not in text]
    named = re.findall(r'data-say(?:-\w+)?="([^"]*)"', html)
    assert len(named) > 50
    assert {*named} <= {*words_in("en")}


def test_no_text_stands_in_the_modules() -> None:
    """Nothing of several words, or with a capital, is put into an element or an attribute of it."""
    places = re.compile(
        r'(?:textContent = |title: |"aria-label": |aria-label", |element\("\w+", \{[^}]*\}, |button\()'
        r"[\"`]([^\"`]*)[\"`]"
    )
    found = {
        f"{path.name}: {text}"
        for path in ASSETS.rglob("*.js")
        if "engine" not in path.parts
        for text in places.findall(path.read_text("utf-8"))
        if re.search("[a-z] [a-z]|[A-Z]", re.sub(r"\$\{[^}]*\}", "", text))
        and text not in words_in("en")
    }
    assert found == set()


def test_no_sentence_stands_in_the_engine() -> None:
    """What it refuses is said by texts of the tables; what only a broken page meets is not."""
    found = set()
    for path in (ASSETS / "engine").glob("*.js"):
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text("utf-8"), flags=re.DOTALL)
        texts = re.findall(r'"[^"\n]*"|`[^`]*`', re.sub(r"\$\{[^}]*\}", "…", code))
        found |= {text[1:-1] for text in texts if re.search(r"[a-z…]:? [a-z]\S* [a-z…]", text)}
    assert found == {
        *("digests of losses", "nothing was begun", "there is no …"),
        *("this recipe has no samples to learn from", "this recipe has no step to begin after"),
    }


def test_a_page_is_written_in_german(tmp_path: Path) -> None:
    path = trained().write_html(tmp_path / "page.html", language="de")
    text, facts = path.read_text("utf-8"), Page.open(path).facts
    assert facts["words"] == {"language": "de"}
    assert facts["title"] == "Wie ein 2-4-1-Netz lernte" or facts["title"].startswith("Wie ein ")
    assert '<html lang="de">' in text
    assert '<dt data-say-title="bar.loss.title" title="Wie falsch' in text
    assert 'data-say="bar.loss">Verlust</dt>' in text
    assert "switched off" not in text
    found = verify(path, XY, XY)
    assert found
    assert 'language "de"' in str(found).splitlines()[-1]


def test_a_page_has_the_texts_of_a_file_that_are_not_english(tmp_path: Path) -> None:
    texts = {**DUTCH, "play.pause": words_in("en")["play.pause"]}
    file = written(tmp_path, "\ufeff" + json.dumps(texts))
    path = trained().write_html(tmp_path / "page.html", language=file, title="T")
    text, facts = path.read_text("utf-8"), Page.open(path).facts
    assert facts["words"] == {"language": "nl", "texts": {key: DUTCH[key] for key in sorted(DUTCH)}}
    assert '<html lang="nl">' in text
    assert "▶ Spelen &amp; leren</button>" in text
    assert str(tmp_path) not in text
    found = verify(path, XY, XY)
    assert found
    assert 'language "nl", 2 of the page\'s texts' in str(found).splitlines()[-1]
    assert "Spelen" in NetFactory([2, 2, 1]).new().play(X, Y, epochs=1, language=str(file)).text
    assert 'lang="de"' in play("xor", epochs=1, language="de").text
    assert trained().write_html(tmp_path / "e.html", language="en").read_text("utf-8").count(
        "language"
    ) == (trained().write_html(tmp_path / "n.html").read_text("utf-8").count("language"))


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ("{", "it is no JSON in UTF-8: "),
        ("[" * 100_000, "it is no JSON in UTF-8: "),
        ("[]", "expected an object of texts by their names, found \\[\\]"),
        ({"play.ply": "x"}, "the page has no text 'play.ply'; did you mean 'play.play'"),
        ({"zzzz": "x"}, "the page has no text 'zzzz' \\(slownet words lists them\\)"),
        ({"play.play": 3}, "play.play must be text, or texts by the plural categories"),
        ({"net.inputs": {"one": 3, "other": "{count}"}}, "net.inputs must be text, or texts"),
        ({"net.inputs": {"one": "{count}"}}, 'net.inputs must have the plural category "other"'),
        ({"net.inputs": {"some": "{count}", "other": "{count}"}}, "'some', which is no plural category"),
        ({"play.play": {"other": "x"}}, "play.play must be one text: it depends on no number"),
        ({"net.inputs": "inputs"}, "net.inputs lacks the place {count}"),
        ({"name.pixel": "({column}, {x})"}, "the place {x}, and its places are {column}, {row}"),
        ({"play.play": "{x}"}, "the place {x}, and its places are none"),
        ({"play.play": " "}, "play.play is empty"),
        ({"play.play": "x" * 2001}, "play.play must have at most 2,000 characters, not 2,001"),
        ({"play.play": "a\x1bb"}, "play.play must have no control characters"),
        ({"play.play": "a\u202eb"}, "play.play must have no control characters"),
        ({"play.play": "\ud800"}, "play.play must have no control characters"),
        ({"play.play": "<b>x</b>"}, "play.play must have no <: texts are no HTML"),
        ('{"play.play": "%s"}' % ("x" * (1 << 20)), "expected at most 1,048,576 bytes"),
    ],
)
def test_texts_that_cannot_be(texts: Any, reason: str, tmp_path: Path) -> None:
    file = written(tmp_path, texts)
    with pytest.raises(SlownetError, match=f"nl.json: .*{reason}"):
        trained().write_html(tmp_path / "page.html", language=file)
    assert [*tmp_path.iterdir()] == [file]


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("fr", "language must be one of de, en, or a JSON file of texts such as nl.json .*, not 'fr'"),
        ("", "language must be one of de, en"),
        (3, "language must be a code such as 'de' or a JSON file of texts, not 3"),
        (["de"], "language must be a code"),
        ("texts.json", "language must be a file that has the code of its language as its name"),
        ("x y.json", "language must be a file that has the code"),
    ],
)
def test_languages_that_cannot_be(language: Any, reason: str, tmp_path: Path) -> None:
    with pytest.raises(SlownetError, match=reason):
        trained().write_html(tmp_path / "page.html", language=language)
    with pytest.raises(OSError, match=r"nl\.json"):
        trained().write_html(tmp_path / "page.html", language=tmp_path / "nl.json")


@pytest.mark.parametrize(
    "words",
    [
        {"language": "xx"},
        {"language": 3},
        {"language": "nl", "texts": {"play.play": "<script>"}},
        {"language": "nl", "texts": {"x": "y"}},
        {"language": "n l", "texts": {"play.play": "x"}},
        {"texts": {"play.play": words_in("en")["play.play"]}},
    ],
)
def test_words_that_slownet_does_not_write(words: Any, tmp_path: Path) -> None:
    path = trained().write_html(tmp_path / "page.html")
    text = path.read_text("utf-8")
    known, payload = parts_of(text)
    known["facts"]["words"] = words
    path.write_text(rewritten(text, known, payload), encoding="utf-8")
    assert "which slownet does not write" in str(checked(path, {}))


def test_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["words", "-o", "nl.json"]) == 0
    assert json.loads(Path("nl.json").read_text("utf-8")) == words_in("en")
    assert cli.main(["words", "-o", "nl.json"]) == 2
    assert "nothing is overwritten" in capsys.readouterr().err
    assert cli.main(["words", "de"]) == 0
    assert json.loads(capsys.readouterr().out) == words_in("de")
    assert cli.main(["words", "fr"]) == 2
    assert "unknown language 'fr': known are de, en" in capsys.readouterr().err
    written(tmp_path, DUTCH)
    here = ["--epochs", "1", "--samples", "60", "--seed", "3"]
    assert cli.main(["play", "moons", "--no-open", "-o", "d.html", "--language", "nl.json", *here]) == 0
    assert Page.open("d.html").facts["words"]["language"] == "nl"
    assert cli.main(["verify", "d.html"]) == 0
    assert cli.main(["train", "moons", "--html", "x.html", "--language", "fr", *here]) == 2
    assert "--language must be one of de, en" in capsys.readouterr().err
    assert not Path("x.html").exists()
