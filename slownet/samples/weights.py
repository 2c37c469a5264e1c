"""Weights of samples: what the loss of each counts in its batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import isfinite
from typing import Any

from slownet.checks import as_float, short
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.samples.plain import plain
from slownet.samples.targets import Encoder, as_list, decided

BALANCED = "balanced"
# Weights of other sizes would overflow or vanish when they are multiplied.
SMALLEST, LARGEST = 1e-100, 1e100


def check_weight(name: str, value: object) -> float:
    """Return a weight as a float.

    Raises
    ------
    TypeError, ValueError
        If it is neither 0 nor a number from 1e-100 to 1e100.
    """
    weight = as_float(name, value)
    if not (weight == 0.0 or SMALLEST <= weight <= LARGEST):
        wanted = "finite and not negative"
        if weight > 0.0 and isfinite(weight):
            wanted = f"0 or from {SMALLEST:g} to {LARGEST:g}"
        raise InvalidValueError(f"{name} must be {wanted}, not {short(value)}")
    return weight + 0.0  # no -0


def read_weights(weights: Any, count: int, name: str = "sample_weight") -> list[float]:
    """Return the weight of each sample.

    Raises
    ------
    TypeError, ValueError
        If they are not `count` numbers from 0.
    """
    listed = as_list(weights, name, "weights")
    if len(listed) != count:
        raise InvalidValueError(f"got {count} samples but {len(listed)} weights in {name}")
    return [check_weight(f"{name}[{index}]", each) for index, each in enumerate(listed)]


def check_not_all_zero(weights: list[float] | None, of: str) -> None:
    """Raise ValueError if all weights of some samples are 0; `of` names these."""
    if weights is not None and not any(weights):
        raise InvalidValueError(f"the weight of every sample {of} is 0: at least one must count")


def class_weights(
    given: Mapping[Any, float] | str, targets: list[list[float]], encoder: Encoder
) -> list[float]:
    """Return the weight of each sample's class.

    Parameters
    ----------
    given : mapping or "balanced"
        {label: weight}; a class that is not in it has the weight 1. "balanced" gives each class
        n / (k * count): n samples, k classes that they have, `count` samples of this one (G. King and
        L. Zeng, "Logistic regression in rare events data", 2001; the formula of scikit-learn).
    targets : list of list of float
        The encoded targets.
    encoder : Encoder
        What has encoded them.

    Raises
    ------
    ValueError
        If the targets are no classes, or a label is none of them.
    """
    labels = encoder.labels
    if not labels:
        raise InvalidValueError(
            "class_weight is for a net that tells classes apart: give a sample_weight for each sample"
        )
    kind = encoder.loss.target_kind
    found = [decided(kind, target)[0] for target in targets]
    if isinstance(given, str):
        counts = Counter(found)
        weights = {each: len(found) / (len(counts) * count) for each, count in counts.items()}
        return [weights[each] for each in found]
    for label in given:
        if label not in labels:
            raise InvalidValueError(
                f"class_weight has a label {short(label)}, but the classes are {short(labels)}"
            )
    per_class = [given.get(label, 1.0) for label in labels]
    return [per_class[each] for each in found]


def combined(sample: list[float] | None, of_class: list[float] | None) -> list[float] | None:
    """Return the products of both kinds of weights; ValueError if one is too large or too small."""
    if sample is None or of_class is None:
        return of_class if sample is None else sample
    products = zip(sample, of_class, strict=True)
    name = "sample_weight times class_weight of sample"
    return [check_weight(f"{name} {k}", one * other) for k, (one, other) in enumerate(products)]


def check_class_weight(name: str, value: object) -> dict[Any, float] | str | None:
    """Return the argument `class_weight`: a copy of {label: weight}, "balanced" or None.

    Raises
    ------
    TypeError, ValueError
        If it is something else, or a weight or a label cannot be used.
    """
    if value is None or (isinstance(value, str) and value == BALANCED):
        return value
    if not isinstance(value, Mapping):
        raise InvalidTypeError(
            f'{name} must be a dict {{label: weight}} or "{BALANCED}", not {short(value)}'
        )
    for label in value:
        if not isinstance(plain(label), (str, int, float, bool)):
            raise InvalidTypeError(f"a label in {name} must be a text or a number, not {short(label)}")
    found = {
        plain(label): check_weight(f"{name}[{short(label)}]", each) for label, each in value.items()
    }
    return found or None
