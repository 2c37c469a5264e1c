"""The net file that a page writes is read by Python, to the last bit."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from experiments import random_experiment, random_history
from javascript import deno
from slow import mostly_long, some

import slownet
from slownet import NetFactory, SlownetError, datasets
from slownet.errors import InvalidValueError
from slownet.experiments import replayed
from slownet.page.digests import recipe_of
from slownet.page.javascript import Translator
from slownet.page.modules import script_of
from slownet.page.page import as_json
from slownet.version import ARITHMETIC, __version__

IN_DENO = """
const texts = [];
for (const { which, recipe, facts, text, step } of JSON.parse(Deno.readTextFileSync("cases.json"))) {
  const read = await modules["engine/recipe.js"].read(recipe, FORMULAS[which]);
  const { Server } = modules["engine/worker.js"];
  const server = new Server([FORMULAS[which]]);
  server.answer({ kind: "begin", facts: read.facts, arrays: read.arrays });
  const edits = modules["engine/experiment.js"].parse(text);
  const head = modules["netfile.js"].headOf(facts);
  texts.push(server.answer({ kind: "net", edits, step, head }));
}
Deno.writeTextFileSync("found.json", JSON.stringify(texts));
"""


def facts_of(history, recipe) -> str:
    """Return what a page says of a training, as far as a net file needs it."""
    net = history.snapshots[0].restore()
    training = {
        "versions": {"slownet": __version__},
        "arithmetic": ARITHMETIC,
        "seed": net.seed,
        "config": history.config,
        "classes": history.classes,
    }
    facts = {"preparation": recipe.facts["preparation"], "recipe": recipe.facts, "training": training}
    return as_json({"facts": facts, "\0number": 1})


def saved_in_deno(cases: list[dict[str, Any]], recipes, translator, folder: Path) -> list[Any]:
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    formulas = ",\n".join(each.formulas for each in recipes)
    scripts = script_of("engine/worker.js", "netfile.js")
    lines = [scripts, *translator.lines, f"const FORMULAS = [{formulas}];", IN_DENO]
    (folder / "run.js").write_text("\n".join(lines), encoding="utf-8")
    deno(folder / "run.js")
    return json.loads((folder / "found.json").read_text(encoding="utf-8"))


def plain(net, path: Path) -> dict[str, Any]:
    """Return what a net file says of a net; what an optimizer never updated is 0, or not there."""
    found = json.loads(net.save(path).read_text(encoding="utf-8"))
    found["loss"] = net.loss.name
    for layer in found["layers"]:
        layer["activation"] = layer["activation"] or {"name": "linear"}
        for neuron in layer["neurons"]:
            memory = neuron.pop("memory", {})
            if not neuron.get("has_bias", True):
                neuron.pop("bias_frozen", None)  # it has none
            size = len(neuron.get("weights", ()))
            known = memory.get("weights") or [None] * size
            neuron["remembered"] = [each or [0.0, 0.0] for each in (*known, memory.get("bias"))]
    return found


def check(cases, translator: Translator, folder: Path) -> None:
    """Save nets in the page's engine, read them, and compare them with Python's."""
    plain_cases, recipes, wanted = [], [], []
    for which, (history, data, text, step) in enumerate(cases):
        recipe = recipe_of(history, data, translator=translator)
        recipes.append(recipe)
        wanted.append(replayed(history, text, data, step).net)
        case = {"recipe": recipe.plain(), "facts": facts_of(history, recipe), "text": text}
        plain_cases.append({"which": which, "step": step, **case})
    for given, mine, answer in zip(
        cases, wanted, saved_in_deno(plain_cases, recipes, translator, folder), strict=True
    ):
        if "finite numbers only" in answer["problem"]:
            with pytest.raises(InvalidValueError, match="finite numbers only"):
                mine.save(folder / "b.json")
            continue
        assert answer["problem"] == "", given
        path = folder / "net.json"
        path.write_text(answer["text"], encoding="utf-8")
        found = slownet.load(path, given[0].formulas)
        one, other = plain(found, folder / "a.json"), plain(mine, folder / "b.json")
        for part in (*zip(one["layers"], other["layers"], strict=True), (one, other)):
            texts = [json.dumps(each, sort_keys=True) for each in part]  # which tell -0.0 from 0.0
            assert texts[0] == texts[1], given[2:]


@pytest.mark.parametrize("first", mostly_long([20, *some([*range(0, 20, 10), *range(30, 200, 10)], 10)]))
def test_nets_of_random_experiments_are_saved_to_the_last_bit(tmp_path: Path, first: int) -> None:
    translator, cases = Translator(exact=True), []
    for seed in range(first, first + 10):
        try:
            history, data = random_history(seed)
            made = random_experiment(f"net {seed}", history, data, Random(seed), Translator(exact=True))
            if not made.wanted["flags"][0]:
                cases.append((history, data, made.text, made.step))
        except SlownetError:
            continue  # a page cannot train it
    assert len(cases) > 1
    check(cases, translator, tmp_path)


LABELS = [("a\0 <b>", "é😀"), (1.0, 2.5), (10**20, 7), (True, False), (-3, 2**53 + 1)]


@pytest.mark.long
def test_class_labels_keep_their_types(tmp_path: Path) -> None:
    X, y = datasets.moons(40, 0.1, seed=0)
    cases = []
    for labels in LABELS:
        named = [labels[k] for k in y]
        net = NetFactory([2, 3, 1], seed=2**63 + 1).new()
        net.classes = list(labels)
        history = net.fit(X, named, epochs=2, optimizer="adam", snapshots=2, progress=False)
        text = "3_optimizer_rmsprop~3_set_0.0_1.1_-0~3_freeze_0.0_1.1"
        cases += [(history, (X, named), text, 6), (history, (X, named), "0_seed_12345678901234", 4)]
    check(cases, Translator(exact=True), tmp_path)


def test_a_net_that_is_not_finite_is_not_saved(tmp_path: Path) -> None:
    X, y = datasets.moons(40, 0.1, seed=0)
    net = NetFactory([2, 3, 1], seed=1).new()
    history = net.fit(X, y, epochs=2, snapshots=2, progress=False)
    translator = Translator(exact=True)
    recipe = recipe_of(history, (X, y), translator=translator)
    case = {"which": 0, "recipe": recipe.plain(), "facts": facts_of(history, recipe), "step": 3}
    cases = [{**case, "text": "0_rate_1e300"}, {**case, "text": "1_remove_1_7"}]
    found = saved_in_deno(cases, [recipe], translator, tmp_path)
    assert "diverges" in found[0]["problem"]
    assert "no neuron 1.7" in found[1]["problem"]
