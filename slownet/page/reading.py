"""Pages read back from their files: their facts, their numbers and the text around them."""

from __future__ import annotations

import os
import re
from codecs import getincrementaldecoder
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slownet.errors import FormatError, NotEnoughMemoryError
from slownet.files import opened
from slownet.page.content import FORMAT
from slownet.page.encoding import LARGEST, Array, read, unpacked
from slownet.page.page import as_json
from slownet.recording.arithmetic import check_arithmetic
from slownet.recording.field_types import parse
from slownet.recording.json_values import integer

Json = dict[str, Any]
MOST_FACTS = 25_000_000  # of them for its facts
HEAD = 1 << 16  # of them, to tell what is no text
PARTS = {
    name: re.compile(rf'<script type="{kind}" id="{name}">([^<]*)</script>'.encode())
    for name, kind in (
        ("facts", "application/json"),
        ("payload", "text/plain"),
        ("experiment-text", "text/plain"),
        ("script", "text/plain"),
    )
}
MOST_SCRIPT = 5_000_000  # bytes
MOST_EXPERIMENT = 120_000  # bytes
EXPERIMENT = re.compile(r"[A-Za-z0-9_.~=&-]*")


@dataclass
class Page:
    """The contents of a page.

    Attributes
    ----------
    facts, contents : dict
        Plain values: facts of the training, and the table of arrays.
    arrays : dict
        The numbers.
    more : dict
        Plain values for drawing: colours.
    packed : int
        How many characters the numbers take in the page.
    experiment : str
        The experiment that it was saved with, as in its address behind the #; "" for none.
    rest : str
        The remaining text, with the elements of these parts empty: markup and style; then the script.
    """

    facts: Json
    contents: dict[str, Json]
    arrays: dict[str, Array]
    more: Json
    packed: int
    experiment: str
    rest: str

    @property
    def training(self) -> Json:
        """The facts of the training."""
        training: Json = self.facts["training"]
        return training

    @property
    def is_complete(self) -> bool:
        """Whether the page holds all data that its training needs."""
        facts, training = self.facts, self.training
        needed = {
            "data": True,
            "watch": facts.get("watched"),
            "validation_data": training["config"].get("validates"),
            "test_data": training.get("test"),
        }
        holds = facts["holds"]
        return all(name in holds and holds[name][0] == holds[name][1] for name in needed if needed[name])

    def check_repeatable(self, path: str | os.PathLike[str]) -> None:
        """Raise RecordingError for the page of a training of another arithmetic."""
        mark = integer(self.training.get("arithmetic", 0), f"{path}, arithmetic")
        check_arithmetic(mark, Path(path), "it plays and predicts in any browser")

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Page:
        """Read a page from its file.

        Raises
        ------
        FormatError
            If the file is not a page of slownet.
        FileError
            If it cannot be read; a MissingFileError where there is none.
        """
        with opened(path, LARGEST) as file:
            page = file.read(LARGEST + 1)
        try:
            return cls._read(page)
        except FormatError as error:
            raise FormatError(f"{path}: {error}") from error
        except MemoryError:
            raise NotEnoughMemoryError(f"{path}: there is not enough memory for its numbers") from None

    @classmethod
    def parse(cls, text: str) -> Page:
        """Read the text of a page."""
        return cls._read(text.encode("utf-8", "replace"))

    @classmethod
    def _read(cls, page: bytes) -> Page:
        found = {name: list(pattern.finditer(page)) for name, pattern in PARTS.items()}
        if len(page) > LARGEST or any(len(each) != 1 for each in found.values()):
            _as_text(page[:HEAD])
            raise FormatError("this is no page that slownet has written, or a part of one only")
        spans = {name: each[0].span(1) for name, each in found.items()}
        begin, end = spans["facts"]
        if end - begin > MOST_FACTS:
            raise FormatError(f"expected at most {MOST_FACTS:,} bytes of facts, found {end - begin:,}")
        try:
            inside = {name: page[slice(*span)].decode("ascii") for name, span in spans.items()}
            experiment = _experiment(inside["experiment-text"])
            more = parse(inside["facts"], "facts")
            if as_json(more) != inside["facts"]:
                raise FormatError(
                    "the facts of this page are not written as slownet writes them: a key stands twice, "
                    "a number has another form, or a character is written in another way"
                )
            facts, contents = more.pop("facts"), more.pop("contents")
            if facts["format"] != FORMAT:
                raise FormatError(
                    f"this page has format {facts['format']!r}, and this slownet reads {FORMAT}"
                )
            training = facts["training"]
            tables = training, training.get("source") or {}, training["versions"], contents
            held = facts["holds"], facts["held_out"] or {}, facts["recipe"] or {}, training["config"]
            if not all(isinstance(each, dict) for each in (*tables, *held)):
                raise FormatError("this page has no facts of its training")
            if not all(len(each) == 2 and {*map(type, each)} == {int} for each in held[0].values()):
                raise FormatError("this page does not say how many rows it holds")
            if facts["frames"] == 0 and "digests" not in held[2]:
                raise FormatError("this page has neither snapshots nor the digests of a training")
            arrays = read(contents, inside["payload"])
            script = _script(inside["script"])
        except FormatError:
            raise
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise FormatError(f"the facts of this page cannot be read: {error}") from error
        packed = len(inside["payload"])
        return cls(facts, contents, arrays, more, packed, experiment, _rest(page, spans) + script)


def _script(text: str) -> str:
    """Return the script of a page; one that nothing unpacks is another one than slownet's."""
    try:
        return unpacked(text, MOST_SCRIPT)
    except FormatError:
        return f"not packed: {text}"


def _experiment(text: str) -> str:
    if len(text) > MOST_EXPERIMENT or not EXPERIMENT.fullmatch(text):
        raise FormatError("the experiment of this page is not written as slownet writes it")
    return text


def _rest(page: bytes, spans: dict[str, tuple[int, int]]) -> str:
    """Return the text of a page outside of spans."""
    starts, ends = zip(*sorted(spans.values()), strict=True)
    parts = (page[slice(*each)] for each in zip((0, *ends), (*starts, len(page)), strict=True))
    return _as_text(b"".join(parts), is_all=True)


def _as_text(part: bytes, is_all: bool = False) -> str:
    """Return a page, or its beginning, as text."""
    try:
        return getincrementaldecoder("utf-8")().decode(part, is_all)
    except UnicodeDecodeError as error:
        raise FormatError("this is no page of slownet: it is not text") from error
