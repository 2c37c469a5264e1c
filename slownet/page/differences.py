"""Differences between a page and the one that its training gives: numbers, facts, and all other text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from slownet.checks import printable
from slownet.engines import ENGINES
from slownet.page.encoding import Array
from slownet.page.languages import title_of
from slownet.page.reading import Page
from slownet.page.verdict import Verification
from slownet.version import __version__

Way = tuple[str, ...]  # keys of a fact, from the outermost on
UNKNOWN_ENDS = ("interrupted", "failed", None)  # from outside, or by an error: no training repeats them
ENDINGS = ("finished", "stopped", "diverged", *UNKNOWN_ENDS)
VERSIONS = ("python", "platform", "slownet", "numpy", "numba")
SHOWN = {  # what a page shows of samples that do not change the net: beginnings of differences
    "watch": ("it says watched is", "it says samples", "samples", "pixels", "targets", "watch "),
    "test_data": ("it says training test",),
}
NET = ("weights", "biases", "loss training", "digests", "it says recipe")
NONE = object()  # in place of a fact that is not there


@dataclass(frozen=True)
class Given:
    """What a verification has been given from somewhere else than the page.

    Attributes
    ----------
    source, callbacks : bool
        Whether it was given the source of the data, and the callbacks.
    unseen : list
        Class labels of the page that no sample has.
    columns : int
        Of how many columns the data do not tell their names and how they were prepared.
    held : bool
        Whether the training data are those that the page holds.
    begun : bool
        Whether the first net is the one that the page holds.
    """

    source: bool
    callbacks: bool
    unseen: list[Any]
    columns: int = 0
    held: bool = False
    begun: bool = False


def compare(page: Page, mine: Page, given: Given) -> Verification:
    """Compare a page with `mine`, the one that its training gives."""
    return _Comparison(page, mine, given).result()


class _Comparison:
    """Compares two pages."""

    def __init__(self, page: Page, mine: Page, given: Given) -> None:
        self.page, self.mine, self.found = page, mine, Verification()
        self.version = str(page.training["versions"].get("slownet"))
        self.other_version = self.version != __version__
        self.makers = [f"the name of class {shown(each)}" for each in given.unseen]
        if given.columns:
            self.makers.append(f"how its {given.columns:,} columns are called and prepared")
        if page.experiment:
            self.makers.append(f"the experiment that it opens with, {shown(page.experiment)}")
        if given.held:
            self.makers.append("where its data are from: those that it holds were used")
        if given.begun:
            self.makers.append("where its first weights are from: those that it holds were used")
        self.declared: dict[Way, Callable[[Any], bool]] = {  # facts that only the maker of a page knows
            ("title",): lambda value: _text(value) == _text(mine.facts["title"]),
            ("words",): lambda value: _text(value) == _text(mine.facts["words"]),
            ("training", "run"): lambda value: bool(re.fullmatch('"[0-9a-f]{32}"', _text(value))),
            ("training", "versions"): _are_versions,
            ("training", "config", "engine"): lambda value: value in ENGINES,
            ("training", "config", "threads"): _is_number_of_threads,
        }
        if not given.source:
            self.declared["training", "source"] = lambda value: value is None or isinstance(value, dict)
        self.lists_callbacks = bool(page.training["config"].get("callbacks")) and not given.callbacks
        if self.lists_callbacks:
            self.declared["training", "config", "callbacks"] = _are_texts

    def result(self) -> Verification:
        """Compare all parts."""
        page, mine, found = self.page, self.mine, self.found
        self._compare_facts(page.facts, mine.facts, ())
        self._compare_arrays()
        found.others += self._other_parts()
        count = sum(array.size for array in page.arrays.values())
        found.notes.append(self._compared(count))
        if found:
            found.notes.append(
                f"The rest of the page is as slownet {__version__} writes it, character by character."
            )
        found.notes += self._other_samples()
        if self.makers:
            found.notes.append(f"Only its maker knows, and nothing confirms: {', '.join(self.makers)}.")
        if self.lists_callbacks and found.differences:
            names = shown(page.training["config"]["callbacks"])
            found.notes.append(
                f"It was trained with callbacks, and now without: {names}; give them as callbacks=..."
            )
        return found

    def _compared(self, count: int) -> str:
        facts = self.mine.facts
        if facts["frames"]:
            return f"{count:,} numbers of {facts['frames']:,} snapshots were compared."
        digests = facts["recipe"]["digests"]
        steps = digests["steps"] - digests["start"]
        return (
            f"It trains itself: the losses of {steps:,} steps, the digests of "
            f"{len(digests['states']):,} states, and {count:,} numbers that it holds were compared."
        )

    # facts

    def _compare_facts(self, theirs: Any, mine: Any, way: Way) -> None:
        """Compare facts; note each that differs with its place."""
        if way == ("training", "ended"):
            self._compare_ends(theirs, mine)
        elif way in self.declared:
            self._check_declared(theirs, way)
        elif isinstance(theirs, dict) and isinstance(mine, dict):
            for name in {**theirs, **mine}:
                self._compare_facts(theirs.get(name, NONE), mine.get(name, NONE), (*way, name))
            if [name for name in theirs if name in mine] != [name for name in mine if name in theirs]:
                self._differ(way, list(theirs), list(mine))
        elif isinstance(theirs, list) and isinstance(mine, list):
            for place, (one, other) in enumerate(zip_longest(theirs, mine, fillvalue=NONE)):
                if _text(one) != _text(other):
                    self._differ((*way, str(place)), one, other)
                    break
        elif self.other_version and NONE in (theirs, mine):
            self.found.others.append(
                f"{_safe(' '.join(way))}: only one of the two versions has this fact"
            )
        elif _text(theirs) != _text(mine):
            self._differ(way, theirs, mine)

    def _differ(self, way: Way, theirs: Any, mine: Any) -> None:
        self.found.differences.append(
            f"it says {_safe(' '.join(way))} is {shown(theirs)}, and training gives {shown(mine)}"
        )

    def _check_declared(self, value: Any, way: Way) -> None:
        """Note what only the maker knows; it differs if slownet could not have written it."""
        if not self.declared[way](value):
            self.found.differences.append(
                f"it says {' '.join(way)} is {shown(value)}, which slownet does not write"
            )
        elif way == ("training", "versions"):
            others = [name for name in value if name != "slownet"]
            self.makers += [f"{name} {_safe(value[name])}" for name in others]
        elif way == ("words",):
            texts = value.get("texts", {})
            known = {name: each for name, each in value.items() if name != "texts"}
            self.makers += [f"{name} {shown(each)}" for name, each in known.items()]
            self.makers += [f"{len(texts):,} of the page's texts"] * bool(texts)
        elif value is not None and value != self._standard_title:
            self.makers.append(f"{way[-1]} {shown(value)}")

    @property
    def _standard_title(self) -> str:
        facts = self.mine.facts
        return title_of(facts["words"], "-".join(str(len(each["neurons"])) for each in facts["layers"]))

    def _compare_ends(self, theirs: Any, mine: Any) -> None:
        """Compare how training ended; `mine` was interrupted after the last step of the page."""
        is_possible = theirs == mine or theirs is None
        if mine == "interrupted" or self.lists_callbacks:
            is_possible |= theirs in UNKNOWN_ENDS
        if mine == "interrupted" and self.lists_callbacks:
            is_possible |= theirs == "stopped"
        if theirs not in ENDINGS or not is_possible:
            self._differ(("training", "ended"), theirs, mine)
        elif theirs != mine or theirs == "interrupted":
            self.makers.append(f"ended {shown(theirs)}")

    def _other_samples(self) -> Iterator[str]:
        """Yield which samples were given that are not those of the page, where the net is the same."""
        found = self.found.differences
        if not any(each.startswith(NET) for each in found):
            for name, beginnings in SHOWN.items():
                if any(each.startswith(beginnings) for each in found):
                    yield (
                        f"The net is the same, and {name} is not what the page shows: "
                        f"give {name}=(X, y) as it was given to `fit`."
                    )

    # numbers

    def _compare_arrays(self) -> None:
        page, mine, found = self.page, self.mine, self.found
        for name in {**page.arrays, **mine.arrays}:
            one, other = page.arrays.get(name), mine.arrays.get(name)
            if self.other_version and (one is None or other is None):
                found.others.append(f"{_safe(name)}: only one of the two versions has these numbers")
            elif one is None or other is None or (one.shape, one.dtype) != (other.shape, other.dtype):
                found.differences.append(f"{_safe(name)}: there are other numbers of it")
            elif text := _array_difference(one, other):
                found.differences.append(f"{_safe(name)}, {text}")
            elif not self.other_version and _text(page.contents[name]) != _text(mine.contents[name]):
                found.differences.append(f"{_safe(name)}: its numbers are stored in another way")
        if not (found.differences or self.other_version) and list(page.arrays) != list(mine.arrays):
            found.differences.append("its arrays stand in another order")

    # all the rest

    def _other_parts(self) -> Iterator[str]:
        """Yield in what the page around the numbers is not that of this slownet."""
        page, mine = self.page, self.mine
        if self.other_version:
            yield (
                f"it was written by slownet {_safe(self.version)}, and this is {__version__}: its "
                "markup, style and script were not compared"
            )
        elif page.rest != mine.rest:
            pairs = enumerate(zip(page.rest, mine.rest, strict=False))
            shorter = min(len(page.rest), len(mine.rest))
            place = next((place for place, (one, other) in pairs if one != other), shorter)
            theirs, ours = (each.rest[place : place + 40] for each in (page, mine))
            yield (
                "its markup, style or script is not that of slownet: it has "
                f"{shown(theirs)} where slownet writes {shown(ours)}"
            )
        for name in {**page.more, **mine.more}:
            if _text(page.more.get(name, NONE)) != _text(mine.more.get(name, NONE)):
                yield f"its {_safe(name)} are not those that this slownet draws"
        if list(page.more) != list(mine.more):
            yield "its facts stand in another order"


def _are_versions(value: Any) -> bool:
    names = [name for name in VERSIONS if name in value]
    return list(value) == names and _are_texts(list(value.values()))


def _is_number_of_threads(value: Any) -> bool:
    return value == "auto" or (type(value) is int and value > 0)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def shown(value: object) -> str:
    """Return the text of a value for a message."""
    return "nothing" if value is NONE else _safe(json.dumps(value, ensure_ascii=False))


def _safe(text: str) -> str:
    """Return a text from a page for a terminal: short, and with control characters escaped."""
    return printable(text[:200]) + "…" * (len(text) > 200)


def _text(value: object) -> str:
    """Return a value as JSON, which tells true, 1 and 1.0 apart."""
    return "nothing" if value is NONE else json.dumps(value)


def _array_difference(one: Array, other: Array) -> str:
    """Return where two arrays of one shape first differ, "" if they do not."""
    bits = f"u{one.itemsize}"  # nan is nan, and -0 is not 0
    apart = np.argwhere(one.view(bits) != other.view(bits))
    if not len(apart):
        return ""
    place, count = tuple(map(int, apart[0])), len(apart)
    where = f"snapshot {place[0]}, number {place[1]}" if len(place) > 1 else f"number {place[0]}"
    more = f" ({count:,} numbers of it differ)" if count > 1 else ""
    theirs, mine = one[place].item(), other[place].item()
    return f"{where}: {theirs!r} in the page, and training gives {mine!r}{more}"
