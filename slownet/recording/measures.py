"""How right a net is, in numbers and words: every figure with its name and its number of samples.

The names are the same everywhere. *Training* figures are means over batches, each as it was before its
own update; *validation* figures are of all of `validation_data`, after an epoch; *watched* figures are
of the samples of `watch`, at a snapshot; *test* figures are of all of `test_data`, after the training.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING

from slownet.functions.description import from_description

if TYPE_CHECKING:
    from slownet.recording.history import EpochRecord, History

PAGE_SPACE = "\u202f"  # between thousands in a page


def figures_text(
    name: str, samples: int | None, loss: float, accuracy: float | None, error: float | None = None
) -> str:
    """Return figures as text: "test accuracy 95.63% of 10,000, loss 0.1452"."""
    if accuracy is not None:
        return f"{name} accuracy {share_text(accuracy, samples)}, loss {loss:.4g}"
    if error is not None:
        on = "" if samples is None else f" on {samples:,}"
        return f"{name} error {error:.4g}{on}, loss {loss:.4g}"
    return f"{name} loss {loss:.4g}{_of(samples)}"


def share_text(share: float, samples: int | None) -> str:
    """Return an accuracy as text: "95.63% of 10,000"."""
    return f"{share:.2%}{_of(samples)}"


def _of(samples: int | None) -> str:
    return "" if samples is None else f" of {samples:,}"


def training_text(history: History, record: EpochRecord) -> str:
    """Return the training figures of an epoch."""
    return figures_text("training", samples_of_epoch(history, record), record.loss, record.accuracy)


def validation_text(history: History, record: EpochRecord) -> str:
    """Return the validation figures of an epoch; "" without validation."""
    if record.validation_loss is None:
        return ""
    samples = count_of(history, "validation_samples")
    return figures_text("validation", samples, record.validation_loss, record.validation_accuracy)


def test_text(history: History) -> str:
    """Return the test figures; "" without a test."""
    test = history.test
    if test is None:
        return ""
    return figures_text("test", test["samples"], test["loss"], test["accuracy"], test["error"])


def samples_of_epoch(history: History, record: EpochRecord) -> int | None:
    """Return how many samples the training figures of an epoch are of: all, unless it was cut short."""
    samples, size = count_of(history, "samples"), batch_samples(history)
    is_whole = record.step <= history.start or record is not history.epochs[-1]
    if samples is None or size is None or is_whole:
        return samples
    begin = (record.epoch - 1) * ceil(samples / size)
    return min(samples, (record.step - begin) * size)


def batch_samples(history: History) -> int | None:
    """Return how many samples a batch has; the last one of an epoch may have fewer."""
    samples, size = count_of(history, "samples"), history.config.get("batch_size")
    return min(size, samples) if type(size) is int and size > 0 and samples is not None else None


def batch_size_text(history: History, between: str = PAGE_SPACE) -> str | None:
    """Return how many samples a batch has, as text: "≤ 32" where the last one of an epoch has fewer.

    `between` stands between thousands.
    """
    samples, size = count_of(history, "samples"), batch_samples(history)
    if samples is None or size is None:
        return None
    written = f"{size:,}".replace(",", between)
    return f"≤ {written}" if samples % size else written


def count_of(history: History, name: str) -> int | None:
    """Return a number of samples in `History.data`; None where a file does not have it."""
    count = history.data.get(name)
    return count if type(count) is int else None


def learning_rate_of(history: History, step: int) -> float:
    """Return the learning rate of a step: what the schedule made of the argument `learning_rate`.

    Raises
    ------
    MissingFormulaError
        If the schedule is the user's own, and the history does not have it.
    """
    config = history.config
    schedule = from_description("schedule", config["schedule"], history.formulas)
    steps_per_epoch = ceil(history.data["samples"] / config["batch_size"])
    stretches = [*config.get("earlier", ()), (step, config["epochs"])]  # `resume` may change epochs
    epochs = next(epochs for last, epochs in stretches if step <= last)
    epoch = (step - 1) // steps_per_epoch + 1
    base = rate_in(config["learning_rate"], dict(config.get("epoch_rates", ())), epoch)
    rate: float = schedule.rate_of(step, base, steps_per_epoch, epochs)
    return rate


def rate_in(first: float, rates: Mapping[int, float], epoch: int) -> float:
    """Return the learning rate of an epoch, before the schedule.

    Parameters
    ----------
    first : float
        That of the first epoch.
    rates : mapping
        {epoch: the rate from then on}, as callbacks have set it.
    epoch : int
        Counted from 1.
    """
    set_before = [each for each in rates if each <= epoch]
    return rates[max(set_before)] if set_before else first
