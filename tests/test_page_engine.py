"""The engine of the page: the bits of Python, with any net and any options."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from experiments import in_deno as experiments_in_deno
from experiments import repeated
from graphs import NAIVE
from hypothesis import settings
from trained_pages import (
    Trained,
    in_deno,
    outcome,
    printed,
    random_trainings,
    script,
)

from slownet import (
    Callback,
    EarlyStopping,
    Layer,
    LearningRate,
    Net,
    NetFactory,
    Neuron,
    Weight,
    datasets,
    functions,
    resume,
)
from slownet.errors import InvalidValueError, RecordingError
from slownet.functions import INITIALIZERS
from slownet.page.digests import digest, recipe_of
from slownet.page.javascript import Translator
from slownet.page.recipe import Recipe
from slownet.training.options import Options
from slownet.translation import UntranslatableError

THOROUGH = settings.default.max_examples > 1000


def small(**options: Any) -> tuple[Net, Any, Any, dict[str, Any]]:
    """A net in the plane, its data, and options."""
    X, y = datasets.moons(60, 0.1, 0)
    net = NetFactory([2, 7, 5, 1], hidden_activation="tanh", seed=4).new()
    return net, X, y, {"epochs": 5, "batch_size": 8, "learning_rate": 0.3, "seed": 11, **options}


def check(trained: list[Trained], translator: Translator, folder: Path, *run: str) -> None:
    assert not in_deno(trained, translator, folder, *run)


# random nets


def test_random_trainings_have_the_bits_of_python(tmp_path: Path) -> None:
    translator = Translator(exact=True)
    trained, refused = random_trainings(range(130), translator)
    assert len(trained) >= 100
    known = ("the activation 'naive'", "the weight of every sample", "sample_weight times")
    assert all(reason.startswith(known) for reason in refused), refused
    check(trained, translator, tmp_path)
    flags = np.array([each.wanted["flags"][0] for each in trained])
    assert 5 < flags.sum() < 50  # some diverge


@pytest.mark.long
@pytest.mark.skipif(not THOROUGH, reason="of the thorough profile")
@pytest.mark.parametrize("first", range(1000, 2200, 200))
def test_more_random_trainings_have_the_bits_of_python(first: int, tmp_path: Path) -> None:
    translator = Translator(exact=True)
    trained, _ = random_trainings(range(first, first + 200), translator)
    assert len(trained) > 160
    check(trained, translator, tmp_path)


def test_a_step_by_single_operations_has_the_same_bits(tmp_path: Path) -> None:
    translator = Translator(exact=True)
    trained, _ = random_trainings(range(300, 340), translator)
    trained = [each for each in trained if len(each.wanted["losses"]) < 60]
    assert len(trained) > 20
    run = """(training) => {
      const { StepByStep } = modules["engine/stepping.js"];
      for (let turn = 0; !training.isDone; turn += 1) {
        const step = new StepByStep(training);
        for (let k = 0; k < 40; k += 1) step.next(); // forwards, back, and forwards again
        for (let k = 0; k < 30 + turn % 20; k += 1) step.back();
        step.run();
      }
      training.finish();
    }"""
    check(trained, translator, tmp_path, run)


@pytest.mark.long
def test_any_place_of_a_step_has_the_numbers_of_its_operations(tmp_path: Path) -> None:
    """Forwards, back, and wherever a name leads; after all of them the bits of the fast step."""
    translator = Translator(exact=True)
    trained, _ = random_trainings(range(300, 330), translator)
    trained = [each for each in trained if len(each.wanted["losses"]) < 60]
    assert len(trained) > 15
    check(trained, translator, tmp_path, "(training) => {" + PLACES + "}")


PLACES = """
  const { StepApart } = modules["engine/apart.js"], { StepByStep } = modules["engine/stepping.js"];
  const { restore } = modules["engine/state.js"];
  const same = (a, b) => a.length === b.length && [...a].every((v, k) => Object.is(v, b[k]));
  const fail = (why) => { throw new Error(why); };
  const numbersOf = ({ engine: { lists: { weights, biases, gradients } } }) =>
    [weights.values, biases.values, gradients.weights, gradients.biases].map((each) => each.slice());
  const [losses, epochs] = [[], []];
  const advance = () => {
    Object.assign(training, { losses, epochs });
    training.advance();
    Object.assign(training, { losses: [], epochs: [] });
  };
  for (let turn = 0; !training.isDone; turn += 1) {
    if (turn % 7 === 0 && !training.stopping) {
      const apart = new StepApart(training), known = [], own = [];
      apart.countAll();
      apart.close();
      const step = new StepByStep(training);
      own.push(numbersOf(training));
      try {
        for (let each = step.next(); each !== null; each = step.next()) {
          known.push(each);
          own.push(numbersOf(training));
        }
      } catch (error) {
        if (!apart.problem) throw error;
      }
      restore(training, apart.state);
      training.losses.length = training.epochs.length = 0;
      const again = new StepApart(training);
      again.distance = 1 + turn % 3; // as in a large batch
      while (!again.countAll(() => true));
      if (again.count !== known.length) fail(`${again.count} of ${known.length}`);
      for (let k = 0; k < 25; k += 1) {
        const place = k ? (k * 7919 + turn * 31) % (again.count + 1) : again.count;
        again.go(place);
        if (again.recent.length && again.place !== place) fail("another place");
        again.recent.toReversed().slice(0, 5).forEach((each, back) => {
          const wanted = known[place - 1 - back];
          if (each.name !== wanted.name || !Object.is(each.result, wanted.result)) fail(each.name);
          if (!same(each.numbers, wanted.numbers) || each.phase !== wanted.phase) fail(each.phase);
        });
        const found = numbersOf(training);
        if (place && !found.every((each, i) => same(each, own[place][i]))) fail("numbers");
        const name = place > 0 ? known[place - 1].name : "";
        const kept = place && again.find(name, place - 1);
        const last = known.findLastIndex((each, i) => i < place - 1 && each.name === name);
        if (place && kept !== null && kept !== last + 1) fail(`${name}: ${kept}, not ${last + 1}`);
      }
      again.go(again.count);
      if (!again.problem && !again.isSame()) fail("the fast step has other bits");
      again.close();
    }
    advance();
  }
  training.finish();
  Object.assign(training, { losses, epochs });
"""


def test_operations_are_named_and_ordered_as_documented(tmp_path: Path) -> None:
    """One hidden neuron, and a weight that skips it; every operation follows from its terms."""
    net = Net()
    for layer, (activation, ids) in enumerate([(None, [0, 4]), ("relu", [3]), ("linear", [1])]):
        made = Layer(layer, net, activation)
        for neuron in ids:
            Neuron(neuron, made, bias=None if not layer else 0.5)
    for pair, value in {(0, 3): 2.0, (4, 3): -1.0}.items():
        Weight(pair, net.layers[1].neurons[3], net.layers[0].neurons[pair[0]], value)
    Weight((3, 1), net.layers[2].neurons[1], net.layers[1].neurons[3], 0.25)
    Weight(((0, 4), (2, 1)), net.layers[2].neurons[1], net.layers[0].neurons[4], 3.0)
    recipe = Recipe(net, [[1.0, 0.5]], [4.0], Options(learning_rate=0.1))
    run = """
      const step = new (modules["engine/stepping.js"].StepByStep)(await begin());
      for (let each = step.next(); each !== null; each = step.next()) {
        console.log(`${each.name} = ${each.terms.join(` ${each.sign} `)}`);
        const [a, b] = each.numbers;
        const result = { "+": a + b, "-": a - b, "*": a * b, "=": a }[each.sign] ?? each.result;
        if (!Object.is(result, each.result)) throw new Error(each.name);
      }"""
    assert printed(recipe, run, tmp_path) == OPERATIONS.lstrip()


def test_a_step_that_diverges_can_only_be_begun_again(tmp_path: Path) -> None:
    net = NetFactory([1, 1], "linear", output_activation="linear", seed=1).new()
    recipe = Recipe(net, [[1e90]], [1.0], Options(learning_rate=1e300))
    run = """
      const training = await begin(), before = String(training.numbers.weights), found = [];
      const step = new (modules["engine/stepping.js"].StepByStep)(training);
      for (let k = 0; k < 3; k += 1) {
        try { step.run(); } catch (error) { found.push(error.message.includes("in step 1")); }
      }
      found.push(training.step, training.losses.length);
      found.push(before === String(training.numbers.weights));
      console.log(found.join());"""
    assert printed(recipe, run, tmp_path).strip() == "true,true,true,0,0,true"


OPERATIONS = """
total = 0
value_0_0 = 1
value_0_4 = 0.5
z_1_3 = bias_1_3
product = weight_1_0_3 * value_0_0
z_1_3 = z_1_3 + product
product = weight_1_4_3 * value_0_4
z_1_3 = z_1_3 + product
value_1_3 = z_1_3
z_2_1 = bias_2_1
product = weight_2_3_1 * value_1_3
z_2_1 = z_2_1 + product
product = weight_0_4_2_1 * value_0_4
z_2_1 = z_2_1 + product
value_2_1 = z_2_1
loss = value_2_1
slope_2_1 = value_2_1 squared_error' 4
derivative = z_2_1
delta_2_1 = slope_2_1 * derivative
slope_1_3 = 0
product = weight_2_3_1 * delta_2_1
slope_1_3 = slope_1_3 + product
derivative = z_1_3
delta_1_3 = slope_1_3 * derivative
bias_grad_1_3 = bias_grad_1_3 + delta_1_3
product = delta_1_3 * value_0_0
grad_1_0_3 = grad_1_0_3 + product
product = delta_1_3 * value_0_4
grad_1_4_3 = grad_1_4_3 + product
bias_grad_2_1 = bias_grad_2_1 + delta_2_1
product = delta_2_1 * value_1_3
grad_2_3_1 = grad_2_3_1 + product
product = delta_2_1 * value_0_4
grad_0_4_2_1 = grad_0_4_2_1 + product
total = total + loss
mean = 1 * grad_1_0_3
change = 0.1 * mean
weight_1_0_3 = weight_1_0_3 - change
mean = 1 * grad_1_4_3
change = 0.1 * mean
weight_1_4_3 = weight_1_4_3 - change
mean = 1 * bias_grad_1_3
change = 0.1 * mean
bias_1_3 = bias_1_3 - change
mean = 1 * grad_2_3_1
change = 0.1 * mean
weight_2_3_1 = weight_2_3_1 - change
mean = 1 * grad_0_4_2_1
change = 0.1 * mean
weight_0_4_2_1 = weight_0_4_2_1 - change
mean = 1 * bias_grad_2_1
change = 0.1 * mean
bias_2_1 = bias_2_1 - change
"""


# kinds of trainings


def test_initial_weights_are_drawn_from_the_seed(tmp_path: Path) -> None:
    translator, trained = Translator(exact=True), []
    names = [name for name in INITIALIZERS if name != "constant"]
    for k, name in enumerate([*names, "constant"]):
        net, X, y, options = small(epochs=1, seed=2**64 - 1 - k)
        layers = [2, 7, 5, 1]
        net = NetFactory(layers, seed=2**60 + k, initializer=name).new()
        trained.append(Trained.of(name, net, X, y, options, translator))
        assert trained[-1].recipe.facts["initial"] is not None
        assert "weights" not in trained[-1].recipe.writer.contents
    check(trained, translator, tmp_path)


@pytest.mark.parametrize("prepare", ["standardise", "min-max"])
def test_rows_of_a_table_are_prepared_in_the_page(prepare: str, tmp_path: Path) -> None:
    import pandas as pd

    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "size (m)": rng.normal(3e4, 7, 50),
            "kind": rng.choice(["a", "b", "c"], 50),
            "x": rng.random(50),
        }
    )
    y = pd.Series(frame["size (m)"] * 3e-3 + rng.random(50), name="price")
    translator, trained = Translator(exact=True), []
    for k, options in enumerate(
        [{}, {"validation_split": 0.3}, {"validation_data": (frame[:9], y[:9])}]
    ):
        net = NetFactory([5, 6, 1], output_activation="linear", seed=k).new()
        given = {"epochs": 4, "batch_size": 7, "learning_rate": 0.01, "prepare": prepare, **options}
        trained.append(Trained.of(str(k), net, frame, y, given, translator))
        assert trained[-1].recipe.facts["preparation"] is not None
    check(trained, translator, tmp_path)


def digits(count: int) -> tuple[Any, Any]:
    return datasets.load_mnist("train", count)


IMAGES: dict[str, dict[str, Any]] = {
    "plain": {},
    "one by one": {"batch_size": 1},
    "full batches": {"batch_size": 600, "epochs": 3},
    "adam": {"optimizer": "adam", "learning_rate": 0.01},
    "momentum": {"optimizer": functions.sgd(0.9), "l2": 1e-4, "alpha": 1e-3},
    "dropout": {"dropout": 0.2, "optimizer": "rmsprop", "learning_rate": 1e-3, "l1": 1e-4},
    "clipped": {"clip_norm": 0.5, "schedule": functions.warm_up(0.5, "cosine")},
    "stopped": {"validation_split": 0.2, "early_stopping": 1, "epochs": 6, "learning_rate": 1.0},
}


@pytest.mark.long
@pytest.mark.parametrize("hidden", [("sigmoid", [784, 30, 10]), ("relu", [784, 20, 13, 10])])
def test_images_have_the_bits_of_python(hidden: Any, tmp_path: Path) -> None:
    """In rows of weights, with weights that are missing or frozen, too."""
    translator, trained = Translator(exact=True), []
    X, y = digits(600)
    for name, options in IMAGES.items():
        net = NetFactory(hidden[1], hidden[0], seed=7).new()
        if name != "plain":
            weights = list(net.weights())
            for weight in weights[100:200]:
                weight.remove()
            for weight in weights[300:400]:
                weight.frozen = True
            net.layers[1].neurons[2].bias_frozen = True
        given = {"epochs": 2, "batch_size": 32, "learning_rate": 0.2, "seed": 5, **options}
        trained.append(Trained.of(name, net, X, y, given, translator))
    run = "(training) => { training.run(); if (training.engine.steps.lists) throw new Error('lists'); }"
    check(trained, translator, tmp_path, run)


def test_special_numbers_in_rows_of_weights(tmp_path: Path) -> None:
    """Weights of -0 beside deltas of -0; and an infinite value, also where a weight is missing."""
    translator, trained = Translator(exact=True), []
    net, X, y, options = small(batch_size=1, learning_rate=0.01)
    for layer in net:
        layer.activation = "relu" if layer is not net.outputs else "sigmoid"
    for weight in net.weights():
        weight.value = -0.0 if sum(weight.id) % 2 else -abs(weight.value)
    trained.append(Trained.of("zeros", net, X, y, options, translator))
    pair = [[1e200, -1e200], *X[:5]], [*y[:6]], [0.0, *[1.0] * 5]  # an infinite loss that counts nothing
    net, X, y, options = small(validation_data=pair, learning_rate=0.01)
    net.layers[1].activation = net.layers[2].activation = net.outputs.activation = "linear"
    net.loss = "squared_error"
    trained.append(Trained.of("validated", net, X, y, options, translator))
    for is_missing in (False, True):
        net, X, y, options = small(batch_size=6)
        X, y = X.copy(), y.copy()
        X[::3], y[::3] = (1e90, 1e90), 1
        net.layers[1].activation = net.layers[2].activation = "relu"
        net.loss = "squared_error"
        for weight in net.weights():
            weight.value = abs(weight.value)
        net.weight(1, (0, 0)).value = net.weight(1, (1, 0)).value = 1e250
        if is_missing:
            net.weight(2, (0, 1)).remove()
        name = f"infinite, {is_missing}"
        trained.append(Trained.of(name, net, X, y, options, translator))
    check(trained, translator, tmp_path)
    assert not any(each.wanted["flags"][0] for each in trained)


def test_a_division_by_0_diverges_wherever_it_is(tmp_path: Path) -> None:
    """In a schedule, in the constants of an optimizer, in a validation; then in the next step's name."""
    translator, trained = Translator(exact=True), []
    rates = functions.Schedule("ends", lambda rate, epoch, epochs: rate / (2.5 - epoch))
    counted = functions.Optimizer(
        "counted",
        lambda w, g, a, b, rate, c: (w - rate * g * c[0], a, b),
        constants=lambda step: (1.0 / (9.0 - step),),
    )
    distance = functions.Loss(
        "distance",
        lambda a, y: (a - y) * (a - y) / (0.0 if y > 1.5 else 1.0),
        lambda a, y: 2.0 * (a - y),
    )
    net, X, y, _ = small()
    options: dict[str, dict[str, Any]] = {
        "schedule": {"schedule": rates},
        "constants": {"optimizer": counted},
        "validation": {"loss": distance, "validation_data": (X[:2], [[0.0], [2.0]])},
    }
    for name, given in options.items():
        net, X, y, all_options = small(**given)
        trained.append(Trained.of(name, net, X, y, all_options, translator))
        assert trained[-1].wanted["flags"][0] == 1
    check(trained, translator, tmp_path)


@pytest.mark.long
def test_an_epoch_of_5000_digits_has_the_bits_of_python(tmp_path: Path) -> None:
    translator, trained = Translator(exact=True), []
    X, y = digits(5000)
    for sizes, activation in (([784, 30, 10], "sigmoid"), ([784, 128, 64, 10], "relu")):
        for options in ({}, {"optimizer": "adam", "learning_rate": 0.01, "dropout": 0.1}):
            net = NetFactory(sizes, activation, seed=1).new()
            name = f"{sizes}, {options}"
            given = {"epochs": 1, "batch_size": 32, "learning_rate": 0.2, "seed": 3, **options}
            trained.append(Trained.of(name, net, X, y, given, translator))
    check(trained, translator, tmp_path)


def test_a_warm_start_goes_on_with_the_memory(tmp_path: Path) -> None:
    translator = Translator(exact=True)
    net, X, y, options = small(optimizer="nadam", learning_rate=0.02, warm_start=True)
    net.fit(X, y, progress=False, **options)
    trained = [Trained.of("warm", net, X, y, options, translator)]
    assert trained[0].recipe.facts["options"]["steps_before"] == 40
    check(trained, translator, tmp_path)


# changes in the middle


CHANGES: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "another rate": ("training.change({ learning_rate: 0.05 })", None, {"learning_rate": 0.05}),
    "a neuron less": (
        "modules['engine/editing.js'].removeNeuron(training, 1, 3)",
        lambda net: net.layers[1].neurons[3].remove(),
        {},
    ),
    "a weight less": (
        "modules['engine/editing.js'].removeWeight(training, [0, 0], [1, 2])",
        lambda net: list(net.weights())[4].remove(),
        {},
    ),
    "another weight": (
        "modules['engine/editing.js'].setWeight(training, [0, 1], [1, 4], -0.75)",
        lambda net: setattr(list(net.weights())[9], "value", -0.75),
        {},
    ),
    "another bias": (
        "modules['engine/editing.js'].setBias(training, [2, 1], 0.5)",
        lambda net: setattr(net.layers[2].neurons[1], "bias", 0.5),
        {},
    ),
    "a frozen weight": (
        "modules['engine/editing.js'].freezeWeight(training, [0, 1], [1, 4], true)",
        lambda net: setattr(list(net.weights())[9], "frozen", True),
        {},
    ),
    "other batches": ("training.change({ batch_size: 5 })", None, {"batch_size": 5}),
    "dropout": ("training.change({ dropout: 0.3 })", None, {"dropout": 0.3}),
}


@pytest.mark.parametrize("options", [{}, {"optimizer": "adam", "learning_rate": 0.02, "alpha": 0.01}])
def test_changes_in_the_middle_are_those_of_branch(options: dict[str, Any], tmp_path: Path) -> None:
    net, X, y, given = small(**options)
    start = net.copy()
    history = net.fit(X, y, progress=False, snapshots=2, **given)
    translator, trained = Translator(exact=True), []
    step = 13
    for name, (_, edit, changes) in CHANGES.items():
        branch = history.branch(step, (X, y), edit, snapshots=2, progress=False, **changes)
        recipe = Recipe(start.copy(), X, y, Options(**given), translator=translator)
        wanted = outcome(branch.net, branch, branch.snapshots[-1].memory(branch.net), [0, -1])
        wanted["losses"] = np.array([*history.loss[:step], *branch.loss])
        wanted["epochs"] = wanted["epochs"][-4:] if name == "other batches" else wanted["epochs"]
        trained.append(Trained(name, recipe, wanted))
    changes = ", ".join(f"{json.dumps(name)}: (training) => {each[0]}" for name, each in CHANGES.items())
    names = json.dumps([*CHANGES])
    run = f"""(() => {{
      const changes = {{ {changes} }}, names = {names};
      return (training) => {{
        const name = names.shift();
        training.run({step});
        changes[name](training);
        training.run();
        if (name === "other batches") training.epochs.splice(0, training.epochs.length - 1);
      }};
    }})()"""
    check(trained, translator, tmp_path, run)


def test_a_layer_keeps_its_last_neuron(tmp_path: Path) -> None:
    """As in Python, whose net cannot be trained without it."""
    _, X, y, given = small()
    recipe = Recipe(NetFactory([2, 2, 1, 1], seed=0).new(), X, y, Options(**given))
    run = """
      const training = await begin();
      for (const [layer, neuron] of [[0, 0], [3, 0], [2, 0], [1, 1], [1, 0], [1, 5], [7, 0]]) {
        try { modules["engine/editing.js"].removeNeuron(training, layer, neuron); }
        catch (error) { console.log(error.message); }
      }
      console.log(training.graph.sizes.join());"""
    last = "a layer keeps its last neuron"
    hidden = "layer {} is no hidden layer of the net: their ids are 1, 2"
    wanted = [*map(hidden.format, (0, 3)), last, last, "there is no neuron 1.5", hidden.format(7)]
    assert printed(recipe, run, tmp_path).splitlines() == [*wanted, "2,1,1,1"]


def test_a_training_goes_on_behind_its_last_epoch(tmp_path: Path) -> None:
    """With the rate that its schedule has there; where early stopping would have ended it, too."""
    cases, translator = [], Translator(exact=True)
    for schedule in ("step", "warm_up_cosine"):
        net, X, y, given = small(early_stopping=1, learning_rate=3.0, epochs=9, schedule=schedule)
        history = net.fit(X, y, progress=False, snapshots=2, **given)
        cases.append(repeated(history, (X, y), "", 90, translator))
    assert not experiments_in_deno(cases, translator, tmp_path)


# digests


def compared(recipe: Recipe, folder: Path, *changes: str) -> list[list[int | None]]:
    """Train again in deno, once for each change after step 21.

    Return for each how many steps were compared, of how many, and which first and last one may differ.
    """
    edits = ", ".join(f"(training, weights) => {{ {each} }}" for each in changes or [""])
    run = f"""
      const {{ arrays }} = await modules["engine/recipe.js"].read(recipe, {{}});
      const digests = {{ ...recipe.facts.digests, losses: arrays["digests of losses"] }};
      for (const edit of [{edits}]) {{
        const training = await begin();
        const comparison = new (modules["engine/digest.js"].Comparison)(digests);
        while (!training.isDone) {{
          training.advance();
          if (training.step === 21) edit(training, training.engine.parameters.weights.values);
          if (training.step === 21) training.engine.pack();
          comparison.see(training, training.losses.at(-1));
        }}
        console.log(JSON.stringify(Object.values(comparison.found)));
      }}"""
    return [json.loads(line) for line in printed(recipe, run, folder).splitlines()]


def test_the_digests_of_python_are_those_of_the_page(tmp_path: Path, monkeypatch: Any) -> None:
    """And the first step in which something differs is found; in a long training, among which it is."""
    found = []
    for most, options in ((10_000, {}), (10_000, {"optimizer": "adam", "learning_rate": 0.02}), (7, {})):
        monkeypatch.setattr("slownet.page.digests.MOST_LOSSES", most)
        net, X, y, given = small(**options)
        history = net.fit(X, y, progress=False, snapshots=9, **given)
        recipe = recipe_of(history, (X, y))
        changes = ["", "training.losses[20] += 1e-12", "weights[5] = 0.25", "weights[5] -= 1e-16"]
        assert recipe.facts["digests"]["steps"] == 40
        found.append(compared(recipe, tmp_path, *changes))
    *each_step, grouped = found
    assert grouped[0] == [40, 40, None, None]
    assert grouped[1] == [24, 40, 19, 24]
    for same, loss, weight, small_one in each_step:
        assert same == [40, 40, None, None]
        assert loss == [21, 40, 21, 21]
        assert weight == [22, 40, 22, 22]
        assert small_one[2] == small_one[3]
        assert small_one[2] in range(21, 30)


def test_a_recorded_training_is_trained_again(tmp_path: Path) -> None:
    """With the rates that a callback has set; another callback may have changed the net."""
    net, X, y, given = small()
    rates = LearningRate(lambda epoch, rate: rate * 0.7)
    history = net.fit(X, y, progress=False, snapshots=4, callbacks=[rates], **given)
    recipe = recipe_of(history, (X, y))
    wanted = outcome(net, history, {}, [0, -1])
    check([Trained("rates", recipe, wanted)], recipe.translator, tmp_path)
    net, X, y, given = small()
    history = net.fit(X, y, progress=False, snapshots=4, callbacks=[Changes()], **given)
    with pytest.raises(InvalidValueError, match="callbacks, here Changes"):
        recipe_of(history, (X, y))
    net, X, y, given = small(early_stopping=2)
    pair = X[:20], y[:20]
    history = net.fit(X, y, progress=False, snapshots=4, validation_data=pair, **given)
    with pytest.raises(InvalidValueError, match="validation_data"):
        recipe_of(history, (X, y))
    assert recipe_of(history, (X, y), validation_data=pair).facts["options"]["early_stopping"]


def test_a_memory_that_overflows_is_compared(tmp_path: Path) -> None:
    """Infinite, and then not a number: weights do not depend on it."""
    rule = functions.Optimizer(
        "careless", lambda w, g, a, b, rate, c: (w - rate * g, a * 1e200 + 1e300, b + a - a)
    )
    net, X, y, given = small(optimizer=rule)
    history = net.fit(X, y, progress=False, snapshots=5, **given)
    state = history.snapshots[-1].state
    assert state is not None
    assert np.isinf(state.first).all()
    assert np.isnan(state.second).all()
    branch = history.branch(21, (X, y), progress=False, snapshots=2)
    for each in (history, branch):
        recipe = recipe_of(each, (X, y))
        steps = len(each.loss)
        assert compared(recipe, tmp_path) == [[steps, steps, None, None]]


class Changes(Callback):
    """Does nothing, but might."""


def test_what_the_page_would_train_otherwise_is_refused(tmp_path: Path) -> None:
    net, X, y, given = small(validation_split=0.2, early_stopping=2, learning_rate=3.0, epochs=30)
    history = net.fit(X, y, progress=False, snapshots=4, **given)
    branch = history.branch(history.last_step - 4, (X, y), progress=False, snapshots=3)
    with pytest.raises(InvalidValueError, match=f"epochs before step {branch.start}"):
        recipe_of(branch, (X, y))
    net, X, y, given = small(schedule="cosine")
    net.fit(X, y, progress=False, snapshots=4, record=tmp_path / "a.run", **given)
    longer = resume(tmp_path / "a.run", (X, y), epochs=7, progress=False)
    with pytest.raises(InvalidValueError, match="number of epochs, .* 'cosine'"):
        recipe_of(longer, (X, y))
    net, X, y, given = small()
    history = net.fit(X, y, progress=False, snapshots=4, callbacks=[EarlyStopping(1)], **given)
    with pytest.raises(InvalidValueError, match="callbacks, here EarlyStopping"):
        recipe_of(history, (X, y))


def test_other_data_than_those_of_the_training_are_refused() -> None:
    net, X, y, given = small()
    weights = np.linspace(0.5, 2, len(X))
    plain = net.copy().fit(X, y, progress=False, snapshots=4, **given)
    weighted = net.copy().fit(X, y, progress=False, snapshots=4, sample_weight=weights, **given)
    pair = X[:9], y[:9]
    stopped = net.copy().fit(
        X, y, progress=False, snapshots=4, validation_data=pair, early_stopping=3, **given
    )
    assert recipe_of(weighted, (X, y, weights)).facts["digests"]["steps"] == 40
    with pytest.raises(InvalidValueError, match="had sample weights"):
        recipe_of(weighted, (X, y))
    with pytest.raises(InvalidValueError, match="had no sample weights"):
        recipe_of(plain, (X, y, weights))
    for other in ((X + 1e-9, y), (X, 1 - y), (X[:40], y[:40])):
        with pytest.raises(RecordingError, match="other data"):
            recipe_of(plain, other)
    with pytest.raises(RecordingError, match="other data: validation_X"):
        recipe_of(stopped, (X, y), validation_data=(X[9:18], y[9:18]))
    plain.arithmetic = 0
    with pytest.raises(RecordingError, match="arithmetic"):
        recipe_of(plain, (X, y))


def test_a_digest_depends_on_every_bit_and_on_the_order() -> None:
    numbers = [0.0, 1.5, -2.25, 1e-300]
    known = digest(numbers)
    assert digest(numbers[:2], numbers[2:]) == known
    others = [[-0.0, *numbers[1:]], numbers[::-1], numbers[:3], [*numbers, 0.0]]
    others.append([0.0, np.nextafter(1.5, 2.0), *numbers[2:]])
    assert len({known, *map(digest, others)}) == 6


# the messages of the worker


def answers(messages: str, recipe: Recipe, folder: Path) -> list[Any]:
    """Return what the worker answers to messages."""
    run = f"""
      const {{ facts, arrays }} = await modules["engine/recipe.js"].read(recipe, {{}});
      const server = new (modules["engine/worker.js"].Server)([formulas]), found = [];
      const send = (kind, more) => found.push(server.answer({{ kind, ...more }}));
      const show = (edits, step, since) => {{
        do send("show", {{ edits: modules["engine/experiment.js"].parse(edits), step, since }});
        while (!found.at(-1).isThere && !found.at(-1).problem);
      }};
      {messages}
      console.log(JSON.stringify(found, (_, each) => ArrayBuffer.isView(each) ? [...each] : each));"""
    found: list[Any] = json.loads(printed(recipe, run, folder))
    return found


def test_each_message_has_an_answer(tmp_path: Path) -> None:
    """What cannot be done is said, and stops nothing."""
    net, X, y, given = small()
    recipe = Recipe(net, X, y, Options(**given))
    found = answers(
        """send("show", { edits: [], step: 3 }); send("begin", { facts, arrays }); show("", 9, 0);
        send("what"); send("show", { edits: [{ step: 3, kind: "add", args: [9] }], step: 9 });
        show("", 12); send("begin", { facts, arrays: {} }); send("show", { edits: [], step: 1 });
        """,
        recipe,
        tmp_path,
    )
    kinds = [each["kind"] for each in found if each["kind"] != "frame" or each["isThere"]]
    assert kinds == ["problem", "ready", "frame", "problem", "frame", "problem", "problem"]
    assert "nothing was begun" in found[0]["problem"]
    assert found[1] == {"kind": "ready", "start": 0, "steps": 40}
    frames = [each for each in found if each["kind"] == "frame"]
    assert [each["step"] for each in frames if each["isThere"]] == [9, 12]
    assert sum(len(each["losses"]) for each in frames if each["since"] == 0) >= 9
    refused = next(each for each in frames if each["problem"])
    assert (refused["step"], refused["edits"]) == (3, 0)
    assert "3_add_9 cannot be done: layer 9 is no hidden layer" in refused["problem"]
    assert "nothing was begun" in found[-1]["problem"]


def test_a_smaller_rate_trains_on_after_a_divergence(tmp_path: Path) -> None:
    _, X, y, given = small(learning_rate=1e308)
    net = NetFactory([2, 7, 5, 1], "tanh", output_activation="linear", seed=4).new()
    recipe = Recipe(net, X, y * 100.0, Options(**given))
    found = answers(
        """send("begin", { facts, arrays }); show("", 40, 0); const { step } = found.at(-1);
        show(`${step}_rate_1e-4`, 40, 0);""",
        recipe,
        tmp_path,
    )
    problems = [each["problem"] for each in found if each.get("problem")]
    assert problems
    assert all("diverges in step" in each for each in problems)
    assert found[-1]["step"] == 40
    assert len(found[-1]["losses"]) == 40


# what cannot be done


def test_what_needs_own_python_is_refused_by_name() -> None:
    class Watcher(Callback):
        pass

    net, X, y, given = small()
    with pytest.raises(InvalidValueError, match="callbacks, here Watcher"):
        Recipe(net, X, y, Options(**given, callbacks=[Watcher()]))
    own = functions.Schedule("own", lambda rate, epoch, epochs: rate / round(epochs))
    with pytest.raises(UntranslatableError, match=r"schedule 'own' .* round"):
        Recipe(net, X, y, Options(**given, schedule=own))
    net.layers[1].activation = NAIVE
    with pytest.raises(UntranslatableError, match=r"activation 'naive' .* math.exp has no"):
        Recipe(net, X, y, Options(**given))
    net = NetFactory([2, 3, 1], seed=0).new()
    net.weight(1, (0, 0)).value = float("inf")
    with pytest.raises(InvalidValueError, match="not finite"):
        Recipe(net, X, y, Options(**given))


def test_every_option_of_fit_is_known_to_the_engine() -> None:
    """A new one is added to both, or is named here: it does not change what a step computes."""
    net, X, y, given = small()
    known = {*Recipe(net, X, y, Options(**given)).facts["options"]}
    written = {"l1", "l2", "regularizers", "optimizer", "schedule", "loss"}  # as formulas
    written |= {"sample_weight", "class_weight", "validation_data", "validation_split", "split_seed"}
    written |= {"prepare", "warm_start"}
    aside = {"snapshots", "engine", "threads", "test_data", "progress", "watch", "record", "source"}
    refused = {"callbacks"}
    names = {each.name for each in fields(Options)}
    assert names == (known - {"strengths"}) | written | aside | refused


# controls


@pytest.mark.long
def test_another_exp_gives_other_weights(tmp_path: Path) -> None:
    """That of V8 in the place of ours: the comparison would notice the smallest difference."""
    translator = Translator(exact=True)
    net = NetFactory([784, 30, 10], "sigmoid", seed=1).new()
    X, y = digits(600)
    given = {"epochs": 2, "batch_size": 32, "learning_rate": 0.2}
    trained = [Trained.of("digits", net, X, y, given, translator)]
    check(trained, translator, tmp_path)
    name = translator.name_of(functions.exp)
    place = next(k for k, line in enumerate(translator.lines) if line.startswith(f"const {name} = "))
    own = translator.lines[place].replace(name, "own")
    translator.lines[place : place + 1] = [f"const {name} = Math.exp;", own]
    assert "digits: weights" in in_deno(trained, translator, tmp_path)


def test_another_engine_of_javascript_has_the_same_bits() -> None:
    """QuickJS, which interprets."""
    quickjs = pytest.importorskip("quickjs")
    translator = Translator(exact=True)
    trained, _ = random_trainings(range(400, 425), translator)
    context = quickjs.Context()
    context.eval(script(trained, translator).replace("const FORMULAS", "var FORMULAS"))
    for k, each in enumerate(trained):
        data = zlib.decompress(base64.b64decode(each.recipe.writer.text))
        given = json.dumps({"facts": each.recipe.facts, "contents": each.recipe.writer.contents})
        context.eval(
            f"""(() => {{
              const recipe = {given}, bytes = Uint8Array.from({list(data)});
              const arrays = modules["payload.js"].readArrays(recipe.contents, bytes);
              const formulas = FORMULAS[{k}];
              const training = new (modules["engine/training.js"].Training)(
                {{ facts: recipe.facts, formulas, arrays }});
              try {{ training.run(); }} catch (error) {{
                if (!(error instanceof modules["engine/errors.js"].DivergedError)) throw error;
              }}
              globalThis.training = training;
            }})()"""
        )
        weights = json.loads(context.eval("JSON.stringify([...training.numbers.weights])"))
        losses = json.loads(context.eval("JSON.stringify(training.losses)"))
        assert np.array(weights, float).tobytes() == (each.wanted["weights"] + 0.0).tobytes(), each.name
        assert np.array(losses, float).tobytes() == each.wanted["losses"].tobytes(), each.name
