"""The table of a column's bins on any sample, and how the bins fare from period to period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solvent.binning.outcomes import check_target, flags
from solvent.binning.rules import PERIOD_ROWS, chance_z
from solvent.binning.woe import BoolArray, FloatArray, IntArray, shares, woe
from solvent.errors import ShapeError
from solvent.metrics import psi, wilson_interval


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BinTable:
    """What the bins of a column hold in one sample; all arrays of shape (size,).

    Attributes:
        labels: The bins in words.
        rows: Rows per bin.
        goods, bads: Their weight, by kind; counts where nothing is weighted.
        share: Of all rows, in [0, 1].
        bad_rate: In [0, 1]; NaN where the bin is empty.
        low, high: Ends of the 95 % interval of the bad rate (Wilson); NaN where it is empty.
        woe: In this sample; positive is safer, 0 where the bin is empty.
        iv: Each bin's part of the IV.
    """

    labels: tuple[str, ...]
    rows: IntArray
    goods: FloatArray
    bads: FloatArray
    share: FloatArray
    bad_rate: FloatArray
    low: FloatArray
    high: FloatArray
    woe: FloatArray
    iv: FloatArray

    @property
    def total_iv(self) -> float:
        """IV of the column in this sample, >= 0."""
        return float(self.iv.sum())


def bin_table(
    place: NDArray[np.integer],
    bad: BoolArray,
    labels: tuple[str, ...],
    weights: ArrayLike | None = None,
) -> BinTable:
    """Count one sample in bins.

    Args:
        place: Each row's bin, shape (n,).
        bad: True where the account met the bad definition, shape (n,).
        labels: The bins in words.
        weights: > 0, shape (n,); None weighs all alike.

    Raises:
        ShapeError: The lengths differ.
        DataError: A target is missing, or is neither 0 nor 1.
        OneClassError: `bad` is all true or all false.

    >>> table = bin_table(np.array([0, 0, 1, 1]), np.array([True, False, False, False]), ("a", "b"))
    >>> table.bad_rate.tolist(), table.rows.tolist()
    ([0.5, 0.0], [2, 2])
    """
    bad = check_target(bad)
    weight = np.ones(len(bad)) if weights is None else np.asarray(weights, np.float64)
    if not len(place) == len(bad) == len(weight):
        raise ShapeError(f"has {len(place)} bins for {len(bad)} rows", field="place")
    size = len(labels)
    rows = np.bincount(place, minlength=size).astype(np.int64)
    whole = np.bincount(place, weights=weight, minlength=size)
    bads = np.bincount(place[bad], weights=weight[bad], minlength=size).astype(np.float64)
    goods = np.maximum(whole - bads, 0.0)
    p, q, seen = shares(goods, bads)
    evidence = np.zeros(size)
    evidence[seen] = np.log(p[seen] / q[seen])
    rate = np.divide(bads, whole, out=np.full(size, np.nan), where=seen)
    ends = np.array([
        wilson_interval(share * n, n) if n else (np.nan, np.nan)
        for share, n in zip(np.clip(rate, 0.0, 1.0).tolist(), rows.tolist(), strict=True)
    ])  # fmt: skip
    return BinTable(
        labels=labels, rows=rows, goods=goods, bads=bads, share=rows / rows.sum(), bad_rate=rate,
        low=ends[:, 0], high=ends[:, 1], woe=evidence, iv=(p - q) * evidence,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stability:
    """How the bins of a column fare from period to period.

    Attributes:
        periods: Their numbers, rising, shape (t,).
        rows: Rows, shape (t, size).
        bads: Bad rows, shape (t, size).
        share: Of the period's rows, shape (t, size).
        bad_rate: Shape (t, size); NaN where nobody is.
        woe: In the period, shape (t, size); positive is safer, 0 where nobody is, NaN throughout a
            period in which all are bad, or none is.
        psi: Against the shares the bins were made on, shape (t,), >= 0.
        held: Whether the bad rates of neighbouring bins stood in the order of training; bins
            without rows are passed over; shape (t,).
        held_within_chance: The same but for what `OverTime.WITHIN_CHANCE` lets pass, shape (t,).
    """

    periods: IntArray
    rows: IntArray
    bads: IntArray
    share: FloatArray
    bad_rate: FloatArray
    woe: FloatArray
    psi: FloatArray
    held: BoolArray
    held_within_chance: BoolArray


def bin_stability(
    place: NDArray[np.integer],
    bad: BoolArray,
    periods: NDArray[np.integer],
    *,
    trained: IntArray,
    goes: IntArray,
) -> Stability:
    """Count bins period by period.

    Args:
        place: Each row's bin, shape (n,).
        bad: True where the account met the bad definition, shape (n,).
        periods: Number of each row's period, shape (n,).
        trained: Rows per bin when the bins were made, shape (size,).
        goes: Of each of the first bins but one, 1 where the bad rate of the next was higher in
            training, -1 where it was lower, 0 where it was the same; shape (<= size - 1,).

    Raises:
        ShapeError: The lengths differ, or there are no rows.
        DataError: A target is missing, or is neither 0 nor 1.
    """
    if not len(place) == len(bad) == len(periods) or not len(place):
        raise ShapeError(f"has {len(periods)} values for {len(bad)} rows", field="periods")
    bad = flags(bad)
    names, period = np.unique(periods, return_inverse=True)
    shape = (len(names), len(trained))
    cell, cells = period * shape[1] + place, shape[0] * shape[1]
    rows = np.bincount(cell, minlength=cells).reshape(shape).astype(np.int64)
    bads = np.bincount(cell[bad], minlength=cells).reshape(shape).astype(np.int64)
    rate = np.divide(bads, rows, out=np.full(shape, np.nan), where=rows > 0)
    steps = len(goes)
    kinds = np.stack([rows, bads])[:, :, : steps + 1]
    back = np.nan_to_num(goes * (rate[:, :steps] - rate[:, 1 : steps + 1])) > 0.0
    chance = ~_surely_back(kinds[:, :, :-1], kinds[:, :, 1:], goes)
    if (goes >= 0).all() or (goes <= 0).all():
        below = np.cumsum(kinds, axis=2)
        above = below[:, :, -1:] - below
        chance &= ~_surely_back(below[:, :, :-1], above[:, :, :-1], goes)
    return Stability(
        periods=names.astype(np.int64), rows=rows, bads=bads,
        share=rows / rows.sum(axis=1, keepdims=True), bad_rate=rate,
        woe=np.array([_woe_where_told(*kinds) for kinds in zip(rows - bads, bads, strict=True)]),
        psi=np.array([psi(trained, counts) for counts in rows]),
        held=(~back).all(axis=1), held_within_chance=np.asarray(chance.all(axis=1)),
    )  # fmt: skip


def _woe_where_told(goods: IntArray, bads: IntArray) -> FloatArray:
    """Return the woe of each bin; NaN where all are bad, or none is."""
    return woe(goods, bads) if goods.any() and bads.any() else np.full(len(goods), np.nan)


def _surely_back(one: IntArray, other: IntArray, goes: IntArray) -> BoolArray:
    """Return where bad rates go the other way by more than chance explains.

    Args:
        one, other: Rows and bads, shape (2, t, steps).
        goes: The way from one to the other, shape (steps,).
    """
    n, m = np.maximum(one[0], 1), np.maximum(other[0], 1)
    pooled = (one[1] + other[1]) / (n + m)
    error = np.sqrt(pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m))
    back = goes * (one[1] / n - other[1] / m)
    enough = np.minimum(one[0], other[0]) >= PERIOD_ROWS
    return np.asarray(enough & (back > chance_z(len(n)) * error))
