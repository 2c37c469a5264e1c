"""Random nets, data, options and changes, all from one seed: what the engines are compared on.

Graphs are of any kind that can be attached: layers and neurons with gaps in their ids, weights in any
order, skip connections, sparse layers, neurons without weights or biases. `Case.of(seed)` is a training.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise, product
from random import Random
from typing import Any

from slownet import (
    Activation,
    Callback,
    Layer,
    Loss,
    Net,
    Neuron,
    Optimizer,
    Regularizer,
    Weight,
    functions,
)

HIDDEN = [
    *("linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "softmax"),
    *("silu", "gelu", "selu", "mish"),
]
TASKS = {  # loss: output activations that go with it
    "cross_entropy": ["softmax", "sigmoid"],
    "binary_cross_entropy": ["sigmoid", "softmax"],
    "squared_error": ["linear", "tanh", "softmax", "relu", "sigmoid"],
    "mean_squared_error": ["linear", "softplus", "elu"],
    "mean_absolute_error": ["linear", "leaky_relu"],
    "huber": ["linear", "tanh"],
    "hinge": ["linear", "tanh"],
    "log_cosh": ["linear", "gelu"],
    "poisson": ["softplus"],  # relu is 0, and its logarithm none, where it is dead
}
OPTIMIZERS = [
    "sgd",
    "rmsprop",
    "adam",
    "adamw",
    "adagrad",
    "nadam",
    functions.sgd(0.9),
    functions.sgd(0.5, nesterov=True),
    functions.sgd(0.9, rate_in_velocity=True),
    functions.sgd(0.5, nesterov=True, rate_in_velocity=True),
    functions.rmsprop(0.5, 1e-3),
    functions.adam(0.5, 0.9, 1e-4),
    functions.adamw(0.5, 0.9, 1e-4, 0.5),
    functions.nadam(0.5, 0.9, 1e-4, 0.3),
]
SCHEDULES = [
    *(None, "step", "exponential", "cosine", functions.step(1, 0.3)),
    *("warm_up", functions.warm_up(0.5, "cosine")),
]

SOFT = Activation(
    "soft", lambda z: z / (1.0 + abs(z)), lambda z: 1.0 / ((1.0 + abs(z)) * (1.0 + abs(z)))
)
NAIVE = Activation(  # in Python, its exp raises an error where it overflows
    "naive", lambda z: 1.0 / (1.0 + math.exp(-z)), lambda z, a: a * (1.0 - a), range=(0.0, 1.0)
)
QUARTIC = Loss(
    "quartic",
    lambda a, y: (a - y) * (a - y) * (a - y) * (a - y),
    lambda a, y: 4.0 * (a - y) * (a - y) * (a - y),
    mean=True,
)
SIGNS = Optimizer(
    "signs",
    lambda w, g, a, b, rate, c: (w - rate * (1.0 if g > 0 else -1.0 if g < 0 else 0.0), a + 1.0, b),
)
FOURTH = Regularizer("fourth", lambda w: w * w * w * w, lambda w: 4.0 * w * w * w)
DECAY = functions.Schedule("decay", lambda rate, epoch, epochs: rate / (1.0 + epoch + epochs))

# with these, a net of ordinary weights may overflow; with those above, it does not
ALL_HIDDEN = [*HIDDEN, "exponential", functions.elu(0.3), functions.leaky_relu(0.2), SOFT, NAIVE]
ORDINARY_TASKS: list[tuple[str | Loss, Any]] = [
    (loss, output) for loss, outputs in TASKS.items() for output in outputs
]
ALL_TASKS = [
    *ORDINARY_TASKS,
    ("poisson", "exponential"),
    ("binary_cross_entropy", NAIVE),
    (functions.huber(0.3), SOFT),
    (QUARTIC, "linear"),
    (QUARTIC, "tanh"),
]  # fmt: skip
ALL_OPTIMIZERS = [*OPTIMIZERS, SIGNS]
ALL_SCHEDULES = [*SCHEDULES, DECAY]

SMALL = (0.0, -0.0, 5e-324, -5e-324, 2.5e-310, -1e-200)
LARGE = (1e300, -1e300, 1e155, -1e101, 1.7e308)


class Numbers:
    """Draws weights, biases and inputs: ordinary ones, and some that are special in floating point.

    Parameters
    ----------
    draw : Random
        Where they come from.
    kind : "ordinary", "small", "large" or "equal"
        Which special ones are among them.
    """

    def __init__(self, draw: Random, kind: str) -> None:
        self.draw, self.kind = draw, kind

    def __call__(self) -> float:
        draw = self.draw
        if self.kind == "equal":
            return 0.5
        if self.kind != "ordinary" and draw.random() < 0.2:
            return draw.choice(SMALL)
        if self.kind == "large" and draw.random() < 0.05:
            return draw.choice(LARGE)
        return draw.gauss(0.0, 0.8)


def ids(draw: Random, count: int) -> list[int]:
    """Draw ids, half of the time with gaps."""
    return sorted(draw.sample(range(count + 6), count)) if draw.random() < 0.5 else list(range(count))


def random_net(
    draw: Random,
    kind: str = "ordinary",
    layers: int = 6,
    neurons: int = 9,
    hidden: Sequence[Any] = HIDDEN,
    tasks: Sequence[tuple[Any, Any]] = ORDINARY_TASKS,
) -> Net:
    """Draw a net of 2 to `layers` layers with 1 to `neurons` neurons each."""
    loss, output = draw.choice(tasks)
    sizes = [draw.randint(1, neurons) for _ in range(draw.randint(2, layers))]
    if output == "softmax" or loss == "cross_entropy":
        sizes[-1] = max(sizes[-1], 2)
    numbers = Numbers(Random(draw.getrandbits(32)), kind)
    has_biases = draw.choice((0.0, 0.7, 1.0, 1.0))
    net = Net()
    for depth, (layer_id, size) in enumerate(zip(ids(numbers.draw, len(sizes)), sizes, strict=True)):
        last = depth == len(sizes) - 1
        layer = Layer(layer_id, net, None if not depth else output if last else draw.choice(hidden))
        places = ids(numbers.draw, size)
        for neuron in numbers.draw.sample(places, size):
            has_bias = depth > 0 and numbers.draw.random() < has_biases
            Neuron(neuron, layer, bias=numbers() if has_bias else None)
    net.loss = loss
    connect(draw, net, numbers)
    frozen = draw.choice((0.0, 0.0, 0.0, 0.2, 0.2, 0.2, 0.5, 0.5))
    for weight in net.weights():
        weight.frozen = numbers.draw.random() < frozen
    for neuron in net.neurons():
        neuron.bias_frozen = numbers.draw.random() < frozen
    return net


def connect(draw: Random, net: Net, numbers: Numbers) -> None:
    """Connect layers, in the order of the ids or in any; then remove some weights."""
    is_usual = draw.random() < 0.4  # as a factory connects layers
    density = 1.0 if is_usual else draw.choice((1.0, 1.0, 0.6, 0.2))
    skipping = 0.0 if is_usual else draw.choice((0.0, 0.3, 1.0))
    pairs = []
    for start, end in combinations(net, 2):
        share = density if (start, end) in list(pairwise(net)) else skipping * draw.choice((0.0, 1.0))
        pairs += [ends for ends in product(start, end) if numbers.draw.random() < share]
    orders = "by source", "by target", "reversed", "shuffled"
    match "by target" if is_usual else draw.choice(orders):
        case "by target":
            pairs.sort(key=lambda ends: (ends[1].layer.id, ends[1].id))
        case "reversed":
            pairs.reverse()
        case "shuffled":
            numbers.draw.shuffle(pairs)
    for source, target in pairs:
        attach(source, target, numbers())
    if is_usual:
        return
    weights = list(net.weights())
    for weight in numbers.draw.sample(weights, draw.choice((0, 0, len(weights) // 4))):
        weight.remove()
    if draw.random() < 0.15:
        numbers.draw.choice([neuron for layer in net for neuron in layer]).remove_weights()


def attach(source: Neuron, target: Neuron, value: float) -> None:
    """Connect two neurons that are not connected."""
    start, end = source.layer, target.layer
    apart = any(start.id < other < end.id for other in start.net.layers)
    name = ((start.id, source.id), (end.id, target.id)) if apart else (source.id, target.id)
    if name not in target.weights["in"]:
        Weight(name, target, source, value)


def random_data(draw: Random, net: Net, count: int, kind: str = "ordinary") -> tuple[Any, Any]:
    """Draw samples with zeros among them, and targets as a user gives them."""
    numbers = Numbers(Random(draw.getrandbits(32)), kind)
    zeros = draw.choice((0.0, 0.1, 0.7))
    X = [[0.0 if numbers.draw.random() < zeros else numbers() for _ in net.inputs] for _ in range(count)]
    outputs, target_kind = len(net.outputs), net.loss.target_kind
    if target_kind == "class":
        return X, [numbers.draw.randrange(outputs) for _ in range(count)]
    gauss, (low, high) = numbers.draw.gauss, net.outputs.function.range
    of_kind = {
        "binary": lambda: float(numbers.draw.randrange(2)),
        "sign": lambda: numbers.draw.choice((-1.0, 1.0)),
        "number": lambda: max(low, min(high, numbers.draw.choice((0.0, -0.0, 1.0, gauss(0.0, 1.0))))),
    }[target_kind]
    return X, [[of_kind() for _ in range(outputs)] for _ in range(count)]


class Changer(Callback):
    """Changes the net in the middle of a training, in ways that follow from a seed."""

    def __init__(self, seed: int, hook: str, kind: str) -> None:
        self.draw = Random(seed)
        self.numbers = Numbers(self.draw, kind)
        self.removed: list[tuple[Weight, Neuron, Neuron]] = []
        setattr(self, hook, self._change)

    def _change(self, training: Any) -> None:
        if self.draw.random() < 0.5:
            net, draw = training.net, self.draw
            change = draw.choice(
                (self.prune, self.put_back, self.move, self.freeze, self.set_weight, self.set_bias,
                 self.add, self.remove_neuron, self.set_activation, self.use)
            )  # fmt: skip
            change(net, list(net.weights()))

    def prune(self, net: Net, weights: list[Weight]) -> None:
        for weight in self.draw.sample(weights, min(2, len(weights))):
            self.removed.append((weight, weight.source, weight.target))
            weight.remove()

    def put_back(self, net: Net, weights: list[Weight]) -> None:
        """Attach a removed weight again, which is then the last one of its neurons."""
        while self.removed:
            weight, source, target = self.removed.pop()
            if source.layer and target.layer and weight.id not in target.weights["in"]:
                weight.attach_to_outgoing(source)
                weight.attach_to_incoming(target)
                return
        self.prune(net, weights)

    def freeze(self, net: Net, weights: list[Weight]) -> None:
        for weight in self.draw.sample(weights, len(weights) // 2):
            weight.frozen ^= True
            weight.incoming.bias_frozen ^= True

    def set_weight(self, net: Net, weights: list[Weight]) -> None:
        for weight in self.draw.sample(weights, min(1, len(weights))):
            weight.value = self.numbers()

    def set_bias(self, net: Net, weights: list[Weight]) -> None:
        neuron = self.draw.choice([n for layer in list(net)[1:] for n in layer])
        neuron.bias = self.numbers()
        if self.draw.random() < 0.3:
            neuron.has_bias ^= True

    def add(self, net: Net, weights: list[Weight]) -> None:
        start, end = sorted(self.draw.sample(list(net), 2), key=lambda layer: layer.id)
        attach(self.draw.choice(list(start)), self.draw.choice(list(end)), self.numbers())

    def move(self, net: Net, weights: list[Weight]) -> None:
        self.prune(net, weights)
        self.put_back(net, weights)

    def remove_neuron(self, net: Net, weights: list[Weight]) -> None:
        layers = [layer for layer in list(net)[1:-1] if len(layer) > 1]
        if layers:
            self.draw.choice(list(self.draw.choice(layers))).remove()

    def set_activation(self, net: Net, weights: list[Weight]) -> None:
        for layer in list(net)[1:-1][:1]:
            layer.activation = self.draw.choice(ALL_HIDDEN)

    def use(self, net: Net, weights: list[Weight]) -> None:
        net.forward([self.numbers() for _ in net.inputs])


@dataclass
class Case:
    """One or two trainings of a net, the second from where the first has ended.

    Attributes
    ----------
    seed : int
        Everything else follows from it.
    net : Net
        Before the training.
    X, y : list
        The data.
    fits : list of dict
        The options of each training.
    hooks : set of str
        Where everything is looked at.
    change : tuple or None
        The arguments of a `Changer`.
    threads : int
        Those of the compiled engine.
    """

    seed: int
    net: Net
    X: Any
    y: Any
    fits: list[dict[str, Any]]
    hooks: set[str]
    change: tuple[int, str, str] | None
    threads: int
    kind: str = field(default="ordinary")

    @classmethod
    def of(cls, seed: int) -> Case:
        """Make the case of a seed."""
        draw = Random(seed)
        kind = draw.choice(("ordinary", "ordinary", "ordinary", "small", "small", "large", "equal"))
        net = random_net(draw, kind, hidden=ALL_HIDDEN, tasks=ALL_TASKS)
        X, y = random_data(draw, net, draw.randint(1, 40), kind)
        fits = [random_options(draw, net, X, y) for _ in range(draw.choice((1, 1, 2)))]
        hook = draw.choice(("on_step_end", "on_epoch_end", "on_epoch_begin"))
        change = (seed, hook, kind) if draw.random() < 0.3 else None
        hooks = set(draw.sample(HOOKS, draw.choice((0, 0, 1, 2))))
        return cls(seed, net, X, y, fits, hooks, change, draw.choice((1, 1, 2, 3)), kind)


HOOKS = ["on_fit_begin", "on_epoch_begin", "on_step_end", "on_epoch_end", "on_fit_end"]


def random_options(draw: Random, net: Net, X: Any, y: Any) -> dict[str, Any]:
    """Draw the options of a training."""
    options: dict[str, Any] = {
        "epochs": draw.randint(1, 4),
        "batch_size": draw.choice((1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 32)),
        "learning_rate": draw.choice((0.01, 0.01, 0.1, 0.1, 0.3, 1.0, 30.0, 1e90)),
        "schedule": draw.choice(ALL_SCHEDULES),
        "shuffle": draw.random() < 0.7,
        "seed": draw.getrandbits(32),
    }
    if draw.random() < 0.7:  # otherwise plain gradient descent, which has loops of its own
        options |= {
            "optimizer": draw.choice(ALL_OPTIMIZERS),
            "l1": draw.choice((0.0, 0.0, 0.01)),
            "l2": draw.choice((0.0, 0.0, 0.1)),
            "regularizers": draw.choice(((), (), [(FOURTH, 0.01)])),
            "dropout": draw.choice((0.0, 0.0, 0.4)),
            "dropconnect": draw.choice((0.0, 0.0, 0.3)),
        }
    total = options["epochs"] * -(-len(X) // options["batch_size"])
    if draw.random() < 0.5:
        options["snapshots"] = draw.choice((2, 5, [step for step in (1, 3) if step <= total]))
        options["watch"] = draw.choice((None, (X[:3], y[:3])))
    if draw.random() < 0.3:
        options["validation_data"] = X[:5], y[:5]
        options["early_stopping"] = draw.choice((None, 1))
    elif len(X) > 1 and draw.random() < 0.2:
        options["validation_split"] = draw.choice((0.01, 0.2, 0.9))
    return options | random_weights(draw, net, len(X)) | random_limits(draw)


def random_weights(draw: Random, net: Net, count: int) -> dict[str, Any]:
    """Draw weights of samples, many of them 0, and of classes; most of the time none."""
    options: dict[str, Any] = {}
    if draw.random() < 0.3:
        pool = draw.choice(((0.0, 1.0), (1.0,), (0.25, 3.0, 1.7), (0.0, 0.0, 0.1), (1e-100, 0.0, 1e100)))
        options["sample_weight"] = [1.0, *(draw.choice(pool) for _ in range(count - 1))]
    labels = net.encoder().labels
    if labels and draw.random() < 0.2:
        some = {label: draw.choice((0.5, 1.0, 4.0)) for label in labels if draw.random() < 0.7}
        options["class_weight"] = draw.choice(("balanced", some))
    return options


def random_limits(draw: Random) -> dict[str, Any]:
    """Draw a limit of the gradients, by norm or by value, and a penalty; most of the time none."""
    if draw.random() < 0.6:
        return {}
    if draw.random() < 0.5:
        return {"alpha": draw.choice((1e-3, 1.0))}
    return {draw.choice(("clip_norm", "clip_value")): draw.choice((1e-3, 0.1, 1.0, 1e30))}
