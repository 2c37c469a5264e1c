"""The languages that the page speaks: tables of its texts by their names, in `assets/words/`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib import resources
from typing import Any

from slownet.page.facts import Words
from slownet.page.modules import asset

Text = str | dict[str, str]  # one that depends on a number has a text for each plural category

ENGLISH = "en"
ATTRIBUTES = {"title": "title", "label": "aria-label"}
WITH_TEXT = re.compile(r'data-say="([\w.]+)"[^>]*>')
WITH_ATTRIBUTE = re.compile(rf'data-say-({"|".join(ATTRIBUTES)})="([\w.]+)"')


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


def filled(html: str, texts: Mapping[str, Text]) -> str:
    """Return a template of HTML with the texts that its elements name: data-say, data-say-title, ..."""
    html = WITH_TEXT.sub(lambda found: found[0] + _said(texts, found[1]), html)
    return WITH_ATTRIBUTE.sub(
        lambda found: f'{found[0]} {ATTRIBUTES[found[1]]}="{_said(texts, found[2])}"', html
    )


def _said(texts: Mapping[str, Text], key: str) -> str:
    """Return a text as it stands in a template of HTML."""
    return escape(str(texts[key])).replace("$", "$$")
