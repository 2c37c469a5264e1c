from __future__ import annotations

import gzip
import hashlib
import lzma
import math
import struct
import tracemalloc
import zlib
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from commands import python
from hypothesis import given
from hypothesis import strategies as st

from slownet import datasets
from slownet.datasets import (
    CLASSIFICATION,
    REGRESSION,
    load_housing,
    load_idx_directory,
    load_mnist,
    read_idx,
)
from slownet.errors import FormatError, InvalidTypeError, InvalidValueError, MissingFileError

DATA = resources.files("slownet.datasets") / "data"
CODES = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}
PACKINGS = {"plain": bytes, "gz": gzip.compress, "xz": lzma.compress}
GENERATED = {**CLASSIFICATION, **REGRESSION}


def idx(array: np.ndarray) -> bytes:
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, CODES[array.dtype.name], array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.fixture
def write(tmp_path):
    def write(content: bytes | str, name: str = "data") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def memory():
    tracemalloc.start()
    yield tracemalloc
    tracemalloc.stop()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("scratch") / "data"


def test_importing_the_package_loads_only_the_standard_library():
    code = "import sys, slownet.datasets; sys.exit('numpy' in sys.modules)"
    python(code)


def test_everything_named_is_there():
    assert all(hasattr(datasets, name) for name in datasets.__all__)


class TestMnist:
    @pytest.mark.parametrize(
        ("name", "digest"),
        [
            (
                "train-images-idx3-ubyte",
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
            (
                "train-labels-idx1-ubyte",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
            (
                "t10k-images-idx3-ubyte",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
            (
                "t10k-labels-idx1-ubyte",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        ],
    )
    def test_the_files_are_the_original_ones(self, name, digest):
        content = lzma.decompress((DATA / f"{name}.xz").read_bytes())
        assert hashlib.sha256(content).hexdigest() == digest
        assert digest in (DATA / "LICENSE-MNIST.txt").read_text(encoding="utf-8")

    @pytest.mark.parametrize(
        ("split", "n", "first", "per_class"),
        [
            (
                "train",
                60_000,
                [5, 0, 4, 1, 9, 2],
                [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
            ),
            (
                "test",
                10_000,
                [7, 2, 1, 0, 4, 1],
                [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
            ),
        ],
    )
    def test_a_whole_split(self, split, n, first, per_class):
        X, y = load_mnist(split)
        assert (X.shape, X.dtype, y.shape, y.dtype) == ((n, 784), np.float64, (n,), np.int64)
        assert (X.min(), X.max()) == (0.0, 1.0)
        assert y[:6].tolist() == first
        assert np.bincount(y).tolist() == per_class
        assert X.flags.c_contiguous
        X_few, y_few = load_mnist(split, limit=7)
        np.testing.assert_array_equal(X_few, X[:7])
        np.testing.assert_array_equal(y_few, y[:7])

    def test_pixels_are_divided_by_255_in_reading_order(self):
        X, _ = load_mnist("train", limit=1)
        row = X.reshape(28, 28)[5]
        expected = [3, 18, 18, 18, 126, 136, 175, 26, 166, 255, 247, 127]
        assert row[12:24].tolist() == [pixel / 255 for pixel in expected]
        assert not row[:12].any()

    def test_a_limit_beyond_the_end_gives_all(self):
        assert load_mnist("test", limit=99_999)[0].shape == (10_000, 784)

    def test_a_limit_spares_the_rest(self, memory):
        load_mnist(limit=1)
        memory.reset_peak()
        load_mnist(limit=np.int64(1))
        # 48 MiB are the window of the xz stream; the images unpacked would be 45 MiB more.
        assert memory.get_traced_memory()[1] < 60_000_000

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            (("validation",), InvalidValueError, "'train' or 'test', not 'validation'"),
            ((1,), InvalidTypeError, "'train' or 'test', not int"),
            (("train", 0), InvalidValueError, "limit must be at least 1, not 0"),
            (("train", -5), InvalidValueError, "limit must be at least 1, not -5"),
            (("train", 2.0), InvalidTypeError, "limit must be an integer, not float"),
            (("train", True), InvalidTypeError, "limit must be an integer, not bool"),
        ],
    )
    def test_wrong_arguments(self, arguments, error, message):
        with pytest.raises(error, match=message):
            load_mnist(*arguments)


class TestReadIdx:
    @pytest.mark.parametrize("packing", PACKINGS)
    @pytest.mark.parametrize("dtype", CODES)
    def test_every_type_in_every_packing(self, write, dtype, packing):
        array = np.array([[[0, 1, 2]], [[100, 3, 127]]], dtype)
        if dtype != "uint8":
            array[0] *= -1
        if dtype.startswith("float"):
            array[1] += 0.1
        path = write(PACKINGS[packing](idx(array)), "name.without.meaning.gz")
        result = read_idx(str(path))
        assert (result.dtype, result.dtype.isnative) == (np.dtype(dtype), True)
        np.testing.assert_array_equal(result, array, strict=True)
        np.testing.assert_array_equal(read_idx(path, limit=1), array[:1], strict=True)
        np.testing.assert_array_equal(read_idx(path, limit=5), array, strict=True)
        result += 1  # the array belongs to the caller

    def test_bytes_written_by_hand(self, write):
        content = bytes.fromhex("00000b02 00000001 00000002 fffe 0100")
        assert read_idx(write(content)).tolist() == [[-2, 256]]

    @pytest.mark.parametrize("shape", [(0,), (0, 28, 28), (3, 0), (1,) * 32])
    def test_unusual_shapes(self, write, shape):
        assert read_idx(write(idx(np.zeros(shape, np.int32)))).shape == shape

    def test_packed_files_may_come_in_several_streams(self, write):
        content = idx(np.arange(3_000_000, dtype=np.int32))
        half = len(content) // 2
        for pack, padding in ((gzip.compress, b""), (lzma.compress, bytes(2_000_000))):
            fast = {"preset": 0} if pack is lzma.compress else {"compresslevel": 1}
            parts = [pack(content[:half], **fast), pack(content[half:], **fast)]
            path = write(padding.join(parts) + padding)
            assert np.array_equal(read_idx(path), np.arange(3_000_000))

    @pytest.mark.parametrize("packing", PACKINGS)
    def test_cut_off_anywhere(self, write, packing):
        content = PACKINGS[packing](idx(np.arange(60, dtype=np.int16).reshape(5, 12)))
        for size in range(len(content)):
            path = write(content[:size])
            with pytest.raises(FormatError) as caught:
                read_idx(path)
            assert str(path) in str(caught.value)
            assert "expected" in str(caught.value)

    @pytest.mark.parametrize("packing", PACKINGS)
    def test_too_much_data(self, write, packing):
        content = idx(np.zeros((2, 3), np.uint8))
        with pytest.raises(FormatError, match=r"expected 6 bytes .* \(2, 3\), found more"):
            read_idx(write(PACKINGS[packing](content + b"\0")))
        if packing != "plain":
            for rubbish in (b"rubbish", b"\0\0\0\0rubbish"):
                with pytest.raises(FormatError, match="damaged"):
                    read_idx(write(PACKINGS[packing](content) + rubbish))

    @pytest.mark.parametrize("packing", ["gz", "xz"])
    def test_damaged_packed_data_is_never_taken_for_whole(self, write, packing):
        array = np.arange(40, dtype=np.uint8)
        content = PACKINGS[packing](idx(array))
        for place in range(len(content)):
            damaged = bytearray(content)
            damaged[place] ^= 0x10
            try:
                result = read_idx(write(bytes(damaged)))
            except FormatError:
                continue
            assert packing == "gz"  # which has a time stamp and bits that nobody reads
            np.testing.assert_array_equal(result, array)

    @pytest.mark.parametrize("packing", PACKINGS)
    def test_a_file_that_is_packed_to_a_hundredth_is_to_be_unpacked(self, write, packing):
        path = write(PACKINGS[packing](idx(np.zeros((20, 1000, 1000), np.uint8))))
        if packing == "plain":
            assert read_idx(path).shape == (20, 1000, 1000)
        else:
            with pytest.raises(
                FormatError, match="in a packed file of this size, found more: unpack it"
            ):
                read_idx(path)

    def test_with_a_limit_the_rest_is_not_looked_at(self, write):
        array = np.random.default_rng(0).integers(0, 256, (4_000, 1_000), np.uint8)
        for pack in PACKINGS.values():
            content = pack(idx(array))
            path = write(content[: len(content) * 3 // 4])
            np.testing.assert_array_equal(read_idx(path, limit=9), array[:9])
            with pytest.raises(FormatError):
                read_idx(path)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "found nothing"),
            (b"\x89PNG\r\n\x1a\n", "found the bytes 89 50 4e 47"),
            (b"\0\0\x08", "found the bytes 00 00 08"),
            (b"\0\0\x0a\x01\0\0\0\0", "found the bytes 00 00 0a 01"),
            (b"\0\x01\x08\x01\0\0\0\0", "not an IDX file"),
            (b"\0\0\x08\0\x05", "expected 1 to 32 dimensions, found 0"),
            (b"\0\0\x08\xff" + bytes(1020), "expected 1 to 32 dimensions, found 255"),
            (b"\0\0\x08\x03" + bytes(5), "expected a header of 16 bytes .* found 9 bytes"),
            (b"\0\0\x08\x01\0\0\0\x05abc", r"expected 5 bytes .*\(5,\), found 3"),
            (b"\0\0\x08\x04" + bytes(4) + b"\xff" * 12, "expected a shape that fits memory"),
        ],
    )
    def test_what_is_not_idx(self, write, content, message):
        with pytest.raises(FormatError, match=message):
            read_idx(write(content))

    @pytest.mark.parametrize("packing", PACKINGS)
    @pytest.mark.parametrize("limit", [None, 1])
    def test_a_boastful_header_gets_no_memory(self, write, memory, packing, limit):
        header = struct.pack(">BBBB3I", 0, 0, 14, 3, 3, 2**31, 2**20)
        path = write(PACKINGS[packing](header + bytes(1000)))
        memory.reset_peak()
        with pytest.raises(FormatError, match=r"expected \d{16,} bytes .* found 1000"):
            read_idx(path, limit)
        assert memory.get_traced_memory()[1] < 20_000_000

    def test_an_xz_file_that_wants_gigabytes_to_be_unpacked(self, write):
        filters = [{"id": lzma.FILTER_LZMA2, "preset": 0}]
        content = bytearray(lzma.compress(idx(np.zeros(9, np.uint8)), filters=filters))
        place = 16  # the dictionary size in the block header: 40 stands for 4 GiB
        assert content[14:16] == b"\x21\x01"
        content[place] = 40
        header = content[12 : 12 + (content[12] + 1) * 4]
        content[12 + len(header) - 4 : 12 + len(header)] = struct.pack("<I", zlib.crc32(header[:-4]))
        with pytest.raises(FormatError, match=r"[Mm]emory"):
            read_idx(write(bytes(content)))

    def test_a_missing_file_and_a_wrong_limit(self, tmp_path, write):
        with pytest.raises(MissingFileError, match="nowhere"):
            read_idx(tmp_path / "nowhere")
        with pytest.raises(InvalidValueError, match="limit"):
            read_idx(write(idx(np.zeros(3))), limit=0)

    @given(
        content=st.binary(max_size=40),
        start=st.sampled_from(
            [
                b"",
                b"\0\0",
                b"\0\0\x08\x01",
                b"\0\0\x0d\x02\0\0\0\x01",
                b"\x1f\x8b\x08",
                b"\xfd7zXZ\0",
            ]
        ),
    )
    def test_no_bytes_make_it_fail_otherwise(self, scratch, content, start):
        scratch.write_bytes(start + content)
        try:
            read_idx(scratch)
        except FormatError as error:
            message = str(error)
        else:
            return
        assert message.startswith(str(scratch))


NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


class TestIdxDirectory:
    @pytest.fixture
    def parts(self):
        images = np.arange(5 * 6, dtype=np.uint8).reshape(5, 2, 3) * 8
        labels = np.array([9, 0, 3, 3, 1], np.uint8)
        return [images, labels, images[:2] + 1, labels[:2]]

    @staticmethod
    def fill(directory: Path, parts, endings=("", "", "", ""), packings=("plain",) * 4) -> Path:
        for name, part, ending, packing in zip(NAMES, parts, endings, packings, strict=True):
            file_name = name.replace("-idx", ".idx") if ending.startswith("dotted") else name
            path = directory / (file_name + ending.removeprefix("dotted"))
            path.write_bytes(PACKINGS[packing](idx(part)))
        return directory

    @pytest.mark.parametrize(
        ("endings", "packings"),
        [
            (("", "", "", ""), ("plain",) * 4),
            ((".gz",) * 4, ("gz",) * 4),
            (("", ".gz", ".xz", "dotted.gz"), ("plain", "gz", "xz", "gz")),
            (("dotted", "dotted", "dotted.xz", ".gz"), ("plain", "gz", "xz", "plain")),
        ],
    )
    def test_files_by_all_their_names(self, tmp_path, parts, endings, packings):
        self.fill(tmp_path, parts, endings, packings)
        (X, y), (X_test, y_test) = load_idx_directory(str(tmp_path))
        np.testing.assert_array_equal(X, parts[0].reshape(5, 6) / 255.0, strict=True)
        np.testing.assert_array_equal(y, np.array([9, 0, 3, 3, 1], np.int64), strict=True)
        np.testing.assert_array_equal(X_test, parts[2].reshape(2, 6) / 255.0, strict=True)
        np.testing.assert_array_equal(y_test, np.array([9, 0], np.int64), strict=True)

    @pytest.mark.parametrize("ending", ["", ".gz"])
    @pytest.mark.parametrize(  # KMNIST's names are those of MNIST
        "name", ["emnist-letters", "emnist-balanced", "emnist-mnist", "qmnist", ""]
    )
    def test_relatives_of_mnist_as_they_are_downloaded(self, tmp_path, parts, name, ending):
        labels = "labels-idx2-int" if name == "qmnist" else "labels-idx1-ubyte"
        prefix, test = (f"{name}-", "test") if name else ("", "t10k")
        wanted = list(parts)
        if name == "qmnist":  # the digit, then the writer and six more columns
            for place in (1, 3):
                parts[place] = np.stack(
                    [parts[place]] + [np.full(len(parts[place]), 300)] * 7, 1
                ).astype(np.int32)
        if name.startswith("emnist"):  # column by column
            for place in (0, 2):
                parts[place] = parts[place].swapaxes(1, 2)
        files = [
            f"{split}-{kind}" for split in ("train", test) for kind in ("images-idx3-ubyte", labels)
        ]
        for file, part in zip(files, parts, strict=True):
            (tmp_path / f"{prefix}{file}{ending}").write_bytes(
                PACKINGS["gz" if ending else "plain"](idx(part))
            )
        for found in (load_idx_directory(tmp_path), load_idx_directory(tmp_path, name)):
            (X, y), (X_test, y_test) = found
            np.testing.assert_array_equal(X, wanted[0].reshape(5, 6) / 255.0, strict=True)
            np.testing.assert_array_equal(y, wanted[1].astype(np.int64), strict=True)
            np.testing.assert_array_equal(X_test, wanted[2].reshape(2, 6) / 255.0, strict=True)
            np.testing.assert_array_equal(y_test, wanted[3].astype(np.int64), strict=True)
        with pytest.raises(InvalidValueError, match="no set 'kmnist' here: there is"):
            load_idx_directory(tmp_path, "kmnist")

    def test_names_that_decide_the_set_are_found(self, tmp_path, parts):
        for file, part in zip(NAMES, parts, strict=True):
            dotted = file.replace("-idx", ".idx").replace("t10k", "test")
            (tmp_path / f"emnist-mnist-{dotted}").write_bytes(idx(part))
        (tmp_path / "test-images-idx3-ubyte").write_bytes(idx(parts[2]))  # of no set
        assert load_idx_directory(tmp_path)[1][1].tolist() == [9, 0]
        with pytest.raises(InvalidValueError, match="no set '' here: there is emnist-mnist$"):
            load_idx_directory(tmp_path, "")

    def test_a_directory_of_several_sets(self, tmp_path, parts):
        for name in ("emnist-digits", "emnist-letters"):
            for file, part in zip(NAMES, parts, strict=True):
                (tmp_path / f"{name}-{file.replace('t10k', 'test')}").write_bytes(idx(part))
        with pytest.raises(
            InvalidValueError, match="several sets: name one of emnist-digits, emnist-letters"
        ):
            load_idx_directory(tmp_path)
        assert load_idx_directory(tmp_path, "emnist-letters")[1][1].tolist() == [9, 0]
        (tmp_path / "emnist-letters-test-labels-idx1-ubyte").unlink()
        with pytest.raises(MissingFileError, match="emnist-letters-test-labels-idx1-ubyte"):
            load_idx_directory(tmp_path, "emnist-letters")

    @pytest.mark.parametrize("name", NAMES)
    def test_a_missing_file(self, tmp_path, parts, name):
        (self.fill(tmp_path, parts) / name).unlink()
        (tmp_path / name).mkdir()  # a directory of that name is no file
        with pytest.raises(MissingFileError) as caught:
            load_idx_directory(tmp_path)
        dotted = name.replace("-idx", ".idx")
        for looked_for in (
            name,
            f"{name}.gz",
            f"{name}.xz",
            dotted,
            f"{dotted}.gz",
            f"{dotted}.xz",
        ):
            assert looked_for in str(caught.value)

    @pytest.mark.parametrize(
        ("place", "part", "message"),
        [
            (1, np.zeros(4, np.uint8), "5 images .* 4 labels"),
            (3, np.zeros(3, np.uint8), "2 images .* 3 labels"),
            (0, np.zeros(5, np.uint8), r"expected images .* found uint8 of shape \(5,\)"),
            (0, np.zeros((5, 2, 3), np.int16), "expected images .* found int16"),
            (1, np.zeros((5, 1), np.uint8), r"expected labels .* shape \(5, 1\)"),
            (1, np.zeros(5, np.float32), "expected labels .* found float32"),
            (2, np.zeros((2, 3, 3), np.uint8), "6 pixels each and the test images 9"),
            (2, np.zeros((2, 0, 3), np.uint8), "at least one image"),
        ],
    )
    def test_parts_that_do_not_fit(self, tmp_path, parts, place, part, message):
        parts[place] = part
        self.fill(tmp_path, parts)
        with pytest.raises(FormatError, match=message):
            load_idx_directory(tmp_path)

    def test_a_missing_directory(self, tmp_path):
        with pytest.raises(MissingFileError):
            load_idx_directory(tmp_path / "nowhere")


DIGESTS = {
    "xor": "150d669b6eaa9518",
    "moons": "667c2a3fbc50899a",
    "circles": "52d0c4bf2e9f1dd0",
    "gaussians": "99d049b013712209",
    "spirals": "4429dbc16c267248",
    "plane": "4ca6fb4f5711f8a7",
    "multi_gaussian": "bf38cb236c104e3a",
}


class TestGenerated:
    def test_all_are_listed_by_name(self):
        assert list(CLASSIFICATION) == ["xor", "moons", "circles", "gaussians", "spirals"]
        assert list(REGRESSION) == ["plane", "multi_gaussian"]
        assert all(getattr(datasets, name) is make for name, make in GENERATED.items())

    @pytest.mark.parametrize("name", GENERATED)
    def test_the_same_bits_everywhere(self, name):
        X, y = GENERATED[name](n=101, noise=0.2, seed=7)
        kind = "<i8" if name in CLASSIFICATION else "<f8"
        content = X.astype("<f8").tobytes() + y.astype(kind).tobytes()
        assert hashlib.sha256(content).hexdigest()[:16] == DIGESTS[name]

    @pytest.mark.parametrize("name", GENERATED)
    @pytest.mark.parametrize("n", [1, 2, 7, 200])
    def test_shapes_and_types(self, name, n):
        X, y = GENERATED[name](n=n)
        assert (X.shape, X.dtype, y.shape) == ((n, 2), np.float64, (n,))
        assert y.dtype == (np.int64 if name in CLASSIFICATION else np.float64)
        assert np.abs(X).max() < 6
        assert np.isfinite(y).all()

    @pytest.mark.parametrize("name", CLASSIFICATION)
    @pytest.mark.parametrize("n", [200, 201])
    def test_classes_are_balanced_and_mixed(self, name, n):
        X, y = CLASSIFICATION[name](n=n, noise=0.0)
        assert abs(2 * y.sum() - n) == n % 2
        assert 60 < y[:160].sum() < 100
        assert 70 < (y[1:] != y[:-1]).sum() < 130  # neither sorted nor alternating
        assert len(np.unique(X, axis=0)) == n

    @pytest.mark.parametrize("name", GENERATED)
    def test_seed_and_noise_count(self, name):
        make = GENERATED[name]
        X, y = make(noise=0.3, seed=1)
        again, other, calm = make(noise=0.3, seed=1), make(noise=0.3, seed=2), make(noise=0, seed=1)
        assert (X.tobytes(), y.tobytes()) == (again[0].tobytes(), again[1].tobytes())
        assert not np.array_equal(X, other[0])
        assert not (np.array_equal(X, calm[0]) and np.array_equal(y, calm[1]))

    @pytest.mark.parametrize("name", GENERATED)
    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({"n": 0}, InvalidValueError, "n must be at least 1, not 0"),
            ({"n": 10**30}, InvalidValueError, "n must be at most 1000000000, not 1000"),
            ({"n": 20.0}, InvalidTypeError, "n must be an integer, not float"),
            ({"noise": -0.1}, InvalidValueError, "noise must be at least 0, not -0.1"),
            ({"noise": math.nan}, InvalidValueError, "noise must be finite"),
            ({"noise": math.inf}, InvalidValueError, "noise must be finite"),
            ({"noise": "much"}, InvalidTypeError, "noise must be a number, not str"),
            ({"noise": None}, InvalidTypeError, "noise must be a number, not NoneType"),
            ({"seed": -1}, InvalidValueError, "seed must be at least 0"),
            ({"seed": 1.0}, InvalidTypeError, "seed must be an integer, not float"),
        ],
    )
    def test_wrong_arguments(self, name, arguments, error, message):
        with pytest.raises(error, match=message):
            GENERATED[name](**arguments)

    def test_xor(self):
        X, y = datasets.xor(n=400)
        assert np.array_equal(y, (X[:, 0] > 0) != (X[:, 1] > 0))
        assert 0.3 <= np.abs(X).min() < 0.4
        assert 5.0 < np.abs(X).max() <= 5.3
        quadrants = np.unique(X > 0, axis=0, return_counts=True)[1]
        assert quadrants.tolist() == [100] * 4
        X_noisy, y_noisy = datasets.xor(n=400, noise=0.2)
        assert np.array_equal(X, X_noisy)
        changed = y != y_noisy
        assert 20 < changed.sum() < 200
        assert np.abs(X[changed]).min(axis=1).max() < 1.0  # only points that noise can reach

    def test_moons(self):
        X, y = datasets.moons(n=101, noise=0)
        upper, lower = X[y == 0], X[y == 1]
        np.testing.assert_allclose(np.hypot(upper[:, 0], upper[:, 1]), 1, rtol=1e-15)
        np.testing.assert_allclose(np.hypot(lower[:, 0] - 1, lower[:, 1] - 0.5), 1, rtol=1e-15)
        assert upper[:, 1].min() == pytest.approx(0, abs=1e-15)
        assert lower[:, 1].max() == pytest.approx(0.5)
        angles = np.sort(np.arctan2(upper[:, 1].clip(0), upper[:, 0]))
        np.testing.assert_allclose(angles, np.linspace(0, np.pi, 51), atol=1e-15)
        calm, noisy = datasets.moons(n=4000, noise=0)[0], datasets.moons(n=4000, noise=0.1)[0]
        assert (noisy - calm).std(axis=0) == pytest.approx([0.1, 0.1], rel=0.05)

    def test_circles(self):
        X, y = datasets.circles(n=1000)
        radius = np.hypot(X[:, 0], X[:, 1])
        inner, outer = radius[y == 1], radius[y == 0]
        assert (inner.min() < 0.1, 2.4 < inner.max() < 2.5) == (True, True)
        assert (3.5 <= outer.min() < 3.6, 4.9 < outer.max() < 5.0) == (True, True)
        assert inner.mean() == pytest.approx(1.25, abs=0.1)
        assert np.abs(X.mean(axis=0)).max() < 0.3
        X_noisy, y_noisy = datasets.circles(n=1000, noise=0.1)
        assert np.array_equal(X, X_noisy)
        changed = radius[y != y_noisy]
        assert len(changed) > 10
        assert 2.5 - math.sqrt(0.5) < changed.min() <= changed.max() < 2.5

    def test_gaussians(self):
        for noise, variance in ((0.0, 0.5), (0.5, 4.0)):
            X, y = datasets.gaussians(n=4000, noise=noise)
            for label, centre in ((1, 2.0), (0, -2.0)):
                cloud = X[y == label]
                assert cloud.mean(axis=0) == pytest.approx([centre] * 2, abs=0.15)
                assert cloud.var(axis=0) == pytest.approx([variance] * 2, rel=0.1)
                assert abs(np.corrcoef(cloud.T)[0, 1]) < 0.06

    def test_spirals(self):
        X, y = datasets.spirals(n=200)
        radius = np.hypot(X[:, 0], X[:, 1])
        for label, rotation in ((1, 0.0), (0, math.pi)):
            along = np.sort(radius[y == label]) / 5
            np.testing.assert_allclose(along, (np.arange(100) + 0.5) / 100, rtol=1e-14)
            angle = 1.75 * 2 * math.pi * along + rotation
            points = X[y == label][np.argsort(radius[y == label])]
            expected = 5 * along[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
            np.testing.assert_allclose(points, expected, atol=1e-13)
        moved = datasets.spirals(n=2000, noise=0.5)[0] - datasets.spirals(n=2000)[0]
        assert 0.49 < np.abs(moved).max() <= 0.5
        assert np.abs(moved.mean(axis=0)).max() < 0.03

    def test_plane(self):
        X, y = datasets.plane(n=500)
        np.testing.assert_allclose(y, X.sum(axis=1) / 10, atol=1e-15)
        assert (X.min() < -5.8, X.max() > 5.8) == (True, True)
        X_noisy, y_noisy = datasets.plane(n=500, noise=0.1)
        assert np.array_equal(X, X_noisy)
        assert 0.08 < np.abs(y - y_noisy).max() <= 0.12

    def test_multi_gaussian(self):
        X, y = datasets.multi_gaussian(n=2000)
        centres = {
            (-4, 2.5): 1,
            (0, 2.5): -1,
            (4, 2.5): 1,
            (-4, -2.5): -1,
            (0, -2.5): 1,
            (4, -2.5): -1,
        }
        distances = np.stack([np.hypot(*(X - centre).T) for centre in centres])
        signs = np.array(list(centres.values()))[distances.argmin(axis=0)]
        heights = np.maximum(1 - distances.min(axis=0) / 2, 0)
        np.testing.assert_allclose(y, signs * heights, atol=1e-14)
        assert (y.min() < -0.9, y.max() > 0.9) == (True, True)
        assert np.array_equal(X, datasets.multi_gaussian(n=2000, noise=0.2)[0])


class TestHousing:
    def test_the_values(self):
        table = load_housing()
        X, y = table
        assert (X.shape, X.dtype, y.shape, y.dtype) == ((506, 3), np.float64, (506,), np.float64)
        assert table.names == ["crime", "tax", "pupil_teacher_ratio"]
        assert [*X[0], y[0]] == [0.00632, 296.0, 15.3, 24.0]
        assert [*X[-1], y[-1]] == [0.04741, 273.0, 21.0, 11.9]
        assert X.max(axis=0).tolist() == [88.9762, 711.0, 22.0]
        assert X.mean(axis=0) == pytest.approx([3.613524, 408.237154, 18.455534], abs=1e-6)
        assert y.mean() == pytest.approx(22.532806, abs=1e-6)
        assert (y.min(), y.max()) == (5.0, 50.0)

    def test_it_ships_no_other_column_and_says_why(self):
        header = (DATA / "housing.csv").read_text(encoding="utf-8").splitlines()[0]
        assert header == "crime,tax,pupil_teacher_ratio,median_value"
        note = (DATA / "housing.md").read_text(encoding="utf-8")
        assert "self-segregation" in note
        assert "self-segregation" in (load_housing.__doc__ or "")
