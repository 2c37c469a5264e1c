"""Formulas as MathML, made when the pages are built: browsers show it without a script."""

import re
from typing import Any

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

OPENING = r"(?:<mrow>)?<mo[^>]*>&#x00028;"
NAMES = re.compile(
    r"(?P<factor></m(?:i|n|row|frac|sqrt|sup|sub|subsup)>|&#x00029;</mo>)?(?P<power><m(?:sub|sup)>)?"
    r"<m[io]>(?P<name>ln|exp|tanh|cosh|sinh|cos|sin|sign|max|min|mix|artanh)</m[io]>"
    rf"(?P<opening>{OPENING})?"
)
SPACE = "0.17em"
SIGN = re.compile(r"(<mo[^>]*>(?:&#x0003D;|=|&#x00028;|&#x0002C;|,)</mo>)<mo>&#x02212;</mo>")
BAR = re.compile(r"<mo[^>]*>&#x0007C;</mo>")


def mathml(latex: str, display: str) -> str:
    """Return MathML with the spaces of TeX around names of functions, bars and the sign of a number."""
    found = NAMES.sub(spaced, convert(latex, display=display))
    found = BAR.sub('<mo stretchy="false" lspace="0" rspace="0">|</mo>', found)
    return SIGN.sub(r'\1<mo form="prefix">−</mo>', found)


def spaced(found: re.Match[str]) -> str:
    """Return the name of a function, and what is around it, with the spaces that TeX would set."""
    factor, power, name, opening = (part or "" for part in found.groups())
    before, after = SPACE if factor else "0", "0" if opening else SPACE
    return f'{factor}{power}<mo lspace="{before}" rspace="{after}">{name}</mo>{opening}'


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
