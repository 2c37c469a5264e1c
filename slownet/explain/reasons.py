"""Why a gradient is 0, or small: the factor that makes it so, and what helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slownet.errors import InvalidValueError
from slownet.explain.asking import check_following, last_gradients
from slownet.explain.quantities import net_of
from slownet.explain.text import Printed
from slownet.functions.activation import SoftmaxActivation
from slownet.graph_checks import where

if TYPE_CHECKING:
    from slownet.explain.step import NotedStep
    from slownet.objects import Neuron, Weight

FLAT = 0.04  # of the steepest slope: below, a neuron is saturated
CANCELLED = 0.05  # of the size of its terms: below, a sum has cancelled
SMALL = 1e-3  # beside the largest delta of the layer behind

CURES = {
    "frozen": "unfreeze it (weight.frozen = False)",
    "no error": "nothing is needed, for the outputs are what the targets want",
    "sample weight": "give these samples a weight above 0",
    "input": "nothing, for a weight learns only from samples in which its input is not 0",
    "dropped": "nothing, for other samples keep it; with less dropout it learns more often",
    "dead": "use leaky_relu or elu, a smaller learning rate, or other initial weights",
    "saturated": "scale the inputs, use smaller initial weights, or relu instead of a function that "
    "flattens",
    "disconnected": "connect it to a neuron that leads to the outputs",
    "cancels": "nothing, for what its neurons behind want adds up to next to nothing",
    "weights": "use larger initial weights behind it",
    "error": "look at the layer behind, whose deltas are as small",
    "no weight": "give the weights that lead from here other values than 0",
    "underflow": "make the inputs or the weights larger, for the product is below the smallest float",
    "not small": "nothing is needed",
}


@dataclass(frozen=True, repr=False)
class Reason(Printed):
    """Why a number is 0 or small.

    Attributes
    ----------
    kind : str
        The factor: "input", "dead", "saturated", "cancels", "dropped", "frozen", ...
    words : str
        What was found, with numbers.
    cure : str
        What helps.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> _ = net.forward([0.0, -1.0])
    >>> loss = net.backward(1)
    >>> print(net.weight(1, (0, 0)).why_zero())
    The gradient is 0: value_0_0, its input, is 0 in the one sample.
    What helps: nothing, for a weight learns only from samples in which its input is not 0.
    """

    kind: str
    words: str
    cure: str

    def __str__(self) -> str:
        return f"{self.words}\nWhat helps: {self.cure}."


def why_zero(weight: Weight) -> Reason:
    """Say which factor makes the gradient of a weight 0 in the last step of its net.

    Raises
    ------
    ValueError
        If the step is not known.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> _ = net.forward([0.0, -1.0])
    >>> loss = net.backward(1)
    >>> net.weight(1, (0, 0)).why_zero().kind
    'input'
    """
    step = last_gradients(net_of(weight), f"the gradient of {where(weight)}")
    mine = step.mine(weight)
    gradient = float(step.gradient(mine))
    check_following(step.last, weight, "grad", gradient)
    its = "the gradient"
    if step.last.others:
        its = f"what the last of {step.last.others + 1:,} samples adds to the gradient"
    if weight.frozen:
        found = f"its gradient, {weight.grad:.6g}, is not used"
        return _reason(
            "frozen", f"{where(weight)} is frozen, so that training does not change it: {found}"
        )
    if gradient:
        found = f"{its} of {where(weight)} is not 0: it is {gradient:.6g}"
        return _reason("not small", found)
    kind, words = _of_most([_zero_in(step, mine, k) for k in range(len(step.last.targets))])
    return _reason(kind, f"{its} is 0: {words}")


def _of_most(kinds: list[tuple[str, str]]) -> tuple[str, str]:
    """Return the kind that most samples have, and its words with their number."""
    kind, words = max(kinds, key=lambda each: [other[0] for other in kinds].count(each[0]))
    count = sum(other[0] == kind for other in kinds)
    of_all = "" if count == len(kinds) else f" of {len(kinds)}"
    samples = (
        "the one sample" if len(kinds) == 1 else f"{'' if of_all else 'the '}{count}{of_all} samples"
    )
    return kind, f"{words} in {samples}"


def _zero_in(step: NotedStep, weight: Any, k: int) -> tuple[str, str]:
    """Return why a weight gets nothing from a sample."""
    source, target = weight.outgoing, weight.incoming
    if _is_left_out(step, k):
        return _zero_delta(step, target, k)
    if _number(step, "value", source, k) == 0.0:
        name = f"value_{source.layer.id}_{source.id}"
        if source.layer is step.twin.inputs:
            return "input", f"{name}, its input, is 0"
        if _number(step, "keep", source, k, 1.0) == 0.0:
            return "dropped", f"{where(source)} is dropped"
        if _number(step, "derivative", source, k, 1.0) != 0.0:
            return "input", f"{name}, its input, is 0"
        return _flat(step, source), f"{name}, its input, is 0, as {where(source)} gives 0 for its z"
    if _number(step, "keep", weight, k, 1.0) == 0.0:
        return "dropped", f"{where(weight)} is dropped"
    if not _number(step, "delta", target, k):
        return _zero_delta(step, target, k)
    if _number(step, "value", source, k) * _number(step, "delta", target, k):
        return "cancels", "what the samples add cancels"
    return "underflow", f"delta of {where(target)} times the value of {where(source)} is below any float"


def _zero_delta(step: NotedStep, neuron: Any, k: int) -> tuple[str, str]:
    """Return why the delta of a neuron is 0 in a sample."""
    if _is_left_out(step, k):
        return "sample weight", "the weight of the sample is 0"
    outputs = step.wiring.output.neurons
    if not any(_number(step, "delta", each, k) for each in outputs):
        wrong = [each for each in outputs if _number(step, "slope", each, k)]
        if not wrong:
            return "no error", "no output has an error"
        neuron = neuron if neuron in wrong else wrong[0]  # this one cannot hand its error back
    if _number(step, "keep", neuron, k, 1.0) == 0.0:
        return "dropped", f"{where(neuron)} is dropped"
    if _number(step, "derivative", neuron, k, 1.0) == 0.0:
        z = _number(step, "z", neuron, k)
        more = ", ..." if len(step.last.targets) > 1 else ""
        return _flat(step, neuron), f"f'(z) of {where(neuron)} is 0 (z = {z:.6g}{more})"
    weights = list(neuron.weights["out"].values())
    if not weights:
        return "disconnected", f"no weight leads from {where(neuron)} to the outputs"
    behind = [weight for weight in weights if _number(step, "delta", weight.incoming, k)]
    if not behind:
        return "error", f"the deltas of all neurons behind {where(neuron)} are 0"
    kept = [weight for weight in behind if _number(step, "keep", weight, k, 1.0)]
    if not kept:
        return "dropped", f"every weight from {where(neuron)} to a neuron with an error is dropped"
    if not any(float(weight.value) for weight in kept):
        return "no weight", f"every weight from {where(neuron)} to a neuron with an error is 0"
    if any(_term(step, weight, k) for weight in kept) and not _number(step, "slope", neuron, k):
        return "cancels", f"what the neurons behind {where(neuron)} want cancels"
    return "underflow", f"slope times f'(z) of {where(neuron)} is below any float"


def _term(step: NotedStep, weight: Any, k: int) -> float:
    """Return what a weight hands back in a sample: its share of the slope of its source."""
    kept = _number(step, "keep", weight, k, 1.0)
    return float(weight.value) * kept * _number(step, "delta", weight.incoming, k)


def why_small(neuron: Neuron) -> Reason:
    """Say which factor makes the deltas of a neuron small in the last step of its net.

    delta = slope * f'(z), and slope = sum of weight * delta of the neurons behind.

    Raises
    ------
    ValueError
        If the step is not known.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], "sigmoid", seed=0).new()
    >>> net[1][0].bias = 30.0
    >>> _ = net.forward([0.5, -1.0])
    >>> loss = net.backward(1)
    >>> net[1][0].why_small().kind
    'saturated'
    """
    step = last_gradients(net_of(neuron), f"the delta of {where(neuron)}")
    if neuron.layer is net_of(neuron).inputs:
        raise InvalidValueError(f"{where(neuron)} is an input, with a value alone: it has no delta")
    mine = step.mine(neuron)
    samples = range(len(step.last.targets))
    deltas = [abs(_number(step, "delta", mine, k)) for k in samples]
    if not any(deltas):
        kind, words = _of_most([_zero_delta(step, mine, k) for k in samples])
        return _reason(kind, f"the delta of {where(neuron)} is 0: {words}")
    largest = max(deltas)
    is_output = mine in step.wiring.output.neurons
    slopes = [abs(_number(step, "derivative", mine, k, 1.0)) for k in samples]
    steepest = _steepest(step, mine)
    if max(slopes) < FLAT * steepest:
        words = (
            f"f'(z) of {where(neuron)} is {max(slopes):.3g} at most, "
            f"{max(slopes) / steepest:.2%} of the steepest: z is up to "
            f"{max(abs(_number(step, 'z', mine, k)) for k in samples):.4g}"
        )
        return _reason("saturated", words)
    if is_output:
        return _reason(
            "not small", f"{where(neuron)} is an output: its delta, {largest:.3g}, is its error"
        )
    pairs = [(weight, k) for k in samples for weight in mine.weights["out"].values()]
    if not pairs:  # of a softmax layer, in which each delta depends on all slopes
        words = f"no weight leads from {where(neuron)} to the outputs, but from others of its softmax"
        return _reason("disconnected", f"{words}, so that its delta is {largest:.3g}")
    terms = [abs(_term(step, *pair)) for pair in pairs]
    found = max(abs(_number(step, "slope", mine, k)) for k in samples)
    behind = max(abs(_number(step, "delta", weight.incoming, k)) for weight, k in pairs)
    if found < CANCELLED * max(terms):
        words = (
            f"the slope of {where(neuron)} is {found:.3g}, of terms up to {max(terms):.3g}: they cancel"
        )
        return _reason("cancels", words)
    if behind > 0.0 and largest < SMALL * behind:
        size = max(abs(float(weight.value)) for weight in mine.weights["out"].values())
        words = f"the weights from {where(neuron)} are {size:.3g} at most, beside deltas of {behind:.3g}"
        return _reason("weights", words)
    words = f"no factor is small: delta {largest:.3g} beside {behind:.3g} behind"
    return _reason("error" if behind < SMALL else "not small", words)


def _is_left_out(step: NotedStep, k: int) -> bool:
    """Whether a sample has the weight 0."""
    weights = step.last.weights
    return weights is not None and weights[k] == 0.0


def _flat(step: NotedStep, neuron: Any) -> str:
    """Return what a neuron with the slope 0 is: "dead" where every z below 0 has it."""
    return "saturated" if max(_slopes(step, neuron, range(-32, 0))) else "dead"


def _steepest(step: NotedStep, neuron: Any) -> float:
    """Return the largest slope that an activation has near 0."""
    return max(_slopes(step, neuron, range(-32, 33))) or 1.0


def _slopes(step: NotedStep, neuron: Any, eighths: range) -> list[float]:
    """Return the sizes of the slopes of an activation at some z."""
    layer: Any = next(each for each in step.wiring.layers if neuron in each.neurons)
    activation = layer.activation.plain
    if isinstance(activation, SoftmaxActivation):
        return [0.25]
    zs = [k / 8.0 for k in eighths]
    return [abs(float(activation.derivative(z, float(activation.function(z))))) for z in zs]


def _number(step: NotedStep, what: str, thing: Any, k: int, missing: float = 0.0) -> float:
    place = step.place(what, thing, k)
    return missing if place is None else step.tape.results[place]


def _reason(kind: str, words: str) -> Reason:
    first = words[0] if words.startswith("f'") else words[0].upper()
    return Reason(kind, f"{first}{words[1:]}.", CURES[kind])
