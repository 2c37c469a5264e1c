"""How to train: the arguments of `fit`, checked; and the same as plain values, for files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, SupportsIndex

from slownet.checks import check_integer, check_number, check_type
from slownet.engines import check_engine
from slownet.errors import InvalidTypeError, InvalidValueError
from slownet.functions import (
    Loss,
    Optimizer,
    Regularizer,
    Schedule,
    get_loss,
    get_optimizer,
    get_schedule,
    l1,
    l2,
)
from slownet.functions.description import KINDS, describe, from_description
from slownet.functions.randomness import check_seed
from slownet.training.callbacks import EarlyStopping, check_callback

PLAIN = (
    *("epochs", "batch_size", "learning_rate", "l1", "l2", "dropout", "dropconnect", "shuffle", "seed"),
    *("snapshots", "engine", "threads", "steps_before"),
)
FORMULAS = ("optimizer", "loss", "schedule")
STOPPING = ("patience", "min_delta", "restore_best")


@dataclass(frozen=True)
class Options:
    """How to train: the arguments of `Net.fit`, which has their defaults and what they mean."""

    epochs: int
    batch_size: int
    learning_rate: float
    optimizer: str | Optimizer
    loss: str | Loss | None
    l1: float
    l2: float
    dropout: float
    dropconnect: float
    schedule: str | Schedule | None
    validation_data: tuple[Any, Any] | None
    shuffle: bool
    seed: int
    callbacks: Any
    progress: bool | Literal["always"]
    snapshots: Any
    watch: tuple[Any, Any] | None
    early_stopping: int | EarlyStopping | None
    engine: str
    threads: int
    regularizers: Iterable[tuple[Regularizer, float]]
    record: str | os.PathLike[str] | None
    source: dict[str, Any] | None
    warm_start: bool = False
    steps_before: int = 0  # of the optimizer, in trainings that this one goes on with

    def __post_init__(self) -> None:
        set_ = partial(object.__setattr__, self)  # a user's NumPy numbers become Python's
        set_("epochs", check_integer("epochs", self.epochs, minimum=1))
        set_("batch_size", check_integer("batch_size", self.batch_size, minimum=1))
        set_("learning_rate", check_number("learning_rate", self.learning_rate))
        if self.learning_rate == 0.0:
            raise InvalidValueError("learning_rate must be above 0")
        for name in ("l1", "l2"):
            set_(name, check_number(name, getattr(self, name)))
        for name in ("dropout", "dropconnect"):
            set_(name, check_number(name, getattr(self, name), below=1.0))
        set_("seed", check_seed(self.seed))
        for name in ("validation_data", "watch"):
            _check_pair(name, getattr(self, name))
        callbacks = self.callbacks if isinstance(self.callbacks, Iterable) else [self.callbacks]
        set_("callbacks", tuple(callbacks))
        for callback in self.callbacks:
            check_callback(callback)
        if self.watch is not None and self.snapshots is None:
            raise InvalidValueError("watch needs snapshots to be kept in: give snapshots=100 as well")
        if self.snapshots is not None and not isinstance(self.snapshots, SupportsIndex):
            if isinstance(self.snapshots, (str, bytes)) or not isinstance(self.snapshots, Iterable):
                raise InvalidTypeError(
                    f"snapshots must be a number or a list of steps, not {self.snapshots!r}"
                )
            set_("snapshots", [check_integer("a step in snapshots", step) for step in self.snapshots])
        elif self.snapshots is not None:
            set_("snapshots", check_integer("snapshots", self.snapshots, minimum=2))
        if self.source is not None:
            check_type("source", self.source, dict)
            set_("source", _plain("source", self.source))
        stopping = self.early_stopping
        if isinstance(stopping, SupportsIndex):
            set_("early_stopping", EarlyStopping(check_integer("early_stopping", stopping, minimum=1)))
        elif stopping is not None:
            check_type("early_stopping", stopping, EarlyStopping)
        set_("optimizer", get_optimizer(self.optimizer))
        set_("schedule", get_schedule(self.schedule or "constant"))
        set_("loss", None if self.loss is None else get_loss(self.loss))
        check_engine(self.engine)
        set_("threads", check_integer("threads", self.threads, minimum=1))
        set_("regularizers", tuple(self.regularizers))
        for pair in self.regularizers:
            if not (isinstance(pair, (tuple, list)) and len(pair) == 2):
                raise InvalidTypeError(
                    f"regularizers must be (Regularizer, strength) pairs, not {pair!r}"
                )
            check_type("a regularizer", pair[0], Regularizer)
            check_number(f"the strength of {pair[0].name}", pair[1])

    def config(self) -> dict[str, Any]:
        """Return what a training can be repeated from, as plain values; without data and callbacks."""
        plain = {name: getattr(self, name) for name in PLAIN}
        for name in FORMULAS:
            formula = getattr(self, name)
            plain[name] = None if formula is None else describe(formula)
        plain["regularizers"] = [[describe(each), strength] for each, strength in self.regularizers]
        stopping = self.early_stopping
        if stopping is not None:
            plain["early_stopping"] = {name: getattr(stopping, name) for name in STOPPING}
        plain["validates"] = self.validation_data is not None
        plain["callbacks"] = [type(callback).__name__ for callback in self.callbacks]
        return plain

    @classmethod
    def of(cls, config: Mapping[str, Any], formulas: Iterable[Any] = (), **changes: Any) -> Options:
        """Return the options that were written down, with some of them changed.

        Parameters
        ----------
        config : mapping
            What `config` returned.
        formulas : iterable of formulas
            Those that are not built in.
        **changes
            Arguments of `fit`.
        """
        given: dict[str, Any] = {name: config[name] for name in PLAIN}
        own = list(formulas)
        for name in ("optimizer", "schedule"):
            given[name] = from_description(name, config[name], own)
        given["regularizers"] = [
            (from_description("regularizer", each, own), strength)
            for each, strength in config["regularizers"]
        ]
        stopping = config.get("early_stopping")
        given["early_stopping"] = EarlyStopping(**stopping) if stopping else None
        given["loss"] = None  # the net has it
        missing = {"validation_data": None, "callbacks": (), "progress": False, "watch": None}
        return cls(**{**missing, "record": None, "source": None, **given, **changes})

    @property
    def rule(self) -> Optimizer:
        """The optimizer, counting its steps from where it stands."""
        rule, before = get_optimizer(self.optimizer), self.steps_before
        if not before:
            return rule
        return replace(rule, constants=lambda step: rule.constants(before + step))

    @property
    def own_formulas(self) -> list[Any]:
        """The user's own formulas among the options."""
        named = [getattr(self, name) for name in FORMULAS] + [each for each, _ in self.regularizers]
        return [each for each in named if type(each) in KINDS and "own" in describe(each)]

    @property
    def penalties(self) -> list[tuple[Regularizer, float]]:
        """Every penalty on the weights with its strength."""
        return [
            (regularizer, float(strength))
            for regularizer, strength in ((l1, self.l1), (l2, self.l2), *self.regularizers)
            if strength
        ]


def _plain(name: str, value: object) -> Any:
    """Return a copy of what JSON can hold; TypeError for anything else."""
    import json

    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidTypeError(f"{name} must hold plain values that JSON can hold: {error}") from None


def _check_pair(name: str, pair: object) -> None:
    if pair is not None and not (isinstance(pair, (tuple, list)) and len(pair) == 2):
        raise InvalidTypeError(f"{name} must be a pair (X, y), not {type(pair).__name__}")
