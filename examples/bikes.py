"""Bicycles for rent: from a table with texts, gaps and a date to predictions for new days.

    python examples/bikes.py

takes a few seconds and writes bikes-learning.html, a page of the training for any browser, and
bikes-predicted.csv, the days to come with the number of bicycles that the net expects.

bikes.csv and bikes_next_week.csv are made up for this example. The same on the command line, where dates
are left out:

    slownet train bikes.csv --target rentals --drop date --missing mean --run bikes.run
    slownet predict bikes.run bikes_next_week.csv
"""

from pathlib import Path

import numpy as np
import pandas as pd

from slownet import NetFactory, load, preprocessing

HERE = Path(__file__).parent


def read(name):
    """Read a table. A date is no number: take out of it what may matter."""
    days = pd.read_csv(HERE / name)
    date = pd.to_datetime(days["date"])
    return days.assign(weekday=date.dt.day_name(), month=date.dt.month_name())


days = read("bikes.csv")
print(f"{len(days)} days, of which {days.isna().any(axis=1).sum()} have a gap")

# some days are for testing: the net does not see them while it learns
test = days.sample(frac=0.2, random_state=0)
train = days.drop(index=test.index)
inputs = ["weekday", "month", "weather", "holiday", "temperature (°C)", "wind (km/h)"]
X, y = train[inputs], train["rentals"]

# texts become one input for each category, gaps are filled in, and numbers brought to one scale
preparation = preprocessing.standardise(X, y, missing="mean")
print(f"{len(inputs)} columns become {len(preparation.inputs)} inputs, from {preparation.inputs[0]!r}")
temperature = next(column for column in preparation.columns if column.name == "temperature (°C)")
print(f"a temperature t becomes (t - {temperature.centre:.2f}) / {temperature.scale:.2f}")

net = NetFactory([len(preparation.inputs), 16, 1], "relu", "linear", seed=0).new()
history = net.fit(
    X,
    y,
    prepare=preparation,
    epochs=60,
    batch_size=16,
    learning_rate=0.01,
    optimizer="adam",
    schedule="cosine",
    l2=0.002,
    snapshots=60,
    watch=(test[inputs], test["rentals"]),
    test_data=(test[inputs], test["rentals"]),
)
error = history.test["error"]
mean_error = np.abs(test["rentals"] - y.mean()).mean()
print(f"error on {len(test)} other days: {error:.0f} rentals on average")
print(f"error of always predicting the mean: {mean_error:.0f} rentals")

# the net keeps the preparation, also in its file: new days need only their own units
net.save("bikes-net.json")
new = read("bikes_next_week.csv")  # its columns are in another order, and one cell is empty
new["rentals expected"] = load("bikes-net.json").predict(new[inputs]).round()
for day in new.itertuples():
    print(f"{day.date}, {day.weekday}, {day.weather}: {new['rentals expected'][day.Index]:.0f} rentals")

new.to_csv("bikes-predicted.csv", index=False)
print("page:", history.write_html("bikes-learning.html"))
