"""The derivations of a neuron's value and delta, and of a weight's gradient."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING

from slownet.checks import short
from slownet.errors import InvalidValueError
from slownet.explain.derivation import Applied, Derivation, Term
from slownet.explain.tables import explain_input, in_units, input_names
from slownet.functions.activation import Activation
from slownet.graph_checks import where
from slownet.sums import added_in_order

if TYPE_CHECKING:
    from slownet.objects import Layer, Net, Neuron, Weight

MEAN_SLOPE = r"\bar{s}"


def explain_neuron(neuron: Neuron, target: object = None) -> Derivation:
    """Derive a neuron's z and value, and its delta, from the numbers of the last sample.

    Parameters
    ----------
    neuron : Neuron
        A neuron of a net through which a sample was sent. Of an input, what stood in the table is
        derived from its value, which `net.preparation` has made of it.
    target : optional
        What the sample's target was, as for `Net.backward`: the delta of an output neuron comes from it.

    Returns
    -------
    Derivation
        Its `total` is z, its `result` the value. `delta` derives dL/dz where the neuron's delta is of
        the same sample; for an output neuron only if the target is given.

    Raises
    ------
    TypeError, ValueError
        If a number of the net has been set to what is not a real number.
    ValueError
        If the neuron is in no net, or weights have changed since the last sample went forward, so that
        its numbers do not follow from them any more; or if its delta is not of this target.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> _ = net.forward([0.5, -1.0])
    >>> print(net[1][0].explain())
    neuron 0 of layer 1
    z = bias + sum of weight * source value
      bias                                                               0
      weight (0, 0) from neuron 0 of layer 0  0.231275 * 0.5      0.115638
      weight (1, 0) from neuron 1 of layer 0   -1.47238 * -1       1.47238
      z                                                            1.58802
    value = relu(z) = 1.58802
    slope = sum of weight * target delta
      slope               0
    delta = slope * relu'(z) = 0 * 1 = 0
    """
    layer, net = _layer_and_net(neuron)
    make_floats(net)
    if neuron in net.wiring.inputs.neurons:
        return explain_input(neuron, net)
    names = input_names(net)
    terms = [
        Term(f"weight {weight.id} from {_named(source, names)}", (weight.value, source.value))
        for weight in neuron.weights["in"].values()
        if (source := weight.outgoing) is not None and source.value
    ]
    activation = layer.function
    place, zs, _ = _side_by_side(neuron, layer)
    latex = activation.latex.replace("z_i", "z") or "f(z)"
    value = Applied(f"{activation.name}(z)", latex, {"z": neuron.z}, activation.values(zs)[place])
    derivation = Derivation(
        where(neuron),
        ("z", "z"),
        ("value", "a"),
        ("bias + sum of weight * source value", r"b + \sum_i w_i a_i"),
        (Term("bias", (neuron.bias,)), *terms),
        value,
        note=in_units(neuron, net),
        from_zero=False,
    )
    if not (is_same(derivation.total, neuron.z) and is_same(derivation.result, neuron.value)):
        raise does_not_follow(neuron)
    return _with_delta(derivation, neuron, target)


def explain_weight(weight: Weight) -> Derivation:
    """Derive what the last sample adds to a weight's gradient: delta of the target * source value.

    Parameters
    ----------
    weight : Weight
        A weight of a net through which a sample was sent forward and backward.

    Returns
    -------
    Derivation
        Its `result` is the weight's `grad` if that is of one sample, otherwise what the last added.

    Raises
    ------
    TypeError, ValueError
        If a number of the net has been set to what is not a real number.
    ValueError
        If the weight is not attached at both ends, or `backward` was not called since the last
        `zero_grad`, or another sample was sent forward after it.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> _ = net.forward([0.5, -1.0])
    >>> loss = net.backward(1)
    >>> print(net.weight(2, (0, 0)).explain())
    weight (0, 0) from neuron 0 of layer 1 to neuron 0 of layer 2
    grad = delta of the target * value of the source
      delta of neuron 0 of layer 2 * value of neuron 0 of layer 1  -0.463879 * 1.58802      -0.73665
      grad                                                                                  -0.73665
    """
    source, target = weight.outgoing, weight.incoming
    if source is None or target is None:
        raise InvalidValueError(f"{weight} is not attached to a neuron at both ends: attach it first")
    _, net = _layer_and_net(target)
    make_floats(net)
    again = "call net.zero_grad(), net.forward(sample) and net.backward(target) first"
    if not net.samples:
        raise InvalidValueError(f"{weight} has no gradient yet: {again}")
    terms = []
    if source.value and target.delta:
        name = f"delta of {where(target)} * value of {where(source)}"
        terms.append(Term(name, (target.delta, source.value)))
    derivation = Derivation(
        f"weight {weight.id} from {where(source)} to {where(target)}",
        ("grad", r"\frac{\partial L}{\partial w}"),
        ("grad", ""),
        ("delta of the target * value of the source", r"\delta \cdot a"),
        tuple(terms),
        note="" if terms else "Nothing: that delta or that value is exactly 0.",
    )
    if net.samples == 1:
        if not is_same(derivation.result, weight.grad):
            raise InvalidValueError(f"the gradient of {weight} is not of the last sample alone: {again}")
        return derivation
    note = f"The last of {net.samples} samples: grad = {weight.grad:.6g} adds up all of them."
    if net.weight_sum != net.samples:
        note += f" Their weights, which are factors of the deltas, add up to {net.weight_sum:.6g}."
    return replace(derivation, note=f"{derivation.note} {note}".strip())


def _named(neuron: Neuron, names: dict[Neuron, str]) -> str:
    """Return where a neuron is, and the name of an input in the table."""
    return f"{where(neuron)} ({names[neuron]})" if neuron in names else where(neuron)


def _with_delta(derivation: Derivation, neuron: Neuron, target: object) -> Derivation:
    _, net = _layer_and_net(neuron)
    if neuron not in net.wiring.output.neurons:
        delta = _hidden_delta(neuron)
        return replace(derivation, delta=delta) if is_same(delta.result, neuron.delta) else derivation
    if target is None:
        note = "Its delta comes from the target: explain(target) derives it." if net.samples else ""
        return replace(derivation, note="\n".join(filter(None, [derivation.note, note])))
    delta = _output_delta(neuron, target)
    if not is_same(delta.result, neuron.delta):
        raise InvalidValueError(
            f"the delta of {where(neuron)} is not of the target {short(target)}: "
            "call net.backward(target) first"
        )
    return replace(derivation, delta=delta)


def _hidden_delta(neuron: Neuron) -> Derivation:
    """Derive delta = slope * f'(z), where the slope is a sum over the outgoing weights."""
    layer, net = _layer_and_net(neuron)
    activation = layer.function
    place, zs, values = _side_by_side(neuron, layer)
    slopes = [added_in_order(term.value for term in _slope_terms(each)) for each in layer]
    has_error = any(output.delta for output in net.wiring.output.neurons)
    result = activation.deltas(zs, values, slopes)[place] if has_error else 0.0
    return Derivation(
        where(neuron),
        ("slope", "s"),
        ("delta", r"\delta"),
        ("sum of weight * target delta", r"\sum_j w_j \delta_j"),
        tuple(_slope_terms(neuron)),
        _sloped(neuron, layer, slopes, result),
    )


def _slope_terms(neuron: Neuron) -> list[Term]:
    return [
        Term(f"weight {weight.id} to {where(target)}", (weight.value, target.delta))
        for weight in neuron.weights["out"].values()
        if (target := weight.incoming) is not None and target.delta
    ]


def _output_delta(neuron: Neuron, target: object) -> Derivation:
    """Derive the delta of an output neuron from the loss."""
    layer, net = _layer_and_net(neuron)
    loss, activation = net.loss, layer.function
    place, zs, values = _side_by_side(neuron, layer)
    targets, weight = net.encoder().encode(target), net.sample_weight
    if activation is loss.partner:
        terms = Term("value", (neuron.value,)), Term("minus the target", (-targets[place],))
        words = "value - target", "a - y"
        symbols = error = "delta", r"\delta"
        applied = None
        if weight != 1.0:
            error, number = ("error", "e"), neuron.value - targets[place]
            applied = _weighted(Applied("error", "e", {"e": number}, number), weight)
        return Derivation(where(neuron), error, symbols, words, terms, applied, from_zero=False)
    slopes = loss.slopes(values, targets)
    applied = _sloped(neuron, layer, slopes, loss.deltas(activation, zs, values, targets)[place])
    applied = applied if weight == 1.0 else _weighted(applied, weight)
    return Derivation(
        where(neuron),
        ("slope", "s"),
        ("delta", r"\delta"),
        (f"dL/dvalue of {loss.name}, target {targets[place]:.6g}", r"\frac{\partial L}{\partial a}"),
        (Term(loss.name, (slopes[place],)),),
        applied,
        from_zero=False,
    )


def _weighted(delta: Applied, weight: float) -> Applied:
    """Return the delta of an output neuron times the weight of its sample; 0 for the weight 0."""
    number = delta.result
    return Applied(
        f"weight of the sample * {delta.name}",
        rf"w \cdot {delta.latex}",
        {**delta.numbers, "w": weight},
        weight * number if weight else 0.0,
        (weight, number),
        delta.mean,
    )


def _sloped(neuron: Neuron, layer: Layer, slopes: list[float], delta: float) -> Applied:
    """Return the step from the slopes of a layer to a delta."""
    activation = layer.function
    place, _, values = _side_by_side(neuron, layer)
    slope, value = slopes[place], values[place]
    numbers = {"s": slope, "z": neuron.z, "a": value}
    if not isinstance(activation, Activation):
        mean = _mean_slope(layer, values, slopes)
        numbers[MEAN_SLOPE] = mean.total
        words, latex = "value * (slope - mean slope)", rf"a (s - {MEAN_SLOPE})"
        return Applied(words, latex, numbers, delta, _factors(value, slope - mean.total, delta), mean)
    derivative = float(activation.derivative(neuron.z, value))
    latex = rf"s \cdot \left({activation.derivative_latex}\right)" if activation.derivative_latex else ""
    words = f"slope * {activation.name}'(z)"
    return Applied(words, latex or "s f'(z)", numbers, delta, _factors(slope, derivative, delta))


def _mean_slope(layer: Layer, values: list[float], slopes: list[float]) -> Derivation:
    """Derive the mean of a layer's slopes by its values, which sum to 1."""
    terms = [
        Term(where(each), (value, slope))
        for each, value, slope in zip(layer, values, slopes, strict=True)
    ]
    return Derivation(
        f"layer {layer.id}",
        ("mean slope", MEAN_SLOPE),
        ("mean slope", MEAN_SLOPE),
        ("sum of value * slope in the layer", r"\sum_k a_k s_k"),
        tuple(terms),
    )


def _factors(first: float, second: float, product: float) -> tuple[float, ...]:
    """Return the factors of a product, or () where it was not taken, as no output has an error."""
    return (first, second) if first * second == product else ()


def does_not_follow(neuron: Neuron) -> InvalidValueError:
    """Return the error for a neuron whose numbers are not those of a forward pass."""
    return InvalidValueError(
        f"the numbers of {where(neuron)} do not follow from the weights any more: they have changed "
        "since the last sample went forward, or dropout came between. Call net.forward(sample) first"
    )


def make_floats(net: Net) -> None:
    """Convert all numbers of a net, and of its last sample; errors as for `explain_neuron`."""
    net.wiring.make_floats()
    net.wiring.make_gradients_floats()
    for neuron in net.neurons():
        for name in ("z", "value", "delta"):
            if type(getattr(neuron, name)) is not float:
                net.wiring.make_float(neuron, name)


def _layer_and_net(neuron: Neuron) -> tuple[Layer, Net]:
    if neuron.layer is None or neuron.layer.net is None:
        raise InvalidValueError(
            f"{neuron} is in no net, so that nothing was sent through it: explain a neuron of a net"
        )
    return neuron.layer, neuron.layer.net


def _side_by_side(neuron: Neuron, layer: Layer) -> tuple[int, list[float], list[float]]:
    """Return a neuron's place in its layer, and the z and value of all neurons there."""
    neurons = list(layer)
    return neurons.index(neuron), [each.z for each in neurons], [each.value for each in neurons]


def is_same(one: float, other: float) -> bool:
    """Whether two numbers have the same bits."""
    return struct.pack("d", one) == struct.pack("d", other)
