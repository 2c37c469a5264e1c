"""Which engine: the one that was asked for or, with "auto", the one that pays."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from slownet.engines.scalar import ScalarEngine, by_objects
from slownet.errors import EngineError, InvalidValueError

if TYPE_CHECKING:
    from slownet.engines.protocol import Engine
    from slownet.objects import Net
    from slownet.samples import Samples

ENGINES = ("auto", "compiled", "scalar")
VISIT = (
    30e-9  # seconds that the object loops need for a weight and a sample, about; forward alone a third
)
LOAD, COMPILE = 0.7, 10.0  # seconds until compiled code is there: kept from an earlier run, or the first
PACK = 3e-7  # seconds to carry a weight into arrays and back
_said: set[str] = set()


def check_engine(name: object) -> None:
    """Raise ValueError unless this is the name of an engine."""
    if name not in ENGINES:
        raise InvalidValueError(f"unknown engine {name!r}: known are {', '.join(ENGINES)}")


def training_engine(
    name: str,
    net: Net,
    visits: float,
    writebacks: float,
    threads: int,
    undisturbed: bool,
    **options: Any,
) -> Engine:
    """Make the engine for a training.

    Parameters
    ----------
    name : str
        "auto", "compiled" or "scalar".
    net : Net
        The net that learns.
    visits : float
        How many samples will be learned from, each as often as it will be.
    writebacks : float
        How often the objects will be brought up to date during the training.
    threads : int
        An argument of `CompiledEngine`.
    undisturbed : bool
        An argument of `ScalarEngine`.
    **options
        The other arguments of both engines, after the net.

    Raises
    ------
    EngineError
        If "compiled" is asked for and cannot be had.
    """
    weights = net.parameter_count
    slow, carried = VISIT * weights * visits, PACK * weights * (writebacks + 1)
    if _wanted(name, slow, carried):
        try:
            from slownet.engines import selfcheck

            selfcheck.check()
            from slownet.engines.compiled import CompiledEngine

            raise_ = name == "compiled"
            engine = CompiledEngine(net, threads=threads, raise_=raise_, **options)
            if raise_ or engine.can_start:
                return engine
        except EngineError as error:
            _fall_back(name, error)
    options["batches"].samples.check()
    return ScalarEngine(net, undisturbed=undisturbed, **options)


def outputs(name: str, net: Net, samples: Samples) -> Iterable[list[float]]:
    """Send samples through a net; return the output values of each. Errors as for a training."""
    weights = net.parameter_count
    if _wanted(name, VISIT / 3 * weights * len(samples), PACK * weights):
        try:
            from slownet.engines import selfcheck

            selfcheck.check()
            from slownet.engines import compiled

            return compiled.outputs(net, samples, raise_=name == "compiled")
        except EngineError as error:
            _fall_back(name, error)
    return by_objects(net, samples)


def _wanted(name: str, slow: float, carried: float) -> bool:
    if name != "auto":
        return name == "compiled"
    if "slownet.engines.kernels" in sys.modules:
        return slow > carried
    from slownet.engines.machine import jit

    return slow > carried + (LOAD if jit.is_filled() else COMPILE)


def _fall_back(name: str, error: EngineError) -> None:
    if name == "compiled":
        raise error
    say_once(error)


def say_once(error: EngineError) -> None:
    """Warn that the object loops are used, and why."""
    if str(error) not in _said:
        _said.add(str(error))
        warnings.warn(f"using the object loops, which are slower: {error}", stacklevel=5)
