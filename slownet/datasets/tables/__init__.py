"""Tables of a user's own: text files, workbooks and Parquet files, read by pandas."""

from slownet.datasets.tables.assembling import frame_columns
from slownet.datasets.tables.columns import Column, Target
from slownet.datasets.tables.frames import is_frame
from slownet.datasets.tables.layout import made_up
from slownet.datasets.tables.options import TableOptions
from slownet.datasets.tables.rows import NewRows, frame_rows
from slownet.datasets.tables.table import Table, read_csv, read_table

__all__ = [
    "Column",
    "NewRows",
    "Table",
    "TableOptions",
    "Target",
    "frame_columns",
    "frame_rows",
    "is_frame",
    "made_up",
    "read_csv",
    "read_table",
]
