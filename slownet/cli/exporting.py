"""The command that writes a trained net for other programs: export."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from slownet import packages
from slownet.checks import FILES, check_path, short
from slownet.cli.opening import open_net
from slownet.cli.output import errors_as_not_written, new_file, print_line, shown
from slownet.cli.parsing import new_command
from slownet.errors import InvalidValueError
from slownet.recording.atomic import replacing
from slownet.recording.opened_once import opened_once

if TYPE_CHECKING:
    from slownet.objects import Net

KINDS = """\
kinds:
  json         a net of slownet, with all bits, for slownet predict and for Python
  onnx         for ONNX runtimes, in rows of the table                 (slownet[onnx])
  torch        a program of torch.export, in prepared rows             (slownet[torch])
  safetensors  arrays and a description, for slownet.interop           (slownet[safetensors])
  numpy        the same as .npz
  python       a program without dependencies that predicts the same bits,
  c            in rows of the table
  javascript
  csv          a line for each weight and bias

examples:
  slownet export houses.run -o net.json
  slownet export houses.run --to onnx -o houses.onnx
  slownet export houses.run --to c -o houses.c
"""


class Kind(NamedTuple):
    """What files hold, by its name in `checks.FILES`, and what writes it."""

    file: str
    write: Callable[[Net, Path, bool], object]
    has_float32: bool = False
    needs: str = ""  # a package, of the extra with the same name


def _onnx(net: Net, path: Path, single: bool) -> None:
    from slownet.interop import to_onnx

    to_onnx(net, path, "float32" if single else "float64")


def _torch(net: Net, path: Path, single: bool) -> None:
    import torch

    from slownet.interop import to_torch_program

    to_torch_program(net, path, torch.float32 if single else torch.float64)


def _safetensors(net: Net, path: Path, _: bool) -> None:
    from slownet.interop import to_safetensors

    to_safetensors(net, path)


def _numpy(net: Net, path: Path, _: bool) -> None:
    import numpy as np

    from slownet.interop.numpy import to_named

    with replacing(path) as stream:
        np.savez(stream, **to_named(net))  # type: ignore[arg-type]


def _csv(net: Net, path: Path, _: bool) -> None:
    from slownet.interop.table import to_csv

    to_csv(net, path)


def _source(language: str) -> Callable[[Net, Path, bool], object]:
    def write(net: Net, path: Path, _: bool) -> None:
        from slownet.interop import to_source

        text = to_source(net, language)
        with replacing(path) as stream:
            stream.write(text.encode())

    return write


EXPORTS = {
    "json": Kind("JSON", lambda net, path, _: net.save(path)),
    "onnx": Kind("ONNX", _onnx, has_float32=True, needs="onnx"),
    "torch": Kind("a program of PyTorch", _torch, has_float32=True, needs="torch"),
    "safetensors": Kind("safetensors", _safetensors, needs="safetensors"),
    "numpy": Kind("arrays of NumPy", _numpy),
    "python": Kind("Python", _source("python")),
    "c": Kind("C", _source("c")),
    "javascript": Kind("JavaScript", _source("javascript")),
    "csv": Kind("CSV", _csv),
}


def add_export(commands: Any) -> None:
    """Add `slownet export`."""
    command = new_command(
        commands,
        export,
        "FILE [--to KIND] -o FILE",
        "write the trained net of a run for other programs",
        "Write the net of a run, as it was at the end of training, into a file of its own: for\n"
        "slownet, or for programs that know nothing of it.",
        KINDS,
    )
    command.add_argument("net", metavar="FILE", type=check_path, help="a run file, or JSON")
    command.add_argument(
        "--to",
        metavar="KIND",
        choices=[*EXPORTS],
        help="what is written, one of the kinds below (default: what the name of the output says)",
    )
    command.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=check_path,
        required=True,
        help="where it goes, a new file",
    )
    command.add_argument(
        "--float32",
        action="store_true",
        help="write numbers of half the size, with half the digits (onnx and torch)",
    )


@opened_once()
def export(options: argparse.Namespace) -> None:
    """Write the net of a run into a file of its own."""
    name = options.to or _by_ending(options.output)
    kind = EXPORTS[name]
    if options.float32 and not kind.has_float32:
        raise InvalidValueError(f"--float32: {name} always has all bits; only onnx and torch have fewer")
    if kind.needs:
        packages.require(kind.needs, f"slownet[{kind.needs}]")
    net, _ = open_net(options.net)
    with new_file(options.output, "-o", kind.file) as path, errors_as_not_written("the net"):
        kind.write(net, path, options.float32)
    print_line(f"Net: {shown(path)}")


def _by_ending(path: Path) -> str:
    """Return the kind that a file is called after; ValueError if that is none."""
    name = path.name.lower()
    found = next((kind for kind, each in EXPORTS.items() if name.endswith(FILES[each.file])), None)
    if found is None:
        endings = ", ".join(FILES[each.file][0] for each in EXPORTS.values())
        raise InvalidValueError(
            f"-o: {short(path.name)}: expected a name that ends in {endings}, or --to KIND"
        )
    return found
