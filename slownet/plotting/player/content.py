"""What a page holds of a training: the facts, and the numbers in the precision that fits."""

from __future__ import annotations

import zlib
from bisect import bisect_left
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from functools import cached_property
from importlib.metadata import version
from itertools import pairwise
from math import ceil, inf, isfinite, log10

import numpy as np
import numpy.typing as npt

from slownet.checks import check_integer, check_type
from slownet.display import short
from slownet.errors import InvalidValueError
from slownet.functions import Activation, AnyActivation, Loss, loss_for
from slownet.functions.description import describe
from slownet.functions.initializers import INITIALIZERS
from slownet.functions.randomness import Use, key
from slownet.plotting.lines import batch_lines, mean_at, watched_line
from slownet.plotting.player.encoding import FINEST, MOST_INTERVALS, Floats, Grid, Writer, moved, planes
from slownet.plotting.player.javascript import UntranslatableError, translated
from slownet.plotting.scene import Scene
from slownet.plotting.style import Json
from slownet.recording import Graph, History
from slownet.recording.runfile import versions

FORMAT = 1  # goes up when older readers would misunderstand a page
BUDGET = 1_500_000  # characters of data, that fit into a mail with plotly.js
GUESSED = 0.97 * BUDGET  # of what is only guessed, so that it seldom has to be done again
EXACT_BUDGET = 750_000  # up to here float64 is taken without asking
MOST_SAMPLES = 10  # to choose from
MOST_POINTS = 600  # of the plane of two inputs that are drawn, and of predictions beside targets
MOST_CURVE = 400  # points of a line
BITS = range(6, 25)
TRIED = 8  # frames from which it is guessed how small all will become
SMALL_SHARE = 0.05  # layers with fewer of the weights are kept much finer
SMALL = 2000  # and so are layers with fewer weights than that, which cost little anyway
OF_BIASES = Grid(6)
OTHERS = 60_000.0  # bytes of samples, curves and predictions
LARGE = 1e6  # above it, numbers are kept as float64
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Links:
    """All weights there ever were, neuron by neuron.

    Attributes
    ----------
    start : (neurons + 1,) array of int
        Where the weights into each neuron after the input layer begin.
    source : (weights,) array of int
        The neuron that each comes from; all neurons are counted, those of the input layer first.
    places : list of array
        For each graph, where each weight stands in its snapshots; -1 where it has none.
    """

    start: Ints
    source: Ints
    places: list[npt.NDArray[np.int64]]


class Content:
    """The facts and numbers of a training that a page shows.

    Parameters
    ----------
    history : History
        With at least one snapshot.
    exact : bool
        Whether all numbers are kept as float64.
    bits : int, optional
        How fine weights are kept: at least 2^bits intervals from the smallest to the largest. By
        default as fine as fits.
    title : str, optional
        What the page is called.
    grids : dict, optional
        {layer id: how fine the weights into it are kept}, to do as another page did.

    Attributes
    ----------
    facts : dict
        Plain values, ready for JSON.
    writer : Writer
        The numbers.
    grids : dict
        How fine the weights into each layer are kept, unless they are exact.
    lines : dict
        The curves by the names of their arrays, as {"x": ..., "y": ...}.
    formulas : str
        The activations and the loss as JavaScript.
    """

    def __init__(
        self,
        history: History,
        exact: bool | None = None,
        bits: int | None = None,
        title: str | None = None,
        grids: dict[int, Grid] | None = None,
    ) -> None:
        if title is not None:
            check_type("title", title, str)
        if exact is not None:
            check_type("exact", exact, bool)
        if bits is not None:
            bits = check_integer("bits", bits, BITS[0], BITS[-1])
        if exact and bits is not None:
            raise InvalidValueError("give exact or bits, not both: exact numbers are not rounded")
        self.history, self.scene, self.writer = history, Scene.of_history(history), Writer()
        scene = self.scene
        self._snapshots = scene.snapshots
        self.lines: dict[str, Json] = {}
        self._graphs = list({id(each.graph): each.graph for each in self._snapshots}.values())
        self._activations = [self._activation(layer) for layer in scene.layers[1:]]
        loss = self._loss()
        self.formulas = translated(self._activations, loss)
        counts = [len(scene.neurons[layer]) for layer in scene.layers]
        self._ends = np.cumsum(counts)
        self._links = self._find_links()
        self._add_structure()
        self._gone: npt.NDArray[np.bool_] | None = None  # (frames, weights), if any ever are
        self._weights, self._biases = self._numbers()
        self.grids: dict[int, Grid] = {}
        self.precision = self._add_numbers(exact, bits, grids)
        self.facts: Json = {
            "format": FORMAT,
            "title": _text(title or f"How a {scene.name} net learned"),
            "frames": len(self._snapshots),
            "layers": [
                {"id": layer, "neurons": scene.neurons[layer], "activation": self._name(layer)}
                for layer in scene.layers
            ],
            "loss": loss.name,
            "partner": loss.partner is self._activations[-1],
            "kind": scene.kind,
            "side": scene.side,
            "inputs": self._input_names(),
            "classes": self._class_names(),
            "samples": self._samples(),
            "precision": self.precision,
            "curves": self._curves(),
            "judged": self._judged(),
            "plane": self._plane(),
            "training": self._training(),
        }

    @classmethod
    def fitting(
        cls, history: History, exact: bool | None, bits: int | None, title: str | None
    ) -> Content:
        """Return a content whose data fit, if it was not asked for another precision."""
        content = cls(history, exact, bits, title)
        while exact is None and bits is None and content.grids and len(content.writer.text) > BUDGET:
            coarsest = min(content.grids.values(), key=lambda grid: grid.scale)
            if coarsest.scale < 2.0 ** BITS[0]:
                break
            coarser = {
                layer: grid.coarser() if grid == coarsest else grid
                for layer, grid in content.grids.items()
            }
            content = cls(history, title=title, grids=coarser)
        return content

    # structure

    def _activation(self, layer: int) -> AnyActivation:
        found = {
            repr(describe(graph.layers[layer].activation)): graph.layers[layer].activation
            for graph in self._graphs
            if layer in graph.layers
        }
        if len(found) > 1:
            raise UntranslatableError(f"layer {layer} has had several activations: {', '.join(found)}")
        return next(iter(found.values()))

    def _name(self, layer: int) -> str:
        return "" if layer == self.scene.inputs else self.scene.activation(layer).name

    def _loss(self) -> Loss:
        graph = self._graphs[-1]
        return graph.loss if graph.loss is not None else loss_for(self._activations[-1])

    @cached_property
    def _flat(self) -> dict[tuple[int, int], int]:
        """The number of each neuron, by layer and id."""
        scene = self.scene
        flat: dict[tuple[int, int], int] = {}
        for layer in scene.layers:
            for neuron in scene.neurons[layer]:
                flat[layer, neuron] = len(flat)
        return flat

    def _find_links(self) -> Links:
        scene, flat = self.scene, self._flat
        numbers: dict[int, Ints] = {}  # of sources that many neurons share
        starts, sources = [0], []
        places: list[list[npt.NDArray[np.int64]]] = [[] for _ in self._graphs]
        for layer in scene.layers[1:]:
            for neuron in scene.neurons[layer]:
                plans = [
                    graph.layers[layer].neurons.get(neuron) if layer in graph.layers else None
                    for graph in self._graphs
                ]
                found = []
                for plan in plans:
                    ends = plan.sources if plan else ()
                    if id(ends) not in numbers or len(ends) == 0:
                        numbers[id(ends)] = np.array([flat[end] for end in ends], np.int32)
                    found.append(numbers[id(ends)])
                union = found[0]
                for other in found[1:]:
                    if other is not union:
                        union = np.concatenate([union, other[~np.isin(other, union)]])
                for each, plan, had in zip(places, plans, found, strict=True):
                    stands = np.full(len(union), -1, np.int64)
                    if plan is not None and len(had):
                        own = np.fromiter(plan.weights.values(), np.int64, len(had))
                        if had is union:
                            stands = own
                        else:
                            order = np.argsort(union, kind="stable")
                            stands[order[np.searchsorted(union, had, sorter=order)]] = own
                    each.append(stands)
                sources.append(union)
                starts.append(starts[-1] + len(union))
        joined = [np.concatenate([*each, np.zeros(0, np.int64)]) for each in places]
        return Links(
            np.array(starts, np.int32), np.concatenate([*sources, np.zeros(0, np.int32)]), joined
        )

    def _add_structure(self) -> None:
        # as differences: most are 1, and deflated to nothing
        self.writer.plain("start", np.diff(self._links.start), "int32")
        self.writer.plain("source", np.diff(self._links.source, prepend=0), "int32")

    # numbers

    def _numbers(self) -> tuple[Floats, Floats]:
        """Return the weights and biases of every frame: (frames, weights) and (frames, neurons)."""
        links, first = self._links, self._ends[0]
        weights = np.empty((len(self._snapshots), len(links.source)))
        biases = np.zeros((len(self._snapshots), len(links.start) - 1))
        of_graph = {id(graph): k for k, graph in enumerate(self._graphs)}
        there: dict[int, tuple[Ints, Ints]] = {}
        for frame, snapshot in enumerate(self._snapshots):
            graph = snapshot.graph
            places = links.places[of_graph[id(graph)]]
            numbers = np.frombuffer(snapshot.weights) if len(snapshot.weights) else np.zeros(0)
            weights[frame] = np.append(numbers, np.nan)[places]
            if id(graph) not in there:
                there[id(graph)] = self._places_of(graph)
            ours, theirs = there[id(graph)]
            biases[frame, ours - first] = np.frombuffer(snapshot.biases)[theirs]
        missing = np.isnan(weights)
        if missing.any() and any((places < 0).any() for places in links.places):
            gone = np.stack([links.places[of_graph[id(each.graph)]] < 0 for each in self._snapshots])
            self.writer.plain("gone", np.packbits(gone, axis=1, bitorder="little"), "uint8")
            weights[gone], self._gone = 0.0, gone
        return weights, biases

    def _places_of(self, graph: Graph) -> tuple[Ints, Ints]:
        """Return the numbers of the neurons of a graph, here and in its snapshots."""
        pairs = [
            (self._flat[layer.id, plan.id], plan.place)
            for layer in graph.layers.values()
            if layer.id != self.scene.inputs
            for plan in layer.neurons.values()
        ]
        ours, theirs = np.array(pairs, np.int32).reshape(-1, 2).T
        return ours, theirs

    @property
    def _spans(self) -> list[tuple[int, slice]]:
        """The weights into each layer: where they stand."""
        start, ends = self._links.start, self._ends
        return [
            (layer, slice(int(start[ends[k] - ends[0]]), int(start[ends[k + 1] - ends[0]])))
            for k, layer in enumerate(self.scene.layers[1:])
        ]

    def _add_numbers(self, exact: bool | None, bits: int | None, grids: dict[int, Grid] | None) -> Json:
        weights, biases = self._weights, self._biases
        tame = bool(np.isfinite(weights).all() and np.isfinite(biases).all())
        tame = tame and max(np.abs(weights).max(initial=0), np.abs(biases).max(initial=0)) < LARGE
        if exact is None:
            fits = (weights.nbytes + biases.nbytes) * 4 / 3 <= EXACT_BUDGET
            exact = fits and bits is None and grids is None
        if exact or not tame:
            for layer, span in self._spans:
                self.writer.exact(f"weights {layer}", weights[:, span])
            self.writer.exact("biases", biases)
            self._shown, self._shown_biases = weights, biases
            return {"exact": True, "layers": {}}
        self.grids = grids = grids or self._grids(bits)
        self._shown = np.empty_like(weights)
        for layer, span in self._spans:
            self.writer.rounded(f"weights {layer}", weights[:, span], grids[layer])
            self._shown[:, span] = grids[layer].middles(grids[layer].intervals(weights[:, span]))
        if self._gone is not None:
            self._shown[self._gone] = 0.0
        of_biases = OF_BIASES.holding(float(np.abs(biases).max(initial=0.0)))
        self.writer.rounded("biases", biases, of_biases)
        self._shown_biases = of_biases.middles(of_biases.intervals(biases))
        told = {str(layer): {"digits": grid.digits, "step": grid.step} for layer, grid in grids.items()}
        return {"exact": False, "layers": told, "bits": bits, "off": self._off()}

    def _grids(self, bits: int | None) -> dict[int, Grid]:
        """Return how fine the weights into each layer are kept: small layers much finer."""
        weights = self._weights
        sizes = {layer: span.stop - span.start for layer, span in self._spans}
        least = max(SMALL, SMALL_SHARE * weights.shape[1])
        large = [layer for layer, size in sizes.items() if size >= least]
        most = {layer: float(np.abs(weights[:, span]).max(initial=0.0)) for layer, span in self._spans}
        largest = max((most[layer] for layer in large or sizes), default=1.0)
        of_large = Grid.of_bits(16 if bits is None else bits, largest)
        if bits is None:
            grids = [of_large]
            while 2.0 ** (BITS[0] - 1) < grids[-1].scale * largest and grids[-1].coarser() != grids[-1]:
                grids.append(grids[-1].coarser())
            fits = bisect_left(grids[:-1], True, key=lambda grid: self._size(grid, large) <= GUESSED)
            of_large = grids[fits]
        fine = _finer(of_large)
        return {k: (of_large if k in large else fine).holding(most[k]) for k in sizes}

    def _size(self, grid: Grid, large: list[int]) -> float:
        """Return about how many characters the page's data will take, from some of the frames."""
        frames = len(self._snapshots)
        firsts = np.unique((np.arange(TRIED) + 0.5) / TRIED * (frames - 1)).astype(int)
        pairs = np.stack([firsts, np.minimum(firsts + 1, frames - 1)])
        share = (frames - 1) / len(firsts)
        size = OTHERS
        for numbers, its in [
            *((self._weights[:, s], grid if k in large else _finer(grid)) for k, s in self._spans),
            (self._biases, OF_BIASES),
        ]:
            size += _packed(moved(its.intervals(numbers[:1])))
            size += _packed(moved(its.intervals(numbers[pairs]))[1]) * share
        return size * 4.0 / 3.0

    def _off(self) -> Json:
        """Return how far off the page's numbers are for the samples it shows, at most, in any frame.

        Two digits of that will do, rounded up, and they are the same on every machine.

        What training had is in the snapshots; what the page computes is computed here as it does.
        """
        scene, count = self.scene, min(MOST_SAMPLES, len(self.scene.samples))
        if not count:
            return {}
        first, outputs = int(self._ends[0]), int(self._ends[-2] - self._ends[0])
        there = {id(graph): self._places_of(graph) for graph in self._graphs}
        off = {"z": 0.0, "value": 0.0, "output": 0.0}
        for frame, snapshot in enumerate(self._snapshots):
            ours, theirs = there[id(snapshot.graph)]
            zs, values = self._forward(frame, scene.samples[:count])
            columns = ours - first
            apart_z = np.abs(zs[:, columns] - np.array(snapshot.zs[:count])[:, theirs])
            apart = np.abs(values[:, columns] - np.array(snapshot.values[:count])[:, theirs])
            for name, numbers in (
                ("z", apart_z),
                ("value", apart),
                ("output", apart[:, columns >= outputs]),
            ):
                off[name] = max(off[name], float(np.nan_to_num(numbers, nan=inf).max(initial=0.0)))
        return {name: _up(number) for name, number in off.items()}

    @cached_property
    def _dense(self) -> list[Ints | None]:
        """For each layer after the inputs, what all of its neurons listen to, if it is the same."""
        links, first = self._links, int(self._ends[0])
        found: list[Ints | None] = []
        for k, (_, span) in enumerate(self._spans):
            counts = np.diff(
                links.start[int(self._ends[k]) - first : int(self._ends[k + 1]) - first + 1]
            )
            rows = None
            if len(counts) and counts[0] and (counts == counts[0]).all():
                rows = links.source[span].reshape(-1, int(counts[0]))
            found.append(rows[0] if rows is not None and (rows == rows[0]).all() else None)
        return found

    def _forward(self, frame: int, samples: Floats) -> tuple[Floats, Floats]:
        """Return the z and value of every neuron after the input layer, from the page's numbers."""
        links, first = self._links, int(self._ends[0])
        known = np.zeros((len(samples), int(self._ends[-1])))
        known[:, :first] = samples
        zs = np.zeros((len(samples), int(self._ends[-1]) - first))
        for k, (activation, (_, span)) in enumerate(zip(self._activations, self._spans, strict=True)):
            begin, end = int(self._ends[k]), int(self._ends[k + 1])
            weights, sources, dense = self._shown[frame, span], links.source[span], self._dense[k]
            z = np.tile(self._shown_biases[frame, begin - first : end - first], (len(samples), 1))
            if dense is not None:
                rows = weights.reshape(-1, len(dense))
                z += np.einsum("sn,mn->sm", known[:, dense], rows)  # BLAS would wake threads for this
            else:
                starts = links.start[begin - first : end - first + 1] - span.start
                for j, (a, b) in enumerate(pairwise(starts)):
                    z[:, j] += known[:, sources[a:b]] @ weights[a:b]
            zs[:, begin - first : end - first] = z
            known[:, begin:end] = _activated(activation, z)
        return zs, known[:, first:]

    # samples, curves, and the training itself

    def _input_names(self) -> list[str]:
        count = int(self._ends[0])
        known = self.history.data.get("names") or (self.history.source or {}).get("inputs")
        if isinstance(known, list) and len(known) == count:
            return [short(str(name), 24) for name in known]
        return [] if self.scene.side else [f"x{k + 1}" for k in range(count)]

    def _class_names(self) -> list[str]:
        scene = self.scene
        outputs = len(scene.neurons[scene.output])
        if scene.kind == "number":
            return []
        count = outputs if scene.kind == "class" else 2
        return [scene.plain_class_name(k) for k in range(count)]

    def _samples(self) -> list[Json]:
        """Add the samples to choose from, and return what is said of them."""
        scene = self.scene
        most = MOST_POINTS if scene.is_plane else MOST_SAMPLES
        chosen = self._chosen(most)
        samples = scene.samples[chosen] if len(chosen) else np.zeros((0, int(self._ends[0])))
        pixels = np.rint(samples * 255.0)
        if (
            samples.size
            and pixels.min() >= 0
            and pixels.max() <= 255
            and (pixels / 255.0 == samples).all()
        ):
            self.writer.plain("pixels", pixels, "uint8")
        else:
            self.writer.plain("samples", samples, "float64")
        targets = [scene.targets[k] for k in chosen]
        outputs = len(scene.neurons[scene.output])
        self.writer.plain("targets", np.array(targets, float).reshape(len(chosen), outputs), "float64")
        return [{"place": k, "name": self._true_name(k)} for k in chosen]

    def _chosen(self, most: int) -> list[int]:
        """Return the samples to choose from: the first of each class, in the order of the classes."""
        scene = self.scene
        if scene.kind != "class" or scene.is_plane:
            return list(range(min(most, len(scene.samples))))
        firsts: dict[int, int] = {}
        for k, targets in enumerate(scene.targets):
            firsts.setdefault(scene.decided(targets)[0], k)
        chosen = [firsts[each] for each in sorted(firsts)][:most]
        rest = [k for k in range(len(scene.samples)) if k not in chosen]
        return chosen + rest[: max(0, most - len(chosen))]

    def _true_name(self, sample: int) -> str:
        scene = self.scene
        if scene.kind == "class":
            return scene.plain_class_name(scene.decided(scene.targets[sample])[0])
        label = scene.labels[sample]
        return f"{label:.4g}" if isinstance(label, float) else short(str(label), 24)

    def _judged(self) -> Json:
        """Add what the net said of all watched samples in every frame, and return what that is."""
        scene = self.scene
        count = min(MOST_POINTS, len(scene.samples))
        outputs = len(scene.neurons[scene.output])
        if not count or (outputs > 1 and scene.kind in ("binary", "sign")):
            return {}
        last = scene.output
        if any(scene.neurons[last] != _ids(graph, last) for graph in self._graphs):
            return {}  # outputs that came or went
        said = np.array(
            [[each[-outputs:] for each in snapshot.values[:count]] for snapshot in self._snapshots]
        )
        largest = float(np.abs(said).max(initial=0.0))
        if not largest < MOST_INTERVALS * Grid(0).step:  # nan is not
            return {}
        if scene.kind == "number":
            grid = Grid(min(FINEST, max(0, 4 - _magnitude(said))))
            self.writer.rounded("said", said.reshape(len(said), -1), grid)
            targets = np.array(scene.targets[:count], float)
            self.writer.plain("wanted", targets, "float64")
            return {"count": count, "kind": "number", "digits": grid.digits}
        if scene.kind == "class":
            classes, truth = said.argmax(axis=2), np.array(scene.targets[:count]).argmax(axis=1)
        else:
            middle = 0.0 if scene.kind == "sign" else 0.5
            classes = (said[:, :, 0] > middle).astype(np.int64)
            truth = (np.array(scene.targets[:count])[:, 0] > middle).astype(np.int64)
        self.writer.plain("decided", classes, "int32")
        self.writer.plain("truth", truth, "int32")
        return {"count": count, "kind": "class"}

    def _plane(self) -> Json | None:
        """Return the part of the plane of two inputs that is drawn; None for other nets."""
        from slownet.plotting.plane import plane_around

        if not self.scene.is_plane:
            return None
        around = plane_around(self.scene.samples, 2)
        return {"x": list(around.x), "y": list(around.y)}

    def _curves(self) -> list[Json]:
        """Add the curves of loss and accuracy, and a number a frame of each; say what they are."""
        told = []
        for which in ("loss", "accuracy"):
            lines = batch_lines(self.history, which, logarithmic=True)[-1:]
            watched = watched_line(self.history, which)
            for role, line in [
                *(("training", each) for each in lines),
                *(("watched", w) for w in watched),
            ]:
                x, y = np.asarray(line["x"], float), np.asarray(line["y"], float)
                if role == "training":
                    kept = np.unique(np.geomspace(1, len(x), MOST_CURVE).astype(int)) - 1
                    x, y = x[kept], y[kept]
                name = f"{which} {role}"
                self.lines[name] = {"x": x, "y": y}
                self.writer.plain(name, np.stack([x, y]), "float64")
                told.append({"which": which, "role": role, "array": name, "name": line["name"]})
            told += self._at_frames(which, bool(watched))
        return told

    def _at_frames(self, which: str, watched: bool) -> list[Json]:
        """Add what the bar says at each frame."""
        if watched:
            numbers = [getattr(each, f"watch_{which}") for each in self._snapshots]
            name = f"{which}, {len(self.scene.samples)} watched samples"
        else:
            numbers = [mean_at(self.history, which, each.step) for each in self._snapshots]
            name = f"mean batch {which}"
        if any(number is None for number in numbers):
            return []
        array = f"{which} now"
        self.writer.plain(array, np.array(numbers, float), "float64")
        return [{"which": which, "role": "now", "array": array, "name": name}]

    def _training(self) -> Json:
        """Return how this was trained: enough to do it again."""
        history = self.history
        return {
            "config": history.config,
            "data": history.data,
            "source": history.source,
            "classes": history.classes and [*map(_plain, history.classes)],
            "last": history.last_step,
            "steps": [snapshot.step for snapshot in self._snapshots],
            "epochs": [snapshot.epoch for snapshot in self._snapshots],
            "seed": self._graphs[0].seed,
            "begins": self._beginning(),
            "ended": history.ended,
            "run": history.id,
            "parent": history.parent,
            "versions": {**versions(), "plotly": version("plotly")},
        }

    def _beginning(self) -> list[Json] | None:
        """Return the layers that a factory makes the net of before the first step; None if it cannot."""
        first, scene = self._snapshots[0], self.scene
        graph, weights = first.graph, np.frombuffer(first.weights)
        layers = list(graph.layers.values())
        if (
            first.step
            or graph.seed is None
            or any(first.biases)
            or scene.layers != [*range(len(layers))]
        ):
            return None
        begins: list[Json] = [{"size": len(layers[0].neurons)}]
        place = 0
        for before, layer in pairwise(layers):
            counts = len(before.neurons), len(layer.neurons)
            ends = tuple((before.id, i) for i in range(counts[0]))
            biased = {plan.has_bias for plan in layer.neurons.values()}
            if len(biased) > 1 or any(plan.sources != ends for plan in layer.neurons.values()):
                return None
            row, place = weights[place : place + counts[0] * counts[1]], place + counts[0] * counts[1]
            suited = layer.activation.initializer
            for name in (suited, *(each for each in INITIALIZERS if each != suited)):
                drawn = INITIALIZERS[name].draw(
                    key(graph.seed, Use.INITIAL_WEIGHT, before.id, layer.id), *counts
                )
                if (np.array(drawn).ravel() == row).all():
                    break
            else:
                return None
            begins.append(
                {
                    "size": counts[1],
                    "activation": describe(layer.activation),
                    "initializer": name,
                    "bias": biased == {True},
                    "ids": sorted(layer.neurons) == list(range(counts[1])),
                }
            )
        return begins if all(each.pop("ids", True) for each in begins) else None


def _packed(steps: npt.NDArray[np.uint32]) -> int:
    """Return about how many bytes numbers take; a way to pack that is quick, and 3 % too large."""
    packer = zlib.compressobj(strategy=zlib.Z_RLE)
    return sum(len(packer.compress(plane.tobytes())) for plane in planes(steps)) + len(packer.flush())


def _text(text: str) -> str:
    """Return a text as UTF-8 can hold it, with a question mark for what it cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _plain(label: object) -> object:
    """Return a class label as JSON can hold it."""
    is_plain = type(label) in (str, int, bool) or (isinstance(label, float) and isfinite(label))
    return label if is_plain else str(label)


def _up(number: float) -> float:
    """Return a number rounded up to two digits that count."""
    if not 0.0 < number < inf:
        return number if number == 0.0 else LARGE
    near = Decimal(number)
    return float(near.quantize(Decimal(1).scaleb(near.adjusted() - 1), ROUND_UP))


def _finer(grid: Grid) -> Grid:
    """Return how fine small layers are kept where large ones are kept like this."""
    return Grid(max(grid.digits + 2, 5))


def _activated(activation: AnyActivation, z: Floats) -> Floats:
    """Return an activation of (samples, neurons)."""
    if isinstance(activation, Activation):
        return np.array(activation.values(z.ravel().tolist())).reshape(z.shape)
    return np.array([activation.values(row) for row in z.tolist()])


def _ids(graph: Graph, layer: int) -> list[int]:
    return list(graph.layers[layer].neurons) if layer in graph.layers else []


def _magnitude(numbers: Floats) -> int:
    largest = float(np.abs(numbers).max(initial=0.0))
    return ceil(log10(largest)) if largest > 0.0 else 0
