"""The numbers of a page as bytes."""

from __future__ import annotations

import base64
import contextlib
import json
import math
import warnings
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bits import bits
from hostile import mutated_values, refusals
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from javascript import deno

from slownet import (
    FormatError,
)
from slownet.page.encoding import FINEST, MOST_INTERVALS, Grid, Writer, magnitude, read
from slownet.page.modules import script_of

ANY = st.floats(width=64)
grids = st.builds(Grid, st.integers(0, 9), st.integers(1, 9))


def printed(number: float, digits: int) -> int:
    """What a number is printed as, in units of its last digit, as toFixed does: halves away from 0."""
    return math.floor(abs(Fraction(number)) * 10**digits + Fraction(1, 2)) * (-1 if number < 0 else 1)


@given(grids, st.floats(-1e4, 1e4))
@example(Grid(3), -0.0)
@example(Grid(2, 3), 0.005)
def test_every_number_printed_is_the_true_one_rounded(grid: Grid, number: float) -> None:
    grid = grid.coarse_enough_for(1e4)
    shown = float(grid.middles(grid.intervals(np.array([number])))[0])
    scaled = Fraction(number) * Fraction(grid.scale)
    at_edge = abs(scaled - round(scaled)) <= abs(scaled) * Fraction(2) ** -52
    assert abs(Fraction(shown) - Fraction(number)) <= Fraction(grid.step) * Fraction(5001, 10000)
    for digits in range(grid.digits + 1):
        assert at_edge or printed(shown, digits) == printed(number, digits)


@given(st.integers(6, 24), st.floats(1e-7, 1e6))
def test_bits_are_at_least_so_many_intervals(bits: int, largest: float) -> None:
    grid = Grid.of_bits(bits, largest)
    assert 0 <= grid.digits <= FINEST
    assert 2 * largest * grid.scale >= 2.0**bits
    coarser = grid.coarser()
    assert coarser == grid == Grid(0) or 2 * largest * coarser.scale < 2.0**bits
    assert grid.scale > coarser.scale or grid == Grid(0)


@given(grids, st.floats(0, 1e9))
def test_a_grid_never_has_more_intervals_than_32_bits_hold(grid: Grid, largest: float) -> None:
    coarse = grid.coarse_enough_for(largest)
    assert coarse.scale * largest < MOST_INTERVALS or coarse == Grid(0)
    assert coarse.scale <= grid.scale


@given(st.floats(5e-324, 1.7e308))
@example(0.1)
@example(1000.0)
@example(999.9999999999999)
def test_magnitude_is_the_first_power_of_ten_that_is_not_below(number: float) -> None:
    written, digits = Fraction(repr(number)), magnitude(number)
    assert Fraction(10) ** (digits - 1) < written <= Fraction(10) ** digits


def round_trip(writer: Writer) -> dict[str, Any]:
    return read(json.loads(json.dumps(writer.contents)), writer.text)


SHAPES = st.tuples(st.integers(1, 5), st.integers(0, 7))
FLOATS = SHAPES.flatmap(lambda shape: arrays_of.arrays(np.float64, shape, elements=ANY))
TAME = SHAPES.flatmap(lambda shape: arrays_of.arrays(np.float64, shape, elements=st.floats(-99, 99)))


@given(FLOATS, FLOATS, TAME, grids)
@example(np.array([[np.nan, -0.0], [np.inf, 0.0]]), np.zeros((1, 0)), np.zeros((2, 1)), Grid(6))
def test_what_is_written_is_read(exact: Any, plain: Any, tame: Any, grid: Grid) -> None:
    grid = grid.coarse_enough_for(99.0)
    writer = Writer()
    writer.exact("exact", exact)
    writer.plain("plain", plain, "float64")
    writer.rounded("rounded", tame, grid)
    writer.plain("whole", np.arange(6).reshape(2, 3), "int32")
    writer.plain("bytes", np.arange(3), "uint8")
    found = round_trip(writer)
    assert list(found) == ["exact", "plain", "rounded", "whole", "bytes"]
    assert bits(found["exact"].ravel()) == bits(exact.ravel())
    assert bits(found["plain"].ravel()) == bits(plain.ravel())
    assert found["exact"].shape == exact.shape
    assert found["rounded"].shape == tame.shape
    assert bits(found["rounded"].ravel()) == bits(grid.middles(grid.intervals(tame)).ravel())
    assert found["whole"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["bytes"].tolist() == [0, 1, 2]


PIXELS = st.lists(st.one_of(st.just(0), st.integers(0, 255)), max_size=40)


@given(PIXELS, st.data())
def test_pixels_have_one_form(pixels: list[int], data: st.DataObject) -> None:
    """A bit that says otherwise, a byte that is 0, or a bit behind the end is found."""
    writer = Writer()
    writer.pixels("a", np.array(pixels, np.uint8).reshape(-1, 1))
    assert round_trip(writer)["a"].ravel().tolist() == pixels
    stored = bytearray(zlib.decompress(base64.b64decode(writer.text)))
    if not stored:
        return
    place = data.draw(st.integers(0, len(stored) - 1))
    stored[place] ^= data.draw(st.integers(1, 255))
    text = base64.b64encode(zlib.compress(bytes(stored), 6)).decode()
    with contextlib.suppress(FormatError):
        found = read(writer.contents, text)["a"].ravel().tolist()
        assert found != pixels
        again = Writer()
        again.pixels("a", np.array(found, np.uint8).reshape(-1, 1))
        assert again.text == text


def test_pixels_are_read_in_javascript(tmp_path: Path) -> None:
    writer, draw = Writer(), np.random.default_rng(0)
    pixels = draw.integers(0, 256, (7, 11)) * draw.integers(0, 2, (7, 11))
    writer.pixels("a", pixels)
    writer.pixels("none", np.zeros((0, 11)))
    writer.pixels("all", np.arange(1, 10))
    script = f"""{script_of("payload.js")}
      const {{ inflate, readArrays }} = modules["payload.js"];
      const bytes = await inflate("{writer.text}", "deflate");
      const arrays = readArrays({json.dumps(writer.contents)}, bytes);
      console.log(JSON.stringify(Object.values(arrays).map((each) => [...each])));"""
    (tmp_path / "run.js").write_text(script, encoding="utf-8")
    found = json.loads(deno(tmp_path / "run.js"))
    assert found == [pixels.ravel().tolist(), [], [*range(1, 10)]]


@pytest.mark.long
@pytest.mark.parametrize(("frames", "count"), [(150, 109_184), (800, 23_820), (1, 26_000_000)])
def test_large_nets_and_many_snapshots_are_read_again(frames: int, count: int) -> None:
    """Even weights that hardly move, of which a short text holds very many."""
    writer = Writer()
    rows = np.linspace(-1.0, 1.0, count) + np.zeros((frames, 1))
    wanted = writer.rounded("a", rows, Grid(3))[-1, :9]
    assert writer.can_be_read
    assert read(writer.contents, writer.text)["a"][-1, :9].tolist() == wanted.tolist()


def written() -> Writer:
    writer = Writer()
    writer.exact("exact", np.linspace(-1, 1, 12).reshape(3, 4))
    writer.rounded("rounded", np.linspace(-1, 1, 12).reshape(3, 4), Grid(4, 3))
    writer.plain("bytes", np.arange(5), "uint8")
    writer.pixels("pixels", np.arange(5) * np.array([0, 1, 0, 1, 1]))
    return writer


@given(st.data())
def test_damaged_contents_are_a_format_error(data: st.DataObject) -> None:
    writer = written()
    contents = mutated_values(data, json.loads(json.dumps(writer.contents)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with contextlib.suppress(FormatError):
            read(contents, writer.text)


@given(st.data())
def test_damaged_payloads_are_a_format_error(data: st.DataObject) -> None:
    writer = written()
    text = writer.text
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(FormatError):
        read(writer.contents, text[:cut])
    other = data.draw(st.characters())
    with contextlib.suppress(FormatError):
        read(writer.contents, text[:cut] + other + text[cut + 1 :])


def one(kind: str, shape: list[int], stored: int, **about: int) -> dict[str, Any]:
    return {"a": {"kind": kind, "shape": shape, "bytes": stored, **about}}


def bomb(count: int) -> str:
    """So many zeros, deflated."""
    packer = zlib.compressobj(9)
    first = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return base64.b64encode(first + again * ((count >> 20) - 1) + packer.flush()).decode()


def test_data_that_would_fill_the_memory_are_refused(tmp_path: Path) -> None:
    huge = bomb(3 << 30)
    precise = {"digits": 3, "parts": 1, "byte_planes": 1}
    files = {
        "unclaimed": one("uint8", [5], 5),
        "claimed": one("uint8", [3, 1 << 30], 3 << 30),
        "lied": one("float64", [1 << 27], 5),
        "sparse": one("pixels", [1 << 31], 1 << 28),
        "wide": one("rounded", [3, 1 << 26], 3 << 26, **precise),
    }
    with refusals(
        "from slownet.page.encoding import read\nload = lambda path: read(*json.load(open(path)))"
    ) as refusal:
        for name, contents in files.items():
            file = tmp_path / name
            file.write_text(json.dumps([contents, huge]), encoding="utf-8")
            assert refusal(file).startswith("FormatError"), (name, refusal(file))
