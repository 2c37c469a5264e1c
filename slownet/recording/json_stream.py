"""Reading JSON from an untrusted file piece by piece: memory is bounded, and nothing is executed.

`JsonStream` iterates over the large lists and objects of a file without keeping them in memory, and
parses only small pieces as a whole. `json_values` checks the parsed values.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, NoReturn

from slownet.errors import FormatError
from slownet.files import Readable, Unpacked, opened
from slownet.recording.json_values import short_text, text

if TYPE_CHECKING:
    import os

GZIP = b"\x1f\x8b"  # the first bytes of such a file
SQLITE = b"SQLite format 3\0"
MOST_DIGITS = 308  # an integer of as many still fits a float
MOST_MEMORY = 100_000_000  # bytes of the values that are parsed at a time
MOST_SPACE = 1 << 20  # characters between two values
PIECE = 1 << 18  # bytes read at a time, unless one value needs more
COSTS = {"{": 220, "[": 90, ",": 36, '"': 28}  # bytes of memory that a character can stand for
COPIES = 4  # of the text itself, while it is read
CLOSING = {"{": "}", "[": "]", '"': '"'}
WHITE_SPACE = re.compile(r"[ \t\r\n]*")
SPACES = ("", " ", "\t", "\r", "\n")  # where `_next` has to look further
LONGEST_TAIL = 16  # a number or literal that the end of a piece cuts off begins so close to it


@contextmanager
def open_json(path: str | os.PathLike[str]) -> Iterator[JsonStream]:
    """Open a JSON file, gzipped or not; FileError, an OSError too, if it cannot be read."""
    with opened(path) as stream:
        head = stream.read(len(SQLITE))
        stream.seek(0)
        if head == SQLITE:
            raise FormatError(
                f"{path}: expected JSON, found an SQLite database: slownet.History.open(path) reads a "
                "run, and its restore() returns the net; slownet.Sweep.open(path) reads a sweep"
            )
        if head.startswith(GZIP):
            with gzip.GzipFile(fileobj=stream) as unpacked:
                yield JsonStream(Unpacked(unpacked, stream, str(path)), str(path))
        else:
            yield JsonStream(stream, str(path))


class JsonStream:
    """A JSON text read piece by piece.

    `members` and `items` iterate over an object or a list. For each key or place that they yield, the
    caller must read the value there, with `value`, `members` or `items`.

    Parameters
    ----------
    stream : Readable
        The text, in UTF-8.
    name : str
        The name of the text in messages.
    """

    def __init__(self, stream: Readable, name: str) -> None:
        self.name = name
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._parse = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer).raw_decode
        self._text = ""
        self._place = 0  # the number of characters that have been read
        self._line = 1  # the line at which the text begins
        self._ended = False

    def members(self, where: str) -> Iterator[str]:
        """Iterate over an object: yield each key, before its value is read."""
        self._take("{", where)
        seen: set[str] = set()
        if self._next() != "}":
            while True:
                key = text(self.value(where), f"{where}, a key")
                if key in seen:
                    raise FormatError(f"{where}: the key {short_text(key)} stands there twice")
                seen.add(key)
                self._take(":", where)
                yield key
                if self._next() != ",":
                    break
                self._place += 1
        self._take("}", where)

    def items(self, where: str) -> Iterator[str]:
        """Iterate over a list: yield the place of each item, before it is read."""
        self._take("[", where)
        if self._next() != "]":
            for index in count():
                yield f"{where}[{index}]"
                if self._next() != ",":
                    break
                self._place += 1
        self._take("]", where)

    def value(self, where: str) -> Any:
        """Read one value, parsed as a whole.

        Raises
        ------
        FormatError
            If it is no JSON, is nested too deeply or would take too much memory, or an object in it
            has a key twice. NaN and infinities are not refused here: the caller can name the place.
        """
        closing = CLOSING.get(self._next(), "")
        while True:
            try:
                value, end = self._parse(self._text, self._place)
            except json.JSONDecodeError as error:
                cut = len(self._text) - error.pos < LONGEST_TAIL or "Unterminated" in error.msg
                if self._ended or not cut:
                    self._fail(where, error)
                self._more(where, closing)
                continue
            except RecursionError:
                raise FormatError(f"{self._at(where)}: lists or objects are nested too deeply") from None
            except ValueError as error:
                raise FormatError(f"{self._at(where)}: {error}") from None
            tail = len(self._text) - end
            if self._ended or self._text[end - 1] in '}]"' or tail > LONGEST_TAIL:
                self._place = end
                return value
            self._more(where)

    def begins(self, mark: str) -> bool:
        """Whether the next value begins with a mark."""
        return self._next() == mark

    def end(self) -> None:
        """Raise FormatError if anything follows."""
        if self._next():
            raise FormatError(f"{self._at(self.name)}: expected the end of the file, found more")

    def _take(self, mark: str, where: str) -> None:
        found = self._next()
        if found != mark:
            found_text = short_text(found) if found else "the end of the file: it is cut off"
            raise FormatError(f"{self._at(where)}: expected {mark!r}, found {found_text}")
        self._place += 1

    def _next(self) -> str:
        """Skip white space and return the character after it, "" at the end of the file."""
        mark = self._text[self._place : self._place + 1]
        if mark not in SPACES:
            return mark
        passed = 0
        while True:
            match = WHITE_SPACE.match(self._text, self._place)
            end = match.end() if match else self._place
            passed += end - self._place
            self._place = end
            if end < len(self._text):
                return self._text[end]
            if passed > MOST_SPACE:
                raise FormatError(f"{self._at(self.name)}: expected JSON, found only white space")
            if not self._read(self.name):
                return ""

    def _more(self, where: str, mark: str = "") -> None:
        """Read pieces up to one that contains the mark, or to the end of the file."""
        begin = len(self._text) - self._place
        while self._read(where) and mark not in self._text[begin:]:
            begin = len(self._text)

    def _read(self, where: str) -> bool:
        """Read a piece and drop the text before `_place`; return False at the end of the file."""
        if self._ended:
            return False
        rest = self._text[self._place :]
        self._line += self._text.count("\n", 0, self._place)
        try:
            piece = self._stream.read(min(max(PIECE, len(rest)), 8 * PIECE))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise FormatError(f"{self._at(where)}: the compressed file is damaged: {error}") from None
        self._text, self._place, self._ended = rest, 0, not piece
        try:
            self._text += self._decode(piece, self._ended)
        except UnicodeDecodeError as error:
            found = f"the byte {error.object[error.start]:02x}"
            raise FormatError(f"{self.name}: expected UTF-8 text, found {found} in it") from None
        if self._memory() > MOST_MEMORY:
            raise FormatError(f"{self._at(where)}: expected a smaller value than what begins there")
        return True

    def _memory(self) -> int:
        """Return how many bytes the text and its values take at most; roughly, where that is little."""
        copies = COPIES * (1 if self._text.isascii() else 4)
        roughly = len(self._text) * (copies + max(COSTS.values()))
        if roughly <= MOST_MEMORY:
            return roughly
        marks = sum(cost * self._text.count(mark) for mark, cost in COSTS.items())
        return len(self._text) * copies + marks

    def _at(self, where: str) -> str:
        line = self._line + self._text.count("\n", 0, self._place)
        return f"{where} (line {line})"

    def _fail(self, where: str, error: json.JSONDecodeError) -> NoReturn:
        self._place = error.pos
        if (self._ended and len(self._text) - error.pos < 1) or "Unterminated" in error.msg:
            raise FormatError(
                f"{self._at(where)}: expected more, found the end of the file: it is cut off"
            )
        found = short_text(self._text[error.pos : error.pos + 20])
        raise FormatError(f"{self._at(where)}: expected JSON, found {found}: {error.msg}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its keys and values; json itself keeps the last of equal keys."""
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for place, key in enumerate(keys) if key in keys[:place])
        raise ValueError(f"the key {short_text(twice)} stands there twice")
    return result


def _integer(digits: str) -> int | float:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"expected a number, found one of {len(digits)} digits")
    return -0.0 if digits == "-0" else int(digits)  # other programs write -0.0 as -0
