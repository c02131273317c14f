"""The ratio of two rates against a search by SciPy, a published interval, and at its edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import xlog1py, xlogy
from scipy.stats import chi2
from scipy.stats.contingency import relative_risk

from solvent.errors import MetricError, RangeError
from solvent.metrics import rate_ratio

COUNTS = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n)))
ANY = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def log_likelihood(rate: float, group: tuple[int, int], other: tuple[int, int], k: float) -> float:
    """Of both groups' counts, where the reference's rate is `rate` and the group's k times that."""
    parts = [(group, k * rate), (other, rate)]
    return float(sum(xlogy(c, p) + xlog1py(n - c, -p) for (c, n), p in parts))


def statistic(group: tuple[int, int], other: tuple[int, int], k: float) -> float:
    """Koopman's chi-square of a ratio k: the rates found by search, the sum by its definition."""
    most = min(1.0, 1.0 / k)
    found = minimize_scalar(
        lambda rate: -log_likelihood(rate, group, other, k), bounds=(0.0, most), method="bounded",
        options={"xatol": 1e-13},
    )  # fmt: skip
    return float(
        sum((c - n * p) ** 2 / (n * p * (1.0 - p)) for (c, n), p in (
            (group, k * found.x), (other, found.x),
        ))
    )  # fmt: skip


@given(group=ANY, reference=COUNTS, level=st.sampled_from([0.8, 0.95, 0.99]))
def test_the_ends_are_where_koopmans_test_just_rejects(
    group: tuple[int, int], reference: tuple[int, int], level: float
) -> None:
    found = rate_ratio(group, reference, level)
    wanted = chi2.ppf(level, 1)
    for end in (found.low, found.high):
        if end:
            assert statistic(group, reference, end) == pytest.approx(wanted, rel=2e-3)
    assert found.low < found.ratio < found.high or found.low == found.ratio == 0.0 < found.high


def test_koopmans_published_interval_is_found_again() -> None:
    found = rate_ratio((36, 40), (16, 80))
    assert (found.ratio, round(found.low, 2), round(found.high, 2)) == (4.5, 2.94, 7.15)


@given(group=st.integers(2000, 4000), reference=st.integers(2000, 4000), n=st.integers(5000, 9000))
def test_of_many_the_interval_is_near_that_of_the_logarithm(
    group: int, reference: int, n: int
) -> None:
    """Katz's, by SciPy: the two agree where neither rate is extreme."""
    interval = relative_risk(group, n, reference, n).confidence_interval(0.95)
    found = rate_ratio((group, n), (reference, n))
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=2e-3)


@pytest.mark.parametrize("few", [5, 20])
def test_where_all_are_cases_the_interval_still_has_width(few: int) -> None:
    """Five of five say little: the logarithm's interval was 1 to 1."""
    found = rate_ratio((few, few), (10, 10))
    assert found.ratio == 1.0
    assert found.low < 0.95
    assert found.high > 1.05
    assert rate_ratio((5, 5), (10, 10)).low < 0.8


@pytest.mark.parametrize(
    ("rate", "of_others"), [(0.98, 0.97), (0.5, 0.7), (0.03, 0.04), (1.0, 0.9)]
)
def test_the_interval_covers_as_often_as_it_says(rate: float, of_others: float) -> None:
    """Of 4,000 samples of 120 against 400 a 95% interval covers 93.5% or more."""
    chance = np.random.default_rng(4)
    pairs = zip(
        chance.binomial(120, rate, 4_000).tolist(), chance.binomial(400, of_others, 4_000).tolist(),
        strict=True,
    )  # fmt: skip
    covered = [
        found.low <= rate / of_others <= found.high
        for found in (rate_ratio((a, 120), (b, 400)) for a, b in pairs)
    ]
    assert np.mean(covered) >= 0.935


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
