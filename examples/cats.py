"""Cats or no cats: photos of 64 x 64 pixels from a pair of HDF5 files, and a deep net for a yes or no.

    python examples/cats.py train.h5 test.h5            2,500 epochs: less than a minute
    python examples/cats.py train.h5 test.h5 100        100 epochs
    python examples/cats.py                             with made images: some seconds

wants h5py: python -m pip install ".[hdf5]". The well-known pair of files, with 209 images to train on
and 50 to test, has the data sets train_set_x (n, 64, 64, 3), train_set_y, test_set_x, test_set_y,
list_classes. So have the made files, made_train.h5 and made_test.h5, in which a "cat" is a red square
somewhere, and what is none a green one.
"""

import sys

import numpy as np

from slownet import Callback, Input, NetFactory, ReLU, Sigmoid
from slownet.datasets import read_hdf5


def make(path, kind, count, seed):
    """Write made images: noise on a blue ground, and a square, red in every second image."""
    import h5py

    rng = np.random.default_rng(seed)
    images, labels = rng.integers(0, 90, (count, 64, 64, 3)), np.arange(count) % 2
    images[..., 2] += 60
    for image, label in zip(images, labels, strict=True):
        top, left = rng.integers(0, 40, 2)
        image[top : top + 24, left : left + 24, 0 if label else 1] += 120
    with h5py.File(path, "w") as file:
        file[f"{kind}_set_x"], file[f"{kind}_set_y"] = images.astype(np.uint8), labels
        file["list_classes"] = np.array([b"non-cat", b"cat"])
    return path


class PrintCost(Callback):
    """Print the cost of every 100th epoch."""

    reads_net = False

    def on_epoch_end(self, training):
        if training.epoch % 100 == 1:
            cost = training.history.epochs[-1].loss
            print(f"cost after {training.epoch - 1} epochs: {cost:.4f}", flush=True)


if len(sys.argv) > 2:
    files, epochs = sys.argv[1:3], int(sys.argv[3]) if len(sys.argv) > 3 else 2500
else:
    files = make("made_train.h5", "train", 120, seed=0), make("made_test.h5", "test", 40, seed=1)
    epochs = 601

X, y = read_hdf5(files[0], "train_set_x", "train_set_y", classes="list_classes")
X_test, y_test = read_hdf5(files[1], "test_set_x", "test_set_y", classes="list_classes")
print(f"{len(X)} images to train on, {len(X_test)} to test, of {X.shape[1]} numbers each")

layers = [Input(X.shape[1]), ReLU(20), ReLU(7), ReLU(5), Sigmoid(1)]
net = NetFactory(layers=layers, initializer="lecun_normal", seed=0).new()  # normal / sqrt(n_previous)
net.classes = ["non-cat", "cat"]  # the output is the probability of the second
net.fit(X, y, epochs=epochs, learning_rate=0.0075, batch_size=len(X), callbacks=PrintCost())
for name, samples in (("training", (X, y)), ("test", (X_test, y_test))):
    print(f"right: {net.evaluate(*samples).accuracy:.0%} of {len(samples[1])} in the {name}")
print(f"test image 1 is a {y_test[1]}; the net says {net.predict(X_test[1:2])[0]}")
