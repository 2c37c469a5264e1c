"""Pages read back from their files: their facts, their numbers and the text around them."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slownet.checks import check_path
from slownet.errors import FormatError, file_errors
from slownet.page.content import FORMAT
from slownet.page.encoding import Array, read
from slownet.page.page import as_json
from slownet.recording.arithmetic import check_arithmetic
from slownet.recording.json_values import integer

Json = dict[str, Any]
LARGEST = 500_000_000  # characters of a page
PARTS = {
    name: re.compile(rf'(<script type="{kind}" id="{name}">)([^<]*)(</script>)')
    for name, kind in (
        ("facts", "application/json"),
        ("payload", "text/plain"),
        ("library", "text/plain"),
    )
}


@dataclass
class Page:
    """The contents of a page.

    Attributes
    ----------
    facts, contents : dict
        Plain values: facts of the training, and the table of arrays.
    arrays : dict
        The numbers.
    library : str
        Plotly.js, packed.
    more : dict
        Plain values for drawing: figures and colours.
    rest : str
        The remaining text, with the elements of these parts empty: markup, style and script.
    """

    facts: Json
    contents: dict[str, Json]
    arrays: dict[str, Array]
    library: str
    more: Json
    rest: str

    @property
    def training(self) -> Json:
        """The facts of the training."""
        training: Json = self.facts["training"]
        return training

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
        try:
            with file_errors(path), check_path(path).open(encoding="utf-8", newline="") as file:
                text = file.read(LARGEST + 1)
        except UnicodeDecodeError as error:
            raise FormatError(f"{path} is no page of slownet: it is not text") from error
        try:
            return cls.parse(text)
        except FormatError as error:
            raise FormatError(f"{path}: {error}") from error

    @classmethod
    def parse(cls, text: str) -> Page:
        """Read the text of a page."""
        found = {name: pattern.findall(text) for name, pattern in PARTS.items()}
        if len(text) > LARGEST or any(len(each) != 1 for each in found.values()):
            raise FormatError("this is no page that slownet has written, or a part of one only")
        inside = {name: each[0][1] for name, each in found.items()}
        try:
            more = json.loads(inside["facts"])
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
            if not all(isinstance(each, dict) for each in tables):
                raise FormatError("this page has no facts of its training")
            arrays = read(contents, inside["payload"])
        except FormatError:
            raise
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise FormatError(f"the facts of this page cannot be read: {error}") from error
        for pattern in PARTS.values():
            text = pattern.sub(r"\1\3", text)
        return cls(facts, contents, arrays, inside["library"], more, text)
