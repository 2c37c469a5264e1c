"""What people hand over: odd shapes, types, names and files, and the errors that they see."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Hashable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slownet import (
    Checkpoint,
    Dense,
    EarlyStopping,
    History,
    Input,
    InvalidTypeError,
    Layer,
    LearningRate,
    LiveView,
    MissingFileError,
    NetFactory,
    SlownetError,
    TrainingWarning,
    cli,
    compare,
    functions,
    load,
    plotting,
    resume,
    verify,
)
from slownet.checks import did_you_mean, short
from slownet.datasets import load_idx_directory, read_csv, read_idx

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 4))
Y = X @ [1.0, 2.0, 3.0, 4.0] + 20.0
HALF = [0, 1] * 15
LINEAR = 'output_activation="linear"'


class Tensor:
    """A tensor that requires a gradient, as PyTorch's behave."""

    def __init__(self, numbers: Any) -> None:
        self.numbers = np.asarray(numbers)
        self.shape, self.ndim = self.numbers.shape, self.numbers.ndim

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach()")

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: int) -> Tensor:
        return Tensor(self.numbers[index])

    def item(self) -> Any:
        return self.numbers.item()


def net(*dims: int, output: str | None = None, **options: Any) -> Any:
    return NetFactory(dims or (4, 3, 1), output_activation=output, seed=0, **options).new()


def fit(one: Any, x: Any, y: Any, **options: Any) -> History:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingWarning)
        return one.fit(x, y, **{"progress": False, "engine": "scalar", **options})


def refused(action: Callable[[], object], *parts: str) -> str:
    """Return the message of an error of ours, which has these parts, in one line of a few words."""
    with pytest.raises(SlownetError) as caught:
        action()
    text = str(caught.value)
    assert len(text) < 500
    assert "\n" not in text
    for part in parts:
        assert part in text
    return text


# targets


@pytest.mark.parametrize(
    "nested",
    [
        [[1], [0], [2]],
        ((1,), (0,), (2,)),
        [(1,), [0], np.array([2])],
        np.array([[1], [0], [2]]),
        [[np.int64(1)], [np.int8(0)], [2]],
        pd.DataFrame({"y": [1, 0, 2]}),
        np.array([[1], [0], [2]], dtype=object),
    ],
)
def test_a_column_of_labels_is_taken_like_a_list(nested: Any) -> None:
    x = X[:3]
    found, wanted = (fit(net(4, 3, 3), x, y, snapshots=2, watch=(x, y)) for y in (nested, [1, 0, 2]))
    assert found.loss == wanted.loss
    assert found.watch.targets == wanted.watch.targets == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert found.watch.labels == [1, 0, 2]


def test_a_column_of_numbers_is_taken_like_a_list() -> None:
    found, wanted = (fit(net(output="linear"), X, y) for y in ([[number] for number in Y], Y))
    assert found.loss == wanted.loss


def test_numbers_for_a_net_that_was_not_made_to_predict_numbers() -> None:
    text = refused(lambda: fit(net(), X, Y), "y[0] must be one of 0.0, 1.0", LINEAR)
    assert "classes" not in text
    refused(lambda: fit(net(4, 3, 1), X, [1, 2] * 15), "y[1]", "net.classes = [1, 2] sets", LINEAR)
    refused(lambda: fit(net(4, 3, 3), X, Y), "y[0] must be one of 0, 1, 2", LINEAR)
    refused(lambda: fit(net(4, 3, 2), X, X[:, :2]), LINEAR)
    refused(lambda: fit(net(4, 3, 2, output="sigmoid"), X, X[:, :2]), LINEAR)
    text = refused(lambda: fit(net(4, 3, 2), X, [[0, 1]] * 30), "y.argmax(axis=1)")
    assert LINEAR not in text


@pytest.mark.parametrize("loss", ["mean_squared_error", "squared_error", "huber"])
@pytest.mark.parametrize(
    ("output", "target", "bounds"),
    [
        ("sigmoid", 11.25, "0 to 1"),
        ("sigmoid", 1.0000001, "0 to 1"),
        ("tanh", -1.5, "-1 to 1"),
        ("relu", -0.25, "0 to inf"),
    ],
)
def test_numbers_that_the_output_cannot_give(loss: str, output: str, target: float, bounds: str) -> None:
    y = [0.5] * 29 + [target]
    text = refused(lambda: fit(net(output=output), X, y, loss=loss), f"y[29] is {target}", bounds)
    assert LINEAR in text
    assert repr(output) in text
    good = [0.5] * 29 + [float(np.clip(target, 0, 1))]
    history = fit(net(output=output), X, good, loss=loss, validation_data=(X, y), test_data=(X, y))
    assert history.test is not None  # numbers to test with may lie outside


# samples


def test_a_sample_of_several_dimensions_is_described_by_its_shape() -> None:
    images = np.zeros((3, 28, 28))
    for x, shape in (
        ([image.reshape(784, 1) for image in images], "(784, 1)"),
        ([image.reshape(784, 1).tolist() for image in images], "(784, 1)"),
        (images.reshape(3, 784, 1), "(784, 1)"),
        (images, "(28, 28)"),
        (images.tolist(), "(28, 28)"),
    ):
        message = refused(lambda x=x: fit(net(784, 5, 3), x, [0, 1, 2]))  # type: ignore[misc]
        assert message == f"X[0] has shape {shape}: give its 784 numbers in a row"
    refused(lambda: net(784, 3).forward(images[0]), "shape (28, 28): give its 784 numbers in a row")
    refused(lambda: fit(net(9, 3), images, [0, 1, 2]), "784 numbers in a row", "samples of 9")
    message = refused(lambda: net(784, 3).forward(images.reshape(3, 784)))
    expected = "expected one sample of 784 numbers, not 3 of them; predict takes many"
    assert message == f"inputs has shape (3, 784): {expected}"


def test_nobody_who_gives_texts_is_told_to_predict_numbers() -> None:
    of_texts, of_numbers = net(2, 1), net(2, 1)
    of_texts.classes, of_numbers.classes = ["no", "yes"], [3, 4]
    for each, target in (of_texts, "Yes"), (of_texts, 1), (of_numbers, "3"):
        message = refused(lambda each=each, target=target: fit(each, [[1.0, 2.0]], [target]))  # type: ignore[misc]
        assert message.endswith("; net.classes = [...] sets the labels")
    refused(lambda: fit(of_numbers, [[1.0, 2.0]], [5]), 'output_activation="linear"')


def test_the_labels_to_be_set_are_named() -> None:
    X = [[1.0, 2.0]] * 4
    refused(lambda: fit(net(2, 3), X, np.array([8, 3, 5, 3])), "net.classes = [3, 5, 8] sets")
    refused(lambda: fit(net(2, 3), X, [8, 3, 3, 3]), "; net.classes = [...] sets the labels")
    refused(lambda: fit(net(2, 3), X, [8, 3, 4.5, 3]), "; net.classes = [...] sets the labels")
    labelled = net(2, 3)
    labelled.classes = [3, 5, 8]
    fit(labelled, X, [8, 3, 5, 3])


def test_masked_arrays_are_refused() -> None:
    for mask in (X > 1.0, False):
        masked: Any = np.ma.masked_array(X, mask)
        refused(lambda masked=masked: fit(net(), masked, HALF), "X is masked")  # type: ignore[misc]
        refused(lambda masked=masked: net().predict(masked), "X is masked")  # type: ignore[misc]
    rows = [np.ma.masked_array(row, row > 1.0) for row in X]
    refused(lambda: fit(net(), rows, HALF), "X[0] is masked")
    refused(lambda: fit(net(1, 1), [[np.ma.masked]] * 2, [0, 1]), "X[0][0]")
    refused(lambda: fit(net(), X, np.ma.masked_array(HALF, [1] * 30)), "y is masked")
    refused(lambda: fit(net(output="linear"), X, [np.ma.masked, *Y[1:]]), "y[0]")
    refused(lambda: net().forward(rows[0]), "inputs is masked")


def test_tensors_that_require_a_gradient() -> None:
    refused(lambda: fit(net(), Tensor(X), HALF), "X, of type Tensor", "detach()")
    refused(lambda: fit(net(), list(map(Tensor, X)), HALF), "X[0], of type Tensor", "detach()")
    refused(lambda: fit(net(), X, Tensor(HALF)), "y, of type Tensor", "detach()")
    found = fit(net(), X, list(map(Tensor, HALF)))  # numbers in a list are numbers
    assert found.loss == fit(net(), X, HALF).loss


def test_numbers_that_no_float_can_hold() -> None:
    huge = 10**400
    for x in ([[huge] * 4] * 30, np.array([[huge] * 4] * 30, dtype=object)):
        refused(lambda x=x: fit(net(), x, HALF), "X[0][0]", "1.8e308")  # type: ignore[misc]
    for y in ([[huge]] * 30, [huge] * 30, np.array([huge] * 30, dtype=object)):
        refused(lambda y=y: fit(net(output="linear"), X, y), "y[0]", "1.8e308")  # type: ignore[misc]
        refused(lambda y=y: fit(net(), X, y), "y[0]")  # type: ignore[misc]
    refused(lambda: net().forward([huge] * 4), "inputs")
    refused(lambda: fit(net(), X, [10**5000] * 30), "y[0]", "not an int")


def test_object_arrays_hold_numbers() -> None:
    wanted = fit(net(), X, HALF).loss
    assert fit(net(), X.astype(object), HALF).loss == wanted
    exact = np.array([[Decimal(float(number)) for number in row] for row in X], dtype=object)
    assert fit(net(), exact, HALF).loss == wanted
    for odd in ("1.5", None, [1.0], 1j, object()):
        wrong = X.astype(object)
        wrong[3, 2] = odd
        refused(lambda wrong=wrong: fit(net(), wrong, HALF), "X[3][2] must be a number")  # type: ignore[misc]


# labels


def test_labels_of_numpy_are_pythons_everywhere(tmp_path: Path) -> None:
    y = np.arange(30) % 3 + 4
    one = net(4, 3, 3)
    one.classes = sorted(set(y))
    assert list(map(type, one.classes)) == [int] * 3
    source = {"rows": np.int64(30), "share": [np.float32(0.5)], "whole": np.bool_(True)}
    watch = X[:3], list(y[:3])
    run = tmp_path / "a.run"
    history = fit(one, X, list(y), snapshots=3, watch=watch, record=run, source=source)
    assert list(map(type, history.watch.labels)) == [int] * 3
    file = history.to_json(tmp_path / "a.json")
    for found in (history, History.open(run), History.from_json(file)):
        assert found.classes == [4, 5, 6]
        assert found.watch.labels == [4, 5, 6]
        assert found.source == {"rows": 30, "share": [0.5], "whole": True}
    assert load(one.save(tmp_path / "net.json")).classes == [4, 5, 6]
    assert fit(net(4, 3, 1), X, [np.bool_(bit) for bit in HALF]).loss == fit(net(), X, HALF).loss


@pytest.mark.parametrize(
    ("labels", "part"),
    [
        ([[1], [2]], "classes[0] is [1]: a class label is a text, a number or a bool"),
        ([{}, 1], "classes[0] is {}"),
        ([1, {2}], "classes[1]"),
        ([([],), 1], "classes[0]"),
        ([np.nan, np.nan], "classes[0] is nan"),
        ([1, float("nan")], "classes[1] is nan"),
        ([pd.NA, 1], "classes[0] is <NA>"),
        (["a", "a"], "different labels"),
        (5, "a list of labels"),
    ],
)
def test_labels_that_are_none(labels: Any, part: str) -> None:
    refused(lambda: setattr(net(4, 2), "classes", labels), part)


# names


@pytest.mark.parametrize(
    ("name", "known", "nearest"),
    [
        ("ReLU", functions.ACTIVATIONS, "relu"),
        ("LeakyReLU", functions.ACTIVATIONS, "leaky_relu"),
        ("leaky-relu", functions.ACTIVATIONS, "leaky_relu"),
        ("mse", functions.LOSSES, "mean_squared_error"),
        ("MAE", functions.LOSSES, "mean_absolute_error"),
        ("bce", functions.LOSSES, "binary_cross_entropy"),
        ("Cross Entropy", functions.LOSSES, "cross_entropy"),
        ("Adam", functions.OPTIMIZERS, "adam"),
        ("AdamW", functions.OPTIMIZERS, "adamw"),
        ("logcosh", functions.LOSSES, "log_cosh"),
        ("warmup", functions.SCHEDULES, "warm_up"),
        ("warmup-cosine", functions.SCHEDULES, "warm_up_cosine"),
    ],
)
def test_the_name_that_was_meant(name: str, known: Any, nearest: str) -> None:
    assert did_you_mean(name, known) == f"; did you mean {nearest!r}?"
    assert did_you_mean("--titel", ["-h", "--html", "--title"]) == "; did you mean '--title'?"
    refused(lambda: known.find(name), f"did you mean {nearest!r}?")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("swish", "silu"),
        ("Swish", "silu"),
        ("identity", "linear"),
        ("logistic", "sigmoid"),
        ("exp", "exponential"),
    ],
)
def test_names_that_others_give_to_an_activation(name: str, meant: str) -> None:
    text = refused(lambda: functions.get_activation(name), f"did you mean {meant!r}?")
    assert text.startswith(f"unknown activation {name!r}: known are linear, sigmoid, tanh, relu")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("sparse_categorical_crossentropy", "cross_entropy"),
        ("categorical_crossentropy", "cross_entropy"),
        ("binary_crossentropy", "binary_cross_entropy"),
        ("log_loss", "cross_entropy"),
        ("smooth_l1", "huber"),
        ("mse", "mean_squared_error"),
    ],
)
def test_names_that_others_give_to_a_loss(name: str, meant: str) -> None:
    refused(lambda: functions.get_loss(name), f"did you mean {meant!r}?")


def test_arguments_that_were_meant() -> None:
    for name, meant in (
        ("lr", "learning_rate"),
        ("Epochs", "epochs"),
        ("batchsize", "batch_size"),
        ("validation_dat", "validation_data"),
        ("sample_weights", "sample_weight"),
        ("clipnorm", "clip_norm"),
        ("loss_function", None),
    ):
        text = refused(
            lambda name=name: fit(net(), X, HALF, **{name: 1}), f"fit has no argument {name!r}"
        )  # type: ignore[misc]
        assert meant is None or f"did you mean {meant!r}?" in text
    with pytest.raises(InvalidTypeError, match="NetFactory has no argument 'activation'.*did you mean"):
        NetFactory([2, 1], activation="relu")  # type: ignore[call-arg]
    with pytest.raises(InvalidTypeError, match="fit has no argument 'lr'; did you mean 'learning_rate'"):
        fit(net(), X, HALF, snapshots=3).branch(0, (X, HALF), lr=0.5)
    refused(lambda: fit(net(), X, HALF, engine="Scalar"), "did you mean 'scalar'?")


@pytest.mark.parametrize(
    ("kind", "name", "meant"),
    [
        (EarlyStopping, "restore_best_weights", "restore_best"),
        (EarlyStopping, "Patience", "patience"),
        (EarlyStopping, "monitor", None),
        (Checkpoint, "filepath", "path"),
        (Checkpoint, "save_best_only", "best"),
        (Checkpoint, "save_freq", None),
        (LearningRate, "schedule", None),
        (LiveView, "frame_rate", "rate"),
    ],
)
def test_arguments_of_callbacks_that_were_meant(kind: Any, name: str, meant: str | None) -> None:
    """The first five names are those of Keras."""
    text = refused(lambda: kind(**{name: 1}), f"{kind.__name__} has no argument {name!r}")
    assert (f"did you mean {meant!r}?" if meant else ": it has ") in text


# warnings


def warned(one: Any, x: Any, y: Any) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            one.fit(x, y, progress=False, engine="scalar")
    assert all(each.category is TrainingWarning and each.filename == __file__ for each in caught)
    return [str(each.message) for each in caught]


def test_a_net_without_a_path_is_warned_of_once() -> None:
    one = net(4, 3, 1)
    assert warned(one, X, HALF) == []
    for weight in list(one.layers[1].neurons[0].weights["out"].values()):
        weight.remove()
    assert warned(one, X, HALF) == []  # there are other paths
    for weight in list(one.outputs[0].weights["in"].values()):
        weight.remove()
    (text,) = warned(one, X, HALF)
    assert "no path of weights leads from the inputs to the outputs of Net(4-3-1" in text


def test_a_skip_connection_is_a_path() -> None:
    one = net(4, 3, 1)
    NetFactory([4, 3, 1]).connect_layers(one[0], one[2])
    for neuron in one[1]:
        for weight in list(neuron.weights["in"].values()):
            weight.remove()
    assert warned(one, X, HALF) == []


def test_inputs_of_very_different_sizes_are_warned_of_once() -> None:
    wide = X * [1.0, 1.0, 1000.0, 1.0]
    (text,) = warned(net(), wide, HALF)
    assert "X[:, 2] is up to" in text
    assert 'prepare="standardise" brings all to one scale' in text
    (text,) = warned(net(2, 1), X[:, :2] * [1.0, 1000.0], HALF)
    assert "X[:, 1] is up to" in text
    named = pd.DataFrame(wide, columns=["a", "b", "income", "d"])
    assert "column 'income' is up to" in warned(net(), named, HALF)[0]
    pixels = np.where(RNG.random((30, 4)) < 0.9, 0.0, [0.01, 1.0, 1.0, 1.0])
    for even in (X, X * 1e9, X * 1e-9, pixels, X * 0.0, (X > 0) * [1, 1, 80, 1]):
        assert warned(net(), even, HALF) == []


# histories and files


def test_a_history_without_snapshots_says_what_to_do() -> None:
    history = fit(net(), X, HALF)
    hint = "this history has no snapshots: train with net.fit(X, y, snapshots=100"
    refused(lambda: history.weight(1, (0, 1)), hint)
    refused(lambda: history.bias(1, 0), hint)
    refused(lambda: history.at(0), hint)
    refused(lambda: history.neuron(1, 0), "no watched samples", "watch=")
    kept = fit(net(), X, HALF, snapshots=2)
    assert len(kept.weight(1, (0, 1))) == 2
    refused(lambda: kept.neuron(1, 0), "no watched samples", "watch=")


def test_files_have_the_endings_of_what_they_hold(tmp_path: Path) -> None:
    one = net()
    history = fit(one, X, HALF, snapshots=2)
    for name in ("a.gif", "a.json", "a.run", "page", "a.pdf", "a.html.png"):
        refused(lambda name=name: history.write_html(tmp_path / name), name, ".html or .htm")  # type: ignore[misc]
    for name in ("a.html", "a.PNG", "a.run", "a.pkl", "a.csv"):
        refused(lambda name=name: history.to_json(tmp_path / name), name, ".json")  # type: ignore[misc]
        refused(lambda name=name: one.save(tmp_path / name), name, ".json")  # type: ignore[misc]
    for name in ("a.html", "a.json", "a.json.gz", "a.pickle"):
        refused(lambda name=name: fit(one, X, HALF, record=tmp_path / name), name, ".run")  # type: ignore[misc]
    assert not list(tmp_path.iterdir())
    for name in ("a.html", "b.HTM"):
        history.write_html(tmp_path / name)
    for name in ("a.json", "net", "b.model"):
        one.save(tmp_path / name)
    json.loads((tmp_path / "net").read_text(encoding="utf-8"))


def test_a_home_folder_may_be_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))  # Windows
    one, tilde = net(), Path("~")
    history = fit(one, X, HALF, snapshots=2, watch=(X, HALF), record="~/a.run")
    assert history.path == home / "a.run"
    assert History.open(tilde / "a.run").loss == history.loss
    assert compare("~/a.run", "~/a.run").first_step is None
    assert resume("~/a.run", (X, HALF), epochs=2, progress=False).last_step == 2 * history.last_step
    branch = history.branch(0, (X, HALF), record="~/b.run", progress=False)
    assert branch.path == home / "b.run"
    assert one.save("~/net.json") == home / "net.json"
    load("~/net.json")
    assert history.to_json("~/a.json") == home / "a.json"
    History.from_json("~/a.json")
    assert history.write_html("~/a.html") == home / "a.html"
    assert verify("~/a.html", (X, HALF), watch=(X, HALF))
    plotting.save(plotting.curves(history), tilde / "b.html")
    (home / "a.csv").write_text("a,y\n1,2\n2,3\n3,5\n", encoding="utf-8")
    assert read_csv("~/a.csv", "y").names == ["a"]
    (home / "labels").write_bytes(bytes.fromhex("00000801 00000001 07"))
    assert read_idx("~/labels").tolist() == [7]
    with pytest.raises(MissingFileError, match="train-images-idx3-ubyte"):
        load_idx_directory("~")
    for command in (
        ("train", "~/a.csv", "--target=y", "--epochs=1", "--run=~/c.run", "--html=~/c.html", "--quiet"),
        ("resume", "~/c.run", "--epochs=2", "--html=~/d.html"),
        ("info", "~/c.run"),
        ("animate", "~/c.run", "-o", "~/e.html"),
        ("compare", "~/c.run", "~/c.run", "--html=~/f.html"),
        ("verify", "~/c.html", "--data=~/a.csv"),
    ):
        assert cli.main(command) == 0, capsys.readouterr()
    assert sorted(path.name for path in home.glob("?.html")) == [f"{name}.html" for name in "abcdef"]
    assert History.open("~/c.run").source["data"] == str(home / "a.csv")  # type: ignore[index]
    assert not list(elsewhere.iterdir())
    load(one.save("~nobody-is-called-so"))
    assert list(elsewhere.iterdir()) == [elsewhere / "~nobody-is-called-so"]


@pytest.mark.parametrize("name", ["a\0b", "~a\0b", "a\ud800"])
def test_names_that_no_file_can_have(name: str) -> None:
    def fit_into(path: str) -> None:
        fit(net(), X, HALF, record=path)

    for use in (load, History.open, History.from_json, net().save, fit_into):
        refused(lambda use=use: use(name), "path must be a name that a file can have")  # type: ignore[misc]


# messages


SCALARS = st.none() | st.integers() | st.floats() | st.text() | st.binary() | st.complex_numbers()


@pytest.mark.long
@given(
    st.recursive(
        SCALARS, lambda part: st.lists(part) | st.dictionaries(st.text(), part) | st.tuples(part, part)
    )
)
def test_a_value_is_one_short_line(value: Any) -> None:
    text = short(value)
    assert len(text) <= 80
    assert text.isprintable()


LONG = "x" * 10_000
ODD: list[Any] = [
    None, True, -1, 1.5, float("nan"), 10**400, 10**5000, -(10**5000), 1j, LONG, "a\nb\x1b[31m" * 900,
    b"x" * 9000, list(range(9000)), [[0.5] * 9000] * 3, [LONG] * 9, [[LONG]] * 9, {LONG: LONG},
    {"a": {"b": [1] * 9000}}, {3, 4}, (LONG,) * 9000, object(), np.zeros((900, 1)), np.zeros((3, 9, 9)),
    np.array([LONG]), np.array([[LONG] * 9] * 9, dtype=object), np.ma.masked_array([1.0], [True]),
    Decimal(10) ** 400, pd.DataFrame({LONG: [LONG] * 99}), Tensor(np.zeros((30, 4))), range(10**5),
    Path(LONG),
    [[[[[["deep"] * 4] * 4] * 4] * 4] * 4] * 4, np.float32("nan"), [float("nan")] * 9000,
]  # fmt: skip
ENTRIES: dict[str, Callable[[Any], object]] = {
    "X": lambda odd: fit(net(), odd, HALF),
    "row": lambda odd: fit(net(), [odd] * 30, HALF),
    "cell": lambda odd: fit(net(), [[odd] * 4] * 30, HALF),
    "y": lambda odd: fit(net(), X, odd),
    "label": lambda odd: fit(net(), X, [odd] * 30),
    "class": lambda odd: fit(net(4, 3, 3), X, [odd] * 30),
    "number": lambda odd: fit(net(output="linear"), X, [odd] * 30),
    "forward": lambda odd: net().forward(odd),
    "input": lambda odd: net().forward([odd] * 4),
    "backward": lambda odd: (one := net(), one.forward([1.0] * 4), one.backward(odd)),
    "predict": lambda odd: net().predict(odd),
    "classes": lambda odd: setattr(net(4, 2), "classes", odd),
    "classes of": lambda odd: setattr(net(4, 2), "classes", [odd, 1]),
    "too many classes": lambda odd: (one := net(), setattr(one, "classes", odd), fit(one, X, HALF)),
    "layer_dims": NetFactory,
    "size": lambda odd: NetFactory([odd, 2]),
    "activation": lambda odd: NetFactory([2, 2, 2], odd),
    "initializer": lambda odd: NetFactory([2, 2], initializer=odd),
    "seed": lambda odd: NetFactory([2, 2], seed=odd),
    "layers": lambda odd: NetFactory(layers=[Input(2), odd]),
    "dense": lambda odd: NetFactory(layers=[Input(2), Dense(odd)]),
    "layer id": Layer,
    "weight": lambda odd: net().weight(1, odd),
    "weight of layer": lambda odd: net().weight(odd, (0, 0)),
    "net[]": lambda odd: net()[odd if isinstance(odd, Hashable) else 9],
    "patience": EarlyStopping,
    "argument": lambda odd: fit(net(), X, HALF, **{odd if type(odd) is str else "z": 1}),
    **{
        name: lambda odd, name=name: fit(net(), X, HALF, **{name: odd})  # type: ignore[misc]
        for name in (
            *("batch_size", "learning_rate", "optimizer", "loss", "l1", "dropout", "schedule"),
            *("snapshots", "validation_data", "test_data", "shuffle", "seed", "callbacks", "progress"),
            *("watch", "early_stopping", "engine", "threads", "regularizers", "source", "warm_start"),
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.filterwarnings("ignore")
def test_no_message_is_long_whatever_is_given(entry: str) -> None:
    texts = []
    for odd in ODD:
        try:
            ENTRIES[entry](odd)
        except SlownetError as error:
            texts.append(str(error))
    assert [text[:900] for text in texts if len(text) > 500 or "\n" in text] == []
