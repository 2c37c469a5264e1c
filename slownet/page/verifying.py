"""Verification of a page: it trains again and compares every number."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from operator import length_hint
from typing import Any

from slownet.checks import check_type
from slownet.errors import (
    DivergedError,
    FormatError,
    InvalidValueError,
    MissingFormulaError,
    RecordingError,
)
from slownet.functions.description import from_description
from slownet.objects import Net
from slownet.page.bounds import check_bounds, check_sizes
from slownet.page.content import Content
from slownet.page.differences import Given, compare
from slownet.page.encoding import Grid
from slownet.page.first_net import has_first_net, net_of_arrays
from slownet.page.initial import net_of
from slownet.page.page import assembled
from slownet.page.planning import Plan
from slownet.page.preparation import is_made_of, preparation_from
from slownet.page.reading import Page
from slownet.page.rows import PAIRS, read_pairs
from slownet.page.verdict import Verification
from slownet.page.wording import OwnWords
from slownet.recording import History
from slownet.recording.json_values import integer
from slownet.samples import Preparation, as_list
from slownet.training.data import check_weighted, data_parts
from slownet.training.loop import Training
from slownet.training.options import MOST, Options
from slownet.training.splitting import training_rows
from slownet.training.start import Start


def verify(
    path: str | os.PathLike[str],
    data: tuple[Any, ...] | None = None,
    watch: tuple[Any, Any] | None = None,
    validation_data: tuple[Any, ...] | None = None,
    test_data: tuple[Any, Any] | None = None,
    net: Net | None = None,
    formulas: Iterable[Any] = (),
    callbacks: Any = (),
    source: dict[str, Any] | None = None,
    prepare: str | Preparation | None = None,
) -> Verification:
    """Train again as a page was trained, and compare all that it holds.

    Every number and fact is compared with what training gives, and every other character of the page
    with what this slownet writes. What only the maker of a page knows, such as its title, is named in
    the verdict.

    Parameters
    ----------
    path : str or path
        What `History.write_html` or `slownet animate` wrote.
    data : (X, y) or (X, y, sample_weight), optional
        The training data, where the page does not hold all of them.
    watch, validation_data, test_data : (X, y), optional
        As they were given to `fit`; the same.
    net : Net, optional
        The initial net, if no factory with a seed makes it. It is not changed.
    formulas : iterable of formulas
        The training's own ones.
    callbacks : Callback or iterable of callbacks
        As they were given to `fit`. Without them, a training that they changed does not come out again.
    source : dict, optional
        As it was given to `fit`; if it is given here, that of the page is compared with it.
    prepare : str or Preparation, optional
        As it was given to `fit`; if it is given here, the preparation of the page is compared with what
        comes of it. Otherwise that of the page is used, and the verdict says whether the data give it.

    Returns
    -------
    Verification
        Its `bool` is True if nothing differs. `differences` are numbers and facts that training does not
        give; `numbers_only` tells that there are none, but that the page around the numbers is not as
        this slownet writes it: its script, heading or version was changed, or it is from
        another version.

    Raises
    ------
    FormatError
        If it is no page of slownet.
    RecordingError
        If nobody can say whether the page is true: it is of a training of another arithmetic, or the
        data are not those that it states, by their SHA-256.
    ValueError
        If data or a net are missing that the training needs.

    Examples
    --------
    >>> from slownet import NetFactory, verify
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> history = net.fit(X, y, epochs=3, snapshots=5, watch=(X[:5], y[:5]))
    >>> path = history.write_html("moons.html")
    >>> bool(verify(path, (X, y), watch=(X[:5], y[:5])))
    True
    """
    page = Page.open(path)
    page.check_repeatable(path)
    if net is not None:
        check_type("net", net, Net)
    given = dict(zip(PAIRS, (data, watch, validation_data, test_data), strict=True))
    with errors_as_format_error(path):
        held = _held(page)
    pairs = {name: held.get(name) if pair is None else pair for name, pair in given.items()}
    X, y, weights = _check_given(page, pairs, net)
    own = list(formulas)
    knows_classes = net is not None and net.classes is not None
    net = None if net is None else net.copy()
    with errors_as_format_error(path):
        options, stretches = plan_of(page, own)
        check_bounds(page, options, stretches, _count(X))
        is_begun = net is None and page.training["initial"] is None
        net = initial_net(page, own) if net is None else net
        if net.classes is None:
            net.classes = page.training["classes"]
        stated = preparation_from(page.facts)
        if net.preparation is None and prepare is None:
            net.preparation = stated
        validates = page.training["config"]["validates"]
        known = {name: page.training[name] for name in ("data", "ended")}
    is_stated = net.preparation is stated is not None
    options = replace(
        options,
        sample_weight=weights,
        watch=pairs["watch"],
        validation_data=pairs["validation_data"] if validates else None,
        test_data=pairs["test_data"] if page.training.get("test") else None,
        prepare=prepare,
        callbacks=callbacks,
        source=options.source if source is None else source,
        threads="auto",
    )
    try:
        history = _trained(net, X, y, options, stretches, known)
    except DivergedError as error:
        return Verification([f"config or data: {error}"])
    with errors_as_format_error(path):
        seen = (X, y), options.watch, options.validation_data
        unseen = [] if knows_classes else _unseen_classes(page, *seen)
        encoder = None if history.net is None else history.net.encoder()
        chosen = None if encoder is None else training_rows(history.config, X, y, encoder)
        is_unknown = is_stated and not is_made_of(stated, X, y, net.loss, chosen)
        history.given = pairs
        about = Given(
            source is not None,
            bool(options.callbacks),
            unseen,
            columns=len(stated.columns) if stated is not None and is_unknown else 0,
            held=data is None,
            begun=is_begun,
        )
        return compare(page, _page_of(history, page), about)


def _held(page: Page) -> dict[str, Any]:
    """Return the data that a page holds, by the arguments of `verify`."""
    return read_pairs(page.arrays, page.facts)


def _count(X: Any) -> int:
    shape = getattr(X, "shape", ())
    return int(shape[0]) if shape else length_hint(X)


def _check_given(page: Page, pairs: Mapping[str, Any], net: Net | None) -> tuple[Any, Any, Any]:
    """Return X, y and weights; an error if something is missing that the training needs."""
    training, config = page.training, page.training.get("config")
    data = pairs["data"]
    missing = ""
    if training.get("parent") is not None:
        raise InvalidValueError("this page shows a branch of another training: verify that one")
    if not isinstance(config, dict):
        raise FormatError("this page does not say how its net was trained")
    if config.get("validates") and pairs["validation_data"] is None:
        missing = "this training was validated: give validation_data=(X, y) as before"
    if training.get("test") and pairs["test_data"] is None:
        missing = "the net of this training was tested: give test_data=(X, y) as before"
    if page.facts.get("watched") and pairs["watch"] is None:
        missing = "this training watched samples: give watch=(X, y) as before"
    if training.get("initial") is None and net is None and not has_first_net(page):
        missing = "no factory with a seed makes the initial net of this training: give it as net=..."
    if config.get("steps_before") and (net is None or net.optimizer_state is None):
        missing = "this training went on with an optimizer: give a net=... that has its optimizer_state"
    if data is None:
        missing = "this page does not hold the data of its training: give data=(X, y)"
    if missing:
        raise InvalidValueError(missing)
    X, y, weights = data_parts(data)
    check_weighted(config, weights)
    return X, y, weights


@contextmanager
def errors_as_format_error(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn errors of what a page names into one that names the page."""
    try:
        yield
    except MissingFormulaError:
        raise
    except (AttributeError, LookupError, TypeError, ValueError, ArithmeticError) as error:
        reason = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise FormatError(f"{path}: its training cannot be repeated: {reason}") from error


def plan_of(page: Page, formulas: list[Any]) -> tuple[Options, list[tuple[int, int]]]:
    """Return the options, and the stretches of the training: (last step, epochs).

    All of them come from the page, so that their errors are its own: "auto" would read the environment.
    """
    training, config = page.training, page.training["config"]
    options = Options.of(config, formulas, source=training["source"], engine="auto", threads=1)
    loss = from_description("loss", config["loss"], formulas)
    options = replace(options, loss=loss, warm_start=bool(config["steps_before"]))
    stretches = [*config.get("earlier", ()), (training["last"], config["epochs"])]
    return options, [
        (integer(last, "last"), integer(epochs, "epochs", 1, MOST)) for last, epochs in stretches
    ]


def _trained(
    net: Net,
    X: Any,
    y: Any,
    options: Options,
    stretches: list[tuple[int, int]],
    known: Mapping[str, Any],
) -> History:
    """Train to the last step of a page, resumed wherever the training was."""
    start: Start | None = None
    earlier: list[list[int]] = []
    for last, epochs in stretches:
        training = Training(net, X, y, replace(options, epochs=epochs), start)
        if start is None:
            training.history.data |= _checked_fingerprints(training, known["data"])
        else:
            training.history.config |= {"epochs": epochs, "earlier": list(earlier)}
        try:
            diverges = known["ended"] == "diverged" and len(earlier) == len(stretches) - 1
            history = training.run(last + diverges)
        except DivergedError as error:
            if not diverges or error.history is None:
                raise
            return error.history
        start = Start(history.snapshots[-1], history)
        net = start.snapshot.restore()
        earlier.append([history.last_step, epochs])
    return history


def _checked_fingerprints(training: Training, known: Any) -> dict[str, str]:
    """Return the fingerprints of the data; RecordingError if the page states others."""
    found = training.data.fingerprints()
    for name, digest in found.items():
        stated = known.get(name, digest) if isinstance(known, dict) else digest
        if stated != digest:
            raise RecordingError(
                f"these are not the data of the page: {name} has the fingerprint (SHA-256) "
                f"{digest[:16]!a}..., and the page states {str(stated)[:16]!a}..."
            )
    return found


def _unseen_classes(page: Page, *pairs: tuple[Any, ...] | None) -> list[Any]:
    """Return the class labels of a page that no sample has, so that nothing confirms them."""
    labels = [each for pair in pairs if pair is not None for each in as_list(pair[1], "y")]
    seen = {(type(label), label) for label in labels if not isinstance(label, list)}
    return [label for label in page.training["classes"] or [] if (type(label), label) not in seen]


def initial_net(page: Page, formulas: list[Any]) -> Net:
    """Return the net that the training of a page begins with."""
    layers = page.training["initial"]
    if layers is None:
        return net_of_arrays(page, page.facts["recipe"], formulas)
    check_sizes(page, [integer(each["size"], "size", 1) for each in layers])
    return net_of(layers, page.training["seed"], formulas)


def _page_of(history: History, page: Page) -> Page:
    """Return the page of a training, with the title and the precision of another page."""
    facts = page.facts
    grids = {
        int(name.split()[1]): Grid(about["digits"], about["parts"])
        for name, about in page.contents.items()
        if name.startswith("weights ") and about["kind"] == "rounded"
    }
    steps = page.training["steps"]
    if facts["frames"] == 0:
        steps = [step for step, *_ in facts["recipe"]["digests"]["states"]] or [page.training["last"]]
    last = steps[-1]
    history.snapshots = [each for each in history.snapshots if each.step <= last]
    content = Content(
        history,
        facts["precision"]["exact"],
        words=OwnWords.of_facts(facts),
        grids=grids or None,
        plan=Plan.of_page(facts),
    )
    mine = Page.parse(assembled(content))
    is_own = bool(page.training["config"]["schedule"].get("own"))
    if is_own and page.training.get("rates") is None:  # the writer did not have the formula
        mine.training["rates"] = None
    return mine
