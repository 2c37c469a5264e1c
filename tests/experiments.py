"""Random experiments, in Python and in the engine of the page, to be compared bit by bit."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from graphs import Case
from javascript import deno
from trained_pages import Compared, differences, numbers_of

from slownet import History, NetFactory, SlownetError, datasets
from slownet.errors import DivergedError
from slownet.experiments import Edit, State, format_edits, parse, replayed
from slownet.experiments.applying import apply
from slownet.experiments.edits import KINDS
from slownet.experiments.rows import packed
from slownet.experiments.starting import state_of_history
from slownet.functions import ACTIVATIONS, OPTIMIZERS
from slownet.page.digests import recipe_of
from slownet.page.javascript import Translator
from slownet.page.modules import script_of

MODULES = [f"engine/{name}.js" for name in ("replay", "worker", "experiment", "rows")]
RUN = """
const { parse, format } = modules["engine/experiment.js"];
const { Replay } = modules["engine/replay.js"];
function outcome(replay, edits) {
  const { training, start, step } = replay;
  const { graph: { inputs }, numbers: { weights, biases }, memory } = training;
  const { losses, rights } = replay.curve(edits, start, step);
  const flags = [replay.problem ? 1 : 0, step, replay.edits.length];
  const shares = training.targetKind === "number" ? [] : rights;
  const parts = [flags, losses, shares, weights, biases.subarray(inputs)];
  for (const name of ["first", "second"]) {
    parts.push(memory ? memory.weights[name] : [], memory ? memory.biases[name].subarray(inputs) : []);
  }
  return parts.flatMap((part) => [part.length, ...part]);
}
"""
IN_DENO = """
const found = [];
for (const [k, { recipe, text, visits, step }] of
  JSON.parse(Deno.readTextFileSync("cases.json")).entries()) {
  const read = await modules["engine/recipe.js"].read(recipe, FORMULAS[k]);
  const replay = new Replay(read);
  const edits = parse(text);
  if (format(edits) !== text) throw new Error(`${format(edits)} is not ${text}`);
  for (const [count, to] of visits) replay.toward(edits.slice(0, count), to);
  replay.toward(edits, step);
  for (const number of outcome(replay, edits)) found.push(number);
}
Deno.writeFileSync("found", new Uint8Array(new Float64Array(found).buffer));
"""


@dataclass
class Experiment(Compared):
    """An experiment of a training, and what Python makes of it.

    `visits` are (number of edits, step) where the page goes before it goes to `step`.
    """

    text: str
    step: int
    visits: list[tuple[int, int]]

    @property
    def plain(self) -> dict[str, Any]:
        """What deno is given."""
        return {
            "recipe": self.recipe.plain(),
            "text": self.text,
            "step": self.step,
            "visits": self.visits,
        }


def outcome(state: State, problem: bool, edits: int) -> dict[str, np.ndarray]:
    """Return the numbers of a state by their names, as JavaScript's `outcome` does."""
    found = {
        "flags": [problem, state.step, edits],
        "losses": state.loss,
        "rights": state.accuracy,
        **numbers_of(state.net, state.memory),
    }
    return {name: np.array(each, np.float64) for name, each in found.items()}


def random_edit(draw: Random, state: State) -> Edit | None:
    """Draw an edit that can be made of a state; None where the kind that was drawn cannot."""
    kind = draw.choice([name for name in KINDS if name not in ("seed", "digit", "undigit")])
    if state.rows.kind.are_images and draw.random() < 0.6:
        kind = draw.choice(("digit", "digit", "undigit", "erase"))
    if state.rows.points is not None and draw.random() < 0.5:
        kind = draw.choice(("point", "move", "erase", "noise", "data", "add"))
    net, step, layers = state.net, state.step, list(state.net)
    hidden = layers[1:-1]
    weights, number = list(net.weights()), draw.gauss(0.0, 1.0)
    args: tuple[Any, ...] | None = None
    match kind:
        case "rate":
            args = (draw.choice((0.3, 0.01, 1e-3, 1e-7, 0.05)),)
        case "optimizer":
            args = (draw.choice(list(OPTIMIZERS)),)
        case "batch":
            args = (draw.choice((1, 2, 3, 7, 1000)),)
        case "l1" | "l2":
            args = (draw.choice((0.0, 0.01, 0.1)),)
        case "dropout" | "dropconnect":
            args = (draw.choice((0.0, 0.25)),)
        case "activation" if hidden:
            args = draw.choice(hidden).id, draw.choice(list(ACTIVATIONS))
        case "add" if hidden:
            args = (draw.choice(hidden).id,)
        case "remove" if any(len(layer) > 1 for layer in hidden):
            layer = draw.choice([layer for layer in hidden if len(layer) > 1])
            args = layer.id, draw.choice(list(layer)).id
        case "layer":
            args = draw.choice(layers[:-1]).id, draw.randint(1, 4), draw.choice(list(ACTIVATIONS))
        case "unlayer" if hidden:
            args = (draw.choice(hidden).id,)
        case "cut" | "freeze" | "thaw" | "set" if weights:
            weight = draw.choice(weights)
            ends = [(each.layer.id, each.id) for each in (weight.source, weight.target)]
            args = (*ends, number) if kind == "set" else tuple(ends)
        case "bias":
            neuron = draw.choice([neuron for layer in layers[1:] for neuron in layer])
            args = (neuron.layer.id, neuron.id), number
        case "erase" if len(state.rows) > 2:
            args = (draw.randrange(len(state.rows)),)
        case "point" if state.rows.points is not None:
            about = state.rows.kind
            if about.target_kind == "class" or about.outputs == 1:
                is_number = about.target_kind == "number"
                top = about.outputs if about.target_kind == "class" else 2
                args = number, draw.gauss(0.0, 2.0), abs(number) if is_number else draw.randrange(top)
        case "move" if state.rows.points is not None:
            args = draw.randrange(len(state.rows)), number, -number
        case "digit" if state.rows.kind.are_images and state.rows.kind.target_kind == "class":
            image = [draw.choice((0, 0, draw.randrange(256))) for _ in range(len(net.inputs))]
            args = draw.randrange(state.rows.kind.outputs), packed(image)
        case "undigit" if state.rows.drawn:
            args = (draw.randrange(state.rows.drawn),)
        case "data" if state.sets:
            args = (draw.choice(list(state.sets)),)
        case "noise" if state.rows.points is not None and np.abs(state.rows.inputs).max() < 1e100:
            args = (draw.choice((0.0, 0.1, 0.5)),)
    return None if args is None else Edit(step, kind, args)


def random_experiment(
    name: str, history: History, data: Any, draw: Random, translator: Translator, most: int = 6
) -> Experiment:
    """Draw an experiment of a training; a SlownetError if the page refuses the training."""
    recipe = recipe_of(history, data, translator=translator)
    state = state_of_history(history, data)
    start, planned = state.step, history.last_step
    edits: list[Edit] = []
    problem = False
    if state.first is not None and not start and draw.random() < 0.4:
        edits.append(Edit(0, "seed", (draw.choice((0, 7, 2**32, 2**53 - 1)),)))
        apply(state, edits[0])
    try:
        for _ in range(draw.randint(0, most)):
            edit = random_edit(draw, state)
            if edit is None or draw.random() < 0.3:
                state.train_to(state.step + draw.choice((0, 1, 1, 2, 5, max(planned // 3, 1))))
            else:
                edits.append(edit)
                apply(state, edit)
        state.train_to(state.step + draw.choice((0, 1, 7)))
    except DivergedError:
        problem = True
    step = state.step + problem
    visits = [(draw.randint(0, len(edits)), start + draw.randint(0, step - start)) for _ in range(3)]
    wanted = outcome(state, problem, len(edits))
    text = format_edits(edits)
    return Experiment(f"{name}: {text} at step {step}", recipe, wanted, text, step, visits)


def repeated(
    history: History,
    data: Any,
    text: str,
    step: int,
    translator: Translator,
    visits: Iterable[tuple[int, int]] = (),
    engine: str = "auto",
) -> Experiment:
    """Repeat an experiment in Python."""
    recipe = recipe_of(history, data, translator=translator)
    state = replayed(history, text, data, step, engine)
    wanted = outcome(state, False, len(parse(text)))
    name = f"{text or 'no edit'} at step {step}"
    return Experiment(name, recipe, wanted, text, step, list(visits))


def in_deno(cases: list[Experiment], translator: Translator, folder: Path) -> list[str]:
    """Repeat experiments in deno; return what differs."""
    (folder / "cases.json").write_text(json.dumps([each.plain for each in cases]), encoding="utf-8")
    formulas = ",\n".join(each.recipe.formulas for each in cases)
    lines = [script_of(*MODULES), *translator.lines, f"const FORMULAS = [{formulas}];", RUN, IN_DENO]
    (folder / "run.js").write_text("\n".join(lines), encoding="utf-8")
    deno(folder / "run.js")
    return list(differences(cases, np.frombuffer((folder / "found").read_bytes())))


def random_history(seed: int) -> tuple[History, Any]:
    """Train the random net of a seed; return its history and its data."""
    case = Case.of(seed)
    options = {**case.fits[0], "snapshots": 2, "progress": False}
    options.pop("watch", None)
    weights = options.get("sample_weight")
    data = (case.X, case.y) if weights is None else (case.X, case.y, weights)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return case.net.fit(case.X, case.y, **options), data
        except DivergedError as error:
            return error.history, data


REASONS = "the activation 'naive'", "the validation decided", "the weight of every sample"


def random_cases(seeds: Iterable[int], translator: Translator) -> list[Experiment]:
    """Draw experiments of random trainings, as far as a page can train them."""
    cases = []
    for seed in seeds:
        try:
            history, data = random_history(seed)
            cases.append(random_experiment(f"net {seed}", history, data, Random(seed), translator, 16))
        except SlownetError as error:
            if not str(error).startswith(REASONS):
                raise
    return cases


def plane_history(seed: int) -> tuple[History, Any]:
    """Train a net of two inputs, of any kind of target, with the rows of a table or without."""
    draw = Random(seed)
    kind = draw.choice(("binary", "class", "sign", "number", "table", "three"))
    make = getattr(datasets, "plane" if kind == "number" else draw.choice(("moons", "xor", "spirals")))
    X, y = make(draw.choice((12, 30)), 0.1, seed)
    outputs: dict[str, tuple[int, str, str | None]] = {
        "binary": (1, "sigmoid", None),
        "class": (2, "softmax", None),
        "sign": (1, "linear", "hinge"),
        "number": (1, "linear", None),
        "table": (1, "sigmoid", None),
        "three": (3, "softmax", None),
    }
    size, activation, loss = outputs[kind]
    hidden = [draw.randint(1, 5) for _ in range(draw.randint(0, 2))]
    names = [draw.choice(("tanh", "relu", "sigmoid")) for _ in hidden]
    initializer = draw.choice((None, None, "normal", "constant"))
    net = NetFactory([2, *hidden, size], names, activation, initializer, seed=seed).new()
    options: dict[str, Any] = {
        "epochs": 3, "batch_size": draw.choice((3, 10)), "learning_rate": 0.1, "seed": seed + 1,
        "optimizer": draw.choice(("sgd", "adam")), "schedule": draw.choice((None, "step")),
    }  # fmt: skip
    if loss is not None:
        options["loss"] = loss
    labels: Any = y * 2 - 1 if kind == "sign" else y
    if kind == "class" and draw.random() < 0.5:
        labels = ["no" if each else "yes" for each in y]
    data: tuple[Any, ...] = (X, labels)
    if kind == "table":
        import pandas as pd

        frame = pd.DataFrame({"size (m)": X[:, 0] * 7e3 + 1e4, "x": X[:, 1]})
        options["prepare"] = draw.choice(("standardise", "min-max"))
        data = frame, labels
    elif draw.random() < 0.3:
        weights = [draw.choice((0.5, 1.0, 2.0)) for _ in y]
        options["sample_weight"] = weights
        data = X, labels, weights
    elif draw.random() < 0.3:
        options["validation_split"] = 0.25
    return net.fit(*data[:2], snapshots=2, progress=False, **options), data


def image_history(seed: int) -> tuple[History, Any]:
    """Train a net on small images."""
    draw, rng = Random(seed), np.random.default_rng(seed)
    X, y = rng.integers(0, 256, (20, 9)) / 255.0, rng.integers(0, 3, 20)
    X[rng.random(X.shape) < 0.4] = 0.0
    net = NetFactory([9, draw.randint(2, 6), 3], draw.choice(("relu", "sigmoid")), seed=seed).new()
    options: dict[str, Any] = {"epochs": 2, "batch_size": 6, "learning_rate": 0.2, "seed": seed}
    if seed % 3 == 0:
        options["prepare"] = "standardise"
    data: tuple[Any, ...] = (X, y) if seed % 4 else (X, y, [*rng.choice([0.5, 2.0], 20)])
    if len(data) > 2:
        options["sample_weight"] = data[2]
    return net.fit(X, y, snapshots=2, progress=False, **options), data
