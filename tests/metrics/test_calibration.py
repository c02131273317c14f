from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from solvent.errors import MetricError, RangeError
from solvent.metrics import calibration, calibration_in_the_large, shift_to_mean
from tests.metrics.golden import BAD, PD_A
from tests.metrics.portfolios import INSIDE, Portfolio, portfolios, sampled


def overlaps(pd: np.ndarray, bad: np.ndarray) -> bool:
    return bool(pd[~bad].max() > pd[bad].min() and pd[bad].max() > pd[~bad].min())


def test_slope_and_intercept_are_the_golden_figures() -> None:
    found = calibration(PD_A, BAD)
    assert found.slope == pytest.approx(3.6783652246174485, rel=1e-9)
    assert found.intercept == pytest.approx(1.6693888952785434, rel=1e-9)


def test_calibration_in_the_large_is_the_golden_figure() -> None:
    assert calibration_in_the_large(PD_A, BAD) == pytest.approx(-0.1012785856114082, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_line_agrees_with_an_unpenalised_logistic_regression(seed: int) -> None:
    pd, bad = sampled(seed, 3_000)
    found = calibration(pd, bad)
    fitted = LogisticRegression(C=np.inf, tol=1e-10, solver="newton-cholesky")
    fitted.fit(logit(pd)[:, None], bad)
    assert found.slope == pytest.approx(fitted.coef_[0, 0], rel=1e-6)
    assert found.intercept == pytest.approx(fitted.intercept_[0], rel=1e-6)


@given(portfolios(INSIDE, of_each=2))
def test_no_other_line_is_likelier(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    if not overlaps(pd, bad):
        with pytest.raises(MetricError, match=r"separates|constant"):
            calibration(pd, bad)
        return
    found = calibration(pd, bad)
    x = logit(pd)

    def loss(line: np.ndarray) -> float:
        return float(np.logaddexp(0, np.where(bad, -1, 1) * (line[0] + line[1] * x)).sum())

    best = minimize(loss, [0.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-6, "maxiter": 999})
    assert loss(np.array([found.intercept, found.slope])) <= best.fun + 1e-9


@given(portfolios(INSIDE, of_each=2))
def test_the_fitted_line_leaves_nothing_to_explain(portfolio: Portfolio) -> None:
    """The score equations: residuals sum to zero, plain and weighted by the log-odds."""
    pd, bad = portfolio
    if not overlaps(pd, bad):
        return
    found = calibration(pd, bad)
    residual = bad - expit(found.intercept + found.slope * logit(pd))
    assert residual.sum() == pytest.approx(0, abs=1e-7)
    assert (residual * logit(pd)).sum() == pytest.approx(0, abs=1e-7)


@given(portfolios(INSIDE))
def test_the_shift_brings_the_mean_pd_to_the_bad_rate(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    shift = calibration_in_the_large(pd, bad)
    assert expit(logit(pd) + shift).mean() == pytest.approx(bad.mean(), abs=1e-10)
    root = brentq(lambda a: expit(logit(pd) + a).mean() - bad.mean(), -30, 30, xtol=1e-12)
    assert shift == pytest.approx(root, abs=1e-8)


@given(
    st.floats(0.25, 4.0),
    st.floats(-2.0, 2.0),
)
def test_stretching_and_shifting_the_log_odds_is_read_back(stretch: float, shift: float) -> None:
    pd, bad = sampled(5, 400, rate=0.3)
    before, after = calibration(pd, bad), calibration(expit(stretch * logit(pd) + shift), bad)
    assert after.slope == pytest.approx(before.slope / stretch, rel=1e-6)
    assert after.intercept == pytest.approx(before.intercept - after.slope * shift, abs=1e-5)


@given(portfolios(INSIDE, of_each=3), st.integers(2, 4))
def test_calibration_sees_neither_order_nor_duplication(portfolio: Portfolio, times: int) -> None:
    pd, bad = portfolio
    again_pd, again_bad = np.tile(pd, times)[::-1], np.tile(bad, times)[::-1]
    shift = calibration_in_the_large(pd, bad)
    assert calibration_in_the_large(again_pd, again_bad) == pytest.approx(shift, abs=1e-8)
    if overlaps(pd, bad):
        slope = calibration(pd, bad).slope
        assert calibration(again_pd, again_bad).slope == pytest.approx(slope, rel=1e-5, abs=1e-8)


@given(portfolios(INSIDE, of_each=2))
def test_swapping_the_classes_mirrors_the_line(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    assert calibration_in_the_large(1 - pd, ~bad) == pytest.approx(
        -calibration_in_the_large(pd, bad), abs=1e-8
    )
    if overlaps(pd, bad):
        found, mirrored = calibration(pd, bad), calibration(1 - pd, ~bad)
        assert mirrored.slope == pytest.approx(found.slope, rel=1e-5, abs=1e-8)
        assert mirrored.intercept == pytest.approx(-found.intercept, rel=1e-5, abs=1e-7)


def test_a_calibrated_pd_has_slope_one_and_no_shift() -> None:
    pd, bad = sampled(8, 200_000)
    found = calibration(pd, bad)
    assert found.slope == pytest.approx(1.0, abs=0.03)
    assert found.intercept == pytest.approx(0.0, abs=0.06)
    assert calibration_in_the_large(pd, bad) == pytest.approx(0.0, abs=0.03)


@pytest.mark.parametrize(
    "pd", [[0.1, 0.2, 0.8, 0.9], [0.9, 0.8, 0.2, 0.1], [0.1, 0.5, 0.5, 0.9], [0.1, 0.2, 0.2, 0.2]]
)
def test_a_separating_pd_has_no_finite_slope(pd: list[float]) -> None:
    with pytest.raises(MetricError, match="separates"):
        calibration(pd, [False, False, True, True])


def test_a_constant_pd_has_no_slope_but_a_shift() -> None:
    pd, bad = np.full(4, 0.2), [False, False, False, True]
    with pytest.raises(MetricError, match="constant"):
        calibration(pd, bad)
    assert calibration_in_the_large(pd, bad) == pytest.approx(logit(0.25) - logit(0.2))


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_a_certain_pd_is_refused_and_counted(certain: float) -> None:
    for measure in (calibration, calibration_in_the_large):
        with pytest.raises(RangeError, match="1 of 3 values are exactly 0 or 1"):
            measure([certain, 0.2, 0.3], [True, False, True])


@pytest.mark.parametrize("tiny", [5e-324, 1e-300, 1e-30])
def test_extreme_pds_neither_overflow_nor_hang(tiny: float) -> None:
    pd = np.array([tiny, tiny, 0.5, 0.5, 1 - 2**-53, 1 - 2**-53])
    bad = np.array([True, False, True, False, True, False])
    assert np.isfinite(calibration_in_the_large(pd, bad))
    assert np.isfinite(calibration(pd, bad).slope)


@given(portfolios(st.sampled_from([5e-324, 1e-300, 1e-12, 0.01, 0.5, 0.9, 1 - 2**-53])))
def test_the_shift_and_the_line_settle_however_far_the_tails(portfolio: Portfolio) -> None:
    """Newton alone creeps by one log-odd a step through a gap of 700."""
    pd, bad = portfolio
    log_odds = np.log(pd) - np.log1p(-pd)
    shift = calibration_in_the_large(pd, bad)
    assert expit(log_odds + shift).mean() == pytest.approx(bad.mean(), abs=1e-9)
    if overlaps(pd, bad):
        found = calibration(pd, bad)
        expected = expit(found.intercept + found.slope * log_odds)
        assert expected.mean() == pytest.approx(bad.mean(), abs=1e-6)


@pytest.mark.parametrize("gap", [1e-3, 1e-9, 1e-15])
def test_hardly_overlapping_classes_give_a_finite_line_or_an_error(gap: float) -> None:
    pd = np.concatenate([np.full(1_000, 0.01), [0.5 + gap], [0.5], np.full(1_000, 0.99)])
    bad = np.concatenate([np.zeros(1_001, dtype=bool), np.ones(1_001, dtype=bool)])
    try:
        assert np.isfinite(calibration(pd, bad).slope)
    except MetricError as error:
        assert error.message  # noqa: PT017


@given(
    log_odds=st.lists(st.floats(-8.0, 8.0), min_size=1, max_size=40), mean=st.floats(0.001, 0.999)
)
def test_a_shift_brings_the_mean_to_what_was_stated(log_odds: list[float], mean: float) -> None:
    """After the shift the mean PD is the one wanted; shifting back undoes it."""
    pd = 1.0 / (1.0 + np.exp(-np.array(log_odds)))
    shift = shift_to_mean(pd, mean)
    moved = 1.0 / (1.0 + np.exp(-(np.log(pd) - np.log1p(-pd) + shift)))
    assert moved.mean() == pytest.approx(mean, rel=1e-8)
    assert shift_to_mean(moved, float(pd.mean())) == pytest.approx(-shift, abs=1e-6)


@pytest.mark.parametrize("mean", [0.0, 1.0, -1.0, 2.0, math.nan])
def test_no_shift_reaches_a_mean_that_is_no_share(mean: float) -> None:
    with pytest.raises(RangeError, match="strictly between"):
        shift_to_mean(np.array([0.2, 0.4]), mean)
