"""Which pre-bins to join: the exact search under rules, and the choice of a trend out of fold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.binning.outcomes import Outcomes
from solvent.binning.rules import PERIOD_ROWS, BinRules, OverTime, Trend, chance_z, two_sided_z
from solvent.binning.woe import EMPTY_CELL, BoolArray, FloatArray
from solvent.errors import DataError

_COURSES: Final = {
    trend: number
    for number, trend in enumerate(
        (Trend.ASCENDING, Trend.DESCENDING, Trend.PEAK, Trend.VALLEY, Trend.NONE)
    )
}
"""The numbers the search knows trends by."""
NOISE: Final = 2.0
"""Standard errors over folds by which a less simple trend must be the better."""
_SIMPLEST_FIRST: Final = (
    (Trend.ASCENDING, Trend.DESCENDING),
    (Trend.PEAK, Trend.VALLEY),
    (Trend.NONE,),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Rows and their weight by bin, period, fold and kind (0 good, 1 bad).

    Args:
        rows: Counts, shape (bins, periods, folds, 2).
        weight: Sums of weights, of the same shape.
    """

    rows: FloatArray
    weight: FloatArray

    @classmethod
    def of(cls, places: NDArray[np.int16], outcomes: Outcomes, size: int) -> Cells:
        """Count.

        Args:
            places: Each row's bin, shape (n,).
            outcomes: Of the rows.
            size: Number of bins.
        """
        from solvent.binning._passes import (
            count_cells,
            weigh_cells,
        )  # numba takes a while to import

        shape = (size, outcomes.period_count, outcomes.fold_count, 2)
        counts = np.zeros((size, math.prod(shape[1:])), np.int64)
        count_cells(places, outcomes.cell, counts)
        rows = counts.astype(np.float64).reshape(shape)
        if outcomes.weights is None:
            return cls(rows=rows, weight=rows)
        sums = np.zeros(counts.shape)
        weigh_cells(places, outcomes.cell, outcomes.weights, sums)
        return cls(rows=rows, weight=sums.reshape(shape))

    def first(self, bins: int) -> Cells:
        """Return the first so many bins."""
        return Cells(rows=self.rows[:bins], weight=self.weight[:bins])

    def without(self, fold: int) -> Cells:
        """Return what the rows of other folds hold."""
        rows = np.delete(self.rows, fold, axis=2)
        same = self.weight is self.rows
        return Cells(rows=rows, weight=rows if same else np.delete(self.weight, fold, axis=2))

    def by_bin(self, joined: NDArray[np.integer] | None = None) -> FloatArray:
        """Return rows, goods and bads per bin, shape (3, bins).

        Args:
            joined: The bin each has become part of, shape (bins,); None where none has.
        """
        counts = _kinds(self.rows.sum(axis=(1, 2)), self.weight.sum(axis=(1, 2)))
        if joined is None:
            return counts
        found = np.zeros((3, int(joined.max()) + 1))
        for place, home in enumerate(joined.tolist()):
            found[:, home] += counts[:, place]
        return found


def joined_places(ends: BoolArray, size: int) -> NDArray[np.int16]:
    """Return the bin that each pre-bin has become part of; those after the joined ones stay.

    Args:
        ends: Which pre-bins are the last of a joined one.
        size: Number of bins there are now.

    >>> joined_places(np.array([False, True, True]), 4).tolist()
    [0, 0, 1, 2, 3]
    """
    last = np.flatnonzero(ends)
    joined = np.searchsorted(last, np.arange(len(ends)))
    return np.concatenate((joined, np.arange(len(last), size))).astype(np.int16)


def _kinds(rows: FloatArray, weight: FloatArray) -> FloatArray:
    return np.stack([rows.sum(axis=-1), weight[..., 0], weight[..., 1]])


def join_bins(cells: Cells, ordered: int, rules: BinRules, trend: Trend) -> tuple[BoolArray, Trend]:
    """Join neighbours among the first bins so that IV is highest.

    Args:
        cells: What all bins hold.
        ordered: Number of first bins that stand in an order and may be joined.
        rules: What the result must satisfy.
        trend: Asked for; `AUTO` chooses.

    Returns:
        Which bins are the last of a joined one, shape (ordered,), and the trend they follow.

    Raises:
        DataError: No binning has as many bins as asked for.
    """
    worth, ends = _searched(cells, ordered, rules, trend)
    allowed = [each for each, course in _COURSES.items() if worth[course] > -np.inf]
    if not allowed:
        raise _too_few(cells, ordered, rules, trend)
    best = _chosen(cells, ordered, rules, allowed) if len(allowed) > 1 else allowed[0]
    return ends[_COURSES[best]], best


def _searched(
    cells: Cells, ordered: int, rules: BinRules, trend: Trend
) -> tuple[FloatArray, NDArray[np.bool_]]:
    from solvent.binning import _search  # numba takes a while to import

    whole = cells.weight.sum(axis=(0, 1, 2))
    known = cells.first(ordered)
    asked = np.zeros(len(_COURSES), np.bool_)
    asked[list(_COURSES.values()) if trend is Trend.AUTO else _COURSES[trend]] = True
    limits = (
        _fewest(cells, rules),
        0.0 if (p := rules.significance) is None else two_sided_z(p),
        0.0 if rules.over_time is OverTime.STRICT else chance_z(cells.rows.shape[1]),
        float(PERIOD_ROWS),
        EMPTY_CELL,
    )
    judged = _search.judge(_and_by_period(known, rules), whole, limits)
    worth, ends = _search.search(judged, asked, (rules.min_bins, rules.max_bins, rules.min_gain))
    return worth, ends


def _and_by_period(known: Cells, rules: BinRules) -> FloatArray:
    """Return rows, goods and bads per bin, then by period where those may judge, (1 + t, 3, n)."""
    whole = known.by_bin()[None]
    if known.rows.shape[1] == 1 or rules.over_time is OverTime.IGNORED:
        return whole
    kinds = _kinds(known.rows.sum(axis=2), known.weight.sum(axis=2))
    return np.concatenate((whole, kinds.transpose(2, 0, 1)))


def _fewest(cells: Cells, rules: BinRules) -> float:
    return max(1.0, math.ceil(rules.min_share * float(cells.rows.sum()) - 1e-9))


def _chosen(cells: Cells, ordered: int, rules: BinRules, allowed: list[Trend]) -> Trend:
    """Return the simplest trend that is as good out of fold as the best, within noise.

    How good it is: the mean woe that goods of a fold are given by bins made on the others, less
    that of bads; like an IV, but below 0 where bins mislead.

    Source: the rule of one standard error, Breiman et al. (1984); here the error is that of the
    difference between two trends on the same rows, and two of them are asked for.
    """
    told, share, count = _out_of_fold(cells, ordered, rules)
    mean = (told * (share[0] - share[1])).sum(axis=(1, 2))
    leaders = [
        max(alike, key=lambda trend: float(mean[_COURSES[trend]]))
        for group in _SIMPLEST_FIRST
        if (alike := [trend for trend in group if trend in allowed])
    ]
    best = max(leaders, key=lambda trend: float(mean[_COURSES[trend]]))
    for leader in leaders:
        gap = told[_COURSES[best]] - told[_COURSES[leader]]
        spread = (share * gap**2).sum(axis=2) - (share * gap).sum(axis=2) ** 2
        error = math.sqrt(max(0.0, float((spread / count).sum())))
        if mean[_COURSES[best]] - mean[_COURSES[leader]] <= NOISE * error:
            return leader
    return best


def _out_of_fold(
    cells: Cells, ordered: int, rules: BinRules
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what each trend's bins say of folds they were not made on, and who is there.

    Returns:
        The woe of each pre-bin, shape (5, folds, ordered); of a fold's goods and of its bads the
        share in each, shape (2, folds, ordered); how many they are, shape (2, folds).
    """
    from solvent.binning._search import joined_woe  # numba takes a while to import

    folds = cells.rows.shape[2]
    count = cells.weight.sum(axis=(0, 1)).T
    share = cells.weight[:ordered].sum(axis=1).transpose(2, 1, 0)
    told = np.zeros((len(_COURSES), folds, ordered))
    for fold in range(folds):
        learnt = cells.without(fold)
        whole = learnt.weight.sum(axis=(0, 1, 2))
        if whole.min() <= 0.0 or count[:, fold].min() <= 0.0:
            continue
        worth, ends = _searched(learnt, ordered, rules, Trend.AUTO)
        held = learnt.first(ordered).by_bin()[1:]
        for course in np.flatnonzero(worth > -np.inf):
            told[course, fold] = joined_woe(ends[course], held, whole, EMPTY_CELL)
    count = np.maximum(count, 1.0)
    return told, share / count[:, :, None], count


def _too_few(cells: Cells, ordered: int, rules: BinRules, trend: Trend) -> DataError:
    fewest = int(_fewest(cells, rules))
    known = int(cells.rows[:ordered].sum())
    return DataError(
        f"{rules.min_bins} bins of at least {fewest:,} rows were asked for; the {known:,} rows "
        f"with a value, in {ordered} distinct groups, have none under trend {trend} that keeps the "
        "other rules",
        hint="lower min_bins or min_share, or loosen trend, significance or over_time",
        field="min_bins",
    )
