"""The page: one HTML file that plays a training and shows every number of the net."""

from slownet.page.page import Player, write
from slownet.page.verifying import Page, Verification, verify

__all__ = ["Page", "Player", "Verification", "verify", "write"]
