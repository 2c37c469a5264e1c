"""Weights of samples and classes, what is held out to validate with, clipped gradients, and alpha."""

from __future__ import annotations

import struct
from math import isclose, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bits import bits, record, state
from hypothesis import given
from hypothesis import strategies as st

import slownet
from slownet import Callback, DivergedError, History, Net, NetFactory, RecordingError, SlownetError
from slownet.functions import adam, sgd
from slownet.samples import fingerprint
from slownet.training import Options, resume

DRAW = np.random.default_rng(4)
X = DRAW.normal(size=(40, 3))
Y = DRAW.integers(0, 3, 40)
W = DRAW.choice([0.0, 0.5, 1.0, 2.75], 40)
ENGINES = pytest.mark.parametrize("engine", ["scalar", "compiled"])


def new(seed: int = 1, **options: Any) -> Net:
    return NetFactory([3, 4, 3], seed=seed, **options).new()


def fit(net: Net, X: Any = X, y: Any = Y, **options: Any) -> History:
    return net.fit(X, y, **{"epochs": 2, "batch_size": 8, "progress": False, "seed": 3, **options})


def learned(net: Net) -> list[bytes]:
    return bits([w.value for w in net.weights()] + [n.bias for n in net.neurons()])


# sample weights


@ENGINES
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("size", [1, 8, 300])
def test_weights_of_one_are_no_weights(engine: str, optimizer: str, size: int) -> None:
    rows = np.tile(X, (8, 1)), np.tile(Y, 8)
    options = {"engine": engine, "optimizer": optimizer, "batch_size": size, "dropout": 0.2}
    one, other = new(), new()
    wanted = fit(one, *rows, **options)
    found = fit(other, *rows, sample_weight=np.ones(len(rows[0])), **options)
    assert record(found) == record(wanted)
    assert state(other) == state(one)


@ENGINES
@pytest.mark.parametrize("size", [1, 8, 40])
def test_fit_with_weights_is_the_loop_a_reader_would_write(engine: str, size: int) -> None:
    trained, net, losses, epoch = new(), new(), [], []
    history = fit(trained, sample_weight=W, shuffle=False, batch_size=size, epochs=1, engine=engine)
    for begin in range(0, 40, size):
        net.zero_grad()
        loss = total = 0.0
        for sample, target, weight in list(zip(X.tolist(), Y, W, strict=True))[begin : begin + size]:
            net.forward(sample)
            loss += net.backward(target, weight=weight)
            total += weight
        assert net.weight_sum == total
        losses.append(loss / total if total else 0.0)
        epoch.append((loss, total))
        net.update(0.1)
    assert bits(history.loss) == bits(losses)
    assert state(trained) == state(net)
    sums = [0.0, 0.0]
    for loss, total in epoch:
        sums = [sums[0] + loss, sums[1] + total]
    assert history.epochs[0].loss == sums[0] / sums[1]


@ENGINES
@given(counts=st.lists(st.integers(0, 4), min_size=6, max_size=6), data=st.data())
def test_weights_are_repeated_samples(engine: str, counts: list[int], data: st.DataObject) -> None:
    """All numbers are small multiples of powers of 2, so that nothing is rounded in any order."""
    counts = [*counts, 32 - sum(counts)]
    small = st.integers(-3, 3).map(float)
    rows = [data.draw(st.lists(small, min_size=2, max_size=2)) for _ in counts]
    targets = [data.draw(small) for _ in counts]
    nets = [NetFactory([2, 2, 1], "linear", "linear", seed=1).new() for _ in range(2)]
    for net in nets:
        for k, weight in enumerate(net.weights()):
            weight.value = (k - 2) / 4
    options = {"epochs": 1, "batch_size": 99, "learning_rate": 2.0**-5, "shuffle": False}
    options |= {"engine": engine, "loss": "squared_error"}
    weighted = fit(nets[0], rows, targets, sample_weight=counts, **options)
    places = [k for k, count in enumerate(counts) for _ in range(count)]
    repeated = fit(nets[1], [rows[k] for k in places], [targets[k] for k in places], **options)
    assert weighted.loss == repeated.loss
    assert learned(nets[0]) == learned(nets[1])
    assert [w.grad for w in nets[0].weights()] == [w.grad for w in nets[1].weights()]


@ENGINES
@pytest.mark.parametrize("wild", [1e3, 1e200])
def test_a_sample_of_weight_0_is_silent(engine: str, wild: float) -> None:
    """Whatever it holds, also a loss that is infinite; and the order and dropout are as they were."""
    weights, other, targets = np.where(np.arange(40) % 3, 1.5, 0.0), X.copy(), X[:, :2].copy()
    far = targets.copy()
    other[weights == 0.0] *= -2.0
    far[weights == 0.0] = wild
    nets = [NetFactory([3, 4, 2], "tanh", "linear", seed=2).new() for _ in range(2)]
    options = {"engine": engine, "sample_weight": weights, "dropout": 0.3, "optimizer": "adam"}
    plain = fit(nets[0], X, targets, **options)
    changed = fit(nets[1], other, far, **options)
    assert plain.loss == changed.loss
    assert learned(nets[0]) == learned(nets[1])


class Seen(Callback):
    """Notes what there is to learn, and what the optimizer remembers, after every step."""

    def __init__(self) -> None:
        self.states: list[Any] = []

    def on_step_end(self, training: Any) -> None:
        memory = training.engine.memory
        things = [*training.net.weights(), *training.net.neurons()]
        remembered = [memory.get(each) for each in things]
        self.states.append((learned(training.net), remembered, training.net.samples))


@ENGINES
@pytest.mark.parametrize(
    "options",
    [{}, {"l2": 0.1}, {"alpha": 0.1}, {"optimizer": sgd(0.9)}, {"optimizer": adam(), "l1": 0.1},
     {"clip_norm": 0.1}, {"clip_value": 0.1, "dropconnect": 0.2}],
)  # fmt: skip
def test_a_batch_without_weight_is_a_step_that_changes_nothing(engine: str, options: Any) -> None:
    weights = np.ones(40)
    weights[:8] = weights[16:24] = weights[32:] = 0.0
    net, seen = new(), Seen()
    before = learned(net)
    options = {**options, "engine": engine, "epochs": 1, "shuffle": False, "sample_weight": weights}
    history = fit(net, callbacks=seen, **options)
    assert (len(history.loss), history.loss[::2]) == (5, [0.0] * 3)
    (first, memory, samples), second, third, fourth, fifth = seen.states
    assert first == before != second[0] != fourth[0]
    assert set(memory) == {None}
    assert samples == 8
    assert (third, fifth) == (second, fourth)
    alone = new()
    fit(alone, **options)
    assert learned(alone) == fourth[0]
    assert [w.grad for w in alone.weights()] == [0.0] * 24


def test_accuracy_is_of_all_samples_alike() -> None:
    net = new()
    history = fit(net, sample_weight=W, epochs=1, batch_size=40, shuffle=False, learning_rate=1e-9)
    unweighted = fit(new(), epochs=1, batch_size=40, shuffle=False, learning_rate=1e-9)
    assert history.accuracy == unweighted.accuracy
    assert history.loss != unweighted.loss
    plain, weighted = new().evaluate(X, Y), new().evaluate(X, Y, sample_weight=W)
    assert (weighted.loss, weighted.accuracy) == (history.loss[0], plain.accuracy)
    assert new().evaluate(X, Y, sample_weight=np.ones(40)) == plain
    number = NetFactory([3, 1], output_activation="linear", seed=1).new()
    found, wanted = number.evaluate(X, X[:, 0], sample_weight=W), number.evaluate(X, X[:, 0])
    assert (found.error, found.samples) == (wanted.error, 40)
    assert found.loss != wanted.loss


def test_forms_of_weights() -> None:
    wanted = fit(new(), sample_weight=W).loss
    for given_weights in (W.tolist(), tuple(W), pd.Series(W), W[:, None], W.astype(np.float32)):
        assert fit(new(), sample_weight=given_weights).loss == wanted


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"sample_weight": W[:39]}, "got 40 samples but 39 weights in sample_weight"),
        ({"sample_weight": -W}, "must be finite and not negative, not -"),
        ({"sample_weight": [*W[:39], float("nan")]}, r"sample_weight\[39\] must be finite and not neg"),
        ({"sample_weight": [*W[:39], float("inf")]}, r"sample_weight\[39\] must be finite and not neg"),
        ({"sample_weight": [*W[:39], 1e-200]}, r"must be 0 or from 1e-100 to 1e\+100, not 1e-200"),
        ({"sample_weight": [*W[:39], "1"]}, r"sample_weight\[39\] must be a number, not str"),
        ({"sample_weight": 3}, "sample_weight must be a list, .* of weights, not int"),
        ({"sample_weight": np.zeros(40)}, "the weight of every sample to learn from is 0"),
        ({"class_weight": {0: 0, 1: 0, 2: 0}}, "the weight of every sample to learn from is 0"),
        ({"class_weight": {3: 1.0}}, r"class_weight has a label 3, but the classes are \[0, 1, 2\]"),
        ({"class_weight": {0: -1.0}}, r"class_weight\[0\] must be finite and not negative, not -1"),
        ({"class_weight": {0: float("nan")}}, r"class_weight\[0\] must be finite"),
        ({"class_weight": {(0, 1): 1.0}}, "a label in class_weight must be a text or a number"),
        ({"class_weight": "even"}, 'must be a dict {label: weight} or "balanced", not \'even\''),
        ({"class_weight": [1.0, 2.0, 3.0]}, "must be a dict"),
        (
            {"class_weight": {0: 1e99, 1: 1e99, 2: 1e99}, "sample_weight": np.full(40, 1e99)},
            "sample_weight times class_weight of sample 0 must be 0 or from 1e-100 to",
        ),
        ({"validation_split": 1.0}, "validation_split must be less than 1, not 1"),
        ({"validation_split": -0.1}, "validation_split must be at least 0"),
        ({"validation_split": 0.1, "validation_data": (X, Y)}, "validation_data or validation_split"),
        ({"clip_norm": 0.0}, "clip_norm must be above 0, not 0"),
        ({"clip_value": float("nan")}, "clip_value must be finite"),
        ({"clip_norm": 1.0, "clip_value": 1.0}, "give clip_norm or clip_value, not both"),
        ({"validation_data": (X, Y, W[:3])}, r"got 40 samples but 3 weights in validation_data\[2\]"),
        ({"validation_data": (X, Y, 0 * W)}, "the weight of every sample of validation_data is 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused(options: Any, text: str) -> None:
    net = new()
    before = state(net)
    with pytest.raises(SlownetError, match=text):
        fit(net, **options)
    assert state(net) == before


def test_no_class_weights_for_numbers() -> None:
    net = NetFactory([3, 1], output_activation="linear").new()
    with pytest.raises(ValueError, match="class_weight is for a net that tells classes apart"):
        fit(net, X, X[:, 0], class_weight="balanced")


# class weights


@ENGINES
def test_class_weights_are_weights_of_samples(engine: str) -> None:
    names = np.array(["red", "green", "blue"])[Y]
    counts = {name: int((names == name).sum()) for name in ("red", "green", "blue")}
    for chosen, each in (
        ({"red": 2.0, "blue": 0.25}, {"red": 2.0, "green": 1.0, "blue": 0.25}),
        ("balanced", {name: 40 / (3 * count) for name, count in counts.items()}),
    ):
        wanted = fit(new(), X, names, sample_weight=[each[name] for name in names], engine=engine)
        found = fit(new(), X, names, class_weight=chosen, engine=engine)
        assert record(found) == record(wanted)
        both = fit(new(), X, names, class_weight=chosen, sample_weight=W, engine=engine)
        products = [each[name] * w for name, w in zip(names, W, strict=True)]
        assert both.loss == fit(new(), X, names, sample_weight=products).loss


def test_balanced_is_the_formula_of_scikit_learn() -> None:
    utils = pytest.importorskip("sklearn.utils")
    weights = utils.compute_sample_weight("balanced", Y)
    assert fit(new(), class_weight="balanced").loss == fit(new(), sample_weight=weights).loss


@pytest.mark.parametrize(("output", "labels"), [("sigmoid", [0, 1]), ("linear", [-1, 1])])
def test_class_weights_of_one_output(output: str, labels: list[int]) -> None:
    y = np.array(labels)[Y % 2]
    loss = "hinge" if output == "linear" else None
    nets = [NetFactory([3, 1], output_activation=output, seed=1).new() for _ in range(2)]
    found = fit(nets[0], X, y, class_weight={labels[1]: 3.0}, loss=loss)
    wanted = fit(nets[1], X, y, sample_weight=np.where(y == labels[1], 3.0, 1.0), loss=loss)
    assert found.loss == wanted.loss


# what is held out


class Rows(Callback):
    """Notes which rows a training learns from, and which it is validated with."""

    def on_fit_begin(self, training: Any) -> None:
        self.training = [tuple(row) for row in training.samples]
        self.validation = [tuple(row) for row in training.validation.samples]
        self.targets, self.truth = training.targets, training.validation.targets


@ENGINES
def test_a_validation_split_is_validation_data_chosen_at_random(engine: str) -> None:
    rows, net, twin = Rows(), new(), new()
    weights = W + 0.1
    options = {"engine": engine, "shuffle": False}
    history = fit(net, validation_split=0.25, sample_weight=weights, callbacks=rows, **options)
    places = {tuple(row): k for k, row in enumerate(X.tolist())}
    train, held = ([places[row] for row in which] for which in (rows.training, rows.validation))
    assert sorted(train + held) == list(range(40))
    assert (len(train), len(held)) == (30, 10)
    assert train == sorted(train)
    assert held == sorted(held) != list(range(30, 40))
    share = np.bincount(Y[held]) / np.bincount(Y)
    assert abs(share - 0.25).max() < 0.1
    given_data = X[held], Y[held], weights[held]
    parts = X[train], Y[train]
    wanted = fit(twin, *parts, sample_weight=weights[train], validation_data=given_data, **options)
    assert record(history) == record(wanted)
    assert state(net) == state(twin)
    assert history.data["samples"] == 30
    other = Rows()
    fit(new(), validation_split=0.25, callbacks=other, seed=4)
    assert other.validation != rows.validation


def test_a_branch_with_another_seed_holds_out_the_same_rows(tmp_path: Path) -> None:
    """The net has been trained on the others, unless one asks for another split."""

    def held(history: Any, **changes: Any) -> tuple[Any, Any]:
        rows, path = Rows(), tmp_path / f"{len(list(tmp_path.iterdir()))}.run"
        return rows, history.branch(3, (X, Y), callbacks=rows, record=path, **changes)

    first = Rows()
    parent = fit(new(), validation_split=0.25, snapshots=2, epochs=3, seed=1, callbacks=first)
    rows, branch = held(parent, seed=2)
    assert rows.validation == first.validation
    assert (branch.config["seed"], branch.config["split_seed"]) == (2, 1)
    assert branch.loss != parent.loss[3:]  # the order is another one
    assert state(branch.rewind(5, (X, Y))) == state(branch.rewind(5, (X, Y), engine="scalar"))
    resumed = Rows()
    resume(tmp_path / "0.run", (X, Y), epochs=4, callbacks=resumed, progress=False)
    assert resumed.validation == first.validation
    again, further = held(branch, seed=3)
    assert again.validation == first.validation
    assert (further.config["seed"], further.config["split_seed"]) == (3, 1)
    other, chosen = held(parent, seed=2, validation_split=0.25)
    assert other.validation != first.validation
    assert "split_seed" not in chosen.config
    fresh = Rows()
    fit(new(), validation_split=0.25, seed=2, callbacks=fresh)
    assert other.validation == fresh.validation
    plain = fit(new(), snapshots=2).branch(3, (X, Y), seed=2)
    assert "split_seed" not in plain.config


def test_every_class_is_held_out_and_trained_on() -> None:
    y = np.array([0] * 30 + [1] * 8 + [2] * 2)
    for seed in range(20):
        rows = Rows()
        fit(new(), X, y, validation_split=0.2, seed=seed, callbacks=rows, epochs=1)
        held = [target.index(1.0) for target in rows.truth]
        assert [held.count(k) for k in range(2)] == [6, 2]
        assert {target.index(1.0) for target in rows.targets} == {0, 1, 2}


def test_scales_are_learned_from_what_is_trained_on_and_categories_from_all() -> None:
    frame = pd.DataFrame({"km": X[:, 0], "sky": ["sun"] * 39 + ["fog"]})
    for seed in range(8):
        rows, net = Rows(), NetFactory([3, 1], output_activation="linear", seed=1).new()
        fit(net, frame, X[:, 1], prepare="standardise", validation_split=0.3, callbacks=rows, seed=seed)
        assert net.preparation is not None
        assert net.preparation.inputs == ["km", "sky=fog", "sky=sun"]
        assert abs(np.mean(rows.training, axis=0)[0]) < 1e-15 < abs(np.mean(rows.validation, axis=0)[0])
        assert abs(np.mean(rows.targets)) < 1e-15 < abs(np.mean(rows.truth))


def test_too_few_rows_to_split() -> None:
    with pytest.raises(ValueError, match="one row is too few"):
        fit(new(), X[:1], Y[:1], validation_split=0.5)
    with pytest.raises(ValueError, match="got 40 samples but 39 targets in y"):
        fit(new(), X, Y[:39], validation_split=0.5)
    for other in (None, np.float64(1.0), iter(X)):
        with pytest.raises(SlownetError, match="X must be a list"):
            fit(new(), other, Y, validation_split=0.5)
    assert Options(validation_split=0.0).validation_split is None


# clipping


def mean_gradients(net: Net) -> tuple[list[float], list[float]]:
    """The gradients of all samples before a first step, of weights and biases."""
    for sample, target in zip(X.tolist(), Y, strict=True):
        net.forward(sample)
        net.backward(target)
    weights = [w.grad / 40 for w in net.weights()]
    return weights, [n.bias_grad / 40 for layer in list(net)[1:] for n in layer]


@ENGINES
@pytest.mark.parametrize("l2", [0.0, 0.5])
def test_clipping_is_the_formula_of_pytorch(engine: str, l2: float) -> None:
    """Of all numbers of the gradient, before the penalties."""
    weights, biases = mean_gradients(new())
    norm = sqrt(sum(g * g for g in weights + biases))
    before = [w.value for w in new().weights()]
    for limit in (0.01, norm * 0.5, norm * 2.0):
        net, factor = new(), min(1.0, limit / (norm + 1e-6))
        fit(net, epochs=1, batch_size=40, learning_rate=0.5, clip_norm=limit, l2=l2, engine=engine)
        for w, old, g in zip(net.weights(), before, weights, strict=True):
            assert isclose(w.value, old - 0.5 * (factor * g + l2 * old), rel_tol=1e-13, abs_tol=1e-15)
        after = [n.bias for layer in list(net)[1:] for n in layer]
        assert np.allclose(after, [-0.5 * factor * g for g in biases], rtol=1e-13, atol=1e-16)
        net = new()
        fit(net, epochs=1, batch_size=40, learning_rate=0.5, clip_value=limit, l2=l2, engine=engine)
        for w, old, g in zip(net.weights(), before, weights, strict=True):
            clipped = max(-limit, min(limit, g))
            assert isclose(w.value, old - 0.5 * (clipped + l2 * old), rel_tol=1e-13, abs_tol=1e-15)


@ENGINES
@pytest.mark.parametrize("optimizer", ["sgd", "adam", sgd(0.9)])
@pytest.mark.parametrize("size", [1, 8, 300])
def test_wide_limits_change_no_bit(engine: str, optimizer: Any, size: int) -> None:
    rows = np.tile(X, (8, 1)), np.tile(Y, 8)
    options = {"optimizer": optimizer, "batch_size": size, "engine": engine}
    wanted = new()
    fit(wanted, *rows, **options)
    for limit in ({"clip_norm": 1e9}, {"clip_value": 1e9}):
        net = new()
        fit(net, *rows, **options, **limit)
        assert learned(net) == learned(wanted)


@ENGINES
def test_what_is_frozen_has_no_part_in_the_norm(engine: str) -> None:
    net = new()
    net.layers[1].freeze()
    fit(net, epochs=1, batch_size=40, learning_rate=1.0, clip_norm=0.01, engine=engine)
    before = new()
    steps = [a.value - b.value for a, b in zip(net.weights(), before.weights(), strict=True)]
    steps += [a.bias - b.bias for a, b in zip(net.neurons(), before.neurons(), strict=True)]
    assert isclose(sqrt(sum(step * step for step in steps)), 0.01, rel_tol=1e-3)


@ENGINES
def test_a_norm_that_overflows(engine: str) -> None:
    net = NetFactory([1, 1], output_activation="linear", seed=1).new()
    with pytest.raises(DivergedError, match="the norm of the gradient is not finite"):
        fit(net, [[1e90]], [-1e70], clip_norm=1.0, learning_rate=1e-300, engine=engine)


def test_clipping_and_weights_as_in_pytorch() -> None:
    """Three epochs of Adam and of descent with momentum, to the rounding of a sum in another order."""
    torch = pytest.importorskip("torch")
    for optimizer, rule in (
        (sgd(0.9), lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
        (adam(), lambda p: torch.optim.Adam(p, 0.1)),
    ):
        for limit in ({}, {"clip_norm": 0.3}, {"clip_value": 0.05}):
            net = new(hidden_activation="tanh")
            layers = [torch.nn.Linear(3, 4), torch.nn.Linear(4, 3)]
            for layer, own in zip(layers, list(net)[1:], strict=True):
                rows = [[w.value for w in n.weights["in"].values()] for n in own]
                layer.weight.data = torch.tensor(rows, dtype=torch.float64)
                layer.bias.data = torch.zeros(len(rows), dtype=torch.float64)
            model = torch.nn.Sequential(layers[0], torch.nn.Tanh(), layers[1])
            parameters = list(model.parameters())
            steps = rule(parameters)
            options = {"optimizer": optimizer, "shuffle": False, "epochs": 3, **limit}
            history, losses = fit(net, sample_weight=W + 0.1, **options), []
            for begin in [*range(0, 40, 8)] * 3:
                part = slice(begin, begin + 8)
                weights = torch.tensor((W + 0.1)[part])
                each = torch.nn.functional.cross_entropy(
                    model(torch.tensor(X[part])), torch.tensor(Y[part]), reduction="none"
                )
                loss = (weights * each).sum() / weights.sum()
                losses.append(loss.item())
                steps.zero_grad()
                loss.backward()
                if "clip_norm" in limit:
                    torch.nn.utils.clip_grad_norm_(parameters, limit["clip_norm"])
                if "clip_value" in limit:
                    torch.nn.utils.clip_grad_value_(parameters, limit["clip_value"])
                steps.step()
            assert np.allclose(history.loss, losses, rtol=1e-9)


# what is kept


OPTIONS: dict[str, Any] = {
    "class_weight": {0: 2.0, 2: 0.5},
    "validation_split": 0.2,
    "clip_norm": 0.2,
    "optimizer": "adam",
    "snapshots": 6,
    "epochs": 4,
}


class StopAt(Callback):
    def __init__(self, step: int) -> None:
        self.step = step

    def on_step_end(self, training: Any) -> None:
        if training.step == self.step:
            raise KeyboardInterrupt


@ENGINES
def test_a_recorded_training_goes_on(engine: str, tmp_path: Path) -> None:
    path, weights = tmp_path / "a.run", W + 0.5
    whole = fit(new(), sample_weight=weights, record=tmp_path / "whole.run", engine=engine, **OPTIONS)
    fit(new(), sample_weight=weights, record=path, callbacks=StopAt(7), engine=engine, **OPTIONS)
    for data, text in (
        ((X, Y), r"had sample weights: give data=\(X, y, sample_weight\)"),
        ((X, Y, 2 * weights), "other data: sample_weight has another fingerprint"),
        ((X, Y, weights[:3]), "got 40 samples but 3 weights"),
        ((X + 1, Y, weights), "other data: X has another fingerprint"),
        ((X, Y, weights, 1), r"must be a pair \(X, y\), or \(X, y, sample_weight\), not tuple"),
    ):
        with pytest.raises((ValueError, TypeError, RecordingError), match=text):
            resume(path, data, progress=False)
    found = resume(path, (X, Y, weights), progress=False)
    assert record(found) == record(whole) == record(History.open(path))
    assert found.config["class_weight"] == [[0, 2.0], [2, 0.5]]
    assert (found.config["weighted"], found.config["validation_split"]) == (True, 0.2)
    step = found.rewind(9, (X, Y, weights))
    assert state(step) == state(whole.rewind(9, (X, Y, weights), engine="scalar"))
    same = whole.branch(9, (X, Y, weights))
    assert same.loss == whole.loss[9:]
    changed = whole.branch(9, (X, Y, weights), sample_weight=None, class_weight="balanced")
    assert changed.loss[1:] != whole.loss[10:]
    assert (changed.config["weighted"], changed.config["class_weight"]) == (False, "balanced")
    unweighted = fit(new(), snapshots=3)
    with pytest.raises(ValueError, match=r"had no sample weights: give data=\(X, y\)"):
        unweighted.rewind(3, (X, Y, weights))


def test_early_stopping_of_a_branch_with_other_weights() -> None:
    history = fit(new(), sample_weight=W + 0.5, snapshots=4, early_stopping=3, epochs=6)
    found = history.branch(10, (X, Y, W + 0.5), sample_weight=W + 1.0)
    assert found.start == 10


def test_the_fingerprint_has_the_weights_where_there_are_any() -> None:
    history = fit(new(), sample_weight=W, snapshots=2)
    assert set(history.data) >= {"X", "y", "sample_weight"}
    targets = [[float(k == y) for k in range(3)] for y in Y]
    samples = slownet.samples.Samples(X, 3)
    assert fingerprint(samples, targets, W.tolist())["sample_weight"] == history.data["sample_weight"]
    assert "sample_weight" not in fit(new(), snapshots=2).data
    assert "sample_weight" in fit(new(), class_weight="balanced", snapshots=2).data


def test_a_page_is_verified_with_the_weights(tmp_path: Path) -> None:
    page, weights = tmp_path / "page.html", W + 0.5
    fit(new(), sample_weight=weights, **OPTIONS).write_html(page)
    assert slownet.verify(page, (X, Y, weights))
    with pytest.raises(ValueError, match=r"had sample weights: give data=\(X, y, sample_weight\)"):
        slownet.verify(page, (X, Y))
    with pytest.raises(RecordingError, match="these are not the data of the page: sample_weight"):
        slownet.verify(page, (X, Y, weights[::-1]))
    text = page.read_text(encoding="utf-8")
    assert text.count('"class_weight":[[0,2.0],[2,0.5]]') == 1
    text = text.replace('"class_weight":[[0,2.0],', '"class_weight":[[0,1.0],')
    page.write_text(text, encoding="utf-8")
    with pytest.raises(RecordingError, match="sample_weight has the fingerprint"):
        slownet.verify(page, (X, Y, weights))


def test_a_page_that_holds_all_rows_holds_their_weights(tmp_path: Path) -> None:
    page, weights = tmp_path / "page.html", W + 0.5
    held = X[:6], Y[:6], weights[:6]
    for options in ({**OPTIONS}, {"snapshots": 2, "epochs": 1, "validation_data": held}):
        fit(new(), sample_weight=weights, **options).write_html(page, keep="all")
        assert slownet.verify(page)
        assert slownet.verify(page, (X, Y, weights), validation_data=options.get("validation_data"))


def test_scales_of_what_was_trained_on_are_verified(tmp_path: Path) -> None:
    frame, page = pd.DataFrame(X, columns=["a", "b", "c"]), tmp_path / "page.html"
    history = fit(new(), frame, prepare="standardise", validation_split=0.3, snapshots=2)
    history.write_html(page, keep="all")
    for found in (slownet.verify(page), slownet.verify(page, (frame, Y), prepare="standardise")):
        assert found
        assert "scale" not in str(found)


def test_every_weight_is_kept_to_its_last_bit(tmp_path: Path) -> None:
    third = 1 / 3
    history = fit(new(), class_weight={0: third, 1: 1e100}, record=tmp_path / "a.run")
    kept = History.open(tmp_path / "a.run").config["class_weight"]
    assert struct.pack("d", kept[0][1]) == struct.pack("d", third)
    assert kept == history.config["class_weight"]


# explained


@pytest.mark.parametrize(("loss", "output", "target"), [
    ("cross_entropy", "softmax", 1), ("squared_error", "sigmoid", [0.5, 0.1]),
    ("squared_error", "softmax", [0.5, 0.1]), ("squared_error", "linear", [0.5, 0.1]),
])  # fmt: skip
@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0, 7.0])
def test_a_weighted_delta_is_derived(loss: str, output: str, target: Any, weight: float) -> None:
    net = NetFactory([2, 3, 2], output_activation=output, seed=1).new()
    net.loss = loss
    net.forward([1.0, 2.0])
    net.backward(target, weight=weight)
    neuron = net.outputs.neurons[1]
    derivation = neuron.explain("delta")
    assert bits([derivation.value]) == bits([neuron.delta])
    assert derivation.check()
    assert ("sample_weight" in derivation.python()) == (weight not in (0.0, 1.0))
    first = next(net.weights())
    assert first.explain().value == first.grad
    for hidden in net.layers[1]:
        assert bits([hidden.explain("delta").value]) == bits([hidden.delta])


def test_the_sums_of_a_weighted_batch_are_explained() -> None:
    net = new()
    history = fit(net, epochs=1, batch_size=40, sample_weight=W, shuffle=False)
    assert net.samples == 40
    assert net.weight_sum == W.sum()
    assert net.sample_weight == W[-1]
    first = next(net.weights())
    assert first.explain("update")["weight_sum"].value == net.weight_sum
    loss = net.explain("loss")
    assert bits([loss.value]) == bits([history.loss[-1]])
    assert loss.check()


def test_weights_by_hand_are_checked() -> None:
    net = new()
    net.forward(X[0])
    with pytest.raises(ValueError, match="weight must be finite and not negative, not -1"):
        net.backward(0, weight=-1.0)
    with pytest.raises(ValueError, match="nothing to learn from"):
        net.update(0.1)
    net.backward(0, weight=0.0)
    before = [weight.value for weight in net.weights()]
    net.update(0.1)  # as a batch without weight in `fit`
    assert [weight.value for weight in net.weights()] == before


# the penalty that is a term of a batch's sum of losses


@ENGINES
@pytest.mark.parametrize("weights", [None, W])
@pytest.mark.parametrize("size", [1, 16, 40])
def test_alpha_is_a_term_of_the_sum(engine: str, weights: Any, size: int) -> None:
    """The last batch of 16 has 8 samples: its penalty is divided by as many."""
    net, alpha, rate, losses = new(), 0.3, 0.1, []
    wanted = new()
    history = fit(
        net, epochs=1, batch_size=size, alpha=alpha, learning_rate=rate, shuffle=False, engine=engine,
        sample_weight=weights,
    )  # fmt: skip
    counts = np.ones(40) if weights is None else weights
    for first in range(0, 40, size):
        part = range(first, min(first + size, 40))
        divisor = sum(counts[row] for row in part)
        if not divisor:
            losses.append(0.0)
            continue
        penalty = 0.5 * alpha * sum(w.value**2 for w in wanted.weights())
        total, steps = penalty, {w: alpha * w.value for w in wanted.weights()}
        biases = dict.fromkeys((n for layer in list(wanted)[1:] for n in layer), 0.0)
        for row in part:
            wanted.zero_grad()
            wanted.forward(X[row].tolist())
            total += counts[row] * wanted.backward(Y[row])
            for w in steps:
                steps[w] += counts[row] * w.grad
            for n in biases:
                biases[n] += counts[row] * n.bias_grad
        losses.append(total / divisor)
        for w, step in steps.items():
            w.value -= rate * step / divisor
        for n, step in biases.items():
            n.bias -= rate * step / divisor
    assert np.allclose(history.loss, losses, rtol=1e-13, atol=0.0)
    found = [w.value for w in net.weights()] + [n.bias for n in net.neurons() if n.bias is not None]
    right = [w.value for w in wanted.weights()] + [
        n.bias for n in wanted.neurons() if n.bias is not None
    ]
    assert np.allclose(found, right, rtol=1e-12, atol=1e-15)


@ENGINES
def test_alpha_in_one_batch_is_l2_over_its_size(engine: str) -> None:
    one, other = new(), new()
    fit(one, batch_size=40, alpha=0.5, engine=engine)
    fit(other, batch_size=40, l2=0.5 / 40, engine=engine)
    pairs = zip(one.weights(), other.weights(), strict=True)
    assert all(isclose(a.value, b.value, rel_tol=1e-12) for a, b in pairs)


@ENGINES
def test_an_alpha_beyond_all_floats_diverges_and_changes_nothing(engine: str) -> None:
    net = new()
    before = learned(net)
    with pytest.raises(DivergedError):
        fit(net, alpha=1.7e308, engine=engine)
    assert learned(net) == before
