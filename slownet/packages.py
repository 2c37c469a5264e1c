"""Packages that slownet needs: an error with the pip command where one is missing."""

from functools import cache
from importlib.util import find_spec

from slownet.errors import MissingPackageError

NEEDED = ("numpy", "plotly")  # for what there is nothing else; without Numba or tqdm slownet goes on


@cache
def require(package: str, extra: str = "") -> None:
    """Raise MissingPackageError if a package is not installed; it is not imported.

    `extra` is what pip installs instead, where the package is part of an extra.
    """
    try:
        is_there = find_spec(package) is not None
    except (ImportError, ValueError):  # of an import system that hides it
        is_there = False
    if not is_there:
        raise missing(package, extra)


def missing(package: str, extra: str = "") -> MissingPackageError:
    """Return the error for a package that is not installed."""
    by = f'"{extra}"' if extra else package  # quoted, because some shells expand brackets
    return MissingPackageError(
        f"slownet needs the package {package}, which is not installed: pip install {by}",
        name=package,
    )
