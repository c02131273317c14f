from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.metrics import auc, gains
from tests.metrics.golden import BAD, PD_A
from tests.metrics.portfolios import Portfolio, portfolios, sampled


def test_the_golden_accounts_fall_where_counting_by_hand_puts_them() -> None:
    table = gains(PD_A, BAD, 4)
    assert [band.n for band in table] == [6, 6, 6, 6]
    assert [band.bads for band in table] == [4, 2, 0, 0]
    assert [band.lift for band in table] == pytest.approx([8 / 3, 4 / 3, 0, 0])


@pytest.mark.parametrize("bands", [2, 5, 10])
def test_without_ties_the_table_is_what_slicing_the_sorted_accounts_gives(bands: int) -> None:
    pd, bad = sampled(6, 2_000)
    order = np.argsort(-pd)
    parts = np.split(order, bands)
    table = gains(pd, bad, bands)
    assert [band.n for band in table] == [part.size for part in parts]
    assert [band.bads for band in table] == [bad[part].sum() for part in parts]
    assert [band.highest_pd for band in table] == [pd[part].max() for part in parts]
    assert [band.lowest_pd for band in table] == [pd[part].min() for part in parts]


@given(portfolios(), st.integers(1, 12))
def test_bands_hold_every_account_once_and_add_up(portfolio: Portfolio, bands: int) -> None:
    pd, bad = portfolio
    table = gains(pd, bad, bands)
    n = bads = 0
    for band in table:
        held = (pd >= band.lowest_pd) & (pd <= band.highest_pd)
        assert (band.n, band.bads) == (held.sum(), bad[held].sum())
        n, bads = n + band.n, bads + band.bads
        assert band.bad_rate == band.bads / band.n
        assert band.lift == pytest.approx(band.bad_rate / bad.mean())
        assert band.share_of_accounts == pytest.approx(n / pd.size)
        assert band.share_of_bads == pytest.approx(bads / bad.sum())
    assert (table[-1].share_of_accounts, table[-1].share_of_bads) == (1.0, 1.0)
    assert all(a.lowest_pd > b.highest_pd for a, b in itertools.pairwise(table))


@given(portfolios(), st.integers(1, 12))
def test_the_table_does_not_see_the_order_of_rows(portfolio: Portfolio, bands: int) -> None:
    pd, bad = portfolio
    assert gains(pd[::-1], bad[::-1], bands) == gains(pd, bad, bands)


def test_one_band_per_account_encloses_the_accuracy_ratio() -> None:
    """The area under the CAP curve, against the perfect curve's, is the Gini."""
    table = gains(PD_A, BAD, 24)
    x = [0.0, *(band.share_of_accounts for band in table)]
    y = [0.0, *(band.share_of_bads for band in table)]
    ratio = (np.trapezoid(y, x) - 0.5) / (0.5 * (1 - BAD.mean()))
    assert ratio == pytest.approx(2 * auc(PD_A, BAD) - 1, abs=1e-12)


def test_a_constant_pd_is_one_band_without_lift() -> None:
    (band,) = gains(np.full(6, 0.3), np.arange(6) < 2)
    assert (band.n, band.bads, band.lift) == (6, 2, 1.0)
