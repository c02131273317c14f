"""WOE and IV: the sign, slow twins, and an interval that holds the truth as often as it says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.binning import bin_counts, iv, iv_interval, woe
from solvent.errors import OneClassError, RangeError, ShapeError

COUNTS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8).filter(
    lambda rows: any(g for g, _ in rows) and any(b for _, b in rows)
)


def _slow(rows: list[tuple[int, int]]) -> tuple[list[float], float]:
    """WOE and IV as a person computes them with a pencil."""
    goods, bads = sum(g for g, _ in rows), sum(b for _, b in rows)
    woes, total = [], 0.0
    for g, b in rows:
        if not g and not b:
            woes.append(0.0)
            continue
        p, q = (g or 0.5) / goods, (b or 0.5) / bads
        woes.append(math.log(p / q))
        total += (p - q) * math.log(p / q)
    return woes, total


@given(rows=COUNTS)
def test_woe_and_iv_are_those_of_the_slow_twin(rows: list[tuple[int, int]]) -> None:
    """Arrays and a plain loop agree, pure and empty bins included."""
    goods, bads = zip(*rows, strict=True)
    woes, total = _slow(rows)
    assert woe(goods, bads).tolist() == pytest.approx(woes)
    assert iv(goods, bads) == pytest.approx(total)


@given(rows=COUNTS)
def test_exchanging_goods_and_bads_turns_every_woe_and_keeps_iv(
    rows: list[tuple[int, int]],
) -> None:
    """The sign of decision 0001 turns with the classes, IV does not."""
    goods, bads = zip(*rows, strict=True)
    assert woe(bads, goods).tolist() == pytest.approx((-woe(goods, bads)).tolist())
    assert iv(bads, goods) == pytest.approx(iv(goods, bads))
    assert iv(goods, bads) >= 0.0


def test_more_than_its_share_of_goods_is_positive() -> None:
    """Positive woe is safer."""
    assert woe([90, 10], [50, 50])[0] > 0.0 > woe([90, 10], [50, 50])[1]


def test_wrong_counts_are_refused() -> None:
    """One class, negative counts and unequal lengths raise."""
    with pytest.raises(OneClassError):
        iv([3, 4], [0, 0])
    with pytest.raises(RangeError):
        woe([3, -4], [1, 1])
    with pytest.raises(ShapeError):
        woe([3, 4], [1])
    with pytest.raises(ShapeError):
        bin_counts(np.array([0, 1]), np.array([True]), 2)


def _draw(rng: np.random.Generator, n: int, effect: float) -> tuple[np.ndarray, np.ndarray]:
    place = rng.integers(0, 5, n)
    return place, rng.random(n) < 0.2 + effect * (place - 2) / 2


def test_the_interval_holds_the_true_iv_about_as_often_as_it_says() -> None:
    """Over many samples the 95 % interval holds the population's IV in 90 to 99 % of them."""
    rng = np.random.default_rng(3)
    for effect in (0.0, 0.05, 0.15):
        rate = 0.2 + effect * (np.arange(5) - 2) / 2
        truth = iv(1e6 * (1 - rate), 1e6 * rate)
        held = 0
        for _ in range(300):
            found = iv_interval(*_draw(rng, 1500, effect), 5)
            held += found.low <= truth <= found.high
        assert 270 <= held <= 300


def test_repeated_customers_widen_the_interval_as_a_bootstrap_of_customers_does() -> None:
    """Where a customer's loans are alike, the spread is that of resampled customers."""
    rng = np.random.default_rng(4)
    customers = 300
    own = rng.integers(0, 4, customers)
    broke = rng.random(customers) < 0.1 + 0.15 * own
    groups = np.repeat(np.arange(customers), 5)
    place, bad = own[groups], broke[groups]
    alone, together = iv_interval(place, bad, 4), iv_interval(place, bad, 4, groups=groups)
    drawn = []
    for _ in range(400):
        chosen = rng.integers(0, customers, customers)
        rows = (chosen[:, None] * 5 + np.arange(5)).ravel()
        drawn.append(iv(*bin_counts(place[rows], bad[rows], 4)))
    assert together.standard_error == pytest.approx(float(np.std(drawn)), rel=0.35)
    assert together.standard_error > 1.8 * alone.standard_error
