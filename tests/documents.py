"""Pages whose examples are run."""

from __future__ import annotations

import doctest
import re
import shlex
import sys

from commands import ENVIRONMENT, output


def run_examples(page: str, name: str, least: int) -> None:
    """Run all code of a page in blocks of Python as one session: examples print what it shows.

    There must be more than `least` of them. Blocks of the language console are commands, `$ slownet a`,
    each followed by what it prints, or by nothing if that is left open; they run in their place.
    """
    blocks = re.findall(r"^```(python|console)\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    code = "\n".join(_of_commands(text) if kind == "console" else text for kind, text in blocks)
    parsed = doctest.DocTestParser().get_doctest(code, {"command": command}, name, None, 0)
    assert len(parsed.examples) > least
    printed: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(parsed, out=printed.append)
    assert not printed, "".join(printed)


def _of_commands(block: str) -> str:
    """Return commands and what they print as examples of Python."""
    examples = []
    for text in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, printed = text.replace("\\\n", "").partition("\n")
        if printed:
            blank = re.sub(r"^$", "<BLANKLINE>", printed.rstrip("\n"), flags=re.MULTILINE)
            examples.append(f">>> print(command({line!r}), end='')\n{blank}\n")
        else:
            examples.append(f">>> _ = command({line!r})\n")
    return "\n".join(examples)


def command(line: str) -> str:
    """Run a command of slownet; return what it prints."""
    name, *arguments = shlex.split(line)
    assert name == "slownet", line
    return output(sys.executable, "-m", "slownet", *arguments, env=ENVIRONMENT)


def run_docstring(thing: object) -> int:
    """Run the examples of a docstring, and of those of its methods; return how many there are."""
    name = getattr(thing, "__name__", "")
    found = [each for each in doctest.DocTestFinder().find(thing, name, globs={}) if each.examples]
    printed: list[str] = []
    for each in found:
        for other in found[:1]:  # what the class imports, its methods use
            each.globs.update(other.globs)
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(
            each, out=printed.append, clear_globs=False
        )
    assert not printed, "".join(printed)
    return sum(len(each.examples) for each in found)
