"""Bins hold what they say, keep ties together, and end with what is not known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.binning import level_bins, quantile_bins
from solvent.errors import RangeError

NUMBERS = st.lists(
    st.one_of(st.integers(-5, 5).map(float), st.floats(-1e6, 1e6), st.just(float("nan"))),
    min_size=1,
    max_size=400,
)


@given(values=NUMBERS, bins=st.integers(1, 12), fewest=st.integers(1, 40), tidy=st.booleans())
def test_every_value_lies_in_the_bin_it_is_placed_in(
    values: list[float], bins: int, fewest: int, tidy: bool
) -> None:
    """A value lies above its bin's lower end and not above its upper; NaN lies in the last."""
    array = np.array(values)
    made = quantile_bins(array, bins=bins, fewest=fewest, tidy=tidy)
    assert list(made.edges) == sorted(set(made.edges))
    assert made.known <= max(bins, 1)
    for value, place in zip(values, made.place(array).tolist(), strict=True):
        if np.isnan(value):
            assert place == made.known
            continue
        above, up_to = made.ends(place)
        assert above is None or value > above
        assert up_to is None or value <= up_to


@given(values=NUMBERS, bins=st.integers(2, 12), fewest=st.integers(1, 40))
def test_no_bin_of_known_values_is_nearly_empty(
    values: list[float], bins: int, fewest: int
) -> None:
    """Without tidying every bin holds at least the rows asked for, where there are as many."""
    array = np.array(values)
    made = quantile_bins(array, bins=bins, fewest=fewest, tidy=False)
    counts = np.bincount(made.place(array), minlength=made.size)[: made.known]
    assert made.known == 1 or counts.min() >= fewest


def test_ten_bins_of_a_continuous_number_hold_a_tenth_each() -> None:
    """Quantile bins of distinct values are the quantiles NumPy gives."""
    values = np.random.default_rng(1).normal(size=5000)
    made = quantile_bins(values, tidy=False)
    expected = np.quantile(values, np.arange(1, 10) / 10, method="lower")
    assert np.allclose(made.edges, expected)


def test_tidy_edges_are_rounder_and_move_hardly_anybody() -> None:
    """Rounding an edge moves at most a tenth of a bin across it."""
    values = np.random.default_rng(2).gamma(2.0, 17.3, size=5000)
    plain, tidy = (quantile_bins(values, tidy=each) for each in (False, True))
    moved = [
        abs(int((values <= a).sum()) - int((values <= b).sum()))
        for a, b in zip(plain.edges, tidy.edges, strict=True)
    ]
    assert max(moved) <= 50
    assert all(len(f"{edge:g}") <= 5 for edge in tidy.edges)


def test_an_infinite_number_is_refused() -> None:
    """What is not finite is no value."""
    with pytest.raises(RangeError):
        quantile_bins(np.array([1.0, np.inf]))


def test_rare_levels_are_together_and_unseen_ones_join_them() -> None:
    """A level below the share asked for shares a bin with all others; missing has its own."""
    codes = np.repeat([0, 1, 2, 3, -1], [500, 300, 10, 5, 50])
    made = level_bins(codes, ("a", "b", "c", "d"))
    assert made.groups == (("a",), ("b",))
    placed = made.place(np.array([0, 1, 2, 3, 4, -1]), ("a", "b", "c", "d", "new"))
    assert placed.tolist() == [0, 1, 2, 2, 2, 3]
