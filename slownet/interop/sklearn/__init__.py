"""Estimators of scikit-learn that train a net of slownet: for pipelines, searches and scores.

>>> from slownet.interop.sklearn import SlowNetClassifier
>>> X, y = [[0.0], [1.0], [2.0], [3.0]], ["low", "low", "high", "high"]
>>> classifier = SlowNetClassifier((4,), "tanh", solver="sgd", learning_rate_init=0.1, random_state=0)
>>> classifier.fit(X, y).predict([[0.2], [2.7]]).tolist()
['low', 'high']
>>> classifier.net_
Net(1-4-1, tanh, sigmoid, 8 weights)
"""

from slownet import packages

packages.require("sklearn", "slownet[sklearn]")

from slownet.interop.sklearn.classifier import SlowNetClassifier  # noqa: E402  # the package is there
from slownet.interop.sklearn.regressor import SlowNetRegressor  # noqa: E402

__all__ = ["SlowNetClassifier", "SlowNetRegressor"]
