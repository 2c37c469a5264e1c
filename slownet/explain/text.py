"""Derivations as text of at most 80 columns."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from slownet.explain.layout import Layout, lay_out

if TYPE_CHECKING:
    from slownet.explain.derivation import Derivation

WIDTH = 80
SHOWN = 8  # terms of a long sum: the largest
DEEPEST = 32  # columns that a level is moved to the right, at most: the words need the others


class Printed:
    """Something that a notebook shows as `print` does, for there is more to it than its attributes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def text(derivation: Derivation, depth: int) -> str:
    """Return a derivation as text, with some levels of what it is made of."""
    lines = _wrapped(derivation.of, "")
    if derivation.about:
        lines += _wrapped(derivation.about, "")
    todo, done = [(derivation, depth, "")], set[str]()
    while todo:
        each, levels, indent = todo.pop()
        if each.name in done:
            continue
        done.add(each.name)
        lines += statement(each, indent)
        if levels > 1:
            within = f"{indent}  "[:DEEPEST]
            parts = [part for part in reversed(each.parts) if not part.is_given]
            todo += [(part, levels - 1, within) for part in parts if part.name not in done]
    return "\n".join(lines)


def statement(derivation: Derivation, indent: str) -> list[str]:
    """Return the lines that say what a number is made of."""
    from slownet.explain.derivation import number_text

    name, value = derivation.name, number_text(derivation.value)
    if derivation.given:
        return _wrapped(f"{name} = {value}   ({derivation.given})", indent)
    layout = lay_out(derivation, SHOWN, number_text)
    reasons = f", as {' and '.join(layout.reasons)}" if layout.reasons else ""
    note = _wrapped(layout.note, indent + "  ") if layout.note else []
    if layout.rows:
        called = "".join(f" = {step}" for step in layout.steps)
        kind = (
            f", its first term and the {len(layout.rows) - 1} largest others"
            if layout.left_out
            else ", a sum"
        )
        lines = _wrapped(f"{name}{called}{kind}:", indent)
        return [*lines, *_table(layout, indent), *_wrapped(f"= {value}{reasons}", indent + "  "), *note]
    steps = [name, *layout.steps, value]
    different = [step for k, step in enumerate(steps) if not k or step != steps[k - 1]]
    return [*_wrapped_steps(different, reasons, indent), *note]


def _table(layout: Layout, indent: str) -> list[str]:
    from slownet.explain.derivation import number_text

    rows = [(row.sign, row.formula, row.numbers, number_text(row.value)) for row in layout.rows]
    first, second, third = (max(len(row[k]) for row in rows) for k in (1, 2, 3))
    start = f"{indent}  "
    is_wide = len(start) + 2 + first + 2 + second + 2 + third > WIDTH
    lines = []
    for sign, formula, numbers, value in rows:
        if is_wide:
            lines += _wrapped(f"{sign or ' '} {formula}", start, "    ")
            lines += _wrapped(f"{numbers} = {value}" if numbers else value, start + "      ")
        else:
            middle = f"{numbers:<{second}}  " if second else ""
            lines.append(f"{start}{sign or ' '} {formula:<{first}}  {middle}{value}")
    if layout.left_out:
        lines.append(f"{start}  {layout.left_out_words}")
    return [line.rstrip() for line in lines]


def _wrapped_steps(steps: list[str], reasons: str, indent: str) -> list[str]:
    """Return steps that are equal, in as many lines as they need."""
    lines = [indent + steps[0]]
    for step in steps[1:]:
        if len(lines[-1]) + 3 + len(step) <= WIDTH:
            lines[-1] += f" = {step}"
        else:
            lines += _wrapped(f"= {step}", indent + "  ")
    if reasons:
        if len(lines[-1]) + len(reasons) <= WIDTH:
            lines[-1] += reasons
        else:
            lines += _wrapped(reasons.removeprefix(", "), indent + "  ")
    return lines


def _wrapped(line: str, indent: str, more: str = "  ") -> list[str]:
    return wrap(
        line,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + more,
        break_on_hyphens=False,
    )
