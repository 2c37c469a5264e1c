"""The facts of a page are what its types say, in Python and in JavaScript."""

from __future__ import annotations

from slownet.page.modules import asset
from slownet.page.typescript import declarations


def test_the_types_of_javascript_are_those_of_python() -> None:
    """Otherwise: python -m slownet.page.typescript > slownet/page/assets/facts.d.ts"""
    assert asset("facts.d.ts") == declarations()
