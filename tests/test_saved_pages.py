"""Pages that readers have saved with an experiment in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from trained_pages import bits

import slownet
from slownet import FormatError, Net, NetFactory, datasets, verify
from slownet.page.reading import Page

PLACE = 'id="experiment-text">'
HOSTILE = [
    "e=5_bla&step=3",
    "e=5_rate_0.1~3_rate_0.2&step=9",
    "e=5_rate_0.1&step=-3",
    "e=5_rate_0.1&step=3&from=x",
    "e=%35_rate_0.1",
    "e=5_rate_0.1\n",
    "e=5_rate_'0.1'",
    f"e={'~'.join(['1_rate_0.1'] * 1001)}",
    "e=" + "9" * 120_000,
]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    X, y = datasets.moons(40, 0.1, seed=0)
    history = NetFactory([2, 3, 1], seed=1).new().fit(X, y, epochs=4, batch_size=10, snapshots=3)
    return history.write_html(tmp_path_factory.mktemp("pages") / "page.html")


def saved(page: Path, folder: Path, address: str) -> Path:
    """Write a page as it saves itself: the browser tests compare the two."""
    copy = folder / "saved.html"
    copy.write_text(page.read_text(encoding="utf-8").replace(PLACE, PLACE + address), encoding="utf-8")
    return copy


def same(one: Net, other: Net) -> bool:
    return bits([each.value for each in one.weights()]) == bits([each.value for each in other.weights()])


def test_python_repeats_the_experiment_of_a_page(page: Path, tmp_path: Path) -> None:
    text = "3_add_1~5_rate_0.3"
    copy = saved(page, tmp_path, f"e={text}&step=9&digit=0&colours=gradient")
    wanted = slownet.replay(page, text, step=9)
    assert len(wanted.layers[1].neurons) == 4
    assert same(slownet.replay(copy), wanted)
    assert same(slownet.replay(copy, step=4), slownet.replay(page, text, step=4))
    assert same(slownet.replay(copy, "saved.html#step=7"), slownet.replay(page, text, step=7))
    assert same(slownet.replay(copy, "saved.html#e=&step=7"), slownet.replay(page, step=7))
    assert same(slownet.replay(copy, "2_rate_0.1"), slownet.replay(page, "2_rate_0.1"))
    assert same(slownet.replay(copy, "", step=9), slownet.replay(page, step=9))


def test_such_a_page_is_verified(page: Path, tmp_path: Path) -> None:
    copy = saved(page, tmp_path, "e=3_add_1&step=9")
    assert Page.open(copy).experiment == "e=3_add_1&step=9"
    found = verify(copy)
    assert found
    assert 'the experiment that it opens with, "e=3_add_1&step=9"' in str(found)
    assert "experiment" not in str(verify(page))
    changed = saved(page, tmp_path, "e=3_add_1&step=9</script><script>alert(1)")
    assert verify(changed).numbers_only


@pytest.mark.parametrize("address", HOSTILE)
def test_a_hostile_experiment_is_refused(page: Path, tmp_path: Path, address: str) -> None:
    with pytest.raises(FormatError):
        slownet.replay(saved(page, tmp_path, address))
