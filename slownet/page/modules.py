"""ES modules as one script, each in a function of its own."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import resources

SPECIFIER = r'from "(\.[^"]*)";\n'
IMPORT = re.compile(r"^import \{([^}]*)\} " + SPECIFIER, re.MULTILINE)
TABLE = re.compile(r'^import (\w+) from "(\.[^"]*\.json)" with \{ type: "json" \};\n', re.MULTILINE)
EXPORT = re.compile(r"^export ((?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
VENDORED = ".mjs"  # modules of others, as they are: they import nothing, and export once, at their end
GIVEN = re.compile(r"\bexport ?\{([^{}]*)\};?\s*$")
OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)  # forms that are not used
TYPES = re.compile(  # comments on lines of their own, and types between the words of a line
    r"^[ \t]*/\*\*(?:(?!\*/).)*\*/\n|/\*\* @(?:type|param)\b(?:(?!\*/)[^\n])*\*/ ?",
    re.DOTALL | re.MULTILINE,
)
INDENTS = re.compile(r"^[ \t]+", re.MULTILINE)
SCRIPT = "const modules = {};\n%s"
SCOPE = "modules[%s] = (() => {\n%s%sreturn { %s };\n})();"


def script_of(*entries: str, read: Callable[[str], str] | None = None) -> str:
    """Return modules with all those that they need as the body of one script.

    Each is a function that is called once, in the order of the imports; what it exports stands in
    `modules`, by its name. An import becomes a constant of the function, also one of a JSON file. Types
    are left out. A module whose name ends with ".mjs" is one of others, which is taken as it is.

    Parameters
    ----------
    *entries : str
        The names of the modules: paths from the folder of the page's assets.
    read : callable, optional
        `read(name)` returns the text of a module; by default the asset.

    Raises
    ------
    ValueError
        If modules import one another in a circle, or one has an import or an export of another form.
    """
    return _of_assets(entries) if read is None else _script(entries, read)


@cache
def _of_assets(entries: tuple[str, ...]) -> str:
    return _script(entries, asset)


def _script(entries: Iterable[str], read: Callable[[str], str]) -> str:
    is_done: dict[str, bool] = {}
    scopes = [scope for entry in entries for scope in _scopes(entry, read, is_done)]
    return SCRIPT % "\n".join(scopes)


def asset(name: str) -> str:
    """Return the text of a file by its path from the page's assets."""
    path = posixpath.normpath(posixpath.join("page/assets", name))
    return (resources.files("slownet") / path).read_text(encoding="utf-8")


def _scopes(name: str, read: Callable[[str], str], is_done: dict[str, bool]) -> Iterator[str]:
    """Yield a module in its function, behind those that it imports and that are not there yet."""
    if name in is_done:
        if not is_done[name]:
            raise ValueError(f"{name} imports what imports it")
        return
    if name.endswith(VENDORED):
        is_done[name] = True
        yield _vendored(name, read(name))
        return
    is_done[name], text = False, _without_types(read(name))
    imports = [(names, _path(name, other)) for names, other in IMPORT.findall(text)]
    for _, other in imports:
        yield from _scopes(other, read, is_done)
    is_done[name] = True
    tables = "".join(
        f"const {given} = {json.dumps(json.loads(read(_path(name, other))), ensure_ascii=False)};\n"
        for given, other in TABLE.findall(text)
    )
    own = tables + EXPORT.sub(r"\1", TABLE.sub("", IMPORT.sub("", text)))
    if found := OTHER.search(own):
        raise ValueError(f"{name}: {found[0]!r} is no import or export of the form that is used here")
    given = "".join(
        f"const {{ {_renamed(names)} }} = modules[{json.dumps(other)}];\n" for names, other in imports
    )
    yield SCOPE % (json.dumps(name), given, own, ", ".join(each for _, each in EXPORT.findall(text)))


def _vendored(name: str, text: str) -> str:
    """Return a module of others in its function; its exports are `{own as name, ...}`."""
    own, names, *_ = [*GIVEN.split(text), ""]
    if not names or re.search(r"\b(?:import|export)\b", own):
        raise ValueError(f"{name}: a module of others must import nothing and end with its exports")
    parts = (each.split(" as ") for each in names.split(","))
    given = ", ".join(f"{known.strip()}: {inner.strip()}" for inner, known in parts)
    return SCOPE % (json.dumps(name), "", own + "\n", given)


def _without_types(text: str) -> str:
    """Return a module without its types, which take a quarter of it, and without indents.

    Indents stay where a template may go over several lines.
    """
    text = TYPES.sub("", text)
    goes_on = any(line.count("`") % 2 for line in text.split("\n"))
    return text if goes_on else INDENTS.sub("", text)


def _path(name: str, other: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), other))


def _renamed(names: str) -> str:
    """Return the names of an import as those of a pattern: `a as b` is `a: b` there."""
    parts = (each.strip() for each in names.replace("\n", " ").split(","))
    return ", ".join(each.replace(" as ", ": ") for each in parts if each)
