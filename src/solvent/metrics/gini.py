"""Gini: the AUC rescaled so that a blind model scores zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np  # noqa: F401  (the examples below use it)
from numpy.typing import ArrayLike

from solvent.metrics.auc import auc
from solvent.metrics.delong import AucInterval, auc_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class GiniInterval:
    """A Gini and how sure we are of it.

    Attributes:
        gini: In [-1, 1].
        low, high: Ends of the two-sided interval, clipped to [-1, 1].
        standard_error: Twice that of the AUC.
        level: Confidence level in (0, 1).
    """

    gini: float
    low: float
    high: float
    standard_error: float
    level: float

    @classmethod
    def of(cls, found: AucInterval) -> GiniInterval:
        """The same interval on the Gini's scale."""
        return cls(
            gini=2.0 * found.auc - 1.0,
            low=2.0 * found.low - 1.0,
            high=2.0 * found.high - 1.0,
            standard_error=2.0 * found.standard_error,
            level=found.level,
        )


def gini(pd: ArrayLike, bad: ArrayLike) -> float:
    """Gini coefficient, accuracy ratio and Somers' D of the PD given the outcome: all 2 AUC - 1.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,).

    Returns:
        Gini in [-1, 1]; 0 for a constant PD, negative where the PD ranks the wrong way.

    Raises:
        OneClassError: `bad` is all true or all false.
        ShapeError, RangeError: as `check_accounts`.

    Source: Somers (1962); tests compare with `scipy.stats.somersd`.

    >>> gini(np.array([0.9, 0.4, 0.4, 0.1]), np.array([True, True, False, False]))
    0.75
    """
    return 2.0 * auc(pd, bad) - 1.0


def gini_interval(
    pd: ArrayLike, bad: ArrayLike, level: float = 0.95, *, clusters: ArrayLike | None = None
) -> GiniInterval:
    """Gini with DeLong's interval.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,); at least two
            bads and two goods, of two customers each.
        level: Confidence level in (0, 1).
        clusters: As `auc_interval`: whose each account is.

    Returns:
        The Gini (equal to `gini`), its standard error and its interval.

    Raises:
        OneClassError, MetricError, ShapeError, RangeError: as `auc_interval`.

    Source: DeLong, DeLong and Clarke-Pearson (1988); with clusters Obuchowski (1997).

    >>> pd = np.array([0.9, 0.4, 0.6, 0.1, 0.2])
    >>> found = gini_interval(pd, np.array([True, True, False, False, False]))
    >>> round(found.gini, 4), round(found.low, 4), found.high
    (0.6667, -0.2573, 1.0)
    """
    return GiniInterval.of(auc_interval(pd, bad, level, clusters=clusters))
