from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve as sklearn_curve

from solvent.errors import RangeError
from solvent.metrics import Binning, calibration_curve, wilson_interval
from tests.metrics.portfolios import Portfolio, portfolios, sampled


@pytest.mark.parametrize(
    ("binning", "strategy"),
    [(Binning.EQUAL_FREQUENCY, "quantile"), (Binning.EQUAL_WIDTH, "uniform")],
)
def test_the_curve_agrees_with_scikit_learn_where_no_pd_is_tied(
    binning: Binning, strategy: str
) -> None:
    pd, bad = sampled(2, 4_000)
    rates, means = sklearn_curve(bad, pd, n_bins=10, strategy=strategy)
    curve = calibration_curve(pd, bad, 10, binning=binning)
    assert [row.bad_rate for row in curve] == pytest.approx(rates.tolist(), abs=1e-12)
    assert [row.mean_pd for row in curve] == pytest.approx(means.tolist(), abs=1e-12)


@given(portfolios(), st.integers(1, 12), st.sampled_from(Binning))
def test_bins_hold_every_account_once_and_rise(
    portfolio: Portfolio, bins: int, binning: Binning
) -> None:
    pd, bad = portfolio
    curve = calibration_curve(pd, bad, bins, binning=binning)
    assert 1 <= len(curve) <= bins
    assert sum(row.n for row in curve) == pd.size
    assert sum(row.bads for row in curve) == bad.sum()
    assert sum(row.n * row.mean_pd for row in curve) == pytest.approx(pd.sum(), abs=1e-12)
    means = [row.mean_pd for row in curve]
    assert means == sorted(means)
    for row in curve:
        assert row.bad_rate == row.bads / row.n
        assert (row.low, row.high) == wilson_interval(row.bads, row.n)


@given(portfolios(), st.integers(1, 12))
def test_the_curve_does_not_see_the_order_of_rows(portfolio: Portfolio, bins: int) -> None:
    pd, bad = portfolio
    assert calibration_curve(pd[::-1], bad[::-1], bins) == calibration_curve(pd, bad, bins)


def test_a_constant_pd_is_one_bin_however_many_are_asked_for() -> None:
    (row,) = calibration_curve(np.full(50, 0.2), np.arange(50) < 10)
    assert (row.n, row.bads, row.bad_rate) == (50, 10, 0.2)
    assert row.mean_pd == pytest.approx(0.2)


def test_a_binning_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(RangeError) as raised:
        calibration_curve([0.1], [True], binning="quantile")  # type: ignore[arg-type]
    assert raised.value.field == "binning"
