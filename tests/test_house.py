"""The structure: what imports what and what the package carries."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import slownet

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "slownet"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


def imports(file: Path) -> set[str]:
    """The slownet modules that a file imports when it is loaded, not those inside functions."""
    found: set[str] = set()
    waiting: list[ast.AST] = list(ast.parse(file.read_text(encoding="utf-8")).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, (ast.If, ast.Try)) and "TYPE_CHECKING" not in ast.dump(node):
            waiting.extend(ast.iter_child_nodes(node))
    return {name for name in found if name.startswith("slownet")}


def test_importing_slownet_loads_the_standard_library_alone() -> None:
    code = (
        "import sys; before = set(sys.modules); import slownet;"
        "tops = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(tops - sys.stdlib_module_names - {'slownet'}))"
    )
    assert run(sys.executable, "-c", code).stdout.strip() == "[]"


def test_functions_import_nothing_of_ours_but_checks_and_errors() -> None:
    allowed = ("slownet.functions", "slownet.checks", "slownet.errors")
    for file in (PACKAGE / "functions").glob("*.py"):
        for name in imports(file):
            assert name.startswith(allowed), (file.name, name)


def test_arrows_point_one_way() -> None:
    """A room imports only rooms below it."""
    below = ["errors", "checks", "functions", "layers", "passes", "objects", "recording", "engines"]
    order = [*below, "training", "explain", "datasets", "display", "plotting", "cli"]
    for file in PACKAGE.rglob("*.py"):
        room = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if room not in order:
            continue
        for name in imports(file):
            other = [*name.split("."), ""][1]
            if other in order and other != room:
                assert order.index(other) < order.index(room), f"{file.name} imports {name}"


def test_rooms_are_reached_from_the_top() -> None:
    assert slownet.datasets.load_mnist
    assert slownet.plotting.animation
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        slownet.nonsense  # noqa: B018
    for name in slownet.__all__:
        assert getattr(slownet, name) is not None


def test_one_version() -> None:
    assert slownet.__version__ == version("slownet")


def test_requirements_stand_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["setuptools"]["dynamic"]["dependencies"] == {"file": ["requirements.txt"]}
    assert "dependencies" not in project["project"]


def test_public_things_have_docstrings() -> None:
    for name in slownet.__all__:
        thing = getattr(slownet, name)
        if isinstance(thing, type):
            assert thing.__doc__, name
            for attribute, member in vars(thing).items():
                if callable(member) and not attribute.startswith("_"):
                    assert member.__doc__, f"{name}.{attribute}"
