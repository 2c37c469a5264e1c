"""What an optimizer's rule computes, as trees: the page writes them out with their numbers."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from math import sqrt
from types import FunctionType
from typing import Any

from slownet.translation.trees import UntranslatableError, arguments_of, node_of

Tree = Any  # the name of an argument, a number, or [sign or "constant", parts...]
SIGNS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
ARGUMENTS = ("value", "gradient", "first", "second", "rate")
MOST = 200  # operations and numbers that are written out: a local variable stands wherever it is used


class _Constants:
    """The constants that a rule is given."""


def updates_of(function: object) -> list[Tree] | None:
    """Return the trees of value, first and second after a step; None for what is no short arithmetic.

    What first and second become are `"newFirst"` and `"newSecond"` in the tree of the value.
    """
    try:
        value, first, second = trees = _returned(function, [*ARGUMENTS, _Constants()])
    except (UntranslatableError, ValueError, TypeError, KeyError):
        return None
    if not _is_short(trees):
        return None
    named = [("newFirst", first), ("newSecond", second)]
    return [_with_names(value, [each for each in named if isinstance(each[1], list)]), first, second]


def _is_short(trees: tuple[Tree, ...]) -> bool:
    left, count = list(trees), 0
    while left and count <= MOST:
        tree, count = left.pop(), count + 1
        left += tree if isinstance(tree, list) else []
    return not left


def _with_names(tree: Tree, named: list[tuple[str, Tree]]) -> Tree:
    for name, known in named:
        if tree == known:
            return name
    return [_with_names(each, named) for each in tree] if isinstance(tree, list) else tree


def _returned(function: object, arguments: list[Tree]) -> tuple[Tree, ...]:
    if not isinstance(function, FunctionType):
        raise TypeError("a rule is a function")
    node = node_of(function)
    known = dict(zip((each.arg for each in arguments_of(node)), arguments, strict=True))
    body = node.body if isinstance(node.body, list) else [ast.Return(node.body)]
    for statement in body:
        match statement:
            case ast.Return(ast.Tuple(parts)):
                return tuple(_tree(each, known, function.__globals__) for each in parts)
            case ast.Return(ast.Call(ast.Name(name), args)):
                inner = [_tree(each, known, function.__globals__) for each in args]
                return _returned(function.__globals__[name], inner)
            case ast.Assign([ast.Name(name)], value):
                known[name] = _tree(value, known, function.__globals__)
            case ast.Assign([ast.Tuple(names)], ast.Name(name)):
                for place, each in enumerate(names):
                    known[ast.unparse(each)] = _item(known, name, place, ast.unparse(each))
            case _:
                raise UntranslatableError("no plain arithmetic")
    raise UntranslatableError("nothing is returned")


def _item(known: Mapping[str, Tree], constants: str, place: int, name: str = "") -> Tree:
    if not isinstance(known[constants], _Constants):
        raise UntranslatableError("a number has no items")
    return ["constant", place, name]


def _tree(node: ast.expr, known: Mapping[str, Tree], around: Mapping[str, Any]) -> Tree:
    match node:
        case ast.Name(name):
            return known[name]
        case ast.Constant(float() | int() as number):
            return float(number)
        case ast.Subscript(ast.Name(name), ast.Constant(int() as place)):
            return _item(known, name, place)
        case ast.Subscript(ast.Name(name), ast.Slice(None)):
            return known[name]
        case ast.BinOp(left, sign, right) if type(sign) in SIGNS:
            return [SIGNS[type(sign)], _tree(left, known, around), _tree(right, known, around)]
        case ast.Call(ast.Name(name), [argument]) if around.get(name) is sqrt:
            return ["sqrt", _tree(argument, known, around)]
    raise UntranslatableError("no plain arithmetic")
