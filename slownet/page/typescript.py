"""The facts of a page as types of TypeScript, by which deno checks the modules of the page."""

from __future__ import annotations

import ast
import inspect
import sys
from types import ModuleType, NoneType, UnionType
from typing import (
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from slownet.page import facts

PLAIN = {
    int: "number",
    float: "number",
    str: "string",
    bool: "boolean",
    NoneType: "null",
    Any: "unknown",
}
HEAD = "// Written by slownet/page/typescript.py from slownet/page/facts.py.\n"


def declarations(module: ModuleType = facts) -> str:
    """Return the classes of a module as interfaces: one for each `TypedDict` in it."""
    source = inspect.getsource(module)
    comments = _comments(source)
    parts = [
        _interface(each, comments)
        for each in vars(module).values()
        if is_typeddict(each) and each.__module__ == module.__name__
    ]
    return "\n".join([HEAD, *parts])


def _interface(kind: Any, comments: dict[tuple[str, str], str]) -> str:
    lines = [f"/** {inspect.getdoc(kind)} */", f"export interface {kind.__name__} {{"]
    for name, hint in get_type_hints(kind, include_extras=True).items():
        is_optional = not kind.__total__ or get_origin(hint) is NotRequired
        if comment := comments.get((kind.__name__, name)):
            lines.append(f"  /** {comment} */")
        lines.append(f"  {name}{'?' * is_optional}: {_type(hint)};")
    return "\n".join([*lines, "}\n"])


def _type(hint: Any) -> str:
    """Return a type of Python as one of TypeScript."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is NotRequired:
        return _type(inside[0])
    if origin is Literal:
        return " | ".join(f'"{each}"' for each in inside)
    if origin in (Union, UnionType):
        return " | ".join(dict.fromkeys(map(_type, inside)))
    if origin is list:
        of = _type(inside[0])
        return f"({of})[]" if " | " in of else f"{of}[]"
    if origin is tuple:
        return f"[{', '.join(map(_type, inside))}]"
    if origin is dict:
        keys = _type(inside[0])
        name = "Record" if keys == "string" else "Partial<Record"
        return f"{name}<{keys}, {_type(inside[1])}>" + ">" * (keys != "string")
    return PLAIN.get(hint) or str(hint.__name__)


def _comments(source: str) -> dict[tuple[str, str], str]:
    """Return the comment behind each field, by class and field."""
    lines = source.split("\n")
    found = {}
    for each in ast.parse(source).body:
        if isinstance(each, ast.ClassDef):
            for field in each.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    _, mark, comment = lines[field.lineno - 1].partition("  # ")
                    if mark:
                        found[each.name, field.target.id] = comment
    return found


if __name__ == "__main__":
    sys.stdout.write(declarations())
