"""Tables of a database (Postgres, SQLite): only the needed columns, in one view, streamed.

The rows go to a Parquet file of our own and are then typed as any file's rows are, so a value has
one meaning wherever it comes from. A database's own words are shown where they speak of a SELECT,
never where they may speak of rows; the address is never shown.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from solvent.errors import (
    DataError,
    DeclarationError,
    MissingExtraError,
    MissingFileError,
    SolventError,
    UnreadableFileError,
)
from solvent.features import Database
from solvent.progress import Progress
from solvent.sources.dialect import Dialect, Fetched
from solvent.sources.excel import cell_text
from solvent.sources.files import listed
from solvent.sources.layout import Layout, require_columns
from solvent.sources.parts import Part
from solvent.sources.postgres import Postgres
from solvent.sources.quoting import identifier
from solvent.sources.sqlite import Sqlite

ROWS_AT_ONCE: Final = 20_000
_DIALECTS: Final[Mapping[str, Dialect]] = {
    "postgresql": Postgres(), "postgres": Postgres(), "sqlite": Sqlite(),
}  # fmt: skip
_NO_TABLE, _DENIED = "42P01", "42501"
_WHY: Final = {
    "password": "the name or the password is wrong",
    "does not exist": "it has no such database or user",
    "refused": "no server answers there",
    "no such file": "no server answers there",
    "translate host": "there is no such host",
    "resolve": "there is no such host",
    "timeout": "the server does not answer in time",
    "too many": "it has no connection left",
}


def read_database(layout: Layout, database: Database, target: Path, progress: Progress) -> Part:
    """Read the needed columns of a table, or the rows of a SELECT, to a Parquet file.

    Args:
        layout: What is read.
        database: Where it lies.
        target: The file.
        progress: Is shown one step, in rows.

    Raises:
        MissingFileError: The variable with the address is not set, or there is no such table.
        MissingColumnError: A needed column is not there.
        MissingExtraError: The driver is not installed.
        UnreadableFileError: The database does not answer, or may not be read.
        DeclarationError: The address is none, or the SELECT is wrong.
    """
    url = address(database, field=layout.table.name)
    dialect = _DIALECTS[url.get_backend_name()]
    with _connected(dialect, url, database, layout.table.name) as connection:
        rows = _rows_of(database)
        types = _describe(connection, rows, database, layout.table.name)
        require_columns(layout, database.words, [name for name, _ in types])
        with _asked(database, layout.table.name):
            codes = dict(types)
            columns = dialect.fetched(connection, rows, codes, layout.needed)
            since = dialect.since(connection, rows, codes, layout)
            sql = f"SELECT {', '.join(one.sql for one in columns)} FROM {rows}"  # noqa: S608 - quoted
            sql += f" WHERE {since}" if since else ""
            _stream(connection, sql, columns, layout, target, progress)
    return Part(path=target, name=database.words, copied=True, rows=True)


def address(
    database: Database, environment: Mapping[str, str] = os.environ, *, field: str = ""
) -> URL:
    """Return the address that the environment gives a declared database.

    Raises:
        MissingFileError: The variable is not set.
        DeclarationError: It holds no address of a database we read.
    """
    text = environment.get(database.url_from, "").strip()
    if not text:
        raise MissingFileError(
            f"the environment variable {database.url_from} is not set",
            hint="set it to the database's address: postgresql://USER:PASSWORD@HOST/NAME or "
            "sqlite:///PATH", field=field,
        )  # fmt: skip
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.get_backend_name() not in _DIALECTS:
        # what stands there may be a password: nothing of it is repeated
        raise DeclarationError(
            "holds no address of a database solvent reads",
            hint="write postgresql://USER:PASSWORD@HOST/NAME or sqlite:///PATH",
            field=database.url_from,
        )
    return url


def _rows_of(database: Database) -> str:
    if database.table:
        return ".".join(identifier(part) for part in database.table_parts)
    # a new line, so that a comment at the SELECT's end ends there
    return f"({database.sql.strip().rstrip(';')}\n) AS solvent_rows"


@contextmanager
def _connected(dialect: Dialect, url: URL, database: Database, field: str) -> Iterator[Connection]:
    try:
        engine = dialect.engine(url)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"reading {url.get_backend_name()} needs {error.name}, which is not installed",
            hint="install solvent with its postgres extra: solvent[postgres]", field=field,
        ) from error  # fmt: skip
    except SolventError as error:
        error.field = database.url_from
        raise
    try:
        connection = engine.connect()
        connection.execution_options(no_parameters=True)  # a per cent sign means itself
        dialect.begin(connection)
    except SQLAlchemyError as error:
        raise _no_connection(error, database, field) from None
    try:
        yield connection
    finally:
        connection.close()
        engine.dispose()


def _describe(
    connection: Connection, rows: str, database: Database, field: str
) -> tuple[tuple[str, object], ...]:
    """Return (name, type code) of every column, without reading a row."""
    try:
        found = connection.exec_driver_sql(f"SELECT * FROM {rows} LIMIT 0")  # noqa: S608 - quoted
        described = found.cursor.description if found.cursor is not None else ()
        types = tuple((str(column[0]), column[1]) for column in described)
        found.close()
    except DBAPIError as error:
        raise _cannot_select(connection, error, database, field) from None
    return types


def _cannot_select(
    connection: Connection, error: DBAPIError, database: Database, field: str
) -> SolventError:
    words = str(error.orig).strip().splitlines()
    state = getattr(error.orig, "sqlstate", None)
    if state == _DENIED:
        return UnreadableFileError(
            f"{database.words} may not be read by the user of the address",
            hint="ask for SELECT on it", field=field,
        )  # fmt: skip
    if database.table and (state == _NO_TABLE or "no such table" in words[0]):
        return MissingFileError(
            f"the database has no table {database.table!r}",
            hint=_tables(connection, database.table), field=field,
        )  # fmt: skip
    # nothing was read yet, so these words speak of the SELECT alone
    return DeclarationError(
        f"the database cannot run the SELECT: {words[0] if words else 'no reason given'}",
        hint="try it in the database's own client first", field=field,
    )  # fmt: skip


def _tables(connection: Connection, wanted: str) -> str:
    connection.rollback()
    inspector = inspect(connection)
    names = []
    own = inspector.default_schema_name
    for schema in inspector.get_schema_names():
        if schema != "information_schema":
            lead = "" if schema == own else f"{schema}."
            found = (*inspector.get_table_names(schema), *inspector.get_view_names(schema))
            names += [f"{lead}{name}" for name in found]
    folded = {name.lower(): name for name in names}
    close = difflib.get_close_matches(wanted.lower(), folded, n=1)
    guess = f"did you mean {folded[close[0]]!r}? " if close else ""
    return f"{guess}it has: {listed(sorted(names))}" if names else "it has no table"


def _stream(
    connection: Connection, sql: str, columns: Sequence[Fetched], layout: Layout, target: Path,
    progress: Progress,
) -> None:  # fmt: skip
    schema = pa.schema([(name, one.kept) for name, one in zip(layout.needed, columns, strict=True)])
    reading = connection.execution_options(stream_results=True, max_row_buffer=ROWS_AT_ONCE)
    with (
        progress.step(f"fetching {layout.table.words}") as step,
        reading.exec_driver_sql(sql) as result,
        pq.ParquetWriter(target, schema, compression="lz4") as writer,
    ):
        while rows := result.fetchmany(ROWS_AT_ONCE):
            cells = [
                _array(values, one)
                for values, one in zip(zip(*rows, strict=True), columns, strict=True)
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(cells, schema=schema))
            step.advance(float(len(rows)))


def _array(values: Sequence[Any], one: Fetched) -> pa.Array[Any]:
    if one.mixed:
        values = [None if value is None else cell_text(value) for value in values]
    made: pa.Array[Any] = pa.array(values, one.kept)
    return made


@contextmanager
def _asked(database: Database, field: str) -> Iterator[None]:
    """Tell what went wrong while rows were read without a word of theirs."""
    try:
        yield
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        told = f" (SQLSTATE {state})" if state else ""
        raise UnreadableFileError(
            f"the database stopped while {database.words} was read{told}",
            hint="try again; where it stops again, run the SELECT in the database's own client",
            field=field,
        ) from None
    except (UnicodeDecodeError, pa.ArrowException):
        raise UnreadableFileError(
            f"{database.words} holds text that is not UTF-8",
            hint="mend it, or convert it in a SELECT: sql=...", field=field,
        ) from None  # fmt: skip


def _no_connection(error: SQLAlchemyError, database: Database, field: str) -> DataError:
    words = str(error).lower()
    why = next((told for sign, told in _WHY.items() if sign in words), "it cannot be opened")
    return UnreadableFileError(
        f"cannot connect to the database of {database.url_from}: {why}",
        hint=f"check the address in {database.url_from}", field=field,
    )  # fmt: skip
