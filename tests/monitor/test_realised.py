"""Realised against predicted: counts add up, and agree with a plain count of every loan."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.metrics import auc, clustered_calibration
from solvent.monitor import Group, Loans, Windowed, realised
from solvent.monitor.realised import month_words

BANDS = ("A", "B", "C")


class Loan(NamedTuple):
    month: int
    band: int
    pd: float
    customer: int
    approved: bool
    state: str
    bad: bool


LOANS = st.lists(
    st.builds(
        Loan, st.integers(600, 602), st.integers(0, 2), st.floats(0.0, 1.0), st.integers(0, 6),
        st.booleans(), st.sampled_from(("known", "immature", "untold")), st.booleans(),
    ),
    min_size=1, max_size=50,
)  # fmt: skip


def of(loans: list[Loan]) -> Loans:
    columns = [np.array(column) for column in zip(*loans, strict=True)]
    month, band, pd, customer, approved, state, bad = columns
    return Loans(
        month=month, band=band, pd=pd, customer=customer, approved=approved, counted=approved,
        windowed=Windowed(
            known=state == "known", immature=state == "immature", untold=state == "untold"
        ),
        bad=bad,
    )  # fmt: skip


def same(group: Group, loans: list[Loan]) -> None:
    """The group is what one would count by hand."""
    lent = [one for one in loans if one.approved]
    assert (group.decided, group.approved) == (len(loans), len(lent))
    assert group.immature == sum(one.state == "immature" for one in lent)
    assert group.untold == sum(one.state == "untold" for one in lent)
    known = [one for one in lent if one.state == "known"]
    assert group.known == len(known)
    assert group.known + group.immature + group.untold == group.approved
    if group.figures is None:
        assert not known
        return
    assert group.figures.bads == sum(one.bad for one in known)
    assert group.figures.expected == pytest.approx(sum(one.pd for one in known))
    assert group.figures.customers == len({one.customer for one in known})


@given(LOANS)
def test_every_group_is_what_one_counts_by_hand(loans: list[Loan]) -> None:
    found = realised(of(loans), BANDS)
    same(found.whole, loans)
    assert [group.month for group in found.months] == [
        month_words(month) for month in sorted({one.month for one in loans})
    ]
    assert [group.band for group in found.bands] == list(BANDS)
    for group in (*found.months, *found.bands, *found.cells):
        same(
            group,
            [
                one for one in loans
                if group.month in {"", month_words(one.month)}
                and group.band in {"", BANDS[one.band]}
            ],
        )  # fmt: skip
    assert sum(group.decided for group in found.cells) == len(loans)


def test_the_order_of_loans_changes_nothing() -> None:
    draw = np.random.default_rng(3)
    loans = [
        Loan(600 + int(draw.integers(3)), int(draw.integers(3)), float(draw.uniform(0.05, 0.9)),
             int(draw.integers(80)), True, "known", bool(draw.random() < 0.4))
        for _ in range(300)
    ]  # fmt: skip
    one, other = realised(of(loans), BANDS), realised(of(loans[::-1]), BANDS)
    assert one.whole.figures is not None
    assert other.whole.figures is not None
    assert one.whole.figures.z == pytest.approx(other.whole.figures.z)
    assert one.auc is not None
    assert other.auc is not None
    assert (one.auc.low, one.auc.high) == pytest.approx((other.auc.low, other.auc.high))
    arrays = of(loans)
    assert one.auc.auc == auc(arrays.pd, arrays.bad)
    assert one.whole.figures == clustered_calibration(arrays.pd, arrays.bad, arrays.customer)
    raised = [group for group in one.bands if group.p_adjusted is not None]
    assert raised
    for group in raised:
        assert group.figures is not None
        assert group.figures.p_value is not None
        assert group.p_adjusted is not None
        assert group.p_adjusted >= group.figures.p_value


def test_without_an_outcome_nothing_is_claimed() -> None:
    young = [Loan(600, 0, 0.1, 1, True, "immature", False)]
    found = realised(of(young), BANDS)
    assert found.whole.figures is None
    assert (found.auc, found.auc_missing) == (None, "no outcome is known yet")
    one_class = [Loan(600, 0, 0.1, n, True, "known", False) for n in range(4)]
    assert realised(of(one_class), BANDS).auc_missing == "no account of 4 is bad"


def test_before_the_first_decision_everything_is_zero() -> None:
    found = realised(of([Loan(600, 0, 0.1, 1, True, "known", False)]).take(np.empty(0, int)), BANDS)
    assert (found.whole.decided, found.whole.known, found.months, found.cells) == (0, 0, (), ())
    assert [(group.band, group.decided) for group in found.bands] == [(name, 0) for name in BANDS]
