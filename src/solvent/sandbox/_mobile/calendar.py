"""The mobile lender's year, 2024 in UTC."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from solvent.sandbox._block import Bools, Floats, Ints
from solvent.sandbox._clock import DAY, WEEK_DAYS

PERIOD_START = datetime(2024, 1, 1)  # noqa: DTZ001 - UTC by declaration, written without zone
OBSERVED_UNTIL = datetime(2025, 1, 1)  # noqa: DTZ001
START_US = int(np.datetime64(PERIOD_START, "us").astype(np.int64))
END = (OBSERVED_UNTIL - PERIOD_START).days * DAY
WEEKS = -(-END // (WEEK_DAYS * DAY))
"""How long lives are simulated from the day the app is installed."""

TERMS = np.array([14, 30])
"""Days a customer may choose to repay in."""
GRACE = 15 * DAY
"""How long after the due date a loan that is not repaid becomes a default."""


def year_share(at: Ints) -> Floats:
    """How much of the simulated year is over, 0 at its start and 1 at the data's end."""
    return at / END


def seen_by_end(at: Ints) -> Bools:
    """Whether an instant lies within the data."""
    return at <= END
