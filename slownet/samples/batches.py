"""Which samples each step of a training learns from: the same for every engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from math import ceil
from operator import add

from slownet.functions.randomness import Use, key, permutation
from slownet.samples.inputs import Samples
from slownet.samples.targets import Encoder


@dataclass
class Batches:
    """The samples of each step: all samples in a random order every epoch, `size` at a time.

    Attributes
    ----------
    samples : Samples
        The inputs.
    targets : list of list of float
        One number for each output neuron, for every sample.
    encoder : Encoder
        Converts targets, and judges whether outputs are right.
    size : int
        How many samples a step has; the last step of an epoch may have fewer.
    shuffle : bool
        Whether the order is random, and another one every epoch.
    seed : int
        The seed of the orders.
    weights : list of float or None
        What the loss of each sample counts, relative to the others; None if all count the same.
    """

    samples: Samples
    targets: list[list[float]]
    encoder: Encoder
    size: int
    shuffle: bool = True
    seed: int = 0
    weights: list[float] | None = None
    _order: tuple[int, list[int]] = field(default=(0, []), repr=False)
    _sums: tuple[int, list[float]] = field(default=(0, []), repr=False)

    @property
    def per_epoch(self) -> int:
        """How many steps go through all samples."""
        return ceil(len(self.samples) / self.size)

    def __getitem__(self, step: int) -> list[int]:
        """Return which samples a step learns from; steps count from 1."""
        epoch, place = divmod(step - 1, self.per_epoch)
        if self._order[0] != epoch + 1:
            count = len(self.samples)
            order = list(range(count))
            if self.shuffle:
                order = permutation(key(self.seed, Use.SHUFFLE, epoch + 1), count).tolist()
            self._order = epoch + 1, order
        return self._order[1][place * self.size : (place + 1) * self.size]

    def weight_of(self, step: int) -> float:
        """Return the sum of the weights of a step's samples, by which the sum of losses is divided.

        They are added up in the order of the batch; without weights it is the number of samples.
        """
        if self.weights is None:
            return float(len(self[step]))
        epoch, place = divmod(step - 1, self.per_epoch)
        if self._sums[0] != epoch + 1:
            first = epoch * self.per_epoch + 1
            steps = range(first, first + self.per_epoch)
            self._sums = epoch + 1, [self._weight_sum(self.weights, each) for each in steps]
        return self._sums[1][place]

    def _weight_sum(self, weights: list[float], step: int) -> float:
        return reduce(add, [weights[index] for index in self[step]])
