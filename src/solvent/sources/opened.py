# ruff: noqa: S608 - every name and text from outside goes through `quoting`
"""A declared table and a data folder become clean, typed rows in DuckDB."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Self

import duckdb

from solvent.errors import DeclarationError, NoRowsError, UnreadableFileError
from solvent.features import Applications, Attributes, ColumnType, Events, Kind, Table
from solvent.features.rows import known_name
from solvent.progress import Progress, Silent
from solvent.sources.conversion import Physical
from solvent.sources.digests import rows_digest
from solvent.sources.duplicates import find_duplicates
from solvent.sources.gathering import gather
from solvent.sources.layout import FILE, REFUSAL, RESERVED, ROW, Layout, layout_of
from solvent.sources.parts import Part, told_as
from solvent.sources.quoting import identifier, literal, parquet_rows
from solvent.sources.staging import MOST_IN_PLACE, Source, Staged, look_at, stage
from solvent.sources.times import NAIVE_WORDS, no_zone

_SQL_TYPES = {Kind.NUMBER: "DOUBLE", Kind.CATEGORY: "VARCHAR"}


class Workplace:
    """A folder for typed rows, removed when closed, forgotten or at exit."""

    def __init__(self, parent: str | None) -> None:
        if parent:
            Path(parent).mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="solvent-", dir=parent or None))
        self._finalizer = weakref.finalize(
            self, shutil.rmtree, str(self.folder), ignore_errors=True
        )

    def close(self) -> None:
        """Remove the folder; a second call does nothing."""
        self._finalizer()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTable:
    """Typed rows of a table; keep it for as long as you read its `sql`.

    Args:
        connection: The connection its rows can be read with.
        table: The declaration.
        layout: Which columns were read and the names they got.
        columns: Every declared and extra column, by name.
        parts: Its files, in the order read.
        missing: True where an optional table is not there; `sql` then gives no rows.
        rows_left: True where a database, or folders of whole days, kept back what is too old.
        whole_names: Those of `key`, `id`, `event_id` which are BIGINT; the others are VARCHAR.
        rows_sql: SQL of all rows, refused ones too, with REFUSAL, FILE and ROW.
        staged: What was read of each file.
        workplace: Where the typed rows are kept.
        counted: Rows by refusal (None: accepted), once somebody has counted them.
    """

    connection: duckdb.DuckDBPyConnection
    table: Table
    layout: Layout
    columns: Mapping[str, ColumnType]
    parts: tuple[Part, ...]
    missing: bool
    rows_left: bool
    whole_names: frozenset[str]
    rows_sql: str
    staged: tuple[Staged, ...]
    workplace: Workplace
    counted: dict[str | None, int] = field(default_factory=dict)

    @property
    def sql(self) -> str:
        """SQL of the accepted rows: a SELECT with the columns told in `layout`."""
        rows = f"SELECT * EXCLUDE ({REFUSAL}, {FILE}, {ROW}) FROM ({self.rows_sql})"
        # where none is refused, nothing needs to be judged again
        return rows if self.counted.keys() == {None} else f"{rows} WHERE {REFUSAL} IS NULL"

    @property
    def rows_read(self) -> int:
        """Rows the files hold, refused ones included."""
        return sum(one.rows + len(one.ragged) for one in self.staged)

    @property
    def rows_skipped(self) -> int | None:
        """Rows left out for being older than `since`; None where some were not even counted."""
        return None if self.rows_left else sum(one.skipped for one in self.staged)

    @property
    def known_at_once(self) -> bool:
        """True where `available_time` is `event_time` in every row: no bare day, none declared."""
        return self.layout.available is None and all(one.in_place for one in self.staged)

    @property
    def has_id(self) -> bool:
        """True where rows have an `id` or `event_id`."""
        return len(self.layout.names) > 1

    @property
    def integer_key(self) -> bool:
        """True where `key` is BIGINT; it is VARCHAR otherwise."""
        return "key" in self.whole_names

    def known(self, name: str) -> str:
        """Return the SQL name of the instant from which a `known_at` column was known."""
        return identifier(known_name(name))

    def column(self, name: str) -> str:
        """Return the SQL name of a declared or extra column.

        Raises:
            DeclarationError: There is no such column.
        """
        if name not in self.columns:
            known = ", ".join(self.columns) or "none"
            raise DeclarationError(
                f"no column {name!r} was read",
                hint=f"columns read: {known}",
                field=self.table.name,
            )
        return identifier(name)

    def fingerprint(self) -> tuple[tuple[str, int, str], ...]:
        """Return (name, bytes, SHA-256) of each file; reads those that no copy was made of.

        Rows of a database have no bytes: `rows_digest` says what stands for them.
        """
        return tuple(
            (part.name, *rows_digest(self.connection.cursor(), part.path))
            if part.rows
            else part.fingerprint()
            for part in self.parts
        )

    def close(self) -> None:
        """Remove the typed rows; `sql` cannot be read any more."""
        self.workplace.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_table(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    data: Path,
    *,
    extra: Mapping[str, ColumnType] | None = None,
    since: int | None = None,
    progress: Progress | None = None,
) -> OpenTable:
    """Read a table once, wherever it lies, type every declared column and judge every row.

    Typed rows go to Parquet files in the connection's temporary directory, or are read where they
    lie, so nothing needs to fit in memory.

    Args:
        connection: From `connect()`.
        table: The declaration.
        data: The data folder its files are relative to; it may be a place in object storage.
        extra: Further columns to type the same way (outcomes).
        since: UTC microseconds: only rows that became available then or later. A row whose time is
            missing or unreadable comes along, refused. A table without times is read whole.
        progress: Is shown one step, in bytes read.

    Returns:
        The open table.

    Raises:
        DeclarationError: Two columns would have one name, a declared pattern is none, or
            applications are to be read since an instant.
        MissingFileError: A file, bucket or database table is not there and it is not optional.
        MissingColumnError: A file lacks a declared column.
        UnreadableFileError: A file is empty, cut, or not in its declared encoding.
        ZoneError: Times carry no zone and the table declares none.
        NoRowsError: An application table has no row.
        DataError: A file keeps a type that cannot be read as declared.
        MissingExtraError: A library that reads such a source is not installed.
    """
    layout = layout_of(table, extra or {}, since=_since(table, since))
    # a cursor, so that whoever reads from `connection` right now is not disturbed
    worker = connection.cursor()
    told = Silent() if progress is None else progress
    workplace = Workplace(_temporary_directory(worker))
    sources: list[Source] = []
    try:
        found = gather(layout, data, workplace.folder, told)
        for number, part in enumerate(found.parts):
            with told_as(part):
                sources.append(look_at(worker, layout, part, workplace.folder, number))
        if len(sources) > MOST_IN_PLACE:
            sources = [replace(one, crowded=True) for one in sources]
        whole = _whole_names(layout, sources)
        staged = _stage_all(worker, layout, sources, whole, workplace.folder, told)
        rows_sql = _rows_sql(layout, staged, whole)
        counted: dict[str | None, int] = {}
        if isinstance(table, Applications):
            rows_sql, counted = find_duplicates(worker, rows_sql, workplace.folder)
    except duckdb.InvalidInputException as error:
        workplace.close()
        names = ", ".join(one.name for one in sources)
        raise UnreadableFileError(
            f"{names} cannot be read to its end", hint="it is damaged inside", field=table.name
        ) from error
    except BaseException:
        workplace.close()
        raise
    return OpenTable(
        connection=connection, table=table, layout=layout, columns=layout.declared,
        parts=tuple(one.part for one in sources), missing=found.missing, rows_left=found.left,
        whole_names=_whole_roles(layout, whole), rows_sql=rows_sql,
        staged=staged, workplace=workplace, counted=counted,
    )  # fmt: skip


def _since(table: Table, since: int | None) -> int | None:
    if since is not None and isinstance(table, Applications):
        raise DeclarationError(
            "applications cannot be read since an instant: they become available one by one",
            hint="only events and attributes can", field=table.name,
        )  # fmt: skip
    dated = isinstance(table, Events | Attributes) and (table.time_column or table.available)
    relative = isinstance(table, Events) and table.relative is not None
    return since if dated and not relative else None


def _temporary_directory(connection: duckdb.DuckDBPyConnection) -> str | None:
    place = connection.execute("SELECT current_setting('temp_directory')").fetchall()[0][0]
    # DuckDB's default lies below the working directory, where nobody looks for leftovers
    return str(place) if place and place != ".tmp" else None


def _whole_names(layout: Layout, sources: list[Source]) -> frozenset[str]:
    """Return the key and id columns which every file keeps as whole numbers."""
    return frozenset(
        column
        for column in layout.names.values()
        if sources and all(one.columns[column] is Physical.INTEGER for one in sources)
    )


def _whole_roles(layout: Layout, whole: frozenset[str]) -> frozenset[str]:
    return frozenset(role for role, column in layout.names.items() if column in whole)


def _stage_all(
    connection: duckdb.DuckDBPyConnection,
    layout: Layout,
    sources: list[Source],
    whole: frozenset[str],
    folder: Path,
    progress: Progress,
) -> tuple[Staged, ...]:
    staged = []
    sizes = [one.path.stat().st_size for one in sources]
    with progress.step(f"reading {layout.table.words}", float(sum(sizes))) as step:
        for number, (one, size) in enumerate(zip(sources, sizes, strict=True)):
            with told_as(one.part):
                done = stage(connection, layout, one, whole=whole, into=folder, number=number)
            _refuse_naive_times(connection, layout, done)
            staged.append(done)
            step.advance(float(size))
    if isinstance(layout.table, Applications) and sources:
        _require_rows(layout, staged)
    return tuple(staged)


def _require_rows(layout: Layout, staged: list[Staged]) -> None:
    if not any(one.rows + len(one.ragged) for one in staged):
        names = ", ".join(one.source.name for one in staged)
        raise NoRowsError(
            f"{names} has no rows", hint="is this the right file?", field=layout.table.name
        )


def _refuse_naive_times(
    connection: duckdb.DuckDBPyConnection, layout: Layout, staged: Staged
) -> None:
    if layout.table.zone is not None:
        return
    found = connection.execute(
        f"SELECT {REFUSAL} FROM ({staged.sql}) "
        f"WHERE ends_with({REFUSAL}, {literal(': ' + NAIVE_WORDS)}) LIMIT 1"
    ).fetchall()
    if found:
        column = found[0][0].removesuffix(f": {NAIVE_WORDS}")
        raise no_zone(f"{layout.table.name}.{column}")


def _rows_sql(layout: Layout, staged: tuple[Staged, ...], whole: frozenset[str]) -> str:
    if not staged:
        return _no_rows_sql(layout, whole)
    return " UNION ALL ".join(f"({sql})" for sql in _joined(staged))


def _joined(staged: tuple[Staged, ...]) -> Iterator[str]:
    """Yield SQL of the rows in order, neighbours that are copies of ours as one reading."""
    for copied, run in groupby(staged, key=lambda one: one.copy is not None):
        if copied:
            copies = [one.copy for one in run if one.copy is not None]
            yield f"SELECT * FROM {parquet_rows(*copies)}"
        else:
            yield from (one.sql for one in run)


def _no_rows_sql(layout: Layout, whole: frozenset[str]) -> str:
    types = {
        role: "BIGINT" if column in whole else "VARCHAR" for role, column in layout.names.items()
    }
    types |= {layout.time[0]: "BIGINT"} if layout.time else {}
    types |= {"available_time": "BIGINT"} if layout.has_available else {}
    for name, declared in layout.declared.items():
        if name not in RESERVED:
            types[name] = _SQL_TYPES.get(declared.kind, "BIGINT")
    types |= dict.fromkeys((known_name(name) for name in layout.known), "BIGINT")
    types |= {REFUSAL: "VARCHAR", FILE: "INTEGER", ROW: "BIGINT"}
    nulls = (f"CAST(NULL AS {sql}) AS {identifier(name)}" for name, sql in types.items())
    return f"SELECT {', '.join(nulls)} WHERE false"
