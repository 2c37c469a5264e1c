"""The text of a page, taken apart and put together with something else in it."""

from __future__ import annotations

import json
import math
import re
from typing import Any

SCRIPTS = re.compile(r'(<script type="[a-z/]+" id="(facts|payload)">)([^<]*)(</script>)')
MAKERS = {  # of the training: what only the maker of the page knows, and the verdict names
    *(("versions", name) for name in ("python", "platform", "numpy", "numba")),
    ("source", "from"),
    ("config", "threads"),
    ("words", "about"),
    ("words", "author"),
}


def parts_of(text: str) -> tuple[Any, str]:
    """What a page knows, and its packed numbers."""
    found = {name: inside for _, name, inside, _ in SCRIPTS.findall(text)}
    return json.loads(found["facts"]), found["payload"]


def rewritten(text: str, known: Any, payload: str) -> str:
    """A page with other facts and numbers."""
    plain = json.dumps(known, separators=(",", ":")).replace("<", "\\u003c")
    new = {"facts": plain, "payload": payload}
    return SCRIPTS.sub(lambda found: found[1] + new[found[2]] + found[4], text)


def leaves(thing: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all plain values."""
    inside = thing.items() if isinstance(thing, dict) else enumerate(thing)
    found = []
    for key, value in inside:
        is_leaf = not isinstance(value, (dict, list)) or not value
        found += [(*way, key)] if is_leaf else leaves(value, (*way, key))
    return found


def other_than(value: Any) -> Any:
    """The nearest thing to a value that is not it."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return math.nextafter(value, math.inf)
        case str():
            return value + "."
        case None:
            return 1
    return {"other": 1} if isinstance(value, dict) else [1]
