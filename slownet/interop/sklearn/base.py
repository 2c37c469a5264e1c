"""What both estimators do: check the data, train a net, and give what it has learned."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from slownet.checks import check_bool, check_integer, check_number
from slownet.engines import OutputArrays
from slownet.errors import InvalidValueError, warn
from slownet.interop.arrays import NetArrays
from slownet.interop.sklearn import settings
from slownet.interop.sklearn.callbacks import CallbackSupportMixin, FitTasks
from slownet.interop.sklearn.watching import Watcher
from slownet.objects import NetFactory
from slownet.training import Options, fit

if TYPE_CHECKING:
    import numpy.typing as npt

    from slownet.objects import Net
    from slownet.training import Training

    Array = npt.NDArray[Any]


def take_parameters(estimator: Any, local_names: dict[str, Any]) -> None:
    """Set the attributes of an estimator to the arguments of its `__init__`, as they are."""
    arguments = {name: local_names[name] for name in estimator._get_param_names()}
    vars(estimator).update(arguments)


class SlowNetEstimator(BaseEstimator, CallbackSupportMixin):
    """An estimator that trains a net; `SlowNetClassifier` describes parameters and attributes."""

    _predicts_numbers: bool

    # what a kind of estimator adds

    def _targets(self, y: Array, is_first: bool, partial: bool) -> Array:
        """Check the targets, note what they are, and return them for the net."""
        raise NotImplementedError

    def _new_targets(self, y: Array) -> tuple[int, str, list[Any] | None]:
        """Return how many outputs the net has, their activation, and the labels of its classes."""
        raise NotImplementedError

    def _stratified(self, y: Array) -> Array | None:
        return None

    def _scored(self, y: Array, outputs: Array, weights: Array | None) -> float:
        """Return the score of outputs for validation targets, as `score` does."""
        raise NotImplementedError

    # what has been learned

    @property
    def coefs_(self) -> list[Array]:
        """The weights between each two neighbouring layers of `net_`, [source, target]; 0 where none."""
        return NetArrays.of(self.net_).coefs_

    @property
    def intercepts_(self) -> list[Array]:
        """The biases of each layer of `net_` after the inputs."""
        return NetArrays.of(self.net_).intercepts_

    @property
    def n_layers_(self) -> int:
        """The number of layers, inputs and outputs included."""
        return len(self.net_)

    @property
    def n_outputs_(self) -> int:
        """The number of output neurons."""
        return len(self.net_.outputs)

    @property
    def out_activation_(self) -> str:
        """The activation of the outputs, by its name in scikit-learn."""
        name = self.net_.outputs.function.name
        return settings.OUTPUTS.get(name, name)

    # training

    def _train(self, X: Any, y: Any, sample_weight: Any, partial: bool) -> Any:
        """Train a new net or, for `partial_fit` and a warm start, the one there is."""
        goes_on = partial or check_bool("warm_start", self.warm_start)
        is_first = not (goes_on and hasattr(self, "net_"))
        X, y = self._checked(X, y, reset=is_first)
        if partial and self.early_stopping:
            raise InvalidValueError("partial_fit does not support early_stopping=True")
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
        given, y = y, self._targets(y, is_first, partial)
        random = check_random_state(self.random_state)
        net = self._new_net(X, y, random) if is_first else self._known_net(y)
        if is_first:
            self.loss_curve_: list[float] = []
            self.t_ = self._epochs = 0
        if not partial:
            net.optimizer_state = None
        seed = (int(random.randint(2**31 - 1)) + self._epochs * partial) % 2**31
        data, held_out, rows = self._parts(X, y, sample_weight, random)
        epochs = 1 if partial else check_integer("max_iter", self.max_iter, minimum=1)
        tasks = FitTasks(self, epochs, X, given, sample_weight)
        watcher = self._watcher(held_out, tasks, partial)
        options = self._fit_options(net, data, held_out, watcher, epochs, seed, partial)
        history = fit(net, data[0], _labels(net, data[1]), options)
        if rows is not None and net._last is not None:
            net._last.rows = [int(rows[row]) for row in net._last.rows or ()]
        self.net_, self.history_ = net, history
        self._note(watcher, len(data[0]))
        tasks.close(net)
        if history.ended == "interrupted":
            warn("Training interrupted by user.")
        elif history.ended == "finished" and not (partial or watcher.has_converged):
            warn(
                f"training went through all of max_iter={epochs} epochs and had not converged yet",
                ConvergenceWarning,
            )
        return self

    def _fit_options(
        self,
        net: Net,
        data: list[Any],
        held_out: list[Any] | None,
        watcher: Watcher,
        epochs: int,
        seed: int,
        partial: bool,
    ) -> Options:
        """Return the arguments of `Net.fit`."""
        further = settings.further_options(self.options)
        callbacks = further.pop("callbacks", ())
        others = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
        return Options(
            epochs=epochs,
            batch_size=settings.batch_size(self.batch_size, len(data[0])),
            learning_rate=self.learning_rate_init,
            optimizer=settings.optimizer(self),
            loss=self._loss,
            schedule=settings.schedule(self),
            alpha=self.alpha,
            shuffle=self.shuffle,
            seed=seed,
            sample_weight=data[2],
            validation_data=_with_labels(net, held_out),
            warm_start=partial,
            callbacks=(watcher, *others),
            **{"progress": "always" if self.verbose else False, **further},
        )

    def _watcher(self, held_out: list[Any] | None, tasks: FitTasks, partial: bool) -> Watcher:
        data = held_out or []

        def score(training: Training) -> float:
            return self._scored(data[1], _validation_outputs(training), data[2])

        is_sgd, rate = self.solver == "sgd", self.learning_rate
        shrinks = is_sgd and rate == "invscaling"
        return Watcher(
            rate=self.learning_rate_init,
            tol=check_number("tol", self.tol),
            patience=settings.patience(self.n_iter_no_change),
            power_t=check_number("power_t", self.power_t) if shrinks else None,
            adapts=is_sgd and rate == "adaptive",
            samples_before=self.t_,
            continues=partial,
            score=score if held_out else None,
            begin=tasks.begin if tasks.are_seen else None,
            end=tasks.end if tasks.are_seen else None,
        )

    def _note(self, watcher: Watcher, samples: int) -> None:
        """Set what scikit-learn's nets have after training."""
        self.n_iter_ = len(watcher.losses)
        self._epochs += self.n_iter_
        self.t_ += self.n_iter_ * samples
        self.loss_curve_ = [*self.loss_curve_, *watcher.losses]
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else inf
        is_scored = watcher.score is not None
        self.best_loss_ = None if is_scored else watcher.best_loss
        self.validation_scores_ = watcher.scores if is_scored else None
        self.best_validation_score_ = watcher.best_score if is_scored else None

    # nets and data

    def _new_net(self, X: Array, y: Array, random: Any) -> Net:
        hidden = settings.layer_sizes(self.hidden_layer_sizes)
        outputs, activation, classes = self._new_targets(y)
        net = NetFactory(
            [X.shape[1], *hidden, outputs],
            settings.hidden_activation(self.activation),
            activation,
            seed=int(random.randint(2**31 - 1)),
        ).new()
        net.classes = classes
        return net

    def _known_net(self, y: Array) -> Net:
        """Return the net that goes on learning."""
        outputs = self._new_targets(y)[0]
        if outputs != self.n_outputs_:
            raise InvalidValueError(f"y has {outputs} outputs, and the net has {self.n_outputs_}")
        return self.net_

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[Array, Array]:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            multi_output=True,
            y_numeric=self._predicts_numbers,
            dtype=np.float64,
            reset=reset,
        )
        return _dense(X), y

    def _parts(
        self, X: Array, y: Array, weights: Array | None, random: Any
    ) -> tuple[Any, Any, Array | None]:
        """Return what to train on and, for early stopping, what to validate with and which rows."""
        if not check_bool("early_stopping", self.early_stopping):
            return [X, y, weights], None, None
        share = check_number("validation_fraction", self.validation_fraction, below=1.0, above=0.0)
        arrays = [np.arange(len(X)), X, y, *([] if weights is None else [weights])]
        found = train_test_split(
            *arrays, random_state=random, test_size=share, stratify=self._stratified(y)
        )
        (rows, *training), (_, *held_out) = found[::2], found[1::2]
        if len(held_out[0]) < 2:
            raise InvalidValueError(
                "early_stopping has fewer than two samples to validate with: raise validation_fraction, "
                "or give more samples"
            )
        return [*training, None][:3], [*held_out, None][:3], rows

    def _outputs(self, X: Any) -> Array:
        """Return the outputs of the net for each sample."""
        check_is_fitted(self)
        X = _dense(validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False))
        return self._of_net(X)

    def _of_net(self, X: Array) -> Array:
        raise NotImplementedError

    @property
    def _engine(self) -> str:
        return str((self.options or {}).get("engine", "auto"))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "net_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _validation_outputs(training: Training) -> Array:
    """Return the outputs for the samples of the validation, with the weights as they are."""
    held_out: Any = training.validation
    found = training.engine.outputs(held_out.samples)
    if isinstance(found, OutputArrays):
        return found.values
    return np.array([values for _, values in found])


def _labels(net: Net, y: Array) -> Any:
    """Return targets as the net's labels, where it has some."""
    return y if net.classes is None else [net.classes[place] for place in y.tolist()]


def _with_labels(net: Net, data: list[Any] | None) -> tuple[Any, ...] | None:
    return None if data is None else (data[0], _labels(net, data[1]), data[2])


def _dense(X: Any) -> Array:
    found: Array = X.toarray() if issparse(X) else X
    return found
