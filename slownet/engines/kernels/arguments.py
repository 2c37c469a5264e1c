"""Access of kernels to their records, and calls of the loops around formulas."""

from __future__ import annotations

from slownet.engines import formula_loops
from slownet.engines.kernel_records import LAYER, WORK
from slownet.engines.machine.memory import records
from slownet.engines.machine.units import caller

works, all_layers = records(WORK), records(LAYER)
call_values, call_deltas = caller(formula_loops.VALUES), caller(formula_loops.DELTAS)
call_slopes, call_loss = caller(formula_loops.SLOPES), caller(formula_loops.LOSS)
call_update, call_penalty = caller(formula_loops.UPDATE), caller(formula_loops.PENALTY)
