"""The airtime lender's year: int64 microseconds since the start of the simulated period."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from solvent.sandbox._block import Bools, Floats, Ints

PERIOD_START = datetime(2024, 1, 1)  # noqa: DTZ001 - UTC by declaration, written without zone
LENDING_START = datetime(2024, 8, 1)  # noqa: DTZ001
OBSERVED_UNTIL = datetime(2025, 1, 1)  # noqa: DTZ001

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START_US = int(np.datetime64(PERIOD_START, "us").astype(np.int64))
LENDING = (LENDING_START - PERIOD_START).days * DAY
END = (OBSERVED_UNTIL - PERIOD_START).days * DAY
LAST_MONTH = END - 30 * DAY
TERM = 30 * DAY
"""Days a customer has to repay; also the window in which a loan turns bad."""
WRITE_OFF = 60 * DAY
"""Age at which an unpaid loan is no longer collected and the customer may be lent to again."""

WEEK = 7
HORIZON_DAYS = 483
"""How long lives are simulated from a customer's first day."""
WEEKS = HORIZON_DAYS // WEEK

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


def year_share(at: Ints) -> Floats:
    """How much of the simulated year is over, 0 at its start and 1 at the data's end."""
    return at / END


def seen_by_end(at: Ints) -> Bools:
    """Whether an instant lies within the data."""
    return at <= END
