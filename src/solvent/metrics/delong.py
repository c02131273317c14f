"""DeLong's interval for one AUC and test for two AUCs on the same accounts.

Accounts of one customer go well or badly together. `clusters` says whose each account is, and then
the spread is that of customers, not of accounts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.errors import MetricError
from solvent.metrics.accounts import BoolArray, FloatArray, IntArray, check_two_classes
from solvent.metrics.clusters import number_clusters
from solvent.metrics.normal import two_sided_p, two_sided_z


@dataclass(frozen=True, slots=True, kw_only=True)
class AucInterval:
    """An AUC and how sure we are of it.

    Attributes:
        auc: In [0, 1].
        low, high: Ends of the two-sided interval, clipped to [0, 1].
        standard_error: >= 0; zero where bads and goods are perfectly ranked or all tied, and then
            the interval is a point and says nothing about other samples.
        level: Confidence level in (0, 1).
    """

    auc: float
    low: float
    high: float
    standard_error: float
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AucDifference:
    """How much better model A ranks than model B on the same accounts.

    Attributes:
        difference: AUC of A minus AUC of B, in [-1, 1].
        low, high: Ends of the two-sided interval, clipped to [-1, 1].
        standard_error: Of the difference, >= 0.
        z: Difference in standard errors.
        p_value: Two-sided.
        level: Confidence level in (0, 1).
    """

    difference: float
    low: float
    high: float
    standard_error: float
    z: float
    p_value: float
    level: float


def auc_interval(
    pd: ArrayLike, bad: ArrayLike, level: float = 0.95, *, clusters: ArrayLike | None = None
) -> AucInterval:
    """AUC with DeLong's interval, in O(n log n).

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,); at least two
            bads and two goods, of two customers each.
        level: Confidence level in (0, 1).
        clusters: Whose each account is, shape (n,): whole numbers or text. Without it every account
            is taken as a customer of its own, which gives the same figures to the last bit.

    Returns:
        The AUC (equal to `auc`), its standard error and its interval.

    Raises:
        OneClassError: `bad` is all true or all false.
        MetricError: only one bad or only one good, or all of either from one customer.
        ShapeError, RangeError: as `check_accounts` and `number_clusters`; `level` outside (0, 1).

    Source: DeLong, DeLong and Clarke-Pearson (1988), by midranks: Sun and Xu (2014); with
    clusters Obuchowski (1997).

    >>> pd = np.array([0.9, 0.4, 0.6, 0.1, 0.2])
    >>> found = auc_interval(pd, np.array([True, True, False, False, False]))
    >>> round(found.auc, 4), round(found.low, 4), found.high
    (0.8333, 0.3714, 1.0)
    """
    z = two_sided_z(level)
    pds, bads = _check_pairs(pd, bad)
    wins = _Wins.of(pds, bads)
    value, error = wins.mean(), _standard_error(wins, bads, clusters)
    return AucInterval(
        auc=value,
        low=max(0.0, value - z * error),
        high=min(1.0, value + z * error),
        standard_error=error,
        level=float(level),
    )


def auc_difference(
    pd_a: ArrayLike,
    pd_b: ArrayLike,
    bad: ArrayLike,
    level: float = 0.95,
    *,
    clusters: ArrayLike | None = None,
) -> AucDifference:
    """Paired DeLong test of two models on the same accounts.

    Two models which rank alike differ by exactly nothing: z is 0 and the p-value 1. Without
    `clusters`, customers who come several times make the test find differences that are chance.

    Args:
        pd_a, pd_b: Probability of default by each model in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,); at least two
            bads and two goods, of two customers each.
        level: Confidence level in (0, 1).
        clusters: Whose each account is, shape (n,): whole numbers or text. Without it every account
            is taken as a customer of its own, which gives the same figures to the last bit.

    Returns:
        The difference A minus B, its interval, z and two-sided p-value.

    Raises:
        OneClassError: `bad` is all true or all false.
        MetricError: only one bad or one good, or all of either from one customer; a difference
            without any spread to judge it by.
        ShapeError, RangeError: as `check_accounts` and `number_clusters`; `level` outside (0, 1).

    Source: DeLong, DeLong and Clarke-Pearson (1988); with clusters Obuchowski (1997). Tests
    compare with two other implementations and with a bootstrap of customers.

    >>> bad = np.array([True, True, False, False, False])
    >>> found = auc_difference([0.9, 0.4, 0.6, 0.1, 0.2], [0.3, 0.4, 0.6, 0.1, 0.2], bad)
    >>> round(found.difference, 4), round(found.z, 4), round(found.p_value, 4)
    (0.1667, 0.7071, 0.4795)
    """
    half_width = two_sided_z(level)
    pds, bads = _check_pairs(pd_a, bad)
    wins = _Wins.of(pds, bads).minus(_Wins.of(*_check_pairs(pd_b, bad)))
    value, error = wins.mean(), _standard_error(wins, bads, clusters)
    if error == 0.0 and value != 0.0:
        raise MetricError(
            "the difference has no spread, so nothing can be said about chance",
            hint="one model ranks every account alike or perfectly; compare on more accounts",
            field="pd_a, pd_b",
        )
    z = value / error if error else 0.0
    return AucDifference(
        difference=value,
        low=max(-1.0, value - half_width * error),
        high=min(1.0, value + half_width * error),
        standard_error=error,
        z=z,
        p_value=two_sided_p(z),
        level=float(level),
    )


def _check_pairs(pd: ArrayLike, bad: ArrayLike) -> tuple[FloatArray, BoolArray]:
    pds, bads = check_two_classes(pd, bad)
    count = int(np.count_nonzero(bads))
    if min(count, bads.size - count) < 2:
        raise MetricError(
            f"a spread needs two of either, found {count} bad and {bads.size - count} good",
            hint="use `auc`, which needs one of each and gives no interval",
            field="bad",
        )
    return pds, bads


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Wins:
    """Twice the pairs each account wins (a tie wins half): whole numbers, so equal stays equal."""

    of_bads: IntArray
    of_goods: IntArray

    @classmethod
    def of(cls, pd: FloatArray, bad: BoolArray) -> _Wins:
        distinct, place = np.unique(pd, return_inverse=True)
        goods = np.bincount(place[~bad], minlength=distinct.size)
        bads = np.bincount(place[bad], minlength=distinct.size)
        goods_below = 2 * np.cumsum(goods) - goods
        bads_above = 2 * bads.sum() - (2 * np.cumsum(bads) - bads)
        return cls(of_bads=goods_below[place[bad]], of_goods=bads_above[place[~bad]])

    def minus(self, other: _Wins) -> _Wins:
        return _Wins(of_bads=self.of_bads - other.of_bads, of_goods=self.of_goods - other.of_goods)

    def mean(self) -> float:
        return int(self.of_bads.sum()) / (2 * self.of_bads.size * self.of_goods.size)


def _standard_error(wins: _Wins, bad: BoolArray, clusters: ArrayLike | None) -> float:
    """Spread of the mean win over customers: those of bads, those of goods, those of both."""
    whose = np.arange(bad.size) if clusters is None else number_clusters(clusters, bad.size)
    of_bads = _Spread.of(wins.of_bads, whose[bad], "bad")
    of_goods = _Spread.of(wins.of_goods, whose[~bad], "good")
    bads, goods = wins.of_bads.size, wins.of_goods.size
    variance = of_bads.variance() / (2 * goods) ** 2 / bads
    variance += of_goods.variance() / (2 * bads) ** 2 / goods
    if clusters is not None:
        both = of_bads.product(of_goods) / (2 * goods * bads) ** 2
        size = int(whose.max()) + 1
        variance += 2.0 * both * size / (size - 1)
    return math.sqrt(max(0.0, variance))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Spread:
    """How far the wins of each customer's accounts of one class lie from what is usual.

    Attributes:
        whose: The customers with such an account, rising, shape (k,).
        off: Their wins less the mean win of each of their accounts, shape (k,).
        n: Accounts of the class.
    """

    whose: IntArray
    off: FloatArray
    n: int

    @classmethod
    def of(cls, wins: IntArray, whose: IntArray, kind: str) -> _Spread:
        sizes = np.bincount(whose)
        present = np.flatnonzero(sizes)
        if present.size < 2:
            raise MetricError(
                f"a spread needs two customers of either, found every {kind} account with one",
                hint="measure on more customers, or use `auc`, which gives no interval",
                field="clusters",
            )
        # Sums of whole numbers below 2 ** 53: float64 holds them exactly.
        won = np.bincount(whose, weights=wins)[present]
        return cls(
            whose=present, off=won - sizes[present] * (int(wins.sum()) / wins.size), n=wins.size
        )

    def variance(self) -> float:
        """Return the variance of a win: with one account each, that of the accounts."""
        many = self.off.size
        return float(np.square(self.off).sum()) / (many - 1) * (many / self.n)

    def product(self, other: _Spread) -> float:
        """Return the sum of products over the customers with accounts of both classes."""
        _, one, two = np.intersect1d(
            self.whose, other.whose, assume_unique=True, return_indices=True
        )
        return float((self.off[one] * other.off[two]).sum())
