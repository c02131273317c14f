from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from solvent.metrics import pr_auc
from tests.metrics.golden import BAD, PD_A
from tests.metrics.portfolios import Portfolio, portfolios


def test_average_precision_is_the_golden_figure() -> None:
    assert pr_auc(PD_A, BAD) == pytest.approx(0.8766233766233766, abs=1e-15)


@given(portfolios())
def test_average_precision_agrees_with_scikit_learn(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    assert pr_auc(pd, bad) == pytest.approx(average_precision_score(bad, pd), abs=1e-13)


@given(portfolios(), st.integers(2, 4))
def test_average_precision_sees_neither_scale_nor_order_nor_duplication(
    portfolio: Portfolio, times: int
) -> None:
    pd, bad = portfolio
    ranks = np.unique(pd, return_inverse=True)[1] / 64
    again = pr_auc(np.tile(ranks, times)[::-1], np.tile(bad, times)[::-1])
    assert again == pytest.approx(pr_auc(pd, bad), abs=1e-14)


def test_a_constant_pd_is_as_precise_as_the_bad_rate() -> None:
    assert pr_auc(np.full(8, 0.4), np.arange(8) < 2) == 0.25


def test_a_perfect_ranking_is_wholly_precise() -> None:
    assert pr_auc([0.9, 0.8, 0.1], [True, True, False]) == 1.0
