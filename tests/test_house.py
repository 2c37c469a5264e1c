"""The structure: what imports what, how large a piece is, and what stands in one place only."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import cast

import pytest
from commands import python

import slownet

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "slownet"

# a package imports only what stands before it, at the top of a file, in functions and for types alike
ORDER = (
    *(
        "version",
        "errors",
        "packages",
        "lazy",
        "terminal",
        "threads",
        "sums",
        "checks",
        "files",
        "bars",
        "functions",
        "translation",
        "datasets",
        "samples",
        "preprocessing",
    ),
    *(
        "layers",
        "graph_checks",
        "bases",
        "building",
        "wiring",
        "passes",
        "checked_passes",
        "shortcuts",
        "explain_shortcuts",
        "objects",
        "reshaping",
        "summaries",
        "copying",
    ),
    *(
        "recording",
        "engines",
        "training",
        "interop",
        "explain",
        "plotting",
        "page",
        "experiments",
        "many",
    ),
    *("display", "live", "cli", "__main__"),
)
# what reaches up all the same, and why; nothing else does
ONE_LINE = "a one-line method of an object, a History, a Comparison, a Table or a Preparation"
TYPES = "the types of what it works on or carries"
CLIMBS = {
    ("datasets", "display"): ONE_LINE,
    ("samples", "display"): ONE_LINE,
    ("errors", "objects"): TYPES,
    ("errors", "recording"): TYPES,
    ("graph_checks", "objects"): TYPES,
    ("building", "objects"): TYPES,
    ("wiring", "objects"): TYPES,
    ("bases", "display"): ONE_LINE,
    ("bases", "copying"): ONE_LINE,
    ("shortcuts", "copying"): ONE_LINE,
    ("shortcuts", "reshaping"): ONE_LINE,
    ("shortcuts", "summaries"): ONE_LINE,
    ("shortcuts", "objects"): TYPES,
    ("shortcuts", "recording"): ONE_LINE,
    ("shortcuts", "training"): ONE_LINE,
    ("explain_shortcuts", "explain"): ONE_LINE,
    ("shortcuts", "page"): ONE_LINE,
    ("objects", "recording"): TYPES,
    ("training", "plotting"): ONE_LINE,
    ("recording", "training"): ONE_LINE,
    ("recording", "explain"): ONE_LINE,
    ("recording", "plotting"): ONE_LINE,
    ("recording", "page"): ONE_LINE,
    ("recording", "display"): ONE_LINE,
    ("page", "experiments"): ONE_LINE,
}
LONGEST = {"objects.py": 800, "engines/kernels": 450}  # lines; 400 for all others
LONGEST_CLASS = 300


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def package_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(source: str) -> Iterator[tuple[str, ast.stmt]]:
    """Yield the package or top module of ours behind every import, wherever it stands.

    An import that does not say what it takes fails: a relative one, one of all of slownet, one of a name
    that slownet hands out from a package, one whose module is only known when it runs.
    """
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"line {node.lineno}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, (ast.Name, ast.Attribute)):
            called = node.id if isinstance(node, ast.Name) else node.attr
            assert called not in ("__import__", "import_module"), f"line {node.lineno}: {called}"
        for name in names:
            top, *rest = name.split(".")
            assert name != "importlib.import_module", f"line {node.lineno}: {name}"
            if top == "slownet":
                package = rest[0] if rest else ""
                assert package in ORDER, f"line {node.lineno}: {name} is no package"
                yield package, cast(ast.stmt, node)


def climbs() -> Iterator[tuple[str, str, Path, ast.stmt]]:
    for file in modules():
        own = package_of(file)
        if own in ("__init__", "lazy"):  # they hand out what others hold
            continue
        for other, node in imports(file.read_text(encoding="utf-8")):
            if ORDER.index(other) > ORDER.index(own):
                yield own, other, file, node


def test_every_package_has_its_place() -> None:
    assert {package_of(file) for file in modules()} - {"__init__"} == set(ORDER)


def test_arrows_point_one_way() -> None:
    for own, other, file, node in climbs():
        assert (own, other) in CLIMBS, f"{file.relative_to(ROOT)}:{node.lineno} imports {other}"


@pytest.mark.parametrize(
    "hidden",
    [
        "import slownet",
        "import slownet as package",
        "from slownet import *",
        "from slownet import verify",
        "def late():\n    from slownet import resume",
        "from . import page",
        "from .page import verify",
        "import importlib\nimportlib.import_module('slownet.page')",
        "from importlib import import_module as load\nload('slownet.page')",
        "page = lambda: __import__('slownet.page')",
    ],
)
def test_no_import_hides_what_it_takes(hidden: str) -> None:
    with pytest.raises(AssertionError, match="line"):
        list(imports(hidden))


@pytest.mark.parametrize(
    "plain",
    [
        "import slownet.page as other",
        "from slownet.page import verify",
        "from slownet import page as other",
        "if TYPE_CHECKING:\n    from slownet.page import Player",
        "class Body:\n    from slownet.page import verify",
        "def late():\n    try:\n        import slownet.page\n    except ImportError:\n        pass",
    ],
)
def test_imports_are_found_wherever_they_stand(plain: str) -> None:
    assert [package for package, _ in imports(plain)] == ["page"]


def test_every_listed_climb_is_made() -> None:
    assert {(own, other) for own, other, _, _ in climbs()} == set(CLIMBS)


def test_climbs_stand_in_short_methods_or_are_types() -> None:
    """At the top of a file only types reach up; in a function, one that hands over at once."""
    for own, other, file, node in climbs():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        holders = [
            each
            for each in ast.walk(tree)
            if isinstance(each, (ast.FunctionDef, ast.If))
            and any(getattr(inner, "lineno", 0) == node.lineno for inner in each.body)
        ]
        where = f"{file.relative_to(ROOT)}:{node.lineno}"
        assert len(holders) == 1, where
        holder = holders[0]
        if isinstance(holder, ast.If):
            assert ast.unparse(holder.test) == "TYPE_CHECKING", where
        else:
            assert CLIMBS[own, other] == ONE_LINE, where
            documented = ast.get_docstring(holder) is not None
            statements = holder.body[documented:]
            assert len(statements) <= 4, where
            assert isinstance(statements[-1], ast.Return), where


@pytest.mark.parametrize("file", modules(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_pieces_are_small(file: Path) -> None:
    text, name = file.read_text(encoding="utf-8"), file.relative_to(PACKAGE).as_posix()
    most = next((lines for start, lines in LONGEST.items() if name.startswith(start)), 400)
    assert len(text.splitlines()) <= most
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and (name, node.name) != ("objects.py", "Net"):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_CLASS, node.name


def test_the_passes_are_read_in_one_sitting() -> None:
    tree = ast.parse((PACKAGE / "passes.py").read_text(encoding="utf-8"))
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert functions == ["forward", "backward", "add_gradients", "descend"]
    code = {
        node.lineno
        for node in ast.walk(tree)
        if hasattr(node, "lineno") and not (isinstance(node, ast.Constant) and type(node.value) is str)
    }
    assert len(code) < 80


def test_importing_slownet_loads_the_standard_library_alone() -> None:
    code = (
        "import sys; before = set(sys.modules); import slownet;"
        "tops = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(tops - sys.stdlib_module_names - {'slownet'}))"
    )
    assert python(code).strip() == "[]"


def test_packages_are_reached_from_the_top() -> None:
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


@pytest.mark.parametrize(
    "file", sorted((PACKAGE / "page/assets").rglob("*.js")), ids=lambda file: file.name
)
def test_modules_of_the_page_are_small(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 350
