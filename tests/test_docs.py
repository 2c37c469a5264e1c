"""The documentation: its examples run, its pages are built without a warning and without the network."""

from __future__ import annotations

import ast
import inspect
import re
import shutil
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from documents import run_docstring, run_examples

import slownet
from slownet import datasets, experiments, functions, interop, plotting, preprocessing
from slownet.errors import MissingPackageError

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = {path.relative_to(DOCS).as_posix(): path.read_text("utf-8") for path in DOCS.rglob("*.md")}
NEEDS = {  # what some pages work with
    "guide/pytorch.md": "torch",
    "howto/exchange.md": "torch",
    "howto/many.md": "joblib",
    "howto/pictures.md": "kaleido",
    "howto/sklearn.md": "sklearn",
}
WITH_EXAMPLES = sorted(name for name, text in PAGES.items() if ">>>" in text)
DIRECTIVES = {"{toctree}", "{include}", "{eval-rst}", "{formulas}", "{commands}", "{gallery}"}
BY_METHODS = [  # public, without a name in an `__all__` of these packages: methods call or return it
    *("explain.explain", "explain.explain_part", "explain.explain_history", "explain.open_function"),
    *("explain.Derivation", "explain.Term", "explain.trace", "explain.Trace", "explain.Operation"),
    *("explain.why_zero", "explain.why_small", "explain.Reason", "explain.paths", "explain.Paths"),
    *("explain.Route", "explain.check_gradients", "explain.GradientCheck", "explain.CheckedGradient"),
    *("explain.matrix_form", "explain.MatrixForm", "summaries.Summary"),
    *("reshaping.insert_layer", "reshaping.remove_layer"),
    *("reshaping.prune", "reshaping.grow", "copying.copy", "many.Run", "page.Verification"),
    *("page.Player", "page.play_net"),
    *("training.predict", "training.predict_proba", "training.evaluate", "training.Evaluation"),
    *("training.find_learning_rate", "training.RateSearch", "training.Training"),
    *("training.rewind", "training.branch"),
    *("recording.save", "recording.EpochRecord", "recording.Watch"),
]
SHORTCUTS = (
    "shortcuts.py",
    "explain_shortcuts.py",
    "recording/shortcuts.py",
)  # the modules of methods that only call functions


def public() -> dict[str, Any]:
    """Return what users import, by its full name; the error where a package is missing for it."""
    found = {f"slownet.{name}": getattr(slownet, name) for name in slownet.__all__}
    for package in (functions, datasets, experiments, plotting, preprocessing):
        found |= {f"{package.__name__}.{name}": getattr(package, name) for name in package.__all__}
    for name in interop.__all__:
        try:
            found[f"slownet.interop.{name}"] = getattr(interop, name)
        except MissingPackageError as error:  # of an extra
            found[f"slownet.interop.{name}"] = error
    for name in BY_METHODS:
        module, _, thing = name.partition(".")
        found[f"slownet.{name}"] = getattr(import_module(f"slownet.{module}"), thing)
    return {
        name: thing
        for name, thing in found.items()
        if inspect.isroutine(thing) or inspect.isclass(thing) or isinstance(thing, MissingPackageError)
    }


PUBLIC = public()


def in_the_reference() -> set[str]:
    """Return the full names of all that the pages of the reference describe."""
    found, module = set(), ""
    for page in sorted(name for name in PAGES if name.startswith("reference/")):
        for kind, name in re.findall(
            r"^\.\. (currentmodule|auto\w+):: ([\w.]+)$", PAGES[page], re.MULTILINE
        ):
            if kind == "currentmodule":
                module = name
            else:
                found.add(f"{module}.{name}")
    return found


def blocks(text: str) -> list[tuple[str, str]]:
    """Return the language and the text of each block of code of a page."""
    return re.findall(r"^```([^\n]*)\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.long
@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_page_print_what_they_say(name: str, tmp_path, monkeypatch) -> None:
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    for table in (ROOT / "examples").glob("*.csv"):
        shutil.copy(table, tmp_path)
    monkeypatch.chdir(tmp_path)
    run_examples(PAGES[name], name, 2)


@pytest.mark.parametrize("name", PAGES)
def test_every_block_of_code_is_tested(name: str) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"
    ]
    for kind, text in blocks(PAGES[name]):
        language = kind.split()[0]
        if language == "html":  # tests/browser/test_page_embedded.py compares it with the page's
            assert name == "guide/page.md"
            continue
        assert language in {"python", "console", "shell", "text", *DIRECTIVES}, kind
        if language == "shell":
            assert text.startswith(("python -m pip install", "slownet"))
            assert set(re.findall(r"\[(\w+)\]", text)) <= set(extras)
        if language == "console":
            assert re.match(r"\$ slownet ", text)
        if language == "python" and ">>>" not in text:
            assert name == "howto/many.md"  # test_many_dask.py runs the one, and nobody the other
            ast.parse(text)


def test_the_reference_has_all_that_is_public_and_nothing_else() -> None:
    listed = {name.rpartition(".")[2] for name in in_the_reference()}
    tested = {name.rpartition(".")[2] for name in PUBLIC}
    assert tested <= listed
    extras = {*interop.__all__, "SlowNetClassifier", "SlowNetRegressor"}  # their tests run the examples
    assert listed - tested <= extras


@pytest.mark.parametrize("module", SHORTCUTS)
def test_what_a_method_refers_to_is_in_the_reference(module: str) -> None:
    text = (Path(slownet.__file__).parent / module).read_text("utf-8")
    named = set(re.findall(r"see `(slownet\.[\w.]+)`", text))
    assert named
    assert named <= in_the_reference()


def test_the_arithmetic_derives_every_activation_and_every_loss() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", PAGES["arithmetic.md"], flags=re.MULTILINE)
    assert {*functions.ACTIVATIONS, *functions.LOSSES} <= {name for name, *_ in rows}


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_public_has_an_example_that_runs(name: str, tmp_path, monkeypatch) -> None:
    thing = PUBLIC[name]
    if isinstance(thing, MissingPackageError):
        pytest.skip(str(thing))
    if inspect.isclass(thing) and issubclass(thing, BaseException):
        return
    monkeypatch.chdir(tmp_path)
    assert run_docstring(thing) > 0
