from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.metrics.bands import Binning, band_of_each
from solvent.metrics.tally import Tally, tally
from tests.metrics.portfolios import Portfolio, portfolios


@given(portfolios(), st.integers(1, 30), st.sampled_from(Binning))
def test_bands_never_part_ties_and_never_turn_back(
    portfolio: Portfolio, bins: int, binning: Binning
) -> None:
    counted = tally(*portfolio)
    band = band_of_each(counted, bins, binning)
    assert band.shape == counted.pd.shape
    assert np.all(np.diff(band) >= 0)
    assert band.min() >= 0
    assert band.max() < bins


@given(st.integers(1, 12), st.integers(1, 12))
def test_without_ties_equal_frequency_bands_are_equal(bins: int, size: int) -> None:
    n = bins * size
    counted = tally((np.arange(n) + 0.5) / n, np.zeros(n, dtype=bool))
    band = band_of_each(counted, bins, Binning.EQUAL_FREQUENCY)
    assert np.bincount(band, minlength=bins).tolist() == [size] * bins


@given(portfolios(), st.integers(1, 12), st.integers(2, 4))
def test_duplication_moves_no_band(portfolio: Portfolio, bins: int, times: int) -> None:
    pd, bad = portfolio
    once = band_of_each(tally(pd, bad), bins, Binning.EQUAL_FREQUENCY)
    many = tally(np.tile(pd, times), np.tile(bad, times))
    assert np.array_equal(once, band_of_each(many, bins, Binning.EQUAL_FREQUENCY))


@pytest.mark.parametrize("bins", [3, 7, 10, 100])
def test_an_equal_width_bin_is_closed_below(bins: int) -> None:
    """Multiplying 0.29 by 100 gives 28.999...: the edge must still open its own bin."""
    edges = np.arange(bins + 1)[::-1] / bins
    ones = np.ones(bins + 1, dtype=np.int64)
    band = band_of_each(Tally(pd=edges, n=ones, bads=ones), bins, Binning.EQUAL_WIDTH)
    assert band.tolist() == [0, *range(bins)]
