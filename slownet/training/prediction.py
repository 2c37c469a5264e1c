"""Predictions and probabilities of a net, and their evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from slownet import engines
from slownet.engines import check_engine
from slownet.errors import InvalidValueError
from slownet.samples import Encoder, Samples, decided
from slownet.training.in_training import check_not_elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import numpy.typing as npt

    from slownet.engines import Outputs
    from slownet.objects import Net


class Evaluation(NamedTuple):
    """How right a net is about samples.

    Attributes
    ----------
    loss : float
        The mean loss.
    accuracy : float or None
        The share of correct predictions; None for regression.
    samples : int
        How many samples they are.
    error : float or None
        For regression, how far an output value is from its target on average: the mean absolute error.
    """

    loss: float
    accuracy: float | None
    samples: int
    error: float | None = None

    def __repr__(self) -> str:
        known = ((name, value) for name, value in self._asdict().items() if value is not None)
        return f"Evaluation({', '.join(f'{name}={value!r}' for name, value in known)})"


def predict(net: Net, X: Any, engine: str = "auto") -> npt.NDArray[Any]:
    """Predict the class or the numbers of every sample.

    Parameters
    ----------
    net : Net
        The net that predicts.
    X : (n, inputs) lists, tuples, NumPy array or pandas DataFrame
        The samples.
    engine : str
        "auto", "compiled" or "scalar", as for `Net.fit`.

    Returns
    -------
    numpy array
        (n,) class labels: for softmax the class of the largest value, for one sigmoid class 1 where
        the value is above 0.5, for hinge +1 above 0. (n, outputs) of 0 and 1 for several sigmoids. For
        regression the output values, (n,) or (n, outputs).
    """
    import numpy as np

    outputs = _values(net, X, engine)
    encoder = net.encoder()
    kind = encoder.loss.target_kind
    if kind == "number":
        numbers = np.array(outputs, dtype=np.float64)
        return numbers[:, 0] if encoder.outputs == 1 else numbers
    chosen: npt.NDArray[Any] = np.array([decided(kind, values) for values in outputs])
    if kind == "class" or encoder.outputs == 1:
        chosen = chosen[:, 0]
        if net.classes is not None:
            return np.array([net.classes[index] for index in chosen])
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
    """
    import numpy as np

    kind = net.encoder().loss.target_kind
    if kind not in ("class", "binary"):
        raise InvalidValueError(
            f"with the loss {net.loss.name!r} the outputs are no probabilities: use predict or forward"
        )
    outputs = np.array(_values(net, X, engine), dtype=np.float64)
    if kind == "binary" and outputs.shape[1] == 1:
        return np.hstack([1.0 - outputs, outputs])
    return outputs


def evaluate(net: Net, X: Any, y: Any, engine: str = "auto") -> Evaluation:
    """Return the mean loss over samples and, for classes, the share of correct predictions.

    Parameters
    ----------
    net : Net
        The net that predicts.
    X : (n, inputs) lists, tuples, NumPy array or pandas DataFrame
        The samples.
    y : (n,) or (n, outputs)
        Their targets.
    engine : str
        "auto", "compiled" or "scalar", as for `Net.fit`.
    """
    check_engine(engine)
    check_not_elsewhere(net)
    samples = Samples(X, len(net.wiring.inputs.neurons))
    encoder = net.encoder()
    targets = encoder.encode_all(y, len(samples))
    return judge(net, engines.outputs(engine, net, samples), targets, encoder)


def judge(
    net: Net, outputs: Iterable[Outputs], targets: list[list[float]], encoder: Encoder
) -> Evaluation:
    """Return how right a net's outputs are about targets."""
    activation = net.wiring.output.activation
    loss_sum, correct, off = 0.0, 0, 0.0
    for (zs, values), target in zip(outputs, targets, strict=True):
        loss_sum += encoder.loss.of_sample(activation, zs, values, target)
        if encoder.has_classes:
            correct += encoder.is_right(values, target)
        else:
            off += sum(abs(value - wanted) for value, wanted in zip(values, target, strict=True))
    count = len(targets)
    if encoder.has_classes:
        return Evaluation(loss_sum / count, correct / count, count)
    return Evaluation(loss_sum / count, None, count, off / (count * encoder.outputs))


def _values(net: Net, X: Any, engine: str) -> list[list[float]]:
    check_engine(engine)
    check_not_elsewhere(net)
    samples = Samples(X, len(net.wiring.inputs.neurons))
    return [values for _, values in engines.outputs(engine, net, samples)]
