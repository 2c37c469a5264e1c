"""What is kept of a training beside its history: snapshots, a run file, a fingerprint of the data."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slownet.errors import RecordingError
from slownet.recording import Graph, History, Snapshot, TrainingState
from slownet.samples import check_recordable
from slownet.training.prediction import judge

if TYPE_CHECKING:
    from slownet.engines import Engine
    from slownet.objects import Net
    from slownet.recording.recorder import Recorder
    from slownet.training.data import TrainingData
    from slownet.training.progress import Progress


class Keeper:
    """Takes the snapshots of a training, and keeps a run file or the fingerprint of its data.

    Parameters
    ----------
    net, engine : Net, Engine
        What snapshots are taken of, and by what.
    data : TrainingData
        What the training learns from and watches.
    progress : Progress
        How far it is.
    history : History
        Gets the path of the run file, the fingerprint, and how the training ended.
    snapshot_steps : set of int
        When snapshots are due; the last state is one of them, whatever its step, if there are any.

    Attributes
    ----------
    recorder : Recorder or None
        What writes the run file, from `open_run_file` to `close`.
    """

    def __init__(
        self,
        net: Net,
        engine: Engine,
        data: TrainingData,
        progress: Progress,
        history: History,
        snapshot_steps: set[int],
    ) -> None:
        self._net, self._engine, self._data = net, engine, data
        self._progress, self._history, self.snapshot_steps = progress, history, snapshot_steps
        self.recorder: Recorder | None = None
        self._last_snapshot = history.snapshot_steps[-1] if history.snapshots else None
        self._graph: tuple[tuple[object, ...], Graph] | None = None
        self._fingerprinting: threading.Thread | None = None

    # snapshots

    def state(self) -> Snapshot:
        """Return everything that is needed to go on from the last step."""
        return self._taken(watch=False)

    def snapshot(self, last: bool = False) -> Snapshot | None:
        """Return a snapshot if one is due; with `last`, one of the last state if there are any."""
        step = self._progress.step
        due = bool(self.snapshot_steps) if last else step in self.snapshot_steps
        if not due or step == self._last_snapshot:
            return None
        snapshot = self._taken(watch=True)
        watch = self._data.watch
        if watch.samples:
            output = snapshot.graph.outputs.id
            outputs = [snapshot.layer_values(output, place) for place in range(len(watch.samples))]
            loss, accuracy = judge(outputs, watch.targets, self._data.batches.encoder)
            snapshot = replace(snapshot, watch_loss=loss, watch_accuracy=accuracy)
        self._last_snapshot = step
        return snapshot

    def steps_to_snapshot(self, most: int) -> int:
        """Return after how many steps the next snapshot is due, at most `most`."""
        step = self._progress.step
        for count in range(1, most):
            if step + count in self.snapshot_steps:
                return count
        return most

    def _taken(self, watch: bool) -> Snapshot:
        progress, watched = self._progress, self._data.watched if watch else None
        graph = self._current_graph()
        snapshot = self._engine.take(progress.step, progress.epochs_done, watched, graph)
        loss_sum, correct = progress.sums_of_step
        state = snapshot.state or TrainingState()
        state = replace(state, epoch_loss_sum=loss_sum, epoch_correct=correct)
        return replace(snapshot, state=state)

    def _current_graph(self) -> Graph:
        """Return the graph of the net, the same object for as long as it has not changed."""
        net = self._net
        version = net.wiring, net.explicit_loss, net.classes
        if self._graph is None or self._graph[0] != version:
            self._graph = version, Graph.of(net)
        return self._graph[1]

    # the run file

    def open_run_file(self, path: Path, continues: bool) -> Recorder:
        """Make a run file, or open the one that the history was read from; write what is known.

        Raises
        ------
        TypeError
            If labels cannot be recorded.
        FileError
            If the file cannot be made or written.
        RecordingError
            If a new file exists already, or another process is writing the old one.
        """
        from slownet.recording.recorder import Recorder

        history = self._history
        check_recordable("classes", history.classes)
        check_recordable("the targets of watch", history.watch.labels)
        if continues:
            recorder = self.recorder = Recorder.existing(path, history.last_step)
            recorder.forget_after(self._progress.step, len(history.epochs), self.snapshot_steps)
            recorder.put("config", history.config)
        else:
            recorder = self.recorder = Recorder.new(path, history.start)
            recorder.about(self._about)
            recorder.watch(history.watch)
            for record in history.epochs:  # those of the parent
                recorder.add_epoch(record)
        recorder.put("ended", None)
        recorder.state(self.state())
        recorder.commit()
        history.path = path
        return recorder

    def save(self, repeatable: bool, now: bool = False) -> None:
        """Commit what has happened if it is time for that, or now.

        The state to go on from is written less often, unless the steps since then cannot be repeated:
        `repeatable` says whether they can.
        """
        recorder = self.recorder
        if recorder is not None and (now or recorder.is_due):
            if now or recorder.state_is_due or not repeatable:
                recorder.state(self.state())
            recorder.commit()

    def close(self, ended: str, repeatable: bool) -> None:
        """Note how the training ended; close the run file, or wait for the fingerprint.

        Steps since the last commit of a failed training are left out of the file if they cannot be
        repeated.

        Raises
        ------
        RecordingError
            If the file could not be written; it carries the history.
        """
        self._history.ended = ended
        recorder, self.recorder = self.recorder, None
        try:
            if recorder is not None:
                recorder.close(ended, complete=ended != "failed" or repeatable)
        except RecordingError as error:
            error.history = self._history
            raise
        finally:
            if self._fingerprinting is not None:
                self._fingerprinting.join()

    # the fingerprint

    def find_fingerprint(self) -> None:
        """Find the fingerprint of the data in a thread, unless the history has it."""
        if "X" not in self._history.data:
            self._fingerprinting = threading.Thread(
                target=self._add_fingerprint, name="slownet fingerprint", daemon=True
            )
            self._fingerprinting.start()

    def _add_fingerprint(self) -> None:
        self._history.data |= self._data.fingerprints()

    def _about(self) -> dict[str, Any]:
        """Return the rows of the table `run`; called in the recorder's thread."""
        from slownet.recording import runfile

        about = runfile.about(self._history)
        self._add_fingerprint()
        return {**about, "data": self._history.data}
