"""The update of a step as single operations, and what all of them are written with: see `order.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from slownet.explain.naming import name_of
from slownet.explain.tape import ADD, MUL, Role
from slownet.functions import plain_sgd
from slownet.functions.clipping import norm_factor

if TYPE_CHECKING:
    from slownet.explain.step import NotedStep

Written = tuple[str, str, tuple[str | float, ...], tuple[float, ...], float]


class Writer:
    """Reads numbers of a step from its tape, and writes operations.

    Parameters
    ----------
    step : NotedStep
        With all gradients, and all updates if it is to have them.
    has_update : bool
        Whether it is.
    """

    def __init__(self, step: NotedStep, has_update: bool) -> None:
        self.step, self.tape, self.has_update = step, step.tape, has_update
        self.layers, self.options = step.wiring.layers, step.last.options
        self.is_dropping = bool(step.engine.dropout)
        self.has_kept = bool(step.engine.dropconnect)
        self._links: dict[Any, dict[int, tuple[int, int, int]]] = {}
        self._by_name: dict[int, str] = {}
        self._squares_so_far = 0.0
        self._totals: list[tuple[int, int, int]] = []

    def _at(self, what: str, thing: Any, sample: int | None = None) -> int:
        place = self.step.place(what, thing, sample)
        return -1 if place is None else place

    def _number(self, what: str, thing: Any, sample: int | None = None) -> float:
        return self.tape.results[self._at(what, thing, sample)]

    def _name(self, what: str, thing: Any) -> str:
        return name_of(Role(what, thing))

    def _called(self, place: int) -> str:
        """Return the name of a number on the tape, without its sample."""
        if place not in self._by_name:
            role: Any = self.tape.role(place)
            self._by_name[place] = name_of(role)
        return self._by_name[place]

    def _chain(self, place: int) -> list[tuple[int, int, int]]:
        """Return the additions of a sum, in order: (sum before, term, sum)."""
        tape, here, found = self.tape, place, list[tuple[int, int, int]]()
        while tape.codes[here] == ADD and (here == place or not tape.has_role(here)):
            found.append((tape.a[here], tape.b[here], here))
            here = tape.a[here]
        return found[::-1]

    def _pair(
        self, name: str, sign: str, terms: tuple[str | float, ...], a: int, b: int, result: int
    ) -> Written:
        results = self.tape.results
        return name, sign, terms, (results[a], results[b]), results[result]

    def _product(self, product: int, second: str | None = None) -> Iterator[Written]:
        """Write a product of the tape, and before it what dropconnect makes of its second factor."""
        tape = self.tape
        a, b = tape.a[product], tape.b[product]
        factor = second or ""
        if self.has_kept:
            value, keep = tape.a[b], tape.b[b]
            terms = (self._called(value), self._called(keep))
            yield self._pair("kept", "*", terms, value, keep, b)
            factor = "kept"
        yield self._pair("product", "*", (self._called(a), factor or self._called(b)), a, b, product)


class UpdateOrder(Writer):
    """Writes the update of a step."""

    def _squares(self, is_gradient: bool) -> Iterator[Written]:
        """Write a sum of squares, of each neuron and then of all."""
        self._squares_so_far = 0.0
        yield "squares", "=", (0.0,), (0.0,), 0.0
        for layer in self.layers:
            for neuron in layer.neurons:
                yield from self._square_of_neuron(neuron, is_gradient)

    def _square_of_neuron(self, neuron: Any, is_gradient: bool) -> Iterator[Written]:
        yield "square", "=", (0.0,), (0.0,), 0.0
        total = 0.0
        weights = neuron.weights["in"].values()
        things = [neuron] if is_gradient and neuron.learns_bias else []
        things += [weight for weight in weights if not (is_gradient and weight.frozen)]
        for thing in things:
            is_bias = hasattr(thing, "bias")
            what = ("bias_grad" if is_bias else "grad") if is_gradient else "weight"
            name, number = self._name(what, thing), self._number(what, thing)
            if is_gradient:
                factor = self._share()
                mean = factor * number
                yield "mean", "*", (factor, name), (factor, number), mean
                name, number = "mean", mean
            yield "product", "*", (name, name), (number, number), number * number
            yield "square", "+", ("square", "product"), (total, number * number), total + number * number
            total += number * number
        before = self._squares_so_far
        self._squares_so_far = before + total
        yield "squares", "+", ("squares", "square"), (before, total), before + total

    def _share(self) -> float:
        return 1.0 / float(self.step.weight_sum)

    def _penalty(self) -> Iterator[Written]:
        yield from self._squares(is_gradient=False)
        tape, place = self.tape, self._at("total", None)
        product = tape.b[place]
        half, squares = 0.5 * self.step.engine.alpha, self._squares_so_far
        yield "product", "*", (half, "squares"), (half, squares), tape.results[product]
        yield self._pair("total", "+", ("total", "product"), tape.a[place], product, place)

    def _norm(self) -> Iterator[Written]:
        yield from self._squares(is_gradient=True)
        limit: Any = self.step.engine.clip_norm
        if self._at("norm", None) >= 0:
            norm, clip = self._number("norm", None), self._number("clip", None)
        else:  # nothing learns
            norm, clip = 0.0, norm_factor(0.0, limit)
        yield "norm", "sqrt", ("squares",), (self._squares_so_far,), norm
        yield "clip", "clip", ("norm", limit), (norm, limit), clip

    def _move(self, thing: Any) -> Iterator[Written]:
        tape, engine = self.tape, self.step.engine
        is_bias = hasattr(thing, "bias")
        own = self._name("bias" if is_bias else "weight", thing)
        gradient = "bias_grad" if is_bias else "grad"
        new = self._at("new_bias" if is_bias else "new_weight", thing)
        old = float(thing.bias if is_bias else thing.value)
        mean = self._mean_of(thing, new)
        own_mean = mean
        while tape.codes[own_mean] == ADD:
            own_mean = tape.a[own_mean]
        clipped = own_mean
        if engine.clip_value is not None and tape.codes[own_mean] != MUL:
            own_mean = tape.applied[own_mean].arguments[0]
        if engine.clip_value is not None and tape.codes[clipped] == MUL:
            own_mean = clipped
        factor, grad = tape.a[own_mean], tape.b[own_mean]
        terms = (tape.results[factor], self._name(gradient, thing))
        yield self._pair("mean", "*", terms, factor, grad, own_mean)
        rate = float(self.step.rate)
        if self.step.is_plain:
            change = tape.b[new]
            yield self._pair("change", "*", (rate, "mean"), tape.a[change], mean, change)
            yield self._pair(own, "-", (own, "change"), tape.a[new], change, new)
            return
        if engine.clip_value is not None:
            limit = engine.clip_value
            numbers = (tape.results[own_mean], limit)
            yield "mean", "clip", ("mean", limit), numbers, tape.results[clipped]
        yield from self._penalties(own, old, mean)
        yield from self._rule(thing, own, old, mean, new)

    def _mean_of(self, thing: Any, new: int) -> int:
        """Return the mean gradient that an update takes."""
        if self.step.is_plain:
            return self.tape.b[self.tape.b[new]]
        return self.step.means[thing]

    def _penalties(self, own: str, old: float, mean: int) -> Iterator[Written]:
        tape, engine = self.tape, self.step.engine
        kinds = [strength for _, strength in engine.penalties]
        for place, (before, product, after) in enumerate(self._chain(mean)):
            strength, slope = tape.a[product], tape.b[product]
            if place < len(kinds):
                yield "derivative", "penalty'", (own,), (old,), tape.results[slope]
                terms: tuple[str | float, ...] = (tape.results[strength], "derivative")
            else:
                terms = (tape.results[strength], own)
            yield self._pair("product", "*", terms, strength, slope, product)
            yield self._pair("mean", "+", ("mean", "product"), before, product, after)

    def _rule(self, thing: Any, own: str, old: float, mean: int, new: int) -> Iterator[Written]:
        tape, engine, rate = self.tape, self.step.engine, float(self.step.rate)
        name = engine.optimizer.name
        names = (self._name("first", thing), self._name("second", thing))
        first, second, *after = self.step.memories[thing]
        terms = (own, "mean", *names, rate)
        numbers = (old, tape.results[mean], first, second, rate)
        yield own, name, terms, numbers, tape.results[new]
        if engine.optimizer.function is not plain_sgd.function:
            for memory, result in zip(names, after, strict=True):
                yield memory, name, terms, numbers, result
