"""The tables of formulas: values, derivatives against autograd, extremes, errors, a user's own."""

from __future__ import annotations

import functools
import math
import statistics
from math import exp, isfinite, sqrt
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import given
from hypothesis import strategies as st
from reference import ACTIVATIONS as REFERENCE
from reference import LOSSES as REFERENCE_LOSSES

from slownet import (
    Activation,
    Initializer,
    InvalidTypeError,
    InvalidValueError,
    Loss,
    NetFactory,
    Optimizer,
    Regularizer,
    Schedule,
    functions,
)
from slownet.functions import randomness

SCALAR = sorted(set(functions.ACTIVATIONS) - {"softmax"})
numbers = st.floats(-30, 30).filter(lambda z: abs(z) > 1e-6)


def test_the_tables_hold_what_they_should() -> None:
    assert set(functions.ACTIVATIONS) == {
        "linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "exponential", "silu",
        "gelu", "selu", "mish", "softmax",
    }  # fmt: skip
    assert set(functions.LOSSES) == {
        "cross_entropy", "binary_cross_entropy", "squared_error", "mean_squared_error",
        "mean_absolute_error", "huber", "hinge", "log_cosh", "poisson",
    }  # fmt: skip
    assert set(functions.INITIALIZERS) == {
        "zeros", "constant", "uniform", "normal", "he_normal", "he_uniform", "glorot_normal",
        "glorot_uniform", "lecun_normal",
    }  # fmt: skip
    assert set(functions.OPTIMIZERS) == {"sgd", "rmsprop", "adagrad", "adam", "adamw", "nadam"}
    assert set(functions.REGULARIZERS) == {"l1", "l2"}
    assert set(functions.SCHEDULES) == {
        "constant", "step", "exponential", "cosine", "warm_up", "warm_up_step", "warm_up_exponential",
        "warm_up_cosine",
    }  # fmt: skip
    for table in (
        functions.ACTIVATIONS, functions.LOSSES, functions.INITIALIZERS, functions.OPTIMIZERS,
        functions.REGULARIZERS, functions.SCHEDULES,
    ):  # fmt: skip
        for name, formula in table.items():
            assert formula.name == name
            assert formula.latex
            assert formula.source
            assert formula.latex.count("{") == formula.latex.count("}")


@pytest.mark.parametrize("name", SCALAR)
@given(z=numbers)
def test_activations_match_the_reference(name: str, z: float) -> None:
    activation, reference = functions.ACTIVATIONS[name], REFERENCE[name]
    value = activation.function(z)
    assert value == pytest.approx(float(reference(z)), rel=1e-13, abs=1e-15)
    slope = activation.derivative(z, value)
    assert slope == pytest.approx(float(grad(reference)(z)), rel=1e-9, abs=1e-15)
    low, high = activation.range
    assert low <= value <= high


@pytest.mark.parametrize("name", SCALAR)
@pytest.mark.parametrize("z", [0.0, -0.0, 710.0, -710.0, 1e5, -1e5, 1e308, -1e308])
def test_activations_never_overflow(name: str, z: float) -> None:
    activation = functions.ACTIVATIONS[name]
    value = activation.function(z)
    assert isfinite(value) or (name == "exponential" and z >= 710.0)
    assert isfinite(activation.derivative(z, value)) or value == math.inf


@pytest.mark.parametrize("name", SCALAR)
def test_nan_stays_nan(name: str) -> None:
    activation = functions.ACTIVATIONS[name]
    assert math.isnan(activation.function(math.nan))


LIMITS = {  # of the value and the derivative, far below 0 and far above
    "exponential": (0.0, math.inf, 0.0, math.inf),
    "softplus": (0.0, math.inf, 0.0, 1.0),
    "silu": (0.0, math.inf, 0.0, 1.0),
    "gelu": (0.0, math.inf, 0.0, 1.0),
    "mish": (0.0, math.inf, 0.0, 1.0),
    "elu": (-1.0, math.inf, 0.0, 1.0),
    "selu": (-functions.activations.SELU_LIMIT, math.inf, 0.0, functions.activations.SELU_SCALE),
}


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("size", [900.0, 1e30, 1e200, 1.7e308, math.inf])
def test_far_from_0_activations_have_their_limits(name: str, size: float) -> None:
    activation = functions.ACTIVATIONS[name]
    below, above, slope_below, slope_above = LIMITS[name]
    for z, limit, slope in ((-size, below, slope_below), (size, above, slope_above)):
        value = activation.function(z)
        assert value == limit or (z > 0.0 and isfinite(value) and value >= z)
        assert activation.derivative(z, value) == slope
    for z in (5e-324, -5e-324, 1e-310, 0.0, -0.0):
        value = activation.function(z)
        assert abs(value - activation.function(0.0)) <= 2.0 * abs(z)
        assert isfinite(activation.derivative(z, value))


def test_softmax() -> None:
    softmax = functions.ACTIVATIONS["softmax"]
    assert softmax.values([1.0, 3.0, 2.0]) == pytest.approx(
        [0.09003057, 0.66524096, 0.24472847], abs=1e-8
    )
    assert softmax.values([1000.0, 1001.0]) == softmax.values([0.0, 1.0])
    assert softmax.values([-1e308, 1e308]) == [0.0, 1.0]


@given(zs=st.lists(st.floats(-20, 20), min_size=1, max_size=6), seed=st.integers(0, 1000))
def test_softmax_derivative(zs: list[float], seed: int) -> None:
    softmax = functions.ACTIVATIONS["softmax"]
    slopes = np.random.default_rng(seed).normal(size=len(zs)).tolist()
    ours = softmax.deltas(zs, softmax.values(zs), slopes)
    theirs = grad(lambda z: anp.dot(anp.array(slopes), REFERENCE["softmax"](z)))(np.array(zs))
    assert ours == pytest.approx(theirs.tolist(), abs=1e-14)
    assert sum(softmax.values(zs)) == pytest.approx(1.0)


@pytest.mark.parametrize("name", sorted(functions.LOSSES))
@given(data=st.data(), count=st.integers(1, 5))
def test_losses_match_the_reference(name: str, data: st.DataObject, count: int) -> None:
    loss = functions.LOSSES[name]
    low, high = max(loss.domain[0] + 0.01, -5.0), min(loss.domain[1] - 0.01, 5.0)
    inside = st.floats(low, high)
    kinds = {"class": [0.0, 1.0], "binary": [0.0, 1.0], "sign": [-1.0, 1.0]}
    anywhere = st.floats(max(loss.target_domain[0], -5.0), 5.0)
    wanted = st.sampled_from(kinds[loss.target_kind]) if loss.target_kind in kinds else anywhere
    values = data.draw(st.lists(inside, min_size=count, max_size=count))
    targets = data.draw(st.lists(wanted, min_size=count, max_size=count))
    for value, target in zip(values, targets, strict=True):  # away from kinks
        distance = abs(value - target) if loss.target_kind == "number" else abs(1.0 - value * target)
        if abs(distance) < 1e-6 or abs(distance - 1.0) < 1e-6:
            return
    reference = REFERENCE_LOSSES[name]
    y = np.array(targets)
    assert loss.of_sample(functions.linear, values, values, targets) == pytest.approx(
        float(reference(np.array(values), y)), rel=1e-12
    )
    theirs = grad(lambda a: reference(a, y))(np.array(values))
    assert loss.slopes(values, targets) == pytest.approx(theirs.tolist(), rel=1e-12)


def test_delta_is_the_chain_rule_where_it_is_short_too() -> None:
    """value - target for softmax with cross-entropy must be what the long way gives."""
    for activation, loss, targets in (
        ("softmax", "cross_entropy", [0.0, 1.0, 0.0]),
        ("sigmoid", "binary_cross_entropy", [0.0, 1.0, 1.0]),
        ("exponential", "poisson", [0.0, 3.0, 7.5]),
        ("linear", "squared_error", [0.3, -1.0, 2.0]),
    ):
        f, rule = functions.ACTIVATIONS[activation], functions.LOSSES[loss]
        zs = [0.3, -1.2, 2.0]
        values = f.values(zs)
        long_way = f.deltas(zs, values, rule.slopes(values, targets))
        assert rule.deltas(f, zs, values, targets) == pytest.approx(long_way)
        assert rule.deltas(f, zs, values, targets) == [
            v - t for v, t in zip(values, targets, strict=True)
        ]


def test_losses_refuse_outputs_outside_of_their_domain() -> None:
    net = NetFactory([2, 2], output_activation="linear", seed=0).new()
    with pytest.raises(ValueError, match="needs output values from 0 to 1.*'linear' gives -inf to inf"):
        net.loss = "cross_entropy"
    squash = Activation("squash", lambda z: 0.5, lambda z, value: 0.0, range=(0.0, 1.0))
    net.layers[1].activation = squash
    net.loss = "cross_entropy"
    assert net.loss is functions.LOSSES["cross_entropy"]
    with pytest.raises(
        ValueError, match=r"from 0 to inf.*\(sigmoid, relu, softplus, exponential, softmax\)"
    ):
        functions.LOSSES["poisson"].check(functions.linear)
    net.layers[1].activation = "sigmoid"
    with pytest.raises(ValueError, match="needs output values of both signs"):
        net.loss = "hinge"


@pytest.mark.parametrize(
    ("get", "kind"),
    [
        (functions.get_activation, "activation"),
        (functions.get_loss, "loss"),
        (functions.get_initializer, "initializer"),
        (functions.get_optimizer, "optimizer"),
        (functions.get_schedule, "schedule"),
    ],
)
def test_unknown_names_list_the_known(get, kind: str) -> None:
    with pytest.raises(ValueError, match=f"unknown {kind} 'nonsense': known are "):
        get("nonsense")
    with pytest.raises(TypeError, match=f"{kind} must be a name or of type"):
        get(3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Activation("mine", 3, lambda z: 1.0),
        lambda: Activation("mine", lambda z: z, None),
        lambda: Loss("mine", None, lambda a, y: 0.0),
        lambda: Initializer("mine", 0.5),
        lambda: Optimizer("mine", "step"),
        lambda: Regularizer("mine", abs, 1.0),
        lambda: Schedule("mine", 0.1),
    ],
)
def test_formulas_must_be_callable(make) -> None:
    with pytest.raises(InvalidTypeError, match="'mine' must be callable"):
        make()


@pytest.mark.parametrize(
    "ends", [(1, -1), (math.nan, 1), (0,), "ab", None, (0, "1"), ("x", 0.0, 1.0), (0, 10**400)]
)
def test_a_range_is_two_numbers_in_order(ends) -> None:
    with pytest.raises(InvalidValueError, match="range of activation 'mine' must be two numbers"):
        Activation("mine", lambda z: z, lambda z: 1.0, range=ends)


def test_a_range_is_kept_as_floats() -> None:
    own = Activation("mine", lambda z: z, lambda z: 1.0, range=[np.float32(-2), np.int64(3)])
    assert own.range == (-2.0, 3.0)
    assert [type(end) for end in own.range] == [float, float]


def test_a_derivative_may_take_z_alone() -> None:
    class Cube:
        def slope(self, z: float) -> float:
            return 3 * z * z

    optional = (lambda z, factor=3: factor * z * z, functools.partial(lambda f, z: f * z * z, 3))
    for derivative in (lambda z: 3 * z * z, Cube().slope, lambda z, value: 3 * z * z, *optional):
        cube = Activation("cube", lambda z: z**3, derivative)
        assert cube.deltas([2.0], [8.0], [0.5]) == [6.0]
    for sine, cosine in ((math.sin, math.cos), (np.sin, np.cos)):
        wave = Activation("sin", sine, cosine)
        assert wave.deltas([2.0], wave.values([2.0]), [1.0]) == [math.cos(2.0)]
        assert type(wave.values([2.0])[0]) is float


def test_users_own_formulas_train() -> None:
    swish = Activation(
        "swish",
        lambda z: z / (1 + exp(-z)),
        lambda z: (1 + exp(-z) + z * exp(-z)) / ((1 + exp(-z)) * (1 + exp(-z))),
    )
    quartic = Loss(
        "quartic",
        lambda a, y: (a - y) * (a - y) * (a - y) * (a - y),
        lambda a, y: 4 * (a - y) * (a - y) * (a - y),
    )
    signs = Optimizer(
        "signs",
        lambda value, gradient, first, second, rate, constants: (
            value - rate * constants[0] * ((gradient > 0) - (gradient < 0)), first, second,
        ),
        constants=lambda step: (1.0 / sqrt(step),),
    )  # fmt: skip
    warm_up = Schedule("warm up", lambda rate, epoch, epochs: rate * min(1.0, (epoch + 0.1) / 3))
    pull = Regularizer("pull to 1", lambda w: (w - 1) ** 2, lambda w: 2 * (w - 1))
    near_one = Initializer("near one", lambda fan_in, fan_out: 0.01, centre=1.0)
    net = NetFactory([1, 4, 1], swish, "linear", near_one, seed=0).new()
    assert all(0.9 < w.value < 1.1 for w in net.weights())
    X = [[k / 10] for k in range(-10, 11)]
    y = [x[0] ** 2 for x in X]
    history = net.fit(
        X, y, epochs=40, batch_size=7, learning_rate=0.05, optimizer=signs, loss=quartic,
        schedule=warm_up, regularizers=[(pull, 0.001)],
    )  # fmt: skip
    assert history.loss[-1] < 0.1 * history.loss[0]


# optimizers, each against its published formula written out with NumPy


def run(optimizer: Optimizer, steps: int = 20) -> list[float]:
    """Minimise w^4 from 1.5 by hand-fed gradients."""
    value, first, second, seen = 1.5, 0.0, 0.0, []
    for step in range(1, steps + 1):
        value, first, second = optimizer.function(
            value, 4 * value**3, first, second, 0.02, optimizer.constants(step)
        )
        seen.append(value)
    return seen


def test_sgd_momentum_and_nesterov() -> None:
    for nesterov in (False, True):
        w, v, expected = 1.5, 0.0, []
        for _ in range(20):
            g = 4 * w**3
            v = 0.9 * v + g
            w = w - 0.02 * (g + 0.9 * v if nesterov else v)
            expected.append(w)
        assert run(functions.sgd(momentum=0.9, nesterov=nesterov)) == pytest.approx(expected, rel=1e-14)
    plain, expected = 1.5, []
    for _ in range(20):
        plain = plain - 0.02 * 4 * plain**3
        expected.append(plain)
    assert run(functions.sgd()) == pytest.approx(expected, rel=1e-14)


def test_nesterov_is_sutskevers_look_ahead() -> None:
    """The form used here, gradient at w, is Sutskever's (gradient at w + mu v) in shifted variables."""
    mu, rate = 0.9, 0.02
    theta, v, shifted = 1.5, 0.0, []
    for _ in range(20):
        g = 4 * (theta + mu * v) ** 3
        v = mu * v - rate * g
        theta = theta + v
        shifted.append(theta + mu * v)
    assert run(functions.sgd(momentum=mu, nesterov=True)) == pytest.approx(shifted, rel=1e-12)


@pytest.mark.parametrize("nesterov", [False, True])
def test_the_rate_may_be_in_the_velocity(nesterov: bool) -> None:
    """As in scikit-learn and Keras: each gradient counts with the rate of its own step."""
    optimizer = functions.sgd(0.9, nesterov, rate_in_velocity=True)
    value, first, second = 1.5, 0.0, 0.0
    w, v = 1.5, 0.0
    for step in range(1, 21):
        rate = 0.02 / step
        constants = optimizer.constants(step)
        value, first, second = optimizer.function(value, 4 * value**3, first, second, rate, constants)
        g = 4 * w**3
        v = 0.9 * v - rate * g
        w = w + (0.9 * v - rate * g if nesterov else v)
        assert value == pytest.approx(w, rel=1e-14)
    same = run(functions.sgd(0.9, nesterov))  # while the rate is the same
    assert run(optimizer) == pytest.approx(same, rel=1e-12)
    for settings in ({"nesterov": "no"}, {"rate_in_velocity": 1}):
        with pytest.raises(InvalidTypeError, match="must be True or False"):
            functions.sgd(0.9, **settings)


def test_rmsprop() -> None:
    w, s, expected = 1.5, 0.0, []
    for _ in range(20):
        g = 4 * w**3
        s = 0.9 * s + 0.1 * g * g
        w = w - 0.02 * g / (np.sqrt(s) + 1e-8)
        expected.append(w)
    assert run(functions.rmsprop()) == pytest.approx(expected, rel=1e-13)


def test_adam() -> None:
    w, m, s, expected = 1.5, 0.0, 0.0, []
    for t in range(1, 21):
        g = 4 * w**3
        m = 0.9 * m + 0.1 * g
        s = 0.999 * s + 0.001 * g * g
        w = w - 0.02 * (m / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
        expected.append(w)
    assert run(functions.adam()) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda: functions.sgd(momentum=1.0),
        lambda: functions.sgd(nesterov=True),
        lambda: functions.sgd(momentum=-0.1),
        lambda: functions.rmsprop(decay=1.5),
        lambda: functions.adam(beta2=1.0),
        lambda: functions.adam(epsilon=-1.0),
        lambda: functions.adamw(weight_decay=-0.1),
        lambda: functions.adamw(beta1=1.0),
        lambda: functions.adagrad(epsilon=0.0),
        lambda: functions.nadam(momentum_decay=-1.0),
        lambda: functions.nadam(beta2=math.nan),
        lambda: functions.warm_up(0),
        lambda: functions.warm_up(2, "cosine", start=1.0),
        lambda: functions.warm_up(start=-0.1),
        lambda: functions.step(every=0),
        lambda: functions.step(gamma=-1),
        lambda: functions.exponential(-0.5),
        lambda: functions.adam(epsilon=0.0),
        lambda: functions.huber(0.0),
        lambda: functions.uniform(1.0, -1.0),
    ],
)
def test_settings_out_of_range_are_refused(make) -> None:
    with pytest.raises(ValueError, match="must be|needs"):
        make()


def test_schedules() -> None:
    def rates(schedule: Schedule, epochs: list[float]) -> list[float]:
        return [schedule.function(0.4, epoch, 10) for epoch in epochs]

    table = functions.SCHEDULES
    assert rates(table["constant"], [0, 5, 9.9]) == [0.4, 0.4, 0.4]
    assert rates(functions.step(every=2, gamma=0.5), [0, 1.9, 2, 4.5]) == [0.4, 0.4, 0.2, 0.1]
    assert rates(functions.exponential(0.81), [0, 0.5, 1]) == pytest.approx([0.4, 0.36, 0.324])
    assert rates(table["cosine"], [0, 5, 10]) == pytest.approx([0.4, 0.2, 0.0])


def test_warm_ups() -> None:
    def rates(schedule: Schedule, epochs: list[float]) -> list[float]:
        return [schedule.function(0.4, epoch, 10) for epoch in epochs]

    table, epochs = functions.SCHEDULES, [0, 1, 2, 3.5, 6, 10]
    assert rates(table["warm_up"], [0, 0.5, 1, 7]) == pytest.approx([0.004, 0.202, 0.4, 0.4])
    assert rates(functions.warm_up(2, start=0.0), [0, 1, 2]) == [0.0, 0.2, 0.4]
    assert rates(functions.warm_up(2, "cosine", 0.5), epochs) == pytest.approx(
        [0.2, 0.3, 0.4, *(table["cosine"].function(0.4, t - 2, 8) for t in (3.5, 6, 10))]
    )
    assert rates(functions.warm_up(2, functions.step(3, 0.1)), [2, 4.9, 5]) == pytest.approx(
        [0.4, 0.4, 0.04]
    )
    assert rates(functions.warm_up(20, "cosine"), [0, 5, 10]) == pytest.approx([0.004, 0.103, 0.202])
    assert functions.warm_up() is table["warm_up"]
    assert functions.warm_up(1, "cosine") is table["warm_up_cosine"]
    assert (
        functions.warm_up(2, "cosine")
        is functions.warm_up(2, table["cosine"])
        is not functions.warm_up(2)
    )


def test_a_warm_up_before_a_schedule_of_ones_own() -> None:
    falling = [
        Schedule("falling", lambda rate, epoch, epochs, k=k: (2.0 - epoch / epochs) * rate / k)
        for k in (1, 2)
    ]
    first, second = (functions.warm_up(4, schedule) for schedule in falling)
    assert first.name == second.name == "warm_up_falling"
    assert [first.function(1.0, epoch, 10) for epoch in (0, 4, 7)] == [0.02, 2.0, 1.5]
    assert second.function(1.0, 7, 10) == 0.75
    again = functions.warm_up(1, functions.warm_up(1))
    assert again.function(1.0, 0, 10) == pytest.approx(0.0001)
    net = NetFactory([1, 2, 1], seed=0).new()
    history = net.fit([[0.0], [1.0]], [0, 1], epochs=8, schedule=first, progress=False)
    assert history.config["schedule"] == {"name": "warm_up_falling", "own": True}


# randomness


def test_splitmix64_reference_outputs() -> None:
    """The first outputs of the published generator for seed 0."""
    expected = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC]
    assert [int(bits) for bits in randomness.bits(0, 4)] == expected
    assert randomness.mix(randomness.GAMMA) == expected[0]


def test_numbers_depend_on_their_place_alone() -> None:
    place = randomness.key(7, randomness.Use.DROPOUT, 3, 5)
    assert randomness.uniforms(place, 100)[:10].tolist() == randomness.uniforms(place, 10).tolist()
    others = [(8, 3, 5), (7, 4, 5), (7, 3, 6), (7, 5, 3)]
    for seed, step, sample in others:
        other = randomness.key(seed, randomness.Use.DROPOUT, step, sample)
        assert not set(randomness.uniforms(place, 50)) & set(randomness.uniforms(other, 50))


def test_normals_are_normal() -> None:
    place = randomness.key(1, 2)
    points = randomness.uniforms(place, 20000) + 2.0**-54
    exact = [statistics.NormalDist().inv_cdf(p) for p in points.tolist()]
    assert randomness.normals(place, 20000).tolist() == pytest.approx(exact, rel=1e-13, abs=1e-15)


PINNED = [
    "0x1.d9a6d15599597p-3",
    "-0x1.1790fa655ca30p-1",
    "0x1.2f4e8d148cbf4p-1",
    "-0x1.78ee1ff4e1fefp+0",
    "0x1.2ccb48a789a9fp-2",
]


def test_normals_use_no_maths_library() -> None:
    """The bits are pinned: a platform whose logarithm rounds otherwise must not change them."""
    draws = randomness.normals(randomness.key(0, randomness.Use.INITIAL_WEIGHT, 0, 1), 5).tolist()
    assert [draw.hex() for draw in draws] == PINNED
    xs = np.array([5e-324, 1e-300, 1e-17, 0.0749, 0.5, 0.9, 1.0])
    assert randomness._log(xs).tolist() == pytest.approx(np.log(xs).tolist(), rel=1e-15, abs=0.0)


@given(seed=st.integers(0, 2**64 - 1), count=st.integers(0, 200))
def test_permutations(seed: int, count: int) -> None:
    order = randomness.permutation(randomness.key(seed, randomness.Use.SHUFFLE, 1), count).tolist()
    assert sorted(order) == list(range(count))


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"hidden": Activation("own", lambda z: "x", lambda z: 1.0)}, "function of activation 'own'"),
        ({"hidden": Activation("own", lambda z: None, lambda z: 1.0)}, "function of activation 'own'"),
        ({"hidden": Activation("own", lambda z: math.log(-abs(z)), lambda z: 1.0)}, "activation 'own'"),
        ({"hidden": Activation("own", lambda z: z, lambda z: 1j)}, "derivative of activation 'own'"),
        ({"loss": Loss("own", lambda a, y: None, lambda a, y: 1.0)}, "function of loss 'own'"),
        ({"loss": Loss("own", lambda a, y: 0.0, lambda a, y: "x")}, "derivative of loss 'own'"),
        (
            {"regularizers": [(Regularizer("own", lambda w: w, lambda w: math.log(-abs(w))), 0.1)]},
            "derivative of regularizer 'own'",
        ),
        ({"optimizer": Optimizer("own", lambda w, g, a, b, r, c: math.log(-1.0))}, "rule of optimizer"),
        ({"optimizer": Optimizer("own", lambda w, g, a, b, r, c: (w, a))}, "rule of optimizer 'own'"),
        ({"optimizer": Optimizer("own", lambda w, g, a, b, r, c: w)}, "rule of optimizer 'own'"),
    ],
)
def test_a_formula_of_ones_own_that_returns_no_number_is_named(
    options: dict[str, Any], named: str
) -> None:
    options = {**options}
    net = NetFactory([2, 3, 1], options.pop("hidden", "tanh"), "linear", seed=0).new()
    X = np.random.default_rng(0).normal(size=(8, 2))
    with pytest.raises((InvalidTypeError, InvalidValueError), match=named):
        net.fit(X, X[:, :1], progress=False, engine="scalar", **options)
