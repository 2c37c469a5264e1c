"""The arguments of the command line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NoReturn

from slownet.cli.samples import MNIST, NAMES, POINTS, SPIRALS, TABLE
from slownet.engines import ENGINES
from slownet.errors import InvalidValueError
from slownet.functions.table import unknown_name
from slownet.version import __version__

LEARNING_RATES = {"sgd": 0.1, "rmsprop": 0.003, "adam": 0.01}
EXAMPLES = """\
examples:
  slownet train mnist
  slownet train mnist --samples 30000 --layers 784 32 16 10
  slownet train spirals --hidden tanh --html spirals-tanh.html
  slownet train houses.csv --target price
  slownet train mnist --run mnist.run
"""


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


def new_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; what it finds has the name of one as `command`."""
    parser = _Parser(
        prog="slownet",
        description="A neural net you can take apart: real neurons that learn in plain loops.",
        epilog="start with:\n  slownet train mnist\n  slownet train --help",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"slownet {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, dest="command")
    _add_train(commands)
    _add_resume(commands)
    _add_info(commands)
    _add_compare(commands)
    _add_animate(commands)
    _add_verify(commands)
    return parser


def _new_command(commands: Any, name: str, summary: str, usage: str, about: str, examples: str) -> Any:
    return commands.add_parser(
        name,
        usage=usage,
        help=summary,
        description=about,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _add_train(commands: Any) -> None:
    command = _new_command(
        commands,
        "train",
        "train a net, test it and write an animation of how it learned",
        "slownet train DATA [options]",
        "Train a net, test it on samples it was not trained on, and write an animation of how it\n"
        "learned: one HTML file that any browser shows offline. Ctrl-C stops training early and\n"
        "keeps what has been learned.",
        EXAMPLES,
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
    _add_engine(training, "auto", 1)
    training.add_argument(
        "--seed", metavar="N", type=_integer, default=0, help="decides all that is random (default: 0)"
    )
    output = command.add_argument_group("output")
    output.add_argument(
        "--run",
        metavar="FILE",
        type=Path,
        help="a new file that keeps all of the training while it goes on, for slownet resume",
    )
    _add_page(output, "mnist.html, mnist-2.html, ...")
    output.add_argument(
        "--snapshots", metavar="N", type=_integer, default=100, help="its frames (default: 100)"
    )


def _add_resume(commands: Any) -> None:
    command = _new_command(
        commands,
        "resume",
        "go on with a training that was recorded",
        "slownet resume FILE [options]",
        "Go on with a training that slownet train --run FILE has recorded, as if it had never stopped:\n"
        "to the same bits, after Ctrl-C, a crash, or for more epochs than were planned.",
        "examples:\n  slownet resume mnist.run\n  slownet resume mnist.run --epochs 10\n",
    )
    command.add_argument("run", metavar="FILE", type=Path, help="the run file")
    training = command.add_argument_group("training")
    training.add_argument(
        "--epochs",
        metavar="N",
        type=_integer,
        help="times to go through the samples in all (default: as many as were planned)",
    )
    _add_engine(training, None, None)
    _add_page(command.add_argument_group("output"), "the name of the run file with .html")


def _add_info(commands: Any) -> None:
    command = _new_command(
        commands,
        "info",
        "say what a file of slownet holds",
        "slownet info FILE",
        "Say what a run file, a training as JSON or a net as JSON holds: the net, its data, how far\n"
        "training got and how it ended.",
        "example:\n  slownet info mnist.run\n",
    )
    command.add_argument("file", metavar="FILE", type=Path, help="a run file, or JSON")


def _add_compare(commands: Any) -> None:
    command = _new_command(
        commands,
        "compare",
        "say where two runs first differ",
        "slownet compare FILE FILE [--html FILE]",
        "Say where two runs first differ, and by how much: their losses, every weight and bias in the\n"
        "snapshots of the same steps, and their options.",
        "example:\n  slownet compare one.run other.run --html difference.html\n",
    )
    command.add_argument("a", metavar="A", type=Path, help="a run file")
    command.add_argument("b", metavar="B", type=Path, help="the other one")
    command.add_argument("--html", metavar="FILE", type=Path, help="draw them too, into a new file")


def _add_animate(commands: Any) -> None:
    command = _new_command(
        commands,
        "animate",
        "write the page that plays a recorded training",
        "slownet animate FILE [options]",
        "Write one HTML file in which a recorded training is watched and taken apart, offline, in any\n"
        "browser. Weights are rounded so that their data stay below 1.5 MB, and the page says how.",
        "examples:\n  slownet animate mnist.run -o learning.html\n  slownet animate mnist.run --exact\n",
    )
    command.add_argument("run", metavar="FILE", type=Path, help="the run file, or a training as JSON")
    command.add_argument(
        "-o",
        "--html",
        metavar="FILE",
        type=Path,
        help="where it goes, a new file (default: the name of the run file with .html)",
    )
    command.add_argument("--title", metavar="TEXT", help="what the page is called")
    fineness = command.add_mutually_exclusive_group()
    fineness.add_argument(
        "--exact", action="store_true", default=None, help="keep every weight to the last bit"
    )
    fineness.add_argument(
        "--bits", metavar="N", type=_integer, help="keep weights as one of 2^N steps, N from 6 to 24"
    )


def _add_verify(commands: Any) -> None:
    command = _new_command(
        commands,
        "verify",
        "train again, and say whether a page is true",
        "slownet verify FILE",
        "Train again as a page says it was trained, and compare every number that it holds. It needs\n"
        "the data, which a page that slownet train or animate wrote names.",
        "example:\n  slownet verify mnist.html\n",
    )
    command.add_argument("page", metavar="FILE", type=Path, help="the page")


def _add_engine(group: Any, engine: str | None, threads: int | None) -> None:
    said = "(default)" if engine else "(default: as before)"
    group.add_argument(
        "--engine",
        metavar="NAME",
        choices=ENGINES,
        default=engine,
        help=f"scalar (the object loops), compiled (the same bits, faster) or auto {said}",
    )
    said = "(default: 1)" if threads else "(default: as before)"
    group.add_argument(
        "--threads",
        metavar="N",
        type=_integer,
        default=threads,
        help=f"threads of the compiled engine; 2 pay from a batch of 32 on {said}",
    )


def _add_page(group: Any, default: str) -> None:
    page = group.add_mutually_exclusive_group()
    page.add_argument(
        "--html",
        metavar="FILE",
        type=Path,
        help=f"where the animation goes, a new file (default: {default})",
    )
    page.add_argument("--no-html", action="store_true", help="no animation")
    group.add_argument("--quiet", action="store_true", help="only print the result")


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
