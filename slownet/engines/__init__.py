"""The engines that training can run on; each gives the same bits."""

from slownet.engines.choice import ENGINES, check_engine, outputs, training_engine
from slownet.engines.protocol import Engine
from slownet.engines.scalar import ScalarEngine

__all__ = ["ENGINES", "Engine", "ScalarEngine", "check_engine", "outputs", "training_engine"]
