"""How long it takes to refuse what names more than it holds, and how much memory.

Each file is read in a process of its own, which has imported slownet before; Linux only.

    python benchmarks/refusals.py
"""

from __future__ import annotations

import gzip
import json
import os
import re
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import slownet
from slownet import History, NetFactory, cli
from slownet.datasets import moons, read_csv, read_idx
from slownet.page import Page
from slownet.plotting.files import for_script

X, Y = moons(40, 0.1, 0)


def peak() -> float:
    """Return the most memory that this process has had, in MB."""
    return int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0]) / 1024


def outcome(read: Callable[[], object]) -> str:
    """Return what becomes of reading: the command line returns its exit code, all else raises."""
    try:
        code = read()
    except slownet.SlownetError as error:
        return type(error).__name__
    return f"exit code {code}" if type(code) is int else "taken"


def measure(name: str, read: Callable[[], object]) -> None:
    """Print how a reader refuses."""
    if os.fork() == 0:
        try:
            before, started = peak(), time.process_time()
            result = outcome(read)
            seconds, more = time.process_time() - started, peak() - before
            print(f"{name:42} {result:18} {seconds:6.2f} s CPU {more:6.0f} MB", flush=True)
        except BaseException as error:  # the parent's code is the parent's
            print(f"{name:42} {error!r}", flush=True)
        finally:
            os._exit(0)
    os.wait()


def altered(page: str, change: Callable[[dict[str, Any]], object]) -> str:
    """Return a page with other facts."""
    known = json.loads(re.findall(r'id="facts">([^<]*)<', page)[0])
    change(known["facts"])
    before, after = re.split(r'(?<=id="facts">)[^<]*', page)
    return before + for_script(json.dumps(known, separators=(",", ":"))) + after


def large_layers(facts: dict[str, Any]) -> None:
    for layer in (0, 1):
        facts["layers"][layer]["neurons"] = [0] * 30_000
        facts["training"]["initial"][layer]["size"] = 30_000


def main() -> None:
    options: dict[str, Any] = {
        "snapshots": 5,
        "epochs": 5,
        "batch_size": 10,
        "progress": False,
        "watch": (X, Y),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.html")
        history = NetFactory([2, 3, 1], seed=0).new().fit(X, Y, **options)
        page = history.write_html(path).read_text("utf-8")
        measure("a true page", lambda: slownet.verify(path, (X, Y), (X, Y)))
        path.write_text(altered(page, large_layers), "utf-8")
        measure("a page with layers of 30,000", lambda: slownet.verify(path, (X, Y), (X, Y)))
        path.write_text(
            altered(page, lambda facts: facts["training"]["config"].update(epochs=10**12)), "utf-8"
        )
        measure("a page of 10^12 epochs", lambda: slownet.verify(path, (X, Y), (X, Y)))
        before, after = re.split(r'(?<=id="facts">)[^<]*', page)
        for count in (8, 25):
            lists = ",".join(["[]"] * (count * 1_000_000))
            path.write_text(f'{before}{{"facts":[{lists}]}}{after}', "utf-8")
            measure(f"a page of {count} million lists", lambda: Page.open(path))
        with gzip.open(path, "wb", 6) as stream:
            stream.write(struct.pack(">BBBB2I", 0, 0, 8, 2, 1 << 20, 1 << 10))
            for _ in range(1024):
                stream.write(bytes(1 << 20))
        measure("images that unpack to 1 GB", lambda: read_idx(path))
        with gzip.open(path, "wb", 6) as stream:
            stream.write(b'{"format": "slownet training", "version": 1, "start": 0, "steps": [')
            for number in range(30_000):
                stream.write(b'{"first": %d, "loss": [' % (1 + 5000 * number))
                stream.write(b"0," * 4999 + b"0]},")
        measure("losses that unpack to 300 MB", lambda: History.from_json(path))
        measure("/dev/zero as a table", lambda: read_csv("/dev/zero", "y"))
        measure("10^12 samples", lambda: cli.main(["train", "moons", "--samples", "1" + "0" * 12]))
        path.write_text(",".join(f"c{k}" for k in range(100_000)) + "\n" + "1," * 99_999 + "1\n")
        measure("a table of 100,000 columns", lambda: read_csv(path, "c0"))
        path.write_text("a,b,y\n" + "0.25,1.75,1\n" * 5_000_000)
        measure("a table of 60 MB, 5 million rows", lambda: read_csv(path, "y"))
        path.write_bytes(b'a,y\n1,2\n3,"' + b"1\n" * 50_000_000)
        measure("a table of 100 MB whose quote does not end", lambda: read_csv(path, "y"))


if __name__ == "__main__":
    main()
