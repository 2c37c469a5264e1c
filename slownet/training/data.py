"""The data of a training, of its validation and of its snapshots: read, checked and encoded once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from slownet.checks import short
from slownet.datasets.tables import Table
from slownet.datasets.tables.columns import Target
from slownet.errors import InvalidTypeError, InvalidValueError, TrainingWarning, warn
from slownet.preprocessing import named_targets, rows_prepared
from slownet.recording import Watch
from slownet.samples import (
    Batches,
    Encoder,
    Preparation,
    Samples,
    as_list,
    check_not_all_zero,
    check_within,
    class_weights,
    combined,
    fingerprint,
    may_scale,
    read_weights,
    text_classes,
)
from slownet.training.splitting import Split, split

if TYPE_CHECKING:
    from slownet.functions import Loss
    from slownet.objects import Net
    from slownet.training.options import Options


class Encoded(NamedTuple):
    """Samples, for each one number per output neuron, and what the loss of each counts, if given."""

    samples: Samples
    targets: list[list[float]]
    weights: list[float] | None = None

    def at(self, rows: Any) -> Encoded:
        """Return those of some rows."""
        places = rows.tolist()
        weights = None if self.weights is None else [self.weights[place] for place in places]
        return Encoded(self.samples.at(rows), [self.targets[place] for place in places], weights)


@dataclass(frozen=True, eq=False)
class TrainingData:
    """The data of a training.

    Attributes
    ----------
    given : (X, y) or (X, y, sample_weight)
        The arguments of `fit`.
    batches : Batches
        The samples of each step; it has all samples, the targets and the encoder.
    loss : Loss
        The loss that is minimised.
    classes : list or None
        The class labels, where they are not simply 0, 1, 2, ...
    validation : (Samples, targets, weights) or None
        The data of the validation after every epoch.
    test : (Samples, targets, None) or None
        The data of the test after the training.
    watched : Samples or None
        The samples that every snapshot watches.
    watch : Watch
        The same, as the history keeps it.
    preparation : Preparation or None
        What turns samples and targets into the numbers of the net.
    held_out : Split or None
        Which of the rows that were given are for training, where some are held out.
    """

    given: tuple[Any, ...]
    batches: Batches
    loss: Loss
    classes: list[Any] | None
    validation: Encoded | None
    test: Encoded | None
    watched: Samples | None
    watch: Watch
    preparation: Preparation | None
    held_out: Split | None = None

    @classmethod
    def read(cls, net: Net, X: Any, y: Any, options: Options) -> TrainingData:
        """Read the arguments of `fit`; TypeError or ValueError if they do not fit the net.

        Numbers of X that are not finite are found by the engines, which read all of X anyway.
        """
        y = X.y if y is None and isinstance(X, Table) else y
        loss = net.loss if options.loss is None else options.loss
        loss.check(net.wiring.output.activation)
        classes = net.classes or text_classes(y, loss)
        held_out = held_out_rows(net.encoder(loss, classes), X, y, options)
        preparation, rows = _preparation(net, X, y, loss, options.prepare, held_out)
        samples = read_samples(net, rows, preparation)
        encoder = net.encoder(loss, classes, preparation)
        whole = Encoded(samples, encoder.encode_all(y, len(samples)), _weights(options, len(samples)))
        training, validation = _parts(whole, held_out)
        places = None if held_out is None else held_out.training.tolist()
        check_within(training.targets, encoder, net.wiring.output.activation, places)
        batches = _batches(training, encoder, options)

        def encoded(name: str, data: tuple[Any, ...] | None) -> Encoded | None:
            return None if data is None else _encoded(name, data, net, encoder, preparation)

        validation = validation or encoded("validation_data", options.validation_data)
        test = encoded("test_data", options.test_data)
        watched, watch = None, Watch()
        if options.watch is not None:
            rows = options.watch[0]
            if preparation is not None:
                rows = preparation.own(rows, "watch[0]")
            watched, wanted, _ = _encoded("watch", (rows, options.watch[1]), net, encoder, preparation)
            own = Samples(rows, samples.width, "watch[0]")
            watch = Watch(list(map(list, own)), as_list(options.watch[1], "watch"), wanted)
        given = (X, y) if options.sample_weight is None else (X, y, options.sample_weight)
        kept = (given, batches, loss, classes, validation, test, watched, watch, preparation)
        return cls(*kept, held_out)

    @property
    def shape(self) -> tuple[int, int]:
        """How many inputs and outputs there are."""
        return self.batches.samples.width, self.batches.encoder.outputs

    def check_shape(self, net: Net) -> None:
        """Raise ValueError if the net, which callbacks may change, does not fit the samples any more."""
        self.check_preparation(net)
        shape = len(net.wiring.inputs.neurons), len(net.wiring.output.neurons)
        if shape != self.shape:
            raise InvalidValueError(
                f"{net} does not fit the samples any more: inputs and outputs were {self.shape}"
            )

    def check_preparation(self, net: Net) -> None:
        """Raise ValueError if a callback gave the net a preparation that it did not learn with."""
        prepared = self.preparation
        if net.preparation is not prepared and net.preparation != prepared:
            raise InvalidValueError(
                "net.preparation was changed during a training, whose samples are prepared before it "
                "begins: set it before fit"
            )

    def encoded(self, name: str, data: tuple[Any, ...], net: Net) -> Encoded:
        """Read other data, (X, y) or (X, y, sample_weight), for the net; `name` is theirs in errors."""
        return _encoded(name, data, net, self.batches.encoder, self.preparation)

    def described(self) -> dict[str, Any]:
        """Return how many samples, inputs and outputs there are."""
        inputs, outputs = self.shape
        validated = self.validation
        validation = {} if validated is None else {"validation_samples": len(validated.samples)}
        return {
            "samples": len(self.batches.samples),
            "inputs": inputs,
            "outputs": outputs,
            **validation,
        }

    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprints of the training and validation data."""
        found = fingerprint(self.batches.samples, self.batches.targets, self.batches.weights)
        if self.validation is not None:
            of_validation = fingerprint(*self.validation)
            found |= {f"validation_{name}": digest for name, digest in of_validation.items()}
        return found


def read_samples(net: Net, X: Any, preparation: Preparation | None, name: str = "X") -> Samples:
    """Read samples for a net; the engines, which read all of X anyway, find what is not finite.

    Raises
    ------
    TypeError, ValueError
        If X does not fit the net, or its preparation.
    """
    width = len(net.wiring.inputs.neurons)
    if preparation is not None and len(preparation.inputs) != width:
        known = preparation is net.preparation
        hint = (
            "net.preparation = None forgets how they are made"
            if known
            else f"begin with NetFactory([{len(preparation.inputs)}, ...])"
        )
        raise InvalidValueError(
            f"{name} becomes {len(preparation.inputs)} inputs ({_listed(preparation.inputs)}; each "
            f"category of a text is one), and this net has {width} input neurons: {hint}"
        )
    return Samples(X, width, name, check=False, preparation=preparation)


def _listed(names: list[str], most: int = 12) -> str:
    return ", ".join([short(name)[1:-1] for name in names[:most]] + ["..."] * (len(names) > most))


def data_parts(data: Any, name: str = "data") -> tuple[Any, Any, Any]:
    """Return X, y and the sample weights, or None, of data; `name` is theirs in errors.

    Raises
    ------
    TypeError
        If they are neither (X, y) nor (X, y, sample_weight).
    """
    if isinstance(data, Table):
        data = data, data.y
    is_listed = isinstance(data, (tuple, list))
    if not (is_listed and len(data) in (2, 3)):
        found = type(data).__name__ + (f" of {len(data)}" if is_listed else "")
        raise InvalidTypeError(f"{name} must be a pair (X, y), or (X, y, sample_weight), not {found}")
    X, y, weights = (*data, None)[:3]
    return X, X.y if y is None and isinstance(X, Table) else y, weights


def check_weighted(config: Mapping[str, Any], weights: Any) -> None:
    """Raise ValueError if a training had sample weights, which no file keeps, and none are given."""
    if config.get("weighted") and weights is None:
        raise InvalidValueError("this training had sample weights: give data=(X, y, sample_weight)")
    if weights is not None and not config.get("weighted"):
        raise InvalidValueError("this training had no sample weights: give data=(X, y)")


def _weights(options: Options, count: int) -> list[float] | None:
    given = options.sample_weight
    return None if given is None else read_weights(given, count)


def held_out_rows(encoder: Encoder, X: Any, y: Any, options: Options) -> Split | None:
    """Return which rows to train on, and which to validate with; None if all are trained on."""
    share, seed = options.validation_split, options.split_seed
    seed = options.seed if seed is None else seed
    return None if share is None else split(X, y, encoder, share, seed)


def _parts(whole: Encoded, held_out: Split | None) -> tuple[Encoded, Encoded | None]:
    """Return the data to train on, and those to validate with if they are held out."""
    if held_out is None:
        return whole, None
    whole.samples.check()  # while rows have the numbers that the user knows
    validation = whole.at(held_out.validation)
    check_not_all_zero(validation.weights, "of the validation")
    return whole.at(held_out.training), validation


def _batches(data: Encoded, encoder: Encoder, options: Options) -> Batches:
    of_class = None
    if options.class_weight is not None:
        of_class = class_weights(options.class_weight, data.targets, encoder)
    weights = combined(data.weights, of_class)
    check_not_all_zero(weights, "to learn from")
    return Batches(
        data.samples, data.targets, encoder, options.batch_size, options.shuffle, options.seed, weights
    )


def _preparation(
    net: Net,
    X: Any,
    y: Any,
    loss: Loss,
    prepare: str | Preparation | None,
    held_out: Split | None,
) -> tuple[Preparation | None, Any]:
    """Return the preparation of a training, that of the net or else one of the data, and its rows.

    Raises
    ------
    ValueError
        If the net has another one.
    """
    is_number, known = may_scale(loss), net.preparation
    if isinstance(prepare, Preparation):
        return _given(prepare, known, named_targets(X, y), is_number), X
    if known is None:
        return rows_prepared(X, y, prepare, is_number, None if held_out is None else held_out.training)
    scales = prepare not in (None, "encode")
    how = "scales numbers" if known.scales_numbers else "leaves numbers as they are"
    is_other = prepare is not None and known.scales_numbers not in (None, scales)
    if not is_other and scales and is_number and not known.target_scales:
        is_other, how = True, "leaves targets as they are"
    if is_other:
        warn(
            f"the net keeps the preparation that it has, which {how}: net.preparation = None forgets "
            f"it, and prepare={prepare!r} then makes another one",
            TrainingWarning,
        )
    return known, X


def _given(
    prepare: Preparation, known: Preparation | None, names: list[Target], is_number: bool
) -> Preparation:
    """Return a preparation that was given to `fit`, with the targets that are meant."""
    if not (is_number and prepare.targets):
        prepare = prepare.with_targets([Target(each.name) for each in prepare.targets[:1]] or names)
    if known is None:
        return prepare
    without = known.with_targets(()), prepare.with_targets(())
    if without[0] != without[1] or known.target_scales != prepare.target_scales:
        raise InvalidValueError(
            "this net has learned with another preparation than that of prepare=: leave it out to keep "
            "that one, or set net.preparation = None to forget it"
        )
    return known


def _encoded(
    name: str, data: tuple[Any, ...], net: Net, encoder: Encoder, preparation: Preparation | None
) -> Encoded:
    samples = read_samples(net, data[0], preparation, f"{name}[0]")
    samples.check()
    targets, weights = encoder.encode_all(data[1], len(samples), f"{name}[1]"), None
    if len(data) == 3 and data[2] is not None:
        weights = read_weights(data[2], len(samples), f"{name}[2]")
        check_not_all_zero(weights, f"of {name}")
    return Encoded(samples, targets, weights)
