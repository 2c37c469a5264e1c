"""A training as an experiment changes it: steps, and edits between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from slownet.errors import InvalidValueError
from slownet.experiments.applying import apply
from slownet.functions import plain_sgd
from slownet.recording import take
from slownet.training.loop import Training
from slownet.training.start import Start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from slownet.engines.protocol import Memory
    from slownet.experiments.edits import Edit
    from slownet.experiments.rows import Rows
    from slownet.objects import Net
    from slownet.training.options import Options


@dataclass(eq=False)
class State:
    """A training that stands at a step.

    Attributes
    ----------
    net : Net
        The net, which steps and edits change.
    options : Options
        How it is trained on.
    rows : Rows
        What it learns from.
    step : int
        How many steps have been taken.
    memory : dict
        What the optimizer remembers of each weight and of the bias of each neuron.
    sets : mapping
        {name: Rows} of other data.
    first : callable or None
        `first(seed)` returns the net that a training with another seed begins with; None where the
        weights were given.
    epoch_sums : (float, int)
        Of the epoch so far: the sum of the losses, and how many samples were predicted right.
    loss, accuracy : list of float
        Of each step, as in `History`.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.datasets import moons
    >>> from slownet.experiments import parse, replayed
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> history = net.fit(*moons(60, noise=0.1, seed=1), epochs=3, snapshots=5)
    >>> state = replayed(history, step=2)
    >>> state.run(parse("2_add_1"), 4)
    >>> state.step, state.net
    (4, Net(2-4-1, relu, sigmoid, 12 weights))
    """

    net: Net
    options: Options
    rows: Rows
    step: int = 0
    memory: Memory = field(default_factory=dict)
    sets: Mapping[str, Rows] = field(default_factory=dict)
    first: Callable[[int], Net] | None = None
    epoch_sums: tuple[float, int] = (0.0, 0)
    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)

    def run(self, edits: Iterable[Edit], step: int) -> None:
        """Train to a step, with all edits up to it.

        Raises
        ------
        ValueError
            If an edit cannot be made.
        DivergedError
            If a step diverges.
        """
        for edit in edits:
            if edit.step > step:
                break
            self.train_to(edit.step)
            apply(self, edit)
        self.train_to(step)

    def train_to(self, step: int) -> None:
        """Take the steps up to one."""
        if step < self.step:
            raise InvalidValueError(f"this training begins at step {self.step}, and not before {step}")
        if step == self.step:
            return
        X, y, weights = self.rows.given(self.net.classes)
        memory = None if self.options.optimizer is plain_sgd else self.memory
        snapshot = take(self.net, self.step, memory=memory)
        if snapshot.state is not None:
            loss_sum, correct = self.epoch_sums
            progress = replace(snapshot.state, epoch_loss_sum=loss_sum, epoch_correct=correct)
            snapshot = replace(snapshot, state=progress)
        options = replace(self.options, sample_weight=weights)
        training = Training(self.net, X, y, options, Start(snapshot, last_step=step))
        try:
            training.run_to(step)
        finally:
            self.step = training.step
            self.memory = dict(training.engine.memory)
            self.epoch_sums = training.progress.sums_of_step
            self.loss += training.history.loss
            self.accuracy += training.history.accuracy

    def change(self, **options: Any) -> None:
        """Train on with other options."""
        if "learning_rate" in options:
            options["epoch_rates"] = None
        self.options = replace(self.options, **options)

    def begin(self, seed: int) -> None:
        """Begin with the first weights and the order of another seed."""
        if self.first is None:
            raise InvalidValueError("the first weights of this net were given, not drawn from a seed")
        self.net = self.first(seed)
        self.options = replace(self.options, seed=seed)
