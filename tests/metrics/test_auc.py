from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from solvent.metrics import auc
from tests.metrics.golden import BAD, PD_A, PD_B
from tests.metrics.portfolios import Portfolio, portfolios, sampled


def auc_by_pairs(pd: np.ndarray, bad: np.ndarray) -> float:
    pairs = list(itertools.product(pd[bad], pd[~bad]))
    return sum((b > g) + 0.5 * (b == g) for b, g in pairs) / len(pairs)


def test_auc_is_the_golden_figure() -> None:
    assert auc(PD_A, BAD) == pytest.approx(0.9351851851851852, abs=1e-15)
    assert auc(PD_B, BAD) == pytest.approx(0.8611111111111112, abs=1e-15)


@given(portfolios())
def test_auc_counts_pairs(portfolio: Portfolio) -> None:
    assert auc(*portfolio) == pytest.approx(auc_by_pairs(*portfolio), abs=1e-14)


@pytest.mark.parametrize("decimals", [1, 2, 12])
def test_auc_agrees_with_scikit_learn(decimals: int) -> None:
    pd, bad = sampled(1, 5_000, decimals=decimals)
    assert auc(pd, bad) == pytest.approx(roc_auc_score(bad, pd), abs=1e-13)


@given(portfolios())
def test_auc_survives_any_rising_transform_bitwise(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    ranks = np.unique(pd, return_inverse=True)[1]
    assert auc(ranks / 64, bad) == auc(pd, bad)


@given(portfolios(), st.randoms(use_true_random=False))
def test_auc_does_not_see_the_order_of_rows(portfolio: Portfolio, chance: object) -> None:
    pd, bad = portfolio
    order = np.argsort([chance.random() for _ in pd])  # type: ignore[attr-defined]
    assert auc(pd[order], bad[order]) == auc(pd, bad)


@given(portfolios(), st.integers(2, 4))
def test_auc_does_not_see_duplication(portfolio: Portfolio, times: int) -> None:
    pd, bad = portfolio
    assert auc(np.tile(pd, times), np.tile(bad, times)) == pytest.approx(auc(pd, bad), abs=1e-15)


@given(portfolios())
def test_swapping_bad_and_good_gives_one_minus_auc(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    assert auc(pd, ~bad) == pytest.approx(1 - auc(pd, bad), abs=1e-15)


@pytest.mark.parametrize("constant", [0.0, 0.3, 1.0])
def test_a_constant_pd_ranks_like_a_coin(constant: float) -> None:
    assert auc(np.full(7, constant), np.arange(7) < 2) == 0.5


def test_perfect_and_reversed_rankings_are_one_and_zero() -> None:
    pd, bad = np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True])
    assert auc(pd, bad) == 1.0
    assert auc(1 - pd, bad) == 0.0


def test_minus_zero_ties_with_zero() -> None:
    assert auc(np.array([-0.0, 0.0]), np.array([True, False])) == 0.5


@pytest.mark.long
def test_auc_of_ten_million_accounts_does_not_overflow() -> None:
    pd, bad = sampled(3, 10_000_000, rate=0.4, decimals=3)
    assert auc(pd, bad) == pytest.approx(roc_auc_score(bad, pd), abs=1e-10)
