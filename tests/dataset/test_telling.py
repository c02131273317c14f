"""A column that tells the outcome is found whatever its shape; noise never is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.dataset.gate import TELLING_AUC
from solvent.dataset.telling import telling_auc
from solvent.features import CategoryColumn, NumberColumn

N = 400


def _numbers(values: np.ndarray) -> NumberColumn:
    return NumberColumn(name="x", values=values.astype(np.float64))


def _outcomes(rate: float = 0.3, n: int = N, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(n) < rate


def test_a_status_number_whose_middle_value_means_default_tells_the_outcome() -> None:
    bad = _outcomes()
    status = np.where(bad, 2, np.random.default_rng(1).choice([1, 3], N))
    assert telling_auc(_numbers(status), bad) > 0.99


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.7])
def test_a_number_that_is_small_either_way_for_bads_tells_the_outcome(rate: float) -> None:
    x = np.random.default_rng(2).normal(0, 1, N)
    bad = np.abs(x) < np.quantile(np.abs(x), rate)
    assert telling_auc(_numbers(x), bad) > TELLING_AUC


def test_one_frequent_value_amid_many_tells_the_outcome() -> None:
    bad = _outcomes(0.1)
    x = np.where(bad, 0.0, np.random.default_rng(3).normal(0, 1, N))
    assert telling_auc(_numbers(x), bad) > 0.99


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_number_that_rises_or_falls_with_the_risk_tells_the_outcome(sign: int) -> None:
    bad = _outcomes()
    x = sign * (bad + np.random.default_rng(4).random(N) * 0.9)
    assert telling_auc(_numbers(x), bad) == 1


@pytest.mark.parametrize("there", [True, False])
def test_whether_there_is_a_value_tells_the_outcome(there: bool) -> None:
    bad = _outcomes()
    x = np.where(bad == there, 1.0, np.nan)
    assert telling_auc(_numbers(x), bad) == 1
    codes = np.where(bad == there, 0, -1).astype(np.int32)
    assert telling_auc(CategoryColumn(name="x", codes=codes, levels=("a",)), bad) == 1


def test_a_column_without_any_value_tells_nothing() -> None:
    assert telling_auc(_numbers(np.full(N, np.nan)), _outcomes()) == 0.5


def test_bads_and_goods_in_turn_do_not_make_noise_tell() -> None:
    """Halves taken by turns would hold all bads in one and all goods in the other."""
    bad = np.arange(N) % 2 == 0
    codes = np.random.default_rng(5).integers(0, 3, N).astype(np.int32)
    column = CategoryColumn(name="x", codes=codes, levels=("a", "b", "c"))
    assert telling_auc(column, bad) < 0.65
    told = CategoryColumn(name="x", codes=bad.astype(np.int32), levels=("a", "b"))
    assert telling_auc(told, bad) == 1


@settings(deadline=None, max_examples=200)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.sampled_from([60, 100, 400]),
    levels=st.sampled_from([2, 7, 40, 10**6]),
    missing=st.sampled_from([0.0, 0.5]),
)
def test_noise_never_tells_the_outcome(seed: int, n: int, levels: int, missing: float) -> None:
    """Thirty of a class are the fewest the gate judges by."""
    rng = np.random.default_rng(seed)
    bad = rng.permutation(n) < 30
    x = rng.integers(0, levels, n).astype(np.float64)
    x[rng.random(n) < missing] = np.nan
    assert telling_auc(_numbers(x), bad) < TELLING_AUC - 0.1
    codes = rng.integers(-1, min(levels, n), n).astype(np.int32)
    column = CategoryColumn(name="x", codes=codes, levels=tuple(map(str, range(n))))
    assert telling_auc(column, bad) < TELLING_AUC - 0.1
