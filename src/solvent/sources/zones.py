"""Wall clocks to UTC and back as SQL, from the same tables as Python's `zoneinfo`.

DuckDB's own conversion takes the second of two equal wall times and may carry other rules than
Python. Here a time that the clock shows twice is the first one, and a time that it skips moves
forward by the skipped span: what `datetime(..., fold=0, tzinfo=ZoneInfo(...))` gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

FIRST_YEAR = 1900
"""Earlier times take the offset of this year's start."""
LAST_YEAR = 2150
"""Later times take the offset in force when this year begins."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400
_MICRO = 1_000_000


def to_utc(zone: str, column: str) -> str:
    """Return SQL for the UTC instant at which the clock of `zone` shows `column`.

    Args:
        zone: IANA name.
        column: SQL of a plain column (it is repeated): local microseconds, int64.
    """
    first, changes = _changes(zone)
    steps = [((at + max(before, after)), after) for at, before, after in changes]
    return f"({column} - {_steps(first, steps, column)})"


def to_local(zone: str, column: str) -> str:
    """Return SQL for what the clock of `zone` shows at the UTC instant `column`.

    Args:
        zone: IANA name.
        column: SQL of a plain column (it is repeated): UTC microseconds, int64.
    """
    first, changes = _changes(zone)
    return f"({column} + {_steps(first, [(at, after) for at, _, after in changes], column)})"


@lru_cache(maxsize=32)
def _changes(zone: str) -> tuple[int, tuple[tuple[int, int, int], ...]]:
    """Return the first offset, then (UTC second, offset before, offset after) of each change."""
    clock = ZoneInfo(zone)
    start = int((datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds())
    stop = int((datetime(LAST_YEAR, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds())
    first = before = _offset(clock, start)
    changes = []
    for second in range(start, stop, _DAY):
        after = _offset(clock, second)
        if after != before:
            changes.append((_moment(clock, second - _DAY, second), before, after))
            before = after
    return first, tuple(changes)


def _moment(clock: ZoneInfo, low: int, high: int) -> int:
    """Return the second in (low, high] at which the offset becomes that of `high`."""
    before = _offset(clock, low)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(clock, middle) == before:
            low = middle
        else:
            high = middle
    return high


def _offset(clock: ZoneInfo, second: int) -> int:
    local = (_EPOCH + timedelta(seconds=second)).astimezone(clock).utcoffset()
    return 0 if local is None else round(local.total_seconds())


def _steps(first: int, steps: Sequence[tuple[int, int]], column: str) -> str:
    """Return a step function of `column` as nested CASEs: log2(steps) comparisons a row."""
    if not steps:
        return str(first * _MICRO)
    middle = len(steps) // 2
    at, after = steps[middle]
    below = _steps(first, steps[:middle], column)
    above = _steps(after, steps[middle + 1 :], column)
    return f"CASE WHEN {column} < {at * _MICRO} THEN {below} ELSE {above} END"
