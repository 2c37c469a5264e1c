"""What somebody asks to be explained: a name, an object with its attribute, or a function of the net."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, ValuesView
from typing import TYPE_CHECKING, Any

from slownet.checks import short
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.explain.naming import ASKED, Quantity, asked, find
from slownet.graph_checks import where

if TYPE_CHECKING:
    from slownet.objects import Net


def quantity_of(net: Net, asking: Any, may_be_copy: bool = False) -> Quantity:
    """Return what somebody asks for: a name, a pair of an object and its attribute, or a function.

    The object may be of a copy of the net, if `may_be_copy` is true.

    Raises
    ------
    TypeError, ValueError
        If it is none of them, or the net has no such part.
    """
    if isinstance(asking, str):
        return find(net, asking)
    if callable(asking):
        found = asking(_View(net))
        found = found._thing if isinstance(found, _View) else found
        if not isinstance(found, _Asked):
            raise InvalidTypeError(
                "a function that says what to explain must return a number of the net that it is given, "
                f"as lambda net: net.weight(1, (0, 0)).grad does, not {short(found)}"
            )
        return Quantity(found.what, found.thing)
    if isinstance(asking, (tuple, list)) and len(asking) == 2 and _kind_of(asking[0]):
        thing, attribute = asking
        return Quantity(asked(thing, attribute), _own(net, thing, may_be_copy))
    raise InvalidTypeError(
        'what to explain must be "loss", a name such as "grad_1_0_3", a pair such as (weight, "grad"), '
        f"or a function such as lambda net: net[1][3].delta, not {short(asking)}"
    )


def net_of(thing: Any) -> Net:
    """Return the net of a weight or neuron; ValueError if it is in none."""
    neuron = thing
    if hasattr(thing, "incoming"):
        if thing.incoming is None or thing.outgoing is None:
            raise InvalidValueError(f"{thing} is not attached to a neuron at both ends: attach it first")
        neuron = thing.incoming
    layer = neuron.layer
    if layer is None or layer.net is None:
        raise InvalidValueError(
            f"{neuron} is in no net, so that nothing was sent through it: explain a neuron of a net"
        )
    return layer.net  # type: ignore[no-any-return]


def _own(net: Net, thing: Any, may_be_copy: bool) -> Any:
    """Return a part of a net, which may be given as that of a copy."""
    home = net_of(thing)
    if home is net:
        return thing
    if may_be_copy:
        is_weight = hasattr(thing, "incoming")
        layer = thing.incoming.layer.id if is_weight else thing.layer.id
        if is_weight:
            return net.weight(layer, thing.id)
        if layer in net.layers and thing.id in net.layers[layer].neurons:
            return net.layers[layer].neurons[thing.id]
    raise InvalidValueError(f"{where(thing)} is of another net: give a weight or neuron of {net}")


def _kind_of(thing: Any) -> str:
    """Return whether a thing is a "Weight" or a "Neuron", or "" for any other."""
    return "Weight" if hasattr(thing, "incoming") else "Neuron" if hasattr(thing, "bias") else ""


class _Asked:
    """A number of a net that somebody has asked for."""

    def __init__(self, what: str, thing: Any) -> None:
        self.what, self.thing = what, thing

    def _refuse(self, *_: Any) -> Any:
        raise InvalidTypeError(
            "a function that says what to explain must return a number of the net as it is, "
            "as lambda net: net[1][3].delta does, not what is calculated from it"
        )

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse
    __pow__ = __rpow__ = __neg__ = __abs__ = __float__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse


class _View:
    """A net, or a part of it, whose numbers are only named."""

    def __init__(self, thing: Any) -> None:
        self._thing = thing

    def __getattr__(self, name: str) -> Any:
        thing = self._thing
        if name == "loss" and hasattr(thing, "layers"):
            return _Asked("loss", None)
        kind = _kind_of(thing)
        if kind and name in ASKED[kind]:
            return _Asked(ASKED[kind][name], thing)
        if kind and not hasattr(thing, name):
            asked(thing, name)
        return _viewed(getattr(thing, name))

    def __getitem__(self, key: Any) -> Any:
        return _viewed(self._thing[key])

    def __iter__(self) -> Any:
        return map(_viewed, self._thing)

    def __len__(self) -> int:
        return len(self._thing)


def _viewed(found: Any) -> Any:
    if hasattr(found, "layers") or hasattr(found, "neurons") or _kind_of(found):
        return _View(found)
    if isinstance(found, dict):
        return _View(found)
    if callable(found):
        return lambda *given, **named: _viewed(found(*given, **named))
    if isinstance(found, Iterator):
        return map(_viewed, found)
    if isinstance(found, (ValuesView, ItemsView, list, tuple)):
        return [*map(_viewed, found)]
    return found
