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
        rows: Counts, or sums of weights, shape (levels, folds).
        bads: The same of bads, shape (levels, folds).
    """

    rows: FloatArray
    bads: FloatArray

    @classmethod
    def of(
        cls,
        level: IntArray,
        bad: BoolArray,
        fold: NDArray[np.integer],
        levels: int,
        weights: FloatArray | None = None,
    ) -> Evidence:
        """Count.

        Args:
            level: 0 <= level < levels, shape (n,).
            bad: Labels, shape (n,).
            fold: Fold of each row, shape (n,).
            levels: Number of levels.
            weights: Of the rows, shape (n,); None counts them.
        """
        folds = int(fold.max()) + 1
        cell, size = level * folds + fold, levels * folds
        some = None if weights is None else weights[bad]
        rows = np.bincount(cell, weights, minlength=size).reshape(levels, folds)
        bads = np.bincount(cell[bad], some, minlength=size).reshape(levels, folds)
        return cls(rows=rows.astype(np.float64), bads=bads.astype(np.float64))

    def without(self, fold: int) -> Evidence:
        """Forget one fold's rows."""
        rows, bads = self.rows.copy(), self.bads.copy()
        rows[:, fold] = bads[:, fold] = 0.0
        return Evidence(rows=rows, bads=bads)

    def table(self) -> LevelTable:
        """What all rows say."""
        rows, rate = self.rows.sum(axis=1), self.portfolio()
        mean = self.mean(self.weight())
        return LevelTable(
            log_odds=_log_odds(mean), rarity=np.log1p(rows), prior=math.log(rate / (1.0 - rate))
        )

    def others(self, level: IntArray, fold: IntArray) -> tuple[FloatArray, FloatArray]:
        """What other folds say about each row's level: log-odds and rarity, (n,) each."""
        rows = self.rows.sum(axis=1, keepdims=True) - self.rows
        scale = self.rows.sum() / np.maximum(rows.sum(axis=0), 1.0)
        log_odds, rarity = _log_odds(self.mean_elsewhere(self.weight())), np.log1p(rows * scale)
        return log_odds[level, fold], rarity[level, fold]

    def weight(self) -> float:
        """Return the prior's weight, as `choose_weight`."""
        rows, bads = self.rows.sum(axis=1), self.bads.sum(axis=1)
        seen = rows > 0
        return choose_weight(rows[seen], bads[seen])

    def portfolio(self) -> float:
        """Return the bad rate of all rows, in (0, 1)."""
        return (float(self.bads.sum()) + 0.5) / (float(self.rows.sum()) + 1.0)

    def mean(self, weight: float) -> FloatArray:
        """Return each level's bad rate by all rows, in (0, 1), shape (levels,).

        Args:
            weight: Of the prior, in rows.
        """
        prior = weight * self.portfolio()
        found: FloatArray = (self.bads.sum(axis=1) + prior) / (self.rows.sum(axis=1) + weight)
        return found

    def mean_elsewhere(self, weight: float) -> FloatArray:
        """Return each level's bad rate by the rows of *other* folds, shape (levels, folds).

        Args:
            weight: Of the prior, in rows.
        """
        rows = self.rows.sum(axis=1, keepdims=True) - self.rows
        bads = self.bads.sum(axis=1, keepdims=True) - self.bads
        rate = (bads.sum(axis=0) + 0.5) / (rows.sum(axis=0) + 1.0)
        found: FloatArray = (np.maximum(bads, 0.0) + weight * rate) / (rows + weight)
        return found


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
    from solvent.binning._passes import likelihoods  # numba takes a while to import

    pairs, times = np.unique(rows + 1j * bads, return_counts=True)
    rate = (float(bads.sum()) + 0.5) / (float(rows.sum()) + 1.0)
    scores = np.zeros(len(WEIGHTS))
    likelihoods(pairs.real.copy(), pairs.imag.copy(), (times, rate), np.array(WEIGHTS), scores)
    return WEIGHTS[int(np.argmax(scores))]


def _log_odds(mean: FloatArray) -> FloatArray:
    found: FloatArray = np.log(mean / (1.0 - mean))
    return found
