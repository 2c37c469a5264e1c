"""Checks of arguments, for every package: what was given, what was expected."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import wraps
from math import inf, isfinite, isinf
from numbers import Complex, Real
from pathlib import Path
from reprlib import Repr
from typing import Any, ParamSpec, SupportsIndex, TypeVar

from slownet.errors import InvalidTypeError, InvalidValueError

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

MOST_LETTERS = 80  # of a value in a message
_REPR = Repr()
_REPR.maxlevel, _REPR.maxstring = 2, 50
_REPR.maxlist = _REPR.maxtuple = _REPR.maxdict = _REPR.maxset = _REPR.maxfrozenset = 4
FILES = {  # what the endings of file names stand for
    "an HTML page": (".html", ".htm"),
    "JSON": (".json", ".json.gz"),
    "a run file": (".run",),
    "a picture or film": (".gif", ".png", ".jpg", ".jpeg", ".svg", ".pdf", ".webp", ".mp4", ".webm"),
    "CSV": (".csv",),
    "another table": (".tsv", ".xlsx", ".xlsm", ".parquet", ".pq"),
    "ONNX": (".onnx",),
    "arrays of NumPy": (".npz",),
    "safetensors": (".safetensors",),
    "a program of PyTorch": (".pt2",),
    "Python": (".py",),
    "C": (".c",),
    "JavaScript": (".js", ".mjs"),
    "arrays or objects": (".npy", ".pkl", ".pickle", ".joblib", ".pt", ".pth", ".h5", ".keras"),
    "HTML, PNG, SVG or PDF": (".html", ".htm", ".png", ".svg", ".pdf"),
}


def printable(text: str) -> str:
    """Return a text for a terminal: control characters, which may move or hide others, are escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def check_type(name: str, thing: object, kind: type) -> None:
    """Raise TypeError unless an argument is of a type."""
    if not isinstance(thing, kind):
        raise InvalidTypeError(f"{name} must be of type {kind.__name__}, not {type(thing).__name__}")


def check_bool(name: str, value: object) -> bool:
    """Return an argument as a bool, Python's or NumPy's; TypeError otherwise."""
    if not _is_bool(value):
        raise InvalidTypeError(f"{name} must be True or False, not {short(value)}")
    return bool(value)


def _is_bool(value: object) -> bool:
    return type(value).__name__ in ("bool", "bool_")


def check_integer(name: str, value: object, minimum: int = 0, maximum: int | None = None) -> int:
    """Return an argument as an int within bounds; TypeError or ValueError otherwise."""
    if type(value) is int:  # fast path: SupportsIndex takes microseconds
        number = value
    else:
        try:
            if isinstance(value, bool) or not isinstance(value, SupportsIndex):
                raise TypeError
            number = value.__index__()
        except TypeError:  # an array has the method and raises it
            raise InvalidTypeError(f"{name} must be an integer, not {type(value).__name__}") from None
    if number < minimum:
        raise InvalidValueError(f"{name} must be at least {minimum}, not {short(number)}")
    if maximum is not None and number > maximum:
        raise InvalidValueError(f"{name} must be at most {maximum}, not {short(number)}")
    return number


def as_float(name: str, value: object) -> float:
    """Return a real number of any type as the nearest float; infinities and NaN stay what they are.

    Real numbers are int, bool, Fraction, Decimal, NumPy's numbers, arrays and tensors without a
    dimension, and whatever else has `__float__`.

    Raises
    ------
    TypeError
        If it is something else: a text, a complex number, None, an array with a dimension.
    ValueError
        If it is finite and beyond the largest float.
    """
    if type(value) is float:
        return value
    try:
        plain: Any = value.item() if getattr(value, "ndim", None) == 0 else value  # type: ignore[attr-defined]
        number = float(plain) if _is_real(plain) and not is_masked(value) else None
        if number is not None and isinf(number) and plain != number:
            raise OverflowError
    except OverflowError:
        too_large = f"{name} must be a number whose size a float can hold, at most 1.8e308"
        raise InvalidValueError(f"{too_large}, not {short(value)}") from None
    except Exception:  # whatever the `__float__` of another library raises
        number = None
    if number is None:
        raise InvalidTypeError(f"{name} must be a number, not {type(value).__name__} {short(value)}")
    return number


def is_masked(values: object) -> bool:
    """Whether values are a masked array of NumPy, or the constant in it, whose item() would be 0.0."""
    return any(each.__name__ == "MaskedArray" for each in type(values).__mro__)


def digits(number: object) -> str:
    """Return six digits of a number, or a short text of what is not a number: it never raises."""
    try:
        return f"{number:.6g}"
    except Exception:  # a text, an array, 10**400
        return short(number)


def short(value: object) -> str:
    """Return a text of a value for a message: one line of at most 80 letters, whatever it is."""
    kind = type(value).__name__
    try:
        shape = getattr(value, "shape", ())
        if isinstance(shape, tuple) and shape:
            return f"{kind[:40]} of shape {_cut(str(tuple(shape)), 30)}"
        if type(value).__module__ == "numpy" and hasattr(value, "item"):
            value = value.item()  # 1.5, not np.float64(1.5)
        return _cut(printable(_REPR.repr(value)), MOST_LETTERS)
    except Exception:  # Python refuses to write an int of more than 4300 digits
        return f"an {kind[:40]}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return "; did you mean ...?" for the known name nearest to a wrong one, or "" without any.

    Capitals, hyphens and spaces do not count, "mse" is near to "mean_squared_error", "--lr" to
    "--learning-rate", "activation" to the first of the names that end with it, and "save_best_only" to
    "best".
    """
    if not isinstance(name, str):
        return ""
    names = {_plain_name(each): each for each in known}
    plain = _plain_name(name[:MOST_LETTERS])
    words = {each: each.strip("_").split("_") for each in names}
    initials = {
        "".join(part[:1] for part in words[each]): each for each in names if len(words[each]) > 1
    }
    ends = [each for each in names if each.endswith(f"_{plain}")]
    near = [plain] if plain in names else ends or difflib.get_close_matches(plain, names, n=1)
    given = set(plain.split("_"))
    near = near or sorted((each for each in names if given.issuperset(words[each])), key=len)[-1:]
    if plain.strip("_") in initials:
        near = [initials[plain.strip("_")]]
    return f"; did you mean {names[near[0]]!r}?" if near else ""


def _plain_name(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")


def unknown_name(
    kind: str, name: object, known: Iterable[str], synonyms: Mapping[str, str] | None = None
) -> InvalidValueError:
    """Return the error for a name that is in no table: it lists the names that are.

    `synonyms` are other names of those in the table.
    """
    names = list(known)
    plain = _plain_name(name) if isinstance(name, str) else ""
    hint = did_you_mean((synonyms or {}).get(plain, name), names)
    return InvalidValueError(f"unknown {kind} {short(name)}: known are {', '.join(names)}{hint}")


def check_keywords(what: str, given: Iterable[str], known: Sequence[str]) -> None:
    """Raise TypeError, with the nearest known name, for the name of an argument that is unknown."""
    for name in given:
        if name not in known:
            hint = did_you_mean(name, known) or f": it has {', '.join(known)}"
            raise InvalidTypeError(f"{what} has no argument {short(name)}{hint}")


def suggesting(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Let a function refuse names of arguments that it does not have with the nearest that it has."""
    code = function.__code__
    known = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    what = function.__qualname__.removesuffix(".__init__").rpartition(".")[2]

    @wraps(function)
    def checked(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        check_keywords(what, kwargs, known)
        return function(*args, **kwargs)

    return checked


def _is_real(value: object) -> bool:
    """Whether `float(value)` converts a real number: it also takes texts, and drops imaginary parts."""
    if isinstance(value, Sequence) or getattr(value, "ndim", None):
        return False
    is_real = isinstance(value, Real) or not isinstance(value, Complex)
    return is_real and hasattr(value, "__float__")


def check_number(
    name: str, value: object, minimum: float = 0.0, below: float = inf, above: float = -inf
) -> float:
    """Return an argument as a finite float within bounds; TypeError or ValueError otherwise."""
    if _is_bool(value):
        raise InvalidTypeError(f"{name} must be a number, not {type(value).__name__}")
    number = as_float(name, value)
    if not isfinite(number):
        raise InvalidValueError(f"{name} must be finite, not {number}")
    if number <= above:
        raise InvalidValueError(f"{name} must be above {above:g}, not {number}")
    if number < minimum:
        raise InvalidValueError(f"{name} must be at least {minimum:g}, not {number}")
    if number >= below:
        raise InvalidValueError(f"{name} must be less than {below:g}, not {number}")
    return number


def check_path(path: object, kind: str = "", only: bool = False) -> Path:
    """Return an argument as a Path, with a home folder for `~`: every path of a user comes through here.

    Parameters
    ----------
    path : str or path-like
        The path.
    kind : str, optional
        What the file is to hold, one of `FILES`; the ending of another kind is refused.
    only : bool
        Whether every ending but those of the kind is refused.

    Raises
    ------
    TypeError
        If it is no path.
    ValueError
        If no file can have such a name, or it ends as that of another kind of file; the message says
        which endings are right.
    """
    try:
        found = Path(path)  # type: ignore[arg-type]
        is_name = b"\0" not in os.fsencode(found)
    except TypeError:
        raise InvalidTypeError(f"path must be a path, not {short(path)}") from None
    except UnicodeError:
        is_name = False
    if not is_name:
        raise InvalidValueError(f"path must be a name that a file can have, not {short(path)}")
    with suppress(RuntimeError):  # `~anna` is a file where no user is called so
        found = found.expanduser()
    if kind:
        right, name = FILES[kind], found.name.lower()
        other = next((each for each, ends in FILES.items() if name.endswith(ends)), "")
        if not name.endswith(right) and (only or other):
            endings = " or ".join(filter(None, [", ".join(right[:-1]), right[-1]]))
            is_near = not other or set(FILES[other]) & set(right)
            raise InvalidValueError(
                f"{short(found.name)}: this is written as {kind}, so give it a name that ends in "
                f"{endings}" + ("" if is_near else f"; it ends as that of {other}")
            )
    return found
