"""The engines that training can run on; each gives the same bits."""

from slownet.engines.scalar import ScalarEngine

__all__ = ["ScalarEngine"]
