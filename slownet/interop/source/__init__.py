"""Nets as source code without dependencies that predicts the same bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from slownet.checks import unknown_name
from slownet.interop.arrays import check_exportable
from slownet.interop.source.c import c_text
from slownet.interop.source.javascript import javascript_text
from slownet.interop.source.program import Program
from slownet.interop.source.python import python_text
from slownet.objects import Net
from slownet.recording.json_text import encoded
from slownet.translation import C, JavaScript, Python

if TYPE_CHECKING:
    from slownet.translation import Syntax

__all__ = ["LANGUAGES", "to_source"]


class Language(NamedTuple):
    """How a program is written: its formulas, and the rest."""

    syntax: Callable[[], Syntax]
    text: Callable[[Program], str]


LANGUAGES = {
    "python": Language(Python, python_text),
    "c": Language(C, c_text),
    "javascript": Language(lambda: JavaScript(exact=True), javascript_text),
}


def to_source(net: Net, language: str) -> str:
    """Return a program without dependencies that predicts what the net predicts, to the last bit.

    It has `outputs(row)`, the values of the output neurons, and `predict(row)`, what `net.predict`
    returns. A row has a cell for each column of `net.preparation`, in the units of its table: gaps are
    filled in, numbers scaled, texts become inputs, and outputs come in the unit of the target. Without a
    preparation it has a number for each input.

    Parameters
    ----------
    net : Net
        The net, with any connections.
    language : {"python", "c", "javascript"}
        Python from 3.6 on; C from C99 on, where a text is the place of its category and `predict`
        returns the place of a class in `CLASSES`; or a module of JavaScript.

    Returns
    -------
    str
        The source.

    Raises
    ------
    ValueError
        If an activation of your own uses what has no translation, or a function of `math` that each
        maths library rounds in its own way (`slownet.functions.elementary` has others); Python has
        these. Or if a number is not finite.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.interop import to_source
    >>> net = NetFactory([2, 3, 1], "tanh", "linear", seed=0).new()
    >>> program = {}
    >>> exec(to_source(net, "python"), program)
    >>> [program["predict"]([0.5, -1.0])] == net.predict([[0.5, -1.0]]).tolist()
    True
    """
    check_exportable(net)
    if language not in LANGUAGES:
        raise unknown_name("language", language, LANGUAGES)
    syntax, text = LANGUAGES[language]
    return encoded(text(Program(net, syntax()))).decode()
