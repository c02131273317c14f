"""The two figures of the normal distribution that intervals and tests need."""

from __future__ import annotations

import math
from numbers import Real
from statistics import NormalDist

from solvent.errors import RangeError


def two_sided_z(level: float) -> float:
    """Half-width, in standard errors, of a two-sided interval.

    Args:
        level: Confidence level, strictly between 0 and 1.

    Returns:
        The z with P(|Z| <= z) = level; positive.

    Raises:
        RangeError: `level` is not strictly between 0 and 1.

    >>> round(two_sided_z(0.95), 6)
    1.959964
    """
    if not isinstance(level, Real) or not 0.0 < level < 1.0:
        raise RangeError(
            f"must lie strictly between 0 and 1, found {level!r}",
            hint="95 percent is written 0.95",
            field="level",
        )
    return -NormalDist().inv_cdf((1.0 - level) / 2.0)


def two_sided_p(z: float) -> float:
    """Probability of a standard normal at least as far from zero as `z`.

    Args:
        z: A finite statistic in standard errors.

    Returns:
        P(|Z| >= |z|), in [0, 1]; accurate in the far tail too.

    >>> round(two_sided_p(-1.959964), 6)
    0.05
    """
    return math.erfc(abs(z) / math.sqrt(2.0))
