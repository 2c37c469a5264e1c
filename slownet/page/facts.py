"""The facts of a page: what Python writes and JavaScript reads, in one definition.

`assets/facts.d.ts` says the same to the modules of the page; `typescript.py` makes it.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

TargetKind = Literal["class", "binary", "sign", "number"]
Role = Literal["data", "watch", "validation_data", "test_data"]
Formula = dict[str, str | float | bool | None]  # its name and its settings
Kind = Literal["test", "validation", "watched", "training"]  # of samples that accuracy is of
Key = tuple[int, int]  # the high and the low 32 bits of a whole number


class Layer(TypedDict):
    """A layer; the first is that of the inputs."""

    id: int
    neurons: list[int]  # their ids
    activation: str  # its name; "" of the inputs
    range: list[float | None]  # of the activation; null where it has no bound


class Selectable(TypedDict):
    """A sample that the reader can select."""

    place: int  # among the watched samples
    name: str  # what it is


class Digits(TypedDict):
    """How the weights into a layer are rounded."""

    digits: int  # after the point, that are right
    step: float  # the width of an interval


class Errors(TypedDict, total=False):
    """The largest errors that rounding causes, over all snapshots; nothing without samples."""

    z: float
    value: float
    output: float


class Precision(TypedDict):
    """How precise the weights and biases are."""

    exact: bool  # to the last bit
    layers: dict[str, Digits]
    off: NotRequired[Errors]


class Curve(TypedDict):
    """A line of a chart, or a number of every snapshot."""

    which: Literal["loss", "accuracy"]
    role: Literal["training", "watched", "now"]
    array: str
    batches: NotRequired[int]  # that a mean is of
    size: NotRequired[str | None]  # of a batch
    start: NotRequired[int]  # the first step


class Judged(TypedDict):
    """The predictions of the snapshots for watched samples; empty where there are none."""

    count: NotRequired[int]
    target_kind: NotRequired[TargetKind]
    digits: NotRequired[int]


class Plane(TypedDict):
    """The part of the plane of two inputs that is drawn."""

    x: list[float]
    y: list[float]


class HeldOut(TypedDict):
    """The samples that accuracy and the table of classes are of: arrays `held_out ...`."""

    kind: Kind
    count: int
    all: int  # how many there were, of which the page holds `count`


class Column(TypedDict):
    """A column of a table that becomes inputs."""

    name: str
    kind: str
    centre: NotRequired[float]
    scale: NotRequired[float]
    categories: NotRequired[list[str]]
    fill: NotRequired[float | str]


class Target(TypedDict):
    """A column of a table that is to be predicted."""

    name: NotRequired[str]
    centre: NotRequired[float]
    scale: NotRequired[float]


class Preparation(TypedDict):
    """What turns the rows of a table into inputs, and outputs into its numbers."""

    columns: list[Column]
    targets: list[Target]
    is_named: bool


class EarlyStopping(TypedDict):
    """When a training ends before all epochs."""

    patience: int
    min_delta: float
    restore_best: bool


class Config(TypedDict, total=False):
    """The options of a training."""

    epochs: int
    batch_size: int
    learning_rate: float
    epoch_rates: list[tuple[int, float]]  # from which epoch on callbacks set which rate
    l1: float
    l2: float
    alpha: float
    dropout: float
    dropconnect: float
    shuffle: bool
    seed: int
    snapshots: int | list[int] | None
    engine: str
    threads: int | str
    steps_before: int
    optimizer: Formula
    loss: Formula
    schedule: Formula
    regularizers: list[tuple[Formula, float]]
    early_stopping: EarlyStopping | None
    class_weight: Literal["balanced"] | list[tuple[str | float, float]]
    validation_split: float
    split_seed: int
    clip_norm: float
    clip_value: float
    validates: bool
    weighted: bool
    callbacks: list[str]
    earlier: list[tuple[int, int]]  # the last step and the epochs of each time before it was resumed


class InitialLayer(TypedDict):
    """A layer of the factory that makes the net."""

    size: int
    activation: NotRequired[Formula]
    initializer: NotRequired[str]
    bias: NotRequired[bool]


class Test(TypedDict):
    """The test of the net after the training."""

    step: int
    loss: float | None
    accuracy: float | None
    samples: int
    error: float | None


class Parent(TypedDict):
    """The training that this one is a branch of."""

    id: str
    step: int


class Training(TypedDict):
    """From what the training can be repeated."""

    config: Config
    data: dict[str, int | str]  # how many samples there are, and their fingerprints
    source: dict[str, Any] | None
    classes: list[str | float] | None  # their labels
    last: int  # the last step
    steps: list[int]  # of the snapshots
    epochs: list[float]  # of the snapshots
    seed: int | None  # of the initial weights
    initial: list[InitialLayer] | None
    rates: list[float | None] | None  # of the step after each snapshot
    test: Test | None
    ended: str | None
    run: str
    parent: Parent | None
    versions: dict[str, str]
    arithmetic: int


class Drawn(TypedDict):
    """How the weights into a layer are drawn."""

    distribution: Literal["normal", "uniform", "constant"]
    centre: float
    spread: float


class Initial(TypedDict):
    """How all initial weights are drawn."""

    seed: Key
    layers: list[Drawn]


class Options(TypedDict):
    """The options that the engine trains with."""

    epochs: int
    batch_size: int
    learning_rate: float
    epoch_rates: list[tuple[int, float]]
    shuffle: bool
    seed: Key
    l1: float
    l2: float
    dropout: float
    dropconnect: float
    alpha: float
    strengths: list[float]  # of the penalties
    clip_norm: float | None
    clip_value: float | None
    steps_before: int  # in earlier trainings, for the constants of the optimizer
    early_stopping: EarlyStopping | None


class Start(TypedDict):
    """The step that a training begins after, and the sums of its epoch so far."""

    step: int
    loss_sum: float
    correct: int


class RecipeLayer(TypedDict):
    """A layer of the net that is trained."""

    id: int
    neurons: list[int]
    activation: Formula


class Digests(TypedDict):
    """Digests of all bits of a training in Python; those of the losses are an array."""

    start: int  # the step that they begin after
    steps: int  # the last step
    every: int  # of how many losses a digest is
    states: list[tuple[int, int, int]]  # steps, each with the halves of the digest of its state


class Recipe(TypedDict):
    """What the engine needs to take the steps of a training."""

    layers: list[RecipeLayer]
    initial: Initial | None  # null where arrays have the numbers to begin with
    seed: Key  # of the net
    initializers: list[str] | None  # of the layers after the inputs; null: unknown
    target_range: list[float | None]  # of numbers that outputs can learn; null: without bound
    target_kind: TargetKind
    preparation: Preparation | None
    options: Options
    start: Start | None  # null where a training goes on from a snapshot
    digests: NotRequired[Digests]


class Words(TypedDict, total=False):
    """What the maker of a page has said of it and called things, where that was given."""

    about: str
    author: str
    classes: list[str]  # in place of the names that labels have
    language: str  # that the page speaks, if not English
    texts: dict[str, str | dict[str, str]]  # its words, where slownet has none or others


class Facts(TypedDict):
    """All facts of a page."""

    format: int
    title: str
    words: Words
    frames: int  # how many snapshots there are; 0: the page trains itself
    layers: list[Layer]
    loss: str
    target_kind: TargetKind
    side: int  # how many pixels wide and high the inputs are as an image; 0: they are none
    preparation: Preparation | None
    inputs: list[str]
    classes: list[str]
    samples: list[Selectable]
    watched: int  # how many samples were watched
    holds: dict[Role, tuple[int, int]]  # how many rows the page holds, of how many
    held_out: HeldOut | None
    recipe: Recipe | None  # null: the page cannot train
    precision: Precision
    curves: list[Curve]
    judged: Judged
    plane: Plane | None
    training: Training
