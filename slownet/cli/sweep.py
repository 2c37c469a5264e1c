"""The command that trains many nets: sweep."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from typing import Any

from slownet.checks import check_integer, check_path
from slownet.cli.data import Data
from slownet.cli.data_sets import DATA_SETS, Source, load, recipe_values
from slownet.cli.output import new_file, print_line, shown, write_plot
from slownet.cli.parsing import HIDDEN, add_reading, hidden_sizes, integer, name_in, new_command, number
from slownet.cli.training import MOST_WEIGHTS, TABLES
from slownet.errors import DivergedError, InvalidValueError
from slownet.functions import ACTIVATIONS, OPTIMIZERS, get_optimizer
from slownet.layers import weight_count
from slownet.many import Sweep, Task, grid, train_many
from slownet.many.sweep import NO_GRID, varied
from slownet.many.task import check_tasks

MOST_ROWS = 40  # of the table that is printed
MEASURES = ("test_accuracy", "test_error", "test_loss", "loss")  # the first two of them are printed
FIT = ("batch_size", "epochs", "l2", "dropout")  # arguments of fit that may have several values
EXAMPLES = """\
examples:
  slownet sweep moons --hidden 4 8 16-16 --seeds 20
  slownet sweep mnist --hidden 8 16 32 --learning-rate 0.01 0.1 --seeds 20 --jobs 2
  slownet sweep houses.csv --target price --hidden 8 16 --seeds 5 --into houses.db
"""


def add_sweep(commands: Any) -> None:
    """Add `slownet sweep`."""
    command = new_command(
        commands,
        sweep,
        "DATA [options]",
        "train many nets: all combinations of options, with many seeds",
        "Train a net for every combination of the values given, and for every seed, test each, and\n"
        "print what they come to. Ctrl-C stops early; with --into FILE the same command goes on.",
        EXAMPLES,
    )
    command.add_argument("data", metavar="DATA", help=f"{', '.join(DATA_SETS)}, or a table: {TABLES}")
    add_reading(command.add_argument_group("tables"))
    tried = command.add_argument_group("what is tried, each with one value or several")
    _add(tried, "--hidden", "N", hidden_sizes, HIDDEN)
    _add(tried, "--activation", "NAME", name_in(ACTIVATIONS), "of the hidden layers (default: relu)")
    _add(tried, "--learning-rate", "RATE", number, "at the start; it falls along a cosine to 0")
    _add(tried, "--optimizer", "NAME", name_in(OPTIMIZERS), f"(default: {recipe_values('optimizer')})")
    _add(tried, "--batch-size", "N", integer, "samples an update (default: 16)")
    _add(tried, "--epochs", "N", integer, f"(default: {recipe_values('epochs')}, fewer if it is large)")
    _add(tried, "--l2", "X", number, "strength of the penalty on weights (default: 0)")
    _add(tried, "--dropout", "SHARE", number, "of hidden neurons that are dropped (default: 0)")
    training = command.add_argument_group("training")
    training.add_argument(
        "--seeds", metavar="N", type=integer, default=1, help="nets of each combination (default: 1)"
    )
    training.add_argument("--samples", metavar="N", type=integer, help="samples to train on")
    training.add_argument(
        "--seed", metavar="N", type=integer, default=0, help="decides all that is random (default: 0)"
    )
    training.add_argument(
        "--jobs",
        dest="n_jobs",
        metavar="N",
        type=integer,
        help="how many train at a time, -1 for all cores (default: 1)",
    )
    output = command.add_argument_group("output")
    output.add_argument(
        "--into",
        metavar="FILE",
        type=check_path,
        help="a file that keeps every net and its curves; what it has is not trained again",
    )
    output.add_argument(
        "--curves", metavar="FILE", type=check_path, help="draw all curves, into a new HTML file"
    )
    output.add_argument(
        "--map", metavar="FILE", type=check_path, help="draw what each pair of values comes to, likewise"
    )
    output.add_argument("--quiet", action="store_true", help="only print the result")


def _add(group: Any, name: str, metavar: str, kind: Any, text: str) -> None:
    group.add_argument(name, metavar=metavar, nargs="+", type=kind, help=text)


def sweep(options: argparse.Namespace) -> None:
    """Train a net for every combination of options and every seed, and print what they come to."""
    data = load(Source.of(options))
    tasks = check_tasks(_tasks(options, data))
    if options.map is not None and not varied(tasks):
        raise InvalidValueError(NO_GRID)
    with ExitStack() as stack:
        pages = {
            name: stack.enter_context(new_file(path, f"--{name}", "an HTML page"))
            for name in ("curves", "map")
            if (path := getattr(options, name)) is not None
        }
        if not options.quiet:
            trainings = "1 training" if len(tasks) == 1 else f"{len(tasks):,} trainings, each"
            print_line(f"{data.about}\n{trainings} with one thread")
        found = train_many(tasks, options.n_jobs, into=options.into, progress=not options.quiet)
        print_line(_report(found))
        if options.into is not None:
            print_line(f"Sweep: {shown(options.into)}")
        if all(run.error is not None for run in found):
            raise DivergedError(f"none of the trainings came to its end: {_first_error(found)}")
        for name, page in pages.items():
            figure = found.curves() if name == "curves" else found.heat_map()
            write_plot(name.capitalize(), figure, page)


def _first_error(found: Sweep) -> str:
    return next((run.error for run in found if run.error), "they were stopped")


def _tasks(options: argparse.Namespace, data: Data) -> list[Task]:
    """Return the tasks; an optimizer without a learning rate has its own one."""
    recipe = data.recipe
    hidden = [each if len(each) > 1 else each[0] for each in options.hidden or [recipe.hidden]]
    for sizes in hidden:
        dims = [data.train[0].shape[1], *(sizes if isinstance(sizes, tuple) else [sizes]), data.outputs]
        check_integer("the number of weights with --hidden", weight_count(dims), maximum=MOST_WEIGHTS)
    given: dict[str, Any] = {"batch_size": [16], "epochs": [recipe.epochs]}
    given |= {name: getattr(options, name) for name in FIT if getattr(options, name) is not None}
    if data.number is not None:
        given["output_activation"] = ["linear"]
    tasks: list[Task] = []
    for optimizer in options.optimizer or [recipe.optimizer]:
        tasks += grid(
            *data.train,
            seeds=options.seeds,
            seed=options.seed,
            validation_data=data.validated,
            test_data=data.test,
            prepare=data.preparation,
            classes=data.classes,
            hidden=hidden,
            hidden_activation=options.activation or ["relu"],
            optimizer=[optimizer],
            learning_rate=options.learning_rate or [get_optimizer(optimizer).learning_rate],
            schedule="cosine",
            **given,
        )
    return tasks


def _report(found: Sweep) -> str:
    """Return a table of what each combination came to, the best one first."""
    table = found.summary()
    names = [name for name in MEASURES if name in table][:2]
    if names:
        best_last = names[0].endswith("accuracy")
        table = table.sort_values(names[0], ascending=not best_last, kind="stable")
    rows = [[*found.settings, "runs", *(name.replace("_", " ") for name in names)]]
    for row in table.head(MOST_ROWS).to_dict("records"):
        texts = [_with_deviation(row, name) for name in names]
        rows.append([*(str(row[name]) for name in found.settings), str(row["runs"]), *texts])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    ]
    more = len(table) - MOST_ROWS
    failed = sum(run.error is not None for run in found)
    notes = [f"... and {more:,} more combinations"] * (more > 0)
    notes += [f"{failed:,} diverged or failed: {_first_error(found)}"] * (failed > 0)
    return "\n".join([*lines, *notes])


def _with_deviation(row: dict[Any, Any], name: str) -> str:
    """Return a mean with its deviation over the seeds, if there are several."""
    form = ".2%" if name.endswith("accuracy") else ".4g"
    mean, deviation = row[name], row.get(f"{name} ±")
    if mean is None or mean != mean:
        return "none"
    if deviation is None or deviation != deviation:
        return format(mean, form)
    return f"{format(mean, form)} ± {format(deviation, form)}"
