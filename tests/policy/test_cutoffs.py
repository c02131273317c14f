"""Cutoffs: a PD equal to a cutoff is not below it, and risk never helps."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.domain import Verdict
from solvent.errors import DeclarationError
from solvent.policy import Cutoffs

PDS = st.floats(0.0, 1.0, exclude_min=True)
ORDER = list(Verdict)


@given(PDS, PDS)
def test_a_pd_equal_to_a_cutoff_is_not_below_it(one: float, other: float) -> None:
    low, high = sorted((one, other))
    cutoffs = Cutoffs(approve_below=low, refer_below=high)
    assert cutoffs.verdict(math.nextafter(low, 0.0)) is Verdict.APPROVE
    assert cutoffs.verdict(low) is (Verdict.REFER if low < high else Verdict.DECLINE)
    assert cutoffs.verdict(high) is Verdict.DECLINE
    if low < high:
        assert cutoffs.verdict(math.nextafter(high, 0.0)) is Verdict.REFER


@given(PDS, PDS, PDS, PDS)
def test_a_higher_pd_never_gets_a_better_verdict(a: float, b: float, c: float, d: float) -> None:
    low, high = sorted((a, b))
    cutoffs = Cutoffs(approve_below=low, refer_below=high)
    safer, riskier = (ORDER.index(cutoffs.verdict(pd)) for pd in sorted((c, d)))
    assert safer <= riskier


@given(PDS, PDS)
def test_equal_cutoffs_refer_nobody(cut: float, pd: float) -> None:
    assert Cutoffs(approve_below=cut, refer_below=cut).verdict(pd) is not Verdict.REFER


@pytest.mark.parametrize(
    ("approve", "refer", "field"),
    [
        (0.0, 0.5, "approve_below"), (-0.1, 0.5, "approve_below"), (1.1, 1.2, "approve_below"),
        (math.nan, 0.5, "approve_below"), (0.2, 0.1, "refer_below"), (0.2, 1.1, "refer_below"),
        (0.2, math.nan, "refer_below"), (0.2, math.inf, "refer_below"),
    ],
)  # fmt: skip
def test_a_cutoff_that_is_no_pd_is_refused_by_name(
    approve: float, refer: float, field: str
) -> None:
    with pytest.raises(DeclarationError) as caught:
        Cutoffs(approve_below=approve, refer_below=refer)
    assert caught.value.field == f"cutoffs.{field}"
    assert caught.value.hint
