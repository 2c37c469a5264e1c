"""Base classes of the objects of a net: read-only dicts, copying, display in notebooks."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, Generic, NoReturn, TypeVar

from slownet.checks import short
from slownet.errors import InvalidKeyError, InvalidTypeError, InvalidValueError

Key = TypeVar("Key")
Value = TypeVar("Value")
Mixin = TypeVar("Mixin")
EDGE = 3  # entries at either end of a long dict that are printed


class Members(dict[Key, Value], Generic[Key, Value]):
    """A read-only dict: attaching and removing objects changes it."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise InvalidTypeError(
            "this dict follows the graph: attach an object with its attach_to_... method or take it "
            "out with its remove()"
        )

    __setitem__ = __delitem__ = __ior__ = _refuse
    pop = popitem = clear = update = setdefault = _refuse

    def __missing__(self, key: object) -> NoReturn:
        known = list(self)
        shown = ", ".join(map(short, known[:6])) + (f", ... ({len(known)})" if len(known) > 6 else "")
        raise InvalidKeyError(f"no {short(key)} here: there is {shown or 'nothing'}")

    def add(self, key: Key, value: Value, what: str) -> None:
        """Put an object in; ValueError if its key is taken: `what` names the kind of key."""
        if key in self:
            raise InvalidValueError(f"{what} {key} is taken: remove the other one or use another id")
        dict.__setitem__(self, key, value)

    def discard(self, key: Key) -> None:
        """Take an object out."""
        dict.pop(self, key)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)

    def __repr__(self) -> str:
        items = [f"{key!r}: {value!r}" for key, value in self._shown()]
        if len(self) > 2 * EDGE:
            items.insert(EDGE, f"... ({len(self)} in all)")
        return f"{{{', '.join(items)}}}"

    def _shown(self) -> list[tuple[Key, Value]]:
        """Return the first and the last entries, or all of a few, as NumPy does with arrays."""
        items = list(self.items())
        return items if len(items) <= 2 * EDGE else items[:EDGE] + items[-EDGE:]


def methods_of(owner: str) -> Callable[[type[Mixin]], type[Mixin]]:
    """Name the methods of a mixin, for errors and `help`, as those of the class that has them.

    Parameters
    ----------
    owner : str
        The class by its module and name, as "slownet.objects.Net".
    """
    module, _, name = owner.rpartition(".")

    def renamed(mixin: type[Mixin]) -> type[Mixin]:
        for method in vars(mixin).values():
            if isinstance(method, FunctionType):
                method.__module__, method.__qualname__ = module, f"{name}.{method.__name__}"
                method.__annotations__.pop("self", None)
        return mixin

    return renamed


class NotebookDisplay:
    """An object that Jupyter displays as HTML."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        from slownet import display

        return display.html(self)


class Member(NotebookDisplay):
    """A part of a net: it is pickled and copied deeply with its net, in which it is found again."""

    __slots__ = ()

    def __copy__(self) -> NoReturn:
        raise InvalidTypeError(f"{self} is part of a net: copy the whole net with net.copy()")

    def __reduce__(self: Any) -> tuple[Any, ...]:
        from slownet import copying

        return copying.find, copying.path_to(self)


class Freezable:
    """A net, a layer or a neuron: training can be kept from changing it."""

    __slots__ = ()

    def freeze(self) -> None:
        """Keep training from changing its biases and its incoming weights."""
        self._set_frozen(True)

    def unfreeze(self) -> None:
        """Let training change its biases and its incoming weights again."""
        self._set_frozen(False)

    def _set_frozen(self: Any, frozen: bool) -> None:
        for part in self:
            part._set_frozen(frozen)

    def _refuse(self, *_: object) -> NoReturn:
        raise AttributeError(
            f"a {type(self).__name__} has no `frozen`: its freeze() and unfreeze() set that of its "
            "incoming weights, and the bias_frozen of its neurons"
        )

    frozen = property(_refuse, _refuse)


class Parameter:
    """A number that training changes, and its gradient.

    It is a class of its own because Python stores the slots of a base class first: directly behind the
    object's header, so that reading a weight loads one cache line.
    """

    __slots__ = ("grad", "value")

    def __init__(self, value: float) -> None:
        self.value = value
        self.grad = 0.0  # dL/dvalue, added up over the samples of a batch
