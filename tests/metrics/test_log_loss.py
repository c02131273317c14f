from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from sklearn.metrics import log_loss as sklearn_log_loss

from solvent.metrics import log_loss
from tests.metrics.golden import BAD, PD_A
from tests.metrics.portfolios import INSIDE, Portfolio, portfolios


def test_log_loss_of_the_golden_accounts_is_the_sum_written_out() -> None:
    terms = [math.log(p if b else 1 - p) for p, b in zip(PD_A, BAD, strict=True)]
    assert log_loss(PD_A, BAD) == pytest.approx(-math.fsum(terms) / 24, abs=1e-15)


@given(portfolios(INSIDE))
def test_log_loss_agrees_with_scikit_learn(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    assert log_loss(pd, bad) == pytest.approx(sklearn_log_loss(bad, pd), abs=1e-13)


@given(portfolios(INSIDE))
def test_log_loss_sees_neither_order_nor_duplication_nor_the_name_of_the_class(
    portfolio: Portfolio,
) -> None:
    pd, bad = portfolio
    again = log_loss(1 - np.tile(pd, 2)[::-1], ~np.tile(bad, 2)[::-1])
    assert again == pytest.approx(log_loss(pd, bad), abs=1e-13)


@pytest.mark.parametrize(("pd", "bad"), [(0.0, True), (1.0, False)])
def test_a_certain_and_wrong_pd_costs_much_but_not_everything(pd: float, bad: bool) -> None:
    assert log_loss([pd], [bad]) == pytest.approx(-math.log(1e-15))


@pytest.mark.parametrize(("pd", "bad"), [(0.0, False), (1.0, True)])
def test_a_certain_and_right_pd_costs_next_to_nothing(pd: float, bad: bool) -> None:
    assert 0.0 <= log_loss([pd], [bad]) < 2e-15


def test_a_small_pd_keeps_its_own_cost() -> None:
    assert log_loss([1e-12], [True]) == pytest.approx(-math.log(1e-12))
