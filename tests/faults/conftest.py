"""Fixtures of the tests of faults."""

from __future__ import annotations

import pytest

from slownet.recording import recorder


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commit often."""
    monkeypatch.setattr(recorder, "DUE", 0.01)
    monkeypatch.setattr(recorder, "STATE_DUE", 0.05)
