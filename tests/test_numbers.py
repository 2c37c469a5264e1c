"""Numbers of other types, put into the graph: converted or refused, the same on every path."""

from __future__ import annotations

import copy
from collections import UserString
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bits import bits, state
from graphs import OPTIMIZERS
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import MAY_HARDLY_LEARN, batch_for, nets

import slownet
from slownet import (
    Callback,
    InvalidTypeError,
    InvalidValueError,
    Net,
    NetFactory,
    Neuron,
    SlownetError,
    Weight,
    checked_passes,
    engines,
    functions,
)
from slownet.checks import as_float, digits
from slownet.engines.scalar import ScalarEngine
from slownet.graph_checks import make_float
from slownet.recording import OptimizerState, take
from slownet.samples import Samples


class Sub(float):
    """A float subclass that changes nothing."""


class Duck:
    """A number that Python can only convert."""

    def __init__(self, number: float) -> None:
        self.number = number

    def __float__(self) -> float:
        return self.number


class Broken:
    """Something that says it is a number and is none."""

    def __float__(self) -> float:
        raise RuntimeError("no number")


def single(number: float) -> np.float32:
    return np.float32(number)


KINDS: dict[str, Any] = {  # of a number of moderate size
    "int": round,
    "large int": lambda x: 2**60 + round(x) - 2**60 + 2**53 + 1,
    "bool": lambda x: x > 0.0,
    "float subclass": Sub,
    "Fraction": Fraction,
    "third": lambda x: Fraction(round(x), 3),
    "Decimal": lambda x: Decimal(repr(x)) / 3,
    "duck": Duck,
    "float16": np.float16,
    "float32": single,
    "float64": np.float64,
    "longdouble": lambda x: np.longdouble(x) / 3,
    "int8": lambda x: np.int8(round(x)),
    "numpy bool": lambda x: np.bool_(x > 0.0),
    "array": np.array,
    "float32 array": partial(np.array, dtype=np.float32),
    "object array": lambda x: np.array(Decimal(repr(x)), object),
}
REFUSED: dict[str, Any] = {
    "text": "0.5",
    "no number in a text": "many",
    "NumPy's text": np.str_("0.5"),
    "UserString": UserString("0.5"),
    "bytes": b"0.5",
    "text array": np.array("0.5"),
    "None": None,
    "complex": 0.5 + 0j,
    "complex64": np.complex64(0.5),
    "clongdouble": np.clongdouble(0.5),
    "complex array": np.array(0.5j),
    "list": [0.5],
    "array of one": np.array([0.5]),
    "array of two": np.array([0.5, 0.5]),
    "date": np.datetime64("2026-01-01"),
    "object": object(),
    "broken": Broken(),
    "signaling": Decimal("sNaN"),
}
TOO_LARGE: dict[str, Any] = {
    "int": 10**400,
    "very long int": -(10**5000),
    "Fraction": Fraction(10**400, 3),
    "Decimal": Decimal("1e400"),
}
if np.finfo(np.longdouble).max > np.finfo(np.float64).max:
    TOO_LARGE["longdouble"] = np.longdouble("-1e4000")
NONE = {**REFUSED, **{f"too large {name}": number for name, number in TOO_LARGE.items()}}

X = np.random.default_rng(0).normal(size=(40, 3))
X[:, 1] *= X[:, 1] > 0.0
Y = (X[:, 0] > 0.0).astype(int)
SAMPLE = X[0].tolist()


def new(*sizes: int, **options: Any) -> Net:
    return NetFactory(sizes or [3, 4, 2], "tanh", seed=0, **options).new()


def value_of(number: Any) -> float:
    """What a number is worth, found in another way than the library does."""
    return number.item().__float__() if isinstance(number, np.ndarray) else float(number)


def outcome(do: Any) -> Any:
    """What a call returns, or its error."""
    try:
        return do()
    except SlownetError as error:
        return type(error), str(error)


def held(net: Net) -> list[Any]:
    """All numbers of a net, whatever they are."""
    numbers = [n for w in net.weights() for n in (w.value, w.grad)]
    for neuron in net.neurons():
        numbers += [neuron.bias, neuron.bias_grad, neuron.z, neuron.value, neuron.delta]
    return [outcome(lambda n=n: bits([as_float("", n)])) for n in numbers]


# what is a number


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [0.1, -1.7, 0.0, 3.0])
def test_real_numbers_become_the_nearest_float(kind: str, number: float) -> None:
    odd = KINDS[kind](number)
    found = as_float("it", odd)
    assert type(found) is float
    assert bits([found]) == bits([value_of(odd)])


def test_some_values_by_hand() -> None:
    assert as_float("it", np.float32(0.1)) == 0.10000000149011612
    assert as_float("it", np.float16(0.1)) == 0.0999755859375
    assert as_float("it", Fraction(1, 3)) == 1 / 3
    assert as_float("it", Decimal("0.1")) == 0.1
    assert as_float("it", 2**53 + 1) == 2.0**53


@pytest.mark.parametrize("odd", [np.float32("inf"), Decimal("Infinity"), np.array(np.inf), Sub("inf")])
def test_infinities_and_nan_stay_what_they_are(odd: Any) -> None:
    assert as_float("it", odd) == float("inf")
    assert np.isnan(as_float("it", np.float32("nan")))
    assert np.isnan(as_float("it", Decimal("NaN")))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_number_is_refused(name: str) -> None:
    odd = REFUSED[name]
    with pytest.raises(
        InvalidTypeError, match=rf"^it must be a number, not {type(odd).__name__} .{{1,40}}$"
    ):
        as_float("it", odd)
    with pytest.raises(InvalidTypeError, match="learning_rate must be a number"):
        new().fit(X, Y, learning_rate=odd)


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_no_float_can_hold_is_refused(name: str) -> None:
    for option in ("learning_rate", "l1"):
        with pytest.raises(
            InvalidValueError, match=rf"^{option} must be .* at most 1.8e308, not .{{1,40}}$"
        ):
            new().fit(X, Y, **{option: TOO_LARGE[name]})


@pytest.mark.parametrize("odd", [True, np.True_])
def test_an_option_is_no_bool(odd: Any) -> None:
    with pytest.raises(InvalidTypeError, match="l2 must be a number, not bool"):
        new().fit(X, Y, l2=odd)


@given(number=st.floats(width=32) | st.floats(width=16))
def test_every_narrow_float_keeps_its_value(number: float) -> None:
    assert bits([as_float("it", np.float32(number))]) == bits([number])
    assert bits([as_float("it", np.array(number, np.float32))]) == bits([number])


@given(number=st.fractions() | st.decimals(allow_nan=False) | st.integers())
def test_every_rational_is_rounded_as_python_rounds_it(number: Any) -> None:
    found = outcome(lambda: as_float("it", number))
    try:
        wanted = float(number)
    except OverflowError:
        wanted = float("inf")
    if wanted == number or abs(wanted) < float("inf"):
        assert bits([found]) == bits([wanted])
    else:
        assert found[0] is InvalidValueError


# where numbers enter


PATHS: dict[str, Any] = {
    "forward": lambda net: net.forward(SAMPLE),
    "predict scalar": lambda net: net.predict_proba(X, engine="scalar").tolist(),
    "predict compiled": lambda net: net.predict_proba(X, engine="compiled").tolist(),
    "evaluate": lambda net: net.evaluate(X, Y),
    "copy": lambda net: state(net.copy()),
    "deepcopy": lambda net: state(copy.deepcopy(net)),
    "take": lambda net: [*map(bits, (take(net).weights, take(net).biases))],
    "update": lambda net: (net.forward(SAMPLE), net.backward(1), net.update(0.1), state(net))[-1],
    "check_finite": lambda net: net.check_finite(),
    "fit scalar": lambda net: (net.fit(X, Y, engine="scalar", progress=False), state(net))[1],
    "fit compiled": lambda net: (net.fit(X, Y, engine="compiled", progress=False), state(net))[1],
    "explain": lambda net: (net.forward(SAMPLE), str(net.layers[1].neurons[0].explain()))[1],
}


def put(net: Net, name: str, number: Any) -> Net:
    """Put a number into the first weight, or the bias of its neuron."""
    net.forward(SAMPLE)
    if name == "value":
        net.weight(1, (0, 0)).value = number
    else:
        net.layers[1].neurons[0].bias = number
    return net


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["value", "bias"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_path_gives_the_bits_of_the_float(kind: str, name: str, path: str) -> None:
    odd = KINDS[kind](0.3)
    net = put(new(), name, odd)
    assert PATHS[path](net) == PATHS[path](put(new(), name, value_of(odd)))
    if path != "predict scalar" and kind not in (
        "int",
        "bool",
        "Fraction",
        "third",
        "large int",
        "float subclass",
    ):
        kept = net.weight(1, (0, 0)).value if name == "value" else net.layers[1].neurons[0].bias
        assert type(kept) is float or "copy" in path


@pytest.mark.parametrize("path", [*PATHS, "save"])
@pytest.mark.parametrize("name", ["value", "bias"])
@pytest.mark.parametrize("kind", ["text", "None", "complex64", "array of one", "too large int"])
def test_every_path_refuses_what_is_no_number(kind: str, name: str, path: str, tmp_path: Path) -> None:
    place = {"value": r"weight \(0, 0\) into layer 1", "bias": "neuron 0 of layer 1"}[name]
    net = put(new(), name, NONE[kind])
    do = PATHS.get(path, lambda net: net.save(tmp_path / "net.json"))
    with pytest.raises(
        (InvalidTypeError, InvalidValueError), match=f"^the {name} of {place} must be a number"
    ):
        do(net)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_a_net_file_holds_the_float(kind: str, tmp_path: Path) -> None:
    odd = KINDS[kind](0.3)
    file = put(new(), "value", odd).save(tmp_path / "net.json")
    assert bits([slownet.load(file).weight(1, (0, 0)).value]) == bits([value_of(odd)])


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
def test_what_no_product_needs_is_not_looked_at(engine: str) -> None:
    """Its source is 0 in every sample: a prediction passes on both engines, or on none."""
    samples = X * [0.0, 1.0, 1.0]
    wanted = new().predict_proba(samples, engine=engine)
    net = put(new(), "value", "0.5")
    assert (net.predict_proba(samples, engine=engine) == wanted).all()
    with pytest.raises(InvalidTypeError, match="not str '0.5'"):
        net.predict(X, engine=engine)


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
def test_a_text_that_no_product_needs_beside_a_number_that_one_does(engine: str) -> None:
    samples = X * [0.0, 1.0, 1.0]
    net = put(new(), "value", "0.5")
    net.weight(1, (1, 0)).value = Decimal("0.1")
    twin = new()
    twin.weight(1, (1, 0)).value = 0.1
    found, wanted = (each.predict_proba(samples, engine=engine) for each in (net, twin))
    assert (found == wanted).all()


def test_a_sum_of_numbers_of_two_types_may_look_like_a_float() -> None:
    """Python's Fraction and NumPy's float16 add up to a float that was rounded as a float16."""
    net, twin = new(), new()
    odds = ("bias", Fraction(1, 3)), ("value", np.float16(0.1))
    for each, convert in ((net, False), (twin, True)):
        for source in (1, 2):
            for target in range(4):
                each.weight(1, (source, target)).remove()
        each.forward(SAMPLE)
        places = [(name, index, odd) for index in range(4) for name, odd in odds]
        put_at(each, places, convert)
    assert bits(net.forward(SAMPLE)) == bits(twin.forward(SAMPLE))


@pytest.mark.parametrize(
    "options", [{"optimizer": "adam"}, {"l2": 0.1}, {"dropconnect": 0.9, "batch_size": 1}]
)
@pytest.mark.parametrize("engine", ["scalar", "compiled"])
def test_what_only_an_update_needs_is_converted_for_it(engine: str, options: dict[str, Any]) -> None:
    samples = X * [0.0, 1.0, 1.0] if "dropconnect" not in options else X
    places = [("value", 0, Decimal("0.1"))]
    found, wanted = (
        trained(new(), engine, Put("on_step_end", places, convert, 0), samples, Y, **options)
        for convert in (False, True)
    )
    assert found == wanted


def test_constructors_take_numbers_only() -> None:
    assert type(Weight((0, 1), value=np.float32(0.1)).value) is float
    assert type(Neuron(0, bias=Fraction(1, 2), value=1).bias) is float
    for make in (
        partial(Weight, (0, 1), value="0.5"),
        partial(Neuron, 0, bias="0.5"),
        partial(Neuron, 0, value=1j),
    ):
        with pytest.raises(InvalidTypeError, match="must be a number, not"):
            make()


@pytest.mark.parametrize("rate", [np.float32(0.1), Decimal("0.1"), Fraction(1, 10)])
def test_the_rate_of_an_update_is_a_float(rate: Any) -> None:
    results = []
    for each in (rate, float(rate)):
        net = new()
        net.forward(SAMPLE)
        net.backward(1)
        net.update(each)
        results.append(state(net))
    assert results[0] == results[1]
    with pytest.raises(InvalidTypeError, match="learning_rate must be a number, not str '0.1'"):
        net.update("0.1")


# gradients


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("when", ["before backward", "before update"])
def test_gradients_set_by_hand(kind: str, when: str) -> None:
    odd, results = KINDS[kind](0.3), []
    for number in (odd, value_of(odd)):
        net = new()
        net.forward(SAMPLE)
        if when == "before update":
            net.backward(1)
        net.weight(1, (0, 0)).grad = net.layers[2].neurons[1].bias_grad = number
        if when == "before backward":
            net.backward(1)
        net.update(0.1)
        results.append(state(net))
        assert {type(w.value) for w in net.weights()} == {float}
    assert results[0] == results[1]


@pytest.mark.parametrize("kind", NONE)
@pytest.mark.parametrize("name", ["grad", "bias_grad"])
def test_gradients_that_are_none(kind: str, name: str) -> None:
    net = new()
    weight, neuron = net.weight(1, (0, 0)), net.layers[2].neurons[1]
    net.forward(SAMPLE)
    setattr(weight if name == "grad" else neuron, name, NONE[kind])
    before = bits(w.value for w in net.weights())
    with pytest.raises(
        (InvalidTypeError, InvalidValueError), match=rf"^the {name} of .* must be a number"
    ):
        net.backward(1)
    net.samples = 1
    with pytest.raises(
        (InvalidTypeError, InvalidValueError), match=rf"^the {name} of .* must be a number"
    ):
        net.update(0.1)
    assert bits(w.value for w in net.weights()) == before


def test_a_gradient_that_is_set_within_a_batch() -> None:
    for odd, message in (
        ("0.5", "the grad of weight"),
        (Decimal("0.5"), "zero_grad.. begins the batch again"),
    ):
        net = new()
        net.forward(SAMPLE)
        net.backward(1)
        net.weight(1, (0, 0)).grad = odd
        with pytest.raises(InvalidTypeError, match=message):
            net.backward(1)


# at random


PLACES = ("value", "value", "bias", "grad", "bias_grad")
odd_numbers = st.builds(
    lambda kind, number: KINDS[kind](number), st.sampled_from(sorted(KINDS)), st.floats(-3.0, 3.0)
)


def put_at(net: Net, places: list[tuple[str, int, Any]], convert: bool) -> None:
    """Put numbers into a net, as they are or as floats."""
    weights, neurons = list(net.weights()), [n for layer in list(net)[1:] for n in layer]
    for name, index, odd in places:
        things: list[Any] = weights if name in ("value", "grad") else neurons
        if things:
            setattr(things[index % len(things)], name, value_of(odd) if convert else odd)


@pytest.mark.long
@given(data=st.data())
def test_odd_numbers_between_passes_are_worth_their_floats(data: st.DataObject) -> None:
    draw = data.draw
    net = draw(nets())
    samples, targets, _ = batch_for(net, 3, draw(st.integers(0, 99)))
    place = st.tuples(st.sampled_from(PLACES), st.integers(0, 99), odd_numbers)
    puts = draw(st.lists(st.lists(place, max_size=3), min_size=4, max_size=4))
    twins = net.copy(), net.copy()
    for twin, convert in zip(twins, (False, True), strict=True):
        twin.forward(samples[0])
        for step, (x, y) in enumerate(zip(samples, targets, strict=True)):
            if step:  # gradients are looked at when a batch begins, and in update
                put_at(twin, [each for each in puts[step] if "grad" not in each[0]], convert)
            else:
                put_at(twin, puts[0], convert)
            twin.forward(x)
            put_at(twin, [each for each in puts[step] if "grad" not in each[0]], convert)
            twin.backward(y)
        put_at(twin, puts[3], convert)
        outcome(lambda twin=twin: twin.update(0.1))
        twin.forward(samples[1])
    assert held(twins[0]) == held(twins[1])


class Put(Callback):
    """Puts numbers into the net at one hook, every time or once."""

    def __init__(self, hook: str, places: list[tuple[str, int, Any]], convert: bool, at: int) -> None:
        self.places, self.convert, self.at = places, convert, at
        setattr(self, hook, self._put)

    def _put(self, training: Any) -> None:
        if training.step >= self.at:
            put_at(training.net, self.places, self.convert)


HOOKS = ["on_fit_begin", "on_epoch_begin", "on_step_end", "on_epoch_end", "on_fit_end"]


def trained(net: Net, engine: str, callback: Put, X: Any, y: Any, **options: Any) -> Any:
    """Train a copy; return what there is to see of it, an error included."""
    twin = net.copy()
    found = outcome(
        lambda: twin.fit(X, y, engine=engine, progress=False, callbacks=[callback], **options)
    )
    losses = found if isinstance(found, tuple) else bits(found.loss)
    return losses, held(twin)


@pytest.mark.long
@MAY_HARDLY_LEARN
@settings(max_examples=max(60, settings.default.max_examples // 2))
@given(data=st.data())
def test_odd_numbers_from_callbacks(data: st.DataObject) -> None:
    """Both engines end with the same bits as with floats; or with the same error."""
    draw = data.draw
    net = draw(nets())
    samples, targets, _ = batch_for(net, 8, draw(st.integers(0, 99)))
    hook, at = draw(st.sampled_from(HOOKS)), draw(st.integers(0, 4))
    numbers = odd_numbers | st.sampled_from([*NONE.values()])
    places = draw(
        st.lists(st.tuples(st.sampled_from(PLACES), st.integers(0, 99), numbers), min_size=1, max_size=3)
    )
    options: dict[str, Any] = {
        "epochs": 2,
        "batch_size": draw(st.sampled_from([1, 3, 8])),
        "optimizer": draw(st.sampled_from(OPTIMIZERS)),
        "l2": draw(st.sampled_from([0.0, 0.1])),
        "dropout": draw(st.sampled_from([0.0, 0.3])),
        "dropconnect": draw(st.sampled_from([0.0, 0.0, 0.3])),
        "validation_data": draw(st.sampled_from([None, (samples[:2], targets[:2])])),
        "snapshots": draw(st.sampled_from([None, 2])),
    }
    scalar, compiled = (
        trained(net, engine, Put(hook, places, False, at), samples, targets, **options)
        for engine in ("scalar", "compiled")
    )
    assert scalar == compiled
    assume(not any(odd is none for *_, odd in places for none in NONE.values()))
    assert scalar == trained(net, "scalar", Put(hook, places, True, at), samples, targets, **options)


def outputs(net: Net, samples: list[list[float]], engine: str) -> list[Any]:
    if engine == "forward":
        return [bits(net.forward(sample)) for sample in samples]
    rows = engines.outputs(engine, net, Samples(samples, len(net.inputs)))
    return [bits(values) for _, values in rows]


@pytest.mark.long
@given(data=st.data())
def test_predictions_agree_whatever_is_in_the_net(data: st.DataObject) -> None:
    draw = data.draw
    net = draw(nets())
    samples, _, _ = batch_for(net, 5, draw(st.integers(0, 99)))
    numbers = odd_numbers | st.sampled_from([*NONE.values()])
    places = draw(
        st.lists(st.tuples(st.sampled_from(["value", "bias"]), st.integers(0, 99), numbers), max_size=3)
    )
    found = []
    for engine in ("scalar", "compiled", "forward"):
        twin = net.copy()
        twin.forward(samples[0])
        put_at(twin, places, convert=False)
        found.append(outcome(partial(outputs, twin, samples, engine)))
    assert found[0] == found[1] == found[2]


# what optimizers remember, and own formulas


def remembered(net: Net, number: Any) -> OptimizerState:
    memory: dict[Any, Any] = dict.fromkeys(net.weights(), (number, number))
    memory |= {neuron: (number, 0) for layer in list(net)[1:] for neuron in layer}
    return OptimizerState(functions.adam(), 3, memory)


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_optimizer_state_set_by_hand(kind: str, engine: str, tmp_path: Path) -> None:
    odd, results = KINDS[kind](0.3), []
    for number in (odd, value_of(odd)):
        net = new()
        net.optimizer_state = remembered(net, number)
        saved = net.save(tmp_path / "net.json").read_text()
        net.fit(X, Y, optimizer="adam", warm_start=True, engine=engine, progress=False)
        assert {type(n) for pair in net.optimizer_state.memory.values() for n in pair} == {float}
        results.append((saved, state(net), net.save(tmp_path / "net.json").read_text()))
    assert results[0] == results[1]


@pytest.mark.parametrize("kind", NONE)
def test_an_optimizer_state_without_numbers(kind: str, tmp_path: Path) -> None:
    net = new()
    net.optimizer_state = remembered(net, NONE[kind])
    message = r"^what the optimizer remembers of weight \(0, 0\) into layer 1 must be a number"
    for engine in ("scalar", "compiled"):
        with pytest.raises((InvalidTypeError, InvalidValueError), match=message):
            net.fit(X, Y, optimizer="adam", warm_start=True, engine=engine)
    with pytest.raises((InvalidTypeError, InvalidValueError), match=message):
        net.save(tmp_path / "net.json")


def test_an_own_optimizer_and_regularizer_may_return_other_types() -> None:
    def rule(value, gradient, first, second, rate, constants):
        first = np.float32(0.5) * np.float32(first) + np.float32(gradient)
        return np.float32(value - rate * first), first, second

    own = functions.Optimizer("own", rule)
    penalty = functions.Regularizer("own", lambda weight: weight * weight / 2, np.float32)
    net = new()
    net.fit(X, Y, optimizer=own, regularizers=[(penalty, 0.1)], engine="scalar", progress=False)
    assert {type(w.value) for w in net.weights()} == {float}
    text = functions.Optimizer("text", lambda *arguments: ("0.5", 0.0, 0.0))
    with pytest.raises(
        InvalidTypeError, match="a number that optimizer 'text' returns must be a number"
    ):
        net.fit(X, Y, optimizer=text, engine="scalar", progress=False)


# pictures


@pytest.mark.parametrize("kind", NONE)
def test_a_representation_never_fails(kind: str) -> None:
    net, odd = new(), NONE[kind]
    weight, neuron = net.weight(1, (0, 0)), net.layers[1].neurons[0]
    weight.value = weight.grad = neuron.bias = neuron.z = neuron.value = neuron.delta = odd
    for thing in (weight, neuron, net.layers[1], net):
        assert repr(thing)
        assert thing._repr_html_()
    neuron.has_bias = False
    assert "bias=" in repr(neuron)
    assert weight.value is odd
    assert len(digits(odd)) < 60


# a type of number of one's own


class Counted(float):
    """A float that counts what is done with it: it stands for one that takes notes."""

    products = sums = 0

    def __mul__(self, other: float) -> Counted:
        Counted.products += 1
        return Counted(float(self) * float(other))

    def __add__(self, other: float) -> Counted:
        Counted.sums += 1
        return Counted(float(self) + float(other))

    __rmul__, __radd__ = __mul__, __add__


def keep_counted(thing: Weight | Neuron, name: str) -> bool:
    return not isinstance(getattr(thing, name), Counted) and make_float(thing, name)


def test_another_conversion_lets_its_own_floats_through_the_passes() -> None:
    plain, net = (NetFactory([3, 4, 2], "linear", "linear", seed=0).new() for _ in range(2))
    net.wiring.make_float = keep_counted
    for weight in net.weights():
        weight.value = Counted(weight.value)
    for layer in list(net)[1:]:
        for neuron in layer:
            neuron.bias = Counted(neuron.bias)
    Counted.products = Counted.sums = 0
    assert bits(net.forward(SAMPLE)) == bits(plain.forward(SAMPLE))
    used = sum(map(bool, SAMPLE)) * 4 + 4 * 2
    assert (Counted.products, Counted.sums) == (used, used)  # each product and each sum once
    assert {type(n.z) for layer in list(net)[1:] for n in layer} == {Counted}
    assert bits([net.backward([1.0, 2.0])]) == bits([plain.backward([1.0, 2.0])])
    slopes, factors, gradients = 4 * 2, 4, sum(map(bool, SAMPLE)) * 4
    assert Counted.products == used + slopes + factors + gradients
    assert {type(w.value) for w in net.weights()} == {Counted}
    assert bits(w.grad for w in net.weights()) == bits(w.grad for w in plain.weights())
    net.check_finite()
    net.weight(1, (2, 0)).explain()
    assert {type(w.value) for w in net.weights()} == {Counted}
    assert type(net.layers[1].neurons[0].z) is Counted
    net.weight(1, (0, 0)).value = np.float32(0.5)  # every other type is still converted
    plain.weight(1, (0, 0)).value = 0.5
    assert bits(net.forward(SAMPLE)) == bits(plain.forward(SAMPLE))
    assert type(net.weight(1, (0, 0)).value) is float
    assert type(net.weight(1, (2, 0)).value) is Counted
    engine = ScalarEngine(net, None)  # type: ignore[arg-type]
    engine.gradients([SAMPLE], [[1.0, 2.0]], 1, [1.0])
    engine.update(0.1, 1)
    plain.zero_grad()
    plain.forward(SAMPLE)
    plain.backward([1.0, 2.0])
    plain.update(0.1)
    assert state(net) == state(plain)


def test_the_pass_begins_again_once() -> None:
    """All numbers are converted where one is met: a pass begins again once, and not for each neuron."""
    net, calls = new(), 0
    net.forward(SAMPLE)
    for weight in net.weights():
        weight.value = np.float32(weight.value)
    activation = net.layers[1].function

    class Watched:
        name, range, initializer = activation.name, activation.range, activation.initializer

        def values(self, zs: list[float]) -> list[float]:
            nonlocal calls
            calls += 1
            return activation.values(zs)

    net.wiring.layers[0].activation = Watched()  # type: ignore[assignment]
    values = checked_passes.forward(net.wiring, SAMPLE)
    assert calls == 2
    assert bits(values) == bits(net.copy().forward(SAMPLE))
    assert {type(w.value) for w in net.weights()} == {float}
