# ruff: noqa: S608 - every name comes quoted from `sources`
"""Rows of sources for many applications, read, filtered and sorted by DuckDB, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from solvent.dataset._scan import Bounds, bounds_of, pieces, scan
from solvent.errors import DataError
from solvent.features import (
    NULL,
    ApplicationRows,
    CategoryColumn,
    EntityRows,
    FeatureFrame,
    NumberColumn,
    Values,
)
from solvent.features._kernel import ready
from solvent.features.evaluate import (
    assemble,
    name_columns,
    per_instant,
    prepare,
    run_kernel,
    with_details,
)
from solvent.features.program import Program, SourceProgram
from solvent.features.rows import known_name
from solvent.features.tables import Attributes, Events
from solvent.features.versions import group_rows
from solvent.features.windows import FOREVER
from solvent.progress import Progress, Silent
from solvent.sources import OpenTable

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
T = TypeVar("T", bound=np.generic)
ROWS_AT_ONCE = 16_000_000
"""Rows of a source held in memory at once; of more, some customers at a time, never parted."""
_PIECE = 1_000_000
_BATCH = 200_000
_KEYS = "solvent_keys"


def values_of(column: pa.ChunkedArray[Any] | pa.Array[Any]) -> Values:
    """Return an Arrow column as the evaluator's values: int64, float64, or codes with levels.

    Args:
        column: BIGINT, DOUBLE or text, null where not known, shape (n,).
    """
    whole = flat(column)
    if pa.types.is_floating(whole.type):
        return Values(array=_numpy(whole.cast(pa.float64()), np.float64))  # null becomes NaN
    if pa.types.is_integer(whole.type):
        return Values(array=_exact(whole))
    coded = whole.dictionary_encode()
    return Values(array=_exact(coded.indices), levels=tuple(map(str, coded.dictionary.to_pylist())))


def _exact(column: pa.Array[Any]) -> IntArray:
    """Return whole numbers with `NULL` where there is none; nothing is filled without need."""
    whole: pa.Array[Any] = column.cast(pa.int64())
    return _numpy(whole.fill_null(NULL) if whole.null_count else whole, np.int64)


def flat(column: pa.ChunkedArray[Any] | pa.Array[Any]) -> pa.Array[Any]:
    """Return a column as one array."""
    joined = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(joined, pa.ChunkedArray):
        return joined.chunk(0) if joined.num_chunks else pa.array([], joined.type)
    return joined


def _numpy(column: pa.ChunkedArray[Any] | pa.Array[Any], dtype: type[T]) -> NDArray[T]:
    return np.ascontiguousarray(
        column.to_numpy(zero_copy_only=False)
        if isinstance(column, pa.Array)
        else column.to_numpy(),
        dtype=dtype,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedApplications:
    """Applications in memory.

    Args:
        keys: Entity key of each, Arrow BIGINT or text, shape (n,).
        as_of: int64 microseconds, shape (n,).
        columns: Declared application columns.
    """

    keys: pa.Array[Any]
    as_of: IntArray
    columns: Mapping[str, Values]

    def __len__(self) -> int:
        return len(self.as_of)

    def take(self, places: IntArray) -> KeyedApplications:
        """Return the applications at `places`, shape (m,)."""
        return KeyedApplications(
            keys=self.keys.take(pa.array(places, pa.int64())), as_of=self.as_of[places],
            columns={name: values.take(places) for name, values in self.columns.items()},
        )  # fmt: skip


class Feed:
    """Feeds the kernel from open tables.

    Args:
        connection: The DuckDB connection the tables were opened on.
        program: The compiled features.
        tables: Open source tables by name; optional ones that are absent are left out.
        threads: Threads the kernel may use.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        program: Program,
        tables: Mapping[str, OpenTable],
        *,
        threads: int = 2,
    ) -> None:
        self._connection = connection
        self._program = program
        self._tables = tables
        self._threads = threads
        ready()

    def features(
        self, applications: KeyedApplications, *, progress: Progress | None = None
    ) -> FeatureFrame:
        """Compute every feature of `applications`, in their order.

        Args:
            applications: The applications.
            progress: Told of every customer done.
        """
        rows, found = self.aggregates(applications, progress=progress)
        return assemble(self._program, rows, found)

    def aggregates(
        self, applications: KeyedApplications, *, progress: Progress | None = None
    ) -> tuple[ApplicationRows, dict[str, NumberColumn | CategoryColumn]]:
        """Compute what does not hang on the applications' own values; `assemble` adds those.

        Args:
            applications: The applications.
            progress: Told of every customer done.

        Returns:
            The applications as the evaluator takes them, and the aggregates' columns by name.
        """
        entity, keys = _entities(applications.keys)
        order = np.argsort(entity, kind="stable")
        rows = ApplicationRows(
            as_of=applications.as_of, entity=entity, columns=applications.columns
        )
        found: dict[str, NumberColumn | CategoryColumn] = {}
        for source in self._program.sources:
            label = f"features of {source.table.name}"
            with (progress or Silent()).step(label, len(keys)) as step:
                columns = self._of_source(source, rows, keys, order)
                for done in columns.work:
                    step.advance(done)
            found |= columns.named()
        return rows, found

    def _of_source(
        self, source: SourceProgram, rows: ApplicationRows, keys: pa.Array[Any], order: IntArray
    ) -> _SourceColumns:
        bounds = _bounds(rows, len(keys))
        chunks = self.chunks(source, keys, bounds=bounds)
        return _SourceColumns(source, rows, order, chunks, self)

    def matrix(
        self, source: SourceProgram, rows: EntityRows, applications: ApplicationRows
    ) -> tuple[FloatArray, tuple[tuple[str, ...], ...]]:
        """Compute a source's features from its rows, and from the rows below those.

        Args:
            source: The source's program.
            rows: Its rows.
            applications: Who asks, by entity of `rows`.

        Returns:
            float64 of shape (applications, features), and the labels its codes index.
        """
        if source.below is not None:
            rows, applications, asked = per_instant(rows, applications)
            rows = with_details(rows, self._details(source.below, rows, asked))
        prepared = prepare(source, rows)
        return run_kernel(prepared, applications, threads=self._threads), prepared.levels

    def _details(self, program: Program, rows: EntityRows, asked: ApplicationRows) -> FeatureFrame:
        """Compute what the tables below add up to for each row, by its id."""
        below = Feed(self._connection, program, self._tables, threads=self._threads)
        return below.features(KeyedApplications(keys=names_of(rows), as_of=asked.as_of, columns={}))

    def chunks(
        self, source: SourceProgram, keys: pa.Array[Any], *, bounds: pa.Table | None = None
    ) -> Iterator[tuple[int, EntityRows]]:
        """Yield (first entity, its rows and those of the entities after it) for all keys.

        Args:
            source: The source's program: it says which columns are read.
            keys: Distinct keys; entity e is keys[e].
            bounds: Columns `first` and `last` per entity: rows that no application between them
                could see are not read. None reads every row.
        """
        table = self._tables[source.table.name]
        sql = _query(table, source, keys.type, bounded=bounds is not None)
        with_id = table.has_id
        with self._connection.cursor() as cursor:
            how, kept = scan(cursor, table, source, keys, _seen(source, keys, bounds), ROWS_AT_ONCE)
        if how is not None and kept is not None:
            yield from pieces(kept, how, size=_PIECE)
            return
        with self._connection.cursor() as cursor:
            held = pa.table({"entity": pa.array(np.arange(len(keys), dtype=np.int64)), "key": keys})
            if bounds is not None:
                held = held.append_column("first", bounds["first"])
                held = held.append_column("last", bounds["last"])
            cursor.register(_KEYS, held)
            whole = None
            if how is None:
                whole = _all_rows(cursor.sql(sql).to_arrow_reader(_BATCH))
            if whole is not None:
                yield from _group(whole, source, len(keys), with_id=with_id)
                return
            # too many to hold: let DuckDB sort them, on disk where it must
            ordered = cursor.sql(f"{sql} ORDER BY k.entity, s.event_time").to_arrow_reader(_BATCH)
            yield from _cut(ordered, source, len(keys), with_id=with_id)


class _SourceColumns:
    """One source's output columns, filled chunk by chunk."""

    def __init__(
        self,
        source: SourceProgram,
        rows: ApplicationRows,
        order: IntArray,
        chunks: Iterator[tuple[int, EntityRows]],
        feed: Feed,
    ) -> None:
        self._source, self._rows, self._order = source, rows, order
        self._chunks, self._feed = chunks, feed
        self._matrix = np.empty((len(rows), len(source.features)), np.float64)
        self._levels: list[dict[str, int]] = [{} for _ in source.features]

    @property
    def work(self) -> Iterator[int]:
        """Yield the number of entities done, until all are."""
        sorted_entity = self._rows.entity[self._order]
        for first, chunk in self._chunks:
            count = len(chunk.starts) - 1
            low, high = np.searchsorted(sorted_entity, [first, first + count])
            self._fill(self._order[low:high], first, chunk)
            yield count

    def _fill(self, places: IntArray, first: int, chunk: EntityRows) -> None:
        part = ApplicationRows(
            as_of=self._rows.as_of[places], entity=self._rows.entity[places] - first, columns={}
        )
        matrix, coded = self._feed.matrix(self._source, chunk, part)
        for j, levels in enumerate(coded):
            if levels:
                book = self._levels[j]
                codes = np.array(
                    [book.setdefault(level, len(book)) for level in levels], np.float64
                )
                known = ~np.isnan(matrix[:, j])
                matrix[known, j] = codes[matrix[known, j].astype(np.intp)]
        self._matrix[places] = matrix

    def named(self) -> dict[str, NumberColumn | CategoryColumn]:
        """Return the filled columns by name."""
        levels = tuple(tuple(book) for book in self._levels)
        return name_columns(self._source, levels, self._matrix)


def _entities(keys: pa.Array[Any]) -> tuple[IntArray, pa.Array[Any]]:
    """Return each application's entity number and the distinct keys; null is a key without rows."""
    coded = keys.dictionary_encode(null_encoding="encode")
    entity, distinct = _numpy(coded.indices, np.int64), coded.dictionary
    if not pa.types.is_integer(distinct.type) or distinct.null_count:
        return entity, distinct
    # numbered as keys ascend, as the rows of a sorted file do: their places lie side by side
    order: IntArray = np.argsort(distinct.to_numpy())
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    return number[entity], distinct.take(pa.array(order, pa.int64()))


def names_of(rows: EntityRows) -> pa.Array[Any]:
    """Return the ids of rows as keys, null where a row has none."""
    if rows.id is None:
        return pa.nulls(len(rows), pa.int64())
    null = rows.id.array == NULL
    if not rows.id.levels:
        return pa.array(rows.id.array, pa.int64(), mask=null)
    codes = pa.array(rows.id.array, pa.int64(), mask=null)
    return pa.array(rows.id.levels, pa.string()).take(codes)


def _bounds(rows: ApplicationRows, entities: int) -> pa.Table:
    """Return the first and last `as_of` of each entity."""
    first = np.full(entities, FOREVER, np.int64)
    last = np.full(entities, -FOREVER, np.int64)
    np.minimum.at(first, rows.entity, rows.as_of)
    np.maximum.at(last, rows.entity, rows.as_of)
    return pa.table({"first": first, "last": last})


def _seen(source: SourceProgram, keys: pa.Array[Any], bounds: pa.Table | None) -> Bounds:
    """Return which rows of each entity are read; all where nobody says."""
    if bounds is None:
        never = np.full(len(keys), FOREVER, np.int64)
        return Bounds(earliest=-never, latest=never, known=never)
    first, last = (_numpy(bounds[name], np.int64) for name in ("first", "last"))
    aged = not isinstance(source.table, Attributes)
    longest = int(source.windows[-1]) if aged else FOREVER
    with_id = isinstance(source.table, Events) and source.table.id is not None
    return bounds_of(first, last, longest=longest, with_id=with_id)


def _query(table: OpenTable, source: SourceProgram, key_type: pa.DataType, *, bounded: bool) -> str:
    """Return the SQL that gives the source's rows of the registered keys."""
    names = ["k.entity", "s.event_time"]
    names += [] if table.known_at_once else ["s.available_time"]
    names += ["s.event_id"] if table.has_id else []
    read = [table.column(name) for name in source.columns]
    read += [table.known(name) for name in source.late]
    names += [f"s.{column} AS v{j}" for j, column in enumerate(read)]
    same = "s.key = k.key"
    if pa.types.is_integer(key_type) != table.integer_key:
        same = "CAST(s.key AS VARCHAR) = CAST(k.key AS VARCHAR)"
    where = ""
    if bounded:
        where = " WHERE s.available_time <= k.last"
        if not table.has_id:
            where += " AND s.event_time <= k.last"
            longest = int(source.windows[-1])
            if longest != FOREVER and not isinstance(source.table, Attributes):
                where += f" AND s.event_time >= k.first - {longest}"
    return f"SELECT {', '.join(names)} FROM ({table.sql}) s JOIN {_KEYS} k ON {same}{where}"


def _all_rows(reader: pa.RecordBatchReader) -> pa.Table | None:
    """Return every row, or None where there are more than may be held at once."""
    held, size = [], 0
    for batch in reader:
        held.append(batch)
        size += batch.num_rows
        if size > ROWS_AT_ONCE:
            return None
    return pa.Table.from_batches(held, schema=reader.schema)


def _group(
    table: pa.Table, source: SourceProgram, entities: int, *, with_id: bool
) -> Iterator[tuple[int, EntityRows]]:
    """Group rows that came in any order by entity, sort them by time, yield some at a time.

    Pieces small enough that their arrays are used over and over cost half of what one large piece
    does: the system hands out large ones page by page.
    """
    names = (*source.columns, *map(known_name, source.late))
    time = _numpy(table["event_time"], np.int64)
    available = _available(table, time)
    event_id = values_of(table["event_id"]) if with_id else None
    columns = {name: values_of(table[f"v{j}"]) for j, name in enumerate(names)}
    starts, order = group_rows(_numpy(table["entity"], np.int64), time, entities)
    del table
    first = 0
    while True:  # once at least: where nobody asks there is a piece without rows
        beyond = int(np.searchsorted(starts, starts[first] + _PIECE, side="right")) - 1
        last = min(max(beyond, first + 1), entities)
        places = order[starts[first] : starts[last]]
        when = time[places]
        yield (
            first,
            EntityRows(
                starts=starts[first : last + 1] - starts[first],
                time=when,
                available=when if available is time else available[places],
                id=None if event_id is None else event_id.take(places),
                columns={name: values.take(places) for name, values in columns.items()},
            ),
        )
        first = last
        if first == entities:
            return


def _available(table: pa.Table, time: IntArray) -> IntArray:
    """Return from when rows could be read: where that is not told apart, when they happened."""
    told = "available_time" in table.column_names
    return _numpy(table["available_time"], np.int64) if told else time


def _cut(
    reader: pa.RecordBatchReader, source: SourceProgram, entities: int, *, with_id: bool
) -> Iterator[tuple[int, EntityRows]]:
    """Cut a stream sorted by entity into pieces that part no entity."""
    first, held, size = 0, [], 0
    for batch in reader:
        held.append(batch)
        size += batch.num_rows
        if size < ROWS_AT_ONCE:
            continue
        table = pa.Table.from_batches(held)
        last = table["entity"][-1].as_py()
        if last == first:
            continue
        cut = int(np.searchsorted(_numpy(table["entity"], np.int64), last))
        yield first, _rows(table.slice(0, cut), source, first, last, with_id=with_id)
        rest = table.slice(cut)
        first, held, size = last, rest.to_batches(), rest.num_rows
    table = pa.Table.from_batches(held, schema=reader.schema)
    yield first, _rows(table, source, first, entities, with_id=with_id)


def _rows(
    table: pa.Table, source: SourceProgram, first: int, last: int, *, with_id: bool
) -> EntityRows:
    entity = _numpy(table["entity"], np.int64)
    if len(entity) and (entity[0] < first or (entity[1:] < entity[:-1]).any()):
        raise DataError(
            "rows came back out of order", hint="please report this: it is a fault of solvent",
            field=source.table.name,
        )  # fmt: skip
    names = (*source.columns, *map(known_name, source.late))
    time = _numpy(table["event_time"], np.int64)
    return EntityRows(
        starts=np.searchsorted(entity, np.arange(first, last + 1)),
        time=time,
        available=_available(table, time),
        id=values_of(table["event_id"]) if with_id else None,
        columns={name: values_of(table[f"v{j}"]) for j, name in enumerate(names)},
    )
