"""The versions of what a training uses."""

import platform
from importlib.metadata import PackageNotFoundError, version

from slownet.version import __version__


def versions() -> dict[str, str]:
    """Return the versions of Python, the platform and the packages that a training uses."""
    system = f"{platform.system()} {platform.machine()}"  # not the kernel's release: it may hold a name
    found = {"python": platform.python_version(), "platform": system}
    found["slownet"] = __version__
    for package in ("numpy", "numba"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
