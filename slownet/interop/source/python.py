"""The text of a Python program that predicts."""

from __future__ import annotations

from slownet.interop.source.program import Cell, LayerNumbers, Program

BODY = '''

def prepared(row):
    """Return the numbers that enter the net."""
    if len(row) != len(COLUMNS):
        raise ValueError(f"expected {len(COLUMNS)} cells, not {len(row)}")
    values = []
    for cell, (name, categories, fill, centre, scale) in zip(row, COLUMNS):
        is_gap = cell is None or cell != cell or cell == ""
        if is_gap and fill is None:
            raise ValueError(f"{name}: a cell is missing")
        cell = fill if is_gap else cell
        if not categories:
            values.append((float(cell) - centre) / scale)
            if not abs(values[-1]) < math.inf:
                raise ValueError(f"{name}: {cell!r} is no number, or too large")
        elif cell in categories:
            values += [float(cell == category) for category in categories]
        else:
            raise ValueError(f"{name}: expected one of {categories}, not {cell!r}")
    return values


def weighted(values, neurons):
    """Return z of each neuron: its bias, and the products of weights and values that are not 0."""
    zs = []
    for z, weights in neurons:
        for source, weight in weights:
            if values[source] != 0.0:
                z = z + weight * values[source]
        zs.append(z)
    return zs
'''


def python_text(program: Program) -> str:
    """Return the program."""
    about = [*program.about]
    if program.columns:
        about += ["", "The cells of a row:", *program.columns]
    lines = ['"""' + about[0], "", *about[1:], '"""', "", "import math"]
    lines += ["", "# name, categories, what stands in for a gap, centre, scale", "COLUMNS = ["]
    lines += [f"    {_cell(cell, place)}," for place, cell in enumerate(program.cells)]
    lines += ["]"]
    if program.labels:
        lines += [f"CLASSES = [{', '.join(map(repr, program.labels))}]"]
    for place, layer in enumerate(program.layers, start=1):
        lines += _neurons(layer, place)
    lines += ["", *program.formulas, *BODY.rstrip().split("\n"), *_outputs(program), *_predict(program)]
    return "\n".join(lines) + "\n"


def _cell(cell: Cell, place: int) -> str:
    return repr((cell.name or f"cell {place}", cell.categories, cell.fill, cell.centre, cell.scale))


def _neurons(layer: LayerNumbers, place: int) -> list[str]:
    lines = [f"# {layer.name}; of each neuron its bias, and (source, weight) of each weight into it"]
    lines += [f"LAYER{place} = ["]
    for neuron in layer.neurons:
        pairs = list(zip(neuron.sources, neuron.weights, strict=True))
        lines.append(f"    ({neuron.bias!r}, {pairs!r}),")
    return [*lines, "]"]


def _outputs(program: Program) -> list[str]:
    lines = ["", "", "def outputs(row):", '    """Return the values of the output neurons."""']
    lines += ["    values = prepared(row)"]
    for place, layer in enumerate(program.layers, start=1):
        lines += [f"    zs = weighted(values, LAYER{place})"]
        if layer.is_whole:
            lines += ["    found = [0.0] * len(zs)", f"    {layer.formula}(zs, found)"]
        else:
            lines += [f"    found = [float({layer.formula}) for z in zs]"]
        lines += ["    values += found"]
    if program.scales:
        centred = ", ".join(f"({centre!r}, {scale!r})" for centre, scale in program.scales)
        lines += [f"    scales = [{centred}]"]
        return [*lines, "    return [v * scale + centre for v, (centre, scale) in zip(found, scales)]"]
    return [*lines, "    return found"]


def _predict(program: Program) -> list[str]:
    what = {"class": "the class", "number": "the number", "numbers": "the numbers"}[program.returns]
    lines = ["", "", "def predict(row):", f'    """Return {what} of a row."""']
    if program.returns == "class" and program.outputs > 1:
        lines += ["    found = outputs(row)", "    return CLASSES[found.index(max(found))]"]
    elif program.returns == "class":
        lines += [f"    return CLASSES[outputs(row)[0] > {program.middle}]"]
    elif program.returns == "number":
        lines += ["    return outputs(row)[0]"]
    elif program.kind == "number":
        lines += ["    return outputs(row)"]
    else:
        yes, no = 1, -1 if program.kind == "sign" else 0
        lines += [f"    return [{yes} if value > {program.middle} else {no} for value in outputs(row)]"]
    return lines
