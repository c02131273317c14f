"""The gains table: how many bads the riskiest bands hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.metrics.accounts import FloatArray, IntArray, check_count, check_two_classes
from solvent.metrics.bands import Binning, band_of_each
from solvent.metrics.tally import tally


@dataclass(frozen=True, slots=True, kw_only=True)
class GainsBand:
    """A band of accounts of like PD.

    Attributes:
        n: Accounts, >= 1.
        bads: Bad accounts.
        lowest_pd, highest_pd: Ends of the band, both included.
        bad_rate: bads / n.
        share_of_accounts: Of all accounts, those in this band and riskier ones, in (0, 1].
        share_of_bads: Of all bads, those in this band and riskier ones, in [0, 1].
        lift: Bad rate of the band over the bad rate of all.
    """

    n: int
    bads: int
    lowest_pd: float
    highest_pd: float
    bad_rate: float
    share_of_accounts: float
    share_of_bads: float
    lift: float


def gains(pd: ArrayLike, bad: ArrayLike, bands: int = 10) -> tuple[GainsBand, ...]:
    """Bands of equally many accounts, riskiest first; equal PDs never part.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,).
        bands: Bands asked for, >= 1; ties and few accounts may leave fewer.

    Returns:
        One to `bands` bands of falling PD; the last one's shares are 1.

    Raises:
        OneClassError: `bad` is all true or all false.
        ShapeError, RangeError: as `check_accounts`; `bands` below 1.

    Source: gains and lift table (CAP curve by points); tests compare with a plain Python twin.

    >>> pd = np.array([0.9, 0.4, 0.3, 0.1])
    >>> for band in gains(pd, np.array([True, False, True, False]), bands=2):
    ...     print(band.n, band.bads, band.share_of_bads, band.lift)
    2 1 0.5 1.0
    2 1 1.0 1.0
    """
    counted = tally(*check_two_classes(pd, bad))
    band = band_of_each(counted, check_count(bands, "bands"), Binning.EQUAL_FREQUENCY)
    starts = np.flatnonzero(np.diff(band, prepend=-1))
    ends = np.append(starts[1:], counted.pd.size) - 1
    n, bads = np.add.reduceat(counted.n, starts), np.add.reduceat(counted.bads, starts)
    return _table(n, bads, lowest=counted.pd[ends], highest=counted.pd[starts])


def _table(
    n: IntArray, bads: IntArray, *, lowest: FloatArray, highest: FloatArray
) -> tuple[GainsBand, ...]:
    rate = bads / n
    share_of_accounts, share_of_bads = np.cumsum(n) / n.sum(), np.cumsum(bads) / bads.sum()
    lift = rate * (n.sum() / bads.sum())
    return tuple(
        GainsBand(
            n=int(n[row]),
            bads=int(bads[row]),
            lowest_pd=float(lowest[row]),
            highest_pd=float(highest[row]),
            bad_rate=float(rate[row]),
            share_of_accounts=float(share_of_accounts[row]),
            share_of_bads=float(share_of_bads[row]),
            lift=float(lift[row]),
        )
        for row in range(n.size)
    )
