"""The command that writes the page's texts for those who translate them: words."""

from __future__ import annotations

import argparse
import json
from typing import Any

from slownet.checks import check_path, unknown_name
from slownet.cli.output import errors_as_not_written, new_file, print_line, shown
from slownet.cli.parsing import new_command


def add_words_command(commands: Any) -> None:
    """Add the command."""
    command = new_command(
        commands,
        words,
        "[CODE] [options]",
        "write the texts of the page, to be translated",
        "Write all texts of the page as JSON. Translated, in a file that is named after its language,\n"
        "they are what --language takes: texts that are left out of it stay English. What stands in\n"
        "braces, such as {count}, is filled in. A text that depends on a number has one for each\n"
        "plural category of its language: zero, one, two, few, many, other.",
        "examples:\n  slownet words -o nl.json\n  slownet play moons --language nl.json\n"
        "  slownet words de\n",
    )
    command.add_argument(
        "code", metavar="CODE", nargs="?", default="en", help="a language that slownet has (default: en)"
    )
    command.add_argument(
        "-o", "--output", metavar="FILE", type=check_path, help="a new file (default: they are printed)"
    )


def words(options: argparse.Namespace) -> None:
    """Write the texts of the page."""
    from slownet.page.languages import languages, words_in
    from slownet.plotting.files import write_bytes

    if options.code not in languages():
        raise unknown_name("language", options.code, languages())
    text = json.dumps(words_in(options.code), ensure_ascii=False, indent=2)
    if options.output is None:
        print_line(text)
        return
    with new_file(options.output, "-o", "JSON") as path, errors_as_not_written("the texts"):
        write_bytes(path, f"{text}\n".encode())
        print_line(f"Texts: {shown(path)}")
