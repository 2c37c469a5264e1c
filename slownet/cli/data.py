"""What a training of the command line learns from, and what a net for it looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slownet.samples import Preparation

WATCHED = 200  # test samples whose accuracy is a curve of the animation
VALIDATED = 1000  # test samples that are evaluated after every epoch; the result is over all of them


@dataclass(frozen=True)
class Recipe:
    """The options of a training with a data set, where the user gives none."""

    samples: int
    epochs: int
    hidden: tuple[int, ...]
    optimizer: str = "adam"


@dataclass(frozen=True)
class Data:
    """Samples to train on and to test with, and what a net for them looks like.

    Attributes
    ----------
    name : str
        Its name, which the animation gets.
    about : str
        The text that is printed before training.
    train, test : (X, y)
        Arrays, in the units of their table.
    recipe : Recipe
        What to train with.
    samples : str
        What the samples are called.
    outputs : int
        The number of output neurons.
    because : str
        The reason for this number, for messages.
    classes : list or None
        The labels of the classes, where they are not 0, 1, 2, ...
    number : str or None
        What the number to predict is called; None where there are classes.
    preparation : Preparation or None
        What turns the rows of a table into the inputs of a net.
    has_commas : bool
        Whether decimals have a comma in the table.
    """

    name: str
    about: str
    train: tuple[Any, Any]
    test: tuple[Any, Any]
    recipe: Recipe
    samples: str
    outputs: int
    because: str
    classes: list[Any] | None = None
    number: str | None = None
    preparation: Preparation | None = None
    has_commas: bool = False

    @property
    def class_count(self) -> int:
        """How many classes there are; 0 where a number is predicted."""
        return max(self.outputs, 2) if self.number is None else 0

    @property
    def validated(self) -> tuple[Any, Any]:
        """The test samples that are looked at after every epoch."""
        X, y = self.test
        return X[:VALIDATED], y[:VALIDATED]

    def watched(self) -> tuple[Any, Any]:
        """Return test samples to watch: the first of each class, then the others in their order."""
        import numpy as np

        X, y = self.test
        first = np.unique(y, return_index=True)[1] if self.number is None else np.arange(0)
        others = np.setdiff1d(np.arange(len(y)), first)
        chosen = np.concatenate([first, others])[:WATCHED]
        return X[chosen], y[chosen]
