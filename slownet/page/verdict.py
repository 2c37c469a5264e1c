"""The verdict of a verification, and its text."""

from __future__ import annotations

from dataclasses import dataclass, field

TRUE = "True: training again gives every number of this page."
NUMBERS_ONLY = (
    "Numbers only: they are those of this training, but the page around them is not as this slownet "
    "writes it."
)
NOT_TRUE = "Not true: training again does not give this page."


@dataclass
class Verification:
    """The result of `verify`.

    It is true (`bool`) if the page is as slownet makes it from this training, in every number and every
    character that its maker did not choose. It is not true if a number or a fact differs. Nor is it if
    only the page around the numbers differs or could not be compared: another script may show other
    numbers than those that the page holds.

    Attributes
    ----------
    differences : list of str
        Numbers and facts that training again does not give, each with its place and both values.
    others : list of str
        Parts of the page around the numbers that are not those of this slownet: its script, its library,
        its text.
    notes : list of str
        What was compared, and what only its maker knows.

    Examples
    --------
    >>> from slownet import NetFactory, verify
    >>> X, y = [[0.0], [1.0]], [0, 1]
    >>> history = NetFactory([1, 2, 1], seed=0).new().fit(X, y, snapshots=2, watch=(X, y))
    >>> found = verify(history.write_html("page.html"), (X, y), watch=(X, y))
    >>> bool(found), found.differences, found.others
    (True, [], [])
    """

    differences: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return not (self.differences or self.others)

    @property
    def numbers_only(self) -> bool:
        """Whether the numbers are those of the training, and the page around them is another."""
        return bool(self.others) and not self.differences

    def __str__(self) -> str:
        verdict = NOT_TRUE if self.differences else NUMBERS_ONLY if self.others else TRUE
        found = (f"- {each}" for each in [*self.differences, *self.others])
        return "\n".join([verdict, *found, *self.notes])
