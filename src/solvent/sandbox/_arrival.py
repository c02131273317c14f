"""How rows reach a lender: mostly soon, some late, some twice, some wrong and then corrected."""

from __future__ import annotations

import numpy as np

from solvent.sandbox._block import Bools, Coded, Column, Columns, Floats, Ints, sort_rows, take_rows
from solvent.sandbox._clock import DAY, HOUR, SECOND

LATE_SHARE = 0.05
MOST_LATE = 3 * DAY


def draw_upload(
    rng: np.random.Generator, at: Ints, *, late_share: float = LATE_SHARE, most: int = MOST_LATE
) -> Ints:
    """Most rows arrive within the hour, some up to `most` microseconds late; whole seconds."""
    soon = np.minimum(rng.exponential(0.15, len(at)), 1.0) * HOUR
    late = HOUR + rng.random(len(at)) * (most - HOUR)
    delay = np.where(rng.random(len(at)) < late_share, late, soon)
    return at + np.ceil(delay / SECOND).astype(np.int64) * SECOND


def send_again(
    rng: np.random.Generator, columns: dict[str, Column], rows: Ints, least: int, most: int
) -> dict[str, Column]:
    """Some rows once more, uploaded `least` to `most` microseconds later, whole seconds."""
    again = take_rows(columns, rows)
    delay = (least + rng.random(len(rows)) * (most - least)).astype(np.int64) // SECOND * SECOND
    return {**again, "uploaded_at": whole_numbers(again, "uploaded_at") + delay}


def keep_arrived(columns: dict[str, Column], end: int) -> dict[str, Column]:
    """The rows uploaded by `end` (microseconds since 1970), in the order they arrived."""
    seen: Bools = whole_numbers(columns, "uploaded_at") <= end
    return sort_rows(take_rows(columns, seen), "uploaded_at")


def whole_numbers(columns: Columns, name: str) -> Ints:
    """A column known to hold int64."""
    column = columns[name]
    if isinstance(column, Coded) or column.dtype != np.int64:
        raise TypeError(name)
    return column  # type: ignore[return-value]  # int64 was checked above


def real_numbers(columns: Columns, name: str) -> Floats:
    """A column known to hold float64."""
    column = columns[name]
    if isinstance(column, Coded) or column.dtype != np.float64:
        raise TypeError(name)
    return column  # type: ignore[return-value]  # float64 was checked above
