"""Folds to judge on: no customer on both sides, nothing later learnt from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.dataset.folds import customer_folds, forward_folds
from solvent.errors import TrainingError

ROWS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 40), st.booleans()), min_size=12, max_size=120
).filter(lambda rows: len({bad for _, _, bad in rows}) == 2)


def _arrays(rows: list[tuple[int, int, bool]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    as_of, customer, bad = (np.array(part) for part in zip(*rows, strict=True))
    return as_of, customer, bad


@given(ROWS, st.integers(2, 7), st.integers(0, 9), st.integers(0, 30))
def test_a_forward_fold_learns_from_outcomes_known_before_it_of_other_customers(
    rows: list[tuple[int, int, bool]], folds: int, seed: int, window: int
) -> None:
    as_of, customer, bad = _arrays(rows)
    try:
        found = forward_folds(as_of, customer, bad, as_of + window, folds=folds, seed=seed)
    except TrainingError:
        return
    assert 1 <= len(found) <= folds
    for split in found:
        assert split.cut is not None
        assert as_of[split.train].max() <= split.cut < as_of[split.test].min()
        assert (as_of + window)[split.train].max() < as_of[split.test].min()
        assert not set(customer[split.train]) & set(customer[split.test])
        assert {False, True} == set(bad[split.train].tolist())
    judged = np.sum([split.test for split in found], axis=0)
    assert judged.max() == 1
    cuts = [split.cut for split in found]
    assert cuts == sorted(set(cuts))


@given(ROWS, st.integers(2, 7), st.integers(0, 9))
def test_folds_by_customer_judge_every_application_once(
    rows: list[tuple[int, int, bool]], folds: int, seed: int
) -> None:
    _, customer, bad = _arrays(rows)
    try:
        found = customer_folds(customer, bad, folds=folds, seed=seed)
    except TrainingError:
        return
    judged = np.sum([split.test for split in found], axis=0)
    assert judged.max() == 1
    for split in found:
        assert not set(customer[split.train]) & set(customer[split.test])
        assert (split.train ^ split.test).all()
        assert split.cut is None


def test_one_application_a_customer_is_judged_in_even_blocks_of_the_later_two_thirds() -> None:
    n = 3_000
    bad = np.random.default_rng(1).random(n) < 0.2
    found = forward_folds(np.arange(n), np.arange(n), bad, np.arange(n), folds=4, seed=0)
    assert [int(split.test.sum()) for split in found] == pytest.approx([500] * 4, abs=1)
    assert [int(split.train.sum()) for split in found] == pytest.approx(
        [1000, 1500, 2000, 2500], abs=1
    )


def test_customers_who_return_are_judged_in_turn_and_drawn_by_chance() -> None:
    """Whoever went bad does not come back; the bad rate learnt from is that of the time before."""
    rng = np.random.default_rng(2)
    customer = np.repeat(np.arange(4_000), 2)
    as_of = rng.permutation(8_000)
    went_bad = rng.random(4_000) < 0.3
    first = np.full(4_000, 8_000)
    np.minimum.at(first, customer, as_of)
    kept = ~(went_bad[customer] & (as_of > first[customer]))
    as_of, customer = as_of[kept], customer[kept]
    bad = went_bad[customer]
    found = forward_folds(as_of, customer, bad, as_of, folds=5, seed=3)
    assert len(found) == 5
    for split in found:
        assert bad[split.train].mean() == pytest.approx(bad[as_of <= split.cut].mean(), abs=0.025)
    tested = [set(customer[split.test]) for split in found[:3]]
    assert not tested[0] & tested[1]
    assert not tested[1] & tested[2]


def test_too_few_customers_of_either_outcome_are_refused() -> None:
    bad = np.zeros(40, np.bool_)
    bad[[1, 39]] = True
    with pytest.raises(TrainingError, match="too few customers went bad"):
        forward_folds(np.arange(40), np.arange(40), bad, np.arange(40), folds=3, seed=0)
    with pytest.raises(TrainingError, match="too few customers went bad"):
        customer_folds(np.arange(40), bad, folds=3, seed=0)


def test_the_folds_of_twelve_days_are_those_told_by_hand() -> None:
    """One application a day, good and bad in turn, final three days on: days 4, 8 are cut after.

    On day 5 the outcomes of days 1 and before were final, on day 9 those of days 5 and before.
    """
    day = np.arange(1, 13)
    bad = day % 2 == 0
    found = forward_folds(day, day, bad, day + 3, folds=2, seed=0)
    told = [(day[one.train].tolist(), day[one.test].tolist(), one.cut) for one in found]
    assert told == [([1, 2, 3, 4, 5], [9, 10, 11, 12], 8)]
    found = forward_folds(day, day, bad, day, folds=2, seed=0)
    told = [(day[one.train].tolist(), day[one.test].tolist(), one.cut) for one in found]
    assert told == [([1, 2, 3, 4], [5, 6, 7, 8], 4), (day[:8].tolist(), [9, 10, 11, 12], 8)]


def test_outcomes_that_take_longer_than_the_data_are_refused_and_it_is_said_why() -> None:
    day = np.arange(40)
    with pytest.raises(TrainingError) as refused:
        forward_folds(day, day, day % 2 == 0, day + 90, folds=3, seed=0)
    assert "final before" in refused.value.hint


def test_blocks_by_customer_leave_no_gap_and_judge_all_that_is_later() -> None:
    n = 900
    bad = np.random.default_rng(3).random(n) < 0.3
    as_of, customer = np.arange(n), np.random.default_rng(4).permutation(n)
    found = forward_folds(as_of, customer, bad, as_of, folds=3, seed=0)
    judged = np.logical_or.reduce([one.test for one in found])
    assert judged.tolist() == (as_of > found[0].cut).tolist()
    assert [one.train.tolist() for one in found] == [(as_of <= one.cut).tolist() for one in found]
