"""Derivations of the numbers of a net, operation by operation, with the arithmetic that trains."""

from slownet.explain.asking import explain, explain_history, explain_part, trace
from slownet.explain.checking import CheckedGradient, GradientCheck, check_gradients
from slownet.explain.derivation import Derivation, Term
from slownet.explain.matrices import MatrixForm, matrix_form
from slownet.explain.opening import open_function
from slownet.explain.paths import Paths, Route, paths
from slownet.explain.reasons import Reason, why_small, why_zero
from slownet.explain.trace import Operation, Trace

__all__ = [
    "CheckedGradient",
    "Derivation",
    "GradientCheck",
    "MatrixForm",
    "Operation",
    "Paths",
    "Reason",
    "Route",
    "Term",
    "Trace",
    "check_gradients",
    "explain",
    "explain_history",
    "explain_part",
    "matrix_form",
    "open_function",
    "paths",
    "trace",
    "why_small",
    "why_zero",
]
