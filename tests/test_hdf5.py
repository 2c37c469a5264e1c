"""HDF5 files: the pair of cats and other images, and what is refused."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slownet import MissingFileError, MissingPackageError, NetFactory, SlownetError, packages
from slownet.datasets import read_hdf5
from slownet.errors import FileError, FormatError, InvalidTypeError, InvalidValueError

h5py = pytest.importorskip("h5py")
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write data sets by their names to a file."""

    def writing(**arrays: Any) -> Path:
        path = tmp_path / "a.h5"
        with h5py.File(path, "w") as file:
            for name, array in arrays.items():
                file[name] = array
        return path

    return writing


IMAGES = np.arange(4 * 2 * 2 * 3, dtype=np.uint8).reshape(4, 2, 2, 3)


def test_images_become_rows_from_0_to_1(write: Write) -> None:
    path = write(
        train_set_x=IMAGES, train_set_y=np.array([0, 1, 1, 0]), list_classes=[b"non-cat", b"cat"]
    )
    X, y = read_hdf5(path, "train_set_x", "train_set_y")
    assert (X.dtype, X.shape) == (np.dtype(np.float64), (4, 12))
    assert X[1].tolist() == [k / 255 for k in range(12, 24)]
    assert (y.dtype, y.tolist()) == (np.dtype(np.int64), [0, 1, 1, 0])
    X, y = read_hdf5(str(path), "train_set_x", "/train_set_y", classes="list_classes", limit=3)
    assert (X.shape, y.tolist()) == ((3, 12), ["non-cat", "cat", "cat"])
    net = NetFactory([12, 1], seed=0).new()
    net.fit(X, y)
    assert net.classes == ["cat", "non-cat"]
    assert len(read_hdf5(path, "train_set_x", "train_set_y", limit=9)[0]) == 4


@given(
    st.sampled_from(["f2", "f4", "f8", ">f8", "i1", "u2", ">i4", "u8", "?"]),
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.booleans(),
)
def test_numbers_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, kind: str, shape: list[int], is_packed: bool
) -> None:
    array = (np.arange(np.prod(shape)) * 7 % 11).reshape(shape).astype(kind)
    path = tmp_path_factory.mktemp("hdf5") / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("group/x", data=array, compression="gzip" if is_packed else None)
        file["y"] = array
    X, y = read_hdf5(path, "group/x", "y")
    assert X.tolist() == array.reshape(len(array), -1).astype(float).tolist()
    assert y.tolist() == array.tolist()
    assert y.dtype == (np.float64 if "f" in kind else np.int64)


def test_a_name_that_is_no_data_set_is_answered_with_those_there_are(write: Write) -> None:
    path = write(**{"x": IMAGES, "y": np.zeros(4), "deep/z": np.zeros(2)})
    for name, kind in (("X", "no data set"), ("deep", "a group"), ("", "no data set")):
        with pytest.raises(
            InvalidValueError, match=rf"inputs: '{name}' is {kind} in .*'deep/z', 'x', 'y'"
        ):
            read_hdf5(path, name, "y")
    with pytest.raises(InvalidValueError, match="classes: 'list_classes' is no data set"):
        read_hdf5(path, "x", "y", classes="list_classes")
    with pytest.raises(InvalidValueError, match="there is no data set"):
        read_hdf5(write(), "x", "y")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": IMAGES, "y": np.zeros(3)}, r"'x' has the shape \(4, 2, 2, 3\) and 'y' \(3,\)"),
        ({"x": np.zeros((0, 4)), "y": np.zeros(0)}, "expected at least one sample"),
        ({"x": np.float64(3), "y": np.zeros(3)}, "expected an array of numbers in '/x', found float64"),
        ({"x": np.zeros(3, complex), "y": np.zeros(3)}, "found complex128"),
        ({"x": np.array([b"a", b"b"]), "y": np.zeros(2)}, r"found \|S1 of shape \(2,\)"),
        ({"x": np.zeros(2, [("a", "f4")]), "y": np.zeros(2)}, "expected an array of numbers"),
        (
            {"x": np.zeros(2), "y": [0, 2], "names": [b"a", b"b"]},
            "a number from 0 to 1 for each",
        ),
        (
            {"x": np.zeros(2), "y": [0, -1], "names": [b"a", b"b"]},
            "a number from 0 to 1 for each",
        ),
        ({"x": np.zeros(2), "y": [0.0, 1.0], "names": [b"a", b"b"]}, "found float64"),
        (
            {"x": np.zeros(2), "y": [0, 1], "names": ["a", "b" * 5000]},
            "expected short names in '/names'",
        ),
        (
            {"x": np.zeros(1), "y": np.array([2**63], "u8")},
            "below 2.63 as targets, found 9223372036854775808",
        ),
        ({"x": np.zeros(2), "y": [0, 1], "names": [1, 2]}, "expected a list of at most 1,000 names"),
    ],
)
def test_data_of_another_kind_are_refused(write: Write, arrays: dict[str, Any], message: str) -> None:
    path = write(**arrays)
    with pytest.raises(FormatError, match=message):
        read_hdf5(path, "x", "y", classes="names" if "names" in arrays else None)


def test_arguments_and_paths_are_checked(write: Write, tmp_path: Path) -> None:
    path = write(x=IMAGES, y=np.zeros(4))
    with pytest.raises(InvalidTypeError, match="inputs must be of type str"):
        read_hdf5(path, 3, "y")  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="limit"):
        read_hdf5(path, "x", "y", limit=0)
    with pytest.raises(MissingFileError):
        read_hdf5(tmp_path / "nowhere.h5", "x", "y")
    with pytest.raises(FileError):
        read_hdf5(tmp_path, "x", "y")


def test_damaged_files_are_refused(write: Write) -> None:
    """Wherever one is cut or a byte of it changed, it is read, or refused by slownet."""
    path = write(x=IMAGES, y=np.zeros(4))
    whole = path.read_bytes()
    for content in (b"", b"no HDF5 at all", whole[:100], whole[:-50]):
        path.write_bytes(content)
        with pytest.raises(FormatError, match="expected a whole HDF5 file"):
            read_hdf5(path, "x", "y")
    rng = np.random.default_rng(0)
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[rng.integers(len(whole))] ^= int(rng.integers(1, 256))
        path.write_bytes(damaged)
        with suppress(SlownetError):
            read_hdf5(path, "x", "y")


def test_data_that_are_not_there_are_not_made(tmp_path: Path) -> None:
    """A file of some kilobytes that names terabytes, or data in other files."""
    path, secret = tmp_path / "a.h5", tmp_path / "secret.bin"
    secret.write_bytes(b"12345678")
    layout = h5py.VirtualLayout((8,), "f8")
    layout[:] = h5py.VirtualSource("b.h5", "x", (8,))
    with h5py.File(path, "w") as file, h5py.File(tmp_path / "b.h5", "w") as other:
        file.create_dataset("huge", (10**9, 1000), "f8")
        file.create_dataset("names", (900,), "S1000000")
        file.create_dataset(
            "chunk", (8,), "f8", chunks=(4_000_000,), maxshape=(None,), compression="gzip"
        )
        file.create_dataset("outside", (8,), "u1", external=[(str(secret), 0, 8)])
        file.create_virtual_dataset("virtual", layout)
        file["link"] = h5py.ExternalLink("b.h5", "x")
        file["y"] = np.zeros(8, int)
        other["x"] = np.ones(8)
    with pytest.raises(FormatError, match="at most 16,777,216 bytes .* found 8,000,000,000,000"):
        read_hdf5(path, "huge", "y")
    with pytest.raises(FormatError, match="expected at most 16,777,216 bytes"):
        read_hdf5(path, "y", "y", classes="names")
    with pytest.raises(FormatError, match="found 32,000,000 in '/chunk'"):
        read_hdf5(path, "chunk", "y", limit=1)
    for name in ("outside", "virtual"):
        with pytest.raises(FormatError, match=f"the data of '{name}' are in another file"):
            read_hdf5(path, name, "y")
    with pytest.raises(InvalidValueError, match="'link' is no data set"):
        read_hdf5(path, "link", "y")


def test_without_h5py_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    packages.require.cache_clear()
    with pytest.raises(MissingPackageError, match=r'pip install "slownet\[hdf5\]"'):
        read_hdf5(tmp_path / "a.h5", "x", "y")
    packages.require.cache_clear()
