"""Formulas in other languages, translated from the Python that trains: each formula is written once."""

from slownet.translation.c import C
from slownet.translation.javascript import JavaScript
from slownet.translation.python import Python
from slownet.translation.syntax import Syntax
from slownet.translation.translator import Translator
from slownet.translation.trees import UntranslatableError

__all__ = ["C", "JavaScript", "Python", "Syntax", "Translator", "UntranslatableError"]
