"""How right a net is about samples, as the command line prints it: after training and by evaluate."""

from __future__ import annotations

import string
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from slownet.checks import printable, short
from slownet.samples import as_list
from slownet.training import metrics

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from slownet.objects import Net

WIDTH = 80
MOST_CLASSES = 12  # of a table
MOST_LETTERS = 20  # of a name in it
MOST_NAMED = 5  # mistakes and classes, where there are more classes


def figures_text(net: Net, X: Any, y: Any, samples: str, is_test: bool, brief: bool = False) -> str:
    """Return how right a net is about samples, and how right one constant answer would be.

    Parameters
    ----------
    net : Net
        A net that predicts a class, or one number.
    X, y
        The samples and their targets, in the units of their table.
    samples : str
        What they are called: "rows".
    is_test : bool
        Whether they were set aside for a test.
    brief : bool
        Whether to leave out which class was taken for which.
    """
    true, predicted, labels = as_list(y, "y"), net.predict(X).tolist(), net.encoder().labels
    name = "Test {}" if is_test else "{}"
    tested = f"{len(true):,} {samples.removesuffix('s') if len(true) == 1 else samples}"
    tested += " it was not trained on" if is_test else ""
    if not labels:
        targets = net.preparation.targets if net.preparation else ()
        called, unit = (targets[0].name, targets[0].unit) if targets else ("", None)
        return _of_numbers(true, predicted, name.format("error"), called, unit, tested)
    counts = metrics.confusion(true, predicted, labels)
    lines = _of_classes(counts, labels, name.format("accuracy"), tested)
    return "\n".join(lines if brief else [*lines, *confusion_lines(counts, labels)])


def _of_numbers(
    true: list[float], predicted: list[float], name: str, called: str, unit: str | None, tested: str
) -> str:
    found, middle = metrics.r2(true, predicted), metrics.mean(true)
    r2 = f"R2 {found:.4f}" if found is not None else "R2 is undefined: all of them have the same target"
    off, mean_off = (
        metrics.mean_absolute_error(true, each) for each in (predicted, [middle] * len(true))
    )
    in_unit = f" {printable(unit)}" if unit else ""
    return (
        f"{name.capitalize()}: {printable(called) or 'the prediction'} is off by {number_text(off)}"
        f"{in_unit} on average, over {tested} ({r2})\n"
        f"(always predicting {number_text(middle)}{in_unit}, "
        f"the mean of them, is off by {number_text(mean_off)}{in_unit})"
    )


def _of_classes(
    counts: npt.NDArray[np.int64], labels: Sequence[Any], name: str, tested: str
) -> list[str]:
    total, tested_each = int(counts.sum()), counts.sum(axis=1)
    usual = int(tested_each.argmax())
    share = tested_each[usual] / total
    return [
        f"{name.capitalize()}: {counts.trace() / total:.2%} of {tested}",
        f"(always predicting {short(labels[usual])}, the most frequent of them, reaches {share:.2%})",
    ]


def number_text(number: float) -> str:
    """Return four digits of a number: "0.1235", "226,900"."""
    rounded = float(f"{number:.4g}")
    return f"{rounded:,.0f}" if 1000.0 <= abs(rounded) < 1e12 else f"{rounded:.4g}"


def confusion_lines(counts: npt.NDArray[np.int64], labels: Sequence[Any]) -> list[str]:
    """Return how often each class was predicted for each: a table, or for many classes the worst of it.

    Nothing if all predictions are right.
    """
    if counts.trace() == counts.sum():
        return []
    names = [printable(str(label)) for label in labels]
    if len(names) <= MOST_CLASSES:
        letters = list(string.ascii_lowercase[: len(names)])
        long, small = (
            [f"{letter} {_cut(name, most)}" for letter, name in zip(letters, names, strict=True)]
            for most in (MOST_LETTERS, MOST_LETTERS // 2)
        )
        for rows, columns in (names, names), (long, letters), (small, letters):
            for gap in "  ", " ":
                lines = _table(counts, rows, columns, gap)
                if max(map(len, lines)) <= WIDTH:
                    return lines
    return _worst(counts, names)


def _table(counts: npt.NDArray[np.int64], rows: list[str], columns: list[str], gap: str) -> list[str]:
    widest = max(max(map(len, columns)), len(str(counts.max())))
    first = max(len("true"), *map(len, rows))
    head = "".join(f"{gap}{name:>{widest}}" for name in columns)
    lines = [f"{'':{first}}  predicted", f"{'true':{first}}{head}  right"]
    for place, name in enumerate(rows):
        cells = "".join(f"{gap}{int(count) or '.':>{widest}}" for count in counts[place])
        lines.append(f"{name:{first}}{cells}  {_share(counts, place)}")
    return lines


def _share(counts: npt.NDArray[np.int64], place: int) -> str:
    total = int(counts[place].sum())
    return f"{counts[place, place] / total:.2%} of {total:,}" if total else "none of them"


def _worst(counts: npt.NDArray[np.int64], names: list[str]) -> list[str]:
    """Return the most frequent mistakes and the classes that are least often right, in words."""
    tested = counts.sum(axis=1)
    wrong = counts.copy()
    wrong[range(len(names)), range(len(names))] = 0
    pairs = [divmod(int(place), len(names)) for place in (-wrong).argsort(axis=None, kind="stable")]
    mistakes = [
        f"{_cut(names[true])} for {_cut(names[other])} ({wrong[true, other]:,} of {tested[true]:,})"
        for true, other in pairs[:MOST_NAMED]
        if wrong[true, other]
    ]
    shares = counts.diagonal() / tested.clip(1)
    least = [
        f"{_cut(names[place])} ({_share(counts, place)})"
        for place in shares.argsort(kind="stable").tolist()
        if 0 < tested[place] != counts[place, place]
    ]
    said = [("Most often mistaken", mistakes), ("Least often right", least[:MOST_NAMED])]
    absent = int((tested == 0).sum())
    lines = [f"{title}: {', '.join(found)}" for title, found in said if found]
    lines += [f"{absent:,} of the {len(names):,} classes are in none of them"] if absent else []
    return [part for line in lines for part in textwrap.wrap(line, WIDTH, subsequent_indent="  ")]


def _cut(name: str, most: int = MOST_LETTERS) -> str:
    return name if len(name) <= most else f"{name[: most - 3]}..."
