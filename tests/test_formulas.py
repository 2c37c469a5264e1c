"""Formulas beside exact values and PyTorch's, and their bits in Python and Numba."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

import slownet
from slownet import InvalidValueError, Loss, NetFactory, Optimizer, functions, preprocessing
from slownet.engines.formulas import jitted
from slownet.functions import ACTIVATIONS, LOSSES, OPTIMIZERS
from slownet.functions.activation import SoftmaxActivation
from slownet.functions.activations import CUBIC, SELU_LIMIT, SELU_SCALE, SQRT_8_PI
from slownet.functions.optimizers import _momentum_product

SCALAR = [each for each in ACTIVATIONS.values() if not isinstance(each, SoftmaxActivation)]
POISSON = LOSSES["poisson"]


def ulps(found: float, true: Any, of: float | None = None) -> float:
    """Return an error in units in the last place of the true value, or of another number."""
    return float(abs(mpf(found) - true) / math.ulp(float(true) if of is None else of))


# accuracy, in 200 bits

EXACT: dict[str, Callable[[Any], Any]] = {
    "silu": lambda z: z / (1 + mpmath.exp(-z)),
    "gelu": lambda z: z / (1 + mpmath.exp(-mpmath.sqrt(8 / mpmath.pi) * (z + mpf("0.044715") * z**3))),
    "selu": lambda z: SELU_SCALE * z if z > 0 else SELU_LIMIT * mpmath.expm1(z),
    "mish": lambda z: z * (e := mpmath.exp(z)) * (e + 2) / (2 + e * (e + 2)),
}
LOWEST = {"silu": -700.0, "gelu": -20.0, "selu": -700.0, "mish": -700.0}


def bound(name: str, z: float) -> float:
    if name == "gelu":
        return 4.0 + (3.0 * abs(SQRT_8_PI * (z + CUBIC * z**3)) if z < 0.0 else 0.0)
    return {"silu": 3.0, "selu": 3.0, "mish": 4.0}[name]


@pytest.mark.parametrize("name", EXACT)
def test_errors_of_activations_are_below_their_bounds(name: str) -> None:
    draw, function = random.Random(name), ACTIVATIONS[name].function
    for _ in range(2000):
        low = LOWEST[name]
        small = draw.choice((-1, 1)) * 10.0 ** draw.uniform(-20.0, 1.0)
        for z in (draw.uniform(low, 50.0), draw.uniform(-5.0, 5.0), small):
            with mpmath.workprec(200):
                assert ulps(function(z), EXACT[name](mpf(z))) < bound(name, z), z


def test_the_constants_of_selu_are_those_of_the_paper() -> None:
    """Its equation 14, from which the authors' digits come: the fixed point of mean 0 and variance 1."""
    with mpmath.workprec(200):
        root, e = mpmath.sqrt(2), mpmath.exp(mpf("0.5"))
        alpha = -mpmath.sqrt(2 / mpmath.pi) / (mpmath.erfc(1 / root) * e - 1)
        second = mpmath.erfc(root) * mpmath.exp(2) - 2 * mpmath.erfc(1 / root) * e + 1
        scale = 1 / mpmath.sqrt(mpf("0.5") + alpha**2 * second / 2)
        assert float(scale) == SELU_SCALE
        assert float(scale * alpha) == SELU_LIMIT
        assert float(mpmath.sqrt(8 / mpmath.pi)) == SQRT_8_PI


@pytest.mark.parametrize("activation", SCALAR, ids=lambda each: each.name)
def test_no_value_is_outside_of_its_range(activation: Any) -> None:
    low, high = activation.range
    values = [activation.function(z) for z in np.linspace(-6.0, 1.0, 20_001).tolist()]
    assert low <= min(values)
    assert max(values) <= high
    if activation.name in ("silu", "gelu", "mish"):
        assert min(values) == pytest.approx(low, abs=1e-8)


def test_errors_of_log_cosh_are_below_their_bound() -> None:
    draw, loss = random.Random(0), LOSSES["log_cosh"].function
    for _ in range(3000):
        size = 10.0 ** draw.uniform(-100.0, 2.0)
        for x in (draw.uniform(-2.0, 2.0), draw.uniform(-0.1, 0.1), size):
            with mpmath.workprec(200):
                assert ulps(loss(x, 0.0), mpmath.log1p(2 * mpmath.sinh(mpf(x) / 2) ** 2)) < 8.0, x


def test_errors_of_poisson_are_below_their_bounds() -> None:
    draw = random.Random(0)
    for _ in range(5000):
        y = draw.choice((float(draw.randint(1, 30)), 10.0 ** draw.uniform(-5.0, 6.0)))
        a = abs(draw.choice((y * (1.0 + draw.gauss(0.0, 1e-5)), y * 10.0 ** draw.uniform(-10.0, 5.0))))
        z = draw.uniform(-30.0, 15.0)
        of_z = POISSON.of_sample(ACTIVATIONS["exponential"], [z], [functions.exp(z)], [y])
        with mpmath.workprec(200):
            rest = y * mpmath.log(mpf(y) / mpf(a))
            assert ulps(POISSON.function(a, y), a - mpf(y) + rest, max(a, y, abs(float(rest)))) < 3.0
            exact = mpmath.exp(mpf(z)) - y + y * (mpmath.log(mpf(y)) - z)
            largest = max(math.exp(z), y, abs(y * math.log(y)), abs(y * z))
            assert ulps(of_z, exact, largest) < 5.0


# extremes

LARGE = [0.0, 5e-324, 2.5e-310, 2.0**-1022, 1e-300, 1e-17, 0.5, 1.0, 3.0, 1e6, 1e154, 1e300, 1.7e308]


@given(st.floats(0.0, 1.7e308), st.floats(0.0, 1.7e308))
def test_poisson_is_finite_and_not_negative(value: float, target: float) -> None:
    for a, y in ((value, target), (target, value)):
        loss, slope = POISSON.function(a, y), POISSON.derivative(a, y)
        assert loss >= 0.0
        assert math.isfinite(slope)
        assert math.isfinite(loss) or y > 1e304


def test_poisson_at_the_ends() -> None:
    for a, y in product(LARGE, LARGE):
        assert POISSON.function(a, y) >= 0.0
        assert math.isfinite(POISSON.derivative(a, y))
    assert POISSON.function(2.0, 5e-324) == 2.0
    for a in LARGE:
        assert (POISSON.function(a, 0.0), POISSON.derivative(a, 0.0)) == (a, 1.0)
        assert POISSON.function(a, a) == 0.0
        assert math.isnan(POISSON.function(math.nan, a))


@given(st.floats(-1.7e308, 1.7e308), st.floats(-1e300, 1e300))
def test_log_cosh_never_overflows(value: float, target: float) -> None:
    loss = LOSSES["log_cosh"]
    size = abs(value - target)
    assert max(0.0, size - 0.7) <= loss.function(value, target) <= size or size == math.inf
    assert loss.function(value, target) == loss.function(-value, -target)
    assert -1.0 <= loss.derivative(value, target) <= 1.0


# derivatives beside central differences


@pytest.mark.parametrize("activation", SCALAR, ids=lambda each: each.name)
@given(z=st.floats(-12.0, 12.0))
def test_derivatives_are_slopes(activation: Any, z: float) -> None:
    if abs(z) < 1e-3:  # a kink
        return
    h = 1e-5
    before, value, after = map(activation.function, (z - h, z, z + h))
    slope = (after - before) / (2.0 * h)
    assert activation.derivative(z, value) == pytest.approx(slope, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("name", ["log_cosh", "poisson"])
@given(value=st.floats(0.05, 20.0), target=st.floats(0.0, 20.0))
def test_derivatives_of_losses_are_slopes(name: str, value: float, target: float) -> None:
    loss, h = LOSSES[name], 1e-5
    slope = (loss.function(value + h, target) - loss.function(value - h, target)) / (2.0 * h)
    assert loss.derivative(value, target) == pytest.approx(slope, rel=1e-5, abs=1e-7)


# beside PyTorch: the numbers are those of torch 2.13.0, in float64

ZS = [-2.0, -0.7, -1e-3, 0.0, 0.3, 1.5, 8.0]
TORCH: dict[str, tuple[list[float], list[float]]] = {  # values, and derivatives
    "silu": (
        [-0.2384058440442351, -0.2322685594822837, -0.0004997500000208334, 0.0, 0.1723327550434977,
         1.2263617142904655, 7.997317198956269],
        [-0.09078424878489547, 0.17661321652665754, 0.4995000000833333, 0.5, 0.6477800103188829,
         1.041294154299143, 1.0023465512355845],
    ),
    "gelu": (
        [-0.04540230591222494, -0.16942986529488321, -0.000499601057786418, 0.0, 0.18537092354275922,
         1.3995715769802328, 8.0],
        [-0.0860992566236183, 0.023642781343896052, 0.499202115706475, 0.5, 0.7322954516388018,
         1.127710793151433, 1.0],
    ),
    "selu": (
        [-1.5201664685956948, -0.8850530455772052, -0.0017572205841202705, 0.0, 0.31521029620664415,
         1.5760514810332207, 8.405607898843844],
        [0.2379328722516818, 0.8730462952701714, 1.7563421202632563, 1.7580993408473766,
         1.0507009873554805, 1.0507009873554805, 1.0507009873554805],
    ),
    "mish": (
        [-0.2525014826957089, -0.2678702347955009, -0.0005996799840458665, 0.0, 0.20800137234811503,
         1.4033782663958028, 7.999998200644843],
        [-0.1083550924203939, 0.1844160732567819, 0.5993599521834649, 0.6, 0.7828272995511304,
         1.0884879850078475, 1.0000033725836874],
    ),
}  # fmt: skip
COUNTS = [  # z, target, torch's loss and its derivative in z: PoissonNLLLoss(log_input=True)
    (0.3, 2.0, 0.7498588075760032, -0.6501411924239968),
    (-2.0, 0.0, 0.1353352832366127, 0.1353352832366127),
    (3.5, 30.0, -71.88454804130768, 3.1154519586923115),
    (1.0, 2.5, 0.2182818284590451, 0.2182818284590451),
]
STEPS = (1, 2, 20, 1000)
WEIGHTS: dict[str, tuple[Optimizer, list[float]]] = {  # after these steps on w^4 from 1.5, rate 0.02
    "adamw": (
        functions.adamw(weight_decay=0.1),
        [1.4770000000148147, 1.454075523967229, 1.0759737007582415, 0.033979709211914934],
    ),
    "adagrad": (
        functions.adagrad(),
        [1.480000000000148, 1.466145378449075, 1.356959372896967, 0.7176640032721691],
    ),
    "nadam": (
        functions.nadam(),
        [1.4788709644485434, 1.4634961220998202, 1.1961672035965831, 0.11436383094549958],
    ),
}


@pytest.mark.parametrize("name", TORCH)
def test_activations_are_those_of_pytorch(name: str) -> None:
    activation, (values, slopes) = ACTIVATIONS[name], TORCH[name]
    found = [activation.function(z) for z in ZS]
    assert found == pytest.approx(values, rel=1e-14, abs=0.0)
    assert list(map(activation.derivative, ZS, found)) == pytest.approx(slopes, rel=1e-13, abs=0.0)


def test_poisson_is_that_of_pytorch_but_for_what_does_not_depend_on_the_net() -> None:
    exponential = ACTIVATIONS["exponential"]
    for z, y, loss, slope in COUNTS:
        least = y - y * math.log(y) if y else 0.0
        values = exponential.values([z])
        assert POISSON.of_sample(exponential, [z], values, [y]) == pytest.approx(loss - least, rel=1e-12)
        assert POISSON.deltas(exponential, [z], values, [y]) == pytest.approx([slope], rel=1e-14)


def descent(optimizer: Optimizer) -> list[float]:
    value, first, second, found = 1.5, 0.0, 0.0, []
    for step in range(1, STEPS[-1] + 1):
        slope = 4.0 * value * value * value
        value, first, second = optimizer.function(
            value, slope, first, second, 0.02, optimizer.constants(step)
        )
        found += [value] if step in STEPS else []
    return found


@pytest.mark.parametrize("name", WEIGHTS)
def test_optimizers_move_as_those_of_pytorch(name: str) -> None:
    optimizer, weights = WEIGHTS[name]
    assert descent(optimizer) == pytest.approx(weights, rel=1e-12)


@pytest.fixture
def torch() -> Iterator[Any]:
    """PyTorch with float64 for all, also for the product of Nadam's momenta."""
    package = pytest.importorskip("torch")
    before = package.get_default_dtype()
    package.set_default_dtype(package.float64)
    yield package
    package.set_default_dtype(before)


def test_the_numbers_of_pytorch_are_its_own(torch: Any) -> None:
    nn, optim = torch.nn, torch.optim
    modules = {"silu": nn.SiLU(), "gelu": nn.GELU("tanh"), "selu": nn.SELU(), "mish": nn.Mish()}
    for name, module in modules.items():
        z = torch.tensor(ZS, requires_grad=True)
        module(z).sum().backward()
        assert module(z).tolist() == pytest.approx(TORCH[name][0], rel=1e-13)
        assert z.grad.tolist() == pytest.approx(TORCH[name][1], rel=1e-12)
    makers = {
        "adamw": lambda w: optim.AdamW(w, lr=0.02, weight_decay=0.1),
        "adagrad": lambda w: optim.Adagrad(w, lr=0.02),
        "nadam": lambda w: optim.NAdam(w, lr=0.02),
    }
    for name, make in makers.items():
        w = torch.tensor([1.5], requires_grad=True)
        optimizer, found = make([w]), []
        for step in range(1, STEPS[-1] + 1):
            optimizer.zero_grad()
            (w**4).sum().backward()
            optimizer.step()
            found += w.tolist() if step in STEPS else []
        assert found == pytest.approx(WEIGHTS[name][1], rel=1e-13)


# Nadam's product of momenta


@pytest.mark.parametrize("beta1", [0.0, 0.5, 0.9, 0.99, 0.999])
@pytest.mark.parametrize("decay", [0.0, 1e-300, 0.004, 0.3, 1e4])
def test_the_product_of_momenta(beta1: float, decay: float) -> None:
    with mpmath.workprec(120):
        exact = mpf(1)
        for step in range(1, 600):
            exact *= mpf(beta1) * (1 - mpf(0.96) ** (mpf(decay) * step) / 2)
            assert abs(_momentum_product(beta1, decay, step) - exact) <= 2.0**-52
    assert _momentum_product(beta1, decay, 10**15) == 0.0


@pytest.mark.parametrize("beta1", [0.0, 5e-324, 0.9, 1.0 - 2.0**-53])
@pytest.mark.parametrize("decay", [0.0, 5e-324, 1.0, 1e300, 1.7e308])
def test_the_constants_of_nadam_are_finite(beta1: float, decay: float) -> None:
    constants = functions.nadam(beta1=beta1, momentum_decay=decay).constants
    for step in (1, 2, 100, 10**6, 10**15):
        assert all(type(each) is float and math.isfinite(each) for each in constants(step))


def test_adamw_is_adam_after_a_decay() -> None:
    adam, adamw = functions.adam(), functions.adamw(weight_decay=0.3)
    one = adam.function(0.97 * 2.0, 0.5, 0.1, 0.2, 0.1, adam.constants(3))
    assert adamw.function(2.0, 0.5, 0.1, 0.2, 0.1, adamw.constants(3)) == one
    without = functions.adamw(weight_decay=0.0)
    moved = adam.function(2.0, 0.5, 0.1, 0.2, 0.1, adam.constants(3))
    assert without.function(2.0, 0.5, 0.1, 0.2, 0.1, without.constants(3)) == moved


def test_adamw_decays_weights_and_biases_without_a_gradient() -> None:
    """What a zero input leaves without a gradient shrinks all the same, and so do biases."""
    options = {"optimizer": functions.adamw(weight_decay=0.5), "learning_rate": 0.1, "progress": False}
    for engine in ("scalar", "compiled"):
        net = NetFactory([2, 1], output_activation="linear", seed=0).new()
        net.weight(1, (1, 0)).value = 2.0
        net.fit([[1.0, 0.0]], [0.5], epochs=2, engine=engine, **options)
        assert net.weight(1, (1, 0)).value == 0.95 * (0.95 * 2.0)
        net.weight(1, (0, 0)).value, net.layers[1].neurons[0].bias = 0.0, 3.0
        net.fit([[1.0, 0.0]], [3.0], engine=engine, **options)
        assert net.layers[1].neurons[0].bias == 0.95 * 3.0


# the same bits from Python and Numba, also where numbers are extreme


def arguments() -> list[float]:
    draw = random.Random(5)
    found = [draw.gauss(0.0, 3.0) for _ in range(400)]
    found += [draw.choice((-1, 1)) * 10.0 ** draw.uniform(-320.0, 308.0) for _ in range(400)]
    special = (*LARGE, 37.0, 40.0, 709.0, 710.0, 745.0, 800.0, 801.0, math.inf, math.nan)
    return [*found, *special, *(-each for each in special)]


def digits(number: float) -> str:
    return "nan" if math.isnan(number) else float(number).hex()


@pytest.mark.parametrize("activation", SCALAR, ids=lambda each: each.name)
def test_activations_have_the_same_bits_compiled(activation: Any) -> None:
    function, derivative = jitted(activation.function), jitted(activation.derivative)
    for z in arguments():
        value = activation.function(z)
        assert digits(function(z)) == digits(value), z
        assert digits(derivative(z, value)) == digits(activation.derivative(z, value)), z


@pytest.mark.parametrize("loss", [LOSSES["log_cosh"], POISSON], ids=lambda each: each.name)
def test_losses_have_the_same_bits_compiled(loss: Loss) -> None:
    function, derivative = jitted(loss.function), jitted(loss.derivative)
    (low, _), (least, _) = loss.domain, loss.target_domain
    draw = random.Random(2)
    for value in (each for each in arguments() if not each < low):
        for target in (each for each in draw.sample(arguments(), 20) if each >= least):
            found = function(value, target), derivative(value, target)
            expected = loss.function(value, target), loss.derivative(value, target)
            assert tuple(map(digits, found)) == tuple(map(digits, expected)), (value, target)


# counts

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))
COUNTED = RNG.poisson(np.exp(0.5 + X @ [0.4, -0.3, 0.2]))
WHOLE: dict[str, Any] = {"epochs": 400, "batch_size": 200, "learning_rate": 0.2, "progress": False}


def most_likely() -> Any:
    """The bias and weights with the largest likelihood, by Newton's method."""
    rows = np.hstack([np.ones((200, 1)), X])
    found = np.zeros(4)
    for _ in range(20):
        rates = np.exp(rows @ found)
        found = found + np.linalg.solve(rows.T @ (rates[:, None] * rows), rows.T @ (COUNTED - rates))
    return found


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
def test_counts_are_learned(engine: str) -> None:
    net = NetFactory([3, 1], output_activation="exponential", seed=0).new()
    assert net.loss is POISSON
    history = net.fit(X, COUNTED, engine=engine, **WHOLE)
    assert min(history.loss) >= 0.0
    bias, *weights = most_likely()
    assert net.layers[1].neurons[0].bias == pytest.approx(bias, abs=1e-6)
    assert [net.weight(1, (k, 0)).value for k in range(3)] == pytest.approx(weights, abs=1e-6)
    assert net.predict(X, engine=engine).mean() == pytest.approx(COUNTED.mean(), rel=1e-6)


def test_a_count_is_not_negative() -> None:
    net = NetFactory([3, 1], output_activation="softplus", seed=0).new()
    net.loss = "poisson"
    y = COUNTED.astype(float)
    y[7] = -1.0
    with pytest.raises(
        InvalidValueError, match=r"^y\[7\] must be a number from 0 on for poisson, not -1"
    ):
        net.fit(X, y)
    net.forward(X[0])
    with pytest.raises(InvalidValueError, match="^target must be a number from 0 on for poisson"):
        net.backward(-0.5)
    with pytest.raises(InvalidValueError, match=r"y\[0\] must be a number from 0 on"):
        net.evaluate(X[:1], [-2])
    sigmoid = NetFactory([3, 1], output_activation="sigmoid", seed=0).new()
    with pytest.raises(
        InvalidValueError, match="poisson needs an output that gives all y, such as expon"
    ):
        sigmoid.fit(X, COUNTED, loss="poisson")


@pytest.mark.parametrize("kind", ["standardise", "min-max", preprocessing.standardise(X, COUNTED)])
def test_counts_keep_their_unit_where_data_are_prepared(kind: Any) -> None:
    net = NetFactory([3, 1], output_activation="exponential", seed=0).new()
    net.fit(X, COUNTED, prepare=kind, **{**WHOLE, "epochs": 4000})
    assert net.preparation is not None
    assert net.predict(X) == pytest.approx(
        np.exp(most_likely() @ np.vstack([np.ones(200), X.T])), rel=1e-3
    )


@pytest.mark.parametrize("prepare", [None, "standardise", "min-max"])
def test_a_page_of_counts_is_verified(prepare: str | None, tmp_path: Path) -> None:
    frame = pd.DataFrame(10.0 * X, columns=["a", "b", "c"])
    for output, optimizer in (("exponential", "nadam"), ("softplus", "adamw"), ("relu", "adagrad")):
        net = NetFactory([3, 3, 1], "mish", output, seed=0).new()
        history = net.fit(
            frame, COUNTED, 2, prepare=prepare, loss="poisson", optimizer=optimizer, learning_rate=0.001,
            snapshots=4, watch=(frame[:5], COUNTED[:5]), schedule="warm_up_cosine", progress=False,
        )  # fmt: skip
        path = history.write_html(tmp_path / f"{output}.html")
        found = slownet.verify(path, (frame, COUNTED), watch=(frame[:5], COUNTED[:5]))
        assert found, str(found)


def test_a_domain_of_targets_of_ones_own_is_checked() -> None:
    shares = Loss(
        "shares",
        lambda a, y: (a - y) * (a - y),
        lambda a, y: 2.0 * (a - y),
        target_domain=(-1.0, 1.0),
    )
    net = NetFactory([3, 1], output_activation="linear", seed=0).new()
    with pytest.raises(InvalidValueError, match="must be a number from -1 to 1 for shares, not 2"):
        net.fit(X, [2.0] * 200, loss=shares)
    net.fit(X, [0.5] * 200, loss=shares, progress=False)


def test_every_optimizer_has_its_number_of_constants() -> None:
    for optimizer in OPTIMIZERS.values():
        sizes = {len(optimizer.constants(step)) for step in (1, 2, 10, 1000)}
        assert len(sizes) == 1
