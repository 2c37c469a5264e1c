"""What is asked to be explained, and the step on a tape in which it came about."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slownet.checks import check_bool
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.explain.derivation import Derivation
from slownet.explain.explained import Explained, samples_words
from slownet.explain.naming import OF_OUTPUTS, OF_SAMPLES, Quantity, asked, name_of
from slownet.explain.quantities import net_of, quantity_of
from slownet.explain.step import NotedStep
from slownet.explain.steps import forward_step, given_step, make_floats, step_with_target
from slownet.explain.tape import Role
from slownet.explain.trace import Trace
from slownet.graph_checks import where
from slownet.samples import AGAIN, LastStep

if TYPE_CHECKING:
    from slownet.objects import Net, Neuron, Weight
FORGOTTEN = (
    "no sample was sent through this net since it was made, copied, loaded or taken back, or its graph "
    "changed"
)


def same(one: float, other: float) -> bool:
    """Whether two numbers have the same bits, or are both not a number."""
    return (one != one and other != other) or struct.pack("d", one) == struct.pack("d", other)


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
    quantity = Quantity(asked(thing, attribute), thing)
    net = net_of(thing)
    make_floats(net)
    if target is not None:
        return _required(_explained(step_with_target(net, target)), quantity, None, attribute)
    if quantity.what in ("z", "value"):
        return _of_last_sample(net, quantity, attribute)
    return _required(_of_last(net, f"the {attribute} of {where(thing)}"), quantity, thing, attribute)


def _of_last_sample(net: Net, quantity: Quantity, attribute: str) -> Derivation:
    """Derive a z or a value: of the last step, or of a sample that went forward after it."""
    last, thing = net._last, quantity.thing
    inputs = [neuron.value for neuron in net.inputs]
    steps = [forward_step(net)]
    if last is not None and last.samples and last.samples[-1] == inputs and _is_known(last, net):
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
    found = last_step(net, name_of(Role(quantity.what, quantity.thing)))
    return _required(found, quantity, None, "")


def _check_unchanged(net: Net, found: Explained) -> None:
    """Raise ValueError if a net does not have the weights any more that samples by hand went through."""
    step = found.step
    if step.last.targets and step.last.before is not None:
        return
    neurons: list[Neuron] = list(net.outputs)
    names = ["delta"] + ["bias_grad"] * (net.samples == len(step.last.targets))
    if not step.last.targets:
        neurons, names = net.wiring.after_inputs, ["z"]
    for neuron in neurons:
        for name in names:
            of_it = found.derive(Quantity(name, neuron))
            if of_it is not None and not same(of_it.value, getattr(neuron, name)):
                raise not_following(neuron, name)


def explain(
    net: Net, asking: Any, X: Any = None, y: Any = None, step: int = 1, **options: Any
) -> Derivation:
    """Derive a number of a step that would be taken with these samples; the net is left alone.

    Parameters
    ----------
    net : Net
        The net before the step.
    asking : str, pair or callable
        "loss"; a name as derivations print them, such as "z_1_3" or "delta_1_3" (layer, neuron),
        "grad_1_0_3" or "new_weight_1_0_3" (layer, source, target), and with "_s7" behind it what is of
        sample 7 of a batch (without, of its last sample); a pair of a weight or neuron and what is asked
        of it, as for `explain_part`; or a function of the net: `lambda net: net[1][3].delta`.
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
        what, part = quantity.what.replace("new_weight", "new_value").replace("_", " "), quantity.thing
        whose = "" if part is None else f" of {where(part)}"
        raise InvalidValueError(f"there is no {what}{whose} in this step: {_why_not(found, quantity)}")
    if thing is not None:
        known = {"update": "bias" if hasattr(thing, "bias") else "value"}.get(attribute, attribute)
        check_following(found.step.last, thing, known, derivation.value)
    return derivation


def check_following(last: LastStep, thing: Any, attribute: str, number: float) -> None:
    """Raise ValueError if a number that the last step gives is not what an object has."""
    if last.others and attribute in ("grad", "bias_grad"):  # the others are not known
        is_so = net_of(thing).samples == last.others + 1
    else:
        is_so = same(number, getattr(thing, attribute, number))
    if not is_so:
        raise not_following(thing, attribute)


def _why_not(found: Explained, quantity: Quantity) -> str:
    step, thing = found.step, quantity.thing
    weights = step.last.weights
    if quantity.what in OF_OUTPUTS and step.mine(thing) not in step.wiring.output.neurons:
        return "outputs alone have one"
    if getattr(step.mine(thing), "layer", None) is step.twin.inputs:
        return "the input layer has values alone"
    if not step.last.targets:
        return "it needs a target: give y, or call net.backward(target)"
    if weights is not None and 0.0 in weights and quantity.what in OF_SAMPLES:
        return "nothing goes back from a sample whose weight is 0"
    return "its formulas and options do without it"


def not_following(thing: Any, attribute: str) -> InvalidValueError:
    """Return the error for a number that is not what the last step of its net gives."""
    last, name = net_of(thing)._last, name_of(Role(asked(thing, attribute), thing))
    again = "net.forward(sample)"
    if attribute not in ("z", "value") or hasattr(thing, "incoming"):
        again = "net.zero_grad(), net.forward(sample) and net.backward(target)"
    if attribute == "bias" or (attribute == "value" and hasattr(thing, "incoming")):
        again = (
            "net.zero_grad(), net.forward(sample), net.backward(target) and net.update(learning_rate)"
        )
    what = f"the {attribute} of {where(thing)} does not follow from"
    if last is None and net_of(thing).wiring.output.values:
        what += " the sample that was sent forward last: numbers or weights have changed since"
    elif last is None:
        what += f" what its net knows: {FORGOTTEN}"
    else:
        what += " the last step of its net any more: numbers or weights have changed since"
    if last is not None and last.before is None:
        last.explained = None  # it was made of what the net has now
    known = "Call"
    if last is not None and last.step is not None and _is_known(last, net_of(thing)):
        known = f'net.explain("{name}") derives what it was in step {last.step:,}. Otherwise call'
    return InvalidValueError(
        f"{what}. {known} {again} first, or give the samples: net.explain(quantity, X, y)"
    )


# where numbers come from


def last_step(net: Net, what: str) -> Explained:
    """Return the last step of a net; errors as for `explain_part`."""
    make_floats(net)
    found = _of_last(net, what)
    _check_unchanged(net, found)
    return found


def last_gradients(net: Net, what: str) -> NotedStep:
    """Return the last step of a net, which went backward; errors as for `explain_part`."""
    step = last_step(net, what).step
    if not step.last.targets:
        raise InvalidValueError(f"{what} needs a target: call net.backward(target) first")
    return step


def _of_last(net: Net, what: str) -> Explained:
    """Return the last step of a net on a tape; ValueError if it is not known."""
    last = net._last
    if last is None and net.wiring.output.values:
        last = forward_step(net)
    if last is None:
        raise InvalidValueError(
            f"nothing is known that {what} comes from: {FORGOTTEN}. Train with fit, or "
            "call net.zero_grad(), net.forward(sample) and net.backward(target) (and, to derive an "
            f"update, net.update(learning_rate)); {AGAIN}"
        )
    if last.lost:
        raise InvalidValueError(f"{what} cannot be explained: {last.lost}")
    if last.samples is None:
        raise InvalidValueError(
            f"{what} comes from {len(last.targets):,} samples, too many for the net to keep: {AGAIN}"
        )
    return _explained(last, net)


def _explained(last: LastStep, net: Any = None) -> Explained:
    if last.explained is None:
        before, memory = (net, {}) if last.before is None else last.before()
        last.explained = Explained(NotedStep(before, last, memory), samples_words(last))
    found: Explained = last.explained
    if last.loss is not None:
        loss = found.derive(Quantity("loss"))
        if loss is not None and not same(loss.value, last.loss):
            raise InvalidValueError(
                f"step {last.step:,} cannot be explained, for a callback has changed the net since: "
                f"its loss was {last.loss!r} and would be {loss.value!r}: {AGAIN}"
            )
    return found


def _is_known(last: LastStep, net: Net) -> bool:
    """Whether a step can still be put on a tape."""
    if last.lost or last.samples is None:
        return False
    try:
        _explained(last, net)
    except InvalidValueError:
        return False
    return True


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
    memory = last.before()[1] if last.before else {}
    return Trace(begun, replace(last, before=None), memory, _given_words(last), update)


def explain_history(
    history: Any, step: int, asking: Any, data: tuple[Any, ...], sample: int | None = None
) -> Derivation:
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
    sample : int, optional
        A row of the data that the step shall have alone, in the place of its batch.

    Raises
    ------
    TypeError, ValueError
        If there is no such step, number or sample.
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
    from slownet.training.replaying import check_losses

    found = _explained(step_of(history, step, data, sample))
    loss = found.derive(Quantity("loss"))
    if sample is None and loss is not None:
        check_losses(history, [loss.value], step - 1)
    if sample is not None:
        found.about = f"step {step:,} of the training, with sample {sample:,} of the data alone"
    return _required(found, quantity_of(found.step.twin, asking, may_be_copy=True), None, "")
