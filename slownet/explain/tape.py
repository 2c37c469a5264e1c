"""The tape: every scalar operation of a step, written down by the floats that take part in it.

`Tape.number` is a class of floats. What is computed with one of them is one, too, and stands on the tape
with what it was computed from. So the loops over the objects, which know nothing of this, leave behind
how each number came about.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from operator import floordiv, mod
from typing import Any

# what an operation is; it has up to two operands
GIVEN, ADD, SUB, MUL, DIV, NEG, ABS, POW, LT, LE, GT, GE, CALL, SAME, FORMULA, WHOLE = range(16)
SIGNS = {ADD: "+", SUB: "-", MUL: "*", DIV: "/", POW: "**", LT: "<", LE: "<=", GT: ">", GE: ">="}
COMPARISONS = range(LT, GE + 1)
SWAPPED = {LT: GT, LE: GE, GT: LT, GE: LE}
NONE = -1  # no operand


@dataclass(frozen=True)
class Role:
    """What a number is to a net.

    Attributes
    ----------
    what : str
        "z", "value", "grad", ...: see `slownet.explain.naming`.
    thing : Neuron, Weight, Layer or None
        Whose it is; None if it is of the whole step.
    sample : int or None
        Which sample of the batch it is of, by its place there; None if it is of all.
    """

    what: str
    thing: Any = None
    sample: int | None = None


@dataclass(frozen=True)
class Applied:
    """A formula whose result stands on the tape: its operations are those from `start` on.

    `arguments` are the operations of what it was given, `is_opaque` says that its inside was not seen.
    """

    formula: str
    arguments: tuple[int, ...]
    start: int
    is_opaque: bool = False


@dataclass(frozen=True)
class Block:
    """Numbers that were given together: operation `start` + k is `what` of `things[k]`."""

    start: int
    what: str
    things: Sequence[Any]
    sample: int | None


class Tape:
    """Operations in the order in which they were done; an operation is called by its place.

    Attributes
    ----------
    codes, a, b, results : sequences
        Of each operation: what it is, its operands (`NONE` where it has none), its result.
    roles : dict of int to Role
        What results are to the net; what is given in blocks is in `blocks`.
    applied : dict of int to Applied
        The formulas, by the operations of their results.
    called : dict of int to (str, callable)
        The elementary functions, by the operations that call them.
    number : type
        The class of the floats that write this tape; `of(number)` is the operation of one.
    known : set of float or None
        The constants that the code of a user's formula has, while it runs. Any other one comes from what
        was not written down: then `is_cut` is set.
    """

    def __init__(self) -> None:
        self.codes, self.a, self.b = bytearray(), array("i"), array("i")
        self.results = array("d")
        self.roles: dict[int, Role] = {}
        self.applied: dict[int, Applied] = {}
        self.called: dict[int, tuple[str, Callable[..., float]]] = {}
        self.blocks: list[Block] = []
        self._starts: list[int] = []
        self._constants: dict[tuple[float, float], int] = {}
        self._constant_places: set[int] = set()
        self.known: Collection[float] | None = None
        self.is_cut = False
        self.number: Any = _number_class(self)

    def __len__(self) -> int:
        return len(self.codes)

    def add(self, code: int, a: int, b: int, result: float) -> Any:
        """Write an operation down; return its result as a float of this tape."""
        number = float.__new__(self.number, result)
        number.place = len(self.codes)
        self.codes.append(code)
        self.a.append(a)
        self.b.append(b)
        self.results.append(result)
        return number

    def given(self, value: float, what: str, thing: Any = None, sample: int | None = None) -> Any:
        """Write down a number that nothing on the tape has computed."""
        number = self.add(GIVEN, NONE, NONE, value)
        self.roles[number.place] = Role(what, thing, sample)
        return number

    def given_block(
        self, values: Sequence[float], what: str, things: Sequence[Any], sample: int | None = None
    ) -> list[Any]:
        """Write down many such numbers, one of each thing; a role is made when it is asked for."""
        start, count = len(self.codes), len(values)
        self.codes.extend(bytes(count))
        nothing = array("i", [NONE]) * count
        self.a.extend(nothing)
        self.b.extend(nothing)
        self.results.extend(values)
        self.blocks.append(Block(start, what, things, sample))
        self._starts.append(start)
        numbers = list(map(float.__new__, [self.number] * count, values))
        for place, number in enumerate(numbers, start):
            number.place = place
        return numbers

    def of(self, value: Any) -> int:
        """Return the operation whose result a number is; that of another float is a constant."""
        if type(value) is self.number:
            return int(value.place)
        if self.known is not None and not (type(value) in (float, int, bool) and value in self.known):
            self.is_cut = True
        value = float(value)
        key = value, math.copysign(1.0, value)
        if key not in self._constants:
            self._constants[key] = self.add(GIVEN, NONE, NONE, value).place
            self._constant_places.add(self._constants[key])
        return self._constants[key]

    def own(self, value: Any) -> Any:
        """Return a number with an operation of its own: that it is the same as another one."""
        return self.add(SAME, self.of(value), NONE, float(value))

    def call(self, name: str, function: Callable[..., float], arguments: Sequence[Any]) -> Any:
        """Call an elementary function, as one operation."""
        places = [self.of(argument) for argument in arguments]
        result = function(*map(float, arguments))
        if type(result) is not float or places[2:]:
            self.is_cut = True
            return result
        number = self.add(CALL, places[0], places[1] if places[1:] else NONE, result)
        self.called[number.place] = name, function
        return number

    def set_role(self, value: Any, what: str, thing: Any = None, sample: int | None = None) -> Any:
        """Say what a number is to the net; one that is something else already gets its own operation."""
        place = self.of(value)
        if type(value) is not self.number or self.has_role(place):
            value = self.own(value)
        self.roles[value.place] = Role(what, thing, sample)
        return value

    def role(self, place: int) -> Role | None:
        """Return what the result of an operation is to the net, if it is something."""
        found = self.roles.get(place)
        if found is None and self.codes[place] == GIVEN and self._starts:
            block = self.blocks[max(bisect_right(self._starts, place) - 1, 0)]
            if 0 <= place - block.start < len(block.things):
                return Role(block.what, block.things[place - block.start], block.sample)
        return found

    def is_constant(self, place: int) -> bool:
        """Whether an operation is a number that stands in a formula."""
        return place in self._constant_places

    def has_role(self, place: int) -> bool:
        """Whether a result is something to the net."""
        return place in self.roles or (self.codes[place] == GIVEN and place not in self._constant_places)

    def guards(self, place: int) -> list[int]:
        """Return the comparisons by which the formula of a result has chosen its branches."""
        applied = self.applied.get(place)
        if applied is None or applied.is_opaque:
            return []
        codes = self.codes
        return [k for k in range(applied.start, place) if LT <= codes[k] <= GE or codes[k] == WHOLE]

    def state(self) -> tuple[Any, ...]:
        """Return the operations as plain data, for pickle."""
        columns = bytes(self.codes), self.a, self.b, self.results
        return *columns, self.applied, self.called, self._constant_places

    def set_state(self, state: tuple[Any, ...], named: Collection[int]) -> None:
        """Set the operations to what `state` has returned; the named ones have a role."""
        codes, a, b, results, self.applied, self.called, self._constant_places = state
        self.codes.extend(codes)
        self.a, self.b, self.results = a, b, results
        self.roles = dict.fromkeys(named, Role("number"))

    def operands(self, place: int) -> list[int]:
        """Return the operations that one was done on, in their order."""
        applied = self.applied.get(place)
        if self.codes[place] == FORMULA and applied is not None:
            return list(applied.arguments)
        return [each for each in (self.a[place], self.b[place]) if each != NONE]


def _from(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda one, other: operation(other, one)


def _number_class(tape: Tape) -> type:
    """Return the class of the floats that write a tape."""
    new, copysign = float.__new__, math.copysign
    codes, results = tape.codes, tape.results
    add_code, add_a, add_b, add_result = codes.append, tape.a.append, tape.b.append, results.append
    constants, of = tape._constants, tape.of

    def binary(code: int, operation: Callable[..., Any], is_swapped: bool = False) -> Any:
        def method(self: Any, other: Any) -> Any:
            result = operation(self, other)
            if type(result) is not float:  # NotImplemented, or a complex number
                tape.is_cut = True
                return result
            mine = self.place
            if type(other) is Number:
                its = other.place
            elif tape.known is None and type(other) is float:
                its = constants.get((other, copysign(1.0, other)), NONE)
                if its == NONE:
                    its = of(other)
            else:
                its = of(other)
            number = new(Number, result)
            number.place = len(codes)
            add_code(code)
            add_a(its if is_swapped else mine)
            add_b(mine if is_swapped else its)
            add_result(result)
            return number

        return method

    def comparison(code: int, operation: Callable[..., Any]) -> Any:
        def method(self: Any, other: Any) -> Any:
            result = operation(self, other)
            if result is NotImplemented:
                tape.is_cut = True
                return result
            tape.add(code, self.place, of(other), float(result))
            return result

        return method

    def unary(code: int, operation: Callable[[float], float]) -> Any:
        return lambda self: tape.add(code, self.place, NONE, operation(self))

    def whole(operation: Callable[[float], int]) -> Any:
        def method(self: Any) -> int:
            result = operation(float(self))
            if tape.known is not None or not -(2.0**53) < result < 2.0**53:
                tape.is_cut = True
            else:
                tape.add(WHOLE, self.place, NONE, float(result))
            return result

        return method

    def cutting(operation: Callable[..., Any]) -> Any:
        """Return a method of which nothing is written down."""

        def method(self: Any, *others: Any) -> Any:
            tape.is_cut = True
            return operation(float(self), *others)

        return method

    def power(self: Any, other: Any, *_: None) -> Any:
        return raised(self, other)

    raised = binary(POW, float.__pow__)

    class Number(float):
        """A float that writes down what is done to it."""

        __slots__ = ("place",)
        place: int
        __add__, __radd__ = binary(ADD, float.__add__), binary(ADD, float.__radd__, True)
        __sub__, __rsub__ = binary(SUB, float.__sub__), binary(SUB, float.__rsub__, True)
        __mul__, __rmul__ = binary(MUL, float.__mul__), binary(MUL, float.__rmul__, True)
        __truediv__ = binary(DIV, float.__truediv__)
        __rtruediv__ = binary(DIV, float.__rtruediv__, True)
        __pow__, __rpow__ = power, binary(POW, float.__rpow__, True)
        __lt__, __le__ = comparison(LT, float.__lt__), comparison(LE, float.__le__)
        __gt__, __ge__ = comparison(GT, float.__gt__), comparison(GE, float.__ge__)
        __neg__, __abs__ = unary(NEG, float.__neg__), unary(ABS, float.__abs__)
        __floor__ = whole(math.floor)
        __int__, __trunc__, __ceil__ = cutting(int), cutting(math.trunc), cutting(math.ceil)
        __round__, __divmod__, __rdivmod__ = cutting(round), cutting(divmod), cutting(_from(divmod))
        __mod__, __rmod__ = cutting(mod), cutting(_from(mod))
        __floordiv__, __rfloordiv__ = cutting(floordiv), cutting(_from(floordiv))
        is_integer, real = cutting(float.is_integer), property(cutting(float))

        def __array_ufunc__(self, function: Any, method: str, *given: Any, **options: Any) -> Any:
            """Let NumPy calculate with a plain float: of that nothing is written down."""
            tape.is_cut = True
            numbers = [float(each) if type(each) is Number else each for each in given]
            return getattr(function, method)(*numbers, **options)

    return Number
