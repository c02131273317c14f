"""Names and texts as SQL reads them, whatever signs they hold."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def identifier(name: str) -> str:
    """Return a column or table name in double quotes.

    >>> print(identifier("TARGET=1"), identifier('a "b" c'))
    "TARGET=1" "a ""b"" c"
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text in single quotes.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Return texts in single quotes with commas between."""
    return ", ".join(literal(text) for text in texts)


def path_literal(path: str) -> str:
    """Return a path as a literal in which no sign is a wildcard.

    >>> path_literal("a[1]*.parquet")
    "'a[[]1][*].parquet'"
    """
    return literal("".join(f"[{sign}]" if sign in "*?[" else sign for sign in path))


def parquet_rows(*files: Path, numbered: bool = False) -> str:
    """Return what stands behind FROM to read Parquet files as they are, whatever their folders say.

    Args:
        files: The files.
        numbered: True to have `file_row_number` too.

    >>> print(parquet_rows(Path("day=1/a.parquet")))
    read_parquet(['day=1/a.parquet'], hive_partitioning = false)
    """
    listed = ", ".join(path_literal(str(file)) for file in files)
    more = ", file_row_number = true" if numbered else ""
    return f"read_parquet([{listed}], hive_partitioning = false{more})"
