"""The nets that are in training: nobody else may train one of them, or send samples through it."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from slownet.errors import InvalidValueError

if TYPE_CHECKING:
    from slownet.objects import Net

Sign = tuple[int, object]  # the thread that trains, and an object of the mark's own
_marked: dict[int, Sign] = {}  # by the id of the net


class Mark:
    """Says that a net is in training, until `remove`, or until there is no reference to the mark.

    The latter is for a KeyboardInterrupt that comes right before `remove`.

    Parameters
    ----------
    net : Net
        The net.

    Raises
    ------
    ValueError
        If it has a mark already.
    """

    _marked = _marked  # there at the end of the process, too
    _net = 0
    _sign: Sign = 0, None

    def __init__(self, net: Net) -> None:
        self._net = id(net)
        self._sign = threading.get_ident(), object()
        thread, _ = found = _marked.setdefault(self._net, self._sign)
        if found is not self._sign:
            where = "" if thread == threading.get_ident() else " in another thread"
            raise InvalidValueError(
                f"{net} is being trained{where}, and one training at a time can change a net: "
                "train net.copy(), or wait until the other training has ended"
            )

    def remove(self) -> None:
        """Remove the mark; to do so once more changes nothing."""
        if self._marked.get(self._net) is self._sign:
            del self._marked[self._net]

    def __del__(self) -> None:
        self.remove()


def check_not_elsewhere(net: Net) -> None:
    """Raise ValueError for a net that another thread trains: both would use the same neurons."""
    thread, _ = _marked.get(id(net), (threading.get_ident(), None))
    if thread != threading.get_ident():
        raise InvalidValueError(
            f"{net} is being trained in another thread, and samples would disturb its neurons: "
            "send them through net.copy(), or wait until the training has ended"
        )


def _forget_other_threads() -> None:
    """In a process made by fork there are no other threads."""
    for net, (thread, _) in list(_marked.items()):
        if thread != threading.get_ident():
            del _marked[net]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_other_threads)
