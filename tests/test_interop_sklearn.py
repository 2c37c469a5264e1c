"""The estimators for scikit-learn: its own checks, its loss curves, and what people do with them."""

from __future__ import annotations

import doctest
import inspect
import pickle
import warnings
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest
from commands import python
from slow import mostly_long

import slownet
from slownet.errors import DivergedError, InvalidTypeError, InvalidValueError
from slownet.functions import adam, cosine

sklearn = pytest.importorskip("sklearn")

from sklearn import datasets  # noqa: E402
from sklearn.base import clone  # noqa: E402
from sklearn.compose import TransformedTargetRegressor, make_column_transformer  # noqa: E402
from sklearn.exceptions import ConvergenceWarning, NotFittedError  # noqa: E402
from sklearn.metrics import accuracy_score  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.neural_network import MLPClassifier, MLPRegressor  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import OneHotEncoder, StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import check_estimator  # noqa: E402

from slownet.interop.sklearn import SlowNetClassifier, SlowNetRegressor, settings  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = datasets.load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
NAMES = np.array(["setosa", "versicolor", "virginica"])[Y]
QUICK: dict[str, Any] = {
    "hidden_layer_sizes": (6,),
    "solver": "sgd",
    "learning_rate_init": 0.1,
    "batch_size": 20,
    "max_iter": 30,
    "tol": 0.0,
    "random_state": 0,
}

# scikit-learn's own checks

SKIPPED = {
    # it needs an environment variable of SciPy, which is not set when scikit-learn checks its own nets
    "check_array_api_input",
    # a net has probabilities and no decision function, like MLPClassifier
    "check_classifiers_multilabel_output_format_decision_function",
}


@pytest.mark.long
@pytest.mark.parametrize("kind", [SlowNetClassifier, SlowNetRegressor])
def test_the_checks_of_scikit_learn_pass(kind: Any) -> None:
    """Without exemption: what is skipped is skipped for MLPClassifier and MLPRegressor, too."""
    estimator = kind(max_iter=30, learning_rate_init=0.02)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the checks catch those that they look for
        results = check_estimator(estimator, on_fail=None, on_skip=None)
    assert len(results) > 50
    assert [each["check_name"] for each in results if each["status"] == "failed"] == []
    assert {each["check_name"] for each in results if each["status"] == "skipped"} <= SKIPPED


# the same as scikit-learn's nets

DIGITS, DIGIT = (each[:700] for each in datasets.load_digits(return_X_y=True))
DIGITS = DIGITS / 16.0
BODY, DISEASE = datasets.load_diabetes(return_X_y=True, scaled=False)
BODY = (BODY - BODY.mean(axis=0)) / BODY.std(axis=0)
DISEASE = (DISEASE - DISEASE.mean()) / DISEASE.std()
LABELLED = datasets.make_multilabel_classification(300, random_state=0)
EXACT: dict[str, Any] = {
    "solver": "sgd",
    "shuffle": False,
    "tol": 0.0,
    "n_iter_no_change": np.inf,
    "hidden_layer_sizes": (20, 12),
    "random_state": 0,
}


def give_weights(net: slownet.Net, other: Any) -> None:
    """Set the weights and biases of a net to those of a net of scikit-learn."""
    for place, layer in enumerate(list(net)[1:]):
        for neuron in layer:
            neuron.bias = float(other.intercepts_[place][neuron.id])
            for weight in neuron.weights["in"].values():
                weight.value = float(other.coefs_[place][weight.source.id, neuron.id])


def train_both(kinds: tuple[Any, Any], parameters: dict[str, Any], *data: Any) -> tuple[Any, Any]:
    """Train a net of ours and one of scikit-learn for 50 epochs, from the same weights."""
    ours, theirs = (kind(**{**EXACT, **parameters, "max_iter": 1}).fit(*data) for kind in kinds)
    give_weights(ours.net_, theirs)
    for estimator in (ours, theirs):
        estimator.set_params(max_iter=50, warm_start=True).fit(*data)
    return ours, theirs


def assert_same(ours: Any, theirs: Any, curve: float = 1e-9) -> None:
    assert len(ours.loss_curve_) == len(theirs.loss_curve_) > 1
    assert ours.loss_curve_[1] > 1.001 * ours.loss_  # it learns
    assert np.allclose(ours.loss_curve_[1:], theirs.loss_curve_[1:], rtol=0.0, atol=curve)
    for names in ("coefs_", "intercepts_"):
        for mine, other in zip(getattr(ours, names), getattr(theirs, names), strict=True):
            assert np.allclose(mine, other, rtol=0.0, atol=1e-9)
    assert (ours.t_, ours.n_iter_, ours.n_layers_) == (theirs.t_, theirs.n_iter_, theirs.n_layers_)
    assert (ours.n_outputs_, ours.out_activation_) == (theirs.n_outputs_, theirs.out_activation_)


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize(
    "parameters",
    [
        {"learning_rate_init": 0.05},  # the last of four batches has 100 samples
        {"batch_size": 64, "learning_rate_init": 0.05, "nesterovs_momentum": False},
        {"batch_size": 300, "alpha": 0.5, "momentum": 0, "learning_rate_init": 0.3},
        {"batch_size": 7, "alpha": 0.0, "momentum": 0.5, "learning_rate_init": 0.01},
        {"momentum": 0, "learning_rate": "invscaling", "power_t": 0.1, "learning_rate_init": 0.3},
        {"learning_rate": "invscaling", "learning_rate_init": 0.1},
        {"learning_rate": "invscaling", "nesterovs_momentum": False, "learning_rate_init": 0.1},
    ],
)
def test_the_loss_curve_is_that_of_mlp_classifier(activation: str, parameters: Any) -> None:
    kinds = SlowNetClassifier, MLPClassifier
    ours, theirs = train_both(kinds, {"activation": activation, **parameters}, DIGITS, DIGIT)
    assert_same(ours, theirs)
    assert np.allclose(ours.predict_proba(DIGITS), theirs.predict_proba(DIGITS), rtol=0.0, atol=1e-9)
    assert ours.score(DIGITS, DIGIT) == theirs.score(DIGITS, DIGIT)


@pytest.mark.parametrize("batch_size", ["auto", 60, 442])
@pytest.mark.parametrize("activation", mostly_long(["relu", "logistic"]))
def test_the_loss_curve_is_that_of_mlp_regressor(activation: str, batch_size: Any) -> None:
    parameters = {"activation": activation, "batch_size": batch_size, "learning_rate_init": 0.02}
    ours, theirs = train_both((SlowNetRegressor, MLPRegressor), parameters, BODY, DISEASE)
    assert_same(ours, theirs)
    assert np.allclose(ours.predict(BODY), theirs.predict(BODY), rtol=0.0, atol=1e-9)
    assert np.isclose(ours.score(BODY, DISEASE), theirs.score(BODY, DISEASE), rtol=1e-9)


@pytest.mark.parametrize(
    "data",
    [
        (DIGITS, DIGIT > 4),
        (LABELLED[0] / 10.0, LABELLED[1]),
        (DIGITS, DIGIT, np.random.default_rng(0).uniform(0.5, 2.0, 700)),
    ],
    ids=["two classes", "labels", "weights"],
)
def test_so_it_is_for_two_classes_labels_and_weights(data: Any) -> None:
    parameters = {"learning_rate_init": 0.05, "batch_size": 64, "alpha": 0.01}
    assert_same(*train_both((SlowNetClassifier, MLPClassifier), parameters, *data))


def test_the_poisson_loss_is_that_of_mlp_regressor() -> None:
    counts = np.round(np.exp(DISEASE))
    parameters = {"loss": "poisson", "learning_rate_init": 0.01, "batch_size": 60}
    ours, theirs = train_both((SlowNetRegressor, MLPRegressor), parameters, BODY, counts)
    assert_same(ours, theirs)
    assert ours.out_activation_ == "exp"
    with pytest.raises(InvalidValueError, match="poisson"):
        clone(ours).fit(BODY, -counts - 1.0)
    with pytest.raises(InvalidValueError, match="numbers"):
        SlowNetRegressor("hinge").fit(BODY, counts)
    with pytest.raises(InvalidValueError, match="numbers"):
        SlowNetRegressor("cross_entropy").fit(BODY, counts)


def test_several_outputs_learn_as_those_of_mlp_regressor() -> None:
    """The loss of ours is the sum over outputs, of which MLPRegressor writes down the mean."""
    targets = np.column_stack([DISEASE, DISEASE**2])
    parameters = {"learning_rate_init": 0.01, "batch_size": 60, "alpha": 0.0}
    ours, theirs = train_both((SlowNetRegressor, MLPRegressor), parameters, BODY, targets)
    theirs.loss_curve_ = [2.0 * loss for loss in theirs.loss_curve_]
    assert_same(ours, theirs)
    assert ours.predict(BODY).shape == targets.shape


@pytest.mark.parametrize(("momentum", "rate"), [(0, 0.5), (0.9, 0.1)])
def test_adaptive_rates_and_the_end_are_those_of_mlp_classifier(momentum: float, rate: float) -> None:
    parameters = {
        "tol": 1e-2,
        "n_iter_no_change": 2,
        "learning_rate": "adaptive",
        "momentum": momentum,
        "learning_rate_init": rate,
        "batch_size": 50,
    }
    ours, theirs = train_both((SlowNetClassifier, MLPClassifier), parameters, DIGITS, DIGIT)
    assert_same(ours, theirs)
    rates = [rate for _, rate in ours.history_.config["epoch_rates"]]
    assert len(set(rates)) > 2
    assert min(rates) < rate / 20.0


@pytest.mark.parametrize(("tol", "patience"), [(1e-3, 3), (0.02, 1)])
def test_training_ends_when_that_of_mlp_classifier_does(tol: float, patience: int) -> None:
    parameters = {"tol": tol, "n_iter_no_change": patience, "learning_rate_init": 0.1}
    ours, theirs = train_both((SlowNetClassifier, MLPClassifier), parameters, DIGITS, DIGIT)
    assert ours.n_iter_ < 50
    assert_same(ours, theirs)
    assert ours.best_loss_ == min(ours.loss_curve_[1:])


def test_partial_fits_are_those_of_mlp_classifier() -> None:
    """What momentum remembers is kept from call to call, on other samples, too."""
    ours, theirs = (
        kind(**{**EXACT, "learning_rate_init": 0.05}) for kind in (SlowNetClassifier, MLPClassifier)
    )
    for estimator in (ours, theirs):
        estimator.partial_fit(DIGITS[:1], DIGIT[:1], classes=range(10))
    give_weights(ours.net_, theirs)
    for layer in list(ours.net_)[1:]:
        for thing in [*layer, *(w for neuron in layer for w in neuron.weights["in"].values())]:
            ours.net_.optimizer_state.memory[thing] = (0.0, 0.0)
    theirs._optimizer.velocities = [0.0 * each for each in theirs._optimizer.velocities]
    for first in range(0, 700, 70):
        for estimator in (ours, theirs):
            estimator.partial_fit(DIGITS[first : first + 70], DIGIT[first : first + 70])
    assert_same(ours, theirs)
    assert ours.n_iter_ == 1
    assert len(ours.loss_curve_) == 11


# what people do with estimators


def test_the_net_is_an_object_graph_and_the_source_of_the_arrays() -> None:
    model = SlowNetClassifier(**QUICK).fit(X, NAMES)
    assert model.classes_.tolist() == model.net_.classes == ["setosa", "versicolor", "virginica"]
    assert isinstance(model.history_, slownet.History)
    assert model.net_.layers[1].neurons[2].weights["out"][(2, 1)].value == model.coefs_[1][2, 1]
    assert [each.shape for each in model.coefs_] == [(4, 6), (6, 3)]
    assert model.intercepts_[1][2] == model.net_.layers[2].neurons[2].bias
    model.net_.weight(2, (2, 1)).remove()
    assert model.coefs_[1][2, 1] == 0.0
    assert model.score(X, NAMES) == np.mean(model.net_.predict(X) == NAMES)
    assert np.array_equal(model.predict_proba(X), model.net_.predict_proba(X))
    assert np.array_equal(model.predict_log_proba(X), np.log(model.predict_proba(X)))


@pytest.mark.parametrize(
    "labels",
    [["no", "yes"], [False, True], [2, 7], [-1, 1], [0, 1], ["a", "b", "c"], [3, 1, 2], [1.0, 2.0, 4.0]],
)
def test_every_kind_of_class_is_learned(labels: list[Any]) -> None:
    y = np.array(labels)[Y % len(labels)]
    model = SlowNetClassifier(**{**QUICK, "hidden_layer_sizes": 12, "max_iter": 100}).fit(X, y)
    assert model.predict(X).dtype == y.dtype
    assert model.score(X, y) > 0.75
    assert model.classes_.tolist() == sorted(labels)
    assert set(model.net_.predict(X).tolist()) <= set(labels)
    assert model.predict_proba(X).shape == (150, len(labels))
    assert np.allclose(model.predict_proba(X).sum(axis=1), 1.0)


def test_several_labels_are_learned() -> None:
    model = SlowNetClassifier(**{**QUICK, "max_iter": 60}).fit(LABELLED[0] / 10.0, LABELLED[1])
    assert model.predict(LABELLED[0] / 10.0).shape == LABELLED[1].shape
    assert model.score(LABELLED[0] / 10.0, LABELLED[1]) > 0.2
    assert model.predict_proba(LABELLED[0] / 10.0).shape == LABELLED[1].shape


def test_pipelines_searches_and_scores() -> None:
    model = make_pipeline(StandardScaler(), SlowNetClassifier(**QUICK))
    assert cross_val_score(model, X, NAMES, cv=3).mean() > 0.85
    grid = {
        "slownetclassifier__hidden_layer_sizes": [(2,), (8,)],
        "slownetclassifier__alpha": [0.0, 1.0],
    }
    search = GridSearchCV(model, grid, cv=3).fit(X, NAMES)
    assert search.best_score_ > 0.85
    assert search.best_estimator_[-1].net_.layers[1].net is search.best_estimator_[-1].net_


def test_the_target_of_a_regressor_is_scaled_around_it() -> None:
    raw = datasets.load_diabetes(scaled=False, return_X_y=True)
    inner = make_pipeline(StandardScaler(), SlowNetRegressor(**{**QUICK, "learning_rate_init": 0.01}))
    model = TransformedTargetRegressor(inner, transformer=StandardScaler()).fit(*raw)
    assert model.score(*raw) > 0.4


def test_columns_are_known_by_their_names() -> None:
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"]).assign(kind=np.where(Y == 1, "x", "y"))
    columns = make_column_transformer(
        (OneHotEncoder(sparse_output=False), ["kind"]), remainder=StandardScaler()
    )
    model = make_pipeline(columns, SlowNetClassifier(**QUICK)).set_output(transform="pandas")
    model.fit(frame, NAMES)
    assert model[-1].feature_names_in_.tolist()[-1] == "remainder__d"
    assert model[-1].n_features_in_ == 6
    assert model.score(frame[["kind", "d", "c", "b", "a"]], NAMES) > 0.9
    with pytest.raises(ValueError, match="feature names"):
        model[-1].predict(pd.DataFrame(X[:, [0, 1, 2, 3, 0, 1]], columns=list("abcdef")))


def test_clones_copies_and_pickles() -> None:
    model = SlowNetClassifier(**{**QUICK, "solver": adam(0.8), "learning_rate": cosine}).fit(X, NAMES)
    again = clone(model).fit(X, NAMES)
    assert again.loss_curve_ == model.loss_curve_
    assert all(map(np.array_equal, again.coefs_, model.coefs_))
    opened = pickle.loads(pickle.dumps(model))
    assert np.array_equal(opened.predict_proba(X), model.predict_proba(X))
    assert opened.history_.loss == model.history_.loss
    assert opened.partial_fit(X, NAMES).n_iter_ == 1


def test_random_states() -> None:
    same = [SlowNetClassifier(**QUICK).fit(X, Y).loss_ for _ in range(2)]
    other = SlowNetClassifier(**{**QUICK, "random_state": 1}).fit(X, Y).loss_
    shared = np.random.RandomState(0)
    drawn = [SlowNetClassifier(**{**QUICK, "random_state": shared}).fit(X, Y).loss_ for _ in range(2)]
    assert same[0] == same[1] != other
    assert drawn[0] != drawn[1]


def test_sparse_samples_and_weights_of_0() -> None:
    from scipy.sparse import csr_array

    keep = np.arange(150) % 3 != 0
    model = SlowNetClassifier(**{**QUICK, "batch_size": 150}).fit(csr_array(X), Y, sample_weight=keep)
    dense = clone(model).set_params(batch_size=100).fit(X[keep], Y[keep])
    assert np.allclose(model.predict_proba(csr_array(X)), dense.predict_proba(X), atol=1e-12)


def test_early_stopping_takes_the_weights_of_the_best_score() -> None:
    parameters = {
        **QUICK,
        "early_stopping": True,
        "validation_fraction": 0.4,
        "n_iter_no_change": 4,
        "momentum": 0.0,
        "max_iter": 100,
    }
    for kind, y, rate in ((SlowNetClassifier, NAMES, 1.0), (SlowNetRegressor, np.sin(X[:, 0]), 0.2)):
        model = kind(**{**parameters, "learning_rate_init": rate}).fit(X, y)
        scores = model.validation_scores_
        assert len(scores) == model.n_iter_ == len(model.history_.epochs) < 100
        assert model.best_validation_score_ == max(scores)
        assert model.best_loss_ is None
        best = scores.index(max(scores)) + 1
        until = clone(model).set_params(max_iter=best).fit(X, y)
        assert all(map(np.array_equal, model.coefs_, until.coefs_))
        assert model.history_.data["validation_samples"] == 60
        tested = clone(model).set_params(options={"test_data": (X, y)}).fit(X, y).history_.test
        assert tested["step"] == best * 5
        assert tested["loss"] == model.net_.evaluate(X, y).loss
        update = model.net_.weight(1, (0, 0)).explain("update")  # by the step that made the best one
        assert (update.value, update.check()) == (model.net_.weight(1, (0, 0)).value, True)
        inputs = [each for each in update.walk() if each.name.startswith("value_0_0_s")]
        assert inputs
        for each in inputs:  # named by the rows of what was given to the model
            assert each.value == X[int(each.name.removeprefix("value_0_0_s")), 0]
        if kind is SlowNetClassifier:
            assert scores == [each.validation_accuracy for each in model.history_.epochs]


def test_validation_counts_the_weights_of_samples() -> None:
    weights = np.where(Y == 2, 0.0, 1.0)
    model = SlowNetClassifier(**{**QUICK, "early_stopping": True, "validation_fraction": 0.4})
    model.fit(X, NAMES, weights)
    assert set(model.predict(X[Y < 2])) <= {"setosa", "versicolor"}
    assert model.best_validation_score_ == accuracy_score(NAMES, model.predict(X), sample_weight=weights)


def test_a_warm_start_goes_on() -> None:
    model = SlowNetClassifier(**{**QUICK, "warm_start": True, "max_iter": 3}).fit(X, NAMES)
    net, weights = model.net_, model.coefs_
    model.fit(X, NAMES)
    assert model.net_ is net
    assert len(model.loss_curve_) == 6
    assert not np.array_equal(weights[0], model.coefs_[0])
    with pytest.raises(ValueError, match="classes"):
        model.fit(X[Y < 2], NAMES[Y < 2])
    with pytest.raises(ValueError, match="features"):
        model.fit(X[:, :2], NAMES)


def test_partial_fits_need_all_classes_at_first() -> None:
    model = SlowNetClassifier(**QUICK)
    with pytest.raises(ValueError, match="classes must be passed on the first call to partial_fit"):
        model.partial_fit(X, NAMES)
    model.partial_fit(X[Y == 1], NAMES[Y == 1], classes=np.unique(NAMES))
    with pytest.raises(ValueError, match="unknown|not in"):
        model.partial_fit(X, np.where(Y == 1, "other", NAMES))
    with pytest.raises(ValueError, match="were"):
        model.partial_fit(X, NAMES, classes=["setosa", "versicolor"])
    for _ in range(30):
        model.partial_fit(X, NAMES)
    assert model.score(X, NAMES) > 0.9
    with pytest.raises(ValueError, match="early_stopping"):
        SlowNetClassifier(early_stopping=True).partial_fit(X, NAMES, classes=np.unique(NAMES))


def test_options_of_fit_are_passed_on(tmp_path: Any) -> None:
    seen = []
    options = {
        "snapshots": 5,
        "watch": (X[:3], NAMES[:3]),
        "dropout": 0.1,
        "record": tmp_path / "a.run",
        "callbacks": slownet.LambdaCallback(on_epoch_end=lambda training: seen.append(training.epoch)),
    }
    model = SlowNetClassifier(**{**QUICK, "max_iter": 4}, options=options).fit(X, NAMES)
    assert seen == [1, 2, 3, 4]
    assert len(model.history_.snapshots) == 5
    assert slownet.History.open(tmp_path / "a.run").options["alpha"] == 0.0001
    assert "dropout" in options  # it is not changed


def test_every_argument_of_fit_is_an_option_or_set_by_a_parameter() -> None:
    by_parameters = {
        "X",
        "y",
        "sample_weight",
        "epochs",
        "batch_size",
        "learning_rate",
        "optimizer",
        "loss",
    }
    by_parameters |= {"schedule", "alpha", "shuffle", "seed", "validation_data", "warm_start"}
    others = {"self", "validation_split", "early_stopping", "prepare"}  # by early_stopping, pipelines
    arguments = set(inspect.signature(slownet.Net.fit).parameters)
    assert set(settings.OPTIONS) == arguments - by_parameters - others


def test_both_engines_give_the_same_bits() -> None:
    parameters = {**QUICK, "alpha": 0.1, "early_stopping": True}
    models = [
        SlowNetClassifier(**parameters, options={"engine": engine}).fit(X, NAMES)
        for engine in ("scalar", "compiled")
    ]
    assert models[0].loss_curve_ == models[1].loss_curve_
    assert models[0].validation_scores_ == models[1].validation_scores_
    assert all(map(np.array_equal, models[0].coefs_, models[1].coefs_))


@pytest.mark.parametrize(
    ("parameters", "error", "text"),
    [
        ({"solver": "lbfgs"}, InvalidValueError, "slownet does not"),
        ({"solver": "sdg"}, InvalidValueError, "did you mean 'sgd'"),
        ({"activation": "logistics"}, InvalidValueError, "unknown activation"),
        ({"activation": "softmax"}, InvalidValueError, "output layer"),
        ({"learning_rate": "adaptative"}, InvalidValueError, "learning_rate .*did you mean 'adaptive'"),
        ({"activation": ["relu"]}, InvalidTypeError, "activation must be a name"),
        ({"hidden_layer_sizes": np.array(0)}, InvalidValueError, "must be at least 1, not 0"),
        (
            {"early_stopping": True, "validation_fraction": 0.0},
            InvalidValueError,
            "validation_fraction must be above 0",
        ),
        ({"hidden_layer_sizes": (3, 0)}, InvalidValueError, "hidden_layer_sizes must be at least 1"),
        ({"hidden_layer_sizes": "3"}, InvalidTypeError, "hidden_layer_sizes"),
        ({"batch_size": "all"}, InvalidValueError, 'batch_size must be a whole number or "auto"'),
        ({"batch_size": 0}, InvalidValueError, "batch_size must be at least 1"),
        ({"max_iter": 0}, InvalidValueError, "max_iter must be at least 1"),
        ({"alpha": -1.0}, InvalidValueError, "alpha must be at least 0"),
        ({"momentum": 1.0}, InvalidValueError, "momentum must be less than 1"),
        ({"solver": "adam", "beta_1": 1.0}, InvalidValueError, "beta1 must be less than 1"),
        ({"tol": -1.0}, InvalidValueError, "tol must be at least 0"),
        ({"n_iter_no_change": 0.5}, InvalidTypeError, "n_iter_no_change must be an integer"),
        ({"shuffle": 2}, InvalidTypeError, "shuffle must be True or False"),
        ({"warm_start": "yes"}, InvalidTypeError, "warm_start must be True or False"),
        ({"early_stopping": True, "validation_fraction": 0.001}, ValueError, "validat|train|class"),
        ({"options": {"epochs": 3}}, InvalidTypeError, "options has no argument 'epochs'"),
        ({"options": {"drop_out": 0.3}}, InvalidTypeError, "did you mean 'dropout'"),
        ({"options": 3}, InvalidTypeError, "options must be"),
        ({"random_state": "a"}, ValueError, "seed"),
    ],
)
def test_parameters_that_cannot_be_used_are_refused_by_name(
    parameters: Any, error: type[Exception], text: str
) -> None:
    model = SlowNetClassifier(**{**QUICK, **parameters})
    with pytest.raises(error, match=text):
        model.fit(X, NAMES)
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_one_class_is_predicted_however_little_was_learned() -> None:
    model = SlowNetClassifier((3,), max_iter=1, random_state=0, options={"progress": False})
    for seed in range(5):
        model.set_params(random_state=seed).fit(X, ["only"] * len(X))
        assert model.score(X, ["only"] * len(X)) == 1.0
        assert model.predict_proba(X).tolist() == [[1.0]] * len(X)


def test_what_scikit_learn_warns_of() -> None:
    model = SlowNetClassifier(**QUICK)
    with pytest.warns(ConvergenceWarning, match="max_iter=30 epochs"):
        model.fit(X, NAMES)
    with pytest.warns(ConvergenceWarning) as caught:
        make_pipeline(StandardScaler(), model).fit(X, NAMES)
    assert caught[0].filename == __file__  # the user's line, and none of scikit-learn
    with pytest.warns(UserWarning, match="batch_size is 1000, and there are 150 samples"):
        model.set_params(batch_size=1000).fit(X, NAMES)
    with pytest.warns(Warning, match="column-vector"):
        model.set_params(batch_size=10).fit(X, NAMES.reshape(-1, 1))


@pytest.mark.parametrize("hook", ["on_epoch_begin", "on_epoch_end"])
def test_what_was_learned_before_an_interruption_stays(hook: str) -> None:
    def interrupt(training: Any) -> None:
        if hook == "on_epoch_begin" or training.epoch == 3:
            raise KeyboardInterrupt

    stop = slownet.LambdaCallback(**{hook: interrupt})
    model = SlowNetClassifier(**QUICK, options={"callbacks": [stop]})
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(X, NAMES)
    assert model.n_iter_ == len(model.loss_curve_) == (0 if hook == "on_epoch_begin" else 3)
    assert model.predict(X).shape == (150,)


def test_a_net_that_diverges_says_so_and_a_search_goes_on() -> None:
    model = SlowNetRegressor(**{**QUICK, "activation": "identity", "learning_rate_init": 1e9})
    with pytest.raises(DivergedError, match="step"):
        model.fit(BODY, DISEASE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of scikit-learn: that half of the fits failed
        search = GridSearchCV(model, {"learning_rate_init": [1e9, 0.01]}, cv=2).fit(BODY, DISEASE)
    assert search.best_params_ == {"learning_rate_init": 0.01}


# callbacks of scikit-learn


def test_callbacks_of_scikit_learn_see_every_epoch() -> None:
    callback = pytest.importorskip("sklearn.callback")

    class Seen:
        def __init__(self) -> None:
            self.tasks: list[Any] = []

        def setup(self, estimator: Any, context: Any) -> None:
            self.tasks.append("setup")

        def teardown(self, estimator: Any, context: Any) -> None:
            self.tasks.append("teardown")

        def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
            self.tasks.append(f"begin {context.task_name}")

        def on_fit_task_end(
            self,
            estimator: Any,
            context: Any,
            *,
            X: Any = None,
            y: Any = None,
            fitted_estimator: Any = None,
        ) -> bool:
            self.tasks.append((context.task_name, fitted_estimator.score(X, NAMES)))
            return len(self.tasks) > 6

    seen = Seen()
    model = SlowNetClassifier(**QUICK).set_callbacks(seen).fit(X, NAMES)
    names = [each if isinstance(each, str) else each[0] for each in seen.tasks]
    assert names == ["setup", "begin fit", *["begin epoch", "epoch"] * 3, "fit", "teardown"]
    assert model.n_iter_ == 3
    assert seen.tasks[-2][1] == model.score(X, NAMES) != seen.tasks[3][1]
    monitor = callback.ScoringMonitor(scoring="accuracy")
    pipeline = make_pipeline(StandardScaler(), SlowNetClassifier(**QUICK).set_callbacks(monitor))
    pipeline.fit(X, NAMES)
    assert len(monitor.get_logs().data) >= 30


@pytest.mark.long
def test_older_versions_of_scikit_learn_have_no_callbacks() -> None:
    code = (
        "import sklearn\n"
        "from slownet.interop.sklearn import callbacks\n"
        "import sys, importlib; sys.modules['sklearn.callback'] = None; del sklearn.callback\n"
        "callbacks = importlib.reload(callbacks)\n"
        "assert callbacks.CallbackSupportMixin is object\n"
        "assert callbacks.with_callbacks(len) is len\n"
    )
    assert python(code) == ""


# documents


@pytest.mark.parametrize("module", ["", ".classifier", ".regressor"])
def test_the_examples_of_the_docstrings(module: str) -> None:
    found = doctest.testmod(import_module(f"slownet.interop.sklearn{module}"))
    assert found.attempted > 3
    assert found.failed == 0
