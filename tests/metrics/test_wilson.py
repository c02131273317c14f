from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from solvent.errors import RangeError
from solvent.metrics import wilson_interval

COUNTS = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_the_interval_agrees_with_scipy(counts: tuple[int, int], level: float) -> None:
    bads, n = counts
    expected = binomtest(bads, n).proportion_ci(level, method="wilson")
    assert wilson_interval(bads, n, level) == pytest.approx(
        (expected.low, expected.high), abs=1e-12
    )


@given(COUNTS)
def test_the_interval_holds_the_rate_and_mirrors_with_the_class(counts: tuple[int, int]) -> None:
    bads, n = counts
    low, high = wilson_interval(bads, n)
    assert 0.0 <= low <= bads / n <= high <= 1.0
    assert wilson_interval(n - bads, n) == pytest.approx((1 - high, 1 - low), abs=1e-14)


@pytest.mark.parametrize(("bads", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_counts_that_cannot_be_are_refused(bads: int, n: int) -> None:
    with pytest.raises(RangeError):
        wilson_interval(bads, n)
