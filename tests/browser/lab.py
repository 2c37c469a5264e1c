"""A JupyterLab of our own, and a notebook in it, driven as a reader would."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat
from watching import PATIENCE

SETTINGS = {"notification": {"fetchNews": "false", "checkForUpdates": False}}
OUTSIDE = re.compile(r"^https?://(?!127\.0\.0\.1)")
READY = """() =>
    document.querySelector("#jp-main-statusbar")?.textContent.includes("| Idle")"""


def wait_until(condition, process=None):
    """Wait for a condition in this process, and no longer than the patience of a browser."""
    end = time.monotonic() + PATIENCE / 1000
    while not (found := condition()):
        assert process is None or process.poll() is None, "JupyterLab has ended"
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


class Lab:
    """A server that runs; its files are in `folder`."""

    def __init__(self, folder: Path, address: str, token: str) -> None:
        self.folder, self.address, self.token = folder, address, token

    def write(self, name: str, *cells: str) -> Path:
        """Write a notebook of these cells."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, self.folder / name)
        return self.folder / name

    def request(self, method: str, path: str):
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(self.address + path, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE / 1000) as answer:
            return json.loads(answer.read() or "null")

    def shut_kernels_down(self) -> None:
        for session in self.request("GET", "api/sessions"):
            self.request("DELETE", f"api/sessions/{session['id']}")
        wait_until(lambda: not self.request("GET", "api/kernels"))

    def open(self, page, name: str) -> None:
        """Open a notebook, and wait until its cells and its kernel are there."""
        page.set_default_timeout(PATIENCE)
        page.route(OUTSIDE, lambda route: route.abort())
        page.goto(f"{self.address}lab/tree/{name}?token={self.token}&reset")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        page.wait_for_function(READY)


@contextmanager
def lab(home: Path):
    """Start JupyterLab on a free port, with settings and files of its own and no way out."""
    folder, settings = home / "files", home / "settings" / "@jupyterlab" / "apputils-extension"
    folder.mkdir()
    settings.mkdir(parents=True)
    for name, value in SETTINGS.items():
        (settings / f"{name}.jupyterlab-settings").write_text(json.dumps(value))
    token, runtime = secrets.token_hex(16), home / "runtime"
    folders = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": runtime,
        "IPYTHONDIR": home / "ipython",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
        *("--port=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"),
        *("--LabApp.extension_manager=readonly", "--LabApp.news_url="),
    ]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, **{name: str(path) for name, path in folders.items()}},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        (found,) = wait_until(lambda: list(runtime.glob("jpserver-*.json")), process)
        address = wait_until(lambda: _address(found), process)
        yield Lab(folder, address, token)
    finally:
        process.terminate()
        process.wait()


def _address(file: Path) -> str | None:
    try:
        return str(json.loads(file.read_text())["url"])
    except ValueError:  # still being written
        return None
