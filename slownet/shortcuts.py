"""Methods of objects that call the package which does the work: `net.fit`, `net.save`, ...

With those of `explain_shortcuts.py`, these are the only imports from the objects of packages that are
built on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from slownet.bases import methods_of
from slownet.checks import suggesting

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from slownet.functions import AnyActivation, Loss, Optimizer, Regularizer, Schedule
    from slownet.objects import Layer, Net, Neuron, Weight
    from slownet.page import Player
    from slownet.recording import History, OptimizerState
    from slownet.samples import Preparation
    from slownet.summaries import Summary
    from slownet.training import Callback, EarlyStopping, Evaluation, RateSearch


@methods_of("slownet.objects.Net")
class NetShortcuts:
    """Methods of a net that other packages implement: copies, training, predictions and files."""

    __slots__ = ()

    def copy(self: Any) -> Net:
        """Return a net of new objects with the same graph and numbers; see `slownet.copying.copy`."""
        from slownet import copying

        return copying.copy(self)

    def __deepcopy__(self: Any, memo: dict[int, Any]) -> Net:
        from slownet import copying

        return copying.deep_copy(self, memo)

    def __reduce__(self: Any) -> tuple[Any, ...]:
        from slownet import copying

        return copying.reduced(self)

    def __getstate__(self: Any) -> dict[str, Any]:
        from slownet import copying

        return copying.attributes_of(self)

    def __setstate__(self: Any, attributes: dict[str, Any]) -> None:
        for name, value in attributes.items():
            object.__setattr__(self, name, value)

    def prune(self: Any, share: float | None = None, below: float | None = None) -> list[Weight]:
        """Remove the weights that are nearest to 0; see `slownet.reshaping.prune`."""
        from slownet import reshaping

        return reshaping.prune(self, share, below)

    def grow(self: Any, layer: Layer | int, neurons: int = 1) -> list[Neuron]:
        """Add neurons to a hidden layer, which change no output; see `slownet.reshaping.grow`."""
        from slownet import reshaping

        return reshaping.grow(self, layer, neurons)

    def insert_layer(
        self: Any, after: Layer | int, neurons: int, activation: str | AnyActivation
    ) -> Layer:
        """Add a hidden layer behind another one; see `slownet.reshaping.insert_layer`."""
        from slownet import reshaping

        return reshaping.insert_layer(self, after, neurons, activation)

    def remove_layer(self: Any, layer: Layer | int) -> Layer:
        """Remove a hidden layer and join its neighbours; see `slownet.reshaping.remove_layer`."""
        from slownet import reshaping

        return reshaping.remove_layer(self, layer)

    def summary(self: Any) -> Summary:
        """Return a table of the layers and their numbers; see `slownet.summaries.Summary`."""
        from slownet import summaries

        return summaries.summary(self)

    def predict(self: Any, X: Any, engine: str = "auto") -> Any:
        """Return the predicted class or number of every sample; see `slownet.training.predict`."""
        from slownet import training

        return training.predict(self, X, engine)

    def predict_proba(self: Any, X: Any, engine: str = "auto") -> Any:
        """Return every sample's class probabilities; see `slownet.training.predict_proba`."""
        from slownet import training

        return training.predict_proba(self, X, engine)

    def evaluate(
        self: Any,
        X: Any,
        y: Any = None,
        engine: str = "auto",
        sample_weight: Any = None,
        metrics: Sequence[str | Callable[[Any, Any], Any]] | None = None,
    ) -> Evaluation:
        """Return the mean loss, for classes the accuracy, and more; see `slownet.training.evaluate`."""
        from slownet import training

        return training.evaluate(self, X, y, engine, sample_weight, metrics)

    def find_learning_rate(
        self: Any,
        X: Any,
        y: Any = None,
        lowest: float = 1e-6,
        highest: float = 10.0,
        steps: int = 200,
        **options: Any,
    ) -> RateSearch:
        """Train a copy with growing rates; see `slownet.training.find_learning_rate`."""
        from slownet import training

        return training.find_learning_rate(self, X, y, lowest, highest, steps, **options)

    @suggesting
    def fit(
        self: Any,
        X: Any,
        y: Any = None,
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
        validation_data: tuple[Any, ...] | None = None,
        test_data: tuple[Any, Any] | None = None,
        prepare: str | Preparation | None = None,
        shuffle: bool = True,
        seed: int = 0,
        callbacks: Callback | Iterable[Callback] = (),
        progress: bool | Literal["always"] = True,
        snapshots: int | Iterable[int] | None = None,
        watch: tuple[Any, Any] | None = None,
        early_stopping: int | EarlyStopping | None = None,
        engine: str = "auto",
        threads: int | str = "auto",
        regularizers: Iterable[tuple[Regularizer, float]] = (),
        record: str | os.PathLike[str] | None = None,
        source: dict[str, Any] | None = None,
        warm_start: bool = False,
        sample_weight: Any = None,
        class_weight: dict[Any, float] | str | None = None,
        validation_split: float | None = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        alpha: float = 0.0,
    ) -> History:
        """Train on the samples X and their targets y.

        Parameters
        ----------
        X : (n, inputs) lists, tuples, NumPy array, pandas DataFrame, or a Table
            The samples. Training does not change them, and they must not change while it runs: some
            engines read them only once. Of a DataFrame and a Table the net keeps the names of the
            columns, by which it finds them later, and texts become inputs (`net.preparation`).
        y : (n,) or (n, outputs)
            The targets; `Net.backward` lists the kind that each loss takes. A Table has its own.
        epochs : int
            How many times to go through all samples.
        batch_size : int
            How many samples share one update; the last batch of an epoch may be smaller.
        learning_rate : float
            The size of a step down the gradient.
        optimizer : str or Optimizer
            "sgd", "rmsprop", "adagrad", "adam", "adamw", "nadam", or one made by
            `slownet.functions.sgd(momentum=0.9)` and so on.
        loss : str or Loss, optional
            Sets `net.loss`; where none was ever set, the loss that belongs to the output activation is
            used.
        l1, l2 : float
            Strength of the penalties |w| and w^2 / 2 on every weight (not on biases).
        dropout, dropconnect : float
            The share of hidden neurons, or of weights, that is dropped for each sample; the others are
            multiplied by 1 / (1 - share). Predictions drop nothing.
        schedule : str or Schedule, optional
            How the learning rate changes: "constant", "step", "exponential", "cosine", or one of them
            after a linear warm-up, "warm_up" (then constant), "warm_up_cosine" and so on;
            `slownet.functions.warm_up(epochs=5, then="cosine")` has a longer one.
        validation_data : (X, y), (X, y, sample_weight) or Table, optional
            Evaluated after every epoch: `history.epochs` has the validation loss and accuracy.
        test_data : (X, y) or Table, optional
            Evaluated once, with the net as training leaves it (unless it ends with an error):
            `history.test` has the test loss and accuracy, which run files and pages show.
        prepare : {"standardise", "min-max", "encode"} or Preparation, optional
            Sets `net.preparation`, which brings numbers to one scale, and outputs back; see
            `slownet.preprocessing`. It is made of X and, where they are numbers, y. From then on all
            samples and targets are given in their own units; losses stay in those of the outputs. A net
            that has a preparation keeps it.
        shuffle : bool
            Whether every epoch goes through the samples in a new order.
        seed : int
            The seed of the random order, dropout and dropconnect.
        callbacks : Callback or iterable of them
            Their methods are called during training and can read and change the net.
        progress : bool or "always"
            A progress bar: True shows it in a terminal or notebook, "always" elsewhere too.
        snapshots : int, iterable of int, or None
            Keep copies of the net: this many, spaced logarithmically, or those at these steps.
        watch : (X, y) or Table, optional
            Samples for which each snapshot keeps the z and value of every neuron.
        early_stopping : int or EarlyStopping, optional
            Stop when the loss has not improved for this many epochs, and restore the weights of the best
            epoch; snapshots still hold every step up to the last.
        engine : {"auto", "compiled", "scalar"}
            "scalar" runs the object loops, "compiled" the same loops over arrays, compiled by Numba,
            with the same bits everywhere; "auto" picks what is faster.
        threads : int or "auto"
            How many threads of the compiled engine work on a batch. "auto" takes as many as pay, which
            it measures, and not more than the cores of this process, or than the environment variable
            SLOWNET_THREADS or NUMBA_NUM_THREADS says. The bits do not depend on it.
        regularizers : iterable of (Regularizer, strength)
            Penalties in addition to l1 and l2.
        record : str or path, optional
            A new run file, to which everything is written during training: `slownet.History.open` reads
            it, `slownet.resume` continues the training.
        source : dict, optional
            A description of where X and y come from, as plain values. The run file keeps it; pages and
            training files, which are made to be given to others, have it without the folders of
            absolute paths.
        warm_start : bool
            Whether the optimizer starts from `net.optimizer_state` and stores its state there at the
            end: with momentum or Adam, several calls of `fit`, also across `net.save` and
            `slownet.load`, then are one training. Otherwise its state starts at 0.
        sample_weight : (n,), optional
            What each sample counts, from 0: the loss of a batch is sum(w * loss) / sum(w), and `grad` is
            the sum of w times a sample's gradient. A sample with the weight 0 adds nothing, but keeps
            its place in the order, and in dropout. A batch with weights that sum to 0 is a step with the
            loss 0 that changes nothing. Accuracy is of all samples alike.
        class_weight : dict or "balanced", optional
            {label: weight}, which multiplies the weight of each sample of that class; 1 for a class that
            is not in it. "balanced" gives each class n / (k * count): n samples, k classes, `count`
            samples of this one. Validation and test do not use it.
        validation_split : float, optional
            The share of the samples to validate with instead of training on them: chosen at random by
            the seed, of every class the same share. `resume`, `rewind` and `branch` choose the same
            samples from the same X and y.
        clip_norm : float, optional
            The largest norm of the gradient: if the root of the sum of the squares of all mean gradients
            is larger, all are multiplied by clip_norm / (norm + 1e-6), as
            `torch.nn.utils.clip_grad_norm_` does it. Frozen weights and biases are left out, and
            penalties (`l1`, `l2`, `regularizers`) are added afterwards. For each neuron the squares are
            added up in the order of its sum z, the bias first; then the sums of all neurons.
        clip_value : float, optional
            The largest mean gradient: each is brought to the nearest number from -clip_value to
            clip_value, before penalties are added.
        alpha : float
            As l2, but one more term of the sum over a batch's samples: its loss, also in the history,
            is (sum of losses + alpha / 2 * sum of w^2) / n, or divided by the sum of the samples'
            weights instead of n. scikit-learn's MLPClassifier has it.

        Returns
        -------
        History
            The loss of every step, a record of every epoch, and the snapshots.

        Raises
        ------
        TypeError, ValueError
            If an argument cannot be used, or the net is being trained already, in a callback or in
            another thread; nothing has been trained then.
        DivergedError
            If the loss or a weight stops being finite; the net holds its last finite state.
        EngineError
            If `engine` is "compiled" and the compiled engine does not work on this machine, or not for
            one of your formulas.
        FileError
            If the run file cannot be made; nothing has been trained then.
        RecordingError
            If the run file exists already, can no longer be written (its contents are safe), or has been
            removed, replaced or damaged. The net holds its last state, and `error.history` every step.

        Warns
        -----
        TrainingWarning
            If no path of weights leads from the inputs to the outputs, or the inputs have very
            different sizes, or a number overflows in the test.
        DerivativeWarning
            If a derivative of your own is not the slope of its function.
        UserWarning
            If "auto" would take the compiled engine, but it does not work here; or if early stopping
            cannot restore the best epoch, because the graph has changed since.
        """
        options = {**locals()}
        del options["self"], options["X"], options["y"]
        from slownet import training

        return training.fit(self, X, y, training.Options(**options))

    def play(self: Any, X: Any, y: Any = None, **options: Any) -> Player:
        """Train a copy of this net and return the page of it; see `slownet.page.play_net`."""
        from slownet import page

        return page.play_net(self, X, y, **options)

    def save(
        self: Any, path: str | os.PathLike[str], optimizer_state: OptimizerState | None = None
    ) -> Path:
        """Write the net to a JSON file that `slownet.load` reads; see `slownet.recording.save`."""
        from slownet import recording

        return recording.save(self, path, optimizer_state)
