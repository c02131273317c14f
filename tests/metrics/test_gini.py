from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from scipy.stats import somersd

from solvent.metrics import auc, auc_interval, gini, gini_interval
from tests.metrics.golden import BAD, PD_A
from tests.metrics.portfolios import Portfolio, portfolios


def test_gini_is_the_golden_figure() -> None:
    assert gini(PD_A, BAD) == pytest.approx(0.8703703703703705, abs=1e-15)


@given(portfolios())
def test_gini_is_somers_d_of_the_pd_given_the_outcome(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    assume(np.ptp(pd) > 0)
    assert gini(pd, bad) == pytest.approx(somersd(bad.astype(int), pd).statistic, abs=1e-12)


@given(portfolios())
def test_gini_is_twice_the_auc_less_one(portfolio: Portfolio) -> None:
    assert gini(*portfolio) == 2 * auc(*portfolio) - 1


@given(portfolios())
def test_swapping_bad_and_good_turns_the_sign(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    assert gini(pd, ~bad) == pytest.approx(-gini(pd, bad), abs=1e-15)


def test_a_constant_pd_has_a_gini_of_zero() -> None:
    assert gini(np.full(5, 0.2), np.arange(5) < 2) == 0.0


@given(portfolios(of_each=2))
def test_the_interval_is_that_of_the_auc_on_another_scale(portfolio: Portfolio) -> None:
    found, area = gini_interval(*portfolio, 0.9), auc_interval(*portfolio, 0.9)
    assert found.gini == gini(*portfolio)
    assert (found.low, found.high) == (2 * area.low - 1, 2 * area.high - 1)
    assert (found.standard_error, found.level) == (2 * area.standard_error, 0.9)


def test_the_interval_by_customer_is_that_of_the_auc_by_customer() -> None:
    pd, bad, whose = np.linspace(0.1, 0.9, 12), np.arange(12) % 3 > 0, np.arange(12) // 2
    area = auc_interval(pd, bad, clusters=whose)
    assert gini_interval(pd, bad, clusters=whose).standard_error == 2 * area.standard_error
    assert area.standard_error != auc_interval(pd, bad).standard_error
