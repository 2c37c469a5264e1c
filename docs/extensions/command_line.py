"""The directive `commands`: the help of every command, as it prints it."""

import os
import subprocess
import sys
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive

from slownet.cli import COMMANDS


class Commands(Directive):
    """The help of all commands."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each command."""
        sections: list[nodes.Node] = []
        for add in COMMANDS:
            name = add.__name__.removeprefix("add_").removesuffix("_command")
            section = nodes.section(ids=[f"slownet-{name}"], names=[f"slownet {name}"])
            section += [
                nodes.title(text=f"slownet {name}"),
                nodes.literal_block(text=printed_help(name), language="text"),
            ]
            sections.append(section)
        return sections


def printed_help(command: str) -> str:
    """Return what a command prints for --help, at a width of 80."""
    environment = {**os.environ, "COLUMNS": "80"}
    call = [sys.executable, "-m", "slownet", command, "--help"]
    return subprocess.run(call, capture_output=True, text=True, check=True, env=environment).stdout


def setup(app: Any) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
