"""A number cut into the bins of highest IV that keep the rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solvent.binning.course import course_of, keeps_course
from solvent.binning.fitted import BinnedNumbers, NumberBinning
from solvent.binning.homes import find_homes
from solvent.binning.numbers import NumberBins, quantile_bins
from solvent.binning.optimal import Cells, join_bins, joined_places
from solvent.binning.outcomes import Outcomes
from solvent.binning.rules import BinRules, OverTime, Trend
from solvent.binning.shape import chi_squared_quantile, misfit
from solvent.binning.woe import BoolArray, FloatArray
from solvent.errors import DataError, RangeError, ShapeError

SPARSE: Final = 8
"""Where fewer than one in so many rows has a value, pre-bins are drawn from all rows."""
AGAINST: Final = 0.001
"""Probability that edges by hand and a trend that agree in truth are refused: a card is refitted
often, and what was decided for it should not fail by chance."""


def bin_numbers(
    values: FloatArray, outcomes: Outcomes, rules: BinRules, *, strict: bool = True
) -> BinnedNumbers:
    """Cut a number into the bins of highest IV that keep the rules.

    Pre-bins are quantiles with readable edges; equal values stay together. The search over them is
    exact. A column that is constant, or missing throughout, has one bin of known values.

    Args:
        values: Shape (n,); NaN is missing.
        outcomes: What became of the n rows.
        rules: What bins must satisfy; labels among its special codes do not concern a number.
        strict: Whether edges by hand that contradict the trend by more than chance explains are
            refused; else, as within chance, the bins across them are joined.

    Returns:
        The bins, and each row's.

    Raises:
        ShapeError: `values` are not as many as outcomes.
        RangeError: A value is infinite.
        DataError: The rules cannot be met.

    >>> rng = np.random.default_rng(1)
    >>> age = rng.uniform(18.0, 70.0, 5000)
    >>> outcomes = Outcomes(bad=rng.random(5000) < np.where(age < 30.0, 0.3, 0.1))
    >>> binned = bin_numbers(age, outcomes, BinRules(significance=0.001))
    >>> binned.binning.labels
    ('up to 30.4', 'above 30.4', 'missing')
    """
    first = prebin_numbers(values, outcomes, rules)
    joined = first.join(rules, strict=strict)
    return BinnedNumbers(binning=joined.binning, places=joined.table[first.places])


class JoinedNumbers(NamedTuple):
    """Fitted bins of a number whose rows lie in pre-bins.

    Attributes:
        binning: The bins.
        table: The bin of each pre-bin, shape (pre-bins,).
    """

    binning: NumberBinning
    table: NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PrebinnedNumbers:
    """A number in pre-bins, which no outcome had a part in, and what became of the rows there.

    Args:
        bins: Known values, special codes, and what is missing.
        places: Each row's pre-bin, shape (n,).
        cells: Rows by pre-bin, period, fold and kind.
    """

    bins: NumberBins
    places: NDArray[np.int16]
    cells: Cells

    def join(
        self, rules: BinRules, without: int | None = None, *, strict: bool = True
    ) -> JoinedNumbers:
        """Join pre-bins into the bins of highest IV that keep the rules.

        Args:
            rules: What bins must satisfy; pre-bins are as they are.
            without: A fold whose rows are not counted; None counts all.
            strict: As in `bin_numbers`.

        Raises:
            DataError: The rules cannot be met.
        """
        cells = self.cells if without is None else self.cells.without(without)
        ends, trend = _ends(cells, self.bins, rules, strict)
        edges = tuple(np.array(self.bins.edges)[ends[:-1]].tolist())
        bins = replace(self.bins, edges=edges)
        raw = joined_places(ends, bins.size)
        homes = find_homes(bins, cells.by_bin(raw), rules, trend)
        binning = NumberBinning(bins=bins, trend=trend, homes=homes)
        return JoinedNumbers(binning=binning, table=np.array(homes.joins, np.int16)[raw])


def prebin_numbers(values: FloatArray, outcomes: Outcomes, rules: BinRules) -> PrebinnedNumbers:
    """Put a number in pre-bins: quantiles with readable edges, or those given by hand.

    Args:
        values, outcomes, rules: As in `bin_numbers`.

    Raises:
        ShapeError: `values` are not as many as outcomes.
        RangeError: A value is infinite.
    """
    from solvent.binning._passes import place_numbers  # numba takes a while to import

    if values.shape != outcomes.bad.shape:
        raise ShapeError(
            f"has {values.shape} values for {len(outcomes):,} outcomes", field="values"
        )
    infinite = int(np.isinf(values).sum())
    if infinite:
        raise RangeError(
            f"holds {infinite:,} infinite numbers of {len(values):,}",
            hint="give NaN, or declare what they stand for",
            field="values",
        )
    first = _prebins(values, outcomes, rules)
    places = np.empty(len(values), np.int16)
    place_numbers(values, np.array(first.edges), np.array(first.special), places)
    return PrebinnedNumbers(
        bins=replace(first, whole=_whole(values, outcomes)), places=places,
        cells=Cells.of(places, outcomes, first.size),
    )  # fmt: skip


def _prebins(values: FloatArray, outcomes: Outcomes, rules: BinRules) -> NumberBins:
    special = rules.special_numbers
    if rules.edges is not None:
        return NumberBins(edges=rules.edges, special=special)
    drawn = _known(values[outcomes.sample], special)
    if len(drawn) * SPARSE < len(outcomes.sample):
        drawn = _known(values, special)
    found = quantile_bins(drawn, bins=rules.prebins, fewest=1)
    return NumberBins(edges=_apart(found.edges, rules), special=special)


def _whole(values: FloatArray, outcomes: Outcomes) -> bool:
    """Return whether whole numbers alone are there; the sample spares most columns the rest."""
    return all(not (np.floor(some) < some).any() for some in (values[outcomes.sample], values))


def _known(values: FloatArray, special: tuple[float, ...]) -> FloatArray:
    known = values[~np.isnan(values)]
    return known[~np.isin(known, special)] if special else known


def _apart(edges: tuple[float, ...], rules: BinRules) -> tuple[float, ...]:
    """Return the edges that part nothing that is kept together by hand."""
    spans = [
        (float(each[0]), float(each[1])) for each in rules.merge if not isinstance(each[0], str)
    ]
    return tuple(e for e in edges if not any(low <= e < high for low, high in spans))


def _ends(
    cells: Cells, first: NumberBins, rules: BinRules, strict: bool
) -> tuple[BoolArray, Trend]:
    if rules.edges is not None:
        return _ends_by_hand(cells, first, rules, strict)
    ends, trend = join_bins(cells, first.known, rules, rules.trend)
    return ends, trend if ends.sum() > 1 or rules.trend is not Trend.AUTO else Trend.NONE


def _ends_by_hand(
    cells: Cells, first: NumberBins, rules: BinRules, strict: bool
) -> tuple[BoolArray, Trend]:
    """Keep every edge given by hand, but for those across which the rates go against the trend.

    Bins across these are joined, as few as the trend allows, and so is an empty one: of nobody it
    cannot be said how he stands to his neighbours.
    """
    counts = cells.by_bin()[:, : first.known]
    rows, goods, bads = counts
    every = np.ones(first.known, np.bool_)
    seen = rows > 0.0
    if rules.trend is Trend.AUTO:
        return every, course_of(bads[seen] / (goods + bads)[seen])
    if (seen.all() and keeps_course(goods, bads, rules.trend)) or rules.trend is Trend.NONE:
        return every, rules.trend
    free = BinRules(max_bins=first.known, min_share=0.0, over_time=OverTime.IGNORED)
    ends, trend = join_bins(cells, first.known, free, rules.trend)
    if strict:
        _require_chance(first, counts[1:], ends, trend)
    return ends, trend


def _require_chance(first: NumberBins, held: FloatArray, ends: BoolArray, trend: Trend) -> None:
    """Refuse bins that had to be joined although chance hardly explains how they differ.

    Args:
        first: The bins by hand.
        held: Their goods and bads, shape (2, known).
        ends: Which are the last of a joined one, shape (known,).
        trend: For which they were joined.
    """
    seen = np.flatnonzero(held.sum(axis=0) > 0.0)
    joined = joined_places(ends, int(ends.sum()))[seen]
    counts, bads = held.sum(axis=0)[seen], held[1, seen]
    fit = np.bincount(joined, bads)[joined] / np.bincount(joined, counts)[joined]
    lost = len(seen) - len(np.unique(joined))
    if lost and misfit(bads / counts, counts, fit) > chi_squared_quantile(lost, 1.0 - AGAINST):
        apart = [f"{edge:g}" for edge, end in zip(first.edges, ends, strict=False) if not end]
        raise DataError(
            f"the bad rate is not {trend} along the edges given by hand: across "
            f"{', '.join(apart)} it goes against it by more than chance explains",
            hint="drop these edges, or the trend or direction declared of the feature",
            field="edges",
        )
