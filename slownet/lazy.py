"""Names that a package hands out when they are first asked for (PEP 562): importing it stays cheap."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any


def names(
    package: str, modules: Mapping[str, tuple[str, ...]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the `__getattr__` and the `__dir__` of a package.

    Parameters
    ----------
    package : str
        The package's `__name__`.
    modules : mapping of str to tuple of str
        For each module of the package that is loaded when it is first needed, the names that the
        package hands out from it. The module itself is an attribute of the package, too, unless a name
        is the same: then the attribute is what the package hands out.
    """
    home = {name: module for module, handed_out in modules.items() for name in handed_out}

    class Package(ModuleType):
        def __setattr__(self, name: str, value: object) -> None:
            if not (name in home and isinstance(value, ModuleType)):  # as importing a module sets it
                super().__setattr__(name, value)

    def get(name: str) -> Any:
        if name not in home:
            if name not in modules:
                raise AttributeError(f"module {package!r} has no attribute {name!r}")
            return import_module(f"{package}.{name}")
        found = getattr(import_module(f"{package}.{home[name]}"), name)
        setattr(sys.modules[package], name, found)  # the next time, Python finds it by itself
        return found

    def list_names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *modules, *home})

    sys.modules[package].__class__ = Package
    return get, list_names
