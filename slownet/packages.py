"""Packages that slownet needs: an error with the pip command where one is missing."""

import sys
from functools import cache
from importlib.util import find_spec

from slownet.errors import MissingPackageError

NEEDED = ("numpy", "plotly")  # for what there is nothing else; without Numba or tqdm slownet goes on


@cache
def require(package: str, extra: str = "") -> None:
    """Raise MissingPackageError if a package is not installed; it is not imported.

    `extra` is what pip installs instead, where the package is part of an extra.
    """
    if not is_installed(package):
        raise missing(package, extra)


def is_installed(package: str) -> bool:
    """Whether a package can be found; it is not imported."""
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):  # of an import system that hides it
        return False


def missing(package: str, extra: str = "") -> MissingPackageError:
    """Return the error for a package that is not installed."""
    by = installing(package, extra)
    return MissingPackageError(
        f"slownet needs the package {package}, which is not installed: {by}", name=package
    )


def installing(package: str, extra: str = "") -> str:
    """Return what installs a package here."""
    if sys.platform == "emscripten":
        return f"await micropip.install({extra or package!r})"
    return "pip install " + (f'"{extra}"' if extra else package)  # quoted: some shells expand brackets


def missing_module(module: str, use: str) -> MissingPackageError:
    """Return the error for a module of Python itself that is missing, as in older Pyodides."""
    return MissingPackageError(
        f"{use} needs Python's own module {module}, which this Python comes without: use another one, "
        f"or in Pyodide first await pyodide_js.loadPackage({module!r})",
        name=module,
    )
