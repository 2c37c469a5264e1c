"""The command line: `slownet train mnist`.

It parses arguments, makes the data and the net, and calls the library.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from slownet.cli import files, training
from slownet.cli.output import NotTrueError, NotWrittenError, NumbersOnlyError, print_error, print_line
from slownet.cli.parsing import new_parser
from slownet.errors import DivergedError, NotEnoughMemoryError, SlownetError

__all__ = ["main"]

COMMANDS = (
    training.add_train,
    training.add_resume,
    files.add_info,
    files.add_compare,
    files.add_animate,
    files.add_verify,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after the name of the program; by default those of the process.

    Returns
    -------
    int
        The exit code: 0; 1 if training diverged, a page is not true, or a result could not be written;
        2 if an argument or a file cannot be used; 3 if only the numbers of a page are true; 130 after
        Ctrl-C outside of training.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # not every terminal can show every name
    try:
        options = new_parser(COMMANDS).parse_args(argv)
        options.execute(options)
    except SystemExit as leaving:  # how argparse ends after --help and --version
        return int(leaving.code or 0)
    except (DivergedError, NotTrueError, NotWrittenError) as error:
        return print_error(error, 1)
    except NumbersOnlyError as error:
        return print_error(error, 3)
    except (SlownetError, OSError) as error:
        return print_error(error, 2)
    except MemoryError:
        return print_error(NotEnoughMemoryError("there is not enough memory for this"), 2)
    except KeyboardInterrupt:
        return 130
    finally:
        print_line("", end="")
    return 0
