"""The formulas of a net as the page's JavaScript."""

from __future__ import annotations

import json

from slownet import translation
from slownet.functions import Activation, AnyActivation, Loss
from slownet.functions.activation import softmax_deltas, softmax_values
from slownet.plotting.files import for_script
from slownet.translation import JavaScript


class Translator(translation.Translator):
    """Translates formulas into objects of the page; `exact` is that of `JavaScript`."""

    def __init__(self, exact: bool = False) -> None:
        super().__init__(JavaScript(exact))

    def activation(self, activation: AnyActivation) -> str:
        """Return an activation as an object: `{value(z), derivative(z, value)}`, or of whole layers."""
        name = as_script_text(activation.name)
        if isinstance(activation, Activation):
            value, slope = self.name_of(activation.function), self.name_of(activation.derivative)
            return f"{{name: {name}, value: {value}, derivative: {slope}}}"
        values, deltas = self.name_of(softmax_values), self.name_of(softmax_deltas)
        return f"{{name: {name}, layerValues: {values}, layerDeltas: {deltas}}}"

    def loss(self, loss: Loss, activation: AnyActivation) -> str:
        """Return a loss as an object: `{value(value, target), derivative(value, target), ...}`.

        With its partner as the output activation it has `ofSample(zs, values, targets)`, too.
        """
        value, slope = self.name_of(loss.function), self.name_of(loss.derivative)
        partner = json.dumps(activation is loss.partner)
        about = f"name: {as_script_text(loss.name)}, mean: {json.dumps(loss.mean)}, partner: {partner}"
        of_z = loss.function_of_z(activation)
        of_sample = f", ofSample: {self.name_of(of_z)}" if of_z is not None else ""
        return f"{{{about}, value: {value}, derivative: {slope}{of_sample}}}"


def as_script_text(value: object) -> str:
    """Return a text, or what JSON holds, as JavaScript that may stand in a page."""
    return for_script(json.dumps(value))
