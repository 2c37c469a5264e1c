"""Names that packages hand out when they are first asked for."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from types import ModuleType

import pytest

import slownet

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
    return importlib.import_module(request.param)


def test_a_package_hands_out_all_that_it_names(package: ModuleType) -> None:
    for name in package.__all__:
        assert getattr(package, name) is not None
    assert set(package.__all__) <= set(dir(package))


def test_no_name_is_that_of_a_module(package: ModuleType) -> None:
    """Importing the module would replace what the package hands out under the name."""
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert not modules & set(package.__all__)


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
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
