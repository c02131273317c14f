"""Splits: by time where there are times, one customer on one side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.dataset import Dataset, build_dataset, open_data
from solvent.dataset.splits import split_at_random, split_by_time
from solvent.errors import TrainingError
from tests.dataset.lender import NOW, product, write_lender

ROWS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 40), st.booleans()), min_size=8, max_size=80
)


def _arrays(rows: list[tuple[int, int, bool]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    as_of, customer, bad = (np.array(part) for part in zip(*rows, strict=True))
    return as_of, customer, bad


@given(ROWS, st.integers(0, 9))
def test_a_split_by_time_never_trains_on_the_test_period_or_its_customers(
    rows: list[tuple[int, int, bool]], seed: int
) -> None:
    as_of, customer, _ = _arrays(rows)
    try:
        split = split_by_time(as_of, customer, test_share=0.25, seed=seed)
    except TrainingError:
        return
    assert split.cut is not None
    assert as_of[split.train].max() <= split.cut < as_of[split.test].min()
    assert not set(customer[split.train]) & set(customer[split.test])
    assert split.train.sum() + split.test.sum() + split.set_aside == len(rows)


@given(st.integers(0, 5))
def test_customers_who_return_are_drawn_by_chance_not_by_what_happened_to_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    customer = np.repeat(np.arange(5_000), 2)
    as_of = rng.permutation(10_000)
    went_bad = rng.random(5_000) < 0.3
    later = as_of > 7_499
    kept = ~(later & went_bad[customer] & np.isin(customer, customer[~later]))  # bads do not return
    split = split_by_time(as_of[kept], customer[kept], test_share=0.25, seed=seed)
    trained = went_bad[customer[kept]][split.train].mean()
    before = went_bad[customer[kept]][as_of[kept] <= split.cut].mean()
    assert trained == pytest.approx(before, abs=0.02)


def test_one_application_a_customer_gives_just_the_share_asked_for() -> None:
    split = split_by_time(np.arange(1_000), np.arange(1_000), test_share=0.25, seed=0)
    assert split.test.sum() == pytest.approx(250, abs=1)
    assert split.set_aside == 0


def test_one_customer_alone_cannot_be_trained_and_tested_on() -> None:
    with pytest.raises(TrainingError, match="left to train or to test on"):
        split_by_time(np.arange(10), np.zeros(10, np.int64), test_share=0.25, seed=0)


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


def test_cohorts_are_split_between_two_of_them() -> None:
    as_of = np.repeat([1, 2], [600, 400])
    split = split_by_time(as_of, np.arange(1_000), test_share=0.25, seed=0)
    assert (split.train.sum(), split.test.sum()) == (600, 400)


# ---- a split at random that was asked for


def _build(folder: Path, seed: int, **settings: object) -> Dataset:
    with open_data(product(counts_only=True, **settings).plan, folder) as data:
        return build_dataset(data, seed=seed, now=NOW)


def test_dated_applications_are_split_at_random_where_the_product_asks_for_it(
    tmp_path: Path,
) -> None:
    folder = write_lender(tmp_path, customers=200)
    by_time, drawn = _build(folder, 0), _build(folder, 0, split="at_random")
    as_of = drawn.applications.as_of
    assert by_time.split.cut is not None
    assert drawn.split.cut is None
    assert as_of[drawn.split.train].max() > as_of[drawn.split.test].min()
    assert drawn.split.set_aside == 0
    assert drawn.split.test.mean() == pytest.approx(0.25, abs=0.01)
    assert (drawn.split.test == _build(folder, 0, split="at_random").split.test).all()
    assert (drawn.split.test != _build(folder, 1, split="at_random").split.test).any()


def test_the_funnel_says_why_a_split_is_at_random(tmp_path: Path) -> None:
    folder = write_lender(tmp_path, customers=120)
    notes = [
        next(stage.note for stage in _build(folder, 0, **given).funnel if stage.label == "Train")
        for given in ({}, {"split": "at_random"})
    ]
    assert notes == ["split by time", "split at random: asked for, though the data have times"]
