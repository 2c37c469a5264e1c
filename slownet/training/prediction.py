"""Predictions and probabilities of a net, and their evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from slownet import engines
from slownet.datasets.tables import Table
from slownet.engines import OutputArrays, check_engine
from slownet.errors import InvalidValueError
from slownet.samples import Encoder, Samples, as_list, check_not_all_zero, decided, read_weights
from slownet.training.data import read_samples
from slownet.training.in_training import check_not_elsewhere
from slownet.training.metrics import Judged, find_metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    import numpy.typing as npt

    from slownet.engines import Outputs
    from slownet.objects import Net


class Evaluation(NamedTuple):
    """How right a net is about samples.

    Attributes
    ----------
    loss : float
        The mean loss of the outputs, which `net.preparation` does not bring back to the target's unit.
    accuracy : float or None
        The share of correct predictions; None for regression.
    samples : int
        How many samples they are.
    error : float or None
        For regression, how far a prediction is from its target on average, in the target's unit: the
        mean absolute error.
    metrics : dict or None
        What was asked for as `metrics`, by name.
    loss_text : str
        What the loss is, in words: "half the squared error, the sum over the outputs".

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> found = net.evaluate([[0.5, -1.0], [1.0, 1.0]], [1, 0])
    >>> found.accuracy, found.samples
    (0.5, 2)
    """

    loss: float
    accuracy: float | None
    samples: int
    error: float | None = None
    metrics: dict[str, Any] | None = None
    loss_text: str = ""

    def __repr__(self) -> str:
        said = self.figures | (self.metrics or {})
        texts = [f"{name}={value!r}" for name, value in said.items() if value is not None]
        if self.loss_text:
            texts[0] += f" ({self.loss_text})"
        return f"Evaluation({', '.join(texts)})"

    @property
    def figures(self) -> dict[str, Any]:
        """Loss, accuracy, samples and error."""
        names = ("loss", "accuracy", "samples", "error")
        return {name: getattr(self, name) for name in names}


def predict(net: Net, X: Any, engine: str = "auto") -> npt.NDArray[Any]:
    """Predict the class or the numbers of every sample.

    Parameters
    ----------
    net : Net
        The net that predicts.
    X : (n, inputs) lists, tuples, NumPy array, pandas DataFrame or Table
        The samples; with `net.preparation`, in the units of its table.
    engine : str
        "auto", "compiled" or "scalar", as for `Net.fit`.

    Returns
    -------
    numpy array
        (n,) class labels: for softmax the class of the largest value, for one sigmoid class 1 where
        the value is above 0.5, for hinge +1 above 0. (n, outputs) of 0 and 1 for several sigmoids. For
        regression the output values, (n,) or (n, outputs), in the unit of the target.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> net.predict([[0.5, -1.0], [1.0, 1.0]]).tolist()
    [1, 1]
    """
    return _decisions(net, _outputs(net, X, engine))


def _decisions(net: Net, found: OutputArrays | Iterable[Outputs]) -> npt.NDArray[Any]:
    """Return the classes or numbers that outputs mean."""
    encoder = net.encoder()
    kind = encoder.loss.target_kind
    if kind == "number":
        numbers = _in_units(_values(found), net.encoder(preparation=net.preparation))
        return numbers[:, 0] if encoder.outputs == 1 else numbers
    chosen = _decided(kind, found)
    if kind == "class" or encoder.outputs == 1:
        chosen = chosen[:, 0]
        if net.classes is not None:
            return labels_of(net.classes)[chosen]
    return 2 * chosen - 1 if kind == "sign" else chosen


def predict_proba(net: Net, X: Any, engine: str = "auto") -> npt.NDArray[np.float64]:
    """Predict the probability of every class for every sample.

    Returns
    -------
    numpy array of float64
        (n, classes) for softmax; (n, 2) for one sigmoid, the second column being its value;
        (n, outputs) for several sigmoids.

    Raises
    ------
    ValueError
        If the outputs of this net are no probabilities.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> net.predict_proba([[0.5, -1.0]]).round(3).tolist()
    [[0.464, 0.536]]
    """
    kind = _kind_of_probabilities(net)
    return _probabilities(kind, _outputs(net, X, engine))


def _kind_of_probabilities(net: Net) -> str:
    kind = net.encoder().loss.target_kind
    if kind not in ("class", "binary"):
        raise InvalidValueError(
            f"with the loss {net.loss.name!r} the outputs are no probabilities: use predict or forward"
        )
    return kind


def _probabilities(kind: str, found: OutputArrays | Iterable[Outputs]) -> npt.NDArray[np.float64]:
    import numpy as np

    outputs = _values(found)
    if kind == "binary" and outputs.shape[1] == 1:
        return np.hstack([1.0 - outputs, outputs])
    return outputs


def evaluate(
    net: Net,
    X: Any,
    y: Any = None,
    engine: str = "auto",
    sample_weight: Any = None,
    metrics: Sequence[str | Callable[[Any, Any], Any]] | None = None,
) -> Evaluation:
    """Return the mean loss over samples and, for classes, the share of correct predictions.

    Parameters
    ----------
    net : Net
        The net that predicts.
    X : (n, inputs) lists, tuples, NumPy array, pandas DataFrame or Table
        The samples; with `net.preparation`, in the units of its table.
    y : (n,) or (n, outputs)
        Their targets.
    engine : str
        "auto", "compiled" or "scalar", as for `Net.fit`.
    sample_weight : (n,), optional
        What the loss of each sample counts: the mean is sum(w * loss) / sum(w). Accuracy and error are
        of all samples alike.
    metrics : list of str or callable, optional
        More figures, of all samples alike. For numbers "r2", "mae" and "rmse", in the units of the
        targets, of several outputs a list; for classes "accuracy_per_class", and "top_3", "top_5", ...:
        how often the true class is among the 3 most probable ones. A function is called with the targets
        and the predictions, as those of `sklearn.metrics` are.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used; the message says what can.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([1, 1], output_activation="linear", seed=0).new()
    >>> net.weight(1, (0, 0)).value = 2.0
    >>> net.evaluate([[1.0], [2.0], [3.0]], [2.0, 4.0, 7.0], metrics=["r2", "mae"])  # doctest: +ELLIPSIS
    Evaluation(loss=0.166... (half the squared error, ...), samples=3, error=0.333..., r2=0.921..., ...)
    """
    y = X.y if y is None and isinstance(X, Table) else y
    samples = _samples(net, X, engine)
    encoder = net.encoder(preparation=net.preparation)
    targets = encoder.encode_all(y, len(samples))
    weights = None if sample_weight is None else read_weights(sample_weight, len(samples))
    check_not_all_zero(weights, "to evaluate")
    predicts = "answers" if encoder.has_classes else "numbers"
    chosen = find_metrics(() if metrics is None else metrics, "classes" if encoder.labels else predicts)
    outputs = engines.outputs(engine, net, samples)
    if metrics is not None and not isinstance(outputs, OutputArrays):
        outputs = list(outputs)  # they are looked at twice
    found = judge(net, outputs, targets, encoder, weights)._replace(loss_text=encoder.loss.text)
    if metrics is None:
        return found
    judged = Judged(
        _own_targets(y, encoder),
        _decisions(net, outputs).tolist(),
        encoder.labels,
        lambda: _probabilities(_kind_of_probabilities(net), outputs),
    )
    return found._replace(metrics={name: metric(judged) for name, metric in chosen.items()})


def _own_targets(y: Any, encoder: Encoder) -> list[Any]:
    """Return targets that have been checked, in their own units: labels, floats or lists of floats."""
    listed = as_list(y, "y")
    if encoder.has_classes:
        return listed
    return [list(map(float, y)) if isinstance(y, (list, tuple)) else float(y) for y in listed]


def judge(
    net: Net,
    outputs: Iterable[Outputs],
    targets: list[list[float]],
    encoder: Encoder,
    weights: list[float] | None = None,
) -> Evaluation:
    """Return how right a net's outputs are about targets; weights are those of the losses."""
    count, mark_sum = len(targets), 0.0
    losses, marks = _judged(net, outputs, targets, encoder)
    for mark in marks:
        mark_sum += mark
    loss = _mean(losses, weights)
    if encoder.has_classes:
        return Evaluation(loss, mark_sum / count, count)
    return Evaluation(loss, None, count, mark_sum / (count * encoder.outputs))


def _mean(losses: list[float], weights: list[float] | None) -> float:
    """Return sum(w * loss) / sum(w); a loss with the weight 0 is left out, however large it is."""
    total, divisor = 0.0, 0.0
    for loss, weight in zip(losses, [1.0] * len(losses) if weights is None else weights, strict=True):
        if weight:
            total += weight * loss
            divisor += weight
    return total / divisor


def _judged(
    net: Net, outputs: Iterable[Outputs], targets: list[list[float]], encoder: Encoder
) -> tuple[list[float], list[float]]:
    """Return each sample's loss, and 1 or 0 for right or wrong; for regression how far it is off."""
    loss, activation = encoder.loss, net.wiring.output.activation
    scales = [scale for _, scale in encoder.scales] or [1.0] * encoder.outputs
    if isinstance(outputs, OutputArrays):
        found = outputs.judged(loss, activation, targets, scales)
        if found is not None:
            return found
    losses: list[float] = []
    marks: list[float] = []
    for (zs, values), target in zip(outputs, targets, strict=True):
        losses.append(loss.of_sample(activation, zs, values, target))
        if encoder.has_classes:
            marks.append(encoder.is_right(values, target))
            continue
        off = 0.0
        for value, wanted, scale in zip(values, target, scales, strict=True):
            off += abs(value - wanted) * scale
        marks.append(off)
    return losses, marks


def _outputs(net: Net, X: Any, engine: str) -> OutputArrays | Iterable[Outputs]:
    return engines.outputs(engine, net, _samples(net, X, engine))


def _samples(net: Net, X: Any, engine: str) -> Samples:
    """Return samples for an engine, which checks whether they are finite."""
    check_engine(engine)
    check_not_elsewhere(net)
    return read_samples(net, X, net.preparation)


def _values(outputs: OutputArrays | Iterable[Outputs]) -> npt.NDArray[np.float64]:
    """Return the output values as [sample, output]."""
    import numpy as np

    if isinstance(outputs, OutputArrays):
        return outputs.values
    return np.array([values for _, values in outputs], dtype=np.float64)


def _in_units(values: npt.NDArray[np.float64], encoder: Encoder) -> npt.NDArray[np.float64]:
    """Return output values in the units of the targets."""
    import numpy as np

    if not encoder.scales:
        return values
    centre, scale = np.array(encoder.scales).T
    with np.errstate(over="ignore"):
        found: npt.NDArray[np.float64] = values * scale + centre
    return found


def _decided(kind: str, outputs: OutputArrays | Iterable[Outputs]) -> npt.NDArray[np.int64]:
    """Return what `decided` returns, of every sample."""
    import numpy as np

    if not isinstance(outputs, OutputArrays):
        return np.array([decided(kind, values) for _, values in outputs], dtype=np.int64)
    if kind == "class":
        chosen: npt.NDArray[np.int64] = outputs.values.argmax(axis=1, keepdims=True)
    else:
        chosen = (outputs.values > (0.0 if kind == "sign" else 0.5)).astype(np.int64)
    return chosen


def labels_of(classes: list[Any]) -> npt.NDArray[Any]:
    """Return class labels in an array: one of objects, unless all are texts or all are numbers."""
    import numpy as np

    if any(all(isinstance(label, kind) for label in classes) for kind in (str, (int, float))):
        found = np.array(classes)
        if found.tolist() == classes:  # NumPy may drop NUL after a text, and digits of an integer
            return found
    labels = np.empty(len(classes), dtype=object)
    for place, label in enumerate(classes):
        labels[place] = label
    return labels
