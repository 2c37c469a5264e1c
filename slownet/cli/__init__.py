"""The command line: `slownet train mnist`.

Training, files and pictures are the library's; here arguments become data, a net and a call of it.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from slownet.cli import commands
from slownet.cli.output import NotTrueError, NotWrittenError, fail, say
from slownet.cli.parsing import new_parser
from slownet.errors import DivergedError, SlownetError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after the name of the program; by default those of the process.

    Returns
    -------
    int
        The exit code: 0; 1 if training diverged, a page is not true, or what was found could not be
        written; 2 if an argument or a file cannot be used; 130 after Ctrl-C outside of training.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # not every terminal can show every name
    try:
        options = new_parser().parse_args(argv)
        getattr(commands, options.command)(options)
    except SystemExit as leaving:  # how argparse ends after --help and --version
        return int(leaving.code or 0)
    except (DivergedError, NotTrueError, NotWrittenError) as error:
        return fail(error, 1)
    except (SlownetError, OSError) as error:
        return fail(error, 2)
    except KeyboardInterrupt:
        return 130
    finally:
        say("", end="")
    return 0
