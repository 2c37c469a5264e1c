"""Random nets, options and changes in the middle: the same bits of both engines and of the page."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bits import bits, state, train
from graphs import ALL_HIDDEN, ALL_OPTIMIZERS, ALL_SCHEDULES, ALL_TASKS, NAIVE, Case, Changer
from hypothesis import settings
from javascript import deno
from slow import in_groups

import slownet.page
from slownet import History, SlownetError
from slownet.functions import ACTIVATIONS, LOSSES, get_activation, get_loss
from slownet.page.content import Content
from slownet.page.structure import Structure

THOROUGH = settings.default.max_examples > 1000
FIRST, END = map(int, os.environ.get("NETS", "0:5000" if THOROUGH else "0:500").split(":"))
Place = tuple[int, int]  # layer and neuron


def outcome(case: Case, engine: str) -> dict[str, Any]:
    """Train as the case says, then predict; return all there is to see of it."""
    net, found = case.net.copy(), {}
    for k, options in enumerate(case.fits):
        callbacks = [Changer(*case.change)] if case.change else []
        if engine == "compiled":
            options = {**options, "threads": case.threads}
        trained = train(net, engine, case.hooks, case.X, case.y, callbacks, **options)
        found |= {f"training {k}, {name}": what for name, what in trained.items()}
    for name, use in USES.items():
        try:
            found[name] = use(net, case.X, case.y, engine)
        except (SlownetError, ArithmeticError) as error:
            found[name] = repr(error)
        found[f"net after {name}"] = state(net)
    return found


USES = {
    "outputs": lambda net, X, y, engine: net.predict_proba(X, engine=engine).tobytes(),
    "predictions": lambda net, X, y, engine: net.predict(X, engine=engine).tobytes(),
    "evaluation": lambda net, X, y, engine: repr(net.evaluate(X, y, engine=engine)),
    "backward": lambda net, X, y, engine: bits([net.backward(y[-1])]),
}


def differences(seed: int) -> Iterable[str]:
    """Name what differs between the engines."""
    case = Case.of(seed)
    wanted, found = outcome(case, "scalar"), outcome(case, "compiled")
    for name in wanted.keys() | found.keys():
        if wanted.get(name) != found.get(name):
            yield name


@pytest.mark.parametrize("seeds", in_groups(FIRST, END, 50))
def test_both_engines_give_the_same_bits(seeds: range) -> None:
    for seed in seeds:
        found = sorted(differences(seed))
        assert not found, f"net {seed} (NETS={seed}:{seed + 1} runs it alone): {found}\n{Case.of(seed)}"


def test_both_engines_leave_a_frozen_net_as_it_is() -> None:
    for seed in range(20):
        case = Case.of(seed)
        case.change = None
        for layer in case.net:
            layer.freeze()
        before, found = state(case.net), outcome(case, "compiled")
        assert found == outcome(case, "scalar"), seed
        for name in ("weight value", "neuron bias"):
            assert found["net after predictions"][name] == before[name], (seed, name)


# the page

SCRIPT = """
const found = [];
for (const [k, page] of JSON.parse(Deno.readTextFileSync("pages.json")).entries()) {
  const arrays = readArrays(page.contents, await inflate(page.payload, "deflate"));
  const graph = graphOf(page.facts, arrays, formulas[k]);
  const framesOf = (net) => new Recorded(net, arrays);
  const net = new Net(page.facts, arrays, graph, formulas[k].loss, framesOf);
  for (let frame = 0; frame < page.facts.frames; frame += 1) {
    for (const [j, sample] of page.samples.entries()) {
      const pass = net.backward(net.forward(frame, sample), page.targets[j]);
      const gradients = Array.from(net.source, (_, w) => 0 + net.gradient(pass, w));
      found.push(pass.loss, ...pass.z, ...pass.value, ...pass.delta, ...gradients);
    }
  }
}
Deno.writeFileSync("found", new Uint8Array(new Float64Array(found).buffer));
"""


@dataclass
class Played:
    """A training as a page has it, and samples that are sent through the net there."""

    seed: int
    history: History
    content: Content
    samples: list[list[float]]
    labels: list[Any]

    @classmethod
    def of(cls, seed: int) -> Played | None:
        """Train the net of a seed; None where the page does not compute it, or not to the last bit."""
        case = Case.of(seed)
        callbacks = [Changer(*case.change)] if case.change else []
        options = {**case.fits[0], "snapshots": 3, "watch": (case.X[:3], case.y[:3])}
        options |= {"engine": "scalar", "progress": False, "callbacks": callbacks}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # early stopping, where the graph has changed
            try:
                history = case.net.fit(case.X, case.y, **options)
                played = cls(seed, history, Content(history, exact=True, keep="none"), *options["watch"])
            except (SlownetError, ArithmeticError):
                return None
        uses_math = any(each is NAIVE for each in played.structure.activations)
        return None if uses_math or played.is_reordered() else played

    @property
    def structure(self) -> Structure:
        return self.content._structure

    def plain(self) -> dict[str, Any]:
        encoder = self.history.restore().encoder()
        return {
            "facts": self.content.facts,
            "contents": self.content.writer.contents,
            "payload": self.content.writer.text,
            "samples": self.samples,
            "targets": encoder.encode_all(self.labels, len(self.samples)),
        }

    def ends(self) -> tuple[list[Place], list[tuple[Place, Place]]]:
        """Name the neurons of the page by layer and id, and its weights by their ends."""
        names = [(each["id"], n) for each in self.content.facts["layers"] for n in each["neurons"]]
        inputs, start = self.structure.inputs, self.structure.start
        targets = np.repeat(np.arange(inputs, len(names)), np.diff(start))
        pairs = zip(self.structure.source.tolist(), targets.tolist(), strict=True)
        return names, [(names[source], names[target]) for source, target in pairs]

    def is_reordered(self) -> bool:
        """Whether weights were attached again in the training, behind others: a page has one order."""
        leaving, ends = self.structure.connections.leaving(), self.ends()[1]
        order = range(len(ends)) if leaving is None else leaving.tolist()
        for graph, places in zip(self.structure.graphs, self.structure.places, strict=True):
            if (np.diff(places[places >= 0]) < 0).any():
                return True
            out: dict[Place, list[Place]] = {}
            for source, target in (ends[w] for w in order if places[w] >= 0):
                out.setdefault(source, []).append(target)
            for place, found in out.items():
                if found != list(graph.neuron(*place).targets or sorted(found)):
                    return True
        return False

    def expected(self) -> Iterable[tuple[str, float | None]]:
        """The numbers of the passes in the order of the script; None for what the net did not have."""
        names, ends = self.ends()
        for frame, snapshot in enumerate(self.history.snapshots):
            for sample, label in zip(self.samples, self.labels, strict=True):
                net = snapshot.restore()
                net.forward(sample)
                yield f"loss in frame {frame}", net.backward(label)
                neurons = {(neuron.layer.id, neuron.id): neuron for neuron in net.neurons()}
                for name in ("z", "value", "delta"):
                    for k, place in enumerate(names):
                        counts = place in neurons and (name == "value" or k >= self.structure.inputs)
                        number = getattr(neurons[place], name) if counts else None
                        yield f"{name} of neuron {place} in frame {frame}", number
                gradients = {
                    ((w.source.layer.id, w.source.id), (w.target.layer.id, w.target.id)): w.grad
                    for w in net.weights()
                }
                for each in ends:
                    yield f"gradient of weight {each} in frame {frame}", gradients.get(each)


@pytest.mark.long
def test_the_page_gives_the_same_bits(tmp_path: Path) -> None:
    """Forward and backward, in every snapshot, of what a page computes to the last bit."""
    played = [each for seed in range(180) if (each := Played.of(seed)) is not None]
    assert len(played) > 100
    pages = json.dumps([each.plain() for each in played])
    (tmp_path / "pages.json").write_text(pages, encoding="utf-8")
    assets = Path(slownet.page.__file__).parent / "assets"
    imports = {"net": "Net", "frames": "Recorded", "engine/recipe": "graphOf"}
    imports["payload"] = "inflate, readArrays"
    lines = [
        f'import {{ {names} }} from "{(assets / f"{module}.js").as_uri()}";'
        for module, names in imports.items()
    ]
    lines += ["const formulas = [];"]
    for each in played:
        lines += ["{", *each.content.translator.lines, f"formulas.push({each.content.formulas}); }}"]
    (tmp_path / "run.js").write_text("\n".join(lines) + SCRIPT, encoding="utf-8")
    deno(tmp_path / "run.js")
    found = iter(np.frombuffer((tmp_path / "found").read_bytes()).tolist())
    for each in played:
        for name, number in each.expected():
            other = next(found)
            assert number is None or repr(number) == repr(other), (each.seed, name)
    assert next(found, None) is None


def test_every_kind_of_net_and_option_is_among_them() -> None:
    cases = [Case.of(seed) for seed in range(300)]
    fits = [options for case in cases for options in case.fits]
    layers = [layer for case in cases for layer in case.net]
    found: dict[str, set[Any]] = {
        "layers": {len(case.net) for case in cases},
        "neurons": {len(layer) for layer in layers},
        "activations": {id(layer.activation) for layer in layers if layer.activation},
        "losses": {id(case.net.loss) for case in cases},
        "threads": {case.threads for case in cases},
        **{name: {repr(options.get(name)) for options in fits} for name in set().union(*fits)},
    }
    assert found["layers"] == set(range(2, 7))
    assert found["neurons"] == set(range(1, 10))
    assert {id(get_activation(each)) for each in ALL_HIDDEN} <= found["activations"]
    assert {id(get_loss(loss)) for loss, _ in ALL_TASKS} == found["losses"]
    assert {*ACTIVATIONS} <= {layer.activation.name for layer in layers if layer.activation}
    assert {*LOSSES} <= {case.net.loss.name for case in cases}
    assert {repr(each) for each in (None, *ALL_OPTIMIZERS)} == found["optimizer"]
    assert {repr(each) for each in ALL_SCHEDULES} == found["schedule"]
    assert len(found["batch_size"]) == 11
    for name in ("threads", "l1", "l2", "regularizers", "dropout", "dropconnect", "shuffle"):
        assert len(found[name]) >= 2, name
    nets = [case.net for case in cases]
    for has in (
        lambda net: any(abs(b.id - a.id) > 1 for layer in net for a, b in pairwise(layer)),
        lambda net: any(isinstance(weight.id[0], tuple) for weight in net.weights()),
        lambda net: any(not neuron.weights["in"] for neuron in net.outputs),
        lambda net: any(not neuron.weights["out"] for neuron in net.inputs),
        lambda net: any(weight.frozen for weight in net.weights()),
        lambda net: any(bits([weight.value]) == bits([-0.0]) for weight in net.weights()),
        lambda net: any(abs(weight.value) > 1e299 for weight in net.weights()),
        lambda net: any(neuron.has_bias for neuron in net.outputs),
        lambda net: not any(neuron.has_bias for neuron in net.neurons()),
    ):
        assert 5 < sum(map(has, nets)) < 295
