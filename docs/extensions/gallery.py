"""The directive `gallery`: a page that trains itself, made when the documentation is built, in a frame.

Its text has places for what the training came to: its `{steps}`, `{held}` for how many of the held-out
samples it is right about ("195 of 200"), the mean `{error}` and the `{usual}` one of who always says the
mean, and how many neurons are `{dead}`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList

from slownet import History, Net, NetFactory, datasets, replay

BIKES = Path(__file__).parent.parent.parent / "examples" / "bikes.csv"
HIGH = 480  # pixels of a frame, until its page says how many it needs
FRAME = """<figure class="gallery" data-found="{found}">
<iframe class="slownet" src="gallery/{name}.html#embed{part}" title="{title}" loading="lazy"
  style="width: 100%; height: {high}px; border: 0"
  sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"></iframe>
<figcaption><a href="gallery/{name}.html{address}">The whole page</a></figcaption>
</figure>"""


class Made(NamedTuple):
    """A page, and what its training came to."""

    history: History
    net: Net
    data: tuple[Any, Any]
    test_data: tuple[Any, Any]
    title: str

    @classmethod
    def of(cls, net: Net, data: Any, test_data: Any, title: str, **options: Any) -> "Made":
        """Train a net."""
        options = {"snapshots": 40, "progress": False, **options}
        return cls(net.fit(*data, test_data=test_data, **options), net, data, test_data, title)

    def facts(self, edits: str) -> dict[str, str]:
        """Return what the text of the directive can say of the training, after some edits."""
        net = replay(self.history, edits, data=self.data) if edits else self.net
        X, y = self.test_data
        found = net.evaluate(X, y)
        dead = sum(not any(values) for values in hidden(net, self.data[0]))
        facts = {"steps": f"{self.history.last_step:,}", "dead": f"{dead}"}
        if found.accuracy is None:
            usual = np.abs(y - np.mean(self.data[-1])).mean()
            return {**facts, "error": f"{found.error:.0f}", "usual": f"{usual:.0f}", "held": ""}
        return {**facts, "held": f"{round(found.accuracy * len(y))} of {len(y):,}"}


def hidden(net: Net, X: Any) -> list[list[float]]:
    """Return the values of each neuron of the first hidden layer, for all samples."""
    values: list[list[float]] = [[] for _ in net[1]]
    for sample in X:
        net.forward(sample)
        for neuron, own in zip(net[1], values, strict=True):
            own.append(neuron.value)
    return values


def spirals() -> Made:
    """Return a net that winds itself around two spirals."""
    net = NetFactory([2, 24, 16, 1], "relu", seed=1).new()
    options = {"epochs": 200, "batch_size": 20, "learning_rate": 0.01, "optimizer": "adam"}
    data, test_data = (datasets.spirals(count, 0.3, seed) for count, seed in ((300, 0), (200, 1)))
    return Made.of(net, data, test_data, "Two spirals", schedule="cosine", **options)


def digits() -> Made:
    """Return a net that reads digits."""
    net = NetFactory([784, 20, 10], seed=0).new()
    data, test_data = datasets.load_mnist("train", 5000), datasets.load_mnist("test", 500)
    options = {"epochs": 4, "batch_size": 10, "learning_rate": 0.1}
    return Made.of(net, data, test_data, "Handwritten digits", watch=test_data, **options)


def bikes() -> Made:
    """Return a net that learns from a table."""
    table = datasets.read_csv(BIKES, "rentals", drop="date", missing="mean", progress=False)
    learned, other = table.split(0.2, seed=0)
    net = NetFactory([len(table.names), 12, 1], "relu", "linear", seed=0).new()
    options = {"epochs": 60, "batch_size": 16, "learning_rate": 0.01, "optimizer": "adam"}
    options |= {"prepare": "standardise", "watch": tuple(other)}
    return Made.of(net, tuple(learned), tuple(other), "Bicycles for rent", **options)


def broken() -> Made:
    """Return a net whose neurons die in its first steps; with the rate 1 they would not."""
    net = NetFactory([2, 8, 1], "relu", seed=0).new()
    data, test_data = (datasets.moons(200, 0.15, seed) for seed in (0, 1))
    options = {"epochs": 30, "batch_size": 10, "learning_rate": 10.0}
    return Made.of(net, data, test_data, "A rate that is too high", **options)


PAGES: dict[str, Callable[[], Made]] = {each.__name__: each for each in (spirals, digits, bikes, broken)}


class Gallery(Directive):
    """A page by its name, with an experiment as its address has it."""

    required_arguments = 1
    optional_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the text, and the page in a frame."""
        name, edits = [*self.arguments, ""][:2]
        made = page_of(self.state.document.settings.env.app, name)
        facts = made.facts(edits)
        text = "\n".join(self.content).format(**facts)
        place = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), name), 0, place)
        address = f"#e={edits}" if edits else ""
        frame = FRAME.format(
            name=name,
            title=made.title,
            high=HIGH,
            found=facts["held"] or facts["error"],
            address=address,
            part=address.replace("#", "&amp;"),
        )
        return [*place.children, nodes.raw(text=frame, format="html")]


def page_of(app: Any, name: str) -> Made:
    """Train the net of a page, and write it beside the documentation."""
    made = PAGES[name]()
    if app.builder.format == "html":
        path = Path(app.outdir) / "gallery" / f"{name}.html"
        path.parent.mkdir(exist_ok=True)
        made.history.write_html(path, keep="all", title=made.title)
    return made


def add_script(app: Any, page: str, *_: Any) -> None:
    """Give the gallery its script."""
    if page == "gallery":
        app.add_js_file("gallery.js")


def setup(app: Any) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("gallery", Gallery)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
