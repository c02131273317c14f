"""Laws of folds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import OneClassError, ShapeError, TrainingError
from solvent.models.folds import deal_folds

ROWS = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=4, max_size=80)


@given(rows=ROWS, seed=st.integers(0, 1000))
def test_one_customer_is_never_on_both_sides_and_both_classes_remain(
    rows: list[tuple[int, bool]], seed: int
) -> None:
    groups = np.array([group for group, _ in rows])
    bad = np.array([label for _, label in rows])
    try:
        fold = deal_folds(bad, groups, seed=seed)
    except (OneClassError, TrainingError):
        assert min(len(set(groups[bad])), len(set(groups[~bad]))) < 3
        return
    for group in set(groups.tolist()):
        assert len(set(fold[groups == group].tolist())) == 1
    for held in range(int(fold.max()) + 1):
        assert (fold == held).any()
        assert 0 < bad[fold != held].sum() < (fold != held).sum()


def test_bads_are_spread_evenly_over_folds() -> None:
    bad = np.random.default_rng(1).random(1003) < 0.1
    fold = deal_folds(bad, np.arange(1003), seed=3)
    assert np.ptp(np.bincount(fold, weights=bad)) <= 1
    assert np.ptp(np.bincount(fold)) <= 1


def test_another_seed_deals_other_folds_and_the_same_seed_the_same() -> None:
    bad = np.arange(200) % 7 == 0
    first, again, other = (deal_folds(bad, np.arange(200), seed=seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_a_sample_of_one_class_is_refused() -> None:
    with pytest.raises(OneClassError, match="no account of 5 is bad"):
        deal_folds(np.zeros(5, dtype=bool), np.arange(5), seed=1)


def test_one_customer_with_every_bad_is_refused_with_a_hint() -> None:
    with pytest.raises(TrainingError, match="two customers who went bad"):
        deal_folds(np.arange(9) < 3, np.where(np.arange(9) < 3, 0, np.arange(9)), seed=1)


@pytest.mark.parametrize("groups", [np.arange(3), np.zeros((4, 1), dtype=np.int64)])
def test_groups_of_another_shape_are_refused(groups: np.ndarray) -> None:
    with pytest.raises(ShapeError, match="groups"):
        deal_folds(np.array([True, False, True, False]), groups, seed=1)
