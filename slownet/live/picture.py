"""The picture of a training at a moment: HTML of a line of text and drawings, without scripts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from slownet.live import svg
from slownet.live.curves import Curves
from slownet.live.nets import NetDrawing
from slownet.live.planes import surface_parts
from slownet.live.shown import shown_samples
from slownet.plotting.plane_drawing import Surfaces, is_plane
from slownet.plotting.scene import Scene
from slownet.plotting.style import bold
from slownet.recording.history import Watch

if TYPE_CHECKING:
    from slownet.recording import Snapshot
    from slownet.training import Training

WIDTH, HEIGHT = 400, 320  # of a drawing; two of them stand beside the file browser of JupyterLab


class Panel(NamedTuple):
    """A drawing: what it shows, its height, and its elements of SVG."""

    name: str
    height: int
    parts: list[str]


class Picture:
    """What is drawn of a training, for as long as its net has the same graph."""

    def __init__(self, training: Training, snapshot: Snapshot) -> None:
        history = training.history
        self.graph = snapshot.graph
        watch = shown_samples(training) if training.samples.width == 2 else Watch()  # on the plane
        known = watch.samples, watch.labels, watch.targets
        self.scene = Scene([snapshot], *known, history.target_kind, history.classes)
        self.curves = Curves(training)

    def html(self, training: Training, snapshot: Snapshot, last: bool = False) -> str:
        """Return the picture of a moment; the last one has the neurons that are strongest then."""
        scene = self.scene
        scene.show(snapshot, choose=last)
        surfaces = Surfaces(scene) if is_plane(scene) else None
        net = NetDrawing(scene, surfaces, WIDTH, HEIGHT)
        panels = [Panel(f"a {scene.name} net", HEIGHT, net.parts)]
        if surfaces is not None:
            panels.append(
                Panel("its output over the plane", HEIGHT, surface_parts(surfaces, WIDTH, HEIGHT))
            )
        panels += self._plots(training, is_apart=surfaces is not None)
        drawings = [svg.drawing(name, WIDTH, height, parts, last) for name, height, parts in panels]
        key = [*net.key, *([surfaces.key] if surfaces else [])]
        return (
            f"<div>{status(training)}</div><div>{''.join(drawings)}</div>"
            f'<div style="opacity:0.8">{escape(" ".join(key), quote=False)}</div>'
        )

    def _plots(self, training: Training, is_apart: bool) -> list[Panel]:
        """Return the curves, each in a drawing, or all in one, one above the other."""
        titles, curves = self.curves.titles, self.curves
        if is_apart:
            height = HEIGHT // 2
            return [
                Panel(title, height, curves.plot(training, which, WIDTH, height))
                for which, title in titles.items()
            ]
        height = HEIGHT // len(titles)
        parts = [
            part
            for k, which in enumerate(titles)
            for part in curves.plot(training, which, WIDTH, height, k * height)
        ]
        return [Panel(" and ".join(titles.values()), HEIGHT, parts)]


def status(training: Training) -> str:
    """Return the progress of training as HTML."""
    step, total = f"{training.step:,}", f"{training.total_steps:,}"
    epoch = training.step / training.steps_per_epoch
    parts = [f"step {bold(step)} of {total}", f"epoch {bold(f'{epoch:.2f}')}"]
    if training.epoch:
        samples = training.progress.epoch_samples
        parts.append(f"training loss in epoch {training.epoch} {bold(_loss(training.epoch_loss))}")
        if training.epoch_accuracy is not None:
            parts.append(f"training accuracy {bold(f'{training.epoch_accuracy:.1%}')}")
        parts[-1] += f" of {samples:,}"
    return " · ".join(parts)


def _loss(loss: float) -> str:
    return f"{loss:.3f}" if loss < 1000 else f"{loss:,.4g}"
