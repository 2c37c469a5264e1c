"""Exports of a package that are imported at first use (PEP 562), so that importing it stays quick."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from slownet import packages


def names(
    package: str, modules: Mapping[str, tuple[str, ...]], needs: Mapping[str, str] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the `__getattr__` and the `__dir__` of a package.

    Parameters
    ----------
    package : str
        The package's `__name__`.
    modules : mapping of str to tuple of str
        {module: names}: the modules of the package that are imported at first use, and the names that
        the package exports from each. The module is an attribute of the package, too, unless an export
        has the same name.
    needs : mapping of str to str, optional
        {name or module: the package that must be installed for it}.

    Raises
    ------
    MissingPackageError
        At the first use of a name, if a package is not installed.
    """
    module_of = {name: module for module, exports in modules.items() for name in exports}

    class Package(ModuleType):
        def __setattr__(self, name: str, value: object) -> None:
            if not (
                name in module_of and isinstance(value, ModuleType)
            ):  # which importing a module sets
                super().__setattr__(name, value)

    def load(module: str) -> ModuleType:
        try:
            return import_module(f"{package}.{module}")
        except ModuleNotFoundError as error:
            if error.name in packages.NEEDED:
                raise packages.missing(error.name) from error
            raise

    def get(name: str) -> Any:
        if needs and name in needs:
            packages.require(needs[name])
        if name not in module_of:
            if name not in modules:
                raise AttributeError(f"module {package!r} has no attribute {name!r}")
            return load(name)
        found = getattr(load(module_of[name]), name)
        setattr(sys.modules[package], name, found)  # from now on Python finds it without this function
        return found

    def list_names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *modules, *module_of})

    sys.modules[package].__class__ = Package
    return get, list_names
