# ruff: noqa: S608 - every name and text from outside goes through `quoting`
"""One file to typed rows, every row kept with the reason why it is refused, or null.

Most files are written once, in a single streaming pass, to a Parquet file of our own: a view would
be converted again by every reader, and DuckDB copies a view's expressions into each filter put on
it (seen: 28 times slower for local times). A Parquet log whose columns need next to no conversion
is read where it lies: there the copy would cost more than all readers together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from solvent.errors import SolventError, UnreadableFileError
from solvent.features import Kind
from solvent.features.rows import ALWAYS, known_name
from solvent.sources.cells import convert_cell, convert_name
from solvent.sources.conversion import Conversion, Physical, RawColumn, because, physical
from solvent.sources.delimited import RaggedRows, batches, header, schema
from solvent.sources.excel import sheet_to_parquet
from solvent.sources.files import FileKind, kind_of, not_whole
from solvent.sources.increments import parquet_condition
from solvent.sources.layout import FILE, REFUSAL, ROW, Layout, require_columns
from solvent.sources.parts import Part
from solvent.sources.quoting import identifier, literal, parquet_rows, path_literal
from solvent.sources.times import clock_of, convert_time, no_zone

RAGGED = "row: wrong number of cells"
READER = "solvent_reader"
"""What a text table is called in SQL while it is read."""
MOST_IN_PLACE = 32
"""A table of more files is copied: each file read where it lies makes every query longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file of a table, looked at but not yet read.

    Args:
        part: The file.
        kind: How it is written.
        columns: Needed column -> how the file keeps it.
        constants: Those of them which the file's folders tell for all of its rows.
        crowded: True where its table has too many files to read each where it lies.
    """

    part: Part
    kind: FileKind
    columns: dict[str, Physical]
    constants: dict[str, str | None]
    crowded: bool = False

    @property
    def path(self) -> Path:
        """Where it is read from."""
        return self.part.path

    @property
    def name(self) -> str:
        """Its name for messages."""
        return self.part.name

    @property
    def own(self) -> tuple[str, ...]:
        """Needed columns that stand in the file itself."""
        return tuple(name for name in self.columns if name not in self.constants)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """Typed rows of one file.

    Args:
        sql: SELECT that gives them, with REFUSAL, FILE and ROW.
        source: Where they came from.
        rows: How many were read, refused ones included, ragged ones not.
        ragged: Numbers of the records left out for their number of cells.
        copy: Our file with the typed rows; None where it is read where it lies.
        skipped: How many were left out for being older than asked for.
    """

    sql: str
    source: Source
    rows: int
    ragged: tuple[int, ...]
    copy: Path | None
    skipped: int = 0

    @property
    def in_place(self) -> bool:
        """True where it is read where it lies."""
        return self.copy is None


def look_at(
    connection: duckdb.DuckDBPyConnection, layout: Layout, part: Part, into: Path, number: int
) -> Source:
    """Find a file's kind and check that it has the needed columns.

    Args:
        connection: Asked what a Parquet file holds.
        layout: What is needed.
        part: The file.
        into: Folder for what is made of a spreadsheet.
        number: The file's number within the table.

    Raises:
        UnreadableFileError: It is empty, cut or has a needed column twice.
        MissingColumnError: A needed column is not there.
        MissingExtraError: It is a spreadsheet and nothing installed can read one.
    """
    kind = kind_of(part.path)
    names: Sequence[str] = ()
    if kind is FileKind.EXCEL:
        sheet = into / f"sheet-{number}.parquet"
        names = sheet_to_parquet(part.path, layout.table.excel, sheet, name=part.name)
        part = replace(part, path=sheet, origin=part.path)
        kind = FileKind.PARQUET
    if kind is FileKind.TEXT:
        names = header(part.path, layout.table.csv)
        kept = dict.fromkeys(names, Physical.TEXT)
    else:
        kept = parquet_columns(connection, part.path)
        names = names or tuple(kept)
    # what stands in the file itself counts before what its folders say
    keys = {key: value for key, value in part.keys.items() if key not in kept}
    kept |= dict.fromkeys(keys, Physical.TEXT)
    require_columns(layout, part.name, (*names, *keys), text=kind is FileKind.TEXT)
    return Source(
        part=part, kind=kind, columns={name: kept[name] for name in layout.needed},
        constants={name: keys[name] for name in layout.needed if name in keys},
    )  # fmt: skip


def parquet_columns(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, Physical]:
    """Return the columns of a Parquet file and how it keeps them.

    Raises:
        UnreadableFileError: It is not a complete Parquet file.
    """
    try:
        rows = connection.execute(f"DESCRIBE SELECT * FROM {parquet_rows(path)}").fetchall()
    except duckdb.Error as error:
        raise not_whole(path) from error
    return {row[0]: physical(row[1]) for row in rows}


def stage(
    connection: duckdb.DuckDBPyConnection,
    layout: Layout,
    source: Source,
    *,
    whole: frozenset[str],
    into: Path,
    number: int,
) -> Staged:
    """Write the typed rows of one file, or say how to read them where they lie.

    Args:
        connection: Does the work; a relation is registered on it for the time of the call.
        layout: What is read and where it goes.
        source: The file.
        whole: Key and id columns which every file keeps as whole numbers.
        into: Folder for the typed rows.
        number: The file's number within the table.

    Raises:
        UnreadableFileError: The file turned out damaged or not in its declared encoding.
        ZoneError: Its times carry no zone and the table declares none.
        DataError: A column's type cannot be read as declared.
    """
    raw = _raw_columns(layout, source)
    below = _raw_sql(layout, raw, source)
    head = f"CAST({number} AS INTEGER) AS {FILE}, {ROW}"
    sql = _typed_sql(connection, layout, raw, whole=whole, head=head, below=below)
    if layout.since is not None:
        late = f"available_time IS NULL OR available_time >= {layout.since}"
        sql = f"SELECT * FROM ({sql}) WHERE {late}"
    if _lies_well(layout, raw, source):
        rows, every = _count(connection, layout, source, sql)
        return Staged(sql=sql, source=source, rows=rows, ragged=(), copy=None, skipped=every - rows)
    target = into / f"{number}.parquet"
    ragged = RaggedRows(quote=layout.table.csv.quote)
    if source.kind is FileKind.PARQUET:
        rows = _copy_parquet(connection, source, sql, target)
        every = _rows_of(connection, source.path)
    else:
        rows, every = _copy_text(connection, layout, source, sql=sql, target=target, ragged=ragged)
    if source.path.is_relative_to(into) and not source.part.rows:
        source.path.unlink()  # a copy of ours that was read, and its fingerprint taken
    return Staged(
        sql=f"SELECT * FROM {parquet_rows(target)}", source=source, rows=rows,
        ragged=tuple(ragged.numbers), copy=target, skipped=every - rows,
    )  # fmt: skip


def _lies_well(layout: Layout, raw: dict[str, RawColumn], source: Source) -> bool:
    """Tell whether a file's columns can be read over and over at next to no cost."""
    if source.kind is not FileKind.PARQUET or source.crowded:
        return False
    return all(
        column.kept is Physical.ZONED
        or (column.kept is Physical.NAIVE and layout.table.zone == "UTC")
        if name in layout.times
        else column.kept.is_number or name in layout.names.values()
        or column.declared.kind is Kind.CATEGORY
        for name, column in raw.items()
    )  # fmt: skip


def _count(
    connection: duckdb.DuckDBPyConnection, layout: Layout, source: Source, sql: str
) -> tuple[int, int]:
    """Return how many rows stay, and how many the file holds."""
    every = _rows_of(connection, source.path)
    if layout.since is None:
        return every, every
    return int(connection.execute(f"SELECT count(*) FROM ({sql})").fetchall()[0][0]), every


def _rows_of(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    file = path_literal(str(path))
    found = connection.execute(f"SELECT sum(num_rows) FROM parquet_file_metadata({file})")
    return int(found.fetchall()[0][0])


def _raw_sql(layout: Layout, raw: dict[str, RawColumn], source: Source) -> str:
    """Return SQL of the raw columns by alias, constants of the file's folders among them."""
    text = source.kind is FileKind.TEXT
    cells = {
        name: f"c{place}" if text else identifier(name) for place, name in enumerate(source.own)
    }
    cells |= {
        name: "CAST(NULL AS VARCHAR)" if value is None else literal(value)
        for name, value in source.constants.items()
    }
    listed = ", ".join(f"{cells[name]} AS {column.alias}" for name, column in raw.items())
    if text:
        return f"SELECT {listed}, {ROW} FROM {READER}"
    file = {name: column for name, column in raw.items() if name not in source.constants}
    return (
        f"SELECT {listed}, file_row_number + 1 AS {ROW} "
        f"FROM {parquet_rows(source.path, numbered=True)} "
        f"WHERE {parquet_condition(layout, file)}"
    )


def _copy(connection: duckdb.DuckDBPyConnection, sql: str, target: Path) -> int:
    options = "(FORMAT parquet, COMPRESSION lz4)"
    written = connection.execute(f"COPY ({sql}) TO {literal(str(target))} {options}")
    return int(written.fetchall()[0][0])


def _copy_parquet(
    connection: duckdb.DuckDBPyConnection, source: Source, sql: str, target: Path
) -> int:
    try:
        return _copy(connection, sql, target)
    except duckdb.Error as error:  # a damaged page is told in many ways
        raise UnreadableFileError(
            f"{source.name} cannot be read to its end",
            hint="it is damaged, or the disk for temporary files is full",
            field=source.name,
        ) from error


def _copy_text(
    connection: duckdb.DuckDBPyConnection,
    layout: Layout,
    source: Source,
    *,
    sql: str,
    target: Path,
    ragged: RaggedRows,
) -> tuple[int, int]:
    """Return how many rows stay, and how many the file holds without ragged ones."""
    every = 0

    def counted() -> Iterator[pa.RecordBatch]:
        nonlocal every
        for batch in batches(source.path, layout.table.csv, source.own, ragged):
            every += batch.num_rows
            yield batch

    with streamed(connection, counted(), len(source.own)):
        return _copy(connection, sql, target), every


@contextmanager
def streamed(
    connection: duckdb.DuckDBPyConnection, stream: Iterator[pa.RecordBatch], count: int
) -> Iterator[None]:
    """Let one query read batches of `count` columns under the name READER.

    Raises:
        SolventError: The stream raised it.
    """
    failure: list[SolventError] = []

    def read() -> Iterator[pa.RecordBatch]:
        try:
            yield from stream
        except SolventError as error:
            # DuckDB would wrap it in words of its own
            failure.append(error)
            raise

    connection.register(READER, pa.RecordBatchReader.from_batches(schema(count), read()))
    try:
        yield
    except duckdb.Error:
        if failure:
            raise failure[0] from None
        raise
    finally:
        connection.unregister(READER)


def _raw_columns(layout: Layout, source: Source) -> dict[str, RawColumn]:
    return {
        name: RawColumn(
            name=name, alias=f"c{index}", tag=f"c{index}", kept=source.columns[name],
            declared=layout.type_of(name), decimal=layout.table.csv.decimal,
            field=f"{layout.table.name}.{name}",
        )
        for index, name in enumerate(layout.needed)
    }  # fmt: skip


def _typed_sql(
    connection: duckdb.DuckDBPyConnection,
    layout: Layout,
    raw: dict[str, RawColumn],
    *,
    whole: frozenset[str],
    head: str,
    below: str,
) -> str:
    """Return SQL of typed rows: `head` are columns put beside them, `below` the raw rows."""
    clock = clock_of(layout.table, layout.ends)
    times = {name: convert_time(raw[name], clock, connection) for name in layout.times}
    for name, conversion in times.items():
        bare = raw[name].kept in {Physical.NAIVE, Physical.DATE}
        local = conversion.local and (bare or raw[name].declared.kind is Kind.DATE)
        if local and clock.zone is None:
            raise no_zone(raw[name].field)
    cells = {name: convert_cell(raw[name]) for name in layout.declared if name not in times}
    # a column may be an id and a feature at once, so ids have a tag of their own
    names = {
        name: convert_name(replace(raw[name], tag=f"{raw[name].tag}_id"), whole=name in whole)
        for name in layout.names.values()
    }
    outputs, faults = _outputs(layout, times, {**cells, **times}, names)
    done = [*names.values(), *times.values(), *cells.values()]
    body = _layered(done, [column.alias for column in raw.values()], below)
    typed = ", ".join(f"{sql} AS {identifier(name)}" for name, sql in outputs)
    # one CASE: DuckDB would work out every reason for every row before a coalesce picked one
    told = " ".join(f"WHEN {when} THEN {why}" for when, why in faults)
    return f"SELECT {typed}, CASE {told} END AS {REFUSAL}, {head} FROM ({body})"


def _outputs(
    layout: Layout,
    times: dict[str, Conversion],
    declared: dict[str, Conversion],
    names: dict[str, Conversion],
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return (output name, SQL) pairs, and (when, reason) of refusals, most telling first."""
    outputs = [(role, names[column].value) for role, column in layout.names.items()]
    required = {column: names[column] for column in layout.names.values()}
    moment = layout.time[1] if layout.time else None
    if layout.time is not None:
        role = layout.time[0]
        default = "0" if role == "as_of" else str(ALWAYS)
        value = times[moment].value if moment else f"CAST({default} AS BIGINT)"
        outputs.append((role, value))
    if layout.has_available:
        known = layout.available or moment
        value = times[known].end if known else f"CAST({ALWAYS} AS BIGINT)"
        outputs.append(("available_time", value))
    for column in dict.fromkeys((moment, layout.available)):
        if column is not None:
            required[column] = times[column]
    taken = {name for name, _ in outputs}
    outputs += [(name, declared[name].value) for name in layout.declared if name not in taken]
    outputs += [(known_name(name), times[name].end) for name in layout.known]
    faults = [
        (f"{conversion.present} IS NULL", because(column, "missing"))
        for column, conversion in required.items()
    ]
    faults += [conversion.fault for conversion in (*names.values(), *declared.values())]
    faults += [times[name].fault for name in times if name not in declared]
    return outputs, faults


def _layered(conversions: Sequence[Conversion], raw: Sequence[str], below: str) -> str:
    """Stack every conversion's layers, the n-th of each in one SELECT."""
    live = dict.fromkeys([*raw, ROW])
    sql = below
    for level in range(max(len(conversion.layers) for conversion in conversions)):
        new: dict[str, str] = {}
        for conversion in conversions:
            new.update(conversion.layers[level] if level < len(conversion.layers) else ())
        kept = [name for name in live if name not in new]
        made = [f"{expression} AS {name}" for name, expression in new.items()]
        sql = f"SELECT {', '.join([*kept, *made])} FROM ({sql})"
        live.update(dict.fromkeys(new))
    return sql
