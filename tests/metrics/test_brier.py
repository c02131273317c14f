from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from sklearn.metrics import brier_score_loss

from solvent.metrics import brier
from tests.metrics.golden import BAD, PD_A
from tests.metrics.portfolios import Portfolio, portfolios


def test_brier_is_the_golden_figure() -> None:
    assert brier(PD_A, BAD) == pytest.approx(0.10710416666666667, abs=1e-15)


@given(portfolios())
def test_brier_agrees_with_scikit_learn(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    assert brier(pd, bad) == pytest.approx(brier_score_loss(bad, pd), abs=1e-14)


@given(portfolios())
def test_brier_sees_neither_order_nor_duplication_nor_the_name_of_the_class(
    portfolio: Portfolio,
) -> None:
    pd, bad = portfolio
    again = brier(1 - np.tile(pd, 2)[::-1], ~np.tile(bad, 2)[::-1])
    assert again == pytest.approx(brier(pd, bad), abs=1e-14)


@given(portfolios())
def test_no_constant_beats_the_bad_rate(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    rate = bad.mean()
    assert brier(np.full(bad.size, rate), bad) == pytest.approx(rate * (1 - rate), abs=1e-14)
    assert brier(np.full(bad.size, pd[0]), bad) >= rate * (1 - rate) - 1e-14


def test_one_class_has_a_brier_score() -> None:
    assert brier([0.5, 0.0], [False, False]) == 0.125
