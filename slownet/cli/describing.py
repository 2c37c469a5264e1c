"""Descriptions of files, as text that fits on one screen."""

from __future__ import annotations

import textwrap
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.checks import printable
from slownet.cli.data_sets import options_text
from slownet.cli.figures import number_text
from slownet.cli.opening import NET, RUN, SWEEP, file_kind, open_history
from slownet.datasets.tables.columns import NUMBER, Column
from slownet.errors import FormatError, SlownetError
from slownet.many import Sweep
from slownet.many.measures import MEASURES
from slownet.recording import Graph, History
from slownet.recording.comparison_report import as_text
from slownet.recording.measures import test_text, training_text, validation_text
from slownet.recording.opened_once import opened_once
from slownet.recording.run_lock import is_being_written
from slownet.recording.sharing import COMMAND, file_name
from slownet.training import Options
from slownet.version import ARITHMETIC

if TYPE_CHECKING:
    from slownet.samples import Preparation

WIDTH = 80
INDENT = 11
MOST = 24  # lines
MOST_COLUMNS = 30
COLUMN_LINES = 3
MOST_RATES = 4
ENDINGS = {
    "finished": "finished",
    "stopped": "stopped early, by a callback",
    "interrupted": "interrupted",
    "diverged": "diverged",
    "failed": "failed: an error ended it",
}
LISTED = ("learning_rate", "optimizer")
NOT_LISTED = (
    "loss",
    "validates",
    "callbacks",
    "earlier",
    "epoch_rates",
)  # not options of fit, or on another line

Rows = list[tuple[str, str]]


@opened_once()
def description(path: Path) -> str:
    """Return what a run, training, net or sweep file holds: up to 24 lines of 80 characters.

    Raises
    ------
    FileError, FormatError, ValueError
        If the file cannot be read, is damaged, or is none of them.
    """
    kind = file_kind(path)
    try:
        if kind == NET:
            rows = _of_net(path)
        elif kind == SWEEP:
            rows = _of_sweep(path)
        else:
            rows = _of_run(open_history(path), path if kind == RUN else None)
    except SlownetError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise FormatError(f"{path} is damaged: {error!r:.200}") from error
    lines = _wrapped(f"{path}: a {kind} file of {_size(path)}", "")
    for title, text in rows:
        lines += _wrapped(text, title)
    return "\n".join(lines if len(lines) <= MOST else [*lines[: MOST - 1], "..."])


def _wrapped(text: str, title: str) -> list[str]:
    """Return lines of a text; control characters are escaped."""
    shown = printable(text)
    indent = " " * INDENT if title else ""
    first = title.ljust(INDENT) if title else ""
    most = COLUMN_LINES if title == "columns" else 4 if title else 2
    return textwrap.wrap(
        shown, WIDTH, initial_indent=first, subsequent_indent=indent, max_lines=most, placeholder=" ..."
    )


def _size(path: Path) -> str:
    log = path.with_name(f"{path.name}-wal")
    size = float(path.stat().st_size + (log.stat().st_size if log.exists() else 0))
    for unit in ("bytes", "kB", "MB"):
        if size < 1000.0:
            return f"{size:.3g} {unit}"
        size /= 1000.0
    return f"{size:,.3g} GB"


# runs


def _of_run(history: History, run: Path | None) -> Rows:
    config, data = history.config, history.data
    per_epoch = ceil(data["samples"] / config["batch_size"])
    step, epochs = history.last_step, config["epochs"]
    preparation = _preparation_of(history)
    rows = [("net", _net_of(history)), ("data", _data_of(history)), *_table_rows(preparation)]
    rows.append(
        (
            "progress",
            f"step {step:,} of {per_epoch * epochs:,}, {_epochs(step, per_epoch, epochs)}"
            + (f" (from step {history.start + 1:,} on)" if history.start else ""),
        )
    )
    rows.append(("ended", _ending(history, run, step < per_epoch * epochs)))
    if history.loss:
        rows.append(("last step", f"mean loss of the batch {history.loss[-1]:.4g}"))
    if history.epochs:
        last = history.epochs[-1]
        judged = training_text(history, last), validation_text(history, last)
        rows.append((f"epoch {last.epoch}", "; ".join(filter(None, judged))))
    if history.test:
        rows.append(("test", _test(history, history.test, preparation)))
    rows.append(("options", _options(config)))
    rows += _rates(config)
    rows.append(("snapshots", _snapshots(history)))
    rows.append(("holds", _holds(history, run is not None)))
    if history.parent:
        rows.append(
            ("branch of", f"run {history.parent['id']}, from step {history.parent['step']:,} on")
        )
    rows.append(("run", f"{history.id}, created {history.created}"))
    versions = [f"{name} {version}" for name, version in history.versions.items() if name != "platform"]
    rows.append(("versions", ", ".join([*versions, str(history.versions.get("platform", ""))])))
    otherwise = ": no step can be repeated bit for bit"
    rows.append(("arithmetic", _arithmetic(history.arithmetic, otherwise)))
    return rows


def _holds(history: History, is_run: bool) -> str:
    """Return what of the data is in the file; the path of a table stays in a run file only."""
    source = history.source or {}
    is_ours = source.get("command") == COMMAND
    preparation = _preparation_of(history)
    columns = len(preparation.columns) if preparation is not None and preparation.is_named else 0
    thing = "rows" if columns or "target" in source else "samples"
    count = len(history.watch.samples)
    parts = [f"{count:,} watched {thing}" if count else f"none of the {thing}"]
    if is_ours and "target" not in source:
        return parts[0]
    if is_ours:
        parts.append(f"the {'path' if is_run else 'name'} of {file_name(str(source['data']))}")
    if columns:
        parts.append(f"the names of {columns:,} columns and of their categories, and what scales them")
    return f"{', '.join(parts)}; no other {thing}"


def _epochs(step: int, per_epoch: int, planned: int) -> str:
    """Return how far training is, with the number of the epoch that `slownet train` shows, too."""
    done, rest = divmod(step, per_epoch)
    return f"in epoch {done + 1:,} of {planned:,}" if rest else f"{done:,} of {planned:,} epochs"


def _arithmetic(mark: int, otherwise: str = "") -> str:
    if mark == ARITHMETIC:
        return f"{mark}, that of this slownet"
    return f"{mark}, and this slownet has {ARITHMETIC}{otherwise}"


def _net_of(history: History) -> str:
    try:
        graph = history.graph
    except SlownetError as error:
        if "formula of your own" not in str(error):
            raise
        return "with formulas of its own, which no file can hold"
    loss = as_text(history.config["loss"])
    return "none was kept" if graph is None else f"{_about_graph(graph)}; loss {loss}"


def _about_graph(graph: Graph) -> str:
    layers = list(graph.layers.values())
    biases = sum(neuron.has_bias for layer in layers for neuron in layer.neurons.values())
    activations = ", ".join(layer.activation.name for layer in layers[1:])
    return (
        f"{'-'.join(map(str, graph.sizes))} ({activations}), "
        f"{graph.weight_count + biases:,} weights and biases"
    )


def _data_of(history: History) -> str:
    data, source = history.data, history.source
    text = f"{data['samples']:,} samples, {data['inputs']:,} inputs, {data['outputs']:,} outputs"
    if history.classes:
        text += f"; classes {as_text(history.classes)}"
    if source and source.get("command") == COMMAND:
        text += f"; from {COMMAND} {file_name(str(source['data']))}{options_text(source)}"
    return text


def _preparation_of(history: History) -> Preparation | None:
    try:
        return None if history.graph is None else history.graph.preparation
    except SlownetError:  # `_net_of` says it
        return None


def _table_rows(preparation: Preparation | None) -> Rows:
    """Return what the columns of the table of a net are, and how numbers are scaled for the net."""
    if preparation is None:
        return []
    rows = [("columns", _listed_columns(preparation))]
    targets = [f"{target.name}{_scale(target.scale, target.centre)}" for target in preparation.targets]
    return [*rows, ("target", "; ".join(targets))] if any(targets) else rows


def _listed_columns(preparation: Preparation) -> str:
    """Return as many columns as have room, each of them whole, and how many more there are."""
    columns = preparation.columns
    by_order = "" if preparation.is_named else "in this order: "
    shown = list(map(_column, columns[:MOST_COLUMNS]))
    while True:
        more = len(columns) - len(shown)
        text = by_order + "; ".join([*shown, *([f"and {more:,} more"] if more else [])])
        if len(shown) <= 1 or len(textwrap.wrap(printable(text), WIDTH - INDENT)) <= COLUMN_LINES:
            return text
        shown.pop()


def _column(column: Column) -> str:
    about = f" ({column.kind})" if column.kind != NUMBER else ""
    if column.categories:
        about = f" ({len(column.categories)} texts)"
    if column.scale != 1.0 or column.centre:
        about = f": (x - {number_text(column.centre)}) / {number_text(column.scale)}".replace(
            "- -", "+ "
        )
    if column.fill is not None:
        fill = column.fill if isinstance(column.fill, str) else number_text(column.fill)
        about += f", {fill} where missing"
    return f"{column.name}{about}"


def _scale(scale: float, centre: float) -> str:
    if (centre, scale) == (0.0, 1.0):
        return ""
    return f": output * {number_text(scale)} + {number_text(centre)}".replace("+ -", "- ")


def _test(history: History, test: dict[str, Any], preparation: Preparation | None) -> str:
    units = ""
    targets = preparation.targets if preparation else ()
    if test.get("error") is not None and any(each.scale != 1.0 for each in targets):
        units = f" (the error in {targets[0].unit or 'units of the table'}, the loss of scaled numbers)"
    return f"{test_text(history)}{units}, of the net of step {test['step']:,}"


def _ending(history: History, run: Path | None, unfinished: bool) -> str:
    if history.ended is not None:
        text = ENDINGS.get(history.ended, history.ended)
    elif run is not None and is_being_written(run):
        return "not yet: it is under way"
    else:
        text = "killed: it recorded no end"
    ours = history.source is not None and history.source.get("command") == COMMAND
    can_go_on = history.ended != "diverged" and history.arithmetic == ARITHMETIC
    if run is not None and unfinished and can_go_on:
        text += f"; slownet resume {run} goes on" if ours else "; slownet.resume goes on"
    return text


def _options(config: dict[str, Any]) -> str:
    """List the optimizer, its rate, and the options that differ from the defaults of `fit`."""
    defaults = Options().config()
    changed = [
        f"{name}={as_text(value)}"
        for name, value in config.items()
        if name in LISTED or (name not in NOT_LISTED and value != defaults.get(name))
    ]
    return ", ".join(changed)


def _rates(config: dict[str, Any]) -> Rows:
    """Return the learning rates that callbacks have set, where each of them begins."""
    rates = config.get("epoch_rates", [])
    before = [None, *(rate for _, rate in rates)]
    changes = [each for each, old in zip(rates, before, strict=False) if each[1] != old]
    texts = [f"{rate:.4g} from epoch {epoch:,} on" for epoch, rate in changes]
    if len(texts) > MOST_RATES:
        texts[MOST_RATES - 2 : -1] = ["..."]
    scheduled = config["schedule"] != {"name": "constant"}
    by = "callbacks, before the schedule" if scheduled else "callbacks"
    return [("rates", f"set by {by}: {', '.join(texts)}")] if texts else []


def _snapshots(history: History) -> str:
    steps = history.snapshot_steps
    if not steps:
        return "none"
    watched = f"; {len(history.watch.samples):,} samples watched" if history.watch.samples else ""
    return f"{len(steps):,}, of steps {steps[0]:,} to {steps[-1]:,}{watched}"


# nets


def _of_net(path: Path) -> Rows:
    from slownet.recording import netfile

    net, arithmetic = netfile.read(path)
    graph = Graph.of(net)
    rows = [("net", _about_graph(graph)), ("loss", net.loss.name), *_table_rows(net.preparation)]
    frozen = sum(weight.frozen for weight in net.weights())
    biases = sum(neuron.has_bias and neuron.bias_frozen for neuron in net.neurons())
    counts = [f"{n:,} {what}" for n, what in ((frozen, "weights"), (biases, "biases")) if n]
    if counts:
        rows.append(("frozen", ", ".join(counts)))
    if graph.classes:
        rows.append(("classes", as_text(graph.classes)))
    if graph.seed is not None:
        rows.append(("seed", str(graph.seed)))
    state = net.optimizer_state
    if state is not None:
        rows.append(("optimizer", f"{state.optimizer.name}, after {state.step:,} updates"))
    rows.append(("arithmetic", _arithmetic(arithmetic)))
    return rows


# sweeps


def _of_sweep(path: Path) -> Rows:
    sweep = Sweep.open(path)
    trained = [run.history for run in sweep if run.history is not None]
    rows = [("trainings", _counts(sweep) + (", and it is under way" if is_being_written(path) else ""))]
    if trained:
        rows.append(("data", _data_of(trained[0])))
    rows += [(title, text) for title, text in zip(("tried", "same"), _tried(sweep), strict=True) if text]
    if sweep and any(run.error is None and run.history and run.history.epochs for run in sweep):
        rows.append(("best", _best_of(sweep)))
    errors = [run.error for run in sweep if run.error is not None]
    if errors:
        rows.append(("errors", f"{len(errors):,}, the first of them {errors[0]}"))
    rows.append(("time", f"{sum(run.seconds for run in sweep):,.3g} seconds of training"))
    marks = sorted({history.arithmetic for history in trained})
    return rows + [("arithmetic", _arithmetic(mark)) for mark in marks]


def _counts(sweep: Sweep) -> str:
    endings = [run.ended for run in sweep]
    counts = [f"{endings.count(each):,} {each}" for each in dict.fromkeys(endings)]
    return f"{len(endings):,}: {', '.join(counts)}" if counts else "none yet"


def _tried(sweep: Sweep) -> tuple[str, str]:
    """Return the settings that differ between trainings, and those that do not."""
    values: dict[str, dict[str, None]] = {}
    for run in sweep:
        for name, value in run.task.settings.items():
            values.setdefault(name, {})[as_text(value)] = None
    seeds = len(values.pop("seed", ()))
    tried = [f"{name} {', '.join(found)}" for name, found in values.items() if len(found) > 1]
    same = [f"{name}={text}" for name, found in values.items() if len(found) == 1 for text in found]
    return "; ".join([*tried, *([f"{seeds:,} seeds"] if seeds > 1 else [])]), ", ".join(same)


def _best_of(sweep: Sweep) -> str:
    """Return the settings and measures of the best training, and by what it is the best."""
    run = sweep.best()[0]
    names = [name for name in (*sweep.settings, "seed") if name in run.task.settings]
    settings = [f"{name}={as_text(run.task.settings[name])}" for name in names]
    figures = [
        f"{name.replace('_', ' ')} {number:{'.2%' if name.endswith('accuracy') else '.4g'}}"
        for name in MEASURES
        if (number := run.measure(name)) is not None
    ]
    by = f"by {sweep.measure.replace('_', ' ')}"
    return f"{', '.join([by, *settings])}: {', '.join(figures)}"
