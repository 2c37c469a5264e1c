"""Tables as people have them: what is read, to which numbers, and what is refused with its place."""

from __future__ import annotations

import doctest
import gzip
import os
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from slownet import TableWarning, preprocessing
from slownet.datasets import Table, read_csv
from slownet.datasets.tables import NewRows, TableOptions
from slownet.datasets.tables.columns import Column
from slownet.datasets.tables.sources import TextSource
from slownet.datasets.tables.splitting import split_rows
from slownet.errors import (
    FileError,
    FormatError,
    InvalidTypeError,
    InvalidValueError,
    MissingFileError,
    MissingPackageError,
)

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: bytes | str, name: str = "data.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch") / "data"


def column(cells: list[str], name: str = "a") -> str:
    """Return a table with these cells, quoted, and a target that counts."""
    return f"{name};y\n" + "".join(f'"{cell}";{number}\n' for number, cell in enumerate(cells))


def refusal(path: Path, target: str = "y", **options: Any) -> str:
    with pytest.raises(FormatError) as caught:
        read_csv(path, target, **options)
    message = str(caught.value)
    assert message.startswith(str(path))
    return message.removeprefix(str(path))


# what is read


def test_numbers_texts_booleans(write: Write) -> None:
    path = write("height,kind,garden,width\n1.5,cat,true,-2\n\n 2e3 , dog ,False,0\n")
    table = read_csv(path, "width")
    expected = np.array([[1.5, 1.0, 0.0, 1.0], [2000.0, 0.0, 1.0, 0.0]])
    np.testing.assert_array_equal(table.X, expected, strict=True)
    assert table.names == ["height", "kind=cat", "kind=dog", "garden"]
    np.testing.assert_array_equal(table.y, np.array([-2, 0]), strict=True)
    assert (table.target, table.classes, table.unit, table.left_out) == ("width", None, None, 0)
    X, y = table
    assert X is table.X
    assert y is table.y
    assert repr(table) == "Table(2 rows, 4 inputs from 3 columns, target 'width': numbers)"


def test_columns_are_described_by_plain_values(write: Write) -> None:
    path = write("a,kind,b,y\n1,cat,true,1\n3,dog,false,2\n,,,3\n2,cat,true,4\n")
    table = read_csv(path, "y", missing="mean")
    plain = [each.plain() for each in table.columns]
    assert plain == [
        {"name": "a", "kind": "number", "fill": 2.0},
        {"name": "kind", "kind": "category", "categories": ["cat", "dog"], "fill": "cat"},
        {"name": "b", "kind": "boolean", "fill": 2 / 3},
    ]
    assert list(map(Column.from_plain, plain)) == table.columns
    assert table.X[2].tolist() == [2.0, 1.0, 0.0, 2 / 3]


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"name": "a"},
        {"name": 1, "kind": "number"},
        {"name": "a", "kind": "date"},
        {"name": "a", "kind": "category"},
        {"name": "a", "kind": "category", "categories": [1]},
        {"name": "a", "kind": "category", "categories": ["b"], "fill": "c"},
        {"name": "a", "kind": "number", "fill": "c"},
    ],
)
def test_a_description_that_makes_no_sense_is_refused(plain: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match="expected a column of a table"):
        Column.from_plain(plain)


@pytest.mark.parametrize(
    "content",
    [
        "a,b,c\n1,2,3\n4,5,6\n",
        "a;b;c\r\n1;2;3\r\n4;5;6",
        "a\tb\tc\r1\t2\t3\r4\t5\t6\r",
        "a|b|c\n1|2|3\n4|5|6\n",
        '\ufeff"a","b", "c"\n"1", "2",3\n\n  \n4,5,6\n\n',
        "\n\na,b,c\n1,2,3\n4,5,6\n",
        "sep=;\na;b;c\n1;2;3\n4;5;6\n",
        '"sep=;"\r\na;b;c\r\n1;2;3\r\n4;5;6\r\n',
        "SEP=:\na:b:c\n1:2:3\n4:5:6\n",
        "# made by hand\n#\n# a,b,c\n1,2,3\n4,5,6\n",
        "# made by hand, twice\na,b,c\n1,2,3\n4,5,6\n",
        "\ufeffa;b;c\n1;2;3\n4;5;6\n".encode("utf-16-le"),
        "\ufeffa,b,c\n1,2,3\n4,5,6\n".encode("utf-16-be"),
        gzip.compress(b"a,b,c\n1,2,3\n4,5,6\n", mtime=0),
        gzip.compress("\ufeffa\tb\tc\n1\t2\t3\n4\t5\t6\n".encode("utf-16-le"), mtime=0),
    ],
)
def test_separators_line_ends_quotes_comments_and_encodings(write: Write, content: bytes | str) -> None:
    table = read_csv(str(write(content)), "c")
    assert (table.X.tolist(), table.y.tolist()) == ([[1.0, 2.0], [4.0, 5.0]], [3, 6])
    assert table.names == ["a", "b"]


@pytest.mark.parametrize(
    "encoding", ["cp1252", "latin-1", "ISO-8859-15", "mac_roman", "cp850", "utf-8", "utf-8-sig"]
)
@pytest.mark.parametrize("packed", [False, True])
def test_an_encoding_is_said(write: Write, encoding: str, packed: bool) -> None:
    text = "Größe;Straße;Preis\r\n94,8;Hauptstraße;5\r\n" + "60,5;Süd;6\r\n" * 40_000
    content = text.encode(encoding)  # several pieces
    table = read_csv(write(gzip.compress(content) if packed else content), "Preis", encoding=encoding)
    assert table.names == ["Größe", "Straße=Hauptstraße", "Straße=Süd"]
    assert table.X[:2].tolist() == [[94.8, 1, 0], [60.5, 0, 1]]
    assert len(table) == 40_001


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "cp500"]
)
def test_encodings_of_several_bytes_are_said_or_marked(write: Write, encoding: str) -> None:
    text = "Größe;kind;y\n1,5;Süd;5\n2,5;Süd;6\n"
    assert read_csv(write(text.encode(encoding)), "y", encoding=encoding).names == ["Größe", "kind=Süd"]
    if encoding in ("utf-16", "utf-32"):
        assert read_csv(write(text.encode(encoding)), "y").names == ["Größe", "kind=Süd"]
    elif encoding != "cp500":
        marked = write(("\ufeff" + text).encode(encoding))
        assert read_csv(marked, "y", encoding=encoding).names == ["Größe", "kind=Süd"]
        assert read_csv(marked, "y").names == ["Größe", "kind=Süd"]
        with pytest.raises(FormatError, match=f"line 1: .* first bytes of {encoding.upper()}; leave"):
            read_csv(marked, "y", encoding="cp1252")


def test_bytes_of_another_encoding_are_refused_with_their_line(write: Write) -> None:
    path = write("a;y\n1;2\nä;3\n".encode("cp1252"))
    assert refusal(path) == (
        ", line 3: expected UTF-8 text, found the byte e4 there; save the file as UTF-8, or name its "
        "encoding (encoding='cp1252' for CSV files of Excel in western Europe)"
    )
    assert refusal(path, encoding="utf-8").endswith("found the byte e4 there; save the file as UTF-8")
    assert refusal(path, encoding="ascii").endswith(
        ", line 3: expected ASCII text, found the byte e4 there; it is damaged, or has another encoding"
    )
    assert ", line 2: expected CP1252 text, found the byte 81" in refusal(
        write(b"a;y\n\x81;3\n"), encoding="Windows-1252"
    )
    wide = "a;y\n\u0a0a;1\n".encode("utf-16")  # bytes as of a line end
    assert ", line 3: expected UTF-16-LE text" in refusal(write(wide + b"1\x00;\x00\x00\xd8\x00\x00"))
    assert refusal(write("a;y\n1;2\n".encode("utf-16-le")), encoding="utf-16") == (
        ", line 1: expected the byte order mark of UTF-16, found none; encoding='utf-16-le' or "
        "encoding='utf-16-be' reads files without one"
    )
    assert refusal(write(""), encoding="utf-16").endswith("found an empty file")
    with pytest.raises(FormatError, match="; leave encoding out"):
        read_csv(write("\ufeffa;y\n1;2\n"), "y", encoding="cp1252")


@pytest.mark.parametrize(
    "name",
    [
        *("utf8x", "", "a\0b", "\ud800", "encodings", "base64", "rot13", "hex", "zlib", "bz2", "uu"),
        *("quopri", "idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7"),
    ],
)
def test_what_is_no_encoding_of_texts_is_refused(write: Write, name: str) -> None:
    with pytest.raises(InvalidValueError, match="encoding must be an encoding of texts .* such as 'cp1"):
        read_csv(write("a,y\n1,2\n"), "y", encoding=name)


def test_an_encoding_is_for_text_files(tmp_path: Path) -> None:
    with pytest.raises(InvalidTypeError, match="encoding must be a text, not int"):
        read_csv(tmp_path / "a.csv", "y", encoding=1252)  # type: ignore[arg-type]
    for ending in ".xlsx", ".parquet":
        with pytest.raises(InvalidValueError, match="encoding is for text files, not for .*a\\."):
            read_csv(tmp_path / f"a{ending}", "y", encoding="utf-8")


def test_a_separator_is_one_that_divides_all_rows(write: Write) -> None:
    assert read_csv(write('"a, in m, or ft";"b"\n1;2\n'), "b").names == ["a, in m, or ft"]
    assert read_csv(write("a, in m;b\n1,5;2\n2,5;3\n"), "b").X.tolist() == [[1.5], [2.5]]
    assert read_csv(write("a;b,c\n1,2\n2,3\n"), "c").names == ["a;b"]
    assert read_csv(write("1,5;2,5\n3,5;4,5\n"), "x2").X.tolist() == [[1.5], [3.5]]


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["5,0,0", "3,0,1"], ["x1", "x2", "x3"]),
        (["5.1,3.5,setosa", "4.9,3.0,setosa", "6,3,other", "6,3,other"], ["x1", "x2", "x3"]),
        (["0,1,2", "5,6,7", "5,1,7"], ["0", "1", "2"]),  # as pandas writes columns without names
        (["country,2019,2020", "DE,5,6", "FR,7,8", "DE,7,8", "FR,5,6"], ["country", "2019", "2020"]),
        (["id,1,x", "1,2,3", "4,5,6"], ["id", "1", "x"]),
        (["a,b,c", "u,v,w", "u,v,w", "u,v,w", "u,v,w"], ["a", "b", "c"]),
    ],
)
def test_a_line_of_names_is_recognised(write: Write, lines: list[str], names: list[str]) -> None:
    table = read_csv(write("\n".join(lines)), names[2])
    assert [each.name for each in table.columns] == names[:2]
    assert len(table.y) == len(lines) - (names[0] != "x1")


def test_a_line_of_names_is_there_if_one_says_so(write: Write) -> None:
    path = write("5,0,0\n3,0,1\n")
    assert read_csv(path, "x3").y.tolist() == [0, 1]
    with pytest.raises(InvalidValueError, match="whose first line has no names .header=True says"):
        read_csv(path, "price")
    assert read_csv(write("5,0,1\n3,0,1\n"), "1", header=True).names == ["5", "0"]
    assert read_csv(write("a,b\na,b\na,b\nc,b\n"), "x2", header=False).names == ["x1=a", "x1=c"]


@pytest.mark.parametrize("width", [0, 2500])
def test_columns_without_names(write: Write, width: int) -> None:
    """Row numbers, as pandas writes them, and separators at the ends of lines."""
    more = [f"c{number}" for number in range(width)]
    cells = ["7"] * width
    rows = [[str(row), f"1.{row}", *cells, str(row % 3), "", ""] for row in range(30)]
    path = write("\n".join(",".join(row) for row in [["", "a", *more, "y", "", ""], *rows]))
    assert "expected a name for column 1, found none (row numbers of pandas have none); drop=" in (
        refusal(path)
    )
    table = read_csv(path, "y", drop="Unnamed: 0")
    assert table.names == ["a", *more]
    assert table.X[:2, 0].tolist() == [1.0, 1.1]
    assert read_csv(path, "y", columns=["Unnamed: 0"]).X[:2].tolist() == [[0.0], [1.0]]
    assert read_csv(path, "Unnamed: 0").names == ["a", *more, "y"]
    rows[20][-1] = "x"
    path = write("\n".join(",".join(row) for row in [["", "a", *more, "y", "", ""], *rows]))
    assert f"expected a name for column {width + 5}, found none" in refusal(path, drop="Unnamed: 0")
    path = write(path.read_text().replace(",a,", "Unnamed: 0,a,", 1))
    assert "expected a name for column 1, found none" in refusal(path)


def test_columns_are_chosen_and_left_out_by_name(write: Write) -> None:
    path = write("a,b,c,d\n1,x,3,4\n5,y,7,8\n")
    assert read_csv(path, "d", columns=["c", "a"]).names == ["a", "c"]
    assert read_csv(path, "d", drop="b").names == ["a", "c"]
    assert read_csv(path, "a", columns=["c", "d"], drop=["d"]).names == ["c"]
    for options, message in (
        ({"drop": ["z"]}, "drop 'z' is not a column of .* has 'a', 'b', 'c', 'd'"),
        ({"columns": ["a", "B"]}, "columns 'B' is not a column .* did you mean 'b'"),
        ({"drop": ["d"]}, "drop must not name 'd', the target"),
        ({"columns": ["d"]}, "columns must not name 'd', the target"),
        ({"columns": []}, "columns must name at least one column"),
        ({"missing": "zero"}, "missing must be one of 'error', 'drop', 'mean', not 'zero'"),
        ({"decimal": ";"}, "decimal must be one of '.', ',', not ';'"),
        ({"thousands": ",", "decimal": ","}, "decimal and thousands must be different marks"),
    ):
        with pytest.raises(InvalidValueError, match=message):
            read_csv(path, "d", **options)  # type: ignore[arg-type]
    for options in ({"drop": 1}, {"columns": [1]}, {"header": "yes"}, {"missing": 1}, {"decimal": b","}):
        with pytest.raises(InvalidTypeError):
            read_csv(path, "d", **options)  # type: ignore[arg-type]
    with pytest.raises(FormatError, match="at least one column to predict it from"):
        read_csv(path, "d", drop=["a", "b", "c"])


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        (None, InvalidValueError, "must name the column to predict; .* has 'a', 'y'"),
        ("z", InvalidValueError, "'z' is not a column of .* has 'a', 'y'"),
        (1, InvalidTypeError, "must be a column name, not int; .* has 'a', 'y'"),
    ],
)
def test_a_wrong_target_lists_the_columns(
    write: Write, target: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        read_csv(write("a,y\n1,2\n"), target)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "-2", "+3"], np.array([1, -2, 3], np.int64)),
        (["1", "9223372036854775807"], np.array([1, 2**63 - 1], np.int64)),
        (["1", "2.0"], np.array([1.0, 2.0])),
        (["1e3", "2"], np.array([1000.0, 2.0])),
        (["ja", "nein"], np.array(["ja", "nein"], object)),
        (["true", "false", "true"], np.array(["true", "false", "true"], object)),
        (["inf", "sup", "inf", "sup"], np.array(["inf", "sup", "inf", "sup"], object)),
        (
            ["12e3", "7f", "12e3", "7f", "A1", "A1"],
            np.array(["12e3", "7f", "12e3", "7f", "A1", "A1"], object),
        ),
        (["1st", "2nd", "1st", "2nd"], np.array(["1st", "2nd", "1st", "2nd"], object)),
    ],
)
def test_what_becomes_of_a_target(write: Write, cells: list[str], expected: Any) -> None:
    path = write("x,y\n" + "".join(f"0,{cell}\n" for cell in cells))
    table = read_csv(path, target="y")
    np.testing.assert_array_equal(table.y, expected, strict=True)
    assert table.classes == (sorted(set(cells)) if expected.dtype == object else None)


def test_whole_targets_stay_exact_beside_gaps(write: Write) -> None:
    path = write("x,y\n1,9223372036854775807\n2,\n3,5\n")
    assert read_csv(path, "y", missing="drop").y.tolist() == [2**63 - 1, 5]


@pytest.mark.parametrize(
    ("name", "unit"), [("price (EUR)", "EUR"), ("length [cm]", "cm"), ("price", None), ("(a)", None)]
)
def test_the_unit_of_a_target_stands_in_its_name(write: Write, name: str, unit: str | None) -> None:
    assert read_csv(write(f"a,{name}\n1,2\n"), name).unit == unit


# ways of writing numbers


GERMAN = "Größe;Zimmer;Preis\n94,8;3;250000\n60,5;2;180000\n1,234;1;5\n"


def test_a_decimal_comma_is_recognised_where_a_column_agrees(write: Write) -> None:
    table = read_csv(write(GERMAN), "Preis")
    assert table.X.tolist() == [[94.8, 3.0], [60.5, 2.0], [1.234, 1.0]]
    both = read_csv(write("a;b;y\n1,5;2.5;1\n2,5;3;2\n"), "y")  # each column in its own way
    assert both.X.tolist() == [[1.5, 2.5], [2.5, 3.0]]
    late = "a;b;y\n" + "1,234;1;1\n" * 1500 + "1,5;1;1\n"
    assert read_csv(write(late), "y").X[[0, -1], 0].tolist() == [1.234, 1.5]
    for price in "200.500", "1.250":  # 200500, where a comma stands before decimals
        thousands = write("Größe;Preis\n" + f"94,8;{price}\n60,5;{price}\n" * 3)
        assert f"line 2, column 'Preis': expected a number, found '{price}', which may be" in refusal(
            thousands, "Preis"
        )
    points = "a;b;y\n" + "1,5;2.125;1\n1,5;2.25;1\n"  # 2.25 says it
    assert read_csv(write(points), "y").X[:, 1].tolist() == [2.125, 2.25]
    other = "a;b;y\n" + "1,234;1;1\n" * 1500 + "1,234;1,5;1\n"  # another column says what commas are
    assert read_csv(write(other), "y").X[-1].tolist() == [1.234, 1.5]


@pytest.mark.parametrize(
    ("cells", "options", "values"),
    [
        (["1,234", "5"], {"decimal": ","}, [1.234, 5.0]),
        (["1,234", "5"], {"thousands": ","}, [1234.0, 5.0]),
        (["1,234.5", "1,234,567"], {"thousands": ","}, [1234.5, 1234567.0]),
        (["1.234,5", "1.234"], {"thousands": "."}, [1234.5, 1234.0]),
        (["1.234,5", "-7"], {"thousands": ".", "decimal": ","}, [1234.5, -7.0]),
        (["9 180", "9\u00a0180", "9\u202f180,5"], {"thousands": " "}, [9180.0, 9180.0, 9180.5]),
        (["9'180", "9’180.5"], {"thousands": "'"}, [9180.0, 9180.5]),
        (["12,34,567", "1,23,456.5"], {"thousands": ","}, [1234567.0, 123456.5]),  # in India
        (["0,123", "5"], {}, [0.123, 5.0]),  # no thousands begin with 0
        (["1,5e3", "-,5"], {}, [1500.0, -0.5]),
        (["0,5", "1e-05"], {}, [0.5, 1e-05]),  # as pandas writes it with decimal=","
    ],
)
def test_marks_that_are_said(
    write: Write, cells: list[str], options: dict[str, str], values: list[float]
) -> None:
    assert read_csv(write(column(cells)), "y", **options).X[:, 0].tolist() == values  # type: ignore[arg-type]
    as_target = write("x;y\n" + "".join(f'1;"{cell}"\n' for cell in cells))
    assert read_csv(as_target, "y", **options).y.tolist() == values  # type: ignore[arg-type]


NOT_READ = [
    ("$1,200", "found '$1,200': leave currencies, %, units and spaces out"),
    ("12%", "found '12%': leave currencies"),
    ("12 %", "found '12 %': leave currencies"),
    ("920 cm", "found '920 cm': leave currencies"),
    ("920cm", "found '920cm': leave currencies"),
    ("1.200,50 €", "leave currencies"),
    ("EUR 1200", "leave currencies"),
    ("9 180", "found '9 180' (thousands=' ' reads it)"),
    ("1,234,567", "found '1,234,567' (thousands=',' reads it)"),
    ("1.234,5", "found '1.234,5' (thousands='.', decimal=',' reads it)"),
    ("1,234", "which may be 1.234 or 1234: decimal=',' or thousands=',' says which"),
    ("3 rooms", "found '3 rooms': leave currencies"),
    ("inf", "expected a finite number, found 'inf'"),
    ("1e999", "expected a finite number, found '1e999'"),
    ("2024-01-31", "found dates such as '2024-01-31'"),
    ("31.01.2024 12:30", "found dates such as '31.01.2024 12:30'"),
    ("1/31/24", "found dates such as '1/31/24'"),
    ("5. Mai 2020", "found dates such as"),
    ("2024-01", "found dates such as '2024-01'"),
    ("12:30", "found dates such as '12:30'"),
    ("", "found an empty column"),
]


@pytest.mark.parametrize(("cell", "message"), NOT_READ)
@pytest.mark.parametrize("is_target", [False, True])
def test_what_is_no_number_is_refused_with_its_place(
    write: Write, cell: str, message: str, is_target: bool
) -> None:
    rows = [f'"{cell}";{number}' for number in range(60)]
    path = write("a;b\n" + "\n".join(rows) + "\n")
    found = refusal(path, "a" if is_target else "b")
    assert message in found
    assert ", column 'a': " in found
    assert ", line 2" in found or not cell
    if not is_target and ("date" in message or not cell):
        assert "drop='a' leaves the column out" in found


AMOUNTS = (
    "$1|1£|¥5|R$ 1.200,50|C$1|A$ 5|HK$1|1R$|₱1|1₫|元1|Kč 1|1 Kč|Fr. 1|DM 1|EUR 5|5EUR|CHF 1'234.50|"
    "1'234.-|1’234.—|1200,-|12 %|5‰|1,200 sq ft|5 m²|920cm|9 180 kg|5k|Rs. 500|kr 5|-$5|5 km/h|1.5M$"
)
NEGATIVES = "−0.50|–5|0.50-|1.234,50-|(0.50)|−5 €"
DATES = (
    "2024-01-01|1.5.2024|1/5/24|5. Mai 2020|1 février 2024|1 de enero de 2024|Monday, January 1, 2024|"
    "Mo, 1. Jan 2024|2024年1月5日|Jan-20|Jan 2024|12:30|2 days 01:00:00|2024-01|01-JAN-2024|01JAN2024|"
    "2024-01-01T12:00:00+01:00|2024-01-01 12:00:00.123"
)
CODES = (
    "ABC123|PHY101|LH 123|EG 1|34B|1B|5V|A1|3-|3+|10-19|<5|1.10.123|10.0.0.1|Q1 2024|R1|No 5|G20|"
    "Mark 12|Junior 20|B-52|4x4|1/2|12e3x"
)


@pytest.mark.parametrize("cell", [*AMOUNTS.split("|"), *NEGATIVES.split("|")])
def test_amounts_that_come_again_are_no_categories(write: Write, cell: str) -> None:
    message = refusal(write(column([cell, f"1{cell}" if cell[0].isdigit() else f"{cell}1"] * 20)))
    is_negative = cell in NEGATIVES.split("|")
    hint = ": write negative numbers as -1.5" if is_negative else ": leave currencies, %, units"
    assert message.startswith(
        f", line 2, column 'a': expected a number such as 1.5, found {cell!r}{hint}"
    )


@pytest.mark.parametrize("cell", DATES.split("|"))
def test_dates_that_come_again_are_no_categories(write: Write, cell: str) -> None:
    assert f"line 2, column 'a': expected numbers or texts, found dates such as '{cell}'" in refusal(
        write(column([cell, cell, "x"] * 20))
    )


@pytest.mark.parametrize("cell", CODES.split("|"))
def test_codes_that_look_like_amounts_are_categories(write: Write, cell: str) -> None:
    assert f"a={cell}" in read_csv(write(column([cell, "other"] * 20)), "y").names


def test_letters_that_all_numbers_have_are_a_unit(write: Write) -> None:
    assert "found '12hl': leave currencies" in refusal(write(column(["12hl", "7hl", "9.5hl"] * 4)))
    kinds = ["12hl", "7fm", "9hl"]
    assert len(read_csv(write(column(kinds * 4)), "y").names) == 3
    assert len(read_csv(write(column(["5th", "6th", "7th"] * 4)), "y").names) == 3


def test_texts_that_never_come_again_are_no_classes(write: Write) -> None:
    path = write("a,b\n" + "".join(f"{number},No. {number}\n" for number in range(60)))
    assert "at most 30 classes in 60 rows, found 60 different texts such as 'No. 0'" in refusal(
        path, "b"
    )
    assert "at most 30 categories in 60 rows, found 60 different" in refusal(path, "a")
    repeated = write("a,b\n" + "".join(f"{number},No. {number % 51}\n" for number in range(200)))
    assert "at most 50 categories" in refusal(repeated, "a")
    assert "drop='b' leaves the column out" in refusal(repeated, "a")
    assert len(read_csv(repeated, "b").classes or ()) == 51


def test_all_columns_that_are_of_no_use_are_named_at_once(write: Write) -> None:
    def line(row: int) -> str:
        return f"N{row},T {row},2024-01-{row % 28 + 1:02},1.{row},C{row}\n"

    path = write("name,my ticket,day,size,cabin\n" + "".join(map(line, range(60))))
    found = refusal(path, "size")
    assert "column 'name': expected numbers" in found
    assert "drop=['name', 'my ticket', 'cabin'] leaves the columns out" in found
    frame = pd.read_csv(path)
    with pytest.raises(FormatError, match=r"X\.drop\(columns=\['name', 'my ticket', .*\) leaves "):
        preprocessing.encode(frame)
    found = refusal(path, "size", drop=["name", "my ticket", "cabin"])
    assert "found dates such as '2024-01-01': make numbers of them" in found
    assert "drop='day' leaves the column out" in found
    assert "leaves" not in refusal(path, "name")  # of the target itself
    options = TableOptions(is_command=True)
    assert options.leaving_out(["a", "b c"]) == "--drop a 'b c' leaves the columns out"
    many = options.leaving_out([f"c{k}" for k in range(25)])
    assert many.endswith("c18 c19 and 5 more leaves the columns out")


@pytest.mark.parametrize("text", ["70.25", "-0.5", "9.3e-05"])
def test_a_decimal_point_where_commas_were_said(write: Write, text: str) -> None:
    path = write(f"a;y\n{text};1\n3,5;2\n4,5;3\n" + "5,5;4\n" * 4)
    for options in {"decimal": ","}, {"thousands": "."}:
        found = refusal(path, "y", **options)
        assert f"expected a number such as 1,5, found '{text}' (decimal='.' reads it)" in found
    assert "such as 1,5, found '5%': leave" in refusal(write("a;y\n5%;1\n3,5;2\n"), "y", decimal=",")


def test_texts_without_end_are_refused(write: Write) -> None:
    endless = write("a,b\n" + "".join(f"{number},No. {number}\n" for number in range(20_000)))
    assert "found more than 10,000 different texts" in refusal(endless, "a")


@pytest.mark.parametrize(
    ("cells", "line", "found"),
    [
        (["1", "2", "two"], 4, "'two'"),
        (["1", "x", "2"], 3, "'x'"),
        (["no", "1"], 2, "'no'"),
        (["1.5", "2.5", "3,5"], 4, "with a decimal point as others here, found '3,5'"),
        (["1,5", "2,5", "3.5"], 4, "with a decimal comma as others here, found '3.5'"),
        (["1", "2", "1_000"], 4, "'1_000'"),
        (["1.5", "2", "$3"], 4, "'$3'"),
        (["1", "inf", "2"], 3, "finite number, found 'inf'"),
        (["5", "1,234"], 3, "may be 1.234 or 1234"),
        (["1.5", "1,234"], 3, "may be 1.234 or 1234"),
        (["94,8", "1.234"], 3, "may be 1.234 or 1234"),
    ],
)
def test_the_odd_cell_is_named(write: Write, cells: list[str], line: int, found: str) -> None:
    as_target = "x;a\n" + "".join(f"1;{cell}\n" for cell in cells)
    for content, target in (column(cells), "y"), (as_target, "a"):
        message = refusal(write(content), target)
        assert message.startswith(f", line {line}, column 'a': expected")
        assert found in message


def test_an_odd_cell_far_down_is_named(write: Write) -> None:
    rows = ["1.5,2"] * 30_000
    rows[20_000] = "oops,2"
    path = write("a,y\n" + "\n".join(rows))
    assert refusal(path).startswith(
        ", line 20002, column 'a': expected a number such as 1.5, found 'oops'"
    )
    assert ", line 20002" in refusal(write("y,a\n" + "\n".join(rows)))


def test_an_odd_number_among_texts_is_taken_for_one_and_named(write: Write) -> None:
    for odd in "1.5", "inf", "12e3", "94,8":
        cells = ["MALE", "FEMALE", odd, "MALE", "FEMALE", "MALE"]
        with pytest.warns(TableWarning, match=f"line 4, column 'a': '{odd}' stands among texts"):
            table = read_csv(write(column(cells)), "y")
        assert table.names == [f"a={each}" for each in sorted((odd, "MALE", "FEMALE"))]
        assert len(table.notes) == 1
    path = write(column(["MALE", "FEMALE", "nan", "MALE"]))
    assert refusal(path).startswith(
        ", line 4, column 'a': expected a value, found 'nan'; missing='drop'"
    )


@pytest.mark.parametrize("gap", ["", "04109"])
@pytest.mark.parametrize("is_target", [False, True])
def test_codes_of_digits_are_numbers_with_a_warning(write: Write, gap: str, is_target: bool) -> None:
    cells = ["10115", "01234", gap, "04109"] * 6
    content = "x;a\n" + "".join(f"1;{cell}\n" for cell in cells) if is_target else column(cells)
    message = (
        "column 'a': '01234' is read as the number 1234; a code with a letter, such as 'D01234', is a"
    )
    with pytest.warns(TableWarning, match=message):
        table = read_csv(write(content), "a" if is_target else "y", missing="drop")
    assert (table.y if is_target else table.X[:, 0])[:2].tolist() == [10115, 1234]
    for numbers in (
        ["01", "12", "10"],
        ["0123", "12", "10"],
        ["0000", "1234", "1000"],
        ["0.123", "1.234"],
    ):
        assert read_csv(write(column(numbers)), "y").notes == []


def test_numbers_and_texts_that_both_come_often_are_categories(write: Write) -> None:
    floors = ["EG", "1", "2", "3", "DG"] * 6
    assert read_csv(write(column(floors)), "y").names == ["a=1", "a=2", "a=3", "a=DG", "a=EG"]


@pytest.mark.parametrize("is_target", [False, True])
def test_numbers_that_few_texts_make_texts_are_named(write: Write, is_target: bool) -> None:
    cells = [*map(str, range(20, 30)), "unknown"] * 9
    content = "x;a\n" + "".join(f"1;{cell}\n" for cell in cells) if is_target else column(cells)
    message = "line 12, column 'a': 'unknown' and others, 9 of 99 cells, are texts: all numbers there"
    with pytest.warns(TableWarning, match=message):
        table = read_csv(write(content), "a" if is_target else "y")
    assert (table.classes if is_target else table.names)[-1].endswith("unknown")


@pytest.mark.parametrize("is_target", [False, True])
def test_decimal_commas_far_down_make_points_doubtful(write: Write, is_target: bool) -> None:
    rows = "".join(f"1.{number};7;1\n" for number in range(100, 999)) * 2
    content = f"a;b;y\n{rows}1.234;7{'' if is_target else ',5'};2{',5' if is_target else ''}\n"
    assert refusal(write(content)).startswith(
        ", line 2, column 'a': expected a number, found '1.100', which may be 1.100 or 1100: decimal='.'"
    )
    table = read_csv(write(content), "y", thousands=".")
    assert [*table.X[-1], table.y[-1]] == ([1234, 7, 2.5] if is_target else [1234, 7.5, 2])
    table = read_csv(write(content.replace("1.", "")), "y")
    assert [*table.X[-1], table.y[-1]] == ([234, 7, 2.5] if is_target else [234, 7.5, 2])


def test_decimal_commas_far_down_among_doubtful_ones_make_points_doubtful(write: Write) -> None:
    rows = "1,234;1.234;1\n" * 1100
    path = write(f"a;b;y\n{rows}0,5;1.234;2\n")
    assert "line 2, column 'b': expected a number, found '1.234', which may be 1.234" in refusal(path)
    table = read_csv(path, "y", thousands=".")
    assert table.decimal == "," != read_csv(write("a,y\n1.5,2\n2.5,3\n"), "y").decimal
    assert table.X[[0, -1]].tolist() == [[1.234, 1234], [0.5, 1234]]


@pytest.mark.parametrize("line", ['""', '" "', ' ""'])
def test_a_line_of_quotes_is_a_row_that_is_too_short(write: Write, line: str) -> None:
    path = write(f"a,y\n1,2\n{line}\n3,4\n")
    for missing in "error", "drop", "mean":
        assert refusal(path, missing=missing) == ", line 3: expected 2 cells, as line 1 has, found 1"
    rows, column = NewRows(path, TableOptions()), Column("a", "number", fill=1.0)
    with pytest.raises(FormatError, match="line 3: expected 2 cells, as line 1 has, found 1"):
        rows.inputs([column])
    path = write(f"a\n1\n{line}\n\n3\n")
    assert NewRows(path, TableOptions()).inputs([column]).tolist() == [[1.0], [1.0], [3.0]]
    assert [*NewRows(path, TableOptions()).cells(["a"])] == [["1"], [""], ["3"]]


def test_targets_stay_whole_where_one_is_missing_far_down(write: Write) -> None:
    for gap in 5, 19_990:
        rows = [f"1;{'' if row == gap else 3 * row}\n" for row in range(20_000)]
        table = read_csv(write(f"a;y\n{''.join(rows)}"), "y", missing="drop")
        assert (table.y.dtype, table.y[0], table.y[-1]) == (np.int64, 0, 3 * 19_999)


def test_numbers_of_a_workbook_are_numbers_whatever_mark_texts_have(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    frame = pd.DataFrame({"a": [1.234, 5.678, "?", "2.345,5"], "y": range(4)})
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    table = read_csv(tmp_path / "a.xlsx", "y", missing="drop", thousands=".", decimal=",")
    assert table.X[:, 0].tolist() == [1.234, 5.678, 2345.5]


# cells that are missing


GAPS = "a,kind,y\n1,cat,5\n,cat,6\n3,,7\n5,dog,\n6,dog,9\n"


def test_missing_cells_are_refused_left_out_or_filled_in(write: Write) -> None:
    path = write(GAPS)
    assert refusal(path) == (
        ", line 3, column 'a': expected a value, found an empty cell; missing='drop' leaves out such "
        "rows (3 of 5); missing='mean' fills in inputs"
    )
    dropped = read_csv(path, "y", missing="drop")
    assert (dropped.X.tolist(), dropped.y.tolist()) == ([[1, 1, 0], [6, 0, 1]], [5, 9])
    assert dropped.left_out == 3
    filled = read_csv(path, "y", missing="mean")
    assert filled.X.tolist() == [[1, 1, 0], [10 / 3, 1, 0], [3, 1, 0], [6, 0, 1]]
    assert filled.left_out == 1  # a target is not filled in
    assert "line 3, column 'y': expected a value, found 'NA'" in refusal(write("a,y\n1,2\n2,NA\n"))
    assert "expected rows in which no cell is missing" in refusal(write("a,y\n,2\n2,\n"), missing="drop")
    assert "found an empty column" in refusal(write("a,b,y\n1,,2\n3,,4\n"), missing="drop")


@pytest.mark.parametrize(
    "gap", ["", " ", "nan", "NaN", "NA", "N/A", "n/a", "null", "NULL", "<NA>", "#N/A"]
)
def test_what_stands_for_a_missing_cell(write: Write, gap: str) -> None:
    for cells in (["1", gap, "3"], ["cat", gap, "cat"]):
        assert ", line 3, column 'a': expected a value, found " in refusal(write(column(cells)))


@pytest.mark.parametrize("mark", ["?", "-", "None", "--"])
def test_what_stands_for_a_missing_number_is_a_text_among_texts(write: Write, mark: str) -> None:
    assert f"expected a value, found '{mark}'" in refusal(write(column(["1", mark, "3"])))
    assert read_csv(write(column(["1", mark, "3"])), "y", missing="mean").X[1, 0] == 2.0
    kinds = ["cat", "dog", mark, mark, "cat", "dog"]
    assert f"a={mark}" in read_csv(write(column(kinds)), "y").names


def test_means_are_those_of_the_rows_that_are_kept(write: Write) -> None:
    table = read_csv(write("a,y\n1,5\n,6\n3,7\n100,\n"), "y", missing="mean")
    assert table.X[:, 0].tolist() == [1.0, 2.0, 3.0]


def test_categories_are_those_of_the_rows_that_are_kept(write: Write) -> None:
    path = write(
        "a,kind,y\n1,cat,yes\n,dog,no\n3,cat,yes\n4,cow,no\n5,cow,no\n,cow,perhaps\n,cow,perhaps\n"
    )
    table = read_csv(path, "y", missing="drop")
    assert table.names == ["a", "kind=cat", "kind=cow"]
    assert table.classes == ["no", "yes"]


def test_a_mean_that_overflows_on_its_way(write: Write) -> None:
    table = read_csv(write("a,y\n1.5e308,1\n1.5e308,2\n,3\n"), "y", missing="mean")
    assert table.X[2, 0] == 1.5e308


# new rows


def rows(path: Path, table: Table, **options: Any) -> Any:
    return NewRows(path, TableOptions.checked(**options)).inputs(table.columns)


def test_new_rows_become_inputs_as_the_old_ones_did(write: Write) -> None:
    content = "a;kind;floor;b;y\n1,5;cat;1;true;1\n3;dog;2;false;2\n2,5;cat;EG;true;3\n4;dog;EG;true;4\n"
    content += content.partition("\n")[2]
    table = read_csv(write(content), "y")
    assert (rows(write(content), table) == table.X).all()
    new = write("floor,b,more,kind,a\n1,FALSE,$7,dog,9.5\n1,TRUE,,cat,2\n")  # in another order
    expected = [[9.5, 0, 1, 1, 0, 0, 0], [2, 1, 0, 1, 0, 0, 1]]
    assert rows(new, table).tolist() == expected
    assert rows(write('a,kind,floor,b\n"9,5",dog,1,false\n'), table).tolist() == expected[:1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,kin\n1,cat\n", ": expected a column 'kind', from which the net predicts, found 'a', 'kin'"),
        ("a,kind\n1,cat\n2,cow\n", ", line 3, column 'kind': expected one of 'cat', 'dog', which"),
        ("a,kind\n1,cat\nx,dog\n", ", line 3, column 'a': expected a number such as 1.5, found 'x'"),
        ("a,kind\nx,cat\ny,dog\n", ", line 2, column 'a': expected a number such as 1.5, found 'x'"),
        (
            "a,kind\n1,cat\n,dog\n",
            ", line 3, column 'a': expected a value, found an empty cell; the net",
        ),
        ("a,kind\n1,cat\n2,NA\n", ", line 3, column 'kind': expected a value, found 'NA'"),
        ('a,kind\n"1,234",cat\n', ", line 2, column 'a': expected a number, found '1,234', which may"),
        ("a,kind\n", ": expected lines of data"),
    ],
)
def test_new_rows_that_do_not_fit(write: Write, content: str, message: str) -> None:
    table = read_csv(write("a,kind,y\n1,cat,1\n2,dog,2\n3,cat,3\n4,dog,4\n"), "y")
    path = write(content)
    with pytest.raises(FormatError) as caught:
        rows(path, table)
    assert str(caught.value).startswith(f"{path}{message}")


def test_new_rows_are_filled_in_as_the_old_ones_were(write: Write) -> None:
    table = read_csv(write("a,kind,y\n1,cat,1\n2,dog,2\n3,cat,3\n4,dog,4\n"), "y", missing="mean")
    assert rows(write("kind,a\n,\ndog,7\n"), table).tolist() == [[2.5, 1, 0], [7, 0, 1]]
    assert rows(write("kind,a\n,?\n"), table).tolist() == [[2.5, 1, 0]]


# what is wrong, and where


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "expected a line of column names, found an empty file"),
        ("\n \n", "found an empty file"),
        ("sep=;\n", "expected a line of column names, found none"),
        ("a,y\n", "expected lines of data .* found none"),
        ("y\n1\n", "at least one column to predict it from, found one cell"),
        ("a,,y\n1,2,3\n", "expected a name for column 2, .* drop='Unnamed: 1' leaves the column out"),
        ("Sales,,\n,,\na,b,y\n1,2,3\n", "line 1: expected the names of 3 columns, found 'Sales' alone"),
        ("\na,y,a\n1,2,3\n", "line 2: expected different .* 'a' in columns 1 and 3"),
        ("a,b,y\n1,2,3\n\n1,2\n", "line 4: expected 3 cells, .* found 2"),
        ("a,b,y\n1,2,3,4\n", "line 2: expected 3 cells, .* found 4"),
        ("a,b,y\n1,2,3\n1,2,3,4\n", "line 3: expected 3 cells, .* found 4"),
        ("a,b,y\n1,2\n1,2,3\n", "line 2: expected 3 cells, .* found 2"),
        ("a,b,y\n1,2,3\n1,,3\n", "line 3, column 'b': expected a value, found an empty cell"),
        ('a,b,y\n1,2,3\n3,4,5\n1,"2\n3",3\n', r"line 4, column 'b': expected a number .* '2\\n3'"),
        ('"a\nb",c,y\n1,2,3\n1,5,3\n1,x,3\n', "line 5, column 'c'"),
        ('a,y\n1,"x\ny\nz"\n2,"x\ny\nz"\n\n,"x\ny\nz"\n', "line 9, column 'a': expected a value"),
        ("# one\n# two\na,y\n1,2\n\n2,3\nx,3\n", "line 7, column 'a'"),
        ("sep=,\na,y\n1,2\n\n2,3\nx,3\n", "line 6, column 'a'"),
        ("a,y\n1,2\n-inf,2\n", "line 3, column 'a': expected a finite number"),
        ("a,y\n1,2.5\n1,2.o\n3,4\n", "line 3, column 'y': expected a number .* '2.o'"),
        ("a,y\n1,9223372036854775808\n", "line 2, column 'y': .* at most 64 bits"),
        ('a,y\n1,2\n1,"2"x\n3,4\n', "line 3, column 'y': expected a number .* found '2x'"),
        ('a,y\n1,2\n1,"2\n\n', "line 3: expected cells of a CSV file"),
        (b"a,y\n1,2\n1,\xe4\n", "line 3: expected UTF-8 text, found the byte e4"),
        (b"a,y\n1,2\n1,2\n\xc3", "line 4: expected UTF-8 text, found the byte c3"),
        (b"a,y\n1,2\n1,\x00\n", "line 3: expected text, found a byte of zeros$"),
        ("a,y\n1,2\n".encode("utf-16-le"), "line 1: .* a byte of zeros; encoding='utf-16-le' reads"),
        (gzip.compress(b"a,y\n1,2\n", mtime=0)[:-9], "damaged"),
        (b"PK\x03\x04" + b"x" * 50, "found a zip archive: unpack it"),
        (b"PK\x03\x04xl/workbook.xml", "found an Excel workbook: give it a name that ends in .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "found a workbook of old Excel: save it as .xlsx or CSV"),
        (b"PAR1abcd", "found a Parquet file"),
        (b"%PDF-1.4", "found a PDF document"),
        (b"\n<!DOCTYPE html>\n<html>", "found a web page"),
        (b'[{"a": 1, "y": 2}]', "found JSON"),
        (b'{"a": 1, "y": 2}\n', "found JSON"),
        (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "found an OpenDocument"),
        ("a b y\n1 2 3\n", "found one cell in a line, 'a b y' .cells of a text file are divided by"),
        ("Sales\n\na,y\n1,2\n", "line 3: expected 1 cell, as line 1 has, found 2"),
    ],
)
def test_what_is_wrong_and_where(write: Write, content: bytes | str, message: str) -> None:
    path = write(content)
    with pytest.raises(FormatError, match=message) as caught:
        read_csv(path, target="y")
    assert str(caught.value).startswith(str(path))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        read_csv(tmp_path / "nowhere", target="y")
    for name in "nowhere.xlsx", "nowhere.parquet":
        with pytest.raises((MissingFileError, MissingPackageError)):
            read_csv(tmp_path / name, target="y")
    with pytest.raises(FileError):
        read_csv(tmp_path, target="y")


# many columns and rows


def test_wide_tables_are_read_as_others_are(write: Write) -> None:
    draw = np.random.default_rng(0)
    values = draw.normal(size=(12, 2500))
    names = [f"c{number}" for number in range(2500)]
    rows = [list(map(repr, row)) for row in values.tolist()]
    for number, row in enumerate(rows):
        row[7], row[2400], row[2499] = (
            ["cat", "dog"][number % 2],
            "" if number == 5 else row[2400],
            str(number),
        )
    path = write("\n".join([",".join(names), *map(",".join, rows)]))
    assert ", line 7, column 'c2400': expected a value, found an empty cell" in refusal(path, "c2499")
    table = read_csv(path, "c2499", missing="drop")
    assert table.y.tolist() == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    assert table.y.dtype == np.int64
    kept = np.delete(values, 5, axis=0)
    assert (table.X[:, :7] == kept[:, :7]).all()
    assert (table.X[:, 9:2500] == kept[:, 8:2499]).all()
    assert table.X[:2, 7:9].tolist() == [[1, 0], [0, 1]]
    commas = write(path.read_text().replace(",", ";").replace(".", ","))
    assert (read_csv(commas, "c2499", missing="drop").X == table.X).all()
    for number, row in enumerate(rows):  # one column with points among those with commas
        row[100] = f"{number}.5"
    marks = [";".join([*row[:100], "POINT", *row[101:]]).replace(".", ",") for row in rows]
    lines = [mark.replace("POINT", row[100]) for mark, row in zip(marks, rows, strict=True)]
    points = write("\n".join([";".join(names), *lines]))
    assert read_csv(points, "c2499", missing="drop").X[:2, 101].tolist() == [0.5, 1.5]
    rows[3][100] = "oops"
    odd = write("\n".join([",".join(names), *map(",".join, rows)]))
    assert ", line 5, column 'c100': expected a number" in refusal(odd, "c2499", missing="drop")
    rows[3].pop()
    short = write("\n".join([",".join(names), *map(",".join, rows)]))
    assert ", line 5: expected 2500 cells, as line 1 has, found 2499" in refusal(short, "c2499")


def test_a_file_is_read_in_few_pieces(write: Write) -> None:
    path = write("a,y\n" + "1.5,2\n" * 300_000)
    sizes = [len(piece) for piece in TextSource(path, TableOptions()).pieces((), None, ".", False)]
    assert sum(sizes) == 300_000
    assert len(sizes) <= 3


MEMORY = """
import resource, sys
import numpy as np
from slownet.datasets import read_csv
path = sys.argv[1]
read_csv(path + ".small", "c0")
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
before = peak()
table = read_csv(path, "c0")
print((peak() - before) / (table.X.nbytes + table.y.nbytes))
"""


def memory_ratio(path: Path, rows: int, cell: str) -> float:
    """Return how many times its matrix a table of ten columns takes while it is read."""
    line = ",".join([cell] * 10)
    names = ",".join(f"c{number}" for number in range(10))
    Path(f"{path}.small").write_text(f"{names}\n{line}\n{line}\n")
    with path.open("w") as file:
        file.write(f"{names}\n")
        for _ in range(rows // 1000):
            file.write(f"{line}\n" * 1000)
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(MEMORY), str(path)],
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    return float(ended.stdout)


@pytest.mark.skipif(os.name == "nt", reason="no peak memory")
def test_a_table_takes_little_more_memory_than_its_numbers(tmp_path: Path) -> None:
    assert memory_ratio(tmp_path / "a.csv", 400_000, "0.12345") < 2.5  # 32 MB of numbers


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="no peak memory")
@pytest.mark.parametrize(("rows", "cell"), [(1_050_000, "0.12345678901234567"), (2_500_000, "0.12345")])
def test_200_megabytes_take_2_5_times_their_matrix(tmp_path: Path, rows: int, cell: str) -> None:
    assert memory_ratio(tmp_path / "a.csv", rows, cell) < 2.5


def test_a_large_file_shows_a_bar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from slownet.datasets.tables import text_bytes

    path = tmp_path / "a.csv"
    path.write_text("a,y\n" + "1,2\n" * 20_000)
    monkeypatch.setattr(text_bytes, "WITH_BAR", 50_000)
    read_csv(path, "y")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(text_bytes, "is_watched", lambda: True)
    read_csv(path, "y", progress=False)
    assert capsys.readouterr().err == ""
    read_csv(path, "y")
    assert "reading a.csv: 100%" in capsys.readouterr().err


# rows to train on and rows to test with


def table_of(y: list[Any], write: Write) -> Table:
    return read_csv(write("a,y\n" + "".join(f"{row},{each}\n" for row, each in enumerate(y))), "y")


def test_a_table_is_split_alike_in_each_class(write: Write) -> None:
    kinds = ["common"] * 70 + ["rare"] * 20 + ["rarer"] * 5 + ["once"]
    table = table_of(kinds, write)
    chosen = []
    for seed in range(3):
        train, test = table.split(seed=seed)
        counts = {kind: test.y.tolist().count(kind) for kind in dict.fromkeys(kinds)}
        assert counts == {"common": 14, "rare": 4, "rarer": 1, "once": 0}
        assert sorted([*train.X[:, 0], *test.X[:, 0]]) == list(range(96))
        for part in train, test:
            assert [kinds[int(row)] for row in part.X[:, 0]] == part.y.tolist()
            assert part.X[:, 0].tolist() != sorted(part.X[:, 0])
            assert (part.classes, part.names, part.columns) == (table.classes, ["a"], table.columns)
        chosen.append(sorted(test.X[:, 0]))
    assert chosen[0] != chosen[1] != chosen[2]
    assert len(table) == 96
    assert [len(part) for part in table.split(0.5)] == [49, 47]  # "once" is trained on


@pytest.mark.long
@given(st.integers(2, 40), st.integers(0, 99), st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_fills_in_gaps_is_that_of_the_rows_to_train_on(
    tmp_path: Path, count: int, seed: int, data: st.DataObject
) -> None:
    """No cell of a row to test with has a say in what a net learns from."""
    cells = st.lists(st.one_of(st.none(), st.integers(-9, 9)), min_size=count, max_size=count)
    texts = st.lists(st.sampled_from([None, "a", "b"]), min_size=count, max_size=count)
    frame = pd.DataFrame({"n": data.draw(cells), "t": data.draw(texts), "y": range(count)})
    frame["n"] = frame["n"].astype(float)
    assume(frame["n"].notna().any() and frame["t"].notna().any())
    frame.to_csv(tmp_path / "a.csv", index=False)
    train, test = read_csv(tmp_path / "a.csv", "y", missing="mean", progress=False).split(seed=seed)
    assert train.columns == test.columns
    known = frame.loc[train.y]
    number, text = train.columns
    if known["n"].notna().any():
        assert number.fill == pytest.approx(known["n"].mean())
    if known["t"].notna().any():
        counts = known["t"].value_counts()
        assert text.fill == min(counts.index, key=lambda each: (-counts[each], each))
    for table in train, test:
        rows = frame.loc[table.y].fillna({"n": number.fill, "t": text.fill})
        inputs = [rows["n"], *(rows["t"] == category for category in text.categories)]
        assert table.X.tolist() == np.stack([each.to_numpy(float) for each in inputs], axis=1).tolist()


def test_a_split_is_the_same_everywhere(write: Write) -> None:
    train, test = table_of([5, 6, 7] * 4, write).split()
    assert (train.X[:, 0].tolist(), test.X[:, 0].tolist()) == ([0, 11, 2, 10, 4, 6, 5, 9, 1], [3, 7, 8])
    assert train.y.dtype == np.int64
    train, test = table_of([5, 6, 7] * 4, write).split(share=0.5, seed=1, classify=True)
    assert sorted(test.y) == [5, 5, 6, 6, 7, 7]


def test_the_example_of_a_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    examples = doctest.DocTestFinder().find(Table.split, "split", globs={})
    assert [doctest.DocTestRunner().run(each).failed for each in examples if each.examples] == [0]


def test_a_split_of_few_rows(write: Write) -> None:
    with pytest.raises(InvalidValueError, match="one row is too few: expected at least one to train"):
        table_of([1], write).split()
    assert [len(part) for part in table_of([1, 2], write).split(0.99)] == [1, 1]
    assert [len(part) for part in table_of([1, 2, 3], write).split(classify=True)] == [2, 1]
    table = table_of(["x", "x"], write)
    assert [len(part) for part in table.split()] == [1, 1]
    for share in 0, 1, -0.2, 2, float("nan"):
        with pytest.raises(InvalidValueError, match="share must be"):
            table.split(share)
    for arguments in {"share": "0.2"}, {"seed": 1.5}, {"classify": 1}:
        with pytest.raises(InvalidTypeError, match=f"{next(iter(arguments))} must be"):
            table.split(**arguments)  # type: ignore[arg-type]


@given(
    classes=st.none() | st.lists(st.integers(0, 5), min_size=2, max_size=60),
    count=st.integers(2, 60),
    share=st.floats(0, 1, exclude_min=True, exclude_max=True),
    seed=st.integers(0, 2**64 - 1),
)
def test_a_split_has_every_row_once_and_none_too_many(
    classes: list[int] | None, count: int, share: float, seed: int
) -> None:
    count = count if classes is None else len(classes)
    given_classes = None if classes is None else np.array(classes)
    train, test = split_rows(count, given_classes, share, seed)
    assert sorted([*train, *test]) == list(range(count))
    assert len(train) > 0 < len(test)
    if classes is None:
        assert abs(len(test) - count * share) <= 1
        return
    for each in set(classes):
        tested = sum(classes[row] == each for row in test)
        assert abs(tested - classes.count(each) * share) < 2


# workbooks and Parquet


FRAME = {
    "a": [1.0, 2.5, None, 4.0],
    "w": ["rain", "sun", "rain", "rain"],
    "ok": [True, False, True, True],
    "y": [1, 2, 3, 4],
}


@pytest.mark.parametrize("ending", ["xlsx", "parquet"])
def test_workbooks_and_parquet(tmp_path: Path, ending: str) -> None:
    pytest.importorskip({"xlsx": "openpyxl", "parquet": "pyarrow"}[ending])
    path = tmp_path / f"a.{ending}"

    def put(**columns: Any) -> None:
        frame = pd.DataFrame({**FRAME, **columns})
        frame.to_excel(path, index=False) if ending == "xlsx" else frame.to_parquet(path)

    put()
    row = {"xlsx": 4, "parquet": 3}[ending]
    assert refusal(path).startswith(f", row {row}, column 'a': expected a value, found an empty cell")
    table = read_csv(path, "y", missing="mean")
    assert table.names == ["a", "w=rain", "w=sun", "ok"]
    assert table.X.tolist() == [[1, 1, 0, 1], [2.5, 0, 1, 0], [2.5, 1, 0, 1], [4, 1, 0, 1]]
    np.testing.assert_array_equal(table.y, np.array([1, 2, 3, 4]), strict=True)
    put(w=pd.date_range("2024-01-01", periods=4))
    assert "found dates such as '2024-01-01 00:00:00'" in refusal(path)
    put(w=["$5", "$6", "$7", "$8"])
    assert "column 'w': expected a number such as 1.5, found '$5'" in refusal(path)
    path.write_bytes(b"a,y\n1,2\n")
    assert "expected a workbook" in refusal(path) or ending == "parquet"


@pytest.mark.parametrize("kind", ["Int64", "Int8", "UInt16", "Float64", "boolean"])
def test_types_of_pandas_with_gaps(tmp_path: Path, kind: str) -> None:
    pytest.importorskip("pyarrow")
    path, cells = tmp_path / "a.parquet", [1, 0, None, 1]
    whole = pd.array([2**60 + 1, 2**60 + 3, 5, None], "Int64")
    pd.DataFrame({"a": pd.array(cells, kind), "y": whole}).to_parquet(path)
    assert "row 3, column 'a': expected a value, found an empty cell" in refusal(path)
    table = read_csv(path, "y", missing="drop")
    assert (table.X.tolist(), table.y.tolist()) == ([[1.0], [0.0]], [2**60 + 1, 2**60 + 3])
    assert read_csv(path, "y", missing="mean").X[:, 0].tolist() == [1.0, 0.0, 0.5]
    full = pd.DataFrame({"a": pd.array(cells, kind), "y": whole}).dropna()
    full.to_parquet(path)
    assert read_csv(path, "y").y.tolist() == [2**60 + 1, 2**60 + 3]


def test_other_things_in_a_parquet_file(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "a.parquet"

    def put(a: Any) -> Path:
        pd.DataFrame({"a": a, "b": [1, 2] * 3, "y": range(6)}).to_parquet(path)
        return path

    assert read_csv(put(pd.Categorical(["lo", "hi"] * 3)), "y").names == ["a=hi", "a=lo", "b"]
    halves = [Decimal(number) / 2 for number in range(6)]
    assert read_csv(put(halves), "y").X[:, 0].tolist() == [0, 0.5, 1, 1.5, 2, 2.5]
    for times in pd.date_range("2024", periods=6, tz="Europe/Berlin"), pd.to_timedelta(range(6), "h"):
        assert "column 'a': expected numbers or texts, found dates such as" in refusal(put(times))
    for each, found in ([1, 2], "ndarray of shape (2,)"), ({"c": 1}, "{'c': 1}"), (b"x", "b'x'"):
        message = f", column 'a': expected numbers or texts, found {found}; leave the column out"
        assert refusal(put([each] * 6)) == message
        assert read_csv(path, "y", drop="a").names == ["b"]
    path.write_bytes(b"a,y\n1,2\n")
    assert "expected a Parquet file, found another, in spite of its name" in refusal(path)


def test_whole_numbers_of_a_workbook_stay_whole_beside_gaps(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    frame = pd.DataFrame({"a": [1.5, None, 3.0, 4.0], "y": [1, 2, None, 4]})
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    table = read_csv(tmp_path / "a.xlsx", "y", missing="drop")
    assert (table.X[:, 0].tolist(), table.y.tolist(), table.y.dtype) == ([1.5, 4], [1, 4], np.int64)


def test_the_first_sheet_of_several_is_named(tmp_path: Path) -> None:
    openpyxl, path = pytest.importorskip("openpyxl"), tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "About"
    for row in (["a", "y"], [1, 2]):
        book.create_sheet("Data").append(row)
    book.save(path)
    assert ": expected a row of column names, found an empty first sheet, 'About'; move" in refusal(path)
    book.active.append(["by", "me"])
    book.save(path)
    assert "names, found none in the first sheet, 'About'; move the right one there" in refusal(path)


def test_a_workbook_without_names_and_with_empty_rows(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in ([], [5, 0, 1], [], [6, "x", 2], [7, 1, 3]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert ", row 4, column 'x2': expected a number" in refusal(tmp_path / "a.xlsx", "x1")
    assert read_csv(tmp_path / "a.xlsx", "x1", drop="x2").y.tolist() == [5, 6, 7]


def test_a_workbook_with_columns_without_names_and_a_title(tmp_path: Path) -> None:
    openpyxl, path = pytest.importorskip("openpyxl"), tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    for row in ([], [None, "a", "y", None, "z"], [None, 1, 2, " ", 5], [None, 3, 4, None, 6]):
        book.active.append(row)
    book.save(path)
    assert read_csv(path, "y").names == ["a", "z"]
    book.active["D4"] = "note"
    book.save(path)
    assert "expected a name for column 4, found none" in refusal(path)
    assert read_csv(path, "y", drop="Unnamed: 3").names == ["a", "z"]
    book.active["B1"] = "Sales"
    book.save(path)
    assert "row 1: expected the names of 5 columns, found 'Sales' alone: leave out titles" in refusal(
        path
    )


def test_what_unpacks_to_much_is_refused(tmp_path: Path) -> None:
    openpyxl, parquet = pytest.importorskip("openpyxl"), tmp_path / "a.parquet"
    pytest.importorskip("pyarrow")
    book = openpyxl.Workbook()
    for row in range(1, 200):
        book.active.cell(row, 16_384, 1)
    book.save(tmp_path / "a.xlsx")
    assert "very many empty cells" in refusal(tmp_path / "a.xlsx")
    pd.DataFrame({"a": np.zeros(3_000_000), "y": np.zeros(3_000_000)}).to_parquet(parquet)
    assert "expected at most 16,777,216 bytes of numbers" in refusal(parquet)


@pytest.mark.parametrize(
    ("package", "ending", "extra"), [("openpyxl", "xlsx", "excel"), ("pyarrow", "parquet", "parquet")]
)
def test_a_missing_package_names_the_pip_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, ending: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"any")
    with pytest.raises(MissingPackageError, match=rf'not installed: pip install "slownet\[{extra}\]"'):
        read_csv(path, "y")


# written by pandas in many ways, read to the same numbers


DIALECTS = [
    {"sep": sep, "decimal": decimal, "quoting": quoting, "lineterminator": end, "encoding": encoding}
    for sep, decimal, quoting, end, encoding in [
        (",", ".", 0, "\n", "utf-8"),
        (",", ".", 1, "\r\n", "utf-8-sig"),
        (",", ".", 2, "\n", "utf-16"),
        (",", ",", 1, "\n", "utf-8"),
        (";", ",", 0, "\r\n", "utf-8-sig"),
        (";", ",", 1, "\r", "utf-8"),
        (";", ".", 0, "\n", "utf-8"),
        (";", ".", 2, "\r\n", "utf-16"),
        ("\t", ".", 0, "\n", "utf-16"),
        ("\t", ",", 0, "\r\n", "utf-8"),
        ("\t", ",", 1, "\n", "utf-8-sig"),
        ("|", ".", 0, "\n", "utf-8"),
        ("|", ",", 2, "\r\n", "utf-8"),
        (";", ",", 0, "\r\n", "cp1252"),
        (",", ".", 2, "\n", "cp1252"),
    ]
]
NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-1000, 1000).map(lambda number: round(number, 2)),
    st.integers(-100_000, 100_000).map(float),
)
WORDS = st.sampled_from(
    ["rain", "sun, bright", "Größe", 'say "so"', "a\nb", "x;y", "tab\tbed", "über|all"]
)


@settings(max_examples=max(80, settings.default.max_examples // 10))
@given(
    rows=st.lists(st.tuples(NUMBERS, st.integers(-9, 10**15), WORDS, NUMBERS), min_size=1, max_size=8),
    dialect=st.sampled_from(DIALECTS),
    header=st.booleans(),
    packed=st.booleans(),
)
def test_written_by_pandas_and_read_to_the_same_numbers(
    scratch: Path, rows: list[Any], dialect: dict[str, Any], header: bool, packed: bool
) -> None:
    rows = [*rows, (0.25, 3, "sun, bright", 0.5)] * 6  # texts come again, commas are no thousands
    names = ["zahl (m)", "whole", "word", "y"]
    frame = pd.DataFrame(rows, columns=names)
    frame.to_csv(scratch, index=False, header=header, compression="gzip" if packed else None, **dialect)
    names = names if header else ["x1", "x2", "x3", "x4"]
    said = dialect["encoding"] if dialect["encoding"] == "cp1252" else None
    table = read_csv(scratch, names[3], header=header, encoding=said)
    words = sorted(set(frame["word"]))
    expected = np.column_stack(
        [frame["zahl (m)"], frame["whole"], *((frame["word"] == word) for word in words)]
    ).astype(float)
    assert table.X.tobytes() == expected.tobytes()
    assert table.y.astype(float).tobytes() == frame["y"].to_numpy().tobytes()
    assert table.names == [*names[:2], *(f"{names[2]}={word}" for word in words)]


@settings(max_examples=max(60, settings.default.max_examples // 4))
@given(
    rows=st.lists(
        st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3),
        min_size=1,
        max_size=5,
    ),
    separator=st.sampled_from(",;\t|"),
)
def test_numbers_come_back_to_the_last_bit(
    scratch: Path, rows: list[list[float]], separator: str
) -> None:
    lines = [["a", "b", "y"], *([repr(value) for value in row] for row in rows)]
    scratch.write_text("\n".join(separator.join(line) for line in lines))
    table = read_csv(scratch, target="y")
    assert np.column_stack([table.X, table.y]).tobytes() == np.array(rows).tobytes()


PIECES = st.sampled_from(
    [
        *("1", "2.5", "1,5", "1,234", "$1", "5 %", "nan", "inf", "1e999", "9 180", "\u0663"),
        *("x", "true", "2024-01-01", "", " ", "?", "-", "#", "a", "y", "\u00a0", "sep=;"),
        *('"', "'", "\\", "\n", "\r\n", ",", ";", "\t"),
    ]
)
STARTS = (b"a,y\n", b"a;y\n1;2\n", b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1f\x8b", b"sep=|\n")


def read(path: Path, target: str, missing: str, encoding: str | None) -> Table:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        return read_csv(path, target, missing=missing, encoding=encoding)


@given(
    content=st.binary(max_size=30)
    | st.lists(PIECES, max_size=25).map(lambda parts: "".join(parts).encode()),
    start=st.sampled_from(STARTS),
    missing=st.sampled_from(["error", "drop", "mean"]),
    target=st.sampled_from(["y", "x2"]),
    encoding=st.sampled_from([None, None, "cp1252", "cp932", "utf-16", "utf-32-be", "iso2022_jp", "hz"]),
)
def test_no_bytes_make_it_fail_otherwise(
    scratch: Path, content: bytes, start: bytes, missing: str, target: str, encoding: str | None
) -> None:
    scratch.write_bytes(start + content)
    try:
        table = read(scratch, target, missing, encoding)
    except (FormatError, InvalidValueError) as error:
        message = str(error)
    else:
        assert len(table.X) == len(table.y) > 0
        assert table.X.shape[1] == len(table.names)
        assert np.isfinite(table.X).all()
        assert table.y.dtype == object or np.isfinite(table.y).all()
        return
    assert str(scratch) in message
