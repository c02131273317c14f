"""Small declared tables and files for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from solvent.features import Applications, ColumnType, Csv, Events
from solvent.sources import OpenTable, connect, open_table


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    """Write a text file exactly as given."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def write_parquet(folder: Path, name: str, columns: Mapping[str, object]) -> Path:
    """Write a Parquet file of the given columns."""
    path = folder / name
    pq.write_table(pa.table(dict(columns)), path)
    return path


def applications(
    columns: Mapping[str, ColumnType] | None = None,
    *,
    files: str = "a.csv",
    as_of: str | None = None,
    zone: str | None = None,
    csv: Csv | None = None,
) -> Applications:
    """An application table with columns `id` and `user`."""
    return Applications(
        name="loans", files=files, key="user", id="id", as_of=as_of, zone=zone,
        columns=columns or {}, csv=csv or Csv(),
    )  # fmt: skip


def events(
    columns: Mapping[str, ColumnType] | None = None,
    *,
    files: str = "e.csv",
    zone: str | None = None,
    id: str | None = None,  # noqa: A002 - the declared word
    available: str | None = None,
) -> Events:
    """An event table with columns `user` and `at`."""
    return Events(
        name="topups", files=files, key="user", at="at", zone=zone, id=id, available=available,
        columns=columns or {},
    )  # fmt: skip


@contextmanager
def opened(
    table: Applications | Events, data: Path, extra: Mapping[str, ColumnType] | None = None
) -> Iterator[OpenTable]:
    """Open a table on a small connection of its own."""
    connection = connect(memory_limit="500MB", threads=1, temp_directory=data / "spill")
    try:
        with open_table(connection, table, data, extra=extra) as one:
            yield one
    finally:
        connection.close()


def rows(table: OpenTable, *names: str) -> list[tuple[object, ...]]:
    """Return accepted rows, sorted."""
    listed = ", ".join('"' + name.replace('"', '""') + '"' for name in names) or "*"
    sql = f"SELECT {listed} FROM ({table.sql})"  # noqa: S608 - names are quoted
    found = table.connection.cursor().execute(sql).fetchall()
    return sorted(found, key=repr)


def typed(
    data: Path, cells: list[object], declared: ColumnType, *, decimal: str = "."
) -> tuple[dict[int, object], dict[int, str]]:
    """Type one Parquet column; return values and refusal reasons by row number from 0."""
    from solvent.sources import refused_rows

    count = len(cells)
    write_parquet(data, "t.parquet", {"id": list(range(count)), "user": [1] * count, "x": cells})
    table = applications({"x": declared}, files="t.parquet", csv=Csv(decimal=decimal), zone="UTC")
    with opened(table, data) as one:
        values = {int(str(key)): value for key, value in rows(one, "id", "x")}
        reasons = {row.row - 1: row.reason for row in refused_rows(one)}
    return values, reasons


def duckdb_connection() -> duckdb.DuckDBPyConnection:
    """A small connection."""
    return connect(memory_limit="500MB", threads=1)
