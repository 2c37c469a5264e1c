"""Formulas as MathML, made when the pages are built: browsers show it without a script."""

import re
from typing import Any

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

NAMES = re.compile(r"<mi>(ln|exp|tanh|cosh|cos|sin|sign)</mi>")


def mathml(latex: str, display: str) -> str:
    """Return MathML, with a space around the names of functions."""
    return NAMES.sub(r'<mo lspace="0.17em" rspace="0.17em">\1</mo>', convert(latex, display=display))


def visit_inline(self: Any, node: Any) -> None:
    """Write a formula within a line."""
    self.body.append(mathml(node.astext(), "inline"))
    raise SkipNode


def visit_block(self: Any, node: Any) -> None:
    """Write a formula on a line of its own, which scrolls where it is wider than the page."""
    self.body.append(f'<div class="formula">{mathml(node.astext(), "block")}</div>')
    raise SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Add the renderer; `html_math_renderer` chooses it."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
