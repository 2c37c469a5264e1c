"""Where a number came from: its derivation, term by term, in the very arithmetic of the net."""

from slownet.explain.derivation import Derivation, Term
from slownet.explain.numbers import explain_neuron, explain_weight

__all__ = ["Derivation", "Term", "explain_neuron", "explain_weight"]
