"""Formulas and nets as source code: the same bits in Python, C and JavaScript."""

from __future__ import annotations

import json
import math
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from bits import bits
from commands import output
from exports import exported_net, plain
from hypothesis import strategies as st
from javascript import deno
from slow import mostly_long
from test_page_javascript import FORMULAS, UNTRANSLATABLE, calls

from slownet import Activation, Net, NetFactory, Preparation
from slownet.datasets import Column
from slownet.functions import ACTIVATIONS, elementary
from slownet.functions.builtin import is_builtin
from slownet.interop import certify, to_source
from slownet.interop.source.program import printable
from slownet.interop.trials import Trials
from slownet.translation import C, JavaScript, Python, Syntax, Translator, UntranslatableError

GCC = shutil.which("gcc")
needs_gcc = pytest.mark.skipif(GCC is None, reason="gcc is not installed")
STRICT = ("-std=c99", "-O2", "-Wall", "-Wextra", "-pedantic", "-Werror", "-ffp-contract=off")
MAIN = """
#include <stdio.h>
int main(void)
{
    double row[COLUMNS], found[OUTPUTS];
    int k;
    for (;;) {
        for (k = 0; k < COLUMNS; k++) if (scanf("%la", &row[k]) != 1) return 0;
        outputs(row, found);
        for (k = 0; k < OUTPUTS; k++) printf("%a ", found[k]);
        PREDICT
        printf("\\n");
    }
}
"""
PREDICTED = {
    "int": 'printf("%d", predict(row));',
    "double": 'printf("%a", predict(row));',
    "void": 'predict(row, found); for (k = 0; k < OUTPUTS; k++) printf("%a ", found[k]);',
}


def compiled(folder: Path, name: str, text: str) -> Path:
    file = folder / f"{name}.c"
    file.write_text(text, encoding="utf-8")
    output(GCC, *STRICT, "-Wno-unused-parameter", file, "-o", folder / name, "-lm")
    return folder / name


def same(found: Sequence[float], expected: Sequence[float]) -> bool:
    pairs = zip(found, expected, strict=True)
    return all(bits([a]) == bits([b]) or (math.isnan(a) and math.isnan(b)) for a, b in pairs)


# formulas


EDGES: list[Any] = [  # max and min return their first number beside a nan, and of two zeros
    lambda z: max(z, math.nan),
    lambda z: max(math.nan, z),
    lambda z: min(z, math.nan),
    lambda z: max(z, 0.0),
    lambda z: max(0.0, z),
    lambda z: min(z, -0.0),
    lambda z: min(0.0, z, -0.0),
    lambda z: 0.0 * z,
    lambda z, share=-0.0: share if z else -z,
]


def edge_calls() -> list[tuple[str, Any, list[float]]]:
    return [*calls(), *(("edge", edge, [z]) for edge in EDGES for z in (0.0, -0.0, 1.0, -1.0))]


def as_c(number: float) -> str:
    text = number.hex() if math.isfinite(number) else str(number).upper().replace("INF", "INFINITY")
    return f"({text})"


def exact(function: Any, syntax: Callable[[], Syntax]) -> bool:
    try:
        Translator(syntax()).name_of(function)
    except UntranslatableError:
        return False
    return True


@pytest.mark.long
@needs_gcc
def test_formulas_are_the_same_in_c(tmp_path: Path) -> None:
    translator = Translator(C())
    made = [each for each in edge_calls() if exact(each[1], C)]
    assert sum(is_builtin(function) for _, function, _ in made) > 500
    lines = [
        f'    printf("%a\\n", {translator.call(function, [*map(as_c, given)])});'
        for _, function, given in made
    ]
    head = ["#include <math.h>", "#include <stdio.h>", *translator.heads, *translator.lines]
    text = "\n".join([*head, "int main(void)", "{", *lines, "    return 0;", "}", ""])
    printed = output(compiled(tmp_path, "formulas", text)).split()
    for (name, function, given), number in zip(made, printed, strict=True):
        assert same([float.fromhex(number)], [float(function(*given))]), (name, given, number)


def test_formulas_are_the_same_in_plain_python(tmp_path: Path) -> None:
    translator = Translator(Python())
    made = edge_calls()
    names = [translator.name_of(function) for _, function, _ in made]
    program: dict[str, Any] = {}
    exec("\n".join(["import math", *translator.heads, *translator.lines]), program)
    for (name, function, given), own in zip(made, names, strict=True):
        found = eval(own, program)(*given)
        assert same([float(found)], [float(function(*given))]), (name, given)


def test_edges_are_the_same_in_javascript(tmp_path: Path) -> None:
    translator = Translator(JavaScript(exact=True))
    made = [(edge, z) for edge in EDGES for z in (0.0, -0.0, 1.0, -1.0)]
    lines = [f"show({translator.call(edge, [repr(z)])});" for edge, z in made]
    show = "const show = (x) => console.log(Object.is(x, -0) ? '-0' : String(x));"
    script = tmp_path / "edges.js"
    script.write_text("\n".join([show, *translator.lines, *lines]), encoding="utf-8")
    for (edge, z), text in zip(made, deno(script).split(), strict=True):
        assert same([float(text)], [edge(z)])


def test_exact_javascript_leaves_out_what_browsers_round() -> None:
    left = [
        name for name, (function, _) in FORMULAS.items() if not exact(function, lambda: JavaScript(True))
    ]
    assert left == ["reserved", "powers", "math", "more math", "loss"]
    in_c = [name for name, (function, _) in FORMULAS.items() if not exact(function, C)]
    assert in_c == ["reserved", "pairs", *left[1:]]  # C has no tuples


def kept_mantissa(z: float) -> float:
    kept = math.frexp(z)
    return kept[0]


def calls_back(z: float) -> float:
    return is_called_back(z) if z > 1.0 else math.gamma(z)


def is_called_back(z: float) -> float:
    return calls_back(max(z - 1.0, elementary.exp(z)))


def test_c_takes_what_frexp_returns_apart_at_once() -> None:
    assert exact(kept_mantissa, Python)
    assert exact(kept_mantissa, JavaScript)
    with pytest.raises(UntranslatableError, match=r"math\.frexp .* two names"):
        Translator(C()).name_of(kept_mantissa)


@pytest.mark.parametrize("syntax", [C, Python, JavaScript])
def test_what_fails_leaves_nothing_behind(syntax: Callable[[], Syntax]) -> None:
    translator, untouched = Translator(syntax()), Translator(syntax())
    for function in (calls_back, is_called_back, calls_back):
        with pytest.raises(UntranslatableError, match="gamma"):
            translator.name_of(function)
        assert translator.lines == translator.heads == []
    for each in (translator, untouched):
        each.name_of(elementary.exp)
        each.name_of(max)
    assert translator.lines == untouched.lines
    assert translator.heads == untouched.heads


def quotients(z: float) -> float:
    found = 1.0 if z > 2.0 else 1.0 / z
    found /= 3.0 - z
    return found


def test_exact_javascript_divides_by_0_as_python_does(tmp_path: Path) -> None:
    translator, given = Translator(JavaScript(exact=True)), [0.0, -0.0, 0.5, 3.0, -1.0]
    show = "const show = (of) => { try { console.log(of()); } catch (e) { console.log(e.message); } };"
    lines = [f"show(() => {translator.call(quotients, [repr(z)])});" for z in given]
    script = tmp_path / "quotients.js"
    script.write_text("\n".join([*translator.lines, show, *lines]), encoding="utf-8")
    found = deno(script).splitlines()
    for z, text in zip(given, found, strict=True):
        if z in (0.0, 3.0):
            assert text == "division by zero"
        else:
            assert float(text) == quotients(z)


@pytest.mark.parametrize("syntax", [C, Python, lambda: JavaScript(exact=True)])
@pytest.mark.parametrize("name", UNTRANSLATABLE)
def test_what_has_no_translation_is_said(name: str, syntax: Callable[[], Syntax]) -> None:
    with pytest.raises(UntranslatableError):
        Translator(syntax()).name_of(UNTRANSLATABLE[name])


# nets


def predicted(net: Net, rows: list[Any]) -> list[Any]:
    return plain(net.predict(rows))


@pytest.mark.parametrize("seed", mostly_long(range(30), 6))
def test_python_predicts_the_same_bits(seed: int) -> None:
    net = exported_net(seed, own=True)
    trials = Trials.of(net, seed, [])
    program: dict[str, Any] = {}
    exec(to_source(net, "python"), program)
    for row, expected in zip(trials.cells, trials.own_outputs, strict=True):
        assert same(program["outputs"](row), expected)
    found = [program["predict"](row) for row in trials.cells]
    assert repr(found) == repr(predicted(net, trials.cells))


def test_python_needs_nothing(tmp_path: Path) -> None:
    net = NetFactory([2, 3, 1], "gelu", "linear", seed=0).new()
    (tmp_path / "net.py").write_text(to_source(net, "python"), encoding="utf-8")
    code = "import sys; sys.path.insert(0, '.'); import net; print(net.outputs([0.5, -1])[0].hex());"
    code += "print([name for name in sys.modules if name.startswith(('numpy', 'slownet'))])"
    printed = output(sys.executable, "-I", "-S", "-c", code, cwd=tmp_path)
    assert printed.split("\n")[:2] == [net.forward([0.5, -1.0])[0].hex(), "[]"]


@pytest.mark.parametrize("language", ["python", "c", "javascript"])
def test_products_with_zero_are_left_out(language: str, tmp_path: Path) -> None:
    """-0 + 0 is 0, so that a bias of -0 shows them."""
    net = NetFactory([1, 1], output_activation="linear", seed=0).new()
    net.layers[1].neurons[0].bias = -0.0
    assert bits(net.forward([0.0])) == bits([-0.0])
    if language == "c" and GCC is None:
        pytest.skip("gcc is not installed")
    path = tmp_path / f"net.{ {'python': 'py', 'javascript': 'js'}.get(language, 'c') }"
    path.write_text(to_source(net, language), encoding="utf-8")
    assert certify(net, path)


@needs_gcc
@pytest.mark.parametrize("seed", range(8))
def test_c_predicts_the_same_bits(seed: int, tmp_path: Path) -> None:
    check_c(seed, tmp_path)


@needs_gcc
@pytest.mark.long
def test_c_predicts_the_same_bits_of_many_nets(tmp_path: Path) -> None:
    for seed in range(8, 200):
        check_c(seed, tmp_path)


def check_c(seed: int, folder: Path) -> None:
    net = exported_net(seed, own=True)
    trials = Trials.of(net, seed, [])
    text = to_source(net, "c")
    kind = next(kind for kind in PREDICTED if f"\n{kind} predict(" in text)
    program = compiled(folder, f"net{seed}", text + MAIN.replace("PREDICT", PREDICTED[kind]))
    columns = net.preparation.columns if net.preparation else [Column("", "number")] * len(net.inputs)
    rows = [
        " ".join(
            "nan"
            if cell is None
            else float(column.categories.index(cell) if column.categories else cell).hex()
            for column, cell in zip(columns, row, strict=True)
        )
        for row in trials.cells
    ]
    printed = output(program, input="\n".join(rows))
    labels = net.encoder().labels
    wanted = zip(trials.own_outputs, predicted(net, trials.cells), strict=True)
    for line, (outputs, prediction) in zip(printed.splitlines(), wanted, strict=True):
        numbers = list(map(float.fromhex, line.split()))
        assert same(numbers[: len(outputs)], outputs), net
        rest = numbers[len(outputs) :]
        if labels:
            assert repr(labels[int(rest[0])]) == repr(prediction), net
        else:
            assert same(rest, list(map(float, np.atleast_1d(prediction))))


@pytest.mark.long
def test_javascript_predicts_the_same_bits_of_many_nets(tmp_path: Path) -> None:
    nets = [exported_net(seed, own=True) for seed in range(200)]
    made = [(net, Trials.of(net, seed, [])) for seed, net in enumerate(nets)]
    text = 'const plain = (x) => typeof x === "number" ? Object.is(x, -0) ? "-0.0" : String(x) : x;\n'
    for place, (net, trials) in enumerate(made):
        (tmp_path / f"net{place}.mjs").write_text(to_source(net, "javascript"), encoding="utf-8")
        text += f'import * as net{place} from "./net{place}.mjs";\n'
        text += f"for (const row of {json.dumps(trials.cells)}) console.log(JSON.stringify("
        text += f"[net{place}.outputs(row).map(plain), net{place}.predict(row)]));\n"
    script = tmp_path / "run.mjs"
    script.write_text(text, encoding="utf-8")
    lines = iter(deno(script).splitlines())
    for net, trials in made:
        wanted = zip(trials.own_outputs, predicted(net, trials.cells), strict=True)
        for outputs, prediction in wanted:
            found, answer = json.loads(next(lines), parse_int=float)
            assert same([float(each.replace("Infinity", "inf")) for each in found], outputs), net
            assert answer == prediction, net
    assert next(lines, None) is None


def table_net() -> Net:
    net = NetFactory([4, 3, 2], "tanh", seed=0).new()
    sky = Column("sky", "category", ("rain", "sun"))
    net.preparation = Preparation(
        [Column("km", "number", (), 4.0, 3.0, 2.0), sky, Column("on", "boolean")]
    )
    net.classes = ["few", "many"]
    return net


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([1.0, "sun"], "expected 3 cells, not 2"),
        ([1.0, "snow", True], "sky: expected one of"),
        ([1.0, None, True], "sky: a cell is missing"),
        ([1.0, "sun", math.nan], "on: a cell is missing"),
        ([math.inf, "sun", 1], "km: inf is no number, or too large"),
        (["x", "sun", 1], "could not convert"),
        (["nan", "sun", 1], "km: .nan. is no number, or too large"),
    ],
)
def test_python_refuses_other_rows(row: list[Any], message: str) -> None:
    program: dict[str, Any] = {}
    exec(to_source(table_net(), "python"), program)
    with pytest.raises(ValueError, match=message):
        program["predict"](row)
    assert (
        program["predict"]([None, "sun", True]) == plain(table_net().predict([[None, "sun", True]]))[0]
    )


@needs_gcc
def test_c_marks_rows_that_the_net_refuses(tmp_path: Path) -> None:
    text = to_source(table_net(), "c") + MAIN.replace("PREDICT", PREDICTED["int"])
    rows = "1 2 1\n1 -1 1\n1 0.5 1\n1 nan 1\n1 0 nan\ninf 0 1\nnan 0 1"
    printed = output(compiled(tmp_path, "net", text), input=rows)
    answers = [line.split()[-1] for line in printed.splitlines()]
    assert answers[:-1] == ["-1"] * 6
    assert answers[-1] in ("0", "1")


def test_own_formulas_that_round_differently_are_refused_by_name() -> None:
    net = NetFactory([2, 3, 1], Activation("mine", math.tanh, lambda z: 1.0), seed=0).new()
    for language in "c", "javascript":
        with pytest.raises(UntranslatableError, match=r"activation 'mine': math.tanh .*elementary.tanh"):
            to_source(net, language)
    program: dict[str, Any] = {}
    exec(to_source(net, "python"), program)
    assert program["outputs"]([0.5, 1.0]) == net.forward([0.5, 1.0])
    net.layers[1].activation = Activation("other", lambda z: z**2, lambda z: 2.0 * z)
    with pytest.raises(UntranslatableError, match=r"activation 'other': .*z \*\* 2.*write a product"):
        to_source(net, "c")
    net.layers[1].activation = Activation("exact", lambda z: elementary.tanh(z) * 0.5, lambda z: 1.0)
    for language in "c", "javascript":
        assert "formula_tanh" in to_source(net, language)


def test_names_of_strangers_stay_in_their_comments_and_texts() -> None:
    evil = '*\\ *??/ /*/ */* <!-- */ int x; /* """ \\ \n # ??/ \u2028 </script>'
    net = NetFactory([3, 2], seed=0).new()
    net.preparation = Preparation(
        [Column(evil, "number"), Column("b", "category", ('*/ \\ ??/ """', "x"), "x")]
    )
    net.classes = [evil, "y"]
    net.layers[1].activation = "softmax"
    program: dict[str, Any] = {}
    exec(to_source(net, "python"), program)
    assert program["predict"]([1.0, "x"]) in net.classes
    for language in "python", "c", "javascript":
        for line in to_source(net, language).splitlines():
            assert line.isprintable() or "\u2028" in line
    assert not re.search("</|<!", to_source(net, "javascript"))


@hypothesis.given(st.text("*/\\?<!\"'\n\u2028x "))
def test_comments_end_nowhere(text: str) -> None:
    assert not re.search(r"\*/|/\*|\?\?|</|<!|\"\"\"|\\|\n", printable(text))


@needs_gcc
def test_classes_in_c_are_any_texts(tmp_path: Path) -> None:
    net = NetFactory([1, 3], output_activation="softmax", seed=0).new()
    net.classes = ["a\x01b", 'q"\\\n\t7', "\x7fé\u2028\U0001f600??/"]
    body = "#include <stdio.h>\nint main(void) { int k; for (k = 0; k < 3; k++) puts(CLASSES[k]); }\n"
    program = compiled(tmp_path, "net", to_source(net, "c") + body)
    assert output(program) == "".join(f"{each}\n" for each in net.classes)


def test_unknown_languages_are_said() -> None:
    with pytest.raises(ValueError, match="unknown language 'rust': known are python, c, javascript"):
        to_source(NetFactory([1, 1]).new(), "rust")
    with pytest.raises(TypeError, match="net must be of type Net"):
        to_source("net", "c")  # type: ignore[arg-type]
    net = NetFactory([1, 1]).new()
    net.weight(1, (0, 0)).value = math.nan
    with pytest.raises(ValueError, match=r"Weight.*nan.*finite numbers"):
        to_source(net, "c")


def test_all_activations_are_among_the_nets() -> None:
    names = {layer.function.name for seed in range(30) for layer in exported_net(seed, own=True)}
    assert names >= {*ACTIVATIONS, "soft"} - {"linear"}
