"""House prices from three numbers: a regression, compared with two simpler predictions.

    python examples/housing.py

takes a few seconds and writes housing-learning.html, an animation for any browser.

506 districts of Boston in 1970: crime rate, property tax and pupils per teacher; the target is the
median value of a home in 1000 dollars. Three columns are too few to do this well, and the data has a
dubious past (see `slownet.datasets.load_housing`): these are numbers to practise on.
"""

import numpy as np

from slownet import NetFactory
from slownet.datasets import load_housing

table = load_housing()
X, y = table
X = X / X.max(axis=0)  # each column from 0 to 1
# neighbouring districts follow each other in the file, so every fifth row is for testing
is_test = np.arange(len(X)) % 5 == 0
X_train, y_train, X_test, y_test = X[~is_test], y[~is_test], X[is_test], y[is_test]
print(f"{len(y_train)} rows to train on, {len(y_test)} to test, from {', '.join(table.names)}")

net = NetFactory([3, 4, 1], hidden_activation="relu", output_activation="linear", seed=0).new()
history = net.fit(
    X_train,
    y_train,
    epochs=200,
    batch_size=16,
    learning_rate=0.02,
    schedule="cosine",
    snapshots=60,
    watch=(X_test, y_test),
)
print(f"{net}, loss {history.loss[0]:.1f} at first, {np.mean(history.loss[-26:]):.1f} at last")


def root_mean_square(errors):
    return float(np.sqrt((errors**2).mean()))


predicted = net.predict(X_test)
print(f"error of the net: {root_mean_square(predicted - y_test):.2f} thousand dollars")
print(f"error of always predicting the mean: {root_mean_square(y_train.mean() - y_test):.2f}")

columns = np.column_stack([X_train, np.ones(len(X_train))])
coefficients = np.linalg.lstsq(columns, y_train, rcond=None)[0]
linear = np.column_stack([X_test, np.ones(len(X_test))]) @ coefficients
print(f"error of linear regression (least squares): {root_mean_square(linear - y_test):.2f}")

print("animation:", history.write_html("housing-learning.html"))
