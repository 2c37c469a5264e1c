"""Derivations as Markdown, LaTeX and HTML."""

from __future__ import annotations

import html as escaping
import re
from collections.abc import Callable, Iterator
from itertools import count
from zlib import crc32

from slownet.explain.derivation import Derivation, latex_text, number_text
from slownet.explain.layout import Layout, lay_out
from slownet.explain.notation import LATEX, latex_name, latex_number

BAR = r"\|"  # within a table
SHOWN, IN_LATEX, FEW = 8, 4, 3  # terms of a long sum: the largest
DISPLAYS = count(1)  # in this process
DEEPEST = 60  # levels inside each other: a browser reads some hundred
MANY = 300  # numbers from which on a page shows fewer terms of each sum
MARK = re.compile("\x00(\\d+)\x01")
STYLE = (
    "<style>.slownet-why{font-family:monospace;max-width:100%;overflow-x:auto}.slownet-why details"
    "{margin-left:1.2em}.slownet-why summary{cursor:pointer;margin-left:-1.2em}.slownet-why table"
    "{border-collapse:collapse;margin:.2em 0}.slownet-why td{padding:0 .6em 0 0;text-align:left}"
    ".slownet-why p{margin:.2em 0}</style>"
)


# Markdown


def markdown(derivation: Derivation, depth: int) -> str:
    """Return a derivation as Markdown."""
    lines = [f"**{_plain(derivation.of)}**", "", _plain(derivation.about), ""]
    for each in _levels(derivation, depth):
        lines += [*_markdown_lines(each), ""]
    return "\n".join(lines).rstrip() + "\n"


def _markdown_lines(derivation: Derivation) -> list[str]:
    name, value = derivation.name, number_text(derivation.value)
    if derivation.given:
        return [f"`{name} = {value}` ({_plain(derivation.given)})"]
    layout = lay_out(derivation, SHOWN, number_text)
    lines = [f"{_code(' = '.join(_different([name, *layout.steps, value])))}{_reasons(layout)}"]
    if layout.rows:
        lines += ["", "| | term | numbers | value |", "|---|---|---|--:|"]
        lines += [
            f"| {row.sign} | {_code(row.formula).replace('|', BAR)} | {_plain(row.numbers)} "
            f"| {number_text(row.value)} |"
            for row in layout.rows
        ]
        if layout.left_out:
            lines.append(f"| | {layout.left_out_words} | | |")
    return lines


def _plain(text: str) -> str:
    """Return a text of which Markdown makes nothing else: it may have the name of a column in it."""
    return re.sub(r"([\\`*_{}\[\]<>&$|~#])", r"\\\1", text)


def _code(text: str) -> str:
    """Return code in more backticks than it has in a row."""
    ticks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{ticks}{text}{ticks}"


def _reasons(layout: Layout) -> str:
    return f", as {' and '.join(map(_code, layout.reasons))}" if layout.reasons else ""


def _levels(derivation: Derivation, depth: int) -> Iterator[Derivation]:
    """Yield a derivation and what it is made of, each once, some levels deep."""
    done, level = {derivation.name}, [derivation]
    while level and depth:
        depth -= 1
        following = []
        for each in level:
            yield each
            for part in each.parts:
                if not part.is_given and part.name not in done:
                    done.add(part.name)
                    following.append(part)
        level = following


def _different(steps: list[str]) -> list[str]:
    return [step for k, step in enumerate(steps) if not k or step != steps[k - 1]]


# LaTeX


def latex(derivation: Derivation, depth: int) -> str:
    """Return a derivation as LaTeX: an `aligned` block."""
    lines = [line for each in _levels(derivation, depth) for line in _latex_lines(each)]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def _latex_lines(derivation: Derivation) -> list[str]:
    graph = derivation._graph

    def name(place: int) -> str:
        text = graph.name(place)
        return latex_name(text) if graph.is_named(place) else latex_number(graph.tape.results[place])

    own, value = latex_name(derivation.name), latex_text(derivation.value)
    if derivation.given:
        return [f"{own} &= {value}"]
    layout = lay_out(derivation, IN_LATEX, latex_number, LATEX, name)
    if not layout.rows:
        return [f"{own} &= " + " = ".join(_different([*layout.steps, value]))]
    more = rf" + \underbrace{{\ldots}}_{{\text{{{layout.left_out} smaller}}}}" if layout.left_out else ""
    return [
        f"{own} &= {_sum(layout, lambda row: row.formula)}{more}",
        f"&= {_sum(layout, lambda row: row.numbers or latex_number(row.value))}{more}",
        f"&= {value}",
    ]


def _sum(layout: Layout, text: Callable[..., str]) -> str:
    first, *rest = layout.rows
    return text(first) + "".join(f" {row.sign} {text(row)}" for row in rest)


# HTML


def displayed(derivation: Derivation) -> str:
    """Return a derivation as HTML with its own ids: another cell of the notebook may show it, too."""
    return html(derivation, None, f"{next(DISPLAYS)}-")


def html(derivation: Derivation, depth: int | None, mark: str = "") -> str:
    """Return a derivation as HTML without a script: a number unfolds where it is first used.

    `mark` is put into the ids of its numbers.
    """
    most = SHOWN if derivation._graph.size(derivation._place) < MANY else FEW
    numbers = " ".join([f"{each.name} {each.value!r}" for each in derivation.walk()])
    prefix = f"w{crc32(numbers.encode()) % 2**20:x}-{mark}"  # others may stand on the page
    page = _Page(derivation, depth, most, prefix)
    body = "".join(page.all_of(derivation))
    about = escaping.escape(
        f"{derivation.of}; {derivation.about}" if derivation.about else derivation.of
    )
    return f'<div class="slownet-why">{STYLE}<p>{about}</p>{body}</div>'


class _Page:
    """Derives every number once; where else it occurs, a link leads there."""

    def __init__(self, derivation: Derivation, depth: int | None, most: int, prefix: str) -> None:
        self.graph, self.depth, self.most = derivation._graph, depth, most
        self.derived = set(self.graph.walk(derivation._place) if depth is None else ())
        self.done: set[int] = set()
        self.later: list[tuple[Derivation, int]] = []
        self.prefix = prefix

    def all_of(self, derivation: Derivation) -> Iterator[str]:
        """Yield a number with what it is made of; what would be nested too deeply stands after it."""
        later = self.later = [(derivation, 1)]
        while later:
            each, level = later.pop(0)
            if each._place not in self.done:
                yield self.number(each, level)

    def number(self, derivation: Derivation, level: int, nested: int = 1) -> str:
        """Return a number with what it is made of."""
        place = derivation._place
        self.done.add(place)
        head = f"{derivation.name} = {derivation.value!r}"
        if derivation.given:
            return f"<p>{escaping.escape(f'{head} ({derivation.given})')}</p>"
        layout = lay_out(derivation, self.most, number_text, name=self._marked)
        lines = [self._linked(" = ".join(_different([*layout.steps])))] if layout.steps else []
        text = "".join(f"<p>= {line}</p>" for line in lines)
        if layout.rows:
            text += f"<table>{''.join(map(self._row, layout.rows))}{self._left_out(layout)}</table>"
        reasons = " and ".join(layout.reasons)
        text += f"<p>as {self._linked(reasons)}</p>" if reasons else ""
        text += f"<p>{escaping.escape(layout.note)}</p>" if layout.note else ""
        inside = ""
        if self.depth is None or level < self.depth:
            parts = self.graph.computed_parts(place)
            if nested == DEEPEST:
                self.later += [(derivation._at(part), level + 1) for part in parts]
                parts = []
            inside = "".join(
                self.number(derivation._at(part), level + 1, nested + 1)
                for part in parts
                if part not in self.done
            )
        is_open = " open" if level == 1 else ""
        start = f'<details id="{self.prefix}{place}"{is_open}><summary>{head}</summary>'
        return f"{start}{text}{inside}</details>"

    def _marked(self, place: int) -> str:
        if place in self.derived:
            return f"\x00{place}\x01"
        return self.graph.name(place)

    def _linked(self, text: str) -> str:
        """Escape a text in which places of numbers are marked, and turn these into links."""

        def link(found: re.Match[str]) -> str:
            place = int(found[1])
            return f'<a href="#{self.prefix}{place}">{self.graph.name(place)}</a>'

        return MARK.sub(link, escaping.escape(text))

    def _row(self, row: object) -> str:
        sign, formula, numbers, value = (
            getattr(row, n) for n in ("sign", "formula", "numbers", "value")
        )
        cells = self._linked(formula), escaping.escape(numbers), number_text(value)
        return f"<tr><td>{sign}<td>{'<td>'.join(cells)}"

    def _left_out(self, layout: Layout) -> str:
        return f"<tr><td><td colspan=3>{layout.left_out_words}" if layout.left_out else ""
