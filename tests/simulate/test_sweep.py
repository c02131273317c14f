"""The sweep says of every cutoff what deciding by it would have done."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import RangeError, ShapeError
from solvent.policy import Worth
from solvent.simulate import Point, profit, sweep
from solvent.simulate.cases import in_major, in_whole
from tests.simulate.portfolios import (
    equal_loans,
    every_cutoff,
    portfolio,
    slow_profit,
    small_cases,
)

Small = tuple[Any, Any, Worth, Any]


def _slow(case: Small, cutoff: float) -> Point:
    """Decide one application after the other."""
    pd, bad, made, barred = case
    approved = [bool(p < cutoff and not stop) for p, stop in zip(pd, barred, strict=True)]
    loans, bads = sum(approved), int(sum(bad))
    lost = sum(1 for made_loan, went in zip(approved, bad, strict=True) if made_loan and went)
    return Point(
        cutoff=cutoff,
        approved=loans,
        approval_rate=loans / len(bad),
        bad_rate=lost / loans if loans else None,
        recall=1 - lost / bads if bads else None,
        profit=slow_profit(made, bad, approved),
    )


def _agree(found: Point, slow: Point) -> None:
    assert (found.approved, found.approval_rate) == (slow.approved, slow.approval_rate)
    assert found.bad_rate == slow.bad_rate
    assert found.recall == (None if slow.recall is None else pytest.approx(slow.recall))
    assert found.profit == pytest.approx(slow.profit, rel=1e-12, abs=1e-5)


@given(small_cases(), st.floats(0.0, 1.0))
def test_any_cutoff_is_told_exactly(case: Small, other: float) -> None:
    """At every PD, at the ends and anywhere between, `at` is the slow loop."""
    pd, bad, made, barred = case
    found = sweep(pd, bad, made, barred=barred)
    for cutoff in (*every_cutoff(pd), other, *found.cutoffs.tolist()):
        _agree(found.at(cutoff), _slow(case, cutoff))


@given(small_cases())
def test_the_cutoffs_decide_differently_one_by_one(case: Small) -> None:
    """Each position's own cutoff approves as many as the position says, and each approves more."""
    pd, bad, made, barred = case
    found = sweep(pd, bad, made, barred=barred)
    assert found.approved.tolist() == [found.at(each).approved for each in found.cutoffs.tolist()]
    assert found.approved[0] == 0
    assert found.approved[-1] == np.count_nonzero(~barred)
    assert np.all(np.diff(found.approved) > 0)
    assert np.all(np.diff(found.cutoffs) > 0)


@given(small_cases(), st.integers(3, 12))
def test_thinned_points_keep_the_best_and_the_ends(case: Small, most: int) -> None:
    """Few points, strictest first, the ends and the best among them, each exact."""
    pd, bad, made, barred = case
    found = sweep(pd, bad, made, points=most, barred=barred)
    assert len(found.points) <= most
    approved = [each.approved for each in found.points]
    assert approved == sorted(set(approved))
    assert (approved[0], approved[-1]) == (0, int(found.approved[-1]))
    assert found.best_point in found.points
    assert all(found.at(each.cutoff) == each for each in found.points)


def test_points_of_a_large_sweep_are_few() -> None:
    """Sixty points at most, spread over the approvals."""
    random = np.random.default_rng(1)
    pd = random.random(20_000)
    found = sweep(pd, random.random(20_000) < pd, equal_loans(20_000))
    assert 50 <= len(found.points) <= 60
    assert max(np.diff([each.approved for each in found.points])) < 2 * 20_000 / 58


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_no_bit(seed: int) -> None:
    """Shuffled applications give the same sweep, bit for bit."""
    pd, bad, made = portfolio(60, seed % 89)
    order = np.random.default_rng(seed).permutation(60)
    one, other = sweep(pd, bad, made), sweep(pd[order], bad[order], made.take(order))
    assert one.profit.tolist() == other.profit.tolist()
    assert one.points == other.points


def test_profit_agrees_with_the_profit_of_the_verdicts() -> None:
    """Whole steps lose nothing that can be seen: 12 figures and more agree."""
    pd, bad, made = portfolio(5_000, 6)
    found = sweep(pd, bad, made)
    for cutoff in (0.01, 0.1, 0.2, 0.5, 1.0):
        assert found.at(cutoff).profit == pytest.approx(profit(made, bad, pd < cutoff), rel=1e-13)


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=30))
def test_whole_steps_are_finer_than_the_total_needs(values: list[float]) -> None:
    """Adding whole steps is the exact sum to within 2**-52 of the sum of absolute values."""
    (whole,), exponent = in_whole(np.array(values))
    found = float(in_major(whole.sum(keepdims=True), exponent)[0])
    size = math.fsum(map(abs, values))
    assert abs(found - math.fsum(values)) <= max(size * 2.0**-52, 1e-300)


@pytest.mark.parametrize("went_bad", [True, False])
def test_one_class_is_enough(went_bad: bool) -> None:
    """All bad or all good is still a sweep; what cannot be said is None."""
    found = sweep([0.1, 0.3], [went_bad] * 2, equal_loans(2))
    assert found.at(0.2).bad_rate == float(went_bad)
    assert found.at(0.2).recall == (0.5 if went_bad else None)
    assert found.best_point.approved == (0 if went_bad else 2)


def test_edges() -> None:
    """One application, one PD, everybody barred, PDs of 0 and 1."""
    one = sweep([0.25], [False], equal_loans(1))
    assert one.cutoffs.tolist() == [0.125, 1.0]
    same = sweep([0.25] * 4, [True, False, False, False], equal_loans(4))
    assert same.profit.tolist() == [0.0, -1.0]
    none = sweep([0.25], [False], equal_loans(1), barred=[True])
    assert (none.cutoffs.tolist(), none.approved.tolist(), none.best) == ([1.0], [0], 0)
    ends = sweep([0.0, 1.0], [False, False], equal_loans(2))
    assert ends.at(0.0).approved == 0
    assert ends.at(1.0).approved == 1
    assert ends.approved.tolist() == [0, 1, 2]


def test_neighbours_without_a_number_between_are_still_parted() -> None:
    """Of two adjacent floats the cutoff is the upper, which is not approved."""
    low = 0.3
    high = math.nextafter(low, 1.0)
    found = sweep([low, high], [False, True], equal_loans(2))
    assert float(found.cutoffs[1]) == high
    assert found.at(high).approved == 1


def test_what_cannot_be_swept_is_refused() -> None:
    """Nobody, a PD outside its range, too few points and a cutoff outside its range are named."""
    with pytest.raises(ShapeError, match="is empty"):
        sweep([], [], equal_loans(0))
    with pytest.raises(RangeError, match=r"not in \[0, 1\]"):
        sweep([1.5], [True], equal_loans(1))
    with pytest.raises(RangeError, match="points"):
        sweep([0.5], [True], equal_loans(1), points=2)
    with pytest.raises(RangeError, match="cutoff"):
        sweep([0.5], [True], equal_loans(1)).at(1.5)
    with pytest.raises(ShapeError, match="barred: has 1"):
        sweep([0.5, 0.1], [True, False], equal_loans(2), barred=[True])
