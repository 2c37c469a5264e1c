"""Finding the tree of a function that has been loaded: its source, as long as it is still the same."""

from __future__ import annotations

import ast
import inspect
from functools import lru_cache
from types import CodeType, FunctionType

from slownet.errors import InvalidValueError

Node = ast.FunctionDef | ast.Lambda


class UntranslatableError(InvalidValueError):
    """A formula that cannot be translated into another language."""


def node_of(function: FunctionType) -> Node:
    """Return the tree of a function; lambdas are found by column, since a line may hold several.

    Raises
    ------
    UntranslatableError
        If its source is not there, or has changed since.
    """
    code = function.__code__
    missing = UntranslatableError(f"the source of {function.__qualname__} is not there")
    try:
        lines, _ = inspect.findsource(function)
        nodes, codes = _functions("".join(lines))
    except (OSError, SyntaxError, ValueError) as error:
        raise missing from error
    places = [
        (line, column)
        for line, _, column, end in code.co_positions()
        if line is not None and column is not None and end != column
    ]
    is_changed = code not in codes  # the file has changed since it was loaded
    has_more = code.co_kwonlyargcount or code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
    if is_changed or has_more or not places:
        raise missing
    containing = [node for node in nodes if _name(node) == code.co_name and _contains(node, places)]
    return max(containing, key=lambda node: (node.lineno, node.col_offset))  # the innermost


def arguments_of(node: Node) -> list[ast.arg]:
    """Return the arguments of a function."""
    return [*node.args.posonlyargs, *node.args.args]


@lru_cache(8)
def _functions(source: str) -> tuple[list[Node], set[CodeType]]:
    """Return the functions of a source, as trees and compiled."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, Node)]
    codes: set[CodeType] = set()
    waiting = [compile(source, "", "exec", dont_inherit=True)]
    while waiting:
        found = [each for each in waiting.pop().co_consts if isinstance(each, CodeType)]
        codes.update(found)
        waiting += found
    return nodes, codes


def _name(node: Node) -> str:
    return node.name if isinstance(node, ast.FunctionDef) else "<lambda>"


def _contains(node: Node, places: list[tuple[int, int]]) -> bool:
    """Whether all places lie in the body of a function."""
    body = node.body if isinstance(node.body, list) else [node.body]
    first = body[0].lineno, body[0].col_offset
    last = body[-1].end_lineno or 0, body[-1].end_col_offset or 0
    return all(first <= place <= last for place in places)
