"""Settings that all tests share."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough", deadline=None, max_examples=5000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in a job that a script runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests and their children take Ctrl-C


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Run a part of the tests in this process, where it starts at once and a debugger can be used."""
    is_part = config.option.file_or_dir or config.option.keyword
    return 0 if is_part else None


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the engine before the workers start, which would each compile it."""
    if not hasattr(session.config, "workerinput"):
        from slownet.engines import selfcheck

        assert selfcheck.verdict() is None
