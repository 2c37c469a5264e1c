"""What the page says that a number of a step was made of: its terms give the number, to the bit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trained_pages import Trained, in_deno, printed, random_trainings

from slownet import NetFactory, datasets
from slownet.page.javascript import Translator
from slownet.page.updates import updates_of

RECOMPUTED = """
  const recomputed = (term) => {
    if (!("of" in term)) return term.result;
    const numbers = term.of.map(recomputed);
    const found = {
      "+": () => numbers.reduce((a, b) => a + b),
      "*": () => numbers[0] * numbers[1],
      "-": () => numbers[0] - numbers[1],
      "/": () => numbers[0] / numbers[1],
      "sqrt": () => Math.sqrt(numbers[0]),
    }[term.sign]?.() ?? term.result;
    if (!Object.is(found, term.result)) throw new Error(`${JSON.stringify(term)} gives ${found}`);
    return found;
  };
  const leaves = (term) => "of" in term ? term.of.flatMap(leaves) : [term];
"""
DERIVED = (
    """(training) => {
  const { StepApart } = modules["engine/apart.js"];
  const { derived } = modules["engine/deriving.js"];"""
    + RECOMPUTED
    + """
  for (let turn = 0; !training.isDone; turn += 1) {
    if (turn % 5 === 0 && !training.stopping) {
      const { losses, epochs } = training; // which the fast step empties
      Object.assign(training, { losses: [], epochs: [] });
      const apart = new StepApart(training);
      apart.countAll();
      for (let k = 0; k < 30; k += 1) {
        const place = 1 + (k ? (k * 7919 + turn * 31) % apart.count : apart.count - 1);
        if (apart.count === 0 || place > apart.count) break;
        apart.go(place);
        const last = apart.recent.at(-1);
        if (!last) break;
        const part = derived(apart, last.name, place);
        if (!part) throw new Error(`no ${last.name}`);
        if (!Object.is(part.result, last.result)) throw new Error(`${last.name} ${part.result}`);
        if (!Object.is(recomputed(part.made), part.result)) throw new Error(last.name);
        const { written, name: rule } = training.formulas.optimizer;
        if (!written || part.made.sign === rule) throw new Error(`${rule} is not written out`);
        for (const { label, name, before, result, given } of leaves(part.made)) {
          if (!label || given) continue;
          const inner = derived(apart, name, before);
          if (inner?.label !== label) throw new Error(`${label} of ${last.name}: ${inner?.label}`);
          const isRaw = name.startsWith("value") && !Object.is(inner.result, result); // before dropout
          const of = inner.made.of?.[0].result;
          const isSame = Object.is(inner.result, result) || (isRaw && Object.is(of, result));
          if (!isSame) throw new Error(`${label} is another number`);
        }
        apart.go(place);
        if (apart.recent.at(-1).name !== last.name) throw new Error("it stands elsewhere");
      }
      apart.close();
      Object.assign(training, { losses, epochs });
    }
    training.advance();
  }
  training.finish();
}"""
)

SHOWN = (
    """(training) => {
  const { OneSample } = modules["engine/onesample.js"];
  const { derived } = modules["engine/deriving.js"];
  const { State, forward, backward } = modules["engine/passes.js"];"""
    + RECOMPUTED
    + """
  const { structure, structure: { graph }, numbers, formulas: { loss }, rows: { samples } } = training;
  for (const isLabelled of [true, false]) {
    const state = new State(graph);
    const last = samples.count - 1;
    samples.copy(last, state.value);
    const inputs = state.value.slice(0, graph.inputs);
    const targets = isLabelled ? samples.targetsOf(last) : null;
    forward(graph, numbers, state);
    if (isLabelled) backward(graph, numbers, state, targets, loss);
    const sample = new OneSample(structure, numbers, inputs, targets, loss);
    const { names } = sample.notes;
    for (let n = graph.inputs; n < graph.neurons; n += 1) {
      for (const what of ["z", "value", ...isLabelled ? ["delta"] : []]) {
        const part = derived(sample, names.of(what, n), Infinity);
        if (part === null && what === "delta" && state.delta[n] === 0) continue;
        const is = [part.result, recomputed(part.made)];
        if (!is.every((each) => Object.is(each, state[what][n]))) throw new Error(`${part.label} ${is}`);
        for (const { label, name, before, result, given } of leaves(part.made)) {
          if (!label || given) continue;
          const inner = derived(sample, name, before);
          if (inner?.label !== label || !Object.is(inner.result, result)) throw new Error(label);
        }
      }
    }
    const delta = names.of("delta", graph.neurons - 1);
    if (!isLabelled && derived(sample, delta, Infinity)) throw new Error(`why ${delta}`);
  }
  training.run();
}"""
)


@pytest.mark.long
def test_the_numbers_of_a_sample_that_is_shown_are_those_of_the_passes(tmp_path: Path) -> None:
    """And what they are made of gives them."""
    translator = Translator(exact=True)
    trained, _ = random_trainings(range(340, 380), translator)
    assert len(trained) > 20
    assert not in_deno(trained, translator, tmp_path, SHOWN)


@pytest.mark.long
def test_the_parts_of_a_number_give_it(tmp_path: Path) -> None:
    translator = Translator(exact=True)
    trained, _ = random_trainings(range(300, 340), translator)
    trained = [each for each in trained if len(each.wanted["losses"]) < 60]
    assert len(trained) > 20
    assert not in_deno(trained, translator, tmp_path, DERIVED)


def test_a_rule_with_more_than_short_arithmetic_stays_one_operation() -> None:
    def clipped(value, gradient, first, second, rate, constants):
        return value - rate * min(gradient, 1.0), first, second

    def branching(value, gradient, first, second, rate, constants):
        if gradient > 1.0:
            return value, first, second
        return value - rate * gradient, first, second

    def plain(value, gradient, first, second, rate, constants):
        moved = constants[0] * first + gradient
        return value - rate * moved, moved, second

    def doubling(value, gradient, first, second, rate, constants):
        a = gradient + gradient
        b = a * a
        c = b + b
        d = c * c
        e = d + d
        f = e * e
        g = f + f
        return value - rate * g, first, second

    def of_a_number(value, gradient, first, second, rate, constants):
        a, b = first
        return value - a[0], b, second

    for rule in (clipped, branching, doubling, of_a_number, max):
        assert updates_of(rule) is None
    moved = ["+", ["*", ["constant", 0, ""], "first"], "gradient"]
    assert updates_of(plain) == [["-", "value", ["*", "rate", "newFirst"]], moved, "second"]


def test_the_parts_are_those_of_python(tmp_path: Path) -> None:
    """Of a weight's gradient and what is below it, by the same names."""
    X, y = datasets.moons(30, 0.1, 0)
    net = NetFactory([2, 3, 1], "tanh", seed=4).new()
    options = {"epochs": 1, "batch_size": 3, "learning_rate": 0.3, "seed": 11}
    recipe = Trained.of("moons", net.copy(), X, y, options, Translator(exact=True)).recipe
    run = """
  const { StepApart } = modules["engine/apart.js"], { derived } = modules["engine/deriving.js"];
  const training = await begin();
  const apart = new StepApart(training), known = {};
  apart.countAll();
  const leaves = (term) => "of" in term ? term.of.flatMap(leaves) : [term];
  const add = (name, before) => {
    const part = derived(apart, name, before);
    known[part.label] = { result: part.result, parts: [] };
    for (const each of leaves(part.made)) {
      if (each.label) known[part.label].parts.push(each.label);
      if (each.label && !each.given && !known[each.label]) add(each.name, each.before);
    }
  };
  add("weight_1_0_2", apart.count);
  console.log(JSON.stringify(known));"""
    known = json.loads(printed(recipe, run, tmp_path))
    history = net.fit(X, y, **options, snapshots=3, engine="scalar", progress=False)
    update = history.explain(1, "new_weight_1_0_2", (X, y))
    compared = 0
    for name, each in known.items():
        if name.startswith(("mean", "new", "derivative")):
            continue
        wanted = update[name]
        assert each["result"] == wanted.value, name
        assert set(each["parts"]) >= {part.name for part in wanted.parts}, name
        compared += 1
    assert known["new_weight_1_0_2"]["result"] == update.value
    assert compared > 15
