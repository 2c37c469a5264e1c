"""The regressor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import column_or_1d

from slownet.errors import InvalidValueError
from slownet.functions import get_loss
from slownet.interop.sklearn.base import SlowNetEstimator, take_parameters
from slownet.interop.sklearn.callbacks import with_callbacks

if TYPE_CHECKING:
    from slownet.interop.sklearn.base import Array


class SlowNetRegressor(RegressorMixin, SlowNetEstimator):
    """A net of slownet that predicts numbers, with the parameters of scikit-learn's MLPRegressor.

    Parameters, attributes and errors are those of `SlowNetClassifier`, without classes. Its outputs are
    linear, with the Poisson loss exponential, and the numbers of X and y are taken as they are: scale
    them before, X in a pipeline, y by a `TransformedTargetRegressor`. `validation_scores_` are R2.

    Parameters
    ----------
    loss : str or Loss
        "squared_error", "poisson" or another loss of slownet for numbers. The squared error of several
        outputs is their sum, of which MLPRegressor has the mean in its `loss_curve_`; both learn from
        the sum.

    Examples
    --------
    >>> import numpy as np
    >>> from slownet.interop.sklearn import SlowNetRegressor
    >>> X = np.linspace(-1.0, 1.0, 50).reshape(-1, 1)
    >>> model = SlowNetRegressor(hidden_layer_sizes=(8,), activation="tanh", solver="sgd")
    >>> model = model.set_params(learning_rate_init=0.1, batch_size=10, random_state=0, tol=1e-5)
    >>> bool(model.fit(X, X[:, 0] ** 2).score(X, X[:, 0] ** 2) > 0.9)
    True
    """

    _predicts_numbers = True

    def __init__(
        self,
        loss: Any = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: Any = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: Any = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: Any = 10,
        options: dict[str, Any] | None = None,
    ) -> None:
        take_parameters(self, locals())

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Train a new net, or with `warm_start` the one there is.

        Parameters
        ----------
        X : (n, inputs) array, sparse matrix or DataFrame
            The samples; a sparse matrix is made a dense one.
        y : (n,) or (n, outputs)
            The numbers to predict.
        sample_weight : (n,), optional
            What the loss of each sample counts.

        Returns
        -------
        SlowNetRegressor
            Itself.
        """
        return self._train(X, y, sample_weight, partial=False)

    @with_callbacks
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Train for one epoch, as `fit`; what the optimizer remembers is kept for the next call."""
        return self._train(X, y, sample_weight, partial=True)

    def predict(self, X: Any) -> Array:
        """Return the numbers for each sample, (n,) or (n, outputs)."""
        outputs = self._outputs(X)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    @property
    def _loss(self) -> Any:
        return self.loss

    def _targets(self, y: Array, is_first: bool, partial: bool) -> Array:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return y.astype("float64")

    def _new_targets(self, y: Array) -> tuple[int, str, list[Any] | None]:
        loss = get_loss(self.loss)
        if loss.target_kind != "number":
            raise InvalidValueError(
                f"loss {loss.name!r} is for classes, and a regressor predicts numbers"
            )
        partner = loss.partner
        return 1 if y.ndim == 1 else y.shape[1], "linear" if partner is None else partner.name, None

    def _scored(self, y: Array, outputs: Array, weights: Array | None) -> float:
        return float(r2_score(y, outputs, sample_weight=weights))

    def _of_net(self, X: Array) -> Array:
        found: Array = self.net_.predict(X, self._engine)
        return found.reshape(len(X), -1)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
