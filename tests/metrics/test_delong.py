from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given

from solvent.errors import MetricError, RangeError, ShapeError
from solvent.metrics import auc, auc_difference, auc_interval
from tests.metrics.golden import BAD, PD_A, PD_B
from tests.metrics.portfolios import Portfolio, portfolios


def placements(pd: np.ndarray, bad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """DeLong's structural components by comparing every bad with every good."""
    wins = np.sign(pd[bad][:, None] - pd[~bad][None, :]) / 2 + 0.5
    return wins.mean(axis=1), wins.mean(axis=0)


def covariance(pds: list[np.ndarray], bad: np.ndarray) -> np.ndarray:
    of_bads, of_goods = zip(*(placements(pd, bad) for pd in pds), strict=True)
    return np.cov(of_bads) / bad.sum() + np.cov(of_goods) / (~bad).sum()


def test_the_standard_error_is_the_golden_figure() -> None:
    found_a, found_b = auc_interval(PD_A, BAD), auc_interval(PD_B, BAD)
    assert found_a.standard_error**2 == pytest.approx(0.0028947793109013156, rel=1e-12)
    assert found_b.standard_error**2 == pytest.approx(0.008188090050835147, rel=1e-12)


def test_the_paired_test_is_the_golden_figure() -> None:
    found = auc_difference(PD_A, PD_B, BAD)
    assert found.difference == pytest.approx(0.9351851851851852 - 0.8611111111111112, abs=1e-15)
    assert found.z == pytest.approx(0.7538728534358521, rel=1e-12)
    assert found.p_value == pytest.approx(0.450925572585716, rel=1e-12)


def test_the_golden_test_against_an_initial_auc_follows_from_the_interval() -> None:
    found = auc_interval(PD_A, BAD)
    against_initial = (0.93 - found.auc) / found.standard_error
    assert against_initial == pytest.approx(-0.09637325810643099, rel=1e-10)


@given(portfolios(of_each=2))
def test_midranks_give_the_variance_of_all_pairs(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    expected = float(covariance([pd, pd], bad)[0, 0])
    assert auc_interval(pd, bad).standard_error ** 2 == pytest.approx(expected, abs=1e-14)


@given(portfolios(of_each=2))
def test_the_paired_variance_is_that_of_the_covariance_matrix(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    other = np.roll(pd, 1)
    matrix = covariance([pd, other], bad)
    expected = float(matrix[0, 0] + matrix[1, 1] - 2 * matrix[0, 1])
    if expected < 1e-12:
        return
    found = auc_difference(pd, other, bad)
    assert found.standard_error**2 == pytest.approx(expected, abs=1e-14)
    assert found.z == pytest.approx(found.difference / math.sqrt(expected), abs=1e-6)


@given(portfolios(of_each=2))
def test_the_interval_holds_its_auc_and_stays_in_range(portfolio: Portfolio) -> None:
    found = auc_interval(*portfolio)
    assert found.auc == auc(*portfolio)
    assert 0.0 <= found.low <= found.auc <= found.high <= 1.0


@given(portfolios(of_each=2))
def test_swapping_the_models_turns_the_sign_and_keeps_the_p_value(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    try:
        found = auc_difference(pd, np.roll(pd, 1), bad)
    except MetricError as error:
        assert "no spread" in error.message  # noqa: PT017
        return
    swapped = auc_difference(np.roll(pd, 1), pd, bad)
    assert (swapped.difference, swapped.z) == (-found.difference, -found.z)
    assert (swapped.low, swapped.high) == (-found.high, -found.low)
    assert swapped.p_value == found.p_value


@given(portfolios(of_each=2))
def test_models_that_rank_alike_do_not_differ_at_all(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    same_ranks = np.unique(pd, return_inverse=True)[1] / 64
    found = auc_difference(pd, same_ranks, bad)
    assert (found.difference, found.standard_error, found.z, found.p_value) == (0, 0, 0, 1)


def test_a_difference_without_spread_is_refused() -> None:
    bad = np.array([True, True, False, False])
    with pytest.raises(MetricError, match="no spread"):
        auc_difference([0.8, 0.9, 0.1, 0.2], [0.5, 0.5, 0.5, 0.5], bad)


def test_a_perfect_ranking_has_an_interval_without_width() -> None:
    found = auc_interval([0.8, 0.9, 0.1, 0.2], [True, True, False, False])
    assert (found.low, found.auc, found.high, found.standard_error) == (1, 1, 1, 0)


@pytest.mark.parametrize("bad", [[True, False, False], [True, True, False], [True, False]])
def test_one_account_of_a_class_has_no_spread(bad: list[bool]) -> None:
    with pytest.raises(MetricError, match="two of either"):
        auc_interval(np.linspace(0.1, 0.9, len(bad)), bad)


@pytest.mark.parametrize("level", [0.0, 1.0, 95, -0.5, float("nan")])
def test_a_level_lies_between_zero_and_one(level: float) -> None:
    with pytest.raises(RangeError) as raised:
        auc_interval(PD_A, BAD, level)
    assert raised.value.field == "level"


def test_a_higher_level_is_a_wider_interval() -> None:
    narrow, wide = auc_interval(PD_B, BAD, 0.5), auc_interval(PD_B, BAD, 0.8)
    assert wide.low < narrow.low < narrow.auc < narrow.high < wide.high
    assert narrow.high - narrow.auc == pytest.approx(
        NormalDist().inv_cdf(0.75) * narrow.standard_error
    )


def test_models_over_different_accounts_are_refused() -> None:
    with pytest.raises(ShapeError):
        auc_difference(PD_A, PD_B[1:], BAD)


def test_the_interval_covers_and_the_test_rejects_as_often_as_they_say() -> None:
    """Of 2,000 samples a 95% interval covers 94-96%; a 5% test rejects 4-6% of equal models."""
    chance = np.random.default_rng(20)
    bad = np.arange(400) < 120
    truth = NormalDist().cdf(1.0 / math.sqrt(2.0))
    covered = rejected = 0
    for _ in range(2_000):
        shared = chance.normal(size=400) + bad
        first, second = (
            1 / (1 + np.exp(-(shared * 0.8 + chance.normal(size=400) * 0.6))) for _ in range(2)
        )
        found = auc_interval(1 / (1 + np.exp(-shared)), bad)
        covered += found.low <= truth <= found.high
        rejected += auc_difference(first, second, bad).p_value < 0.05
    assert 0.94 <= covered / 2_000 <= 0.96
    assert 0.04 <= rejected / 2_000 <= 0.06
