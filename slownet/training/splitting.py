"""The samples of a training that are held out for its validation."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from slownet.datasets.tables.splitting import split_rows
from slownet.errors import InvalidValueError
from slownet.functions.randomness import Use
from slownet.samples import Encoder, as_list, decided

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Rows = npt.NDArray[np.int64]


class Split(NamedTuple):
    """The rows to train on, and those to validate with, both in the order in which they were given."""

    training: Rows
    validation: Rows


def split(X: Any, y: Any, encoder: Encoder, share: float, seed: int) -> Split:
    """Hold out a share of the rows, chosen by the seed; of every class the same share.

    Parameters
    ----------
    X, y
        The arguments of `fit`.
    encoder : Encoder
        Encodes y, where it holds classes; numbers are not scaled.
    share : float
        The part to validate with.
    seed : int
        Decides on the choice.

    Raises
    ------
    ValueError
        If there are fewer than two rows, or y holds something else than classes.
    """
    import numpy as np

    count, classes = len(as_list(y, "y")), None
    with suppress(TypeError):  # of something without a length; who reads X says what it may be
        if len(X) != count:
            raise InvalidValueError(f"got {len(X)} samples but {count} targets in y")
    if encoder.labels:
        kind = encoder.loss.target_kind
        classes = np.array([decided(kind, target)[0] for target in encoder.encode_all(y, count)])
    return Split(*map(np.sort, split_rows(count, classes, share, seed, Use.VALIDATION)))


def training_rows(config: Mapping[str, Any], X: Any, y: Any, encoder: Encoder) -> Rows | None:
    """Return the rows of X and y that a training with such options learns from; None for all."""
    share = config.get("validation_split")
    return None if share is None else split(X, y, encoder, share, split_seed_of(config)).training


def split_seed_of(config: Mapping[str, Any]) -> int:
    """Return the seed by which a training with such options has chosen the rows to validate with."""
    seed: int = config.get("split_seed", config["seed"])
    return seed
