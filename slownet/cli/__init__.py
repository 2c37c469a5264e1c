"""The command line: `slownet train mnist`.

It parses arguments, makes the data and the net, and calls the library.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from slownet import packages
from slownet.cli import explaining, exporting, files, playing, predicting, sweep, training, words
from slownet.cli.output import (
    NotTrueError,
    NotWrittenError,
    NumbersOnlyError,
    print_error,
    print_line,
    warnings_in_one_line,
)
from slownet.cli.parsing import errors_of_options, new_parser
from slownet.errors import DivergedError, MissingPackageError, NotEnoughMemoryError, SlownetError

__all__ = ["main"]

NO_MEMORY = "there is not enough memory for this: take fewer samples, a smaller net or fewer snapshots"
COMMANDS = (
    training.add_train,
    training.add_resume,
    playing.add_play,
    sweep.add_sweep,
    predicting.add_predict,
    predicting.add_evaluate,
    exporting.add_export,
    files.add_info,
    files.add_compare,
    explaining.add_explain,
    files.add_animate,
    files.add_verify,
    words.add_words_command,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after the name of the program; by default those of the process. Without any, the
        help is printed.

    Returns
    -------
    int
        The exit code: 0; 1 if training diverged, a page is not true, or a result could not be written;
        2 if an argument or a file cannot be used; 3 if only the numbers of a page are true; 130 after
        Ctrl-C outside of training.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # not every terminal can show every name
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        with warnings_in_one_line():
            options = new_parser(COMMANDS).parse_args(arguments or ["--help"])
            packages.require("numpy")
            with errors_of_options(options):
                options.execute(options)
    except SystemExit as leaving:  # how argparse ends after --help and --version
        return int(leaving.code or 0)
    except (DivergedError, NotTrueError, NotWrittenError) as error:
        return print_error(error, 1)
    except NumbersOnlyError as error:
        return print_error(error, 3)
    except (SlownetError, OSError) as error:
        return print_error(error, 2)
    except ImportError as error:
        return print_error(_not_imported(error), 2)
    except MemoryError:
        return print_error(NotEnoughMemoryError(NO_MEMORY), 2)
    except KeyboardInterrupt:
        return 130
    finally:
        print_line("", end="")
    return 0


def _not_imported(error: ImportError) -> MissingPackageError:
    package = (error.name or "").partition(".")[0]
    if isinstance(error, ModuleNotFoundError) and package:
        return packages.missing(package)
    return MissingPackageError(
        f"a package cannot be imported: {error}; install it once more (pip install --force-reinstall)"
    )
