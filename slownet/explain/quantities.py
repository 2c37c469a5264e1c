"""What somebody asks to be explained: a name, an object with its attribute, or a function of the net."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slownet.checks import short
from slownet.errors import InvalidTypeError
from slownet.explain.naming import ASKED, asked, find

if TYPE_CHECKING:
    from slownet.objects import Net

Quantity = tuple[str, Any]  # what it is in a step, and whose; None if it is of the whole step


def quantity_of(net: Net, asking: Any) -> Quantity:
    """Return what somebody asks for: a name, a pair of an object and its attribute, or a function.

    Raises
    ------
    TypeError, ValueError
        If it is none of them, or the net has no such part.
    """
    if isinstance(asking, str):
        return find(net, asking)
    if callable(asking):
        found = asking(_View(net))
        if not isinstance(found, _Asked):
            raise InvalidTypeError(
                "a function that says what to explain must return a number of the net that it is given, "
                f"as lambda net: net.weight(1, (0, 0)).grad does, not {short(found)}"
            )
        return found.what, found.thing
    if isinstance(asking, (tuple, list)) and len(asking) == 2 and _is_part(asking[0]):
        return asked(asking[0], asking[1]), asking[0]
    raise InvalidTypeError(
        'what to explain must be "loss", a name such as "grad_1_0_3", a pair such as (weight, "grad"), '
        f"or a function such as lambda net: net[1][3].delta, not {short(asking)}"
    )


def _is_part(thing: Any) -> bool:
    return hasattr(thing, "incoming") or hasattr(thing, "bias")


class _Asked:
    """A number of a net that somebody has asked for."""

    def __init__(self, what: str, thing: Any) -> None:
        self.what, self.thing = what, thing


class _View:
    """A net, or a part of it, whose numbers are only named."""

    def __init__(self, thing: Any) -> None:
        self._thing = thing

    def __getattr__(self, name: str) -> Any:
        thing = self._thing
        if name == "loss" and hasattr(thing, "layers"):
            return _Asked("loss", None)
        kind = "Weight" if hasattr(thing, "incoming") else "Neuron" if hasattr(thing, "bias") else ""
        if kind and name in ASKED[kind]:
            return _Asked(ASKED[kind][name], thing)
        return _viewed(getattr(thing, name))

    def __getitem__(self, key: Any) -> Any:
        return _viewed(self._thing[key])

    def __iter__(self) -> Any:
        return map(_viewed, self._thing)


def _viewed(found: Any) -> Any:
    if hasattr(found, "layers") or hasattr(found, "neurons") or _is_part(found):
        return _View(found)
    if isinstance(found, dict):
        return _View(found)
    if callable(found):
        return lambda *given, **named: _viewed(found(*given, **named))
    return found
