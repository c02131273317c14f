"""Wilson's interval for a bad rate."""

from __future__ import annotations

import math

from solvent.errors import RangeError
from solvent.metrics.normal import two_sided_z


def wilson_interval(bads: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Interval for a bad rate that stays sensible with few or no bads.

    Args:
        bads: Bad accounts, 0 <= bads <= n.
        n: Accounts, >= 1.
        level: Confidence level in (0, 1).

    Returns:
        Low and high end, in [0, 1].

    Raises:
        RangeError: counts that cannot be, or `level` outside (0, 1).

    Source: Wilson (1927); tests compare with `scipy.stats.binomtest`.

    >>> low, high = wilson_interval(0, 20)
    >>> low, round(high, 4)
    (0.0, 0.1611)
    """
    if not 0 <= bads <= n or n < 1:
        raise RangeError(f"must be a count among the accounts, found {bads} of {n}", field="bads")
    return wilson_interval_of(bads / n, n, level)


def wilson_interval_of(rate: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a rate on accounts that may count less than one each.

    Args:
        rate: Bad rate, in [0, 1].
        n: Accounts, or how many independent ones would say as much; above 0.
        level: Confidence level in (0, 1).

    Returns:
        Low and high end, in [0, 1].

    Raises:
        RangeError: `level` outside (0, 1).

    >>> wilson_interval_of(0.1, 50) == wilson_interval(5, 50)
    True
    """
    z = two_sided_z(level)
    share = z * z / n
    middle = (rate + share / 2.0) / (1.0 + share)
    half_width = z * math.sqrt(rate * (1.0 - rate) / n + share / (4.0 * n)) / (1.0 + share)
    low = 0.0 if rate == 0.0 else max(0.0, middle - half_width)
    high = 1.0 if rate == 1.0 else min(1.0, middle + half_width)
    return low, high
