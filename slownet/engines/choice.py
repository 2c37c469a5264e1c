"""The choice of the engine: by its name or, with "auto", the one that is faster in total."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from slownet.checks import unknown_name
from slownet.engines import costs
from slownet.engines.auto import (
    AutoEngine,
    activations_of,
    check_machine,
    compiled_engine,
    compiled_pays,
    note_formulas,
)
from slownet.engines.costs import Costs
from slownet.engines.scalar import ScalarEngine, object_outputs, warn_of_object_loops
from slownet.engines.thread_choice import most_threads
from slownet.errors import EngineError

if TYPE_CHECKING:
    from slownet.engines.output_arrays import OutputArrays
    from slownet.engines.protocol import Engine, Outputs
    from slownet.objects import Net
    from slownet.samples import Samples

ENGINES = ("auto", "compiled", "scalar")


def check_engine(name: object) -> None:
    """Raise ValueError unless this is the name of an engine."""
    if not isinstance(name, str) or name not in ENGINES:
        raise unknown_name("engine", name, ENGINES)


def training_engine(
    name: str,
    net: Net,
    first_step: int,
    last_step: int,
    writebacks: float,
    threads: int | str,
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
    first_step, last_step, writebacks
        Arguments of `AutoEngine`.
    threads : int or "auto"
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
    if name == "compiled":
        return compiled_engine(net, threads, raise_=True, **options)
    if name == "auto":
        return AutoEngine(net, first_step, last_step, writebacks, threads, undisturbed, **options)
    options["batches"].samples.check()
    return ScalarEngine(net, undisturbed=undisturbed, **options)


def outputs(
    name: str, net: Net, samples: Samples, threads: int | str = "auto"
) -> OutputArrays | Iterable[Outputs]:
    """Send samples through a net; return the outputs of each. Errors as for a training.

    Numbers of samples that are not finite are found here; on several threads the bits are the same.
    """
    estimated, formulas = Costs.of(net), activations_of(net)
    seconds, packing = len(samples) * estimated.forward, costs.BEGIN + estimated.pack
    if name == "compiled" or (name == "auto" and compiled_pays(seconds, packing, formulas)):
        note_formulas(formulas)
        try:
            check_machine()
            from slownet.engines import forward

            return forward.outputs(net, samples, name == "compiled", most_threads(threads))
        except EngineError as error:
            if name == "compiled":
                raise
            warn_of_object_loops(error, seconds - packing)
    elif name == "auto":
        costs.note_object_loops(seconds)
    samples.check()
    return object_outputs(net, samples)
