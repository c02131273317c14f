"""The chosen cutoff is the best there is, and its interval says how sure that is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import OneClassError, RangeError, ShapeError
from solvent.policy import Worth
from solvent.simulate import Resampling, for_recall, most_profitable, profit
from tests.simulate.portfolios import (
    equal_loans,
    every_cutoff,
    portfolio,
    slow_profit,
    small_cases,
)

Small = tuple[Any, Any, Worth, Any]
FEW = Resampling(replicates=20)


@given(small_cases())
def test_no_other_cutoff_makes_more(case: Small) -> None:
    """Of every cutoff tried in turn none beats it."""
    pd, bad, made, barred = case
    best = most_profitable(pd, bad, made, barred=barred, resampling=FEW)
    mine = slow_profit(made, bad, (pd < best.cutoff) & ~barred)
    assert best.profit == pytest.approx(mine, rel=1e-12, abs=1e-5)
    assert best.gain == pytest.approx(mine - slow_profit(made, bad, ~barred), abs=1e-5)
    for cutoff in every_cutoff(pd):
        assert mine >= slow_profit(made, bad, (pd < cutoff) & ~barred) - 1e-5


@given(small_cases())
def test_none_as_good_approves_fewer(case: Small) -> None:
    """Where sums are whole, and so exact, it is the strictest of the best."""
    pd, bad, made, barred = case
    whole = Worth(
        good_approved=np.rint(made.good_approved), bad_approved=np.rint(made.bad_approved),
        good_declined=np.rint(made.good_declined), bad_declined=np.rint(made.bad_declined),
        amount=made.amount, currency=made.currency,
    )  # fmt: skip
    best = most_profitable(pd, bad, whole, barred=barred, resampling=FEW)
    tried = [(pd < cutoff) & ~barred for cutoff in every_cutoff(pd)]
    money = [slow_profit(whole, bad, each) for each in tried]
    assert best.profit == max(money)
    equal = [each.sum() for each, earned in zip(tried, money, strict=True) if earned == max(money)]
    assert best.approved == min(equal)


def test_of_equal_cutoffs_the_one_that_approves_fewest() -> None:
    """A good and a bad that cancel out are not lent to."""
    made = equal_loans(4, good=1.0, bad=-1.0)
    best = most_profitable([0.1, 0.2, 0.3, 0.4], [False, True, False, True], made, resampling=FEW)
    assert (best.approved, best.profit) == (1, 1.0)
    assert best.cutoff == pytest.approx(0.15)


def test_approving_everybody_or_nobody_can_be_best() -> None:
    """All good: everybody below 1; all bad: nobody, by a cutoff a policy may still state."""
    everybody = most_profitable([0.1, 0.4], [False, False], equal_loans(2), resampling=FEW)
    nobody = most_profitable([0.1, 0.4], [True, True], equal_loans(2), resampling=FEW)
    assert (everybody.cutoff, everybody.approved, everybody.gain) == (1.0, 2, 0.0)
    assert (nobody.cutoff, nobody.approved, nobody.profit, nobody.gain) == (0.05, 0, 0.0, 8.0)
    one = most_profitable([0.25], [False], equal_loans(1), resampling=FEW)
    assert (one.cutoff, one.low, one.high) == (1.0, 1.0, 1.0)


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_no_bit(seed: int) -> None:
    """Shuffled applications give the same cutoff and the same intervals."""
    pd, bad, made = portfolio(60, seed % 83)
    order = np.random.default_rng(seed).permutation(60)
    one = most_profitable(pd, bad, made, resampling=FEW)
    assert most_profitable(pd[order], bad[order], made.take(order), resampling=FEW) == one


def test_scaling_money_scales_profit_and_not_the_cutoff() -> None:
    """In another currency the same cutoff is best."""
    pd, bad, made = portfolio(500, 8)
    four = Worth(
        good_approved=4 * made.good_approved, bad_approved=4 * made.bad_approved,
        good_declined=4 * made.good_declined, bad_declined=4 * made.bad_declined,
        amount=4 * made.amount, currency="USD",
    )  # fmt: skip
    one, other = (most_profitable(pd, bad, each, resampling=FEW) for each in (made, four))
    assert (other.cutoff, other.low, other.high) == (one.cutoff, one.low, one.high)
    assert (other.profit, other.gain_high) == (4 * one.profit, 4 * one.gain_high)


def test_the_interval_holds_the_cutoff_and_widens_with_the_level() -> None:
    """Ends lie on both sides, further apart at a higher level; a seed repeats them."""
    pd, bad, made = portfolio(2_000, 9)
    narrow = most_profitable(pd, bad, made, resampling=Resampling(level=0.5))
    wide = most_profitable(pd, bad, made, resampling=Resampling(level=0.95))
    assert wide.low <= narrow.low <= narrow.cutoff <= narrow.high <= wide.high
    assert wide.gain_low <= narrow.gain_low <= narrow.gain <= narrow.gain_high <= wide.gain_high
    assert wide == most_profitable(pd, bad, made, resampling=Resampling(level=0.95))
    assert wide != most_profitable(pd, bad, made, resampling=Resampling(level=0.95, seed=1))


def test_the_bootstrap_is_a_bootstrap() -> None:
    """Drawing rows with replacement and searching each resample anew gives the same spread."""
    pd, bad, made = portfolio(400, 10)
    quick = most_profitable(pd, bad, made, resampling=Resampling(replicates=400, seed=3))
    random = np.random.default_rng(11)
    gains = []
    for _ in range(400):
        drawn = random.integers(0, 400, 400)
        rows = made.take(drawn)
        mine = profit(rows, bad[drawn], pd[drawn] < quick.cutoff)
        gains.append(mine - profit(rows, bad[drawn], np.ones(400, np.bool_)))
    low, high = np.quantile(gains, [0.05, 0.95])
    width = high - low
    assert quick.gain_low == pytest.approx(low, abs=0.15 * width)
    assert quick.gain_high == pytest.approx(high, abs=0.15 * width)


def test_the_interval_covers_the_known_optimum() -> None:
    """With true PDs, +1 and -4, the best cutoff is 0.2; nine of ten intervals should hold it."""
    held = 0
    for seed in range(60):
        random = np.random.default_rng(500 + seed)
        pd = 1.0 / (1.0 + np.exp(-random.normal(-2.0, 1.1, 2_000)))
        best = most_profitable(
            pd, random.random(2_000) < pd, equal_loans(2_000),
            resampling=Resampling(replicates=100, seed=seed),
        )  # fmt: skip
        held += best.low <= 0.2 <= best.high
    assert 0.8 <= held / 60 <= 1.0


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 1.0))
def test_the_cutoff_for_a_recall_catches_that_share(seed: int, recall: float) -> None:
    """At least that share of defaulters is turned away, and no higher cutoff would do."""
    pd, bad, _made = portfolio(40, seed % 71)
    bad[:2] = True, False
    cutoff = for_recall(pd, bad, recall)
    assert np.mean(pd[bad] >= cutoff) >= recall
    assert np.mean(pd[bad] > cutoff) < recall


def test_what_cannot_be_chosen_is_refused() -> None:
    """Nobody, no defaulter, and a bootstrap without sense are named."""
    with pytest.raises(ShapeError, match="is empty"):
        most_profitable([], [], equal_loans(0))
    with pytest.raises(OneClassError):
        for_recall([0.1, 0.2], [False, False], 0.8)
    with pytest.raises(RangeError, match="level"):
        Resampling(level=90.0)
    with pytest.raises(RangeError, match="replicates"):
        Resampling(replicates=0)
