"""What an experiment begins with, where a page has it."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from slownet.checks import short
from slownet.errors import FormatError, InvalidValueError
from slownet.experiments.addresses import Address, experiment_of, read_address
from slownet.experiments.edits import Edit
from slownet.experiments.rows import Floats, Kind, Rows
from slownet.experiments.starting import ALONE, drawing, kind_of, other_sets
from slownet.experiments.state import State
from slownet.page.first_net import net_of_arrays
from slownet.page.preparation import preparation_from
from slownet.page.reading import Page
from slownet.page.verifying import errors_as_format_error, initial_net, plan_of
from slownet.recording.json_values import integer

if TYPE_CHECKING:
    from slownet.objects import Neuron, Weight
    from slownet.page.facts import Recipe, Start


def state_of_page(
    page: Page, name: str | os.PathLike[str], experiment: str | list[Edit] | None, formulas: list[Any]
) -> tuple[State, int, Address]:
    """Return the start of the training of a page, its last step, and the experiment.

    A page with snapshots goes on from the one that the experiment names. Errors call the page by its
    `name`.

    Raises
    ------
    ValueError
        If the page does not train itself.
    FormatError
        If its numbers are not those of a page of slownet.
    RecordingError
        If it is of another arithmetic.
    """
    page.check_repeatable(name)
    recipe: Recipe | None = page.facts.get("recipe")
    if recipe is None:
        raise InvalidValueError(
            f"{name} holds snapshots of its training, and nothing to train on with: give the run file, "
            "and data=(X, y)"
        )
    with errors_as_format_error(name):
        read_address(page.experiment)
        last = integer(page.training["last"], "last")
        start = recipe["start"]
    address = experiment_of(experiment, page.experiment)
    if (start is None) != (address.start is not None):
        raise InvalidValueError(
            f"{name} trains itself, and goes on from no snapshot: leave from= out of its address"
            if start
            else f"{name} holds snapshots of its training, and not all that it was trained from: give "
            "the run file, and data=(X, y), or an address that goes on from a snapshot, as "
            "'#from=100&e=120_rate_0.05'"
        )
    with errors_as_format_error(name):
        if address.start is not None:
            page, recipe = _from_snapshot(page, recipe, address.start)
            last = address.start
        return _state(page, recipe, formulas), last, address


def _from_snapshot(page: Page, recipe: Recipe, step: int) -> tuple[Page, Recipe]:
    """Return a page that begins with the snapshot of a step."""
    steps, arrays = page.training["steps"], page.arrays
    if step not in steps:
        raise FormatError(f"it has no snapshot of step {step:,}, only of {short(steps)}")
    frame = steps.index(step)
    layers = page.facts["layers"][1:]
    weights = np.concatenate([arrays[f"weights {layer['id']}"][frame] for layer in layers])
    biases = arrays["biases"][frame]

    def marked(name: str, count: int) -> Any:
        if name not in arrays:
            return np.zeros(count, np.uint8)
        return np.unpackbits(arrays[name][frame], count=count, bitorder="little")

    if marked("gone", len(weights)).any():
        raise FormatError("its net was changed between two snapshots")
    has_bias = 1 - marked("without bias", len(biases))
    numbers = {
        "weights": weights,
        "biases": biases,
        "has bias": has_bias,
        "fixed weights": marked("frozen", len(weights)),
        "fixed biases": marked("frozen biases", len(biases)) | (1 - has_bias),
    }
    start: Start = {"step": steps[frame], "loss_sum": 0.0, "correct": 0}
    changed: Recipe = {**recipe, "start": start, "initial": None}
    facts = {**page.facts, "training": {**page.training, "initial": None}}
    return replace(page, facts=facts, arrays={**arrays, **numbers}), changed


def _state(page: Page, recipe: Recipe, formulas: list[Any]) -> State:
    training, arrays, start = page.training, page.arrays, recipe["start"]
    options, _ = plan_of(page, formulas)
    loss = options.loss
    if loss is None or start is None:
        raise FormatError("it has no loss, or no step to begin after")
    layers = training["initial"]
    net = net_of_arrays(page, recipe, formulas) if layers is None else initial_net(page, formulas)
    net.classes, net.preparation = training["classes"], preparation_from(page.facts)
    net.loss, net.initializers = loss, recipe["initializers"]
    kind = kind_of(net, loss, net.preparation)
    rows = _rows(page, kind)
    shape = rows.inputs.shape[1], rows.targets.shape[1]
    state = State(
        net,
        replace(options, **ALONE, warm_start=False),
        rows,
        step=integer(start["step"], "step"),
        sets=other_sets(shape, kind, net.preparation),
        first=drawing(net, layers, formulas),
        epoch_sums=(float(start["loss_sum"]), integer(start["correct"], "correct")),
    )
    if "first" in arrays:
        after = [neuron for layer in list(net)[1:] for neuron in layer]
        things: list[Weight | Neuron] = [*net.weights(), *after]
        pairs = zip(arrays["first"].tolist(), arrays["second"].tolist(), strict=True)
        state.memory = dict(zip(things, pairs, strict=True))
    return state


def _rows(page: Page, kind: Kind) -> Rows:
    """Return what the training of a page learns from."""
    arrays, layers = page.arrays, page.facts["layers"]
    width, outputs = len(layers[0]["neurons"]), len(layers[-1]["neurons"])
    pixels = arrays.get("data pixels")
    labels = page.training["classes"]
    if labels is not None and kind.has_classes and len(labels) != kind.count:
        raise FormatError(f"it has names for {len(labels):,} classes, and its net tells {kind.count:,}")
    inputs = arrays["data samples"] if pixels is None else pixels / 255.0
    targets: Floats
    if kind.target_kind == "class":
        classes = arrays["data classes"]
        if len(classes) and not 0 <= classes.min() <= classes.max() < outputs:
            raise FormatError("a sample is of a class that its net does not have")
        targets = np.zeros((len(classes), outputs))
        targets[np.arange(len(classes)), classes] = 1.0
    else:
        targets = arrays["data targets"].reshape(-1, outputs)
    if inputs.shape != (len(targets), width):
        raise FormatError(f"it has {inputs.shape} inputs for {len(targets):,} targets")
    are_images = pixels is not None and width != 2
    return Rows.of(replace(kind, are_images=are_images), inputs, targets, arrays.get("data weights"))
