"""Methods of objects that hand over to the package which does the work: `net.fit`, `weight.explain`, ...

Nothing else of the objects reaches up: `slownet.objects` itself needs only what stands below it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from slownet.members import methods_of

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from slownet.explain import Derivation
    from slownet.functions import Loss, Optimizer, Regularizer, Schedule
    from slownet.recording import History, OptimizerState
    from slownet.training import Callback, EarlyStopping, Evaluation


@methods_of("slownet.objects.Weight")
class WeightShortcuts:
    """What a weight can be asked for beyond its own numbers."""

    __slots__ = ()

    def explain(self: Any) -> Derivation:
        """Derive its gradient for the last sample; see `slownet.explain.explain_weight`."""
        from slownet import explain

        return explain.explain_weight(self)


@methods_of("slownet.objects.Neuron")
class NeuronShortcuts:
    """What a neuron can be asked for beyond its own numbers."""

    __slots__ = ()

    def explain(self: Any, target: object = None) -> Derivation:
        """Derive z, value and delta, term by term; see `slownet.explain.explain_neuron`."""
        from slownet import explain

        return explain.explain_neuron(self, target)


@methods_of("slownet.objects.Net")
class NetShortcuts:
    """Training, predictions and files of a net."""

    __slots__ = ()

    def predict(self: Any, X: Any, engine: str = "auto") -> Any:
        """Return the predicted class or number of every sample; see `slownet.training.predict`."""
        from slownet import training

        return training.predict(self, X, engine)

    def predict_proba(self: Any, X: Any, engine: str = "auto") -> Any:
        """Return every sample's class probabilities; see `slownet.training.predict_proba`."""
        from slownet import training

        return training.predict_proba(self, X, engine)

    def evaluate(self: Any, X: Any, y: Any, engine: str = "auto") -> Evaluation:
        """Return the mean loss and, for classes, the accuracy; see `slownet.training.evaluate`."""
        from slownet import training

        return training.evaluate(self, X, y, engine)

    def fit(
        self: Any,
        X: Any,
        y: Any,
        epochs: int = 1,
        batch_size: int = 32,
        learning_rate: float = 0.1,
        optimizer: str | Optimizer = "sgd",
        loss: str | Loss | None = None,
        l1: float = 0.0,
        l2: float = 0.0,
        dropout: float = 0.0,
        dropconnect: float = 0.0,
        schedule: str | Schedule | None = None,
        validation_data: tuple[Any, Any] | None = None,
        shuffle: bool = True,
        seed: int = 0,
        callbacks: Callback | Iterable[Callback] = (),
        progress: bool | Literal["always"] = True,
        snapshots: int | Iterable[int] | None = None,
        watch: tuple[Any, Any] | None = None,
        early_stopping: int | EarlyStopping | None = None,
        engine: str = "auto",
        threads: int = 1,
        regularizers: Iterable[tuple[Regularizer, float]] = (),
        record: str | os.PathLike[str] | None = None,
        source: dict[str, Any] | None = None,
        warm_start: bool = False,
    ) -> History:
        """Train on the samples X and their targets y.

        Parameters
        ----------
        X : (n, inputs) lists, tuples, NumPy array or pandas DataFrame
            The samples, never changed by training. They must not change meanwhile: some engines read
            them only once.
        y : (n,) or (n, outputs)
            The targets; `Net.backward` says which kind each loss takes.
        epochs : int
            How many times to go through all samples.
        batch_size : int
            How many samples share one update; the last batch of an epoch takes what is left.
        learning_rate : float
            The size of a step down the gradient.
        optimizer : str or Optimizer
            "sgd", "rmsprop", "adam", or one made by `slownet.functions.sgd(momentum=0.9)` and so on.
        loss : str or Loss, optional
            Set as `net.loss`, and kept; where none was ever set, the one that belongs to the output
            activation.
        l1, l2 : float
            Strength of the penalties |w| and w^2 / 2 on every weight (not on biases).
        dropout, dropconnect : float
            The share of hidden neurons, of weights, that is left out for each sample; what is kept
            counts 1 / (1 - share), and predictions use everything.
        schedule : str or Schedule, optional
            How the learning rate changes: "constant", "step", "exponential", "cosine".
        validation_data : (X, y), optional
            Evaluated after every epoch.
        shuffle : bool
            Whether every epoch goes through the samples in a new order.
        seed : int
            Decides order, dropout and dropconnect.
        callbacks : Callback or iterable of them
            Their methods are called while training goes on; they see the live net.
        progress : bool or "always"
            A progress bar: True shows it in a terminal or notebook, "always" elsewhere too.
        snapshots : int, iterable of int, or None
            Keep copies of the net: this many, spaced logarithmically, or those at these steps.
        watch : (X, y), optional
            Samples whose every z and value each snapshot keeps.
        early_stopping : int or EarlyStopping, optional
            Stop when the loss has not improved for this many epochs, and put the net back to the best;
            snapshots show the training as it went, up to its last step.
        engine : {"auto", "compiled", "scalar"}
            "scalar" runs the object loops, "compiled" the same loops over arrays, compiled by Numba,
            with the same bits everywhere; "auto" picks what is faster.
        threads : int
            How many threads the compiled engine shares a batch among; two pay from a batch of 32 on. The
            bits do not depend on it.
        regularizers : iterable of (Regularizer, strength)
            More penalties beside l1 and l2.
        record : str or path, optional
            A new file that everything is written into while training goes on, so that nothing is lost:
            `slownet.History.open` reads it, `slownet.resume` goes on from it.
        source : dict, optional
            What X and y were made from, as plain values: kept in the run file for whoever has to make
            them again.

        warm_start : bool
            Whether to go on with what the optimizer remembers in `net.optimizer_state`, and leave it
            there at the end: momentum and Adam then take several calls, or one before `net.save` and one
            after `slownet.load`, for one training. Otherwise they begin anew.

        Returns
        -------
        History
            The loss of every step, a record of every epoch, and the snapshots.

        Raises
        ------
        TypeError, ValueError
            If an argument cannot be used; nothing has been trained then.
        DivergedError
            If the loss or a weight stops being finite; the net holds its last finite state.
        EngineError
            If "compiled" is asked for and cannot be had here, or not for a formula of your own.
        FileError
            If the run file cannot be made; nothing has been trained then.
        RecordingError
            If the run file exists already, or can no longer be written: what is in it is safe, and the
            net holds its last state.
        """
        options = {**locals()}
        del options["self"], options["X"], options["y"]
        from slownet import training

        return training.fit(self, X, y, training.Options(**options))

    def save(
        self: Any, path: str | os.PathLike[str], optimizer_state: OptimizerState | None = None
    ) -> Path:
        """Write the net to a JSON file that `slownet.load` reads; see `slownet.recording.save`."""
        from slownet import recording

        return recording.save(self, path, optimizer_state)
