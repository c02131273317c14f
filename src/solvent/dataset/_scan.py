# ruff: noqa: S608 - every name comes quoted from `sources`
"""A source read from end to end, where most rows are wanted anyway.

DuckDB then joins and filters nothing: it judges rows and hands them over as they lie, and a table
from key to customer picks those an application could see (seen: half the work of the join). Keys
are whole numbers close to each other; labels are few, and come as codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from solvent.dataset._placing import lay, ordered, picked, placed, spots
from solvent.features import NULL, EntityRows, Kind, Values
from solvent.features.program import SourceProgram
from solvent.features.rows import known_name
from solvent.features.windows import FOREVER
from solvent.sources import OpenTable
from solvent.sources.quoting import literals

IntArray = NDArray[np.int64]
_BATCH = 60_000
"""Rows handed over at once: their arrays are small enough to be used over and over."""
MOST_LEVELS = 255
"""Labels whose codes fit a byte beside the code of null."""
_ROWS_PER_KEY = 500
"""With more rows than this per customer asked for, most are somebody else's: a join skips them."""
_HOLES = 16
"""Keys may be this sparse, and then `_SMALL` more."""
_SMALL = 1 << 20
_LOOKED_AT = 20_000
_ROW_BYTES = 100
"""What a row of the join takes; rows held here are narrower, so more of them are held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Which rows of each entity an application could see, int64 arrays of shape (entities,).

    Args:
        earliest: Least event time.
        latest: Largest event time.
        known: Largest available time.
    """

    earliest: IntArray
    latest: IntArray
    known: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How one source is read.

    Args:
        table: The open source.
        names: The columns the program reads, in its order, and when late ones were known.
        sql: SQL of each.
        levels: Labels of those that come as codes.
        floats: Those that are measured numbers.
        with_id: True where events have an id that counts.
    """

    table: OpenTable
    names: tuple[str, ...]
    sql: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]
    floats: frozenset[str]
    with_id: bool

    @property
    def query(self) -> str:
        """SQL of all rows: key, time, available time, id, columns; never null."""
        times = (
            ["s.event_time"] if self.table.known_at_once else ["s.event_time", "s.available_time"]
        )
        ids = [f"coalesce(s.event_id, CAST({NULL} AS BIGINT)) AS event_id"] if self.with_id else []
        columns = [f"{sql} AS v{j}" for j, sql in enumerate(self.sql)]
        # where a code is missing, a label is: else it is one that was not seen before
        columns += [f"{column} IS NULL AS n{j}" for j, column in self._labels()]
        return f"SELECT {', '.join(['s.key', *times, *ids, *columns])} FROM ({self.table.sql}) s"

    @property
    def width(self) -> int:
        """Bytes a kept row takes: entity, times, id and columns, codes in one byte."""
        times = 1 if self.table.known_at_once else 2
        return 4 + 8 * (times + self.with_id + len(self.names)) - 7 * len(self.levels)

    def _labels(self) -> Iterator[tuple[int, str]]:
        for j, name in enumerate(self.names):
            if name in self.levels:
                yield j, f"s.{self.table.column(name)}"

    @property
    def unlabelled(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a code's column and the column that tells where there is no label."""
        return tuple((f"v{j}", f"n{j}") for j, _ in self._labels())


@dataclass(slots=True)
class Held:
    """Rows grouped by entity, in whatever order within one.

    Args:
        starts: Where each entity's rows begin, shape (entities + 1,).
        time: Event times, shape (n,).
        arrays: Available time and id, where there are any, and the columns, shape (n,).
    """

    starts: IntArray
    time: IntArray
    arrays: dict[str, NDArray[Any]]


class _UnseenLabelError(Exception):
    """A row holds a label that was not among those looked at."""


def scan(
    cursor: duckdb.DuckDBPyConnection,
    table: OpenTable,
    source: SourceProgram,
    keys: pa.Array[Any],
    bounds: Bounds,
    rows_at_once: int,
) -> tuple[Reading | None, Held | None]:
    """Read a source from end to end and keep what some application could see.

    Args:
        cursor: Where to read.
        table: The open source.
        source: Its program.
        keys: Distinct keys; entity e is keys[e].
        bounds: Which rows of each entity could be seen.
        rows_at_once: Rows of `_ROW_BYTES` that may be held.

    Returns:
        How it was read, None where a join is the better way; and the rows, None where they are
        more than may be held.
    """
    for thorough in (False, True):
        how = _reading(cursor, table, source, keys, thorough=thorough)
        if how is None:
            return None, None
        try:
            most = rows_at_once * _ROW_BYTES // how.width
            return how, _read_all(cursor, how, keys, bounds, most=most)
        except _UnseenLabelError:
            continue
    return None, None  # labels come and go while the file is read


def _reading(
    cursor: duckdb.DuckDBPyConnection,
    table: OpenTable,
    source: SourceProgram,
    keys: pa.Array[Any],
    *,
    thorough: bool,
) -> Reading | None:
    """Return how to read a source from end to end; None where a join is the better way.

    Args:
        cursor: Where to ask which labels there are.
        table: The open source.
        source: Its program.
        keys: Distinct keys asked for.
        thorough: True to look for labels in every row, not in some.
    """
    whole = pa.types.is_integer(keys.type) and table.integer_key and len(keys)
    if not whole or table.rows_read > _ROWS_PER_KEY * len(keys) or not _dense(keys):
        return None
    if table.has_id and "event_id" not in table.whole_names:
        return None
    read = {name: f"s.{table.column(name)}" for name in source.columns}
    read |= {known_name(name): f"s.{table.known(name)}" for name in source.late}
    sql: list[str] = []
    levels: dict[str, tuple[str, ...]] = {}
    floats = {name for name in source.columns if table.columns[name].kind is Kind.NUMBER}
    for name, column in read.items():
        kind = table.columns[name].kind if name in table.columns else Kind.INSTANT
        if kind is Kind.CATEGORY:
            found = _levels(cursor, table, column, thorough=thorough)
            if found is None:
                return None
            levels[name] = found
            sql.append(_code(column, found))
        else:
            null = "CAST('nan' AS DOUBLE)" if name in floats else f"CAST({NULL} AS BIGINT)"
            sql.append(f"coalesce({column}, {null})")
    return Reading(
        table=table, names=tuple(read), sql=tuple(sql), levels=levels, floats=frozenset(floats),
        with_id=table.has_id,
    )  # fmt: skip


def _dense(keys: pa.Array[Any]) -> bool:
    known = keys.drop_null().to_numpy()
    return bool(len(known)) and int(known.max()) - int(known.min()) < _HOLES * len(known) + _SMALL


def _levels(
    cursor: duckdb.DuckDBPyConnection, table: OpenTable, column: str, *, thorough: bool
) -> tuple[str, ...] | None:
    """Return the labels of a column, or None where there are many."""
    # refused rows too: a label more does no harm, and judging rows takes longer
    rows = f"SELECT {column} AS label FROM ({table.rows_sql}) s"
    rows += "" if thorough else f" LIMIT {_LOOKED_AT}"
    found = cursor.execute(
        f"SELECT DISTINCT label FROM ({rows}) WHERE label IS NOT NULL LIMIT {MOST_LEVELS + 1}"
    ).fetchall()
    return None if len(found) > MOST_LEVELS else tuple(sorted(label for (label,) in found))


def _code(column: str, levels: Sequence[str]) -> str:
    """Return SQL of the code of a label."""
    if not levels:
        return "CAST(NULL AS UTINYINT)"
    return f"TRY_CAST({column} AS ENUM({literals(levels)}))"


def _read_all(
    cursor: duckdb.DuckDBPyConnection,
    how: Reading,
    keys: pa.Array[Any],
    bounds: Bounds,
    *,
    most: int,
) -> Held | None:
    """Read a source and keep what some application could see; None for more rows than `most`.

    Raises:
        _UnseenLabelError: A label is none of those of `how`.
    """
    book = _book(keys)
    within = (bounds.earliest, bounds.latest, bounds.known)
    counts = np.zeros(len(keys), np.int64)
    entities: list[NDArray[np.int32]] = []
    kept: list[list[NDArray[Any]]] = []
    size = 0
    with cursor.sql(how.query).to_arrow_reader(_BATCH) as reader:
        names = reader.schema.names[: len(reader.schema.names) - len(how.unlabelled)]
        for batch in reader:
            _require_seen(how, batch)
            arrays = [_plain(batch[name]) for name in names]
            available = arrays[1 if how.table.known_at_once else 2]
            places, entity = placed(arrays[0], (arrays[1], available), book, within, counts)
            entities.append(entity)
            kept.append([picked(array, places) for array in arrays[1:]])
            size += len(places)
            if size > most:
                return None
    return _grouped(names[1:], entities, kept, counts)


def _require_seen(how: Reading, batch: pa.RecordBatch) -> None:
    for code, missing in how.unlabelled:
        if batch[code].null_count != batch[missing].true_count:  # type: ignore[attr-defined]  # truths have it
            raise _UnseenLabelError


def _book(keys: pa.Array[Any]) -> tuple[int, NDArray[np.int32]]:
    """Return the least key, and the entity of each key from there on; -1 for none."""
    known = np.flatnonzero(keys.is_valid().to_numpy(zero_copy_only=False))
    numbers = keys.drop_null().to_numpy()
    least = int(numbers.min())
    entities = np.full(int(numbers.max()) - least + 1, -1, np.int32)
    entities[numbers - least] = known
    return least, entities


def _plain(column: pa.Array[Any]) -> NDArray[Any]:
    """Return a column as it lies; codes of labels as bytes, `MOST_LEVELS` for null."""
    if pa.types.is_dictionary(column.type):
        column = column.indices  # type: ignore[attr-defined]  # a dictionary array has them
    if column.null_count:
        column = column.fill_null(MOST_LEVELS)
    array = column.to_numpy()
    # floats travel as their bits, so that one compiled function moves both
    return array.view(np.int64) if array.dtype == np.float64 else array


def _grouped(
    names: Sequence[str],
    entities: list[NDArray[np.int32]],
    kept: list[list[NDArray[Any]]],
    counts: IntArray,
) -> Held:
    """Lay rows where their entity's rows are; pieces are let go of once they are laid."""
    starts = np.concatenate([[0], np.cumsum(counts)])
    free = starts[:-1].copy()
    arrays = {
        name: np.empty(starts[-1], array.dtype)
        for name, array in zip(
            names, kept[0] if kept else [np.empty(0, np.int64)] * len(names), strict=True
        )
    }
    for number, entity in enumerate(entities):
        at = spots(entity, free)
        for laid, piece in zip(arrays.values(), kept[number], strict=True):
            lay(laid, at, piece)
        kept[number] = []
    time = arrays.pop("event_time")
    return Held(starts=starts, time=time, arrays=arrays)


def pieces(held: Held, how: Reading, *, size: int) -> Iterator[tuple[int, EntityRows]]:
    """Yield (first entity, its rows and those of the entities after it), sorted by time.

    Args:
        held: The rows.
        how: How they were read.
        size: Rows to yield at once, or one entity's.
    """
    starts, entities = held.starts, len(held.starts) - 1
    first = 0
    while first < entities:
        beyond = int(np.searchsorted(starts, starts[first] + size, side="right")) - 1
        last = min(max(beyond, first + 1), entities)
        low, high = int(starts[first]), int(starts[last])
        own = starts[first : last + 1] - low
        order, moved = ordered(own, held.time[low:high])
        yield first, _rows(held, how, own, slice(low, high), order if moved else None)
        first = last


def _rows(
    held: Held, how: Reading, starts: IntArray, span: slice, order: IntArray | None
) -> EntityRows:
    def part(array: NDArray[Any]) -> NDArray[Any]:
        return array[span] if order is None else array[span][order]

    time = part(held.time)
    available = held.arrays.get("available_time")
    columns = {}
    for j, name in enumerate(how.names):
        array = part(held.arrays[f"v{j}"])
        if name in how.levels:
            codes = array.astype(np.int64)
            codes[array == MOST_LEVELS] = NULL
            array = codes
        elif name in how.floats:
            array = array.view(np.float64)
        columns[name] = Values(array=array, levels=how.levels.get(name, ()))
    return EntityRows(
        starts=starts,
        time=time,
        available=time if available is None else part(available),
        id=Values(array=part(held.arrays["event_id"])) if how.with_id else None,
        columns=columns,
    )


def bounds_of(first: IntArray, last: IntArray, *, longest: int, with_id: bool) -> Bounds:
    """Return which rows the applications between `first` and `last` of each entity could see.

    Args:
        first: First `as_of` of each entity.
        last: Last one.
        longest: Longest window; `FOREVER` for rows of any age.
        with_id: True where rows correct each other: whatever was readable may matter.
    """
    anything = np.full(len(first), FOREVER, np.int64)
    if with_id:
        return Bounds(earliest=-anything, latest=anything, known=last)
    earliest = -anything if longest == FOREVER else first - longest
    return Bounds(earliest=earliest, latest=last, known=last)
