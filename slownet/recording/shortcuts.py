"""Methods of a History that call the package which does the work: `history.branch`, ...

With `Comparison.figure` they are the only imports of packages that are built on this one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.bases import methods_of

if TYPE_CHECKING:
    from slownet.explain import Derivation
    from slownet.objects import Net
    from slownet.page import Player
    from slownet.recording.history import History


@methods_of("slownet.recording.history.History")
class HistoryShortcuts:
    """Replays, pages and pictures of a training."""

    def rewind(
        self: Any, step: int, data: tuple[Any, ...], engine: str = "auto", threads: int | str = "auto"
    ) -> Net:
        """Return the net exactly as it was after any step; see `slownet.training.rewind`."""
        from slownet import training

        return training.rewind(self, step, data, engine, threads)

    def branch(
        self: Any,
        step: int,
        data: tuple[Any, ...],
        edit: Callable[[Net], object] | None = None,
        record: str | os.PathLike[str] | None = None,
        **changes: Any,
    ) -> History:
        """Train again from a step on with something changed; see `slownet.training.branch`."""
        from slownet import training

        return training.branch(self, step, data, edit, record, **changes)

    def explain(
        self: Any, step: int, quantity: Any, data: tuple[Any, ...], sample: int | None = None
    ) -> Derivation:
        """Derive a number as it was in any step; see `slownet.explain.explain_history`."""
        from slownet import explain

        return explain.explain_history(self, step, quantity, data, sample)

    def write_html(
        self: Any,
        path: str | os.PathLike[str],
        exact: bool | None = None,
        bits: int | None = None,
        title: str | None = None,
        keep: str | int = "auto",
        data: tuple[Any, Any] | None = None,
        *,
        about: str | None = None,
        classes: Sequence[str] | None = None,
        author: str | None = None,
        language: str | os.PathLike[str] | None = None,
    ) -> Path:
        """Write the page of this training: one HTML file that works offline.

        In it a reader plays the training, stops anywhere, draws a digit, and sees how any number was
        computed. The page states how precise its numbers are; `slownet verify` trains again and checks
        every one of them.

        Parameters
        ----------
        path : str or path
            The file; an existing one is replaced atomically, when all has been written.
        exact : bool, optional
            Whether weights and biases are kept to the last bit, as float64. By default they are if that
            takes few bytes; otherwise rounded to about 1.5 MB of data, or more for very many.
        bits : int, optional
            From 6 to 24: they are rounded to at least 2^bits intervals from the smallest to the largest.
        title : str, optional
            The title of the page.
        keep : "auto", "fits", "all", "none" or int
            Which of the training data the page holds; it says so. From them it trains: where they fit
            and that takes a browser less than about 2 s, all of it, when it is opened, and it has no
            snapshots; otherwise on from a snapshot. "auto" keeps points and images of
            `slownet.datasets`, as many as fit, and nothing of anybody's own data: a page is made to be
            sent. "fits" keeps as many as fit, whoever's they are, a number that many of them at most,
            and "all" all that was given to `fit`. With the rows to learn from come up to 500 that
            accuracy is of: of the test, or else of the validation, or those watched. With "none" the
            page has snapshots, and of the data only the rows that the training watched, or some of them.
        data : (X, y), optional
            The training data, where the history does not know them any more: it was opened from a
            file, copied or pickled. Without them "auto" and "fits" keep none.
        about : str, optional
            A paragraph of plain text below the title, of at most 600 characters.
        classes : sequence of str, optional
            What the classes are called in the page, in the order of the outputs; of an output that says
            yes or no, first no: different names of at most 24 characters. By default they are called as
            their labels are, which stay in the page in any case: the training needs them.
        author : str, optional
            Who is named at the foot, in at most 100 characters; nobody, unless this is given.
        language : str or path, optional
            What the page speaks: "en" (the default) or "de"; or a JSON file of texts, named after its
            language as nl.json is, to which the page has nothing to add but the English texts that are
            not in it. ``slownet words`` writes one to begin with.

        Returns
        -------
        pathlib.Path
            Where it is.

        Raises
        ------
        ValueError
            If there are no snapshots, or more than `slownet verify` can read from a page; the name does
            not end in .html or .htm, or the folder does not exist; or if "all" data or a number of
            rows are to be kept, and they are not known; or if `classes` are not as many as the net has.
        RecordingError
            If `data` are not those of the training.
        OSError
            If it cannot be written.
        MissingPackageError
            If plotly, which draws the figure that is written where a formula cannot be translated, is
            not installed.

        Warns
        -----
        UserWarning
            If a formula of your own cannot be translated for a browser: then a plotly figure is written
            instead, which shows the snapshots and computes nothing.
        """
        from slownet import page

        words = {"about": about, "classes": classes, "author": author, "language": language}
        return page.write(self, path, exact, bits, title, keep, data, **words)

    def animate(self: Any, height: int = 860, **options: Any) -> Player:
        """Return the page for display in a notebook; it takes the options of `write_html`, too.

        Parameters
        ----------
        height : int
            Its height in pixels.
        **options
            `exact`, `bits`, `title`, `data`, `about`, `classes`, `author`, `language`, and `keep`, which
            is "fits" by default: the page stays in the notebook.
        """
        from slownet.page import Player

        return Player(self, **options, height=height)

    def _repr_html_(self: Any) -> str:
        from slownet import display

        return display.history_html(self)
