"""The engines that run the steps of a training; all give the same bits."""

from slownet.engines.choice import ENGINES, check_engine, outputs, training_engine
from slownet.engines.output_arrays import OutputArrays
from slownet.engines.protocol import Engine, Outputs
from slownet.engines.scalar import ScalarEngine
from slownet.engines.thread_choice import usable_threads

__all__ = [
    "ENGINES",
    "Engine",
    "OutputArrays",
    "Outputs",
    "ScalarEngine",
    "check_engine",
    "outputs",
    "training_engine",
    "usable_threads",
]
