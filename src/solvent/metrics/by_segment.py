"""Calibration by segment: in each, whether as many went bad as the PDs said."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.metrics.accounts import check_accounts, check_same_length, one_dimensional
from solvent.metrics.normal import two_sided_p
from solvent.metrics.wilson import wilson_interval

FEWEST_EXPECTED = 5.0
"""Below so many expected bads, or goods, the normal approximation says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentCalibration:
    """Accounts of one segment, and what became of them.

    Attributes:
        segment: Its label.
        n: Accounts, >= 1.
        bads: Bad accounts.
        mean_pd: In [0, 1].
        bad_rate: bads / n.
        low, high: Wilson interval of the bad rate.
        z: Bads less those expected, in standard errors: above 0 the PDs were too low; None where
            fewer than five bads or goods were expected.
        p_value: Two-sided; None where z is.
    """

    segment: str
    n: int
    bads: int
    mean_pd: float
    bad_rate: float
    low: float
    high: float
    z: float | None
    p_value: float | None


def calibration_by_segment(
    pd: ArrayLike, bad: ArrayLike, segment: ArrayLike, *, level: float = 0.95
) -> tuple[SegmentCalibration, ...]:
    """Mean PD against bad rate in each segment, in the order of their labels.

    The squared z over segments sums to the statistic of Hosmer and Lemeshow where every PD of a
    segment is the same.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,).
        segment: Label of each account's segment, shape (n,).
        level: Confidence level of the intervals, in (0, 1).

    Raises:
        ShapeError, RangeError: as `check_accounts`; `level` outside (0, 1).

    Source: Spiegelhalter (1986), the variance of the number of bads given the PDs.

    >>> pd, bad = np.full(100, 0.2), np.arange(100) < 36
    >>> (found,) = calibration_by_segment(pd, bad, np.full(100, "all"))
    >>> found.bad_rate, round(found.z, 6)
    (0.36, 4.0)
    """
    pds, bads = check_accounts(pd, bad)
    labels = one_dimensional(segment, "segment")
    check_same_length(pds, labels, "segment")
    names, place, count = np.unique(labels, return_inverse=True, return_counts=True)
    totals = zip(
        names.tolist(),
        count.tolist(),
        np.bincount(place, weights=bads).astype(np.int64).tolist(),
        np.bincount(place, weights=pds).tolist(),
        np.bincount(place, weights=pds * (1.0 - pds)).tolist(),
        strict=True,
    )
    return tuple(_segment(str(name), *figures, level=level) for name, *figures in totals)


def _segment(
    name: str, n: int, bads: int, expected: float, variance: float, *, level: float
) -> SegmentCalibration:
    low, high = wilson_interval(bads, n, level)
    z = None
    if min(expected, n - expected) >= FEWEST_EXPECTED and variance > 0.0:
        z = (bads - expected) / math.sqrt(variance)
    return SegmentCalibration(
        segment=name, n=n, bads=bads, mean_pd=expected / n, bad_rate=bads / n, low=low, high=high,
        z=z, p_value=None if z is None else two_sided_p(z),
    )  # fmt: skip
