"""The modules of the page one by one, in the browser."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from slow import mostly_long
from watching import PATIENCE

from slownet.datasets import load_mnist
from slownet.page.encoding import Grid, Writer, read
from slownet.plotting.style import ACTIVATION, DIVERGING

ASSETS = Path(__file__).parents[2] / "slownet" / "page" / "assets"
PLACE = "http://assets.test"  # nowhere: modules of file:// pages may not import each other
PAGE = '<!DOCTYPE html><meta charset="utf-8"><title>modules</title><link rel="icon" href="data:,">'


class Modules:
    """An empty page that imports the modules as they are on disk."""

    def __init__(self, page) -> None:
        self.page, self.problems = page, []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: self.problems.append(message.text))
        page.route("**/*", self._answer)
        page.goto(f"{PLACE}/")

    def _answer(self, route) -> None:
        name = route.request.url.removeprefix(f"{PLACE}/")
        if name.startswith("translation/"):
            name = f"../../{name}"
        if not name:
            route.fulfill(body=PAGE, content_type="text/html")
        elif (ASSETS / name).is_file():
            kind = "application/json" if name.endswith(".json") else "text/javascript"
            route.fulfill(path=ASSETS / name, content_type=kind)
        else:
            self.problems.append(f"there is no {route.request.url}")
            route.abort()

    def __call__(self, name: str, code: str, *given):
        """Return the result of a JavaScript function for a module: `(module, ...given) => ...`."""
        ask = f"async ([name, given]) => ({code})(await import('/' + name), ...given)"
        return self.page.evaluate(ask, [name, given])


@pytest.fixture
def modules(browser):
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    modules = Modules(page)
    yield modules
    page.close()
    assert not modules.problems


# elements.js

FOUND = """(module, id, kind) => {
    document.body.innerHTML = '<input id="slider"><p id="step"></p>';
    try { return module.control(id, ...kind ? [window[kind]] : []).id; }
    catch (error) { return error.message; }
}"""


def test_an_element_is_found_by_its_class(modules):
    assert modules("elements.js", FOUND, "slider", "HTMLInputElement") == "slider"
    assert modules("elements.js", FOUND, "step", None) == "step"
    for name, kind, has in (
        ("play", "HTMLElement", "Null"),
        ("step", "HTMLInputElement", "HTMLParagraphElement"),
    ):
        wanted = f'the page needs a {kind} with the id "{name}", and has [object {has}]'
        assert modules("elements.js", FOUND, name, kind) == wanted


# payload.js

ARRAYS = """async (module, contents, text) => {
    const arrays = module.readArrays(contents, await module.inflate(text, "deflate"));
    const plain = each => each.at === undefined || ArrayBuffer.isView(each);
    return Object.fromEntries(Object.entries(arrays).map(([name, each]) => {
        if (plain(each)) return [name, Array.from(each, String)];
        const frames = (each.numbers ?? each.intervals).length / each.count;
        const found = [];
        for (let frame = 0; frame < frames; frame += 1) {
            const copied = new Float64Array(each.count + 2);
            each.copy(frame, copied, 1);
            for (let k = 0; k < each.count; k += 1) {
                const number = each.at(frame, k);
                if (!Object.is(copied[k + 1], number)) throw new Error(`${name} ${frame} ${k}`);
                found.push(String(number));
            }
        }
        return [name, found];
    }));
}"""


def test_arrays_are_what_python_wrote(modules):
    rng = np.random.default_rng(0)
    writer = Writer()
    moving = np.cumsum(rng.normal(size=(7, 33)), axis=0)
    writer.rounded("coarse", moving, Grid(2))
    writer.rounded("rounded", moving * 50, Grid(6, 3))
    writer.rounded("still", np.zeros((3, 4)), Grid(4))
    special = [0.0, -0.0, 5e-324, -1e308, math.pi, -1 / 3]
    writer.exact("exact", np.array([special, special[::-1], np.array(special) * 0.5]))
    writer.plain("bytes", rng.integers(0, 256, 13), "uint8")
    writer.plain("whole", rng.integers(-(2**31), 2**31, (3, 5)), "int32")
    writer.plain("floats", rng.normal(size=9), "float64")
    wanted = read(writer.contents, writer.text)
    found = modules("payload.js", ARRAYS, writer.contents, writer.text)
    assert list(found) == list(wanted)
    for name, numbers in wanted.items():
        assert list(map(float, found[name])) == numbers.ravel().tolist(), name
    off = np.abs(np.array(list(map(float, found["rounded"]))) - (moving * 50).ravel())
    assert 0 < off.max() <= Grid(6, 3).step / 2 * 1.0001


def test_bytes_that_are_cut_off_are_refused(modules):
    writer = Writer()
    writer.exact("exact", np.ones((2, 400)) * np.pi)
    text = writer.text
    half = text[: len(text) // 8 * 4]
    refused = """async (module, text) => {
        try { await module.inflate(text, "deflate"); } catch (error) { return error.name; }
    }"""
    assert modules("payload.js", refused, half) == "TypeError"


# numbers.js


def test_fixed_has_so_many_digits(modules):
    numbers = [float(x) for x in np.random.default_rng(1).normal(size=40) * 10.0 ** np.arange(-20, 20)]
    fixed = "(module, numbers, digits) => numbers.map(number => module.fixed(number, digits))"
    for digits in (0, 1, 3, 6):
        wanted = [f"{number:.{digits}f}" for number in numbers]
        wanted = [text[1:] if float(text) == 0.0 and text[0] == "-" else text for text in wanted]
        assert modules("numbers.js", fixed, numbers, digits) == [t.replace("-", "−") for t in wanted]
    special = "module => [NaN, Infinity, -Infinity, -0].map(number => module.fixed(number, 2))"
    assert modules("numbers.js", special) == ["NaN", "Infinity", "−Infinity", "0.00"]


def test_short_has_digits_that_count(modules):
    short = "(module, numbers) => numbers.map(number => module.short(number))"
    given = [0, 1, -2.5, 0.012345, 123456, 1e-4, 2.345e-7, -1.5e12, 0.1 + 0.2, 5e-324]
    wanted = [
        *("0", "1.00", "−2.50", "0.0123", "123456", "0.000100", "2.35·10⁻⁷", "−1.50·10¹²"),
        *("0.300", "4.94·10⁻³²⁴"),
    ]
    found = modules("numbers.js", short, given)
    assert found[:6] + found[7:] == wanted[:6] + wanted[7:]
    assert found[6] in ("2.35·10⁻⁷", "2.34·10⁻⁷")  # a tie that no binary number is
    for number in np.random.default_rng(2).normal(size=50) * 10.0 ** np.arange(-25, 25):
        (text,) = modules("numbers.js", short, [float(number)])
        head, _, power = text.replace("−", "-").partition("·10")
        digits = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
        assert float(f"{head}e{power.translate(digits) or 0}") == pytest.approx(number, rel=0.006)


def test_sized_takes_a_power_where_there_are_too_many_digits(modules):
    sized = "(module, numbers) => numbers.map(number => module.sized(number, 2))"
    wanted = ["1.00", "−12345678.90", "2.1178·10¹⁰", "−1.0000·10⁹"]
    assert modules("numbers.js", sized, [1, -12345678.9, 21178387551, -1e9]) == wanted


def test_other_numbers_as_text(modules):
    several = "(module, ask, given) => given.map(each => module[ask](...each))"
    assert modules("numbers.js", several, "percent", [[0.974, 1], [1], [0]]) == [
        "97.4 %",
        "100 %",
        "0 %",
    ]
    counts = [[1], [999], [1000], [1234567]]
    assert modules("numbers.js", several, "counted", counts) == [
        "1",
        "999",
        "1\u202f000",
        "1\u202f234\u202f567",
    ]
    for off in (1e-9, 1e-5, 4.9e-5, 0.00032, 0.004, 0.2, 3.0):
        (digits,) = modules("numbers.js", several, "digitsFor", [[off]])
        assert 0 <= digits <= 6
        assert off <= 0.5 * 10.0**-digits or digits == 0
        assert digits == 6 or off > 0.5 * 10.0 ** -(digits + 1)
    assert modules("numbers.js", several, "digitsFor", [[0]]) == [6]


def test_numbers_of_a_table_as_text(modules):
    several = "(module, ask, given) => given.map(each => module[ask](...each))"
    given = [[29], [-2011], [94.8], [1 / 3], [0], [123456789012], [1e21], [0.1 + 0.2], [1234567.891, 9]]
    assert modules("numbers.js", several, "tabled", given) == [
        *("29", "−2011", "94.8", "0.333333", "0", "123456789012", "1e21", "0.3", "1234567.89"),
    ]
    fitting = """(module, given) => given.map(([number, letters]) =>
        module.fitting(number, letters, text => text.length))"""
    given = [
        [346123, 6],
        [346123, 5],
        [346123, 4],
        [-12.3456, 5],
        [-12.3456, 3],
        [7.6e11, 4],
        [0.000123, 4],
    ]
    assert modules("numbers.js", fitting, given) == [
        *("346123", "346k", "346k", "−12.3", "−12", "760G", "1e−4"),
    ]


def test_numbers_that_are_off_have_right_digits_only(modules):
    within = "(module, given) => given.map(each => module.within(...each))"
    given = [[347.16, 0], [347.16, 0.04], [347.16, 3], [250123.4, 0], [250123.4, 40], [0.012345, 0]]
    given += [[0.012345, 0.002], [0, 1], [-3e12, 1e9], [12.5, 400], [5e-7, 0], [5e-7, 0.1]]
    assert modules("numbers.js", within, given) == [
        *("347.2", "347.2", "350", "250123", "250100", "0.01235", "0.01", "0"),
        *("−3.00·10¹²", "0", "5.000·10⁻⁷", "5·10⁻⁷"),
    ]
    for number, off in np.random.default_rng(3).uniform(-1e4, 1e4, (60, 2)):
        (text,) = modules("numbers.js", within, [[float(number), abs(off) / 100]])
        shown = float(text.replace("−", "-"))
        worth = 10.0 ** -len(text.partition(".")[2]) if "." in text else 1.0
        assert abs(shown - number) <= max(worth, 10 * abs(off) / 50)


# training.js

HELD = "20 % of the samples were held out of training, to validate with."


TOLD = [
    (
        {"alpha": 1.0, "class_weight": "balanced", "clip_norm": 1.0, "validation_split": 0.2},
        ["(alpha).", "the same).", "(clipping by norm).", HELD],
    ),
    ({}, []),
    ({"weighted": False, "regularizers": [], "l2": 0.0, "epoch_rates": []}, []),
    ({"weighted": True}, ["of w, and its gradients likewise (each sample has its own)."]),
    (
        {"weighted": True, "class_weight": "balanced"},
        ["(each sample has its own; those of all classes together are the same)."],
    ),
    (
        {"class_weight": [["no", 2.5], ["yes", 1.0]]},
        ["(of classes: “no” 2.5, “yes” 1, others 1)."],
    ),
    ({"class_weight": [[k, 2.0] for k in range(13)]}, ["(those of 13 classes were given)."]),
    ({"clip_norm": 0.5}, ["batch’s gradient was above 0.5, all its numbers were made smaller"]),
    (
        {"clip_value": 0.25},
        ["Each gradient of a batch was kept from −0.25 to 0.25 (clipping by"],
    ),
    ({"validation_split": 0.2}, [HELD]),
    ({"validation_split": 0.29}, [HELD.replace("20 %", "29 %")]),
    ({"validation_split": 0.125}, [HELD.replace("20 %", "12.5 %")]),
    (
        {"l1": 0.5, "l2": 0.25, "regularizers": [[{"name": "mine", "own": True}, 2.0]]},
        ["do not include: 0.5 × |w| (l1), 0.25 × w² / 2 (l2), 2 × mine."],
    ),
    ({"alpha": 0.01}, ["has one more term, 0.01 / 2 × the sum of all w² (alpha)."]),
    (
        {"dropout": 0.5, "dropconnect": 0.07},
        ["50 % of the hidden neurons (dropout) and 7 % of the weights (dropconnect) were dropped"],
    ),
    (
        {"epoch_rates": [[1, 0.5], [2, 0.5], [3, 0.25]], "schedule": {"name": "constant"}},
        ["Callbacks set the learning rate: 0.5 from epoch 1 on, 0.25 from epoch 3 on."],
    ),
    (
        {"epoch_rates": [[k, 1 / k] for k in range(1, 9)], "schedule": {"name": "cosine"}},
        ["before the schedule: 1 from epoch 1 on, 0.5 from epoch 2 on, …, 0.125 from epoch 8 on."],
    ),
]


@pytest.mark.parametrize(("config", "wanted"), mostly_long(TOLD, 3, several=True))
def test_the_foot_tells_how_steps_came_about(config, wanted, modules):
    found = modules("training.js", "(module, config) => module.howSteps(config)", config)
    assert len(found) == len(wanted), found
    for sentence, part in zip(found, wanted, strict=True):
        assert part in sentence


# colours.js


def test_colours_lie_between_their_neighbours(modules):
    table = "(module, scale) => [...module.table(scale)]"
    for scale in (DIVERGING, ACTIVATION):
        pixels = modules("colours.js", table, json.loads(json.dumps(scale)))
        assert len(pixels) == 256
        for place in (0, 255):
            colour = dict(map(tuple, scale))[place / 255]
            red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
            assert pixels[place] == (255 << 24) | (blue << 16) | (green << 8) | red
    levels = modules(
        "colours.js", "module => [-2, -1, -0.5, -1e-9, 0, 1e-9, 0.5, 1, 2].map(module.level)"
    )
    assert levels == sorted(levels)
    assert (levels[0], levels[4], levels[-1]) == (0, 128, 255)
    assert levels[1] == 0
    assert abs((levels[2] + levels[6]) - 255) <= 1
    assert levels[6] > 128 + 0.5 * 127  # small ones are lifted


def test_what_is_written_on_a_colour_can_be_read(modules):
    contrast = []
    for grey in range(0, 256, 5):
        ink = modules("colours.js", "(module, grey) => module.readable([grey, grey, grey])", grey)
        dark, light = sorted([luminance(int(ink[1:3], 16)), luminance(grey)])
        contrast.append((light + 0.05) / (dark + 0.05))
    assert min(contrast) >= 4.5


def luminance(grey):
    share = grey / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


# views/pad.js

NORMALISED = "(module, ink, side) => [...module.normalised(ink, side)]"
SIDE, SIZE = 28, 336


def normalised(ink, side=SIDE):
    """MNIST's making, as its authors describe it, from sums of the ink left of and above each place."""
    rows, columns = (np.flatnonzero((ink > 0.02).any(axis=axis)) for axis in (1, 0))
    longest = max(np.ptp(rows), np.ptp(columns)) + 1
    dots = longest / 20
    inside = np.ix_(range(rows[0], rows[-1] + 1), range(columns[0], columns[-1] + 1))
    mass = ink[inside].sum()
    down = (ink[inside].sum(axis=1) * (np.arange(rows[0], rows[-1] + 1) + 0.5)).sum() / mass
    across = (ink[inside].sum(axis=0) * (np.arange(columns[0], columns[-1] + 1) + 0.5)).sum() / mass
    sums = np.zeros((len(ink) + 1, len(ink) + 1))
    sums[1:, 1:] = ink.cumsum(axis=0).cumsum(axis=1)
    edges = np.arange(side + 1) - (side / 2 + 0.5)  # the middle of pixel 14 is where MNIST's mass is
    at_rows, at_columns = (np.clip(middle + edges * dots, 0, len(ink)) for middle in (down, across))
    places = np.arange(len(ink) + 1)
    half = np.stack([np.interp(at_rows, places, column) for column in sums.T], axis=1)
    both = np.stack([np.interp(at_columns, places, row) for row in half])
    found = np.diff(np.diff(both, axis=0), axis=1)
    return np.rint(255 * found / found.max()) / 255


def centre(image):
    places = np.arange(len(image))
    mass = image.sum()
    return (image.sum(axis=1) @ places) / mass, (image.sum(axis=0) @ places) / mass


@pytest.fixture(scope="module")
def digits():
    X, y = load_mnist("train", 200)
    return [np.array(X[list(y).index(digit)]).reshape(SIDE, SIDE) for digit in range(10)]


@pytest.mark.long
def test_a_drawing_becomes_what_mnist_would_have_made_of_it(modules, digits):
    rng = np.random.default_rng(0)
    for digit in digits:
        rows, columns = (np.flatnonzero(digit.any(axis=axis)) for axis in (1, 0))
        cut = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        large = np.kron(cut, np.ones((rng.integers(4, 12),) * 2))
        ink = np.zeros((SIZE, SIZE))
        top, left = (rng.integers(0, SIZE - size + 1) for size in large.shape)
        ink[top : top + large.shape[0], left : left + large.shape[1]] = large
        found = np.array(modules("views/pad.js", NORMALISED, ink.ravel().tolist(), SIDE)).reshape(
            SIDE, SIDE
        )
        np.testing.assert_allclose(found, normalised(ink), atol=1.01 / 255)
        assert found.max() == 1.0
        assert centre(found) == pytest.approx((14, 14), abs=0.03)
        # and that is the digit of MNIST itself, but for the part of a pixel that it was off
        assert np.corrcoef(found.ravel(), digit.ravel())[0, 1] > 0.85


def test_digits_of_mnist_have_their_mass_where_drawings_get_it(digits):
    X, _ = load_mnist("train", 500)
    centres = np.array([centre(np.array(each).reshape(SIDE, SIDE)) for each in X])
    assert centres.mean(axis=0) == pytest.approx((14, 14), abs=0.06)


def test_drawings_of_odd_shapes(modules):
    empty = modules("views/pad.js", NORMALISED, [0.0] * 56**2, SIDE)
    assert empty == [0.0] * SIDE**2
    dot = np.zeros((56, 56))
    dot[3, 50] = 1.0
    bar = np.zeros((56, 56))
    bar[10, 5:45] = 1.0
    for ink in (dot, bar):
        found = np.array(modules("views/pad.js", NORMALISED, ink.ravel().tolist(), SIDE)).reshape(
            SIDE, SIDE
        )
        np.testing.assert_allclose(found, normalised(ink), atol=1.01 / 255)
        assert 19 <= np.ptp(np.flatnonzero(found.any(axis=0))) <= 20
    small = np.array(modules("views/pad.js", NORMALISED, dot.ravel().tolist(), 8)).reshape(8, 8)
    assert small.max() == 1.0


# net.js

NET = """async module => {
    const each = numbers => ({
        count: numbers.length, digits: null, at: (_, k) => numbers[k],
        copy: (_, into, start) => into.set(numbers, start),
    });
    const square = {name: "square", value: z => z * z, derivative: z => 2 * z};
    const loss = {
        name: "half", mean: false, value: (a, y) => (a - y) ** 2 / 2, derivative: (a, y) => a - y,
    };
    const facts = {frames: 1, layers: [
        {id: 0, neurons: [0, 1], activation: "", range: [null, null]},
        {id: 1, neurons: [0, 1], activation: "square", range: [0, null]},
        {id: 5, neurons: [4], activation: "square", range: [-1, 3]},
    ]};
    const arrays = {
        start: [2, 1, 3], source: [0, 1, 0, 1, 1, -1],
        "weights 1": each([2, Infinity, 3]), "weights 5": each([0.5, -1, 4]), biases: each([1, 0, 0.25]),
        gone: Uint8Array.of(0b100000),
    };
    const { Graph } = await import("/engine/graph.js");
    const { Recorded } = await import("/frames.js");
    const graph = new Graph([2, 2, 1], [0, 2, 3, 6], [0, 1, 1, 2, 3, 2], [square, square]);
    const net = new module.Net(facts, arrays, graph, loss, net => new Recorded(net, arrays));
    const pass = net.backward(net.forward(0, [1, 0]), [10]);
    return {
        source: [...net.source], target: [...net.target], z: [...pass.z], value: [...pass.value],
        loss: pass.loss, delta: [...pass.delta], gone: [net.isGone(0, 4), net.isGone(0, 5)],
        weights: [...net.weights(0)].filter(Number.isFinite), weight: net.weight(0, 5),
        gradient: net.gradient(pass, 3), digits: net.digits(0),
        derivations: [2, 4].map(neuron => net.derivation(pass, neuron)),
        outputs: [...net.outputs(pass)], bounds: [0, 1, 2].map(l => net.bounds(l)),
    };
}"""


def test_a_small_net_by_hand(modules):
    """Inputs (1, 0): neuron 2 has both as sources, 3 the second, 4 has 2, 3, and once 2 again."""
    found = modules("net.js", NET)
    assert found == {
        "source": [0, 1, 1, 2, 3, 2],
        "target": [2, 2, 3, 4, 4, 4],
        "z": [0, 0, 3, 0, 4.75],  # the infinite weight has an input of 0
        "value": [1, 0, 9, 0, 22.5625],
        "loss": 12.5625**2 / 2,
        "delta": [0, 0, 0.5 * 119.34375 * 6, 0, 12.5625 * 9.5],
        "gone": [False, True],
        "weights": [2, 3, 0.5, -1, 0],
        "weight": 0,
        "gradient": 119.34375 * 9,
        "digits": None,
        "derivations": [
            {
                "delta": 0.5 * 119.34375 * 6,
                "value": 9,
                "target": None,
                "sent": [{"weight": 3, "factors": [0.5, 119.34375], "product": 0.5 * 119.34375}],
                "keep": None,
                "slope": 0.5 * 119.34375,
                "derivative": 6,
                "mixed": [],
                "mean": None,
            },
            {
                "delta": 12.5625 * 9.5,
                "value": 22.5625,
                "target": 10,
                "sent": [],
                "keep": None,
                "slope": 12.5625,
                "derivative": 9.5,
                "mixed": [],
                "mean": None,
            },
        ],
        "outputs": [22.5625],
        "bounds": [None, None, [-1, 3]],
    }
