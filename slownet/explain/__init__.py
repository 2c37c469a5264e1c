"""Derivations of the numbers of a net, operation by operation, with the arithmetic that trains."""

from slownet.explain.asking import explain, explain_history, explain_part
from slownet.explain.derivation import Derivation, Term
from slownet.explain.matrices import MatrixForm, matrix_form
from slownet.explain.opening import open_function

__all__ = [
    "Derivation",
    "MatrixForm",
    "Term",
    "explain",
    "explain_history",
    "explain_part",
    "matrix_form",
    "open_function",
]
