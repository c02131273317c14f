"""What is sent as a batch, read once: tables become files of chunks, in a folder of its own."""

from __future__ import annotations

import csv
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from solvent.app.batch_limits import BatchLimits
from solvent.errors import DataError, NoRowsError, UnreadableFileError
from solvent.store.writing import OWN_FILE

APPLICATIONS = "applications"
APPLICATIONS_FILE = "applications.arrow"
EVENTS = "events"
CSV, PARQUET = ".csv", ".parquet"
KEY, NAME, AT = "user_id", "application_id", "application_at"
_BLOCK = 4 * 1024 * 1024
_COPIED = 1024 * 1024
_READ_AT_ONCE = 10_000
_PART_BYTES = 64 * 1024 * 1024
_HINT = "one table: text in UTF-8 with commas and a heading, or Parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which columns a table may have.

    Args:
        table: What the table is called in errors.
        known: Columns it may have.
        aliases: Other names of some of them.
        protected: Columns that must not be sent.
    """

    table: str
    known: frozenset[str]
    aliases: Mapping[str, str]
    protected: frozenset[str] = frozenset()

    def named(self, names: Sequence[str], limits: BatchLimits) -> list[str]:
        """Return what the columns of a file are called here.

        Raises:
            DataError: One is not declared, is protected, or there twice; or there are too many.
        """
        if len(names) > limits.columns:
            raise DataError(
                f"has {len(names):,} columns", hint=f"at most {limits.columns:,}", field=self.table
            )
        found = [self.aliases.get(name, name) for name in names]
        for place, name in enumerate(found):
            if name in self.protected:
                raise DataError(
                    "is protected and must not be sent", hint="leave the column out",
                    field=f"{self.table}.{name}",
                )  # fmt: skip
            if name not in self.known:
                raise DataError(
                    f"column {place + 1} is not declared",
                    hint=f"known: {', '.join(sorted(self.known))}", field=self.table,
                )  # fmt: skip
            if name in found[:place]:
                raise DataError("is there twice", hint="once", field=f"{self.table}.{name}")
        return found


def unpacked(body: Path, kind: str, folder: Path, limits: BatchLimits) -> dict[str, Path]:
    """Return the tables of what was sent, by name: "applications", "events/SOURCE".

    Args:
        body: What was sent.
        kind: "csv", "parquet" or "zip".
        folder: Where members of a zip are unpacked.
        limits: What they may be.

    Raises:
        DataError: It holds something else, or too much.
    """
    if kind != "zip":
        path = folder / f"{APPLICATIONS}.{kind}"
        body.replace(path)
        return {APPLICATIONS: path}
    try:
        with zipfile.ZipFile(body) as packed:
            found = dict(_members(packed, folder, limits))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError,
            OSError) as error:  # fmt: skip
        raise UnreadableFileError(
            "is no zip that can be read", hint="pack it again, without a password", field="body"
        ) from error
    body.unlink()
    if APPLICATIONS not in found:
        raise DataError(
            "holds no applications", hint="add applications.csv or applications.parquet",
            field="body",
        )  # fmt: skip
    return found


def _members(
    packed: zipfile.ZipFile, folder: Path, limits: BatchLimits
) -> Iterator[tuple[str, Path]]:
    members = [one for one in packed.infolist() if not one.is_dir()]
    if len(members) > limits.members:
        raise DataError(
            f"holds {len(members):,} files", hint=f"at most {limits.members}", field="body"
        )
    seen: set[str] = set()
    left = limits.unpacked_bytes
    for place, member in enumerate(members):
        path = Path(member.filename)
        name, parts = path.with_suffix("").as_posix(), path.parts
        sound = name == APPLICATIONS or (len(parts) == 2 and parts[0] == EVENTS)
        if not sound or path.suffix not in {CSV, PARQUET} or name in seen:
            raise DataError(
                f"member {place + 1} is not one of a batch, or a table is there twice",
                hint="applications.csv and events/SOURCE.csv, or .parquet", field="body",
            )  # fmt: skip
        seen.add(name)
        if member.file_size > limits.zip_ratio * max(member.compress_size, 1):
            raise DataError(
                f"member {place + 1} unpacks to more than {limits.zip_ratio} times its size",
                hint="send the table itself, or Parquet", field="body",
            )  # fmt: skip
        target = folder / f"{place}{path.suffix}"
        left -= _unpack(packed, member, target, left)
        yield name, target


def _unpack(packed: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, most: int) -> int:
    """Unpack one member, whatever its header says of its size; return its bytes."""
    size = 0
    with packed.open(member) as source, target.open("xb") as out:
        target.chmod(OWN_FILE)
        while part := source.read(_COPIED):
            size += len(part)
            if size > most:
                raise DataError(
                    "unpacks to more than a batch may be", hint="send less at once", field="body"
                )
            out.write(part)
    return size


def staged(path: Path, out: Path, columns: Columns, chunk: int, limits: BatchLimits) -> int:
    """Write a table as chunks of rows, each to be read alone; return how many rows it has.

    Args:
        path: CSV or Parquet.
        out: The file of chunks.
        columns: Which it may have.
        chunk: Rows of a chunk.
        limits: What it may be.

    Raises:
        DataError: It cannot be read, has a column nobody declared, or is too large; the message
            names row and column, never a value.
    """
    most = limits.rows if columns.table == APPLICATIONS else limits.event_rows
    rows = unpacked = 0
    try:
        writer = None
        with out.open("xb") as file:
            out.chmod(OWN_FILE)
            for batch in _chunks(_batches(path, columns, limits), chunk):
                _require_short(batch, columns, rows, limits)
                rows += batch.num_rows
                unpacked += batch.nbytes
                if unpacked > limits.unpacked_bytes:
                    raise DataError(
                        "unpacks to more than a batch may be", hint="send several batches",
                        field=columns.table,
                    )  # fmt: skip
                if rows > most:
                    raise DataError(
                        f"has more than {most:,} rows", hint="send several batches",
                        field=columns.table,
                    )  # fmt: skip
                if writer is None:
                    options = pa.ipc.IpcWriteOptions(compression="lz4")
                    writer = pa.ipc.new_file(file, batch.schema, options=options)
                writer.write_batch(batch)
            if writer is None:
                raise NoRowsError("has no rows", hint=_HINT, field=columns.table)
            writer.close()
    except pa.ArrowException as error:  # its words may hold a row
        raise UnreadableFileError(
            f"cannot be read after row {rows:,}", hint=_HINT, field=columns.table
        ) from error
    return rows


def _batches(path: Path, columns: Columns, limits: BatchLimits) -> Iterator[pa.RecordBatch]:
    reading = _csv_batches if path.suffix == CSV else _parquet_batches
    yield from reading(path, columns, limits)


def _csv_batches(path: Path, columns: Columns, limits: BatchLimits) -> Iterator[pa.RecordBatch]:
    try:
        with path.open("rb") as file:
            line = file.readline(limits.columns * limits.cell_characters)
        heading = next(csv.reader([line.decode("utf-8-sig")]), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFileError(
            "has no heading in UTF-8", hint=_HINT, field=columns.table
        ) from error
    if not heading:
        raise UnreadableFileError(
            "begins with an empty line", hint="the first line names the columns",
            field=columns.table,
        )  # fmt: skip
    names = columns.named(heading, limits)
    wrong: list[int] = []

    def refuse(row: pacsv.InvalidRow) -> Literal["skip", "error"]:
        wrong.append(row.number or 0)
        return "error"

    try:
        reader = pacsv.open_csv(
            path,
            read_options=pacsv.ReadOptions(
                use_threads=False, block_size=_BLOCK, column_names=names, skip_rows=1
            ),
            parse_options=pacsv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=True, invalid_row_handler=refuse
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        yield from reader
    except pa.ArrowException as error:
        if not wrong:
            raise
        raise UnreadableFileError(
            f"row {wrong[0] - 1:,} has another number of cells than the heading", hint=_HINT,
            field=columns.table,
        ) from error  # fmt: skip


def _parquet_batches(path: Path, columns: Columns, limits: BatchLimits) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        plain, kinds = file.schema_arrow.names, file.schema_arrow.types
        names = columns.named(plain, limits)
        for name, kind in zip(names, kinds, strict=True):
            if pa.types.is_nested(kind) or pa.types.is_binary(kind):
                raise DataError(
                    "is no column of single values", hint="text, numbers, flags or times",
                    field=f"{columns.table}.{name}",
                )  # fmt: skip
    texts = [name for name, kind in zip(plain, kinds, strict=True) if pa.types.is_string(kind)]
    # a text that stands in many rows is held once until it is known how long it is
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        for batch in file.iter_batches(batch_size=_READ_AT_ONCE):
            for part in _sliced(batch):
                found = [_plain(one) for one in part.columns]
                for name, column in zip(names, found, strict=True):
                    _require_sound(column, f"{columns.table}.{name}")
                yield pa.RecordBatch.from_arrays(found, names=names)


def _sliced(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Yield a batch in parts that take no more memory than is meant for one."""
    widest = 0
    for column in batch.columns:
        if isinstance(column, pa.DictionaryArray) and len(column.dictionary):
            texts = cast(pa.StringArray, column.dictionary)
            widest += pc.max(pc.binary_length(texts)).as_py() or 0
    rows = max(1, _PART_BYTES // (widest + 1))
    for first in range(0, batch.num_rows, rows):
        yield batch.slice(first, rows)


def _require_sound(column: pa.Array[Any], field: str) -> None:
    """Refuse texts that are no UTF-8: nothing that reads them later could."""
    try:
        column.validate(full=True)
    except pa.ArrowException as error:
        raise UnreadableFileError(
            "holds text that is not UTF-8", hint=_HINT, field=field
        ) from error


def _plain(column: pa.Array[Any]) -> pa.Array[Any]:
    """Return a column as JSON could carry it: times as ISO text, dictionaries as their values."""
    kind: pa.DataType = column.type
    if isinstance(column, pa.DictionaryArray):
        return _plain(column.dictionary_decode())
    if pa.types.is_timestamp(kind):
        zoned = kind.tz is not None
        told: Any = column.cast(pa.timestamp("us", "UTC" if zoned else None), safe=False)
        written: pa.Array[Any] = pc.strftime(
            told, format="%Y-%m-%dT%H:%M:%SZ" if zoned else "%Y-%m-%dT%H:%M:%S"
        )
        return written
    if pa.types.is_date(kind) or pa.types.is_large_string(kind):
        return column.cast(pa.string())
    return column


def _require_short(
    batch: pa.RecordBatch, columns: Columns, before: int, limits: BatchLimits
) -> None:
    """Refuse a cell that is longer than the limit, by its row and column."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if not pa.types.is_string(column.type) or column.nbytes <= limits.cell_characters:
            continue
        texts = cast(pa.StringArray, column)
        lengths = pc.binary_length(texts)
        if (pc.max(lengths).as_py() or 0) > 4 * limits.cell_characters or (
            pc.max(pc.utf8_length(texts)).as_py() or 0
        ) > limits.cell_characters:
            row = before + int(pc.index(lengths, pc.max(lengths)).as_py()) + 1
            raise DataError(
                f"row {row:,} holds a cell of more than {limits.cell_characters:,} characters",
                hint="shorten it", field=f"{columns.table}.{name}",
            )  # fmt: skip


def _chunks(batches: Iterator[pa.RecordBatch], chunk: int) -> Iterator[pa.RecordBatch]:
    """Yield the same rows in batches of exactly `chunk` rows; the last may be shorter."""
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        while batch.num_rows:
            part = batch.slice(0, chunk - size)
            batch = batch.slice(part.num_rows)  # noqa: PLW2901 - what is left of it
            held.append(part)
            size += part.num_rows
            if size == chunk:
                yield _one(held)
                held, size = [], 0
    if size:
        yield _one(held)


def _one(held: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    if len(held) == 1:
        return held[0]
    return pa.Table.from_batches(held).combine_chunks().to_batches()[0]


def read_rows(path: Path, chunk: int, first: int, rows: int) -> pa.RecordBatch:
    """Return some rows of a file of chunks, all within one of them.

    Args:
        path: The file.
        chunk: Rows of a chunk.
        first: The first of the rows, from 0.
        rows: How many.

    Raises:
        UnreadableFileError: The file is gone or cut.
    """
    try:
        with pa.memory_map(str(path)) as file:
            found = pa.ipc.open_file(file).get_batch(first // chunk)
            return found.slice(first % chunk, rows)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFileError(
            "what was sent is gone from the disk", hint="send the batch again", field="batch"
        ) from error


def remove(folder: Path) -> None:
    """Remove a batch's folder, where it is there."""
    shutil.rmtree(folder, ignore_errors=True)
