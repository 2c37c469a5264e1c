"""Derivations of the numbers of a net, operation by operation, with the arithmetic that trains."""

from slownet.explain.asking import explain, explain_history, explain_part, trace
from slownet.explain.derivation import Derivation, Term
from slownet.explain.matrices import MatrixForm, matrix_form
from slownet.explain.opening import open_function
from slownet.explain.trace import Operation, Trace

__all__ = [
    "Derivation",
    "MatrixForm",
    "Operation",
    "Term",
    "Trace",
    "explain",
    "explain_history",
    "explain_part",
    "matrix_form",
    "open_function",
    "trace",
]
