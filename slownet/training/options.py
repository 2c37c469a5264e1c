"""The options of a training: the arguments of `fit`, checked; and their plain values, for files.

Each option is one field of `Options`, with its default, its check, and its form in files.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self, SupportsIndex

from slownet.checks import (
    check_bool,
    check_integer,
    check_keywords,
    check_number,
    check_path,
    check_type,
    short,
)
from slownet.datasets.tables import Table
from slownet.engines import check_engine, usable_threads
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
from slownet.preprocessing import check_prepare
from slownet.samples import Preparation, check_class_weight, plain
from slownet.training.callbacks import Callback, check_callback, check_progress
from slownet.training.epoch_callbacks import EarlyStopping

if TYPE_CHECKING:
    from slownet.recording import OptimizerState

MOST = 10**9  # epochs, and samples a batch
MOST_STEPS_BEFORE = 10**15
MOST_SNAPSHOTS, MOST_THREADS = 1_000_000, 4096
Check = Callable[[str, Any], Any]  # (name, value as given) -> value as kept
Penalties = tuple[tuple[Regularizer, float], ...]


def checked(check: Check) -> dict[str, Any]:
    """Return the metadata of an option that no file keeps.

    Parameters
    ----------
    check : callable
        `check(name, value)` returns the value to keep, of the field's type; TypeError or ValueError for
        a value that cannot be used.
    """
    return {"check": check}


def written(
    check: Check,
    write: Callable[[Any], Any] = lambda value: value,
    read: Callable[[Any, list[Any]], Any] = lambda plain, _formulas: plain,
    optional: bool = False,
) -> dict[str, Any]:
    """Return the metadata of an option that `Options.config` includes, so that files keep it.

    Parameters
    ----------
    check : callable
        As for `checked`.
    write : callable
        `write(value)` converts a checked value to plain values.
    read : callable
        `read(plain, formulas)` converts them back; `formulas` are the user's own ones.
    optional : bool
        Whether the option is left out of `config` where it is None.
    """
    return {"check": check, "write": write, "read": read, "optional": optional}


def _integer(minimum: int, maximum: int) -> Check:
    return partial(check_integer, minimum=minimum, maximum=maximum)


def _check_pair(name: str, pair: object, most: int = 2) -> Any:
    if isinstance(pair, Table):
        return pair, pair.y
    if pair is not None and not (isinstance(pair, (tuple, list)) and 2 <= len(pair) <= most):
        kind = type(pair).__name__
        given = f"a {kind} of {len(pair)}" if isinstance(pair, (tuple, list)) else kind
        wanted = "a pair (X, y), or (X, y, sample_weight)" if most == 3 else "a pair (X, y)"
        raise InvalidTypeError(f"{name} must be {wanted}, not {given}")
    return pair


def _check_validation_split(name: str, value: object) -> float | None:
    share = 0.0 if value is None else check_number(name, value, below=1.0)
    return share or None


def _check_split_seed(_name: str, value: Any) -> int | None:
    return None if value is None else check_seed(value)


def _check_limit(name: str, value: object) -> float | None:
    return None if value is None else check_number(name, value, above=0.0)


def _check_callbacks(_name: str, value: object) -> tuple[Any, ...]:
    callbacks = tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else (value,)
    for callback in callbacks:
        check_callback(callback)
    return callbacks


def _check_snapshots(name: str, value: object) -> int | list[int] | None:
    if value is None:
        return None
    if isinstance(value, SupportsIndex):
        return check_integer(name, value, 2, MOST_SNAPSHOTS)
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise InvalidTypeError(f"{name} must be a number or a list of steps, not {short(value)}")
    return [check_integer(f"a step in {name}", step) for step in value]


def _check_early_stopping(name: str, value: object) -> EarlyStopping | None:
    if value is None or isinstance(value, EarlyStopping):
        return value
    if isinstance(value, SupportsIndex):
        return EarlyStopping(check_integer(name, value, minimum=1))
    raise InvalidTypeError(f"{name} must be of type EarlyStopping, not {type(value).__name__}")


def _check_engine(_name: str, value: str) -> str:
    check_engine(value)
    return value


def _check_threads(name: str, value: object) -> int | str:
    if isinstance(value, str):
        if value != "auto":
            raise InvalidValueError(f'{name} must be a whole number or "auto", not {short(value)}')
        usable_threads()  # an error of the environment is raised before anything is trained
        return value
    return check_integer(name, value, 1, MOST_THREADS)


def _check_regularizers(name: str, value: Iterable[Any]) -> Penalties:
    pairs = []
    if not isinstance(value, Iterable):
        raise InvalidTypeError(f"{name} must be (Regularizer, strength) pairs, not {short(value)}")
    for pair in value:
        if not (isinstance(pair, (tuple, list)) and len(pair) == 2):
            raise InvalidTypeError(f"{name} must be (Regularizer, strength) pairs, not {short(pair)}")
        check_type("a regularizer", pair[0], Regularizer)
        pairs.append((pair[0], check_number(f"the strength of {pair[0].name}", pair[1])))
    return tuple(pairs)


def _write_regularizers(pairs: Penalties) -> list[Any]:
    return [[describe(regularizer), strength] for regularizer, strength in pairs]


def _read_regularizers(plain: Any, formulas: list[Any]) -> list[Any]:
    return [(from_description("regularizer", each, formulas), strength) for each, strength in plain]


def _check_epoch_rates(name: str, value: Any) -> tuple[tuple[int, float], ...] | None:
    if value is None:
        return None
    pairs = [
        (check_integer(f"an epoch of {name}", epoch, 1, MOST), check_number(name, rate, above=0.0))
        for epoch, rate in value
    ]
    return tuple(pairs)


def _check_record(name: str, value: object) -> Any:
    if value is not None and not isinstance(value, (str, os.PathLike)):
        raise InvalidTypeError(f"{name} must be a path, not {type(value).__name__}")
    return None if value is None else check_path(value, "a run file")


def _check_source(name: str, value: object) -> dict[str, Any] | None:
    """Return a copy of plain values, NumPy's numbers as Python's; TypeError for anything else."""
    import json

    if value is None:
        return None
    check_type(name, value, dict)
    try:
        return json.loads(json.dumps(value, allow_nan=False, default=_plain))  # type: ignore[no-any-return]
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidTypeError(f"{name} must hold plain values that JSON can hold: {error}") from None


def _plain(value: Any) -> Any:
    """Return a number of NumPy as Python's, for JSON."""
    found = plain(value)
    if found is value:
        raise TypeError(f"{short(value)} is not one")
    return found


@dataclass(frozen=True, kw_only=True)
class Options:
    """The arguments of `Net.fit`; its docstring explains them.

    All are checked; names become formulas, NumPy's numbers become Python's. Files keep this order.
    """

    epochs: int = field(default=1, metadata=written(_integer(1, MOST)))
    batch_size: int = field(default=32, metadata=written(_integer(1, MOST)))
    learning_rate: float = field(default=0.1, metadata=written(partial(check_number, above=0.0)))
    l1: float = field(default=0.0, metadata=written(check_number))
    l2: float = field(default=0.0, metadata=written(check_number))
    alpha: float = field(default=0.0, metadata=written(check_number))
    dropout: float = field(default=0.0, metadata=written(partial(check_number, below=1.0)))
    dropconnect: float = field(default=0.0, metadata=written(partial(check_number, below=1.0)))
    shuffle: bool = field(default=True, metadata=written(check_bool))
    seed: int = field(default=0, metadata=written(lambda _name, value: check_seed(value)))
    snapshots: int | list[int] | None = field(default=None, metadata=written(_check_snapshots))
    engine: str = field(default="auto", metadata=written(_check_engine))
    threads: int | str = field(default="auto", metadata=written(_check_threads))
    steps_before: int = field(  # in earlier trainings; below 0 where the optimizer has begun anew
        default=0, metadata=written(_integer(-MOST_STEPS_BEFORE, MOST_STEPS_BEFORE))
    )
    epoch_rates: tuple[tuple[int, float], ...] | None = field(  # that callbacks have set
        default=None,
        metadata=written(
            _check_epoch_rates, lambda rates: [list(pair) for pair in rates], optional=True
        ),
    )
    optimizer: Optimizer = field(
        default="sgd",  # type: ignore[assignment]  # a name until it is checked
        metadata=written(
            lambda _name, value: get_optimizer(value), describe, partial(from_description, "optimizer")
        ),
    )
    loss: Loss | None = field(
        default=None,
        metadata=written(
            lambda _name, value: None if value is None else get_loss(value),
            lambda value: None if value is None else describe(value),
            lambda _plain, _formulas: None,  # the net has it
        ),
    )
    schedule: Schedule = field(
        default=None,  # type: ignore[assignment]  # "constant" once it is checked
        metadata=written(
            lambda _name, value: get_schedule("constant" if value is None else value),
            describe,
            partial(from_description, "schedule"),
        ),
    )
    regularizers: Penalties = field(
        default=(),
        metadata=written(_check_regularizers, _write_regularizers, _read_regularizers),
    )
    early_stopping: EarlyStopping | None = field(
        default=None,
        metadata=written(
            _check_early_stopping,
            lambda stopping: stopping.settings,
            lambda plain, _formulas: EarlyStopping(**plain) if plain else None,
            optional=True,
        ),
    )
    class_weight: dict[Any, float] | str | None = field(
        default=None,
        metadata=written(
            check_class_weight,
            lambda value: value if isinstance(value, str) else [[*pair] for pair in value.items()],
            lambda plain, _formulas: plain if isinstance(plain, str) else dict(plain),
            optional=True,
        ),
    )
    validation_split: float | None = field(
        default=None, metadata=written(_check_validation_split, optional=True)
    )
    split_seed: int | None = field(  # of the training that a branch with another seed goes on with
        default=None, metadata=written(_check_split_seed, optional=True)
    )
    clip_norm: float | None = field(default=None, metadata=written(_check_limit, optional=True))
    clip_value: float | None = field(default=None, metadata=written(_check_limit, optional=True))
    sample_weight: Any = field(default=None, metadata=checked(lambda _name, value: value))
    validation_data: tuple[Any, ...] | None = field(
        default=None, metadata=checked(partial(_check_pair, most=3))
    )
    test_data: tuple[Any, Any] | None = field(default=None, metadata=checked(_check_pair))
    prepare: str | Preparation | None = field(default=None, metadata=checked(check_prepare))
    callbacks: tuple[Callback, ...] = field(default=(), metadata=checked(_check_callbacks))
    progress: bool | Literal["always"] = field(default=True, metadata=checked(check_progress))
    watch: tuple[Any, Any] | None = field(default=None, metadata=checked(_check_pair))
    record: str | os.PathLike[str] | None = field(default=None, metadata=checked(_check_record))
    source: dict[str, Any] | None = field(default=None, metadata=checked(_check_source))
    warm_start: bool = field(default=False, metadata=checked(check_bool))

    def __post_init__(self) -> None:
        values = vars(self)
        values.update(
            {name: about["check"](name, values[name]) for name, about in _described(type(self))}
        )
        if self.watch is not None and self.snapshots is None:
            raise InvalidValueError("watch needs snapshots to be kept in: give snapshots=100 as well")
        if self.validation_split is not None and self.validation_data is not None:
            raise InvalidValueError("give validation_data or validation_split, not both")
        if self.clip_norm is not None and self.clip_value is not None:
            raise InvalidValueError("give clip_norm or clip_value, not both")

    def config(self) -> dict[str, Any]:
        """Return the options as plain values; with the data, a training can be repeated from them."""
        values = vars(self)
        plain = {
            name: about["write"](values[name])
            for name, about in _described(type(self))
            if "write" in about and not (about["optional"] and values[name] is None)
        }
        plain["validates"] = self.validation_data is not None
        plain["weighted"] = self.sample_weight is not None
        plain["callbacks"] = [type(callback).__name__ for callback in self.callbacks]
        return plain

    @classmethod
    def of(cls, config: Mapping[str, Any], formulas: Iterable[Any] = (), **changes: Any) -> Self:
        """Return the options of a `config`, with some of them changed.

        Parameters
        ----------
        config : mapping
            The plain values that `config` returned.
        formulas : iterable of formulas
            Those that are not built in.
        **changes
            Arguments of `fit`.
        """
        own = list(formulas)
        check_keywords("fit", changes, [each.name for each in fields(cls)])
        found = {
            name: about["read"](config[name], own)
            for name, about in _described(cls)
            if "read" in about and not (about["optional"] and name not in config)
        }
        return cls(**{"progress": False, **found, **changes})

    def after(self, state: OptimizerState) -> Options:
        """Return the same options for a training that continues with the state of an optimizer.

        Raises
        ------
        TypeError, ValueError
            If the state is of another optimizer, or its step is no number of steps.
        """
        wanted, found = describe(self.optimizer), describe(state.optimizer)
        if wanted != found:
            raise InvalidValueError(
                f"net.optimizer_state is of {found}, not of {wanted}: give that optimizer, or set "
                "net.optimizer_state = None to begin anew"
            )
        return replace(self, steps_before=check_integer("the step of optimizer_state", state.step))

    @property
    def continued_optimizer(self) -> Optimizer:
        """The optimizer; its step numbers continue those of earlier trainings."""
        optimizer, before = self.optimizer, self.steps_before
        if not before:
            return optimizer
        constants = optimizer.constants
        return replace(optimizer, constants=lambda step: constants(max(before + step, 1)))

    @property
    def own_formulas(self) -> list[Any]:
        """The user's own formulas among the options."""
        formulas = [*vars(self).values(), *(regularizer for regularizer, _ in self.regularizers)]
        return [each for each in formulas if type(each) in KINDS and "own" in describe(each)]

    @property
    def penalties(self) -> list[tuple[Regularizer, float]]:
        """Every penalty on the weights with its strength."""
        every = ((l1, self.l1), (l2, self.l2), *self.regularizers)
        return [(regularizer, strength) for regularizer, strength in every if strength]


def in_order(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a config in the order of `Options`, which files keep, and what else it has behind it."""
    written = [name for name, about in _described(Options) if "write" in about]
    return {name: config[name] for name in (*written, *config) if name in config}


def _described(options: type[Options]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name of every option, and the metadata of its field."""
    return ((each.name, each.metadata) for each in fields(options))
