"""The walk adds up the money applicant by applicant, in the order of time."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.domain import Verdict
from solvent.errors import RangeError, ShapeError
from solvent.simulate import Decided, Referred, compare, walk
from tests.simulate.portfolios import DAY, decided, equal_loans, money_of


def _slow(found: Decided, referred: Referred) -> list[tuple[float, float, float]]:
    """Walk through the applications one by one."""
    lent = {Verdict.APPROVE.value}
    if referred is Referred.APPROVED:
        lent.add(Verdict.REFER.value)
    rows = list(range(len(found)))
    if found.as_of is not None:
        rows.sort(key=found.as_of.tolist().__getitem__)
    told = [(0.0, 0.0, 0.0)]
    for row in rows:
        went = bool(found.bad[row])
        yes, no = (money_of(found.worth, row, went, approve) for approve in (True, False))
        mine = yes if str(found.verdict[row]) in lent else no
        a, b, c = told[-1]
        told.append((a + mine, b + yes, c + max(yes, no)))
    return told


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 60), st.sampled_from(Referred), st.integers(2, 20))
def test_every_step_is_the_slow_walk(seed: int, n: int, referred: Referred, most: int) -> None:
    """Each step kept is what the loop had after as many applications; both ends are kept."""
    made = decided(n, seed)
    found = walk(made, referred=referred, steps=most)
    slow = _slow(made, referred)
    assert len(found.steps) == min(most, n + 1)
    assert (found.steps[0].n, found.steps[-1].n) == (0, n)
    for step in found.steps:
        money = (step.policy, step.approve_all, step.perfect)
        assert money == pytest.approx(slow[step.n], rel=1e-11, abs=1e-6)
    assert found.lowest == pytest.approx(min(each[0] for each in slow), rel=1e-11, abs=1e-6)


def test_the_end_of_the_walk_is_the_total() -> None:
    """The last step is the comparison of the whole portfolio, and the months add up to it."""
    made = decided(3_000, 1)
    found = walk(made)
    assert found.total == compare(made.worth, made.bad, made.approved())
    last = found.steps[-1]
    assert len(found.steps) == 400
    total = (found.total.policy, found.total.approve_all, found.total.perfect)
    assert (last.policy, last.approve_all, last.perfect) == pytest.approx(total, rel=1e-12)
    assert sum(each.policy for each in found.months) == pytest.approx(total[0], rel=1e-12)
    assert sum(each.n for each in found.months) == 3_000
    assert (found.approved + found.referred + found.declined) == 3_000


def test_months_are_those_of_the_calendar() -> None:
    """Each month's applications, loans, bad rate and money are counted by a slow twin."""
    made = decided(500, 5)
    found = walk(made, referred="approved")
    assert made.as_of is not None
    assert made.asked is not None
    names = [f"{datetime.fromtimestamp(t / 1e6, tz=UTC):%Y-%m}" for t in made.as_of.tolist()]
    assert [each.month for each in found.months] == sorted(set(names))
    for month in found.months:
        rows = [row for row, name in enumerate(names) if name == month.month]
        loans = [row for row in rows if str(made.verdict[row]) != "decline"]
        assert (month.n, month.approved) == (len(rows), len(loans))
        assert month.referred == sum(str(made.verdict[row]) == "refer" for row in rows)
        assert month.bad_rate == sum(bool(made.bad[row]) for row in loans) / len(loans)
        assert month.lent == pytest.approx(sum(made.worth.amount[row] for row in loans))
        assert month.asked == pytest.approx(np.nansum(made.asked[rows]))


def test_referred_applications_are_money_only_where_that_is_assumed() -> None:
    """Declined by default; both assumptions are said, and none where nobody is referred."""
    made = decided(200, 7)
    declined, approved = walk(made), walk(made, referred="approved")
    assert declined.total.policy != approved.total.policy
    assert f"({declined.referred:,}) are counted as declined: no money" in declined.words
    assert "counted as approved by a person" in approved.words
    nobody = decided(3, 7, verdict=np.array(["approve", "decline", "approve"]))
    assert walk(nobody).words == ""


def test_shuffled_rows_walk_the_same_way() -> None:
    """With times of their own, the order of the rows changes nothing."""
    made = decided(300, 9)
    order = np.random.default_rng(0).permutation(300)
    assert made.as_of is not None
    assert made.asked is not None
    other = Decided(
        verdict=made.verdict[order], pd=made.pd[order], bad=made.bad[order],
        worth=made.worth.take(order), as_of=made.as_of[order], asked=made.asked[order],
    )  # fmt: skip
    assert walk(other) == walk(made)


def test_without_times_rows_are_walked_as_they_stand() -> None:
    """There are no months and no instants then."""
    made = decided(20, 3, as_of=None, asked=None)
    found = walk(made)
    assert found.months == ()
    assert {step.as_of for step in found.steps} == {None}


def test_one_application() -> None:
    """A walk of one has a start and an end; a month without loans has no bad rate."""
    made = decided(
        1, 0, verdict=np.array(["refer"]), worth=equal_loans(1), as_of=np.array([DAY]), asked=None
    )
    found = walk(made)
    assert [step.n for step in found.steps] == [0, 1]
    (month,) = found.months
    assert (month.month, month.approved, month.referred) == ("1970-01", 0, 1)
    assert (month.bad_rate, month.asked) == (None, None)


def test_what_cannot_be_walked_is_refused() -> None:
    """Nobody, another length, an unknown verdict or assumption are named."""
    with pytest.raises(ShapeError, match="is empty"):
        decided(0, 0)
    with pytest.raises(ShapeError, match="verdict: has 2 values where pd has 3"):
        decided(3, 0, verdict=np.array(["approve", "refer"]))
    with pytest.raises(RangeError, match="1 of 2 values are no verdict"):
        decided(2, 0, verdict=np.array(["approve", "maybe"]))
    with pytest.raises(RangeError, match="referred: must be declined or approved"):
        walk(decided(2, 0), referred="ignored")
    with pytest.raises(RangeError, match="steps"):
        walk(decided(2, 0), steps=1)
