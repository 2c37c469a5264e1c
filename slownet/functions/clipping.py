"""Clipping of gradients: a bound on their norm, or on each of them."""

from __future__ import annotations

LEAST_NORM = 1e-6  # added to the norm, so that nothing is divided by 0


def norm_factor(norm: float, largest: float) -> float:
    """Return by what all gradients are multiplied so that their norm is at most `largest`.

    min(1, largest / (norm + 1e-6)), as `torch.nn.utils.clip_grad_norm_` has it (R. Pascanu, T. Mikolov
    and Y. Bengio, "On the difficulty of training recurrent neural networks", 2013, algorithm 1).
    """
    factor = largest / (norm + LEAST_NORM)
    return factor if factor < 1.0 else 1.0


def clipped(gradient: float, largest: float) -> float:
    """Return the gradient, or the nearest number from -largest to largest; nan stays nan."""
    if gradient > largest:
        return largest
    return -largest if gradient < -largest else gradient
