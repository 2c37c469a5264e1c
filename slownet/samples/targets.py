"""The targets y of a user as one number for each output neuron, and the classes that outputs mean.

The loss has one of four kinds of target: a class, yes or no, -1 or +1, or numbers.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

from slownet.checks import as_float, short
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.samples.plain import PLAIN, as_array, plain_list, refuse_masked

if TYPE_CHECKING:
    from slownet.functions import AnyActivation, Loss

LINEAR = 'to predict numbers, build the net with output_activation="linear"'


class Encoder:
    """Converts a target into one number for each output neuron, as the loss requires.

    Parameters
    ----------
    outputs : int
        How many output neurons there are.
    loss : Loss
        The loss; its `target_kind` is the kind of target.
    classes : list, optional
        The class labels, where they are not simply 0, 1, 2, ...
    scales : sequence of (float, float)
        For each output the (centre, scale) of the numbers to predict: (number - centre) / scale is what
        the output is compared with. Empty for targets that are compared as they are.

    Raises
    ------
    ValueError
        If there are more or fewer classes or scales than outputs.
    """

    def __init__(
        self,
        outputs: int,
        loss: Loss,
        classes: Sequence[Any] | None = None,
        scales: Sequence[tuple[float, float]] = (),
    ) -> None:
        self.outputs, self.loss, self.classes = outputs, loss, classes
        self.scales = tuple(scales) if may_scale(loss) else ()
        if self.scales and len(self.scales) != outputs:
            raise InvalidValueError(
                f"{len(self.scales)} targets are prepared, and this net has {outputs} output neuron(s)"
            )
        low = -1.0 if loss.target_kind == "sign" else 0.0
        codes: list[list[float]] = []
        if loss.target_kind == "class":
            codes = [[float(i == k) for i in range(outputs)] for k in range(outputs)]
        elif loss.target_kind in ("binary", "sign") and outputs == 1:
            codes = [[low], [1.0]]
        labels: Sequence[Any] = range(len(codes)) if loss.target_kind == "class" else (low, 1.0)
        if codes and classes is not None:
            if len(classes) != len(codes):
                raise InvalidValueError(
                    f"there are {len(classes)} classes {short(list(classes))}, but this net tells "
                    f"{len(codes)} apart: give it an output neuron for each (one for two classes), or "
                    "set net.classes to the full list"
                )
            labels = classes
        self._codes: dict[Hashable, list[float]] = dict(zip(labels, codes, strict=False))
        self._labels_hint = f"net.classes = [...] sets the labels; {LINEAR}"
        self._allowed = (low, 1.0) if loss.target_kind in ("binary", "sign") else ()

    def encode(self, target: Any, name: str = "target") -> list[float]:
        """Return the numbers for one target.

        Raises
        ------
        TypeError, ValueError
            If it is no target for this loss; the message describes one.
        """
        refuse_masked(name, target)
        if hasattr(target, "tolist"):
            target = target.tolist()
        if self._codes:
            if isinstance(target, list) and len(target) == 1 == self.outputs:
                target = target[0]
            try:
                return self._codes[target]
            except (KeyError, TypeError):
                raise self._refusal(target, name) from None
        numbers = list(target) if isinstance(target, (list, tuple)) else [target]
        if len(numbers) != self.outputs:
            raise InvalidValueError(
                f"{name} must have {self.outputs} number(s), one an output neuron, not {short(target)}"
            )
        found = [as_float(f"{name} for {self.loss.name}", number) for number in numbers]
        low, high = self.loss.target_domain
        for number in found:
            is_allowed = number in self._allowed if self._allowed else low <= number <= high
            if not (isfinite(number) and is_allowed):
                raise self._refusal(number, name)
        return self._scaled(found, name) if self.scales else found

    def _scaled(self, numbers: list[float], name: str) -> list[float]:
        found = []
        for number, (centre, scale) in zip(numbers, self.scales, strict=True):
            found.append((number - centre) / scale)
            if not isfinite(found[-1]):
                raise InvalidValueError(
                    f"{name} is {number!r}, and overflows when net.preparation scales it: "
                    f"({number!r} - {centre!r}) / {scale!r}"
                )
        return found

    def encode_all(self, y: Any, count: int, name: str = "y") -> list[list[float]]:
        """Return the numbers for every target of y, which must have `count`."""
        targets = as_list(y, name)
        if len(targets) != count:
            raise InvalidValueError(f"got {count} samples but {len(targets)} targets in {name}")
        if self._codes:
            try:
                return [self._codes[target] for target in targets]
            except (KeyError, TypeError):
                pass  # `encode` names the one that is wrong
            if not _few(targets, len(self._codes)):
                self._labels_hint = LINEAR
            elif labels := _numbered(targets, len(self._codes)):
                self._labels_hint = f"net.classes = {labels} sets the labels; {LINEAR}"
        return [self.encode(target, f"{name}[{index}]") for index, target in enumerate(targets)]

    def is_right(self, values: list[float], targets: list[float]) -> bool:
        """Whether the output values mean the class of the targets, or all of the yes/no answers."""
        kind = self.loss.target_kind
        return decided(kind, values) == decided(kind, targets)

    @property
    def has_classes(self) -> bool:
        """Whether targets are classes, so that predictions are right or wrong; False for regression."""
        return self.loss.target_kind != "number"

    @property
    def labels(self) -> list[Any]:
        """The labels of the classes, in the order of their probabilities; empty where there are none."""
        if self._codes and self.classes is not None:
            return list(self.classes)
        return [-1, 1] if self._codes and self.loss.target_kind == "sign" else [*range(len(self._codes))]

    def _refusal(self, target: object, name: str) -> InvalidValueError:
        labels = list(self._codes or self._allowed)
        if self.loss.target_kind == "number":
            wanted, labels = _domain_text(*self.loss.target_domain), []
        elif len(labels) > 12:
            wanted = f"a class from {short(labels[0])} to {short(labels[-1])}"
        else:
            wanted = "one of " + ", ".join(_cut_label(label) for label in labels)
        hint = f"; {self._labels_hint}" if self._codes else ""
        if isinstance(target, str) or any(isinstance(label, str) for label in labels):
            hint = "; net.classes = [...] sets the labels"  # a text is no number to predict
        if isinstance(target, (list, tuple)):
            hint = f"; {LINEAR}"
            if all(part in (0, 1) for part in target):
                hint = "; rows of 0 and 1 become class indices with y.argmax(axis=1)"
        elif self.loss.target_kind == "sign" and target == 0:
            hint = "; 0 and 1 become -1 and +1 with 2 * y - 1"
        elif self._allowed and not self._codes:
            hint = f"; {LINEAR}"
        return InvalidValueError(
            f"{name} must be {wanted} for {self.loss.name}, not {short(target)}{hint}"
        )


def may_scale(loss: Loss) -> bool:
    """Whether a preparation may scale the targets: not classes, and not counts."""
    return loss.target_kind == "number" and loss.target_domain == (-inf, inf)


def decided(kind: str, values: list[float]) -> list[int]:
    """Return the class that output values mean or, for yes/no outputs, 0 or 1 for each of them.

    The largest value decides between classes; a yes is a value above 0.5, and above 0 for hinge.
    """
    if kind == "class":
        return [values.index(max(values))]
    middle = 0.0 if kind == "sign" else 0.5
    return [int(value > middle) for value in values]


def text_classes(y: Any, loss: Loss) -> list[Any] | None:
    """Return the sorted labels of y if they are text; None otherwise."""
    if loss.target_kind not in ("class", "binary", "sign"):
        return None
    if getattr(getattr(y, "dtype", None), "kind", "O") in "biuf":
        return None
    labels = as_list(y, "y")
    if not any(isinstance(label, str) for label in labels):
        return None
    for index, label in enumerate(labels):
        if not isinstance(label, str):
            raise InvalidTypeError(
                f"y[{index}] is {short(label)} where other labels are text: give all as text or none"
            )
    return sorted(set(labels))


def as_list(y: Any, name: str, what: str = "targets") -> list[Any]:
    """Return the targets, or something else for each sample, as a list of Python objects."""
    if hasattr(y, "__array__"):
        array = as_array(name, y)
        if array.ndim == 2 and array.shape[1] == 1:
            array = array[:, 0]
        return plain_list(array.tolist()) if array.ndim else [array.item()]
    if isinstance(y, (list, tuple, range)):
        found = plain_list(y)
        for index, each in enumerate(found if not _are_labels(found) else ()):
            refuse_masked(f"{name}[{index}]", each)
        if found and all(map(_is_single, found)):  # as an array of shape (n, 1)
            found = plain_list(each[0] for each in found)
        return found
    raise InvalidTypeError(
        f"{name} must be a list, tuple, NumPy array or pandas Series of {what}, not {type(y).__name__}"
    )


def check_within(
    targets: Sequence[Sequence[float]],
    encoder: Encoder,
    activation: AnyActivation,
    places: Sequence[int] | None = None,
) -> None:
    """Raise ValueError if a number to learn is outside of what the output activation can give.

    Numbers to test with may be: those that training saw decide how they are scaled. `places` are those
    of the targets in y, if they are only some of it.
    """
    low, high = activation.range
    if encoder.loss.target_kind != "number" or (low, high) == (-inf, inf):
        return
    for index, target in zip(places or range(len(targets)), targets, strict=True):
        if min(target) < low or max(target) > high:
            wrong = min(target) if min(target) < low else max(target)
            becomes = "becomes" if encoder.scales else "is"
            how = "scale y to that range"
            if low <= 0.0 and high >= 1.0:
                how = 'scale y with prepare="min-max"'
            hint = f"{LINEAR}, or {how}"
            if not may_scale(encoder.loss):
                hint = f"{encoder.loss.name} needs an output that gives all y, such as exponential"
            raise InvalidValueError(
                f"y[{index}] {becomes} {wrong!r}, and the output activation {activation.name!r} gives "
                f"{low:g} to {high:g}: {hint}"
            )


def _few(targets: Sequence[Any], most: int) -> bool:
    """Whether there are no more different targets than classes, so that they can be labels."""
    try:
        return len(set(targets)) <= most
    except TypeError:
        return True


def _domain_text(low: float, high: float) -> str:
    """Return what a number must be, in words."""
    if (low, high) == (-inf, inf):
        return "a finite number"
    if high == inf:
        return f"a number from {low:g} on"
    return f"a number from {low:g} to {high:g}" if low > -inf else f"a number up to {high:g}"


def _numbered(targets: Sequence[Any], most: int) -> list[int]:
    """Return the whole numbers that these targets have, if they may be the labels of `most` classes."""
    found = {target for target in targets if type(target) is int}
    return sorted(found) if len(found) == most <= 12 and len(found) == len(set(targets)) else []


def _cut_label(label: object) -> str:
    text = short(label)
    return text if len(text) <= 30 else f"{text[:27]}..."


def _are_labels(found: Sequence[Any]) -> bool:
    return PLAIN.issuperset(map(type, found))


def _is_single(target: Any) -> bool:
    """Whether a target is a list, tuple or array of one entry."""
    if isinstance(target, (list, tuple)):
        return len(target) == 1
    return getattr(target, "shape", None) == (1,)
