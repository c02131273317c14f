"""The card lender's four months, January to April 2024, as days of Moscow time."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np

from solvent.sandbox._block import BLOCK, Floats, Ints

PERIOD_START = datetime(2023, 12, 31, 21)  # noqa: DTZ001 - UTC: midnight in Moscow
OBSERVED_UNTIL = datetime(2024, 4, 30, 21)  # noqa: DTZ001

FIRST_DAY = date(2024, 1, 1)
DAYS = (OBSERVED_UNTIL - PERIOD_START).days

_DAY_US = 86_400_000_000
_FIRST_US = int(np.datetime64(FIRST_DAY, "us").astype(np.int64))
_HOLIDAYS = 8  # the country rests over New Year
_HOLIDAY_PACE, _WEEKEND_PACE = 0.3, 0.45


def draw_days(rng: np.random.Generator) -> Ints:
    """Draw the day of each application, 0 the first: few on weekends and over New Year."""
    return rng.choice(DAYS, BLOCK, p=_day_shares()).astype(np.int64)


def to_midnight(day: Ints) -> Ints:
    """The day's first instant by the clock on the wall, microseconds since 1970 without zone."""
    return day * _DAY_US + _FIRST_US


def period_share(day: Ints) -> Floats:
    """How much of the four months is over, from 0 to almost 1."""
    return day / DAYS


def _day_shares() -> Floats:
    day = np.arange(DAYS)
    weekend = (day + FIRST_DAY.weekday()) % 7 >= 5
    pace = np.where(weekend, _WEEKEND_PACE, 1.0)
    pace = np.where(day < _HOLIDAYS, _HOLIDAY_PACE, pace)
    shares: Floats = pace / pace.sum()
    return shares
