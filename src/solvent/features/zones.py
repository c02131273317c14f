"""Local calendar parts of UTC instants, many at once, from Python's own time zone rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from solvent.errors import ExpressionError
from solvent.features.frame import IntArray
from solvent.features.windows import DAY, HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_YEAR = 1900
"""Earlier times take the offset of this year's start."""
LAST_YEAR = 2150
"""Later times take the offset in force when this year begins."""
_DAY_SECONDS = 86_400
_THURSDAY = 3
"""Weekday of 1970-01-01, Monday being 0."""


def check_zone(zone: str) -> str:
    """Return `zone` if it names an IANA time zone.

    Raises:
        ExpressionError: If there is no such zone.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ExpressionError(
            f"there is no time zone {zone[:40]!r}",
            hint='use an IANA name such as "UTC", "Africa/Lagos" or "America/Sao_Paulo"',
            field="zone",
        ) from None
    return zone


def offsets(times: IntArray, zone: str) -> IntArray:
    """Return the offset of local time from UTC in microseconds, shape (n,).

    Args:
        times: int64 UTC microseconds, shape (n,).
        zone: IANA name.

    Source: transitions of `zoneinfo`, found once per zone; years 1900 to 2150.
    """
    if zone == "UTC":
        return np.zeros(np.shape(times), np.int64)
    starts, gaps = transitions(zone)
    return np.asarray(gaps[np.searchsorted(starts, times, side="right")])


def local_parts(times: IntArray, zone: str, part: str) -> IntArray:
    """Return a calendar part of each instant in `zone`.

    Args:
        times: int64 UTC microseconds, shape (n,).
        zone: IANA name.
        part: "hour" (0-23), "weekday" (0 is Monday), "day_of_month" (1-31), "day" (days since
            1970-01-01) or "month" (months since January 1970).

    Returns:
        int64, shape (n,).
    """
    local = times + offsets(times, zone)
    if part == "hour":
        return local // HOUR % 24
    day = local // DAY
    if part == "day":
        return day
    if part == "weekday":
        return (day + _THURSDAY) % 7
    dates = day.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    if part == "month":
        return np.asarray(months.astype(np.int64))
    return np.asarray((dates - months).astype(np.int64) + 1)


@lru_cache(maxsize=64)
def transitions(zone: str) -> tuple[IntArray, IntArray]:
    """Return when a zone's offset changes, and its offsets before, between and after.

    Args:
        zone: IANA name.

    Returns:
        UTC instants of the k changes, shape (k,), and offsets, shape (k + 1,); int64 microseconds.

    Source: `zoneinfo`, asked once a day from 1900 to 2150, then to the second.
    """
    info = ZoneInfo(zone)
    first, last = (
        round(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (FIRST_YEAR, LAST_YEAR)
    )
    starts, gaps = [], [_offset(first, info)]
    for second in range(first, last, _DAY_SECONDS):
        if _offset(second + _DAY_SECONDS, info) != gaps[-1]:
            starts.append(_change(second, second + _DAY_SECONDS, info))
            gaps.append(_offset(starts[-1], info))
    micro = 1_000_000
    return np.array(starts, np.int64) * micro, np.array(gaps, np.int64) * micro


def _change(low: int, high: int, info: ZoneInfo) -> int:
    """Return the second in (low, high] from which the offset is that of `high`."""
    before = _offset(low, info)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle, info) == before else (low, middle)
    return high


def _offset(second: int, info: ZoneInfo) -> int:
    offset = (_EPOCH + timedelta(seconds=second)).astimezone(info).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())
