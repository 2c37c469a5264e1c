"""Every number of random nets after a training, derived: no bit differs, in no program either."""

from __future__ import annotations

import pickle
import warnings
from random import Random
from typing import Any

import pytest
from bits import bits
from derivation_html import Reader
from graphs import (
    ALL_HIDDEN,
    ALL_OPTIMIZERS,
    ALL_SCHEDULES,
    ALL_TASKS,
    FOURTH,
    random_data,
    random_limits,
    random_net,
    random_weights,
)
from latex import check_latex
from slow import in_groups

from slownet import DivergedError, Net
from slownet.explain import Derivation

PROGRAMS = 10


def trained(seed: int) -> tuple[Net, Any] | None:
    """A net of any kind after a few steps with any options; None where training diverges."""
    draw = Random(seed)
    kind = draw.choice(("ordinary", "ordinary", "small"))
    net = random_net(draw, kind, layers=4, neurons=5, hidden=ALL_HIDDEN, tasks=ALL_TASKS)
    X, y = random_data(draw, net, draw.randint(1, 9), kind)
    options = {
        "batch_size": draw.randint(1, 5),
        "epochs": draw.randint(1, 2),
        "learning_rate": 0.1,
        "schedule": draw.choice(ALL_SCHEDULES),
        "optimizer": draw.choice(ALL_OPTIMIZERS),
        "l1": draw.choice((0.0, 0.0, 0.01)),
        "l2": draw.choice((0.0, 0.0, 0.1)),
        "regularizers": draw.choice(((), (), [(FOURTH, 0.01)])),
        "dropout": draw.choice((0.0, 0.0, 0.4)),
        "dropconnect": draw.choice((0.0, 0.0, 0.3)),
        "seed": seed,
        "engine": "compiled" if seed % 8 == 0 else "scalar",
        **random_weights(draw, net, len(X)),
        **random_limits(draw),
    }
    try:
        return net, net.fit(X, y, **options)
    except DivergedError:
        return None


def numbers(net: Net) -> list[tuple[Derivation, float]]:
    """The derivation of every number of a net, and the number."""
    found = []
    for neuron in net.neurons():
        found.append((neuron.explain(), neuron.value))
        if neuron.layer is not net.inputs:
            names = ("z", "delta", "bias_grad")
            found += [(neuron.explain(name), getattr(neuron, name)) for name in names]
            found.append((neuron.explain("update"), neuron.bias))
    for weight in net.weights():
        found += [(weight.explain(), weight.grad), (weight.explain("update"), weight.value)]
    return found


@pytest.mark.parametrize("seeds", in_groups(0, 200, 20))
def test_every_number_is_derived_to_the_last_bit(seeds: range) -> None:
    checked = 0
    for seed in seeds:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = trained(seed)
        if made is None:
            continue
        net, history = made
        found = numbers(net)
        for derivation, number in found:
            assert bits([derivation.value]) == bits([number]), (seed, derivation.name)
        loss = net.explain("loss")
        assert bits([loss.value]) == bits([history.loss[-1]]), seed
        chosen = [each for each, _ in Random(seed).sample(found, min(PROGRAMS, len(found)))]
        for derivation in [loss, *chosen]:
            assert derivation.check(), (seed, derivation.name)
            check_latex(derivation.latex())
            assert max(map(len, str(derivation).splitlines())) <= 80, (seed, derivation.name)
            names = [each.name for each in derivation.walk()]
            assert len(names) == len(set(names)), (seed, derivation.name)
        again = pickle.loads(pickle.dumps(chosen[0]))
        Reader(chosen[0].html())
        assert again == chosen[0], seed
        assert again.html() == chosen[0].html(), seed
        checked += 1
    assert checked > len(seeds) // 2
