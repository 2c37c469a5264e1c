"""The one place that holds the version of the package, and that of its arithmetic."""

__version__ = "0.1.0"

# Raised whenever the bits of a built-in formula, optimizer, schedule, random number or pass change.
# Files carry it: with the same mark, the same training gives the same bits on every machine and version.
ARITHMETIC = 1
