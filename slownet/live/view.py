"""The callback that shows a training in a notebook."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from slownet.bars import in_notebook
from slownet.checks import check_number, check_type, suggesting
from slownet.errors import InvalidValueError
from slownet.live.picture import Picture, status
from slownet.live.svg import plain
from slownet.packages import is_installed
from slownet.terminal import print_to_stderr
from slownet.training.callbacks import Callback

if TYPE_CHECKING:
    from slownet.live.feed import Feed
    from slownet.recording import Snapshot
    from slownet.training import Training

SHARE = 0.2  # of the time of training that may be spent on pictures
BYTES_A_SECOND = 500_000  # half of what a Jupyter server lets through
ELSEWHERE = (
    "LiveView draws in notebooks only; history.write_html(PATH) writes a page that plays a training "
    "of which fit(snapshots=100, watch=(X, y)) has kept snapshots."
)


class LiveView(Callback):
    """Shows a net in a notebook during training: loss, accuracy, and the current weights.

    ``net.fit(X, y, callbacks=LiveView())`` puts the page of `History.write_html` below the cell, and
    sends it the numbers of the moment until `fit` ends: the net, the plane of two inputs, the curves.
    Neurons and weights can be selected while it learns. It changes no bit of the training. In the place
    of the page a still picture stays in the saved notebook: HTML without scripts, which every front end
    shows.

    The page needs anywidget: ``pip install "slownet[notebook]"``. Without it, or with ``widget=False``
    for a front end that shows no widgets, the still picture is renewed during the training. Outside of a
    notebook nothing is drawn, and one line on stderr says so.

    Parameters
    ----------
    rate : float
        Pictures a second, at most 8; fewer where they would take more than a fifth of the time, or half
        of what a Jupyter server lets through.
    widget : bool
        Whether the page is shown, where it can be.

    Attributes
    ----------
    updates : int
        How often the picture was renewed in the last training.
    seconds : float
        The time that this took.

    Raises
    ------
    TypeError, ValueError
        If `rate` is not a number above 0 and up to 8, or `widget` neither True nor False.

    Examples
    --------
    >>> from slownet import LiveView, NetFactory
    >>> from slownet.datasets import moons
    >>> X, y = moons(60, noise=0.1, seed=1)
    >>> view = LiveView(rate=2)  # callbacks=view draws in a notebook
    """

    @suggesting
    def __init__(self, rate: float = 4.0, widget: bool = True) -> None:
        self.rate = check_number("rate", rate, above=0.0)
        if self.rate > 8.0:
            raise InvalidValueError(f"rate must be at most 8 pictures a second, not {self.rate:g}")
        check_type("widget", widget, bool)
        self.widget = widget
        self.updates, self.seconds = 0, 0.0
        self._picture: Picture | None = None
        self._feed: Feed | None = None
        self._shown: Any = None  # IPython's handle of what is displayed
        self._last: tuple[Training, Snapshot] | None = None  # what was sent to the page
        self._next = 0.0

    def __repr__(self) -> str:
        return f"LiveView(rate={self.rate:g}{'' if self.widget else ', widget=False'})"

    def on_fit_begin(self, training: Training) -> None:
        """Show the net as it is before training."""
        self.updates, self.seconds = 0, 0.0
        self._picture = self._feed = self._shown = self._last = None
        if not in_notebook():
            print_to_stderr(ELSEWHERE)
            return
        from IPython.display import display

        snapshot = training.state()
        bundle = self._bundle(training, snapshot)
        if self.widget and is_installed("anywidget"):
            from slownet.live.feed import Feed

            self._feed = Feed.of(training, snapshot)
        if self._feed is not None:
            bundle |= self._feed.widget.bundle
            self._last = training, snapshot
            self._watch_the_cell(True)
        self._shown = display(bundle, raw=True, display_id=True)
        self._next = time.perf_counter() + 1.0 / self.rate

    def on_progress(self, training: Training) -> None:
        """Show the net as it is now, if it is time for that."""
        if self._shown is not None and time.perf_counter() >= self._next:
            self._renew(training)

    def on_fit_end(self, training: Training) -> None:
        """Show the net as training leaves it, of a large layer the neurons that are strongest now."""
        if self._shown is not None:
            self._renew(training, last=True)
        self._close()

    def _renew(self, training: Training, last: bool = False) -> None:
        started, sent = time.perf_counter(), 0
        snapshot = training.state()
        if self._feed is None or last:
            self._shown.update(self._bundle(training, snapshot, last), raw=True)
        else:
            self._feed.send(training, snapshot)
            self._last, sent = (training, snapshot), self._feed.bytes
        now = time.perf_counter()
        self.updates += 1
        self.seconds += now - started
        waits = max(1.0 / self.rate, sent / BYTES_A_SECOND)
        self._next = max(started + waits, now + (now - started) * (1.0 / SHARE - 1.0))

    def _bundle(self, training: Training, snapshot: Snapshot, last: bool = False) -> dict[str, Any]:
        """Return the picture as IPython displays it, and its line of text for those who see no HTML."""
        if self._picture is None or self._picture.graph is not snapshot.graph:
            self._picture = Picture(training, snapshot)
        html = self._picture.html(training, snapshot, last)
        return {"text/html": html, "text/plain": plain(status(training))}

    def _watch_the_cell(self, watches: bool) -> None:
        """Put the picture in the place of the page when the cell ends, also if the training failed."""
        from IPython import get_ipython

        events = get_ipython().events
        (events.register if watches else events.unregister)("post_run_cell", self._end)

    def _end(self, *_: object) -> None:
        if self._shown is not None and self._last is not None:
            self._shown.update(self._bundle(*self._last, last=True), raw=True)
        self._close()

    def _close(self) -> None:
        if self._feed is not None:
            self._feed.close()
            self._watch_the_cell(False)
        self._picture = self._feed = self._shown = self._last = None
