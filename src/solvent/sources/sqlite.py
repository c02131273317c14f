"""SQLite: values have types and columns do not, so each column is looked at before it is read."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlalchemy.engine import URL

from solvent.errors import DeclarationError, MissingFileError
from solvent.sources.dialect import Fetched
from solvent.sources.increments import Shape, bound, time_column
from solvent.sources.layout import Layout
from solvent.sources.quoting import identifier

_WHOLE: Final = 2**53
_ISO: Final = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*"
_LOOKED_FOR: Final = ("integer", "real", "text", "blob")


class Sqlite:
    """Reads the file of a SQLite database."""

    def engine(self, url: URL) -> Engine:
        """Return an engine that opens the file for reading alone.

        Raises:
            DeclarationError: The address names no file.
            MissingFileError: The file is not there.
        """
        if not url.database or url.database == ":memory:":
            raise DeclarationError(
                "names no file of a SQLite database", hint="write sqlite:///PATH", field="address"
            )
        path = Path(url.database)
        if not path.is_file():
            raise MissingFileError(
                f"there is no database file {path.name!r}",
                hint="a path behind sqlite:/// counts from where solvent was started",
                field="address",
            )  # fmt: skip
        return create_engine("sqlite://", poolclass=NullPool, creator=lambda: _open(path))

    def begin(self, connection: Connection) -> None:
        """Open one consistent, read-only view of the data for all that follows."""
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.exec_driver_sql("BEGIN")

    def fetched(
        self,
        connection: Connection,
        rows: str,
        types: Mapping[str, object],  # noqa: ARG002 - what SQLite declares binds no value
        needed: Sequence[str],
    ) -> tuple[Fetched, ...]:
        """Return how each needed column is fetched, by what all of its values are."""
        asked = [sql for name in needed for sql in _looks(identifier(name))]
        found = connection.exec_driver_sql(f"SELECT {', '.join(asked)} FROM {rows}").one()  # noqa: S608 - quoted
        size = len(_LOOKED_FOR) + 1
        return tuple(
            _fetched(identifier(name), *map(bool, found[place * size : (place + 1) * size]))
            for place, name in enumerate(needed)
        )

    def since(
        self, connection: Connection, rows: str, types: Mapping[str, object], layout: Layout
    ) -> str:
        """Return SQL that leaves out rows which are surely too old; empty where none is safe."""
        name = time_column(layout)
        if layout.since is None or name is None:
            return ""
        first = bound(layout.since, layout, Shape.TEXT)
        (it,) = self.fetched(connection, rows, types, (name,))
        if first is None or it.mixed or not pa.types.is_string(it.kept):
            return ""
        column = identifier(name)
        return f"{column} >= '{first}' OR {column} NOT GLOB '{_ISO}' OR {column} IS NULL"


def _open(path: Path) -> sqlite3.Connection:
    # as_uri escapes what means something in an address
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _looks(column: str) -> tuple[str, ...]:
    types = (f"max(typeof({column}) = '{kind}')" for kind in _LOOKED_FOR)
    wide = f"max(typeof({column}) = 'integer' AND {column} NOT BETWEEN -{_WHOLE} AND {_WHOLE})"
    return (*types, wide)


def _fetched(column: str, integer: bool, real: bool, text: bool, blob: bool, wide: bool) -> Fetched:
    if blob:
        return Fetched(sql="NULL", kept=pa.binary())
    if text or (real and wide):
        return Fetched(sql=column, kept=pa.string(), mixed=integer or real)
    if real:
        return Fetched(sql=f"CAST({column} AS REAL)", kept=pa.float64())
    return Fetched(sql=column, kept=pa.int64() if integer else pa.string())
