"""The text of a comparison: what `print(comparison)` shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from slownet.checks import printable
from slownet.recording.history import History
from slownet.recording.measures import test_text, training_text, validation_text
from slownet.recording.snapshot_difference import SnapshotDifference

if TYPE_CHECKING:
    from slownet.recording.comparison import Comparison

MOST_NAMED = 4  # neurons and weights in a list


def names(comparison: Comparison) -> tuple[str, str]:
    """Return the names of the files of the two runs, "" for a run without one."""
    a, b = (
        printable(history.path.name) if history.path else "" for history in (comparison.a, comparison.b)
    )
    return a, b


def relation_text(comparison: Comparison) -> str:
    """Return how the two runs are related, in words."""
    steps = [f"{history.start:,}" for history in (comparison.a, comparison.b)]
    return {
        "same run": "both are the same run",
        "branch": f"b is a branch of a, from step {steps[1]} on",
        "parent": f"a is a branch of b, from step {steps[0]} on",
        "siblings": f"both are branches of one run: a from step {steps[0]}, b from step {steps[1]} on",
        "unrelated": "two runs on their own",
    }[comparison.relation]


def report(comparison: Comparison) -> list[str]:
    """Return the lines of the summary that `print(comparison)` shows."""
    lines = []
    for letter, history, name in zip("ab", (comparison.a, comparison.b), names(comparison), strict=True):
        lines += [f"{letter}: {_run_text(history, name)}", *(f"  {one}" for one in _figures(history))]
    lines.append(f"{relation_text(comparison)}; {_counted(len(comparison.steps), 'step')} in common")
    lines += [*_about_loss(comparison), *_about_weights(comparison)]
    for title, pairs in (
        ("options", comparison.options),
        ("net", comparison.net),
        ("data", comparison.data),
        ("versions", comparison.versions),
    ):
        lines += _listed(
            title, [f"{name}: {as_text(x)} and {as_text(y)}" for name, (x, y) in pairs.items()]
        )
    return lines


def _run_text(history: History, name: str) -> str:
    counts = [
        _counted(len(history.loss), "step"),
        _counted(len(history.snapshots), "snapshot"),
    ]
    if history.start:
        counts[0] += f" from {history.start + 1:,} on"
    return f"{name or 'in memory'} ({', '.join(counts)})"


def _figures(history: History) -> list[str]:
    """Return the training, validation and test figures at the end of a run."""
    figures = [test_text(history)]
    if history.epochs:
        last = history.epochs[-1]
        epoch = training_text(history, last), validation_text(history, last)
        figures.insert(0, f"epoch {last.epoch}: {'; '.join(filter(None, epoch))}")
    return [figure for figure in figures if figure]


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
    more = [f"and {len(things) - MOST_NAMED:,} more"] if len(things) > MOST_NAMED + 1 else []
    named = things[:MOST_NAMED] if more else things
    return [f"{title}:", *(f"  {thing}" for thing in [*named, *more])]


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def as_text(value: object) -> str:
    """Return the text of a plain value: a formula as "adam(beta1=0.8)"."""
    if isinstance(value, dict) and "name" in value:
        settings = ", ".join(f"{k}={v}" for k, v in value.items() if k not in ("name", "own"))
        return f"{value['name']}({settings})" if settings else str(value["name"])
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(each, (list, tuple)) and len(each) == 2 for each in value):
            return ", ".join(f"{as_text(key)}: {as_text(each)}" for key, each in value)
        return ", ".join(map(as_text, value)) or "none"
    text = "none" if value is None else str(value)
    text = text if len(text) <= 40 else f"{text[:12]}..."
    return printable(text)
