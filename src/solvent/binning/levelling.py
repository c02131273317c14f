"""The levels of a category joined into the bins of highest IV, without a row speaking for itself.

Each level gets a bad rate by empirical Bayes; levels are put in its order and joined by the exact
search. A training row is placed by what the rows of *other* folds say of its level, and goods and
bads are counted there: so the IV seen in training is one to expect of new rows, and a category of
noise has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.binning.evidence import Evidence
from solvent.binning.fitted import BinnedLevels, LevelBinning
from solvent.binning.homes import find_homes
from solvent.binning.levels import CodeArray, LevelBins
from solvent.binning.optimal import Cells, join_bins, joined_places
from solvent.binning.outcomes import Outcomes
from solvent.binning.rules import BinRules, Trend
from solvent.binning.woe import BoolArray, FloatArray, IntArray
from solvent.errors import DataError, RangeError, ShapeError

RARE: Final = 0.05
"""A level with fewer rows than this share of the prior's weight hardly moves from the portfolio's
rate: it is rare."""
Places = NDArray[np.int16]
SEEN_TWICE: Final = 2
"""Rows below which every level is rare: other folds know nothing of it."""


def bin_levels(
    codes: CodeArray, levels: Sequence[str], outcomes: Outcomes, rules: BinRules
) -> BinnedLevels:
    """Join the levels of a category into the bins of highest IV that keep the rules.

    Args:
        codes: Index into `levels`, -1 where missing, shape (n,).
        levels: The labels, each once.
        outcomes: What became of the n rows.
        rules: What bins must satisfy. Bins stand in the order of their bad rate whatever `trend`
            says; numbers among the special codes do not concern a category.

    Returns:
        The bins, and each row's by what other folds say of its level.

    Raises:
        ShapeError: `codes` are not as many as outcomes.
        RangeError: A code has no label, or a label stands for two.
        DataError: The rules cannot be met.
    """
    _check(codes, levels, outcomes)
    if rules.groups is not None:
        bins = LevelBins(groups=rules.groups, special=rules.special_labels)
        placed = bins.place(codes, levels).astype(np.int16)
        return _fitted(bins, Cells.of(placed, outcomes, bins.size).by_bin(), placed, rules)
    slots = _slots(levels, rules)
    level = slots[codes]
    order = _ordered(level, len(levels), outcomes, rules)
    if not order.bins and rules.min_bins > 1:
        raise DataError(
            f"{rules.min_bins} bins were asked for; every one of the {len(levels):,} levels is too "
            "rare to stand in one",
            hint="lower min_bins, or put levels together with groups", field="min_bins",
        )  # fmt: skip
    first = _first_places(order, rules)
    places = first[level, outcomes.fold]
    cells = Cells.of(places, outcomes, int(first.max()) + 1)
    ends = np.zeros(0, np.bool_)
    if order.bins:
        ends, _ = join_bins(cells, order.bins, rules, Trend.ASCENDING)
    groups = _groups(levels, slots, order, ends)
    bins = LevelBins(groups=groups, special=rules.special_labels)
    raw = joined_places(ends, bins.size)
    return _fitted(bins, cells.by_bin(raw), raw[places], rules)


def _fitted(bins: LevelBins, counts: FloatArray, placed: Places, rules: BinRules) -> BinnedLevels:
    trend = Trend.ASCENDING if rules.groups is None and bins.ordered > 1 else Trend.NONE
    homes = find_homes(bins, counts, rules, trend)
    binning = LevelBinning(bins=bins, trend=trend, homes=homes)
    return BinnedLevels(binning=binning, places=np.array(homes.joins, np.int16)[placed])


def _check(codes: CodeArray, levels: Sequence[str], outcomes: Outcomes) -> None:
    if codes.shape != outcomes.bad.shape:
        raise ShapeError(f"has {codes.shape} values for {len(outcomes):,} outcomes", field="codes")
    if codes.max() >= len(levels) or codes.min() < -1:
        raise RangeError(f"must lie in -1 to {len(levels) - 1:,}, one per label", field="codes")
    if len(set(levels)) < len(levels):
        raise RangeError("names one label twice", field="levels")


def _slots(levels: Sequence[str], rules: BinRules) -> IntArray:
    """Return the slot of each label, then of what is missing: labels, special ones, missing.

    Labels kept together by hand share the slot of the first.
    """
    missing = len(levels) + len(rules.special_labels)
    found = np.append(np.arange(len(levels)), missing)
    place = {label: at for at, label in enumerate(levels)}
    for number, label in enumerate(rules.special_labels):
        if label in place:
            found[place[label]] = len(levels) + number
    for together in rules.merge:
        here = [place[str(label)] for label in together if label in place]
        if here:  # all that stands with one of them stands with all
            found[np.isin(found, found[here])] = found[here].min()
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Order:
    """Levels in the order of their bad rate.

    Args:
        rate: By all rows, shape (levels,).
        elsewhere: By the rows of other folds, shape (levels, folds).
        usual: Whether a level is not rare, shape (levels,).
        edges: Rates that part pre-bins, rising.
    """

    rate: FloatArray
    elsewhere: FloatArray
    usual: BoolArray
    edges: FloatArray

    @property
    def bins(self) -> int:
        """Number of pre-bins; 0 where every level is rare."""
        return len(self.edges) + 1 if self.usual.any() else 0


def _ordered(level: IntArray, levels: int, outcomes: Outcomes, rules: BinRules) -> _Order:
    size = levels + len(rules.special_labels) + 1
    counted = Evidence.of(level, outcomes.bad, outcomes.fold, size, outcomes.weights)
    known = Evidence(rows=counted.rows[:levels], bads=counted.bads[:levels])
    rows = np.bincount(level, minlength=size)[:levels]
    weight = known.weight()
    usual = rows >= max(SEEN_TWICE, min(RARE * weight, rules.min_share * len(level)))
    rate = known.mean(weight)
    return _Order(
        rate=rate, elsewhere=known.mean_elsewhere(weight), usual=usual,
        edges=_edges(rate[usual], rows[usual], rules.prebins),
    )  # fmt: skip


def _edges(rate: FloatArray, rows: IntArray, most: int) -> FloatArray:
    """Return rates halfway between levels that part them into groups of about as many rows."""
    distinct, which = np.unique(rate, return_inverse=True)
    held = np.bincount(which, weights=rows, minlength=len(distinct))
    group = np.arange(len(held))
    if len(held) > most:
        group = ((np.cumsum(held) - held / 2.0) * most / held.sum()).astype(np.int64)
    cut = np.flatnonzero(np.diff(group) > 0)
    found: FloatArray = (distinct[cut] + distinct[cut + 1]) / 2.0
    return found


def _first_places(order: _Order, rules: BinRules) -> NDArray[np.int16]:
    """Return the pre-bin of each slot as other folds have it, shape (slots, folds).

    Known ones, then that of rare levels, special labels and what is missing.
    """
    special = len(rules.special_labels)
    found = np.full((len(order.rate) + special + 1, order.elsewhere.shape[1]), order.bins, np.int16)
    usual = np.flatnonzero(order.usual)
    found[usual] = np.searchsorted(order.edges, order.elsewhere[usual], side="left")
    found[len(order.rate) :] += np.arange(1, special + 2, dtype=np.int16)[:, None]
    return found


def _groups(
    levels: Sequence[str], slots: IntArray, order: _Order, ends: BoolArray
) -> tuple[tuple[str, ...], ...]:
    """Return the labels of each bin: each level where the rate of all its rows lies."""
    edges = order.edges[ends[:-1]]
    found: list[list[str]] = [[] for _ in range(int(ends.sum()))]
    home = np.where(order.usual, np.searchsorted(edges, order.rate, side="left"), -1)
    for label, slot in zip(levels, slots[:-1].tolist(), strict=True):
        if slot < len(home) and home[slot] >= 0:
            found[home[slot]].append(label)
    return tuple(tuple(sorted(group)) for group in found)
