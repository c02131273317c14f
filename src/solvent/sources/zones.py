"""Wall clocks to UTC and back as SQL, from the same tables as Python's `zoneinfo`.

DuckDB's own conversion takes the second of two equal wall times and may carry other rules than
Python. Here a time that the clock shows twice is the first one, and a time that it skips moves
forward by the skipped span: what `datetime(..., fold=0, tzinfo=ZoneInfo(...))` gives.
"""

from __future__ import annotations

from collections.abc import Sequence

from solvent.features.zones import transitions


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


def _changes(zone: str) -> tuple[int, tuple[tuple[int, int, int], ...]]:
    """Return the first offset, then (UTC instant, offset before, offset after) of each change."""
    if zone == "UTC":
        return 0, ()
    starts, gaps = (part.tolist() for part in transitions(zone))
    return gaps[0], tuple(zip(starts, gaps[:-1], gaps[1:], strict=True))


def _steps(first: int, steps: Sequence[tuple[int, int]], column: str) -> str:
    """Return a step function of `column` as nested CASEs: log2(steps) comparisons a row."""
    if not steps:
        return str(first)
    middle = len(steps) // 2
    at, after = steps[middle]
    below = _steps(first, steps[:middle], column)
    above = _steps(after, steps[middle + 1 :], column)
    return f"CASE WHEN {column} < {at} THEN {below} ELSE {above} END"
