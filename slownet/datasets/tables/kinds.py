"""What the text of a cell is: a number in one way of writing or another, a date, a gap, a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from math import isfinite
from typing import NamedTuple

WHOLE = "whole"  # 12
EXPONENT = "exponent"  # 1e-05, which has neither mark
POINT = "point"  # 1.5
POINT_OR_GROUP = "point or group"  # 1.234, which may be 1234 where decimals have a comma
COMMA = "comma"  # 94,8
EITHER = "either"  # 1,234, which may be 1.234 or 1234
GROUPED = "grouped"  # 1,234,567 or 9 180
INFINITE = "infinite"  # inf, 1e999
AMOUNT = "amount"  # $1,200, 12%, 920 cm
BOOLEAN = "boolean"  # true
DATE = "date"  # 2024-01-31, 12:30
MARK = "mark"  # ?, which stands for a missing number
TEXT = "text"
GAP = "gap"

NUMBERS = frozenset((WHOLE, EXPONENT, POINT, POINT_OR_GROUP, COMMA, EITHER, GROUPED, INFINITE, AMOUNT))
TEXTS = frozenset((TEXT, BOOLEAN, DATE))
GAPS = (
    "",
    "nan",
    "NaN",
    "NAN",
    "NA",
    "N/A",
    "n/a",
    "null",
    "NULL",
    "Null",
    "<NA>",
    "#N/A",
    "#NV",
    "-nan",
)
MARKS = frozenset(
    ("?", "-", "--", "–", "—", ".", "..", "na", "none", "None", "NONE", "#VALUE!", "#DIV/0!")
)

SHORTEST_CODE = 4  # digits of 01234; months and hours are shorter
LONGEST = 60  # letters of a date or an amount
SPACES = " \u00a0\u2009\u202f"
SIGNS = {".": r"\.", ",": ",", " ": f"[{SPACES}]", "'": "['’]"}
SYMBOLS = (
    "$¢£¤¥\u058f\u060b\u09f2\u09f3\u0e3f\u17db\u20a0-\u20cf\ufdfc\uff04\uffe0\uffe1\uffe5\uffe6元円원"
)
CODES = (
    "USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|BRL|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|RUB|UAH|TRY|ZAR|"
    "MXN|ARS|CLP|COP|PEN|SGD|HKD|TWD|KRW|THB|IDR|MYR|PHP|VND|ILS|AED|SAR|EGP|NGN|KES|PKR|BDT|ISK|DEM"
)
CURRENCY = rf"(?:[A-Z]{{0,3}}[{SYMBOLS}]|(?:{CODES})(?![^\W\d_])|Rs\.?|kr\.?|zł|Kč|Ft|lei|DM|Fr\.)"
DIGITS = rf"[+\-−–]?[0-9][0-9.,'’{SPACES}]*"
ATTACHED = (  # units that stand right after a number
    "mm|cm|dm|m|km|m2|m3|m²|m³|cm2|cm²|km2|km²|ha|mg|g|kg|t|lbs?|oz|ml|cl|l|ms|s|sec|min|h|hrs?|d|"
    "kW|MW|kWh|MWh|Hz|kHz|MHz|GHz|Pa|hPa|kPa|bar|psi|kJ|kcal|°|°C|°F|kB|KB|MB|GB|TB|px|pt|"
    "in|ft|mi|yd|mph|kmh|km/h|m/s|k|bn|mio|Mio|kr|zł|x"
)
AMOUNTS = re.compile(
    rf"[+\-−–]?{CURRENCY}\s*{DIGITS}|{DIGITS}\s*(?:[%‰]|{CURRENCY}|[.,][-–—]{{1,2}})|"
    rf"{DIGITS}(?:{ATTACHED}|{CODES})|[−–][0-9][0-9.,'’{SPACES}]*|\([0-9][0-9.,]*\)|"
    rf"{DIGITS}[.,][0-9]+-|"
    rf"{DIGITS}[{SPACES}](?:(?:sq|cu|fl)\.? )?[^\W\d_][^\s\d]{{0,14}}[²³23]?"
)
NEGATIVE = re.compile(r"[−–(]|[0-9]-$")  # an amount that is negative, not written as -1.5
UNIT = re.compile(r"[+-]?[0-9][0-9.,]*([^\W\d_]{1,4})")  # 12abc: a unit where all have the same
ORDINAL = frozenset(("st", "nd", "rd", "th"))
CLOCK = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?"
ZONE = r"(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2})?"
MONTH = (
    r"(?:jan(?:uary?)?|feb(?:ruary?)?|mar(?:ch)?|märz?|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?|"
    r"sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)\.?"
)
DAYS = r"(?:[^\W\d_]{2,12}\.?,? +)?"  # of the week
DATES = re.compile(
    rf"[0-9]{{4}}[-/](?:0[1-9]|1[0-2])|{MONTH}[-./ ]+(?:[0-9]{{2}}|[0-9]{{4}})|"
    rf"(?:[0-9]{{4}}([-/.])[0-9]{{1,2}}\1[0-9]{{1,2}}|"
    rf"[0-9]{{1,2}}([-/.])[0-9]{{1,2}}\2(?:[0-9]{{4}}|[0-9]{{2}})|"
    rf"{DAYS}[0-9]{{1,2}}[-. ]*{MONTH}[-,. ]*[0-9]{{2,4}}|"
    rf"{DAYS}[0-9]{{1,2}}[-. ]+(?:de )?[^\W\d_]{{3,12}}\.?(?:[-,. ]+| de )[0-9]{{4}}|"  # in any language
    rf"{DAYS}{MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?,? [0-9]{{2,4}}|"
    rf"[0-9]{{4}}年[0-9]{{1,2}}月[0-9]{{1,2}}日|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?=[T ]))"
    rf"(?:[T ,]+{CLOCK}\s*{ZONE})?|(?:-?[0-9]+ days?,? )?{CLOCK}",
    re.IGNORECASE,
)


class Found(NamedTuple):
    """What the text of a cell is, and its value if it is a number."""

    kind: str
    value: float | None = None


def kinds(point: str | None, thousands: str | None) -> Callable[[str], Found]:
    """Return a function that says what the text of a cell is.

    Parameters
    ----------
    point : str or None
        The mark before decimals, if the user has said it.
    thousands : str or None
        The one between thousands, if the user has said it.
    """
    points = [point] if point else [mark for mark in (".", ",") if mark != thousands]
    patterns = [(mark, _number(mark, thousands)) for mark in points]

    def found(text: str) -> Found:
        if not text or text in GAPS:
            return Found(GAP)
        for mark, pattern in patterns:
            if pattern.fullmatch(text):
                return _of_number(text, mark, thousands, point is not None)
        return Found(_kind_of_other(text))

    return found


def first_code(texts: Iterable[str]) -> str | None:
    """Return the first text with a zero that numbers do not have, if all are digits of one length."""
    known = [text for text in texts if text not in GAPS]
    are_digits = all(text.isascii() and text.isdigit() for text in known)
    if not are_digits or len(set(map(len, known))) != 1 or len(known[0]) < SHORTEST_CODE:
        return None
    return next((text for text in known if text[0] == "0" and text.strip("0")), None)


def whole_number(text: str) -> int:
    """Return a text of the kind WHOLE as an int, exactly."""
    return int(re.sub(r"[^0-9+-]", "", text))


def _of_number(text: str, mark: str, thousands: str | None, is_said: bool) -> Found:
    plain = re.sub(SIGNS[thousands], "", text) if thousands else text
    value = float(plain.replace(mark, "."))
    if not isfinite(value):
        return Found(INFINITE)
    if mark not in plain:
        return Found(WHOLE if re.fullmatch(r"[+-]?[0-9]+", plain) else EXPONENT, value)
    if is_said:
        return Found(POINT, value)
    is_group = re.fullmatch(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}", text)
    if mark == ".":
        return Found(POINT_OR_GROUP if is_group else POINT, value)
    return Found(EITHER if is_group else COMMA, value)


def _kind_of_other(text: str) -> str:
    if re.fullmatch(r"[+-]?inf(inity)?", text, re.IGNORECASE):
        return INFINITE
    if text.lower() in ("true", "false"):
        return BOOLEAN
    if text in MARKS:
        return MARK
    if len(text) > LONGEST or not any(map(str.isdigit, text)):
        return TEXT
    if thousands_of(text):
        return GROUPED
    if DATES.fullmatch(text):
        return DATE
    if _number(".", None).fullmatch(text) or _number(",", None).fullmatch(text):
        return GROUPED  # a number, and the user has said that numbers are written otherwise
    return AMOUNT if AMOUNTS.fullmatch(text) else TEXT


def thousands_of(text: str) -> tuple[str, str] | None:
    """Return the marks before the thousands and before the decimals with which a text is a number."""
    for thousands, point in ((",", "."), (".", ","), (" ", "."), (" ", ","), ("'", "."), ("'", ",")):
        if re.search(SIGNS[thousands], text) and _number(point, thousands).fullmatch(text):
            return thousands, point
    return None


def common_unit(texts: list[str]) -> str | None:
    """Return the letters with which all texts end after a number, if these are the same in all."""
    found = [UNIT.fullmatch(text) for text in texts]
    units = {match[1] if match else "" for match in found}
    unit = units.pop() if len(units) == 1 else ""
    return unit if unit and unit not in ORDINAL and len(texts) >= 3 else None


@cache
def _number(point: str, thousands: str | None) -> re.Pattern[str]:
    """Return the pattern of a number with these marks; decimals and thousands are optional."""
    whole = "[0-9]+"
    if thousands:
        inner = f"(?:{SIGNS[thousands]}[0-9]{{2,3}})*" if thousands == "," else ""  # 12,34,567 in India
        last = f"{SIGNS[thousands]}[0-9]{{3}}"
        whole = rf"(?:[0-9]{{1,3}}{inner or f'(?:{last})*'}{last}|[0-9]+)"
    mark = SIGNS[point]
    return re.compile(rf"[+-]?(?:{whole}(?:{mark}[0-9]*)?|{mark}[0-9]+)(?:[eE][+-]?[0-9]+)?")
