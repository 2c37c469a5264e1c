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
from page_texts import leaves, parts_of, rewritten
from slow import in_groups, mostly_long, some
from trained_pages import bits, printed

from slownet import DivergedError, History, Net, NetFactory, SlownetError, Weight, datasets, functions
from slownet.errors import (
    FormatError,
    InvalidTypeError,
    InvalidValueError,
    MissingFileError,
    MissingFormulaError,
    RecordingError,
)
from slownet.experiments import Edit, format_edits, parse, read_address, replay, replayed
from slownet.experiments.edits import KINDS, MOST_EDITS, NUMBERS, WHOLE, number_text
from slownet.experiments.rows import packed, unpacked
from slownet.page.digests import recipe_of
from slownet.page.javascript import Translator
from slownet.page.modules import script_of
from slownet.page.page import as_json
from slownet.page.reading import Page

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
    assert read_address(f"file:///page.html#e={text}&step=12") == (edits, 12, None)


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
    "x": "edit 1, 'x': it begins with a step",
    "120": "there is no edit ''",
    "120_rat_1": "there is no edit 'rat'",
    "120_constructor_1": "there is no edit 'constructor'",
    "120___proto___1": "there is no edit ''",
    "120_rate": "rate takes a number above 0: 1 arguments?, not 0",
    "120_rate_0": "edit 1, '120_rate_0': expected a number above 0, not '0'",
    "120_rate_-1": "expected a number above 0",
    "120_rate_nan": "expected a number above 0, not 'nan'",
    "120_rate_1e999": "expected a number above 0",
    "120_rate_0x10": "expected a number above 0",
    "120_rate_1_2": "expected a number above 0, not '1_2'",
    "120_rate_ 1": "expected a number above 0",
    "120_dropout_1": "expected a number from 0 to less than 1",
    "120_batch_0": "expected a whole number from 1",
    "120_batch_1.5": "expected a whole number from 1",
    "120_layer_1_257_relu": "expected a whole number from 1 to 256",
    "120_layer_1_10_Relu": "expected a name",
    "120_cut_1_2": "expected a neuron as LAYER.NEURON, not '1'",
    "120_cut_1.2.3_1.2": "expected a neuron",
    "-1_rate_1": "begins with a step",
    "01_rate_1": "begins with a step",
    "10000000000_rate_1": "begins with a step",
    "120_rate_1~": "edit 2, '': it begins with a step",
    "120_rate_1~119_rate_1": "comes after step 120",
    "1_seed_5": "another seed is the first edit",
    "0_rate_1~0_seed_5": "another seed is the first edit",
    "0_digit_3_a+b": "expected an image as base64url",
    "~".join(["1_add_1"] * (MOST_EDITS + 1)): "at most 1.000 edits, not 1.001",
    "1" * 200_000: "at most 100.000 characters",
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


@pytest.mark.parametrize("first", mostly_long(some(range(0, 900, 60), 6)))
def test_random_experiments_have_the_bits_of_python(first: int, tmp_path: Path) -> None:
    """Of nets of any kind, with any options; the page goes back and forth, and undoes edits, before."""
    translator = Translator(exact=True)
    cases = random_cases(range(first, first + 60), translator)
    assert len(cases) > 30
    kinds = {edit.kind for each in cases for edit in parse(each.text)}
    all_kinds = {*KINDS} - {"seed", "data", "digit", "undigit", "point", "move", "noise"}
    assert kinds >= all_kinds if first == 0 else len(kinds) > 12
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


@pytest.mark.parametrize("seeds", in_groups(0, 400, 40))
def test_experiments_in_the_plane_have_the_bits_of_python(seeds: range, tmp_path: Path) -> None:
    """With points, noise, other sets and another seed."""
    translator, cases = Translator(exact=True), []
    for seed in seeds:
        history, data = plane_history(seed)
        cases.append(random_experiment(f"plane {seed}", history, data, Random(seed), translator, 16))
    kinds = {edit.kind for each in cases for edit in parse(each.text)}
    assert kinds >= {*KINDS} - {"digit", "undigit"} if seeds[0] == 0 else len(kinds) > 12
    assert not in_deno(cases, translator, tmp_path)


def test_whatever_way_leads_to_a_step_gives_the_same_bits(tmp_path: Path) -> None:
    """Long ways with many experiments, of which only some states are kept; each beside a direct one."""
    history, data = moons(optimizer="adam", learning_rate=0.02)
    recipe = recipe_of(history, data)
    run = """
      const { facts, arrays } = await modules["engine/recipe.js"].read(recipe, {});
      const { Replay } = modules["engine/replay.js"];
      const { fromTheStart, parse, withEdit } = modules["engine/experiment.js"];
      const replay = new Replay({ facts, arrays, formulas });
      let seed = 1;
      const draw = (below) => (seed = (seed * 48271) % 2147483647) % below;
      const kinds = [
        () => ({ kind: "rate", args: [(1 + draw(90)) / 1000] }),
        () => ({ kind: "set", args: [[0, draw(2)], [1, draw(7)], draw(100) / 50 - 1] }),
        () => ({ kind: "add", args: [1 + draw(2)] }),
        () => ({ kind: "point", args: [draw(9), draw(9), draw(2)] }),
        () => ({ kind: "dropout", args: [draw(3) / 10] }),
      ];
      const text = (training) => {
        const { losses, rights } = training.curve(edits, 0, training.step);
        const { numbers, memory } = training.training;
        return [training.step, ...losses, ...rights, ...numbers.weights, ...memory.biases.second].join();
      };
      let edits = [], step = 0, most = 0, differ = 0, long = 0;
      const undone = [];
      for (let turn = 0; turn < 160; turn += 1) {
        const what = draw(8);
        if (what < 3) {
          undone.push(edits);
          edits = withEdit(edits, { step, ...kinds[draw(kinds.length)]() });
        } else if (what === 3 && undone.length) edits = undone.splice(draw(undone.length), 1)[0];
        else if (what === 4 && turn % 40 === 4) edits = fromTheStart(edits);
        else step = Math.max(0, step + [1, -1, 7, -9, 40, -60, 90][draw(7)]);
        if (!replay.toward(edits, step)) throw new Error(replay.problem);
        most = Math.max(most, replay.checkpoints.count);
        long = Math.max(long, edits.length);
        if (turn % 8) continue;
        const direct = new Replay({ facts, arrays, formulas });
        direct.toward(edits, step);
        if (text(direct) !== text(replay)) differ += 1;
      }
      const far = replay.step;
      edits = Array.from({ length: 150 }, (_, k) => ({ step: 2 * k, ...kinds[0]() })); // many
      for (const to of [310, 100, 299, 3, 200, 310]) {
        replay.toward(edits, to);
        const direct = new Replay({ facts, arrays, formulas });
        direct.toward(edits, to);
        if (text(direct) !== text(replay)) differ += 1;
        most = Math.max(most, replay.checkpoints.count);
      }
      console.log(differ, most, long, far > 100);"""
    differ, most, longest, is_far = printed(recipe, run, tmp_path).split()
    assert differ == "0"
    assert int(most) <= 65
    assert int(longest) > 3
    assert is_far == "true"


@pytest.mark.long
def test_states_of_a_large_net_take_no_more_memory(tmp_path: Path) -> None:
    """Fewer are kept of it, so that a page of it does not take gigabytes; on every way the same bits."""
    history, data = moons(optimizer="adam", learning_rate=0.02)
    run = """
      const { facts, arrays } = await modules["engine/recipe.js"].read(recipe, {});
      const { Replay } = modules["engine/replay.js"];
      const { parse } = modules["engine/experiment.js"];
      const replay = new Replay({ facts, arrays, formulas });
      const edits = parse("0_layer_0_256_relu~0_layer_1_256_relu~0_layer_2_256_relu~0_layer_3_256_relu");
      for (const step of [30, 4, 29]) replay.toward(edits, step);
      const { numbers: { weights }, memory } = replay.training;
      const direct = new Replay({ facts, arrays, formulas });
      direct.toward(edits, 29);
      const { count } = replay.checkpoints;
      console.log(3 * weights.length * count, count, memory !== null,
        direct.training.numbers.weights.join() === weights.join());"""
    numbers, count, remembers, same = printed(recipe_of(history, data), run, tmp_path).split()
    assert remembers == same == "true"
    assert 4 < int(count) < 30
    assert int(numbers) < 13_000_000


def test_one_step_back_takes_few_steps_far_out(tmp_path: Path) -> None:
    """Also where the states that are kept of all the way are far apart; and to the same bits."""
    history, data = moons(optimizer="adam", learning_rate=0.02)
    run = """
      const { facts, arrays } = await modules["engine/recipe.js"].read(recipe, {});
      const { Replay } = modules["engine/replay.js"];
      const replay = new Replay({ facts, arrays, formulas }), edits = [];
      const { training, track } = replay, advance = training.advance.bind(training);
      let taken = 0;
      training.advance = () => { taken += 1; return advance(); };
      replay.toward(edits, 40900);
      const far = track.distance, most = [];
      for (const step of [40899, 40898, 40700, 40400, 39500, 40901]) {
        const before = taken;
        replay.toward(edits, step);
        most.push(taken - before);
      }
      const text = ({ training: { numbers, memory } }) => [numbers.weights, memory.biases.second].join();
      const direct = new Replay({ facts, arrays, formulas });
      direct.toward(edits, 40901);
      const isSame = text(direct) === text(replay);
      console.log(far, Math.max(...most.slice(0, 5)), track.recent.length, isSame);"""
    far, most, kept, is_same = printed(recipe_of(history, data), run, tmp_path).split()
    assert int(far) >= 1024
    assert int(most) < 256
    assert int(kept) <= 8
    assert is_same == "true"


def test_a_step_reads_no_edit_that_is_made(tmp_path: Path) -> None:
    """Otherwise steps after many changes would be slow."""
    history, data = moons()
    run = """
      const { facts, arrays } = await modules["engine/recipe.js"].read(recipe, {});
      const replay = new modules["engine/replay.js"].Replay({ facts, arrays, formulas });
      let read = 0;
      const edits = Array.from({ length: 50 }, (_, k) => ({
        step: 0,
        get kind() {
          read += 1;
          return "rate";
        },
        args: [(k + 1) / 1000],
      }));
      replay.toward(edits, 10);
      const made = read;
      replay.toward(edits, 100);
      console.log(made, read - made);"""
    made, more = map(int, printed(recipe_of(history, data), run, tmp_path).split())
    assert made <= 50 * 60
    assert more <= 3 * 50


# in Python


def moons(**options: Any) -> tuple[History, tuple[Any, Any]]:
    X, y = datasets.moons(60, 0.1, 0)
    net = NetFactory([2, 7, 5, 1], hidden_activation="tanh", seed=4).new()
    given = {"epochs": 5, "batch_size": 8, "learning_rate": 0.3, "seed": 11, **options}
    return net.fit(X, y, snapshots=4, progress=False, **given), (X, y)


def numbers(net: Net) -> bytes:
    return bits([*(weight.value for weight in net.weights()), *(each.bias for each in net.neurons())])


TEXT = "3_rate_0.05~12_add_2~12_optimizer_adam~20_layer_1_3_relu~33_point_0.5_-0.25_1~50_cut_0.0_1.2"


def test_the_same_net_comes_from_a_history_a_run_file_and_a_page(tmp_path: Path) -> None:
    """By the text, the address and a list of edits; on either engine."""
    history, data = moons(record=tmp_path / "a.run")
    page = history.write_html(tmp_path / "a.html")
    wanted = numbers(replay(history, TEXT, step=70, engine="scalar"))
    assert wanted == numbers(replay(history, TEXT, step=70, engine="compiled"))
    assert wanted == numbers(replay(tmp_path / "a.run", parse(TEXT), data, 70))
    assert wanted == numbers(replay(history, iter(parse(TEXT)), step=70))
    assert wanted == numbers(replay(history.to_json(tmp_path / "a.json"), TEXT, data, step=70))
    assert wanted == numbers(replay(page, f"https://a.b/c.html#e={TEXT}&step=70"))
    assert wanted == numbers(replay(str(page), TEXT.replace("~", "%7E").join(["#e=", "&step=70"])))
    assert wanted != numbers(replay(page, TEXT, step=69))
    assert (
        replay(page, TEXT).weight(1, (0, 0)).value == replay(page, TEXT, step=50).weight(1, (0, 0)).value
    )


def test_a_softmax_of_one_output_has_no_other_sets(tmp_path: Path) -> None:
    """Which are of two classes; its page trains all the same."""
    X, _ = datasets.moons(12, 0.1, 0)
    net = NetFactory([2, 3, 1], "tanh", "softmax", seed=0).new()
    history = net.fit(X, [0] * 12, batch_size=4, snapshots=2, progress=False)
    page = history.write_html(tmp_path / "a.html")
    assert numbers(replay(page, "1_add_1")) == numbers(replay(history, "1_add_1"))
    for source in (history, page):
        with pytest.raises(InvalidValueError, match="no set of points 'moons' here, only none"):
            replay(source, "1_data_moons")


def test_an_experiment_without_edits_is_the_training() -> None:
    history, data = moons(optimizer="adam", learning_rate=0.02)
    assert numbers(replay(history)) == numbers(history.net)
    state = replayed(history, step=25)
    assert state.loss == history.loss[:25]
    assert state.accuracy == history.accuracy[:25]
    assert numbers(state.net) == numbers(history.rewind(25, data))


def test_edits_in_the_middle_are_those_of_branch() -> None:
    history, data = moons()
    branch = history.branch(13, data, lambda net: net.grow(1), progress=False, learning_rate=0.05)
    assert numbers(replay(history, "13_add_1~13_rate_0.05")) == numbers(branch.net)


def test_another_optimizer_begins_anew() -> None:
    """As one that has made no step; and so it does in a branch. The same one goes on."""
    history, data = moons(optimizer=functions.sgd(0.9))
    state = replayed(history, "13_optimizer_adam", step=30)
    branch = history.branch(13, data, progress=False, optimizer="adam")
    assert numbers(branch.net) == numbers(replay(history, "13_optimizer_adam"))
    assert state.net.optimizer_state is not None
    assert state.net.optimizer_state.step == 17
    fresh = replay(history, step=13)
    fresh.fit(
        *data,
        epochs=1,
        batch_size=60,
        optimizer="adam",
        learning_rate=0.3,
        shuffle=False,
        progress=False,
    )
    other = replay(history, "13_optimizer_adam~13_batch_60", step=14)
    found, wanted = ([weight.value for weight in each.weights()] for each in (other, fresh))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    again = replay(history, "5_optimizer_adam~13_optimizer_adam")
    assert numbers(again) == numbers(replay(history, "5_optimizer_adam"))


def test_training_goes_on_from_what_replay_returns() -> None:
    """With what the optimizer remembers."""
    history, data = moons(optimizer="adam", learning_rate=0.02, shuffle=False, batch_size=60)
    net = replay(history, step=5)
    given = {"batch_size": 60, "optimizer": "adam", "learning_rate": 0.02, "shuffle": False}
    net.fit(*data, epochs=2, warm_start=True, progress=False, **given)
    assert numbers(net) == numbers(replay(history, step=7))


def test_own_formulas_are_given(tmp_path: Path) -> None:
    own = functions.Optimizer("own", lambda w, g, a, b, rate, c: (w - rate * g * 0.5, a, b))
    history, data = moons(optimizer=own, record=tmp_path / "a.run")
    wanted = numbers(replay(history, "3_add_1"))
    page = history.write_html(tmp_path / "a.html")
    assert wanted == numbers(replay(page, "3_add_1", formulas=[own]))
    assert wanted == numbers(replay(tmp_path / "a.run", "3_add_1", data, formulas=[own]))
    with pytest.raises(MissingFormulaError, match="optimizer 'own'"):
        replay(page, "3_add_1")


IMPOSSIBLE = {
    "3_add_0": "3_add_0 cannot be done: layer must be a hidden layer",
    "3_add_9": "layer must be a hidden layer",
    "3_remove_1_99": "there is no neuron 1.99",
    "3_remove_3_0": "only hidden neurons can be removed",
    "~".join(f"3_remove_2_{k}" for k in range(5)): "a layer keeps its last neuron",
    "3_cut_1.0_0.0": "there is no weight from 1.0 to 0.0",
    "3_set_0.0_2.0_1": "there is no weight from 0.0 to 2.0",
    "3_bias_0.0_1": "the input layer has no biases",
    "3_activation_3_relu": "layer 3 is no hidden layer",
    "3_activation_1_sin": "activation",
    "3_optimizer_magic": "optimizer",
    "3_layer_3_2_relu": "after must be a layer of this net before the last",
    "3_unlayer_3": "layer must be a hidden layer",
    "3_erase_60": "there is no sample 60: there are 60",
    "3_move_60_1_1": "there is no sample 60",
    "3_point_0_0_2": "expected a class from 0 to 1, not 2",
    "3_point_0_0_0.5": "expected a class from 0 to 1, not 0.5",
    "3_data_mine": "there is no set of points 'mine' here, only xor, moons",
    "3_digit_1_AgIH": "where samples are images alone",
    "3_undigit_0": "there is no drawn digit 0: there are 0",
}


def in_page(history: History, data: Any, texts: list[str], folder: Path) -> list[tuple[bool, int, str]]:
    """Return for each text whether the page gets to step 9 with it, where it stands, and its problem."""
    run = f"""
      const {{ facts, arrays }} = await modules["engine/recipe.js"].read(recipe, {{}});
      const found = {json.dumps(texts)}.map((text) => {{
        const replay = new (modules["engine/replay.js"].Replay)({{ facts, arrays, formulas }});
        const isThere = replay.toward(modules["engine/experiment.js"].parse(text), 9);
        return [isThere, replay.step, replay.problem];
      }});
      console.log(JSON.stringify(found));"""
    return [(*each,) for each in json.loads(printed(recipe_of(history, data), run, folder))]


def test_what_cannot_be_done_is_said_on_both_sides(tmp_path: Path) -> None:
    """In Python an error; in the page a problem at the step before."""
    history, data = moons()
    found = in_page(history, data, [*IMPOSSIBLE], tmp_path)
    for (text, message), (is_there, step, problem) in zip(IMPOSSIBLE.items(), found, strict=True):
        with pytest.raises(InvalidValueError, match=message):
            replay(history, text, step=9)
        assert not is_there
        assert step == 3
        assert f"{text.rpartition('~')[2]} cannot be done: " in problem


# sizes of hidden layers, edits, and why the last one is refused
TOO_LARGE: list[tuple[list[int], list[str], str]] = [
    ([7, 5], ["3_layer_1_1_relu"] * 19, "edits give a net at most 20 hidden layers"),
    ([7] * 21, ["3_layer_0_1_relu"], "edits give a net at most 20 hidden layers"),
    ([256], ["3_add_1"], "edits give a layer at most 256 neurons"),
    ([7, 5], ["3_layer_1_254_relu", *["3_add_2"] * 3], "edits give a layer at most 256 neurons"),
    ([999, 1, 999], ["3_unlayer_2"], "edits give a net at most 1,000,000 weights"),
    ([1999, 1], ["3_layer_1_256_relu"] * 2, "edits give a net at most 1,000,000 weights"),
]


@pytest.mark.long
@pytest.mark.parametrize("case", mostly_long(TOO_LARGE, 5))
def test_nets_grow_up_to_a_bound(case: tuple[list[int], list[str], str], tmp_path: Path) -> None:
    """On both sides, which say the same; one edit less can be made."""
    hidden, edits, message = case
    data = datasets.moons(12, 0.1, 0)
    net = NetFactory([2, *hidden, 1], "tanh", seed=4).new()
    history = net.fit(*data, epochs=1, batch_size=3, snapshots=2, progress=False)
    texts = ["~".join(edits[:-1]), "~".join(edits)]
    (fits, *_), (is_there, step, problem) = in_page(history, data, texts, tmp_path)
    replay(history, texts[0], step=3)
    with pytest.raises(InvalidValueError, match=message) as error:
        replay(history, texts[1], step=3)
    assert fits
    assert (is_there, step) == (False, 3)
    assert problem.replace("\u202f", ",") == str(error.value)


def test_noise_that_overflows_is_refused(tmp_path: Path) -> None:
    X, y = np.array([[1e308, 1e308], [-1e308, 1e308], [1e308, -1e308]]), [0, 1, 0]
    net = NetFactory([2, 2, 1], "sigmoid", seed=0).new()
    history = net.fit(X, y, epochs=2, learning_rate=1e-9, snapshots=2, progress=False)
    recipe = recipe_of(history, (X, y))
    run = """
      const { facts, arrays } = await modules["engine/recipe.js"].read(recipe, {});
      const replay = new (modules["engine/replay.js"].Replay)({ facts, arrays, formulas });
      replay.toward(modules["engine/experiment.js"].parse("1_noise_0.5"), 2);
      console.log(replay.problem);"""
    assert "numbers that are not finite" in printed(recipe, run, tmp_path)
    with pytest.raises(InvalidValueError, match="numbers that are not finite"):
        replay(history, "1_noise_0.5")


def test_what_replay_does_not_take_is_said(tmp_path: Path) -> None:
    history, data = moons(record=tmp_path / "a.run")
    page = history.write_html(tmp_path / "a.html")
    bare = history.write_html(tmp_path / "b.html", keep="none")
    net = NetFactory([2, 2, 1], seed=1).new()
    without = net.fit(*data, progress=False)
    for error, message, arguments in (
        (InvalidTypeError, "a page, a run file or a History, not Net", (net, "")),
        (InvalidTypeError, "an experiment is a text .*, not 5", (history, 5)),
        (InvalidTypeError, "an edit must be of type Edit, not str", (history, ["3_add_1"])),
        (InvalidValueError, "no samples: give data", (tmp_path / "a.run", "")),
        (InvalidValueError, "has the data of its training", (page, "", data)),
        (InvalidValueError, "snapshots of its training, and nothing to train on with", (bare, "")),
        (InvalidValueError, "no state to begin with", (without, "")),
        (RecordingError, "other data", (tmp_path / "a.run", "", (data[0] + 1.0, data[1]))),
        (InvalidValueError, "step must be at most", (history, "", None, 10**10)),
        (MissingFileError, "nothing.html", (tmp_path / "nothing.html", "")),
    ):
        with pytest.raises(error, match=message):
            replay(*arguments)
    with pytest.raises(DivergedError):
        replay(history, "3_set_0.0_1.0_1e10~3_l2_1e308", step=9)


def test_an_edit_is_checked_where_it_is_made() -> None:
    assert Edit(3, "cut", ((0, 1), [1, 2])) == parse("3_cut_0.1_1.2")[0]
    assert str(Edit(3, "rate", (np.float64(0.1),))) == "3_rate_0.1"
    assert Edit(3, "add", (np.int64(1),)).args == (1,)
    for kind, args in (
        ("rate", ("0.1 ",)),
        ("rate", ()),
        ("rate", (True,)),
        ("magic", ()),
        ("cut", (1, 2)),
    ):
        with pytest.raises(InvalidValueError):
            Edit(3, kind, args)
    with pytest.raises(InvalidTypeError):
        Edit(3.5, "add", (1,))  # type: ignore[arg-type]


# frames


def test_a_frame_tells_what_has_changed(tmp_path: Path) -> None:
    """The structure and the points when they are others; the losses since a step; what is held out."""
    history, data = moons(test_data=datasets.moons(30, 0.1, 1))
    page = Page.open(history.write_html(tmp_path / "a.html"))
    assert page.facts["held_out"]["count"] == 30
    recipe = recipe_of(history, data)
    recipe.writer.plain("held_out samples", page.arrays["held_out samples"], "float64")
    recipe.writer.plain("held_out targets", page.arrays["held_out targets"], "float64")
    run = """
      const { facts, arrays } = await modules["engine/recipe.js"].read(recipe, {});
      const server = new (modules["engine/worker.js"].Server)([formulas]);
      const ask = (kind, more) => server.answer({ kind, milliseconds: 1e4, ...more });
      const { parse } = modules["engine/experiment.js"];
      const edits = parse("9_add_1~12_freeze_0.0_1.0~15_erase_3~20_rate_0.5");
      ask("begin", { facts, arrays });
      const frames = [0, 5, 9, 11, 12, 15, 20, 45, 5].map((step, k, steps) =>
        ask("show", { edits, step, since: k ? steps[k - 1] : 0 }));
      const weight = [[1, 7], [2, 0]], neuron = [2, 1], sample = Float64Array.of(0.5, -0.25);
      const series = [ask("history", { edits, weight }), ask("history", { edits, neuron, sample })];
      const plain = (_, each) => ArrayBuffer.isView(each) ? [...each] : Number.isNaN(each) ? null : each;
      console.log(JSON.stringify({ frames, series }, plain));"""
    found = json.loads(printed(recipe, run, tmp_path))
    frames = found["frames"]
    assert all(each["isThere"] for each in frames)
    assert [each["structure"] is not None for each in frames] == [
        *(True, False, True, False, True), *(False, False, False, True)
    ]  # fmt: skip
    assert [each["rows"] and each["rows"]["count"] for each in frames] == [
        *(60, None, None, None, None), *(59, None, None, 60)
    ]  # fmt: skip
    assert [each["edits"] for each in frames] == [0, 0, 1, 1, 2, 3, 4, 4, 0]
    assert [len(layer["neurons"]) for layer in frames[2]["structure"]["layers"]] == [2, 8, 5, 1]
    assert frames[6]["settings"] | {"rate": 0.5} == frames[6]["settings"]
    state = replayed(history, "9_add_1~12_freeze_0.0_1.0~15_erase_3~20_rate_0.5", step=45)
    joined = [loss for each in frames[:8] for loss in each["losses"]]
    assert bits(joined) == bits(state.loss)
    assert bits([each for frame in frames[:8] for each in frame["rights"]]) == bits(state.accuracy)
    X, y = datasets.moons(30, 0.1, 1)
    held_out = replay(history, "9_add_1", step=11)
    ways = ((held_out, X, y, frames[3]), (state.net, *state.rows.given(None)[:2], frames[7]))
    for net, samples, targets, frame in ways:  # where points were erased, those that it learns from
        judged, told = net.evaluate(samples, targets), frame["heldOut"]
        assert (told["loss"], told["accuracy"]) == (judged.loss, judged.accuracy)
        assert told["outputs"] == [net.forward(list(row))[0] for row in samples]
        assert told["areLearned"] == (frame is frames[7])
    of_weight, of_neuron = found["series"]
    assert len(of_weight["steps"]) > 20
    for which, step in ((of_weight, 9), (of_neuron, 45)):
        net = replay(history, "9_add_1~12_freeze_0.0_1.0~15_erase_3~20_rate_0.5", step=step)
        net.forward([0.5, -0.25])
        place = len(which["steps"]) - 1 - which["steps"][::-1].index(step)
        wanted = net.weight(2, (7, 0)).value if which is of_weight else net.layers[2].neurons[1].value
        assert which["numbers"][place] == wanted
    assert of_weight["numbers"][0] is None


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_page_of_snapshots_goes_on_from_one_of_them(optimizer: str, tmp_path: Path) -> None:
    """With its numbers as the page has them, rounded, and with the rows that it holds."""
    X, y = datasets.moons(90, 0.1, 0)
    net = NetFactory([2, 7, 5, 1], hidden_activation="tanh", seed=4).new()
    net.weight(1, (0, 2)).frozen = True
    net.layers[2].neurons[1].has_bias = False
    given = {"epochs": 5, "batch_size": 8, "learning_rate": 0.1, "optimizer": optimizer, "seed": 11}
    history = net.fit(X, y, snapshots=6, progress=False, **given)
    page = history.write_html(tmp_path / "a.html", keep=40, bits=8)
    known, payload = parts_of(page.read_text(encoding="utf-8"))
    recipe = recipe_of(history, (X, y), rows=np.arange(40), begins=False)
    steps = known["facts"]["training"]["steps"]
    assert known["facts"]["recipe"]["start"] is None
    assert not known["facts"]["precision"]["exact"]
    text, frame = f"{steps[3]}_rate_0.05~{steps[3] + 4}_add_1~{steps[3] + 9}_point_1_1_0", 3
    (tmp_path / "page.json").write_text(json.dumps({**known, "payload": payload, "frame": frame}))
    run = f"""
      const page = JSON.parse(Deno.readTextFileSync("page.json")), {{ facts, frame }} = page;
      const {{ inflate, readArrays }} = modules["payload.js"];
      const arrays = readArrays(page.contents, await inflate(page.payload, "deflate"));
      const count = arrays.source.length, inputs = facts.layers[0].neurons.length;
      const weights = new Float64Array(count);
      const neurons = facts.layers.slice(1).reduce((sum, {{ neurons }}) => sum + neurons.length, 0);
      const biases = new Float64Array(neurons);
      let at = 0;
      for (const {{ id }} of facts.layers.slice(1)) {{
        arrays[`weights ${{id}}`].copy(frame, weights, at);
        at += arrays[`weights ${{id}}`].count;
      }}
      arrays.biases.copy(frame, biases, 0);
      const bit = (name, length) => Uint8Array.from({{ length }}, (_, k) => {{
        const wide = Math.ceil(length / 8);
        return name in arrays ? (arrays[name][frame * wide + (k >> 3)] >> (k & 7)) & 1 : 0;
      }});
      const lacking = bit("without bias", neurons), frozen = bit("frozen biases", neurons);
      Object.assign(arrays, {{
        weights, biases, "fixed weights": bit("frozen", count),
        "has bias": lacking.map((each) => 1 - each),
        "fixed biases": frozen.map((each, k) => each | lacking[k]),
      }});
      const start = {{ step: facts.training.steps[frame], loss_sum: 0, correct: 0 }};
      const given = {{ facts: {{ ...facts.recipe, start }}, arrays, formulas }};
      const replay = new (modules["engine/replay.js"].Replay)(given);
      const edits = modules["engine/experiment.js"].parse("{text}");
      if (!replay.toward(edits, start.step + 30)) throw new Error(replay.problem);
      const {{ numbers }} = replay.training;
      const {{ losses }} = replay.curve(edits, start.step, replay.step);
      const found = [losses, numbers.weights, numbers.biases.subarray(inputs)];
      console.log(JSON.stringify(found.map((each) => [...each])));
      """
    losses, weights, biases = json.loads(printed(recipe, run, tmp_path))
    state = replayed(page, f"#from={steps[3]}&e={text}&step={steps[3] + 30}")
    assert bits(losses) == bits(state.loss)
    assert bits(weights) == bits([weight.value for weight in state.net.weights()])
    assert bits(biases) == bits([each.bias for layer in list(state.net)[1:] for each in layer])
    assert not state.net.layers[2].neurons[1].has_bias
    assert state.net.weight(1, (0, 2)).frozen
    with pytest.raises(InvalidValueError, match="an address that goes on from a snapshot"):
        replay(page, "3_add_1")
    with pytest.raises(FormatError, match="no snapshot of step 1, only of"):
        replay(page, "from=1&e=3_add_1")
    with pytest.raises(InvalidValueError, match="give the page"):
        replay(history, "#from=3&e=3_add_1")
    with pytest.raises(InvalidValueError, match="leave from= out"):
        replay(history.write_html(tmp_path / "b.html"), "#from=3&e=3_add_1")


# pages of others


WEIRD = (None, -1, 0, 3, 10**12, 0.5, -1e300, "x", "__proto__", True, [], {}, [[1, 2]], {"name": "relu"})


@pytest.mark.parametrize("kind", mostly_long(["given", "drawn"]))
def test_a_page_that_says_something_else_is_replayed_or_refused(kind: str, tmp_path: Path) -> None:
    """Whatever its facts are: no other error, and no memory beyond what it holds."""
    net = NetFactory([2, 3, 2, 1], "tanh", seed=3).new()
    if kind == "given":
        net.weight(2, (0, 1)).remove()
        net.weight(1, (1, 2)).frozen = True
        net.layers[1].neurons[1].has_bias = False
        Weight(((0, 1), (3, 0)), net.layers[3].neurons[0], net.layers[0].neurons[1], 0.25)
    X, y = datasets.moons(12, 0.1, 0)
    given = {"epochs": 2, "batch_size": 5, "optimizer": "adam", "learning_rate": 0.05}
    history = net.fit(X, y, snapshots=3, progress=False, **given)
    text = history.write_html(tmp_path / "a.html").read_text(encoding="utf-8")
    wanted = numbers(replay(tmp_path / "a.html", "2_add_1~2_cut_1.0_2.0", step=4))
    assert wanted == numbers(replay(history, "2_add_1~2_cut_1.0_2.0", step=4))
    known, payload = parts_of(text)
    ways = [("facts", "recipe", *way) for way in leaves(known["facts"]["recipe"])]
    ways += [("facts", "training", *way) for way in leaves(known["facts"]["training"])]
    ways += [("contents", *way) for way in leaves(known["contents"])]
    draw, refused = Random(5), 0
    for way in ways:
        for value in draw.sample(WEIRD, 1):
            facts, _ = parts_of(text)
            inside = facts
            for key in way[:-1]:
                inside = inside[key]
            inside[way[-1]] = value
            (tmp_path / "b.html").write_text(rewritten(text, facts, payload), encoding="utf-8")
            try:
                replay(tmp_path / "b.html", "2_add_1~2_cut_1.0_2.0", step=4)
            except SlownetError:
                refused += 1
    assert refused > len(ways) // 3


def test_a_page_whose_recipe_says_nothing_is_refused(tmp_path: Path) -> None:
    history, _ = moons()
    path = history.write_html(tmp_path / "moons.html")
    page = path.read_text(encoding="utf-8")
    begin = page.index('<script type="application/json" id="facts">') + len(
        '<script type="application/json" id="facts">'
    )
    end = page.index("</script>", begin)
    facts = json.loads(page[begin:end])
    recipe = facts["facts"]["recipe"]
    facts["facts"]["recipe"] = {"digests": recipe["digests"]}
    path.write_text(page[:begin] + as_json(facts) + page[end:], encoding="utf-8")
    with pytest.raises(FormatError, match="it has no 'start'"):
        replay(path, "3_rate_0.05", step=5)
