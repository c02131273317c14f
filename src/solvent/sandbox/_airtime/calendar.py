"""The airtime lender's year: int64 microseconds since the start of the simulated period."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from solvent.sandbox._block import Bools, Floats, Ints
from solvent.sandbox._clock import DAY, WEEK_DAYS

PERIOD_START = datetime(2024, 1, 1)  # noqa: DTZ001 - UTC by declaration, written without zone
LENDING_START = datetime(2024, 8, 1)  # noqa: DTZ001
OBSERVED_UNTIL = datetime(2025, 1, 1)  # noqa: DTZ001

START_US = int(np.datetime64(PERIOD_START, "us").astype(np.int64))
LENDING = (LENDING_START - PERIOD_START).days * DAY
END = (OBSERVED_UNTIL - PERIOD_START).days * DAY
LAST_MONTH = END - 30 * DAY
TERM = 30 * DAY
"""Days a customer has to repay; also the window in which a loan turns bad."""
WRITE_OFF = 60 * DAY
"""Age at which an unpaid loan is no longer collected and the customer may be lent to again."""

HORIZON_DAYS = 483
"""How long lives are simulated from a customer's first day."""
WEEKS = HORIZON_DAYS // WEEK_DAYS


def year_share(at: Ints) -> Floats:
    """How much of the simulated year is over, 0 at its start and 1 at the data's end."""
    return at / END


def seen_by_end(at: Ints) -> Bools:
    """Whether an instant lies within the data."""
    return at <= END
