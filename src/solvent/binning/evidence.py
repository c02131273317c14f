"""What the labels say about each level of a category, without letting a row speak for itself.

A level seen n times with b bads is given the log-odds of (b + m·p) / (n + m): its own rate
pulled towards the portfolio's rate p with the weight of m rows. m is chosen by the beta-binomial
likelihood of all levels, so levels that differ by chance alone are pulled together almost entirely.

Source: empirical Bayes shrinkage for high-cardinality categories, Micci-Barreca (2001).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

WEIGHTS: Final = tuple(float(2.0**power) for power in range(1, 15))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """Rows and bads of each level in each fold.

    Args:
        rows: Counts, shape (levels, folds).
        bads: Counts, shape (levels, folds).
    """

    rows: FloatArray
    bads: FloatArray

    @classmethod
    def of(cls, level: IntArray, bad: BoolArray, fold: IntArray, levels: int) -> Evidence:
        """Count.

        Args:
            level: 0 <= level < levels, shape (n,).
            bad: Labels, shape (n,).
            fold: Fold of each row, shape (n,).
            levels: Number of levels.
        """
        folds = int(fold.max()) + 1
        cell, size = level * folds + fold, levels * folds
        rows = np.bincount(cell, minlength=size).reshape(levels, folds)
        bads = np.bincount(cell[bad], minlength=size).reshape(levels, folds)
        return cls(rows=rows.astype(np.float64), bads=bads.astype(np.float64))

    def without(self, fold: int) -> Evidence:
        """Forget one fold's rows."""
        rows, bads = self.rows.copy(), self.bads.copy()
        rows[:, fold] = bads[:, fold] = 0.0
        return Evidence(rows=rows, bads=bads)

    def table(self) -> LevelTable:
        """What all rows say."""
        weight = self._weight()
        return self._table(self.rows.sum(axis=1), self.bads.sum(axis=1), weight)

    def others(self, level: IntArray, fold: IntArray) -> tuple[FloatArray, FloatArray]:
        """What other folds say about each row's level: log-odds and rarity, (n,) each."""
        weight = self._weight()
        rows, bads = self.rows.sum(axis=1), self.bads.sum(axis=1)
        log_odds, rarity = np.empty(len(level)), np.empty(len(level))
        for held in range(self.rows.shape[1]):
            table = self._table(rows - self.rows[:, held], bads - self.bads[:, held], weight)
            mine = fold == held
            log_odds[mine] = table.log_odds[level[mine]]
            rarity[mine] = table.rarity[level[mine]]
        return log_odds, rarity

    def _weight(self) -> float:
        rows, bads = self.rows.sum(axis=1), self.bads.sum(axis=1)
        seen = rows > 0
        return choose_weight(rows[seen], bads[seen])

    def _table(self, rows: FloatArray, bads: FloatArray, weight: float) -> LevelTable:
        rate = self._rate()
        mean = (bads + weight * rate) / (rows + weight)
        return LevelTable(
            log_odds=np.log(mean / (1.0 - mean)),
            rarity=np.log1p(rows * (self.rows.sum() / max(rows.sum(), 1.0))),
            prior=math.log(rate / (1.0 - rate)),
        )

    def _rate(self) -> float:
        return (float(self.bads.sum()) + 0.5) / (float(self.rows.sum()) + 1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LevelTable:
    """What is said of each level.

    Args:
        log_odds: Of bad, shape (levels,).
        rarity: Log of 1 + rows, shape (levels,).
        prior: Log-odds of an unknown level.
    """

    log_odds: FloatArray
    rarity: FloatArray
    prior: float


def choose_weight(rows: FloatArray, bads: FloatArray) -> float:
    """Return the prior's weight, in rows, under which the counts are likeliest.

    Args:
        rows: Rows of each level, > 0, shape (levels,).
        bads: Bads of each level, shape (levels,).
    """
    pairs, times = np.unique(np.column_stack([rows, bads]), axis=0, return_counts=True)
    rate = (float(bads.sum()) + 0.5) / (float(rows.sum()) + 1.0)
    scores = [_log_likelihood(pairs, times, weight, rate) for weight in WEIGHTS]
    return WEIGHTS[int(np.argmax(scores))]


def _log_likelihood(pairs: FloatArray, times: IntArray, weight: float, rate: float) -> float:
    bad, good = weight * rate, weight * (1.0 - rate)
    fixed = math.lgamma(weight) - math.lgamma(bad) - math.lgamma(good)
    return sum(
        int(count)
        * (math.lgamma(b + bad) + math.lgamma(n - b + good) - math.lgamma(n + weight) + fixed)
        for (n, b), count in zip(pairs.tolist(), times, strict=True)
    )
