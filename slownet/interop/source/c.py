"""The text of a C program that predicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slownet.interop.source.program import Cell, Program
from slownet.translation import C
from slownet.translation.syntax import bare

PREPARED = """
/* Write the numbers that enter the net; return 0 for a row that it refuses: a gap that nothing fills in,
   a text without a place. */
static int prepared(const double row[COLUMNS], double values[INPUTS])
{
    int k, n, place = 0;
    for (k = 0; k < COLUMNS; k++) {
        double cell = isnan(row[k]) ? FILL[k] : row[k];
        if (CATEGORIES[k] == 0) {
            values[place] = (cell - CENTRE[k]) / SCALE[k];
            if (!isfinite(values[place++])) return 0;
            continue;
        }
        if (!(cell >= 0 && cell < CATEGORIES[k] && cell == floor(cell))) return 0;
        for (n = 0; n < CATEGORIES[k]; n++) values[place++] = cell == n;
    }
    return 1;
}
"""
WEIGHTED = """
/* z of a neuron: its bias, and the products of weights and values that are not 0. */
static double weighted(const double values[], int neuron)
{
    double z = BIAS[neuron];
    int k;
    for (k = FIRST[neuron]; k < FIRST[neuron + 1]; k++) {
        if (values[SOURCE[k]] != 0.0) z = z + WEIGHT[k] * values[SOURCE[k]];
    }
    return z;
}
"""


def c_text(program: Program) -> str:
    """Return the program."""
    about = [
        *program.about,
        "Compile it without contraction of products and sums, as gcc and clang do with",
        "-ffp-contract=off, and link the maths library (-lm), of which only exact functions are used.",
        *_about_rows(program),
    ]
    lines = ["/*", *(f" * {line}".rstrip() for line in about), " */", "", "#include <math.h>", ""]
    lines += [
        (
            f"enum {{ COLUMNS = {len(program.cells)}, INPUTS = {program.inputs}, "
            f"NEURONS = {program.neurons}, OUTPUTS = {program.outputs} }};"
        )
    ]
    lines += _columns(program.cells)
    if program.labels:
        texts = ", ".join(map(_text, program.labels))
        lines += [f"const char *const CLASSES[] = {{{texts}}};"]
    lines += _numbers(program)
    lines += ["", *program.formulas, *PREPARED.rstrip().split("\n"), *WEIGHTED.rstrip().split("\n")]
    return "\n".join([*lines, *_outputs(program), *_predict(program)]) + "\n"


def _about_rows(program: Program) -> list[str]:
    found = ["", "The numbers of a row; a gap is NAN, and a text its place among these, from 0 on:"]
    if not program.columns:
        return []
    return [*found, *program.columns]


def _text(label: object) -> str:
    """Return a text as C, in ASCII."""
    letters = [
        chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
        for byte in str(label).encode("utf-8", "replace")
    ]
    escaped = [f"\\{each}" if each in '"\\?' else each for each in letters]
    return f'"{"".join(escaped)}"'


def _columns(cells: Sequence[Cell]) -> list[str]:
    fills = [
        cell.categories.index(cell.fill) if isinstance(cell.fill, str) else cell.fill for cell in cells
    ]
    return [
        *_array("int", "CATEGORIES", [str(len(cell.categories)) for cell in cells]),
        *_array("double", "FILL", ["NAN" if fill is None else repr(float(fill)) for fill in fills]),
        *_array("double", "CENTRE", [repr(cell.centre) for cell in cells]),
        *_array("double", "SCALE", [repr(cell.scale) for cell in cells]),
    ]


def _numbers(program: Program) -> list[str]:
    neurons = [neuron for layer in program.layers for neuron in layer.neurons]
    firsts = [0]
    for neuron in neurons:
        firsts.append(firsts[-1] + len(neuron.weights))
    sources = [str(each) for neuron in neurons for each in neuron.sources]
    weights = [repr(each) for neuron in neurons for each in neuron.weights]
    return [
        "/* of each neuron after the inputs its bias, and the first of the weights into it */",
        *_array("double", "BIAS", [repr(neuron.bias) for neuron in neurons]),
        *_array("int", "FIRST", map(str, firsts)),
        "/* of each weight the neuron that it comes from, inputs first, and its value */",
        *_array("int", "SOURCE", sources or ["0"]),
        *_array("double", "WEIGHT", weights or ["0.0"]),
    ]


def _array(kind: str, name: str, entries: Iterable[str]) -> list[str]:
    listed = list(entries)
    count = 4 if kind == "double" else 16
    rows = [listed[start : start + count] for start in range(0, len(listed), count)]
    return [f"static const {kind} {name}[] = {{", *(f"    {', '.join(row)}," for row in rows), "};"]


def _outputs(program: Program) -> list[str]:
    lines = ["", "/* Write the values of the output neurons, NAN for a row that the net refuses. */"]
    lines += ["void outputs(const double row[COLUMNS], double found[OUTPUTS])", "{"]
    zs = ", zs[NEURONS]" if any(layer.is_whole for layer in program.layers) else ""
    lines += [f"    double values[INPUTS + NEURONS]{zs};", "    int n;"]
    lines += ["    if (!prepared(row, values)) {"]
    lines += ["        for (n = 0; n < OUTPUTS; n++) found[n] = NAN;", "        return;", "    }"]
    first = 0
    for layer in program.layers:
        last = first + len(layer.neurons)
        loop = f"    for (n = {first}; n < {last}; n++)"
        lines += [f"    /* {layer.name} */"]
        if layer.is_whole:
            lines += [f"{loop} zs[n] = weighted(values, n);"]
            lines += [f"    {layer.formula}(zs + {first}, values + INPUTS + {first}, {last - first});"]
        else:
            lines += [f"{loop} {{", "        const double z = weighted(values, n);"]
            lines += [f"        values[INPUTS + n] = {layer.formula};", "    }"]
        first = last
    loop = "    for (n = 0; n < OUTPUTS; n++)"
    output = "values[INPUTS + NEURONS - OUTPUTS + n]"
    if program.scales:
        number = C().number
        for name, place in ("centres", 0), ("scales", 1):
            numbers = ", ".join(bare(number(each[place])) for each in program.scales)
            lines += [f"    static const double {name}[] = {{{numbers}}};"]
        return [*lines, f"{loop} found[n] = {output} * scales[n] + centres[n];", "}"]
    return [*lines, f"{loop} found[n] = {output};", "}"]


def _predict(program: Program) -> list[str]:
    several = "double row[COLUMNS], double found[OUTPUTS]"
    head, returned = {
        "class": (
            "/* Return the place of the class in CLASSES, -1 for a row that the net refuses. */",
            "int",
        ),
        "number": ("/* Return the number. */", "double"),
        "numbers": ("/* Write the numbers. */", "void"),
    }[program.returns]
    given = several if returned == "void" else "double row[COLUMNS]"
    lines = ["", head, f"{returned} predict(const {given})", "{"]
    if returned != "void":
        lines += ["    double found[OUTPUTS];"]
    if program.returns == "class" and program.outputs > 1:
        lines += ["    int n, top = 0;", "    outputs(row, found);"]
        lines += ["    for (n = 1; n < OUTPUTS; n++) if (found[n] > found[top]) top = n;"]
        return [*lines, "    return isnan(found[0]) ? -1 : top;", "}"]
    if returned == "void" and program.kind != "number":
        no = -1 if program.kind == "sign" else 0
        chosen = f"isnan(found[n]) ? NAN : found[n] > {program.middle} ? 1 : {no}"
        lines += ["    int n;", "    outputs(row, found);"]
        return [*lines, f"    for (n = 0; n < OUTPUTS; n++) found[n] = {chosen};", "}"]
    lines += ["    outputs(row, found);"]
    if returned == "int":
        lines += [f"    return isnan(found[0]) ? -1 : found[0] > {program.middle};"]
    elif returned == "double":
        lines += ["    return found[0];"]
    return [*lines, "}"]
