"""The check, at first use, that compiled code gives the bits of Python on this machine."""

from __future__ import annotations

import struct
from functools import cache
from typing import Any

from slownet.engines.machine import cache as kept
from slownet.engines.machine import jit
from slownet.engines.output_arrays import OutputArrays
from slownet.engines.scalar import ScalarEngine
from slownet.errors import EngineError
from slownet.functions.randomness import Use, key, uniforms
from slownet.objects import Net, NetFactory
from slownet.samples import Batches, Samples
from slownet.terminal import print_to_stderr


@cache
def verdict() -> str | None:
    """Return why the compiled engine cannot be used here, or None; checked once a process."""
    try:
        jit.numba()
        if not kept.is_filled():
            print_to_stderr("slownet: compiling its fast engine, once; this takes about ten seconds")
        reason = _training()
        if reason is None:
            kept.mark_filled()
        return reason
    except EngineError as error:
        return str(error)
    except Exception as error:  # untested Numba version or CPU
        return f"the compiled engine does not work here: {type(error).__name__}: {error}"


def check() -> None:
    """Raise EngineError if compiled code does not give the bits of Python."""
    reason = verdict()
    if reason is not None:
        raise EngineError(reason)


def _training() -> str | None:
    """Train a small net on both engines, with every kernel, and compare weights, outputs and losses."""
    jit.numba()  # raises EngineError if there is none
    from slownet.engines.compiled import CompiledEngine

    X = uniforms(key(1, Use.DATASET), 120).reshape(20, 6) - 0.5
    X[X < 0.2] = 0.0  # few are left, so that these are listed
    ended = []
    for engine_type in (ScalarEngine, CompiledEngine):
        net = NetFactory([6, 5, 3], "sigmoid", seed=1).new()
        encoder = net.encoder()
        targets = encoder.encode_all([k % 3 for k in range(20)], 20)
        batches = Batches(Samples(X, 6), targets, encoder, 8)
        engine: Any = engine_type(net, batches)
        step, losses = 1, []
        while step <= 9:
            step_losses, _ = engine.advance(step, [0.5] * min(engine.steps_at_once, 10 - step))
            step += len(step_losses)
            losses += step_losses
        losses += _losses(engine.outputs(batches.samples), net, targets)
        engine.write_back()
        ended.append([*losses, *(w.value for w in net.weights()), *(n.bias for n in net.neurons())])
    if list(map(_bits, ended[0])) != list(map(_bits, ended[1])):
        return "a small training ends with other numbers when compiled than on the object loops"
    return None


def _losses(outputs: Any, net: Net, targets: list[list[float]]) -> list[float]:
    loss, activation = net.loss, net.wiring.output.activation
    if isinstance(outputs, OutputArrays):
        judged = outputs.judged(loss, activation, targets, [1.0])
        return [] if judged is None else judged[0]
    samples = zip(outputs, targets, strict=True)
    return [loss.of_sample(activation, zs, values, target) for (zs, values), target in samples]


def _bits(number: float) -> bytes:
    return struct.pack("d", number)
