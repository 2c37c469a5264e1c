"""The loops over the objects, run on floats that take notes: what they visit, and who owns each number.

The passes and the engine are those that train. Here stand the layers that they visit, which give every
number its role, and the formulas that they call, which write down what they were applied to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from slownet import passes
from slownet.engines import scalar
from slownet.explain.noting import Noter
from slownet.explain.tape import DIV, MUL, SUB, Applied, Role
from slownet.functions.activation import Activation, SoftmaxActivation
from slownet.functions.loss import Loss
from slownet.wiring import Group, LayerPass, Wiring

if TYPE_CHECKING:
    from slownet.objects import Layer, Net, Neuron
    from slownet.wiring import Parameters


class NotedLayer(LayerPass):
    """A layer whose numbers get their roles when the passes set them.

    In `visits` stand, of each sample, the deltas and what its gradients are made of: they are added up
    when they are asked for, one weight at a time.
    """

    __slots__ = ("_zs", "visits", "wiring")

    def __init__(self, layer: Layer, wiring: NotedWiring) -> None:
        self.wiring = wiring
        self.visits: list[tuple[Group, list[Parameters], list[list[float]], list[float]]] = []
        super().__init__(layer)
        self.incoming = [_NotedGroup(group, self) for group in self.incoming]

    @property
    def zs(self) -> list[float]:
        """The weighted inputs."""
        return self._zs

    @zs.setter
    def zs(self, zs: list[float]) -> None:
        self._zs = self._with_roles("z", zs)
        for neuron, z in zip(self.neurons, self._zs):
            neuron.z = z

    def set_values(self, values: list[float]) -> None:
        """Set the value of every neuron; before dropout it was `raw`."""
        step = self.wiring
        if self is step.inputs:
            step.sample += 1
            values = step.tape.given_block(values, "value", self.neurons, step.sample)
        elif values is not self.activation.latest:  # type: ignore[union-attr]
            for neuron, value in zip(self.neurons, self.activation.latest):  # type: ignore[union-attr]
                step.tape.roles.pop(value.place)
                step.tape.set_role(value, "raw", neuron, step.sample)
            values = self._with_roles("value", values)
        super().set_values(values)

    def set_deltas(self, deltas: list[float]) -> None:
        """Set the delta of every neuron."""
        super().set_deltas(self._with_roles("delta", deltas))

    def _with_roles(self, what: str, numbers: list[float]) -> list[Any]:
        set_role, sample = self.wiring.tape.set_role, self.wiring.sample
        return [set_role(x, what, neuron, sample) for neuron, x in zip(self.neurons, numbers)]


class _NotedGroup(Group):
    """A group whose gradients are not added up yet, unless all are wanted."""

    __slots__ = ("layer",)

    def __init__(self, group: Group, layer: NotedLayer) -> None:
        super().__init__(group.ends)
        self.rows, self.layer = group.rows, layer

    def nonzero_again(self) -> Iterator[tuple[Parameters, list[float]]]:
        rows = self.nonzero_rows
        factors = [numbers for _, numbers in zip(rows, self.per_neuron)]
        self.layer.visits.append((self, rows, factors, self.layer.deltas))
        return iter(())


class NotedWiring(Wiring):
    """A net as the passes visit it, with numbers of a tape.

    Attributes
    ----------
    tape : Tape
        Where notes are taken.
    sample : int
        Which sample of the batch is under way.
    chosen : list of (Neuron, weights)
        What an update visits.
    """

    __slots__ = ("chosen", "noter", "sample", "tape")

    def __init__(self, net: Net, noter: Noter) -> None:
        self.noter, self.tape = noter, noter.tape
        self.sample, self.chosen = -1, list[Any]()
        super().__init__(net)
        for layer in self.layers:
            layer.activation = NotedActivation(layer, self)  # type: ignore[assignment, arg-type]

    def _pass_of(self, layer: Layer) -> LayerPass:
        return NotedLayer(layer, self)

    def parameters(self) -> Iterator[Parameters]:
        """Iterate over what is chosen: see `Wiring.parameters` for all."""
        yield from self.chosen

    def all_parameters(self) -> Iterator[Parameters]:
        """Every neuron after the input layer with all its incoming weights."""
        return super().parameters()


class NotedActivation:
    """An activation of one layer that takes notes; the passes find in it what they use of one."""

    def __init__(self, layer: NotedLayer, wiring: NotedWiring) -> None:
        self.plain: Any = layer.activation
        self._layer, self._wiring = layer, wiring
        self.name, self.range = self.plain.name, self.plain.range
        self.latest: list[Any] = []  # the values that were computed last
        self._owners: Iterator[Neuron] = iter(())
        noter = wiring.noter
        kind = SoftmaxActivation if isinstance(self.plain, SoftmaxActivation) else Activation
        self._values, self._deltas = noter.again(kind.values), noter.again(kind.deltas)

    def values(self, zs: list[float]) -> list[Any]:
        """As of an activation."""
        tape, neurons, sample = self._wiring.tape, self._layer.neurons, self._wiring.sample
        if self.latest and tape.roles.get(self.latest[0].place) == Role("raw", neurons[0], sample):
            return self.latest  # the way back needs them once more, as they were before dropout
        start = len(tape)
        self._owners = iter(neurons)
        values = self._values(self, zs)
        if isinstance(self.plain, SoftmaxActivation):
            self._note_softmax(values, zs, start)
        self.latest = [tape.set_role(x, "value", neuron, sample) for neuron, x in zip(neurons, values)]
        return self.latest

    def _note_softmax(self, values: list[Any], zs: list[float], start: int) -> None:
        """Give the sum of the powers of e a role: value = power / sum."""
        tape, sample = self._wiring.tape, self._wiring.sample
        places = tuple(map(tape.of, zs))
        for value in values:
            if type(value) is tape.number and tape.codes[value.place] == DIV:
                tape.applied[value.place] = Applied("softmax", places, start)
                layer = self._layer.neurons[0].layer
                tape.roles.setdefault(tape.b[value.place], Role("power_sum", layer, sample))

    def deltas(self, zs: list[float], values: list[float], slopes: list[float]) -> list[Any]:
        """As of an activation."""
        tape, neurons, sample = self._wiring.tape, self._layer.neurons, self._wiring.sample
        slopes = [tape.set_role(x, "slope", neuron, sample) for neuron, x in zip(neurons, slopes)]
        self._owners = iter(neurons)
        deltas: list[Any] = self._deltas(self, zs, values, slopes)
        if isinstance(self.plain, SoftmaxActivation):
            for delta in deltas:  # value * (slope - mean slope)
                difference = tape.b[delta.place] if tape.codes[delta.place] == MUL else -1
                if difference >= 0 and tape.codes[difference] == SUB:
                    layer = self._layer.neurons[0].layer
                    tape.roles.setdefault(tape.b[difference], Role("mean_slope", layer, sample))
        return deltas

    def function(self, z: Any) -> Any:
        """Apply the formula to the z of the next neuron."""
        next(self._owners)
        return self._wiring.noter.apply(self.name, self.plain.function, [z])[0]

    def derivative(self, z: Any, value: Any) -> Any:
        """Apply the derivative to the z and value of the next neuron."""
        neuron, tape = next(self._owners), self._wiring.tape
        plain = self.plain
        of_z = vars(plain).get("_of_z")
        function, given = (of_z, [z]) if of_z else (plain.derivative, [z, value])
        found = self._wiring.noter.apply(f"{self.name}'", function, given)[0]
        return tape.set_role(found, "derivative", neuron, self._wiring.sample)


class NotedLoss:
    """A loss that takes notes; the passes find in it what they use of one."""

    def __init__(self, loss: Loss, output: NotedActivation, noter: Noter, wiring: NotedWiring) -> None:
        self.plain, self._noter, self._wiring = loss, noter, wiring
        self.name, self.mean, self.target_kind = loss.name, loss.mean, loss.target_kind
        self.partner: Any = output if loss.partner is output.plain else loss.partner
        self._owners: Iterator[Neuron] = iter(())
        again = noter.again
        self._of_sample, self._slopes, self._deltas = map(
            again, (Loss.of_sample, Loss.slopes, Loss.deltas)
        )

    def check(self, activation: Any) -> None:
        """Nothing: the loss was checked."""

    def function_of_z(self, activation: Any) -> Any:
        """As of a loss."""
        is_partner = activation is self.partner and self.plain.partner_function is not None
        return self._partner_function if is_partner else None

    def _partner_function(self, zs: Any, values: Any, targets: Any) -> Any:
        function = self.plain.partner_function
        return self._noter.apply(self.name, function, [zs, values, targets])[0]

    def function(self, value: Any, target: Any) -> Any:
        """Apply the formula to an output."""
        found = self._noter.apply(self.name, self.plain.function, [value, target])[0]
        return self._with_role(found, "output_loss")

    def derivative(self, value: Any, target: Any) -> Any:
        """Apply the derivative to an output."""
        found = self._noter.apply(f"{self.name}'", self.plain.derivative, [value, target])[0]
        return self._with_role(found, "loss_slope")

    def _with_role(self, number: Any, what: str) -> Any:
        return self._wiring.tape.set_role(number, what, next(self._owners), self._wiring.sample)

    def of_sample(self, activation: Any, zs: Any, values: Any, targets: Any) -> Any:
        """As of a loss."""
        self._owners = iter(self._wiring.output.neurons)
        return self._of_sample(self, activation, zs, values, targets)

    def slopes(self, values: Any, targets: Any) -> Any:
        """As of a loss."""
        self._owners = iter(self._wiring.output.neurons)
        return self._slopes(self, values, targets)

    def deltas(self, activation: Any, zs: Any, values: Any, targets: Any) -> Any:
        """As of a loss."""
        return self._deltas(self, activation, zs, values, targets)


class NotedEngine(scalar.ScalarEngine):
    """The object loops as an engine, with formulas that take notes."""

    noter: Noter
    losses: Sequence[Any] = ()
    of_one = "sample_loss"  # what the loss of a sample is

    def prepare(self, noter: Noter) -> None:
        """Have the formulas of the update take notes."""
        self.noter = noter
        apply = noter.apply
        norm = noter.again(scalar.gradient_norm)

        def clipped(gradient: Any, largest: float) -> Any:
            from slownet.functions.clipping import clipped as function

            return apply("clip", function, [gradient, largest])[0]

        def norm_factor(norm: Any, largest: float) -> Any:
            from slownet.functions.clipping import norm_factor as function

            return noter.tape.set_role(apply("clip", function, [norm, largest])[0], "clip")

        def gradient_norm(wiring: Any, factor: Any) -> Any:
            return noter.tape.set_role(norm(wiring, factor), "norm")

        self._mean_factor = noter.again(  # type: ignore[method-assign]
            scalar.ScalarEngine._mean_factor, gradient_norm=gradient_norm, norm_factor=norm_factor
        ).__get__(self)
        self._moved = noter.again(
            scalar.ScalarEngine._optimize,
            _rule_of=lambda optimizer: lambda *given: apply(optimizer.name, optimizer.function, given),
            _derivative_of=lambda penalty: (
                lambda value: apply(f"{penalty.name}'", penalty.derivative, [value])[0]
            ),
            clipped=clipped,
            isfinite=always,
        ).__get__(self)

    def _draw(self, things: Sequence[Any], share: float, place: int) -> None:
        super()._draw(things, share, place)
        tape, sample = self.noter.tape, self.net.wiring.sample + 1  # type: ignore[attr-defined]
        keeps = tape.given_block([thing.keep for thing in things], "keep", things, sample)
        for thing, keep in zip(things, keeps):
            thing.keep = keep

    def gradients(self, samples: Any, targets: Any, step: int, weights: Any) -> Any:
        """As of the engine; the sum of the weights is a number of the tape, too."""
        tape, net = self.noter.tape, self.net
        losses, outputs = super().gradients(samples, targets, step, weights)
        for k, loss in enumerate[Any](losses):
            if type(loss) is tape.number and tape.codes[loss.place] == MUL:
                weight, own = tape.a[loss.place], tape.b[loss.place]
                if tape.role(weight) == Role("sample_weight", None, k):
                    tape.roles[own] = Role("own_loss", None, k)
        self.losses = [tape.set_role(loss, self.of_one, None, k) for k, loss in enumerate(losses)]
        if self.batches.weights is None:
            net.weight_sum = tape.given(net.weight_sum, "samples")
        elif type(net.weight_sum) is not tape.number:  # all of them are 0 or 1
            net.weight_sum = tape.given(net.weight_sum, "weight_sum")
        else:
            net.weight_sum = tape.set_role(net.weight_sum, "weight_sum")
        return self.losses, outputs

    def update(self, learning_rate: Any, step: int) -> None:
        """Nothing yet: an update is made when it is asked for."""

    def move(self, rows: Sequence[Parameters], learning_rate: Any, step: int, is_plain: bool) -> None:
        """Update some weights and biases."""
        self.net.wiring.chosen = rows  # type: ignore[attr-defined]
        if is_plain:
            passes.descend(rows, learning_rate, self.net.weight_sum)
        else:
            self._moved(learning_rate, step)


def always(_: float) -> bool:
    """Whether a number may be explained: any."""
    return True


def add_gradients(layer: NotedLayer, neuron: Neuron, wanted: Iterable[Any]) -> None:
    """Add up the gradients of some weights of a neuron, and of its bias, over all samples.

    `passes.add_gradients` does it, for a net that has nothing else.
    """
    chosen = {id(weight) for weight in wanted}
    place, delta = layer.neurons.index(neuron), neuron.delta
    for _, rows, factors, deltas in layer.visits:
        for (owner, weights), numbers in zip(rows, factors):
            if owner is neuron:
                pairs = [pair for pair in zip(weights, numbers) if id(pair[0]) in chosen]
                row = (neuron, [weight for weight, _ in pairs]), [number for _, number in pairs]
                group = SimpleNamespace(nonzero_again=lambda row=row: [row])
                part = SimpleNamespace(deltas=[deltas[place]], incoming=[group])
                neuron.delta = deltas[place]
                passes.add_gradients(SimpleNamespace(layers=[part]))  # type: ignore[arg-type]
    neuron.delta = delta
