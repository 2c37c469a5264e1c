"""Addresses of a page, which hold an experiment: `#e=120_rate_0.05&step=500`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import parse_qsl

from slownet.checks import check_type, short
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.experiments.edits import MOST_LETTERS, MOST_STEPS, WHOLE_TEXT, Edit, check_edits, parse


class Address(NamedTuple):
    """What the address of a page says of an experiment.

    Attributes
    ----------
    edits : list of Edit
        What was changed.
    step : int or None
        The step to go to.
    start : int or None
        The step of the snapshot that the training goes on from, where a page has snapshots.

    Examples
    --------
    >>> from slownet.experiments import read_address
    >>> read_address("page.html#from=100&e=120_rate_0.05").start
    100
    """

    edits: list[Edit]
    step: int | None = None
    start: int | None = None


def read_address(text: str, own: str = "") -> Address:
    """Return the experiment of an address, or of the part of it behind the #.

    Where it names neither edits nor a snapshot, they are those of `own`, the address that its page was
    saved with.

    Raises
    ------
    TypeError, ValueError
        If it is none.

    Examples
    --------
    >>> from slownet.experiments import read_address
    >>> read_address("page.html#e=120_rate_0.05&step=500")
    Address(edits=[Edit(step=120, kind='rate', args=(0.05,))], step=500, start=None)
    """
    check_type("an experiment", text, str)
    if len(text) > 3 * MOST_LETTERS:
        raise InvalidValueError(
            f"an address has at most {3 * MOST_LETTERS:,} characters, not {len(text):,}"
        )
    head, hash_sign, rest = text.partition("#")
    if not hash_sign:
        if "=" not in head:
            return Address(parse(head))
        rest = head
    parts = dict(parse_qsl(rest.replace("+", "%2B"), keep_blank_values=True))
    step, start = (_step(parts.get(name)) for name in ("step", "from"))
    if own and "e" not in parts and start is None:
        return read_address(own)._replace(step=step)
    return Address(parse(parts.get("e", "")), step, start)


def _step(text: str | None) -> int | None:
    if text is None:
        return None
    if not WHOLE_TEXT.fullmatch(text) or int(text) > MOST_STEPS:
        raise InvalidValueError(
            f"a step of an address is a whole number up to {MOST_STEPS:,}, not {short(text)}"
        )
    return int(text)


def experiment_of(experiment: str | Iterable[Edit] | None, own: str = "") -> Address:
    """Return the experiment of a text, an address or a list.

    None is `own`, the address that a page was saved with.

    Raises
    ------
    TypeError, ValueError
        If it is none of them.
    """
    if experiment is None:
        return read_address(own)
    if isinstance(experiment, str):
        return read_address(experiment, own)
    if not isinstance(experiment, Iterable):
        raise InvalidTypeError(
            "an experiment is a text such as '120_rate_0.05', the address of a page, or a list of "
            f"Edit, not {short(experiment)}"
        )
    return Address(check_edits(experiment))
