"""Derivations: what they say, how they are shown, and what they refuse."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bits import bits
from derivation_html import Reader
from latex import check_latex

from slownet import (
    Activation,
    DivergedError,
    EarlyStopping,
    LambdaCallback,
    Net,
    NetFactory,
    Neuron,
    Optimizer,
    Preparation,
    RecordingError,
    Weight,
    datasets,
    functions,
    preprocessing,
)
from slownet.datasets.tables.columns import Column, Target
from slownet.explain import Derivation, open_function

X, Y = datasets.moons(60, 0.1, 0)


def worked() -> Net:
    net = NetFactory([3, 2, 1], "sigmoid", "sigmoid", seed=0).new()
    for weight, value in zip(net.weights(), (0.5, -1.0, 2.0, 0.25, 4.0, 1.0, 2.0, -3.0), strict=True):
        weight.value = value
    net.layers[1].neurons[0].bias = 0.125
    net.forward([1.0, 0.0, -0.5])
    net.backward(1)
    return net


def fitted(**options: Any) -> Net:
    net = NetFactory([2, 4, 1], "tanh", seed=0).new()
    net.fit(X, Y, **{"batch_size": 4, "epochs": 2, **options})
    return net


# text


def test_text_of_a_neuron() -> None:
    neuron = worked().layers[1].neurons[0]
    lines = str(neuron.explain("z")).splitlines()
    assert lines[:3] == [
        "weighted input of neuron 0 of layer 1",
        "the sample 1, 0, -0.5",
        "z_1_0, a sum:",
    ]
    rows = [re.split(r"\s{2,}", line.strip()) for line in lines[3:]]
    assert rows == [
        ["bias_1_0", "0.125"],
        ["+ weight_1_0_0 · value_0_0", "0.5 · 1", "0.5"],
        ["+ weight_1_2_0 · value_0_2", "2 · (-0.5)", "-1"],
        ["= -0.375"],
    ]
    value = str(neuron.explain())
    assert "value_1_0 = sigmoid(z_1_0) = exp(-|z_1_0|) / (1 + exp(-|z_1_0|))" in value
    assert f"= {neuron.value:.6g}, as z_1_0 < 0" in value
    assert "delta_1_0 = slope_1_0 · derivative_1_0" in str(neuron.explain("delta"))


def test_a_dead_relu_is_named_with_its_reason() -> None:
    net = NetFactory([1, 1, 1], seed=0).new()
    net.weight(1, (0, 0)).value = -2.0
    net.forward([1.5])
    net.backward(1)
    assert "value_1_0 = relu(z_1_0) = 0, as z_1_0 <= 0" in str(net[1][0].explain())
    derivative = net[1][0].explain("delta")["derivative_1_0"]
    assert "derivative_1_0 = relu'(z_1_0, value_1_0) = 0, as z_1_0 <= 0" in str(derivative)
    assert derivative.check()


def test_softmax_writes_its_denominator_out() -> None:
    net = NetFactory([2, 3], seed=0).new()
    net.forward([1.0, 2.0])
    value = net.outputs[1].explain()
    assert [part.name for part in value.parts][-1] == "power_sum_1"
    text = str(value["power_sum_1"])
    assert len(re.findall(r"exp\(z_1_\d - z_1_\d\)", text)) == 3
    assert value.check()


def test_long_sums_show_the_largest_terms_and_never_pretend() -> None:
    net = NetFactory([784, 4, 10], seed=0).new()
    net.forward([0.5 + place / 784 for place in range(784)])
    found = net.layers[1].neurons[2].explain("z")
    assert len(found.terms) == 785
    text = str(found)
    assert "its first term and the 8 largest others" in text
    assert "and 776 smaller terms, each added in its place" in text
    sizes = [abs(term.value) for term in found.terms[1:]]
    shown = [float(line.split()[-1]) for line in text.splitlines() if " + " in line]
    assert sorted(map(abs, shown)) == pytest.approx(sorted(sizes)[-8:], rel=1e-5)
    total = 0.0
    for term in found.terms:
        total += term.value
    assert bits([total]) == bits([found.value])


def test_minus_zero_is_printed_as_zero() -> None:
    net = NetFactory([2, 1], seed=1).new()
    net.forward([-1.0, 1.0])
    net.backward(0)
    found = net.outputs[0].explain("delta")
    for text in (str(found), found.latex(), found.markdown()):
        assert not re.search(r"-0(?![.0-9])", text), text


# after fit, on any engine


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
def test_right_after_fit_everything_is_explained(engine: str) -> None:
    net = NetFactory([2, 4, 1], "tanh", seed=0).new()
    history = net.fit(X, Y, batch_size=4, epochs=2, optimizer="adam", schedule="cosine", engine=engine)
    weight, neuron = net.weight(1, (0, 2)), net[1][2]
    update = weight.explain("update")
    assert update.about.startswith("step 30 of the training: the 4 samples ")
    assert bits([update.value]) == bits([weight.value])
    assert bits([weight.explain("value").value]) == bits([weight.value])
    assert bits([weight.explain().value]) == bits([weight.grad])
    for name in ("z", "value", "delta", "bias_grad"):
        assert bits([neuron.explain(name).value]) == bits([getattr(neuron, name)])
    assert bits([net.explain("loss").value]) == bits([history.loss[-1]])
    assert "learning_rate = cosine(first_rate, epoch)" in update.text(3)
    assert len(weight.explain().terms) == 4  # the share of each sample


def test_a_step_of_a_history_is_explained_as_it_was() -> None:
    net = NetFactory([2, 4, 1], "tanh", seed=0).new()
    history = net.fit(X, Y, batch_size=4, epochs=2, snapshots=3, optimizer="adam")
    loss = history.explain(7, "loss", (X, Y))
    assert bits([loss.value]) == bits([history.loss[6]])
    assert loss.about.startswith("step 7 of the training")
    after = history.rewind(7, (X, Y)).weight(1, (0, 2))
    for asked in ("new_weight_1_0_2", lambda net: net.weight(1, (0, 2)).value):
        update = history.explain(7, asked, (X, Y))
        assert bits([update.value]) == bits([after.value])
        assert update.check()
    with pytest.raises(ValueError, match="step must be from 1 to 30, the last one, not 31"):
        history.explain(31, "loss", (X, Y))
    double = LambdaCallback(on_step_end=lambda each: setattr(each.net[1][0], "bias", each.step))
    changed = net.fit(X, Y, batch_size=30, snapshots=2, callbacks=double, progress=False)
    with pytest.raises(RecordingError, match="step 2 does not come out .* did a callback change"):
        changed.explain(2, "loss", (X, Y))


@pytest.mark.parametrize("engine", ["scalar", "compiled"])
@pytest.mark.parametrize("how", ["restored", "stopped early", "on_step_end", "on_epoch_end"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_last_step_of_a_training_that_was_stopped(engine: str, how: str, optimizer: str) -> None:
    """Of early stopping that restores the best weights, it is the step that made them."""
    stopping = EarlyStopping(patience=2, restore_best=how == "restored")
    options: dict[str, Any] = {"early_stopping": stopping, "validation_data": (X[::-1], Y)}
    if how.startswith("on_"):
        options = {"callbacks": [LambdaCallback(**{how: lambda each: each.step >= 7})]}
    net = NetFactory([2, 4, 1], "tanh", seed=0).new()
    options |= {"optimizer": optimizer, "schedule": "cosine", "engine": engine, "progress": False}
    history = net.fit(X, Y, batch_size=7, epochs=40, learning_rate=0.3, **options)
    assert history.ended == "stopped"
    for weight in net.weights():
        update = weight.explain("update")
        assert bits([update.value]) == bits([weight.value])
    step = stopping.restored_step if how == "restored" else history.last_step
    assert update.about.startswith(f"step {step} of the training")
    assert update.check()


def test_what_a_training_that_was_stopped_does_not_know_is_said() -> None:
    stop = LambdaCallback(on_progress=lambda training: training.step >= 5)
    net = NetFactory([2, 2, 1], seed=0).new()
    net.fit(X, Y, batch_size=4, callbacks=stop)
    with pytest.raises(
        ValueError, match=r"ended at step [0-9]+, within.*history\.explain\(step, quantity"
    ):
        net.weight(1, (0, 0)).explain()
    net[1][0].bias += 1.0
    with pytest.raises(ValueError, match=r"have changed since\. Call net\.forward"):
        net[1][0].explain("z")  # and it does not send to net.explain, which would not know it either


def test_a_best_step_whose_net_a_callback_has_changed_since_is_not_explained() -> None:
    change = LambdaCallback(on_step_end=lambda each: setattr(each.net[1], "activation", "relu"))
    stopping = EarlyStopping(1, min_delta=0.5)
    net = NetFactory([2, 3, 1], "tanh", seed=0).new()
    net.fit(X, Y, batch_size=60, epochs=9, early_stopping=stopping, callbacks=change, progress=False)
    assert stopping.restored_step == 1
    with pytest.raises(ValueError, match="step 1 cannot be explained, for a callback has changed"):
        net.explain("loss")
    net.forward(X[0])
    assert bits([net[1][0].explain("z").value]) == bits([net[1][0].z])


def test_a_training_that_is_under_way_or_has_failed_says_so() -> None:
    def ask(training: Any) -> None:
        with pytest.raises(ValueError, match="a training of this net is under way, or was ended by an"):
            training.net.weight(1, (0, 0)).explain()
        found = training.history.explain(1, "loss", (X, Y))  # as the error says
        assert bits([found.value]) == bits([training.history.loss[0]])

    net = NetFactory([2, 2, 1], "linear", "linear", seed=0).new()
    net.fit(X, Y, snapshots=2, callbacks=LambdaCallback(on_step_end=ask), batch_size=60)
    assert net.explain("loss").check()
    with pytest.raises(DivergedError):
        net.fit(X, Y, learning_rate=1e300)
    with pytest.raises(
        ValueError, match="loss cannot be explained: a training of this net is under way"
    ):
        net.explain("loss")
    net = fitted()
    with pytest.raises(ValueError, match="unknown optimizer"):
        net.fit(X, Y, optimizer="adamm")
    assert net.explain("loss").check()  # nothing has changed


def test_by_hand_an_update_is_explained_too() -> None:
    net = worked()
    weight = net.weight(2, (1, 0))
    net.update(0.5)
    found = weight.explain("update")
    assert bits([found.value]) == bits([weight.value])
    assert "new_weight_2_1_0 = weight_2_1_0 - learning_rate · mean_2_1_0" in str(found)
    assert found.check()


def test_samples_and_options_can_be_given() -> None:
    net = fitted()
    before = [weight.value for weight in net.weights()]
    loss = net.explain("loss", X[:3], Y[:3], dropout=0.5)
    assert loss.about == "a batch of the 3 samples that were given"
    assert net.explain("loss", X[:3], Y[:3], dropout=0.5, validation_split=0.5) == loss
    update = net.explain((net.weight(1, (0, 0)), "update"), X[:3], Y[:3], optimizer="adam", l2=0.1)
    assert "0.1 · weight_1_0_0" in update.text(3)
    clipped = net.explain("new_weight_1_0_0", X[:3], Y[:3], clip_norm=1e-3)
    assert clipped["clip"]["norm"].value > 1e-3
    assert net.explain(lambda net: net[1][2].delta, X[0], Y[0]).name == "delta_1_2"
    for ask in (lambda net: next(net.weights()).grad, lambda net: [*net[1].neurons.values()][2].delta):
        assert net.explain(ask, X[0], Y[0]).name in ("grad_1_0_0", "delta_1_2")
    scaled = net.explain("value_0_1_s2", X[:3], Y[:3], prepare="standardise")
    assert scaled.given.startswith("given: (x2 - ")
    assert net.preparation is None
    assert net.explain("z_1_2", X[0]).about.startswith("the sample ")
    for found in (loss, update, clipped):
        assert found.check()
    assert [weight.value for weight in net.weights()] == before
    net.fit(X, Y, optimizer="adam", warm_start=True, progress=False)
    net.weight(1, (0, 1)).remove()  # the optimizer remembers it
    warm = net.explain("new_weight_1_0_0", X[:3], Y[:3], optimizer="adam", warm_start=True)
    assert warm["first_1_0_0"].value != 0.0


@pytest.mark.parametrize(
    "options",
    [
        {
            "optimizer": "adam",
            "clip_norm": 0.1,
            "dropout": 0.5,
            "dropconnect": 0.2,
            "schedule": "cosine",
        },
        {"clip_value": 0.01, "sample_weight": [0.5, 2.0, 1.0], "step": 3, "alpha": 0.1},
    ],
)
def test_every_name_that_is_printed_can_be_asked(options: dict[str, Any]) -> None:
    net = NetFactory([2, 3, 3], "tanh", "softmax", seed=0).new()
    data = X[:3], [0, 2, 1]
    for asked in ("new_weight_1_0_2", "new_bias_1_2", "loss", "delta_1_1"):
        for part in net.explain(asked, *data, **options).walk():
            if not part.name.startswith("part_"):
                again = net.explain(part.name, *data, **options)
                assert (again.name, again.of, again.given) == (part.name, part.of, part.given)
                assert bits([again.value]) == bits([part.value]), part.name


def test_weights_of_samples_that_are_all_0_or_1_are_given_as_their_sum() -> None:
    net = fitted()
    for weights, total in (([1.0, 1.0], 2.0), ([1.0, 0.0], 1.0)):
        loss = net.explain("loss", X[:2], Y[:2], sample_weight=weights)
        found = loss["weight_sum"]
        assert (found.value, found.parts, found.check(), loss.check()) == (total, [], True, True)
        assert found.given == "given: the weights of the samples, each 0 or 1, added up"


# walking


def test_a_derivation_is_a_graph() -> None:
    found = fitted().weight(1, (0, 2)).explain()
    names = [each.name for each in found.walk()]
    assert len(names) == len(set(names))
    assert names[-1] == found.name
    part = found["value_2_0_" + found.parts[0].name.split("_")[-1]]
    assert part.name in names
    with pytest.raises(KeyError, match="no 'nothing' here: grad_1_0_2 is made of delta_1_2_s"):
        found["nothing"]
    given = found["weight_2_2_0"]
    assert given.given == "given: its value before the step"
    assert given.check()
    assert not given.parts


def test_what_a_net_becomes_later_is_not_told_of_what_was_derived() -> None:
    net = worked()
    loss, told = net.explain("loss"), worked().explain("loss")
    net.loss = "squared_error"
    net[0][1].remove()
    assert (str(loss), loss.html()) == (str(told), told.html())
    assert [part.given for part in loss.walk()] == [part.given for part in told.walk()]


@pytest.mark.parametrize("name", ["exp", "expm1", "tanh", "log", "log1p", "sin", "cos"])
def test_elementary_functions_can_be_opened(name: str) -> None:
    for x in (-0.3, 0.2, 0.9, 700.5, 1e-9):
        opened = open_function(name, getattr(functions, name), [x])
        assert bits([opened.value]) == bits([getattr(functions, name)(x)])
        assert opened.check(), (name, x)
    assert open_function(name, getattr(functions, name), [0.2]).parts
    value = worked()[1][0].explain()
    assert value["exp"].check()
    assert value.functions[0] == value["exp"]


# formulas of a user's own


def numpy_tanh(z: float) -> float:
    return np.tanh(z)


def half_numpy(z: float) -> float:
    return z * float(np.exp(-z * z))


def conditional(z: float) -> float:
    return 0.0 if z <= 0 else float(np.sqrt(z))


def whole_part(z: float) -> float:
    return z * int(z) * 1 * 2 * 3


def remainder(z: float) -> float:
    return 0.0 + z % 1.0


OPAQUE = [numpy_tanh, half_numpy, conditional, np.arctan, whole_part, remainder]


@pytest.mark.parametrize("function", OPAQUE)
def test_a_formula_that_leaves_the_floats_is_one_operation(function: Any) -> None:
    own = Activation("own", function, lambda z, value: 1.0)
    net = NetFactory([2, 2, 1], own, seed=1).new()
    net.forward([0.5, 2.0])
    for neuron in net[1]:
        found = neuron.explain()
        assert [part.name for part in found.parts] == [f"z_1_{neuron.id}"]
        assert bits([found.value]) == bits([neuron.value])
        assert found.check()
        if neuron.z > 0:
            assert "was not seen" in str(found)


def test_a_formula_of_ones_own_in_floats_is_seen_through() -> None:
    factor = 0.7

    def slope(z: float) -> float:
        return factor / (1.0 + z * z) + 3.0 * z * z

    own = Activation("own", lambda z: factor * math.atan(z) + z**3 if z > -50 else 0.25, slope)
    rule = Optimizer("rule", lambda w, g, a, b, rate, c: (w - rate * max(min(g, 0.1), -0.1), a, b))
    net = NetFactory([1, 1, 1], own, "linear", seed=0).new()
    net.fit([[2.0]], [1.0], optimizer=rule, progress=False)
    value = net[1][0].explain()
    assert "own(z_1_0) = 0.7 · math.atan(z_1_0) + z_1_0 ** 3" in str(value).replace("\n  ", " ")
    assert value.check()
    assert "{z_{1,0}}^{3}" in value.latex()
    check_latex(value.latex(9))
    update = net.weight(1, (0, 0)).explain("update")
    assert update.check()
    assert bits([update.value]) == bits([net.weight(1, (0, 0)).value])


def test_a_name_of_any_letters_stays_where_it_belongs() -> None:
    for function in (np.tanh, lambda z: 2.0 * z):
        own = Activation("odd $ x^y {a\\b} ~100%_#&\nraise SystemExit", function, lambda z, value: 1.0)
        net = NetFactory([2, 2, 1], own, seed=1).new()
        net.forward([0.5, 2.0])
        assert net[1][0].explain().check()
        assert r"\text{odd \$ x\textasciicircum{}y \{a" in net[1][0].explain().latex()
        check_latex(net[1][0].explain().latex())


def test_powers_of_powers() -> None:
    own = Activation("own", lambda z: (z**2) ** 3 + 2 ** (z**2), lambda z: 1.0)
    net = NetFactory([1, 1, 1], own, seed=1).new()
    net.forward([0.5])
    value = net[1][0].explain()
    assert "(z_1_0 ** 2) ** 3 + 2 ** z_1_0 ** 2" in str(value)
    assert "{({z_{1,0}}^{2})}^{3} + {2}^{{z_{1,0}}^{2}}" in value.latex()


def test_reasons_are_true() -> None:
    net = NetFactory([1, 2, 3], "relu", "softmax", seed=1).new()
    net.forward([math.nan])
    assert "as z_1_0 <= 0 is false" in str(net[1][0].explain())  # and z > 0 is not true, either
    net.forward([0.5])
    net.backward(2)
    reasons = str(net.explain("loss")).replace("\n", " ").split(" as ")[1].split(" and ")
    pairs = [re.split(" [<>]=? ", each.strip()) for each in reasons[:3]]
    assert all(left != right for left, right in pairs), pairs


# Markdown, LaTeX, HTML


def test_latex_and_markdown() -> None:
    weight = fitted().weight(1, (0, 2))
    found = weight.explain("update")
    latex = found.latex()
    assert latex.startswith("\\begin{aligned}")
    check_latex(latex)
    check_latex(found.latex(9))  # with the derivatives of each sample
    assert r"w'_{1,0,2} &= w_{1,0,2} - \eta \cdot \bar g_{1,0,2} = " in latex
    assert re.search(r"\\delta_\{1,2\}\^\{\(\d+\)\} \\cdot a_\{0,0\}", found.latex(3))
    markdown = found.markdown(3)
    assert markdown.startswith("**new value of the weight from neuron 0 of layer 0 to neuron 2")
    assert "| | term | numbers | value |" in markdown
    net = NetFactory([2, 4, 2], "tanh", "sigmoid", seed=0).new()
    net.loss = "mean_absolute_error"
    net.forward([0.5, -1.0])
    net.backward([1.0, 0.0])
    for line in net.explain("loss").markdown(9).splitlines():
        if line.startswith("|") and "value_" in line:
            assert len(re.findall(r"(?<!\\)\|", line)) == 5


def test_two_derivations_on_a_page_link_each_to_its_own_numbers() -> None:
    marks = []
    for seed in (0, 1):
        net = NetFactory([2, 3, 1], "tanh", seed=seed).new()
        net.forward([0.5, -1.0])
        marks.append(set(re.findall('id="([^"]+)"', net[2][0].explain().html())))
    assert marks[0]
    assert not marks[0] & marks[1]


def test_html_derives_each_number_once_and_links_it() -> None:
    found = fitted(dropout=0.3, optimizer="adam").weight(1, (0, 2)).explain("update")
    assert len(Reader(found.html()).ids) == sum(not each.is_given for each in found.walk())
    shown = [set(re.findall('id="([^"]+)"', found._repr_html_())) for _ in range(2)]  # in two cells
    assert shown[0]
    assert not shown[0] & shown[1]
    assert len(found.html(depth=1)) < len(found.html())


# tables


@pytest.mark.parametrize(
    "rows",
    [
        pd.DataFrame({"name": ["u"], "y": [2.0]}),
        pd.DataFrame({"y": [2.0], "name": ["u"]}).iloc[0],
        pd.Series([1.0, 0.0, 2.0]),
        ["u", 2.0],
        [["u", 2.0]],
        np.array([1.0, 0.0, 2.0]),
        np.array([[1.0, 0.0, 2.0]]),
    ],
)
def test_one_row_of_any_kind_needs_no_target(rows: Any) -> None:
    frame = pd.DataFrame({"name": ["u", "v"], "y": [1.0, 3.0]})  # a column y is no target
    net = NetFactory([3, 2, 1], seed=0).new()
    net.preparation = preprocessing.standardise(frame)
    assert net.explain("z_1_0", rows).about == "the sample 1, 0, 0"
    with pytest.raises(ValueError, match="y must be given for a batch"):
        net.explain("z_1_0", frame)
    with pytest.raises(TypeError, match="X must be a list.*not dict"):
        net.explain("z_1_0", {"name": "u", "y": 2.0})
    with pytest.raises(ValueError, match="X has no samples"):
        net.explain("z_1_0", [])


def homes() -> Net:
    columns = [
        Column("age", "number", centre=29.7, scale=14.5),
        Column("height", "number", centre=-3.0, scale=0.5),
        Column("street", "category", ("loud", "quiet")),
        Column("garden", "boolean"),
        Column("rooms", "number"),
    ]
    net = NetFactory([6, 2, 1], "tanh", "linear", seed=0).new()
    net.preparation = Preparation(columns, [Target("price (EUR)", 40_000.0, 12_000.0)])
    net.forward(net.preparation.prepared([[29.0, 1.5, "quiet", True, 4.0]])[0])
    return net


def test_an_input_is_derived_from_the_cell_of_its_table() -> None:
    net = homes()
    found = [neuron.explain() for neuron in net.inputs]
    assert found[0].of == "value of neuron 0 of layer 0: age"
    assert found[0].given == "given: (age - 29.7) / 14.5 = (29 - 29.7) / 14.5"
    assert found[1].given == "given: (height + 3) / 0.5 = (1.5 + 3) / 0.5"
    assert found[3].given == "given: 1 where a row has street=quiet, otherwise 0"
    assert found[4].given == "given: garden: 1 for true, 0 for false"
    assert found[5].given == "given: rooms"
    output = net.outputs[0]
    own = output.value * 12_000.0 + 40_000.0
    assert f"price (EUR) = {output.value:.6g} * 12000 + 40000 = {own:.6g}" in output.explain().of
    odd = Column("<b>a_b$|`</b>", "number")  # of which Markdown makes nothing else
    net.preparation = Preparation([*net.preparation.columns[:4], odd], net.preparation.targets)
    assert r"(given: \<b\>a\_b\$\|\`\</b\>)" in net.inputs[5].explain().markdown()


# what is refused


def test_bad_questions_are_refused_with_help() -> None:
    net = worked()
    weight, neuron = net.weight(1, (0, 0)), net[1][0]
    with pytest.raises(ValueError, match='of a weight can be explained: "grad", "value", "update"'):
        weight.explain("delta")
    with pytest.raises(ValueError, match='of a neuron can be explained: "z", "value", "delta"'):
        neuron.explain("grad")
    with pytest.raises(TypeError, match="of a neuron can be explained"):
        neuron.explain(1)
    for asked in ("grad", "z_1", "z_1_0_0_0_0", "nothing_1_0", "z_9_0", "weight_1_0_9"):
        with pytest.raises(ValueError, match="."):
            net.explain(asked)
    for asked in ("grad", "delta", "z"):
        with pytest.raises(ValueError, match=f"'{asked}' does not say of which part of Net"):
            net.explain(asked)
    for wrong in (7, None, lambda net: 3.0, (neuron,), lambda net: net[1]):
        with pytest.raises(TypeError, match="what to explain|must return a number"):
            net.explain(wrong)
    with pytest.raises(ValueError, match="no delta of neuron 0 of layer 1 in this step.*give y"):
        net.explain("delta_1_0", [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="y must be given for a batch"):
        net.explain("z_1_0", [[1.0, 2.0, 3.0]] * 2)
    for step in (0, 10**400):
        with pytest.raises(ValueError, match="step must be at"):
            net.explain("loss", [1.0, 2.0, 3.0], 1, step=step, schedule="exponential")
    with pytest.raises(TypeError, match="explain needs the samples"):
        net.explain("loss", dropout=0.5)
    with pytest.raises(TypeError, match="no argument 'droput'"):
        net.explain("loss", [1.0, 2.0, 3.0], 1, droput=0.5)
    with pytest.raises(ValueError, match="layer 0 has no z"):
        net.inputs[0].explain("z")
    for asked in ("delta", "bias_grad", "bias"):
        with pytest.raises(ValueError, match="of neuron 0 of layer 0 in this step: the input layer has"):
            net.inputs[0].explain(asked)
    with pytest.raises(ValueError, match="there is no loss in this step: it needs a target"):
        net.explain("loss", [1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match="X must be a sample or a list or array of samples, not 3"):
        net.explain("z_1_0", 3)
    with pytest.raises(ValueError, match="no target of neuron 0 of layer 1 .*: outputs alone have one"):
        net.explain("target_1_0")
    with pytest.raises(ValueError, match="is no number of a step"):
        net.explain(f"z_1_{'9' * 5000}")
    with pytest.raises(
        ValueError, match="sample 7 is not among those of this step .the sample 1, 0, -0.5"
    ):
        net.explain("z_1_0_s7")
    with pytest.raises(ValueError, match="'loss_s0' does not exist, .* single sample: loss does"):
        net.explain("loss_s0")
    with pytest.raises(ValueError, match="of a neuron can be explained: .*not 'grad'"):
        net.explain(lambda net: net[1][0].grad)
    with pytest.raises(TypeError, match="must return a number of the net .*not Weight"):
        net.explain(lambda net: net.weight(1, (0, 0)))
    for calculated in (lambda net: 2 * net[1][0].delta + 1, lambda net: abs(net.loss)):
        with pytest.raises(TypeError, match="a number of the net as it is, .*, not what is calculated"):
            net.explain(calculated)
    for asked in ("grad_1_0_0", "bias_grad_1_0", "new_weight_1_0_0", "new_bias_1_0", "norm"):
        with pytest.raises(ValueError, match="in this step: it needs a target"):
            net.explain(asked, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="into layer 1 is of another net"):
        net.explain((worked().weight(1, (0, 0)), "grad"))
    weight.remove()
    with pytest.raises(ValueError, match="is not attached to a neuron at both ends"):
        net.explain((weight, "grad"), [1.0, 2.0, 3.0], 1)


def test_numbers_that_do_not_follow_any_more_are_not_derived() -> None:
    net = NetFactory([2, 3, 1], seed=0).new()
    with pytest.raises(ValueError, match=r"nothing is known that the grad of weight \(0, 0\)"):
        net.weight(1, (0, 0)).explain()
    with pytest.raises(ValueError, match=r"nothing is known that loss .* history.explain\(step"):
        net.explain("loss")
    net.forward(X[0])
    assert bits([net[1][0].explain().value]) == bits([net[1][0].value])
    assert net.explain("z_1_0") == net[1][0].explain("z")
    for ask in (net[1][0].explain, net.weight(1, (0, 0)).explain):
        with pytest.raises(ValueError, match=r"in this step: it needs a target: .*net.backward"):
            ask("update")
    for reason in (net.weight(1, (0, 0)).why_zero, net[1][0].why_small, net.weight(1, (0, 0)).paths):
        with pytest.raises(ValueError, match=r"needs a target: call net.backward\(target\) first"):
            reason()
    net.weight(1, (0, 0)).value += 1.0
    with pytest.raises(ValueError, match="does not follow from the sample that was sent forward last"):
        net.explain("z_1_0")
    with pytest.raises(
        ValueError, match=r"z of neuron 0 of layer 1 does not follow .*net.forward\(sample\)"
    ):
        net[1][0].explain("z")
    net.forward(X[0])
    net.backward(1)
    assert "unchanged: no update has followed" in net.weight(1, (0, 0)).explain("update").of
    net.zero_grad()
    net.forward(X[0])
    net.backward(1)
    net[1][0].bias += 1.0  # before anything was derived of the step, whose loss was another one
    with pytest.raises(ValueError, match="of layer 2 does not follow .* any more"):
        net.explain("loss")
    net[1][0].bias -= 1.0
    assert net.explain("loss").check()
    net.weight(1, (0, 0)).grad = 5.0
    with pytest.raises(ValueError, match="grad of weight .* does not follow"):
        net.weight(1, (0, 0)).explain()
    net.fit(X, Y, progress=False)
    net.forward(X[0])
    net.backward(1)
    weight = net.weight(1, (0, 0))
    assert "gradients add it to" in weight.explain().about
    assert str(weight.why_zero()).startswith("What the last of 29 samples adds to the gradient")
    assert str(weight.paths()).startswith("gradient of the last of 29 samples ")
    twin = net.copy()
    twin[1][0].bias += 1.0
    with pytest.raises(ValueError, match="does not follow from what its net knows: no sample"):
        twin[1][0].explain("z")
    twin.zero_grad()  # what the error of a copy says
    twin.forward(X[0])
    twin.backward(1)
    twin.update(0.1)
    update = twin.weight(1, (0, 0)).explain("update")
    assert bits([update.value]) == bits([twin.weight(1, (0, 0)).value])
    net.fit(X, Y, progress=False)
    net.weight(1, (0, 0)).value += 1.0
    with pytest.raises(
        ValueError, match=r'net.explain\("new_weight_1_0_0"\) derives what it was in step'
    ):
        net.weight(1, (0, 0)).explain("update")
    assert bits([net.explain("new_weight_1_0_0").value + 1.0]) == bits([net.weight(1, (0, 0)).value])
    net.zero_grad()
    for ask in (Weight.explain, Weight.why_zero, Weight.paths):
        with pytest.raises(ValueError, match="grad of weight .* does not follow"):
            ask(net.weight(1, (0, 0)))


def test_what_becomes_of_a_net_after_a_training_was_not_in_its_last_step() -> None:
    for engine in ("scalar", "compiled"):
        loss, net = fitted(engine=engine).explain("loss"), fitted(engine=engine)
        net[1].activation = "relu"
        net.loss = "squared_error"
        assert net.explain("loss") == loss
        update = net.weight(1, (0, 2)).explain("update")
        assert bits([update.value]) == bits([net.weight(1, (0, 2)).value])
        net = fitted(engine=engine)
        net[1][3].remove()
        net.grow(1)  # another neuron of the same name
        with pytest.raises(ValueError, match="the graph of .* has changed since its last step"):
            net.explain("loss")


def test_what_is_frozen_after_a_training_has_learned_in_it() -> None:
    net = fitted()
    net[1].freeze()
    weight = net.weight(1, (0, 2))
    assert bits([weight.explain("update").value]) == bits([weight.value])
    net.fit(X, Y, progress=False)
    assert "layer 1, unchanged: it is frozen" in weight.explain("update").of
    net[1][0].has_bias = False
    net.fit(X, Y, progress=False)
    assert "layer 1, unchanged: it has no bias" in net[1][0].explain("update").of
    assert "Nothing was added" not in str(net[1][0].explain("update"))
    assert net[1][0].explain("update").check()


def test_a_step_can_have_one_sample_with_the_options_of_its_training() -> None:
    net = NetFactory([2, 3, 1], "tanh", seed=0).new()
    history = net.fit(
        X, Y, batch_size=5, snapshots=5, optimizer="sgd", l2=0.1, schedule="cosine",
        validation_split=0.3, progress=False,
    )  # fmt: skip
    before = history.rewind(6, (X, Y))
    weight = before.weight(1, (0, 1))
    found = history.explain(7, (weight, "update"), (X, Y), sample=4)
    before.zero_grad()
    before.forward(X[4])
    before.backward(Y[4])
    rate = found["learning_rate"].value
    assert found.value == pytest.approx(weight.value - rate * (weight.grad + 0.1 * weight.value), 1e-12)
    assert found.about == "step 7 of the training, with sample 4 of the data alone"
    with pytest.raises(ValueError, match="sample must be at most"):
        history.explain(7, "loss", (X, Y), sample=99)


def test_a_deep_net_is_derived_to_its_end() -> None:
    net = NetFactory([2, *[2] * 300, 1], "tanh", seed=0).new()
    net.forward([1.0, 1.0])
    net.backward(1)
    found = net.weight(1, (0, 0)).explain()
    text = found.text(10_000)
    assert "value_300_0 = tanh(" in text
    assert max(map(len, text.splitlines())) <= 80
    page = found.html()
    computed = sum(not each.is_given for each in found.walk())
    assert page.count("<details") == page.count("</details>") == computed
    assert found.markdown(10**12)
    with pytest.raises(ValueError, match="more than 20,000 routes"):
        net.weight(1, (0, 0)).paths()


def test_what_is_in_no_net_is_not_derived() -> None:
    with pytest.raises(ValueError, match="in no net"):
        Neuron(0).explain()
    with pytest.raises(ValueError, match="both ends"):
        Weight((0, 0)).explain()


def test_a_target_can_be_given_to_a_neuron() -> None:
    net = worked()
    assert bits([net.outputs[0].explain("delta", 1).value]) == bits([net.outputs[0].delta])
    other = net.outputs[0].explain("delta", 0)
    assert isinstance(other, Derivation)
    assert other.value == net.outputs[0].value
