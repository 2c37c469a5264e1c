"""The player: one HTML file in which a training is watched and a net taken apart."""

from slownet.page.page import Player, write
from slownet.page.verifying import Page, Verification, verify

__all__ = ["Page", "Player", "Verification", "verify", "write"]
