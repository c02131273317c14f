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


def obuchowski(pds: list[np.ndarray], bad: np.ndarray, clusters: np.ndarray) -> float:
    """The variance of A minus B by the paper's sums over customers, in plain Python."""
    one, other = (placements(pd, bad) for pd in pds)
    of_bads, of_goods = dict[int, float](), dict[int, float]()
    for part, sums, rows in (
        (0, of_bads, np.flatnonzero(bad)),
        (1, of_goods, np.flatnonzero(~bad)),
    ):
        wins = one[part] - other[part]
        for win, row in zip(wins - wins.mean(), rows, strict=True):
            sums[clusters[row]] = sums.get(clusters[row], 0.0) + float(win)
    m, n, whole = int(bad.sum()), int((~bad).sum()), len({*clusters.tolist()})
    s10 = len(of_bads) / ((len(of_bads) - 1) * m) * sum(off**2 for off in of_bads.values())
    s01 = len(of_goods) / ((len(of_goods) - 1) * n) * sum(off**2 for off in of_goods.values())
    both = sum(off * of_goods.get(whose, 0.0) for whose, off in of_bads.items())
    return s10 / m + s01 / n + 2 * whole / (whole - 1) * both / (m * n)


def loans_of_customers(seed: int, customers: int = 300) -> tuple[np.ndarray, ...]:
    """Two PDs, the outcome and the customer of loans: one to six of each, alike in all of them."""
    chance = np.random.default_rng(seed)
    whose = np.repeat(np.arange(customers), chance.integers(1, 7, customers))
    risk = chance.normal(size=customers)[whose]
    bad = risk + 0.5 * chance.normal(size=whose.size) > 0.8
    first, second = (
        risk + chance.normal(size=customers)[whose] + 0.3 * chance.normal(size=whose.size)
        for _ in range(2)
    )
    return 1 / (1 + np.exp(-first)), 1 / (1 + np.exp(-second)), bad, whose


def test_the_variance_by_customer_is_that_of_the_papers_sums() -> None:
    first, second, bad, whose = loans_of_customers(3, 60)
    found = auc_difference(first, second, bad, clusters=whose)
    assert found.standard_error**2 == pytest.approx(
        obuchowski([first, second], bad, whose), rel=1e-12
    )
    flat = np.full(bad.size, 0.5)
    assert auc_interval(first, bad, clusters=whose).standard_error ** 2 == pytest.approx(
        obuchowski([first, flat], bad, whose), rel=1e-12
    )


@given(portfolios(of_each=2))
def test_one_account_each_gives_plain_delong_to_the_last_bit(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    whose = np.random.default_rng(bad.size).permutation(bad.size) * 7 - 3
    assert auc_interval(pd, bad, clusters=whose) == auc_interval(pd, bad)
    try:
        plain = auc_difference(pd, np.roll(pd, 1), bad)
    except MetricError as error:
        assert "no spread" in error.message  # noqa: PT017
        return
    assert auc_difference(pd, np.roll(pd, 1), bad, clusters=whose.astype(str)) == plain


def test_the_standard_error_by_customer_is_that_of_a_bootstrap_of_customers() -> None:
    """Within 6% of 1,500 resamplings of customers, where the plain one is 20% too small."""
    first, second, bad, whose = loans_of_customers(8)
    chance = np.random.default_rng(1)
    rows_of = [np.flatnonzero(whose == one) for one in range(whose.max() + 1)]
    gaps, alone = [], []
    for _ in range(1_500):
        rows = np.concatenate([rows_of[i] for i in chance.integers(0, len(rows_of), len(rows_of))])
        alone.append(auc(first[rows], bad[rows]))
        gaps.append(alone[-1] - auc(second[rows], bad[rows]))
    gap = auc_difference(first, second, bad, clusters=whose).standard_error
    assert gap == pytest.approx(np.std(gaps), rel=0.06)
    assert auc_difference(first, second, bad).standard_error < 0.8 * np.std(gaps)
    one = auc_interval(first, bad, clusters=whose).standard_error
    assert one == pytest.approx(np.std(alone), rel=0.06)
    assert auc_interval(first, bad).standard_error < 0.8 * np.std(alone)


def test_by_customer_the_test_rejects_as_often_as_it_says() -> None:
    """Of 1,000 samples of equal models a 5% test rejects 3.5-6.5%; the plain one over 12%."""
    by_customer = plain = 0
    for seed in range(1_000):
        first, second, bad, whose = loans_of_customers(seed, 120)
        by_customer += auc_difference(first, second, bad, clusters=whose).p_value < 0.05
        plain += auc_difference(first, second, bad).p_value < 0.05
    assert 35 <= by_customer <= 65
    assert plain > 120


def test_every_account_twice_says_no_more_than_once() -> None:
    first, second, bad, whose = loans_of_customers(5, 80)
    once = auc_difference(first, second, bad, clusters=whose)
    twice = auc_difference(
        *(np.tile(a, 2) for a in (first, second, bad)), clusters=np.tile(whose, 2)
    )
    assert twice.difference == pytest.approx(once.difference, abs=1e-15)
    assert twice.standard_error == pytest.approx(once.standard_error, rel=1e-12)


def test_models_that_rank_alike_do_not_differ_for_customers_either() -> None:
    first, _, bad, whose = loans_of_customers(5, 80)
    found = auc_difference(first, first**2, bad, clusters=whose)
    assert (found.difference, found.standard_error, found.z, found.p_value) == (0, 0, 0, 1)


@pytest.mark.parametrize(("whose", "kind"), [([1, 1, 2, 3], "bad"), ([1, 2, 3, 3], "good")])
def test_all_accounts_of_a_class_with_one_customer_have_no_spread(
    whose: list[int], kind: str
) -> None:
    with pytest.raises(MetricError, match=f"every {kind} account with one") as raised:
        auc_interval([0.8, 0.4, 0.5, 0.2], [True, True, False, False], clusters=whose)
    assert raised.value.field == "clusters"
