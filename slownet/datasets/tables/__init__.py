"""Tables of a user's own: text files, workbooks and Parquet files, read by pandas."""

from slownet.datasets.tables.options import TableOptions
from slownet.datasets.tables.rows import read_rows
from slownet.datasets.tables.table import Table, read_csv, read_table

__all__ = ["Table", "TableOptions", "read_csv", "read_rows", "read_table"]
