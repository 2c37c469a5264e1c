from __future__ import annotations

import csv
import re
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from commands import run
from nbclient import NotebookClient

from slownet import load

EXAMPLES = Path(__file__).parent.parent / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))


def printed_by(name: str, cwd: Path, *arguments: str) -> str:
    """Run a script as a user would, but with every warning an error; return what it prints."""
    done = run(sys.executable, "-W", "error", EXAMPLES / name, *arguments, cwd=cwd)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def numbers(pattern: str, text: str) -> list[float]:
    """Return the numbers in the groups of the one line that matches."""
    found = re.findall(f"^{pattern}$", text, re.MULTILINE)
    assert len(found) == 1, (pattern, text)
    return [float(number) for number in (found[0] if isinstance(found[0], tuple) else found)]


def pages(cwd: Path) -> list[str]:
    """Check that every file is a page that shows a figure without a network; return their names."""
    for path in cwd.iterdir():
        text = path.read_text(encoding="utf-8")
        assert text.startswith("<!DOCTYPE html>")
        assert 'id="payload"' in text or "Plotly.newPlot" in text
        assert not re.search(r"<(script|link)[^>]* (src|href)=\"https?:", text)
    return sorted(path.name for path in cwd.iterdir())


def test_every_script_is_tested():
    here = "".join(each.read_text(encoding="utf-8") for each in Path(__file__).parent.glob("test_*.py"))
    for path in [*EXAMPLES.glob("*.py"), *EXAMPLES.glob("*.ipynb")]:
        assert f'"{path.name}"' in here


def test_xor(tmp_path):
    printed = printed_by("xor.py", tmp_path)
    assert numbers(r"accuracy: ([0-9.]+)%", printed) == [100.0]
    for a, b, target, says in re.findall(r"(.) xor (.) is (.); the net says (.*)", printed):
        assert int(target) == int(a) ^ int(b)
        assert abs(float(says) - int(target)) < 0.1
    assert "1 xor 1 is 0" in printed
    first, last = numbers(r"loss: ([0-9.]+) at first, ([0-9.]+) at last", printed)
    assert first > 0.5
    assert last < 0.05
    terms = [float(term) for term in re.findall(r"^  .* = +(-?[0-9.]+)$", printed, re.MULTILINE)]
    total, value = numbers(
        r"  sum +=  +(-?[0-9.]+), and sigmoid of that is ([0-9.]+)", printed.replace("=  -", "=   -")
    )
    assert len(terms) == 5
    assert sum(terms) == pytest.approx(total, abs=0.004)
    assert value < 0.1
    assert pages(tmp_path) == ["xor-learning.html"]


def test_moons(tmp_path):
    printed = printed_by("moons.py", tmp_path)
    (before,) = numbers(r"accuracy before training: ([0-9.]+)%", printed)
    (after,) = numbers(r"accuracy after training: ([0-9.]+)%", printed)
    assert before < 90
    assert after >= 97
    assert len(re.findall(r"^epoch \d+: ", printed, re.MULTILINE)) == 4
    assert pages(tmp_path) == ["moons-border.html", "moons-learning.html"]


@pytest.mark.long
def test_mnist(tmp_path):
    printed = printed_by("mnist.py", tmp_path)
    (accuracy,) = numbers(r"test accuracy: ([0-9.]+)% of 2,000 images", printed)
    assert accuracy >= 85
    assert "784-16-10" in printed
    assert "12,730 weights and biases" in printed
    _, digit, says, sureness = numbers(
        r"test image (\d+) is a (\d); the net says (\d), (\d+)% sure", printed
    )
    assert digit != says
    assert 10 <= sureness <= 100
    assert pages(tmp_path) == ["mnist-confusion.html", "mnist-learning.html", "mnist-weights.html"]


@pytest.mark.long
def test_housing(tmp_path):
    printed = printed_by("housing.py", tmp_path)
    assert "404 rows to train on, 102 to test, from crime, tax, pupil_teacher_ratio" in printed
    assert "3-4-1, relu, linear" in printed
    (net,) = numbers(r"error of the net: ([0-9.]+) thousand dollars", printed)
    (mean,) = numbers(r"error of always predicting the mean: ([0-9.]+)", printed)
    (linear,) = numbers(r"error of linear regression \(least squares\): ([0-9.]+)", printed)
    assert mean == pytest.approx(8.85, abs=0.01)
    assert linear == pytest.approx(7.43, abs=0.01)
    assert net < 7.6
    assert pages(tmp_path) == ["housing-learning.html"]


@pytest.mark.long
def test_bikes(tmp_path):
    printed = printed_by("bikes.py", tmp_path)
    assert "510 days, of which 39 have a gap" in printed
    assert "6 columns become 27 inputs, from 'weekday=Friday'" in printed
    (net,) = numbers(r"error on 102 other days: (\d+) rentals on average", printed)
    (mean,) = numbers(r"error of always predicting the mean: (\d+) rentals", printed)
    assert net < 80 < 200 < mean
    days = re.findall(r"^(2025-05-\d\d), \w+, \w+: (\d+) rentals$", printed, re.MULTILINE)
    assert [day for day, _ in days] == [f"2025-05-{number}" for number in range(25, 32)]
    with (tmp_path / "bikes-predicted.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["date"], float(row["rentals expected"])) for row in rows] == [
        (day, float(rentals)) for day, rentals in days
    ]
    again = load(tmp_path / "bikes-net.json").preparation
    assert again.targets[0].name == "rentals"
    (tmp_path / "bikes-net.json").unlink()
    (tmp_path / "bikes-predicted.csv").unlink()
    assert pages(tmp_path) == ["bikes-learning.html"]


@pytest.mark.long
def test_search_on_dask(tmp_path):
    """Twice: the second time nothing is trained again."""
    pytest.importorskip("distributed")
    first = printed_by("search_on_dask.py", tmp_path)
    assert "27 trainings for 2 workers" in first
    found = re.findall(r"^hidden (?:8|16|16-16), rate 0\.[0-9]+: ([0-9.]+)% ±", first, re.MULTILINE)
    assert len(found) == 9
    assert float(found[0]) == max(map(float, found)) > 78
    (best,) = numbers(r"best net: ([0-9.]+)% of 9,000 other images", first)
    (together,) = numbers(r"the best five together: ([0-9.]+)%", first)
    assert 82 < best <= together
    before = (tmp_path / "search.db").read_bytes()
    assert printed_by("search_on_dask.py", tmp_path) == first
    assert (tmp_path / "search.db").read_bytes() == before
    (tmp_path / "search.db").unlink()
    assert pages(tmp_path) == ["search-map.html"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_committed_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)


def execute(name, cwd):
    """Return the outputs of a notebook from a real kernel: {cell id: (printed text, data by type)}."""
    notebook = nbformat.read(EXAMPLES / name, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(cwd)}}).execute()
    assert len(nbformat.writes(notebook).encode()) < 1_000_000
    outputs = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.execution_count is not None
            printed = "".join(o.text for o in cell.outputs if o.output_type == "stream")
            assert all(o.name == "stdout" for o in cell.outputs if o.output_type == "stream")
            data = {}
            for kind, shown in (each for o in cell.outputs for each in o.get("data", {}).items()):
                data[kind] = data.get(kind, "") + shown if isinstance(shown, str) else shown
            outputs[cell.id] = printed, data
    return outputs


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def executed(folder):
    return execute("first_steps.ipynb", folder)


@pytest.fixture(scope="module")
def own_table_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebook")
    for table in EXAMPLES.glob("*.csv"):
        shutil.copy(table, folder)
    return folder


@pytest.fixture(scope="module")
def own_table(own_table_folder):
    return execute("own_table.ipynb", own_table_folder)


@pytest.fixture(scope="module")
def many_seeds(tmp_path_factory):
    return execute("many_seeds.ipynb", tmp_path_factory.mktemp("notebook"))


@pytest.fixture(scope="module")
def watched_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def watched(watched_folder):
    return execute("watch_it_learn.ipynb", watched_folder)


@pytest.mark.long
def test_notebook_shows_objects(executed):
    assert executed["build"][1]["text/plain"] == "Net(2-2-1, tanh, sigmoid, 6 weights)"
    assert "<" in executed["build"][1]["text/html"]
    assert "text/html" in executed["neuron"][1]
    printed = executed["weight"][0]
    assert "neuron 1 of layer 0 -> neuron 0 of layer 1" in printed
    assert re.search(r"^from Neuron\(1, layer 0.*\nto   Neuron\(0, layer 1", printed, re.MULTILINE)


@pytest.mark.long
def test_notebook_checks_the_arithmetic(executed):
    assert "the same to the last digit: True" in executed["forward-by-hand"][0]
    by_hand, by_net = re.findall(r"0\.\d+", executed["output-by-hand"][0])
    assert by_hand == by_net
    assert by_net in executed["forward-pass"][1]["text/plain"]
    nudged, backward = map(float, re.findall(r"-0\.\d+", executed["nudged"][0]))
    assert nudged == pytest.approx(backward, rel=1e-6)
    before, after = numbers(r"the loss went from ([0-9.]+) to ([0-9.]+)", executed["one-step"][0])
    assert 0 < after < before


def test_notebook_trains(executed):
    (moons,) = numbers(
        r"accuracy on the other 100 points: ([0-9.]+)%", executed["train-moons"][0].strip()
    )
    (mnist,) = numbers(r"accuracy on 1,000 test images: ([0-9.]+)%", executed["train-mnist"][0].strip())
    assert moons >= 97
    assert mnist >= 78


def test_notebook_shows_figures(executed, folder):
    for cell in "border", "curves", "weight-images":
        figure = executed[cell][1]["application/vnd.plotly.v1+json"]
        assert figure["data"], cell
        assert figure["layout"].get("width") is None, "it fits the cell"
    assert 'src="digits.html"' in executed["animation"][1]["text/html"]
    assert pages(folder) == ["digits.html"]


def test_notebook_takes_a_net_apart(executed):
    printed = executed["remove"][0].strip()
    assert "12,730 weights and biases before, 12,729 now" in printed
    before, now = numbers(r"accuracy ([0-9.]+)% before, ([0-9.]+)% now", printed)
    assert now != before
    for kind, same in ("frozen", True), ("free", False):
        before, now = numbers(
            rf"{kind}: +(-?[0-9.]+) before, (-?[0-9.]+) now", executed["frozen"][0].strip()
        )
        assert (before == now) == same


@pytest.mark.long
def test_own_table_is_refused_where_it_is_odd(own_table):
    assert "bikes.csv, line 2, column 'date'" in own_table["refused"][0]
    assert "drop='date' leaves the column out" in own_table["refused"][0]
    (unknown,) = re.findall(r"column 'weather': expected one of (.*), which", own_table["unknown"][0])
    assert unknown == "'clear', 'cloudy', 'rain', 'snow'"


@pytest.mark.long
def test_own_table_is_learned_and_predicted_in_its_own_units(own_table, own_table_folder):
    (first,) = numbers(
        r"on 102 other days the net is off by (\d+) rentals.*", own_table["fit"][0].strip()
    )
    mean, off = numbers(r"always predicting (\d+) is off by (\d+)", own_table["mean"][0].strip())
    with_date, without = numbers(r"off by (\d+) .*date (\d+)", own_table["weekday"][0].strip())
    assert with_date < without == first < off / 2
    assert 500 < mean < 650
    printed = own_table["by-hand"][0]
    net, hand = map(float, re.findall(r"(?:as|=) (-?[0-9.]+)$", printed, re.MULTILINE))
    assert net == hand
    hand, net, truth = re.findall(r"(?:=|predict:|were) ([0-9.]+)", own_table["forward"][0])
    assert hand == net
    assert abs(float(net) - float(truth)) < 4 * first
    assert "the same predictions, to the last bit: True" in own_table["saved"][0]
    figure = own_table["points"][1]["application/vnd.plotly.v1+json"]
    assert figure["layout"].get("width") is None, "it fits the cell"
    week = own_table["new"][1]["text/plain"]
    assert re.findall(r"2025-05-\d\d", week) == [f"2025-05-{number}" for number in range(25, 32)]
    assert 'src="bikes.html"' in own_table["page"][1]["text/html"]
    assert (own_table_folder / "bikes.html").stat().st_size > 100_000


@pytest.mark.long
def test_watching_shows_the_net_while_it_learns(watched, watched_folder):
    shown = watched["train"][1]
    assert shown["text/html"].count('<img src="data:image/svg+xml') == 4
    assert "100 snapshots" in shown["text/plain"]
    assert 'src="two-moons.html"' in watched["animate"][1]["text/html"]
    assert pages(watched_folder) == ["two-moons.html"]


@pytest.mark.long
def test_watching_ends_in_one_neuron(watched):
    for cell in "neuron", "weight":
        assert watched[cell][1]["text/html"].count("<details") > 10
    for cell in "text", "check":
        assert "the same to the last digit: True" in watched[cell][0]
    assert "value_2_3 = tanh(z_2_3) = " in watched["text"][0]
    assert "grad_2_0_3 = delta_2_3 · value_1_0 = " in watched["check"][0]


@pytest.mark.long
def test_a_hundred_seeds_end_in_two_groups(many_seeds):
    assert many_seeds["train"][1]["text/plain"].endswith("Sweep(100 finished)")
    printed = many_seeds["how-many"][0].strip()
    worst, best = numbers(r"right about ([0-9.]+)% .* worst, ([0-9.]+)% at best", printed)
    good, of, bad = numbers(r"(\d+) nets of (\d+) separate the moons, (\d+) do not", printed)
    assert worst < 88
    assert best > 95
    assert good > 30 < bad
    assert of == 100
    figure = many_seeds["curves"][1]["application/vnd.plotly.v1+json"]
    assert len(figure["data"]) == 101
    assert "the same weights, to the last bit: True" in many_seeds["again"][0]


@pytest.mark.long
def test_seeds_are_summarised_drawn_and_put_together(many_seeds):
    cells = many_seeds["wider"][1]["application/vnd.plotly.v1+json"]["data"][0]
    assert cells["x"] == ["4", "8", "16"]
    assert "<table" in many_seeds["summary"][1]["text/html"]
    alone, together = map(float, re.findall(r": ([0-9.]+)%", many_seeds["ensemble"][0]))
    assert alone < together > 94


@pytest.fixture(scope="module")
def rewound(tmp_path_factory):
    return execute("rewind_and_branch.ipynb", tmp_path_factory.mktemp("notebook"))


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    pytest.importorskip("sklearn")
    return execute("search.ipynb", tmp_path_factory.mktemp("notebook"))


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return execute("mnist.ipynb", tmp_path_factory.mktemp("notebook"))


@pytest.fixture(scope="module")
def derived(tmp_path_factory):
    name = "where_does_this_number_come_from.ipynb"
    return execute(name, tmp_path_factory.mktemp("notebook"))


def test_what_the_notebook_derives(derived):
    printed = {name: text for name, (text, _) in derived.items()}
    assert "<details" in derived["gradient"][1]["text/html"]
    assert "grad_1_0_2 = delta_1_2 · value_0_0 = " in printed["text"]
    assert "exp of " in printed["exp"]
    assert "the same bits: True" in printed["program"]
    assert "the weight is this number: True" in printed["fit"]
    assert printed["shares"].count("delta_1_2_s") == 4
    assert "the loss that was recorded: True" in printed["step"]
    assert "all operations done again, the same bits: True" in printed["operations"]
    assert "is 0" in printed["why"]
    assert "gradients agree with the differences of the loss" in derived["differences"][1]["text/plain"]


def percents(text):
    return [float(number) for number in re.findall(r"([0-9.]+)%", text)]


@pytest.mark.long
def test_what_the_notebook_rewinds_and_branches(rewound):
    printed = {name: text for name, (text, _) in rewound.items()}
    assert "the same to the last bit: True" in printed["one-step"]
    assert re.search(r"before (\S+), after (\S+), by hand \2\n", printed["one-step"])
    assert printed["bits"] == "67 weights and biases, the same to the last bit: True\n"
    assert printed["unchanged"] == "the same losses, to the last bit: True\n"
    assert "rewound from the file, the same: True\n2,400 steps in all" in printed["later"]
    (at_the_end,), (early,) = percents(printed["train"]), percents(printed["rewind"])
    assert early < 90 < 97 < at_the_end
    as_it_was, slower = percents(printed["branch"])
    assert as_it_was == at_the_end
    assert min(slower, *percents(printed["edit"]), *percents(printed["later"])) > 97
    assert "Net(2-5-6-1, " in printed["edit"]
    for name in ("curves", "rewind", "together"):
        assert rewound[name][1]["application/vnd.plotly.v1+json"]["data"]


@pytest.mark.long
def test_what_the_notebook_searches(searched):
    printed = {name: text for name, (text, _) in searched.items()}
    assert printed["data"] == "118 wines to train on, 60 to test, 13 columns\n"
    assert percents(printed["fit"])[0] > 90
    assert "12 combinations, five times each; the best: {'hidden_layer_sizes': (" in printed["search"]
    validated, tested = percents(printed["search"])
    assert min(validated, tested) > 90
    assert percents(printed["chance"])[0] == validated
    assert validated == max(percents(searched["table"][1]["text/plain"]))
    shares = percents(printed["inside"])
    assert sum(shares) == pytest.approx(100, abs=0.2)
    assert "made of" in searched["neuron"][1]["text/plain"]
    assert "90 trainings; the best net is Net(13-" in printed["many"]
    assert searched["heat-map"][1]["application/vnd.plotly.v1+json"]["data"]


@pytest.mark.long
def test_what_the_notebook_finds_in_digits(digits):
    printed = {name: text for name, (text, _) in digits.items()}
    assert printed["data"] == "60,000 images to train on, 10,000 to test, 784 pixels each\n"
    tested = percents(printed["train"])[1::2]
    assert len(tested) == 3
    assert tested[0] < tested[-1] > 94
    (wrong,) = numbers(r"(\d+) of 10,000 test images are wrong", printed["worst"])
    assert (10_000 - wrong) / 100 == pytest.approx(tested[-1], abs=0.05)
    times, digit, taken = numbers(
        r"most often, (\d+) times, a (\d) is taken for a (\d)", printed["worst"]
    )
    assert digit != taken
    assert 1 < times < wrong
    _, right, _ = numbers(r"test image (\d+) is a \d: z (\S+), (\S+)%", printed["mistake"])
    mistaken, _ = numbers(r"and taken for a \d: z (\S+), (\S+)%", printed["mistake"])
    (total,) = numbers(r"all 16 and the biases: (\S+)", printed["why"])
    assert total == pytest.approx(mistaken - right, abs=0.002)
    assert printed["why"].splitlines()[-1].endswith(printed["why"].splitlines()[-2].split()[-1])
    assert total > 0
    for name in ("digits", "curves", "weights", "confusion", "mistake"):
        assert digits[name][1]["application/vnd.plotly.v1+json"]["data"]
    assert printed["page"].startswith("digits.html: ")
