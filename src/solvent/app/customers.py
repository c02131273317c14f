"""A file of customers completed to a file of applications, where columns are missing."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from solvent.errors import (
    MissingColumnError,
    MissingFileError,
    SolventError,
    UnreadableFileError,
    WriteError,
)
from solvent.features import Applications
from solvent.sources.delimited import RaggedRows, batches, header
from solvent.sources.excel import sheet_to_parquet
from solvent.sources.files import FileKind, kind_of, not_whole

_INSTANT = pa.timestamp("us", tz="UTC")
_NAMES_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A file that holds every column of the application table.

    Args:
        path: Where it is.
        ragged: Records left out for their number of cells.
    """

    path: Path
    ragged: int


@contextmanager
def completed(path: Path, table: Applications, as_of: int) -> Iterator[Completed]:
    """Give a file that holds every column of the application table.

    A column that the file lacks is not known of anybody; without an id the key names the row, and
    without an instant every customer is looked at as of `as_of`.

    Args:
        path: CSV, Parquet or spreadsheet with at least the customers' key.
        table: The application table.
        as_of: UTC microseconds.

    Raises:
        MissingFileError: There is no such file.
        MissingColumnError: It lacks the key.
        UnreadableFileError: It is no table, or has a column twice.
        WriteError: There is no room for a completed copy.
    """
    if not path.is_file():
        raise MissingFileError(
            f"there is no file {path}", hint="check its name and folder", field="CUSTOMERS"
        )
    with _as_table(path, table) as it:
        yield from _completed(it, table, as_of)


def _completed(path: Path, table: Applications, as_of: int) -> Iterator[Completed]:
    text = kind_of(path) is FileKind.TEXT
    have = header(path, table.csv) if text else _names_of(path)
    wanted = [name for name in _columns(table) if name in have]
    _require_key_once(path.name, table, have, wanted)
    missing = [name for name in _columns(table) if name not in have]
    if not missing:
        yield Completed(path=path, ragged=0)
        return
    with TemporaryDirectory(prefix="solvent-") as folder:
        target, ragged = Path(folder) / path.name, RaggedRows(quote=table.csv.quote)
        read = _text(path, table, wanted, ragged) if text else _parquet(path, wanted)
        _write(target, (_filled(one, table, missing, as_of) for one in read))
        yield Completed(path=target, ragged=len(ragged.numbers))


@contextmanager
def _as_table(path: Path, table: Applications) -> Iterator[Path]:
    """Give a spreadsheet as a Parquet file, anything else as it is."""
    if kind_of(path) is not FileKind.EXCEL:
        yield path
        return
    with TemporaryDirectory(prefix="solvent-") as folder:
        sheet = Path(folder) / path.name  # first bytes say what it is, and messages its name
        names = sheet_to_parquet(path, table.excel, sheet, name=path.name)
        _require_key_once(path.name, table, names, [table.key])
        yield sheet


def _columns(table: Applications) -> list[str]:
    times = () if table.as_of is None else (table.as_of,)
    return list(dict.fromkeys((table.key, table.id, *times, *table.columns)))


def _names_of(path: Path) -> tuple[str, ...]:
    try:
        return tuple(pq.read_schema(path).names)
    except (pa.ArrowException, OSError) as error:
        raise not_whole(path) from error


def _require_key_once(
    name: str, table: Applications, have: Sequence[str], wanted: Sequence[str]
) -> None:
    if table.key not in have:
        close = difflib.get_close_matches(table.key, have, n=1)
        hint = f"it has: {', '.join(have[:_NAMES_SHOWN])}"
        raise MissingColumnError(
            f"{name} has no column {table.key!r}, which tells who a customer is",
            hint=f"did you mean {close[0]!r}?" if close else hint, field="CUSTOMERS",
        )  # fmt: skip
    for column in wanted:
        if have.count(column) > 1:
            raise UnreadableFileError(
                f"{name} has the column {column!r} {have.count(column)} times",
                hint="rename all but one in its header", field="CUSTOMERS",
            )  # fmt: skip


def _text(
    path: Path, table: Applications, wanted: Sequence[str], ragged: RaggedRows
) -> Iterator[pa.Table]:
    yield pa.table({name: pa.array([], pa.string()) for name in wanted})
    for batch in batches(path, table.csv, wanted, ragged):
        cells = batch.columns[: len(wanted)]
        yield pa.table(dict(zip(wanted, cells, strict=True)))


def _parquet(path: Path, wanted: Sequence[str]) -> Iterator[pa.Table]:
    try:
        with pq.ParquetFile(path) as file:
            yield file.schema_arrow.empty_table().select(wanted)
            for batch in file.iter_batches(columns=list(wanted)):
                yield pa.Table.from_batches([batch])
    except (pa.ArrowException, OSError) as error:
        raise not_whole(path) from error


def _filled(found: pa.Table, table: Applications, missing: Sequence[str], as_of: int) -> pa.Table:
    column: Any
    for name in missing:
        if name == table.id:
            column = found[table.key]
        elif name == table.as_of:
            column = pa.repeat(pa.scalar(as_of, _INSTANT), len(found))
        else:
            column = pa.nulls(len(found), pa.string())
        found = found.append_column(name, column)
    return found


def _write(target: Path, tables: Iterator[pa.Table]) -> None:
    first = next(tables)  # empty: it tells the columns
    try:
        with pq.ParquetWriter(target, first.schema) as writer:
            for one in tables:
                writer.write_table(one)
    except SolventError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise WriteError(
            "there is no room for a copy of the customers with every column",
            hint="is the disk for temporary files full? name another: TMPDIR=FOLDER",
            field="TMPDIR",
        ) from error
