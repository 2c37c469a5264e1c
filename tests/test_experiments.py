"""Experiments: their text, what each edit does, and the bits of Python in the engine of the page."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from math import inf
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from experiments import MODULES, image_history, in_deno, plane_history, random_cases, random_experiment
from hypothesis import given, settings
from hypothesis import strategies as st
from javascript import deno
from slow import mostly_long
from trained_pages import bits

from slownet.errors import InvalidValueError
from slownet.experiments import Edit, format_edits, parse, read_address
from slownet.experiments.edits import KINDS, MOST_EDITS, NUMBERS, WHOLE, number_text
from slownet.experiments.rows import packed, unpacked
from slownet.page.javascript import Translator
from slownet.page.modules import script_of

THOROUGH = settings.default.max_examples > 1000

# texts


def values(name: str) -> st.SearchStrategy[Any]:
    """Arguments of a type."""
    if name in WHOLE:
        return st.integers(*WHOLE[name])
    if name in NUMBERS:
        low, is_closed, high = NUMBERS[name]
        found = st.floats(allow_nan=False, allow_infinity=False)
        return found.filter(lambda each: (each >= low if is_closed else each > low) and each < high)
    if name == "end":
        return st.tuples(st.integers(0, 10**9), st.integers(0, 10**9))
    pattern = r"[a-z][a-z0-9_]{0,39}" if name == "name" else r"[A-Za-z0-9_-]{0,60}"
    return st.from_regex(pattern, fullmatch=True)


@st.composite
def experiments(draw: st.DrawFn) -> list[Edit]:
    steps = sorted(draw(st.lists(st.integers(0, 10**9), max_size=5)))
    kinds = st.sampled_from([kind for kind in KINDS if kind != "seed"])
    found = []
    for step in steps:
        kind = draw(kinds)
        found.append(Edit(step, kind, tuple(draw(values(name)) for name in KINDS[kind])))
    if draw(st.booleans()):
        found.insert(0, Edit(0, "seed", (draw(st.integers(0, 2**53 - 1)),)))
    return found


@given(experiments())
def test_a_text_is_read_back_to_the_same_bits(edits: list[Edit]) -> None:
    text = format_edits(edits)
    found = parse(text)
    assert found == edits
    assert [str(each) for each in found] == [str(each) for each in edits]  # -0 is not 0
    assert re.fullmatch(r"[A-Za-z0-9_.~-]*", text)
    assert read_address(f"file:///page.html#e={text}&step=12") == (edits, 12)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_written_to_be_read_back(number: float) -> None:
    text = number_text(number)
    assert bits([float(text)]) == bits([number])
    assert len(text) < 30


@given(st.text(max_size=60) | st.text(alphabet="0123456789_~.-eabcdrtsu", max_size=40))
def test_other_texts_are_refused_or_read(text: str) -> None:
    with suppress(InvalidValueError):
        edits = parse(text)
        assert format_edits(parse(format_edits(edits))) == format_edits(edits)


REFUSED = {
    "x": "edit 1, 'x', begins with a step",
    "120": "there is no edit ''",
    "120_rat_1": "there is no edit 'rat'",
    "120_constructor_1": "there is no edit 'constructor'",
    "120___proto___1": "there is no edit ''",
    "120_rate": "rate takes a number above 0: 1 arguments, not 0",
    "120_rate_0": "expected a number above 0, not '0'",
    "120_rate_-1": "expected a number above 0",
    "120_rate_nan": "expected a number above 0, not 'nan'",
    "120_rate_1e999": "expected a number above 0",
    "120_rate_0x10": "expected a number above 0",
    "120_rate_1_2": "expected a number above 0, not '1_2'",
    "120_rate_ 1": "expected a number above 0",
    "120_dropout_1": "expected a number from 0 to less than 1",
    "120_batch_0": "expected a whole number from 1",
    "120_batch_1.5": "expected a whole number from 1",
    "120_layer_1_1001_relu": "expected a whole number from 1 to 1000",
    "120_layer_1_10_Relu": "expected a name",
    "120_cut_1_2": "expected a neuron as LAYER.NEURON, not '1'",
    "120_cut_1.2.3_1.2": "expected a neuron",
    "-1_rate_1": "begins with a step",
    "01_rate_1": "begins with a step",
    "10000000000_rate_1": "begins with a step",
    "120_rate_1~": "edit 2, '', begins with a step",
    "120_rate_1~119_rate_1": "comes after step 120",
    "1_seed_5": "another seed is the first edit",
    "0_rate_1~0_seed_5": "another seed is the first edit",
    "0_digit_3_a+b": "expected an image as base64url",
    "~".join(["1_add_1"] * (MOST_EDITS + 1)): "at most 1,?000 edits, not 1,?001",
    "1" * 200_000: "at most 100,?000 characters",
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:30])
def test_what_is_no_experiment_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match=REFUSED[text]):
        parse(text)


def test_texts_in_javascript(tmp_path: Path) -> None:
    """The tables are those of Python, what is refused there is refused here, and texts are the same."""
    rng, number = Random(1), "0.05 3 1e-7 1e22 -2.5e-300 -0 5e-324 123456789012345680000 1e21 0.000001"
    texts = [f"{k}_bias_1.{k}_{each}" for k, each in enumerate(number.split())]
    texts += [f"1_bias_1.1_{number_text(rng.gauss(0, 10 ** rng.randint(-9, 9)))}" for _ in range(200)]
    texts += ["0_seed_9007199254740991~3_layer_1_4_leaky_relu~3_optimizer_adam~9_digit_4_Ab_-"]
    (tmp_path / "given.json").write_text(json.dumps({"texts": texts, "refused": [*REFUSED]}))
    run = """
    const given = JSON.parse(Deno.readTextFileSync("given.json"));
    const { KINDS, WHOLE, NUMBERS, parse, format } = modules["engine/experiment.js"];
    const plain = (_, each) => typeof each === "number" && !Number.isFinite(each) ? String(each) : each;
    const found = given.texts.map((text) => format(parse(text)));
    const refused = given.refused.map((text) => {
      try { return `read: ${parse(text)}`; } catch (error) { return error.message; }
    });
    console.log(JSON.stringify({ KINDS, WHOLE, NUMBERS, found, refused }, plain));
    """
    (tmp_path / "run.js").write_text(script_of(*MODULES) + run, encoding="utf-8")
    found = json.loads(deno(tmp_path / "run.js"))
    assert found["KINDS"] == {kind: [*types] for kind, types in KINDS.items()}
    assert list(found["KINDS"]) == list(KINDS)
    assert found["WHOLE"] == {name: [*bounds] for name, bounds in WHOLE.items()}
    infinite = {"Infinity": inf, "-Infinity": -inf}
    for name, (low, is_closed, high) in found["NUMBERS"].items():
        assert (infinite.get(low, low), is_closed, infinite.get(high, high)) == NUMBERS[name]
    assert found["found"] == texts
    for text, message in zip(REFUSED, found["refused"], strict=True):
        assert re.search(REFUSED[text], message), message


def test_images_are_packed_as_in_python(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    images = [np.zeros(784, int), np.full(784, 255), np.r_[np.zeros(600, int), 1, np.zeros(183, int)]]
    images += [rng.integers(0, 256, 784) * (rng.random(784) < share) for share in (0.01, 0.3, 0.99)]
    texts = [packed(each.tolist()) for each in images]
    for text, image in zip(texts, images, strict=True):
        assert (unpacked(text, 784) == image).all()
    (tmp_path / "given.json").write_text(json.dumps([[each.tolist() for each in images], texts]))
    run = """
    const [images, texts] = JSON.parse(Deno.readTextFileSync("given.json"));
    const { packed, unpacked } = modules["engine/rows.js"];
    const found = images.map(packed), back = texts.map((text) => [...unpacked(text, 784)]);
    console.log(String(found) === String(texts), String(back) === String(images));"""
    (tmp_path / "run.js").write_text(script_of(*MODULES) + run, encoding="utf-8")
    assert deno(tmp_path / "run.js") == "true true\n"


@pytest.mark.parametrize("text", ["A", "AgIH", "-w", "_wD_AP8A_wA", "AAAB"])
def test_an_image_that_is_packed_otherwise_is_refused(text: str) -> None:
    """Cut off, or of more pixels than there are."""
    with pytest.raises(InvalidValueError, match=r"packed (as base64url|in another way)"):
        unpacked(text, 9)


# the bits of Python


@pytest.mark.parametrize("first", mostly_long(range(0, 900, 150)))
def test_random_experiments_have_the_bits_of_python(first: int, tmp_path: Path) -> None:
    """Of nets of any kind, with any options; the page goes back and forth, and undoes edits, before."""
    translator = Translator(exact=True)
    cases = random_cases(range(first, first + 150), translator)
    assert len(cases) > 90
    kinds = {edit.kind for each in cases for edit in parse(each.text)}
    assert kinds >= {*KINDS} - {"seed", "data", "digit", "undigit", "point", "move", "noise"}
    assert not in_deno(cases, translator, tmp_path)


def test_experiments_with_digits_have_the_bits_of_python(tmp_path: Path) -> None:
    """Drawn and taken back, of images as bytes; and of images of which a table has been made."""
    translator, cases = Translator(exact=True), []
    for seed in range(24):
        history, data = image_history(seed)
        cases.append(random_experiment(f"images {seed}", history, data, Random(seed), translator, 20))
    kinds = {edit.kind for each in cases for edit in parse(each.text)}
    assert kinds >= {"digit", "undigit", "erase", "add", "seed"}
    assert not in_deno(cases, translator, tmp_path)


@pytest.mark.parametrize("first", mostly_long(range(0, 400, 80)))
def test_experiments_in_the_plane_have_the_bits_of_python(first: int, tmp_path: Path) -> None:
    """With points, noise, other sets and another seed."""
    translator, cases = Translator(exact=True), []
    for seed in range(first, first + 80):
        history, data = plane_history(seed)
        cases.append(random_experiment(f"plane {seed}", history, data, Random(seed), translator, 16))
    kinds = {edit.kind for each in cases for edit in parse(each.text)}
    assert kinds >= {*KINDS} - {"digit", "undigit"}
    assert not in_deno(cases, translator, tmp_path)
