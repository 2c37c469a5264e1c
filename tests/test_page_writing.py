"""Pages as they are asked for and written, with hostile names too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from page_trainings import (
    XY,
    X,
    Y,
    trained,
    without_source,
)

from slownet import (
    Activation,
    FormatError,
    Loss,
    SlownetError,
    verify,
)
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.page import Page, Player
from slownet.translation import UntranslatableError


def test_untranslatable_formulas_write_the_figure_and_warn(tmp_path: Path) -> None:
    own = Activation("own", without_source(), lambda z, value: 2.0)
    history = trained(factory={"hidden_activation": own}, engine="scalar")
    with pytest.warns(UserWarning, match="cannot compute this net.*source of gone") as caught:
        path = history.write_html(tmp_path / "page.html")
    assert caught[0].filename == __file__
    text = path.read_text(encoding="utf-8")
    assert "Plotly.newPlot" in text
    with pytest.raises(FormatError, match="no page"):
        verify(path, XY, XY)
    with pytest.raises(UntranslatableError):
        history.animate()


def test_a_page_that_verification_would_refuse_for_its_size_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = trained()
    monkeypatch.setattr("slownet.page.encoding.EXPANSION", 1)
    assert verify(history.write_html(tmp_path / "page.html"), XY, XY)
    monkeypatch.setattr("slownet.page.encoding.ANYWAY", 0)
    with pytest.raises(FormatError, match="more than the .* its size allows"):
        verify(tmp_path / "page.html", XY, XY)
    with pytest.raises(InvalidValueError, match="8 snapshots are more than .* keep fewer snapshots"):
        history.write_html(tmp_path / "other.html")
    assert not (tmp_path / "other.html").exists()


HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "'\"\\`${alert(1)}",
    "a\u2028b\u2029c\r\nd\x00e",
    "$title $payload ${x} %s %(x)s",
    "\ud800",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_out(name: str, tmp_path: Path) -> None:
    own = Activation(name, lambda z: 0.5 * z, lambda z, value: 0.5)
    wrong = Loss(
        name,
        lambda value, target: (value - target) * (value - target),
        lambda value, target: 2.0 * (value - target),
        target_kind="class",
    )
    labels = [[name, f"{name}2"][k] for k in Y]
    source = {"inputs": [name, f"{name}2"], "more": name}
    history = trained(
        (2, 3, 2), (X, labels), factory={"hidden_activation": own}, loss=wrong, source=source
    )
    path = history.write_html(tmp_path / "page.html", title=name)
    page, plain = Page.open(path), Page.open(trained().write_html(tmp_path / "plain.html"))
    text = path.read_text(encoding="utf-8")
    assert page.facts["title"] == name.encode("utf-8", "replace").decode()
    assert page.facts["layers"][1]["activation"] == name == page.facts["loss"]
    assert page.training["classes"] == [name, f"{name}2"]
    for tag in ("<script", "</script", "<!--", "<title", "<h1"):
        assert text.count(tag) == plain.rest.count(tag), tag
    formulas = re.search(r"^\{activations: .*\}$", page.rest, re.MULTILINE)
    assert formulas
    assert "<" not in formulas[0]
    assert formulas[0].isascii()
    assert verify(path, (X, labels), (X, labels), formulas=[own, wrong])


def test_a_page_says_what_it_cannot_be(tmp_path: Path) -> None:
    history = trained()
    with pytest.raises(InvalidTypeError, match="title must be"):
        history.write_html(tmp_path / "a.html", title=3)  # type: ignore[arg-type]
    for given_ in (5, 25, 12.5, "12", -1):
        with pytest.raises(SlownetError, match="bits must be"):
            history.write_html(tmp_path / "a.html", bits=given_)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="exact must be"):
        history.write_html(tmp_path / "a.html", exact="yes")  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="exact or bits"):
        history.write_html(tmp_path / "a.html", exact=True, bits=12)
    with pytest.raises(InvalidValueError, match="no snapshots to show"):
        trained(snapshots=None, watch=False).write_html(tmp_path / "a.html")
    with pytest.raises(InvalidValueError, match="does not exist"):
        history.write_html(tmp_path / "nowhere" / "a.html")
    with pytest.raises(InvalidTypeError):
        Player(3)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_notebook_gets_a_frame_that_reaches_nothing() -> None:
    shown = trained().animate(height=500, title='a "title"')._repr_html_()
    assert shown.startswith('<iframe srcdoc="&lt;!DOCTYPE')
    assert 'sandbox="allow-scripts allow-downloads"' in shown
    assert "height: 500px" in shown
    assert shown.count("<") == 2
    with pytest.raises(InvalidValueError, match="height"):
        trained().animate(height=1)


def test_many_numbers_are_rounded_less_so_that_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may take more memory, the longer their text is."""
    history = trained((2, 60, 60, 1), snapshots=30, epochs=30, watch=False)
    monkeypatch.setattr("slownet.page.precision.EXACT_BUDGET", 0)
    monkeypatch.setattr("slownet.page.precision.TARGET", 0.0)
    monkeypatch.setattr("slownet.page.precision.OTHER_BYTES", 0.0)
    for name, limit in (("ANYWAY", 100_000), ("EXPANSION", 10)):
        monkeypatch.setattr(f"slownet.page.encoding.{name}", limit)
    with monkeypatch.context() as patch:
        patch.setattr("slownet.page.precision.least_characters", lambda numbers: 0.0)
        assert not Player(history, keep="none").can_be_verified
    assert verify(history.write_html(tmp_path / "page.html"), XY)
    with pytest.raises(InvalidValueError, match="finer ones"):
        history.write_html(tmp_path / "coarse.html", bits=6)


@pytest.mark.long
def test_a_large_net_in_few_characters_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights that are small beside the largest one take few characters."""
    history = trained((2, 200, 200, 1), snapshots=2, watch=False, learning_rate=2.0, epochs=40)
    monkeypatch.setattr("slownet.page.precision.EXACT_BUDGET", 0)
    monkeypatch.setattr("slownet.page.precision.TARGET", 0.0)
    monkeypatch.setattr("slownet.page.bounds.WEIGHTS", 0)
    path = history.write_html(tmp_path / "page.html")
    assert Page.open(path).packed < 200 * 200
    assert verify(path, XY)
