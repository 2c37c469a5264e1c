"""House values from three numbers by a net of 3-4-1 without biases, whose descent adds up errors.

    python examples/boston.py
    python examples/boston.py my.csv target

takes a few seconds and writes boston-error.html, the error of every iteration with dropconnect and
without. If no file is given, the table is that of `slownet.datasets.load_housing`, which says what is
wrong with these data. examples/housing.py does better on them.
"""

import sys

import numpy as np
import plotly.graph_objects as go

from slownet import Callback, NetFactory, functions, plotting
from slownet.datasets import load_housing, read_csv

ITERATIONS, RATE = 1000, 1e-6

X, y = read_csv(*sys.argv[1:3]) if len(sys.argv) == 3 else load_housing()
X = X / X.max(axis=0)  # each column divided by its maximum


class PrintError(Callback):
    """Print every tenth error: half the sum of squares over all rows."""

    def on_epoch_end(self, training):
        epoch = training.epoch
        if epoch % 10 == 0:
            print(f"iteration {epoch}: error {training.history.loss[-1] * len(y):.1f}")


def train(dropconnect, **options):
    """Return half the sum of squares at every iteration: one batch of all rows, without their mean."""
    uniform = functions.uniform(-1, 1)
    net = NetFactory([X.shape[1], 4, 1], "relu", "linear", uniform, bias=False, seed=0).new()
    history = net.fit(
        X,
        y,
        loss="squared_error",  # half the square
        epochs=ITERATIONS,
        batch_size=len(y),
        learning_rate=RATE * len(y),  # fit divides by the number of rows, which a sum does not
        dropconnect=dropconnect,
        progress=False,
        **options,
    )
    return np.array(history.loss) * len(y)


with_dropconnect = train(0.2, callbacks=PrintError())
without = train(0.0)
for name, errors in (("dropconnect 0.2", with_dropconnect), ("without", without)):
    rises = int((np.diff(errors) > 0).sum())
    print(f"{name}: error {errors[0]:.0f} at first, {errors[-1]:.0f} at last; it rose {rises} times")

figure = go.Figure(
    [
        go.Scatter(x0=1, y=with_dropconnect, name="dropconnect 0.2"),
        go.Scatter(x0=1, y=without, name="without"),
    ]
)
figure.update_layout(
    template="plotly_white",
    xaxis_title="iteration",
    yaxis_title="error: half the sum of squares",
    legend={"orientation": "h", "y": 1, "yanchor": "bottom"},
)
print("error:", plotting.save(figure, "boston-error.html"))
