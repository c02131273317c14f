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
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
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

    Source: transitions of `zoneinfo`, found once per zone; years 1900 to 2100.
    """
    if zone == "UTC":
        return np.zeros(np.shape(times), np.int64)
    starts, gaps = _transitions(zone)
    return np.asarray(gaps[np.searchsorted(starts, times, side="right")])


def local_parts(times: IntArray, zone: str, part: str) -> IntArray:
    """Return a calendar part of each instant in `zone`.

    Args:
        times: int64 UTC microseconds, shape (n,).
        zone: IANA name.
        part: "hour" (0-23), "weekday" (0 is Monday), "day_of_month" (1-31) or "day" (days since
            1970-01-01).

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
    return np.asarray((dates - dates.astype("datetime64[M]")).astype(np.int64) + 1)


@lru_cache(maxsize=64)
def _transitions(zone: str) -> tuple[IntArray, IntArray]:
    """Return the instants at which the offset changes and the offsets before, between and after."""
    info = ZoneInfo(zone)
    step = timedelta(days=7)
    at, end = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(_LAST_YEAR, 1, 1, tzinfo=UTC)
    starts, gaps = [], [_offset(at, info)]
    while at < end:
        if _offset(at + step, info) != _offset(at, info):
            for moment in _changes(at, at + step, info):
                starts.append(_microseconds(moment))
                gaps.append(_offset(moment, info))
        at += step
    return np.array(starts, np.int64), np.array(gaps, np.int64)


def _changes(low: datetime, high: datetime, info: ZoneInfo) -> list[datetime]:
    """Return every second in (low, high] at which the offset changes, by hours then bisection."""
    found, hour = [], timedelta(hours=1)
    while low < high:
        if _offset(low, info) != _offset(low + hour, info):
            found.append(_bisect(low, low + hour, info))
        low += hour
    return found


def _bisect(low: datetime, high: datetime, info: ZoneInfo) -> datetime:
    before = _offset(low, info)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=1) // 2)
        low, high = (middle, high) if _offset(middle, info) == before else (low, middle)
    return high


def _offset(moment: datetime, info: ZoneInfo) -> int:
    offset = moment.astimezone(info).utcoffset()
    return 0 if offset is None else offset // timedelta(microseconds=1)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
