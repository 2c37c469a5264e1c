"""Data to learn from: MNIST, small generated sets, housing values, readers for one's own files."""

from slownet.datasets.generated import (
    CLASSIFICATION,
    REGRESSION,
    circles,
    gaussians,
    moons,
    multi_gaussian,
    plane,
    spirals,
    xor,
)
from slownet.datasets.hdf5 import read_hdf5
from slownet.datasets.housing import load_housing
from slownet.datasets.idx import load_idx_directory, read_idx
from slownet.datasets.mnist import load_mnist
from slownet.datasets.tables import Column, Table, Target, read_csv

__all__ = [
    "CLASSIFICATION",
    "REGRESSION",
    "Column",
    "Table",
    "Target",
    "circles",
    "gaussians",
    "load_housing",
    "load_idx_directory",
    "load_mnist",
    "moons",
    "multi_gaussian",
    "plane",
    "read_csv",
    "read_hdf5",
    "read_idx",
    "spirals",
    "xor",
]
