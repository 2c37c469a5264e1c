"""Exports of packages that are imported at first use."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from types import ModuleType

import pytest
from commands import python

import slownet
from slownet.errors import MissingPackageError

PACKAGES = [
    "slownet",
    *(
        module.name
        for module in pkgutil.walk_packages(slownet.__path__, "slownet.")
        if module.ispkg and module.name != "slownet.engines.machine"
    ),
]


@pytest.fixture(params=PACKAGES)
def package(request: pytest.FixtureRequest) -> ModuleType:
    try:
        return importlib.import_module(request.param)
    except MissingPackageError as error:
        pytest.skip(str(error))


def test_a_package_hands_out_all_that_it_names(package: ModuleType) -> None:
    missing = set()
    for name in package.__all__:
        try:
            assert getattr(package, name) is not None
        except MissingPackageError as error:  # of an extra
            missing.add(str(error))
    assert set(package.__all__) <= set(dir(package))
    if missing:
        pytest.skip("all but this is checked: " + "; ".join(sorted(missing)))


@pytest.mark.parametrize(
    "first", ["", "import shop.tea", "from shop.tea import kind", "import shop.cup"]
)
def test_a_name_may_be_that_of_a_module(first: str, tmp_path, monkeypatch) -> None:
    """Importing the module does not replace what the package exports."""
    (tmp_path / "shop").mkdir()
    names = "from slownet import lazy\n__getattr__, __dir__ = lazy.names(__name__, {'tea': ('tea',)})\n"
    (tmp_path / "shop" / "__init__.py").write_text(names, encoding="utf-8")
    (tmp_path / "shop" / "tea.py").write_text("kind = 'green'\ntea = 'a cup'\n", encoding="utf-8")
    (tmp_path / "shop" / "cup.py").write_text("from shop import tea\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    code = (
        f"{first}\nimport shop\nassert shop.tea == 'a cup'\nimport shop.tea\nassert shop.tea == 'a cup'"
    )
    try:
        exec(code)
    finally:
        for name in ("shop", "shop.tea", "shop.cup"):
            sys.modules.pop(name, None)


def test_a_wrong_name_is_an_attribute_error(package: ModuleType) -> None:
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'nonsense'"):
        package.nonsense  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'nonsense'"):
        exec(f"from {package.__name__} import nonsense")


def test_dir_lists_what_has_not_been_loaded() -> None:
    code = (
        "import sys, slownet;"
        "assert {'LiveView', 'datasets', 'load', 'plotting', 'resume', 'verify'} <= set(dir(slownet));"
        "assert 'slownet.plotting' not in sys.modules;"
        "assert slownet.plotting is sys.modules['slownet.plotting'];"
        "assert slownet.LiveView is vars(slownet)['LiveView']"
    )
    python(code)
