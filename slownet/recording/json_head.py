"""The first keys of every JSON file of slownet: its format, its version and the writing slownet's."""

from __future__ import annotations

from typing import Any, NoReturn

from slownet.errors import FormatError
from slownet.recording.json_stream import JsonStream
from slownet.recording.json_values import fail, integer, short_text, text
from slownet.recording.preparation_reading import read_preparation
from slownet.version import __version__

HEAD = ("format", "version", "slownet")


def head_of(name: str, version: int) -> dict[str, Any]:
    """Return the first keys and values of a file."""
    return {"format": name, "version": version, "slownet": __version__}


class JsonHead:
    """The values that a JSON file has beside its lists, read one by one.

    Parameters
    ----------
    stream : JsonStream
        The file.
    what : str
        The kind of file, for messages: "a net file".
    name, version : str, int
        Its format, and the newest version of it that can be read.
    keys : tuple of str
        All keys that the file may have.

    Attributes
    ----------
    found : dict
        The values so far.
    """

    def __init__(
        self, stream: JsonStream, what: str, name: str, version: int, keys: tuple[str, ...]
    ) -> None:
        self.found: dict[str, Any] = {}
        self._stream, self._what, self._name, self._version, self._keys = (
            stream,
            what,
            name,
            version,
            keys,
        )

    def take(self, key: str) -> tuple[Any, str]:
        """Read the value of a key; return it and where it stands."""
        if key not in self._keys:
            if self.found.get("format") != self._name:
                self._fail_format(f"the key {short_text(key)}")
            fail(self._stream.name, f"only the keys {', '.join(self._keys)}", key)
        where = f"{self._stream.name}, {key}"
        read = read_preparation if key == "preparation" else JsonStream.value
        value = self.found[key] = read(self._stream, where)
        if key == "format" and value != self._name:
            self._fail_format(short_text(value))
        if key == "version" and integer(value, where, 1) > self._version:
            raise FormatError(
                f"{where}: this file is of version {short_text(value)} and slownet {__version__} reads "
                f"up to {self._version}: a newer slownet reads it"
            )
        if key == "slownet":
            text(value, where)
        return value, where

    def _fail_format(self, found: str) -> NoReturn:
        expected = f'{self._what}, with "format": "{self._name}"'
        raise FormatError(f"{self._stream.name}: expected {expected}, found {found}")
