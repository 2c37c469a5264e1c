"""Pages whose examples are run."""

from __future__ import annotations

import doctest
import re


def run_examples(page: str, name: str, least: int) -> None:
    """Run all Python of a page as one session: more than `least` examples print what the page shows."""
    code = "\n".join(re.findall(r"```python\n(.*?)```", page, flags=re.S))
    parsed = doctest.DocTestParser().get_doctest(code, {}, name, None, 0)
    assert len(parsed.examples) > least
    printed: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(parsed, out=printed.append)
    assert not printed, "".join(printed)
