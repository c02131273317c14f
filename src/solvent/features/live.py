"""Rows as they come in one by one: typed as files are, then handed to the same evaluator.

A live row carries the same typed values that `sources` reads from a file, so that an application
decided now and the same application rebuilt from files give bitwise equal features.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from solvent.errors import DataError
from solvent.features.cells import Moment, read_cell, read_name, read_time
from solvent.features.codec import to_json
from solvent.features.columns import ColumnType, Kind, instant
from solvent.features.frame import IntArray
from solvent.features.program import SourceProgram
from solvent.features.rows import (
    ALWAYS,
    NULL,
    EntityRows,
    Values,
    ids_of,
    joined,
    known_name,
)
from solvent.features.tables import Applications, Attributes, Events, Table
from solvent.features.windows import DAY

Cell = int | float | str | None
_FAR = 2**61


class EntityRow(Protocol):
    """A typed row of one entity, as a store gives it back."""

    @property
    def event_id(self) -> str | None:
        """Names the event within its entity; None: no identity."""
        ...

    @property
    def event_time(self) -> int:
        """UTC microseconds."""
        ...

    @property
    def available_time(self) -> int:
        """UTC microseconds from which the row could be read."""
        ...

    @property
    def body(self) -> Mapping[str, Cell]:
        """Declared columns, typed; absent ones are not known."""
        ...

    @property
    def known(self) -> Mapping[str, int | None]:
        """From when `known_at` columns were known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedRow:
    """One row of a source, typed.

    Args:
        key: The entity.
        event_id: Names the event within its entity; None where the source declares no id.
        event_time: UTC microseconds.
        available_time: UTC microseconds from which the row could be read.
        body: Declared columns.
        known: From when `known_at` columns were known, where that differs from the column itself.
    """

    key: str
    event_id: str | None
    event_time: int
    available_time: int
    body: Mapping[str, Cell]
    known: Mapping[str, int | None]


def typing_of(table: Table, whole_ids: bool) -> str:
    """Return the name of how a table's rows are typed; equal names give equal typed values.

    Titles, levels and files are no part of it.

    Args:
        table: The table.
        whole_ids: True where its ids are whole numbers.

    Returns:
        SHA-256 over canonical JSON, 64 hexadecimal digits.
    """
    columns = {name: replace(it, title="", levels=()) for name, it in table.columns.items()}
    names = (
        "key", "id", "at", "as_of", "valid_from", "available", "zone", "relative", "month_days",
    )  # fmt: skip
    told = {name: getattr(table, name, None) for name in names}
    document = {
        **told, "is": type(table).__name__, "columns": to_json(columns), "whole_ids": whole_ids,
    }  # fmt: skip
    whole = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()


def type_row(table: Events | Attributes, raw: Mapping[str, object]) -> TypedRow:
    """Type one row of a source as its files are typed.

    Args:
        table: The source.
        raw: Column -> JSON value, under the names the declaration gives; declared columns may be
            left out, which says that their values are not known.

    Raises:
        DataError: A column is unknown, missing or unreadable; the message never holds the value.
    """
    event_id = table.id if isinstance(table, Events) else None
    needed = [table.key, event_id, table.time_column, table.available]
    _require_columns(table, raw, [name for name in needed if name is not None])
    moment, over = ALWAYS, ALWAYS
    if table.time_column is not None:
        told = _required_moment(table, table.time_column, raw)
        moment, over = told.time, told.known
    if table.available is not None:
        over = _required_moment(table, table.available, raw).known
    body, known = type_columns(table, raw)
    return TypedRow(
        key=read_name(raw[table.key], f"{table.name}.{table.key}"),
        event_id=None if event_id is None
        else read_name(raw[event_id], f"{table.name}.{event_id}"),
        event_time=moment, available_time=over, body=body, known=known,
    )  # fmt: skip


def type_columns(
    table: Table, raw: Mapping[str, object]
) -> tuple[dict[str, Cell], dict[str, int | None]]:
    """Return the declared columns of a row, typed, and from when `known_at` columns were known."""
    late = set(late_names(table.columns))
    body: dict[str, Cell] = {}
    known: dict[str, int | None] = {}
    for name, declared in table.columns.items():
        if name not in raw:
            continue
        field = f"{table.name}.{name}"
        if declared.kind.is_time:
            moment = _moment(table, name, raw)
            body[name] = None if moment is None else moment.time
            if moment is not None and name in late and moment.known != moment.time:
                known[name] = moment.known
        elif _is_plain(raw[name], declared):
            body[name] = raw[name]  # type: ignore[assignment]  # a float
        else:
            body[name] = read_cell(raw[name], declared, zone=table.zone, field=field)
    return body, known


def _is_plain(value: object, declared: ColumnType) -> bool:
    """Return True for most numbers of a request: `read_cell` would give them back as they are."""
    plain = type(value) is float and math.isfinite(value)
    return plain and declared.kind is Kind.NUMBER and not declared.missing


def _required_moment(table: Table, column: str, raw: Mapping[str, object]) -> Moment:
    moment = _moment(table, column, raw)
    if moment is None:
        raise DataError("missing", hint="say when it happened", field=f"{table.name}.{column}")
    return moment


def _moment(table: Table, column: str, raw: Mapping[str, object]) -> Moment | None:
    """Return a time of a row; relative ones count days or months from the application."""
    field, declared = f"{table.name}.{column}", table.columns.get(column, instant())
    if not isinstance(table, Events) or table.relative is None:
        return read_time(raw[column], declared, zone=table.zone, field=field)
    away = read_cell(raw[column], replace(declared, kind=Kind.NUMBER), zone=None, field=field)
    if away is None:
        return None
    unit = round((table.month_days if table.relative == "months" else 1.0) * DAY)
    micros = float(away) * unit
    if abs(micros) >= _FAR:
        raise DataError("out of range", hint=f"in {table.relative}", field=field)
    whole = _rounded(micros)
    return Moment(time=whole, known=whole)


def _rounded(micros: float) -> int:
    """Return the nearest whole number, halves away from zero, as DuckDB rounds.

    >>> _rounded(2.5), _rounded(-2.5), _rounded(0.49999999999999994)
    (3, -3, 0)
    """
    size = math.floor(abs(micros))
    size += abs(micros) - size >= 0.5
    return -size if micros < 0 else size


def _require_columns(table: Table, raw: Mapping[str, object], needed: Iterable[str]) -> None:
    for name in needed:
        if name not in raw or raw[name] is None:
            raise DataError("missing", hint="every row needs it", field=f"{table.name}.{name}")
    refuse_strangers(table, raw, {*table.columns, *needed})


def refuse_strangers(table: Table, raw: Mapping[str, object], known: set[str]) -> None:
    """Refuse a column nobody declared: it is a slip of the pen, or data that is not wanted.

    Raises:
        DataError: It names the column where that is harmless, and the closest declared one.
    """
    for name in raw:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(sorted(known))}"
            raise DataError("holds a column that is not declared", hint=hint, field=table.name)


def application_columns(
    table: Applications, body: Mapping[str, Cell], known: Mapping[str, int | None]
) -> dict[str, Values]:
    """Return the columns of one application as arrays of one row, for the evaluator."""
    columns = {
        name: _column(declared, [body.get(name)]) for name, declared in table.columns.items()
    }
    columns |= _known_columns(table, [(body, known)], late_names(table.columns))
    return columns


def entity_rows(source: SourceProgram, rows: Sequence[EntityRow], *, whole_ids: bool) -> EntityRows:
    """Return one entity's rows as arrays, for the evaluator.

    Args:
        source: The source's program: it says which columns are read.
        rows: The entity's rows, in any order.
        whole_ids: True where the files training read kept the ids as whole numbers, so that ties
            are settled by number and not by text.

    Raises:
        DataError: An id is no whole number though it must be.
    """
    table = source.table
    columns = {
        name: _column(table.columns[name], [row.body.get(name) for row in rows])
        for name in source.columns
    }
    columns |= _known_columns(table, [(row.body, row.known) for row in rows], source.late)
    has_id = isinstance(table, Events) and table.id is not None
    return EntityRows(
        starts=np.array([0, len(rows)], np.int64),
        time=np.array([row.event_time for row in rows], np.int64),
        available=np.array([row.available_time for row in rows], np.int64),
        id=_ids(table.name, [row.event_id or "" for row in rows], whole_ids) if has_id else None,
        columns=columns,
    )


def rows_below(
    source: SourceProgram, rows: EntityRows, read: Callable[[SourceProgram, str, str], EntityRows]
) -> dict[str, EntityRows]:
    """Return the rows of the tables below a source, and its own with the numbers that lead there.

    Args:
        source: The source's program.
        rows: Its rows.
        read: Returns the rows of one table below: of its program, the parent's name and the id of
            one of the parent's rows.

    Returns:
        Rows by table; empty where nothing lies below.
    """
    if source.below is None:
        return {}
    number, names = ids_of(rows)
    found = {source.table.name: replace(rows, number=number)}
    for below in source.below.sources:
        nothing = entity_rows(below, (), whole_ids=False)  # below a row without an id
        every = joined([*(read(below, source.table.name, name) for name in names), nothing])
        found[below.table.name] = every
        found |= rows_below(below, every, read)
    return found


def _ids(table: str, ids: list[str], whole: bool) -> Values:
    return Values(array=whole_ids(ids, table)) if whole else _labels(ids)


def whole_ids(ids: Sequence[str], source: str) -> IntArray:
    """Return ids as whole numbers.

    Raises:
        DataError: One is none.
    """
    try:
        return np.array([int(one) for one in ids], np.int64)
    except (ValueError, OverflowError):
        raise DataError(
            "an id is no whole number, and those the model learnt from all were",
            hint="send ids as the files write them", field=source,
        ) from None  # fmt: skip


def late_names(columns: Mapping[str, ColumnType]) -> tuple[str, ...]:
    """Return the columns that others wait for, each once."""
    found = {declared.known_at: None for declared in columns.values()}
    return tuple(name for name in found if name is not None)


def _known_columns(
    table: Table,
    rows: Sequence[tuple[Mapping[str, Cell], Mapping[str, int | None]]],
    late: Iterable[str],
) -> dict[str, Values]:
    found = {}
    for name in late:
        cells = [known.get(name, body.get(name)) for body, known in rows]
        found[known_name(name)] = _column(table.columns[name], cells)
    return found


def _column(declared: ColumnType, cells: Sequence[Cell]) -> Values:
    if declared.kind is Kind.CATEGORY:
        return _labels(cells)
    if declared.kind is Kind.NUMBER:
        floats = [np.nan if cell is None else float(cell) for cell in cells]
        return Values(array=np.array(floats, np.float64))
    whole = [NULL if cell is None else int(cell) for cell in cells]
    return Values(array=np.array(whole, np.int64))


def _labels(cells: Sequence[Cell]) -> Values:
    places: dict[str, int] = {}
    codes = [NULL if cell is None else places.setdefault(str(cell), len(places)) for cell in cells]
    return Values(array=np.array(codes, np.int64), levels=tuple(places))
