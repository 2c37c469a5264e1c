"""Derivations of the numbers of a net, term by term, with the arithmetic of the passes."""

from slownet.explain.derivation import Derivation, Term
from slownet.explain.matrices import MatrixForm, matrix_form
from slownet.explain.numbers import explain_neuron, explain_weight

__all__ = ["Derivation", "MatrixForm", "Term", "explain_neuron", "explain_weight", "matrix_form"]
