"""Times: one raw column to int64 UTC microseconds in SQL.

Text is ISO 8601 (`2024-05-01`, `2024-05-01 13:45`, `2024-05-01T13:45:10.25+02:00`, `...Z`), or
follows the declared strptime pattern. A bare day is the start of that day in the table's zone
and is known from its end (rule 9). In a table with relative times every time counts from the
application in days or months. Digits beyond the microsecond are cut off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import duckdb

from solvent.errors import DeclarationError, ZoneError
from solvent.features import DAY, Kind
from solvent.features.tables import Events, Table
from solvent.sources.cells import convert_number
from solvent.sources.conversion import (
    Conversion,
    Layer,
    Physical,
    RawColumn,
    because,
    present,
)
from solvent.sources.quoting import literal
from solvent.sources.zones import to_local, to_utc

NAIVE_WORDS = "time without a zone"
_FAR = 2**61
_YEAR_ONE = -62_135_596_800_000_000
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_HOUR = r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
_BARE = f"'{_DAY}({_HOUR})?'"
_WITH_ZONE = f"'{_DAY}{_HOUR}(Z| UTC| ?[+-][01][0-9](:?[0-5][0-9])?)'"
_CLOCK = re.compile(r"%-?[HIMSfgnpcXT]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How the times of one table are to be read.

    Args:
        zone: IANA zone of times that carry none; None refuses them.
        unit: Microseconds of one relative day or month; 0: times are absolute.
        ends: Columns for which the end of a bare day is wanted too.
    """

    zone: str | None
    unit: int = 0
    ends: frozenset[str] = frozenset()


def no_zone(field: str) -> ZoneError:
    """Return the error for a column (`table.column`) with times that carry no zone."""
    return ZoneError(
        "its times carry no zone and the table declares none",
        hint='declare zone="UTC" (or where the clock hung) on the table',
        field=field,
    )


def clock_of(table: Table, ends: frozenset[str]) -> Clock:
    """Return how a table's times are to be read.

    Args:
        table: The declaration.
        ends: Columns for which the end of a bare day is wanted too.
    """
    if not isinstance(table, Events) or table.relative is None:
        return Clock(zone=table.zone, ends=ends)
    days = table.month_days if table.relative == "months" else 1.0
    return Clock(zone=table.zone, unit=round(days * DAY), ends=ends)


def convert_time(
    column: RawColumn, clock: Clock, connection: duckdb.DuckDBPyConnection
) -> Conversion:
    """Return the conversion of a column that holds times.

    Args:
        column: The raw column.
        clock: How its table's times are to be read.
        connection: Asked how DuckDB reads a declared pattern; no data is touched.

    Raises:
        DataError: The file keeps a type that is no time.
        DeclarationError: The declared pattern is none.
    """
    if clock.unit:
        return _relative(column, clock.unit)
    if column.kept is Physical.TEXT:
        if column.declared.format is not None:
            return _patterned(column, clock, connection)
        return _iso(column, clock)
    cell = f"p_{column.tag}"
    if column.kept is Physical.DATE:
        return _placed(column, clock, _Read(cell=cell, local=_micros(cell), day="true"))
    if column.kept is Physical.NAIVE:
        return _placed(column, clock, _Read(cell=cell, local=_micros(cell)))
    if column.kept is Physical.ZONED:
        as_utc = f"epoch_us(CAST({cell} AS TIMESTAMPTZ))"
        return _placed(column, clock, _Read(cell=cell, local=as_utc, zoned="true"))
    if column.kept is Physical.INTEGER and column.declared.format is not None:
        return _patterned(column, clock, connection)
    raise column.cannot_be("a time")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """SQL for a time as written: microseconds on the clock shown, or UTC where zoned.

    Args:
        cell: Name of the cleaned raw value.
        local: Its microseconds, null where it is no time.
        zoned: Whether it carries a zone, so that `local` is UTC.
        day: Whether it is a bare day.
    """

    cell: str
    local: str
    zoned: str = "false"
    day: str = "false"


def _relative(column: RawColumn, unit: int) -> Conversion:
    number = convert_number(column)
    name = f"t_{column.tag}"
    product = f"({number.value} * {unit})"
    micros = f"CASE WHEN abs({product}) < {_FAR} THEN CAST(round({product}) AS BIGINT) END"
    why = (
        f"CASE WHEN {number.value} IS NULL THEN {because(column.name, 'not a number')} "
        f"ELSE {because(column.name, 'out of range')} END"
    )
    layers = (*number.layers, ((name, micros),))
    return replace(number, layers=layers, value=name, end=name, why=why)


def _iso(column: RawColumn, clock: Clock) -> Conversion:
    cell = f"p_{column.tag}"
    # shapes first: DuckDB alone would read "10:00 CET" as ten o'clock anywhere
    bare, zoned = f"regexp_full_match({cell}, {_BARE})", f"regexp_full_match({cell}, {_WITH_ZONE})"
    joined = f"replace(replace({cell}, ' +', '+'), ' -', '-')"
    local = (
        f"CASE WHEN {bare} THEN epoch_us(TRY_CAST({cell} AS TIMESTAMP)) "
        f"WHEN {zoned} THEN epoch_us(TRY_CAST({joined} AS TIMESTAMPTZ)) END"
    )
    read = _Read(cell=cell, local=local, zoned=f"NOT {bare}", day=f"length({cell}) = 10")
    return _placed(column, clock, read)


def _patterned(
    column: RawColumn, clock: Clock, connection: duckdb.DuckDBPyConnection
) -> Conversion:
    pattern = column.declared.format or ""
    try:
        kind = connection.execute(
            f"SELECT typeof(try_strptime('', {literal(pattern)}))"
        ).fetchall()[0][0]
    except duckdb.Error as error:
        raise DeclarationError(
            f"format={pattern!r} is no pattern of a time",
            hint='write it as Python does: format="%d/%m/%Y %H:%M"',
            field=column.field,
        ) from error
    cell = f"p_{column.tag}"
    zoned = "true" if kind == "TIMESTAMP WITH TIME ZONE" else "false"
    day = "false" if _CLOCK.search(pattern) else "true"
    local = f"epoch_us(try_strptime({cell}, {literal(pattern)}))"
    return _placed(column, clock, _Read(cell=cell, local=local, zoned=zoned, day=day))


def _micros(cell: str) -> str:
    return f"epoch_us(CAST({cell} AS TIMESTAMP))"


def _placed(column: RawColumn, clock: Clock, read: _Read) -> Conversion:
    """Place a time as written on the UTC axis, with the end of its day where it is a bare day."""
    tag = column.tag
    shown, start, end, zoned, day = (f"{part}_{tag}" for part in ("l", "s", "n", "z", "d"))
    is_day = "true" if column.declared.kind is Kind.DATE else read.day
    text = column.kept in {Physical.TEXT, Physical.INTEGER}
    fits = f"CASE WHEN {shown} >= {_YEAR_ONE} THEN {shown} END"
    ends = column.name in clock.ends and is_day != "false"
    following = (((end, f"{shown} + {DAY}"),),) if ends else ()
    over = f"CASE WHEN {day} THEN {_in_utc(clock, end, 'false')} ELSE {start} END" if ends else ""
    layers = (
        ((read.cell, present(column, text=text)),),
        ((shown, read.local), (zoned, f"coalesce({read.zoned}, false)"), (day, is_day)),
        ((shown, fits),),
        *(_midnight(clock, shown, zoned) if column.declared.kind is Kind.DATE else ()),
        *following,
        ((start, _in_utc(clock, shown, zoned)),),
        *((((end, over),),) if ends else ()),
    )
    lost = f"{shown} IS NOT NULL AND {start} IS NULL"
    why = (
        f"CASE WHEN {lost} THEN {because(column.name, NAIVE_WORDS)} "
        f"ELSE {because(column.name, 'not a time')} END"
    )
    local = read.zoned != "true" or column.declared.kind is Kind.DATE
    return Conversion(
        layers=layers, value=start, present=read.cell, why=why, end=end if ends else start,
        local=local,
    )  # fmt: skip


def _midnight(clock: Clock, shown: str, zoned: str) -> tuple[Layer, ...]:
    """Return layers which cut a declared day to its start on the clock of its zone."""
    wall = shown if clock.zone is None else to_local(clock.zone, shown)
    on_the_clock = f"CASE WHEN {zoned} THEN {wall} ELSE {shown} END"
    midnight = f"{shown} - (({shown} % {DAY}) + {DAY}) % {DAY}"
    return (((shown, on_the_clock),), ((shown, midnight), (zoned, "false")))


def _in_utc(clock: Clock, shown: str, zoned: str) -> str:
    moved = "NULL" if clock.zone is None else to_utc(clock.zone, shown)
    return f"CASE WHEN {zoned} THEN {shown} ELSE {moved} END"
