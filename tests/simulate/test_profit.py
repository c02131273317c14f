"""Profit is the money of each application, added up."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import RangeError, ShapeError
from solvent.metrics import confusion
from solvent.policy import Worth
from solvent.simulate import components, matrix, matrix_at, profit
from tests.simulate.portfolios import equal_loans, portfolio, slow_profit, small_cases

Small = tuple[Any, Any, Worth, Any]


def test_a_hand_computed_example() -> None:
    """1,000 at 20 % repaid, 500 lost at an LGD of 60 %, one declined; 3 to look, 5 to lend."""
    seen = np.full(3, -3.0)
    made = Worth(
        good_approved=seen + np.array([200.0, 100.0, 40.0]) - 5.0,
        bad_approved=seen - np.array([600.0, 300.0, 120.0]) - 5.0,
        good_declined=seen,
        bad_declined=seen,
        amount=np.array([1000.0, 500.0, 200.0]),
        currency="BRL",
    )
    bad, approved = np.array([False, True, False]), np.array([True, True, False])
    # 200 - 5 - 3, -300 - 5 - 3, -3
    assert profit(made, bad, approved) == 192.0 - 308.0 - 3.0
    found = components(made, bad, approved)
    assert (found.good_loans, found.bad_loans, found.applications) == (195.0, -305.0, -9.0)
    assert (found.lent, found.loans, found.n, found.currency) == (1500.0, 2, 3, "BRL")


@given(small_cases())
def test_profit_is_the_slow_sum(case: Small) -> None:
    """It equals a loop over the applications, its components and the money of the four cells."""
    _pd, bad, made, approved = case
    slow = slow_profit(made, bad, approved)
    found = profit(made, bad, approved)
    near = {"rel": 1e-12, "abs": 1e-6}
    assert found == pytest.approx(slow, **near)
    assert components(made, bad, approved).total == pytest.approx(slow, **near)
    assert matrix(made, bad, approved).profit == pytest.approx(slow, **near)


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_no_bit(seed: int) -> None:
    """Shuffled applications make the same profit, exactly."""
    pd, bad, made = portfolio(50, seed % 97)
    order = np.random.default_rng(seed).permutation(50)
    approved = pd < 0.2
    assert profit(made.take(order), bad[order], approved[order]) == profit(made, bad, approved)


def test_twice_the_money_is_twice_the_profit() -> None:
    """Scaling every sum scales the profit."""
    pd, bad, made = portfolio(400, 3)
    double = Worth(
        good_approved=2 * made.good_approved, bad_approved=2 * made.bad_approved,
        good_declined=2 * made.good_declined, bad_declined=2 * made.bad_declined,
        amount=2 * made.amount, currency=made.currency,
    )  # fmt: skip
    assert profit(double, bad, pd < 0.2) == 2 * profit(made, bad, pd < 0.2)


@pytest.mark.parametrize("cutoff", [0.0, 0.05, 0.17, 0.2, 1.0])
def test_the_table_of_money_counts_as_the_confusion_table(cutoff: float) -> None:
    """Counts at a cutoff are those of the metric; the four sums of money make the profit."""
    pd, bad, made = portfolio(500, 4)
    found = matrix_at(pd, bad, made, cutoff)
    assert found.confusion(cutoff) == confusion(pd, bad, cutoff)
    assert found.profit == pytest.approx(profit(made, bad, pd < cutoff), rel=1e-12)
    rows = (pd < cutoff) & bad
    assert found.bad_approved.money == math.fsum(made.bad_approved[rows].tolist())


def test_a_barred_application_is_declined_whatever_its_pd() -> None:
    """Barring everybody leaves nobody approved."""
    pd, bad, made = portfolio(50, 5)
    found = matrix_at(pd, bad, made, 1.0, barred=np.ones(50, np.bool_))
    assert (found.good_approved.n, found.bad_approved.n) == (0, 0)


def test_what_cannot_be_counted_is_refused() -> None:
    """No application, different lengths, numbers for truth and endless money are named."""
    with pytest.raises(ShapeError, match="bad: is empty"):
        profit(equal_loans(0), [], [])
    with pytest.raises(ShapeError, match="approved: has 1 values where worth has 2"):
        profit(equal_loans(2), [True, False], [True])
    with pytest.raises(ShapeError, match="bad: has 3 values where worth has 2"):
        profit(equal_loans(2), [True, False, True], [True, True])
    with pytest.raises(RangeError, match="approved: must be boolean"):
        profit(equal_loans(2), [True, False], [1, 0])
    made = equal_loans(2)
    made.good_approved[1] = np.inf
    with pytest.raises(RangeError, match="1 of 2 applications have no finite worth"):
        profit(made, [False, False], [True, True])
