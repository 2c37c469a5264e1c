"""Two runs side by side: where they first differ, and by how much."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

from slownet.errors import InvalidTypeError
from slownet.functions.description import describe
from slownet.recording.graph import Graph, Place
from slownet.recording.history import History
from slownet.recording.snapshot import Snapshot

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import plotly.graph_objects as go

    from slownet.graph_checks import WeightId

    Floats = npt.NDArray[np.float64]

SHOWN = 4  # neurons and weights that the text names
Pairs = dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class SnapshotDifference:
    """How two nets differ at a step of which both runs have a snapshot.

    Attributes
    ----------
    step : int
        The step.
    difference : float
        The largest absolute difference of a weight or bias that both have.
    where : str
        Which it is: "weight (3, 5) into layer 1" or "bias of neuron 2 in layer 1"; "" if none differs.
    a, b : float or None
        The two numbers there.
    count, of : int
        How many of the weights and biases that both have differ.
    only_a, only_b : int
        How many neurons and weights only one of them has.
    """

    step: int
    difference: float
    where: str
    a: float | None
    b: float | None
    count: int
    of: int
    only_a: int
    only_b: int

    @property
    def differs(self) -> bool:
        """Whether anything differs."""
        return bool(self.count or self.only_a or self.only_b)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two runs side by side. Numbers are the same if they are equal (`==`), not if they are close.

    Attributes
    ----------
    a, b : History
        The two runs.
    relation : str
        "same run", "branch" (b is one of a), "parent" (b is that of a), "siblings" (branches of the same
        run) or "unrelated".
    steps : list of int
        The steps that both have made.
    loss_a, loss_b : list of float
        The losses of those steps.
    first_step : int or None
        The first of them whose losses differ.
    snapshots : list of SnapshotDifference
        One a step of which both have a snapshot.
    first_snapshot : SnapshotDifference or None
        The first of them that differs.
    only_a, only_b : list of str
        The neurons, and the weights between neurons of both, that only one of them has in these
        snapshots.
    options, net, data, versions : dict
        What differs in how they were trained, in the nets, in what they learned from and in what they
        ran on: {name: (in a, in b)}.
    """

    a: History = field(repr=False)
    b: History = field(repr=False)
    relation: str
    steps: list[int]
    loss_a: list[float]
    loss_b: list[float]
    first_step: int | None
    snapshots: list[SnapshotDifference]
    first_snapshot: SnapshotDifference | None
    only_a: list[str]
    only_b: list[str]
    options: Pairs
    net: Pairs
    data: Pairs
    versions: Pairs

    @property
    def same(self) -> bool:
        """Whether all losses and snapshots that both have are the same."""
        return self.first_step is None and self.first_snapshot is None

    @property
    def first_loss(self) -> tuple[float, float] | None:
        """The losses of the first step whose losses differ."""
        return None if self.first_step is None else self.loss_at(self.first_step)

    @cached_property
    def furthest_step(self) -> int | None:
        """The step whose losses differ most; None if all are the same."""
        if self.first_step is None:
            return None
        apart = [abs(a - b) for a, b in zip(self.loss_a, self.loss_b, strict=True)]
        return self.steps[apart.index(max(apart))]

    def loss_at(self, step: int) -> tuple[float, float]:
        """Return both losses of a common step."""
        place = self.steps.index(step)
        return self.loss_a[place], self.loss_b[place]

    def figure(self) -> go.Figure:
        """Draw both losses and, below, how far weights and biases are apart; see `slownet.plotting`."""
        from slownet import plotting

        return plotting.comparison(self)

    def __repr__(self) -> str:
        if not self.steps and not self.snapshots:
            return f"Comparison({self.relation}, nothing in common)"
        where = []
        if self.first_step is not None:
            where.append(f"losses differ from step {self.first_step}")
        if self.first_snapshot is not None:
            where.append(f"weights from snapshot {self.first_snapshot.step}")
        return f"Comparison({self.relation}, {len(self.steps)} steps, {', '.join(where) or 'the same'})"

    def __str__(self) -> str:
        return "\n".join(_report(self))

    def _repr_html_(self) -> str:
        rows = "\n".join(escape(line) for line in _report(self))
        return f'<pre style="max-width:100%;overflow-x:auto">{rows}</pre>'


def compare(a: History | str | os.PathLike[str], b: History | str | os.PathLike[str]) -> Comparison:
    """Say where two runs first differ, and by how much.

    Parameters
    ----------
    a, b : History, str or path
        What `fit` returned, or run files.

    Returns
    -------
    Comparison
        In numbers; `print` it for a summary, and its `figure()` draws it.

    Raises
    ------
    TypeError
        If one is neither a History nor a path.
    RecordingError
        If a file cannot be read.
    """
    first, second = _opened("a", a), _opened("b", b)
    steps = range(max(first.start, second.start) + 1, min(first.last_step, second.last_step) + 1)
    losses = [
        history.loss[steps.start - history.start - 1 : max(steps.stop, steps.start) - history.start - 1]
        for history in (first, second)
    ]
    changes = (step for step, x, y in zip(steps, *losses, strict=True) if not _alike(x, y))
    snapshots, only_a, only_b = _compare_snapshots(first, second)
    return Comparison(
        a=first,
        b=second,
        relation=_relation(first, second),
        steps=list(steps),
        loss_a=losses[0],
        loss_b=losses[1],
        first_step=next(changes, None),
        snapshots=snapshots,
        first_snapshot=next((each for each in snapshots if each.differs), None),
        only_a=only_a,
        only_b=only_b,
        options=_different(first.config, second.config),
        net=_different(_net(first), _net(second)),
        data=_different(first.data, second.data, both=True),
        versions=_different(first.versions, second.versions, both=True),
    )


def _opened(name: str, run: object) -> History:
    if isinstance(run, History):
        return run
    if isinstance(run, (str, os.PathLike)):
        return History.open(run)
    raise InvalidTypeError(f"{name} must be a History or the path of a run file, not {run!r:.80}")


def _relation(a: History, b: History) -> str:
    parents = [history.parent.get("id") if history.parent else None for history in (a, b)]
    if a.id == b.id:
        return "same run"
    if parents[1] == a.id:
        return "branch"
    if parents[0] == b.id:
        return "parent"
    return "siblings" if parents[0] is not None and parents[0] == parents[1] else "unrelated"


def _alike(x: object, y: object) -> bool:
    return x == y or (x != x and y != y)  # nan and nan


def _different(a: Mapping[str, Any], b: Mapping[str, Any], both: bool = False) -> Pairs:
    """Return what differs, by name; with `both`, only under names that both have."""
    names = [*a, *(name for name in b if name not in a)]
    return {
        name: (a.get(name), b.get(name))
        for name in names
        if a.get(name) != b.get(name) and (not both or (name in a and name in b))
    }


def _net(history: History) -> dict[str, Any]:
    graph = history.graph
    if graph is None:
        return {}
    layers = list(graph.layers.values())
    return {
        "neurons": graph.sizes,
        "weights": graph.weight_count,
        "activations": [describe(layer.activation) for layer in layers[1:]],
        "seed": graph.seed,
    }


# snapshots


class _Pairing:
    """Which weights, biases and neurons of two graphs are the same ones."""

    def __init__(self, a: Graph, b: Graph) -> None:
        import numpy as np

        self.graphs = a, b
        weights = _weights(a), _weights(b)
        neurons = _neurons(a), _neurons(b)
        biased = [{k: n for k, n in each.items() if n is not None} for each in neurons]
        self.ends = [ends for ends in weights[0] if ends in weights[1]]
        self.biased = [place for place in biased[0] if place in biased[1]]
        self.weights = [np.array([w[e][1] for e in self.ends], np.intp) for w in weights]
        self.biases = [np.array([n[p] for p in self.biased], np.intp) for n in biased]
        self.names = [weights[0][ends][0] for ends in self.ends]
        self.only = _only(weights[0], neurons[0], neurons[1], weights[1])
        self.only_other = _only(weights[1], neurons[1], neurons[0], weights[0])

    def numbers(self, snapshot: Snapshot, which: int) -> Floats:
        """Return what both have, of one of them: first weights, then biases."""
        import numpy as np

        parts = (
            np.frombuffer(numbers)[places] if len(places) else np.zeros(0)
            for numbers, places in (
                (snapshot.weights, self.weights[which]),
                (snapshot.biases, self.biases[which]),
            )
        )
        return np.concatenate(list(parts))

    def name(self, place: int) -> str:
        """Say what stands at a place of `numbers`."""
        if place < len(self.ends):
            return _weight_name(self.names[place], self.ends[place])
        layer, neuron = self.biased[place - len(self.ends)]
        return f"bias of neuron {neuron} in layer {layer}"


Ends = tuple[Place, Place]


def _weights(graph: Graph) -> dict[Ends, tuple[WeightId, int]]:
    """Return the id of each weight and its place in a snapshot, by the neurons it joins."""
    return {
        (source, (layer.id, neuron.id)): (weight_id, place)
        for layer in graph.layers.values()
        for neuron in layer.neurons.values()
        for source, (weight_id, place) in zip(neuron.sources, neuron.weights.items(), strict=True)
    }


def _neurons(graph: Graph) -> dict[Place, int | None]:
    """Return the place of each bias in a snapshot, None for an input neuron, by the neuron's place."""
    first = min(graph.layers)
    return {
        (layer.id, neuron.id): None if layer.id == first else neuron.place
        for layer in graph.layers.values()
        for neuron in layer.neurons.values()
    }


def _only(
    weights: Mapping[Ends, tuple[WeightId, int]],
    neurons: Iterable[Place],
    others: Mapping[Place, object],
    other_weights: Mapping[Ends, object],
) -> list[str]:
    """Name the neurons, and the weights between neurons of both, that the others do not have."""
    names = [
        f"neuron {neuron} in layer {layer}" for layer, neuron in neurons if (layer, neuron) not in others
    ]
    return names + [
        _weight_name(weight_id, ends)
        for ends, (weight_id, _) in weights.items()
        if ends not in other_weights and ends[0] in others and ends[1] in others
    ]


def _weight_name(weight_id: WeightId, ends: Ends) -> str:
    return f"weight {weight_id} into layer {ends[1][0]}"


def _compare_snapshots(a: History, b: History) -> tuple[list[SnapshotDifference], list[str], list[str]]:
    others = set(b.snapshot_steps)
    pairing: _Pairing | None = None
    differences = []
    only: tuple[dict[str, None], dict[str, None]] = {}, {}
    for step in a.snapshot_steps:
        if step not in others:
            continue
        one, other = a.at(step), b.at(step)
        if pairing is None or pairing.graphs != (one.graph, other.graph):
            pairing = _Pairing(one.graph, other.graph)
            only[0].update(dict.fromkeys(pairing.only))
            only[1].update(dict.fromkeys(pairing.only_other))
        differences.append(_difference(one, other, pairing))
    return differences, list(only[0]), list(only[1])


def _difference(a: Snapshot, b: Snapshot, pairing: _Pairing) -> SnapshotDifference:
    import numpy as np

    x, y = pairing.numbers(a, 0), pairing.numbers(b, 1)
    differ = (x != y) & ~(np.isnan(x) & np.isnan(y))
    largest, where = 0.0, ""
    numbers: tuple[float | None, float | None] = None, None
    if differ.any():
        with np.errstate(all="ignore"):
            apart = np.nan_to_num(np.abs(x - y), nan=np.inf, posinf=np.inf)
        apart[~differ] = -1.0
        place = int(apart.argmax())
        largest, where = float(apart[place]), pairing.name(place)
        numbers = float(x[place]), float(y[place])
    return SnapshotDifference(
        step=a.step,
        difference=largest,
        where=where,
        a=numbers[0],
        b=numbers[1],
        count=int(differ.sum()),
        of=len(x),
        only_a=len(pairing.only),
        only_b=len(pairing.only_other),
    )


# what it says


def names(comparison: Comparison) -> tuple[str, str]:
    """Return what to call the two runs beside a and b: the names of their files, "" without one."""
    paths = [history.path for history in (comparison.a, comparison.b)]
    short = [path.name if path else "" for path in paths]
    if short[0] == short[1]:
        short = [str(path or "") for path in paths]
    return short[0], short[1]


def related(comparison: Comparison) -> str:
    """Say how the two runs are related."""
    steps = [f"{history.start:,}" for history in (comparison.a, comparison.b)]
    return {
        "same run": "both are the same run",
        "branch": f"b is a branch of a, from step {steps[1]} on",
        "parent": f"a is a branch of b, from step {steps[0]} on",
        "siblings": f"both are branches of one run: a from step {steps[0]}, b from step {steps[1]} on",
        "unrelated": "two runs on their own",
    }[comparison.relation]


def _report(comparison: Comparison) -> list[str]:
    lines = [
        f"{letter}: {_of_run(history, name)}"
        for letter, history, name in zip(
            "ab", (comparison.a, comparison.b), names(comparison), strict=True
        )
    ]
    lines.append(f"{related(comparison)}; {_counted(len(comparison.steps), 'step')} in common")
    lines += [*_about_loss(comparison), *_about_weights(comparison)]
    for title, pairs in (
        ("options", comparison.options),
        ("net", comparison.net),
        ("data", comparison.data),
        ("versions", comparison.versions),
    ):
        lines += _listed(title, [f"{name}: {said(x)} and {said(y)}" for name, (x, y) in pairs.items()])
    return lines


def _of_run(history: History, name: str) -> str:
    counts = [
        _counted(len(history.loss), "step"),
        _counted(len(history.snapshots), "snapshot"),
    ]
    if history.start:
        counts[0] += f" from {history.start + 1:,} on"
    last = history.epochs[-1] if history.epochs else None
    if last is not None:
        counts.append(f"loss of epoch {last.epoch}: {last.loss:.4g}")
        if last.validation_accuracy is not None:
            counts.append(f"validation {last.validation_accuracy:.2%}")
        elif last.validation_loss is not None:
            counts.append(f"validation {last.validation_loss:.4g}")
    return f"{name or 'in memory'} ({', '.join(counts)})"


def _about_loss(comparison: Comparison) -> list[str]:
    first, furthest = comparison.first_step, comparison.furthest_step
    if not comparison.steps:
        return []
    if first is None or furthest is None:
        return ["loss: the same at every step"]
    lines = [f"loss: first differs at step {first:,}", _apart(*comparison.loss_at(first))]
    if furthest != first:
        lines.append(f"  most at step {furthest:,}")
        lines.append(_apart(*comparison.loss_at(furthest)))
    return lines


def _about_weights(comparison: Comparison) -> list[str]:
    kept, first = comparison.snapshots, comparison.first_snapshot
    title = "weights and biases"
    if not kept:
        return [f"{title}: no step of which both have a snapshot"]
    if first is None:
        return [f"{title}: the same in all {_counted(len(kept), 'snapshot')} of the same steps"]
    lines = [f"{title}: first differ in the snapshot of step {first.step:,}", *_at(first)]
    if kept[-1] is not first:
        lines += [f"  in the last snapshot of both, of step {kept[-1].step:,}", *_at(kept[-1])]
    lines += _listed("only in a", comparison.only_a) + _listed("only in b", comparison.only_b)
    return lines


def _at(each: SnapshotDifference) -> list[str]:
    if each.a is None or each.b is None:
        return [f"  the {each.of:,} numbers that both have are the same"]
    return [
        f"  {each.count:,} of {each.of:,} differ, most the {each.where}",
        _apart(each.a, each.b),
    ]


def _apart(x: float, y: float) -> str:
    return f"  {x!r} and {y!r}, by {abs(x - y):.3g}"


def _listed(title: str, things: Sequence[str]) -> list[str]:
    if not things:
        return []
    more = [f"and {len(things) - SHOWN:,} more"] if len(things) > SHOWN + 1 else []
    shown = things[:SHOWN] if more else things
    return [f"{title}:", *(f"  {thing}" for thing in [*shown, *more])]


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def said(value: object) -> str:
    """Return a plain value as people write it: a formula as "adam(beta1=0.8)"."""
    if isinstance(value, dict) and "name" in value:
        settings = ", ".join(f"{k}={v}" for k, v in value.items() if k not in ("name", "own"))
        return f"{value['name']}({settings})" if settings else str(value["name"])
    if isinstance(value, (list, tuple)):
        return ", ".join(map(said, value)) or "none"
    text = "none" if value is None else str(value)
    text = text if len(text) <= 40 else f"{text[:12]}..."
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
