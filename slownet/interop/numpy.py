"""Nets as arrays of NumPy, and nets of such arrays, as scikit-learn's MLPClassifier has them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zipfile import BadZipFile

import numpy as np

from slownet.checks import as_float, short
from slownet.errors import FormatError, InvalidTypeError, InvalidValueError
from slownet.functions import ACTIVATIONS, AnyActivation, get_activation
from slownet.interop.arrays import Array, NetArrays, check_exportable, sequential
from slownet.layers import check_layers, dense_layers
from slownet.objects import Net

DESCRIPTION = "net"  # the name of the array, in a file, that holds the description as text


def to_numpy(net: Net) -> NetArrays:
    """Return the numbers of a net as arrays.

    Parameters
    ----------
    net : Net
        The net, with any connections.

    Returns
    -------
    NetArrays
        Its weights as matrices, `weights[0, 1]` of shape (targets, sources), its `biases[1]`, and what
        is frozen; `coefs_` and `intercepts_` are the same numbers as scikit-learn's nets have them.

    Raises
    ------
    TypeError, ValueError
        If a weight or a bias is no number, or the net is incomplete.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.interop import from_numpy, to_numpy
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> arrays = to_numpy(net)
    >>> arrays
    NetArrays(3 layers, weights 0-1: (3, 2), 1-2: (1, 3))
    >>> from_numpy(arrays).forward([0.5, -1.0]) == net.forward([0.5, -1.0])
    True
    """
    check_exportable(net)
    return NetArrays.of(net)


def from_numpy(
    weights: Any,
    biases: Sequence[Any] | None = None,
    hidden_activation: str | AnyActivation | Sequence[str | AnyActivation] | None = None,
    output_activation: str | AnyActivation | None = None,
    classes: Iterable[Any] | None = None,
    formulas: Iterable[Any] = (),
) -> Net:
    """Return a net of arrays.

    Parameters
    ----------
    weights : sequence of arrays, NetArrays, or mapping of names to arrays
        For each layer after the inputs a matrix of shape (sources, targets), as `coefs_` of
        scikit-learn's nets; or what `to_numpy` returned; or what `numpy.load` reads of a file that
        `slownet export --to numpy` wrote. These two are whole nets, and take no more than `formulas`.
    biases : sequence of arrays, optional
        For each layer a vector, as `intercepts_`; None for a net without biases.
    hidden_activation, output_activation : str or Activation
        As for `NetFactory`. The names of scikit-learn are known, too: "identity" and "logistic".
    classes : list, optional
        Sets `net.classes`.
    formulas : iterable of formulas
        Activations and losses of your own that a file names.

    Returns
    -------
    Net
        A net with these numbers, to the last bit.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit together, or are not finite numbers; a FormatError for a file.

    Examples
    --------
    >>> from slownet.interop import from_numpy
    >>> net = from_numpy([[[1.0], [2.0]]], [[0.5]], output_activation="identity")
    >>> net.forward([10.0, 100.0])
    [210.5]
    """
    if isinstance(weights, (NetArrays, Mapping)):
        names = "biases", "hidden_activation", "output_activation", "classes"
        given = biases, hidden_activation, output_activation, classes
        for name, each in zip(names, given, strict=True):
            if each is not None:
                raise InvalidValueError(f"these weights are a whole net: give no {name} beside them")
        return weights.net() if isinstance(weights, NetArrays) else _of_file(weights, formulas)
    matrices = [_floats(f"weights[{k}]", each, 2) for k, each in enumerate(_listed("weights", weights))]
    if not matrices:
        raise InvalidValueError("weights must have a matrix for each layer after the inputs, not none")
    vectors = [np.zeros(each.shape[1]) for each in matrices]
    if biases is not None:
        vectors = [_floats(f"biases[{k}]", each, 1) for k, each in enumerate(_listed("biases", biases))]
    _check_shapes(matrices, vectors)
    sizes = [len(matrices[0]), *(each.shape[1] for each in matrices)]
    hidden, output = _known(hidden_activation), _known(output_activation)
    layers = dense_layers(sizes, hidden, output, biases is not None)
    check_layers(layers)
    activations = [get_activation(layer.activation) for layer in layers[1:]]  # type: ignore[union-attr]
    has_bias = [np.full(len(each), biases is not None) for each in vectors]
    transposed = [np.ascontiguousarray(each.T) for each in matrices]
    net = sequential(transposed, vectors, activations, has_bias=has_bias).net()
    if classes is not None:
        net.classes = list(classes)
    return net


def to_named(net: Net) -> dict[str, Array]:
    """Return all of a net as named arrays, for `numpy.savez`; `from_numpy` makes the net of them."""
    return named_with_description(to_numpy(net))


def named_with_description(arrays: NetArrays) -> dict[str, Array]:
    """Return arrays by their names, and what they are arrays of."""
    return {**arrays.named(), DESCRIPTION: np.array(arrays.description())}


def _of_file(named: Mapping[str, Any], formulas: Iterable[Any]) -> Net:
    try:
        found = {name: np.asarray(named[name]) for name in named}
    except (ValueError, EOFError, RuntimeError, BadZipFile, zlib.error) as error:
        # damaged, or an array of objects, which numpy.load refuses to unpickle
        raise FormatError(f"the arrays: {error or 'they end early'}") from error
    description = found.pop(DESCRIPTION, np.array(None))
    if description.dtype.kind != "U" or description.ndim:
        raise FormatError(
            f"the arrays: expected one named {DESCRIPTION!r} with the description of the net, as "
            f"slownet export --to numpy writes it, found {short(sorted(found))}"
        )
    return NetArrays.from_named(found, str(description), "the arrays", formulas).net()


def _known(activation: Any) -> Any:
    """Return activations with scikit-learn's names replaced by slownet's."""
    if isinstance(activation, (list, tuple)):
        return [*map(_known, activation)]
    return (
        ACTIVATIONS.synonyms.get(activation, activation) if isinstance(activation, str) else activation
    )


def _listed(name: str, given: Any) -> list[Any]:
    if not isinstance(given, (list, tuple)):
        raise InvalidTypeError(f"{name} must be a list of arrays, one a layer, not {short(given)}")
    return list(given)


def _floats(name: str, given: Any, dimensions: int) -> Array:
    """Return an array of finite floats; TypeError or ValueError otherwise."""
    try:
        found = np.array(given)
    except ValueError:  # rows of different lengths
        found = np.array(None)
    if found.dtype.kind not in "biuf" or found.ndim != dimensions or not found.size:
        wanted = "a matrix (sources, targets)" if dimensions == 2 else "a vector"
        raise InvalidTypeError(f"{name} must be {wanted} of numbers, not {short(given)}")
    found = found.astype(np.float64)
    if not np.isfinite(found).all():
        place = tuple(np.argwhere(~np.isfinite(found))[0].tolist())
        raise InvalidValueError(
            f"{name} must be finite numbers, and {place} is {as_float('', found[place])}"
        )
    return found


def _check_shapes(matrices: Sequence[Array], vectors: Sequence[Array]) -> None:
    if len(vectors) != len(matrices):
        raise InvalidValueError(f"got {len(vectors)} biases for {len(matrices)} weights: one a layer")
    for place, (matrix, vector) in enumerate(zip(matrices, vectors, strict=True)):
        if place and len(matrix) != matrices[place - 1].shape[1]:
            raise InvalidValueError(
                f"weights[{place}] has shape {matrix.shape}, but weights[{place - 1}] leads to "
                f"{matrices[place - 1].shape[1]} neurons"
            )
        if len(vector) != matrix.shape[1]:
            raise InvalidValueError(
                f"biases[{place}] has {len(vector)} numbers for {matrix.shape[1]} neurons"
            )
