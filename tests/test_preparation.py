"""`net.preparation`: rows of a table as inputs, outputs in the target's unit, kept wherever a net is."""

from __future__ import annotations

import copy
import doctest
import io
import json
import math
import pickle
import sys
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import joblib  # type: ignore[import-untyped]
import numpy as np
import pandas as pd
import pytest
from bits import bits, numbers
from commands import ENVIRONMENT, run
from hypothesis import given, settings
from hypothesis import strategies as st

import slownet
from slownet import (
    Callback,
    FormatError,
    History,
    InvalidTypeError,
    InvalidValueError,
    Net,
    NetFactory,
    Preparation,
    RecordingError,
    SlownetError,
    TableWarning,
    TrainingWarning,
    preprocessing,
)
from slownet.datasets import Column, Table, Target, read_csv
from slownet.datasets.tables import NewRows, TableOptions
from slownet.recording.json_stream import JsonStream
from slownet.recording.preparation_reading import read_preparation

RNG = np.random.default_rng(3)
ROWS = 24
FRAME = pd.DataFrame(
    {
        "age": RNG.normal(40.0, 12.0, ROWS),
        "rooms": RNG.integers(1, 9, ROWS),
        "garden": RNG.random(ROWS) > 0.5,
        "sky": RNG.choice(["rain", "snow", "sun"], ROWS),
    }
)
PRICE = pd.Series(RNG.normal(200.0, 30.0, ROWS), name="price (EUR)")
INPUTS = ["age", "rooms", "garden", "sky=rain", "sky=snow", "sky=sun"]
FEWER = settings(max_examples=settings().max_examples // 4)  # of frames, whose making takes long
BOTH = pytest.mark.parametrize("engine", ["scalar", "compiled"])
Write = Callable[..., Path]


def new_net(inputs: int = 6, outputs: int = 1, output: str = "linear") -> Net:
    return NetFactory([inputs, 3, outputs], output_activation=output, seed=0).new()


def fit(net: Net, X: Any = FRAME, y: Any = PRICE, **options: Any) -> History:
    few = {"epochs": 3, "batch_size": 5, "learning_rate": 0.05, "progress": False}
    return net.fit(X, y, **{**few, **options})


def trained(**options: Any) -> Net:
    net = new_net()
    fit(net, **{"prepare": "standardise", **options})
    return net


def kept(net: Net) -> Preparation:
    assert net.preparation is not None
    return net.preparation


def refused(call: Callable[[], object], *texts: str) -> None:
    with pytest.raises(SlownetError) as caught:
        call()
    for text in texts:
        assert text in str(caught.value)


# numbers: what plain Python calculates

FINITE = st.floats(-1e300, 1e300)
NUMBERS = st.one_of(
    st.lists(FINITE, min_size=4, max_size=12),
    st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=12),
    st.lists(st.floats(-1e-300, 1e-300), min_size=4, max_size=12),
    st.integers(4, 12).flatmap(
        lambda count: st.sampled_from([14.62, 0.1, -1e300, 5e-324, 0.0]).map(lambda x: [x] * count)
    ),
    st.lists(st.integers(-(2**62), 2**62), min_size=4, max_size=12),
)


def in_python(cells: list[float], how: str) -> tuple[float, float]:
    """The centre and the scale of a column, in plain Python."""
    low, high = min(cells), max(cells)
    if how == "encode":
        return 0.0, 1.0
    if how == "min-max" or low == high:
        return low, high - low or 1.0
    total = squares = 0.0
    for number in cells:
        total += number
    mean = total / len(cells)
    unit = math.ldexp(1.0, max(-1000, min(1000, -math.frexp(high - low)[1])))
    for number in cells:
        squares += ((number - mean) * unit) * ((number - mean) * unit)
    return mean, math.sqrt(squares / len(cells)) / unit or 1.0


@given(cells=NUMBERS, how=st.sampled_from(["standardise", "min-max", "encode"]))
def test_prepared_numbers_are_those_of_plain_python(cells: list[Any], how: str) -> None:
    as_floats = [float(number) for number in cells]
    centre, scale = in_python(as_floats, how)
    wanted = [(number - centre) / scale for number in as_floats]
    make = getattr(preprocessing, how.replace("-", "_"))
    of_array = make(np.array(cells)[:, None], cells)
    frame = pd.DataFrame({"a": cells})
    of_frame = make(frame, cells)
    for preparation, X in (of_array, [[cell] for cell in cells]), (of_frame, frame):
        (column,) = preparation.columns
        assert (column.centre, column.scale) == (centre, scale)
        assert preparation.prepared(X)[:, 0].tolist() == wanted
        assert all(map(math.isfinite, wanted))
        if how != "encode":
            assert preparation.target_scales in ([(centre, scale)], [])


@given(cells=st.lists(st.floats(-1e100, 1e100), min_size=4, max_size=12))
def test_a_standard_deviation_has_the_plain_formula(cells: list[float]) -> None:
    (column,) = preprocessing.standardise([[cell] for cell in cells]).columns
    if max(cells) - min(cells) < 1e-100:
        return  # where squares vanish, the plain formula has none
    squares = 0.0
    for number in cells:
        squares += (number - column.centre) * (number - column.centre)
    assert math.isclose(column.scale, math.sqrt(squares / len(cells)), rel_tol=1e-14)


def test_a_column_is_constant_where_all_cells_are_equal() -> None:
    frame = FRAME.assign(k=14.62)  # the deviation of 24 of these is 1.8e-15, as NumPy calculates it
    for how in "standardise", "min-max":
        net = new_net(7)
        fit(net, frame, prepare=how)
        column = kept(net).columns[-1]
        assert (column.name, column.centre, column.scale) == ("k", 14.62, 1.0)
        assert (kept(net).prepared(frame)[:, -1] == 0.0).all()
        assert abs(net.predict(frame.assign(k=15.0)) - PRICE).max() < 1e3
    odd = frame.assign(k=np.where(frame.index == 3, 15.0, 14.62))
    assert abs(preprocessing.standardise(odd).prepared(odd)).max() < 5.0


def test_against_scikit_learn() -> None:
    sk = pytest.importorskip("sklearn.preprocessing")
    X = RNG.normal(50.0, 20.0, (200, 5)) * 10.0 ** np.arange(-3, 2)
    for ours, theirs in (
        (preprocessing.standardise, sk.StandardScaler),
        (preprocessing.min_max, sk.MinMaxScaler),
    ):
        assert np.allclose(ours(X).prepared(X), theirs().fit_transform(X), rtol=1e-12, atol=1e-12)
    one_hot = sk.OneHotEncoder(sparse_output=False).fit_transform(FRAME[["sky"]])
    assert (preprocessing.encode(FRAME[["sky"]]).prepared(FRAME[["sky"]]) == one_hot).all()


def test_numbers_that_overflow_are_named() -> None:
    huge = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [1e308, -1e308, 1.0]})
    for how in "standardise", "min-max":
        for X, y in (huge, [1, 2, 3]), (huge[["a"]], huge["b"]):
            with pytest.raises(InvalidValueError, match="the numbers of 'b' are too large"):
                fit(new_net(X.shape[1]), X, y, prepare=how)
    tiny = Preparation([Column("a", "number", centre=1.0, scale=1e-300)], [Target("y", 0.0, 1e-300)])
    net = new_net(1)
    net.preparation = tiny
    for X in (pd.DataFrame({"a": [1.0, 1e300]}), np.array([[1.0], [1e300]]), [[1.0], [1e300]]):
        with pytest.raises(InvalidValueError, match=r"X\[1\]\[0\] is 1e\+300, .* - 1.0\) / 1e-300"):
            net.predict(X)
    refused(lambda: net.evaluate([[1.0]], [1e300]), "y[0] is 1e+300, and overflows")
    net.preparation = Preparation([Column("a", "number")], [Target("y", 0.0, 1e308)])
    net.layers[2].neurons[0].bias = 1e10
    assert net.predict([[1.0]]).tolist() == [math.inf]


# frames of all kinds


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """A frame of columns of many kinds, some with gaps."""
    count = draw(st.integers(4, 10))

    def cells(strategy: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(strategy, min_size=count, max_size=count))

    def with_gaps(values: list[Any], gap: object) -> list[Any]:
        where = draw(st.sets(st.integers(0, count - 1), max_size=count - 1))
        return [gap if place in where else value for place, value in enumerate(values)]

    number, text = st.floats(-1e6, 1e6), st.sampled_from(["rain", "sun"])
    makers: dict[str, Callable[[], Any]] = {
        "float64": lambda: cells(number),
        "sparse": lambda: pd.arrays.SparseArray(cells(st.integers(-9, 9))),
        "float32": lambda: np.array(cells(st.floats(-1e6, 1e6, width=32)), np.float32),
        "int64": lambda: cells(st.integers(-(2**53), 2**53)),
        "int8": lambda: np.array(cells(st.integers(-128, 127)), np.int8),
        "bool": lambda: cells(st.booleans()),
        "gaps": lambda: with_gaps(cells(number), math.nan),
        "Float64": lambda: pd.array(with_gaps(cells(number), pd.NA), "Float64"),
        "Int64": lambda: pd.array(with_gaps(cells(st.integers(-999, 999)), pd.NA), "Int64"),
        "boolean": lambda: pd.array(with_gaps(cells(st.booleans()), pd.NA), "boolean"),
        "objects": lambda: np.array(with_gaps(cells(number), None), object),
        "texts": lambda: with_gaps(cells(text), None),
        "string": lambda: pd.array(with_gaps(cells(text), pd.NA), "string"),
        "categorical": lambda: pd.Categorical(with_gaps(cells(text), None), ["sun", "snow", "rain"]),
    }
    kinds = draw(st.lists(st.sampled_from(sorted(makers)), min_size=1, max_size=6, unique=True))
    return pd.DataFrame({kind: makers[kind]() for kind in kinds})


def cells_in_python(cells: list[Any], column: Column) -> list[list[float]]:
    """The prepared inputs of a column, in plain Python."""
    gaps = [cell is None or cell is pd.NA or cell != cell for cell in cells]
    known = [cell for cell, gap in zip(cells, gaps, strict=True) if not gap]
    if column.kind == "category":
        categories = sorted(set(known))
        fill = min(categories, key=lambda text: (-known.count(text), text))
        filled = [fill if gap else cell for cell, gap in zip(cells, gaps, strict=True)]
        return [[float(text == category) for category in categories] for text in filled]
    total = 0.0
    for cell in known:
        total += float(cell)
    mean = total / len(known)
    filled = [mean if gap else float(cell) for cell, gap in zip(cells, gaps, strict=True)]
    centre, scale = in_python(filled, "standardise") if column.kind == "number" else (0.0, 1.0)
    return [[(number - centre) / scale] for number in filled]


@FEWER
@given(frame=frames())
def test_frames_of_all_kinds_are_prepared_as_in_plain_python(frame: pd.DataFrame) -> None:
    preparation = preprocessing.standardise(frame, missing="mean")
    wanted = [cells_in_python(list(frame[column.name]), column) for column in preparation.columns]
    rows = [[number for part in parts for number in part] for parts in zip(*wanted, strict=True)]
    found = preparation.prepared(frame)
    assert found.tolist() == rows
    assert found.shape == (len(frame), len(preparation.inputs))
    again = Preparation.from_plain(json.loads(json.dumps(preparation.plain())))
    assert again == preparation
    assert hash(again) == hash(preparation)
    other_way = frame[frame.columns[::-1]]
    assert again.prepared(other_way).tolist() == rows
    alone = [again.prepared(frame.iloc[[place]]).tolist() for place in range(len(frame))]
    assert [row for (row,) in alone] == rows  # a row does not depend on the others


@pytest.mark.long
@FEWER
@given(frame=frames(), seed=st.integers(0, 99))
def test_both_engines_train_and_predict_the_same_bits_of_frames(frame: pd.DataFrame, seed: int) -> None:
    preparation = preprocessing.standardise(frame, missing="mean")
    y = np.random.default_rng(seed).normal(300.0, 20.0, (len(frame), 2)) * [1.0, 1000.0]
    found = []
    for engine in "scalar", "compiled":
        net = new_net(len(preparation.inputs), 2)
        prepare = preprocessing.standardise(frame, y, missing="mean")
        scales = prepare.target_scales
        history = fit(net, frame, y, prepare=prepare, engine=engine)
        score = net.evaluate(frame, y, engine=engine)
        found.append((numbers(net), bits(history.loss), net.predict(frame, engine).tolist(), score))
        plain = new_net(len(preparation.inputs), 2)
        rows = prepare.prepared(frame)
        targets = [[(n - c) / s for n, (c, s) in zip(row, scales, strict=True)] for row in y.tolist()]
        fit(plain, rows, targets, engine=engine)
        assert numbers(plain) == numbers(net)
        outputs = plain.predict(rows, engine).tolist()
        assert found[-1][2] == [
            [z * s + c for z, (c, s) in zip(row, scales, strict=True)] for row in outputs
        ]
        assert score.error == pytest.approx(abs(np.array(found[-1][2]) - y).mean(), rel=1e-9)
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", ["f4", "f2", "i1", "u8", "?", "O", "g"])
def test_arrays_of_all_types_give_the_same_numbers(kind: str) -> None:
    X = np.array([[1, 0], [0, 1], [1, 1], [1, 0]])
    net, same = new_net(2), new_net(2)
    fit(net, X.astype(kind), [1, 2, 3, 4], prepare="standardise")
    fit(same, X.tolist(), [1, 2, 3, 4], prepare="standardise")
    assert net.preparation == same.preparation
    assert not kept(net).is_named
    assert bits(net.predict(X.astype(kind))) == bits(same.predict(X.tolist()))
    assert bits(net.predict(pd.DataFrame(X.astype(kind)))) == bits(same.predict(X))


def test_frames_without_names_are_taken_by_their_order() -> None:
    X = FRAME.set_axis(range(4), axis=1)
    net, named = new_net(), trained()
    fit(net, X, prepare="standardise")
    assert not kept(net).is_named
    assert kept(net).inputs == ["x1", "x2", "x3", "x4=rain", "x4=snow", "x4=sun"]
    assert bits(net.predict(X)) == bits(named.predict(FRAME))
    texts = new_net(3)
    fit(texts, pd.DataFrame({0: [1.0, 2.0, 3.0, 4.0], 1: ["a", "b", "a", "b"]}), [1, 2, 3, 4])
    assert texts.preparation is not None  # texts become inputs without being asked for
    plain = new_net(2)
    fit(plain, pd.DataFrame({0: [1.0, 2.0], 1: [3.0, 4.0]}), [1, 2])
    assert plain.preparation is None


def test_rows_in_lists_and_arrays_have_a_cell_for_each_column_or_each_input() -> None:
    net = trained()
    wanted = bits(net.predict(FRAME))
    rows = FRAME.to_numpy().tolist()
    own, whole = kept(net).own(FRAME), FRAME.astype({"garden": int})
    for X in (rows, [*map(tuple, rows)], FRAME.to_numpy(), own, own.tolist(), whole):
        assert bits(net.predict(X)) == wanted
    as_texts = FRAME.assign(age=FRAME["age"].map(repr)).astype(str)
    assert bits(net.predict(as_texts)) == wanted
    assert bits(net.predict(as_texts.to_numpy())) == wanted
    refused(lambda: net.predict([[40.0, 3, True, "hail"]]), "X, row 0, column 'sky'", "'rain', 'snow'")
    refused(lambda: net.predict([[40.0, 3, 2, "sun"]]), "column 'garden'", "'true', 'false'", "'2'")
    refused(lambda: net.predict([[40.0, 3, True, 1.0]]), "X, row 0, column 'sky'")
    refused(lambda: net.predict([[40.0, 3, True]]), "3 numbers")
    refused(lambda: net.predict([40.0, 3, True, "sun"]), "a single sample goes in a list")
    texts = new_net(3)
    fit(texts, [[1.0, "a"], [2.0, "b"], [3.0, "a"], [4.0, "b"]], [1, 2, 3, 4], prepare="encode")
    assert kept(texts).inputs == ["x1", "x2=a", "x2=b"]
    assert bits(texts.predict([[1.0, "b"]])) == bits(texts.predict([[1.0, 0.0, 1.0]]))


def test_gaps_in_arrays_and_lists_are_filled_in() -> None:
    X = [[1.0, 5.0], [None, 7.0], [3.0, None]]
    preparation = preprocessing.encode(X, missing="mean")
    for rows in (X, np.array(X, float), np.array(X, object), pd.DataFrame(X, dtype=float)):
        assert preparation.prepared(rows).tolist() == [[1.0, 5.0], [2.0, 7.0], [3.0, 6.0]]
        assert preprocessing.encode(rows, missing="mean") == preparation
    refused(lambda: preprocessing.encode(np.array(X, float)), "X[1][0] is nan")
    refused(lambda: preprocessing.encode(X[:1]).prepared(np.array(X, float)), "X[1][0] is nan")
    one_category = preprocessing.encode([[1.0, "a"], [None, "a"]], missing="mean")
    assert one_category.prepared([[2.0, 1.0]]).tolist() == [[2.0, 1.0]]  # as inputs, not as cells
    assert one_category.prepared([[2.0, "a"], [None, None]]).tolist() == [[2.0, 1.0], [1.0, 1.0]]


# columns by their names


def test_columns_are_found_by_their_names() -> None:
    net = trained()
    wanted = bits(net.predict(FRAME))
    for order in (["sky", "garden", "age", "rooms"], ["rooms", "sky", "age", "garden"]):
        assert bits(net.predict(FRAME[order])) == wanted
        assert net.evaluate(FRAME[order], PRICE) == net.evaluate(FRAME, PRICE)
    assert bits(net.predict(FRAME.assign(**{"price (EUR)": PRICE}))) == wanted  # the target is no news
    with pytest.warns(
        TableWarning, match="X has columns that the net does not use: 'id', 'tax'"
    ) as seen:
        net.predict(FRAME.assign(id=1, tax=2))
    assert [each.filename for each in seen] == [__file__]
    missing = FRAME.drop(columns="rooms")
    refused(lambda: net.predict(missing), "X: expected a column 'rooms', from which the net predicts")
    refused(lambda: net.predict(FRAME.rename(columns={"age": "ages"})), "'age'", "did you mean 'ages'")
    refused(lambda: net.evaluate(missing, PRICE), "X: expected a column 'rooms'")
    refused(lambda: fit(net, missing), "X: expected a column 'rooms'")
    refused(lambda: fit(net, validation_data=(missing, PRICE)), "validation_data[0]: expected a column")
    refused(lambda: fit(net, test_data=(missing, PRICE)), "test_data[0]: expected a column 'rooms'")
    refused(lambda: fit(net, snapshots=2, watch=(missing, PRICE)), "watch[0]: expected a column 'rooms'")
    twice = pd.concat([FRAME, FRAME[["age"]]], axis=1)
    refused(lambda: net.predict(twice), "found 'age' in columns 1 and 5")
    refused(lambda: fit(new_net(7), twice), "found 'age' in columns 1 and 5")


def test_a_column_with_the_name_of_a_category_stays_another_input(tmp_path: Path) -> None:
    frame = pd.DataFrame({"sky": ["sun", "rain"] * 4, "sky=sun": range(8), "y": range(8)})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame[["sky=sun", "y", "sky"]].to_csv(tmp_path / "b.csv", index=False)
    tables = [read_csv(tmp_path / name, "y") for name in ("a.csv", "b.csv")]
    preparation = preprocessing.standardise(tables[0])
    assert preparation.inputs == ["sky=rain", "sky=sun", "sky=sun"]
    rows = frame.drop(columns="y")
    for table in (*tables, rows, rows[["sky=sun", "sky"]]):
        assert (preparation.own(table) == tables[0].X).all()


def test_the_same_columns_in_another_order_are_the_same_training() -> None:
    other = FRAME[["garden", "age", "sky", "rooms"]]
    histories = []
    for X in FRAME, other:
        net = new_net()
        net.preparation = preprocessing.standardise(FRAME, PRICE)
        options: dict[str, Any] = dict.fromkeys(("validation_data", "test_data", "watch"), (X, PRICE))
        histories.append(fit(net, X, snapshots=3, **options))
    first, second = histories
    assert bits(first.loss) == bits(second.loss)
    assert first.data == second.data
    assert first.watch == second.watch
    assert first.test == second.test
    losses = [[each.validation_loss for each in history.epochs] for history in histories]
    assert losses[0] == losses[1]


def test_cells_that_do_not_fit_are_named() -> None:
    net = trained()
    frame = FRAME.set_axis([f"r{number}" for number in range(ROWS)], axis=0)
    for name, value, text in (
        ("age", math.nan, "expected a value, found an empty cell"),
        ("age", math.inf, "expected a finite number, found 'inf'"),
        ("age", "old", "expected a number such as 1.5, found 'old'"),
        ("sky", None, "expected a value, found an empty cell"),
        ("sky", "hail", "expected one of 'rain', 'snow', 'sun', which the net knows, found 'hail'"),
        ("garden", "maybe", "expected one of 'true', 'false', which the net knows, found 'maybe'"),
    ):
        odd = frame.astype(object)
        odd.loc["r3", name] = value
        for call in net.predict, partial(fit, net):
            with pytest.raises(SlownetError, match=f"^X, row r3, column '{name}': {text}"):
                call(odd)
    gap = FRAME.assign(age=[math.nan, *FRAME["age"][1:]])
    refused(lambda: fit(new_net(), gap, prepare="standardise"), "X.dropna()", "missing='mean'")
    refused(lambda: net.predict(FRAME[:0]), "X: expected rows of data, found none")
    refused(lambda: fit(new_net(), FRAME[:0], PRICE[:0], prepare="encode"), "X: expected rows of data")
    refused(lambda: fit(new_net(), FRAME[[]], prepare="encode"), "at least one column")
    refused(lambda: fit(new_net(), FRAME.to_dict("list"), prepare="encode"), "not dict")
    row = list(FRAME.iloc[0])
    refused(lambda: fit(new_net(), row, prepare="encode"), "a single sample goes in a list")


def test_a_net_of_another_width_says_which_one_is_right() -> None:
    inputs = r"X becomes 6 inputs \(age, rooms, garden, sky=rain, sky=snow, sky=sun; .*"
    for prepare in None, "standardise":
        with pytest.raises(
            InvalidValueError, match=inputs + r"4 input neurons: begin .*\(\[6, \.\.\.\]\)"
        ):
            fit(new_net(4), prepare=prepare)
    net = trained()
    next(iter(net.inputs.neurons.values())).remove()
    refused(lambda: net.predict(FRAME), "this net has 5 input neurons: net.preparation = None forgets")
    refused(lambda: fit(net), "this net has 5 input neurons")


# targets


def test_targets_of_all_kinds() -> None:
    for y in (PRICE, PRICE.to_frame(), PRICE.to_numpy(), PRICE.tolist(), PRICE.to_numpy()[:, None]):
        net = trained(y=y)
        (target,) = kept(net).targets
        assert target.name == ("price (EUR)" if isinstance(y, (pd.Series, pd.DataFrame)) else "")
        assert (target.centre, target.scale) == in_python(PRICE.tolist(), "standardise")
        assert net.predict(FRAME).shape == (ROWS,)
    whole = PRICE.astype(int)
    low, high = float(min(whole)), float(max(whole))
    found = kept(trained(y=whole, prepare="min-max")).targets
    assert found == (Target("price (EUR)", low, high - low),)
    assert kept(trained(y=[14.62] * ROWS)).targets == (Target("", 14.62, 1.0),)
    two, ragged = pd.DataFrame({"u": PRICE, "v": PRICE}), [[1, 2], [1]] * 12
    for wrong, text in (
        (PRICE.where(PRICE.index != 2), r"y\[2\] must be finite, not nan: leave out"),
        (["a"] * ROWS, r"y\[0\] must be a number"),
        (PRICE[:3], "24 samples but 3 targets"),
        (ragged, "the same number of targets"),
        (two, "2 targets are prepared, and this net has 1 output"),
    ):
        with pytest.raises(SlownetError, match=text):
            trained(y=wrong)
    refused(lambda: trained(y=ragged, prepare="encode"), "y[0] must have 1 number")


@BOTH
def test_errors_are_in_the_units_of_the_targets(engine: str) -> None:
    net = new_net(6, 2)
    y = pd.DataFrame({"price": PRICE, "tax": PRICE * 1000.0})
    history = fit(net, y=y, prepare="standardise", epochs=60, test_data=(FRAME, y), engine=engine)
    found = net.predict(FRAME, engine)
    assert found.mean(axis=0) == pytest.approx(y.mean(), rel=0.2)
    error = float(abs(found - y.to_numpy()).mean())
    score = net.evaluate(FRAME, y, engine)
    assert score.error == pytest.approx(error, rel=1e-12)
    assert history.test is not None
    assert (history.test["loss"], history.test["error"]) == (score.loss, score.error)
    assert score.loss < 3.0  # of the outputs, as they are trained


def test_classes_and_yes_or_no_keep_the_name_of_their_target() -> None:
    X, sky = FRAME.drop(columns="sky"), FRAME["sky"]
    answers = pd.DataFrame({"a": [0, 1] * 12, "b": [1, 0] * 12, "c": 1})
    for output, y, loss, names in (
        ("softmax", sky, None, ["sky"]),
        ("sigmoid", sky.where(sky == "sun", "wet"), None, ["sky"]),
        ("linear", pd.Series([-1, 1] * 12, name="sky"), "hinge", ["sky"]),
        ("sigmoid", answers, None, ["a", "b", "c"]),
    ):
        net = new_net(3, 3 if output == "softmax" else len(names), output)
        fit(net, X, y, prepare="standardise", loss=loss)
        assert [target.name for target in kept(net).targets] == names
        assert kept(net).target_scales == []
        assert len(net.predict(X)) == ROWS
        assert net.evaluate(X, y).accuracy is not None
        for again in "standardise", preprocessing.standardise(X), preprocessing.standardise(X, PRICE):
            fit(net, X, y, prepare=again, loss=loss)


@pytest.mark.parametrize(("output", "limits"), [("sigmoid", "0 to 1"), ("tanh", "-1 to 1")])
def test_an_output_of_a_range_says_how_targets_come_into_it(output: str, limits: str) -> None:
    loss, hints = "mean_squared_error", ('output_activation="linear"', 'prepare="min-max"')
    net = new_net(6, 1, output)
    refused(lambda: fit(net, prepare="standardise", loss=loss), "] becomes ", f"gives {limits}", *hints)
    refused(lambda: fit(net, loss=loss), "y[0] is ", f"gives {limits}", *hints)
    fit(net, prepare="min-max", epochs=40, loss=loss)
    assert PRICE.min() - 100.0 < net.predict(FRAME).mean() < PRICE.max()


# a net keeps its preparation


def copied(net: Net, path: Path) -> dict[str, Net]:
    path.mkdir(exist_ok=True)
    joblib.dump(net, path / "a.joblib")
    return {
        "file": slownet.load(net.save(path / "net.json")),
        "pickle": pickle.loads(pickle.dumps(net)),
        "joblib": joblib.load(path / "a.joblib"),
        "deepcopy": copy.deepcopy(net),
        "copy": net.copy(),
    }


@pytest.mark.parametrize("prepare", [None, "standardise", "min-max", "encode"])
def test_copies_and_files_of_a_net_keep_it(prepare: str | None, tmp_path: Path) -> None:
    net = trained(prepare=prepare)
    for how, other in copied(net, tmp_path).items():
        assert (other.preparation, kept(other).inputs) == (net.preparation, INPUTS), how
        assert bits(other.predict(FRAME)) == bits(net.predict(FRAME)), how
        assert other.evaluate(FRAME, PRICE) == net.evaluate(FRAME, PRICE), how
        fit(other)
        assert other.preparation == net.preparation, how


class StopAt(Callback):
    """Stands for Ctrl-C in the middle of an epoch."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_step_end(self, training: Any) -> None:
        if training.step == self.step:
            raise KeyboardInterrupt


@pytest.mark.parametrize("X", [FRAME, FRAME.drop(columns="sky").to_numpy(float)], ids=["frame", "array"])
def test_histories_give_nets_that_predict_in_units(X: Any, tmp_path: Path) -> None:
    path, width = tmp_path / "a.run", 6 if X is FRAME else 3
    whole = new_net(width)
    options: dict[str, Any] = {
        "prepare": "standardise", "snapshots": 5, "watch": (X[:3], PRICE[:3]),
        "validation_data": (X[:6], PRICE[:6]), "optimizer": "adam", "epochs": 4,
    }  # fmt: skip
    history = fit(whole, X, **options)
    wanted = bits(whole.predict(X))
    samples = np.asarray(kept(whole).own(X[:3]), float).tolist()
    assert history.watch.samples == samples  # in the table's units
    assert history.watch.labels == PRICE[:3].tolist()
    broken = new_net(width)
    assert fit(broken, X, **options, record=path, callbacks=StopAt(7)).ended == "interrupted"
    opened = History.open(path)
    assert opened.restore().preparation == whole.preparation
    resumed = slownet.resume(path, (X, PRICE), validation_data=(X[:6], PRICE[:6]), progress=False)
    assert bits(resumed.loss) == bits(history.loss)
    assert resumed.net is not None
    assert bits(resumed.net.predict(X)) == wanted
    again = [History.open(path)]
    again += [History.from_json(history.to_json(tmp_path / name)) for name in ("a.json", "a.json.gz")]
    for each in again:
        assert each.watch == history.watch
        assert bits(each.restore().predict(X)) == wanted
        assert bits(each.rewind(each.last_step, (X, PRICE)).predict(X)) == wanted
        early = each.rewind(3, (X, PRICE))
        assert early.preparation == whole.preparation
        branched = each.branch(3, (X, PRICE), validation_data=(X[:6], PRICE[:6]), progress=False)
        assert bits(branched.loss) == bits(history.loss[3:])
        assert branched.watch == history.watch
        assert branched.net is not None
        assert bits(branched.net.predict(X)) == wanted
        for data, text in ((X[::-1], PRICE), "data: X"), ((X, PRICE + 1.0), "data: y"):
            with pytest.raises(RecordingError, match=f"learned from other {text}"):
                each.rewind(3, data)


def test_a_frame_and_its_array_are_the_same_data() -> None:
    frame = FRAME[["age", "rooms"]]
    X = frame.to_numpy(float)
    for prepare in None, "standardise":
        options: dict[str, Any] = {"snapshots": 2, "prepare": prepare}
        found = [fit(new_net(2), data, **options).data for data in (frame, X, X.tolist())]
        assert found[0] == found[1] == found[2]
        assert "X" in found[0]
    history = fit(new_net(2), X, snapshots=2)
    nets = [history.rewind(5, (data, PRICE)) for data in (frame, X)]
    assert numbers(nets[0]) == numbers(nets[1])
    with pytest.raises(RecordingError, match="other data: X"):
        history.rewind(5, (X + 1.0, PRICE))


def test_a_second_fit_keeps_it() -> None:
    net = trained()
    first = net.preparation
    for prepare in None, "standardise", first, preprocessing.standardise(FRAME, PRICE):
        fit(net, FRAME[:10], PRICE[:10] * 2.0, prepare=prepare)
        assert net.preparation is first
    for other in (
        preprocessing.standardise(FRAME[:9], PRICE),
        preprocessing.standardise(FRAME, PRICE[:9]),
        preprocessing.min_max(FRAME, PRICE),
        preprocessing.encode(FRAME),
        preprocessing.standardise(FRAME.rename(columns={"age": "years"}), PRICE),
    ):
        before = numbers(net)
        with pytest.raises(InvalidValueError, match=r"another preparation .* net\.preparation = None"):
            fit(net, prepare=other)
        assert numbers(net) == before
        assert net.preparation is first
    with pytest.warns(TrainingWarning, match="which scales numbers: net.preparation = None forgets it"):
        fit(net, prepare="encode")
    net = new_net()
    net.preparation = preprocessing.standardise(FRAME)
    with pytest.warns(TrainingWarning, match="which leaves targets as they are: net.preparation = None"):
        fit(net, y=PRICE / 200.0, prepare="standardise")
    named = new_net()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingWarning)  # of inputs of different sizes
        fit(named, learning_rate=1e-9)
    with pytest.warns(TrainingWarning, match="which leaves numbers as they are"):
        fit(named, prepare="standardise", learning_rate=1e-9)
    named.preparation = None
    fit(named, prepare="standardise")
    assert named.preparation == first


def test_options_that_change_the_net_keep_it() -> None:
    whole, parts = new_net(), new_net()
    fit(whole, prepare="standardise", epochs=4, optimizer="adam", shuffle=False, warm_start=True)
    for _ in range(2):
        fit(parts, prepare="standardise", epochs=2, optimizer="adam", shuffle=False, warm_start=True)
    assert numbers(parts) == numbers(whole)
    assert parts.preparation == whole.preparation
    few = FRAME[:5], PRICE[:5] * 9
    stopped = trained(epochs=50, validation_data=few, early_stopping=2)
    assert stopped.preparation == whole.preparation

    class Edit(Callback):
        def on_epoch_end(self, training: Any) -> None:
            if training.epoch == 2:
                training.net.layers[1].neurons[1].remove()

    net = new_net()
    history = fit(net, prepare="standardise", snapshots=9, callbacks=Edit())
    assert {each.graph.preparation for each in history.snapshots} == {whole.preparation}
    assert history.restore().preparation == whole.preparation

    class Cut(Callback):
        def on_epoch_end(self, training: Any) -> None:
            training.net.inputs.neurons[0].remove()

    refused(lambda: trained(callbacks=Cut()), "does not fit the samples any more")


def test_callbacks_see_prepared_numbers_and_leave_the_preparation_alone() -> None:
    seen = []

    class See(Callback):
        def on_fit_begin(self, training: Any) -> None:
            seen.append((list(training.samples), training.targets))

        def on_epoch_end(self, training: Any) -> None:
            training.net.preparation = None

    net = new_net()
    with pytest.raises(InvalidValueError, match=r"net\.preparation was changed during a training"):
        fit(net, prepare="standardise", callbacks=See())
    preparation = preprocessing.standardise(FRAME, PRICE)
    ((centre, scale),) = preparation.target_scales
    prepared = preparation.prepared(FRAME).tolist()
    assert seen == [(prepared, [[(price - centre) / scale] for price in PRICE])]


@pytest.mark.parametrize("hook", ["on_step_end", "on_epoch_end"])
@pytest.mark.parametrize("other", [None, preprocessing.min_max(FRAME, PRICE)])
def test_a_preparation_that_changes_after_the_last_step_is_refused(
    hook: str, other: Preparation | None
) -> None:
    callback = Callback()
    setattr(callback, hook, lambda training: setattr(training.net, "preparation", other))
    with pytest.raises(InvalidValueError, match=r"net\.preparation was changed during a training"):
        fit(new_net(), prepare="standardise", callbacks=callback, epochs=1, batch_size=len(FRAME))


def last_step(path: str | Path) -> int:
    try:
        return History.open(path).last_step
    except SlownetError:  # before the first commit
        return 0


def test_a_training_that_was_killed_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    code = """if True:
        import os, sys, time
        import test_preparation as t

        class Kill(t.Callback):
            def on_step_end(self, training):
                if training.step == 8:
                    while not t.last_step(sys.argv[1]):  # another thread writes
                        time.sleep(0.01)
                    os._exit(9)

        t.fit(t.new_net(), prepare="standardise", snapshots=9, record=sys.argv[1], callbacks=Kill())
    """
    assert run(sys.executable, "-c", code, path, env=ENVIRONMENT).returncode == 9
    assert 0 < last_step(path) < 9
    whole = new_net()
    history = fit(whole, prepare="standardise", snapshots=9)
    resumed = slownet.resume(path, (FRAME, PRICE), progress=False)
    assert bits(resumed.loss) == bits(history.loss)
    assert resumed.net is not None
    assert bits(resumed.net.predict(FRAME)) == bits(whole.predict(FRAME))


@pytest.mark.long
def test_preparations_of_many_columns_are_read() -> None:
    def read(columns: list[Column]) -> Preparation | None:
        text = json.dumps(Preparation(columns).plain()).encode()
        return read_preparation(JsonStream(io.BytesIO(text), "file"), "file")

    many = [Column(f"column {k}", "number", centre=k / 3, scale=k + 0.1) for k in range(100_000)]
    preparation = read(many)  # as one value it would be refused: more than MOST_MEMORY
    assert preparation is not None
    assert preparation.columns == tuple(many)
    texts = tuple(map(str, range(5000)))
    with pytest.raises(FormatError, match="file: expected at most 200,000 inputs, found more"):
        read([Column(f"column {k}", "category", texts) for k in range(41)])


def test_a_failed_fit_leaves_none_behind() -> None:
    net = new_net()
    refused(lambda: fit(net, prepare="standardise", y=PRICE[:3]))
    refused(lambda: fit(net, prepare="standardise", validation_data=(FRAME[["age"]], PRICE)))
    assert net.preparation is None
    refused(lambda: fit(net, prepare="standardize"), "did you mean 'standardise'")
    for wrong in 3, True, preprocessing.standardise:
        with pytest.raises(InvalidTypeError, match="or a Preparation, not"):
            fit(net, prepare=wrong)


def test_it_is_set_by_hand() -> None:
    net, other = trained(), new_net()
    other.preparation = net.preparation
    for weight, its in zip(other.weights(), net.weights(), strict=True):
        weight.value = its.value
    for neuron, mine in zip(other.neurons(), net.neurons(), strict=True):
        neuron.bias = mine.bias
    assert bits(other.predict(FRAME)) == bits(net.predict(FRAME))
    prepared = kept(net).prepared(FRAME)
    outputs = [net.forward(row)[0] for row in prepared.tolist()]
    ((centre, scale),) = kept(net).target_scales
    assert net.predict(FRAME).tolist() == [output * scale + centre for output in outputs]
    other.preparation = None
    assert bits(other.predict(prepared)) == bits(outputs)
    refused(lambda: other.predict(FRAME), "X")
    for wrong in "standardise", [Column("a", "number")], object():
        with pytest.raises(InvalidTypeError, match="preparation must be"):
            other.preparation = wrong  # type: ignore[assignment]
    other.preparation = preprocessing.standardise(FRAME[["age"]])
    refused(lambda: other.predict(FRAME), "X becomes 1 inputs (age;", "this net has 6 input neurons")


# tables of files


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def new_file(name: str, frame: pd.DataFrame) -> Path:
        frame.to_csv(tmp_path / name, index=False)
        return tmp_path / name

    return new_file


def test_tables_of_files_are_prepared_like_frames(write: Write) -> None:
    both = FRAME.assign(**{"price (EUR)": PRICE})
    table = read_csv(write("a.csv", both), "price (EUR)")
    net, same = new_net(), trained()
    fit(net, table, None, prepare="standardise")
    assert net.preparation == same.preparation
    assert bits(net.predict(table)) == bits(same.predict(FRAME))
    assert net.evaluate(table) == same.evaluate(FRAME, PRICE)
    assert preprocessing.standardise(table) == net.preparation
    fewer = both[both["sky"] != "snow"].iloc[:, ::-1]
    other = read_csv(write("b.csv", fewer), "price (EUR)")
    assert isinstance(other, Table)
    assert other.names != table.names
    wanted = same.predict(FRAME[both["sky"] != "snow"])
    assert bits(net.predict(other)) == bits(wanted)
    history = fit(net, table, None, validation_data=other, test_data=other, snapshots=2, watch=other)
    assert history.watch.samples == kept(same).own(fewer.drop(columns="price (EUR)")).tolist()
    more = read_csv(write("c.csv", both.assign(id=range(ROWS))), "price (EUR)")
    with pytest.warns(TableWarning, match="X has columns that the net does not use: 'id'"):
        assert bits(net.predict(more)) == bits(net.predict(FRAME))
    hail = both.assign(sky=both["sky"].replace("sun", "hail"))
    unknown = read_csv(write("d.csv", hail), "price (EUR)")
    refused(lambda: net.predict(unknown), "X, column 'sky': expected one of", "found 'hail'")
    without = read_csv(write("e.csv", both.drop(columns="age")), "price (EUR)")
    refused(lambda: net.predict(without), "X: expected a column 'age' of the kind 'number'")
    codes = read_csv(write("f.csv", both.assign(sky=range(ROWS))), "price (EUR)")
    refused(lambda: net.predict(codes), "'sky' of the kind 'category'", "one of the kind 'number'")


def test_rows_of_files_are_found_by_their_names(write: Write) -> None:
    frame = FRAME[["age", "rooms"]]
    table = read_csv(write("a.csv", frame.assign(y=PRICE)), "y")
    for order in ["rooms", "age"], ["age", "rooms"]:
        rows = NewRows(write("b.csv", frame[order]), TableOptions()).inputs(table.columns)
        assert rows.tolist() == frame.to_numpy(float).tolist()


# what it is made of


def test_what_cannot_be_is_refused() -> None:
    number, category = Column("a", "number"), Column("b", "category", ("x", "y"), "x")
    for make, text in (
        (lambda: Column("a", "numbers"), "one of number, boolean, category"),
        (lambda: Column(1, "number"), "must be texts"),  # type: ignore[arg-type]
        (lambda: Column("a", "number", ("x",)), "only a column of texts"),
        (lambda: Column("a", "category"), "at least one"),
        (lambda: Column("a", "category", ("x", "x")), "different texts"),
        (lambda: Column("a", "category", "xy"), "must be a tuple"),  # type: ignore[arg-type]
        (lambda: Column("a", "category", ("x",), "y"), "one of the categories"),
        (lambda: Column("a", "category", ("x",), scale=2.0), "only a column of numbers"),
        (lambda: Column("a", "number", fill="x"), "a finite number"),
        (lambda: Column("a", "number", fill=math.nan), "a finite number"),
        (lambda: Column("a", "number", centre=math.inf), "finite numbers"),
        (lambda: Column("a", "number", scale=0.0), "above 0"),
        (lambda: Column("a", "number", scale=10**400), "at most 1.8e308"),
        (lambda: Column("a", "number", centre="1"), "centre must be a number"),  # type: ignore[arg-type]
        (lambda: Target("a", scale=-1.0), "above 0"),
        (lambda: Target(3), "must be a text"),  # type: ignore[arg-type]
        (lambda: Preparation([]), "at least one column"),
        (lambda: Preparation([number, number]), "two columns 'a'"),
        (lambda: Preparation([Target("a")]), "Columns and Targets"),  # type: ignore[list-item]
        (lambda: Preparation([number], ["y"]), "Columns and Targets"),  # type: ignore[list-item]
        (lambda: Preparation.from_plain({}), "the preparation of a table"),
        (lambda: Preparation.from_plain([]), "the preparation of a table"),  # type: ignore[arg-type]
        (lambda: preprocessing.standardise(FRAME, missing="drop"), 'must be "error" or "mean"'),
    ):
        refused(make, text)
    made = Preparation(iter([number, category]), iter([Target("y", 1, np.float64(2.0))]))
    assert made.inputs == ["a", "b=x", "b=y"]
    assert type(made.targets[0].centre) is type(made.targets[0].scale) is float
    assert repr(made) == "Preparation(2 columns (a, b), 3 inputs, predicts y)"
    assert made != Preparation([number, category])
    assert made == Preparation([number, category], made.targets)
    with pytest.raises(AttributeError):
        made.columns = ()  # type: ignore[misc]


@pytest.mark.parametrize(
    "thing",
    [Preparation, Column, Target, Table, *map(vars(preprocessing).get, preprocessing.__all__)],
    ids=lambda thing: thing.__name__,
)
def test_examples(thing: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = doctest.DocTestFinder().find(thing, thing.__name__, globs={})
    printed: list[str] = []
    assert any(each.examples for each in found)
    for each in found:
        doctest.DocTestRunner().run(each, out=printed.append)
    assert not printed, "".join(printed)
