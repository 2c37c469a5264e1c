"""A user's own formulas: the compiled engine gives the bits of Python, or says why it does not."""

from __future__ import annotations

import functools
import gc
import itertools
import linecache
import math
import re
import types
import warnings
from collections.abc import Callable as Function
from dataclasses import replace
from random import Random
from typing import Any

import numba
import numpy as np
import pytest
from bits import bits, state
from hypothesis import given, settings
from hypothesis import strategies as st
from slow import mostly_long

import slownet
from slownet import (
    Activation,
    Callback,
    DerivativeWarning,
    DivergedError,
    EngineError,
    Loss,
    NetFactory,
    Optimizer,
    Regularizer,
    Schedule,
    errors,
    functions,
)
from slownet.engines.formula_keys import key_in_process, written_by
from slownet.functions import derivatives
from slownet.functions.builtin import is_builtin

pytestmark = pytest.mark.filterwarnings("ignore::slownet.DerivativeWarning")
X = np.random.default_rng(0).normal(size=(40, 2))
y = X[:, :1] - X[:, 1:]
MANY = np.tile(X, (250, 1)), np.tile(y, (250, 1))  # enough for auto to take the compiled engine


def of(function: Function[..., Any], name: str = "own", slope: Any = lambda z, value: 0.5) -> Activation:
    return Activation(name, function, slope)


def net_with(activation: Any) -> slownet.Net:
    return NetFactory([2, 3, 1], activation, "linear", seed=0).new()


def ended(net: slownet.Net, engine: str, **options: Any) -> Any:
    """Train a copy; return every bit of it and of the losses, or the error."""
    twin = net.copy()
    try:
        history = twin.fit(X, y, engine=engine, progress=False, **{"batch_size": 8, **options})
    except DivergedError as error:
        return state(twin), str(error)
    return state(twin), bits(history.loss)


def same(net: slownet.Net, **options: Any) -> Any:
    found = ended(net, "compiled", **options)
    assert found == ended(net, "scalar", **options)
    return found


class At(Callback):
    """Calls functions after some steps: At({3: change})."""

    def __init__(self, calls: dict[int, Function[[], Any]]) -> None:
        self.calls = calls

    def on_step_end(self, training: Any) -> None:
        self.calls.get(training.step, lambda: None)()


# what a formula reads

NUMBERS, TABLE, CONFIG = [0.5], np.array([0.5]), types.ModuleType("config")
CONFIG.SLOPE = 0.5  # type: ignore[attr-defined]
PAIR = (0.5, [0.25])
round_alias = round


class Holder:
    slope = 0.5

    def method(self, z: float) -> float:
        return self.slope * z

    def __call__(self, z: float) -> float:
        return self.slope * z


HOLDER = Holder()


def reads_array(z: float) -> float:
    return TABLE[0] * z


def with_attribute(z: float) -> float:
    return with_attribute.slope * z  # type: ignore[attr-defined, no-any-return]


with_attribute.slope = 0.5  # type: ignore[attr-defined]


@functools.wraps(functions.exp)
def disguised(z: float) -> float:
    return NUMBERS[0] * z


def closure(content: Any) -> Function[[float], float]:
    def inner(z: float) -> float:
        return content[0] * z

    return inner


def counter() -> Function[[float], float]:
    count = 0.0

    def inner(z: float) -> float:
        nonlocal count
        count += 1.0
        return z + count

    return inner


def changes_global(z: float) -> float:
    global WRITTEN
    WRITTEN = z
    return z


def imports(z: float) -> float:
    import math as m

    return m.tanh(z)


def made_by_exec(text: str, **outside: Any) -> Any:
    exec(f"made = {text}", outside)
    return outside["made"]


def later() -> Function[[float], float]:
    def inner(z: float) -> float:
        return content * z

    if not TABLE.size:
        content = 1.0
    return inner


CHANGEABLE = {
    "list": (lambda z: NUMBERS[0] * z, r"it reads NUMBERS \(list\).*a number or a tuple"),
    "array": (reads_array, r"TABLE \(numpy.ndarray\)"),
    "array in a helper": (lambda z: reads_array(z) + 1.0, "TABLE"),
    "module": (lambda z: CONFIG.SLOPE * z, "SLOPE"),
    "class": (lambda z: Holder.slope * z, "'slope'"),
    "object": (lambda z: HOLDER.slope * z, "'slope'"),
    "object called": (lambda z: HOLDER(z), r"HOLDER \(.*Holder\), which is no plain function"),
    "callable object": (HOLDER, "no plain function"),
    "bound method": (HOLDER.method, "no plain function"),
    "partial": (functools.partial(lambda k, z: k[0] * z, NUMBERS), "functools.partial"),
    "function's attribute": (with_attribute, "'slope'"),
    "wrapped": (disguised, "NUMBERS"),
    "wrapped cache": (functools.lru_cache(lambda z: NUMBERS[0] * z), "no plain function"),
    "closure": (closure([0.5]), r"content \(list\)"),
    "dict": (closure({0: 0.5}), r"content \(dict\)"),
    "tuple with a list": (lambda z: PAIR[0] * z, r"PAIR \(list\)"),
    "default": (lambda z, k=NUMBERS: k[0] * z, r"default \(list\)"),
    "keyword default": (lambda z, *, k=NUMBERS: k[0] * z, r"k \(list\)"),
    "comprehension": (lambda z: max([k * z for k in NUMBERS]), "NUMBERS"),
    "inner function": (lambda z: (lambda: NUMBERS[0] * z)(), "NUMBERS"),
    "exec": (made_by_exec("lambda z: K[0] * z", K=NUMBERS), "K"),
    "own builtins": (made_by_exec("lambda z: abs(z)", __builtins__={"abs": HOLDER}), "abs"),
    "jitted": (numba.njit(lambda z: TABLE[0] * z), "no plain function"),
    "jitted helper": ((lambda f: lambda z: f(z))(numba.njit(lambda z: z)), "f "),
    "nonlocal": (counter(), "it changes or imports 'count'"),
    "global": (changes_global, "it changes or imports 'WRITTEN'"),
    "import": (imports, "it changes or imports 'math'"),
    "NumPy": (lambda z: np.exp(-z * z), "NumPy's functions"),
    "NumPy in a closure": ((lambda f: lambda z: f(-z * z))(np.exp), "NumPy's functions"),
    "float32": (closure(np.float32(0.5)), "numpy.float32"),
    "not there": (later(), "content, which is not there yet"),
}


@pytest.mark.parametrize("kind", CHANGEABLE)
def test_what_can_change_is_not_compiled(kind: str) -> None:
    function, reason = CHANGEABLE[kind]
    with pytest.raises(EngineError, match=f"'own' cannot be compiled to the same bits: .*{reason}"):
        net_with(of(function)).fit(X, y, engine="compiled", progress=False)


DIFFERENT = {
    "power": (lambda z: z**2, r"\*\* has other last digits"),
    "pow": (lambda z: pow(z, 2.0), "pow has other last digits"),
    "math.pow": (lambda z: math.pow(z, 2.0), "pow has"),
    "math.pow in a closure": ((lambda p: lambda z: p(z, 2.0))(math.pow), "pow has"),
    "pow as a default": (lambda z, p=pow: p(z, 2.0), "pow has"),
    "round": (lambda z: round(z, 2), "round"),
    "round by keyword": (lambda z: round(z, ndigits=2), "round"),
    "round by another name": (lambda z: round_alias(z, 2), "round"),
    "round in a closure": ((lambda r: lambda z: r(z, 2))(round), "round"),
    "round as a default": (lambda z, r=round: r(z, 2), "round"),
    "round of many": (lambda z: round(*(z, 2)), "round"),
    "round in a helper": ((lambda f: lambda z: f(z))(lambda z: round(z, 2)), "round"),
    "sum": (lambda z: sum((z, 0.1, 0.2)), "sum adds"),
    "shift": (lambda z: 1 << int(abs(z)), "<< loses digits"),
    "is": (lambda z: 1.0 if z is 0.5 * z else 2.0, "places in memory"),
    "hypot": (lambda z: math.hypot(z, 1.0), "math.hypot"),
    "fsum": (lambda z: math.fsum((z, 1.0)), "math.fsum"),
    "text": (lambda z: float(str(z)), "str"),
    "hash": (lambda z: hash(z), "hash"),
    "whole numbers": (lambda z: int(z * 1e6) * int(z * 1e6) * int(z * 1e6) * 1.0, "Python gives"),
}


@pytest.mark.filterwarnings("ignore:.*is.*literal:SyntaxWarning")
@pytest.mark.parametrize("kind", DIFFERENT)
def test_what_differs_too_rarely_to_be_found_is_not_compiled(kind: str) -> None:
    function, reason = DIFFERENT[kind]
    with pytest.raises(EngineError, match=f"'own' cannot be compiled.*{reason}"):
        net_with(of(function)).fit(X, y, engine="compiled", progress=False)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_auto_says_why_it_uses_the_objects() -> None:
    """An array that a callback halves; with the old content the weights would be other ones."""
    table, found = np.array([1.0]), []

    class Anneal(Callback):
        def on_epoch_end(self, training: Any) -> None:
            table[0] *= 0.5

    annealed = of(lambda z: table[0] * z, "annealed", lambda z, value: table[0])
    for engine in ("scalar", "auto"):
        table[0], net = 1.0, net_with(annealed)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            net.fit(
                *MANY, epochs=2, engine=engine, batch_size=2000, callbacks=[Anneal()], progress=False
            )
        found.append(state(net))
    assert "using the object loops" in str(caught[0].message)
    assert "'annealed'" in str(caught[0].message)
    assert "table (numpy.ndarray)" in str(caught[0].message)
    assert found[0] == found[1]


@pytest.mark.long
def test_what_the_whitelist_lets_through() -> None:
    pair, mode, half = (0.5, (2, 0.25)), "soft", np.float64(0.5)

    def helper(z: float, steep: float = 0.3, shift: float = 0.1) -> float:
        return steep * z + shift

    def own(z: float) -> float:
        low, (count, step) = pair
        if mode == "soft":
            for k in range(1, count + 1):
                z = z - step * functions.tanh(z) / (2 * k + 1)
        whole = round(z) + int(z) + math.floor(z) % 2 + len(pair)
        return helper(max(z, low)) + min(abs(z), 1.0) * half + 1e-3 * float(whole) * bool(z) + math.pi

    for function in (
        own,
        math.tanh,
        math.fabs,
        functions.tanh,
        float,
        made_by_exec("lambda z: k * abs(z)", k=0.5),
    ):
        same(net_with(of(function)), epochs=2)


@pytest.mark.long
def test_numbers_are_followed_wherever_they_are_read() -> None:
    """Globals, closures, defaults, helpers and code are looked at before every call of the kernels."""
    outside: dict[str, Any] = {"k": 0.5, "pair": (1.0, 0.5), "power": 2}
    exec("def helper(z, by=1.0): return k * z * by\ndef own(z): return helper(z) + pair[1] * z", outside)
    exec("def other(z): return z * power", outside)
    helper, code = outside["helper"], outside["helper"].__code__

    def defaults(by: float) -> None:
        helper.__defaults__ = (by,)

    def codes(of: Any) -> None:
        helper.__code__ = of

    changes = {
        3: lambda: outside.update(k=-0.25),
        6: lambda: outside.update(pair=(1.0, np.float64(0.75))),
        9: lambda: defaults(0.5),
        12: lambda: outside.update(k=2),
        14: lambda: codes(outside["other"].__code__),
    }
    found = []
    for engine in ("scalar", "compiled", "scalar"):
        outside.update(k=0.5, pair=(1.0, 0.5))
        defaults(1.0)
        codes(code)
        found.append(
            ended(net_with(of(outside["own"])), engine, epochs=4, callbacks=[At(changes)], batch_size=8)
        )
    assert found[0] == found[1] == found[2]
    assert ended(net_with(of(outside["own"])), "compiled", epochs=4) != found[0]


def test_minus_zero_and_nan_are_other_numbers() -> None:
    numbers = (0.0, -0.0, 0, False, math.nan, math.nan, 1.0, np.float64(1.0))
    assert len({key_in_process(closure((each, 1))) for each in numbers}) == 7


@pytest.mark.long
def test_a_formula_that_becomes_changeable_while_training() -> None:
    outside: dict[str, Any] = {"k": (0.5,)}
    own = of(made_by_exec("lambda z: k[0] * z", **outside), "becoming")
    scope = own.function.__globals__

    def change() -> None:
        scope["k"] = [0.25]

    found = []
    for engine in ("scalar", "auto"):
        scope["k"], net = (0.5,), net_with(own)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            net.fit(*MANY, epochs=1, batch_size=2000, engine=engine, callbacks=[At({2: change})])
        found.append(state(net))
    assert found[0] == found[1]
    assert ["k (list)" in str(each.message) for each in caught] == [True]
    scope["k"] = (0.5,)
    with pytest.raises(EngineError, match=r"'becoming' .* k \(list\)"):
        net_with(own).fit(
            X, y, engine="compiled", batch_size=8, callbacks=[At({2: change})], progress=False
        )


@pytest.mark.long
def test_an_address_that_is_used_again_is_another_formula() -> None:
    """Helpers come and go; a key made of addresses would find the compiled code of the one before."""
    own = of(made_by_exec("lambda z: helper(z)"))
    scope = own.function.__globals__

    def use(helper: Any) -> None:
        scope["helper"], net = helper, net_with(own)
        assert net.predict(X, engine="compiled").tolist() == net.predict(X, engine="scalar").tolist()
        del scope["helper"]

    for factor in range(2, 50):
        helper = made_by_exec(f"lambda z: z * {factor}.0")
        address = id(helper)
        use(helper)
        del helper
        gc.collect()
        others = [made_by_exec(f"lambda z: z * {factor}.5") for _ in range(5000)]
        for each in others:
            if id(each) == address:
                return use(each)
    raise AssertionError("no address was used again")


def test_slownets_own_functions_are_known_by_their_globals() -> None:
    assert is_builtin(functions.exp)
    assert is_builtin(functions.leaky_relu(0.3).function)
    assert not is_builtin(disguised)
    assert not is_builtin(made_by_exec("lambda z: z", __name__="slownet.functions.elementary"))


TEMPERATURE = 1.0


def cooling(rate: float, epoch: float, epochs: int) -> float:
    global TEMPERATURE
    TEMPERATURE = 1.0 - 0.1 * epoch
    return rate


class Cooling:
    def __call__(self, rate: float, epoch: float, epochs: int) -> float:
        return cooling(rate, epoch, epochs)


def counted(step: int) -> tuple[float, ...]:
    global TEMPERATURE
    TEMPERATURE = 1.0 / step
    return ()


PLACES = types.ModuleType("places")
PLACES.HEAT = 1.0  # type: ignore[attr-defined]
heated = types.FunctionType((lambda z: HEAT * z).__code__, vars(PLACES))  # type: ignore[name-defined]  # noqa: F821


def module_cooling(rate: float, epoch: float, epochs: int) -> float:
    PLACES.HEAT *= 0.97  # type: ignore[attr-defined]
    return 0.1


def dictionary_cooling(rate: float, epoch: float, epochs: int) -> float:
    heated.__globals__["HEAT"] *= 0.97
    return 0.1


def local_cooling(rate: float, epoch: float, epochs: int) -> float:
    places: Any = PLACES
    places.HEAT *= 0.97
    return 0.1


@pytest.mark.long
@pytest.mark.parametrize("function", [module_cooling, dictionary_cooling, local_cooling])
def test_a_schedule_that_changes_a_module(function: Any) -> None:
    found = []
    for engine in ("scalar", "compiled"):
        PLACES.HEAT = 1.0  # type: ignore[attr-defined]
        net = net_with(of(heated))
        found.append(ended(net, engine, schedule=Schedule("cooling", function), epochs=3))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "function", [cooling, Cooling(), functools.partial(cooling), Cooling().__call__]
)
@pytest.mark.long
def test_a_schedule_that_changes_what_a_formula_reads(function: Any) -> None:
    """Rates are worked out for many steps ahead, but not these."""
    global TEMPERATURE
    own, found = of(lambda z: TEMPERATURE * z), []
    for engine in ("scalar", "compiled"):
        TEMPERATURE = 1.0
        found.append(ended(net_with(own), engine, schedule=Schedule("cooling", function), epochs=3))
    assert found[0] == found[1]


def test_constants_that_change_what_a_formula_reads() -> None:
    own = Optimizer("counted", lambda v, g, a, b, r, k: (v - r * g, a, b), constants=counted)
    with pytest.raises(EngineError, match="constants of 'counted' .* changes or imports 'TEMPERATURE'"):
        net_with("tanh").fit(X, y, engine="compiled", optimizer=own, progress=False)


def attribute_counter() -> Function[[int], tuple[float, ...]]:
    def constants(step: int) -> tuple[float, ...]:
        constants.count += 1  # type: ignore[attr-defined]
        return (1.0 / constants.count,)  # type: ignore[attr-defined]

    constants.count = 0  # type: ignore[attr-defined]
    return constants


def list_counter() -> Function[[int], tuple[float, ...]]:
    calls: list[int] = []
    return lambda step: (calls.append(step) or 1.0 / len(calls),)  # type: ignore[func-returns-value]


def iterator_of_constants() -> Function[[int], tuple[float, ...]]:
    rates = itertools.count(1)
    return lambda step: (1.0 / next(rates),)


def drawn_constants() -> Function[[int], tuple[float, ...]]:
    random = Random(0)
    return lambda step: (random.random(),)


CALLED = {  # makers of constants that are others in every call
    each.__name__: each
    for each in (attribute_counter, list_counter, iterator_of_constants, drawn_constants)
}


@pytest.mark.long
@pytest.mark.parametrize("kind", mostly_long(CALLED))
@pytest.mark.parametrize("warm", [False, True])
def test_constants_that_depend_on_how_often_they_are_called(kind: str, warm: bool) -> None:
    found = []
    for engine in ("scalar", "auto"):
        own = Optimizer(
            kind, lambda v, g, a, b, r, k: (v - r * k[0] * g, a, b), constants=CALLED[kind]()
        )
        net = net_with("tanh")
        options = {"batch_size": 8, "optimizer": own, "progress": False, "warm_start": warm}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for _ in range(1 + warm):
                net.fit(*MANY, engine=engine, **options)
        found.append(state(net))
    assert found[0] == found[1]
    with pytest.raises(EngineError, match=f"the constants of '{kind}' (may )?change "):
        net.fit(X, y, engine="compiled", **{**options, "warm_start": False})


CONSTANTS: dict[str, Function[[int], Any]] = {
    "power": lambda step: (0.9**step + math.pow(0.5, step), functions.exp(-step)),
    "whole in a later step": lambda step: (0.5,) if step < 5 else (1,),
    "error in a later step": lambda step: (1.0 / (step - 5),),
    "longer in a later step": lambda step: (0.5,) if step < 5 else (0.5, 0.25),
    "longer from the second step on": lambda step: (0.5,) if step < 2 else (0.5, 0.25),
    "a list": lambda step: [0.5],
}


@pytest.mark.parametrize("kind", CONSTANTS)
def test_constants_of_all_kinds(kind: str) -> None:
    own = Optimizer(
        kind, lambda v, g, a, b, r, k: (v - r * k[-1] * len(k) * g, a, b), constants=CONSTANTS[kind]
    )
    same(net_with("tanh"), optimizer=own, epochs=2)


@pytest.mark.parametrize("constants", [lambda step: 0.5, lambda step: (1.0 / (step - 1),)])
def test_constants_that_are_none(constants: Any) -> None:
    own = Optimizer("own", lambda v, g, a, b, r, k: (v - r * g, a, b), constants=constants)
    with pytest.raises(
        EngineError, match="'own' in step 1 are not a tuple of floats, or raise an error"
    ):
        net_with("tanh").fit(X, y, engine="compiled", optimizer=own, progress=False)


def test_an_error_of_a_schedule_names_the_weight_as_it_is() -> None:
    own = Schedule("own", lambda rate, epoch, epochs: 0.1 if epoch < 1.0 else 1 / 0)
    same(net_with("tanh"), schedule=own, epochs=2)


@pytest.mark.parametrize(
    "function", [math.exp, Holder(), HOLDER.method, lambda step: (NUMBERS[0] ** step, np.exp(-step))]
)
def test_functions_that_only_read(function: Any) -> None:
    assert written_by(function) is None


# where Python raises an error, and how far formulas are tried


@pytest.mark.long
def test_errors_are_those_of_python() -> None:
    """A singular point that no trial finds: compiled code gives nan there, and the objects decide."""

    def one_over(z: float) -> float:
        return 1.0 / (1.0 + 1.0 / (z - 0.3217))

    def raises(z: float) -> float:
        if z == 0.3217:
            raise ValueError("no")
        return z

    def logarithm(z: float) -> float:
        return 1.0 / (1.0 + math.log(abs(z - 0.3217)))

    def modulo(z: float) -> float:
        return 1.0 % (z - 0.3217)

    def handles(z: float) -> float:
        try:
            return 1.0 / (z - 0.3217)
        except Exception:
            return 7.0

    for function in (one_over, raises, logarithm, modulo, handles):
        net = NetFactory([1, 1], output_activation=of(function), seed=0).new()
        net.weight(1, (0, 0)).value = 1.0
        net.layers[1].neurons[0].bias = 0.0
        twins = [net.copy(), net.copy()]
        results = []
        for twin, engine in zip(twins, ("scalar", "compiled"), strict=True):
            try:
                results.append(twin.predict([[0.3217], [1.0]], engine=engine).tolist())
            except Exception as error:
                results.append(repr(error))
        assert results[0] == results[1], function
        assert ("Error" in results[0]) == (function is not handles)


def rule_of_memory(v: float, g: float, a: float, b: float, r: float, k: Any) -> Any:
    """Raises an error when the memory is large."""
    return v - r * g * (0.5 if math.isinf(math.exp(b)) else 1.0), a, b + 100.0


RULES = {
    "memory": rule_of_memory,
    "gradient": lambda v, g, a, b, r, k: (v - r * g / (1.0 + math.exp(-1e3 * abs(g))), a, b),
    "weight": lambda v, g, a, b, r, k: (v - r * g + 0.0 * math.exp(400.0 * v), a, b),
    "counter": lambda v, g, a, b, r, k: (v - r * g / (a + 1.0), a + 1.0, b),
    "first": lambda v, g, a, b, r, k: (v - r * g / (1.0 + 1.0 / (a - 3.0)), a + 1.0, b),
    "clipped": lambda v, g, a, b, r, k: (v - r * max(-1.0, min(1.0, g)), math.sqrt(abs(a * b)), g),
}


@pytest.mark.parametrize("kind", mostly_long(RULES, 2))
def test_own_optimizers_where_python_raises(kind: str) -> None:
    own = Optimizer(kind, RULES[kind])
    same(NetFactory([2, 4, 1], "tanh", "linear", seed=0).new(), epochs=8, batch_size=2, optimizer=own)


@pytest.mark.parametrize("scale", [1.0, 1e5, 1e14])
def test_own_optimizers_with_large_gradients(scale: float) -> None:
    own = Optimizer("own", lambda v, g, a, b, r, k: (v - r * g / (1.0 + abs(a)), 0.5 * a + g, b))
    net = NetFactory([2, 4, 1], "tanh", "linear", seed=0).new()
    found = []
    for engine in ("scalar", "compiled"):
        twin = net.copy()
        twin.fit(X, y * scale, engine=engine, batch_size=4, epochs=2, optimizer=own, progress=False)
        found.append(state(twin))
    assert found[0] == found[1]


def test_a_rule_must_give_floats() -> None:
    own = Optimizer("whole", lambda v, g, a, b, r, k: (v - r * g, 0, b))
    with pytest.raises(EngineError, match=r"'whole'.*gives 0, which is no float: write 0\.0"):
        net_with("tanh").fit(X, y, engine="compiled", optimizer=own, progress=False)


def cube(x: float) -> float:
    """Overflow 64 bits beyond the numbers that formulas are tried on, where Python does not."""
    return int(1e3 * x) * int(1e3 * x) * int(1e3 * x) * 1e-9


def last_digit(x: float) -> float:
    return float(int(1e3 * x) * int(1e3 * x) * int(1e3 * x) % 7)


@pytest.mark.parametrize("size", [1.0, 400.0, 3000.0])
def test_bounds_of_activations(size: float) -> None:
    """Each part has its own bounds: the other one is built in."""
    built_in = functions.linear
    assert isinstance(built_in, Activation)
    for own in (
        Activation("function", cube, built_in.derivative),
        Activation("derivative", built_in.function, lambda z, value: last_digit(z)),
    ):
        net = net_with(own)
        net.layers[1].neurons[0].bias = size
        same(net, learning_rate=1e-9)


@pytest.mark.parametrize("size", [1.0, 400.0, 3000.0])
def test_bounds_of_losses(size: float) -> None:
    """Also with a partner, where no slope is computed from the loss."""
    built_in = functions.get_loss("squared_error")
    for own in (
        Loss("function", lambda a, t: cube(a), built_in.derivative),
        Loss("derivative", built_in.function, lambda a, t: last_digit(a)),
        Loss("partner", lambda a, t: cube(a), built_in.derivative, partner=functions.linear),
    ):
        net = net_with("tanh")
        net.layers[2].neurons[0].bias = size
        same(net, loss=own, learning_rate=1e-3)


@pytest.mark.parametrize("size", [1.0, 400.0, 3000.0])
def test_bounds_of_penalties(size: float) -> None:
    penalty = Regularizer("cube", cube, last_digit)
    signs = Optimizer("signs", lambda v, g, a, b, r, k: (v - (r if g > 0.0 else -r), a, b))
    for optimizer in ("sgd", "adam", signs):
        net = net_with("tanh")
        net.weight(1, (0, 0)).value = size
        same(net, optimizer=optimizer, learning_rate=0.1, epochs=3, regularizers=[(penalty, 1e-3)])


@pytest.mark.parametrize("place", mostly_long(["weight", "second", "gradient", "first"], 2))
def test_bounds_of_optimizers(place: str) -> None:
    def rule(v: float, g: float, a: float, b: float, r: float, k: Any) -> Any:
        seen = v if place == "weight" else g if place == "gradient" else a if place == "first" else b
        return v - r * g * last_digit(seen), 3.0 * a + 1.0, 3.0 * b + 1.0

    net = net_with("tanh")
    if place in ("weight", "gradient"):
        net.weight(2, (0, 0)).value = 3000.0
    same(net, optimizer=Optimizer(place, rule), learning_rate=1e-4, epochs=3)


def test_methods_of_subclasses_are_not_compiled() -> None:
    class Doubled(Activation):
        def values(self, zs: list[float]) -> list[float]:
            return [2.0 * value for value in super().values(zs)]

    class Halved(Loss):
        def slopes(self, values: list[float], targets: list[float]) -> list[float]:
            return [0.5 * slope for slope in super().slopes(values, targets)]

    activation = Doubled("doubled", lambda z: z, lambda z, value: 2.0)
    loss = Halved("halved", lambda a, t: 0.5 * (a - t) * (a - t), lambda a, t: a - t)
    for what, net, options in (
        ("'doubled' has its own values", net_with(activation), {}),
        ("'halved' has its own slopes", net_with("tanh"), {"loss": loss}),
    ):
        with pytest.raises(EngineError, match=what):
            net.fit(X, y, engine="compiled", progress=False, **options)


# numbers that change while a net learns, at random

TEMPLATES = {
    "global": ("lambda z: k * z if z > 0.0 else 0.1 * z", "lambda z, value: k if z > 0.0 else 0.1"),
    "tuple": ("lambda z: k[0] * z + k[1]", "lambda z, value: k[0]"),
    "helper": ("lambda z: (lambda x: x * k)(z)", "lambda z, value: k"),
    "list": ("lambda z: k[0] * z", "lambda z, value: k[0]"),
    "array": ("lambda z: k[0] * z", "lambda z, value: k[0]"),
    "dict": ("lambda z: k[0] * z", "lambda z, value: 0.5"),
    "attribute": ("lambda z: k.k * z", "lambda z, value: 0.5"),
}
CONTENTS: dict[str, Function[[float], Any]] = {
    "global": float,
    "tuple": lambda x: (x, 0.25),
    "helper": float,
    "list": lambda x: [x],
    "array": lambda x: np.array([x]),
    "dict": lambda x: {0: x},
    "attribute": lambda x: types.SimpleNamespace(k=x),
}


@pytest.mark.long
@settings(max_examples=max(12, settings.default.max_examples // 20))
@given(
    kind=st.sampled_from(sorted(TEMPLATES)),
    values=st.lists(st.sampled_from([0.5, -0.25, 0.0, -0.0, 1.5]), min_size=1, max_size=3),
    steps=st.lists(st.integers(1, 9), min_size=3, max_size=3),
    engine=st.sampled_from(["auto", "compiled"]),
    where=st.sampled_from(["activation", "loss", "optimizer", "regularizer"]),
)
def test_what_changes_while_learning_is_seen(
    kind: str, values: list[float], steps: list[int], engine: str, where: str
) -> None:
    """The bits of the object loops, or a refusal that names what can change."""
    scope: dict[str, Any] = {}
    function, derivative = (eval(text, scope) for text in TEMPLATES[kind])
    options: dict[str, Any] = {}
    if where == "loss":
        options["loss"] = Loss("l", lambda a, t: function(a - t), lambda a, t: derivative(a - t, 0.0))
    elif where == "optimizer":
        rule = lambda v, g, a, b, r, k: (v - r * function(g), a, b)  # noqa: E731
        options["optimizer"] = Optimizer("o", rule)
    elif where == "regularizer":
        penalty = Regularizer("p", function, lambda w: derivative(w, w))
        options["regularizers"] = [(penalty, 0.1)]
    activation = Activation("a", function, derivative) if where == "activation" else "tanh"

    def change(to: float) -> None:
        held = scope["k"]
        if kind in ("list", "array", "dict"):
            held[0] = to
        elif kind == "attribute":
            held.k = to
        else:
            scope["k"] = CONTENTS[kind](to)

    found = []
    (inputs, targets), size = (MANY, 1000) if engine == "auto" else ((X, y), 4)
    for each in ("scalar", engine):
        scope["k"], twin = CONTENTS[kind](0.75), net_with(activation)
        refused = ""
        calls = {step: functools.partial(change, to) for step, to in zip(steps, values, strict=False)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                twin.fit(
                    inputs, targets, engine=each, batch_size=size, callbacks=[At(calls)],
                    progress=False, **options,
                )  # fmt: skip
            except EngineError as error:
                refused = str(error)
        if refused:
            assert each == "compiled"
            assert kind in ("list", "array", "dict", "attribute")
            assert re.search(r"'[alop]' cannot be compiled to the same bits: it reads .*'?k'?", refused)
            return
        found.append(state(twin))
    assert found[0] == found[1]


# derivatives


def one(**options: Any) -> None:
    net = NetFactory([2, 1], output_activation=options.pop("activation", "linear"), seed=0).new()
    net.fit(X, y, progress=False, **options)


WRONG = {
    "activation": ({"activation": Activation("bad", lambda z: z * z, lambda z: 1.0)}, "1 at z = 0.41"),
    "loss": (
        {"loss": Loss("bad", lambda a, t: (a - t) * (a - t), lambda a, t: a - t)},
        "0.41 at value = 0.41, target = 0,",
    ),
    "regularizer": (
        {"regularizers": [(Regularizer("bad", lambda w: w * w, lambda w: w), 0.1)]},
        "0.41 at weight = 0.41",
    ),
}


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_derivative_is_warned_of_once(
    kind: str, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derivatives, "_checked", type(derivatives._checked)())
    monkeypatch.setattr(errors, "_warned", set())
    options, place = WRONG[kind]
    with pytest.warns(DerivativeWarning) as caught:
        [one(engine=engine, **options) for _ in range(2)]
    assert len(caught) == 1
    assert f"the derivative of {kind} 'bad' is {place}" in str(caught[0].message)
    assert "has the slope 0.82" in str(caught[0].message)
    assert "straight-through" in str(caught[0].message)
    assert caught[0].filename == __file__
    assert "net.fit(X, y" in linecache.getline(__file__, caught[0].lineno)


WRONG_AT = {  # where few formulas are wrong, and losses that are defined there alone
    "z = 9.7": Activation("six", lambda z: max(0.0, min(6.0, z)), lambda z: 1.0 if z > 0.0 else 0.0),
    "value = 0.541": Loss("part", lambda a, t: a * a, lambda a, t: a, domain=(0.5, 0.6)),
    "value = 10.41": Loss("above", lambda a, t: a * a, lambda a, t: a, domain=(10.0, math.inf)),
    "value = -10.41": Loss("below", lambda a, t: a * a, lambda a, t: a, domain=(-math.inf, -10.0)),
}


@pytest.mark.parametrize("place", WRONG_AT)
def test_derivatives_are_compared_far_out_and_within_domains(place: str) -> None:
    with pytest.warns(DerivativeWarning, match=rf"at {re.escape(place)}\d*,"):
        derivatives.check_derivatives([WRONG_AT[place]])


def clipped(z: float) -> float:
    return max(-1.6, min(1.7, z))


def fails(z: float) -> float:
    if z < 1.0:
        raise ValueError
    return math.sqrt(z - 1.0)


RIGHT = [
    Activation("abs", abs, lambda z: 1.0 if z > 0 else -1.0),
    Activation("kink at a point", lambda z: max(0.41, z), lambda z: 1.0 if z > 0.41 else 0.0),
    Activation("clipped", clipped, lambda z: 1.0 if -1.6 < z < 1.7 else 0.0),
    Activation("steps", lambda z: float(round(z)), lambda z: 0.0),
    Activation("sign", lambda z: 1.0 if z > 0 else -1.0, lambda z: 0.0),
    Activation("jump at a point", lambda z: z + 5.0 * (z > 0.41), lambda z: 1.0),
    Activation("fast", lambda z: math.sin(1000.0 * z), lambda z: 1000.0 * math.cos(1000.0 * z)),
    Activation("far", lambda z: 1e14 + z, lambda z: 1.0),
    Activation("steep", lambda z: math.exp(40.0 * z), lambda z, value: 40.0 * value),
    Activation("flat", lambda z: 1e-9 * z, lambda z: 1e-9),
    Activation("fails", fails, lambda z, value: 0.5 / value),
    Activation("NumPy", lambda z: np.log(z), lambda z: 1.0 / z),
    Activation("infinite", lambda z: math.inf if z > 0 else math.nan, lambda z: 1.0),
    Activation("naive", lambda z: 1.0 / (1.0 + math.exp(-z)), lambda z, a: a * (1.0 - a)),
    Activation("text", lambda z: "no", lambda z: 1.0),  # type: ignore[arg-type, return-value]
    Loss(
        "cross-entropy",
        lambda a, t: -t * math.log(a) - (1.0 - t) * math.log(1.0 - a),
        lambda a, t: (a - t) / (a * (1.0 - a)),
        target_kind="binary",
        domain=(0.0, 1.0),
    ),
    Loss(
        "hinge",
        lambda a, t: max(0.0, 1.0 - a * t),
        lambda a, t: -t if a * t < 1.0 else 0.0,
        target_kind="sign",
    ),
    Loss("median", lambda a, t: abs(a - t), lambda a, t: math.copysign(1.0, a - t)),
]


@pytest.mark.parametrize("formula", RIGHT, ids=lambda formula: formula.name)
def test_right_derivatives_are_not_warned_of(formula: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        derivatives.check_derivatives([formula])


def test_built_in_derivatives_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derivatives, "_check", lambda formula: pytest.fail(formula.name))
    tables = (functions.ACTIVATIONS, functions.LOSSES, functions.REGULARIZERS)
    derivatives.check_derivatives(each for table in tables for each in table.values())
    derivatives.check_derivatives([functions.elu(0.7), functions.huber(0.3)])


def test_built_in_derivatives_would_pass() -> None:
    for table in (functions.ACTIVATIONS, functions.LOSSES, functions.REGULARIZERS):
        for formula in table.values():
            for part in derivatives._parts(formula):
                assert derivatives._disagreement(*part) is None, formula.name


def test_a_formula_is_looked_at_once_and_not_kept() -> None:
    calls: list[float] = []

    def counted(z: float) -> float:
        calls.append(z)
        return z

    own = of(counted, "gone", lambda z, value: 1.0)
    derivatives.check_derivatives([own, own])
    count, size = len(calls), len(derivatives._checked)
    derivatives.check_derivatives([own])
    assert 0 < count == len(calls)
    del own
    gc.collect()
    assert len(derivatives._checked) < size


def test_a_number_of_numpy_is_refused_by_what_it_is() -> None:
    factor = np.int64(3)
    net = net_with(Activation("own", lambda z: factor * z, lambda z: 3.0))
    with pytest.raises(slownet.EngineError, match="factor .numpy.int64., and NumPy calculates"):
        net.fit(X, y, engine="compiled", progress=False)


def test_a_rule_that_only_looks_built_in_is_converted() -> None:
    built_in = functions.adam().function

    @functools.wraps(built_in)
    def rule(*arguments: Any) -> Any:
        return tuple(map(np.float32, built_in(*arguments)))

    net = net_with("tanh")
    net.fit(X, y, engine="scalar", optimizer=replace(functions.adam(), function=rule), progress=False)
    assert {type(weight.value) for weight in net.weights()} == {float}
