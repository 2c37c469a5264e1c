"""The data of users: samples and their targets, read, checked and put into batches."""

from slownet.samples.batches import Batches
from slownet.samples.fingerprints import check_recordable, column_names, fingerprint
from slownet.samples.inputs import Samples, read_sample
from slownet.samples.targets import Encoder, as_list, decided, text_classes

__all__ = [
    "Batches",
    "Encoder",
    "Samples",
    "as_list",
    "check_recordable",
    "column_names",
    "decided",
    "fingerprint",
    "read_sample",
    "text_classes",
]
