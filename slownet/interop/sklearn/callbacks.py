"""Callbacks of scikit-learn, where its version has them (1.9): they see each epoch of a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    from sklearn import callback as callbacks
except ImportError:
    callbacks = None

CallbackSupportMixin: Any = getattr(callbacks, "CallbackSupportMixin", object)
with_callbacks: Any = getattr(callbacks, "with_callbacks", lambda method: method)

if TYPE_CHECKING:
    from slownet.training import Training

__all__ = ["CallbackSupportMixin", "FitTasks", "with_callbacks"]


class FitTasks:
    """The tasks that the callbacks of an estimator see: its fit, and in it each epoch.

    Parameters
    ----------
    estimator : estimator
        The estimator that is fitted.
    max_iter : int
        How many epochs there are at most.
    X, y, sample_weight
        The training data.
    """

    def __init__(self, estimator: Any, max_iter: int, X: Any, y: Any, sample_weight: Any) -> None:
        self._estimator, self._epoch = estimator, None
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self._data: dict[str, Any] = {"X": X, "y": y, "metadata": metadata}
        self._fit: Any = None
        self.are_seen = hasattr(estimator, "_skl_callbacks")
        if hasattr(estimator, "_init_callback_context"):
            self._fit = estimator._init_callback_context(max_subtasks=max_iter)
            self._fit.call_on_fit_task_begin(estimator=estimator, **self._data)

    def begin(self, training: Training) -> None:
        """Begin an epoch."""
        self._epoch = self._fit.subcontext(task_name="epoch")
        self._call("call_on_fit_task_begin", training)

    def end(self, training: Training) -> bool:
        """End an epoch; return whether a callback wants training to stop."""
        return bool(self._call("call_on_fit_task_end", training))

    def _call(self, hook: str, training: Training) -> Any:
        """Call a hook; a callback that asks for the fitted estimator gets one with a net of its own."""

        def fitted() -> dict[str, Any]:
            return {"net_": training.state().restore()}

        call = getattr(self._epoch, hook)
        return call(estimator=self._estimator, **self._data, reconstruction_attributes=fitted)

    def close(self, net: Any) -> None:
        """End the fit."""
        if self._fit is not None:
            self._fit.call_on_fit_task_end(
                estimator=self._estimator, **self._data, reconstruction_attributes={"net_": net}
            )
