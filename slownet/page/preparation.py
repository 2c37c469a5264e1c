"""The preparation of a net in a page: its plain values, their bounds, and whether data give it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

from slownet.errors import FormatError, InvalidValueError, SlownetError
from slownet.functions import Loss
from slownet.page import facts
from slownet.plotting.style import Json
from slownet.preprocessing import PREPARATIONS, preparation_of
from slownet.recording.preparation_reading import preparation_from_plain
from slownet.samples import Preparation, may_scale

MOST_LETTERS = 10_000  # of the name of a column or of a category


def plain_preparation(preparation: Preparation | None) -> facts.Preparation | None:
    """Return the plain values for a page; ValueError for names that are too long for one."""
    if preparation is None:
        return None
    plain = preparation.plain()
    if any(len(name) > MOST_LETTERS for name in _names(plain)):
        raise InvalidValueError(
            f"a page cannot hold names of more than {MOST_LETTERS:,} characters: rename the column, or "
            "leave it out"
        )
    return cast(facts.Preparation, plain)


def preparation_from(known: Json) -> Preparation | None:
    """Return what turns the rows of a table into inputs, as the facts of a page describe it.

    Raises
    ------
    FormatError
        If its columns are not the inputs of the net, or its names are too long.
    ValueError, TypeError, LookupError, AttributeError
        If it is not described.
    """
    plain, inputs = known["preparation"], len(known["layers"][0]["neurons"])
    if plain is None:
        return None
    count = 0
    for column in plain["columns"]:
        count += max(1, len(column.get("categories", ())))
        if count > inputs:
            break
    if count != inputs:
        raise FormatError(f"its columns do not make the {inputs:,} inputs of its net")
    outputs = len(known["layers"][-1]["neurons"])
    if len(plain["targets"]) > outputs:
        raise FormatError(f"it has {len(plain['targets']):,} targets for {outputs:,} outputs")
    if any(len(name) > MOST_LETTERS for name in _names(plain)):
        raise FormatError(f"a name in its columns has more than {MOST_LETTERS:,} characters")
    return preparation_from_plain(plain, "preparation")


def _names(plain: Json) -> Iterator[str]:
    for part in (*plain["columns"], *plain["targets"]):
        yield part.get("name", "")
        yield from part.get("categories", ())


def is_made_of(preparation: Preparation | None, X: Any, y: Any, loss: Loss, chosen: Any = None) -> bool:
    """Whether `fit` makes this preparation of the data, of the chosen rows, in one of its ways."""
    for prepare in (None, *PREPARATIONS):
        with suppress(SlownetError):
            if preparation_of(X, y, prepare, may_scale(loss), chosen) == preparation:
                return True
    return False
