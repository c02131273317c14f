"""Sums that lose nothing, spreads that cancel nothing, and what Python's statistics say."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from solvent.features import (
    DAY,
    ApplicationRows,
    EntityRows,
    Values,
    _wide,
    count,
    distinct,
    last,
    maximum,
    mean,
    minimum,
    std,
    total,
)
from solvent.features.evaluate import evaluate
from solvent.features.frame import NumberColumn
from solvent.features.program import compile_features
from solvent.features.rows import MAX_EXACT
from tests.features.cases import T, event, value, world
from tests.features.worlds import APPLICATIONS, LOG

UNITS, SCORE, AMOUNT = LOG["units"], LOG["score"], LOG["amount"]
FEE = LOG["fee"]
COUNTS = total(LOG, AMOUNT), mean(LOG, AMOUNT), std(LOG, AMOUNT), minimum(LOG, AMOUNT)


def _of(amounts: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[float]:
    """Sum, mean, spread and smallest of amounts in cents, by the evaluator."""
    n = len(amounts)
    time = np.arange(n, dtype=np.int64)
    rows = EntityRows(
        starts=np.array([0, n]), time=time, available=time, id=None,
        columns={"amount": Values(array=amounts)},
    )  # fmt: skip
    asked = ApplicationRows(as_of=np.array([T]), entity=np.array([0]), columns={})
    frame = evaluate(compile_features(APPLICATIONS, [LOG], COUNTS), asked, {"log": rows})
    return [c.values.item() for c in frame if isinstance(c, NumberColumn)]


def _exactly(amounts: list[int]) -> list[float]:
    n = len(amounts)
    numerator = n * sum(x * x for x in amounts) - sum(amounts) ** 2
    spread = math.sqrt(float(numerator) / (float(n) * (n - 1.0))) / 100.0
    sum_ = float(sum(amounts))
    return [sum_ / 100.0, sum_ / n / 100.0, spread, min(amounts) / 100.0]


@pytest.mark.parametrize("rows", [2, 1000, 200_003])
def test_sums_of_the_largest_amounts_are_exact(rows: int) -> None:
    """Thousands of amounts of 2**40 add up like Python's integers, squares of 128 bits included."""
    chance = np.random.default_rng(rows)
    amounts = MAX_EXACT - chance.integers(0, 3, rows)
    amounts[::3] *= -1
    told = _of(amounts)
    assert told == _exactly(amounts.tolist())
    if rows > 1000:
        ints = amounts.tolist()
        assert rows * sum(x * x for x in ints) - sum(ints) ** 2 > 2**64


def test_a_spread_of_one_cent_between_huge_amounts_is_not_lost() -> None:
    """Where float64 would cancel to nothing, the exact determinant keeps the cent."""
    amounts = np.array([MAX_EXACT, MAX_EXACT - 1] * 500, np.int64)
    assert _of(amounts)[2] == pytest.approx(0.005, rel=1e-3)
    assert _of(amounts) == _exactly(amounts.tolist())


@given(st.lists(st.integers(-MAX_EXACT, MAX_EXACT), min_size=2, max_size=60))
@settings(max_examples=60)
def test_whole_numbers_are_summed_like_pythons(amounts: list[int]) -> None:
    """Sum, mean, spread and smallest equal Python's integers rounded once."""
    assert _of(np.array(amounts, np.int64)) == _exactly(amounts)


_WORDS = st.integers(0, 2**64 - 1) | st.integers(0, 63).map(lambda bit: 1 << bit)


@given(_WORDS, _WORDS)
@settings(max_examples=300)
@example(1 << 60, 1)
@example((1 << 60) | (1 << 7), 1)
@example((1 << 60) | (1 << 7), 0)
@example((1 << 63) | (1 << 10), 1)
@example(2**64 - 1, 2**64 - 1)
def test_a_128_bit_number_is_rounded_once(high: int, low: int) -> None:
    """To the nearest float64, ties to even, as Python rounds its integers."""
    told = _wide._to_float(np.uint64(high), np.uint64(low))
    assert told == float((high << 64) + low)


@pytest.mark.parametrize("amount", [0, 1, 333, MAX_EXACT, -MAX_EXACT])
@pytest.mark.parametrize("n", [2, 3, 7])
def test_equal_amounts_have_no_spread(amount: int, n: int) -> None:
    """The standard deviation of equal values is exactly 0."""
    rows = [event(DAY + i, amount=amount) for i in range(n)]
    assert value(world(rows), std(LOG, AMOUNT)) == 0.0


@pytest.mark.parametrize("score", [0.1, 1 / 3, -1e16])
def test_equal_floats_have_no_spread(score: float) -> None:
    """Nor has a column of floats, by Welford's recurrence."""
    rows = [event(DAY + i, score=score) for i in range(5)]
    assert value(world(rows), std(LOG, SCORE)) == 0.0


def test_one_row_has_no_known_spread() -> None:
    """A sample's spread needs two rows."""
    assert value(world([event(DAY, amount=5, score=5.0)]), std(LOG, AMOUNT)) is None
    assert value(world([event(DAY, amount=5, score=5.0)]), std(LOG, SCORE)) is None


# On a grid of nano-units: squares of much smaller gaps underflow, here as in any float64.
_NUMBERS = st.integers(-(10**15), 10**15).map(lambda nano: nano / 1e9)


@given(st.lists(_NUMBERS, min_size=2, max_size=25))
@settings(max_examples=60)
def test_means_and_spreads_agree_with_the_statistics_module(scores: list[float]) -> None:
    """fmean and stdev are another way to the same numbers, up to rounding."""
    given_world = world([event(DAY + i, score=score) for i, score in enumerate(scores)])
    size = max(abs(score) for score in scores)
    about = {"rel": 1e-9, "abs": 1e-9 * size + 1e-300}
    assert value(given_world, mean(LOG, SCORE)) == pytest.approx(statistics.fmean(scores), **about)
    assert value(given_world, std(LOG, SCORE)) == pytest.approx(statistics.stdev(scores), **about)


def test_floats_are_added_newest_first() -> None:
    """The declared order: 1e16 + 1 + 1 forgets both ones only when they come last."""
    newest_small = [event(1, score=1.0), event(2, score=1.0), event(3, score=1e16)]
    newest_big = [event(3, score=1.0), event(2, score=1.0), event(1, score=1e16)]
    assert value(world(newest_small), total(LOG, SCORE)) == 1e16 + 2
    assert value(world(newest_big), total(LOG, SCORE)) == 1e16


def test_a_sum_beyond_float64_is_null() -> None:
    """No feature is ever infinite."""
    rows = [event(DAY + i, score=1.7e308) for i in range(3)]
    assert value(world(rows), total(LOG, SCORE)) is None
    assert value(world(rows), mean(LOG, SCORE)) is None


def test_the_two_zeros_are_one_value() -> None:
    """-0.0 and 0.0 are one distinct value, and the smallest of both does not depend on order."""
    for first, second in ((0.0, -0.0), (-0.0, 0.0)):
        rows = world([event(DAY, score=first), event(DAY, score=second)], ids=False)
        assert value(rows, distinct(LOG, SCORE)) == 1
        for feature in (minimum(LOG, SCORE), maximum(LOG, SCORE), last(LOG, SCORE)):
            told = value(rows, feature)
            assert isinstance(told, float)
            assert math.copysign(1, told) == 1


def test_money_comes_out_in_whole_units() -> None:
    """Minor units inside, units outside, at each column's own scale."""
    rows = world([event(DAY, amount=12_345, fee=12_345, units=3, settled=1)])
    assert value(rows, total(LOG, AMOUNT)) == 123.45
    assert value(rows, total(LOG, FEE)) == 12.345
    assert value(rows, total(LOG, UNITS)) == 3
    assert value(rows, total(LOG, AMOUNT + FEE)) == 123.45 + 12.345


def test_dividing_by_nothing_is_null() -> None:
    """x / 0 is not known, so it does not count."""
    rows = world([event(DAY, amount=100, score=0.0), event(DAY, amount=100, score=2.0)])
    assert value(rows, total(LOG, AMOUNT / SCORE)) == 0.5
    assert value(rows, count(LOG, where=(AMOUNT / SCORE).is_missing())) == 1


def test_a_number_may_stand_on_either_side() -> None:
    """1 - x, 2 * x, 3 / x and 1 + x read as written."""
    row = world([event(DAY, score=4.0)])
    for expression, expected in (
        (1 - SCORE, -3.0), (2 * SCORE, 8.0), (3 / SCORE, 0.75), (1 + SCORE, 5.0),
    ):  # fmt: skip
        assert value(row, last(LOG, expression)) == expected
