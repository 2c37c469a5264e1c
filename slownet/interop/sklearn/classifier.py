"""The classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.multiclass import type_of_target, unique_labels
from sklearn.utils.validation import column_or_1d

from slownet.checks import short
from slownet.errors import InvalidValueError
from slownet.interop.sklearn.base import SlowNetEstimator, take_parameters
from slownet.interop.sklearn.callbacks import with_callbacks

if TYPE_CHECKING:
    from slownet.interop.sklearn.base import Array


class SlowNetClassifier(ClassifierMixin, SlowNetEstimator):
    """A net of slownet that classifies, with the parameters of scikit-learn's MLPClassifier.

    Several classes have a softmax output each, two classes a sigmoid output, and so has each label of a
    multi-label target. The numbers of X are taken as they are: scale them before, in a pipeline.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int
        How many neurons each hidden layer has.
    activation : str or Activation
        Of the hidden layers: "identity", "logistic", or one of slownet's ("relu", "tanh", "elu", ...).
    solver : str or Optimizer
        "sgd" or "adam", whose settings are below, or another optimizer of slownet with its own. In
        slownet's Adam `epsilon` is added to the root of the second moment after its bias is corrected.
    alpha : float
        The strength of the penalty: (sum of losses + alpha / 2 * sum of w^2) / n is the loss of a batch.
    batch_size : int or "auto"
        How many samples share an update; "auto" takes 200, or all if there are fewer.
    learning_rate : str or Schedule
        With "sgd": "constant", "invscaling" (`learning_rate_init` / (samples visited + 1) ** `power_t`,
        set after each epoch) or "adaptive" (divided by 5 where training would end). With every solver a
        schedule of slownet.
    learning_rate_init : float
        The first learning rate.
    power_t : float
        The exponent of "invscaling".
    max_iter : int
        How many epochs there are at most.
    shuffle : bool
        Whether every epoch goes through the samples in a new order.
    random_state : int, RandomState or None
        Decides the initial weights, the orders, and which samples validate.
    tol, n_iter_no_change : float, int
        Training ends when the loss, or with `early_stopping` the score of the validation, has not
        improved by `tol` for more than this many epochs.
    verbose : bool
        Whether a progress bar is shown.
    warm_start : bool
        Whether `fit` goes on with the net that there is.
    momentum, nesterovs_momentum : float, bool
        Settings of "sgd". With "invscaling" and "adaptive" the velocity has each gradient times the rate
        of its own step, as MLPClassifier's (`functions.sgd(rate_in_velocity=True)`).
    early_stopping, validation_fraction : bool, float
        Whether to train without a share of the samples, of each class alike, and to take the weights
        with which the score of these samples was the best.
    beta_1, beta_2, epsilon : float
        Settings of "adam".
    options : dict, optional
        Further arguments of `Net.fit`: `dropout`, `l1`, `clip_norm`, `class_weight`, `snapshots`,
        `watch`, `record`, `callbacks`, `engine`, `threads` and the like.

    Attributes
    ----------
    net_ : Net
        The net: layers, neurons and weights as objects.
    history_ : History
        The history of the last `fit` or `partial_fit`.
    classes_ : array
        The labels; of a multi-label target the numbers of its columns.
    coefs_, intercepts_ : list of array
        The weights and biases of `net_` as they are, copied into arrays.
    loss_curve_, loss_ : list of float, float
        The loss of every epoch, penalty included; and the last one.
    validation_scores_ : list of float or None
        The accuracy of the validation after every epoch.
    best_loss_, best_validation_score_ : float or None
        The smallest loss, without early stopping; the best score, with it.
    n_iter_, t_ : int
        The number of epochs of the last fit, and of samples visited by the net.
    n_features_in_, feature_names_in_ : int, array
        The number of inputs, and their names where X was a DataFrame.
    n_layers_, n_outputs_, out_activation_ : int, int, str
        Of the net.

    Raises
    ------
    DivergedError
        By `fit`, if a weight does not stay finite: scale X, or lower `learning_rate_init`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from slownet.interop.sklearn import SlowNetClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> net = SlowNetClassifier((8,), solver="sgd", learning_rate_init=0.1, tol=0.01, random_state=0)
    >>> model = make_pipeline(StandardScaler(), net).fit(X, y)
    >>> bool(model.score(X, y) > 0.9)
    True
    >>> net.net_.weight(2, (3, 2)).value == net.coefs_[1].item(3, 2)
    True
    """

    _predicts_numbers = False
    _loss = None  # that of the output activation

    def __init__(
        self,
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
        y : (n,) or (n, labels)
            The class of each sample, or 1 for each label that it has and 0 for the others.
        sample_weight : (n,), optional
            What the loss of each sample counts.

        Returns
        -------
        SlowNetClassifier
            Itself.
        """
        return self._train(X, y, sample_weight, partial=False)

    @with_callbacks
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Any:
        """Train for one epoch; what the optimizer remembers is kept for the next call.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        classes : (classes,), optional
            All classes that y will ever have: for the first call, unless y has several labels.

        Returns
        -------
        SlowNetClassifier
            Itself.
        """
        if not hasattr(self, "net_"):
            self._set_classes(y, classes)
        elif classes is not None and not np.array_equal(self.classes_, unique_labels(classes)):
            raise InvalidValueError(
                f"classes are {short(classes)}, and were {short(self.classes_.tolist())} at first"
            )
        return self._train(X, y, sample_weight, partial=True)

    def predict(self, X: Any) -> Array:
        """Return the class of each sample, or 1 and 0 for each label."""
        chosen = self._decided(self._outputs(X))
        return chosen if self._is_multilabel else self.classes_[chosen]

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, or of each label, for every sample."""
        outputs = self._outputs(X)
        if len(self.classes_) == 1:
            return np.ones((len(outputs), 1))
        if outputs.shape[1] == 1 and not self._is_multilabel:
            return np.hstack([1.0 - outputs, outputs])
        return outputs

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithm of each probability."""
        with np.errstate(divide="ignore"):
            found: Array = np.log(self.predict_proba(X))
        return found

    def _set_classes(self, y: Any, classes: Any) -> None:
        """Note all classes before the first partial fit."""
        if type_of_target(y).startswith("multilabel"):
            classes = y
        elif classes is None:
            raise InvalidValueError("classes must be passed on the first call to partial_fit.")
        self._binarizer = LabelBinarizer().fit(classes)
        self.classes_ = self._binarizer.classes_

    @property
    def _is_multilabel(self) -> bool:
        return bool(self._binarizer.y_type_.startswith("multilabel"))

    def _targets(self, y: Array, is_first: bool, partial: bool) -> Array:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if is_first and not partial:
            self._binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._binarizer.classes_
        else:
            self._check_known(y, partial)
        found: Array = np.asarray(self._binarizer.transform(y), dtype=np.int64)
        if self._is_multilabel:
            return found
        return found[:, 0] if found.shape[1] == 1 else found.argmax(axis=1)

    def _check_known(self, y: Array, partial: bool) -> None:
        found, known = unique_labels(y), self.classes_
        unknown = np.setdiff1d(found, known)
        if len(unknown) or not (partial or len(found) == len(known)):
            raise InvalidValueError(
                f"y has the classes {short(found.tolist())}, and this net has learned "
                f"{short(known.tolist())}: "
                + ("`y` has classes not in `self.classes_`" if partial else "fit without warm_start")
            )

    def _new_targets(self, y: Array) -> tuple[int, str, list[Any] | None]:
        if self._is_multilabel:
            return y.shape[1], "sigmoid", None
        labels, count = self.classes_.tolist(), len(self.classes_)
        if count <= 2:
            return 1, "sigmoid", labels if count == 2 and labels != [0, 1] else None
        return count, "softmax", None if labels == [*range(count)] else labels

    def _stratified(self, y: Array) -> Array | None:
        return None if self._is_multilabel else y

    def _decided(self, outputs: Array) -> Array:
        """Return the number of the class of each sample, or 1 and 0 for each label."""
        if self._is_multilabel:
            return (outputs > 0.5).astype(np.int64)
        if len(self.classes_) == 1:
            return np.zeros(len(outputs), np.int64)
        if outputs.shape[1] == 1:
            return (outputs[:, 0] > 0.5).astype(np.int64)
        chosen: Array = outputs.argmax(axis=1)
        return chosen

    def _scored(self, y: Array, outputs: Array, weights: Array | None) -> float:
        return float(accuracy_score(y, self._decided(outputs), sample_weight=weights))

    def _of_net(self, X: Array) -> Array:
        found: Array = self.net_.predict_proba(X, self._engine)
        is_pair = self.n_outputs_ == 1
        return found[:, 1:] if is_pair else found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
