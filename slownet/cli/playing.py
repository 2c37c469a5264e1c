"""`slownet play`: a page that trains, in the browser."""

from __future__ import annotations

import argparse
import webbrowser
from typing import Any

from slownet.checks import check_path
from slownet.cli.data import Data
from slownet.cli.data_sets import DATA_SETS, Source, load
from slownet.cli.output import new_page, print_line, shown, write_animation
from slownet.cli.parsing import (
    HIDDEN,
    add_keep,
    add_reading,
    add_words,
    hidden_sizes,
    integer,
    name_in,
    new_command,
    words_of,
)
from slownet.cli.training import TABLES, Introduction, net_for, print_if_stopped
from slownet.functions import ACTIVATIONS, get_optimizer
from slownet.recording.sharing import file_name

EXAMPLES = """\
examples:
  slownet play
  slownet play spirals --hidden 16-16
  slownet play mnist
  slownet play houses.csv --target price
"""


def add_play(commands: Any) -> None:
    """Add `slownet play`."""
    command = new_command(
        commands,
        play,
        "[DATA] [options]",
        "open a page in which a net trains, and can be changed",
        "Write a page in which a net trains, and open it in the browser: any number can be looked at,\n"
        "and what is trained, and how, can be changed there. It works offline.",
        EXAMPLES,
    )
    command.add_argument(
        "data",
        metavar="DATA",
        nargs="?",
        default="moons",
        help=f"{', '.join(DATA_SETS)}, or a table: {TABLES} (default: moons)",
    )
    add_reading(command.add_argument_group("tables"))
    net = command.add_argument_group("the net")
    net.add_argument("--hidden", metavar="N", type=hidden_sizes, help=HIDDEN)
    net.add_argument(
        "--activation",
        metavar="NAME",
        type=name_in(ACTIVATIONS),
        default="tanh",
        help="of the hidden layers: tanh (default), relu, sigmoid, ...",
    )
    training = command.add_argument_group("training")
    training.add_argument(
        "--samples", metavar="N", type=integer, help="samples to train on (mnist: 5000)"
    )
    training.add_argument(
        "--epochs",
        metavar="N",
        type=integer,
        help="times to go through them (default: as many as take a moment)",
    )
    training.add_argument(
        "--seed", metavar="N", type=integer, default=0, help="decides all that is random (default: 0)"
    )
    output = command.add_argument_group("output")
    output.add_argument(
        "-o",
        "--html",
        metavar="FILE",
        type=check_path,
        help="where the page goes, a new file (default: moons.html, moons-2.html, ...)",
    )
    output.add_argument("--no-open", action="store_true", help="do not open it")
    add_keep(output, "fits")
    add_words(output)
    command.set_defaults(layers=None, quiet=True)


def play(options: argparse.Namespace) -> None:
    """Write a page that trains itself, and open it."""
    from slownet.page.playing import DIGITS, SNAPSHOTS

    if options.data == "mnist" and options.samples is None:
        options.samples = DIGITS
    source = Source.of(options)
    data = load(source)
    net, words = net_for(options, data), words_of(options, data.class_count)
    with new_page(options.html, data.name) as page:
        history = net.fit(
            *data.train,
            **_fit_options(options, data),
            prepare=data.preparation,
            watch=data.watched(),
            validation_data=data.validated,
            test_data=data.test,
            snapshots=SNAPSHOTS,
            callbacks=Introduction(None, quiet=True),
            progress=False,
            source=source.plain(data),
        )
        print_if_stopped(history, len(data.train[0]))
        write_animation(history, page, words=words, keep=options.keep, name="Page")
        if source.target is not None and options.keep not in ("auto", "none"):
            table = shown(file_name(options.data))
            print_line(f"It holds rows of {table}, to train with them; --keep none leaves them out.")
    if not options.no_open and not webbrowser.open(page.absolute().as_uri()):
        print_line(f"No browser could be opened: open {shown(page)} in one.")


def _fit_options(options: argparse.Namespace, data: Data) -> dict[str, Any]:
    from slownet.page.playing import usual_epochs

    optimizer = data.recipe.optimizer
    epochs = usual_epochs(len(data.train[0])) if options.epochs is None else options.epochs
    rate = get_optimizer(optimizer).learning_rate
    return {"epochs": epochs, "optimizer": optimizer, "learning_rate": rate, "seed": options.seed}
