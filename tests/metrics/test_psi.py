from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from solvent.errors import RangeError, ShapeError
from solvent.metrics import psi

FULL = st.integers(1, 8).flatmap(
    lambda bins: st.tuples(
        *[st.lists(st.integers(1, 1_000), min_size=bins, max_size=bins) for _ in range(2)]
    )
)
ANY = st.integers(1, 8).flatmap(
    lambda bins: st.tuples(
        *[st.lists(st.integers(0, 9), min_size=bins, max_size=bins).filter(any) for _ in range(2)]
    )
)
Counts = tuple[list[int], list[int]]


def test_psi_is_the_golden_figure() -> None:
    now = [80, 90, 90, 100, 100, 100, 110, 110, 110, 110]
    assert psi([100] * 10, now) == pytest.approx(0.010382488531613717, abs=1e-15)


@given(FULL)
def test_psi_is_the_divergence_both_ways(counts: Counts) -> None:
    before, now = counts
    assert psi(before, now) == pytest.approx(entropy(before, now) + entropy(now, before), abs=1e-12)


@given(ANY)
def test_psi_is_finite_never_negative_and_the_same_both_ways(counts: Counts) -> None:
    before, now = counts
    assert 0.0 <= psi(before, now) < math.inf
    assert psi(now, before) == pytest.approx(psi(before, now), abs=1e-14)


@given(ANY, st.permutations(range(8)))
def test_psi_does_not_see_the_order_of_bins(counts: Counts, order: list[int]) -> None:
    before, now = counts
    order = [place for place in order if place < len(before)]
    moved = psi([before[place] for place in order], [now[place] for place in order])
    assert moved == pytest.approx(psi(before, now), abs=1e-13)


@given(FULL, st.integers(2, 9))
def test_psi_sees_shares_only_where_no_bin_is_empty(counts: Counts, times: int) -> None:
    before, now = counts
    assert psi(before, [times * count for count in now]) == pytest.approx(
        psi(before, now), abs=1e-13
    )


@given(FULL)
def test_merging_bins_never_raises_psi(counts: Counts) -> None:
    before, now = counts
    if len(before) < 2:
        return
    merged = psi([before[0] + before[1], *before[2:]], [now[0] + now[1], *now[2:]])
    assert merged <= psi(before, now) + 1e-13


def test_a_bin_empty_in_one_sample_counts_half_an_account() -> None:
    e, a = np.array([99, 0.5]) / 99.5, np.array([90, 10]) / 100
    assert psi([99, 0], [90, 10]) == pytest.approx(float(((a - e) * np.log(a / e)).sum()))


def test_a_bin_empty_in_both_samples_says_nothing() -> None:
    assert psi([50, 0, 50], [40, 0, 60]) == psi([50, 50], [40, 60])


def test_the_same_population_has_not_moved() -> None:
    assert psi([10, 20, 0], [10, 20, 0]) == 0.0
    assert psi([7], [900]) == 0.0


@pytest.mark.parametrize(
    ("before", "now", "error", "field"),
    [
        ([1, 2], [1, 2, 3], ShapeError, "actual"),
        ([], [], ShapeError, "expected"),
        ([[1, 2]], [1, 2], ShapeError, "expected"),
        ([0, 0], [1, 2], RangeError, "expected"),
        ([1, 2], [0, 0], RangeError, "actual"),
        ([1, -2], [1, 2], RangeError, "expected"),
        ([1, 2], [0.4, 0.6], RangeError, "actual"),
        ([1, np.nan], [1, 2], RangeError, "expected"),
        ([1, 2], [1, np.inf], RangeError, "actual"),
        (["a", "b"], [1, 2], RangeError, "expected"),
    ],
)
def test_what_are_no_counts_over_the_same_bins_is_refused(
    before: object, now: object, error: type[Exception], field: str
) -> None:
    with pytest.raises(error) as raised:
        psi(before, now)  # type: ignore[arg-type]
    assert raised.value.field == field  # type: ignore[attr-defined]
