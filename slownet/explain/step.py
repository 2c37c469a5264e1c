"""One step on a tape: forward, backward, gradients and update of a copy of the net."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from slownet import passes
from slownet.engines import scalar
from slownet.explain.naming import REMEMBERED
from slownet.explain.noting import Noter
from slownet.explain.tape import DIV, MUL, SAME, SUB, Role, Tape
from slownet.explain.tracing import (
    NotedActivation,
    NotedEngine,
    NotedLoss,
    NotedWiring,
    add_gradients,
    always,
)
from slownet.functions import plain_sgd
from slownet.functions.schedules import constant
from slownet.recording.measures import rate_in

if TYPE_CHECKING:
    from slownet.objects import Net, Neuron, Weight
    from slownet.samples import LastStep

Memory = Mapping[Any, tuple[float, float]]


class _OneBatch:
    """The batch of every step, for an engine that takes one."""

    def __init__(self, samples: Sequence[Any], targets: Sequence[Any], weights: Any) -> None:
        self.samples, self.targets, self.weights, self.encoder = samples, targets, weights, self

    def __getitem__(self, step: int) -> range:
        return range(len(self.samples))

    def is_right(self, *_: Any) -> bool:
        """Nobody asks for it."""
        return False


class NotedStep:
    """A step on a tape.

    Parameters
    ----------
    net : Net
        As it was before the step; it is left alone.
    last : LastStep
        The batch and the options.
    memory : mapping
        What the optimizer remembered, by the weights and neurons of the net.

    Attributes
    ----------
    tape : Tape
    twin : Net
        The copy through which the samples went.
    loss : Loss
        Its loss, as it is without notes.
    """

    def __init__(self, net: Net, last: LastStep, memory: Memory | None = None) -> None:
        self.last = last
        self.tape = tape = Tape()
        self.noter = Noter(tape)
        self.twin = twin = net.copy()
        self.wiring = NotedWiring(twin, self.noter)
        self.loss = loss = net.loss
        twin._wiring = self.wiring
        output: NotedActivation = self.wiring.output.activation  # type: ignore[assignment]
        noted_loss: Any = NotedLoss(loss, output, self.noter, self.wiring)
        twin.explicit_loss = noted_loss
        self._note_parameters()
        self._added: set[Any] = set()  # the weights and neurons whose gradients are added up
        self._updated: dict[Any, Any] = {}
        self.unchanged: dict[Any, str] = {}  # why an update leaves a weight or a bias as it is
        self.means: dict[Any, int] = {}  # the mean gradients that updates have taken
        self.memories: dict[Any, list[float]] = {}  # what the optimizer remembers, before and after
        self._factor: Any = None  # of all gradients, where their norm is clipped
        self._index: dict[Role, int] = {}
        self._indexed = 0
        self._blocks: dict[tuple[str, int | None], dict[Any, int]] = {}
        self.is_batch = len(last.targets) > 1
        self.engine = self._new_engine(memory or {})
        self._run()

    def _note_parameters(self) -> None:
        tape, rows = self.tape, [*self.wiring.all_parameters()]
        for neuron, weights in rows:
            values = tape.given_block([float(w.value) for w in weights], "weight", weights)
            for weight, value in zip(weights, values):
                weight.value = value
                weight.grad = 0.0
            neuron.bias_grad = 0.0
            if neuron.has_bias or neuron.bias != 0.0:
                neuron.bias = tape.given(float(neuron.bias), "bias", neuron)

    def _new_engine(self, memory: Memory) -> NotedEngine:
        options, tape = self.last.options, self.tape
        kept: dict[str, Any] = {}
        if options is not None:
            kept = {
                name: getattr(options, name)
                for name in ("dropout", "dropconnect", "clip_norm", "clip_value", "alpha", "seed")
            }
            kept |= {"optimizer": options.continued_optimizer, "penalties": options.penalties}
        engine = NotedEngine(self.twin, None, undisturbed=True, **kept)  # type: ignore[arg-type]
        engine._is_stale = False
        engine.prepare(self.noter)
        for thing, (first, second) in memory.items():
            mine: Any = self.mine(thing)
            engine.memory[mine] = (
                tape.given(first, "first", mine),
                tape.given(second, "second", mine),
            )
        self.is_plain = engine.optimizer is plain_sgd and not (
            engine.penalties or engine.clips or engine.alpha
        )
        return engine

    def _run(self) -> None:
        last, tape, wiring = self.last, self.tape, self.wiring
        samples: Any = last.samples
        if not last.targets:
            passes.forward(wiring, samples[0])
            return
        outputs = wiring.output.neurons
        targets = [
            tape.given_block(target, "target", outputs, k) for k, target in enumerate(last.targets)
        ]
        weights: Any = None
        if last.weights is not None:
            weights = [
                weight if weight in (0.0, 1.0) else tape.given(weight, "sample_weight", None, k)
                for k, weight in enumerate(last.weights)
            ]
        self.rate = self._noted_rate()
        engine = self.engine
        engine.batches = _OneBatch(samples, targets, weights)  # type: ignore[assignment]
        is_own = last.step is None or last.weights is None
        if is_own and not self.is_batch and not engine.alpha:
            engine.of_one = "loss"
        take = self.noter.again(scalar.ScalarEngine._take_step, isfinite=always)
        total, _ = take(engine, last.step or 1, self.rate)
        self.total = tape.of(total)
        self.weight_sum = self.twin.weight_sum
        if engine.of_one != "loss":
            tape.set_role(total, "total")
            tape.set_role(total / (self.weight_sum or 1.0), "loss")

    def _noted_rate(self) -> Any:
        """Return the learning rate, as the schedule makes it where there is one."""
        last, tape = self.last, self.tape
        options, step = last.options, last.step or 1
        rate = 0.0 if last.rate is None else last.rate
        if options is None or options.schedule is constant:
            return tape.given(rate, "learning_rate")
        place, epochs = (step - 1) / last.steps_per_epoch, float(options.epochs)
        base = rate_in(options.learning_rate, dict(options.epoch_rates or ()), int(place) + 1)
        given = [tape.given(base, "first_rate"), tape.given(min(place, epochs), "epoch")]
        schedule = options.schedule
        found = self.noter.apply(schedule.name, schedule.function, [*given, options.epochs])[0]
        if last.rate is not None and float(found) != last.rate:
            return tape.given(rate, "learning_rate")
        return tape.set_role(found, "learning_rate")

    # what is asked for

    def mine(self, thing: Any) -> Any:
        """Return the part of the copy that is a part of the net."""
        if thing is None:
            return None
        if hasattr(thing, "neurons"):
            return self.twin.layers[thing.id]
        if hasattr(thing, "incoming"):
            return self.mine(thing.incoming).weights["in"][thing.id]
        return self.twin.layers[thing.layer.id].neurons[thing.id]

    def place(self, what: str, thing: Any, sample: int | None = None) -> int | None:
        """Return the operation whose result is a number of the copy; None if there is none."""
        if what in ("bias_grad", "new_bias") and thing.layer is self.twin.inputs:
            return None
        if not self.last.targets and what in ("grad", "bias_grad", "new_weight", "new_bias"):
            return None
        if what in ("grad", "bias_grad"):
            return self.tape.of(self.gradient(thing))
        if what in ("new_weight", "new_bias"):
            return self.tape.of(self.update(thing))
        if what in (*REMEMBERED, "share", "norm", "clip"):  # they come with an update
            for learning in [thing] if thing else self._learning():
                self.update(learning)
                if self._placed(Role(what, thing)) is not None:
                    break
        if what == "loss" and not self.is_batch and self.engine.of_one == "loss":
            sample = 0
        if what == "sample_loss":
            what = self.engine.of_one
        found = self._placed(Role(what, thing, sample))
        return self._in_block(what, thing, sample) if found is None else found

    def _in_block(self, what: str, thing: Any, sample: int | None) -> int | None:
        """Return the operation of a number that was given with others."""
        key = what, sample
        if key not in self._blocks:
            self._blocks[key] = {
                each: place
                for block in self.tape.blocks
                if (block.what, block.sample) == key
                for place, each in enumerate(block.things, block.start)
            }
        return self._blocks[key].get(thing)

    def _learning(self) -> Iterator[Any]:
        """Yield the weights and neurons of the copy that a step changes."""
        for neuron, weights in self.wiring.all_parameters():
            yield from (weight for weight in weights if not weight.frozen)
            if neuron.learns_bias:
                yield neuron

    def _placed(self, role: Role) -> int | None:
        roles = self.tape.roles
        if self._indexed != len(roles):
            self._index = {each: place for place, each in roles.items()}
            self._indexed = len(roles)
        return self._index.get(role)

    def gradient(self, thing: Weight | Neuron) -> Any:
        """Return the gradient of a weight or a bias of the copy, added up over the samples."""
        is_bias = hasattr(thing, "bias")
        what, name = ("bias_grad", "bias_grad") if is_bias else ("grad", "grad")
        if thing in self._added:
            return getattr(thing, name)
        self._added.add(thing)
        neuron: Any = thing if is_bias else thing.incoming  # type: ignore[union-attr]
        layer: Any = next(each for each in self.wiring.layers if neuron in each.neurons)
        before = neuron.bias_grad
        neuron.bias_grad = 0.0
        add_gradients(layer, neuron, () if is_bias else (thing,))
        if not is_bias:
            neuron.bias_grad = before
        setattr(thing, name, self.tape.set_role(getattr(thing, name), what, thing))
        return getattr(thing, name)

    def all_gradients(self) -> None:
        """Add up every gradient."""
        for neuron, weights in self.wiring.all_parameters():
            things: list[Any] = [neuron, *weights]
            for thing in things:
                self.gradient(thing)

    def all_updates(self) -> None:
        """Make every update."""
        for thing in self._learning():
            self.update(thing)

    def update(self, thing: Any) -> Any:
        """Return what the step makes of a weight or a bias of the copy."""
        is_bias = hasattr(thing, "bias")
        what, name = ("new_bias", "bias") if is_bias else ("new_weight", "value")
        old, tape = getattr(thing, name), self.tape
        if thing in self._updated:
            return self._updated[thing]
        neuron = thing if is_bias else thing.incoming
        learns = neuron.learns_bias if is_bias else not thing.frozen
        if self.last.rate is None or not self.weight_sum or not learns:
            self.unchanged[thing] = self._why_unchanged(thing, learns)
            is_known = type(old) is tape.number  # there is no bias, otherwise
            new = tape.set_role(tape.own(old), what, thing) if is_known else tape.given(old, what, thing)
            self._updated[thing] = new
            return new
        self.gradient(thing)
        if self.engine.clip_norm is not None and self._factor is None:
            self.all_gradients()
            self._factor = factor = self.engine._mean_factor()
            self.engine._mean_factor = lambda: factor  # type: ignore[method-assign]
        self.memories[thing] = list(map(float, self.engine.memory.get(thing, (0.0, 0.0))))
        self._move(thing, neuron, is_bias)
        self._updated[thing] = new = tape.set_role(getattr(thing, name), what, thing)
        setattr(thing, name, old)
        self._note_update(thing, new)
        return new

    def _why_unchanged(self, thing: Any, learns: bool) -> str:
        if not getattr(thing, "has_bias", True):
            return "it has no bias"
        if self.last.rate is None:
            return "no update has followed"
        return "all samples have the weight 0" if learns else "it is frozen"

    def _move(self, thing: Any, neuron: Any, is_bias: bool) -> None:
        """Update one weight or bias alone."""
        frozen = neuron.bias_frozen
        neuron.bias_frozen = not is_bias
        try:
            row = (neuron, () if is_bias else (thing,))
            self.engine.move([row], self.rate, self.last.step or 1, self.is_plain)
        finally:
            neuron.bias_frozen = frozen

    def _note_update(self, thing: Any, new: Any) -> None:
        """Give the numbers on the way to an update their roles, and keep the memory as it was."""
        tape, engine = self.tape, self.engine
        if self.is_plain:
            mean = tape.b[tape.b[new.place]] if tape.codes[new.place] == SUB else -1
        else:
            mean = tape.applied[new.place].arguments[1]
            pair: Any = engine.memory.pop(thing)
            self.memories[thing] += map(float, pair)
            for what, number in zip(("new_first", "new_second"), pair):
                if not tape.is_constant(tape.a[number.place]) or tape.codes[number.place] != SAME:
                    tape.set_role(number, what, thing)
        self.means[thing] = mean
        if mean >= 0 and tape.role(mean) is None:
            tape.roles[mean] = Role("mean", thing)
        while mean >= 0 and tape.codes[mean] != MUL:
            mean = tape.a[mean]
        if mean >= 0 and tape.codes[tape.a[mean]] == DIV and tape.role(tape.a[mean]) is None:
            tape.roles[tape.a[mean]] = Role("share")
