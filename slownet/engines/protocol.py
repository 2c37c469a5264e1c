"""The protocol that every engine implements, and that training uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from slownet.functions import Optimizer
    from slownet.objects import Neuron, Weight
    from slownet.recording import Graph, Snapshot
    from slownet.samples import Samples

SECONDS_AT_ONCE = 0.05  # how long a call runs, so that Ctrl-C and the progress bar are not delayed
Memory: TypeAlias = "dict[Weight | Neuron, tuple[float, float]]"
Outputs: TypeAlias = tuple[list[float], list[float]]  # z and value of every output neuron


class Engine(Protocol):
    """Runs the batches of a training, for a net of objects.

    An engine may keep weights, biases and gradients in arrays of its own while steps are taken. Between
    two calls, the objects are up to date from `write_back` to the next `advance`. Where they may have
    been changed since then, `refresh` must be called before the next step. Every engine gives the same
    bits.
    """

    @property
    def optimizer(self) -> Optimizer:
        """The rule that updates every weight and bias."""

    @property
    def memory(self) -> Memory:
        """The optimizer's state: {Weight or Neuron: (first, second)}, for each that it has updated.

        It is up to date after every `advance`, whether the objects are or not.
        """

    @property
    def steps_at_once(self) -> int:
        """How many steps to ask `advance` for, so that one call takes a few hundredths of a second."""

    def advance(self, step: int, rates: Sequence[float]) -> tuple[list[float], list[int]]:
        """Take steps. Afterwards the objects may be out of date, until `write_back`.

        Parameters
        ----------
        step : int
            The number of the first step, from 1. It determines the batch and the random numbers.
        rates : sequence of float
            The learning rate of each step.

        Returns
        -------
        losses, correct
            Of each step taken: the sum of its samples' losses, and the number of correct predictions. At
            least one step is taken; there may be fewer than there are rates.

        Raises
        ------
        DivergedError
            If a loss, a weight or a bias would not stay finite. The steps before were taken; the one
            that failed changed no weight, no bias and no number of the optimizer's state.
        """

    def write_back(self) -> None:
        """Bring the objects up to date: weights, biases, gradients, and the state of every neuron.

        Afterwards every object holds the numbers that the object loops would have left in it after the
        same calls. Nothing is written if nothing has changed since the last call.
        """

    def refresh(self) -> None:
        """Have the next call read the objects again: they may have changed since `write_back`."""

    def take(self, step: int, epoch: float, samples: Samples | None, graph: Graph) -> Snapshot:
        """Take a snapshot of the state after the steps so far.

        Parameters
        ----------
        step, epoch : int, float
            How many steps were taken, and how many epochs that is.
        samples : Samples or None
            The watched samples. They are sent through the net, which leaves the neurons in the state
            of the last one.
        graph : Graph
            The graph of the net as it is now.
        """

    def outputs(self, samples: Samples) -> Iterable[Outputs]:
        """Send samples through the net; return the outputs of each.

        The neurons are left in the state of the last sample; gradients are left as they are.
        """
