"""The fingerprint of the data of a training, which a thread finds while it begins, if one can start."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from slownet.threads import Flag, started

if TYPE_CHECKING:
    from slownet.recording import History
    from slownet.training.data import TrainingData


class Fingerprinting:
    """Finds the fingerprint in a thread, and adds it to the history.

    Attributes
    ----------
    found : dict
        The fingerprint, once it has been found.
    error : BaseException or None
        The error that the data raised instead.
    """

    def __init__(self, data: TrainingData, history: History) -> None:
        self.found: dict[str, str] = {}
        self.error: BaseException | None = None
        self._data, self._history = data, history
        self._over = Flag()
        self._thread = threading.Thread(target=self._find, name="slownet fingerprint", daemon=True)

    def start(self) -> None:
        """Begin; where no thread can start, find it here."""
        if not started(self._thread):
            self._find()

    def wait(self) -> None:
        """Wait for the end, if it has begun."""
        if self._thread.ident is not None:
            self._over.wait()

    def _find(self) -> None:
        try:
            self.found = self._data.fingerprints()
            self._history.data |= self.found
        except BaseException as error:
            error.add_note("This happened while the fingerprint of the data was found.")
            self.error = error
        finally:
            self._over.set()
