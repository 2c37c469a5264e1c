"""Whether a page is true: the training is done again, and every number of the page compared."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from slownet.errors import FileError, FormatError, InvalidValueError, MissingFileError
from slownet.functions.description import from_description
from slownet.layers import Dense, Input
from slownet.objects import Net, NetFactory
from slownet.plotting.player.content import FORMAT, Content
from slownet.plotting.player.encoding import Array, Grid, read
from slownet.plotting.player.page import assembled
from slownet.recording import History
from slownet.training.fitting import Training
from slownet.training.options import Options
from slownet.version import __version__

LARGEST = 500_000_000  # characters of a page
PARTS = {
    name: re.compile(rf'<script type="{kind}" id="{name}">([^<]*)</script>')
    for name, kind in (("facts", "application/json"), ("payload", "text/plain"))
}
LIBRARY = re.compile(r'<script type="text/plain" id="library">[^<]*</script>')
OF_ITSELF = ("run", "versions", "ended", "parent")  # what a page says that no training can give again
Json = dict[str, Any]


@dataclass
class Page:
    """What stands in the file of a player.

    Attributes
    ----------
    facts, contents : dict
        Plain values: what is said of the training, and what numbers there are.
    arrays : dict
        The numbers.
    rest : str
        All else, without plotly.js: markup, style and script.
    """

    facts: Json
    contents: dict[str, Json]
    arrays: dict[str, Array]
    rest: str

    @property
    def training(self) -> Json:
        """How it was trained."""
        training: Json = self.facts["training"]
        return training

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Page:
        """Read the file of a player.

        Raises
        ------
        FormatError
            If it is none.
        OSError
            If it cannot be read.
        """
        try:
            with Path(path).open(encoding="utf-8") as file:
                text = file.read(LARGEST + 1)
        except FileNotFoundError as error:
            raise MissingFileError(error.errno, "No such file", str(path)) from error
        except OSError as error:
            raise FileError(error.errno, error.strerror, str(path)) from error
        except UnicodeDecodeError as error:
            raise FormatError(f"{path} is no page of slownet: it is not text") from error
        try:
            return cls.parse(text)
        except FormatError as error:
            raise FormatError(f"{path}: {error}") from error

    @classmethod
    def parse(cls, text: str) -> Page:
        """Read the text of a page."""
        found = {name: pattern.findall(text) for name, pattern in PARTS.items()}
        if len(text) > LARGEST or any(len(each) != 1 for each in found.values()):
            raise FormatError("this is no page that slownet has written")
        try:
            known = json.loads(found["facts"][0])
            facts, contents = known["facts"], known["contents"]
            if facts["format"] != FORMAT:
                raise FormatError(
                    f"this page has format {facts['format']!r}, and this slownet reads {FORMAT}"
                )
            if not (isinstance(facts["training"], dict) and isinstance(contents, dict)):
                raise FormatError("this page says nothing of its training")
            page = cls(facts, contents, read(contents, found["payload"][0]), text)
        except FormatError:
            raise
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise FormatError(f"what this page says of itself cannot be read: {error}") from error
        for pattern in (*PARTS.values(), LIBRARY):
            page.rest = pattern.sub("", page.rest)
        return page


@dataclass
class Verification:
    """What came out: true if nothing differs.

    Attributes
    ----------
    differences : list of str
        What differs, each with where and by how much.
    notes : list of str
        What was compared, and what could not be.
    """

    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return not self.differences

    def __str__(self) -> str:
        verdict = "True: training again gives every number of this page."
        if self.differences:
            verdict = "Not true: training again does not give this page."
        return "\n".join([verdict, *(f"- {each}" for each in self.differences), *self.notes])


def verify(
    path: str | os.PathLike[str],
    data: tuple[Any, Any],
    watch: tuple[Any, Any] | None = None,
    validation_data: tuple[Any, Any] | None = None,
    net: Net | None = None,
    formulas: Iterable[Any] = (),
) -> Verification:
    """Train again as a page says it was trained, and compare every number it holds.

    Parameters
    ----------
    path : str or path
        What `History.write_html` or `slownet animate` wrote.
    data : (X, y)
        What the training learned from.
    watch, validation_data : (X, y), optional
        As `fit` had them.
    net : Net, optional
        As it was before the first step, if a factory with a seed cannot make it. It is not changed.
    formulas : iterable of formulas
        Your own ones that the training used.

    Returns
    -------
    Verification
        True or false, and it says what differs and where.

    Raises
    ------
    FormatError
        If it is no page of slownet.
    ValueError
        If something is missing that the training needs.
    """
    page = Page.open(path)
    try:
        history = _trained(page, data, watch, validation_data, net, list(formulas))
    except (KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"{path}: nothing can be trained like this: {error}") from error
    return _compared(page, history)


def _trained(
    page: Page, data: Any, watch: Any, validation_data: Any, net: Net | None, formulas: list[Any]
) -> History:
    training = page.training
    config, steps = training["config"], [int(step) for step in training["steps"]]
    if training.get("parent"):
        raise InvalidValueError("this page shows a branch of another training: verify that one")
    net = _beginning(page, formulas) if net is None else net.copy()
    net.classes = training["classes"]
    if config.get("validates") and validation_data is None:
        raise InvalidValueError("this training was validated: give validation_data=(X, y) as before")
    options = Options.of(
        config,
        formulas,
        watch=watch,
        validation_data=validation_data if config.get("validates") else None,
        source=training.get("source"),
        snapshots=config["snapshots"],
    )
    options = replace(options, loss=from_description("loss", config["loss"], formulas), engine="auto")
    whole = Training(net, data[0], data[1], options)
    last = steps[-1] if steps else 0
    planned = whole.snapshot_steps
    whole.snapshot_steps = {step for step in planned if step <= last} | set(steps)
    history = whole.run()
    history.snapshots = [each for each in history.snapshots if each.step in set(steps)]
    del history.loss[last:], history.accuracy[last:]
    return history


def _beginning(page: Page, formulas: list[Any]) -> Net:
    """Build the net that a training began with."""
    begins = page.training["begins"]
    if begins is None:
        raise InvalidValueError(
            "no factory with a seed makes the net that this training began with: give it as net=..."
        )
    layers = [
        Dense(
            each["size"],
            from_description("activation", each["activation"], formulas),
            each["initializer"],
            each["bias"],
        )
        for each in begins[1:]
    ]
    return NetFactory(layers=[Input(begins[0]["size"]), *layers], seed=page.training["seed"]).new()


def _compared(page: Page, history: History) -> Verification:
    found = Verification()
    grids = {
        int(name.split()[1]): Grid(int(about["digits"]), int(about["parts"]))
        for name, about in page.contents.items()
        if name.startswith("weights ") and about["kind"] == "rounded"
    }
    exact = bool(page.facts["precision"]["exact"])
    content = Content(history, exact, None, page.facts["title"], grids or None)
    content.facts["precision"]["bits"] = page.facts["precision"].get("bits")
    mine = Page.parse(assembled(content))
    _compare_facts(page.facts, mine.facts, found)
    _compare_arrays(page, mine, found)
    count = sum(array.size for array in page.arrays.values())
    frames = page.facts["frames"]
    found.notes.append(f"{count:,} numbers of {frames:,} snapshots were compared.")
    theirs = (page.training.get("versions") or {}).get("slownet")
    if theirs != __version__:
        found.notes.append(
            f"It was written by slownet {theirs}, this is {__version__}: its script was not compared."
        )
    elif page.rest != mine.rest:
        found.differences.append("its markup, style or script is not the one that slownet writes")
    return found


def _compare_facts(theirs: Json, mine: Json, found: Verification) -> None:
    for name in sorted(theirs.keys() | mine.keys()):
        if name == "training":
            _compare_training(theirs[name], mine[name], found)
        elif theirs.get(name) != mine.get(name):
            said, given = _brief(theirs.get(name)), _brief(mine.get(name))
            found.differences.append(f"it says {name} is {said}, and training gives {given}")


def _compare_training(theirs: Json, mine: Json, found: Verification) -> None:
    known: Any
    again: Any
    for name in sorted((theirs.keys() | mine.keys()) - set(OF_ITSELF)):
        if name == "config":
            skipped = {"engine", "threads", "callbacks", "earlier"}
            known = {key: value for key, value in theirs[name].items() if key not in skipped}
            again = {key: value for key, value in mine[name].items() if key not in skipped}
        elif name == "data":
            again = mine[name]
            known = {key: value for key, value in theirs[name].items() if key in again}
        else:
            known, again = theirs.get(name), mine.get(name)
        if known != again:
            found.differences.append(f"{name}: {_brief(known)}, and training again has {_brief(again)}")


def _compare_arrays(page: Page, mine: Page, found: Verification) -> None:
    for name in page.arrays.keys() | mine.arrays.keys():
        one, other = page.arrays.get(name), mine.arrays.get(name)
        if one is None or other is None or one.shape != other.shape:
            found.differences.append(f"{name}: there are other numbers of it")
            continue
        # as bits: nan is nan, and -0 is not 0
        apart = np.argwhere(
            one.view(np.uint8).reshape(*one.shape, -1) != other.view(np.uint8).reshape(*other.shape, -1)
        )
        if len(apart):
            place = tuple(int(k) for k in apart[0][:-1])
            where = f"snapshot {place[0]}, number {place[1]}" if len(place) > 1 else f"number {place[0]}"
            count = len(np.unique(apart[:, :-1], axis=0))
            found.differences.append(
                f"{name}, {where}: {one[place]!r} in the page, and training gives {other[place]!r}"
                + (f" ({count:,} numbers of it differ)" if count > 1 else "")
            )


def _brief(thing: object) -> str:
    text = json.dumps(thing)
    return text if len(text) <= 200 else text[:199] + "…"
