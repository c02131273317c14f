"""Postgres: exact numbers as text, times as microseconds, one repeatable-read view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pyarrow as pa
from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlalchemy.engine import URL

from solvent.sources.dialect import Fetched
from solvent.sources.increments import Shape, bound, time_column
from solvent.sources.layout import Layout
from solvent.sources.quoting import identifier

CONNECT_SECONDS: Final = 10
_BOOLEAN, _BYTEA, _FLOAT4, _FLOAT8, _MONEY, _NUMERIC = 16, 17, 700, 701, 790, 1700
_DATE, _TIMESTAMP, _TIMESTAMPTZ = 1082, 1114, 1184
_INTEGERS: Final = {20, 21, 23, 26}
_TEXTS: Final = {18, 19, 25, 114, 705, 1042, 1043, 1083, 1266, 2950, 3802}
_TEXT_CATEGORIES: Final = {"S", "E", "I"}
"""Categories of pg_type whose values read well as text: strings, enums, addresses."""
_BEFORE_YEAR_ONE: Final = -62_135_596_800_000_001
_SHAPES: Final = {
    _TIMESTAMPTZ: (Shape.ZONED, "timestamptz", "+00"), _TIMESTAMP: (Shape.NAIVE, "timestamp", ""),
    _DATE: (Shape.DATE, "date", ""),
}  # fmt: skip


class Postgres:
    """Reads Postgres through psycopg."""

    def engine(self, url: URL) -> Engine:
        """Return an engine that connects anew for each reading."""
        told = {"connect_timeout": CONNECT_SECONDS, "application_name": "solvent"}
        given = {name: value for name, value in told.items() if name not in url.query}
        address = url.set(drivername="postgresql+psycopg")
        return create_engine(address, poolclass=NullPool, connect_args=given)

    def begin(self, connection: Connection) -> None:
        """Open one consistent, read-only view of the data for all that follows."""
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        connection.exec_driver_sql("SET LOCAL extra_float_digits = 3")
        connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")

    def fetched(
        self,
        connection: Connection,
        rows: str,  # noqa: ARG002 - Postgres types its columns, so no row needs to be looked at
        types: Mapping[str, object],
        needed: Sequence[str],
    ) -> tuple[Fetched, ...]:
        """Return how each needed column is fetched."""
        categories = _categories(connection, {types[name] for name in needed})
        return tuple(_fetched(identifier(name), types[name], categories) for name in needed)

    def since(
        self,
        connection: Connection,  # noqa: ARG002
        rows: str,  # noqa: ARG002
        types: Mapping[str, object],
        layout: Layout,
    ) -> str:
        """Return SQL that leaves out rows which are surely too old; empty where none is safe."""
        name = time_column(layout)
        if layout.since is None or name is None:
            return ""
        column = identifier(name)
        kept = types[name]
        if isinstance(kept, int) and kept in _SHAPES:
            shape, spelt, zone = _SHAPES[kept]
            first = bound(layout.since, layout, shape)
            return (
                "" if first is None else f"{column} >= {spelt} '{first}{zone}' OR {column} IS NULL"
            )
        first = bound(layout.since, layout, Shape.TEXT)
        if first is None or kept not in {25, 1043}:
            return ""
        iso = "'^[0-9]{4}-[0-9]{2}-[0-9]{2}'"
        later = f"{column} COLLATE \"C\" >= '{first}'"
        return f"{later} OR {column} !~ {iso} OR {column} IS NULL"


def _categories(connection: Connection, types: set[object]) -> dict[object, str]:
    """Return the category of types that have no place of their own here (enums, citext)."""
    known = {*_INTEGERS, *_TEXTS, *_SHAPES, _BOOLEAN, _FLOAT4, _FLOAT8, _MONEY, _NUMERIC, _BYTEA}
    unknown = sorted(code for code in types if isinstance(code, int) and code not in known)
    if not unknown:
        return {}
    listed = ", ".join(map(str, unknown))
    found = connection.exec_driver_sql(
        f"SELECT oid::int8, typcategory::text FROM pg_catalog.pg_type WHERE oid IN ({listed})"  # noqa: S608 - numbers
    )
    return {row[0]: row[1] for row in found}


def _fetched(column: str, kept: object, categories: Mapping[object, str]) -> Fetched:
    if kept in _INTEGERS:
        return Fetched(sql=f"{column}::int8", kept=pa.int64())
    if kept == _BOOLEAN:
        return Fetched(sql=column, kept=pa.bool_())
    if kept in {_FLOAT4, _FLOAT8}:
        return Fetched(sql=column, kept=pa.float32() if kept == _FLOAT4 else pa.float64())
    if kept in {_NUMERIC, _MONEY}:
        return Fetched(sql=f"{column}::numeric::text", kept=pa.string())
    if kept in {_TIMESTAMP, _TIMESTAMPTZ}:
        zone = "UTC" if kept == _TIMESTAMPTZ else None
        return Fetched(sql=_micros(column), kept=pa.timestamp("us", zone))
    if kept == _DATE:
        days = f"{column} - date '1970-01-01'"
        return Fetched(sql=_within(column, days, str(_BEFORE_YEAR_ONE // 86_400_000_000)),
                       kept=pa.date32())  # fmt: skip
    if kept in _TEXTS or categories.get(kept) in _TEXT_CATEGORIES:
        return Fetched(sql=f"{column}::text", kept=pa.string())
    return Fetched(sql="NULL::bytea", kept=pa.binary())


def _micros(column: str) -> str:
    micros = f"(extract(epoch FROM {column}) * 1000000)::int8"
    return _within(column, micros, str(_BEFORE_YEAR_ONE))


def _within(column: str, value: str, otherwise: str) -> str:
    """Return SQL of a time's number; one before year 1 for `infinity` and the years BC.

    Such a time is no time to us: its row is refused and not taken for one without a time.
    """
    inside = f"{column} >= '0001-01-01' AND {column} < '10000-01-01'"
    return f"CASE WHEN {inside} THEN {value} WHEN {column} IS NOT NULL THEN {otherwise} END"
