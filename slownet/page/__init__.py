"""The page: one HTML file that trains or plays, and shows every number of the net."""

from slownet.page.page import Player, write
from slownet.page.playing import play, play_net
from slownet.page.reading import Page
from slownet.page.verdict import Verification
from slownet.page.verifying import verify

__all__ = ["Page", "Player", "Verification", "play", "play_net", "verify", "write"]
