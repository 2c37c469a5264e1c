"""SQLite, with an error that says what to do where Python comes without it."""

from slownet.packages import missing_module

try:
    import sqlite3
except ImportError as error:
    raise missing_module("sqlite3", "a run file or a sweep file") from error

__all__ = ["sqlite3"]
