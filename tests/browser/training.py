"""A page that trains, driven as a reader would, and the net of Python after the same experiment."""

from __future__ import annotations

import contextlib

from trained_pages import bits
from watching import PATIENCE, Watched

from slownet import replay

SETTLED = """() => {
    const { player } = window.slownet ?? {};
    return player && !player.state.playing && !player.course.isBusy && !player.isOnTheWay;
}"""
NUMBERS = """() => {
    const { net, player: { course: { told } } } = slownet;
    const nameOf = (n) => {
        const l = net.layerOf[n];
        return [net.layers[l].id, net.layers[l].neurons[n - net.begins[l]]];
    };
    return {
        step: told.step,
        weights: Array.from(told.weights, (value, w) =>
            [...nameOf(net.source[w]), ...nameOf(net.target[w]), value]),
        biases: Array.from(told.biases, (value, n) => [...nameOf(n), value]).slice(net.inputs),
    };
}"""
EDITS = """() => {
    const text = (arg) => Object.is(arg, -0) ? "-0" : String(arg).replace("e+", "e");
    return slownet.player.state.experiment.edits.map(({ step, kind, args }) =>
        [step, kind, ...args.map((arg) => Array.isArray(arg) ? arg.join(".") : text(arg))].join("_"));
}"""


class Trained:
    """A page that trains itself."""

    def __init__(self, page, path, frame=None) -> None:
        self.page, self.path = page, path
        self.frame = frame or page

    @property
    def state(self):
        return self.frame.evaluate(
            """() => {
                const { step, playing, problem, chosen, brush, isDrawn, place } = slownet.state();
                return { step, playing, problem, chosen, brush, isDrawn, place };
            }"""
        )

    @property
    def step(self) -> int:
        return self.state["step"]

    @property
    def edits(self) -> list[str]:
        return self.frame.evaluate(EDITS)

    @property
    def last(self) -> int:
        return self.frame.evaluate("() => slownet.player.course.last")

    def until(self, condition: str, argument=None) -> None:
        self.frame.wait_for_function(condition, arg=argument)

    def settle(self):
        """Wait until it stands where it was told to go."""
        self.until(SETTLED)
        return self

    def go(self, step: int):
        """Go to a step, as the address does."""
        self.frame.evaluate("step => slownet.show(step)", step)
        self.until("step => slownet.state().step === step", step)
        return self.settle()

    def text(self, selector: str) -> str:
        return self.frame.locator(selector).inner_text()

    def open_panel(self):
        if not self.frame.evaluate("() => document.getElementById('experiment').open"):
            self.frame.click("#experiment > summary")
        return self

    def place(self, kind: str, neuron: int):
        return self.frame.evaluate(
            "([kind, neuron]) => slownet.painter.netView.places[kind].get(neuron)", [kind, neuron]
        )

    def check(self) -> None:
        """Fail unless it has the weights and biases that Python has, bit for bit."""
        self.settle()
        found = self.frame.evaluate(NUMBERS)
        net = replay(self.path, "~".join(self.edits), step=found["step"], engine="scalar")
        weights = {tuple(names): value for *names, value in found["weights"]}
        biases = {tuple(names): value for *names, value in found["biases"]}
        wanted = {(*_name(each.source), *_name(each.target)): each.value for each in net.weights()}
        assert weights.keys() == wanted.keys()
        assert _bits(weights) == _bits(wanted)
        wanted = {_name(each): each.bias for each in net.neurons() if each.layer is not net.inputs}
        assert biases.keys() == wanted.keys()
        assert _bits(biases) == _bits(wanted)


def _name(neuron) -> tuple[int, int]:
    return neuron.layer.id, neuron.id


def _bits(numbers) -> bytes:
    return bits([numbers[name] for name in sorted(numbers)])


@contextlib.contextmanager
def training(browser, path, moment="", width=1280, height=800, scripts=(), **options):
    """Open a page that trains, and close it; fail if it has done what a page must not."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    for script in scripts:
        context.add_init_script(script)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    watched = Watched(page)
    watched.play(path, moment)
    made = Trained(page, path)
    yield made.settle()
    context.close()
    watched.check()
