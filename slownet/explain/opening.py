"""Elementary functions, opened: exp, log, tanh, ... operation by operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slownet.explain.derivation import Derivation
from slownet.explain.graph import Graph
from slownet.explain.noting import ELEMENTARY, Noter
from slownet.explain.tape import NONE, Tape


def opened(tape: Tape, place: int) -> Derivation | None:
    """Return the derivation of the result of an elementary function; None where nothing is inside."""
    name, function = tape.called[place]
    if name not in ELEMENTARY:
        return None
    given = [tape.results[each] for each in (tape.a[place], tape.b[place]) if each != NONE]
    return open_function(name, function, given)


def open_function(name: str, function: Callable[..., float], given: list[float]) -> Derivation | None:
    """Return how an elementary function of slownet comes to its result, from IEEE operations.

    Parameters
    ----------
    name : str
        "exp", "expm1", "log", "log1p", "tanh", "sin", "cos" or "power".
    function : callable
        The function of `slownet.functions`.
    given : list of float
        Its argument, or both of them.

    Examples
    --------
    >>> from slownet import functions
    >>> from slownet.explain import open_function
    >>> print(open_function("expm1", functions.expm1, [1e-3]).text(1))
    expm1 of 0.001
    expm1(0.001), as slownet computes it from IEEE operations
    ...
    """
    tape = Tape()
    noter = Noter(tape, opened=name)
    arguments = [tape.given(number, letter) for number, letter in zip(given, "xy", strict=False)]
    result: Any = noter.apply(name, function, arguments)[0]
    tape.set_role(result, name)
    graph = Graph(
        tape,
        lambda at: str(_what(tape, at)),
        lambda at: f"{_what(tape, at)} of {', '.join(f'{number:.6g}' for number in given)}",
        lambda _: "given: the argument",
        large=1,
    )
    about = f"{name}({', '.join(map(repr, given))}), as slownet computes it from IEEE operations"
    return Derivation(graph, tape.of(result), about)


def _what(tape: Tape, place: int) -> str:
    role = tape.role(place)
    return "" if role is None else role.what
