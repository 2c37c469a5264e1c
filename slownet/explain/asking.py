"""What is asked to be explained, and the step on a tape in which it came about."""

from __future__ import annotations

import struct
from dataclasses import fields, replace
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from slownet.checks import check_bool, check_integer, check_keywords
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.explain.derivation import Derivation
from slownet.explain.graph import Graph
from slownet.explain.naming import GIVEN, asked, name_of, words_of
from slownet.explain.quantities import Quantity, quantity_of
from slownet.explain.step import NotedStep
from slownet.explain.tables import cell_words, in_units, input_names
from slownet.explain.trace import Trace
from slownet.graph_checks import where
from slownet.samples import LastStep

if TYPE_CHECKING:
    from slownet.objects import Net, Neuron, Weight

OF_SAMPLES = ("z", "value", "raw", "slope", "derivative", "delta", "target", "keep")


class Explained:
    """A step on a tape, of which any number can be explained.

    Parameters
    ----------
    step : NotedStep
        The step.
    about : str
        Of which step and which samples it is.
    """

    def __init__(self, step: NotedStep, about: str) -> None:
        self.step, self.about = step, about
        self.graph = Graph(step.tape, self._name, self._words, self._given)

    def derive(self, quantity: Quantity, sample: int | None = None) -> Derivation | None:
        """Return the derivation of a quantity, of one sample if it is of samples; None without one."""
        what, thing = quantity
        step = self.step
        if what in OF_SAMPLES:
            sample = max(len(step.last.samples or ()) - 1, 0) if sample is None else sample
        else:
            sample = None
        place = step.place(what, step.mine(thing), sample)
        return None if place is None else Derivation(self.graph, place, self.about)

    def _name(self, place: int) -> str:
        role: Any = self.step.tape.role(place)
        return name_of(role, self._suffix(role.sample))

    def _suffix(self, sample: int | None) -> str:
        if sample is None or not self.step.is_batch:
            return ""
        return f"_s{self._row(sample)}"

    def _row(self, sample: int) -> int:
        rows = self.step.last.rows
        return sample if rows is None else rows[sample]

    def _words(self, place: int) -> str:
        role: Any = self.step.tape.role(place)
        of_many = role.sample is not None and self.step.is_batch
        words = words_of(role, f", sample {self._row(role.sample)}" if of_many else "")
        if role.what in ("loss", "sample_loss"):
            return f"{words} ({self._loss_words})"
        if role.what == "value":
            return words + self._of_table(role.thing, self.step.tape.results[place])
        return words

    def _of_table(self, neuron: Any, value: float) -> str:
        """Return what an input or an output is in the table of the net; "" without one."""
        net = self.step.net
        own = net.layers[neuron.layer.id].neurons[neuron.id]
        names = input_names(net)
        if own in names:
            return f": {names[own]}"
        units = in_units(own, net, value)
        return f"; {units}" if units else ""

    @property
    def _loss_words(self) -> str:
        loss = self.step.net.loss
        return f"{loss.name}: {loss.text}" if loss.text else loss.name

    def _given(self, place: int) -> str:
        role = self.step.tape.role(place)
        if role is not None and role.what == "value":
            net, thing = self.step.net, role.thing
            own = net.layers[thing.layer.id].neurons[thing.id]
            cell = cell_words(own, net, self.step.tape.results[place])
            return f"given: {cell}" if cell else GIVEN["value"]
        return "" if role is None else GIVEN.get(role.what, "given")


# the steps


def samples_words(last: LastStep) -> str:
    """Return which step and samples a derivation speaks of."""
    samples: Any = last.samples
    rows = last.rows
    if last.step is None and rows is None and len(samples) == 1:
        listed = shorten(", ".join(f"{x:.6g}" for x in samples[0]), 50, placeholder=" ...")
        alone = f"the sample {listed}"
        if last.others:
            alone += f" alone: gradients add it to {last.others:,} before, which net.zero_grad() forgets"
        return alone
    count = len(last.targets or samples)
    listed = ", ".join(map(str, list(range(count) if rows is None else rows)[:8]))
    more = ", ..." if count > 8 else ""
    which = f"sample {listed}" if count == 1 else f"the {count} samples {listed}{more}"
    if last.step is None:
        return f"{which} that went forward and backward last"
    return f"step {last.step:,} of the training: {which} of the data"


def same(one: float, other: float) -> bool:
    """Whether two numbers have the same bits."""
    return struct.pack("d", one) == struct.pack("d", other)


def net_of(thing: Any) -> Net:
    """Return the net of a weight or neuron; ValueError if it is in none."""
    neuron = thing
    if hasattr(thing, "incoming"):
        if thing.incoming is None or thing.outgoing is None:
            raise InvalidValueError(f"{thing} is not attached to a neuron at both ends: attach it first")
        neuron = thing.incoming
    layer = neuron.layer
    if layer is None or layer.net is None:
        raise InvalidValueError(
            f"{neuron} is in no net, so that nothing was sent through it: explain a neuron of a net"
        )
    return layer.net  # type: ignore[no-any-return]


def explain_part(thing: Weight | Neuron, attribute: str, target: Any = None) -> Derivation:
    """Derive a number of a weight or neuron, of the last step or sample of its net.

    That is the last step of `fit`, on any engine, or the samples that were sent forward and backward
    since the last `zero_grad`; `about` of the derivation says which.

    Parameters
    ----------
    thing : Weight or Neuron
        Whose number it is.
    attribute : str
        Of a weight "grad", or "value" and "update", which are the same: how the last update has made its
        value. Of a neuron "z", "value", "delta", "bias_grad", "slope", "derivative", "bias", "update".
    target : optional
        The target, as for `Net.backward`, of the sample that was sent forward last, if it shall have
        been another one.

    Raises
    ------
    TypeError, ValueError
        If there is no such number, or it does not follow from what the net knows.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], "tanh", seed=0).new()
    >>> history = net.fit([[0.5, -1.0], [1.0, 2.0]], [1, 0], optimizer="adam")
    >>> weight = net.weight(1, (0, 2))
    >>> update = weight.explain("update")
    >>> update.value == weight.value, update.check()
    (True, True)
    >>> update.about
    'step 1 of the training: the 2 samples 1, 0 of the data'
    """
    quantity = asked(thing, attribute), thing
    net = net_of(thing)
    make_floats(net)
    if target is not None:
        return _required(_explained(_with_target(net, target)), quantity, None, attribute)
    if quantity[0] in ("z", "value"):
        return _of_last_sample(net, quantity, attribute)
    return _required(_of_last(net, f"the {attribute} of {where(thing)}"), quantity, thing, attribute)


def _of_last_sample(net: Net, quantity: Quantity, attribute: str) -> Derivation:
    """Derive a z or a value: of the last step, or of a sample that went forward after it."""
    last, thing = net._last, quantity[1]
    inputs = [neuron.value for neuron in net.inputs]
    steps = [_forward(net)]
    if last is not None and last.samples and not last.lost and last.samples[-1] == inputs:
        steps.insert(0, last)
    for step in steps:
        found = _explained(step, net).derive(quantity)
        if found is not None and same(found.value, getattr(thing, attribute)):
            return found
        if found is None:
            raise InvalidValueError(
                f"{where(thing)} has no {attribute}: it is an input, with a value alone"
            )
    raise not_following(thing, attribute)


def explain_step(net: Net, asking: Any) -> Derivation:
    """Derive a number of the last step of a net; errors as for `explain_part`."""
    quantity = quantity_of(net, asking)
    make_floats(net)
    return _required(_of_last(net, "that"), quantity, None, "")


def explain(
    net: Net, asking: Any, X: Any = None, y: Any = None, step: int = 1, **options: Any
) -> Derivation:
    """Derive a number of a step that would be taken with these samples; the net is left alone.

    Parameters
    ----------
    net : Net
        The net before the step.
    asking : str, pair or callable
        "loss"; a name, such as "z_1_3" or "delta_1_3" (layer, neuron), "grad_1_0_3" or
        "new_weight_1_0_3" (layer, source, target); a pair of a weight or neuron and what is asked of it,
        as for `explain_part`; or a function of the net that says it: `lambda net: net[1][3].delta`.
    X, y : optional
        The samples of the batch and their targets, or one sample and its target; without y only what
        goes forward can be asked. Without X, the last step of the net is explained.
    step : int
        Which step it would be: dropout and schedules depend on it.
    **options
        Those of `Net.fit`: `optimizer`, `learning_rate`, `dropout`, `l2`, ...

    Raises
    ------
    TypeError, ValueError
        If samples or options do not fit the net, or there is no such number.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], "tanh", seed=0).new()
    >>> loss = net.explain("loss", [[0.5, -1.0], [1.0, 2.0]], [1, 0])
    >>> [part.name for part in loss["total"].parts]
    ['sample_loss_s0', 'sample_loss_s1']
    >>> net.explain(lambda net: net.weight(2, (1, 0)).grad, [0.5, -1.0], 1).name
    'grad_2_1_0'
    """
    if X is None:
        if options or y is not None:
            raise InvalidTypeError("explain needs the samples: net.explain(quantity, X, y, ...)")
        return explain_step(net, asking)
    quantity = quantity_of(net, asking)
    make_floats(net)
    last, begun = given_step(net, X, y, step, options)
    found = Explained(
        NotedStep(begun, last, last.before()[1] if last.before else None), _given_words(last)
    )
    return _required(found, quantity, None, "")


def _given_words(last: LastStep) -> str:
    count = len(last.samples or ())
    if count == 1:
        return samples_words(replace(last, rows=None, step=None))
    after = f", as step {last.step:,}" if (last.step or 1) > 1 else ""
    return f"a batch of the {count} samples that were given{after}"


def _required(found: Explained, quantity: Quantity, thing: Any, attribute: str) -> Derivation:
    """Return a derivation, which must give the number that an object has."""
    derivation = found.derive(quantity)
    if derivation is None:
        what = quantity[0].replace("_", " ")
        raise InvalidValueError(
            f"there is no {what} of {where(quantity[1])} in this step: {_why_not(found, quantity)}"
        )
    if thing is not None:
        if found.step.last.others and known_as_sum(quantity):
            return derivation
        known = {"update": "bias" if hasattr(thing, "bias") else "value"}.get(attribute, attribute)
        has = getattr(thing, known, derivation.value)
        if not same(derivation.value, has):
            raise not_following(thing, known)
    return derivation


def known_as_sum(quantity: Quantity) -> bool:
    """Whether a number adds up samples."""
    return quantity[0] in ("grad", "bias_grad")


def _why_not(found: Explained, quantity: Quantity) -> str:
    what, thing = quantity
    if not found.step.last.targets:
        return "it needs a target: give y, or call net.backward(target)"
    if getattr(thing, "layer", None) is found.step.net.inputs:
        return "the input layer has values alone"
    return f"its loss and activations do without it ({what})"


def not_following(thing: Any, attribute: str) -> InvalidValueError:
    """Return the error for a number that is not what the last step of its net gives."""
    again = "net.forward(sample)"
    if attribute not in ("z", "value") or hasattr(thing, "incoming"):
        again = "net.zero_grad(), net.forward(sample) and net.backward(target)"
    return InvalidValueError(
        f"the {attribute} of {where(thing)} does not follow from the last step of its net any more: "
        f"numbers or weights have changed since. Call {again} first, or give the samples: "
        "net.explain(quantity, X, y)"
    )


# where numbers come from


def last_step(net: Net, what: str) -> Explained:
    """Return the last step of a net; errors as for `explain_part`."""
    make_floats(net)
    return _of_last(net, what)


def _of_last(net: Net, what: str) -> Explained:
    """Return the last step of a net on a tape; ValueError if it is not known."""
    last = net._last
    if last is None:
        raise InvalidValueError(
            f"nothing is known that {what} comes from: call net.forward(sample) and "
            "net.backward(target), train with fit, or give the samples: net.explain(quantity, X, y)"
        )
    if last.lost:
        raise InvalidValueError(f"{what} cannot be explained: {last.lost}")
    if last.samples is None:
        raise InvalidValueError(
            f"{what} comes from {len(last.targets):,} samples, too many for the net to keep: give them, "
            "net.explain(quantity, X, y)"
        )
    return _explained(last, net)


def _explained(last: LastStep, net: Any = None) -> Explained:
    if last.explained is None:
        before, memory = (net, {}) if last.before is None else last.before()
        last.explained = Explained(NotedStep(before, last, memory), samples_words(last))
    found: Explained = last.explained
    return found


def _forward(net: Net) -> LastStep:
    """Return the sample that the inputs of a net hold, as a step that only goes forward."""
    values = [neuron.value for neuron in net.inputs]
    return LastStep([values], [], before=lambda: (net, {}))


def _with_target(net: Net, target: Any) -> LastStep:
    values = [neuron.value for neuron in net.inputs]
    return LastStep([values], [net.encoder().encode(target)], before=lambda: (net, {}))


def given_step(net: Net, X: Any, y: Any, step: int, options: dict[str, Any]) -> tuple[LastStep, Net]:
    """Return the step that a training would take with samples as its batch, and the net before it."""
    from slownet.samples import read_sample
    from slownet.training.data import TrainingData
    from slownet.training.options import Options

    check_keywords("explain", options, [each.name for each in fields(Options)])
    checked = Options(**{"progress": False, **options})
    step = check_integer("step", step, minimum=1)
    if y is None and not hasattr(X, "y"):
        rows = [X] if _is_one(X) else X
        if len(rows) != 1:
            raise InvalidValueError("y must be given for a batch: without it, only one sample is sent")
        sample = rows[0] if net.preparation is None else net.preparation.prepared(rows)[0]
        return LastStep([read_sample(sample, len(net.inputs))], [], options=checked), net
    if _is_one(X):
        X, y = [X], [y]
    if checked.loss is not None:
        net = net.copy()
        net.loss = checked.loss
    memory: dict[Any, tuple[float, float]] = {}
    if checked.warm_start and net.optimizer_state is not None:
        checked = checked.after(net.optimizer_state)
        memory = dict(net.optimizer_state.checked_memory())
    batches = TrainingData.read(net, X, y, checked).batches
    rate = checked.schedule.rate_of(step, checked.learning_rate, 1, checked.epochs)
    count = len(batches.samples)
    return LastStep(
        [list(batches.samples[k]) for k in range(count)],
        batches.targets,
        batches.weights,
        range(count),
        step,
        1,
        checked,
        rate,
        before=lambda: (net, memory),
    ), net


def _is_one(X: Any) -> bool:
    """Whether X is one sample and no list of samples."""
    shape = getattr(X, "shape", None)
    if shape is not None:
        return len(shape) == 1
    return (
        isinstance(X, (list, tuple))
        and bool(X)
        and not isinstance(X[0], (list, tuple))
        and not hasattr(X[0], "__len__")
    )


def make_floats(net: Net) -> None:
    """Convert all numbers of a net, and of its last sample.

    Raises
    ------
    TypeError, ValueError
        If one is no real number.
    """
    net.wiring.make_floats()
    net.wiring.make_gradients_floats()
    for neuron in net.neurons():
        for name in ("z", "value", "delta"):
            if type(getattr(neuron, name)) is not float:
                net.wiring.make_float(neuron, name)


def trace(net: Net, X: Any, y: Any = None, update: bool = True, step: int = 1, **options: Any) -> Trace:
    """Record a step as a sequence of single scalar operations; the net is left alone.

    Order and names are those in which the page takes single operations.

    Parameters
    ----------
    net : Net
        The net before the step.
    X, y
        The samples of the batch and their targets, or one sample and its target.
    update : bool
        Whether the update belongs to it.
    step : int
        Which step it would be: dropout and schedules depend on it.
    **options
        Those of `Net.fit`.

    Raises
    ------
    TypeError, ValueError
        If samples or options do not fit the net.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], "tanh", seed=0).new()
    >>> trace = net.trace([0.5, -1.0], 1)
    >>> trace[3].formula, trace[3].result, trace.replay()
    ('bias_1_0', 0.0, True)
    """
    check_bool("update", update)
    make_floats(net)
    last, begun = given_step(net, X, y, step, options)
    if not last.targets:
        raise InvalidValueError("a step goes back from targets: give y as well")
    memory = last.before()[1] if last.before else None
    return Trace(NotedStep(begun, last, memory), _given_words(last), update)


def explain_history(history: Any, step: int, asking: Any, data: tuple[Any, ...]) -> Derivation:
    """Derive a number as it was in a step of a training: the steps before are taken again.

    Parameters
    ----------
    history : History
        Of the training, with snapshots or from a run file.
    step : int
        From 1 to the last one.
    asking
        As for `explain`.
    data : (X, y) or (X, y, sample_weight)
        The training data.

    Raises
    ------
    TypeError, ValueError
        If there is no such step or number.
    RecordingError
        If the arithmetic or the data differ from those of the training.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> history = net.fit(X, y, epochs=3, snapshots=5)
    >>> history.explain(4, "loss", (X, y)).value == history.loss[3]
    True
    """
    from slownet.training.last_step import step_of

    last = step_of(history, step, data)
    found = _explained(last)
    return _required(found, quantity_of(found.step.net, asking), None, "")
