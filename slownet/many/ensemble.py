"""Ensembles: several nets that predict as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from slownet.checks import check_type, short
from slownet.datasets.tables import Table
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.objects import Net

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Ensemble:
    """Nets for the same data, whose probabilities or numbers are averaged.

    Parameters
    ----------
    nets : sequence of Net
        The nets.

    Attributes
    ----------
    nets : list of Net
        The nets.

    Raises
    ------
    TypeError, ValueError
        If there are none, or they predict different things.

    Examples
    --------
    >>> import slownet
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, seed=1)
    >>> nets = [slownet.NetFactory([2, 3, 1], seed=seed).new() for seed in range(3)]
    >>> slownet.Ensemble(nets).predict(X[:2]).shape
    (2,)
    """

    def __init__(self, nets: Sequence[Net]) -> None:
        self.nets = list(nets)
        if not self.nets:
            raise InvalidValueError("an ensemble needs at least one net, and was given none")
        for net in self.nets:
            check_type("a net", net, Net)
        kinds = {_kind(net) for net in self.nets}
        if len(kinds) > 1:
            raise InvalidValueError(
                "the nets of an ensemble must predict the same (outputs, classes and kind of target), "
                f"not {len(kinds)} different things: give those of one data set"
            )

    def __len__(self) -> int:
        return len(self.nets)

    def __repr__(self) -> str:
        return f"Ensemble({len(self.nets)} nets, the first is {self.nets[0]})"

    @property
    def classes(self) -> list[Any] | None:
        """The class labels, where they are not simply 0, 1, 2, ..."""
        return self.nets[0].classes

    def predict_proba(self, X: Any, engine: str = "auto") -> npt.NDArray[np.float64]:
        """Return the mean of the nets' class probabilities; see `Net.predict_proba`."""
        return _mean([net.predict_proba(X, engine) for net in self.nets])

    def predict(self, X: Any, engine: str = "auto") -> npt.NDArray[Any]:
        """Return the class whose mean probability is the largest, or the mean of the predicted numbers.

        Parameters
        ----------
        X : (n, inputs)
            As for `Net.predict`.
        engine : str
            As for `Net.predict`.

        Returns
        -------
        numpy array
            As of `Net.predict`.

        Raises
        ------
        ValueError
            If the nets decide between -1 and +1 (hinge), which are no probabilities.
        """
        from slownet.training.prediction import labels_of

        net = self.nets[0]
        kind = net.loss.target_kind
        if kind == "number":
            return _mean([each.predict(X, engine) for each in self.nets])
        probabilities = self.predict_proba(X, engine)
        if kind == "binary" and len(net.outputs) > 1:
            return (probabilities > 0.5).astype(int)
        chosen: npt.NDArray[Any] = probabilities.argmax(axis=1)
        return chosen if net.classes is None else labels_of(net.classes)[chosen]

    def accuracy(self, X: Any, y: Any = None, engine: str = "auto") -> float:
        """Return the share of samples whose predictions are right; for several outputs, all of them.

        Parameters
        ----------
        X, y
            As for `Net.evaluate`; a Table has its own y.
        engine : str
            As for `Net.predict`.

        Raises
        ------
        TypeError, ValueError
            If the nets predict numbers, which are not right or wrong, or y does not fit X.
        """
        import numpy as np

        if self.nets[0].loss.target_kind == "number":
            raise InvalidValueError("these nets predict numbers, which have no accuracy")
        if y is None and isinstance(X, Table):
            y = X.y
        if y is None:
            raise InvalidTypeError("accuracy needs y, the targets, as well; a Table has its own")
        found, wanted = np.asarray(self.predict(X, engine)), np.asarray(y)
        if wanted.size != found.size or wanted.shape[:1] != found.shape[:1]:
            raise InvalidValueError(
                f"y must have shape {short(found.shape)}, that of the predictions, "
                f"not {short(wanted.shape)}"
            )
        right = found == wanted.reshape(found.shape)
        return float(right.reshape(len(right), -1).all(axis=1).mean())


def _kind(net: Net) -> tuple[object, ...]:
    return net.loss.target_kind, len(net.outputs), tuple(net.classes or ())


def _mean(arrays: Sequence[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """Return the mean, added up in the order of the nets."""
    total = arrays[0].copy()
    for each in arrays[1:]:
        total += each
    mean: npt.NDArray[np.float64] = total / len(arrays)
    return mean
