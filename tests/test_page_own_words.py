"""What the maker of a page says in it: a title, a paragraph, an author, names of classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from page_texts import parts_of, rewritten
from page_trainings import XY, X, Y, checked, trained

from slownet import NetFactory, SlownetError, cli, verify
from slownet.page import Page, Player

WORDS: dict[str, Any] = {
    "about": "Two moons,\n and a net.",
    "classes": ["lower", "upper"],
    "author": "Ada  Ö. O'Neill",
}
SAID = {"about": "Two moons, and a net.", "author": "Ada Ö. O'Neill", "classes": ["lower", "upper"]}
THREE = (X, np.arange(len(Y)) % 3)


def test_a_page_has_the_words_that_were_given(tmp_path: Path) -> None:
    path = trained().write_html(tmp_path / "page.html", title="Moons", **WORDS)
    facts = Page.open(path).facts
    assert facts["title"] == "Moons"
    assert facts["words"] == SAID
    assert facts["classes"] == ["0", "1"]  # as the labels are
    assert [each["name"] for each in facts["samples"][:6]] == [SAID["classes"][k] for k in Y[:6]]
    found = verify(path, XY, XY)
    assert found
    for words in ('title "Moons"', 'about "Two moons, and a net."', 'classes ["lower", "upper"]'):
        assert words in str(found).splitlines()[-1]
    player = Player(trained(), **WORDS)
    assert f'"author":"{SAID["author"]}"'.replace("Ö", "\\u00d6") in player.text
    assert (
        Page.parse(NetFactory([2, 2, 1]).new().play(X, Y, epochs=1, **WORDS).text).facts["words"] == SAID
    )


def test_a_page_says_nothing_that_was_not_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "very-secret-name")
    path = trained().write_html(tmp_path / "page.html", about="", author="")
    assert Page.open(path).facts["words"] == {}
    assert "very-secret-name" not in path.read_text(encoding="utf-8")
    assert "author" not in str(verify(path, XY, XY))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"about": 3}, "about must be text"),
        ({"author": ["Ada"]}, "author must be text"),
        ({"about": "x" * 601}, "about must have at most 600 characters, not 601"),
        ({"author": "x" * 101}, "author must have at most 100"),
        ({"about": "a\x1b[31mb"}, "about must have no control characters"),
        ({"author": "Ada\u202egnp.exe"}, "author must have no control characters"),
        ({"classes": "lower,upper"}, "classes must be a list of names"),
        ({"classes": 2}, "classes must be a list of names"),
        ({"classes": ["lower"]}, "classes must be at least two names"),
        ({"classes": ["lower", 2]}, "classes must be text, not 2"),
        ({"classes": ["lower", " \n"]}, "classes must be names, and number 2 is empty"),
        ({"classes": ["upper", " upper"]}, "classes must differ: 'upper' stands there twice"),
        ({"classes": ["lower", "u" * 25]}, "classes must have at most 24 characters, not 25"),
        ({"classes": ["lower", "\x00"]}, "classes must have no control characters"),
        ({"classes": ["a", "b", "c"]}, "classes must have 2 names"),
    ],
)
def test_words_that_cannot_be(words: dict[str, Any], reason: str, tmp_path: Path) -> None:
    history = trained()
    with pytest.raises(SlownetError, match=reason):
        history.write_html(tmp_path / "page.html", **words)
    with pytest.raises(SlownetError, match=reason):
        history.animate(**words)
    assert not list(tmp_path.iterdir())


def test_the_names_are_as_many_as_the_classes(tmp_path: Path) -> None:
    history = trained((2, 4, 3), THREE)
    with pytest.raises(
        SlownetError, match="classes must have 3 names, one for each class of this net, not 2"
    ):
        history.write_html(tmp_path / "page.html", **WORDS)
    assert Page.open(history.write_html(tmp_path / "page.html", classes=("c", "b", "a"))).facts["words"]
    numbers = trained(
        (2, 4, 1), (X, X[:, 0]), factory={"output_activation": "linear"}, loss="mean_squared_error"
    )
    with pytest.raises(SlownetError, match="classes must be left out: this net predicts numbers"):
        numbers.write_html(tmp_path / "page.html", **WORDS)


@pytest.mark.parametrize(
    "words",
    [
        {"about": "x\x1b"},
        {"about": 3},
        {"author": "x" * 200},
        {"classes": ["a"]},
        {"classes": ["a", "b", "c"]},
        {"title": "x"},
        {"script": "x"},
        [],
        None,
    ],
)
def test_words_that_slownet_does_not_write_are_no_words(words: Any, tmp_path: Path) -> None:
    path = trained().write_html(tmp_path / "page.html", about="x")
    text = path.read_text("utf-8")
    known, payload = parts_of(text)
    known["facts"]["words"] = words
    path.write_text(rewritten(text, known, payload), encoding="utf-8")
    found = checked(path, {})
    assert not found
    assert "which slownet does not write" in str(found)


HERE = ["--epochs", "1", "--samples", "60", "--seed", "3"]
GIVEN = ["--title", "T", "--about", "Of <b>moons</b>", "--classes", "lower, upper", "--author", "Ada"]


@pytest.mark.long
def test_the_command_line_gives_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    wanted = {"about": "Of <b>moons</b>", "author": "Ada", "classes": ["lower", "upper"]}
    for command in (
        ["train", "moons", "--quiet", "--run", "m.run", "--html", "a.html", *HERE],
        ["resume", "m.run", "--epochs", "2", "--quiet", "--html", "b.html"],
        ["animate", "m.run", "-o", "c.html"],
        ["play", "moons", "--no-open", "-o", "d.html", *HERE],
    ):
        assert cli.main([*command, *GIVEN]) == 0
        path = command[command.index("-o" if "-o" in command else "--html") + 1]
        facts = Page.open(path).facts
        assert (facts["title"], facts["words"]) == ("T", wanted)
    assert cli.main(["verify", "a.html"]) == 0
    capsys.readouterr()
    # what cannot be is said before anything is trained
    for bad, reason in (
        (["--classes", "a,b,c"], "--classes must have 2 names"),
        (["--classes", "a,a"], "--classes must differ"),
        (["--about", "x" * 700], "--about must have at most 600"),
        (["--author", "\x07"], "--author must have no control"),
    ):
        for command in (
            ["train", "moons", "--html", "x.html", *HERE],
            ["animate", "m.run", "-o", "x.html"],
        ):
            assert cli.main([*command, *bad]) == 2
            printed, errors = capsys.readouterr()
            assert printed == ""
            assert errors.startswith(f"slownet: {reason}"), errors
            assert not Path("x.html").exists()
    assert cli.main(["animate", "m.run", "--plotly", "-o", "x.html", "--author", "Ada"]) == 2
    assert "leave --about, --classes, --author and --language out" in capsys.readouterr().err
