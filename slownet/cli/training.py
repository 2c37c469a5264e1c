"""The commands that train: train, resume."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet import recording
from slownet import training as trainer
from slownet.checks import check_integer, check_number, check_path
from slownet.cli.data import Data
from slownet.cli.data_sets import DATA_SETS, Source, load, load_named, recipe_values
from slownet.cli.figures import figures_text
from slownet.cli.output import (
    NotWrittenError,
    new_page,
    print_line,
    shown,
    write_animation,
    write_what_was_kept,
)
from slownet.cli.parsing import (
    HIDDEN,
    add_engine,
    add_page,
    add_reading,
    fit_arguments,
    hidden_sizes,
    integer,
    name_in,
    new_command,
    number,
    words_of,
)
from slownet.errors import DivergedError, InvalidValueError, RecordingError
from slownet.functions import ACTIVATIONS, OPTIMIZERS, SCHEDULES, get_optimizer, warm_up
from slownet.layers import weight_count
from slownet.objects import NetFactory
from slownet.recording.arithmetic import check_repeatable
from slownet.recording.sharing import COMMAND
from slownet.training import Callback

if TYPE_CHECKING:
    from slownet.objects import Net
    from slownet.page.wording import OwnWords
    from slownet.recording import History
    from slownet.training import Training

MOST_WEIGHTS = 10_000_000  # 3 GB of objects
SCHEDULES_OF_TRAIN = [name for name in SCHEDULES if not name.startswith("warm_up")]
TABLES = "CSV, TSV, .xlsx or Parquet"
EXAMPLES = """\
examples:
  slownet train mnist
  slownet train mnist --samples 30000 --hidden 32-16
  slownet train spirals --activation tanh --html spirals-tanh.html
  slownet train houses.csv --target price
  slownet train bikes.csv --target rentals --drop date --missing mean --run bikes.run
  slownet train mnist --run mnist.run
"""


def add_train(commands: Any) -> None:
    """Add `slownet train`. An option named like an argument of `Net.fit` becomes that argument."""
    command = new_command(
        commands,
        train,
        "DATA [options]",
        "train a net, test it and write an animation of how it learned",
        "Train a net, test it on samples it was not trained on, and write an animation of how it\n"
        "learned: one HTML file that any browser shows offline. Ctrl-C stops training early and\n"
        "keeps what has been learned.",
        EXAMPLES,
    )
    command.add_argument("data", metavar="DATA", help=f"{', '.join(DATA_SETS)}, or a table: {TABLES}")
    add_reading(command.add_argument_group("tables"))
    net = command.add_argument_group("the net")
    sizes = net.add_mutually_exclusive_group()
    sizes.add_argument(
        "--hidden",
        metavar="N",
        type=hidden_sizes,
        help=HIDDEN,
    )
    sizes.add_argument(
        "--layers",
        metavar="N",
        nargs="+",
        type=integer,
        help="neurons of all layers, inputs first (mnist: 784 16 10)",
    )
    net.add_argument(
        "--activation",
        metavar="NAME",
        type=name_in(ACTIVATIONS),
        default="relu",
        help="of the hidden layers: relu (default), sigmoid, tanh, ...",
    )
    training = command.add_argument_group("training")
    training.add_argument(
        "--samples",
        metavar="N",
        type=integer,
        help=f"samples to train on (default: {recipe_values('samples')}, but at most 4 of 5 rows)",
    )
    training.add_argument(
        "--epochs",
        metavar="N",
        type=integer,
        help=f"times to go through them (default: {recipe_values('epochs')}, fewer if it is large)",
    )
    training.add_argument(
        "--batch-size", metavar="N", type=integer, default=16, help="samples an update (default: 16)"
    )
    training.add_argument(
        "--optimizer",
        metavar="NAME",
        type=name_in(OPTIMIZERS),
        help=f"{', '.join(OPTIMIZERS)} (default: {recipe_values('optimizer')})",
    )
    rates = ", ".join(f"{name} {rule.learning_rate}" for name, rule in OPTIMIZERS.items())
    training.add_argument(
        "--learning-rate",
        metavar="RATE",
        type=number,
        help=f"before the schedule (defaults: {rates})",
    )
    training.add_argument(
        "--schedule",
        metavar="NAME",
        choices=SCHEDULES_OF_TRAIN,
        default="cosine",
        help=f"how the rate changes: {', '.join(SCHEDULES_OF_TRAIN)} (default: cosine, to 0)",
    )
    training.add_argument(
        "--warm-up",
        metavar="EPOCHS",
        type=number,
        help="how long the rate grows before that, from a hundredth (default: not at all)",
    )
    training.add_argument(
        "--dropout", metavar="SHARE", type=number, help="of hidden neurons that are dropped (default: 0)"
    )
    training.add_argument(
        "--l2", metavar="X", type=number, help="strength of the penalty on weights (default: 0)"
    )
    training.add_argument(
        "--alpha", metavar="X", type=number, help="the same, as a part of the loss (default: 0)"
    )
    training.add_argument(
        "--class-weight",
        metavar="balanced",
        choices=["balanced"],
        help="give rare classes the weight of frequent ones: samples / (classes * samples of the class)",
    )
    clipping = training.add_mutually_exclusive_group()
    clipping.add_argument(
        "--clip-norm", metavar="N", type=number, help="the largest norm of a step's gradient"
    )
    clipping.add_argument(
        "--clip-value", metavar="N", type=number, help="the largest size of each number in it"
    )
    add_engine(training)
    training.add_argument(
        "--seed", metavar="N", type=integer, default=0, help="decides all that is random (default: 0)"
    )
    output = command.add_argument_group("output")
    output.add_argument(
        "--run",
        metavar="FILE",
        type=check_path,
        help="a new file that keeps all of the training, while it goes on, for resume and predict",
    )
    add_page(output, "mnist.html, mnist-2.html, ...")
    output.add_argument(
        "--snapshots", metavar="N", type=integer, default=100, help="its frames (default: 100)"
    )


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
    net, words = net_for(options, data), words_of(options, data.class_count)
    with _page(options, data.name) as page:
        introduction = Introduction(data, options.quiet)
        with _showing_failures(page, introduction, words, options.keep):
            kept = page is not None or run is not None
            history = net.fit(
                *data.train,
                **_fit_options(options, data, kept),
                prepare=data.preparation,
                validation_data=data.validated,
                test_data=data.test,
                callbacks=introduction,
                progress=not options.quiet,
                record=run,
                source=source.plain(data),
            )
        _conclude(history, data, page, words, options)


def add_resume(commands: Any) -> None:
    """Add `slownet resume`."""
    command = new_command(
        commands,
        resume,
        "FILE [options]",
        "go on with a training that was recorded",
        "Go on with a training that slownet train --run FILE has recorded, as if it had never stopped:\n"
        "to the same bits, after Ctrl-C, a crash, or for more epochs than were planned.",
        "examples:\n  slownet resume mnist.run\n  slownet resume mnist.run --epochs 10\n",
    )
    command.add_argument("run", metavar="FILE", type=check_path, help="the run file")
    training = command.add_argument_group("training")
    training.add_argument(
        "--epochs",
        metavar="N",
        type=integer,
        help="times to go through the samples in all (default: as many as were planned)",
    )
    add_engine(training, "as before")
    add_page(command.add_argument_group("output"), "the name of the run file with .html")


def resume(options: argparse.Namespace) -> None:
    """Resume a training that `train` has recorded, and print and write its results."""
    run = options.run
    history = recording.History.open(run)
    check_repeatable(history)
    if (history.source or {}).get("command") != COMMAND:
        raise InvalidValueError(
            f"{run} was recorded by a program, and only the program knows its data: go on with it in "
            f"Python by slownet.resume({str(run)!r}, (X, y))"
        )
    source = Source.from_plain(history.source or {}, run, "put it beside the run file")
    data = load_named(source, run)
    words = words_of(options, data.class_count)
    introduction = Introduction(data, options.quiet)
    with _page(options, run.stem) as page:
        with _showing_failures(page, introduction, words, options.keep):
            history = trainer.resume(
                run,
                data.train,
                **fit_arguments(options),
                validation_data=data.validated if history.config.get("validates") else None,
                test_data=data.test,
                callbacks=introduction,
                progress=not options.quiet,
            )
        if not introduction.began:
            if not options.quiet:
                print_line(
                    f"{shown(run)} was trained to its end before; --epochs N goes on, and "
                    f"slownet animate {shown(run)} writes its animation"
                )
            page = page if options.html else None
        _conclude(history, data, page, words, options)


class Introduction(Callback):
    """Prints what is trained on what, once `fit` has checked its arguments.

    Attributes
    ----------
    began : bool
        Whether training has begun.
    """

    def __init__(self, data: Data | None, quiet: bool) -> None:
        self.data, self.quiet, self.began = data, quiet, False

    def on_fit_begin(self, training: Training) -> None:
        """Print it."""
        self.began = True
        if self.quiet or self.data is None:
            return
        sizes, *activations = repr(training.net).removeprefix("Net(").split(", ")[:-1]
        parameters = f"{training.net.parameter_count:,} weights and biases"
        print_line(f"{self.data.about}\n{sizes} net ({', '.join(activations)}): {parameters}")
        if training.step:
            print_line(f"Going on after step {training.step:,} of {training.total_steps:,}")


def _page(options: argparse.Namespace, name: str) -> AbstractContextManager[Path | None]:
    return nullcontext() if options.no_html else new_page(options.html, name)


@contextmanager
def _showing_failures(
    page: Path | None, introduction: Introduction, words: OwnWords, keep: str | int
) -> Iterator[None]:
    """Show what was kept if training fails after it has begun."""
    try:
        yield
    except (DivergedError, RecordingError) as error:
        if error.history is None or not introduction.began:
            raise
        write_what_was_kept(error.history, page, words, keep)
        if isinstance(error, DivergedError):
            raise
        raise NotWrittenError(str(error)) from error


def net_for(options: argparse.Namespace, data: Data) -> Net:
    """Return the net that the options ask for, to learn from some data."""
    inputs = data.train[0].shape[1]
    option = "--hidden" if options.layers is None else "--layers"
    sizes = options.layers or [inputs, *(options.hidden or data.recipe.hidden), data.outputs]
    if len(sizes) < 2 or (sizes[0], sizes[-1]) != (inputs, data.outputs):
        raise InvalidValueError(
            f"--layers must begin with {inputs} (the numbers of a sample) and end with {data.outputs} "
            f"({data.because}), not {' '.join(map(str, sizes))}"
        )
    for size in sizes:
        check_integer(f"a number of {option}", size, minimum=1)
    check_integer(f"the number of weights with {option}", weight_count(sizes), maximum=MOST_WEIGHTS)
    output = None if data.number is None else "linear"
    net = NetFactory(sizes, options.activation, output, seed=options.seed).new()
    net.classes = data.classes
    return net


def _fit_options(options: argparse.Namespace, data: Data, kept: bool) -> dict[str, Any]:
    """Return the arguments of `fit`: those that were given, otherwise those of the recipe."""
    recipe = {"epochs": data.recipe.epochs, "optimizer": data.recipe.optimizer}
    chosen = {**recipe, **fit_arguments(options)}
    if options.warm_up is not None:
        epochs = check_number("warm_up", options.warm_up, above=0.0)
        chosen["schedule"] = warm_up(epochs, chosen["schedule"])
    chosen.setdefault("learning_rate", get_optimizer(chosen["optimizer"]).learning_rate)
    watching = {"watch": data.watched()} if kept else {"watch": None, "snapshots": None}
    return {**chosen, **watching}


def print_if_stopped(history: History, samples: int, more: str = "") -> bool:
    """Say how far a training of so many samples got, if it did not get to its end; return whether."""
    planned = history.config["epochs"] * ceil(samples / history.config["batch_size"])
    if history.last_step < planned:
        print_line(f"Stopped after {history.last_step:,} of {planned:,} steps.{more}")
    return bool(history.last_step < planned)


def _conclude(
    history: History, data: Data, page: Path | None, words: OwnWords, options: argparse.Namespace
) -> None:
    """Print how far training got and how right the net is now, and write the animation."""
    run = options.run
    is_stopped = print_if_stopped(history, len(data.train[0]), " What the net has learned so far:")
    if history.test is not None and history.net is not None:
        print_line(figures_text(history.net, *data.test, data.samples, True, options.quiet))
    if run is not None:
        more = f" (slownet resume {shown(run)} goes on)" if is_stopped else ""
        print_line(f"Run: {shown(run)}{more}")
    elif data.preparation is not None and not options.quiet:
        print_line("(with --run FILE the net is kept, for slownet predict FILE new.csv)")
    write_animation(history, page, words=words, keep=options.keep)
