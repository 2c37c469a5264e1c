"""Running exported nets in processes of their own: what they are, and what they are run with."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from slownet.errors import InvalidValueError, MissingPackageError, SlownetError, file_errors
from slownet.interop.arrays import Array
from slownet.objects import Net
from slownet.recording import load

SECONDS = 300
CHILD = "import sys; from slownet.interop.running import main; main(sys.argv[1:])"
OF_PYTHON = """\
import json, sys
program = {}
with open(sys.argv[1], encoding="utf-8") as file:
    exec(compile(file.read(), sys.argv[1], "exec"), program)
print(json.dumps([program["outputs"](row) for row in json.load(sys.stdin)]))
"""
OF_JAVASCRIPT = """\
import {{ outputs }} from "./{name}";
const rows = {rows};
for (const row of rows) {{
  console.log(outputs(row).map((x) => (Object.is(x, -0) ? "-0" : String(x))).join(" "));
}}
"""
OF_C = """\
#include <stdio.h>
#include "{name}"
int main(void)
{{
    double row[COLUMNS], found[OUTPUTS];
    int k;
    for (;;) {{
        for (k = 0; k < COLUMNS; k++) if (scanf("%la", &row[k]) != 1) return 0;
        outputs(row, found);
        for (k = 0; k < OUTPUTS; k++) printf("%a ", found[k]);
        printf("\\n");
    }}
}}
"""


def main(arguments: list[str]) -> None:
    """Run a file in this process: its kind, the file, the inputs, and where the results go."""
    kind, file, inputs, results = arguments
    with np.load(inputs, allow_pickle=False) as given:
        found = RUNNERS[kind](Path(file), dict(given))
    np.savez(results, **found)  # type: ignore[arg-type]


def run(kind: str, file: Path, given: dict[str, Array]) -> dict[str, Array]:
    """Run a file in a new process of this Python; return its arrays.

    Raises
    ------
    ValueError
        If it fails there; the message has the last line of its error.
    """
    path = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)])
    with TemporaryDirectory() as folder:
        inputs, results = Path(folder, "inputs.npz"), Path(folder, "results.npz")
        np.savez(inputs, **given)  # type: ignore[arg-type]
        command = [sys.executable, "-c", CHILD, kind, str(file), str(inputs), str(results)]
        _output(command, f"the {kind}", env={**os.environ, "PYTHONPATH": path})
        with np.load(results, allow_pickle=False) as found:
            return dict(found)


def run_source(language: str, text: str, rows: list[list[Any]]) -> tuple[list[list[float]], str]:
    """Run a program for some rows; return its outputs, and what has run it.

    Raises
    ------
    MissingPackageError
        If there is no compiler or no JavaScript here.
    ValueError
        If it fails.
    """
    with TemporaryDirectory() as folder:
        try:
            return SOURCES[language](Path(folder), text, rows)
        except SlownetError:
            raise
        except ValueError as error:
            raise InvalidValueError(f"the {language} program prints more than it should") from error


def read_net(file: Path) -> Net:
    """Read a net by the ending of its file: arrays, safetensors, or JSON; FormatError if it is none."""
    name = file.name.lower()
    if name.endswith(".safetensors"):
        from slownet.interop.safetensors import from_safetensors

        return from_safetensors(file)
    if name.endswith(".npz"):
        from slownet.interop.numpy import from_numpy

        with file_errors(file, ValueError), np.load(file, allow_pickle=False) as named:
            return from_numpy(dict(named))
    return load(file)


def _output(command: Sequence[str], what: str, **options: Any) -> str:
    """Return what a command prints; whatever it has started ends with it."""
    given = options.pop("input", None)
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    pipes |= {"encoding": "utf-8", "errors": "replace", "start_new_session": True, **options}
    try:
        with subprocess.Popen(command, **pipes) as started:  # noqa: S603  # nothing of a shell
            try:
                printed, errors = started.communicate(given, SECONDS)
            finally:
                _end(started)
    except OSError as error:
        raise InvalidValueError(f"{what} cannot be run: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise InvalidValueError(f"{what} has not ended after {SECONDS} seconds") from error
    if started.returncode:
        last = next((line for line in reversed(errors.splitlines()) if line.strip()), "")
        code = f"it ended with code {started.returncode}"
        raise InvalidValueError(f"{what} fails where it is run: {last.strip() or code}")
    return str(printed)


def _end(started: subprocess.Popen[Any]) -> None:
    """End a process and those of its group that it has left behind."""
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
    else:
        started.kill()


def _python(folder: Path, text: str, rows: list[list[Any]]) -> tuple[list[list[float]], str]:
    file = folder / "net.py"
    file.write_text(text, encoding="utf-8")
    plain = [sys.executable, "-I", "-S", "-c", OF_PYTHON, str(file)]  # without any package
    found = _output(plain, "the Python program", input=json.dumps(rows), cwd=folder)
    return json.loads(found), f"Python {sys.version.split()[0]}"


def _javascript(folder: Path, text: str, rows: list[list[Any]]) -> tuple[list[list[float]], str]:
    (folder / "net.mjs").write_text(text, encoding="utf-8")
    script = folder / "run.mjs"
    script.write_text(OF_JAVASCRIPT.format(name="net.mjs", rows=json.dumps(rows)), encoding="utf-8")
    node, deno = shutil.which("node"), shutil.which("deno", path=_path())
    if node is None and deno is None:
        raise MissingPackageError(
            "a JavaScript program is run by deno or Node, neither of which is found: pip install deno"
        )
    command = [deno, "run", "--no-config"] if deno else [node]
    environment = {**os.environ, "DENO_DIR": str(folder), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    found = _output([*map(str, command), str(script)], "the JavaScript program", env=environment)
    lines = found.replace("Infinity", "inf").splitlines()
    version = _output([str(command[0]), "--version"], str(command[0])).split("\n")[0]
    return [[*map(float, line.split())] for line in lines], version.strip()


def _c(folder: Path, text: str, rows: list[list[Any]]) -> tuple[list[list[float]], str]:
    (folder / "net.c").write_text(text, encoding="utf-8")
    (folder / "run.c").write_text(OF_C.format(name="net.c"), encoding="utf-8")
    compiler = next(filter(None, map(shutil.which, ("gcc", "clang", "cc"))), None)
    if compiler is None:
        raise MissingPackageError("a C program is compiled by gcc or clang, neither of which is found")
    flags = ["-std=c99", "-O2", "-ffp-contract=off", "run.c", "-o", "run", "-lm"]
    _output([compiler, *flags], "the C program", cwd=folder)
    given = "\n".join(" ".join(float(cell).hex() for cell in row) for row in rows)
    found = _output([str(folder / "run")], "the C program", input=given, cwd=folder)
    version = _output([compiler, "--version"], compiler).split("\n")[0]
    return [[*map(float.fromhex, line.split())] for line in found.splitlines()], version.strip()


def _path() -> str:
    """Return where programs are looked for: beside this Python, too."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


SOURCES = {"python": _python, "javascript": _javascript, "c": _c}


# what runs in the new process


def _run_torch(file: Path, given: dict[str, Array]) -> dict[str, Array]:
    import torch

    from slownet.interop.torch import connections

    module = torch.load(file, weights_only=False).eval()  # certify has just written it
    kind = next((each.dtype for each in module.parameters()), torch.float64)
    rows, wanted = (torch.tensor(given[name], dtype=kind) for name in ("rows", "coefficients"))
    found = {"outputs": module(rows).detach().numpy()}
    for row, one in enumerate(torch.tensor(given["gradient_rows"], dtype=kind)):
        module.zero_grad()
        outputs = module(one[None])[0]
        if outputs.requires_grad:
            (outputs * wanted[row]).sum().backward()
        done: set[int] = set()
        for source, target, linear in connections(module):
            parts: Any = linear
            for name, part in ("weight", parts.weight), ("bias", parts.bias):
                is_there = part is not None and part.grad is not None
                if is_there and (name == "weight" or target not in done):
                    key = f"{row} {name} {source} {target}"
                    found[key] = part.grad.to(torch.float64).numpy().copy()
            done.add(target)
    return found


def _run_onnx(file: Path, given: dict[str, Array]) -> dict[str, Array]:
    import onnxruntime

    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    feed = {}
    for each in session.get_inputs():
        numbers = given[each.name]
        texts = "string" in each.type
        feed[each.name] = numbers.astype(object) if texts else numbers.astype(_kind(each.type))
    return {"outputs": session.run(None, feed)[0]}


def _kind(text: str) -> str:
    return "float64" if "double" in text else "float32"


def _run_torch_program(file: Path, given: dict[str, Array]) -> dict[str, Array]:
    import torch

    module = torch.export.load(file).module()
    kind = next((each.dtype for each in module.parameters()), torch.float64)
    state = {f"state {name}": each.numpy() for name, each in module.state_dict().items()}
    return {"outputs": module(torch.tensor(given["rows"], dtype=kind)).detach().numpy(), **state}


def _run_net(file: Path, given: dict[str, Array]) -> dict[str, Array]:
    net = read_net(file)
    return {"outputs": np.array([net.forward(row) for row in given["rows"].tolist()])}


RUNNERS = {
    "torch module": _run_torch,
    "ONNX file": _run_onnx,
    "torch program": _run_torch_program,
    "net file": _run_net,
}
