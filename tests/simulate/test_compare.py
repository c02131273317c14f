"""A policy is measured against approving all, declining all and perfect foresight."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from solvent.policy import CostMatrix, Worth, worth
from solvent.simulate import compare, profit
from tests.simulate.portfolios import equal_loans, money_of, portfolio, small_cases

NOTHING = " Declining everybody would neither make nor lose money."
Small = tuple[Any, Any, Worth, Any]


@given(small_cases())
def test_nothing_beats_foresight(case: Small) -> None:
    """Perfect is the best verdict on each application; no other way of deciding makes more."""
    _pd, bad, made, approved = case
    found = compare(made, bad, approved)
    slow = sum(
        max(money_of(made, row, went, True), money_of(made, row, went, False))
        for row, went in enumerate(bad.tolist())
    )
    assert found.perfect == pytest.approx(slow, rel=1e-12, abs=1e-6)
    assert found.perfect >= max(found.policy, found.approve_all, found.decline_all)
    assert found.captured is None or found.captured <= 1.0
    assert found.policy == profit(made, bad, approved)
    assert found.approve_all == profit(made, bad, np.ones(bad.size, np.bool_))
    assert found.decline_all == profit(made, bad, np.zeros(bad.size, np.bool_))


def test_the_share_captured_runs_from_approving_all_to_foresight() -> None:
    """0 for approving all, 1 for foresight, below 0 for what is worse than both."""
    bad = np.array([False, False, True])
    made = equal_loans(3, good=10.0, bad=-50.0)
    assert compare(made, bad, np.ones(3, np.bool_)).captured == 0.0
    assert compare(made, bad, ~bad).captured == 1.0
    worse = compare(made, bad, bad)
    assert worse.captured == (-50 - -30) / (20 - -30)


def test_where_approving_all_is_perfect_nothing_could_be_captured() -> None:
    """Without a bad loan the share is not defined."""
    found = compare(equal_loans(2), [False, False], [True, False])
    assert found.captured is None


@pytest.mark.parametrize(
    ("approved", "told"),
    [
        ([True, True, False], "makes money: 20.25 BRL on 3 applications."),
        (
            [False, False, True],
            f"loses money: 50,000 BRL on 3 applications.{NOTHING}",
        ),
        ([False, False, False], "neither makes nor loses money on 3 applications."),
    ],
)
def test_whether_money_is_made_is_said(approved: list[bool], told: str) -> None:
    """The sentence names the sign, the sum and the number."""
    made = equal_loans(3, good=10.125, bad=-50_000.0)
    brl = Worth(
        good_approved=made.good_approved, bad_approved=made.bad_approved,
        good_declined=made.good_declined, bad_declined=made.bad_declined,
        amount=made.amount, currency="BRL",
    )  # fmt: skip
    found = compare(brl, [False, False, True], approved)
    assert found.words == f"The policy {told}"
    assert found.makes_money == ("makes" in told and "neither" not in told)


@pytest.mark.parametrize(
    ("bad", "approved", "told"),
    [
        ([False, False], [True, False], " Approving everybody would make 20 units."),
        ([True, True], [True, False], NOTHING),
        ([False, False], [True, True], ""),
        ([True, False], [False, True], ""),
    ],
)
def test_a_policy_worth_less_than_none_is_told_so(
    bad: list[bool], approved: list[bool], told: str
) -> None:
    """Making money is no praise where approving everybody makes more."""
    found = compare(equal_loans(2, good=10.0, bad=-50.0), bad, approved)
    assert found.words.endswith(f"on 2 applications.{told}")


def test_where_seeing_an_application_costs_declining_everybody_loses() -> None:
    cost = CostMatrix(good_approved=-9, bad_approved=-9, good_declined=-1, bad_declined=-1)
    found = compare(worth(cost, {}, 2), [False, True], [True, True])
    assert found.words.endswith(" Declining everybody would lose 2 units.")


def test_per_thousand() -> None:
    """A portfolio's profit is told per 1,000 applications as well."""
    pd, bad, made = portfolio(500, 2)
    found = compare(made, bad, pd < 0.2)
    assert found.per_thousand == 2 * found.policy
