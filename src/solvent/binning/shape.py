"""Which way the bad rate goes along the bins of a number."""

from __future__ import annotations

import math
from enum import StrEnum
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solvent.binning.pooling import rising_fit
from solvent.errors import ShapeError

FloatArray = NDArray[np.float64]
CHANCE: Final = 0.05


class Shape(StrEnum):
    """How the bad rate runs as the number grows."""

    FLAT = "flat"
    RISES = "rises"
    FALLS = "falls"
    PEAK = "peak"
    DIP = "dip"
    MIXED = "mixed"


def shape(n: ArrayLike, bads: ArrayLike) -> Shape:
    """Return the simplest course of the bad rate that chance lets stand.

    A course stands where bins lie about its best fit no further than sampling explains
    (chi-squared, 5 %): first no change at all, then one that only rises or only falls, then one
    with a single peak or dip.

    Args:
        n: Accounts per bin, in the order of the number, shape (b,); empty bins are left out.
        bads: Bad accounts per bin, shape (b,).

    Raises:
        ShapeError: Of two lengths, or without accounts.

    Source: isotonic regression by pooling adjacent violators, Barlow et al. (1972).

    >>> shape([500, 500, 500], [20, 60, 110]), shape([500, 500, 500], [50, 51, 49])
    (<Shape.RISES: 'rises'>, <Shape.FLAT: 'flat'>)
    >>> shape([500, 500, 500], [20, 110, 30])
    <Shape.PEAK: 'peak'>
    """
    counts, bad = np.asarray(n, np.float64), np.asarray(bads, np.float64)
    if counts.shape != bad.shape or counts.ndim != 1 or not counts.any():
        raise ShapeError("give accounts and bads of the same bins", field="n, bads")
    bad, counts = bad[counts > 0], counts[counts > 0]
    rate = bad / counts
    whole = float(bad.sum() / counts.sum())
    if len(rate) < 2 or whole in {0.0, 1.0}:
        return Shape.FLAT
    line = np.full(len(rate), whole)
    allowed = chi_squared_quantile(len(rate) - 1, 1.0 - CHANCE)
    courses: list[list[tuple[Shape, FloatArray]]] = [
        [(Shape.FLAT, line)],
        [(Shape.RISES, rising_fit(rate, counts)), (Shape.FALLS, -rising_fit(-rate, counts))],
        [(Shape.PEAK, _peaked(rate, counts)), (Shape.DIP, -_peaked(-rate, counts))],
    ]
    for course in courses:
        best, fit = min(course, key=lambda each: misfit(rate, counts, each[1]))
        if misfit(rate, counts, fit) <= allowed:
            return best
    return Shape.MIXED


def chi_squared_quantile(df: int, share: float) -> float:
    """Return the quantile of a chi-squared distribution, to about three percent.

    Source: Wilson and Hilferty (1931).

    >>> round(chi_squared_quantile(9, 0.95), 2)
    16.9
    """
    part = 2.0 / (9.0 * df)
    return df * (1.0 - part + NormalDist().inv_cdf(share) * math.sqrt(part)) ** 3


def misfit(rate: FloatArray, counts: FloatArray, fit: FloatArray) -> float:
    """Return the sum of squared distances in standard errors of a fit.

    Args:
        rate: Of each bin, in [0, 1], shape (b,).
        counts: Accounts per bin, > 0, shape (b,); no bin errs less than half an account does.
        fit: The rates they are held against, shape (b,).
    """
    safe = np.clip(fit, 0.5 / counts, 1.0 - 0.5 / counts)
    return float((counts * (rate - fit) ** 2 / (safe * (1.0 - safe))).sum())


def _peaked(rate: FloatArray, weight: FloatArray) -> FloatArray:
    """Return the best fit that rises up to some bin inside and falls from it on."""
    fits = [
        np.concatenate(
            (rising_fit(rate[:top], weight[:top]), -rising_fit(-rate[top:], weight[top:]))
        )
        for top in range(1, len(rate))
    ]
    return min(fits, key=lambda fit: misfit(rate, weight, fit))
