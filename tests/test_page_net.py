"""The passes of the page, `net.js`, against the object loops over random nets: the same bits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from strategies import batch_for, nets

from slownet import Net, functions
from slownet.page.javascript import Translator

NET_JS = Path(functions.__file__).parents[1] / "page" / "assets" / "net.js"
RUN = """
import { Net } from "./net.js";
const numbers = new Float64Array(Deno.readFileSync("numbers").buffer), found = [];
let at = 0;
const next = (count) => numbers.subarray(at, at += count);
const part = (numbers) => ({
  count: numbers.length, at: (_, k) => numbers[k], copy: (_, into, start) => into.set(numbers, start),
});
for (const { layers, partner, activations, loss, start, source, counts } of CASES) {
  const sizes = layers.map(({ neurons }) => neurons.length);
  const arrays = { start, source, biases: part(next(start.length)) };
  counts.forEach((count, k) => { arrays[`weights ${layers[k + 1].id}`] = part(next(count)); });
  const net = new Net({ frames: 1, partner, layers }, arrays, activations, loss);
  const pass = net.backward(net.forward(0, next(sizes[0])), next(sizes[sizes.length - 1]));
  const gradients = Array.from(net.source, (_, w) => net.gradient(pass, w));
  for (const each of [[pass.loss], pass.z, pass.value, pass.delta]) found.push(...each);
  found.push(...gradients);
}
Deno.writeFileSync("found", new Uint8Array(Float64Array.from(found).buffer));
"""


class Cases:
    """Nets with a sample each: for the page as facts and numbers, and what Python computes."""

    def __init__(self) -> None:
        self.translator = Translator()
        self.facts: list[str] = []
        self.numbers: list[float] = []
        self.expected: list[list[float]] = []

    def add(self, net: Net, sample: list[float], target: object, targets: list[float]) -> None:
        neurons = list(net.neurons())
        place = {neuron: k for k, neuron in enumerate(neurons)}
        after = neurons[len(net.inputs) :]
        weights = [weight for neuron in after for weight in neuron.weights["in"].values()]
        source = np.array([place[weight.source] for weight in weights], np.int64)
        layers = [{"id": layer.id, "neurons": list(layer.neurons)} for layer in net]
        formulas = [layer.function for layer in list(net)[1:]]
        entries = {
            "layers": json.dumps(layers),
            "partner": json.dumps(net.outputs.function is net.loss.partner),
            "activations": f"[{', '.join(self.translator.activation(f) for f in formulas)}]",
            "loss": self.translator.loss(net.loss, net.outputs.function),
            "start": json.dumps([len(neuron.weights["in"]) for neuron in after]),
            "source": json.dumps(np.diff(source, prepend=0).tolist()),
            "counts": json.dumps(
                [sum(len(neuron.weights["in"]) for neuron in layer) for layer in list(net)[1:]]
            ),
        }
        self.facts.append(f"{{{', '.join(f'{name}: {text}' for name, text in entries.items())}}}")
        numbers = [*(neuron.bias for neuron in after), *(weight.value for weight in weights)]
        self.numbers += [*numbers, *sample, *targets]
        net.zero_grad()
        net.forward(sample)
        found = [
            net.backward(target),
            *(neuron.z if place[neuron] >= len(net.inputs) else 0.0 for neuron in neurons),
        ]
        found += [neuron.value for neuron in neurons]
        found += [neuron.delta if place[neuron] >= len(net.inputs) else 0.0 for neuron in neurons]
        self.expected.append(found + [weight.grad for weight in weights])

    def run(self, folder: Path) -> list[list[float]]:
        """Compute them in deno; numbers go there and back as bits."""
        (folder / "net.js").write_text(NET_JS.read_text(encoding="utf-8"), encoding="utf-8")
        (folder / "numbers").write_bytes(np.array(self.numbers, "<f8").tobytes())
        cases = f"const CASES = [{', '.join(self.facts)}];"
        head, rest = RUN.strip().split("\n", 1)
        text = "\n".join([head, *self.translator.lines, cases, rest])
        (folder / "run.js").write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "deno", "run", "--allow-read=.", "--allow-write=.", "run.js"]
        own = {"DENO_DIR": str(folder / "deno"), "DENO_NO_UPDATE_CHECK": "1"}
        subprocess.run(command, cwd=folder, env={**os.environ, **own}, check=True)
        found = np.frombuffer((folder / "found").read_bytes(), "<f8").tolist()
        ends = np.cumsum([len(each) for each in self.expected]).tolist()
        assert ends[-1] == len(found)
        return [found[end - len(each) : end] for each, end in zip(self.expected, ends, strict=True)]


def goes_by_place(net: Net) -> bool:
    """Whether the weights out of every neuron are attached in the order of their targets."""
    return all(
        targets == sorted(targets)
        for neuron in net.neurons()
        for targets in [[(w.target.layer.id, w.target.id) for w in neuron.weights["out"].values()]]
    )


def test_every_number_is_that_of_python(tmp_path: Path) -> None:
    cases = Cases()

    @given(nets(), st.integers(0, 2**32), st.sampled_from([1.0, 1.0, 30.0, 1e4]))
    def collect(net: Net, seed: int, scale: float) -> None:
        X, y, targets = batch_for(net, 1, seed)
        if goes_by_place(net):
            cases.add(net, [scale * x for x in X[0]], y[0], targets[0])

    collect()
    assert len(cases.expected) > 50
    for found, expected in zip(cases.run(tmp_path), cases.expected, strict=True):
        np.testing.assert_array_equal(found, expected)
