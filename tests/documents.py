"""Pages whose examples are run."""

from __future__ import annotations

import doctest
import re


def run_examples(page: str, name: str, least: int, language: str = "python") -> None:
    """Run all code of a page in blocks of a language as one session: examples print what it shows.

    There must be more than `least` of them.
    """
    code = "\n".join(re.findall(rf"```{language}\n(.*?)```", page, flags=re.S))
    parsed = doctest.DocTestParser().get_doctest(code, {}, name, None, 0)
    assert len(parsed.examples) > least
    printed: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(parsed, out=printed.append)
    assert not printed, "".join(printed)
