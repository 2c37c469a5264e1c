"""Careful reading of JSON that anybody may have written: in bounded memory, and nothing is executed.

`JsonStream` walks the large lists and objects of a file without holding them, and parses only small
pieces as a whole. The functions below it check a parsed value; each error says what was expected, what
was found, and where.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import count, pairwise
from math import isfinite, nan
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, cast

from slownet.errors import FormatError
from slownet.recording.atomic import check_is_file, checked_path, told_as_file_errors

if TYPE_CHECKING:
    import os

GZIP = b"\x1f\x8b"
MOST_DIGITS = 308  # an integer of as many still fits a float
MOST_MEMORY = 100_000_000  # bytes that what is parsed at a time may take
MOST_SPACE = 1 << 20  # characters between two values
PIECE = 1 << 18  # bytes read at a time, unless one value needs more
COSTS = {"{": 220, "[": 90, ",": 36, '"': 28}  # bytes of memory that a character can stand for
COPIES = 4  # of the text itself, while it is read
CLOSING = {"{": "}", "[": "]", '"': '"'}
WHITE_SPACE = re.compile(r"[ \t\r\n]*")
SPACES = ("", " ", "\t", "\r", "\n")  # where `_next` has to look further
LONGEST_TAIL = 16  # no number or literal is cut off farther from the end of a piece than that


@contextmanager
def reading(path: str | os.PathLike[str]) -> Iterator[JsonStream]:
    """Open a JSON file, gzipped or not; FileError, an OSError too, if it cannot be read."""
    with told_as_file_errors(path):
        file = checked_path(path)
        check_is_file(file, file.stat().st_mode)
        with file.open("rb") as stream:
            packed = stream.peek(2)[:2] == GZIP
            with gzip.GzipFile(fileobj=stream) if packed else nullcontext(stream) as unpacked:
                yield JsonStream(cast(BinaryIO, unpacked), str(file))


class JsonStream:
    """A JSON text read piece by piece.

    `members` and `items` walk an object or a list; for each key or place that they yield, the caller
    must take what stands there, with `value` or by walking on into it.

    Parameters
    ----------
    stream : binary file
        The text, in UTF-8.
    name : str
        What to call it in messages.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._parse = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer).raw_decode
        self._text = ""
        self._place = 0  # how much of the text has been taken
        self._line = 1  # where the text begins
        self._ended = False

    def members(self, where: str) -> Iterator[str]:
        """Walk an object: yield each key, before its value is taken."""
        self._take("{", where)
        seen: set[str] = set()
        if self._next() != "}":
            while True:
                key = text(self.value(where), f"{where}, a key")
                if key in seen:
                    raise FormatError(f"{where}: the key {shown(key)} stands there twice")
                seen.add(key)
                self._take(":", where)
                yield key
                if self._next() != ",":
                    break
                self._place += 1
        self._take("}", where)

    def items(self, where: str) -> Iterator[str]:
        """Walk a list: yield where each item stands, before it is taken."""
        self._take("[", where)
        if self._next() != "]":
            for index in count():
                yield f"{where}[{index}]"
                if self._next() != ",":
                    break
                self._place += 1
        self._take("]", where)

    def value(self, where: str) -> Any:
        """Take one value, parsed as a whole.

        Raises
        ------
        FormatError
            If it is no JSON, is nested too deeply or would take too much memory, or an object in it
            has a key twice. NaN and infinities pass: only who knows the place can name it.
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

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self._next():
            raise FormatError(f"{self._at(self.name)}: expected the end of the file, found more")

    def _take(self, mark: str, where: str) -> None:
        found = self._next()
        if found != mark:
            told = shown(found) if found else "the end of the file: it is cut off"
            raise FormatError(f"{self._at(where)}: expected {mark!r}, found {told}")
        self._place += 1

    def _next(self) -> str:
        """Pass over white space and return the character after it, "" at the end of the file."""
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
        """Read on until a mark has come, or to the end of the file."""
        begin = len(self._text) - self._place
        while self._read(where) and mark not in self._text[begin:]:
            begin = len(self._text)

    def _read(self, where: str) -> bool:
        """Read a piece and forget what has been taken; False at the end of the file."""
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
        memory = len(self._text) * COPIES * (1 if self._text.isascii() else 4)
        memory += sum(cost * self._text.count(mark) for mark, cost in COSTS.items())
        if memory > MOST_MEMORY:
            raise FormatError(f"{self._at(where)}: expected a smaller value than what begins there")
        return True

    def _at(self, where: str) -> str:
        line = self._line + self._text.count("\n", 0, self._place)
        return f"{where} (line {line})"

    def _fail(self, where: str, error: json.JSONDecodeError) -> NoReturn:
        self._place = error.pos
        if (self._ended and len(self._text) - error.pos < 1) or "Unterminated" in error.msg:
            raise FormatError(
                f"{self._at(where)}: expected more, found the end of the file: it is cut off"
            )
        found = shown(self._text[error.pos : error.pos + 20])
        raise FormatError(f"{self._at(where)}: expected JSON, found {found}: {error.msg}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its keys and values; json itself keeps the last of equal keys."""
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for place, key in enumerate(keys) if key in keys[:place])
        raise ValueError(f"the key {shown(twice)} stands there twice")
    return result


def _integer(digits: str) -> int | float:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"expected a number, found one of {len(digits)} digits")
    return -0.0 if digits == "-0" else int(digits)  # other programs write -0.0 so


def shown(value: object) -> str:
    """Show a value in a message: shortly, whatever it is."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str) and len(value) > 40:
        return f"{value[:40]!r}..."
    return repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:60]}..."


def fail(where: str, expected: str, found: object) -> NoReturn:
    """Raise FormatError: what was expected, what was found, and where."""
    raise FormatError(f"{where}: expected {expected}, found {shown(found)}")


def mapping(
    value: object, where: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return an object that has all the required keys and none but those and the optional ones."""
    if not isinstance(value, dict):
        fail(where, "an object", value)
    for key in required:
        if key not in value:
            raise FormatError(f"{where}: expected the key {key!r}, found none")
    for key in value:
        if key not in required and key not in optional:
            fail(where, f"only the keys {', '.join((*required, *optional))}", key)
    return value


def listed(value: object, where: str) -> list[Any]:
    """Return a list."""
    if not isinstance(value, list):
        fail(where, "a list", value)
    return value


def text(value: object, where: str) -> str:
    """Return a text."""
    if not isinstance(value, str):
        fail(where, "a text", value)
    return value


def boolean(value: object, where: str) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        fail(where, "true or false", value)
    return value


def integer(value: object, where: str, minimum: int = 0, maximum: int | None = None) -> int:
    """Return an integer within bounds."""
    if type(value) is not int or value < minimum or (maximum is not None and value > maximum):
        bounds = f"of at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
        fail(where, f"an integer {bounds}", value)
    return value


def number(value: object, where: str) -> float:
    """Return a finite number as a float."""
    if type(value) not in (float, int) or not isfinite(value):  # type: ignore[arg-type]
        fail(where, "a finite number", value)
    return float(value)  # type: ignore[arg-type]


def numbers(value: object, where: str, size: int) -> array[float]:
    """Return a list of so many finite numbers."""
    found = listed(value, where)
    if len(found) != size:
        raise FormatError(f"{where}: expected {size} numbers, found {len(found)}")
    if not set(map(type, found)) <= {float, int} or not all(map(isfinite, found)):
        for place, one in enumerate(found):
            number(one, f"{where}[{place}]")
    return array("d", found)


def numbers_or_nulls(value: object, where: str, size: int) -> array[float]:
    """Return a list of so many finite numbers; null becomes nan."""
    found = listed(value, where)
    if None not in found:
        return numbers(found, where, size)
    result = numbers([0.0 if one is None else one for one in found], where, size)
    for place, one in enumerate(found):
        if one is None:
            result[place] = nan
    return result


def check_finite(value: object, where: str) -> None:
    """Refuse nan and infinities anywhere in a value."""
    if isinstance(value, float):
        number(value, where)
    waiting = [(value, where)] if isinstance(value, (dict, list)) else []
    while waiting:
        whole, here = waiting.pop()
        if isinstance(whole, dict):
            inside: Iterable[tuple[str, Any]] = ((f".{shown(key)[1:-1]}", whole[key]) for key in whole)
        else:
            inside = ((f"[{place}]", part) for place, part in enumerate(whole))
        for step, part in inside:
            if isinstance(part, float):
                number(part, here + step)
            elif isinstance(part, (dict, list)) and part:
                waiting.append((part, here + step))


def ascending(value: object, where: str, below: int) -> list[int]:
    """Return a list of different integers from 0 to less than a bound, the smallest first."""
    found = listed(value, where)
    for place, one in enumerate(found):
        integer(one, f"{where}[{place}]", maximum=below - 1)
    for place, (one, next_one) in enumerate(pairwise(found), start=1):
        if next_one <= one:
            fail(f"{where}[{place}]", f"an integer above {one}", next_one)
    return found
