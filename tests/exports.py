"""Random nets with random preparations, as they are exported."""

from __future__ import annotations

from random import Random
from typing import Any

from graphs import SOFT, TASKS, random_net

from slownet import Net, Preparation, functions
from slownet.datasets import Column, Target
from slownet.samples import may_scale

OWN = [*functions.ACTIVATIONS, functions.elu(0.3), functions.leaky_relu(0.2)]
BUILT_IN = [(loss, output) for loss, outputs in TASKS.items() for output in outputs]
WORDS = ("sun", "rain", "Größe", '"quoted"', "a\\b", "*/ x", "x = 1", "??/", "'", "</script>")


def exported_net(seed: int, own: bool = False) -> Net:
    """Draw a net, half of the time with a preparation and with classes that have names."""
    draw = Random(seed)
    kind = draw.choice(("ordinary", "ordinary", "small", "equal"))
    net = random_net(draw, kind, 5, 6, hidden=[*OWN, SOFT] if own else OWN, tasks=BUILT_IN)
    if draw.random() < 0.6:
        net.preparation = random_preparation(draw, net)
    labels = net.encoder().labels
    if labels and draw.random() < 0.5:
        net.classes = draw.sample([*WORDS, "\ud800", 3, 2.5, True, -7], len(labels))
    return net


def random_preparation(draw: Random, net: Net) -> Preparation:
    """Draw columns that make the inputs of a net, and the scales of what it predicts."""
    columns: list[Column] = []
    left = len(net.inputs)
    while left:
        name, fill = f"{draw.choice(WORDS)} {len(columns)}", draw.random() < 0.5
        match draw.choice(("number", "number", "boolean", *["category"] * (left > 1))):
            case "number":
                centre, scale = draw.choice(
                    ((0.0, 1.0), (draw.gauss(0.0, 100.0), draw.uniform(0.1, 9.0)))
                )
                known = draw.gauss(centre, 1.0) if fill else None
                columns.append(Column(name, "number", (), known, centre, scale))
                left -= 1
            case "boolean":
                columns.append(Column(name, "boolean", (), draw.random() if fill else None))
                left -= 1
            case "category":
                texts = tuple(sorted(draw.sample(WORDS, draw.randint(2, min(left, 4)))))
                columns.append(Column(name, "category", texts, draw.choice(texts) if fill else None))
                left -= len(texts)
    targets: list[Target] = []
    if net.loss.target_kind == "number":
        is_scaled = may_scale(net.loss) and draw.random() < 0.7
        for place in range(len(net.outputs)):
            scales = (draw.gauss(0.0, 1e3), draw.uniform(0.1, 1e3)) if is_scaled else (0.0, 1.0)
            targets.append(Target(f"target {place} (EUR)", *scales))
    return Preparation(columns, targets)


def plain(found: Any) -> Any:
    """Return a prediction as Python's own objects."""
    return found.tolist() if hasattr(found, "tolist") else found
