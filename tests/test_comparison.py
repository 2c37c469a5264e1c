"""Two runs side by side: where they first differ, and by how much."""

from __future__ import annotations

import math
from array import array
from dataclasses import replace

import numpy as np
import pytest

import slownet
from slownet import Callback, History, NetFactory, Weight, compare, plotting
from slownet.datasets import moons

X, Y = moons(60, noise=0.1, seed=3)
STEPS = 40  # 5 epochs of 8 batches


def train(seed: int = 1, sizes: tuple[int, ...] = (2, 6, 4, 1), **options) -> History:
    wanted = {"epochs": 5, "batch_size": 8, "snapshots": range(0, STEPS + 1, 5), "progress": False}
    return NetFactory(list(sizes), seed=seed).new().fit(X, Y, **{**wanted, **options})


class Nudge(Callback):
    """Moves one number by its last bits after one step."""

    def __init__(self, step: int, bits: int = 1) -> None:
        self.step, self.bits = step, bits

    def on_step_end(self, training):
        if training.step == self.step:
            neuron = training.net.layers[1].neurons[2]
            for _ in range(self.bits):
                neuron.bias = math.nextafter(neuron.bias, math.inf)


@pytest.fixture(scope="module")
def parent() -> History:
    return train()


def test_two_trainings_alike_are_the_same(parent) -> None:
    found = compare(parent, train(engine="scalar"))
    assert found.same
    assert found.first_step is found.first_loss is found.first_snapshot is found.furthest_step is None
    assert found.steps == list(range(1, STEPS + 1))
    assert found.loss_a == found.loss_b == parent.loss
    assert [each.step for each in found.snapshots] == list(range(0, STEPS + 1, 5))
    assert not any(each.differs or each.difference for each in found.snapshots)
    assert {each.of for each in found.snapshots} == {2 * 6 + 6 * 4 + 4 + 11}
    assert found.options == {"engine": ("auto", "scalar")}
    assert (found.net, found.data, found.versions, found.relation) == ({}, {}, {}, "unrelated")
    assert "loss: the same at every step" in str(found)
    assert "weights and biases: the same in all 9 snapshots of the same steps" in str(found)
    assert repr(found) == "Comparison(unrelated, 40 steps, the same)"


def test_a_single_last_bit_is_found_where_it_is() -> None:
    a, b = train(callbacks=Nudge(1000)), train(callbacks=Nudge(10))
    first = compare(a, b).first_snapshot
    assert (first.step, first.count, first.where) == (10, 1, "bias of neuron 2 in layer 1")
    assert (first.a, first.b) == (a.at(10).bias(1, 2), b.at(10).bias(1, 2))
    assert first.b == math.nextafter(first.a, math.inf)
    assert 0.0 < first.difference == first.b - first.a < 1e-15
    assert not compare(a, b).same
    assert repr(first.b) in str(compare(a, b))  # with all digits, or one would not see it


def test_the_first_loss_that_differs_may_differ_by_little() -> None:
    a, b = train(callbacks=Nudge(1000)), train(callbacks=Nudge(10, bits=100))
    found = compare(a, b)
    differ = [k for k, (x, y) in enumerate(zip(a.loss, b.loss, strict=True), 1) if x != y]
    assert found.first_step == differ[0] > 10
    one, two = found.first_loss
    assert (one, two) == (a.loss[differ[0] - 1], b.loss[differ[0] - 1])
    assert 0.0 < abs(one - two) < 1e-13
    assert f"first differs at step {differ[0]}\n  {one!r} and {two!r}, by " in str(found)


def test_the_largest_difference_is_that_of_numpy(parent) -> None:
    other = train(learning_rate=0.3)
    for each in compare(parent, other).snapshots[1:]:
        one, two = parent.at(each.step), other.at(each.step)
        apart = [
            np.abs(np.subtract(p, q)) for p, q in ((one.weights, two.weights), (one.biases, two.biases))
        ]
        assert each.difference == max(part.max() for part in apart)
        assert each.difference == abs(each.a - each.b)
        assert each.count == sum(np.count_nonzero(part) for part in apart)
        graph = one.graph
        names = {
            f"weight {weight} into layer {layer.id}": (one.weights[k], two.weights[k])
            for layer in graph.layers.values()
            for neuron in layer.neurons.values()
            for weight, k in neuron.weights.items()
        } | {
            f"bias of neuron {neuron.id} in layer {layer.id}": (one.biases[k], two.biases[k])
            for layer in list(graph.layers.values())[1:]
            for neuron in layer.neurons.values()
            for k in [neuron.place]
        }
        assert names[each.where] == (each.a, each.b)


def test_the_furthest_step(parent) -> None:
    other = train(learning_rate=0.3)
    found = compare(parent, other)
    apart = np.abs(np.subtract(parent.loss, other.loss))
    assert found.furthest_step == int(apart.argmax()) + 1
    assert found.options == {"learning_rate": (0.1, 0.3)}
    assert "  learning_rate: 0.1 and 0.3" in str(found).splitlines()


def test_a_branch(parent) -> None:
    branch = parent.branch(20, (X, Y), learning_rate=0.02)
    found = compare(parent, branch)
    assert (found.relation, found.steps) == ("branch", list(range(21, STEPS + 1)))
    assert found.loss_a == parent.loss[20:]
    assert found.loss_b == branch.loss
    assert found.first_step == 22  # the loss of step 21 is from before its update
    assert [each.step for each in found.snapshots] == [20, 25, 30, 35, 40]
    assert found.first_snapshot.step == 25
    assert "b is a branch of a, from step 20 on; 20 steps in common" in str(found)
    swapped = compare(branch, parent)
    assert (swapped.relation, swapped.first_step) == ("parent", 22)
    assert "a is a branch of b, from step 20 on" in str(swapped)
    assert (swapped.loss_a, swapped.loss_b) == (found.loss_b, found.loss_a)
    other = parent.branch(30, (X, Y))
    siblings = compare(branch, other)
    assert (siblings.relation, siblings.steps[0]) == ("siblings", 31)
    assert "a from step 20, b from step 30 on" in str(siblings)
    assert compare(parent, other).same
    assert compare(parent, parent).relation == "same run"


def test_a_branch_with_a_neuron_less(parent) -> None:
    branch = parent.branch(20, (X, Y), lambda net: net.layers[1].neurons[3].remove())
    found = compare(parent, branch)
    assert (found.only_a, found.only_b) == (["neuron 3 in layer 1"], [])
    first = found.first_snapshot
    assert (first.step, first.count, first.only_a, first.only_b, first.a) == (20, 0, 1, 0, None)
    assert first.of == 51 - 7
    assert found.net["neurons"] == ([2, 6, 4, 1], [2, 5, 4, 1])
    last = found.snapshots[-1]
    assert last.a == number_at(parent.at(STEPS), last.where)
    assert last.b == number_at(branch.at(STEPS), last.where)
    assert "only in a:\n  neuron 3 in layer 1" in str(found)
    assert "the 44 numbers that both have are the same" in str(found)


def test_weights_that_only_one_has(parent) -> None:
    def rewire(net) -> None:
        net.weight(2, (1, 1)).remove()
        weight = Weight(((0, 1), (2, 0)), value=0.25)
        weight.attach_to_outgoing(net.layers[0].neurons[1])
        weight.attach_to_incoming(net.layers[2].neurons[0])

    found = compare(parent.branch(20, (X, Y), rewire), parent)
    assert found.only_a == ["weight ((0, 1), (2, 0)) into layer 2"]
    assert found.only_b == ["weight (1, 1) into layer 2"]
    assert found.first_snapshot.count == 0


def number_at(snapshot, where: str) -> float:
    words = where.replace("(", "").replace(")", "").replace(",", "").split()
    if words[0] == "weight":
        return snapshot.weight(int(words[-1]), (int(words[1]), int(words[2])))
    return snapshot.bias(int(words[-1]), int(words[3]))


def test_nan_is_the_same_as_nan_alone(parent) -> None:
    def with_nan(other: float) -> History:
        run = train(epochs=1, snapshots=2)
        weights = array("d", [math.nan, other, *run.snapshots[0].weights[2:]])
        run.snapshots = [replace(run.snapshots[0], weights=weights)]
        return run

    assert compare(with_nan(1.0), with_nan(1.0)).same
    first = compare(with_nan(1.0), with_nan(1.5)).first_snapshot
    assert (first.count, first.difference, first.a, first.b) == (1, 0.5, 1.0, 1.5)
    first = compare(with_nan(1.0), with_nan(math.nan)).first_snapshot
    assert (first.count, first.difference) == (1, math.inf)


def test_unlike_nets(parent) -> None:
    found = compare(parent, train(sizes=(2, 6, 6, 1), optimizer="adam", l1=0.01))
    assert found.only_b == ["neuron 4 in layer 2", "neuron 5 in layer 2"]
    assert found.options["optimizer"][0] == {"name": "sgd"}
    assert "optimizer: sgd and adam(beta1=0.9, beta2=0.999, epsilon=1e-08)" in str(found)
    assert "neurons: 2, 6, 4, 1 and 2, 6, 6, 1" in str(found)
    assert found.first_step == 1


def test_nothing_in_common(parent) -> None:
    late, early = parent.branch(35, (X, Y)), train(epochs=1, snapshots=None)
    found = compare(late, early)
    assert (found.steps, found.snapshots, found.first_step) == ([], [], None)
    assert found.same
    assert "0 steps in common" in str(found)
    assert "no step of which both have a snapshot" in str(found)
    assert repr(found) == "Comparison(unrelated, nothing in common)"
    found = compare(History(), History())
    assert str(found)
    with pytest.raises(ValueError, match="neither run has made a step"):
        found.figure()


def test_long_lists_are_cut_short(parent) -> None:
    text = str(compare(parent, train(sizes=(2, 40, 4, 1))))
    assert "  and 30 more" in text.splitlines()
    assert len(text.splitlines()) < 30
    assert all(len(line) <= 100 for line in text.splitlines())


def test_it_is_ready_for_pandas(parent) -> None:
    pandas = pytest.importorskip("pandas")
    found = compare(parent, train(seed=2))
    steps = pandas.DataFrame({"step": found.steps, "a": found.loss_a, "b": found.loss_b})
    assert steps.a.tolist() == parent.loss
    table = pandas.DataFrame(found.snapshots)
    assert table.difference.tolist() == [each.difference for each in found.snapshots]


def test_a_notebook_shows_it_without_markup_of_others(parent, tmp_path) -> None:
    other = train(seed=2)
    other.path = tmp_path / "<b>.run"
    assert "&lt;b&gt;.run" in compare(parent, other)._repr_html_()
    assert "<b>.run" in str(compare(parent, other))


def test_what_cannot_be_compared(parent, tmp_path) -> None:
    with pytest.raises(TypeError, match="b must be a History or the path of a run file, not 3"):
        compare(parent, 3)
    with pytest.raises(slownet.MissingFileError, match="none.run"):
        compare(tmp_path / "none.run", parent)


def trace(figure, name):
    return next(each for each in figure.data if each.name == name)


def test_the_figure_of_a_branch(parent) -> None:
    branch = parent.branch(20, (X, Y), learning_rate=0.02)
    found = compare(parent, branch)
    figure = found.figure()
    assert trace(figure, "a").x.tolist() == list(range(1, STEPS + 1))
    assert np.allclose(trace(figure, "b").y, [*parent.loss[:20], *branch.loss], rtol=1e-12)
    apart = figure.data[-1]
    assert list(apart.x) == [20, 25, 30, 35, 40]
    assert np.allclose(10 ** apart.y[1:], [each.difference for each in found.snapshots[1:]])
    assert apart.y[0] == figure.layout.yaxis2.tickvals[-1] < apart.y[1:].min()
    assert figure.layout.yaxis2.ticktext[-1] == "0"
    assert apart.text[0] == "step 20<br>all the same"
    assert found.snapshots[1].where in apart.text[1]
    assert [(line.x0, line.x1) for line in figure.layout.shapes] == [(22, 22), (25, 25)]
    texts = [each.text for each in figure.layout.annotations]
    assert any("Losses first differ at step 22, by" in text for text in texts)
    assert {"step 22", "snapshot 25"} <= set(texts)


def test_the_figure_of_equal_runs_says_so(parent, tmp_path) -> None:
    figure = compare(parent, train()).figure()
    assert not figure.layout.shapes
    texts = " ".join(each.text for each in figure.layout.annotations)
    assert "The same loss at all 40 common steps" in texts
    assert "the same to the last bit<br>in all 9 common snapshots" in texts
    assert set(figure.data[-1].y) == {0.0}
    assert plotting.save(figure, tmp_path / "same.html").stat().st_size > 1e6


def test_the_figure_without_common_snapshots(parent) -> None:
    figure = compare(parent, train(seed=2, snapshots=None)).figure()
    assert "yaxis2" not in figure.layout
    assert len(figure.layout.shapes) == 1
    assert figure.layout.yaxis.domain == (0.0, 1.0)
    figure = compare(train(epochs=60, snapshots=None), parent).figure()
    assert "mean of 10 batches" in figure.layout.yaxis.title.text


def test_names_of_files_are_text_in_the_figure(parent, tmp_path) -> None:
    other = train(seed=2)
    other.path = tmp_path / "<i>.run"
    assert trace(compare(parent, other).figure(), "b: &lt;i&gt;.run")
    with pytest.raises(TypeError, match="what slownet.compare returned, not History"):
        plotting.comparison(parent)
