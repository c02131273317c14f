"""How far chance may have carried a sum of money."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.errors import RangeError
from solvent.metrics.accounts import one_dimensional
from solvent.metrics.normal import two_sided_z


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A sum of money over applications, and where it may lie for others of their kind.

    Attributes:
        total: In major units.
        low, high: Ends of the two-sided interval, in major units.
        level: Confidence level in (0, 1).
    """

    total: float
    low: float
    high: float
    level: float

    @property
    def beyond_chance(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0.0 or self.high < 0.0


def total(money: ArrayLike, level: float = 0.9) -> Total:
    """Add up money, with the interval of as many other applications drawn alike.

    Args:
        money: What each application brought, in major units, shape (n,), n >= 1.
        level: Confidence level in (0, 1).

    Returns:
        The exact sum and its interval, z · √n · standard deviation to either side; a single
        application has no spread and the interval is a point.

    Raises:
        ShapeError: no application, or not one-dimensional.
        RangeError: money is not finite, or `level` outside (0, 1).

    Source: the central limit theorem; tests compare with a bootstrap.

    >>> found = total(np.array([10.0, -5.0, 10.0, 5.0]))
    >>> found.total, round(found.low, 1), round(found.high, 1)
    (20.0, -3.3, 43.3)
    """
    z = two_sided_z(level)
    values = one_dimensional(money, "money").astype(np.float64, copy=False).tolist()
    summed = math.fsum(values)
    if not math.isfinite(summed):
        raise RangeError("must be finite", field="money")
    n = len(values)
    squares = math.fsum((value - summed / n) ** 2 for value in values)
    half = z * math.sqrt(n * squares / (n - 1)) if n > 1 else 0.0
    return Total(total=summed, low=summed - half, high=summed + half, level=float(level))
