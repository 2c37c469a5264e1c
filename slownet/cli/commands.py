"""The commands, each a few lines over the library."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet import recording
from slownet import training as trainer
from slownet.checks import check_integer
from slownet.cli.describing import description
from slownet.cli.output import (
    NotTrueError,
    NotWrittenError,
    new_page,
    say,
    write_animation,
    write_figure,
    write_what_was_kept,
)
from slownet.cli.parsing import LEARNING_RATES
from slownet.cli.samples import COMMAND, Data, Source, load
from slownet.errors import DivergedError, InvalidValueError, RecordingError
from slownet.objects import NetFactory
from slownet.training import Callback

if TYPE_CHECKING:
    from slownet.objects import Net
    from slownet.recording import History
    from slownet.training import Training


class Introduction(Callback):
    """Says what is trained on what, once `fit` has found nothing wrong with it.

    Attributes
    ----------
    began : bool
        Whether training has begun.
    """

    def __init__(self, data: Data, quiet: bool) -> None:
        self.data, self.quiet, self.began = data, quiet, False

    def on_fit_begin(self, training: Training) -> None:
        """Say it."""
        self.began = True
        if self.quiet:
            return
        sizes, *activations = repr(training.net).removeprefix("Net(").split(", ")[:-1]
        parameters = f"{training.net.parameter_count:,} weights and biases"
        say(f"{self.data.about}\n{sizes} net ({', '.join(activations)}): {parameters}")
        if training.step:
            say(f"Going on after step {training.step:,} of {training.total_steps:,}")


def train(options: argparse.Namespace) -> None:
    """Train a net on the data that the options name, test it, and write its animation."""
    run = options.run
    if run is not None and run.exists():
        raise InvalidValueError(
            f"{run} exists, and nothing is overwritten: choose another --run FILE, or go on with it by "
            f"slownet resume {run}"
        )
    source = Source.of(options)
    data = load(source)
    net = _net(options, data)
    with _page(options, data.name) as page:
        introduction = Introduction(data, options.quiet)
        with _showing_failures(page, introduction):
            history = _fit(options, data, net, introduction, page is not None, source.plain(data))
        _conclude(history, data, page, run)


def resume(options: argparse.Namespace) -> None:
    """Go on with a training that `train` has recorded, and end it as `train` does."""
    run = options.run
    history = recording.History.open(run)
    if (history.source or {}).get("command") != COMMAND:
        raise InvalidValueError(
            f"{run} was recorded by a program, which alone knows its data: go on with it in Python by "
            f"slownet.resume({str(run)!r}, (X, y))"
        )
    data = load(Source.from_plain(history.source or {}, run))
    introduction = Introduction(data, options.quiet)
    given = {"engine": options.engine, "threads": options.threads}
    with _page(options, run.stem) as page:
        with _showing_failures(page, introduction):
            history = trainer.resume(
                run,
                data.train,
                options.epochs,
                validation_data=data.validated if history.config.get("validates") else None,
                callbacks=introduction,
                progress=not options.quiet,
                **{name: value for name, value in given.items() if value is not None},
            )
        if not (introduction.began or options.quiet):
            say(f"{run} was trained to its end before; --epochs N goes on")
        _conclude(history, data, page, run)


def info(options: argparse.Namespace) -> None:
    """Say what a file holds."""
    say(description(options.file))


def compare(options: argparse.Namespace) -> None:
    """Say where two runs first differ."""
    compared = recording.compare(options.a, options.b)
    say(str(compared))
    if options.html is not None:
        with new_page(options.html, "") as page:
            write_figure(compared, page)


def animate(options: argparse.Namespace) -> None:
    """Write the page that plays a recorded training."""
    from slownet.page.precision import BITS

    run = options.run
    if options.bits is not None:
        check_integer("--bits", options.bits, BITS[0], BITS[-1])
    is_json = run.suffix in (".json", ".gz")
    history = recording.History.from_json(run) if is_json else recording.History.open(run)
    with new_page(options.html, run.name.partition(".")[0]) as page:
        write_animation(history, page, options.exact, options.bits, options.title)


def verify(options: argparse.Namespace) -> None:
    """Say whether a page is true."""
    from slownet import page

    path = options.page
    source = page.Page.open(path).training.get("source") or {}
    if source.get("command") != COMMAND:
        raise InvalidValueError(
            f"{path} was made by a program, which alone knows its data: verify it in Python by "
            f"slownet.verify({str(path)!r}, (X, y), watch=...)"
        )
    data = load(Source.from_plain(source, path))
    found = page.verify(path, data.train, data.watched(), data.validated)
    say(str(found))
    if not found:
        raise NotTrueError(f"{path} is not what its training gives")


def _page(options: argparse.Namespace, name: str) -> AbstractContextManager[Path | None]:
    return nullcontext() if options.no_html else new_page(options.html, name)


@contextmanager
def _showing_failures(page: Path | None, introduction: Introduction) -> Iterator[None]:
    """Show what was kept if training fails after it has begun."""
    try:
        yield
    except (DivergedError, RecordingError) as error:
        if error.history is None or not introduction.began:
            raise
        write_what_was_kept(error.history, page)
        if isinstance(error, DivergedError):
            raise
        raise NotWrittenError(str(error)) from error


def _fit(
    options: argparse.Namespace,
    data: Data,
    net: Net,
    introduction: Introduction,
    animated: bool,
    source: dict[str, Any],
) -> History:
    optimizer = options.optimizer or data.recipe.optimizer
    rate = options.learning_rate
    kept = animated or options.run is not None
    return net.fit(
        *data.train,
        epochs=data.recipe.epochs if options.epochs is None else options.epochs,
        batch_size=options.batch_size,
        learning_rate=LEARNING_RATES.get(optimizer, 0.1) if rate is None else rate,
        optimizer=optimizer,
        schedule="cosine",
        validation_data=data.validated,
        seed=options.seed,
        callbacks=introduction,
        progress=not options.quiet,
        engine=options.engine,
        threads=options.threads,
        snapshots=options.snapshots if kept else None,
        watch=data.watched() if kept else None,
        record=options.run,
        source=source,
    )


def _conclude(history: History, data: Data, page: Path | None, run: Path | None) -> None:
    """Say how far training got and how right the net is now, and write the animation."""
    config, net = history.config, history.net
    planned = config["epochs"] * ceil(len(data.train[0]) / config["batch_size"])
    if history.last_step < planned:
        say(
            f"Stopped after {history.last_step:,} of {planned:,} steps. What the net has learned so far:"
        )
    if net is not None:
        say(_judgement(net, data))
    if run is not None:
        more = f" (slownet resume {run} goes on)" if history.last_step < planned else ""
        say(f"Run: {run}{more}")
    write_animation(history, page)


def _net(options: argparse.Namespace, data: Data) -> Net:
    inputs = data.train[0].shape[1]
    sizes = options.layers or [inputs, *data.recipe.hidden, data.outputs]
    if len(sizes) < 2 or (sizes[0], sizes[-1]) != (inputs, data.outputs):
        raise InvalidValueError(
            f"--layers must begin with {inputs} (the numbers of a sample) and end with {data.outputs} "
            f"({data.because}), not {' '.join(map(str, sizes))}"
        )
    output = None if data.number is None else "linear"
    net = NetFactory(sizes, options.hidden, output, seed=options.seed).new()
    net.classes = data.classes
    return net


def _judgement(net: Net, data: Data) -> str:
    """Say how right a net is about the test samples, beside one that says the same to all of them."""
    import numpy as np

    X, y = data.test
    tested = f"{len(y):,} {data.samples} it was not trained on"
    if data.number is not None:
        off = float(np.abs(net.predict(X) - y).mean()) * data.spread
        mean_off = float(np.abs(y).mean()) * data.spread
        return (
            f"Test error: {data.number} is off by {off:.4g} on average, over {tested}\n"
            f"(always saying {data.mean:.4g}, the mean of the training rows, is off by {mean_off:.4g})"
        )
    accuracy = net.evaluate(X, y).accuracy
    result = f"Test accuracy: {accuracy:.1%} of {tested}"
    if data.classes is None:
        return result
    labels, counts = np.unique(data.train[1], return_counts=True)
    usual = labels[counts.argmax()]
    share = float((y == usual).mean())
    return (
        f"{result}\n(always saying {usual.item()!r}, the most frequent in training, reaches {share:.1%})"
    )
