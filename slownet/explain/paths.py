"""The gradient of a weight, split by the routes on which the error has come to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf, isfinite
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from slownet.errors import InvalidValueError
from slownet.explain.asking import check_following, last_gradients
from slownet.explain.quantities import net_of
from slownet.explain.text import Printed
from slownet.functions.activation import SoftmaxActivation
from slownet.graph_checks import where

if TYPE_CHECKING:
    from slownet.explain.step import NotedStep
    from slownet.objects import Weight

MOST = 20_000  # routes
SHOWN = 8
KEPT = "\N{NO-BREAK SPACE}"  # where no line is broken


@dataclass(frozen=True)
class Route:
    """A way from a weight to an output, in a sample.

    Attributes
    ----------
    neurons : tuple of str
        From the neuron to which the weight goes, to the output.
    sample : int or None
        Of which sample, by its row in the data; None if the step has one sample alone.
    value : float
        What it adds to the gradient: the nearest float to `exact`.
    exact : Fraction
        The product along the route, without any rounding.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 2, 1], "tanh", seed=0).new()
    >>> _ = net.forward([0.5, -1.0])
    >>> loss = net.backward(1)
    >>> net.weight(1, (0, 0)).paths().routes[0].neurons
    ('neuron 0 of layer 1', 'neuron 1 of layer 2', 'neuron 0 of layer 3')
    """

    neurons: tuple[str, ...]
    sample: int | None
    value: float
    exact: Fraction = field(repr=False)


@dataclass(frozen=True, repr=False)
class Paths(Printed):
    """The gradient of a weight as a sum over routes.

    Attributes
    ----------
    gradient : float
        Of the weight, in the last step; of the last sample alone where the net does not know the others
        any more whose gradients it has added up.
    routes : list of Route
        The largest first.
    rounding : Fraction
        What the roundings of the step have added: the exact sum of the routes and of this is the
        gradient.
    others : int
        How many samples there were before that one.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 2, 1], "tanh", seed=0).new()
    >>> _ = net.forward([0.5, -1.0])
    >>> loss = net.backward(1)
    >>> paths = net.weight(1, (0, 0)).paths()
    >>> len(paths.routes), sum(route.exact for route in paths.routes) + paths.rounding == paths.gradient
    (2, True)
    """

    gradient: float
    routes: list[Route]
    rounding: Fraction
    others: int = 0

    def __str__(self) -> str:
        count = len(self.routes)
        alone = f" of the last of {self.others + 1:,} samples" if self.others else ""
        lines = [f"gradient{alone} {self.gradient:.6g} by {count:,} route{'s' * (count != 1)}"]
        for route in self.routes[:SHOWN]:
            which = "" if route.sample is None else f"sample {route.sample}: "
            names = [name.replace(" ", KEPT) for name in route.neurons]
            way = f"{route.value:>12.6g}  {which}{f' ->{KEPT}'.join(names)}"
            wrapped = wrap(way, 80, initial_indent="  ", subsequent_indent=" " * 16)
            lines += [line.replace(KEPT, " ") for line in wrapped]
        if count > SHOWN:
            lines.append(f"  and {count - SHOWN:,} smaller one{'s' * (count != SHOWN + 1)}")
        return "\n".join([*lines, f"  {_nearest(self.rounding):>12.6g}  by rounding"])


def paths(weight: Weight) -> Paths:
    """Split the gradient of a weight in the last step by the routes to the outputs.

    A route's share is the source's value, times f'(z) and weight of each neuron on it, times the delta
    of the output.

    Raises
    ------
    ValueError
        If the step is not known, there are more than 20,000 routes, or a softmax layer lies between.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 2, 1], "tanh", seed=0).new()
    >>> _ = net.forward([0.5, -1.0])
    >>> loss = net.backward(1)
    >>> net.weight(1, (0, 0)).paths().routes[0].neurons
    ('neuron 0 of layer 1', 'neuron 1 of layer 2', 'neuron 0 of layer 3')
    """
    step = last_gradients(net_of(weight), f"the gradient of {where(weight)}")
    mine = step.mine(weight)
    factors = [
        _exact(step, "value", mine.outgoing, k) * _kept(step, mine, k)
        for k in range(len(step.last.targets))
    ]
    if sum(_count(step, mine.incoming, k) for k, factor in enumerate(factors) if factor) > MOST:
        raise InvalidValueError(
            f"more than {MOST:,} routes lead from {where(weight)} to the outputs: take a weight nearer "
            "to them, a smaller batch or a smaller net"
        )
    found = [
        Route(
            neurons,
            step.last.row(k) if step.is_batch else None,
            _nearest(product * factor),
            product * factor,
        )
        for k, factor in enumerate(factors)
        if factor
        for neurons, product in _routes(step, mine.incoming, k)
    ]
    found.sort(key=lambda route: -abs(route.value))
    gradient = float(step.gradient(mine))
    if not isfinite(gradient):
        raise InvalidValueError(
            f"the gradient of {where(weight)} is {gradient}, which has no exact sum: make the weights "
            "or inputs smaller"
        )
    check_following(step.last, weight, "grad", gradient)
    rounding = Fraction(gradient) - sum((route.exact for route in found), Fraction(0))
    return Paths(gradient, found, rounding, step.last.others)


def _count(step: NotedStep, neuron: Any, k: int) -> int:
    """Return how many routes lead from a neuron to the outputs, through neurons whose f'(z) is not 0."""
    counts: dict[Any, int] = dict.fromkeys(step.wiring.output.neurons, 1)
    for layer in reversed(step.wiring.layers):
        for each in layer.neurons:
            if each not in counts:
                behind = [weight.incoming for weight in each.weights["out"].values()]
                own = step.place("derivative", each, k)
                is_alive = own is not None and step.tape.results[own] != 0.0
                counts[each] = sum(counts.get(other, 0) for other in behind) if is_alive else 0
        if neuron in counts:
            break
    return counts[neuron]


def _routes(step: NotedStep, neuron: Any, k: int) -> Iterator[tuple[tuple[str, ...], Fraction]]:
    """Yield the routes from a neuron to the outputs, each with dL/dz along it."""
    output = step.wiring.output
    if neuron in output.neurons:
        delta = _exact(step, "delta", neuron, k)
        if delta:
            yield (where(neuron),), delta
        return
    layer: Any = next(each for each in step.wiring.layers if neuron in each.neurons)
    if isinstance(layer.activation.plain, SoftmaxActivation):
        raise InvalidValueError(
            f"{where(neuron)} is of a softmax layer, in which each value depends on every z: there is "
            "no route through one neuron alone"
        )
    own = _exact(step, "derivative", neuron, k) * _kept(step, neuron, k)
    if own:
        for weight in neuron.weights["out"].values():
            factor = own * Fraction(float(weight.value)) * _kept(step, weight, k)
            if factor:
                for neurons, product in _routes(step, weight.incoming, k):
                    yield (where(neuron), *neurons), factor * product


def _exact(step: NotedStep, what: str, thing: Any, k: int) -> Fraction:
    place = step.place(what, thing, k)
    number = 0.0 if place is None else step.tape.results[place]
    if not isfinite(number):
        raise InvalidValueError(
            f"the {what} of {where(thing)} is {number} in this step, which has no exact sum: make the "
            "weights or inputs smaller"
        )
    return Fraction(number)


def _nearest(exact: Fraction) -> float:
    """Return the nearest float, which of a very large number is infinite."""
    try:
        return float(exact)
    except OverflowError:
        return inf if exact > 0 else -inf


def _kept(step: NotedStep, thing: Any, k: int) -> Fraction:
    place = step.place("keep", thing, k)
    return Fraction(1) if place is None else Fraction(step.tape.results[place])
