"""Formulas that take notes: the same code, run on the floats of a tape.

An elementary function is one operation of the tape. Where a user's formula leaves the floats of the
tape, as NumPy's functions do, the whole formula becomes one operation.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterator, Sequence
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType
from typing import Any

from slownet.checks import printable
from slownet.explain.tape import FORMULA, NONE, SAME, Applied, Tape
from slownet.functions import elementary
from slownet.functions.builtin import BUILTIN, is_builtin

ELEMENTARY = ("exp", "expm1", "tanh", "log", "log1p", "sin", "cos", "power")
NUMBERS = (float, int, bool)


class Noter:
    """Makes formulas take notes.

    Parameters
    ----------
    tape : Tape
        Where they do it.
    opened : str
        The elementary function that is not one operation: it is looked into.
    """

    def __init__(self, tape: Tape, opened: str = "") -> None:
        self.tape = tape
        self._again: dict[Any, Any] = {math.sqrt: self._as_operation("sqrt", math.sqrt)}
        for name in ELEMENTARY:
            if name != opened:
                function = getattr(elementary, name)
                self._again[function] = self._as_operation(name, function)
        self._math = _Math(self)

    def again(self, function: Any, **names: Any) -> Any:
        """Return a function with the same code, in which what it calls takes notes.

        Parameters
        ----------
        function : callable
            Any other thing than a function of Python or of `math` stays as it is.
        **names
            What names in it stand for instead.
        """
        if isinstance(function, BuiltinFunctionType):
            return self._of_math(function)
        if not isinstance(function, FunctionType):
            return function
        if function not in self._again or names:
            space: dict[str, Any] = {"__builtins__": builtins, "float": self._as_float, **names}
            home = function.__globals__
            inside = [cell.cell_contents for cell in function.__closure__ or ()]
            cells = tuple(CellType(self._global(each, home)) for each in inside)
            made = FunctionType(
                function.__code__, space, function.__name__, function.__defaults__, cells or None
            )
            made.__kwdefaults__ = function.__kwdefaults__
            if not names:
                self._again[function] = made
            for name in names_in(function.__code__):
                if name in home and name not in names:
                    space[name] = self._global(home[name], home)
            return made
        return self._again[function]

    def _global(self, thing: Any, home: dict[str, Any]) -> Any:
        """Return what a global name of a formula stands for: its own helpers take notes, too."""
        if thing is math:
            return self._math
        if isinstance(thing, FunctionType):
            module = str(thing.__globals__.get("__name__"))
            is_own = thing.__globals__ is home or module.startswith(BUILTIN)
            return self.again(thing) if is_own else thing
        return thing if isinstance(thing, (ModuleType, type)) else self.again(thing)

    def _as_float(self, value: Any) -> Any:
        """Convert to a float, as the name `float` in a formula does: a number of the tape is one."""
        if type(value) is self.tape.number:
            return value
        if self.tape.known is not None and type(value) not in NUMBERS:
            self.tape.is_cut = True
        return float(value)

    def _as_operation(self, name: str, function: Callable[..., float]) -> Any:
        tape = self.tape

        def call(*given: Any) -> Any:
            if any(type(each) is tape.number for each in given):
                return tape.call(name, function, given)
            return function(*given)

        return call

    def _of_math(self, function: BuiltinFunctionType) -> Any:
        if function in self._again:
            return self._again[function]
        if function.__module__ != "math":
            return function
        name = function.__name__
        if name in ("frexp", "floor"):
            made: Any = self._frexp if name == "frexp" else function
        else:
            made = self._as_operation(f"math.{name}", function)
        self._again[function] = made
        return made

    def _frexp(self, x: Any) -> tuple[Any, int]:
        """Return the fraction and the power of two; the power chooses what follows."""
        fraction, exponent = math.frexp(x)
        if type(x) is not self.tape.number:
            return fraction, exponent
        return self.tape.call("frexp", _fraction, [x]), exponent

    def apply(self, name: str, function: Any, given: Sequence[Any]) -> tuple[Any, ...]:
        """Apply a formula; return its results as numbers of the tape.

        Parameters
        ----------
        name : str
            The formula's, as it is shown.
        function : callable
            Its code as it is, not made to take notes.
        given : sequence
            Its arguments: numbers, lists and tuples of them.

        Returns
        -------
        tuple
            The result, or each of several.
        """
        tape, start = self.tape, len(self.tape)
        name = printable(" ".join(name.split()))  # it stands in a comment of a program, too: one line
        found = self._run(function, given)
        is_opaque = found is None
        if found is None:
            found = function(*map(_plain, given))
        several = found if isinstance(found, tuple) else (found,)
        places = tuple(tape.of(each) for each in _flat(given) if type(each) is tape.number)
        results: list[Any] = []
        for each in several:
            if is_opaque:
                first, second = (*places, NONE, NONE)[:2]
                number = tape.add(FORMULA, first, second, float(each))
            elif type(each) is not tape.number or each.place < start:
                number = tape.add(SAME, tape.of(each), NONE, float(each))
            else:
                number = each
            own = "" if results and not is_opaque else name  # what comes beside the result
            tape.applied[number.place] = Applied(own, places, start, is_opaque)
            results.append(number)
        return tuple(results)

    def _run(self, function: Any, given: Sequence[Any]) -> Any:
        """Run a formula on numbers of the tape; None where that loses sight of one."""
        tape = self.tape
        if is_builtin(function) or isinstance(function, BuiltinFunctionType):
            return self.again(function)(*given)
        if not isinstance(function, FunctionType):
            return None
        tape.is_cut, tape.known = False, {*constants_in(function)}
        try:
            found = self.again(function)(*given)
            for each in found if isinstance(found, tuple) else (found,):
                tape.of(each)
        except Exception:  # what a plain number would not have raised; otherwise it comes once more
            return None
        finally:
            was_cut, tape.is_cut, tape.known = tape.is_cut, False, None
        return None if was_cut else found


class _Math:
    """The module `math`, whose functions take notes."""

    def __init__(self, noter: Noter) -> None:
        self._noter = noter

    def __getattr__(self, name: str) -> Any:
        return self._noter.again(getattr(math, name))


def names_in(code: CodeType) -> Iterator[str]:
    """Yield the names that code looks up, with those in the functions inside of it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_in(constant)


def constants_in(function: Any, seen: set[Any] | None = None) -> Iterator[float]:
    """Yield the numbers that a function can use without having computed them."""
    seen = set() if seen is None else seen
    if not isinstance(function, FunctionType) or function in seen:
        return
    seen.add(function)
    codes = [function.__code__]
    for code in codes:
        codes += [each for each in code.co_consts if isinstance(each, CodeType)]
        yield from (each for each in code.co_consts if type(each) in NUMBERS)
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    found = [function.__globals__.get(name) for code in codes for name in code.co_names]
    for each in (*cells, *found, *(function.__defaults__ or ())):
        if type(each) in NUMBERS:
            yield float(each)
        else:
            yield from constants_in(each, seen)


def _flat(given: Sequence[Any]) -> Iterator[Any]:
    for each in given:
        if isinstance(each, (list, tuple)):
            yield from each
        else:
            yield each


def _plain(given: Any) -> Any:
    """Return numbers as floats that take no notes."""
    if isinstance(given, (list, tuple)):
        return type(given)(map(float, given))
    return float(given)


def _fraction(x: float) -> float:
    return math.frexp(x)[0]
