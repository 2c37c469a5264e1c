"""A strict reader of LaTeX: it refuses what TeX refuses, and what TeX would read otherwise."""

from __future__ import annotations

import re

TOKEN = re.compile(r"'+|\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
SYMBOLS = {
    *(r"\cdot", r"\ldots", r"\partial", r"\infty", r"\delta", r"\eta", r"\lvert", r"\rvert", r"\\"),
    *(r"\exp", r"\log", r"\tanh", r"\sin", r"\cos", *"+-=/(),.&"),
}
IN_TEXT = re.compile(r"(?:[^\\{}$&#%_^~]|\\[{}$&#%]|\\text[a-z]+\{\})*")


def check_latex(latex: str) -> None:
    """Raise AssertionError if a block of derivations cannot be typeset, or not as it is meant."""
    start, end = "\\begin{aligned}\n", "\n\\end{aligned}"
    assert latex.startswith(start)
    assert latex.endswith(end)
    reader = _Reader(latex[len(start) : -len(end)])
    reader.formula("")


class _Reader:
    def __init__(self, latex: str) -> None:
        self.latex, self.at = latex, 0

    def take(self) -> str:
        found = TOKEN.match(self.latex, self.at)
        assert found, "the end"
        self.at = found.end()
        return found[0]

    def formula(self, end: str) -> None:
        scripts = "^_"  # what there may be after a symbol, each once
        while self.at < len(self.latex):
            token = self.take()
            if token == end:
                return
            if token in ("^", "_"):
                assert token in scripts, f"double {token} before {self.latex[self.at : self.at + 20]}"
                scripts = scripts.replace(token, "")
                assert self.take() == "{"
                self.formula("}")
            elif token.startswith("'"):
                assert scripts == "^_"
                scripts = "_"
            elif not token.isspace():
                scripts = "^_"
                self.symbol(token)
        assert not end, f"{end} is missing"

    def symbol(self, token: str) -> None:
        if token == r"\text":
            found = re.compile(rf"\{{{IN_TEXT.pattern}\}}").match(self.latex, self.at)
            assert found, self.latex[self.at : self.at + 20]
            self.at = found.end()
        elif token in (r"\frac", r"\operatorname", r"\underbrace"):
            for _ in range(1 + (token == r"\frac")):
                assert self.take() == "{"
                self.formula("}")
        elif token == "{":
            self.formula("}")
        elif token not in (r"\bar", r"\tilde"):
            assert token in SYMBOLS or re.fullmatch(r"\d+(\.\d+)?|[a-zA-Z]", token), token
