"""The languages that the page speaks: tables of its texts by their names, in `assets/words/`."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from slownet.checks import check_path, did_you_mean, short
from slownet.errors import FormatError, InvalidTypeError, InvalidValueError
from slownet.files import opened
from slownet.page.facts import Words
from slownet.page.modules import asset

Text = str | dict[str, str]  # one that depends on a number has a text for each plural category

ENGLISH = "en"
ATTRIBUTES = {"title": "title", "label": "aria-label", "empty": "data-empty"}
WITH_TEXT = re.compile(r'data-say="([\w.]+)"[^>]*>')
WITH_ATTRIBUTE = re.compile(rf'data-say-({"|".join(ATTRIBUTES)})="([\w.]+)"')
PLACE = re.compile(r"\{(\w+)\}")
CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
CATEGORIES = ("zero", "one", "two", "few", "many", "other")
TURNS = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)  # the direction of what follows
MOST_BYTES = 1 << 20  # of a file of texts
MOST_LETTERS = 2000  # of a text


@dataclass(frozen=True)
class Language:
    """A language that a page speaks.

    Attributes
    ----------
    code : str
        As `lang` of HTML has it, such as "de" or "pt-BR".
    texts : mapping or None
        The texts of a file that differ from those in English, by their names; None: those of slownet.
    """

    code: str = ENGLISH
    texts: Mapping[str, Text] | None = None

    @classmethod
    def of(cls, language: str | os.PathLike[str] | Language | None) -> Language:
        """Return a language that slownet has, or that of a JSON file.

        Raises
        ------
        TypeError, ValueError
            If there is no such language, or the file has other texts than those of the page.
        OSError
            If the file cannot be read.
        """
        if language is None:
            return cls()
        if isinstance(language, Language):
            return language
        if isinstance(language, str) and language in languages():
            return cls(language)
        if not isinstance(language, (str, os.PathLike)):
            raise InvalidTypeError(
                f"language must be a code such as 'de' or a JSON file of texts, not {short(language)}"
            )
        path = check_path(language)
        if path.suffix.lower() != ".json":
            raise InvalidValueError(
                f"language must be one of {', '.join(languages())}, or a JSON file of texts such as "
                f"nl.json (slownet words writes one to begin with), not {short(str(language))}"
            )
        return cls(_code(path.stem), _read(path))

    @classmethod
    def of_page(cls, language: object = ENGLISH, texts: object = None) -> Language:
        """Return that of a page; ValueError for what slownet does not write."""
        if not isinstance(language, str) or (texts is None and language not in languages()):
            raise InvalidValueError(f"there is no language {short(language)}")
        if texts is None:
            return cls(language)
        return cls(_code(language), _checked(texts, "the page"))

    @property
    def facts(self) -> Words:
        """What of it stands in a page."""
        if self.texts is not None:
            return {"language": self.code, "texts": dict(self.texts)}
        return {} if self.code == ENGLISH else {"language": self.code}


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages that slownet has the page's words in.

    Examples
    --------
    >>> languages()
    ('de', 'en')
    """
    folder = resources.files("slownet") / "page/assets/words"
    return tuple(sorted(each.name.removesuffix(".json") for each in folder.iterdir()))


@cache
def words_in(language: str) -> Mapping[str, Text]:
    """Return the texts of the page in one of the `languages`, by their names."""
    texts: dict[str, Text] = json.loads(asset(f"words/{language}.json"))
    return texts


def table_of(words: Words) -> Mapping[str, Text]:
    """Return all texts of a page with these words of its maker: English where there are no others."""
    own: Mapping[str, Any] = words.get("texts") or words_in(words.get("language", ENGLISH))
    return {**words_in(ENGLISH), **own}


def title_of(words: Words, sizes: str) -> str:
    """Return the title of how a net such as "784-16-10" learned, for a maker who gives none."""
    return str(table_of(words)["page.title"]).replace("{sizes}", sizes)


def filled(html: str, texts: Mapping[str, Text]) -> str:
    """Return a template of HTML with the texts that its elements name: data-say, data-say-title, ..."""
    html = WITH_TEXT.sub(lambda found: found[0] + _said(texts, found[1]), html)
    return WITH_ATTRIBUTE.sub(
        lambda found: f'{found[0]} {ATTRIBUTES[found[1]]}="{_said(texts, found[2], is_quoted=True)}"',
        html,
    )


def _said(texts: Mapping[str, Text], key: str, is_quoted: bool = False) -> str:
    """Return a text as it stands in a template, and as browsers write it when a page is saved."""
    text = escape(str(texts[key]), quote=False).replace("\u00a0", "&nbsp;").replace("$", "$$")
    return text.replace('"', "&quot;") if is_quoted else text


def _code(name: str) -> str:
    if not CODE.fullmatch(name):
        raise InvalidValueError(
            "language must be a file that has the code of its language as its name, such as nl.json or "
            f"pt-BR.json, not {short(name)}"
        )
    return name


def _read(path: Path) -> Mapping[str, Text]:
    with opened(path, MOST_BYTES) as file:
        content = file.read()
    try:
        known = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path}: it is no JSON in UTF-8: {error}") from None
    return _checked(known, str(path))


def _checked(texts: object, where: str) -> Mapping[str, Text]:
    """Return those of some texts that differ from the English ones, in the order of their names."""
    if not isinstance(texts, dict):
        raise FormatError(f"{where}: expected an object of texts by their names, found {short(texts)}")
    english = words_in(ENGLISH)
    for key, text in texts.items():
        if key not in english:
            hint = did_you_mean(key, english) or " (slownet words lists them)"
            raise FormatError(f"{where}: the page has no text {short(key)}{hint}")
        if problem := _problem(text, english[key]):
            raise FormatError(f"{where}: {key} {problem}")
    return {key: texts[key] for key in sorted(texts) if texts[key] != english[key]}


def _problem(text: object, english: Text) -> str:
    """Return what is wrong with a text in the place of an English one; "" if nothing is."""
    forms = [each for each in _forms(text) if isinstance(each, str)]
    if len(forms) < len(_forms(text)):
        return f"must be text, or texts by the plural categories of the language, not {short(text)}"
    places = _places(english)
    if isinstance(text, dict):
        if other := next((name for name in text if name not in CATEGORIES), ""):
            return f"has {short(other)}, which is no plural category: they are {', '.join(CATEGORIES)}"
        if "other" not in text:
            return 'must have the plural category "other"'
        if "count" not in places:
            return "must be one text: it depends on no number"
    if unknown := sorted(_places(text) - places):
        known = ", ".join(f"{{{each}}}" for each in sorted(places)) or "none"
        return f"has the place {{{unknown[0]}}}, and its places are {known}"
    if missing := sorted(places - _places(text)):
        return f"lacks the place {{{missing[0]}}}"
    return next((problem for each in forms if (problem := _problem_of_letters(each))), "")


def _forms(text: object) -> list[object]:
    return list(text.values()) if isinstance(text, dict) else [text]


def _places(text: object) -> set[str]:
    return {place for form in _forms(text) for place in PLACE.findall(str(form))}


def _problem_of_letters(text: str) -> str:
    if not text.strip():
        return "is empty: leave it out for the English text"
    if len(text) > MOST_LETTERS:
        return f"must have at most {MOST_LETTERS:,} characters, not {len(text):,}"
    for each in text:
        if each in TURNS or unicodedata.category(each) in ("Cc", "Cs"):
            return f"must have no control characters, and has {each!a}"
        if each in "<>":  # browsers differ in how they write them when a page is saved
            return f"must have no {each}: texts are no HTML"
    return ""
