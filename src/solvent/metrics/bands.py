"""Cutting accounts into bands by PD without ever splitting a tie."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from solvent.errors import RangeError
from solvent.metrics.accounts import IntArray
from solvent.metrics.tally import Tally


class Binning(StrEnum):
    """How accounts are cut into bins; figures under the two rules are not comparable."""

    EQUAL_FREQUENCY = "equal_frequency"
    EQUAL_WIDTH = "equal_width"

    @classmethod
    def _missing_(cls, value: object) -> Binning:
        known = ", ".join(cls)
        raise RangeError(f"must be one of {known}, found {value!r}", field="binning")


def band_of_each(counted: Tally, bins: int, binning: Binning) -> IntArray:
    """The band of each distinct PD.

    Equal frequency: all accounts stand in a row, riskiest first, and a distinct PD goes where the
    middle of its accounts falls; without ties, n a multiple of `bins`, the bands are equal.
    Equal width: [0, 1] is cut into equal parts, closed below, the last closed above as well.
    Ties stay together, so bands may differ in size and some may be empty.

    Args:
        counted: Accounts per distinct PD, riskiest first, k of them.
        bins: Number of bands asked for, >= 1.
        binning: The rule.

    Returns:
        Band in [0, bins), 0 the riskiest, never falling, shape (k,).

    >>> n, bads = np.array([1, 2, 1]), np.array([1, 1, 0])
    >>> counted = Tally(pd=np.array([0.9, 0.4, 0.1]), n=n, bads=bads)
    >>> band_of_each(counted, 2, Binning.EQUAL_FREQUENCY).tolist()
    [0, 1, 1]
    >>> band_of_each(counted, 10, Binning.EQUAL_WIDTH).tolist()
    [0, 5, 8]
    """
    if binning is Binning.EQUAL_WIDTH:
        inner_edges = np.arange(1, bins) / bins
        below = np.searchsorted(inner_edges, counted.pd, side="right")
        return (bins - 1 - below).astype(np.int64, copy=False)
    end = np.cumsum(counted.n)
    twice_the_middle = 2 * end - counted.n
    band: IntArray = twice_the_middle * bins // (2 * int(end[-1]))
    return band
