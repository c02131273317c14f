# ruff: noqa: S608 - every name and text from outside goes through `quoting`
"""What stands for rows that have no file: a digest of what they say, in any order."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

from solvent.sources.quoting import identifier, parquet_rows

_AT_ONCE = 100_000


def rows_digest(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[int, str]:
    """Return (bytes of the values as text, SHA-256) of fetched rows, whatever their order.

    Each row is hashed, the hashes are sorted, and the whole is hashed with the columns' names and
    types: equal rows of equal columns give one digest however the database hands them out.

    Args:
        connection: Does the work.
        path: The Parquet file with the rows.
    """
    source = parquet_rows(path)
    columns = [(row[0], row[1]) for row in
               connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]  # fmt: skip
    texts = [f"CAST({identifier(name)} AS VARCHAR)" for name, _ in columns]
    cells = ", ".join(f"coalesce(sha256({text}), '-')" for text in texts)
    size = " + ".join(f"coalesce(strlen({text}), 0)" for text in texts)
    digest = hashlib.sha256(repr(columns).encode())
    total = 0
    rows = connection.cursor().sql(
        f"SELECT sha256(concat({cells})) AS row, {size} AS size FROM {source} ORDER BY row"
    )
    for batch in rows.to_arrow_reader(_AT_ONCE):
        digest.update("".join(batch.column("row").to_pylist()).encode())
        total += sum(batch.column("size").to_pylist())
    return total, digest.hexdigest()
