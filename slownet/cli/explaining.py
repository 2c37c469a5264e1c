"""The command that derives a number of a recorded training: explain."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any

from slownet.checks import check_integer, check_path, short
from slownet.cli.data_sets import Source, load_named
from slownet.cli.opening import open_history
from slownet.cli.output import new_file, print_line, print_raw, shown
from slownet.cli.parsing import integer, new_command
from slownet.errors import InvalidValueError
from slownet.recording.opened_once import opened_once
from slownet.recording.sharing import COMMAND

if TYPE_CHECKING:
    from slownet.explain import Derivation
    from slownet.objects import Net
    from slownet.recording import History

NUMBER = r"\b[0-9]{1,9}\b"
PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
    'content="width=device-width"><title>{title}</title><body>{body}</body></html>\n'
)


def add_explain(commands: Any) -> None:
    """Add `slownet explain`."""
    command = new_command(
        commands,
        explain,
        "RUN [--step N] [--sample K] [--weight L:(I,J) | --neuron L:J] [options]",
        "derive a number of a recorded training, operation by operation",
        "Derive a number as it was in a step of a training that slownet train has recorded, by default\n"
        "the loss of the last step: the steps before are taken again, to the same bits. With --sample\n"
        "the step has this sample alone, with the options of the training.",
        "examples:\n"
        '  slownet explain mnist.run --step 400 --sample 7 --weight "1:(406,3)"\n'
        '  slownet explain mnist.run --step 400 --weight "2:(3,7)" --quantity update --html why.html\n'
        "  slownet explain mnist.run --step 400 --neuron 2:7 --quantity delta --python\n"
        "  slownet explain mnist.run --quantity loss\n",
    )
    command.add_argument("run", metavar="RUN", type=check_path, help="a run file, or a training as JSON")
    command.add_argument(
        "--step", metavar="N", type=integer, help="the step, from 1 (default: the last one)"
    )
    command.add_argument(
        "--sample", metavar="K", type=integer, help="the row of the training data (default: its batch)"
    )
    what = command.add_mutually_exclusive_group()
    what.add_argument("--weight", metavar="L:(I,J)", help="a weight, by the layer it goes to and its id")
    what.add_argument("--neuron", metavar="L:J", help="a neuron, by its layer and its id")
    command.add_argument(
        "--quantity",
        metavar="NAME",
        help="of a weight grad, value or update; of a neuron z, value, delta, bias_grad or update; "
        "without either loss, or any name that is printed, such as grad_2_3_7 or delta_2_7_s12",
    )
    command.add_argument("--depth", metavar="N", type=integer, default=2, help="levels of the text")
    output = command.add_mutually_exclusive_group()
    output.add_argument("--html", metavar="FILE", type=check_path, help="write HTML, into a new file")
    output.add_argument("--python", action="store_true", help="print a program that prints it")


@opened_once()
def explain(options: argparse.Namespace) -> None:
    """Derive a number of a recorded training."""
    from slownet.training.last_step import check_step

    check_integer("--depth", options.depth, minimum=1)
    history = open_history(options.run)
    data = _data_of(history, options)
    step = history.last_step if options.step is None else options.step
    check_step(history, step, "--step")
    derivation = _derived(history, step, data, options)
    if options.html is not None:
        with new_file(options.html, "--html", "an HTML page") as path:
            path.write_text(PAGE.format(title=derivation.name, body=derivation.html()), encoding="utf-8")
        print_line(f"Written: {shown(options.html)}")
    elif options.python:
        print_raw(f"{derivation.python()}print({derivation.name})\n")
    else:
        print_line(derivation.text(options.depth))


def _data_of(history: History, options: argparse.Namespace) -> tuple[Any, Any]:
    source = history.source or {}
    if source.get("command") != COMMAND:
        raise InvalidValueError(
            f"{options.run} was recorded by a program, and only the program knows its data: derive it "
            "in Python by history.explain(step, quantity, (X, y))"
        )
    origin = Source.from_plain(source, options.run, "put it beside the run file")
    return load_named(origin, options.run).train


def _derived(
    history: History, step: int, data: tuple[Any, Any], options: argparse.Namespace
) -> Derivation:
    sample = options.sample
    if sample is not None:
        sample = check_integer("--sample", sample, 0, len(data[0]) - 1)
    return history.explain(step, _asked(history.restore(), options), data, sample)


def _asked(net: Net, options: argparse.Namespace) -> Any:
    """Return what is asked for, as `Net.explain` takes it."""
    from slownet.explain.naming import asked

    quantity = options.quantity
    if options.weight is not None:
        found = re.fullmatch(rf"\s*({NUMBER})\s*:\s*\(((?:{NUMBER}|[\s,()])*)\)\s*", options.weight)
        ids = [int(each) for each in re.findall(r"\d+", found[2])] if found else []
        if found is None or len(ids) not in (2, 4):
            raise InvalidValueError(
                '--weight must be LAYER:(I,J), as in "1:(406,3)" from neuron 406 to neuron 3 of layer '
                f"1, or LAYER:((L,I),(M,J)), not {short(options.weight)}"
            )
        weight_id: Any = (ids[0], ids[1]) if len(ids) == 2 else ((ids[0], ids[1]), (ids[2], ids[3]))
        weight = net.weight(int(found[1]), weight_id)
        asked(weight, quantity or "grad")
        return weight, quantity or "grad"
    if options.neuron is not None:
        found = re.fullmatch(rf"\s*({NUMBER})\s*:\s*({NUMBER})\s*", options.neuron)
        if found is None:
            raise InvalidValueError(f"--neuron must be LAYER:ID, as in 2:7, not {short(options.neuron)}")
        layer, neuron = int(found[1]), int(found[2])
        if layer not in net.layers or neuron not in net.layers[layer].neurons:
            raise InvalidValueError(
                f"--neuron {layer}:{neuron} is not in this net: it has "
                + ", ".join(f"{each.id}:{min(each.neurons)} to {max(each.neurons)}" for each in net)
            )
        return net.layers[layer].neurons[neuron], quantity or "value"
    return quantity or "loss"
