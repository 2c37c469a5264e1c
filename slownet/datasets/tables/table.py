"""Tables of a user's own: inputs and a target to learn from, made of the columns of a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from slownet.checks import check_bool, check_path
from slownet.datasets.tables import filling
from slownet.datasets.tables.assembling import Assembly
from slownet.datasets.tables.columns import Target
from slownet.datasets.tables.opening import chosen_places, open_source
from slownet.datasets.tables.options import TableOptions
from slownet.datasets.tables.splitting import split_rows
from slownet.errors import TableWarning, file_errors, warn
from slownet.packages import require

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from slownet.datasets.tables.columns import Column


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """What a file with a table holds, ready to learn from; unpacks as `X, y`, has a length of rows.

    Attributes
    ----------
    X : (n, inputs) array of float64
        A sample in each row.
    y : (n,) array
        The target of each sample: int64, float64, or texts, which are classes.
    names : list of str
        The names of the inputs: those of the columns, and "weather=rain" for a text.
    target : str
        The name of the target.
    classes : list of str or None
        The different texts of the target, sorted; None where it holds numbers.
    unit : str or None
        The unit of the target, if its name ends with one: "EUR" for "price (EUR)".
    columns : list of Column
        What the columns are that the inputs come from, in their order.
    left_out : int
        How many rows were left out because a cell is missing.
    notes : list of str
        What is odd in the file and was let in.
    decimal : str
        The mark before the decimals of numbers, "." or ",", as it was said or recognised.
    gaps : dict
        {number of a column: array of bool}: in which rows it is filled in; empty unless `missing="mean"`
        has filled in some.

    Examples
    --------
    >>> import pandas as pd
    >>> from slownet.datasets import read_csv
    >>> rides = {"km": [3, 5, 4, 7], "sky": ["sun", "rain"] * 2, "price (EUR)": [9, 8, 8, 7]}
    >>> pd.DataFrame(rides).to_csv("rides.csv", index=False)
    >>> table = read_csv("rides.csv", target="price (EUR)")
    >>> table.names, table.unit
    (['km', 'sky=rain', 'sky=sun'], 'EUR')
    >>> X, y = table
    >>> X[0].tolist(), y.tolist()
    ([3.0, 0.0, 1.0], [9, 8, 8, 7])
    """

    X: npt.NDArray[np.float64]
    y: npt.NDArray[Any]
    names: list[str]
    target: str
    classes: list[str] | None
    columns: list[Column]
    left_out: int
    notes: list[str]
    decimal: str = "."
    gaps: dict[int, npt.NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def unit(self) -> str | None:
        """The unit of the target, if its name ends with one in brackets."""
        return Target(self.target).unit

    def split(self, share: float = 0.2, seed: int = 0, classify: bool = False) -> tuple[Table, Table]:
        """Return two tables of the same columns: rows to train on, and rows to test with.

        The choice and the order of the rows are random, and the same for the same seed; they are those
        of `slownet train`. What fills in missing cells is then that of the rows to train on, in both
        tables. Where the target has classes, of each class the same share is tested with,
        and at least one row is trained on, so that a class of one row is only trained on.

        Parameters
        ----------
        share : float
            The part of the rows to test with, between 0 and 1; rounded up.
        seed : int
            Decides on the choice and the order.
        classify : bool
            Whether the numbers of the target are classes.

        Returns
        -------
        train, test : Table
            Neither is empty. All but the rows and the fills of columns is as in the whole table.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            If there are fewer than two rows, or an argument is something else.

        Examples
        --------
        >>> import pandas as pd
        >>> from slownet.datasets import read_csv
        >>> frame = pd.DataFrame({"size": range(10), "kind": ["small"] * 5 + ["large"] * 5})
        >>> frame.to_csv("sizes.csv", index=False)
        >>> train, test = read_csv("sizes.csv", target="kind").split()
        >>> len(train), len(test)
        (8, 2)
        >>> sorted(test.y)
        ['large', 'small']
        """
        has_classes = check_bool("classify", classify) or self.classes is not None
        chosen = split_rows(len(self), self.y if has_classes else None, share, seed)
        train, test = (self.rows(places) for places in chosen)
        columns = filling.fills_of(train.X, self.columns, train.gaps)
        for table in train, test:
            filling.fill(table.X, columns, table.gaps)
        return replace(train, columns=columns), replace(test, columns=columns)

    def rows(self, chosen: Any) -> Table:
        """Return a table of some of the rows: their numbers in an array, or a slice."""
        gaps = {number: missing[chosen] for number, missing in self.gaps.items()}
        return replace(self, X=self.X[chosen], y=self.y[chosen], gaps=gaps)

    def __len__(self) -> int:
        return len(self.y)

    def __iter__(self) -> Iterator[npt.NDArray[Any]]:
        return iter((self.X, self.y))

    def __repr__(self) -> str:
        holds = "numbers" if self.classes is None else f"{len(self.classes):,} classes"
        return (
            f"Table({len(self.y):,} rows, {len(self.names):,} inputs from {len(self.columns):,} "
            f"columns, target {self.target!r}: {holds})"
        )

    def _repr_html_(self) -> str:
        from slownet import display

        return display.html(self)


def read_csv(
    path: str | os.PathLike[str],
    target: str | None = None,
    *,
    columns: Sequence[str] | str | None = None,
    drop: Sequence[str] | str = (),
    decimal: str | None = None,
    thousands: str | None = None,
    missing: str = "error",
    header: bool | None = None,
    encoding: str | None = None,
    progress: bool = True,
) -> Table:
    r"""Read a table: inputs from some of its columns, and one column to predict.

    A text file (CSV, TSV), plain or packed with gzip; a workbook (.xlsx), of which the first sheet is
    read; or a Parquet file. Of a text file the separator (comma, semicolon, tab or ``|``, or what a
    first line ``sep=;`` says), the line of names and decimal commas are recognised. It is UTF-8, with or
    without a byte order mark, UTF-16 with one, or what `encoding` says. Spaces around a cell, empty
    lines and lines before the names that begin with ``#`` do not matter.

    What most cells of a column are decides what it is. Numbers become an input; true and false become 1
    and 0; texts become one input for each different text (at most 50, and half of the rows). A cell that
    does not fit is refused with its line, never taken for something else. Dates, currencies, % and units
    are refused, too.

    Parameters
    ----------
    path : str or path-like
        The file.
    target : str
        The name of the column to predict.
    columns : sequence of str, optional
        The columns to predict it from. By default all others.
    drop : sequence of str
        Columns to leave out.
    decimal : "." or ","
        The mark before the decimals of a number. By default a comma where all numbers of a column fit;
        where "1,234" may be the one or the other, `decimal` or `thousands` must be given.
    thousands : ",", ".", " " or "'"
        The mark between thousands; by default there is none.
    missing : "error", "drop" or "mean"
        What happens where a cell is empty, or says nan, NA, N/A or null, in a column of numbers also
        None, ``?`` or ``-``: it is refused with its line; its row is left out; or it is filled in, with
        the mean of its column, of texts with the most frequent one. A target is never filled in: its row
        is left out.
    header : bool, optional
        Whether the first line has the names of the columns. By default that is recognised; columns
        without names are x1, x2, ...
    encoding : str, optional
        The encoding of a text file, as Python calls it: "cp1252" for a CSV file of Excel in western
        Europe. By default UTF-8, or what a byte order mark says; it is not guessed.
    progress : bool
        Whether to show a bar while a large file is read.

    Returns
    -------
    Table
        `X`, `y`, `names` and more. `y` is int64 if every target is written as a whole number, float64 if
        every one is a number, otherwise texts, which are classes.

    Raises
    ------
    FormatError
        What is wrong with the file, in which line and which column.
    InvalidTypeError, InvalidValueError
        An option cannot be used, or names no column; the message lists the columns.
    FileError
        The file cannot be read; a MissingFileError where there is none.
    MissingPackageError
        The package that reads this kind of file is missing; the message has the pip command.

    Warns
    -----
    TableWarning
        Something is odd in the file and was let in: a number stands among texts, a few texts among
        numbers, or a whole number is written like a code.

    Examples
    --------
    >>> from pathlib import Path
    >>> from slownet.datasets import read_csv
    >>> lines = ["size;place;price", "94,8;a;250", "60,5;b;180", "75;a;205", "80;b;215"]
    >>> _ = Path("flats.csv").write_text("\n".join(lines))
    >>> table = read_csv("flats.csv", target="price")
    >>> table.names, table.y.tolist()
    (['size', 'place=a', 'place=b'], [250, 180, 205, 215])
    """
    options = TableOptions.checked(
        target=target,
        columns=columns,
        drop=drop,
        decimal=decimal,
        thousands=thousands,
        missing=missing,
        header=header,
        encoding=encoding,
    )
    table = read_table(path, options, progress)
    for note in table.notes:
        warn(note, TableWarning)
    return table


def read_table(path: str | os.PathLike[str], options: TableOptions, progress: bool) -> Table:
    """Read a table with options that have been checked; what is odd stands in its `notes`."""
    require("pandas")
    path = check_path(path)
    with file_errors(path):
        source = open_source(path, options)
        inputs, target = chosen_places(source, options)
        assembly = Assembly(source, inputs, target, options, progress)
        gaps = assembly.gaps()  # before they are filled in
        X, y = assembly.inputs(), assembly.targets()
    return Table(
        X,
        y,
        [name for column in assembly.columns for name in column.inputs],
        source.names[target],
        assembly.classes,
        assembly.columns,
        assembly.left_out,
        assembly.notes,
        assembly.point,
        gaps,
    )
