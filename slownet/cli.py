"""The command line: `slownet train mnist`.

Training and pictures are the library's; here arguments become data, a net and a call of `Net.fit`.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain, count
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from slownet import (
    Callback,
    DivergedError,
    InvalidValueError,
    Net,
    NetFactory,
    SlownetError,
    __version__,
)
from slownet.checks import check_integer
from slownet.datasets import CLASSIFICATION, load_mnist, read_csv
from slownet.engines import ENGINES
from slownet.functions.randomness import Use, check_seed, key, permutation
from slownet.functions.table import unknown_name

if TYPE_CHECKING:
    from slownet import History
    from slownet.training import Training

NAMES = ("mnist", *CLASSIFICATION)
TEST_POINTS = 200
WATCHED = 200  # test samples whose accuracy is a curve of the animation
VALIDATED = 1000  # test samples that are looked at after every epoch; the result is over all of them
LEARNING_RATES = {"sgd": 0.1, "rmsprop": 0.003, "adam": 0.01}
EXAMPLES = """\
examples:
  slownet train mnist
  slownet train mnist --samples 30000 --layers 784 32 16 10
  slownet train spirals --hidden tanh --html spirals-tanh.html
  slownet train houses.csv --target price
"""


@dataclass(frozen=True)
class Recipe:
    """What data is trained with unless the user says otherwise."""

    samples: int
    epochs: int
    hidden: tuple[int, ...]
    optimizer: str = "adam"


MNIST = Recipe(60_000, 5, (16,), "sgd")
POINTS = Recipe(800, 30, (8, 8))
SPIRALS = Recipe(800, 50, (16, 16))
TABLE = Recipe(20_000, 100, (16,))
TABLE_VISITS = 30_000  # a larger table gets fewer epochs: about this many visits to its rows


@dataclass(frozen=True)
class Data:
    """Samples to train on and to test with, and what a net for them looks like.

    Attributes
    ----------
    name : str
        What its animation is named after.
    about : str
        What the user should know about it.
    train, test : (X, y)
        Arrays; a number to predict is given as (number - mean) / spread.
    recipe : Recipe
        What to train with.
    samples : str
        What the samples are called.
    outputs : int
        How many output neurons the net needs, and
    because : str
        why so many.
    classes : list or None
        The labels of the classes, where they are not 0, 1, 2, ...
    number : str or None
        What the number to predict is called; None where there are classes.
    mean, spread : float
        Of this number over the training samples.
    """

    name: str
    about: str
    train: tuple[Any, Any]
    test: tuple[Any, Any]
    recipe: Recipe
    samples: str
    outputs: int
    because: str
    classes: list[Any] | None = None
    number: str | None = None
    mean: float = 0.0
    spread: float = 1.0

    def watched(self) -> tuple[Any, Any]:
        """Return test samples to watch: the first of each class, then the others in their order."""
        import numpy as np

        X, y = self.test
        first = np.unique(y, return_index=True)[1] if self.number is None else np.arange(0)
        others = np.setdiff1d(np.arange(len(y)), first)
        chosen = np.concatenate([first, others])[:WATCHED]
        return X[chosen], y[chosen]


class NotWrittenError(SlownetError):
    """A result could not be printed, or an animation not be written."""


class Introduction(Callback):
    """Says what is trained on what, once `fit` has found nothing wrong with it."""

    def __init__(self, data: Data) -> None:
        self.data = data

    def on_fit_begin(self, training: Training) -> None:
        """Say it."""
        sizes, *activations = repr(training.net).removeprefix("Net(").split(", ")[:-1]
        parameters = f"{training.net.parameter_count:,} weights and biases"
        _say(f"{self.data.about}\n{sizes} net ({', '.join(activations)}): {parameters}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after the name of the program; by default those of the process.

    Returns
    -------
    int
        The exit code: 0; 1 if training diverged or its animation could not be written; 2 if an
        argument or a file cannot be used; 130 after Ctrl-C outside of training.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # not every terminal can show every name
    try:
        train(_parser().parse_args(argv))
    except SystemExit as leaving:  # how argparse ends after --help and --version
        return int(leaving.code or 0)
    except (DivergedError, NotWrittenError) as error:
        return _fail(error, 1)
    except (SlownetError, OSError) as error:
        return _fail(error, 2)
    except KeyboardInterrupt:
        return 130
    finally:
        _say("", end="")
    return 0


def train(options: argparse.Namespace) -> None:
    """Train a net on the data that the options name, test it, and write its animation."""
    data = _load(options)
    net = _net(options, data)
    with _page(options, data.name) as page:
        try:
            history = _fit(options, data, net, page)
        except DivergedError as error:
            _write_diverged(error, page)
            raise
        _say(_judgement(net, data))
        _write(history, page)


def _fit(options: argparse.Namespace, data: Data, net: Net, page: Path | None) -> History:
    optimizer = options.optimizer or data.recipe.optimizer
    rate = options.learning_rate
    epochs = data.recipe.epochs if options.epochs is None else options.epochs
    history = net.fit(
        *data.train,
        epochs=epochs,
        batch_size=options.batch_size,
        learning_rate=LEARNING_RATES.get(optimizer, 0.1) if rate is None else rate,
        optimizer=optimizer,
        schedule="cosine",
        validation_data=(data.test[0][:VALIDATED], data.test[1][:VALIDATED]),
        seed=options.seed,
        callbacks=[] if options.quiet else [Introduction(data)],
        progress=not options.quiet,
        engine=options.engine,
        threads=options.threads,
        snapshots=options.snapshots if page else None,
        watch=data.watched() if page else None,
    )
    done, planned = len(history.loss), epochs * ceil(len(data.train[0]) / options.batch_size)
    if done < planned:
        _say(f"Stopped after {done:,} of {planned:,} steps. What the net has learned so far:")
    return history


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


def _load(options: argparse.Namespace) -> Data:
    name = options.data
    check_seed(options.seed)
    if options.samples is not None:
        check_integer("--samples", options.samples, minimum=1)
    if name not in NAMES:
        if Path(name).suffix or Path(name).exists() or Path(name).name != name:
            return _table(options)
        raise InvalidValueError(f"{unknown_name('data', name, NAMES)}. Or give a CSV file.")
    if options.target is not None or options.classify:
        raise InvalidValueError(f"--target and --classify are for CSV files, not for {name}")
    return _mnist(options) if name == "mnist" else _points(options)


def _mnist(options: argparse.Namespace) -> Data:
    train, test = load_mnist("train", limit=options.samples or MNIST.samples), load_mnist("test")
    count = len(train[0])
    which = "all 60,000" if count == MNIST.samples else f"{count:,} of the 60,000"
    about = f"MNIST: training on {which} training images"
    return Data("mnist", about, train, test, MNIST, "images", 10, "one a digit")


def _points(options: argparse.Namespace) -> Data:
    name, size = options.data, options.samples or POINTS.samples
    X, y = CLASSIFICATION[name](size + TEST_POINTS, seed=options.seed)
    recipe = SPIRALS if name == "spirals" else POINTS
    about = f"{name}: training on {size:,} points of two classes"
    train, test = (X[:size], y[:size]), (X[size:], y[size:])
    return Data(name, about, train, test, recipe, "points", 1, "one for two classes")


def _table(options: argparse.Namespace) -> Data:
    X, y, _ = read_csv(options.data, options.target)
    if len(y) < 2:
        raise InvalidValueError(f"{options.data}: one row is too few, one to train and one to test with")
    order = permutation(key(options.seed, Use.DATASET), len(y))
    tested = ceil(len(y) / 5)
    test, train = order[:tested], order[tested:][: options.samples or TABLE.samples]
    recipe = replace(TABLE, epochs=max(1, min(TABLE.epochs, TABLE_VISITS // len(train))))
    centre, spreads = _standard(X[train])
    X = (X - centre) / spreads
    wanted: dict[str, Any]
    if y.dtype.kind in "if" and not options.classify:
        mean, spread = map(float, _standard(y[train]))
        y = (y - mean) / spread
        kind = "numbers: regression (--classify takes them for classes)"
        scaled = "Inputs and target are"
        wanted = {"outputs": 1, "because": "the number", "number": options.target}
        wanted |= {"mean": mean, "spread": spread}
    else:
        classes = sorted(set(y.tolist()))
        kind, scaled = f"{len(classes)} classes: {_listed(classes)}", "Inputs are"
        wanted = {"outputs": len(classes), "because": "one a class", "classes": classes}
        if len(classes) == 1:
            raise InvalidValueError(f"{options.data}: {options.target} is {classes[0]!r} in every row")
        if len(classes) == 2:
            wanted |= {"outputs": 1, "because": "one for two classes"}
    about = (
        f"{options.data}: training on {len(train):,} of {len(y):,} rows, testing on {tested:,}\n"
        f"{options.target} holds {kind}\n"
        f"{scaled} standardised: mean 0, standard deviation 1 over the training rows"
    )
    parts = (X[train], y[train]), (X[test], y[test])
    return Data(Path(options.data).stem, about, *parts, recipe, "rows", **wanted)


def _standard(numbers: Any) -> tuple[Any, Any]:
    """Return the mean and the standard deviation of each column, 1 for one that is constant."""
    import numpy as np

    with np.errstate(all="ignore"):
        mean, spread = numbers.mean(axis=0), numbers.std(axis=0)
    if not np.isfinite(spread).all():
        raise InvalidValueError("the numbers are too large to standardise: their squares overflow")
    return mean, np.where(spread > 0.0, spread, 1.0)


def _listed(things: Sequence[object], most: int = 6) -> str:
    names = list(map(repr, things[:most]))
    return ", ".join(names if len(things) <= most else [*names, "..."])


@contextmanager
def _page(options: argparse.Namespace, name: str) -> Iterator[Path | None]:
    """Make the file before training: nobody should wait for what cannot be written then."""
    if options.no_html:
        yield None
        return
    page = _new_file(options.html, name)
    try:
        yield page
    finally:
        with suppress(FileNotFoundError):
            if not page.stat().st_size:
                page.unlink()


def _new_file(wanted: Path | None, name: str) -> Path:
    others = (Path(f"{name}-{number}.html") for number in count(2))
    for path in [wanted] if wanted else chain([Path(f"{name}.html")], others):
        try:
            path.open("x").close()
        except FileExistsError:
            continue
        except OSError as error:
            raise InvalidValueError(
                f"cannot write {path}: {error.strerror}. --html FILE chooses another place."
            ) from error
        return path
    raise InvalidValueError(f"{wanted} exists, and nothing is overwritten: choose another --html FILE")


def _write(history: History, page: Path | None) -> None:
    if page is None:
        return
    try:
        history.write_html(page)
    except (OSError, SlownetError, ArithmeticError) as error:
        raise NotWrittenError(f"the animation could not be written: {error}") from error
    _say(f"Animation: {page}")


def _write_diverged(error: DivergedError, page: Path | None) -> None:
    """Show what was recorded before, so that it can be seen; its numbers may well be absurd."""
    import numpy as np

    if error.history is not None:
        with suppress(NotWrittenError), np.errstate(all="ignore"):
            _write(error.history, page)


class _Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are one line that says what would be right."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        options, unknown = super().parse_known_args(args, namespace)
        for argument in unknown:
            known = [name for action in self._actions for name in action.option_strings]
            if argument.startswith("-"):
                raise unknown_name("option", argument.partition("=")[0], known)
            self.error(f"unexpected argument {argument!r}")
        return options, unknown

    def error(self, message: str) -> NoReturn:
        raise InvalidValueError(f"{message} (for example: slownet train mnist; see {self.prog} --help)")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="slownet",
        description="A neural net you can take apart: real neurons that learn in plain loops.",
        epilog="start with:\n  slownet train mnist\n  slownet train --help",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"slownet {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    command = commands.add_parser(
        "train",
        usage="slownet train DATA [options]",
        help="train a net, test it and write an animation of how it learned",
        description=(
            "Train a net, test it on samples it was not trained on, and write an animation of how it\n"
            "learned: one HTML file that any browser shows offline. Ctrl-C stops training early and\n"
            "keeps what has been learned."
        ),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_argument("data", metavar="DATA", help=f"{', '.join(NAMES)}, or a CSV file")
    table = command.add_argument_group("CSV files")
    table.add_argument("--target", metavar="COLUMN", help="the column to predict; the others are inputs")
    table.add_argument(
        "--classify", action="store_true", help="take the numbers in the target column for classes"
    )
    net = command.add_argument_group("the net")
    net.add_argument(
        "--layers",
        metavar="N",
        nargs="+",
        type=_integer,
        help="neurons of each layer, inputs first (mnist: 784 16 10)",
    )
    net.add_argument(
        "--hidden",
        metavar="NAME",
        default="relu",
        help="activation of the hidden layers: relu (default), sigmoid, tanh, ...",
    )
    training = command.add_argument_group("training")
    training.add_argument(
        "--samples",
        metavar="N",
        type=_integer,
        help=f"samples to train on (mnist: all {MNIST.samples}; points: {POINTS.samples}; "
        f"a CSV file: 4 of 5 rows, up to {TABLE.samples})",
    )
    training.add_argument(
        "--epochs",
        metavar="N",
        type=_integer,
        help=f"times to go through them (mnist: {MNIST.epochs}; points: {POINTS.epochs}; spirals: "
        f"{SPIRALS.epochs}; a CSV file: up to {TABLE.epochs}, fewer if it is large)",
    )
    training.add_argument(
        "--batch-size", metavar="N", type=_integer, default=16, help="samples an update (default: 16)"
    )
    training.add_argument(
        "--optimizer", metavar="NAME", help="sgd (default for mnist), adam (for all else) or rmsprop"
    )
    rates = ", ".join(f"{name} {rate}" for name, rate in LEARNING_RATES.items())
    training.add_argument(
        "--learning-rate",
        metavar="RATE",
        type=_number,
        help=f"at the start; it falls along a cosine to 0 (defaults: {rates})",
    )
    training.add_argument(
        "--engine",
        metavar="NAME",
        choices=ENGINES,
        default="auto",
        help="scalar (the object loops), compiled (the same bits, faster) or auto (default)",
    )
    training.add_argument(
        "--threads",
        metavar="N",
        type=_integer,
        default=1,
        help="threads of the compiled engine; 2 pay from a batch of 32 on (default: 1)",
    )
    training.add_argument(
        "--seed", metavar="N", type=_integer, default=0, help="decides all that is random (default: 0)"
    )
    output = command.add_argument_group("output")
    page = output.add_mutually_exclusive_group()
    page.add_argument(
        "--html",
        metavar="FILE",
        type=Path,
        help="where the animation goes, a new file (default: mnist.html, mnist-2.html, ...)",
    )
    page.add_argument("--no-html", action="store_true", help="no animation")
    output.add_argument(
        "--snapshots", metavar="N", type=_integer, default=100, help="its frames (default: 100)"
    )
    output.add_argument("--quiet", action="store_true", help="only print the result")
    return parser


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a whole number such as 10, not {text!r}") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number such as 0.1, not {text!r}") from None


def _fail(error: Exception, code: int) -> int:
    message = str(error)
    if isinstance(error, OSError) and error.filename:
        message = f"{error.filename}: {error.strerror}"
    print(f"slownet: {' '.join(message.split())}", file=sys.stderr)
    return code


def _say(text: str, end: str = "\n") -> None:
    """Print at once; where nobody reads on, as in `slownet train xor | head -1`, work goes on."""
    try:
        print(text, end=end, flush=True)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise NotWrittenError(f"cannot print: {error.strerror}") from error
