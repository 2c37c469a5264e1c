"""The edits of an experiment, and their text: what was changed in a training, and after which step.

`page/assets/engine/experiment.js` has the same tables; a test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

from slownet.checks import check_integer, check_type, short
from slownet.errors import InvalidValueError

MOST_EDITS = 1000
MOST_LETTERS = 100_000
MOST_STEPS = 1_000_000_000
MOST_WHOLE = 1_000_000_000  # ids, places and batch sizes
MOST_NEURONS = 256  # of a layer that edits add, or add neurons to
MOST_SEED = 2**53 - 1
BETWEEN_EDITS, BETWEEN_PARTS = "~", "_"

End = tuple[int, int]  # the ids of a layer and of a neuron in it
Value = int | float | str | End

# what each edit takes; the last argument may hold "_"
KINDS: dict[str, tuple[str, ...]] = {
    "rate": ("positive",),
    "optimizer": ("name",),
    "batch": ("count",),
    "l1": ("amount",),
    "l2": ("amount",),
    "dropout": ("share",),
    "dropconnect": ("share",),
    "activation": ("id", "name"),
    "add": ("id",),
    "remove": ("id", "id"),
    "layer": ("id", "size", "name"),
    "unlayer": ("id",),
    "cut": ("end", "end"),
    "freeze": ("end", "end"),
    "thaw": ("end", "end"),
    "set": ("end", "end", "number"),
    "bias": ("end", "number"),
    "seed": ("seed",),
    "point": ("number", "number", "number"),
    "move": ("id", "number", "number"),
    "erase": ("id",),
    "noise": ("amount",),
    "data": ("name",),
    "digit": ("id", "image"),
    "undigit": ("id",),
}
# the smallest and the largest number of each type of argument
WHOLE: dict[str, tuple[int, int]] = {
    "id": (0, MOST_WHOLE),
    "count": (1, MOST_WHOLE),
    "size": (1, MOST_NEURONS),
    "seed": (0, MOST_SEED),
}
# numbers: the smallest, whether that one belongs to them, and the number below which they are
NUMBERS: dict[str, tuple[float, bool, float]] = {
    "number": (-inf, False, inf),
    "amount": (0.0, True, inf),
    "positive": (0.0, False, inf),
    "share": (0.0, True, 1.0),
}
EXPECTED = {  # in messages
    **{name: f"a whole number from {low} to {high}" for name, (low, high) in WHOLE.items()},
    "number": "a number",
    "amount": "a number from 0 on",
    "positive": "a number above 0",
    "share": "a number from 0 to less than 1",
    "end": "a neuron as LAYER.NEURON",
    "name": "a name of small letters, digits and _",
    "image": "an image as base64url",
}
WHOLE_TEXT = re.compile(r"0|[1-9][0-9]{0,15}")
NUMBER_TEXT = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?(e-?[0-9]{1,3})?")
NAME_TEXT = re.compile(r"[a-z][a-z0-9_]{0,39}")
IMAGE_TEXT = re.compile(r"[A-Za-z0-9_-]{0,4000}")


@dataclass(frozen=True)
class Edit:
    """Something that is changed in a training, after one step and before the next.

    Parameters
    ----------
    step : int
        The step after which it is changed; 0 is before the first one.
    kind : str
        What is changed: a key of `KINDS`.
    args : tuple
        To what; their types are those of `KINDS`. A neuron is (layer id, neuron id).

    Raises
    ------
    TypeError, ValueError
        If there is no such edit.

    Examples
    --------
    >>> from slownet.experiments import Edit
    >>> str(Edit(120, "rate", (0.05,)))
    '120_rate_0.05'
    """

    step: int
    kind: str
    args: tuple[Value, ...] = ()

    def __post_init__(self) -> None:
        check_integer("the step of an edit", self.step, maximum=MOST_STEPS)
        check_type("the kind of an edit", self.kind, str)
        types = _types(self.kind, self.kind)
        args = tuple(self.args)
        if len(args) != len(types):
            raise InvalidValueError(_takes(self.kind, self.kind, len(args)))
        read = tuple(
            _read(name, _text(value), f"the edit {self.kind}")
            for name, value in zip(types, args, strict=True)
        )
        object.__setattr__(self, "args", read)

    def __str__(self) -> str:
        return BETWEEN_PARTS.join([str(self.step), self.kind, *map(_text, self.args)])


def parse(text: str) -> list[Edit]:
    """Return the edits of a text, as `format_edits` writes it.

    Raises
    ------
    TypeError, ValueError
        If it is no text of edits; the message has the place.

    Examples
    --------
    >>> from slownet.experiments import parse
    >>> parse("120_rate_0.05~300_remove_1_3")
    [Edit(step=120, kind='rate', args=(0.05,)), Edit(step=300, kind='remove', args=(1, 3))]
    """
    check_type("the text of an experiment", text, str)
    if len(text) > MOST_LETTERS:
        raise InvalidValueError(
            f"the text of an experiment has at most {MOST_LETTERS:,} characters, not {len(text):,}"
        )
    parts = text.split(BETWEEN_EDITS) if text else []
    return check_edits([_parsed(part, f"edit {k}, {short(part)}") for k, part in enumerate(parts, 1)])


def format_edits(edits: Iterable[Edit]) -> str:
    """Return edits as a text, as it stands in the address of a page.

    Raises
    ------
    TypeError, ValueError
        If they are no experiment: they stand in the order of their steps.

    Examples
    --------
    >>> from slownet.experiments import Edit, format_edits
    >>> format_edits([Edit(120, "rate", (0.05,)), Edit(300, "cut", ((0, 1), (1, 3)))])
    '120_rate_0.05~300_cut_0.1_1.3'
    """
    return BETWEEN_EDITS.join(map(str, check_edits(edits)))


def check_edits(edits: Iterable[Edit]) -> list[Edit]:
    """Return edits as a list; TypeError or ValueError if they are no experiment."""
    found = list(edits)
    if len(found) > MOST_EDITS:
        raise InvalidValueError(f"an experiment has at most {MOST_EDITS:,} edits, not {len(found):,}")
    step = 0
    for place, edit in enumerate(found):
        check_type("an edit", edit, Edit)
        if edit.step < step:
            raise InvalidValueError(
                f"edits stand in the order of their steps, and {short(str(edit))} comes after step "
                f"{step}"
            )
        step = edit.step
        if edit.kind == "seed" and (edit.step or place):
            raise InvalidValueError("another seed is the first edit of an experiment, at step 0")
    return found


def _types(kind: str, where: str) -> tuple[str, ...]:
    if kind not in KINDS:
        raise InvalidValueError(f"{where}: there is no edit {short(kind)}, only {', '.join(KINDS)}")
    return KINDS[kind]


def _takes(kind: str, where: str, count: int) -> str:
    types = ", ".join(EXPECTED[name] for name in KINDS[kind])
    return f"{where}: {kind} takes {types}: {len(KINDS[kind])} arguments, not {count}"


def _parsed(part: str, where: str) -> Edit:
    step, _, rest = part.partition(BETWEEN_PARTS)
    if not WHOLE_TEXT.fullmatch(step) or int(step) > MOST_STEPS:
        raise InvalidValueError(
            f"{where}: it begins with a step, a whole number up to {MOST_STEPS:,}, not {short(step)}"
        )
    kind, *texts = rest.split(BETWEEN_PARTS)
    types = _types(kind, where)
    if len(texts) > len(types):
        texts[len(types) - 1 :] = [BETWEEN_PARTS.join(texts[len(types) - 1 :])]
    if len(texts) != len(types):
        raise InvalidValueError(_takes(kind, where, len(texts)))
    values = (_read(name, text, where) for name, text in zip(types, texts, strict=True))
    return Edit(int(step), kind, tuple(values))


def _read(name: str, text: str, where: str) -> Value:
    """Return an argument; ValueError if it is none of its type."""
    value: Value | None = None
    if name in WHOLE:
        low, high = WHOLE[name]
        whole = int(text) if WHOLE_TEXT.fullmatch(text) else -1
        value = whole if low <= whole <= high else None
    elif name in NUMBERS:
        value = _read_number(text, *NUMBERS[name])
    elif name == "end":
        parts = text.split(".")
        if len(parts) == 2 and all(WHOLE_TEXT.fullmatch(each) for each in parts):
            layer, neuron = map(int, parts)
            value = (layer, neuron) if max(layer, neuron) <= MOST_WHOLE else None
    elif (NAME_TEXT if name == "name" else IMAGE_TEXT).fullmatch(text):
        value = text
    if value is None:
        raise InvalidValueError(f"{where}: expected {EXPECTED[name]}, not {short(text)}")
    return value


def _read_number(text: str, low: float, is_closed: bool, high: float) -> float | None:
    if not NUMBER_TEXT.fullmatch(text):
        return None
    number = float(text)
    in_bounds = (number >= low if is_closed else number > low) and number < high
    return number if in_bounds and isfinite(number) else None


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return ".".join(map(_text, value))
    if isinstance(value, float):
        return number_text(value)
    return str(value)


def number_text(number: float) -> str:
    """Return the shortest text that reads back to a number, as JavaScript writes it, without a plus.

    Examples
    --------
    >>> from slownet.experiments.edits import number_text
    >>> [number_text(number) for number in (0.05, 3.0, 1e-7, 1e22, -2.5e-300)]
    ['0.05', '3', '1e-7', '1e22', '-2.5e-300']
    """
    mantissa, _, exponent = repr(float(number)).partition("e")
    sign, mantissa = ("-", mantissa[1:]) if mantissa.startswith("-") else ("", mantissa)
    whole, _, rest = mantissa.partition(".")
    digits = (whole + rest).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + rest) - len(digits))
    digits = digits.rstrip("0")
    if not digits:
        return f"{sign}0"
    if len(digits) <= point <= 21:
        text = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        text = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{digits}"
    else:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        text = f"{digits[0]}{fraction}e{point - 1}"
    return sign + text
