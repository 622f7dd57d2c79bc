"""Tables written to the current folder, and read."""

from functools import partial
from pathlib import Path

import pandas as pd
from user_errors import message_of

from neural_sculpting.tasks.tables import files
from neural_sculpting.tasks.tables.text_files import TextFormat

ALLOWED = "must be a CSV (.csv, .tsv, .csv.gz), Parquet (.parquet) or NumPy file (.npz)"


def written(content: str | bytes, name: str = "t.csv") -> str:
    """Write a file; return its path."""
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def read_table(path: str, separator: str = "auto", decimal: str = "point", encoding: str = "utf-8") -> pd.DataFrame:
    """Read a table, by default as the shipped configuration does."""
    return files.read_table(path, TextFormat(separator, decimal, encoding))


refusal = partial(message_of, read_table)
