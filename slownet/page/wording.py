"""What the maker of a page calls things: its title, a paragraph about it, its author, its classes."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slownet.checks import check_type, short
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.page.facts import Words
from slownet.page.languages import TURNS, Language

OF_SLOWNET = Language()
MOST = {"about": 600, "author": 100, "class": 24}  # letters


@dataclass(frozen=True)
class OwnWords:
    """The words that the maker of a page has given; "" and none for those that were not.

    Attributes
    ----------
    title, about, author : str
        Lines of text: spaces and new lines of `about` and `author` are one space each.
    classes : tuple of str
        Names of the classes, in the order of the outputs.
    language : Language
        That the page speaks.
    """

    title: str = ""
    about: str = ""
    author: str = ""
    classes: tuple[str, ...] = ()
    language: Language = OF_SLOWNET

    @classmethod
    def of(
        cls,
        title: str | None = None,
        about: str | None = None,
        classes: Sequence[str] | None = None,
        author: str | None = None,
        language: str | os.PathLike[str] | Language | None = None,
    ) -> OwnWords:
        """Return the words that were given.

        Raises
        ------
        TypeError, ValueError
            If they are no text, too long, or hold characters that change how others are shown; if there
            is one class only, or two have the same name; or if there is no such language.
        """
        if title is not None:
            check_type("title", title, str)
        lines = {
            name: "" if text is None else _line(name, text, MOST[name])
            for name, text in (("about", about), ("author", author))
        }
        names, spoken = _names(classes), Language.of(language)
        return cls(encodable(title or ""), **lines, classes=names, language=spoken)

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> OwnWords:
        """Return those of a page; of words that slownet does not write, none but the title."""
        title = facts["title"]
        try:
            given = dict(facts["words"])
            spoken = {name: given.pop(name) for name in ("language", "texts") if name in given}
            words = cls.of(title, **given, language=Language.of_page(**spoken))
            words.check_classes(len(facts["classes"]))
            return words
        except (KeyError, TypeError, ValueError):
            return cls.of(title)

    @property
    def facts(self) -> Words:
        """Those beside the title, as they stand in a page."""
        words: Words = {}
        if self.about:
            words["about"] = self.about
        if self.author:
            words["author"] = self.author
        if self.classes:
            words["classes"] = list(self.classes)
        words.update(self.language.facts)
        return words

    @property
    def given(self) -> dict[str, Any]:
        """The arguments of `of` that give them."""
        given = {
            "title": self.title,
            "about": self.about,
            "author": self.author,
            "classes": list(self.classes),
        }
        known = {name: each for name, each in given.items() if each}
        return known if self.language == OF_SLOWNET else {**known, "language": self.language}

    def check_classes(self, count: int) -> None:
        """Raise ValueError if the names are not those of so many classes; of none: of numbers."""
        if not self.classes or len(self.classes) == count:
            return
        if count == 0:
            raise InvalidValueError(
                "classes must be left out: this net predicts numbers, which are called as their columns"
            )
        raise InvalidValueError(
            f"classes must have {count} names, one for each class of this net, not {len(self.classes)}"
        )


def class_count(target_kind: str, outputs: int) -> int:
    """Return how many classes a net tells apart; 0 for one that predicts numbers."""
    return {"class": outputs, "number": 0}.get(target_kind, 2)


def encodable(text: str) -> str:
    """Return a text with a question mark for every character that UTF-8 cannot encode."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _names(classes: object) -> tuple[str, ...]:
    if classes is None:
        return ()
    if isinstance(classes, (str, bytes, Mapping)) or not hasattr(classes, "__iter__"):
        raise InvalidTypeError(f"classes must be a list of names, not {short(classes)}")
    names = tuple(_line("classes", each, MOST["class"]) for each in classes)
    if not all(names):
        raise InvalidValueError(f"classes must be names, and number {names.index('') + 1} is empty")
    doubles = [each for k, each in enumerate(names) if each in names[:k]]
    if doubles:
        raise InvalidValueError(f"classes must differ: {short(doubles[0])} stands there twice")
    if len(names) == 1:
        raise InvalidValueError("classes must be at least two names, not one")
    return names


def _line(name: str, text: object, most: int) -> str:
    """Return a text as one line."""
    if not isinstance(text, str):
        raise InvalidTypeError(f"{name} must be text, not {short(text)}")
    line = encodable(" ".join(text.split()))
    if len(line) > most:
        raise InvalidValueError(
            f"{name} must have at most {most:,} characters, not {len(line):,}: {short(line)}"
        )
    if other := next((c for c in line if c in TURNS or unicodedata.category(c) == "Cc"), ""):
        raise InvalidValueError(f"{name} must have no control characters, and has {other!a}")
    return line
