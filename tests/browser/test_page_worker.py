"""The engine of the page in a worker of the browser, under the policy of the page."""

from __future__ import annotations

import json
import re
from html import escape

import pytest
from experiments import random_cases
from slow import mostly_long
from trained_pages import bits
from watching import PATIENCE

from slownet import NetFactory, datasets
from slownet.experiments import replayed
from slownet.page.digests import recipe_of
from slownet.page.javascript import Translator
from slownet.page.modules import asset
from slownet.page.recipe import Recipe, engine_script
from slownet.training.options import Options

POLICY = re.search(r'<meta http-equiv="Content-Security-Policy"[^>]*>', asset("page.html"))[0]
PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>engine</title>%s
<link rel="icon" href="data:,"></head><body><script>%s</script></body></html>"""
# what the page does: it asks for a frame when it has painted one
DRIVER = """
const script = document.currentScript.textContent;
window.begun = async (recipe, which) => {
  const worker = modules["engine/worker.js"].workerOf(script);
  const ask = (message) => new Promise((done, fail) => {
    worker.onmessage = ({ data }) => done(data);
    worker.onerror = (event) => fail(new Error(event.message));
    worker.postMessage(message);
  });
  if (recipe === null) return { worker, ask };
  const { facts, arrays } = await modules["engine/recipe.js"].read(recipe, {});
  return { worker, ask, ready: await ask({ kind: "begin", facts, arrays, which }) };
};
window.trained = async (recipe, which, text, step) => {
  const { worker, ask, ready } = await begun(recipe, which);
  const edits = modules["engine/experiment.js"].parse(text), losses = [];
  let frame = { step: ready.start }, frames = 0;
  do {
    await new Promise(requestAnimationFrame);
    frame = await ask({ kind: "show", edits, step: step ?? ready.steps, since: frame.step });
    frames += 1;
    losses.push(...frame.losses);
  } while (!frame.isThere && !frame.problem);
  worker.terminate();
  const { weights, biases, compared, problem } = frame;
  const numbers = { weights: [...weights], biases: [...biases], losses };
  return { ...numbers, compared, problem, step: frame.step, frames };
};"""


@pytest.fixture
def page(browser):
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))
    page.on("request", lambda request: problems.append(request.url))
    yield page
    page.close()
    assert not [each for each in problems if not each.startswith(("blob:", "file:", "data:"))]


def opened(page, tmp_path, translator, recipes, sandboxed=False):
    text = PAGE % (POLICY, engine_script(translator, [each.formulas for each in recipes], DRIVER))
    if sandboxed:  # as in a notebook
        frame = f'<iframe srcdoc="{escape(text)}" sandbox="allow-scripts"></iframe>'
        text = f'<!DOCTYPE html><title>frame</title><link rel="icon" href="data:,">{frame}'
    path = tmp_path / "page.html"
    path.write_text(text, encoding="utf-8")
    page.goto(path.as_uri())
    return page.frames[-1]


def trained(frame, recipe, which=0, text="", step=None):
    given = [json.dumps(recipe.plain()), which, text, step]
    ask = "([recipe, ...others]) => trained(JSON.parse(recipe), ...others)"
    return frame.evaluate(ask, given)


def same(numbers, wanted):
    return bits(numbers) == bits(wanted)


@pytest.mark.long
def test_a_worker_has_the_bits_of_python(page, tmp_path):
    translator = Translator(exact=True)
    cases = random_cases(range(500, 530), translator)
    frame = opened(page, tmp_path, translator, [each.recipe for each in cases])
    assert len(cases) > 15
    for which, each in enumerate(cases):
        found = trained(frame, each.recipe, which, each.text, each.step)
        inputs = len(each.recipe.facts["layers"][0]["neurons"])
        assert ("diverges" in found["problem"]) == bool(each.wanted["flags"][0]), each.name
        assert found["step"] == each.wanted["flags"][1], each.name
        for name, numbers in (("losses", found["losses"]), ("weights", found["weights"])):
            assert same(numbers, each.wanted[name]), (each.name, name)
        assert same(found["biases"][inputs:], each.wanted["biases"]), each.name


@pytest.mark.long
@pytest.mark.parametrize("sandboxed", mostly_long([True, False]))
def test_a_recorded_training_is_compared_while_it_is_trained_again(page, tmp_path, sandboxed):
    X, y = datasets.load_mnist("train", 1000)
    net = NetFactory([784, 30, 10], "sigmoid", seed=1).new()
    options = {"epochs": 3, "batch_size": 10, "learning_rate": 0.2, "seed": 2}
    if sandboxed:
        options |= {"optimizer": "adam", "learning_rate": 0.01}
    history = net.fit(X, y, snapshots=10, progress=False, **options)
    recipe = recipe_of(history, (X, y))
    frame = opened(page, tmp_path, recipe.translator, [recipe], sandboxed)
    found = trained(frame, recipe)
    assert found["compared"] == {"steps": 300, "of": 300, "first": None, "last": None}
    assert found["frames"] >= 2
    changed = trained(frame, recipe, 0, "111_rate_0.05", 333)
    wanted = replayed(history, "111_rate_0.05", (X, y), 333)
    assert same(changed["losses"], wanted.loss)
    assert same(changed["weights"], [weight.value for weight in wanted.net.weights()])
    assert changed["compared"] is None


def test_what_the_worker_cannot_do_is_said(page, tmp_path):
    X, y = datasets.moons(30, 0.1, 0)
    recipe = Recipe(NetFactory([2, 3, 1], seed=1).new(), X, y, Options(epochs=1))
    frame = opened(page, tmp_path, recipe.translator, [recipe])
    asked = """() => begun(null, 0).then(({ ask }) => ask({ kind: "show", edits: [], step: 1 }))
      .then(({ problem }) => problem)"""
    assert "nothing was begun" in frame.evaluate(asked)


def test_the_worker_of_the_test_would_see_a_difference(page, tmp_path):
    """Another seed: the digests of Python differ from the first step on."""
    X, y = datasets.moons(40, 0.1, 0)
    net = NetFactory([2, 3, 1], seed=1).new()
    history = net.fit(X, y, snapshots=3, epochs=3, batch_size=5, progress=False)
    recipe = recipe_of(history, (X, y))
    recipe.facts["options"]["seed"] = (0, 1)
    frame = opened(page, tmp_path, recipe.translator, [recipe])
    assert trained(frame, recipe)["compared"]["first"] == 1
