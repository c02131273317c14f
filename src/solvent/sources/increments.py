"""Reading what became available since an instant: what a source can leave out by itself.

A source is only asked to leave out rows that are surely older: each condition here is wider than
what is wanted by some days where a column's times hang on a zone or on the end of a day. The rows
that come are then judged exactly, and a row whose time is missing always comes, to be refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from solvent.features import DAY, Kind
from solvent.features.tables import Events
from solvent.sources.conversion import Physical, RawColumn
from solvent.sources.layout import Layout
from solvent.sources.quoting import identifier

MARGIN: Final = 3 * DAY
"""No zone and no end of a day moves a time as far as this, microseconds."""
_FIRST, _LAST = 1900, 2200
_ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Shape(StrEnum):
    """How a source keeps the times it compares."""

    ZONED = "instants"
    NAIVE = "times without a zone"
    DATE = "days"
    TEXT = "text"


def time_column(layout: Layout) -> str | None:
    """Return the column that tells from when rows were available; None where none can."""
    table = layout.table
    if isinstance(table, Events) and table.relative is not None:
        return None
    return layout.available or (layout.time[1] if layout.time else None)


def bound(since: int, layout: Layout, shape: Shape) -> str | None:
    """Return a time as text that rows of interest do not lie before; None where none is safe.

    Args:
        since: UTC microseconds.
        layout: What is read of the table.
        shape: How the source keeps its times.

    Returns:
        `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, or the day alone for days and text.
    """
    declared = layout.type_of(time_column(layout) or "")
    exact = shape is Shape.ZONED and declared.kind is Kind.INSTANT
    try:
        at = _EPOCH + timedelta(microseconds=since - (0 if exact else MARGIN))
    except OverflowError:
        return None
    if not _FIRST <= at.year <= _LAST or (shape is Shape.TEXT and declared.format is not None):
        return None
    if shape in {Shape.DATE, Shape.TEXT}:
        return at.strftime("%Y-%m-%d")
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def parquet_condition(layout: Layout, raw: Mapping[str, RawColumn]) -> str:
    """Return SQL that leaves out rows of a Parquet file which are surely older; "true" for none.

    It reads the names of the file's columns, so that whole pages can be skipped.

    Args:
        layout: What is read of the table.
        raw: Its columns; those that are constants of a partition have no place here.
    """
    name = time_column(layout)
    shapes = {
        Physical.ZONED: (Shape.ZONED, "TIMESTAMPTZ"), Physical.NAIVE: (Shape.NAIVE, "TIMESTAMP"),
        Physical.DATE: (Shape.DATE, "DATE"),
    }  # fmt: skip
    if layout.since is None or name is None or name not in raw or raw[name].kept not in shapes:
        return "true"
    shape, spelt = shapes[raw[name].kept]
    first = bound(layout.since, layout, shape)
    if first is None:
        return "true"
    zone = "+00" if shape is Shape.ZONED else ""
    column = identifier(name)
    return f"({column} >= {spelt} '{first}{zone}' OR {column} IS NULL)"


def is_before(keys: Mapping[str, str | None], layout: Layout) -> bool:
    """Tell whether a partition holds nothing but rows that are surely older.

    Args:
        keys: What the file's folders say of its rows.
        layout: What is read of the table.
    """
    name = time_column(layout)
    day = keys.get(name or "")
    if layout.since is None or day is None or _ISO_DAY.match(day) is None:
        return False
    first = bound(layout.since, layout, Shape.TEXT)
    return first is not None and day[:10] < first
