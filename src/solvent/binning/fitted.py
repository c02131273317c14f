"""Fitted bins of one column: where a value lies, and what its bin is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solvent.binning.homes import Homes
from solvent.binning.levels import CodeArray, LevelBins
from solvent.binning.numbers import NumberBins
from solvent.binning.rules import Trend
from solvent.binning.table import BinTable, Stability, bin_stability, bin_table
from solvent.binning.woe import BoolArray, FloatArray, IntArray, bad_rates, shares

Places = NDArray[np.integer]
NUMBERS: Final = "numbers"
LEVELS: Final = "levels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binning:
    """What fitted bins of numbers and of categories have in common.

    The first `ordered` bins stand in an order, that of the number or of the levels' rates.

    Args:
        bins: Where values lie before missing ones and special codes have joined another bin.
        trend: The course of the bad rate the bins were made under, never `AUTO`.
        homes: Which of them share a fitted bin, and what the fitted bins held in training.
    """

    bins: NumberBins | LevelBins
    trend: Trend
    homes: Homes

    @property
    def size(self) -> int:
        """Number of fitted bins."""
        return len(self.homes.rows)

    @property
    def labels(self) -> tuple[str, ...]:
        """The bins in words, shape (size,)."""
        parts: list[list[str]] = [[] for _ in range(self.size)]
        for home, word in zip(self.homes.joins, self.bins.words, strict=True):
            parts[home].append(word)
        return tuple(", ".join(words) for words in parts)

    @property
    def woe(self) -> FloatArray:
        """Each bin's woe as a model should use it, shape (size,); 0 where nothing can be told."""
        return self._evidence()[0]

    @property
    def iv(self) -> float:
        """IV on the training rows as the bins were learnt, neutral bins left out."""
        return self._evidence()[1]

    def _evidence(self) -> tuple[FloatArray, float]:
        p, q, seen = shares(self.homes.goods, self.homes.bads)
        seen[list(self.homes.neutral)] = False
        found = np.zeros(self.size)
        found[seen] = np.log(p[seen] / q[seen])
        return found, float(((p - q) * found).sum())

    def table(self, place: Places, bad: BoolArray, weights: ArrayLike | None = None) -> BinTable:
        """Count any sample in these bins: as `bin_table`."""
        return bin_table(place, bad, self.labels, weights)

    def stability(
        self, place: Places, bad: BoolArray, periods: Places, trained: IntArray | None = None
    ) -> Stability:
        """Count the bins of any sample period by period: as `bin_stability`.

        Args:
            place, bad, periods: Of the sample.
            trained: Rows per bin that shares are held against; None for those the bins were learnt
                from, which of a category lie where other folds place them.
        """
        rate = bad_rates(self.homes.goods, self.homes.bads)[: self.bins.ordered]
        goes = np.sign(np.nan_to_num(np.diff(rate))).astype(np.int64)
        held = np.array(self.homes.rows) if trained is None else trained
        return bin_stability(place, bad, periods, trained=held, goes=goes)

    def to_json(self) -> dict[str, object]:
        """Return plain values that `binning_from_json` reads."""
        bins: dict[str, object] = (
            {"kind": NUMBERS, "edges": list(self.bins.edges), "whole": self.bins.whole}
            if isinstance(self.bins, NumberBins)
            else {"kind": LEVELS, "groups": [list(group) for group in self.bins.groups]}
        )
        return {
            **bins, "special": list(self.bins.special),
            "trend": str(self.trend), "joins": list(self.homes.joins),
            "rows": list(self.homes.rows), "goods": list(self.homes.goods),
            "bads": list(self.homes.bads), "neutral": list(self.homes.neutral),
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberBinning(Binning):
    """Fitted bins of a number."""

    bins: NumberBins

    def place(self, values: FloatArray) -> IntArray:
        """Return each value's bin, 0 <= bin < size, shape (n,); NaN is missing."""
        return np.array(self.homes.joins, np.int64)[self.bins.place(values)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelBinning(Binning):
    """Fitted bins of a category."""

    bins: LevelBins

    def place(self, codes: CodeArray, levels: Sequence[str]) -> IntArray:
        """Return each row's bin, 0 <= bin < size, shape (n,).

        Args:
            codes: Index into `levels`, -1 for not known, shape (n,).
            levels: The labels; one never seen before goes where rare ones go.
        """
        return self.table_of(levels)[codes.astype(np.intp)]

    def table_of(self, levels: Sequence[str]) -> IntArray:
        """Return the bin of each label and, last, that of what is missing, shape (levels + 1,)."""
        return np.array(self.homes.joins, np.int64)[self.bins.table(levels)]


class BinnedNumbers(NamedTuple):
    """Fitted bins of a number, and where the training rows lie.

    Attributes:
        binning: The bins.
        places: Each training row's bin, for a model to learn from, shape (n,).
    """

    binning: NumberBinning
    places: NDArray[np.int16]


class BinnedLevels(NamedTuple):
    """Fitted bins of a category, and where the training rows lie.

    Attributes:
        binning: The bins.
        places: Each training row's bin as rows of *other* folds have it, shape (n,): no row was
            placed by its own outcome. A model learns from these; `binning.place` is for new rows.
    """

    binning: LevelBinning
    places: NDArray[np.int16]
