"""Trainings in Python and in the engine of the page, to be compared bit by bit."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from graphs import Case
from javascript import deno

from slownet import Callback, History, Net, SlownetError
from slownet.errors import DivergedError
from slownet.page.javascript import Translator
from slownet.page.modules import script_of
from slownet.page.recipe import Recipe
from slownet.training.options import Options

MODULES = [
    f"engine/{name}.js"
    for name in ("apart", "digest", "editing", "onesample", "stepping", "training", "worker")
]
RUN = """
async function begun(recipe, formulas) {
  return new (modules["engine/training.js"].Training)(
    await modules["engine/recipe.js"].read(recipe, formulas));
}
async function trained(recipe, formulas, run) {
  const training = await begun(recipe, formulas);
  let diverged = 0;
  try {
    run(training, recipe);
  } catch (error) {
    if (!(error instanceof modules["engine/errors.js"].DivergedError)) throw error;
    diverged = 1;
  }
  return outcome(training, diverged);
}
function outcome(training, diverged) {
  const { graph: { inputs }, numbers: { weights, biases }, memory, losses, epochs } = training;
  const parts = [[diverged, training.restoredStep ?? -1], losses, weights,
    biases.subarray(inputs)];
  for (const name of ["first", "second"]) {
    parts.push(memory ? memory.weights[name] : [], memory ? memory.biases[name].subarray(inputs) : []);
  }
  parts.push(epochs.flatMap((each) => [each.loss, each.accuracy ?? -1, each.validationLoss ?? -1,
    each.validationAccuracy ?? -1]));
  return parts.flatMap((part) => [part.length, ...part]);
}
"""
IN_DENO = """
const found = [];
for (const [k, recipe] of JSON.parse(Deno.readTextFileSync("recipes.json")).entries()) {
  for (const number of await trained(recipe, FORMULAS[k], RUN)) found.push(number);
}
Deno.writeFileSync("found", new Uint8Array(new Float64Array(found).buffer));
"""
OF_NET = ("weights", "biases", "first of weights", "first of biases")
OF_NET += ("second of weights", "second of biases")


@dataclass
class Compared:
    """What Python has computed, to be compared; and the recipe with which the page does the same."""

    name: str
    recipe: Recipe
    wanted: dict[str, np.ndarray]


class Trained(Compared):
    """A training of Python, and its recipe for the page."""

    @classmethod
    def of(
        cls, name: str, net: Net, X: Any, y: Any, options: dict[str, Any], translator: Translator
    ) -> Trained:
        """Train a net; ValueError if the training cannot be described."""
        given = Options(**{**options, "progress": False, "engine": "scalar"})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            recipe = Recipe(net.copy(), X, y, given, translator=translator)
        return cls(name, recipe, python_outcome(net, X, y, options))


class Memory(Callback):
    """Keeps what the optimizer remembers in the end."""

    reads_net = False
    engine: Any

    def on_epoch_begin(self, training: Any) -> None:
        self.engine = training.engine


def python_outcome(net: Net, X: Any, y: Any, options: dict[str, Any]) -> dict[str, np.ndarray]:
    """Train in Python; return the numbers of `outcome`, by their names."""
    memory, restored = Memory(), -1
    options = {**options, "callbacks": [*options.get("callbacks", ()), memory], "progress": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            history, diverged = net.fit(X, y, **options), False
        except DivergedError as error:
            history, diverged = error.history, True
    stopping = options.get("early_stopping")
    if stopping is not None and not isinstance(stopping, int) and stopping.restored_step is not None:
        restored = stopping.restored_step
    return outcome(net, history, memory.engine.memory, [diverged, restored])


def outcome(net: Net, history: History, memory: Any, flags: list[float]) -> dict[str, np.ndarray]:
    """Return the numbers of a training, by their names."""
    epochs = [
        -1.0 if number is None else number
        for each in history.epochs
        for number in (each.loss, each.accuracy, each.validation_loss, each.validation_accuracy)
    ]
    found = {"flags": flags, "losses": history.loss, **numbers_of(net, memory), "epochs": epochs}
    return {name: np.array(each, np.float64) for name, each in found.items()}


def numbers_of(net: Net, memory: Any) -> dict[str, Any]:
    """Return the numbers of a net, by their names; nan where the optimizer remembers nothing."""
    weights = list(net.weights())
    neurons = [neuron for neuron in net.neurons() if neuron.layer is not net.inputs]
    nothing = (np.nan, np.nan)
    kept = [
        np.array([memory.get(each, nothing) for each in things]).reshape(-1, 2)
        for things in (weights, neurons)
    ]
    numbers = [
        *([weight.value for weight in weights], [neuron.bias for neuron in neurons]),
        *(kept[0][:, 0], kept[1][:, 0], kept[0][:, 1], kept[1][:, 1]),
    ]
    return dict(zip(OF_NET, numbers, strict=True))


def script(trained: Iterable[Trained], translator: Translator) -> str:
    """Return the engine with the formulas of trainings."""
    formulas = ",\n".join(each.recipe.formulas for each in trained)
    return "\n".join([script_of(*MODULES), *translator.lines, f"const FORMULAS = [{formulas}];", RUN])


def printed(recipe: Recipe, run: str, folder: Path) -> str:
    """Return what JavaScript prints in deno, which has `recipe`, and `begin()` for its training."""
    (folder / "recipe.json").write_text(json.dumps(recipe.plain()), encoding="utf-8")
    lines = [script_of(*MODULES), *recipe.translator.lines, RUN]
    lines += [
        "const recipe = JSON.parse(Deno.readTextFileSync('recipe.json'));",
        f"const formulas = {recipe.formulas}, begin = () => begun(recipe, formulas);",
        run,
    ]
    (folder / "run.js").write_text("\n".join(lines), encoding="utf-8")
    return deno(folder / "run.js")


def bits(numbers: Any) -> bytes:
    """Return the bits of numbers; those of a nan, whose sign nobody promises, are always the same."""
    given = np.asarray(numbers, np.float64)
    return np.where(np.isnan(given), np.nan, given).tobytes()


def differences(compared: Sequence[Compared], found: np.ndarray) -> Iterator[str]:
    """Name what the page has computed otherwise than Python."""
    at = 0
    for each in compared:
        for name, wanted in each.wanted.items():
            count = int(found[at])
            numbers = found[at + 1 : at + 1 + count]
            at += 1 + count
            if name == "flags":
                numbers = numbers if wanted[1] >= 0 else np.array([numbers[0], wanted[1]])
            if "of" in name and count in (0, len(wanted)):  # what was never updated is not remembered
                known = ~np.isnan(wanted)
                numbers = numbers if count else np.zeros(len(wanted))  # plain descent remembers 0
                numbers, wanted = numbers[known], wanted[known]
            if bits(numbers) != bits(wanted):
                yield f"{each.name}: {name}"
    assert at == len(found)


def in_deno(
    trained: list[Trained],
    translator: Translator,
    folder: Path,
    run: str = "(training) => training.run()",
) -> list[str]:
    """Train in deno; return what differs. `run` is the JavaScript that takes the steps."""
    recipes = json.dumps([each.recipe.plain() for each in trained])
    (folder / "recipes.json").write_text(recipes, encoding="utf-8")
    text = f"{script(trained, translator)}\nconst RUN = {run};{IN_DENO}"
    (folder / "run.js").write_text(text, encoding="utf-8")
    deno(folder / "run.js")
    return list(differences(trained, np.frombuffer((folder / "found").read_bytes())))


def random_trainings(
    seeds: Iterable[int], translator: Translator, **changes: Any
) -> tuple[list[Trained], dict[str, list[int]]]:
    """Train random nets; return those that a page can train, and why it refuses others."""
    trained, refused = [], dict[str, list[int]]()
    for seed in seeds:
        case = Case.of(seed)
        options = case.fits[0].items()
        kept = {name: each for name, each in options if name not in ("snapshots", "watch")}
        try:
            name = f"net {seed}"
            given = {**kept, **changes}
            trained.append(Trained.of(name, case.net, case.X, case.y, given, translator))
        except SlownetError as error:
            refused.setdefault(str(error), []).append(seed)
    return trained, refused
