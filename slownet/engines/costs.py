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
_spent = 0.0


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
        neurons, weights = sum(len(layer.neurons) for layer in net), net.parameter_count
        sample = SAMPLE + NEURON * neurons + WEIGHT * weights
        return cls(sample, FORWARD * sample, PACK * weights)


def note_object_loops(seconds: float) -> None:
    """Add what the object loops have just cost, where the compiled engine could have been taken."""
    global _spent
    _spent += seconds


def spent_on_objects() -> float:
    """Return what the object loops have cost in this process, where "auto" took them."""
    return _spent
