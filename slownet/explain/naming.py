"""The names of the numbers of a step, and what they are in words.

The names are those of the page's operations (`page/assets/engine/operations.js`): `z_1_3`, `value_1_3`,
`delta_1_3`, `weight_1_0_3` from neuron 0 to neuron 3 of layer 1. In a batch, what is of one sample has
its number behind it: `z_1_3_s7`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from slownet.checks import short
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.graph_checks import are_apart, where

if TYPE_CHECKING:
    from slownet.explain.tape import Role
    from slownet.objects import Net

WORDS = {
    "weight": "value of",
    "bias": "bias of",
    "z": "weighted input of",
    "value": "value of",
    "raw": "value before dropout of",
    "slope": "slope dL/dvalue of",
    "derivative": "derivative f'(z) of",
    "delta": "delta = dL/dz of",
    "target": "target of",
    "keep": "what dropping makes of",
    "grad": "gradient of",
    "bias_grad": "gradient of the bias of",
    "mean": "mean gradient, as the update takes it, of",
    "first": "first number that the optimizer remembers of",
    "second": "second number that the optimizer remembers of",
    "new_first": "first number that the optimizer will remember of",
    "new_second": "second number that the optimizer will remember of",
    "new_weight": "new value of",
    "new_bias": "new bias of",
    "power_sum": "sum of the powers of e of",
    "mean_slope": "mean slope of",
    "loss": "loss",
    "sample_loss": "loss of a sample",
    "output_loss": "loss of",
    "loss_slope": "slope of the loss of",
    "own_loss": "loss of a sample, before it is weighted",
    "total": "sum of the losses",
    "learning_rate": "learning rate",
    "first_rate": "learning rate before the schedule",
    "epoch": "epochs done",
    "share": "share of each sample",
    "samples": "number of samples",
    "weight_sum": "sum of the weights of the samples",
    "sample_weight": "weight of a sample",
    "norm": "norm of the gradient",
    "clip": "factor that clips the norm",
}
GIVEN = {
    "weight": "given: its value before the step",
    "bias": "given: its value before the step",
    "value": "given: an input",
    "target": "given: the target",
    "keep": "drawn: 0 drops it, 1 / (1 - share) keeps it",
    "learning_rate": "given",
    "first_rate": "given",
    "samples": "how many samples the batch has",
    "first": "kept since the step before",
    "second": "kept since the step before",
    "sample_weight": "given",
    "weight_sum": "given: the weights of the samples, each 0 or 1, added up",
    "epoch": "counted",
}
REMEMBERED = ("mean", "first", "second", "new_first", "new_second")
OF_WEIGHTS = ("weight", "grad", "new_weight", "keep", *REMEMBERED)
OF_NEURONS = (
    *("z", "value", "raw", "slope", "derivative", "delta", "bias", "bias_grad", "new_bias", "target"),
    *("keep", "output_loss", "loss_slope"),
)
OF_OUTPUTS = ("target", "output_loss", "loss_slope")
OF_LAYERS = ("power_sum", "mean_slope")
OF_SAMPLES = (  # what there is once for each sample of a batch
    *("z", "value", "raw", "slope", "derivative", "delta", "target", "keep", *OF_LAYERS),
    *("output_loss", "loss_slope", "sample_loss", "own_loss", "sample_weight"),
)
ASKED = {  # attributes of objects, by what they are here
    "Weight": {"grad": "grad", "value": "new_weight", "update": "new_weight"},
    "Neuron": {
        **{name: name for name in ("z", "value", "delta", "bias_grad", "slope", "derivative")},
        "bias": "new_bias",
        "update": "new_bias",
    },
}


def name_of(role: Role, suffix: str = "") -> str:
    """Return the name of a number; `suffix` says of which sample it is."""
    what, thing = role.what, role.thing
    if thing is None:
        place = ""
    elif hasattr(thing, "neurons"):
        place = f"_{thing.id}"
    elif hasattr(thing, "incoming"):
        place = _ends(thing)
    else:
        place = f"_{thing.layer.id}_{thing.id}"
        if what in ("mean", "first", "second", "new_first", "new_second"):
            place = f"_bias{place}"
    return f"{what}{place}{suffix}"


def _ends(weight: Any) -> str:
    source, target = weight.outgoing, weight.incoming
    end = f"_{target.layer.id}"
    if are_apart(source.layer, target.layer):
        return f"_{source.layer.id}_{source.id}{end}_{target.id}"
    return f"{end}_{source.id}_{target.id}"


def words_of(role: Role, sample: str = "") -> str:
    """Return what a number is, in words: "delta = dL/dz of neuron 3 of layer 1"."""
    thing = role.thing
    whose = "" if thing is None else f" {_where(thing)}"
    if role.what in REMEMBERED and not hasattr(thing, "incoming"):
        whose = f" the bias of{whose}"
    return f"{WORDS[role.what]}{whose}{sample}"


def _where(thing: Any) -> str:
    if not hasattr(thing, "incoming"):
        return where(thing)
    return f"the weight from {where(thing.outgoing)} to {where(thing.incoming)}"


class Quantity(NamedTuple):
    """A number that somebody asks for.

    Attributes
    ----------
    what : str
        What it is in a step.
    thing : Neuron, Weight, Layer or None
        Whose it is; None if it is of the whole step.
    row : int or None
        Of which sample it is, by its row in the data; None if it is of all, or of the last one.
    """

    what: str
    thing: Any = None
    row: int | None = None


def find(net: Net, name: str) -> Quantity:
    """Return what a name of a number means: whatever name derivations print.

    Raises
    ------
    ValueError
        If it is no such name, or the net has no such part.
    """
    found = re.fullmatch(r"([a-z_]+?)((?:_[0-9]{1,9})*)(?:_s([0-9]{1,9}))?", name)
    what = found[1] if found else ""
    is_of_bias = what not in WORDS and what.removesuffix("_bias") in REMEMBERED
    what = what.removesuffix("_bias") if is_of_bias else what
    if found is None or what not in WORDS:
        raise InvalidValueError(
            f'{short(name)} is no number of a step: give "loss", or a name such as '
            '"z_1_3", "value_1_3", "delta_1_3" and "bias_grad_1_3" (layer, neuron), or "grad_1_0_3" and '
            '"new_weight_1_0_3" (layer, neuron it comes from, neuron it goes to)'
        )
    row = None if found[3] is None else int(found[3])
    if row is not None and what not in OF_SAMPLES:
        raise InvalidValueError(
            f"{short(name)} does not exist, for it is of no single sample: {name[: found.end(2)]} does"
        )
    ids = [int(each) for each in found[2].split("_")[1:]]
    return Quantity(what, _part(net, what, ids, is_of_bias, name), row)


def _part(net: Net, what: str, ids: list[int], is_of_bias: bool, name: str) -> Any:
    """Return the part of a net that a name is of; None for the whole step."""
    count, layers = len(ids), net.layers
    is_of_neuron = is_of_bias or what in OF_NEURONS
    if count == 2 and is_of_neuron and ids[0] in layers and ids[1] in layers[ids[0]].neurons:
        return layers[ids[0]].neurons[ids[1]]
    if count == 3 and what in OF_WEIGHTS and not is_of_bias:
        return net.weight(ids[0], (ids[1], ids[2]))
    if count == 4 and what in OF_WEIGHTS and not is_of_bias:
        return net.weight(ids[2], ((ids[0], ids[1]), (ids[2], ids[3])))
    if count == 1 and what in OF_LAYERS and ids[0] in layers:
        return layers[ids[0]]
    if not count and what not in {*OF_NEURONS, *OF_WEIGHTS, *OF_LAYERS}:
        return None
    wrong = f"is of a part that {net} does not have" if ids else f"does not say of which part of {net}"
    raise InvalidValueError(
        f"{short(name)} {wrong}: a neuron has two numbers, as in "
        '"z_1_3" (layer, neuron), and a weight three, as in "grad_1_0_3" (layer, neuron it comes from, '
        "neuron it goes to)"
    )


def asked(thing: Any, attribute: str) -> str:
    """Return what an attribute of a weight or neuron is called in a step."""
    kind = type(thing).__name__ if type(thing).__name__ in ASKED else _kind(thing)
    known = ASKED[kind]
    if not isinstance(attribute, str) or attribute not in known:
        wrong = InvalidValueError if isinstance(attribute, str) else InvalidTypeError
        names = ", ".join(f'"{each}"' for each in known)
        raise wrong(f"of a {kind.lower()} can be explained: {names}; not {short(attribute)}")
    return known[attribute]


def _kind(thing: Any) -> str:
    return "Weight" if hasattr(thing, "incoming") else "Neuron"
