"""Neighbours that fall are pooled as scikit-learn pools them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression, isotonic_regression

from solvent.binning.pooling import pool_rising, rising_fit


@given(bands=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=60))
def test_neighbours_are_pooled_as_scikit_learn_pools_them(bands: list[tuple[int, int]]) -> None:
    rate, weight = np.array([[r / 9.0, w] for r, w in bands]).T
    block = pool_rising(rate, weight)
    mean = np.bincount(block, weights=rate * weight) / np.bincount(block, weights=weight)
    wanted = isotonic_regression(rate, sample_weight=weight)
    assert mean[block] == pytest.approx(wanted, abs=1e-9)
    assert (np.diff(mean) > 0.0).all()


def test_the_rising_fit_is_that_of_scikit_learn() -> None:
    """Pooling adjacent violators agrees with isotonic regression."""
    rng = np.random.default_rng(2)
    for _ in range(50):
        rate, weight = rng.random(12), rng.integers(1, 90, 12).astype(float)
        oracle = IsotonicRegression().fit_transform(np.arange(12), rate, sample_weight=weight)
        assert rising_fit(rate, weight).tolist() == pytest.approx(oracle.tolist())
