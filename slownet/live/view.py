"""The callback that shows a training in a notebook."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from slownet.bars import in_notebook
from slownet.checks import check_number, suggesting
from slownet.errors import InvalidValueError
from slownet.live.picture import Picture, status
from slownet.live.svg import plain
from slownet.terminal import print_to_stderr
from slownet.training.callbacks import Callback

if TYPE_CHECKING:
    from slownet.training import Training

SHARE = 0.2  # of the time of training that may be spent on pictures
ELSEWHERE = (
    "LiveView draws in notebooks only; history.write_html(PATH) writes a page that plays a training "
    "of which fit(snapshots=100, watch=(X, y)) has kept snapshots."
)


class LiveView(Callback):
    """Shows a net in a notebook during training: loss, accuracy, and the current weights.

    ``net.fit(X, y, callbacks=LiveView())`` puts one picture below the cell, which is renewed until `fit`
    ends and stays in the saved notebook. A net of images shows the weights of its first layer as images,
    a net of two inputs the values of its neurons over the plane, any other its circles; lines are the
    weights between them. It changes no bit of the training.

    The picture is HTML without scripts or widgets, so that every front end shows it. Outside of a
    notebook nothing is drawn, and one line on stderr says so.

    Parameters
    ----------
    rate : float
        Pictures a second, at most 8; fewer where they would take more than a fifth of the time.

    Attributes
    ----------
    updates : int
        How often the picture was renewed in the last training.
    seconds : float
        The time that this took.

    Raises
    ------
    TypeError, ValueError
        If `rate` is not a number above 0 and up to 8.

    Examples
    --------
    >>> from slownet import LiveView, NetFactory
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> view = LiveView(rate=2)  # callbacks=view draws in a notebook
    """

    @suggesting
    def __init__(self, rate: float = 4.0) -> None:
        self.rate = check_number("rate", rate, above=0.0)
        if self.rate > 8.0:
            raise InvalidValueError(f"rate must be at most 8 pictures a second, not {self.rate:g}")
        self.updates, self.seconds = 0, 0.0
        self._picture: Picture | None = None
        self._shown: Any = None  # IPython's handle of what is displayed
        self._next = 0.0

    def __repr__(self) -> str:
        return f"LiveView(rate={self.rate:g})"

    def on_fit_begin(self, training: Training) -> None:
        """Show the net as it is before training."""
        self.updates, self.seconds = 0, 0.0
        self._picture = self._shown = None
        if not in_notebook():
            print_to_stderr(ELSEWHERE)
            return
        from IPython.display import display

        self._shown = display(self._bundle(training), raw=True, display_id=True)
        self._next = time.perf_counter() + 1.0 / self.rate

    def on_progress(self, training: Training) -> None:
        """Show the net as it is now, if it is time for that."""
        if self._shown is not None and time.perf_counter() >= self._next:
            self._renew(training)

    def on_fit_end(self, training: Training) -> None:
        """Show the net as training leaves it, of a large layer the neurons that are strongest now."""
        if self._shown is not None:
            self._renew(training, last=True)
        self._picture = self._shown = None

    def _renew(self, training: Training, last: bool = False) -> None:
        started = time.perf_counter()
        self._shown.update(self._bundle(training, last), raw=True)
        now = time.perf_counter()
        self.updates += 1
        self.seconds += now - started
        self._next = max(started + 1.0 / self.rate, now + (now - started) * (1.0 / SHARE - 1.0))

    def _bundle(self, training: Training, last: bool = False) -> dict[str, str]:
        """Return the picture as IPython displays it, and its line of text for those who see no HTML."""
        snapshot = training.state()
        if self._picture is None or self._picture.graph is not snapshot.graph:
            self._picture = Picture(training, snapshot)
        html = self._picture.html(training, snapshot, last)
        return {"text/html": html, "text/plain": plain(status(training))}
