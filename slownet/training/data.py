"""The data of a training, of its validation and of its snapshots: read, checked and encoded once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slownet.errors import InvalidValueError
from slownet.recording import Watch
from slownet.samples import (
    Batches,
    Encoder,
    Samples,
    as_list,
    check_within,
    column_names,
    fingerprint,
    text_classes,
)

if TYPE_CHECKING:
    from slownet.functions import Loss
    from slownet.objects import Net
    from slownet.training.options import Options

Encoded = tuple[Samples, list[list[float]]]  # samples, and for each one number per output neuron


@dataclass(frozen=True, eq=False)
class TrainingData:
    """The data of a training.

    Attributes
    ----------
    given : (X, y)
        The arguments of `fit`.
    batches : Batches
        The samples of each step; it has all samples, the targets and the encoder.
    loss : Loss
        The loss that is minimised.
    classes : list or None
        The class labels, where they are not simply 0, 1, 2, ...
    validation : (Samples, targets) or None
        The data of the validation after every epoch.
    test : (Samples, targets) or None
        The data of the test after the training.
    watched : Samples or None
        The samples that every snapshot watches.
    watch : Watch
        The same, as the history keeps it.
    """

    given: tuple[Any, Any]
    batches: Batches
    loss: Loss
    classes: list[Any] | None
    validation: Encoded | None
    test: Encoded | None
    watched: Samples | None
    watch: Watch

    @classmethod
    def read(cls, net: Net, X: Any, y: Any, options: Options) -> TrainingData:
        """Read the arguments of `fit`; TypeError or ValueError if they do not fit the net.

        Numbers of X that are not finite are found by the engines, which read all of X anyway.
        """
        samples = Samples(X, len(net.wiring.inputs.neurons), check=False)
        loss = net.loss if options.loss is None else options.loss
        loss.check(net.wiring.output.activation)
        classes = net.classes or text_classes(y, loss)
        encoder = net.encoder(loss, classes)
        targets = encoder.encode_all(y, len(samples))
        check_within(targets, loss, net.wiring.output.activation)
        watched, watch = None, Watch()
        validation, test = (
            None if pair is None else _encoded(name, pair, samples.width, encoder)
            for name, pair in (
                ("validation_data", options.validation_data),
                ("test_data", options.test_data),
            )
        )
        if options.watch is not None:
            watched, wanted = _encoded("watch", options.watch, samples.width, encoder)
            watch = Watch(list(map(list, watched)), as_list(options.watch[1], "watch"), wanted)
        batches = Batches(samples, targets, encoder, options.batch_size, options.shuffle, options.seed)
        return cls((X, y), batches, loss, classes, validation, test, watched, watch)

    @property
    def shape(self) -> tuple[int, int]:
        """How many inputs and outputs there are."""
        return self.batches.samples.width, self.batches.encoder.outputs

    def check_shape(self, net: Net) -> None:
        """Raise ValueError if the net, which callbacks may change, does not fit the samples any more."""
        shape = len(net.wiring.inputs.neurons), len(net.wiring.output.neurons)
        if shape != self.shape:
            raise InvalidValueError(
                f"{net} does not fit the samples any more: inputs and outputs were {self.shape}"
            )

    def encoded(self, name: str, pair: tuple[Any, Any]) -> Encoded:
        """Read another pair (X, y) for the same net; `name` is its name in errors."""
        return _encoded(name, pair, self.batches.samples.width, self.batches.encoder)

    def described(self) -> dict[str, Any]:
        """Return how many samples, inputs and outputs there are, and the names of the inputs."""
        inputs, outputs = self.shape
        validation = {} if self.validation is None else {"validation_samples": len(self.validation[0])}
        return {
            "samples": len(self.batches.samples),
            "inputs": inputs,
            "outputs": outputs,
            **validation,
            **column_names(self.given[0]),
        }

    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprints of the training and validation data."""
        found = fingerprint(self.batches.samples, self.batches.targets)
        if self.validation is not None:
            of_validation = fingerprint(*self.validation)
            found |= {f"validation_{name}": digest for name, digest in of_validation.items()}
        return found


def _encoded(name: str, pair: tuple[Any, Any], width: int, encoder: Encoder) -> Encoded:
    samples = Samples(pair[0], width, f"{name}[0]")
    return samples, encoder.encode_all(pair[1], len(samples), f"{name}[1]")
