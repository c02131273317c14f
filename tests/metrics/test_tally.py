from __future__ import annotations

import numpy as np
from hypothesis import given

from solvent.metrics.tally import tally
from tests.metrics.portfolios import Portfolio, portfolios


@given(portfolios())
def test_a_tally_counts_each_distinct_pd_riskiest_first(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    counted = tally(pd, bad)
    assert counted.pd.tolist() == sorted(set(pd.tolist()), reverse=True)
    for value, n, bads, goods in zip(
        counted.pd, counted.n, counted.bads, counted.goods, strict=True
    ):
        assert n == np.sum(pd == value)
        assert bads == np.sum(bad[pd == value])
        assert goods == n - bads


def test_one_account_is_one_row() -> None:
    counted = tally(np.array([0.5]), np.array([True]))
    assert (counted.pd.tolist(), counted.n.tolist(), counted.bads.tolist()) == ([0.5], [1], [1])
