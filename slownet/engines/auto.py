"""The engine "auto": the object loops, until the compiled engine pays."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from slownet.engines import background, costs
from slownet.engines.costs import Costs
from slownet.engines.formula_keys import is_own
from slownet.engines.machine import cache
from slownet.engines.scalar import ScalarEngine, warn_of_object_loops
from slownet.errors import EngineError
from slownet.packages import is_installed

if TYPE_CHECKING:
    from slownet.engines.compiled import CompiledEngine
    from slownet.engines.protocol import Engine, Memory, Outputs
    from slownet.functions import Optimizer
    from slownet.objects import Net
    from slownet.recording import Graph, Snapshot
    from slownet.samples import Samples

FORESIGHT = 4.0  # a session is expected to go on for so many times as long as it has lasted
WORTH_COMPILING = 2.0  # seconds of object loops that are worth compiling in the background
PAUSE = 0.02  # seconds between two decisions
# the user's functions that have been compiled, or were refused, by their ids
_tried: WeakValueDictionary[int, Any] = WeakValueDictionary()


def compiled_pays(objects: float, compiled: float, formulas: Iterable[Any] = ()) -> bool:
    """Decide whether to take the compiled engine now.

    Loading the compiled code, once a process, and compiling the user's formulas must be worth the time
    that it saves. Where the code is not on disk yet, another process begins to compile it, if that is
    worth it.

    Parameters
    ----------
    objects, compiled : float
        How many seconds the work takes on either engine.
    formulas : iterable of formulas
        Those that it needs.
    """
    background.note_end()
    saved = objects - compiled
    if saved <= 0.0:
        return False
    once = costs.OWN * sum(is_own(each) and id(_function(each)) not in _tried for each in formulas)
    is_loaded = "slownet.engines.kernels" in sys.modules
    if is_loaded and not once:
        return True
    expected = saved + FORESIGHT * costs.spent_on_objects() + costs.planned() - once
    if expected <= (0.0 if is_loaded else costs.LOAD):
        return False
    # where Numba is missing, the compiled engine gives the reason
    if is_loaded or cache.is_filled() or not is_installed("numba"):
        return True
    if not background.can_compile():
        return expected > costs.COMPILE
    if expected > WORTH_COMPILING:
        background.compile_in_background()
    return False


def note_formulas(formulas: Iterable[Any]) -> None:
    """Note that formulas have been compiled, or were refused, which takes no time again."""
    for function in map(_function, filter(is_own, formulas)):
        with suppress(TypeError):  # an object of a class with slots
            _tried[id(function)] = function


def _function(formula: Any) -> Any:
    return getattr(formula, "function", formula)


class AutoEngine:
    """The `Engine` that begins with the object loops, and changes over when the compiled one pays.

    Both give the same bits, so that nothing but the time shows which one took a step.

    Parameters
    ----------
    net : Net
        The net that learns.
    first_step, last_step : int
        The first and the last step that are planned.
    writebacks : float
        How often in a step the objects are expected to be brought up to date.
    threads : int or "auto"
        An argument of `CompiledEngine`.
    undisturbed : bool
        An argument of `ScalarEngine`.
    **options
        The other arguments of both engines, after the net.
    """

    def __init__(
        self,
        net: Net,
        first_step: int,
        last_step: int,
        writebacks: float,
        threads: int | str,
        undisturbed: bool,
        **options: Any,
    ) -> None:
        self._net, self._options, self._threads = net, options, threads
        self._next_step, self._last_step, self._writebacks = first_step, last_step, writebacks
        batches = options["batches"]
        self._costs, size = Costs.of(net), min(batches.size, len(batches.samples))
        self._seconds_per_step = costs.STEP + size * self._costs.sample
        self._objects: Engine = ScalarEngine(net, undisturbed=undisturbed, **options)
        self._engine: Engine = self._objects
        self._is_settled, self._decided_at = False, 0.0
        self._decide()
        if self._engine is self._objects:
            batches.samples.check()

    @property
    def optimizer(self) -> Optimizer:
        """As in `Engine`."""
        return self._engine.optimizer

    @property
    def memory(self) -> Memory:
        """As in `Engine`."""
        return self._engine.memory

    @property
    def steps_at_once(self) -> int:
        """As in `Engine`."""
        return self._engine.steps_at_once

    def advance(self, step: int, rates: Sequence[float]) -> tuple[list[float], list[int]]:
        """As in `Engine`."""
        self._next_step = step
        started = time.perf_counter()
        if started - self._decided_at > PAUSE:
            self._decide()
        losses, correct = self._engine.advance(step, rates)
        self._next_step += len(losses)
        if self._engine is self._objects:
            seconds = time.perf_counter() - started
            self._seconds_per_step = seconds / len(losses)
            costs.note_object_loops(seconds)
        return losses, correct

    def write_back(self) -> None:
        """As in `Engine`."""
        self._engine.write_back()

    def refresh(self) -> None:
        """As in `Engine`."""
        self._engine.refresh()

    def take(self, step: int, epoch: float, samples: Samples | None, graph: Graph) -> Snapshot:
        """As in `Engine`."""
        if samples is not None:
            self._forward_pass(len(samples))
        return self._engine.take(step, epoch, samples, graph)

    def outputs(self, samples: Samples) -> Iterable[Outputs]:
        """As in `Engine`."""
        self._forward_pass(len(samples))
        return self._engine.outputs(samples)

    def _forward_pass(self, samples: int) -> None:
        """Decide before samples are sent forward, and note their cost."""
        seconds = samples * self._costs.forward
        self._decide(seconds)
        if self._engine is self._objects:
            costs.note_object_loops(seconds)

    @property
    def _formulas(self) -> list[Any]:
        net, options = self._net, self._options
        penalties = [regularizer for regularizer, _ in options["penalties"]]
        return [*activations_of(net), net.loss, options["optimizer"], *penalties]

    def _decide(self, seconds: float = 0.0) -> None:
        """Change over to the compiled engine if it pays; `seconds` of work come before the next step."""
        if self._is_settled:
            return
        steps = max(self._last_step - self._next_step + 1, 0)
        objects = seconds + steps * self._seconds_per_step
        compiled = costs.BEGIN + (1.0 + self._writebacks * steps) * self._costs.pack
        if compiled_pays(objects, compiled, self._formulas):
            self._is_settled = True
            self._change_over(objects - compiled)
        self._decided_at = time.perf_counter()

    def _change_over(self, saved: float) -> None:
        options = {**self._options, "memory": self._objects.memory}
        note_formulas(self._formulas)
        try:
            engine = compiled_engine(self._net, self._threads, raise_=False, **options)
        except EngineError as error:
            warn_of_object_loops(error, saved)
        else:
            if engine.can_start:
                self._engine = engine


def activations_of(net: Net) -> list[Any]:
    """Return the activations that the layers of a net have been given."""
    return [layer.activation for layer in net if layer.activation]


def check_machine() -> None:
    """Raise EngineError if compiled code does not give the bits of Python here; checked at first use."""
    from slownet.engines import selfcheck  # loads Numba

    selfcheck.check()


def compiled_engine(net: Net, threads: int | str, raise_: bool, **options: Any) -> CompiledEngine:
    """Make the compiled engine, whose arguments these are. EngineError if it is not available."""
    check_machine()
    from slownet.engines.compiled import CompiledEngine

    return CompiledEngine(net, threads=threads, raise_=raise_, **options)
