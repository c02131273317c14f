"""The ratio of two rates against SciPy, and at its edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats.contingency import relative_risk

from solvent.errors import MetricError, RangeError
from solvent.metrics import rate_ratio

COUNTS = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n)))


@given(group=COUNTS, reference=COUNTS, level=st.sampled_from([0.8, 0.95, 0.99]))
def test_ratio_and_interval_are_those_of_scipy(
    group: tuple[int, int], reference: tuple[int, int], level: float
) -> None:
    wanted = relative_risk(*group, *reference)
    interval = wanted.confidence_interval(level)
    found = rate_ratio(group, reference, level)
    assert found.ratio == pytest.approx(wanted.relative_risk)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_the_published_adverse_impact_ratio_is_found_again() -> None:
    """100 of 200 against 210 of 300: a ratio of 0.714, below four fifths with chance to spare."""
    found = rate_ratio((100, 200), (210, 300))
    assert found.ratio == pytest.approx(0.7142857142857143)
    assert 0.6 < found.low < found.ratio < found.high < 0.85


@given(group=COUNTS, reference=COUNTS)
def test_turned_round_it_is_one_over_itself(
    group: tuple[int, int], reference: tuple[int, int]
) -> None:
    one, other = rate_ratio(group, reference), rate_ratio(reference, group)
    assert one.ratio == pytest.approx(1.0 / other.ratio)
    assert one.high == pytest.approx(1.0 / other.low)


def test_a_group_without_a_case_has_ratio_zero_and_an_upper_end() -> None:
    few, many = rate_ratio((0, 20), (50, 100)), rate_ratio((0, 2000), (50, 100))
    assert few.ratio == few.low == many.low == 0.0
    assert 0.0 < many.high < few.high < 1.0


def test_what_has_no_ratio_is_refused() -> None:
    with pytest.raises(MetricError, match="no case"):
        rate_ratio((1, 2), (0, 2))
    for wrong in ((3, 2), (-1, 2), (0, 0)):
        with pytest.raises(RangeError, match="count"):
            rate_ratio(wrong, (1, 2))
        with pytest.raises(RangeError, match="count"):
            rate_ratio((1, 2), wrong)
    with pytest.raises(RangeError, match="level"):
        rate_ratio((1, 2), (1, 2), 1.0)
