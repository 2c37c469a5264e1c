"""Methods of objects that call `explain/`, which says where their numbers come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slownet.bases import methods_of

if TYPE_CHECKING:
    from slownet.explain import Derivation, GradientCheck, MatrixForm, Paths, Reason, Trace


@methods_of("slownet.objects.Weight")
class WeightShortcuts:
    """Methods of a weight that other packages implement."""

    __slots__ = ()

    def explain(self: Any, quantity: str = "grad") -> Derivation:
        """Derive its "grad", "value" or "update"; see `slownet.explain.explain_part`."""
        from slownet import explain

        return explain.explain_part(self, quantity)

    def why_zero(self: Any) -> Reason:
        """Say which factor makes its gradient 0; see `slownet.explain.why_zero`."""
        from slownet import explain

        return explain.why_zero(self)

    def paths(self: Any) -> Paths:
        """Split its gradient by routes to the outputs; see `slownet.explain.paths`."""
        from slownet import explain

        return explain.paths(self)


@methods_of("slownet.objects.Neuron")
class NeuronShortcuts:
    """Methods of a neuron that other packages implement."""

    __slots__ = ()

    def explain(self: Any, quantity: str = "value", target: object = None) -> Derivation:
        """Derive "z", "value", "delta", ... of the last step; see `slownet.explain.explain_part`."""
        from slownet import explain

        return explain.explain_part(self, quantity, target)

    def why_small(self: Any) -> Reason:
        """Say which factor makes its delta small; see `slownet.explain.why_small`."""
        from slownet import explain

        return explain.why_small(self)


@methods_of("slownet.objects.Layer")
class LayerShortcuts:
    """Methods of a layer that other packages implement."""

    __slots__ = ()

    def matrix_form(self: Any) -> MatrixForm:
        """Write it as z = W a + b with its own numbers; see `slownet.explain.matrix_form`."""
        from slownet import explain

        return explain.matrix_form(self)


@methods_of("slownet.objects.Net")
class Explainable:
    """Methods of a net that explain its numbers."""

    __slots__ = ()

    def explain(
        self: Any, quantity: Any, X: Any = None, y: Any = None, step: int = 1, **options: Any
    ) -> Derivation:
        """Derive a number of the last step, or of a given one; see `slownet.explain.explain`."""
        from slownet import explain

        return explain.explain(self, quantity, X, y, step, **options)

    def trace(
        self: Any, X: Any, y: Any = None, update: bool = True, step: int = 1, **options: Any
    ) -> Trace:
        """Record a step as single scalar operations; see `slownet.explain.trace`."""
        from slownet import explain

        return explain.trace(self, X, y, update, step, **options)

    def check_gradients(self: Any, X: Any, y: Any = None, limit: int = 1000) -> GradientCheck:
        """Compare its gradients with differences of the loss; see `slownet.explain.check_gradients`."""
        from slownet import explain

        return explain.check_gradients(self, X, y, limit)
