"""Verification of a page: it trains again and compares every number."""

from __future__ import annotations

import gzip
import json
import os
import re
import zlib
from base64 import b64decode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from slownet.checks import check_integer, check_path
from slownet.errors import (
    DivergedError,
    FormatError,
    InvalidTypeError,
    InvalidValueError,
    MissingFormulaError,
    file_errors,
)
from slownet.functions.description import from_description
from slownet.objects import Net
from slownet.page.content import FORMAT, Content
from slownet.page.encoding import Array, Grid, read
from slownet.page.initial import net_of
from slownet.page.page import assembled
from slownet.recording import History
from slownet.recording.arithmetic import check_arithmetic
from slownet.recording.json_values import integer
from slownet.training.loop import Training
from slownet.training.options import Options
from slownet.training.start import Start
from slownet.version import __version__

LARGEST = 500_000_000  # characters of a page
PARTS = {
    name: re.compile(rf'<script type="{kind}" id="{name}">([^<]*)</script>')
    for name, kind in (
        ("facts", "application/json"),
        ("payload", "text/plain"),
        ("library", "text/plain"),
    )
}
NOT_COMPARED = {  # facts that training again cannot reproduce, or that change no number
    *(("training", name) for name in ("run", "versions", "ended", "parent")),
    *(("training", "config", name) for name in ("engine", "threads", "callbacks")),
}
Json = dict[str, Any]


@dataclass
class Page:
    """The contents of a page.

    Attributes
    ----------
    facts, contents : dict
        Plain values: facts of the training, and the table of arrays.
    arrays : dict
        The numbers.
    library : str
        Plotly.js, packed.
    more : dict
        Plain values for drawing: figures and colours.
    rest : str
        The remaining text: markup, style and script.
    """

    facts: Json
    contents: dict[str, Json]
    arrays: dict[str, Array]
    library: str
    more: Json
    rest: str

    @property
    def training(self) -> Json:
        """The facts of the training."""
        training: Json = self.facts["training"]
        return training

    def check_repeatable(self, path: str | os.PathLike[str]) -> None:
        """Raise RecordingError for the page of a training of another arithmetic."""
        mark = integer(self.training.get("arithmetic", 0), f"{path}, arithmetic")
        check_arithmetic(mark, Path(path), "it plays and predicts in any browser")

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Page:
        """Read a page from its file.

        Raises
        ------
        FormatError
            If the file is not a page of slownet.
        FileError
            If it cannot be read; a MissingFileError where there is none.
        """
        try:
            with file_errors(path), check_path(path).open(encoding="utf-8", newline="") as file:
                text = file.read(LARGEST + 1)
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
            more = json.loads(found["facts"][0])
            facts, contents = more.pop("facts"), more.pop("contents")
            if facts["format"] != FORMAT:
                raise FormatError(
                    f"this page has format {facts['format']!r}, and this slownet reads {FORMAT}"
                )
            tables = facts["training"], facts["training"].get("source") or {}, contents
            if not all(isinstance(each, dict) for each in tables):
                raise FormatError("this page has no facts of its training")
            arrays = read(contents, found["payload"][0])
        except FormatError:
            raise
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise FormatError(f"the facts of this page cannot be read: {error}") from error
        for pattern in PARTS.values():
            text = pattern.sub("", text)
        return cls(facts, contents, arrays, found["library"][0], more, text)


@dataclass
class Verification:
    """The result of `verify`: true if nothing differs.

    Attributes
    ----------
    differences : list of str
        Each with its place and both values.
    notes : list of str
        What was compared, and what was not.
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
    test_data: tuple[Any, Any] | None = None,
    net: Net | None = None,
    formulas: Iterable[Any] = (),
) -> Verification:
    """Train again as a page was trained, and compare every number it holds.

    Parameters
    ----------
    path : str or path
        What `History.write_html` or `slownet animate` wrote.
    data : (X, y)
        The training data.
    watch, validation_data, test_data : (X, y), optional
        As they were given to `fit`.
    net : Net, optional
        The initial net, if no factory with a seed makes it. It is not changed.
    formulas : iterable of formulas
        The training's own ones.

    Returns
    -------
    Verification
        True or false, with what differs and where.

    Raises
    ------
    FormatError
        If it is no page of slownet.
    RecordingError
        If it is the page of a training of another arithmetic: nobody can say whether it is true.
    ValueError
        If data or a net are missing that the training needs.
    """
    page = Page.open(path)
    page.check_repeatable(path)
    if not (isinstance(data, (tuple, list)) and len(data) == 2):
        raise InvalidTypeError(f"data must be a pair (X, y), not {type(data).__name__}")
    _check_given(page, watch, validation_data, test_data, net)
    own = list(formulas)
    with _errors_as_format_error(path):
        options, stretches = _plan(page, own)
        net = _initial_net(page, own) if net is None else net.copy()
        if net.classes is None:
            net.classes = page.training["classes"]
    validates = page.training["config"]["validates"]
    options = replace(
        options,
        watch=watch,
        validation_data=validation_data if validates else None,
        test_data=test_data if page.training.get("test") else None,
    )
    try:
        history = _trained(net, data, options, stretches)
    except DivergedError as error:
        return Verification([f"config or data: {error}"])
    with _errors_as_format_error(path):
        return _compared(page, history)


def _check_given(
    page: Page, watch: object, validation_data: object, test_data: object, net: Net | None
) -> None:
    training, config = page.training, page.training.get("config")
    missing = ""
    if training.get("parent"):
        raise InvalidValueError("this page shows a branch of another training: verify that one")
    if not isinstance(config, dict):
        raise FormatError("this page does not say how its net was trained")
    if config.get("validates") and validation_data is None:
        missing = "this training was validated: give validation_data=(X, y) as before"
    if training.get("test") and test_data is None:
        missing = "the net of this training was tested: give test_data=(X, y) as before"
    if page.facts.get("samples") and watch is None:
        missing = "this training watched samples: give watch=(X, y) as before"
    if training.get("initial") is None and net is None:
        missing = "no factory with a seed makes the initial net of this training: give it as net=..."
    if config.get("steps_before") and (net is None or net.optimizer_state is None):
        missing = "this training went on with an optimizer: give a net=... that has its optimizer_state"
    if missing:
        raise InvalidValueError(missing)


@contextmanager
def _errors_as_format_error(path: str | os.PathLike[str]) -> Iterator[None]:
    try:
        yield
    except MissingFormulaError:
        raise
    except (AttributeError, LookupError, TypeError, ValueError, ArithmeticError) as error:
        raise FormatError(f"{path}: its training cannot be repeated: {error}") from error


def _plan(page: Page, formulas: list[Any]) -> tuple[Options, list[tuple[int, int]]]:
    """Return the options, and the stretches of the training: (last step, epochs)."""
    training, config = page.training, page.training["config"]
    options = Options.of(config, formulas, source=training["source"], engine="auto", threads=1)
    loss = from_description("loss", config["loss"], formulas)
    options = replace(options, loss=loss, warm_start=bool(config["steps_before"]))
    stretches = [*config.get("earlier", ()), (training["last"], config["epochs"])]
    return options, [
        (check_integer("last", last, minimum=0), check_integer("epochs", epochs, minimum=1))
        for last, epochs in stretches
    ]


def _trained(net: Net, data: Any, options: Options, stretches: list[tuple[int, int]]) -> History:
    """Train to the last step of a page, resumed wherever the training was."""
    start, earlier = None, []
    for last, epochs in stretches:
        training = Training(net, data[0], data[1], replace(options, epochs=epochs), start)
        if start is not None:
            training.history.config |= {"epochs": epochs, "earlier": list(earlier)}
        history = training.run(last)
        start = Start(history.snapshots[-1], history)
        net = start.snapshot.restore()
        earlier.append([history.last_step, epochs])
    return history


def _initial_net(page: Page, formulas: list[Any]) -> Net:
    layers = page.training["initial"]
    sizes = [len(layer["neurons"]) for layer in page.facts["layers"]]
    if any(each["size"] > size for each, size in zip(layers, sizes, strict=True)):
        raise InvalidValueError(f"its initial net has more neurons than the {sizes} of the page")
    return net_of(layers, page.training["seed"], formulas)


def _compared(page: Page, history: History) -> Verification:
    found = Verification()
    facts, precision = page.facts, page.facts["precision"]
    grids = {
        int(name.split()[1]): Grid(about["digits"], about["parts"])
        for name, about in page.contents.items()
        if name.startswith("weights ") and about["kind"] == "rounded"
    }
    last = page.training["steps"][-1]
    history.snapshots = [each for each in history.snapshots if each.step <= last]
    content = Content(history, precision["exact"], title=facts["title"], grids=grids or None)
    mine = Page.parse(assembled(content))
    if page.training.get("rates") is None:  # the writer did not have the schedule's formula
        mine.training["rates"] = None
    _compare_facts(facts, mine.facts, found)
    _compare_arrays(page, mine, found)
    for name in sorted(page.more.keys() | mine.more.keys()):
        if _as_text(page.more.get(name)) != _as_text(mine.more.get(name)):
            found.differences.append(f"its {name} are not those that slownet draws")
    count = sum(array.size for array in page.arrays.values())
    found.notes.append(f"{count:,} numbers of {facts['frames']:,} snapshots were compared.")
    theirs, ours = page.training["versions"], mine.training["versions"]
    if theirs.get("slownet") != __version__:
        found.notes.append(
            f"It was written by slownet {theirs.get('slownet')}, this is {__version__}: its script was "
            "not compared."
        )
    elif page.rest != mine.rest:
        found.differences.append("its markup, style or script is not the one that slownet writes")
    if theirs.get("plotly") != ours["plotly"]:
        found.notes.append(
            f"It holds plotly {theirs.get('plotly')}, here is {ours['plotly']}: that was not compared."
        )
    elif not _same_library(page.library, mine.library):
        found.differences.append("its plotly.js is not the one of plotly")
    callbacks = page.training["config"]["callbacks"]
    if callbacks and found.differences:
        found.notes.append(f"It was trained with callbacks, and now without: {', '.join(callbacks)}.")
    return found


def _as_text(thing: object) -> str:
    """Return plain values as text, with 9 digits: log10 may differ in the last bit between machines."""
    plain = json.dumps(thing, sort_keys=True)
    return json.dumps(json.loads(plain, parse_float=lambda text: f"{float(text):.9g}"))


def _same_library(theirs: str, ours: str) -> bool:
    """Whether two packed texts hold the same."""
    if theirs == ours:
        return True
    unpacked = gzip.decompress(b64decode(ours))
    try:
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        return inflater.decompress(b64decode(theirs), len(unpacked) + 1) == unpacked
    except (ValueError, zlib.error):
        return False


def _compare_facts(theirs: Any, mine: Any, found: Verification, way: tuple[str, ...] = ()) -> None:
    """Compare facts; note each that differs with its path."""
    if way in NOT_COMPARED:
        return
    if isinstance(theirs, dict) and isinstance(mine, dict):
        for name in sorted(theirs.keys() | mine.keys()):
            _compare_facts(theirs.get(name), mine.get(name), found, (*way, name))
    elif theirs != mine:
        found.differences.append(
            f"it says {' '.join(way)} is {_brief(theirs)}, and training gives {_brief(mine)}"
        )


def _compare_arrays(page: Page, mine: Page, found: Verification) -> None:
    for name in sorted(page.arrays.keys() | mine.arrays.keys()):
        one, other = page.arrays.get(name), mine.arrays.get(name)
        if one is None or other is None or (one.shape, one.dtype) != (other.shape, other.dtype):
            found.differences.append(f"{name}: there are other numbers of it")
            continue
        bits = f"u{one.itemsize}"  # nan is nan, and -0 is not 0
        apart = np.argwhere(one.view(bits) != other.view(bits))
        if len(apart):
            place = tuple(map(int, apart[0]))
            where = f"snapshot {place[0]}, number {place[1]}" if len(place) > 1 else f"number {place[0]}"
            count = len(apart)
            found.differences.append(
                f"{name}, {where}: {one[place]!r} in the page, and training gives {other[place]!r}"
                + (f" ({count:,} numbers of it differ)" if count > 1 else "")
            )


def _brief(thing: object) -> str:
    text = json.dumps(thing)
    return text if len(text) <= 200 else text[:199] + "…"
