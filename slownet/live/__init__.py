"""A picture of a net in a notebook that is renewed during training."""

from slownet.live.view import LiveView

__all__ = ["LiveView"]
