"""Where the page stops: after the first step with which a condition becomes true, as in Python."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trained_pages import printed

from slownet import NetFactory, datasets
from slownet.page.recipe import Recipe
from slownet.training.options import Options

WINDOW = 3
RUN = """
  const { facts, arrays } = await modules["engine/recipe.js"].read(recipe, {});
  const server = new (modules["engine/worker.js"].Server)([formulas]);
  server.answer({ kind: "begin", facts, arrays });
  server.framer.heldOut = server.replay.training.rows.samples;
  const { parseStop } = modules["engine/stopping.js"], found = [];
  for (const { stop, from, edits, ...other } of WATCHED) {
    const about = { stop: parseStop(stop), window: 3, ...other };
    server.answer({ kind: "show", edits: [], step: LAST, milliseconds: Infinity });
    let told = { step: from, isThere: false, watched: { found: null } };
    while (!told.isThere && told.watched.found === null) {
      told = server.answer({ kind: "show", edits: modules["engine/experiment.js"].parse(edits),
        step: LAST, milliseconds: 0.2, watch: { ...about, from: told.step } });
    }
    found.push([told.watched.found === null ? null : told.step, told.watched.found]);
  }
  console.log(JSON.stringify(found));"""


class Course:
    """A training of Python whose net is looked at after every step."""

    def __init__(self, net, X, y, sample: int, **options: Any) -> None:
        self.X, self.y, self.sample = X, y, sample
        self.options = {"batch_size": 10, "seed": 5, "engine": "scalar", "progress": False, **options}
        self.recipe = Recipe(net.copy(), X, y, Options(**self.options))
        self.net = net.copy()
        self.history = self.net.fit(X, y, snapshots=2, **self.options)
        self.last = len(self.history.loss)
        self.a_round = -(-len(X) // 10)
        self.nets = [self.history.rewind(step, (X, y), "scalar") for step in range(self.last + 1)]

    def values(self, step: int, name: str, neuron: tuple[int, int]) -> float | None:
        net = self.nets[step]
        if name == "epoch":
            return step // self.a_round
        if name in ("right", "wrong"):
            return float(net.predict(self.X[self.sample :][:1])[0] == self.y[self.sample])
        if name == "accuracy":
            return float(np.mean(net.predict(self.X) == self.y))
        if name == "silent":
            return float(all(self._value(net, x, neuron) == 0 for x in self.X))
        losses = self.history.loss[max(0, step - WINDOW) : step]
        return sum(losses) / len(losses) if len(losses) else None

    @staticmethod
    def _value(net, x, neuron: tuple[int, int]) -> float:
        net.forward(x)
        return net.layers[neuron[0]].neurons[neuron[1]].value

    def first(self, stop: str, start: int, neuron: tuple[int, int]) -> int | None:
        """Return the first step after `start` at which it is true, and was not before."""
        name, _, bound = stop.partition("_")
        holds = {
            "right": lambda v: v == 1,
            "wrong": lambda v: v == 0,
            "silent": lambda v: v == 1,
            "loss": lambda v: v < float(bound),
            "over": lambda v: v > float(bound),
            "accuracy": lambda v: v >= float(bound),
        }
        known = [self.values(step, name, neuron) for step in range(start, self.last + 1)]
        for step, (before, now) in enumerate(itertools.pairwise(known), start + 1):
            if name == "epoch":
                if now > before:
                    return step
            elif holds[name](now) and (before is None or not holds[name](before)):
                return step
        return None

    def check(
        self, folder: Path, asked: list[tuple[str, int]], neuron: tuple[int, int]
    ) -> list[int | None]:
        targets = (
            [float(self.y[self.sample] == label) for label in range(len(self.net.outputs))]
            if len(self.net.outputs) > 1
            else [float(self.y[self.sample])]
        )
        about = {
            "sample": [float(x) for x in np.asarray(self.X[self.sample], float).ravel()],
            "targets": targets,
            "neuron": list(neuron),
            "edits": "",
        }
        watched = json.dumps([{"stop": stop, "from": start, **about} for stop, start in asked])
        run = f"const WATCHED = {watched}, LAST = {self.last};{RUN}"
        found = json.loads(printed(self.recipe, run, folder))
        wanted = [self.first(stop, start, neuron) for stop, start in asked]
        assert [step for step, _ in found] == wanted
        return wanted


def test_moons_stop_where_python_says(tmp_path: Path) -> None:
    X, y = datasets.moons(60, 0.1, 0)
    net = NetFactory([2, 8, 1], hidden_activation="relu", seed=0).new()
    course = Course(net, X, y, 7, epochs=8, learning_rate=4.0)
    asked = [
        *(("epoch", 0), ("epoch", 5), ("epoch", 6), ("right", 0), ("right", 20), ("wrong", 0)),
        *(("silent", 0), ("silent", 20), ("loss_0.3", 0), ("loss_0.3", 30), ("loss_1e-9", 0)),
        *(("over_0.6", 3), ("accuracy_0.8", 0), ("accuracy_0.8", course.last - 1)),
    ]
    found = course.check(tmp_path, asked, (1, 2))
    assert found[asked.index(("silent", 0))] == 7
    assert len({each for each in found if each is not None}) >= 6
    assert None in found


@pytest.mark.long
def test_digits_stop_where_python_says(tmp_path: Path) -> None:
    X, y = datasets.load_mnist("train", 100)
    net = NetFactory([784, 6, 10], hidden_activation="relu", seed=1).new()
    course = Course(net, X, y, 3, epochs=4, learning_rate=1.5)
    asked = [
        *(("epoch", 11), ("right", 0), ("wrong", 0), ("silent", 0)),
        *(("loss_2.2", 0), ("over_2.3", 2), ("accuracy_0.2", 0)),
    ]
    found = course.check(tmp_path, asked, (1, 5))
    assert found[asked.index(("silent", 0))] == 13
    assert len({each for each in found if each is not None}) >= 5


KNOWN = ("right", "loss_0.3", "accuracy_1", "over_1e-7", "epoch")
REFUSED = {
    "loss": "loss takes a number above 0, not ''",
    "loss_-1": "loss takes a number above 0, not '-1'",
    "loss_0": "loss takes a number above 0, not '0'",
    "loss_x": "loss takes a number above 0, not 'x'",
    "loss_1_2": "loss takes a number above 0, not '1_2'",
    "over_Infinity": "over takes a number above 0, not 'Infinity'",
    "accuracy_0": "accuracy takes a number above 0 up to 1, not '0'",
    "accuracy_1.009": "accuracy takes a number above 0 up to 1, not '1.009'",
    "right_1": "right takes no number",
    "epoch_": "epoch takes no number",
    "toString": "it can stop at epoch, right, wrong, silent, loss, over, accuracy, not at 'toString'",
}


def test_conditions_have_texts(tmp_path: Path) -> None:
    X, y = datasets.moons(10, 0.1, 0)
    recipe = Recipe(NetFactory([2, 2, 1], seed=0).new(), X, y, Options())
    run = f"""const {{ parseStop, formatStop }} = modules["engine/stopping.js"];
      const texts = {json.dumps([*KNOWN, *REFUSED])};
      const read = (text) => {{
        try {{ return formatStop(parseStop(text)); }} catch (error) {{ return error.message; }}
      }};
      console.log(JSON.stringify(texts.map(read)));"""
    assert json.loads(printed(recipe, run, tmp_path)) == [*KNOWN, *REFUSED.values()]
