from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from solvent.metrics.thinning import thin


@given(
    st.lists(st.floats(0, 2, allow_subnormal=False), min_size=1, unique=True), st.integers(2, 20)
)
def test_thinning_keeps_the_ends_and_at_most_the_number_asked(
    along: list[float], points: int
) -> None:
    kept = thin(np.array(sorted(along)), points)
    assert kept.size <= points
    assert kept.size <= len(along)
    assert (kept[0], kept[-1]) == (0, len(along) - 1)
    assert np.all(np.diff(kept) > 0)


@given(st.integers(2, 50))
def test_a_curve_of_few_points_is_left_alone(points: int) -> None:
    assert thin(np.linspace(0, 2, points), points).tolist() == list(range(points))


def test_points_are_kept_evenly_along_the_curve() -> None:
    kept = thin(np.linspace(0, 2, 10_001), 101)
    assert np.ptp(np.diff(kept)) <= 1
