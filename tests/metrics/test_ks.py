from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from scipy.stats import ks_2samp

from solvent.metrics import ks
from tests.metrics.golden import BAD, PD_A
from tests.metrics.portfolios import Portfolio, portfolios


def test_ks_is_the_golden_figure() -> None:
    assert ks(PD_A, BAD) == pytest.approx(0.7222222222222222, abs=1e-15)


@given(portfolios(of_each=2))
def test_ks_agrees_with_scipy(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    expected = ks_2samp(pd[bad], pd[~bad], method="asymp").statistic
    assert ks(pd, bad) == pytest.approx(expected, abs=1e-13)


@given(portfolios())
def test_ks_sees_neither_scale_nor_order_nor_which_class_is_bad(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    ranks = np.unique(pd, return_inverse=True)[1] / 64
    assert ks(ranks[::-1], ~bad[::-1]) == ks(pd, bad)


@given(portfolios())
def test_ks_does_not_see_duplication(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    assert ks(np.tile(pd, 3), np.tile(bad, 3)) == pytest.approx(ks(pd, bad), abs=1e-14)


def test_a_constant_pd_shows_no_gap() -> None:
    assert ks(np.full(5, 0.2), np.arange(5) < 2) == 0.0


def test_a_separating_pd_shows_the_whole_gap() -> None:
    assert ks([0.9, 0.8, 0.1], [True, True, False]) == 1.0
