"""Rows to train on and rows to test with."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from slownet.checks import check_number
from slownet.errors import InvalidValueError
from slownet.functions.randomness import Use, check_seed, key, permutation

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MOST_PARTS = 1_000_000  # the denominator of a share: 0.2 is exactly a fifth


def split_rows(
    count: int,
    classes: npt.NDArray[Any] | None = None,
    share: float = 0.2,
    seed: int = 0,
    use: Use = Use.DATASET,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Choose rows to train on and rows to test with, both in random order.

    Parameters
    ----------
    count : int
        How many rows there are.
    classes : array, optional
        The class of each row. Of each class the same share is tested with, rounded so that the shares
        add up, and at least one row is trained on; a class of one row is only trained on. If that
        leaves nothing to test with, the choice is made without classes.
    share : float
        The part to test with, between 0 and 1; rounded up.
    seed : int
        Decides on the choice and the order.
    use : Use
        What the rows are chosen for: two choices of the same rows do not depend on each other.

    Returns
    -------
    train, test : arrays of int64
        Numbers of rows; each is in one of them, and neither is empty.

    Raises
    ------
    InvalidValueError
        If there are fewer than two rows, or the share is not between 0 and 1.
    """
    import numpy as np

    part = Fraction(check_number("share", share, below=1.0, above=0.0)).limit_denominator(MOST_PARTS)
    if count < 2:
        rows = "one row is" if count else "no rows are"
        raise InvalidValueError(f"{rows} too few: expected at least one to train and one to test with")
    order = permutation(key(check_seed(seed), use), count)
    is_test = np.arange(count) < max(1, min(_rounded_up(count, part), count - 1))
    if classes is not None:
        ranks = np.unique(classes, return_inverse=True)[1][order]
        by_class = np.argsort(ranks, kind="stable")
        sizes = np.bincount(ranks)
        last = np.cumsum(sizes)
        tested = np.diff(_rounded_up(last, part), prepend=0)
        place = np.arange(count) - (last - sizes)[ranks[by_class]]
        stratified = np.zeros(count, bool)
        stratified[by_class] = place < np.minimum(tested, sizes - 1)[ranks[by_class]]
        is_test = stratified if stratified.any() else is_test
    return order[~is_test], order[is_test]


def _rounded_up(count: Any, part: Fraction) -> Any:
    return -(-count * part.numerator // part.denominator)
