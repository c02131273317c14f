"""A simulated lender's clock: int64 microseconds since its period's start, and keys of them."""

from __future__ import annotations

import numpy as np

from solvent.sandbox._block import Bools, Floats, Ints

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK_DAYS = 7

_SHIFT = 46
_SPAN = np.int64(1) << _SHIFT

# Share of the day's events that happened by each hour: quiet nights, busy evenings.
_BY_HOUR = np.array([0.0, 0.03, 0.07, 0.17, 0.30, 0.43, 0.58, 0.78, 0.93, 1.0])
_HOURS = np.array([0.0, 3.0, 6.0, 9.0, 12.0, 15.0, 18.0, 20.5, 22.5, 24.0])


def to_keys(owner: Ints, at: Ints) -> Ints:
    """Join customer and time in one number that sorts by both (time in [0, 2**46) microseconds)."""
    return owner * _SPAN + at


def times_of(keys: Ints) -> Ints:
    """The time within a key."""
    return np.bitwise_and(keys, _SPAN - 1)


def owners_of(keys: Ints) -> Ints:
    """The customer within a key."""
    return np.right_shift(keys, _SHIFT)


def to_clock(days: Floats) -> Ints:
    """Turn days of even time into microseconds, whole seconds, with quiet nights; order is kept."""
    whole = np.floor(days)
    hours = np.interp(days - whole, _BY_HOUR, _HOURS)
    seconds: Ints = np.floor(whole * 86_400 + hours * 3_600).astype(np.int64)
    return seconds * SECOND


def sum_between(values: Bools | Ints | Floats, begin: Ints, end: Ints) -> Floats:
    """Sums of the rows [begin, end) of `values`, one for each pair."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    difference: Floats = total[end] - total[begin]
    return difference
