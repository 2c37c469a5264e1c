"""What the columns of a table are, as most of their cells say, and which cells do not fit."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slownet.checks import short
from slownet.datasets.tables import kinds as k
from slownet.datasets.tables.columns import BOOLEAN, CATEGORY, NUMBER
from slownet.datasets.tables.options import TableOptions
from slownet.datasets.tables.text_columns import MOST_DIFFERENT, TextColumn
from slownet.errors import FormatError

if TYPE_CHECKING:
    from slownet.datasets.tables.sources import Source

MOST_CATEGORIES = 50  # of a column that becomes inputs
MOST_CLASSES = 10_000
FEW = 4  # one text for so many numbers makes texts of all with a note
POINTED = re.compile(r"[+-]?\d+\.\d+([eE][+-]?\d+)?")  # numbers with a decimal point
RARE = 20  # one cell in so many, or a single one, is odd; more of them belong to the column


@dataclass
class Decider:
    """Decides what columns are that are not numbers throughout, and refuses cells that do not fit.

    Attributes
    ----------
    source : Source
        The file, which knows where a cell stands.
    options : TableOptions
        What the user says about it.
    point : str
        The mark before decimals, as it was said or recognised.
    notes : list of str
        What is odd and was let in.
    """

    source: Source
    options: TableOptions
    point: str
    notes: list[str] = field(default_factory=list)

    def kinds(self, columns: dict[int, TextColumn], target: int | None) -> dict[int, str]:
        """Return what each column is: a number, a boolean or a category.

        Raises
        ------
        FormatError
            For what is neither, and for numbers that are written in a way that has to be said.
        """
        self._check_useful(columns, target)
        found = {place: self._kind(place, column, place == target) for place, column in columns.items()}
        self.check_numbers({place: columns[place] for place, kind in found.items() if kind == NUMBER})
        return found

    def check_numbers(self, columns: dict[int, TextColumn]) -> None:
        """Raise FormatError if cells of these columns are no numbers, or may be one or another."""
        has_commas = self.point == "," or any(column.total(k.COMMA) for column in columns.values())
        for place, column in columns.items():
            self._check_kinds(place, column)
            self._check_marks(place, column, has_commas)

    def _check_useful(self, columns: dict[int, TextColumn], target: int | None) -> None:
        """Refuse columns that cannot be learned from as a whole: the first one, and all like it."""
        reasons = {place: self._useless(column, place == target) for place, column in columns.items()}
        useless = [place for place, reason in reasons.items() if reason]
        if not useless:
            return
        first = useless[0]
        what, row = reasons[first] or ("", None)
        if first != target:
            is_date = _is_date(columns[first])  # of which numbers can be made
            like = [each for each in useless if each != target and _is_date(columns[each]) == is_date]
            what += f"; {self.options.leaving_out([self.source.names[each] for each in like])}"
        raise self._refusal(first, what, row)

    def _useless(self, column: TextColumn, is_target: bool) -> tuple[str, int | None] | None:
        """Return why a column as a whole cannot be learned from, and the row that shows it."""
        if not column.filled:
            return "expected cells, found an empty column", None
        if _is_date(column):
            row, text = column.first(k.DATE)
            return (
                f"expected numbers or texts, found dates such as {short(text)}: make numbers of them "
                "(year, month, weekday) in columns of their own"
            ), row
        if self._is_boolean(column, is_target) or not self._is_text(column):
            return None
        return self._too_many(column, is_target)

    def _is_boolean(self, column: TextColumn, is_target: bool) -> bool:
        return column.total(k.BOOLEAN) == column.filled and not is_target

    def _kind(self, place: int, column: TextColumn, is_target: bool) -> str:
        if self._is_boolean(column, is_target):
            return BOOLEAN
        if not self._is_text(column):
            self._note_code(place, column)
            return NUMBER
        self._note_numbers(place, column)
        return CATEGORY

    def _is_text(self, column: TextColumn) -> bool:
        """Whether a column holds texts: most cells are, or so many that these are no odd ones."""
        texts, numbers = column.total(*k.TEXTS), column.total(*k.NUMBERS)
        if column.has_texts and k.common_unit([text for text in column.texts if text not in k.GAPS]):
            return False
        if not texts or texts > numbers:
            return bool(texts)
        is_odd = texts == 1 or texts * RARE < numbers
        few = column.has_texts and len(column.texts) <= min(MOST_CATEGORIES, column.count // 2)
        return few and not is_odd and not column.total(k.AMOUNT, k.GROUPED)

    def _check_kinds(self, place: int, column: TextColumn) -> None:
        """Refuse the first cell of a column of numbers that is none."""
        wrong = [kind for kind in (*k.TEXTS, k.AMOUNT, k.GROUPED, k.INFINITE) if kind in column.tallies]
        if not wrong:
            return
        row, text = column.first(*wrong)
        kind = next(kind for kind in wrong if column.tallies[kind].row == row)
        if kind == k.INFINITE:
            raise self._refusal(place, f"expected a finite number, found {short(text)}", row)
        hint = ""
        marks = k.thousands_of(text)
        is_unit = kind == k.AMOUNT or (kind in k.TEXTS and k.UNIT.fullmatch(text) is not None)
        if kind == k.GROUPED and marks:
            says = [self.options.says("thousands", marks[0])]
            says += [self.options.says("decimal", ",")] if marks[1] == "," else []
            hint = f" ({self._how(says)} reads it)"
        elif is_unit:
            hint = ": leave currencies, %, units and spaces out of the cells"
            if k.NEGATIVE.search(text):
                hint = ": write negative numbers as -1.5"
        elif self.options.point == "," and POINTED.fullmatch(text):
            hint = f" ({self.options.says('decimal', '.')} reads it)"
        such = "1,5" if self.options.point == "," else "1.5"
        raise self._refusal(place, f"expected a number such as {such}, found {short(text)}{hint}", row)

    def _how(self, says: list[str]) -> str:
        return (" " if self.options.is_command else ", ").join(says)

    def _check_marks(self, place: int, column: TextColumn, has_commas: bool) -> None:
        """Refuse numbers whose marks may mean one thing or another."""
        commas, points = column.total(k.COMMA), column.total(k.POINT)
        either, groups = column.total(k.EITHER), column.total(k.POINT_OR_GROUP)
        if commas and points:
            kind, other = (k.COMMA, "point") if commas <= points else (k.POINT, "comma")
            row, text = column.first(kind)
            raise self._refusal(
                place,
                f"expected a number with a decimal {other} as others here, found {short(text)}",
                row,
            )
        if either and (points or groups or not has_commas):
            row, text = column.first(k.EITHER)
        elif groups and not points and self._may_be_groups(has_commas):
            row, text = column.first(k.POINT_OR_GROUP)
        else:
            return
        mark, other = (",", ".") if "," in text else (".", ",")
        decimal, thousands = (self.options.says("decimal", mark), self.options.says("thousands", mark))
        raise self._refusal(
            place,
            f"expected a number, found {short(text)}, which may be {text.replace(mark, '.')} or "
            f"{text.replace(mark, '')}: {decimal} or {thousands} says which",
            row,
        )

    def _may_be_groups(self, has_commas: bool) -> bool:
        """Whether 1.234 may be 1234."""
        return self.options.decimal is None and (has_commas or self.options.had_commas)

    def _too_many(self, column: TextColumn, is_target: bool) -> tuple[str, int] | None:
        """Return why a column has more texts than a net can learn from, if so."""
        most = min(MOST_CLASSES if is_target else MOST_CATEGORIES, max(2, column.count // 2))
        different = sum(text not in k.GAPS for text in column.texts) - self._has_odd_number(column)
        if column.has_texts and different <= most:
            return None
        count = f"{different:,}" if column.has_texts else f"more than {MOST_DIFFERENT:,}"
        row, text = column.first(*k.TEXTS)
        kind = "classes" if is_target else "categories"
        return (
            f"expected numbers, or at most {most:,} {kind} in {column.count:,} rows, found {count} "
            f"different texts such as {short(text)}"
        ), row

    def _has_odd_number(self, column: TextColumn) -> bool:
        """Whether one number stands in a column of texts that come again: likely a mistake."""
        texts = column.total(*k.TEXTS)
        different = sum(kind in k.TEXTS for _, kind in column.kinds())
        return column.total(*k.NUMBERS) == 1 and different < texts

    def _note_code(self, place: int, column: TextColumn) -> None:
        if column.total(k.WHOLE) == column.filled and (text := k.first_code(column.texts)):
            name = short(self.source.names[place])
            self.notes.append(
                f"{self.source.path}, column {name}: {short(text)} is read as the number "
                f"{k.whole_number(text)}; a code with a letter, such as {short('D' + text)}, is a text"
            )

    def _note_numbers(self, place: int, column: TextColumn) -> None:
        """Note what is odd about a column of texts: one number, or few texts."""
        name, texts = short(self.source.names[place]), column.total(*k.TEXTS)
        if self._has_odd_number(column):
            row, text = column.first(*k.NUMBERS)
            self.notes.append(
                f"{self.source.where(row)}, column {name}: {short(text)} stands among texts and is "
                "taken for one of them"
            )
        elif texts * FEW < column.total(*k.NUMBERS):
            row, text = column.first(*k.TEXTS)
            self.notes.append(
                f"{self.source.where(row)}, column {name}: {short(text)} and others, {texts:,} of "
                f"{column.filled:,} cells, are texts: all numbers there are taken for texts, too"
            )

    def _refusal(self, place: int, what: str, row: int | None = None) -> FormatError:
        name = self.source.names[place]
        where = self.source.path if row is None else self.source.where(row)
        return FormatError(f"{where}, column {short(name)}: {what}")


def _is_date(column: TextColumn) -> bool:
    """Whether most of its cells are dates."""
    return 2 * column.total(k.DATE) > column.filled
