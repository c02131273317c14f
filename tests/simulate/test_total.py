"""The interval of a sum says how far chance may have carried it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import RangeError, ShapeError
from solvent.simulate import total


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40))
def test_the_sum_is_exact_and_in_the_middle(values: list[float]) -> None:
    """The interval is z standard errors to either side of the exact sum."""
    found = total(np.array(values))
    half = 1.6448536269514722 * math.sqrt(len(values)) * np.std(values, ddof=1)
    assert found.total == math.fsum(values)
    assert found.high - found.low == pytest.approx(2 * half, rel=1e-6, abs=1e-5)
    assert found.high + found.low == pytest.approx(2 * found.total, rel=1e-9, abs=1e-5)


def test_a_bootstrap_says_the_same() -> None:
    """Sums of resampled applications spread as wide as the interval."""
    random = np.random.default_rng(1)
    money = np.where(random.random(2_000) < 0.1, -500.0, random.lognormal(4.0, 0.5, 2_000))
    sums = [money[random.integers(0, 2_000, 2_000)].sum() for _ in range(1_000)]
    low, high = np.quantile(sums, [0.05, 0.95])
    found = total(money)
    assert found.low == pytest.approx(low, abs=0.1 * (high - low))
    assert found.high == pytest.approx(high, abs=0.1 * (high - low))


def test_chance_is_ruled_out_only_away_from_zero() -> None:
    """A sum whose interval holds zero may be chance, on either side."""
    assert total([1.0, 1.1, 0.9]).beyond_chance
    assert total([-1.0, -1.1, -0.9]).beyond_chance
    assert not total([5.0, -5.0, 1.0]).beyond_chance


def test_edges() -> None:
    """One application has no spread; none, or endless money, is refused."""
    one = total([3.0])
    assert (one.low, one.total, one.high) == (3.0, 3.0, 3.0)
    with pytest.raises(ShapeError, match="is empty"):
        total([])
    with pytest.raises(RangeError, match="finite"):
        total([np.inf])
    with pytest.raises(RangeError):
        total([1.0], level=90)
