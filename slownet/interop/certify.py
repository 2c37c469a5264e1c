"""Certificates that an exported net is the net: outputs, gradients and weights, compared."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from slownet import packages
from slownet.checks import check_integer, check_number, check_path, short
from slownet.errors import InvalidTypeError, InvalidValueError, file_errors
from slownet.files import opened
from slownet.interop import running
from slownet.interop.arrays import Array, NetArrays, check_exportable
from slownet.interop.certificates import Certificate
from slownet.interop.numpy import named_with_description
from slownet.interop.trials import Trials, gradients_of
from slownet.objects import Net
from slownet.recording import Graph
from slownet.recording.graph_writing import head_to_plain, layer_to_plain
from slownet.version import __version__

LIMITS = {"float64": 1e-12, "float32": 1e-4}  # of what rounds in another order
LARGEST = {"float64": 1e290, "float32": 1e30}
SOURCES = {".py": "python", ".c": "c", ".js": "javascript", ".mjs": "javascript"}
NET_FILES = (".npz", ".safetensors", ".json", ".json.gz")
NAMES = {"columns", "texts", "targets", "classes"}  # in the metadata of ONNX files


def certify(
    net: Net, exported: Any, tolerance: float | None = None, seed: int = 0, samples: Iterable[Any] = ()
) -> Certificate:
    """Compare an exported net with the net, and return a certificate, which is false if they differ.

    The exported net runs in a process of its own, with random rows and with edges: zeros, ones, tiny and
    denormal, large and huge numbers of both signs, gaps; in the range of `net.preparation` where it
    takes rows of the table. Its outputs are compared with those of the objects, its gradients where
    it is a module of PyTorch, its weights themselves, and its classes where it has them; of net files
    activations, loss, preparation and what is frozen, too.

    Parameters
    ----------
    net : Net
        The net.
    exported : module of PyTorch, NetArrays or path
        What `to_torch` or `to_numpy` returned; or a file that ends in .onnx, .pt2, .npz, .safetensors,
        .json, .py, .c, .js or .mjs. C needs a compiler, JavaScript deno or Node.
    tolerance : float, optional
        The relative difference up to which numbers count as equal; by default 0 where slownet's own
        arithmetic computes, all bits then being the same, otherwise 1e-12, and 1e-4 in float32.
    seed : int
        Decides the random rows.
    samples : iterable of rows, optional
        More rows, as `net.predict` takes them.

    Returns
    -------
    Certificate

    Raises
    ------
    TypeError, ValueError
        If it is nothing of that, cannot be run or does not end, or every input overflows in the net.
    MissingPackageError
        If what runs it is missing.
    FileError
        If the file cannot be read.

    Notes
    -----
    A program is executed: certify only what you would run.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.interop import certify, to_numpy
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> arrays = to_numpy(net)
    >>> bool(certify(net, arrays))
    True
    >>> arrays.weights[0, 1][2, 0] += 1e-9
    >>> bool(certify(net, arrays))
    False
    """
    check_integer("seed", seed)
    limit = None if tolerance is None else check_number("tolerance", tolerance)
    check_exportable(net)
    return _Comparison(net, limit, seed, list(samples)).of(exported)


class _Comparison:
    """One comparison: the net, what it is tried with, and what has been found."""

    def __init__(self, net: Net, limit: float | None, seed: int, samples: list[Any]) -> None:
        self.net, self.limit, self.seed, self.samples = net, limit, seed, samples
        self.arrays = NetArrays.of(net)

    def of(self, exported: Any) -> Certificate:
        """Compare whatever was exported."""
        if isinstance(exported, NetArrays):
            return self._in_file("arrays", exported)
        if any(
            f"{each.__module__}.{each.__name__}" == "torch.nn.modules.module.Module"
            for each in type(exported).__mro__
        ):
            return self._torch(exported)
        if not isinstance(exported, (str, os.PathLike)):
            raise InvalidTypeError(
                "exported must be a module of PyTorch, arrays of to_numpy or the path of a file, not "
                f"{short(exported)}"
            )
        path = check_path(exported)
        with opened(path):
            pass
        name = path.name.lower()
        if name.endswith(".onnx"):
            return self._onnx(path)
        if name.endswith(".pt2"):
            return self._torch_program(path)
        if name.endswith(NET_FILES):
            return self._net_file(path)
        if path.suffix.lower() in SOURCES:
            return self._source(path, SOURCES[path.suffix.lower()])
        raise InvalidValueError(
            f"{short(path.name)}: expected a file that ends in .onnx, .pt2, {', '.join(NET_FILES)}, "
            f"{', '.join(SOURCES)}"
        )

    def _begin(self, kind: str, dtype: str = "", **versions: str) -> tuple[Certificate, Trials]:
        limit = LIMITS.get(dtype, 0.0) if self.limit is None else self.limit
        trials = Trials.of(self.net, self.seed, self.samples, LARGEST.get(dtype, LARGEST["float64"]))
        if not trials.prepared:
            raise InvalidValueError(
                f"all {trials.left_out} inputs overflow in the net, so that nothing can be compared: "
                "give samples that do not"
            )
        versions = {"slownet": __version__, "Python": sys.version.split()[0], **versions}
        return Certificate(kind, limit, trials.kinds, trials.left_out, versions=versions), trials

    def _outputs(
        self, made: Certificate, expected: Sequence[Sequence[float]], found: Any, sizes: Any
    ) -> None:
        largest = made.compare(expected, found, sizes, "an output")
        made.largest_difference, made.largest_relative = largest

    def _own_sizes(self, trials: Trials) -> Array:
        """Return what differences of outputs in the units of their targets are relative to."""
        scales = self.net.encoder(preparation=self.net.preparation).scales
        sizes = np.array(trials.sizes)[:, None]
        if not scales:
            return sizes
        centre, scale = np.array(scales).T
        found: Array = np.abs(centre) + scale * sizes
        return found

    def _weights(self, made: Certificate, named: Mapping[str, Array], dtype: str = "float64") -> None:
        """Compare the weights themselves by their names, to the last bit of their precision."""
        own, others = (
            {name: each for name, each in both.items() if name.startswith(("weight.", "bias."))}
            for both in (self.arrays.named(), named)
        )
        if not others:  # a file that slownet has not written
            return
        for name, mine in own.items():
            if name not in others or not np.array_equal(others[name].astype(dtype), mine.astype(dtype)):
                made.faults.append(f"{name} differs from the net's")
        made.faults += [f"{name} is not in the net" for name in others if name not in own]
        made.weights = sum(each.size for each in own.values())

    def _frozen(self, made: Certificate, other: NetArrays) -> None:
        """Compare which weights and biases training changes."""
        for layer, own in self.arrays.frozen_biases.items():
            there = self.arrays.has_bias(layer)
            found = other.frozen_biases.get(layer, own)
            if found.shape != own.shape or (found != own)[there].any():
                made.faults.append(f"other biases of layer {layer} are frozen")
        for pair, own in self.arrays.frozen_weights.items():
            found = other.frozen_weights.get(pair, own)
            if not np.array_equal(found, own):
                made.faults.append(f"other weights from layer {pair[0]} to layer {pair[1]} are frozen")

    def _in_file(self, kind: str, arrays: NetArrays) -> Certificate:
        with TemporaryDirectory() as folder:
            file = Path(folder, "arrays.npz")
            np.savez(file, **named_with_description(arrays))  # type: ignore[arg-type]
            return self._net_file(file, kind)

    def _net_file(self, file: Path, kind: str = "net file") -> Certificate:
        made, trials = self._begin(kind, numpy=np.__version__)
        found = running.run("net file", file, {"rows": np.array(trials.prepared)})
        self._outputs(made, trials.outputs, found["outputs"], 1.0)
        arrays = NetArrays.of(running.read_net(file))
        self._weights(made, arrays.named())
        mine, theirs = map(_described, (self.arrays.graph, arrays.graph))
        made.faults += [
            f"{name}: expected {short(mine[name])}, found {short(theirs[name])}"
            for name in mine
            if mine[name] != theirs[name]
        ]
        self._frozen(made, arrays)
        return made

    def _torch(self, module: Any) -> Certificate:
        import torch

        from slownet.interop.torch import from_torch

        other = NetArrays.of(from_torch(module))
        kind = next((str(each.dtype) for each in module.parameters()), "float64").split(".")[-1]
        _check_dtype("module", kind)
        made, trials = self._begin("torch module", kind, torch=torch.__version__)
        with TemporaryDirectory() as folder:
            file = Path(folder, "module.pt")
            try:
                torch.save(module, file)
            except Exception as error:
                raise InvalidValueError(f"the module cannot be sent to a process: {error}") from error
            found = running.run(
                "torch module",
                file,
                {
                    "rows": np.array(trials.prepared),
                    "gradient_rows": np.array(trials.gradient_rows),
                    "coefficients": np.array(trials.coefficients),
                },
            )
        self._outputs(made, trials.outputs, found["outputs"], np.array(trials.sizes)[:, None])
        self._gradients(made, trials, found)
        renamed = _with_ids(other, self.arrays)
        self._weights(made, renamed.named(), kind)
        self._frozen(made, renamed)
        return made

    def _gradients(self, made: Certificate, trials: Trials, found: dict[str, Array]) -> None:
        ids = [*self.arrays.graph.layers]
        largest: list[tuple[float, float]] = []
        expected = gradients_of(self.net, trials.gradient_rows, trials.coefficients)
        for row, (matrices, vectors) in enumerate(expected):
            every = [*matrices.values(), *vectors.values()]
            size = max(1.0, *(float(np.abs(each).max(initial=0.0)) for each in every))
            if not isfinite(size) or size > LARGEST["float32"]:
                continue
            for key, grad in found.items():
                number, _, name = key.partition(" ")
                if number != str(row):
                    continue
                part, source, target = name.split()
                if int(target) >= len(ids):
                    continue  # a layer too many: its weights are a fault already
                pair, layer = (ids[int(source)], ids[int(target)]), ids[int(target)]
                if part == "weight" and pair in matrices:
                    learns = self.arrays.exists(pair) & ~self.arrays.frozen_weights[pair]
                    wanted, what = matrices[pair], f"a gradient into layer {layer}"
                elif part == "bias":
                    learns = self.arrays.has_bias(layer) & ~self.arrays.frozen_biases[layer]
                    wanted, what = vectors[layer], f"the gradient of a bias of layer {layer}"
                else:
                    continue
                if grad.shape == wanted.shape:  # otherwise its weights are a fault already
                    largest.append(made.compare(wanted[learns], grad[learns], size, what))
        if largest:
            made.gradients = max(one for one, _ in largest), max(other for _, other in largest)

    def _torch_program(self, path: Path) -> Certificate:
        packages.require("torch", "slownet[torch]")
        import torch

        from slownet.interop.torch import to_torch

        made, trials = self._begin("torch program", "float32", torch=torch.__version__)
        found = running.run("torch program", path, {"rows": np.array(trials.prepared)})
        dtype = str(found["outputs"].dtype)
        _check_dtype("program", dtype)
        made.tolerance = LIMITS[dtype] if self.limit is None else self.limit
        self._outputs(made, trials.outputs, found["outputs"], np.array(trials.sizes)[:, None])
        for name, mine in to_torch(self.net, getattr(torch, dtype)).state_dict().items():
            if not np.array_equal(found.get(f"state {name}", np.array(None)), mine.numpy()):
                made.faults.append(f"{name} differs from the net's")
        made.weights = self.net.parameter_count
        return made

    def _onnx(self, path: Path) -> Certificate:
        packages.require("onnx", "slownet[onnx]")
        packages.require("onnxruntime", "slownet[onnx]")
        from slownet.interop.onnx import given_by_name, metadata_of, read_onnx

        dtype, numbers, names = read_onnx(path)
        about = {"onnx": _version("onnx"), "onnxruntime": _version("onnxruntime")}
        made, trials = self._begin("ONNX file", dtype, **about)
        given = given_by_name(self.net.preparation, trials.cells)
        found = running.run("ONNX file", path, given)
        self._outputs(made, trials.own_outputs, found["outputs"], self._own_sizes(trials))
        self._weights(made, numbers, dtype)
        wanted = metadata_of(self.net)
        made.faults += [
            f"{name}: expected {wanted.get(name)}, found {names.get(name)}"
            for name in sorted(NAMES & (wanted.keys() | names.keys()))
            if wanted.get(name) != names.get(name)
        ]
        return made

    def _source(self, path: Path, language: str) -> Certificate:
        from slownet.interop.source import to_source
        from slownet.interop.source.comparing import cells_for, differences

        with opened(path) as file, file_errors(path, UnicodeDecodeError):
            text = file.read().decode("utf-8")
        made, trials = self._begin(f"{language} program")
        rows = cells_for(language, self.net, trials.cells)
        found, by = running.run_source(language, text, rows)
        made.versions["run by"] = by
        self._outputs(made, trials.own_outputs, found, 1.0)
        made.faults += differences(to_source(self.net, language), text)
        made.weights = self.net.parameter_count
        return made


def _check_dtype(what: str, dtype: str) -> None:
    if dtype not in LIMITS:
        raise InvalidValueError(f"expected a {what} of float64 or float32, not {dtype}")


def _described(graph: Graph) -> dict[str, Any]:
    """Return what a net has beside its numbers and beside how it was created."""
    head = head_to_plain(graph)
    found = {name: head[name] for name in ("loss", "classes", "preparation")}
    return {"layers": [*map(layer_to_plain, graph.layers.values())], **found}


def _with_ids(arrays: NetArrays, model: NetArrays) -> NetArrays:
    """Return the same arrays by the ids of layers of another net."""
    ids = dict(zip(arrays.graph.layers, model.graph.layers, strict=False))
    return NetArrays(
        arrays.graph,
        {(ids.get(a, a), ids.get(b, b)): each for (a, b), each in arrays.weights.items()},
        {ids.get(layer, layer): each for layer, each in arrays.biases.items()},
        {(ids.get(a, a), ids.get(b, b)): each for (a, b), each in arrays.frozen_weights.items()},
        {ids.get(layer, layer): each for layer, each in arrays.frozen_biases.items()},
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
