"""Rows that come with slownet, or that it has made in this process, told apart from somebody's own.

Pages are made to be sent: they hold such rows without being asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from slownet.functions.randomness import GAMMA, mix

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Hashes = npt.NDArray[np.uint64]

MOST = 1 << 20  # rows that are remembered: the last ones
AT_ONCE = 1 << 14  # rows that are looked at together
_made: deque[Hashes] = deque()
_found: dict[str, Hashes] = {}  # of what was loaded, once it was asked for
_loaded: dict[str, tuple[int, Callable[[], npt.NDArray[Any]]]] = {}


def remember(rows: npt.NDArray[np.float64]) -> None:
    """Remember rows that slownet has made."""
    _made.append(_hashes(rows[-MOST:]))
    while sum(map(len, _made)) > MOST and len(_made) > 1:
        _made.popleft()


def remember_loaded(name: str, count: int, load: Callable[[], npt.NDArray[Any]]) -> None:
    """Remember that the first `count` rows of a data set were loaded; `load` returns them once more."""
    if _loaded.get(name, (0, load))[0] < count:
        _loaded[name] = count, load


def are_known(rows: npt.NDArray[np.float64]) -> bool:
    """Whether all rows are of a data set of slownet, or of those that it made last in this process."""
    import numpy as np

    if not len(rows):
        return True
    wanted = np.unique(_hashes(rows))
    for found in (*_made, *map(_loaded_hashes, _loaded)):
        wanted = np.setdiff1d(wanted, found)
        if not len(wanted):
            return True
    return False


def _loaded_hashes(name: str) -> Hashes:
    count, load = _loaded[name]
    if len(_found.get(name, ())) != count:
        _found[name] = _hashes(load())
    return _found[name]


def _hashes(rows: npt.NDArray[Any]) -> Hashes:
    """Return a number of 64 bits for each row, which depends on all of its numbers."""
    import numpy as np

    found = [np.zeros(0, np.uint64)]
    for first in range(0, len(rows), AT_ONCE):
        words = _words(rows[first : first + AT_ONCE])
        places = np.arange(1, words.shape[1] + 1, dtype=np.uint64) * np.uint64(GAMMA)
        found.append(mix(words + places).sum(axis=1, dtype=np.uint64))
    return np.concatenate(found)


def _words(rows: npt.NDArray[Any]) -> Hashes:
    """Return rows as words of 64 bits; those of pixels / 255 are the same as of the pixels."""
    import numpy as np

    if rows.dtype != np.uint8:
        rows = np.ascontiguousarray(rows, np.float64)
        if not rows.size or rows.min() < 0.0 or rows.max() > 1.0:
            return rows.view(np.uint64)
        pixels = np.rint(rows * 255.0).astype(np.uint8)
        if (pixels / 255.0 != rows).any():
            return rows.view(np.uint64)
        rows = pixels
    missing = -rows.shape[1] % 8
    return np.ascontiguousarray(np.pad(rows, ((0, 0), (0, missing)))).view(np.uint64)
