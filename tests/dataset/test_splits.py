"""Splits: by time where there are times, one customer on one side."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.dataset.splits import split_at_random, split_by_time
from solvent.errors import TrainingError

ROWS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 40), st.booleans()), min_size=8, max_size=80
)


def _arrays(rows: list[tuple[int, int, bool]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    as_of, customer, bad = (np.array(part) for part in zip(*rows, strict=True))
    return as_of, customer, bad


@given(ROWS)
def test_a_split_by_time_never_trains_on_the_test_period_or_its_customers(
    rows: list[tuple[int, int, bool]],
) -> None:
    as_of, customer, _ = _arrays(rows)
    try:
        split = split_by_time(as_of, customer, test_share=0.25)
    except TrainingError:
        return
    assert split.test.any()
    assert as_of[split.train].max() < as_of[split.test].min() == split.cut
    assert not set(customer[split.train]) & set(customer[split.test])
    assert split.train.sum() + split.test.sum() + split.set_aside == len(rows)


def test_a_split_by_time_needs_customers_outside_the_test_period() -> None:
    with pytest.raises(TrainingError, match="left to train on"):
        split_by_time(np.arange(10), np.zeros(10, np.int64), test_share=0.25)


@given(ROWS, st.integers(0, 9))
def test_a_random_split_puts_each_customer_on_one_side_and_repeats_with_its_seed(
    rows: list[tuple[int, int, bool]], seed: int
) -> None:
    _, customer, bad = _arrays(rows)
    split = split_at_random(bad, customer, test_share=0.25, seed=seed)
    again = split_at_random(bad, customer, test_share=0.25, seed=seed)
    assert (split.test == again.test).all()
    assert (split.train == ~split.test).all()
    assert not set(customer[split.train]) & set(customer[split.test])


def test_a_random_split_keeps_bads_and_goods_in_proportion() -> None:
    bad = np.arange(10_000) % 10 == 0
    split = split_at_random(bad, np.arange(10_000), test_share=0.25, seed=1)
    assert split.test.sum() == 2_500
    assert bad[split.test].mean() == pytest.approx(0.1)
