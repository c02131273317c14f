"""Whether bad rates run along bins as a trend says, plain ones and those that woe tells."""

from __future__ import annotations

import numpy as np

from solvent.binning.rules import Trend
from solvent.binning.woe import FloatArray, bad_rates


def follows(rate: FloatArray, trend: Trend) -> bool:
    """Return whether rates run as a trend says.

    >>> follows(np.array([0.1, 0.3, 0.2]), Trend.PEAK), follows(np.array([0.1, 0.3]), Trend.VALLEY)
    (True, True)
    """
    steps = np.diff(rate)
    steps = -steps if trend in {Trend.DESCENDING, Trend.VALLEY} else steps
    if trend in {Trend.ASCENDING, Trend.DESCENDING}:
        return bool((steps >= 0.0).all())
    falls = np.flatnonzero(steps < 0.0)
    return trend is Trend.NONE or not len(falls) or bool((steps[falls[0] :] <= 0.0).all())


def keeps_course(goods: FloatArray, bads: FloatArray, trend: Trend) -> bool:
    """Return whether bins run as a trend says by their plain rates and by those of their woe.

    The two differ where a bin has no good, or no bad: its woe is told as if it had half of one.
    Empty bins are passed over.

    Args:
        goods, bads: Per bin, >= 0, shape (b,).
        trend: Never `AUTO`.

    >>> few, many = (40.0, 0.0), (1000.0, 1.0)  # rates 0 and 0.001, but 0.012 as woe has the first
    >>> keeps_course(*np.array([few, many]).T, Trend.ASCENDING)
    False
    """
    seen = goods + bads > 0.0
    goods, bads = goods[seen], bads[seen]
    return follows(bads / (goods + bads), trend) and follows(bad_rates(goods, bads), trend)


def course_of(rate: FloatArray) -> Trend:
    """Return the simplest trend that rates follow, which `NONE` always is."""
    return next(trend for trend in list(Trend)[1:] if follows(rate, trend))
