"""Nets as ONNX files, which many programs and languages run."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from slownet import packages
from slownet.checks import check_path, unknown_name
from slownet.datasets.tables.columns import CATEGORY
from slownet.errors import FormatError, InvalidValueError, file_errors
from slownet.files import opened
from slownet.functions import AnyActivation
from slownet.functions.activations import CUBIC, SELU_LIMIT, SELU_SCALE, SQRT_8_PI
from slownet.functions.description import built_in
from slownet.interop.arrays import NetArrays, as_precision, check_exportable
from slownet.objects import Net
from slownet.recording.atomic import replacing
from slownet.recording.graph_writing import labels_to_plain
from slownet.recording.json_text import encoded
from slownet.version import __version__

packages.require("onnx", "slownet[onnx]")

import onnx  # noqa: E402  # the package is there
from google.protobuf.message import DecodeError  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from slownet.samples import Preparation

OPSET, IR = 19, 9  # of 2023: the first with texts in Equal
KINDS = {"float64": TensorProto.DOUBLE, "float32": TensorProto.FLOAT}
BATCH = "batch"


def to_onnx(net: Net, path: str | os.PathLike[str], dtype: str = "float64") -> Path:
    """Write a net as an ONNX file; an existing file is replaced atomically.

    The file has one input, "inputs" of shape (batch, columns), and one output, "outputs" of shape
    (batch, outputs). With `net.preparation` rows are in the units of the table: gaps (nan) are filled
    in, numbers scaled, and outputs brought back into the unit of the target, all in the file. Columns of
    texts are a second input, "texts", the others then "numbers"; an empty text is a gap. A row that
    `net.predict` refuses, as it has a gap or a text that the net does not know, gives nan.

    The metadata hold, as JSON, the names of "columns" and "texts", of the "targets" and the "classes".

    Parameters
    ----------
    net : Net
        The net, with any connections.
    path : str or path-like
        The file, `net.onnx`.
    dtype : {"float64", "float32"}
        What it computes with. In float64 the outputs agree with the net's to rounding.

    Returns
    -------
    pathlib.Path
        Where it is.

    Raises
    ------
    TypeError, ValueError
        If an activation is one of your own, a number is none, not finite or too large for the dtype, or
        the net is incomplete.
    FileError
        If it cannot be written.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> from slownet.interop import to_onnx
    >>> path = to_onnx(NetFactory([2, 3, 1], seed=0).new(), "net.onnx")
    """
    file = check_path(path, "ONNX")
    model = model_of(net, dtype)
    with replacing(file) as stream:
        stream.write(model.SerializeToString())
    return file


def model_of(net: Net, dtype: str = "float64") -> onnx.ModelProto:
    """Return what `to_onnx` writes."""
    if dtype not in KINDS:
        raise unknown_name("dtype", dtype, KINDS)
    check_exportable(net)
    graph = _Graph(dtype)
    arrays = NetArrays.of(net)
    inputs = graph.rows(net.preparation, len(net.inputs))
    values = {next(iter(arrays.graph.layers)): inputs}
    for layer in arrays.layers:
        z = graph.weighted(arrays, layer, values)
        values[layer] = graph.activated(arrays.activation(layer), z)
    outputs = graph.own_units(net, inputs, values[arrays.layers[-1]])
    model = graph.model(outputs, len(net.outputs))
    helper.set_model_props(model, metadata_of(net))
    onnx.checker.check_model(model, full_check=True)
    return model


def metadata_of(net: Net) -> dict[str, str]:
    """Return names as JSON texts."""
    found: dict[str, Any] = {}
    preparation = net.preparation
    if preparation is not None:
        numbers, texts = _split(preparation)
        found["columns"] = [column.name for column in numbers]
        if texts:
            found["texts"] = [column.name for column in texts]
        if preparation.targets:
            found["targets"] = [target.name for target in preparation.targets]
    if net.encoder().labels:
        found["classes"] = labels_to_plain(net.encoder().labels)
    return {name: encoded(json.dumps(each, ensure_ascii=False)).decode() for name, each in found.items()}


def _split(preparation: Preparation) -> tuple[list[Any], list[Any]]:
    """Return the columns of numbers (true and false are some), and those of texts."""
    texts = [column for column in preparation.columns if column.kind == CATEGORY]
    return [column for column in preparation.columns if column.kind != CATEGORY], texts


def given_by_name(preparation: Preparation | None, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return rows of a table, in which None is a gap, as the inputs of a file of `to_onnx`."""
    if preparation is None:
        return {"inputs": np.array(rows, np.float64)}
    numbers, texts = _split(preparation)
    places = {column.name: place for place, column in enumerate(preparation.columns)}
    found: dict[str, Any] = {}
    if numbers:
        chosen = [[row[places[column.name]] for column in numbers] for row in rows]
        found["numbers" if texts else "inputs"] = np.array(chosen, np.float64)
    if texts:
        found["texts"] = np.array([[row[places[column.name]] or "" for column in texts] for row in rows])
    return found


def read_onnx(path: Path) -> tuple[str, dict[str, Any], dict[str, str]]:
    """Return what a file computes with, its arrays, and its metadata; FormatError if it is none."""
    with opened(path) as stream, file_errors(path, DecodeError):
        model = onnx.load_model_from_string(stream.read())
    kinds = {code: name for name, code in KINDS.items()}
    outputs = [kinds.get(each.type.tensor_type.elem_type, "") for each in model.graph.output]
    if len(outputs) != 1 or not outputs[0]:
        raise FormatError(f"{path}: expected an ONNX file with one output of float64 or float32")
    arrays = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    return outputs[0], arrays, {each.key: each.value for each in model.metadata_props}


class _Graph:
    """The nodes of an ONNX graph; a value goes by its name."""

    def __init__(self, dtype: str) -> None:
        self.dtype, self.kind = dtype, KINDS[dtype]
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self.inputs: list[Any] = []
        self._known: dict[Any, str] = {}

    def add(self, operation: str, *inputs: str, **attributes: Any) -> str:
        """Add a node; return the name of its output."""
        name = f"{operation}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], name, **attributes))
        return name

    def array(self, numbers: Any, name: str) -> str:
        """Add a constant array of the graph's kind of numbers, or of texts or integers."""
        found = np.asarray(numbers)
        if found.dtype.kind == "f":
            found = as_precision(found, self.dtype, name)
            if name.endswith("scales") and not found.all():
                raise InvalidValueError(
                    f"{name}: one is too small for {self.dtype}: write it in float64"
                )
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(found), name))
        return name

    def number(self, value: float) -> str:
        """Return the name of a constant."""
        if value not in self._known:
            self._known[value] = self.array(np.float64(value), f"number{len(self._known)}")
        return self._known[value]

    def given(self, name: str, width: int, kind: int) -> str:
        """Add an input of the graph."""
        self.inputs.append(helper.make_tensor_value_info(name, kind, [BATCH, width]))
        return name

    # inputs and outputs

    def rows(self, preparation: Preparation | None, width: int) -> str:
        """Add the inputs; return what enters the net."""
        if preparation is None:
            return self.given("inputs", width, self.kind)
        numbers, texts = _split(preparation)
        parts: dict[str, str] = {}
        if numbers:
            given = self.given("numbers" if texts else "inputs", len(numbers), self.kind)
            scaled = self._scaled(given, numbers)
            if not texts:
                return scaled
            places = self.add("Split", scaled, axis=1, num_outputs=len(numbers))
            parts |= self._pieces(places, numbers)
        places = self.add(
            "Split", self.given("texts", len(texts), TensorProto.STRING), axis=1, num_outputs=len(texts)
        )
        pieces = self._pieces(places, texts)
        parts |= {column.name: self._hot(pieces[column.name], column) for column in texts}
        return self.add("Concat", *(parts[column.name] for column in preparation.columns), axis=1)

    def _pieces(self, split: str, columns: Sequence[Any]) -> dict[str, str]:
        """Return the outputs of the last node, which splits columns, by the names of these."""
        names = [f"{split}_{place}" for place in range(len(columns))]
        self.nodes[-1].output[:] = names
        return {column.name: name for column, name in zip(columns, names, strict=True)}

    def _scaled(self, given: str, columns: Sequence[Any]) -> str:
        """Return numbers with gaps filled in, as the net gets them."""
        fills = [np.nan if column.fill is None else column.fill for column in columns]
        if not np.isnan(fills).all():
            given = self.add("Where", self.add("IsNaN", given), self.array(fills, "fills"), given)
        scales = [(column.centre, column.scale) for column in columns]
        if all(each == (0.0, 1.0) for each in scales):
            return given
        centres, widths = np.array(scales).T
        return self.add(
            "Div", self.add("Sub", given, self.array(centres, "centres")), self.array(widths, "scales")
        )

    def _hot(self, given: str, column: Any) -> str:
        """Return 1 for the category of a text and 0 for the others; all are nan for an unknown one."""
        place = len(self.nodes)
        if column.fill is not None:
            empty = self.add("Equal", given, self.array(np.array([""], object), f"empty{place}"))
            filled = self.array(np.array([column.fill], object), f"fill{place}")
            given = self.add("Where", empty, filled, given)
        known = self.array(np.array(column.categories, object), f"categories{place}")
        hot = self.add("Cast", self.add("Equal", given, known), to=self.kind)
        return self.add("Div", hot, self._sum(hot))

    def _sum(self, given: str) -> str:
        if "axis" not in self._known:
            self._known["axis"] = self.array(np.array([1], np.int64), "axis")
        return self.add("ReduceSum", given, self._known["axis"], keepdims=1)

    def own_units(self, net: Net, inputs: str, values: str) -> str:
        """Return outputs in the unit of their targets, and nan where an input is nan."""
        scales = net.encoder(preparation=net.preparation).scales
        if scales:
            centres, widths = np.array(scales).T
            values = self.add("Mul", values, self.array(widths, "target_scales"))
            values = self.add("Add", values, self.array(centres, "target_centres"))
        if net.preparation is not None:
            unknown = self.add("IsNaN", self._sum(inputs))
            values = self.add("Where", unknown, self.number(np.nan), values)
        return values

    def model(self, outputs: str, width: int) -> onnx.ModelProto:
        """Return the graph as a model."""
        self.nodes.append(helper.make_node("Identity", [outputs], ["outputs"], "outputs"))
        found = helper.make_tensor_value_info("outputs", self.kind, [BATCH, width])
        graph = helper.make_graph(self.nodes, "slownet", self.inputs, [found], self.initializers)
        return helper.make_model(
            graph,
            producer_name="slownet",
            producer_version=__version__,
            ir_version=IR,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )

    # layers

    def weighted(self, arrays: NetArrays, layer: int, values: dict[int, str]) -> str:
        """Return z of a layer."""
        z = self.array(arrays.biases[layer], f"bias.{layer}")
        for place, source in enumerate(arrays.sources(layer)):
            matrix = self.array(arrays.weights[source, layer], f"weight.{source}-{layer}")
            if place == 0:
                z = self.add("Gemm", values[source], matrix, z, transB=1)
            else:
                z = self.add("Add", z, self.add("Gemm", values[source], matrix, transB=1))
        if not arrays.sources(layer):  # no weight: the biases alone, in every row
            zeros = self.add("Mul", self._sum(next(iter(values.values()))), self.number(0.0))
            z = self.add("Add", zeros, z)
        return z

    def activated(self, activation: AnyActivation, z: str) -> str:
        """Return the values of a layer."""
        known = built_in(activation)
        if known is None:
            raise InvalidValueError(
                f"activation {activation.name!r} is a formula of your own: ONNX has no operator for it"
            )
        return FORMULAS[known[1]](self, z, known[2])

    def choose(self, condition: str, z: str, yes: str, no: str) -> str:
        """Return one of two values, by a comparison of z with 0."""
        return self.add("Where", self.add(condition, z, self.number(0.0)), yes, no)

    def decay(self, z: str) -> str:
        """Return e^-|z|, which never overflows."""
        return self.add("Exp", self.add("Neg", self.add("Abs", z)))

    def sigmoid(self, z: str) -> str:
        """Return 1 / (1 + e^-z)."""
        e = self.decay(z)
        top = self.choose("GreaterOrEqual", z, self.number(1.0), e)
        return self.add("Div", top, self.add("Add", self.number(1.0), e))

    def expm1(self, z: str) -> str:
        """Return e^z - 1 = tanh(z / 2) (e^z + 1) without cancellation, for z up to 0."""
        low = self.add("Min", z, self.number(0.0))
        half = self.add("Tanh", self.add("Mul", low, self.number(0.5)))
        return self.add("Mul", half, self.add("Add", self.add("Exp", low), self.number(1.0)))

    def bent(self, z: str, above: float, below: float) -> str:
        """Return `above` z above 0, and `below` (e^z - 1) from there on."""
        left = self.add("Mul", self.expm1(z), self.number(below))
        return self.choose("Greater", z, self.add("Mul", z, self.number(above)), left)

    def softplus(self, z: str) -> str:
        """Return ln(1 + e^z); what 1 + e loses by rounding is added to first order."""
        e, one = self.decay(z), self.number(1.0)
        u = self.add("Add", one, e)
        lost = self.add("Div", self.add("Sub", e, self.add("Sub", u, one)), u)
        log = self.add("Add", self.add("Log", u), lost)
        return self.add("Add", self.add("Max", z, self.number(0.0)), log)

    def gelu(self, z: str) -> str:
        """Return z / (1 + e^-v) with v = sqrt(8 / pi) (z + 0.044715 z^3)."""
        cube = self.add("Mul", self.add("Mul", self.add("Mul", self.number(CUBIC), z), z), z)
        v = self.add("Mul", self.number(SQRT_8_PI), self.add("Add", z, cube))
        return self.add("Mul", z, self.sigmoid(v))

    def mish(self, z: str) -> str:
        """Return z tanh(ln(1 + e^z)) as a fraction of powers of e^-|z|."""
        e, one, two = self.decay(z), self.number(1.0), self.number(2.0)
        right = self.add("Add", one, self.add("Mul", two, e))
        top = self.choose("GreaterOrEqual", z, right, self.add("Mul", e, self.add("Add", e, two)))
        square = self.add("Mul", two, self.add("Mul", e, e))
        rest = self.choose("GreaterOrEqual", z, square, two)
        return self.add("Mul", z, self.add("Div", top, self.add("Add", top, rest)))


Settings = dict[str, float]
FORMULAS: dict[str, Callable[[_Graph, str, Settings], str]] = {
    "linear": lambda _, z, __: z,
    "sigmoid": lambda graph, z, _: graph.sigmoid(z),
    "tanh": lambda graph, z, _: graph.add("Tanh", z),
    "relu": lambda graph, z, _: graph.add("Relu", z),
    "leaky_relu": lambda graph, z, settings: graph.choose(
        "Greater", z, z, graph.add("Mul", z, graph.number(settings["slope"]))
    ),
    "elu": lambda graph, z, settings: graph.bent(z, 1.0, settings["alpha"]),
    "softplus": lambda graph, z, _: graph.softplus(z),
    "exponential": lambda graph, z, _: graph.add("Exp", z),
    "silu": lambda graph, z, _: graph.add("Mul", z, graph.sigmoid(z)),
    "gelu": lambda graph, z, _: graph.gelu(z),
    "selu": lambda graph, z, _: graph.bent(z, SELU_SCALE, SELU_LIMIT),
    "mish": lambda graph, z, _: graph.mish(z),
    "softmax": lambda graph, z, _: graph.add("Softmax", z, axis=-1),
}
