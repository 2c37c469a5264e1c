"""Snapshots, the run file and the fingerprint of the data of a training."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.errors import RecordingError
from slownet.recording import Graph, History, Snapshot, TrainingState
from slownet.samples import MOST_KEPT, check_recordable
from slownet.training.fingerprinting import Fingerprinting
from slownet.training.options import in_order
from slownet.training.prediction import judge

if TYPE_CHECKING:
    import sqlite3

    from slownet.engines import Engine
    from slownet.objects import Net
    from slownet.recording.recorder import Recorder
    from slownet.training.data import TrainingData
    from slownet.training.hooks import Hooks
    from slownet.training.progress import Progress


NO_GRAPH = "as the net's"


class Keeper:
    """Takes the snapshots of a training, writes its run file and finds the fingerprint of its data.

    Parameters
    ----------
    net, engine : Net, Engine
        The net, and the engine that takes snapshots of it.
    data : TrainingData
        The training data and the watched samples.
    progress : Progress
        The progress of the training.
    history : History
        Its `path`, `data` and `ended` are set here.
    snapshot_steps : set of int
        The steps of snapshots; if there are any, one is taken after the last step, too.

    Attributes
    ----------
    recorder : Recorder or None
        The recorder of the run file, from `open_run_file` on.
    before_last : Snapshot or None
        The state before the last step, or before one that may have been the last, from which that can be
        explained.
    best : tuple of Snapshot or None, and float
        The same before the last step of the best epoch, and that step's learning rate; from `keep_best`.
    """

    def __init__(
        self,
        net: Net,
        engine: Engine,
        data: TrainingData,
        progress: Progress,
        history: History,
        snapshot_steps: set[int],
        hooks: Hooks,
    ) -> None:
        self._net, self._engine, self._data = net, engine, data
        self._progress, self._history, self.snapshot_steps = progress, history, snapshot_steps
        self.recorder: Recorder | None = None
        self.before_last: Snapshot | None = None
        self.best: tuple[Snapshot | None, float] = None, 0.0
        self._hooks = hooks
        self._last_snapshot = history.snapshot_steps[-1] if history.snapshots else None
        self._graph: tuple[tuple[object, ...], Graph] | None = None
        self._fingerprinting: Fingerprinting | None = None

    # snapshots

    def state(self) -> Snapshot:
        """Return a snapshot from which the training can continue, without watched samples."""
        return self._taken(watch=False)

    def snapshot(self, last: bool = False) -> Snapshot | None:
        """Return a snapshot if one is due; with `last`, one if the training has any snapshots."""
        step = self._progress.step
        if not last and step in self._before_ends() and self._net.parameter_count <= MOST_KEPT:
            graph: Any = NO_GRAPH  # that of the net, which is expensive to describe
            self.before_last = self._engine.take(step, self._progress.epochs_done, None, graph)
        due = bool(self.snapshot_steps) if last else step in self.snapshot_steps
        if not due or step == self._last_snapshot:
            return None
        snapshot = self._taken(watch=True)
        watch = self._data.watch
        if watch.samples:
            first = -len(snapshot.graph.outputs.neurons)
            outputs = (
                (zs[first:].tolist(), values[first:].tolist())
                for zs, values in zip(snapshot.zs, snapshot.values, strict=True)
            )
            loss, accuracy, *_ = judge(self._net, outputs, watch.targets, self._data.batches.encoder)
            snapshot = replace(snapshot, watch_loss=loss, watch_accuracy=accuracy)
        self._last_snapshot = step
        return snapshot

    def steps_to_snapshot(self, most: int) -> int:
        """Return how many steps there are to a snapshot or to the last step, at most `most`."""
        step, due = self._progress.step, self.snapshot_steps | self._before_ends()
        for count in range(1, most):
            if step + count in due:
                return count
        return most

    def _before_ends(self) -> set[int]:
        """Return steps of this epoch after which the last one may come; numbers are kept there."""
        progress, hooks = self._progress, self._hooks
        found = {progress.last_step - 1}
        if hooks.may_stop_after(is_end_of_epoch=True):
            found.add(progress.last_step_of_epoch - 1)
        if hooks.may_stop_after(is_end_of_epoch=False):
            found.add(progress.step)
        return found

    def keep_best(self) -> None:
        """Keep the state before the last step: it ended the best epoch so far."""
        self.best = self.before_last, self._progress.learning_rate

    def _taken(self, watch: bool) -> Snapshot:
        progress, watched = self._progress, self._data.watched if watch else None
        graph = self._current_graph()
        snapshot = self._engine.take(progress.step, progress.epochs_done, watched, graph)
        loss_sum, correct = progress.sums_of_step
        state = snapshot.state or TrainingState()
        state = replace(state, epoch_loss_sum=loss_sum, epoch_correct=correct)
        return replace(snapshot, state=state)

    def _current_graph(self) -> Graph:
        """Return the graph of the net; the same object as before if the net has not changed."""
        net = self._net
        version = net.wiring, net.explicit_loss, net.classes, net.preparation
        if self._graph is None or self._graph[0] != version:
            self._graph = version, Graph.of(net)
        return self._graph[1]

    # the run file

    def open_run_file(self, path: Path, continues: bool) -> Recorder:
        """Make a run file, or open that of the continued history; write the start of the training.

        Raises
        ------
        TypeError
            If labels cannot be recorded.
        FileError
            If the file cannot be made or written.
        RecordingError
            If a new file exists already, or another process is writing the old one.
        """
        from slownet.recording import runfile
        from slownet.recording.recorder import Recorder

        history = self._history
        check_recordable("classes", history.classes)
        check_recordable("the targets of watch", history.watch.labels)
        committed = history.last_step if continues else history.start
        recorder = self.recorder = Recorder(path, committed, is_new=not continues)
        recorder.open()
        if continues:
            last_epoch = history.epochs[-1].epoch if history.epochs else 0
            recorder.forget_after(self._progress.step, last_epoch, self.snapshot_steps)
            recorder.put("config", history.config)
            recorder.put("test", None)
        else:
            recorder.about(runfile.about(history))
            recorder.watch(history.watch)
            for record in history.epochs:  # those of the parent
                recorder.add_epoch(record)
        self.find_fingerprint(recorder)
        recorder.put("ended", None)
        recorder.state(self.state())
        recorder.commit()
        history.path = path
        return recorder

    def keep_epoch_rates(self, rates: list[list[float]]) -> None:
        """Keep the learning rates that were set for epochs, in the history and in the run file."""
        config = in_order({**self._history.config, "epoch_rates": rates})
        if config != self._history.config:
            self._history.config = config
            if self.recorder is not None:
                self.recorder.put("config", config)

    @property
    def is_recording(self) -> bool:
        """Whether there is a run file that this training writes."""
        return self.recorder is not None and self.recorder.is_open

    def save(self, repeatable: bool, now: bool = False) -> None:
        """Commit the results so far if a commit is due, or if `now` is True.

        A state to resume from is written less often, unless `repeatable` is False: then the steps since
        the last state could not be repeated.
        """
        recorder = self.recorder
        if recorder is not None and (now or recorder.is_due):
            if now or recorder.state_is_due or not repeatable:
                recorder.state(self.state())
            recorder.commit()

    def close(self, ended: str, repeatable: bool) -> None:
        """Set how the training ended; wait for the fingerprint, and close the run file.

        Steps of a failed training since its last commit are left out of the file if `repeatable` is
        False. To close once more changes nothing. A KeyboardInterrupt comes out once all is closed.

        Raises
        ------
        RecordingError
            If the file could not be written; it carries the history.
        """
        try:
            self._close(ended, repeatable)
        except KeyboardInterrupt:
            self._close(ended, repeatable)
            raise

    def _close(self, ended: str, repeatable: bool) -> None:
        if self._fingerprinting is not None:
            self._fingerprinting.wait()
            ended = "failed" if self._fingerprinting.error is not None else ended
        self._history.ended = ended
        try:
            if self.recorder is not None:
                self.recorder.close(ended, complete=repeatable)
        except RecordingError as error:
            error.history = self._history
            raise

    # the fingerprint

    def find_fingerprint(self, recorder: Recorder | None = None) -> None:
        """Find the fingerprint of the data in a thread, unless the history has it.

        The recorder waits for it, and commits nothing before.
        """
        if "X" in self._history.data:
            return
        described = dict(self._history.data)
        finding = self._fingerprinting = Fingerprinting(self._data, self._history)
        finding.start()
        if recorder is None:
            return

        from slownet.recording import tables

        def write(connection: sqlite3.Connection) -> None:
            finding.wait()
            tables.put("data", described | finding.found, connection)

        recorder.add(write)

    def check_fingerprint(self, wait: bool = False) -> None:
        """Raise the error that there was while the fingerprint was found, after a last commit."""
        finding = self._fingerprinting
        if finding is None:
            return
        if wait:
            finding.wait()
        if finding.error is not None:
            with suppress(RecordingError):
                self.save(repeatable=False, now=True)
            raise finding.error
