# ruff: noqa: S608 - every name comes quoted from `sources`
"""A file of customers completed to a file of applications, where columns are missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from solvent.errors import MissingColumnError, MissingFileError, UnreadableFileError
from solvent.features import Applications
from solvent.sources import connect
from solvent.sources.quoting import identifier, literal

_PARQUET = {".parquet", ".pq"}


@contextmanager
def completed(path: Path, table: Applications, as_of: str) -> Iterator[Path]:
    """Give a file that holds every column of the application table.

    A column that the file lacks is not known of anybody; without an id the key names the row, and
    without an instant every customer is looked at as of `as_of`.

    Args:
        path: CSV or Parquet with at least the customers' key.
        table: The application table.
        as_of: ISO instant with a zone.

    Raises:
        MissingFileError: There is no such file.
        MissingColumnError: It lacks the key.
        UnreadableFileError: It is no table.
    """
    if not path.is_file():
        raise MissingFileError(
            f"there is no file {path}", hint="check its name and folder", field="CUSTOMERS"
        )
    with connect() as connection, TemporaryDirectory(prefix="solvent-") as folder:
        reader = _reader(path, table)
        try:
            have = [row[0] for row in connection.execute(f"DESCRIBE FROM {reader}").fetchall()]
        except duckdb.Error as error:
            raise UnreadableFileError(
                f"{path.name} cannot be read", hint="is it CSV with a heading, or Parquet?",
                field="CUSTOMERS",
            ) from error  # fmt: skip
        added = _added(table, have, as_of, path.name)
        if not added:
            yield path
            return
        target = Path(folder) / "customers.parquet"
        connection.execute(
            f"COPY (SELECT *, {', '.join(added)} FROM {reader}) TO {literal(str(target))}"
            " (FORMAT parquet)"
        )
        yield target


def _reader(path: Path, table: Applications) -> str:
    if path.suffix.lower() in _PARQUET:
        return f"read_parquet({literal(str(path))})"
    return (
        f"read_csv({literal(str(path))}, all_varchar = true, header = true, "
        f"delim = {literal(table.csv.separator)}, quote = {literal(table.csv.quote)}, "
        f"encoding = {literal(table.csv.encoding)})"
    )


def _added(table: Applications, have: list[str], as_of: str, name: str) -> list[str]:
    if table.key not in have:
        raise MissingColumnError(
            f"{name} has no column {table.key!r}", hint=f"it has: {', '.join(have[:20])}",
            field="CUSTOMERS",
        )  # fmt: skip
    added = []
    if table.id not in have:
        added.append(f"{identifier(table.key)} AS {identifier(table.id)}")
    if table.as_of is not None and table.as_of not in have:
        added.append(f"{literal(as_of)} AS {identifier(table.as_of)}")
    missing = [column for column in table.columns if column not in {*have, table.id, table.as_of}]
    return added + [f"CAST(NULL AS VARCHAR) AS {identifier(column)}" for column in missing]
