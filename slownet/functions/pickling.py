"""Pickles of formulas: built-in ones by name and settings, a user's own as pickle finds functions."""

from __future__ import annotations

import sys
from typing import Any

from slownet.errors import InvalidTypeError

BY_VALUE = ("cloudpickle", "dill")  # packages that can pickle any function: joblib uses the first


class Pickled:
    """A formula: it is never changed, so that a copy of it is the formula itself."""

    name: str

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self

    def __reduce_ex__(self, protocol: Any) -> str | tuple[Any, ...]:
        """Return how to make it again.

        Raises
        ------
        TypeError
            If pickle does not find one of its functions.
        """
        from slownet.functions import description

        known = description.built_in(self)
        if known is not None:
            return description.make, known
        if not _is_pickled_by_value():
            self._check_functions()
        return super().__reduce_ex__(protocol)

    def _check_functions(self) -> None:
        import pickle

        for name, value in self.__getstate__().items():  # type: ignore[attr-defined]
            if callable(value):
                try:
                    pickle.dumps(value)
                except Exception as error:
                    raise InvalidTypeError(
                        f"the {name} of {type(self).__name__} {self.name!r} cannot be pickled, since it "
                        "is found by its name alone: define it with def at the top of a module, or "
                        f"keep the net by net.save(path) and load(path, formulas=[...]) ({error})"
                    ) from error


def _is_pickled_by_value() -> bool:
    """Whether a package is pickling that has no need to find functions."""
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        if any(part in BY_VALUE for part in frame.f_globals.get("__name__", "").split(".")):
            return True
    return False
