"""The data of users: samples and their targets, read, checked and put into batches."""

from slownet.samples.batches import Batches
from slownet.samples.fingerprints import check_recordable, fingerprint
from slownet.samples.inputs import Samples, read_sample
from slownet.samples.plain import plain
from slownet.samples.preparation import Preparation
from slownet.samples.targets import Encoder, as_list, check_within, decided, text_classes

__all__ = [
    "Batches",
    "Encoder",
    "Preparation",
    "Samples",
    "as_list",
    "check_recordable",
    "check_within",
    "decided",
    "fingerprint",
    "plain",
    "read_sample",
    "text_classes",
]
