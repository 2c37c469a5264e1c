"""HDF5 files, in which many published sets of small images come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import TYPE_CHECKING, Any

from slownet.checks import check_integer, check_path, check_type, short
from slownet.errors import FormatError, InvalidValueError, SlownetError
from slownet.files import most_unpacked, opened
from slownet.packages import require

if TYPE_CHECKING:
    import os
    from pathlib import Path

    import h5py
    import numpy as np
    import numpy.typing as npt

MOST_NAMED = 20  # data sets that a message lists
MOST_CLASSES, LONGEST_NAME = 1000, 1000  # names, and letters of each


def read_hdf5(
    path: str | os.PathLike[str],
    inputs: str,
    targets: str,
    classes: str | None = None,
    limit: int | None = None,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
    """Read samples and their targets from two data sets of an HDF5 file; needs `slownet[hdf5]`.

    A file whose data sets are empty beyond what is stored, or packed more than a hundredfold, is refused
    above 16 MiB. Data in other files, to which an HDF5 file can point, are not read.

    Parameters
    ----------
    path : str or path-like
        The file.
    inputs, targets : str
        The names of the two data sets, as in "train_set_x"; "group/x" stands in a group.
    classes : str, optional
        The name of a data set of class names: targets, which are then numbers from 0, become names.
    limit : int, optional
        Read only the first `limit` samples, or all if there are fewer.

    Returns
    -------
    X : numpy.ndarray of float64, shape (n, inputs)
        A sample per row, its numbers in the order of the file. Bytes (uint8), as of images, are divided
        by 255.
    y : numpy.ndarray, shape (n,) or (n, outputs)
        int64, float64, or names of classes.

    Raises
    ------
    MissingPackageError
        If h5py is not installed.
    FormatError
        If it is no HDF5 file, is damaged, or does not hold as many targets as samples.
    FileError
        If it cannot be read; a MissingFileError where there is none.
    InvalidTypeError, InvalidValueError
        If there is no such data set (the message lists those that there are), or `limit` is no integer
        from 1.

    Examples
    --------
    >>> import h5py
    >>> from slownet.datasets import read_hdf5
    >>> with h5py.File("photos.h5", "w") as file:
    ...     file["x"], file["y"] = [[[0, 255], [51, 102]]], [1]
    >>> X, y = read_hdf5("photos.h5", "x", "y")
    >>> X.shape, y
    ((1, 4), array([1]))
    """
    require("h5py", "slownet[hdf5]")
    import numpy as np

    limit = None if limit is None else check_integer("limit", limit, minimum=1)
    path = check_path(path)
    with _opened(path) as (file, most):
        X = _numbers(path, _found(path, file, "inputs", inputs), limit, most)
        y = _numbers(path, _found(path, file, "targets", targets), limit, most)
        if not X.size or X.shape[:1] != y.shape[:1]:
            raise FormatError(
                f"{path}: {short(inputs)} has the shape {X.shape} and {short(targets)} {y.shape}; "
                "expected at least one sample, and as many targets"
            )
        if classes is None:
            y = _targets(path, y)
        else:
            y = _named(path, y, _texts(path, _found(path, file, "classes", classes), most))
    divisor = 255.0 if X.dtype == np.uint8 else 1.0
    X = np.true_divide(X.reshape(len(X), -1), divisor, dtype=np.float64)
    return X, y


@contextmanager
def _opened(path: Path) -> Iterator[tuple[h5py.File, int]]:
    """Open an HDF5 file; yield it, and how many bytes may be read of a data set.

    What h5py raises while the file is read becomes a FormatError.
    """
    import h5py

    with opened(path) as stream:
        try:
            with h5py.File(stream, "r") as file:  # of a stream it opens no other file by a link
                yield file, most_unpacked(stream)
        except SlownetError:
            raise
        except (OSError, RuntimeError, ValueError, KeyError) as error:
            raise FormatError(f"{path}: expected a whole HDF5 file: {error}") from error


def _found(path: Path, file: h5py.File, argument: str, name: str) -> h5py.Dataset:
    """Return a data set by its name; ValueError if there is none."""
    import h5py

    check_type(argument, name, str)
    found = file.get(name)
    if not isinstance(found, h5py.Dataset):
        there: list[str] = []
        file.visititems(lambda each, thing: there.append(each) if hasattr(thing, "dtype") else None)
        listed = ", ".join(map(short, there[:MOST_NAMED])) + ", ..." * (len(there) > MOST_NAMED)
        what = "a group" if isinstance(found, h5py.Group) else "no data set"
        raise InvalidValueError(
            f"{argument}: {short(name)} is {what} in {path}: there is {listed or 'no data set'}"
        )
    if found.external or found.is_virtual:
        raise FormatError(f"{path}: the data of {short(name)} are in another file; expected them here")
    return found


def _numbers(path: Path, dataset: h5py.Dataset, limit: int | None, most: int) -> npt.NDArray[Any]:
    """Read the first rows of a data set of numbers."""
    if dataset.dtype.kind not in "buif" or not dataset.shape:
        raise FormatError(
            f"{path}: expected an array of numbers in {short(dataset.name)}, "
            f"found {dataset.dtype} of shape {dataset.shape}"
        )
    rows = dataset.shape[0] if limit is None else min(limit, dataset.shape[0])
    numbers = max(prod((rows, *dataset.shape[1:])), prod(dataset.chunks or ()))  # whole chunks are read
    _check_size(path, dataset, numbers * dataset.dtype.itemsize, most)
    read: npt.NDArray[Any] = dataset[:rows]
    return read


def _check_size(path: Path, dataset: h5py.Dataset, size: int, most: int) -> None:
    if size > most:
        raise FormatError(
            f"{path}: expected at most {most:,} bytes in a file of this size, found {size:,} in "
            f"{short(dataset.name)}: give read_hdf5 a limit, or store them unpacked"
        )


def _texts(path: Path, dataset: h5py.Dataset, most: int) -> list[str]:
    """Read a data set of a few names."""
    if dataset.dtype.kind not in "SO" or len(dataset.shape) != 1 or len(dataset) > MOST_CLASSES:
        raise FormatError(
            f"{path}: expected a list of at most {MOST_CLASSES:,} names of classes in "
            f"{short(dataset.name)}, found {dataset.dtype} of shape {dataset.shape}"
        )
    _check_size(path, dataset, len(dataset) * dataset.dtype.itemsize, most)
    try:
        names = [str(dataset.asstr()[k])[:LONGEST_NAME] for k in range(len(dataset))]
    except TypeError as error:  # objects, and no texts
        raise FormatError(f"{path}: expected names in {short(dataset.name)}: {error}") from error
    if max(map(len, names), default=0) == LONGEST_NAME:
        raise FormatError(
            f"{path}: expected short names in {short(dataset.name)}, found {short(max(names, key=len))}"
        )
    return names


def _targets(path: Path, y: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return targets as int64 or float64."""
    import numpy as np

    if y.dtype.kind == "f":
        return y.astype(np.float64)
    if y.max(initial=0) > np.iinfo(np.int64).max:
        raise FormatError(f"{path}: expected whole numbers below 2^63 as targets, found {y.max()}")
    return y.astype(np.int64)


def _named(path: Path, y: npt.NDArray[Any], names: list[str]) -> npt.NDArray[Any]:
    """Return the name of the class behind each number."""
    import numpy as np

    if y.ndim != 1 or y.dtype.kind not in "bui" or int(y.min()) < 0 or int(y.max()) >= len(names):
        raise FormatError(
            f"{path}: expected a number from 0 to {len(names) - 1} for each sample, the place of its "
            f"class among {len(names)} names; found {y.dtype} of shape {y.shape}"
        )
    return np.array(names)[y.astype(np.intp)]
