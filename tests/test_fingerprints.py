"""The fingerprints of data that a history keeps."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from page_trainings import (
    HALF,
    Stopping,
    X,
    Y,
    trained,
)

from slownet import (
    DivergedError,
    History,
)
from slownet.samples import Samples, fingerprint


def fingerprint_of(X: Any, y: Any, history: History) -> dict[str, str]:
    samples = Samples(X, 2)
    return fingerprint(samples, [[float(each)] for each in y])


def test_a_history_with_snapshots_knows_its_data(tmp_path: Path) -> None:
    history = trained(validation_data=HALF)
    expected = fingerprint_of(X, Y, history)
    assert {name: history.data[name] for name in ("X", "y")} == expected
    recorded = trained(validation_data=HALF, record=tmp_path / "a.run")
    assert history.data == recorded.data == History.open(tmp_path / "a.run").data
    assert "X" not in trained(snapshots=None, watch=False).data
    assert not [each for each in threading.enumerate() if "slownet" in each.name]


def test_a_history_knows_its_data_however_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = fingerprint_of(X, Y, trained())

    def slow(*given: Any) -> dict[str, str]:
        time.sleep(0.2)  # longer than training takes
        return fingerprint(*given)

    monkeypatch.setattr("slownet.training.data.fingerprint", slow)
    stopped = [trained(callbacks=[Stopping(3, KeyboardInterrupt)])]
    failing = Stopping(3, RuntimeError)
    with pytest.raises(RuntimeError):
        trained(callbacks=[failing])
    stopped.append(failing.history)
    with pytest.raises(DivergedError) as caught:
        trained(data=(X, Y * 1e9), factory={"output_activation": "linear"}, learning_rate=1e9)
    assert caught.value.history is not None
    for history in stopped:
        assert {name: history.data[name] for name in ("X", "y")} == expected
    assert caught.value.history.data["X"] == expected["X"]
    assert not [each for each in threading.enumerate() if "slownet" in each.name]
