# ruff: noqa: S608 - every name comes quoted
"""Rows sent along with a batch: sorted by the chunk whose applications they belong to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from solvent.app.batch_file import APPLICATIONS, EVENTS, KEY
from solvent.app.batch_limits import BatchLimits
from solvent.app.batch_rows import Events
from solvent.app.intake import Raw
from solvent.errors import DataError, UnreadableFileError
from solvent.store.writing import OWN_FILE

CHUNK = " chunk"
"""A blank stands before it, as before no declared column."""
SUFFIX = ".events.parquet"


def sort_events(
    rows: Path, applications: Path, folder: Path, source: str, limits: BatchLimits
) -> None:
    """Write a source's rows in the order of chunks.

    Args:
        rows: The rows as they were sent, a file of chunks.
        applications: The applications, a file of chunks.
        folder: Where the result goes, named after the source.
        source: Name of the source.
        limits: How much memory sorting takes.

    Raises:
        DataError: There is no column of keys, or rows belong to no application.
    """
    try:
        _sort(rows, applications, folder, source, limits)
    except duckdb.Error as error:  # its words may hold a row
        raise UnreadableFileError(
            "cannot be sorted by customer", hint="send fewer rows, or load them by POST /events",
            field=f"{EVENTS}/{source}",
        ) from error  # fmt: skip


def _sort(rows: Path, applications: Path, folder: Path, source: str, limits: BatchLimits) -> None:
    out = folder / f"{source}{SUFFIX}"
    with duckdb.connect(config={"memory_limit": f"{limits.sorting_bytes}B", "threads": 1,
                                "temp_directory": str(folder), "preserve_insertion_order": True}
                        ) as connection:  # fmt: skip
        sent = _table(rows)
        if KEY not in sent.names:
            raise DataError(
                "has no column of the customer", hint=f"add {KEY}", field=f"{EVENTS}/{source}"
            )
        if KEY not in _table(applications).names:
            raise DataError(
                "has no column of the customer, to whom events could belong", hint=f"add {KEY}",
                field=APPLICATIONS,
            )  # fmt: skip
        connection.register("applications", _keys(applications))
        connection.execute("CREATE TABLE owners AS SELECT DISTINCT key, chunk FROM applications")
        connection.register("sent", _reader(rows))
        connection.execute("CREATE TABLE sent_rows AS SELECT * FROM sent")
        lost = connection.execute(
            f'SELECT count(*) FROM sent_rows WHERE trim(CAST("{KEY}" AS VARCHAR)) NOT IN '
            f'(SELECT key FROM owners) OR "{KEY}" IS NULL'
        ).fetchall()[0]
        if lost[0]:
            raise DataError(
                f"{lost[0]:,} rows belong to no application of the batch",
                hint="leave them out, or send them by POST /events", field=f"{EVENTS}/{source}",
            )  # fmt: skip
        found = connection.sql(
            f'SELECT s.*, o.chunk AS "{CHUNK}" FROM sent_rows s JOIN owners o '
            f'ON trim(CAST(s."{KEY}" AS VARCHAR)) = o.key ORDER BY o.chunk, s.rowid'
        ).to_arrow_reader(10_000)
        with pq.ParquetWriter(out, found.schema) as writer:
            for batch in found:
                writer.write_batch(batch, row_group_size=10_000)
    out.chmod(OWN_FILE)


def events_of(folder: Path, chunk: int) -> Events:
    """Return the rows sent along for the applications of one chunk, by key and source.

    Args:
        folder: The batch's folder.
        chunk: Number of the whole chunk, from 0.

    Raises:
        UnreadableFileError: A file is cut.
    """
    found: dict[str, dict[str, list[Raw]]] = {}
    try:
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            source = path.name.removesuffix(SUFFIX)
            for row in pq.read_table(path, filters=[(CHUNK, "=", chunk)]).to_pylist():
                key = str(row.pop(KEY)).strip()
                del row[CHUNK]
                told = {name: cell for name, cell in row.items() if not _is_missing(cell)}
                found.setdefault(key, {}).setdefault(source, []).append(told)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFileError(
            "what was sent is gone from the disk", hint="send the batch again", field="batch"
        ) from error
    return found


def _is_missing(cell: object) -> bool:
    return cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell))


def _table(path: Path) -> pa.Schema:
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).schema


def _reader(path: Path) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(_table(path), _each(path))


def _each(path: Path) -> Iterator[pa.RecordBatch]:
    with pa.memory_map(str(path)) as file:
        reader = pa.ipc.open_file(file)
        for place in range(reader.num_record_batches):
            yield reader.get_batch(place)


def _keys(path: Path) -> pa.RecordBatchReader:
    fields: dict[str, pa.DataType] = {"key": pa.string(), "chunk": pa.int64()}
    schema = pa.schema(fields)

    def each() -> Iterator[pa.RecordBatch]:
        for place, batch in enumerate(_each(path)):
            keys = [None if k is None else str(k).strip() for k in batch.column(KEY).to_pylist()]
            numbers = [place] * len(keys)
            yield pa.RecordBatch.from_arrays(
                [pa.array(keys, pa.string()), pa.array(numbers, pa.int64())], schema=schema
            )

    return pa.RecordBatchReader.from_batches(schema, each())
