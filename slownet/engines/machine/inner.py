"""The innermost loops: those of `lanes.py` where they work, otherwise those of `plain.py`."""

from __future__ import annotations

import os

PLAIN = os.environ.get("SLOWNET_LANES") == "0"

if not PLAIN:
    try:
        from slownet.engines.machine.lanes import (
            four_sums,
            four_sums_descend,
            list_sums,
            list_sums_descend,
            outer_descend,
            transpose_block,
        )
    except (ImportError, AttributeError):  # unsupported llvmlite version
        PLAIN = True
if PLAIN:
    from slownet.engines.machine.plain import (
        four_sums,
        four_sums_descend,
        list_sums,
        list_sums_descend,
        outer_descend,
        transpose_block,
    )

__all__ = [
    "PLAIN",
    "four_sums",
    "four_sums_descend",
    "list_sums",
    "list_sums_descend",
    "outer_descend",
    "transpose_block",
]
