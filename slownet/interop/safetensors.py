"""Nets as safetensors files: arrays beside a description in JSON, of which nothing is executed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from slownet import packages
from slownet.checks import check_path
from slownet.errors import FormatError
from slownet.files import opened
from slownet.interop.arrays import Array, NetArrays, check_exportable
from slownet.recording.atomic import replacing
from slownet.version import ARITHMETIC, __version__

packages.require("safetensors", "slownet[safetensors]")

from safetensors import SafetensorError, safe_open  # noqa: E402  # the package is there
from safetensors.numpy import save  # noqa: E402

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from slownet.objects import Net

FORMAT, VERSION = "slownet arrays", "1"
KINDS = {"F64", "BOOL"}


def to_safetensors(net: Net, path: str | os.PathLike[str]) -> Path:
    """Write a net as a safetensors file; an existing file is replaced atomically.

    Parameters
    ----------
    net : Net
        The net. Its metadata have its graph, activations, loss, classes and preparation as JSON, as net
        files have them; its tensors are "weight.0-1" of shape (targets, sources), "bias.1", and masks of
        what is frozen. An optimizer's state is not kept: `net.save` keeps it.
    path : str or path-like
        The file, `net.safetensors`.

    Returns
    -------
    pathlib.Path
        Where it is.

    Raises
    ------
    TypeError, ValueError
        If a number is none or not finite, or the net is incomplete.
    FileError
        If it cannot be written.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.interop import from_safetensors, to_safetensors
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> path = to_safetensors(net, "net.safetensors")
    >>> from_safetensors(path).forward([0.5, -1.0]) == net.forward([0.5, -1.0])
    True
    """
    file = check_path(path, "safetensors")
    check_exportable(net)
    arrays = NetArrays.of(net)
    about = {
        "format": FORMAT,
        "version": VERSION,
        "slownet": __version__,
        "arithmetic": str(ARITHMETIC),
        "net": arrays.description(),
    }
    with replacing(file) as stream:
        stream.write(save(arrays.named(), about))
    return file


def from_safetensors(path: str | os.PathLike[str], formulas: Iterable[Any] = ()) -> Net:
    """Read a net from a file that `to_safetensors` wrote; nothing in it is executed.

    Parameters
    ----------
    path : str or path-like
        The file.
    formulas : iterable of formulas
        Activations and losses of your own that the net uses: a file holds only their names.

    Returns
    -------
    Net
        The same net, to the last bit.

    Raises
    ------
    FormatError
        If it does not hold a net of slownet; the message says what is wrong and where.
    FileError
        If it cannot be read.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.interop import from_safetensors, to_safetensors
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> from_safetensors(to_safetensors(net, "net.safetensors"))
    Net(2-3-1, relu, sigmoid, 9 weights)
    """
    file = check_path(path)
    with opened(file):
        try:
            with safe_open(file, framework="numpy") as content:
                about = content.metadata() or {}
                _check_head(about, str(file))
                named = {name: _tensor(content, name, str(file)) for name in content.keys()}  # noqa: SIM118
        except SafetensorError as error:
            raise FormatError(f"{file}: expected a safetensors file: {error}") from error
    return NetArrays.from_named(named, about["net"], str(file), formulas).net()


def _check_head(about: dict[str, str], name: str) -> None:
    if about.get("format") != FORMAT or "net" not in about:
        raise FormatError(
            f'{name}: expected a net of slownet, with "format": "{FORMAT}" in its metadata, found '
            f"{'other metadata' if about else 'none'}; slownet.interop.from_numpy makes nets of matrices"
        )
    if about.get("version") != VERSION:
        raise FormatError(
            f"{name}: this file is of version {about.get('version', 'none')[:20]!r}, and slownet "
            f"{__version__} reads {VERSION}"
        )


def _tensor(content: Any, name: str, file: str) -> Array:
    kind = content.get_slice(name).get_dtype()
    if kind not in KINDS:
        raise FormatError(f"{file}, {name[:80]}: expected F64 or BOOL, found {kind}")
    found: Array = content.get_tensor(name)
    return found
