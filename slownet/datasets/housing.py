"""Housing values of 506 Boston districts, reduced to three features."""

from __future__ import annotations

from importlib import resources

from slownet.datasets.known import remember
from slownet.datasets.tables import Table, read_csv


def load_housing() -> Table:
    """Load the housing values: three features of 506 Boston census tracts and their house prices.

    The values are raw: a net learns little from them before they are scaled, which is the point of
    the exercise.

    Returns
    -------
    Table
        `X` float64 of shape (506, 3); `y` float64 of shape (506,), the median value of
        owner-occupied homes in 1000 dollars; `names`: "crime" (crime rate per inhabitant, CRIM),
        "tax" (property tax per 10,000 dollars, TAX), "pupil_teacher_ratio" (PTRATIO).

    Notes
    -----
    Source: D. Harrison and D. L. Rubinfeld, "Hedonic prices and the demand for clean air", Journal
    of Environmental Economics and Management 5 (1978), 81-102, through StatLib and scikit-learn 1.1
    (BSD-3-Clause).

    scikit-learn withdrew the full set in version 1.2. Its authors had made a variable "B" of the
    share of Black inhabitants, assuming that racial self-segregation raises house prices, in a way
    that cannot be undone; and their study, of what clean air is worth, did not show that its own
    assumptions hold. B is not shipped here. The three columns are the ones that tutorials of nets
    from scratch use, kept so that their figures can be compared. Take them as numbers to practise
    on, not as facts about people or prices. The file data/housing.md says more.

    Examples
    --------
    >>> from slownet.datasets import load_housing
    >>> table = load_housing()
    >>> table
    Table(506 rows, 3 inputs from 3 columns, target 'median_value': numbers)
    """
    with resources.as_file(resources.files("slownet.datasets") / "data" / "housing.csv") as path:
        table = read_csv(path, target="median_value")
    remember(table.X)
    return table
