"""Files that are damaged in every way, and what may become of them."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

MANY = settings(max_examples=max(1000, settings.default.max_examples))

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.sampled_from([2**31, 2**63, 2**64, 10**30, -(10**300), 10**309, 1e308, -0.0, 5e-324]),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["relu", "softmax", "adam", "own", "id", "neurons", "cross_entropy"]),
    st.just([]),
    st.just({}),
    st.lists(st.integers(0, 3), max_size=3),
    st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=2), max_size=3),
    st.dictionaries(st.sampled_from(["name", "own", "layer", "id", "bias", "step"]), st.integers(0, 3)),
    st.just([[[[[[[[]]]]]]]]),
)


def places(values: object) -> list[tuple]:
    """Every (container, key) in plain values."""
    found = []
    inside = values.items() if isinstance(values, dict) else enumerate(values)
    for key, value in inside:
        found.append((values, key))
        if isinstance(value, (dict, list)):
            found += places(value)
    return found


def mutated_values(data: st.DataObject, values: Any) -> Any:
    """Change plain values in a few places, in place."""
    for _ in range(data.draw(st.integers(1, 3))):
        found = places(values)
        if not found:
            break
        container, key = found[data.draw(st.integers(0, len(found) - 1))]
        other, other_key = found[data.draw(st.integers(0, len(found) - 1))]
        match data.draw(st.sampled_from(["junk", "delete", "double", "swap", "add"])):
            case "junk":
                container[key] = copy.deepcopy(data.draw(JUNK))
            case "delete":
                del container[key]
            case "double" if isinstance(container, list):
                container.append(copy.deepcopy(container[key]))
            case "add" if isinstance(container, dict):
                container[data.draw(st.text(max_size=4))] = copy.deepcopy(data.draw(JUNK))
            case _:
                container[key] = copy.deepcopy(other[other_key])
    return values


def mutated_bytes(data: st.DataObject, original: bytes) -> bytes:
    """Change bytes in a few places: lost, doubled, moved, replaced."""
    text = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        place, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        end = min(end, place + data.draw(st.sampled_from([0, 1, 2, 30, 1000])))
        tokens = [
            b"[",
            b"]",
            b"{",
            b"}",
            b",",
            b'"',
            b"9",
            b"-",
            b"e9",
            b"\\u",
            b"NaN",
            b"1e999",
            b"null",
        ]
        new = data.draw(
            st.one_of(
                st.binary(max_size=4),
                st.sampled_from(tokens),
                st.sampled_from([bytes(text[place:end]) * 2, bytes(text[-end:])]),
            )
        )
        text[place:end] = new
    return bytes(text)


def written(file: Path, values: object) -> Path:
    file.write_text(json.dumps(values), encoding="utf-8")
    return file


def put(values: dict, path: str, new: object) -> dict:
    """Put something at a path; `...` deletes what is there."""
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = values
    for part in way:
        place = place[part]
    if new is ...:
        del place[last]
    else:
        place[last] = new
    return values


LOADING = """
import gzip, json, os, resource, sys
exec(sys.argv[1])
for path in map(json.loads, sys.stdin):
    if (child := os.fork()) == 0:
        pages = int(open("/proc/self/statm").read().split()[0])
        most = pages * resource.getpagesize() + int(sys.argv[2])
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))  # where reading the file would not end
        try:
            load(path)
            result = "nothing was raised"
        except BaseException as error:
            result = f"{type(error).__name__}: {str(error)[-300:]}"
        print(json.dumps(result), flush=True)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print(json.dumps("the process was ended"), flush=True)
"""


@contextmanager
def refusals(code: str, most: int = 200_000_000) -> Iterator[Callable[[object], str]]:
    """Give a function that loads a file with little memory, and returns the error it is refused with.

    The code defines `load`, which takes a path; each file is loaded in a fork of a process that ran it.
    `most` is how many bytes of address space it may take beyond those of that process.
    """
    command = [sys.executable, "-c", LOADING, code, str(most)]
    arenas = {**os.environ, "MALLOC_ARENA_MAX": "1"}  # each thread would reserve 64 MB of its own
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": arenas}
    with subprocess.Popen(command, **pipes) as process:

        def refusal(path: object) -> str:
            process.stdin.write(json.dumps(str(path)) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield refusal
        process.stdin.close()
