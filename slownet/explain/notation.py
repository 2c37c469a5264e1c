"""How names, numbers and formulas are written: as text, and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from slownet.explain.derivation import latex_text

LETTERS = {
    "z": "z",
    "value": "a",
    "raw": r"\tilde a",
    "slope": "s",
    "derivative": "{f'}",  # in braces: a prime is a superscript, and of a sample there is another one
    "delta": r"\delta",
    "weight": "w",
    "new_weight": "w'",
    "bias": "b",
    "new_bias": "b'",
    "target": "y",
    "keep": "k",
    "loss": "L",
    "learning_rate": r"\eta",
    "mean": r"\bar g",
    "mean_slope": r"\bar s",
    "grad": r"\frac{\partial L}{\partial w}",
    "bias_grad": r"\frac{\partial L}{\partial b}",
}
FUNCTIONS = ("exp", "log", "tanh", "sin", "cos")
SPECIAL = {
    "_": " ",
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{letter: f"\\{letter}" for letter in "{}$&#%"},
}


@dataclass(frozen=True)
class Notation:
    """How a formula is written.

    Attributes
    ----------
    times, dots, bar, end_bar : str
        Between factors, for what is left out, around the size of a number.
    power : str
        A power of {base} and {exponent}.
    function : callable
        Writes the name of a function.
    """

    times: str = " · "
    dots: str = "..."
    bar: str = "|"
    end_bar: str = "|"
    power: str = "{base} ** {exponent}"
    function: Callable[[str], str] = str


TEXT = Notation()


def latex_name(name: str) -> str:
    """Return the name of a number in LaTeX: z_1_3_s7 becomes z_{1,3}^{(7)}."""
    found = re.fullmatch(r"([a-z_]+?)((?:_\d+)*)(?:_s(\d+))?", name)
    if found is None:
        return latex_words(name)
    letter = LETTERS.get(found[1]) or latex_words(found[1])
    places = found[2].replace("_", ",")[1:]
    if letter.startswith(r"\frac"):
        letter = letter[:-1] + f"_{{{places}}}}}" if places else letter
    else:
        letter += f"_{{{places}}}" if places else ""
    return letter + (f"^{{({found[3]})}}" if found[3] else "")


def latex_words(words: str) -> str:
    """Return words in a formula of LaTeX, whatever letters they have."""
    return rf"\text{{{''.join(SPECIAL.get(letter, letter) for letter in words)}}}"


def latex_function(name: str) -> str:
    """Return the name of a function in LaTeX, before its arguments."""
    plain = name.rstrip("'")
    primes = name[len(plain) :]
    if plain in FUNCTIONS:
        return f"\\{plain}{primes}"
    is_word = re.fullmatch("[A-Za-z]+[0-9]*", plain) is not None
    return (rf"\operatorname{{{plain}}}" if is_word else latex_words(plain)) + primes


def latex_number(number: float) -> str:
    """Return a number as a part of a formula in LaTeX: in brackets if it is a product."""
    text = latex_text(number)
    return f"({text})" if "cdot" in text else text


LATEX = Notation(
    r" \cdot ", r"\ldots", r"\lvert ", r" \rvert", "{{{base}}}^{{{exponent}}}", latex_function
)
