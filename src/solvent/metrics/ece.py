"""ECE: the mean gap between PD and bad rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from solvent.metrics.bands import Binning
from solvent.metrics.calibration_curve import calibration_curve


def ece(
    pd: ArrayLike,
    bad: ArrayLike,
    bins: int = 10,
    *,
    binning: Binning = Binning.EQUAL_FREQUENCY,
) -> float:
    """Expected calibration error: |mean PD - bad rate| averaged over bins, weighted by accounts.

    The figure depends on the bins, so compare only under one binning and one number of bins. Equal
    width, usual elsewhere, puts nearly all accounts of a lender into its first bin.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,); one class is enough.
        bins: Bins asked for, >= 1.
        binning: Bins of equally many accounts, or of equal width on [0, 1].

    Returns:
        ECE in [0, 1], lower is better.

    Raises:
        ShapeError, RangeError: as `check_accounts`; `bins` below 1 or an unknown `binning`.

    Source: Naeini, Cooper and Hauskrecht (2015); tests compare with a plain Python twin.

    >>> round(ece(np.array([0.1, 0.2, 0.6, 0.8]), np.array([False, False, True, False]), bins=2), 6)
    0.175
    """
    curve = calibration_curve(pd, bad, bins, binning=binning)
    n = np.array([row.n for row in curve])
    gap = np.array([abs(row.mean_pd - row.bad_rate) for row in curve])
    return float((n * gap).sum() / n.sum())
