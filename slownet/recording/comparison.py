"""The comparison of two runs: where they first differ, and by how much."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

from slownet.checks import short
from slownet.errors import InvalidTypeError
from slownet.functions.description import describe
from slownet.recording.comparison_report import report
from slownet.recording.history import History
from slownet.recording.opened_once import opened_once
from slownet.recording.snapshot_difference import SnapshotDifference, compare_snapshots

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from slownet.datasets.tables.columns import Column, Target
    from slownet.samples import Preparation

Pairs = dict[str, tuple[Any, Any]]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The comparison of two runs. Numbers are the same if they are equal (`==`).

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
        One for each step of which both have a snapshot.
    first_snapshot : SnapshotDifference or None
        The first of them that differs.
    only_a, only_b : list of str
        The neurons, and the weights between neurons of both, that only one of them has in these
        snapshots.
    options, net, data, versions : dict
        The differences in the options, the nets, the data and the versions of packages:
        {name: (in a, in b)}.

    Examples
    --------
    >>> import slownet
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> slow = slownet.NetFactory([2, 3, 1], seed=0).new().fit(X, y, learning_rate=0.01)
    >>> fast = slownet.NetFactory([2, 3, 1], seed=0).new().fit(X, y, learning_rate=0.1)
    >>> comparison = slownet.compare(slow, fast)
    >>> comparison.same, comparison.options
    (False, {'learning_rate': (0.01, 0.1)})
    >>> comparison.loss_at(1)
    (0.75930867097008, 0.75930867097008)
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
        return "\n".join(report(self))

    def _repr_html_(self) -> str:
        rows = "\n".join(escape(line) for line in report(self))
        return f'<pre style="max-width:100%;overflow-x:auto">{rows}</pre>'


@opened_once()
def compare(a: History | str | os.PathLike[str], b: History | str | os.PathLike[str]) -> Comparison:
    """Find where two runs first differ, and by how much.

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
    FileError, FormatError
        If a file cannot be read, or is damaged or no run file.

    Examples
    --------
    >>> import slownet
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> slow = slownet.NetFactory([2, 3, 1], seed=0).new().fit(X, y, learning_rate=0.01)
    >>> fast = slownet.NetFactory([2, 3, 1], seed=0).new().fit(X, y, learning_rate=0.1)
    >>> slownet.compare(slow, fast).first_step
    2
    """
    first, second = _opened("a", a), _opened("b", b)
    steps = range(max(first.start, second.start) + 1, min(first.last_step, second.last_step) + 1)
    losses = [
        history.loss[steps.start - history.start - 1 : max(steps.stop, steps.start) - history.start - 1]
        for history in (first, second)
    ]
    changes = (step for step, x, y in zip(steps, *losses, strict=True) if not _alike(x, y))
    snapshots, only_a, only_b = compare_snapshots(first, second)
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
        versions=_different(_versions(first), _versions(second), both=True),
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


def _versions(history: History) -> dict[str, Any]:
    return {"arithmetic": history.arithmetic, **history.versions}


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
        **_prepared(graph.preparation),
    }


def _prepared(preparation: Preparation | None) -> dict[str, Any]:
    """Return what a net makes of each column of its table, and of its targets."""
    if preparation is None:
        return {}
    columns = {
        f"column {short(column.name)}": [column.kind, *column.categories, *_settings(column)]
        for column in preparation.columns
    }
    targets = {f"target {short(target.name)}": _settings(target) for target in preparation.targets}
    return columns | targets


def _settings(part: Column | Target) -> list[str]:
    known = part.plain()
    return [f"{name} {known[name]}" for name in ("centre", "scale", "fill") if name in known]
