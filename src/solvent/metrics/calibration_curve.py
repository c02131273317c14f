"""The calibration curve: bad rate against PD, bin by bin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.metrics.accounts import check_accounts, check_count
from solvent.metrics.bands import Binning, band_of_each
from solvent.metrics.tally import tally
from solvent.metrics.wilson import wilson_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """Accounts of like PD, and what became of them.

    Attributes:
        n: Accounts, >= 1.
        bads: Bad accounts.
        mean_pd: In [0, 1].
        bad_rate: bads / n.
        low, high: Wilson interval of the bad rate.
    """

    n: int
    bads: int
    mean_pd: float
    bad_rate: float
    low: float
    high: float


def calibration_curve(
    pd: ArrayLike,
    bad: ArrayLike,
    bins: int = 10,
    *,
    binning: Binning = Binning.EQUAL_FREQUENCY,
    level: float = 0.95,
) -> tuple[CalibrationBin, ...]:
    """Mean PD and bad rate per bin, safest bin first; equal PDs never part.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,); one class is enough.
        bins: Bins asked for, >= 1; ties and few accounts may leave fewer, empty ones are left out.
        binning: Bins of equally many accounts, or of equal width on [0, 1].
        level: Confidence level of the intervals, in (0, 1).

    Returns:
        One to `bins` bins of rising PD.

    Raises:
        ShapeError, RangeError: as `check_accounts`; `bins` below 1, an unknown `binning` or
            `level` outside (0, 1).

    Source: reliability diagram; tests compare with scikit-learn where no PD is tied.

    >>> pd = np.array([0.1, 0.2, 0.6, 0.8])
    >>> for bin in calibration_curve(pd, np.array([False, False, True, False]), bins=2):
    ...     print(round(bin.mean_pd, 2), bin.bad_rate, bin.n)
    0.15 0.0 2
    0.7 0.5 2
    """
    counted = tally(*check_accounts(pd, bad))
    band = band_of_each(counted, check_count(bins, "bins"), Binning(binning))
    starts = np.flatnonzero(np.diff(band, prepend=-1))
    total_pd = np.add.reduceat(counted.pd * counted.n, starts)
    rows = zip(
        np.add.reduceat(counted.n, starts).tolist(),
        np.add.reduceat(counted.bads, starts).tolist(),
        total_pd.tolist(),
        strict=True,
    )
    return tuple(_bin(n, bads, total / n, level) for n, bads, total in rows)[::-1]


def _bin(n: int, bads: int, mean_pd: float, level: float) -> CalibrationBin:
    low, high = wilson_interval(bads, n, level)
    return CalibrationBin(n=n, bads=bads, mean_pd=mean_pd, bad_rate=bads / n, low=low, high=high)
