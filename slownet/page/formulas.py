"""The formulas of a training as JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import isfinite
from typing import Protocol, TypeVar

from slownet.functions import (
    ACTIVATIONS,
    INITIALIZERS,
    OPTIMIZERS,
    AnyActivation,
    Initializer,
    Loss,
    Optimizer,
    Regularizer,
    l1,
    l2,
    plain_sgd,
    randomness,
)
from slownet.functions.clipping import clipped, norm_factor
from slownet.objects import Net
from slownet.page.javascript import Translator, as_script_text
from slownet.page.modules import asset
from slownet.page.updates import updates_of
from slownet.training.options import Options
from slownet.translation import UntranslatableError
from slownet.translation.javascript import functions_of


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_Formula = TypeVar("_Formula", bound=_Named)
NORMAL = {  # the coefficients of normal random numbers
    "centre": randomness.CENTRE,
    "tail": randomness.TAIL,
    "far": randomness.FAR_TAIL,
}


def training_formulas(translator: Translator, net: Net, loss: Loss, options: Options) -> str:
    """Return the formulas of a training as one JavaScript object.

    Raises
    ------
    UntranslatableError
        If one has no translation; the message names it.
    """
    layers = [layer.function for layer in list(net)[1:]]
    penalties = [regularizer for regularizer, strength in options.regularizers if strength]
    activations = [_named("activation", each, partial(_activation, translator)) for each in layers]
    derivatives = [_named("regularizer", each, partial(_penalty, translator)) for each in penalties]
    of_loss = _named("loss", loss, lambda each: translator.loss(each, layers[-1]))
    optimizer = _named("optimizer", options.optimizer, lambda each: _optimizer(translator, each))
    schedule = _named("schedule", options.schedule, lambda each: translator.name_of(each.function))
    normal = ", ".join(
        f"{name}: [{', '.join(map(translator.table, tables))}]" for name, tables in NORMAL.items()
    )
    parts = {
        "activations": f"[{', '.join(activations)}]",
        "loss": of_loss,
        "optimizer": optimizer,
        "schedule": schedule,
        "penalties": f"[{', '.join(derivatives)}]",
        "clipped": translator.name_of(clipped),
        "normFactor": translator.name_of(norm_factor),
        "normal": f"{{{normal}}}",
        "offered": _offered(translator),
    }
    return _object(parts)


def net_formulas(translator: Translator, activations: Sequence[AnyActivation], loss: Loss) -> str:
    """Return the formulas of a net that the page does not train, as one JavaScript object.

    Raises
    ------
    UntranslatableError
        If one has no translation.
    """
    objects = ", ".join(map(translator.activation, activations))
    return f"{{activations: [{objects}], loss: {translator.loss(loss, activations[-1])}}}"


def _offered(translator: Translator) -> str:
    """Return the name of an object with built-in formulas by their names, which edits may choose."""
    parts = {
        "activations": {name: _activation(translator, each) for name, each in ACTIVATIONS.items()},
        "optimizers": {name: _optimizer(translator, each) for name, each in OPTIMIZERS.items()},
        "penalties": {each.name: _penalty(translator, each) for each in (l1, l2)},
        "initializers": {name: _initializer(translator, each) for name, each in INITIALIZERS.items()},
    }
    line = f"const OFFERED = {_object({name: _object(each) for name, each in parts.items()})};"
    if line not in translator.lines:  # trainings in one script share it
        translator.lines.append(line)
    return "OFFERED"


def _object(parts: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{name}: {text}' for name, text in parts.items())}}}"


def _activation(translator: Translator, activation: AnyActivation) -> str:
    """Return an activation with the name of the initializer that suits it."""
    found = translator.activation(activation).removesuffix("}")
    low, high = (f"{bound!r}" if isfinite(bound) else "null" for bound in activation.range)
    initializer = as_script_text(activation.initializer)
    return f"{found}, initializer: {initializer}, range: [{low}, {high}]}}"


def _initializer(translator: Translator, initializer: Initializer) -> str:
    about = f"distribution: {as_script_text(initializer.distribution)}, centre: {initializer.centre!r}"
    return f"{{{about}, spread: {translator.name_of(initializer.spread)}}}"


def _named(kind: str, formula: _Formula, translate: Callable[[_Formula], str]) -> str:
    """Return the translation of a formula, which is named where it has none."""
    try:
        return translate(formula)
    except UntranslatableError as error:
        raise UntranslatableError(
            f"the {kind} {formula.name!r} cannot be translated: {error}"
        ) from error


def _penalty(translator: Translator, regularizer: Regularizer) -> str:
    derivative = translator.name_of(regularizer.derivative)
    return f"{{derivative: {derivative}, penalise: {_loop('penalisedBy', derivative)}}}"


def _loop(name: str, formula: str) -> str:
    """Return a loop that calls a formula: a copy of its own, so that both are compiled together."""
    return f"({functions_of(asset('engine/loops.js'))[name]})({formula})"


def _optimizer(translator: Translator, optimizer: Optimizer) -> str:
    name, plain = as_script_text(optimizer.name), "true" if optimizer is plain_sgd else "false"
    rule, constants = map(translator.name_of, (optimizer.function, optimizer.constants))
    move = _loop("movedBy", rule)
    written = as_script_text(updates_of(optimizer.function))
    about = f"name: {name}, plain: {plain}, written: {written}"
    return f"{{{about}, rule: {rule}, constants: {constants}, move: {move}}}"
