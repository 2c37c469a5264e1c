"""The data of users: samples and their targets, read, checked and put into batches."""

from slownet.samples.batches import Batches
from slownet.samples.fingerprints import check_recordable, fingerprint
from slownet.samples.inputs import Samples, read_sample
from slownet.samples.last_step import AGAIN, MOST_KEPT, LastStep
from slownet.samples.plain import plain
from slownet.samples.preparation import Preparation
from slownet.samples.targets import (
    Encoder,
    as_list,
    check_within,
    decided,
    may_scale,
    text_classes,
)
from slownet.samples.weights import (
    check_class_weight,
    check_not_all_zero,
    check_weight,
    class_weights,
    combined,
    read_weights,
)

__all__ = [
    "AGAIN",
    "MOST_KEPT",
    "Batches",
    "Encoder",
    "LastStep",
    "Preparation",
    "Samples",
    "as_list",
    "check_class_weight",
    "check_not_all_zero",
    "check_recordable",
    "check_weight",
    "check_within",
    "class_weights",
    "combined",
    "decided",
    "fingerprint",
    "may_scale",
    "plain",
    "read_sample",
    "read_weights",
    "text_classes",
]
