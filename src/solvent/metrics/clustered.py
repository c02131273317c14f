"""Bad rate and expected bads where one customer may hold several accounts.

Accounts of one customer go well or badly together, so the spread is that of customers: an interval
that took the accounts for independent would be too narrow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.metrics.accounts import BoolArray, FloatArray, IntArray, check_accounts
from solvent.metrics.by_segment import FEWEST_EXPECTED
from solvent.metrics.clusters import number_clusters
from solvent.metrics.normal import two_sided_p
from solvent.metrics.wilson import wilson_interval_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusteredCalibration:
    """Bads against those the PDs expected.

    Attributes:
        n: Accounts, >= 1.
        customers: Whose they are, >= 1.
        bads: Bad accounts.
        expected: Sum of the PDs.
        mean_pd: expected / n.
        bad_rate: bads / n.
        low, high: Wilson interval of the bad rate, on as many accounts as would say as much if
            each were of a customer of its own.
        z: Bads less those expected, in standard errors: above 0 the PDs were too low; None where
            fewer than five bads or goods were expected.
        p_value: Two-sided; None where z is.
    """

    n: int
    customers: int
    bads: int
    expected: float
    mean_pd: float
    bad_rate: float
    low: float
    high: float
    z: float | None
    p_value: float | None


def clustered_calibration(
    pd: ArrayLike, bad: ArrayLike, clusters: ArrayLike, *, level: float = 0.95
) -> ClusteredCalibration:
    """Bad rate with an interval, and a test of the PDs, both by customer.

    The variance of the bad rate is that of the ratio of totals over customers, the variance of
    the number of bads given the PDs the sum of each customer's squared surprise; neither is taken
    to be smaller than with independent accounts. Where every customer holds one account the figures
    are those of `calibration_by_segment`.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,).
        clusters: Whose each account is, shape (n,): whole numbers or text.
        level: Confidence level of the interval, in (0, 1).

    Raises:
        ShapeError, RangeError: as `check_accounts` and `number_clusters`; `level` outside (0, 1).

    Source: Korn and Graubard (1998), effective sample size; Spiegelhalter (1986), the test;
    Liang and Zeger (1986), its variance by customer.

    >>> pd, bad = np.full(100, 0.2), np.arange(100) < 36
    >>> found = clustered_calibration(pd, bad, np.arange(100))
    >>> found.bad_rate, round(found.z, 6)
    (0.36, 4.0)
    >>> pairs = clustered_calibration(pd, bad, np.arange(100) // 2)
    >>> pairs.low < found.low, abs(pairs.z) < abs(found.z)
    (True, True)
    """
    pds, bads = check_accounts(pd, bad)
    owner = number_clusters(clusters, pds.size)
    n, total, expected = pds.size, int(np.count_nonzero(bads)), float(pds.sum())
    low, high = wilson_interval_of(total / n, n / _design_effect(bads, owner), level)
    z = _z(pds, bads, owner, expected)
    return ClusteredCalibration(
        n=n, customers=int(owner.max()) + 1, bads=total, expected=expected, mean_pd=expected / n,
        bad_rate=total / n, low=low, high=high, z=z,
        p_value=None if z is None else two_sided_p(z),
    )  # fmt: skip


def _design_effect(bads: BoolArray, owner: IntArray) -> float:
    """Return how many times the variance of the rate exceeds that of independent accounts."""
    n, rate = bads.size, float(bads.mean())
    accounts = np.bincount(owner)
    if accounts.size == n or not 0.0 < rate < 1.0:
        return 1.0
    surprise = np.bincount(owner, weights=bads) - rate * accounts
    ratio = float((surprise**2).sum()) / (n * rate * (1.0 - rate))
    return min(max(1.0, ratio), float(n))


def _z(pds: FloatArray, bads: BoolArray, owner: IntArray, expected: float) -> float | None:
    variance = float((pds * (1.0 - pds)).sum())
    if min(expected, pds.size - expected) < FEWEST_EXPECTED or variance <= 0.0:
        return None
    if int(owner.max()) + 1 < pds.size:
        surprise = np.bincount(owner, weights=bads - pds)
        variance = max(variance, float((surprise**2).sum()))
    return (int(np.count_nonzero(bads)) - expected) / math.sqrt(variance)
