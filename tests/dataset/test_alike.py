"""Groups of features that say the same."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from solvent.dataset.alike import alike_groups, rank_correlations
from solvent.errors import RangeError
from solvent.features import CategoryColumn, FeatureFrame, NumberColumn


def _frame(**columns: np.ndarray) -> FeatureFrame:
    made = tuple(NumberColumn(name=name, values=values) for name, values in columns.items())
    return FeatureFrame(rows=len(made[0].values), columns=made)


def test_correlations_are_those_of_scipy() -> None:
    """Without unknown values every pair is Spearman's rho, ties included."""
    rng = np.random.default_rng(1)
    a = rng.integers(0, 6, 400).astype(float)
    frame = _frame(a=a, b=a + rng.normal(size=400), c=-(a**3), d=rng.normal(size=400))
    names, found = rank_correlations(frame)
    columns = [column.values for column in frame if isinstance(column, NumberColumn)]
    oracle = spearmanr(np.column_stack(columns)).statistic
    assert names == ("a", "b", "c", "d")
    assert found == pytest.approx(oracle, abs=1e-12)


def test_unknown_values_do_not_hide_that_two_columns_are_one() -> None:
    """A copy with gaps correlates fully with its original where both are known."""
    rng = np.random.default_rng(2)
    a = rng.normal(size=500)
    b = np.where(rng.random(500) < 0.4, np.nan, a)
    _, found = rank_correlations(_frame(a=a, b=b))
    assert found[0, 1] > 0.98


def test_the_strongest_stands_for_its_group_in_either_direction() -> None:
    """A copy and a mirror image join the strongest; noise and categories stay alone."""
    rng = np.random.default_rng(3)
    a = rng.normal(size=300)
    frame = _frame(copy=2 * a + 1, mirror=-a, noise=rng.normal(size=300), a=a)
    label = CategoryColumn(name="label", codes=np.zeros(300, np.int32), levels=("x",))
    frame = FeatureFrame(rows=300, columns=(*frame.columns, label))
    (group,) = alike_groups(frame, ["a", "label", "copy", "noise", "mirror"])
    assert group.representative == "a"
    assert [(name, round(rho)) for name, rho in group.members] == [("copy", 1), ("mirror", -1)]


def test_a_column_that_does_not_vary_is_like_no_other() -> None:
    """Nothing is said of what is constant, or never known together."""
    rng = np.random.default_rng(4)
    half = np.arange(200) < 100
    a = rng.normal(size=200)
    frame = _frame(
        flat=np.ones(200), first=np.where(half, a, np.nan), last=np.where(half, np.nan, a)
    )
    assert alike_groups(frame, ["flat", "first", "last"]) == ()
    with pytest.raises(RangeError):
        alike_groups(frame, ["flat"], least=0.0)
