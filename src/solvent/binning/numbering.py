"""A number cut into the bins of highest IV that keep the rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from solvent.binning.fitted import BinnedNumbers, NumberBinning
from solvent.binning.homes import find_homes
from solvent.binning.numbers import NumberBins, quantile_bins
from solvent.binning.optimal import Cells, join_bins, joined_places
from solvent.binning.outcomes import Outcomes
from solvent.binning.rules import BinRules, Trend
from solvent.binning.woe import BoolArray, FloatArray
from solvent.errors import DataError, RangeError, ShapeError

SPARSE: Final = 8
"""Where fewer than one in so many rows has a value, pre-bins are drawn from all rows."""


def bin_numbers(values: FloatArray, outcomes: Outcomes, rules: BinRules) -> BinnedNumbers:
    """Cut a number into the bins of highest IV that keep the rules.

    Pre-bins are quantiles with readable edges; equal values stay together. The search over them is
    exact. A column that is constant, or missing throughout, has one bin of known values.

    Args:
        values: Shape (n,); NaN is missing.
        outcomes: What became of the n rows.
        rules: What bins must satisfy; labels among its special codes do not concern a number.

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
    cells = Cells.of(places, outcomes, first.size)
    ends, trend = _ends(cells, first, rules)
    edges = tuple(np.array(first.edges)[ends[:-1]].tolist())
    bins = replace(first, edges=edges, whole=_whole(values, outcomes))
    raw = joined_places(ends, bins.size)
    homes = find_homes(bins, cells.by_bin(raw), rules)
    binning = NumberBinning(bins=bins, trend=trend, homes=homes)
    return BinnedNumbers(binning=binning, places=np.array(homes.joins, np.int16)[raw[places]])


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


def _ends(cells: Cells, first: NumberBins, rules: BinRules) -> tuple[BoolArray, Trend]:
    if rules.edges is None:
        ends, trend = join_bins(cells, first.known, rules, rules.trend)
        return ends, trend if ends.sum() > 1 or rules.trend is not Trend.AUTO else Trend.NONE
    _, goods, bads = cells.by_bin()[:, : first.known]
    rate = (bads / np.maximum(goods + bads, 1e-300))[goods + bads > 0.0]
    if rules.trend is not Trend.AUTO and not follows(rate, rules.trend):
        raise DataError(
            f"the bad rate is not {rules.trend} along the edges given by hand",
            hint="drop the trend or other edges",
            field="edges",
        )
    return np.ones(first.known, np.bool_), _course(
        rate
    ) if rules.trend is Trend.AUTO else rules.trend


def follows(rate: FloatArray, trend: Trend) -> bool:
    """Return whether rates run as a trend says.

    >>> follows(np.array([0.1, 0.3, 0.2]), Trend.PEAK), follows(np.array([0.1, 0.3]), Trend.VALLEY)
    (True, True)
    """
    steps = np.diff(rate)
    steps = -steps if trend in {Trend.DESCENDING, Trend.VALLEY} else steps
    if trend in {Trend.ASCENDING, Trend.DESCENDING}:
        return bool((steps >= 0.0).all())
    falls = np.flatnonzero(steps < 0.0)
    return trend is Trend.NONE or not len(falls) or bool((steps[falls[0] :] <= 0.0).all())


def _course(rate: FloatArray) -> Trend:
    return next(trend for trend in list(Trend)[1:] if follows(rate, trend))
