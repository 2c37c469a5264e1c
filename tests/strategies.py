"""Random nets and data for the property tests: those of `graphs.py`, drawn by hypothesis."""

from __future__ import annotations

from random import Random

from graphs import random_data, random_net
from hypothesis import strategies as st

from slownet import Net


@st.composite
def nets(draw: st.DrawFn) -> Net:
    """A random net of built-in formulas: its graph, activations, numbers, frozen weights, biases."""
    return random_net(draw(st.randoms(use_true_random=False)), layers=5, neurons=5)


def batch_for(
    net: Net, count: int, seed: int
) -> tuple[list[list[float]], list[object], list[list[float]]]:
    """Random samples, their targets as a user gives them, and as one number an output neuron."""
    X, y = random_data(Random(seed), net, count)
    return X, y, net.encoder().encode_all(y, count)
