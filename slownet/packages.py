"""Packages that slownet needs: an error with the pip command where one is missing."""

from functools import cache
from importlib.util import find_spec

from slownet.errors import MissingPackageError

NEEDED = ("numpy", "plotly")  # for what there is nothing else; without Numba or tqdm slownet goes on


@cache
def require(package: str, install: str = "") -> None:
    """Raise MissingPackageError if a package is not installed; it is not imported.

    `install` is what pip installs it by, if not by its name: "slownet[sklearn]".
    """
    try:
        is_there = find_spec(package) is not None
    except (ImportError, ValueError):  # of an import system that hides it
        is_there = False
    if not is_there:
        raise missing(package, install)


def missing(package: str, install: str = "") -> MissingPackageError:
    """Return the error for a package that is not installed; `install` as for `require`."""
    by = f'"{install}"' if install else package
    return MissingPackageError(
        f"slownet needs the package {package}, which is not installed: pip install {by}",
        name=package,
    )
