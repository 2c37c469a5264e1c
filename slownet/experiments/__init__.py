"""Experiments: what a reader has changed in the training of a page, and Python that repeats it."""

from slownet.experiments.addresses import Address, read_address
from slownet.experiments.edits import Edit, format_edits, parse
from slownet.experiments.replaying import replay, replayed
from slownet.experiments.state import State

__all__ = ["Address", "Edit", "State", "format_edits", "parse", "read_address", "replay", "replayed"]
