"""What the engines cost in seconds: estimates, and what the object loops have cost in this process.

The times are rough: they were measured on one machine, and only their ratios matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from slownet.objects import Net

# The object loops: for a step, for a sample of it, and for each neuron and each weight a sample visits.
STEP, SAMPLE, NEURON, WEIGHT = 10e-6, 5e-6, 0.8e-6, 30e-9
FORWARD = 1 / 3  # the share of the forward pass
# The compiled engine: loading it from the cache, compiling it, beginning a call, and copying one weight
# into arrays and back. Its steps cost next to nothing beside those of the object loops.
LOAD, COMPILE, BEGIN, PACK = 0.35, 10.0, 1e-3, 3e-7
OWN = 0.5  # compiling a formula of the user's and comparing it with Python
_spent = _planned = 0.0


class Costs(NamedTuple):
    """What a net costs.

    Attributes
    ----------
    sample : float
        The object loops: a sample of a step.
    forward : float
        The object loops: sending a sample forward.
    pack : float
        The compiled engine: copying the net into arrays and back.
    """

    sample: float
    forward: float
    pack: float

    @classmethod
    def of(cls, net: Net) -> Costs:
        """Estimate them for a net."""
        return cls.of_sizes(sum(len(layer.neurons) for layer in net), net.parameter_count)

    @classmethod
    def of_sizes(cls, neurons: int, weights: int) -> Costs:
        """Estimate them for a net with so many neurons, and weights and biases."""
        sample = SAMPLE + NEURON * neurons + WEIGHT * weights
        return cls(sample, FORWARD * sample, PACK * weights)


def note_object_loops(seconds: float) -> None:
    """Add what the object loops have just cost, where the compiled engine could have been taken."""
    global _spent
    _spent += seconds


def spent_on_objects() -> float:
    """Return what the object loops have cost in this process, where "auto" took them."""
    return _spent


def plan(seconds: float) -> None:
    """Note how many more seconds of object loops this process is known to have before it."""
    global _planned
    _planned = seconds


def planned() -> float:
    """Return what `plan` has noted."""
    return _planned
