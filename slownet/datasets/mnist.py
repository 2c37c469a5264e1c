"""MNIST, the 70,000 handwritten digits, inside the package."""

from __future__ import annotations

from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Literal

from slownet.checks import check_integer, short
from slownet.datasets.idx import IMAGES, LABELS, labelled_images, read_idx
from slownet.datasets.known import remember_loaded
from slownet.errors import InvalidTypeError, InvalidValueError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from slownet.datasets.idx import Floats, Ints


def load_mnist(
    split: Literal["train", "test"] = "train", limit: int | None = None
) -> tuple[Floats, Ints]:
    """Load MNIST: 60,000 training or 10,000 test images of handwritten digits, 28 x 28 pixels each.

    Nothing is downloaded; the original files come with the package, packed with xz.

    Parameters
    ----------
    split : {"train", "test"}
        Which of the two sets.
    limit : int, optional
        Only the first `limit` samples, or all if there are fewer; only these are unpacked.

    Returns
    -------
    X : numpy.ndarray of float64, shape (n, 784)
        One image per row, its pixels line by line from the top, each / 255: 0 is paper, 1 is ink.
    y : numpy.ndarray of int64, shape (n,)
        The digits, 0 to 9.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        `split` is neither "train" nor "test", or `limit` is not an integer of at least 1.

    Notes
    -----
    Source: Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits".
    Copyright Y. LeCun and C. Cortes, licence CC BY-SA 3.0; see data/LICENSE-MNIST.txt.

    Examples
    --------
    >>> from slownet.datasets import load_mnist
    >>> X, y = load_mnist("test", limit=10)
    >>> X.shape, y.tolist()
    ((10, 784), [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
    """
    if not isinstance(split, str):
        raise InvalidTypeError(f"split must be 'train' or 'test', not {type(split).__name__}")
    if split not in IMAGES:
        raise InvalidValueError(f"split must be 'train' or 'test', not {short(split)}")
    if limit is not None:
        limit = check_integer("limit", limit, minimum=1)
    with _file(IMAGES[split]) as images, _file(LABELS[split]) as labels:
        X, y = labelled_images(images, labels, limit)
    remember_loaded(f"mnist {split}", len(X), partial(_images, split, len(X)))
    return X, y


def _file(name: str) -> AbstractContextManager[Path]:
    return resources.as_file(resources.files("slownet.datasets") / "data" / f"{name}.xz")


def _images(split: str, limit: int) -> npt.NDArray[np.uint8]:
    with _file(IMAGES[split]) as images:
        return read_idx(images, limit).reshape(limit, -1)
