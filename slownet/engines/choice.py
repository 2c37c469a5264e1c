"""The choice of the engine: by its name or, with "auto", the one that is faster in total."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from slownet.checks import unknown_name
from slownet.engines.scalar import ScalarEngine, object_outputs
from slownet.errors import EngineError

if TYPE_CHECKING:
    from slownet.engines.output_arrays import OutputArrays
    from slownet.engines.protocol import Engine, Outputs
    from slownet.objects import Net
    from slownet.samples import Samples


ENGINES = ("auto", "compiled", "scalar")
# Rough times in seconds, to estimate which engine is faster.
VISIT = 30e-9  # the object loops, for one weight and one sample; the forward pass takes a third
LOAD, COMPILE = 0.7, 10.0  # loading compiled code from the cache; compiling it
PACK = 3e-7  # copying one weight into arrays and back
_warned: set[str] = set()


def check_engine(name: object) -> None:
    """Raise ValueError unless this is the name of an engine."""
    if not isinstance(name, str) or name not in ENGINES:
        raise unknown_name("engine", name, ENGINES)


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
        The number of samples times the number of epochs.
    writebacks : float
        How often the engine will write to the objects during the training.
    threads : int
        An argument of `CompiledEngine`.
    undisturbed : bool
        An argument of `ScalarEngine`.
    **options
        The other arguments of both engines, after the net.

    Raises
    ------
    EngineError
        If `name` is "compiled" and that engine is not available.
    """
    weights = net.parameter_count
    if _prefers_compiled(name, VISIT * weights * visits, PACK * weights * (writebacks + 1)):
        try:
            _check_machine()
            from slownet.engines.compiled import CompiledEngine

            raise_ = name == "compiled"
            engine = CompiledEngine(net, threads=threads, raise_=raise_, **options)
            if raise_ or engine.can_start:
                return engine
        except EngineError as error:
            _raise_or_warn(name, error)
    options["batches"].samples.check()
    return ScalarEngine(net, undisturbed=undisturbed, **options)


def outputs(name: str, net: Net, samples: Samples, threads: int = 1) -> OutputArrays | Iterable[Outputs]:
    """Send samples through a net; return the outputs of each. Errors as for a training.

    Numbers of samples that are not finite are found here; on several threads the bits are the same.
    """
    weights = net.parameter_count
    if _prefers_compiled(name, VISIT / 3 * weights * len(samples), PACK * weights):
        try:
            _check_machine()
            from slownet.engines import forward

            return forward.outputs(net, samples, name == "compiled", threads)
        except EngineError as error:
            _raise_or_warn(name, error)
    samples.check()
    return object_outputs(net, samples)


def _prefers_compiled(name: str, loops: float, packing: float) -> bool:
    """Compare the estimated seconds of the object loops with those of packing and loading."""
    if name != "auto":
        return name == "compiled"
    if "slownet.engines.kernels" in sys.modules:
        return loops > packing
    from slownet.engines.machine import jit  # loads NumPy

    return loops > packing + (LOAD if jit.is_filled() else COMPILE)


def _check_machine() -> None:
    from slownet.engines import selfcheck  # loads Numba

    selfcheck.check()


def _raise_or_warn(name: str, error: EngineError) -> None:
    if name == "compiled":
        raise error
    warn_once(error)


def warn_once(error: EngineError) -> None:
    """Warn that the object loops are used, and why; once for each reason."""
    if str(error) not in _warned:
        _warned.add(str(error))
        warnings.warn(f"using the object loops, which are slower: {error}", stacklevel=5)
