"""Bad rates by customer: as without customers where each has one account, and never surer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import RangeError, ShapeError
from solvent.metrics import calibration_by_segment, clustered_calibration, wilson_interval

ROWS = st.lists(
    st.tuples(st.floats(0.01, 0.99), st.booleans(), st.integers(0, 5)), min_size=1, max_size=60
)


@given(ROWS)
def test_one_account_each_is_the_plain_calibration(rows: list[tuple[float, bool, int]]) -> None:
    pd, bad, _ = map(np.array, zip(*rows, strict=True))
    found = clustered_calibration(pd, bad, np.arange(len(rows)))
    (plain,) = calibration_by_segment(pd, bad, np.full(len(rows), "all"))
    assert (found.n, found.bads, found.customers) == (plain.n, plain.bads, plain.n)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=1e-14)
    assert (found.z is None) == (plain.z is None)
    if found.z is not None:
        assert found.z == pytest.approx(plain.z, rel=1e-9, abs=1e-9)


@given(ROWS)
def test_customers_never_make_it_surer(rows: list[tuple[float, bool, int]]) -> None:
    """The interval holds the rate and the plain interval; z is no larger; labels mean nothing."""
    pd, bad, who = map(np.array, zip(*rows, strict=True))
    found = clustered_calibration(pd, bad, who)
    low, high = wilson_interval(int(bad.sum()), len(rows))
    assert found.low <= low + 1e-12
    assert found.high >= high - 1e-12
    assert found.low <= found.bad_rate <= found.high
    alone = clustered_calibration(pd, bad, np.arange(len(rows)))
    if found.z is not None and alone.z is not None:
        assert abs(found.z) <= abs(alone.z)
    assert clustered_calibration(pd, bad, [f"C{9 - n}" for n in who]) == found


def test_accounts_repeated_for_the_same_customer_say_no_more() -> None:
    """Five copies of each account give the interval and the test of one."""
    draw = np.random.default_rng(4)
    pd = draw.uniform(0.05, 0.5, 400)
    bad = draw.random(400) < pd
    one = clustered_calibration(pd, bad, np.arange(400))
    five = clustered_calibration(np.repeat(pd, 5), np.repeat(bad, 5), np.repeat(np.arange(400), 5))
    assert (five.n, five.customers) == (2000, 400)
    assert (five.low, five.high) == pytest.approx((one.low, one.high), abs=1e-9)
    assert five.z == pytest.approx(one.z, rel=0.1)


@pytest.mark.parametrize("alike", [1, 4])
def test_the_interval_and_the_test_hold_as_often_as_they_say(alike: int) -> None:
    """Of 600 lenders whose customers' loans end alike, 95 % lie inside and 5 % are refused."""
    draw = np.random.default_rng(7)
    inside = refused = 0
    for _ in range(600):
        pd = np.repeat(draw.uniform(0.05, 0.35, 300), alike)
        bad = np.repeat(draw.random(300), alike) < pd
        found = clustered_calibration(pd, bad, np.repeat(np.arange(300), alike))
        inside += found.low <= 0.2 <= found.high
        assert found.p_value is not None
        refused += found.p_value < 0.05
    assert 0.92 <= inside / 600 <= 0.99
    assert 0.02 <= refused / 600 <= 0.08


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(ShapeError):
        clustered_calibration([0.1], [True], [1, 2])
    with pytest.raises(RangeError):
        clustered_calibration([0.1], [True], [0.5])
