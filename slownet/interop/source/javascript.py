"""The text of a JavaScript module that predicts."""

from __future__ import annotations

import json

from slownet.interop.source.program import Cell, LayerNumbers, Program
from slownet.translation import JavaScript
from slownet.translation.syntax import bare

BODY = """
/** The numbers that enter the net. */
function prepared(row) {
  if (row.length !== COLUMNS.length) {
    throw new RangeError(`expected ${COLUMNS.length} cells, not ${row.length}`);
  }
  const values = [];
  COLUMNS.forEach(([name, categories, fill, centre, scale], place) => {
    let cell = row[place];
    if (cell === null || cell === undefined || Number.isNaN(cell) || cell === "") {
      if (fill === null) throw new RangeError(`${name}: a cell is missing`);
      cell = fill;
    }
    if (!categories.length) {
      const number = String(cell).trim() ? Number(cell) : NaN;
      const value = (number - centre) / scale;
      if (!Number.isFinite(value)) throw new RangeError(`${name}: ${cell} is no number, or too large`);
      values.push(value);
    } else if (categories.includes(cell)) {
      for (const category of categories) values.push(cell === category ? 1 : 0);
    } else {
      throw new RangeError(`${name}: expected one of ${categories.join(", ")}, not ${cell}`);
    }
  });
  return values;
}

/** z of each neuron: its bias, and the products of weights and values that are not 0. */
function weighted(values, neurons) {
  return neurons.map(([bias, weights]) => {
    let z = bias;
    for (const [source, weight] of weights) {
      if (values[source] !== 0) z = z + weight * values[source];
    }
    return z;
  });
}
"""


def javascript_text(program: Program) -> str:
    """Return the program."""
    about = [*program.about]
    if program.columns:
        about += ["", "The cells of a row:", *program.columns]
    lines = ["/*", *(f" * {line}".rstrip() for line in about), " */", ""]
    lines += ["// name, categories, what stands in for a gap, centre, scale", "const COLUMNS = ["]
    lines += [f"  {_cell(cell, place)}," for place, cell in enumerate(program.cells)]
    lines += ["];"]
    if program.labels:
        lines += [f"export const CLASSES = {_json(program.labels)};"]
    for place, layer in enumerate(program.layers, start=1):
        lines += _neurons(layer, place)
    lines += ["", *program.formulas, *BODY.rstrip().split("\n"), *_outputs(program), *_predict(program)]
    return "\n".join(lines) + "\n"


def _cell(cell: Cell, place: int) -> str:
    plain = [cell.name or f"cell {place}", list(cell.categories), cell.fill, cell.centre, cell.scale]
    return _json(plain)


def _json(plain: object) -> str:
    """Return JSON that ends no <script> of a page."""
    return json.dumps(plain, ensure_ascii=False).replace("<", "\\u003c")


def _neurons(layer: LayerNumbers, place: int) -> list[str]:
    lines = [f"// {layer.name}; of each neuron its bias, and [source, weight] of each weight into it"]
    lines += [f"const LAYER{place} = ["]
    for neuron in layer.neurons:
        pairs = [list(pair) for pair in zip(neuron.sources, neuron.weights, strict=True)]
        lines.append(f"  [{neuron.bias!r}, {pairs!r}],")
    return [*lines, "];"]


def _outputs(program: Program) -> list[str]:
    lines = ["", "/** The values of the output neurons. */", "export function outputs(row) {"]
    lines += ["  const values = prepared(row);", "  let zs, found;"]
    for place, layer in enumerate(program.layers, start=1):
        lines += [f"  zs = weighted(values, LAYER{place});"]
        if layer.is_whole:
            lines += ["  found = zs.slice();", f"  {layer.formula}(zs, found);"]
        else:
            lines += [f"  found = zs.map((z) => {layer.formula});"]
        lines += ["  for (const value of found) values.push(value);"]
    if program.scales:
        number = JavaScript().number
        centred = ", ".join(f"[{bare(number(c))}, {number(s)}]" for c, s in program.scales)
        lines += [f"  const scales = [{centred}];"]
        return [*lines, "  return found.map((value, k) => value * scales[k][1] + scales[k][0]);", "}"]
    return [*lines, "  return found;", "}"]


def _predict(program: Program) -> list[str]:
    what = {"class": "The class", "number": "The number", "numbers": "The numbers"}[program.returns]
    lines = ["", f"/** {what} of a row. */", "export function predict(row) {"]
    if program.returns == "class" and program.outputs > 1:
        lines += [
            "  const found = outputs(row);",
            "  return CLASSES[found.indexOf(Math.max(...found))];",
        ]
    elif program.returns == "class":
        lines += [f"  return CLASSES[Number(outputs(row)[0] > {program.middle})];"]
    elif program.returns == "number":
        lines += ["  return outputs(row)[0];"]
    elif program.kind == "number":
        lines += ["  return outputs(row);"]
    else:
        no = -1 if program.kind == "sign" else 0
        lines += [f"  return outputs(row).map((value) => value > {program.middle} ? 1 : {no});"]
    return [*lines, "}"]
