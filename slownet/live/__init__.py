"""What a notebook shows of a training while it runs: the page, or a picture that is renewed."""

from slownet.live.view import LiveView

__all__ = ["LiveView"]
