"""The engine "auto": when it changes over, that no bit shows it, and who fills the cache."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from graphs import Case
from hypothesis import given, settings
from hypothesis import strategies as st
from test_graphs import outcome

import slownet
from slownet import Callback, NetFactory, functions
from slownet.engines import auto, background, costs, usable_threads
from slownet.engines.auto import AutoEngine, compiled_pays
from slownet.engines.machine import cache
from slownet.engines.scalar import ScalarEngine
from slownet.engines.thread_choice import MOST, SLACK, WORTH, ThreadChoice

X = [[0.0, 1.0], [1.0, 0.5], [0.3, 0.2], [0.9, 0.1]] * 5
Y = [0, 1, 1, 0] * 5
LONG = 1e9  # a time that always pays
compile_in_background = background.compile_in_background


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A process that has loaded nothing and spent nothing; its cache is filled."""
    monkeypatch.delitem(sys.modules, "slownet.engines.kernels", raising=False)
    monkeypatch.setattr(costs, "_spent", 0.0)
    monkeypatch.setattr(background, "_process", None)
    monkeypatch.setattr(background, "compile_in_background", lambda: pytest.fail("it compiles"))
    monkeypatch.setattr(cache, "is_filled", lambda: True)
    return monkeypatch


# the change-over


@pytest.mark.long
@settings(max_examples=30)
@given(seed=st.integers(0, 2**32), calls=st.integers(0, 12))
def test_a_change_over_changes_no_bit(seed: int, calls: int) -> None:
    """At whichever decision it comes: before the first step, between two, for a snapshot, or never."""
    case = Case.of(seed)
    wanted, decisions = outcome(case, "scalar"), iter([False] * calls)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(auto, "PAUSE", 0.0)
        patch.setattr(auto, "compiled_pays", lambda *times: next(decisions, True))
        found = outcome(case, "auto")
    assert [name for name in wanted if wanted[name] != found[name]] == []


class Steps(Callback):
    """Notes which engine takes the steps."""

    def __init__(self) -> None:
        self.engines: list[Any] = []

    def on_step_end(self, training: Any) -> None:
        engine = training.engine
        self.engines.append(type(engine._engine if isinstance(engine, AutoEngine) else engine))


def test_it_changes_over_at_a_step_and_stays(fresh: pytest.MonkeyPatch) -> None:
    from slownet.engines.compiled import CompiledEngine

    fresh.setattr(auto, "PAUSE", 0.0)
    decisions = iter([False] * 5)
    fresh.setattr(auto, "compiled_pays", lambda *times: next(decisions, True))
    steps = Steps()
    NetFactory([2, 4, 1], seed=0).new().fit(X, Y, batch_size=2, callbacks=steps, progress=False)
    assert steps.engines == [ScalarEngine] * 4 + [CompiledEngine] * 6


def test_an_error_that_waits_for_its_step_is_raised(fresh: pytest.MonkeyPatch) -> None:
    """The object loops take several steps a call: the error of one comes with the next call."""
    errors = []
    for engine in ("scalar", "auto"):
        net = NetFactory([2, 3, 1], "relu", "linear", seed=1).new()
        with pytest.raises(slownet.DivergedError) as caught:
            net.fit(X, [[1e150]] * 20, batch_size=2, learning_rate=1e3, epochs=50, engine=engine)
        errors.append((str(caught.value), [weight.value for weight in net.weights()]))
        fresh.setattr(auto, "PAUSE", 0.0)
    assert errors[0] == errors[1]


# the decision


def test_loaded_code_is_taken_if_it_saves_anything(fresh: pytest.MonkeyPatch) -> None:
    fresh.setitem(sys.modules, "slownet.engines.kernels", object())
    assert compiled_pays(2e-3, 1e-3)
    assert not compiled_pays(1e-3, 2e-3)


def test_loading_must_be_worth_it(fresh: pytest.MonkeyPatch) -> None:
    assert not compiled_pays(0.9 * costs.LOAD, 0.0)
    assert compiled_pays(1.1 * costs.LOAD, 0.0)
    assert not compiled_pays(LONG, LONG)


def test_what_earlier_calls_have_cost_counts(fresh: pytest.MonkeyPatch) -> None:
    """Small calls, each too short to pay: once they have added up, the next one loads the code."""
    fresh.setattr(auto, "compiled_pays", lambda *times: False)
    net, started = NetFactory([2, 6, 1], seed=0).new(), time.perf_counter()
    for _ in range(5):
        net.fit(X, Y, epochs=50, batch_size=2, progress=False)
    elapsed = time.perf_counter() - started
    assert 0.3 * elapsed < costs.spent_on_objects() < elapsed
    costs.note_object_loops(-costs.spent_on_objects())
    small = 0.1 * costs.LOAD
    assert not compiled_pays(small, 0.0)
    costs.note_object_loops(0.8 * costs.LOAD / auto.FORESIGHT)
    assert not compiled_pays(small, 0.0)
    costs.note_object_loops(0.2 * costs.LOAD / auto.FORESIGHT)
    assert compiled_pays(small, 0.0)


def test_formulas_of_the_user_are_compiled_once_they_are_worth_it(fresh: pytest.MonkeyPatch) -> None:
    fresh.setitem(sys.modules, "slownet.engines.kernels", object())
    own = slownet.Activation("own", lambda z: z + z, lambda z, value: 2.0)
    assert compiled_pays(0.01, 0.0, [functions.get_activation("tanh")])
    assert not compiled_pays(0.9 * costs.OWN, 0.0, [own])
    assert compiled_pays(1.1 * costs.OWN, 0.0, [own])
    auto.note_formulas([own])
    assert compiled_pays(0.01, 0.0, [own])
    kept = weakref.ref(own.function)
    del own
    gc.collect()
    assert kept() is None  # with all that it holds


@dataclass
class Scale:
    """A function without a hash, as dataclasses are."""

    factor: float

    def __call__(self, z: float, value: float = 0.0) -> float:
        return self.factor if value else self.factor * z


def test_formulas_need_no_hash(fresh: pytest.MonkeyPatch) -> None:
    fresh.setitem(sys.modules, "slownet.engines.kernels", object())
    own = slownet.Activation("scale", Scale(1.0), lambda z, value: 1.0)
    assert not compiled_pays(0.9 * costs.OWN, 0.0, [own])
    auto.note_formulas([own])
    assert compiled_pays(0.01, 0.0, [own])


@pytest.mark.parametrize("use", ["predict", "evaluate", "validation", "watch"])
def test_forward_passes_count(use: str, fresh: pytest.MonkeyPatch) -> None:
    net = NetFactory([2, 4, 1], seed=0).new()
    net.fit(X[:1], Y[:1], engine="auto", progress=False)
    before = costs.spent_on_objects()
    match use:
        case "predict":
            net.predict(X * 20)
        case "evaluate":
            net.evaluate(X * 20, Y * 20)
        case "validation":
            net.fit(X[:1], Y[:1], validation_data=(X * 20, Y * 20), progress=False)
        case "watch":
            net.fit(X[:1], Y[:1], snapshots=2, watch=(X * 20, Y * 20), progress=False)
    assert costs.spent_on_objects() - before > 0.9 * 400 * costs.Costs.of(net).forward


def test_an_empty_cache_is_filled_by_another_process(fresh: pytest.MonkeyPatch) -> None:
    started: list[bool] = []
    fresh.setattr(cache, "is_filled", lambda: False)
    fresh.setattr(background, "can_compile", lambda: True)
    fresh.setattr(background, "compile_in_background", lambda: started.append(True))
    assert not compiled_pays(0.9 * auto.WORTH_COMPILING, 0.0)
    assert not started
    assert not compiled_pays(LONG, 0.0)
    assert started
    fresh.setattr(background, "can_compile", lambda: False)  # then this one does
    assert not compiled_pays(0.9 * costs.COMPILE, 0.0)
    assert compiled_pays(1.1 * costs.COMPILE, 0.0)


@pytest.mark.parametrize(
    "what", ["frozen", "executable", "embedded", "missing", "read-only", "failed", "ended"]
)
def test_where_no_other_process_can_compile(
    what: str, fresh: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fresh.setattr(cache, "directory", lambda: tmp_path / "cache")
    assert background.can_compile()
    match what:
        case "frozen":  # by PyInstaller: the executable is the program of the user
            fresh.setattr(sys, "frozen", True, raising=False)
        case "executable":
            fresh.setattr(sys, "executable", None)
        case "embedded":
            fresh.setattr(sys, "executable", "/opt/blender/blender")
        case "read-only":
            (tmp_path / "file").touch()
            fresh.setattr(cache, "directory", lambda: tmp_path / "file" / "cache")
        case "missing":
            fresh.setattr(background, "_has_failed", False)
            fresh.setattr(background, "compile_in_background", compile_in_background)
            fresh.setattr(sys, "executable", str(tmp_path / "python3"))
            background.compile_in_background()
        case "failed" | "ended":  # without filling the cache
            process = subprocess.Popen([sys.executable, "-c", f"raise SystemExit({what == 'failed':d})"])
            process.wait()
            fresh.setattr(background, "_process", process)
    assert not background.can_compile()


# a real process with an empty cache

SESSION = """
import sys, time
from slownet import NetFactory
from slownet.datasets import moons
from slownet.engines import background
X, y = moons(100, noise=0.2, seed=1)
until = time.monotonic() + 3000  # on a busy machine the other process, which is nice, hardly runs
while "numba" not in sys.modules and time.monotonic() < until:
    net = NetFactory([2, 6, 1], seed=0).new()
    net.fit(X, y, epochs=100, batch_size=10, progress=False)
    time.sleep(0.5)
print("numba" in sys.modules, background._process is not None, [w.value.hex() for w in net.weights()])
"""


def session(folder: Path, cache_folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", SESSION],
        capture_output=True,
        text=True,
        timeout=4000,
        cwd=folder,
        env={
            **os.environ,
            "SLOWNET_CACHE_DIR": str(cache_folder),
            "PYTHONPATH": str(Path(slownet.__file__).parents[1]),
        },
    )


@pytest.mark.long
def test_an_empty_cache_is_filled_while_the_objects_train(tmp_path: Path) -> None:
    """With files of the user's beside it that have the names of modules."""
    for name in ("json", "random", "hashlib", "numba"):
        (tmp_path / f"{name}.py").write_text("open('imported', 'w')\n")
    (tmp_path / "there").mkdir()
    first = session(tmp_path / "there", tmp_path / "cache")
    assert first.stdout.startswith("True True"), first
    assert first.stderr == ""
    again = session(tmp_path / "there", tmp_path / "cache")
    assert again.stdout == first.stdout.replace("True True", "True False"), again
    assert not list(tmp_path.rglob("imported"))


def test_one_process_fills_the_cache(fresh: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Others wait for it: it may be killed, and then one of them takes its place."""
    fresh.setattr(cache, "directory", lambda: tmp_path)
    program = (
        "import pathlib\nfrom slownet.engines import background as b\nimport time\n"
        f"b.cache.directory = lambda: pathlib.Path({str(tmp_path)!r})\n"
        "with b._alone() as alone:\n    print(alone, flush=True)\n    time.sleep(600)\n"
    )
    path = str(Path(slownet.__file__).parents[1])
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "True\n"
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(background, "PATIENCE", 0.0)
                with background._alone() as alone:
                    assert not alone
        finally:
            other.kill()
    with background._alone() as alone:
        assert alone


def test_nothing_is_left_of_the_process(fresh: pytest.MonkeyPatch) -> None:
    """Neither a zombie nor, in a process made by fork, a child that is none."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    fresh.setattr(background, "_process", process)
    until = time.monotonic() + 60
    while process.returncode is None and time.monotonic() < until:
        compiled_pays(0.0, 1.0)
    assert process.returncode == 0
    background._forget_process()
    assert background._process is None
    if hasattr(os, "fork"):
        fresh.setattr(background, "_process", process)
        child = os.fork()
        if not child:
            os._exit(background._process is not None)
        assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("ends", ["early", "with a filled cache"])
def test_it_waits_while_another_process_compiles(
    ends: str, fresh: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """If that one ends early, it compiles itself."""
    fresh.setattr(cache, "directory", lambda: tmp_path)
    fresh.setattr(cache, "is_filled", (tmp_path / cache.CHECKED).exists)
    fresh.setattr(os, "nice", lambda _: None, raising=False)
    holder: list[int] = [os.open(tmp_path / "compiling", os.O_RDWR | os.O_CREAT)]
    assert background.lock(holder[0])

    def end(_seconds: float) -> None:
        if ends != "early":
            cache.mark_filled()
        os.close(holder.pop())

    filled = []
    fresh.setattr(background.time, "sleep", end)
    fresh.setattr(background, "_fill", lambda: filled.append(not holder) or True)
    assert (background.main(), filled) == (0, [True] if ends == "early" else [])


CHECK = """
from slownet.engines import kernels, packed_inputs, selfcheck
usual, lists = packed_inputs._list, []
packed_inputs._list = lambda *arguments: lists.append(usual(*arguments))
assert selfcheck.verdict() is None
print([name for name in kernels.__all__ if "compiled" not in vars(getattr(kernels, name))], bool(lists))
"""


def test_the_check_compiles_all_kernels() -> None:
    """Those for predictions and lists of inputs, too: none is compiled later while somebody waits."""
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True)
    assert done.stdout == "[] True\n"


# threads


@pytest.mark.parametrize("threads", [1, "auto"])
def test_the_test_takes_no_more_threads_than_the_training(
    threads: int | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOWNET_THREADS", "2")
    data, started = (X * 200, Y * 200), []  # several blocks
    threading.setprofile(lambda *_: started.append(threading.current_thread().name))
    try:
        net = NetFactory([2, 3, 1], seed=0).new()
        net.fit(X, Y, engine="compiled", threads=threads, test_data=data, progress=False)
    finally:
        threading.setprofile(None)
    assert any(name == "slownet blocks" for name in started) == (threads == "auto")


@pytest.mark.parametrize(
    ("variables", "count"),
    [
        ({"SLOWNET_THREADS": "3"}, 3),
        ({"NUMBA_NUM_THREADS": "1"}, 1),  # as joblib and Dask set it for their workers
        ({"SLOWNET_THREADS": "2", "NUMBA_NUM_THREADS": "1"}, 2),
        ({"NUMBA_NUM_THREADS": "many"}, None),
        ({"SLOWNET_THREADS": "100000"}, MOST),
        ({}, None),
    ],
)
def test_usable_threads(
    variables: dict[str, str], count: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SLOWNET_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert usable_threads() == (count or cores)


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5"])
def test_a_wrong_number_of_threads_is_refused_before_training(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOWNET_THREADS", text)
    net = NetFactory([2, 3, 1], seed=0).new()
    with pytest.raises(ValueError, match=f"SLOWNET_THREADS must be a whole number from 1, not '{text}'"):
        net.fit(X, Y, progress=False)


def test_threads_are_a_number_or_auto() -> None:
    net = NetFactory([2, 3, 1], seed=0).new()
    with pytest.raises(ValueError, match="threads must be a whole number or \"auto\", not 'all'"):
        net.fit(X, Y, threads="all", progress=False)
    assert net.fit(X, Y, progress=False).config["threads"] == "auto"


@settings(max_examples=200)
@given(
    cores=st.integers(1, 64),
    parallel=st.floats(0.0, 1.0),
    waiting=st.floats(0.0, 0.2),
    seconds=st.floats(2 * WORTH, 1.0),
)
def test_neither_more_nor_fewer_threads_would_pay(
    cores: int, parallel: float, waiting: float, seconds: float
) -> None:
    """By Amdahl's law, with a cost for each thread."""

    def time_of(threads: int) -> float:
        return seconds * (1.0 - parallel + parallel / threads + waiting * (threads - 1))

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLOWNET_THREADS", str(cores))
        choice = ThreadChoice("auto", 64)
    used = []
    for _ in range(1000):
        used.append(choice.now)
        choice.note(time_of(choice.now))
    assert max(used) <= cores
    late = used[500:]
    chosen = max(set(late), key=late.count)
    place = choice._numbers.index(chosen)
    for other in choice._numbers[max(place - 1, 0) : place + 2]:
        assert time_of(chosen) <= SLACK * time_of(other)
        assert other >= chosen or time_of(chosen) < time_of(other)
    assert sum(each != chosen for each in late) < 20  # trials are few


def test_short_steps_stay_with_one_thread() -> None:
    choice = ThreadChoice("auto", 64)
    for _ in range(100):
        assert choice.now == 1
        choice.note(0.5 * WORTH)


def test_a_number_that_is_given_is_kept() -> None:
    choice = ThreadChoice(3, 64)
    for seconds in (1.0, 0.1, 2.0, 3.0):
        choice.note(seconds)
        assert (choice.now, choice.most_steps) == (3, None)
    assert ThreadChoice(3, 2).now == 1
