"""Settings that all tests share."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings
from slow import THOROUGH, some

settings.register_profile(
    "default", deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough", deadline=None, max_examples=5000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in a job that a script runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests and their children take Ctrl-C


REPETITIONS = 6  # of one long test, evenly spread over its values


def is_part(config: pytest.Config) -> bool:
    """Whether some tests were chosen by a file or a name."""
    return bool(config.option.file_or_dir or config.option.keyword)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Run a part of the tests in this process, where it starts at once and a debugger can be used."""
    return 0 if is_part(config) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take some repetitions of each long test; all of a part that was chosen, and if thorough."""
    if THOROUGH or is_part(config):
        return
    repetitions: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("long"):
            repetitions.setdefault(item.nodeid.partition("[")[0], []).append(item)
    left = {item for each in repetitions.values() for item in each} - {
        item for each in repetitions.values() for item in some(each, REPETITIONS)
    }
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the engine before the workers start, which would each compile it."""
    if not hasattr(session.config, "workerinput"):
        from slownet.engines import selfcheck

        assert selfcheck.verdict() is None
